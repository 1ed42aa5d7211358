/** @file session.h  Who acts: a guest, a user by token, or the trusted host itself. Every operation takes one. */
#ifndef HOMECONNECT_SESSION_H
#define HOMECONNECT_SESSION_H

#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whom a session acts for. */
#define HC_ROLE_GUEST  0
#define HC_ROLE_BUYER  1
#define HC_ROLE_AGENT  2
#define HC_ROLE_ADMIN  3
#define HC_ROLE_SYSTEM 4

/**
 * A session of somebody who has not signed in.
 *
 * @param[out] out      Free with hc_session_free().
 * @param      address  The peer's IP address as text, or NULL. It goes, cut to its network, into the audit log; what guests
 *                      may do in an hour is counted by it, and together for all sessions without one.
 * @return HC_OK; HC_ERR_INVALID when `address` is no IP address.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_session_guest(hc_session **out, hc_client *client, const char *address, hc_error *err);

/**
 * A session of the host itself, which may do what an admin may, and what domain.md leaves to the host: make agents and
 * the first admin, import, purge. Never hand it to a caller from outside.
 *
 * @param[out] out  Free with hc_session_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY; HC_ERR_CLOSED; HC_ERR_FORKED.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_session_system(hc_session **out, hc_client *client, hc_error *err);

/**
 * A session of the user that an access token names (RFC 9068). The token's signature and claims are checked here, its end
 * included; the session then lasts as long as the sign-in, at most 60 days. That the sign-in still lives is checked again
 * in every operation.
 *
 * @param[out] out      Free with hc_session_free().
 * @param      token    `size` bytes, without "Bearer".
 * @param      address  The peer's IP address as text, or NULL.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED for any fault of the token, a signed-out session or a disabled user.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_session_open(hc_session **out, hc_client *client, const char *token, size_t size,
                                 const char *address, hc_error *err);

/** Free a session; NULL is fine. It does not sign out. @note One session, one thread. Does not block. Since 0.1. */
HC_API void hc_session_free(hc_session *session);

/** HC_ROLE_ of the user, as last read from the store. @note One session, one thread. Does not block. Since 0.1. */
HC_API int32_t hc_session_role(const hc_session *session);

/** The user's id; all zero for a guest and the system. @note One session, one thread. Does not block. Since 0.1. */
HC_API hc_id hc_session_user_id(const hc_session *session);

/**
 * The access token of a session that hc_auth_login() made; NULL for others.
 *
 * @return Borrowed until the session is freed.
 * @note One session, one thread. Does not block. Since 0.1.
 */
HC_API const char *hc_session_token(const hc_session *session);

/**
 * Bound the time of each following operation.
 *
 * Past it an operation is HC_ERR_TIMEOUT; one that still waited for its turn, behind others that use the store or the
 * same idempotency key, is HC_ERR_BUSY: nothing was written.
 *
 * @param micros  Microseconds from the start of an operation; 0: the default of 30 s. At most an hour.
 * @note One session, one thread. Does not block. Since 0.1.
 */
HC_API void hc_session_set_timeout(hc_session *session, int64_t micros);

/**
 * Name the request for logs and the audit log: at most 64 bytes of visible ASCII, cut before the first that is none (a
 * space, too); NULL clears it.
 *
 * @note One session, one thread. Does not block. Since 0.1.
 */
HC_API void hc_session_set_request_id(hc_session *session, const char *request_id);

/**
 * Make the next create run at most once (IETF draft-ietf-httpapi-idempotency-key-header).
 *
 * The same key and body by the same actor give the first call's id again with HC_NOTE_REPLAYED; another body is
 * HC_ERR_CONFLICT; while the first call still runs the second waits for it, at its deadline with HC_ERR_BUSY. Keys live
 * 24 hours. The next operation uses the key up, whatever it is.
 *
 * @param key  1 to 255 bytes of UTF-8, or NULL to clear.
 * @return HC_OK; HC_ERR_INVALID for any other key.
 * @note One session, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_session_set_idempotency_key(hc_session *session, const char *key, hc_error *err);

/**
 * How far behind its own writers the store of document_uri was, in microseconds, when this session last read documents,
 * activity or chats: the age of the oldest change that was committed and had not come there yet. One's own changes, and
 * those of the one document or conversation that is asked for, are shown all the same.
 *
 * @return Microseconds; 0 when nothing waited, when nothing was read yet, and without a store of documents.
 * @note One session, one thread. Does not block. Since 0.1.
 */
HC_API int64_t hc_session_document_lag(const hc_session *session);

/**
 * End the operation that runs on the session, or the next one, with HC_ERR_CANCELLED.
 *
 * @note Thread-safe: the one call that may come from another thread. Does not block. Since 0.1.
 */
HC_API void hc_session_interrupt(hc_session *session);

/**
 * The body of a unit of work. It may run again from the start after a deadlock or when a server's connection died, so it
 * must not change anything but through `as`, and may use no other session.
 *
 * @return HC_OK, or a note above 0, to commit; anything below 0 rolls back. Either becomes hc_session_transact()'s result.
 */
typedef hc_status (*hc_transact_fn)(hc_session *as, void *data, hc_error *err);

/**
 * Run `fn` in one transaction: all of its operations are written, or none.
 *
 * Isolation is READ COMMITTED with version checks. `fn` is run again, at most 5 times, after a deadlock or serialization
 * failure, and at most twice when its connection died before anything was committed. When the answer to the commit was
 * lost, the store is asked until the session's deadline whether it took place; only then is the outcome told as unknown.
 * A sign-in that ended while `fn` ran reads and commits nothing more, unless `fn` ended it: HC_ERR_UNAUTHENTICATED.
 * After a failed write every later call in `fn` is HC_ERR_ABORTED and the unit is rolled back.
 *
 * @return HC_OK, or what `fn` returned; HC_ERR_MISUSE for a nested unit or another session inside `fn`; HC_ERR_BUSY when the reruns
 *         are spent; an error of the commit, whose outcome bits say whether it was written.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_session_transact(hc_session *as, hc_transact_fn fn, void *data, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
