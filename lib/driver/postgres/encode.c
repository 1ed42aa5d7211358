/* Values to parameters: binary, but for what only the engine's own parser makes. */
#include "driver/postgres/postgres.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

#define EPOCH_MICROS INT64_C(946684800000000) /* 2000-01-01, where the engine counts from */
#define EPOCH_DAYS   INT64_C(10957)
/* Years -4713 to 294276, in the engine's own microseconds. */
#define TIME_MIN (-INT64_C(211813488000000000))
#define TIME_MAX INT64_C(9223371331200000000)
#define DATE_MIN (-INT64_C(2451545))
#define DATE_MAX INT64_C(2145031949)

#define MOST_PARAMS 65535 /* of one statement: a protocol's 16 bits */

#define OID_BOOL        16
#define OID_BYTEA       17
#define OID_INT8        20
#define OID_TEXT        25
#define OID_DATE        1082
#define OID_TIMESTAMPTZ 1184
#define OID_INTERVAL    1186
#define OID_NUMERIC     1700
#define OID_UUID        2950
#define OID_TSVECTOR    3614
#define OID_TSQUERY     3615
#define OID_JSONB       3802

/* One value as bytes, NULL for null. */
typedef struct piece {
    const char *bytes;
    size_t size;
} piece;

/* int32 travels as int8: the engine then checks the range, and its indexes serve both. */
static Oid type_of(const hc_field *field, Oid *array)
{
    static const struct {
        Oid type, array;
    } types[] = {[HC_TYPE_ID] = {OID_UUID, 2951},         [HC_TYPE_BOOL] = {OID_BOOL, 1000},
                 [HC_TYPE_INT32] = {OID_INT8, 1016},      [HC_TYPE_INT64] = {OID_INT8, 1016},
                 [HC_TYPE_DECIMAL] = {OID_NUMERIC, 1231}, [HC_TYPE_TIME] = {OID_TIMESTAMPTZ, 1185},
                 [HC_TYPE_DATE] = {OID_DATE, 1182},       [HC_TYPE_ENUM] = {OID_TEXT, 1009},
                 [HC_TYPE_TEXT] = {OID_TEXT, 1009},       [HC_TYPE_KEY] = {OID_TEXT, 1009},
                 [HC_TYPE_BYTES] = {OID_BYTEA, 1001},     [HC_TYPE_JSON] = {OID_JSONB, 3807},
                 [HC_TYPE_TOKENS] = {OID_TSVECTOR, 3643}};

    *array = types[field->type].array;
    return types[field->type].type;
}

static hc_status misuse(hc_error *err, const hc_field *field, const char *what)
{
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_MISUSE, field->name, "%s", what);
}

static hc_status beyond(hc_error *err, const hc_field *field)
{
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, field->name, "a value breaks a rule of %s", field->name);
}

static void put_big_endian(char *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(unsigned char)(value >> (8 * (size - 1 - i)));
}

static hc_status take(piece *out, char **at, hc__pg *conn, size_t size, hc_error *err)
{
    *at = hc__arena_alloc(&conn->scratch, size + 1);
    if (*at == NULL)
        return hc__no_memory(err);
    *out = (piece){*at, size};
    return HC_OK;
}

static hc_status integer(piece *out, hc__pg *conn, int64_t value, size_t size, hc_error *err)
{
    char *at;
    hc_status status = take(out, &at, conn, size, err);

    if (status == HC_OK)
        put_big_endian(at, (uint64_t)value, size);
    return status;
}

static const uint64_t tens[] = {1, 10, 100, 1000, 10000};

static uint64_t power_of_ten(int power)
{
    uint64_t out = 1;

    for (; power >= 4; power -= 4)
        out *= tens[4];
    return out * tens[power];
}

