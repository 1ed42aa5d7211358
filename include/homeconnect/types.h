/** @file types.h  Scalars and handles that every header shares. */
#ifndef HOMECONNECT_TYPES_H
#define HOMECONNECT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "homeconnect/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call: 0 is HC_OK, above 0 success with a note, below 0 one of the HC_ERR_ values of error.h. */
typedef int32_t hc_status;

/** The 16 bytes of a UUID (RFC 9562), most significant first. Everything the library makes is a UUIDv7. */
typedef struct hc_id {
    uint8_t bytes[16];
} hc_id;

/** Bytes of the text of an id, with its NUL. */
#define HC_ID_TEXT_SIZE 37

typedef struct hc_error hc_error;
typedef struct hc_client hc_client;
typedef struct hc_session hc_session;
typedef struct hc_query hc_query;
typedef struct hc_activity hc_activity;
typedef struct hc_activity_page hc_activity_page;
typedef struct hc_activity_counts hc_activity_counts;
typedef struct hc_chat hc_chat;
typedef struct hc_chat_page hc_chat_page;
typedef struct hc_message_page hc_message_page;
typedef struct hc_user hc_user;
typedef struct hc_user_page hc_user_page;
typedef struct hc_agent hc_agent;
typedef struct hc_agent_page hc_agent_page;
typedef struct hc_property hc_property;
typedef struct hc_property_page hc_property_page;
typedef struct hc_appointment hc_appointment;
typedef struct hc_appointment_page hc_appointment_page;
typedef struct hc_slots hc_slots;
typedef struct hc_lead hc_lead;
typedef struct hc_lead_page hc_lead_page;
typedef struct hc_lead_touch hc_lead_touch;
typedef struct hc_lead_touch_page hc_lead_touch_page;
typedef struct hc_lead_change hc_lead_change;
typedef struct hc_lead_change_page hc_lead_change_page;
typedef struct hc_favorite hc_favorite;
typedef struct hc_favorite_page hc_favorite_page;
typedef struct hc_search hc_search;
typedef struct hc_search_page hc_search_page;
typedef struct hc_audit hc_audit;
typedef struct hc_audit_page hc_audit_page;
typedef struct hc_event hc_event;
typedef struct hc_event_page hc_event_page;

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
