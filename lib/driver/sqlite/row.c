/* Values between hc_value and the engine. */
#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"
#include "base/time.h"

static hc_status misuse(hc_error *err, const hc_field *field, const char *what)
{
    return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_MISUSE, field->name, "%s", what);
}

/* The memory is the caller's until the statement is reset. A NULL pointer would bind null. */
static int bind_given(sqlite3_stmt *stmt, int at, const void *text, size_t size)
{
    return sqlite3_bind_text64(stmt, at, text == NULL ? "" : text, size, SQLITE_STATIC, SQLITE_UTF8);
}

/* With a NUL behind it: without one the engine makes such a copy for who counts code points or cuts words. */
static int bind_text(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const void *text, size_t size)
{
    char *copy = size == 0 ? NULL : hc__arena_alloc(&conn->scratch, size + 1);

    if (copy == NULL || memccpy(copy, text, '\0', size) != NULL) /* text of another program may have a NUL inside */
        return bind_given(stmt, at, text, size);
    copy[size] = '\0';
    return sqlite3_bind_text(stmt, at, copy, -1, SQLITE_STATIC);
}

static int bind_enum(sqlite3_stmt *stmt, int at, int64_t value, const hc_field *field)
{
    for (int64_t i = 1; field->words[i - 1] != NULL; i++) {
        if (i == value)
            return sqlite3_bind_text(stmt, at, field->words[i - 1], -1, SQLITE_STATIC);
    }
    return SQLITE_RANGE;
}

static inline hc_status bind_value(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc_value *value,
                                   const hc_field *field, hc_error *err)
{
    int64_t time;
    int rc;

    switch (value->type) {
    case HC_TYPE_NULL:
        rc = sqlite3_bind_null(stmt, at);
        break;
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
    case HC_TYPE_TIME:
    case HC_TYPE_DATE:
        rc = sqlite3_bind_int64(stmt, at, value->as.integer);
        break;
    case HC_TYPE_NOW:
        if (conn->now == 0)
            conn->now = hc__os_now();
        if (__builtin_add_overflow(conn->now, value->as.integer, &time))
            return misuse(err, field, "a time beyond all others");
        rc = sqlite3_bind_int64(stmt, at, time);
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_TOKENS:
        rc = bind_text(conn, stmt, at, value->as.bytes, value->size);
        break;
    case HC_TYPE_KEY:
    case HC_TYPE_JSON:
        rc = bind_given(stmt, at, value->as.bytes, value->size);
        break;
    case HC_TYPE_ID:
        if (value->size != sizeof(hc_id))
            return misuse(err, field, "an id does not have 16 bytes");
        rc = sqlite3_bind_blob64(stmt, at, value->as.bytes, value->size, SQLITE_STATIC);
        break;
    case HC_TYPE_BYTES:
        rc = sqlite3_bind_blob64(stmt, at, value->size == 0 ? "" : value->as.bytes, value->size, SQLITE_STATIC);
        break;
    case HC_TYPE_ENUM:
        rc = bind_enum(stmt, at, value->as.integer, field);
        if (rc == SQLITE_RANGE)
            return misuse(err, field, "a word that the field does not have");
        break;
    default:
        return misuse(err, field, "a value of no known type");
    }
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

hc_status hc__sqlite_bind_value(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc_value *value,
                                const hc_field *field, hc_error *err)
{
    return bind_value(conn, stmt, at, value, field, err);
}

/* Text that starts with x is at least x and less than x with its last byte raised: UTF-8 has no byte 0xFF. */
static hc_status bind_below(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc_value *value, hc_error *err)
{
    char *copy = hc__arena_copy(&conn->scratch, value->as.bytes, value->size);
    int rc;

    if (copy == NULL)
        return hc__no_memory(err);
    copy[value->size - 1] = (char)((unsigned char)copy[value->size - 1] + 1u);
    rc = bind_given(stmt, at, copy, value->size);
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

static bool is_word(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= '0' && text[i] <= '9')))
            return false;
    }
    return size > 0;
}

/* Not all fields of tokens: an index of one column refuses to be asked for it, see put_words_table(). */
static bool names_columns(const hc__param *param)
{
    const hc_field *end = param->kind->fields + param->kind->field_count;

    for (const hc_field *field = param->kind->fields; field < end; field++) {
        if (field->type == HC_TYPE_TOKENS && (field < param->field || field > param->last))
            return true;
    }
    return false;
}

/* {"field" "field"} : */
static char *put_columns(char *at, size_t room, const hc__param *param)
{
    const char *end = at + room;

    for (const hc_field *field = param->field; field <= param->last; field++) {
        if (field->type != HC_TYPE_TOKENS)
            continue;
        sqlite3_snprintf((int)(end - at), at, field == param->field ? "{\"%w\"" : " \"%w\"", field->name);
        at += strlen(at);
    }
    memcpy(at, "} : ", 4);
    return at + 4;
}

