/* A driver of a few rows in memory: the operations that a list sends are run by the letter of storage.h and remembered.
 */
#ifndef QUERY_SHELF_H
#define QUERY_SHELF_H

#include "query_case.h"

#define SHELF_ROWS 2100
#define SHELF_OPS  400
#define P(name)    hc__property_f_##name

typedef hc_value shelf_row[hc__property_field_count];

static struct shelf {
    hc__arena arena;
    shelf_row rows[SHELF_ROWS]; /* in the order of arrival */
    size_t count;
    /* what was asked since the last page */
    size_t batches, ops, given;
    uint32_t flags; /* of the last batch */
    struct seen {
        int64_t limit, scan_limit;
        int32_t index;
        size_t order_count, field_count;
        hc_order order[2];
        char where[600], filter[600], fields[900]; /* fields: by name */
    } seen[SHELF_OPS];
    int64_t stop;  /* cuts every scan after so many rows, whatever its limit; 0: never */
    bool greedy;   /* each scan tells that it looked at all the rows it might */
    bool silent;   /* nothing is remembered */
    bool fleeting; /* all rows are gone after the first batch */
} shelf;

static hc__list_context reader;
static hc__list page;
static hc__arena pages;

/* ---- predicates ---- */

static inline int shelf_compare(const hc_value *a, const hc_value *b)
{
    if (a->type == HC_TYPE_ID || a->type == HC_TYPE_TEXT || a->type == HC_TYPE_KEY) {
        uint32_t size = a->size < b->size ? a->size : b->size;
        int order = memcmp(a->as.bytes, b->as.bytes, size);

        return order != 0 ? order : (int)a->size - (int)b->size;
    }
    return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
}

static inline bool shelf_match(const hc_value *tokens, const hc_value *word)
{
    char find[100];
    const char *at;
    bool prefix = ((const char *)word->as.bytes)[word->size - 1] == '*';

    snprintf(find, sizeof(find), " %.*s%s", (int)word->size - prefix, (const char *)word->as.bytes, prefix ? "" : " ");
    at = tokens->type == HC_TYPE_NULL ? NULL : strstr(tokens->as.bytes, find);
    return at != NULL;
}

static inline bool shelf_holds(const hc_predicate *p, const hc_value *row)
{
    const hc_value *v = p->field == HC_NO_FIELD ? NULL : &row[p->field];
    int order;

    switch (p->test) {
    case HC_TEST_TRUE:
        return true;
    case HC_TEST_AND:
    case HC_TEST_OR:
        for (size_t i = 0; i < p->child_count; i++)
            if (shelf_holds(p->children[i], row) != (p->test == HC_TEST_AND))
                return p->test != HC_TEST_AND;
        return p->test == HC_TEST_AND;
    case HC_TEST_IS_NULL:
        return v->type == HC_TYPE_NULL;
    case HC_TEST_MATCH:
        for (size_t i = 0; i < p->value_count; i++) {
            bool stands = false;

            for (uint16_t f = p->field; f <= (p->inner == HC_NO_FIELD ? p->field : p->inner); f++)
                stands = stands || shelf_match(&row[f], &p->values[i]);
            if (!stands)
                return false;
        }
        return true;
    default:
        break;
    }
    if (v == NULL || v->type == HC_TYPE_NULL)
        return false;
    for (size_t i = 0; p->test == HC_TEST_IN && i < p->value_count; i++)
        if (shelf_compare(v, &p->values[i]) == 0)
            return true;
    if (p->test == HC_TEST_IN || p->test == HC_TEST_NOT_NULL)
        return p->test == HC_TEST_NOT_NULL;
    if (p->test == HC_TEST_CONTAINS)
        return memmem(v->as.bytes, v->size, p->values->as.bytes, p->values->size) != NULL;
    if (p->test == HC_TEST_STARTS_WITH)
        return v->size >= p->values->size && memcmp(v->as.bytes, p->values->as.bytes, p->values->size) == 0;
    order = shelf_compare(v, p->values);
    return (p->test == HC_TEST_EQ && order == 0) || (p->test == HC_TEST_NE && order != 0) ||
           (p->test == HC_TEST_LT && order < 0) || (p->test == HC_TEST_LE && order <= 0) ||
           (p->test == HC_TEST_GT && order > 0) || (p->test == HC_TEST_GE && order >= 0);
}

/* ---- operations ---- */

static inline int shelf_order(const hc_op *op, const hc_value *row, const hc_value *other, bool other_is_seek)
{
    for (size_t i = 0; i < op->order_count; i++) {
        const hc_order *key = &op->order[i];
        const hc_value *a, *b;
        int order;

        if (key->field == HC_ORDER_ARRIVAL)
            return row > other ? -1 : row < other;
        a = &row[key->field];
        b = other_is_seek ? &other[i] : &other[key->field];
        ck_assert(a->type != HC_TYPE_NULL && b->type != HC_TYPE_NULL); /* the core keeps nulls out of its orders */
        order = shelf_compare(a, b);
        if (order != 0)
            return (key->flags & HC_ORDER_DESCENDING) != 0 ? -order : order;
    }
    return 0;
}

