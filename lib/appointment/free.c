#include "appointment/free.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "model/appointment_status.h"

#define FIRST_WINDOW (4 * HC__DAY) /* of the search for the next free start */

/* One bit for each slot from `first` on: taken. */
typedef struct busy_map {
    int64_t first;
    int64_t count;
    uint64_t *bits;
} busy_map;

static void clear(busy_map *busy, int64_t from, int64_t end)
{
    from = from < busy->first ? 0 : from - busy->first;
    end = end - busy->first > busy->count ? busy->count : end - busy->first;
    for (int64_t i = from; i < end; i++)
        busy->bits[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

static bool is_free(const busy_map *busy, int64_t from, int64_t end)
{
    for (int64_t i = from - busy->first; i < end - busy->first; i++)
        if ((busy->bits[i / 64] >> (i % 64) & 1) != 0)
            return false;
    return true;
}

/* ---- what is taken ---- */

enum { BUSY_OPS = 4 };
static const uint16_t slot_fields[] = {hc__slot_f_slot_no};
static const uint16_t hold_fields[] = {hc__appointment_f_scheduled_time, hc__appointment_f_ends_at,
                                       hc__appointment_f_buffer_before, hc__appointment_f_buffer_after};

/* The rows of the agent first, then those of the listing: each is a map of its own, out of which the holds that have
 * ended are taken. */
struct taking {
    busy_map maps[2];
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    busy_map *busy = &((struct taking *)data)->maps[row->op / 2];
    hc__time hold;
    int64_t first, end;

    (void)err;
    if (row->op % 2 == 0) {
        int64_t at = row->values[0].as.integer - busy->first;
        busy->bits[at / 64] |= UINT64_C(1) << (at % 64);
        return HC_OK;
    }
    /* a hold that ran out still has its rows, and nobody else can have them */
    hold = (hc__time){.start = row->values[0].as.integer,
                      .end = row->values[1].as.integer,
                      .before = (int32_t)row->values[2].as.integer,
                      .after = (int32_t)row->values[3].as.integer};
    hc__slots_span(&hold, &first, &end);
    clear(busy, first, end);
    return HC_OK;
}

static hc_op slots_of(const hc__desk *desk, const busy_map *busy, int32_t kind, hc_id resource, hc_id except)
{
    const hc_kind *slots = &hc__slot_entity.kind;
    hc__arena *arena = desk->source.arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = slots,
                .fields = slot_fields,
                .field_count = 1,
                .index = 0};
    const hc_predicate *which = hc__all_of(arena, hc__is_int(arena, slots, hc__slot_f_resource_kind, HC_TEST_EQ, kind),
                                           hc__is_id(arena, hc__slot_f_resource_id, resource));
    const hc_predicate *when =
        hc__all_of(arena, hc__is_int(arena, slots, hc__slot_f_slot_no, HC_TEST_GE, busy->first),
                   hc__is_int(arena, slots, hc__slot_f_slot_no, HC_TEST_LT, busy->first + busy->count));

    op.where = hc__all_of(arena, which, when);
    if (!hc__id_zero(except)) {
        const hc_id *kept = hc__arena_copy(arena, &except, sizeof except);
        op.where =
            kept == NULL
                ? NULL
                : hc__all_of(arena, op.where,
                             hc__is_bytes(arena, slots, hc__slot_f_appointment_id, HC_TEST_NE, kept, sizeof *kept));
    }
    return op;
}

static hc_op ended_holds_of(const hc__desk *desk, int32_t kind, hc_id resource)
{
    const hc_kind *appointments = &hc__appointment_entity.kind;
    hc__arena *arena = desk->source.arena;
    bool agent = kind == HC__FOR_AGENT;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = appointments,
                .fields = hold_fields,
                .field_count = sizeof hold_fields / sizeof hold_fields[0],
                .index = HC_INDEX_ANY};
    const hc_predicate *ended =
        hc__all_of(arena, hc__is_int(arena, appointments, hc__appointment_f_status, HC_TEST_EQ, HC__PENDING),
                   hc__is_int(arena, appointments, hc__appointment_f_hold_expires_at, HC_TEST_LE, desk->now));

    if (!agent)
        ended =
            hc__all_of(arena, ended, hc__is_int(arena, appointments, hc__appointment_f_holds_property, HC_TEST_EQ, 1));
    op.where = hc__all_of(
        arena, hc__is_id(arena, agent ? hc__appointment_f_agent_id : hc__appointment_f_property_id, resource), ended);
    return op;
}

static bool make_maps(struct taking *taking, const hc__desk *desk, const hc__time *whole)
{
    int64_t first, end;

    hc__slots_span(whole, &first, &end);
    for (int i = 0; i < (desk->exclusive ? 2 : 1); i++) {
        busy_map *map = &taking->maps[i];
        *map = (busy_map){first, end - first, NULL};
        map->bits = hc__arena_zero(desk->source.arena, (size_t)(map->count / 64 + 1), sizeof *map->bits);
        if (map->bits == NULL)
            return false;
    }
    return true;
}

