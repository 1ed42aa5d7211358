/* Runs of inserts by COPY: that it is one, and what ends it early. What it writes, tests/conformance compares. */
#include <signal.h>

#include "base/time.h"
#include "shelf.h"

#define BOOKS   3000 /* more than the socket takes at once */
#define WRITTEN (err.flags & HC_ERROR_WRITTEN_MASK)

static shelf_book shelf[BOOKS];
static hc_op ops[BOOKS];

static void make_books(void)
{
    for (uint32_t i = 0; i < BOOKS; i++) {
        shelf_book_init(&shelf[i], i + 1);
        ops[i] = shelf[i].insert;
    }
}

static hc_status write_books(uint32_t flags, int64_t deadline)
{
    make_books();
    return shelf_run_until(conn, flags, ops, BOOKS, deadline);
}

START_TEST(a_run_is_no_statement_for_each_row)
{
    const hc__pg *pg = conn;

    ck_assert_int_eq(write_books(HC_BATCH_BEGIN | HC_BATCH_COMMIT, 0), HC_OK);
    ck_assert_uint_eq(pg->statement_count, 0);
    ck_assert_int_eq(shelf_count(other), BOOKS);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &shelf[0].update, 1), HC_OK);
}
END_TEST

/* A transaction that goes on after it, and one that is given up. */
START_TEST(a_run_is_part_of_its_transaction)
{
    ck_assert_int_eq(write_books(HC_BATCH_BEGIN, 0), HC_OK);
    ck_assert_int_eq(shelf_count(other), 0);
    ck_assert_int_eq(shelf_count(conn), BOOKS);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
    /* outside a transaction each stands alone */
    make_books();
    ops[100] = ops[99];
    ck_assert_int_eq(shelf_run(conn, 0, ops, 200), HC_ERR_CONFLICT);
    ck_assert_uint_eq(batch.failed_op, 100);
    ck_assert_int_eq(shelf_count(conn), 100);
}
END_TEST

/* Another holds the key of a row in the middle. */
START_TEST(a_deadline_ends_a_run)
{
    make_books();
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &ops[1500], 1), HC_OK);
    ck_assert_int_eq(write_books(HC_BATCH_BEGIN | HC_BATCH_COMMIT, hc__os_monotonic() + 300000), HC_ERR_BUSY);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
    ck_assert_int_eq(write_books(HC_BATCH_BEGIN | HC_BATCH_COMMIT, 0), HC_OK);
}
END_TEST

/* S14 */
START_TEST(a_session_that_dies_in_a_run_wrote_nothing)
{
    if (!server.ours) {
        (void)printf("skipped: the server of HC_TEST_POSTGRES_URI is not killed\n");
        return;
    }
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN, NULL, 0), HC_OK);
    ck_assert_int_eq(kill((pid_t)PQbackendPID(((hc__pg *)conn)->pg), SIGKILL), 0);
    ck_assert_int_eq(write_books(HC_BATCH_COMMIT, 0), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    shelf_open_again();
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

/* What cannot be sent is told after what the server finds in the rows before it. */
START_TEST(the_first_of_two_faults_is_told)
{
    hc_value early = {HC_TYPE_TIME, 0, {INT64_MIN}};

    make_books();
    shelf[2000].sets[3] = (hc_set){BOOK_AT, HC_SET_TO, 0, early};
    ops[2000].set_count = 4;
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, BOOKS), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "at");
    ck_assert_uint_eq(batch.failed_op, 2000);
    ops[900] = ops[899];
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, BOOKS), HC_ERR_CONFLICT);
    ck_assert_uint_eq(batch.failed_op, 900);
    memset(shelf[700].title, 'x', 40);
    shelf[700].sets[1].value.size = 41;
    shelf[700].title[40] = 'x';
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, BOOKS), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "title");
    ck_assert_uint_eq(batch.failed_op, 700);
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

static hc_status send_books_ahead(void)
{
    make_books();
    return shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_AHEAD, ops, BOOKS);
}

/* Another holds the key of a row in the middle, so that the server cannot have answered. */
START_TEST(a_run_ahead_does_not_wait_for_its_answer)
{
    make_books();
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &ops[BOOKS - 1], 1), HC_OK);
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(conn), BOOKS);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(other), BOOKS);
}
END_TEST

START_TEST(what_fails_ahead_is_told_by_the_commit)
{
    make_books();
    ck_assert_int_eq(shelf_run(other, 0, &ops[7], 1), HC_OK);
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_ERR_CONFLICT);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(batch.fault, HC_FAULT_UNIQUE);
    ck_assert_int_eq(batch.fault_index, HC_INDEX_ID);
    ck_assert_int_eq(shelf_count(conn), 1);
}
END_TEST

/* Given up, whether it failed or not. */
START_TEST(a_run_ahead_is_rolled_back)
{
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
    ck_assert_int_eq(shelf_run(other, 0, &ops[7], 1), HC_OK);
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    (void)shelf_run(conn, HC_BATCH_ROLLBACK, NULL, 0);
    ck_assert_int_eq(shelf_count(conn), 1);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_BEGIN | HC_BATCH_COMMIT, &shelf[7].update, 1), HC_OK);
}
END_TEST

START_TEST(a_deadline_ends_a_run_ahead)
{
    make_books();
    ck_assert_int_eq(shelf_run(other, HC_BATCH_BEGIN, &ops[BOOKS - 1], 1), HC_OK);
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    ck_assert_int_eq(shelf_run_until(conn, HC_BATCH_COMMIT, NULL, 0, hc__os_monotonic() + 300000), HC_ERR_BUSY);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(shelf_run(other, HC_BATCH_ROLLBACK, NULL, 0), HC_OK);
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

/* S14 */
START_TEST(a_session_that_dies_behind_a_run_ahead_wrote_nothing)
{
    if (!server.ours) {
        (void)printf("skipped: the server of HC_TEST_POSTGRES_URI is not killed\n");
        return;
    }
    ck_assert_int_eq(send_books_ahead(), HC_OK);
    ck_assert_int_eq(kill((pid_t)PQbackendPID(((hc__pg *)conn)->pg), SIGKILL), 0);
    ck_assert_int_eq(shelf_run(conn, HC_BATCH_COMMIT, NULL, 0), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(WRITTEN, HC_ERROR_WRITTEN_NO);
    shelf_open_again();
    ck_assert_int_eq(shelf_count(conn), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_run_ahead_does_not_wait_for_its_answer);
    tcase_add_test(tcase, what_fails_ahead_is_told_by_the_commit);
    tcase_add_test(tcase, a_run_ahead_is_rolled_back);
    tcase_add_test(tcase, a_deadline_ends_a_run_ahead);
    tcase_add_test(tcase, a_session_that_dies_behind_a_run_ahead_wrote_nothing);
    tcase_add_test(tcase, a_run_is_no_statement_for_each_row);
    tcase_add_test(tcase, a_run_is_part_of_its_transaction);
    tcase_add_test(tcase, a_deadline_ends_a_run);
    tcase_add_test(tcase, a_session_that_dies_in_a_run_wrote_nothing);
    tcase_add_test(tcase, the_first_of_two_faults_is_told);
}

int main(void)
{
    return shelf_main("unit.driver_postgres.copy", fill);
}
