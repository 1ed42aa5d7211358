/* Profiles of agents: whose they are, what is locked, what a licence is good for. */
#include <stdio.h>
#include <string.h>

#include "house.h"
#include "meanwhile.h"

static hc_agent *read_agent(hc_session *as, hc_id id)
{
    hc_agent *agent = NULL;

    HOUSE_OK(hc_agent_get(&agent, as, id, err));
    return agent;
}

static hc_agent *edit_of(hc_id id)
{
    hc_agent *row = read_agent(house.system, id), *edit = hc_agent_edit(row);

    hc_agent_free(row);
    return edit;
}

static hc_status change(hc_session *as, hc_agent *edit, hc_error *err)
{
    hc_status status = hc_agent_update(NULL, as, edit, err);

    hc_agent_free(edit);
    return status;
}

static hc_status make(hc_session *as, hc_id user, hc_error *err)
{
    hc_agent *agent = hc_agent_new(house.client);
    static const hc_id none;
    hc_id id = {{1}};
    hc_status status;

    hc_agent_set_user_id(agent, user);
    status = hc_agent_create(&id, as, agent, err);
    ck_assert_int_eq(memcmp(&id, status < 0 ? &none : &user, sizeof id), 0);
    hc_agent_free(agent);
    return status;
}

START_TEST(a_profile_has_its_defaults)
{
    hc_id cy = house_user("cy@example.com", "Cy", HC_USER_ROLE_AGENT);
    hc_agent *row;

    HOUSE_OK(make(house.admin, cy, err));
    row = read_agent(house.system, cy);
    ck_assert_int_eq(hc_agent_version(row), 1);
    ck_assert_int_eq(hc_agent_rating(row), 0);
    ck_assert_int_eq(hc_agent_total_sales(row), 0);
    ck_assert_int_eq(hc_agent_accepting_leads(row), 1);
    ck_assert_int_eq(hc_agent_auto_confirm(row), 0);
    ck_assert_int_eq(hc_agent_buffer_before(row), 0);
    ck_assert_int_eq(hc_agent_is_null(row, HC_AGENT_LICENSE_NUMBER), 1);
    ck_assert_int_eq(hc_agent_is_null(row, HC_AGENT_LICENSE_VERIFIED_AT), 1);
    ck_assert_int_eq(hc_agent_is_null(row, HC_AGENT_MIN_NOTICE), 1);
    ck_assert_int_eq(hc_agent_created_at(row), house_now());
    hc_agent_free(row);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='agent' AND change='created'"), 3);
}
END_TEST

