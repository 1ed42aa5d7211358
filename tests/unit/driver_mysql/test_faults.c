/* What goes wrong with a server: sessions that die, commits without an answer, wrong addresses, deadlocks, forks,
 * migrations that end half way. */
#include <pthread.h>

#include "shelf.h"
#include "books_faults.h"
#include "books_opening.h"
#include "starve.h"

#define WRITTEN (err.flags & HC_ERROR_WRITTEN_MASK)

static void skip_foreign(void)
{
    if (!server.ours) {
        (void)printf("skipped: the server of HC_TEST_MARIADB_URI is not hurt\n");
        _exit(0);
    }
}

static unsigned long session(const void *on)
{
    return mysql_thread_id(((const hc__my *)on)->my);
}

static void kill_session(const void *on)
{
    char sql[48];

    (void)snprintf(sql, sizeof(sql), "KILL %lu", session(on));
    shelf_sql(sql);
}

/* ---- sessions that die ------------------------------------------------------------------------------------------- */

/* S15 */
START_TEST(a_unit_whose_session_is_killed_is_not_written)
{
    shelf_book one, two;

    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    kill_session(conn);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, &two.insert, 1), HC_ERR_UNAVAILABLE);
    ck_assert((err.flags & HC_ERROR_RETRYABLE) != 0);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_run(conn, 0, &two.insert, 1), HC_ERR_UNAVAILABLE); /* and stays unusable */
    ck_assert_int_eq(shelf_count(other), 0);
    shelf_close();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_OK);
}
END_TEST

/* S40: the server has the COMMIT, or a write that commits by itself, and does not answer. Reads are never unknown. */
START_TEST(a_deadline_at_the_commit_is_unknown)
{
    hc_op count = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .index = HC_INDEX_ANY};
    void *third = NULL;
    shelf_book one, two;

    skip_foreign();
    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(driver->connect(&third, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.insert, 1), HC_OK);
    suite_freeze(server.pid);
    ck_assert_int_eq(shelf_run_until(conn, HC_BATCH_COMMIT, NULL, 0, hc__os_monotonic() + 100000), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    ck_assert_int_eq(shelf_run_until(other, 0, &two.insert, 1, hc__os_monotonic() + 100000), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    ck_assert_int_eq(shelf_run_until(third, 0, &count, 1, hc__os_monotonic() + 100000), HC_ERR_TIMEOUT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(kill(server.pid, SIGCONT), 0);
    driver->disconnect(third);
}
END_TEST

static void *kill_server_soon(void *data)
{
    (void)usleep(150000);
    server_mysql_kill(data);
    return NULL;
}

/* S14: with a unit open, with a commit that is not answered, and then the server is back on the same folder. */
START_TEST(a_killed_server_comes_back_with_what_was_acknowledged)
{
    shelf_book one, two;
    server_mysql own;
    pthread_t thread;

    skip_foreign();
    ck_assert_msg(server_mysql_start(&own), "%s", own.reason);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "%s", own.uri);
    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &two.insert, 1), HC_OK);
    suite_freeze(own.pid);
    ck_assert_int_eq(pthread_create(&thread, NULL, kill_server_soon, &own), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    pthread_join(thread, NULL);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &one.update, 1), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    shelf_close();
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.field, "storage_uri");
    shelf_close();
    ck_assert_msg(server_mysql_again(&own), "%s", own.reason);
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    shelf_close();
    server_mysql_stop(&own);
}
END_TEST

/* ---- opening ----------------------------------------------------------------------------------------------------- */

static void refused(const char *address, hc_status status, int32_t native)
{
    shelf_refuses(address, status, "mysql");
    ck_assert_int_eq(err.native, native);
}

