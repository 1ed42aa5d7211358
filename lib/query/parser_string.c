/* The query string of GET /api/properties (domain.md D2): one table of parameters. */
#include <string.h>
#include "base/decimal.h"
#include "base/fail.h"
#include "base/utf8.h"
#include "query/listing.h"
#include "query/parser.h"
#include "query/value.h"

#define STRING_BYTES 4096

typedef enum how {
    TEXTS,
    ZIPS,
    TEXT,
    NUMBER,
    FLAG,
    NEAR,
    BOX,
    POLYGON,
    TEXT_QUERY,
    SCOPE,
    SORT,
    LIMIT,
    CURSOR,
    COUNT,
    FIELDS
} how;

typedef struct parameter {
    const char *name;
    how how;
    uint16_t field;
    int32_t test;
} parameter;

#define AT(name) hc__property_f_##name
static const parameter parameters[] = {
    {"city", TEXTS, AT(city), HC_TEST_IN},
    {"state", TEXT, AT(state), HC_TEST_EQ},
    {"zip", ZIPS, AT(zip_code), HC_TEST_IN},
    {"country", TEXT, AT(country), HC_TEST_EQ},
    {"type", TEXTS, AT(property_type), HC_TEST_IN},
    {"subtype", TEXT, AT(property_subtype), HC_TEST_EQ},
    {"status", TEXTS, AT(status), HC_TEST_IN},
    {"min_price", NUMBER, AT(price), HC_TEST_GE},
    {"max_price", NUMBER, AT(price), HC_TEST_LE},
    {"min_beds", NUMBER, AT(beds), HC_TEST_GE},
    {"max_beds", NUMBER, AT(beds), HC_TEST_LE},
    {"min_baths", NUMBER, AT(baths), HC_TEST_GE},
    {"max_baths", NUMBER, AT(baths), HC_TEST_LE},
    {"min_sqft", NUMBER, AT(sqft), HC_TEST_GE},
    {"max_sqft", NUMBER, AT(sqft), HC_TEST_LE},
    {"min_lot", NUMBER, AT(lot_sqft), HC_TEST_GE},
    {"max_lot", NUMBER, AT(lot_sqft), HC_TEST_LE},
    {"min_year", NUMBER, AT(year_built), HC_TEST_GE},
    {"max_year", NUMBER, AT(year_built), HC_TEST_LE},
    {"listed_since", NUMBER, AT(list_date), HC_TEST_GE},
    {"updated_since", NUMBER, AT(updated_at), HC_TEST_GE},
    {"max_dom", NUMBER, HC__DAYS_ON_MARKET, HC_TEST_LE},
    {"price_reduced", FLAG, AT(price_reduced), HC_TEST_EQ},
    {"agent_id", TEXT, AT(agent_id), HC_TEST_EQ},
    {.name = "near", .how = NEAR},
    {.name = "bbox", .how = BOX},
    {.name = "polygon", .how = POLYGON},
    {.name = "q", .how = TEXT_QUERY},
    {.name = "scope", .how = SCOPE},
    {.name = "sort", .how = SORT},
    {.name = "limit", .how = LIMIT},
    {.name = "cursor", .how = CURSOR},
    {.name = "count", .how = COUNT},
    {.name = "fields", .how = FIELDS},
};
#define PARAMETER_COUNT (sizeof(parameters) / sizeof(parameters[0]))

typedef struct pair {
    const parameter *parameter;
    const char *text; /* decoded, NUL-terminated */
    size_t size;
} pair;

typedef struct reader {
    hc__query *query;
    pair *pairs;
    size_t count;
    size_t predicates;
    hc_error *err;
} reader;

/* ---- percent-encoding ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* NULL for a broken escape, NUL or bad UTF-8. */
static const char *decoded(const char *text, size_t size, char *out, size_t *out_size)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c == '%') {
            if (i + 2 >= size || digit(text[i + 1]) < 0 || digit(text[i + 2]) < 0)
                return NULL;
            c = (char)(digit(text[i + 1]) * 16 + digit(text[i + 2]));
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        out[used++] = c;
    }
    out[used] = '\0';
    *out_size = used;
    return hc__utf8_check(out, used, NULL) ? out : NULL;
}

/* Every entity's; the others speak of listings. */
static bool is_general(const parameter *of)
{
    return of->how >= SCOPE;
}

static const parameter *find(const hc__entity *entity, const char *name)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        if (strcmp(parameters[i].name, name) == 0 && (is_general(&parameters[i]) || entity == &hc__property_entity))
            return &parameters[i];
    return NULL;
}

static bool repeats(const parameter *of)
{
    return of->how == TEXTS || of->how == ZIPS;
}