/* Tokens are asked for by a ranking only. */
static inline hc_value shelf_found(const hc_op *op, const hc_value *row, uint16_t field)
{
    const hc_predicate *match = op->where;
    hc_value out = {HC_TYPE_INT64, 0, {.integer = 0}};

    ck_assert(match != NULL && match->test == HC_TEST_MATCH && field >= match->field && field <= match->inner);
    ck_assert(op->order_count == 1 && op->order->field == HC_ORDER_ARRIVAL);
    for (size_t i = 0; i < match->value_count; i++)
        if (shelf_match(&row[field], &match->values[i]))
            out.as.integer |= INT64_C(1) << i;
    return out;
}

static inline hc_status shelf_give(const hc_batch *batch, const hc_op *op, int32_t what, const hc_value *row,
                                   hc_error *error)
{
    hc_value values[hc__property_field_count + HC_ORDER_LIMIT];
    size_t count = what == HC_ROW_MATCH ? op->field_count : op->order_count;
    hc_row out = {(size_t)(op - batch->ops), what, (uint32_t)count, values};

    for (size_t i = 0; i < count; i++) {
        uint16_t field = what == HC_ROW_MATCH ? op->fields[i] : op->order[i].field;

        values[i] = field == HC_ORDER_ARRIVAL ? (hc_value){.type = HC_TYPE_NULL} : row[field];
        if (values[i].type == HC_TYPE_TOKENS || (field >= P(words_title) && field <= P(words_hidden)))
            values[i] = shelf_found(op, row, field);
    }
    shelf.given += what == HC_ROW_MATCH;
    return batch->on_row(&out, batch->data, error);
}

static inline hc_status shelf_run(const hc_batch *batch, const hc_op *op, hc_error *error)
{
    const hc_value *found[SHELF_ROWS];
    hc_op_result unseen = {0}, *result = op->result == NULL ? &unseen : op->result;
    int64_t limit = op->scan_limit;
    size_t count = 0;

    ck_assert_int_eq(op->verb, HC_VERB_QUERY);
    ck_assert(op->scan_limit > 0 || op->index == HC_INDEX_ID); /* only rows by id need no bound */
    if (op->scan_limit == 0)
        limit = SHELF_ROWS;
    else if (shelf.stop != 0 && shelf.stop < limit)
        limit = shelf.stop;
    for (size_t i = 0; i < shelf.count; i++) {
        const hc_value *row = shelf.rows[i];
        size_t at = count;

        if ((op->where != NULL && !shelf_holds(op->where, row)) ||
            (op->seek != NULL && shelf_order(op, row, op->seek, true) <= 0))
            continue;
        for (; at > 0 && shelf_order(op, row, found[at - 1], false) < 0; at--)
            found[at] = found[at - 1];
        found[at] = row;
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        hc_status status = HC_OK;

        if (result->examined == limit) {
            result->cut = 1;
            return shelf_give(batch, op, HC_ROW_SCANNED, found[i - 1], error);
        }
        result->examined++;
        if (op->filter == NULL || shelf_holds(op->filter, found[i])) {
            result->count++;
            status = shelf_give(batch, op, HC_ROW_MATCH, found[i], error);
        }
        if (status != HC_OK || (op->limit > 0 && result->count == op->limit))
            return status < 0 ? status : HC_OK;
    }
    return HC_OK;
}

static inline void shelf_tell(char out[600], const hc_predicate *predicate)
{
    hc__buf told;

    hc__buf_init(&told, &mem);
    if (predicate != NULL)
        hc__predicate_print(&told, &hc__property_entity.kind, predicate);
    snprintf(out, 600, "%s", told.data == NULL ? "" : told.data);
    hc__buf_free(&told);
}

/* Operations live no longer than the call. */
static inline void shelf_remember(const hc_op *op)
{
    struct seen *out = &shelf.seen[shelf.ops++];

    ck_assert_uint_le(shelf.ops, SHELF_OPS);
    *out = (struct seen){.limit = op->limit,
                         .scan_limit = op->scan_limit,
                         .index = op->index,
                         .order_count = op->order_count,
                         .field_count = op->field_count};
    for (size_t i = 0; i < op->order_count && i < 2; i++)
        out->order[i] = op->order[i];
    for (size_t i = 0; i < op->field_count; i++)
        snprintf(out->fields + strlen(out->fields), sizeof(out->fields) - strlen(out->fields), "%s%s", i > 0 ? " " : "",
                 op->kind->fields[op->fields[i]].name);
    shelf_tell(out->where, op->where);
    shelf_tell(out->filter, op->filter);
}

static inline hc_status shelf_execute(hc_batch *batch, void *data, hc_error *error)
{
    hc_status status = HC_OK;

    (void)data;
    ck_assert_uint_eq(batch->struct_size, sizeof(*batch));
    shelf.batches++;
    shelf.flags = batch->flags;
    for (size_t i = 0; i < batch->op_count && status == HC_OK; i++) {
        status = shelf_run(batch, &batch->ops[i], error);
        if (shelf.greedy && batch->ops[i].result != NULL && batch->ops[i].scan_limit > 0)
            batch->ops[i].result->examined = batch->ops[i].scan_limit;
        if (!shelf.silent)
            shelf_remember(&batch->ops[i]);
    }
    if (shelf.fleeting)
        shelf.count = 0;
    return status;
}

