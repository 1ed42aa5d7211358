/* Columns of the binary protocol to values. */
#include "driver/mysql/mysql.h"

#include <endian.h>
#include <errmsg.h>
#include <stddef.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"

/* ---- the row under the cursor -------------------------------------------------------------------------------------
 * It is taken as it came, where the client library would bind it: most of what a row costs would be to copy and convert
 * its columns, or to hand on one after the other. Behind a byte there is a bit for each column that is null, and then
 * the others. */

/* Bytes of a value; 0: they are told before it. */
static unsigned fixed_size(enum enum_field_types type)
{
    switch (type) {
    case MYSQL_TYPE_TINY:
        return 1;
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
        return 2;
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_FLOAT:
        return 4;
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_DOUBLE:
        return 8;
    default:
        return 0;
    }
}

/* One load of the machine, where the compiler knows the size. */
static inline uint64_t little_endian(const unsigned char *at, size_t size)
{
    uint64_t out = 0;

    memcpy(&out, at, size);
    return le64toh(out);
}

/* Of a size that its first byte does not tell; *at moves behind it. False: it would end behind the row. */
static bool told_size(const unsigned char **at, const unsigned char *end, uint64_t *out)
{
    size_t size = *out == 252 ? 2 : *out == 253 ? 3 : *out == 254 ? 8 : 0;

    if (size == 0 || (size_t)(end - *at) < size)
        return false;
    *out = little_endian(*at, size);
    *at += size;
    return true;
}

bool hc__my_cut_row(hc__my_cell *cell, uint32_t columns, const unsigned char *row, size_t row_size)
{
    const unsigned char *nulls = row + 1, *at = nulls + (columns + 9) / 8, *end = row + row_size;
    unsigned bits; /* of the columns that come next, and a 1 behind them */

    if (row_size < 1 + (columns + 9) / 8)
        return false;
    bits = *nulls >> 2 | 1u << 6;
    for (const hc__my_cell *last = cell + columns; cell < last; cell++) {
        const unsigned char *from = NULL;
        uint64_t size;

        if (bits == 1)
            bits = *++nulls | 1u << 8;
        if ((bits & 1) == 0) {
            size = cell->fixed;
            if (size == 0) {
                if (at == end)
                    return false;
                size = *at++;
                if (size > 250 && !told_size(&at, end, &size))
                    return false;
            }
            if (size > (uint64_t)(end - at))
                return false;
            from = at;
            cell->size = (uint32_t)size;
            at += size;
        }
        cell->bytes = from;
        bits >>= 1;
    }
    return true;
}

static int take_row(MYSQL_STMT *handle, unsigned char *row, unsigned long size)
{
    const void *around = (const char *)handle->mysql->methods - offsetof(hc__my, calls);
    hc__my *conn;

    memcpy(&conn, &around, sizeof(conn));
    conn->bad_row = handle->field_count != conn->columns || !hc__my_cut_row(conn->cells, conn->columns, row, size);
    return conn->bad_row;
}

/* Older ones do not tell how long the row is. */
static int take_unsized_row(MYSQL_STMT *handle, unsigned char *row)
{
    return take_row(handle, row, PTRDIFF_MAX / 2);
}

typedef int (*sized_fn)(MYSQL_STMT *handle, unsigned char *row, unsigned long size);
typedef int (*unsized_fn)(MYSQL_STMT *handle, unsigned char *row);

void hc__my_take_calls(hc__my *conn)
{
    conn->calls = *conn->my->methods;
    conn->calls.db_stmt_fetch_to_bind = _Generic(conn->calls.db_stmt_fetch_to_bind, sized_fn
                                                 : take_row, unsized_fn
                                                 : take_unsized_row);
    conn->my->methods = &conn->calls;
}

int hc__my_fetch(hc__my *conn, MYSQL_STMT *handle, hc__my_fault *fault)
{
    int outcome = mysql_stmt_fetch(handle);

    if (outcome == 0 || outcome == MYSQL_NO_DATA)
        return outcome;
    *fault = hc__my_fault_of(conn, handle);
    if (conn->bad_row) {
        *fault = (hc__my_fault){CR_MALFORMED_PACKET, "HY000", ""};
        conn->broken = true;
    }
    return 1;
}

hc_status hc__my_take_rows(hc__my *conn, const hc__my_statement *statement, hc_error *err)
{
    size_t capacity = statement->all < 64 ? 64 : 2 * (size_t)statement->all;
    const MYSQL_FIELD *fields;
    hc__my_cell *cells;

    if (statement->all > conn->cell_capacity) {
        cells = hc__realloc(conn->mem, conn->cells, capacity, sizeof(*cells));
        if (cells == NULL)
            return hc__no_memory(err);
        conn->cells = cells;
        conn->cell_capacity = capacity;
    }
    conn->columns = statement->all;
    fields = mariadb_stmt_fetch_fields(statement->handle); /* may change with each execution */
    for (uint32_t i = 0; i < statement->all; i++) {
        conn->cells[i].type = (uint8_t)fields[i].type;
        conn->cells[i].fixed = (uint8_t)fixed_size(fields[i].type);
    }
    return HC_OK;
}

