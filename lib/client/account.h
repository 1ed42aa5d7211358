/* What users are made of, for the rooms `auth` and `user` alike: addresses and passwords. */
#ifndef HC__CLIENT_ACCOUNT_H
#define HC__CLIENT_ACCOUNT_H

#include "client/unit.h"

#define HC__EMAIL_LIMIT    254  /* bytes, RFC 5321 */
#define HC__PASSWORD_LIMIT 1024 /* bytes */

/* The canonical form of an e-mail address: trimmed, lower case; ASCII, one @, no quoted local part, no control
 * characters (security.md A04). HC_ERR_INVALID, field "email". */
hc_status hc__email_canonical(char out[HC__EMAIL_LIMIT + 1], const char *email, hc_error *err);
/* The password policy of security.md (NIST SP 800-63B-4): HC_ERR_INVALID, field "password", with the rule. */
hc_status hc__password_check(const hc__mem *mem, const char *password, size_t size, const char *email, const char *name,
                             hc_error *err);
/* The same, and the host's word on it. */
hc_status hc__password_allowed(const hc__core *core, const char *password, size_t size, const char *email,
                               const char *name, hc_error *err);
/* A hash under one of the client's slots. */
hc_status hc__account_hash(char out[HC__PASSWORD_HASH_SIZE], hc_session *as, const char *password, size_t size,
                           hc_error *err);
/* Completes a new user and adds it, with its event and audit row. `row` has e-mail, name and role. */
hc_status hc__account_insert(hc__unit *unit, hc__record *row, hc_id id, const char *hash, hc_error *err);
/* Sets e-mail and its canonical form. */
hc_status hc__account_set_email(hc__record *record, hc_error *err);
/* How many listings that are not deleted name a user as their agent, and the refusal to take such a user away. */
hc_status hc__listings_of(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err);
hc_status hc__has_listings(int64_t count, hc_error *err);
/* Ends every sign-in of a user: adds the revocation of the rows; the epoch rises by the update that carries it. */
void hc__account_end_logins(hc__unit *unit, hc_id user);

#endif
