/* Listings as JSON: what goes out, what comes back, what is refused and by which name. */
#include <stdio.h>
#include <string.h>

#include "house.h"

static hc_property *full(void)
{
    hc_property *home = house_sketch("All \"fields\" \xc3\xa9\n", 48900050);

    hc_property_set_description(home, "Tab\there, back\\slash, \xf0\x9f\x8f\xa0");
    hc_property_set_beds(home, 0);
    hc_property_set_baths(home, 225);
    hc_property_set_sqft(home, 1480);
    hc_property_set_standard_status(home, HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT);
    hc_property_set_currency(home, "CAD");
    hc_property_set_country(home, "US");
    hc_property_set_property_subtype(home, HC_PROPERTY_SUBTYPE_SINGLE_FAMILY_RESIDENCE);
    hc_property_set_latitude(home, INT64_C(-3024500001));
    hc_property_set_longitude(home, INT64_C(-17999999999));
    hc_property_set_lot_sqft(home, 99999999);
    hc_property_set_year_built(home, 1938);
    hc_property_set_listing_id(home, "A-1");
    hc_property_set_list_date(home, -1);
    hc_property_set_original_price(home, INT64_C(99999999999999));
    hc_property_set_close_price(home, 1);
    hc_property_set_close_date(home, 20000);
    hc_property_set_display_ok(home, 1);
    hc_property_set_display_address_ok(home, 0);
    hc_property_set_time_zone(home, "America/Chicago");
    hc_property_set_exclusive_showings(home, 1);
    hc_property_set_extras(home, "{\"b\":[1,2.50,null,true],\"a\":\"\\u00e9\"}");
    return home;
}

static hc_text *json_of(const hc_property *home)
{
    hc_text *json = NULL;

    HOUSE_OK(hc_property_to_json(&json, home, err));
    ck_assert_uint_eq(strlen(hc_text_data(json)), hc_text_size(json));
    return json;
}

START_TEST(what_goes_out_comes_back)
{
    hc_property *home = full(), *again = hc_property_new(house.client);
    static const char text[] = "{\"title\":\"All \\\"fields\\\" \xc3\xa9\\n\",\"price\":\"489000.50\"}";
    hc_text *first = json_of(home), *second;
    char *settable = strdup(hc_text_data(first));

    ck_assert_ptr_nonnull(strstr(settable, "\"price\":\"489000.50\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"baths\":\"2.25\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"latitude\":\"-30.24500001\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"longitude\":\"-179.99999999\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"list_date\":\"1969-12-31\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"standard_status\":\"Active Under Contract\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"property_type\":\"house\""));
    ck_assert_ptr_nonnull(strstr(settable, "\"beds\":0"));
    ck_assert_ptr_nonnull(strstr(settable, "\"exclusive_showings\":true"));
    ck_assert_ptr_nonnull(strstr(settable, "\"extras\":{\"a\":\"\xc3\xa9\",\"b\":[1,2.5,null,true]}"));
    ck_assert_ptr_null(strstr(settable, "norm"));
    ck_assert_ptr_null(strstr(settable, "words"));
    free(settable);
    /* Members that only the library writes are refused, so the round trip is of those that hosts set. */
    HOUSE_OK(hc_property_from_json(again, text, strlen(text), err));
    ck_assert_str_eq(hc_property_title(again), hc_property_title(home));
    ck_assert_int_eq(hc_property_price(again), 48900050);
    second = json_of(again);
    hc_text_free(second);
    hc_text_free(first);
    hc_property_free(again);
    hc_property_free(home);
}
END_TEST

