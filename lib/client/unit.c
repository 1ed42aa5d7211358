#include "client/unit_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/bug.h"
#include "client/alive.h"
#include "client/audit.h"
#include "client/audit_chain.h"
#include "client/hybrid.h"
#include "client/numbering.h"
#include "client/replica.h"

#define RERUNS      5 /* that the engine asks for */
#define LOST_RERUNS 2 /* because the connection died, and another one may live */
#define FIRST_OPS   16
#define FIRST_PAUSE (2 * 1000)

/* The core whose unit runs on this thread, so that another session of it can be refused instead of waiting for itself.
 */
static _Thread_local const hc__core *inside;

bool hc__unit_on_this_thread(const hc__core *core)
{
    return inside == core;
}

hc__arena *hc__unit_arena(hc__unit *unit)
{
    return &unit->arena;
}

hc_session *hc__unit_session(hc__unit *unit)
{
    return unit->as;
}

int64_t hc__unit_now(const hc__unit *unit)
{
    return unit->now;
}

int64_t hc__session_now(const hc_session *as)
{
    return as->unit != NULL ? as->unit->now : hc__core_now(as->core);
}

void hc__unit_doom(hc__unit *unit, hc_status status)
{
    if (unit->doomed < 0 || hc__bug("goes-on-without-memory"))
        return;
    unit->doomed = status;
    hc__fail(&unit->reason, status, NULL, status == HC_ERR_NO_MEMORY ? "out of memory" : "a row was not sound");
}

/* Keeps the first failure: later calls answer ABORTED, and the commit is refused with it. */
static hc_status doom(hc__unit *unit, hc_status status, const hc_error *why, hc_error *err)
{
    if (unit->doomed >= 0) {
        unit->doomed = status;
        unit->reason = *why;
    }
    if (err != NULL)
        *err = *why;
    return status;
}

hc_status hc__unit_id(hc__unit *unit, hc_id *out)
{
    hc_error why;
    hc_status status = hc__id_make(out, unit->now, &why);

    return status < 0 ? doom(unit, status, &why, NULL) : HC_OK;
}

hc_status hc__unit_rerun(hc__unit *unit, hc_error *err)
{
    hc_error why;
    hc_status status = hc__fail(&why, HC_ERR_BUSY, NULL, "others changed the same rows");

    unit->rerun = true;
    return doom(unit, status, &why, err);
}

void hc__unit_unversioned(hc__unit *unit)
{
    unit->unversioned = true;
}

hc_status hc__unit_check(const hc__unit *unit, hc_error *err)
{
    if (unit->doomed >= 0)
        return HC_OK;
    return hc__fail(err, HC_ERR_ABORTED, NULL, "the unit of work failed before: %s", unit->reason.message);
}

hc_status hc__unit_refuse(hc_session *as, hc_status status, const hc_error *why, hc_error *err)
{
    if (as->unit != NULL)
        return doom(as->unit, status, why, err);
    if (err != NULL)
        *err = *why;
    return status;
}

/* A body that met ABORTED because of what it added itself fails with that. */
static hc_status first_failure(const hc__unit *unit, hc_status status, hc_error *err)
{
    if (status != HC_ERR_ABORTED || unit->doomed >= 0)
        return status;
    *err = unit->reason;
    return unit->doomed;
}

static const char *noun_of(const hc_kind *kind)
{
    for (size_t i = 0; i < hc__entity_count; i++)
        if (&hc__entities[i]->kind == kind)
            return hc__entities[i]->noun;
    return kind->name;
}

/* What a host calls a field: a *_norm is how another one is compared. */
static void plain_name(char out[64], const hc_field *field)
{
    static const char norm[] = "_norm";
    size_t size = strlen(field->name), end = sizeof norm - 1;

    if (size > end && strcmp(field->name + size - end, norm) == 0)
        size -= end;
    snprintf(out, 64, "%.*s", (int)size, field->name);
}