START_TEST(what_cannot_be_opened_says_why_without_the_password)
{
    char address[768];
    int port = server.port;

    skip_foreign();
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mysql://locked:open%%20sesame@127.0.0.1:%d/home", port);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mariadb://locked:open%%20sesame@127.0.0.1:1,127.0.0.1:%d/home", port);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    (void)snprintf(address, sizeof(address), "mysql://locked:wrong-sesame@127.0.0.1:%d/home", port);
    refused(address, HC_ERR_INVALID, 1045);
    (void)snprintf(address, sizeof(address), "mysql://nobody:sesame@127.0.0.1:%d/home", port);
    refused(address, HC_ERR_INVALID, 1045);
    (void)snprintf(address, sizeof(address), "mysql://root@127.0.0.1:%d/sesame", port);
    refused(address, HC_ERR_INVALID, 1049);
    refused("mysql://hc:sesame@127.0.0.1:1/home", HC_ERR_UNAVAILABLE, 2002);
    refused("mysql://hc:sesame@127.0.0.1:notaport/home", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1:1/home?sesame=1", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@[127.0.0.1/home", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1/", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1", HC_ERR_INVALID, 0);
    refused("mysql:sesame", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame%0@127.0.0.1/home", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame%00@127.0.0.1/home", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1/home?ssl-mode=sesame", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1/home?durability=sesame", HC_ERR_INVALID, 0);
    refused("mysql://hc:sesame@127.0.0.1/home?connect-timeout=sesame", HC_ERR_INVALID, 0);
}
END_TEST

/* S18 */
START_TEST(a_server_that_never_answers_is_unavailable)
{
    never_answers("mysql", "connect-timeout", "mysql");
    ck_assert_int_eq(err.native, 0);
}
END_TEST

/* A packet of MySQL's with another protocol in it. PostgreSQL waits for who connects to speak first. */
START_TEST(a_server_of_another_make_is_told)
{
    answers_otherwise("mysql", "", "\4\0\0\0\11what", 9, "mysql");
    answers_otherwise("mysql", "?ssl-mode=required", "\4\0\0\0\11what", 9, "mysql");
}
END_TEST

/* S18 */
START_TEST(a_server_that_falls_silent_in_the_set_up_is_unavailable)
{
    skip_foreign();
    fall_silent_in_the_set_up(server.port, server.uri, "connect-timeout");
}
END_TEST

/* S18 */
START_TEST(a_silence_ends_what_has_no_deadline)
{
    skip_foreign();
    fall_silent_without_a_deadline(server.port, server.uri, "connect-timeout");
}
END_TEST

static int tls_of(const char *address)
{
    hc__my_store at = {0};
    int tls;

    ck_assert_int_eq(hc__mem_init(&at.mem, &shelf_memory, &err), HC_OK);
    ck_assert_msg(hc__my_uri(&at, address, &err) == HC_OK, "%s: %s", address, err.message);
    tls = at.tls;
    hc__my_forget_uri(&at);
    return tls;
}

