/* The rules of fields, which a server without a schema does not keep. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"
#include "base/utf8.h"

hc_status hc__mongo_breaks(const hc_kind *kind, uint16_t field, hc_error *err)
{
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_INVALID, kind->fields[field].name,
                         "a value breaks a rule of %s.%s", kind->name, kind->fields[field].name);
}

static bool is_number(int32_t type)
{
    return type == HC_TYPE_INT32 || type == HC_TYPE_INT64 || type == HC_TYPE_DECIMAL;
}

static int64_t power_of_ten(int32_t digits)
{
    int64_t out = 1;

    for (int32_t i = 0; i < digits && i < 18; i++)
        out *= 10;
    return out;
}

static bool number_fits(const hc_field *field, int64_t n)
{
    if (field->type == HC_TYPE_BOOL)
        return n == 0 || n == 1;
    if (field->type == HC_TYPE_INT32 && (n < INT32_MIN || n > INT32_MAX))
        return false;
    if (field->type == HC_TYPE_DECIMAL && field->length > 0 && field->length < 19 &&
        (n <= -power_of_ten(field->length) || n >= power_of_ten(field->length)))
        return false;
    return !is_number(field->type) || (field->min == 0 && field->max == 0) || (n >= field->min && n <= field->max);
}

static bool bytes_fit(const hc_field *field, const hc_value *value)
{
    size_t points = 0;

    if (field->length <= 0)
        return true;
    if (field->type != HC_TYPE_TEXT)
        return (field->type != HC_TYPE_KEY && field->type != HC_TYPE_BYTES) || value->size <= (size_t)field->length;
    return value->size <= (size_t)field->length ||
           (hc__utf8_check(value->as.bytes, value->size, &points) && points <= (size_t)field->length);
}

/* What would be read past its end otherwise. */
bool hc__mongo_has_form(const hc_field *field, const hc_value *value)
{
    int64_t words = 0;

    if (value->type == HC_TYPE_ID)
        return value->size == sizeof(hc_id);
    if (value->type != HC_TYPE_ENUM)
        return true;
    while (field->words[words] != NULL)
        words++;
    return value->as.integer >= 1 && value->as.integer <= words;
}

hc_status hc__mongo_check_value(const hc_kind *kind, uint16_t position, const hc_value *value, hc_error *err)
{
    const hc_field *field = &kind->fields[position];
    bool fits = true;

    if (value->type == HC_TYPE_NULL)
        fits = (field->flags & HC_FIELD_NULLABLE) != 0;
    else if (field->type == HC_TYPE_ID)
        fits = value->size == sizeof(hc_id);
    else if (field->type == HC_TYPE_TEXT || field->type == HC_TYPE_KEY || field->type == HC_TYPE_BYTES)
        fits = bytes_fit(field, value);
    else if (is_number(field->type) || field->type == HC_TYPE_BOOL)
        fits = number_fits(field, value->as.integer);
    return fits ? HC_OK : hc__mongo_breaks(kind, position, err);
}

hc_status hc__mongo_check_set(const hc_kind *kind, const hc_set *set, hc_error *err)
{
    const hc_field *field;

    if (!hc__mongo_field_known(kind, set->field))
        return hc__mongo_misuse(err, "a field position is out of range");
    field = &kind->fields[set->field];
    if (field->type == HC_TYPE_TOKENS)
        return hc__mongo_unsupported(err, "search by words");
    if (set->value.type == HC_TYPE_NOW && field->type == HC_TYPE_TIME && set->how == HC_SET_TO)
        return HC_OK;
    if (set->value.type != field->type && (set->value.type != HC_TYPE_NULL || set->how == HC_SET_ADD))
        return hc__mongo_misuse(err, "a value has another type than its field");
    if (set->how == HC_SET_ADD)
        return is_number(field->type) ? HC_OK : hc__mongo_misuse(err, "something is added to what is no number");
    if (set->how != HC_SET_TO)
        return hc__mongo_misuse(err, "a set is neither to a value nor by adding");
    if (set->value.type == HC_TYPE_ENUM && !hc__mongo_has_form(field, &set->value))
        return hc__mongo_misuse(err, "a word that its field does not have");
    return HC_OK;
}
