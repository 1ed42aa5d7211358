/* Changing listings: only what was set, only by who may, never over somebody else's change. */
#include <stdio.h>
#include <string.h>

#include "house.h"

/* One update that must fail and write nothing; takes the record. */
static void refused(hc_session *as, hc_property *edit, hc_status want, const char *field)
{
    snapshot before = house_snapshot();
    int32_t version = 77;

    HOUSE_FAILS(hc_property_update(&version, as, edit, err), want, field);
    ck_assert_int_eq(version, 0);
    house_assert_unchanged_since(before);
    hc_property_free(edit);
}

/* One that must succeed; takes the record and gives the row as the system reads it. */
static hc_property *changed(hc_session *as, hc_property *edit)
{
    hc_id id = hc_property_id(edit);
    int32_t version = 0;
    hc_property *row;

    HOUSE_OK(hc_property_update(&version, as, edit, err));
    hc_property_free(edit);
    row = house_read(house.system, id);
    ck_assert_int_eq(hc_property_version(row), version);
    return row;
}

static hc_property *edit_home(void)
{
    return hc_property_for(house.client, house.anas_ids[0], 1);
}

START_TEST(only_what_was_set_is_written)
{
    hc_property *edit = hc_property_edit(house.anas_home), *row;

    house_pass(HOUSE_MINUTE);
    hc_property_set_beds(edit, 4);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_version(row), 2);
    ck_assert_int_eq(hc_property_beds(row), 4);
    ck_assert_int_eq(hc_property_updated_at(row), house_now());
    ck_assert_int_eq(hc_property_created_at(row), HOUSE_START);
    ck_assert_int_eq(hc_property_price(row), 48900000);
    ck_assert_str_eq(hc_property_title(row), hc_property_title(house.anas_home));
    ck_assert_str_eq(hc_property_description(row), hc_property_description(house.anas_home));
    ck_assert_int_eq(hc_property_baths(row), 225);
    ck_assert_int_eq(hc_property_price_per_sqft(row), hc_property_price_per_sqft(house.anas_home));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history") + house_sql("SELECT count(*) FROM status_history"),
                     0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE version=2 AND change='updated'"), 1);
    hc_property_free(row);
}
END_TEST

START_TEST(null_clears_what_may_be_null)
{
    hc_property *edit = edit_home(), *row;

    hc_property_set_null(edit, HC_PROPERTY_BEDS);
    hc_property_set_null(edit, HC_PROPERTY_SQFT);
    hc_property_set_description(edit, NULL);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_BEDS), 1);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_DESCRIPTION), 1);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_PRICE_PER_SQFT), 1);
    hc_property_free(row);
    for (int32_t field = 0; field < 44; field++) {
        static const int32_t required[] = {HC_PROPERTY_TITLE,        HC_PROPERTY_PRICE, HC_PROPERTY_ADDRESS,
                                           HC_PROPERTY_CITY,         HC_PROPERTY_STATE, HC_PROPERTY_ZIP_CODE,
                                           HC_PROPERTY_PROPERTY_TYPE};
        static const char *const names[] = {"title", "price", "address", "city", "state", "zip_code", "property_type"};
        for (size_t i = 0; i < 7; i++)
            if (required[i] == field) {
                edit = hc_property_for(house.client, house.anas_ids[0], 2);
                hc_property_set_null(edit, field);
                refused(house.ana, edit, HC_ERR_INVALID, names[i]);
            }
    }
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_title(edit, NULL);
    refused(house.ana, edit, HC_ERR_INVALID, "title");
}
END_TEST

