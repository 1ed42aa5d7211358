/* One step of every move: read under the policy, the version, the table of states. */
#ifndef HC__APPOINTMENT_MOVE_H
#define HC__APPOINTMENT_MOVE_H

#include "appointment/appointment_noun.h"
#include "model/appointment_status.h"

typedef struct hc__move_call {
    hc_id id;
    int32_t expected; /* the version it was read at */
    hc__operation operation;
    int32_t to;
    const char *reason;
    int64_t start, end; /* of a new time */
    int32_t version;    /* out: the new one */
} hc__move_call;

/* Enters, asks the policy for the role, checks version and reason, runs `fn` with the call. */
hc_status hc__run_move(int32_t *out_version, hc_session *as, hc__move_call *call, hc__unit_fn fn, hc_error *err);

/* In the unit: the row as it is and the condition of its change. HC_NOTE_SAME when it is as asked already (`same`,
 * NULL: when it has the status); else the version and the move are checked, and for the buyer's side the cutoff. */
hc_status hc__move_begin(hc__unit *unit, hc__move_call *call, hc__record *before, const hc_predicate **where,
                         bool (*same)(const hc__record *before, const hc__move_call *call), hc_error *err);
hc__appointment_side hc__side_of(const hc_session *as);

#endif
