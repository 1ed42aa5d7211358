#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"

/* libmongoc stops looking for a server by a time of its own: the deadline may be sooner. */
static mongoc_client_t *new_client(const hc__mongo_store *store, int64_t deadline)
{
    mongoc_uri_t *uri = mongoc_uri_copy(store->uri);
    int64_t left = deadline == 0 ? INT32_MAX : (deadline - hc__os_monotonic()) / 1000;
    mongoc_client_t *client = NULL;

    if (left < 1)
        left = 1;
    if (left >= mongoc_uri_get_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 0) ||
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, (int32_t)left))
        client = mongoc_client_new_from_uri(uri);
    mongoc_uri_destroy(uri);
    return client;
}

static hc_status attach(hc__mongo *conn, int64_t deadline, hc_error *err)
{
    hc_status status = hc__mongo_enter(conn, deadline, err);
    mongoc_read_concern_t *majority;
    bson_iter_t at;
    bson_t reply;

    if (status < 0)
        return status;
    conn->client = new_client(conn->store, deadline);
    if (conn->client == NULL)
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNAVAILABLE, "document_uri",
                             "the URI's hosts cannot be looked up");
    (void)mongoc_client_set_error_api(conn->client, 2);
    mongoc_client_set_stream_initiator(conn->client, hc__mongo_stream, conn);
    status = hc__mongo_ask(conn, "isMaster", &reply, err);
    /* A set of servers: what was read must not be undone by a failover. */
    if (status == HC_OK && (bson_iter_init_find(&at, &reply, "setName") || bson_iter_init_find(&at, &reply, "msg"))) {
        majority = mongoc_read_concern_new();
        (void)mongoc_read_concern_set_level(majority, MONGOC_READ_CONCERN_LEVEL_MAJORITY);
        mongoc_client_set_read_concern(conn->client, majority);
        mongoc_read_concern_destroy(majority);
    }
    bson_destroy(&reply);
    return status;
}

/* What is this process's own, and not the socket's. */
static void release(hc__mongo *conn)
{
    hc__map_free(&conn->collections);
    hc__arena_free(&conn->scratch);
    hc__arena_free(&conn->row);
    hc__free(conn->mem, conn->blocks);
    hc__free(conn->mem, conn);
}

hc_status hc__mongo_connect(void **out, void *handle, int32_t role, int64_t deadline, hc_error *err)
{
    hc__mongo_store *store = handle;
    hc__mongo *conn;
    hc_status status;

    *out = NULL;
    if (store->pid != hc__os_pid())
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_FORKED, NULL,
                             "the store belongs to the parent of this process");
    conn = hc__alloc_zero(&store->mem, 1, sizeof(*conn));
    if (conn == NULL)
        return hc__no_memory(err);
    conn->store = store;
    conn->mem = &store->mem;
    conn->pid = store->pid;
    conn->role = role;
    hc__map_init(&conn->collections, conn->mem);
    hc__arena_init(&conn->scratch, conn->mem, NULL, 0);
    hc__arena_init(&conn->row, conn->mem, NULL, 0);
    conn->blocks = hc__alloc(conn->mem, 2 * (size_t)HC__MONGO_BLOCK);
    status = conn->blocks == NULL ? hc__no_memory(err) : attach(conn, deadline, err);
    if (status < 0) {
        hc__mongo_disconnect(conn);
        return status;
    }
    *out = conn;
    return HC_OK;
}

void hc__mongo_disconnect(void *handle)
{
    hc__mongo *conn = handle;
    hc__map_entry *at = NULL;
    const void *key;
    size_t size;
    void *collection;

    if (conn == NULL)
        return;
    if (conn->pid == hc__os_pid()) {
        /* Saying good-bye must not wait longer than a moment for a server that is silent. */
        conn->deadline = hc__os_monotonic() + HC__SECOND;
        while (hc__map_each(&conn->collections, &at, &key, &size, &collection))
            mongoc_collection_destroy(collection);
        mongoc_client_destroy(conn->client);
    }
    release(conn);
}

/* libmongoc frees a client only by ending its sessions on the server, which still serves the parent. */
void hc__mongo_abandon(void *handle)
{
    if (handle != NULL)
        release(handle);
}

void hc__mongo_interrupt(void *handle)
{
    hc__mongo *conn = handle;

    atomic_store_explicit(&conn->interrupted, true, memory_order_relaxed);
}

hc_status hc__mongo_ask(hc__mongo *conn, const char *command, bson_t *reply, hc_error *err)
{
    bson_error_t error;
    hc_status status = HC_OK;
    bson_t ask;

    bson_init(&ask);
    bson_append_int32(&ask, command, -1, 1);
    if (!mongoc_client_command_simple(conn->client, "admin", &ask, NULL, reply, &error))
        status = hc__mongo_failed(conn, &error, reply, false, err);
    bson_destroy(&ask);
    return status;
}

hc_status hc__mongo_ping(void *handle, int64_t deadline, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status = hc__mongo_enter(conn, deadline, err);
    bson_t reply;

    if (status < 0)
        return status;
    status = hc__mongo_ask(conn, "ping", &reply, err);
    bson_destroy(&reply);
    return status;
}

hc_status hc__mongo_now(hc__mongo *conn, int64_t *out, hc_error *err)
{
    hc_status status;
    bson_iter_t at;
    bson_t reply;

    *out = conn->now;
    if (conn->now != 0)
        return HC_OK;
    status = hc__mongo_ask(conn, "isMaster", &reply, err);
    if (status == HC_OK && bson_iter_init_find(&at, &reply, "localTime") && BSON_ITER_HOLDS_DATE_TIME(&at))
        *out = conn->now = bson_iter_date_time(&at) * 1000;
    else if (status == HC_OK)
        status = hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNSUPPORTED, NULL, "the server does not tell its time");
    bson_destroy(&reply);
    return status;
}

hc_status hc__mongo_server_time(void *handle, int64_t *out, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status = hc__mongo_enter(conn, 0, err);

    return status < 0 ? status : hc__mongo_now(conn, out, err);
}

hc_status hc__mongo_version(void *handle, char *out, size_t size, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status = hc__mongo_enter(conn, 0, err);
    const char *text = "";
    uint32_t length = 0;
    bson_iter_t at;
    bson_t reply;

    if (status < 0)
        return status;
    status = hc__mongo_ask(conn, "buildInfo", &reply, err);
    if (status == HC_OK && bson_iter_init_find(&at, &reply, "version") && BSON_ITER_HOLDS_UTF8(&at))
        text = bson_iter_utf8(&at, &length);
    if (status == HC_OK && size <= length)
        status = hc__fail_from(err, HC__MONGO_NAME, HC_ERR_TOO_LARGE, "version", "no room for the version");
    if (status == HC_OK) {
        memcpy(out, text, length);
        out[length] = '\0';
    }
    bson_destroy(&reply);
    return status;
}

mongoc_collection_t *hc__mongo_collection(hc__mongo *conn, const char *name)
{
    size_t size = strlen(name);
    mongoc_collection_t *out = hc__map_get(&conn->collections, name, size);

    if (out != NULL)
        return out;
    out = mongoc_client_get_collection(conn->client, conn->store->database, name);
    if (out != NULL && !hc__map_put(&conn->collections, name, size, out)) {
        mongoc_collection_destroy(out);
        return NULL;
    }
    return out;
}
