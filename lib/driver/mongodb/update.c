/* Updates and removals. One document changes at once or not at all; of several each does so by itself. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/id.h"
#include "base/judge.h"

#define TRIES 20 /* of adding to a number that others change at the same time */

/* An operation under way. */
typedef struct change {
    hc__mongo *conn;
    hc_batch *batch;
    const hc_op *op;
    hc_op_result *result;
    mongoc_collection_t *collection;
    bson_t filter; /* of `where` */
    bson_t change; /* $set and $unset, without what is added */
    bool adds;
    hc_id *ids; /* of the documents that it is about */
    size_t id_count, id_room;
} change;

/* ---- what is about to change ---- */

static bool grow(change *c)
{
    size_t room = c->id_room == 0 ? 16 : 2 * c->id_room;
    hc_id *ids = hc__arena_alloc(&c->conn->scratch, room * sizeof(*ids));

    if (ids == NULL)
        return false;
    if (c->id_count > 0)
        memcpy(ids, c->ids, c->id_count * sizeof(*ids));
    c->ids = ids;
    c->id_room = room;
    return true;
}

typedef struct listing {
    hc__mongo_read read; /* first: rows come with it */
    change *change;
} listing;

static hc_status on_id(hc__mongo_read *r, hc_error *err)
{
    change *c = ((listing *)r)->change;

    if (c->id_count == c->id_room && !grow(c))
        return hc__no_memory(err);
    memcpy(c->ids[c->id_count++].bytes, r->values[0].as.bytes, sizeof(hc_id));
    return HC_OK;
}

/* The ids of what `where` matches, `limit` at most when that is not 0. */
static hc_status list(change *c, int64_t limit, hc_error *err)
{
    hc_op op = {.verb = HC_VERB_QUERY, .kind = c->op->kind, .where = c->op->where};
    hc_op_result result = {0};
    listing l = {.read = {.conn = c->conn, .batch = c->batch, .op = &op, .result = &result}, .change = c};
    hc__mongo_range range;
    hc_status status;

    l.read.wanted = hc__arena_zero(&c->conn->scratch, op.kind->field_count, sizeof(bool));
    if (l.read.wanted == NULL)
        return hc__no_memory(err);
    l.read.wanted[0] = true;
    hc__mongo_first_range(&range, &op);
    status = hc__mongo_scan(&l.read, &range, limit, on_id, err);
    if (status == HC_OK && l.read.spoiled < 0) {
        status = l.read.spoiled;
        if (err != NULL)
            *err = l.read.why;
    }
    return status;
}

/* The filter, and that the document is one of those that were listed. */
static void only_listed(const change *c, bson_t *out, size_t first, size_t count)
{
    bson_t ids, condition, list_of, where;
    const char *key;
    char room[16];
    uint32_t n = 0;

    bson_init(&ids);
    bson_append_document_begin(&ids, HC__MONGO_KEY, -1, &condition);
    bson_append_array_begin(&condition, "$in", -1, &list_of);
    for (size_t i = first; i < first + count; i++) {
        hc_value id = {.type = HC_TYPE_ID, .size = sizeof(hc_id), .as.bytes = c->ids[i].bytes};

        (void)bson_uint32_to_string(n++, &key, room, sizeof(room));
        hc__mongo_append(c->conn, &list_of, key, c->op->kind, 0, &id);
    }
    bson_append_array_end(&condition, &list_of);
    bson_append_document_end(&ids, &condition);
    bson_copy_to(&c->filter, &where);
    bson_init(out);
    bson_concat(out, &ids);
    hc__mongo_and(out, &where);
    bson_destroy(&where);
    bson_destroy(&ids);
}

/* ---- writing ---- */

