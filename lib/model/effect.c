/* A payload is its form's number, then for each field: position, type, value. Numbers are seven bits a byte, low ones
 * first; signed ones are folded (0, -1, 1, -2 ...), bytes follow their size. Positions and words are only ever
 * appended, so later libraries read what earlier ones wrote. */
#include "model/effect.h"

#include <string.h>

#include "base/fail.h"
#include "base/utf8.h"

#define FORM 1

/* ---- writing ---- */

static void put_number(hc__buf *out, uint64_t number)
{
    for (; number >= 128; number >>= 7)
        hc__buf_char(out, (char)(number | 128));
    hc__buf_char(out, (char)number);
}

static void put_value(hc__buf *out, const hc_value *value)
{
    put_number(out, (uint64_t)value->type);
    if ((1u << value->type & HC__TYPES_OF_BYTES) != 0) {
        put_number(out, value->size);
        hc__buf_put(out, value->as.bytes, value->size);
    } else if (value->type != HC_TYPE_NULL) {
        put_number(out, (uint64_t)value->as.integer << 1 ^ (value->as.integer < 0 ? UINT64_MAX : 0));
    }
}

void hc__effect_put(hc__buf *payload, const hc__record *row, const uint64_t *set)
{
    put_number(payload, FORM);
    for (uint16_t i = 0; i < row->entity->kind.field_count; i++)
        if (set == NULL || (set[i / 64] >> i % 64 & 1) != 0) {
            put_number(payload, i);
            put_value(payload, &row->values[i]);
        }
}

/* ---- reading ---- */

struct input {
    const uint8_t *at, *end;
    bool good; /* false: it ended early, or a number has too many bits */
};

