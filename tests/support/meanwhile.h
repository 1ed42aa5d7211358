/* A call of another session, in a thread of its own, while this thread's unit of work has written and not committed. */
#ifndef SUPPORT_MEANWHILE_H
#define SUPPORT_MEANWHILE_H

#include <pthread.h>

#include "suite.h"

typedef hc_status (*meanwhile_fn)(void *data);

struct meanwhile {
    meanwhile_fn call;
    void *data;
    hc_status status;
};

static inline void *meanwhile_run(void *data)
{
    struct meanwhile *at = data;

    at->status = at->call(at->data);
    return NULL;
}

/* What it came to. Where it has to wait for the unit it ends by its own session's timeout, which the test makes short. */
static inline hc_status meanwhile(meanwhile_fn call, void *data)
{
    struct meanwhile at = {call, data, HC_OK};
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, meanwhile_run, &at), 0);
    pthread_join(thread, NULL);
    return at.status;
}

#endif
