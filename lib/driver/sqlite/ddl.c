/* Steps of a migration as SQL. */
#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"
#include "driver/sql/ddl.h"

static const int64_t powers[] = {1,
                                 10,
                                 100,
                                 1000,
                                 10000,
                                 100000,
                                 1000000,
                                 10000000,
                                 100000000,
                                 1000000000,
                                 INT64_C(10000000000),
                                 INT64_C(100000000000),
                                 INT64_C(1000000000000),
                                 INT64_C(10000000000000),
                                 INT64_C(100000000000000),
                                 INT64_C(1000000000000000),
                                 INT64_C(10000000000000000),
                                 INT64_C(100000000000000000),
                                 INT64_C(1000000000000000000)};

static void put_name(hc__buf *sql, const char *name)
{
    hc__sql_name(sql, &hc__sqlite_dialect, name, "");
}

static const char *column_type(const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_ID:
    case HC_TYPE_BYTES:
        return " BLOB";
    case HC_TYPE_ENUM:
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_JSON:
        return " TEXT";
    default:
        return " INTEGER";
    }
}

static void put_literal(hc__buf *sql, const hc_value *value, const hc_field *field)
{
    if (value->type == HC_TYPE_NULL) {
        hc__buf_text(sql, "NULL");
    } else if (value->type == HC_TYPE_NOW) {
        hc__buf_text(sql, "(CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER))");
    } else if (field->type == HC_TYPE_ENUM) {
        const char *word = field->words[value->as.integer - 1];

        hc__sql_put_quoted(sql, word, strlen(word));
    } else if (strcmp(column_type(field), " TEXT") == 0) {
        hc__sql_put_quoted(sql, value->as.bytes, value->size);
    } else if (strcmp(column_type(field), " BLOB") == 0) {
        hc__buf_text(sql, "x'");
        hc__sql_put_hex(sql, value);
        hc__buf_char(sql, '\'');
    } else {
        hc__buf_int(sql, value->as.integer);
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
    int64_t min = field->min, max = field->max;

    if (min == 0 && max == 0) {
        if (field->type == HC_TYPE_BOOL) {
            max = 1;
        } else if (field->type == HC_TYPE_INT32 || field->type == HC_TYPE_DATE) {
            min = INT32_MIN;
            max = INT32_MAX;
        } else if (field->type == HC_TYPE_DECIMAL && field->length > 0 && field->length <= 18) {
            max = powers[field->length] - 1;
            min = -max;
        } else {
            return;
        }
    }
    open_check(sql, field);
    put_name(sql, field->name);
    hc__buf_text(sql, " BETWEEN ");
    hc__buf_int(sql, min);
    hc__buf_text(sql, " AND ");
    hc__buf_int(sql, max);
    hc__buf_char(sql, ')');
}

/* Compared one by one: for IN of three and more the engine fills a table of its own, anew for each row that it checks.
 */
static void put_words(hc__buf *sql, const hc_field *field)
{
    open_check(sql, field);
    for (size_t i = 0; field->words[i] != NULL; i++) {
        hc__buf_text(sql, i > 0 ? " OR " : "");
        put_name(sql, field->name);
        hc__buf_text(sql, " = ");
        hc__sql_put_quoted(sql, field->words[i], strlen(field->words[i]));
    }
    hc__buf_char(sql, ')');
}

/* Text in code points, keys and bytes in bytes. */
static void put_length(hc__buf *sql, const hc_field *field)
{
    if (field->length <= 0)
        return;
    open_check(sql, field);
    hc__buf_text(sql, field->type == HC_TYPE_KEY ? "length(CAST(" : "length(");
    put_name(sql, field->name);
    hc__buf_text(sql, field->type == HC_TYPE_KEY ? " AS BLOB)) <= " : ") <= ");
    hc__buf_int(sql, field->length);
    hc__buf_char(sql, ')');
}

static void put_check(hc__buf *sql, const hc_field *field)
{
    switch (field->type) {
    case HC_TYPE_ID:
        open_check(sql, field);
        hc__buf_text(sql, "length(");
        put_name(sql, field->name);
        hc__buf_text(sql, ") = 16)");
        break;
    case HC_TYPE_ENUM:
        put_words(sql, field);
        break;
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        put_length(sql, field);
        break;
    case HC_TYPE_JSON:
        break;
    default:
        put_range(sql, field);
        break;
    }
}

static void put_column(hc__buf *sql, const hc_field *field, bool key)
{
    put_name(sql, field->name);
    hc__buf_text(sql, column_type(field));
    if ((field->flags & HC_FIELD_NULLABLE) == 0)
        hc__buf_text(sql, " NOT NULL");
    if (key)
        hc__buf_text(sql, " UNIQUE");
    if (field->initial != NULL) {
        hc__buf_text(sql, " DEFAULT ");
        put_literal(sql, field->initial, field);
    }
    put_check(sql, field);
}

/* Leaves out `without`. Returns how many fields of tokens there are. */
static uint32_t put_tokens(hc__buf *sql, const hc_kind *kind, int32_t version, const hc_field *without)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < kind->field_count; i++) {
        const hc_field *field = &kind->fields[i];

        if (field->type != HC_TYPE_TOKENS || field->since > version || field == without)
            continue;
        put_name(sql, field->name);
        hc__buf_char(sql, ',');
        count++;
    }
    return count;
}

