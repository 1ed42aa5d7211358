/* JSON and embedded documents: free JSON as it is, members of shapes with the types of their fields. Lists of a shape
 * are written again as a whole, so what another program keeps in them and JSON has no form for, such as Mongoose's _id
 * of each item, is {"$oid": "..."} and the like on the way. In free JSON, which is never written again, it is text. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/id.h"
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/utf8.h"

#define DEPTH 63 /* of the reader; servers take 100 */
#define PLACE 16 /* digits of a position in an array */

#define FIRST_TIME (INT64_C(-719162) * HC__DAY)     /* 0001-01-01 */
#define LAST_TIME  (INT64_C(2932897) * HC__DAY - 1) /* 9999-12-31 */

const hc_shape *hc__mongo_shape(const hc_kind *kind, uint16_t field)
{
    for (uint32_t i = 0; i < kind->shape_count; i++) {
        if (kind->shapes[i].field == field)
            return &kind->shapes[i];
    }
    return NULL;
}

/* ---- to BSON -------------------------------------------------------------------------------------------------------
 */

/* Where the next value goes. */
typedef struct level {
    bson_t *document;
    bson_t own;    /* of an inner one: never moved, for libbson points into it */
    uint32_t next; /* in arrays */
    bool array;
} level;

typedef struct writer {
    hc__json_reader reader;
    const hc_shape *shape;
    const char *field;
    hc_error *err;
    level levels[DEPTH + 2];
    int depth;      /* of the innermost open one; 0 is the document itself */
    bool begun;     /* an object whose first member decides whether it is one */
    char key[1024]; /* of the member that comes */
    hc_status status;
} writer;

static hc_status refuse(writer *w, const char *what)
{
    w->status = hc__fail_from(w->err, HC__MONGO_NAME, HC_ERR_INVALID, w->field, "%s in %s cannot be kept by MongoDB",
                              what, w->field);
    return w->status;
}

/* ---- what JSON has no form for ---- */

#define OBJECT_ID  "$oid"
#define DATE       "$date"
#define UUID       "$uuid"
#define DECIMAL128 "$numberDecimal"

static bool put_special(bson_t *out, const char *key, const char *what, const char *text, size_t size)
{
    bson_decimal128_t decimal;
    bson_oid_t oid;
    int64_t millis;
    hc_id id;

    if (strcmp(what, OBJECT_ID) == 0 && bson_oid_is_valid(text, size)) {
        bson_oid_init_from_string(&oid, text);
        return bson_append_oid(out, key, -1, &oid);
    }
    if (strcmp(what, DATE) == 0 && hc__decimal_parse(&millis, text, size, 0, HC__EXACT) == HC__DECIMAL_OK)
        return bson_append_date_time(out, key, -1, millis);
    if (strcmp(what, UUID) == 0 && hc__id_read(&id, text, size))
        return bson_append_binary(out, key, -1, BSON_SUBTYPE_UUID, id.bytes, sizeof(id.bytes));
    return strcmp(what, DECIMAL128) == 0 && bson_decimal128_from_string(text, &decimal) &&
           bson_append_decimal128(out, key, -1, &decimal);
}

/* ---- tokens ---- */

/* M01: servers of before 5.0 refuse such names, and later ones cannot look into them. */
static bool take_key(writer *w)
{
    const hc__json_reader *r = &w->reader;

    if (r->size == 0 || r->size >= sizeof(w->key) || r->text[0] == '$' || memchr(r->text, '.', r->size) != NULL ||
        memchr(r->text, '\0', r->size) != NULL)
        return refuse(w, "a member's name that is empty, starts with a dollar sign or has a dot") == HC_OK;
    memcpy(w->key, r->text, r->size);
    w->key[r->size] = '\0';
    return true;
}

static const char *next_key(writer *w)
{
    level *at = &w->levels[w->depth];
    const char *out = w->key;

    if (w->depth > 0 && at->array)
        (void)bson_uint32_to_string(at->next++, &out, w->key, PLACE);
    return out;
}

/* The field of a member of an object of the shape's array, when it has one. */
static const hc_field *member(const writer *w)
{
    if (w->shape == NULL || w->depth != 2 || w->levels[2].array)
        return NULL;
    for (uint32_t i = 0; i < w->shape->member_count; i++) {
        if (strcmp(w->shape->members[i].name, w->key) == 0)
            return &w->shape->members[i];
    }
    return NULL;
}

