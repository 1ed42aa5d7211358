/* Compiling the named operations, and comparing with golden files: a run with HC_GOLDEN=write writes them anew. */
#ifndef DRIVER_SQL_GOLDEN_H
#define DRIVER_SQL_GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/sql/compile.h"
#include "ops.h"
#include "suite.h"

#define GOLDEN_SIZE (1 << 17)

static hc__mem mem;

static void set_up(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static hc_status compile(hc__sql *sql, const hc__dialect *dialect, const hc_op *op, bool want_text)
{
    int scan = dialect->expect_open != NULL      ? (op->verb == HC_VERB_GROUP ? HC__SCAN_FLAG : HC__SCAN_WINDOW)
               : hc__sql_may_count(dialect, op)  ? HC__SCAN_COUNTER
               : hc__sql_may_number(dialect, op) ? HC__SCAN_NUMBERED
                                                 : HC__SCAN_FLAG;

    hc__sql_init(sql, &mem, want_text);
    return hc__sql_compile(sql, dialect, op, scan, NULL);
}

static void put_ops(hc__buf *out, const hc__dialect *dialect, const named_op *ops, size_t count)
{
    static const char *const uses[] = {"value", "below", "match", "array", "number", "word", "scanned"};
    hc__sql sql;

    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(compile(&sql, dialect, &ops[i].op, true), HC_OK);
        hc__buf_format(out, "-- %s\n%s;\n--", ops[i].name, sql.text.data);
        for (size_t p = 0; p < sql.param_count; p++) {
            const hc_field *field = sql.params[p].field;

            hc__buf_format(out, " %s%s%s", uses[sql.params[p].use], field == NULL ? "" : " ",
                           field == NULL ? "" : field->name);
            hc__buf_text(out, p + 1 < sql.param_count ? "," : "");
        }
        hc__buf_text(out, "\n\n");
        hc__sql_free(&sql);
    }
}

static void put_all(hc__buf *out, const hc__dialect *dialect)
{
    put_ops(out, dialect, named_ops, named_op_count);
}

static void check_golden(const hc__buf *out, const char *name)
{
    static char expected[GOLDEN_SIZE];
    const char *mode = getenv("HC_GOLDEN");
    bool write = mode != NULL && strcmp(mode, "write") == 0;
    char path[1024];
    FILE *file;
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/tests/unit/driver_sql/golden/%s.sql", HC_SOURCE_DIR, name);
    file = fopen(path, write ? "w" : "r");
    ck_assert_msg(file != NULL, "%s cannot be opened", path);
    if (write) {
        ck_assert_uint_eq(fwrite(out->data, 1, out->size, file), out->size);
    } else {
        size = fread(expected, 1, sizeof(expected), file);
        ck_assert_msg(size == out->size && memcmp(expected, out->data, size) == 0,
                      "the SQL differs from %s: look at it with HC_GOLDEN=write and git diff", path);
    }
    ck_assert_int_eq(fclose(file), 0);
}

static inline void golden(const hc__dialect *dialect)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    put_all(&out, dialect);
    check_golden(&out, dialect->name);
    hc__buf_free(&out);
}

#endif