/* A unique index that refused, in words of the interface: the same on every engine. */
static hc_status tell_taken(hc_error *why, const hc_batch *batch)
{
    static const uint16_t id[] = {0};
    const hc_kind *kind = batch->ops[batch->failed_op].kind;
    bool indexed = batch->fault_index >= 0;
    const uint16_t *fields = indexed ? kind->indexes[batch->fault_index].fields : id;
    uint32_t count = indexed ? kind->indexes[batch->fault_index].field_count : 1;
    int32_t native = why->native;
    char first[64], next[64], names[200];
    size_t used;

    plain_name(first, &kind->fields[fields[0]]);
    used = (size_t)snprintf(names, sizeof names, "%s", first);
    for (uint32_t i = 1; i < count && used < sizeof names; i++) {
        plain_name(next, &kind->fields[fields[i]]);
        used += (size_t)snprintf(names + used, sizeof names - used, " and %s", next);
    }
    hc__fail(why, HC_ERR_CONFLICT, first, "another %s has this %s", noun_of(kind), names);
    why->native = native;
    return HC_ERR_CONFLICT;
}

/* Whether it matters if the commit took place. */
static bool is_proved(const hc__unit *unit)
{
    return unit->wrote && !unit->repeatable;
}

bool hc__unit_is_remote(const hc__unit *unit)
{
    return (hc__store_driver(unit->as->core->store)->capabilities & HC_CAP_ONE_WRITER) == 0;
}

bool hc__unit_takes_long_lists(const hc__unit *unit)
{
    return (hc__store_driver(unit->as->core->store)->capabilities & HC_CAP_LONG_LISTS) != 0;
}

/* The transaction failed before the sign-in was seen alive, and that may be why; who is not signed in is told nothing
 * else. */
static hc_status if_alive(hc__unit *unit, hc_status status, hc_error *why)
{
    hc_error dead;

    if (!hc__store_usable_after(status) || status == HC_ERR_CANCELLED || unit->rerun)
        return status;
    unit->to_check = false;
    if (hc__session_check(unit->as, &unit->lease, 0, &dead) != HC_ERR_UNAUTHENTICATED)
        return status;
    *why = dead;
    return dead.status;
}

/* The first batch also finds out whether the sign-in is alive. Where the commit goes with it, the engine must be able
 * to refuse that by itself. */
static hc_status run_asking(hc__unit *unit, hc_batch *batch, hc_error *why)
{
    bool commits = (batch->flags & HC_BATCH_COMMIT) != 0, able = true;
    hc__asking asking;
    hc_status status = HC_OK;

    hc__asking_init(&asking, unit->as, batch);
    if (!commits)
        status = hc__asking_also(&asking, &unit->arena, why);
    else if (!hc__unit_is_remote(unit))
        able = false;
    else
        status = hc__asking_in_write(&asking, &able, &unit->arena, why);
    if (status >= 0 && !able) {
        unit->to_check = false;
        status = hc__session_check(unit->as, &unit->lease, HC_BATCH_BEGIN, why);
        asking.batch.flags &= ~HC_BATCH_BEGIN;
    }
    if (status >= 0)
        status = hc__session_run(unit->as, &unit->lease, &asking.batch, why);
    hc__asking_tell(&asking, batch);
    if (status < 0 && unit->to_check && batch->fault != HC_FAULT_RERUN) {
        status = if_alive(unit, status, why);
        batch->fault = status == HC_ERR_UNAUTHENTICATED ? HC_FAULT_NONE : batch->fault;
    } else if (status >= 0 && unit->to_check) {
        unit->to_check = false;
        status = hc__asking_proved(&asking) ? status : hc__sign_in_ended(why);
    }
    return status;
}

