/* Reading listings one by one and many at once: who sees which, and what of it. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/import.h"
#include "house.h"

#define READERS 6
static hc_session *readers[READERS];
static const char *const names[READERS] = {"guest", "buyer", "another agent", "the agent", "admin", "system"};

static void open_readers(void)
{
    house_open();
    readers[0] = house.guest;
    readers[1] = house.bea;
    readers[2] = house.ben;
    readers[3] = house.ana;
    readers[4] = house.admin;
    readers[5] = house.system;
}

static void set_flag(void (*set)(hc_property *home, int32_t on), int32_t on, int32_t version)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], version);

    set(edit, on);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
}

START_TEST(everybody_reads_what_is_public)
{
    for (size_t i = 0; i < READERS; i++) {
        hc_property *row = house_read(readers[i], house.anas_ids[0]);
        ck_assert_str_eq(hc_property_title(row), "Bungalow by the creek");
        ck_assert_str_eq(hc_property_address(row), "12 Creek Rd");
        ck_assert_int_eq(hc_property_latitude(row), INT64_C(3024500000));
        hc_property_free(row);
    }
}
END_TEST

START_TEST(what_is_not_to_be_displayed_is_for_its_agent_and_admins)
{
    set_flag(hc_property_set_display_ok, 0, 1);
    (void)house_snapshot();
    for (size_t i = 0; i < READERS; i++) {
        hc_property *row = NULL;
        hc_property_page *page = NULL;
        hc_id ids[] = {house.anas_ids[0], house.anas_ids[2], house.anas_ids[1]};
        if (i < 3) {
            HOUSE_FAILS(hc_property_get(&row, readers[i], house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
            house_assert_audited("authz_fail", readers[i]);
            HOUSE_FAILS(hc_property_get(&row, readers[i], house.anas_ids[2], err), HC_ERR_NOT_FOUND, "id");
        } else {
            hc_property_free(house_read(readers[i], house.anas_ids[0]));
            hc_property_free(house_read(readers[i], house.anas_ids[2])); /* off the market */
        }
        HOUSE_OK(hc_property_get_many(&page, readers[i], ids, 3, err));
        ck_assert_msg(hc_property_page_count(page) == (i < 3 ? 1u : 3u), "%s", names[i]);
        hc_property_page_free(page);
    }
}
END_TEST

static void assert_place(const hc_property *row, bool shown, const char *who)
{
    hc_text *json = NULL;

    ck_assert_msg(hc_property_is_null(row, HC_PROPERTY_ADDRESS) == !shown, "%s", who);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_LATITUDE), !shown);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_LONGITUDE), !shown);
    ck_assert_int_eq(hc_property_address(row) != NULL, shown);
    ck_assert_int_eq(hc_property_latitude(row) != 0, shown);
    ck_assert_str_eq(hc_property_city(row), "Austin");
    HOUSE_OK(hc_property_to_json(&json, row, err));
    ck_assert_msg((strstr(hc_text_data(json), "Creek Rd") != NULL) == shown, "%s: %s", who, hc_text_data(json));
    ck_assert_msg((strstr(hc_text_data(json), "30.245") != NULL) == shown, "%s: %s", who, hc_text_data(json));
    hc_text_free(json);
}

/* Z10 */
START_TEST(a_hidden_address_is_hidden_in_every_way_of_reading)
{
    set_flag(hc_property_set_display_address_ok, 0, 1);
    for (size_t i = 0; i < READERS; i++) {
        bool shown = i >= 3;
        hc_property *row = house_read(readers[i], house.anas_ids[0]);
        hc_property_page *page = NULL;
        hc_query *query = NULL;
        assert_place(row, shown, names[i]);
        hc_property_free(row);
        HOUSE_OK(hc_property_get_many(&page, readers[i], house.anas_ids, 1, err));
        assert_place(hc_property_page_at(page, 0), shown, names[i]);
        hc_property_page_free(page);
        HOUSE_OK(hc_query_parse(&query, house.client, "beds eq 3", NULL, err));
        HOUSE_OK(hc_query_set_scope(query, i == 3 ? HC_SCOPE_OWN : i >= 4 ? HC_SCOPE_ALL : HC_SCOPE_PUBLIC, err));
        HOUSE_OK(hc_property_list(&page, readers[i], query, err));
        ck_assert_uint_eq(hc_property_page_count(page), 1);
        assert_place(hc_property_page_at(page, 0), shown, names[i]);
        hc_property_page_free(page);
        hc_query_free(query);
    }
}
END_TEST

