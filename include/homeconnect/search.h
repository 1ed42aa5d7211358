/** @file search.h  Saved searches: queries over listings that somebody keeps, and what is new among their matches. */
#ifndef HOMECONNECT_SEARCH_H
#define HOMECONNECT_SEARCH_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_search_set_null() and hc_search_is_null(). */
#define HC_SEARCH_ID         0
#define HC_SEARCH_USER_ID    1
#define HC_SEARCH_NAME       2
#define HC_SEARCH_FILTER     3
#define HC_SEARCH_WORDS      4
#define HC_SEARCH_SORT       5
#define HC_SEARCH_MATCHED_AT 6
#define HC_SEARCH_VERSION    7
#define HC_SEARCH_CREATED_AT 8
#define HC_SEARCH_UPDATED_AT 9

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty record for hc_search_create().
 *
 * @return Free with hc_search_free(). NULL without memory, which every call that takes a search reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_search *hc_search_new(hc_client *client);

/**
 * A record to change a search that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_search_get() or a page; it need not live on.
 * @return Free with hc_search_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_search *hc_search_edit(const hc_search *row);

/**
 * A record to change a search by id, at the version that the caller read.
 *
 * @return Free with hc_search_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_search *hc_search_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_search_new(), _edit(), _for() or _get() made; NULL is fine. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API void hc_search_free(hc_search *search);

/** Clear a field; one that cannot be null sticks to the record as HC_ERR_INVALID. @note One record, one thread. Does not
 *  block. Since 0.1. */
HC_API void hc_search_set_null(hc_search *search, int32_t field);

/** 1 when a field is null or was not read; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_search_is_null(const hc_search *search, int32_t field);

/**
 * A record as JSON: names of the columns, times RFC 3339, ids as UUID text.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_search_to_json(hc_text **out, const hc_search *search, hc_error *err);

/**
 * Set fields from one JSON object, as the setters do.
 *
 * @return HC_OK; HC_ERR_INVALID naming the member; HC_ERR_FORBIDDEN naming one that only the library writes.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_search_from_json(hc_search *search, const char *json, size_t size, hc_error *err);

/** Id. RESO SavedSearchKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_search_id(const hc_search *search);
/** Whose it is. RESO MemberKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_search_user_id(const hc_search *search);
/** Name. RESO SearchName. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_search_name(const hc_search *search);
/** Set it: 1 to 100 code points. Required. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_search_set_name(hc_search *search, const char *text);
/** The filter in canonical words, as hc_query_parse() takes it; NULL: everything. RESO SearchQuery. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API const char *hc_search_filter(const hc_search *search);
/** Search words, as hc_query_set_text() takes them; NULL: none. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_search_words(const hc_search *search);
/** The order, as hc_query_set_sort() takes it; NULL: newest first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_search_sort(const hc_search *search);
/** Up to when its matches were looked at, in microseconds since the Unix epoch, UTC: when it was made, until
 *  hc_search_mark(). @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_search_matched_at(const hc_search *search);
/** The version, 1 and up, that an update names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_search_version(const hc_search *search);
/** When it was made, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_search_created_at(const hc_search *search);
/** When it was last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_search_updated_at(const hc_search *search);

/* ---- operations ------------------------------------------------------------------------------------------------- */

