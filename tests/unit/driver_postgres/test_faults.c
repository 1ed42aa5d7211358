/* What goes wrong with a server: sessions that die, commits without an answer, wrong addresses, deadlocks, forks. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/time.h"
#include "proxy.h"
#include "shelf.h"
#include "starve.h"

#define WRITTEN (err.flags & HC_ERROR_WRITTEN_MASK)

static pid_t backend(void *on)
{
    return (pid_t)PQbackendPID(((hc__pg *)on)->pg);
}

static void skip_foreign(void)
{
    if (!server.ours) {
        (void)printf("skipped: the server of HC_TEST_POSTGRES_URI is not killed\n");
        _exit(0);
    }
}

/* ---- sessions that die ------------------------------------------------------------------------------------------- */

/* S14 */
START_TEST(a_unit_whose_session_is_killed_is_not_written)
{
    shelf_book one, two;

    skip_foreign();
    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    ck_assert_int_eq(kill(backend(conn), SIGKILL), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, &two.insert, 1), HC_ERR_UNAVAILABLE);
    ck_assert((err.flags & HC_ERROR_RETRYABLE) != 0);
    ck_assert_int_eq(shelf_run(conn, 0, &two.insert, 1), HC_ERR_UNAVAILABLE); /* and stays unusable */
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    shelf_open_again();
    ck_assert_int_eq(shelf_count(conn), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_OK);
}
END_TEST

/* S15 */
START_TEST(an_ended_session_says_so_and_wrote_nothing)
{
    shelf_book one;
    char sql[80];

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    (void)snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d, 5000)", (int)backend(conn));
    shelf_sql(sql);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_count(other), 0);
}
END_TEST

static void *kill_soon(void *data)
{
    const pid_t *pid = data;

    (void)usleep(150000);
    (void)kill(*pid, SIGKILL);
    return NULL;
}

/* S14: the whole unit was sent, and no answer came. */
START_TEST(a_commit_without_an_answer_is_unknown)
{
    pid_t pid = backend(conn);
    shelf_book one;
    pthread_t thread;

    skip_foreign();
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    suite_freeze(pid);
    ck_assert_int_eq(pthread_create(&thread, NULL, kill_soon, &pid), 0);
    {
        const hc_op ops[2] = {one.update, one.update};

        ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, 2), HC_ERR_UNAVAILABLE);
    }
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    pthread_join(thread, NULL);
    shelf_open_again();
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

/* One statement that commits by itself, with and without its own deadline; reads are never unknown. S40 */
START_TEST(a_deadline_at_the_commit_is_unknown)
{
    pid_t pid = backend(conn);
    hc_op count = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .index = HC_INDEX_ANY};
    shelf_book one;

    skip_foreign();
    shelf_book_init(&one, 1);
    suite_freeze(pid);
    ck_assert_int_eq(shelf_run_until(conn, 0, &one.insert, 1, hc__os_monotonic() + 100000), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    (void)kill(pid, SIGCONT);
    pid = backend(other);
    suite_freeze(pid);
    ck_assert_int_eq(shelf_run_until(other, 0, &count, 1, hc__os_monotonic() + 100000), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    (void)kill(pid, SIGCONT);
}
END_TEST

/* S14: every session of the server at once, then it is back on the same folder. */
START_TEST(a_killed_server_comes_back_with_what_was_acknowledged)
{
    shelf_book one, two;
    server_postgres own;

    ck_assert_msg(server_postgres_start(&own), "%s", own.reason);
    if (!own.ours) {
        (void)printf("skipped: the server of HC_TEST_POSTGRES_URI is not killed\n");
        return;
    }
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", own.uri);
    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &two.insert, 1), HC_OK);
    server_postgres_kill(&own);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    shelf_close();
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_msg(server_postgres_again(&own), "%s", own.reason);
    shelf_open_again();
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    shelf_close();
    server_postgres_stop(&own);
}
END_TEST

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void refused(const char *address, hc_status status, const char *state)
{
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", address);
    ck_assert_msg(shelf_open() == status, "%s: %d, %s", address, (int)err.status, err.message);
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_str_eq(err.sqlstate, state);
    ck_assert_str_eq(err.origin, "postgres");
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    ck_assert_ptr_null(strstr(shelf_lines, "sesame"));
    shelf_close();
}

