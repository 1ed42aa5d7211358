#include "storage/ride.h"

#include "base/judge.h"
#include "storage/store_inside.h"

#define LEAST_KIN 4 /* rides of a trip: of fewer, each goes with its own sign-in */

/* Rides that are one read. */
typedef struct group {
    size_t rides; /* how many */
    size_t first; /* operation of the trip: its checks, and then its read */
    size_t read;
    const hc__merged *merged; /* NULL: of one ride */
} group;

/* A trip of several, the holder's read first. */
struct trip {
    hc__ride *rides[HC__RIDES];
    size_t count;
    size_t group_of[HC__RIDES]; /* by ride */
    uint8_t passed[HC__RIDES];  /* by ride: how many of its checks */
    group groups[HC__RIDES];
    size_t group_count;
    hc_op ops[HC__RIDES / 2 * HC__MERGE_OPS];
    size_t group_of_op[HC__RIDES / 2 * HC__MERGE_OPS];
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

static const hc_op *read_of(const struct trip *trip, size_t ride)
{
    return &trip->rides[ride]->batch->ops[0];
}

/* The group that the ride makes or joins. */
static size_t place(struct trip *trip, size_t ride, size_t firsts[HC__RIDES])
{
    bool (*same)(const hc_op *, const hc_op *) = trip->count < LEAST_KIN ? hc__may_merge : hc__are_kin;
    size_t at = 0;

    while (at < trip->group_count && !same(read_of(trip, firsts[at]), read_of(trip, ride)))
        at++;
    if (at == trip->group_count) {
        firsts[trip->group_count++] = ride;
        trip->groups[at] = (group){0};
    }
    trip->groups[at].rides++;
    return at;
}

static void make_ops(struct trip *trip)
{
    hc__merged *next = trip->merged;
    size_t firsts[HC__RIDES];

    trip->op_count = trip->group_count = 0;
    for (size_t i = 0; i < trip->count; i++) {
        trip->group_of[i] = place(trip, i, firsts);
        trip->passed[i] = 0;
    }
    for (size_t g = 0; g < trip->group_count; g++) {
        group *of = &trip->groups[g];
        const hc_op *reads[HC__RIDES];
        size_t n = 0, made = 1;

        for (size_t i = 0; i < trip->count; i++)
            if (trip->group_of[i] == g)
                reads[n++] = read_of(trip, i);
        of->first = trip->op_count;
        if (n > 1) {
            made = hc__merge(next, &trip->ops[of->first], reads, n);
            of->merged = next++;
        } else {
            trip->ops[of->first] = *reads[0];
        }
        for (size_t i = 0; i < made; i++)
            trip->group_of_op[trip->op_count++] = g;
        of->read = trip->op_count - 1;
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

/* The rows of a group's checks come before its own. */
static hc_status deal(const hc_row *row, void *data, hc_error *err)
{
    struct trip *trip = data;
    size_t g = trip->group_of_op[row->op];
    const group *of = &trip->groups[g];
    size_t checks = of->merged == NULL ? 0 : of->merged->check_count;

    (void)err;
    for (size_t i = 0; i < trip->count; i++) {
        if (trip->group_of[i] != g)
            continue;
        if (row->op < of->read)
            trip->passed[i] += hc__passes(of->merged, row->op - of->first, read_of(trip, i), row);
        else if (trip->passed[i] == checks && (of->rides == 1 || hc__asks_for(read_of(trip, i), &row->values[0])))
            give(trip->rides[i], row);
    }
    return HC_OK;
}

/* A row that came is all that there is. */
static bool ran(const struct trip *trip, size_t i, hc_status status, size_t failed)
{
    return status >= 0 || trip->rides[i]->gave ||
           (failed < trip->op_count && trip->groups[trip->group_of[i]].read < failed);
}

/* What came of a read that shared its operation is told here alone. */
static hc_status settle(const struct trip *trip, size_t i)
{
    hc__ride *ride = trip->rides[i];
    hc_batch *batch = ride->batch;
    bool shared = trip->groups[trip->group_of[i]].rides > 1;

    if ((ride->gave || shared) && batch->ops[0].result != NULL)
        *batch->ops[0].result = (hc_op_result){.count = ride->gave, .examined = ride->gave};
    batch->failed_op = ride->status < 0 ? 0 : 1;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    batch->stamp = 0;
    ride->over = true;
    return ride->status;
}

static bool has_checks(const struct trip *trip)
{
    for (size_t g = 0; g < trip->group_count; g++)
        if (trip->groups[g].read > trip->groups[g].first)
            return true;
    return false;
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
    if (has_checks(&trip)) /* of an engine that takes an operation at a time it was several trips: nothing is learned */
        store->slots[lease->slot].since = 0;
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