static uint64_t take_number(struct input *in)
{
    uint64_t number = 0;

    for (unsigned shift = 0; shift < 64 && in->at < in->end; shift += 7) {
        uint8_t byte = *in->at++;

        if (shift == 63 && byte > 1)
            break;
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
    in->good = false;
    return 0;
}

static bool fits_number(const hc_field *field, int64_t value)
{
    int64_t words = 0;

    switch (field->type) {
    case HC_TYPE_BOOL:
        return value == 0 || value == 1;
    case HC_TYPE_INT32:
        return value >= INT32_MIN && value <= INT32_MAX;
    case HC_TYPE_ENUM:
        while (field->words[words] != NULL)
            words++;
        return value >= 1 && value <= words;
    default:
        return true;
    }
}

static bool fits_bytes(const hc_field *field, const uint8_t *bytes, size_t size)
{
    if (field->type == HC_TYPE_ID)
        return size == sizeof(hc_id);
    return field->type == HC_TYPE_BYTES ||
           (memchr(bytes, '\0', size) == NULL && hc__utf8_check((const char *)bytes, size, &(size_t){0}));
}

static bool take_value(hc_value *out, struct input *in, const hc_field *field)
{
    uint64_t type = take_number(in), number = type == HC_TYPE_NULL ? 0 : take_number(in);

    *out = (hc_value){HC_TYPE_NULL, 0, {.integer = 0}};
    if (!in->good || type == HC_TYPE_NULL)
        return in->good;
    if (type != (uint64_t)field->type)
        return false;
    out->type = field->type;
    if ((1u << type & HC__TYPES_OF_BYTES) == 0) {
        out->as.integer = (int64_t)(number >> 1 ^ ((number & 1) != 0 ? UINT64_MAX : 0));
        return fits_number(field, out->as.integer);
    }
    if (number > (uint64_t)(in->end - in->at) || number > INT32_MAX)
        return false;
    out->size = (uint32_t)number;
    out->as.bytes = in->at;
    in->at += number;
    return fits_bytes(field, out->as.bytes, out->size);
}

static hc_status corrupt(hc_error *err, const char *what)
{
    return hc__fail(err, HC_ERR_CORRUPT, "payload", "a stored effect has %s", what);
}

static void mark(hc__record *row, uint16_t field)
{
    row->set[field / 64] |= UINT64_C(1) << field % 64;
}

hc_status hc__effect_get(hc__record *out, const void *payload, size_t size, hc_error *err)
{
    struct input in = {payload, NULL, true};
    const hc_kind *kind = &out->entity->kind;
    uint64_t next = 0; /* positions ascend */

    if (size == 0)
        return corrupt(err, "no payload");
    in.end = in.at + size;
    if (take_number(&in) != FORM)
        return corrupt(err, "a payload of an unknown form");
    while (in.at < in.end) {
        uint64_t field = take_number(&in);
        hc_value value;

        if (!in.good || field < next || field >= kind->field_count)
            return corrupt(err, "a field in its payload that its kind has not");
        if (!take_value(&value, &in, &kind->fields[field]))
            return hc__fail(err, HC_ERR_CORRUPT, kind->fields[field].name, "a stored effect has a bad value of %s",
                            kind->fields[field].name);
        if (!hc__record_put(out, (uint16_t)field, &value))
            return hc__no_memory(err);
        mark(out, (uint16_t)field);
        next = field + 1;
    }
    return HC_OK;
}

const hc__entity *hc__effect_entity_named(const char *kind, size_t size)
{
    for (size_t i = 0; i < hc__entity_count; i++) {
        const hc_kind *known = &hc__entities[i]->kind;

        if (known->storage == HC_KIND_DOCUMENT && strlen(known->name) == size && memcmp(known->name, kind, size) == 0)
            return hc__entities[i];
    }
    return NULL;
}

/* ---- applying ---- */

static bool is_array(const hc_value *value)
{
    const char *text = value->as.bytes;

    return value->size >= 2 && text[0] == '[' && text[value->size - 1] == ']';
}

/* `tail`'s elements after those of `stored`. */
static hc_status splice(hc_value *tail, const hc_value *stored, const hc_field *field, hc__arena *arena, hc_error *err)
{
    size_t size;
    char *text;

    if (tail->type == HC_TYPE_NULL || !is_array(tail) || (stored->type != HC_TYPE_NULL && !is_array(stored)))
        return hc__fail(err, HC_ERR_CORRUPT, field->name, "%s is no array to append to", field->name);
    if (stored->type == HC_TYPE_NULL || stored->size == 2)
        return HC_OK;
    if (tail->size == 2) {
        *tail = *stored;
        return HC_OK;
    }
    size = (size_t)stored->size + tail->size - 1; /* "]" and "[" become "," */
    if (size > INT32_MAX)
        return hc__fail(err, HC_ERR_TOO_LARGE, field->name, "%s is too large", field->name);
    text = hc__arena_alloc(arena, size + 1);
    if (text == NULL)
        return hc__no_memory(err);
    memcpy(text, stored->as.bytes, stored->size - 1);
    text[stored->size - 1] = ',';
    memcpy(text + stored->size, (const char *)tail->as.bytes + 1, tail->size);
    *tail = (hc_value){HC_TYPE_JSON, (uint32_t)size, {.bytes = text}};
    return HC_OK;
}

/* Of an array that was checked. */
static int64_t elements(const hc_value *array)
{
    const char *at = array->as.bytes, *end = at + array->size;
    int64_t count = array->size > 2;
    int depth = 0;

    for (bool quoted = false; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted && (*at == '[' || *at == '{'))
            depth++;
        else if (!quoted && (*at == ']' || *at == '}'))
            depth--;
        else if (!quoted && *at == ',' && depth == 1)
            count++;
    }
    return count;
}

/* Other programs write messages too, and need not keep their number. */
static void count_messages(hc__record *change)
{
    if (change->entity == &hc__chat_entity && hc__record_is_set(change, hc__chat_f_message_count) &&
        hc__record_is_set(change, hc__chat_f_messages))
        change->values[hc__chat_f_message_count].as.integer = elements(&change->values[hc__chat_f_messages]);
}

