/* Sixteen threads and eight processes book the time of fifty agents: nobody's time is given away twice. */
#include <stdio.h>

#include "booking.h"
#include "house.h"

static bool is_long(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && asked[0] == '1';
}

static void told(const char *name, const race_plan *plan, const race_result *r)
{
    printf("%s: %d attempts, %lld won, %lld lost, %lld moved, %lld cancelled, %lld overlaps\n", name, plan->attempts,
           (long long)r->won, (long long)r->lost, (long long)r->moved, (long long)r->cancelled, (long long)r->overlaps);
    fflush(stdout);
}

/* D01: who loses is told a time that is free. */
START_TEST(no_time_is_given_away_twice)
{
    const int most = is_long() ? 100000 : 20000;
    race_plan plan = {16, 8, most, NULL};
    race_result r;

    booking_race(&r, &plan);
    told("booking", &plan, &r);
    ck_assert_msg(r.others == 0, "%lld calls ended in something else: %s", (long long)r.others, r.first_other);
    ck_assert_int_eq(r.overlaps, 0);
    ck_assert_int_eq(r.stray_slots, 0);
    ck_assert_int_eq(r.not_free, 0);
    ck_assert_int_eq(r.no_reason, 0);
    ck_assert_int_eq(r.no_offer, 0);
    ck_assert_int_gt(r.moved, 0);
    ck_assert_int_gt(r.cancelled, 0);
    ck_assert_int_ge(r.won, most / 20);
    ck_assert_int_ge(r.lost, most / 4);
}
END_TEST

/* Without the rows that make it impossible the same look finds what it is for. */
START_TEST(the_look_finds_what_the_slots_prevent)
{
    race_plan plan = {16, 8, 2000, "no-slots"};
    race_result r;

    booking_race(&r, &plan);
    told("HC_BUG=no-slots", &plan, &r);
    ck_assert_msg(r.others == 0, "%lld calls ended in something else: %s", (long long)r.others, r.first_other);
    ck_assert_int_gt(r.overlaps, 0);
    ck_assert_int_gt(r.stray_slots, 0);
    ck_assert_int_eq(r.lost, 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, no_time_is_given_away_twice);
    tcase_add_test(tcase, the_look_finds_what_the_slots_prevent);
}

int main(void)
{
    return suite_main("fault.booking", fill, NULL, NULL);
}
