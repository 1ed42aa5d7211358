/* What every noun does alike: get, get many, list, create, update, remove. A noun gives its operations and rules. */
#ifndef HC__CLIENT_CRUD_H
#define HC__CLIENT_CRUD_H

#include "client/audit.h"
#include "client/policy.h"
#include "client/record_handle.h"
#include "client/unit.h"

typedef struct hc__noun {
    const hc__entity *entity;
    hc__operation read;
} hc__noun;

hc_status hc__get(hc__record **out, hc_session *as, const hc__noun *noun, hc_id id, hc_error *err);
/* At most 200 ids; rows in the order of the ids, those not found or not visible left out, each once. */
hc_status hc__get_many(hc__page **out, hc_session *as, const hc__noun *noun, const hc_id *ids, size_t count,
                       hc_error *err);
hc_status hc__list_page(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query, hc_error *err);
/* The same, but nobody sees or finds by more than the public may, whoever they are. */
hc_status hc__list_page_as_anyone(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query,
                                  hc_error *err);
/* A list of what a further equality lets through, in a call that was entered. */
typedef struct hc__narrowing {
    uint16_t field;
    hc_value value;
    const uint64_t *fields; /* to read, instead of those that were asked for; NULL: as asked */
    bool permitted; /* by `operation`, which hc__authorise() found the caller entitled to; the scope is ignored */
    hc__operation operation;
} hc__narrowing;
hc_status hc__list_narrowed(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query,
                            const hc__narrowing *how, hc_error *err);
/* HC_NOTE_INCOMPLETE, and why, when reads since as->spoiled was cleared left out documents; else HC_OK. */
hc_status hc__left_out(const hc_session *as, hc_error *err);
/* Before a read of what belongs to row `id`: NOT_FOUND when the caller may not see it, FORBIDDEN when they may not do
 * `operation` to it, both audited. `row` (NULL, or initialised) gets its fields. The call was entered. */
hc_status hc__authorise(hc_session *as, hc__record *row, const hc__noun *noun, hc__operation operation, hc_id id,
                        hc_error *err);
/* What query/ needs to know of the caller, for lists, counts, facets and explanations. */
hc_status hc__list_context_for(hc__list_context *out, hc__arena *arena, hc_session *as, const hc__query *query,
                               hc_error *err);

/* Refuses at once what the role may never do: FORBIDDEN (UNAUTHENTICATED for guests), audited. */
hc_status hc__require(hc_session *as, hc__operation operation, const hc__entity *entity, hc_id id, hc_error *err);
/* The refusal itself. */
hc_status hc__refuse_operation(hc_session *as, const hc__entity *entity, hc_id id, hc__operation operation,
                               hc_error *err);

/* hc__record_check() for the caller. A field that is not theirs to write is an attack, and audited (A03). */
hc_status hc__checked_input(hc_session *as, const hc__record *record, hc__purpose purpose, hc_error *err);

/* Reads the row that a change is about, in the unit, and decides what the caller is told: NOT_FOUND when they may not
 * see it, FORBIDDEN (audited) when they may not do `operation` to it, CONFLICT with the current version when it is not
 * `version` (0: any). *where: the condition of the change, id, version and policy. */
hc_status hc__before_change(hc__unit *unit, hc__record *before, const hc_predicate **where, const hc__noun *noun,
                            hc__operation operation, hc_id id, int32_t version, hc_error *err);
/* And that a further operation is permitted on it too. */
hc_status hc__also_permitted(hc__unit *unit, const hc_predicate **where, hc__operation operation,
                             const hc__record *before, hc_error *err);

/* The condition under which the caller may insert a row of their own; NULL: always (admin, system), after
 * hc__require(). Without memory it is FALSE, and the unit is doomed. */
const hc_predicate *hc__policy_create_where(hc__unit *unit, hc__operation operation);

/* A copy of `from`'s set fields in the unit's arena. */
hc_status hc__copy_changes(hc__record *out, hc__unit *unit, const hc__record *from, hc_error *err);
/* Drops from `changes` the fields whose value `before` already has; false when none is left. */
bool hc__drop_same(hc__record *changes, const hc__record *before);
/* Sets version and updated_at of an update of `before`. */
int32_t hc__stamp_update(hc__unit *unit, hc__record *changes, const hc__record *before);
/* id (when zero), version 1, created_at, updated_at. */
hc_status hc__stamp_create(hc__unit *unit, hc__record *row, hc_id id, hc_error *err);

/* ---- idempotency keys (security.md P14) ---- */
typedef struct hc__once {
    char key[256]; /* "" none */
    uint8_t hash[32];
} hc__once;
/* Takes the session's key and binds it to the operation's body. */
hc_status hc__once_take(hc__once *once, hc_session *as, const hc__record *body, hc_error *err);
/* Then to what came beside the body, such as a secret: by a keyed hash within a keyed hash, so that the row tells
 * nothing of it. */
void hc__once_bind(hc__once *once, const hc_session *as, const void *secret, size_t size);
/* In the unit, before the change: claims the key for `id`. HC_NOTE_REPLAYED and the first id in *id when it was used
 * for the same body; CONFLICT for another. */
hc_status hc__once_claim(hc__unit *unit, const hc__once *once, const char *operation, hc_id *id, hc_error *err);
/* After a claim: the answer is another id, which is known only now. */
void hc__once_settle(hc__unit *unit, const hc__once *once, const char *operation, hc_id id);

/* ---- calls: enter, permission of the role, input, unit, leave. What fails, however early, dooms the host's unit ----
 */

/* A noun puts it first in a struct of its own when it has more to carry. */
typedef struct hc__create {
    const hc__record *record;
    hc__once once;
    hc_id id; /* zero, or the id that the row must have; in the unit: the row's, or that of the first call with this key
               */
    hc_status (*prepare)(hc_session *as, struct hc__create *create, hc_error *err); /* before the unit; NULL: nothing */
} hc__create;
hc_status hc__run_create(hc_id *out, hc_session *as, hc__operation operation, const hc__entity *entity,
                         hc__create *create, hc__unit_fn fn, hc_error *err);

typedef struct hc__update {
    const hc__record *changes;
    const hc__operation *needed; /* what the set fields ask for; the first is the unit's own */
    size_t needed_count;
    hc_status (*check)(hc_session *as, const hc__record *changes, hc_error *err); /* after the input; NULL: nothing */
    int32_t version;                                                              /* out: the new one */
} hc__update;
hc_status hc__run_update(int32_t *out_version, hc_session *as, const hc__entity *entity, hc__update *update,
                         hc__unit_fn fn, hc_error *err);

typedef struct hc__removal {
    hc_id id;
    int32_t version; /* that it was read at */
} hc__removal;
hc_status hc__run_removal(hc_session *as, hc__operation operation, const hc__entity *entity, hc__removal *removal,
                          hc__unit_fn fn, hc_error *err);

/* Counts rows of `kind` that match, in the unit. */
hc_status hc__unit_count(hc__unit *unit, int64_t *out, const hc_kind *kind, const hc_predicate *where, hc_error *err);
/* The same in one trip with what was added before it, such as a hold. */
hc_status hc__unit_count_after(hc__unit *unit, int64_t *out, const hc_kind *kind, const hc_predicate *where,
                               hc_error *err);

#endif
