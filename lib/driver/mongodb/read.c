/* Rows of queries, counts and groups to the caller. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/time.h"

#define FIRST_BATCH 1000 /* documents of one answer, where a limit allows that many */

hc_status hc__mongo_give(hc__mongo_read *r, int32_t what, uint32_t count, const hc_value *values, hc_error *err)
{
    hc_row row = {r->index, what, count, values};

    return r->batch->on_row == NULL ? HC_OK : r->batch->on_row(&row, r->batch->data, err);
}

/* The server stops by itself what nobody waits for any more. */
void hc__mongo_limit_time(const hc__mongo *conn, bson_t *opts)
{
    int64_t left = (conn->deadline - hc__os_monotonic()) / 1000;

    if (conn->deadline != 0)
        bson_append_int64(opts, "maxTimeMS", -1, left < 1 ? 1 : left > INT32_MAX ? INT32_MAX : left);
}

/* ---- which members a scan reads ---- */

static void want_predicate(hc__mongo_read *r, const hc_predicate *p)
{
    if (p == NULL)
        return;
    if (p->test >= HC_TEST_EQ && p->test <= HC_TEST_NOT_NULL && hc__mongo_field_known(r->op->kind, p->field))
        r->wanted[p->field] = true;
    for (size_t i = 0; i < p->child_count; i++)
        want_predicate(r, p->children[i]);
}

static hc_status check_order(const hc_op *op, hc_error *err)
{
    if (op->order_count > HC_ORDER_LIMIT)
        return hc__mongo_misuse(err, "an order has too many keys");
    for (size_t i = 0; i < op->order_count; i++) {
        if (op->order[i].field == HC_ORDER_ARRIVAL)
            return hc__mongo_unsupported(err, "order of arrival");
        if (!hc__mongo_field_known(op->kind, op->order[i].field))
            return hc__mongo_misuse(err, "a field position is out of range");
        if (op->kind->fields[op->order[i].field].type == HC_TYPE_JSON)
            return hc__mongo_misuse(err, "an order by JSON");
        if (op->kind->fields[op->order[i].field].type == HC_TYPE_BYTES)
            return hc__mongo_unsupported(err, "order of bytes");
    }
    return HC_OK;
}

static hc_status prepare(hc__mongo_read *r, hc_error *err)
{
    const hc_op *op = r->op;
    hc__arena *arena = &r->conn->scratch;
    hc_status status = check_order(op, err);

    if (status < 0)
        return status;
    r->wanted = hc__arena_zero(arena, op->kind->field_count, sizeof(*r->wanted));
    r->out = hc__arena_zero(arena, op->field_count + 2, sizeof(*r->out));
    if (r->wanted == NULL || r->out == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; op->verb == HC_VERB_QUERY && i < op->field_count; i++) {
        if (!hc__mongo_field_known(op->kind, op->fields[i]))
            return hc__mongo_misuse(err, "a field position is out of range");
        if (op->kind->fields[op->fields[i]].type == HC_TYPE_TOKENS)
            return hc__mongo_unsupported(err, "search by words");
        r->wanted[op->fields[i]] = true;
    }
    for (size_t i = 0; i < op->order_count; i++) /* for what is merged, and where a scan is cut */
        r->wanted[op->order[i].field] = r->wanted[op->order[i].field] || op->scan_limit != 0 || op->order_count > 2;
    if (r->filter != NULL)
        want_predicate(r, r->filter);
    return HC_OK;
}

static bool wants_all(const hc__mongo_read *r)
{
    for (uint32_t i = 1; i < r->op->kind->field_count; i++) {
        if (!r->wanted[i])
            return false;
    }
    return true;
}

static void put_projection(bson_t *opts, const hc__mongo_read *r)
{
    bson_t projection;

    if (wants_all(r))
        return;

    bson_append_document_begin(opts, "projection", -1, &projection);
    bson_append_int32(&projection, HC__MONGO_KEY, -1, 1); /* also to name a document that is not well formed */
    for (uint16_t i = 1; i < r->op->kind->field_count; i++) {
        if (r->wanted[i])
            bson_append_int32(&projection, hc__mongo_member(r->op->kind, i), -1, 1);
    }
    bson_append_document_end(opts, &projection);
}

/* ---- one document ---- */

static uint16_t position_of(const hc_kind *kind, const char *member, uint16_t from)
{
    for (uint32_t i = 0; i < kind->field_count; i++) { /* documents keep their order, mostly */
        uint16_t at = (uint16_t)((from + i) % kind->field_count);

        if (strcmp(hc__mongo_member(kind, at), member) == 0)
            return at;
    }
    return HC_NO_FIELD;
}

