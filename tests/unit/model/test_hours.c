/* Working hours and exceptions as they are stored. */
#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "homeconnect/error.h"
#include "model/hours.h"

static hc__mem mem;
static hc__arena arena;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

static int32_t day(const char *text)
{
    int32_t out;

    ck_assert(hc__date_parse(&out, text, strlen(text)));
    return out;
}

static void check_day(const hc__hours *hours, const char *date, size_t count, int from, int to)
{
    size_t got;
    const hc__range *ranges = hc__hours_of(hours, day(date), &got);

    ck_assert_msg(got == count, "%s has %zu ranges, not %zu", date, got, count);
    if (count > 0) {
        ck_assert_int_eq(ranges[0].from, from);
        ck_assert_int_eq(ranges[count - 1].to, to);
    }
}

START_TEST(a_week_is_read_by_its_days)
{
    hc__hours hours;

    ck_assert_int_eq(
        hc__hours_read(&hours, &arena,
                       "{\"mon\":[[\"09:00\",\"12:00\"],[\"13:00\",\"17:30\"]],\"sun\":[[\"00:00\",\"24:00\"]],"
                       "\"tue\":[]}",
                       NULL, NULL),
        HC_OK);
    check_day(&hours, "2026-11-23", 2, 540, 1050); /* a Monday */
    check_day(&hours, "2026-11-24", 0, 0, 0);
    check_day(&hours, "2026-11-25", 0, 0, 0);
    check_day(&hours, "2026-11-29", 1, 0, 1440);
    check_day(&hours, "1969-12-28", 1, 0, 1440); /* a Sunday before the epoch */
    check_day(&hours, "1969-12-29", 2, 540, 1050);
}
END_TEST

START_TEST(without_hours_it_is_the_office_week)
{
    hc__hours hours;

    ck_assert_int_eq(hc__hours_read(&hours, &arena, NULL, NULL, NULL), HC_OK);
    check_day(&hours, "2026-11-23", 1, 540, 1020);
    check_day(&hours, "2026-11-27", 1, 540, 1020);
    check_day(&hours, "2026-11-28", 0, 0, 0);
    check_day(&hours, "2026-11-29", 0, 0, 0);
    ck_assert_int_eq(hc__hours_read(&hours, &arena, "{}", "[]", NULL), HC_OK);
    check_day(&hours, "2026-11-23", 0, 0, 0);
}
END_TEST

START_TEST(an_exception_takes_the_place_of_its_day)
{
    char many[8192] = "[", one[80];
    hc__hours hours;

    ck_assert_int_eq(hc__hours_read(&hours, &arena, NULL,
                                    "[{\"hours\":[[\"10:00\",\"11:00\"]],\"date\":\"2026-12-26\"},"
                                    "{\"date\":\"2026-12-24\",\"hours\":[]}]",
                                    NULL),
                     HC_OK);
    check_day(&hours, "2026-12-23", 1, 540, 1020);
    check_day(&hours, "2026-12-24", 0, 0, 0);
    check_day(&hours, "2026-12-25", 1, 540, 1020);
    check_day(&hours, "2026-12-26", 1, 600, 660); /* a Saturday */
    for (int i = 59; i > 0; i--) {
        snprintf(one, sizeof one, "%s{\"date\":\"2027-%02d-%02d\",\"hours\":[]}", i == 59 ? "" : ",", 1 + i % 12,
                 1 + i % 28);
        strcat(many, one);
    }
    strcat(many, "]");
    ck_assert_int_eq(hc__hours_read(&hours, &arena, "{\"mon\":[[\"09:00\",\"17:00\"]]}", many, NULL), HC_OK);
    ck_assert_uint_eq(hours.exception_count, 59);
    for (size_t i = 1; i < hours.exception_count; i++)
        ck_assert_int_lt(hours.exceptions[i - 1].date, hours.exceptions[i].date);
}
END_TEST

