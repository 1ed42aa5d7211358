#include "client/service_area.h"

#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"
#include "client/lead_write.h"

#define CITY_LIMIT  100 /* code points, as of a listing */
#define STATE_LIMIT 50
#define ZIP_LIMIT   20

/* ---- keys ---- */

/* Without the spaces around it. */
static void trim(const char **text, size_t *size)
{
    while (*size > 0 && **text == ' ') {
        ++*text;
        --*size;
    }
    while (*size > 0 && (*text)[*size - 1] == ' ')
        --*size;
}

static void put_norm(hc__buf *out, const char *text, size_t size)
{
    trim(&text, &size);
    hc__text_norm(out, text, size);
}

static void put_city(hc__buf *out, const char *city, size_t city_size, const char *state, size_t state_size)
{
    hc__buf_text(out, "city:");
    put_norm(out, city, city_size);
    hc__buf_char(out, ',');
    put_norm(out, state, state_size);
}

/* ---- reading service_areas ---- */

/* One area as it is read. */
struct area {
    char city[4 * CITY_LIMIT + 1], state[4 * STATE_LIMIT + 1], zip[4 * ZIP_LIMIT + 1];
};

struct areas {
    hc__unit *unit;
    hc_id agent;
    size_t count;
    hc_error *err;
};

static hc_status bad(const struct areas *areas, const char *what)
{
    return hc__fail(areas->err, HC_ERR_INVALID, "service_areas", "area %zu: %s", areas->count + 1, what);
}

static hc_status take_member(const struct areas *areas, struct area *area, hc__json_reader *reader)
{
    static const char wanted[] = "{\"city\":\"Austin\",\"state\":\"TX\"} or {\"zip\":\"787*\"}";
    static const struct {
        const char *name;
        size_t at, limit;
    } members[] = {{"city", offsetof(struct area, city), CITY_LIMIT},
                   {"state", offsetof(struct area, state), STATE_LIMIT},
                   {"zip", offsetof(struct area, zip), ZIP_LIMIT}};
    size_t points;

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (strcmp(reader->text, members[i].name) != 0)
            continue;
        if (hc__json_next(reader, areas->err) != HC__JSON_STRING)
            return bad(areas, wanted);
        if (!hc__utf8_check(reader->text, reader->size, &points) || points > members[i].limit ||
            strspn(reader->text, " ") == reader->size)
            return bad(areas, "a city, state or zip is empty or too long");
        memcpy((char *)area + members[i].at, reader->text, reader->size + 1);
        return HC_OK;
    }
    return bad(areas, wanted);
}

/* Letters, digits, spaces and hyphens; a '*' at the end, behind at least one of them, stands for any rest. */
static bool zip_is_sound(const char *zip)
{
    size_t size = strlen(zip);
    size_t plain = strspn(zip, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -");

    return plain == size || (plain + 1 == size && zip[plain] == '*' && strspn(zip, " ") < plain);
}

static hc_status key_of(hc__buf *key, const struct areas *areas, const struct area *area)
{
    if (area->zip[0] != '\0' && area->city[0] == '\0' && area->state[0] == '\0') {
        if (!zip_is_sound(area->zip))
            return bad(areas, "a zip is letters, digits, spaces and hyphens, such as \"78704\" or \"787*\"");
        hc__buf_text(key, "zip:");
        put_norm(key, area->zip, strlen(area->zip));
        return HC_OK;
    }
    if (area->city[0] == '\0' || area->state[0] == '\0' || area->zip[0] != '\0')
        return bad(areas, "either city and state, or zip");
    put_city(key, area->city, strlen(area->city), area->state, strlen(area->state));
    return HC_OK;
}

/* An area that is named twice is one row. */
static hc_status add_row(const struct areas *areas, const hc__buf *key)
{
    hc__unit *unit = areas->unit;
    hc__record row;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__area_entity, hc__unit_arena(unit), areas->err);

    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), areas->err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__area_f_id, id);
    hc__record_set_id(&row, hc__area_f_user_id, areas->agent);
    hc__record_set_text(&row, hc__area_f_area, key->data, key->size);
    if (row.fault == HC_ERR_INVALID)
        return bad(areas, "too long");
    hc__unit_insert_if_absent(unit, &row, NULL);
    return HC_OK;
}

