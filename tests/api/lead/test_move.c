/* A lead's way: every move for everybody, what a move wants and what follows from it. */
#include <pthread.h>

#include "leads.h"

static hc_id bring_to(int32_t status)
{
    static int number;
    char email[40];
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_lead *lead;
    hc_id id;

    snprintf(email, sizeof email, "buyer%d@example.com", ++number);
    lead = ask(house.anas_ids[0], email);
    hc_lead_set_budget_max(lead, 50000000);
    id = made(house.ana, lead);
    if (status == HC_LEAD_STATUS_LOST) {
        lose(house.ana, id, HC_LEAD_LOST_NO_RESPONSE);
        return id;
    }
    for (int32_t next = HC_LEAD_STATUS_CONTACTED; next <= status; next++) {
        options.close_price = next == HC_LEAD_STATUS_CLOSED ? 48000000 : 0;
        HOUSE_OK(hc_lead_move(NULL, house.ana, id, version_of(id), next, &options, err));
    }
    return id;
}

/* D3 once more: Y may, A an admin may; rows from, columns to, in the order new, contacted, qualified, closed, lost. */
static const char *const allowed[] = {"", "=YY-Y", "-=Y-Y", "-Y=YY", "--A=-", "-Y--="};

static void try_move(hc_session *as, int32_t from, int32_t to, char cell)
{
    static const char *const words[] = {"", "new", "contacted", "qualified", "closed", "lost"};
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id id = bring_to(from);
    int32_t version = version_of(id), now = 0;
    hc_error error = {0};
    snapshot before = house_snapshot();
    hc_status status;

    options.reason = "because";
    options.lost_reason = to == HC_LEAD_STATUS_LOST ? HC_LEAD_LOST_PRICE : 0;
    options.close_price = to == HC_LEAD_STATUS_CLOSED ? 48000000 : 0;
    status = hc_lead_move(&now, as, id, version, to, &options, &error);
    house_count(1);
    if (cell == '=') {
        ck_assert_int_eq(status, HC_NOTE_SAME);
        ck_assert_int_eq(now, version);
        house_assert_unchanged_since(before);
    } else if (cell == 'Y' || (cell == 'A' && as != house.ana)) {
        ck_assert_msg(status == HC_OK, "%s to %s: %s", words[from], words[to], error.message);
        ck_assert_int_eq(now, version + 1);
    } else if (cell == 'A') {
        ck_assert_int_eq(status, HC_ERR_FORBIDDEN);
        house_assert_unchanged_since(before);
        house_assert_audited("authz_fail", as);
    } else {
        ck_assert_msg(status == HC_ERR_INVALID_STATE, "%s to %s: %s", words[from], words[to], error.message);
        ck_assert_str_eq(error.field, "status");
        ck_assert_msg(strstr(error.message, "only: ") != NULL, "%s", error.message);
        house_assert_unchanged_since(before);
    }
}

/* L01: each move, by the agent and by an admin; what is forbidden names what is allowed and writes nothing */
START_TEST(every_move_is_the_domains)
{
    for (int32_t from = HC_LEAD_STATUS_NEW; from <= HC_LEAD_STATUS_LOST; from++)
        for (int32_t to = HC_LEAD_STATUS_NEW; to <= HC_LEAD_STATUS_LOST; to++) {
            try_move(house.ana, from, to, allowed[from][to - 1]);
            try_move(house.admin, from, to, allowed[from][to - 1]);
        }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM agent_load WHERE open_leads < 0"), 0);
    ck_assert_int_eq(load_of(house.ana_id), house_sql("SELECT count(*) FROM leads WHERE status IN ('new','contacted',"
                                                      "'qualified')"));
}
END_TEST

/* L01, Z01: nobody but its agent and admins moves a lead */
START_TEST(a_lead_is_moved_by_its_agent_alone)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL));
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_lead_move(NULL, house.guest, id, 1, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_UNAUTHENTICATED,
                "");
    HOUSE_FAILS(hc_lead_move(NULL, house.bea, id, 1, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_lead_move(NULL, house.ben, id, 1, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_NOT_FOUND, "id");
    house_assert_unchanged_since(before);
    house_assert_audited("authz_fail", house.ben);
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 2, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_CONFLICT, "version");
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 0, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_INVALID, "version");
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, 0, NULL, err), HC_ERR_INVALID, "status");
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, 6, NULL, err), HC_ERR_INVALID, "status");
    house_assert_unchanged_since(before);
}
END_TEST

