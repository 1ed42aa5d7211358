#include "query/query.h"

#include <string.h>
#include "base/decimal.h"
#include "base/fail.h"
#include "base/utf8.h"
#include "query/listing.h"
#include "query/parser.h"

#define DEFAULT_LIMIT     25
#define CURSOR_ROOM       1025
#define USUAL_CURSOR_ROOM 320 /* of most orders */
#define MAX_LIMIT         200

void hc__query_init(hc__query *query, const hc__mem *mem, const hc__entity *entity)
{
    *query = (hc__query){.entity = entity, .limit = DEFAULT_LIMIT};
    query->scope = entity->personal ? HC__SCOPE_OWN : HC__SCOPE_PUBLIC;
    if (entity == &hc__audit_entity) /* nobody's own, and never public */
        query->scope = HC__SCOPE_ALL;
    hc__arena_init(&query->arena, mem, NULL, 0);
}

void hc__query_free(hc__query *query)
{
    const hc__mem *mem = query->arena.mem;

    hc__arena_free(&query->arena);
    hc__query_init(query, mem, query->entity);
}

/* ---- filter ---- */

/* Distances are from the first radius that every row must be in. */
static void find_centre(hc__query *query)
{
    const hc__expr *where = query->where;
    size_t count = where == NULL ? 0 : where->kind == HC__EXPR_AND ? where->child_count : 1;

    query->near = false;
    for (size_t i = 0; i < count && !query->near; i++) {
        const hc__expr *part = where->kind == HC__EXPR_AND ? where->children[i] : where;

        query->near = part->kind == HC__EXPR_NEAR;
        if (query->near) {
            query->near_latitude = part->numbers[0];
            query->near_longitude = part->numbers[1];
        }
    }
}

/* Ands flattened, so that each clause stands at the top. */
hc_status hc__query_narrow(hc__query *query, const hc__expr *more, hc_error *err)
{
    const hc__expr *parts[2] = {query->where, more};
    const hc__expr **items;
    size_t count = 0;

    for (size_t i = 0; i < 2; i++)
        if (parts[i] != NULL)
            count += parts[i]->kind == HC__EXPR_AND ? parts[i]->child_count : 1;
    items = hc__arena_alloc(&query->arena, count * sizeof(*items));
    if (items == NULL)
        return hc__no_memory(err);
    count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (parts[i] != NULL && parts[i]->kind == HC__EXPR_AND)
            for (size_t j = 0; j < parts[i]->child_count; j++)
                items[count++] = parts[i]->children[j];
        else if (parts[i] != NULL)
            items[count++] = parts[i];
    }
    more = hc__expr_join(&query->arena, HC__EXPR_AND, items, count);
    if (more == NULL)
        return hc__no_memory(err);
    if (hc__expr_predicates(more) > 2 * HC__PREDICATE_LIMIT)
        return hc__fail(err, HC_ERR_TOO_LARGE, "filter", "a filter has at most %d comparisons", HC__PREDICATE_LIMIT);
    query->where = more;
    find_centre(query);
    return HC_OK;
}

hc_status hc__query_parse(hc__query *query, const char *filter, const char *sort, hc_error *err)
{
    const hc__expr *more = NULL;
    hc_status status = HC_OK;

    if (filter != NULL)
        status = hc__parse_filter(&more, &query->arena, query->entity, filter, err);
    if (status == HC_OK && more != NULL)
        status = hc__query_narrow(query, more, err);
    if (status == HC_OK && sort != NULL)
        status = hc__query_set_sort(query, sort, err);
    return status;
}

hc_status hc__query_set_filter(hc__query *query, const char *filter, hc_error *err)
{
    const hc__expr *before = query->where;
    hc_status status;

    query->where = NULL;
    status = hc__query_parse(query, filter, NULL, err);
    if (status < 0)
        query->where = before;
    find_centre(query);
    return status;
}

void hc__query_print(hc__buf *out, const hc__query *query)
{
    if (query->where != NULL)
        hc__expr_print(out, query->entity, query->where);
}

/* ---- sort ---- */

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* The spaces around a name between commas are none of it. */
static void trim(const char **text, size_t *size)
{
    while (*size > 0 && (*text)[*size - 1] == ' ')
        --*size;
    while (*size > 0 && **text == ' ') {
        ++*text;
        --*size;
    }
}

static uint16_t sort_field(const hc__entity *entity, const char *name, size_t size)
{
    uint16_t field;

    if (hc__has_places(entity) && is_word(name, size, "distance"))
        return HC__SORT_DISTANCE;
    if (hc__has_words(entity) && is_word(name, size, "relevance"))
        return HC__SORT_RELEVANCE;
    field = hc__named_field(entity, name, size);
    if (field == HC_NO_FIELD || field == HC__DAYS_ON_MARKET)
        return field;
    return entity->info[field].sort ? field : HC_NO_FIELD;
}

/* "price", "-price", and OData's "price desc". */
static hc_status sort_key(hc__sort_key *out, const hc__entity *entity, const char *text, size_t size, hc_error *err)
{
    size_t at;

    trim(&text, &size);
    out->descending = size > 0 && text[0] == '-';
    at = out->descending;
    if (!out->descending && size - at > 5 && memcmp(text + size - 5, " desc", 5) == 0) {
        out->descending = true;
        size -= 5;
    } else if (size - at > 4 && memcmp(text + size - 4, " asc", 4) == 0) {
        size -= 4;
    }
    out->field = sort_field(entity, text + at, size - at);
    if (out->field == HC_NO_FIELD)
        return hc__fail(err, HC_ERR_INVALID, "sort", "sort: %.*s is no sort key of %s",
                        (int)(size - at > 40 ? 40 : size - at), text + at, entity->kind.name);
    return HC_OK;
}