START_TEST(what_cannot_be_opened_says_why_without_the_password)
{
    char address[768];
    int port = server.port;

    skip_foreign();
    (void)snprintf(address, sizeof(address), "postgresql://locked:open%%20sesame@127.0.0.1:%d/postgres", port);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", address);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    (void)snprintf(address, sizeof(address), "postgresql://locked:wrong-sesame@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "28P01");
    (void)snprintf(address, sizeof(address), "postgresql://locked@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "");
    ck_assert_ptr_nonnull(strstr(err.message, "password"));
    (void)snprintf(address, sizeof(address), "postgresql://nobody:sesame@127.0.0.1:%d/postgres", port);
    refused(address, HC_ERR_INVALID, "28000");
    (void)snprintf(address, sizeof(address), "postgresql://hc:sesame@127.0.0.1:%d/nowhere", port);
    refused(address, HC_ERR_INVALID, "3D000");
    refused("postgresql://hc:sesame@127.0.0.1:1/postgres", HC_ERR_UNAVAILABLE, "");
    refused("postgresql://hc:sesame@nowhere.invalid/postgres", HC_ERR_UNAVAILABLE, "");
    refused("postgresql://hc:sesame@127.0.0.1:1/postgres?sesame=1", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@[127.0.0.1/postgres", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@127.0.0.1/postgres?durability=sesame", HC_ERR_INVALID, "");
    refused("postgresql://hc:sesame@127.0.0.1/postgres?connect_timeout=sesame", HC_ERR_INVALID, "");
}
END_TEST

/* What libpq tells only when it connects, and the server of what it does not know: no reason to try again. */
START_TEST(a_parameter_with_a_value_that_is_none_is_named)
{
    static const struct {
        const char *parameter, *allowed;
    } wrong[] = {{"sslmode=sesame", "verify-full"},          {"target_session_attrs=sesame", "read-write"},
                 {"channel_binding=sesame", "require"},      {"gssencmode=sesame", "prefer"},
                 {"keepalives=sesame", "keepalives is not"}, {"keepalives_count=1s", "keepalives_count is not"},
                 {"tcp_user_timeout=99999999999", "number"}, {"sslmode=verify-full,sesame", "verify-full"},
                 {"sslmode=verify", "verify-full"},          {"service=no_such_service", "service"}};
    static const char *const ports[] = {"0", "65536", "notaport", "5432,99999", "-1"};
    char address[768];

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(address, sizeof(address), "%s?%s", server.uri, wrong[i].parameter);
        refused(address, HC_ERR_INVALID, "");
        ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
        ck_assert_msg(strstr(err.message, wrong[i].allowed) != NULL, "%s", err.message);
    }
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        (void)snprintf(address, sizeof(address), "postgresql://hc:sesame@127.0.0.1/postgres?port=%s", ports[i]);
        refused(address, HC_ERR_INVALID, "");
    }
    (void)snprintf(address, sizeof(address), "%s?options=-cno_such_setting%%3Dsesame", server.uri);
    refused(address, HC_ERR_INVALID, "42704");
    (void)snprintf(address, sizeof(address), "%s?options=-cwork_mem%%3Dsesame", server.uri);
    refused(address, HC_ERR_INVALID, "22023");
    (void)snprintf(address, sizeof(address), "postgresql://127.0.0.1,127.0.0.1:%d/postgres?user=hc&keepalives=1",
                   server.port);
    skip_foreign();
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s&sslmode=disable&target_session_attrs=any", address);
    ck_assert_msg(shelf_open() == HC_OK || err.status == HC_ERR_UNAVAILABLE, "%s", err.message);
}
END_TEST

