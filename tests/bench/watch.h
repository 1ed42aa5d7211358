/* Tells when the machine took a CPU away, so that what this costs is not taken for the library's. */
#ifndef TESTS_BENCH_WATCH_H
#define TESTS_BENCH_WATCH_H

#include <stdbool.h>
#include <stdint.h>

bool watch_start(void);    /* false: this system does not let us, real-time priority is for root */
uint64_t watch_gaps(void); /* so far: times that a CPU was away for more than a millisecond */
void watch_stop(void);

#endif
