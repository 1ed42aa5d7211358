/* Who answers (domain.md D3, routing): the listing's agent, else the area's, by compare-and-swap of their load. */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "client/service_area.h"
#include "homeconnect/user.h"
#include "lead/lead_noun.h"

#define TRIES 3  /* of a place that others take first; then the whole unit runs again */
#define BATCH 64 /* agents of an area that are looked at together, least recently assigned first */

/* ---- who can answer ---- */

/* Of `agents`: active users of role agent with a valid licence. */
static const hc_predicate *ready(hc__unit *unit)
{
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *active =
        hc__all_of(arena, hc__is_int(arena, users, hc__user_f_role, HC_TEST_EQ, HC_USER_ROLE_AGENT),
                   hc__is_int(arena, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE));

    return hc__all_of(arena, hc__policy_license_valid(arena, hc__unit_now(unit)),
                      hc__exists(arena, users, hc__user_f_id, hc__agent_f_user_id, active));
}

static const hc_predicate *accepting(hc__unit *unit)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(arena, ready(unit),
                      hc__is_int(arena, &hc__agent_entity.kind, hc__agent_f_accepting_leads, HC_TEST_EQ, 1));
}

hc_status hc__lead_check_agent(hc__unit *unit, hc_id agent, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t count;
    hc_status status;

    hc__load_hold(unit, agent);
    status = hc__unit_count(unit, &count, &hc__agent_entity.kind,
                            hc__all_of(arena, hc__is_id(arena, hc__agent_f_user_id, agent), ready(unit)), err);
    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "agent_id", "no active agent with a valid licence has this id");
    return status;
}

/* ---- taking a place ---- */

/* An agent as one statement saw them. */
struct place {
    hc_id agent;
    int64_t open, version;
    int64_t capacity; /* -1: no limit */
};

static bool has_room(const struct place *place)
{
    return place->capacity < 0 || place->open < place->capacity;
}

/* *taken false: somebody else changed their load meanwhile. */
static hc_status take_place(hc__unit *unit, bool *taken, const struct place *place, hc_error *err)
{
    const hc_kind *kind = &hc__load_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc_set *sets = hc__arena_zero(arena, 3, sizeof *sets);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .index = HC_INDEX_ANY,
                .sets = sets,
                .set_count = 3,
                .result = result};
    hc_status status;

    op.where = hc__all_of(arena, hc__is_id(arena, hc__load_f_user_id, place->agent),
                          hc__is_int(arena, kind, hc__load_f_version, HC_TEST_EQ, place->version));
    if (op.where == NULL || sets == NULL || result == NULL)
        return hc__no_memory(err);
    sets[0] = (hc_set){hc__load_f_open_leads, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 1)};
    sets[1] = (hc_set){hc__load_f_version, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 1)};
    sets[2] = (hc_set){hc__load_f_last_assigned_at, HC_SET_TO, 0, hc__value_int(HC_TYPE_TIME, hc__unit_now(unit))};
    hc__unit_add(unit, &op);
    status = hc__unit_flush(unit, NULL, err);
    *taken = status >= 0 && result->count == 1;
    return status;
}

/* ---- the listing's agent ---- */

/* *room false: not ready, not accepting, or full. */
static hc_status look_at(hc__unit *unit, struct place *place, bool *room, hc_id agent, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record profile, load;
    bool found;
    hc_status status =
        hc__unit_row(unit, &profile, &found, &hc__agent_entity,
                     hc__all_of(arena, hc__is_id(arena, hc__agent_f_user_id, agent), accepting(unit)), err);

    *room = false;
    if (status < 0 || !found)
        return status;
    hc__load_ensure(unit, agent);
    status = hc__unit_row(unit, &load, &found, &hc__load_entity, hc__is_id(arena, hc__load_f_user_id, agent), err);
    if (status < 0 || !found)
        return status;
    *place = (struct place){
        agent, hc__record_int(&load, hc__load_f_open_leads), hc__record_int(&load, hc__load_f_version),
        hc__record_is_null(&profile, hc__agent_f_capacity) ? -1 : hc__record_int(&profile, hc__agent_f_capacity)};
    *room = has_room(place);
    return HC_OK;
}

/* *again: somebody was faster, and it is worth looking once more. */
static hc_status try_listing_agent(hc__unit *unit, bool *done, bool *again, hc_id agent, hc_error *err)
{
    struct place place;
    bool room;
    hc_status status = look_at(unit, &place, &room, agent, err);

    if (status < 0 || !room)
        return status;
    status = take_place(unit, done, &place, err);
    *again = status >= 0 && !*done;
    return status;
}

/* ---- the area's agents ---- */

struct pool {
    hc__unit *unit;
    const hc_predicate *who; /* of `agent_load` */
    struct place places[BATCH];
    int64_t last[BATCH]; /* assigned at */
    hc_value ids[BATCH]; /* bytes in the unit's arena */
    size_t count;
    bool never; /* those who were never assigned, before all others */
};

static hc_status take_load(const hc_row *row, void *data, hc_error *err)
{
    struct pool *pool = data;
    struct place *place = &pool->places[pool->count];
    const void *bytes = hc__arena_copy(hc__unit_arena(pool->unit), row->values[0].as.bytes, sizeof(hc_id));

    if (bytes == NULL)
        return hc__no_memory(err);
    memcpy(place->agent.bytes, bytes, sizeof place->agent.bytes);
    place->open = row->values[1].as.integer;
    place->version = row->values[2].as.integer;
    place->capacity = 0; /* until their profile says more */
    pool->last[pool->count] = row->values[3].as.integer;
    pool->ids[pool->count++] = hc__value_bytes(HC_TYPE_ID, bytes, sizeof(hc_id));
    return HC_OK;
}