static void as_locked(const char *more)
{
    shelf_close();
    (void)snprintf(uri, sizeof(uri),
                   "postgresql://locked:open%%20sesame@127.0.0.1:%d/postgres?options=-csearch_path%%3Dshelf_%d%s",
                   server.port, (int)getpid(), more);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
}

static void grant(const char *what)
{
    char sql[200];

    (void)snprintf(sql, sizeof(sql), what, (int)getpid());
    shelf_sql(sql);
}

/* What they need is told. */
START_TEST(a_user_without_rights_is_told_which)
{
    int32_t version = 7;
    char sql[160];
    shelf_book one;

    skip_foreign();
    shelf_book_init(&one, 1);
    as_locked("");
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_INVALID); /* no schema to see */
    ck_assert_str_eq(err.sqlstate, "3F000");
    grant("GRANT USAGE ON SCHEMA shelf_%d TO locked");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "SELECT, INSERT"));
    grant("GRANT SELECT ON ALL TABLES IN SCHEMA shelf_%d TO locked");
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_msg(strstr(err.message, "books") != NULL && strstr(err.message, "UPDATE") != NULL, "%s", err.message);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    (void)snprintf(sql, sizeof(sql), "DROP TABLE shelf_%d.schema_migrations", (int)getpid());
    shelf_sql(sql);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_IO);
    ck_assert_str_eq(err.sqlstate, "42501");
    ck_assert_str_eq(err.field, "storage_uri");
    ck_assert_ptr_nonnull(strstr(err.message, "owner"));
}
END_TEST

/* Of a migration too, and of a session that the server ended while a statement of ours ran. */
START_TEST(what_ends_a_session_is_told)
{
    char sql[160];

    shelf_close();
    (void)snprintf(sql, sizeof(sql),
                   "SET client_min_messages = error; DROP SCHEMA shelf_%d CASCADE; CREATE SCHEMA shelf_%d",
                   (int)getpid(), (int)getpid());
    shelf_sql(sql);
    shelf_uri("%20-cdefault_transaction_read_only%3Don");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "25006");
    ck_assert_ptr_nonnull(strstr(err.message, "read-only"));
    shelf_close();
    shelf_uri("");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "SELECT pg_terminate_backend(pg_backend_pid())", NULL, &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "57P01");
}
END_TEST

/* S18: it takes the connection and says nothing. */
START_TEST(a_server_that_never_answers_is_unavailable)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char where[128];

    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    (void)snprintf(where, sizeof(where), "postgresql://hc:sesame@127.0.0.1:%d/postgres?connect_timeout=1",
                   ntohs(address.sin_port));
    refused(where, HC_ERR_UNAVAILABLE, "");
    (void)snprintf(uri, sizeof(uri), "postgresql://hc@127.0.0.1:%d/postgres", ntohs(address.sin_port));
    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_READ, hc__os_monotonic() + 100000, &err), HC_ERR_TIMEOUT);
    (void)close(fd);
}
END_TEST

/* S18: it answers to the opening, and falls silent while the session is set up. That is no deadline of the call. */
START_TEST(a_server_that_falls_silent_in_the_set_up_is_unavailable)
{
    proxy *between = proxy_start(server.port);
    const char *at = strstr(server.uri, "127.0.0.1:");
    int64_t whole;

    skip_foreign();
    ck_assert_ptr_nonnull(at);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%.*s127.0.0.1:%d%s?connect_timeout=1", (int)(at - server.uri), server.uri,
                   proxy_port(between), at + strcspn(at, "/"));
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    whole = proxy_look(between).down;
    for (int64_t left = 1; left < 400; left += 100) { /* of the answers to what is set */
        shelf_close();
        proxy_hurt(between, PROXY_HOLE, true, whole - left);
        ck_assert_msg(shelf_open() == HC_ERR_UNAVAILABLE, "%d: %d %s", (int)left, (int)err.status, err.message);
        ck_assert_str_eq(err.field, "storage_uri");
        proxy_hurt(between, PROXY_WELL, false, 0);
    }
    proxy_hurt(between, PROXY_HOLE, true, whole - 1);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, hc__os_monotonic() + 200000, &err),
                     HC_ERR_TIMEOUT);
    shelf_close();
    proxy_stop(between);
}
END_TEST

