#include "suite.h"

#include <string.h>

#include "base/decimal.h"

static hc__decimal_result parse(int64_t *out, const char *text, int scale, hc__rounding how)
{
    return hc__decimal_parse(out, text, strlen(text), scale, how);
}

/* P05 */
START_TEST(money_is_exact_or_refused)
{
    static const char *const bad[] = {"",      "NaN",   "inf",   "1,000", "\xef\xbc\x91\xef\xbc\x92",
                                      "0x10",  "+5",    "1e309", "1e5",   ".5",
                                      "5.",    "-",     "--1",   " 1",    "1 ",
                                      "1.2.3", "$5.00", "1_000", "1.-5"};
    int64_t value;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ck_assert_msg(parse(&value, bad[i], 2, HC__EXACT) == HC__DECIMAL_SYNTAX, "%s", bad[i]);
    ck_assert_int_eq(parse(&value, "10.005", 2, HC__EXACT), HC__DECIMAL_INEXACT);
    ck_assert_int_eq(parse(&value, "-0.01", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, -1); /* the range is the field's business */
    ck_assert_int_eq(parse(&value, "999999999999.99", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, INT64_C(99999999999999));
    ck_assert_int_eq(parse(&value, "0.01", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, 1);
    ck_assert_int_eq(parse(&value, "489000", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, 48900000);
    ck_assert_int_eq(parse(&value, "0000489000.0000000000000000000000", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, 48900000);
    ck_assert_int_eq(hc__decimal_parse(&value, "1\0", 2, 2, HC__EXACT), HC__DECIMAL_SYNTAX);
}
END_TEST

START_TEST(the_ends_of_the_range_hold)
{
    int64_t value;

    ck_assert_int_eq(parse(&value, "92233720368547758.07", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert_int_eq(parse(&value, "-92233720368547758.08", 2, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert_int_eq(parse(&value, "92233720368547758.08", 2, HC__EXACT), HC__DECIMAL_RANGE);
    ck_assert_int_eq(parse(&value, "-92233720368547758.09", 2, HC__EXACT), HC__DECIMAL_RANGE);
    ck_assert_int_eq(parse(&value, "92233720368547758.075", 2, HC__HALF_EVEN), HC__DECIMAL_RANGE);
    ck_assert_int_eq(parse(&value, "92233720368547758.0749", 2, HC__HALF_EVEN), HC__DECIMAL_INEXACT);
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert_int_eq(parse(&value, "-92233720368547758.081", 2, HC__FLOOR), HC__DECIMAL_RANGE);
    ck_assert_int_eq(parse(&value, "99999999999999999999999999999999999999999999", 0, HC__FLOOR), HC__DECIMAL_RANGE);
    ck_assert_int_eq(parse(&value, "18446744073709551616", 0, HC__FLOOR), HC__DECIMAL_RANGE);
}
END_TEST

typedef struct rounding_row {
    const char *text;
    int64_t half_even;
    int64_t floor;
} rounding_row;

START_TEST(rounding_is_half_even_or_floor)
{
    static const rounding_row rows[] = {
        {"1.005", 100, 100},     {"1.015", 102, 101},
        {"1.0150001", 102, 101}, {"1.0149999", 101, 101},
        {"1.025", 102, 102},     {"-1.005", -100, -101},
        {"-1.015", -102, -102},  {"-1.0149", -101, -102},
        {"0.005", 0, 0},         {"-0.005", 0, -1},
        {"-0.001", 0, -1},       {"0.009", 1, 0},
        {"47.5112", 4751, 4751}, {"0.00500000000000000000000000000001", 1, 0},
    };
    int64_t value;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(parse(&value, rows[i].text, 2, HC__HALF_EVEN), HC__DECIMAL_INEXACT);
        ck_assert_msg(value == rows[i].half_even, "%s: %lld", rows[i].text, (long long)value);
        ck_assert_int_eq(parse(&value, rows[i].text, 2, HC__FLOOR), HC__DECIMAL_INEXACT);
        ck_assert_msg(value == rows[i].floor, "%s: %lld", rows[i].text, (long long)value);
        ck_assert_int_eq(parse(&value, rows[i].text, 2, HC__EXACT), HC__DECIMAL_INEXACT);
        ck_assert_int_eq(value, rows[i].floor);
    }
}
END_TEST

static void assert_text(int64_t units, int scale, const char *expected)
{
    char text[32];
    int64_t back;

    ck_assert_uint_eq(hc__decimal_format(text, units, scale), strlen(expected));
    ck_assert_str_eq(text, expected);
    ck_assert_int_eq(parse(&back, text, scale, HC__EXACT), HC__DECIMAL_OK);
    ck_assert_int_eq(back, units);
}

START_TEST(all_decimals_are_written)
{
    assert_text(48900000, 2, "489000.00");
    assert_text(0, 2, "0.00");
    assert_text(0, 0, "0");
    assert_text(5, 2, "0.05");
    assert_text(-5, 2, "-0.05");
    assert_text(-12345, 0, "-12345");
    assert_text(4751120000, 8, "47.51120000");
    assert_text(INT64_MIN, 2, "-92233720368547758.08");
    assert_text(INT64_MIN, 18, "-9.223372036854775808");
    assert_text(INT64_MAX, 0, "9223372036854775807");
    assert_text(1, 18, "0.000000000000000001");
}
END_TEST

START_TEST(products_and_scales_are_exact)
{
    int64_t value;

    ck_assert(hc__muldiv(&value, 7, 1, 2));
    ck_assert_int_eq(value, 4);
    ck_assert(hc__muldiv(&value, 5, 1, 2));
    ck_assert_int_eq(value, 2);
    ck_assert(hc__muldiv(&value, -7, 1, 2));
    ck_assert_int_eq(value, -4);
    ck_assert(hc__muldiv(&value, 5, 1, -2));
    ck_assert_int_eq(value, -2);
    ck_assert(hc__muldiv(&value, INT64_MAX, INT64_MAX, INT64_MAX));
    ck_assert_int_eq(value, INT64_MAX);
    ck_assert(hc__muldiv(&value, INT64_MIN, INT64_MIN, INT64_MIN));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert(!hc__muldiv(&value, INT64_MIN, 1, -1));
    ck_assert(!hc__muldiv(&value, INT64_MAX, 2, 1));
    ck_assert(!hc__muldiv(&value, 1, 1, 0));
    ck_assert(hc__muldiv(&value, 2, 1, 3)); /* nearer to the next one */
    ck_assert_int_eq(value, 1);
    ck_assert(hc__muldiv(&value, -2, 1, 3));
    ck_assert_int_eq(value, -1);
    ck_assert(hc__rescale(&value, 12345, 2, 4));
    ck_assert_int_eq(value, 1234500);
    ck_assert(hc__rescale(&value, 12345, 2, 1));
    ck_assert_int_eq(value, 1234);
    ck_assert(hc__rescale(&value, -12355, 2, 1));
    ck_assert_int_eq(value, -1236);
    ck_assert(!hc__rescale(&value, INT64_MAX, 0, 1));
    ck_assert(hc__rescale(&value, INT64_MAX, 18, 0));
    ck_assert_int_eq(value, 9);
    ck_assert(hc__rescale(&value, 0, 0, 19));
    ck_assert_int_eq(value, 0);
    ck_assert(!hc__rescale(&value, 1, 0, 20)); /* whatever is asked of them, powers stay within 128 bits */
    ck_assert(!hc__rescale(&value, 1, 39, 0));
}
END_TEST

START_TEST(no_scale_is_beyond_what_is_written)
{
    char text[48];

    ck_assert_uint_eq(hc__decimal_format(text, -5, 18), 21);
    ck_assert_str_eq(text, "-0.000000000000000005");
    ck_assert_uint_eq(hc__decimal_format(text, -5, 40), 21);
    ck_assert_str_eq(text, "-0.000000000000000005");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, money_is_exact_or_refused);
    tcase_add_test(tcase, the_ends_of_the_range_hold);
    tcase_add_test(tcase, rounding_is_half_even_or_floor);
    tcase_add_test(tcase, all_decimals_are_written);
    tcase_add_test(tcase, products_and_scales_are_exact);
    tcase_add_test(tcase, no_scale_is_beyond_what_is_written);
}

int main(void)
{
    return suite_main("decimal", fill, NULL, NULL);
}
