#include "driver/sql/private.h"

#include <string.h>

#include "base/fail.h"

void hc__misuse(hc__compiler *c, const char *what)
{
    if (c->status == HC_OK)
        c->status = hc__fail_from(c->err, c->dialect->name, HC_ERR_MISUSE, NULL,
                                  "a storage operation is not well formed: %s", what);
}

void hc__put_int(hc__compiler *c, int64_t value)
{
    if (c->sql->want_text)
        hc__buf_int(&c->sql->text, value);
}

void hc__sql_name(hc__buf *out, const hc__dialect *dialect, const char *name, const char *suffix)
{
    hc__buf_char(out, dialect->quote);
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == dialect->quote)
            hc__buf_char(out, dialect->quote);
        hc__buf_char(out, *at);
    }
    hc__buf_text(out, suffix);
    hc__buf_char(out, dialect->quote);
}

void hc__sql_index_name(hc__buf *out, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index)
{
    /* Names of indexes are shared by all tables of a schema on some engines. */
    hc__buf_char(out, dialect->quote);
    hc__buf_text(out, kind->name);
    hc__buf_char(out, '_');
    hc__buf_text(out, index->name);
    hc__buf_char(out, dialect->quote);
}

bool hc__sql_index_lacks_id(const hc_index *index)
{
    for (uint32_t i = 0; i < index->field_count; i++) {
        if (index->fields[i] == 0)
            return false;
    }
    return (index->flags & HC_INDEX_UNIQUE) == 0;
}

static bool reserve(hc__sql *sql)
{
    size_t capacity = sql->param_capacity == 0 ? 64 : sql->param_capacity * 2;
    hc__param *grown;

    if (sql->param_count < sql->param_capacity)
        return true;
    grown = hc__realloc(sql->text.mem, sql->own, capacity, sizeof(*grown));
    if (grown == NULL) {
        sql->failed = true;
        return false;
    }
    sql->own = grown;
    sql->param_capacity = capacity;
    return true;
}

void hc__put_param(hc__compiler *c, hc__param param)
{
    hc__sql *sql = c->sql;
    const char *at = c->dialect->placeholder;

    if (!reserve(sql))
        return;
    sql->own[sql->param_count++] = param;
    if (!sql->want_text)
        return;
    for (; *at != '\0'; at++) {
        if (at[0] == '%' && at[1] == 'n') {
            hc__buf_int(&sql->text, (int64_t)sql->param_count);
            at++;
        } else {
            hc__buf_char(&sql->text, *at);
        }
    }
}

void hc__put_value(hc__compiler *c, const hc_value *value, const hc_field *field)
{
    /* A tag that is not the column's would be bound as something else. */
    if (value->type != field->type && value->type != HC_TYPE_NULL)
        hc__misuse(c, "a value has another type than its field");
    else
        hc__put_param(c, (hc__param){value, field, NULL, NULL, 1, HC__PARAM_VALUE, 0});
}

void hc__put_time(hc__compiler *c, const hc_value *value, const hc_field *field)
{
    hc__param param = {value, field, NULL, NULL, 1, HC__PARAM_VALUE, 0};
    const char *at = c->dialect->now;

    if (value->type != HC_TYPE_NOW || field->type != HC_TYPE_TIME) {
        hc__put_value(c, value, field);
    } else if (at == NULL) {
        hc__put_param(c, param);
    } else {
        for (; *at != '\0'; at++) {
            if (at[0] == '%' && at[1] == 'v') {
                hc__put_param(c, param);
                at++;
            } else if (c->sql->want_text) {
                hc__buf_char(&c->sql->text, *at);
            }
        }
    }
}

void hc__put_number(hc__compiler *c, int32_t which)
{
    hc__put_param(c,
                  (hc__param){NULL, NULL, NULL, NULL, (uint32_t)which, HC__PARAM_NUMBER, hc__number_of(c->op, which)});
}

const hc_field *hc__field(hc__compiler *c, const hc_kind *kind, uint16_t position)
{
    if (position < kind->field_count)
        return &kind->fields[position];
    hc__misuse(c, "a field position is out of range");
    return NULL;
}

