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
static hc__arena arena; /* of one operation */

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

/* The same operation with its values elsewhere. */
static hc_predicate *moved(const hc_predicate *p)
{
    hc_predicate *out;
    const hc_predicate **children;
    hc_value *values;

    if (p == NULL)
        return NULL;
    out = hc__arena_copy(&arena, p, sizeof(*p));
    children = hc__arena_alloc(&arena, p->child_count * sizeof(*children));
    values = hc__arena_copy(&arena, p->values, p->value_count * sizeof(*values));
    for (size_t i = 0; i < p->child_count; i++)
        children[i] = moved(p->children[i]);
    out->children = children;
    out->values = values;
    return out;
}

/* A shape that was learned gives the parameters of another operation of that shape as compiling it does. Returns
 * whether it was learned. */
static bool check_recipe(const hc__sql *sql, const hc__dialect *dialect, const hc_op *op)
{
    hc_op other = *op;
    hc__sql compiled, followed;
    hc__sql_recipe recipe = {0};
    bool learned;

    hc__arena_init(&arena, &mem, NULL, 0);
    other.where = moved(op->where);
    other.filter = moved(op->filter);
    other.sets = hc__arena_copy(&arena, op->sets, op->set_count * sizeof(*op->sets));
    if (op->seek != NULL)
        other.seek = hc__arena_copy(&arena, op->seek, op->order_count * sizeof(*op->seek));
    other.limit = op->limit == 0 ? 0 : op->limit + 7;
    other.scan_limit = op->scan_limit == 0 ? 0 : op->scan_limit + 70;
    ck_assert(hc__sql_learn(&recipe, &mem, sql, op));
    learned = recipe.sources != NULL;
    ck_assert_int_eq(compile(&compiled, dialect, &other, false), HC_OK);
    ck_assert_int_eq(compile(&followed, dialect, op, false), HC_OK);
    ck_assert_int_eq(hc__sql_follow(&followed, &recipe, &other), learned);
    for (size_t i = 0; learned && i < compiled.param_count; i++)
        ck_assert_mem_eq(&followed.params[i], &compiled.params[i], sizeof(compiled.params[i]));
    ck_assert_uint_eq(followed.param_count, compiled.param_count);
    hc__sql_forget(&recipe, &mem);
    hc__sql_free(&compiled);
    hc__sql_free(&followed);
    hc__arena_free(&arena);
    return learned;
}

static void put_ops(hc__buf *out, const hc__dialect *dialect, const named_op *ops, size_t count)
{
    static const char *const uses[] = {"value", "below", "match", "array", "number", "word", "scanned"};
    hc__sql sql;
    size_t learned = 0;

    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(compile(&sql, dialect, &ops[i].op, true), HC_OK);
        learned += check_recipe(&sql, dialect, &ops[i].op);
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
    ck_assert_msg(learned * 2 >= count, "%zu of %zu shapes were learned", learned, count);
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

/* The text is the same with values and without. */
static inline void show_no_value(const hc__dialect *dialect)
{
    hc__sql with, without;

    for (size_t i = 0; i < named_op_count; i++) {
        ck_assert_int_eq(compile(&with, dialect, &named_ops[i].op, true), HC_OK);
        ck_assert_int_eq(compile(&without, dialect, &named_ops[i].op, false), HC_OK);
        ck_assert_ptr_null(strstr(with.text.data, "DROP"));
        ck_assert_ptr_null(strstr(with.text.data, "austin"));
        ck_assert_ptr_null(strstr(with.text.data, "zq"));
        ck_assert_uint_eq(with.param_count, without.param_count);
        for (size_t k = 0; k < with.param_count; k++) {
            ck_assert_ptr_eq(with.params[k].value, without.params[k].value);
            ck_assert_int_eq(with.params[k].use, without.params[k].use);
            ck_assert_int_eq(with.params[k].number, without.params[k].number);
        }
        hc__sql_free(&with);
        hc__sql_free(&without);
    }
}

#endif
