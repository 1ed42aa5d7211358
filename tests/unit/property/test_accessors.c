#include <string.h>

#include "client/handle.h"
#include "homeconnect/agent.h"
#include "homeconnect/property.h"
#include "homeconnect/user.h"
#include "suite.h"

static hc__mem mem;
static hc__arena arena;
static hc_property home;
static hc_error err;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    hc__arena_init(&arena, &mem, NULL, 0);
    ck_assert_int_eq(hc__record_init(&home.record, &hc__property_entity, &arena, &err), HC_OK);
}

static void teardown(void)
{
    hc__arena_free(&arena);
}

START_TEST(what_is_set_is_got)
{
    hc_id agent = {{1, 2, 3}};
    hc_id got;

    hc_property_set_title(&home, "Bungalow by the creek");
    hc_property_set_price(&home, INT64_C(99999999999999));
    hc_property_set_latitude(&home, INT64_C(-9000000000));
    hc_property_set_baths(&home, 225);
    hc_property_set_agent_id(&home, agent);
    hc_property_set_standard_status(&home, HC_PROPERTY_STANDARD_HOLD);
    hc_property_set_extras(&home, "{ \"b\":1, \"a\":2 }");
    hc_property_set_list_date(&home, -1);
    ck_assert_str_eq(hc_property_title(&home), "Bungalow by the creek");
    ck_assert_int_eq(hc_property_price(&home), INT64_C(99999999999999));
    ck_assert_int_eq(hc_property_latitude(&home), INT64_C(-9000000000));
    ck_assert_int_eq(hc_property_baths(&home), 225);
    got = hc_property_agent_id(&home);
    ck_assert_mem_eq(got.bytes, agent.bytes, 16);
    ck_assert_int_eq(hc_property_standard_status(&home), HC_PROPERTY_STANDARD_HOLD);
    ck_assert_str_eq(hc_property_extras(&home), "{\"a\":2,\"b\":1}");
    ck_assert_int_eq(hc_property_list_date(&home), -1);
    ck_assert_int_eq(home.record.fault, HC_OK);
}
END_TEST

START_TEST(null_is_told_apart_from_zero)
{
    ck_assert_int_eq(hc_property_beds(&home), 0);
    ck_assert_ptr_null(hc_property_title(&home));
    ck_assert_int_eq(hc_property_is_null(&home, HC_PROPERTY_BEDS), 1);
    hc_property_set_beds(&home, 0);
    ck_assert_int_eq(hc_property_is_null(&home, HC_PROPERTY_BEDS), 0);
    hc_property_set_null(&home, HC_PROPERTY_BEDS);
    ck_assert_int_eq(hc_property_is_null(&home, HC_PROPERTY_BEDS), 1);
    ck_assert(hc__record_is_set(&home.record, HC_PROPERTY_BEDS));
    ck_assert_int_eq(hc_property_is_null(&home, -1), 1);
    ck_assert_int_eq(hc_property_is_null(&home, INT32_MAX), 1);
    ck_assert_int_eq(hc_property_is_null(&home, hc__property_f_words_title), 1);
    ck_assert_int_eq(home.record.fault, HC_OK);
    hc_property_set_null(&home, 70000);
    ck_assert_int_eq(home.record.fault, HC_ERR_INVALID);
}
END_TEST

/* H04 */
START_TEST(null_handles_do_nothing)
{
    hc_id id = {{9}};

    hc_property_set_title(NULL, "x");
    hc_property_set_price(NULL, 1);
    hc_property_set_agent_id(NULL, id);
    hc_property_set_null(NULL, HC_PROPERTY_BEDS);
    ck_assert_ptr_null(hc_property_title(NULL));
    ck_assert_int_eq(hc_property_price(NULL), 0);
    id = hc_property_id(NULL);
    ck_assert_int_eq(id.bytes[0], 0);
    ck_assert_int_eq(hc_property_is_null(NULL, HC_PROPERTY_ID), 1);
    ck_assert_int_eq(hc_property_from_json(NULL, "{}", 2, &err), HC_ERR_NO_MEMORY);
    ck_assert_int_eq(hc_property_from_json(&home, NULL, 0, &err), HC_ERR_INVALID);
    ck_assert_int_eq(hc_property_to_json(NULL, &home, &err), HC_ERR_MISUSE);
    ck_assert_ptr_null(hc_user_email(NULL));
    ck_assert_int_eq(hc_agent_rating(NULL), 0);
}
END_TEST

/* A03 */
START_TEST(json_sets_what_setters_set_and_nothing_else)
{
    static const char good[] = "{\"price\":\"489000.00\",\"beds\":3}";
    static const char bad[] = "{\"beds\":3,\"version\":2}";

    ck_assert_int_eq(hc_property_from_json(&home, good, strlen(good), &err), HC_OK);
    ck_assert_int_eq(hc_property_price(&home), 48900000);
    ck_assert_int_eq(hc_property_beds(&home), 3);
    ck_assert_int_eq(hc_property_from_json(&home, bad, strlen(bad), &err), HC_ERR_FORBIDDEN);
    ck_assert_str_eq(err.field, "version");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_set_is_got);
    tcase_add_test(tcase, null_is_told_apart_from_zero);
    tcase_add_test(tcase, null_handles_do_nothing);
    tcase_add_test(tcase, json_sets_what_setters_set_and_nothing_else);
}

int main(void)
{
    return suite_main("property.accessors", fill, setup, teardown);
}
