/* Values to parameters of the binary protocol. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"

/* Years 1 to 9999, as the engine keeps them and the core takes them. */
#define TIME_MIN (-INT64_C(62135596800000000))
#define TIME_MAX INT64_C(253402300799999999)
#define DATE_MIN (-INT64_C(719162))
#define DATE_MAX INT64_C(2932896)

/* Beside the values, in a packet. */
#define OVERHEAD 16

/* Bytes of one execution with arrays. */
#define ARRAY_SIZE ((size_t)1 << 20)

/* One value: where it is, in the form of its type. */
typedef struct cell {
    enum enum_field_types type;
    const void *bytes;
    unsigned long size;
    bool null;
} cell;

/* Texts have the charset of the connection; ids, keys and bytes are binary. */
static enum enum_field_types type_of(const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        return MYSQL_TYPE_LONGLONG;
    case HC_TYPE_DECIMAL:
        return MYSQL_TYPE_NEWDECIMAL;
    case HC_TYPE_TIME:
        return MYSQL_TYPE_DATETIME;
    case HC_TYPE_DATE:
        return MYSQL_TYPE_DATE;
    case HC_TYPE_ENUM:
    case HC_TYPE_TEXT:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        return MYSQL_TYPE_STRING;
    default:
        return MYSQL_TYPE_BLOB;
    }
}

static hc_status misuse(hc_error *err, const hc_field *field, const char *what)
{
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_MISUSE, field->name, "%s", what);
}

static hc_status beyond(hc_error *err, const hc_field *field)
{
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_INVALID, field->name, "a value breaks a rule of %s", field->name);
}

static hc_status integer(cell *out, hc__my *conn, int64_t value, hc_error *err)
{
    int64_t *at = hc__arena_alloc(&conn->scratch, sizeof(*at));

    if (at == NULL)
        return hc__no_memory(err);
    *at = value;
    out->type = MYSQL_TYPE_LONGLONG;
    out->bytes = at;
    out->size = sizeof(*at);
    return HC_OK;
}

static hc_status decimal(cell *out, hc__my *conn, int64_t units, int scale, hc_error *err)
{
    char *at = hc__arena_alloc(&conn->scratch, 32);

    if (at == NULL)
        return hc__no_memory(err);
    out->size = hc__decimal_format(at, units, scale);
    out->bytes = at;
    return HC_OK;
}

/* A value before all that can be stored goes as a day of the year 0, which no row has; what is after them, as the last
 * instant. */
static hc_status day_and_time(cell *out, hc__my *conn, int64_t days, int64_t micros, bool low, hc_error *err)
{
    MYSQL_TIME *at = hc__arena_zero(&conn->scratch, 1, sizeof(*at));
    int year = 0, month = 1, day = 1;

    if (at == NULL)
        return hc__no_memory(err);
    if (!low)
        hc__civil_from_days((int32_t)days, &year, &month, &day);
    *at = (MYSQL_TIME){.year = (unsigned)year,
                       .month = (unsigned)month,
                       .day = (unsigned)day,
                       .hour = (unsigned)(micros / (3600 * HC__SECOND)),
                       .minute = (unsigned)(micros / (60 * HC__SECOND) % 60),
                       .second = (unsigned)(micros / HC__SECOND % 60),
                       .second_part = (unsigned long)(micros % HC__SECOND),
                       .time_type = out->type == MYSQL_TYPE_DATE ? MYSQL_TIMESTAMP_DATE : MYSQL_TIMESTAMP_DATETIME};
    out->bytes = at;
    out->size = sizeof(*at);
    return HC_OK;
}

static hc_status instant(cell *out, hc__my *conn, int64_t value, bool stored, const hc_field *field, hc_error *err)
{
    bool low = value < TIME_MIN;

    if (stored && (low || value > TIME_MAX))
        return beyond(err, field);
    value = low ? 0 : value > TIME_MAX ? TIME_MAX : value;
    return day_and_time(out, conn, hc__day_of(value), value - hc__day_of(value) * HC__DAY, low, err);
}

static hc_status day(cell *out, hc__my *conn, int64_t value, bool stored, const hc_field *field, hc_error *err)
{
    bool low = value < DATE_MIN;

    if (stored && (low || value > DATE_MAX))
        return beyond(err, field);
    return day_and_time(out, conn, low ? 0 : value > DATE_MAX ? DATE_MAX : value, 0, low, err);
}

