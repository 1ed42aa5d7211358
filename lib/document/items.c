#include "document/items.h"

#include <string.h>

#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"

static const uint16_t of_images[] = {hc__item_f_id,           hc__item_f_url,       hc__item_f_caption,
                                     hc__item_f_is_primary,   hc__item_f_position,  hc__item_f_visibility,
                                     hc__item_f_status,       hc__item_f_sha256,    hc__item_f_size,
                                     hc__item_f_content_type, hc__item_f_created_at};
static const uint16_t of_files[] = {hc__item_f_id,           hc__item_f_url,       hc__item_f_name,
                                    hc__item_f_type,         hc__item_f_position,  hc__item_f_visibility,
                                    hc__item_f_status,       hc__item_f_sha256,    hc__item_f_size,
                                    hc__item_f_content_type, hc__item_f_created_at};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

uint16_t hc__items_field(int32_t list)
{
    return list == HC_DOCUMENT_IMAGES ? hc__document_f_images : hc__document_f_documents;
}

bool hc__items_know(int32_t list, uint16_t field)
{
    const uint16_t *fields = list == HC_DOCUMENT_IMAGES ? of_images : of_files;
    size_t count = list == HC_DOCUMENT_IMAGES ? COUNT(of_images) : COUNT(of_files);

    for (size_t i = 0; i < count; i++)
        if (fields[i] == field)
            return true;
    return false;
}

/* ---- reading ---- */

struct reading {
    hc__items *out;
    hc__arena *arena;
    const hc__secret *key;
    hc_id property_id;
    size_t capacity;
    hc__buf raw;
};

static hc_status keep_member(hc_document_item *item, hc__arena *arena, const hc__member *member, hc_error *err)
{
    hc__member *more;

    if ((item->other_count & (item->other_count - 1)) == 0) { /* a power of two: full */
        size_t room = item->other_count == 0 ? 1 : 2 * item->other_count;

        more = hc__arena_alloc(arena, room * sizeof *more);
        if (more == NULL)
            return hc__no_memory(err);
        if (item->other_count > 0)
            memcpy(more, item->others, item->other_count * sizeof *more);
        item->others = more;
    }
    more = &item->others[item->other_count];
    *more = *member;
    more->name = hc__arena_text(arena, member->name, member->name_size);
    if (more->name == NULL)
        return hc__no_memory(err);
    item->other_count++;
    return HC_OK;
}

static bool is_null(const hc__member *member)
{
    return member->value_size == 4 && memcmp(member->value, "null", 4) == 0;
}

