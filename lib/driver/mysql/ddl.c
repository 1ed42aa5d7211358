/* Steps of a migration as SQL. */
#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "base/time.h"
#include "driver/sql/ddl.h"

#define WORD_LENGTH 40 /* of an enum's column: room for words of later versions */

/* A row's columns have 65,535 bytes together, at four for a code point. What is longer stands beside the row. */
#define IN_ROW 1024

/* The moment at which a row came. A number that the engine counts up would make inserts from a SELECT wait for each
 * other. */
#define ARRIVAL HC__MY_ARRIVAL " bigint NOT NULL DEFAULT (cast(unix_timestamp(sysdate(6)) * 1000000 AS signed))"

typedef struct writer {
    hc__buf *sql;
    const hc__my_flavor *flavor;
    const hc_kind *kind;
    int32_t version;
    uint32_t last; /* fields of this very version are there up to this position */
} writer;

static void put(const writer *w, const char *text)
{
    hc__buf_text(w->sql, text);
}

static void put_name(const writer *w, const char *name, const char *suffix)
{
    hc__sql_name(w->sql, &w->flavor->dialect, name, suffix);
}

/* ---- columns ----------------------------------------------------------------------------------------------------- */

static void put_text_type(const writer *w, int32_t length)
{
    if (length > 0 && length <= IN_ROW)
        hc__buf_format(w->sql, " varchar(%d)", (int)length);
    else
        put(w, " longtext");
    hc__buf_format(w->sql, " CHARACTER SET utf8mb4 COLLATE %s", w->flavor->collation);
}

static void put_type(const writer *w, const hc_field *field)
{
    bool in_row = field->length > 0 && field->length <= IN_ROW;

    switch (field->type) {
    case HC_TYPE_ID:
        put(w, " binary(16)");
        break;
    case HC_TYPE_BOOL:
        put(w, " tinyint(1)");
        break;
    case HC_TYPE_INT32:
        put(w, " int");
        break;
    case HC_TYPE_INT64:
        put(w, " bigint");
        break;
    case HC_TYPE_DECIMAL:
        hc__buf_format(w->sql, " decimal(%d,%d)", field->length > 0 ? (int)field->length : 18, (int)field->scale);
        break;
    case HC_TYPE_TIME:
        put(w, " datetime(6)");
        break;
    case HC_TYPE_DATE:
        put(w, " date");
        break;
    case HC_TYPE_ENUM:
        put_text_type(w, WORD_LENGTH);
        break;
    case HC_TYPE_TEXT:
        put_text_type(w, field->length);
        break;
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        if (in_row)
            hc__buf_format(w->sql, " varbinary(%d)", (int)field->length);
        else
            put(w, " longblob");
        break;
    case HC_TYPE_JSON:
        put_text_type(w, 0);
        break;
    default:
        put(w, " longtext CHARACTER SET ascii COLLATE ascii_bin");
        break;
    }
}

static void put_hex(const writer *w, const hc_value *value)
{
    put(w, "x'");
    hc__sql_put_hex(w->sql, value);
    put(w, "'");
}

static void put_day(const writer *w, int64_t days)
{
    int year, month, day;

    hc__civil_from_days((int32_t)days, &year, &month, &day);
    hc__buf_format(w->sql, "'%04d-%02d-%02d", year, month, day);
}

static void put_literal(const writer *w, const hc_value *value, const hc_field *field)
{
    char number[32];
    int64_t rest;

    switch (field->type) {
    case HC_TYPE_ENUM:
        hc__sql_put_quoted(w->sql, field->words[value->as.integer - 1], strlen(field->words[value->as.integer - 1]));
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        hc__sql_put_quoted(w->sql, value->as.bytes, value->size);
        break;
    case HC_TYPE_ID:
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        put_hex(w, value);
        break;
    case HC_TYPE_DECIMAL:
        hc__buf_put(w->sql, number, hc__decimal_format(number, value->as.integer, field->scale));
        break;
    case HC_TYPE_TIME:
        rest = value->as.integer - hc__day_of(value->as.integer) * HC__DAY;
        put_day(w, hc__day_of(value->as.integer));
        hc__buf_format(w->sql, " %02d:%02d:%02d.%06d'", (int)(rest / 3600 / HC__SECOND),
                       (int)(rest / 60 / HC__SECOND % 60), (int)(rest / HC__SECOND % 60), (int)(rest % HC__SECOND));
        break;
    case HC_TYPE_DATE:
        put_day(w, value->as.integer);
        hc__buf_char(w->sql, '\'');
        break;
    default:
        hc__buf_int(w->sql, value->as.integer);
        break;
    }
}