static hc_status word_of(cell *out, int64_t value, const hc_field *field, hc_error *err)
{
    const char *word = hc__sql_word(field, value);

    if (word == NULL)
        return misuse(err, field, "a word that the field does not have");
    out->bytes = word;
    out->size = strlen(word);
    return HC_OK;
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* One index holds the words of all fields of tokens. So that it tells in which a word stands, each field's words start
 * with a letter of its own there. */
static char letter_of(const hc_kind *kind, const hc_field *field)
{
    char letter = 'a';

    for (const hc_field *at = kind->fields; at < field; at++)
        letter = (char)(letter + (at->type == HC_TYPE_TOKENS));
    return letter;
}

/* "one two" as " aone atwo ": each word has a space on both sides, so that locate() finds it whole or by its start. */
static hc_status tokens(cell *out, hc__my *conn, const hc_value *value, const hc_kind *kind, const hc_field *field,
                        hc_error *err)
{
    const char *text = value->as.bytes;
    char letter = letter_of(kind, field);
    char *start = hc__arena_alloc(&conn->scratch, (size_t)value->size * 2 + 2), *at = start;

    if (!hc__sql_is_words(text, value->size, true))
        return misuse(err, field, "tokens are words of [a-z0-9]");
    if (start == NULL)
        return hc__no_memory(err);
    *at++ = ' ';
    for (uint32_t i = 0; i < value->size; i++) {
        if (text[i] == ' ' && at[-1] == ' ')
            continue;
        if (text[i] != ' ' && at[-1] == ' ')
            *at++ = letter;
        *at++ = text[i];
    }
    if (at[-1] != ' ')
        *at++ = ' ';
    out->bytes = start;
    out->size = (unsigned long)(at - start);
    return HC_OK;
}

static bool is_prefix(const hc_value *value)
{
    return value->size > 0 && ((const char *)value->as.bytes)[value->size - 1] == '*';
}

static hc_status check_word(const hc_value *value, const hc_field *field, hc_error *err)
{
    size_t size = value->size - (value->type == HC_TYPE_TOKENS && is_prefix(value));

    if (value->type != HC_TYPE_TOKENS || size == 0 || !hc__sql_is_words(value->as.bytes, size, false))
        return misuse(err, field, "MATCH takes words of [a-z0-9], a prefix with * at its end");
    return HC_OK;
}

/* " aone " or, for a prefix, " aone". */
static hc_status word_in_field(cell *out, hc__my *conn, const hc__param *param, hc_error *err)
{
    hc_status status = check_word(param->value, param->field, err);
    size_t size = param->value->size;
    char *at = hc__arena_alloc(&conn->scratch, size + 3);

    if (status < 0)
        return status;
    if (at == NULL)
        return hc__no_memory(err);
    at[0] = ' ';
    at[1] = letter_of(param->kind, param->field);
    memcpy(at + 2, param->value->as.bytes, size);
    if (is_prefix(param->value))
        size--;
    else
        at[2 + size++] = ' ';
    out->bytes = at;
    out->size = size + 2;
    return HC_OK;
}

static bool is_left_out(const hc__my *conn, const hc__param *param, uint32_t word)
{
    return word < 32 && param->value == conn->searched && (conn->common >> word & 1) != 0;
}

/* "+(aone bone) +(atwo* btwo*)": each word in at least one field of those that are asked. */
static hc_status match(cell *out, hc__my *conn, const hc__param *param, hc_error *err)
{
    size_t room = 1, fields = 0;
    char *end, *start;

    for (const hc_field *field = param->field; field <= param->last; field++)
        fields += field->type == HC_TYPE_TOKENS;
    for (uint32_t i = 0; i < param->count; i++)
        room += 4 + fields * ((size_t)param->value[i].size + 2);
    start = end = hc__arena_alloc(&conn->scratch, room);
    if (start == NULL)
        return hc__no_memory(err);
    for (uint32_t i = 0; i < param->count; i++) {
        hc_status status = check_word(&param->value[i], param->field, err);

        if (status < 0)
            return status;
        if (is_left_out(conn, param, i))
            continue;
        memcpy(end, " +(", 3);
        end += 3;
        for (const hc_field *field = param->field; field <= param->last; field++) {
            if (field->type != HC_TYPE_TOKENS)
                continue;
            *end++ = ' ';
            *end++ = letter_of(param->kind, field);
            memcpy(end, param->value[i].as.bytes, param->value[i].size);
            end += param->value[i].size;
        }
        *end++ = ')';
    }
    out->bytes = start;
    out->size = (unsigned long)(end - start);
    return HC_OK;
}

/* ---- a parameter ------------------------------------------------------------------------------------------------- */

static hc_status encode_value(cell *out, hc__my *conn, const hc__param *param, const hc_op *op, hc_error *err)
{
    const hc_value *value = param->value;
    const hc_field *field = param->field;
    bool stored = op->set_count > 0 && value >= &op->sets[0].value && value <= &op->sets[op->set_count - 1].value;

    if (value->type == HC_TYPE_NULL) {
        out->null = true;
        return HC_OK;
    }
    if (value->type == HC_TYPE_NOW)
        return integer(out, conn, value->as.integer, err);
    if (value->type != field->type)
        return misuse(err, field, "a value has another type than its field");
    switch (value->type) {
    case HC_TYPE_ID:
        out->bytes = value->as.bytes;
        out->size = value->size;
        return value->size == sizeof(hc_id) ? HC_OK : misuse(err, field, "an id does not have 16 bytes");
    case HC_TYPE_BOOL:
        if (value->as.integer != 0 && value->as.integer != 1)
            return beyond(err, field);
        return integer(out, conn, value->as.integer, err);
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        return integer(out, conn, value->as.integer, err);
    case HC_TYPE_DECIMAL:
        return decimal(out, conn, value->as.integer, field->scale, err);
    case HC_TYPE_TIME:
        return instant(out, conn, value->as.integer, stored, field, err);
    case HC_TYPE_DATE:
        return day(out, conn, value->as.integer, stored, field, err);
    case HC_TYPE_ENUM:
        return word_of(out, value->as.integer, field, err);
    case HC_TYPE_TOKENS:
        return tokens(out, conn, value, op->kind, field, err);
    default:
        out->bytes = value->size == 0 ? "" : value->as.bytes;
        out->size = value->size;
        return HC_OK;
    }
}

static hc_status encode_param(cell *out, hc__my *conn, const hc__param *param, const hc_op *op, hc_error *err)
{
    const char *text = NULL;
    size_t size = 0;
    hc_status status;

    *out = (cell){.bytes = ""};
    if (param->use == HC__PARAM_NUMBER)
        return integer(out, conn, param->number, err);
    if (param->use == HC__PARAM_SCANNED) /* no scan comes to the last number that there is */
        return integer(out, conn, param->number < INT64_MAX - conn->counted ? param->number + conn->counted : INT64_MAX,
                       err);
    out->type = type_of(param->field);
    switch (param->use) {
    case HC__PARAM_BELOW:
        status = hc__sql_below(&text, &size, &conn->scratch, param, err);
        out->bytes = text;
        out->size = size;
        return status;
    case HC__PARAM_MATCH:
        return match(out, conn, param, err);
    case HC__PARAM_WORD:
        return word_in_field(out, conn, param, err);
    default:
        return encode_value(out, conn, param, op, err);
    }
}

static hc_status reserve(hc__my *conn, size_t count, hc_error *err)
{
    size_t capacity = count < 64 ? 64 : count * 2;
    MYSQL_BIND *grown;

    if (count > conn->ins_capacity) {
        grown = hc__alloc(conn->mem, capacity * sizeof(*grown));
        if (grown == NULL)
            return hc__no_memory(err);
        hc__free(conn->mem, conn->ins);
        conn->ins = grown;
        conn->ins_capacity = capacity;
    }
    if (count > 0)
        memset(conn->ins, 0, count * sizeof(*conn->ins));
    return HC_OK;
}

/* The client library takes pointers to what it only reads. */
static void *unconst(const void *bytes)
{
    void *out;

    memcpy(&out, &bytes, sizeof(out));
    return out;
}

static hc_status too_large(hc_error *err)
{
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_TOO_LARGE, NULL, HC__MY_TOO_LARGE);
}

