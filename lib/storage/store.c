/* The pool: slots by class (readers, the one writer), handed over in order of arrival. */
#include "storage/store.h"

#include <stdatomic.h>
#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/version.h"
#include "model/migrations.h"
#include "storage/registry.h"

enum { READERS, WRITERS, CLASSES };

#define IDLE_LIMIT    (30 * HC__SECOND)
#define LIFETIME      (1800 * HC__SECOND)
#define PAUSE         HC__SECOND /* between two tries to connect to a server that could not be reached */
#define REFUSALS      4          /* who is refused waits twice as long each time, so often */
#define NO_ANSWER     HC__SECOND /* a try that got no answer for so long tells of the server, not of the caller's hurry */
#define MIGRATE_PAUSE (HC__SECOND / 50) /* before who migrates is looked for again */

/* Who is woken sleeps on a lock of their own: that of the store is the next caller's by then. Waiters are used again
 * and live as long as the store, so that the one who wakes may do so after the lock is let go. */
struct waiter {
    struct waiter *next; /* in the queue, or among those that nobody uses */
    struct waiter *made; /* before this one */
    hc__mutex lock;
    hc__cond wake;
    int32_t slot; /* -1 until one was handed over */
    uint64_t thread;
};

struct slot {
    void *conn; /* NULL: not connected */
    uint32_t generation;
    uint64_t thread;       /* of the holder */
    struct waiter *waited; /* as what it waited for this slot, or NULL */
    int64_t used;          /* when it was given back, monotonic µs */
    int64_t until;         /* its end of life */
};

/* Why nobody can connect. */
struct outage {
    bool known, trying; /* a try failed; somebody tries again */
    int64_t retry_at;
    int32_t refusals; /* in a row */
    hc_error why;
};

struct lane {
    uint32_t first, count; /* its slots */
    uint32_t free[HC__POOL_LIMIT];
    uint32_t free_count; /* a stack: the warmest connection is taken first */
    struct waiter *head, **tail;
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
    struct outage outage;
    hc__mutex lock;
    struct slot slots[HC__POOL_LIMIT];
    struct lane lanes[CLASSES];
    uint32_t lane_count;
    struct waiter *made, *unused; /* waiters */
};

static void host_log(int32_t level, const char *line, void *data)
{
    const hc__store *store = data;

    if (store->options.log != NULL && level <= store->options.log_level)
        store->options.log(level, "", line, store->options.log_data);
}

static int64_t host_now(void *data)
{
    const hc__store *store = data;

    return store->options.now(store->options.now_data);
}

static void lane_init(struct lane *lane, uint32_t first, uint32_t count)
{
    lane->first = first;
    lane->count = count;
    lane->free_count = count;
    for (uint32_t i = 0; i < count; i++)
        lane->free[i] = first + count - 1 - i;
    lane->head = NULL;
    lane->tail = &lane->head;
    lane->waiting = 0;
}

static void lanes_init(hc__store *store)
{
    hc_storage_limits limits = {sizeof limits, 0, 0};
    uint32_t size = (uint32_t)store->options.pool_size;

    store->driver->limits(store->store, &limits);
    if (limits.connections > 0 && size > (uint32_t)limits.connections)
        size = (uint32_t)limits.connections;
    store->one_connection = limits.connections == 1;
    store->remote = (store->driver->capabilities & HC_CAP_ONE_WRITER) == 0 && !store->one_connection;
    if ((store->driver->capabilities & HC_CAP_ONE_WRITER) != 0 && !store->one_connection) {
        if (size < 2)
            size = 2;
        lane_init(&store->lanes[READERS], 1, size - 1);
        lane_init(&store->lanes[WRITERS], 0, 1);
        store->lane_count = 2;
    } else {
        lane_init(&store->lanes[READERS], 0, size);
        store->lane_count = 1;
    }
}

