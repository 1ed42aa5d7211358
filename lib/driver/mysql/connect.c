#include "driver/mysql/mysql.h"

#include <errmsg.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>

#include "base/bug.h"
#include "base/decimal.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/log.h"

#define SCRATCH ((size_t)4096)

/* Ways to sign in that never show the password itself to a server whose name nobody verified. */
#define SIGN_IN "mysql_native_password,client_ed25519,caching_sha2_password,sha256_password,parsec"

/* Words have 3 to 81 bytes, see encode.c. */
#define SHORTEST_WORD 3
#define LONGEST_WORD  81

#define VARIABLES                                                                                                      \
    "SHOW VARIABLES WHERE Variable_name IN ('max_allowed_packet', 'innodb_ft_min_token_size', "                        \
    "'innodb_ft_max_token_size', 'innodb_flush_log_at_trx_commit', 'wsrep_on', 'log_bin', 'binlog_format')"

static once_flag once = ONCE_FLAG_INIT;
static hc__mutex starting;
static bool has_starting, started;

static void make_mutex(void)
{
    has_starting = hc__mutex_init(&starting);
}

/* libmariadb ignores SIGPIPE for the whole process when it begins. Signals are the host's (S44), and slots.c keeps from
 * it what writing over TLS raises. */
static bool start(void)
{
    struct sigaction hosts;
    int known = sigaction(SIGPIPE, NULL, &hosts), result = mysql_server_init(0, NULL, NULL);

    if (known == 0)
        (void)sigaction(SIGPIPE, &hosts, NULL);
    return result == 0;
}

/* One at a time, so that what is given back is the host's; what failed is tried again. */
static bool start_library(void)
{
    bool done;

    call_once(&once, make_mutex);
    if (!has_starting)
        return false;
    hc__lock(&starting);
    started = started || start();
    done = started;
    hc__unlock(&starting);
    return done;
}

hc_status hc__my_open(void **out, const hc_host *host, const char *uri, hc_error *err)
{
    hc__my_store *store;
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
    status = hc__my_uri(store, uri, err);
    if (status == HC_OK)
        status = hc__my_uri_files(store, err);
    if (status == HC_OK && !start_library())
        status = hc__no_memory(err);
    if (status < 0) {
        hc__my_close(store);
        return status;
    }
    *out = store;
    return HC_OK;
}

void hc__my_close(void *handle)
{
    hc__my_store *store = handle;
    hc__mem mem;

    if (store == NULL)
        return;
    mem = store->mem;
    hc__my_forget_uri(store);
    hc__free(&mem, store);
}

void hc__my_limits(void *handle, hc_storage_limits *out)
{
    (void)handle;
    out->connections = 0;
}

/* ---- a connection ------------------------------------------------------------------------------------------------ */

static int set_tls(MYSQL *my, const hc__my_store *store)
{
    const my_bool yes = 1, verify = store->tls == HC__MY_TLS_VERIFY && !hc__bug("any-server");
    const struct {
        enum mysql_option option;
        const char *value;
    } texts[] = {{MYSQL_OPT_SSL_CA, store->ca},
                 {MYSQL_OPT_SSL_CAPATH, store->ca_path},
                 {MYSQL_OPT_SSL_CERT, store->cert},
                 {MYSQL_OPT_SSL_KEY, store->key},
                 {MARIADB_OPT_TLS_VERSION, store->tls_version},
                 {MARIADB_OPT_SSL_FP, store->fingerprint}};
    int failed = 0;

    if (store->tls == HC__MY_TLS_OFF)
        return 0;
    failed |= mysql_options(my, MYSQL_OPT_SSL_ENFORCE, &yes);
    failed |= mysql_options(my, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].value != NULL)
            failed |= mysql_options(my, texts[i].option, texts[i].value);
    }
    return failed;
}

