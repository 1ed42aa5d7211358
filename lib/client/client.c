#include "homeconnect/client.h"

#include <string.h>

#include "base/utf8.h"
#include "client/audit_chain.h"
#include "client/core.h"
#include "client/documents.h"
#include "client/numbering.h"
#include "client/replica.h"
#include "client/unfinished.h"
#include "client/unit.h"
#include "client/upkeep.h"

#define DEFAULT_POOL    8
#define DEFAULT_ACQUIRE (5 * HC__SECOND)
#define DEFAULT_TOKEN   (600 * HC__SECOND)
#define DEFAULT_TARGET  (3600 * HC__SECOND)
#define TARGET_LIMIT    (365 * HC__DAY)
#define LOGIN_LIFETIME  (60 * HC__DAY) /* security.md: refresh token, absolute */
#define HEALTH_WAIT     (2 * HC__SECOND)
#define MIGRATE_WAIT    (600 * HC__SECOND)
#define CLOSE_WAIT      (3600 * HC__SECOND)
#define DEFAULT_CUTOFF  (7200 * HC__SECOND)
#define SOON            HC__SECOND
#define OUTBOX_ROWS     100000
#define OUTBOX_BYTES    (INT64_C(256) << 20)
#define ZONEINFO        "/usr/share/zoneinfo"

static int64_t system_now(void *data)
{
    (void)data;
    return hc__os_now();
}

static hc_status text_option(char *out, size_t capacity, const char *value, const char *fallback, const char *name,
                             hc_error *err)
{
    const char *text = value == NULL ? fallback : value;
    size_t size = strlen(text), points;

    if (size == 0 || size >= capacity || !hc__utf8_check(text, size, &points))
        return hc__fail(err, HC_ERR_INVALID, name, "1 to %zu bytes of UTF-8", capacity - 1);
    memcpy(out, text, size + 1);
    return HC_OK;
}

static hc_status range_option(int64_t *value, int64_t fallback, int64_t low, int64_t high, const char *name,
                              hc_error *err)
{
    if (*value == 0)
        *value = fallback;
    if (*value < low || *value > high)
        return hc__fail(err, HC_ERR_INVALID, name, "%lld is outside %lld to %lld", (long long)*value, (long long)low,
                        (long long)high);
    return HC_OK;
}

static hc_status check_options(hc_client_options *options, hc_error *err)
{
    int64_t pool = options->pool_size, level = options->log_level, migrate = options->migrate,
            profile = options->password_profile;
    hc_status status = range_option(&pool, DEFAULT_POOL, 1, HC__POOL_LIMIT, "pool_size", err);

    if (status >= 0)
        status = range_option(&level, HC_LOG_INFO, HC_LOG_ERROR, HC_LOG_DEBUG, "log_level", err);
    if (status >= 0)
        status = range_option(&migrate, HC_MIGRATE_AUTO, HC_MIGRATE_AUTO, HC_MIGRATE_NEVER, "migrate", err);
    if (status >= 0)
        status = range_option(&profile, HC_PASSWORD_STANDARD, HC_PASSWORD_STANDARD, HC_PASSWORD_LOW_MEMORY,
                              "password_profile", err);
    if (status >= 0)
        status = range_option(&options->acquire_timeout, DEFAULT_ACQUIRE, 1, 3600 * HC__SECOND, "acquire_timeout", err);
    if (status >= 0)
        status = range_option(&options->token_lifetime, DEFAULT_TOKEN, HC__SECOND, HC__DAY, "token_lifetime", err);
    if (status >= 0)
        status = range_option(&options->appointment_cutoff, DEFAULT_CUTOFF, 1, 30 * HC__DAY, "appointment_cutoff", err);
    if (status >= 0)
        status =
            range_option(&options->response_target, DEFAULT_TARGET, HC__SECOND, TARGET_LIMIT, "response_target", err);
    if (status >= 0)
        status = range_option(&options->outbox_rows, OUTBOX_ROWS, 1, INT64_C(1) << 40, "outbox_rows", err);
    if (status >= 0)
        status = range_option(&options->outbox_bytes, OUTBOX_BYTES, 1, INT64_C(1) << 50, "outbox_bytes", err);
    options->pool_size = (int32_t)pool;
    options->log_level = (int32_t)level;
    if (options->storage_uri == NULL)
        options->storage_uri = "sqlite:homeconnect.db";
    return status;
}

