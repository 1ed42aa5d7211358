/* Queries, counts and groups. */
#include "driver/sql/private.h"

#include "base/judge.h"

#define FOUND_LIMIT  32 /* words of a MATCH whose places are asked for */
#define GATHER_LIMIT 32 /* rows: of more, who reads them works while the engine finds the next */

static bool joins_some(const hc__compiler *c)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->where, &parts);

    for (size_t i = 0; i < count; i++)
        if (hc__joined(c, parts == NULL ? c->op->where : parts[i]) > 0)
            return true;
    return false;
}

static void put_joined(hc__compiler *c)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->where, &parts);

    for (size_t i = 0; c->joins && i < count; i++) {
        const hc_predicate *p = parts == NULL ? c->op->where : parts[i];
        int number = hc__joined(c, p);

        if (number == 0)
            continue;
        hc__put(c, ",");
        hc__put_name(c, p->kind->name, "");
        hc__put(c, " AS e");
        hc__put_int(c, number);
    }
}

static void put_from(hc__compiler *c, const hc__scope *scope)
{
    hc__put(c, " FROM ");
    if (c->words) {
        hc__put_template(c, scope, c->dialect->words_from, HC_ORDER_ARRIVAL, NULL, 0);
    } else {
        hc__put_name(c, c->op->kind->name, "");
        hc__put_index_hint(c);
    }
    put_joined(c);
}

static bool in_index(const hc_index *index, uint16_t field)
{
    /* All but unique ones have the id. */
    if (field == 0 && (index->flags & HC_INDEX_UNIQUE) == 0)
        return true;
    for (uint32_t i = 0; i < index->field_count; i++) {
        if (index->fields[i] == field)
            return true;
    }
    return false;
}

/* Whether the hinted index alone can tell if the predicate holds. */
static bool answered_by_index(const hc_op *op, const hc_predicate *p)
{
    const hc_index *index = &op->kind->indexes[op->index];

    if (p->test == HC_TEST_AND || p->test == HC_TEST_OR) {
        for (size_t i = 0; i < p->child_count; i++) {
            if (!answered_by_index(op, p->children[i]))
                return false;
        }
        return true;
    }
    if (p->test == HC_TEST_TRUE || p->test == HC_TEST_FALSE)
        return true;
    return p->test != HC_TEST_EXISTS && p->test != HC_TEST_MATCH && in_index(index, p->field);
}

static bool seek_comes_first(const hc__compiler *c)
{
    const hc_op *op = c->op;

    for (size_t i = 0; i < op->order_count; i++) {
        if (c->words || !in_index(&op->kind->indexes[op->index], op->order[i].field))
            return false;
    }
    return true;
}

/* Engines test what an index answers before the rest, and subqueries last, whatever the order of the text. So that a
 * row is counted after all of `where` let it through, what is not certain to come first goes into a CASE with the
 * counter. */
static bool comes_first(const hc__compiler *c, const hc_predicate *p)
{
    return c->words ? p->test == HC_TEST_MATCH : answered_by_index(c->op, p);
}

/* The conjuncts of `where` that come first, or the others. */
static void put_conjuncts(hc__compiler *c, const hc__scope *scope, bool first)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->where, &parts);

    for (size_t i = 0; i < count && c->status == HC_OK; i++) {
        const hc_predicate *p = parts == NULL ? c->op->where : parts[i];

        if (comes_first(c, p) != first)
            continue;
        hc__put(c, " AND ");
        hc__put_predicate(c, scope, p, 1, first && p->test != HC_TEST_AND);
    }
}

static void put_counter(hc__compiler *c)
{
    hc__put(c, c->dialect->scan_counter);
    hc__put_name(c, c->dialect->arrival, "");
    hc__put(c, ")");
}

/* Each part a condition of its own, so that a row leaves at the first one that it fails; none may help an index. */
static void put_plain_filter(hc__compiler *c, const hc__scope *scope)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->filter, &parts);

    for (size_t i = 0; i < count && c->status == HC_OK; i++) {
        hc__put(c, " AND ");
        hc__put(c, c->dialect->no_index);
        hc__put_predicate(c, scope, parts == NULL ? c->op->filter : parts[i], 1, false);
    }
}

