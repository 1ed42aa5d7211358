/* Price and status of a listing, read back. */
#include <stdio.h>
#include <string.h>

#include "house.h"

#define HOME house.anas_ids[0]

static void change(hc_session *as, int64_t price, int32_t standard_status)
{
    hc_property *row = house_read(as, HOME), *edit = hc_property_edit(row);

    if (price != 0)
        hc_property_set_price(edit, price);
    if (standard_status != 0)
        hc_property_set_standard_status(edit, standard_status);
    HOUSE_OK(hc_property_update(NULL, as, edit, err));
    hc_property_free(edit);
    hc_property_free(row);
    house_pass(HOUSE_MINUTE);
}

static hc_history *history_of(hc_session *as, int32_t limit, const char *cursor)
{
    hc_history *history = NULL;

    HOUSE_OK(hc_property_history(&history, as, HOME, limit, cursor, err));
    return history;
}

static void four_changes(void)
{
    change(house.ana, 47000000, 0);
    change(house.ana, 0, HC_PROPERTY_STANDARD_HOLD);
    change(house.admin, 46000000, HC_PROPERTY_STANDARD_ACTIVE); /* two rows of one moment */
}

START_TEST(changes_come_newest_first_with_what_was_and_what_is)
{
    hc_history *history;
    hc_id actor;
    int32_t first;

    four_changes();
    history = history_of(house.ana, 0, NULL);
    ck_assert_uint_eq(hc_history_count(history), 4);
    ck_assert_ptr_null(hc_history_cursor(history));
    first = hc_history_what(history, 0);
    ck_assert_int_eq(first + hc_history_what(history, 1), HC_HISTORY_PRICE + HC_HISTORY_STATUS);
    for (size_t i = 0; i < 2; i++) {
        bool price = hc_history_what(history, i) == HC_HISTORY_PRICE;
        ck_assert_int_eq(hc_history_old_value(history, i), price ? 47000000 : HC_PROPERTY_STANDARD_HOLD);
        ck_assert_int_eq(hc_history_new_value(history, i), price ? 46000000 : HC_PROPERTY_STANDARD_ACTIVE);
        ck_assert_int_eq(hc_history_created_at(history, i), HOUSE_START + 2 * HOUSE_MINUTE);
        ck_assert_int_eq(hc_history_version(history, i), 4);
        actor = hc_history_actor_id(history, i);
        ck_assert_mem_eq(&actor, &house.admin_id, sizeof actor);
        ck_assert_int_eq(hc_history_currency(history, i) != NULL, price);
    }
    ck_assert_int_eq(hc_history_what(history, 2), HC_HISTORY_STATUS);
    ck_assert_int_eq(hc_history_old_value(history, 2), HC_PROPERTY_STANDARD_ACTIVE);
    ck_assert_int_eq(hc_history_what(history, 3), HC_HISTORY_PRICE);
    ck_assert_int_eq(hc_history_old_value(history, 3), 48900000);
    ck_assert_int_eq(hc_history_new_value(history, 3), 47000000);
    ck_assert_str_eq(hc_history_currency(history, 3), "USD");
    ck_assert_int_eq(hc_history_version(history, 3), 2);
    ck_assert_int_eq(hc_history_what(history, 4), 0);
    hc_history_free(history);
}
END_TEST

START_TEST(who_changed_it_is_told_to_its_agent_and_admins)
{
    static const hc_id nobody;
    hc_session *const readers[] = {house.guest, house.bea, house.ben, house.ana, house.admin, house.system};

    four_changes();
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        hc_history *history = history_of(readers[i], 0, NULL);
        ck_assert_uint_eq(hc_history_count(history), 4);
        for (size_t k = 0; k < 4; k++) {
            hc_id actor = hc_history_actor_id(history, k);
            ck_assert_int_eq(memcmp(&actor, &nobody, sizeof actor) != 0, i >= 3);
        }
        hc_history_free(history);
    }
}
END_TEST