/* Numbers that are computed may come as decimals or text. */
static inline int64_t number(const hc__my_cell *cell)
{
    int64_t out = 0;
    double real;

    switch (cell->type) {
    case MYSQL_TYPE_TINY:
        return (int8_t)cell->bytes[0];
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_YEAR:
        return (int16_t)little_endian(cell->bytes, 2);
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_INT24:
        return (int32_t)little_endian(cell->bytes, 4);
    case MYSQL_TYPE_LONGLONG:
        return (int64_t)little_endian(cell->bytes, 8);
    case MYSQL_TYPE_DOUBLE:
        memcpy(&real, cell->bytes, sizeof(real));
        return (int64_t)real;
    default:
        (void)hc__decimal_parse(&out, (const char *)cell->bytes, cell->size, 0, HC__EXACT);
        return out;
    }
}

int64_t hc__my_cell_number(const hc__my *conn, uint32_t column)
{
    return conn->cells[column].bytes == NULL ? 0 : number(&conn->cells[column]);
}

/* ---- values ---- */

/* Bit 8 of *bad tells that one is none. */
static inline uint64_t take_digits(uint64_t value, const char *from, const char *to, unsigned *bad)
{
    for (; from < to; from++) {
        unsigned digit = (unsigned char)*from - (unsigned)'0';

        *bad |= digit | (digit + 256 - 10);
        value = value * 10 + digit;
    }
    return value;
}

/* As the engine writes a column of this scale: all its digits. False for any other text. */
static bool digits(int64_t *out, const hc__my_cell *cell, uint32_t scale)
{
    const char *text = (const char *)cell->bytes, *end = text + cell->size;
    uint32_t minus = cell->size > 0 && text[0] == '-', size = cell->size - minus, tail = scale > 0 ? scale + 1 : 0;
    unsigned bad = 0;
    uint64_t value;

    if (size > 18 || size <= tail || (scale > 0 && end[-(ptrdiff_t)tail] != '.'))
        return false;
    value = take_digits(0, text + minus, end - tail, &bad);
    value = take_digits(value, end - scale, end, &bad);
    *out = minus ? -(int64_t)value : (int64_t)value;
    return (bad & 256) == 0;
}

/* Many days of one row are the same: the last one as it came, and what it is. */
typedef struct day {
    uint32_t told;
    int32_t days;
} day;

#define EPOCH ((day){1970 | 1u << 16 | 1u << 24, 0})

/* Year, month, day; hour, minute, second; microseconds: what is zero at the end is left out. Zeros in a date are what
 * other programs store with other settings. */
static bool to_days(int64_t *out, const hc__my_cell *cell, day *last)
{
    uint32_t told = cell->size >= 4 ? (uint32_t)little_endian(cell->bytes, 4) : 0;

    if (told != last->told) {
        int year = (int)(told & 0xffff), month = (int)(told >> 16 & 0xff), of_month = (int)(told >> 24);

        if (!hc__date_valid(year, month, of_month))
            return false;
        *last = (day){told, hc__days_from_civil(year, month, of_month)};
    }
    *out = last->days;
    return true;
}

static bool to_instant(int64_t *out, const hc__my_cell *cell, day *last)
{
    const unsigned char *at = cell->bytes;

    if (!to_days(out, cell, last))
        return false;
    *out *= HC__DAY;
    if (cell->size >= 7)
        *out += (int64_t)(at[4] * 3600 + at[5] * 60 + at[6]) * HC__SECOND;
    if (cell->size >= 11)
        *out += (int64_t)little_endian(at + 7, 4);
    return true;
}

static bool plain(hc_value *out, const hc__my_cell *cell, const hc_field *field, day *last)
{
    switch (field->type) {
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        out->as.integer = number(cell);
        return true;
    case HC_TYPE_DECIMAL:
        return digits(&out->as.integer, cell, (uint32_t)field->scale) ||
               hc__decimal_parse(&out->as.integer, (const char *)cell->bytes, cell->size, field->scale, HC__EXACT) ==
                   HC__DECIMAL_OK;
    case HC_TYPE_TIME:
        return to_instant(&out->as.integer, cell, last);
    case HC_TYPE_DATE:
        return to_days(&out->as.integer, cell, last);
    case HC_TYPE_ENUM:
        out->as.integer = hc__sql_word_index(field, (const char *)cell->bytes, cell->size);
        return out->as.integer != 0;
    default:
        out->as.bytes = cell->bytes;
        out->size = cell->size;
        return field->type != HC_TYPE_ID || cell->size == sizeof(hc_id);
    }
}

hc_status hc__my_decode(hc_value *out, const hc__my_cell *cells, const hc_field *const *fields, uint32_t count,
                        hc_error *err)
{
    day last = EPOCH;

    for (const hc__my_cell *end = cells + count; cells < end; cells++, fields++, out++) {
        *out = (hc_value){.type = HC_TYPE_NULL};
        if (cells->bytes == NULL)
            continue;
        out->type = (*fields)->type;
        if (!plain(out, cells, *fields, &last))
            return hc__fail_from(err, HC__MY_NAME, HC_ERR_CORRUPT, (*fields)->name,
                                 "a stored value is none that %s may have", (*fields)->name);
    }
    return HC_OK;
}
