#include "client/numbering.h"

#include <stdlib.h>
#include <string.h>

#include "client/audit_chain.h"
#include "client/outcome.h"

#define RUN       512 /* events of one pass */
#define BY_NUMBER 0   /* position of the index of events by (seq, id) */

struct waiting {
    hc_id id, target;
    char resource[32]; /* a user and their agent have one id */
    int64_t version;
    size_t place;  /* by id */
    bool too_late; /* an earlier version of its row has a later id, which is not among these */
};

struct pass {
    int64_t last; /* the highest number */
    size_t count;
    struct waiting *rows;
};

hc_op hc__events_last(hc__arena *arena)
{
    static const uint16_t field = hc__event_f_seq;
    static const hc_order order[] = {{hc__event_f_seq, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                     {hc__event_f_id, HC_ORDER_DESCENDING}};

    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &hc__event_entity.kind,
                   .where = hc__not_null(arena, hc__event_f_seq),
                   .fields = &field,
                   .field_count = 1,
                   .order = order,
                   .order_count = 2,
                   .limit = 1,
                   .index = BY_NUMBER};
}

static const hc_predicate *has_no_number(hc__arena *arena)
{
    return hc__all_of(arena, hc__is_null(arena, hc__event_f_seq),
                      hc__proof_is(arena, &hc__event_entity, HC_TEST_NE, HC__PROOF_VOID));
}

/* ---- what waits ---- */

static hc_status take_waiting(const hc_row *row, void *data, hc_error *err)
{
    struct pass *pass = data;
    struct waiting *out;

    (void)err;
    if (row->op == 0) {
        pass->last = row->values[0].as.integer;
        return HC_OK;
    }
    out = &pass->rows[pass->count];
    memcpy(out->id.bytes, row->values[0].as.bytes, sizeof out->id);
    memcpy(out->target.bytes, row->values[1].as.bytes, sizeof out->target);
    out->version = row->values[2].as.integer;
    memset(out->resource, 0, sizeof out->resource);
    memcpy(out->resource, row->values[3].as.bytes,
           row->values[3].size < sizeof out->resource ? row->values[3].size : sizeof out->resource);
    out->place = pass->count++;
    out->too_late = false;
    return HC_OK;
}

static hc_status read_waiting(hc__unit *unit, struct pass *pass, int64_t most, hc_error *err)
{
    static const uint16_t fields[] = {hc__event_f_id, hc__event_f_resource_id, hc__event_f_version,
                                      hc__event_f_resource};
    static const hc_order order = {hc__event_f_id, 0};
    hc__arena *arena = hc__unit_arena(unit);
    hc_op ops[2] = {hc__events_last(arena),
                    {.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__event_entity.kind,
                     .where = has_no_number(arena),
                     .fields = fields,
                     .field_count = 4,
                     .order = &order,
                     .order_count = 1,
                     .limit = most,
                     .index = BY_NUMBER}};

    pass->rows = hc__arena_alloc(arena, (size_t)most * sizeof *pass->rows);
    if (pass->rows == NULL || ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    return hc__unit_read(unit, ops, 2, take_waiting, pass, err);
}

/* ---- clocks that differ ---- */

/* A version that is not among the rows: those behind it wait with it. */
static hc_status note_outside(const hc_row *row, void *data, hc_error *err)
{
    struct pass *pass = data;

    (void)err;
    for (size_t i = 0; i < pass->count; i++)
        if (pass->rows[i].version > row->values[1].as.integer &&
            memcmp(pass->rows[i].target.bytes, row->values[0].as.bytes, sizeof(hc_id)) == 0)
            pass->rows[i].too_late = true;
    return HC_OK;
}

/* Ids rise with the clocks of many machines; versions of one row rise with its commits. Only a pass that does not take
 * all can miss a version. */
static hc_status leave_out(hc__unit *unit, struct pass *pass, hc_error *err)
{
    static const uint16_t fields[] = {hc__event_f_resource_id, hc__event_f_version};
    hc__arena *arena = hc__unit_arena(unit);
    hc_value *targets = hc__arena_alloc(arena, pass->count * sizeof *targets);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__event_entity.kind,
                .fields = fields,
                .field_count = 2,
                .index = BY_NUMBER};
    size_t count = 0, kept = 0;
    hc_status status;

    for (size_t i = 0; targets != NULL && i < pass->count; i++)
        if (pass->rows[i].version > 1)
            targets[count++] = hc__value_bytes(HC_TYPE_ID, pass->rows[i].target.bytes, sizeof(hc_id));
    if (targets == NULL || count == 0)
        return targets == NULL ? hc__no_memory(err) : HC_OK;
    op.where = hc__all_of(
        arena, has_no_number(arena),
        hc__is_bytes(arena, op.kind, hc__event_f_id, HC_TEST_GT, pass->rows[pass->count - 1].id.bytes, sizeof(hc_id)));
    op.where = hc__all_of(arena, op.where, hc__is_in(arena, hc__event_f_resource_id, targets, count));
    status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, note_outside, pass, err);
    for (size_t i = 0; status >= 0 && i < pass->count; i++)
        if (!pass->rows[i].too_late) {
            pass->rows[kept] = pass->rows[i];
            pass->rows[kept].place = kept;
            kept++;
        }
    pass->count = status < 0 ? pass->count : kept;
    return status;
}

