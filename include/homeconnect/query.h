/** @file query.h  What to list: filter, text, place, order, page. Two spellings, one meaning. */
#ifndef HOMECONNECT_QUERY_H
#define HOMECONNECT_QUERY_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HC_SCOPE_PUBLIC                                                                                                \
    0 /**< Public listings; active ones unless the filter names a status. Only where rows are public. */
#define HC_SCOPE_OWN 1 /**< The caller's own, in any status. */
#define HC_SCOPE_ALL 2 /**< Everything; admins only. */

/* Kinds of records that a query can be over. */
#define HC_KIND_PROPERTY    1
#define HC_KIND_USER        2
#define HC_KIND_AGENT       3
#define HC_KIND_LEAD        4
#define HC_KIND_APPOINTMENT 5
#define HC_KIND_ACTIVITY    6
#define HC_KIND_CHAT        7
#define HC_KIND_FAVORITE    8
#define HC_KIND_SEARCH      9
#define HC_KIND_AUDIT       10
#define HC_KIND_LEAD_TOUCH  11
#define HC_KIND_LEAD_CHANGE 12

/**
 * An empty query over a kind of record: everything in scope, newest first, 25 a page. Appointments come by their time.
 * The scope is public for listings, users and agents, and the caller's own for all else.
 *
 * @param[out] out   Free with hc_query_free().
 * @param      kind  HC_KIND_.
 * @return HC_OK; HC_ERR_INVALID, field "kind".
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_new(hc_query **out, hc_client *client, int32_t kind, hc_error *err);

/**
 * A query over properties from `$filter` and `$orderby` text (RESO Web API Core 2.0, with marked extensions).
 *
 * Such as "city eq 'Austin' and price le 500000 and beds ge 3" and "price,-created_at". At most 4,096 bytes, 64
 * comparisons, 16 levels of parentheses, 200 items in a list, 3 sort keys.
 *
 * @param[out] out     Free with hc_query_free().
 * @param      filter  NULL or "": everything.
 * @param      sort    NULL or "": newest first.
 * @return HC_OK; HC_ERR_INVALID naming the field or "filter"/"sort", with the column and what is allowed;
 *         HC_ERR_TOO_LARGE naming the field or "filter" over one of these limits, but for that of sort keys.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_parse(hc_query **out, hc_client *client, const char *filter, const char *sort, hc_error *err);

/**
 * A query over properties from a URL's query string, as `GET /api/properties` takes it.
 *
 * Such as "city=Austin&max_price=500000&min_beds=3&sort=price&limit=50". Unknown parameters are refused.
 *
 * @param[out] out   Free with hc_query_free().
 * @param      text  `size` bytes, percent-encoded, without "?".
 * @return HC_OK; HC_ERR_INVALID naming the parameter or the column; HC_ERR_TOO_LARGE, field "query", when it is too long
 *         or has too many comparisons, and naming the parameter for one that is too much alone.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_parse_string(hc_query **out, hc_client *client, const char *text, size_t size, hc_error *err);

/** Free a query; NULL is fine. @note One query, one thread. Does not block. Since 0.1. */
HC_API void hc_query_free(hc_query *query);

/**
 * Replace the filter.
 *
 * @return As hc_query_parse().
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_filter(hc_query *query, const char *filter, hc_error *err);

/**
 * Replace the sort, such as "price,-beds"; at most 3 keys.
 *
 * @return HC_OK; HC_ERR_INVALID, field "sort".
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_sort(hc_query *query, const char *sort, hc_error *err);

/**
 * Search words: a row matches when every word occurs in its title, description, address, city or zip code. At most 8
 * words; a trailing "*" makes a prefix. A unit of work that wrote listings cannot search words: listing is
 * HC_ERR_MISUSE there.
 *
 * @return HC_OK; HC_ERR_INVALID, field "q", also when the query is over another kind than listings; HC_ERR_TOO_LARGE,
 *         field "q", over 4,096 bytes.
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_text(hc_query *query, const char *q, hc_error *err);

/**
 * Choose whose rows: HC_SCOPE_. That the caller may is asked when the query is run.
 *
 * @return HC_OK; HC_ERR_INVALID, field "scope".
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_scope(hc_query *query, int32_t scope, hc_error *err);

/**
 * Choose how many rows a page has: 1 to 200.
 *
 * @return HC_OK; HC_ERR_INVALID, field "limit".
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_limit(hc_query *query, int32_t limit, hc_error *err);

/** Rows a page. @note One query, one thread. Does not block. Since 0.1. */
HC_API int32_t hc_query_limit(const hc_query *query);

/**
 * Go on where a page ended: its hc_property_page_cursor(); NULL starts over. A cursor is sealed and bound to the query
 * and to who asks; it is not a snapshot: a row whose sort key changes can move.
 *
 * @return HC_OK; HC_ERR_INVALID, field "cursor", for what is none. Whose it is, is asked when the query is run.
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_cursor(hc_query *query, const char *cursor, hc_error *err);

/**
 * Ask for a total. Each row that it tells costs a look at it, so that a hundred ("100+") is much cheaper than the most.
 *
 * @param up_to  It is exact up to this many, 2 to 10,000, and one more where there are more; 1: 10,000; 0: no total.
 * @return HC_OK; HC_ERR_INVALID, field "count", for another number; HC_ERR_MISUSE when `query` is NULL.
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_count(hc_query *query, int32_t up_to, hc_error *err);

/**
 * Read only these fields ("title,price") beside id and version; the others are null in the rows. NULL: all.
 *
 * @return HC_OK; HC_ERR_INVALID, field "fields", for a name that is none.
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_set_fields(hc_query *query, const char *names, hc_error *err);

/**
 * The filter in canonical `$filter` words, which parse to the same filter again. They may be more than were written, with
 * places to their last decimal and null beside a list as a comparison of its own: where they pass a limit of
 * hc_query_parse(), that refuses them with HC_ERR_TOO_LARGE.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One query, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_query_text(hc_text **out, const hc_query *query, hc_error *err);

/**
 * How the query would run for a session: class A (an index answers it in order) or B, the index, and the engine's plan.
 *
 * @param[out] out  Lines of text; free with hc_text_free(); NULL on failure.
 * @return HC_OK; what a list of the query can return, such as HC_ERR_FORBIDDEN, field "scope".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_query_explain(hc_text **out, hc_session *as, const hc_query *query, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
