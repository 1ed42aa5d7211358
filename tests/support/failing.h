/* An allocator that counts, finds leaks, and fails at the n-th request (S13): loop n = 1.. until `failed` stays 0. */
#ifndef SUPPORT_FAILING_H
#define SUPPORT_FAILING_H

#include <stdbool.h>
#include <stdlib.h>

#include "homeconnect/allocator.h"

typedef struct failing {
    long requests;
    long fail_at; /* 0: never */
    bool from_on; /* fails from there on, else once */
    long failed;  /* requests that were made to fail */
    long live;    /* blocks that were not released */
} failing;

static inline bool failing_refuses(failing *state)
{
    bool refuse;

    state->requests++;
    refuse =
        state->fail_at > 0 && (state->from_on ? state->requests >= state->fail_at : state->requests == state->fail_at);
    state->failed += refuse;
    return refuse;
}

static inline void *failing_allocate(size_t size, void *data)
{
    failing *state = data;
    void *block = failing_refuses(state) ? NULL : malloc(size);

    state->live += block != NULL;
    return block;
}

static inline void *failing_reallocate(void *block, size_t size, void *data)
{
    return failing_refuses(data) ? NULL : realloc(block, size);
}

static inline void failing_release(void *block, void *data)
{
    failing *state = data;

    state->live--;
    free(block);
}

static inline hc_allocator failing_allocator(failing *state)
{
    return (hc_allocator){sizeof(hc_allocator), failing_allocate, failing_reallocate, failing_release, state};
}

#endif
