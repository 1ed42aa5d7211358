/** @file favorite.h  Listings that somebody saved. */
#ifndef HOMECONNECT_FAVORITE_H
#define HOMECONNECT_FAVORITE_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_favorite_is_null(). */
#define HC_FAVORITE_ID          0
#define HC_FAVORITE_USER_ID     1
#define HC_FAVORITE_PROPERTY_ID 2
#define HC_FAVORITE_CREATED_AT  3

/**
 * Save a listing that the caller may see. RESO Favorited. Everybody who signed in may, up to 1,000 listings.
 *
 * @return HC_OK; HC_NOTE_SAME when it was saved before; HC_ERR_NOT_FOUND when there is no such listing, or it is not to be
 *         seen; HC_ERR_TOO_LARGE, field "favorites", when there are 1,000; HC_ERR_UNAUTHENTICATED for guests;
 *         HC_ERR_FORBIDDEN for the system, which is nobody.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_favorite_add(hc_session *as, hc_id property_id, hc_error *err);

/**
 * Forget a listing that was saved, whether or not it still is there.
 *
 * @return HC_OK; HC_NOTE_SAME when it was not saved; HC_ERR_UNAUTHENTICATED; HC_ERR_FORBIDDEN.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_favorite_remove(hc_session *as, hc_id property_id, hc_error *err);

/**
 * List one's own favorites, newest first.
 *
 * @param[out] out    Free with hc_favorite_page_free(); NULL on failure.
 * @param      query  Of HC_KIND_FAVORITE, or NULL: the newest 25. With HC_SCOPE_ALL an admin lists everybody's.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED or HC_ERR_FORBIDDEN, field "scope"; HC_ERR_INVALID, field "cursor".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_favorite_list(hc_favorite_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Read the listings of a page of favorites in one call, in its order.
 *
 * @param[out] out  Those that still are to be seen. Free with hc_property_page_free(); NULL on failure.
 * @return As hc_property_get_many().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_favorite_listings(hc_property_page **out, hc_session *as, const hc_favorite_page *page,
                                      hc_error *err);

/**
 * Count who saved a listing: for its agent and admins.
 *
 * @param[out] out  0 on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND when the caller may not see the listing; HC_ERR_FORBIDDEN when it is not theirs.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_favorite_count(int64_t *out, hc_session *as, hc_id property_id, hc_error *err);

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/** Id of the row. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_favorite_id(const hc_favorite *favorite);
/** Who saved it. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_favorite_user_id(const hc_favorite *favorite);
/** The listing. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_favorite_property_id(const hc_favorite *favorite);
/** When, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_favorite_created_at(const hc_favorite *favorite);
/** 1 when a field is null or was not read; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_favorite_is_null(const hc_favorite *favorite, int32_t field);
/**
 * A row as JSON: names of the columns, times RFC 3339, ids as UUID text.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One row, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_favorite_to_json(hc_text **out, const hc_favorite *favorite, hc_error *err);

/* ---- pages -------------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_favorite_page_count(const hc_favorite_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_favorite *hc_favorite_page_at(const hc_favorite_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_favorite_page_cursor(const hc_favorite_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_favorite_page_previous_cursor(const hc_favorite_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_favorite_page_has_more(const hc_favorite_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_favorite_page_total(const hc_favorite_page *page);
/** 1 when the total is exact. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_favorite_page_total_is_exact(const hc_favorite_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_favorite_page_is_short(const hc_favorite_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_favorite_page_free(hc_favorite_page *page);

#ifdef __cplusplus
}
#endif

#endif
