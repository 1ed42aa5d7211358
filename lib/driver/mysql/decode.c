/* Columns of the binary protocol to values. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"

#define LEAST_ROOM 256 /* of a column of bytes: most fit */

static bool is_number(const hc_field *field)
{
    return field->type == HC_TYPE_BOOL || field->type == HC_TYPE_INT32 || field->type == HC_TYPE_INT64;
}

static hc_status reserve(hc__my *conn, size_t count, hc_error *err)
{
    size_t capacity = count < 64 ? 64 : count * 2;
    hc__my_slot *slots;
    MYSQL_BIND *outs;

    if (count <= conn->slot_capacity)
        return HC_OK;
    outs = hc__alloc(conn->mem, capacity * sizeof(*outs));
    slots = hc__realloc(conn->mem, conn->slots, capacity, sizeof(*slots));
    if (slots != NULL) {
        conn->slots = slots;
        memset(slots + conn->slot_capacity, 0, (capacity - conn->slot_capacity) * sizeof(*slots));
    }
    if (slots == NULL || outs == NULL) {
        hc__free(conn->mem, outs);
        return hc__no_memory(err);
    }
    conn->slot_capacity = capacity;
    hc__free(conn->mem, conn->outs);
    conn->outs = outs;
    return HC_OK;
}

static bool make_room(const hc__my *conn, hc__my_slot *slot, unsigned long room)
{
    char *bytes;

    if (room <= slot->room)
        return true;
    bytes = hc__realloc(conn->mem, slot->bytes, room, 1);
    if (bytes == NULL)
        return false;
    slot->bytes = bytes;
    slot->room = room;
    return true;
}

static bool bind_slot(const hc__my *conn, MYSQL_BIND *out, hc__my_slot *slot, const hc_field *field)
{
    *out = (MYSQL_BIND){.length = &slot->length, .is_null = &slot->null, .error = &slot->error};
    if (is_number(field)) {
        out->buffer_type = MYSQL_TYPE_LONGLONG;
        out->buffer = &slot->as.number;
        out->buffer_length = sizeof(slot->as.number);
        return true;
    }
    if (field->type == HC_TYPE_TIME || field->type == HC_TYPE_DATE) {
        out->buffer_type = field->type == HC_TYPE_TIME ? MYSQL_TYPE_DATETIME : MYSQL_TYPE_DATE;
        out->buffer = &slot->as.time;
        out->buffer_length = sizeof(slot->as.time);
        return true;
    }
    if (!make_room(conn, slot, LEAST_ROOM))
        return false;
    out->buffer_type =
        field->type == HC_TYPE_TEXT || field->type == HC_TYPE_DECIMAL ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
    out->buffer = slot->bytes;
    out->buffer_length = slot->room;
    return true;
}

hc_status hc__my_bind_row(hc__my *conn, const hc__my_statement *statement, hc_error *err)
{
    hc_status status = reserve(conn, statement->all, err);

    for (uint32_t i = 0; i < statement->all && status == HC_OK; i++) {
        if (!bind_slot(conn, &conn->outs[i], &conn->slots[i], statement->fields[i]))
            status = hc__no_memory(err);
    }
    if (status == HC_OK && mysql_stmt_bind_result(statement->handle, conn->outs) != 0)
        status = hc__my_refused(conn, hc__my_fault_of(conn, statement->handle), err);
    return status;
}

hc_status hc__my_fill_truncated(hc__my *conn, const hc__my_statement *statement, hc_error *err)
{
    for (uint32_t i = 0; i < statement->all; i++) {
        hc__my_slot *slot = &conn->slots[i];
        MYSQL_BIND *out = &conn->outs[i];

        if (slot->null || out->buffer != slot->bytes || slot->length <= slot->room)
            continue;
        if (!make_room(conn, slot, slot->length + slot->length / 2))
            return hc__no_memory(err);
        out->buffer = slot->bytes;
        out->buffer_length = slot->room;
        if (mysql_stmt_fetch_column(statement->handle, out, i, 0) != 0)
            return hc__my_refused(conn, hc__my_fault_of(conn, statement->handle), err);
    }
    /* The next row finds the room. */
    if (mysql_stmt_bind_result(statement->handle, conn->outs) != 0)
        return hc__my_refused(conn, hc__my_fault_of(conn, statement->handle), err);
    return HC_OK;
}

int64_t hc__my_slot_number(const hc__my *conn, uint32_t column)
{
    return conn->slots[column].null ? 0 : conn->slots[column].as.number;
}

/* Zeros in a date are what other programs store with other settings. */
static bool to_days(int64_t *out, const MYSQL_TIME *time)
{
    if (!hc__date_valid((int)time->year, (int)time->month, (int)time->day))
        return false;
    *out = hc__days_from_civil((int)time->year, (int)time->month, (int)time->day);
    return true;
}

static bool to_instant(int64_t *out, const MYSQL_TIME *time)
{
    if (!to_days(out, time))
        return false;
    *out = *out * HC__DAY + (int64_t)(time->hour * 3600 + time->minute * 60 + time->second) * HC__SECOND +
           (int64_t)time->second_part;
    return true;
}

static bool plain(hc_value *out, const hc__my_slot *slot, const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
        out->as.integer = slot->as.number;
        return true;
    case HC_TYPE_DECIMAL:
        return hc__decimal_parse(&out->as.integer, slot->bytes, slot->length, field->scale, HC__EXACT) ==
               HC__DECIMAL_OK;
    case HC_TYPE_TIME:
        return to_instant(&out->as.integer, &slot->as.time);
    case HC_TYPE_DATE:
        return to_days(&out->as.integer, &slot->as.time);
    case HC_TYPE_ENUM:
        out->as.integer = hc__sql_word_index(field, slot->bytes, slot->length);
        return out->as.integer != 0;
    default:
        out->as.bytes = slot->bytes;
        out->size = (uint32_t)slot->length;
        return field->type != HC_TYPE_ID || slot->length == sizeof(hc_id);
    }
}

hc_status hc__my_decode(hc_value *out, const hc__my_slot *slot, const hc_field *field, hc_error *err)
{
    *out = (hc_value){.type = HC_TYPE_NULL};
    if (slot->null)
        return HC_OK;
    out->type = field->type;
    if (plain(out, slot, field))
        return HC_OK;
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_CORRUPT, field->name, "a stored value is none that %s may have",
                         field->name);
}
