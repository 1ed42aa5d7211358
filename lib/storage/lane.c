/* The queue for a connection: slots are handed over in order of arrival. */
#include "storage/store_inside.h"

#include <string.h>

#include "base/time.h"

#define TRIP  16         /* of a lane's room */
#define LEAST 2          /* trips there is always room for, where that is no more than half */
#define FEWER 4          /* of a lane's room, after a slow trip; one more after a quick one */
#define SHARE 4          /* one more read takes a quarter of what a trip of one does */
#define DRIFT 64         /* trips until a server that became slower is known */
#define STALL HC__SECOND /* a read waits so long for a trip while a connection is free */

bool hc__is_set(const atomic_bool *stop)
{
    return stop != NULL && atomic_load(stop);
}

void hc__lane_init(struct hc__lane *lane, uint32_t first, uint32_t count)
{
    lane->first = first;
    lane->count = count;
    lane->free_count = count;
    lane->trips = 0;
    lane->room = (count + 1) / 2 * TRIP;
    lane->quickest = INT64_MAX;
    for (uint32_t i = 0; i < count; i++)
        lane->free[i] = first + count - 1 - i;
    lane->head = NULL;
    lane->tail = &lane->head;
    lane->waiting = 0;
}

void hc__waiters_free(hc__store *store, bool abandoned)
{
    while (store->made != NULL) {
        struct hc__waiter *waiter = store->made;

        store->made = waiter->made;
        if (!abandoned) {
            hc__mutex_free(&waiter->lock);
            hc__cond_free(&waiter->wake);
        }
        hc__free(store->mem, waiter);
    }
}

/* Takes out what *at points to. */
static struct hc__waiter *take_out(struct hc__lane *lane, struct hc__waiter **at)
{
    struct hc__waiter *waiter = *at;

    *at = waiter->next;
    if (lane->tail == &waiter->next)
        lane->tail = at;
    lane->waiting--;
    return waiter;
}

/* False when it was taken out already, to be handed a slot or to ride. */
static bool unqueue(struct hc__lane *lane, struct hc__waiter *me)
{
    struct hc__waiter **at = &lane->head;

    while (*at != NULL && *at != me)
        at = &(*at)->next;
    if (*at != NULL)
        return take_out(lane, at) == me;
    return false;
}

static struct hc__waiter *make_waiter(hc__store *store)
{
    struct hc__waiter *waiter = hc__alloc(store->mem, sizeof *waiter);

    if (waiter == NULL)
        return NULL;
    if (!hc__mutex_init(&waiter->lock)) {
        hc__free(store->mem, waiter);
        return NULL;
    }
    if (!hc__cond_init(&waiter->wake)) {
        hc__mutex_free(&waiter->lock);
        hc__free(store->mem, waiter);
        return NULL;
    }
    waiter->made = store->made;
    store->made = waiter;
    return waiter;
}

struct hc__waiter *hc__queue_up(hc__store *store, struct hc__lane *lane, uint64_t thread, hc__ride *ride)
{
    struct hc__waiter *me = store->unused;

    if (me != NULL)
        store->unused = me->next;
    else
        me = make_waiter(store);
    if (me == NULL)
        return NULL;
    me->next = NULL;
    me->slot = -1;
    me->over = false;
    me->thread = thread;
    me->ride = ride;
    if (ride != NULL)
        ride->waiter = me;
    *lane->tail = me;
    lane->tail = &me->next;
    lane->waiting++;
    return me;
}

static void put_away(hc__store *store, struct hc__waiter *me)
{
    me->next = store->unused;
    store->unused = me;
}

static bool is_served(const struct hc__waiter *me)
{
    return me->slot >= 0 || me->over;
}

/* What waits for a trip goes by itself once trips stall, where there is a connection for it. */
static int32_t take_free(hc__store *store, struct hc__lane *lane, struct hc__waiter *me)
{
    int32_t slot = -1;

    hc__lock(&store->lock);
    if (me->ride != NULL && lane->free_count > 0 && unqueue(lane, me)) {
        slot = (int32_t)hc__lane_take(store, lane, me->thread, me->ride);
        put_away(store, me);
    }
    hc__unlock(&store->lock);
    return slot;
}

/* Until it is served, stopped or late; false: it is none of these yet. */
static bool wait_a_while(struct hc__waiter *me, int64_t deadline, const atomic_bool *stop)
{
    int64_t until = hc__os_monotonic() + STALL;
    bool ended;

    hc__lock(&me->lock);
    while (!is_served(me) && !hc__is_set(stop) &&
           hc__cond_wait_until(&me->wake, &me->lock, until < deadline ? until : deadline))
        continue;
    ended = is_served(me) || hc__is_set(stop) || deadline <= until;
    hc__unlock(&me->lock);
    return ended;
}