START_TEST(what_is_wrong_is_told_by_column_and_day)
{
    static const struct {
        const char *hours, *exceptions, *column, *word;
    } bad[] = {
        {"[\"9 to 5\"]", NULL, "working_hours", "days are"},
        {"{\"monday\":[]}", NULL, "working_hours", "days are"},
        {"{\"mon\":{}}", NULL, "working_hours", "mon"},
        {"{\"mon\":[\"09:00\",\"17:00\"]}", NULL, "working_hours", "mon"},
        {"{\"mon\":[[\"09:00\"]]}", NULL, "working_hours", "HH:MM"},
        {"{\"mon\":[[\"09:00\",\"17:00\",\"18:00\"]]}", NULL, "working_hours", "two times"},
        {"{\"mon\":[[\"9:00\",\"17:00\"]]}", NULL, "working_hours", "HH:MM"},
        {"{\"mon\":[[\"09:03\",\"17:00\"]]}", NULL, "working_hours", "five minutes"},
        {"{\"mon\":[[\"09:60\",\"17:00\"]]}", NULL, "working_hours", "HH:MM"},
        {"{\"mon\":[[\"09:00\",\"24:05\"]]}", NULL, "working_hours", "HH:MM"},
        {"{\"mon\":[[\"09:00\",\"25:00\"]]}", NULL, "working_hours", "HH:MM"},
        {"{\"mon\":[[900,1700]]}", NULL, "working_hours", "HH:MM"},
        {"{\"tue\":[[\"17:00\",\"09:00\"]]}", NULL, "working_hours", "tue: a range ends"},
        {"{\"tue\":[[\"09:00\",\"09:00\"]]}", NULL, "working_hours", "ends after"},
        {"{\"tue\":[[\"09:00\",\"12:00\"],[\"11:00\",\"13:00\"]]}", NULL, "working_hours", "overlap"},
        {"{\"tue\":[[\"13:00\",\"14:00\"],[\"09:00\",\"12:00\"]]}", NULL, "working_hours", "rise"},
        {"{\"tue\":[", NULL, "working_hours", "JSON"},
        {"{} {}", NULL, "working_hours", "JSON"},
        {NULL, "{}", "exceptions", "array of exceptions"},
        {NULL, "[\"2026-12-24\"]", "exceptions", "array of exceptions"},
        {NULL, "[{\"date\":\"2026-12-24\"}]", "exceptions", "hours"},
        {NULL, "[{\"hours\":[]}]", "exceptions", "date"},
        {NULL, "[{\"date\":\"2026-02-29\",\"hours\":[]}]", "exceptions", "YYYY-MM-DD"},
        {NULL, "[{\"date\":\"24.12.2026\",\"hours\":[]}]", "exceptions", "YYYY-MM-DD"},
        {NULL, "[{\"date\":\"2026-12-24\",\"hours\":[[\"x\",\"y\"]]}]", "exceptions", "2026-12-24"},
        {NULL, "[{\"date\":\"2026-12-24\",\"hours\":[],\"why\":\"\"}]", "exceptions", "an exception is"},
        {NULL, "[{\"date\":\"2026-12-24\",\"hours\":[]},{\"date\":\"2026-12-24\",\"hours\":[]}]", "exceptions",
         "twice"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_error err = {0};
        hc__hours hours;

        ck_assert_int_eq(hc__hours_read(&hours, &arena, bad[i].hours, bad[i].exceptions, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, bad[i].column);
        ck_assert_msg(strstr(err.message, bad[i].word) != NULL, "%zu: %s", i, err.message);
    }
}
END_TEST

START_TEST(a_day_has_a_bounded_number_of_ranges)
{
    char text[1024] = "{\"mon\":[", one[40];
    hc__hours hours;

    for (int i = 0; i <= HC__RANGES_LIMIT; i++) {
        snprintf(one, sizeof one, "%s[\"%02d:%02d\",\"%02d:%02d\"]", i == 0 ? "" : ",", i / 6, i % 6 * 10, i / 6,
                 i % 6 * 10 + 5);
        strcat(text, one);
        if (i + 1 == HC__RANGES_LIMIT) {
            char whole[1100];

            snprintf(whole, sizeof whole, "%s]}", text);
            ck_assert_int_eq(hc__hours_read(&hours, &arena, whole, NULL, NULL), HC_OK);
        }
    }
    strcat(text, "]}");
    ck_assert_int_eq(hc__hours_read(&hours, &arena, text, NULL, NULL), HC_ERR_INVALID);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_week_is_read_by_its_days);
    tcase_add_test(tcase, without_hours_it_is_the_office_week);
    tcase_add_test(tcase, an_exception_takes_the_place_of_its_day);
    tcase_add_test(tcase, what_is_wrong_is_told_by_column_and_day);
    tcase_add_test(tcase, a_day_has_a_bounded_number_of_ranges);
}

int main(void)
{
    return suite_main("model.hours", fill, setup, teardown);
}
