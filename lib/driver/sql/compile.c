#include "driver/sql/private.h"

#include "base/fail.h"

void hc__sql_init(hc__sql *sql, const hc__mem *mem, bool want_text)
{
    *sql = (hc__sql){.want_text = want_text};
    hc__buf_init(&sql->text, mem);
}

void hc__sql_free(hc__sql *sql)
{
    hc__free(sql->text.mem, sql->own);
    hc__buf_free(&sql->text);
    sql->params = sql->own = NULL;
    sql->param_count = sql->param_capacity = 0;
}

bool hc__sql_has_tokens(const hc_kind *kind)
{
    for (uint32_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type == HC_TYPE_TOKENS)
            return true;
    }
    return false;
}

static bool is_tokens(const hc_op *op, const hc_set *set)
{
    return set->field < op->kind->field_count && op->kind->fields[set->field].type == HC_TYPE_TOKENS;
}

/* The driver stores it elsewhere. */
static bool is_left_out(const hc__compiler *c, const hc_set *set)
{
    return !c->dialect->token_columns && is_tokens(c->op, set);
}

bool hc__sql_sets_tokens(const hc_op *op)
{
    for (size_t i = 0; i < op->set_count; i++) {
        if (is_tokens(op, &op->sets[i]))
            return true;
    }
    return false;
}

/* ---- writes -------------------------------------------------------------------------------------------------------
 */

static void put_where(hc__compiler *c, const hc__scope *scope)
{
    if (c->op->where == NULL)
        return;
    hc__put(c, " WHERE ");
    hc__put_predicate(c, scope, c->op->where, 0, true);
}

/* The values that one unique key would get, where the statement sets them all. */
static void put_taken(hc__compiler *c, const uint16_t *fields, uint32_t count, const char *lead)
{
    const hc_op *op = c->op;

    for (uint32_t i = 0; i < count; i++) {
        if (hc__set_of(op, fields[i]) == NULL)
            return;
    }
    hc__put(c, lead);
    hc__put(c, "NOT EXISTS (SELECT 1 FROM ");
    hc__put_name(c, op->kind->name, "");
    hc__put(c, " AS u WHERE ");
    for (uint32_t i = 0; i < count && c->status == HC_OK; i++) {
        hc__put(c, i > 0 ? " AND u." : "u.");
        hc__put_name(c, op->kind->fields[fields[i]].name, "");
        hc__put(c, " = ");
        hc__put_time(c, &hc__set_of(op, fields[i])->value, &op->kind->fields[fields[i]]);
    }
    hc__put(c, ")");
}

