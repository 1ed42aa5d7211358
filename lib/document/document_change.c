#include "document/document_change.h"

#include "base/id.h"
#include "model/effect.h"
#include "model/head.h"

hc_status hc__document_authorise(hc__unit *unit, const hc_predicate **may, hc__operation operation, hc_id property_id,
                                 hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *versioned;
    hc__record listing;
    hc_status status =
        hc__before_change(unit, &listing, &versioned, &hc__document_listing, operation, property_id, 0, err);

    if (status < 0)
        return status;
    *may = hc__all_of(arena, hc__is_id(arena, hc__property_f_id, property_id),
                      hc__policy_where(arena, hc__unit_session(unit), operation, hc__unit_now(unit)));
    *may = hc__exists(arena, &hc__property_entity.kind, HC_NO_FIELD, HC_NO_FIELD, *may);
    return *may == NULL ? hc__no_memory(err) : HC_OK;
}

hc_status hc__document_row(hc__unit *unit, hc__record *row, bool *found, hc_id property_id, hc_error *err)
{
    return hc__unit_row(unit, row, found, &hc__document_entity,
                        hc__is_id(hc__unit_arena(unit), hc__document_f_property_id, property_id), err);
}

hc_document_item *hc__document_item(hc__document_edit *edit, int32_t *list, hc_id id, hc_error *err)
{
    for (*list = HC_DOCUMENT_IMAGES; *list <= HC_DOCUMENT_FILES; ++*list) {
        hc_document_item *item = hc__items_find(HC__LIST(edit, *list), id);

        if (item != NULL)
            return item;
    }
    hc__fail(err, HC_ERR_NOT_FOUND, "item_id", "the listing's documents have no such item");
    return NULL;
}

void hc__document_promote(const hc__items *items, hc_document_item *item)
{
    for (size_t i = 0; i < items->count; i++)
        hc__record_set_int(&items->at[i]->record, hc__item_f_is_primary, items->at[i] == item);
}

void hc__document_tell_visibility(hc__document_edit *edit, int64_t visibility)
{
    edit->audit.event = "authz_change";
    edit->audit.reason = visibility == HC_DOCUMENT_PUBLIC  ? "visibility: public"
                         : visibility == HC_DOCUMENT_AGENT ? "visibility: agent"
                                                           : "visibility: private";
}

/* Times of document kinds are whole milliseconds on every store. */
static int64_t now_of(const hc__unit *unit)
{
    int64_t now = hc__unit_now(unit);

    return now - now % 1000;
}

static hc_status put_list(hc__document_edit *edit, hc__items *items, hc_error *err)
{
    uint16_t field = hc__items_field(items->list);
    const char *name = hc__document_entity.kind.fields[field].name;
    hc_status status = HC_OK;
    hc__buf json;

    hc__items_settle(items);
    hc__buf_init(&json, &hc__unit_session(edit->unit)->core->mem);
    hc__items_put(&json, items, true);
    if (!json.failed)
        hc__record_set_text(edit->row, field, json.data, json.size);
    if (json.failed || edit->row->fault == HC_ERR_NO_MEMORY)
        status = hc__no_memory(err);
    else if (edit->row->fault < 0)
        status = hc__fail(err, HC_ERR_TOO_LARGE, name, "the %s of the listing would be too large", name);
    hc__buf_free(&json);
    return status;
}

static hc_status put_lists(hc__document_edit *edit, hc_error *err)
{
    hc_status status = HC_OK;

    for (int32_t i = 0; status >= 0 && i < HC__LISTS; i++)
        if (edit->touched[i])
            status = put_list(edit, &edit->lists[i], err);
    return status;
}

/* Where documents live in a store of their own the version is swapped in the head, under the permission, and all that
 * is ours of the document goes there as it will be. One that another program made gets its head now. */
static hc_status write_elsewhere(hc__document_edit *edit, hc_id id, int32_t version, const hc_predicate *may,
                                 hc_error *err)
{
    hc__unit *unit = edit->unit;
    hc__record head, whole = *edit->row;
    char key[HC_ID_TEXT_SIZE];
    int32_t was = 0;
    bool known = false;
    hc_status status;

    for (uint16_t i = 0; i < whole.entity->kind.field_count; i++)
        if (!hc__record_is_set(&whole, i))
            whole.values[i] = edit->before->values[i];
    hc_id_format(key, hc__record_id(&whole, hc__document_f_property_id));
    status = hc__unit_head(unit, &head, &known, &hc__document_entity, key, err);
    if (status < 0)
        return status;
    if (known) {
        was = hc__record_version(&head);
        id = hc__record_key(&head);
    }
    hc__record_set_id(&whole, hc__document_f_id, id);
    status = hc__record_init(&head, &hc__head_entity, hc__unit_arena(unit), err);
    if (status >= 0)
        status = hc__head_of(&head, &whole, err);
    if (status < 0)
        return status;
    hc__unit_write_head(unit, &head, was, may, NULL);
    hc__unit_effect(unit, HC__EFFECT_PUT, id, version, &whole, NULL);
    return HC_OK;
}