/* ---- rows ---- */

static inline void put_int(shelf_row row, uint16_t field, int64_t value)
{
    row[field] = (hc_value){hc__property_entity.kind.fields[field].type, 0, {.integer = value}};
}

static inline void put_text(shelf_row row, uint16_t field, const char *value)
{
    row[field] = (hc_value){hc__property_entity.kind.fields[field].type,
                            (uint32_t)strlen(value),
                            {.bytes = hc__arena_text(&shelf.arena, value, strlen(value))}};
}

/* An active house in Austin that shows everything; ids rise. */
static inline hc_value *shelf_add(const char *title, int64_t cents)
{
    hc_value *row = shelf.rows[shelf.count];
    uint8_t id[16] = {0, (uint8_t)(shelf.count >> 8), (uint8_t)shelf.count};
    char words[200];

    ck_assert_uint_lt(shelf.count, SHELF_ROWS);
    memset(row, 0, sizeof(shelf_row));
    row[0] = (hc_value){HC_TYPE_ID, 16, {.bytes = hc__arena_copy(&shelf.arena, id, 16)}};
    put_text(row, P(title), title);
    put_text(row, P(title_norm), title);
    put_int(row, P(price), cents);
    put_text(row, P(address), "12 Creek Rd");
    put_text(row, P(address_norm), "12 creek rd");
    put_text(row, P(city), "Austin");
    put_text(row, P(city_norm), "austin");
    put_text(row, P(zip_code), "78704");
    put_text(row, P(currency), "USD");
    put_int(row, P(property_type), 1);
    put_int(row, P(status), 1);
    put_int(row, P(created_at), INT64_C(1700000000000000) + (int64_t)shelf.count);
    put_int(row, P(updated_at), INT64_C(1700000000000000));
    put_int(row, P(version), 1);
    put_int(row, P(display_ok), 1);
    put_int(row, P(display_address_ok), 1);
    snprintf(words, sizeof(words), " zq%s ", title);
    put_text(row, P(words_title), words);
    shelf.count++;
    return row;
}

/* Listings h0, h1, ... of 1, 2, ... dollars along a meridian; each fifth has a bed. */
static inline void crowd(size_t count)
{
    char title[24];

    for (size_t i = 0; i < count; i++) {
        hc_value *row;

        snprintf(title, sizeof(title), "h%zu", i);
        row = shelf_add(title, 100 * (int64_t)(i + 1));
        put_int(row, P(beds), i % 5 == 4);
        put_int(row, P(latitude), INT64_C(3000000000) + (int64_t)i * 100);
        put_int(row, P(longitude), INT64_C(-9700000000));
    }
}

/* ---- pages ---- */

static inline void shelf_open(void)
{
    static const uint8_t key[32] = {7};
    hc__secret *secret;

    case_open();
    ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
    ck_assert_int_eq(hc__secret_new(&secret, key, sizeof(key), &err), HC_OK);
    memset(&shelf, 0, sizeof(shelf));
    hc__arena_init(&shelf.arena, &mem, NULL, 0);
    hc__arena_init(&pages, &mem, NULL, 0);
    reader = (hc__list_context){.entitled = true,
                                .cursor_key = secret,
                                .now = INT64_C(1763892000000000),
                                .currency = "USD",
                                .execute = shelf_execute};
}

static inline void shelf_close(void)
{
    hc__secret_free((hc__secret *)(uintptr_t)reader.cursor_key);
    hc__arena_free(&shelf.arena);
    hc__arena_free(&pages);
    case_close();
}

static inline hc_status run_list(void)
{
    shelf.batches = shelf.ops = shelf.given = 0;
    return hc__list_run(&page, &pages, &query, &reader, &err);
}

static inline void ask(const char *string)
{
    again();
    ck_assert_msg(hc__query_parse_string(&query, string, strlen(string), &err) == HC_OK, "%s: %s", string, err.message);
}

static inline void ask_filter(const char *filter, const char *sort)
{
    again();
    ck_assert_msg(hc__query_parse(&query, filter, sort, &err) == HC_OK, "%s: %s", filter, err.message);
}

/* The titles of the page, with spaces. */
static inline const char *titles(void)
{
    hc__buf_clear(&text);
    for (size_t i = 0; i < page.count; i++) {
        hc__buf_text(&text, i > 0 ? " " : "");
        hc__buf_text(&text, hc__record_text(&page.rows[i], P(title)));
    }
    return text.data == NULL ? "" : text.data;
}

static inline const char *listed(void)
{
    ck_assert_msg(run_list() == HC_OK, "%s %s", err.field, err.message);
    return titles();
}

static inline void go(const char *cursor)
{
    ck_assert_ptr_nonnull(cursor);
    ck_assert_int_eq(hc__query_set_cursor(&query, cursor, &err), HC_OK);
}

#endif
