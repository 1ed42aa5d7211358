/* The audit log: security events of what was done, in its transaction, and of what was refused, in one of their own. */
#ifndef HC__CLIENT_AUDIT_H
#define HC__CLIENT_AUDIT_H

#include "client/unit.h"

/* One event; texts are static or live as long as the call. */
typedef struct hc__audit {
    const char *event;       /* a word of the OWASP logging vocabulary, such as "authn_login_success" */
    const char *target_kind; /* noun, or NULL */
    hc_id target;
    const char *reason;      /* NULL, or at most 255 code points */
    hc_id actor;             /* zero: the session's user */
    const char *result;      /* of a late one; NULL: "refused" */
} hc__audit;

/* Adds a row with result "ok" to the unit. */
void hc__audit_add(hc__unit *unit, const hc__audit *event);
/* Remembers a row with result "refused", or event->result; it is written when the call ends, in a transaction of its own. Without memory,
 * or when the store refuses it twice, the log hook is told. */
void hc__audit_late(hc_session *as, const hc__audit *event);

void hc__late_write(hc_session *as); /* by hc__leave() */
void hc__late_drop(hc_session *as);
/* How many rows wait, and to drop those behind the first `count`: a run that is run again refuses again. */
size_t hc__late_count(const hc_session *as);
void hc__late_keep(hc_session *as, size_t count);

#endif