/* Z10 */
START_TEST(no_filter_finds_what_a_read_hides)
{
    static const char *const filters[] = {"address eq '12 creek rd'",
                                          "contains(address,'Creek')",
                                          "startswith(address,'12')",
                                          "latitude gt 30",
                                          "longitude lt 0",
                                          "geo.near(30.245,-97.769,100)",
                                          "geo.bbox(-98,30,-97,31)",
                                          "geo.polygon('POLYGON((-98 30,-97 30,-97 31,-98 31,-98 30))')",
                                          "not (latitude gt 31)",
                                          "latitude ne 5",
                                          "beds eq 3 and (longitude lt 0 or latitude gt 0)"};

    set_flag(hc_property_set_display_address_ok, 0, 1);
    for (size_t f = 0; f < sizeof filters / sizeof filters[0] + 2; f++)
        for (size_t i = 0; i < READERS; i++) {
            hc_query *query = NULL;
            hc_property_page *page = NULL;
            bool found = false, words = f >= sizeof filters / sizeof filters[0];
            HOUSE_OK(hc_query_parse(&query, house.client, words ? "" : filters[f], NULL, err));
            if (words)
                HOUSE_OK(hc_query_set_text(query, f % 2 == 0 ? "creek 12" : "12*", err));
            HOUSE_OK(hc_query_set_count(query, 1, err));
            HOUSE_OK(hc_query_set_scope(query, i == 3 ? HC_SCOPE_OWN : i >= 4 ? HC_SCOPE_ALL : HC_SCOPE_PUBLIC, err));
            HOUSE_OK(hc_property_list(&page, readers[i], query, err));
            for (size_t k = 0; k < hc_property_page_count(page); k++)
                found |= strcmp(hc_property_title(hc_property_page_at(page, k)), "Bungalow by the creek") == 0;
            ck_assert_msg(found == (i >= 3), "%s, %s", names[i], words ? "words" : filters[f]);
            ck_assert_int_eq(hc_property_page_total(page), (int64_t)hc_property_page_count(page));
            hc_property_page_free(page);
            hc_query_free(query);
        }
}
END_TEST

static hc_status keep(const char *bytes, size_t size, void *data, hc_error *err)
{
    size_t used = strlen(data);

    (void)err;
    ck_assert_uint_lt(used + size, 65536);
    memcpy((char *)data + used, bytes, size);
    ((char *)data)[used + size] = '\0';
    return HC_OK;
}

/* Z10 */
START_TEST(no_export_shows_what_a_read_hides)
{
    static const int32_t formats[] = {HC_FORMAT_CSV, HC_FORMAT_RESO, HC_FORMAT_JSONL};
    char *text = malloc(65536);

    set_flag(hc_property_set_display_address_ok, 0, 1);
    for (size_t i = 0; i < READERS; i++)
        for (size_t f = 0; f < 3; f++) {
            hc_query *query = NULL;
            int64_t rows = 0;
            HOUSE_OK(hc_query_parse(&query, house.client, "beds eq 3", NULL, err));
            HOUSE_OK(hc_query_set_scope(query, i == 3 ? HC_SCOPE_OWN : i >= 4 ? HC_SCOPE_ALL : HC_SCOPE_PUBLIC, err));
            text[0] = '\0';
            HOUSE_OK(hc_export_run(&rows, readers[i], query, formats[f], keep, text, err));
            ck_assert_int_eq(rows, 1);
            ck_assert_msg((strstr(text, "12 Creek Rd") != NULL) == (i >= 3), "%s: %s", names[i], text);
            ck_assert_msg((strstr(text, "30.245") != NULL) == (i >= 3), "%s: %s", names[i], text);
            hc_query_free(query);
        }
    free(text);
}
END_TEST

/* The owner's other private fields. */
START_TEST(extras_are_for_the_agent_and_admins)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);

    hc_property_set_extras(edit, "{\"lockbox\":\"4711\", \"a\":1.50}");
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    for (size_t i = 0; i < READERS; i++) {
        hc_property *row = house_read(readers[i], house.anas_ids[0]);
        hc_text *json = NULL;
        ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_EXTRAS), i < 3);
        if (i >= 3)
            ck_assert_str_eq(hc_property_extras(row), "{\"a\":1.5,\"lockbox\":\"4711\"}");
        HOUSE_OK(hc_property_to_json(&json, row, err));
        ck_assert_int_eq(strstr(hc_text_data(json), "4711") == NULL, i < 3);
        hc_text_free(json);
        hc_property_free(row);
    }
}
END_TEST