/* ---- what a move wants ---- */

START_TEST(a_move_says_what_it_lacks)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL));
    char reason[300];
    hc_lead *edit;

    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_QUALIFIED, NULL, err), HC_ERR_INVALID,
                "budget_max");
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_LOST, NULL, err), HC_ERR_INVALID, "lost_reason");
    options.lost_reason = 10;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_LOST, &options, err), HC_ERR_INVALID,
                "lost_reason");
    options.lost_reason = HC_LEAD_LOST_PRICE;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "lost_reason");
    options.lost_reason = 0;
    options.close_price = 1;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "close_price");
    options.close_price = 0;
    options.reserved = 1;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "reserved");
    options.reserved = 0;
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    options.reason = reason;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "reason");
    options.reason = "\xff";
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "reason");
    options = (hc_lead_move_options){sizeof options - 48, NULL, 0, 0, 0, 0, 0};
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 1, HC_LEAD_STATUS_CONTACTED, &options, err), HC_ERR_INVALID,
                "options");
    ck_assert_int_eq(version_of(id), 1);

    edit = hc_lead_for(house.client, id, 1);
    hc_lead_set_financing(edit, HC_LEAD_FINANCING_CASH);
    HOUSE_OK(hc_lead_update(NULL, house.ana, edit, err));
    hc_lead_free(edit);
    HOUSE_OK(hc_lead_move(NULL, house.ana, id, 2, HC_LEAD_STATUS_QUALIFIED, NULL, err));
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, id, 3, HC_LEAD_STATUS_CONTACTED, NULL, err), HC_ERR_INVALID, "reason");
}
END_TEST

START_TEST(a_lead_is_closed_by_a_sale_or_an_admins_word)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_property *edit = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_id first = bring_to(HC_LEAD_STATUS_QUALIFIED), second = bring_to(HC_LEAD_STATUS_QUALIFIED),
          third = bring_to(HC_LEAD_STATUS_QUALIFIED);
    hc_lead *lead;

    HOUSE_FAILS(hc_lead_move(NULL, house.ana, first, 3, HC_LEAD_STATUS_CLOSED, NULL, err), HC_ERR_INVALID,
                "close_price");
    options.close_price = -1;
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, first, 3, HC_LEAD_STATUS_CLOSED, &options, err), HC_ERR_INVALID,
                "close_price");
    options.close_price = 0;
    options.admin_override = 1;
    house_snapshot();
    HOUSE_FAILS(hc_lead_move(NULL, house.ana, first, 3, HC_LEAD_STATUS_CLOSED, &options, err), HC_ERR_FORBIDDEN,
                "admin_override");
    house_assert_audited("authz_fail", house.ana);
    HOUSE_OK(hc_lead_move(NULL, house.admin, first, 3, HC_LEAD_STATUS_CLOSED, &options, err));
    options.admin_override = 0;
    options.close_price = 47500000;
    HOUSE_OK(hc_lead_move(NULL, house.ana, second, 3, HC_LEAD_STATUS_CLOSED, &options, err));
    hc_property_set_status(edit, HC_PROPERTY_STATUS_PENDING);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    HOUSE_OK(hc_lead_move(NULL, house.ana, third, 3, HC_LEAD_STATUS_CLOSED, NULL, err));
    ck_assert_int_eq(load_of(house.ana_id), 0);
    lead = lead_of(house.ana, second);
    ck_assert_int_eq(hc_lead_close_price(lead), 47500000);
    hc_lead_free(lead);
    HOUSE_OK(move(NULL, house.admin, second, HC_LEAD_STATUS_QUALIFIED, "the bank said no", 0, err));
    lead = lead_of(house.ana, second);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_CLOSE_PRICE), 1);
    ck_assert_int_eq(hc_lead_status(lead), HC_LEAD_STATUS_QUALIFIED);
    hc_lead_free(lead);
    ck_assert_int_eq(load_of(house.ana_id), 1);
}
END_TEST