START_TEST(nothing_different_is_no_change)
{
    hc_property *edit = edit_home();
    snapshot before = house_snapshot();
    int32_t version = 0;

    HOUSE_OK(hc_property_update(&version, house.ana, edit, err)); /* nothing set */
    ck_assert_int_eq(version, 1);
    hc_property_set_title(edit, "Bungalow by the creek");
    hc_property_set_price(edit, 48900000);
    hc_property_set_baths(edit, 225);
    hc_property_set_status(edit, HC_PROPERTY_STATUS_ACTIVE);
    ck_assert_int_eq(hc_property_update(&version, house.ana, edit, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 1);
    house_assert_unchanged_since(before);
    hc_property_free(edit);
}
END_TEST

START_TEST(an_update_needs_the_version_that_was_read)
{
    static const int32_t none[] = {0, -1, INT32_MIN};
    hc_property *edit;

    for (size_t i = 0; i < 3; i++) {
        edit = hc_property_for(house.client, house.anas_ids[0], none[i]);
        hc_property_set_beds(edit, 9);
        refused(house.ana, edit, HC_ERR_INVALID, "version");
    }
    edit = hc_property_new(house.client); /* no id */
    hc_property_set_beds(edit, 9);
    refused(house.ana, edit, HC_ERR_INVALID, "id");
}
END_TEST

/* P12 */
START_TEST(a_lost_update_is_a_conflict_with_the_current_version)
{
    hc_property *theirs = edit_home(), *mine = edit_home();
    hc_error err = {0};
    snapshot before;
    int32_t version;

    hc_property_set_price(theirs, 47000000);
    HOUSE_OK(hc_property_update(&version, house.admin, theirs, err));
    ck_assert_int_eq(version, 2);
    before = house_snapshot();
    hc_property_set_beds(mine, 5);
    ck_assert_int_eq(hc_property_update(&version, house.ana, mine, &err), HC_ERR_CONFLICT);
    ck_assert_int_eq(err.detail, 2);
    ck_assert_str_eq(err.field, "version");
    ck_assert_int_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
    ck_assert_int_eq(err.flags & HC_ERROR_RETRYABLE, 0);
    house_assert_unchanged_since(before);
    ck_assert_int_eq(hc_property_delete(house.ana, house.anas_ids[0], 1, &err), HC_ERR_CONFLICT);
    ck_assert_int_eq(err.detail, 2);
    house_assert_unchanged_since(before);
    hc_property_free(mine);
    hc_property_free(theirs);
    mine = hc_property_for(house.client, house.anas_ids[0], 3); /* a version of the future */
    hc_property_set_beds(mine, 5);
    refused(house.ana, mine, HC_ERR_CONFLICT, "version");
}
END_TEST

/* Z02 */
START_TEST(changing_anothers_listing_is_forbidden_and_writes_nothing)
{
    hc_property *edit = edit_home();

    hc_property_set_price(edit, 1);
    refused(house.ben, edit, HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ben);
    edit = edit_home();
    hc_property_set_title(edit, "Mine");
    refused(house.bea, edit, HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.bea);
    edit = edit_home();
    hc_property_set_status(edit, HC_PROPERTY_STATUS_SOLD);
    refused(house.guest, edit, HC_ERR_UNAUTHENTICATED, "");
    house_assert_audited("authz_fail", NULL);
    edit = hc_property_for(house.client, house.anas_ids[2], 1); /* off market: ben may not see it */
    hc_property_set_price(edit, 1);
    refused(house.ben, edit, HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.ben);
    edit = hc_property_for(house.client, (hc_id){{7}}, 1);
    hc_property_set_price(edit, 1);
    refused(house.ben, edit, HC_ERR_NOT_FOUND, "id");
}
END_TEST

/* Z03 */
START_TEST(only_an_admin_gives_a_listing_to_another)
{
    hc_property *edit = edit_home(), *row;
    hc_id ben = house.ben_id, agent;

    hc_property_set_agent_id(edit, house.ben_id);
    refused(house.ana, edit, HC_ERR_FORBIDDEN, "agent_id");
    house_assert_audited("input_validation_fail", house.ana);
    edit = edit_home();
    hc_property_set_agent_id(edit, house.bea_id);
    refused(house.admin, edit, HC_ERR_INVALID, "agent_id");
    edit = edit_home();
    hc_property_set_agent_id(edit, house.ben_id);
    row = changed(house.admin, edit);
    agent = hc_property_agent_id(row);
    ck_assert_mem_eq(&agent, &ben, sizeof ben);
    hc_property_free(row);
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_price(edit, 5);
    refused(house.ana, edit, HC_ERR_FORBIDDEN, ""); /* hers no more, at once */
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_price(edit, 5);
    row = changed(house.ben, edit);
    hc_property_free(row);
    edit = hc_property_for(house.client, house.anas_ids[0], 3);
    hc_property_set_null(edit, HC_PROPERTY_AGENT_ID); /* the house's own */
    hc_property_free(changed(house.admin, edit));
}
END_TEST

/* Z11 */
START_TEST(permission_and_write_are_one_statement)
{
    /* A licence that ends, a listing that is given away: the next update sees it, whatever was read before. */
    hc_property *mine = hc_property_edit(house.anas_home), *given = edit_home();

    hc_property_set_agent_id(given, house.ben_id);
    hc_property_free(changed(house.admin, given));
    hc_property_set_title(mine, "Still mine");
    refused(house.ana, mine, HC_ERR_FORBIDDEN, "");
}
END_TEST

static void expire_licences(void)
{
    house_pass(366 * HOUSE_DAY);
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    (void)house_snapshot();
}

START_TEST(without_a_valid_licence_price_and_status_may_still_change)
{
    hc_property *edit = edit_home(), *row;

    expire_licences();
    hc_property_set_title(edit, "New title");
    refused(house.ana, edit, HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ana);
    edit = edit_home();
    hc_property_set_price(edit, 40000000);
    hc_property_set_beds(edit, 1); /* all of the rows that the fields choose must hold */
    refused(house.ana, edit, HC_ERR_FORBIDDEN, "");
    edit = edit_home();
    hc_property_set_beds(edit, 1);
    hc_property_set_price(edit, 40000000);
    refused(house.ana, edit, HC_ERR_FORBIDDEN, "");
    edit = edit_home();
    hc_property_set_price(edit, 40000000);
    hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_price(row), 40000000);
    ck_assert_int_eq(hc_property_standard_status(row), HC_PROPERTY_STANDARD_PENDING);
    hc_property_free(row);
    HOUSE_FAILS(hc_property_delete(house.ana, house.anas_ids[0], 2, err), HC_ERR_FORBIDDEN, "");
}
END_TEST

