/* Rows of a CSV onto listings, by a mapping. */
#include <string.h>

#include "base/fail.h"
#include "base/time.h"
#include "transfer/mapping.h"

/* ---- the header ---- */

static hc_status find_column(size_t *out, const char *name, const hc__csv_record *header, hc_error *err)
{
    size_t size = strlen(name), found = 0;

    for (size_t i = 0; i < header->count; i++)
        if (header->fields[i].size == size && memcmp(header->fields[i].text, name, size) == 0) {
            *out = i;
            found++;
        }
    if (found == 1)
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID, "csv", "the column %s, which the mapping names, is %s the header", name,
                    found == 0 ? "not in" : "more than once in");
}

hc_status hc__mapping_resolve(hc__mapping *mapping, const hc__csv_record *header, hc_error *err)
{
    if (header->fault != NULL)
        return hc__fail(err, HC_ERR_INVALID, "csv", "the header cannot be read: %s", header->fault);
    mapping->width = header->count;
    mapping->positions = hc__arena_zero(&mapping->arena, mapping->column_count + 1, sizeof(size_t));
    if (mapping->positions == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < mapping->column_count; i++) {
        hc_status status = find_column(&mapping->positions[i], mapping->columns[i], header, err);

        if (status < 0)
            return status;
    }
    return HC_OK;
}

/* ---- the text of a value ---- */

typedef struct cell {
    const char *text; /* NULL: there is nothing */
    size_t size;
} cell;

static bool means_nothing(const hc__mapping_value *value, const hc__csv_field *field)
{
    if (field->size == 0)
        return true;
    for (size_t i = 0; i < value->empty_count; i++)
        if (strlen(value->empty[i]) == field->size && memcmp(value->empty[i], field->text, field->size) == 0)
            return true;
    return false;
}

/* A template all of whose columns are empty is empty. False without memory. */
static bool fill_template(cell *out, hc__mapping *mapping, const hc__mapping_value *value, const hc__csv_record *record)
{
    hc__buf *buf = &mapping->scratch;
    bool something = false;

    hc__buf_clear(buf);
    for (size_t i = 0; i < value->part_count; i++) {
        const hc__mapping_part *part = &value->parts[i];
        const hc__csv_field *field;

        if (part->text != NULL) {
            hc__buf_put(buf, part->text, part->size);
            continue;
        }
        field = &record->fields[mapping->positions[part->column]];
        if (!means_nothing(value, field)) {
            something = true;
            hc__buf_put(buf, field->text, field->size);
        }
    }
    *out = something ? (cell){buf->data, buf->size} : (cell){NULL, 0};
    return !buf->failed;
}

static bool text_of(cell *out, hc__mapping *mapping, const hc__mapping_value *value, const hc__csv_record *record)
{
    if (value->part_count == 1 && value->parts[0].text == NULL) {
        const hc__csv_field *field = &record->fields[mapping->positions[value->parts[0].column]];

        *out = means_nothing(value, field) ? (cell){NULL, 0} : (cell){field->text, field->size};
    } else if (!fill_template(out, mapping, value, record)) {
        return false;
    }
    if (out->text == NULL && value->fallback != NULL)
        *out = (cell){value->fallback, strlen(value->fallback)};
    return true;
}

/* False when the map has no word for the text. */
static bool translate(cell *at, const hc__mapping_value *value)
{
    if (value->map == NULL || at->text == NULL)
        return true;
    for (size_t i = 0; i < value->map_count; i++)
        if (value->map[i].from_size == at->size && memcmp(value->map[i].from, at->text, at->size) == 0) {
            *at = (cell){value->map[i].to, value->map[i].to_size};
            return true;
        }
    if (value->otherwise == NULL)
        return false;
    *at = (cell){value->otherwise, strlen(value->otherwise)};
    return true;
}

/* ---- the value ---- */