static bool all_come_first(const hc__compiler *c)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->where, &parts);

    for (size_t i = 0; i < count; i++) {
        if (!comes_first(c, parts == NULL ? c->op->where : parts[i]))
            return false;
    }
    return true;
}

/* Whether an engine may decide a part of this before it looks at a row, and then end without examining any. */
static bool may_be_decided_first(const hc__compiler *c, const hc_predicate *p)
{
    switch (p->test) {
    case HC_TEST_TRUE:
    case HC_TEST_FALSE:
        return true;
    case HC_TEST_IS_NULL:
    case HC_TEST_NOT_NULL:
        return p->field < c->op->kind->field_count && (c->op->kind->fields[p->field].flags & HC_FIELD_NULLABLE) == 0;
    case HC_TEST_EXISTS:
        return p->inner == HC_NO_FIELD;
    case HC_TEST_AND:
    case HC_TEST_OR:
        for (size_t i = 0; i < p->child_count; i++)
            if (may_be_decided_first(c, p->children[i]))
                return true;
        return false;
    default:
        return false;
    }
}

/* The counter may stand among the conditions only when an index answers everything before it, the seek included: a row
 * counted too early would end the scan too early, and perhaps at a key that an earlier page had. */
static void put_counted(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    bool seek_first = op->seek == NULL || seek_comes_first(c);

    hc__put(c, " WHERE TRUE");
    put_conjuncts(c, scope, true);
    if (op->seek != NULL && seek_first) {
        hc__put(c, " AND ");
        hc__put_seek(c, scope);
    }
    if (seek_first && all_come_first(c) && (op->filter == NULL || !may_be_decided_first(c, op->filter))) {
        hc__put(c, " AND ");
        put_counter(c);
        put_plain_filter(c, scope);
        return;
    }
    hc__put(c, " AND CASE WHEN TRUE");
    put_conjuncts(c, scope, false);
    if (!seek_first) {
        hc__put(c, " AND ");
        hc__put_seek(c, scope);
    }
    /* Each part is the condition of a CASE, which leaves at the first that fails; a plain AND computes both sides. */
    hc__put(c, " THEN CASE WHEN ");
    put_counter(c);
    if (op->filter != NULL) {
        hc__put(c, " THEN CASE WHEN ");
        hc__put_predicate(c, scope, op->filter, 0, false);
        hc__put(c, " THEN TRUE END END END");
    } else {
        hc__put(c, " THEN TRUE END END");
    }
}

/* WHERE with all that is given. `filter` is left out when it is a result column. */
static void put_conditions(hc__compiler *c, const hc__scope *scope, bool filter)
{
    const hc_op *op = c->op;
    const char *lead = " WHERE ";

    if (op->where != NULL) {
        hc__put(c, lead);
        hc__put_predicate(c, scope, op->where, 0, true);
        lead = " AND ";
    }
    if (op->seek != NULL) {
        hc__put(c, lead);
        hc__put_seek(c, scope);
        lead = " AND ";
    }
    if (filter && op->filter != NULL) {
        hc__put(c, lead);
        hc__put_predicate(c, scope, op->filter, 0, true);
    }
}

/* Which words of the MATCH stand in one of the fields that it looks at. */
static void put_found(hc__compiler *c, const hc__scope *scope, uint16_t position)
{
    const hc_op *op = c->op;
    const hc_predicate *match = hc__sql_top_match(op->where);
    bool by_arrival = op->order_count == 1 && op->order[0].field == HC_ORDER_ARRIVAL;

    if (match == NULL || !by_arrival || position < match->field || position > hc__match_last(match) ||
        match->value_count > FOUND_LIMIT) {
        hc__misuse(c, "tokens are never read back, and found words only of a MATCH by arrival");
        return;
    }
    if (c->dialect->words_found != NULL) {
        hc__put_template(c, scope, c->dialect->words_found, position, match->values, match->value_count);
        return;
    }
    c->last = position;
    for (size_t i = 0; i < match->value_count && c->status == HC_OK; i++) {
        hc__put(c, i > 0 ? " + CASE WHEN " : "CASE WHEN ");
        hc__put_template(c, scope, c->dialect->word_found, position, &match->values[i], 1);
        hc__put(c, " THEN ");
        hc__put_int(c, INT64_C(1) << i);
        hc__put(c, " ELSE 0 END");
    }
}

