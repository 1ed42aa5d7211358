#include "client/hybrid.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "base/judge.h"
#include "client/documents.h"
#include "client/hybrid_own.h"
#include "client/relay.h"
#include "model/effect.h"

/* A document that one key names: as it is stored, and what waits for it. */
struct found {
    struct found *next;
    hc__record record;
    bool exists;
    bool broken;    /* an effect between is gone: what is behind it cannot be shown */
    int64_t stored; /* version in the store of documents; 0: not there */
};

struct head {
    struct head *next;
    hc_id id;
    int64_t bucket, version;
};

/* An operation that asks for the documents of one key. */
struct named {
    size_t op; /* the caller's */
    const hc__entity *entity;
    const hc_predicate *bound;       /* on the number of a conversation's document, or NULL */
    char text[HC_ID_TEXT_SIZE + 64]; /* as heads have it */
    struct found *found;
    struct head *heads;
};

struct reading {
    hc_session *as;
    hc__unit *unit;
    hc_batch *batch;
    hc__arena arena;
    hc_op *ops;    /* of the half under way */
    size_t *whose; /* the caller's operation of each */
    size_t count;
    struct named *named;
    size_t named_count;
    struct named *now; /* whose effects are read */
    size_t *lists;     /* the caller's operations that no one key names */
    size_t list_count;
    hc__own *own;   /* what they must show beside what is stored; NULL: nothing */
    int64_t oldest; /* effect that waits; 0: none */
    uint16_t fields[HC__FIELD_LIMIT];
};

bool hc__hybrid_any(const hc_op *ops, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ops[i].kind->storage == HC_KIND_DOCUMENT)
            return true;
    return false;
}

static hc_status run_sql(struct reading *reading, const hc_op *ops, size_t count, hc_row_fn on_row, hc_error *err)
{
    hc_batch batch = {.ops = ops, .op_count = count, .on_row = on_row, .data = reading};

    return reading->unit != NULL ? hc__unit_execute(reading->unit, &batch, err)
                                 : hc__session_execute(&batch, reading->as, err);
}

/* ---- who is asked for by one key ---- */

static const hc_predicate *leaf_in(const hc_predicate *where, uint16_t field, int32_t test)
{
    const hc_predicate *leaf = NULL;

    if (where == NULL || (where->test == test && where->field == field))
        return where;
    for (size_t i = 0; where->test == HC_TEST_AND && i < where->child_count && leaf == NULL; i++)
        leaf = leaf_in(where->children[i], field, test);
    return leaf;
}

static const hc__entity *entity_of(const hc_kind *kind)
{
    return kind == &hc__document_entity.kind ? &hc__document_entity
           : kind == &hc__chat_entity.kind   ? &hc__chat_entity
                                             : NULL;
}

static bool is_named(struct named *out, const hc_op *op, size_t at)
{
    const hc__entity *entity = entity_of(op->kind);
    bool listing = entity == &hc__document_entity;
    const hc_predicate *leaf;
    hc_id id;

    if (entity == NULL || op->verb != HC_VERB_QUERY || op->seek != NULL || op->scan_limit > 0 || op->filter != NULL)
        return false;
    *out = (struct named){.op = at, .entity = entity};
    leaf = leaf_in(op->where, listing ? hc__document_f_property_id : hc__chat_f_session_id, HC_TEST_EQ);
    if (leaf == NULL || leaf->values->size >= sizeof out->text)
        return false;
    memcpy(out->text, leaf->values->as.bytes, leaf->values->size);
    if (listing) {
        memcpy(id.bytes, leaf->values->as.bytes, sizeof id.bytes);
        hc_id_format(out->text, id);
    } else {
        out->bound = leaf_in(op->where, hc__chat_f_bucket, HC_TEST_LE);
    }
    return true;
}

/* ---- the half in the store that has transactions ---- */

static const uint16_t head_fields[] = {hc__head_f_id, hc__head_f_bucket, hc__head_f_version};
static const uint16_t oldest_field[] = {hc__effect_f_created_at};
static const hc_order oldest_first[] = {{hc__effect_f_id, HC_ORDER_NOT_NULL}};

