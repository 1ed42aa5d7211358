/* Readers by id whose reads may go along with another's (storage/ride.h), over the driver of server.h. */
#ifndef UNIT_STORAGE_READERS_H
#define UNIT_STORAGE_READERS_H

#include <pthread.h>

#include "server.h"
#include "storage/ride.h"

#define READERS 7
#define CROWD   70
#define TRIPS   32

/* What the server does and saw. */
static struct {
    hc__mutex lock;
    size_t trips, ops[TRIPS]; /* of each */
    size_t ended;             /* trips that fail, of more than one read */
    size_t at;                /* their operation that fails */
    hc_status with;
    bool nowhere;      /* but it does not say so */
    bool after_row;    /* the row of that one comes before */
    bool waits;        /* trips of more than one until they are interrupted */
    atomic_bool stays; /* such a trip is under way */
    atomic_bool holds; /* no trip comes back */
    int signed_out;    /* the sign-in of this number has ended; 0: none */
    atomic_int interrupts;
    atomic_bool interrupted;
} far;

static hc_status fails(hc_batch *batch, size_t op, hc_error *why)
{
    batch->failed_op = far.nowhere ? batch->op_count : op;
    return hc__fail_from(why, "far", far.with, NULL, "not this one");
}

static bool has_id(const hc_op *op)
{
    return op->field_count == 0 || op->fields[0] == 0;
}

static const hc_kind sign_ins = {.name = "sign_ins"};

/* Of each that is asked for: its id, and whether it lasts. */
static hc_status answer_sign_ins(hc_batch *batch, size_t op, hc_error *why)
{
    const hc_predicate *named = batch->ops[op].where;
    hc_status status = HC_OK;

    ck_assert_int_eq(named->test, HC_TEST_IN);
    for (size_t i = 0; i < named->value_count && status == HC_OK; i++) {
        int number = ((const uint8_t *)named->values[i].as.bytes)[0];
        hc_value values[] = {named->values[i], {.type = HC_TYPE_ENUM, .as.integer = number == far.signed_out ? 2 : 1}};
        hc_row row = {.op = op, .what = HC_ROW_MATCH, .count = 2, .values = values};

        status = batch->on_row(&row, batch->data, why);
    }
    return status;
}

/* The row of an id is the id, or a number; of several, the last first, and each once. */
static hc_status answer(hc_batch *batch, size_t op, hc_error *why)
{
    static const hc_value number = {.type = HC_TYPE_INT32, .as.integer = 5};
    const hc_predicate *where = batch->ops[op].where;
    const hc_predicate *named = where->test == HC_TEST_AND ? where->children[0] : where;
    hc_status status = HC_OK;

    ck_assert_int_eq(named->test, named->value_count > 1 ? HC_TEST_IN : HC_TEST_EQ);
    for (size_t i = named->value_count; i > 0 && status == HC_OK; i--) {
        hc_row row = {.op = op, .what = HC_ROW_MATCH, .count = 1, .values = &named->values[i - 1]};
        bool again = false;

        for (size_t k = i; k < named->value_count; k++)
            again = again || memcmp(named->values[k].as.bytes, row.values->as.bytes, 16) == 0;
        again = again || ((const uint8_t *)row.values->as.bytes)[1] != 0;
        if (!has_id(&batch->ops[op]))
            row.values = &number;
        if (!again)
            status = batch->on_row(&row, batch->data, why);
    }
    return status;
}

static hc_status ride_execute(void *conn, hc_batch *batch, hc_error *why)
{
    bool several = batch->op_count > 1 || batch->ops[0].where->test == HC_TEST_IN;
    bool failing = false;

    (void)conn;
    hc__lock(&far.lock);
    ck_assert_uint_lt(far.trips, TRIPS);
    far.ops[far.trips++] = batch->op_count;
    if (several && far.ended > 0) {
        far.ended--;
        failing = true;
    }
    hc__unlock(&far.lock);
    while (atomic_load(&far.holds))
        usleep(500);
    if (several && far.waits) {
        atomic_store(&far.stays, true);
        while (!atomic_exchange(&far.interrupted, false))
            usleep(1000);
    }
    for (size_t i = 0; i < batch->op_count; i++) {
        hc_status status;

        if (failing && i == far.at && !far.after_row)
            return fails(batch, i, why);
        status = batch->ops[i].kind == &sign_ins ? answer_sign_ins(batch, i, why) : answer(batch, i, why);
        if (status < 0) {
            batch->failed_op = i;
            return status;
        }
        if (failing && i == far.at)
            return fails(batch, i, why);
    }
    batch->failed_op = batch->op_count;
    return HC_OK;
}

static void ride_interrupt(void *conn)
{
    (void)conn;
    atomic_fetch_add(&far.interrupts, 1);
    atomic_store(&far.interrupted, true);
}

/* ---- readers ---- */

typedef struct reader {
    uint8_t id[16]; /* [1]: there is no such row */
    hc_value value;
    hc_predicate where;
    hc_op_result result;
    hc_op op;
    hc_batch batch;
    atomic_bool stop;
    int64_t patience;
    int64_t waits;     /* for a connection; 0: as long */
    hc_status refuses; /* its callback, its row */
    bool quiet;        /* has no room for an error */
    bool leaves;       /* once it has a connection, without running anything */
    int rows;
    hc__ride ride;
    hc_status status;
    bool over;
    hc_error err;
    pthread_t thread;
} reader;

static reader readers[CROWD];

static hc_status take_row(const hc_row *row, void *data, hc_error *why)
{
    reader *me = data;

    ck_assert_uint_eq(row->op, 0);
    if (has_id(&me->op))
        ck_assert_int_eq(memcmp(row->values[0].as.bytes, me->id, 16), 0);
    me->rows++;
    return me->refuses < 0 ? hc__fail(why, me->refuses, NULL, "no room for it") : me->refuses;
}

static void make_reader(reader *me, uint8_t number)
{
    memset(me, 0, sizeof *me);
    me->id[0] = number;
    me->patience = 20000000;
    me->value = (hc_value){.type = HC_TYPE_ID, .size = 16, .as.bytes = me->id};
    me->where = (hc_predicate){.test = HC_TEST_EQ, .field = 0, .values = &me->value, .value_count = 1};
    me->op = (hc_op){.verb = HC_VERB_QUERY, .where = &me->where, .result = &me->result};
    me->batch = (hc_batch){
        .struct_size = sizeof me->batch, .ops = &me->op, .op_count = 1, .on_row = take_row, .data = me, .failed_op = 9};
}

static void *read_one(void *data)
{
    reader *me = data;
    hc_error *why = me->quiet ? NULL : &me->err;
    hc__lease lease = {0};

    me->batch.deadline = in(me->patience);
    ck_assert(hc__ride_init(&me->ride, &me->batch, me->quiet ? NULL : &me->stop, why));
    me->status =
        hc__store_acquire_or_ride(&lease, store, &me->ride, me->waits > 0 ? in(me->waits) : me->batch.deadline, why);
    me->over = me->ride.over;
    if (me->over)
        me->status = me->ride.status;
    if (me->status < 0 || me->over)
        return NULL;
    if (me->leaves || atomic_load(&me->stop)) /* as hc__session_run_on() does */
        me->status = HC_ERR_CANCELLED;
    else if (lease.rides != NULL)
        me->status = hc__ride_execute(&lease, why);
    else
        me->status = table.execute(lease.conn, &me->batch, why);
    lease.ran = !me->leaves && me->status >= 0;
    hc__store_release(store, &lease, hc__store_usable_after(me->status));
    return NULL;
}

#endif
