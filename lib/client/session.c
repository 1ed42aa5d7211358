#include "client/session.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "base/utf8.h"
#include "base/module.h"
#include "client/alive.h"
#include "client/audit.h"
#include "client/hybrid.h"
#include "client/rate.h"
#include "client/unit.h"
#include "client/upkeep.h"
#include "storage/ride.h"

#define SESSION_MAGIC 0x48435331u

bool hc__session_signed_in(const hc_session *as)
{
    return as->role != HC_ROLE_GUEST && as->role != HC_ROLE_SYSTEM;
}

/* The peer's network, not its host, goes into the audit log (security.md, audit events); limits count hosts. */
static bool take_address(hc_session *as, const char *address)
{
    char peer[48] = "";

    if (address != NULL && address[0] != '\0' &&
        (!hc__network_of(as->address, sizeof as->address, address) || !hc__peer_of(peer, sizeof peer, address)))
        return false;
    hc__rate_subject(as->peer, as->core, "peer", peer, strlen(peer));
    hc__wipe(peer, sizeof peer);
    return true;
}

hc_status hc__session_new(hc_session **out, hc__core *core, int32_t role, const char *address, hc_error *err)
{
    hc__handle *handle;
    hc_session *as = hc__handle_new(core, sizeof *as, 256, &handle);

    *out = NULL;
    if (as == NULL)
        return hc__no_memory(err);
    as->handle = handle;
    as->core = core;
    as->role = role;
    as->timeout = HC__DEFAULT_TIMEOUT;
    atomic_init(&as->busy, false);
    atomic_init(&as->interrupted, false);
    if (!take_address(as, address)) {
        hc__handle_free(handle);
        return hc__fail(err, HC_ERR_INVALID, "address", "not an IPv4 or IPv6 address");
    }
    if (!hc__mutex_init(&as->lock)) {
        hc__handle_free(handle);
        return hc__no_memory(err);
    }
    as->magic = SESSION_MAGIC;
    *out = as;
    return HC_OK;
}

static hc_status open_as(hc_session **out, hc_client *client, int32_t role, const char *address, hc_error *err)
{
    hc__core *core;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__client_core(&core, client, err);
    if (status >= 0)
        status = hc__core_enter(core, err);
    if (status < 0)
        return status;
    hc__core_retain(core); /* hc_client_close() on another thread goes on as soon as this call has left */
    status = hc__session_new(out, core, role, address, err);
    hc__core_leave(core);
    hc__core_release(core);
    return status;
}

hc_status hc_session_guest(hc_session **out, hc_client *client, const char *address, hc_error *err)
{
    return open_as(out, client, HC_ROLE_GUEST, address, err);
}

hc_status hc_session_system(hc_session **out, hc_client *client, hc_error *err)
{
    return open_as(out, client, HC_ROLE_SYSTEM, NULL, err);
}

hc_status hc__session_by_token(hc_session **out, hc_client *client, const char *token, size_t size, const char *address,
                               hc__verify_fn verify, hc_error *err)
{
    hc_session *as;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (token == NULL)
        return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "required");
    status = hc_session_guest(&as, client, address, err);
    if (status < 0)
        return status;
    status = hc__enter(as, err);
    if (status >= 0) {
        status = verify(as, token, size, err);
        hc__leave(as);
    }
    if (status < 0)
        hc_session_free(as);
    else
        *out = as;
    return status;
}

void hc_session_free(hc_session *as)
{
    if (as == NULL || as->magic != SESSION_MAGIC)
        return;
    if (atomic_load(&as->busy) && as->core->pid == hc__os_pid()) {
        hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "a session was freed inside its own call: it was kept");
        return;
    }
    as->magic = 0;
    hc__late_drop(as);
    hc__rate_drop(as);
    if (as->token != NULL) {
        hc__wipe(as->token, strlen(as->token));
        hc__free(&as->core->mem, as->token);
    }
    hc__mutex_free(&as->lock);
    hc__handle_free(as->handle);
}

int32_t hc_session_role(const hc_session *as)
{
    return as == NULL ? HC_ROLE_GUEST : as->role;
}

