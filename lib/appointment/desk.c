#include "appointment/desk.h"

#include "base/id.h"
#include "client/crud.h"

hc_status hc__source_read(const hc__source *source, hc_op *ops, size_t count, hc_row_fn on_row, void *data,
                          hc_error *err)
{
    return source->unit != NULL ? hc__unit_read(source->unit, ops, count, on_row, data, err)
                                : hc__session_read(source->as, ops, count, on_row, data, err);
}

/* ---- rows ---- */

struct two {
    hc__record *rows[2];
    bool found[2];
    uint16_t fields[2][HC__FIELD_LIMIT];
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct two *two = data;

    if (!hc__record_fill(two->rows[row->op], two->fields[row->op], row->values, row->count))
        return hc__no_memory(err);
    two->found[row->op] = true;
    return HC_OK;
}

static hc_op by_id(struct two *two, size_t at, const hc__source *source, const hc__entity *entity, hc_id id,
                   hc__operation operation, int64_t now)
{
    hc_op op = {.verb = HC_VERB_QUERY, .expect = HC_EXPECT_ANY, .kind = &entity->kind, .index = HC_INDEX_ID};

    op.where = hc__all_of(source->arena, hc__is_id(source->arena, 0, id),
                          hc__policy_where(source->arena, source->as, operation, now));
    op.fields = two->fields[at];
    op.field_count = hc__readable_fields(two->fields[at], entity);
    return op;
}

/* ---- the zone of the hours ---- */

/* The first of them that is known; what another program wrote there need not be. */
static hc_status choose_zone(hc__desk *desk, hc_error *err)
{
    const char *names[3] = {hc__record_text(&desk->agent, hc__agent_f_time_zone), NULL, "UTC"};
    hc_status status = HC_ERR_INVALID;

    if (desk->has_property)
        names[1] = hc__record_text(&desk->property, hc__property_f_time_zone);
    for (int i = 0; i < 3 && status == HC_ERR_INVALID; i++) {
        if (names[i] == NULL)
            continue;
        desk->zone_name = names[i];
        status = hc__zone_load(&desk->zone, desk->source.arena, desk->source.as->core, names[i], "time_zone", err);
    }
    return status;
}

static hc_status read_hours(hc__desk *desk, hc_error *err)
{
    hc_status status =
        hc__hours_read(&desk->hours, desk->source.arena, hc__record_text(&desk->agent, hc__agent_f_working_hours),
                       hc__record_text(&desk->agent, hc__agent_f_exceptions), err);

    if (status != HC_ERR_INVALID)
        return status;
    desk->hours = (hc__hours){0}; /* not written by this library: they name no free time, and bind no agency */
    return HC_OK;
}