static bool verifies(const char *address)
{
    hc__pg_store at = {0};
    bool verify;

    ck_assert_int_eq(hc__mem_init(&at.mem, &shelf_memory, &err), HC_OK);
    ck_assert_msg(hc__pg_uri(&at, address, &err) == HC_OK, "%s: %s", address, err.message);
    verify = at.verify;
    hc__pg_forget_options(&at);
    return verify;
}

/* S20: off loopback the server's name is verified, unless the URI says otherwise. */
START_TEST(tls_is_asked_for_off_loopback)
{
    (void)unsetenv("PGHOST");
    (void)unsetenv("PGHOSTADDR");
    ck_assert(!verifies("postgresql://127.0.0.1/db"));
    ck_assert(!verifies("postgresql://localhost,[::1]/db"));
    ck_assert(!verifies("postgresql:///db?host=/run/postgresql"));
    ck_assert(!verifies("postgresql:///db"));
    ck_assert(verifies("postgresql://db.example.com/db"));
    ck_assert(verifies("postgresql://localhost,db.example.com/db"));
    ck_assert(verifies("postgresql://127.0.0.1.example.com/db"));
    ck_assert(verifies("postgres://localhost/db?hostaddr=192.0.2.7"));
    ck_assert(!verifies("postgresql://db.example.com/db?sslmode=require"));
    ck_assert_int_eq(setenv("PGHOST", "db.example.com", 1), 0);
    ck_assert(verifies("postgresql:///db"));
    (void)unsetenv("PGHOST");
}
END_TEST

static bool stops;       /* before libpq is asked for a connection */
static char sslmode[32]; /* what it would have been asked for */

PGconn *__real_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand);
PGconn *__wrap_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand);

PGconn *__wrap_PQconnectStartParams(const char *const *keywords, const char *const *values, int expand)
{
    if (!stops)
        return __real_PQconnectStartParams(keywords, values, expand);
    sslmode[0] = '\0';
    for (size_t i = 0; keywords[i] != NULL; i++)
        if (strcmp(keywords[i], "sslmode") == 0)
            (void)snprintf(sslmode, sizeof(sslmode), "%s", values[i]);
    return NULL;
}

/* S20 */
START_TEST(libpq_is_asked_to_verify_the_servers_name)
{
    static const char *const asked[][2] = {{"postgresql://db.example.com/db", "verify-full"},
                                           {"postgresql://db.example.com/db?sslmode=require", "require"},
                                           {"postgresql://127.0.0.1/db", ""}};

    stops = true;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        shelf_close();
        (void)snprintf(uri, sizeof(uri), "%s", asked[i][0]);
        ck_assert_int_eq(shelf_open(), HC_ERR_NO_MEMORY);
        ck_assert_str_eq(sslmode, asked[i][1]);
    }
    stops = false;
}
END_TEST

START_TEST(a_server_without_tls_is_refused_where_it_is_asked_for)
{
    char address[768];

    (void)snprintf(address, sizeof(address), "%s?sslmode=require", server.uri);
    refused(address, HC_ERR_UNAVAILABLE, "");
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "TLS"));
}
END_TEST

START_TEST(commits_that_may_be_lost_are_refused)
{
    shelf_book one;

    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s?options=-csynchronous_commit%%3Doff", server.uri);
    ck_assert_int_eq(shelf_open(), HC_ERR_INVALID);
    ck_assert_ptr_nonnull(strstr(err.message, "synchronous_commit"));
    shelf_close();
    shelf_uri("&durability=relaxed");
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    shelf_close();
    shelf_uri("&durability=full");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

/* S15 */
START_TEST(a_read_only_server_is_unavailable_for_writes)
{
    shelf_book one;

    shelf_close();
    shelf_uri("%20-cdefault_transaction_read_only%3Don");
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_count(conn), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "25006");
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_count(conn), -1); /* another may be the primary: connect again */
}
END_TEST

