/* The relay: brings effects from the outbox to the store of documents, in the order of versions of each document.
 *
 * The version guard makes a second delivery harmless, so anybody may deliver; the lease only keeps two relays from
 * doing the same work. What the network refuses is tried again for ever; what the store refuses for the effect's own
 * sake is dead after HC__RELAY_FAILURES tries, and the later effects of its document wait. */
#ifndef HC__CLIENT_RELAY_H
#define HC__CLIENT_RELAY_H

#include "client/session.h"

#define HC__RELAY_FAILURES 8
#define HC__RELAY_KEPT     (7 * HC__DAY) /* of what was delivered, for hc_outbox_replay() */

/* With core->documents. */
hc_status hc__relay_open(hc__core *core, hc_error *err);
void hc__relay_close(hc__core *core); /* also in the child of a fork */

/* Delivers until nothing more can be or `until` (monotonic µs). A store of documents that cannot be reached, or another
 * relay at work, is no failure. */
hc_status hc__relay_run(hc__core *core, int64_t until, int64_t *done, hc_error *err);
/* Behind a call that committed: one batch, unless the store of documents is known to be away. */
void hc__relay_soon(hc_session *as);
/* Behind a commit that wrote `count` effects of `bytes` together. */
void hc__relay_wrote(const hc_session *as, int64_t count, int64_t bytes);
/* Before a list of documents: delivers what this user (or who has none) wrote by this client and waits still. Fails as
 * the store of documents does. */
hc_status hc__relay_deliver_own(hc_session *as, hc_error *err);
/* Whether some of that may wait, and how it is told from what others wrote. */
bool hc__relay_own_waits(const hc_session *as);
const hc_predicate *hc__relay_is_own(hc__arena *arena, hc_id user);

/* Whether what waits has reached the cap, as of the last sample and what this process wrote since. */
bool hc__relay_full(const hc__core *core);
/* An effect that rode on an SQL change was dropped because of that. */
void hc__relay_dropped(hc__core *core, int64_t count);

/* Drops of this process that are not yet in the totals. */
int64_t hc__relay_uncounted_drops(const hc__core *core);

/* What waits now, read from the store. */
typedef struct hc__outbox_size {
    int64_t pending, bytes;
    int64_t oldest; /* created_at, 0: none */
} hc__outbox_size;
hc_status hc__outbox_measure(hc__outbox_size *out, hc_session *as, hc_error *err);

/* The lease's totals, 0 when nobody ever had it. */
typedef struct hc__relay_totals {
    int64_t delivered, absorbed, dropped;
} hc__relay_totals;
hc_status hc__relay_read_totals(hc__relay_totals *out, hc_session *as, hc_error *err);

#endif
