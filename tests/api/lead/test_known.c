/* The same inquiry again: when it joins a lead, when that lead comes back, and who is told (domain.md D3). */
#include <pthread.h>

#include "leads.h"

static hc_status again(hc_session *as, hc_id listing, const char *email, hc_id *id)
{
    hc_error error = {0};
    hc_status status = send(id, as, ask(listing, email), &error);

    ck_assert_msg(status >= 0, "%s", error.message);
    house_count(1);
    return status;
}

static int32_t status_of(hc_id id)
{
    hc_lead *lead = lead_of(house.system, id);
    int32_t status = hc_lead_status(lead);

    hc_lead_free(lead);
    return status;
}

/* Z04: a guest joins the open lead and is told nothing; the lead is what it was, and the inquiry stands beside it */
START_TEST(a_guest_joins_an_open_lead_unawares)
{
    hc_session *other = guest_at(1);
    hc_lead_touch_page *touches = NULL;
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com");
    hc_id first, second, id;

    ck_assert_int_eq(again(house.guest, house.anas_ids[0], "gus@example.com", &first), HC_OK);
    id = newest_lead();
    hc_lead_set_contact_email(lead, "GUS@Example.COM");
    hc_lead_set_contact_phone(lead, "512 555 0666");
    hc_lead_set_budget_max(lead, 77700000);
    hc_lead_set_consent_marketing(lead, 1);
    ck_assert_int_eq(send(&second, other, lead, NULL), HC_OK);
    ck_assert(!same_id(first, second) && !same_id(second, id));
    ck_assert_int_eq(count_of("leads"), 1);
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_version(lead), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_BUDGET_MAX), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_CONTACT_PHONE), 1);
    ck_assert_int_eq(hc_lead_consent_marketing(lead), 0);
    hc_lead_free(lead);
    HOUSE_OK(hc_lead_touches(&touches, house.ana, id, NULL, err));
    ck_assert_uint_eq(hc_lead_touch_page_count(touches), 2);
    ck_assert(same_id(hc_lead_touch_id(hc_lead_touch_page_at(touches, 0)), second));
    ck_assert_int_eq(hc_lead_touch_budget_max(hc_lead_touch_page_at(touches, 0)), 77700000);
    ck_assert_str_eq(hc_lead_touch_contact_phone(hc_lead_touch_page_at(touches, 0)), "512 555 0666");
    ck_assert_int_eq(hc_lead_touch_consent_marketing(hc_lead_touch_page_at(touches, 0)), 1);
    hc_lead_touch_page_free(touches);
    hc_session_free(other);
}
END_TEST

/* Who asks again about the listing of an open lead, and of lost ones, by why they were lost. */
START_TEST(what_becomes_of_a_repeat)
{
    static const struct {
        int32_t lost;      /* 0: open */
        const char *joins; /* guest, agent of it, other agent, admin: J joins, R brings back, N new */
    } cases[] = {
        {0, "JJJJ"},
        {HC_LEAD_LOST_NO_RESPONSE, "NRNR"},
        {HC_LEAD_LOST_WITHDRAWN, "NRNR"},
        {HC_LEAD_LOST_OPTED_OUT, "NNNN"},
        {HC_LEAD_LOST_SPAM, "NNNN"},
    };
    hc_session *who[] = {NULL, house.ana, house.ben, house.admin};
    char email[40];

    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++)
        for (size_t w = 0; w < 4; w++) {
            hc_session *as = w == 0 ? guest_at((int)c + 1) : who[w];
            int64_t leads = count_of("leads") + 1;
            char want = cases[c].joins[w];
            hc_id id, answer;
            hc_status status;

            snprintf(email, sizeof email, "case%zu.%zu@example.com", c, w);
            id = made(house.ana, ask(house.anas_ids[0], email));
            if (cases[c].lost != 0)
                lose(house.ana, id, cases[c].lost);
            status = again(as, house.anas_ids[0], email, &answer);
            ck_assert_msg(count_of("leads") == leads + (want == 'N'), "case %zu by %zu", c, w);
            ck_assert_msg(status == (want == 'N' || w == 0 ? HC_OK : HC_NOTE_DEDUPLICATED), "case %zu by %zu", c, w);
            ck_assert_int_eq(same_id(id, answer), want != 'N' && w != 0);
            ck_assert_int_eq(status_of(id), cases[c].lost == 0 ? HC_LEAD_STATUS_NEW
                                            : want == 'R'      ? HC_LEAD_STATUS_CONTACTED
                                                               : HC_LEAD_STATUS_LOST);
            if (w == 0)
                hc_session_free(as);
        }
    ck_assert_int_eq(load_of(house.ana_id), house_sql("SELECT count(*) FROM leads l JOIN users u ON u.id = l.agent_id "
                                                      "WHERE u.email = 'ana@example.com' AND l.status <> 'lost'"));
}
END_TEST

