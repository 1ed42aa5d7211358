/* Seeded bugs: a harness proves that it can fail by running with HC_BUG=name in the environment of a test build. */
#ifndef HC__BASE_BUG_H
#define HC__BASE_BUG_H

#include <stdbool.h>
#include "homeconnect/types.h"

#ifdef HC_TEST_BUILD
/* Whether the bug `name` is asked for. Read at each call, so that a test can turn it on and off around one operation.
 */
bool hc__bug(const char *name);
/* A labelled step. HC_FP=NAME:N in the environment kills the process at its N-th passing of NAME; HC_FP=NAME:N:stop
 * stops it there (SIGSTOP), as one does that is not scheduled for a while. */
void hc__failpoint(const char *name);
/* The library did what it never may: ends the test that met it (SIGABRT), unless HC_TEST_BROKEN is in the environment.
 */
void hc__broken(void);
#else
#define hc__bug(name)       false
#define hc__failpoint(name) ((void)0)
#define hc__broken()        ((void)0)
#endif

#endif
