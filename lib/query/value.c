#include "query/value.h"

#include <stdio.h>
#include <string.h>
#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"
#include "base/utf8.h"
#include "query/listing.h"

/* Where a literal lies among the values that a field can hold. */
typedef enum place { EXACT, ABOVE_FLOOR, BELOW_ALL, ABOVE_ALL } place;

typedef struct typing {
    hc__arena *arena;
    const hc__entity *entity;
    uint16_t position;
    const hc_field *field;
    hc__use use;
    int32_t test;
    size_t column; /* of the text that it stands in; 0: of none */
    hc_error *err;
} typing;

/* " (column 12)", or nothing. Made where it is said: most values are good. */
typedef struct place_text {
    char text[32];
} place_text;

static place_text at(const typing *t)
{
    place_text out = {""};

    if (t->column > 0)
        snprintf(out.text, sizeof(out.text), " (column %zu)", t->column);
    return out;
}

static hc_status refuse(const typing *t, const char *what)
{
    return hc__fail(t->err, HC_ERR_INVALID, t->field->name, "%s %s%s", t->field->name, what, at(t).text);
}

static bool orders(int32_t test)
{
    return test == HC_TEST_GT || test == HC_TEST_GE || test == HC_TEST_LT || test == HC_TEST_LE;
}

static const char *allowed_tests(hc__use use)
{
    switch (use) {
    case HC__FILTER_NUMBER:
        return "takes eq, ne, gt, ge, lt, le and in";
    case HC__FILTER_ENUM:
        return "takes eq, ne and in";
    case HC__FILTER_TEXT:
        return "takes eq, ne, in, startswith and contains";
    case HC__FILTER_LONG:
        return "takes contains only";
    case HC__FILTER_TIME:
        return "takes gt, ge, lt, le, eq and ne";
    case HC__FILTER_ID:
        return "takes eq and in";
    case HC__FILTER_BOOL:
        return "takes eq only";
    default:
        return "is not a field that can be filtered";
    }
}

static bool takes(hc__use use, int32_t test)
{
    switch (test) {
    case HC_TEST_EQ:
        return use != HC__FILTER_LONG && use != HC__NO_USE;
    case HC_TEST_NE:
        return use == HC__FILTER_NUMBER || use == HC__FILTER_ENUM || use == HC__FILTER_TEXT || use == HC__FILTER_TIME;
    case HC_TEST_IN:
        return use == HC__FILTER_NUMBER || use == HC__FILTER_ENUM || use == HC__FILTER_TEXT || use == HC__FILTER_ID;
    case HC_TEST_STARTS_WITH:
        return use == HC__FILTER_TEXT;
    case HC_TEST_CONTAINS:
        return use == HC__FILTER_TEXT || use == HC__FILTER_LONG;
    default:
        return use == HC__FILTER_NUMBER || use == HC__FILTER_TIME;
    }
}

/* ---- numbers and times ---- */

/* Of whole numbers and of decimals: no other is filtered by. */
static void number_range(const hc_field *field, int64_t *low, int64_t *high)
{
    if ((field->flags & HC__FIELD_COMPUTED) != 0) {
        *low = field->min; /* what dates can make */
        *high = field->max;
    } else if (field->type == HC_TYPE_INT32) {
        *low = INT32_MIN;
        *high = INT32_MAX;
    } else {
        *high = 1;
        for (int32_t i = 0; i < field->length; i++)
            *high *= 10;
        *high -= 1;
        *low = -*high;
    }
}

static hc_status number(const typing *t, const hc__literal *literal, int64_t *out, place *where)
{
    int64_t low, high;

    if (literal->kind != HC__LITERAL_BARE)
        return refuse(t, "takes a number");
    switch (hc__decimal_parse(out, literal->text, literal->size, t->field->scale, HC__FLOOR)) {
    case HC__DECIMAL_SYNTAX:
        return refuse(t, "takes a number such as 12 or -0.5, in plain digits");
    case HC__DECIMAL_RANGE:
        *where = literal->text[0] == '-' ? BELOW_ALL : ABOVE_ALL;
        return HC_OK;
    case HC__DECIMAL_OK:
        break;
    case HC__DECIMAL_INEXACT:
        *where = ABOVE_FLOOR;
        break;
    }
    number_range(t->field, &low, &high);
    if (*out < low)
        *where = BELOW_ALL;
    else if (*out > high)
        *where = ABOVE_ALL;
    return HC_OK;
}

/* Digits of a second that hc__time_parse() cuts. */
static bool has_nanoseconds(const hc__literal *literal)
{
    const char *dot = memchr(literal->text, '.', literal->size);
    size_t at = dot == NULL ? literal->size : (size_t)(dot - literal->text) + 7;

    for (; at < literal->size && literal->text[at] >= '0' && literal->text[at] <= '9'; at++)
        if (literal->text[at] != '0')
            return true;
    return false;
}