static hc_status currency_option(hc__core *core, const char *currency, hc_error *err)
{
    if (currency == NULL)
        currency = "USD";
    if (strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
        return hc__fail(err, HC_ERR_INVALID, "currency", "an ISO 4217 code: three capital letters");
    memcpy(core->currency, currency, sizeof core->currency);
    return HC_OK;
}

static void argon_option(hc__core *core, const hc_client_options *options)
{
    core->argon = (hc__argon)HC__ARGON_DEFAULT;
    if (options->password_profile == HC_PASSWORD_LOW_MEMORY)
        core->argon = (hc__argon){19456, 2};
#ifdef HC_TEST_BUILD
    hc__test_argon(&core->argon);
#endif
}

/* The parts of a core that can be freed by hc__core_release() from the first moment. */
static hc_status core_new(hc__core **out, const hc_client_options *options, hc_error *err)
{
    hc__mem mem;
    hc__core *core;
    int cores = hc__os_cores();
    hc_status status = hc__mem_init(&mem, options->allocator, err);

    *out = NULL;
    if (status < 0)
        return status;
    core = hc__alloc_zero(&mem, 1, sizeof *core);
    if (core == NULL)
        return hc__no_memory(err);
    core->mem = mem;
    atomic_init(&core->refs, 1);
    atomic_init(&core->calls, 0);
    atomic_init(&core->closed, false);
    atomic_init(&core->ready, false);
    if (!hc__mutex_init(&core->hashes.lock) || !hc__cond_init(&core->hashes.freed) ||
        !hc__mutex_init(&core->idle_lock) || !hc__cond_init(&core->idle)) {
        hc__free(&mem, core);
        return hc__no_memory(err);
    }
    core->hashes.free = cores < 4 ? 1 : cores / 2;
    core->pid = hc__os_pid();
    *out = core;
    return HC_OK;
}

static hc_status core_configure(hc__core *core, const hc_client_options *options, hc_error *err)
{
    hc_clock clock = HC_CLOCK_INIT;
    hc_status status = hc__sized_copy(&clock, sizeof clock, options->clock, "clock", err);

    if (status >= 0)
        status = text_option(core->issuer, sizeof core->issuer, options->issuer, "homeconnect", "issuer", err);
    if (status >= 0)
        status = currency_option(core, options->currency, err);
    if (status >= 0)
        status = text_option(core->zoneinfo, sizeof core->zoneinfo, options->zoneinfo, ZONEINFO, "zoneinfo", err);
    if (clock.now == NULL)
        clock.now = system_now;
    core->clock = clock;
    core->log = options->log;
    core->log_data = options->log_data;
    core->log_level = options->log_level;
    core->metric = options->metric;
    core->metric_data = options->metric_data;
    core->breached = options->breached;
    core->breached_data = options->breached_data;
    core->acquire_timeout = options->acquire_timeout;
    core->token_lifetime = options->token_lifetime;
    core->appointment_cutoff = options->appointment_cutoff;
    core->response_target = options->response_target;
    core->login_lifetime = LOGIN_LIFETIME;
    core->outbox_rows = options->outbox_rows;
    core->outbox_bytes = options->outbox_bytes;
    argon_option(core, options);
    core->soon_pause = SOON;
#ifdef HC_TEST_BUILD
    hc__test_soon(core);
#endif
    atomic_init(&core->soon, hc__os_monotonic() + core->soon_pause);
    return status;
}

static void store_log(int32_t level, const char *request_id, const char *line, void *data)
{
    hc__core_line(data, level, request_id, line);
}

static int64_t store_now(void *data)
{
    return hc__core_now(data);
}

static hc_status open_store(bool *migrated, hc__core *core, const hc_client_options *options, hc_error *err)
{
    hc__store_options store = {.uri = options->storage_uri,
                               .driver_path = options->driver_path,
                               .pool_size = options->pool_size,
                               .log = store_log,
                               .log_data = core,
                               .log_level = options->log_level,
                               .now = store_now,
                               .now_data = core};
    int64_t deadline = hc__os_monotonic() + MIGRATE_WAIT;
    int32_t version;
    hc_status status = HC_OK;

    if (options->document_uri != NULL) /* first: it touches nothing, while a file would be made */
        status = hc__documents_open(core, &store, options->document_uri, options->migrate, err);
    if (status >= 0 && options->migrate == HC_MIGRATE_CHECK)
        status = hc__check_file(options, core, err);
    if (status >= 0)
        status = hc__store_open(&core->store, &core->mem, &store, err);
    if (status >= 0 && options->read_uri != NULL)
        status = hc__replica_open(core, &store, options->read_uri, err);
    if (status >= 0 && options->migrate == HC_MIGRATE_AUTO)
        status = hc__store_migrate(core->store, deadline, err);
    else if (status >= 0 && options->migrate == HC_MIGRATE_CHECK)
        status = hc__store_check_schema(core->store, &version, deadline, err);
    *migrated = status == HC_OK && options->migrate == HC_MIGRATE_AUTO;
    if (status >= 0 && !*migrated && options->migrate != HC_MIGRATE_NEVER)
        status = hc__store_is_whole(core->store, hc__os_monotonic() + HC__LOOK_WAIT, err);
    atomic_store(&core->ready, status >= 0 && options->migrate != HC_MIGRATE_NEVER);
    return status < 0 ? status : HC_OK;
}

static hc_status start_audit(hc__core *core, hc_error *err)
{
    int64_t sealed;

    return hc__audit_start(core, hc__os_monotonic() + MIGRATE_WAIT, &sealed, err);
}

/* Events that are older than numbers, before new ones get any. */
static hc_status number_old(hc__core *core, hc_error *err)
{
    bool one_writer = (hc__store_driver(core->store)->capabilities & HC_CAP_ONE_WRITER) != 0;
    int64_t numbered;

    return one_writer ? hc__events_start(core, hc__os_monotonic() + MIGRATE_WAIT, &numbered, err) : HC_OK;
}

/* A key that is refused leaves the store untouched, and a store that is refused gets no key file. */
static hc_status open_core(hc__core *core, const hc_client_options *options, hc_error *err)
{
    bool migrated = false;
    hc__keys keys;
    hc_status status = hc__crypto_start(err);

    if (status >= 0)
        status = core_configure(core, options, err);
    if (status < 0)
        return status;
    status = hc__keys_find(&keys, core, options, err);
    if (status >= 0)
        status = open_store(&migrated, core, options, err);
    if (status >= 0)
        status = hc__keys_open(core, &keys, err);
    hc__keys_forget(&keys);
    if (status >= 0 && migrated) /* else the first act begins a log that has none */
        status = start_audit(core, err);
    if (status >= 0 && atomic_load(&core->ready))
        status = number_old(core, err);
    return status;
}

hc_status hc_client_open(hc_client **out, const hc_client_options *given, hc_error *err)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc__core *core = NULL;
    hc_client *client = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__sized_copy(&options, sizeof options, given, "options", err);
    if (status >= 0)
        status = check_options(&options, err);
    if (status >= 0)
        status = core_new(&core, &options, err);
    if (status < 0)
        return status;
    client = hc__alloc_zero(&core->mem, 1, sizeof *client);
    status = client == NULL ? hc__no_memory(err) : open_core(core, &options, err);
    if (status < 0) {
        hc__documents_close(core);
        hc__replica_close(core);
        hc__store_close(core->store);
        hc__free(&core->mem, client);
        hc__core_release(core);
        return status;
    }
    atomic_init(&client->magic, HC__CLIENT_MAGIC);
    client->core = core;
    *out = client;
    return HC_OK;
}

