#include "client/documents.h"
#include "client/relay.h"

#include <string.h>

#include "homeconnect/version.h"

#define MIGRATE_WAIT (600 * HC__SECOND)
#define QUICK        (HC__SECOND / 2)
#define AWAY         (30 * HC__SECOND) /* see hc__documents_away() */

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
    core->documents_migrate = migrate;
    status = renamed(hc__store_open(&core->documents, &core->mem, &own, err), err);
    return status < 0 ? status : hc__relay_open(core, err);
}

void hc__documents_close(hc__core *core)
{
    hc__relay_close(core);
    hc__store_close(core->documents);
    core->documents = NULL;
}

void hc__documents_abandon(hc__core *core)
{
    hc__relay_close(core);
    hc__store_abandon(core->documents);
    core->documents = NULL;
}

static hc_status migrate(hc__core *core, int64_t patience, int64_t deadline, hc_error *err)
{
    hc_status status = renamed(hc__store_migrate_within(core->documents, patience, deadline, err), err);

    if (status >= 0)
        atomic_store(&core->documents_ready, true);
    return status;
}

hc_status hc__documents_migrate(hc__core *core, int64_t deadline, hc_error *err)
{
    return migrate(core, deadline, deadline, err);
}

/* Two threads may do it at once: the store lets one do the work. A look ends with the hurry of the call, and so does
 * the wait for somebody else's migration, who may have been killed in it; one that has begun goes on past it. */
hc_status hc__documents_ready(hc__core *core, int64_t deadline, hc_error *err)
{
    hc_error why;
    int32_t version;
    hc_status status;

    if (atomic_load_explicit(&core->documents_ready, memory_order_acquire))
        return HC_OK;
    status = renamed(hc__store_check_schema(core->documents, &version, deadline, &why), &why);
    if (status == HC_ERR_SCHEMA && version < hc_schema_version() && core->documents_migrate == HC_MIGRATE_AUTO)
        return migrate(core, deadline, hc__os_monotonic() + MIGRATE_WAIT, err);
    if (status >= 0)
        atomic_store(&core->documents_ready, true);
    else if (err != NULL)
        *err = why;
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

bool hc__documents_away(const hc__core *core)
{
    return hc__os_monotonic() < atomic_load_explicit(&core->documents_retry, memory_order_relaxed);
}

/* Silence tells of the store where a write met it: a read may ask for much. */
static void note_answer(hc__core *core, const hc_batch *batch, hc_status status)
{
    bool away = status == HC_ERR_UNAVAILABLE || (status == HC_ERR_TIMEOUT && batch->ops[0].verb < HC_VERB_QUERY);

    if (away)
        atomic_store(&core->documents_retry, hc__os_monotonic() + AWAY);
    else if (status >= 0 && atomic_load_explicit(&core->documents_retry, memory_order_relaxed) != 0)
        atomic_store(&core->documents_retry, 0);
}

/* What failed slowly was looked for already: only a connection that was dead all along is worth another try. */
static hc_status try_twice(hc_session *as, hc_batch *batch, const struct giving *giving, hc_error *err)
{
    int64_t began = hc__os_monotonic(), now;
    hc_status status = try_once(as, batch, err);

    now = hc__os_monotonic();
    if (status == HC_ERR_UNAVAILABLE && !giving->gave && now - began < QUICK && now < as->deadline &&
        hc__documents_may_answer(as->core))
        status = try_once(as, batch, err);
    return status;
}

hc_status hc__documents_run(hc_session *as, hc_batch *batch, hc_error *err)
{
    struct giving giving = {batch->on_row, batch->data, false};
    hc_status status = hc__documents_ready(as->core, as->deadline, err);
    bool ready = status >= 0;

    if (ready) {
        batch->on_row = pass_on;
        batch->data = &giving;
        status = try_twice(as, batch, &giving, err);
        batch->on_row = giving.on_row;
        batch->data = giving.data;
    }
    note_answer(as->core, batch, !ready && status == HC_ERR_BUSY ? HC_ERR_UNAVAILABLE : status);
    return status;
}
