/* A day of an agency: two guests ask about a house, the agent answers, they book viewings, a deed is filed and shared,
 * a buyer talks with the site's assistant, and the agent looks at the day. The clock of the story jumps ahead to the
 * viewings. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tour.h"

#define MINUTE INT64_C(60000000)
#define DAY    (24 * 60 * MINUTE)

typedef struct guest {
    const char *name;
    hc_session *session; /* with the token of the inquiry */
    hc_id viewing;
    int32_t version; /* of the viewing */
    int64_t start;
} guest;

static int64_t now_of(const tour *t)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + t->ahead;
}

/* Local time of the agency, which keeps to UTC in this story. */
static const char *moment(char out[32], int64_t micros)
{
    time_t seconds = (time_t)(micros / 1000000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    strftime(out, 32, "%a %d %b %H:%M", &parts);
    return out;
}

/* The story's clock goes on where an earlier run left it: never back behind viewings that took place. */
static void catch_up(tour *t)
{
    hc_query *query;
    hc_appointment_page *page;
    hc_error err;

    if (hc_query_new(&query, t->client, HC_KIND_APPOINTMENT, &err) < 0 ||
        hc_query_set_scope(query, HC_SCOPE_ALL, &err) < 0 || hc_query_set_sort(query, "-scheduled_time", &err) < 0 ||
        hc_query_set_limit(query, 1, &err) < 0 || hc_appointment_list(&page, t->host, query, &err) < 0)
        fail("looking for the last viewing", &err);
    if (hc_appointment_page_count(page) > 0) {
        int64_t behind = hc_appointment_ends_at(hc_appointment_page_at(page, 0)) - now_of(t);
        t->ahead += behind > 0 ? behind : 0;
    }
    hc_appointment_page_free(page);
    hc_query_free(query);
}

/* ---- inquiries ---- */

/* Viewings take half an hour, with a quarter before each for the way. */
static void set_hours(const tour *t)
{
    hc_agent *profile = NULL, *edit;
    hc_error err;

    if (hc_agent_get(&profile, t->agent, hc_session_user_id(t->agent), &err) < 0)
        fail("reading Rosa's profile", &err);
    edit = hc_agent_edit(profile);
    hc_agent_set_time_zone(edit, "UTC");
    hc_agent_set_working_hours(edit, "{\"mon\":[[\"09:00\",\"17:00\"]],\"tue\":[[\"09:00\",\"17:00\"]],"
                                     "\"wed\":[[\"09:00\",\"17:00\"]],\"thu\":[[\"09:00\",\"17:00\"]],"
                                     "\"fri\":[[\"09:00\",\"15:00\"]],\"sat\":[[\"10:00\",\"14:00\"]]}");
    hc_agent_set_buffer_before(edit, 15);
    if (hc_agent_update(NULL, t->agent, edit, &err) < 0)
        fail("setting Rosa's hours", &err);
    hc_agent_free(edit);
    hc_agent_free(profile);
}

/* Each run has guests of its own: the same person asking again would join the lead they have. */
static void inquire(const tour *t, guest *g, const char *address)
{
    hc_lead *lead = hc_lead_new(t->client);
    hc_session *passer_by;
    hc_text *token;
    hc_error err;
    hc_id inquiry;
    char email[80];

    snprintf(email, sizeof email, "guest-%" PRId64 "@example.com", now_of(t));
    hc_lead_set_property_id(lead, t->home);
    hc_lead_set_contact_name(lead, g->name);
    hc_lead_set_contact_email(lead, email);
    hc_lead_set_message(lead, "Is it still available? May I see it this week?");
    if (hc_session_guest(&passer_by, t->client, address, &err) < 0 ||
        hc_lead_create(&inquiry, &token, passer_by, lead, &err) < 0 ||
        hc_session_lead(&g->session, t->client, hc_text_data(token), hc_text_size(token), address, &err) < 0)
        fail("asking about a house", &err);
    printf("  %s asks about it, without an account\n", g->name);
    hc_text_free(token);
    hc_session_free(passer_by);
    hc_lead_free(lead);
}

/* The newest lead that nobody answered yet. */
static hc_lead_page *newest_lead(const tour *t)
{
    hc_query *query;
    hc_lead_page *page;
    hc_error err;

    if (hc_query_new(&query, t->client, HC_KIND_LEAD, &err) < 0 ||
        hc_query_set_filter(query, "status eq 'new'", &err) < 0 || hc_query_set_limit(query, 1, &err) < 0 ||
        hc_lead_list(&page, t->agent, query, &err) < 0)
        fail("reading Rosa's leads", &err);
    hc_query_free(query);
    if (hc_lead_page_count(page) == 0) {
        fprintf(stderr, "the inquiry did not reach Rosa\n");
        exit(1);
    }
    return page;
}

static void answer(const tour *t)
{
    hc_lead_page *page = newest_lead(t);
    const hc_lead *lead = hc_lead_page_at(page, 0);
    hc_lead *now = NULL;
    hc_error err;
    hc_id touch;

    printf("  it is Rosa's listing, so the lead is hers (%s); she has until %" PRId64 " s from now to answer\n",
           hc_lead_assign_reason(lead) == HC_LEAD_ASSIGN_LISTING_AGENT ? "listing agent" : "by another way",
           (hc_lead_response_due_at(lead) - now_of(t)) / 1000000);
    if (hc_lead_log(&touch, t->agent, hc_lead_id(lead), HC_LEAD_TOUCH_MESSAGE, "It is. When would suit you?", &err) <
            0 ||
        hc_lead_get(&now, t->agent, hc_lead_id(lead), &err) < 0)
        fail("answering a lead", &err);
    printf("  Rosa answers after %" PRId32 " s: the lead is %s\n", hc_lead_response_seconds(now),
           hc_lead_status(now) == HC_LEAD_STATUS_CONTACTED ? "contacted" : "not contacted");
    hc_lead_free(now);
    hc_lead_page_free(page);
}

/* ---- viewings ---- */

/* The first free times; *count of them are printed. */
static int64_t free_time(const tour *t, const guest *g, size_t index)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots;
    hc_error err;
    char text[32];
    int64_t start;

    search.agent_id = hc_session_user_id(t->agent);
    search.property_id = t->home;
    if (hc_appointment_slots(&slots, g->session, &search, &err) < 0)
        fail("looking for free times", &err);
    if (hc_slots_count(slots) <= index) {
        fprintf(stderr, "Rosa has no time left in half a year\n");
        exit(1);
    }
    start = hc_slots_start(slots, index);
    printf("  %s sees %zu free times, from %s on\n", g->name, hc_slots_count(slots),
           moment(text, hc_slots_start(slots, 0)));
    hc_slots_free(slots);
    return start;
}

