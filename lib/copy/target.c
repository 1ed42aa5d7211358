/* The store that is copied to: whether it may be, and the mark that it bears until it is whole. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "client/audit_chain.h"
#include "client/documents.h"
#include "client/outcome.h"
#include "client/unfinished.h"
#include "copy/copy.h"
#include "homeconnect/version.h"

#define RERUNS      5
#define FIRST_PAUSE (2 * 1000)

/* What the target's audit_heads say. */
struct heads {
    const hc__copy *copy;
    bool marked, ours; /* a copy under way; of this source, under way or whole */
};

/* ---- what goes wrong there ---- */

hc_status hc__blame_target(hc_status status, hc_error *err)
{
    char message[sizeof err->message];

    if (status < 0) {
        memcpy(message, err->message, sizeof message);
        snprintf(err->message, sizeof err->message, "the target: %.380s", message);
    }
    return status;
}

static void spell_id(char out[40], const void *bytes)
{
    const uint8_t *at = bytes;
    size_t used = 0;

    for (size_t i = 0; i < 16; i++)
        used +=
            (size_t)snprintf(out + used, 40 - used, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", at[i]);
}

/* Which row it was, by its id: of the values nothing is told. */
static hc_status blame_row(const hc_batch *batch, hc_status status, hc_error *err)
{
    const hc_op *op = batch->failed_op < batch->op_count ? &batch->ops[batch->failed_op] : NULL;
    char id[40], message[sizeof err->message], column[sizeof err->field];

    if (op == NULL || op->set_count == 0 || (batch->fault == HC_FAULT_NONE && status != HC_ERR_INVALID))
        return hc__blame_target(status, err);
    spell_id(id, op->sets[0].value.as.bytes);
    memcpy(message, err->message, sizeof message);
    memcpy(column, err->field, sizeof column);
    snprintf(err->message, sizeof err->message, "the target, row %s of %s: %.300s", id, op->kind->name, message);
    if (status == HC_ERR_INVALID)
        snprintf(err->field, sizeof err->field, "%.30s%s%.30s", op->kind->name, column[0] == '\0' ? "" : ".", column);
    return status;
}

/* ---- one batch ---- */

static hc_status ask(hc__side *side, hc_op *ops, size_t count, hc_row_fn on_row, void *data, hc_error *err)
{
    hc_batch batch = {.ops = ops, .op_count = count, .on_row = on_row, .data = data};
    hc_status status = hc__side_execute(side, &batch, err);

    return hc__blame_target(status, err);
}

hc_status hc__target_write(hc__side *side, const hc_op *ops, size_t count, hc_error *err)
{
    bool whole = (hc__store_driver(side->store)->capabilities & HC_CAP_TRANSACTIONS) != 0;
    hc_batch batch;
    hc_status status = HC_OK;

    for (int i = 0; i <= RERUNS; i++) {
        batch = (hc_batch){.flags = whole ? HC_BATCH_BEGIN | HC_BATCH_COMMIT : 0u, .ops = ops, .op_count = count};
        status = hc__side_execute(side, &batch, err);
        if (status >= 0 || batch.fault != HC_FAULT_RERUN)
            break;
        hc__os_sleep(FIRST_PAUSE << i);
    }
    return status < 0 ? blame_row(&batch, status, err) : HC_OK;
}

/* ---- whose it is ---- */

static hc_status take_head(const hc_row *row, void *data, hc_error *err)
{
    struct heads *heads = data;
    const hc_value *id = &row->values[0], *stream = &row->values[1], *seal = &row->values[2];
    bool mark =
        stream->size == sizeof HC__MARK_STREAM - 1 && memcmp(stream->as.bytes, HC__MARK_STREAM, stream->size) == 0;
    const hc_value *of = mark ? seal : id; /* the mark's seal is the head of the log that is copied */

    (void)err;
    heads->marked = heads->marked || mark;
    if (of->size >= sizeof(hc_id) && memcmp(of->as.bytes, heads->copy->head.bytes, sizeof(hc_id)) == 0)
        heads->ours = true;
    return HC_OK;
}

static hc_status read_heads(struct heads *heads, hc__copy *copy, hc_error *err)
{
    static const uint16_t fields[] = {hc__audit_head_f_id, hc__audit_head_f_stream, hc__audit_head_f_seal};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__audit_head_entity.kind,
                .fields = fields,
                .field_count = sizeof fields / sizeof fields[0],
                .index = HC_INDEX_ANY};

    *heads = (struct heads){.copy = copy};
    return ask(&copy->target, &op, 1, take_head, heads, err);
}

