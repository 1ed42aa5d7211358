/* Predicates to filters. Every leaf is false on null, and a member that is missing is null. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/judge.h"
#include "base/utf8.h"

#define PATTERN 16384 /* bytes of a text that is looked for inside others; longer ones the driver looks for itself */
#define DEPTH   64

/* ---- what a predicate is worth without a row ---- */

static bool is_null_everywhere(const hc_predicate *p)
{
    for (size_t i = 0; i < p->value_count; i++) {
        if (p->values[i].type != HC_TYPE_NULL)
            return false;
    }
    return true;
}

static int truth_of_list(const hc_kind *kind, const hc_predicate *p)
{
    int end = p->test == HC_TEST_OR; /* the value that decides */
    int out = !end;

    for (size_t i = 0; i < p->child_count; i++) {
        int child = hc__mongo_truth(kind, p->children[i]);

        if (child == end)
            return end;
        if (child < 0)
            out = -1;
    }
    return out;
}

int hc__mongo_truth(const hc_kind *kind, const hc_predicate *p)
{
    if (p == NULL || p->test == HC_TEST_TRUE)
        return 1;
    switch (p->test) {
    case HC_TEST_FALSE:
        return 0;
    case HC_TEST_AND:
    case HC_TEST_OR:
        return truth_of_list(kind, p);
    case HC_TEST_IS_NULL:
    case HC_TEST_NOT_NULL:
    case HC_TEST_MATCH:
    case HC_TEST_EXISTS:
        return -1;
    default:
        return is_null_everywhere(p) ? 0 : -1;
    }
}

/* ---- leaves ---- */

typedef struct builder {
    hc__mongo *conn;
    const hc_kind *kind;
    hc_error *err;
} builder;

static void none(bson_t *out)
{
    bson_t condition, list;

    bson_append_document_begin(out, HC__MONGO_KEY, -1, &condition);
    bson_append_array_begin(&condition, "$in", -1, &list);
    bson_append_array_end(&condition, &list);
    bson_append_document_end(out, &condition);
}

static void not_null(bson_t *out, const char *name)
{
    bson_t condition;

    bson_append_document_begin(out, name, -1, &condition);
    bson_append_null(&condition, "$ne", -1);
    bson_append_document_end(out, &condition);
}

/* An array with a null inside is not null. */
static void is_null(bson_t *out, const char *name, const hc_field *field)
{
    bson_t list, one, condition, no;

    if (field->type != HC_TYPE_JSON) {
        bson_append_null(out, name, -1);
        return;
    }
    bson_append_array_begin(out, "$and", -1, &list);
    bson_append_document_begin(&list, "0", -1, &one);
    bson_append_null(&one, name, -1);
    bson_append_document_end(&list, &one);
    bson_append_document_begin(&list, "1", -1, &one);
    bson_append_document_begin(&one, name, -1, &condition);
    bson_append_document_begin(&condition, "$not", -1, &no);
    bson_append_utf8(&no, "$type", -1, "array", -1);
    bson_append_document_end(&condition, &no);
    bson_append_document_end(&one, &condition);
    bson_append_document_end(&list, &one);
    bson_append_array_end(out, &list);
}

/* Times and days are kept in milliseconds: a value between two of them is equal to none. */
static bool is_between(const hc_field *field, const hc_value *value)
{
    return field->type == HC_TYPE_TIME && value->as.integer % 1000 != 0;
}

static void compare(const builder *b, bson_t *out, uint16_t position, int32_t test, const hc_value *value)
{
    static const char *const names[] = {"$eq", "$ne", "$lt", "$lte", "$gt", "$gte"};
    const char *name = hc__mongo_member(b->kind, position);
    bson_t condition;

    if (is_between(&b->kind->fields[position], value))
        test = test == HC_TEST_LT ? HC_TEST_LE : test == HC_TEST_GE ? HC_TEST_GT : test;
    bson_append_document_begin(out, name, -1, &condition);
    hc__mongo_append(b->conn, &condition, names[test - HC_TEST_EQ], b->kind, position, value);
    bson_append_document_end(out, &condition);
}