/* No file of options is read, no file is sent, nothing reconnects by itself. */
static bool set_options(MYSQL *my, const hc__my_store *store)
{
    const my_bool no = 0;
    const unsigned none = 0;
    unsigned protocol = store->socket != NULL ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;
    int failed = 0;

    failed |= mysql_options(my, MYSQL_OPT_NONBLOCK, NULL);
    failed |= mysql_options(my, MYSQL_OPT_PROTOCOL, &protocol);
    failed |= mysql_options(my, MYSQL_OPT_RECONNECT, &no);
    failed |= mysql_options(my, MYSQL_OPT_LOCAL_INFILE, &none);
    failed |= mysql_options(my, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    failed |= mysql_options(my, MARIADB_OPT_RESTRICTED_AUTH, SIGN_IN);
    (void)mysql_options4(my, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "homeconnect");
    return (failed | set_tls(my, store)) == 0;
}

#define MESSAGE 250 /* bytes of it; its SQLSTATE comes behind */

MYSQL *hc__my_dial(const hc__my_store *store, const hc__my_host *host, int64_t until, hc__my_fault *fault,
                   char text[256], bool *late)
{
    MYSQL *my = mysql_init(NULL), *connected = NULL;
    hc__my_handshake shake = {.my = my, .until = until, .late = late};
    int want;

    *fault = (hc__my_fault){CR_OUT_OF_MEMORY, "HY001", text};
    text[0] = '\0';
    if (my == NULL || !set_options(my, store)) {
        mysql_close(my);
        return NULL;
    }
    /* Beside the name of a host the client library lets a socket lie, and TLS is off because of that socket. */
    want = mysql_real_connect_start(&connected, my, store->socket != NULL ? NULL : host->name, store->user,
                                    store->password, store->database, host->port, store->socket, CLIENT_FOUND_ROWS);
    while (want != 0) {
        if (store->tls != HC__MY_TLS_OFF)
            hc__my_watch_handshake(&shake);
        want = mysql_real_connect_cont(&connected, my, hc__my_wait_until(my, want, until, late));
    }
    hc__my_leave_handshake(&shake);
    /* The client library goes on without TLS when the server has none. */
    if (connected != NULL && (store->tls == HC__MY_TLS_OFF || mysql_get_ssl_cipher(my) != NULL))
        return my;
    fault->number = connected != NULL ? CR_SSL_CONNECTION_ERROR : mysql_errno(my);
    fault->state = text + MESSAGE; /* the handle goes */
    (void)snprintf(text, MESSAGE, "%s", mysql_error(my));
    (void)snprintf(text + MESSAGE, 256 - MESSAGE, "%s", connected != NULL ? "HY000" : mysql_sqlstate(my));
    mysql_close(my);
    return NULL;
}

/* ---- what the server is ------------------------------------------------------------------------------------------ */

typedef struct server_facts {
    int64_t packet, shortest, longest, flush;
    bool galera;
    bool logs, by_statement; /* for replicas */
} server_facts;

static void take_fact(const char *name, const char *value, void *data)
{
    server_facts *facts = data;
    const struct {
        const char *name;
        int64_t *out;
    } numbers[] = {{"max_allowed_packet", &facts->packet},
                   {"innodb_ft_min_token_size", &facts->shortest},
                   {"innodb_ft_max_token_size", &facts->longest},
                   {"innodb_flush_log_at_trx_commit", &facts->flush}};

    for (size_t i = 0; value != NULL && i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(name, numbers[i].name) == 0)
            (void)hc__decimal_parse(numbers[i].out, value, strlen(value), 0, HC__EXACT);
    }
    if (value != NULL && strcmp(name, "wsrep_on") == 0)
        facts->galera = strcmp(value, "ON") == 0;
    if (value != NULL && strcmp(name, "log_bin") == 0)
        facts->logs = strcmp(value, "ON") == 0;
    if (value != NULL && strcmp(name, "binlog_format") == 0)
        facts->by_statement = strcmp(value, "STATEMENT") == 0;
}

