/* Changes of one thing about the items: caption, order, primary, visibility; removing one; the tour. */
#include "homeconnect/document.h"

#include <string.h>

#include "base/id.h"
#include "document/document_change.h"
#include "document/document_input.h"

struct given {
    hc_id item;
    const char *text; /* caption or address; NULL: none */
    int32_t number;   /* list or visibility */
    const hc_id *ids;
    size_t count;
};

static hc_status call(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version, struct given *given,
                      hc__document_prepare prepare, hc__document_fn apply, hc_error *err)
{
    hc__document_change change = {
        .property_id = property_id, .version = version, .given = given, .prepare = prepare, .apply = apply};

    return hc__document_call(out_version, as, &change, err);
}

static hc_status touch(hc__document_edit *edit, int32_t list, hc_id target)
{
    edit->touched[list - HC_DOCUMENT_IMAGES] = true;
    edit->audit.target = target;
    return HC_OK;
}

/* An image by its id. */
static hc_document_item *image(hc__document_edit *edit, hc_id id, hc_error *err)
{
    int32_t list;
    hc_document_item *item = hc__document_item(edit, &list, id, err);

    if (item == NULL || list == HC_DOCUMENT_IMAGES)
        return item;
    hc__fail(err, HC_ERR_NOT_FOUND, "item_id", "the listing has no such image");
    return NULL;
}

/* ---- caption ---- */

static hc_status set_caption(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    hc_document_item *item = image(edit, given->item, err);
    const char *before;

    if (item == NULL)
        return HC_ERR_NOT_FOUND;
    before = hc__record_text(&item->record, hc__item_f_caption);
    if (before == NULL ? given->text == NULL : given->text != NULL && strcmp(before, given->text) == 0)
        return HC_NOTE_SAME;
    hc__record_set_text(&item->record, hc__item_f_caption, given->text, given->text == NULL ? 0 : strlen(given->text));
    touch(edit, HC_DOCUMENT_IMAGES, given->item);
    return hc__record_fault(&item->record, err);
}

hc_status hc_document_set_caption(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                  hc_id item_id, const char *caption, hc_error *err)
{
    struct given given = {.item = item_id, .text = caption};

    return call(out_version, as, property_id, version, &given, NULL, set_caption, err);
}

/* ---- order ---- */

static hc_status check_order(hc_session *as, hc__document_change *change, hc__arena *arena, hc_error *err)
{
    const struct given *given = change->given;

    (void)as;
    (void)arena;
    if (given->number != HC_DOCUMENT_IMAGES && given->number != HC_DOCUMENT_FILES)
        return hc__fail(err, HC_ERR_INVALID, "list", "one of HC_DOCUMENT_IMAGES, HC_DOCUMENT_FILES");
    if (given->ids == NULL && given->count > 0)
        return hc__fail(err, HC_ERR_MISUSE, "ids", "NULL");
    return HC_OK;
}

static hc_status reorder(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    hc__items *items = HC__LIST(edit, given->number);
    hc_document_item **order;
    bool same = true;

    if (given->count != items->count)
        return hc__fail(err, HC_ERR_INVALID, "ids", "the list has %zu items, not %zu", items->count, given->count);
    order = hc__arena_alloc(hc__unit_arena(edit->unit), (items->count + 1) * sizeof *order);
    if (order == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < items->count; i++) {
        order[i] = hc__items_find(items, given->ids[i]);
        for (size_t k = 0; k < i && order[i] != NULL; k++)
            if (order[k] == order[i])
                order[i] = NULL;
        if (order[i] == NULL)
            return hc__fail(err, HC_ERR_INVALID, "ids", "id %zu is no item of the list, or there twice", i + 1);
        same = same && order[i] == items->at[i];
    }
    if (same)
        return HC_NOTE_SAME;
    memcpy(items->at, order, items->count * sizeof *order);
    edit->touched[given->number - HC_DOCUMENT_IMAGES] = true;
    return HC_OK;
}

hc_status hc_document_reorder(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version, int32_t list,
                              const hc_id *ids, size_t count, hc_error *err)
{
    struct given given = {.number = list, .ids = ids, .count = count};

    return call(out_version, as, property_id, version, &given, check_order, reorder, err);
}

