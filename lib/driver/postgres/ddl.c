/* Steps of a migration as SQL. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "driver/sql/ddl.h"

#define WORD_LENGTH 40 /* of an enum's column: room for words of later versions */

static void put_name(hc__buf *sql, const char *name)
{
    hc__sql_name(sql, &hc__pg_dialect, name, "");
}

static void put_type(hc__buf *sql, const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_ID:
        hc__buf_text(sql, " uuid");
        break;
    case HC_TYPE_BOOL:
        hc__buf_text(sql, " boolean");
        break;
    case HC_TYPE_INT32:
        hc__buf_text(sql, " integer");
        break;
    case HC_TYPE_INT64:
        hc__buf_text(sql, " bigint");
        break;
    case HC_TYPE_DECIMAL:
        hc__buf_format(sql, " numeric(%d,%d)", field->length > 0 ? (int)field->length : 18, (int)field->scale);
        break;
    case HC_TYPE_TIME:
        hc__buf_text(sql, " timestamptz");
        break;
    case HC_TYPE_DATE:
        hc__buf_text(sql, " date");
        break;
    case HC_TYPE_ENUM:
        hc__buf_format(sql, " varchar(%d) COLLATE \"C\"", WORD_LENGTH);
        break;
    case HC_TYPE_TEXT:
        if (field->length > 0)
            hc__buf_format(sql, " varchar(%d) COLLATE \"C\"", (int)field->length);
        else
            hc__buf_text(sql, " text COLLATE \"C\"");
        break;
    case HC_TYPE_KEY:
        hc__buf_text(sql, " text COLLATE \"C\"");
        break;
    case HC_TYPE_BYTES:
        hc__buf_text(sql, " bytea");
        break;
    case HC_TYPE_JSON:
        hc__buf_text(sql, " jsonb");
        break;
    default:
        hc__buf_text(sql, " tsvector");
        break;
    }
}

static void put_literal(hc__buf *sql, const hc_value *value, const hc_field *field)
{
    char number[32];

    if (value->type == HC_TYPE_NULL) {
        hc__buf_text(sql, "NULL");
        return;
    }
    if (value->type == HC_TYPE_NOW) {
        hc__buf_text(sql, "now()");
        return;
    }
    switch (field->type) {
    case HC_TYPE_ENUM:
        hc__sql_put_quoted(sql, field->words[value->as.integer - 1], strlen(field->words[value->as.integer - 1]));
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        hc__sql_put_quoted(sql, value->as.bytes, value->size);
        break;
    case HC_TYPE_ID:
    case HC_TYPE_BYTES:
        hc__buf_text(sql, field->type == HC_TYPE_ID ? "'" : "'\\x");
        hc__sql_put_hex(sql, value);
        hc__buf_char(sql, '\'');
        break;
    case HC_TYPE_BOOL:
        hc__buf_text(sql, value->as.integer != 0 ? "true" : "false");
        break;
    case HC_TYPE_DECIMAL:
        hc__buf_put(sql, number, hc__decimal_format(number, value->as.integer, field->scale));
        break;
    case HC_TYPE_TIME:
        hc__buf_text(sql, "(timestamptz 'epoch' + ");
        hc__buf_int(sql, value->as.integer);
        hc__buf_text(sql, " * interval '1 microsecond')");
        break;
    case HC_TYPE_DATE:
        hc__buf_text(sql, "(date '1970-01-01' + ");
        hc__buf_int(sql, value->as.integer);
        hc__buf_char(sql, ')');
        break;
    default:
        hc__buf_int(sql, value->as.integer);
        break;
    }
}

static void open_check(hc__buf *sql, const hc_field *field)
{
    /* Named after its field, so that the engine's refusal names it. */
    hc__buf_text(sql, " CONSTRAINT ");
    put_name(sql, field->name);
    hc__buf_text(sql, " CHECK (");
}

static void put_range(hc__buf *sql, const hc_field *field)
{
    char min[32] = {0}, max[32] = {0};
    int scale = field->type == HC_TYPE_DECIMAL ? field->scale : 0;

    if (field->min == 0 && field->max == 0)
        return;
    (void)hc__decimal_format(min, field->min, scale);
    (void)hc__decimal_format(max, field->max, scale);
    open_check(sql, field);
    put_name(sql, field->name);
    hc__buf_format(sql, " BETWEEN %s AND %s)", min, max);
}