START_TEST(a_buyer_brings_their_own_lead_back)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL)), answer;
    hc_lead *lead;

    ck_assert_int_eq(again(house.bea, house.anas_ids[0], NULL, &answer), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(id, answer));
    HOUSE_OK(hc_lead_withdraw(NULL, house.bea, id, version_of(id), HC_LEAD_LOST_WITHDRAWN, err));
    house_pass(HOUSE_DAY);
    /* under another address it still is theirs */
    ck_assert_int_eq(again(house.bea, house.anas_ids[0], "second@example.com", &answer), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(id, answer));
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_status(lead), HC_LEAD_STATUS_CONTACTED);
    ck_assert_int_eq(hc_lead_reopened_count(lead), 1);
    ck_assert_int_eq(hc_lead_response_due_at(lead), house_now() + HOUSE_HOUR); /* somebody waits again */
    hc_lead_free(lead);
    HOUSE_OK(hc_lead_withdraw(NULL, house.bea, id, version_of(id), HC_LEAD_LOST_OPTED_OUT, err));
    ck_assert_int_eq(again(house.bea, house.anas_ids[0], NULL, &answer), HC_OK); /* they may always ask */
    ck_assert(!same_id(id, answer));
}
END_TEST

/* An account in somebody else's name, or their address in a form, opens nothing of theirs (Z01). */
START_TEST(a_buyer_gets_no_lead_by_typing_an_address)
{
    hc_id victim, answer, eve = house_user("gus@example.com", "Eve Pretender", HC_USER_ROLE_BUYER);
    hc_session *as = house_login("gus@example.com", HOUSE_PASSWORD);
    hc_user *row = NULL, *edit;
    hc_lead *lead;

    again(house.guest, house.anas_ids[0], "gus@example.com", &answer);
    victim = newest_lead();
    ck_assert_int_eq(again(house.bea, house.anas_ids[0], "gus@example.com", &answer), HC_OK);
    ck_assert(!same_id(victim, answer));
    ck_assert_int_eq(again(as, house.anas_ids[0], NULL, &answer), HC_OK); /* an address nobody proved */
    ck_assert(!same_id(victim, answer));
    HOUSE_FAILS(hc_lead_get(&lead, as, victim, err), HC_ERR_NOT_FOUND, "id");
    lose(house.ana, answer, HC_LEAD_LOST_SPAM);
    HOUSE_OK(hc_user_get(&row, house.system, eve, err));
    edit = hc_user_edit(row);
    hc_user_set_email_verified_at(edit, house_now());
    HOUSE_OK(hc_user_update(NULL, house.system, edit, err));
    hc_user_free(edit);
    hc_user_free(row);
    ck_assert_int_eq(again(as, house.anas_ids[0], NULL, &answer), HC_NOTE_DEDUPLICATED); /* now it is theirs */
    ck_assert(same_id(victim, answer));
    hc_lead_free(lead_of(as, victim));
    hc_session_free(as);
}
END_TEST