/* Groups of four digits, the decimal point between two of them: count, weight of the first, sign, scale, groups. */
static hc_status decimal(piece *out, hc__pg *conn, int64_t units, int scale, hc_error *err)
{
    uint64_t size = units < 0 ? 0 - (uint64_t)units : (uint64_t)units, one = power_of_ten(scale);
    uint64_t whole = size / one, part = size % one;
    size_t before = 1, after = ((size_t)scale + 3) / 4;
    int last = scale % 4 == 0 ? 4 : scale % 4; /* digits of the last group that count */
    char *at;
    hc_status status;

    for (uint64_t rest = whole; rest >= tens[4]; rest /= tens[4])
        before++;
    status = take(out, &at, conn, 8 + 2 * (before + after), err);
    if (status < 0)
        return status;
    put_big_endian(at, before + after, 2);
    put_big_endian(at + 2, before - 1, 2);
    put_big_endian(at + 4, units < 0 ? 0x4000 : 0, 2);
    put_big_endian(at + 6, (uint64_t)scale, 2);
    at += 8;
    for (size_t i = before; i > 0; i--, whole /= tens[4])
        put_big_endian(at + 2 * (i - 1), whole % tens[4], 2);
    for (size_t i = after; i > 0; i--, last = 4) {
        put_big_endian(at + 2 * (before + i - 1), part % tens[last] * tens[4 - last], 2);
        part /= tens[last];
    }
    return HC_OK;
}

/* Beyond what the engine keeps: nothing stored is there, so in a comparison infinity says the same. */
static hc_status instant(piece *out, hc__pg *conn, int64_t value, bool stored, const hc_field *field, hc_error *err)
{
    int64_t micros;

    if (__builtin_sub_overflow(value, EPOCH_MICROS, &micros) || micros < TIME_MIN)
        micros = INT64_MIN;
    else if (micros >= TIME_MAX)
        micros = INT64_MAX;
    if (stored && (micros == INT64_MIN || micros == INT64_MAX))
        return beyond(err, field);
    return integer(out, conn, micros, 8, err);
}

static hc_status day(piece *out, hc__pg *conn, int64_t value, bool stored, const hc_field *field, hc_error *err)
{
    int64_t days = value < DATE_MIN ? INT32_MIN : value > DATE_MAX ? INT32_MAX : value - EPOCH_DAYS;

    if (stored && (days == INT32_MIN || days == INT32_MAX))
        return beyond(err, field);
    return integer(out, conn, days, 4, err);
}

static hc_status interval(piece *out, hc__pg *conn, int64_t micros, hc_error *err)
{
    char *at;
    hc_status status = take(out, &at, conn, 16, err);

    if (status < 0)
        return status;
    put_big_endian(at, (uint64_t)micros, 8);
    memset(at + 8, 0, 8); /* days and months */
    return HC_OK;
}

static hc_status word_of(piece *out, int64_t value, const hc_field *field, hc_error *err)
{
    const char *word = hc__sql_word(field, value);

    if (word == NULL)
        return misuse(err, field, "a word that the field does not have");
    *out = (piece){word, strlen(word)};
    return HC_OK;
}

static hc_status json(piece *out, hc__pg *conn, const hc_value *value, hc_error *err)
{
    char *at;
    hc_status status = take(out, &at, conn, (size_t)value->size + 1, err);

    if (status < 0)
        return status;
    at[0] = 1; /* the version of jsonb's binary form */
    if (value->size > 0)
        memcpy(at + 1, value->as.bytes, value->size);
    return HC_OK;
}

