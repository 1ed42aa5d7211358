/* The schema version: a document for each in the collection schema_migrations, and one that says who migrates now. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "driver/sql/compile.h"

#define HISTORY   "schema_migrations"
#define LOCK      "lock"
#define LOCK_TIME INT64_C(60000)   /* ms; steps may be taken twice, so who takes longer loses nothing */
#define LOCK_WAIT INT64_C(50000)   /* µs between looks */
#define PATIENCE  INT64_C(2000000) /* µs for who has it now; whoever can wait longer asks again */
#define NO_INDEX  27
#define EXISTS    48

static mongoc_collection_t *history(hc__mongo *conn, hc_error *err)
{
    mongoc_collection_t *out = hc__mongo_collection(conn, HISTORY);

    if (out == NULL)
        (void)hc__no_memory(err);
    return out;
}

/* The one document that a filter of the history finds. `number` is a member, 0 when there is none. */
static hc_status look(hc__mongo *conn, const bson_t *filter, const char *member, int64_t *number, hc_error *err)
{
    mongoc_collection_t *collection = history(conn, err);
    mongoc_cursor_t *cursor;
    const bson_t *document;
    hc_status status = HC_OK;
    bson_error_t error;
    bson_t opts, sort;

    *number = 0;
    if (collection == NULL)
        return HC_ERR_NO_MEMORY;
    bson_init(&opts);
    bson_append_int64(&opts, "limit", -1, 1);
    bson_append_document_begin(&opts, "sort", -1, &sort);
    bson_append_int32(&sort, HC__MONGO_KEY, -1, -1);
    bson_append_document_end(&opts, &sort);
    cursor = mongoc_collection_find_with_opts(collection, filter, &opts, NULL);
    if (mongoc_cursor_next(cursor, &document))
        *number = hc__mongo_reply_count(document, member);
    else if (mongoc_cursor_error(cursor, &error))
        status = hc__mongo_failed(conn, &error, NULL, false, err);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&opts);
    return status;
}

static hc_status read_version(hc__mongo *conn, int32_t *version, hc_error *err)
{
    bson_t filter, above;
    int64_t number = 0;
    hc_status status;

    bson_init(&filter); /* numbers alone */
    bson_append_document_begin(&filter, HC__MONGO_KEY, -1, &above);
    bson_append_int32(&above, "$gt", -1, 0);
    bson_append_document_end(&filter, &above);
    status = look(conn, &filter, HC__MONGO_KEY, &number, err);
    bson_destroy(&filter);
    *version = (int32_t)number;
    return status;
}

hc_status hc__mongo_schema(void *handle, int32_t *version, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status = hc__mongo_enter(conn, 0, err);

    *version = 0;
    return status < 0 ? status : read_version(conn, version, err);
}

static hc_status check_history(hc__mongo *conn, const hc_migration *migration, hc_error *err)
{
    int64_t known = 0;
    hc_status status;
    bson_t filter;

    bson_init(&filter);
    bson_append_int32(&filter, HC__MONGO_KEY, -1, migration->version);
    status = look(conn, &filter, "hash", &known, err);
    bson_destroy(&filter);
    if (status < 0 || known == hc__sql_fingerprint(migration))
        return status;
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_SCHEMA, NULL,
                         "version %d of this database was made by another migration than this library's",
                         (int)migration->version);
}

/* ---- one at a time ---- */