/* Z01: an agent who asks for a contact of another's lead is told of it, and changes nothing of it. */
START_TEST(an_agent_changes_nothing_of_a_lead_that_is_anothers)
{
    hc_id id = made(house.ana, ask(house.anas_ids[0], "gus@example.com")), answer;
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com");

    hc_lead_set_budget_max(lead, 77700000);
    hc_lead_set_contact_phone(lead, "512 555 0666");
    ck_assert_int_eq(send(&answer, house.ben, lead, NULL), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(id, answer));
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_version(lead), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_BUDGET_MAX), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_CONTACT_PHONE), 1);
    hc_lead_free(lead);
    ck_assert_int_eq(count_of("lead_touches"), 2); /* where ana reads it */
}
END_TEST

/* A budget that is filled in keeps its order: else no update of the lead would pass any more. */
START_TEST(a_budget_of_two_inquiries_is_one)
{
    hc_lead *lead = ask(house.anas_ids[0], "gus@example.com"), *edit;
    hc_id id, answer;

    hc_lead_set_budget_max(lead, 30000000);
    id = made(house.ana, lead);
    lead = ask(house.anas_ids[0], "gus@example.com");
    hc_lead_set_budget_min(lead, 40000000);
    hc_lead_set_budget_max(lead, 50000000);
    ck_assert_int_eq(send(&answer, house.ana, lead, NULL), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(id, answer));
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_budget_max(lead), 30000000);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_BUDGET_MIN), 1);
    edit = hc_lead_edit(lead);
    hc_lead_set_notes(edit, "asked twice");
    HOUSE_OK(hc_lead_update(NULL, house.ana, edit, err));
    hc_lead_free(edit);
    hc_lead_free(lead);
}
END_TEST

START_TEST(thirty_days_and_one_listing)
{
    hc_id id = made(house.system, ask(house.anas_ids[0], "kim@example.com")), answer;
    hc_lead *one, *other;

    house_pass(29 * HOUSE_DAY);
    ck_assert_int_eq(again(house.system, house.anas_ids[0], "kim@example.com", &answer), HC_NOTE_DEDUPLICATED);
    house_pass(29 * HOUSE_DAY); /* since the last inquiry, not the first */
    ck_assert_int_eq(again(house.system, house.anas_ids[0], "kim@example.com", &answer), HC_NOTE_DEDUPLICATED);
    house_pass(31 * HOUSE_DAY);
    ck_assert_int_eq(again(house.system, house.anas_ids[0], "kim@example.com", &answer), HC_OK);
    ck_assert(!same_id(id, answer));
    ck_assert_int_eq(again(house.system, house.anas_ids[1], "kim@example.com", &answer), HC_OK); /* another listing */
    one = lead_of(house.system, id);
    other = lead_of(house.system, answer);
    ck_assert(same_id(hc_lead_contact_id(one), hc_lead_contact_id(other)));
    hc_lead_free(one);
    hc_lead_free(other);
    ck_assert_int_eq(again(house.system, nobody, "kim@example.com", &id), HC_OK); /* none is a listing of its own */
    ck_assert_int_eq(again(house.system, nobody, "kim@example.com", &answer), HC_NOTE_DEDUPLICATED);
    ck_assert(same_id(id, answer));
    ck_assert_int_eq(count_of("contacts"), 1);
}
END_TEST

static hc_id by_phone(hc_session *as, hc_id listing, const char *phone, const char *email)
{
    hc_lead *lead = ask(listing, email);

    if (phone != NULL)
        hc_lead_set_contact_phone(lead, phone);
    return made(as, lead);
}

/* Z01: a telephone number is proved by nobody, whatever address stands beside it. */
START_TEST(a_buyer_gets_no_lead_by_typing_a_number)
{
    hc_id victim, answer, eve = house_user("eve@example.com", "Eve Pretender", HC_USER_ROLE_BUYER);
    hc_session *as = house_login("eve@example.com", HOUSE_PASSWORD);
    hc_user *edit = hc_user_for(house.client, eve, 1);
    hc_lead *lead;

    hc_user_set_email_verified_at(edit, house_now());
    HOUSE_OK(hc_user_update(NULL, house.system, edit, err));
    hc_user_free(edit);
    by_phone(house.guest, house.anas_ids[0], "+1 512 555 0100", NULL);
    victim = newest_lead();
    for (int i = 0; i < 2; i++) {
        answer = by_phone(as, house.anas_ids[0], "+1 512 555 0100", NULL);
        ck_assert(!same_id(victim, answer));
        HOUSE_FAILS(hc_lead_get(&lead, as, victim, err), HC_ERR_NOT_FOUND, "id");
    }
    hc_session_free(as);
}
END_TEST