hc_status hc__store_open(hc__store **out, const hc__mem *mem, const hc__store_options *options, hc_error *err)
{
    hc__store *store = hc__alloc_zero(mem, 1, sizeof *store);
    hc_status status;

    *out = NULL;
    if (store == NULL)
        return hc__no_memory(err);
    store->mem = mem;
    store->options = *options;
    if (store->options.idle_limit == 0)
        store->options.idle_limit = IDLE_LIMIT;
    if (store->options.lifetime == 0)
        store->options.lifetime = LIFETIME;
    store->options.uri = NULL; /* borrowed for this call only, and it may hold a password */
    store->host = (hc_host){sizeof store->host, HC_DRIVER_ABI, 0, &mem->fn, host_log, host_now, store};
    if (!hc__mutex_init(&store->lock)) {
        hc__free(mem, store);
        return hc__no_memory(err);
    }
    status = hc__registry_find(&store->driver, &store->module, mem, options->uri, options->driver_path,
                               options->documents, err);
    if (status >= 0)
        status = store->driver->open(&store->store, &store->host, options->uri, err);
    if (status < 0) {
        hc__registry_unload(store->module);
        hc__mutex_free(&store->lock);
        hc__free(mem, store);
        return status;
    }
    lanes_init(store);
    *out = store;
    return HC_OK;
}

/* In the child of a fork their locks may be held. */
static void free_waiters(hc__store *store, bool abandoned)
{
    while (store->made != NULL) {
        struct waiter *waiter = store->made;

        store->made = waiter->made;
        if (!abandoned) {
            hc__mutex_free(&waiter->lock);
            hc__cond_free(&waiter->wake);
        }
        hc__free(store->mem, waiter);
    }
}

void hc__store_close(hc__store *store)
{
    if (store == NULL)
        return;
    free_waiters(store, false);
    for (uint32_t i = 0; i < HC__POOL_LIMIT; i++)
        if (store->slots[i].conn != NULL)
            store->driver->disconnect(store->slots[i].conn);
    store->driver->close(store->store);
    hc__registry_unload(store->module);
    hc__mutex_free(&store->lock);
    hc__free(store->mem, store);
}

void hc__store_abandon(hc__store *store)
{
    if (store == NULL)
        return;
    /* The lock may be held by a thread that the fork did not copy; the driver's own memory goes with the child. */
    for (uint32_t i = 0; i < HC__POOL_LIMIT; i++)
        if (store->slots[i].conn != NULL)
            store->driver->abandon(store->slots[i].conn);
    free_waiters(store, true);
    hc__free(store->mem, store);
}

const hc_storage_driver *hc__store_driver(const hc__store *store)
{
    return store->driver;
}

static struct lane *lane_of(hc__store *store, int32_t role)
{
    return &store->lanes[store->lane_count == 2 && role == HC_CONNECT_WRITE ? WRITERS : READERS];
}

/* Whether this thread holds every slot of the lane: to wait would be to wait for itself. */
static bool would_wait_for_itself(const hc__store *store, const struct lane *lane, uint64_t thread)
{
    for (uint32_t i = 0; i < lane->count; i++)
        if (store->slots[lane->first + i].thread != thread)
            return false;
    return true;
}

/* False when it was taken out already, to be handed a slot. */
static bool unqueue(struct lane *lane, struct waiter *me)
{
    struct waiter **at = &lane->head;

    while (*at != NULL && *at != me)
        at = &(*at)->next;
    if (*at == NULL)
        return false;
    *at = me->next;
    if (lane->tail == &me->next)
        lane->tail = at;
    lane->waiting--;
    return true;
}

static bool is_set(const atomic_bool *stop)
{
    return stop != NULL && atomic_load(stop);
}

static struct waiter *make_waiter(hc__store *store)
{
    struct waiter *waiter = hc__alloc(store->mem, sizeof *waiter);

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

/* With the store's lock held. NULL: no memory. */
static struct waiter *queue_up(hc__store *store, struct lane *lane, uint64_t thread)
{
    struct waiter *me = store->unused;

