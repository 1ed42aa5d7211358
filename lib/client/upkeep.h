/* Background work that is due. */
#ifndef HC__CLIENT_UPKEEP_H
#define HC__CLIENT_UPKEEP_H

#include "client/core.h"

typedef struct hc__upkeep {
    int64_t budget; /* µs */
    int64_t done;
} hc__upkeep;

hc_status hc__upkeep_run(hc__core *core, void *upkeep, hc_error *err);

/* Behind a call that committed where several may: numbers a few events and seals a few audit rows, at most once a second
 * in this process. So they do not wait for a host that never calls hc_client_run(). */
void hc__upkeep_soon(hc_session *as);

#ifdef HC_TEST_BUILD
/* HC_TEST_ARGON_KIB and HC_TEST_ARGON_PASSES make password hashes cheap enough for thousands of tests. */
void hc__test_argon(hc__argon *argon);
void hc__test_soon(hc__core *core);
void hc__test_lease(int64_t *span); /* HC_TEST_LEASE_MS */
#endif

#endif