static hc_status any_rows(bool *out, hc__side *side, const hc__entity *entity, hc_error *err)
{
    hc_op_result found = {0};
    hc_op op = hc__count_op(entity, NULL, 1, &found);
    hc_status status = ask(side, &op, 1, NULL, NULL, err);

    *out = found.count > 0;
    return status;
}

static bool is_beside(const hc__copy *copy, const hc__side *side)
{
    return side == &copy->target_documents;
}

/* A client that was opened on it has made the head of an empty log, and nothing else. */
static hc_status must_be_empty(hc__copy *copy, hc__side *side, int32_t version, hc_error *err)
{
    for (size_t i = 0; i < hc__entity_count; i++) {
        const hc__entity *entity = hc__entities[i];
        bool any = false;
        hc_status status;

        if (entity == &hc__audit_head_entity || entity == &hc__lease_entity || entity->kind.since > version ||
            (is_beside(copy, side) && entity->kind.storage != HC_KIND_DOCUMENT))
            continue;
        status = any_rows(&any, side, entity, err);
        if (status < 0)
            return status;
        if (any)
            return hc__fail(err, HC_ERR_CONFLICT, is_beside(copy, side) ? "document_uri" : "storage_uri",
                            "the target holds another store (%s has rows): copy into an empty one", entity->kind.name);
    }
    return HC_OK;
}

/* Where its rows live. */
static hc_status look_in_source(hc__copy *copy, hc_op *op, hc_error *err)
{
    hc_batch batch = {.ops = op, .op_count = 1};

    if (op->kind->storage == HC_KIND_DOCUMENT && copy->source_documents.store != NULL)
        return hc__documents_run(copy->as, &batch, err);
    return hc__session_read(copy->as, op, 1, NULL, NULL, err);
}

struct newest {
    hc_id id;
    bool found;
};

static hc_status take_newest(const hc_row *row, void *data, hc_error *err)
{
    struct newest *newest = data;

    (void)err;
    memcpy(newest->id.bytes, row->values[0].as.bytes, sizeof newest->id);
    newest->found = true;
    return HC_OK;
}

/* Whatever a client does adds to events or to the audit log, and nothing is taken out of them but void events: what was
 * written to the target is the last. So it is with log entries and conversations in a store of documents. */
static hc_status must_be_as_copied(hc__copy *copy, const hc__entity *entity, const hc_predicate *where, hc_error *err)
{
    hc__side *side = hc__target_of(copy, entity);
    static const uint16_t id_field;
    static const hc_order order = {0, HC_ORDER_DESCENDING};
    struct newest newest = {.found = false};
    const hc_value id = {HC_TYPE_ID, sizeof newest.id, {.bytes = newest.id.bytes}};
    const hc_predicate is_newest = {.test = HC_TEST_EQ, .inner = HC_NO_FIELD, .values = &id, .value_count = 1};
    hc_op_result found = {0};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .where = where,
                .fields = &id_field,
                .field_count = 1,
                .order = &order,
                .order_count = 1,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_op look = hc__count_op(entity, &is_newest, 1, &found);
    hc_status status = ask(side, &op, 1, take_newest, &newest, err);

    if (status < 0 || !newest.found)
        return status;
    status = look_in_source(copy, &look, err);
    if (status >= 0 && found.count == 0)
        status =
            hc__fail(err, HC_ERR_CONFLICT, is_beside(copy, side) ? "document_uri" : "storage_uri",
                     "the target was written to since it was copied (%s): copy into an empty store", entity->kind.name);
    return status;
}

/* ---- the mark, and a probe ---- */

static hc_op insert_of(const hc__entity *entity, const hc_set *sets, size_t count)
{
    return (hc_op){.verb = HC_VERB_INSERT,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .sets = sets,
                   .set_count = count,
                   .index = HC_INDEX_ANY};
}

static hc_op removal_of(const hc__entity *entity, const hc_predicate *where)
{
    return (hc_op){.verb = HC_VERB_REMOVE_WHERE,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .where = where,
                   .index = HC_INDEX_ANY};
}

/* A row in the target that the source shows too: they are one store, whatever their URIs say. One that is left behind
 * is swept like a key of idempotency. */
