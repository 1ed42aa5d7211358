/* What price and status of a listing were, from the rows that each change left. */
#include "homeconnect/property.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "query/cursor.h"

static const hc__noun listing = {
    .entity = &hc__property_entity,
    .read = HC__HISTORY_READ,
};

#define LIMIT         200
#define DEFAULT_LIMIT 25

/* The fields of the two kinds, alike. */
static const struct source {
    const hc__entity *entity;
    uint16_t id, property_id, created_at, version, actor_id, old_value, new_value;
} sources[] = {
    {&hc__price_entity, hc__price_f_id, hc__price_f_property_id, hc__price_f_created_at, hc__price_f_version,
     hc__price_f_actor_id, hc__price_f_old_price, hc__price_f_new_price},
    {&hc__status_entity, hc__status_f_id, hc__status_f_property_id, hc__status_f_created_at, hc__status_f_version,
     hc__status_f_actor_id, hc__status_f_old_status, hc__status_f_new_status},
};

enum { PRICES, STATUSES, SOURCES };

struct hc_history {
    hc__handle *handle;
    hc__record *rows; /* newest first */
    size_t count;
    const char *cursor;
};

/* One snapshot: whether the caller may read the listing, whose it is, and the newest rows of each kind. */
struct reading {
    hc_session *as;
    hc_history *history;
    hc_id property_id;
    int64_t limit;
    bool after; /* a cursor was given */
    hc__position at;
    uint8_t binding[HC__BINDING_SIZE];
    bool found;
    hc_id agent;
    hc__record *rows[SOURCES];
    size_t counts[SOURCES];
    uint16_t fields[SOURCES][HC__FIELD_LIMIT];
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    hc__record *record;
    size_t source;

    if (row->op == SOURCES) {
        reading->found = true;
        if (row->values[0].type == HC_TYPE_ID)
            memcpy(reading->agent.bytes, row->values[0].as.bytes, sizeof reading->agent.bytes);
        return HC_OK;
    }
    source = row->op;
    record = &reading->rows[source][reading->counts[source]];
    if (hc__record_init(record, sources[source].entity, &reading->history->handle->arena, err) < 0)
        return HC_ERR_NO_MEMORY;
    reading->counts[source]++;
    return hc__record_fill(record, reading->fields[source], row->values, row->count) ? HC_OK : hc__no_memory(err);
}

/* Rows of one kind, one more than asked for, after the cursor's place. */
static hc_status rows_of(hc_op *op, struct reading *reading, size_t at, hc__arena *arena, hc_error *err)
{
    const struct source *source = &sources[at];
    hc_order *order = hc__arena_zero(arena, 2, sizeof *order);
    hc_value *seek = hc__arena_zero(arena, 2, sizeof *seek);

    reading->rows[at] =
        hc__arena_alloc(&reading->history->handle->arena, (size_t)(reading->limit + 1) * sizeof *reading->rows[at]);
    *op = (hc_op){.verb = HC_VERB_QUERY,
                  .expect = HC_EXPECT_ANY,
                  .kind = &source->entity->kind,
                  .where = hc__is_id(arena, source->property_id, reading->property_id),
                  .fields = reading->fields[at],
                  .field_count = hc__readable_fields(reading->fields[at], source->entity),
                  .order = order,
                  .order_count = 2,
                  .limit = reading->limit + 1,
                  .index = 0};
    if (order == NULL || seek == NULL || op->where == NULL || reading->rows[at] == NULL)
        return hc__no_memory(err);
    order[0] = (hc_order){source->created_at, HC_ORDER_DESCENDING};
    order[1] = (hc_order){source->id, HC_ORDER_DESCENDING};
    seek[0] = hc__value_int(HC_TYPE_TIME, reading->at.keys[0]);
    seek[1] = hc__value_bytes(HC_TYPE_ID, reading->at.id.bytes, sizeof(hc_id));
    op->seek = reading->after ? seek : NULL;
    return HC_OK;
}