/* `with_null`: a missing member stands for a value that is in the list. */
static void in_list(const builder *b, bson_t *out, const hc_predicate *p, const char *how, bool with_null)
{
    bson_t condition, list;
    const char *key;
    char room[16];
    uint32_t n = 0;

    bson_append_document_begin(out, hc__mongo_member(b->kind, p->field), -1, &condition);
    bson_append_array_begin(&condition, how, -1, &list);
    for (size_t i = 0; i < p->value_count; i++) {
        if (p->values[i].type == HC_TYPE_NULL || is_between(&b->kind->fields[p->field], &p->values[i]))
            continue;
        (void)bson_uint32_to_string(n++, &key, room, sizeof(room));
        hc__mongo_append(b->conn, &list, key, b->kind, p->field, &p->values[i]);
    }
    (void)bson_uint32_to_string(n, &key, room, sizeof(room));
    if (with_null)
        bson_append_null(&list, key, -1);
    bson_append_array_end(&condition, &list);
    bson_append_document_end(out, &condition);
}

/* The least text after all that start with this one. False: there is none. */
static bool successor(hc__buf *out, const char *text, size_t size)
{
    while (size > 0) {
        size_t last = size - 1, at;
        uint32_t point;
        char next[4];

        while (last > 0 && ((unsigned char)text[last] & 0xc0u) == 0x80u)
            last--;
        at = last;
        point = hc__utf8_next(text, size, &at) + 1;
        if (point >= 0xd800 && point < 0xe000)
            point = 0xe000;
        if (point <= 0x10ffff) {
            hc__buf_put(out, text, last);
            hc__buf_put(out, next, hc__utf8_put(next, point));
            return true;
        }
        size = last;
    }
    return false;
}

/* The text as it stands, behind `head`: what any of the servers' engines could take for more than itself is escaped. */
static hc_status put_pattern(const builder *b, bson_t *out, const hc_predicate *p, const char *head)
{
    const char *text = p->values[0].as.bytes, *name = hc__mongo_member(b->kind, p->field);
    uint32_t size = p->values[0].size;
    hc_status status = HC_OK;
    hc__buf pattern;

    if (size > PATTERN)
        return hc__fail_from(b->err, HC__MONGO_NAME, HC_ERR_TOO_LARGE, b->kind->fields[p->field].name,
                             "a text that is looked for in %s is longer than %d bytes", b->kind->fields[p->field].name,
                             PATTERN);
    hc__buf_init(&pattern, b->conn->mem);
    hc__buf_text(&pattern, head);
    for (uint32_t i = 0; i < size; i++) {
        if (strchr("\\^$.|?*+()[]{}-/#", text[i]) != NULL)
            hc__buf_char(&pattern, '\\');
        hc__buf_char(&pattern, text[i]);
    }
    if (pattern.failed)
        status = hc__no_memory(b->err);
    else
        bson_append_regex(out, name, -1, b->conn->masked ? "?" : pattern.data, "");
    hc__buf_free(&pattern);
    return status;
}

/* As a range, which an index answers. */
static hc_status starts_with(const builder *b, bson_t *out, const hc_predicate *p)
{
    hc_value end = p->values[0];
    bson_t condition;
    hc__buf next;

    hc__buf_init(&next, b->conn->mem);
    if (!successor(&next, end.as.bytes, end.size))
        return put_pattern(b, out, p, "^");
    if (next.failed) {
        hc__buf_free(&next);
        return hc__no_memory(b->err);
    }
    end.as.bytes = next.data;
    end.size = (uint32_t)next.size;
    bson_append_document_begin(out, hc__mongo_member(b->kind, p->field), -1, &condition);
    hc__mongo_append(b->conn, &condition, "$gte", b->kind, p->field, &p->values[0]);
    hc__mongo_append(b->conn, &condition, "$lt", b->kind, p->field, &end);
    bson_append_document_end(out, &condition);
    hc__buf_free(&next);
    return HC_OK;
}

static hc_status put_part(const builder *b, bson_t *out, const hc_predicate *p)
{
    if (p->values[0].size == 0)
        not_null(out, hc__mongo_member(b->kind, p->field));
    else
        return p->test == HC_TEST_STARTS_WITH ? starts_with(b, out, p) : put_pattern(b, out, p, "");
    return HC_OK;
}

/* ---- form ---- */

static bool takes_parts(const hc_field *field)
{
    return field->type == HC_TYPE_TEXT || field->type == HC_TYPE_KEY;
}

static hc_status check_values(const builder *b, const hc_predicate *p, const hc_field *field)
{
    for (size_t i = 0; i < p->value_count; i++) {
        bool now = p->values[i].type == HC_TYPE_NOW && field->type == HC_TYPE_TIME;

        if (p->values[i].type != field->type && p->values[i].type != HC_TYPE_NULL && !now)
            return hc__mongo_misuse(b->err, "a value has another type than its field");
        if (!hc__mongo_has_form(field, &p->values[i]))
            return hc__mongo_misuse(b->err, "an id without 16 bytes, or a word that its field does not have");
    }
    /* Servers compare bytes by their number first. */
    if (field->type == HC_TYPE_BYTES && p->test >= HC_TEST_LT && p->test <= HC_TEST_GE)
        return hc__mongo_unsupported(b->err, "order of bytes");
    return HC_OK;
}

