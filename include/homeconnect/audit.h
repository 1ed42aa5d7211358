/** @file audit.h  The audit log: security events of what was done and refused, sealed row by row. Read only.
 *
 * Each row is written in the transaction of the act, or, for a refusal, in one of its own. Rows are numbered in the order of
 * their commits and sealed by a chain of keyed hashes, whose end is signed: hc_audit_verify() finds a row that was altered,
 * moved, added or removed behind the library's back.
 */
#ifndef HOMECONNECT_AUDIT_H
#define HOMECONNECT_AUDIT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_audit_is_null(). */
#define HC_AUDIT_ID          0
#define HC_AUDIT_EVENT       1
#define HC_AUDIT_ACTOR_ID    2
#define HC_AUDIT_SESSION_ID  3
#define HC_AUDIT_REQUEST_ID  4
#define HC_AUDIT_IP          5
#define HC_AUDIT_TARGET_KIND 6
#define HC_AUDIT_TARGET_ID   7
#define HC_AUDIT_RESULT      8
#define HC_AUDIT_REASON      9
#define HC_AUDIT_CREATED_AT  10
#define HC_AUDIT_SEQ         11

/* ---- rows ------------------------------------------------------------------------------------------------------- */

/** Free a row that hc_audit_get() gave; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_audit_free(hc_audit *row);

/** 1 when a field is null; else 0. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_audit_is_null(const hc_audit *row, int32_t field);

/**
 * A row as JSON: names of the columns, times RFC 3339, ids as UUID text.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_audit_to_json(hc_text **out, const hc_audit *row, hc_error *err);

/** Id of the row. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_audit_id(const hc_audit *row);
/**
 * What happened: a word of the OWASP logging vocabulary, such as "authn_login_fail". @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API const char *hc_audit_event(const hc_audit *row);
/** Who did it; zero for a guest and the system. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_audit_actor_id(const hc_audit *row);
/** The sign-in it was done with; zero for a guest and the system. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_audit_session_id(const hc_audit *row);
/** What hc_session_set_request_id() said of the session; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_request_id(const hc_audit *row);
/** The peer's network; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_ip(const hc_audit *row);
/** What it was done to: a noun, such as "user"; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_target_kind(const hc_audit *row);
/** And its id; zero when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_audit_target_id(const hc_audit *row);
/** How it ended: "ok" or "refused". @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_result(const hc_audit *row);
/** Why, in a few words; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_reason(const hc_audit *row);
/** When, in microseconds since the Unix epoch, UTC, by the client's clock. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_audit_created_at(const hc_audit *row);
/** Its number in the order of commits, 1 and up; 0 before it is sealed. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_audit_seq(const hc_audit *row);

/* ---- operations ------------------------------------------------------------------------------------------------- */

/**
 * Read a row: admins and the system.
 *
 * @param[out] out  Free with hc_audit_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND, also for everybody else.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_audit_get(hc_audit **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many rows in one call.
 *
 * @param[out] out    The rows found, in the order of `ids`, each once. Free with hc_audit_page_free(); NULL on failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing or not to be seen; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_audit_get_many(hc_audit_page **out, hc_session *as, const hc_id *ids, size_t count, hc_error *err);

/**
 * List rows that match a query: admins and the system.
 *
 * @param      query  Made with hc_query_new(HC_KIND_AUDIT), whose only scope is HC_SCOPE_ALL, which it starts with. It may
 *                    filter by id, event, actor_id, target_id and created_at, and sort by created_at. NULL: all rows,
 *                    newest first.
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_audit_page_free().
 * @return HC_OK; HC_ERR_UNAUTHENTICATED or HC_ERR_FORBIDDEN, field "scope", for everybody else; HC_ERR_INVALID if the cursor
 *         was made for another query or identity; HC_ERR_TIMEOUT past the deadline.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_audit_list(hc_audit_page **out, hc_session *as, const hc_query *query, hc_error *err);

/* What hc_audit_verify() finds. */
#define HC_AUDIT_SOUND   0
#define HC_AUDIT_ALTERED 1 /**< A row says something else than it was written with. */
#define HC_AUDIT_MOVED   2 /**< A row stands at a number that it was not sealed with. */
#define HC_AUDIT_REMOVED 3 /**< A number is missing between others. */
#define HC_AUDIT_ADDED   4 /**< A row that was not written by the library: a number twice, or without a seal. */
#define HC_AUDIT_CUT     5 /**< The newest rows are missing. */
#define HC_AUDIT_HEAD    6 /**< The log's head was altered, removed or put back, or was signed with other keys. */
#define HC_AUDIT_OTHER   7 /**< The log is not the one, or not all of the one, of the report that is known. */

/** What hc_audit_verify() tells. Set `struct_size` before the call; fields beyond it are not written. */
typedef struct hc_audit_report {
    size_t struct_size;
    int64_t rows;      /**< Rows that were found sound, from the first one on. */
    int64_t waiting;   /**< Rows that are not sealed yet, each as it was written. */
    int64_t first_bad; /**< Number of the first row that is not sound; 0: none, or what is damaged has no number. */
    int32_t damage;    /**< HC_AUDIT_. */
    int32_t reserved;
    char end[88];      /**< The last row's number and seal, "" of an empty log: for `known` of a later call. */
} hc_audit_report;

#define HC_AUDIT_REPORT_INIT {sizeof(hc_audit_report), 0, 0, 0, 0, 0, {0}}

/**
 * Verify the audit log: that every row is there, says what it said when it was written and stands where it was sealed.
 * Admins and the system.
 *
 * The seals are made with the client's secret key, which is not in the store. Three are found only by a report that was
 * kept elsewhere: give its `end` as `known`. Whoever has the key; whoever puts back all of an earlier day's log; and whoever
 * takes the seals and the head off the whole log, which then looks older than seals, is sealed as it stands, and is told of
 * in a line of HC_LOG_WARN. Rows that are not sealed yet may be removed unseen. What erasure may take, the actor's id and
 * the address, no seal covers: another actor is found by the pseudonym, which stays; another address is not.
 *
 * Reads the whole log in small pieces, in constant memory: give a long log a long hc_session_set_timeout().
 *
 * @param[in,out] out    May be NULL. Filled as far as known, also on failure.
 * @param         known  `end` of an earlier report, or NULL.
 * @return HC_OK when the log is sound; HC_ERR_CORRUPT when it is not: the message says which row and how, hc_error.detail
 *         is its number; HC_ERR_FORBIDDEN or HC_ERR_UNAUTHENTICATED for everybody else; HC_ERR_INVALID, field "known", for
 *         another text; HC_ERR_TIMEOUT past the deadline; HC_ERR_CANCELLED when interrupted.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_audit_verify(hc_audit_report *out, hc_session *as, const char *known, hc_error *err);

/* ---- pages ------------------------------------------------------------------------------------------------------ */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_audit_page_count(const hc_audit_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_audit *hc_audit_page_at(const hc_audit_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_audit_page_cursor(const hc_audit_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_audit_page_previous_cursor(const hc_audit_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_audit_page_has_more(const hc_audit_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_audit_page_total(const hc_audit_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_audit_page_total_is_exact(const hc_audit_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_audit_page_is_short(const hc_audit_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_audit_page_free(hc_audit_page *page);

#ifdef __cplusplus
}
#endif

#endif
