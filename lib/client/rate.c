#include "client/rate.h"

#include <string.h>

#include "base/id.h"
#include "client/audit.h"

/* One that waits for its own transaction. */
struct hc__rate_late {
    struct hc__rate_late *next;
    hc__rate rate;
    int64_t at;
};

void hc__rate_subject(uint8_t out[32], const hc__core *core, const char *scope, const void *bytes, size_t size)
{
    hc__mac(out, core->request_key, scope, bytes, size);
}

void hc__rate_peer(uint8_t out[32], const hc_session *as)
{
    memcpy(out, as->peer, sizeof as->peer);
}

static int64_t window_of(const hc__rate *rate, int64_t now)
{
    int64_t into = now % rate->window;

    return now - (into < 0 ? into + rate->window : into);
}

static const hc_predicate *same_window(hc__arena *arena, const hc__rate *rate, int64_t start)
{
    const hc_kind *kind = &hc__rate_entity.kind;
    const hc_predicate *who =
        hc__all_of(arena, hc__is_bytes(arena, kind, hc__rate_f_scope, HC_TEST_EQ, rate->scope, strlen(rate->scope)),
                   hc__is_bytes(arena, kind, hc__rate_f_subject, HC_TEST_EQ, rate->subject, sizeof rate->subject));

    return hc__all_of(arena, who, hc__is_int(arena, kind, hc__rate_f_window_start, HC_TEST_EQ, start));
}

/* One more where a window stands and `most` of them are not reached yet; *counted tells. */
static hc_status add_one(hc__unit *unit, bool *counted, const hc__rate *rate, int64_t start, int64_t most,
                         hc_error *err)
{
    const hc_kind *kind = &hc__rate_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc_set *set = hc__arena_zero(arena, 1, sizeof *set);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .index = HC_INDEX_ANY,
                .sets = set,
                .set_count = 1,
                .result = result};
    hc_status status;

    *counted = false;
    op.where =
        hc__all_of(arena, same_window(arena, rate, start), hc__is_int(arena, kind, hc__rate_f_count, HC_TEST_LT, most));
    if (op.where == NULL || set == NULL || result == NULL)
        return hc__no_memory(err);
    *set = (hc_set){hc__rate_f_count, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 1)};
    hc__unit_add(unit, &op);
    status = hc__unit_flush(unit, NULL, err);
    *counted = status >= 0 && result->count > 0;
    return status;
}

static hc_status open_window(hc__unit *unit, bool *opened, const hc__rate *rate, int64_t start, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc__record row;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__rate_entity, arena, err);

    *opened = false;
    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), err);
    if (status < 0 || result == NULL)
        return status < 0 ? status : hc__no_memory(err);
    hc__record_set_id(&row, hc__rate_f_id, id);
    hc__record_set_text(&row, hc__rate_f_scope, rate->scope, strlen(rate->scope));
    hc__record_set_text(&row, hc__rate_f_subject, (const char *)rate->subject, sizeof rate->subject);
    hc__record_set_int(&row, hc__rate_f_window_start, start);
    hc__record_set_int(&row, hc__rate_f_count, 1);
    hc__unit_insert_if_absent(unit, &row, result);
    status = hc__unit_flush(unit, NULL, err);
    *opened = status >= 0 && result->count > 0;
    return status;
}

static hc_status count(hc__unit *unit, bool *counted, const hc__rate *rate, int64_t start, int64_t most, hc_error *err)
{
    hc_status status = add_one(unit, counted, rate, start, most, err);

    if (status >= 0 && !*counted)
        status = open_window(unit, counted, rate, start, err);
    if (status >= 0 && !*counted) /* another opened it meanwhile, or it is full */
        status = add_one(unit, counted, rate, start, most, err);
    return status;
}

/* The count passes the limit once: that one is audited, and stands at limit + 1 from then on. */
static hc_status refuse(hc__unit *unit, const hc__rate *rate, int64_t start, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    int64_t wait = start + rate->window - hc__unit_now(unit);
    hc__record row;
    bool found;
    hc_status status =
        hc__unit_row(unit, &row, &found, &hc__rate_entity, same_window(hc__unit_arena(unit), rate, start), err);

    if (status < 0)
        return status;
    if (found && hc__record_int(&row, hc__rate_f_count) == rate->limit) {
        hc__rate_keep(as, rate);
        hc__audit_late(as, &(hc__audit){.event = "excess_rate_limit_exceeded", .reason = rate->scope});
    }
    hc__fail(err, HC_ERR_RATE_LIMITED, NULL, "at most %d in %lld minutes: wait", (int)rate->limit,
             (long long)(rate->window / (60 * HC__SECOND)));
    if (err != NULL)
        err->detail = wait;
    return HC_ERR_RATE_LIMITED;
}

hc_status hc__rate_take(hc__unit *unit, const hc__rate *rate, hc_error *err)
{
    int64_t start = window_of(rate, hc__unit_now(unit));
    bool counted;
    hc_status status = count(unit, &counted, rate, start, rate->limit, err);

    return status < 0 || counted ? status : refuse(unit, rate, start, err);
}

void hc__rate_keep(hc_session *as, const hc__rate *rate)
{
    struct hc__rate_late *late = hc__alloc_zero(&as->core->mem, 1, sizeof *late);

    if (late == NULL) {
        hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "no memory to count %s", rate->scope);
        return;
    }
    late->rate = *rate;
    late->at = hc__core_now(as->core);
    late->next = as->late_rates;
    as->late_rates = late;
}

static hc_status write_all(hc__unit *unit, void *data, hc_error *err)
{
    hc_status status = HC_OK;
    bool counted;

    hc__unit_repeatable(unit); /* one more or less is no harm */
    for (const struct hc__rate_late *late = data; status >= 0 && late != NULL; late = late->next)
        status = count(unit, &counted, &late->rate, window_of(&late->rate, late->at), INT32_MAX, err);
    return status;
}

void hc__rate_drop(hc_session *as)
{
    while (as->late_rates != NULL) {
        struct hc__rate_late *next = as->late_rates->next;
        hc__free(&as->core->mem, as->late_rates);
        as->late_rates = next;
    }
}

void hc__rate_write(hc_session *as)
{
    hc_error err;

    as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT; /* the call's own may be spent */
    as->unstoppable = true;                                  /* nobody gets out of being counted by hanging up */
    if (hc__unit_run_unchecked(as, write_all, as->late_rates, &err) < 0)
        hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "a rate was not counted: %s", err.message);
    as->unstoppable = false;
    hc__rate_drop(as);
}
