#include "model/record.h"

#include <stdio.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/json.h"
#include "base/time.h"
#include "base/utf8.h"

/* Reasons are compared by address when the fault is told. */
static const char out_of_range[] = "is out of range";
static const char bad_length[] = "has the wrong length";
static const char bad_word[] = "is not one of the words";
static const char bad_text[] = "is not valid UTF-8 without NUL";
static const char bad_code[] = "must be capital letters A to Z";
static const char bad_json[] = "must be a JSON object or array";
static const char wrong_type[] = "has the wrong type";
static const char not_nullable[] = "cannot be cleared";
static const char no_field[] = "has no such field";

#define FIRST_MICRO INT64_C(-62135596800000000) /* 0001-01-01 */
#define LAST_MICRO  INT64_C(253402300799999999) /* 9999-12-31 */
#define FIRST_DAY   INT64_C(-719162)
#define LAST_DAY    INT64_C(2932896)

hc_status hc__record_init(hc__record *record, const hc__entity *entity, hc__arena *arena, hc_error *err)
{
    *record = (hc__record){.entity = entity, .arena = arena};
    record->values = hc__arena_zero(arena, entity->kind.field_count, sizeof(hc_value));
    return record->values == NULL ? hc__no_memory(err) : HC_OK;
}

static void mark(hc__record *record, uint16_t field)
{
    record->set[field / 64] |= UINT64_C(1) << (field % 64);
}

static void fault(hc__record *record, uint16_t field, hc_status status, const char *reason)
{
    if (record->fault != HC_OK)
        return;
    record->fault = status;
    record->fault_field = field;
    record->fault_reason = reason;
}

void hc__record_refuse(hc__record *record, uint16_t field, const char *reason)
{
    fault(record, field, HC_ERR_INVALID, reason == NULL ? out_of_range : reason);
}

/* NULL, with the fault stuck, for a position that the entity does not have. */
static const hc_field *field_at(hc__record *record, uint16_t field)
{
    if (field < record->entity->kind.field_count)
        return &record->entity->kind.fields[field];
    hc__record_refuse(record, field, no_field);
    return NULL;
}

/* ---- reading ---- */

bool hc__record_is_set(const hc__record *record, uint16_t field)
{
    return (record->set[field / 64] >> (field % 64) & 1) != 0;
}

bool hc__record_is_null(const hc__record *record, uint16_t field)
{
    return field >= record->entity->kind.field_count || record->values[field].type == HC_TYPE_NULL;
}

bool hc__record_shows(const hc__record *record, uint16_t field)
{
    return !hc__record_is_null(record, field) && record->entity->info[field].privacy != HC__SECRET;
}

int64_t hc__record_int(const hc__record *record, uint16_t field)
{
    return record->values[field].type == HC_TYPE_NULL ? 0 : record->values[field].as.integer;
}

const char *hc__record_text(const hc__record *record, uint16_t field)
{
    return record->values[field].type == HC_TYPE_NULL ? NULL : record->values[field].as.bytes;
}

hc_id hc__record_id(const hc__record *record, uint16_t field)
{
    hc_id id = {{0}};

    if (record->values[field].type == HC_TYPE_ID)
        memcpy(id.bytes, record->values[field].as.bytes, sizeof(id.bytes));
    return id;
}

/* ---- rows from a store ---- */

/* Bytes come to lie in the record's arena. */
static bool own(hc_value *value, hc__arena *arena)
{
    size_t need = ((size_t)value->size + 8) & ~(size_t)7; /* with the NUL; the arena stays 8-byte aligned */
    char *bytes = (char *)arena->at;

    if (need <= (size_t)(arena->end - arena->at)) {
        arena->at += need;
        if (value->size > 0)
            memcpy(bytes, value->as.bytes, value->size);
        bytes[value->size] = '\0';
    } else {
        bytes = hc__arena_text(arena, value->as.bytes, value->size);
    }
    if (bytes == NULL)
        *value = (hc_value){HC_TYPE_NULL, 0, {.integer = 0}};
    else
        value->as.bytes = bytes;
    return bytes != NULL;
}

