#include "homeconnect/document.h"

#include <string.h>

#include "base/id.h"
#include "document/document_change.h"
#include "document/document_input.h"

/* ---- adding ---- */

struct item_call {
    const void *given;    /* hc_document_image or hc_document_file, by input.list */
    hc__item_input input; /* what was made of it */
    hc_id id;             /* of the new item, or of the one to replace */
};

static bool is_legal(const hc__record *item)
{
    const char *type = hc__record_text(item, hc__item_f_type);

    return type != NULL && strcmp(type, HC_DOCUMENT_LEGAL) == 0;
}

static hc_status add(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct item_call *call = data;
    hc__items *items = HC__LIST(edit, call->input.list);
    hc__record *record;
    hc_document_item *item;
    int64_t now = hc__unit_now(edit->unit);

    if (items->count >= HC__ITEM_LIMIT)
        return hc__fail(err, HC_ERR_TOO_LARGE, hc__document_entity.kind.fields[hc__items_field(items->list)].name,
                        "a listing has at most %d of them", HC__ITEM_LIMIT);
    item = hc__items_add(items, hc__unit_arena(edit->unit));
    if (item == NULL || hc__copy_changes(&item->record, edit->unit, &call->input.record, err) < 0)
        return hc__no_memory(err);
    record = &item->record;
    hc__record_set_id(record, hc__item_f_id, call->id);
    hc__record_set_int(record, hc__item_f_created_at, now - now % 1000);
    hc__record_set_int(record, hc__item_f_status, HC_DOCUMENT_READY);
    if (hc__record_is_null(record, hc__item_f_visibility))
        hc__record_set_int(record, hc__item_f_visibility, is_legal(record) ? HC_DOCUMENT_PRIVATE : HC_DOCUMENT_PUBLIC);
    if (hc__record_int(record, hc__item_f_is_primary) != 0)
        hc__document_promote(items, item);
    edit->touched[items->list - HC_DOCUMENT_IMAGES] = true;
    edit->audit.event = "sensitive_create";
    edit->audit.target = call->id;
    return record->fault < 0 ? hc__no_memory(err) : HC_OK;
}

static hc_status take_input(struct item_call *call, hc__arena *arena, hc_error *err)
{
    return call->input.list == HC_DOCUMENT_IMAGES ? hc__input_image(&call->input, arena, call->given, err)
                                                  : hc__input_file(&call->input, arena, call->given, err);
}

/* The body that a key stands for is the item and where it goes. */
static hc_status take_key(hc__document_change *change, hc_session *as, const struct item_call *call, hc_error *err)
{
    struct {
        uint8_t hash[32];
        hc_id property_id;
        int32_t list;
    } body;
    hc_status status = hc__once_take(&change->once, as, &call->input.record, err);

    if (status < 0 || change->once.key[0] == '\0')
        return status;
    memset(&body, 0, sizeof body);
    memcpy(body.hash, change->once.hash, sizeof body.hash);
    body.property_id = change->property_id;
    body.list = call->input.list;
    hc__mac(change->once.hash, as->core->request_key, "request", &body, sizeof body);
    return HC_OK;
}

static hc_status prepare_item(hc_session *as, hc__document_change *change, hc__arena *arena, hc_error *err)
{
    struct item_call *call = change->given;
    hc_status status = take_input(call, arena, err);

    if (status < 0 || change->apply != add)
        return status;
    status = take_key(change, as, call, err);
    if (status >= 0)
        status = hc__id_make(&call->id, hc__core_now(as->core), err);
    change->item = call->id;
    return status;
}

static hc_status add_item(hc_id *out, int32_t *out_version, hc_session *as, hc__document_change *change, hc_error *err)
{
    hc_status status;

    if (out != NULL)
        *out = (hc_id){{0}};
    change->apply = add;
    change->prepare = prepare_item;
    change->operation = "document.add";
    status = hc__document_call(out_version, as, change, err);
    if (status >= 0 && out != NULL)
        *out = change->item;
    return status;
}

hc_status hc_document_add_image(hc_id *out, int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                const hc_document_image *image, hc_error *err)
{
    struct item_call call = {.given = image, .input.list = HC_DOCUMENT_IMAGES};
    hc__document_change change = {.property_id = property_id, .version = version, .given = &call};

    return add_item(out, out_version, as, &change, err);
}

hc_status hc_document_add_file(hc_id *out, int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                               const hc_document_file *file, hc_error *err)
{
    struct item_call call = {.given = file, .input.list = HC_DOCUMENT_FILES};
    hc__document_change change = {.property_id = property_id, .version = version, .given = &call};

    return add_item(out, out_version, as, &change, err);
}

/* ---- replacing ---- */

/* What the old bytes had and the new ones were not given is gone. */
static void clear_the_rest(hc__record *changes, int32_t list)
{
    static const uint16_t own[] = {hc__item_f_caption, hc__item_f_content_type, hc__item_f_sha256, hc__item_f_size};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (hc__items_know(list, own[i]) && !hc__record_is_set(changes, own[i]))
            hc__record_set_null(changes, own[i]);
}

static hc_status replace(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct item_call *call = data;
    int32_t list;
    hc_document_item *item = hc__document_item(edit, &list, call->id, err);
    hc__record changes;
    bool becomes_legal;

    if (item == NULL || list != call->input.list)
        return hc__fail(err, HC_ERR_NOT_FOUND, "item_id", "that list has no such item");
    if (hc__copy_changes(&changes, edit->unit, &call->input.record, err) < 0)
        return hc__no_memory(err);
    clear_the_rest(&changes, list);
    becomes_legal = is_legal(&changes) && !is_legal(&item->record);
    if (becomes_legal && !hc__record_is_set(&changes, hc__item_f_visibility))
        hc__record_set_int(&changes, hc__item_f_visibility, HC_DOCUMENT_PRIVATE);
    if (!hc__drop_same(&changes, &item->record))
        return HC_NOTE_SAME;
    for (uint16_t i = 0; i < hc__item_field_count; i++)
        if (hc__record_is_set(&changes, i))
            item->record.values[i] = changes.values[i];
    if (hc__record_is_set(&changes, hc__item_f_is_primary))
        hc__document_promote(HC__LIST(edit, list), item);
    if (hc__record_is_set(&changes, hc__item_f_visibility))
        hc__document_tell_visibility(edit, hc__record_int(&changes, hc__item_f_visibility));
    edit->touched[list - HC_DOCUMENT_IMAGES] = true;
    edit->audit.target = call->id;
    return HC_OK;
}

static hc_status replace_item(int32_t *out_version, hc_session *as, hc__document_change *change, hc_error *err)
{
    change->apply = replace;
    change->prepare = prepare_item;
    return hc__document_call(out_version, as, change, err);
}

hc_status hc_document_replace_image(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                    hc_id item_id, const hc_document_image *image, hc_error *err)
{
    struct item_call call = {.given = image, .input.list = HC_DOCUMENT_IMAGES, .id = item_id};
    hc__document_change change = {.property_id = property_id, .version = version, .given = &call};

    return replace_item(out_version, as, &change, err);
}

hc_status hc_document_replace_file(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                   hc_id item_id, const hc_document_file *file, hc_error *err)
{
    struct item_call call = {.given = file, .input.list = HC_DOCUMENT_FILES, .id = item_id};
    hc__document_change change = {.property_id = property_id, .version = version, .given = &call};

    return replace_item(out_version, as, &change, err);
}