static hc_status book(const tour *t, guest *g, int64_t start, hc_error *err)
{
    hc_appointment *viewing = hc_appointment_new(t->client);
    hc_status status;

    hc_appointment_set_scheduled_time(viewing, start);
    status = hc_appointment_create(&g->viewing, g->session, viewing, err);
    if (status >= 0) {
        g->start = start;
        g->version = 1;
    }
    hc_appointment_free(viewing);
    return status;
}

static void confirm(const tour *t, guest *g)
{
    hc_error err;
    char text[32];

    if (hc_appointment_confirm(&g->version, t->agent, g->viewing, g->version, &err) < 0)
        fail("confirming a viewing", &err);
    printf("  Rosa confirms %s's viewing, %s\n", g->name, moment(text, g->start));
}

static void book_viewings(const tour *t, guest *first, guest *second)
{
    hc_error err;
    char text[32];
    int64_t start = free_time(t, first, 0);

    if (book(t, first, start, &err) < 0)
        fail("booking a viewing", &err);
    expect("the other guest wants the same time", book(t, second, start, &err), HC_ERR_CONFLICT, &err);
    printf("  and is offered the next: %s\n", moment(text, err.detail));
    if (book(t, second, err.detail, &err) < 0)
        fail("booking the next free time", &err);
    confirm(t, first);
    confirm(t, second);
}