/* A cursor and its next row. */
typedef struct source {
    mongoc_cursor_t *cursor;
    hc_value *values;
    hc__arena arena; /* of its row, after the first block, which is the connection's */
    void *first;
    size_t first_size;
    bool has;
} source;

static hc_status decode(const hc__mongo_read *r, source *s, const bson_t *document, hc_error *err)
{
    const hc_kind *kind = r->op->kind;
    hc_status status = HC_OK;
    bson_iter_t at;
    uint16_t next = 0;

    hc__arena_free(&s->arena);
    hc__arena_init(&s->arena, r->conn->mem, s->first, s->first_size);
    for (uint32_t i = 0; i < kind->field_count; i++)
        s->values[i].type = -1;
    if (!bson_iter_init(&at, document))
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CORRUPT, NULL, "the server sent what is no document");
    while (status == HC_OK && bson_iter_next(&at)) {
        uint16_t field = position_of(kind, bson_iter_key(&at), next);

        if (field == HC_NO_FIELD || !r->wanted[field])
            continue;
        status = hc__mongo_decode(&s->values[field], &s->arena, kind, field, &at, document, err);
        next = (uint16_t)(field + 1);
    }
    for (uint16_t i = 0; i < kind->field_count && status == HC_OK; i++) {
        if (r->wanted[i] && s->values[i].type == -1)
            status = hc__mongo_missing(&s->values[i], kind, i, document, err);
    }
    return status;
}

/* A document that another program spoiled keeps no other from its reader: it is told at the end. */
static bool set_aside(hc__mongo_read *r, hc_status status, const hc_error *why)
{
    if (status != HC_ERR_CORRUPT)
        return false;
    r->aside++;
    if (r->spoiled == HC_OK) {
        r->spoiled = status;
        r->why = *why;
    }
    return true;
}

/* ---- a scan ---- */

static mongoc_cursor_t *open_cursor(hc__mongo_read *r, const hc__mongo_range *range, const bson_t *filter,
                                    int64_t limit, hc_error *err)
{
    mongoc_collection_t *collection = hc__mongo_collection(r->conn, r->op->kind->name);
    mongoc_cursor_t *out;
    bson_t opts, sort;

    if (collection == NULL) {
        (void)hc__no_memory(err);
        return NULL;
    }
    bson_init(&opts);
    put_projection(&opts, r);
    bson_init(&sort);
    hc__mongo_range_sort(&sort, range);
    if (!bson_empty(&sort))
        bson_append_document(&opts, "sort", -1, &sort);
    if (limit > 0) {
        bson_append_int64(&opts, "limit", -1, limit);
        /* One more than the limit, so that the server need not keep a cursor. */
        bson_append_int64(&opts, "batchSize", -1, limit < FIRST_BATCH ? limit + 1 : FIRST_BATCH);
    }
    hc__mongo_limit_time(r->conn, &opts);
    out = mongoc_collection_find_with_opts(collection, filter, &opts, NULL);
    bson_destroy(&sort);
    bson_destroy(&opts);
    return out;
}

hc_status hc__mongo_match(hc__mongo_read *r, bson_t *filter, hc_error *err)
{
    const hc_op *op = r->op;
    hc_status status = hc__mongo_filter(r->conn, filter, op->kind, op->where, err);
    bson_t more;

    bson_init(&more); /* made in any case: what is wrong with it is found here */
    if (status == HC_OK)
        status = hc__mongo_filter(r->conn, &more, op->kind, op->filter, err);
    if (status == HC_OK && r->filter == NULL)
        hc__mongo_and(filter, &more);
    bson_destroy(&more);
    return status;
}

static hc_status advance(hc__mongo_read *r, source *s, hc_error *err)
{
    const bson_t *document, *reply;
    bson_error_t error;

    while (mongoc_cursor_next(s->cursor, &document)) {
        hc_error why = {0};
        hc_status status = decode(r, s, document, &why);

        s->has = status == HC_OK;
        if (s->has)
            return HC_OK;
        if (!set_aside(r, status, &why)) {
            if (err != NULL)
                *err = why;
            return status;
        }
    }
    s->has = false;
    return mongoc_cursor_error_document(s->cursor, &error, &reply)
               ? hc__mongo_failed(r->conn, &error, reply, false, err)
               : HC_OK;
}

static source *least(const hc__mongo_read *r, source *sources, size_t count)
{
    source *out = NULL;

    for (size_t i = 0; i < count; i++) {
        if (sources[i].has && (out == NULL || hc__rows_compare(r->op, sources[i].values, out->values) < 0))
            out = &sources[i];
    }
    return out;
}