/* One batch in the transaction. The driver rolls back when it fails. */
static hc_status run(hc__unit *unit, hc_batch *batch, hc_error *err)
{
    hc_error why;
    hc_status status = hc__unit_check(unit, err);

    if (status < 0)
        return status;
    if (unit->to_begin)
        batch->flags |= HC_BATCH_BEGIN;
    status = unit->to_check ? run_asking(unit, batch, &why) : hc__session_run(unit->as, &unit->lease, batch, &why);
    unit->unique = HC_INDEX_ANY;
    if (status < 0) {
        unit->lost = status == HC_ERR_UNAVAILABLE && hc__unit_is_remote(unit) &&
                     ((why.flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_NO || !is_proved(unit));
        unit->rerun = batch->fault == HC_FAULT_RERUN || (batch->fault == HC_FAULT_EXPECT && unit->unversioned);
        if (batch->fault == HC_FAULT_UNIQUE)
            unit->unique = batch->fault_index;
        if (unit->unique != HC_INDEX_ANY && batch->failed_op < batch->op_count)
            status = tell_taken(&why, batch);
        if (batch->fault == HC_FAULT_EXPECT)
            status = hc__fail(&why, HC_ERR_CONFLICT, "version", "the row was changed meanwhile");
        return doom(unit, status, &why, err);
    }
    unit->to_begin = false;
    return HC_OK;
}

/* A seeded bug: commits the change before its event and history. */
static hc_status commit_too_early(hc__unit *unit, hc_error *err)
{
    hc_batch batch = {.flags = HC_BATCH_COMMIT, .ops = unit->ops, .op_count = 1};
    hc_status status = run(unit, &batch, err);

    unit->ops++;
    unit->count--;
    unit->to_begin = true;
    return status;
}

static hc_status take_last(const hc_row *row, void *data, hc_error *err)
{
    (void)err;
    *(int64_t *)data = row->values[0].as.integer;
    return HC_OK;
}

/* Events that were added get the next numbers: nobody else commits before this unit does. */
static hc_status number_events(hc__unit *unit, hc_error *err)
{
    hc_op op = hc__events_last(&unit->arena);
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take_last, .data = &unit->seq};
    hc_status status = HC_OK;

    if (!unit->seq_known) {
        unit->seq = 0;
        status = op.where == NULL ? hc__no_memory(err) : run(unit, &batch, err);
        unit->seq_known = status >= 0;
    }
    for (hc__unnumbered *at = unit->unnumbered; status >= 0 && at != NULL; at = at->next)
        at->seq->as.integer = ++unit->seq;
    unit->unnumbered = NULL;
    unit->last_unnumbered = &unit->unnumbered;
    return status;
}

static hc_status write_added(hc__unit *unit, uint32_t flags, hc_error *err)
{
    hc_batch batch = {.flags = flags};

    if (unit->unnumbered != NULL && unit->doomed >= 0 && number_events(unit, err) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return unit->doomed;
    }

    if (hc__bug("commit-before-history") && (flags & HC_BATCH_COMMIT) != 0 && unit->count > 1 &&
        commit_too_early(unit, err) < 0)
        return unit->doomed;
    batch.ops = unit->ops;
    batch.op_count = unit->count;
    if (unit->doomed >= 0 && unit->count == 0 && ((flags & HC_BATCH_COMMIT) == 0 || !unit->lease.in_transaction))
        return HC_OK;
    unit->count = 0;
    return run(unit, &batch, err);
}

hc_status hc__unit_execute(hc__unit *unit, hc_batch *batch, hc_error *err)
{
    hc_status status;

    if (hc__hybrid_concerns(unit->as->core, batch->ops, batch->op_count))
        return hc__hybrid_execute(unit->as, unit, batch, err);
    status = write_added(unit, 0, err);
    batch->flags = 0;
    unit->to_check |= unit->gives;
    return status < 0 ? status : run(unit, batch, err);
}

hc_status hc__unit_give(hc__unit *unit, hc_batch *batch, hc_error *err)
{
    hc_status status;

    unit->gives = unit->asks_again;
    status = hc__unit_execute(unit, batch, err);
    unit->gives = false;
    return status;
}

hc_status hc__unit_read(hc__unit *unit, const hc_op *ops, size_t count, hc_row_fn on_row, void *data, hc_error *err)
{
    hc_batch batch = {.ops = ops, .op_count = count, .on_row = on_row, .data = data};

    return hc__unit_execute(unit, &batch, err);
}

static bool grow(hc__unit *unit)
{
    size_t capacity = unit->capacity == 0 ? FIRST_OPS : unit->capacity * 2;
    hc_op *ops = hc__arena_zero(&unit->arena, capacity, sizeof *ops);

    if (ops == NULL)
        return false;
    if (unit->count > 0)
        memcpy(ops, unit->ops, unit->count * sizeof *ops);
    unit->ops = ops;
    unit->capacity = capacity;
    return true;
}

void hc__unit_add(hc__unit *unit, const hc_op *op)
{
    if (unit->doomed < 0)
        return;
    if (op != NULL && hc__hybrid_concerns(unit->as->core, op, 1)) {
        hc__hybrid_append(unit, op);
        return;
    }
    if (op == NULL || (unit->count == unit->capacity && !grow(unit))) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    unit->ops[unit->count++] = *op;
    unit->wrote = true;
    unit->wrote_listings = unit->wrote_listings || op->kind == &hc__property_entity.kind;
}