hc_id hc_session_user_id(const hc_session *as)
{
    static const hc_id none;

    return as == NULL ? none : as->user;
}

const char *hc_session_token(const hc_session *as)
{
    return as == NULL ? NULL : as->token;
}

void hc_session_set_timeout(hc_session *as, int64_t micros)
{
    if (as == NULL)
        return;
    as->timeout = micros <= 0 ? HC__DEFAULT_TIMEOUT : micros > HC__TIMEOUT_LIMIT ? HC__TIMEOUT_LIMIT : micros;
}

void hc_session_set_request_id(hc_session *as, const char *request_id)
{
    size_t n = 0;

    if (as == NULL)
        return;
    for (; request_id != NULL && request_id[n] > 0x20 && request_id[n] < 0x7f && n + 1 < sizeof as->request_id; n++)
        as->request_id[n] = request_id[n];
    as->request_id[n] = '\0';
}

hc_status hc_session_set_idempotency_key(hc_session *as, const char *key, hc_error *err)
{
    size_t size = key == NULL ? 0 : strlen(key), points;

    if (as == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "session", "NULL");
    if (key != NULL && (size == 0 || size > HC__KEY_LIMIT || !hc__utf8_check(key, size, &points)))
        return hc__fail(err, HC_ERR_INVALID, "idempotency_key", "1 to %d bytes of UTF-8", HC__KEY_LIMIT);
    memcpy(as->key, key == NULL ? "" : key, size + 1);
    return HC_OK;
}

int64_t hc_session_document_lag(const hc_session *as)
{
    return as == NULL ? 0 : as->lag;
}

void hc_session_interrupt(hc_session *as)
{
    if (as == NULL)
        return;
    atomic_store(&as->interrupted, true);
    hc__lock(&as->lock); /* a call in flight keeps the store open */
    if (as->running != NULL)
        as->driver->interrupt(as->running);
    else if (as->waiting) {
        hc__store_wake(as->core->store);
        if (as->core->documents != NULL)
            hc__store_wake(as->core->documents);
    }
    hc__unlock(&as->lock);
}

/* The client whose call is in flight on this thread. */
static _Thread_local const hc__core *calling;

bool hc__call_on_this_thread(const hc__core *core)
{
    return calling == core;
}

hc_status hc__enter(hc_session *as, hc_error *err)
{
    hc_status status;

    if (as == NULL || as->magic != SESSION_MAGIC)
        return hc__fail(err, HC_ERR_MISUSE, "session", as == NULL ? "NULL" : "not an open session");
    if (atomic_load(&as->unit_thread) == hc__os_thread() && as->core->pid == hc__os_pid() && !hc__in_hook())
        return hc__unit_check(as->unit, err); /* inside the host's unit, which is the call */
    status = hc__core_enter(as->core, err);
    if (status < 0)
        return status;
    if (hc__unit_on_this_thread(as->core))
        status = hc__fail(err, HC_ERR_MISUSE, "session", "inside a unit of work only its own session may be used");
    else if (atomic_exchange_explicit(&as->busy, true, memory_order_acquire))
        status = hc__fail(err, HC_ERR_MISUSE, "session", "another call of this session is in flight");
    if (status < 0) {
        hc__core_leave(as->core);
        return status;
    }
    as->deadline = hc__os_monotonic() + as->timeout;
    as->outer = calling;
    calling = as->core;
    status = hc__core_ready(as->core, as->deadline, err);
    if (status < 0)
        hc__leave(as);
    return status;
}

void hc__leave(hc_session *as)
{
    as->key[0] = '\0';
    if (as->unit != NULL)
        return;
    if (as->late_rates != NULL)
        hc__rate_write(as);
    if (as->late != NULL && !hc__bug("refused-in-silence"))
        hc__late_write(as);
    if (as->committed)
        hc__upkeep_soon(as);
    calling = as->outer;
    atomic_store_explicit(&as->busy, false, memory_order_release);
    hc__core_leave(as->core);
}

hc_status hc__session_acquire(hc_session *as, hc__lease *lease, int32_t role, hc_error *err)
{
    return hc__session_acquire_of(as, as->core->store, lease, role, err);
}

