/* The $filter grammar of domain.md D2, by recursive descent no deeper than HC__FILTER_DEPTH. */
#include "query/parser.h"

#include <string.h>
#include "base/fail.h"
#include "base/utf8.h"
#include "query/listing.h"
#include "query/value.h"

#define CHAIN_LIMIT (2 * HC__PREDICATE_LIMIT) /* `in` with null in its list is two tests */

typedef struct parser {
    hc__arena *arena;
    const hc__entity *entity;
    const char *text;
    size_t size, at;
    size_t predicates;
    hc_error *err;
    hc_status status;
} parser;

static const hc__expr *parse_or(parser *p, int depth);

/* ---- words and signs ---- */

static const hc__expr *fail(parser *p, const char *what)
{
    p->status = hc__fail(p->err, HC_ERR_INVALID, "filter", "column %zu: %s", p->at + 1, what);
    return NULL;
}

static const hc__expr *too_large(parser *p, const char *what, int limit)
{
    p->status = hc__fail(p->err, HC_ERR_TOO_LARGE, "filter", "a filter has at most %d %s", limit, what);
    return NULL;
}

static const hc__expr *checked(parser *p, const hc__expr *expr)
{
    if (expr == NULL)
        p->status = hc__no_memory(p->err);
    return expr;
}

static void skip_spaces(parser *p)
{
    while (p->at < p->size &&
           (p->text[p->at] == ' ' || p->text[p->at] == '\t' || p->text[p->at] == '\n' || p->text[p->at] == '\r'))
        p->at++;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The word at the place, not taken. */
static size_t peek_word(parser *p)
{
    size_t end;

    skip_spaces(p);
    for (end = p->at; end < p->size && name_char(p->text[end]); end++)
        ;
    return end - p->at;
}

static bool take_word(parser *p, const char *word)
{
    size_t size, end;

    skip_spaces(p);
    if (p->at >= p->size || p->text[p->at] != word[0])
        return false;
    size = strlen(word);
    end = p->at + size;
    if (end > p->size || memcmp(p->text + p->at, word, size) != 0 || (end < p->size && name_char(p->text[end])))
        return false;
    p->at = end;
    return true;
}

static bool take_sign(parser *p, char sign)
{
    skip_spaces(p);
    if (p->at >= p->size || p->text[p->at] != sign)
        return false;
    p->at++;
    return true;
}

static bool expect_sign(parser *p, char sign, const char *what)
{
    if (take_sign(p, sign))
        return true;
    fail(p, what);
    return false;
}

/* ---- values ---- */

static bool quoted(parser *p, hc__literal *out)
{
    size_t start = p->at + 1, end = start, kept = 0;
    char *copy;

    while (end < p->size && !(p->text[end] == '\'' && (end + 1 >= p->size || p->text[end + 1] != '\'')))
        end += p->text[end] == '\'' ? 2 : 1;
    if (end >= p->size) {
        fail(p, "a text that no quote ends");
        return false;
    }
    copy = hc__arena_alloc(p->arena, end - start + 1);
    if (copy == NULL) {
        checked(p, NULL);
        return false;
    }
    for (size_t i = start; i < end; i++) {
        copy[kept++] = p->text[i];
        i += p->text[i] == '\'';
    }
    *out = (hc__literal){HC__LITERAL_STRING, copy, kept};
    p->at = end + 1;
    return true;
}

static bool bare_char(char c)
{
    return name_char(c) || c == '-' || c == '+' || c == ':';
}

static bool take_value(parser *p, hc__literal *out)
{
    size_t start, size;

    skip_spaces(p);
    if (p->at < p->size && p->text[p->at] == '\'')
        return quoted(p, out);
    for (start = p->at; p->at < p->size && bare_char(p->text[p->at]); p->at++)
        ;
    size = p->at - start;
    if (size == 0) {
        fail(p, "a value is missing: a number, a 'text', a date, true, false, null or now()");
        return false;
    }
    *out = (hc__literal){HC__LITERAL_BARE, p->text + start, size};
    if (size == 4 && memcmp(out->text, "null", 4) == 0) {
        out->kind = HC__LITERAL_NULL;
    } else if (size == 4 && memcmp(out->text, "true", 4) == 0) {
        out->kind = HC__LITERAL_TRUE;
    } else if (size == 5 && memcmp(out->text, "false", 5) == 0) {
        out->kind = HC__LITERAL_FALSE;
    } else if (size == 3 && memcmp(out->text, "now", 3) == 0) {
        out->kind = HC__LITERAL_NOW;
        return expect_sign(p, '(', "now is written now()") && expect_sign(p, ')', "now is written now()");
    } else if (p->at < p->size && p->text[p->at] == '\'') { /* Namespace.Enum'Word' */
        return quoted(p, out);
    }
    return true;
}

/* ---- predicates ---- */

static bool take_field(parser *p, uint16_t *field)
{
    size_t size = peek_word(p);

    if (size == 0) {
        fail(p, "a field is missing");
        return false;
    }
    *field = hc__named_field(p->entity, p->text + p->at, size);
    if (*field == HC_NO_FIELD) {
        char name[64];
        size_t kept = size < sizeof(name) ? size : sizeof(name) - 1;

        memcpy(name, p->text + p->at, kept);
        name[kept] = '\0';
        p->status = hc__fail(p->err, HC_ERR_INVALID, name, "%s is no field of %s (column %zu)", name,
                             p->entity->kind.name, p->at + 1);
        return false;
    }
    p->at += size;
    return true;
}

static const hc__expr *tested(parser *p, uint16_t field, int32_t test, const hc__literal *values, size_t count,
                              size_t column)
{
    const hc__expr *out = NULL;

    p->status = hc__value_test(&out, p->arena, p->entity, field, test, values, count, column, p->err);
    return out;
}

static const hc__expr *parse_in(parser *p, uint16_t field, size_t column)
{
    hc__literal *values = hc__arena_alloc(p->arena, HC__LIST_LIMIT * sizeof(*values));
    size_t count = 0;

    if (values == NULL)
        return checked(p, NULL);
    if (!expect_sign(p, '(', "in takes a list: in (1, 2)"))
        return NULL;
    do {
        if (count == HC__LIST_LIMIT)
            return too_large(p, "items in a list", HC__LIST_LIMIT);
        if (!take_value(p, &values[count++]))
            return NULL;
    } while (take_sign(p, ','));
    if (!expect_sign(p, ')', "a list ends with )"))
        return NULL;
    return tested(p, field, HC_TEST_IN, values, count, column);
}

static const hc__expr *parse_comparison(parser *p, size_t column)
{
    static const struct {
        const char *word;
        int32_t test;
    } tests[] = {{"eq", HC_TEST_EQ}, {"ne", HC_TEST_NE}, {"gt", HC_TEST_GT}, {"ge", HC_TEST_GE},
                 {"lt", HC_TEST_LT}, {"le", HC_TEST_LE}, {"has", HC_TEST_EQ}};
    uint16_t field;
    hc__literal value;

    if (!take_field(p, &field))
        return NULL;
    if (take_word(p, "in"))
        return parse_in(p, field, column);
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        if (!take_word(p, tests[i].word))
            continue;
        if (tests[i].word[0] == 'h' && hc__use_of(p->entity, field) != HC__FILTER_ENUM)
            return fail(p, "has is for enumerations");
        return take_value(p, &value) ? tested(p, field, tests[i].test, &value, 1, column) : NULL;
    }
    return fail(p, "eq, ne, gt, ge, lt, le, in or has is missing");
}