static hc_status read_pair(reader *r, const char *text, size_t size)
{
    const char *sign = memchr(text, '=', size);
    size_t name_size = sign == NULL ? size : (size_t)(sign - text);
    char *name = hc__arena_alloc(&r->query->arena, size + 2);
    pair *out = &r->pairs[r->count];

    if (name == NULL)
        return hc__no_memory(r->err);
    if (decoded(text, name_size, name, &out->size) == NULL)
        return hc__fail(r->err, HC_ERR_INVALID, "query", "a parameter's name is not percent-encoded UTF-8");
    out->parameter = find(r->query->entity, name);
    if (out->parameter == NULL)
        return hc__fail(r->err, HC_ERR_INVALID, name[0] == '\0' ? "query" : name, "%s is not a parameter",
                        name[0] == '\0' ? "an empty name" : name);
    for (size_t i = 0; i < r->count; i++)
        if (r->pairs[i].parameter == out->parameter && !repeats(out->parameter))
            return hc__fail(r->err, HC_ERR_INVALID, name, "%s stands twice", name);
    if (sign == NULL || name_size + 1 == size)
        return hc__fail(r->err, HC_ERR_INVALID, name, "%s is empty", name);
    out->text = decoded(sign + 1, size - name_size - 1, name, &out->size);
    if (out->text == NULL)
        return hc__fail(r->err, HC_ERR_INVALID, out->parameter->name, "%s is not percent-encoded UTF-8",
                        out->parameter->name);
    r->count++;
    return HC_OK;
}

static hc_status read_pairs(reader *r, const char *text, size_t size)
{
    size_t start = 0, most = 1;

    for (size_t i = 0; i < size; i++)
        most += text[i] == '&';
    r->pairs = hc__arena_alloc(&r->query->arena, most * sizeof(*r->pairs));
    if (r->pairs == NULL)
        return hc__no_memory(r->err);
    for (size_t i = 0; i <= size; i++) {
        hc_status status;

        if (i < size && text[i] != '&')
            continue;
        status = i == start ? HC_OK : read_pair(r, text + start, i - start);
        if (status < 0)
            return status;
        start = i + 1;
    }
    return HC_OK;
}

/* ---- filters ---- */

/* Errors name the parameter, as the caller wrote it. */
static hc_status renamed(const reader *r, const parameter *of, hc_status status)
{
    size_t size = strlen(of->name);

    if (r->err != NULL && status != HC_ERR_NO_MEMORY)
        memcpy(r->err->field, of->name, size + 1);
    return status;
}

static hc_status narrow(reader *r, const parameter *of, const hc__expr *test, hc_status status)
{
    if (status < 0)
        return renamed(r, of, status);
    return hc__query_narrow(r->query, test, r->err);
}

static hc_status test(reader *r, const parameter *of, int32_t what, const hc__literal *values, size_t count,
                      const hc__expr **out)
{
    return hc__value_test(out, &r->query->arena, r->query->entity, of->field, what, values, count, 0, r->err);
}

/* Exact codes are one list; each "787*" is a test of its own. */
static hc_status any_of(reader *r, const parameter *of, const pair *pairs, size_t count)
{
    hc__arena *arena = &r->query->arena;
    hc__literal *values = hc__arena_alloc(arena, count * sizeof(*values));
    const hc__expr **parts = hc__arena_alloc(arena, (count + 1) * sizeof(*parts));
    size_t value_count = 0, part_count = 0;
    const hc__expr *either = NULL;
    hc_status status = HC_OK;

    if (values == NULL || parts == NULL)
        return hc__no_memory(r->err);
    for (size_t i = 0; i < count && status == HC_OK; i++) {
        hc__literal value = {HC__LITERAL_STRING, pairs[i].text, pairs[i].size};

        if (pairs[i].parameter != of)
            continue;
        if (of->how != ZIPS || value.text[value.size - 1] != '*') {
            values[value_count++] = value;
            continue;
        }
        value.size--;
        status = test(r, of, HC_TEST_STARTS_WITH, &value, 1, &parts[part_count++]);
    }
    if (status == HC_OK && value_count > 0)
        status = test(r, of, HC_TEST_IN, values, value_count, &parts[part_count++]);
    r->predicates += part_count;
    if (status == HC_OK) {
        either = hc__expr_join(arena, HC__EXPR_OR, parts, part_count);
        status = either == NULL ? hc__no_memory(r->err) : HC_OK;
    }
    return narrow(r, of, either, status);
}

static hc_status one(reader *r, const pair *p, hc__literal_kind kind)
{
    hc__literal value = {kind, p->text, p->size};
    const hc__expr *out = NULL;
    hc_status status;

    r->predicates++;
    if (p->parameter->how == FLAG)
        value.kind = strcmp(p->text, "true") == 0    ? HC__LITERAL_TRUE
                     : strcmp(p->text, "false") == 0 ? HC__LITERAL_FALSE
                                                     : HC__LITERAL_BARE;
    status = test(r, p->parameter, p->parameter->test, &value, 1, &out);
    return narrow(r, p->parameter, out, status);
}

