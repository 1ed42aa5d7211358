/* Values as people and files spell them. */
#include "base/decimal.h"
#include "base/id.h"
#include "base/time.h"
#include "model/record.h"

static void set_number(hc__record *record, uint16_t field, const char *text, size_t size, int how)
{
    const hc_field *of = &record->entity->kind.fields[field];
    int64_t value;

    switch (hc__decimal_parse(&value, text, size, of->scale, (hc__rounding)how)) {
    case HC__DECIMAL_SYNTAX:
        hc__record_refuse(record, field, "must be a plain decimal number, such as 12.5");
        break;
    case HC__DECIMAL_INEXACT:
        if ((hc__rounding)how == HC__EXACT)
            hc__record_refuse(record, field, of->scale == 0 ? "must be a whole number" : "has too many decimals");
        else
            hc__record_set_int(record, field, value);
        break;
    case HC__DECIMAL_RANGE:
        hc__record_refuse(record, field, NULL);
        break;
    default:
        hc__record_set_int(record, field, value);
    }
}

static bool is(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

void hc__record_set_spelled(hc__record *record, uint16_t field, const char *text, size_t size, int how)
{
    const hc_field *of = &record->entity->kind.fields[field];
    int64_t micros;
    int32_t days;
    hc_id id;

    switch (of->type) {
    case HC_TYPE_ID:
        if (hc__id_read(&id, text, size))
            hc__record_set_id(record, field, id);
        else
            hc__record_refuse(record, field, "must be a UUID in canonical form: 36 characters, lower case");
        break;
    case HC_TYPE_BOOL:
        if (is(text, size, "true") || is(text, size, "false"))
            hc__record_set_int(record, field, text[0] == 't');
        else
            hc__record_refuse(record, field, "must be true or false");
        break;
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
        set_number(record, field, text, size, how);
        break;
    case HC_TYPE_TIME:
        if (hc__time_parse(&micros, text, size))
            hc__record_set_int(record, field, micros);
        else
            hc__record_refuse(record, field, "must be an RFC 3339 time with an offset");
        break;
    case HC_TYPE_DATE:
        if (hc__date_parse(&days, text, size))
            hc__record_set_int(record, field, days);
        else
            hc__record_refuse(record, field, "must be a date, YYYY-MM-DD");
        break;
    case HC_TYPE_ENUM:
        hc__record_set_int(record, field, hc__field_word(of, text, size));
        break;
    default:
        hc__record_set_text(record, field, text, size);
    }
}

static void put_hex(hc__buf *out, const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        hc__buf_char(out, digits[bytes[i] >> 4]);
        hc__buf_char(out, digits[bytes[i] & 15]);
    }
}

void hc__record_spell(hc__buf *out, const hc__record *record, uint16_t field)
{
    const hc_field *of = &record->entity->kind.fields[field];
    const hc_value *value = &record->values[field];
    char text[HC_ID_TEXT_SIZE];

    switch (value->type) {
    case HC_TYPE_NULL:
        break;
    case HC_TYPE_ID:
        hc_id_format(text, hc__record_id(record, field));
        hc__buf_text(out, text);
        break;
    case HC_TYPE_BOOL:
        hc__buf_text(out, value->as.integer != 0 ? "true" : "false");
        break;
    case HC_TYPE_DECIMAL:
        hc__buf_put(out, text, hc__decimal_format(text, value->as.integer, of->scale));
        break;
    case HC_TYPE_TIME:
        hc__buf_put(out, text, hc__time_format(text, value->as.integer));
        break;
    case HC_TYPE_DATE:
        hc__buf_put(out, text, hc__date_format(text, (int32_t)value->as.integer));
        break;
    case HC_TYPE_ENUM:
        hc__buf_text(out, of->words[value->as.integer - 1]);
        break;
    case HC_TYPE_BYTES:
        put_hex(out, value->as.bytes, value->size);
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        hc__buf_put(out, value->as.bytes, value->size);
        break;
    default:
        hc__buf_int(out, value->as.integer);
    }
}