static hc_status params_of(hc__my *conn, hc__sql_recipe *recipe, const hc_op *op, hc_error *err)
{
    hc_status status;

    if (recipe != NULL && hc__sql_follow(&conn->sql, recipe, op))
        return HC_OK;
    conn->sql.want_text = false;
    status = hc__sql_compile(&conn->sql, &conn->flavor->dialect, op, hc__my_scan(conn, op), err);
    if (status == HC_OK && recipe != NULL && !hc__sql_learn(recipe, conn->mem, &conn->sql, op))
        return hc__no_memory(err);
    return status;
}

static hc_status encode_one(MYSQL_BIND *in, hc__my *conn, const hc__param *param, const hc_op *op, size_t *total,
                            hc_error *err)
{
    static my_bool null = 1;
    cell one;
    hc_status status = encode_param(&one, conn, param, op, err);

    in->buffer_type = one.type;
    in->buffer = unconst(one.bytes);
    in->buffer_length = one.size;
    in->is_null = one.null ? &null : NULL;
    *total += one.size + OVERHEAD;
    return status == HC_OK && *total > conn->packet_limit ? too_large(err) : status;
}

hc_status hc__my_encode(hc__my *conn, hc__sql_recipe *recipe, const hc_op *ops, size_t rows, hc_error *err)
{
    hc_status status = HC_OK;
    size_t total = 0;

    for (size_t row = 0; row < rows && status == HC_OK; row++) {
        status = params_of(conn, recipe, &ops[row], err);
        if (status == HC_OK && row == 0)
            status = reserve(conn, conn->sql.param_count * rows, err);
        for (size_t i = 0; i < conn->sql.param_count && status == HC_OK; i++)
            status = encode_one(&conn->ins[row * conn->sql.param_count + i], conn, &conn->sql.params[i], &ops[row],
                                &total, err);
    }
    return status;
}