/* `ride` (may be NULL): what another may run meanwhile. */
static hc_status acquire(hc_session *as, hc__store *store, hc__lease *lease, int32_t role, hc__ride *ride,
                         hc_error *err)
{
    int64_t patience = hc__os_monotonic() + as->core->acquire_timeout;
    const atomic_bool *stop = as->unstoppable ? NULL : &as->interrupted;
    hc_status status;

    if (patience > as->deadline)
        patience = as->deadline;
    hc__lock(&as->lock);
    as->waiting = true;
    hc__unlock(&as->lock);
    status = ride == NULL ? hc__store_acquire(lease, store, role, patience, stop, err)
                          : hc__store_acquire_or_ride(lease, store, ride, patience, err);
    hc__lock(&as->lock);
    as->waiting = false;
    hc__unlock(&as->lock);
    if (status == HC_ERR_CANCELLED)
        atomic_store(&as->interrupted, false);
    return status;
}

hc_status hc__session_acquire_of(hc_session *as, hc__store *store, hc__lease *lease, int32_t role, hc_error *err)
{
    return acquire(as, store, lease, role, NULL, err);
}

static void set_running(hc_session *as, const hc_storage_driver *driver, void *conn)
{
    hc__lock(&as->lock);
    as->running = conn;
    as->driver = driver;
    hc__unlock(&as->lock);
}

static hc_status execute(const hc_storage_driver *driver, hc__lease *lease, hc_batch *batch, hc_error *err)
{
    const uint32_t ends = HC_BATCH_COMMIT | HC_BATCH_ROLLBACK;
    hc_status status = lease->rides != NULL ? hc__ride_execute(lease, err) : driver->execute(lease->conn, batch, err);

    lease->ran = status >= 0;
    if (status < 0 || (batch->flags & ends) != 0)
        lease->in_transaction = false;
    else if ((batch->flags & HC_BATCH_BEGIN) != 0)
        lease->in_transaction = true;
    return status;
}

hc_status hc__session_run(hc_session *as, hc__lease *lease, hc_batch *batch, hc_error *err)
{
    return hc__session_run_on(as, hc__store_driver(as->core->store), lease, batch, err);
}

hc_status hc__session_run_on(hc_session *as, const hc_storage_driver *driver, hc__lease *lease, hc_batch *batch,
                             hc_error *err)
{
    bool stoppable = !as->unstoppable && (batch->flags & HC_BATCH_ROLLBACK) == 0;
    hc_batch undo = {.struct_size = sizeof undo, .flags = HC_BATCH_ROLLBACK};
    hc_status status;

    batch->struct_size = sizeof *batch;
    batch->deadline = as->deadline;
    if (!stoppable)
        return execute(driver, lease, batch, err);
    set_running(as, driver, lease->conn); /* before the look at `interrupted`: one of the two sees an interrupt */
    if (atomic_exchange(&as->interrupted, false)) {
        if (lease->in_transaction)
            (void)execute(driver, lease, &undo, NULL);
        status = hc__fail(err, HC_ERR_CANCELLED, NULL, "interrupted by the host");
    } else {
        status = execute(driver, lease, batch, err);
        if (status == HC_ERR_CANCELLED)
            atomic_store(&as->interrupted, false); /* it ended this call and not the next one too */
    }
    set_running(as, driver, NULL);
    return status;
}

/* The stamp was read after the first step of the batch: an equal one proves that nothing changed since the sign-in was
 * last seen alive on this connection. Otherwise it is asked for again, after the rows were read: alive then, alive
 * before. */
static hc_status still_alive(hc_session *as, hc__lease *lease, uint64_t stamp, hc_error *err)
{
    if (!hc__session_signed_in(as))
        return HC_OK;
    if (hc__core_now(as->core) >= as->expires)
        return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the sign-in has expired");
    if (stamp != 0 && as->verdict[lease->slot] == stamp && as->verdict_generation[lease->slot] == lease->generation)
        return HC_OK;
    return hc__session_check(as, lease, 0, err);
}