static hc_status must_not_be_the_source(hc__copy *copy, hc_error *err)
{
    static const hc_id nobody;
    int64_t now = hc__core_now(copy->core);
    hc_id id;
    hc_status status = hc__id_make(&id, now, err);
    const hc_value value = {HC_TYPE_ID, sizeof id, {.bytes = id.bytes}};
    const hc_set sets[] = {
        {hc__idempotency_f_id, HC_SET_TO, 0, value},
        {hc__idempotency_f_actor_id, HC_SET_TO, 0, {HC_TYPE_ID, sizeof nobody, {.bytes = nobody.bytes}}},
        {hc__idempotency_f_operation, HC_SET_TO, 0, {HC_TYPE_KEY, 4, {.bytes = "copy"}}},
        {hc__idempotency_f_created_at, HC_SET_TO, 0, {HC_TYPE_TIME, 0, {.integer = now}}}};
    const hc_predicate is_it = {.test = HC_TEST_EQ, .inner = HC_NO_FIELD, .values = &value, .value_count = 1};
    hc_op_result found = {0};
    hc_op put = insert_of(&hc__idempotency_entity, sets, sizeof sets / sizeof sets[0]);
    hc_op look = hc__count_op(&hc__idempotency_entity, &is_it, 1, &found),
          take = removal_of(&hc__idempotency_entity, &is_it);

    if (status >= 0)
        status = hc__target_write(&copy->target, &put, 1, err);
    if (status < 0)
        return status;
    status = hc__session_read(copy->as, &look, 1, NULL, NULL, err);
    if (status >= 0)
        status = hc__target_write(&copy->target, &take, 1, err);
    if (status >= 0 && found.count > 0)
        status = hc__fail(err, HC_ERR_INVALID, "storage_uri", "the target is the store that is to be copied");
    return status;
}

hc_status hc__target_mark(hc__copy *copy, hc_error *err)
{
    static const uint8_t nothing[32];
    int64_t now = hc__core_now(copy->core);
    uint8_t seal[32] = {0};
    hc_id id;
    hc_status status = hc__id_make(&id, now, err);
    const hc_set sets[] = {
        {hc__audit_head_f_id, HC_SET_TO, 0, {HC_TYPE_ID, sizeof id, {.bytes = id.bytes}}},
        {hc__audit_head_f_stream, HC_SET_TO, 0, *hc__is_copy_mark.values},
        {hc__audit_head_f_seq, HC_SET_TO, 0, {HC_TYPE_INT64, 0, {.integer = 0}}},
        {hc__audit_head_f_seal, HC_SET_TO, 0, {HC_TYPE_BYTES, sizeof seal, {.bytes = seal}}},
        {hc__audit_head_f_signature, HC_SET_TO, 0, {HC_TYPE_BYTES, sizeof nothing, {.bytes = nothing}}},
        {hc__audit_head_f_updated_at, HC_SET_TO, 0, {HC_TYPE_TIME, 0, {.integer = now}}}};
    hc_op op = insert_of(&hc__audit_head_entity, sets, sizeof sets / sizeof sets[0]);

    if (status < 0 || copy->marked)
        return status;
    memcpy(seal, copy->head.bytes, sizeof copy->head);
    return hc__target_write(&copy->target, &op, 1, err);
}

hc_status hc__target_unmark(hc__copy *copy, hc_error *err)
{
    hc_op op = removal_of(&hc__audit_head_entity, &hc__is_copy_mark);

    return hc__target_write(&copy->target, &op, 1, err);
}

/* ---- its schema ---- */

static void target_log(int32_t level, const char *request_id, const char *line, void *data)
{
    hc__core_line(data, level, request_id, line);
}

static int64_t target_now(void *data)
{
    return hc__core_now(data);
}

static hc_status open_store(hc__copy *copy, hc__side *side, int32_t *version, hc_error *err)
{
    hc__core *core = copy->core;
    hc__store_options options = {.uri = is_beside(copy, side) ? copy->options.document_uri : copy->options.storage_uri,
                                 .documents = is_beside(copy, side),
                                 .driver_path = copy->options.driver_path,
                                 .pool_size = 1,
                                 .log = target_log,
                                 .log_data = core,
                                 .log_level = core->log_level,
                                 .now = target_now,
                                 .now_data = core};
    hc_status status = hc__store_open(&side->store, &core->mem, &options, err);

    if (status >= 0)
        status = hc__store_check_schema(side->store, version, hc__os_monotonic() + HC__COPY_WAIT, err);
    return status;
}