/* The name of a column between the scan and what is given of it. */
static void put_alias(hc__compiler *c, const char *lead, size_t column)
{
    hc__put(c, lead);
    hc__put_int(c, (int64_t)column);
}

static void put_projection(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    /* Only words that are found have parameters, by arrival, and only where no call of the engine finds them. */
    bool found = op->order_count == 1 && op->order[0].field == HC_ORDER_ARRIVAL && c->dialect->words_found == NULL;
    size_t count = c->sql->want_text || found ? op->field_count : 0;

    hc__put(c, c->dialect->row_open);
    for (size_t i = 0; i < count && c->status == HC_OK; i++) {
        const hc_field *field = hc__field(c, op->kind, op->fields[i]);

        hc__put(c, i > 0 ? "," : "");
        if (field != NULL && field->type == HC_TYPE_TOKENS)
            put_found(c, scope, op->fields[i]);
        else
            hc__put_column(c, scope, op->fields[i]);
    }
    if (op->field_count == 0)
        hc__put(c, "1");
    hc__put(c, c->dialect->row_close);
}

static void put_filter_value(hc__compiler *c, const hc__scope *scope)
{
    if (c->op->filter != NULL)
        hc__put_predicate(c, scope, c->op->filter, 0, false);
    else
        hc__put(c, "TRUE");
}

static int64_t one_more(int64_t number)
{
    return number < INT64_MAX ? number + 1 : INT64_MAX;
}

static bool is_true(const hc_predicate *p)
{
    if (p == NULL || p->test == HC_TEST_TRUE)
        return true;
    for (size_t i = 0; p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (!is_true(p->children[i]))
            return false;
    }
    return p->test == HC_TEST_AND;
}

/* The order keys as they are called between the scan and what is given of it. */
static void put_keys(hc__compiler *c)
{
    for (size_t i = 0; c->sql->want_text && i < c->op->order_count; i++)
        put_alias(c, i > 0 ? ",hc_" : "hc_", i);
}

/* One row more than may be examined, each as one column: what the engine's window functions carry along is short so. */
static void put_scanned(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    bool filtered = !is_true(op->filter);

    hc__put(c, "(SELECT ");
    if (filtered) {
        hc__put(c, "CASE WHEN ");
        hc__put_predicate(c, scope, op->filter, 0, false);
        hc__put(c, " THEN ");
    }
    put_projection(c, scope);
    hc__put(c, filtered ? " END AS hc_r" : " AS hc_r");
    for (size_t i = 0; i < op->order_count; i++) {
        hc__put(c, ",");
        hc__put_order_column(c, scope, &op->order[i]);
        put_alias(c, " AS hc_", i);
    }
    put_from(c, scope);
    put_conditions(c, scope, false);
    hc__put_order(c, scope);
    hc__put(c, " LIMIT ");
    hc__put_number(c, HC__NUMBER_SCAN_MORE);
    hc__put(c, ") AS hc_q");
}

/* See HC__SCAN_WINDOW. Beside the matches at most one row that does not match comes before the scan's end. */
static void put_windowed(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;
    const char *lead = op->order_count > 0 ? "," : "";

    hc__put(c, "SELECT hc_n,hc_r,CASE WHEN hc_n >= ");
    hc__put_number(c, HC__NUMBER_SCAN);
    hc__put(c, " THEN ");
    hc__put(c, c->dialect->row_open);
    put_keys(c);
    hc__put(c, c->dialect->row_close);
    hc__put(c, " END AS hc_k FROM (SELECT row_number() OVER () AS hc_n,lead(1) OVER () IS NULL AS hc_z,hc_r");
    hc__put(c, lead);
    put_keys(c);
    hc__put(c, " FROM ");
    put_scanned(c, scope);
    hc__put(c, ") AS hc_s WHERE hc_r IS DISTINCT FROM NULL OR hc_n >= ");
    hc__put_number(c, HC__NUMBER_SCAN);
    hc__put(c, " OR hc_z");
    if (op->limit != 0) {
        hc__put(c, " LIMIT ");
        hc__put_number(c, HC__NUMBER_LIMIT_MORE);
    }
}