static hc_op query(const hc__entity *entity, const uint16_t *fields, size_t count, const hc_predicate *where)
{
    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .fields = fields,
                   .field_count = count,
                   .where = where,
                   .index = HC_INDEX_ANY};
}

const hc_predicate *hc__head_where(hc__arena *arena, const hc__entity *entity, const char *key)
{
    const hc_kind *kind = &hc__head_entity.kind;
    const char *name = entity->kind.name;

    return hc__all_of(arena, hc__is_bytes(arena, kind, hc__head_f_kind, HC_TEST_EQ, name, strlen(name)),
                      hc__is_bytes(arena, kind, hc__head_f_key, HC_TEST_EQ, key, strlen(key)));
}

static hc_status take_head(struct reading *reading, struct named *named, const hc_row *row, hc_error *err)
{
    struct head *head = hc__arena_zero(&reading->arena, 1, sizeof *head);

    if (head == NULL)
        return hc__no_memory(err);
    memcpy(head->id.bytes, row->values[0].as.bytes, sizeof head->id.bytes);
    head->bucket = row->values[1].as.integer;
    head->version = row->values[2].as.integer;
    head->next = named->heads;
    named->heads = head;
    return HC_OK;
}

static hc_status take_first(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    hc_row moved = *row;

    if (row->op < reading->count) {
        moved.op = reading->whose[row->op];
        return reading->batch->on_row == NULL ? HC_OK : reading->batch->on_row(&moved, reading->batch->data, err);
    }
    if (row->op - reading->count < reading->named_count)
        return take_head(reading, &reading->named[row->op - reading->count], row, err);
    reading->oldest = row->values[0].as.integer;
    return HC_OK;
}

