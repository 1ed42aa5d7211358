/* How many trips a lane has room for (storage/store_inside.h). */
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
    came_back(4, 1500, 7);
    ck_assert_uint_eq(room(), 8);
}
END_TEST

START_TEST(three_where_they_do)
{
    came_back(1, 100, 0);
    came_back(16, 150, 3);
    ck_assert_uint_eq(room(), 5);
    came_back(5, 201, 3);
    ck_assert_uint_eq(room(), 3);
    came_back(100, 5000, 1);
    ck_assert_uint_eq(room(), 3);
    came_back(15, 150, 1);
    ck_assert_uint_eq(room(), 3);
    came_back(1, 150, 1);
    ck_assert_uint_eq(room(), 4);
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
    hc__lane_init(&lane, 0, 1);
    came_back(1, 100, 0);
    came_back(100, 300, 1);
    ck_assert_uint_eq(room(), 1);
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
    ck_assert_uint_eq(room(), 3);
    came_back(1000, 300, 0);
    ck_assert_int_eq(lane.quickest, 300);
    came_back(1000, 300, 3);
    ck_assert_uint_eq(room(), 8);
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
    ck_assert_uint_eq(room(), 3);
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

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, half_of_the_connections_until_something_is_known);
    tcase_add_test(tcase, all_of_them_where_trips_do_not_wait_for_each_other);
    tcase_add_test(tcase, three_where_they_do);
    tcase_add_test(tcase, never_more_than_there_are);
    tcase_add_test(tcase, a_server_that_became_slower_is_known_after_a_while);
    tcase_add_test(tcase, each_read_more_has_its_time);
    tcase_add_test(tcase, others_have_what_is_free);
}

int main(void)
{
    return suite_main("unit.storage.lane", fill, make_lane, NULL);
}
