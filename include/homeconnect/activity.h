/** @file activity.h  Activity logs: what people did, appended and never changed. Kept in the document store. */
#ifndef HOMECONNECT_ACTIVITY_H
#define HOMECONNECT_ACTIVITY_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_activity_set_null() and hc_activity_is_null(). */
#define HC_ACTIVITY_ID          0
#define HC_ACTIVITY_USER_ID     1
#define HC_ACTIVITY_ACTION      2
#define HC_ACTIVITY_TARGET_ID   3
#define HC_ACTIVITY_METADATA    4
#define HC_ACTIVITY_TIMESTAMP   5
#define HC_ACTIVITY_SESSION_ID  6
#define HC_ACTIVITY_IP          7
#define HC_ACTIVITY_EVENT_CLASS 8

/* Classes of entries. */
#define HC_ACTIVITY_CLASS_ANALYTICS 1 /**< The vocabulary of hc_activity_set_action(). */
#define HC_ACTIVITY_CLASS_ACTIVITY  2 /**< All else. */

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty log entry for hc_activity_append().
 *
 * @return Free with hc_activity_free(). NULL without memory, which every call that takes an entry reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_activity *hc_activity_new(hc_client *client);

/** Free an entry that hc_activity_new() made; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_activity_free(hc_activity *activity);

/**
 * Clear a field, so that the next append writes null.
 *
 * @param field  HC_ACTIVITY_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_null(hc_activity *activity, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_activity_is_null(const hc_activity *activity, int32_t field);

/**
 * An entry as one line of JSON: names of the columns, times RFC 3339, ids as UUID text, classes as words. What the reader
 * may not see is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_activity_to_json(hc_text **out, const hc_activity *activity, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears.
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist or is no text where text is wanted;
 *         HC_ERR_FORBIDDEN naming one that only the library writes. After a failure the record is good for
 *         hc_activity_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_activity_from_json(hc_activity *activity, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** Id of the entry; its 12 bytes of a MongoDB ObjectId are in a UUIDv8. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_activity_id(const hc_activity *activity);

/** Id of the user who acted; all zero for guests. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_activity_user_id(const hc_activity *activity);
/**
 * Set it, for admins and the system alone, who may log what another did; everybody else's entries are their own. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_user_id(hc_activity *activity, hc_id id);

/** What was done; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_action(const hc_activity *activity);
/**
 * Set it: 1 to 64 code points without control characters. Required.
 *
 * Guests may only log the vocabulary (RESO Data Dictionary 2.0, EventType): Detailed View, Photo Gallery, Virtual Tour,
 * Favorited, Discard, Maybe, Share, Printed, Driving Directions, Search, Submission of Lead Form, Sign In, Sign Out; and
 * view_property, which means Detailed View.
 *
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_action(hc_activity *activity, const char *text);

/** Id of what it was done to; all zero for none. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_activity_target_id(const hc_activity *activity);
/**
 * Set it: the id of a listing, a lead or a person that the caller may see; admins may name anything. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_target_id(hc_activity *activity, hc_id id);

/** Free JSON in canonical form, one line; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_metadata(const hc_activity *activity);
/**
 * Set it: a JSON object of at most 16 KiB, 64 members in all and 8 levels, or NULL.
 *
 * Names must not be empty, begin with '$', have a dot, or be "__proto__" or "_id". It is kept in canonical form: members
 * sorted by bytes, integers of 64 bits as such, other numbers as the shortest double. Values whose name says password,
 * token, secret, authorization, cookie, API key or signature, JSON web tokens, what follows "Bearer", and secrets in the
 * queries of addresses become "***" before anything is written.
 *
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_metadata(hc_activity *activity, const char *text);

/** When it was logged: µs since the Unix epoch, whole milliseconds. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_activity_timestamp(const hc_activity *activity);

/** The host's name of the visit, for who acted and admins; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_session_id(const hc_activity *activity);
/**
 * Set it: 1 to 64 letters, digits, '-' and '_', or NULL. Required of guests. Not the visitor's cookie itself: whoever
 * reads the log would hold it. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_activity_set_session_id(hc_activity *activity, const char *text);

/**
 * The network of the peer (an IPv4 address cut to /24, IPv6 to /48), for admins; NULL when null. @note Thread-safe. Does
 * not block. Since 0.1.
 */
HC_API const char *hc_activity_ip(const hc_activity *activity);

/** HC_ACTIVITY_CLASS_, by the action. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_activity_event_class(const hc_activity *activity);

/* ---- appending ------------------------------------------------------------------------------------------------ */

/**
 * Append an entry, as the caller: the user or, for a guest, nobody with the entry's session id. In a unit of work it is
 * written with it or not at all. Nobody can change or remove an entry.
 *
 * @param[out] out  Its id.
 * @return HC_OK; HC_NOTE_REPLAYED for a repeated idempotency key; HC_ERR_INVALID naming the field ("metadata": the message
 *         names the member); HC_ERR_FORBIDDEN, field "action", for a guest outside the vocabulary, or naming a field that
 *         the caller may not write; HC_ERR_NOT_FOUND, field "target_id", for a target that the caller may not see.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_append(hc_id *out, hc_session *as, const hc_activity *activity, hc_error *err);

/**
 * Append entries in one transaction: all of them, or none.
 *
 * @param entries  `count` of them, at most 10,000; none is also fine. An idempotency key is not for this call.
 * @return As hc_activity_append(); HC_ERR_TOO_LARGE, field "entries". The message of a refused entry says which it is.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_append_many(hc_session *as, const hc_activity *const *entries, size_t count,
                                         hc_error *err);

/* ---- reading -------------------------------------------------------------------------------------------------- */