/* P04, of cursors */
START_TEST(pages_join_without_a_gap_and_a_cursor_is_for_one_reader_and_listing)
{
    hc_history *all, *page, *none = (hc_history *)1;
    const char *cursor = NULL;
    char kept[512];

    four_changes();
    all = history_of(house.ana, 0, NULL);
    for (size_t i = 0; i < 4; i++) {
        page = history_of(house.ana, 1, cursor);
        ck_assert_uint_eq(hc_history_count(page), 1);
        ck_assert_int_eq(hc_history_what(page, 0), hc_history_what(all, i));
        ck_assert_int_eq(hc_history_new_value(page, 0), hc_history_new_value(all, i));
        ck_assert_int_eq(hc_history_cursor(page) != NULL, i < 3);
        if (i < 3)
            snprintf(kept, sizeof kept, "%s", hc_history_cursor(page));
        cursor = kept;
        hc_history_free(page);
    }
    hc_history_free(all);
    HOUSE_FAILS(hc_property_history(&none, house.bea, HOME, 1, kept, err), HC_ERR_INVALID, "cursor");
    ck_assert_ptr_null(none);
    HOUSE_FAILS(hc_property_history(&none, house.ana, house.anas_ids[1], 1, kept, err), HC_ERR_INVALID, "cursor");
    kept[10] = kept[10] == 'A' ? 'B' : 'A';
    HOUSE_FAILS(hc_property_history(&none, house.ana, HOME, 1, kept, err), HC_ERR_INVALID, "cursor");
    HOUSE_FAILS(hc_property_history(&none, house.ana, HOME, 1, "", err), HC_ERR_INVALID, "cursor");
    HOUSE_FAILS(hc_property_history(&none, house.ana, HOME, 201, NULL, err), HC_ERR_INVALID, "limit");
    HOUSE_FAILS(hc_property_history(&none, house.ana, HOME, -1, NULL, err), HC_ERR_INVALID, "limit");
}
END_TEST

/* Z10 */
START_TEST(a_listing_that_is_not_to_be_seen_has_no_history)
{
    hc_history *history = (hc_history *)1;
    hc_session *const others[] = {house.guest, house.bea, house.ben};

    four_changes();
    change(house.ana, 0, HC_PROPERTY_STANDARD_WITHDRAWN);
    for (size_t i = 0; i < 3; i++) {
        HOUSE_FAILS(hc_property_history(&history, others[i], HOME, 0, NULL, err), HC_ERR_NOT_FOUND, "id");
        ck_assert_ptr_null(history);
        house_assert_audited("authz_fail", others[i] == house.guest ? NULL : others[i]);
    }
    HOUSE_OK(hc_property_history(&history, house.ana, HOME, 0, NULL, err));
    ck_assert_uint_eq(hc_history_count(history), 5);
    hc_history_free(history);
    HOUSE_OK(hc_property_delete(house.ana, HOME, 5, err));
    HOUSE_FAILS(hc_property_history(&history, house.ana, HOME, 0, NULL, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(hc_property_history(&history, house.guest, house.bens_id, 0, NULL, err));
    ck_assert_uint_eq(hc_history_count(history), 0);
    ck_assert_ptr_null(hc_history_cursor(history));
    hc_history_free(history);
    HOUSE_FAILS(hc_property_history(NULL, house.ana, HOME, 0, NULL, err), HC_ERR_MISUSE, "out");
    ck_assert_uint_eq(hc_history_count(NULL), 0);
    hc_history_free(NULL);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, changes_come_newest_first_with_what_was_and_what_is);
    tcase_add_test(tcase, who_changed_it_is_told_to_its_agent_and_admins);
    tcase_add_test(tcase, pages_join_without_a_gap_and_a_cursor_is_for_one_reader_and_listing);
    tcase_add_test(tcase, a_listing_that_is_not_to_be_seen_has_no_history);
}

int main(void)
{
    return suite_main("api.property.history", fill, house_open, house_close);
}
