/* What goes wrong with a server: sessions that die, commits without an answer, wrong addresses, deadlocks, forks. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "shelf.h"
#include "base/time.h"
#include "books_faults.h"
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

/* A session that ends between a statement's answer and the end of the commit behind it, by a trigger that waits for the
 * commit: whoever sends one statement cannot know which came first. */
START_TEST(a_session_that_ends_at_a_lone_commit_is_unknown)
{
    shelf_book one, two;

    shelf_book_init(&one, 1);
    shelf_book_init(&two, 2);
    ck_assert_int_eq(shelf_run(conn, 0, &one.insert, 1), HC_OK); /* from here on the server knows it */
    ck_assert_int_eq(hc__pg_run(other,
                                "CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM "
                                "pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); RETURN NULL; END'",
                                NULL, &err),
                     HC_OK);
    ck_assert_int_eq(hc__pg_run(other,
                                "CREATE CONSTRAINT TRIGGER at_the_end AFTER INSERT ON books DEFERRABLE INITIALLY "
                                "DEFERRED FOR EACH ROW EXECUTE FUNCTION end_it()",
                                NULL, &err),
                     HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &two.insert, 1), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.sqlstate, "57P01");
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_UNKNOWN);
    ck_assert_int_eq(shelf_count(other), 1);
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

/* ---- silence ----------------------------------------------------------------------------------------------------- */

/* S18 */
START_TEST(a_server_that_falls_silent_in_the_set_up_is_unavailable)
{
    skip_foreign();
    fall_silent_in_the_set_up(server.port, server.uri, "connect_timeout");
}
END_TEST

/* S18 */
START_TEST(a_silence_ends_what_has_no_deadline)
{
    skip_foreign();
    fall_silent_without_a_deadline(server.port, server.uri, "connect_timeout");
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
    tcase_add_test(tcase, a_session_that_ends_at_a_lone_commit_is_unknown);
    tcase_add_test(tcase, a_deadline_at_the_commit_is_unknown);
    tcase_add_test(tcase, a_killed_server_comes_back_with_what_was_acknowledged);
    tcase_add_test(tcase, a_server_that_falls_silent_in_the_set_up_is_unavailable);
    tcase_add_test(tcase, a_silence_ends_what_has_no_deadline);
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
