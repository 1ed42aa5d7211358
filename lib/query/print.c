/* The tree as $filter text that parses to an equal tree. */
#include <string.h>
#include "base/decimal.h"
#include "base/time.h"
#include "query/geo.h"
#include "query/listing.h"
#include "query/lower.h"

static const char *word_of(int32_t test)
{
    switch (test) {
    case HC_TEST_EQ:
        return " eq ";
    case HC_TEST_NE:
        return " ne ";
    case HC_TEST_LT:
        return " lt ";
    case HC_TEST_LE:
        return " le ";
    case HC_TEST_GT:
        return " gt ";
    default:
        return " ge ";
    }
}

static void put_quoted(hc__buf *out, const char *text, size_t size)
{
    hc__buf_char(out, '\'');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'')
            hc__buf_char(out, '\'');
        hc__buf_char(out, text[i]);
    }
    hc__buf_char(out, '\'');
}

static void put_decimal(hc__buf *out, int64_t units, int scale)
{
    char text[40];

    hc__buf_put(out, text, hc__decimal_format(text, units, scale));
}

static void put_value(hc__buf *out, const hc_field *field, const hc_value *value)
{
    char text[HC_ID_TEXT_SIZE];
    hc_id id;

    switch (value->type) {
    case HC_TYPE_NOW:
        hc__buf_text(out, "now()");
        break;
    case HC_TYPE_TIME:
        hc__buf_put(out, text, hc__time_format(text, value->as.integer));
        break;
    case HC_TYPE_DATE:
        hc__buf_put(out, text, hc__date_format(text, (int32_t)value->as.integer));
        break;
    case HC_TYPE_BOOL:
        hc__buf_text(out, value->as.integer != 0 ? "true" : "false");
        break;
    case HC_TYPE_ENUM:
        put_quoted(out, field->words[value->as.integer - 1], strlen(field->words[value->as.integer - 1]));
        break;
    case HC_TYPE_ID:
        memcpy(&id, value->as.bytes, sizeof(id));
        hc_id_format(text, id);
        put_quoted(out, text, HC_ID_TEXT_SIZE - 1);
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
        put_quoted(out, value->as.bytes, value->size);
        break;
    default:
        put_decimal(out, value->as.integer, value->type == HC_TYPE_DECIMAL ? field->scale : 0);
        break;
    }
}

/* Within its own kind a chain needs no parentheses; HC__EXPR_TEST stands for the top. */
static bool needs_group(hc__expr_kind kind, hc__expr_kind outer)
{
    return outer != HC__EXPR_TEST && outer != kind;
}

/* The grammar has no constants, so that a test which is always or never true is spelled with null. */
static void put_constant(hc__buf *out, const char *name, bool value, hc__expr_kind outer)
{
    bool group = needs_group(value ? HC__EXPR_OR : HC__EXPR_AND, outer);

    hc__buf_format(out, "%s%s eq null %s %s ne null%s", group ? "(" : "", name, value ? "or" : "and", name,
                   group ? ")" : "");
}

static void put_test(hc__buf *out, const hc__entity *entity, const hc__expr *expr, hc__expr_kind outer)
{
    const hc_field *field = hc__field_of(entity, expr->field);

    switch (expr->test) {
    case HC_TEST_TRUE:
    case HC_TEST_FALSE:
        put_constant(out, field->name, expr->test == HC_TEST_TRUE, outer);
        break;
    case HC_TEST_IS_NULL:
    case HC_TEST_NOT_NULL:
        hc__buf_text(out, field->name);
        hc__buf_text(out, expr->test == HC_TEST_IS_NULL ? " eq null" : " ne null");
        break;
    case HC_TEST_STARTS_WITH:
    case HC_TEST_CONTAINS:
        hc__buf_text(out, expr->test == HC_TEST_CONTAINS ? "contains(" : "startswith(");
        hc__buf_text(out, field->name);
        hc__buf_char(out, ',');
        put_value(out, field, expr->values);
        hc__buf_char(out, ')');
        break;
    case HC_TEST_IN:
        hc__buf_text(out, field->name);
        for (size_t i = 0; i < expr->value_count; i++) {
            hc__buf_text(out, i == 0 ? " in (" : ",");
            put_value(out, field, &expr->values[i]);
        }
        hc__buf_char(out, ')');
        break;
    default:
        hc__buf_text(out, field->name);
        hc__buf_text(out, word_of(expr->test));
        put_value(out, field, expr->values);
        break;
    }
}

