/* A lane by itself (storage/store_inside.h): who gets which slot, and how many trips it has room for. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "storage/store_inside.h"
#include "suite.h"

static struct hc__lane lane;

/* Trips of `took` µs came back, while so many others were under way. */
static void came_back(int count, int64_t took, uint32_t others)
{
    lane.trips = others + 1;
    for (int i = 0; i < count; i++)
        hc__lane_learn(&lane, took, 1);
}

/* Trips that there is room for now. */
static uint32_t room(void)
{
    static const hc__ride ride;
    uint32_t at = 0;

    for (lane.trips = 0; hc__lane_may_take(&lane, &ride) && at < 100; at++)
        lane.trips++;
    return at;
}

static void make_lane(void)
{
    hc__lane_init(&lane, 0, 8);
}

START_TEST(half_of_the_connections_until_something_is_known)
{
    ck_assert_uint_eq(room(), 4);
    hc__lane_init(&lane, 0, 3);
    ck_assert_uint_eq(room(), 2);
    hc__lane_init(&lane, 0, 1);
    ck_assert_uint_eq(room(), 1);
}
END_TEST

START_TEST(all_of_them_where_trips_do_not_wait_for_each_other)
{
    came_back(1, 1000, 0);
    came_back(14, 2000, 3);
    ck_assert_uint_eq(room(), 4);
    came_back(1, 2000, 3);
    ck_assert_uint_eq(room(), 5);
    came_back(1000, 2000, 7);
    ck_assert_uint_eq(room(), 8);
    came_back(1, 2001, 7); /* what one slow trip takes, four quick ones give back */
    ck_assert_uint_eq(room(), 7);
    came_back(3, 1500, 7);
    ck_assert_uint_eq(room(), 7);
    came_back(1, 1500, 7);
    ck_assert_uint_eq(room(), 8);
}
END_TEST

START_TEST(two_where_they_do)
{
    came_back(1, 100, 0);
    came_back(16, 150, 3);
    ck_assert_uint_eq(room(), 5);
    came_back(5, 201, 3);
    ck_assert_uint_eq(room(), 3);
    came_back(100, 5000, 1);
    ck_assert_uint_eq(room(), 2);
    came_back(15, 150, 1);
    ck_assert_uint_eq(room(), 2);
    came_back(1, 150, 1);
    ck_assert_uint_eq(room(), 3);
}
END_TEST

START_TEST(never_more_than_there_are)
{
    hc__lane_init(&lane, 0, 3);
    came_back(1, 100, 0);
    came_back(100, 300, 1);
    ck_assert_uint_eq(room(), 2);
    came_back(100, 150, 1);
    ck_assert_uint_eq(room(), 3);
    for (uint32_t count = 1; count <= 2; count++) { /* of two, one: the other is for what is no trip */
        hc__lane_init(&lane, 0, count);
        came_back(1, 100, 0);
        came_back(100, 300, 1);
        ck_assert_uint_eq(room(), 1);
    }
    hc__lane_init(&lane, 0, 1);
    came_back(100, 50, 0);
    ck_assert_uint_eq(room(), 1);
}
END_TEST

/* By trips that were by themselves: those beside others tell nothing of the server. */
START_TEST(a_server_that_became_slower_is_known_after_a_while)
{
    came_back(1, 100, 0);
    came_back(1000, 300, 1);
    ck_assert_int_eq(lane.quickest, 100);
    ck_assert_uint_eq(room(), 2);
    came_back(1000, 300, 0);
    ck_assert_int_eq(lane.quickest, 300);
    came_back(1000, 300, 3);
    ck_assert_uint_eq(room(), 8);
    came_back(1, 364, 0); /* a 64th of the difference, rounded up */
    ck_assert_int_eq(lane.quickest, 301);
    came_back(1, 366, 0);
    ck_assert_int_eq(lane.quickest, 303);
    came_back(1, 0, 0); /* a clock that stood still */
    came_back(70, 2, 0);
    ck_assert_int_eq(lane.quickest, 2);
}
END_TEST

/* A trip that carries more takes longer by itself. */
START_TEST(each_read_more_has_its_time)
{
    came_back(1, 100, 0);
    lane.trips = 4;
    for (int i = 0; i < 64; i++)
        hc__lane_learn(&lane, 950, 16);
    ck_assert_uint_eq(room(), 8);
    lane.trips = 4;
    for (int i = 0; i < 64; i++)
        hc__lane_learn(&lane, 960, 16);
    ck_assert_uint_eq(room(), 2);
    hc__lane_learn(&lane, 200, 13); /* and may be the quickest */
    ck_assert_int_eq(lane.quickest, 50);
}
END_TEST

