/* Values and BSON, one by one. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/id.h"
#include "base/time.h"
#include "base/utf8.h"

#define MILLI INT64_C(1000)
#define DAY   INT64_C(86400000) /* ms */

/* ---- names and ids ---- */

const char *hc__mongo_member(const hc_kind *kind, uint16_t field)
{
    return field == 0 ? HC__MONGO_KEY : kind->fields[field].name;
}

bool hc__mongo_field_known(const hc_kind *kind, uint16_t field)
{
    return field < kind->field_count;
}

static hc_id id_of(const void *bytes)
{
    hc_id id;

    memcpy(id.bytes, bytes, sizeof(id.bytes));
    return id;
}

bool hc__mongo_carries_object_id(const void *id)
{
    return hc__id_is_document(id_of(id));
}

void hc__mongo_object_id(bson_oid_t *out, const void *id)
{
    const uint8_t *bytes = id;

    memcpy(out->bytes, bytes, 6);
    memcpy(out->bytes + 6, bytes + 10, 6);
}

static bool carry_object_id(hc_value *out, hc__arena *arena, const bson_oid_t *oid)
{
    uint8_t *bytes = hc__arena_alloc(arena, sizeof(hc_id));
    hc_id id;

    if (bytes == NULL)
        return false;
    hc__id_from_object_id(&id, oid->bytes);
    memcpy(bytes, id.bytes, sizeof(id.bytes));
    out->as.bytes = bytes;
    out->size = sizeof(hc_id);
    return true;
}

/* ---- to BSON ---- */

static bool append_id(bson_t *out, const char *name, bool key, const hc_value *value)
{
    bson_oid_t oid;

    if (!key || !hc__mongo_carries_object_id(value->as.bytes))
        return bson_append_binary(out, name, -1, BSON_SUBTYPE_UUID, value->as.bytes, value->size);
    hc__mongo_object_id(&oid, value->as.bytes);
    return bson_append_oid(out, name, -1, &oid);
}

/* Of a day. Those beyond all that can be kept are asked for as an instant that no day begins with. */
static int64_t instant_of(int64_t day)
{
    int64_t millis;

    return __builtin_mul_overflow(day, DAY, &millis) ? (day < 0 ? INT64_MIN : INT64_MAX) : millis;
}

static bool append_integer(bson_t *out, const char *name, const hc_field *field, int64_t n)
{
    switch (field->type) {
    case HC_TYPE_BOOL:
        return bson_append_bool(out, name, -1, n != 0);
    case HC_TYPE_INT32:
        return n >= INT32_MIN && n <= INT32_MAX ? bson_append_int32(out, name, -1, (int32_t)n)
                                                : bson_append_int64(out, name, -1, n);
    case HC_TYPE_TIME:
        return bson_append_date_time(out, name, -1, n / MILLI - (n % MILLI < 0));
    case HC_TYPE_DATE:
        return bson_append_date_time(out, name, -1, instant_of(n));
    case HC_TYPE_ENUM:
        return bson_append_utf8(out, name, -1, field->words[n - 1], -1);
    default:
        return bson_append_int64(out, name, -1, n);
    }
}

bool hc__mongo_append(const hc__mongo *conn, bson_t *out, const char *name, const hc_kind *kind, uint16_t position,
                      const hc_value *value)
{
    const hc_field *field = &kind->fields[position];

    if (value->type == HC_TYPE_NULL)
        return bson_append_null(out, name, -1);
    if (conn->masked)
        return bson_append_utf8(out, name, -1, "?", 1);
    switch (field->type) {
    case HC_TYPE_ID:
        return append_id(out, name, position == 0, value);
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_TOKENS:
        return bson_append_utf8(out, name, -1, value->size == 0 ? "" : value->as.bytes, (int)value->size);
    case HC_TYPE_BYTES:
        return bson_append_binary(out, name, -1, BSON_SUBTYPE_BINARY,
                                  value->size == 0 ? (const void *)"" : value->as.bytes, value->size);
    default:
        return append_integer(out, name, field, value->as.integer);
    }
}

/* ---- from BSON ---- */

static void name_document(char out[48], const bson_t *document)
{
    bson_iter_t at;

    memcpy(out, "?", 2);
    if (!bson_iter_init_find(&at, document, HC__MONGO_KEY))
        return;
    if (BSON_ITER_HOLDS_OID(&at)) {
        bson_oid_to_string(bson_iter_oid(&at), out);
    } else if (BSON_ITER_HOLDS_BINARY(&at)) {
        static const char digits[] = "0123456789abcdef";
        const uint8_t *bytes;
        uint32_t size;

        bson_iter_binary(&at, NULL, &size, &bytes);
        for (uint32_t i = 0; i < size && i < 16; i++) {
            out[2 * i] = digits[bytes[i] >> 4];
            out[2 * i + 1] = digits[bytes[i] & 15];
            out[2 * i + 2] = '\0';
        }
    }
}

hc_status hc__mongo_corrupt(hc_error *err, const hc_kind *kind, uint16_t field, const bson_t *document,
                            const char *what)
{
    char name[48];

    name_document(name, document);
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CORRUPT, kind->fields[field].name, "%s of document %s in %s %s",
                         hc__mongo_member(kind, field), name, kind->name, what);
}

