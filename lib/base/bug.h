/* Seeded bugs: a harness proves that it can fail by running with HC_BUG=name in the environment of a test build. */
#ifndef HC__BASE_BUG_H
#define HC__BASE_BUG_H

#include <stdbool.h>
#include "homeconnect/types.h"

#ifdef HC_TEST_BUILD
/* Whether the bug `name` is asked for. Read at each call, so that a test can turn it on and off around one operation.
 */
bool hc__bug(const char *name);
#else
#define hc__bug(name) false
#endif

#endif
