/* Who answers: the listing's agent, the area's, or nobody yet. */
#include <pthread.h>

#include "leads.h"

static hc_id agents[4]; /* of the pool: cat, dan, eli, fay */

static void set_areas(hc_agent *edit, const void *areas)
{
    hc_agent_set_service_areas(edit, areas);
}

static void set_capacity(hc_agent *edit, const void *leads)
{
    hc_agent_set_capacity(edit, *(const int32_t *)leads);
}

static void set_accepting(hc_agent *edit, const void *on)
{
    hc_agent_set_accepting_leads(edit, *(const int32_t *)on);
}

static void set_expiry(hc_agent *edit, const void *days)
{
    hc_agent_set_license_expires_on(edit, (int32_t)(house_now() / HOUSE_DAY) + *(const int32_t *)days);
}

static void open_agency(void)
{
    static const char *const emails[] = {"cat@example.com", "dan@example.com", "eli@example.com", "fay@example.com"};

    house_open();
    for (size_t i = 0; i < 4; i++) {
        agents[i] = house_user(emails[i], "An Agent", HC_USER_ROLE_AGENT);
        house_license(agents[i]);
    }
}

static hc_id ask_by_system(hc_id listing)
{
    static int number;
    char email[40];

    snprintf(email, sizeof email, "asker%d@example.com", ++number);
    return made(house.system, ask(listing, email));
}

static void assert_route(hc_id lead, hc_id agent, int32_t reason)
{
    hc_lead *row = lead_of(house.system, lead);

    ck_assert_int_eq(hc_lead_assign_reason(row), reason);
    ck_assert(same_id(hc_lead_agent_id(row), agent));
    ck_assert_int_eq(hc_lead_is_null(row, HC_LEAD_ASSIGNED_AT), same_id(agent, nobody));
    hc_lead_free(row);
}

static void set_user(hc_id id, int32_t role, int32_t status)
{
    hc_user *row = NULL, *edit;

    HOUSE_OK(hc_user_get(&row, house.system, id, err));
    edit = hc_user_edit(row);
    hc_user_set_role(edit, role);
    hc_user_set_status(edit, status);
    HOUSE_OK(hc_user_update(NULL, house.system, edit, err));
    hc_user_free(edit);
    hc_user_free(row);
}

