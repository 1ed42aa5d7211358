#include "driver/postgres/postgres.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/log.h"

#define SCRATCH        ((size_t)4096)
#define OWN            11 /* parameters of ours */
#define LISTS          5  /* parameters that name servers */
#define OLDEST_VERSION 130000

/* What SETTINGS tells as a sum, with when the session began in units of the next power. */
#define OTHER_ENCODING 1
#define NOT_DURABLE    2
#define ALONE          4 /* no other server has a commit when it is acknowledged */
#define POOLED         8 /* the session is another one than the server that was connected to says */
#define BEGAN_UNIT     16

/* Since when a session is there, in µs: with its process's number a name that is not used again. */
#define BEGAN "(extract(epoch FROM backend_start) * 1000000)::bigint"

#define OWN_SETTING(name, value) ", CASE WHEN own THEN set_config('" name "', " value ", false) END"
#define UNLESS_SET(name, value)                                                                                        \
    OWN_SETTING(name, "CASE current_setting('" name "') WHEN '0' THEN '" value "' ELSE current_setting('" name "') "   \
                      "END")

/* What the URI does not say. A statement that nobody waits for, or a unit that nobody ends, does not last. A plan that
 * was kept from when a table was small must not walk all of it when it has grown: there is an index for what is asked,
 * and where few rows are expected its order is worth more than reading their pages in the order of the disk. A session
 * that a pooler lends for a transaction is others' too, and stays as it is. */
#define SETTINGS                                                                                                       \
    "SELECT (current_setting('server_encoding') <> 'UTF8')::int + 2 * (current_setting('synchronous_commit') = "       \
    "'off')::int + 4 * (current_setting('synchronous_standby_names') = '' OR current_setting('synchronous_commit') "   \
    "NOT IN ('on', 'remote_apply'))::int + 8 * (NOT own)::int + 16 * (SELECT " BEGAN                                   \
    " FROM pg_stat_get_activity(pg_backend_pid()))" OWN_SETTING("default_transaction_isolation", "'read committed'")   \
        OWN_SETTING("enable_seqscan", "'off'") OWN_SETTING("jit", "'off'") OWN_SETTING("random_page_cost", "'1.1'")    \
            UNLESS_SET("statement_timeout", "30s") UNLESS_SET(                                                         \
                "idle_in_transaction_session_timeout", "60s") " FROM (SELECT pg_backend_pid() = %d AS own) AS session"

hc_status hc__pg_open(void **out, const hc_host *host, const char *uri, hc_error *err)
{
    hc__pg_store *store;
    hc__mem mem;
    hc_status status;

    *out = NULL;
    status = hc__mem_init(&mem, host->allocator, err);
    if (status < 0)
        return status;
    store = hc__alloc_zero(&mem, 1, sizeof(*store));
    if (store == NULL)
        return hc__no_memory(err);
    store->mem = mem;
    store->host = host;
    store->pid = hc__os_pid();
    status = hc__pg_uri(store, uri, err);
    if (status < 0) {
        hc__pg_close(store);
        return status;
    }
    *out = store;
    return HC_OK;
}

void hc__pg_close(void *handle)
{
    hc__pg_store *store = handle;
    hc__mem mem;

    if (store == NULL)
        return;
    mem = store->mem;
    hc__pg_forget_options(store);
    hc__free(&mem, store);
}

void hc__pg_limits(void *handle, hc_storage_limits *out)
{
    (void)handle;
    out->connections = 0;
}

static void on_notice(void *data, const PGresult *result)
{
    const char *from = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    hc__pg *conn = data;

    /* Told to stop while it waits for a standby, the server says COMMIT all the same. */
    conn->unreplicated = conn->unreplicated || (from != NULL && strcmp(from, "SyncRepWaitForLSN") == 0);
    hc__pg_log(data, HC_LOG_DEBUG, result, false);
}

static bool given(const hc__pg_store *store, const char *keyword)
{
    for (const PQconninfoOption *at = store->options; at->keyword != NULL; at++) {
        if (strcmp(at->keyword, keyword) == 0)
            return at->val != NULL;
    }
    return true; /* not of this libpq: nothing to say */
}

