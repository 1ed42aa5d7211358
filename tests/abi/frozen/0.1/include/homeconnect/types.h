/** @file types.h  Scalars and handles that every header shares. */
#ifndef HOMECONNECT_TYPES_H
#define HOMECONNECT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "homeconnect/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What holds for every call: `as` is who asks; `err` is filled on failure and may be NULL; `out` is NULL or zero on
 * failure. What comes out as a pointer to const is borrowed, until what it was taken from is freed; anything else is the
 * caller's and says what frees it. Without memory every call answers HC_ERR_NO_MEMORY.
 */

/** Outcome of a call: 0 is HC_OK, above 0 success with a note, below 0 one of the HC_ERR_ values of error.h. */
typedef int32_t hc_status;

/** The 16 bytes of a UUID (RFC 9562), most significant first. Everything the library makes is a UUIDv7. */
typedef struct hc_id {
    uint8_t bytes[16]; /**< As RFC 9562 orders them. */
} hc_id;

/** Bytes of the text of an id, with its NUL. */
#define HC_ID_TEXT_SIZE 37

typedef struct hc_error hc_error;
typedef struct hc_client hc_client; /**< A store that is open, for all threads: client.h. */
typedef struct hc_session hc_session; /**< Who asks, for one thread at a time: session.h. */
typedef struct hc_query hc_query; /**< What a list is to hold: query.h. */
typedef struct hc_activity hc_activity; /**< An entry of the activity log: activity.h. */
typedef struct hc_activity_page hc_activity_page; /**< Entries of the activity log. */
typedef struct hc_activity_counts hc_activity_counts; /**< Counts by action and day. */
typedef struct hc_chat hc_chat; /**< A conversation: chat.h. */
typedef struct hc_chat_page hc_chat_page; /**< Conversations. */
typedef struct hc_message_page hc_message_page; /**< Messages of a conversation. */
typedef struct hc_user hc_user; /**< A person who can sign in: user.h. */
typedef struct hc_user_page hc_user_page; /**< Users. */
typedef struct hc_agent hc_agent; /**< The profile of an agent: agent.h. */
typedef struct hc_agent_page hc_agent_page; /**< Agents. */
typedef struct hc_property hc_property; /**< A listing: property.h. */
typedef struct hc_property_page hc_property_page; /**< Listings. */
typedef struct hc_appointment hc_appointment; /**< A viewing: appointment.h. */
typedef struct hc_appointment_page hc_appointment_page; /**< Viewings. */
typedef struct hc_slots hc_slots; /**< Free times of an agent. */
typedef struct hc_lead hc_lead; /**< Somebody who asks about a listing: lead.h. */
typedef struct hc_lead_page hc_lead_page; /**< Leads. */
typedef struct hc_lead_touch hc_lead_touch; /**< What was said on a lead: lead_history.h. */
typedef struct hc_lead_touch_page hc_lead_touch_page; /**< What was said on a lead, row by row. */
typedef struct hc_lead_change hc_lead_change; /**< A move of a lead: lead_history.h. */
typedef struct hc_lead_change_page hc_lead_change_page; /**< Moves of a lead. */
typedef struct hc_favorite hc_favorite; /**< A listing that a user keeps: favorite.h. */
typedef struct hc_favorite_page hc_favorite_page; /**< Favorites. */
typedef struct hc_search hc_search; /**< A saved search: search.h. */
typedef struct hc_search_page hc_search_page; /**< Saved searches. */
typedef struct hc_audit hc_audit; /**< A row of the audit log: audit.h. */
typedef struct hc_audit_page hc_audit_page; /**< Rows of the audit log. */
typedef struct hc_event hc_event; /**< A change of a row: event.h. */
typedef struct hc_event_page hc_event_page; /**< Changes, in the order of their commits. */

/**
 * Read an id from its canonical text: 36 characters, lower case, with hyphens (RFC 9562, section 4).
 *
 * @param[out] out   The id, or all zero on failure.
 * @param      text  Need not be NUL-terminated; `size` bytes are read.
 * @return HC_OK; HC_ERR_INVALID for any other spelling (upper case, braces, no hyphens).
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_id_parse(hc_id *out, const char *text, size_t size, hc_error *err);

/**
 * Write the canonical text of an id.
 *
 * @param[out] out  At least HC_ID_TEXT_SIZE bytes; NUL-terminated.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API void hc_id_format(char *out, hc_id id);

#ifdef __cplusplus
}
#endif

#endif