/* A key that is taken for all to see is passed over without a try, which would lock it. */
static void put_absent(hc__compiler *c)
{
    static const uint16_t id = 0;
    const hc_op *op = c->op;

    put_taken(c, &id, 1, op->where == NULL ? " WHERE " : " AND ");
    for (uint32_t i = 0; i < op->kind->index_count; i++) {
        if ((op->kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0)
            put_taken(c, op->kind->indexes[i].fields, op->kind->indexes[i].field_count, " AND ");
    }
}

static void put_insert(hc__compiler *c)
{
    const hc_op *op = c->op;
    hc__scope scope = {NULL, op->kind, 0, false, true};
    bool asks = op->verb == HC_VERB_INSERT_IF_ABSENT && c->dialect->absent == NULL && hc__set_of(op, 0) != NULL;
    bool selects = op->where != NULL || asks, first = true;

    hc__put(c, "INSERT INTO ");
    hc__put_name(c, op->kind->name, "");
    hc__put(c, " (");
    for (size_t i = 0; c->sql->want_text && i < op->set_count; i++) {
        const hc_field *field = hc__field(c, op->kind, op->sets[i].field);

        if (field == NULL || is_left_out(c, &op->sets[i]))
            continue;
        hc__put(c, first ? "" : ",");
        hc__put_name(c, field->name, "");
        first = false;
    }
    hc__put(c, selects ? ") SELECT " : ") VALUES (");
    first = true;
    for (size_t i = 0; i < op->set_count && c->status == HC_OK; i++) {
        const hc_field *field = hc__field(c, op->kind, op->sets[i].field);

        if (field == NULL || is_left_out(c, &op->sets[i]))
            continue;
        hc__put(c, first ? "" : ",");
        hc__put_time(c, &op->sets[i].value, field);
        first = false;
    }
    hc__put(c, selects ? c->dialect->from_nothing : ")");
    put_where(c, &scope);
    if (asks)
        put_absent(c);
    else if (op->verb == HC_VERB_INSERT_IF_ABSENT)
        hc__put(c, c->dialect->absent);
}

static void put_id_index(hc__compiler *c)
{
    hc__buf *out = &c->sql->text;

    hc__buf_char(out, c->dialect->quote);
    hc__buf_text(out, c->dialect->id_before);
    hc__buf_text(out, c->dialect->id_plain ? "" : c->op->kind->name);
    hc__buf_text(out, c->dialect->id_after);
    hc__buf_char(out, c->dialect->quote);
}

static bool has_match(const hc_predicate *p)
{
    for (size_t i = 0; p != NULL && i < p->child_count; i++) {
        if (has_match(p->children[i]))
            return true;
    }
    return p != NULL && p->test == HC_TEST_MATCH;
}

static bool hints_arrival(const hc_op *op)
{
    return op->index >= 0 && (uint32_t)op->index < op->kind->index_count &&
           (op->kind->indexes[op->index].flags & HC_INDEX_ARRIVAL) != 0;
}

bool hc__walks_arrival(const hc__dialect *dialect, const hc_op *op)
{
    return dialect->walks_arrival && hints_arrival(op) && op->order_count == 1 &&
           op->order[0].field == HC_ORDER_ARRIVAL;
}

bool hc__takes_hint(const hc__dialect *dialect, const hc_op *op)
{
    bool beside = op->verb == HC_VERB_REMOVE_WHERE || has_match(op->where) || has_match(op->filter);

    return op->index != HC_INDEX_ANY && dialect->index_hint != NULL &&
           (dialect->hints_anywhere || !beside || hc__walks_arrival(dialect, op));
}

void hc__put_index_hint(hc__compiler *c)
{
    const hc_op *op = c->op;
    const char *at = c->dialect->index_hint;

    if (!c->sql->want_text || !hc__takes_hint(c->dialect, op))
        return;
    if (op->index != HC_INDEX_ID && (op->index < 0 || (uint32_t)op->index >= op->kind->index_count)) {
        hc__misuse(c, "an index hint is out of range");
        return;
    }
    /* A search of words uses an index by arrival and no other; without one, a driver may not even have it. */
    for (; *at != '\0' && hints_arrival(op) == (c->words || c->walks); at++) {
        if (at[0] == '%' && at[1] == 'i') {
            if (op->index == HC_INDEX_ID)
                put_id_index(c);
            else
                hc__sql_index_name(&c->sql->text, c->dialect, op->kind, &op->kind->indexes[op->index]);
            at++;
        } else {
            hc__buf_char(&c->sql->text, *at);
        }
    }
}

static void put_set(hc__compiler *c, const hc_set *set, const hc_field *field)
{
    hc__put_name(c, field->name, "");
    hc__put(c, " = ");
    if (set->how == HC_SET_ADD) {
        hc__put_name(c, field->name, "");
        hc__put(c, " + ");
    }
    hc__put_time(c, &set->value, field);
}

bool hc__sql_holds(const hc__dialect *dialect, const hc_op *op)
{
    bool holds = dialect->hold != NULL && op->verb == HC_VERB_UPDATE_WHERE && op->set_count > 0 && op->kind != NULL;

    for (size_t i = 0; holds && i < op->set_count; i++) {
        const hc_set *set = &op->sets[i];

        holds = set->how == HC_SET_ADD && set->value.as.integer == 0 && set->field < op->kind->field_count &&
                set->value.type == op->kind->fields[set->field].type &&
                (set->value.type == HC_TYPE_INT32 || set->value.type == HC_TYPE_INT64);
    }
    return holds;
}

static void put_hold(hc__compiler *c)
{
    hc__scope scope = {NULL, c->op->kind, 0, false, false};

    hc__put(c, "SELECT 1 FROM ");
    hc__put_name(c, c->op->kind->name, "");
    hc__put_index_hint(c);
    put_where(c, &scope);
    hc__put(c, c->dialect->hold);
}

static void put_update(hc__compiler *c)
{
    const hc_op *op = c->op;
    hc__scope scope = {NULL, op->kind, 0, false, false};
    bool first = true;

    hc__put(c, "UPDATE ");
    hc__put_name(c, op->kind->name, "");
    hc__put_index_hint(c);
    hc__put(c, " SET ");
    for (size_t i = 0; i < op->set_count && c->status == HC_OK; i++) {
        const hc_field *field = hc__field(c, op->kind, op->sets[i].field);

        if (field == NULL || is_left_out(c, &op->sets[i]))
            continue;
        hc__put(c, first ? "" : ", ");
        put_set(c, &op->sets[i], field);
        first = false;
    }
    if (first) { /* only words change, but the statement must still find the rows */
        hc__put_name(c, op->kind->fields[0].name, "");
        hc__put(c, " = ");
        hc__put_name(c, op->kind->fields[0].name, "");
    }
    put_where(c, &scope);
    if (c->dialect->returning != NULL && hc__sql_sets_tokens(op))
        hc__put(c, c->dialect->returning);
}

static void put_remove(hc__compiler *c)
{
    hc__scope scope = {NULL, c->op->kind, 0, false, false};

    hc__put(c, "DELETE FROM ");
    hc__put_name(c, c->op->kind->name, "");
    hc__put_index_hint(c);
    put_where(c, &scope);
    if (c->dialect->returning != NULL && hc__sql_has_tokens(c->op->kind))
        hc__put(c, c->dialect->returning);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------
 */

bool hc__sql_expects(const hc__dialect *dialect, const hc_op *op)
{
    /* A plain insert writes one row or fails. */
    bool certain = op->verb == HC_VERB_INSERT && op->where == NULL && op->expect == 1;

    return dialect->expect_open != NULL && op->verb <= HC_VERB_REMOVE_WHERE && op->expect >= 0 && !certain;
}

static void put_expected(hc__compiler *c)
{
    for (const char *at = c->dialect->expect_close; *at != '\0'; at++) {
        if (at[0] == '%' && at[1] == 'v') {
            hc__put_number(c, HC__NUMBER_EXPECT);
            at++;
        } else if (c->sql->want_text) {
            hc__buf_char(&c->sql->text, *at);
        }
    }
}

static void put_operation(hc__compiler *c, int scan)
{
    const hc_op *op = c->op;
    bool writes = op->verb <= HC_VERB_REMOVE_WHERE;
    bool expects, holds;

    if (op->kind == NULL || op->order_count > HC_ORDER_LIMIT || (writes && (op->filter != NULL || op->limit != 0))) {
        hc__misuse(c, "no kind, too many sort keys, or a write with a filter or limit");
        return;
    }
    expects = hc__sql_expects(c->dialect, op);
    holds = hc__sql_holds(c->dialect, op);
    if (expects)
        hc__put(c, c->dialect->expect_open);
    switch (op->verb) {
    case HC_VERB_INSERT:
    case HC_VERB_INSERT_IF_ABSENT:
        put_insert(c);
        break;
    case HC_VERB_UPDATE_WHERE:
        if (holds)
            put_hold(c);
        else
            put_update(c);
        break;
    case HC_VERB_REMOVE_WHERE:
        put_remove(c);
        break;
    case HC_VERB_QUERY:
        hc__put_query(c, scan);
        break;
    case HC_VERB_COUNT:
        hc__put_count(c, scan);
        break;
    case HC_VERB_GROUP:
        hc__put_group(c);
        break;
    default:
        hc__misuse(c, "an unknown verb");
        break;
    }
    if (expects && !holds)
        hc__put(c, c->dialect->changed);
    if (expects)
        put_expected(c);
}

static bool words_drive(const hc__dialect *dialect, const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && dialect->words_from != NULL && op->order_count == 1 &&
           op->order[0].field == HC_ORDER_ARRIVAL && hc__sql_top_match(op->where) != NULL;
}

bool hc__sql_may_count(const hc__dialect *dialect, const hc_op *op)
{
    if (op->verb != HC_VERB_QUERY || op->scan_limit == 0 || dialect->scan_counter == NULL)
        return false;
    return words_drive(dialect, op) || (op->index >= 0 && (uint32_t)op->index < op->kind->index_count);
}

hc_status hc__sql_compile(hc__sql *sql, const hc__dialect *dialect, const hc_op *op, int scan, hc_error *err)
{
    hc__compiler c = {.sql = sql, .dialect = dialect, .op = op, .err = err};

    if (sql->want_text)
        hc__buf_clear(&sql->text);
    sql->param_count = 0;
    sql->failed = false;
    c.words = op->kind != NULL && words_drive(dialect, op);
    c.walks = op->kind != NULL && hc__walks_arrival(dialect, op);
    put_operation(&c, scan);
    sql->params = sql->own;
    if (c.status < 0)
        return c.status;
    return sql->failed || sql->text.failed ? hc__no_memory(err) : HC_OK;
}