hc_status hc__query_set_sort(hc__query *query, const char *sort, hc_error *err)
{
    hc__sort_key keys[HC__SORT_LIMIT];
    size_t count = 0, start = 0, size;

    sort = sort == NULL ? "" : sort;
    size = strlen(sort);
    if (size > HC__FILTER_BYTES || !hc__utf8_check(sort, size, NULL))
        return hc__fail(err, HC_ERR_INVALID, "sort", "sort: names and commas only");
    for (size_t i = 0; size > 0 && i <= size; i++) {
        hc_status status;

        if (i < size && sort[i] != ',')
            continue;
        if (count == HC__SORT_LIMIT)
            return hc__fail(err, HC_ERR_INVALID, "sort", "sort: at most %d keys", HC__SORT_LIMIT);
        status = sort_key(&keys[count], query->entity, sort + start, i - start, err);
        if (status < 0)
            return status;
        for (size_t j = 0; j < count; j++)
            if (keys[j].field == keys[count].field)
                return hc__fail(err, HC_ERR_INVALID, "sort", "sort: a key stands twice");
        count++;
        start = i + 1;
    }
    memcpy(query->sort, keys, count * sizeof(keys[0]));
    query->sort_count = count;
    return HC_OK;
}

hc_status hc__query_check_sort(const hc__query *query, hc_error *err)
{
    for (size_t i = 0; i < query->sort_count; i++) {
        if (query->sort[i].field == HC__SORT_DISTANCE && !query->near)
            return hc__fail(err, HC_ERR_INVALID, "sort", "sort: distance needs near");
        if (query->sort[i].field == HC__SORT_RELEVANCE && query->word_count == 0)
            return hc__fail(err, HC_ERR_INVALID, "sort", "sort: relevance needs q");
    }
    return HC_OK;
}

void hc__query_print_sort(hc__buf *out, const hc__query *query)
{
    for (size_t i = 0; i < query->sort_count; i++) {
        const hc__sort_key *key = &query->sort[i];

        if (i > 0)
            hc__buf_char(out, ',');
        if (key->descending)
            hc__buf_char(out, '-');
        hc__buf_text(out, key->field == HC__SORT_DISTANCE    ? "distance"
                          : key->field == HC__SORT_RELEVANCE ? "relevance"
                                                             : hc__field_of(query->entity, key->field)->name);
    }
}

/* ---- the rest ---- */

hc_status hc__query_set_text(hc__query *query, const char *q, hc_error *err)
{
    const char *const *words = NULL;
    const char *text = NULL;
    size_t count = 0;

    if (q != NULL) {
        hc_status status;

        if (!hc__has_words(query->entity))
            return hc__fail(err, HC_ERR_INVALID, "q", "q: only listings have search words");
        status = hc__parse_words(&words, &count, &query->arena, q, strlen(q), err);
        if (status < 0)
            return status;
        text = hc__arena_text(&query->arena, q, strlen(q));
        if (text == NULL)
            return hc__no_memory(err);
    }
    query->words = words;
    query->word_count = count;
    query->text = text;
    return HC_OK;
}

hc_status hc__query_set_cursor(hc__query *query, const char *cursor, hc_error *err)
{
    size_t size;

    if (cursor == NULL) {
        query->cursor = NULL;
        return HC_OK;
    }
    size = strlen(cursor) + 1;
    if (size > CURSOR_ROOM)
        return hc__fail(err, HC_ERR_INVALID, "cursor", "this is no cursor of this library");
    if (size > query->cursor_room) {
        size_t room = size > USUAL_CURSOR_ROOM ? CURSOR_ROOM : USUAL_CURSOR_ROOM;
        char *at = hc__arena_alloc(&query->arena, room);

        if (at == NULL)
            return hc__no_memory(err);
        query->cursor_at = at;
        query->cursor_room = room;
    }
    memmove(query->cursor_at, cursor, size);
    query->cursor = query->cursor_at;
    return HC_OK;
}

hc_status hc__query_set_limit(hc__query *query, int64_t limit, hc_error *err)
{
    if (limit < 1 || limit > MAX_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "limit", "limit is 1 to %d", MAX_LIMIT);
    query->limit = (int32_t)limit;
    return HC_OK;
}

hc_status hc__query_set_count(hc__query *query, int64_t up_to, hc_error *err)
{
    if (up_to < 0 || up_to > HC__COUNT_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "count", "a total is exact up to 2 to %d, 1 for the most, 0 for none",
                        HC__COUNT_LIMIT);
    query->count = up_to == 1 ? HC__COUNT_LIMIT : (int32_t)up_to;
    return HC_OK;
}

hc_status hc__query_set_fields(hc__query *query, const char *names, hc_error *err)
{
    size_t start = 0, size;
    uint64_t *bits;

    if (names == NULL) {
        query->fields = NULL;
        return HC_OK;
    }
    bits = hc__arena_zero(&query->arena, (HC__FIELD_LIMIT + 63) / 64, sizeof(*bits));
    if (bits == NULL)
        return hc__no_memory(err);
    size = strlen(names);
    for (size_t i = 0; i <= size; i++) {
        const char *name = names + start;
        size_t length = i - start;
        uint16_t field;

        if (i < size && names[i] != ',')
            continue;
        trim(&name, &length);
        field = hc__named_field(query->entity, name, length);
        if (field == HC_NO_FIELD || field == HC__DAYS_ON_MARKET)
            return hc__fail(err, HC_ERR_INVALID, "fields", "fields: %.*s is no field of %s",
                            (int)(length > 40 ? 40 : length), name, query->entity->kind.name);
        bits[field / 64] |= UINT64_C(1) << field % 64;
        start = i + 1;
    }
    query->fields = bits;
    return HC_OK;
}
