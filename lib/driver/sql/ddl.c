#include "driver/sql/ddl.h"

#include <string.h>

#include "base/fail.h"

hc_status hc__sql_check_step(const hc_step *step, const char *driver, hc_error *err)
{
    bool well_formed = false;

    switch (step->what) {
    case HC_STEP_CREATE_KIND:
        well_formed = true;
        break;
    case HC_STEP_ADD_FIELD:
        well_formed = step->position > 0 && step->position < step->kind->field_count;
        break;
    case HC_STEP_CREATE_INDEX:
    case HC_STEP_DROP_INDEX:
        well_formed = step->position < step->kind->index_count;
        break;
    default:
        break;
    }
    return well_formed ? HC_OK : hc__fail_from(err, driver, HC_ERR_MISUSE, NULL, "a migration step is not well formed");
}

void hc__sql_put_quoted(hc__buf *sql, const char *text, size_t size)
{
    hc__buf_char(sql, '\'');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\'')
            hc__buf_char(sql, '\'');
        hc__buf_char(sql, text[i]);
    }
    hc__buf_char(sql, '\'');
}

void hc__sql_put_hex(hc__buf *sql, const hc_value *value)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *bytes = value->as.bytes;

    for (uint32_t i = 0; i < value->size; i++) {
        hc__buf_char(sql, digits[bytes[i] >> 4]);
        hc__buf_char(sql, digits[bytes[i] & 15]);
    }
}

void hc__sql_put_words(hc__buf *sql, const hc__dialect *dialect, const hc_field *field)
{
    hc__sql_name(sql, dialect, field->name, "");
    hc__buf_text(sql, " IN (");
    for (size_t i = 0; field->words[i] != NULL; i++) {
        hc__buf_text(sql, i > 0 ? "," : "");
        hc__sql_put_quoted(sql, field->words[i], strlen(field->words[i]));
    }
    hc__buf_char(sql, ')');
}

void hc__sql_put_index_head(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index)
{
    hc__buf_text(sql, (index->flags & HC_INDEX_UNIQUE) != 0 ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    hc__sql_index_name(sql, dialect, kind, index);
    hc__buf_text(sql, " ON ");
    hc__sql_name(sql, dialect, kind->name, "");
    hc__buf_text(sql, " (");
}

void hc__sql_put_index_fields(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index)
{
    for (uint32_t i = 0; i < index->field_count; i++) {
        hc__buf_text(sql, i > 0 ? "," : "");
        hc__sql_name(sql, dialect, kind->fields[index->fields[i]].name, "");
    }
    if (hc__sql_index_lacks_id(index)) {
        hc__buf_char(sql, ',');
        hc__sql_name(sql, dialect, kind->fields[0].name, "");
    }
}

void hc__sql_put_index_drop(hc__buf *sql, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index)
{
    hc__buf_text(sql, "DROP INDEX ");
    hc__sql_index_name(sql, dialect, kind, index);
    hc__buf_text(sql, ";\n");
}
