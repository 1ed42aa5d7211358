/* How often a call goes to a store that is far away, with the sign-in checked each time. */
#include "far.h"

#include "homeconnect/favorite.h"

static hc_id home;

static void set_up(void)
{
    far_open();
    OK(far_list(admin, &home));
}

static hc_status look(hc_session *as, hc_id id)
{
    hc_property *row = NULL;
    hc_status status = hc_property_get(&row, as, id, &err);

    hc_property_free(row);
    return status;
}

static int trips(void)
{
    int out = far.trips;

    far.trips = 0;
    return out;
}

static hc_session *again(const hc_session *like)
{
    hc_session *as = NULL;

    OK(hc_session_open(&as, client, hc_session_token(like), strlen(hc_session_token(like)), NULL, &err));
    return as;
}

START_TEST(what_finds_something_takes_one_trip)
{
    hc_property_page *page = NULL;
    hc_session *as;

    trips();
    OK(look(bea, home));
    ck_assert_int_eq(trips(), 1);
    OK(look(guest, home));
    ck_assert_int_eq(trips(), 1);
    OK(hc_property_list(&page, bea, NULL, &err));
    ck_assert_uint_eq(hc_property_page_count(page), 1);
    ck_assert_int_eq(trips(), 1);
    hc_property_page_free(page);
    as = again(bea);
    ck_assert_int_eq(trips(), 1);
    ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
    OK(look(as, home));
    ck_assert_int_eq(trips(), 1);
    hc_session_free(as);
}
END_TEST

/* T15: who finds nothing is asked for by itself, and told the truth. */
START_TEST(what_finds_nothing_asks_once_more)
{
    hc_session *as = again(bea);
    hc_favorite_page *page = NULL;

    trips();
    OK(hc_favorite_list(&page, bea, NULL, &err));
    ck_assert_uint_eq(hc_favorite_page_count(page), 0);
    ck_assert_int_eq(trips(), 2);
    hc_favorite_page_free(page);
    OK(hc_auth_logout(bea, &err));
    page = NULL;
    ck_assert_int_eq(hc_favorite_list(&page, as, NULL, &err), HC_ERR_UNAUTHENTICATED);
    ck_assert_ptr_null(page);
    ck_assert_int_eq(look(as, home), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(look(guest, home), HC_OK);
    hc_session_free(as);
}
END_TEST

/* A change reads and asks in one trip, writes and commits in a second; what reads nothing takes one for all. */
START_TEST(a_change_takes_two_trips)
{
    hc_id id;

    trips();
    OK(far_price(admin, home, 1, 41000000));
    ck_assert_int_eq(trips(), 2);
    OK(far_list(admin, &id));
    ck_assert_int_eq(trips(), 1);
}
END_TEST

/* T15: nothing that a dead sign-in sends is committed, and no failure of it tells what is there. */
START_TEST(a_dead_sign_in_changes_nothing)
{
    hc_session *as = again(admin);
    hc_id id;
    int homes = far_count("SELECT count(*) FROM properties"), events = far_count("SELECT count(*) FROM events");

    OK(hc_auth_logout(admin, &err));
    events += far_count("SELECT count(*) FROM events") - events;
    ck_assert_int_eq(far_price(as, home, 1, 41000000), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(far_price(as, home, 7, 41000000), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(hc_property_delete(as, bea_id, 1, &err), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(far_list(as, &id), HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(far_count("SELECT count(*) FROM properties"), homes);
    ck_assert_int_eq(far_count("SELECT count(*) FROM events"), events);
    ck_assert_int_eq(far_count("SELECT count(*) FROM properties WHERE price=40000000"), 1);
    hc_session_free(as);
}
END_TEST

/* ---- a trip that fails ---- */

/* S15: a read is tried once more, a unit as a whole. */
START_TEST(a_dead_connection_is_not_the_callers_trouble)
{
    hc_id id;

    far.die = 1;
    OK(look(bea, home));
    ck_assert_int_eq(far.die, 0);
    far.die = 2;
    ck_assert_int_eq(look(bea, home), HC_ERR_UNAVAILABLE);
    for (int after = 0; after < 2; after++) { /* the first batch, then the one that commits */
        far.die = 1;
        far.die_after = after;
        OK(far_price(admin, home, 1 + after, 41000000 + after));
        ck_assert_int_eq(far.die, 0);
    }
    far.die = 1;
    OK(far_list(admin, &id));
    ck_assert_int_eq(far_count("SELECT count(*) FROM properties"), 2);
    far.die = 100;
    ck_assert_int_eq(far_list(admin, &id), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(err.flags, HC_ERROR_RETRYABLE | HC_ERROR_WRITTEN_NO);
    ck_assert_int_ge(far.die, 100 - 6);
    far.die = 0;
    ck_assert_int_eq(far_count("SELECT count(*) FROM properties"), 2);
}
END_TEST

/* What was idle while another died is asked before it serves. */
START_TEST(others_are_asked_after_one_died)
{
    far.pings = far.connects = 0;
    OK(look(bea, home));
    ck_assert_int_eq(far.pings, 0);
    far.die = 1;
    OK(look(bea, home));
    ck_assert_int_eq(far.pings + far.connects, 1);
    OK(look(bea, home));
    ck_assert_int_eq(far.pings + far.connects, 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_finds_something_takes_one_trip);
    tcase_add_test(tcase, what_finds_nothing_asks_once_more);
    tcase_add_test(tcase, a_change_takes_two_trips);
    tcase_add_test(tcase, a_dead_sign_in_changes_nothing);
    tcase_add_test(tcase, a_dead_connection_is_not_the_callers_trouble);
    tcase_add_test(tcase, others_are_asked_after_one_died);
}

int main(void)
{
    return suite_main("unit.client.trips", fill, set_up, far_close);
}
