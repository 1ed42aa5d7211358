#include "client/replica.h"

#include <string.h>

#include "base/bug.h"
#include "client/alive.h"
#include "client/hybrid.h"
#include "client/unfinished.h"

#define PATIENCE HC__SECOND /* for a connection */
#define WRITERS  256        /* who share one are each held to the later commit */

/* A position that the first server had reached at `at`, monotonic. */
struct mark {
    uint64_t position;
    int64_t at;
};

/* The last commit of some users: behind `known` once `seen` equals `commits`. */
struct writer {
    uint32_t commits, seen;
    uint64_t known;
};

struct hc__replica {
    hc__store *store;
    hc__mutex lock; /* of all below */
    bool asking;
    bool told;          /* why positions cannot be compared */
    int64_t idle_until; /* the first server has none */
    struct mark newest, before;
    bool home_known;
    hc_id home; /* which store it is a replica of */
    struct writer writers[WRITERS];
    struct {
        uint32_t generation;
        bool foreign; /* another store is there */
        uint64_t position;
    } reached[HC__POOL_LIMIT]; /* by each connection's server */
};

static struct writer *writer_of(struct hc__replica *replica, const hc_session *as)
{
    return &replica->writers[hc__session_signed_in(as) ? as->user.bytes[15] : as->peer[0]];
}

static bool serves(const hc_storage_driver *driver, const char *uri)
{
    size_t size = strcspn(uri, ":");

    for (const char *at = driver->schemes; *at != '\0'; at += strspn(at, " ")) {
        size_t word = strcspn(at, " ");

        if (word == size && memcmp(at, uri, size) == 0)
            return true;
        at += word;
    }
    return false;
}

hc_status hc__replica_open(hc__core *core, const hc__store_options *options, const char *uri, hc_error *err)
{
    const hc_storage_driver *driver = hc__store_driver(core->store);
    hc__store_options own = *options;
    struct hc__replica *replica;
    hc_status status;

    if (driver->struct_size < offsetof(hc_storage_driver, backup) || driver->position == NULL)
        return hc__fail(err, HC_ERR_UNSUPPORTED, "read_uri", "the %s driver has no replicas", driver->name);
    if (!serves(driver, uri))
        return hc__fail(err, HC_ERR_INVALID, "read_uri", "not of the same kind of store as storage_uri");
    replica = hc__alloc_zero(&core->mem, 1, sizeof *replica);
    if (replica == NULL || !hc__mutex_init(&replica->lock)) {
        hc__free(&core->mem, replica);
        return hc__no_memory(err);
    }
    own.uri = uri;
    own.reads_only = true;
    status = hc__store_open(&replica->store, &core->mem, &own, err);
    if (status < 0 && err != NULL && strcmp(err->field, "storage_uri") == 0)
        memcpy(err->field, "read_uri", sizeof "read_uri");
    core->replica = replica;
    return status;
}

static void forget(hc__core *core)
{
    hc__mutex_free(&core->replica->lock);
    hc__free(&core->mem, core->replica);
    core->replica = NULL;
}

void hc__replica_close(hc__core *core)
{
    if (core->replica == NULL)
        return;
    hc__store_close(core->replica->store);
    forget(core);
}

void hc__replica_abandon(hc__core *core)
{
    if (core->replica == NULL)
        return;
    hc__store_abandon(core->replica->store);
    hc__free(&core->mem, core->replica);
    core->replica = NULL;
}

void hc__replica_wrote(const hc_session *as)
{
    struct hc__replica *replica = as->core->replica;

    if (replica == NULL)
        return;
    hc__lock(&replica->lock);
    writer_of(replica, as)->commits++;
    hc__unlock(&replica->lock);
}

/* ---- how far a replica must have come ---------------------------------------------------------------------------- */

/* HC_ERR_UNSUPPORTED is the administrator's to end. */
static void tell_once(struct hc__replica *replica, const hc_session *as, const hc_error *why)
{
    bool told;

    hc__lock(&replica->lock);
    told = replica->told;
    replica->told = true;
    hc__unlock(&replica->lock);
    if (!told)
        hc__core_log(as->core, HC_LOG_WARN, NULL, "read_uri is of no use: %s", why->message);
}