/* True: the lock is ours. False with HC_OK: another has it. */
static bool try_lock(hc__mongo *conn, const bson_oid_t *owner, hc_status *status, hc_error *err)
{
    mongoc_collection_t *collection = history(conn, err);
    bson_t ours, filter, either, one, past, how, reply;
    bson_error_t error;
    int64_t now = 0;
    bool done = false;

    conn->now = 0;
    *status = collection == NULL ? HC_ERR_NO_MEMORY : hc__mongo_now(conn, &now, err);
    if (*status < 0)
        return false;
    bson_init(&ours);
    bson_append_oid(&ours, "owner", -1, owner);
    bson_append_date_time(&ours, "until", -1, now / 1000 + LOCK_TIME);
    bson_init(&how);
    bson_append_document(&how, "$set", -1, &ours);
    bson_append_utf8(&ours, HC__MONGO_KEY, -1, LOCK, -1);
    bson_init(&filter);
    bson_append_utf8(&filter, HC__MONGO_KEY, -1, LOCK, -1);
    bson_append_array_begin(&filter, "$or", -1, &either);
    bson_append_document_begin(&either, "0", -1, &one);
    bson_append_document_begin(&one, "until", -1, &past);
    bson_append_date_time(&past, "$lt", -1, now / 1000);
    bson_append_document_end(&one, &past);
    bson_append_document_end(&either, &one);
    bson_append_document_begin(&either, "1", -1, &one); /* the answer to its making was lost */
    bson_append_oid(&one, "owner", -1, owner);
    bson_append_document_end(&either, &one);
    bson_append_array_end(&filter, &either);
    if (mongoc_collection_insert_one(collection, &ours, NULL, NULL, &error)) {
        done = true;
    } else if (!hc__mongo_is_duplicate(&error)) {
        *status = hc__mongo_failed(conn, &error, NULL, true, err);
    } else {
        if (!mongoc_collection_update_one(collection, &filter, &how, NULL, &reply, &error))
            *status = hc__mongo_failed(conn, &error, &reply, true, err);
        done = *status == HC_OK && hc__mongo_reply_count(&reply, "matchedCount") == 1;
        bson_destroy(&reply);
    }
    bson_destroy(&filter);
    bson_destroy(&how);
    bson_destroy(&ours);
    return done;
}

static hc_status lock(hc__mongo *conn, const bson_oid_t *owner, hc_error *err)
{
    int64_t until = hc__os_monotonic() + PATIENCE;
    hc_status status = HC_OK;

    until = conn->deadline != 0 && conn->deadline < until ? conn->deadline : until;

    while (!try_lock(conn, owner, &status, err)) {
        if (status < 0)
            return status;
        if (hc__os_monotonic() + LOCK_WAIT >= until)
            return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_BUSY, NULL, "another process migrates the database");
        hc__os_sleep(LOCK_WAIT);
        status = hc__mongo_may_go_on(conn, err);
        if (status < 0)
            return status;
    }
    return HC_OK;
}

/* Nobody waits for the answer: what stays locked is free after its time. */
static void unlock(hc__mongo *conn, const bson_oid_t *owner)
{
    mongoc_collection_t *collection = history(conn, NULL);
    bson_error_t error;
    bson_t filter;

    if (collection == NULL)
        return;
    bson_init(&filter);
    bson_append_utf8(&filter, HC__MONGO_KEY, -1, LOCK, -1);
    bson_append_oid(&filter, "owner", -1, owner);
    (void)mongoc_collection_delete_one(collection, &filter, NULL, NULL, &error);
    bson_destroy(&filter);
}

/* ---- a version ---- */

/* A document is written last, and each step may be taken again: who is killed in the middle is finished by the next. */
static hc_status apply(hc__mongo *conn, const hc_migration *migration, hc_error *err)
{
    mongoc_collection_t *collection = history(conn, err);
    hc_status status = collection == NULL ? HC_ERR_NO_MEMORY : HC_OK;
    bson_error_t error;
    int64_t now = 0;
    bson_t row;

    for (uint32_t i = 0; i < migration->step_count && status == HC_OK; i++)
        status = hc__mongo_step(conn, &migration->steps[i], migration->version, err);
    if (status == HC_OK)
        status = hc__mongo_now(conn, &now, err);
    if (status < 0)
        return status;
    bson_init(&row);
    bson_append_int32(&row, HC__MONGO_KEY, -1, migration->version);
    bson_append_int64(&row, "hash", -1, hc__sql_fingerprint(migration));
    bson_append_date_time(&row, "applied_at", -1, now / 1000);
    if (!mongoc_collection_insert_one(collection, &row, NULL, NULL, &error))
        status = hc__mongo_is_duplicate(&error) ? check_history(conn, migration, err)
                                                : hc__mongo_failed(conn, &error, NULL, true, err);
    bson_destroy(&row);
    return status;
}