/* {"field"} : ("word" AND "prefix"*): the words are of [a-z0-9], so nothing in them speaks the query language. */
static hc_status bind_match(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc__param *param, hc_error *err)
{
    size_t room = 16;
    char *text;
    char *end;
    int rc;

    for (uint32_t i = 0; i < param->count; i++)
        room += (size_t)param->value[i].size + 8;
    for (const hc_field *field = param->field; field <= param->last; field++)
        room += 2 * strlen(field->name) + 4;
    text = hc__arena_alloc(&conn->scratch, room);
    if (text == NULL)
        return hc__no_memory(err);
    end = names_columns(param) ? put_columns(text, room, param) : text;
    *end++ = '(';
    for (uint32_t i = 0; i < param->count; i++) {
        const char *word = param->value[i].as.bytes;
        size_t size = param->value[i].size;
        bool prefix = param->value[i].type == HC_TYPE_TOKENS && size > 0 && word[size - 1] == '*';

        if (param->value[i].type != HC_TYPE_TOKENS || !is_word(word, size - prefix))
            return misuse(err, param->field, "MATCH takes words of [a-z0-9], a prefix with * at its end");
        memcpy(end, i > 0 ? " AND \"" : "\"", i > 0 ? 6 : 1);
        end += i > 0 ? 6 : 1;
        memcpy(end, word, size - prefix);
        end += size - prefix;
        memcpy(end, prefix ? "\"*" : "\"", prefix ? 2 : 1);
        end += prefix ? 2 : 1;
    }
    *end++ = ')';
    rc = bind_given(stmt, at, text, (size_t)(end - text));
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

static hc_status bind_param(hc__sqlite *conn, sqlite3_stmt *stmt, int at, const hc__param *param, hc_error *err)
{
    int rc;

    switch (param->use) {
    case HC__PARAM_BELOW:
        return bind_below(conn, stmt, at, param->value, err);
    case HC__PARAM_MATCH:
        return bind_match(conn, stmt, at, param, err);
    default:
        rc = sqlite3_bind_int64(stmt, at, param->number);
        return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
    }
}

hc_status hc__sqlite_bind_params(hc__sqlite *conn, sqlite3_stmt *stmt, const hc__sql *params, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0; status == HC_OK && i < params->param_count; i++) {
        const hc__param *param = &params->params[i];

        status = param->use == HC__PARAM_VALUE ? bind_value(conn, stmt, (int)i + 1, param->value, param->field, err)
                                               : bind_param(conn, stmt, (int)i + 1, param, err);
    }
    return status;
}

static int64_t word_index(const char *text, size_t size, const hc_field *field)
{
    for (int64_t i = 0; field->words[i] != NULL; i++) {
        if (field->words[i][0] == text[0] && strcmp(field->words[i], text) == 0)
            return strlen(text) == size ? i + 1 : 0; /* text of another program may go on after a NUL */
    }
    return 0;
}

hc_status hc__sqlite_decode(hc_value *out, sqlite3_value *column, const hc_field *field, hc_error *err)
{
    if (sqlite3_value_type(column) != SQLITE_NULL)
        return hc__sqlite_decode_some(out, column, field, err);
    out->type = HC_TYPE_NULL;
    out->size = 0;
    return HC_OK;
}

hc_status hc__sqlite_decode_some(hc_value *out, sqlite3_value *column, const hc_field *field, hc_error *err)
{
    const char *text;

    out->size = 0;
    out->type = field->type;
    switch (field->type) {
    case HC_TYPE_BOOL:
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
    case HC_TYPE_TIME:
    case HC_TYPE_DATE:
        out->as.integer = sqlite3_value_int64(column);
        return HC_OK;
    case HC_TYPE_ENUM:
        text = (const char *)sqlite3_value_text(column);
        out->as.integer = text == NULL ? 0 : word_index(text, (size_t)sqlite3_value_bytes(column), field);
        if (out->as.integer != 0)
            return HC_OK;
        break;
    case HC_TYPE_ID:
    case HC_TYPE_BYTES:
        out->as.bytes = sqlite3_value_blob(column);
        out->size = (uint32_t)sqlite3_value_bytes(column);
        if (field->type == HC_TYPE_BYTES || out->size == sizeof(hc_id))
            return HC_OK;
        break;
    default:
        out->as.bytes = sqlite3_value_text(column);
        out->size = (uint32_t)sqlite3_value_bytes(column);
        if (out->as.bytes != NULL)
            return HC_OK;
        return hc__no_memory(err);
    }
    return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_CORRUPT, field->name, "a stored value is none that %s may have",
                         field->name);
}