void hc_client_close(hc_client *client)
{
    hc__core *core;

    if (client == NULL || atomic_load(&client->magic) != HC__CLIENT_MAGIC)
        return;
    core = client->core;
    if (core->pid == hc__os_pid() && (hc__in_hook() || hc__call_on_this_thread(core))) {
        hc__core_log(core, HC_LOG_ERROR, "", "the client was closed inside its own call: it was kept open");
        return; /* to wait for the call would be to wait for itself */
    }
    atomic_store(&client->magic, 0);
    if (core->pid != hc__os_pid()) {
        hc__documents_abandon(core);
        hc__replica_abandon(core);
        hc__store_abandon(core->store);
    } else {
        atomic_store(&core->closed, true); /* see hc__core_enter() */
        hc__lock(&core->idle_lock);
        while (atomic_load(&core->calls) > 0)
            hc__cond_wait_until(&core->idle, &core->idle_lock, hc__os_monotonic() + CLOSE_WAIT);
        hc__unlock(&core->idle_lock);
        hc__documents_close(core);
        hc__replica_close(core);
        hc__store_close(core->store);
    }
    core->store = NULL;
    hc__free(&core->mem, client);
    hc__core_release(core);
}

/* Runs `work` as a call of the client. */
static hc_status as_call(hc_client *client, hc_status (*work)(hc__core *core, void *data, hc_error *err), void *data,
                         hc_error *err)
{
    hc__core *core;
    hc_status status = hc__client_core(&core, client, err);

    if (status >= 0)
        status = hc__core_enter(core, err);
    if (status < 0)
        return status;
    hc__core_retain(core); /* hc_client_close() on another thread goes on as soon as this call has left */
    status = work(core, data, err);
    hc__core_leave(core);
    hc__core_release(core);
    return status;
}