/* Z02 A03 */
START_TEST(only_admins_make_profiles_of_agents_once)
{
    hc_id cy = house_user("cy@example.com", "Cy", HC_USER_ROLE_AGENT);
    hc_session *session = house_login("cy@example.com", HOUSE_PASSWORD);
    snapshot before = house_snapshot();
    hc_agent *agent = hc_agent_new(house.client);
    hc_id id;

    HOUSE_FAILS(make(session, cy, err), HC_ERR_FORBIDDEN, "");
    house_assert_audited("authz_fail", session);
    HOUSE_FAILS(make(house.bea, house.bea_id, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(make(house.guest, cy, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(make(house.admin, house.bea_id, err), HC_ERR_INVALID, "user_id");
    HOUSE_FAILS(make(house.admin, house.admin_id, err), HC_ERR_INVALID, "user_id");
    HOUSE_FAILS(make(house.admin, (hc_id){{5}}, err), HC_ERR_INVALID, "user_id");
    HOUSE_FAILS(make(house.admin, house.ana_id, err), HC_ERR_CONFLICT, "user_id");
    HOUSE_FAILS(hc_agent_create(&id, house.admin, agent, err), HC_ERR_INVALID, "user_id");
    HOUSE_FAILS(hc_agent_create(NULL, house.admin, agent, err), HC_ERR_MISUSE, "out");
    HOUSE_FAILS(hc_agent_create(&id, house.admin, NULL, err), HC_ERR_NO_MEMORY, "");
    house_assert_unchanged_since(before);
    hc_agent_free(agent);
    hc_session_free(session);
}
END_TEST

/* P06 */
START_TEST(numbers_outside_their_ranges_are_refused)
{
    static const struct {
        const char *json, *field;
    } bad[] = {{"{\"commission_rate\":-1}", "commission_rate"},
               {"{\"commission_rate\":100.01}", "commission_rate"},
               {"{\"commission_rate\":\"2.005\"}", "commission_rate"},
               {"{\"buffer_before\":481}", "buffer_before"},
               {"{\"buffer_after\":-1}", "buffer_after"},
               {"{\"capacity\":10001}", "capacity"},
               {"{\"min_notice\":-5}", "min_notice"},
               {"{\"auto_confirm\":2}", "auto_confirm"},
               {"{\"license_expires_on\":\"2025-13-01\"}", "license_expires_on"},
               {"{\"working_hours\":\"9 to 5\"}", "working_hours"}};
    snapshot before = house_snapshot();

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hc_agent *edit = edit_of(house.ana_id);
        HOUSE_FAILS(hc_agent_from_json(edit, bad[i].json, strlen(bad[i].json), err), HC_ERR_INVALID, bad[i].field);
        HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_INVALID, bad[i].field);
    }
    house_assert_unchanged_since(before);
}
END_TEST

/* P06 A03 */
START_TEST(a_rating_is_never_set)
{
    static const char *const bad[] = {"{\"rating\":5.01}", "{\"rating\":\"5.00\"}", "{\"rating\":null}",
                                      "{\"total_sales\":1}"};
    hc_session *const all[] = {house.ana, house.admin, house.system};

    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            const char *field = i < 3 ? "rating" : "total_sales";
            hc_agent *edit = edit_of(house.ana_id);
            snapshot before = house_snapshot();
            HOUSE_FAILS(hc_agent_from_json(edit, bad[i], strlen(bad[i]), err), HC_ERR_FORBIDDEN, field);
            ck_assert_int_lt(change(all[k], edit, NULL), 0); /* and nothing of the rest */
            edit = edit_of(house.ana_id);
            hc_agent_set_null(edit, i < 3 ? HC_AGENT_RATING : HC_AGENT_TOTAL_SALES);
            ck_assert_int_lt(change(all[k], edit, NULL), 0);
            house_assert_unchanged_since(before);
        }
}
END_TEST

START_TEST(an_agent_changes_their_own_profile)
{
    hc_agent *edit = edit_of(house.ana_id), *row;
    int32_t version = 0;

    hc_agent_set_bio(edit, "Born here.");
    hc_agent_set_commission_rate(edit, 250);
    hc_agent_set_working_hours(edit, "{\"mon\":[[\"09:00\",\"17:00\"]]}");
    hc_agent_set_capacity(edit, 20);
    HOUSE_OK(hc_agent_update(&version, house.ana, edit, err));
    house_assert_audited("user_updated", house.ana);
    ck_assert_int_eq(version, 2);
    HOUSE_FAILS(hc_agent_update(&version, house.ana, edit, err), HC_ERR_CONFLICT, "version");
    ck_assert_int_eq(version, 0);
    hc_agent_free(edit);
    row = read_agent(house.ana, house.ana_id);
    ck_assert_int_eq(hc_agent_commission_rate(row), 250);
    ck_assert_str_eq(hc_agent_working_hours(row), "{\"mon\":[[\"09:00\",\"17:00\"]]}");
    hc_agent_free(row);
    edit = edit_of(house.ana_id);
    hc_agent_set_bio(edit, "Born here.");
    ck_assert_int_eq(change(house.ana, edit, NULL), HC_NOTE_SAME);
    edit = edit_of(house.ana_id);
    hc_agent_set_user_id(edit, house.ben_id);
    ck_assert_int_lt(change(house.admin, edit, NULL), 0); /* it stays with its user */
    edit = hc_agent_for(house.client, house.ana_id, 0);
    hc_agent_set_bio(edit, "x");
    HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_INVALID, "version");
}
END_TEST

