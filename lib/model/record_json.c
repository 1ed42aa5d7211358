/* Records as JSON objects, straight from the field table. */
#include "base/decimal.h"
#include "base/fail.h"
#include "base/json.h"
#include "base/time.h"
#include "model/record.h"

/* ---- writing ---- */

#define OTHER_MAX 48 /* the longest value that is not text, with its quotes and comma */

/* True when one of eight bytes must be escaped: a quote, a backslash, or below a space. */
static bool any_special(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t highs = ones << 7;
    uint64_t quote = word ^ ones * '"';
    uint64_t backslash = word ^ ones * '\\';

    return ((((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * ' ') & ~word)) & highs) !=
           0;
}

static size_t plain_size(const char *text, size_t size)
{
    size_t at = 0;
    uint64_t word;

    for (; at + sizeof(word) <= size; at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        if (any_special(word))
            break;
    }
    while (at < size && (unsigned char)text[at] >= ' ' && text[at] != '"' && text[at] != '\\')
        at++;
    return at;
}

static char *put_escape(char *at, char c)
{
    static const char digits[] = "0123456789abcdef";
    static const char named[][2] = {{'"', '"'},  {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'},
                                    {'\t', 't'}, {'\b', 'b'},  {'\f', 'f'}};

    *at++ = '\\';
    for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
        if (named[i][0] == c) {
            *at++ = named[i][1];
            return at;
        }
    memcpy(at, "u00", 3);
    at[3] = digits[(unsigned char)c >> 4];
    at[4] = digits[c & 15];
    return at + 5;
}

static char *put_string(char *at, const char *text, size_t size)
{
    *at++ = '"';
    while (size > 0) {
        size_t plain = plain_size(text, size);

        memcpy(at, text, plain);
        at += plain;
        text += plain;
        size -= plain;
        if (size > 0) {
            at = put_escape(at, *text++);
            size--;
        }
    }
    *at++ = '"';
    return at;
}

static char *put_hex(char *at, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    *at++ = '"';
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at++ = '"';
    return at;
}

static char *put_quoted(char *at, const hc_field *field, const hc_value *value)
{
    hc_id id;

    *at++ = '"';
    switch (value->type) {
    case HC_TYPE_ID:
        memcpy(id.bytes, value->as.bytes, sizeof(id.bytes));
        hc_id_format(at, id);
        at += HC_ID_TEXT_SIZE - 1;
        break;
    case HC_TYPE_TIME:
        at += hc__time_format(at, value->as.integer);
        break;
    case HC_TYPE_DATE:
        at += hc__date_format(at, (int32_t)value->as.integer);
        break;
    default:
        at += hc__decimal_format(at, value->as.integer, field->scale);
    }
    *at++ = '"';
    return at;
}

static char *put_value(char *at, const hc_field *field, const hc_value *value)
{
    const char *word;

    switch (value->type) {
    case HC_TYPE_NULL:
        memcpy(at, "null", 4);
        return at + 4;
    case HC_TYPE_BOOL:
        word = value->as.integer != 0 ? "true" : "false";
        memcpy(at, word, 5);
        return at + (value->as.integer != 0 ? 4 : 5);
    case HC_TYPE_INT32:
        return at + hc__decimal_format(at, value->as.integer, 0);
    case HC_TYPE_ENUM:
        word = field->words[value->as.integer - 1];
        return put_string(at, word, strlen(word));
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
        return put_string(at, value->as.bytes, value->size);
    case HC_TYPE_JSON:
        memcpy(at, value->as.bytes, value->size);
        return at + value->size;
    case HC_TYPE_BYTES:
        return put_hex(at, value->as.bytes, value->size);
    default:
        return put_quoted(at, field, value);
    }
}

static size_t size_bound(const hc__record *record)
{
    const hc__entity *entity = record->entity;
    size_t bound = 2;

    for (uint32_t i = 0; i < entity->kind.field_count; i++) {
        bound += entity->info[i].name_size + OTHER_MAX;
        if (record->values[i].type >= HC_TYPE_TEXT)
            bound += (size_t)record->values[i].size * 6;
    }
    return bound;
}

void hc__record_to_json(hc__buf *out, const hc__record *record, hc__privacy audience, const uint64_t *fields)
{
    const hc__entity *entity = record->entity;
    char *begin;
    char *at;

    if (!hc__buf_reserve(out, size_bound(record)))
        return;
    begin = out->data + out->size;
    at = begin;
    *at++ = '{';
    for (uint32_t i = 0; i < entity->kind.field_count; i++) {
        const hc__field_info *info = &entity->info[i];

        if (info->privacy > audience || info->privacy == HC__SECRET)
            continue;
        if (fields != NULL && (fields[i / 64] >> (i % 64) & 1) == 0)
            continue;
        if (at != begin + 1)
            *at++ = ',';
        memcpy(at, info->json, info->name_size + 3);
        at += info->name_size + 3;
        at = put_value(at, &entity->kind.fields[i], &record->values[i]);
    }
    *at++ = '}';
    *at = '\0';
    out->size += (size_t)(at - begin);
}

/* ---- reading ---- */

/* By our own name only: a RESO name beside it would set a field twice. */
static uint16_t find(const hc__entity *entity, const char *name, size_t size)
{
    uint16_t at = hc__entity_find(entity, name, size);

    return at != HC_NO_FIELD && entity->info[at].name_size == size &&
                   memcmp(entity->kind.fields[at].name, name, size) == 0 && entity->info[at].privacy != HC__SECRET
               ? at
               : HC_NO_FIELD;
}

static void set_scalar(hc__record *record, uint16_t field, hc__json_token token, const hc__json_reader *reader)
{
    int32_t type = record->entity->kind.fields[field].type;
    bool number = type == HC_TYPE_INT32 || type == HC_TYPE_INT64 || type == HC_TYPE_DECIMAL;

    switch (token) {
    case HC__JSON_NULL:
        hc__record_set_null(record, field);
        break;
    case HC__JSON_TRUE:
    case HC__JSON_FALSE:
        if (type == HC_TYPE_BOOL)
            hc__record_set_int(record, field, token == HC__JSON_TRUE);
        else
            hc__record_refuse(record, field, "is no true or false");
        break;
    case HC__JSON_NUMBER:
        if (number)
            hc__record_set_spelled(record, field, reader->text, reader->size, HC__EXACT);
        else
            hc__record_refuse(record, field, "is no number");
        break;
    case HC__JSON_STRING:
        if (type == HC_TYPE_BOOL || type == HC_TYPE_INT32)
            hc__record_refuse(record, field, type == HC_TYPE_BOOL ? "must be true or false" : "must be a number");
        else
            hc__record_set_spelled(record, field, reader->text, reader->size, HC__EXACT);
        break;
    default:
        hc__record_refuse(record, field, "must be one value, no object or array");
    }
}

void hc__record_set_json(hc__record *record, uint16_t field, const char *text, size_t size)
{
    hc__json_reader reader;
    hc__json_token token;

    if (record->entity->kind.fields[field].type == HC_TYPE_JSON) {
        hc__record_set_text(record, field, text, size);
        return;
    }
    hc__json_open(&reader, record->arena->mem, text, size, NULL);
    token = hc__json_next(&reader, NULL);
    if (token == HC__JSON_ERROR && reader.status == HC_ERR_NO_MEMORY)
        record->fault = record->fault == HC_OK ? HC_ERR_NO_MEMORY : record->fault;
    else
        set_scalar(record, field, token, &reader);
    hc__json_close(&reader);
}

static hc_status read_member(hc__record *record, hc__json_reader *reader, hc__writer who, hc_error *err)
{
    const hc__entity *entity = record->entity;
    uint16_t field = find(entity, reader->text, reader->size);
    char name[sizeof(((hc_error *)0)->field)];
    const char *raw;
    size_t size;
    hc__json_token token;

    if (field == HC_NO_FIELD || entity->info[field].writer > who) {
        size = reader->size < sizeof(name) ? reader->size : sizeof(name) - 1;
        memcpy(name, reader->text, size);
        name[size] = '\0';
        if (field == HC_NO_FIELD)
            return hc__fail(err, HC_ERR_INVALID, size == 0 ? "json" : name, "%s: there is no such member of a %s", name,
                            entity->noun);
        return hc__fail(err, HC_ERR_FORBIDDEN, name, "%s may not be set by the caller", name);
    }
    if (entity->kind.fields[field].type == HC_TYPE_JSON) {
        if (!hc__json_skip(reader, &raw, &size, err))
            return reader->status;
        if (size == 4 && memcmp(raw, "null", 4) == 0)
            hc__record_set_null(record, field);
        else
            hc__record_set_text(record, field, raw, size);
        return HC_OK;
    }
    token = hc__json_next(reader, err);
    if (token == HC__JSON_ERROR)
        return reader->status;
    set_scalar(record, field, token, reader);
    return HC_OK;
}

hc_status hc__record_from_json(hc__record *record, const char *text, size_t size, hc__writer who, hc_error *err)
{
    hc__json_reader reader;
    hc__json_token token;
    hc_status status = HC_OK;

    hc__json_open(&reader, record->arena->mem, text, size, NULL);
    token = hc__json_next(&reader, err);
    if (token != HC__JSON_OBJECT && token != HC__JSON_ERROR)
        status = hc__fail(err, HC_ERR_INVALID, "json", "a %s must be a JSON object", record->entity->noun);
    while (status == HC_OK && token != HC__JSON_ERROR && token != HC__JSON_END) {
        token = hc__json_next(&reader, err);
        if (token == HC__JSON_KEY)
            status = read_member(record, &reader, who, err);
        if (status == HC_OK)
            status = hc__record_fault(record, err);
    }
    if (status == HC_OK && token == HC__JSON_ERROR)
        status = reader.status;
    hc__json_close(&reader);
    if (status < 0) /* half of it was set: nobody is to write that */
        hc__record_refuse(record, HC_NO_FIELD, "was filled from JSON that was refused");
    return status;
}