/* Once. */
static hc_status know_home(struct hc__replica *replica, const hc_storage_driver *driver, void *conn, int64_t deadline)
{
    bool known, found;
    hc_status status;
    hc_id id;

    hc__lock(&replica->lock);
    known = replica->home_known;
    hc__unlock(&replica->lock);
    if (known)
        return HC_OK;
    status = hc__store_head(&id, &found, driver, conn, deadline, NULL);
    hc__lock(&replica->lock);
    replica->home_known = found;
    replica->home = id;
    hc__unlock(&replica->lock);
    return status;
}

static hc_status ask_first(uint64_t *out, hc_session *as)
{
    const hc_storage_driver *driver = hc__store_driver(as->core->store);
    hc__lease lease;
    hc_error why;
    hc_status status = hc__session_acquire(as, &lease, HC_CONNECT_READ, NULL);

    if (status < 0)
        return status;
    status = know_home(as->core->replica, driver, lease.conn, as->deadline);
    if (status >= 0)
        status = driver->position(lease.conn, as->deadline, out, &why);
    hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    if (status == HC_ERR_UNSUPPORTED)
        tell_once(as->core->replica, as, &why);
    return status;
}

/* A new connection: positions of another store's log say nothing, and its rows are not ours. */
static bool is_home(const hc_session *as, const hc__lease *lease, int64_t deadline, bool *fit)
{
    struct hc__replica *replica = as->core->replica;
    hc_error why = {0};
    bool found, foreign, known;
    hc_id id;
    hc_status status = hc__store_head(&id, &found, hc__store_driver(replica->store), lease->conn, deadline, &why);

    *fit = hc__store_usable_after(status);
    hc__lock(&replica->lock);
    known = replica->home_known && found;
    foreign = known && memcmp(id.bytes, replica->home.bytes, sizeof id) != 0;
    if (known) {
        replica->reached[lease->slot].generation = lease->generation;
        replica->reached[lease->slot].position = 0;
        replica->reached[lease->slot].foreign = foreign;
    }
    hc__unlock(&replica->lock);
    if (foreign) {
        (void)hc__fail(&why, HC_ERR_INVALID, "read_uri", "it names another store than storage_uri");
        tell_once(replica, as, &why);
    }
    return known && !foreign;
}

/* Whoever finds that the newest mark gets old, or that its own commits are behind no known position, asks. */
static bool find_mark(struct hc__replica *replica, hc_session *as)
{
    struct writer *writer = writer_of(replica, as);
    int64_t now = hc__os_monotonic();
    uint64_t position = 0;
    uint32_t commits;
    bool wrote, ask, able;
    hc_status status;

    hc__lock(&replica->lock);
    commits = writer->commits;
    wrote = writer->seen != commits;
    able = now >= replica->idle_until;
    ask = able && (wrote || (!replica->asking && now - replica->newest.at >= HC__REPLICA_LAG / 2));
    replica->asking = replica->asking || ask;
    hc__unlock(&replica->lock);
    if (!ask)
        return able;
    status = ask_first(&position, as);
    able = status >= 0;
    hc__lock(&replica->lock);
    replica->asking = false;
    replica->idle_until = status == HC_ERR_UNSUPPORTED ? now + HC__SECOND : 0;
    if (able && now - replica->newest.at >= HC__REPLICA_LAG / 2) {
        replica->before = replica->newest;
        replica->newest = (struct mark){position, now};
    }
    if (able && wrote) {
        writer->known = position > writer->known ? position : writer->known;
        if ((int32_t)(commits - writer->seen) > 0)
            writer->seen = commits;
    }
    hc__unlock(&replica->lock);
    return able;
}

/* False: the first server must be asked, because it is not known. */
static bool needed(uint64_t *out, struct hc__replica *replica, hc_session *as)
{
    struct writer *writer = writer_of(replica, as);
    struct mark mark;
    int64_t now;
    bool known;

    *out = 0;
    if (hc__bug("replica-is-never-late"))
        return true;
    if (!find_mark(replica, as))
        return false;
    hc__lock(&replica->lock);
    now = hc__os_monotonic();
    mark = now - replica->before.at <= HC__REPLICA_LAG ? replica->before : replica->newest;
    known = now - mark.at <= HC__REPLICA_LAG && writer->seen == writer->commits;
    *out = mark.position > writer->known ? mark.position : writer->known;
    hc__unlock(&replica->lock);
    return known;
}