static hc_status splice_all(hc__record *change, const hc__record *row, hc_error *err)
{
    const hc_kind *kind = &row->entity->kind;
    hc_status status = HC_OK;

    for (uint16_t i = 0; i < kind->field_count && status == HC_OK; i++)
        if (kind->fields[i].type == HC_TYPE_JSON && hc__record_is_set(change, i))
            status = splice(&change->values[i], &row->values[i], &kind->fields[i], row->arena, err);
    if (status == HC_OK)
        count_messages(change);
    return status;
}

/* Whether the row lets the effect through. */
static hc_status guard(const hc__record *row, bool exists, const hc__effect *effect, hc_error *err)
{
    uint16_t field = row->entity->version;
    int64_t stored;

    if (effect->verb < HC__EFFECT_APPEND || effect->verb > HC__EFFECT_REMOVE)
        return hc__fail(err, HC_ERR_CORRUPT, "verb", "a stored effect has no such verb");
    if (!exists && (effect->verb == HC__EFFECT_SET || effect->verb == HC__EFFECT_PUSH))
        return hc__fail(err, HC_ERR_NOT_FOUND, row->entity->noun, "the %s to change is not there", row->entity->noun);
    if (!exists)
        return effect->verb == HC__EFFECT_REMOVE ? HC__EFFECT_ABSORBED : HC_OK;
    if (effect->verb == HC__EFFECT_REMOVE)
        return HC_OK;
    if (effect->verb == HC__EFFECT_APPEND || field == HC_NO_FIELD)
        return HC__EFFECT_ABSORBED;
    stored = hc__record_is_null(row, field) ? 1 : hc__record_int(row, field); /* of another program */
    if (stored >= effect->version)
        return HC__EFFECT_ABSORBED;
    if (effect->verb != HC__EFFECT_PUT && stored != effect->version - 1) {
        (void)hc__fail(err, HC_ERR_CONFLICT, "version",
                       "the %s has version %d, and the effect makes %d of the one before", row->entity->noun,
                       (int)stored, (int)effect->version);
        if (err != NULL)
            err->detail = stored;
        return HC_ERR_CONFLICT;
    }
    return HC_OK;
}

static void forget(hc__record *row)
{
    memset(row->values, 0, row->entity->kind.field_count * sizeof *row->values);
}

hc_status hc__effect_apply(hc__record *row, bool *exists, const hc__effect *effect, hc_error *err)
{
    const hc__entity *entity = row->entity;
    const hc_value key = {HC_TYPE_ID, sizeof effect->aggregate, {.bytes = &effect->aggregate}};
    hc__record change;
    hc_status status = guard(row, *exists, effect, err);

    if (status != HC_OK || effect->verb == HC__EFFECT_REMOVE) {
        if (status == HC_OK) {
            forget(row);
            *exists = false;
        }
        return status;
    }
    status = hc__record_init(&change, entity, row->arena, err);
    if (status == HC_OK)
        status = hc__effect_get(&change, effect->payload, effect->size, err);
    if (status == HC_OK && effect->verb == HC__EFFECT_PUSH)
        status = splice_all(&change, row, err);
    if (status == HC_OK && !hc__record_put(&change, 0, &key))
        status = hc__no_memory(err);
    if (status < 0)
        return status;
    if (!*exists)
        forget(row);
    for (uint16_t i = 0; i < entity->kind.field_count; i++)
        if (i == 0 || hc__record_is_set(&change, i)) {
            row->values[i] = change.values[i];
            mark(row, i);
        }
    if (entity->version != HC_NO_FIELD) {
        row->values[entity->version] = (hc_value){HC_TYPE_INT32, 0, {.integer = effect->version}};
        mark(row, entity->version);
    }
    *exists = true;
    return HC_OK;
}