/* False: the text is no value of the field, and stays text. */
static bool put_typed(bson_t *out, const char *key, const hc_field *field, const char *text, size_t size)
{
    int64_t micros;
    int32_t days;
    hc_id id;

    if (field == NULL)
        return false;
    if (field->type == HC_TYPE_ID && hc__id_read(&id, text, size))
        return bson_append_binary(out, key, -1, BSON_SUBTYPE_UUID, id.bytes, sizeof(id.bytes));
    /* A time that a date would cut stays text. */
    if (field->type == HC_TYPE_TIME && hc__time_parse(&micros, text, size) && micros % 1000 == 0) {
        char back[32];

        return hc__time_format(back, micros) == size && memcmp(back, text, size) == 0 &&
               bson_append_date_time(out, key, -1, micros / 1000);
    }
    if (field->type == HC_TYPE_DATE && hc__date_parse(&days, text, size))
        return bson_append_date_time(out, key, -1, (int64_t)days * 86400000);
    return false;
}

static bool put_number(bson_t *out, const char *key, const char *text, size_t size)
{
    int64_t whole;
    double real;

    if (hc__decimal_parse(&whole, text, size, 0, HC__EXACT) == HC__DECIMAL_OK)
        return whole >= INT32_MIN && whole <= INT32_MAX ? bson_append_int32(out, key, -1, (int32_t)whole)
                                                        : bson_append_int64(out, key, -1, whole);
    return hc__os_double_parse(&real, text, size) && bson_append_double(out, key, -1, real);
}

static bool open_level(writer *w, bool array)
{
    bson_t *out = w->levels[w->depth].document;
    const char *key = next_key(w);
    level *inside = &w->levels[w->depth + 1];

    if (w->depth > DEPTH)
        return false;
    inside->document = &inside->own;
    inside->array = array;
    inside->next = 0;
    w->depth++;
    return array ? bson_append_array_begin(out, key, -1, &inside->own)
                 : bson_append_document_begin(out, key, -1, &inside->own);
}

static bool close_level(writer *w)
{
    level *inside = &w->levels[w->depth];

    w->depth--;
    return inside->array ? bson_append_array_end(w->levels[w->depth].document, &inside->own)
                         : bson_append_document_end(w->levels[w->depth].document, &inside->own);
}

static bool put_plain(writer *w, hc__json_token token)
{
    const hc__json_reader *r = &w->reader;
    bson_t *out = w->levels[w->depth].document;
    const hc_field *field;
    const char *key;

    switch (token) {
    case HC__JSON_OBJECT:
        w->begun = w->shape != NULL && w->depth > 1;
        return w->begun || open_level(w, false);
    case HC__JSON_ARRAY:
        return open_level(w, true);
    case HC__JSON_OBJECT_END:
    case HC__JSON_ARRAY_END:
        return close_level(w);
    case HC__JSON_KEY:
        return take_key(w);
    case HC__JSON_STRING:
        field = member(w);
        key = next_key(w);
        return put_typed(out, key, field, r->text, r->size) ||
               bson_append_utf8(out, key, -1, r->size == 0 ? "" : r->text, (int)r->size);
    case HC__JSON_NUMBER:
        return put_number(out, next_key(w), r->text, r->size);
    case HC__JSON_NULL:
        return bson_append_null(out, next_key(w), -1);
    default:
        return bson_append_bool(out, next_key(w), -1, token == HC__JSON_TRUE);
    }
}

/* The first token of an object that may be no object. */
static bool put_first(writer *w, hc__json_token token)
{
    hc__json_reader *r = &w->reader;
    char what[16] = "", text[64] = "";
    size_t size;

    w->begun = false;
    if (token != HC__JSON_KEY || r->size == 0 || r->size >= sizeof(what) || r->text[0] != '$')
        return open_level(w, false) && put_plain(w, token);
    memcpy(what, r->text, r->size);
    token = hc__json_next(r, w->err);
    size = r->size;
    if ((token != HC__JSON_STRING && token != HC__JSON_NUMBER) || size >= sizeof(text))
        return refuse(w, "a member's name that starts with a dollar sign") == HC_OK;
    memcpy(text, r->text, size);
    if (hc__json_next(r, w->err) != HC__JSON_OBJECT_END ||
        !put_special(w->levels[w->depth].document, next_key(w), what, text, size))
        return refuse(w, "a member's name that starts with a dollar sign") == HC_OK;
    return true;
}

