/* hc_copy: one moment of a store, table by table, into another. */
#include "copy/copy.h"

#include <string.h>

#include "client/audit_chain.h"
#include "client/crud.h"
#include "client/numbering.h"

#define BATCH      2000
#define BATCH_MOST 10000

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
    side->mem = &copy->core->mem;
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

    return status < 0 || settled ? status : hc__events_start(copy->core, until, &some, err);
}

/* ---- one moment of the source ---- */

static hc_status count_rows(hc__copy *copy, hc_op_result *counts, hc_error *err)
{
    hc_op *ops = hc__alloc_zero(&copy->core->mem, hc__entity_count, sizeof *ops);
    hc_batch batch = {
        .flags = HC_BATCH_BEGIN | HC_BATCH_READ_ONLY, .ops = ops, .op_count = hc__entity_count, .data = copy};
    hc_status status;

    if (ops == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < hc__entity_count; i++)
        ops[i] = (hc_op){.verb = HC_VERB_COUNT,
                         .expect = HC_EXPECT_ANY,
                         .kind = &hc__entities[i]->kind,
                         .index = HC_INDEX_ANY,
                         .result = &counts[i]};
    status = hc__side_execute(&copy->source, &batch, err);
    for (size_t i = 0; status >= 0 && i < hc__entity_count; i++)
        copy->all.total += counts[i].count;
    hc__free(&copy->core->mem, ops);
    return status;
}

static hc_status copy_kinds(hc__copy *copy, hc_error *err)
{
    hc_op_result *counts = hc__alloc_zero(&copy->core->mem, hc__entity_count, sizeof *counts);
    hc_status status = counts == NULL ? hc__no_memory(err) : count_rows(copy, counts, err);

    for (size_t i = 0; status >= 0 && i < hc__entity_count; i++)
        status = hc__copy_kind(copy, hc__entities[i], counts[i].count, err);
    hc__free(&copy->core->mem, counts);
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
    if (status >= 0)
        status = hc__side_connect(&copy->source, HC_CONNECT_READ, err);
    if (status >= 0)
        status = copy_kinds(copy, err);
    return status < 0 ? status : hc__target_unmark(copy, err);
}

static hc_status run_between(hc__copy *copy, hc_error *err)
{
    hc_status status = begin_side(&copy->source, copy, err);

    copy->target.is_target = true;
    copy->target.mem = copy->source.mem;
    copy->source.store = copy->core->store;
    hc__buf_init(&copy->scratch, &copy->core->mem);
    if (status >= 0)
        status = begin_side(&copy->target, copy, err);
    if (status >= 0)
        status = run(copy, err);
    hc__buf_free(&copy->scratch);
    end_side(&copy->source, status);
    end_side(&copy->target, status);
    hc__store_close(copy->target.store);
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
