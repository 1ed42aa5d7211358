/* The pool: slots by class (readers, the one writer), their connections, and the schema. */
#include "storage/store_inside.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/time.h"
#include "homeconnect/version.h"
#include "model/migrations.h"
#include "storage/registry.h"

#define IDLE_LIMIT    (30 * HC__SECOND)
#define LIFETIME      (1800 * HC__SECOND)
#define PAUSE         HC__SECOND /* between two tries to connect to a server that could not be reached */
#define REFUSALS      4          /* who is refused waits twice as long each time, so often */
#define NO_ANSWER     HC__SECOND /* a try that got no answer for so long tells of the server, not of the caller's hurry */
#define MIGRATE_PAUSE (HC__SECOND / 50) /* before who migrates is looked for again */

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
        hc__lane_init(&store->lanes[HC__READERS], 1, size - 1);
        hc__lane_init(&store->lanes[HC__WRITERS], 0, 1);
        store->lane_count = 2;
    } else {
        hc__lane_init(&store->lanes[HC__READERS], 0, size);
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

/* A lease that was never given back: the pool is one connection short for as long as the store is open. In a test build
 * it ends whatever test has met it. */
static void tell_kept(hc__store *store)
{
    int kept = hc__store_pool(store).in_use;
    char line[120];

    if (kept == 0)
        return;
    snprintf(line, sizeof line, "%d connections to the store were never given back: a call of this library kept them",
             kept);
    host_log(HC_LOG_ERROR, line, store);
    hc__broken();
}

void hc__store_close(hc__store *store)
{
    if (store == NULL)
        return;
    tell_kept(store);
    hc__waiters_free(store, false);
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
    hc__waiters_free(store, true);
    hc__free(store->mem, store);
}

const hc_storage_driver *hc__store_driver(const hc__store *store)
{
    return store->driver;
}

static struct hc__lane *lane_of(hc__store *store, int32_t role)
{
    return &store->lanes[store->lane_count == 2 && role == HC_CONNECT_WRITE ? HC__WRITERS : HC__READERS];
}

/* Whether this thread holds every slot of the lane: to wait would be to wait for itself. */
static bool would_wait_for_itself(const hc__store *store, const struct hc__lane *lane, uint64_t thread)
{
    for (uint32_t i = 0; i < lane->count; i++)
        if (store->slots[lane->first + i].thread != thread)
            return false;
    return true;
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
    struct hc__outage *outage = &store->outage;
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
    struct hc__outage *outage = &store->outage;
    int64_t now = hc__os_monotonic(), pause = PAUSE;
    hc_status status = why->status;
    bool tells = status == HC_ERR_UNAVAILABLE || status == HC_ERR_INVALID || status == HC_ERR_BUSY ||
                 (status == HC_ERR_TIMEOUT && now - began >= NO_ANSWER);

    outage->trying = false;
    if (!tells || hc__bug("storms"))
        return;
    outage->known = true;
    outage->why = *why;
    if (status == HC_ERR_TIMEOUT)
        hc__fail_from(&outage->why, why->origin, HC_ERR_UNAVAILABLE, NULL, "the server does not answer");
    if (status == HC_ERR_INVALID)
        pause <<= outage->refusals < REFUSALS ? outage->refusals++ : REFUSALS;
    outage->retry_at = now + pause + jitter(pause);
}

/* What a server refuses before anybody asked for a row is about where the store is. */
static hc_status about_uri(const hc__store *store, hc_status status, hc_error *err)
{
    bool refused = status == HC_ERR_INVALID || status == HC_ERR_IO || status == HC_ERR_UNAVAILABLE;

    if (refused && err != NULL && err->field[0] == '\0')
        (void)snprintf(err->field, sizeof err->field, "%s", store->options.documents ? "document_uri" : "storage_uri");
    return status;
}

static hc_status connect_slot(hc__store *store, struct hc__slot *slot, int32_t role, int64_t deadline, hc_error *err)
{
    int32_t as = store->options.reads_only ? HC_CONNECT_READ
                 : store->lane_count == 1  ? HC_CONNECT_WRITE /* it will serve both */
                                           : role;
    int64_t began = hc__os_monotonic();
    hc_error why = {0};
    hc_status status;

    if (store->remote && !may_try(store, &status, err))
        return status;
    status = about_uri(store, store->driver->connect(&slot->conn, store->store, as, deadline, &why), &why);
    if (store->remote) {
        hc__lock(&store->lock);
        if (status < 0)
            note_outage(store, &why, began);
        else
            store->outage = (struct hc__outage){0};
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
static void look_at(const hc__store *store, struct hc__slot *slot, int64_t deadline)
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

/* With HC_OK, *slot is -1 when `ride` (may be NULL) went along with another's, whatever came of it. */
static hc_status take_slot(int32_t *slot, hc__store *store, struct hc__lane *lane, int64_t deadline,
                           const atomic_bool *stop, hc__ride *ride, hc_error *err)
{
    uint64_t thread = hc__os_thread();
    struct hc__waiter *me = NULL;
    bool misuse = false;

    *slot = -1;
    hc__lock(&store->lock);
    if (hc__lane_may_take(lane, ride)) {
        *slot = (int32_t)hc__lane_take(store, lane, thread, ride);
    } else if (would_wait_for_itself(store, lane, thread)) {
        misuse = true;
    } else {
        me = hc__queue_up(store, lane, thread, ride);
    }
    hc__unlock(&store->lock);
    if (me != NULL)
        *slot = hc__wait_for_slot(store, lane, me, deadline, stop);
    else if (*slot < 0 && !misuse)
        return hc__no_memory(err);
    if (*slot >= 0 || (ride != NULL && (ride->over || ride->alone)))
        return HC_OK;
    if (misuse)
        return hc__fail(err, HC_ERR_MISUSE, NULL,
                        "this thread is inside a unit of work: use only the unit's session until it ends");
    if (hc__is_set(stop))
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "interrupted by the host");
    return hc__fail(err, HC_ERR_BUSY, NULL, "no connection to the store came free in time");
}

/* The slot's connection, once it has a good one. */
static hc_status lend(hc__lease *lease, hc__store *store, uint32_t slot, int32_t role, int64_t deadline, hc_error *err)
{
    struct hc__slot *taken = &store->slots[slot];

    *lease = (hc__lease){.slot = slot};
    if (store->remote && taken->conn != NULL)
        look_at(store, taken, deadline);
    if (taken->conn == NULL) {
        hc_status status = connect_slot(store, taken, role, deadline, err);
        if (status < 0) {
            hc__slot_release(store, lane_of(store, role), slot);
            return status;
        }
    }
    lease->conn = taken->conn;
    lease->generation = taken->generation;
    return HC_OK;
}

hc_status hc__store_acquire(hc__lease *lease, hc__store *store, int32_t role, int64_t deadline, const atomic_bool *stop,
                            hc_error *err)
{
    int32_t slot;
    hc_status status = take_slot(&slot, store, lane_of(store, role), deadline, stop, NULL, err);

    return status < 0 ? status : lend(lease, store, (uint32_t)slot, role, deadline, err);
}

hc_status hc__store_acquire_or_ride(hc__lease *lease, hc__store *store, hc__ride *ride, int64_t deadline, hc_error *err)
{
    struct hc__lane *lane = lane_of(store, HC_CONNECT_READ);
    int32_t slot;
    hc_status status;

    ride->store = store;
    status = take_slot(&slot, store, lane, deadline, ride->stop, store->remote ? ride : NULL, err);
    if (status >= 0 && ride->alone)
        status = take_slot(&slot, store, lane, deadline, ride->stop, NULL, err);
    if (status < 0 || ride->over)
        return status;
    status = lend(lease, store, (uint32_t)slot, HC_CONNECT_READ, deadline, err);
    if (status < 0) {
        hc__ride_end(ride);
        return status;
    }
    if (store->remote)
        store->slots[slot].since = hc__os_monotonic();
    if (ride->next != NULL)
        lease->rides = ride;
    return HC_OK;
}

void hc__store_release(hc__store *store, hc__lease *lease, bool usable)
{
    uint32_t slot = lease->slot;
    struct hc__lane *lane = &store->lanes[store->lane_count == 2 && slot == 0 ? HC__WRITERS : HC__READERS];
    bool drop = !usable || lease->in_transaction || lease->doubtful;
    int64_t now = store->remote ? hc__os_monotonic() : 0;

    hc__ride_end(lease->rides);
    if (drop && !store->one_connection) { /* the one connection of a memory store is the store */
        store->driver->disconnect(store->slots[slot].conn);
        store->slots[slot].conn = NULL;
    }
    lease->conn = NULL;
    lease->rides = NULL;
    store->slots[slot].used = now;
    if (!lease->ran) /* such as one that was stopped before: that is no quick trip */
        store->slots[slot].since = 0;
    if (drop)
        atomic_store(&store->doubt, now);
    hc__slot_release(store, lane, slot);
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
        return about_uri(store, status, err);
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
    return status < 0 ? about_uri(store, status, err) : HC_OK;
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