bool hc__unit_wrote_listings(const hc__unit *unit)
{
    return unit->wrote_listings;
}

void hc__unit_repeatable(hc__unit *unit)
{
    unit->repeatable = true;
}

void hc__unit_ends_sign_ins(hc__unit *unit, hc_id user)
{
    if (hc__id_equal(unit->as->user, user))
        unit->asks_again = false;
}

void hc__unit_note_audit(hc__unit *unit)
{
    unit->wrote_audit = true;
}

hc_status hc__unit_send(hc__unit *unit, hc_error *err)
{
    return write_added(unit, HC_BATCH_AHEAD, err);
}

hc_status hc__unit_flush(hc__unit *unit, int32_t *index, hc_error *err)
{
    hc_status status = write_added(unit, 0, err);

    if (index != NULL)
        *index = status < 0 ? unit->unique : HC_INDEX_ANY;
    return status;
}

int32_t hc__unit_unique(const hc__unit *unit)
{
    return unit->unique;
}

/* ---- life of one run ---- */

struct body {
    hc__unit_fn fn;
    hc_transact_fn host; /* instead of fn */
    void *data;
    bool checked;
};

/* A host's function does not begin for a sign-in that has ended; our own bodies ask with their first batch. */
static hc_status begin(hc__unit *unit, hc_session *as, const struct body *body, hc_error *err)
{
    hc_status status;

    unit->as = as;
    unit->lease = (hc__lease){0};
    unit->ops = NULL;
    unit->count = unit->capacity = 0;
    unit->doomed = HC_OK;
    unit->now = hc__core_now(as->core);
    unit->to_begin = true;
    unit->rerun = unit->unversioned = unit->wrote_listings = unit->wrote_audit = false;
    unit->wrote = unit->repeatable = unit->lost = unit->unknown = false;
    unit->proof.entity = NULL;
    unit->seq_known = unit->not_ours = false;
    unit->appends = NULL;
    unit->append_count = unit->append_capacity = 0;
    unit->effects = unit->effect_bytes = 0;
    unit->unnumbered = NULL;
    unit->last_unnumbered = &unit->unnumbered;
    unit->result = HC_OK;
    unit->unique = HC_INDEX_ANY;
    status = hc__session_acquire(as, &unit->lease, HC_CONNECT_WRITE, err);
    if (status < 0)
        return status;
    hc__arena_init(&unit->arena, &as->core->mem, unit->room, sizeof unit->room);
    unit->to_check = body->checked && hc__session_signed_in(as);
    unit->gives = false;
    unit->asks_again = unit->to_check && body->host != NULL && hc__unit_is_remote(unit);
    if (body->host == NULL || !unit->to_check)
        return HC_OK;
    unit->to_check = unit->to_begin = false;
    status = hc__session_check(as, &unit->lease, HC_BATCH_BEGIN, err);
    return status < 0 ? doom(unit, status, err, NULL) : HC_OK;
}

/* The audit rows of this unit are the last in the log once it commits: on engines with several writers that is known
 * only later, by the sealing pass. */
static hc_status seal(hc__unit *unit, hc_error *err)
{
    return unit->wrote_audit && !hc__unit_is_remote(unit) ? hc__audit_seal_all(unit, err) : HC_OK;
}

/* For a unit without an event. */
static void add_proof(hc__unit *unit)
{
    hc_id actor = unit->as->user;
    hc__record row;
    hc_id id;

    if (hc__record_init(&row, &hc__idempotency_entity, &unit->arena, NULL) < 0 || hc__unit_id(unit, &id) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&row, hc__idempotency_f_id, id);
    hc__record_set_id(&row, hc__idempotency_f_actor_id, actor);
    hc__record_set_text(&row, hc__idempotency_f_operation, HC__PROOF_UNIT, strlen(HC__PROOF_UNIT));
    hc__record_set_int(&row, hc__idempotency_f_created_at, unit->now);
    hc__unit_insert(unit, &row);
    unit->proof = (hc__proof){&hc__idempotency_entity, id};
}

/* A sign-in that ended while a host's function ran commits nothing: on an engine with one writer it could not. */
static hc_status ask_again(hc__unit *unit, hc_error *err)
{
    hc_batch batch = {.flags = 0};

    if (!unit->asks_again || !unit->wrote)
        return HC_OK;
    unit->to_check = true;
    return run(unit, &batch, err);
}