/* ---- transactions that meet -------------------------------------------------------------------------------------- */

static hc_status met[2];
static int32_t fault_met;

static void *update_other_way(void *data)
{
    hc_batch mine = {.struct_size = sizeof(mine), .flags = HC_BATCH_COMMIT, .ops = data, .op_count = 1};
    hc_error why = {0};

    met[1] = driver->execute(other, &mine, &why);
    if (met[1] < 0)
        fault_met = mine.fault;
    return NULL;
}

/* S16 */
START_TEST(a_deadlock_asks_for_a_rerun)
{
    shelf_book one, two;
    pthread_t thread;

    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &two.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &two.update, 1), HC_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, update_other_way, &one.update), 0);
    met[0] = shelf_run(conn, HC_BATCH_COMMIT, &two.update, 1);
    if (met[0] < 0) {
        fault_met = batch.fault;
        ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    }
    pthread_join(thread, NULL);
    ck_assert_msg((met[0] == HC_OK) != (met[1] == HC_OK), "%d and %d", (int)met[0], (int)met[1]);
    ck_assert_int_eq(met[0] + met[1], HC_ERR_BUSY);
    ck_assert_int_eq(fault_met, HC_FAULT_RERUN);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &two.update, 1), HC_OK);
}
END_TEST

static void *interrupt_soon(void *data)
{
    (void)usleep(100000);
    driver->interrupt(data);
    return NULL;
}

START_TEST(another_thread_ends_a_wait_for_a_lock)
{
    shelf_book one;
    pthread_t thread;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, other), 0);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_ERR_CANCELLED);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    pthread_join(thread, NULL);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
}
END_TEST

/* S39: both make the schema at once; each finds it whole. */
static void *migrate_too(void *data)
{
    hc_error why = {0};

    met[1] = driver->migrate(other, data, 1, 0, &why);
    return NULL;
}

START_TEST(two_processes_migrate_at_once)
{
    char sql[128];
    pthread_t thread;
    int32_t version = 0;

    (void)snprintf(sql, sizeof(sql),
                   "SET client_min_messages = error; DROP SCHEMA shelf_%d CASCADE; CREATE SCHEMA shelf_%d",
                   (int)getpid(), (int)getpid());
    for (int i = 0; i < 10; i++) {
        shelf_sql(sql);
        ck_assert_int_eq(pthread_create(&thread, NULL, migrate_too, (void *)(uintptr_t)&book_migration), 0);
        met[0] = driver->migrate(conn, &book_migration, 1, 0, &err);
        pthread_join(thread, NULL);
        ck_assert_msg(met[0] == HC_OK && met[1] == HC_OK, "%d and %d: %s", (int)met[0], (int)met[1], shelf_lines);
        ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
        ck_assert_int_eq(version, 1);
    }
}
END_TEST

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

/* S25 */
START_TEST(lost_statements_are_prepared_again)
{
    hc__pg *mine = conn;
    shelf_book one;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "DEALLOCATE ALL", NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
    ck_assert_int_eq(err.status, HC_OK); /* a call that succeeds leaves it alone */
    ck_assert_int_eq(hc__pg_run(conn, "DEALLOCATE ALL", NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_OK);
    /* What was done before in the transaction cannot be done again here. */
    mine->pooled = false;
    hc__pg_forget_all(mine);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "DEALLOCATE ALL", NULL, &err), HC_OK);
    ck_assert_int_lt(shelf_run(conn, HC_BATCH_COMMIT, &one.update, 1), 0);
    ck_assert_int_eq(batch.fault, HC_FAULT_RERUN);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
}
END_TEST

/* S25: behind a pooler that does not tell it, the next transaction is in another session. What was prepared in this one
 * is not there, or is there already; from then on nothing is kept. Nobody else's has its name. */