/* A19 Z02 */
START_TEST(others_see_the_card_and_change_nothing)
{
    hc_session *const others[] = {house.guest, house.bea, house.ben};
    static const int32_t hidden[] = {HC_AGENT_COMMISSION_RATE, HC_AGENT_BUFFER_BEFORE, HC_AGENT_BUFFER_AFTER,
                                     HC_AGENT_MIN_NOTICE,      HC_AGENT_AUTO_CONFIRM,  HC_AGENT_CAPACITY,
                                     HC_AGENT_WORKING_HOURS,   HC_AGENT_EXCEPTIONS};
    hc_agent *edit = edit_of(house.ana_id);
    snapshot before;

    hc_agent_set_commission_rate(edit, 325);
    hc_agent_set_working_hours(edit, "{\"sun\":[[\"05:00\",\"06:00\"]]}");
    HOUSE_OK(change(house.ana, edit, err));
    before = house_snapshot();
    for (size_t i = 0; i < 3; i++) {
        hc_agent *row = read_agent(others[i], house.ana_id);
        hc_text *json = NULL;
        ck_assert_str_eq(hc_agent_license_number(row), "TX-604111");
        for (size_t k = 0; k < sizeof hidden / sizeof hidden[0]; k++)
            ck_assert_int_eq(hc_agent_is_null(row, hidden[k]), 1);
        HOUSE_OK(hc_agent_to_json(&json, row, err));
        ck_assert_ptr_null(strstr(hc_text_data(json), "3.25"));
        ck_assert_ptr_null(strstr(hc_text_data(json), "secret"));
        hc_text_free(json);
        hc_agent_free(row);
        edit = hc_agent_for(house.client, house.ana_id, 2);
        hc_agent_set_bio(edit, "x");
        HOUSE_FAILS(change(others[i], edit, err), i == 0 ? HC_ERR_UNAUTHENTICATED : HC_ERR_FORBIDDEN, "");
        house_assert_audited("authz_fail", i == 0 ? NULL : others[i]);
    }
    house_assert_unchanged_since(before);
}
END_TEST

static void set_number(hc_agent *edit)
{
    hc_agent_set_license_number(edit, "TX-1");
}

static void set_state(hc_agent *edit)
{
    hc_agent_set_license_state(edit, "CA");
}

static void set_expiry(hc_agent *edit)
{
    hc_agent_set_license_expires_on(edit, 99999);
}

static void clear_number(hc_agent *edit)
{
    hc_agent_set_null(edit, HC_AGENT_LICENSE_NUMBER);
}

static void set_verified(hc_agent *edit)
{
    hc_agent_set_license_verified_at(edit, house_now());
}

/* A03 */
START_TEST(a_verified_licence_is_locked)
{
    void (*const sets[])(hc_agent *) = {set_number, set_state, set_expiry, clear_number, set_verified};
    hc_agent *edit;

    for (size_t i = 0; i < 5; i++) {
        snapshot before = house_snapshot();
        edit = edit_of(house.ana_id);
        hc_agent_set_bio(edit, "rides along");
        sets[i](edit);
        HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_FORBIDDEN, i == 4 ? "license_verified_at" : "");
        house_assert_audited(i == 4 ? "input_validation_fail" : "authz_fail", house.ana);
        house_assert_unchanged_since(before);
    }
    edit = edit_of(house.ana_id);
    hc_agent_set_null(edit, HC_AGENT_LICENSE_VERIFIED_AT);
    HOUSE_OK(change(house.admin, edit, err));
    house_assert_audited("privilege_permissions_changed", house.admin);
    for (size_t i = 0; i < 3; i++) { /* open again, but for the verification */
        edit = edit_of(house.ana_id);
        sets[i](edit);
        HOUSE_OK(change(house.ana, edit, err));
    }
    edit = edit_of(house.ana_id);
    set_verified(edit);
    HOUSE_FAILS(change(house.ana, edit, err), HC_ERR_FORBIDDEN, "license_verified_at");
}
END_TEST