/* Whether the fields are the first ones of what may be shown, each at its own position: what most reads ask for. */
static bool in_place(const hc__entity *entity, const uint16_t *fields, size_t count)
{
    return count > 0 && count <= entity->shown_count && entity->shown[count - 1] == count - 1 &&
           memcmp(fields, entity->shown, count * sizeof(*fields)) == 0;
}

/* Every row that is read passes here. */
bool hc__record_fill(hc__record *record, const uint16_t *fields, const hc_value *values, size_t count)
{
    const hc__entity *entity = record->entity;
    bool good = true;

    if (in_place(entity, fields, count)) {
        memcpy(record->values, values, count * sizeof(*values));
        for (size_t i = 0; i < entity->bytes_count && entity->bytes[i] < count; i++) {
            hc_value *value = &record->values[entity->bytes[i]];

            if (value->type != HC_TYPE_NULL)
                good = own(value, record->arena) && good;
        }
        return good;
    }
    for (size_t i = 0; i < count; i++) {
        hc_value *value = &record->values[fields[i]];

        *value = values[i];
        if ((1u << value->type & HC__TYPES_OF_BYTES) != 0)
            good = own(value, record->arena) && good;
    }
    return good;
}

bool hc__record_put(hc__record *record, uint16_t field, const hc_value *value)
{
    return hc__record_fill(record, &field, value, 1);
}

/* ---- setting ---- */

/* The range of a number: its own in the table, else its type's. */
static void range_of(const hc_field *field, int64_t *low, int64_t *high)
{
    *low = field->min;
    *high = field->max;
    if (*low != 0 || *high != 0)
        return;
    switch (field->type) {
    case HC_TYPE_BOOL:
        *high = 1;
        break;
    case HC_TYPE_INT32:
        *low = INT32_MIN;
        *high = INT32_MAX;
        break;
    case HC_TYPE_TIME:
        *low = FIRST_MICRO;
        *high = LAST_MICRO;
        break;
    case HC_TYPE_DATE:
        *low = FIRST_DAY;
        *high = LAST_DAY;
        break;
    case HC_TYPE_ENUM:
        *low = 1;
        while (field->words[*high] != NULL)
            ++*high;
        break;
    default:
        *low = INT64_MIN;
        *high = INT64_MAX;
    }
}

void hc__record_set_int(hc__record *record, uint16_t field, int64_t value)
{
    const hc_field *of = field_at(record, field);
    int64_t low;
    int64_t high;

    if (of == NULL)
        return;
    if ((1u << of->type & HC__TYPES_OF_BYTES) != 0) {
        hc__record_refuse(record, field, wrong_type);
        return;
    }
    range_of(of, &low, &high);
    if (value < low || value > high) {
        hc__record_refuse(record, field, of->type == HC_TYPE_ENUM ? bad_word : out_of_range);
        return;
    }
    record->values[field] = (hc_value){of->type, 0, {.integer = value}};
    mark(record, field);
}

static void put_bytes(hc__record *record, uint16_t field, const void *bytes, size_t size)
{
    hc_value *value = &record->values[field];

    *value = (hc_value){record->entity->kind.fields[field].type, (uint32_t)size, {.bytes = bytes}};
    if (own(value, record->arena))
        mark(record, field);
    else
        fault(record, field, HC_ERR_NO_MEMORY, "");
}

static bool is_code(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < 'A' || text[i] > 'Z')
            return false;
    return true;
}

/* NULL when the text may stand in the field. The cheap test of the size comes before any look at the bytes. */
static const char *text_fault(const hc_field *of, const hc__field_info *info, const char *text, size_t size)
{
    size_t width = of->type == HC_TYPE_TEXT ? 4 : 1;
    size_t length = size;

    if (size >= UINT32_MAX || (info->most > 0 && size > width * (size_t)info->most))
        return bad_length;
    if (of->type != HC_TYPE_BYTES && (memchr(text, '\0', size) != NULL || !hc__utf8_check(text, size, &length)))
        return bad_text;
    if (of->type != HC_TYPE_TEXT)
        length = size;
    if (length < (size_t)info->least || (info->most > 0 && length > (size_t)info->most))
        return bad_length;
    return info->code && !is_code(text, size) ? bad_code : NULL;
}

