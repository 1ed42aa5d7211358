/* What a store does as time goes by: connections rest, grow old and are in doubt, and a server that cannot be reached
 * is tried again. The clock and the dice are this program's (--wrap). */
#include "server.h"
#include "storage/store_inside.h"

int64_t __real_hc__os_monotonic(void);
int64_t __wrap_hc__os_monotonic(void);
bool __real_hc__os_random(void *out, size_t size);
bool __wrap_hc__os_random(void *out, size_t size);

static _Atomic int64_t ahead;   /* of the clock */
static _Atomic int64_t stopped; /* the clock's time, where it does not go on; 0: it does */
static int dice = -1;           /* each byte of random numbers; -1: what the system gives */

int64_t __wrap_hc__os_monotonic(void)
{
    int64_t now = atomic_load(&stopped);

    return now != 0 ? now : __real_hc__os_monotonic() + atomic_load(&ahead);
}

bool __wrap_hc__os_random(void *out, size_t size)
{
    if (dice < 0)
        return __real_hc__os_random(out, size);
    memset(out, dice, size);
    return true;
}

/* ---- a server that cannot be reached ---- */

static int64_t outage(void)
{
    int64_t micros = 0;

    ck_assert(hc__store_is_out(store));
    while (hc__store_is_out(store)) {
        atomic_fetch_add(&ahead, HC__SECOND / 10);
        micros += HC__SECOND / 10;
    }
    return micros;
}

/* S22: who met the same outage does not come back at the same moment, but up to a quarter later. */
START_TEST(those_who_met_an_outage_come_back_one_by_one)
{
    int64_t first = INT64_MAX, last = 0;

    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
    for (int i = 0; i < 20; i++) {
        int64_t began = hc__os_monotonic(), pause;

        ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_UNAVAILABLE);
        while (hc__store_is_out(store))
            atomic_fetch_add(&ahead, HC__SECOND / 1000);
        pause = hc__os_monotonic() - began;
        first = pause < first ? pause : first;
        last = pause > last ? pause : last;
    }
    ck_assert_int_ge(first, HC__SECOND);
    ck_assert_int_gt(last, first + HC__SECOND / 20);
}
END_TEST

/* A caller in a hurry, or without memory, tells nothing of the server; one who waited in vain does. */
START_TEST(who_was_in_a_hurry_makes_no_outage)
{
    atomic_store(&server.refuse, HC_ERR_TIMEOUT);
    ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_TIMEOUT);
    ck_assert(!hc__store_is_out(store));
    atomic_store(&server.refuse, HC_ERR_NO_MEMORY);
    ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_NO_MEMORY);
    ck_assert(!hc__store_is_out(store));
    atomic_store(&server.refuse, HC_ERR_TIMEOUT);
    atomic_store(&server.slow, 1010000);
    ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_TIMEOUT);
    ck_assert(hc__store_is_out(store));
    ck_assert_int_eq(take(&(hc__lease){0}), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.message, "the server does not answer");
    ck_assert_str_eq(err.origin, "far");
    ck_assert_int_eq(atomic_load(&server.tries), 3);
    atomic_store(&server.refuse, 0);
    (void)outage();
    use(true);
}
END_TEST

/* ---- by a clock that stands still ---- */

#define NOON (1000000 * HC__SECOND)

static void at(int64_t time)
{
    atomic_store(&stopped, NOON + time);
}

/* How many connections were made, and how many asked, once one was used at that time. */
static void used_at(int64_t time, int tries, int pings)
{
    at(time);
    err = (hc_error){.status = 7};
    use(true);
    ck_assert_int_eq(err.status, 7);
    ck_assert_int_eq(atomic_load(&server.tries), tries);
    ck_assert_int_eq(atomic_load(&server.pings), pings);
}

START_TEST(a_connection_rests_half_a_minute_and_lives_half_an_hour)
{
    dice = 0;
    ck_assert_ptr_null(store->options.uri); /* its caller's */
    used_at(0, 1, 0);
    used_at(30 * HC__SECOND - 1, 1, 0);
    used_at(60 * HC__SECOND - 1, 1, 1);
    used_at(1800 * HC__SECOND - 1, 1, 2);
    used_at(1800 * HC__SECOND, 2, 2);
    dice = 0xff; /* a quarter shorter */
    used_at(3600 * HC__SECOND, 3, 2);
    used_at(4950 * HC__SECOND - 1, 3, 3);
    used_at(4950 * HC__SECOND, 4, 3);
}
END_TEST