static void move_viewing(const tour *t, guest *g)
{
    int64_t start = free_time(t, g, 2);
    hc_error err;
    char text[32];

    if (hc_appointment_reschedule(&g->version, t->agent, g->viewing, g->version, start, 0, &err) < 0)
        fail("moving a viewing", &err);
    g->start = start;
    printf("  Rosa moves %s to %s; it stays the same appointment\n", g->name, moment(text, start));
}

static void hold_viewings(tour *t, guest *first, guest *second)
{
    int64_t last = first->start > second->start ? first->start : second->start;
    hc_error err;

    t->ahead += last + 30 * MINUTE - now_of(t);
    if (hc_appointment_complete(&first->version, t->agent, first->viewing, first->version, &err) < 0 ||
        hc_appointment_complete(&second->version, t->agent, second->viewing, second->version, &err) < 0)
        fail("completing the viewings", &err);
    printf("  the days pass, both viewings take place\n");
}

/* ---- documents ---- */

static int32_t files_seen(const tour *t, hc_session *as)
{
    hc_document *document;
    hc_error err;
    int32_t seen;

    if (hc_document_get(&document, as, t->home, &err) < 0)
        fail("reading documents", &err);
    seen = (int32_t)hc_document_count(document, HC_DOCUMENT_FILES);
    hc_document_free(document);
    return seen;
}

static void file_deed(const tour *t)
{
    hc_document_file deed = HC_DOCUMENT_FILE_INIT;
    hc_document *document;
    hc_lead *lead = hc_lead_new(t->client);
    hc_id item, toms;
    hc_error err;

    hc_lead_set_property_id(lead, t->home);
    hc_lead_set_message(lead, "I would like to make an offer.");
    deed.name = "Deed.pdf";
    deed.url = "https://files.example.com/deed.pdf";
    deed.type = HC_DOCUMENT_LEGAL;
    if (hc_document_get(&document, t->agent, t->home, &err) < 0 ||
        hc_document_add_file(&item, NULL, t->agent, t->home, hc_document_version(document), &deed, &err) < 0)
        fail("filing the deed", &err);
    printf("  Rosa files the deed: she sees %" PRId32 " files, Tom %" PRId32 "\n", files_seen(t, t->agent),
           files_seen(t, t->buyer));
    if (hc_lead_create(&toms, NULL, t->buyer, lead, &err) < 0 ||
        hc_document_share(t->agent, t->home, item, toms, &err) < 0)
        fail("sharing the deed", &err);
    printf("  Tom is serious, and she shares it with him: he sees %" PRId32 "\n", files_seen(t, t->buyer));
    hc_document_free(document);
    hc_lead_free(lead);
}

/* ---- a conversation ---- */

/* The program plays the assistant, too: the library keeps what was said, for whom it was said to. */
static void talk(const tour *t)
{
    static const char question[] = "Has it got a garden?", answer[] = "It has: a tenth of an acre.";
    char id[HC_CHAT_SESSION_SIZE];
    hc_message_page *page, *others;
    hc_error err;

    if (hc_chat_start(id, t->buyer, &err) < 0 ||
        hc_chat_append(t->buyer, id, HC_CHAT_ROLE_USER, question, sizeof question - 1, &err) < 0 ||
        hc_chat_append(t->buyer, id, HC_CHAT_ROLE_ASSISTANT, answer, sizeof answer - 1, &err) < 0 ||
        hc_chat_messages(&page, t->buyer, id, 0, 10, &err) < 0)
        fail("talking with the assistant", &err);
    printf("  Tom asks the site's assistant: %s %s\n", hc_message_page_content(page, 0),
           hc_message_page_content(page, 1));
    expect("Rosa asks for what he said", hc_chat_messages(&others, t->agent, id, 0, 10, &err), HC_ERR_NOT_FOUND, &err);
    hc_message_page_free(page);
}

