/* Leads as a noun of client/crud, and the parts that the files of this room share. */
#ifndef HC__LEAD_NOUN_H
#define HC__LEAD_NOUN_H

#include "client/crud.h"
#include "homeconnect/lead.h"

extern const hc__noun hc__lead_noun;

/* ---- who asks: lead_contact.c ---- */

#define HC__PHONE_SIZE 17 /* '+', 15 digits, NUL */

/* The digits of a telephone number, E.164 when it says or `country` (ISO 3166-1, NULL: not known) tells which country
 * it is of. False for what is none. */
bool hc__phone_canonical(char out[HC__PHONE_SIZE], const char *phone, const char *country);
/* Checks contact fields and budget of a lead as it will stand. HC_ERR_INVALID naming the field. */
hc_status hc__lead_check(const hc__record *lead, hc_error *err);
/* Leaves out of `changes`, which fills what `known` does not have, one end of a budget that lies beyond the other. */
void hc__lead_fit_budget(hc__record *changes, const hc__record *known);
/* Finds or makes the contact of a lead as it will stand, and sets contact_id in `set`; null when it has neither address
 * nor number. `lead` and `set` may be one. `country`: of its listing, or NULL. */
hc_status hc__lead_set_contact(hc__unit *unit, hc__record *set, const hc__record *lead, const char *country,
                               hc_error *err);

/* ---- who answers: lead_route.c ---- */

typedef struct hc__assignment {
    hc_id agent; /* zero: nobody */
    int32_t reason;
} hc__assignment;
/* Chooses and takes one of an agent's places: their load has the lead after this. `listing` NULL: none. */
hc_status hc__lead_route(hc__unit *unit, hc__assignment *out, const hc__record *listing, hc_error *err);
/* Whether a user is an active agent with a valid licence; HC_ERR_INVALID, field "agent_id", when not. */
hc_status hc__lead_check_agent(hc__unit *unit, hc_id agent, hc_error *err);

/* ---- what it is about: lead_listing.c ---- */

/* The listing, if the caller may see it and it is on the market. NOT_FOUND, INVALID_STATE; field "property_id".
 * *where: the same, as an EXISTS for the insert. */
hc_status hc__lead_listing(hc__unit *unit, hc__record *listing, const hc_predicate **where, hc_id id, hc_error *err);
/* And it stays there until the unit ends. */
void hc__lead_hold_listing(hc__unit *unit, hc_id id);

/* ---- what was said: lead_touch.c ---- */

typedef struct hc__touch {
    hc_id id; /* zero: made here */
    hc_id lead;
    int32_t kind;
    const hc__record *inquiry; /* NULL, or whose contact, message, budget and the like are kept */
    const char *text;          /* instead of a message; NULL: none */
    const uint8_t *token_hash; /* 32 bytes, or NULL */
    int64_t token_expires_at;
} hc__touch;
/* Adds a row; *id (NULL is fine): its id. */
hc_status hc__touch_add(hc__unit *unit, hc_id *id, const hc__touch *touch, hc_error *err);

/* ---- the same inquiry again: lead_known.c ---- */

/* The lead that `lead`, with its contact set, belongs to; *found false: none. *where: that it still is as read. It is
 * open, or lost and the caller may bring it back. */
hc_status hc__lead_known(hc__unit *unit, hc__record *known, bool *found, const hc_predicate **where,
                         const hc__record *lead, hc_error *err);

/* ---- calls of a change by id: enter, permission, input, unit, leave ---- */

typedef struct hc__lead_call {
    hc__operation operation;
    hc_id id;
    int32_t expected; /* version; -1: any */
    int32_t version;  /* out: the new one */
    /* Of the input, before the unit; NULL: nothing. */
    hc_status (*check)(hc_session *as, struct hc__lead_call *call, hc_error *err);
} hc__lead_call;
/* `fn` gets the call, which a struct of its own begins with when there is more to carry. */
hc_status hc__lead_run(int32_t *out_version, hc_session *as, hc__lead_call *call, hc__unit_fn fn, hc_error *err);
/* Whether a text, or NULL, may stand in a field; the failure names it `name`. */
hc_status hc__lead_check_text(hc_session *as, const hc__entity *entity, uint16_t field, const char *text,
                              const char *name, hc_error *err);
/* Adds the loss, whose reason is set in `changes`: the future appointments are told unless they are kept. */
hc_status hc__lead_lose(hc__unit *unit, int32_t *version, const hc__record *before, hc__record *changes,
                        const hc_predicate *where, const char *reason, bool keep_appointments, hc_error *err);

#endif