/* ---- primary ---- */

static hc_status set_primary(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    hc_document_item *item = image(edit, given->item, err);

    if (item == NULL)
        return HC_ERR_NOT_FOUND;
    if (hc__record_int(&item->record, hc__item_f_is_primary) != 0)
        return HC_NOTE_SAME;
    hc__document_promote(HC__LIST(edit, HC_DOCUMENT_IMAGES), item);
    return touch(edit, HC_DOCUMENT_IMAGES, given->item);
}

hc_status hc_document_set_primary(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                  hc_id item_id, hc_error *err)
{
    struct given given = {.item = item_id};

    return call(out_version, as, property_id, version, &given, NULL, set_primary, err);
}

/* ---- visibility ---- */

static hc_status check_visibility(hc_session *as, hc__document_change *change, hc__arena *arena, hc_error *err)
{
    (void)as;
    (void)arena;
    return hc__input_visibility(((const struct given *)change->given)->number, err);
}

static hc_status set_visibility(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    int32_t list;
    hc_document_item *item = hc__document_item(edit, &list, given->item, err);

    if (item == NULL)
        return HC_ERR_NOT_FOUND;
    if (hc__record_int(&item->record, hc__item_f_visibility) == given->number)
        return HC_NOTE_SAME;
    hc__record_set_int(&item->record, hc__item_f_visibility, given->number);
    hc__document_tell_visibility(edit, given->number);
    return touch(edit, list, given->item);
}

hc_status hc_document_set_visibility(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                     hc_id item_id, int32_t visibility, hc_error *err)
{
    struct given given = {.item = item_id, .number = visibility};

    return call(out_version, as, property_id, version, &given, check_visibility, set_visibility, err);
}

/* ---- removing ---- */

static bool is_other(const hc_document_item *item, const void *removed)
{
    return item != removed;
}

static hc_status remove_item(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    hc__arena *arena = hc__unit_arena(edit->unit);
    hc_op shares = {
        .verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = &hc__share_entity.kind, .index = HC_INDEX_ANY};
    int32_t list;
    hc_document_item *item = hc__document_item(edit, &list, given->item, err);

    if (item == NULL)
        return HC_ERR_NOT_FOUND;
    hc__items_keep(HC__LIST(edit, list), is_other, item);
    shares.where = hc__all_of(
        arena, hc__is_id(arena, hc__share_f_property_id, hc__record_id(edit->before, hc__document_f_property_id)),
        hc__is_id(arena, hc__share_f_item_id, given->item));
    hc__unit_add(edit->unit, shares.where == NULL ? NULL : &shares);
    edit->audit.event = "sensitive_delete";
    return touch(edit, list, given->item);
}

hc_status hc_document_remove(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version, hc_id item_id,
                             hc_error *err)
{
    struct given given = {.item = item_id};

    return call(out_version, as, property_id, version, &given, NULL, remove_item, err);
}

/* ---- virtual tour ---- */

static hc_status check_tour(hc_session *as, hc__document_change *change, hc__arena *arena, hc_error *err)
{
    const struct given *given = change->given;

    (void)as;
    (void)arena;
    return given->text == NULL ? HC_OK : hc__input_url("virtual_tour_url", given->text, err);
}

static hc_status set_tour(hc__document_edit *edit, const void *data, hc_error *err)
{
    const struct given *given = data;
    const char *before = hc__record_text(edit->before, hc__document_f_virtual_tour_url);

    if (before == NULL ? given->text == NULL : given->text != NULL && strcmp(before, given->text) == 0)
        return HC_NOTE_SAME;
    hc__record_set_text(edit->row, hc__document_f_virtual_tour_url, given->text,
                        given->text == NULL ? 0 : strlen(given->text));
    return hc__record_fault(edit->row, err);
}

hc_status hc_document_set_virtual_tour(int32_t *out_version, hc_session *as, hc_id property_id, int32_t version,
                                       const char *url, hc_error *err)
{
    struct given given = {.text = url};

    return call(out_version, as, property_id, version, &given, check_tour, set_tour, err);
}