static hc_status read_all(struct reading *reading, hc__arena *arena, hc_error *err)
{
    static const uint16_t agent = hc__property_f_agent_id;
    hc_session *as = reading->as;
    hc_op ops[SOURCES + 1];
    hc_status status = HC_OK;

    for (size_t i = 0; status >= 0 && i < SOURCES; i++)
        status = rows_of(&ops[i], reading, i, arena, err);
    if (status < 0)
        return status;
    ops[SOURCES] = (hc_op){.verb = HC_VERB_QUERY,
                           .expect = HC_EXPECT_ANY,
                           .kind = &hc__property_entity.kind,
                           .fields = &agent,
                           .field_count = 1,
                           .where = hc__all_of(arena, hc__is_id(arena, hc__property_f_id, reading->property_id),
                                               hc__policy_where(arena, as, HC__HISTORY_READ, hc__session_now(as))),
                           .index = HC_INDEX_ID};
    if (ops[SOURCES].where == NULL)
        return hc__no_memory(err);
    return hc__session_read(as, ops, SOURCES + 1, take_row, reading, err);
}

/* ---- one list of two ---- */

static hc__position place_of(const hc__record *row, const struct source *source)
{
    hc__position at = {.id = hc__record_id(row, source->id)};

    at.keys[0] = hc__record_int(row, source->created_at);
    return at;
}

static bool is_newer(const hc__position *a, const hc__position *b)
{
    if (a->keys[0] != b->keys[0])
        return a->keys[0] > b->keys[0];
    return memcmp(a->id.bytes, b->id.bytes, sizeof a->id.bytes) > 0;
}

static bool is_entitled(const struct reading *reading)
{
    const hc_session *as = reading->as;

    return hc__policy_writer(as) == HC__BY_ADMIN ||
           (as->role == HC_ROLE_AGENT && hc__session_signed_in(as) && hc__id_equal(reading->agent, as->user));
}

static hc_status merge(struct reading *reading, hc_error *err)
{
    hc_history *history = reading->history;
    bool entitled = is_entitled(reading);
    size_t next[SOURCES] = {0}, limit = (size_t)reading->limit;
    hc__cursor cursor = {.key_count = 1};

    history->rows = hc__arena_alloc(&history->handle->arena, limit * sizeof *history->rows);
    if (history->rows == NULL)
        return hc__no_memory(err);
    while (history->count < limit &&
           (next[PRICES] < reading->counts[PRICES] || next[STATUSES] < reading->counts[STATUSES])) {
        hc__position places[SOURCES];
        size_t from = STATUSES;
        hc__record *row;

        for (size_t i = 0; i < SOURCES; i++)
            if (next[i] < reading->counts[i])
                places[i] = place_of(&reading->rows[i][next[i]], &sources[i]);
        if (next[STATUSES] == reading->counts[STATUSES] ||
            (next[PRICES] < reading->counts[PRICES] && is_newer(&places[PRICES], &places[STATUSES])))
            from = PRICES;
        row = &history->rows[history->count++];
        *row = reading->rows[from][next[from]++];
        if (!entitled)
            row->values[sources[from].actor_id] = (hc_value){HC_TYPE_NULL, 0, {0}};
        cursor.at = places[from];
    }
    if (next[PRICES] == reading->counts[PRICES] && next[STATUSES] == reading->counts[STATUSES])
        return HC_OK;
    history->cursor =
        hc__cursor_seal(&history->handle->arena, &cursor, reading->binding, reading->as->core->cursor_key);
    return history->cursor == NULL ? hc__no_memory(err) : HC_OK;
}

