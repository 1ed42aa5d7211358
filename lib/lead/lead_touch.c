/* What was said about a lead: rows of `lead_touches`. */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "lead/lead_noun.h"

/* What an inquiry tells, by its field in each table. */
static const struct {
    uint16_t lead, touch;
} told[] = {
    {hc__lead_f_property_id, hc__touch_f_property_id},
    {hc__lead_f_contact_name, hc__touch_f_contact_name},
    {hc__lead_f_contact_email, hc__touch_f_contact_email},
    {hc__lead_f_contact_phone, hc__touch_f_contact_phone},
    {hc__lead_f_message, hc__touch_f_message},
    {hc__lead_f_budget_min, hc__touch_f_budget_min},
    {hc__lead_f_budget_max, hc__touch_f_budget_max},
    {hc__lead_f_timeline_days, hc__touch_f_timeline_days},
    {hc__lead_f_financing, hc__touch_f_financing},
    {hc__lead_f_consent_marketing, hc__touch_f_consent_marketing},
};

hc_status hc__touch_add(hc__unit *unit, hc_id *id, const hc__touch *touch, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    hc_id own = touch->id;
    hc__record row;
    hc_status status = hc__record_init(&row, &hc__touch_entity, hc__unit_arena(unit), err);

    if (status >= 0 && hc__id_zero(own))
        status = hc__id_make(&own, hc__unit_now(unit), err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__touch_f_id, own);
    hc__record_set_id(&row, hc__touch_f_lead_id, touch->lead);
    hc__record_set_int(&row, hc__touch_f_kind, touch->kind);
    for (size_t i = 0; touch->inquiry != NULL && i < sizeof told / sizeof told[0]; i++)
        row.values[told[i].touch] = touch->inquiry->values[told[i].lead];
    if (touch->text != NULL)
        hc__record_set_text(&row, hc__touch_f_message, touch->text, strlen(touch->text));
    if (!hc__id_zero(as->user))
        hc__record_set_id(&row, hc__touch_f_actor_id, as->user);
    if (touch->token_hash != NULL) {
        hc__record_set_text(&row, hc__touch_f_token_hash, (const char *)touch->token_hash, 32);
        hc__record_set_int(&row, hc__touch_f_token_expires_at, touch->token_expires_at);
    }
    hc__record_set_int(&row, hc__touch_f_created_at, hc__unit_now(unit));
    hc__unit_insert(unit, &row);
    hc__unit_event(unit, &hc__touch_entity, own, HC__CHANGE_CREATED, 1);
    if (id != NULL)
        *id = own;
    return HC_OK;
}

/* ---- hc_lead_inquiry ---- */

static hc_status take_inquiry(const hc_row *row, void *data, hc_error *err)
{
    hc__record *lead = data;

    if (!hc__record_put(lead, hc__lead_f_id, &row->values[0]) ||
        !hc__record_put(lead, hc__lead_f_created_at, &row->values[1]))
        return hc__no_memory(err);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (!hc__record_put(lead, told[i].lead, &row->values[2 + i]))
            return hc__no_memory(err);
    return HC_OK;
}

static hc_status read_inquiry(hc__record *lead, hc_session *as, hc_error *err)
{
    uint16_t fields[2 + sizeof told / sizeof told[0]] = {hc__touch_f_id, hc__touch_f_created_at};
    uint8_t room[512];
    hc__arena arena;
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__touch_entity.kind,
                .fields = fields,
                .field_count = sizeof fields / sizeof fields[0],
                .index = HC_INDEX_ID,
                .result = &result};
    hc_status status;

    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        fields[2 + i] = told[i].touch;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__all_of(&arena, hc__is_id(&arena, hc__touch_f_id, as->inquiry),
                          hc__is_int(&arena, op.kind, hc__touch_f_token_expires_at, HC_TEST_GT, hc__session_now(as)));
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, take_inquiry, lead, err);
    if (status >= 0 && result.count == 0)
        status = hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the token of the inquiry has expired");
    hc__arena_free(&arena);
    return status;
}