static bool put_token(writer *w, hc__json_token token)
{
    return w->begun ? put_first(w, token) : put_plain(w, token);
}

hc_status hc__mongo_put_json(bson_t *out, const char *name, const hc__mem *mem, const hc_value *json,
                             const hc_shape *shape, const char *field, hc_error *err)
{
    const hc__json_limits limits = {(size_t)json->size + 1, DEPTH, (size_t)json->size + 1};
    writer w; /* as much of it as is used: its levels are many, and each has a document */

    w.shape = shape;
    w.field = field;
    w.err = err;
    w.depth = 0;
    w.begun = false;
    w.status = HC_OK;
    w.levels[0] = (level){.document = out};
    (void)memcpy(w.key, name, strlen(name) + 1);
    hc__json_open(&w.reader, mem, json->as.bytes, json->size, &limits);
    for (;;) {
        hc__json_token token = hc__json_next(&w.reader, err);

        if (token == HC__JSON_END)
            break;
        if (token == HC__JSON_ERROR)
            w.status = w.reader.status;
        else if (!put_token(&w, token) && w.status == HC_OK)
            (void)refuse(&w, "a value");
        if (w.status < 0)
            break;
    }
    while (w.depth > 0)
        (void)close_level(&w);
    hc__json_close(&w.reader);
    return w.status;
}

/* ---- from BSON -----------------------------------------------------------------------------------------------------
 */

/* `shape`: of the list, which is at depth -1; its objects are at 0. */
typedef struct place {
    const hc_shape *shape;
    const hc_field *member; /* that the value is of */
    int depth;
} place;

typedef struct taking {
    hc__json_writer writer; /* first: members come with it */
    bool other;             /* what is written may not be in the canonical form */
} taking;

static void note_other(hc__json_writer *out)
{
    ((taking *)(void *)out)->other = true;
}

static bool take_value(hc__json_writer *out, const bson_iter_t *at, const place *where);

static const hc_field *member_named(const place *where, const char *name)
{
    for (uint32_t i = 0; where->shape != NULL && where->depth == 0 && i < where->shape->member_count; i++) {
        if (strcmp(where->shape->members[i].name, name) == 0)
            return &where->shape->members[i];
    }
    return NULL;
}

static bool take_members(hc__json_writer *out, const bson_iter_t *outer, const place *where)
{
    place inside = {where->shape, NULL, where->depth + 1};
    bool array = BSON_ITER_HOLDS_ARRAY(outer);
    const char *before = NULL;
    bson_iter_t at;

    if (where->depth > DEPTH || !bson_iter_recurse(outer, &at))
        return false;
    array ? hc__json_array(out) : hc__json_object(out);
    while (bson_iter_next(&at)) {
        if (!array) {
            const char *key = bson_iter_key(&at);

            if (!hc__utf8_check(key, strlen(key), NULL))
                return false;
            if (before != NULL && strcmp(before, key) >= 0)
                note_other(out);
            before = key;
            hc__json_key(out, key);
            inside.member = member_named(where, key);
        }
        if (!take_value(out, &at, &inside))
            return false;
    }
    array ? hc__json_array_end(out) : hc__json_object_end(out);
    return true;
}

static void put_text(hc__json_writer *out, const char *what, const char *text, size_t size)
{
    if (what == NULL) {
        hc__json_string(out, text, size);
        return;
    }
    hc__json_object(out);
    hc__json_key(out, what);
    hc__json_string(out, text, size);
    hc__json_object_end(out);
}

static bool take_date(hc__json_writer *out, const bson_iter_t *at, const place *where)
{
    int32_t type = where->member == NULL ? HC_TYPE_NULL : where->member->type;
    int64_t millis = bson_iter_date_time(at);
    char text[32];
    int64_t micros;

    if (where->shape != NULL && type != HC_TYPE_TIME && type != HC_TYPE_DATE) {
        hc__json_object(out);
        hc__json_key(out, DATE);
        hc__json_int(out, millis);
        hc__json_object_end(out);
        return true;
    }
    /* Years that no calendar shows have no text. */
    if (__builtin_mul_overflow(millis, INT64_C(1000), &micros) || micros < FIRST_TIME || micros > LAST_TIME)
        return false;
    hc__json_string(out, text,
                    type == HC_TYPE_DATE ? hc__date_format(text, hc__day_of(micros)) : hc__time_format(text, micros));
    return true;
}

