/* hc_reconcile: both stores walked by id, and what looks different looked at again. */
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "client/audit.h"
#include "client/documents.h"
#include "model/effect.h"
#include "model/head.h"
#include "outbox/outbox.h"

#define PAGE         256
#define BY_STATE     0 /* positions of the outbox's indexes */
#define LOOKS        3 /* at a document that others change meanwhile */
#define REPORT_LIMIT 4096

struct seen {
    hc_id id;
    int64_t version, stored; /* of its head, and in the store of documents; 0: none */
    bool waits;              /* an effect of it does */
};

struct walk {
    hc_session *as;
    hc__arena arena; /* of a page */
    const hc__entity *entity;
    struct seen rows[PAGE];
    size_t count;
    hc_id last; /* of the page */
    bool repair, audited;
    hc_difference_fn tell;
    void *data;
    hc_reconcile_report report;
};

static struct seen *seen_of(struct walk *walk, const void *id)
{
    for (size_t i = 0; i < walk->count; i++)
        if (memcmp(walk->rows[i].id.bytes, id, sizeof(hc_id)) == 0)
            return &walk->rows[i];
    return NULL;
}

/* ---- one page of either store ---- */

static const hc_predicate *is_one_of(struct walk *walk, uint16_t field)
{
    hc_value *ids = hc__arena_alloc(&walk->arena, (walk->count + 1) * sizeof *ids);

    if (ids == NULL)
        return NULL;
    for (size_t i = 0; i < walk->count; i++)
        ids[i] = hc__value_bytes(HC_TYPE_ID, walk->rows[i].id.bytes, sizeof(hc_id));
    return hc__is_in(&walk->arena, field, ids, walk->count);
}

static const hc_predicate *is_kind(struct walk *walk, const hc_kind *of, uint16_t field)
{
    const char *name = walk->entity->kind.name;

    return hc__is_bytes(&walk->arena, of, field, HC_TEST_EQ, name, strlen(name));
}

/* Of the pages that come from the store: ids, and the version when there is one. */
static hc_status take_first(const hc_row *row, void *data, hc_error *err)
{
    struct walk *walk = data;
    struct seen *out;

    (void)err;
    memcpy(walk->last.bytes, row->values[0].as.bytes, sizeof walk->last);
    out = &walk->rows[walk->count++];
    *out = (struct seen){.version = row->values[2].as.integer};
    memcpy(out->id.bytes, row->values[1].as.bytes, sizeof out->id);
    return HC_OK;
}

static hc_status take_stored(const hc_row *row, void *data, hc_error *err)
{
    struct walk *walk = data;
    struct seen *out = seen_of(walk, row->values[0].as.bytes);

    (void)err;
    if (out != NULL) /* what never changes has no version of its own */
        out->stored = row->count > 1 && row->values[1].type != HC_TYPE_NULL ? row->values[1].as.integer : 1;
    return HC_OK;
}

static hc_status take_head(const hc_row *row, void *data, hc_error *err)
{
    struct seen *out = seen_of(data, row->values[0].as.bytes);

    (void)err;
    if (out == NULL)
        return HC_OK;
    if (row->op == 0)
        out->version = row->values[1].as.integer;
    else
        out->waits = true;
    return HC_OK;
}

/* Versions of the documents, of those that are there. */
static hc_status read_stored(struct walk *walk, hc_error *err)
{
    const uint16_t fields[] = {0, walk->entity->version};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &walk->entity->kind,
                .where = is_one_of(walk, 0),
                .fields = fields,
                .field_count = walk->entity->version == HC_NO_FIELD ? 1 : 2,
                .index = HC_INDEX_ID};
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take_stored, .data = walk};

    return op.where == NULL ? hc__no_memory(err) : hc__documents_run(walk->as, &batch, err);
}

/* Their heads, and whether effects of them wait. */
static hc_status read_heads(struct walk *walk, hc_error *err)
{
    static const uint16_t head_fields[] = {hc__head_f_id, hc__head_f_version}, effect_field = hc__effect_f_aggregate_id;
    hc_op ops[] = {{.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &hc__head_entity.kind,
                    .where = is_one_of(walk, 0),
                    .fields = head_fields,
                    .field_count = 2,
                    .index = HC_INDEX_ID},
                   {.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &hc__effect_entity.kind,
                    .where = is_one_of(walk, hc__effect_f_aggregate_id),
                    .filter = hc__outbox_in_state(&walk->arena, HC__EFFECT_PENDING),
                    .fields = &effect_field,
                    .field_count = 1,
                    .index = HC_INDEX_ANY}};

    if (ops[0].where == NULL || ops[1].where == NULL || ops[1].filter == NULL)
        return hc__no_memory(err);
    return hc__session_read(walk->as, ops, 2, take_head, walk, err);
}

