/* Whether an operation makes sense, before anything is done. The core sends none that does not, but a driver that
 * trusts a position it was given reads beyond its rows. */
#include "memtable.h"

#define DEPTH 32
#define WORDS 32 /* of a MATCH whose places are asked for: a bit each */

static hc_status misuse(hc_error *err, const char *what)
{
    return mt_fail(err, HC_ERR_MISUSE, NULL, "%s", what);
}

static bool is_there(const mt_table *table, const hc_kind *kind, uint16_t position)
{
    return position < kind->field_count && position < table->kind->field_count &&
           table->kind->fields[position].since <= table->version;
}

static bool is_of_type(const hc_field *field, const hc_value *value)
{
    int64_t words = 0;

    if (value->type == HC_TYPE_NULL || (value->type == HC_TYPE_NOW && field->type == HC_TYPE_TIME && value->as.integer < INT64_MAX / 2))
        return true;
    if (value->type != field->type)
        return false;
    if (field->type == HC_TYPE_ID)
        return value->size == 16;
    if (field->type != HC_TYPE_ENUM)
        return true;
    while (field->words[words] != NULL)
        words++;
    return value->as.integer >= 1 && value->as.integer <= words;
}

/* Coded words are letters and digits; what is asked may end in a star. */
static bool is_word(const hc_value *value)
{
    const char *at = value->as.bytes;

    for (uint32_t i = 0; value->type == HC_TYPE_TOKENS && i < value->size; i++) {
        bool coded = (at[i] >= 'a' && at[i] <= 'z') || (at[i] >= '0' && at[i] <= '9');

        if (!coded && !(at[i] == '*' && i + 1 == value->size))
            return false;
    }
    return value->type == HC_TYPE_TOKENS && value->size > 0;
}

/* ---- predicates ----------------------------------------------------------------------------------------------------
 */

static hc_status check_match(const mt_table *table, const hc_kind *kind, const hc_predicate *p, hc_error *err)
{
    uint16_t last = p->inner == HC_NO_FIELD ? p->field : p->inner;

    if (!is_there(table, kind, last) || last < p->field || kind->fields[p->field].type != HC_TYPE_TOKENS ||
        kind->fields[last].type != HC_TYPE_TOKENS)
        return misuse(err, "MATCH is of fields of tokens");
    for (size_t i = 0; i < p->value_count; i++) {
        if (!is_word(&p->values[i]))
            return misuse(err, "MATCH is for coded words");
    }
    return HC_OK;
}

static hc_status check_leaf(const mt_table *table, const hc_kind *kind, const hc_predicate *p, hc_error *err)
{
    bool asks = p->test != HC_TEST_IS_NULL && p->test != HC_TEST_NOT_NULL;
    const hc_field *field;

    if (!is_there(table, kind, p->field))
        return misuse(err, "a predicate names a field that is not there");
    field = &kind->fields[p->field];
    if (p->test < HC_TEST_EQ || p->test > HC_TEST_MATCH)
        return misuse(err, "an unknown test");
    if (asks && (p->value_count == 0 || p->values == NULL))
        return misuse(err, "a test without a value");
    if (p->test == HC_TEST_MATCH)
        return check_match(table, kind, p, err);
    if (field->type == HC_TYPE_TOKENS)
        return misuse(err, "tokens answer only MATCH");
    for (size_t i = 0; asks && i < p->value_count; i++) {
        if (!is_of_type(field, &p->values[i]))
            return misuse(err, "a value of a predicate has another type than its field");
    }
    return HC_OK;
}

static hc_status check_predicate(const mt_version *view, const mt_table *table, const hc_kind *kind,
                                 const hc_predicate *p, int depth, hc_error *err);

static hc_status check_exists(const mt_version *view, const mt_table *table, const hc_kind *kind, const hc_predicate *p,
                              int depth, hc_error *err)
{
    const mt_table *other = p->kind == NULL ? NULL : mt_table_of(view, p->kind);

    if (other == NULL)
        return mt_fail(err, HC_ERR_SCHEMA, NULL, "a table is missing: call hc_client_migrate()");
    if (p->child_count != 1 ||
        (p->inner != HC_NO_FIELD && (!is_there(table, kind, p->field) || !is_there(other, p->kind, p->inner))))
        return misuse(err, "EXISTS names a field that is not there");
    return check_predicate(view, other, p->kind, p->children[0], depth + 1, err);
}