/* What is no trip asks for a connection alone. */
START_TEST(others_have_what_is_free)
{
    came_back(1, 100, 0);
    came_back(100, 1000, 3);
    lane.trips = 2;
    ck_assert(hc__lane_may_take(&lane, NULL));
    lane.free_count = 0;
    ck_assert(!hc__lane_may_take(&lane, NULL));
    lane.trips = 0;
    ck_assert_uint_eq(room(), 0);
}
END_TEST

/* ---- its slots ---- */

START_TEST(it_begins_with_all_of_its_slots)
{
    memset(&lane, 0xff, sizeof lane);
    hc__lane_init(&lane, 1, HC__POOL_LIMIT);
    ck_assert_uint_eq(lane.first, 1);
    ck_assert_uint_eq(lane.count, HC__POOL_LIMIT);
    ck_assert_uint_eq(lane.free_count, HC__POOL_LIMIT);
    ck_assert_uint_eq(lane.trips, 0);
    ck_assert_int_eq(lane.waiting, 0);
    ck_assert_ptr_null(lane.head);
    ck_assert_ptr_eq(lane.tail, &lane.head);
    for (uint32_t i = 0; i < HC__POOL_LIMIT; i++)
        ck_assert_uint_eq(lane.free[i], HC__POOL_LIMIT - i);
}
END_TEST

static hc__mem mem;
static hc__store store;
static struct hc__lane *readers = &store.lanes[HC__READERS];
static hc__ride ride;

/* A store without a driver, of four slots; two of them have connections. */
static void make_store(void)
{
    static char conns[2];

    memset(&store, 0, sizeof store);
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    ck_assert(hc__mutex_init(&store.lock));
    store.mem = &mem;
    store.lane_count = 1;
    hc__lane_init(readers, 0, 4);
    store.slots[1].conn = &conns[0];
    store.slots[2].conn = &conns[1];
}

/* And nobody can have one. */
static void fill_lane(void)
{
    make_store();
    for (uint32_t i = 0; i < 4; i++)
        (void)hc__lane_take(&store, readers, 7, NULL);
}

static void end_store(void)
{
    hc__waiters_free(&store, false);
    ck_assert_ptr_null(store.made);
    hc__mutex_free(&store.lock);
}

static void taken(uint32_t slot)
{
    ck_assert_uint_eq(hc__lane_take(&store, readers, 7, NULL), slot);
    ck_assert_uint_eq(store.slots[slot].thread, 7);
}

static void given_back(uint32_t slot)
{
    hc__slot_release(&store, readers, slot);
    ck_assert_uint_eq(store.slots[slot].thread, 0);
    ck_assert_uint_eq(readers->free[readers->free_count - 1], slot);
}

START_TEST(the_warmest_with_a_connection_is_taken)
{
    static const uint32_t left[] = {3, 0};

    make_store();
    taken(1);
    taken(2);
    ck_assert_uint_eq(readers->free_count, 2);
    ck_assert_mem_eq(readers->free, left, sizeof left);
    taken(0); /* none of them has one */
    taken(3);
    ck_assert_uint_eq(readers->free_count, 0);
    given_back(1);
    given_back(3);
    given_back(2);
    taken(2);
    taken(1);
    taken(3);
    end_store();
}
END_TEST

/* A trip of so many reads from `since` on, of which 1,001,000 is the end. */
static void make_trip(uint32_t reads, int64_t since)
{
    uint32_t slot = hc__lane_take(&store, readers, 7, &ride);

    ck_assert_uint_eq(readers->trips, 1);
    ck_assert(store.slots[slot].trip);
    ck_assert_uint_eq(store.slots[slot].reads, 1);
    ck_assert_int_eq(store.slots[slot].since, 0);
    store.slots[slot].since = since;
    store.slots[slot].used = 1001000;
    store.slots[slot].reads = reads;
    given_back(slot);
    ck_assert_uint_eq(readers->trips, 0);
    ck_assert(!store.slots[slot].trip);
}

START_TEST(only_of_trips_something_is_learned)
{
    make_store();
    taken(1);
    ck_assert_uint_eq(readers->trips, 0);
    ck_assert(!store.slots[1].trip);
    store.slots[1].since = 1000;
    store.slots[1].used = 1001000;
    given_back(1);
    ck_assert_int_eq(readers->quickest, INT64_MAX);
    make_trip(1, 0);
    ck_assert_int_eq(readers->quickest, INT64_MAX);
    make_trip(1, 1000);
    ck_assert_int_eq(readers->quickest, 1000000);
    make_trip(13, 1000);
    ck_assert_int_eq(readers->quickest, 250000);
    end_store();
}
END_TEST