/* A page of heads or of effects, by id. */
static hc_status next_page(struct walk *walk, const hc_kind *kind, const uint16_t fields[3], hc_op *op, hc_error *err)
{
    static const hc_order by_id = {0, 0};

    op->verb = HC_VERB_QUERY;
    op->expect = HC_EXPECT_ANY;
    op->kind = kind;
    op->fields = fields;
    op->field_count = 3;
    op->order = &by_id;
    op->order_count = 1;
    op->limit = PAGE;
    return op->filter == NULL ? hc__no_memory(err) : hc__session_read(walk->as, op, 1, take_first, walk, err);
}

static hc_status next_heads(struct walk *walk, const hc_value *seek, hc_error *err)
{
    static const uint16_t fields[] = {hc__head_f_id, hc__head_f_id, hc__head_f_version};
    const hc_kind *kind = &hc__head_entity.kind;
    hc_op op = {.filter = is_kind(walk, kind, hc__head_f_kind), .seek = seek, .index = HC_INDEX_ID};

    return next_page(walk, kind, fields, &op, err);
}

/* Log entries that were delivered and whose effects are kept. */
static hc_status next_entries(struct walk *walk, const hc_value *seek, hc_error *err)
{
    static const uint16_t fields[] = {hc__effect_f_id, hc__effect_f_aggregate_id, hc__effect_f_version};
    const hc_kind *kind = &hc__effect_entity.kind;
    hc_op op = {.where = hc__outbox_in_state(&walk->arena, HC__EFFECT_DELIVERED),
                .filter = is_kind(walk, kind, hc__effect_f_kind),
                .seek = seek,
                .index = BY_STATE};

    return op.where == NULL ? hc__no_memory(err) : next_page(walk, kind, fields, &op, err);
}

static hc_status take_document(const hc_row *row, void *data, hc_error *err)
{
    struct walk *walk = data;
    struct seen *out = &walk->rows[walk->count++];

    (void)err;
    *out = (struct seen){.version = 0};
    memcpy(out->id.bytes, row->values[0].as.bytes, sizeof out->id);
    walk->last = out->id;
    return HC_OK;
}

/* Documents by id. One that another program spoiled is told after the others of its page. */
static hc_status next_documents(struct walk *walk, const hc_value *seek, hc_error *err)
{
    static const uint16_t field = 0;
    static const hc_order order = {0, 0};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &walk->entity->kind,
                .fields = &field,
                .field_count = 1,
                .order = &order,
                .order_count = 1,
                .seek = seek,
                .limit = PAGE,
                .index = HC_INDEX_ID};
    hc_batch batch = {.ops = &op, .op_count = 1, .on_row = take_document, .data = walk};

    return hc__documents_run(walk->as, &batch, err);
}

/* ---- one document ---- */

struct look {
    hc_id id;
    int64_t version;
    bool waits, removed, by_key;
    char key[65];
    const hc__entity *entity;
};

static hc_status take_look(const hc_row *row, void *data, hc_error *err)
{
    struct look *look = data;

    (void)err;
    if (row->op == 0) {
        look->version = row->values[0].as.integer;
        snprintf(look->key, sizeof look->key, "%.*s", (int)row->values[1].size, (const char *)row->values[1].as.bytes);
        return HC_OK;
    }
    look->waits = look->waits || row->values[0].as.integer == HC__EFFECT_PENDING;
    look->removed = look->removed || (row->values[0].as.integer == HC__EFFECT_DELIVERED &&
                                      row->values[1].as.integer == HC__EFFECT_REMOVE);
    return HC_OK;
}

