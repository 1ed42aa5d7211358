/* The driver's table, stores and connections. What the core loads is hc_driver_entry(), at the end. */
#include "memtable.h"

#include <string.h>
#include <time.h>

#define VERSION "1.0"

/* ---- stores --------------------------------------------------------------------------------------------------------
 */

static bool init_lock(mt_store *store)
{
    pthread_condattr_t clock;
    bool done = false;

    if (pthread_mutex_init(&store->lock, NULL) != 0)
        return false;
    if (pthread_condattr_init(&clock) == 0) {
        (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC); /* deadlines are of this clock */
        done = pthread_cond_init(&store->changed, &clock) == 0;
        (void)pthread_condattr_destroy(&clock);
    }
    if (!done)
        (void)pthread_mutex_destroy(&store->lock);
    return done;
}

static hc_status open_store(void **out, const hc_host *host, const char *uri, hc_error *err)
{
    const mt_store for_memory = {.host = host};
    mt_store *store;

    *out = NULL;
    if (strncmp(uri, MT_NAME ":", sizeof(MT_NAME)) != 0)
        return mt_fail(err, HC_ERR_INVALID, "storage_uri", "a URI of this driver begins with " MT_NAME ":");
    store = mt_allocate(&for_memory, sizeof(*store));
    if (store == NULL)
        return mt_no_memory(err);
    store->host = host;
    store->current = mt_version_copy(store, NULL, 0);
    if (store->current == NULL || !init_lock(store)) {
        mt_version_release(store, store->current);
        mt_free(store, store);
        return mt_no_memory(err);
    }
    *out = store;
    return HC_OK;
}

static void close_store(void *handle)
{
    mt_store *store = handle;

    if (store == NULL)
        return;
    mt_version_release(store, store->current);
    (void)pthread_cond_destroy(&store->changed);
    (void)pthread_mutex_destroy(&store->lock);
    mt_free(store, store);
}

static void limits(void *store, hc_storage_limits *out)
{
    (void)store;
    out->connections = 0; /* as many as the core likes */
}

/* ---- connections ---------------------------------------------------------------------------------------------------
 */

static hc_status connect_to(void **out, void *handle, int32_t role, int64_t deadline, hc_error *err)
{
    mt_store *store = handle;
    mt_conn *conn = mt_allocate(store, sizeof(*conn));

    (void)deadline;
    *out = conn;
    if (conn == NULL)
        return mt_no_memory(err);
    conn->store = store;
    conn->role = role;
    atomic_init(&conn->interrupted, false);
    return HC_OK;
}

/* A transaction that is still open is rolled back. */
static void disconnect(void *handle)
{
    mt_conn *conn = handle;

    if (conn == NULL)
        return;
    if (conn->writing)
        mt_turn_end(conn, false);
    mt_version_release(conn->store, conn->view);
    mt_free(conn->store, conn);
}

/* In the child of a fork the lock may be held by a thread that is not there: only memory is given back. */
static void abandon(void *handle)
{
    mt_conn *conn = handle;

    if (conn != NULL)
        mt_free(conn->store, conn);
}

static hc_status ping(void *conn, int64_t deadline, hc_error *err)
{
    (void)conn;
    if (deadline != 0 && mt_monotonic() >= deadline)
        return mt_fail(err, HC_ERR_TIMEOUT, NULL, "the deadline passed");
    return HC_OK;
}

static hc_status server_time(void *conn, int64_t *out, hc_error *err)
{
    (void)conn;
    (void)err;
    *out = mt_wall_clock();
    return HC_OK;
}

/* From any thread, while another runs a batch on this connection: one that scans looks at the flag, one that waits for
 * its turn is woken to look. */
static void interrupt(void *handle)
{
    mt_conn *conn = handle;

    atomic_store(&conn->interrupted, true);
    (void)pthread_mutex_lock(&conn->store->lock);
    (void)pthread_cond_broadcast(&conn->store->changed);
    (void)pthread_mutex_unlock(&conn->store->lock);
}

static hc_status version(void *conn, char *out, size_t size, hc_error *err)
{
    (void)conn;
    if (size < sizeof(VERSION))
        return mt_fail(err, HC_ERR_TOO_LARGE, "version", "no room for the version");
    memcpy(out, VERSION, sizeof(VERSION));
    return HC_OK;
}

/* ---- the table -----------------------------------------------------------------------------------------------------
 */

static const hc_storage_driver driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS | HC_CAP_ONE_WRITER,
    .name = MT_NAME,
    .schemes = MT_NAME,
    .open = open_store,
    .close = close_store,
    .limits = limits,
    .connect = connect_to,
    .disconnect = disconnect,
    .ping = ping,
    .schema = mt_schema,
    .migrate = mt_migrate,
    .execute = mt_execute,
    .explain = mt_explain,
    .server_time = server_time,
    .interrupt = interrupt,
    .abandon = abandon,
    .version = version,
};

HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return mt_fail(err, HC_ERR_UNSUPPORTED, NULL, "this driver was built for driver ABI %d, the library has %d",
                       HC_DRIVER_ABI, (int)host_abi);
    *out = &driver;
    return HC_OK;
}