START_TEST(a_person_is_known_by_address_or_number)
{
    hc_property *home = house_sketch("In the States", 100);
    hc_id listing, first, second;

    hc_property_set_country(home, "US");
    HOUSE_OK(hc_property_create(&listing, house.ana, home, err));
    hc_property_free(home);
    first = by_phone(house.ana, listing, "(512) 555-0100", NULL);
    second = by_phone(house.ana, listing, "+1 512.555.0100", NULL);
    ck_assert(same_id(first, second)); /* E.164, since the listing's country is known */
    second = by_phone(house.ana, listing, "011 1 512 555 0100", NULL);
    ck_assert(same_id(first, second));
    second = by_phone(house.ana, listing, "512-555-0101", NULL);
    ck_assert(!same_id(first, second));
    second = by_phone(house.ana, listing, "512-555-0100", "Pat@Example.com"); /* who called now writes */
    ck_assert(same_id(first, second));
    second = by_phone(house.ana, listing, NULL, "pat@example.com");
    ck_assert(same_id(first, second));
    second = by_phone(house.ana, listing, "512-555-0100", "partner@example.com"); /* two share a telephone */
    ck_assert(!same_id(first, second));
    second = by_phone(house.ana, listing, NULL, "pat+homes@example.com"); /* no folding of what is behind a plus */
    ck_assert(!same_id(first, second));
    second = by_phone(house.ana, listing, NULL, "p.at@example.com"); /* nor of dots */
    ck_assert(!same_id(first, second));
}
END_TEST

/* ---- at once ---- */

#define ASKERS 6

static pthread_barrier_t start;

static void *ask_at_once(void *data)
{
    hc_session *as = data;
    hc_id id;

    pthread_barrier_wait(&start);
    return send(&id, as, ask(house.anas_ids[0], "crowd@example.com"), NULL) == HC_OK ? NULL : (void *)as;
}

/* However many ask at once under one address: one contact, one open lead, and no inquiry is lost. */
START_TEST(inquiries_at_once_become_one_lead)
{
    hc_session *as[ASKERS];
    pthread_t threads[ASKERS];

    pthread_barrier_init(&start, NULL, ASKERS);
    for (int i = 0; i < ASKERS; i++) {
        as[i] = guest_at(i + 1);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_at_once, as[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
        hc_session_free(as[i]);
    }
    pthread_barrier_destroy(&start);
    house_count(ASKERS);
    ck_assert_int_eq(count_of("contacts"), 1);
    ck_assert_int_eq(count_of("leads"), 1);
    ck_assert_int_eq(count_of("lead_touches"), ASKERS);
    ck_assert_int_eq(load_of(house.ana_id), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_guest_joins_an_open_lead_unawares);
    tcase_add_test(tcase, what_becomes_of_a_repeat);
    tcase_add_test(tcase, a_buyer_brings_their_own_lead_back);
    tcase_add_test(tcase, a_buyer_gets_no_lead_by_typing_an_address);
    tcase_add_test(tcase, an_agent_changes_nothing_of_a_lead_that_is_anothers);
    tcase_add_test(tcase, a_budget_of_two_inquiries_is_one);
    tcase_add_test(tcase, thirty_days_and_one_listing);
    tcase_add_test(tcase, a_buyer_gets_no_lead_by_typing_a_number);
    tcase_add_test(tcase, a_person_is_known_by_address_or_number);
    tcase_add_test(tcase, inquiries_at_once_become_one_lead);
}

int main(void)
{
    return suite_main("lead.known", fill, house_open, house_close);
}
