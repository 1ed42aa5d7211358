#include "client/documents.h"

#include <string.h>

#define WRITERS      256
#define MIGRATE_WAIT (600 * HC__SECOND)

/* Units with effects that were committed, and how many of them are known to be delivered. */
struct writer {
    atomic_uint wrote, settled;
};

struct hc__documents {
    struct writer writers[WRITERS]; /* who share one wait for each other's effects */
};

/* Storage speaks of the store that it knows one of. */
static hc_status renamed(hc_status status, hc_error *err)
{
    if (status < 0 && err != NULL && strcmp(err->field, "storage_uri") == 0)
        memcpy(err->field, "document_uri", sizeof "document_uri");
    return status;
}

hc_status hc__documents_open(hc__core *core, const hc__store_options *options, const char *uri, int32_t migrate,
                             hc_error *err)
{
    hc__store_options own = *options;
    hc_status status;

    own.uri = uri;
    own.documents = true;
    core->documents_state = hc__alloc_zero(&core->mem, 1, sizeof *core->documents_state);
    if (core->documents_state == NULL)
        return hc__no_memory(err);
    core->documents_migrate = migrate;
    status = hc__store_open(&core->documents, &core->mem, &own, err);
    return renamed(status, err);
}

static void forget(hc__core *core)
{
    hc__free(&core->mem, core->documents_state);
    core->documents_state = NULL;
    core->documents = NULL;
}

void hc__documents_close(hc__core *core)
{
    hc__store_close(core->documents);
    forget(core);
}

void hc__documents_abandon(hc__core *core)
{
    hc__store_abandon(core->documents);
    forget(core);
}

hc_status hc__documents_migrate(hc__core *core, int64_t deadline, hc_error *err)
{
    hc_status status = renamed(hc__store_migrate(core->documents, deadline, err), err);

    if (status >= 0)
        atomic_store(&core->documents_ready, true);
    return status;
}

/* Two threads may do it at once: the store lets one do the work. */
static hc_status make_ready(hc__core *core, int64_t deadline, hc_error *err)
{
    int32_t version;
    hc_status status;

    if (atomic_load_explicit(&core->documents_ready, memory_order_acquire))
        return HC_OK;
    if (core->documents_migrate == HC_MIGRATE_AUTO) /* a migration goes on past the hurry of one call */
        return hc__documents_migrate(core, hc__os_monotonic() + MIGRATE_WAIT, err);
    status = renamed(hc__store_check_schema(core->documents, &version, deadline, err), err);
    if (status >= 0)
        atomic_store(&core->documents_ready, true);
    return status;
}

bool hc__documents_may_answer(const hc__core *core)
{
    return !hc__store_is_out(core->documents);
}

/* What a batch gives goes on to its owner. */
struct giving {
    hc_row_fn on_row;
    void *data;
    bool gave;
};

static hc_status pass_on(const hc_row *row, void *data, hc_error *err)
{
    struct giving *giving = data;

    giving->gave = true;
    return giving->on_row == NULL ? HC_OK : giving->on_row(row, giving->data, err);
}

static hc_status try_once(hc_session *as, hc_batch *batch, hc_error *err)
{
    hc__store *store = as->core->documents;
    hc__lease lease;
    hc_status status = hc__session_acquire_of(as, store, &lease, HC_CONNECT_WRITE, err);

    if (status < 0)
        return status;
    status = hc__session_run_on(as, hc__store_driver(store), &lease, batch, err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    return status;
}

hc_status hc__documents_run(hc_session *as, hc_batch *batch, hc_error *err)
{
    struct giving giving = {batch->on_row, batch->data, false};
    hc_status status = make_ready(as->core, as->deadline, err);

    if (status < 0)
        return status;
    batch->on_row = pass_on;
    batch->data = &giving;
    status = try_once(as, batch, err);
    if (status == HC_ERR_UNAVAILABLE && !giving.gave && hc__documents_may_answer(as->core) &&
        hc__os_monotonic() < as->deadline)
        status = try_once(as, batch, err);
    batch->on_row = giving.on_row;
    batch->data = giving.data;
    return status;
}

/* ---- who waits for effects ---- */

static struct writer *writer_of(const hc_session *as)
{
    return &as->core->documents_state->writers[hc__session_signed_in(as) ? as->user.bytes[15] : as->peer[0]];
}

void hc__documents_wrote(const hc_session *as)
{
    atomic_fetch_add(&writer_of(as)->wrote, 1);
}

bool hc__documents_pending(const hc_session *as, uint32_t *mark)
{
    struct writer *writer = writer_of(as);

    *mark = atomic_load(&writer->wrote);
    return atomic_load(&writer->settled) != *mark;
}

void hc__documents_settled(const hc_session *as, uint32_t mark)
{
    atomic_store(&writer_of(as)->settled, mark);
}
