#include "appointment/move.h"

#include "base/id.h"
#include "base/utf8.h"
#include "client/viewings.h"
#include "homeconnect/appointment.h"

#define REASON_LIMIT 255

hc__appointment_side hc__side_of(const hc_session *as)
{
    return as->role == HC_ROLE_BUYER || as->role == HC_ROLE_GUEST ? HC__SIDE_BUYER : HC__SIDE_AGENCY;
}

/* ---- what every move checks ---- */

static hc_status check_call(const hc__move_call *call, hc_error *err)
{
    size_t size = call->reason == NULL ? 1 : strlen(call->reason), points = 1;

    if (call->expected <= 0)
        return hc__fail(err, HC_ERR_INVALID, "version", "the version that the appointment was read at");
    if (size == 0 || (call->reason != NULL && !hc__utf8_check(call->reason, size, &points)) || points > REASON_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "reason", "must be 1 to %d characters, or NULL", REASON_LIMIT);
    return HC_OK;
}

hc_status hc__run_move(int32_t *out_version, hc_session *as, hc__move_call *call, hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status;

    if (out_version != NULL)
        *out_version = 0;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = hc__require(as, call->operation, &hc__appointment_entity, call->id, &why);
    if (status >= 0)
        status = check_call(call, &why);
    if (status >= 0)
        status = hc__unit_run(as, fn, call, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    else if (out_version != NULL)
        *out_version = call->version;
    hc__leave(as);
    return status;
}

static hc_status stale(const hc__record *before, int32_t expected, hc_error *err)
{
    hc__fail(err, HC_ERR_CONFLICT, "version", "the appointment was changed: it has version %d, not %d",
             (int)hc__record_version(before), (int)expected);
    if (err != NULL)
        err->detail = hc__record_version(before);
    return HC_ERR_CONFLICT;
}

static hc_status check_state(const hc__unit *unit, const hc__record *before, const hc__move_call *call,
                             hc__appointment_side side, hc_error *err)
{
    int32_t from = (int32_t)hc__record_int(before, hc__appointment_f_status);
    bool pending = from == HC__PENDING;

    if (!hc__appointment_move(from, call->to, side) || (pending && call->operation == HC__APPOINTMENT_MOVE) ||
        (!pending && call->operation == HC__APPOINTMENT_CONFIRM))
        return hc__fail(err, HC_ERR_INVALID_STATE, "status", "%s may become only: %s", hc__appointment_word(from),
                        hc__appointment_moves(from, side));
    if (pending && call->to != HC__CANCELLED &&
        hc__record_int(before, hc__appointment_f_hold_expires_at) <= hc__unit_now(unit))
        return hc__fail(err, HC_ERR_INVALID_STATE, "status", "the hold has run out: it counts as cancelled");
    return HC_OK;
}

static hc_status check_cutoff(hc__unit *unit, const hc__record *before, hc__appointment_side side, hc_error *err)
{
    int64_t cutoff = hc__unit_session(unit)->core->appointment_cutoff;

    if (side != HC__SIDE_BUYER || hc__record_int(before, hc__appointment_f_status) != HC__SCHEDULED ||
        hc__unit_now(unit) + cutoff <= hc__record_int(before, hc__appointment_f_scheduled_time))
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID_STATE, "scheduled_time",
                    "it begins in less than %lld minutes: only the agent can change it now",
                    (long long)(cutoff / HC__MINUTE));
}

hc_status hc__move_begin(hc__unit *unit, hc__move_call *call, hc__record *before, const hc_predicate **where,
                         bool (*same)(const hc__record *before, const hc__move_call *call), hc_error *err)
{
    hc__appointment_side side = hc__side_of(hc__unit_session(unit));
    hc_status status = hc__before_change(unit, before, where, &hc__appointment_noun, call->operation, call->id, 0, err);
    bool done;

    if (status < 0)
        return status;
    call->version = hc__record_version(before);
    done = same != NULL ? same(before, call) : hc__record_int(before, hc__appointment_f_status) == call->to;
    if (done)
        return HC_NOTE_SAME;
    if (call->version != call->expected)
        return stale(before, call->expected, err);
    status = check_state(unit, before, call, side, err);
    return status < 0 ? status : check_cutoff(unit, before, side, err);
}

/* ---- confirm, complete, nobody came ---- */

static hc_status begun(const hc__unit *unit, const hc__record *before, hc_error *err)
{
    if (hc__unit_now(unit) >= hc__record_int(before, hc__appointment_f_scheduled_time))
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID_STATE, "scheduled_time", "it has not begun yet");
}

static hc_status change_status(hc__unit *unit, void *data, hc_error *err)
{
    hc__move_call *call = data;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__move_begin(unit, call, &before, &where, NULL, err);

    if (status == HC_OK && call->to != HC__SCHEDULED)
        status = begun(unit, &before, err);
    if (status == HC_OK)
        status = hc__record_init(&changes, &hc__appointment_entity, hc__unit_arena(unit), err);
    if (status != HC_OK)
        return status;
    hc__record_set_int(&changes, hc__appointment_f_status, call->to);
    hc__record_set_null(&changes, hc__appointment_f_hold_expires_at);
    call->version = hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes, where);
    if (call->to != HC__SCHEDULED)
        hc__slots_release(unit, call->id); /* it holds its time no longer */
    hc__unit_event(unit, &hc__appointment_entity, call->id, HC__CHANGE_UPDATED, call->version);
    return HC_OK;
}

hc_status hc_appointment_confirm(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_CONFIRM, HC__SCHEDULED, NULL, 0, 0, 0};

    return hc__run_move(out_version, as, &call, change_status, err);
}

hc_status hc_appointment_complete(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_COMPLETE, HC__COMPLETED, NULL, 0, 0, 0};

    return hc__run_move(out_version, as, &call, change_status, err);
}

hc_status hc_appointment_no_show(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_COMPLETE, HC__NO_SHOW, NULL, 0, 0, 0};

    return hc__run_move(out_version, as, &call, change_status, err);
}

/* ---- cancel, decline ---- */

static hc_status call_off(hc__unit *unit, void *data, hc_error *err)
{
    hc__move_call *call = data;
    const hc_predicate *where;
    hc__record before;
    hc_status status = hc__move_begin(unit, call, &before, &where, NULL, err);

    if (status != HC_OK)
        return status;
    hc__viewing_end(unit, &before, call->to,
                    hc__side_of(hc__unit_session(unit)) == HC__SIDE_BUYER ? HC__BY_BUYER : HC__BY_AGENCY, call->reason,
                    where, &call->version);
    return HC_OK;
}

hc_status hc_appointment_cancel(int32_t *out_version, hc_session *as, hc_id id, int32_t version, const char *reason,
                                hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_CANCEL, HC__CANCELLED, reason, 0, 0, 0};

    return hc__run_move(out_version, as, &call, call_off, err);
}

hc_status hc_appointment_decline(int32_t *out_version, hc_session *as, hc_id id, int32_t version, const char *reason,
                                 hc_error *err)
{
    hc__move_call call = {id, version, HC__APPOINTMENT_CONFIRM, HC__DECLINED, reason, 0, 0, 0};

    return hc__run_move(out_version, as, &call, call_off, err);
}
