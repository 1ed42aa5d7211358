#include "base/json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/number.h"

#define TWO_63 9223372036854775808.0

/* The reader names its faults "json"; here the caller knows a better name. */
static hc_status named(hc_error *err, hc_status status, const char *field)
{
    size_t size = field == NULL ? 0 : strlen(field);

    if (err == NULL || status == HC_OK || status == HC_ERR_NO_MEMORY || size == 0 || size >= sizeof(err->field))
        return status;
    memset(err->field, 0, sizeof(err->field));
    memcpy(err->field, field, size);
    return status;
}

hc_status hc__json_check(const hc__mem *mem, const char *text, size_t size, const hc__json_limits *limits,
                         const char *field, hc_error *err)
{
    hc__json_reader reader;
    hc__json_token token;
    hc_status status;

    hc__json_open(&reader, mem, text, size, limits);
    do
        token = hc__json_next(&reader, err);
    while (token != HC__JSON_END && token != HC__JSON_ERROR);
    status = token == HC__JSON_END ? HC_OK : reader.status;
    hc__json_close(&reader);
    return named(err, status, field);
}

hc_status hc__json_tree(struct cJSON **out, const hc__mem *mem, const char *text, size_t size,
                        const hc__json_limits *limits, const char *field, hc_error *err)
{
    hc_status status = hc__json_check(mem, text, size, limits, field, err);

    *out = NULL;
    if (status != HC_OK)
        return status;
    *out = cJSON_ParseWithLength(text, size);
    return *out != NULL ? HC_OK : hc__no_memory(err); /* nothing else can go wrong with text that passed */
}

typedef struct node {
    hc__json_token kind;
    const char *text; /* of a string, or of a number in canonical form */
    size_t size;
    const char *name; /* NULL unless a member of an object */
    size_t name_size;
    struct node *parent;
    struct node *first;
    struct node *last; /* while it is built */
    struct node *next;
} node;

/* Sets the canonical text of the number just read. */
static hc_status canonical_number(hc__json_reader *reader, node *to, hc_error *err)
{
    char text[32];
    int64_t integer;
    double value;

    if (hc__decimal_parse(&integer, reader->text, reader->size, 0, HC__EXACT) == HC__DECIMAL_OK)
        to->size = hc__decimal_format(text, integer, 0);
    else if (!hc__os_double_parse(&value, reader->text, reader->size))
        return hc__fail(err, HC_ERR_INVALID, "json", "JSON, byte %zu: a number is beyond the doubles",
                        reader->start + 1);
    else if (value >= -TWO_63 && value < TWO_63 && (double)(int64_t)value == value)
        to->size = hc__decimal_format(text, (int64_t)value, 0);
    else
        to->size = hc__os_double_format(text, value);
    to->text = hc__arena_text(&reader->arena, text, to->size);
    return to->text != NULL ? HC_OK : hc__no_memory(err);
}

/* Reads the whole text into nodes of the reader's arena; *root is its top value. */
static hc_status build(node **root, hc__json_reader *reader, hc_error *err)
{
    hc_status status = HC_OK;
    const char *name = NULL;
    size_t name_size = 0;
    node *parent = NULL;

    while (status == HC_OK) {
        hc__json_token token = hc__json_next(reader, err);
        node *made;

        if (token == HC__JSON_ERROR)
            return reader->status;
        if (token == HC__JSON_END)
            return HC_OK;
        if (token == HC__JSON_KEY) {
            name = reader->text;
            name_size = reader->size;
            continue;
        }
        if (token == HC__JSON_OBJECT_END || token == HC__JSON_ARRAY_END) {
            parent = parent->parent;
            continue;
        }
        made = hc__arena_zero(&reader->arena, 1, sizeof(*made));
        if (made == NULL)
            return hc__no_memory(err);
        *made = (node){token, reader->text, reader->size, name, name_size, parent, NULL, NULL, NULL};
        name = NULL;
        if (parent == NULL)
            *root = made;
        else if (parent->last == NULL)
            parent->first = made;
        else
            parent->last->next = made;
        if (parent != NULL)
            parent->last = made;
        if (token == HC__JSON_NUMBER)
            status = canonical_number(reader, made, err);
        else if (token == HC__JSON_OBJECT || token == HC__JSON_ARRAY)
            parent = made;
    }
    return status;
}

static bool name_after(const node *a, const node *b)
{
    size_t size = a->name_size < b->name_size ? a->name_size : b->name_size;
    int order = memcmp(a->name, b->name, size);

    return order > 0 || (order == 0 && a->name_size > b->name_size);
}

static node *merge(node *a, node *b)
{
    node *first = NULL;
    node **link = &first;

    while (a != NULL && b != NULL) {
        node **from = name_after(a, b) ? &b : &a;

        *link = *from;
        link = &(*link)->next;
        *from = *link;
    }
    *link = a != NULL ? a : b;
    return first;
}

/* Bottom-up merge sort: runs[i] holds 2^i members. The C library's qsort would take memory behind the allocator's back.
 */
static node *sort(node *members)
{
    node *runs[40] = {NULL};
    node *sorted = NULL;

    while (members != NULL) {
        node *run = members;
        size_t i = 0;

        members = members->next;
        run->next = NULL;
        for (; runs[i] != NULL; i++) {
            run = merge(runs[i], run);
            runs[i] = NULL;
        }
        runs[i] = run;
    }
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
        sorted = merge(runs[i], sorted);
    return sorted;
}

static void put_open(hc__json_writer *writer, node *at)
{
    if (at->name != NULL)
        hc__json_string(writer, at->name, at->name_size);
    if (at->name != NULL) {
        hc__buf_char(writer->out, ':');
        writer->after_key = true;
    }
    switch (at->kind) {
    case HC__JSON_OBJECT:
        at->first = sort(at->first);
        hc__json_object(writer);
        break;
    case HC__JSON_ARRAY:
        hc__json_array(writer);
        break;
    case HC__JSON_STRING:
        hc__json_string(writer, at->text, at->size);
        break;
    case HC__JSON_NUMBER:
        hc__json_raw(writer, at->text, at->size);
        break;
    case HC__JSON_NULL:
        hc__json_null(writer);
        break;
    default:
        hc__json_bool(writer, at->kind == HC__JSON_TRUE);
        break;
    }
}

static void put_close(hc__json_writer *writer, const node *at)
{
    if (at->kind == HC__JSON_OBJECT)
        hc__json_object_end(writer);
    else if (at->kind == HC__JSON_ARRAY)
        hc__json_array_end(writer);
}

/* Depth first, by the parents' links. */
static void put_tree(hc__buf *out, node *at)
{
    hc__json_writer writer;

    hc__json_begin(&writer, out);
    while (at != NULL) {
        put_open(&writer, at);
        if (at->first != NULL) {
            at = at->first;
            continue;
        }
        put_close(&writer, at);
        while (at->next == NULL && at->parent != NULL) {
            at = at->parent;
            put_close(&writer, at);
        }
        at = at->next;
    }
}

hc_status hc__json_canonical(hc__buf *out, const hc__mem *mem, const char *text, size_t size,
                             const hc__json_limits *limits, const char *field, hc_error *err)
{
    size_t before = out->size;
    hc__json_reader reader;
    node *root = NULL;
    hc_status status;

    hc__json_open(&reader, mem, text, size, limits);
    status = build(&root, &reader, err);
    if (status == HC_OK) {
        put_tree(out, root);
        if (out->failed) {
            out->size = before;
            status = hc__no_memory(err);
        }
    }
    hc__json_close(&reader);
    return named(err, status, field);
}
