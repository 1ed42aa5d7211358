/* A driver that breaks one rule at a time: what it is given or gives is changed on the way to and from SQLite. */
#ifndef CONFORMANCE_LIE_H
#define CONFORMANCE_LIE_H

#include <stdbool.h>
#include <stddef.h>

#include "homeconnect/driver/conformance.h"

/* What a driver has to obey of the flags of a batch; over others it may pass. */
#define BOUNDS (HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT | HC_BATCH_ROLLBACK)

/* Lasts as long as one batch. */
typedef struct arena {
    char *memory;
    size_t used, room;
} arena;

void *arena_take(arena *from, size_t size); /* zeroed */

typedef struct lie {
    const char *name;
    void (*op)(hc_op *op, arena *from);            /* before it runs */
    void (*leaf)(hc_predicate *leaf, arena *from); /* each leaf of its predicates; MATCH too */
    void (*set)(hc_set *set, const hc_field *field, arena *from);
    bool (*row)(const hc_op *op, hc_row *row); /* false: the row is not given. Its values are a copy */
    hc_status (*answer)(hc_status status);     /* of the callback */
    void (*before)(hc_batch *batch);
    hc_status (*after)(hc_batch *batch, hc_error *err, hc_status status);
    void (*table)(hc_storage_driver *driver);
    uint32_t quirks; /* turned over: declared and not so, or so and not declared */
} lie;

extern const lie data_lies[], work_lies[];
extern const size_t data_lie_count, work_lie_count;
/* For lies that replace a slot. */
extern const hc_storage_driver *truth;

#endif