/* A first run may have ended between two versions. A store that holds something is its owner's to bring up to date. */
static hc_status bring_up_to_date(hc__copy *copy, hc__side *side, int32_t version, hc_error *err)
{
    int64_t until = hc__os_monotonic() + HC__COPY_WAIT;
    hc_error why;
    hc_status status = hc__side_connect(side, HC_CONNECT_WRITE, &why), empty;

    if (status >= 0) {
        empty = must_be_empty(copy, side, version, &why);
        hc__side_release(side, empty);
        if (empty == HC_ERR_CONFLICT)
            return HC_ERR_SCHEMA; /* as *err says */
        status = empty;
    }
    if (status >= 0)
        return hc__store_migrate_within(side->store, until, until, err);
    *err = why;
    return status;
}

/* ---- */

static hc_status must_all_be_empty(hc__copy *copy, hc_error *err)
{
    hc_status status = must_be_empty(copy, &copy->target, hc_schema_version(), err);

    if (status >= 0 && copy->target_documents.store != NULL)
        status = must_be_empty(copy, &copy->target_documents, hc_schema_version(), err);
    return status;
}

/* An earlier run may have put documents elsewhere than this one would. */
static hc_status must_live_where_they_did(hc__copy *copy, hc_error *err)
{
    bool beside = copy->target_documents.store != NULL, any = false;
    hc_status status = HC_OK;

    for (size_t i = 0; status >= 0 && !any && i < hc__entity_count; i++)
        if (beside ? hc__entities[i]->kind.storage == HC_KIND_DOCUMENT : hc__entities[i] == &hc__head_entity)
            status = any_rows(&any, &copy->target, hc__entities[i], err);
    if (status >= 0 && any)
        status = hc__fail(err, HC_ERR_CONFLICT, "document_uri",
                          beside ? "the documents of the target live in its storage_uri: leave document_uri out"
                                 : "the documents of the target live in a store of their own: name it");
    return status;
}

/* A listing's documents may be gone from the source with it, so that the newest of them tells something only where
 * nothing else does. */
static hc_status documents_must_be_as_copied(hc__copy *copy, hc_error *err)
{
    static const hc__entity *const appended[] = {&hc__activity_entity, &hc__chat_entity};
    bool told = false, any = false;
    hc_status status = must_live_where_they_did(copy, err);

    for (size_t i = 0; status >= 0 && copy->target_documents.store != NULL && i < 2; i++) {
        status = any_rows(&any, &copy->target_documents, appended[i], err);
        told = told || any;
        if (status >= 0)
            status = must_be_as_copied(copy, appended[i], NULL, err);
    }
    if (status >= 0 && copy->target_documents.store != NULL && !told)
        status = must_be_as_copied(copy, &hc__document_entity, NULL, err);
    return status;
}

static hc_status may_be_written(hc__copy *copy, hc_error *err)
{
    struct heads heads;
    const hc_predicate *is_act;
    uint8_t room[256];
    hc__arena arena;
    hc_status status = read_heads(&heads, copy, err);

    copy->marked = heads.marked;
    copy->fresh = !heads.ours;
    if (status >= 0 && heads.marked && !heads.ours)
        return hc__fail(err, HC_ERR_CONFLICT, "storage_uri",
                        "the target is an unfinished copy of another store: copy into an empty one");
    if (status >= 0 && !heads.ours)
        return must_all_be_empty(copy, err);
    hc__arena_init(&arena, &copy->core->mem, room, sizeof room);
    is_act = hc__proof_is(&arena, &hc__event_entity, HC_TEST_NE, HC__PROOF_VOID);
    if (status >= 0)
        status = is_act == NULL ? hc__no_memory(err) : must_be_as_copied(copy, &hc__event_entity, is_act, err);
    if (status >= 0)
        status = must_be_as_copied(copy, &hc__audit_entity, NULL, err);
    if (status >= 0)
        status = documents_must_be_as_copied(copy, err);
    if (status >= 0 && !heads.marked)
        status = must_not_be_the_source(copy, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status open_side(hc__copy *copy, hc__side *side, hc_error *err)
{
    int32_t version = 0;
    hc_status status = open_store(copy, side, &version, err);

    if (status == HC_ERR_SCHEMA && version < hc_schema_version())
        status = bring_up_to_date(copy, side, version, err);
    if (status >= 0)
        status = hc__side_connect(side, HC_CONNECT_WRITE, err);
    if (status < 0 && is_beside(copy, side) && strcmp(err->field, "storage_uri") == 0)
        memcpy(err->field, "document_uri", sizeof "document_uri");
    return hc__blame_target(status, err);
}

hc_status hc__target_open(hc__copy *copy, hc_error *err)
{
    hc_status status = open_side(copy, &copy->target, err);

    if (status >= 0 && copy->options.document_uri != NULL)
        status = open_side(copy, &copy->target_documents, err);
    return status < 0 ? status : may_be_written(copy, err);
}