/* S20: off loopback the server's name is verified, unless the URI says otherwise. */
START_TEST(tls_is_asked_for_off_loopback)
{
    ck_assert_int_eq(tls_of("mysql://127.0.0.1/db"), HC__MY_TLS_OFF);
    ck_assert_int_eq(tls_of("mysql://localhost,[::1]:3307/db"), HC__MY_TLS_OFF);
    ck_assert_int_eq(tls_of("mysql://db.example.com/db?socket=/run/mysqld/mysqld.sock"), HC__MY_TLS_OFF);
    ck_assert_int_eq(tls_of("mysql://db.example.com/db"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://u:p@localhost,db.example.com/db"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://127.0.0.1.example.com/db"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://db.example.com/db?ssl-mode=required"), HC__MY_TLS_ON);
    ck_assert_int_eq(tls_of("mysql://db.example.com/db?ssl-mode=disabled"), HC__MY_TLS_OFF);
    ck_assert_int_eq(tls_of("mysql://localhost/db?ssl-mode=verify-identity"), HC__MY_TLS_VERIFY);
    /* On this machine, too, where the URI says with what. */
    ck_assert_int_eq(tls_of("mysql://127.0.0.1/db?ssl-ca=/ca.pem"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://127.0.0.1/db?ssl-fp=00"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://localhost/db?socket=/s&ssl-cert=/c.pem&ssl-key=/k.pem"), HC__MY_TLS_VERIFY);
    ck_assert_int_eq(tls_of("mysql://127.0.0.1/db?ssl-ca=/ca.pem&ssl-mode=disabled"), HC__MY_TLS_OFF);
}
END_TEST

/* S20: what is not asked to prove who it is must be on this machine. */
START_TEST(a_socket_is_gone_to_whatever_host_is_named)
{
    char parameter[300];

    skip_foreign();
    shelf_close();
    shelf_uri("?socket=/no/such/socket"); /* beside the host and port of the server */
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    shelf_close();
    (void)snprintf(parameter, sizeof(parameter), "?socket=%s/socket", server.folder);
    (void)snprintf(uri, sizeof(uri), "mysql://root@db.example.com:1/home%s", parameter);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
}
END_TEST

START_TEST(a_server_without_tls_is_refused_where_it_is_asked_for)
{
    skip_foreign();
    shelf_close();
    shelf_uri("?ssl-mode=required");
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "TLS"));
    shelf_close();
    shelf_uri("?ssl-mode=verify-identity");
    ck_assert_int_eq(shelf_open(), HC_ERR_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "TLS"));
}
END_TEST

START_TEST(commits_that_may_be_lost_are_told_once)
{
    skip_foreign();
    shelf_sql("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
    shelf_close();
    shelf_lines[0] = '\0';
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_ptr_nonnull(strstr(shelf_lines, "innodb_flush_log_at_trx_commit"));
    shelf_lines[0] = '\0';
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
    ck_assert_str_eq(shelf_lines, "");
    shelf_close();
    shelf_uri("?durability=relaxed");
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_str_eq(shelf_lines, "");
    shelf_sql("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
}
END_TEST

/* It would refuse each write (1665); whoever only reads needs none of that. */
START_TEST(a_server_that_logs_statements_is_told_what_to_set)
{
    static const char *const settings[] = {"--log-bin=log", "--binlog-format=STATEMENT",
                                           "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", NULL};
    server_mysql own;
    shelf_book one;

    skip_foreign();
    ck_assert_msg(server_mysql_start_with(&own, settings), "%s", own.reason);
    refused(own.uri, HC_ERR_INVALID, 0);
    ck_assert_ptr_nonnull(strstr(err.message, "binlog_format"));
    (void)snprintf(uri, sizeof(uri), "%s", own.uri);
    ck_assert_int_eq(driver->open(&store, &shelf_host, uri, &err), HC_OK);
    ck_assert_msg(driver->connect(&other, store, HC_CONNECT_READ, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_ge(server_mysql_ask(&own, "SET GLOBAL binlog_format = 'MIXED'"), 0);
    shelf_close();
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    ck_assert_int_eq(driver->migrate(conn, &book_migration, 1, 0, &err), HC_OK);
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_OK);
    shelf_close();
    server_mysql_stop(&own);
}
END_TEST

/* S15 */
START_TEST(a_read_only_server_is_unavailable_for_writes)
{
    shelf_book one;

    skip_foreign();
    shelf_sql("CREATE OR REPLACE USER plain@'%'");
    shelf_sql("GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO plain@'%'");
    shelf_close();
    (void)snprintf(uri, sizeof(uri), "mysql://plain@127.0.0.1:%d/%s", server.port, base);
    ck_assert_int_eq(shelf_open(), HC_OK);
    shelf_sql("SET GLOBAL read_only = 1");
    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_count(conn), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.insert, 1), HC_ERR_UNAVAILABLE);
    shelf_sql("SET GLOBAL read_only = 0");
    ck_assert_int_eq(err.native, 1290);
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

/* S16: the server gives up a wait for a lock by itself. */
START_TEST(a_lock_that_is_held_for_long_asks_for_a_rerun)
{
    shelf_book one;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(hc__my_run(other, "SET innodb_lock_wait_timeout = 1", NULL, NULL, &err), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_ERR_BUSY);
    ck_assert_int_eq(batch.fault, HC_FAULT_RERUN);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
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

/* ---- migrations -------------------------------------------------------------------------------------------------- */

static void empty_database(void)
{
    char sql[64];

    (void)snprintf(sql, sizeof(sql), "DROP DATABASE %s", base);
    shelf_sql(sql);
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s", base);
    shelf_sql(sql);
    shelf_close();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
}

static void *migrate_too(void *data)
{
    hc_error why = {0};

    met[1] = driver->migrate(other, data, 1, 0, &why);
    return NULL;
}

/* S39: both make the schema at once; each finds it whole. */
START_TEST(two_processes_migrate_at_once)
{
    pthread_t thread;
    int32_t version = 0;

    for (int i = 0; i < 10; i++) {
        empty_database();
        ck_assert_int_eq(pthread_create(&thread, NULL, migrate_too, (void *)(uintptr_t)&book_migration), 0);
        met[0] = driver->migrate(conn, &book_migration, 1, 0, &err);
        pthread_join(thread, NULL);
        ck_assert_msg(met[0] == HC_OK && met[1] == HC_OK, "%d and %d: %s", (int)met[0], (int)met[1], shelf_lines);
        ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
        ck_assert_int_eq(version, 1);
    }
}
END_TEST

static const hc_value seven = {HC_TYPE_INT32, 0, {7}};
static const uint16_t on_shelf[] = {1};
static const hc_field page_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 2, 0},
    {"shelf", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, &seven, 3, 0},
    {"words", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 3, 0},
    {"words_more", HC_TYPE_TOKENS, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 3, 0},
};
static const hc_index page_indexes[] = {{"by_shelf", 0, 1, on_shelf, 3, 0}};
static const hc_kind pages = {"pages", HC_KIND_TRANSACTIONAL, 0, page_fields, 4, 1, page_indexes, 2, 0, NULL, 0, 0};
static const hc_step page_steps[] = {{HC_STEP_CREATE_KIND, 0, &pages}};
static const hc_step grow_steps[] = {{HC_STEP_ADD_FIELD, 1, &pages},
                                     {HC_STEP_CREATE_INDEX, 0, &pages},
                                     {HC_STEP_ADD_FIELD, 2, &pages},
                                     {HC_STEP_ADD_FIELD, 3, &pages},
                                     {HC_STEP_DROP_INDEX, 0, &pages}};
static const hc_migration all_migrations[] = {{1, 1, book_steps}, {2, 1, page_steps}, {3, 5, grow_steps}};

/* Of what a migration tells the server, so many go before its session is killed; -1: all. */
static int runs_left = -1;

hc_status __real_hc__my_run(hc__my *on, const char *sql, hc__my_pair_fn each, void *data, hc_error *why);
hc_status __wrap_hc__my_run(hc__my *on, const char *sql, hc__my_pair_fn each, void *data, hc_error *why);

hc_status __wrap_hc__my_run(hc__my *on, const char *sql, hc__my_pair_fn each, void *data, hc_error *why)
{
    if (runs_left == 0)
        kill_session(on);
    runs_left -= runs_left >= 0;
    return __real_hc__my_run(on, sql, each, data, why);
}

/* S39: wherever a migration ends, the next one goes on there, and an old library still knows the version it had. */
START_TEST(a_migration_that_is_killed_half_way_is_finished)
{
    hc_migration other_third[] = {{1, 1, book_steps}, {2, 1, page_steps}, {3, 1, grow_steps}};
    int64_t there = 0;
    int32_t version = 0;

    for (int statements = 0; statements < 24; statements++) {
        empty_database();
        ck_assert_int_eq(driver->migrate(conn, all_migrations, 2, 0, &err), HC_OK);
        runs_left = statements;
        met[0] = driver->migrate(conn, all_migrations, 3, 0, &err);
        runs_left = -1;
        if (met[0] == HC_OK) {
            ck_assert_int_gt(statements, 10);
            return;
        }
        driver->disconnect(conn);
        ck_assert_int_eq(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
        ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
        ck_assert_int_eq(version, 2);
        if (statements > 2)
            ck_assert_int_eq(driver->migrate(other, other_third, 3, 0, &err),
                             HC_ERR_SCHEMA); /* another third version */
        ck_assert_msg(driver->migrate(other, all_migrations, 3, 0, &err) == HC_OK, "%d: %s", statements, err.message);
        ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
        ck_assert_int_eq(version, 3);
        ck_assert_int_eq(hc__my_number(conn,
                                       "SELECT count(*) FROM information_schema.statistics WHERE table_schema = "
                                       "database() AND table_name = 'pages'",
                                       &there, &err),
                         HC_OK);
        ck_assert_int_eq(there, 3); /* the key, and the index of two fields of words */
    }
    ck_abort_msg("the migration has no end");
}
END_TEST

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

/* As if the server had lost them. */
static void lose_statements(hc__my *on)
{
    for (const hc__my_statement *at = on->newest; at != NULL; at = at->older) {
        unsigned char id[4];

        for (int i = 0; i < 4; i++)
            id[i] = (unsigned char)(at->handle->stmt_id >> (8 * i));
        ck_assert_int_eq(on->my->methods->db_command(on->my, COM_STMT_CLOSE, (const char *)id, 4, 1, NULL), 0);
    }
}

/* S25 */
START_TEST(lost_statements_are_prepared_again)
{
    shelf_book one;

    shelf_book_init(&one, 1);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK);
    ck_assert_int_eq(shelf_run(conn, 0, &one.update, 1), HC_OK);
    lose_statements(conn);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &one.update, 1), HC_OK);
    ck_assert_int_eq(err.status, HC_OK); /* a call that succeeds leaves it alone */
    lose_statements(conn);
    ck_assert_int_eq(shelf_count(conn), 1);
    /* What was done before in the transaction cannot be done again here. */
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, &one.update, 1), HC_OK);
    lose_statements(conn);
    ck_assert_int_lt(shelf_run(conn, HC_BATCH_COMMIT, &one.update, 1), 0);
    ck_assert_int_eq(batch.fault, HC_FAULT_RERUN);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
}
END_TEST