/* What the store says of it. */
static hc_status look_at(struct walk *walk, struct look *out, hc_id id, hc_error *err)
{
    static const uint16_t head_fields[] = {hc__head_f_version, hc__head_f_key};
    static const uint16_t effect_fields[] = {hc__effect_f_state, hc__effect_f_verb};
    hc__arena *arena = &walk->arena;
    hc_op ops[] = {{.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &hc__head_entity.kind,
                    .where = hc__is_id(arena, 0, id),
                    .fields = head_fields,
                    .field_count = 2,
                    .index = HC_INDEX_ID},
                   {.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &hc__effect_entity.kind,
                    .where = hc__is_id(arena, hc__effect_f_aggregate_id, id),
                    .fields = effect_fields,
                    .field_count = 2,
                    .index = HC_INDEX_ANY}};

    *out = (struct look){.id = id, .entity = walk->entity};
    if (ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    walk->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    return hc__session_read(walk->as, ops, 2, take_look, out, err);
}

/* The document itself, or, of a listing's, the one that another program made for that listing under its own key. */
static hc_status read_document(struct walk *walk, hc__stored *out, const struct look *look, hc_error *err)
{
    hc__arena *arena = &walk->arena;
    const hc_predicate *where = hc__is_id(arena, 0, look->id);
    hc_id property;

    if (walk->entity == &hc__document_entity && hc__id_read(&property, look->key, strlen(look->key)))
        where = hc__any_of(arena, where, hc__is_id(arena, hc__document_f_property_id, property));
    return hc__outbox_stored(out, walk->as, arena, walk->entity, where, err);
}

static hc_status take_any(const hc_row *row, void *data, hc_error *err)
{
    (void)row;
    (void)err;
    *(bool *)data = true;
    return HC_OK;
}

/* Sets *out when a head with the document's key stands under another id. */
static hc_status has_other_head(struct walk *walk, bool *out, const hc__record *document, hc_error *err)
{
    static const uint16_t field = hc__head_f_id;
    const hc_kind *kind = &hc__head_entity.kind;
    hc__arena *arena = &walk->arena;
    hc__record head;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .fields = &field,
                .field_count = 1,
                .limit = 1,
                .index = HC_INDEX_ANY};
    hc_status status = hc__record_init(&head, &hc__head_entity, arena, err);

    if (status >= 0)
        status = hc__head_of(&head, document, err);
    if (status == HC_ERR_CORRUPT)
        return HC_OK;
    if (status < 0)
        return status;
    op.where = is_kind(walk, kind, hc__head_f_kind);
    op.where = hc__all_of(arena, op.where, hc__is_in(arena, hc__head_f_key, &head.values[hc__head_f_key], 1));
    op.where = hc__all_of(arena, op.where, hc__is_in(arena, hc__head_f_bucket, &head.values[hc__head_f_bucket], 1));
    return op.where == NULL ? hc__no_memory(err) : hc__session_read(walk->as, &op, 1, take_any, out, err);
}

static int32_t compare(const struct look *look, int64_t stored, bool unchanging)
{
    if (look->waits)
        return 0;
    if (unchanging)
        return stored == 0 && !look->removed ? HC_DIFFERENCE_MISSING : 0;
    if (look->version == 0)
        return stored == 0 ? 0 : look->removed ? HC_DIFFERENCE_REMOVED : HC_DIFFERENCE_NO_HEAD;
    if (stored == 0)
        return HC_DIFFERENCE_MISSING;
    return stored < look->version ? HC_DIFFERENCE_OLDER : stored > look->version ? HC_DIFFERENCE_NEWER : 0;
}

/* Once between two looks at the store that say the same; `out->what` is 0 when it is no difference. */
static hc_status look_again(struct walk *walk, hc__difference *out, hc_id id, hc_error *err)
{
    bool unchanging = walk->entity->version == HC_NO_FIELD, other = false;
    hc__stored *stored = hc__arena_alloc(&walk->arena, sizeof *stored);
    struct look before, after;
    hc_status status = stored == NULL ? hc__no_memory(err) : look_at(walk, &before, id, err);

    *out = (hc__difference){.entity = walk->entity, .id = id};
    for (int i = 0; status >= 0; i++) {
        status = read_document(walk, stored, &before, err);
        if (status >= 0)
            status = look_at(walk, &after, id, err);
        if (status < 0)
            return status;
        if (before.version == after.version && before.waits == after.waits && before.removed == after.removed)
            break;
        before = after;
        if (i == LOOKS - 1)
            return HC_OK;
    }
    if (status < 0)
        return status;
    out->version = unchanging ? 1 : after.version;
    out->stored = !stored->found ? 0 : unchanging ? 1 : hc__record_int(&stored->row, walk->entity->version);
    out->what = compare(&after, out->stored, unchanging);
    if (out->what == HC_DIFFERENCE_NO_HEAD)
        status = has_other_head(walk, &other, &stored->row, err);
    out->what = other ? 0 : out->what;
    return status;
}

/* ---- telling and mending ---- */

static hc_status audit(hc__unit *unit, void *data, hc_error *err)
{
    (void)data;
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_update", .target_kind = "store", .reason = "reconcile"});
    return hc__unit_flush(unit, NULL, err);
}

static hc_status deal_with(struct walk *walk, const hc__difference *difference, hc_error *err)
{
    bool mended = false;
    hc_status status = HC_OK;

    walk->report.differences++;
    if (walk->tell != NULL &&
        walk->tell(walk->entity->kind.name, difference->id, difference->what, (int32_t)difference->version,
                   (int32_t)difference->stored, walk->data) != HC_OK)
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "the walk was cancelled");
    if (!walk->repair)
        return HC_OK;
    if (!walk->audited)
        status = hc__unit_run(walk->as, audit, NULL, err);
    walk->audited = true;
    if (status >= 0)
        status = hc__outbox_mend(walk->as, difference, &mended, err);
    if (status < 0)
        return status;
    walk->report.repaired += mended;
    walk->report.left += !mended;
    return HC_OK;
}

