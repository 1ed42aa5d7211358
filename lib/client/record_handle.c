#include "client/record_handle.h"

#include <string.h>

#include "base/id.h"

/* Bytes behind a record's values that hold its texts: enough for most listings. */
#define TEXT_ROOM 1536

hc__record *hc__record_new(hc__core *core, const hc__entity *entity)
{
    size_t values = entity->kind.field_count * sizeof(hc_value);
    hc__handle *handle;
    hc__record *record = hc__handle_new(core, sizeof *record, values + TEXT_ROOM, &handle);

    if (record == NULL)
        return NULL;
    if (hc__record_init(record, entity, &handle->arena, NULL) < 0) {
        hc__handle_free(handle);
        return NULL;
    }
    record->handle = handle;
    return record;
}

hc__record *hc__record_new_for(const hc_client *client, const hc__entity *entity)
{
    hc__core *core;

    return hc__client_core(&core, client, NULL) < 0 ? NULL : hc__record_new(core, entity);
}

void hc__record_free(hc__record *record)
{
    if (record != NULL && record->handle != NULL)
        hc__handle_free(record->handle);
}

hc_id hc__record_key(const hc__record *record)
{
    return hc__record_id(record, 0);
}

int32_t hc__record_version(const hc__record *record)
{
    return (int32_t)hc__record_int(record, record->entity->version);
}

/* What does not name a row stays null, which hc__record_check() refuses: never "whatever version it has". */
static hc__record *with_key(hc__record *record, hc_id id, int32_t version)
{
    hc_value key = {HC_TYPE_ID, sizeof id.bytes, {0}};
    hc_value number = {HC_TYPE_INT32, 0, {0}};

    if (record == NULL)
        return NULL;
    key.as.bytes = id.bytes;
    number.as.integer = version;
    if ((!hc__id_zero(id) && !hc__record_put(record, 0, &key)) ||
        (version > 0 && !hc__record_put(record, record->entity->version, &number))) {
        hc__record_free(record);
        return NULL;
    }
    return record;
}

/* A public record always lies in the arena of a handle: its own, or its page's. */
hc__record *hc__record_edit(const hc__record *row)
{
    const hc__handle *owner;

    if (row == NULL)
        return NULL;
    owner = (const hc__handle *)((const char *)row->arena - offsetof(hc__handle, arena));
    return with_key(hc__record_new(owner->core, row->entity), hc__record_key(row), hc__record_version(row));
}

hc__record *hc__record_at(const hc_client *client, const hc__entity *entity, hc_id id, int32_t version)
{
    return with_key(hc__record_new_for(client, entity), id, version);
}

/* Rows of a page usually follow it in memory: room for one small row, the arena grows from there. */
#define PAGE_ROOM 8192

hc__page *hc__page_new(hc__core *core)
{
    hc__handle *handle;
    hc__page *page = hc__handle_new(core, sizeof *page, PAGE_ROOM, &handle);

    if (page != NULL)
        page->handle = handle;
    return page;
}

void hc__page_free(hc__page *page)
{
    if (page != NULL)
        hc__handle_free(page->handle);
}