START_TEST(a_stored_listing_goes_round)
{
    static const char *const library[] = {"id",
                                          "status",
                                          "created_at",
                                          "updated_at",
                                          "version",
                                          "deleted_at",
                                          "status_changed_at",
                                          "price_changed_at",
                                          "previous_price",
                                          "price_per_sqft",
                                          "price_reduced",
                                          "days_to_close",
                                          "agent_id",
                                          "source_system",
                                          "source_key"};
    hc_property *home = full(), *row, *again = hc_property_new(house.client);
    hc_text *json, *second;
    hc_id id;
    char *text, *at;

    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
    row = house_read(house.ana, id);
    json = json_of(row);
    text = strdup(hc_text_data(json));
    for (size_t i = 0; i < sizeof library / sizeof library[0]; i++) { /* cut out what the agent does not write */
        char name[64];
        size_t size;
        snprintf(name, sizeof name, "\"%s\":", library[i]);
        at = strstr(text, name);
        ck_assert_msg(at != NULL, "%s", name);
        size = strlen(name);
        size += at[size] == '"' ? strcspn(at + size + 1, "\"") + 2 : strcspn(at + size, ",}");
        size += at[size] == ',';
        memmove(at, at + size, strlen(at + size) + 1);
    }
    HOUSE_OK(hc_property_from_json(again, text, strlen(text), err));
    HOUSE_OK(hc_property_create(&id, house.ana, again, err));
    hc_property_free(again);
    again = house_read(house.ana, id);
    second = json_of(again);
    /* equal but for id and nothing else: the clock stands still */
    at = strdup(hc_text_data(second));
    memcpy(strstr(at, "\"id\":\"") + 6, strstr(hc_text_data(json), "\"id\":\"") + 6, 36);
    ck_assert_str_eq(at, hc_text_data(json));
    free(at);
    free(text);
    hc_text_free(second);
    hc_text_free(json);
    hc_property_free(again);
    hc_property_free(row);
}
END_TEST

static void refused(const char *json, size_t size, hc_status want, const char *field)
{
    hc_property *home = house_sketch("J", 1);
    hc_error err = {0};
    hc_status status = hc_property_from_json(home, json, size, &err);
    hc_id id;

    ck_assert_msg(status == want, "%.60s: %s, not %s: %s", json, hc_status_name(status), hc_status_name(want),
                  err.message);
    ck_assert_msg(strcmp(err.field, field) == 0, "%.60s: field %s, not %s", json, err.field, field);
    if (want == HC_ERR_INVALID)
        ck_assert_int_eq(hc_property_create(&id, house.ana, home, NULL), HC_ERR_INVALID); /* it sticks */
    hc_property_free(home);
}

START_TEST(the_member_at_fault_is_named)
{
    static const struct {
        const char *json;
        hc_status status;
        const char *field;
    } bad[] = {
        {"{\"price\":\"12,5\"}", HC_ERR_INVALID, "price"},
        {"{\"beds\":\"three\"}", HC_ERR_INVALID, "beds"},
        {"{\"title\":5}", HC_ERR_INVALID, "title"},
        {"{\"title\":null}", HC_ERR_INVALID, "title"},
        {"{\"city\":[\"a\"]}", HC_ERR_INVALID, "city"},
        {"{\"property_type\":\"castle\"}", HC_ERR_INVALID, "property_type"},
        {"{\"list_date\":\"2025-02-29\"}", HC_ERR_INVALID, "list_date"},
        {"{\"display_ok\":\"yes\"}", HC_ERR_INVALID, "display_ok"},
        {"{\"agent_id\":7}", HC_ERR_INVALID, "agent_id"},
        {"{\"extras\":\"text\"}", HC_ERR_INVALID, "extras"},
        {"{\"colour\":\"red\"}", HC_ERR_INVALID, "colour"},
        {"{\"Title\":\"x\"}", HC_ERR_INVALID, "Title"},
        {"{\"password_hash\":\"x\"}", HC_ERR_INVALID, "password_hash"},
        {"{\"id\":\"018f3c5e-7a10-7b00-8000-000000000001\"}", HC_ERR_FORBIDDEN, "id"},
        {"{\"version\":1}", HC_ERR_FORBIDDEN, "version"},
        {"{\"created_at\":\"2025-01-01T00:00:00Z\"}", HC_ERR_FORBIDDEN, "created_at"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i].json, strlen(bad[i].json), bad[i].status, bad[i].field);
}
END_TEST