static void set_nothing(hc__record *listing, uint16_t field)
{
    if (listing->entity->info[field].required)
        hc__record_refuse(listing, field, "is required, and empty here");
    else if ((listing->entity->kind.fields[field].flags & HC_FIELD_NULLABLE) != 0)
        hc__record_set_null(listing, field);
    /* else it has a default, which an empty cell leaves alone */
}

static void set_value(hc__record *listing, const hc__mapping_value *value, cell at)
{
    int64_t micros;

    if (!translate(&at, value))
        hc__record_refuse(listing, value->field, "is not in the mapping's map");
    else if (at.text == NULL || at.size == 0)
        set_nothing(listing, value->field);
    else if (value->unit != NULL)
        hc__unit_set(listing, value->field, at.text, at.size, value->unit, value->rounding);
    else if (value->format == NULL)
        hc__record_set_spelled(listing, value->field, at.text, at.size, (int)value->rounding);
    else if (hc__date_by_format(&micros, value->format, at.text, at.size))
        hc__record_set_int(listing, value->field, hc__day_of(micros));
    else
        hc__record_refuse(listing, value->field, "is no date of the mapping's format");
}

static hc_status take_key(hc__mapped *out, hc__mapping *mapping, const hc__csv_record *record, hc__arena *arena,
                          hc_error *err)
{
    cell at;

    if (!text_of(&at, mapping, &mapping->key, record))
        return hc__no_memory(err);
    if (!translate(&at, &mapping->key))
        return hc__fail(err, HC_ERR_INVALID, "source_key", "source_key is not in the mapping's map");
    if (at.text == NULL || at.size == 0 || at.size > 255)
        return hc__fail(err, HC_ERR_INVALID, "source_key", "source_key must have 1 to 255 bytes");
    out->key = hc__arena_text(arena, at.text, at.size);
    out->key_size = at.size;
    return out->key == NULL ? hc__no_memory(err) : HC_OK;
}

static bool read_time(int64_t *out, const hc__mapping_value *value, cell at)
{
    int32_t day;

    if (value->format != NULL)
        return hc__date_by_format(out, value->format, at.text, at.size);
    if (hc__time_parse(out, at.text, at.size))
        return true;
    if (!hc__date_parse(&day, at.text, at.size))
        return false;
    *out = day * HC__DAY;
    return true;
}

static hc_status take_as_of(hc__mapped *out, hc__mapping *mapping, const hc__csv_record *record, hc_error *err)
{
    cell at;

    out->has_as_of = mapping->as_of.part_count > 0;
    if (!out->has_as_of)
        return HC_OK;
    if (!text_of(&at, mapping, &mapping->as_of, record))
        return hc__no_memory(err);
    if (!translate(&at, &mapping->as_of) || at.text == NULL || !read_time(&out->as_of, &mapping->as_of, at))
        return hc__fail(err, HC_ERR_INVALID, "as_of", "as_of must be a date%s",
                        mapping->as_of.format == NULL ? ", YYYY-MM-DD, or an RFC 3339 time"
                                                      : " of the mapping's format");
    return HC_OK;
}

static void take_constants(hc__record *listing, const hc__record *constants)
{
    memcpy(listing->values, constants->values, listing->entity->kind.field_count * sizeof(hc_value));
    memcpy(listing->set, constants->set, sizeof listing->set);
}

hc_status hc__mapping_apply(hc__mapping *mapping, const hc__csv_record *record, hc__record *listing, hc__mapped *out,
                            hc_error *err)
{
    hc_status status;

    *out = (hc__mapped){NULL, 0, 0, false};
    status = take_key(out, mapping, record, listing->arena, err);
    if (status == HC_OK)
        status = take_as_of(out, mapping, record, err);
    if (status < 0)
        return status;
    take_constants(listing, &mapping->constants);
    for (size_t i = 0; i < mapping->value_count; i++) {
        cell at;

        if (!text_of(&at, mapping, &mapping->values[i], record))
            return hc__no_memory(err);
        set_value(listing, &mapping->values[i], at);
    }
    return hc__record_fault(listing, err);
}