/* *fit: whether the connection may be used again. */
static bool has_reached(const hc_session *as, const hc__lease *lease, uint64_t position, int64_t deadline, bool *fit)
{
    struct hc__replica *replica = as->core->replica;
    const hc_storage_driver *driver = hc__store_driver(replica->store);
    uint64_t now = 0;
    hc_error why;
    hc_status status;
    bool known, foreign, reached;

    *fit = true;
    hc__lock(&replica->lock);
    known = replica->reached[lease->slot].generation == lease->generation;
    foreign = known && replica->reached[lease->slot].foreign;
    reached = known && replica->reached[lease->slot].position >= position;
    hc__unlock(&replica->lock);
    if (foreign || (!known && !is_home(as, lease, deadline, fit)))
        return false;
    if (reached)
        return true;
    status = driver->position(lease->conn, deadline, &now, &why);
    *fit = hc__store_usable_after(status);
    if (status == HC_ERR_UNSUPPORTED)
        tell_once(replica, as, &why);
    if (status < 0)
        return false;
    hc__lock(&replica->lock);
    replica->reached[lease->slot].position = now;
    hc__unlock(&replica->lock);
    return now >= position;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Of the sign-in only the first server knows the latest: alive now, alive when the rows were read. */
static hc_status check_first(hc_session *as, hc_error *err)
{
    hc__lease lease;
    hc_status status;

    if (!hc__session_signed_in(as))
        return HC_OK;
    status = hc__session_acquire(as, &lease, HC_CONNECT_READ, err);
    if (status < 0)
        return status;
    status = hc__session_check(as, &lease, 0, err);
    hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    return status;
}

/* *answered is false when the first server is to be asked instead. */
static hc_status try_replica(bool *answered, hc_batch *batch, hc_session *as, hc_error *err)
{
    struct hc__replica *replica = as->core->replica;
    int64_t now = hc__os_monotonic(), whole = as->deadline;
    int64_t patience = now + PATIENCE < whole ? now + PATIENCE : whole;
    uint64_t position;
    hc__asking asking;
    hc_error why = {0};
    hc__lease lease;
    hc_status status;
    bool fit;

    *answered = false;
    if ((hc__session_signed_in(as) && !as->role_known) || !needed(&position, replica, as))
        return HC_OK;
    status = hc__store_acquire(&lease, replica->store, HC_CONNECT_READ, patience,
                               as->unstoppable ? NULL : &as->interrupted, &why);
    if (status == HC_ERR_INVALID) /* no time will mend it */
        tell_once(replica, as, &why);
    if (status < 0)
        return HC_OK;
    if (!has_reached(as, &lease, position, patience, &fit)) {
        hc__store_release(replica->store, &lease, fit);
        return HC_OK;
    }
    hc__asking_init(&asking, as, batch);
    as->deadline = now + (whole - now) / 2; /* should it fall silent, the first server has the other half */
    status = hc__session_run(as, &lease, &asking.batch, err);
    as->deadline = whole;
    hc__store_release(replica->store, &lease, hc__store_usable_after(status));
    *answered = status >= 0 || asking.gave || status == HC_ERR_CANCELLED;
    return status < 0 ? status : check_first(as, err);
}

static hc_status execute_there(hc_batch *batch, hc_session *as, hc_error *err)
{
    hc_error why = {0};
    hc_status status;
    bool answered;

    hc__session_one_snapshot(batch);
    status = try_replica(&answered, batch, as, &why);
    hc__core_count(as->core, answered ? "read.replica" : "read.first", 1);
    if (!answered)
        return hc__session_execute(batch, as, err);
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

hc_status hc__replica_execute(hc_batch *batch, void *data, hc_error *err)
{
    hc_session *as = data;

    if (as->core->replica == NULL || as->unit != NULL || hc__hybrid_concerns(as->core, batch->ops, batch->op_count))
        return hc__session_execute(batch, as, err);
    return execute_there(batch, as, err);
}

hc_status hc__replica_read(hc_session *as, hc_op *op, hc_row_fn on_row, void *data, hc_error *err)
{
    hc_batch batch = {.ops = op, .op_count = 1, .on_row = on_row, .data = data};

    return hc__replica_execute(&batch, as, err);
}
