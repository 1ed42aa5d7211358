/** @file clock.h  The clock that business rules use. */
#ifndef HOMECONNECT_CLOCK_H
#define HOMECONNECT_CLOCK_H

#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The time of day for rules, tokens and stamps. Deadlines use the system's monotonic clock instead.
 */
typedef struct hc_clock {
    size_t struct_size;
    int64_t (*now)(void *data); /**< Microseconds since the Unix epoch, UTC. Any thread; may not call the library. */
    void *data; /**< Goes to `now`. */
} hc_clock;

#define HC_CLOCK_INIT {sizeof(hc_clock), NULL, NULL}

#ifdef __cplusplus
}
#endif

#endif