/* ---- what follows ---- */

START_TEST(the_first_answer_is_timed)
{
    hc_id quick = made(house.bea, ask(house.anas_ids[0], NULL)), slow = made(house.bea, ask(house.anas_ids[1], NULL));
    hc_lead *lead;

    house_pass(90 * HOUSE_SECOND);
    HOUSE_OK(hc_lead_move(NULL, house.ana, quick, 1, HC_LEAD_STATUS_CONTACTED, NULL, err));
    lead = lead_of(house.ana, quick);
    ck_assert_int_eq(hc_lead_first_response_at(lead), house_now());
    ck_assert_int_eq(hc_lead_status_changed_at(lead), house_now());
    ck_assert_int_eq(hc_lead_response_seconds(lead), 90);
    ck_assert_int_eq(hc_lead_response_late(lead), 0);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_RESPONSE_DUE_AT), 1);
    hc_lead_free(lead);
    house_pass(HOUSE_HOUR);
    HOUSE_OK(hc_lead_move(NULL, house.ana, slow, 1, HC_LEAD_STATUS_CONTACTED, NULL, err));
    lead = lead_of(house.ana, slow);
    ck_assert_int_eq(hc_lead_response_seconds(lead), 3690);
    ck_assert_int_eq(hc_lead_response_late(lead), 1);
    hc_lead_free(lead);
}
END_TEST

START_TEST(a_lost_lead_comes_back)
{
    hc_id id = bring_to(HC_LEAD_STATUS_LOST), spam = bring_to(HC_LEAD_STATUS_NEW);
    hc_lead *lead = lead_of(house.ana, id);
    hc_lead_change_page *changes = NULL;

    ck_assert_int_eq(hc_lead_lost_reason(lead), HC_LEAD_LOST_NO_RESPONSE);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_RESPONSE_DUE_AT), 1);
    hc_lead_free(lead);
    ck_assert_int_eq(load_of(house.ana_id), 1);
    HOUSE_OK(move(NULL, house.ana, id, HC_LEAD_STATUS_CONTACTED, "called again", 0, err));
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_reopened_count(lead), 1);
    ck_assert_int_eq(hc_lead_is_null(lead, HC_LEAD_LOST_REASON), 1);
    hc_lead_free(lead);
    ck_assert_int_eq(load_of(house.ana_id), 2);
    lose(house.ana, spam, HC_LEAD_LOST_SPAM);
    HOUSE_FAILS(move(NULL, house.admin, spam, HC_LEAD_STATUS_CONTACTED, "sorry", 0, err), HC_ERR_INVALID_STATE,
                "status");
    HOUSE_OK(hc_lead_history(&changes, house.ana, id, NULL, err));
    ck_assert_uint_eq(hc_lead_change_page_count(changes), 3);
    ck_assert_str_eq(hc_lead_change_reason(hc_lead_change_page_at(changes, 0)), "called again");
    ck_assert_int_eq(hc_lead_change_old_status(hc_lead_change_page_at(changes, 0)), HC_LEAD_STATUS_LOST);
    ck_assert_int_eq(hc_lead_change_version(hc_lead_change_page_at(changes, 0)), 3);
    hc_lead_change_page_free(changes);
}
END_TEST

