/* Rows of an agency's day for a store that later versions must read: made, written down, compared. */
#ifndef UPGRADE_WORK_H
#define UPGRADE_WORK_H

#include <stdio.h>
#include <string.h>

#include "homeconnect/activity.h"
#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/favorite.h"
#include "homeconnect/lead.h"
#include "homeconnect/search.h"
#include "house.h"

static void put_line(FILE *out, const char *kind, hc_id id, hc_text *json);

/* put_<noun>() writes a line for every row of a kind, as the system reads it; <noun>_now() is the row of a line. */
#define READER(noun, code)                                                                                             \
    static hc_##noun##_page *all_##noun(void)                                                                          \
    {                                                                                                                  \
        hc_query *query = NULL;                                                                                        \
        hc_##noun##_page *page = NULL;                                                                                 \
                                                                                                                       \
        HOUSE_OK(hc_query_new(&query, house.client, code, err));                                                       \
        HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));                                                        \
        HOUSE_OK(hc_query_set_limit(query, 200, err));                                                                 \
        HOUSE_OK(hc_##noun##_list(&page, house.system, query, err));                                                   \
        hc_query_free(query);                                                                                          \
        return page;                                                                                                   \
    }                                                                                                                  \
    static void put_##noun(FILE *out)                                                                                  \
    {                                                                                                                  \
        hc_##noun##_page *page = all_##noun();                                                                         \
        hc_text *json;                                                                                                 \
                                                                                                                       \
        for (size_t i = 0; i < hc_##noun##_page_count(page); i++) {                                                    \
            HOUSE_OK(hc_##noun##_to_json(&json, hc_##noun##_page_at(page, i), err));                                   \
            put_line(out, #noun, hc_##noun##_id(hc_##noun##_page_at(page, i)), json);                                  \
        }                                                                                                              \
        hc_##noun##_page_free(page);                                                                                   \
    }                                                                                                                  \
    static hc_text *noun##_now(hc_id id)                                                                               \
    {                                                                                                                  \
        hc_##noun##_page *page = all_##noun();                                                                         \
        hc_text *json = NULL;                                                                                          \
                                                                                                                       \
        for (size_t i = 0; i < hc_##noun##_page_count(page); i++) {                                                    \
            hc_id at = hc_##noun##_id(hc_##noun##_page_at(page, i));                                                   \
            if (memcmp(&at, &id, sizeof id) == 0)                                                                      \
                HOUSE_OK(hc_##noun##_to_json(&json, hc_##noun##_page_at(page, i), err));                               \
        }                                                                                                              \
        hc_##noun##_page_free(page);                                                                                   \
        return json;                                                                                                   \
    }
READER(lead, HC_KIND_LEAD)
READER(appointment, HC_KIND_APPOINTMENT)
READER(activity, HC_KIND_ACTIVITY)
READER(favorite, HC_KIND_FAVORITE)
READER(search, HC_KIND_SEARCH)
READER(audit, HC_KIND_AUDIT)

/* The document of a listing; its line goes by the listing's id. */
static hc_text *document_now(hc_id property)
{
    hc_document *document = NULL;
    hc_text *json = NULL;

    HOUSE_OK(hc_document_get(&document, house.system, property, err));
    HOUSE_OK(hc_document_to_json(&json, document, err));
    hc_document_free(document);
    return json;
}

static const struct {
    const char *kind;
    hc_text *(*now)(hc_id id);
} work_kinds[] = {
    {"lead", lead_now},         {"appointment", appointment_now}, {"activity", activity_now},
    {"favorite", favorite_now}, {"search", search_now},           {"audit", audit_now},
    {"document", document_now},
};

static void put_work(FILE *out)
{
    put_lead(out);
    put_appointment(out);
    put_activity(out);
    put_favorite(out);
    put_search(out);
    put_audit(out);
    put_line(out, "document", house.anas_ids[1], document_now(house.anas_ids[1]));
}

/* ---- the day ---- */

static hc_id inquire(hc_session *as, hc_text **token)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_id id;

    hc_lead_set_property_id(lead, house.anas_ids[1]);
    hc_lead_set_message(lead, "Is it “still” available?");
    hc_lead_set_contact_email(lead, token == NULL ? "bea@example.com" : "guest@example.com");
    hc_lead_set_budget_max(lead, 50000000);
    HOUSE_OK(hc_lead_create(&id, token, as, lead, err));
    hc_lead_free(lead);
    return id;
}

static void book_viewing(hc_id lead)
{
    hc_appointment *viewing = hc_appointment_new(house.client);
    int64_t day = (house_now() / HOUSE_DAY + 2) * HOUSE_DAY;
    hc_id id;

    hc_appointment_set_lead_id(viewing, lead);
    hc_appointment_set_scheduled_time(viewing, day + 10 * HOUSE_HOUR);
    HOUSE_OK(hc_appointment_create(&id, house.ana, viewing, err));
    HOUSE_OK(hc_appointment_reschedule(NULL, house.ana, id, 1, day + 11 * HOUSE_HOUR, 0, err));
    hc_appointment_free(viewing);
}

static void file_papers(hc_id lead)
{
    hc_document_file deed = HC_DOCUMENT_FILE_INIT;
    hc_document_image photo = HC_DOCUMENT_IMAGE_INIT;
    int32_t version = 0;
    hc_id item, image;

    deed.name = "Deed.pdf";
    deed.url = "https://files.example.com/deed.pdf";
    deed.type = HC_DOCUMENT_LEGAL;
    photo.url = "https://files.example.com/front.jpg";
    photo.caption = "Front";
    HOUSE_OK(hc_document_add_file(&item, &version, house.ana, house.anas_ids[1], 0, &deed, err));
    HOUSE_OK(hc_document_add_image(&image, &version, house.ana, house.anas_ids[1], version, &photo, err));
    HOUSE_OK(hc_document_share(house.ana, house.anas_ids[1], item, lead, err));
}

static void live_a_day(void)
{
    hc_activity *entry = hc_activity_new(house.client);
    hc_search *search = hc_search_new(house.client);
    hc_query *query = NULL;
    hc_text *token = NULL;
    char chat[64];
    hc_id lead = inquire(house.bea, NULL), id;

    inquire(house.guest, &token);
    hc_text_free(token);
    HOUSE_OK(hc_lead_log(&id, house.ana, lead, HC_LEAD_TOUCH_CALL, "Called back", err));
    book_viewing(lead);
    file_papers(lead);
    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, house.anas_ids[1]);
    hc_activity_set_metadata(entry, "{\"duration_seconds\":45,\"device\":\"mobile\"}");
    HOUSE_OK(hc_activity_append(&id, house.bea, entry, err));
    HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[1], err));
    hc_search_set_name(search, "Austin");
    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin' and price le 900000", "price", err));
    HOUSE_OK(hc_search_create(&id, house.bea, search, query, err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "Three beds?", 11, err));
    HOUSE_OK(hc_chat_set_summary(house.bea, chat, "Three beds", err));
    hc_query_free(query);
    hc_search_free(search);
    hc_activity_free(entry);
}

/* What has no line of its own still reads: conversations and the sealed log. */
static void check_work(void)
{
    hc_chat_page *chats = NULL;
    hc_message_page *messages = NULL;
    hc_query *query = NULL;
    hc_audit_report report = HC_AUDIT_REPORT_INIT;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_CHAT, err));
    HOUSE_OK(hc_chat_list(&chats, house.bea, query, err));
    ck_assert_uint_eq(hc_chat_page_count(chats), 1);
    ck_assert_str_eq(hc_chat_summary(hc_chat_page_at(chats, 0)), "Three beds");
    HOUSE_OK(hc_chat_messages(&messages, house.bea, hc_chat_session_id(hc_chat_page_at(chats, 0)), 0, 10, err));
    ck_assert_uint_eq(hc_message_page_count(messages), 1);
    ck_assert_str_eq(hc_message_page_content(messages, 0), "Three beds?");
    HOUSE_OK(hc_audit_verify(&report, house.system, NULL, err));
    hc_message_page_free(messages);
    hc_chat_page_free(chats);
    hc_query_free(query);
}

#endif
