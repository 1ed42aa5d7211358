/* Inserts. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"

/* ---- documents ---- */

hc_status hc__mongo_settle(hc__mongo *conn, hc_value *out, const hc_value *value, hc_error *err)
{
    int64_t now = 0;
    hc_status status;

    *out = *value;
    if (value->type != HC_TYPE_NOW)
        return HC_OK;
    status = hc__mongo_now(conn, &now, err);
    *out = (hc_value){.type = HC_TYPE_TIME};
    if (status == HC_OK && __builtin_add_overflow(now, value->as.integer, &out->as.integer))
        status = hc__mongo_misuse(err, "a time beyond all others");
    return status;
}

static const hc_value *value_of(const hc_op *op, uint16_t field)
{
    static const hc_value null = {.type = HC_TYPE_NULL};
    const hc_value *initial = op->kind->fields[field].initial;

    for (size_t i = 0; i < op->set_count; i++) {
        if (op->sets[i].field == field)
            return &op->sets[i].value;
    }
    return initial == NULL ? &null : initial;
}

static hc_status put_member(hc__mongo *conn, bson_t *out, const hc_kind *kind, uint16_t field, const hc_value *value,
                            hc_error *err)
{
    const char *name = hc__mongo_member(kind, field);

    if (kind->fields[field].type == HC_TYPE_JSON)
        return hc__mongo_put_json(out, name, conn->mem, value, hc__mongo_shape(kind, field), kind->fields[field].name,
                                  err);
    return hc__mongo_append(conn, out, name, kind, field, value)
               ? HC_OK
               : hc__fail_from(err, HC__MONGO_NAME, HC_ERR_TOO_LARGE, kind->fields[field].name,
                               "a document is over the server's limit");
}

/* Null is a member that is not there: so a unique index takes it for no value, and no other program must know null. */
static hc_status put_document(hc__mongo *conn, bson_t *out, const hc_op *op, hc_error *err)
{
    hc_status status = HC_OK;

    for (uint16_t i = 0; i < op->kind->field_count && status == HC_OK; i++) {
        const hc_value *given = value_of(op, i);
        hc_value value;

        if (op->kind->fields[i].type == HC_TYPE_TOKENS)
            continue;
        status = hc__mongo_settle(conn, &value, given, err);
        if (status == HC_OK)
            status = hc__mongo_check_value(op->kind, i, &value, err);
        if (status == HC_OK && value.type != HC_TYPE_NULL)
            status = put_member(conn, out, op->kind, i, &value, err);
    }
    return status;
}

hc_status hc__mongo_put_set(hc__mongo *conn, bson_t *to, bson_t *away, const hc_kind *kind, const hc_set *set,
                            hc_error *err)
{
    hc_value value;
    hc_status status = hc__mongo_settle(conn, &value, &set->value, err);

    if (status < 0)
        return status;
    if (value.type != HC_TYPE_NULL)
        return put_member(conn, to, kind, set->field, &value, err);
    bson_append_int32(away, hc__mongo_member(kind, set->field), -1, 1);
    return HC_OK;
}

/* ---- faults ---- */

hc_status hc__mongo_unmet(hc_batch *batch, const hc_op *op, hc_error *err)
{
    batch->fault = HC_FAULT_EXPECT;
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CONFLICT, NULL, "a write did not change %d documents of %s",
                         (int)op->expect, op->kind->name);
}

static bool is_taken(hc__mongo *conn, const hc_op *op, const uint16_t *fields, uint32_t count)
{
    int64_t found = 0;
    bson_t filter;

    bson_init(&filter);
    for (uint32_t i = 0; i < count; i++) {
        hc_value value = *value_of(op, fields[i]);

        if (value.type == HC_TYPE_NULL || value.type == HC_TYPE_NOW) {
            bson_destroy(&filter);
            return false;
        }
        hc__mongo_append(conn, &filter, hc__mongo_member(op->kind, fields[i]), op->kind, fields[i], &value);
    }
    (void)hc__mongo_count(conn, op->kind, &filter, 1, &found, NULL);
    bson_destroy(&filter);
    return found > 0;
}

