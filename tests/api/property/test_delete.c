/* Deleting, restoring and purging listings. */
#include <stdio.h>
#include <string.h>

#include "house.h"

static void assert_gone_for_all(hc_id id)
{
    hc_session *const all[] = {house.guest, house.bea, house.ana, house.ben, house.admin, house.system};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        hc_property *row = (hc_property *)1;
        hc_property_page *page = NULL;
        HOUSE_FAILS(hc_property_get(&row, all[i], id, err), HC_ERR_NOT_FOUND, "id");
        ck_assert_ptr_null(row);
        HOUSE_OK(hc_property_get_many(&page, all[i], &id, 1, err));
        ck_assert_uint_eq(hc_property_page_count(page), 0);
        hc_property_page_free(page);
    }
}

static size_t listed(hc_session *as, int32_t scope)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_PROPERTY, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    HOUSE_OK(hc_property_list(&page, as, query, err));
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

START_TEST(a_deleted_listing_is_found_by_nobody)
{
    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
    assert_gone_for_all(house.anas_ids[0]);
    ck_assert_uint_eq(listed(house.guest, HC_SCOPE_PUBLIC), 2);
    ck_assert_uint_eq(listed(house.ana, HC_SCOPE_OWN), 2);
    ck_assert_uint_eq(listed(house.admin, HC_SCOPE_ALL), 3);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE deleted_at IS NOT NULL AND version=2"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE change='deleted' AND version=2"), 1);
    house_assert_audited("sensitive_delete", house.ana);
}
END_TEST