static bool names_a_server(const char *keyword)
{
    return strcmp(keyword, "host") == 0 || strcmp(keyword, "hostaddr") == 0 || strcmp(keyword, "port") == 0 ||
           strcmp(keyword, "target_session_attrs") == 0 || strcmp(keyword, "load_balance_hosts") == 0;
}

static const char *told(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* The list without its first `turn` names, and those behind it. NULL without memory. */
static const char *turned(hc__buf *out, const char *list, uint32_t turn)
{
    const char *at = list;

    for (; turn > 0 && strchr(at, ',') != NULL; turn--)
        at = strchr(at, ',') + 1;
    if (at == list)
        return list;
    hc__buf_text(out, at);
    hc__buf_char(out, ',');
    hc__buf_put(out, list, (size_t)(at - list) - 1);
    return out->failed ? NULL : out->data;
}

/* Whom to ask: the servers of the URI from number `turn` on, or the very one of another connection. */
typedef struct whom {
    uint32_t turn;
    int32_t role;
    const PGconn *beside;
} whom;

/* The URI's parameters. Returns how many there are, or 0 without memory. */
static size_t take_given(const char *keywords[], const char *values[], hc__buf lists[], const hc__pg_store *store,
                         const whom *to)
{
    size_t count = 0, list = 0;

    for (const PQconninfoOption *at = store->options; at->keyword != NULL && count < HC__PG_OPTIONS - OWN; at++) {
        const char *value = at->val;

        if (value == NULL || strcmp(at->keyword, "client_encoding") == 0 ||
            (to->beside != NULL && names_a_server(at->keyword)))
            continue;
        if (names_a_server(at->keyword) && list < LISTS)
            value = turned(&lists[list++], value, to->turn);
        if (value == NULL)
            return 0;
        keywords[count] = at->keyword;
        values[count++] = value;
    }
    keywords[count] = "client_encoding";
    values[count++] = "UTF8";
    return count;
}

static PGconn *start(const hc__pg_store *store, const whom *to)
{
    const PGconn *beside = to->beside;
    const struct {
        const char *keyword, *value;
    } ours[OWN - 1] = {
        {"host", beside == NULL ? NULL : told(PQhost(beside))},
        {"hostaddr", beside == NULL ? NULL : told(PQhostaddr(beside))},
        {"port", beside == NULL ? NULL : told(PQport(beside))},
        {"fallback_application_name", "homeconnect"},
        {"sslmode", store->verify ? "verify-full" : NULL},
        {"target_session_attrs", store->hosts == 1 || beside != NULL ? NULL
                                 : to->role == HC_CONNECT_READ       ? "prefer-standby"
                                                                     : "read-write"},
        {"keepalives_idle", "30"},
        {"keepalives_interval", "10"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "30000"},
    };
    const char *keywords[HC__PG_OPTIONS] = {0}, *values[HC__PG_OPTIONS] = {0};
    hc__buf lists[LISTS];
    PGconn *out = NULL;
    size_t count;

    for (size_t i = 0; i < LISTS; i++)
        hc__buf_init(&lists[i], &store->mem);
    count = take_given(keywords, values, lists, store, to);
    for (size_t i = 0; count > 0 && i < sizeof(ours) / sizeof(ours[0]); i++) {
        bool always = beside != NULL && names_a_server(ours[i].keyword);

        if (ours[i].value == NULL || (!always && given(store, ours[i].keyword)))
            continue;
        keywords[count] = ours[i].keyword;
        values[count++] = ours[i].value;
    }
    if (count > 0 && hc__bug("any-server")) { /* the last one counts */
        keywords[count] = "sslmode";
        values[count++] = "prefer";
    }
    if (count > 0)
        out = PQconnectStartParams(keywords, values, 0);
    for (size_t i = 0; i < LISTS; i++)
        hc__buf_free(&lists[i]);
    return out;
}

/* `late`: what it is when the server did not answer in time. */
static hc_status silent(hc_status late, hc_error *err)
{
    return hc__fail_from(err, HC__PG_NAME, late, late == HC_ERR_TIMEOUT ? NULL : "storage_uri",
                         "the server does not answer");
}

static hc_status shake_hands(hc__pg *conn, int64_t until, hc_status late, hc_error *err)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;

    while (next != PGRES_POLLING_OK) {
        int64_t now = hc__os_monotonic();

        if (next == PGRES_POLLING_FAILED || PQstatus(conn->pg) == CONNECTION_BAD)
            return hc__pg_connect_failed(conn, err);
        if (now >= until)
            return silent(late, err);
        if (hc__pg_poll(conn, next == PGRES_POLLING_READING, next == PGRES_POLLING_WRITING, now, until) != 0)
            next = PQconnectPoll(conn->pg);
    }
    return HC_OK;
}

