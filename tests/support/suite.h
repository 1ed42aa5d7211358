/* One test program = one Check suite. A case of the shared documents is named in a comment right above START_TEST, such
 * as "T07 T08": tests/run prints `case ID ok TEST` for those that passed. */
#ifndef SUPPORT_SUITE_H
#define SUPPORT_SUITE_H

#include <sys/types.h>
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

/* Check writes a file for each assertion that holds, to tell where a crash was. The sanitizers tell it better, tests
 * that assert millions of times stay quick, and what passed is told with the place of its START_TEST. */
#define _mark_point(file, line) ((void)0)

/* HC_TEST_ONLY=name: only this one. */
bool suite_wants(const char *name);
#undef tcase_add_test
#undef tcase_add_loop_test
#define tcase_add_test(tcase, test) tcase_add_loop_test(tcase, test, 0, 1)
#define tcase_add_loop_test(tcase, test, start, end)                                                                   \
    do {                                                                                                               \
        if (suite_wants((test)->name))                                                                                 \
            _tcase_add_test((tcase), (test), 0, 0, (start), (end));                                                    \
    } while (0)

/* Runs the tests that `fill` adds; checked fixtures may be NULL. Returns main()'s result. */
int suite_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void));

/* Runs `test` of this very program once more, with a seeded bug (HC_BUG): whether it fails, and says `complaint`. */
bool suite_finds(const char *bug, const char *test, const char *complaint);

/* Under ThreadSanitizer: that a race which is seeded into each call of the library makes `test` fail. Else says so. */
void suite_finds_race(const char *test);

/* Stops a process, of whatever parent, and waits until all of its threads stand still: before that it may still answer.
 */
void suite_freeze(pid_t pid);

#endif