/* One read, in one snapshot, of a row for each slot that is taken. */
static hc_status read_busy(busy_map *out, const hc__desk *desk, const hc__wish *wish, hc_error *err)
{
    hc__time whole = hc__desk_time(desk, wish->from, wish->to);
    const hc_id resources[2] = {whole.agent, whole.property};
    struct taking taking = {0};
    hc_op ops[BUSY_OPS];
    size_t count = 0;
    hc_status status;

    if (!make_maps(&taking, desk, &whole))
        return hc__no_memory(err);
    for (int32_t kind = HC__FOR_AGENT; kind <= (desk->exclusive ? HC__FOR_PROPERTY : HC__FOR_AGENT); kind++) {
        ops[count] = slots_of(desk, &taking.maps[0], kind, resources[kind - 1], wish->except);
        ops[count + 1] = ended_holds_of(desk, kind, resources[kind - 1]);
        if (ops[count].where == NULL || ops[count + 1].where == NULL)
            return hc__no_memory(err);
        count += 2;
    }
    status = hc__source_read(&desk->source, ops, count, take_row, &taking, err);
    *out = taking.maps[0];
    for (int64_t i = 0; desk->exclusive && i <= out->count / 64; i++)
        out->bits[i] |= taking.maps[1].bits[i];
    return status;
}

/* ---- what is free ---- */

/* Starts of one range of hours, in steps of wall time from where it begins. */
typedef struct walk {
    const hc__desk *desk;
    const hc__wish *wish;
    const busy_map *busy;
    int64_t earliest;
    hc__starts *out;
    size_t room, limit;
    hc_error *err;
} walk;

static hc_status add(walk *w, int64_t start)
{
    if (w->out->count == w->room) {
        size_t room = w->room == 0 ? 64 : w->room * 2;
        int64_t *at = hc__arena_alloc(w->desk->source.arena, room * sizeof *at);
        if (at == NULL)
            return hc__no_memory(w->err);
        if (w->out->count > 0)
            memcpy(at, w->out->at, w->out->count * sizeof *at);
        w->out->at = at;
        w->room = room;
    }
    w->out->at[w->out->count++] = start;
    return HC_OK;
}

static hc_status offer(walk *w, int64_t start, int64_t close)
{
    int64_t end = start + w->wish->length * HC__MINUTE, first, last;
    hc__time time;

    if (start < w->earliest || end > close || end > w->wish->to || start % HC__SLOT != 0)
        return HC_OK;
    time = hc__desk_time(w->desk, start, end);
    hc__slots_span(&time, &first, &last);
    return is_free(w->busy, first, last) ? add(w, start) : HC_OK;
}

static hc_status walk_range(walk *w, int32_t date, const hc__range *range)
{
    int64_t local = date * INT64_C(86400), open, close, utc, later;
    bool even;
    hc_status status = HC_OK;

    hc__desk_range(w->desk, date, range, &open, &close);
    if (close <= w->earliest || open >= w->wish->to)
        return HC_OK;
    /* without a change of the clocks in it, minutes of the wall are minutes */
    even = close - open == (range->to - range->from) * HC__MINUTE &&
           hc__zone_next(&w->desk->zone, open / HC__SECOND - 1) > close / HC__SECOND;
    for (int32_t m = range->from; m < range->to && status >= 0; m += w->wish->step) {
        if (even)
            utc = open + (m - range->from) * HC__MINUTE;
        else if (hc__zone_of_wall(&w->desk->zone, local + m * 60, &utc, &later) != HC__WALL_NEVER)
            utc *= HC__SECOND;
        else
            continue;
        status = offer(w, utc, close);
        if (w->limit > 0 && w->out->count == w->limit)
            break;
    }
    return status;
}

static hc_status find(hc__starts *out, const hc__desk *desk, const hc__wish *wish, size_t limit, hc_error *err)
{
    busy_map busy = {0};
    int64_t earliest = hc__desk_earliest(desk);
    walk w = {desk, wish, &busy, wish->from > earliest ? wish->from : earliest, out, 0, limit, err};
    hc_status status = HC_OK;

    *out = (hc__starts){0};
    if (wish->from >= wish->to)
        return HC_OK;
    status = read_busy(&busy, desk, wish, err);
    for (int32_t date = hc__day_of(w.earliest) - 1; status >= 0 && date <= hc__day_of(wish->to) + 1; date++) {
        size_t count;
        const hc__range *ranges = hc__hours_of(&desk->hours, date, &count);

        for (size_t i = 0; i < count && status >= 0; i++)
            status = walk_range(&w, date, &ranges[i]);
        if (limit > 0 && out->count == limit)
            break;
    }
    return status;
}

hc_status hc__free_starts(hc__starts *out, const hc__desk *desk, const hc__wish *wish, hc_error *err)
{
    return find(out, desk, wish, 0, err);
}

/* Most often it is near: windows that double spare the rows of half a year. */
hc_status hc__free_next(int64_t *out, const hc__desk *desk, int64_t from, int64_t length, hc_id except, hc_error *err)
{
    hc__wish wish = {
        .from = from, .length = (int32_t)(length / HC__MINUTE), .step = HC__DEFAULT_STEP, .except = except};
    int64_t end = desk->now + HC__HORIZON + length, window = FIRST_WINDOW;
    hc__starts starts = {0};
    hc_status status = HC_OK;

    *out = 0;
    while (status >= 0 && starts.count == 0 && wish.from < end) {
        wish.to = end - wish.from > window ? wish.from + window : end;
        status = find(&starts, desk, &wish, 1, err);
        wish.from = wish.to - length; /* what would not have ended in the window */
        if (wish.to == end)
            break;
        window *= 2;
    }
    if (status >= 0 && starts.count > 0)
        *out = starts.at[0];
    return status;
}