/**
 * Save a query over listings under a name: filter, words and order. Everybody who signed in may, up to 100.
 *
 * @param[out] out     The new id, or all zero on failure.
 * @param      search  Its name is required.
 * @param      query   Of HC_KIND_PROPERTY in public scope; limit, cursor and fields are not kept. NULL: everything.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED for guests; HC_ERR_FORBIDDEN for the system; HC_ERR_INVALID naming the field, also
 *         "scope", and "sort" for an order that the query cannot have; HC_ERR_TOO_LARGE, field "searches", when there are
 *         100, and field "query" for one that is too long to keep; HC_NOTE_REPLAYED for a repeat by idempotency key.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_create(hc_id *out, hc_session *as, const hc_search *search, const hc_query *query,
                                  hc_error *err);

/**
 * Read one's own search; an admin any.
 *
 * @param[out] out  Free with hc_search_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND, also for another's.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_get(hc_search **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many in one call: those that the caller may read, in the order of the ids.
 *
 * @param[out] out  Free with hc_search_page_free(); NULL on failure.
 * @return As hc_property_get_many().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_get_many(hc_search_page **out, hc_session *as, const hc_id *ids, size_t count, hc_error *err);

/**
 * List one's own searches, newest first.
 *
 * @param[out] out    Free with hc_search_page_free(); NULL on failure.
 * @param      query  Of HC_KIND_SEARCH, or NULL: the newest 25. With HC_SCOPE_ALL admins and the system list everybody's.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED or HC_ERR_FORBIDDEN, field "scope"; HC_ERR_INVALID, field "cursor".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_list(hc_search_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Change the name of a search.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @param      changes      From hc_search_edit() or hc_search_for().
 * @return HC_OK; HC_NOTE_SAME; HC_ERR_NOT_FOUND; HC_ERR_CONFLICT if it changed since it was read; HC_ERR_INVALID.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_update(int32_t *out_version, hc_session *as, const hc_search *changes, hc_error *err);

/**
 * Delete a search for good.
 *
 * @param version  That it was read at.
 * @return HC_OK; HC_ERR_NOT_FOUND; HC_ERR_CONFLICT.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_delete(hc_session *as, hc_id id, int32_t version, hc_error *err);

/* ---- matches ---------------------------------------------------------------------------------------------------- */

/**
 * Give the query of a search back, ready to be run, changed or printed.
 *
 * @param[out] out  Free with hc_query_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND; HC_ERR_CORRUPT, field "filter", "words" or "sort", when another program left something
 *         there that is no query.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_query(hc_query **out, hc_session *as, hc_id id, hc_error *err);

/**
 * List public listings that match a search and were created or changed at a time or after it, in the search's order. One
 * that changed at the very moment of a mark comes again. Admins and the system, too, get what the public may see of them,
 * and nothing that only a hidden address matches.
 *
 * A listing that was written in a unit which took long to commit may bear a time before this call and still not be found
 * by it: who must miss none goes back by the longest that a unit may take.
 *
 * @param[out] out        Free with hc_property_page_free(); NULL on failure.
 * @param[out] out_until  What to give to hc_search_mark() once the last page was seen; may be NULL.
 * @param      since      Microseconds since the Unix epoch, UTC; 0: when the search was last marked.
 * @param      limit      1 to 200 rows; 0: 25.
 * @param      cursor     NULL, or hc_property_page_cursor() of the page before, with the same `since`.
 * @return HC_OK; HC_ERR_NOT_FOUND; HC_ERR_INVALID, field "limit", "since" or "cursor"; HC_ERR_CORRUPT as hc_search_query();
 *         what hc_property_list() can return.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_matches(hc_property_page **out, int64_t *out_until, hc_session *as, hc_id id, int64_t since,
                                   int32_t limit, const char *cursor, hc_error *err);

/**
 * Remember that the matches of a search were looked at up to a time. Whoever may read the search may: its owner, admins,
 * and the system, which tells people of their matches.
 *
 * @param until  From hc_search_matches(); not in the future. One before the last mark changes nothing.
 * @return HC_OK; HC_NOTE_SAME; HC_ERR_NOT_FOUND; HC_ERR_INVALID, field "until".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_search_mark(hc_session *as, hc_id id, int64_t until, hc_error *err);

/* ---- pages ------------------------------------------------------------------------------------------------------ */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_search_page_count(const hc_search_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_search *hc_search_page_at(const hc_search_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_search_page_cursor(const hc_search_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_search_page_previous_cursor(const hc_search_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_search_page_has_more(const hc_search_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_search_page_total(const hc_search_page *page);
/** 1 when the total is exact. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_search_page_total_is_exact(const hc_search_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_search_page_is_short(const hc_search_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_search_page_free(hc_search_page *page);

#ifdef __cplusplus
}
#endif

#endif