static hc_status check_leaf(const builder *b, const hc_predicate *p)
{
    const hc_field *field;

    if (!hc__mongo_field_known(b->kind, p->field))
        return hc__mongo_misuse(b->err, "a field position is out of range");
    field = &b->kind->fields[p->field];
    if (p->test < HC_TEST_EQ || p->test > HC_TEST_NOT_NULL)
        return hc__mongo_misuse(b->err, "a test that there is not");
    if (p->test >= HC_TEST_IS_NULL)
        return HC_OK;
    if (field->type == HC_TYPE_JSON || field->type == HC_TYPE_TOKENS)
        return hc__mongo_misuse(b->err, "JSON and words are not compared");
    if (p->value_count == 0 || (p->test != HC_TEST_IN && p->value_count != 1))
        return hc__mongo_misuse(b->err, "a test has a wrong number of values");
    if ((p->test == HC_TEST_STARTS_WITH || p->test == HC_TEST_CONTAINS) && !takes_parts(field))
        return hc__mongo_misuse(b->err, "a part of what is no text");
    return check_values(b, p, field);
}

/* All of it, also what decides nothing. */
static hc_status check(const builder *b, const hc_predicate *p, int depth)
{
    hc_status status = HC_OK;

    if (p == NULL || p->test == HC_TEST_TRUE || p->test == HC_TEST_FALSE)
        return HC_OK;
    if (depth > DEPTH)
        return hc__mongo_misuse(b->err, "a predicate is too deep");
    if (p->test == HC_TEST_EXISTS)
        return hc__mongo_unsupported(b->err, "look into another kind (EXISTS)");
    if (p->test == HC_TEST_MATCH)
        return hc__mongo_unsupported(b->err, "search by words (MATCH)");
    if (p->test != HC_TEST_AND && p->test != HC_TEST_OR)
        return check_leaf(b, p);
    for (size_t i = 0; i < p->child_count && status == HC_OK; i++)
        status = check(b, p->children[i], depth + 1);
    return status;
}

/* ---- one leaf with all its rules ---- */

static void put_equal(const builder *b, bson_t *out, const hc_predicate *p, bool with_null)
{
    if (is_between(&b->kind->fields[p->field], &p->values[0]))
        none(out);
    else if (with_null)
        in_list(b, out, p, "$in", true);
    else
        hc__mongo_append(b->conn, out, hc__mongo_member(b->kind, p->field), b->kind, p->field, &p->values[0]);
}

static hc_status put_leaf(const builder *b, bson_t *out, const hc_predicate *p, bool with_null)
{
    switch (p->test) {
    case HC_TEST_IS_NULL:
        is_null(out, hc__mongo_member(b->kind, p->field), &b->kind->fields[p->field]);
        return HC_OK;
    case HC_TEST_NOT_NULL:
        not_null(out, hc__mongo_member(b->kind, p->field));
        return HC_OK;
    case HC_TEST_EQ:
        put_equal(b, out, p, with_null);
        return HC_OK;
    case HC_TEST_NE:
        in_list(b, out, p, "$nin", !with_null);
        return HC_OK;
    case HC_TEST_IN:
        in_list(b, out, p, "$in", with_null);
        return HC_OK;
    case HC_TEST_STARTS_WITH:
    case HC_TEST_CONTAINS:
        return put_part(b, out, p);
    default:
        compare(b, out, p->field, p->test, &p->values[0]);
        return HC_OK;
    }
}

/* Whether a document without the member has the field's default, and that passes. */
static bool default_passes(const builder *b, const hc_predicate *p)
{
    const hc_field *field = &b->kind->fields[p->field];
    hc_value values[1];
    hc_predicate of_default = *p;

    if ((field->flags & HC_FIELD_NULLABLE) != 0 || field->initial == NULL || field->initial->type == HC_TYPE_NOW)
        return false;
    values[0] = *field->initial;
    of_default.field = 0;
    return hc__predicate_holds(&of_default, values);
}