static hc_status check_predicate(const mt_version *view, const mt_table *table, const hc_kind *kind,
                                 const hc_predicate *p, int depth, hc_error *err)
{
    hc_status status = HC_OK;

    if (p == NULL || p->test == HC_TEST_TRUE || p->test == HC_TEST_FALSE)
        return HC_OK;
    if (depth > DEPTH)
        return misuse(err, "a predicate is nested too deep");
    if (p->test == HC_TEST_EXISTS)
        return check_exists(view, table, kind, p, depth, err);
    if (p->test != HC_TEST_AND && p->test != HC_TEST_OR)
        return check_leaf(table, kind, p, err);
    for (size_t i = 0; i < p->child_count && status == HC_OK; i++)
        status = check_predicate(view, table, kind, p->children[i], depth + 1, err);
    return status;
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

static hc_status check_sets(const mt_table *table, const hc_op *op, hc_error *err)
{
    bool insert = op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT;

    for (size_t i = 0; i < op->set_count; i++) {
        const hc_set *set = &op->sets[i];

        if (!is_there(table, op->kind, set->field))
            return misuse(err, "a field that is not there is set");
        if (!is_of_type(&op->kind->fields[set->field], &set->value))
            return misuse(err, "a field is set to a value of another type");
        if (set->field == 0 && !insert)
            return misuse(err, "an update changes the id");
        if (set->how == HC_SET_ADD && (insert || mt_has_bytes(op->kind->fields[set->field].type)))
            return misuse(err, "only an update adds, and only to numbers");
    }
    return HC_OK;
}

/* Tokens are not read back, but their order of arrival may ask which of the words of a MATCH stand in them. */
static bool may_ask_words(const hc_op *op, uint16_t field)
{
    const hc_predicate *match = mt_match_of(op->where);
    uint16_t last = match == NULL || match->inner == HC_NO_FIELD ? field : match->inner;

    return match != NULL && match->value_count <= WORDS && op->order_count == 1 &&
           op->order[0].field == HC_ORDER_ARRIVAL && field >= match->field &&
           (match->inner == HC_NO_FIELD ? field == match->field : field <= last);
}

static hc_status check_reads(const mt_table *table, const hc_op *op, hc_error *err)
{
    for (size_t i = 0; i < op->field_count; i++) {
        if (!is_there(table, op->kind, op->fields[i]))
            return misuse(err, "a field that is not there is read");
        if (op->kind->fields[op->fields[i]].type == HC_TYPE_TOKENS && !may_ask_words(op, op->fields[i]))
            return misuse(err, "tokens are not read back");
    }
    for (size_t i = 0; i < op->order_count; i++) {
        bool arrival = op->order[i].field == HC_ORDER_ARRIVAL;

        if (arrival ? op->order_count > 1 || op->seek != NULL : !is_there(table, op->kind, op->order[i].field))
            return misuse(err, "an order that cannot be");
        if (!arrival && op->seek != NULL &&
            (op->seek[i].type == HC_TYPE_NOW || !is_of_type(&op->kind->fields[op->order[i].field], &op->seek[i])))
            return misuse(err, "a value of the seek has another type than its field");
    }
    if (op->verb == HC_VERB_GROUP && (op->group == NULL || !is_there(table, op->kind, op->group->field)))
        return misuse(err, "a group by a field that is not there");
    return HC_OK;
}

hc_status mt_check(const mt_version *view, const hc_op *op, hc_error *err)
{
    const mt_table *table = mt_table_of(view, op->kind);
    hc_status status;

    if (table == NULL)
        return mt_fail(err, HC_ERR_SCHEMA, NULL, "a table is missing: call hc_client_migrate()");
    status = check_predicate(view, table, op->kind, op->where, 0, err);
    if (status == HC_OK)
        status = check_predicate(view, table, op->kind, op->filter, 0, err);
    if (status == HC_OK && op->verb < HC_VERB_QUERY)
        status = check_sets(table, op, err);
    if (status == HC_OK && op->verb >= HC_VERB_QUERY)
        status = check_reads(table, op, err);
    return status;
}