START_TEST(a_deleted_listing_cannot_be_changed_or_deleted_again)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 2);
    snapshot before;

    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
    before = house_snapshot();
    hc_property_set_price(edit, 1);
    HOUSE_FAILS(hc_property_update(NULL, house.ana, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_update(NULL, house.admin, edit, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_delete(house.ana, house.anas_ids[0], 2, err), HC_ERR_NOT_FOUND, "id");
    house_assert_unchanged_since(before);
    hc_property_free(edit);
}
END_TEST

/* Z02 P12 */
START_TEST(only_its_agent_and_admins_delete_at_the_version_they_read)
{
    static const int32_t bad[] = {0, -1};
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_property_delete(house.ben, house.anas_ids[0], 1, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_property_delete(house.bea, house.anas_ids[0], 1, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.bea);
    HOUSE_FAILS(hc_property_delete(house.guest, house.anas_ids[0], 1, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(hc_property_delete(house.ben, house.anas_ids[2], 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_delete(house.ana, house.anas_ids[0], 2, err), HC_ERR_CONFLICT, "version");
    for (size_t i = 0; i < 2; i++)
        HOUSE_FAILS(hc_property_delete(house.ana, house.anas_ids[0], bad[i], err), HC_ERR_INVALID, "version");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_property_delete(house.admin, house.anas_ids[0], 1, err));
}
END_TEST

START_TEST(a_deletion_can_be_taken_back)
{
    hc_property *row;
    int32_t version = 0;
    snapshot before;

    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
    before = house_snapshot();
    HOUSE_FAILS(hc_property_restore(&version, house.ben, house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_restore(&version, house.bea, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_property_restore(NULL, house.guest, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "");
    house_assert_unchanged_since(before);
    house_pass(HOUSE_MINUTE);
    HOUSE_OK(hc_property_restore(&version, house.ana, house.anas_ids[0], err));
    ck_assert_int_eq(version, 3);
    row = house_read(house.guest, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_version(row), 3);
    ck_assert_int_eq(hc_property_updated_at(row), house_now());
    ck_assert_str_eq(hc_property_title(row), "Bungalow by the creek");
    hc_property_free(row);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE change='restored' AND version=3"), 1);
    house_assert_audited("sensitive_update", house.ana);
    before = house_snapshot();
    ck_assert_int_eq(hc_property_restore(&version, house.ana, house.anas_ids[0], NULL), HC_NOTE_SAME);
    ck_assert_int_eq(version, 3);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 3, err));
    HOUSE_OK(hc_property_restore(NULL, house.admin, house.anas_ids[0], err));
}
END_TEST

START_TEST(a_search_by_words_forgets_and_remembers)
{
    for (int round = 0; round < 3; round++) {
        hc_query *query = NULL;
        hc_property_page *page = NULL;
        if (round == 1)
            HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 1, err));
        if (round == 2)
            HOUSE_OK(hc_property_restore(NULL, house.ana, house.anas_ids[0], err));
        HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_PROPERTY, err));
        HOUSE_OK(hc_query_set_text(query, "bungalow", err));
        HOUSE_OK(hc_property_list(&page, house.guest, query, err));
        ck_assert_uint_eq(hc_property_page_count(page), round == 1 ? 0 : 1);
        hc_property_page_free(page);
        hc_query_free(query);
    }
}
END_TEST

START_TEST(a_purge_takes_everything_of_a_deleted_listing)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);
    snapshot before;

    hc_property_set_price(edit, 47000000);
    hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history") + house_sql("SELECT count(*) FROM status_history"),
                     2);
    before = house_snapshot();
    HOUSE_FAILS(hc_property_purge(house.admin, house.anas_ids[0], err), HC_ERR_INVALID_STATE, "deleted_at");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_property_delete(house.ana, house.anas_ids[0], 2, err));
    before = house_snapshot();
    HOUSE_FAILS(hc_property_purge(house.ana, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_FAILS(hc_property_purge(house.bea, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_property_purge(house.guest, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "");
    house_assert_unchanged_since(before);
    (void)house_snapshot();
    HOUSE_OK(hc_property_purge(house.admin, house.anas_ids[0], err));
    house_assert_audited("sensitive_delete", house.admin);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties"), 3);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history") + house_sql("SELECT count(*) FROM status_history"),
                     0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE change='purged' AND version=4"), 1);
    if (house_is_a_file())
        ck_assert_int_eq(house_sql("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    HOUSE_FAILS(hc_property_restore(NULL, house.admin, house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_purge(house.admin, house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    static const hc_id none, other = {{1, 2, 3}};
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_property_delete(house.admin, other, 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_delete(house.ana, none, 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_restore(NULL, house.ana, other, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_purge(house.system, none, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_property_delete(NULL, other, 1, err), HC_ERR_MISUSE, "session");
    house_assert_unchanged_since(before);
}
END_TEST

static hc_status delete_then_create(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = house_sketch("In a unit", 5);
    hc_status status = hc_property_delete(as, house.anas_ids[0], 1, err);

    if (status >= 0)
        status = hc_property_create(data, as, home, err);
    hc_property_free(home);
    return status;
}

START_TEST(several_changes_are_one_unit)
{
    hc_id id;

    HOUSE_OK(hc_session_transact(house.ana, delete_then_create, &id, err));
    assert_gone_for_all(house.anas_ids[0]);
    hc_property_free(house_read(house.guest, id));
}
END_TEST

START_TEST(a_listing_comes_back_to_an_agent_only)
{
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    HOUSE_OK(hc_agent_delete(house.admin, house.ben_id, 1, err));
    HOUSE_FAILS(hc_property_restore(NULL, house.admin, house.bens_id, err), HC_ERR_INVALID, "agent_id");
    house_license(house.ben_id);
    HOUSE_OK(hc_property_restore(NULL, house.admin, house.bens_id, err));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_deleted_listing_is_found_by_nobody);
    tcase_add_test(tcase, a_deleted_listing_cannot_be_changed_or_deleted_again);
    tcase_add_test(tcase, only_its_agent_and_admins_delete_at_the_version_they_read);
    tcase_add_test(tcase, a_deletion_can_be_taken_back);
    tcase_add_test(tcase, a_search_by_words_forgets_and_remembers);
    tcase_add_test(tcase, a_purge_takes_everything_of_a_deleted_listing);
    tcase_add_test(tcase, what_is_not_there_is_not_found);
    tcase_add_test(tcase, several_changes_are_one_unit);
    tcase_add_test(tcase, a_listing_comes_back_to_an_agent_only);
}

int main(void)
{
    return suite_main("api.property.delete", fill, house_open, house_close);
}
