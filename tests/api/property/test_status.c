/* Statuses of listings (domain.md D1, D8): the two columns, the moves, what they derive and record. */
#include <stdio.h>
#include <string.h>

#include "house.h"
#include "listing_moves.h"

static int32_t plain_of(int32_t standard)
{
    switch (standard) {
    case HC_PROPERTY_STANDARD_ACTIVE:
        return HC_PROPERTY_STATUS_ACTIVE;
    case HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT:
    case HC_PROPERTY_STANDARD_PENDING:
        return HC_PROPERTY_STATUS_PENDING;
    case HC_PROPERTY_STANDARD_CLOSED:
        return HC_PROPERTY_STATUS_SOLD;
    default:
        return 0;
    }
}

static hc_id listed(hc_session *as, int32_t standard)
{
    hc_property *home = house_sketch("Moving", 30000000);
    hc_id id;

    hc_property_set_standard_status(home, standard);
    HOUSE_OK(hc_property_create(&id, as, home, err));
    hc_property_free(home);
    return id;
}

static hc_status move(hc_session *as, hc_id id, int32_t version, int32_t standard, hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, id, version);
    hc_status status;

    hc_property_set_standard_status(edit, standard);
    status = hc_property_update(NULL, as, edit, err);
    hc_property_free(edit);
    return status;
}

static void try_move(hc_session *as, int32_t from, int32_t to, bool admin)
{
    hc_id id = listed(house.ana, from);
    hc_property *row;
    hc_error err = {0};
    bool may = from == to || status_may_become(from, to, admin);
    int64_t history = house_sql("SELECT count(*) FROM status_history");
    hc_status status = move(as, id, 1, to, &err), want = from == to ? HC_NOTE_SAME : may ? HC_OK : HC_ERR_INVALID_STATE;

    ck_assert_msg(status == want, "%s -> %s by %s: %s, not %s: %s", status_words[from], status_words[to],
                  admin ? "admin" : "agent", hc_status_name(status), hc_status_name(want), err.message);
    row = house_read(house.system, id);
    ck_assert_int_eq(hc_property_standard_status(row), may ? to : from);
    ck_assert_int_eq(hc_property_status(row), plain_of(may ? to : from));
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_STATUS), plain_of(may ? to : from) == 0);
    ck_assert_int_eq(hc_property_version(row), status == HC_OK ? 2 : 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM status_history"), history + (status == HC_OK));
    hc_property_free(row);
    if (may)
        return;
    ck_assert_str_eq(err.field, "standard_status");
    for (int32_t next = 1; next <= STATUSES; next++)
        if (next != from && status_may_become(from, next, false))
            ck_assert_msg(strstr(err.message, status_words[next]) != NULL, "%s is not named in: %s", status_words[next],
                          err.message);
}

START_TEST(every_move_of_the_table_and_no_other_is_made)
{
    for (int32_t from = 1; from <= STATUSES; from++)
        for (int32_t to = 1; to <= STATUSES; to++)
            try_move(_i == 0 ? house.ana : house.admin, from, to, _i != 0);
}
END_TEST

START_TEST(a_move_writes_its_history_with_it)
{
    hc_error err = {0};

    house_pass(HOUSE_MINUTE);
    ck_assert_int_eq(move(house.ana, house.anas_ids[0], 1, HC_PROPERTY_STANDARD_HOLD, &err), HC_OK);
    ck_assert_int_eq(
        house_sql(
            "SELECT count(*) FROM status_history h JOIN properties p ON p.id=h.property_id JOIN users u ON "
            "u.id=h.actor_id WHERE h.old_status='Active' AND h.new_status='Hold' AND h.version=2 AND "
            "p.version=2 AND u.email='ana@example.com' AND h.created_at=p.status_changed_at AND p.status IS NULL"),
        1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE change='updated' AND version=2"), 1);
}
END_TEST

START_TEST(either_column_sets_the_other)
{
    static const struct {
        int32_t plain, standard;
    } pairs[] = {{HC_PROPERTY_STATUS_PENDING, HC_PROPERTY_STANDARD_PENDING},
                 {HC_PROPERTY_STATUS_SOLD, HC_PROPERTY_STANDARD_CLOSED},
                 {HC_PROPERTY_STATUS_ACTIVE, HC_PROPERTY_STANDARD_ACTIVE}};

    for (size_t i = 0; i < 3; i++) {
        hc_property *home = house_sketch("By status", 1), *row;
        hc_id id;
        hc_property_set_status(home, pairs[i].plain);
        HOUSE_OK(hc_property_create(&id, house.ana, home, err));
        hc_property_free(home);
        row = house_read(house.ana, id);
        ck_assert_int_eq(hc_property_standard_status(row), pairs[i].standard);
        hc_property_free(row);
    }
}
END_TEST

static hc_status set_both(hc_session *as, int32_t version, int32_t plain, int32_t standard, hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], version);
    hc_status status;

    if (plain == 0)
        hc_property_set_null(edit, HC_PROPERTY_STATUS);
    else
        hc_property_set_status(edit, plain);
    if (standard != 0)
        hc_property_set_standard_status(edit, standard);
    status = hc_property_update(NULL, as, edit, err);
    hc_property_free(edit);
    return status;
}