START_TEST(a_session_that_is_another_one_is_found_out)
{
    hc__pg *mine = conn, *others = other;
    int64_t there = 0;
    shelf_book one;

    ck_assert(!mine->pooled && mine->salt != others->salt);
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    for (int i = 0; i < 2; i++) {
        mine->pooled = false;
        hc__pg_forget_all(mine);
        ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_OK);
        ck_assert(!mine->pooled);
        if (i == 0) {
            ck_assert_int_eq(hc__pg_run(conn, "DEALLOCATE ALL", NULL, &err), HC_OK);
        } else {
            hc__pg_forget_all(mine);
            mine->statement_number--;
        }
        ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
        ck_assert_msg(mine->pooled, "%d", i);
        ck_assert_int_eq(hc__pg_run(conn, "DEALLOCATE ALL", NULL, &err), HC_OK);
        for (int k = 0; k < 3; k++) /* alone, and in a pipeline */
            ck_assert_int_eq(shelf_run(conn, k == 2 ? HC_BATCH_BEGIN | HC_BATCH_COMMIT : 0, &one.update, 1), HC_OK);
        ck_assert_int_eq(shelf_count(conn), 1);
        ck_assert_int_eq(hc__pg_run(conn, "SELECT count(*) FROM pg_prepared_statements", &there, &err), HC_OK);
        ck_assert_int_eq(there, 0);
    }
}
END_TEST

START_TEST(the_cache_of_statements_has_an_end)
{
    hc_predicate parts[9];
    const hc_predicate *children[9];
    hc_predicate all = {.test = HC_TEST_OR, .children = children};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .where = &all, .index = HC_INDEX_ANY};
    const hc__pg *mine = conn;

    for (uint32_t shape = 0; shape < 600; shape++) {
        all.child_count = 9;
        for (uint32_t i = 0; i < 9; i++) {
            parts[i] = (hc_predicate){.test = (shape >> i & 1u) != 0 ? HC_TEST_IS_NULL : HC_TEST_NOT_NULL,
                                      .field = (uint16_t)(shape >= 512 ? BOOK_AT : BOOK_PRICE)};
            children[i] = &parts[i];
        }
        ck_assert_msg(shelf_run(conn, shape % 3 == 0 ? HC_BATCH_BEGIN | HC_BATCH_COMMIT : 0, &op, 1) == HC_OK, "%s",
                      err.message);
    }
    ck_assert_uint_le(mine->statement_count, HC__PG_STATEMENTS);
    {
        int64_t there = 0;

        ck_assert_int_eq(hc__pg_run(conn, "SELECT count(*) FROM pg_prepared_statements", &there, &err), HC_OK);
        ck_assert_int_le(there, HC__PG_STATEMENTS);
        ck_assert_int_ge(there, HC__PG_STATEMENTS - 1);
    }
}
END_TEST

/* The engine plans a list that is shorter than it takes an unknown one to be anew each time, for it costs less. */
START_TEST(a_short_list_of_ids_is_not_planned_each_time)
{
    hc_id ids[2] = {{{1}}, {{2}}};
    hc_value values[] = {{.type = HC_TYPE_ID, .size = sizeof(hc_id), .as.bytes = ids[0].bytes},
                         {.type = HC_TYPE_ID, .size = sizeof(hc_id), .as.bytes = ids[1].bytes}};
    hc_predicate among = {.test = HC_TEST_IN, .field = BOOK_ID, .values = values, .value_count = 2};
    uint16_t id = BOOK_ID;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = -1,
                .kind = &books,
                .where = &among,
                .fields = &id,
                .field_count = 1,
                .index = HC_INDEX_ID};
    int64_t kept = 0;

    for (int i = 0; i < 9; i++)
        ck_assert_int_eq(shelf_run(conn, 0, &op, 1), HC_OK);
    ck_assert_int_eq(hc__pg_run(conn, "SELECT sum(generic_plans)::bigint FROM pg_prepared_statements", &kept, &err),
                     HC_OK);
    ck_assert_int_ge(kept, 3);
}
END_TEST