/* ---- what was looked at ---- */

static void look(const tour *t, hc_session *as, const char *visit, const char *action)
{
    hc_activity *entry = hc_activity_new(t->client);
    hc_error err;
    hc_id id;

    hc_activity_set_action(entry, action);
    hc_activity_set_target_id(entry, t->home);
    hc_activity_set_metadata(entry, "{\"device\":\"mobile\",\"duration_seconds\":45}");
    if (visit != NULL)
        hc_activity_set_session_id(entry, visit);
    if (hc_activity_append(&id, as, entry, &err) < 0)
        fail("logging a look at a listing", &err);
    hc_activity_free(entry);
}

static void print_leads(const tour *t)
{
    hc_query *query;
    hc_lead_page *page;
    hc_error err;

    if (hc_query_new(&query, t->client, HC_KIND_LEAD, &err) < 0 ||
        hc_query_set_filter(query, "status in ('new','contacted','qualified')", &err) < 0 ||
        hc_query_set_sort(query, "created_at", &err) < 0 || hc_query_set_limit(query, 3, &err) < 0 ||
        hc_lead_list(&page, t->agent, query, &err) < 0)
        fail("listing leads by age", &err);
    printf("  her open leads, oldest first:\n");
    for (size_t i = 0; i < hc_lead_page_count(page); i++) {
        const hc_lead *lead = hc_lead_page_at(page, i);
        printf("    %-14s %" PRId64 " h old\n", hc_lead_contact_name(lead),
               (now_of(t) - hc_lead_created_at(lead)) / (60 * MINUTE));
    }
    hc_lead_page_free(page);
    hc_query_free(query);
}

static void look_at_the_day(const tour *t)
{
    int32_t today = (int32_t)(now_of(t) / DAY);
    hc_activity_counts *counts;
    hc_error err;

    print_leads(t);
    if (hc_activity_counts_of_agent(&counts, t->agent, hc_session_user_id(t->agent), today - 30, today, &err) < 0)
        fail("counting what was looked at", &err);
    printf("  her listings were looked at %" PRId64 " times in a month, saved %" PRId64 " times\n\n",
           hc_activity_counts_total(counts, "Detailed View"), hc_activity_counts_total(counts, "Favorited"));
    hc_activity_counts_free(counts);
}

/* ---- counted from the database ---- */

static hc_query *all_of(const tour *t, int32_t kind)
{
    hc_query *query;
    hc_error err;

    if (hc_query_new(&query, t->client, kind, &err) < 0 || hc_query_set_scope(query, HC_SCOPE_ALL, &err) < 0 ||
        hc_query_set_limit(query, 200, &err) < 0 || hc_query_set_count(query, 1, &err) < 0)
        fail("counting", &err);
    return query;
}

/* Walks every viewing that ever held its time, by its start, and counts those that begin before another has ended. */
static int64_t count_viewings(const tour *t, int64_t *overlaps)
{
    hc_query *query = all_of(t, HC_KIND_APPOINTMENT);
    hc_appointment_page *page = NULL, *next;
    int64_t count = 0, busy_until = 0;
    hc_error err;

    *overlaps = 0;
    do {
        if ((page != NULL && hc_query_set_cursor(query, hc_appointment_page_cursor(page), &err) < 0) ||
            hc_appointment_list(&next, t->host, query, &err) < 0)
            fail("counting viewings", &err);
        hc_appointment_page_free(page);
        page = next;
        for (size_t i = 0; i < hc_appointment_page_count(page); i++) {
            const hc_appointment *viewing = hc_appointment_page_at(page, i);
            int32_t status = hc_appointment_status(viewing);
            int64_t from = hc_appointment_scheduled_time(viewing) - hc_appointment_buffer_before(viewing) * MINUTE;
            count++;
            if (status == HC_APPOINTMENT_STATUS_CANCELLED || status == HC_APPOINTMENT_STATUS_DECLINED)
                continue;
            int64_t until = hc_appointment_ends_at(viewing) + hc_appointment_buffer_after(viewing) * MINUTE;

            *overlaps += from < busy_until;
            busy_until = until > busy_until ? until : busy_until;
        }
    } while (hc_appointment_page_cursor(page) != NULL);
    hc_appointment_page_free(page);
    hc_query_free(query);
    return count;
}