/* The listing's agent takes it but for each thing that stands in the way. */
START_TEST(the_listings_agent_answers_when_they_can)
{
    static const int32_t no = 0, yes = 1, yesterday = -1, year = 365, one = 1, many = 100;

    assert_route(ask_by_system(house.anas_ids[0]), house.ana_id, HC_LEAD_ASSIGN_LISTING_AGENT);
    change_agent(house.ana_id, set_capacity, &one); /* one is open already */
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    change_agent(house.ana_id, set_capacity, &no);
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    change_agent(house.ana_id, set_capacity, &many);
    change_agent(house.ana_id, set_accepting, &no);
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    change_agent(house.ana_id, set_accepting, &yes);
    change_agent(house.ana_id, set_expiry, &yesterday);
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    change_agent(house.ana_id, set_expiry, &no); /* on its last day a licence is valid */
    assert_route(ask_by_system(house.anas_ids[0]), house.ana_id, HC_LEAD_ASSIGN_LISTING_AGENT);
    change_agent(house.ana_id, set_expiry, &year);
    set_user(house.ana_id, HC_USER_ROLE_AGENT, HC_USER_STATUS_DISABLED);
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    set_user(house.ana_id, HC_USER_ROLE_BUYER, HC_USER_STATUS_ACTIVE);
    assert_route(ask_by_system(house.anas_ids[0]), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    set_user(house.ana_id, HC_USER_ROLE_AGENT, HC_USER_STATUS_ACTIVE);
    assert_route(ask_by_system(house.anas_ids[0]), house.ana_id, HC_LEAD_ASSIGN_LISTING_AGENT);
    assert_route(ask_by_system(nobody), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    ck_assert_int_eq(load_of(house.ana_id), 3);
}
END_TEST

static hc_id orphan(const char *city, const char *state, const char *zip)
{
    hc_property *home = house_sketch("Nobody's home", 100);
    hc_id id;

    hc_property_set_city(home, city);
    hc_property_set_state(home, state);
    hc_property_set_zip_code(home, zip);
    HOUSE_OK(hc_property_create(&id, house.system, home, err));
    hc_property_free(home);
    return id;
}

/* By city, by zip and by its beginning, folded; who was never asked comes first, then who was asked longest ago. */
START_TEST(the_area_answers_in_turn)
{
    hc_id austin = orphan("Austin", "TX", "78704"), dallas = orphan("Dallas", "TX", "75201"),
          elsewhere = orphan("Austin", "MN", "55912");
    hc_id first[4], again[4];

    change_agent(agents[0], set_areas, "[{\"city\":\" AUSTIN \",\"state\":\"tx\"}]");
    change_agent(agents[1], set_areas, "[{\"zip\":\"787*\"},{\"zip\":\"75201\"}]");
    change_agent(agents[2], set_areas, "[{\"city\":\"Dallas\",\"state\":\"TX\"},{\"zip\":\"78704\"}]");
    change_agent(agents[3], set_areas, "[{\"city\":\"Austin\",\"state\":\"Texas\"},{\"zip\":\"78705\"}]");
    for (int i = 0; i < 3; i++) {
        hc_lead *row = lead_of(house.system, ask_by_system(austin));
        ck_assert_int_eq(hc_lead_assign_reason(row), HC_LEAD_ASSIGN_AREA_POOL);
        first[i] = hc_lead_agent_id(row);
        hc_lead_free(row);
        house_pass(HOUSE_MINUTE);
    }
    for (int i = 0; i < 3; i++) { /* ties by id: they were made one after the other */
        ck_assert(same_id(first[i], agents[i]));
        again[i] = first[i];
    }
    assert_route(ask_by_system(dallas), again[1], HC_LEAD_ASSIGN_AREA_POOL); /* dan, before eli */
    house_pass(HOUSE_MINUTE);
    assert_route(ask_by_system(austin), again[0], HC_LEAD_ASSIGN_AREA_POOL);
    house_pass(HOUSE_MINUTE);
    assert_route(ask_by_system(austin), again[2], HC_LEAD_ASSIGN_AREA_POOL);
    house_pass(HOUSE_MINUTE);
    assert_route(ask_by_system(austin), again[1], HC_LEAD_ASSIGN_AREA_POOL);
    assert_route(ask_by_system(elsewhere), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    change_agent(agents[0], set_areas, NULL);
    change_agent(agents[1], set_areas, "[]");
    change_agent(agents[2], set_areas, "[{\"city\":\"Houston\",\"state\":\"TX\"}]");
    assert_route(ask_by_system(austin), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
}
END_TEST

START_TEST(the_area_passes_over_who_is_full_or_away)
{
    static const int32_t two = 2, no = 0;
    hc_id home = orphan("Austin", "TX", "78704"), leads[6];

    for (size_t i = 0; i < 3; i++)
        change_agent(agents[i], set_areas, "[{\"zip\":\"787*\"}]");
    change_agent(agents[0], set_capacity, &two);
    change_agent(agents[1], set_capacity, &two);
    change_agent(agents[2], set_accepting, &no);
    for (size_t i = 0; i < 4; i++) {
        leads[i] = ask_by_system(home);
        house_pass(HOUSE_SECOND);
    }
    ck_assert_int_eq(load_of(agents[0]), 2);
    ck_assert_int_eq(load_of(agents[1]), 2);
    ck_assert_int_eq(load_of(agents[2]), 0);
    assert_route(ask_by_system(home), nobody, HC_LEAD_ASSIGN_UNASSIGNED);
    lose(house.system, leads[1], HC_LEAD_LOST_OTHER); /* a place is free again */
    assert_route(ask_by_system(home), agents[1], HC_LEAD_ASSIGN_AREA_POOL);
    /* the listing's agent who cannot leaves it to the area */
    change_agent(house.ana_id, set_accepting, &no);
    change_agent(agents[3], set_areas, "[{\"city\":\"Austin\",\"state\":\"TX\"}]");
    assert_route(ask_by_system(house.anas_ids[0]), agents[3], HC_LEAD_ASSIGN_AREA_POOL);
}
END_TEST

/* ---- areas ---- */

START_TEST(areas_are_checked_and_rewritten)
{
    static const char *const bad[] = {"{\"city\":\"Austin\",\"state\":\"TX\"}",
                                      "[\"78704\"]",
                                      "[{}]",
                                      "[{\"city\":\"Austin\"}]",
                                      "[{\"state\":\"TX\"}]",
                                      "[{\"zip\":\"78704\",\"city\":\"Austin\",\"state\":\"TX\"}]",
                                      "[{\"zip\":78704}]",
                                      "[{\"zip\":\"\"}]",
                                      "[{\"zip\":\"*\"}]",
                                      "[{\"zip\":\"7*7\"}]",
                                      "[{\"zip\":\"78%\"}]",
                                      "[{\"county\":\"Travis\"}]",
                                      "[{\"zip\":\"123456789012345678901\"}]",
                                      "[[]]",
                                      "[null]"};
    hc_agent *edit, *row = NULL;
    char *many = malloc(16 * 210);
    snapshot before;

    change_agent(agents[0], set_areas,
                 "[{\"zip\":\"78704\"},{\"zip\":\"78704\"},{\"city\":\"Austin\",\"state\":\"TX\"}]");
    ck_assert_int_eq(count_of("agent_areas"), 2);
    HOUSE_OK(hc_agent_get(&row, house.system, agents[0], err));
    before = house_snapshot();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        edit = hc_agent_edit(row);
        hc_agent_set_service_areas(edit, bad[i]);
        HOUSE_FAILS(hc_agent_update(NULL, house.system, edit, err), HC_ERR_INVALID, "service_areas");
        hc_agent_free(edit);
    }
    strcpy(many, "[");
    for (int i = 0; i < 201; i++)
        sprintf(many + strlen(many), "%s{\"zip\":\"%d\"}", i == 0 ? "" : ",", i);
    strcat(many, "]");
    edit = hc_agent_edit(row);
    hc_agent_set_service_areas(edit, many);
    HOUSE_FAILS(hc_agent_update(NULL, house.system, edit, err), HC_ERR_INVALID, "service_areas");
    hc_agent_free(edit);
    free(many);
    house_assert_unchanged_since(before);
    edit = hc_agent_edit(row);
    hc_agent_set_bio(edit, "Areas stay when they are not set.");
    HOUSE_OK(hc_agent_update(NULL, house.system, edit, err));
    hc_agent_free(edit);
    hc_agent_free(row);
    ck_assert_int_eq(count_of("agent_areas"), 2);
    change_agent(agents[0], set_areas, NULL);
    ck_assert_int_eq(count_of("agent_areas"), 0);
}
END_TEST

/* ---- at once ---- */

#define ASKERS 8

static pthread_barrier_t start;
static hc_id crowded;

static void *ask_at_once(void *data)
{
    hc_session *as = data;
    char email[64];
    hc_id id;

    for (int i = 0; i < 5; i++) {
        snprintf(email, sizeof email, "%p.%d@example.com", data, i);
        if (i == 0)
            pthread_barrier_wait(&start);
        if (send(&id, as, ask(crowded, email), NULL) != HC_OK)
            return as;
    }
    return NULL;
}

/* However many ask at once, nobody gets more than their capacity, and the load says what is there. */
START_TEST(capacity_holds_under_a_crowd)
{
    static const int32_t six = 6;
    hc_session *as[ASKERS];
    pthread_t threads[ASKERS];

    crowded = orphan("Austin", "TX", "78704");
    for (size_t i = 0; i < 4; i++) {
        change_agent(agents[i], set_areas, "[{\"zip\":\"787*\"}]");
        change_agent(agents[i], set_capacity, &six);
    }
    pthread_barrier_init(&start, NULL, ASKERS);
    for (int i = 0; i < ASKERS; i++) {
        HOUSE_OK(hc_session_system(&as[i], house.client, err));
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_at_once, as[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
        hc_session_free(as[i]);
    }
    pthread_barrier_destroy(&start);
    house_count(ASKERS * 5);
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(load_of(agents[i]), 6);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM leads WHERE agent_id IS NULL"), ASKERS * 5 - 24);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM agent_load a WHERE open_leads <> (SELECT count(*) FROM leads l "
                               "WHERE l.agent_id = a.user_id)"),
                     0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_listings_agent_answers_when_they_can);
    tcase_add_test(tcase, the_area_answers_in_turn);
    tcase_add_test(tcase, the_area_passes_over_who_is_full_or_away);
    tcase_add_test(tcase, areas_are_checked_and_rewritten);
    tcase_add_test(tcase, capacity_holds_under_a_crowd);
}

int main(void)
{
    return suite_main("lead.route", fill, open_agency, house_close);
}