/* The newest of the key, as many as the caller wants documents. */
static hc_op query_heads(struct reading *reading, const struct named *named)
{
    static const hc_order newest_first[] = {{hc__head_f_bucket, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                            {hc__head_f_id, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL}};
    hc_op op = query(&hc__head_entity, head_fields, 3, hc__head_where(&reading->arena, named->entity, named->text));

    if (named->bound != NULL)
        op.where = hc__all_of(
            &reading->arena, op.where,
            hc__is_int(&reading->arena, op.kind, hc__head_f_bucket, HC_TEST_LE, named->bound->values->as.integer));
    op.order = newest_first;
    op.order_count = 2;
    op.limit = reading->batch->ops[named->op].limit;
    return op;
}

static hc_status read_first(struct reading *reading, hc_error *err)
{
    hc__arena *arena = &reading->arena;
    size_t n = 0;
    hc_status status;

    for (size_t i = 0; i < reading->batch->op_count; i++)
        if (reading->batch->ops[i].kind->storage != HC_KIND_DOCUMENT) {
            reading->whose[n] = i;
            reading->ops[n++] = reading->batch->ops[i];
        }
    reading->count = n;
    for (size_t i = 0; i < reading->named_count; i++)
        reading->ops[n++] = query_heads(reading, &reading->named[i]);
    reading->ops[n] =
        query(&hc__effect_entity, oldest_field, 1,
              hc__is_int(arena, &hc__effect_entity.kind, hc__effect_f_state, HC_TEST_EQ, HC__EFFECT_PENDING));
    reading->ops[n].order = oldest_first;
    reading->ops[n].order_count = 1;
    reading->ops[n++].limit = 1;
    for (size_t i = reading->count; i < n; i++)
        if (reading->ops[i].where == NULL)
            return hc__no_memory(err);
    status = run_sql(reading, reading->ops, n, take_first, err);
    if (hc__bug("open-without-sql") && status == HC_ERR_UNAVAILABLE)
        status = HC_OK;
    if (status >= 0)
        reading->as->lag = hc__core_age(reading->as->core, reading->oldest);
    return status;
}

/* ---- the half in the store of documents ---- */

static struct named *named_of(struct reading *reading, size_t op)
{
    for (size_t i = 0; i < reading->named_count; i++)
        if (reading->named[i].op == op)
            return &reading->named[i];
    return NULL;
}

static struct found *new_found(struct reading *reading, struct named *named, hc_error *err)
{
    struct found *found = hc__arena_zero(&reading->arena, 1, sizeof *found), **last = &named->found;

    if (found == NULL || hc__record_init(&found->record, named->entity, &reading->arena, NULL) < 0) {
        hc__no_memory(err);
        return NULL;
    }
    while (*last != NULL)
        last = &(*last)->next;
    *last = found;
    return found;
}

static hc_status take_document(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    size_t op = reading->whose[row->op];
    struct named *named = named_of(reading, op);
    struct found *found;
    hc_row moved = *row;

    if (named == NULL && reading->own != NULL)
        return hc__own_take(reading->own, row, op, err);
    if (named == NULL) {
        moved.op = op;
        return reading->batch->on_row == NULL ? HC_OK : reading->batch->on_row(&moved, reading->batch->data, err);
    }
    found = new_found(reading, named, err);
    if (found == NULL)
        return HC_ERR_NO_MEMORY;
    found->exists = true;
    if (!hc__record_fill(&found->record, reading->fields, row->values, row->count))
        return hc__no_memory(err);
    found->stored = hc__record_is_null(&found->record, named->entity->version)
                        ? 1
                        : hc__record_int(&found->record, named->entity->version);
    return HC_OK;
}

/* A document that another program spoiled is no reason to keep the others from who lists them: the store gave them all.
 * Whoever asks for that very one is told. */
static bool leaves_out(struct reading *reading, const hc_batch *batch, const hc_error *why)
{
    hc_session *as = reading->as;

    if (why->status != HC_ERR_CORRUPT || batch->failed_op >= batch->op_count ||
        (batch->ops[batch->failed_op].verb != HC_VERB_QUERY && batch->ops[batch->failed_op].verb != HC_VERB_GROUP) ||
        named_of(reading, reading->whose[batch->failed_op]) != NULL)
        return false;
    hc__core_log(as->core, HC_LOG_WARN, as->request_id, "a list leaves out a document: %s", why->message);
    hc__core_count(as->core, "documents.spoiled", 1);
    if (as->spoiled.status >= 0)
        as->spoiled = *why;
    return true;
}

static hc_status run_documents(struct reading *reading, hc_batch *batch, hc_error *err)
{
    hc_error why = {0};
    hc_status status = hc__documents_run(reading->as, batch, &why);

    while (status < 0 && leaves_out(reading, batch, &why)) {
        size_t done = batch->failed_op + 1;

        status = HC_OK;
        batch->ops += done;
        batch->op_count -= done;
        reading->whose += done;
        if (batch->op_count > 0)
            status = hc__documents_run(reading->as, batch, &why);
    }
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

static hc_status read_documents(struct reading *reading, hc_error *err)
{
    hc_batch batch = {.ops = reading->ops, .on_row = take_document, .data = reading};
    hc_status status;

    for (size_t i = 0; i < reading->batch->op_count; i++) {
        hc_op *op = &reading->ops[batch.op_count];
        struct named *named = named_of(reading, i);

        if (reading->batch->ops[i].kind->storage != HC_KIND_DOCUMENT)
            continue;
        *op = reading->batch->ops[i];
        reading->whose[batch.op_count++] = i;
        if (named == NULL && reading->own != NULL && hc__own_ask(reading->own, op, i, err) < 0)
            return HC_ERR_NO_MEMORY;
        if (named == NULL)
            continue;
        op->fields = reading->fields;
        op->field_count = op->kind->field_count;
        op->result = NULL;
    }
    status = run_documents(reading, &batch, err);
    if (status >= 0 && reading->own != NULL)
        status = hc__own_end(reading->own, err);
    if (status < 0 && reading->unit != NULL)
        hc__unit_not_ours(reading->unit);
    return status;
}

/* ---- what waits for it ---- */

static struct found *found_of(const struct named *named, const struct head *head)
{
    for (struct found *at = named->found; at != NULL; at = at->next) {
        hc_id id = hc__record_id(&at->record, 0);

        if (hc__id_equal(id, head->id) || named->entity == &hc__document_entity ||
            hc__record_int(&at->record, hc__chat_f_bucket) == head->bucket)
            return at;
    }
    return NULL;
}

hc__effect hc__hybrid_effect(const hc__entity *entity, const hc_row *row)
{
    hc__effect out = {.entity = entity,
                      .version = (int32_t)row->values[1].as.integer,
                      .verb = (int32_t)row->values[2].as.integer,
                      .payload = row->values[3].as.bytes,
                      .size = row->values[3].size};

    memcpy(out.aggregate.bytes, row->values[0].as.bytes, sizeof out.aggregate.bytes);
    return out;
}

static hc_status take_effect(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;
    struct head head = {.id = {{0}}};
    hc__effect effect = hc__hybrid_effect(reading->now->entity, row);
    struct found *found = NULL;
    hc_status status;

    for (struct head *at = reading->now->heads; at != NULL; at = at->next)
        if (hc__id_equal(at->id, effect.aggregate))
            head = *at;
    found = found_of(reading->now, &head);
    if (found == NULL || found->broken)
        return HC_OK;
    status = hc__effect_apply(&found->record, &found->exists, &effect, err);
    found->broken = status == HC_ERR_CONFLICT || status == HC_ERR_NOT_FOUND;
    return status == HC_ERR_NO_MEMORY || status == HC_ERR_CORRUPT ? status : HC_OK;
}

/* Documents that are behind their heads, or not there yet: one that is not there has its head's place. */
static hc_status find_late(struct reading *reading, struct named *named, hc_value *ids, size_t *count, int64_t *least,
                           hc_error *err)
{
    for (struct head *head = named->heads; head != NULL; head = head->next) {
        struct found *found = found_of(named, head);

        if (found != NULL && found->stored >= head->version)
            continue;
        if (found == NULL) {
            found = new_found(reading, named, err);
            if (found == NULL)
                return HC_ERR_NO_MEMORY;
            hc__record_set_id(&found->record, 0, head->id);
        }
        *least = found->stored < *least ? found->stored : *least;
        ids[(*count)++] = hc__value_bytes(HC_TYPE_ID, head->id.bytes, sizeof head->id.bytes);
    }
    return HC_OK;
}

hc_op hc__hybrid_effects(hc__arena *arena, const hc_value *ids, size_t count, int64_t version)
{
    static const uint16_t fields[] = {hc__effect_f_aggregate_id, hc__effect_f_version, hc__effect_f_verb,
                                      hc__effect_f_payload};
    static const hc_order in_order[] = {{hc__effect_f_aggregate_id, HC_ORDER_NOT_NULL},
                                        {hc__effect_f_version, HC_ORDER_NOT_NULL},
                                        {hc__effect_f_id, HC_ORDER_NOT_NULL}};
    const hc_kind *kind = &hc__effect_entity.kind;
    hc_op op = query(&hc__effect_entity, fields, 4,
                     hc__all_of(arena, hc__is_in(arena, hc__effect_f_aggregate_id, ids, count),
                                hc__is_int(arena, kind, hc__effect_f_version, HC_TEST_GT, version)));

    op.order = in_order;
    op.order_count = 3;
    return op;
}

static hc_status read_effects(struct reading *reading, struct named *named, hc_error *err)
{
    size_t count = 0;
    int64_t least = INT32_MAX;
    hc_value *ids;
    hc_op op;
    hc_status status;

    for (struct head *head = named->heads; head != NULL; head = head->next)
        count++;
    ids = hc__arena_alloc(&reading->arena, (count + 1) * sizeof *ids);
    count = 0;
    if (ids == NULL)
        return hc__no_memory(err);
    status = find_late(reading, named, ids, &count, &least, err);
    if (status < 0 || count == 0)
        return status;
    op = hc__hybrid_effects(&reading->arena, ids, count, least);
    reading->now = named;
    return op.where == NULL ? hc__no_memory(err) : run_sql(reading, &op, 1, take_effect, err);
}

/* ---- giving out ---- */

/* Those that hold, in order, by insertion: a conversation has at most some hundred documents. */
static struct found *sorted(const struct named *named, const hc_op *op)
{
    struct found *first = NULL;

    for (struct found *at = named->found, *next; at != NULL; at = next) {
        struct found **place = &first;

        next = at->next;
        if (!at->exists || !hc__predicate_holds(op->where, at->record.values))
            continue;
        while (*place != NULL && hc__rows_compare(op, at->record.values, (*place)->record.values) >= 0)
            place = &(*place)->next;
        at->next = *place;
        *place = at;
    }
    return first;
}

static hc_status give(struct reading *reading, const struct named *named, hc_error *err)
{
    const hc_op *op = &reading->batch->ops[named->op];
    hc_value values[HC__FIELD_LIMIT];
    hc_row row = {.op = named->op, .what = HC_ROW_MATCH, .count = (uint32_t)op->field_count, .values = values};
    int64_t given = 0;
    hc_status status = HC_OK;

    for (struct found *at = sorted(named, op); at != NULL && status == HC_OK; at = at->next) {
        if (op->limit > 0 && given == op->limit)
            break;
        for (size_t i = 0; i < op->field_count; i++)
            values[i] = at->record.values[op->fields[i]];
        given++;
        if (reading->batch->on_row != NULL)
            status = reading->batch->on_row(&row, reading->batch->data, err);
    }
    if (op->result != NULL)
        *op->result = (hc_op_result){.count = given, .examined = given};
    return status < 0 ? status : HC_OK;
}

static hc_status start(struct reading *reading, hc_error *err)
{
    const hc_batch *batch = reading->batch;

    reading->ops = hc__arena_alloc(&reading->arena, (2 * batch->op_count + 1) * sizeof *reading->ops);
    reading->whose = hc__arena_alloc(&reading->arena, (batch->op_count + 1) * sizeof *reading->whose);
    reading->named = hc__arena_alloc(&reading->arena, (batch->op_count + 1) * sizeof *reading->named);
    reading->lists = hc__arena_alloc(&reading->arena, (batch->op_count + 1) * sizeof *reading->lists);
    if (reading->ops == NULL || reading->whose == NULL || reading->named == NULL || reading->lists == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < batch->op_count; i++) {
        if (is_named(&reading->named[reading->named_count], &batch->ops[i], i))
            reading->named_count++;
        else if (batch->ops[i].kind->storage == HC_KIND_DOCUMENT)
            reading->lists[reading->list_count++] = i;
    }
    for (uint16_t i = 0; i < HC__FIELD_LIMIT; i++)
        reading->fields[i] = i;
    return HC_OK;
}

hc_status hc__hybrid_execute(hc_session *as, hc__unit *unit, hc_batch *batch, hc_error *err)
{
    struct reading reading = {.as = as, .unit = unit, .batch = batch};
    uint8_t room[4096];
    hc_status status;

    hc__arena_init(&reading.arena, &as->core->mem, room, sizeof room);
    status = start(&reading, err);
    if (status >= 0)
        status = read_first(&reading, err);
    if (status >= 0 && reading.list_count > 0 && unit == NULL)
        status = hc__relay_deliver_own(as, err);
    if (status >= 0 && reading.list_count > 0)
        status = hc__own_gather(&reading.own, as, unit, &reading.arena, batch, reading.lists, reading.list_count, err);
    if (status >= 0)
        status = read_documents(&reading, err);
    for (size_t i = 0; i < reading.named_count && status >= 0; i++)
        status = read_effects(&reading, &reading.named[i], err);
    for (size_t i = 0; i < reading.named_count && status >= 0; i++)
        status = give(&reading, &reading.named[i], err);
    hc__own_free(reading.own);
    hc__arena_free(&reading.arena);
    return status < 0 ? status : HC_OK;
}