START_TEST(both_columns_must_mean_the_same)
{
    snapshot before = house_snapshot();

    HOUSE_FAILS(set_both(house.ana, 1, HC_PROPERTY_STATUS_ACTIVE, HC_PROPERTY_STANDARD_PENDING, err), HC_ERR_INVALID,
                "status");
    HOUSE_FAILS(set_both(house.ana, 1, HC_PROPERTY_STATUS_SOLD, HC_PROPERTY_STANDARD_HOLD, err), HC_ERR_INVALID,
                "status");
    HOUSE_FAILS(set_both(house.ana, 1, 0, HC_PROPERTY_STANDARD_PENDING, err), HC_ERR_INVALID, "status");
    HOUSE_FAILS(set_both(house.ana, 1, 0, 0, err), HC_ERR_INVALID, "status");
    house_assert_unchanged_since(before);
    HOUSE_OK(set_both(house.ana, 1, HC_PROPERTY_STATUS_PENDING, HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT, err));
    HOUSE_OK(set_both(house.ana, 2, HC_PROPERTY_STATUS_PENDING, 0, err)); /* it is pending already */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE standard_status='Active Under Contract' AND "
                               "status='pending' AND version=2"),
                     1);
    HOUSE_OK(set_both(house.ana, 2, HC_PROPERTY_STATUS_ACTIVE, HC_PROPERTY_STANDARD_ACTIVE, err));
    HOUSE_OK(set_both(house.ana, 3, 0, HC_PROPERTY_STANDARD_WITHDRAWN, err)); /* off market is null */
}
END_TEST

START_TEST(a_listing_never_loses_its_status)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);
    snapshot before = house_snapshot();

    hc_property_set_null(edit, HC_PROPERTY_STANDARD_STATUS);
    HOUSE_FAILS(hc_property_update(NULL, house.ana, edit, err), HC_ERR_INVALID, "standard_status");
    hc_property_free(edit);
    house_assert_unchanged_since(before);
}
END_TEST

static hc_property *closed_on(hc_id id, int32_t version, int32_t day)
{
    hc_property *edit = hc_property_for(house.client, id, version);

    hc_property_set_status(edit, HC_PROPERTY_STATUS_SOLD);
    if (day != 0)
        hc_property_set_close_date(edit, day);
    HOUSE_OK(hc_property_update(NULL, house.admin, edit, err));
    hc_property_free(edit);
    return house_read(house.admin, id);
}

START_TEST(closing_derives_the_days)
{
    int32_t today = (int32_t)(house_now() / HOUSE_DAY);
    hc_id id = house_list_home(house.ana, "Quick", 30000000);
    hc_property *row, *edit;
    hc_error err;

    ck_assert_int_eq(move(house.admin, id, 1, HC_PROPERTY_STANDARD_PENDING, &err), HC_OK);
    house_pass(9 * HOUSE_DAY + 15 * HOUSE_HOUR);
    hc_session_free(house.admin);
    house.admin = house_login("ada@example.com", HOUSE_PASSWORD);
    row = closed_on(id, 2, 0);
    ck_assert_int_eq(hc_property_close_date(row), today + 10);
    ck_assert_int_eq(hc_property_days_to_close(row), 10);
    hc_property_free(row);
    edit = hc_property_for(house.client, id, 3);
    hc_property_set_list_date(edit, today - 5);
    HOUSE_OK(hc_property_update(NULL, house.admin, edit, err));
    hc_property_free(edit);
    row = house_read(house.admin, id);
    ck_assert_int_eq(hc_property_days_to_close(row), 15);
    hc_property_free(row);
    ck_assert_int_eq(move(house.admin, id, 4, HC_PROPERTY_STANDARD_ACTIVE, &err), HC_OK); /* the deal fell through */
    row = house_read(house.admin, id);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_DAYS_TO_CLOSE), 1);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_CLOSE_DATE), 1);
    hc_property_free(row);
    ck_assert_int_eq(move(house.admin, id, 5, HC_PROPERTY_STANDARD_PENDING, &err), HC_OK);
    house_pass(4 * HOUSE_DAY);
    hc_session_free(house.admin);
    house.admin = house_login("ada@example.com", HOUSE_PASSWORD);
    row = closed_on(id, 6, 0);
    ck_assert_int_eq(hc_property_close_date(row), today + 14); /* of the second sale */
    ck_assert_int_eq(hc_property_days_to_close(row), 19);
    hc_property_free(row);
}
END_TEST