/* What the reader says of it: of an object with one number that is too large it is no news that it must be one. */
static void refuse_json(hc__record *record, uint16_t field, const hc_error *why)
{
    char reason[sizeof why->message + 16];
    const char *copy;

    snprintf(reason, sizeof reason, "cannot be kept: %s", why->message);
    copy = hc__arena_text(record->arena, reason, strlen(reason));
    fault(record, field, copy == NULL ? HC_ERR_NO_MEMORY : HC_ERR_INVALID, copy == NULL ? "" : copy);
}

static void set_json(hc__record *record, uint16_t field, const char *text, size_t size)
{
    const hc_field *of = &record->entity->kind.fields[field];
    hc__json_limits limits = {.bytes = (size_t)record->entity->info[field].most};
    hc_error err;
    hc_status status;
    hc__buf canonical;

    if (limits.bytes > 0 && size > limits.bytes) {
        hc__record_refuse(record, field, bad_length);
        return;
    }
    hc__buf_init(&canonical, record->arena->mem);
    status = hc__json_canonical(&canonical, record->arena->mem, text, size, &limits, of->name, &err);
    if (status == HC_ERR_NO_MEMORY || canonical.failed)
        fault(record, field, HC_ERR_NO_MEMORY, "");
    else if (status < 0)
        refuse_json(record, field, &err);
    else if (canonical.size == 0 || (canonical.data[0] != '{' && canonical.data[0] != '['))
        hc__record_refuse(record, field, bad_json);
    else
        put_bytes(record, field, canonical.data, canonical.size);
    hc__buf_free(&canonical);
}

void hc__record_set_text(hc__record *record, uint16_t field, const char *text, size_t size)
{
    const hc_field *of = field_at(record, field);
    const char *reason;

    if (of == NULL)
        return;
    if (text == NULL) {
        hc__record_set_null(record, field);
        return;
    }
    if (of->type == HC_TYPE_JSON) {
        set_json(record, field, text, size);
        return;
    }
    reason = of->type < HC_TYPE_TEXT ? wrong_type : text_fault(of, &record->entity->info[field], text, size);
    if (reason != NULL)
        hc__record_refuse(record, field, reason);
    else
        put_bytes(record, field, text, size);
}

void hc__record_set_made(hc__record *record, uint16_t field, const char *text, size_t size)
{
    put_bytes(record, field, text, size);
}

void hc__record_set_id(hc__record *record, uint16_t field, hc_id id)
{
    const hc_field *of = field_at(record, field);

    if (of == NULL)
        return;
    if (of->type == HC_TYPE_ID)
        put_bytes(record, field, id.bytes, sizeof(id.bytes));
    else
        hc__record_refuse(record, field, wrong_type);
}

void hc__record_set_null(hc__record *record, uint16_t field)
{
    const hc_field *of = field_at(record, field);

    if (of == NULL)
        return;
    if ((of->flags & HC_FIELD_NULLABLE) == 0) {
        hc__record_refuse(record, field, not_nullable);
        return;
    }
    record->values[field] = (hc_value){HC_TYPE_NULL, 0, {.integer = 0}};
    mark(record, field);
}

/* ---- telling what is wrong ---- */

/* A bound as people write it. */
static void bound_text(char out[32], const hc_field *field, int64_t bound)
{
    switch (field->type) {
    case HC_TYPE_TIME:
        hc__time_format(out, bound);
        break;
    case HC_TYPE_DATE:
        hc__date_format(out, (int32_t)bound);
        break;
    default:
        hc__decimal_format(out, bound, field->scale);
    }
}

static hc_status fail_range(const hc_field *field, hc_error *err)
{
    char low[32];
    char high[32];
    int64_t least;
    int64_t most;

    range_of(field, &least, &most);
    bound_text(low, field, least);
    bound_text(high, field, most);
    return hc__fail(err, HC_ERR_INVALID, field->name, "%s must be %s to %s", field->name, low, high);
}

