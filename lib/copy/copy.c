/* hc_copy: one moment of a store, table by table, into another. */
#include "copy/copy.h"

#include <string.h>

#include "base/bug.h"
#include "client/audit_chain.h"
#include "client/crud.h"
#include "client/numbering.h"
#include "client/relay.h"
#include "model/head.h"

#define BATCH      2000
#define BATCH_MOST 10000
#define MOMENTS    20           /* that may come while effects are under way */
#define PAUSE      (250 * 1000) /* between them */

static hc_status check_options(hc__copy *copy, const hc_copy_options *given, hc_error *err)
{
    hc_copy_options *options = &copy->options;
    hc_status status;

    if (given == NULL)
        return hc__fail(err, HC_ERR_INVALID, "options", "NULL: a copy needs a storage_uri");
    status = hc__sized_copy(options, sizeof *options, given, "options", err);
    if (status < 0)
        return status;
    if (options->storage_uri == NULL || options->storage_uri[0] == '\0')
        return hc__fail(err, HC_ERR_INVALID, "storage_uri", "where to copy to is not named");
    if (options->batch < 0 || options->batch > BATCH_MOST)
        return hc__fail(err, HC_ERR_INVALID, "batch", "must be 1 to %d rows", BATCH_MOST);
    if (options->batch == 0)
        options->batch = BATCH;
    return HC_OK;
}

static hc_status begin_side(hc__side *side, const hc__copy *copy, hc_error *err)
{
    side->capacity = (size_t)copy->options.batch;
    hc__arena_init(&side->arena, side->mem, NULL, 0);
    side->rows = hc__alloc(side->mem, side->capacity * HC__FIELD_LIMIT * sizeof *side->rows);
    return side->rows == NULL ? hc__no_memory(err) : HC_OK;
}

static void end_side(hc__side *side, hc_status status)
{
    hc__side_release(side, status);
    if (side->rows != NULL)
        hc__arena_free(&side->arena);
    hc__free(side->mem, side->rows);
}

/* ---- which store it is ---- */

static hc_status take_head(const hc_row *row, void *data, hc_error *err)
{
    hc__copy *copy = data;

    (void)err;
    memcpy(copy->head.bytes, row->values[0].as.bytes, sizeof copy->head);
    return HC_OK;
}

static hc_status read_head(hc__copy *copy, bool *found, hc_error *err)
{
    static const hc_id none;
    uint8_t room[512];
    hc__arena arena;
    hc_op op;
    hc_status status;

    hc__arena_init(&arena, &copy->core->mem, room, sizeof room);
    op = hc__chain_op(&arena);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(copy->as, &op, 1, take_head, copy, err);
    hc__arena_free(&arena);
    *found = memcmp(copy->head.bytes, none.bytes, sizeof none) != 0;
    return status;
}

/* The head of its audit log is made once in the life of a store. */
static hc_status identify(hc__copy *copy, hc_error *err)
{
    int64_t sealed;
    bool found = false;
    hc_status status = read_head(copy, &found, err);

    if (status >= 0 && !found) {
        status = hc__audit_start(copy->core, hc__os_monotonic() + HC__COPY_WAIT, &sealed, err);
        if (status >= 0)
            status = read_head(copy, &found, err);
    }
    return status;
}

static hc_status note(hc__unit *unit, void *data, hc_error *err)
{
    (void)data;
    (void)err;
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_read", .target_kind = "store", .reason = "copy"});
    return HC_OK;
}

/* Where several write, acts are sealed and events numbered later: what is copied will not change by itself. */
static hc_status settle(hc__copy *copy, hc_error *err)
{
    bool settled = (hc__store_driver(copy->core->store)->capabilities & HC_CAP_ONE_WRITER) != 0;
    int64_t until = hc__os_monotonic() + HC__COPY_WAIT, some;
    hc_status status = settled ? HC_OK : hc__audit_start(copy->core, until, &some, err);

    if (status >= 0 && !settled)
        status = hc__events_start(copy->core, until, &some, err);
    return status < 0 || copy->core->relay == NULL ? status : hc__relay_run(copy->core, until, &some, err);
}

/* ---- what is under way to a store of documents ---- */

struct waiting {
    hc_op_result pending, dead, heads;
};

