#include "lead/lead_noun.h"
#include "suite.h"

/* One number, however it is written: E.164 where it says or the country is known, else its digits. */
START_TEST(numbers_have_one_form)
{
    static const struct {
        const char *typed, *country, *want; /* NULL: refused */
    } cases[] = {
        {"(512) 555-0100", "US", "+15125550100"},
        {"1 512 555 0100", "US", "+15125550100"},
        {"011 49 30 123456", "US", "+4930123456"},
        {"512.555.0100", NULL, "5125550100"},
        {"512/555/0100", "XX", "5125550100"},
        {"555-0100", "US", "5550100"},               /* without an area: not a number of the country */
        {"11 49 30 1234567", "US", "1149301234567"}, /* nor this: so it keeps its first digit */
        {" +1 512 555 0100", NULL, "+15125550100"},
        {"+49 (30) 123456", "US", "+4930123456"},
        {"030 123456", "DE", "+4930123456"},
        {"0049 30 123456", "DE", "+4930123456"},
        {"0049 30 123456", NULL, "+4930123456"},
        {"020 7946 0958", "GB", "+442079460958"},
        {"06 12345678", "IT", "+390612345678"}, /* keeps its zero */
        {"98-41234567", "NP", "+9779841234567"},
        {"+123456789012345", NULL, "+123456789012345"},
        {"+1234567890123456", NULL, NULL},
        {"123456", NULL, NULL},
        {"", NULL, NULL},
        {"+", NULL, NULL},
        {"++4930123456", NULL, NULL},
        {"512 555 0100 x12", "US", NULL},
        {"5125550100\r\n", NULL, NULL},
        {"\xef\xbc\x95\xef\xbc\x91\xef\xbc\x92 555 0100", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[HC__PHONE_SIZE] = "", again[HC__PHONE_SIZE];
        bool good = hc__phone_canonical(out, cases[i].typed, cases[i].country);
        ck_assert_msg(good == (cases[i].want != NULL), "%s", cases[i].typed);
        if (!good)
            continue;
        ck_assert_str_eq(out, cases[i].want);
        ck_assert(hc__phone_canonical(again, out, cases[i].country)); /* it is a form */
        ck_assert_str_eq(again, out);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, numbers_have_one_form);
}

int main(void)
{
    return suite_main("lead.phone", fill, NULL, NULL);
}