/* P10 */
START_TEST(text_that_is_no_json_object_is_refused)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "null",
                                      "[]",
                                      "5",
                                      "\"x\"",
                                      "{",
                                      "}",
                                      "{]",
                                      "{\"title\"}",
                                      "{\"title\":}",
                                      "{\"title\":\"a\",}",
                                      "{'title':'a'}",
                                      "{title:\"a\"}",
                                      "{\"title\":\"a\"} x",
                                      "{\"title\":\"a\"}{}",
                                      "{\"beds\":01}",
                                      "{\"beds\":+1}",
                                      "{\"beds\":NaN}",
                                      "{\"title\":\"a\",\"title\":\"b\"}",
                                      "{\"title\":\"\\u0000\"}",
                                      "{\"title\":\"\\ud800\"}",
                                      "{\"title\":\"\xff\"}",
                                      "\xef\xbb\xbf{\"title\":\"a\"}",
                                      "{\"title\":\"a\nb\"}",
                                      "{\"title\":\"a\"",
                                      "// c\n{}",
                                      "{\"extras\":{\"a\":1,\"a\":2}}"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_property *home = house_sketch("J", 1);
        hc_error err = {0};
        ck_assert_msg(hc_property_from_json(home, bad[i], strlen(bad[i]), &err) < 0, "taken: %s", bad[i]);
        ck_assert_msg(err.field[0] != '\0', "no field: %s", bad[i]);
        hc_property_free(home);
    }
    refused("{\0\"\0}\0", 6, HC_ERR_INVALID, "json"); /* UTF-16 */
}
END_TEST

static char *repeated(const char *head, const char *unit, size_t times, const char *tail)
{
    size_t at = strlen(head), size = strlen(unit);
    char *text = malloc(at + size * times + strlen(tail) + 1);

    memcpy(text, head, at);
    for (size_t i = 0; i < times; i++, at += size)
        memcpy(text + at, unit, size);
    memcpy(text + at, tail, strlen(tail) + 1);
    return text;
}

static void flood(const char *head, const char *unit, size_t times, const char *tail)
{
    char *text = repeated(head, unit, times, tail);
    hc_property *home = house_sketch("J", 1);
    hc_error err = {0};
    hc_status status = hc_property_from_json(home, text, strlen(text), &err);

    ck_assert_msg(status == HC_ERR_INVALID || status == HC_ERR_TOO_LARGE, "%s%s: %s: %s", head, unit,
                  hc_status_name(status), err.message);
    ck_assert_str_ne(err.field, "");
    hc_property_free(home);
    free(text);
}

/* P10 */
START_TEST(floods_of_json_are_refused)
{
    flood("{\"title\":\"", "0123456789", 1 << 20, "\"}"); /* 10 MiB */
    flood("{\"extras\":", "[", 100000, "");
    flood("{\"extras\":", "{\"a\":", 100000, "1}");
    flood("", "{\"extras\":", 33, "");
    flood("{\"extras\":[", "1,", 100000, "1]}");
    flood("{\"extras\":{\"a\":1", ",\"b\":1", 20000, "}}");
    flood("{\"price\":", "9", 1000000, "}");
    flood("{\"beds\":", "1", 100000, "}");
}
END_TEST

START_TEST(decimals_may_be_numbers_and_stay_exact)
{
    static const struct {
        const char *json;
        int64_t cents;
    } good[] = {{"{\"price\":489000}", 48900000},
                {"{\"price\":489000.5}", 48900050},
                {"{\"price\":\"489000.05\"}", 48900005},
                {"{\"price\":999999999999.99}", INT64_C(99999999999999)},
                {"{\"price\":0.01}", 1},
                {"{\"price\":0.10}", 10}};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        hc_property *home = hc_property_new(house.client);
        HOUSE_OK(hc_property_from_json(home, good[i].json, strlen(good[i].json), err));
        ck_assert_int_eq(hc_property_price(home), good[i].cents);
        hc_property_free(home);
    }
}
END_TEST

START_TEST(null_in_json_clears)
{
    static const char text[] = "{\"beds\":null,\"description\":null,\"sqft\":1500}";
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1), *row;

    HOUSE_OK(hc_property_from_json(edit, text, strlen(text), err));
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    row = house_read(house.ana, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_BEDS), 1);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_DESCRIPTION), 1);
    ck_assert_int_eq(hc_property_sqft(row), 1500);
    ck_assert_int_eq(hc_property_baths(row), 225);
    hc_property_free(row);
    hc_property_free(edit);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_goes_out_comes_back);
    tcase_add_test(tcase, a_stored_listing_goes_round);
    tcase_add_test(tcase, the_member_at_fault_is_named);
    tcase_add_test(tcase, text_that_is_no_json_object_is_refused);
    tcase_add_test(tcase, floods_of_json_are_refused);
    tcase_add_test(tcase, decimals_may_be_numbers_and_stay_exact);
    tcase_add_test(tcase, null_in_json_clears);
}

int main(void)
{
    return suite_main("api.property.json", fill, house_open, house_close);
}