static hc_status commit(hc__unit *unit, hc_error *err)
{
    hc_status status = first_failure(unit, ask_again(unit, err), err);

    if (status >= 0)
        status = first_failure(unit, seal(unit, err), err);

    if (status >= 0 && hc__unit_is_remote(unit) && is_proved(unit) && unit->proof.entity == NULL)
        add_proof(unit);
    if (status >= 0)
        status = first_failure(unit, write_added(unit, HC_BATCH_COMMIT, err), err);
    if (unit->wrote)
        hc__replica_wrote(unit->as);
    if (status < 0 && !unit->wrote)
        err->flags &= ~HC_ERROR_WRITTEN_MASK;
    if (status >= 0 && hc__unit_is_remote(unit) && is_proved(unit))
        unit->as->committed = true;
    unit->unknown = status < 0 && !unit->lost && hc__unit_is_remote(unit) && is_proved(unit) &&
                    (err->flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_UNKNOWN;
    return status;
}

/* Commits, or rolls back what is open. */
static hc_status finish(hc__unit *unit, hc_status status, hc_error *err)
{
    hc_batch undo = {.flags = HC_BATCH_ROLLBACK};
    hc_status undone = HC_OK;

    if (status >= 0 && unit->doomed < 0)
        status = first_failure(unit, HC_ERR_ABORTED, err);
    if (status >= 0 && unit->append_count > 0 && unit->wrote) {
        hc_status queued = hc__hybrid_queue(unit, err);
        status = queued < 0 ? queued : status;
    }
    if (unit->to_check && (status < 0 || unit->count == 0) && !unit->rerun) /* no batch has asked */
        status = status < 0 ? if_alive(unit, status, err) : hc__session_check(unit->as, &unit->lease, 0, err);
    if (status >= 0 && unit->append_count == 0) {
        hc_status committed = commit(unit, err);
        unit->result = status;
        status = committed < 0 ? committed : status;
    }
    if (unit->lease.in_transaction)
        undone = hc__session_run(unit->as, &unit->lease, &undo, NULL);
    hc__store_release(unit->as->core->store, &unit->lease,
                      undone >= 0 && (unit->not_ours || hc__store_usable_after(status)));
    if (status >= 0 && unit->append_count > 0) {
        hc_status sent = hc__hybrid_send(unit, err);
        status = sent < 0 ? sent : status;
    }
    hc__arena_free(&unit->arena);
    return status;
}

/* The host's own function: a status of its own may come without a word, and the caller's error may hold an old one. */
static hc_status run_host(hc_session *as, const struct body *body, hc_error *err)
{
    hc_error why = {0};
    hc_status status = body->host(as, body->data, &why);

    if (status >= 0)
        return status;
    if (why.message[0] == '\0')
        hc__fail(&why, status, NULL, "the unit of work was given up");
    why.status = status;
    *err = why;
    return status;
}

static hc_status run_body(hc__unit *unit, const struct body *body, hc_error *err)
{
    hc_session *as = unit->as;
    const hc__core *outside = inside;
    hc_status status;

    inside = as->core;
    if (body->host == NULL) {
        status = first_failure(unit, body->fn(unit, body->data, err), err);
    } else {
        as->unit = unit;
        atomic_store(&as->unit_thread, hc__os_thread());
        status = run_host(as, body, err);
        atomic_store(&as->unit_thread, 0);
        as->unit = NULL;
    }
    inside = outside;
    return status;
}

/* The answer to the commit was lost: finds out what it was. */
static hc_status resolve(hc__unit *unit, hc_status status, hc_error *err)
{
    hc_session *as = unit->as;
    hc_error why = {0};
    bool written;

    hc__core_count(as->core, "unit.unknown", 1);
    if (status == HC_ERR_CANCELLED)
        return status;
    if (hc__outcome_find(&written, as, &unit->proof, &why) < 0) {
        hc__core_log(as->core, HC_LOG_WARN, as->request_id,
                     "the answer to a commit was lost, and whether it was written is not known: %s", why.message);
        return status;
    }
    hc__core_log(as->core, HC_LOG_WARN, as->request_id, "the answer to a commit was lost: it was %swritten",
                 written ? "" : "not ");
    unit->resolved[written]++;
    unit->unknown = false;
    unit->lost = !written;
    err->flags &= ~HC_ERROR_WRITTEN_MASK;
    return written ? unit->result : status;
}

static void tell_resolved(hc__unit *unit)
{
    static const char *const reasons[] = {"the answer to a commit was lost: it was not written",
                                          "the answer to a commit was lost: it was written"};

    for (int i = 0; i < 2; i++)
        if (unit->resolved[i] > 0 && !unit->as->unstoppable) /* else this is the row's own transaction */
            hc__audit_late(unit->as,
                           &(hc__audit){.event = "commit_unknown_resolved", .reason = reasons[i], .result = "ok"});
}

/* Whether to run it all again after run `i`. */
static bool runs_again(const hc__unit *unit, int i)
{
    if (unit->rerun && !hc__bug("no-rerun"))
        return i < RERUNS;
    return unit->lost && i < LOST_RERUNS && hc__os_monotonic() < unit->as->deadline;
}

static hc_status run_once(hc__unit *unit, hc_session *as, const struct body *body, hc_error *err)
{
    hc_status status = begin(unit, as, body, err);

    if (status < 0 && unit->lease.conn == NULL)
        return status;
    if (status >= 0)
        status = run_body(unit, body, err);
    status = finish(unit, status, err);
    if (unit->unknown)
        status = resolve(unit, status, err);
    if (status >= 0 && unit->effects > 0)
        hc__hybrid_committed(unit);
    return status;
}

/* Runs the body, again from the start as long as the engine asks for it. */
static hc_status run_all(hc_session *as, const struct body *body, hc_error *err)
{
    hc_error scratch;
    hc_error *why = err == NULL ? &scratch : err;
    hc__unit *unit = hc__alloc(&as->core->mem, sizeof *unit);
    char key[sizeof as->key];
    size_t late = hc__late_count(as);
    hc_status status = HC_OK;

    if (unit == NULL)
        return hc__no_memory(err);
    memcpy(key, as->key, sizeof key); /* the body's first call uses it up, in each run */
    unit->resolved[0] = unit->resolved[1] = 0;
    for (int i = 0;; i++) {
        memcpy(as->key, key, sizeof key);
        status = run_once(unit, as, body, why);
        if (unit->rerun || unit->lost)
            hc__core_count(as->core, "unit.rerun", 1);
        if (unit->rerun)
            status =
                hc__fail(why, HC_ERR_BUSY, NULL, "the unit of work was run %d times and met others each time", i + 1);
        if (!runs_again(unit, i))
            break;
        hc__late_keep(as, late);
        hc__os_sleep((FIRST_PAUSE << i) + (int64_t)(hc__os_thread() % 1000));
    }
    tell_resolved(unit);
    hc__free(&as->core->mem, unit);
    return status;
}

/* A call that runs in the host's unit: a write that fails dooms it. */
static hc_status join(hc__unit *unit, hc__unit_fn fn, void *data, hc_error *err)
{
    hc_error why;
    hc_status status = fn(unit, data, &why);

    if (status >= 0) {
        hc_status written = write_added(unit, 0, &why);
        status = written < 0 ? written : status;
    }
    unit->unversioned = false; /* the host's next call may bring a version */
    status = first_failure(unit, status, &why);
    return status < 0 ? doom(unit, status, &why, err) : status;
}

hc_status hc__unit_run(hc_session *as, hc__unit_fn fn, void *data, hc_error *err)
{
    struct body body = {fn, NULL, data, true};

    return as->unit != NULL ? join(as->unit, fn, data, err) : run_all(as, &body, err);
}

hc_status hc__unit_run_unchecked(hc_session *as, hc__unit_fn fn, void *data, hc_error *err)
{
    struct body body = {fn, NULL, data, false};

    return run_all(as, &body, err);
}

hc_status hc_session_transact(hc_session *as, hc_transact_fn fn, void *data, hc_error *err)
{
    struct body body = {NULL, fn, data, true};
    hc_status status;

    if (fn == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "fn", "NULL");
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    if (as->unit != NULL)
        return hc__fail(err, HC_ERR_MISUSE, "session", "a unit of work is open on this session already");
    status = run_all(as, &body, err);
    hc__leave(as);
    return status;
}