static struct hc__waiter *queued(hc__ride *with)
{
    struct hc__waiter *waiter = hc__queue_up(&store, readers, 9, with);

    ck_assert_ptr_nonnull(waiter);
    ck_assert_int_eq(waiter->slot, -1);
    ck_assert(!waiter->over);
    ck_assert_ptr_null(waiter->next);
    ck_assert_ptr_eq(readers->tail, &waiter->next);
    return waiter;
}

static void handed_over(uint32_t slot, struct hc__waiter *to)
{
    hc__slot_release(&store, readers, slot);
    ck_assert_int_eq(to->slot, (int32_t)slot);
    ck_assert_ptr_eq(store.slots[slot].waited, to);
    ck_assert_uint_eq(store.slots[slot].thread, 9);
    ck_assert_int_eq(hc__wait_for_slot(&store, readers, to, 0, NULL), (int32_t)slot);
}

/* Who was served gives its place to the next one. */
START_TEST(a_slot_goes_from_one_to_the_next)
{
    struct hc__waiter *waiters[3];

    fill_lane();
    for (int i = 0; i < 3; i++) {
        waiters[i] = queued(i == 1 ? &ride : NULL);
        ck_assert_int_eq(readers->waiting, i + 1);
    }
    ck_assert_ptr_eq(ride.waiter, waiters[1]);
    for (int i = 0; i < 3; i++) {
        handed_over(2, waiters[i]);
        ck_assert_int_eq(readers->waiting, 2 - i);
        ck_assert_uint_eq(readers->trips, i == 1);
        ck_assert_ptr_eq(store.unused, i == 0 ? NULL : waiters[i - 1]);
    }
    ck_assert_ptr_null(readers->head);
    ck_assert_ptr_eq(readers->tail, &readers->head);
    ck_assert_uint_eq(readers->free_count, 0);
    given_back(2);
    ck_assert_ptr_null(store.slots[2].waited);
    for (int i = 2; i >= 0; i--)
        ck_assert_ptr_eq(queued(NULL), waiters[i]);
    for (int i = 2; i >= 0; i--) /* whose time is over */
        ck_assert_int_eq(hc__wait_for_slot(&store, readers, waiters[i], 0, NULL), -1);
    ck_assert_int_eq(readers->waiting, 0);
    ck_assert_ptr_null(readers->head);
    ck_assert_ptr_eq(readers->tail, &readers->head);
    ck_assert_ptr_eq(store.unused, waiters[0]);
    end_store();
}
END_TEST

static void *end_trip(void *data)
{
    usleep(20000);
    hc__ride_end(data);
    return NULL;
}

static void *hand_over(void *data)
{
    struct hc__waiter *waiter = data;

    usleep(20000);
    hc__lock(&waiter->lock);
    waiter->slot = 0;
    hc__unlock(&waiter->lock);
    hc__cond_signal(&waiter->wake);
    return NULL;
}

/* However little time it had: its read is under way. */
START_TEST(who_rides_waits_for_the_end)
{
    hc_batch batch = {0};
    hc__ride first = {.batch = &batch}, second = {.batch = &batch};
    struct hc__waiter *one, *two;
    pthread_t other;

    fill_lane();
    one = queued(&first);
    two = queued(&second);
    handed_over(2, one);
    ck_assert_ptr_eq(first.next, &second);
    ck_assert_int_eq(readers->waiting, 0);
    ck_assert_int_eq(pthread_create(&other, NULL, end_trip, &first), 0);
    ck_assert_int_eq(hc__wait_for_slot(&store, readers, two, 0, NULL), -1);
    pthread_join(other, NULL);
    ck_assert(second.alone);
    ck_assert_ptr_eq(store.unused, two);
    ck_assert_ptr_null(two->next);
    given_back(2);
    ck_assert_ptr_eq(store.unused, one);
    ck_assert_ptr_eq(one->next, two);
    end_store();
}
END_TEST