/* With a stamp to compare. */
static hc_status read_stamped(hc_batch *batch, hc_session *as, hc_error *err)
{
    hc__lease lease;
    hc_status status = hc__session_acquire(as, &lease, HC_CONNECT_READ, err);

    if (status < 0)
        return status;
    status = hc__session_run(as, &lease, batch, err);
    if (status >= 0)
        status = still_alive(as, &lease, batch->stamp, err);
    hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    return status;
}

/* Runs the batch, or finds that another caller ran it: then the lease has no connection. The ride is the lease's until
 * that is released. */
static hc_status run_or_ride(hc__asking *asking, hc__lease *lease, hc__ride *ride, hc_error *err)
{
    hc_session *as = asking->as;
    hc_batch *batch = &asking->batch;
    hc_status status;
    bool may;

    *lease = (hc__lease){0};
    batch->deadline = as->deadline;
    may = hc__ride_init(ride, batch, as->unstoppable ? NULL : &as->interrupted, err);
    status = acquire(as, as->core->store, lease, HC_CONNECT_READ, may ? ride : NULL, err);
    if (status < 0 || lease->conn == NULL)
        return status < 0 ? status : ride->status;
    return hc__session_run(as, lease, batch, err);
}

/* *again: it failed before the caller had a row, and another connection may do. */
static hc_status try_read(hc__asking *asking, bool *again, hc_error *err)
{
    hc_session *as = asking->as;
    hc__lease lease;
    hc__ride ride;
    hc_status status = run_or_ride(asking, &lease, &ride, err);

    *again = false;
    if (status < 0)
        *again = lease.conn != NULL && !asking->gave &&
                 (status == HC_ERR_UNAVAILABLE || asking->batch.fault == HC_FAULT_RERUN);
    else if (hc__session_signed_in(as) && !hc__asking_proved(asking)) { /* nothing was found: perhaps for this reason */
        if (hc__asking_asked(asking))
            status = hc__sign_in_ended(err);
        else if (lease.conn == NULL)
            status = hc__session_acquire(as, &lease, HC_CONNECT_READ, err);
        if (status >= 0)
            status = hc__session_check(as, &lease, 0, err);
    }
    if (lease.conn != NULL)
        hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    return status;
}

/* In one trip, but where nothing is found. A connection that turned out dead is no reason to fail: once. */
static hc_status read_asking(const hc_batch *batch, hc_session *as, hc_error *err)
{
    uint8_t room[4096];
    hc__arena arena;
    hc__asking asking;
    bool again = false;
    hc_status status = HC_OK;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    hc__asking_init(&asking, as, batch);
    if (hc__session_signed_in(as) && as->role_known)
        status = hc__asking_in_reads(&asking, &arena, err);
    else if (hc__session_signed_in(as))
        status = hc__asking_also(&asking, &arena, err);
    if (status >= 0)
        status = try_read(&asking, &again, err);
    if (again && hc__os_monotonic() < as->deadline)
        status = try_read(&asking, &again, err);
    hc__arena_free(&arena);
    return status;
}

void hc__session_one_snapshot(hc_batch *batch)
{
    batch->flags &= HC_BATCH_ROUGH;
    batch->flags |= batch->op_count > 1 ? HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT : 0;
}

hc_status hc__session_execute(hc_batch *batch, void *data, hc_error *err)
{
    hc_session *as = data;

    if (as->unit != NULL)
        return hc__unit_give(as->unit, batch, err);
    if (hc__hybrid_concerns(as->core, batch->ops, batch->op_count))
        return hc__hybrid_execute(as, NULL, batch, err);
    hc__session_one_snapshot(batch);
    if ((hc__store_driver(as->core->store)->capabilities & HC_CAP_STAMP) != 0)
        return read_stamped(batch, as, err);
    return read_asking(batch, as, err);
}

hc_status hc__session_read(hc_session *as, hc_op *ops, size_t count, hc_row_fn on_row, void *data, hc_error *err)
{
    hc_batch batch = {.ops = ops, .op_count = count, .on_row = on_row, .data = data};

    return hc__session_execute(&batch, as, err);
}
