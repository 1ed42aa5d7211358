/* Readers that wait for one of four connections, and go together once there is one. */
#ifndef UNIT_STORAGE_RIDES_H
#define UNIT_STORAGE_RIDES_H

#include "readers.h"

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
