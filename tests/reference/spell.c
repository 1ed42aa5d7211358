/* Queries as text, in both spellings of domain.md D2. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

#define TEXT_LIMIT 65536

struct text {
    char *data;
    size_t size;
};

static void put(struct text *out, const char *text)
{
    size_t size = strlen(text);

    if (out->data == NULL)
        out->data = pool(TEXT_LIMIT);
    if (out->size + size >= TEXT_LIMIT)
        abort();
    memcpy(out->data + out->size, text, size + 1);
    out->size += size;
}

static void put_quoted(struct text *out, const char *text)
{
    put(out, "'");
    for (; *text != '\0'; text++)
        put(out, *text == '\'' ? "''" : (char[]){*text, '\0'});
    put(out, "'");
}

/* RFC 3986: all but unreserved characters are encoded, and some of those that need not be. */
static void put_encoded(struct text *out, const char *text)
{
    char hex[4];

    for (; *text != '\0'; text++) {
        bool plain = (*text >= '0' && *text <= '9') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= 'a' && *text <= 'z') || strchr("-._~,*", *text) != NULL;

        snprintf(hex, sizeof(hex), plain && !chance(2) ? "%c" : "%%%02X",
                 plain ? (unsigned char)*text : (unsigned char)*text);
        put(out, hex);
    }
}

char *spell_units(int64_t units, int scale)
{
    uint64_t size = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    uint64_t one = 1;

    for (int i = 0; i < scale; i++)
        one *= 10;
    if (scale == 0)
        return pool_text("%s%llu", units < 0 ? "-" : "", (unsigned long long)size);
    return pool_text("%s%llu.%0*llu", units < 0 ? "-" : "", (unsigned long long)(size / one), scale,
                     (unsigned long long)(size % one));
}

/* Days since the epoch to the calendar, a year at a time. */
static void calendar(int64_t days, int *year, int *month, int *day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    *year = 1970;
    while (true) {
        bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;

        if (days < 0) {
            int before = *year - 1;
            bool leap_before = (before % 4 == 0 && before % 100 != 0) || before % 400 == 0;

            *year = before;
            days += leap_before ? 366 : 365;
        } else if (days >= (leap ? 366 : 365)) {
            days -= leap ? 366 : 365;
            *year += 1;
        } else {
            for (*month = 0; days >= lengths[*month] + (*month == 1 && leap); *month += 1)
                days -= lengths[*month] + (*month == 1 && leap);
            *month += 1;
            *day = (int)days + 1;
            return;
        }
    }
}

char *spell_date(int64_t days)
{
    int year, month, day;

    calendar(days, &year, &month, &day);
    return pool_text("%04d-%02d-%02d", year, month, day);
}

