/** @file chat.h  Chat history: conversations with the assistant, kept for who had them. Kept in the document store. */
#ifndef HOMECONNECT_CHAT_H
#define HOMECONNECT_CHAT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a chat's session id, with its NUL: 128 random bits as 32 hexadecimal digits. */
#define HC_CHAT_SESSION_SIZE 33

/* Who said a message. */
#define HC_CHAT_ROLE_USER      1
#define HC_CHAT_ROLE_ASSISTANT 2
#define HC_CHAT_ROLE_TOOL      3 /**< What a tool answered. */
#define HC_CHAT_ROLE_SYSTEM    4 /**< Written by other programs; hc_chat_append() refuses it. */

/* ---- writing -------------------------------------------------------------------------------------------------- */

/**
 * Begin a conversation of the caller.
 *
 * @param[out] out  HC_CHAT_SESSION_SIZE bytes: its session id, NUL-terminated; "" on failure.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED for guests; HC_ERR_FORBIDDEN for the system, which has no conversations.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_chat_start(char *out, hc_session *as, hc_error *err);

/**
 * Append a message to a conversation of the caller. Several sessions may append to one conversation at once.
 *
 * @param session_id  From hc_chat_start().
 * @param role        HC_CHAT_ROLE_USER, _ASSISTANT or _TOOL.
 * @param content     `size` bytes of UTF-8 without NUL, 1 to 32,768.
 * @return HC_OK; HC_ERR_NOT_FOUND, field "session_id", for any other conversation, another user's too; HC_ERR_INVALID,
 *         field "role" or "content"; HC_ERR_TOO_LARGE, field "session_id", for a conversation of 100 full documents (of
 *         100 messages or 1 MiB): begin another.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_chat_append(hc_session *as, const char *session_id, int32_t role, const char *content, size_t size,
                                hc_error *err);

/**
 * Keep a summary with a conversation of the caller, in place of the one before.
 *
 * @param summary  At most 4,000 code points; NULL clears it.
 * @return HC_OK; HC_ERR_NOT_FOUND as in hc_chat_append(); HC_ERR_INVALID, field "summary".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_chat_set_summary(hc_session *as, const char *session_id, const char *summary, hc_error *err);

/* ---- conversations -------------------------------------------------------------------------------------------- */

/**
 * List conversations, one row each: the caller's own, or everybody's with HC_SCOPE_ALL for admins. In order of their
 * beginning, the newest first, unless sorted otherwise; filters and orders see a conversation's first document.
 *
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_chat_page_free().
 * @param      query  Of HC_KIND_CHAT; NULL: one's own, 25 a page.
 * @return HC_OK, also for an empty page; HC_NOTE_INCOMPLETE when another program spoiled documents, which are left out;
 *         HC_ERR_UNAUTHENTICATED for guests; HC_ERR_FORBIDDEN, field "scope"; HC_ERR_UNAVAILABLE when the store of
 *         document_uri cannot be reached.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_chat_list(hc_chat_page **out, hc_session *as, const hc_query *query, hc_error *err);

/** Its session id. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_chat_session_id(const hc_chat *chat);

/** Id of whose it is. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_chat_user_id(const hc_chat *chat);

/** Messages in it. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_chat_message_count(const hc_chat *chat);

/** Its summary; NULL when there is none. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_chat_summary(const hc_chat *chat);

/** When it began: µs since the Unix epoch, whole milliseconds. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_chat_created_at(const hc_chat *chat);

/** When it was last written to, alike, in microseconds. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_chat_updated_at(const hc_chat *chat);

/** Rows of a page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_chat_page_count(const hc_chat_page *page);

/** Row `index`, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_chat *hc_chat_page_at(const hc_chat_page *page, size_t index);

/** Cursor of the next page, borrowed; NULL on the last. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_chat_page_cursor(const hc_chat_page *page);

/** Cursor of the page before, borrowed; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_chat_page_previous_cursor(const hc_chat_page *page);

/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_chat_page_has_more(const hc_chat_page *page);

/** 1 when the page is short because 50,000 rows were looked at; its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_chat_page_is_short(const hc_chat_page *page);

/** Matches in all, at most one more than asked for; else -1. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_chat_page_total(const hc_chat_page *page);

/** 0 when there are more matches than the total says. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_chat_page_total_is_exact(const hc_chat_page *page);

/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_chat_page_free(hc_chat_page *page);

/* ---- messages ------------------------------------------------------------------------------------------------- */

/**
 * Read messages of a conversation backwards: the newest ones before a number, in the order in which they were said.
 *
 * @param[out] out     Free with hc_message_page_free(); NULL on failure.
 * @param      before  0: from the end; else hc_message_page_before() of the page that came.
 * @param      limit   1 to 200 messages; fewer may come although there are earlier ones.
 * @return HC_OK; HC_ERR_NOT_FOUND, field "session_id", for a conversation that is not the caller's (admins read all);
 *         HC_ERR_INVALID, field "limit" or "before" (below 0).
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_chat_messages(hc_message_page **out, hc_session *as, const char *session_id, int64_t before,
                                  int32_t limit, hc_error *err);

/** Messages of a page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_message_page_count(const hc_message_page *page);

/** HC_CHAT_ROLE_; 0 past the end, and for a word that is none. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_message_page_role(const hc_message_page *page, size_t index);

/** What was said, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_message_page_content(const hc_message_page *page, size_t index);

/** When: µs since the Unix epoch, whole milliseconds; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_message_page_timestamp(const hc_message_page *page, size_t index);

/** Its number: rises through a conversation, with gaps; -1 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_message_page_number(const hc_message_page *page, size_t index);

/** What to give hc_chat_messages() for the messages before these; 0 when there are none. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_message_page_before(const hc_message_page *page);

/** Free a page; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_message_page_free(hc_message_page *page);

#ifdef __cplusplus
}
#endif

#endif