int32_t hc__wait_for_slot(hc__store *store, struct hc__lane *lane, struct hc__waiter *me, int64_t deadline,
                          const atomic_bool *stop)
{
    bool left = false;
    int32_t slot;

    while (!wait_a_while(me, deadline, stop)) {
        slot = take_free(store, lane, me);
        if (slot >= 0)
            return slot;
    }
    hc__lock(&me->lock);
    slot = me->slot;
    left = me->over;
    hc__unlock(&me->lock);
    if (slot >= 0)
        return slot;
    hc__lock(&store->lock);
    left = left || unqueue(lane, me);
    if (left)
        put_away(store, me);
    hc__unlock(&store->lock);
    if (left)
        return -1;
    hc__lock(&me->lock); /* the slot is on its way, or the ride's end */
    while (!is_served(me))
        (void)hc__cond_wait_until(&me->wake, &me->lock, INT64_MAX);
    slot = me->slot;
    hc__unlock(&me->lock);
    if (slot < 0) {
        hc__lock(&store->lock);
        put_away(store, me);
        hc__unlock(&store->lock);
    }
    return slot;
}

bool hc__lane_may_take(const struct hc__lane *lane, const hc__ride *ride)
{
    return lane->free_count > 0 && (ride == NULL || lane->trips < lane->room / TRIP);
}

void hc__lane_learn(struct hc__lane *lane, int64_t took, uint32_t reads)
{
    uint32_t half = (lane->count + 1) / 2, least = (half < LEAST ? half : LEAST) * TRIP;

    took = took * SHARE / (SHARE - 1 + reads);
    if (took < lane->quickest)
        lane->quickest = took;
    else if (lane->trips == 1)
        lane->quickest += (took - lane->quickest + DRIFT - 1) / DRIFT;
    if (took > 2 * lane->quickest)
        lane->room = lane->room < least + FEWER ? least : lane->room - FEWER;
    else if (lane->room < lane->count * TRIP)
        lane->room++;
}

static void set_holder(struct hc__slot *slot, struct hc__lane *lane, uint64_t thread, bool trip)
{
    if (slot->trip && slot->since != 0)
        hc__lane_learn(lane, slot->used - slot->since, slot->reads);
    lane->trips += (uint32_t)trip - (uint32_t)slot->trip;
    slot->trip = trip;
    slot->since = 0;
    slot->reads = 1;
    slot->thread = thread;
}

/* The warmest with a connection: one that could not be made must not stand before those that are there. */
uint32_t hc__lane_take(hc__store *store, struct hc__lane *lane, uint64_t thread, const hc__ride *ride)
{
    uint32_t at = lane->free_count - 1, slot;

    for (uint32_t i = lane->free_count; i > 0; i--)
        if (store->slots[lane->free[i - 1]].conn != NULL) {
            at = i - 1;
            break;
        }
    slot = lane->free[at];
    lane->free_count--;
    memmove(&lane->free[at], &lane->free[at + 1], (lane->free_count - at) * sizeof lane->free[0]);
    set_holder(&store->slots[slot], lane, thread, ride != NULL);
    return slot;
}

/* Those behind it whose reads may go along with its own, and who have as much time: all of them, since one more of a
 * trip costs less than its turn on another connection. */
static void take_along(struct hc__lane *lane, hc__ride *first)
{
    struct hc__waiter **at = &lane->head;
    hc__ride **tail = &first->next;

    for (int count = 1; *at != NULL && count < HC__RIDES;) {
        hc__ride *ride = (*at)->ride;

        if (ride == NULL || ride->batch->deadline < first->batch->deadline) {
            at = &(*at)->next;
            continue;
        }
        (void)take_out(lane, at);
        *tail = ride;
        tail = &ride->next;
        count++;
    }
}

/* With the store's lock held. Gives who is to be woken once it is let go. */
static struct hc__waiter *give_back(hc__store *store, struct hc__lane *lane, uint32_t slot)
{
    struct hc__slot *given = &store->slots[slot];
    struct hc__waiter *next = NULL;

    if (given->waited != NULL)
        put_away(store, given->waited);
    if (lane->head != NULL)
        next = take_out(lane, &lane->head);
    given->waited = next;
    set_holder(given, lane, next == NULL ? 0 : next->thread, next != NULL && next->ride != NULL);
    if (next == NULL)
        lane->free[lane->free_count++] = slot;
    else if (next->ride != NULL)
        take_along(lane, next->ride);
    return next;
}

void hc__slot_release(hc__store *store, struct hc__lane *lane, uint32_t slot)
{
    struct hc__waiter *next;

    hc__lock(&store->lock);
    next = give_back(store, lane, slot);
    hc__unlock(&store->lock);
    if (next == NULL)
        return;
    hc__lock(&next->lock);
    next->slot = (int32_t)slot;
    hc__unlock(&next->lock);
    hc__cond_signal(&next->wake); /* who wakes up finds the lock free */
}

/* Who rides is reached where its read runs: the others of that trip ask again. */
static void stop_rides(const hc__store *store, const struct hc__slot *slot)
{
    for (const hc__ride *ride = slot->rides; ride != NULL; ride = ride->next)
        if (hc__is_set(ride->stop)) {
            store->driver->interrupt(slot->conn);
            return;
        }
}

void hc__store_wake(hc__store *store)
{
    hc__lock(&store->lock);
    for (uint32_t i = 0; i < store->lane_count; i++)
        for (struct hc__waiter *at = store->lanes[i].head; at != NULL; at = at->next) {
            hc__lock(&at->lock);
            hc__cond_signal(&at->wake);
            hc__unlock(&at->lock);
        }
    for (uint32_t i = 0; i < HC__POOL_LIMIT; i++)
        stop_rides(store, &store->slots[i]);
    hc__unlock(&store->lock);
}