START_TEST(many_come_in_the_order_asked_for_each_once)
{
    hc_id ids[] = {house.bens_id,     {{9, 9}}, house.anas_ids[1], house.bens_id,
                   house.anas_ids[0], {{0}},    house.anas_ids[2]};
    hc_id want[] = {house.bens_id, house.anas_ids[1], house.anas_ids[0]};
    hc_property_page *page = NULL;

    HOUSE_OK(hc_property_get_many(&page, house.guest, ids, 7, err));
    ck_assert_uint_eq(hc_property_page_count(page), 3);
    for (size_t i = 0; i < 3; i++) {
        hc_id id = hc_property_id(hc_property_page_at(page, i));
        ck_assert_mem_eq(&id, &want[i], sizeof id);
    }
    ck_assert_ptr_null(hc_property_page_at(page, 3));
    ck_assert_ptr_null(hc_property_page_cursor(page));
    ck_assert_int_eq(hc_property_page_has_more(page), 0);
    ck_assert_int_eq(hc_property_page_total(page), -1);
    hc_property_page_free(page);
    HOUSE_OK(hc_property_get_many(&page, house.guest, NULL, 0, err));
    ck_assert_uint_eq(hc_property_page_count(page), 0);
    hc_property_page_free(page);
}
END_TEST

/* P04 */
START_TEST(many_are_at_most_200)
{
    hc_id ids[201];
    hc_property_page *page = (hc_property_page *)1;

    for (size_t i = 0; i < 201; i++)
        ids[i] = house.bens_id;
    HOUSE_FAILS(hc_property_get_many(&page, house.guest, ids, 201, err), HC_ERR_TOO_LARGE, "ids");
    ck_assert_ptr_null(page);
    HOUSE_FAILS(hc_property_get_many(&page, house.guest, ids, SIZE_MAX, err), HC_ERR_TOO_LARGE, "ids");
    HOUSE_FAILS(hc_property_get_many(&page, house.guest, NULL, 3, err), HC_ERR_MISUSE, "ids");
    HOUSE_OK(hc_property_get_many(&page, house.guest, ids, 200, err));
    ck_assert_uint_eq(hc_property_page_count(page), 1);
    hc_property_page_free(page);
}
END_TEST

START_TEST(rows_live_as_long_as_their_page_and_longer_than_the_client)
{
    hc_property_page *page = NULL;
    hc_property *row, *edit;
    const hc_property *at;
    hc_text *json = NULL;

    HOUSE_OK(hc_property_get_many(&page, house.guest, house.anas_ids, 1, err));
    row = house_read(house.guest, house.bens_id);
    at = hc_property_page_at(page, 0);
    house_leave();
    ck_assert_str_eq(hc_property_title(at), "Bungalow by the creek");
    ck_assert_str_eq(hc_property_title(row), "House with a red door");
    HOUSE_OK(hc_property_to_json(&json, at, err));
    edit = hc_property_edit(at);
    ck_assert_ptr_nonnull(edit);
    ck_assert_int_eq(hc_property_version(edit), 1);
    hc_property_free(edit);
    hc_text_free(json);
    hc_property_page_free(page);
    hc_property_free(row);
    house_client(); /* for house_close() */
}
END_TEST

START_TEST(reading_writes_nothing)
{
    snapshot before = house_snapshot();
    hc_property *row = NULL;

    hc_property_free(house_read(house.ana, house.anas_ids[0]));
    HOUSE_FAILS(hc_property_get(&row, house.guest, (hc_id){{3}}, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_get(NULL, house.guest, house.bens_id, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_property_get(&row, NULL, house.bens_id, err), HC_ERR_MISUSE, "session");
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, everybody_reads_what_is_public);
    tcase_add_test(tcase, what_is_not_to_be_displayed_is_for_its_agent_and_admins);
    tcase_add_test(tcase, a_hidden_address_is_hidden_in_every_way_of_reading);
    tcase_add_test(tcase, no_filter_finds_what_a_read_hides);
    tcase_add_test(tcase, no_export_shows_what_a_read_hides);
    tcase_add_test(tcase, extras_are_for_the_agent_and_admins);
    tcase_add_test(tcase, many_come_in_the_order_asked_for_each_once);
    tcase_add_test(tcase, many_are_at_most_200);
    tcase_add_test(tcase, rows_live_as_long_as_their_page_and_longer_than_the_client);
    tcase_add_test(tcase, reading_writes_nothing);
}

int main(void)
{
    return suite_main("api.property.read", fill, open_readers, house_close);
}