static void put_default(const writer *w, const hc_value *initial, const hc_field *field)
{
    if (initial->type == HC_TYPE_NULL)
        return;
    put(w, " DEFAULT ");
    if (initial->type == HC_TYPE_NOW) /* not of the session's time zone */
        put(w, "(utc_timestamp(6))");
    else
        put_literal(w, initial, field);
}

static void put_column(const writer *w, const hc_field *field, bool key)
{
    put_name(w, field->name, "");
    put_type(w, field);
    if ((field->flags & HC_FIELD_NULLABLE) == 0)
        put(w, " NOT NULL");
    if (key)
        put(w, " DEFAULT (unhex(replace(uuid(),'-','')))");
    else if (field->initial != NULL)
        put_default(w, field->initial, field);
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

/* Named after its field, so that the engine's refusal names it. Some engines want it to be unique in the database. */
static void open_check(const writer *w, const hc_field *field, const char *lead)
{
    const hc_index named = {.name = field->name};

    put(w, lead);
    put(w, "CONSTRAINT ");
    hc__sql_index_name(w->sql, &w->flavor->dialect, w->kind, &named);
    put(w, " CHECK (");
}

static void put_range(const writer *w, const hc_field *field, const char *lead)
{
    char min[32] = {0}, max[32] = {0};
    int scale = field->type == HC_TYPE_DECIMAL ? field->scale : 0;

    if (field->min == 0 && field->max == 0)
        return;
    (void)hc__decimal_format(min, field->min, scale);
    (void)hc__decimal_format(max, field->max, scale);
    open_check(w, field, lead);
    put_name(w, field->name, "");
    hc__buf_format(w->sql, " BETWEEN %s AND %s)", min, max);
}

static void put_words(const writer *w, const hc_field *field, const char *lead)
{
    open_check(w, field, lead);
    hc__sql_put_words(w->sql, &w->flavor->dialect, field);
    put(w, ")");
}

static void put_length(const writer *w, const hc_field *field, const char *lead, const char *measure)
{
    if (field->length <= IN_ROW) /* the column's type says it */
        return;
    open_check(w, field, lead);
    put(w, measure);
    put_name(w, field->name, "");
    hc__buf_format(w->sql, ") <= %d)", (int)field->length);
}

static void put_check(const writer *w, const hc_field *field, const char *lead)
{
    switch (field->type) {
    case HC_TYPE_ENUM:
        put_words(w, field, lead);
        break;
    case HC_TYPE_BOOL:
        open_check(w, field, lead);
        put_name(w, field->name, "");
        put(w, " IN (0,1))");
        break;
    case HC_TYPE_TEXT:
        put_length(w, field, lead, "char_length(");
        break;
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        put_length(w, field, lead, "octet_length(");
        break;
    case HC_TYPE_JSON:
        open_check(w, field, lead);
        put(w, "json_valid(");
        put_name(w, field->name, "");
        put(w, "))");
        break;
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
    case HC_TYPE_DATE:
        put_range(w, field, lead);
        break;
    default:
        break;
    }
}

/* ---- indexes ----------------------------------------------------------------------------------------------------- */

/* A search of words visits the row anyway, for who may see it and for the words: of an index by arrival only the order
 * is of use. */
static void put_index_columns(const writer *w, const hc_index *index)
{
    put(w, " (");
    if ((index->flags & HC_INDEX_ARRIVAL) != 0)
        put(w, HC__MY_ARRIVAL);
    else
        hc__sql_put_index_fields(w->sql, &w->flavor->dialect, w->kind, index);
    put(w, ")");
}

/* Fields are added in the order of their positions. */
bool hc__my_has_words(const hc_kind *kind, uint32_t position, int32_t version, uint32_t last)
{
    const hc_field *field = &kind->fields[position];

    return field->type == HC_TYPE_TOKENS && (field->since < version || (field->since == version && position <= last));
}

static bool has_words(const writer *w)
{
    for (uint32_t i = 0; i < w->kind->field_count; i++) {
        if (hc__my_has_words(w->kind, i, w->version, w->last))
            return true;
    }
    return false;
}

static void put_words_columns(const writer *w)
{
    const char *lead = " (";

    put_name(w, w->kind->name, "_words");
    for (uint32_t i = 0; i < w->kind->field_count; i++) {
        if (!hc__my_has_words(w->kind, i, w->version, w->last))
            continue;
        put(w, lead);
        put_name(w, w->kind->fields[i].name, "");
        lead = ",";
    }
    put(w, ")");
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static void create_kind(const writer *w)
{
    const hc_kind *kind = w->kind;

    put(w, "CREATE TABLE ");
    put_name(w, kind->name, "");
    put(w, " (\n    ");
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].since > w->version)
            continue;
        put_column(w, &kind->fields[i], i == 0);
        put(w, ",\n    ");
    }
    put(w, ARRIVAL ",\n    PRIMARY KEY (");
    put_name(w, kind->fields[0].name, "");
    put(w, ")");
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if (kind->indexes[i].since > w->version)
            continue;
        put(w, (kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0 ? ",\n    UNIQUE KEY " : ",\n    KEY ");
        hc__sql_index_name(w->sql, &w->flavor->dialect, kind, &kind->indexes[i]);
        put_index_columns(w, &kind->indexes[i]);
    }
    if (has_words(w)) {
        put(w, ",\n    FULLTEXT KEY ");
        put_words_columns(w);
    }
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].since <= w->version)
            put_check(w, &kind->fields[i], ",\n    ");
    }
    hc__buf_format(w->sql, ") ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=%s",
                   w->flavor->collation);
}

