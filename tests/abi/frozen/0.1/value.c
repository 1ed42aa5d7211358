/* Values: how they compare, and which a field may hold. */
#include "memtable.h"

#include <string.h>

bool mt_has_bytes(int32_t type)
{
    switch (type) {
    case HC_TYPE_ID:
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        return true;
    default:
        return false;
    }
}

/* UTF-8 sorts by code point when it sorts by byte, so text needs no rule of its own. */
int mt_compare(const hc_value *a, const hc_value *b)
{
    size_t shorter = a->size < b->size ? a->size : b->size;
    int order;

    if (!mt_has_bytes(a->type))
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    order = shorter == 0 ? 0 : memcmp(a->as.bytes, b->as.bytes, shorter);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

bool mt_same(const hc_value *a, const hc_value *b)
{
    return a->type != HC_TYPE_NULL && b->type != HC_TYPE_NULL && mt_compare(a, b) == 0;
}

static bool is_short_enough(const hc_field *field, const hc_value *value)
{
    const unsigned char *at = value->as.bytes;
    size_t length = 0;

    if (field->length <= 0)
        return true;
    if (field->type != HC_TYPE_TEXT)
        return value->size <= (uint32_t)field->length;
    for (uint32_t i = 0; i < value->size; i++)
        length += (at[i] & 0xc0u) != 0x80u; /* code points: all bytes but those that go on with one */
    return length <= (size_t)field->length;
}

static bool is_in_range(const hc_field *field, int64_t n)
{
    int64_t end = 1;

    if (field->min != 0 || field->max != 0)
        return n >= field->min && n <= field->max;
    switch (field->type) {
    case HC_TYPE_BOOL:
        return n == 0 || n == 1;
    case HC_TYPE_INT32:
        return n >= INT32_MIN && n <= INT32_MAX;
    case HC_TYPE_DECIMAL:
        for (int32_t i = 0; i < field->length && i < 18; i++)
            end *= 10;
        return field->length <= 0 || (n > -end && n < end);
    default:
        return true;
    }
}

bool mt_fits(const hc_field *field, const hc_value *value)
{
    if (value->type == HC_TYPE_NULL)
        return (field->flags & HC_FIELD_NULLABLE) != 0;
    return mt_has_bytes(field->type) ? is_short_enough(field, value) : is_in_range(field, value->as.integer);
}

hc_value mt_moment(const mt_run *run, const hc_value *value)
{
    hc_value out = *value;

    if (value->type == HC_TYPE_NOW) {
        out.type = HC_TYPE_TIME;
        out.as.integer = run->now + value->as.integer;
    }
    return out;
}