static hc_status place(reader *r, const pair *p)
{
    hc__literal numbers[4];
    size_t count = 0, start = 0, wanted = p->parameter->how == NEAR ? 3 : 4;
    const char *name = p->parameter->name;
    const hc__expr *out = NULL;
    hc_status status;

    r->predicates++;
    if (p->parameter->how == POLYGON) {
        status = hc__value_polygon(&out, &r->query->arena, p->text, p->size, name, r->err);
        return narrow(r, p->parameter, out, status);
    }
    for (size_t i = 0; i <= p->size; i++) {
        if (i < p->size && p->text[i] != ',')
            continue;
        if (count < 4)
            numbers[count] = (hc__literal){HC__LITERAL_BARE, p->text + start, i - start};
        count++;
        start = i + 1;
    }
    if (count != wanted)
        return hc__fail(r->err, HC_ERR_INVALID, name, "%s is %s", name,
                        wanted == 3 ? "latitude,longitude,metres" : "west,south,east,north");
    if (wanted == 3)
        status = hc__value_near(&out, &r->query->arena, numbers, name, r->err);
    else
        status = hc__value_box(&out, &r->query->arena, numbers, name, r->err);
    return narrow(r, p->parameter, out, status);
}

/* ---- the rest ---- */

static hc_status scope(reader *r, const pair *p)
{
    static const char *const words[] = {"public", "own", "all"};

    for (int32_t i = 0; i < 3; i++) {
        if (strcmp(p->text, words[i]) == 0) {
            r->query->scope = i;
            return HC_OK;
        }
    }
    return hc__fail(r->err, HC_ERR_INVALID, "scope", "scope is public, own or all");
}

/* -1: none without a sign and a point. */
static int64_t whole_number(const pair *p)
{
    int64_t value;

    return hc__decimal_parse(&value, p->text, p->size, 0, HC__EXACT) != HC__DECIMAL_OK ||
                   memchr(p->text, '.', p->size) != NULL
               ? -1
               : value;
}

static hc_status count(reader *r, const pair *p)
{
    int64_t up_to = whole_number(p);

    if (strcmp(p->text, "true") == 0 || strcmp(p->text, "false") == 0)
        up_to = p->text[0] == 't';
    else if (up_to < 2 || up_to > HC__COUNT_LIMIT)
        return hc__fail(r->err, HC_ERR_INVALID, "count", "count is true, false, or a number of 2 to %d",
                        HC__COUNT_LIMIT);
    return hc__query_set_count(r->query, up_to, r->err);
}

static hc_status limit(reader *r, const pair *p)
{
    return hc__query_set_limit(r->query, whole_number(p), r->err);
}

static hc_status apply(reader *r, const pair *p)
{
    switch (p->parameter->how) {
    case TEXT:
        return one(r, p, HC__LITERAL_STRING);
    case NUMBER:
    case FLAG:
        return one(r, p, HC__LITERAL_BARE);
    case NEAR:
    case BOX:
    case POLYGON:
        return place(r, p);
    case TEXT_QUERY:
        return hc__query_set_text(r->query, p->text, r->err);
    case SCOPE:
        return scope(r, p);
    case SORT:
        return hc__query_set_sort(r->query, p->text, r->err);
    case LIMIT:
        return limit(r, p);
    case CURSOR:
        return hc__query_set_cursor(r->query, p->text, r->err);
    case COUNT:
        return count(r, p);
    case FIELDS:
        return hc__query_set_fields(r->query, p->text, r->err);
    default:
        return any_of(r, p->parameter, p, r->count - (size_t)(p - r->pairs));
    }
}

static bool seen_before(const reader *r, const pair *p)
{
    for (const pair *at = r->pairs; at < p; at++)
        if (at->parameter == p->parameter)
            return true;
    return false;
}

hc_status hc__query_parse_string(hc__query *query, const char *text, size_t size, hc_error *err)
{
    reader r = {.query = query, .err = err};
    hc_status status;

    if (size > STRING_BYTES)
        return hc__fail(err, HC_ERR_TOO_LARGE, "query", "a query string has at most %d bytes", STRING_BYTES);
    status = read_pairs(&r, text, size);
    for (size_t i = 0; i < r.count && status == HC_OK; i++)
        if (!seen_before(&r, &r.pairs[i]))
            status = apply(&r, &r.pairs[i]);
    if (status == HC_OK && r.predicates > HC__PREDICATE_LIMIT)
        status = hc__fail(err, HC_ERR_TOO_LARGE, "query", "a filter has at most %d comparisons", HC__PREDICATE_LIMIT);
    return status;
}