START_TEST(a_change_of_price_writes_its_history_with_it)
{
    hc_property *edit = edit_home(), *row;

    house_pass(HOUSE_HOUR / 100);
    hc_property_set_price(edit, 47500000);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_previous_price(row), 48900000);
    ck_assert_int_eq(hc_property_original_price(row), 48900000);
    ck_assert_int_eq(hc_property_price_changed_at(row), house_now());
    ck_assert_int_eq(hc_property_price_reduced(row), 1);
    hc_property_free(row);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM price_history h JOIN properties p ON p.id=h.property_id JOIN users u "
                  "ON u.id=h.actor_id WHERE h.old_price=scaled(48900000,2) AND h.new_price=scaled(47500000,2) AND "
                  "h.version=2 AND "
                  "h.currency='USD' AND u.email='ana@example.com' AND h.created_at=p.updated_at AND "
                  "p.title='Bungalow by the creek'"),
        1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM status_history"), 0);
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_price(edit, 49900000);
    row = changed(house.system, edit);
    ck_assert_int_eq(hc_property_previous_price(row), 47500000);
    ck_assert_int_eq(hc_property_price_reduced(row), 0);
    hc_property_free(row);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history WHERE actor_id IS NULL AND version=3"), 1);
}
END_TEST

START_TEST(price_per_square_foot_is_rounded_half_even)
{
    static const struct {
        int64_t cents;
        int32_t sqft;
        int64_t each; /* -1: null */
    } cases[] = {{5, 2, 2},         {15, 2, 8},
                 {25, 2, 12},       {100, 3, 33},
                 {200, 3, 67},      {1, 2, 0},
                 {3, 2, 2},         {1, 3, 0},
                 {48900000, 0, -1}, {48900000, 1480, 33041},
                 {10, 4, 2},        {14, 4, 4},
                 {1, 99999999, 0},  {INT64_C(99999999999999), 1, INT64_C(99999999999999)}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hc_property *edit = hc_property_for(house.client, house.anas_ids[0], (int32_t)i + 1), *row;
        hc_property_set_price(edit, cases[i].cents);
        hc_property_set_sqft(edit, cases[i].sqft);
        row = changed(house.ana, edit);
        ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_PRICE_PER_SQFT), cases[i].each < 0);
        if (cases[i].each >= 0)
            ck_assert_int_eq(hc_property_price_per_sqft(row), cases[i].each);
        hc_property_free(row);
    }
}
END_TEST

