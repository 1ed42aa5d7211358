/* A driver that is not there: it takes the place of SQLite's by the linker (--wrap=hc_driver_sqlite_entry), each
 * connection is a byte, and it does what `server` says. */
#ifndef UNIT_STORAGE_SERVER_H
#define UNIT_STORAGE_SERVER_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "storage/store.h"
#include "suite.h"

hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

static struct server {
    atomic_int tries, open, pings, abandoned;
    atomic_int refuse;         /* the status of each try; 0: it is up */
    atomic_int slow;           /* µs that a refusal takes */
    atomic_bool dead;          /* pings fail */
    int32_t connections, role; /* how many it can bear; for what the last was */
    int32_t version;           /* of its schema */
    hc_status no_store, no_schema, no_migration;
    const char *field;        /* that refuse and no_schema are about, or NULL */
    int closed;               /* stores */
    void (*connecting)(void); /* called by each try, or NULL */
    void (*telling)(void);    /* called by who tells its schema, or NULL */
    int migrations;           /* that it was given */
    int busy, asked;          /* so many tries to migrate meet another's; tries */
    const hc_host *host;
} server;

static hc_error err;
static hc__store *store;

static hc_status open_store(void **out, const hc_host *host, const char *uri, hc_error *why)
{
    (void)uri;
    server.host = host;
    if (server.no_store < 0)
        return hc__fail_from(why, "far", server.no_store, "storage_uri", "no store");
    *out = &server;
    return HC_OK;
}

static void close_store(void *handle)
{
    ck_assert_ptr_eq(handle, &server);
    server.closed++;
}

static void limits(void *handle, hc_storage_limits *out)
{
    (void)handle;
    if (server.connections > 0) /* else as many as there may be */
        out->connections = server.connections;
}

static hc_status connect_one(void **conn, void *handle, int32_t role, int64_t deadline, hc_error *why)
{
    hc_status refuse = atomic_load(&server.refuse);

    (void)handle;
    (void)deadline;
    server.role = role;
    atomic_fetch_add(&server.tries, 1);
    if (server.connecting != NULL)
        server.connecting();
    *conn = NULL;
    if (refuse < 0) {
        *conn = &server; /* of a try that failed nobody looks at it */
        usleep((useconds_t)atomic_load(&server.slow));
        return hc__fail_from(why, "far", refuse, server.field, "not now");
    }
    atomic_fetch_add(&server.open, 1);
    *conn = malloc(1);
    return HC_OK;
}

static void disconnect(void *conn)
{
    atomic_fetch_sub(&server.open, 1);
    free(conn);
}

static hc_status ping(void *conn, int64_t deadline, hc_error *why)
{
    (void)conn;
    (void)deadline;
    atomic_fetch_add(&server.pings, 1);
    return atomic_load(&server.dead) ? hc__fail_from(why, "far", HC_ERR_UNAVAILABLE, NULL, "gone") : HC_OK;
}

static hc_status schema(void *conn, int32_t *version, hc_error *why)
{
    (void)conn;
    *version = server.version;
    if (server.telling != NULL)
        server.telling();
    return server.no_schema < 0 ? hc__fail_from(why, "far", server.no_schema, server.field, "no schema") : HC_OK;
}

static hc_status migrate(void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *why)
{
    (void)conn;
    (void)deadline;
    server.asked++;
    if (server.busy > 0) {
        server.busy--;
        return hc__fail_from(why, "far", HC_ERR_BUSY, NULL, "another migrates");
    }
    if (server.no_migration < 0)
        return hc__fail_from(why, "far", server.no_migration, NULL, "no migration");
    server.version = list[count - 1].version;
    server.migrations = (int)count;
    return HC_OK;
}

static hc_status execute(void *conn, hc_batch *batch, hc_error *why)
{
    (void)conn;
    (void)batch;
    (void)why;
    return HC_OK;
}

static hc_status explain(void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data,
                         hc_error *why)
{
    (void)conn;
    (void)op;
    (void)why;
    return line("nothing", data);
}

static hc_status server_time(void *conn, int64_t *out, hc_error *why)
{
    (void)conn;
    (void)why;
    *out = 0;
    return HC_OK;
}

static void forget(void *conn)
{
    (void)conn;
}

static void abandon(void *conn)
{
    atomic_fetch_add(&server.abandoned, 1);
    free(conn);
}

static hc_storage_driver table = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS,
    .name = "sqlite",
    .schemes = "sqlite",
    .open = open_store,
    .close = close_store,
    .limits = limits,
    .connect = connect_one,
    .disconnect = disconnect,
    .ping = ping,
    .schema = schema,
    .migrate = migrate,
    .execute = execute,
    .explain = explain,
    .server_time = server_time,
    .interrupt = forget,
    .abandon = abandon,
};
static const hc_storage_driver *given = &table; /* what the entry gives */

hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *why)
{
    (void)host_abi;
    (void)why;
    *out = given;
    return HC_OK;
}

/* ---- a pool of four ---- */

static hc__mem mem;

static inline void open_pool(int64_t idle, int64_t lifetime)
{
    hc__store_options options = {.uri = "sqlite:far", .pool_size = 4, .idle_limit = idle, .lifetime = lifetime};

    memset(&server, 0, sizeof server);
    ck_assert_int_eq(hc__mem_init(&mem, NULL, &err), HC_OK);
    ck_assert_msg(hc__store_open(&store, &mem, &options, &err) == HC_OK, "%s", err.message);
}

static inline void set_up(void)
{
    open_pool(0, 0);
}

static inline void tear_down(void)
{
    hc__store_close(store);
    ck_assert_int_eq(atomic_load(&server.open), 0);
}

static inline int64_t in(int64_t micros)
{
    return hc__os_monotonic() + micros;
}

static inline hc_status take(hc__lease *lease)
{
    return hc__store_acquire(lease, store, HC_CONNECT_WRITE, in(50000), NULL, &err);
}

static inline void use(bool usable)
{
    hc__lease lease;

    ck_assert_msg(take(&lease) == HC_OK, "%s", err.message);
    hc__store_release(store, &lease, usable);
}

#endif
