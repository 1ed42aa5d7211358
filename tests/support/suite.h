/* One test program = one Check suite. A case of the shared documents is named in a comment right above START_TEST, such
 * as "T07 T08": tests/run prints `case ID ok TEST` for those that passed. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs the tests that `fill` adds; checked fixtures may be NULL. Returns main()'s result. */
int suite_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void));

#endif