static void put_place(hc__buf *out, const hc__expr *expr)
{
    bool near = expr->kind == HC__EXPR_NEAR, polygon = expr->kind == HC__EXPR_POLYGON;

    hc__buf_text(out, near ? "geo.near(" : polygon ? "geo.polygon('POLYGON((" : "geo.bbox(");
    for (size_t i = 0; i < expr->number_count; i++) {
        if (i > 0)
            hc__buf_char(out, polygon && i % 2 == 1 ? ' ' : ',');
        put_decimal(out, expr->numbers[i], near && i == 2 ? 0 : HC__PLACE_SCALE);
    }
    hc__buf_text(out, polygon ? "))')" : ")");
}

static void put(hc__buf *out, const hc__entity *entity, const hc__expr *expr, hc__expr_kind outer)
{
    switch (expr->kind) {
    case HC__EXPR_TEST:
        put_test(out, entity, expr, outer);
        break;
    case HC__EXPR_NOT:
        hc__buf_text(out, "not ");
        put(out, entity, expr->children[0], HC__EXPR_NOT);
        break;
    case HC__EXPR_AND:
    case HC__EXPR_OR:
        if (needs_group(expr->kind, outer))
            hc__buf_char(out, '(');
        for (size_t i = 0; i < expr->child_count; i++) {
            if (i > 0)
                hc__buf_text(out, expr->kind == HC__EXPR_AND ? " and " : " or ");
            put(out, entity, expr->children[i], expr->kind);
        }
        if (needs_group(expr->kind, outer))
            hc__buf_char(out, ')');
        break;
    default:
        put_place(out, expr);
        break;
    }
}

void hc__expr_print(hc__buf *out, const hc__entity *entity, const hc__expr *expr)
{
    put(out, entity, expr, HC__EXPR_TEST);
}

/* ---- predicates, for people and tests ---- */

static void put_predicate_value(hc__buf *out, const hc_value *value)
{
    char text[HC_ID_TEXT_SIZE];
    hc_id id;

    if (value->type == HC_TYPE_ID && value->size == sizeof(id)) {
        memcpy(&id, value->as.bytes, sizeof(id));
        hc_id_format(text, id);
        hc__buf_text(out, text);
    } else if (value->type == HC_TYPE_TEXT || value->type == HC_TYPE_KEY || value->type == HC_TYPE_TOKENS) {
        put_quoted(out, value->as.bytes, value->size);
    } else if (value->type == HC_TYPE_BYTES || value->type == HC_TYPE_NULL) {
        hc__buf_text(out, value->type == HC_TYPE_NULL ? "null" : "bytes");
    } else {
        hc__buf_int(out, value->as.integer);
    }
}

void hc__predicate_print(hc__buf *out, const hc_kind *kind, const hc_predicate *predicate)
{
    static const char *const signs[] = {"",           "true", "false",    "",
                                        "",           " = ",  " <> ",     " < ",
                                        " <= ",       " > ",  " >= ",     " starts with ",
                                        " contains ", " in ", " is null", " is not null",
                                        " match "};

    switch (predicate->test) {
    case HC_TEST_TRUE:
    case HC_TEST_FALSE:
        hc__buf_text(out, signs[predicate->test]);
        break;
    case HC_TEST_AND:
    case HC_TEST_OR:
        for (size_t i = 0; i < predicate->child_count; i++) {
            hc__buf_text(out, i == 0 ? "(" : predicate->test == HC_TEST_AND ? " and " : " or ");
            hc__predicate_print(out, kind, predicate->children[i]);
        }
        hc__buf_char(out, ')');
        break;
    case HC_TEST_EXISTS:
        hc__buf_format(out, "exists %s", predicate->kind->name);
        break;
    default:
        hc__buf_text(out, kind->fields[predicate->field].name);
        if (predicate->test == HC_TEST_MATCH && predicate->inner != HC_NO_FIELD)
            hc__buf_format(out, "..%s", kind->fields[predicate->inner].name);
        hc__buf_text(out, signs[predicate->test]);
        for (size_t i = 0; i < predicate->value_count; i++) {
            if (i > 0)
                hc__buf_char(out, ',');
            put_predicate_value(out, &predicate->values[i]);
        }
        break;
    }
}