/* A value that we would refuse stays as it is beside an empty field: it is another program's. */
static hc_status take_member(hc_document_item *item, hc__arena *arena, const hc__member *member, hc_error *err)
{
    hc__record *record = &item->record;
    uint16_t field = hc__entity_find(&hc__item_entity, member->name, member->name_size);

    if (field != HC_NO_FIELD && (!hc__items_know(item->list, field) ||
                                 hc__item_entity.info[field].name_size != member->name_size)) /* a RESO name */
        field = HC_NO_FIELD;
    if (field == HC_NO_FIELD)
        return keep_member(item, arena, member, err);
    if (is_null(member))
        return HC_OK;
    hc__record_set_json(record, field, member->value, member->value_size);
    if (record->fault == HC_OK)
        return HC_OK;
    if (record->fault == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    record->fault = HC_OK;
    return keep_member(item, arena, member, err);
}

static hc_status read_object(hc_document_item *item, hc__arena *arena, const char *text, size_t size, hc_error *err)
{
    hc__json_reader reader;
    hc__json_token token;
    hc_status status = HC_OK;

    hc__json_open(&reader, arena->mem, text, size, &(hc__json_limits){.bytes = size});
    token = hc__json_next(&reader, err);
    while (status >= 0 && token != HC__JSON_ERROR && token != HC__JSON_END) {
        hc__member member;

        token = hc__json_next(&reader, err);
        if (token != HC__JSON_KEY)
            continue;
        member.name = reader.text;
        member.name_size = reader.size;
        if (hc__json_skip(&reader, &member.value, &member.value_size, err))
            status = take_member(item, arena, &member, err);
        else
            token = HC__JSON_ERROR;
    }
    if (status >= 0 && token == HC__JSON_ERROR)
        status = reader.status;
    hc__json_close(&reader);
    return status;
}

static bool grow(hc__items *items, hc__arena *arena, size_t *capacity)
{
    hc_document_item **at;

    if (items->at != NULL && items->count + 1 < *capacity)
        return true;
    *capacity = *capacity == 0 ? 16 : 2 * *capacity;
    at = hc__arena_zero(arena, *capacity, sizeof *at);
    if (at == NULL)
        return false;
    if (items->count > 0)
        memcpy(at, items->at, items->count * sizeof *at);
    items->at = at;
    return true;
}

static hc_document_item *make(hc__arena *arena, int32_t list)
{
    hc_document_item *item = hc__arena_zero(arena, 1, sizeof *item);

    if (item == NULL || hc__record_init(&item->record, &hc__item_entity, arena, NULL) < 0)
        return NULL;
    item->list = list;
    return item;
}

static hc_status take_element(struct reading *reading, const char *text, size_t size, hc_error *err)
{
    hc__items *items = reading->out;
    hc_document_item *item;

    if (text[0] != '{') {
        hc__buf_char(&reading->raw, ',');
        hc__buf_put(&reading->raw, text, size);
        return HC_OK;
    }
    item = make(reading->arena, items->list);
    if (item == NULL || !grow(items, reading->arena, &reading->capacity))
        return hc__no_memory(err);
    items->at[items->count++] = item;
    return read_object(item, reading->arena, text, size, err);
}

static hc_status read_list(struct reading *reading, const char *text, size_t size, hc_error *err)
{
    const hc__json_limits limits = {.bytes = (size_t)hc__document_entity.info[hc__document_f_images].most};
    hc__json_reader reader;
    const char *element;
    size_t element_size;
    hc_status status = HC_OK;

    hc__json_open(&reader, reading->arena->mem, text, size, &limits);
    if (hc__json_next(&reader, err) != HC__JSON_ARRAY)
        status = reader.status < 0 ? reader.status : HC_ERR_CORRUPT;
    while (status >= 0 && hc__json_skip(&reader, &element, &element_size, err))
        status = take_element(reading, element, element_size, err);
    if (status >= 0)
        status = reader.status;
    hc__json_close(&reader);
    return status;
}

/* ---- what other programs may leave out ---- */

static bool same_text(const hc_value *a, const hc_value *b)
{
    return a->type == b->type &&
           (a->type == HC_TYPE_NULL || (a->size == b->size && memcmp(a->as.bytes, b->as.bytes, a->size) == 0));
}

static bool has_id_before(const hc__items *items, size_t index)
{
    hc_id id = hc__record_key(&items->at[index]->record);

    for (size_t i = 0; i < index; i++)
        if (hc__id_equal(hc__record_key(&items->at[i]->record), id))
            return true;
    return false;
}

/* The same item has the same id in each reading, and nobody without the client's key can guess it (RFC 9562, 5.8). */
static void name_item(const struct reading *reading, size_t index)
{
    const hc_value *url = &reading->out->at[index]->record.values[hc__item_f_url];
    struct {
        hc_id property;
        uint8_t url[32];
        int32_t list;
        uint32_t nth;
    } what;
    uint8_t mac[32];
    hc_id id;

    memset(&what, 0, sizeof what);
    what.property = reading->property_id;
    what.list = reading->out->list;
    for (size_t i = 0; i < index; i++)
        what.nth += same_text(&reading->out->at[i]->record.values[hc__item_f_url], url);
    hc__mac(what.url, reading->key, "item url", url->type == HC_TYPE_NULL ? "" : url->as.bytes, url->size);
    hc__mac(mac, reading->key, "item", &what, sizeof what);
    memcpy(id.bytes, mac, sizeof id.bytes);
    id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    hc__record_set_id(&reading->out->at[index]->record, hc__item_f_id, id);
}

/* Whether `text` is `word`, or goes on after it, in any case. */
static bool starts(const char *text, const char *word)
{
    while (*word != '\0' && hc__ascii_lower(*text) == *word) {
        text++;
        word++;
    }
    return *word == '\0';
}

/* Without a word about it a photo is public, and a file that may be a deed is not. What says something that we do not
 * understand is private too. */
static int32_t default_visibility(const hc_document_item *item)
{
    const char *type = hc__record_text(&item->record, hc__item_f_type);
    bool file = item->list == HC_DOCUMENT_FILES;

    for (size_t i = 0; i < item->other_count; i++)
        if (starts(item->others[i].name, "visibility") || (file && starts(item->others[i].name, "type")))
            return HC_DOCUMENT_PRIVATE;
    return file && (type == NULL || starts(type, HC_DOCUMENT_LEGAL)) ? HC_DOCUMENT_PRIVATE : HC_DOCUMENT_PUBLIC;
}

static hc_status complete(const struct reading *reading, hc_error *err)
{
    hc__items *items = reading->out;

    for (size_t i = 0; i < items->count; i++) {
        hc__record *record = &items->at[i]->record;

        if (hc__record_is_null(record, hc__item_f_id) || has_id_before(items, i))
            name_item(reading, i);
        if (hc__record_is_null(record, hc__item_f_visibility))
            hc__record_set_int(record, hc__item_f_visibility, default_visibility(items->at[i]));
        if (hc__record_is_null(record, hc__item_f_status))
            hc__record_set_int(record, hc__item_f_status, HC_DOCUMENT_READY);
        if (hc__record_is_null(record, hc__item_f_position))
            hc__record_set_int(record, hc__item_f_position, (int64_t)i);
        if (record->fault < 0)
            return hc__no_memory(err);
    }
    for (size_t i = 1; i < items->count; i++) { /* by position, those of one position in their order: mostly sorted */
        hc_document_item *item = items->at[i];
        int64_t position = hc__record_int(&item->record, hc__item_f_position);
        size_t k = i;

        for (; k > 0 && hc__record_int(&items->at[k - 1]->record, hc__item_f_position) > position; k--)
            items->at[k] = items->at[k - 1];
        items->at[k] = item;
    }
    hc__items_settle(items);
    return HC_OK;
}

hc_status hc__items_read(hc__items *out, hc__arena *arena, int32_t list, const hc__record *document,
                         const hc__secret *key, hc_error *err)
{
    uint16_t field = hc__items_field(list);
    const hc_value *json = &document->values[field];
    struct reading reading = {out, arena, key, hc__record_id(document, hc__document_f_property_id), 0, {0}};
    const char *name = hc__document_entity.kind.fields[field].name;
    hc_status status = HC_OK;

    *out = (hc__items){.list = list};
    if (!grow(out, arena, &reading.capacity))
        return hc__no_memory(err);
    if (json->type == HC_TYPE_NULL)
        return HC_OK;
    hc__buf_init(&reading.raw, arena->mem);
    status = read_list(&reading, json->as.bytes, json->size, err);
    if (status >= 0 && reading.raw.size > 0) {
        out->raw = hc__arena_text(arena, reading.raw.data + 1, reading.raw.size - 1);
        out->raw_size = reading.raw.size - 1;
    }
    if (status == HC_ERR_NO_MEMORY || reading.raw.failed || (reading.raw.size > 0 && status >= 0 && out->raw == NULL))
        status = hc__no_memory(err);
    else if (status < 0)
        status = hc__fail(err, HC_ERR_CORRUPT, name, "the stored %s of the listing are no list of objects", name);
    hc__buf_free(&reading.raw);
    return status < 0 ? status : complete(&reading, err);
}

/* ---- changing ---- */

void hc__items_settle(hc__items *items)
{
    size_t primary = 0;

    for (size_t i = items->count; i-- > 0;)
        if (hc__record_int(&items->at[i]->record, hc__item_f_is_primary) != 0)
            primary = i;
    for (size_t i = 0; i < items->count; i++) {
        hc__record_set_int(&items->at[i]->record, hc__item_f_position, (int64_t)i);
        if (items->list == HC_DOCUMENT_IMAGES)
            hc__record_set_int(&items->at[i]->record, hc__item_f_is_primary, i == primary);
    }
}

void hc__items_keep(hc__items *items, bool (*may)(const hc_document_item *item, const void *who), const void *who)
{
    size_t kept = 0;

    for (size_t i = 0; i < items->count; i++)
        if (may(items->at[i], who))
            items->at[kept++] = items->at[i];
    items->count = kept;
    hc__items_settle(items);
}

hc_document_item *hc__items_find(const hc__items *items, hc_id id)
{
    for (size_t i = 0; i < items->count; i++)
        if (hc__id_equal(hc__record_key(&items->at[i]->record), id))
            return items->at[i];
    return NULL;
}

hc_document_item *hc__items_add(hc__items *items, hc__arena *arena)
{
    hc_document_item *item = make(arena, items->list);

    if (item != NULL)
        items->at[items->count++] = item;
    return item;
}

/* ---- writing ---- */

static void put_item(hc__buf *out, const hc_document_item *item, bool others)
{
    const hc__record *record = &item->record;
    uint64_t fields[(HC__FIELD_LIMIT + 63) / 64] = {0};

    for (uint16_t i = 0; i < hc__item_field_count; i++)
        if (hc__items_know(item->list, i) && !hc__record_is_null(record, i))
            fields[i / 64] |= UINT64_C(1) << (i % 64);
    hc__record_to_json(out, record, HC__OWNER_ONLY, fields);
    if (!others || out->failed)
        return;
    for (size_t i = 0; i < item->other_count; i++) {
        const hc__member *member = &item->others[i];
        uint16_t field = hc__entity_find(&hc__item_entity, member->name, member->name_size);
        hc__json_writer name;

        if (field != HC_NO_FIELD && hc__items_know(item->list, field) && !hc__record_is_null(record, field) &&
            hc__item_entity.info[field].name_size == member->name_size)
            continue; /* the field has a value of ours now */
        out->size--;  /* the brace; an id is always there before */
        hc__buf_char(out, ',');
        hc__json_begin(&name, out);
        hc__json_string(&name, member->name, member->name_size);
        hc__buf_char(out, ':');
        hc__buf_put(out, member->value, member->value_size);
        hc__buf_char(out, '}');
    }
}

void hc__items_put(hc__buf *out, const hc__items *items, bool others)
{
    bool kept = others && items->raw != NULL;

    hc__buf_char(out, '[');
    for (size_t i = 0; i < items->count && !out->failed; i++) {
        if (i > 0)
            hc__buf_char(out, ',');
        put_item(out, items->at[i], others);
    }
    if (kept && items->count > 0)
        hc__buf_char(out, ',');
    if (kept)
        hc__buf_put(out, items->raw, items->raw_size);
    hc__buf_char(out, ']');
}
