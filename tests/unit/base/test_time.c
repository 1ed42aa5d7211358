#include "suite.h"

#include <string.h>
#include <time.h>

#include "base/time.h"

static bool parse(int64_t *out, const char *text)
{
    return hc__time_parse(out, text, strlen(text));
}

/* D03 */
START_TEST(only_instants_with_an_offset_are_taken)
{
    static const char *const bad[] = {
        "2026-03-08T02:30",
        "2026-03-08T02:30:00",
        "2026-03-08 02:30:00Z",
        "2026-03-08t02:30:00Z",
        "2026-03-08T02:30:00z",
        "2026-06-30T23:59:60Z",
        "2026-06-30T24:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+14:60",
        "2026-01-01T00:00:00+1400",
        "2026-01-01T00:00:00+14",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567890Z",
        "2026-01-01T00:00:00Z ",
        " 2026-01-01T00:00:00Z",
        "2026-1-01T00:00:00Z",
        "2026-01-01",
        "",
        "Z",
        "2026-01-01T00:00:00,5Z",
        "-026-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-01-01T00:00Z",
        "20260101T000000Z",
    };
    int64_t at;
    int64_t other;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!parse(&at, bad[i]), "%s", bad[i]);
    ck_assert(parse(&at, "2026-11-01T01:30:00-05:00"));
    ck_assert(parse(&other, "2026-11-01T01:30:00-06:00"));
    ck_assert_int_eq(other - at, 3600 * HC__SECOND);
    ck_assert(parse(&at, "2026-01-01T00:00:00+14:00"));
    ck_assert(parse(&other, "2025-12-31T10:00:00Z"));
    ck_assert_int_eq(at, other);
    ck_assert(parse(&at, "1970-01-01T00:00:00-23:59"));
    ck_assert_int_eq(at, (23 * 3600 + 59 * 60) * HC__SECOND);
    ck_assert(!hc__time_parse(&at, "2026-01-01T00:00:00Z", 19));
}
END_TEST

static void assert_text(const char *text, int64_t micros)
{
    char back[32];
    int64_t at;

    ck_assert_msg(parse(&at, text), "%s", text);
    ck_assert_int_eq(at, micros);
    ck_assert_uint_eq(hc__time_format(back, at), strlen(text));
    ck_assert_str_eq(back, text);
}

START_TEST(instants_go_out_and_come_back)
{
    int64_t at;
    char text[32];

    assert_text("1970-01-01T00:00:00Z", 0);
    assert_text("1969-12-31T23:59:59.999999Z", -1);
    assert_text("2026-11-23T01:28:38.123456Z", INT64_C(1795397318123456));
    assert_text("2000-02-29T12:00:00Z", INT64_C(951825600000000));
    assert_text("2038-01-19T03:14:08Z", INT64_C(2147483648000000));
    assert_text("0001-01-01T00:00:00Z", INT64_C(-62135596800000000));
    assert_text("9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999));
    ck_assert(parse(&at, "1970-01-01T00:00:00.1Z"));
    ck_assert_int_eq(at, 100000);
    ck_assert(parse(&at, "1970-01-01T00:00:00.123456999Z"));
    ck_assert_int_eq(at, 123456);
    hc__time_format(text, INT64_MAX);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999999Z");
    hc__time_format(text, INT64_MIN);
    ck_assert_str_eq(text, "0001-01-01T00:00:00Z");
}
END_TEST

START_TEST(every_day_of_the_calendar_agrees_with_the_next)
{
    int32_t first = hc__days_from_civil(1, 1, 1);
    int32_t last = hc__days_from_civil(9999, 12, 31);
    int year = 1;
    int month = 1;
    int day = 1;

    for (int32_t days = first; days <= last; days++) {
        int y;
        int m;
        int d;

        hc__civil_from_days(days, &y, &m, &d);
        ck_assert(y == year && m == month && d == day);
        ck_assert_int_eq(hc__days_from_civil(y, m, d), days);
        if (hc__date_valid(year, month, day + 1)) {
            day++;
        } else {
            day = 1;
            year += month == 12;
            month = month == 12 ? 1 : month + 1;
        }
    }
    ck_assert_int_eq(year, 10000);
}
END_TEST

START_TEST(dates_are_strict)
{
    static const char *const bad[] = {"2026-02-29", "1900-02-29",  "2026-1-1", "20260101",
                                      "2026/01/01", "2026-01-01Z", ""};
    int32_t days;
    char text[32];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!hc__date_parse(&days, bad[i], strlen(bad[i])), "%s", bad[i]);
    ck_assert(hc__date_parse(&days, "2014-10-13", 10));
    ck_assert_uint_eq(hc__date_format(text, days), 10);
    ck_assert_str_eq(text, "2014-10-13");
    ck_assert(hc__date_parse(&days, "2000-02-29", 10));
    ck_assert_int_eq(hc__day_of(-1), -1);
    ck_assert_int_eq(hc__day_of(0), 0);
    ck_assert_int_eq(hc__day_of(-HC__DAY), -1);
    ck_assert_int_eq(hc__day_of(HC__DAY), 1);
}
END_TEST

START_TEST(what_is_outside_of_the_calendar_is_cut_or_refused)
{
    static const char *const bad[] = {"2026-01-01T00:00:00+01:x0", "2026-01-01T00:00:00+01:60",
                                      "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00 01:00",
                                      "0000-01-01T00:00:00Z",      "2026-00-01T00:00:00Z"};
    char text[32];
    int64_t micros;
    int year, month, day;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(!hc__time_parse(&micros, bad[i], strlen(bad[i])), "%s", bad[i]);
    ck_assert(!hc__date_valid(0, 12, 31) && !hc__date_valid(10000, 1, 1));
    ck_assert(!hc__date_valid(2026, 13, 1) && !hc__date_valid(2026, 1, 0));
    ck_assert_uint_eq(hc__date_format(text, INT32_MIN), 10);
    ck_assert_str_eq(text, "0001-01-01");
    ck_assert_uint_eq(hc__date_format(text, INT32_MAX), 10);
    ck_assert_str_eq(text, "9999-12-31");
    hc__civil_from_days(-719469, &year, &month, &day); /* the day before eras begin */
    ck_assert(year == 0 && month == 2 && day == 29);
    ck_assert_int_eq(hc__days_from_civil(0, 2, 29), -719469);
}
END_TEST

START_TEST(times_of_documents_have_whole_milliseconds)
{
    ck_assert_int_eq(hc__whole_millis(1999), 1000);
    ck_assert_int_eq(hc__whole_millis(2000), 2000);
    ck_assert_int_eq(hc__whole_millis(-1), -1000);
    ck_assert_int_eq(hc__whole_millis(-1000), -1000);
    ck_assert_int_eq(hc__whole_millis(-1001), -2000);
}
END_TEST

START_TEST(the_clocks_run)
{
    int64_t before = hc__os_monotonic();

    ck_assert_int_ge(hc__os_monotonic(), before);
    ck_assert_int_le(llabs(hc__os_now() / HC__SECOND - (int64_t)time(NULL)), 2);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, only_instants_with_an_offset_are_taken);
    tcase_add_test(tcase, instants_go_out_and_come_back);
    tcase_add_test(tcase, every_day_of_the_calendar_agrees_with_the_next);
    tcase_add_test(tcase, dates_are_strict);
    tcase_add_test(tcase, what_is_outside_of_the_calendar_is_cut_or_refused);
    tcase_add_test(tcase, times_of_documents_have_whole_milliseconds);
    tcase_add_test(tcase, the_clocks_run);
}

int main(void)
{
    return suite_main("time", fill, NULL, NULL);
}