START_TEST(a_buyer_takes_an_inquiry_back)
{
    hc_id id = made(house.bea, ask(house.anas_ids[0], NULL)), closed;
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_lead *lead;
    int32_t version;

    HOUSE_FAILS(hc_lead_withdraw(NULL, house.bea, id, 1, HC_LEAD_LOST_PRICE, err), HC_ERR_INVALID, "reason");
    HOUSE_FAILS(hc_lead_withdraw(NULL, house.ana, id, 1, HC_LEAD_LOST_WITHDRAWN, err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(hc_lead_withdraw(NULL, house.guest, id, 1, HC_LEAD_LOST_WITHDRAWN, err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_OK(hc_lead_withdraw(&version, house.bea, id, 1, HC_LEAD_LOST_WITHDRAWN, err));
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(hc_lead_withdraw(&version, house.bea, id, 2, HC_LEAD_LOST_WITHDRAWN, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(load_of(house.ana_id), 0);
    HOUSE_OK(hc_lead_withdraw(&version, house.bea, id, 2, HC_LEAD_LOST_OPTED_OUT, err));
    lead = lead_of(house.ana, id);
    ck_assert_int_eq(hc_lead_lost_reason(lead), HC_LEAD_LOST_OPTED_OUT);
    hc_lead_free(lead);
    HOUSE_FAILS(move(NULL, house.ana, id, HC_LEAD_STATUS_CONTACTED, "once more", 0, err), HC_ERR_INVALID_STATE,
                "status");
    closed = made(house.bea, ask(house.anas_ids[1], NULL));
    options.close_price = 1;
    lead = hc_lead_for(house.client, closed, 1);
    hc_lead_set_budget_max(lead, 1);
    HOUSE_OK(hc_lead_update(NULL, house.ana, lead, err));
    hc_lead_free(lead);
    HOUSE_OK(hc_lead_move(NULL, house.ana, closed, 2, HC_LEAD_STATUS_QUALIFIED, NULL, err));
    HOUSE_OK(hc_lead_move(NULL, house.ana, closed, 3, HC_LEAD_STATUS_CLOSED, &options, err));
    HOUSE_FAILS(hc_lead_withdraw(NULL, house.bea, closed, 4, HC_LEAD_LOST_OPTED_OUT, err), HC_ERR_INVALID_STATE,
                "status");
}
END_TEST

/* ---- at once ---- */

struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    hc_session *as;
    hc_id id;
    int32_t version;
    int32_t to;
    hc_status status;
    hc_error err;
};

static void *run(void *data)
{
    struct racer *racer = data;
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;

    options.lost_reason = racer->to == HC_LEAD_STATUS_LOST ? HC_LEAD_LOST_OTHER : 0;
    pthread_barrier_wait(racer->start);
    racer->status = hc_lead_move(NULL, racer->as, racer->id, racer->version, racer->to, &options, &racer->err);
    return NULL;
}

/* L01: of two who move one new lead, one wins, and the other is told */
START_TEST(of_two_who_move_one_lead_one_wins)
{
    for (int round = 0; round < 12; round++) {
        hc_id id = bring_to(HC_LEAD_STATUS_NEW);
        struct racer racers[2] = {
            {.as = house.ana, .to = HC_LEAD_STATUS_CONTACTED},
            {.as = house.admin, .to = round % 2 == 0 ? HC_LEAD_STATUS_LOST : HC_LEAD_STATUS_QUALIFIED}};
        pthread_barrier_t start;
        int won;

        pthread_barrier_init(&start, NULL, 2);
        for (int i = 0; i < 2; i++) {
            racers[i].start = &start;
            racers[i].id = id;
            racers[i].version = 1;
            ck_assert_int_eq(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
        }
        for (int i = 0; i < 2; i++)
            pthread_join(racers[i].thread, NULL);
        pthread_barrier_destroy(&start);
        won = racers[0].status == HC_OK ? 0 : 1;
        ck_assert_int_eq(racers[won].status, HC_OK);
        ck_assert_msg(racers[!won].status == HC_ERR_CONFLICT, "%s", racers[!won].err.message);
        /* 0 where the engine lets both read the version, and refuses the second write */
        ck_assert(racers[!won].err.detail == 2 || racers[!won].err.detail == 0);
        ck_assert_int_eq(version_of(id), 2);
        house_count(2);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM lead_history"), 24);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_move_is_the_domains);
    tcase_add_test(tcase, a_lead_is_moved_by_its_agent_alone);
    tcase_add_test(tcase, a_move_says_what_it_lacks);
    tcase_add_test(tcase, a_lead_is_closed_by_a_sale_or_an_admins_word);
    tcase_add_test(tcase, the_first_answer_is_timed);
    tcase_add_test(tcase, a_lost_lead_comes_back);
    tcase_add_test(tcase, a_buyer_takes_an_inquiry_back);
    tcase_add_test(tcase, of_two_who_move_one_lead_one_wins);
}

int main(void)
{
    return suite_main("lead.move", fill, house_open, house_close);
}