/* A cursor goes on with the history of the same listing for the same reader. */
static hc_status open_cursor(struct reading *reading, const char *cursor, hc_error *err)
{
    const hc_session *as = reading->as;
    struct {
        hc_id property, user;
        int32_t role;
    } whose;
    uint8_t mac[32];
    hc__cursor opened;
    hc_status status;

    memset(&whose, 0, sizeof whose);
    whose.property = reading->property_id;
    whose.user = as->user;
    whose.role = as->role;
    hc__mac(mac, as->core->cursor_key, "history", &whose, sizeof whose);
    memcpy(reading->binding, mac, sizeof reading->binding);
    if (cursor == NULL)
        return HC_OK;
    status = hc__cursor_open(&opened, &as->core->mem, cursor, reading->binding, as->core->cursor_key, err);
    if (status < 0)
        return status;
    reading->after = true;
    reading->at = opened.at;
    return HC_OK;
}

static hc_status get(struct reading *reading, const char *cursor, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc_status status = open_cursor(reading, cursor, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &reading->as->core->mem, room, sizeof room);
    status = read_all(reading, &arena, err);
    hc__arena_free(&arena);
    if (status < 0)
        return status;
    if (reading->found)
        return merge(reading, err);
    status = hc__authorise(reading->as, NULL, &listing, HC__HISTORY_READ, reading->property_id, err);
    return status < 0 ? status : hc__fail(err, HC_ERR_NOT_FOUND, "id", "no such property"); /* it came meanwhile */
}

hc_status hc_property_history(hc_history **out, hc_session *as, hc_id property_id, int32_t limit, const char *cursor,
                              hc_error *err)
{
    struct reading reading = {.as = as, .property_id = property_id, .limit = limit == 0 ? DEFAULT_LIMIT : limit};
    hc__handle *handle;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (limit < 0 || limit > LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "limit", "limit is 1 to %d", LIMIT);
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    reading.history = hc__handle_new(as->core, sizeof *reading.history, 4096, &handle);
    if (reading.history == NULL) {
        status = hc__no_memory(err);
    } else {
        reading.history->handle = handle;
        status = get(&reading, cursor, err);
    }
    if (status >= 0)
        *out = reading.history;
    else
        hc_history_free(reading.history);
    hc__leave(as);
    return status;
}

/* ---- accessors ---- */

size_t hc_history_count(const hc_history *history)
{
    return history == NULL ? 0 : history->count;
}

static const hc__record *row_at(const hc_history *history, size_t index)
{
    return index >= hc_history_count(history) ? NULL : &history->rows[index];
}

static const struct source *source_of(const hc__record *row)
{
    return row->entity == &hc__price_entity ? &sources[PRICES] : &sources[STATUSES];
}

int32_t hc_history_what(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    if (row == NULL)
        return 0;
    return row->entity == &hc__price_entity ? HC_HISTORY_PRICE : HC_HISTORY_STATUS;
}

int64_t hc_history_old_value(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    return row == NULL ? 0 : hc__record_int(row, source_of(row)->old_value);
}

int64_t hc_history_new_value(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    return row == NULL ? 0 : hc__record_int(row, source_of(row)->new_value);
}

const char *hc_history_currency(const hc_history *history, size_t index)
{
    return hc_history_what(history, index) == HC_HISTORY_PRICE
               ? hc__record_text(&history->rows[index], hc__price_f_currency)
               : NULL;
}

int64_t hc_history_created_at(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    return row == NULL ? 0 : hc__record_int(row, source_of(row)->created_at);
}

int32_t hc_history_version(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    return row == NULL ? 0 : (int32_t)hc__record_int(row, source_of(row)->version);
}

hc_id hc_history_actor_id(const hc_history *history, size_t index)
{
    const hc__record *row = row_at(history, index);

    return row == NULL ? (hc_id){{0}} : hc__record_id(row, source_of(row)->actor_id);
}

const char *hc_history_cursor(const hc_history *history)
{
    return history == NULL ? NULL : history->cursor;
}

void hc_history_free(hc_history *history)
{
    if (history != NULL)
        hc__handle_free(history->handle);
}