static hc_status count_waiting(hc__copy *copy, struct waiting *waiting, hc_error *err)
{
    static const hc_value states[] = {{HC_TYPE_ENUM, 0, {.integer = HC__EFFECT_PENDING}},
                                      {HC_TYPE_ENUM, 0, {.integer = HC__EFFECT_DEAD}}};
    const hc_predicate are[] = {
        {.test = HC_TEST_EQ, .field = hc__effect_f_state, .inner = HC_NO_FIELD, .values = &states[0], .value_count = 1},
        {.test = HC_TEST_EQ,
         .field = hc__effect_f_state,
         .inner = HC_NO_FIELD,
         .values = &states[1],
         .value_count = 1}};
    hc_op ops[] = {hc__count_op(&hc__effect_entity, &are[0], 0, &waiting->pending),
                   hc__count_op(&hc__effect_entity, &are[1], 0, &waiting->dead),
                   hc__count_op(&hc__head_entity, NULL, 1, &waiting->heads)};
    hc_batch batch = {.ops = ops, .op_count = 3};

    return hc__side_execute(&copy->source, &batch, err);
}

/* In the moment that is copied: else a document would be as it was before. *again: the next moment may be a better one.
 */
static hc_status nothing_waits(hc__copy *copy, bool *again, hc_error *err)
{
    struct waiting waiting;
    hc_status status = count_waiting(copy, &waiting, err);

    *again = false;
    if (status < 0)
        return status;
    *again = waiting.dead.count == 0 && waiting.pending.count > 0 && copy->source_documents.store != NULL;
    if (waiting.dead.count > 0)
        return hc__fail(err, HC_ERR_INVALID_STATE, "document_uri",
                        "%lld effects could not be delivered to the store of documents (hc_outbox_dead tells why): see "
                        "to them first",
                        (long long)waiting.dead.count);
    if (waiting.pending.count > 0)
        return hc__fail(err, HC_ERR_INVALID_STATE, "document_uri",
                        "%lld effects wait for the store of documents: run the copy again once they are delivered",
                        (long long)waiting.pending.count);
    if (waiting.heads.count > 0 && copy->source_documents.store == NULL)
        return hc__fail(err, HC_ERR_INVALID_STATE, "document_uri",
                        "the documents of this store live in a store of their own: open the client with it");
    return HC_OK;
}

/* ---- one moment of the source ---- */

#define PARTS 40 /* more than there are entities, and kinds of documents with heads */

/* What is copied, table by table. */
struct parts {
    hc__part at[PARTS];
    hc_op_result counts[PARTS];
    size_t count;
};

/* Heads are of where documents live, and are made of what was copied; what is under way to a store of documents was
 * delivered, and who delivers is each store's own matter. */
static void list_parts(struct parts *parts, const hc__copy *copy)
{
    parts->count = 0;
    for (size_t i = 0; i < hc__entity_count; i++)
        if (hc__entities[i] != &hc__head_entity && hc__entities[i] != &hc__effect_entity &&
            hc__entities[i] != &hc__lease_entity)
            parts->at[parts->count++] = (hc__part){hc__entities[i], NULL};
    for (size_t i = 0; copy->target_documents.store != NULL && i < hc__entity_count; i++)
        if (hc__has_head(hc__entities[i]))
            parts->at[parts->count++] = (hc__part){&hc__head_entity, hc__entities[i]};
}

/* The transaction of the source begins with the first of them. */
static hc_status count_on(hc__copy *copy, hc__side *side, struct parts *parts, hc_error *err)
{
    hc_op *ops = hc__alloc_zero(&copy->core->mem, PARTS, sizeof *ops);
    hc_batch batch = {.ops = ops};
    hc_status status;

    if (ops == NULL)
        return hc__no_memory(err);
    if (side == &copy->source)
        batch.flags = HC_BATCH_BEGIN | HC_BATCH_READ_ONLY;
    for (size_t i = 0; i < parts->count; i++) {
        const hc__entity *read = parts->at[i].of == NULL ? parts->at[i].entity : parts->at[i].of;

        if (hc__source_of(copy, read) == side)
            ops[batch.op_count++] = hc__count_op(read, NULL, 0, &parts->counts[i]);
    }
    status = hc__side_execute(side, &batch, err);
    hc__free(&copy->core->mem, ops);
    return status;
}