START_TEST(a_close_date_that_is_given_stays)
{
    int32_t today = (int32_t)(house_now() / HOUSE_DAY);
    hc_id id = listed(house.ana, HC_PROPERTY_STANDARD_PENDING);
    hc_property *edit = hc_property_for(house.client, id, 1), *row;

    hc_property_set_list_date(edit, today - 30);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    row = closed_on(id, 2, today - 10);
    ck_assert_int_eq(hc_property_days_to_close(row), 20);
    hc_property_free(row);
    edit = hc_property_for(house.client, id, 3);
    hc_property_set_null(edit, HC_PROPERTY_LIST_DATE);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    row = house_read(house.ana, id);
    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_DAYS_TO_CLOSE), 1);
    hc_property_free(row);
}
END_TEST

START_TEST(the_first_day_on_the_market_is_the_list_date)
{
    hc_id id = listed(house.ana, HC_PROPERTY_STANDARD_COMING_SOON);
    hc_property *row = house_read(house.ana, id);
    hc_error err;

    ck_assert_int_eq(hc_property_is_null(row, HC_PROPERTY_LIST_DATE), 1);
    hc_property_free(row);
    house_pass(3 * HOUSE_DAY);
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    ck_assert_int_eq(move(house.ana, id, 1, HC_PROPERTY_STANDARD_ACTIVE, &err), HC_OK);
    row = house_read(house.ana, id);
    ck_assert_int_eq(hc_property_list_date(row), house_now() / HOUSE_DAY);
    hc_property_free(row);
    ck_assert_int_eq(move(house.ana, id, 2, HC_PROPERTY_STANDARD_HOLD, &err), HC_OK);
    house_pass(3 * HOUSE_DAY);
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    ck_assert_int_eq(move(house.ana, id, 3, HC_PROPERTY_STANDARD_ACTIVE, &err), HC_OK);
    row = house_read(house.ana, id);
    ck_assert_int_eq(hc_property_list_date(row), house_now() / HOUSE_DAY - 3); /* stays */
    hc_property_free(row);
}
END_TEST

START_TEST(off_the_market_is_off_the_public_lists)
{
    hc_property *row = NULL;
    hc_error err = {0};

    ck_assert_int_eq(move(house.ana, house.anas_ids[0], 1, HC_PROPERTY_STANDARD_HOLD, &err), HC_OK);
    HOUSE_FAILS(hc_property_get(&row, house.bea, house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
    hc_property_free(house_read(house.ana, house.anas_ids[0]));
    ck_assert_int_eq(move(house.ana, house.anas_ids[0], 2, HC_PROPERTY_STANDARD_ACTIVE, &err), HC_OK);
    hc_property_free(house_read(house.bea, house.anas_ids[0]));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, every_move_of_the_table_and_no_other_is_made, 0, 2);
    tcase_add_test(tcase, a_move_writes_its_history_with_it);
    tcase_add_test(tcase, either_column_sets_the_other);
    tcase_add_test(tcase, both_columns_must_mean_the_same);
    tcase_add_test(tcase, a_listing_never_loses_its_status);
    tcase_add_test(tcase, closing_derives_the_days);
    tcase_add_test(tcase, a_close_date_that_is_given_stays);
    tcase_add_test(tcase, the_first_day_on_the_market_is_the_list_date);
    tcase_add_test(tcase, off_the_market_is_off_the_public_lists);
}

int main(void)
{
    return suite_main("api.property.status", fill, house_open, house_close);
}