static hc_status update(change *c, const bson_t *filter, const bson_t *how, bool many, int64_t *count, hc_error *err)
{
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t reply;
    bool done;

    if (many)
        done = mongoc_collection_update_many(c->collection, filter, how, NULL, &reply, &error);
    else
        done = mongoc_collection_update_one(c->collection, filter, how, NULL, &reply, &error);
    *count = hc__mongo_reply_count(&reply, "matchedCount");
    if (!done && hc__mongo_hit_unique(c->conn, c->op, &error))
        status = hc__mongo_taken(c->conn, c->batch, c->op, &error, err);
    else if (!done)
        status = hc__mongo_failed(c->conn, &error, &reply, true, err);
    if (status < 0 && many && hc__id_test(c->op->where) == NULL && err != NULL) /* some may be changed */
        err->flags = (err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
    bson_destroy(&reply);
    return status;
}

static hc_status remove_all(change *c, const bson_t *filter, int64_t *count, hc_error *err)
{
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t reply;
    bool done;

    if (hc__id_test(c->op->where) != NULL) /* which a set of servers may be told again */
        done = mongoc_collection_delete_one(c->collection, filter, NULL, &reply, &error);
    else
        done = mongoc_collection_delete_many(c->collection, filter, NULL, &reply, &error);
    if (!done)
        status = hc__mongo_failed(c->conn, &error, &reply, true, err);
    *count = hc__mongo_reply_count(&reply, "deletedCount");
    bson_destroy(&reply);
    return status;
}

static hc_status write_all(change *c, const bson_t *filter, int64_t *count, hc_error *err)
{
    return c->op->verb == HC_VERB_REMOVE_WHERE
               ? remove_all(c, filter, count, err)
               : update(c, filter, &c->change, hc__id_test(c->op->where) == NULL, count, err);
}

/* ---- adding ---- */

/* One document as it stands. *there: it still is, and still matches. */
static hc_status read_numbers(change *c, size_t which, hc_value *values, bool *there, hc_error *err)
{
    bson_t filter, opts;
    mongoc_cursor_t *cursor;
    const bson_t *document;
    hc_status status = HC_OK;
    bson_error_t error;

    only_listed(c, &filter, which, 1);
    bson_init(&opts);
    bson_append_int64(&opts, "limit", -1, 1);
    cursor = mongoc_collection_find_with_opts(c->collection, &filter, &opts, NULL);
    *there = mongoc_cursor_next(cursor, &document);
    for (size_t i = 0; *there && i < c->op->set_count && status == HC_OK; i++) {
        uint16_t field = c->op->sets[i].field;
        bson_iter_t at;

        if (c->op->sets[i].how != HC_SET_ADD)
            continue;
        if (bson_iter_init_find(&at, document, hc__mongo_member(c->op->kind, field)))
            status = hc__mongo_decode(&values[i], &c->conn->row, c->op->kind, field, &at, document, err);
        else
            status = hc__mongo_missing(&values[i], c->op->kind, field, document, err);
    }
    if (status == HC_OK && !*there && mongoc_cursor_error(cursor, &error))
        status = hc__mongo_failed(c->conn, &error, NULL, false, err);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&opts);
    bson_destroy(&filter);
    return status;
}

/* What was read becomes part of the filter, so that nobody's change is lost in between. */
static hc_status put_sums(change *c, const hc_value *values, bson_t *filter, bson_t *to, hc_error *err)
{
    const hc_kind *kind = c->op->kind;
    hc_status status = HC_OK;
    bson_t old;

    bson_init(&old);
    for (size_t i = 0; i < c->op->set_count && status == HC_OK; i++) {
        const hc_set *set = &c->op->sets[i];
        hc_value sum = values[i];
        bool written = bson_has_field(&old, hc__mongo_member(kind, set->field));

        if (set->how != HC_SET_ADD || written)
            continue;
        if (values[i].type == HC_TYPE_NULL) {
            bson_append_null(&old, hc__mongo_member(kind, set->field), -1);
            continue;
        }
        if (__builtin_add_overflow(sum.as.integer, set->value.as.integer, &sum.as.integer))
            status = hc__mongo_breaks(kind, set->field, err);
        if (status == HC_OK)
            status = hc__mongo_check_value(kind, set->field, &sum, err);
        hc__mongo_append(c->conn, to, hc__mongo_member(kind, set->field), kind, set->field, &sum);
        if (kind->fields[set->field].initial == NULL)
            hc__mongo_append(c->conn, &old, hc__mongo_member(kind, set->field), kind, set->field, &values[i]);
        else { /* what is missing has the default */
            const hc_predicate same = {.test = HC_TEST_EQ, .field = set->field, .values = &values[i], .value_count = 1};

            status = status < 0 ? status : hc__mongo_filter(c->conn, &old, kind, &same, err);
        }
    }
    hc__mongo_and(filter, &old);
    bson_destroy(&old);
    return status;
}

