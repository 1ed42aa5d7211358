/* Counts by action and day. Each day of each 200 listings is one group by action: an entry is looked at once. */
#include "homeconnect/activity.h"

#include <string.h>

#include "activity/activity_noun.h"
#include "base/id.h"

#define DAYS_LIMIT     366
#define LISTINGS_LIMIT 50000
#define CHUNK_LIMIT    200
#define GROUPS_LIMIT   10000 /* days times chunks */
#define COUNTS_LIMIT   10000
#define EXAMINE_LIMIT  50000 /* entries of one day */
#define FIRST_DAY      (-719162)
#define LAST_DAY       2932896

struct count {
    const char *action;
    int32_t day;
    int64_t count;
};

struct hc_activity_counts {
    hc__handle *handle;
    struct count *counts; /* by day, then action */
    size_t count, capacity;
};

struct counting {
    hc_activity_counts *out;
    hc_value *listings;
    size_t listing_count, chunks;
    int32_t first_day, last_day;
    size_t day_start; /* where the counts of the day in hand begin */
};

/* ---- gathering ---- */

static bool grow(hc_activity_counts *out)
{
    size_t capacity = out->capacity == 0 ? 64 : out->capacity * 2;
    struct count *counts = hc__arena_alloc(&out->handle->arena, capacity * sizeof *counts);

    if (counts == NULL)
        return false;
    if (out->count > 0)
        memcpy(counts, out->counts, out->count * sizeof *counts);
    out->counts = counts;
    out->capacity = capacity;
    return true;
}

/* Where the action stands among the day's, or would. */
static size_t place_of(const struct counting *c, const char *action, bool *there)
{
    size_t low = c->day_start, high = c->out->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(c->out->counts[middle].action, action) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *there = low < c->out->count && strcmp(c->out->counts[low].action, action) == 0;
    return low;
}

static hc_status insert_count(struct counting *c, size_t at, const char *action, int32_t day, int64_t count,
                              hc_error *err)
{
    hc_activity_counts *out = c->out;
    const char *copy = hc__arena_text(&out->handle->arena, action, strlen(action));

    if (out->count == COUNTS_LIMIT)
        return hc__fail(err, HC_ERR_TOO_BROAD, "first_day", "more than %d counts: ask for fewer days", COUNTS_LIMIT);
    if (copy == NULL || (out->count == out->capacity && !grow(out)))
        return hc__no_memory(err);
    memmove(out->counts + at + 1, out->counts + at, (out->count - at) * sizeof *out->counts);
    out->counts[at] = (struct count){copy, day, count};
    out->count++;
    return HC_OK;
}

static hc_status take_group(const hc_row *row, void *data, hc_error *err)
{
    struct counting *c = data;
    hc_activity_counts *out = c->out;
    int32_t day = c->first_day + (int32_t)(row->op / c->chunks);
    char text[64 * 4 + 1];
    const char *action;
    bool there;
    size_t at;

    if (row->values[0].type == HC_TYPE_NULL || row->values[0].size >= sizeof text)
        return HC_OK; /* no entry of ours */
    memcpy(text, row->values[0].as.bytes, row->values[0].size);
    text[row->values[0].size] = '\0';
    action = hc__action_name(text);
    if (out->count > 0 && out->counts[out->count - 1].day != day)
        c->day_start = out->count;
    at = place_of(c, action, &there);
    if (!there)
        return insert_count(c, at, action, day, row->values[1].as.integer, err);
    out->counts[at].count += row->values[1].as.integer;
    return HC_OK;
}

/* ---- asking ---- */

static const hc_predicate *of_listings(hc__arena *arena, const struct counting *c, size_t chunk)
{
    size_t from = chunk * CHUNK_LIMIT, left = c->listing_count - from;
    hc_id id;

    if (c->listing_count == 1) {
        memcpy(id.bytes, c->listings[0].as.bytes, sizeof id.bytes);
        return hc__is_id(arena, hc__activity_f_target_id, id);
    }
    return hc__is_in(arena, hc__activity_f_target_id, c->listings + from, left < CHUNK_LIMIT ? left : CHUNK_LIMIT);
}

static const hc_predicate *on_days(hc__arena *arena, int32_t first, int32_t last)
{
    const hc_kind *kind = &hc__activity_entity.kind;
    const uint16_t field = hc__activity_f_timestamp;

    return hc__all_of(arena, hc__is_int(arena, kind, field, HC_TEST_GE, first * HC__DAY),
                      hc__is_int(arena, kind, field, HC_TEST_LT, (last + INT64_C(1)) * HC__DAY));
}

/* The index that begins with the target. */
static int32_t target_index(void)
{
    const hc_kind *kind = &hc__activity_entity.kind;

    for (uint32_t i = 0; i < kind->index_count; i++)
        if (kind->indexes[i].fields[0] == hc__activity_f_target_id)
            return (int32_t)i;
    return HC_INDEX_ANY;
}

