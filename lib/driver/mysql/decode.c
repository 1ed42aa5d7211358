/* Columns of the binary protocol to values. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"

/* ---- the row under the cursor -------------------------------------------------------------------------------------
 * The client library hands each column on as it came, by a call, and neither copies nor converts it: most of what a row
 * costs would be that. The first column that is not null shows where the whole row lies; a bit for each column that is
 * null stands before it. */

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

static uint64_t little_endian(const unsigned char *at, int size)
{
    uint64_t out = 0;

    for (int i = size; i > 0; i--)
        out = out << 8 | at[i - 1];
    return out;
}

static const unsigned char *told_size(const unsigned char *at, uint32_t *out)
{
    unsigned first = *at++;
    int size = first == 252 ? 2 : first == 253 ? 3 : first == 254 ? 8 : 0;
    uint64_t told = size == 0 ? first : little_endian(at, size);

    *out = told > UINT32_MAX ? UINT32_MAX : (uint32_t)told;
    return at + size;
}

static void take_row(hc__my *conn, const unsigned char *at)
{
    const unsigned char *nulls = at - (conn->columns + 9) / 8;

    for (uint32_t i = 0; i < conn->columns; i++) {
        hc__my_cell *cell = &conn->cells[i];

        cell->bytes = NULL;
        if ((nulls[(i + 2) / 8] >> (i + 2) % 8 & 1) != 0)
            continue;
        cell->size = cell->fixed;
        if (cell->fixed == 0)
            at = told_size(at, &cell->size);
        cell->bytes = at;
        at += cell->size;
    }
    conn->row_taken = true;
}

static void take_column(void *data, unsigned column, unsigned char **row)
{
    hc__my *conn = data;

    if (column == 0)
        conn->row_taken = false;
    if (conn->row_taken)
        return;
    if (row != NULL)
        take_row(conn, *row);
    else
        conn->cells[column].bytes = NULL;
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

MYSQL_STMT *hc__my_handle(hc__my *conn)
{
    const union {
        ps_result_callback call;
        const void *given;
    } way = {.call = take_column};
    MYSQL_STMT *handle = mysql_stmt_init(conn->my);

    if (handle != NULL && (mysql_stmt_attr_set(handle, STMT_ATTR_CB_USER_DATA, conn) != 0 ||
                           mysql_stmt_attr_set(handle, STMT_ATTR_CB_RESULT, way.given) != 0)) {
        (void)mysql_stmt_close(handle);
        return NULL;
    }
    return handle;
}

/* Numbers that are computed may come as decimals or text. */
static int64_t number(const hc__my_cell *cell)
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

static bool take_digits(uint64_t *value, const char *text, uint32_t size)
{
    unsigned bad = 0;

    for (uint32_t i = 0; i < size; i++) {
        unsigned digit = (unsigned char)text[i] - (unsigned)'0';

        bad |= digit > 9;
        *value = *value * 10 + digit;
    }
    return bad == 0;
}

/* As the engine writes a column of this scale: all its digits. False for any other text. */
static bool digits(int64_t *out, const hc__my_cell *cell, uint32_t scale)
{
    const char *text = (const char *)cell->bytes;
    uint32_t minus = cell->size > 0 && text[0] == '-', size = cell->size - minus, tail = scale > 0 ? scale + 1 : 0;
    uint64_t value = 0;

    text += minus;
    if (size > 18 || size <= tail || (scale > 0 && text[size - tail] != '.') ||
        !take_digits(&value, text, size - tail) || !take_digits(&value, text + size - scale, scale))
        return false;
    *out = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

/* Year, month, day; hour, minute, second; microseconds: what is zero at the end is left out. Zeros in a date are what
 * other programs store with other settings. */
static bool to_days(int64_t *out, const hc__my_cell *cell)
{
    int year = cell->size >= 4 ? (int)little_endian(cell->bytes, 2) : 0;

    if (cell->size < 4 || !hc__date_valid(year, cell->bytes[2], cell->bytes[3]))
        return false;
    *out = hc__days_from_civil(year, cell->bytes[2], cell->bytes[3]);
    return true;
}

static bool to_instant(int64_t *out, const hc__my_cell *cell)
{
    const unsigned char *at = cell->bytes;

    if (!to_days(out, cell))
        return false;
    *out *= HC__DAY;
    if (cell->size >= 7)
        *out += (int64_t)(at[4] * 3600 + at[5] * 60 + at[6]) * HC__SECOND;
    if (cell->size >= 11)
        *out += (int64_t)little_endian(at + 7, 4);
    return true;
}

static bool plain(hc_value *out, const hc__my_cell *cell, const hc_field *field)
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
        return to_instant(&out->as.integer, cell);
    case HC_TYPE_DATE:
        return to_days(&out->as.integer, cell);
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
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (hc_value){.type = HC_TYPE_NULL};
        if (cells[i].bytes == NULL)
            continue;
        out[i].type = fields[i]->type;
        if (!plain(&out[i], &cells[i], fields[i]))
            return hc__fail_from(err, HC__MY_NAME, HC_ERR_CORRUPT, fields[i]->name,
                                 "a stored value is none that %s may have", fields[i]->name);
    }
    return HC_OK;
}