static hc_status add_to_one(change *c, size_t which, int64_t *count, hc_error *err)
{
    hc_value *values = hc__arena_zero(&c->conn->scratch, c->op->set_count, sizeof(*values));
    hc_status status = HC_OK;

    if (values == NULL)
        return hc__no_memory(err);
    for (int tries = 0; tries < TRIES && status == HC_OK; tries++) {
        bson_t filter, how, to, away;
        bool there = false;
        int64_t matched = 0;

        status = read_numbers(c, which, values, &there, err);
        if (status < 0 || !there)
            return status;
        only_listed(c, &filter, which, 1);
        bson_init(&to);
        bson_init(&away);
        bson_init(&how);
        status = put_sums(c, values, &filter, &to, err);
        for (size_t i = 0; i < c->op->set_count && status == HC_OK; i++) {
            if (c->op->sets[i].how == HC_SET_TO)
                status = hc__mongo_put_set(c->conn, &to, &away, c->op->kind, &c->op->sets[i], err);
        }
        if (!bson_empty(&to))
            bson_append_document(&how, "$set", -1, &to);
        if (!bson_empty(&away))
            bson_append_document(&how, "$unset", -1, &away);
        if (status == HC_OK && bson_empty(&how))
            matched = 1; /* null stays null */
        else if (status == HC_OK)
            status = update(c, &filter, &how, false, &matched, err);
        bson_destroy(&how);
        bson_destroy(&away);
        bson_destroy(&to);
        bson_destroy(&filter);
        if (matched > 0) {
            *count += 1;
            return status;
        }
    }
    return status < 0 ? status
                      : hc__fail_from(err, HC__MONGO_NAME, HC_ERR_BUSY, NULL,
                                      "others changed a document of %s again and again", c->op->kind->name);
}

/* ---- an operation ---- */

static hc_status write_listed(change *c, int64_t *count, hc_error *err)
{
    hc_status status = HC_OK;
    bson_t filter;

    if (c->id_count == 0)
        return HC_OK;
    if (c->adds) {
        for (size_t i = 0; i < c->id_count && status == HC_OK; i++)
            status = add_to_one(c, i, count, err);
        return status;
    }
    only_listed(c, &filter, 0, c->id_count);
    status = write_all(c, &filter, count, err);
    bson_destroy(&filter);
    return status;
}

/* Without transactions nothing can be undone: what is expected is looked for before anything is written, and of one
 * document the look and the write are the same. */