/* Z11 */
START_TEST(a_licence_that_is_taken_away_stops_the_next_call)
{
    hc_property *home = house_sketch("No licence", 1);
    hc_agent *edit = edit_of(house.ana_id);
    snapshot before;
    hc_id id;

    hc_agent_set_null(edit, HC_AGENT_LICENSE_VERIFIED_AT);
    HOUSE_OK(change(house.admin, edit, err));
    before = house_snapshot();
    HOUSE_FAILS(hc_property_create(&id, house.ana, home, err), HC_ERR_FORBIDDEN, "license_number");
    HOUSE_FAILS(hc_property_delete(house.ana, house.anas_ids[0], 1, err), HC_ERR_FORBIDDEN, "");
    house_assert_unchanged_since(before);
    edit = edit_of(house.ana_id);
    hc_agent_set_license_verified_at(edit, house_now());
    HOUSE_OK(change(house.admin, edit, err));
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
}
END_TEST

START_TEST(an_agent_with_listings_stays)
{
    snapshot before = house_snapshot();
    hc_error why = {0};
    hc_agent *row = NULL;
    hc_id again;

    ck_assert_int_eq(hc_agent_delete(house.admin, house.ana_id, 1, &why), HC_ERR_INVALID_STATE);
    ck_assert_int_eq(why.detail, 3);
    HOUSE_FAILS(hc_agent_delete(house.ana, house.ana_id, 1, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_agent_delete(house.admin, house.ben_id, 9, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_agent_delete(house.admin, house.bea_id, 1, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_FAILS(hc_agent_delete(house.admin, house.ben_id, 0, err), HC_ERR_INVALID, "version");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    HOUSE_OK(hc_agent_delete(house.admin, house.ben_id, 1, err));
    house_assert_audited("user_deleted", house.admin);
    HOUSE_FAILS(hc_agent_get(&row, house.guest, house.ben_id, err), HC_ERR_NOT_FOUND, "id");
    HOUSE_OK(make(house.admin, house.ben_id, err)); /* and a new one may be made */
    again = house.ben_id;
    row = read_agent(house.guest, again);
    ck_assert_int_eq(hc_agent_is_null(row, HC_AGENT_LICENSE_NUMBER), 1);
    hc_agent_free(row);
}
END_TEST

/* ---- an agent goes while a listing is made theirs ---- */

struct leaving {
    hc_session *admin; /* in the thread */
    bool user;         /* the user goes, not the profile alone */
    hc_status (*give)(hc_session *as, hc_error *err);
};

static hc_status create_home(hc_session *as, hc_error *err)
{
    hc_property *home = house_sketch("Late Home", 30000000);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    return status;
}

static hc_status give_home(hc_session *as, hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    hc_property_set_agent_id(edit, house.ben_id);
    status = hc_property_update(NULL, as, edit, err);
    hc_property_free(edit);
    return status;
}

static hc_status restore_home(hc_session *as, hc_error *err)
{
    return hc_property_restore(NULL, as, house.bens_id, err);
}

static hc_status leave(void *data)
{
    const struct leaving *leaving = data;

    return leaving->user ? hc_user_delete(leaving->admin, house.ben_id, 1, NULL)
                         : hc_agent_delete(leaving->admin, house.ben_id, 1, NULL);
}

static hc_status give_first(hc_session *as, void *data, hc_error *err)
{
    const struct leaving *leaving = data;
    hc_status status = leaving->give(as, err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(leave, data), 0); /* it waits for the listing */
    return status;
}

/* domain.md, D1: the agent of a listing has a profile */
START_TEST(an_agent_who_gets_a_listing_meanwhile_stays)
{
    hc_status (*const ways[])(hc_session *, hc_error *) = {create_home, give_home, restore_home};
    struct leaving leaving = {.give = ways[_i % 3], .user = _i >= 3};
    hc_error why = {0};
    hc_status status;

    leaving.admin = house_login("ada@example.com", HOUSE_PASSWORD);
    hc_session_set_timeout(leaving.admin, HOUSE_SECOND / 2);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    HOUSE_OK(hc_session_transact(_i % 3 == 0 ? house.ben : house.admin, give_first, &leaving, err));
    status = leaving.user ? hc_user_delete(leaving.admin, house.ben_id, 1, &why)
                          : hc_agent_delete(leaving.admin, house.ben_id, 1, &why);
    ck_assert_int_eq(status, HC_ERR_INVALID_STATE);
    ck_assert_int_eq(why.detail, 1);
    hc_session_free(leaving.admin);
}
END_TEST

static hc_status give_meanwhile(void *data)
{
    const struct leaving *leaving = data;

    return leaving->give(leaving->admin, NULL);
}

static hc_status leave_first(hc_session *as, void *data, hc_error *err)
{
    hc_status status = hc_agent_delete(as, house.ben_id, 1, err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(give_meanwhile, data), 0); /* it waits for the profile */
    return status;
}

START_TEST(an_agent_who_leaves_meanwhile_gets_no_listing)
{
    hc_status (*const ways[])(hc_session *, hc_error *) = {create_home, give_home, restore_home};
    const char *const told[] = {"license_number", "agent_id", "agent_id"};
    const hc_status want[] = {HC_ERR_FORBIDDEN, HC_ERR_INVALID, HC_ERR_INVALID};
    struct leaving leaving = {.give = ways[_i]};

    leaving.admin = house_login(_i == 0 ? "ben@example.com" : "ada@example.com", HOUSE_PASSWORD);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    hc_session_set_timeout(leaving.admin, HOUSE_SECOND / 2);
    HOUSE_OK(hc_session_transact(house.admin, leave_first, &leaving, err));
    HOUSE_FAILS(leaving.give(leaving.admin, err), want[_i], told[_i]);
    hc_session_free(leaving.admin);
}
END_TEST

/* Z10 */
START_TEST(agents_are_listed_for_everybody_while_they_are_active)
{
    hc_query *query = NULL;
    hc_agent_page *page = NULL;
    hc_user *row = NULL, *edit;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_AGENT, err));
    HOUSE_OK(hc_query_set_filter(query, "accepting_leads eq true and rating ge 0", err));
    HOUSE_OK(hc_agent_list(&page, house.guest, query, err));
    ck_assert_uint_eq(hc_agent_page_count(page), 2);
    ck_assert_int_eq(hc_agent_is_null(hc_agent_page_at(page, 0), HC_AGENT_BUFFER_BEFORE), 1);
    hc_agent_page_free(page);
    HOUSE_OK(hc_agent_list(&page, house.guest, NULL, err));
    ck_assert_uint_eq(hc_agent_page_count(page), 2);
    hc_agent_page_free(page);
    HOUSE_OK(hc_user_get(&row, house.system, house.ben_id, err));
    edit = hc_user_edit(row);
    hc_user_set_status(edit, HC_USER_STATUS_DISABLED);
    HOUSE_OK(hc_user_update(NULL, house.admin, edit, err));
    hc_user_free(edit);
    hc_user_free(row);
    HOUSE_OK(hc_agent_list(&page, house.guest, query, err));
    ck_assert_uint_eq(hc_agent_page_count(page), 1);
    hc_agent_page_free(page);
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_OK(hc_agent_list(&page, house.admin, query, err));
    ck_assert_uint_eq(hc_agent_page_count(page), 2);
    hc_agent_page_free(page);
    hc_query_free(query);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_profile_has_its_defaults);
    tcase_add_test(tcase, only_admins_make_profiles_of_agents_once);
    tcase_add_test(tcase, numbers_outside_their_ranges_are_refused);
    tcase_add_test(tcase, a_rating_is_never_set);
    tcase_add_test(tcase, an_agent_changes_their_own_profile);
    tcase_add_test(tcase, others_see_the_card_and_change_nothing);
    tcase_add_test(tcase, a_verified_licence_is_locked);
    tcase_add_test(tcase, a_licence_that_is_taken_away_stops_the_next_call);
    tcase_add_test(tcase, an_agent_with_listings_stays);
    tcase_add_loop_test(tcase, an_agent_who_gets_a_listing_meanwhile_stays, 0, 6);
    tcase_add_loop_test(tcase, an_agent_who_leaves_meanwhile_gets_no_listing, 0, 3);
    tcase_add_test(tcase, agents_are_listed_for_everybody_while_they_are_active);
}

int main(void)
{
    return suite_main("api.agent.agent", fill, house_open, house_close);
}
