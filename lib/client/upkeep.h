/* Background work that is due. */
#ifndef HC__CLIENT_UPKEEP_H
#define HC__CLIENT_UPKEEP_H

#include "client/core.h"

typedef struct hc__upkeep {
    int64_t budget; /* µs */
    int64_t done;
} hc__upkeep;

hc_status hc__upkeep_run(hc__core *core, void *upkeep, hc_error *err);

#ifdef HC_TEST_BUILD
/* HC_TEST_ARGON_KIB and HC_TEST_ARGON_PASSES make password hashes cheap enough for thousands of tests. */
void hc__test_argon(hc__argon *argon);
#endif

#endif
