#include "base/time.h"

#include <time.h>

#include "base/bug.h"

static int64_t read_clock(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * HC__SECOND + now.tv_nsec / 1000;
}

int64_t hc__os_now(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t hc__os_monotonic(void)
{
    return read_clock(hc__bug("deadlines-by-date") ? CLOCK_REALTIME : CLOCK_MONOTONIC);
}
