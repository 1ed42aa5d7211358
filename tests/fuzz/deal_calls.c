/* Calls about leads and viewings that bytes choose, beside the world. */
#include "homeconnect/appointment.h"
#include "homeconnect/lead.h"
#include "homeconnect/query.h"
#include "public.h"
#include "store.h"

#define MINUTE      INT64_C(60000000)
#define HOUR        (60 * MINUTE)
#define DAY         (24 * HOUR)
#define GUESTS      8 /* inquiries of guests in an hour, below what is allowed */
#define BUDGET      INT64_C(50000000)
#define CLOSE_PRICE INT64_C(40000000)

static int guests;

/* ---- choices ---- */

/* One that is there, or never was. */
static size_t take_one(size_t count, size_t most)
{
    return take() % (count < most ? count + 1 : most);
}

hc_id deal_id(size_t deal)
{
    hc_id id;

    memset(&id, 0x22, sizeof(id));
    return deal < now_is.deal_count ? now_is.deals[deal].id : id;
}

static hc_id viewing_id(size_t viewing)
{
    hc_id id;

    memset(&id, 0x33, sizeof(id));
    return viewing < now_is.viewing_count ? now_is.viewings[viewing].id : id;
}

/* In the hours of one of four days, or later in the evening. */
static int64_t take_start(void)
{
    uint8_t choice = take();

    return store_now() / DAY * DAY + choice % 4 * DAY + 8 * HOUR + choice / 4 % 32 * (30 * MINUTE);
}

/* ---- leads ---- */

/* A guest is told of their inquiry alone. */
static hc_id newest_deal(void)
{
    hc_query *query = NULL;
    hc_lead_page *page = NULL;
    hc_error err;
    hc_id id;

    FUZZ_ASSERT(hc_query_new(&query, store_client(), HC_KIND_LEAD, &err) == HC_OK);
    FUZZ_ASSERT(hc_query_set_scope(query, HC_SCOPE_ALL, &err) == HC_OK);
    FUZZ_ASSERT(hc_query_set_limit(query, 1, &err) == HC_OK);
    FUZZ_ASSERT(hc_lead_list(&page, store_session(SYSTEM), query, &err) == HC_OK);
    FUZZ_ASSERT(hc_lead_page_count(page) == 1);
    id = hc_lead_id(hc_lead_page_at(page, 0));
    hc_lead_page_free(page);
    hc_query_free(query);
    return id;
}

static hc_lead *inquiry(size_t home, int contact, bool budget)
{
    hc_lead *lead = hc_lead_new(store_client());
    char email[60];

    (void)snprintf(email, sizeof(email), "c%d-%u@example.com", contact, inputs);
    hc_lead_set_property_id(lead, id_of(home));
    if (contact != 0)
        hc_lead_set_contact_email(lead, email);
    if (budget)
        hc_lead_set_budget_max(lead, BUDGET);
    return lead;
}

static bool call_ask(hc_session *as, enum reader who, int failing_at)
{
    size_t home = take_home(), deal, count = now_is.deal_count;
    uint8_t choice = take();
    int contact = who == BUYER && choice % 4 == 0 ? 0 : 1 + choice % 3;
    hc_text *token = NULL;
    hc_error err = {0};
    hc_lead *lead;
    hc_status got;
    hc_id id;

    if (count == DEALS || (who == GUEST && (now_is.in_unit || ++guests > GUESTS)))
        return true;
    lead = inquiry(home, contact, choice >= 128);
    lend(failing_at);
    got = hc_lead_create(&id, &token, as, lead, &err);
    hc_lead_free(lead);
    FUZZ_ASSERT((token != NULL) == (got >= 0 && who == GUEST));
    hc_text_free(token);
    if (!settle("ask", got, world_ask(who, home, contact, choice >= 128, &deal), &err))
        return false;
    if (got >= 0 && now_is.deal_count > count)
        now_is.deals[deal].id = who == GUEST ? newest_deal() : id;
    else if (got >= 0 && who != GUEST && memcmp(&now_is.deals[deal].id, &id, sizeof(id)) != 0)
        return differs("ask: it joins another lead");
    return true;
}

static bool call_read_deal(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS);
    const struct deal *d = &now_is.deals[deal];
    hc_lead *found = NULL;
    hc_error err = {0};
    hc_status got;
    bool same;

    lend(failing_at);
    got = hc_lead_get(&found, as, deal_id(deal), &err);
    same = settle("get", got, world_read_deal(who, deal), &err);
    if (same && found != NULL)
        same = (hc_lead_version(found) == d->version && hc_lead_status(found) == d->status &&
                hc_lead_lost_reason(found) == (who == BUYER ? 0 : d->lost)) ||
               differs("get: another lead");
    hc_lead_free(found);
    return same;
}