char *spell_time(int64_t nanoseconds, int digits)
{
    static const int offsets[] = {0, 0, 0, 60, -300, 330, 345, -570};
    int offset = offsets[random_below(8)];
    int64_t shown = nanoseconds + offset * INT64_C(60000000000);
    int64_t second = shown / 1000000000, fraction = shown % 1000000000;
    int64_t day, rest;
    char zone[16];

    if (fraction < 0) {
        fraction += 1000000000;
        second -= 1;
    }
    day = second / 86400 - (second % 86400 < 0);
    rest = second - day * 86400;
    for (int i = digits; i < 9; i++)
        fraction /= 10;
    snprintf(zone, sizeof(zone), "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
    return pool_text("%sT%02d:%02d:%02d%s%s", spell_date(day), (int)(rest / 3600), (int)(rest / 60 % 60),
                     (int)(rest % 60), digits > 0 ? pool_text(".%0*lld", digits, (long long)fraction) : "",
                     offset == 0 ? "Z" : zone);
}

char *spell_id(const uint8_t id[16])
{
    char *out = pool_text("%36s", "");
    char *at = out;

    for (int i = 0; i < 16; i++)
        at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
    return out;
}

/* ---- $filter ---- */

static void put_literal(struct text *out, enum field field, const struct literal *literal)
{
    enum kind kind = field_table[field].kind;

    if (!literal->null && !literal->now && (kind == ENUM || kind == TEXT || kind == LONG_TEXT))
        put_quoted(out, literal->text);
    else
        put(out, literal->null ? "null" : literal->now ? "now()" : literal->text);
}

static void put_test(struct text *out, const struct node *node)
{
    static const char *const ops[] = {"eq", "ne", "gt", "ge", "lt", "le", "in", "has"};
    const struct field_info *field = &field_table[node->field];
    const char *name = field->reso[0] != '\0' && chance(25) ? field->reso : field->name;

    if (node->op == STARTSWITH || node->op == CONTAINS) {
        put(out, node->op == CONTAINS ? "contains(" : "startswith(");
        put(out, name);
        put(out, chance(50) ? "," : ", ");
        put_literal(out, node->field, node->literals);
        put(out, ")");
        return;
    }
    put(out, name);
    put(out, " ");
    put(out, ops[node->op]);
    put(out, node->op == IN && chance(50) ? " (" : node->op == IN ? " ( " : " ");
    for (size_t i = 0; i < node->count; i++) {
        if (i > 0)
            put(out, chance(50) ? "," : ", ");
        put_literal(out, node->field, &node->literals[i]);
    }
    if (node->op == IN)
        put(out, ")");
}

static void put_degrees(struct text *out, int64_t units)
{
    char *text = spell_units(units, 8);

    for (size_t end = strlen(text); end > 1 && text[end - 1] == '0' && text[end - 2] != '.' && chance(90); end--)
        text[end - 1] = '\0';
    put(out, text);
}

static void put_corners(struct text *out, const struct node *node)
{
    for (size_t i = 0; i < node->points; i++) {
        put(out, i > 0 ? "," : "");
        put_degrees(out, node->number[2 * i]);
        put(out, " ");
        put_degrees(out, node->number[2 * i + 1]);
    }
}

static void put_numbers(struct text *out, const struct node *node)
{
    for (size_t i = 0; i < (node->shape == BOX ? 4U : 2U); i++) {
        put(out, i > 0 ? "," : "");
        put_degrees(out, node->number[i]);
    }
    if (node->shape == NEAR)
        put(out, pool_text(",%lld", (long long)node->number[2]));
}

static void put_place(struct text *out, const struct node *node)
{
    struct text first = {NULL, 0};

    if (node->shape != POLYGON) {
        put(out, node->shape == NEAR ? "geo.near(" : "geo.bbox(");
        put_numbers(out, node);
        put(out, ")");
        return;
    }
    put_degrees(&first, node->number[0]);
    put(&first, " ");
    put_degrees(&first, node->number[1]);
    put(out, "geo.polygon('POLYGON((");
    put_corners(out, node);
    put(out, ",");
    put(out, first.data);
    put(out, "))')");
}

/* `around` is the shape of the node around it: what binds weaker needs parentheses. */
static void put_node(struct text *out, const struct node *node, enum shape around)
{
    bool joins = node->shape == AND || node->shape == OR;
    bool parens = (joins && (around == NOT || (around == AND && node->shape == OR))) || chance(8);

    put(out, parens ? "(" : "");
    if (node->shape == NOT) {
        put(out, "not ");
        put_node(out, node->children[0], NOT);
    } else if (joins) {
        for (size_t i = 0; i < node->count; i++) {
            put(out, i == 0 ? "" : node->shape == AND ? " and " : " or ");
            put_node(out, node->children[i], node->shape);
        }
    } else if (node->shape == TEST) {
        put_test(out, node);
    } else {
        put_place(out, node);
    }
    put(out, parens ? ")" : "");
}

const char *spell_filter(const struct node *where)
{
    struct text out = {NULL, 0};

    put(&out, "");
    if (where != NULL)
        put_node(&out, where, OR);
    return out.data;
}

/* ---- query string ---- */

static void put_parameter(struct text *out, const char *name, const char *value)
{
    put(out, out->size > 0 ? "&" : "");
    put(out, name);
    put(out, "=");
    put_encoded(out, value);
}

static const char *bound_name(const struct node *node)
{
    static const struct {
        enum field field;
        const char *low, *high;
    } bounds[] = {
        {PRICE, "min_price", "max_price"}, {BEDS, "min_beds", "max_beds"},    {BATHS, "min_baths", "max_baths"},
        {SQFT, "min_sqft", "max_sqft"},    {LOT_SQFT, "min_lot", "max_lot"},  {YEAR_BUILT, "min_year", "max_year"},
        {LIST_DATE, "listed_since", ""},   {UPDATED_AT, "updated_since", ""}, {DAYS_ON_MARKET, "", "max_dom"}};

    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
        if (bounds[i].field == node->field)
            return node->op == GE ? bounds[i].low : bounds[i].high;
    return NULL;
}

static const char *plain_name(enum field field)
{
    switch (field) {
    case ZIP_CODE:
        return "zip";
    case PROPERTY_TYPE:
        return "type";
    case PROPERTY_SUBTYPE:
        return "subtype";
    default:
        return field_table[field].name;
    }
}

static void put_clause(struct text *out, const struct node *node)
{
    struct text value = {NULL, 0};

    if (node->shape == OR) { /* of one parameter that is repeated */
        for (size_t i = 0; i < node->count; i++)
            put_clause(out, node->children[i]);
    } else if (node->shape != TEST) {
        if (node->shape == POLYGON)
            put_corners(&value, node);
        else
            put_numbers(&value, node);
        put_parameter(out, node->shape == NEAR ? "near" : node->shape == BOX ? "bbox" : "polygon", value.data);
    } else if (node->op == GE || node->op == LE) {
        put_parameter(out, bound_name(node), node->literals[0].text);
    } else if (node->op == STARTSWITH) {
        put_parameter(out, "zip", pool_text("%s*", node->literals[0].text));
    } else {
        put_parameter(out, plain_name(node->field), node->literals[0].text);
    }
}

const char *spell_string(const struct query *query, struct node *const *clauses, size_t count)
{
    static const char *const scopes[] = {"public", "own", "all"};
    struct text out = {NULL, 0};

    put(&out, "");
    for (size_t i = 0; i < count; i++)
        put_clause(&out, clauses[i]);
    if (query->q != NULL)
        put_parameter(&out, "q", query->q);
    if (query->scope != PUBLIC || chance(20))
        put_parameter(&out, "scope", scopes[query->scope]);
    if (query->sort_text[0] != '\0')
        put_parameter(&out, "sort", query->sort_text);
    put_parameter(&out, "limit", pool_text("%d", query->limit));
    if (query->count || chance(10))
        put_parameter(&out, "count", query->count ? "true" : "false");
    return out.data;
}