hc_status hc_lead_inquiry(hc_lead **out, hc_session *as, hc_error *err)
{
    hc__record *lead;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    if (hc__id_zero(as->inquiry)) {
        status = hc__fail(err, HC_ERR_UNAUTHENTICATED, "session", "not opened with the token of an inquiry");
    } else {
        lead = hc__record_new(as->core, &hc__lead_entity);
        status = lead == NULL ? hc__no_memory(err) : read_inquiry(lead, as, err);
        if (status >= 0)
            *out = (hc_lead *)lead;
        else
            hc__record_free(lead);
    }
    hc__leave(as);
    return status;
}

/* ---- hc_lead_log ---- */

struct log {
    hc__lead_call call;
    int32_t kind;
    const char *text;
    hc_id id; /* out */
};

static bool answers(int32_t kind)
{
    return kind == HC_LEAD_TOUCH_CALL || kind == HC_LEAD_TOUCH_MESSAGE || kind == HC_LEAD_TOUCH_EMAIL;
}

/* An answer makes a new lead contacted, and ends the wait of any. One that is merged meanwhile takes along what was
 * said: it waits. */
static hc_status note_answer(hc__unit *unit, const hc__record *before, const hc_predicate *where, int32_t kind,
                             hc_error *err)
{
    hc__record changes;
    hc_status status;

    if (!answers(kind) || (hc__record_is_null(before, hc__lead_f_response_due_at) &&
                           hc__record_int(before, hc__lead_f_status) != HC_LEAD_STATUS_NEW)) {
        hc__unit_hold(unit, &hc__lead_entity, where, 1);
        return HC_OK;
    }
    status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    hc__lead_respond(unit, before, &changes);
    if (hc__record_int(before, hc__lead_f_status) == HC_LEAD_STATUS_NEW)
        hc__record_set_int(&changes, hc__lead_f_status, HC_LEAD_STATUS_CONTACTED);
    hc__lead_update(unit, before, &changes, where, NULL, false);
    return HC_OK;
}

static hc_status log_touch(hc__unit *unit, void *data, hc_error *err)
{
    struct log *log = data;
    hc__touch touch = {.lead = log->call.id, .kind = log->kind, .text = log->text};
    const hc_predicate *where;
    hc__record before;
    hc_status status;

    hc__unit_unversioned(unit);
    status = hc__before_change(unit, &before, &where, &hc__lead_noun, HC__LEAD_TOUCH, log->call.id, 0, err);
    if (status >= 0 && answers(log->kind) && hc__record_int(&before, hc__lead_f_status) == HC_LEAD_STATUS_LOST &&
        hc__record_int(&before, hc__lead_f_lost_reason) == HC_LEAD_LOST_OPTED_OUT)
        status = hc__fail(err, HC_ERR_INVALID_STATE, "kind", "they opted out: nothing but notes can be logged");
    if (status >= 0)
        status = hc__touch_add(unit, &log->id, &touch, err);
    return status < 0 ? status : note_answer(unit, &before, where, log->kind, err);
}

static hc_status check_log(hc_session *as, hc__lead_call *call, hc_error *err)
{
    const struct log *log = (const struct log *)call;

    if (!answers(log->kind) && log->kind != HC_LEAD_TOUCH_NOTE)
        return hc__fail(err, HC_ERR_INVALID, "kind", "one of HC_LEAD_TOUCH_CALL, _MESSAGE, _EMAIL and _NOTE");
    if (log->text == NULL && log->kind == HC_LEAD_TOUCH_NOTE)
        return hc__fail(err, HC_ERR_INVALID, "text", "a note says something");
    return hc__lead_check_text(as, &hc__touch_entity, hc__touch_f_message, log->text, "text", err);
}

hc_status hc_lead_log(hc_id *out, hc_session *as, hc_id lead, int32_t kind, const char *text, hc_error *err)
{
    static const hc_id none;
    struct log log = {{HC__LEAD_TOUCH, lead, -1, 0, check_log}, kind, text, {{0}}};
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    status = hc__lead_run(NULL, as, &log.call, log_touch, err);
    *out = status < 0 ? none : log.id;
    return status;
}