static bool call_move(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS);
    int32_t version = take_version(now_is.deals[deal].version), next = 0;
    uint8_t choice = take();
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    int32_t to = 1 + choice % HC_LEAD_STATUS_LOST;
    hc_error err = {0};
    hc_status got;

    options.reason = choice >= 128 ? "as the bytes want it" : NULL;
    options.close_price = to == HC_LEAD_STATUS_CLOSED && choice % 4 > 1 ? CLOSE_PRICE : 0;
    options.lost_reason = to == HC_LEAD_STATUS_LOST ? choice / 8 % 10 : 0; /* 0: none */
    lend(failing_at);
    got = hc_lead_move(&next, as, deal_id(deal), version, to, &options, &err);
    if (!settle("move", got,
                world_move(who, deal, version, to, options.reason != NULL, options.close_price != 0,
                           options.lost_reason, store_now()),
                &err))
        return false;
    return got < 0 || next == now_is.deals[deal].version || differs("move: version %d", next);
}

static bool call_withdraw(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS);
    int32_t version = take_version(now_is.deals[deal].version);
    int32_t reason = take() % 2 == 0 ? HC_LEAD_LOST_WITHDRAWN : HC_LEAD_LOST_OPTED_OUT;
    hc_error err = {0};
    hc_status got;

    lend(failing_at);
    got = hc_lead_withdraw(NULL, as, deal_id(deal), version, reason, &err);
    return settle("withdraw", got, world_withdraw(who, deal, version, reason, store_now()), &err);
}

static bool call_log(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS);
    hc_error err = {0};
    hc_status got;
    hc_id id;

    lend(failing_at);
    got = hc_lead_log(&id, as, deal_id(deal), HC_LEAD_TOUCH_CALL, NULL, &err);
    return settle("log", got, world_log_call(who, deal), &err);
}

/* To the one agent, or to nobody; viewings would come along. */
static bool call_hand(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS);
    int32_t version = take_version(now_is.deals[deal].version);
    bool to_agent = take() % 2 == 0;
    hc_error err = {0};
    hc_status got;
    hc_id agent;

    if (world_shows(deal))
        return true;
    memset(&agent, 0, sizeof(agent));
    if (to_agent)
        memcpy(agent.bytes, rows_agent, sizeof(agent.bytes));
    lend(failing_at);
    got = hc_lead_assign(NULL, as, deal_id(deal), version, agent, NULL, &err);
    return settle("assign", got, world_hand(who, deal, version, to_agent), &err);
}

/* ---- viewings ---- */

static bool call_book(hc_session *as, enum reader who, int failing_at)
{
    size_t deal = take_one(now_is.deal_count, DEALS), count = now_is.viewing_count;
    int64_t start = take_start(), hold = take() % 3 == 0 ? 20 * MINUTE : 0;
    hc_appointment *booking;
    hc_error err = {0};
    hc_status got;
    hc_id id;

    if (count == VIEWINGS)
        return true;
    booking = hc_appointment_new(store_client());
    if (who != GUEST)
        hc_appointment_set_lead_id(booking, deal_id(deal));
    hc_appointment_set_scheduled_time(booking, start);
    lend(failing_at);
    got = hold == 0 ? hc_appointment_create(&id, as, booking, &err) : hc_appointment_hold(&id, as, booking, hold, &err);
    hc_appointment_free(booking);
    if (!settle("book", got, world_book(who, deal, start, hold, store_now()), &err))
        return false;
    if (got >= 0)
        now_is.viewings[count].id = id;
    return true;
}

static hc_status act_on(hc_session *as, hc_id id, int32_t version, enum act act, int64_t start, hc_error *err)
{
    switch (act) {
    case CONFIRM:
        return hc_appointment_confirm(NULL, as, id, version, err);
    case DECLINE:
        return hc_appointment_decline(NULL, as, id, version, NULL, err);
    case CANCEL:
        return hc_appointment_cancel(NULL, as, id, version, NULL, err);
    case COMPLETE:
        return hc_appointment_complete(NULL, as, id, version, err);
    case NO_SHOW:
        return hc_appointment_no_show(NULL, as, id, version, err);
    default:
        return hc_appointment_reschedule(NULL, as, id, version, start, 0, err);
    }
}

static bool call_act(hc_session *as, enum reader who, int failing_at)
{
    size_t viewing = take_one(now_is.viewing_count, VIEWINGS);
    int32_t version = take_version(viewing < now_is.viewing_count ? now_is.viewings[viewing].version : 0);
    enum act act = (enum act)(take() % ACTS);
    int64_t start = act == RESCHEDULE ? take_start() : 0;
    hc_error err = {0};
    hc_status got;

    lend(failing_at);
    got = act_on(as, viewing_id(viewing), version, act, start, &err);
    return settle("viewing", got, world_act(who, viewing, version, act, start, store_now()), &err);
}

