#include "client/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/bug.h"
#include "client/audit.h"
#include "client/audit_chain.h"

#define RERUNS      5
#define FIRST_OPS   16
#define FIRST_PAUSE (2 * 1000)

struct hc__unit {
    hc_session *as;
    hc__lease lease;
    hc__arena arena;
    hc_op *ops; /* added, not yet written */
    size_t count, capacity;
    hc_status doomed; /* the first failure */
    hc_error reason;  /* of it */
    int64_t now;
    bool to_begin; /* the next batch opens the transaction */
    bool wrote_listings;
    bool wrote_audit;
    bool rerun;         /* the engine asks for the whole unit again */
    bool unversioned;   /* see hc__unit_unversioned() */
    int32_t unique;     /* index that refused last */
    uint8_t room[4096]; /* first part of the arena */
};

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

void hc__unit_doom(hc__unit *unit, hc_status status)
{
    if (unit->doomed < 0)
        return;
    unit->doomed = status;
    hc__fail(&unit->reason, status, NULL, "%s", hc_status_name(status));
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

/* One batch in the transaction. The driver rolls back when it fails. */
static hc_status run(hc__unit *unit, hc_batch *batch, hc_error *err)
{
    hc_error why;
    hc_status status = hc__unit_check(unit, err);

    if (status < 0)
        return status;
    if (unit->to_begin)
        batch->flags |= HC_BATCH_BEGIN;
    status = hc__session_run(unit->as, &unit->lease, batch, &why);
    unit->unique = HC_INDEX_ANY;
    if (status < 0) {
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

static hc_status write_added(hc__unit *unit, uint32_t flags, hc_error *err)
{
    hc_batch batch = {.flags = flags};

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
    hc_status status = write_added(unit, 0, err);

    batch->flags = 0;
    return status < 0 ? status : run(unit, batch, err);
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
    if (op == NULL || (unit->count == unit->capacity && !grow(unit))) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    unit->ops[unit->count++] = *op;
    unit->wrote_listings = unit->wrote_listings || op->kind == &hc__property_entity.kind;
}

bool hc__unit_wrote_listings(const hc__unit *unit)
{
    return unit->wrote_listings;
}

void hc__unit_note_audit(hc__unit *unit)
{
    unit->wrote_audit = true;
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

static hc_status begin(hc__unit *unit, hc_session *as, bool checked, hc_error *err)
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
    unit->unique = HC_INDEX_ANY;
    status = hc__session_acquire(as, &unit->lease, HC_CONNECT_WRITE, err);
    if (status < 0)
        return status;
    hc__arena_init(&unit->arena, &as->core->mem, unit->room, sizeof unit->room);
    if (checked && hc__session_signed_in(as)) {
        status = hc__session_check(as, &unit->lease, HC_BATCH_BEGIN, err);
        unit->to_begin = false;
    }
    return status < 0 ? doom(unit, status, err, NULL) : HC_OK;
}

/* The audit rows of this unit are the last in the log once it commits: on engines with several writers that is known
 * only later, by the sealing pass. */
static hc_status seal(hc__unit *unit, hc_error *err)
{
    const hc_storage_driver *driver = hc__store_driver(unit->as->core->store);

    return unit->wrote_audit && (driver->capabilities & HC_CAP_ONE_WRITER) != 0 ? hc__audit_seal_all(unit, err) : HC_OK;
}

/* Commits, or rolls back what is open. */
static hc_status finish(hc__unit *unit, hc_status status, hc_error *err)
{
    hc_batch undo = {.flags = HC_BATCH_ROLLBACK};
    hc_status undone = HC_OK;

    if (status >= 0 && unit->doomed < 0)
        status = first_failure(unit, HC_ERR_ABORTED, err);
    if (status >= 0) {
        hc_status committed = first_failure(unit, seal(unit, err), err);
        if (committed >= 0)
            committed = write_added(unit, HC_BATCH_COMMIT, err);
        status = committed < 0 ? committed : status;
    }
    if (unit->lease.in_transaction)
        undone = hc__session_run(unit->as, &unit->lease, &undo, NULL);
    hc__arena_free(&unit->arena);
    hc__store_release(unit->as->core->store, &unit->lease, undone >= 0 && hc__store_usable_after(status));
    return status;
}

struct body {
    hc__unit_fn fn;
    hc_transact_fn host; /* instead of fn */
    void *data;
    bool checked;
};

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
    for (int i = 0; i <= RERUNS; i++) {
        memcpy(as->key, key, sizeof key);
        status = begin(unit, as, body->checked, why);
        if (status < 0 && unit->lease.conn == NULL)
            break;
        if (status >= 0)
            status = run_body(unit, body, why);
        status = finish(unit, status, why);
        if (!unit->rerun)
            break;
        hc__core_count(as->core, "unit.rerun", 1);
        status = hc__fail(why, HC_ERR_BUSY, NULL, "the unit of work was run %d times and met others each time", i + 1);
        if (i < RERUNS) {
            hc__late_keep(as, late);
            hc__os_sleep((FIRST_PAUSE << i) + (int64_t)(hc__os_thread() % 1000));
        }
    }
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

/* ---- building ops ---- */

static uint32_t field_count(const hc__record *record)
{
    return record->entity->kind.field_count;
}

/* A row of the library's own is sound, or there was no memory for it. */
static void doom_builder(hc__unit *unit, const hc__record *row)
{
    bool unsound = row->fault < 0 && row->fault != HC_ERR_NO_MEMORY;

    hc__unit_doom(unit, unsound ? HC_ERR_INTERNAL : HC_ERR_NO_MEMORY);
}

static hc_op *insert(hc__unit *unit, const hc__record *row, int32_t verb, const hc_predicate *where,
                     hc_op_result *result)
{
    hc_op *op = hc__arena_zero(&unit->arena, 1, sizeof *op);
    hc_set *sets = hc__arena_alloc(&unit->arena, field_count(row) * sizeof *sets);

    if (op == NULL || sets == NULL || row->fault < 0) {
        doom_builder(unit, row);
        return NULL;
    }
    op->verb = verb;
    op->expect = verb == HC_VERB_INSERT ? 1 : HC_EXPECT_ANY;
    op->where = where;
    op->result = result;
    op->kind = &row->entity->kind;
    op->index = HC_INDEX_ANY;
    op->sets = sets;
    for (uint16_t i = 0; i < field_count(row); i++) {
        const hc_field *field = &op->kind->fields[i];
        /* a default for other programs must not take the place of a null that is meant */
        bool named = field->initial != NULL && (field->flags & HC_FIELD_NULLABLE) != 0;

        if (row->values[i].type != HC_TYPE_NULL || named)
            sets[op->set_count++] = (hc_set){i, HC_SET_TO, 0, row->values[i]};
    }
    hc__unit_add(unit, op);
    return op;
}

hc_op *hc__unit_insert(hc__unit *unit, const hc__record *row)
{
    return insert(unit, row, HC_VERB_INSERT, NULL, NULL);
}

hc_op *hc__unit_insert_where(hc__unit *unit, const hc__record *row, const hc_predicate *where)
{
    return insert(unit, row, HC_VERB_INSERT, where, NULL);
}

hc_op *hc__unit_insert_if_absent(hc__unit *unit, const hc__record *row, hc_op_result *result)
{
    return insert(unit, row, HC_VERB_INSERT_IF_ABSENT, NULL, result);
}

hc_op *hc__unit_update(hc__unit *unit, const hc__record *changes, const hc_predicate *where)
{
    hc_op *op = hc__arena_zero(&unit->arena, 1, sizeof *op);
    hc_set *sets = hc__arena_alloc(&unit->arena, field_count(changes) * sizeof *sets);

    if (op == NULL || sets == NULL || where == NULL || changes->fault < 0) {
        doom_builder(unit, changes);
        return NULL;
    }
    op->verb = HC_VERB_UPDATE_WHERE;
    op->expect = 1;
    op->kind = &changes->entity->kind;
    op->index = HC_INDEX_ANY;
    op->where = where;
    op->sets = sets;
    for (uint16_t i = 0; i < field_count(changes); i++)
        if (hc__record_is_set(changes, i))
            sets[op->set_count++] = (hc_set){i, HC_SET_TO, 0, changes->values[i]};
    hc__unit_add(unit, op);
    return op;
}

struct one_row {
    hc__record *row;
    const uint16_t *fields;
    bool found;
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct one_row *one = data;

    if (!hc__record_fill(one->row, one->fields, row->values, row->count))
        return hc__no_memory(err);
    one->found = true;
    return HC_OK;
}

size_t hc__readable_fields(uint16_t out[HC__FIELD_LIMIT], const hc__entity *entity)
{
    size_t n = 0;

    for (uint16_t i = 0; i < entity->kind.field_count; i++)
        if (entity->kind.fields[i].type != HC_TYPE_TOKENS)
            out[n++] = i;
    return n;
}

hc_status hc__unit_row(hc__unit *unit, hc__record *row, bool *found, const hc__entity *entity,
                       const hc_predicate *where, hc_error *err)
{
    uint16_t fields[HC__FIELD_LIMIT];
    struct one_row one = {row, fields, false};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .where = where,
                .fields = fields,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_status status = where == NULL ? hc__no_memory(err) : hc__record_init(row, entity, &unit->arena, err);

    *found = false;
    if (status < 0)
        return status;
    op.field_count = hc__readable_fields(fields, entity);
    status = hc__unit_read(unit, &op, 1, take_row, &one, err);
    *found = one.found;
    return status;
}

void hc__unit_event(hc__unit *unit, const hc__entity *entity, hc_id target, int32_t change, int32_t version)
{
    hc__record row;
    hc_id id;

    if (hc__record_init(&row, &hc__event_entity, &unit->arena, NULL) < 0 || hc__id_make(&id, unit->now, NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    if (hc__bug("no-event"))
        return;
    hc__record_set_id(&row, hc__event_f_id, id);
    hc__record_set_text(&row, hc__event_f_resource, entity->noun, strlen(entity->noun));
    hc__record_set_id(&row, hc__event_f_resource_id, target);
    hc__record_set_int(&row, hc__event_f_change, change);
    hc__record_set_int(&row, hc__event_f_version, version);
    if (!hc__id_zero(unit->as->user))
        hc__record_set_id(&row, hc__event_f_actor_id, unit->as->user);
    hc__record_set_int(&row, hc__event_f_created_at, unit->now);
    hc__unit_insert(unit, &row);
}