/* The engine splits at spaces, sorts and drops doubles. Words of [a-z0-9] say nothing else to it. */
static hc_status tokens(piece *out, hc__pg *conn, const hc_value *value, const hc_field *field, hc_error *err)
{
    char *text;

    if (!hc__sql_is_words(value->as.bytes, value->size, true))
        return misuse(err, field, "tokens are words of [a-z0-9]");
    text = hc__arena_text(&conn->scratch, value->size == 0 ? "" : value->as.bytes, value->size);
    *out = (piece){text, value->size};
    return text == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status encode_value(piece *out, hc__pg *conn, const hc_value *value, const hc_field *field, bool stored,
                              hc_error *err)
{
    static const char *const truth = "\0\1";

    if (value->type == HC_TYPE_NULL) {
        *out = (piece){NULL, 0};
        return HC_OK;
    }
    if (value->type == HC_TYPE_NOW)
        return interval(out, conn, value->as.integer, err);
    if (value->type != field->type)
        return misuse(err, field, "a value has another type than its field");
    switch (value->type) {
    case HC_TYPE_ID:
        *out = (piece){value->as.bytes, value->size};
        return value->size == sizeof(hc_id) ? HC_OK : misuse(err, field, "an id does not have 16 bytes");
    case HC_TYPE_BOOL:
        *out = (piece){truth + (value->as.integer != 0), 1};
        return value->as.integer == 0 || value->as.integer == 1 ? HC_OK : beyond(err, field);
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        return integer(out, conn, value->as.integer, 8, err);
    case HC_TYPE_DECIMAL:
        return decimal(out, conn, value->as.integer, field->scale, err);
    case HC_TYPE_TIME:
        return instant(out, conn, value->as.integer, stored, field, err);
    case HC_TYPE_DATE:
        return day(out, conn, value->as.integer, stored, field, err);
    case HC_TYPE_ENUM:
        return word_of(out, value->as.integer, field, err);
    case HC_TYPE_JSON:
        return json(out, conn, value, err);
    case HC_TYPE_TOKENS:
        return tokens(out, conn, value, field, err);
    default:
        *out = (piece){value->size == 0 ? "" : value->as.bytes, value->size};
        return HC_OK;
    }
}

/* For a list whose length it does not know PostgreSQL plans for 10 values, and plans a shorter one anew each time, for
 * it costs less. Ids that come twice are looked up once, so lists of ids are never shorter. */
#define PLANNED_FOR 10

static uint32_t padded(const hc__param *param)
{
    return param->field->type == HC_TYPE_ID && param->count < PLANNED_FOR ? PLANNED_FOR : param->count;
}

/* Dimensions, whether there are nulls, the type, the length, the first index; then each with its size. */
static hc_status array(piece *out, hc__pg *conn, const hc__param *param, hc_error *err)
{
    Oid unused, type = type_of(param->field, &unused);
    uint32_t count = padded(param);
    piece *pieces = hc__arena_alloc(&conn->scratch, count * sizeof(*pieces));
    size_t size = 20;
    bool nulls = false;
    char *at;
    hc_status status = pieces == NULL ? hc__no_memory(err) : HC_OK;

    for (uint32_t i = 0; i < count && status == HC_OK; i++) {
        const hc_value *value = &param->value[i < param->count ? i : param->count - 1];

        if (value->type == HC_TYPE_NOW)
            return misuse(err, param->field, "a list takes plain values");
        status = encode_value(&pieces[i], conn, value, param->field, false, err);
        nulls = nulls || value->type == HC_TYPE_NULL;
        size += 4 + pieces[i].size;
    }
    if (status == HC_OK)
        status = take(out, &at, conn, size, err);
    if (status < 0)
        return status;
    put_big_endian(at, 1, 4);
    put_big_endian(at + 4, nulls, 4);
    put_big_endian(at + 8, type, 4);
    put_big_endian(at + 12, count, 4);
    put_big_endian(at + 16, 1, 4);
    at += 20;
    for (uint32_t i = 0; i < count; i++) {
        put_big_endian(at, pieces[i].bytes == NULL ? UINT32_MAX : pieces[i].size, 4);
        if (pieces[i].bytes != NULL)
            memcpy(at + 4, pieces[i].bytes, pieces[i].size);
        at += 4 + pieces[i].size;
    }
    return HC_OK;
}

/* word & prefix:* */
static hc_status match(piece *out, hc__pg *conn, const hc__param *param, hc_error *err)
{
    size_t room = 1;
    char *end;
    hc_status status;

    for (uint32_t i = 0; i < param->count; i++)
        room += (size_t)param->value[i].size + 4;
    status = take(out, &end, conn, room, err);
    if (status < 0)
        return status;
    for (uint32_t i = 0; i < param->count; i++) {
        const char *word = param->value[i].as.bytes;
        size_t size = param->value[i].size;
        bool prefix = param->value[i].type == HC_TYPE_TOKENS && size > 0 && word[size - 1] == '*';

        if (param->value[i].type != HC_TYPE_TOKENS || size == prefix || !hc__sql_is_words(word, size - prefix, false))
            return misuse(err, param->field, "MATCH takes words of [a-z0-9], a prefix with * at its end");
        memcpy(end, " & ", i > 0 ? 3 : 0);
        end += i > 0 ? 3 : 0;
        memcpy(end, word, size - prefix);
        end += size - prefix;
        memcpy(end, ":*", prefix ? 2 : 0);
        end += prefix ? 2 : 0;
    }
    *end = '\0'; /* text: its size is not told */
    return HC_OK;
}

static hc_status encode_param(piece *out, Oid *type, hc__pg *conn, const hc__param *param, const hc_op *op,
                              hc_error *err)
{
    bool stored =
        op->set_count > 0 && param->value >= &op->sets[0].value && param->value <= &op->sets[op->set_count - 1].value;
    Oid array_type;

    if (param->use == HC__PARAM_NUMBER) {
        *type = OID_INT8;
        return integer(out, conn, param->number, 8, err);
    }
    *type = type_of(param->field, &array_type);
    switch (param->use) {
    case HC__PARAM_BELOW:
        return hc__sql_below(&out->bytes, &out->size, &conn->scratch, param, err);
    case HC__PARAM_MATCH:
        *type = OID_TSQUERY;
        return match(out, conn, param, err);
    case HC__PARAM_ARRAY:
        *type = array_type;
        return array(out, conn, param, err);
    default:
        if (param->value->type == HC_TYPE_NOW)
            *type = OID_INTERVAL;
        return encode_value(out, conn, param->value, param->field, stored, err);
    }
}

static bool reserve(hc__pg *conn, size_t count)
{
    hc__pg_params *params = &conn->params;
    size_t capacity = count < 64 ? 64 : count * 2;
    void *block;

    if (count <= params->capacity)
        return true;
    block = hc__alloc(conn->mem, capacity * (sizeof(char *) + 2 * sizeof(int) + sizeof(Oid)));
    if (block == NULL)
        return false;
    hc__free(conn->mem, params->block);
    params->block = block;
    params->values = block;
    params->lengths = (int *)(void *)(params->values + capacity);
    params->formats = params->lengths + capacity;
    params->types = (Oid *)(void *)(params->formats + capacity);
    params->capacity = capacity;
    return true;
}

hc_status hc__pg_encode(hc__pg *conn, const hc__sql *sql, const hc_op *op, hc_error *err)
{
    hc__pg_params *params = &conn->params;
    hc_status status = HC_OK;

    if (sql->param_count > MOST_PARAMS)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_TOO_LARGE, NULL,
                             "an operation has more values than the server takes");
    if (!reserve(conn, sql->param_count))
        return hc__no_memory(err);
    for (size_t i = 0; i < sql->param_count && status == HC_OK; i++) {
        piece one = {NULL, 0};

        status = encode_param(&one, &params->types[i], conn, &sql->params[i], op, err);
        if (status == HC_OK && one.size > INT32_MAX)
            status = hc__fail_from(err, HC__PG_NAME, HC_ERR_TOO_LARGE, NULL, "a value is too large for the server");
        params->values[i] = one.bytes;
        params->lengths[i] = (int)one.size;
        params->formats[i] = params->types[i] != OID_TSVECTOR && params->types[i] != OID_TSQUERY;
    }
    return status;
}