/* Once a store: it is the administrator's to decide. */
static void warn(hc__my *conn, const server_facts *facts)
{
    static const hc__my_fault none;
    hc__my_store *store = conn->store;

    if ((facts->flush == 1 && !facts->galera) || store->relaxed || atomic_exchange(&store->warned, true))
        return;
    if (facts->flush != 1)
        hc__my_log(store, HC_LOG_WARN,
                   "the server has innodb_flush_log_at_trx_commit other than 1: a crash may take the last commits",
                   none);
    if (facts->galera)
        hc__my_log(
            store, HC_LOG_WARN,
            "the server is a node of a Galera cluster: commits of two nodes may meet, and then one is run again; a "
            "read may not see yet what another node just committed",
            none);
}

static hc_status unfit(hc_error *err, hc_status status, const char *what)
{
    return hc__fail_from(err, HC__MY_NAME, status, "storage_uri", "%s", what);
}

static hc_status examine(hc__my *conn, const server_facts *facts, hc_error *err)
{
    if (facts->shortest > SHORTEST_WORD || facts->longest < LONGEST_WORD)
        return unfit(err, HC_ERR_INVALID,
                     "the server's index of words has other limits than 3 to 84 characters: reset "
                     "innodb_ft_min_token_size and innodb_ft_max_token_size");
    if (facts->logs && facts->by_statement && conn->role != HC_CONNECT_READ)
        return unfit(err, HC_ERR_INVALID,
                     "the server logs statements, and then takes no writes at READ COMMITTED: set binlog_format to "
                     "MIXED or ROW");
    conn->packet_limit = (unsigned long)facts->packet;
    conn->galera = facts->galera;
    warn(conn, facts);
    return HC_OK;
}

/* In one trip where the server is known to take it. A session that only reads has snapshots without asking for each. */
static hc_status ask_and_set(hc__my *conn, server_facts *facts, hc_error *err)
{
    const char *const statements[] = {conn->flavor->settings,
                                      conn->role == HC_CONNECT_READ
                                          ? "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"
                                          : "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                                      VARIABLES};
    const size_t count = sizeof(statements) / sizeof(statements[0]), together = conn->flavor->arrays ? count : 1;
    hc_status status = HC_OK;

    for (size_t i = 0; i < count && status == HC_OK; i += together)
        status = hc__my_run_together(conn, statements + i, together, take_fact, facts, err);
    return status;
}

static hc_status settle(hc__my *conn, hc_error *err)
{
    server_facts facts = {1 << 20, SHORTEST_WORD, LONGEST_WORD, 1, false, false, false};
    hc_status status;

    conn->flavor = mariadb_connection(conn->my) ? &hc__my_mariadb : &hc__my_mysql8;
    if (mysql_get_server_version(conn->my) < conn->flavor->oldest)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, "storage_uri", "%s %lu.%lu is older than %lu.%lu",
                             conn->flavor->product, mysql_get_server_version(conn->my) / 10000,
                             mysql_get_server_version(conn->my) / 100 % 100, conn->flavor->oldest / 10000,
                             conn->flavor->oldest / 100 % 100);
    status = ask_and_set(conn, &facts, err);
    return status == HC_OK ? examine(conn, &facts, err) : status;
}

static hc_status take(hc__my *conn, int64_t until, hc_error *err)
{
    if (!hc__my_take_line(conn))
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "libmariadb is another one than the driver was built for");
    hc__my_take_calls(conn);
    return hc__my_enter(conn, until, err);
}

static hc_status silent(hc_status status, hc_error *err)
{
    return hc__fail_from(err, HC__MY_NAME, status, status == HC_ERR_TIMEOUT ? NULL : "storage_uri",
                         "the server does not answer");
}

