/* Pieces of sign-in that the files of this room share. */
#ifndef HC__AUTH_LOGIN_H
#define HC__AUTH_LOGIN_H

#include "client/session.h"

/* Whose password is checked. The owner frees `arena`. */
typedef struct hc__person {
    hc__arena arena;
    hc__record row; /* valid when found */
    bool found;
} hc__person;

hc_status hc__person_by_email(hc__person *person, hc_session *as, const char *email, hc_error *err);
hc_status hc__person_by_id(hc__person *person, hc_session *as, hc_id id, hc_error *err);
hc_status hc__person_verify(bool *match, bool *stale, const hc__person *person, hc_session *as, const char *password,
                            size_t size, hc_error *err);
/* hc__enter() for what only a guest outside a unit may call. */
hc_status hc__enter_guest(hc_session *guest, hc_error *err);
/* Makes the access token of a session that was just signed in. */
hc_status hc__session_issue(hc_session *as, hc_error *err);

#endif