hc_status hc__desk_open(hc__desk *desk, const hc__source *source, hc_id agent, hc_id property, bool *found,
                        bool *listed, hc_error *err)
{
    struct two *two = hc__arena_zero(source->arena, 1, sizeof *two);
    bool named = !hc__id_zero(property);
    hc_op ops[2];
    hc_status status;

    *desk = (hc__desk){.source = *source, .has_property = named};
    *found = *listed = false;
    desk->now = source->unit != NULL ? hc__unit_now(source->unit) : hc__session_now(source->as);
    desk->free_hand = source->as->role == HC_ROLE_AGENT || hc__policy_writer(source->as) == HC__BY_ADMIN;
    if (two == NULL)
        return hc__no_memory(err);
    two->rows[0] = &desk->agent;
    two->rows[1] = &desk->property;
    status = hc__record_init(&desk->agent, &hc__agent_entity, source->arena, err);
    if (status >= 0)
        status = hc__record_init(&desk->property, &hc__property_entity, source->arena, err);
    if (status < 0)
        return status;
    ops[0] = by_id(two, 0, source, &hc__agent_entity, agent, HC__AGENT_READ, desk->now);
    ops[1] = by_id(two, 1, source, &hc__property_entity, property, HC__PROPERTY_READ, desk->now);
    if (ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    status = hc__source_read(source, ops, named ? 2 : 1, take_row, two, err);
    *found = two->found[0];
    *listed = two->found[1] || !named;
    if (status < 0 || !*found || !*listed)
        return status;
    desk->exclusive = named && hc__record_int(&desk->property, hc__property_f_exclusive_showings) != 0;
    status = choose_zone(desk, err);
    return status < 0 ? status : read_hours(desk, err);
}

void hc__desk_hold(const hc__desk *desk)
{
    hc__arena *arena = desk->source.arena;

    if (desk->has_property)
        hc__unit_hold(desk->source.unit, &hc__property_entity,
                      hc__all_of(arena, hc__is_id(arena, hc__property_f_id, hc__record_key(&desk->property)),
                                 hc__is_null(arena, hc__property_f_deleted_at)),
                      1);
}

hc__time hc__desk_time(const hc__desk *desk, int64_t start, int64_t end)
{
    hc__time time = {.agent = hc__record_key(&desk->agent),
                     .start = start,
                     .end = end,
                     .before = (int32_t)hc__record_int(&desk->agent, hc__agent_f_buffer_before),
                     .after = (int32_t)hc__record_int(&desk->agent, hc__agent_f_buffer_after)};

    if (desk->exclusive)
        time.property = hc__record_key(&desk->property);
    return time;
}

static int64_t notice_of(const hc__desk *desk)
{
    if (desk->free_hand)
        return 1;
    return hc__record_is_null(&desk->agent, hc__agent_f_min_notice)
               ? HC__DEFAULT_NOTICE * HC__MINUTE
               : hc__record_int(&desk->agent, hc__agent_f_min_notice) * HC__MINUTE;
}

int64_t hc__desk_earliest(const hc__desk *desk)
{
    int64_t notice = notice_of(desk);

    return desk->now + (notice < 1 ? 1 : notice); /* what starts now is not in the future */
}

/* ---- hours ---- */

/* The instant of a wall time; one that the clocks jump over is the jump, of two the first. */
static int64_t instant(const hc__desk *desk, int32_t date, int32_t minutes)
{
    int64_t utc, later;

    (void)hc__zone_of_wall(&desk->zone, date * INT64_C(86400) + minutes * 60, &utc, &later);
    return utc * HC__SECOND;
}

void hc__desk_range(const hc__desk *desk, int32_t date, const hc__range *range, int64_t *from, int64_t *to)
{
    *from = instant(desk, date, range->from);
    *to = instant(desk, date, range->to);
}

static bool in_hours(const hc__desk *desk, int64_t start, int64_t end)
{
    int32_t today = hc__day_of(start + hc__zone_offset(&desk->zone, start / HC__SECOND) * HC__SECOND);

    for (int32_t date = today - 1; date <= today + 1; date++) {
        size_t count;
        const hc__range *ranges = hc__hours_of(&desk->hours, date, &count);

        for (size_t i = 0; i < count; i++) {
            int64_t from, to;
            hc__desk_range(desk, date, &ranges[i], &from, &to);
            if (from <= start && end <= to)
                return true;
        }
    }
    return false;
}

/* ---- rules ---- */

hc_status hc__time_shape(int64_t start, int64_t *end, hc_error *err)
{
    int64_t length;

    if (start % HC__SLOT != 0)
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "must be on the grid of five minutes");
    if (start < 0 || start > INT64_MAX / 4)
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "is out of range");
    if (*end == 0)
        *end = start + HC__DEFAULT_LENGTH * HC__MINUTE;
    length = *end < start || *end > INT64_MAX / 2 ? -1 : *end - start;
    if (length < HC__SLOT || length > HC__LONGEST * HC__MINUTE)
        return hc__fail(err, HC_ERR_INVALID, "ends_at", "must be 5 to %d minutes after scheduled_time", HC__LONGEST);
    if (length % HC__SLOT != 0)
        return hc__fail(err, HC_ERR_INVALID, "ends_at", "must be on the grid of five minutes");
    return HC_OK;
}

hc_status hc__time_allowed(const hc__desk *desk, int64_t start, int64_t end, hc_error *err)
{
    if (start <= desk->now)
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "must be in the future");
    if (start > desk->now + HC__HORIZON)
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "must be within 180 days");
    if (desk->free_hand)
        return HC_OK;
    if (start < hc__desk_earliest(desk))
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "the agent wants %lld minutes of notice",
                        (long long)(notice_of(desk) / HC__MINUTE));
    if (!in_hours(desk, start, end))
        return hc__fail(err, HC_ERR_INVALID, "scheduled_time", "is outside the agent's working hours");
    return HC_OK;
}
