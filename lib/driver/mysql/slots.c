/* The slots that talk to the server, each without SIGPIPE: over TLS the client library writes as if nobody minded it,
 * and to a session that ended that would end a host that has no handler (S44). */
#include <signal.h>

#include "driver/mysql/mysql.h"

typedef struct hush {
    sigset_t before; /* the thread's signals */
    bool on;         /* SIGPIPE was let through, and is not now */
} hush;

static hush begin(bool may_write)
{
    hush hushed = {.on = false};
    sigset_t pipe;

    if (!may_write)
        return hushed;
    (void)sigemptyset(&pipe);
    (void)sigaddset(&pipe, SIGPIPE);
    hushed.on = pthread_sigmask(SIG_BLOCK, &pipe, &hushed.before) == 0 && sigismember(&hushed.before, SIGPIPE) == 0;
    return hushed;
}

/* One that came meanwhile is ours: it goes to the thread that writes. */
static void end(const hush *hushed)
{
    static const struct timespec at_once = {0, 0};
    sigset_t pending;

    if (!hushed->on)
        return;
    if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1) {
        (void)sigemptyset(&pending);
        (void)sigaddset(&pending, SIGPIPE);
        (void)sigtimedwait(&pending, NULL, &at_once);
    }
    (void)pthread_sigmask(SIG_SETMASK, &hushed->before, NULL);
}

/* Without TLS it asks the system for no signal itself. */
static hush begin_on(const void *conn)
{
    return begin(((const hc__my *)conn)->store->tls != HC__MY_TLS_OFF);
}

static hc_status connect_slot(void **out, void *store, int32_t role, int64_t deadline, hc_error *err)
{
    hush hushed = begin(true);
    hc_status status = hc__my_connect(out, store, role, deadline, err);

    end(&hushed);
    return status;
}

static void disconnect_slot(void *conn)
{
    hush hushed;

    if (conn == NULL)
        return;
    hushed = begin_on(conn);
    hc__my_disconnect(conn);
    end(&hushed);
}

/* A slot that gives a status: its name, its parameters, and what is passed on. */
#define SLOT(name, parameters, ...)                                                                                    \
    static hc_status name##_slot parameters                                                                            \
    {                                                                                                                  \
        hush hushed = begin_on(conn);                                                                                  \
        hc_status status = hc__my_##name(__VA_ARGS__);                                                                 \
                                                                                                                       \
        end(&hushed);                                                                                                  \
        return status;                                                                                                 \
    }

SLOT(ping, (void *conn, int64_t deadline, hc_error *err), conn, deadline, err)
SLOT(schema, (void *conn, int32_t *version, hc_error *err), conn, version, err)
SLOT(migrate, (void *conn, const hc_migration *list, size_t count, int64_t deadline, hc_error *err), conn, list, count,
     deadline, err)
SLOT(execute, (void *conn, hc_batch *batch, hc_error *err), conn, batch, err)
SLOT(explain, (void *conn, const hc_op *op, hc_status (*line)(const char *text, void *data), void *data, hc_error *err),
     conn, op, line, data, err)
SLOT(server_time, (void *conn, int64_t *out, hc_error *err), conn, out, err)
SLOT(position, (void *conn, int64_t deadline, uint64_t *out, hc_error *err), conn, deadline, out, err)

const hc_storage_driver hc__my_driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS,
    .name = HC__MY_NAME,
    .schemes = "mysql mariadb",
    .open = hc__my_open,
    .close = hc__my_close,
    .limits = hc__my_limits,
    .connect = connect_slot,
    .disconnect = disconnect_slot,
    .ping = ping_slot,
    .schema = schema_slot,
    .migrate = migrate_slot,
    .execute = execute_slot,
    .explain = explain_slot,
    .server_time = server_time_slot,
    .interrupt = hc__my_interrupt,
    .abandon = hc__my_abandon,
    .version = hc__my_version,
    .position = position_slot,
    .backup = NULL,
};