/* ---- arrays ------------------------------------------------------------------------------------------------------ */

/* Numbers stand one behind the other; of all else there are pointers. */
static hc_status prepare_arrays(hc__my *conn, size_t rows, hc_error *err)
{
    hc_status status = reserve(conn, conn->sql.param_count, err);

    for (size_t i = 0; i < conn->sql.param_count && status == HC_OK; i++) {
        MYSQL_BIND *in = &conn->ins[i];

        in->buffer = hc__arena_alloc(&conn->scratch, rows * sizeof(void *));
        in->length = hc__arena_alloc(&conn->scratch, rows * sizeof(unsigned long));
        in->u.indicator = hc__arena_alloc(&conn->scratch, rows);
        if (in->buffer == NULL || in->length == NULL || in->u.indicator == NULL)
            status = hc__no_memory(err);
    }
    return status;
}

static void put_cell(MYSQL_BIND *in, size_t row, const cell *one)
{
    in->buffer_type = one->type;
    in->length[row] = one->size;
    in->u.indicator[row] = one->null ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
    if (one->type != MYSQL_TYPE_LONGLONG)
        ((void **)in->buffer)[row] = unconst(one->bytes);
    else if (!one->null)
        memcpy((int64_t *)in->buffer + row, one->bytes, sizeof(int64_t));
}

hc_status hc__my_encode_rows(hc__my *conn, hc__sql_recipe *recipe, const hc_op *ops, size_t *rows, hc_error *err)
{
    size_t most = *rows, total = 0;
    hc_status status = HC_OK;

    for (size_t row = 0; row < most && status == HC_OK && total < ARRAY_SIZE; row++) {
        status = params_of(conn, recipe, &ops[row], err);
        if (status == HC_OK && row == 0)
            status = prepare_arrays(conn, most, err);
        for (size_t i = 0; i < conn->sql.param_count && status == HC_OK; i++) {
            cell one;

            status = encode_param(&one, conn, &conn->sql.params[i], &ops[row], err);
            put_cell(&conn->ins[i], row, &one);
            total += one.size + OVERHEAD;
        }
        *rows = row + 1;
        if (status == HC_OK && total > conn->packet_limit) {
            if (row == 0)
                return too_large(err);
            *rows = row; /* the one that is too much goes with the next */
            return HC_OK;
        }
    }
    return status;
}