    if (me != NULL)
        store->unused = me->next;
    else
        me = make_waiter(store);
    if (me == NULL)
        return NULL;
    me->next = NULL;
    me->slot = -1;
    me->thread = thread;
    *lane->tail = me;
    lane->tail = &me->next;
    lane->waiting++;
    return me;
}

static void put_away(hc__store *store, struct waiter *me)
{
    me->next = store->unused;
    store->unused = me;
}

/* Without the store's lock; gives the slot, or -1 past the deadline or when told to stop. */
static int32_t wait_for_slot(hc__store *store, struct lane *lane, struct waiter *me, int64_t deadline,
                             const atomic_bool *stop)
{
    bool left = false;
    int32_t slot;

    hc__lock(&me->lock);
    while (me->slot < 0 && !is_set(stop) && hc__cond_wait_until(&me->wake, &me->lock, deadline))
        continue;
    slot = me->slot;
    hc__unlock(&me->lock);
    if (slot >= 0)
        return slot;
    hc__lock(&store->lock);
    left = unqueue(lane, me);
    if (left)
        put_away(store, me);
    hc__unlock(&store->lock);
    if (left)
        return -1;
    hc__lock(&me->lock); /* the slot is on its way */
    while (me->slot < 0)
        (void)hc__cond_wait_until(&me->wake, &me->lock, INT64_MAX);
    slot = me->slot;
    hc__unlock(&me->lock);
    return slot;
}

/* The warmest with a connection: one that could not be made must not stand before those that are there. */
static uint32_t take_free(const hc__store *store, struct lane *lane)
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
    return slot;
}

/* With the store's lock held. Gives who is to be woken once it is let go. */
static struct waiter *give_back(hc__store *store, struct lane *lane, uint32_t slot)
{
    struct waiter *next = lane->head;
    struct slot *given = &store->slots[slot];

    if (given->waited != NULL)
        put_away(store, given->waited);
    given->waited = next;
    given->thread = next == NULL ? 0 : next->thread;
    if (next == NULL) {
        lane->free[lane->free_count++] = slot;
        return NULL;
    }
    lane->head = next->next;
    if (lane->head == NULL)
        lane->tail = &lane->head;
    lane->waiting--;
    return next;
}

static void hand_over(struct waiter *waiter, uint32_t slot)
{
    if (waiter == NULL)
        return;
    hc__lock(&waiter->lock);
    waiter->slot = (int32_t)slot;
    hc__unlock(&waiter->lock);
    hc__cond_signal(&waiter->wake); /* who wakes up finds the lock free */
}

static void release_slot(hc__store *store, struct lane *lane, uint32_t slot)
{
    struct waiter *next;

    hc__lock(&store->lock);
    next = give_back(store, lane, slot);
    hc__unlock(&store->lock);
    hand_over(next, slot);
}

void hc__store_wake(hc__store *store)
{
    hc__lock(&store->lock);
    for (uint32_t i = 0; i < store->lane_count; i++)
        for (struct waiter *at = store->lanes[i].head; at != NULL; at = at->next) {
            hc__lock(&at->lock);
            hc__cond_signal(&at->wake);
            hc__unlock(&at->lock);
        }
    hc__unlock(&store->lock);
}

/* ---- connecting ---- */

/* Up to a quarter of `span`, so that processes that met the same outage do not come back together. */
static int64_t jitter(int64_t span)
{
    uint16_t dice = 0;

    (void)hc__os_random(&dice, sizeof dice);
    return span / 4 * dice / UINT16_MAX;
}

/* Whether this caller may try now. If not, *err and *status tell what the last try met. */
static bool may_try(hc__store *store, hc_status *status, hc_error *err)
{
    struct outage *outage = &store->outage;
    bool may;

    hc__lock(&store->lock);
    may = !outage->known || (!outage->trying && hc__os_monotonic() >= outage->retry_at);
    outage->trying = outage->trying || (outage->known && may);
    *status = outage->why.status;
    if (!may && err != NULL)
        *err = outage->why;
    hc__unlock(&store->lock);
    return may;
}