/* ---- what fuzz_public.c asks for ---- */

void deals_begin(void)
{
    guests = 0;
}

bool call_deal(hc_session *as, enum reader who, int failing_at)
{
    static bool (*const calls[])(hc_session * as, enum reader who, int failing_at) = {
        call_ask,  call_ask,  call_read_deal, call_move, call_move, call_move, call_withdraw, call_log,
        call_hand, call_book, call_book,      call_book, call_act,  call_act,  call_act,      call_act};

    if (!world_has_room())
        return true;
    return calls[take() % (sizeof(calls) / sizeof(calls[0]))](as, who, failing_at);
}

static bool same_leads(void)
{
    hc_lead_page *page = NULL;
    hc_id ids[DEALS];
    hc_error err;
    bool same = true;

    for (size_t i = 0; i < now_is.deal_count; i++)
        ids[i] = deal_id(i);
    FUZZ_ASSERT(hc_lead_get_many(&page, store_session(SYSTEM), ids, now_is.deal_count, &err) == HC_OK);
    FUZZ_ASSERT(hc_lead_page_count(page) == now_is.deal_count);
    for (size_t i = 0; i < now_is.deal_count && same; i++) {
        const struct deal *d = &now_is.deals[i];
        const hc_lead *row = hc_lead_page_at(page, i);

        same = hc_lead_status(row) == d->status && hc_lead_version(row) == d->version &&
               hc_lead_lost_reason(row) == d->lost && hc_lead_reopened_count(row) == d->reopened &&
               (hc_lead_response_due_at(row) != 0) == d->waits && hc_lead_budget_max(row) == (d->budget ? BUDGET : 0) &&
               (hc_lead_is_null(row, HC_LEAD_AGENT_ID) == 0) == d->of_agent &&
               (hc_lead_is_null(row, HC_LEAD_BUYER_ID) == 0) == d->of_buyer;
        same = same || differs("lead %zu in the end: status %d version %d, not %d and %d, or others of its fields", i,
                               hc_lead_status(row), hc_lead_version(row), d->status, d->version);
    }
    hc_lead_page_free(page);
    return same;
}

static bool same_viewings(void)
{
    hc_appointment_page *page = NULL;
    hc_id ids[VIEWINGS];
    hc_error err;
    bool same = true;

    for (size_t i = 0; i < now_is.viewing_count; i++)
        ids[i] = viewing_id(i);
    FUZZ_ASSERT(hc_appointment_get_many(&page, store_session(SYSTEM), ids, now_is.viewing_count, &err) == HC_OK);
    FUZZ_ASSERT(hc_appointment_page_count(page) == now_is.viewing_count);
    for (size_t i = 0; i < now_is.viewing_count && same; i++) {
        const struct viewing *v = &now_is.viewings[i];
        const hc_appointment *row = hc_appointment_page_at(page, i);
        bool pending = v->status == HC_APPOINTMENT_STATUS_PENDING;

        same = hc_appointment_status(row) == v->status && hc_appointment_version(row) == v->version &&
               hc_appointment_sequence(row) == v->sequence && hc_appointment_scheduled_time(row) == v->start &&
               hc_appointment_ends_at(row) == v->end && hc_appointment_hold_expires_at(row) == (pending ? v->held : 0);
        same = same || differs("viewing %zu in the end: status %d version %d, not %d and %d, or others of its fields",
                               i, hc_appointment_status(row), hc_appointment_version(row), v->status, v->version);
    }
    hc_appointment_page_free(page);
    return same;
}

bool same_deals(void)
{
    return same_leads() && same_viewings();
}

void deals_clear(void)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_session *host = store_session(SYSTEM);
    hc_error err;

    for (size_t i = 0; i < now_is.viewing_count; i++) {
        const struct viewing *v = &now_is.viewings[i];

        if (v->status == HC_APPOINTMENT_STATUS_PENDING || v->status == HC_APPOINTMENT_STATUS_SCHEDULED)
            FUZZ_ASSERT(hc_appointment_cancel(NULL, host, v->id, v->version, NULL, &err) == HC_OK);
    }
    options.lost_reason = HC_LEAD_LOST_SPAM;
    for (size_t i = 0; i < now_is.deal_count; i++) {
        const struct deal *d = &now_is.deals[i];

        if (d->status != HC_LEAD_STATUS_CLOSED && d->status != HC_LEAD_STATUS_LOST)
            FUZZ_ASSERT(hc_lead_move(NULL, host, d->id, d->version, HC_LEAD_STATUS_LOST, &options, &err) == HC_OK);
    }
    if (guests > 0)
        store_pass(HOUR + MINUTE); /* those of the next input are let in again */
}