/* Most of many listings were not looked at in these days: only chunks with an entry are asked for each day. */
static hc_status leave_out_quiet(struct counting *c, hc__arena *arena, hc_session *as, hc_error *err)
{
    hc_op *ops = hc__arena_zero(arena, c->chunks, sizeof *ops);
    hc_op_result *results = hc__arena_zero(arena, c->chunks, sizeof *results);
    size_t kept = 0;
    hc_status status;

    if (ops == NULL || results == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < c->chunks; i++) {
        ops[i] =
            (hc_op){.verb = HC_VERB_COUNT,
                    .expect = HC_EXPECT_ANY,
                    .kind = &hc__activity_entity.kind,
                    .where = hc__all_of(arena, of_listings(arena, c, i), on_days(arena, c->first_day, c->last_day)),
                    .limit = 1,
                    .index = target_index(),
                    .result = &results[i]};
        if (ops[i].where == NULL)
            return hc__no_memory(err);
    }
    status = hc__session_read(as, ops, c->chunks, NULL, NULL, err);
    for (size_t i = 0; i < c->chunks && status >= 0; i++) {
        size_t from = i * CHUNK_LIMIT, left = c->listing_count - from;
        size_t count = left < CHUNK_LIMIT ? left : CHUNK_LIMIT;

        if (results[i].count == 0)
            continue;
        memmove(c->listings + kept, c->listings + from, count * sizeof *c->listings);
        kept += count;
    }
    c->listing_count = kept;
    c->chunks = (kept + CHUNK_LIMIT - 1) / CHUNK_LIMIT;
    return status;
}

static hc_status ask(struct counting *c, hc__arena *arena, hc_session *as, hc_error *err)
{
    static const hc_group by_action = {.field = hc__activity_f_action, .how = HC_GROUP_VALUE};
    size_t count = (size_t)(c->last_day - c->first_day + 1) * c->chunks;
    hc_op *ops = hc__arena_zero(arena, count, sizeof *ops);
    hc_op_result *results = hc__arena_zero(arena, count, sizeof *results);
    hc_status status;

    if (count > GROUPS_LIMIT)
        return hc__fail(err, HC_ERR_TOO_BROAD, "first_day", "too many listings were looked at: ask for fewer days");
    if (ops == NULL || results == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        int32_t day = c->first_day + (int32_t)(i / c->chunks);
        ops[i] = (hc_op){.verb = HC_VERB_GROUP,
                         .expect = HC_EXPECT_ANY,
                         .kind = &hc__activity_entity.kind,
                         .where = hc__all_of(arena, of_listings(arena, c, i % c->chunks), on_days(arena, day, day)),
                         .scan_limit = EXAMINE_LIMIT,
                         .group = &by_action,
                         .index = target_index(),
                         .result = &results[i]};
        if (ops[i].where == NULL)
            return hc__no_memory(err);
    }
    as->spoiled.status = HC_OK;
    status = hc__session_read(as, ops, count, take_group, c, err);
    for (size_t i = 0; i < count && status >= 0; i++)
        if (results[i].cut != 0)
            status = hc__fail(err, HC_ERR_TOO_BROAD, "first_day", "more than %d entries on one day", EXAMINE_LIMIT);
    return status < 0 ? status : hc__left_out(as, err);
}

static hc_status count_all(hc_activity_counts **out, hc__arena *arena, hc_session *as, hc_value *listings,
                           size_t listing_count, int32_t first_day, int32_t last_day, hc_error *err)
{
    struct counting c = {.listings = listings,
                         .listing_count = listing_count,
                         .chunks = (listing_count + CHUNK_LIMIT - 1) / CHUNK_LIMIT,
                         .first_day = first_day,
                         .last_day = last_day};
    hc__handle *handle;
    hc_status status = HC_OK;

    c.out = hc__handle_new(as->core, sizeof *c.out, 4096, &handle);
    if (c.out == NULL)
        return hc__no_memory(err);
    c.out->handle = handle;
    if (c.chunks > 1)
        status = leave_out_quiet(&c, arena, as, err);
    if (status >= 0 && c.chunks > 0)
        status = ask(&c, arena, as, err);
    if (status >= 0)
        *out = c.out;
    else
        hc_activity_counts_free(c.out);
    return status;
}

static hc_status check_days(int32_t first_day, int32_t last_day, hc_error *err)
{
    if (first_day < FIRST_DAY || first_day > LAST_DAY)
        return hc__fail(err, HC_ERR_INVALID, "first_day", "first_day is out of range");
    if (last_day < first_day || last_day > LAST_DAY || last_day - first_day >= DAYS_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "last_day", "last_day must be 0 to %d days after first_day",
                        DAYS_LIMIT - 1);
    return HC_OK;
}

/* ---- of a listing ---- */

hc_status hc_activity_counts_of_listing(hc_activity_counts **out, hc_session *as, hc_id property_id, int32_t first_day,
                                        int32_t last_day, hc_error *err)
{
    hc_value id = hc__value_bytes(HC_TYPE_ID, property_id.bytes, sizeof property_id.bytes);
    hc__arena arena;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    status = check_days(first_day, last_day, err);
    if (status >= 0)
        status = hc__activity_of(as, property_id, err);
    if (status >= 0)
        status = count_all(out, &arena, as, &id, 1, first_day, last_day, err);
    hc__arena_free(&arena);
    hc__leave(as);
    return status;
}

