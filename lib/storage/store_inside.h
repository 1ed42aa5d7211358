/* The inside of a store: its slots, and who waits for one. */
#ifndef HC__STORAGE_STORE_INSIDE_H
#define HC__STORAGE_STORE_INSIDE_H

#include "base/thread.h"
#include "storage/ride.h"
#include "storage/store.h"

enum { HC__READERS, HC__WRITERS, HC__LANES };

/* Who is woken sleeps on a lock of their own: that of the store is the next caller's by then. Waiters are used again
 * and live as long as the store, so that the one who wakes may do so after the lock is let go. */
struct hc__waiter {
    struct hc__waiter *next; /* in the queue, or among those that nobody uses */
    struct hc__waiter *made; /* before this one */
    hc__mutex lock;
    hc__cond wake;
    int32_t slot; /* -1 until one was handed over */
    bool over;    /* its ride is */
    uint64_t thread;
    hc__ride *ride; /* what another may do for it, or NULL */
};

struct hc__slot {
    void *conn; /* NULL: not connected */
    uint32_t generation;
    uint64_t thread;           /* of the holder */
    struct hc__waiter *waited; /* as what it waited for this slot, or NULL */
    bool trip;                 /* the holder is one whose read may go along with others */
    int64_t since;             /* when its trip began, monotonic µs; 0: it tells nothing */
    uint32_t reads;            /* of that trip, those that are one counted once */
    hc__ride *rides;           /* that run on it now, the holder's first */
    int64_t used;              /* when it was given back, monotonic µs */
    int64_t until;             /* its end of life */
};

/* Why nobody can connect. */
struct hc__outage {
    bool known, trying; /* a try failed; somebody tries again */
    int64_t retry_at;
    int32_t refusals; /* in a row */
    hc_error why;
};

struct hc__lane {
    uint32_t first, count; /* its slots */
    uint32_t free[HC__POOL_LIMIT];
    uint32_t free_count; /* a stack: the warmest connection is taken first */
    uint32_t trips;      /* slots of holders whose reads may go along */
    uint32_t room;       /* for so many of them, in sixteenths */
    int64_t quickest;    /* µs that a trip by itself takes */
    struct hc__waiter *head, **tail;
    int32_t waiting;
};

struct hc__store {
    const hc__mem *mem;
    const hc_storage_driver *driver;
    void *module;
    void *store;
    hc_host host;
    hc__store_options options;
    bool one_connection;
    bool remote;                /* connections to a server, which may die on their own */
    atomic_int_least64_t doubt; /* when a connection was last thrown away */
    struct hc__outage outage;
    hc__mutex lock;
    struct hc__slot slots[HC__POOL_LIMIT];
    struct hc__lane lanes[HC__LANES];
    uint32_t lane_count;
    struct hc__waiter *made, *unused; /* waiters */
};

void hc__lane_init(struct hc__lane *lane, uint32_t first, uint32_t count);
/* In the child of a fork (`abandoned`) their locks may be held. */
void hc__waiters_free(hc__store *store, bool abandoned);

/* With the store's lock held. There is not room for trips on all connections always: hc__lane_learn(). */
bool hc__lane_may_take(const struct hc__lane *lane, const hc__ride *ride);
/* With the store's lock held, when it may. `ride` may be NULL. */
uint32_t hc__lane_take(hc__store *store, struct hc__lane *lane, uint64_t thread, const hc__ride *ride);
/* With the store's lock held. `ride` may be NULL. NULL: no memory. */
struct hc__waiter *hc__queue_up(hc__store *store, struct hc__lane *lane, uint64_t thread, hc__ride *ride);
/* Without the store's lock. Gives the slot, or -1 past the deadline, when told to stop, or when its ride is over. */
int32_t hc__wait_for_slot(hc__store *store, struct hc__lane *lane, struct hc__waiter *me, int64_t deadline,
                          const atomic_bool *stop);
/* With the store's lock held: a trip of so many reads, those that are one counted once, came back after `took` µs.
 * Where trips take more than twice as long as one by itself, they wait for each other, at a server or for a processor,
 * and fewer that carry more are quicker. Elsewhere, such as where the line takes most of the time, one on each
 * connection is. */
void hc__lane_learn(struct hc__lane *lane, int64_t took, uint32_t reads);
void hc__slot_release(hc__store *store, struct hc__lane *lane, uint32_t slot);

bool hc__is_set(const atomic_bool *stop); /* false for NULL */

#endif
