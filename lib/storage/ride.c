#include "storage/ride.h"

#include "storage/store_inside.h"

/* A trip of several: operation i is that of rides[i], the holder's first. */
struct trip {
    hc__ride *rides[HC__RIDES];
    hc_op ops[HC__RIDES];
    size_t count;
};

/* Whether `where` names the row by its id, so that there is one at most. */
static bool names_a_row(const hc_predicate *where)
{
    if (where == NULL)
        return false;
    for (size_t i = 0; where->test == HC_TEST_AND && i < where->child_count; i++)
        if (names_a_row(where->children[i]))
            return true;
    return where->test == HC_TEST_EQ && where->field == 0;
}

bool hc__ride_init(hc__ride *ride, hc_batch *batch, const atomic_bool *stop, hc_error *err)
{
    *ride = (hc__ride){.batch = batch, .stop = stop, .err = err};
    return (batch->flags & ~HC_BATCH_ROUGH) == 0 && batch->op_count == 1 && batch->ops[0].verb == HC_VERB_QUERY &&
           batch->on_row != NULL && names_a_row(batch->ops[0].where);
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
    if (first != NULL)
        first->next = NULL;
}

/* From here on hc__store_wake() reaches them; who was stopped before does not go along. */
static void board(struct trip *trip, hc__store *store, const hc__lease *lease)
{
    hc__lock(&store->lock);
    for (hc__ride *ride = lease->rides; ride != NULL; ride = ride->next)
        if (ride == lease->rides || !hc__is_set(ride->stop)) {
            trip->ops[trip->count] = ride->batch->ops[0];
            trip->rides[trip->count++] = ride;
        }
    store->slots[lease->slot].rides = lease->rides;
    hc__unlock(&store->lock);
}

/* A callback that refuses its row ends its own operation alone. */
static hc_status deal(const hc_row *row, void *data, hc_error *err)
{
    const struct trip *trip = data;
    hc__ride *ride = trip->rides[row->op];
    hc_row own = *row;
    hc_status status;

    (void)err;
    own.op = 0;
    ride->gave = true;
    status = ride->batch->on_row(&own, ride->batch->data, ride->err);
    if (status < 0)
        ride->status = status;
    return status < 0 ? HC_NOTE_SAME : status;
}

/* A row that came is all that there is. */
static bool ran(const struct trip *trip, size_t i, hc_status status, size_t failed)
{
    return status >= 0 || trip->rides[i]->gave || (failed < trip->count && i < failed);
}

static hc_status settle(hc__ride *ride)
{
    hc_batch *batch = ride->batch;

    if (ride->gave && batch->ops[0].result != NULL)
        *batch->ops[0].result = (hc_op_result){.count = 1, .examined = 1};
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
    struct trip trip = {.count = 0};
    hc_batch all = {.struct_size = sizeof all, .on_row = deal, .data = &trip, .deadline = first->batch->deadline};
    hc_error why = {0};
    hc_status status;
    bool mine;

    board(&trip, store, lease);
    all.ops = trip.ops;
    all.op_count = trip.count;
    status = store->driver->execute(lease->conn, &all, &why);
    hc__lock(&store->lock);
    store->slots[lease->slot].rides = NULL;
    hc__unlock(&store->lock);
    lease->rides = NULL;
    lease->doubtful = !hc__store_usable_after(status);
    for (size_t i = 1; i < trip.count; i++)
        if (ran(&trip, i, status, all.failed_op))
            (void)settle(trip.rides[i]);
    mine = ran(&trip, 0, status, all.failed_op);
    hc__ride_end(first);
    if (mine)
        return settle(first);
    if (!lease->doubtful && !hc__is_set(first->stop)) /* another's read, or who stopped it, ended the trip */
        return store->driver->execute(lease->conn, first->batch, err);
    if (err != NULL)
        *err = why;
    return status;
}