static hc_status moment(const typing *t, const hc__literal *literal, int64_t *out, place *where)
{
    bool days = t->field->type == HC_TYPE_DATE;
    int32_t day;

    if (literal->kind == HC__LITERAL_BARE && hc__date_parse(&day, literal->text, literal->size)) {
        *out = days ? day : day * HC__DAY;
        return HC_OK;
    }
    if (literal->kind != HC__LITERAL_BARE || !hc__time_parse(out, literal->text, literal->size))
        return refuse(t, "takes a date (2026-11-23), a time with an offset (2026-11-23T01:28:38Z), or now()");
    if (has_nanoseconds(literal) || (days && *out % HC__DAY != 0))
        *where = ABOVE_FLOOR;
    if (days)
        *out = hc__day_of(*out);
    return HC_OK;
}

/* ---- words ---- */

/* "ActiveUnderContract" for "Active Under Contract", "HotelMotel" for "Hotel/Motel". */
static bool is_legacy(const char *word, const char *text, size_t size)
{
    size_t at = 0;

    for (; *word != '\0'; word++) {
        char c = *word;

        if (c != ' ' && c != '/' && (at >= size || text[at++] != c))
            return false;
    }
    return at == size;
}

static hc_status enum_word(const typing *t, const hc__literal *literal, int64_t *out)
{
    const char *const *words = t->field->words;
    char list[300];
    size_t used = 0, told = 0;

    if (literal->kind == HC__LITERAL_STRING)
        *out = hc__field_word(t->field, literal->text, literal->size);
    for (int32_t i = 0; literal->kind == HC__LITERAL_STRING && *out == 0 && words[i] != NULL; i++)
        if (is_legacy(words[i], literal->text, literal->size))
            *out = i + 1;
    if (*out != 0)
        return HC_OK;
    for (; words[told] != NULL && used + strlen(words[told]) + 8 < sizeof(list); told++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s'%s'", told > 0 ? ", " : "", words[told]);
    return hc__fail(t->err, HC_ERR_INVALID, t->field->name, "%s is one of %s%s%s", t->field->name, list,
                    words[told] != NULL ? ", ..." : "", at(t).text);
}

/* ---- texts ---- */

static uint16_t compared(const typing *t)
{
    uint16_t norm = t->entity->info[t->position].norm;

    return norm == HC_NO_FIELD ? t->position : norm;
}

static hc_status text(const typing *t, const hc__literal *literal, hc_value *out)
{
    const hc_field *field = &t->entity->kind.fields[compared(t)];
    bool folds = compared(t) != t->position;
    bool pattern = t->test == HC_TEST_STARTS_WITH || t->test == HC_TEST_CONTAINS;
    hc__buf folded;
    size_t points = 0;
    char *copy;

    if (literal->kind != HC__LITERAL_STRING)
        return refuse(t, "takes a text in single quotes");
    hc__utf8_check(literal->text, literal->size, &points); /* as either spelling has */
    if (pattern && points > HC__PATTERN_LIMIT)
        return hc__fail(t->err, HC_ERR_TOO_LARGE, t->field->name, "a text to look for has at most %d characters%s",
                        HC__PATTERN_LIMIT, at(t).text);
    hc__buf_init(&folded, t->arena->mem);
    if (folds)
        hc__text_norm(&folded, literal->text, literal->size);
    else
        hc__buf_put(&folded, literal->text, literal->size);
    copy = folded.failed ? NULL : hc__arena_text(t->arena, folded.data, folded.size);
    *out = (hc_value){field->type, (uint32_t)folded.size, {.bytes = copy}};
    hc__buf_free(&folded);
    return copy == NULL ? hc__no_memory(t->err) : HC_OK;
}

static hc_status id(const typing *t, const hc__literal *literal, hc_value *out)
{
    hc_id parsed;
    void *copy;

    if (hc_id_parse(&parsed, literal->text, literal->size, NULL) < 0)
        return refuse(t, "takes an id: 36 characters of lower-case UUID text");
    copy = hc__arena_copy(t->arena, &parsed, sizeof(parsed));
    *out = (hc_value){HC_TYPE_ID, sizeof(parsed), {.bytes = copy}};
    return copy == NULL ? hc__no_memory(t->err) : HC_OK;
}

/* ---- one literal ---- */

static hc_status typed(const typing *t, const hc__literal *literal, hc_value *out, place *where)
{
    hc_status status = HC_OK;

    *where = EXACT;
    *out = (hc_value){.type = t->field->type};
    switch (t->use) {
    case HC__FILTER_NUMBER:
        return number(t, literal, &out->as.integer, where);
    case HC__FILTER_TIME:
        if (literal->kind == HC__LITERAL_NOW)
            out->type = HC_TYPE_NOW;
        else
            status = moment(t, literal, &out->as.integer, where);
        return status;
    case HC__FILTER_ENUM:
        return enum_word(t, literal, &out->as.integer);
    case HC__FILTER_BOOL:
        if (literal->kind != HC__LITERAL_TRUE && literal->kind != HC__LITERAL_FALSE)
            return refuse(t, "is true or false");
        out->as.integer = literal->kind == HC__LITERAL_TRUE;
        return HC_OK;
    case HC__FILTER_ID:
        return id(t, literal, out);
    default:
        return text(t, literal, out);
    }
}

static const hc__expr *constant(const typing *t, int32_t test)
{
    return hc__expr_test(t->arena, t->position, test, NULL, 0);
}

static const hc__expr *placed(const typing *t, const hc_value *value, place where)
{
    bool upper = t->test == HC_TEST_LT || t->test == HC_TEST_LE;

    if (where == EXACT)
        return hc__expr_test(t->arena, t->position, t->test, value, 1);
    if (where == ABOVE_FLOOR) {
        int32_t test = hc__test_of_floor(t->test);

        return hc__expr_test(t->arena, t->position, test, value, orders(test) ? 1 : 0);
    }
    if (t->test == HC_TEST_NE)
        return constant(t, HC_TEST_TRUE);
    if (orders(t->test) && upper == (where == ABOVE_ALL))
        return constant(t, HC_TEST_NOT_NULL);
    return constant(t, HC_TEST_FALSE);
}

static const hc__expr *null_test(const typing *t)
{
    if (t->test == HC_TEST_EQ)
        return constant(t, HC_TEST_IS_NULL);
    return constant(t, t->test == HC_TEST_NE ? HC_TEST_NOT_NULL : HC_TEST_FALSE);
}

/* Whether the last value stands before it already: each would be a stream of its own. */
static bool listed(const hc_value *values, size_t last)
{
    const hc_value *value = &values[last];
    bool bytes = value->type == HC_TYPE_ID || value->type == HC_TYPE_TEXT || value->type == HC_TYPE_KEY;

    for (size_t i = 0; i < last; i++) {
        if (bytes ? values[i].size == value->size && memcmp(values[i].as.bytes, value->as.bytes, value->size) == 0
                  : values[i].as.integer == value->as.integer)
            return true;
    }
    return false;
}

/* Values that no row can have drop out of the list; null becomes a test of its own. */
static hc_status list(const hc__expr **out, const typing *t, const hc__literal *literals, size_t count)
{
    hc_value *values = hc__arena_zero(t->arena, count, sizeof(*values));
    const hc__expr *parts[2];
    size_t kept = 0, part_count = 0;
    bool null = false;

    if (values == NULL)
        return hc__no_memory(t->err);
    for (size_t i = 0; i < count; i++) {
        place where;
        hc_status status;

        if (literals[i].kind == HC__LITERAL_NULL) {
            null = true;
            continue;
        }
        status = typed(t, &literals[i], &values[kept], &where);
        if (status < 0)
            return status;
        kept += where == EXACT && !listed(values, kept);
    }
    if (kept > 0)
        parts[part_count++] = hc__expr_test(t->arena, t->position, kept == 1 ? HC_TEST_EQ : HC_TEST_IN, values, kept);
    if (null)
        parts[part_count++] = constant(t, HC_TEST_IS_NULL);
    if (part_count == 0)
        parts[part_count++] = constant(t, HC_TEST_FALSE);
    for (size_t i = 0; i < part_count; i++)
        if (parts[i] == NULL)
            return hc__no_memory(t->err);
    *out = hc__expr_join(t->arena, HC__EXPR_OR, parts, part_count);
    return *out == NULL ? hc__no_memory(t->err) : HC_OK;
}

hc_status hc__value_test(const hc__expr **out, hc__arena *arena, const hc__entity *entity, uint16_t field, int32_t test,
                         const hc__literal *literals, size_t count, size_t column, hc_error *err)
{
    typing t = {arena, entity, field, hc__field_of(entity, field), hc__use_of(entity, field), test, column, err};
    hc_value value;
    place where;
    hc_status status;

    *out = NULL;
    if (!takes(t.use, test))
        return refuse(&t, allowed_tests(t.use));
    if (count > HC__LIST_LIMIT)
        return hc__fail(err, HC_ERR_TOO_LARGE, t.field->name, "a list has at most %d items%s", HC__LIST_LIMIT,
                        at(&t).text);
    if (test == HC_TEST_IN)
        return list(out, &t, literals, count);
    if (literals->kind == HC__LITERAL_NULL && test != HC_TEST_STARTS_WITH && test != HC_TEST_CONTAINS) {
        *out = null_test(&t);
    } else {
        status = typed(&t, literals, &value, &where);
        if (status < 0)
            return status;
        *out = placed(&t, &value, where);
    }
    return *out == NULL ? hc__no_memory(err) : HC_OK;
}
