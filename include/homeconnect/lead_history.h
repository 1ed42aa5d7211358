/** @file lead_history.h  What was said about a lead, and what became of it when. */
#ifndef HOMECONNECT_LEAD_HISTORY_H
#define HOMECONNECT_LEAD_HISTORY_H

#include "homeconnect/error.h"
#include "homeconnect/lead.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what was said -------------------------------------------------------------------------------------------- */

/* Fields, for hc_lead_touch_is_null(). */
#define HC_LEAD_TOUCH_FIELD_ID                0
#define HC_LEAD_TOUCH_FIELD_LEAD_ID           1
#define HC_LEAD_TOUCH_FIELD_KIND              2
#define HC_LEAD_TOUCH_FIELD_PROPERTY_ID       3
#define HC_LEAD_TOUCH_FIELD_CONTACT_NAME      4
#define HC_LEAD_TOUCH_FIELD_CONTACT_EMAIL     5
#define HC_LEAD_TOUCH_FIELD_CONTACT_PHONE     6
#define HC_LEAD_TOUCH_FIELD_MESSAGE           7
#define HC_LEAD_TOUCH_FIELD_BUDGET_MIN        8
#define HC_LEAD_TOUCH_FIELD_BUDGET_MAX        9
#define HC_LEAD_TOUCH_FIELD_TIMELINE_DAYS     10
#define HC_LEAD_TOUCH_FIELD_FINANCING         11
#define HC_LEAD_TOUCH_FIELD_CONSENT_MARKETING 12
#define HC_LEAD_TOUCH_FIELD_ACTOR_ID          13
#define HC_LEAD_TOUCH_FIELD_CREATED_AT        16

/** 1 when a field is null; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_is_null(const hc_lead_touch *touch, int32_t field);
/**
 * A record as JSON, as hc_lead_to_json().
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_lead_touch_to_json(hc_text **out, const hc_lead_touch *touch, hc_error *err);
/** Id: of an inquiry of a guest, what hc_lead_create() told them. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_touch_id(const hc_lead_touch *touch);
/** Id of the lead. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_touch_lead_id(const hc_lead_touch *touch);
/** HC_LEAD_TOUCH_. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_kind(const hc_lead_touch *touch);
/** Id of the listing an inquiry is about; all zero when none. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_touch_property_id(const hc_lead_touch *touch);
/** Name that an inquiry gave; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_touch_contact_name(const hc_lead_touch *touch);
/** E-mail address that an inquiry gave; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_touch_contact_email(const hc_lead_touch *touch);
/** Telephone number that an inquiry gave; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_touch_contact_phone(const hc_lead_touch *touch);
/**
 * What was asked or said; NULL when null. Plain text: escape it where it is shown. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API const char *hc_lead_touch_message(const hc_lead_touch *touch);
/** Least price that an inquiry gave, in cents; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_touch_budget_min(const hc_lead_touch *touch);
/** Highest price that an inquiry gave, in cents; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_touch_budget_max(const hc_lead_touch *touch);
/** Days in which an inquiry means to buy; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_timeline_days(const hc_lead_touch *touch);
/** HC_LEAD_FINANCING_ that an inquiry gave; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_financing(const hc_lead_touch *touch);
/** 1 when an inquiry agreed to be sent marketing. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_consent_marketing(const hc_lead_touch *touch);
/**
 * Id of the user who asked or logged it; all zero for a guest and the system. @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API hc_id hc_lead_touch_actor_id(const hc_lead_touch *touch);
/** When it was, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_touch_created_at(const hc_lead_touch *touch);
/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_lead_touch_page_count(const hc_lead_touch_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_lead_touch *hc_lead_touch_page_at(const hc_lead_touch_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_lead_touch_page_cursor(const hc_lead_touch_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_touch_page_previous_cursor(const hc_lead_touch_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_touch_page_has_more(const hc_lead_touch_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_lead_touch_page_total(const hc_lead_touch_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_lead_touch_page_total_is_exact(const hc_lead_touch_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_lead_touch_page_is_short(const hc_lead_touch_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_lead_touch_page_free(hc_lead_touch_page *page);

/**
 * What was said about a lead, newest first: for the agent it is assigned to, and admins.
 *
 * @param      query  Made with hc_query_new(HC_KIND_LEAD_TOUCH): its limit, cursor and count. NULL: the newest 25.
 * @param[out] out    Free with hc_lead_touch_page_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the lead; HC_ERR_FORBIDDEN for its buyer.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_touches(hc_lead_touch_page **out, hc_session *as, hc_id lead, const hc_query *query,
                                 hc_error *err);

/* ---- history -------------------------------------------------------------------------------------------------- */

/* Fields, for hc_lead_change_is_null(). */
#define HC_LEAD_CHANGE_ID           0
#define HC_LEAD_CHANGE_LEAD_ID      1
#define HC_LEAD_CHANGE_OLD_STATUS   2
#define HC_LEAD_CHANGE_NEW_STATUS   3
#define HC_LEAD_CHANGE_OLD_AGENT_ID 4
#define HC_LEAD_CHANGE_NEW_AGENT_ID 5
#define HC_LEAD_CHANGE_ACTOR_ID     6
#define HC_LEAD_CHANGE_REASON       7
#define HC_LEAD_CHANGE_VERSION      8
#define HC_LEAD_CHANGE_CREATED_AT   9

/** 1 when a field is null; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_change_is_null(const hc_lead_change *change, int32_t field);
/**
 * A record as JSON, as hc_lead_to_json().
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_lead_change_to_json(hc_text **out, const hc_lead_change *change, hc_error *err);
/** Id of the move. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_change_id(const hc_lead_change *change);
/** Id of the lead. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_change_lead_id(const hc_lead_change *change);
/** HC_LEAD_STATUS_ before; 0 for a new lead. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_change_old_status(const hc_lead_change *change);
/** HC_LEAD_STATUS_ after; the same when only the agent changed. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_change_new_status(const hc_lead_change *change);
/** Id of the agent before; all zero when nobody. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_change_old_agent_id(const hc_lead_change *change);
/** Id of the agent after; all zero when nobody. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_change_new_agent_id(const hc_lead_change *change);
/** Id of the user who changed it; all zero for a guest and the system. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_change_actor_id(const hc_lead_change *change);
/** Why; NULL when null. Plain text: escape it where it is shown. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_change_reason(const hc_lead_change *change);
/** The lead's version after it. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_change_version(const hc_lead_change *change);
/** When it was, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_change_created_at(const hc_lead_change *change);
/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_lead_change_page_count(const hc_lead_change_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_lead_change *hc_lead_change_page_at(const hc_lead_change_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_lead_change_page_cursor(const hc_lead_change_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_change_page_previous_cursor(const hc_lead_change_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_change_page_has_more(const hc_lead_change_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_lead_change_page_total(const hc_lead_change_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_lead_change_page_total_is_exact(const hc_lead_change_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_lead_change_page_is_short(const hc_lead_change_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_lead_change_page_free(hc_lead_change_page *page);

/**
 * Every change of a lead's status and agent, newest first: for the agent it is assigned to, and admins.
 *
 * @param      query  Made with hc_query_new(HC_KIND_LEAD_CHANGE): its limit, cursor and count. NULL: the newest 25.
 * @param[out] out    Free with hc_lead_change_page_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the lead; HC_ERR_FORBIDDEN for its buyer.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_history(hc_lead_change_page **out, hc_session *as, hc_id lead, const hc_query *query,
                                 hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