static hc_status walk(hc__mongo_read *r, source *sources, size_t count, hc__mongo_row_fn row, hc_error *err)
{
    hc_status status = HC_OK;
    source *next;

    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = advance(r, &sources[i], err);
    while (status == HC_OK && !r->ended) {
        next = count == 1 ? (sources[0].has ? sources : NULL) : least(r, sources, count);
        if (next == NULL)
            break;
        r->values = next->values;
        status = row(r, err);
        if (status == HC_OK)
            status = hc__mongo_may_go_on(r->conn, err);
        if (status == HC_OK && !r->ended)
            status = advance(r, next, err);
    }
    return status;
}

static hc_status open_source(hc__mongo_read *r, source *s, const hc__mongo_range *range, int64_t limit, hc_error *err)
{
    hc_status status;
    bson_t filter;
    bool any = true;

    *s = (source){.cursor = NULL};
    hc__arena_init(&s->arena, r->conn->mem, NULL, 0);
    bson_init(&filter);
    status = hc__mongo_match(r, &filter, err);
    if (status == HC_OK)
        status = hc__mongo_range_filter(r->conn, &filter, range, &any, err);
    if (status == HC_OK && any) {
        s->values = hc__arena_zero(&r->conn->scratch, r->op->kind->field_count, sizeof(*s->values));
        s->cursor = s->values == NULL ? NULL : open_cursor(r, range, &filter, limit, err);
        status = s->cursor == NULL ? hc__no_memory(err) : HC_OK;
    }
    bson_destroy(&filter);
    return status;
}

hc_status hc__mongo_scan(hc__mongo_read *r, const hc__mongo_range *range, int64_t limit, hc__mongo_row_fn row,
                         hc_error *err)
{
    source sources[1 << (HC_ORDER_LIMIT - 2)]; /* the id is not null, and the first key is not merged */
    hc__mongo_range part = *range;
    hc_status status = HC_OK;
    size_t count = 0;

    if (hc__mongo_truth(r->op->kind, r->op->where) == 0)
        return HC_OK;
    do {
        status = open_source(r, &sources[count], &part, limit, err);
        if (count == 0 && r->conn->blocks != NULL) {
            sources[0].first = r->conn->blocks + HC__MONGO_BLOCK;
            sources[0].first_size = HC__MONGO_BLOCK;
        }
        count += sources[count].cursor != NULL;
    } while (status == HC_OK && hc__mongo_next_part(&part) && count < sizeof(sources) / sizeof(sources[0]));
    if (status == HC_OK && count > 0)
        status = walk(r, sources, count, row, err);
    for (size_t i = 0; i < count; i++) {
        mongoc_cursor_destroy(sources[i].cursor);
        hc__arena_free(&sources[i].arena);
    }
    return status;
}

/* ---- queries ---- */

static hc_status keep_keys(hc__mongo_read *r, hc_error *err)
{
    for (size_t i = 0; i < r->op->order_count; i++) {
        hc_value *key = &r->keys[i];

        *key = r->values[r->op->order[i].field];
        if (key->size == 0)
            continue;
        key->as.bytes = hc__arena_copy(&r->conn->scratch, key->as.bytes, key->size);
        if (key->as.bytes == NULL)
            return hc__no_memory(err);
    }
    return HC_OK;
}

static hc_status on_query_row(hc__mongo_read *r, hc_error *err)
{
    const hc_op *op = r->op;
    hc_status status = HC_OK;

    if (r->drop > 0) {
        r->drop--;
        return HC_OK;
    }
    if (op->scan_limit > 0 && r->result->examined == op->scan_limit) {
        r->result->cut = 1;
        r->ended = true;
        return HC_OK;
    }
    r->result->examined++;
    if (op->scan_limit > 0 && r->result->examined == op->scan_limit)
        status = keep_keys(r, err);
    if (status < 0 || !hc__predicate_holds(r->filter, r->values))
        return status;
    if (op->verb == HC_VERB_QUERY) {
        for (size_t i = 0; i < op->field_count; i++)
            r->out[i] = r->values[op->fields[i]];
        status = hc__mongo_give(r, HC_ROW_MATCH, (uint32_t)op->field_count, r->out, err);
    }
    if (status < 0)
        return status;
    r->result->count++;
    r->ended = status > 0 || (op->limit > 0 && r->result->count >= op->limit);
    return HC_OK;
}

static int64_t one_more(int64_t number)
{
    return number < INT64_MAX ? number + 1 : number;
}

