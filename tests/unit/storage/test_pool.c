/* The pool of connections to a server, over a driver that is not there: server.h. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#include "server.h"

START_TEST(one_who_comes_back_finds_a_warm_connection)
{
    for (int i = 0; i < 10; i++)
        use(true);
    ck_assert_int_eq(atomic_load(&server.tries), 1);
    ck_assert_int_eq(atomic_load(&server.pings), 0);
}
END_TEST

/* S23: what a transaction was left open on serves nobody else. */
START_TEST(an_open_transaction_ends_its_connection)
{
    hc__lease lease;

    ck_assert_int_eq(take(&lease), HC_OK);
    lease.in_transaction = true;
    hc__store_release(store, &lease, true);
    ck_assert_int_eq(atomic_load(&server.open), 0);
}
END_TEST

/* S15: the others are asked once each, and the dead ones replaced. */
START_TEST(others_are_in_doubt_after_one_died)
{
    hc__lease leases[4];

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(&leases[i]), HC_OK);
    for (int i = 1; i < 4; i++)
        hc__store_release(store, &leases[i], true);
    hc__store_release(store, &leases[0], false);
    atomic_store(&server.dead, true);
    usleep(10); /* what is given back in the same microsecond as one died is in doubt, too */
    use(true);
    ck_assert_int_eq(atomic_load(&server.pings), 1);
    ck_assert_int_eq(atomic_load(&server.tries), 5);
    use(true); /* the new one is in no doubt */
    ck_assert_int_eq(atomic_load(&server.pings), 1);
    atomic_store(&server.dead, false);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(&leases[i]), HC_OK);
    ck_assert_int_eq(atomic_load(&server.pings), 3);
    for (int i = 0; i < 4; i++)
        hc__store_release(store, &leases[i], true);
}
END_TEST

START_TEST(who_was_idle_for_long_is_asked)
{
    hc__store_close(store);
    open_pool(30000, 0);
    use(true);
    usleep(40000);
    use(true);
    ck_assert_int_eq(atomic_load(&server.pings), 1);
    atomic_store(&server.dead, true);
    usleep(40000);
    use(true);
    ck_assert_int_eq(atomic_load(&server.pings), 2);
    ck_assert_int_eq(atomic_load(&server.tries), 2);
}
END_TEST

START_TEST(connections_grow_old)
{
    hc__store_close(store);
    open_pool(0, 40000);
    use(true);
    usleep(50000);
    use(true);
    ck_assert_int_eq(atomic_load(&server.pings), 0);
    ck_assert_int_eq(atomic_load(&server.tries), 2);
    ck_assert_int_eq(atomic_load(&server.open), 1);
}
END_TEST

/* What was learned over a connection is not known of the next one in its place. */
START_TEST(another_connection_has_another_generation)
{
    hc__lease lease;
    uint32_t before;

    ck_assert_int_eq(take(&lease), HC_OK);
    before = lease.generation;
    hc__store_release(store, &lease, true);
    ck_assert_int_eq(take(&lease), HC_OK);
    ck_assert_uint_eq(lease.generation, before);
    for (int i = 0; i < 3; i++) {
        hc__store_release(store, &lease, false);
        ck_assert_int_eq(take(&lease), HC_OK);
        ck_assert_uint_gt(lease.generation, before);
        before = lease.generation;
    }
    hc__store_release(store, &lease, true);
}
END_TEST

/* ---- a server that is not there ---- */

static atomic_bool over;
static atomic_int failures, waits;

static void *knock(void *data)
{
    hc_status expected = *(const hc_status *)data;

    while (!atomic_load(&over)) {
        hc__lease lease;
        hc_error why;
        int64_t began = hc__os_monotonic();
        hc_status status = hc__store_acquire(&lease, store, HC_CONNECT_WRITE, in(5000000), NULL, &why);

        if (status == HC_OK) {
            hc__store_release(store, &lease, true);
        } else {
            atomic_fetch_add(&failures, 1);
            atomic_fetch_add(&waits, hc__os_monotonic() - began > 1000000);
            ck_assert_int_eq(status, expected);
            ck_assert_int_eq(why.status, expected);
        }
        usleep(1000);
    }
    return NULL;
}

/* S22: about one try a second, however many ask; all others are told at once. It heals by itself. */
START_TEST(nobody_storms_a_server_that_is_down)
{
    const hc_status refusals[] = {HC_ERR_UNAVAILABLE, HC_ERR_INVALID, HC_ERR_BUSY};
    hc_status refusal = refusals[_i];
    pthread_t threads[12];
    hc__lease lease;

    atomic_store(&over, false);
    atomic_store(&failures, 0);
    atomic_store(&waits, 0);
    atomic_store(&server.refuse, refusal);
    atomic_store(&server.slow, 5000); /* while one tries the others are told at once */
    ck_assert_int_eq(take(&(hc__lease){0}), refusal);
    for (size_t i = 0; i < 12; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, knock, &refusal), 0);
    usleep(2500000);
    atomic_store(&over, true);
    for (size_t i = 0; i < 12; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_ge(atomic_load(&server.tries), 2);
    ck_assert_int_le(atomic_load(&server.tries), 3);
    ck_assert_int_ge(atomic_load(&failures), 100);
    ck_assert_int_eq(atomic_load(&waits), 0);
    atomic_store(&server.refuse, 0);
    for (int i = 0; i < 500 && take(&lease) < 0; i++)
        usleep(10000);
    ck_assert_int_eq(atomic_load(&server.open), 1);
    hc__store_release(store, &lease, true);
}
END_TEST