/* The walk over documents finds those without a head; the others were told by the walk over heads. */
static bool looks_different(const struct seen *row, bool by_documents)
{
    return !row->waits && (by_documents ? row->version == 0 : row->version != row->stored);
}

static hc_status compare_page(struct walk *walk, bool by_documents, hc_error *err)
{
    hc__difference difference;
    hc_status status = HC_OK;

    walk->report.examined += (int64_t)walk->count;
    for (size_t i = 0; i < walk->count && status >= 0; i++) {
        if (!looks_different(&walk->rows[i], by_documents))
            continue;
        status = look_again(walk, &difference, walk->rows[i].id, err);
        if (status >= 0 && difference.what != 0)
            status = deal_with(walk, &difference, err);
    }
    return status;
}

/* ---- the walks ---- */

typedef hc_status (*next_fn)(struct walk *walk, const hc_value *seek, hc_error *err);

static hc_status read_page(struct walk *walk, next_fn next, const hc_value *seek, hc_error *err)
{
    hc_error why = {0};
    hc_status status;

    walk->count = 0;
    walk->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    status = next(walk, seek, &why);
    if (status == HC_ERR_CORRUPT && walk->count > 0) /* the others of the page were given */
        status = HC_OK;
    if (status < 0) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (walk->count == 0)
        return HC_OK;
    if (next != next_documents)
        status = read_stored(walk, err);
    if (status >= 0 && next != next_entries)
        status = read_heads(walk, err);
    return status;
}

/* A page may come short where documents are spoiled: only an empty one is the end. */
static hc_status walk_all(struct walk *walk, const hc__entity *entity, next_fn next, hc_error *err)
{
    hc_id after = {{0}};
    const hc_value seek = hc__value_bytes(HC_TYPE_ID, &after, sizeof after);
    hc_status status = HC_OK;

    walk->entity = entity;
    do {
        hc__arena_init(&walk->arena, &walk->as->core->mem, NULL, 0);
        status = read_page(walk, next, hc__id_zero(after) ? NULL : &seek, err);
        after = walk->last;
        if (status >= 0)
            status = compare_page(walk, next == next_documents, err);
        hc__arena_free(&walk->arena);
    } while (status >= 0 && walk->count > 0);
    return status;
}

static hc_status walk_both(struct walk *walk, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0; i < hc__entity_count && status >= 0; i++) {
        const hc__entity *entity = hc__entities[i];

        if (entity->kind.storage != HC_KIND_DOCUMENT)
            continue;
        if (!hc__has_head(entity)) {
            status = walk_all(walk, entity, next_entries, err);
            continue;
        }
        status = walk_all(walk, entity, next_heads, err);
        if (status >= 0)
            status = walk_all(walk, entity, next_documents, err);
    }
    return status;
}

static hc_status run(struct walk *walk, hc_client *client, hc_error *err)
{
    hc_status status = hc__outbox_begin(&walk->as, client, err);

    if (status < 0)
        return status;
    status = walk->as->core->documents != NULL
                 ? walk_both(walk, err)
                 : hc__fail(err, HC_ERR_INVALID, "document_uri", "the client was opened without a store of documents");
    hc__outbox_end(walk->as);
    return status;
}

hc_status hc_reconcile(hc_client *client, const hc_reconcile_options *given, hc_difference_fn difference, void *data,
                       hc_reconcile_report *report, hc_error *err)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    size_t size = report == NULL ? 0 : report->struct_size;
    struct walk *walk;
    hc__core *core;
    hc_status status = hc__sized_copy(&options, sizeof options, given, "options", err);

    if (status < 0)
        return status;
    if (report != NULL && (size < sizeof size || size > REPORT_LIMIT))
        return hc__fail(err, HC_ERR_INVALID, "report", "set struct_size: use HC_RECONCILE_REPORT_INIT");
    status = hc__client_core(&core, client, err);
    if (status < 0)
        return status;
    walk = hc__alloc_zero(&core->mem, 1, sizeof *walk);
    if (walk == NULL)
        return hc__no_memory(err);
    hc__core_retain(core); /* the walk's memory is its own, also when another thread closes the client meanwhile */
    walk->repair = options.repair != 0;
    walk->tell = difference;
    walk->data = data;
    status = run(walk, client, err);
    if (report != NULL) {
        walk->report.struct_size = size;
        memcpy(report, &walk->report, size < sizeof walk->report ? size : sizeof walk->report);
    }
    hc__free(&core->mem, walk);
    hc__core_release(core);
    return status;
}