START_TEST(the_cache_of_statements_has_an_end)
{
    hc_predicate parts[9];
    const hc_predicate *children[9];
    hc_predicate all = {.test = HC_TEST_OR, .children = children};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = &books, .where = &all, .index = HC_INDEX_ANY};
    const hc__my *mine = conn;

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
    ck_assert_uint_le(mine->statement_count, HC__MY_STATEMENTS);
}
END_TEST

/* What a replica may be compared with: tests/fault/test_replica.c. */
START_TEST(a_server_without_a_log_has_no_position)
{
    uint64_t at = 1;

    skip_foreign();
    ck_assert_int_eq(driver->position(conn, 0, &at, &err), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.message, "binary log"));
    driver->disconnect(other);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_READ, 0, &err), HC_OK);
    ck_assert_int_eq(driver->position(other, 0, &at, &err), HC_OK);
    ck_assert_uint_eq(at, 0);
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
    tcase_add_test(tcase, a_deadline_at_the_commit_is_unknown);
    tcase_add_test(tcase, a_killed_server_comes_back_with_what_was_acknowledged);
    tcase_add_test(tcase, what_cannot_be_opened_says_why_without_the_password);
    tcase_add_test(tcase, a_server_that_never_answers_is_unavailable);
    tcase_add_test(tcase, a_server_of_another_make_is_told);
    tcase_add_test(tcase, a_server_that_falls_silent_in_the_set_up_is_unavailable);
    tcase_add_test(tcase, a_silence_ends_what_has_no_deadline);
    tcase_add_test(tcase, tls_is_asked_for_off_loopback);
    tcase_add_test(tcase, a_socket_is_gone_to_whatever_host_is_named);
    tcase_add_test(tcase, a_server_without_tls_is_refused_where_it_is_asked_for);
    tcase_add_test(tcase, commits_that_may_be_lost_are_told_once);
    tcase_add_test(tcase, a_server_that_logs_statements_is_told_what_to_set);
    tcase_add_test(tcase, a_read_only_server_is_unavailable_for_writes);
    tcase_add_test(tcase, a_deadlock_asks_for_a_rerun);
    tcase_add_test(tcase, a_lock_that_is_held_for_long_asks_for_a_rerun);
    tcase_add_test(tcase, another_thread_ends_a_wait_for_a_lock);
    tcase_add_test(tcase, two_processes_migrate_at_once);
    tcase_add_test(tcase, a_migration_that_is_killed_half_way_is_finished);
    tcase_add_test(tcase, lost_statements_are_prepared_again);
    tcase_add_test(tcase, the_cache_of_statements_has_an_end);
    tcase_add_test(tcase, a_server_without_a_log_has_no_position);
    tcase_add_test(tcase, a_child_leaves_the_parents_session_alone);
    tcase_add_test(tcase, no_value_is_in_a_message);
}

int main(void)
{
    return shelf_main("unit.driver_mysql.faults", fill);
}