static const hc__expr *parse_text_function(parser *p, int32_t test, size_t column)
{
    hc__literal value;
    uint16_t field;

    if (!expect_sign(p, '(', "( is missing") || !take_field(p, &field) || !expect_sign(p, ',', ", is missing") ||
        !take_value(p, &value) || !expect_sign(p, ')', ") is missing"))
        return NULL;
    return tested(p, field, test, &value, 1, column);
}

/* A ring in `POLYGON((lng lat, …))`. */
static const hc__expr *parse_polygon(parser *p)
{
    static const char lead[] = "POLYGON((";
    const hc__expr *out = NULL;
    char flat[sizeof(lead)];
    hc__literal wkt;
    size_t at = 0, kept = 0;

    if (!take_value(p, &wkt))
        return NULL;
    for (; at < wkt.size && kept < sizeof(lead) - 1; at++)
        if (wkt.text[at] != ' ')
            flat[kept++] = wkt.text[at];
    if (wkt.kind != HC__LITERAL_STRING || kept != sizeof(lead) - 1 || memcmp(flat, lead, kept) != 0 ||
        wkt.size < at + 2 || memcmp(wkt.text + wkt.size - 2, "))", 2) != 0)
        return fail(p, "geo.polygon takes 'POLYGON((lng lat, lng lat, lng lat))'");
    p->status = hc__value_polygon(&out, p->arena, wkt.text + at, wkt.size - 2 - at, "geo.polygon", p->err);
    return out;
}