/* ---- COPY, where each column has one form ---- */

/* A word of a tsvector, with what its first bytes are as a number: mostly that alone tells which of two comes first. */
typedef struct lexeme {
    uint64_t head;
    const char *bytes;
    size_t size;
} lexeme;

#define FEW 64 /* of which qsort() would call more than it sorts */

/* `room`: bytes that may be read from there on. */
static lexeme lexeme_of(const char *bytes, size_t size, size_t room)
{
    unsigned char eight[8] = {0};
    lexeme out = {0, bytes, size};

    if (room >= 8)
        memcpy(eight, bytes, 8);
    else
        memcpy(eight, bytes, size);
    out.head = (uint64_t)eight[0] << 56 | (uint64_t)eight[1] << 48 | (uint64_t)eight[2] << 40 |
               (uint64_t)eight[3] << 32 | (uint64_t)eight[4] << 24 | (uint64_t)eight[5] << 16 |
               (uint64_t)eight[6] << 8 | eight[7];
    if (size < 8)
        out.head &= ~(UINT64_MAX >> 8 * size);
    return out;
}

static int by_bytes(const void *a, const void *b)
{
    const lexeme *x = a, *y = b;
    int order;

    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    order = memcmp(x->bytes, y->bytes, x->size < y->size ? x->size : y->size);
    return order != 0 ? order : (x->size > y->size) - (x->size < y->size);
}

