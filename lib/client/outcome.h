/* Whether a commit whose answer was lost took place (storage.md, Unknown outcome).
 *
 * Each unit that writes has a *proof*: a row that it inserts under an id of its own, one of its events or else a row of
 * idempotency_keys. To look for that id would prove nothing, since the commit may still be under way. So it is inserted
 * again, as a *void* row that says nothing: what is there was written; and once the void row is committed, the unit's
 * own can never be. Upkeep removes both, the void ones and those that serve nothing else, when no unit can ask any
 * more. */
#ifndef HC__CLIENT_OUTCOME_H
#define HC__CLIENT_OUTCOME_H

#include "client/session.h"

typedef struct hc__proof {
    const hc__entity *entity; /* NULL: there is none */
    hc_id id;
} hc__proof;

#define HC__PROOF_VOID "void" /* events.resource, idempotency_keys.operation */
#define HC__PROOF_UNIT "unit" /* idempotency_keys.operation of a proof */
#define HC__PROOF_KEPT (2 * HC__TIMEOUT_LIMIT)

/* The rows of a kind that are not void. */
const hc_predicate *hc__proof_is(hc__arena *arena, const hc__entity *entity, int32_t test, const char *word);

/* Asks, on another connection than the one that was lost, until the session's deadline. On failure nothing is known. */
hc_status hc__outcome_find(bool *written, hc_session *as, const hc__proof *proof, hc_error *err);

#endif