/* The table or alias with a dot; nothing when no other table is in sight. */
static void put_qualifier(hc__compiler *c, const hc__scope *scope)
{
    if (!c->sql->want_text)
        return;
    if (scope->depth > 0) {
        hc__put(c, "e");
        hc__put_int(c, scope->depth);
        hc__put(c, ".");
    } else if (scope->qualified) {
        hc__put_name(c, scope->kind->name, "");
        hc__put(c, ".");
    }
}

const hc_set *hc__set_of(const hc_op *op, uint16_t position)
{
    for (size_t i = 0; i < op->set_count; i++) {
        if (op->sets[i].field == position)
            return &op->sets[i];
    }
    return NULL;
}

/* The value that an insert sets, where a predicate would read the row. */
static void put_inserted(hc__compiler *c, const hc_field *field, uint16_t position)
{
    const hc_set *set = hc__set_of(c->op, position);

    if (set == NULL)
        hc__misuse(c, "the predicate of an insert reads a field that it does not set");
    else
        hc__put_time(c, &set->value, field);
}

void hc__put_column(hc__compiler *c, const hc__scope *scope, uint16_t position)
{
    const hc_field *field = hc__field(c, scope->kind, position);

    if (field == NULL)
        return;
    if (scope->no_row) {
        put_inserted(c, field, position);
        return;
    }
    if (!c->sql->want_text)
        return;
    put_qualifier(c, scope);
    hc__put_name(c, field->name, "");
}

static int64_t tokens_before(const hc_kind *kind, uint16_t position)
{
    int64_t count = 0;

    for (uint16_t i = 0; i < position; i++)
        count += kind->fields[i].type == HC_TYPE_TOKENS;
    return count;
}

static void put_token_columns(hc__compiler *c, const hc__scope *scope)
{
    bool first = true;

    for (uint16_t i = 0; c->sql->want_text && i < scope->kind->field_count; i++) {
        if (scope->kind->fields[i].type != HC_TYPE_TOKENS)
            continue;
        hc__put(c, first ? "" : ",");
        hc__put_column(c, scope, i);
        first = false;
    }
}

/* One letter after a %. Order of parameters is the order of letters, with and without text. */
static void put_letter(hc__compiler *c, const hc__scope *scope, char letter, uint16_t position, const hc_value *values,
                       size_t count)
{
    const hc_field *field = position == HC_ORDER_ARRIVAL ? NULL : &scope->kind->fields[position];

    switch (letter) {
    case 'c':
        hc__put_column(c, scope, position);
        break;
    case 'r':
        put_qualifier(c, scope);
        break;
    case 'w':
        hc__put_name(c, scope->kind->name, "_words");
        break;
    case 'k':
        hc__put_name(c, scope->kind->name, "");
        break;
    case 'h':
        hc__put_index_hint(c);
        break;
    case 't':
        put_token_columns(c, scope);
        break;
    case 'l':
        hc__put_param(c, (hc__param){values, field, scope->kind, NULL, 1, HC__PARAM_WORD, 0});
        break;
    case 'f':
        hc__put_int(c, tokens_before(scope->kind, position));
        break;
    case 'q':
        hc__put_int(c, (int64_t)count);
        break;
    case 'v':
        hc__put_value(c, values, field);
        break;
    case 'a':
        hc__put_param(c, (hc__param){values, field, NULL, NULL, (uint32_t)count, HC__PARAM_ARRAY, 0});
        break;
    case 'b':
        hc__put_param(c, (hc__param){values, field, NULL, NULL, 1, HC__PARAM_BELOW, 0});
        break;
    case 'm':
        hc__put_param(c, (hc__param){values, field, scope->kind, &scope->kind->fields[c->last], (uint32_t)count,
                                     HC__PARAM_MATCH, 0});
        break;
    case '%':
        hc__put(c, "%");
        break;
    default:
        hc__misuse(c, "the dialect's template has an unknown letter");
        break;
    }
}

void hc__put_template(hc__compiler *c, const hc__scope *scope, const char *text, uint16_t position,
                      const hc_value *values, size_t count)
{
    for (const char *at = text; *at != '\0' && c->status == HC_OK; at++) {
        if (at[0] == '%' && at[1] != '\0')
            put_letter(c, scope, *++at, position, values, count);
        else if (c->sql->want_text)
            hc__buf_char(&c->sql->text, *at);
    }
}