/**
 * List entries: the caller's own, or everybody's with HC_SCOPE_ALL for admins; the newest first unless sorted otherwise.
 *
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_activity_page_free().
 * @param      query  Of HC_KIND_ACTIVITY; NULL: one's own, 25 a page.
 * @return HC_OK, also for an empty page; HC_NOTE_INCOMPLETE when another program spoiled documents, which are left out;
 *         HC_ERR_UNAUTHENTICATED for guests; HC_ERR_FORBIDDEN, field "scope"; HC_ERR_UNAVAILABLE when the store of
 *         document_uri cannot be reached.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_list(hc_activity_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * List what was done to a listing: for its agent and admins. Session ids and networks are null for the agent.
 *
 * @param[out] out    Free with hc_activity_page_free(); NULL on failure.
 * @param      query  Of HC_KIND_ACTIVITY; NULL: 25 a page. Its scope does not matter.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the listing; HC_ERR_FORBIDDEN if it is not theirs.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_of_listing(hc_activity_page **out, hc_session *as, hc_id property_id,
                                        const hc_query *query, hc_error *err);

/**
 * List what the buyer of a lead did, on any listing: for the agent whom the lead is assigned to, and admins. Session ids
 * and networks are null for the agent. Empty for a lead without a buyer.
 *
 * @param[out] out    Free with hc_activity_page_free(); NULL on failure.
 * @param      query  Of HC_KIND_ACTIVITY; NULL: 25 a page. Its scope does not matter.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the lead; HC_ERR_FORBIDDEN for roles that may not ask.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_of_lead(hc_activity_page **out, hc_session *as, hc_id lead_id, const hc_query *query,
                                     hc_error *err);

/** Rows of a page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_activity_page_count(const hc_activity_page *page);

/** Row `index`, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_activity *hc_activity_page_at(const hc_activity_page *page, size_t index);

/** Cursor of the next page, borrowed; NULL on the last. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_page_cursor(const hc_activity_page *page);

/** Cursor of the page before, borrowed; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_page_previous_cursor(const hc_activity_page *page);

/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_activity_page_has_more(const hc_activity_page *page);

/** 1 when the page is short because 50,000 rows were looked at; its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_activity_page_is_short(const hc_activity_page *page);

/** Matches in all, at most one more than asked for; else -1. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_activity_page_total(const hc_activity_page *page);

/** 0 when there are more matches than the total says. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_activity_page_total_is_exact(const hc_activity_page *page);

/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_activity_page_free(hc_activity_page *page);

/* ---- counting ------------------------------------------------------------------------------------------------- */

/**
 * Count what was done to a listing, by action and UTC day: for its agent and admins. view_property counts as Detailed View.
 *
 * @param[out] out        Free with hc_activity_counts_free(); NULL on failure.
 * @param      first_day  Days since 1970-01-01.
 * @param      last_day   It too is counted; at most 366 days in all.
 * @return HC_OK; HC_NOTE_INCOMPLETE when another program spoiled entries, which are not counted;
 *         HC_ERR_NOT_FOUND if the caller may not see the listing; HC_ERR_FORBIDDEN if it is not theirs;
 *         HC_ERR_INVALID, field "last_day"; HC_ERR_TOO_BROAD, field "first_day", when a day has more than 50,000 entries
 *         or the whole more than 10,000 counts.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_counts_of_listing(hc_activity_counts **out, hc_session *as, hc_id property_id,
                                               int32_t first_day, int32_t last_day, hc_error *err);

/**
 * The same for all listings of an agent that are not deleted: for the agent and admins.
 *
 * @param[out] out  Free with hc_activity_counts_free(); NULL on failure.
 * @return As hc_activity_counts_of_listing(); HC_ERR_FORBIDDEN for another's; HC_ERR_TOO_BROAD, field "agent_id", for
 *         more than 50,000 listings; field "first_day", when too many of them were looked at for so many days.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_activity_counts_of_agent(hc_activity_counts **out, hc_session *as, hc_id agent_id,
                                             int32_t first_day, int32_t last_day, hc_error *err);

/** How many counts there are; in order of day, then action. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_activity_counts_size(const hc_activity_counts *counts);

/** What was done, borrowed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_activity_counts_action(const hc_activity_counts *counts, size_t index);

/** On which day, since 1970-01-01; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_activity_counts_day(const hc_activity_counts *counts, size_t index);

/** How often; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_activity_counts_count(const hc_activity_counts *counts, size_t index);

/** How often in all; `action` NULL: whatever was done. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_activity_counts_total(const hc_activity_counts *counts, const char *action);

/** Free counts; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_activity_counts_free(hc_activity_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