/* ---- of an agent ---- */

struct listings {
    hc__arena *arena;
    hc_value *ids;
    size_t count, capacity;
};

static bool more_room(struct listings *listings)
{
    size_t capacity = listings->capacity == 0 ? 256 : listings->capacity * 4;
    hc_value *ids = hc__arena_alloc(listings->arena, capacity * sizeof *ids);

    if (ids == NULL)
        return false;
    if (listings->count > 0)
        memcpy(ids, listings->ids, listings->count * sizeof *ids);
    listings->ids = ids;
    listings->capacity = capacity;
    return true;
}

static hc_status take_listing(const hc_row *row, void *data, hc_error *err)
{
    struct listings *listings = data;
    const void *id = hc__arena_copy(listings->arena, row->values[0].as.bytes, sizeof(hc_id));

    if (id == NULL || (listings->count == listings->capacity && !more_room(listings)))
        return hc__no_memory(err);
    listings->ids[listings->count++] = hc__value_bytes(HC_TYPE_ID, id, sizeof(hc_id));
    return HC_OK;
}

static hc_status read_listings(struct listings *listings, hc_session *as, hc_id agent_id, hc_error *err)
{
    static const uint16_t id[] = {hc__property_f_id};
    hc__arena *arena = listings->arena;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__property_entity.kind,
                .fields = id,
                .field_count = 1,
                .limit = LISTINGS_LIMIT + 1,
                .index = HC_INDEX_ANY};
    hc_status status;

    op.where = hc__all_of(arena, hc__is_id(arena, hc__property_f_agent_id, agent_id),
                          hc__policy_where(arena, as, HC__ACTIVITY_OF_LISTING, hc__session_now(as)));
    if (op.where == NULL)
        return hc__no_memory(err);
    status = hc__session_read(as, &op, 1, take_listing, listings, err);
    if (status >= 0 && listings->count > LISTINGS_LIMIT)
        status = hc__fail(err, HC_ERR_TOO_BROAD, "agent_id", "more than %d listings", LISTINGS_LIMIT);
    return status;
}

static hc_status of_agent(hc_activity_counts **out, hc__arena *arena, hc_session *as, hc_id agent_id, int32_t first_day,
                          int32_t last_day, hc_error *err)
{
    struct listings listings = {.arena = arena};
    hc_status status = check_days(first_day, last_day, err);

    if (status >= 0)
        status = hc__require(as, HC__ACTIVITY_OF_LISTING, &hc__agent_entity, agent_id, err);
    if (status >= 0 && as->role == HC_ROLE_AGENT && !hc__id_equal(agent_id, as->user))
        status = hc__refuse_operation(as, &hc__agent_entity, agent_id, HC__ACTIVITY_OF_LISTING, err);
    if (status >= 0)
        status = read_listings(&listings, as, agent_id, err);
    return status < 0 ? status : count_all(out, arena, as, listings.ids, listings.count, first_day, last_day, err);
}

hc_status hc_activity_counts_of_agent(hc_activity_counts **out, hc_session *as, hc_id agent_id, int32_t first_day,
                                      int32_t last_day, hc_error *err)
{
    hc__arena arena;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    status = of_agent(out, &arena, as, agent_id, first_day, last_day, err);
    hc__arena_free(&arena);
    hc__leave(as);
    return status;
}

/* ---- the answer ---- */

static const struct count *count_at(const hc_activity_counts *counts, size_t index)
{
    return counts == NULL || index >= counts->count ? NULL : &counts->counts[index];
}

size_t hc_activity_counts_size(const hc_activity_counts *counts)
{
    return counts == NULL ? 0 : counts->count;
}

const char *hc_activity_counts_action(const hc_activity_counts *counts, size_t index)
{
    const struct count *at = count_at(counts, index);

    return at == NULL ? NULL : at->action;
}

int32_t hc_activity_counts_day(const hc_activity_counts *counts, size_t index)
{
    const struct count *at = count_at(counts, index);

    return at == NULL ? 0 : at->day;
}

int64_t hc_activity_counts_count(const hc_activity_counts *counts, size_t index)
{
    const struct count *at = count_at(counts, index);

    return at == NULL ? 0 : at->count;
}

int64_t hc_activity_counts_total(const hc_activity_counts *counts, const char *action)
{
    const char *name = action == NULL ? NULL : hc__action_name(action);
    int64_t total = 0;

    for (size_t i = 0; counts != NULL && i < counts->count; i++)
        if (name == NULL || strcmp(counts->counts[i].action, name) == 0)
            total += counts->counts[i].count;
    return total;
}

void hc_activity_counts_free(hc_activity_counts *counts)
{
    if (counts != NULL)
        hc__handle_free(counts->handle);
}