static const hc__expr *parse_geo(parser *p, hc__expr_kind kind)
{
    size_t count = kind == HC__EXPR_NEAR ? 3 : 4;
    const hc__expr *out = NULL;
    hc__literal numbers[4];

    if (!hc__has_places(p->entity))
        return fail(p, "only listings have places");
    if (!expect_sign(p, '(', "( is missing"))
        return NULL;
    if (kind == HC__EXPR_POLYGON) {
        out = parse_polygon(p);
        return out != NULL && expect_sign(p, ')', ") is missing") ? out : NULL;
    }
    for (size_t i = 0; i < count; i++)
        if ((i > 0 && !expect_sign(p, ',', ", is missing")) || !take_value(p, &numbers[i]))
            return NULL;
    if (!expect_sign(p, ')', ") is missing"))
        return NULL;
    if (kind == HC__EXPR_NEAR)
        p->status = hc__value_near(&out, p->arena, numbers, "geo.near", p->err);
    else
        p->status = hc__value_box(&out, p->arena, numbers, "geo.bbox", p->err);
    return out;
}

/* At its first letter: spaces are behind. */
static const hc__expr *parse_predicate(parser *p)
{
    size_t column = p->at + 1;

    if (++p->predicates > HC__PREDICATE_LIMIT)
        return too_large(p, "comparisons", HC__PREDICATE_LIMIT);
    if (take_word(p, "contains"))
        return parse_text_function(p, HC_TEST_CONTAINS, column);
    if (take_word(p, "startswith"))
        return parse_text_function(p, HC_TEST_STARTS_WITH, column);
    if (take_word(p, "geo.near"))
        return parse_geo(p, HC__EXPR_NEAR);
    if (take_word(p, "geo.bbox"))
        return parse_geo(p, HC__EXPR_BOX);
    if (take_word(p, "geo.polygon"))
        return parse_geo(p, HC__EXPR_POLYGON);
    return parse_comparison(p, column);
}

/* ---- and, or, not ---- */

static const hc__expr *parse_unary(parser *p, int depth)
{
    const hc__expr *inner;

    if (depth > HC__FILTER_DEPTH)
        return too_large(p, "levels", HC__FILTER_DEPTH);
    if (take_word(p, "not")) {
        inner = parse_unary(p, depth + 1);
        return inner == NULL ? NULL : checked(p, hc__expr_not(p->arena, inner));
    }
    if (!take_sign(p, '('))
        return parse_predicate(p);
    inner = parse_or(p, depth + 1);
    return inner != NULL && expect_sign(p, ')', "and, or or ) is missing") ? inner : NULL;
}

/* Chains of one operator become one node, also through parentheses. */
static bool add(const hc__expr *items[CHAIN_LIMIT], size_t *count, hc__expr_kind kind, const hc__expr *item)
{
    size_t more = item->kind == kind ? item->child_count : 1;

    if (*count + more > CHAIN_LIMIT)
        return false;
    memcpy(items + *count, item->kind == kind ? item->children : &item, more * sizeof(const hc__expr *));
    *count += more;
    return true;
}

static const hc__expr *parse_chain(parser *p, hc__expr_kind kind, int depth)
{
    const hc__expr *items[CHAIN_LIMIT];
    size_t count = 0;

    do {
        const hc__expr *item = kind == HC__EXPR_OR ? parse_chain(p, HC__EXPR_AND, depth) : parse_unary(p, depth);

        if (item == NULL)
            return NULL;
        if (!add(items, &count, kind, item))
            return too_large(p, "comparisons", HC__PREDICATE_LIMIT);
    } while (take_word(p, kind == HC__EXPR_OR ? "or" : "and"));
    return checked(p, hc__expr_join(p->arena, kind, items, count));
}

static const hc__expr *parse_or(parser *p, int depth)
{
    return parse_chain(p, HC__EXPR_OR, depth);
}

hc_status hc__parse_filter(const hc__expr **out, hc__arena *arena, const hc__entity *entity, const char *text,
                           hc_error *err)
{
    parser p = {arena, entity, text, strlen(text), 0, 0, err, HC_OK};

    *out = NULL;
    if (p.size > HC__FILTER_BYTES)
        return hc__fail(err, HC_ERR_TOO_LARGE, "filter", "a filter has at most %d bytes", HC__FILTER_BYTES);
    if (!hc__utf8_check(text, p.size, NULL))
        return hc__fail(err, HC_ERR_INVALID, "filter", "a filter is UTF-8");
    skip_spaces(&p);
    if (p.at == p.size)
        return HC_OK;
    *out = parse_or(&p, 0);
    if (*out == NULL)
        return p.status;
    if (p.at < p.size)
        fail(&p, "and, or or the end is expected");
    return p.status;
}