static hc_status run(change *c, hc_error *err)
{
    const hc_op *op = c->op;
    int64_t count = 0;
    hc_status status;

    if (hc__mongo_truth(op->kind, op->where) == 0)
        return op->expect > 0 ? hc__mongo_unmet(c->batch, op, err) : HC_OK;
    if (!c->adds && (op->expect == HC_EXPECT_ANY || (op->expect == 1 && hc__id_test(op->where) != NULL))) {
        status = write_all(c, &c->filter, &count, err);
    } else {
        status = list(c, op->expect == HC_EXPECT_ANY ? 0 : (int64_t)op->expect + 1, err);
        if (status == HC_OK && op->expect != HC_EXPECT_ANY && (int64_t)c->id_count != op->expect)
            return hc__mongo_unmet(c->batch, op, err);
        if (status == HC_OK)
            status = write_listed(c, &count, err);
    }
    if (status < 0)
        return status;
    c->result->count = c->result->examined = count;
    if (op->expect == HC_EXPECT_ANY || op->expect == count)
        return HC_OK;
    status = hc__mongo_unmet(c->batch, op, err);
    if (count > 0 && err != NULL) /* another came in between, and some are changed */
        err->flags = (err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
    return status;
}

/* A value that breaks a rule is wrong only for a document that would get it. */
static hc_status check_values(change *c, hc_error *err)
{
    for (size_t i = 0; i < c->op->set_count; i++) {
        const hc_set *set = &c->op->sets[i];
        int64_t found = 0;
        hc_status status;

        if (set->how != HC_SET_TO || set->value.type == HC_TYPE_NOW ||
            hc__mongo_check_value(c->op->kind, set->field, &set->value, NULL) == HC_OK)
            continue;
        status = hc__mongo_count(c->conn, c->op->kind, &c->filter, 1, &found, err);
        if (status == HC_OK && found > 0)
            status = hc__mongo_breaks(c->op->kind, set->field, err);
        return status;
    }
    return HC_OK;
}

static hc_status put_change(change *c, hc_error *err)
{
    hc_status status = check_values(c, err);
    bson_t to, away;

    bson_init(&to);
    bson_init(&away);
    for (size_t i = 0; i < c->op->set_count && status == HC_OK; i++) {
        const hc_set *set = &c->op->sets[i];

        if (set->field == 0)
            status = hc__mongo_misuse(err, "the key of a document changes");
        else if (set->how == HC_SET_ADD)
            c->adds = true;
        else
            status = hc__mongo_put_set(c->conn, &to, &away, c->op->kind, set, err);
    }
    if (!bson_empty(&to))
        bson_append_document(&c->change, "$set", -1, &to);
    if (!bson_empty(&away))
        bson_append_document(&c->change, "$unset", -1, &away);
    if (status == HC_OK && bson_empty(&c->change) && !c->adds)
        status = hc__mongo_misuse(err, "an update that sets nothing");
    bson_destroy(&away);
    bson_destroy(&to);
    return status;
}

hc_status hc__mongo_change_op(hc__mongo *conn, hc_batch *batch, const hc_op *op, hc_op_result *result, hc_error *err)
{
    hc_op in_time = *op;
    change c = {.conn = conn, .batch = batch, .op = &in_time, .result = result};
    hc_status status = hc__mongo_in_time(conn, &in_time.where, op->where, err);

    bson_init(&c.filter);
    bson_init(&c.change);
    c.collection = hc__mongo_collection(conn, op->kind->name);
    if (status == HC_OK && c.collection == NULL)
        status = hc__no_memory(err);
    if (status == HC_OK)
        status = hc__mongo_filter(conn, &c.filter, op->kind, in_time.where, err);
    if (status == HC_OK && op->verb == HC_VERB_UPDATE_WHERE)
        status = put_change(&c, err);
    if (status == HC_OK)
        status = run(&c, err);
    bson_destroy(&c.change);
    bson_destroy(&c.filter);
    return status;
}

/* ---- many of them ---- */

static bool is_plain(const hc_op *op, const hc_op *first)
{
    bool plain = op->kind == first->kind && op->result == NULL && op->expect == HC_EXPECT_ANY &&
                 (op->verb == HC_VERB_UPDATE_WHERE || op->verb == HC_VERB_REMOVE_WHERE) &&
                 hc__id_test(op->where) != NULL && hc__mongo_check_predicate(op->kind, op->where, NULL) == HC_OK &&
                 hc__mongo_truth(op->kind, op->where) != 0;

    for (size_t i = 0; plain && op->verb == HC_VERB_UPDATE_WHERE && i < op->set_count; i++) {
        const hc_set *set = &op->sets[i];

        plain = set->field != 0 && set->how == HC_SET_TO && set->value.type != HC_TYPE_NOW &&
                hc__mongo_check_set(op->kind, set, NULL) == HC_OK &&
                hc__mongo_check_value(op->kind, set->field, &set->value, NULL) == HC_OK;
    }
    return plain && (op->verb == HC_VERB_REMOVE_WHERE || op->set_count > 0);
}

static size_t count_bytes(const hc_op *op)
{
    size_t bytes = 0;

    for (size_t i = 0; i < op->set_count; i++)
        bytes += op->sets[i].value.size;
    return bytes;
}

static size_t count_plain(const hc_batch *batch, size_t first)
{
    size_t count = 0, bytes = 0;

    while (count < HC__MONGO_RUN && bytes < HC__MONGO_BYTES && first + count < batch->op_count &&
           is_plain(&batch->ops[first + count], &batch->ops[first]))
        bytes += count_bytes(&batch->ops[first + count++]);
    return count;
}

static hc_status add_to_bulk(change *c, mongoc_bulk_operation_t *bulk, hc_error *err)
{
    const hc_op *op = c->op;
    hc_op in_time = *op;
    bson_error_t error;
    bool added;
    hc_status status = hc__mongo_in_time(c->conn, &in_time.where, op->where, err);

    bson_init(&c->filter);
    bson_init(&c->change);
    if (status == HC_OK)
        status = hc__mongo_filter(c->conn, &c->filter, op->kind, in_time.where, err);
    if (status == HC_OK && op->verb == HC_VERB_UPDATE_WHERE)
        status = put_change(c, err);
    if (status == HC_OK) {
        added = op->verb == HC_VERB_UPDATE_WHERE
                    ? mongoc_bulk_operation_update_one_with_opts(bulk, &c->filter, &c->change, NULL, &error)
                    : mongoc_bulk_operation_remove_one_with_opts(bulk, &c->filter, NULL, &error);
        if (!added)
            status = hc__mongo_failed(c->conn, &error, NULL, true, err);
    }
    bson_destroy(&c->change);
    bson_destroy(&c->filter);
    return status;
}

/* *told: which of them it was, or that none is to blame. */
static hc_status run_bulk(hc__mongo *conn, hc_batch *batch, size_t first, size_t count, mongoc_bulk_operation_t *bulk,
                          bool *told, hc_error *err)
{
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t reply;
    size_t at;

    if (mongoc_bulk_operation_execute(bulk, &reply, &error) == 0) {
        at = hc__mongo_refused_at(&reply, count);
        *told = at < count || error.domain != MONGOC_ERROR_SERVER;
        batch->failed_op = first + (at < count ? at : 0);
        if (at < count && hc__mongo_hit_unique(conn, &batch->ops[first + at], &error))
            status = hc__mongo_taken(conn, batch, &batch->ops[first + at], &error, err);
        else
            status = hc__mongo_failed(conn, &error, &reply, true, err);
    }
    bson_destroy(&reply);
    return status;
}

hc_status hc__mongo_change_ops(hc__mongo *conn, hc_batch *batch, size_t first, size_t *done, hc_error *err)
{
    size_t count = conn->singly ? 0 : count_plain(batch, first);
    mongoc_collection_t *collection;
    mongoc_bulk_operation_t *bulk;
    bool told = true;
    hc_status status = HC_OK;

    *done = 0;
    if (count < 2)
        return HC_OK;
    collection = hc__mongo_collection(conn, batch->ops[first].kind->name);
    if (collection == NULL)
        return hc__no_memory(err);
    bulk = mongoc_collection_create_bulk_operation_with_opts(collection, NULL);
    for (size_t i = 0; i < count && status == HC_OK; i++) {
        change c = {.conn = conn, .batch = batch, .op = &batch->ops[first + i], .collection = collection};

        batch->failed_op = first + i;
        status = add_to_bulk(&c, bulk, err);
    }
    if (status == HC_OK)
        status = run_bulk(conn, batch, first, count, bulk, &told, err);
    mongoc_bulk_operation_destroy(bulk);
    if (status < 0 && !told && !conn->broken) { /* to do each of them again changes nothing */
        conn->singly = true;
        batch->failed_op = first;
        return HC_OK;
    }
    *done = count;
    return status;
}