static bool take_special(hc__json_writer *out, const bson_iter_t *at, const place *where)
{
    bool of_shape = where->shape != NULL, id_member = where->member != NULL && where->member->type == HC_TYPE_ID;
    char text[BSON_DECIMAL128_STRING];
    bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
    const uint8_t *bytes = NULL;
    bson_decimal128_t decimal;
    uint32_t size = 0;
    hc_id id;

    switch (bson_iter_type(at)) {
    case BSON_TYPE_DATE_TIME:
        return take_date(out, at, where);
    case BSON_TYPE_OID:
        bson_oid_to_string(bson_iter_oid(at), text);
        put_text(out, of_shape ? OBJECT_ID : NULL, text, HC__MONGO_DIGITS - 1);
        return true;
    case BSON_TYPE_BINARY:
        bson_iter_binary(at, &subtype, &size, &bytes);
        if (subtype != BSON_SUBTYPE_UUID || size != sizeof(hc_id))
            return false;
        memcpy(id.bytes, bytes, sizeof(id.bytes));
        hc_id_format(text, id);
        put_text(out, of_shape && !id_member ? UUID : NULL, text, HC_ID_TEXT_SIZE - 1);
        return true;
    case BSON_TYPE_DECIMAL128:
        if (!bson_iter_decimal128(at, &decimal))
            return false;
        bson_decimal128_to_string(&decimal, text);
        put_text(out, of_shape ? DECIMAL128 : NULL, text, strlen(text));
        return true;
    default:
        return false;
    }
}

static bool take_value(hc__json_writer *out, const bson_iter_t *at, const place *where)
{
    uint32_t size = 0;
    const char *text;
    char number[32];

    switch (bson_iter_type(at)) {
    case BSON_TYPE_DOCUMENT:
    case BSON_TYPE_ARRAY:
        return take_members(out, at, where);
    case BSON_TYPE_UTF8:
        text = bson_iter_utf8(at, &size);
        if (memchr(text, '\0', size) != NULL || !hc__utf8_check(text, size, NULL))
            return false;
        hc__json_string(out, text, size);
        return true;
    case BSON_TYPE_INT32:
    case BSON_TYPE_INT64:
        hc__json_int(out, bson_iter_as_int64(at));
        return true;
    case BSON_TYPE_DOUBLE:
        if (!(bson_iter_double(at) - bson_iter_double(at) == 0)) /* JSON has no infinity */
            return false;
        note_other(out);
        hc__json_raw(out, number, hc__os_double_format(number, bson_iter_double(at)));
        return true;
    case BSON_TYPE_BOOL:
        hc__json_bool(out, bson_iter_bool(at));
        return true;
    case BSON_TYPE_NULL:
    case BSON_TYPE_UNDEFINED:
        hc__json_null(out);
        return true;
    default:
        return take_special(out, at, where);
    }
}

hc_status hc__mongo_take_json(hc_value *out, hc__arena *arena, const bson_iter_t *at, const hc_shape *shape,
                              const char *field, hc_error *err)
{
    const place where = {shape, NULL, -1};
    taking text = {.other = false};
    hc_status status = HC_OK;
    hc__buf raw, whole;

    hc__buf_init(&raw, arena->mem);
    hc__buf_init(&whole, arena->mem);
    hc__json_begin(&text.writer, &raw);
    if (!take_value(&text.writer, at, &where) && !raw.failed) {
        status = hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CORRUPT, field, "has a value that JSON cannot have");
    } else if (!raw.failed && text.other) {
        const hc__json_limits limits = {raw.size + 1, DEPTH, raw.size + 1};

        status = hc__json_canonical(&whole, arena->mem, raw.data, raw.size, &limits, field, err);
        if (status < 0 && status != HC_ERR_NO_MEMORY)
            status = hc__fail_from(err, HC__MONGO_NAME, HC_ERR_CORRUPT, field, "has a value that JSON cannot have");
    }
    if (status == HC_OK && (raw.failed || whole.failed))
        status = hc__no_memory(err);
    if (status == HC_OK) {
        const hc__buf *form = text.other ? &whole : &raw;

        out->as.bytes = hc__arena_copy(arena, form->data, form->size);
        out->size = (uint32_t)form->size;
        if (out->as.bytes == NULL)
            status = hc__no_memory(err);
    }
    hc__buf_free(&raw);
    hc__buf_free(&whole);
    return status;
}