static void note_outage(hc__store *store, const hc_error *why, int64_t began)
{
    struct outage *outage = &store->outage;
    int64_t now = hc__os_monotonic(), pause = PAUSE;
    hc_status status = why->status;
    bool tells = status == HC_ERR_UNAVAILABLE || status == HC_ERR_INVALID || status == HC_ERR_BUSY ||
                 (status == HC_ERR_TIMEOUT && now - began >= NO_ANSWER);

    outage->trying = false;
    if (!tells)
        return;
    outage->known = true;
    outage->why = *why;
    if (status == HC_ERR_TIMEOUT)
        hc__fail_from(&outage->why, why->origin, HC_ERR_UNAVAILABLE, NULL, "the server does not answer");
    if (status == HC_ERR_INVALID)
        pause <<= outage->refusals < REFUSALS ? outage->refusals++ : REFUSALS;
    outage->retry_at = now + pause + jitter(pause);
}

static hc_status connect_slot(hc__store *store, struct slot *slot, int32_t role, int64_t deadline, hc_error *err)
{
    int32_t as = store->options.reads_only ? HC_CONNECT_READ
                 : store->lane_count == 1  ? HC_CONNECT_WRITE /* it will serve both */
                                           : role;
    int64_t began = hc__os_monotonic();
    hc_error why = {0};
    hc_status status;

    if (store->remote && !may_try(store, &status, err))
        return status;
    status = store->driver->connect(&slot->conn, store->store, as, deadline, &why);
    if (store->remote) {
        hc__lock(&store->lock);
        if (status < 0)
            note_outage(store, &why, began);
        else
            store->outage = (struct outage){0};
        hc__unlock(&store->lock);
    }
    if (status < 0) {
        slot->conn = NULL;
        if (err != NULL)
            *err = why;
        return status;
    }
    slot->generation++;
    slot->used = hc__os_monotonic();
    slot->until = slot->used + store->options.lifetime - jitter(store->options.lifetime);
    return HC_OK;
}

/* An old connection is replaced, one in doubt is asked. */
static void look_at(const hc__store *store, struct slot *slot, int64_t deadline)
{
    int64_t now = hc__os_monotonic();
    bool over = now >= slot->until;

    if (!over && (now - slot->used >= store->options.idle_limit || slot->used <= atomic_load(&store->doubt)))
        over = store->driver->ping(slot->conn, deadline, NULL) < 0;
    if (over) {
        store->driver->disconnect(slot->conn);
        slot->conn = NULL;
    }
}

hc_status hc__store_acquire(hc__lease *lease, hc__store *store, int32_t role, int64_t deadline, const atomic_bool *stop,
                            hc_error *err)
{
    struct lane *lane = lane_of(store, role);
    uint64_t thread = hc__os_thread();
    struct waiter *me = NULL;
    int32_t slot = -1;
    bool misuse = false;

    hc__lock(&store->lock);
    if (lane->free_count > 0) {
        slot = (int32_t)take_free(store, lane);
        store->slots[slot].thread = thread;
    } else if (would_wait_for_itself(store, lane, thread)) {
        misuse = true;
    } else {
        me = queue_up(store, lane, thread);
    }
    hc__unlock(&store->lock);
    if (me != NULL)
        slot = wait_for_slot(store, lane, me, deadline, stop);
    else if (slot < 0 && !misuse)
        return hc__no_memory(err);
    if (misuse)
        return hc__fail(err, HC_ERR_MISUSE, NULL,
                        "this thread is inside a unit of work: use only the unit's session until it ends");
    if (slot < 0 && is_set(stop))
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "interrupted by the host");
    if (slot < 0)
        return hc__fail(err, HC_ERR_BUSY, NULL, "no connection to the store came free in time");
    if (store->remote && store->slots[slot].conn != NULL)
        look_at(store, &store->slots[slot], deadline);
    if (store->slots[slot].conn == NULL) {
        hc_status status = connect_slot(store, &store->slots[slot], role, deadline, err);
        if (status < 0) {
            release_slot(store, lane, (uint32_t)slot);
            return status;
        }
    }
    *lease = (hc__lease){store->slots[slot].conn, (uint32_t)slot, store->slots[slot].generation, false};
    return HC_OK;
}