/* One row more than may be examined tells whether the scan was cut. Without a filter every row is a match. */
static int64_t flagged_limit(const hc_op *op)
{
    int64_t most = one_more(op->scan_limit);

    return op->limit != 0 && op->limit < most && is_true(op->filter) ? op->limit : most;
}

int64_t hc__number_of(const hc_op *op, int32_t which)
{
    switch (which) {
    case HC__NUMBER_LIMIT:
        return op->limit;
    case HC__NUMBER_LIMIT_MORE:
        return one_more(op->limit);
    case HC__NUMBER_SCAN:
        return op->scan_limit;
    case HC__NUMBER_SCAN_MORE:
        return one_more(op->scan_limit);
    case HC__NUMBER_FLAGGED:
        return flagged_limit(op);
    case HC__NUMBER_NONE:
        return 0;
    default:
        return op->expect;
    }
}

static size_t given_at(const hc_op *op, uint16_t field)
{
    size_t at = 0;

    while (at < op->field_count && op->fields[at] != field)
        at++;
    return at;
}

uint32_t hc__sql_key_column(const hc_op *op, size_t key)
{
    size_t at = key < op->order_count ? given_at(op, op->order[key].field) : op->field_count, column;

    if (at < op->field_count)
        return (uint32_t)at;
    column = op->field_count == 0 ? 1 : op->field_count;
    for (size_t i = 0; i < key; i++)
        column += given_at(op, op->order[i].field) == op->field_count;
    return (uint32_t)column;
}

/* See HC__SCAN_NUMBERED. */
static void put_numbered(hc__compiler *c, const hc__scope *scope)
{
    const hc_op *op = c->op;

    hc__put(c, "SELECT ");
    hc__put(c, c->dialect->numbers);
    put_projection(c, scope);
    for (size_t i = 0; i < op->order_count; i++) {
        if (given_at(op, op->order[i].field) < op->field_count)
            continue;
        hc__put(c, ",");
        hc__put_order_column(c, scope, &op->order[i]);
    }
    put_from(c, scope);
    put_conditions(c, scope, false);
    hc__put(c, op->where != NULL || op->seek != NULL ? " AND " : " WHERE ");
    hc__put(c, c->dialect->number_open);
    put_filter_value(c, scope);
    for (const char *at = c->dialect->number_close; *at != '\0'; at++) {
        if (at[0] == '%') {
            int32_t which = *++at == 'b' ? HC__NUMBER_NONE : HC__NUMBER_SCAN;

            hc__put_param(
                c, (hc__param){.count = (uint32_t)which, .use = HC__PARAM_SCANNED, .number = hc__number_of(op, which)});
        } else if (c->sql->want_text) {
            hc__buf_char(&c->sql->text, *at);
        }
    }
    hc__put_order(c, scope);
    hc__put(c, " LIMIT ");
    hc__put_number(c, HC__NUMBER_LIMIT);
}

/* `where` lets through rows, or nothing but rows, whose sort key is null: an engine looks them up, and then sorts. */
static bool looks_up_null(const hc_op *op, const hc_predicate *p)
{
    bool several = p != NULL && (p->test == HC_TEST_AND || p->test == HC_TEST_OR);

    for (size_t i = 0; several && i < p->child_count; i++) {
        if (looks_up_null(op, p->children[i]))
            return true;
    }
    for (size_t i = 0; p != NULL && p->test == HC_TEST_IS_NULL && i < op->order_count; i++) {
        if (op->order[i].field == p->field)
            return true;
    }
    return false;
}