static void sort(lexeme *words, size_t count)
{
    if (count > FEW) {
        qsort(words, count, sizeof(*words), by_bytes);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const lexeme moved = words[i];
        size_t at = i;

        for (; at > 0 && by_bytes(&moved, &words[at - 1]) < 0; at--)
            words[at] = words[at - 1];
        words[at] = moved;
    }
}

/* One more than there are spaces, which are counted eight bytes at a time: in each byte a bit stays where it is one. */
static size_t most_words(const char *text, size_t size)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), low = 0x7f * ones;
    size_t count = 1, at = 0;

    for (; size - at >= 8; at += 8) {
        uint64_t eight;

        memcpy(&eight, text + at, 8);
        eight ^= ' ' * ones;
        eight = ~(((eight & low) + low) | eight | low);
        count += (size_t)((eight >> 7) * ones >> 56);
    }
    for (; at < size; at++)
        count += text[at] == ' ';
    return count;
}

/* False: it is more than words of [a-z0-9]. */
static bool split(lexeme *out, size_t *count, const char *text, size_t size)
{
    *count = 0;
    for (size_t i = 0, start = 0; i <= size; i++) {
        if (i < size && hc__sql_is_word(text[i]))
            continue;
        if (i < size && text[i] != ' ')
            return false;
        if (i > start)
            out[(*count)++] = lexeme_of(text + start, i - start, size - start);
        start = i + 1;
    }
    return true;
}

/* Behind what was reserved. */
static void add_number(hc__buf *out, uint64_t value, size_t size)
{
    put_big_endian(out->data + out->size, value, size);
    out->size += size;
}

static void add_bytes(hc__buf *out, const void *bytes, size_t size)
{
    memcpy(out->data + out->size, bytes, size);
    out->size += size;
}

/* A column's size and value. What there is no memory for, the buffer tells in the end. */
static void put_column(hc__buf *out, const void *bytes, size_t size)
{
    if (!hc__buf_reserve(out, size + 4))
        return;
    add_number(out, size, 4);
    if (size > 0)
        add_bytes(out, bytes, size);
}

/* tsvector: the number of words, then each once and in order, ended by a NUL and without places. */
static hc_status vector(hc__pg *conn, hc__buf *out, const hc_value *value, const hc_field *field, hc_error *err)
{
    lexeme *words = hc__arena_alloc(&conn->scratch, most_words(value->as.bytes, value->size) * sizeof(*words));
    size_t count, kept = 0, size = 4;

    if (words == NULL)
        return hc__no_memory(err);
    if (!split(words, &count, value->as.bytes, value->size))
        return misuse(err, field, "tokens are words of [a-z0-9]");
    sort(words, count);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && by_bytes(&words[kept - 1], &words[i]) == 0)
            continue;
        words[kept++] = words[i];
        size += words[i].size + 3;
    }
    if (!hc__buf_reserve(out, size + 4))
        return HC_OK; /* as put_column() */
    add_number(out, size, 4);
    add_number(out, kept, 4);
    for (size_t i = 0; i < kept; i++) {
        add_bytes(out, words[i].bytes, words[i].size);
        add_bytes(out, "\0\0", 3); /* the end, and no places */
    }
    return HC_OK;
}

hc_status hc__pg_encode_field(hc__pg *conn, hc__buf *out, const hc_value *value, const hc_field *field, hc_error *err)
{
    char number[4];
    piece one;
    hc_status status;

    if (value == NULL) {
        hc__buf_put(out, "\xff\xff\xff\xff", 4);
        return HC_OK;
    }
    if (value->type == field->type && field->type == HC_TYPE_TOKENS)
        return vector(conn, out, value, field, err);
    if (value->type == field->type && field->type == HC_TYPE_INT32) {
        put_big_endian(number, (uint64_t)value->as.integer, sizeof number);
        put_column(out, number, sizeof number);
        return value->as.integer == (int32_t)value->as.integer ? HC_OK : beyond(err, field);
    }
    status = encode_value(&one, conn, value, field, true, err);
    if (status == HC_OK && one.size > INT32_MAX)
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_TOO_LARGE, NULL, "a value is too large for the server");
    if (status < 0)
        return status;
    put_column(out, one.bytes, one.size);
    return HC_OK;
}