static hc_status leaf(const builder *b, bson_t *out, const hc_predicate *p)
{
    bool missing = default_passes(b, p);
    hc_status status;
    bson_t list, one;

    if (!missing || p->test == HC_TEST_EQ || p->test == HC_TEST_IN || p->test == HC_TEST_NE)
        return put_leaf(b, out, p, missing);
    bson_append_array_begin(out, "$or", -1, &list);
    bson_append_document_begin(&list, "0", -1, &one);
    status = put_leaf(b, &one, p, false);
    bson_append_document_end(&list, &one);
    bson_append_document_begin(&list, "1", -1, &one);
    bson_append_null(&one, hc__mongo_member(b->kind, p->field), -1);
    bson_append_document_end(&list, &one);
    bson_append_array_end(out, &list);
    return status;
}

/* ---- trees ---- */

static hc_status put(const builder *b, bson_t *out, const hc_predicate *p);

/* Equality with the key of a document stays at the top, where every server sees it. */
static hc_status put_list(const builder *b, bson_t *out, const hc_predicate *p)
{
    const hc_predicate *key = hc__id_test(p);
    hc_status status = key == NULL ? HC_OK : put(b, out, key);
    uint32_t n = 0;
    bson_t list, one;

    bson_init(&list);
    for (size_t i = 0; i < p->child_count && status == HC_OK; i++) {
        const hc_predicate *child = p->children[i];
        const char *place;
        char room[16];

        if (child == key || hc__mongo_truth(b->kind, child) >= 0)
            continue;
        (void)bson_uint32_to_string(n++, &place, room, sizeof(room));
        bson_append_document_begin(&list, place, -1, &one);
        status = put(b, &one, child);
        bson_append_document_end(&list, &one);
    }
    if (n > 0) /* servers refuse an empty list */
        bson_append_array(out, p->test == HC_TEST_AND ? "$and" : "$or", -1, &list);
    bson_destroy(&list);
    return status;
}

static hc_status put(const builder *b, bson_t *out, const hc_predicate *p)
{
    int truth = hc__mongo_truth(b->kind, p);

    if (truth == 0)
        none(out);
    if (truth >= 0)
        return HC_OK;
    switch (p->test) {
    case HC_TEST_AND:
    case HC_TEST_OR:
        return put_list(b, out, p);
    default:
        return leaf(b, out, p);
    }
}

hc_status hc__mongo_check_predicate(const hc_kind *kind, const hc_predicate *p, hc_error *err)
{
    const builder b = {NULL, kind, err};

    return check(&b, p, 0);
}

hc_status hc__mongo_filter(hc__mongo *conn, bson_t *out, const hc_kind *kind, const hc_predicate *p, hc_error *err)
{
    const builder b = {conn, kind, err};

    return put(&b, out, p);
}

void hc__mongo_and(bson_t *filter, const bson_t *more)
{
    bson_t both, list;

    if (bson_empty(more))
        return;
    if (bson_empty(filter)) {
        bson_concat(filter, more);
        return;
    }
    bson_init(&both);
    bson_append_array_begin(&both, "$and", -1, &list);
    bson_append_document(&list, "0", -1, filter);
    bson_append_document(&list, "1", -1, more);
    bson_append_array_end(&both, &list);
    bson_reinit(filter);
    bson_concat(filter, &both);
    bson_destroy(&both);
}

/* ---- the store's clock ---- */

static bool asks_time(const hc_predicate *p)
{
    for (size_t i = 0; p != NULL && i < p->value_count; i++) {
        if (p->values[i].type == HC_TYPE_NOW)
            return true;
    }
    for (size_t i = 0; p != NULL && i < p->child_count; i++) {
        if (asks_time(p->children[i]))
            return true;
    }
    return false;
}

hc_status hc__mongo_in_time(hc__mongo *conn, const hc_predicate **out, const hc_predicate *p, hc_error *err)
{
    hc_predicate *copy;
    hc_value *values;
    const hc_predicate **children;
    hc_status status = HC_OK;

    *out = p;
    if (!asks_time(p))
        return HC_OK;
    copy = hc__arena_copy(&conn->scratch, p, sizeof(*p));
    values = hc__arena_zero(&conn->scratch, p->value_count + 1, sizeof(*values));
    children = hc__arena_zero(&conn->scratch, p->child_count + 1, sizeof(*children));
    if (copy == NULL || values == NULL || children == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < p->value_count && status == HC_OK; i++)
        status = hc__mongo_settle(conn, &values[i], &p->values[i], err);
    for (size_t i = 0; i < p->child_count && status == HC_OK; i++)
        status = hc__mongo_in_time(conn, &children[i], p->children[i], err);
    copy->values = values;
    copy->children = children;
    *out = copy;
    return status;
}
