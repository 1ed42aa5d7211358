#include "helper.h"

#include <time.h>

void helper_pause(int64_t us)
{
    struct timespec wait = {us / 1000000, us % 1000000 * 1000};

    (void)nanosleep(&wait, NULL);
}

static void *run_batch(void *data)
{
    helper *h = data;

    h->status = h->driver->execute(h->conn, &h->batch, &h->err);
    return NULL;
}

bool helper_start(test *t, helper *h, size_t connection, uint32_t flags, const hc_op *ops, size_t count)
{
    memset(h, 0, sizeof(*h));
    h->driver = t->driver;
    h->conn = t->connections[connection];
    for (size_t i = 0; i < count; i++) {
        h->ops[i] = ops[i];
        h->ops[i].result = &h->results[i];
    }
    h->batch.struct_size = sizeof(h->batch);
    h->batch.flags = flags;
    h->batch.ops = h->ops;
    h->batch.op_count = count;
    h->batch.deadline = monotonic() + 4 * (int64_t)LONG_WAIT;
    t->operations += (int64_t)count;
    return pthread_create(&h->thread, NULL, run_batch, h) == 0;
}

hc_status helper_wait(test *t, helper *h)
{
    (void)pthread_join(h->thread, NULL);
    t->batch = h->batch;
    t->batch.deadline = 0;
    t->err = h->err;
    return h->status;
}

static void *interrupt(void *data)
{
    interrupter *i = data;
    bool ended = false;

    while (!ended) {
        helper_pause(2000);
        (void)pthread_mutex_lock(&i->lock);
        ended = i->ended;
        if (!ended)
            i->driver->interrupt(i->conn);
        (void)pthread_mutex_unlock(&i->lock);
    }
    return NULL;
}

bool interrupter_start(test *t, interrupter *i)
{
    i->driver = t->driver;
    i->conn = t->connections[0];
    i->ended = false;
    if (pthread_mutex_init(&i->lock, NULL) != 0)
        return false;
    if (pthread_create(&i->thread, NULL, interrupt, i) == 0)
        return true;
    (void)pthread_mutex_destroy(&i->lock);
    return false;
}

void interrupter_end(interrupter *i)
{
    (void)pthread_mutex_lock(&i->lock);
    i->ended = true;
    (void)pthread_mutex_unlock(&i->lock);
    (void)pthread_join(i->thread, NULL);
    (void)pthread_mutex_destroy(&i->lock);
}