void hc__store_release(hc__store *store, hc__lease *lease, bool usable)
{
    uint32_t slot = lease->slot;
    struct lane *lane = &store->lanes[store->lane_count == 2 && slot == 0 ? WRITERS : READERS];
    bool drop = !usable || lease->in_transaction;
    int64_t now = store->remote ? hc__os_monotonic() : 0;

    if (drop && !store->one_connection) { /* the one connection of a memory store is the store */
        store->driver->disconnect(store->slots[slot].conn);
        store->slots[slot].conn = NULL;
    }
    lease->conn = NULL;
    store->slots[slot].used = now;
    if (drop)
        atomic_store(&store->doubt, now);
    release_slot(store, lane, slot);
}

bool hc__store_usable_after(hc_status status)
{
    switch (status) {
    case HC_ERR_IO:
    case HC_ERR_CORRUPT:
    case HC_ERR_UNAVAILABLE:
    case HC_ERR_TIMEOUT:
    case HC_ERR_FORKED:
    case HC_ERR_INTERNAL:
        return false;
    default:
        return true;
    }
}

bool hc__store_is_out(hc__store *store)
{
    bool out;

    hc__lock(&store->lock);
    out = store->outage.known && hc__os_monotonic() < store->outage.retry_at;
    hc__unlock(&store->lock);
    return out;
}

hc__pool_state hc__store_pool(hc__store *store)
{
    hc__pool_state state = {0, 0, 0};

    hc__lock(&store->lock);
    for (uint32_t i = 0; i < store->lane_count; i++) {
        state.size += (int32_t)store->lanes[i].count;
        state.in_use += (int32_t)(store->lanes[i].count - store->lanes[i].free_count);
        state.waiting += store->lanes[i].waiting;
    }
    hc__unlock(&store->lock);
    return state;
}

int32_t hc_schema_version(void)
{
    return hc__migrations[hc__migration_count - 1].version;
}

hc_status hc__store_check_schema(hc__store *store, int32_t *version, int64_t deadline, hc_error *err)
{
    hc__lease lease;
    hc_status status = hc__store_acquire(&lease, store, HC_CONNECT_WRITE, deadline, NULL, err);

    *version = 0;
    if (status < 0)
        return status;
    status = store->driver->schema(lease.conn, version, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    if (status < 0)
        return status;
    if (*version > hc_schema_version())
        return hc__fail(err, HC_ERR_SCHEMA, "storage_uri",
                        "the store has schema version %d, newer than this library's %d: update the library",
                        (int)*version, (int)hc_schema_version());
    if (*version < hc_schema_version())
        return hc__fail(err, HC_ERR_SCHEMA, "storage_uri",
                        "the store has schema version %d, older than this library's %d: call hc_client_migrate()",
                        (int)*version, (int)hc_schema_version());
    return HC_OK;
}

hc_status hc__store_migrate(hc__store *store, int64_t deadline, hc_error *err)
{
    hc__lease lease;
    hc_error why;
    int32_t version;
    hc_status status = hc__store_check_schema(store, &version, deadline, &why);

    if (status == HC_OK)
        return HC_NOTE_SAME;
    if (status != HC_ERR_SCHEMA || version > hc_schema_version()) {
        if (err != NULL)
            *err = why;
        return status;
    }
    status = hc__store_acquire(&lease, store, HC_CONNECT_WRITE, deadline, NULL, err);
    if (status < 0)
        return status;
    status = store->driver->migrate(lease.conn, hc__migrations, hc__migration_count, deadline, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    return status < 0 ? status : HC_OK;
}

hc_status hc__store_migrate_within(hc__store *store, int64_t patience, int64_t deadline, hc_error *err)
{
    hc_status status = hc__store_migrate(store, deadline, err);

    while (status == HC_ERR_BUSY && hc__os_monotonic() < patience) {
        hc__os_sleep(MIGRATE_PAUSE);
        status = hc__store_migrate(store, deadline, err);
    }
    return status;
}