static int by_row(const struct waiting *x, const struct waiting *y)
{
    int same = memcmp(x->target.bytes, y->target.bytes, sizeof x->target);

    return same != 0 ? same : memcmp(x->resource, y->resource, sizeof x->resource);
}

static int by_version(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    int same = by_row(x, y);

    if (same != 0)
        return same;
    if (x->version != y->version)
        return x->version < y->version ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static int by_place(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;
    int same = by_row(x, y);

    return same != 0 ? same : x->place < y->place ? -1 : 1;
}

/* The places that a row's events have are theirs, in the order of its versions. */
static bool put_in_order(struct pass *pass, hc__arena *arena)
{
    size_t size = pass->count * sizeof *pass->rows;
    struct waiting *events = hc__arena_copy(arena, pass->rows, size), *places = hc__arena_copy(arena, pass->rows, size);

    if (events == NULL || places == NULL)
        return false;
    qsort(events, pass->count, sizeof *events, by_version);
    qsort(places, pass->count, sizeof *places, by_place);
    for (size_t i = 0; i < pass->count; i++)
        pass->rows[places[i].place] = events[i];
    return true;
}

/* ---- a pass ---- */

static hc_status add_number(hc__unit *unit, hc_id id, int64_t seq, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record row;
    hc_status status = hc__record_init(&row, &hc__event_entity, arena, err);

    if (status < 0)
        return status;
    hc__record_set_int(&row, hc__event_f_seq, seq);
    hc__unit_update(unit, &row,
                    hc__all_of(arena, hc__is_id(arena, hc__event_f_id, id), hc__is_null(arena, hc__event_f_seq)));
    return HC_OK;
}

static hc_status number(hc__unit *unit, int64_t most, int64_t *numbered, hc_error *err)
{
    struct pass pass = {0, 0, NULL};
    hc_status status = read_waiting(unit, &pass, most, err);
    bool cut = (int64_t)pass.count == most;

    if (status >= 0 && cut)
        status = leave_out(unit, &pass, err);
    if (status < 0 || (pass.count == 0 && !cut))
        return status;
    if (pass.count == 0)
        return number(unit, 4 * most, numbered, err);
    if (!put_in_order(&pass, hc__unit_arena(unit)))
        return hc__no_memory(err);
    for (size_t i = 0; status >= 0 && i < pass.count; i++)
        status = add_number(unit, pass.rows[i].id, pass.last + 1 + (int64_t)i, err);
    *numbered = (int64_t)pass.count;
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}

hc_status hc__events_number(hc__unit *unit, int64_t most, int64_t *numbered, hc_error *err)
{
    bool found = true;
    hc_status status = HC_OK;

    *numbered = 0;
    hc__unit_repeatable(unit);
    if (hc__unit_is_remote(unit))
        status = hc__chain_lock(unit, &found, err);
    return status < 0 || !found ? status : number(unit, most, numbered, err);
}

hc_op hc__events_waiting(hc__arena *arena, hc_op_result *result)
{
    return (hc_op){.verb = HC_VERB_COUNT,
                   .expect = HC_EXPECT_ANY,
                   .kind = &hc__event_entity.kind,
                   .where = has_no_number(arena),
                   .limit = 1,
                   .index = BY_NUMBER,
                   .result = result};
}

static hc_status number_some(hc__unit *unit, void *data, hc_error *err)
{
    return hc__events_number(unit, RUN, data, err);
}

static hc_status look(bool *any, hc_session *as, hc_error *err)
{
    uint8_t room[512];
    hc__arena arena;
    hc_op_result waiting = {0};
    hc_op op;
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op = hc__events_waiting(&arena, &waiting);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, NULL, NULL, err);
    hc__arena_free(&arena);
    *any = waiting.count > 0;
    return status;
}

hc_status hc__events_start(hc__core *core, int64_t until, int64_t *numbered, hc_error *err)
{
    hc_session *as;
    int64_t some = RUN;
    hc_status status = hc__session_new(&as, core, HC_ROLE_SYSTEM, NULL, err);

    *numbered = 0;
    if (status < 0)
        return status;
    while (status >= 0 && some > 0 && hc__os_monotonic() < until) {
        bool any = false;

        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = look(&any, as, err);
        some = 0;
        if (status >= 0 && any)
            status = hc__unit_run_unchecked(as, number_some, &some, err);
        *numbered += status < 0 ? 0 : some;
    }
    hc_session_free(as);
    return status;
}
