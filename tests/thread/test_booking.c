/* The booking race of tests/fault, on threads alone: what ThreadSanitizer is to see of it. */
#include "booking.h"
#include "house.h"

/* D01 */
START_TEST(threads_book_and_none_gets_anothers_time)
{
    race_plan plan = {16, 0, getenv("HC_BUG") == NULL ? 1500 : 100, NULL}; /* a race is seen at once */
    race_result r;

    booking_race(&r, &plan);
    ck_assert_msg(r.others == 0, "%lld calls ended in something else: %s", (long long)r.others, r.first_other);
    ck_assert_int_eq(r.overlaps, 0);
    ck_assert_int_eq(r.stray_slots, 0);
    ck_assert_int_eq(r.not_free, 0);
    ck_assert_int_eq(r.no_reason, 0);
    ck_assert_int_gt(r.won, 0);
    ck_assert_int_gt(r.lost, 0);
}
END_TEST

START_TEST(a_race_is_noticed)
{
    suite_finds_race("threads_book_and_none_gets_anothers_time");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, threads_book_and_none_gets_anothers_time);
    tcase_add_test(tcase, a_race_is_noticed);
}

int main(void)
{
    return suite_main("thread.booking", fill, NULL, NULL);
}