/* Several servers mean that one takes over from another. */
static void warn_of_failover(hc__pg_store *store)
{
    const hc_host *host = store->host;

    if (store->hosts > 1 && host->log != NULL && !atomic_exchange(&store->warned, true))
        host->log(HC_LOG_WARN,
                  "postgres: no standby is synchronous (synchronous_standby_names, synchronous_commit): when another "
                  "server takes over, the last acknowledged writes may be lost",
                  host->data);
}

static hc_status set_up(hc__pg *conn, int64_t *faults, hc_error *err)
{
    char sql[2048];
    hc_status status;

    (void)snprintf(sql, sizeof(sql), SETTINGS, PQbackendPID(conn->pg));
    status = hc__pg_run(conn, sql, faults, err);
    conn->pooled = status == HC_OK && (*faults & POOLED) != 0;
    if (status == HC_OK && conn->store->relaxed && !conn->pooled)
        status = hc__pg_run(conn, "SET synchronous_commit = off", NULL, err);
    return status;
}

static hc_status settle(hc__pg *conn, hc_error *err)
{
    const hc__pg_store *store = conn->store;
    int64_t faults = 0;
    hc_status status;

    if (PQserverVersion(conn->pg) < OLDEST_VERSION)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_UNSUPPORTED, "storage_uri", "PostgreSQL %d is older than 13",
                             PQserverVersion(conn->pg) / 10000);
    if (PQsetnonblocking(conn->pg, 1) != 0)
        return hc__no_memory(err);
    status = set_up(conn, &faults, err);
    if (status == HC_ERR_UNAVAILABLE && hc__pg_is_starved(conn))
        return hc__no_memory(err);
    if (status < 0)
        return status;
    conn->began = faults / BEGAN_UNIT;
    if ((faults & ALONE) != 0 && conn->role == HC_CONNECT_WRITE)
        warn_of_failover(conn->store);
    if ((faults & OTHER_ENCODING) != 0)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri", "the database's encoding is not UTF8");
    if ((faults & NOT_DURABLE) != 0 && !store->relaxed)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri",
                             "the server has synchronous_commit=off, which loses commits: turn it on, or say "
                             "durability=relaxed in the URI");
    return HC_OK;
}

static hc_status begin(hc__pg *conn, const whom *to, hc_error *err)
{
    conn->pg = start(conn->store, to);
    if (conn->pg == NULL)
        return hc__no_memory(err);
    (void)PQsetErrorVerbosity(conn->pg, PQERRORS_SQLSTATE);
    (void)PQsetErrorContextVisibility(conn->pg, PQSHOW_CONTEXT_NEVER);
    (void)PQsetNoticeReceiver(conn->pg, on_notice, conn);
    return HC_OK;
}

/* PQcancel() waits for the server without an end, and sends the session's key in the clear. So another session tells
 * the server to stop this one; behind a pooler, which keeps its sessions' names to itself, that finds none. */
void hc__pg_cancel(const hc__pg *conn, int64_t until)
{
    hc__pg side = {.store = conn->store, .mem = conn->mem, .pid = conn->pid, .give_up = until};
    char sql[160];

    if (begin(&side, &(whom){0, conn->role, conn->pg}, NULL) < 0)
        return;
    if (shake_hands(&side, until, HC_ERR_TIMEOUT, NULL) == HC_OK && PQsetnonblocking(side.pg, 1) == 0) {
        (void)snprintf(sql, sizeof(sql),
                       "SELECT pg_cancel_backend(pid) FROM pg_stat_get_activity(%d) WHERE " BEGAN " = %lld",
                       PQbackendPID(conn->pg), (long long)conn->began);
        (void)hc__pg_run(&side, sql, NULL, NULL);
    }
    PQfinish(side.pg);
}