START_TEST(a_price_is_reduced_below_the_original_one)
{
    hc_property *edit = edit_home(), *row;

    hc_property_set_original_price(edit, 48900001);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_price_reduced(row), 1);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_PRICE_CHANGED_AT), 1);
    hc_property_free(row);
    edit = hc_property_for(house.client, house.anas_ids[0], 2);
    hc_property_set_null(edit, HC_PROPERTY_ORIGINAL_PRICE);
    row = changed(house.ana, edit);
    ck_assert_int_eq(hc_property_price_reduced(row), 0);
    hc_property_free(row);
}
END_TEST

/* Finds by words and folded columns follow the fields they are made of. */
START_TEST(what_is_derived_for_searching_follows)
{
    static const char *const filters[] = {"city eq 'BEE CAVE'", "title eq 'cottage'", "contains(address,'ranch rd')"};
    hc_property *edit = edit_home();

    hc_property_set_city(edit, "Bee Cave");
    hc_property_set_title(edit, "Cottage");
    hc_property_set_address(edit, "9 Ranch Rd");
    hc_property_free(changed(house.ana, edit));
    for (size_t i = 0; i < 4; i++) {
        hc_query *query = NULL;
        hc_property_page *page = NULL;
        HOUSE_OK(hc_query_parse(&query, house.client, i < 3 ? filters[i] : "", NULL, err));
        if (i == 3)
            HOUSE_OK(hc_query_set_text(query, "cottage cave ranch", err));
        HOUSE_OK(hc_property_list(&page, house.guest, query, err));
        ck_assert_msg(hc_property_page_count(page) == 1, "%s", i < 3 ? filters[i] : "text");
        hc_property_page_free(page);
        HOUSE_OK(hc_query_set_filter(query, "", err));
        HOUSE_OK(hc_query_set_text(query, "bungalow", err));
        HOUSE_OK(hc_property_list(&page, house.guest, query, err));
        ck_assert_uint_eq(hc_property_page_count(page), 0);
        hc_property_page_free(page);
        hc_query_free(query);
    }
}
END_TEST

struct both {
    hc_status first, second;
};

static hc_status price_then_failure(hc_session *as, void *data, hc_error *err)
{
    struct both *both = data;
    hc_property *edit = edit_home();

    hc_property_set_price(edit, 42000000);
    both->first = hc_property_update(NULL, as, edit, err);
    both->second = hc_property_update(NULL, as, edit, err); /* the same version again */
    hc_property_free(edit);
    return HC_OK;
}

/* P12 */
START_TEST(history_never_outlives_its_change)
{
    struct both both = {0, 0};
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_session_transact(house.ana, price_then_failure, &both, err), HC_ERR_CONFLICT, "version");
    ck_assert_int_eq(both.first, HC_OK);
    ck_assert_int_eq(both.second, HC_ERR_CONFLICT);
    house_assert_unchanged_since(before);
}
END_TEST

/* A record is an input: the same one may be used again at a later version, by nobody but its maker. */
START_TEST(an_update_leaves_the_record_as_it_was)
{
    hc_property *edit = edit_home();

    hc_property_set_price(edit, 42000000);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    ck_assert_int_eq(hc_property_version(edit), 1);
    ck_assert_int_eq(hc_property_is_null(edit, HC_PROPERTY_STATUS), 1);
    HOUSE_FAILS(hc_property_update(NULL, house.ana, edit, err), HC_ERR_CONFLICT, "version");
    hc_property_free(edit);
}
END_TEST

/* A03 */
START_TEST(the_id_is_not_a_field_that_can_be_set)
{
    hc_property *edit = edit_home();
    char json[80], text[HC_ID_TEXT_SIZE];

    hc_id_format(text, house.bens_id);
    snprintf(json, sizeof json, "{\"id\":\"%s\"}", text);
    HOUSE_FAILS(hc_property_from_json(edit, json, strlen(json), err), HC_ERR_FORBIDDEN, "id");
    hc_property_free(edit);
}
END_TEST