/* The hosts one after the other, the one that answered last first. */
static hc_status attach(hc__my *conn, int64_t deadline, hc_error *err)
{
    hc__my_store *store = conn->store;
    size_t first = atomic_load_explicit(&store->reached, memory_order_relaxed);
    int64_t until = hc__os_monotonic() + store->connect_wait;
    hc_status status = HC_ERR_UNAVAILABLE, late_is = HC_ERR_UNAVAILABLE;
    hc__my_fault fault;
    char text[256];

    if (deadline != 0 && deadline < until) {
        until = deadline;
        late_is = HC_ERR_TIMEOUT;
    }
    for (size_t i = 0; i < store->host_count; i++) {
        size_t at = (first + i) % store->host_count;
        int64_t now = hc__os_monotonic();
        int64_t share = now + (until - now) / (int64_t)(store->host_count - i);
        bool late = false;

        conn->host = &store->hosts[at];
        conn->my = hc__my_dial(store, conn->host, share, &fault, text, &late);
        status = conn->my != NULL ? take(conn, share, err)
                 : late           ? silent(late_is, err)
                                  : hc__my_connect_failed(fault, err);
        if (status == HC_OK)
            status = settle(conn, err);
        if (status == HC_ERR_TIMEOUT && conn->stopped == HC_ERR_TIMEOUT)
            status = silent(late_is, err);
        if (status == HC_OK)
            atomic_store_explicit(&store->reached, at, memory_order_relaxed);
        if (status != HC_ERR_UNAVAILABLE && status != HC_ERR_BUSY)
            return status;
        mysql_close(conn->my);
        conn->my = NULL;
        conn->broken = conn->lost = false;
    }
    return status;
}

/* What is this process's own, and not the socket's. */
static void release(hc__my *conn)
{
    hc__map_free(&conn->statements);
    hc__buf_free(&conn->key);
    hc__sql_free(&conn->sql);
    hc__arena_free(&conn->scratch);
    hc__arena_free(&conn->kept);
    hc__free(conn->mem, conn->ins);
    hc__free(conn->mem, conn->cells);
    hc__free(conn->mem, conn->scratch_first);
    hc__free(conn->mem, conn);
}

hc_status hc__my_connect(void **out, void *handle, int32_t role, int64_t deadline, hc_error *err)
{
    hc__my_store *store = handle;
    hc__my *conn;
    hc_status status;

    *out = NULL;
    if (store->pid != hc__os_pid())
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_FORKED, NULL, "the store belongs to the parent of this process");
    conn = hc__alloc_zero(&store->mem, 1, sizeof(*conn));
    if (conn == NULL)
        return hc__no_memory(err);
    conn->store = store;
    conn->mem = &store->mem;
    conn->pid = store->pid;
    conn->role = role;
    conn->scratch_first = hc__alloc(conn->mem, SCRATCH);
    conn->scratch_size = conn->scratch_first == NULL ? 0 : SCRATCH;
    hc__map_init(&conn->statements, conn->mem);
    hc__buf_init(&conn->key, conn->mem);
    hc__sql_init(&conn->sql, conn->mem, false);
    hc__arena_init(&conn->scratch, conn->mem, conn->scratch_first, conn->scratch_size);
    hc__arena_init(&conn->kept, conn->mem, NULL, 0);
    status = attach(conn, deadline, err);
    if (status < 0) {
        hc__my_disconnect(conn);
        return status;
    }
    *out = conn;
    return HC_OK;
}

void hc__my_disconnect(void *handle)
{
    hc__my *conn = handle;

    if (conn == NULL)
        return;
    if (conn->pid == hc__os_pid()) {
        hc__my_forget_all(conn);
        mysql_close(conn->my);
    } else {
        hc__my_lose_all(conn);
    }
    release(conn);
}

/* The client library frees a handle only by saying good-bye to the server, which still serves the parent. */
void hc__my_abandon(void *handle)
{
    if (handle == NULL)
        return;
    hc__my_lose_all(handle);
    release(handle);
}

void hc__my_interrupt(void *handle)
{
    hc__my *conn = handle;

    atomic_store_explicit(&conn->interrupted, true, memory_order_relaxed);
}
