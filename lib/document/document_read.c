#include "homeconnect/document.h"

#include "base/id.h"
#include "document/document_noun.h"

const hc__noun hc__document_listing = {
    .entity = &hc__property_entity,
    .read = HC__DOCUMENT_READ,
};

#define ROOM 4096

/* What one snapshot tells of a listing's documents and of who asks. */
struct reading {
    hc_session *as;
    hc_document *document;
    const uint16_t *fields;
    bool found; /* the listing, and the caller may read it */
    hc_id agent;
    hc__buf shared; /* ids of items that the caller was shown on a lead of theirs */
};

enum { LISTING, DOCUMENT, SHARES, OPS };

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct reading *reading = data;

    switch (row->op) {
    case LISTING:
        reading->found = true;
        if (row->values[0].type == HC_TYPE_ID)
            memcpy(reading->agent.bytes, row->values[0].as.bytes, sizeof reading->agent.bytes);
        return HC_OK;
    case DOCUMENT:
        return hc__record_fill(&reading->document->record, reading->fields, row->values, row->count)
                   ? HC_OK
                   : hc__no_memory(err);
    default:
        hc__buf_put(&reading->shared, row->values[0].as.bytes, sizeof(hc_id));
        return reading->shared.failed ? hc__no_memory(err) : HC_OK;
    }
}

/* Shares of the listing's items on leads of the caller's own. That the lead was about the listing was checked when it
 * was shared; one that was merged since may be about another. */
static const hc_predicate *shown_to(hc__arena *arena, const hc_session *as, hc_id property_id)
{
    return hc__all_of(arena, hc__is_id(arena, hc__share_f_property_id, property_id),
                      hc__exists(arena, &hc__lead_entity.kind, hc__lead_f_id, hc__share_f_lead_id,
                                 hc__is_id(arena, hc__lead_f_buyer_id, as->user)));
}

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

/* The listing's permission, the shares and the document in one snapshot; the last is asked for by its listing alone, so
 * that a store of documents elsewhere can answer it once the first two were. */
static hc_status read_all(struct reading *reading, hc__arena *arena, hc_id property_id, hc_error *err)
{
    static const uint16_t agent = hc__property_f_agent_id, item = hc__share_f_item_id;
    hc_session *as = reading->as;
    const hc_predicate *may = hc__policy_where(arena, as, HC__DOCUMENT_READ, hc__session_now(as));
    uint16_t fields[HC__FIELD_LIMIT];
    size_t count = hc__readable_fields(fields, &hc__document_entity);
    hc_op ops[OPS];
    hc_status status;

    reading->fields = fields;
    ops[LISTING] = query(&hc__property_entity, &agent, 1,
                         hc__all_of(arena, hc__is_id(arena, hc__property_f_id, property_id), may));
    ops[DOCUMENT] =
        query(&hc__document_entity, fields, count, hc__is_id(arena, hc__document_f_property_id, property_id));
    ops[SHARES] = query(&hc__share_entity, &item, 1, shown_to(arena, as, property_id));
    for (size_t i = 0; i < OPS; i++)
        if (ops[i].where == NULL)
            return hc__no_memory(err);
    status = hc__session_read(as, ops, hc__session_signed_in(as) ? OPS : SHARES, take_row, reading, err);
    reading->fields = NULL;
    return status;
}

/* ---- who sees what ---- */

static bool is_owner(const struct reading *reading)
{
    const hc_session *as = reading->as;

    return hc__policy_writer(as) == HC__BY_ADMIN ||
           (as->role == HC_ROLE_AGENT && hc__session_signed_in(as) && hc__id_equal(reading->agent, as->user));
}

/* security.md Z07 */
static bool may_see(const hc_document_item *item, const void *data)
{
    const struct reading *reading = data;
    hc_id id = hc__record_key(&item->record);
    int64_t visibility = hc__record_int(&item->record, hc__item_f_visibility);

    if (visibility == HC_DOCUMENT_PUBLIC || (visibility == HC_DOCUMENT_AGENT && reading->as->role == HC_ROLE_AGENT))
        return true;
    for (size_t at = 0; at < reading->shared.size; at += sizeof id)
        if (memcmp(reading->shared.data + at, id.bytes, sizeof id) == 0)
            return true;
    return false;
}

