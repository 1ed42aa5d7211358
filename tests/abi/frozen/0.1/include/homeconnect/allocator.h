/** @file allocator.h  Memory that the host may provide. */
#ifndef HOMECONNECT_ALLOCATOR_H
#define HOMECONNECT_ALLOCATOR_H

#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where a client takes its memory. All three functions or none; they are called from any thread that uses the client,
 * must give memory aligned for any type, return NULL when there is none, and may not call back into the library.
 */
typedef struct hc_allocator {
    size_t struct_size;
    void *(*allocate)(size_t size, void *data);                /**< `size` is never 0. */
    void *(*reallocate)(void *block, size_t size, void *data); /**< `block` is never NULL, `size` never 0. */
    void (*release)(void *block, void *data);                  /**< `block` is never NULL. */
    void *data; /**< Goes to the three functions. */
} hc_allocator;

#define HC_ALLOCATOR_INIT {sizeof(hc_allocator), NULL, NULL, NULL, NULL}

#ifdef __cplusplus
}
#endif

#endif
