/** @file user.h  People who sign in: buyers, agents and admins. */
#ifndef HOMECONNECT_USER_H
#define HOMECONNECT_USER_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_user_set_null() and hc_user_is_null(). */
#define HC_USER_ID                0
#define HC_USER_EMAIL             1
#define HC_USER_FULL_NAME         3
#define HC_USER_ROLE              4
#define HC_USER_PHONE             5
#define HC_USER_CREATED_AT        6
#define HC_USER_UPDATED_AT        7
#define HC_USER_EMAIL_VERIFIED_AT 9
#define HC_USER_STATUS            10
#define HC_USER_LAST_LOGIN_AT     12
#define HC_USER_VERSION           13

/* Roles. */
#define HC_USER_ROLE_BUYER 1
#define HC_USER_ROLE_AGENT 2
#define HC_USER_ROLE_ADMIN 3

/* Statuses. */
#define HC_USER_STATUS_ACTIVE   1
#define HC_USER_STATUS_DISABLED 2

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty user for hc_user_create().
 *
 * @return Free with hc_user_free(). NULL without memory, which every call that takes a user reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_user *hc_user_new(hc_client *client);

/**
 * A record to change a user that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_user_get() or a page; it need not live on.
 * @return Free with hc_user_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_user *hc_user_edit(const hc_user *row);

/**
 * A record to change a user by id, at the version that the caller read.
 *
 * @return Free with hc_user_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_user *hc_user_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_user_new(), _edit(), _for() or _get() made; NULL is fine. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API void hc_user_free(hc_user *user);

/**
 * Clear a field, so that the next create or update writes null.
 *
 * @param field  HC_USER_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_user_set_null(hc_user *user, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_user_is_null(const hc_user *user, int32_t field);

/**
 * A record as JSON: names of the columns, decimals as strings, times RFC 3339, ids as UUID text, enums as words. What
 * the reader may not see is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_user_to_json(hc_text **out, const hc_user *user, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears. Decimals may also be plain JSON numbers
 * and are taken exactly as spelled.
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist; HC_ERR_FORBIDDEN naming one that
 * only the library writes. After a failure the record is good for hc_user_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_user_from_json(hc_user *user, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** Id of the user. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_user_id(const hc_user *user);

/** E-mail address, for the user and admins. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_user_email(const hc_user *user);
/**
 * Set it: at most 254 bytes of ASCII, no quoted local part. Required. By the user or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_user_set_email(hc_user *user, const char *text);

/** Name. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_user_full_name(const hc_user *user);
/**
 * Set it: 1 to 100 code points. Required. By the user or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_user_set_full_name(hc_user *user, const char *text);

/** HC_USER_ROLE_. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_user_role(const hc_user *user);
/** Set it: HC_USER_ROLE_. Required. By an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_user_set_role(hc_user *user, int32_t role);

/** Phone number, for the user and admins; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_user_phone(const hc_user *user);
/**
 * Set it: 1 to 20 code points, or NULL. By the user or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_user_set_phone(hc_user *user, const char *text);

/** When it was made, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_user_created_at(const hc_user *user);

/**
 * When it was last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_user_updated_at(const hc_user *user);

/**
 * When the address was proved, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API int64_t hc_user_email_verified_at(const hc_user *user);
/**
 * Set it: microseconds since the Unix epoch, UTC. By an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_user_set_email_verified_at(hc_user *user, int64_t micros);

/** HC_USER_STATUS_. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_user_status(const hc_user *user);
/**
 * Set it: HC_USER_STATUS_; disabling ends all sign-ins. By an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_user_set_status(hc_user *user, int32_t status);

/**
 * When the user last signed in, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API int64_t hc_user_last_login_at(const hc_user *user);

/** The version, 1 and up, that an update names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_user_version(const hc_user *user);

/* ---- operations ----------------------------------------------------------------------------------------------- */