/* Nothing asks where in a text a word stands, nor for a rank; which column matters only when there are several. Coded
 * words begin with two letters that are the same in all, so prefixes of 3 and 4 are those of one letter and two:
 * without an index of their own the engine merges all words behind them, a second's work that no deadline ends. */
static void put_words_table(hc__buf *sql, const hc_kind *kind, int32_t version, const char *suffix)
{
    uint32_t count;

    hc__buf_text(sql, "CREATE VIRTUAL TABLE ");
    hc__sql_name(sql, &hc__sqlite_dialect, kind->name, suffix);
    hc__buf_text(sql, " USING fts5(");
    count = put_tokens(sql, kind, version, NULL);
    hc__buf_text(sql, count > 1 ? "tokenize='ascii',detail=column,columnsize=0,prefix='3 4');\n"
                                : "tokenize='ascii',detail=none,columnsize=0,prefix='3 4');\n");
}

static void put_index(hc__buf *sql, const hc_kind *kind, const hc_index *index)
{
    hc__sql_put_index_head(sql, &hc__sqlite_dialect, kind, index);
    hc__buf_text(sql, (index->flags & HC_INDEX_ARRIVAL) != 0 ? "pk," : "");
    hc__sql_put_index_fields(sql, &hc__sqlite_dialect, kind, index);
    hc__buf_text(sql, ");\n");
}

static void create_kind(hc__buf *sql, const hc_kind *kind, int32_t version)
{
    bool tokens = false;

    hc__buf_text(sql, "CREATE TABLE ");
    put_name(sql, kind->name);
    hc__buf_text(sql, " (pk INTEGER PRIMARY KEY");
    for (uint32_t i = 0; i < kind->field_count; i++) {
        const hc_field *field = &kind->fields[i];

        if (field->since > version)
            continue;
        tokens = tokens || field->type == HC_TYPE_TOKENS;
        if (field->type == HC_TYPE_TOKENS)
            continue;
        hc__buf_text(sql, ",\n    ");
        put_column(sql, field, i == 0);
    }
    hc__buf_text(sql, ") STRICT;\n");
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if (kind->indexes[i].since <= version)
            put_index(sql, kind, &kind->indexes[i]);
    }
    if (tokens)
        put_words_table(sql, kind, version, "_words");
}

/* FTS5 tables get no further columns, so the table is made anew. */
static void add_tokens(hc__buf *sql, const hc_kind *kind, const hc_field *field, int32_t version)
{
    hc__buf old;
    uint32_t count;

    hc__buf_init(&old, sql->mem);
    count = put_tokens(&old, kind, version, field);
    hc__buf_text(&old, "rowid");
    put_words_table(sql, kind, version, count > 0 ? "_words_new" : "_words");
    hc__buf_text(sql, "INSERT INTO ");
    hc__sql_name(sql, &hc__sqlite_dialect, kind->name, count > 0 ? "_words_new" : "_words");
    hc__buf_text(sql, " (");
    hc__buf_text(sql, old.failed ? "" : old.data);
    hc__buf_text(sql, ") SELECT ");
    hc__buf_text(sql, count == 0 ? "pk" : old.failed ? "" : old.data);
    hc__buf_text(sql, " FROM ");
    hc__sql_name(sql, &hc__sqlite_dialect, kind->name, count > 0 ? "_words" : "");
    hc__buf_text(sql, ";\n");
    if (count > 0) {
        hc__buf_text(sql, "DROP TABLE ");
        hc__sql_name(sql, &hc__sqlite_dialect, kind->name, "_words");
        hc__buf_text(sql, ";\nALTER TABLE ");
        hc__sql_name(sql, &hc__sqlite_dialect, kind->name, "_words_new");
        hc__buf_text(sql, " RENAME TO ");
        hc__sql_name(sql, &hc__sqlite_dialect, kind->name, "_words");
        hc__buf_text(sql, ";\n");
    }
    sql->failed = sql->failed || old.failed;
    hc__buf_free(&old);
}

static void add_field(hc__buf *sql, const hc_kind *kind, const hc_field *field, int32_t version)
{
    if (field->type == HC_TYPE_TOKENS) {
        add_tokens(sql, kind, field, version);
        return;
    }
    hc__buf_text(sql, "ALTER TABLE ");
    put_name(sql, kind->name);
    hc__buf_text(sql, " ADD COLUMN ");
    put_column(sql, field, false);
    hc__buf_text(sql, ";\n");
}

hc_status hc__sqlite_ddl(hc__buf *sql, const hc_step *step, int32_t version, hc_error *err)
{
    const hc_kind *kind = step->kind;
    hc_status status = hc__sql_check_step(step, HC__SQLITE_NAME, err);

    if (status < 0)
        return status;
    switch (step->what) {
    case HC_STEP_CREATE_KIND:
        create_kind(sql, kind, version);
        break;
    case HC_STEP_ADD_FIELD:
        add_field(sql, kind, &kind->fields[step->position], version);
        break;
    case HC_STEP_CREATE_INDEX:
        put_index(sql, kind, &kind->indexes[step->position]);
        break;
    default:
        hc__sql_put_index_drop(sql, &hc__sqlite_dialect, kind, &kind->indexes[step->position]);
        break;
    }
    return sql->failed ? hc__no_memory(err) : HC_OK;
}
