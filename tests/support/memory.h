/* Memory that runs out on purpose: the library's, through hc_allocator, and SQLite's, through its configuration. */
#ifndef SUPPORT_MEMORY_H
#define SUPPORT_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "homeconnect/allocator.h"

typedef enum memory_of { MEMORY_OF_LIBRARY, MEMORY_OF_SQLITE } memory_of;

extern const hc_allocator memory_allocator; /* counts, and fails when it is told to */

void memory_wrap_sqlite(void); /* before anything touches SQLite */
/* The n-th allocation from now on fails (n = 1 is the next), alone or with all that follow: then arenas of the library
 * that are made meanwhile ask for each piece by itself (HC_TEST_THIN); after memory_thin() also where one alone fails.
 */
void memory_thin(void);
void memory_fail(memory_of whose, int64_t n, bool and_after);
/* Back to normal. Returns how many allocations were refused. */
int64_t memory_restore(void);
int64_t memory_asked(void); /* how many were asked for since the last memory_fail(), until they all succeed again */
/* Of the allocations of one who asks for many not all: with HC_TEST_EACH=8 in the environment each eighth of SQLite's,
 * another one in each process. What is in the library, and everything without it, is 1. */
int64_t memory_each(memory_of whose);
int64_t memory_first(memory_of whose); /* the first of them, from 1 on */
bool memory_all(void);                 /* whether nothing is to be left out: HC_TEST_EACH=1, --long */
/* The same, while calls inside of the one that is to fail are made. */
int64_t memory_hold(void);
void memory_resume(memory_of whose, int64_t held);

/* Refused allocations are counted by the function that was called, as it is named here, and added to the file that
 * HC_TEST_POINTS names when the process ends: support/points.py reads it. */
void memory_in(const char *function); /* "" for none */
void memory_told(bool failed);        /* how the call ended whose allocations were refused */
int64_t memory_live(void);            /* blocks of the library that were not released */

#endif