/* H04 */
START_TEST(updating_with_nothing_is_told)
{
    snapshot before = house_snapshot();
    int32_t version = 5;

    HOUSE_FAILS(hc_property_update(&version, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    ck_assert_int_eq(version, 0);
    HOUSE_FAILS(hc_user_update(&version, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_agent_update(&version, house.ana, NULL, err), HC_ERR_NO_MEMORY, "");
    HOUSE_FAILS(hc_property_update(&version, NULL, house.anas_home, err), HC_ERR_MISUSE, "session");
    ck_assert_int_eq(hc_property_update(&version, house.ana, house.anas_home, NULL),
                     HC_NOTE_SAME); /* a row: nothing set */
    house_assert_unchanged_since(before);
}
END_TEST

struct seen {
    int64_t price, listed, total;
    hc_status words;
};

static hc_status change_and_look(hc_session *as, void *data, hc_error *err)
{
    struct seen *seen = data;
    hc_property *edit = edit_home(), *row = NULL;
    hc_property_page *page = NULL;
    hc_facets *facets = NULL;
    hc_query *query = NULL;
    hc_status status;

    hc_property_set_price(edit, 12300);
    status = hc_property_update(NULL, as, edit, err);
    if (status >= 0)
        status = hc_property_get(&row, as, house.anas_ids[0], err);
    if (status >= 0)
        status = hc_query_parse(&query, house.client, "price eq 123", NULL, err);
    if (status >= 0)
        status = hc_property_list(&page, as, query, err);
    if (status >= 0)
        status = hc_property_facets(&facets, as, query, err);
    seen->price = hc_property_price(row);
    seen->listed = (int64_t)hc_property_page_count(page);
    seen->total = hc_facets_total(facets);
    hc_property_page_free(page);
    page = NULL;
    if (status >= 0)
        status = hc_query_set_text(query, "bungalow", err);
    if (status >= 0)
        seen->words = hc_property_list(&page, as, query, err);
    hc_property_page_free(page);
    hc_facets_free(facets);
    hc_query_free(query);
    hc_property_free(row);
    hc_property_free(edit);
    return status;
}

START_TEST(a_unit_reads_what_it_wrote)
{
    struct seen seen = {0, 0, 0, HC_OK};

    HOUSE_OK(hc_session_transact(house.ana, change_and_look, &seen, err));
    ck_assert_int_eq(seen.price, 12300);
    ck_assert_int_eq(seen.listed, 1);
    ck_assert_int_eq(seen.total, 1);
    ck_assert_int_eq(seen.words, HC_ERR_MISUSE); /* as on every engine: what a unit wrote cannot be found by words */
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, updating_with_nothing_is_told);
    tcase_add_test(tcase, a_unit_reads_what_it_wrote);
    tcase_add_test(tcase, only_what_was_set_is_written);
    tcase_add_test(tcase, null_clears_what_may_be_null);
    tcase_add_test(tcase, nothing_different_is_no_change);
    tcase_add_test(tcase, an_update_needs_the_version_that_was_read);
    tcase_add_test(tcase, a_lost_update_is_a_conflict_with_the_current_version);
    tcase_add_test(tcase, changing_anothers_listing_is_forbidden_and_writes_nothing);
    tcase_add_test(tcase, only_an_admin_gives_a_listing_to_another);
    tcase_add_test(tcase, permission_and_write_are_one_statement);
    tcase_add_test(tcase, without_a_valid_licence_price_and_status_may_still_change);
    tcase_add_test(tcase, a_change_of_price_writes_its_history_with_it);
    tcase_add_test(tcase, price_per_square_foot_is_rounded_half_even);
    tcase_add_test(tcase, a_price_is_reduced_below_the_original_one);
    tcase_add_test(tcase, what_is_derived_for_searching_follows);
    tcase_add_test(tcase, history_never_outlives_its_change);
    tcase_add_test(tcase, an_update_leaves_the_record_as_it_was);
    tcase_add_test(tcase, the_id_is_not_a_field_that_can_be_set);
}

int main(void)
{
    return suite_main("api.property.update", fill, house_open, house_close);
}
