/* Binary columns to values. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"
#include "base/json.h"
#include "base/number.h"

#define EPOCH_MICROS INT64_C(946684800000000)
#define EPOCH_DAYS   10957
#define LONG_NUMBER  63 /* characters: what the scanner of JSON takes */
#define FIRST_DIGITS 40

#define MAY_BE_EMPTY (1u << HC_TYPE_TEXT | 1u << HC_TYPE_KEY | 1u << HC_TYPE_BYTES)

static uint64_t big_endian(const char *at, size_t size)
{
    const unsigned char *b = (const unsigned char *)at;
    uint64_t out = 0;

    if (size == 8) /* written out: it becomes one load that swaps the bytes, as the two below */
        return (uint64_t)b[0] << 56 | (uint64_t)b[1] << 48 | (uint64_t)b[2] << 40 | (uint64_t)b[3] << 32 |
               (uint64_t)b[4] << 24 | (uint64_t)b[5] << 16 | (uint64_t)b[6] << 8 | b[7];
    if (size == 4)
        return (uint64_t)b[0] << 24 | (uint64_t)b[1] << 16 | (uint64_t)b[2] << 8 | b[3];
    if (size == 2)
        return (uint64_t)b[0] << 8 | b[1];
    for (size_t i = 0; i < size; i++)
        out = out << 8 | b[i];
    return out;
}

int64_t hc__pg_integer(const char *at, size_t size)
{
    switch (size) {
    case 1:
        return at[0] != 0;
    case 2:
        return (int16_t)big_endian(at, 2);
    case 4:
        return (int32_t)big_endian(at, 4);
    default:
        return size == 8 ? (int64_t)big_endian(at, 8) : 0;
    }
}

int64_t hc__pg_number(const PGresult *result, int row, int column)
{
    return PQgetisnull(result, row, column)
               ? 0
               : hc__pg_integer(PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
}

static const int32_t tens[] = {1, 10, 100, 1000, 10000};

/* Groups of four digits from `weight` down; missing ones are zero. False for what is no number of this scale. */
static bool decimal(int64_t *out, const char *at, size_t size, int scale)
{
    int64_t units = 0;
    int groups, weight, last;

    if (size < 8)
        return false;
    groups = (int)big_endian(at, 2);
    weight = (int16_t)big_endian(at + 2, 2);
    last = -((scale + 3) / 4);
    if (size != 8 + 2 * (size_t)groups || (big_endian(at + 4, 2) & 0xbfffu) != 0)
        return false;
    for (int power = weight > 0 ? weight : 0; power >= last; power--) {
        int i = weight - power;
        int32_t group = i >= 0 && i < groups ? (int32_t)big_endian(at + 8 + 2 * (size_t)i, 2) : 0;
        int kept = power == last && scale % 4 != 0 ? scale % 4 : 4;

        if (group % tens[4 - kept] != 0 || __builtin_mul_overflow(units, tens[kept], &units) ||
            __builtin_add_overflow(units, group / tens[4 - kept], &units))
            return false;
    }
    if (groups > 0 && weight - (groups - 1) < last && big_endian(at + 8 + 2 * (size_t)(groups - 1), 2) != 0)
        return false;
    *out = big_endian(at + 4, 2) != 0 ? -units : units;
    return true;
}

/* Plain digits, perhaps hundreds, as the first ones and an exponent: a double holds no more. */
static size_t first_digits(char out[FIRST_DIGITS + 16], const char *text, size_t size)
{
    const char *dot = memchr(text, '.', size);
    size_t point = dot == NULL ? size : (size_t)(dot - text);
    size_t count = 0, last = 0;
    int exponent;

    if (text[0] == '-')
        out[count++] = '-';
    for (size_t i = 0; i < size && count < FIRST_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9' || (last == 0 && text[i] == '0'))
            continue;
        out[count++] = text[i];
        last = i + 1;
    }
    if (last == 0)
        out[count++] = '0';
    exponent = last == 0 ? 0 : last <= point ? (int)(point - last) : -(int)(last - 1 - point);
    out[count++] = 'e';
    if (exponent < 0)
        out[count++] = '-';
    exponent = exponent < 0 ? -exponent : exponent;
    for (int place = 100000; place > 0; place /= 10)
        out[count++] = (char)('0' + exponent / place % 10);
    return count;
}

/* jsonb writes a double of 1e300 with all its zeros. Back to the shortest, so that the scanner takes it. */
static bool shorten(hc__buf *out, const char *text, size_t size)
{
    bool quoted = false;

    for (size_t i = 0; i < size;) {
        size_t length = 0;
        double value;
        char number[FIRST_DIGITS + 16];

        if (quoted && text[i] == '\\') {
            hc__buf_put(out, text + i, 2);
            i += 2;
            continue;
        }
        quoted = quoted != (text[i] == '"');
        while (!quoted && i + length < size && strchr("+-.0123456789eE", text[i + length]) != NULL &&
               text[i + length] != '\0')
            length++;
        if (length <= LONG_NUMBER) {
            hc__buf_put(out, text + i, length == 0 ? 1 : length);
        } else if (hc__os_double_parse(&value, number, first_digits(number, text + i, length))) {
            hc__buf_put(out, number, hc__os_double_format(number, value));
        } else {
            return false;
        }
        i += length == 0 ? 1 : length;
    }
    return !out->failed;
}

static hc_status canonical(hc__pg *conn, hc_value *out, const char *text, size_t size, const hc_field *field,
                           hc_error *err)
{
    const hc__json_limits limits = {size + 1, 63, size + 1};
    hc__buf buf, shorter;
    hc_status status;

    hc__buf_init(&buf, conn->mem);
    hc__buf_init(&shorter, conn->mem);
    status = hc__json_canonical(&buf, conn->mem, text, size, &limits, field->name, err);
    if (status == HC_ERR_TOO_LARGE && shorten(&shorter, text, size))
        status = hc__json_canonical(&buf, conn->mem, shorter.data, shorter.size, &limits, field->name, err);
    if (status == HC_OK && !buf.failed) {
        out->as.bytes = hc__arena_copy(&conn->scratch, buf.data, buf.size);
        out->size = (uint32_t)buf.size;
    }
    if (buf.failed || shorter.failed || (status == HC_OK && out->as.bytes == NULL))
        status = hc__no_memory(err);
    hc__buf_free(&shorter);
    hc__buf_free(&buf);
    return status;
}

static bool plain(hc_value *out, const char *bytes, size_t size, const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_DECIMAL:
        return decimal(&out->as.integer, bytes, size, field->scale);
    case HC_TYPE_TIME:
        out->as.integer = hc__pg_integer(bytes, size);
        return !__builtin_add_overflow(out->as.integer, EPOCH_MICROS, &out->as.integer) &&
               out->as.integer != INT64_MIN + EPOCH_MICROS;
    case HC_TYPE_DATE:
        out->as.integer = hc__pg_integer(bytes, size);
        if (out->as.integer == INT32_MAX || out->as.integer == INT32_MIN) /* infinity */
            return false;
        out->as.integer += EPOCH_DAYS;
        return true;
    case HC_TYPE_ENUM:
        out->as.integer = hc__sql_word_index(field, bytes, size);
        return out->as.integer != 0;
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        out->as.integer = hc__pg_integer(bytes, size);
        return true;
    default:
        out->as.bytes = bytes;
        out->size = (uint32_t)size;
        return field->type != HC_TYPE_ID || size == sizeof(hc_id);
    }
}