static hc_status take_capacity(const hc_row *row, void *data, hc_error *err)
{
    struct pool *pool = data;

    (void)err;
    for (size_t i = 0; i < pool->count; i++)
        if (memcmp(pool->places[i].agent.bytes, row->values[0].as.bytes, sizeof(hc_id)) == 0)
            pool->places[i].capacity = row->values[1].type == HC_TYPE_NULL ? -1 : row->values[1].as.integer;
    return HC_OK;
}

/* The next ones behind `seek`, with their capacities. */
static hc_status next_batch(struct pool *pool, const hc_value *seek, hc_error *err)
{
    static const uint16_t load[] = {hc__load_f_user_id, hc__load_f_open_leads, hc__load_f_version,
                                    hc__load_f_last_assigned_at};
    static const uint16_t profile[] = {hc__agent_f_user_id, hc__agent_f_capacity};
    static const hc_order oldest[] = {{hc__load_f_last_assigned_at, HC_ORDER_NOT_NULL},
                                      {hc__load_f_user_id, HC_ORDER_NOT_NULL}};
    hc__arena *arena = hc__unit_arena(pool->unit);
    hc_op loads = {.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &hc__load_entity.kind,
                   .filter = pool->who,
                   .fields = load,
                   .field_count = sizeof load / sizeof load[0],
                   .order = pool->never ? oldest + 1 : oldest,
                   .order_count = pool->never ? 1 : 2,
                   .seek = seek,
                   .limit = BATCH,
                   .index = HC_INDEX_ANY};
    hc_op profiles = {.verb = HC_VERB_QUERY,
                      .expect = HC_EXPECT_ANY,
                      .kind = &hc__agent_entity.kind,
                      .fields = profile,
                      .field_count = sizeof profile / sizeof profile[0],
                      .index = HC_INDEX_ANY};
    hc_status status;

    loads.where = pool->never ? hc__is_null(arena, hc__load_f_last_assigned_at)
                              : hc__not_null(arena, hc__load_f_last_assigned_at);
    pool->count = 0;
    status = loads.where == NULL ? hc__no_memory(err) : hc__unit_read(pool->unit, &loads, 1, take_load, pool, err);
    if (status < 0 || pool->count == 0)
        return status;
    profiles.where = hc__is_in(arena, hc__agent_f_user_id, pool->ids, pool->count);
    return profiles.where == NULL ? hc__no_memory(err)
                                  : hc__unit_read(pool->unit, &profiles, 1, take_capacity, pool, err);
}

/* Of `agent_load`: whose agent can answer and serves the listing's area. */
static const hc_predicate *serving(hc__unit *unit, const hc__record *listing)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(
        arena,
        hc__exists(arena, &hc__area_entity.kind, hc__area_f_user_id, hc__load_f_user_id,
                   hc__areas_of_listing(unit, listing)),
        hc__exists(arena, &hc__agent_entity.kind, hc__agent_f_user_id, hc__load_f_user_id, accepting(unit)));
}

static hc_status try_batch(struct pool *pool, hc__assignment *out, bool *done, bool *again, hc_error *err)
{
    for (size_t i = 0; i < pool->count; i++) {
        hc_status status;
        if (!has_room(&pool->places[i]))
            continue;
        status = take_place(pool->unit, done, &pool->places[i], err);
        if (*done)
            *out = (hc__assignment){pool->places[i].agent, HC_LEAD_ASSIGN_AREA_POOL};
        *again = status >= 0 && !*done;
        return status;
    }
    return HC_OK;
}

static hc_status try_pool(hc__unit *unit, hc__assignment *out, bool *done, bool *again, const hc__record *listing,
                          hc_error *err)
{
    struct pool pool = {.unit = unit, .who = serving(unit, listing)};
    hc_status status = pool.who == NULL ? hc__no_memory(err) : HC_OK;

    for (int phase = 0; status >= 0 && phase < 2 && !*done && !*again; phase++) {
        hc_value seek[2];
        bool more = true, first = true;
        pool.never = phase == 0;
        while (status >= 0 && more && !*done && !*again) {
            status = next_batch(&pool, first ? NULL : seek, err);
            if (status >= 0)
                status = try_batch(&pool, out, done, again, err);
            more = pool.count == BATCH;
            first = false;
            if (more) {
                seek[pool.never ? 0 : 1] = pool.ids[BATCH - 1];
                if (!pool.never)
                    seek[0] = hc__value_int(HC_TYPE_TIME, pool.last[BATCH - 1]);
            }
        }
    }
    return status;
}

hc_status hc__lead_route(hc__unit *unit, hc__assignment *out, const hc__record *listing, hc_error *err)
{
    hc_status status = HC_OK;

    *out = (hc__assignment){{{0}}, HC_LEAD_ASSIGN_UNASSIGNED};
    if (listing == NULL)
        return HC_OK;
    for (int i = 0; status >= 0 && i < TRIES; i++) {
        hc_id agent = hc__record_id(listing, hc__property_f_agent_id);
        bool done = false, again = false;
        if (!hc__id_zero(agent))
            status = try_listing_agent(unit, &done, &again, agent, err);
        if (done)
            *out = (hc__assignment){agent, HC_LEAD_ASSIGN_LISTING_AGENT};
        if (status >= 0 && !done && !again)
            status = try_pool(unit, out, &done, &again, listing, err);
        if (status < 0 || !again)
            return status;
    }
    return status < 0 ? status : hc__unit_rerun(unit, err);
}