static bool take_text(hc_value *out, const bson_iter_t *at, const hc_field *field)
{
    uint32_t size = 0;
    const char *text;

    if (!BSON_ITER_HOLDS_UTF8(at))
        return false;
    text = bson_iter_utf8(at, &size);
    if (field->type == HC_TYPE_ENUM) {
        for (int32_t i = 0; field->words[i] != NULL; i++) {
            if (strlen(field->words[i]) == size && memcmp(field->words[i], text, size) == 0)
                out->as.integer = i + 1;
        }
        return out->as.integer != 0;
    }
    out->as.bytes = text;
    out->size = size;
    return memchr(text, '\0', size) == NULL && hc__utf8_check(text, size, NULL);
}

static bool take_binary(hc_value *out, hc__arena *arena, const bson_iter_t *at, const hc_field *field, bool *memory)
{
    bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
    const uint8_t *bytes;
    uint32_t size = 0;

    if (field->type == HC_TYPE_ID && BSON_ITER_HOLDS_OID(at)) {
        *memory = carry_object_id(out, arena, bson_iter_oid(at));
        return true;
    }
    if (!BSON_ITER_HOLDS_BINARY(at))
        return false;
    bson_iter_binary(at, &subtype, &size, &bytes);
    out->as.bytes = bytes;
    out->size = size;
    return field->type != HC_TYPE_ID || (subtype == BSON_SUBTYPE_UUID && size == sizeof(hc_id));
}

/* JavaScript writes whole numbers as int32 or double, as it likes. */
static bool take_number(hc_value *out, const bson_iter_t *at, const hc_field *field)
{
    double real;

    if (BSON_ITER_HOLDS_DOUBLE(at)) {
        real = bson_iter_double(at);
        if (!(real >= -9007199254740992.0 && real <= 9007199254740992.0) || real != (double)(int64_t)real)
            return false;
        out->as.integer = (int64_t)real;
    } else if (BSON_ITER_HOLDS_INT32(at) || BSON_ITER_HOLDS_INT64(at)) {
        out->as.integer = bson_iter_as_int64(at);
    } else {
        return false;
    }
    return field->type != HC_TYPE_INT32 || (out->as.integer >= INT32_MIN && out->as.integer <= INT32_MAX);
}

static bool take_moment(hc_value *out, const bson_iter_t *at, const hc_field *field)
{
    int64_t millis;

    if (!BSON_ITER_HOLDS_DATE_TIME(at))
        return false;
    millis = bson_iter_date_time(at);
    if (field->type == HC_TYPE_TIME)
        return !__builtin_mul_overflow(millis, MILLI, &out->as.integer);
    out->as.integer = millis / DAY - (millis % DAY < 0);
    return true;
}

static bool take(hc_value *out, hc__arena *arena, const bson_iter_t *at, const hc_field *field, bool *memory)
{
    switch (field->type) {
    case HC_TYPE_ID:
    case HC_TYPE_BYTES:
        return take_binary(out, arena, at, field, memory);
    case HC_TYPE_BOOL:
        out->as.integer = BSON_ITER_HOLDS_BOOL(at) && bson_iter_bool(at);
        return BSON_ITER_HOLDS_BOOL(at);
    case HC_TYPE_TIME:
    case HC_TYPE_DATE:
        return take_moment(out, at, field);
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
        return take_number(out, at, field);
    default:
        return take_text(out, at, field);
    }
}

/* A created_at that another program does not keep is in the document's own id, to the second. */
static bool birth(hc_value *out, const bson_t *document)
{
    bson_iter_t at;

    if (!bson_iter_init_find(&at, document, HC__MONGO_KEY) || !BSON_ITER_HOLDS_OID(&at))
        return false;
    *out = (hc_value){.type = HC_TYPE_TIME, .as.integer = bson_oid_get_time_t(bson_iter_oid(&at)) * HC__SECOND};
    return true;
}

hc_status hc__mongo_missing(hc_value *out, const hc_kind *kind, uint16_t field, const bson_t *document, hc_error *err)
{
    const hc_value *initial = kind->fields[field].initial;

    *out = (hc_value){.type = HC_TYPE_NULL};
    if ((kind->fields[field].flags & HC_FIELD_NULLABLE) != 0)
        return HC_OK;
    if (initial != NULL && initial->type != HC_TYPE_NOW) {
        *out = *initial;
        return HC_OK;
    }
    if (initial != NULL && birth(out, document))
        return HC_OK;
    return hc__mongo_corrupt(err, kind, field, document, "is missing");
}

hc_status hc__mongo_decode(hc_value *out, hc__arena *arena, const hc_kind *kind, uint16_t position,
                           const bson_iter_t *at, const bson_t *document, hc_error *err)
{
    const hc_field *field = &kind->fields[position];
    bool memory = true;
    hc_error why = {0};
    hc_status status;

    if (BSON_ITER_HOLDS_NULL(at) || BSON_ITER_HOLDS_UNDEFINED(at))
        return hc__mongo_missing(out, kind, position, document, err);
    *out = (hc_value){.type = field->type};
    if (field->type == HC_TYPE_JSON) {
        status = hc__mongo_take_json(out, arena, at, hc__mongo_shape(kind, position), field->name, &why);
        if (status == HC_ERR_CORRUPT)
            return hc__mongo_corrupt(err, kind, position, document, why.message);
        if (status < 0 && err != NULL)
            *err = why;
        return status;
    }
    if (!take(out, arena, at, field, &memory))
        return hc__mongo_corrupt(err, kind, position, document, "has a type or value that it may not have");
    return memory ? HC_OK : hc__no_memory(err);
}
