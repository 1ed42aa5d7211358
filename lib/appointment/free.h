/* Free starts: hours of each day, less what is taken. */
#ifndef HC__APPOINTMENT_FREE_H
#define HC__APPOINTMENT_FREE_H

#include "appointment/desk.h"

typedef struct hc__wish {
    int64_t from, to;     /* starts are not before, ends not after */
    int32_t length, step; /* minutes */
    hc_id except;         /* an appointment whose own time does not count; zero: none */
} hc__wish;

typedef struct hc__starts {
    int64_t *at; /* µs, rising; in the source's arena */
    size_t count;
} hc__starts;

hc_status hc__free_starts(hc__starts *out, const hc__desk *desk, const hc__wish *wish, hc_error *err);
/* The first free start of this length at or after a time, within the horizon; *out 0: there is none. */
hc_status hc__free_next(int64_t *out, const hc__desk *desk, int64_t from, int64_t length, hc_id except, hc_error *err);

#endif