/* A client that asks again is the same owner. */
static hc_status migrate_one(hc__mongo *conn, const hc_migration *migration, hc_error *err)
{
    const bson_oid_t owner = conn->store->owner;
    int32_t version = 0;
    hc_status status = lock(conn, &owner, err);

    if (status < 0)
        return status;
    status = read_version(conn, &version, err);
    if (status == HC_OK)
        status = version < migration->version ? apply(conn, migration, err) : check_history(conn, migration, err);
    unlock(conn, &owner);
    return status;
}

hc_status hc__mongo_migrate(void *handle, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc__mongo *conn = handle;
    int32_t version = 0;
    hc_status status = hc__mongo_enter(conn, deadline, err);

    if (status == HC_OK)
        status = read_version(conn, &version, err);
    if (status == HC_OK && conn->role == HC_CONNECT_READ)
        status = hc__mongo_misuse(err, "a migration on a connection for reads");
    if (status == HC_OK && (count == 0 ? version > 0 : version > list[count - 1].version))
        status = hc__fail_from(err, HC__MONGO_NAME, HC_ERR_SCHEMA, NULL,
                               "the database has schema version %d, newer than this library's %d", (int)version,
                               count == 0 ? 0 : (int)list[count - 1].version);
    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = list[i].version <= version ? check_history(conn, &list[i], err) : migrate_one(conn, &list[i], err);
    return status;
}

/* ---- steps ---- */

static hc_status command(hc__mongo *conn, const bson_t *ask, uint32_t harmless, bson_error_t *error, hc_error *err)
{
    hc_status status = HC_OK;
    bson_t reply;

    error->code = 0;
    if (!mongoc_client_command_simple(conn->client, conn->store->database, ask, NULL, &reply, error) &&
        !(error->domain == MONGOC_ERROR_SERVER && harmless != 0 && error->code == harmless))
        status = hc__mongo_failed(conn, error, &reply, true, err);
    bson_destroy(&reply);
    return status;
}

static hc_status create_kind(hc__mongo *conn, const hc_kind *kind, hc_error *err)
{
    bson_error_t error;
    hc_status status;
    bson_t ask;

    bson_init(&ask);
    bson_append_utf8(&ask, "create", -1, kind->name, -1);
    status = command(conn, &ask, EXISTS, &error, err); /* Mongoose may have made it */
    bson_destroy(&ask);
    return status;
}

static bool may_lack_members(const hc_kind *kind, const hc_index *index)
{
    for (uint32_t i = 0; i < index->field_count; i++) {
        if ((kind->fields[index->fields[i]].flags & HC_FIELD_NULLABLE) != 0)
            return true;
    }
    return false;
}

/* Null is equal to nothing: documents without one of the members are left out of a unique index. */
static void put_partial(bson_t *out, const hc_kind *kind, const hc_index *index)
{
    bson_t partial, exists;

    bson_append_document_begin(out, "partialFilterExpression", -1, &partial);
    for (uint32_t i = 0; i < index->field_count; i++) {
        if ((kind->fields[index->fields[i]].flags & HC_FIELD_NULLABLE) == 0)
            continue;
        bson_append_document_begin(&partial, hc__mongo_member(kind, index->fields[i]), -1, &exists);
        bson_append_bool(&exists, "$exists", -1, true);
        bson_append_document_end(&partial, &exists);
    }
    bson_append_document_end(out, &partial);
}