/* What is swapped first is the version, under the permission; only then it counts what the change carries. */
static hc_status write_row(hc__document_edit *edit, hc__document_change *change, bool found, const hc_predicate *may,
                           hc_error *err)
{
    hc__unit *unit = edit->unit;
    hc__arena *arena = hc__unit_arena(unit);
    hc__record *row = edit->row;
    int32_t version = found ? hc__record_version(edit->before) + 1 : 1;
    hc_id id = hc__record_key(edit->before);
    hc_status status = found ? HC_OK : hc__id_make_document(&id, hc__unit_now(unit), err);

    if (status < 0)
        return status;
    hc__record_set_int(row, hc__document_f_version, version);
    hc__record_set_int(row, hc__document_f_updated_at, now_of(unit));
    if (!found) {
        hc__record_set_id(row, hc__document_f_id, id);
        hc__record_set_id(row, hc__document_f_property_id, change->property_id);
        hc__record_set_int(row, hc__document_f_created_at, now_of(unit));
    }
    if (hc__unit_has_documents(unit)) {
        status = write_elsewhere(edit, id, version, may, err);
        if (status < 0)
            return status;
    } else if (found) {
        const hc_predicate *same =
            hc__all_of(arena, hc__is_id(arena, hc__document_f_id, id),
                       hc__is_int(arena, &hc__document_entity.kind, hc__document_f_version, HC_TEST_EQ, version - 1));

        hc__unit_update(unit, row, hc__all_of(arena, same, may));
    } else {
        hc__unit_insert_where(unit, row, may);
    }
    hc__unit_event(unit, &hc__document_entity, id, found ? HC__CHANGE_UPDATED : HC__CHANGE_CREATED, version);
    edit->audit.target_kind = "document";
    if (hc__id_zero(edit->audit.target))
        edit->audit.target = id;
    hc__audit_add(unit, &edit->audit);
    status = hc__unit_flush(unit, NULL, err);
    if (status == HC_ERR_CONFLICT && hc__unit_unique(unit) != HC_INDEX_ANY)
        status = hc__fail(err, HC_ERR_CONFLICT, "version", "the listing's document was made meanwhile");
    change->new_version = version;
    return status;
}

static hc_status check_version(const hc__record *before, int32_t version, hc_error *err)
{
    int32_t current = hc__record_version(before);

    if (current == version)
        return HC_OK;
    hc__fail(err, HC_ERR_CONFLICT, "version", "the document is at version %d, not %d", (int)current, (int)version);
    if (err != NULL)
        err->detail = current;
    return HC_ERR_CONFLICT;
}

static hc_status apply(hc__unit *unit, void *data, hc_error *err)
{
    hc__document_change *change = data;
    hc__document_edit edit = {.unit = unit, .audit = {.event = "sensitive_update"}};
    const hc_predicate *may;
    hc__record before, row;
    bool found = false;
    hc_status status = hc__document_authorise(unit, &may, HC__DOCUMENT_WRITE, change->property_id, err);
    hc_status noted = HC_OK;

    if (status >= 0)
        status = noted = hc__once_claim(unit, &change->once, change->operation, &change->item, err);
    if (status >= 0 && noted != HC_NOTE_REPLAYED && hc__unit_has_documents(unit))
        status = hc__unit_may_queue(unit, err);
    if (status >= 0)
        status = hc__document_row(unit, &before, &found, change->property_id, err);
    if (status < 0)
        return status;
    change->new_version = hc__record_version(&before);
    if (noted == HC_NOTE_REPLAYED)
        return noted;
    status = check_version(&before, change->version, err);
    if (status >= 0)
        status = hc__record_init(&row, &hc__document_entity, hc__unit_arena(unit), err);
    hc__record_set_id(&before, hc__document_f_property_id, change->property_id);
    for (int32_t i = 0; status >= 0 && i < HC__LISTS; i++)
        status = hc__items_read(&edit.lists[i], hc__unit_arena(unit), i + HC_DOCUMENT_IMAGES, &before,
                                hc__unit_session(unit)->core->request_key, err);
    edit.before = &before;
    edit.row = &row;
    if (status >= 0)
        status = change->apply(&edit, change->given, err);
    if (status != HC_OK)
        return status;
    status = put_lists(&edit, err);
    return status < 0 ? status : write_row(&edit, change, found, may, err);
}

static hc_status run(hc_session *as, hc__document_change *change, hc_error *err)
{
    hc_status status = hc__require(as, HC__DOCUMENT_WRITE, &hc__property_entity, change->property_id, err);
    hc__arena arena;

    if (status < 0)
        return status;
    if (change->version < 0)
        return hc__fail(err, HC_ERR_INVALID, "version", "the version that the document was read at; 0 for none yet");
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    if (change->prepare != NULL)
        status = change->prepare(as, change, &arena, err);
    if (status >= 0)
        status = hc__unit_run(as, apply, change, err);
    hc__arena_free(&arena);
    return status;
}

hc_status hc__document_call(int32_t *out_version, hc_session *as, hc__document_change *change, hc_error *err)
{
    hc_error why;
    hc_status status;

    if (out_version != NULL)
        *out_version = 0;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = run(as, change, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    else if (out_version != NULL)
        *out_version = change->new_version;
    hc__leave(as);
    return status;
}