/**
 * Make a user of any role: how a host makes agents and its first admin. People register with hc_auth_register().
 *
 * The e-mail address is compared in canonical form (trimmed, lower case). An agent also needs hc_agent_create().
 *
 * @param[out] out       The new id, or all zero on failure.
 * @param      user      E-mail, full name and role are required.
 * @param      password  `password_size` bytes; the rules of hc_registration.
 * @return HC_OK; HC_ERR_FORBIDDEN unless the caller is an admin or the system; HC_ERR_CONFLICT, field "email", when the
 *         address is taken; HC_ERR_INVALID naming the field; HC_NOTE_REPLAYED for a repeat by idempotency key,
 *         HC_ERR_CONFLICT when its password is another one.
 * @note One session, one thread. Blocks, for as long as an Argon2id hash takes. Since 0.1.
 */
HC_API hc_status hc_user_create(hc_id *out, hc_session *as, const hc_user *user, const char *password,
                                size_t password_size, hc_error *err);

/**
 * Read a user: callers read themselves, admins all, and everybody the name of an agent. E-mail address and phone number
 * are null for others (domain.md D5).
 *
 * @param[out] out  Free with hc_user_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND, also when the caller may not see the user.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_user_get(hc_user **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many users in one call.
 *
 * @param[out] out    The users found, in the order of `ids`, each once. Free with hc_user_page_free(); NULL on failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing or not to be seen; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_user_get_many(hc_user_page **out, hc_session *as, const hc_id *ids, size_t count, hc_error *err);

/**
 * List users that match a query.
 *
 * The public scope is the cards of active agents, for everybody; the own scope is the caller; with
 * hc_query_set_scope(q, HC_SCOPE_ALL) an admin sees all.
 *
 * @param      query  Made with hc_query_new(HC_KIND_USER); it may filter by id, role and times, and where the caller
 *                    may see them by email and status. NULL: all cards, newest first.
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_user_page_free().
 * @return HC_OK, also for an empty page; HC_ERR_FORBIDDEN, field "scope", or naming a field that the caller may not
 * filter by; HC_ERR_INVALID if the cursor was made for another query or identity; HC_ERR_TIMEOUT past the deadline.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_user_list(hc_user_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Change the fields that were set on `changes`, and only those: of oneself, or of anyone as an admin.
 *
 * A change of role, status or address ends all of the user's sign-ins; another address is not verified. A change of
 * role or address asks for a sign-in of the last 5 minutes (OWASP ASVS 7.5.1), else HC_ERR_FORBIDDEN naming it. The
 * last active admin can be neither demoted nor disabled. Unlike hc_user_delete(), disabling an agent does not ask
 * whether they have listings or open leads, so that it is always at hand.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the user; HC_ERR_FORBIDDEN if they may see but not change
 * them, or set a field that is not theirs; HC_ERR_CONFLICT if the user changed since it was read (hc_error.detail is
 * the current version), or, field "email", when the address is taken; HC_ERR_INVALID naming the field.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_user_update(int32_t *out_version, hc_session *as, const hc_user *changes, hc_error *err);

/**
 * Delete a user: their sign-ins end and they can sign in no more. The row stays until the person is erased.
 *
 * @param version  That it was read at.
 * @return HC_OK; HC_NOTE_SAME when disabled already; HC_ERR_INVALID_STATE when listings or open leads name them as agent
 *         (hc_error.detail says how many), or they are the last active admin; HC_ERR_NOT_FOUND, HC_ERR_FORBIDDEN and
 *         HC_ERR_CONFLICT as hc_user_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_user_delete(hc_session *as, hc_id id, int32_t version, hc_error *err);

/* ---- pages ---------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_user_page_count(const hc_user_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_user *hc_user_page_at(const hc_user_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_user_page_cursor(const hc_user_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_user_page_previous_cursor(const hc_user_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_user_page_has_more(const hc_user_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_user_page_total(const hc_user_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_user_page_total_is_exact(const hc_user_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_user_page_is_short(const hc_user_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_user_page_free(hc_user_page *page);

#ifdef __cplusplus
}
#endif

#endif