/* S15: what was given back before or when another one died is asked once. */
START_TEST(what_was_there_when_one_died_is_in_doubt)
{
    hc__lease leases[3];

    at(0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(take(&leases[i]), HC_OK);
    at(1);
    hc__store_release(store, &leases[0], true);
    leases[1].doubtful = true;
    hc__store_release(store, &leases[1], true);
    ck_assert_int_eq(atomic_load(&server.open), 2);
    at(2);
    hc__store_release(store, &leases[2], true);
    use(true); /* the last one, which outlived it */
    ck_assert_int_eq(atomic_load(&server.pings), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(take(&leases[i]), HC_OK);
    ck_assert_int_eq(atomic_load(&server.pings), 1);
    for (int i = 0; i < 2; i++)
        hc__store_release(store, &leases[i], true);
}
END_TEST

static int64_t takes; /* µs, each try to connect */

static void let_time_pass(void)
{
    atomic_fetch_add(&stopped, takes);
}

static void tried_at(int64_t time, hc_status status, int tries)
{
    at(time);
    err = (hc_error){0};
    ck_assert_int_eq(take(&(hc__lease){0}), status);
    ck_assert_int_eq(err.status, status);
    ck_assert_int_eq(atomic_load(&server.tries), tries);
}

/* S22 */
START_TEST(the_next_try_is_a_second_later)
{
    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
    dice = 0;
    tried_at(0, HC_ERR_UNAVAILABLE, 1);
    ck_assert(hc__store_is_out(store));
    tried_at(HC__SECOND - 1, HC_ERR_UNAVAILABLE, 1);
    ck_assert(hc__store_is_out(store));
    dice = 0xff;
    tried_at(HC__SECOND, HC_ERR_UNAVAILABLE, 2);
    tried_at(9 * HC__SECOND / 4 - 1, HC_ERR_UNAVAILABLE, 2);
    at(9 * HC__SECOND / 4);
    ck_assert(!hc__store_is_out(store));
    atomic_store(&server.refuse, HC_ERR_NO_MEMORY); /* which tells nothing of it: the next one may try at once */
    tried_at(9 * HC__SECOND / 4, HC_ERR_NO_MEMORY, 3);
    atomic_store(&server.refuse, 0);
    used_at(9 * HC__SECOND / 4, 4, 0);
}
END_TEST

START_TEST(no_answer_for_a_second_is_an_outage)
{
    atomic_store(&server.refuse, HC_ERR_TIMEOUT);
    server.connecting = let_time_pass;
    takes = HC__SECOND - 1;
    tried_at(0, HC_ERR_TIMEOUT, 1);
    ck_assert(!hc__store_is_out(store));
    takes = HC__SECOND;
    tried_at(0, HC_ERR_TIMEOUT, 2);
    ck_assert(hc__store_is_out(store));
    atomic_store(&server.refuse, 0);
    used_at(5 * HC__SECOND, 3, 0);
    ck_assert(!hc__store_is_out(store));
}
END_TEST

/* S22: as long as a server refuses, each pause is twice as long as the one before, up to 16 s. */
START_TEST(pauses_of_refusals_double)
{
    static const int64_t pauses[] = {1, 2, 4, 8, 16, 16, 16};
    int64_t time = 0;

    dice = 0;
    atomic_store(&server.refuse, HC_ERR_INVALID);
    for (int i = 0; i < 7; i++) {
        tried_at(time, HC_ERR_INVALID, i + 1);
        tried_at(time + pauses[i] * HC__SECOND - 1, HC_ERR_INVALID, i + 1);
        time += pauses[i] * HC__SECOND;
    }
    atomic_store(&server.refuse, 0);
    at(time);
    use(false);
    ck_assert(!store->outage.known && !store->outage.trying);
    atomic_store(&server.refuse, HC_ERR_INVALID); /* and the next outage is a first one */
    tried_at(time, HC_ERR_INVALID, 9);
    tried_at(time + HC__SECOND - 1, HC_ERR_INVALID, 9);
    tried_at(time + HC__SECOND, HC_ERR_INVALID, 10);
    at(time + 3 * HC__SECOND);
    ck_assert_int_eq(hc__store_acquire(&(hc__lease){0}, store, HC_CONNECT_WRITE, NOON, NULL, NULL), HC_ERR_INVALID);
    ck_assert_int_eq(atomic_load(&server.tries), 11);
}
END_TEST

START_TEST(patience_ends_at_its_moment)
{
    at(0);
    server.version = 0;
    server.busy = 1;
    ck_assert_int_eq(hc__store_migrate_within(store, NOON, NOON + HC__SECOND, &err), HC_ERR_BUSY);
    ck_assert_int_eq(server.asked, 1);
    server.busy = 1;
    ck_assert_int_eq(hc__store_migrate_within(store, NOON + 1, NOON + HC__SECOND, &err), HC_OK);
    ck_assert_int_eq(server.asked, 3);
}
END_TEST

static void lose_it(void)
{
    atomic_store(&store->doubt, INT64_MAX);
    atomic_store(&server.dead, true);
    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
}

/* The connection over which it was found to be old cannot be had again. */
START_TEST(who_loses_the_server_before_a_migration_is_told)
{
    server.version = 0;
    server.telling = lose_it;
    ck_assert_int_eq(hc__store_migrate(store, in(HC__SECOND), &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.message, "not now");
    ck_assert_int_eq(server.asked, 0);
    ck_assert_int_eq(hc__store_pool(store).in_use, 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, those_who_met_an_outage_come_back_one_by_one);
    tcase_add_test(tcase, who_was_in_a_hurry_makes_no_outage);
    tcase_add_test(tcase, a_connection_rests_half_a_minute_and_lives_half_an_hour);
    tcase_add_test(tcase, what_was_there_when_one_died_is_in_doubt);
    tcase_add_test(tcase, the_next_try_is_a_second_later);
    tcase_add_test(tcase, no_answer_for_a_second_is_an_outage);
    tcase_add_test(tcase, pauses_of_refusals_double);
    tcase_add_test(tcase, patience_ends_at_its_moment);
    tcase_add_test(tcase, who_loses_the_server_before_a_migration_is_told);
}

int main(void)
{
    return suite_main("unit.storage.outage", fill, set_up, tear_down);
}