/* `absent`: the index leaves out documents that lack a member. */
static void put_index(bson_t *out, const hc_kind *kind, const hc_index *index, bool absent)
{
    bool unique = (index->flags & HC_INDEX_UNIQUE) != 0;
    bson_t key;

    bson_append_document_begin(out, "key", -1, &key);
    for (uint32_t i = 0; i < index->field_count; i++)
        bson_append_int32(&key, hc__mongo_member(kind, index->fields[i]), -1, 1);
    if (!unique && !bson_has_field(&key, HC__MONGO_KEY))
        bson_append_int32(&key, HC__MONGO_KEY, -1, 1);
    bson_append_document_end(out, &key);
    bson_append_utf8(out, "name", -1, index->name, -1);
    if (unique)
        bson_append_bool(out, "unique", -1, true);
    if (!unique || !absent || !may_lack_members(kind, index))
        return;
    if (index->field_count == 1)
        bson_append_bool(out, "sparse", -1, true);
    else
        put_partial(out, kind, index);
}

static hc_status create_index(hc__mongo *conn, const hc_kind *kind, const hc_index *index, hc_error *err)
{
    bson_t ask, list, one;
    bson_error_t error;
    hc_status status;

    bson_init(&ask);
    bson_append_utf8(&ask, "createIndexes", -1, kind->name, -1);
    bson_append_array_begin(&ask, "indexes", -1, &list);
    bson_append_document_begin(&list, "0", -1, &one);
    put_index(&one, kind, index, !conn->no_partial);
    bson_append_document_end(&list, &one);
    bson_append_array_end(&ask, &list);
    status = command(conn, &ask, 0, &error, err);
    bson_destroy(&ask);
    if (status == HC_ERR_UNSUPPORTED && !conn->no_partial) { /* such servers have no null in an index either */
        conn->no_partial = true;
        return create_index(conn, kind, index, err);
    }
    if (status < 0 && (error.code == 85 || error.code == 86 || error.code == 11000))
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_SCHEMA, NULL,
                             error.code == 11000
                                 ? "%s has documents that are equal in what index %s makes unique"
                                 : "%s has an index of another program that stands in the way of index %s",
                             kind->name, index->name);
    return status;
}

static hc_status drop_index(hc__mongo *conn, const hc_kind *kind, const hc_index *index, hc_error *err)
{
    bson_error_t error;
    hc_status status;
    bson_t ask;

    bson_init(&ask);
    bson_append_utf8(&ask, "dropIndexes", -1, kind->name, -1);
    bson_append_utf8(&ask, "index", -1, index->name, -1);
    status = command(conn, &ask, NO_INDEX, &error, err);
    bson_destroy(&ask);
    return status;
}

hc_status hc__mongo_step(hc__mongo *conn, const hc_step *step, int32_t version, hc_error *err)
{
    const hc_kind *kind = step->kind;
    hc_status status;

    if (kind->storage != HC_KIND_DOCUMENT) /* which live in the other store */
        return HC_OK;
    if (step->what == HC_STEP_ADD_FIELD) /* a member that is missing has its default */
        return HC_OK;
    if (step->what == HC_STEP_CREATE_INDEX || step->what == HC_STEP_DROP_INDEX) {
        if (step->position >= kind->index_count)
            return hc__mongo_misuse(err, "an index position is out of range");
        return step->what == HC_STEP_CREATE_INDEX ? create_index(conn, kind, &kind->indexes[step->position], err)
                                                  : drop_index(conn, kind, &kind->indexes[step->position], err);
    }
    if (step->what != HC_STEP_CREATE_KIND)
        return hc__mongo_misuse(err, "a step that there is not");
    status = create_kind(conn, kind, err);
    for (uint32_t i = 0; i < kind->index_count && status == HC_OK; i++) {
        if (kind->indexes[i].since <= version && (kind->indexes[i].flags & HC_INDEX_ARRIVAL) == 0)
            status = create_index(conn, kind, &kind->indexes[i], err);
    }
    return status;
}