static void add_field(const writer *w, const hc_field *field)
{
    put(w, "ALTER TABLE ");
    put_name(w, w->kind->name, "");
    put(w, " ADD COLUMN ");
    put_column(w, field, false);
    put_check(w, field, ", ADD ");
}

/* The index of words is made anew: it holds all fields of tokens. */
static void move_words(const writer *w, bool drop)
{
    put(w, "ALTER TABLE ");
    put_name(w, w->kind->name, "");
    put(w, drop ? " DROP INDEX " : " ADD FULLTEXT INDEX ");
    if (drop)
        put_name(w, w->kind->name, "_words");
    else
        put_words_columns(w);
}

static void change_index(const writer *w, const hc_index *index, bool drop)
{
    put(w, "ALTER TABLE ");
    put_name(w, w->kind->name, "");
    put(w, drop ? " DROP INDEX " : (index->flags & HC_INDEX_UNIQUE) != 0 ? " ADD UNIQUE INDEX " : " ADD INDEX ");
    hc__sql_index_name(w->sql, &w->flavor->dialect, w->kind, index);
    if (!drop)
        put_index_columns(w, index);
}

hc_status hc__my_ddl(hc__buf *sql, const hc__my_flavor *flavor, const hc_step *step, int32_t version, int part,
                     hc_error *err)
{
    uint32_t at = step->position;
    const writer w = {sql, flavor, step->kind, version, step->what == HC_STEP_ADD_FIELD ? at : UINT32_MAX};
    hc_status status = hc__sql_check_step(step, HC__MY_NAME, err);

    if (status < 0)
        return status;
    if (step->what == HC_STEP_ADD_FIELD && part > 0) {
        if (step->kind->fields[at].type == HC_TYPE_TOKENS)
            move_words(&w, part == 1);
    } else if (part > 0) {
        return HC_OK;
    } else if (step->what == HC_STEP_CREATE_KIND) {
        create_kind(&w);
    } else if (step->what == HC_STEP_ADD_FIELD) {
        add_field(&w, &step->kind->fields[at]);
    } else {
        change_index(&w, &step->kind->indexes[at], step->what == HC_STEP_DROP_INDEX);
    }
    return sql->failed ? hc__no_memory(err) : HC_OK;
}
