/* What every change of a lead writes, for the room `lead` and for reactions alike: history, event, the agents' load. */
#ifndef HC__CLIENT_LEAD_WRITE_H
#define HC__CLIENT_LEAD_WRITE_H

#include "client/unit.h"

/* Adds the update of `before` (all fields read in this transaction) by what is set in `changes` (in the unit's arena)
 * under `where`, with its event, and a history row when status or agent change. The load of the agents follows. The
 * status is one that `model/lead_status` allows. `reason` (NULL: none) lives as long as the unit. `counted`: the load
 * of the agent in `changes` has the lead already. Returns the new version. */
int32_t hc__lead_update(hc__unit *unit, const hc__record *before, hc__record *changes, const hc_predicate *where,
                        const char *reason, bool counted);
/* Adds a new lead that hc__stamp_create() stamped, under `where` (EXISTS only; NULL: always), with event and history.
 * `counted`: its agent's load has it already. */
void hc__lead_insert(hc__unit *unit, const hc__record *row, const hc_predicate *where, bool counted);
/* Sets in `changes` what follows from somebody of the agency having answered. */
void hc__lead_respond(const hc__unit *unit, const hc__record *before, hc__record *changes);
/* What is true of the lead after the change, with the bytes of both. HC_ERR_NO_MEMORY. */
hc_status hc__lead_after(hc__record *after, hc__unit *unit, const hc__record *before, const hc__record *changes,
                         hc_error *err);
/* The row by id, at whatever version, and the condition that it still has it. */
hc_status hc__lead_read(hc__unit *unit, hc__record *row, bool *found, const hc_predicate **where, hc_id id,
                        hc_error *err);

/* The row of an agent in `agent_load` exists after this. */
void hc__load_ensure(hc__unit *unit, hc_id agent);
/* Who deletes the agent waits until the unit ends, and who deletes them already is waited for: then look at them. */
void hc__load_hold(hc__unit *unit, hc_id agent);
/* How many open leads an agent has at this moment. */
hc_status hc__open_leads_count(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err);
/* The same; *out is right until the unit ends, because their load was touched first. */
hc_status hc__open_leads_of(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err);
hc_status hc__has_leads(int64_t count, hc_error *err);

#endif
