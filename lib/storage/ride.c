#include "storage/ride.h"

#include "base/judge.h"
#include "storage/store_inside.h"

/* A trip of several, the holder's read first. Those that may be merged are one operation. */
struct trip {
    hc__ride *rides[HC__RIDES];
    size_t op_of[HC__RIDES]; /* by ride */
    size_t count;
    hc_op ops[HC__RIDES];
    size_t shared_by[HC__RIDES]; /* by operation: how many rides */
    size_t op_count;
    hc__merged merged[HC__RIDES / 2];
};

bool hc__ride_init(hc__ride *ride, hc_batch *batch, const atomic_bool *stop, hc_error *err)
{
    *ride = (hc__ride){.batch = batch, .stop = stop, .err = err};
    return (batch->flags & ~HC_BATCH_ROUGH) == 0 && batch->op_count == 1 && batch->ops[0].verb == HC_VERB_QUERY &&
           batch->on_row != NULL && hc__id_test(batch->ops[0].where) != NULL;
}

void hc__ride_end(hc__ride *first)
{
    hc__ride *next;

    for (hc__ride *ride = first == NULL ? NULL : first->next; ride != NULL; ride = next) {
        struct hc__waiter *waiter = ride->waiter;

        next = ride->next; /* who is told goes on, and the ride is not there any more */
        ride->next = NULL;
        ride->alone = !ride->over;
        hc__lock(&waiter->lock);
        waiter->over = true;
        hc__unlock(&waiter->lock);
        hc__cond_signal(&waiter->wake);
    }
}

/* The operation that the read is, or becomes part of. */
static size_t place(struct trip *trip, const hc_op *op)
{
    size_t at = 0;

    while (at < trip->op_count && !hc__may_merge(&trip->ops[at], op))
        at++;
    if (at == trip->op_count) {
        trip->ops[trip->op_count++] = *op;
        trip->shared_by[at] = 0;
    }
    trip->shared_by[at]++;
    return at;
}

static void make_ops(struct trip *trip)
{
    hc__merged *next = trip->merged;
    const hc_op *reads[HC__RIDES];

    trip->op_count = 0;
    for (size_t i = 0; i < trip->count; i++)
        trip->op_of[i] = place(trip, &trip->rides[i]->batch->ops[0]);
    for (size_t i = 0; i < trip->op_count; i++) {
        size_t n = 0;

        if (trip->shared_by[i] == 1)
            continue;
        for (size_t k = 0; k < trip->count; k++)
            if (trip->op_of[k] == i)
                reads[n++] = &trip->rides[k]->batch->ops[0];
        trip->ops[i] = hc__merge(next++, reads, n);
    }
}

/* From here on hc__store_wake() reaches them; who was stopped before does not go along. */
static void board(struct trip *trip, hc__store *store, const hc__lease *lease)
{
    trip->count = 0;
    hc__lock(&store->lock);
    for (hc__ride *ride = lease->rides; ride != NULL; ride = ride->next)
        if (ride == lease->rides || !hc__is_set(ride->stop))
            trip->rides[trip->count++] = ride;
    store->slots[lease->slot].rides = lease->rides;
    hc__unlock(&store->lock);
}

/* A callback that refuses its row ends its own operation alone. */
static void give(hc__ride *ride, const hc_row *row)
{
    hc_row own = *row;
    hc_status status;

    own.op = 0;
    ride->gave = true;
    status = ride->batch->on_row(&own, ride->batch->data, ride->err);
    if (status < 0)
        ride->status = status;
}

static hc_status deal(const hc_row *row, void *data, hc_error *err)
{
    const struct trip *trip = data;
    bool shared = trip->shared_by[row->op] > 1;

    (void)err;
    for (size_t i = 0; i < trip->count; i++) {
        hc__ride *ride = trip->rides[i];

        if (trip->op_of[i] == row->op && (!shared || hc__asks_for(&ride->batch->ops[0], &row->values[0])))
            give(ride, row);
    }
    return HC_OK;
}

/* A row that came is all that there is. */
static bool ran(const struct trip *trip, size_t i, hc_status status, size_t failed)
{
    return status >= 0 || trip->rides[i]->gave || (failed < trip->op_count && trip->op_of[i] < failed);
}

/* What came of a read that shared its operation is told here alone. */
static hc_status settle(const struct trip *trip, size_t i)
{
    hc__ride *ride = trip->rides[i];
    hc_batch *batch = ride->batch;
    bool shared = trip->shared_by[trip->op_of[i]] > 1;

    if ((ride->gave || shared) && batch->ops[0].result != NULL)
        *batch->ops[0].result = (hc_op_result){.count = ride->gave, .examined = ride->gave};
    batch->failed_op = ride->status < 0 ? 0 : 1;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    batch->stamp = 0;
    ride->over = true;
    return ride->status;
}

hc_status hc__ride_execute(hc__lease *lease, hc_error *err)
{
    hc__ride *first = lease->rides;
    hc__store *store = first->store;
    struct trip trip; /* much of it is not used most times */
    hc_batch all = {.struct_size = sizeof all, .on_row = deal, .data = &trip, .deadline = first->batch->deadline};
    hc_error why = {0};
    hc_status status;
    bool mine;

    board(&trip, store, lease);
    make_ops(&trip);
    all.ops = trip.ops;
    all.op_count = trip.op_count;
    status = store->driver->execute(lease->conn, &all, &why);
    hc__lock(&store->lock);
    store->slots[lease->slot].rides = NULL;
    store->slots[lease->slot].reads = (uint32_t)trip.op_count;
    hc__unlock(&store->lock);
    lease->rides = NULL;
    lease->doubtful = !hc__store_usable_after(status);
    for (size_t i = 1; i < trip.count; i++)
        if (ran(&trip, i, status, all.failed_op))
            (void)settle(&trip, i);
    mine = ran(&trip, 0, status, all.failed_op);
    hc__ride_end(first);
    if (mine)
        return settle(&trip, 0);
    if (!lease->doubtful && !hc__is_set(first->stop)) /* another's read, or who stopped it, ended the trip */
        return store->driver->execute(lease->conn, first->batch, err);
    if (err != NULL)
        *err = why;
    return status;
}