static hc_status fail_word(const hc_field *field, hc_error *err)
{
    char words[300];
    size_t at = 0;

    for (size_t i = 0; field->words[i] != NULL; i++) {
        size_t size = strlen(field->words[i]);

        if (at + size + 8 > sizeof(words)) {
            memcpy(words + at, ", ...", 5);
            at += 5;
            break;
        }
        memcpy(words + at, ", ", 2);
        memcpy(words + at + 2, field->words[i], size);
        at += size + 2;
    }
    words[at] = '\0';
    return hc__fail(err, HC_ERR_INVALID, field->name, "%s must be one of: %s", field->name, words + 2);
}

static hc_status fail_length(const hc_field *field, const hc__field_info *info, hc_error *err)
{
    const char *unit = field->type == HC_TYPE_TEXT ? "code points" : "bytes";

    if (info->most == 0)
        return hc__fail(err, HC_ERR_INVALID, field->name, "%s is too long", field->name);
    return hc__fail(err, HC_ERR_INVALID, field->name, "%s must have %d to %d %s", field->name, info->least, info->most,
                    unit);
}

hc_status hc__record_fault(const hc__record *record, hc_error *err)
{
    const hc_kind *kind = &record->entity->kind;
    const hc_field *field = record->fault_field < kind->field_count ? &kind->fields[record->fault_field] : NULL;

    if (record->fault == HC_OK)
        return HC_OK;
    if (record->fault == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    if (record->fault_field == HC_NO_FIELD)
        return hc__fail(err, record->fault, NULL, "the %s %s", record->entity->noun, record->fault_reason);
    if (field == NULL)
        return hc__fail(err, record->fault, NULL, "%s: %s (%u)", record->entity->noun, record->fault_reason,
                        (unsigned)record->fault_field);
    if (record->fault_reason == out_of_range)
        return fail_range(field, err);
    if (record->fault_reason == bad_word)
        return fail_word(field, err);
    if (record->fault_reason == bad_length)
        return fail_length(field, &record->entity->info[record->fault_field], err);
    return hc__fail(err, record->fault, field->name, "%s %s", field->name, record->fault_reason);
}

/* ---- before a write ---- */

static hc_status check_writers(const hc__record *record, hc__writer who, hc_error *err)
{
    const hc__entity *entity = record->entity;

    for (uint16_t i = hc__record_next_set(record, 0); i < HC__FIELD_LIMIT; i = hc__record_next_set(record, i + 1u))
        if (entity->info[i].writer > who)
            return hc__fail(err, HC_ERR_FORBIDDEN, entity->kind.fields[i].name, "%s may not be set by the caller",
                            entity->kind.fields[i].name);
    return HC_OK;
}

static hc_status check_required(const hc__record *record, hc_error *err)
{
    const hc__entity *entity = record->entity;
    const hc__field_info *info = entity->info;

    for (uint32_t i = 0, end = entity->kind.field_count; i < end; i++, info++)
        if (info->required && (!hc__record_is_set(record, (uint16_t)i) || hc__record_is_null(record, (uint16_t)i)))
            return hc__fail(err, HC_ERR_INVALID, entity->kind.fields[i].name, "%s is required",
                            entity->kind.fields[i].name);
    return HC_OK;
}

static hc_status check_target(const hc__record *record, hc_error *err)
{
    const hc__entity *entity = record->entity;
    const char *key = entity->kind.fields[0].name;

    if (hc__record_is_set(record, 0))
        return hc__fail(err, HC_ERR_FORBIDDEN, key, "%s cannot be changed", key);
    if (hc__record_is_null(record, 0))
        return hc__fail(err, HC_ERR_INVALID, key, "the %s to change is not named; make the record from a row or an id",
                        entity->noun);
    if (entity->version != HC_NO_FIELD && hc__record_is_null(record, entity->version))
        return hc__fail(err, HC_ERR_INVALID, "version", "the version that the %s was read at is not named",
                        entity->noun);
    return HC_OK;
}

hc_status hc__record_check(const hc__record *record, hc__purpose purpose, hc__writer who, hc_error *err)
{
    hc_status status;

    if (record == NULL)
        return hc__no_memory(err);
    status = hc__record_fault(record, err);
    if (status == HC_OK)
        status = check_writers(record, who, err);
    if (status == HC_OK)
        status = purpose == HC__FOR_CREATE ? check_required(record, err) : check_target(record, err);
    return status;
}