/* One more than may be examined tells whether the scan is cut. */
int64_t hc__mongo_asked(const hc__mongo_read *r)
{
    int64_t matches = r->op->limit > 0 ? r->op->limit - r->result->count : 0;
    int64_t scan = r->op->scan_limit > 0 ? one_more(r->op->scan_limit - r->result->examined) : 0;

    if (r->filter != NULL || matches == 0)
        return scan;
    return scan > 0 && scan < matches ? scan : matches;
}

/* Documents that were set aside took the places of others within the server's limit: then all of the range is asked
 * for, and what was given is passed over. */
static hc_status query_range(hc__mongo_read *r, const hc__mongo_range *range, hc_error *err)
{
    int64_t asked = hc__mongo_asked(r), aside = r->aside, examined = r->result->examined;
    hc_status status = hc__mongo_scan(r, range, asked, on_query_row, err);

    if (status < 0 || r->ended || asked == 0 || r->aside == aside)
        return status;
    r->drop = r->result->examined - examined;
    status = hc__mongo_scan(r, range, 0, on_query_row, err);
    r->drop = 0;
    return status;
}

static hc_status query(hc__mongo_read *r, hc_error *err)
{
    hc__mongo_range range;
    hc_status status;

    hc__mongo_first_range(&range, r->op);
    do {
        status = query_range(r, &range, err);
    } while (status == HC_OK && !r->ended && hc__mongo_next_range(&range));
    if (status == HC_OK && r->result->cut) {
        status = hc__mongo_give(r, HC_ROW_SCANNED, r->op->verb == HC_VERB_COUNT ? 0 : (uint32_t)r->op->order_count,
                                r->keys, err);
        status = status > 0 ? HC_OK : status;
    }
    return status;
}

/* ---- counts ---- */

hc_status hc__mongo_count(hc__mongo *conn, const hc_kind *kind, const bson_t *filter, int64_t limit, int64_t *out,
                          hc_error *err)
{
    mongoc_collection_t *collection = hc__mongo_collection(conn, kind->name);
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t opts;

    *out = 0;
    if (collection == NULL)
        return hc__no_memory(err);
    bson_init(&opts);
    if (limit > 0)
        bson_append_int64(&opts, "limit", -1, limit);
    hc__mongo_limit_time(conn, &opts);
    *out = mongoc_collection_count_documents(collection, filter, &opts, NULL, NULL, &error);
    if (*out < 0)
        status = hc__mongo_failed(conn, &error, NULL, false, err);
    bson_destroy(&opts);
    return status;
}

static hc_status count(hc__mongo_read *r, hc_error *err)
{
    const hc_op *op = r->op;
    int64_t cap = op->scan_limit > 0 ? one_more(op->scan_limit) : op->limit;
    hc_status status;
    bson_t filter;

    if (r->filter != NULL)
        return query(r, err);
    bson_init(&filter);
    status = hc__mongo_match(r, &filter, err);
    if (status == HC_OK)
        status = hc__mongo_count(r->conn, op->kind, &filter, cap, &r->result->count, err);
    r->result->examined = r->result->count;
    if (status == HC_OK && op->scan_limit > 0) {
        r->result->cut = r->result->count > op->scan_limit;
        r->result->examined = r->result->count -= r->result->cut;
        if (op->limit > 0 && r->result->count > op->limit)
            r->result->count = op->limit;
        if (r->result->cut)
            status = hc__mongo_give(r, HC_ROW_SCANNED, 0, r->keys, err);
    }
    bson_destroy(&filter);
    return status < 0 ? status : HC_OK;
}

hc_status hc__mongo_read_op(hc__mongo *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err)
{
    hc_op in_time = *op;
    hc__mongo_read r = {
        .conn = conn, .batch = batch, .op = &in_time, .index = (size_t)(op - batch->ops), .result = result};
    hc_status status = hc__mongo_in_time(conn, &in_time.where, op->where, err);

    if (status == HC_OK)
        status = hc__mongo_in_time(conn, &in_time.filter, op->filter, err);
    if (status < 0)
        return status;
    if (op->scan_limit > 0 && hc__mongo_truth(op->kind, op->filter) != 1)
        r.filter = in_time.filter;
    status = prepare(&r, err);
    if (status < 0)
        return status;
    status = op->verb == HC_VERB_QUERY   ? query(&r, err)
             : op->verb == HC_VERB_COUNT ? count(&r, err)
                                         : hc__mongo_group_op(&r, err);
    if (status == HC_OK && r.spoiled < 0) {
        status = r.spoiled;
        if (err != NULL)
            *err = r.why;
    }
    return status;
}