/* Servers that do not say which index it was are asked what is there. */
static int32_t find_index(hc__mongo *conn, const hc_op *op)
{
    static const uint16_t key[] = {0};

    if (op->verb != HC_VERB_UPDATE_WHERE && is_taken(conn, op, key, 1))
        return HC_INDEX_ID;
    for (uint32_t i = 0; i < op->kind->index_count; i++) {
        const hc_index *index = &op->kind->indexes[i];

        if ((index->flags & HC_INDEX_UNIQUE) != 0 && is_taken(conn, op, index->fields, index->field_count))
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

/* FerretDB tells an update that hits a unique index as an error of its own. */
bool hc__mongo_hit_unique(hc__mongo *conn, const hc_op *op, const bson_error_t *error)
{
    return hc__mongo_is_duplicate(error) ||
           (error->domain == MONGOC_ERROR_SERVER && error->code == 1 && find_index(conn, op) != HC_INDEX_ANY);
}

hc_status hc__mongo_taken(hc__mongo *conn, hc_batch *batch, const hc_op *op, const bson_error_t *error, hc_error *err)
{
    const char *field = NULL;

    batch->fault = HC_FAULT_UNIQUE;
    batch->fault_index = hc__mongo_told_index(error, op->kind);
    if (batch->fault_index == HC_INDEX_ANY)
        batch->fault_index = find_index(conn, op);
    if (batch->fault_index == HC_INDEX_ID)
        field = op->kind->fields[0].name;
    else if (batch->fault_index >= 0)
        field = op->kind->fields[op->kind->indexes[batch->fault_index].fields[0]].name;
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CONFLICT, field, "a value that must be unique is taken in %s",
                         op->kind->name);
}

int64_t hc__mongo_reply_count(const bson_t *reply, const char *name)
{
    bson_iter_t at;

    return bson_iter_init_find(&at, reply, name) ? bson_iter_as_int64(&at) : 0;
}

/* ---- a run ---- */

typedef struct run {
    hc__mongo *conn;
    hc_batch *batch;
    size_t first;
    size_t count; /* operations, a document each */
    bson_t *documents[HC__MONGO_RUN];
} run;

/* One of many that go in one command. */
static bool is_plain(const hc_op *op)
{
    return (op->expect == HC_EXPECT_ANY || (op->verb == HC_VERB_INSERT && op->expect == 1)) &&
           hc__mongo_truth(op->kind, op->where) == 1;
}

static void done_with(const hc_op *op, int64_t count)
{
    if (op->result != NULL)
        *op->result = (hc_op_result){.count = count, .examined = count};
}

static hc_status add(run *r, const hc_op *op, hc_error *err)
{
    bson_t *document = bson_new();
    hc_status status = put_document(r->conn, document, op, err);

    if (status < 0)
        bson_destroy(document);
    else
        r->documents[r->count++] = document;
    return status;
}

/* What is wrong with a later one is told when its turn comes. */
static hc_status gather(run *r, hc_error *err)
{
    const hc_op *first = &r->batch->ops[r->first];
    hc_status status = add(r, first, err);
    size_t bytes = status < 0 ? 0 : r->documents[0]->len;

    while (status == HC_OK && is_plain(first) && r->count < HC__MONGO_RUN && bytes < HC__MONGO_BYTES &&
           r->first + r->count < r->batch->op_count) {
        const hc_op *op = &r->batch->ops[r->first + r->count];
        bool good = op->verb == first->verb && op->kind == first->kind && is_plain(op) &&
                    hc__mongo_check_predicate(op->kind, op->where, NULL) == HC_OK;

        for (size_t i = 0; good && i < op->set_count; i++)
            good = hc__mongo_check_set(op->kind, &op->sets[i], NULL) == HC_OK;
        if (!good || add(r, op, NULL) < 0)
            break;
        bytes += r->documents[r->count - 1]->len;
    }
    return status;
}

size_t hc__mongo_refused_at(const bson_t *reply, size_t count)
{
    bson_iter_t at, each, index;

    if (!bson_iter_init_find(&at, reply, "writeErrors") || !bson_iter_recurse(&at, &each) || !bson_iter_next(&each) ||
        !bson_iter_recurse(&each, &index) || !bson_iter_find(&index, "index"))
        return count;
    return (size_t)bson_iter_as_int64(&index) < count ? (size_t)bson_iter_as_int64(&index) : count;
}

/* *taken: a unique key refused the last of the *done. */
static hc_status insert(run *r, size_t *done, bool *taken, hc_error *err)
{
    const hc_op *ops = &r->batch->ops[r->first];
    mongoc_collection_t *collection = hc__mongo_collection(r->conn, ops->kind->name);
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t opts, reply;

    if (collection == NULL)
        return hc__no_memory(err);
    bson_init(&opts);
    bson_append_bool(&opts, "validate", -1, false);
    *done = r->count;
    if (!mongoc_collection_insert_many(collection, HC__MONGO_DOCUMENTS(r->documents), r->count, &opts, &reply,
                                       &error)) {
        size_t at = hc__mongo_refused_at(&reply, r->count);

        /* one that no majority has may go again */
        *taken = at < r->count && hc__mongo_is_duplicate(&error) && !hc__mongo_is_unsure(&reply);
        *done = at < r->count ? at + 1 : r->count;
        r->batch->failed_op = r->first + (at < r->count ? at : 0);
        if (*taken)
            status = hc__mongo_taken(r->conn, r->batch, &ops[at], &error, err);
        else
            status = hc__mongo_failed(r->conn, &error, &reply, true, err);
        for (size_t i = 0; i < at && at < r->count; i++)
            done_with(&ops[i], 1);
    } else {
        for (size_t i = 0; i < r->count; i++)
            done_with(&ops[i], 1);
    }
    bson_destroy(&reply);
    bson_destroy(&opts);
    return status;
}

static hc_status take_back(hc__mongo *conn, const hc_op *op, hc_error *err)
{
    mongoc_collection_t *collection = hc__mongo_collection(conn, op->kind->name);
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t filter;

    if (collection == NULL)
        return hc__no_memory(err);
    bson_init(&filter);
    hc__mongo_append(conn, &filter, HC__MONGO_KEY, op->kind, 0, value_of(op, 0));
    if (!mongoc_collection_delete_one(collection, &filter, NULL, NULL, &error))
        status = hc__mongo_failed(conn, &error, NULL, true, err);
    bson_destroy(&filter);
    return status;
}

static hc_status conclude(hc__mongo *conn, hc_batch *batch, const hc_op *op, int64_t count, hc_error *err)
{
    hc_status status = HC_OK;

    done_with(op, count);
    if (op->expect == HC_EXPECT_ANY || op->expect == count)
        return HC_OK;
    if (count == 1)
        status = take_back(conn, op, err);
    return status < 0 ? status : hc__mongo_unmet(batch, op, err);
}

hc_status hc__mongo_insert_ops(hc__mongo *conn, hc_batch *batch, size_t first, size_t *done, hc_error *err)
{
    const hc_op *op = &batch->ops[first];
    run *r = hc__arena_zero(&conn->scratch, 1, sizeof(*r));
    bool taken = false;
    hc_status status;

    *done = 1;
    if (r == NULL)
        return hc__no_memory(err);
    if (hc__mongo_truth(op->kind, op->where) == 0)
        return conclude(conn, batch, op, 0, err);
    r->conn = conn;
    r->batch = batch;
    r->first = first;
    status = gather(r, err);
    if (status == HC_OK)
        status = insert(r, done, &taken, err);
    for (size_t i = 0; i < r->count; i++)
        bson_destroy(r->documents[i]);
    if (taken && op->verb == HC_VERB_INSERT_IF_ABSENT) {
        batch->fault = HC_FAULT_NONE;
        batch->fault_index = HC_INDEX_ANY;
        return conclude(conn, batch, op + *done - 1, 0, err);
    }
    if (status < 0 || is_plain(op))
        return status;
    return conclude(conn, batch, op, 1, err);
}
