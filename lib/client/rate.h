/* How often somebody may do something, counted in the store, so that all processes share it (security.md L02). */
#ifndef HC__CLIENT_RATE_H
#define HC__CLIENT_RATE_H

#include "client/unit.h"

#define HC__RATE_KEPT HC__DAY /* windows that began earlier are swept: no window is longer */

typedef struct hc__rate {
    const char *scope;   /* static, at most 32 bytes, such as "lead.address" */
    uint8_t subject[32]; /* by hc__rate_subject(): the store holds no address */
    int32_t limit;       /* in a window */
    int64_t window;      /* µs; windows begin at whole multiples since the epoch */
} hc__rate;

void hc__rate_subject(uint8_t out[32], const hc__core *core, const char *scope, const void *bytes, size_t size);
/* Who sits behind the session's address; sessions without an address are one. */
void hc__rate_peer(uint8_t out[32], const hc_session *as);

/* Counts one more in the unit. Over the limit: HC_ERR_RATE_LIMITED, detail the microseconds to wait; the first time in
 * a window it is audited (excess_rate_limit_exceeded), so that a flood does not fill the log. */
hc_status hc__rate_take(hc__unit *unit, const hc__rate *rate, hc_error *err);
/* Counts one when the call has ended, in a transaction of its own: for what was taken in a unit that failed. */
void hc__rate_keep(hc_session *as, const hc__rate *rate);

void hc__rate_write(hc_session *as); /* by hc__leave() */
void hc__rate_drop(hc_session *as);

#endif
