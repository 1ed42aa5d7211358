/* Listings that somebody saved. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/favorite.h"
#include "house.h"
#include "meanwhile.h"

static hc_favorite_page *favorites_of(hc_session *as)
{
    hc_favorite_page *page = NULL;

    HOUSE_OK(hc_favorite_list(&page, as, NULL, err));
    return page;
}

START_TEST(a_listing_is_saved_once_and_forgotten_once)
{
    hc_favorite_page *page;
    hc_id id;
    snapshot before;

    HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[0], err));
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_favorite_add(house.bea, house.bens_id, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_favorite_add(house.bea, house.bens_id, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
    page = favorites_of(house.bea);
    ck_assert_uint_eq(hc_favorite_page_count(page), 2);
    id = hc_favorite_property_id(hc_favorite_page_at(page, 0)); /* newest first */
    ck_assert_mem_eq(&id, &house.bens_id, sizeof id);
    ck_assert_int_eq(hc_favorite_created_at(hc_favorite_page_at(page, 0)), HOUSE_START + HOUSE_MINUTE);
    id = hc_favorite_user_id(hc_favorite_page_at(page, 1));
    ck_assert_mem_eq(&id, &house.bea_id, sizeof id);
    hc_favorite_page_free(page);
    page = favorites_of(house.ana); /* everybody has their own */
    ck_assert_uint_eq(hc_favorite_page_count(page), 0);
    hc_favorite_page_free(page);
    HOUSE_OK(hc_favorite_remove(house.bea, house.anas_ids[0], err));
    before = house_snapshot();
    ck_assert_int_eq(hc_favorite_remove(house.bea, house.anas_ids[0], NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM favorites"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='favorite' AND change='created'"), 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='favorite' AND change='deleted'"), 1);
}
END_TEST

START_TEST(the_listings_of_a_page_come_in_one_call)
{
    hc_favorite_page *page;
    hc_property_page *homes = NULL;

    for (size_t i = 0; i < 2; i++) {
        HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[i], err));
        house_pass(HOUSE_MINUTE);
    }
    HOUSE_OK(hc_favorite_add(house.bea, house.bens_id, err));
    page = favorites_of(house.bea);
    HOUSE_OK(hc_favorite_listings(&homes, house.bea, page, err));
    ck_assert_uint_eq(hc_property_page_count(homes), 3);
    ck_assert_str_eq(hc_property_title(hc_property_page_at(homes, 0)), "House with a red door");
    ck_assert_str_eq(hc_property_title(hc_property_page_at(homes, 2)), "Bungalow by the creek");
    hc_property_page_free(homes);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err)); /* what is gone is left out */
    HOUSE_OK(hc_favorite_listings(&homes, house.bea, page, err));
    ck_assert_uint_eq(hc_property_page_count(homes), 2);
    hc_property_page_free(homes);
    hc_favorite_page_free(page);
    page = favorites_of(house.bea);
    ck_assert_uint_eq(hc_favorite_page_count(page), 3);
    hc_favorite_page_free(page);
    HOUSE_OK(hc_property_purge(house.admin, house.bens_id, err)); /* P13: nothing is left that points to it */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM favorites WHERE property_id NOT IN (SELECT id FROM properties)"),
                     0);
    HOUSE_OK(hc_favorite_listings(&homes, house.bea, NULL, err));
    ck_assert_uint_eq(hc_property_page_count(homes), 0);
    hc_property_page_free(homes);
}
END_TEST

