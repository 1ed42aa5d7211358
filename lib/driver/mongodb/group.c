/* Groups. By value the server counts. Days and bounds it would have to compute, which not every server can: there the
 * one field is read and counted here. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/map.h"

typedef struct bucket bucket;
struct bucket {
    bucket *next;
    hc_value value;
    int64_t count;
};

typedef struct grouping {
    hc__mongo_read read; /* first: rows come with it */
    hc__map buckets;
    bucket *first;
} grouping;

static hc_status check(const hc__mongo_read *r, hc_error *err)
{
    const hc_group *group = r->op->group;
    int32_t type;

    if (group == NULL || !hc__mongo_field_known(r->op->kind, group->field))
        return hc__mongo_misuse(err, "a group without a field");
    type = r->op->kind->fields[group->field].type;
    if (type == HC_TYPE_JSON || type == HC_TYPE_TOKENS)
        return hc__mongo_misuse(err, "a group by JSON or words");
    if (group->how == HC_GROUP_DAY ? type != HC_TYPE_TIME
                                   : group->how != HC_GROUP_VALUE && group->how != HC_GROUP_BOUNDS)
        return hc__mongo_misuse(err, "a way to group that there is not");
    for (uint32_t i = 0; group->how == HC_GROUP_BOUNDS && i < group->bound_count; i++) {
        if (group->bounds[i].type != type)
            return hc__mongo_misuse(err, "a bound has another type than its field");
    }
    return HC_OK;
}

static hc_status give(hc__mongo_read *r, const hc_value *value, int64_t count, hc_error *err)
{
    hc_value row[2] = {*value, {.type = HC_TYPE_INT64, .as.integer = count}};
    hc_status status = hc__mongo_give(r, HC_ROW_MATCH, 2, row, err);

    if (status < 0)
        return status;
    r->result->count++;
    r->ended = status > 0 || (r->op->limit > 0 && r->result->count >= r->op->limit);
    return HC_OK;
}

/* ---- counted here ---- */

static bucket *find(grouping *g, const hc_value *value)
{
    hc__arena *arena = &g->read.conn->scratch;
    const void *key = value->size > 0 ? value->as.bytes : &value->as.integer;
    size_t size = value->size > 0 ? value->size : sizeof(value->as.integer);
    static const char nothing[] = "null", empty[] = "";
    bucket *out;

    if (value->type == HC_TYPE_NULL) {
        key = nothing;
        size = sizeof(nothing);
    } else if (value->size == 0 && (value->type == HC_TYPE_ID || value->type >= HC_TYPE_TEXT)) {
        key = empty;
        size = 0;
    }
    out = hc__map_get(&g->buckets, key, size);
    if (out != NULL)
        return out;
    out = hc__arena_zero(arena, 1, sizeof(*out));
    if (out == NULL || !hc__map_put(&g->buckets, key, size, out))
        return NULL;
    out->value = *value;
    if (value->size > 0)
        out->value.as.bytes = hc__arena_copy(arena, value->as.bytes, value->size);
    out->next = g->first;
    g->first = out;
    return value->size > 0 && out->value.as.bytes == NULL ? NULL : out;
}

static hc_status on_row(hc__mongo_read *r, hc_error *err)
{
    grouping *g = (grouping *)r;
    hc_value key;
    bucket *at;

    r->result->examined++;
    if (hc__predicate_holds(r->filter, r->values)) {
        key = hc__group_key(r->op->group, &r->values[r->op->group->field]);
        at = find(g, &key);
        if (at == NULL)
            return hc__no_memory(err);
        at->count++;
    }
    r->ended = r->op->scan_limit > 0 && r->result->examined >= r->op->scan_limit;
    return HC_OK;
}

static hc_status count_here(hc__mongo_read *r, hc_error *err)
{
    grouping g = {.read = *r};
    hc__mongo_range range;
    hc_status status;

    hc__map_init(&g.buckets, r->conn->mem);
    g.read.wanted[r->op->group->field] = true;
    hc__mongo_first_range(&range, r->op);
    status = hc__mongo_scan(&g.read, &range, r->op->scan_limit, on_row, err);
    g.read.ended = false;
    for (const bucket *at = g.first; at != NULL && status == HC_OK && !g.read.ended; at = at->next)
        status = give(&g.read, &at->value, at->count, err);
    hc__map_free(&g.buckets);
    r->spoiled = g.read.spoiled;
    r->why = g.read.why;
    return status;
}

/* ---- counted by the server ---- */