static hc_status try_moment(hc__copy *copy, struct parts *parts, bool *again, hc_error *err)
{
    hc_status status = hc__side_connect(&copy->source, HC_CONNECT_READ, err);

    *again = false;
    if (status >= 0)
        status = count_on(copy, &copy->source, parts, err);
    if (status >= 0)
        status = nothing_waits(copy, again, err);
    return status;
}

/* What others write while it is looked for may be under way again. */
static hc_status find_moment(hc__copy *copy, struct parts *parts, hc_error *err)
{
    bool again;
    hc_status status = try_moment(copy, parts, &again, err);

    for (int i = 0; again && copy->core->relay != NULL && i < MOMENTS; i++) {
        int64_t some;

        hc__side_release(&copy->source, HC_OK);
        hc__os_sleep(PAUSE);
        status = hc__relay_run(copy->core, hc__os_monotonic() + HC__COPY_WAIT, &some, err);
        if (status < 0)
            return status;
        status = try_moment(copy, parts, &again, err);
    }
    return status;
}

static hc_status copy_kinds(hc__copy *copy, hc_error *err)
{
    struct parts *parts = hc__alloc_zero(&copy->core->mem, 1, sizeof *parts);
    hc_status status = HC_OK;

    if (parts == NULL)
        return hc__no_memory(err);
    list_parts(parts, copy);
    status = find_moment(copy, parts, err);
    if (status >= 0 && copy->source_documents.store != NULL)
        status = hc__side_connect(&copy->source_documents, HC_CONNECT_READ, err);
    if (status >= 0 && copy->source_documents.store != NULL)
        status = count_on(copy, &copy->source_documents, parts, err);
    for (size_t i = 0; status >= 0 && i < parts->count; i++)
        copy->all.total += parts->counts[i].count;
    for (size_t i = 0; status >= 0 && i < parts->count; i++)
        status = hc__copy_kind(copy, &parts->at[i], parts->counts[i].count, err);
    hc__free(&copy->core->mem, parts);
    return status;
}

/* Noted before the moment that is copied, which then tells of itself. */
static hc_status run(hc__copy *copy, hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(copy->as, HC__BACKUP, &hc__audit_entity, none, err);

    if (status >= 0)
        status = identify(copy, err);
    if (status >= 0)
        status = hc__target_open(copy, err);
    if (status >= 0 && copy->fresh)
        status = hc__unit_run(copy->as, note, NULL, err);
    if (status >= 0)
        status = settle(copy, err);
    if (status >= 0)
        status = hc__target_mark(copy, err);
    if (status >= 0 && hc__bug("copy-looks-whole"))
        status = hc__target_unmark(copy, err);
    if (status >= 0)
        status = copy_kinds(copy, err);
    return status < 0 ? status : hc__target_unmark(copy, err);
}

static hc_status run_between(hc__copy *copy, hc_error *err)
{
    hc__side *sides[] = {&copy->source, &copy->target, &copy->source_documents, &copy->target_documents};
    hc_status status = HC_OK;

    copy->source.store = copy->core->store;
    copy->source_documents.store = copy->core->documents;
    copy->target.is_target = copy->target_documents.is_target = true;
    hc__buf_init(&copy->scratch, &copy->core->mem);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        sides[i]->mem = &copy->core->mem;
        if (status >= 0)
            status = begin_side(sides[i], copy, err);
    }
    if (status >= 0)
        status = run(copy, err);
    hc__buf_free(&copy->scratch);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        end_side(sides[i], status);
    hc__store_close(copy->target.store);
    hc__store_close(copy->target_documents.store);
    return status;
}

hc_status hc_copy(hc_copy_counts *out_counts, hc_client *from, const hc_copy_options *options, hc_error *err)
{
    hc__copy copy = {.fresh = false};
    hc_error why;
    hc_status status = check_options(&copy, options, &why);

    if (status >= 0)
        status = hc_session_system(&copy.as, from, &why);
    if (status >= 0) {
        hc_session_set_timeout(copy.as, HC__TIMEOUT_LIMIT);
        copy.core = copy.as->core;
        status = hc__enter(copy.as, &why);
        if (status >= 0) {
            status = run_between(&copy, &why);
            hc__leave(copy.as);
        }
        hc_session_free(copy.as);
    }
    if (out_counts != NULL)
        *out_counts = copy.all;
    if (status < 0 && err != NULL)
        *err = why;
    return status < 0 || copy.all.copied + copy.all.removed > 0 ? status : HC_NOTE_SAME;
}
