/* A second thread: one batch on a connection of its own, or interrupts. */
#ifndef CONFORMANCE_HELPER_H
#define CONFORMANCE_HELPER_H

#include <pthread.h>

#include "harness.h"

#define HELPER_OPS 2

typedef struct helper {
    pthread_t thread;
    const hc_storage_driver *driver;
    void *conn;
    hc_op ops[HELPER_OPS];
    hc_op_result results[HELPER_OPS];
    hc_batch batch;
    hc_error err;
    hc_status status;
} helper;

/* Writes, so no rows. `ops` and what they point to must last until helper_wait(). */
bool helper_start(test *t, helper *h, size_t connection, uint32_t flags, const hc_op *ops, size_t count);
/* Ends the thread; t->batch and t->err tell of its batch. */
hc_status helper_wait(test *t, helper *h);
void helper_pause(int64_t us);

/* Interrupts the first connection again and again, from another thread, until told to end. */
typedef struct interrupter {
    pthread_t thread;
    pthread_mutex_t lock; /* held while it interrupts, so that none comes after the end */
    const hc_storage_driver *driver;
    void *conn;
    bool ended;
} interrupter;

bool interrupter_start(test *t, interrupter *i);
void interrupter_end(interrupter *i);

#endif