/* Reads the events feed from its beginning, as whoever keeps a copy of the store would. */
static int64_t count_changes(const tour *t)
{
    hc_event_page *page = NULL, *next;
    int64_t count = 0;
    hc_error err;

    do {
        if (hc_events_read(&next, t->host, hc_event_page_last(page), HC_EVENTS_LIMIT, &err) < 0)
            fail("reading the events", &err);
        hc_event_page_free(page);
        page = next;
        count += (int64_t)hc_event_page_count(page);
    } while (hc_event_page_has_more(page));
    hc_event_page_free(page);
    return count;
}

static void count_the_story(const tour *t)
{
    hc_query *leads = all_of(t, HC_KIND_LEAD), *entries = all_of(t, HC_KIND_ACTIVITY), *chats = all_of(t, HC_KIND_CHAT);
    hc_lead_page *lead_page;
    hc_activity_page *entry_page;
    hc_chat_page *chat_page;
    hc_error err;
    int64_t overlaps, viewings;

    /* What a host does now and then: holds run out, and what waits for a store of documents comes there. */
    if (hc_client_run(t->client, MINUTE, NULL, &err) < 0)
        fail("doing what is due", &err);
    viewings = count_viewings(t, &overlaps);
    if (hc_lead_list(&lead_page, t->host, leads, &err) < 0 ||
        hc_activity_list(&entry_page, t->host, entries, &err) < 0 || hc_chat_list(&chat_page, t->host, chats, &err) < 0)
        fail("counting", &err);
    printf("story: %" PRId64 " leads, %" PRId64 " viewings, %" PRId32 " documents, %" PRId64 " log entries, %" PRId64
           " conversations, %" PRId64 " double bookings, %" PRId64 " changes in order\n\n",
           hc_lead_page_total(lead_page), viewings, files_seen(t, t->host), hc_activity_page_total(entry_page),
           hc_chat_page_total(chat_page), overlaps, count_changes(t));
    hc_lead_page_free(lead_page);
    hc_activity_page_free(entry_page);
    hc_chat_page_free(chat_page);
    hc_query_free(leads);
    hc_query_free(entries);
    hc_query_free(chats);
}

void tell_of_a_day(tour *t)
{
    guest first = {.name = "Grace Abara"}, second = {.name = "Hugo Lind"};
    char address[2][24];

    catch_up(t);
    snprintf(address[0], sizeof address[0], "198.51.100.%d", (int)(now_of(t) / 1000000 % 250) + 1);
    snprintf(address[1], sizeof address[1], "203.0.113.%d", (int)(now_of(t) / 1000000 % 250) + 1);
    printf("\n7. A day of the agency\n");
    set_hours(t);
    inquire(t, &first, address[0]);
    look(t, first.session, "visit-1", "view_property");
    answer(t);
    inquire(t, &second, address[1]);
    look(t, second.session, "visit-2", "view_property");
    answer(t);
    book_viewings(t, &first, &second);
    move_viewing(t, &first);
    look(t, t->buyer, NULL, "view_property");
    look(t, t->buyer, NULL, "Favorited");
    hold_viewings(t, &first, &second);
    file_deed(t);
    talk(t);
    look_at_the_day(t);
    count_the_story(t);
    hc_session_free(first.session);
    hc_session_free(second.session);
}