static void put_stages(bson_t *pipeline, const hc__mongo_read *r, const bson_t *filter)
{
    bson_t stages, stage, group, sum;
    char path[256] = "$";
    uint32_t n = 0;

    strncat(path, hc__mongo_member(r->op->kind, r->op->group->field), sizeof(path) - 2);
    bson_append_array_begin(pipeline, "pipeline", -1, &stages);
    bson_append_document_begin(&stages, "0", -1, &stage);
    bson_append_document(&stage, "$match", -1, filter);
    bson_append_document_end(&stages, &stage);
    n = 1;
    if (r->op->scan_limit > 0) {
        bson_append_document_begin(&stages, "1", -1, &stage);
        bson_append_int64(&stage, "$limit", -1, r->op->scan_limit);
        bson_append_document_end(&stages, &stage);
        n = 2;
    }
    bson_append_document_begin(&stages, n == 1 ? "1" : "2", -1, &stage);
    bson_append_document_begin(&stage, "$group", -1, &group);
    bson_append_utf8(&group, HC__MONGO_KEY, -1, path, -1);
    bson_append_document_begin(&group, "n", -1, &sum);
    bson_append_int32(&sum, "$sum", -1, 1);
    bson_append_document_end(&group, &sum);
    bson_append_document_end(&stage, &group);
    bson_append_document_end(&stages, &stage);
    bson_append_array_end(pipeline, &stages);
}

static hc_status take_group(hc__mongo_read *r, const bson_t *document, hc_error *err)
{
    bson_iter_t key, count;
    hc_value value;
    hc_status status;

    if (!bson_iter_init_find(&key, document, HC__MONGO_KEY) || !bson_iter_init_find(&count, document, "n"))
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CORRUPT, NULL, "the server sent what is no group");
    hc__arena_free(&r->conn->row);
    if (BSON_ITER_HOLDS_NULL(&key) && (r->op->kind->fields[r->op->group->field].flags & HC_FIELD_NULLABLE) != 0)
        value = (hc_value){.type = HC_TYPE_NULL};
    else {
        status = hc__mongo_decode(&value, &r->conn->row, r->op->kind, r->op->group->field, &key, document, err);
        if (status == HC_ERR_CORRUPT) {
            r->aside++;
            r->result->examined += bson_iter_as_int64(&count);
            return HC_OK;
        }
        if (status < 0)
            return status;
    }
    r->result->examined += bson_iter_as_int64(&count);
    return r->ended ? HC_OK : give(r, &value, bson_iter_as_int64(&count), err);
}

static hc_status count_there(hc__mongo_read *r, hc_error *err)
{
    mongoc_collection_t *collection = hc__mongo_collection(r->conn, r->op->kind->name);
    mongoc_cursor_t *cursor;
    const bson_t *document;
    bson_t filter, pipeline, opts;
    hc_status status;
    bson_error_t error;

    if (collection == NULL)
        return hc__no_memory(err);
    bson_init(&filter);
    bson_init(&pipeline);
    bson_init(&opts);
    status = hc__mongo_match(r, &filter, err);
    if (status == HC_OK) {
        put_stages(&pipeline, r, &filter);
        hc__mongo_limit_time(r->conn, &opts);
        cursor = mongoc_collection_aggregate(collection, MONGOC_QUERY_NONE, &pipeline, &opts, NULL);
        while (status == HC_OK && mongoc_cursor_next(cursor, &document))
            status = take_group(r, document, err);
        if (status == HC_OK && mongoc_cursor_error(cursor, &error))
            status = hc__mongo_failed(r->conn, &error, NULL, false, err);
        mongoc_cursor_destroy(cursor);
    }
    bson_destroy(&opts);
    bson_destroy(&pipeline);
    bson_destroy(&filter);
    return status;
}

/* ---- a group of spoiled documents ---- */

static hc_status until_spoiled(hc__mongo_read *r, hc_error *err)
{
    (void)err;
    r->ended = r->spoiled < 0;
    return HC_OK;
}

/* The server counts what a document has, whatever its type: which document it was is looked for among them. */
static hc_status find_spoiled(hc__mongo_read *r, hc_error *err)
{
    hc__mongo_range range;

    r->wanted[r->op->group->field] = true;
    hc__mongo_first_range(&range, r->op);
    r->ended = false;
    return hc__mongo_scan(r, &range, r->op->scan_limit, until_spoiled, err);
}

hc_status hc__mongo_group_op(hc__mongo_read *r, hc_error *err)
{
    bool there;
    hc_status status = check(r, err);

    if (status < 0)
        return status;
    there = r->op->group->how == HC_GROUP_VALUE && r->filter == NULL;
    status = there ? count_there(r, err) : count_here(r, err);
    if (status == HC_OK && there && r->aside > 0)
        status = find_spoiled(r, err);
    if (status == HC_OK)
        r->result->cut = r->op->scan_limit > 0 && r->result->examined >= r->op->scan_limit;
    return status;
}