/* libpq goes on to the next server when one refuses, but waits without an end for one that is silent: so each server is
 * once the first, for its part of the time. */
static hc_status reach(hc__pg *conn, int64_t until, hc_status late, hc_error *err)
{
    uint32_t hosts = conn->store->hosts;
    hc_status status = HC_OK;

    for (uint32_t turn = 0; turn < hosts; turn++) {
        int64_t now = hc__os_monotonic(), part = now + (until - now) / (hosts - turn);

        PQfinish(conn->pg);
        conn->pg = NULL;
        status = begin(conn, &(whom){turn, conn->role, NULL}, err);
        if (status == HC_OK)
            status = shake_hands(conn, part, late, err);
        if (status == HC_OK || hc__os_monotonic() < part)
            break;
    }
    return status;
}

static hc_status attach(hc__pg *conn, int64_t deadline, hc_error *err)
{
    int64_t until = hc__os_monotonic() + conn->store->connect_wait;
    hc_status late = HC_ERR_UNAVAILABLE, status;

    if (deadline != 0 && deadline < until) {
        until = deadline;
        late = HC_ERR_TIMEOUT;
    }
    status = reach(conn, until, late, err);
    if (status == HC_OK)
        status = hc__pg_enter(conn, until, err);
    if (status == HC_OK)
        status = settle(conn, err);
    return status == HC_ERR_TIMEOUT && conn->stopped == HC_ERR_TIMEOUT ? silent(late, err) : status;
}

/* What is this process's own, and not the socket's. */
static void release(hc__pg *conn)
{
    hc__pg_forget_all(conn);
    hc__map_free(&conn->statements);
    hc__buf_free(&conn->key);
    hc__buf_free(&conn->rows);
    hc__sql_free(&conn->sql);
    hc__arena_free(&conn->scratch);
    hc__arena_free(&conn->kept);
    hc__free(conn->mem, conn->params.block);
    hc__free(conn->mem, conn->steps);
    hc__free(conn->mem, conn->scratch_first);
    hc__free(conn->mem, conn);
}

hc_status hc__pg_connect(void **out, void *handle, int32_t role, int64_t deadline, hc_error *err)
{
    hc__pg_store *store = handle;
    hc__pg *conn;
    hc_status status;

    *out = NULL;
    if (store->pid != hc__os_pid())
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_FORKED, NULL, "the store belongs to the parent of this process");
    conn = hc__alloc_zero(&store->mem, 1, sizeof(*conn));
    if (conn == NULL)
        return hc__no_memory(err);
    conn->store = store;
    conn->mem = &store->mem;
    conn->pid = store->pid;
    conn->role = role;
    if (!hc__os_random(&conn->salt, sizeof(conn->salt)))
        conn->salt = (uint64_t)hc__os_monotonic() ^ (uint64_t)(uintptr_t)conn;
    conn->scratch_first = hc__alloc(conn->mem, SCRATCH);
    conn->scratch_size = conn->scratch_first == NULL ? 0 : SCRATCH;
    hc__map_init(&conn->statements, conn->mem);
    hc__buf_init(&conn->key, conn->mem);
    hc__buf_init(&conn->rows, conn->mem);
    hc__sql_init(&conn->sql, conn->mem, false);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    hc__arena_init(&conn->kept, conn->mem, NULL, 0);
    status = attach(conn, deadline, err);
    if (status < 0) {
        hc__pg_disconnect(conn);
        return status;
    }
    *out = conn;
    return HC_OK;
}

void hc__pg_disconnect(void *handle)
{
    hc__pg *conn = handle;

    if (conn == NULL)
        return;
    if (conn->pid == hc__os_pid())
        PQfinish(conn->pg);
    release(conn);
}

/* libpq frees a connection only by saying good-bye to the server, which still serves the parent. */
void hc__pg_abandon(void *handle)
{
    if (handle != NULL)
        release(handle);
}

void hc__pg_interrupt(void *handle)
{
    hc__pg *conn = handle;

    atomic_store_explicit(&conn->interrupted, true, memory_order_relaxed);
}