/* Z01 Z10 */
START_TEST(only_what_is_to_be_seen_is_saved_and_only_by_somebody)
{
    static const hc_id none = {{4}};
    snapshot before = house_snapshot();
    hc_favorite_page *page = NULL;

    HOUSE_FAILS(hc_favorite_add(house.bea, house.anas_ids[2], err), HC_ERR_NOT_FOUND, "id");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(hc_favorite_add(house.bea, none, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_favorite_add(house.guest, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_favorite_remove(house.guest, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_favorite_add(house.system, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_favorite_list(&page, house.guest, NULL, err), HC_ERR_UNAUTHENTICATED, "scope");
    ck_assert_ptr_null(page);
    HOUSE_FAILS(hc_favorite_list(NULL, house.bea, NULL, err), HC_ERR_MISUSE, "out");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_favorite_add(house.ana, house.anas_ids[2], err)); /* an agent's own draft */
}
END_TEST

START_TEST(an_agent_learns_how_many_saved_a_listing_and_not_who)
{
    int64_t count = 9;

    HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[0], err));
    HOUSE_OK(hc_favorite_add(house.ben, house.anas_ids[0], err));
    HOUSE_OK(hc_favorite_count(&count, house.ana, house.anas_ids[0], err));
    ck_assert_int_eq(count, 2);
    HOUSE_OK(hc_favorite_count(&count, house.admin, house.anas_ids[1], err));
    ck_assert_int_eq(count, 0);
    HOUSE_FAILS(hc_favorite_count(&count, house.ben, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_favorite_count(&count, house.bea, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_favorite_count(&count, house.guest, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_favorite_count(&count, house.ben, house.anas_ids[2], err), HC_ERR_NOT_FOUND, "id");
    ck_assert_int_eq(count, 0);
}
END_TEST

static void fill_up(void)
{
    char sql[512];
    hc_id bea = house.bea_id;
    char hex[33];

    for (size_t i = 0; i < sizeof bea.bytes; i++)
        snprintf(hex + 2 * i, 3, "%02x", bea.bytes[i]);
    snprintf(
        sql, sizeof sql,
        "INSERT INTO favorites(id,user_id,property_id,created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT"
        " i+1 FROM n WHERE i<999) SELECT randomblob(16),X'%s',randomblob(16),at(i) FROM n",
        hex);
    house_change(sql);
}

/* F10, of rows */
START_TEST(a_user_saves_a_thousand_listings_at_most)
{
    fill_up();
    HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[0], err));
    HOUSE_FAILS(hc_favorite_add(house.bea, house.bens_id, err), HC_ERR_TOO_LARGE, "favorites");
    ck_assert_int_eq(hc_favorite_add(house.bea, house.anas_ids[0], NULL), HC_NOTE_SAME);
    HOUSE_OK(hc_favorite_add(house.ana, house.bens_id, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM favorites"), 1001);
}
END_TEST

static hc_status save_elsewhere(void *data)
{
    return hc_favorite_add(data, house.bens_id, NULL);
}

static hc_status save_first(hc_session *as, void *data, hc_error *err)
{
    hc_status status = hc_favorite_add(as, house.anas_ids[0], err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(save_elsewhere, data), 0); /* it waits for this one */
    return status;
}

/* F10, of rows: from two places at once */
START_TEST(two_do_not_save_the_thousandth_at_once)
{
    hc_session *second = house_login("bea@example.com", HOUSE_PASSWORD);

    fill_up();
    hc_session_set_timeout(second, HOUSE_SECOND / 2);
    HOUSE_OK(hc_session_transact(house.bea, save_first, second, err));
    HOUSE_FAILS(hc_favorite_add(second, house.bens_id, err), HC_ERR_TOO_LARGE, "favorites");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM favorites"), 1000);
    hc_session_free(second);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_listing_is_saved_once_and_forgotten_once);
    tcase_add_test(tcase, the_listings_of_a_page_come_in_one_call);
    tcase_add_test(tcase, only_what_is_to_be_seen_is_saved_and_only_by_somebody);
    tcase_add_test(tcase, an_agent_learns_how_many_saved_a_listing_and_not_who);
    tcase_add_test(tcase, a_user_saves_a_thousand_listings_at_most);
    tcase_add_test(tcase, two_do_not_save_the_thousandth_at_once);
}

int main(void)
{
    return suite_main("api.favorite.favorite", fill, house_open, house_close);
}