bool hc__sql_may_number(const hc__dialect *dialect, const hc_op *op)
{
    return op->verb == HC_VERB_QUERY && dialect->numbers != NULL && op->scan_limit != 0 && op->limit != 0 &&
           !is_true(op->filter) && (hc__index_orders(op) || hc__walks_arrival(dialect, op)) &&
           /* Else another index may be walked, and the rows sorted once all are numbered; as they are behind a null. */
           hc__takes_hint(dialect, op) && (op->seek == NULL || op->seek[0].type != HC_TYPE_NULL) &&
           !looks_up_null(op, op->where);
}

size_t hc__sql_most_rows(const hc_op *op)
{
    const hc_predicate *ids = hc__ids_test(op->where);
    size_t named = ids == NULL ? SIZE_MAX : ids->value_count;

    return op->limit > 0 && (uint64_t)op->limit < named ? (size_t)op->limit : named;
}

/* Only a LIMIT keeps an engine that works in parallel from passing over the order of what it makes an array of. */
bool hc__sql_gathers(const hc__dialect *dialect, const hc_op *op)
{
    size_t most = op->verb == HC_VERB_QUERY && dialect->gather != NULL ? hc__sql_most_rows(op) : 0;

    return most > 1 && most <= GATHER_LIMIT && (op->limit > 0 || op->order_count == 0);
}

/* The order of arrival and words are columns that the text names without their table. */
static bool knows_its_columns(const hc_op *op)
{
    return hc__sql_top_match(op->where) == NULL && hc__sql_top_match(op->filter) == NULL &&
           (op->order_count == 0 || op->order[0].field != HC_ORDER_ARRIVAL);
}

static void put_plain(hc__compiler *c, const hc__scope *scope, int scan)
{
    const hc_op *op = c->op;
    bool flag = op->scan_limit != 0 && scan == HC__SCAN_FLAG;
    bool counter = op->scan_limit != 0 && scan == HC__SCAN_COUNTER;

    hc__put(c, "SELECT ");
    if (flag) {
        put_filter_value(c, scope);
        hc__put(c, ",");
    }
    put_projection(c, scope);
    if (hc__sql_gathers(c->dialect, op))
        hc__put(c, " AS hc_r");
    for (size_t i = 0; flag && i < op->order_count; i++) {
        hc__put(c, ",");
        hc__put_order_column(c, scope, &op->order[i]);
    }
    put_from(c, scope);
    if (counter)
        put_counted(c, scope);
    else
        put_conditions(c, scope, !flag);
    hc__put_order(c, scope);
    if (flag || op->limit != 0) {
        hc__put(c, " LIMIT ");
        hc__put_number(c, flag ? HC__NUMBER_FLAGGED : HC__NUMBER_LIMIT);
    }
}

/* See hc__sql_gathers(). */
static void open_gathered(hc__compiler *c, bool windowed)
{
    static const char *const columns[] = {"hc_n", "hc_r", "hc_k"};
    size_t first = windowed ? 0 : 1, last = windowed ? 2 : 1;

    for (size_t i = first; i <= last; i++) {
        hc__put(c, i == first ? "SELECT " : ",");
        hc__put(c, c->dialect->gather);
        hc__put(c, i > 0 ? c->dialect->row_bytes : "");
        hc__put(c, columns[i]);
        hc__put(c, i > 0 ? "))" : ")");
    }
    hc__put(c, " FROM (");
}

void hc__put_query(hc__compiler *c, int scan)
{
    const hc_op *op = c->op;
    bool windowed = op->scan_limit != 0 && scan == HC__SCAN_WINDOW;
    bool numbered = op->scan_limit != 0 && scan == HC__SCAN_NUMBERED;
    bool gathered = hc__sql_gathers(c->dialect, op);
    hc__scope scope = {.kind = op->kind};

    if (op->seek != NULL && op->order_count == 0) {
        hc__misuse(c, "a seek without an order");
        return;
    }
    c->joins = c->dialect->joins_named && (op->scan_limit == 0 || scan == HC__SCAN_FLAG) && knows_its_columns(op);
    scope.qualified = c->words || joins_some(c);
    if (gathered)
        open_gathered(c, windowed);
    if (windowed)
        put_windowed(c, &scope);
    else if (numbered)
        put_numbered(c, &scope);
    else
        put_plain(c, &scope, scan);
    hc__put(c, gathered ? ") AS hc_t" : "");
}