START_TEST(the_position_rises_with_each_commit)
{
    uint64_t before = 0, after = 0;
    shelf_book one;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(driver->position(conn, 0, &before, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(driver->position(other, 0, &after, &err), HC_OK);
    ck_assert_uint_gt(after, before);
}
END_TEST

/* S10 */
START_TEST(a_child_leaves_the_parents_session_alone)
{
    shelf_book one;
    pid_t child;
    int status = 0;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        void *third = NULL;
        int bad = 0;

        bad |= shelf_run(conn, 0, &one.update, 1) != HC_ERR_FORKED;
        bad |= driver->ping(conn, 0, &err) != HC_ERR_FORKED;
        bad |= driver->connect(&third, store, HC_CONNECT_WRITE, 0, &err) != HC_ERR_FORKED;
        driver->abandon(conn);
        driver->disconnect(other);
        driver->close(store);
        _exit(bad);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_count(other), 1);
}
END_TEST

/* What the server complains about never shows a value. */
START_TEST(no_value_is_in_a_message)
{
    shelf_book one;
    char title[60];

    shelf_book_init(&one, 1);
    memset(title, 's', sizeof(title));
    memcpy(title, "sesame", 6);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_CONFLICT);
    ck_assert_ptr_null(strstr(err.message, "book 1"));
    one.sets[1].value.as.bytes = title;
    one.sets[1].value.size = sizeof(title);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "title");
    ck_assert_ptr_null(strstr(err.message, "sesame"));
    one.sets[1].value.size = 6;
    one.sets[1].value.as.bytes = "sesam\xff"; /* which the core would not let through */
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_ERR_INVALID);
    ck_assert_ptr_null(strstr(err.message, "sesam"));
    ck_assert_ptr_null(strstr(shelf_lines, "sesam"));
}
END_TEST

/* S13 */
START_TEST(a_driver_without_memory_says_so_and_leaves_nothing)
{
    starve();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_driver_without_memory_says_so_and_leaves_nothing);
    tcase_add_test(tcase, a_unit_whose_session_is_killed_is_not_written);
    tcase_add_test(tcase, an_ended_session_says_so_and_wrote_nothing);
    tcase_add_test(tcase, a_commit_without_an_answer_is_unknown);
    tcase_add_test(tcase, a_deadline_at_the_commit_is_unknown);
    tcase_add_test(tcase, a_killed_server_comes_back_with_what_was_acknowledged);
    tcase_add_test(tcase, what_cannot_be_opened_says_why_without_the_password);
    tcase_add_test(tcase, a_parameter_with_a_value_that_is_none_is_named);
    tcase_add_test(tcase, a_user_without_rights_is_told_which);
    tcase_add_test(tcase, what_ends_a_session_is_told);
    tcase_add_test(tcase, a_server_that_never_answers_is_unavailable);
    tcase_add_test(tcase, a_server_that_falls_silent_in_the_set_up_is_unavailable);
    tcase_add_test(tcase, tls_is_asked_for_off_loopback);
    tcase_add_test(tcase, libpq_is_asked_to_verify_the_servers_name);
    tcase_add_test(tcase, a_server_without_tls_is_refused_where_it_is_asked_for);
    tcase_add_test(tcase, commits_that_may_be_lost_are_refused);
    tcase_add_test(tcase, a_read_only_server_is_unavailable_for_writes);
    tcase_add_test(tcase, a_deadlock_asks_for_a_rerun);
    tcase_add_test(tcase, another_thread_ends_a_wait_for_a_lock);
    tcase_add_test(tcase, two_processes_migrate_at_once);
    tcase_add_test(tcase, lost_statements_are_prepared_again);
    tcase_add_test(tcase, a_session_that_is_another_one_is_found_out);
    tcase_add_test(tcase, the_cache_of_statements_has_an_end);
    tcase_add_test(tcase, a_short_list_of_ids_is_not_planned_each_time);
    tcase_add_test(tcase, the_position_rises_with_each_commit);
    tcase_add_test(tcase, a_child_leaves_the_parents_session_alone);
    tcase_add_test(tcase, no_value_is_in_a_message);
}

int main(void)
{
    return shelf_main("unit.driver_postgres.faults", fill);
}