static hc_status spoiled(const hc_field *field, hc_error *err)
{
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_CORRUPT, field->name, "a stored value is none that %s may have",
                         field->name);
}

hc_status hc__pg_decode(hc__pg *conn, hc_value *out, const hc_field *field, const char *bytes, size_t size,
                        hc_error *err)
{
    /* Only bytes can be there and have none. */
    if (bytes == NULL || (size == 0 && (MAY_BE_EMPTY >> field->type & 1u) == 0)) {
        *out = (hc_value){.type = HC_TYPE_NULL};
        return HC_OK;
    }
    *out = (hc_value){.type = field->type};
    if (field->type == HC_TYPE_JSON)
        return canonical(conn, out, bytes + 1, size - 1, field, err);
    return plain(out, bytes, size, field) ? HC_OK : spoiled(field, err);
}

hc_status hc__pg_misread(hc_error *err)
{
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_INTERNAL, NULL, "a row is not the one asked for");
}

/* The number of fields; of each its type, its size, -1 for a null, and its bytes. Most are nulls or plain bytes. */
hc_status hc__pg_decode_row(hc__pg *conn, hc_value *values, const hc_field *const *fields, uint32_t count,
                            const char *row, size_t size, hc_error *err)
{
    bool sound = size >= 4 && big_endian(row, 4) == count;
    const char *at = sound ? row + 4 : row, *end = sound ? row + size : row; /* of a null there is no row */
    hc_status status = HC_OK;

    for (uint32_t i = 0; i < count && sound && status == HC_OK; i++) {
        const hc_field *field = fields[i];
        int32_t length = end - at < 8 ? INT32_MAX : (int32_t)big_endian(at + 4, 4);

        at += 8;
        sound = length <= end - at;
        if (length < 0) {
            values[i] = (hc_value){.type = HC_TYPE_NULL};
            continue;
        }
        if (sound && (MAY_BE_EMPTY >> field->type & 1u) != 0)
            values[i] = (hc_value){field->type, (uint32_t)length, {.bytes = at}};
        else if (sound)
            status = hc__pg_decode(conn, &values[i], field, at, (size_t)length, err);
        at += sound ? length : 0;
    }
    return sound ? status : hc__pg_misread(err);
}