static hc_status migrate(hc__core *core, void *data, hc_error *err)
{
    hc_status status;

    (void)data;
    if (hc__unit_on_this_thread(core))
        return hc__fail(err, HC_ERR_MISUSE, "client", "not inside a unit of work");
    status = hc__store_migrate(core->store, hc__os_monotonic() + MIGRATE_WAIT, err);
    if (status >= 0) {
        hc_status started = hc__store_is_whole(core->store, hc__os_monotonic() + HC__LOOK_WAIT, err);
        if (started >= 0)
            started = start_audit(core, err);
        if (started >= 0)
            started = number_old(core, err);
        if (started < 0)
            return started;
        atomic_store(&core->ready, true);
    }
    if (status >= 0 && core->documents != NULL) {
        hc_status documents = hc__documents_migrate(core, hc__os_monotonic() + MIGRATE_WAIT, err);
        status = documents == HC_NOTE_SAME ? status : documents;
    }
    return status;
}

hc_status hc_client_migrate(hc_client *client, hc_error *err)
{
    return as_call(client, migrate, NULL, err);
}

/* "sqlite 3.40.1" */
static hc_status name_engine(char *out, size_t room, const hc_storage_driver *driver, void *conn, hc_error *err)
{
    size_t size = strlen(driver->name);

    if (size + 2 > room)
        return HC_OK;
    memcpy(out, driver->name, size + 1);
    if (driver->struct_size < offsetof(hc_storage_driver, position) || driver->version == NULL)
        return HC_OK;
    out[size] = ' ';
    return driver->version(conn, out + size + 1, room - size - 1, err);
}

struct well {
    int32_t reachable, version;
    char engine[sizeof((hc_health *)NULL)->engine];
};

static hc_status ask(struct well *out, hc__store *store, hc_error *err)
{
    const hc_storage_driver *driver = hc__store_driver(store);
    int64_t deadline = hc__os_monotonic() + HEALTH_WAIT;
    hc__lease lease;
    hc_status status = hc__store_acquire(&lease, store, HC_CONNECT_READ, deadline, NULL, err);

    if (status < 0)
        return status;
    status = driver->ping(lease.conn, deadline, err);
    if (status >= 0)
        status = driver->schema(lease.conn, &out->version, err);
    if (status >= 0)
        status = name_engine(out->engine, sizeof out->engine, driver, lease.conn, err);
    out->reachable = status >= 0;
    hc__store_release(store, &lease, hc__store_usable_after(status));
    return status;
}

static hc_status ask_health(hc__core *core, hc_health *health, hc_error *err)
{
    struct well store = {0, 0, ""}, documents = {0, 0, ""};
    hc_status status = ask(&store, core->store, err);

    health->reachable = store.reachable;
    health->schema_version = store.version;
    memcpy(health->engine, store.engine, sizeof health->engine);
    if (core->documents != NULL && ask(&documents, core->documents, NULL) >= 0)
        health->documents_reachable = 1;
    if (documents.reachable)
        memcpy(health->documents_engine, documents.engine, sizeof health->documents_engine);
    return status;
}

static hc_status health_of(hc__core *core, void *data, hc_error *err)
{
    hc_health *out = data;
    hc_health health = HC_HEALTH_INIT;
    size_t size = out->struct_size < sizeof health ? out->struct_size : sizeof health;
    hc__pool_state pool = hc__store_pool(core->store);
    hc_status status;

    health.pool_size = pool.size;
    health.pool_in_use = pool.in_use;
    health.pool_waiting = pool.waiting;
    status = ask_health(core, &health, err);
    health.struct_size = out->struct_size;
    memcpy(out, &health, size);
    return status;
}

hc_status hc_client_health(hc_client *client, hc_health *health, hc_error *err)
{
    if (health == NULL || health->struct_size < sizeof health->struct_size)
        return hc__fail(err, HC_ERR_INVALID, "health", "set struct_size: use HC_HEALTH_INIT");
    return as_call(client, health_of, health, err);
}

hc_status hc_client_run(hc_client *client, int64_t budget, int64_t *out_done, hc_error *err)
{
    hc__upkeep upkeep = {budget, 0};
    hc_status status;

    if (out_done != NULL)
        *out_done = 0;
    if (budget < 0 || budget > 3600 * HC__SECOND)
        return hc__fail(err, HC_ERR_INVALID, "budget", "0 to 3,600,000,000 microseconds");
    status = as_call(client, hc__upkeep_run, &upkeep, err);
    if (out_done != NULL && status >= 0)
        *out_done = upkeep.done;
    return status;
}