/* Its place is not another's before the slot is given back. */
START_TEST(a_slot_on_its_way_is_waited_for)
{
    struct hc__waiter *waiter;
    pthread_t other;

    fill_lane();
    waiter = queued(NULL);
    readers->head = NULL; /* as who gives a slot back takes it out first */
    readers->tail = &readers->head;
    ck_assert_int_eq(pthread_create(&other, NULL, hand_over, waiter), 0);
    ck_assert_int_eq(hc__wait_for_slot(&store, readers, waiter, 0, NULL), 0);
    pthread_join(other, NULL);
    ck_assert_ptr_null(store.unused);
    end_store();
}
END_TEST

static void *hand_over_late(void *data)
{
    usleep(1300000);
    return hand_over(data);
}

/* It looks for one that is free after a second, and takes none while one is on its way to it. */
START_TEST(who_is_being_served_takes_no_free_slot)
{
    hc_batch batch = {0};
    hc__ride one = {.batch = &batch};
    struct hc__waiter *waiter;
    pthread_t other;

    fill_lane();
    given_back(2);
    waiter = queued(&one);
    readers->head = NULL; /* as who gives a slot back takes it out first */
    readers->tail = &readers->head;
    ck_assert_int_eq(pthread_create(&other, NULL, hand_over_late, waiter), 0);
    ck_assert_int_eq(hc__wait_for_slot(&store, readers, waiter, INT64_MAX, NULL), 0);
    pthread_join(other, NULL);
    ck_assert_uint_eq(readers->free_count, 1);
    ck_assert_uint_eq(readers->free[0], 2);
    ck_assert_uint_eq(readers->trips, 0);
    ck_assert_ptr_null(store.unused);
    end_store();
}
END_TEST

/* ---- who is stopped ---- */

static _Atomic int limitless = -1; /* waits without a limit that began; below 0: each has its own */
bool __real_hc__cond_wait_until(hc__cond *cond, hc__mutex *mutex, int64_t until);
bool __wrap_hc__cond_wait_until(hc__cond *cond, hc__mutex *mutex, int64_t until);

bool __wrap_hc__cond_wait_until(hc__cond *cond, hc__mutex *mutex, int64_t until)
{
    if (limitless >= 0) {
        limitless++;
        until = INT64_MAX;
    }
    return __real_hc__cond_wait_until(cond, mutex, until);
}

struct stopped {
    struct hc__lane *lane;
    struct hc__waiter *waiter;
    atomic_bool stop;
    int32_t got;
};

static void *wait_until_stopped(void *data)
{
    struct stopped *me = data;

    me->got = hc__wait_for_slot(&store, me->lane, me->waiter, INT64_MAX, &me->stop);
    return NULL;
}

/* Of each lane, and without a look at the clock: who is not woken waits for ever. */
START_TEST(who_is_stopped_is_woken)
{
    struct stopped all[2] = {{.got = 0}, {.got = 0}};
    pthread_t threads[2];

    make_store();
    store.lane_count = 2;
    hc__lane_init(&store.lanes[1 - HC__READERS], 4, 1);
    limitless = 0;
    for (int i = 0; i < 2; i++) {
        all[i].lane = &store.lanes[i];
        all[i].waiter = hc__queue_up(&store, all[i].lane, 9, NULL);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, wait_until_stopped, &all[i]), 0);
    }
    while (limitless < 2)
        usleep(1000);
    for (int i = 0; i < 2; i++)
        atomic_store(&all[i].stop, true);
    hc__store_wake(&store);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(all[i].got, -1);
        ck_assert_int_eq(all[i].lane->waiting, 0);
    }
    limitless = -1;
    end_store();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, half_of_the_connections_until_something_is_known);
    tcase_add_test(tcase, all_of_them_where_trips_do_not_wait_for_each_other);
    tcase_add_test(tcase, two_where_they_do);
    tcase_add_test(tcase, never_more_than_there_are);
    tcase_add_test(tcase, a_server_that_became_slower_is_known_after_a_while);
    tcase_add_test(tcase, each_read_more_has_its_time);
    tcase_add_test(tcase, others_have_what_is_free);
    tcase_add_test(tcase, it_begins_with_all_of_its_slots);
    tcase_add_test(tcase, the_warmest_with_a_connection_is_taken);
    tcase_add_test(tcase, only_of_trips_something_is_learned);
    tcase_add_test(tcase, a_slot_goes_from_one_to_the_next);
    tcase_add_test(tcase, who_rides_waits_for_the_end);
    tcase_add_test(tcase, a_slot_on_its_way_is_waited_for);
    tcase_add_test(tcase, who_is_being_served_takes_no_free_slot);
    tcase_add_test(tcase, who_is_stopped_is_woken);
}

int main(void)
{
    return suite_main("unit.storage.lane", fill, make_lane, NULL);
}
