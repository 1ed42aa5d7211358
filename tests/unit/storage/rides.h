/* Readers that wait for one of four connections, and go together once there is one. */
#ifndef UNIT_STORAGE_RIDES_H
#define UNIT_STORAGE_RIDES_H

#include "readers.h"
#include "storage/store_inside.h"

static hc__lease held[4];

/* All connections are in use, and so many wait, in this order. */
static void let_wait(int count)
{
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(take(&held[i]), HC_OK);
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_one, &readers[i]), 0);
        while (hc__store_pool(store).waiting < i + 1)
            usleep(500);
    }
}

static void let_go(int connections)
{
    for (int i = 0; i < connections; i++)
        hc__store_release(store, &held[i], true);
}

static void let_go_from(int first)
{
    for (int i = first; i < 4; i++)
        hc__store_release(store, &held[i], true);
}

static void join(int count)
{
    for (int i = 0; i < count; i++)
        pthread_join(readers[i].thread, NULL);
}

static void found(const reader *me)
{
    ck_assert_msg(me->status == HC_OK, "reader %d: %s", me->id[0], me->err.message);
    ck_assert_int_eq(me->rows, 1);
}

static struct hc__waiter waiters[READERS]; /* of those who go along */

/* The others go along with the first, in this thread. */
static void go_together(int count)
{
    hc__lease lease;

    ck_assert_int_eq(take(&lease), HC_OK);
    for (int i = 0; i < count; i++) {
        waiters[i] = (struct hc__waiter){0};
        ck_assert(hc__mutex_init(&waiters[i].lock) && hc__cond_init(&waiters[i].wake));
        ck_assert(hc__ride_init(&readers[i].ride, &readers[i].batch, NULL, NULL));
        readers[i].ride.store = store;
        readers[i].ride.waiter = &waiters[i];
        readers[i].ride.next = i + 1 < count ? &readers[i + 1].ride : NULL;
    }
    lease.rides = &readers[0].ride;
    ck_assert_int_eq(hc__ride_execute(&lease, NULL), HC_OK);
    ck_assert_uint_eq(store->slots[lease.slot].reads, far.ops[far.trips - 1]);
    ck_assert_ptr_null(store->slots[lease.slot].rides);
    ck_assert_ptr_null(lease.rides);
    for (int i = 0; i < count; i++) {
        ck_assert(i == 0 || (waiters[i].over && readers[i].ride.over && !readers[i].ride.alone));
        hc__cond_free(&waiters[i].wake);
        hc__mutex_free(&waiters[i].lock);
    }
    hc__store_release(store, &lease, true);
}

static void begin(void)
{
    memset(&far, 0, sizeof far);
    ck_assert(hc__mutex_init(&far.lock));
    table.execute = ride_execute;
    table.interrupt = ride_interrupt;
    set_up();
    for (uint8_t i = 0; i < READERS; i++)
        make_reader(&readers[i], i);
}

static void end(void)
{
    ck_assert_int_eq(hc__store_pool(store).in_use, 0);
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    tear_down();
    hc__mutex_free(&far.lock);
}

/* The id comes first, so that it tells whose a row is. */
static void may_be_merged(int count)
{
    static const uint16_t columns[] = {0};

    for (int i = 0; i < count; i++) {
        readers[i].op.fields = columns;
        readers[i].op.field_count = 1;
    }
}

#endif