/* A slot without a connection does not stand before one that has. */
START_TEST(those_that_are_there_go_on)
{
    hc__lease one, two;

    ck_assert_int_eq(take(&one), HC_OK);
    atomic_store(&server.refuse, HC_ERR_BUSY);
    ck_assert_int_eq(take(&two), HC_ERR_BUSY);
    hc__store_release(store, &one, true);
    for (int i = 0; i < 5; i++)
        use(true);
    ck_assert_int_eq(atomic_load(&server.tries), 2);
}
END_TEST

/* ---- more who want one than there are (S21) ---- */

static atomic_int served;
static int order[8];

struct turn {
    int number;
    pthread_t thread;
};

static void *wait_for_turn(void *data)
{
    struct turn *turn = data;
    hc__lease lease;

    ck_assert_int_eq(hc__store_acquire(&lease, store, HC_CONNECT_WRITE, in(5000000), NULL, NULL), HC_OK);
    order[atomic_fetch_add(&served, 1)] = turn->number;
    usleep(2000);
    hc__store_release(store, &lease, true);
    return NULL;
}

static void *come_too_late(void *data)
{
    hc__lease lease;

    (void)data;
    ck_assert_int_eq(take(&lease), HC_ERR_BUSY);
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE | HC_ERROR_WRITTEN_NO);
    return NULL;
}

/* S21 */
START_TEST(who_waits_is_served_in_order_of_arrival)
{
    struct turn turns[8];
    hc__lease leases[4];
    pthread_t late;

    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(&leases[i]), HC_OK);
    ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_MISUSE); /* to wait would be to wait for itself */
    ck_assert_int_eq(pthread_create(&late, NULL, come_too_late, NULL), 0);
    pthread_join(late, NULL);
    ck_assert_int_eq(hc__store_pool(store).waiting, 0); /* nor does anybody wait for one who left */
    atomic_store(&served, 0);
    for (int i = 0; i < 8; i++) {
        turns[i].number = i;
        ck_assert_int_eq(pthread_create(&turns[i].thread, NULL, wait_for_turn, &turns[i]), 0);
        while (hc__store_pool(store).waiting < i + 1)
            usleep(1000);
    }
    hc__store_release(store, &leases[0], true);
    for (int i = 0; i < 8; i++)
        pthread_join(turns[i].thread, NULL);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(order[i], i);
    for (int i = 1; i < 4; i++)
        hc__store_release(store, &leases[i], true);
    ck_assert_int_eq(atomic_load(&server.tries), 4);
}
END_TEST

/* ---- who keeps one (S21) ---- */

static char told[200];

static void listen(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    (void)data;
    ck_assert_int_eq(level, HC_LOG_ERROR);
    snprintf(told, sizeof told, "%s", line);
}

static void open_heard(void)
{
    hc__store_options options = {.uri = "sqlite:far", .pool_size = 4, .log = listen, .log_level = HC_LOG_ERROR};

    hc__store_close(store);
    told[0] = '\0';
    ck_assert_int_eq(hc__store_open(&store, &mem, &options, &err), HC_OK);
}

/* S21 */
START_TEST(what_is_never_given_back_is_told_in_the_end)
{
    hc__lease kept[2], back;

    setenv("HC_TEST_BROKEN", "1", 1);
    open_heard();
    ck_assert_int_eq(take(&back), HC_OK);
    hc__store_release(store, &back, true);
    open_heard();
    ck_assert_str_eq(told, "");
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(take(&kept[i]), HC_OK);
    ck_assert_int_eq(take(&back), HC_OK);
    hc__store_release(store, &back, true);
    hc__store_close(store);
    ck_assert_str_eq(told, "2 connections to the store were never given back: a call of this library kept them");
    ck_assert_int_eq(atomic_load(&server.open), 0); /* they are closed all the same */
    set_up();
}
END_TEST

/* S21: so that every test that closes a store looks for it. */
START_TEST(what_is_never_given_back_ends_a_test)
{
    hc__lease kept;

    ck_assert_int_eq(take(&kept), HC_OK);
    hc__store_close(store);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_never_given_back_is_told_in_the_end);
    if (suite_wants("what_is_never_given_back_ends_a_test"))
        tcase_add_test_raise_signal(tcase, what_is_never_given_back_ends_a_test, SIGABRT);
    tcase_add_test(tcase, one_who_comes_back_finds_a_warm_connection);
    tcase_add_test(tcase, an_open_transaction_ends_its_connection);
    tcase_add_test(tcase, others_are_in_doubt_after_one_died);
    tcase_add_test(tcase, who_was_idle_for_long_is_asked);
    tcase_add_test(tcase, connections_grow_old);
    tcase_add_test(tcase, another_connection_has_another_generation);
    tcase_add_loop_test(tcase, nobody_storms_a_server_that_is_down, 0, 3);
    tcase_add_test(tcase, those_that_are_there_go_on);
    tcase_add_test(tcase, who_waits_is_served_in_order_of_arrival);
}

int main(void)
{
    return suite_main("unit.storage.pool", fill, set_up, tear_down);
}