static hc_status read_area(struct areas *areas, hc__json_reader *reader)
{
    struct area area = {"", "", ""};
    hc__json_token token;
    hc__buf key;
    hc_status status = HC_OK;

    if (areas->count == HC__AREA_LIMIT)
        return hc__fail(areas->err, HC_ERR_INVALID, "service_areas", "at most %d areas", HC__AREA_LIMIT);
    while (status >= 0 && (token = hc__json_next(reader, areas->err)) == HC__JSON_KEY)
        status = take_member(areas, &area, reader);
    if (status >= 0 && token == HC__JSON_ERROR)
        status = reader->status;
    if (status < 0)
        return status;
    hc__buf_init(&key, &hc__unit_session(areas->unit)->core->mem);
    status = key_of(&key, areas, &area);
    if (status >= 0)
        status = key.failed ? hc__no_memory(areas->err) : add_row(areas, &key);
    hc__buf_free(&key);
    areas->count++;
    return status;
}

static hc_status read_all(struct areas *areas, hc__json_reader *reader)
{
    hc__json_token token = hc__json_next(reader, areas->err);
    hc_status status = HC_OK;

    if (token != HC__JSON_ARRAY && token != HC__JSON_ERROR)
        return hc__fail(areas->err, HC_ERR_INVALID, "service_areas", "an array of areas");
    while (status >= 0 && token != HC__JSON_ERROR) {
        token = hc__json_next(reader, areas->err);
        if (token == HC__JSON_ARRAY_END)
            return HC_OK;
        if (token == HC__JSON_OBJECT)
            status = read_area(areas, reader);
        else if (token != HC__JSON_ERROR)
            status = bad(areas, "must be an object");
    }
    return status < 0 ? status : reader->status;
}

/* ---- rows ---- */

static void remove_of(hc__unit *unit, const hc__entity *entity, uint16_t field, hc_id agent)
{
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = &entity->kind, .index = HC_INDEX_ANY};

    op.where = hc__is_id(hc__unit_arena(unit), field, agent);
    hc__unit_add(unit, op.where == NULL ? NULL : &op);
}

hc_status hc__areas_write(hc__unit *unit, hc_id agent, const char *json, size_t size, hc_error *err)
{
    struct areas areas = {unit, agent, 0, err};
    hc__json_reader reader;
    hc_status status;

    remove_of(unit, &hc__area_entity, hc__area_f_user_id, agent);
    hc__load_ensure(unit, agent); /* routing goes by the agents' load */
    if (json == NULL)
        return HC_OK;
    hc__json_open(&reader, &hc__unit_session(unit)->core->mem, json, size, NULL);
    status = read_all(&areas, &reader);
    hc__json_close(&reader);
    return status;
}

void hc__areas_remove(hc__unit *unit, hc_id agent)
{
    remove_of(unit, &hc__area_entity, hc__area_f_user_id, agent);
    remove_of(unit, &hc__load_entity, hc__load_f_user_id, agent);
}

/* ---- looking up ---- */

static bool add_key(hc__arena *arena, hc_value *values, size_t *count, const hc__buf *key, size_t size)
{
    const void *bytes = key->failed ? NULL : hc__arena_copy(arena, key->data, size);

    if (bytes != NULL)
        values[(*count)++] = hc__value_bytes(HC_TYPE_KEY, bytes, size);
    return bytes != NULL;
}

/* "zip:78704", "zip:7*" to "zip:78704*", and the city. */
const hc_predicate *hc__areas_of_listing(hc__unit *unit, const hc__record *listing)
{
    static const size_t scheme = sizeof "zip:" - 1;
    const hc_value *zip = &listing->values[hc__property_f_zip_code];
    const hc_value *city = &listing->values[hc__property_f_city], *state = &listing->values[hc__property_f_state];
    hc__arena *arena = hc__unit_arena(unit);
    hc_value *values = NULL;
    hc__buf key, prefix;
    size_t count = 0;
    bool good;

    hc__buf_init(&key, arena->mem);
    hc__buf_init(&prefix, arena->mem);
    hc__buf_text(&key, "zip:");
    if (zip->type != HC_TYPE_NULL)
        put_norm(&key, zip->as.bytes, zip->size);
    if (!key.failed)
        values = hc__arena_zero(arena, key.size + 2, sizeof *values);
    good = values != NULL && (key.size == scheme || add_key(arena, values, &count, &key, key.size));
    for (size_t i = scheme + 1; good && i <= key.size; i++) {
        if (((unsigned char)key.data[i] & 0xc0) == 0x80)
            continue; /* inside a code point */
        hc__buf_clear(&prefix);
        hc__buf_put(&prefix, key.data, i);
        hc__buf_char(&prefix, '*');
        good = add_key(arena, values, &count, &prefix, prefix.size);
    }
    hc__buf_clear(&key);
    if (good && city->type != HC_TYPE_NULL && state->type != HC_TYPE_NULL) {
        put_city(&key, city->as.bytes, city->size, state->as.bytes, state->size);
        good = add_key(arena, values, &count, &key, key.size);
    }
    hc__buf_free(&key);
    hc__buf_free(&prefix);
    return good ? hc__is_in(arena, hc__area_f_area, values, count) : NULL;
}
