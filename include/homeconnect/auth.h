/** @file auth.h  Registration, sign-in, sign-out and passwords. */
#ifndef HOMECONNECT_AUTH_H
#define HOMECONNECT_AUTH_H

#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Who registers. Passwords: 15 code points to 1,024 bytes of UTF-8 without NUL (NIST SP 800-63B-4), not built of the
 * e-mail, the name or "homeconnect", not a repeat or a sequence, not known from a breach (hc_client_options.breached).
 */
typedef struct hc_registration {
    size_t struct_size;
    const char *email;     /**< At most 254 bytes, ASCII, no quoted local part. */
    const char *password; /**< Need not be NUL-terminated. */
    size_t password_size; /**< Bytes of `password`. */
    const char *full_name; /**< 1 to 100 code points. */
    const char *phone;     /**< At most 20 code points, or NULL. */
} hc_registration;

#define HC_REGISTRATION_INIT {sizeof(hc_registration), NULL, NULL, 0, NULL, NULL}

/**
 * Register a buyer.
 *
 * The answer is the same whether the address is new or already known (OWASP Authentication Cheat Sheet), so there is no
 * id to give back; the new user signs in with hc_auth_login().
 *
 * @param guest  A guest session.
 * @return HC_OK in both cases; HC_ERR_INVALID naming the field; HC_ERR_FORBIDDEN on a session that is not a guest's;
 *         HC_ERR_BUSY when no hash slot came free.
 * @note One session, one thread. Blocks, for as long as an Argon2id hash takes. Since 0.1.
 */
HC_API hc_status hc_auth_register(hc_session *guest, const hc_registration *registration, hc_error *err);

/** What signs in. */
typedef struct hc_login {
    size_t struct_size;
    const char *email; /**< The user's address. */
    const char *password; /**< Need not be NUL-terminated. */
    size_t password_size; /**< Bytes of `password`. */
} hc_login;

#define HC_LOGIN_INIT {sizeof(hc_login), NULL, NULL, 0}

/**
 * Sign in and get the user's session; hc_session_token() of it is the access token.
 *
 * @param[out] out    Free with hc_session_free().
 * @param      guest  A guest session, which carries the peer's address.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED alike for an unknown address, a wrong password and a disabled user;
 *         HC_ERR_INVALID, field "password", for one that nobody can have; HC_ERR_FORBIDDEN on a session that is not a
 *         guest's; HC_ERR_BUSY when no hash slot came free.
 * @note One session, one thread. Blocks, for as long as an Argon2id hash takes. Since 0.1.
 */
HC_API hc_status hc_auth_login(hc_session **out, hc_session *guest, const hc_login *login, hc_error *err);

/**
 * Sign out: the session's token is refused in the very next call, on every process.
 *
 * @return HC_OK; HC_ERR_UNAUTHENTICATED when it was signed out already.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_auth_logout(hc_session *session, hc_error *err);

/** A change of password. */
typedef struct hc_password_change {
    size_t struct_size;
    const char *current; /**< The one that holds now. */
    size_t current_size; /**< Bytes of `current`. */
    const char *password; /**< The new one; rules as in hc_registration. */
    size_t password_size; /**< Bytes of `password`. */
} hc_password_change;

#define HC_PASSWORD_CHANGE_INIT {sizeof(hc_password_change), NULL, 0, NULL, 0}

/**
 * Change the caller's password. Every sign-in of the user ends, this one included.
 *
 * @return HC_OK; HC_ERR_FORBIDDEN when `current` is wrong, or the sign-in is older than 5 minutes (OWASP ASVS 7.5.1);
 *         HC_ERR_INVALID, field "password", with the rule that the new one breaks.
 * @note One session, one thread. Blocks, for as long as two Argon2id hashes take. Since 0.1.
 */
HC_API hc_status hc_auth_change_password(hc_session *session, const hc_password_change *change, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