void hc__put_count(hc__compiler *c, int scan)
{
    const hc_op *op = c->op;
    hc__scope scope = {NULL, op->kind, 0, false, false};

    if (op->scan_limit != 0 && scan == HC__SCAN_WINDOW) {
        hc__put(c, "SELECT count(CASE WHEN hc_m AND hc_n <= ");
        hc__put_number(c, HC__NUMBER_SCAN);
        hc__put(c, " THEN 1 END), count(*) FROM (SELECT hc_m, row_number() OVER () AS hc_n FROM (SELECT ");
        put_filter_value(c, &scope);
        hc__put(c, " AS hc_m");
        put_from(c, &scope);
        put_conditions(c, &scope, false);
        hc__put_order(c, &scope);
        hc__put(c, " LIMIT ");
        hc__put_number(c, HC__NUMBER_SCAN_MORE);
        hc__put(c, ") AS hc_r) AS hc_s");
        return;
    }
    hc__put(c, op->limit != 0 ? "SELECT count(*) FROM (SELECT 1" : "SELECT count(*)");
    put_from(c, &scope);
    put_conditions(c, &scope, true);
    if (op->limit != 0) {
        hc__put(c, " LIMIT ");
        hc__put_number(c, HC__NUMBER_LIMIT);
        hc__put(c, ") AS n");
    }
}

static void put_group_value(hc__compiler *c, const hc__scope *scope)
{
    const hc_group *group = c->op->group;
    const hc_field *field = hc__field(c, scope->kind, group->field);

    if (field == NULL || field->type == HC_TYPE_TOKENS) {
        hc__misuse(c, "a group of tokens");
    } else if (group->how == HC_GROUP_VALUE) {
        hc__put_column(c, scope, group->field);
    } else if (group->how == HC_GROUP_DAY && field->type == HC_TYPE_TIME) {
        hc__put_template(c, scope, c->dialect->day, group->field, NULL, 0);
    } else if (group->how == HC_GROUP_BOUNDS) {
        hc__put(c, "CASE WHEN ");
        hc__put_column(c, scope, group->field);
        hc__put(c, " IS NULL THEN NULL");
        for (uint32_t i = group->bound_count; i > 0; i--) {
            hc__put(c, " WHEN ");
            hc__put_column(c, scope, group->field);
            hc__put(c, " >= ");
            hc__put_value(c, &group->bounds[i - 1], field);
            hc__put(c, " THEN ");
            hc__put_int(c, i);
        }
        hc__put(c, " ELSE 0 END");
    } else {
        hc__misuse(c, "an unknown way to group");
    }
}

/* With a scan limit the rows are bounded first and carry the filter along, so that the examined ones can be counted. */
void hc__put_group(hc__compiler *c)
{
    const hc_op *op = c->op;
    hc__scope scope = {NULL, op->kind, 0, false, false};
    bool bounded = op->scan_limit != 0;

    if (op->group == NULL) {
        hc__misuse(c, "a group without its field");
        return;
    }
    hc__put(c, bounded ? "SELECT g, count(CASE WHEN m THEN 1 END), count(*) FROM (SELECT " : "SELECT ");
    put_group_value(c, &scope);
    if (bounded) {
        hc__put(c, " AS g, ");
        put_filter_value(c, &scope);
        hc__put(c, " AS m");
    } else {
        hc__put(c, ", count(*)");
    }
    put_from(c, &scope);
    put_conditions(c, &scope, !bounded);
    if (bounded) {
        hc__put(c, " LIMIT ");
        hc__put_number(c, HC__NUMBER_SCAN);
        hc__put(c, ") AS n");
    }
    hc__put(c, " GROUP BY 1");
}
