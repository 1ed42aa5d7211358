/* Rows on their way into a batch, and out of it into the counts and the report. */
#include <string.h>

#include "base/json.h"
#include "transfer/import.h"

#define BATCH_BYTES ((size_t)4 << 20) /* of input; a batch of wide rows ends here */

hc_status hc__import_next(hc__import *import, hc__incoming **out, int64_t line, hc_error *err)
{
    hc__incoming *row = &import->rows[import->count];

    *row = (hc__incoming){.line = line, .key = ""};
    *out = row;
    import->counts.read++;
    return hc__record_init(&row->listing, &hc__property_entity, &import->arena, err);
}

static inline void add(hc__buf *out, const void *bytes, size_t size)
{
    memcpy(out->data + out->size, bytes, size);
    out->size += size;
}

/* What a row says, as bytes: the fields set, in order. */
static void spell(hc__buf *out, const hc__record *listing)
{
    hc__buf_clear(out);
    for (uint16_t i = hc__record_next_set(listing, 0); i < HC__FIELD_LIMIT; i = hc__record_next_set(listing, i + 1u)) {
        const hc_value *value = &listing->values[i];
        uint32_t head[2] = {(uint32_t)i, (uint32_t)value->type};

        if (!hc__buf_room(out, sizeof head + sizeof value->as.integer + value->size))
            return;
        add(out, head, sizeof head);
        if (value->type == HC_TYPE_NULL)
            continue;
        if ((1u << value->type & HC__TYPES_OF_BYTES) == 0) {
            add(out, &value->as.integer, sizeof value->as.integer);
            continue;
        }
        add(out, &value->size, sizeof value->size);
        if (value->size > 0)
            add(out, value->as.bytes, value->size);
    }
}

hc_status hc__import_hash(hc__import *import, hc__incoming *row, hc_error *err)
{
    if (row->hashed)
        return HC_OK;
    spell(&import->scratch, &row->listing);
    if (import->scratch.failed)
        return hc__no_memory(err);
    hc__mac(row->hash, import->as->core->request_key, "import row", import->scratch.data, import->scratch.size);
    row->hashed = true;
    return HC_OK;
}

static hc_status flush_when_full(hc__import *import, size_t size, hc_error *err)
{
    import->bytes += size;
    return import->count + import->dropped < import->capacity && import->bytes < BATCH_BYTES
               ? HC_OK
               : hc__import_flush(import, err);
}

hc_status hc__import_take(hc__import *import, size_t size, hc_error *err)
{
    import->count++;
    return flush_when_full(import, size, err);
}

static void put_text(hc__json_writer *writer, const char *name, const char *text)
{
    hc__json_key(writer, name);
    hc__json_string(writer, text, strlen(text));
}

static hc_status tell_refused(hc__import *import, const hc__incoming *row, const char *field, const char *reason,
                              hc_error *err)
{
    hc__json_writer writer;

    import->counts.refused++;
    if (import->options.report == NULL)
        return HC_OK;
    hc__buf_clear(&import->scratch);
    hc__json_begin(&writer, &import->scratch);
    hc__json_object(&writer);
    hc__json_key(&writer, "line");
    hc__json_int(&writer, row->line);
    put_text(&writer, "key", row->key == NULL ? "" : row->key);
    put_text(&writer, "field", field);
    put_text(&writer, "reason", reason);
    hc__json_object_end(&writer);
    if (import->scratch.failed)
        return hc__no_memory(err);
    import->options.report(import->scratch.data, import->scratch.size, import->options.data);
    return HC_OK;
}

hc_status hc__import_refuse(hc__import *import, size_t size, const hc_error *why, hc_error *err)
{
    hc_status status = tell_refused(import, &import->rows[import->count], why->field, why->message, err);

    import->dropped++;
    return status < 0 ? status : flush_when_full(import, size, err);
}

static hc_status tally(hc__import *import, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0; status == HC_OK && i < import->count; i++) {
        const hc__incoming *row = &import->rows[i];

        switch (row->verdict) {
        case HC__ROW_CREATED:
            import->counts.created++;
            break;
        case HC__ROW_UPDATED:
            import->counts.updated++;
            break;
        case HC__ROW_UNCHANGED:
            import->counts.unchanged++;
            break;
        case HC__ROW_REFUSED:
            status = tell_refused(import, row, row->field, row->reason, err);
            break;
        }
    }
    return status;
}

/* Keys come in no order, so a large store writes most pages of its indexes for each batch: the more rows an import has
 * brought, the more of them share that. */
static size_t next_batch(const hc__import *import)
{
    int64_t quarter = import->counts.read / 4;

    if (import->options.batch != 0)
        return import->capacity;
    return quarter < HC__BATCH_FIRST ? HC__BATCH_FIRST : quarter > HC__BATCH_MOST ? HC__BATCH_MOST : (size_t)quarter;
}

hc_status hc__import_flush(hc__import *import, hc_error *err)
{
    hc_status status = HC_OK;

    if (import->count > 0)
        status = hc__batch_write(import, 0, import->count, false, err);
    if (status == HC_OK)
        status = tally(import, err);
    import->count = import->dropped = 0;
    import->bytes = 0;
    import->capacity = next_batch(import);
    hc__arena_free(&import->arena);
    if (status == HC_OK && import->options.progress != NULL &&
        import->options.progress(&import->counts, import->options.data) != HC_OK)
        status = hc__fail(err, HC_ERR_CANCELLED, NULL, "the import was cancelled by its progress callback");
    return status;
}