/* From here on the record says what the lists hold, and nothing else. */
static hc_status show(struct reading *reading, hc_error *err)
{
    hc_document *document = reading->document;
    hc__record *record = &document->record;
    const hc__mem *mem = &reading->as->core->mem;
    bool owner = is_owner(reading);

    for (int32_t i = 0; i < HC__LISTS; i++) {
        hc__items *items = &document->lists[i];
        hc__buf json;
        hc_status status =
            hc__items_read(items, record->arena, i + HC_DOCUMENT_IMAGES, record, reading->as->core->request_key, err);

        if (status < 0)
            return status;
        if (!owner)
            hc__items_keep(items, may_see, reading);
        hc__buf_init(&json, mem);
        hc__items_put(&json, items, owner);
        if (json.failed || !hc__record_put(record, hc__items_field(items->list),
                                           &(hc_value){HC_TYPE_JSON, (uint32_t)json.size, {.bytes = json.data}}))
            status = hc__no_memory(err);
        hc__buf_free(&json);
        if (status < 0)
            return status;
    }
    return HC_OK;
}

static hc_document *new_document(hc__core *core)
{
    hc__handle *handle;
    hc_document *document = hc__handle_new(core, sizeof *document, ROOM, &handle);

    if (document == NULL)
        return NULL;
    if (hc__record_init(&document->record, &hc__document_entity, &handle->arena, NULL) < 0) {
        hc__handle_free(handle);
        return NULL;
    }
    document->record.handle = handle;
    return document;
}

/* A store of documents that cannot answer keeps nobody from hearing that the listing is not for them. */
static bool is_of_documents(const hc_session *as, hc_status status)
{
    return as->core->documents != NULL &&
           (status == HC_ERR_UNAVAILABLE || status == HC_ERR_BUSY || status == HC_ERR_CORRUPT);
}

static hc_status get(struct reading *reading, hc_id property_id, hc_error *err)
{
    hc__record *record = &reading->document->record;
    hc_error why = {0};
    uint8_t room[1024];
    hc__arena arena;
    hc_status status;

    hc__arena_init(&arena, &reading->as->core->mem, room, sizeof room);
    status = read_all(reading, &arena, property_id, &why);
    hc__arena_free(&arena);
    if (!reading->found && (status >= 0 || is_of_documents(reading->as, status))) {
        hc_status refused =
            hc__authorise(reading->as, NULL, &hc__document_listing, HC__DOCUMENT_READ, property_id, err);

        if (refused < 0 || status >= 0) /* it came meanwhile */
            return refused < 0 ? refused : hc__fail(err, HC_ERR_NOT_FOUND, "id", "no such property");
    }
    if (status < 0) {
        if (err != NULL)
            *err = why;
        return status;
    }
    hc__record_set_id(record, hc__document_f_property_id, property_id);
    return show(reading, err);
}

hc_status hc_document_get(hc_document **out, hc_session *as, hc_id property_id, hc_error *err)
{
    struct reading reading = {.as = as};
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__buf_init(&reading.shared, &as->core->mem);
    reading.document = new_document(as->core);
    status = reading.document == NULL ? hc__no_memory(err) : get(&reading, property_id, err);
    hc__buf_free(&reading.shared);
    if (status >= 0)
        *out = reading.document;
    else
        hc_document_free(reading.document);
    hc__leave(as);
    return status;
}

void hc_document_free(hc_document *document)
{
    if (document != NULL)
        hc__record_free(&document->record);
}

size_t hc_document_count(const hc_document *document, int32_t list)
{
    if (document == NULL || list < HC_DOCUMENT_IMAGES || list > HC_DOCUMENT_FILES)
        return 0;
    return document->lists[list - HC_DOCUMENT_IMAGES].count;
}

const hc_document_item *hc_document_at(const hc_document *document, int32_t list, size_t index)
{
    return index >= hc_document_count(document, list) ? NULL : document->lists[list - HC_DOCUMENT_IMAGES].at[index];
}

const hc_document_item *hc_document_find(const hc_document *document, hc_id item_id)
{
    const hc_document_item *item = NULL;

    for (int32_t i = 0; document != NULL && item == NULL && i < HC__LISTS; i++)
        item = hc__items_find(&document->lists[i], item_id);
    return item;
}

hc_status hc_document_to_json(hc_text **out, const hc_document *document, hc_error *err)
{
    hc__core *core;
    hc__buf json;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (document == NULL)
        return hc__no_memory(err);
    core = document->record.handle->core;
    hc__buf_init(&json, &core->mem);
    hc__record_to_json(&json, &document->record, HC__OWNER_ONLY, NULL);
    status = hc__text_new(out, core, &json, err);
    hc__buf_free(&json);
    return status;
}