static void put_words(hc__buf *sql, const hc_field *field)
{
    open_check(sql, field);
    hc__sql_put_words(sql, &hc__pg_dialect, field);
    hc__buf_char(sql, ')');
}

static void put_check(hc__buf *sql, const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_ENUM:
        put_words(sql, field);
        break;
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        if (field->length <= 0)
            break;
        open_check(sql, field);
        hc__buf_text(sql, "octet_length(");
        put_name(sql, field->name);
        hc__buf_format(sql, ") <= %d)", (int)field->length);
        break;
    case HC_TYPE_INT32:
    case HC_TYPE_INT64:
    case HC_TYPE_DECIMAL:
    case HC_TYPE_DATE:
        put_range(sql, field);
        break;
    default:
        break; /* the column's type says it all */
    }
}

static void put_column(hc__buf *sql, const hc_field *field, bool key)
{
    put_name(sql, field->name);
    put_type(sql, field);
    if ((field->flags & HC_FIELD_NULLABLE) == 0)
        hc__buf_text(sql, " NOT NULL");
    if (key) {
        hc__buf_text(sql, " DEFAULT gen_random_uuid() PRIMARY KEY");
    } else if (field->initial != NULL) {
        hc__buf_text(sql, " DEFAULT ");
        put_literal(sql, field->initial, field);
    }
    put_check(sql, field);
}

/* A search of words visits the row anyway, for who may see it: of an index by arrival only the order is of use, which
 * spares the newest matches of a common word a sort of them all. */
static void put_index(hc__buf *sql, const hc_kind *kind, const hc_index *index)
{
    hc__sql_put_index_head(sql, &hc__pg_dialect, kind, index);
    if ((index->flags & HC_INDEX_ARRIVAL) != 0)
        hc__buf_text(sql, HC__PG_ARRIVAL);
    else
        hc__sql_put_index_fields(sql, &hc__pg_dialect, kind, index);
    hc__buf_text(sql, ");\n");
}

static void put_words_index(hc__buf *sql, const hc_kind *kind, const hc_field *field)
{
    const hc_index index = {.name = field->name};

    hc__buf_text(sql, "CREATE INDEX ");
    hc__sql_index_name(sql, &hc__pg_dialect, kind, &index);
    hc__buf_text(sql, " ON ");
    put_name(sql, kind->name);
    hc__buf_text(sql, " USING gin (");
    put_name(sql, field->name);
    hc__buf_text(sql, ");\n");
}

static void create_kind(hc__buf *sql, const hc_kind *kind, int32_t version)
{
    hc__buf_text(sql, "CREATE TABLE ");
    put_name(sql, kind->name);
    hc__buf_text(sql, " (\n    ");
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].since > version)
            continue;
        put_column(sql, &kind->fields[i], i == 0);
        hc__buf_text(sql, ",\n    ");
    }
    hc__buf_text(sql, HC__PG_ARRIVAL " bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY);\n");
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if (kind->indexes[i].since <= version)
            put_index(sql, kind, &kind->indexes[i]);
    }
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].since <= version && kind->fields[i].type == HC_TYPE_TOKENS)
            put_words_index(sql, kind, &kind->fields[i]);
    }
}

static void add_field(hc__buf *sql, const hc_kind *kind, const hc_field *field)
{
    hc__buf_text(sql, "ALTER TABLE ");
    put_name(sql, kind->name);
    hc__buf_text(sql, " ADD COLUMN ");
    put_column(sql, field, false);
    hc__buf_text(sql, ";\n");
    if (field->type == HC_TYPE_TOKENS)
        put_words_index(sql, kind, field);
}

hc_status hc__pg_ddl(hc__buf *sql, const hc_step *step, int32_t version, hc_error *err)
{
    const hc_kind *kind = step->kind;
    hc_status status = hc__sql_check_step(step, HC__PG_NAME, err);

    if (status < 0)
        return status;
    switch (step->what) {
    case HC_STEP_CREATE_KIND:
        create_kind(sql, kind, version);
        break;
    case HC_STEP_ADD_FIELD:
        add_field(sql, kind, &kind->fields[step->position]);
        break;
    case HC_STEP_CREATE_INDEX:
        put_index(sql, kind, &kind->indexes[step->position]);
        break;
    default:
        hc__sql_put_index_drop(sql, &hc__pg_dialect, kind, &kind->indexes[step->position]);
        break;
    }
    return sql->failed ? hc__no_memory(err) : HC_OK;
}
