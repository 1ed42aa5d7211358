/** @file host.h  What the core lends to a driver. Extender tier: its own ABI number, HC_DRIVER_ABI. */
#ifndef HOMECONNECT_DRIVER_HOST_H
#define HOMECONNECT_DRIVER_HOST_H

#include "homeconnect/allocator.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Rises when a layout or a meaning of the driver headers changes. */
#define HC_DRIVER_ABI 1

/**
 * Lent to a driver when a store is opened; valid until the store is closed. A driver imports no symbol of the core.
 */
typedef struct hc_host {
    size_t struct_size;
    int32_t abi;                   /**< The core's HC_DRIVER_ABI. */
    int32_t reserved;              /**< 0. */
    const hc_allocator *allocator; /**< Never NULL, all functions set. */
    void (*log)(int32_t level, const char *line, void *data); /**< Any thread; `line` without values of users. */
    int64_t (*now)(void *data);    /**< The client's clock: microseconds since the Unix epoch, UTC. */
    void *data;                    /**< Goes to log and now. */
} hc_host;

#ifdef __cplusplus
}
#endif

#endif
