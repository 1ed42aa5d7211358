#include "driver/sql/private.h"

#include "base/judge.h"

static const char *operator_of(int32_t test)
{
    switch (test) {
    case HC_TEST_EQ:
        return " = ";
    case HC_TEST_NE:
        return " <> ";
    case HC_TEST_LT:
        return " < ";
    case HC_TEST_LE:
        return " <= ";
    case HC_TEST_GT:
        return " > ";
    case HC_TEST_GE:
        return " >= ";
    default:
        return NULL;
    }
}

size_t hc__sql_padded(size_t count)
{
    size_t padded = 1;

    while (padded < count)
        padded *= 2;
    return padded;
}

/* Padded by repeating the last value, so that a few texts serve lists of every length. */
static void put_in(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, const hc_field *field)
{
    size_t padded = hc__sql_padded(p->value_count);

    if (c->dialect->in_array != NULL) {
        hc__put_template(c, scope, c->dialect->in_array, p->field, p->values, p->value_count);
        return;
    }
    hc__put_column(c, scope, p->field);
    hc__put(c, " IN (");
    for (size_t i = 0; i < padded && c->status == HC_OK; i++) {
        if (i > 0)
            hc__put(c, ",");
        hc__put_value(c, &p->values[i < p->value_count ? i : p->value_count - 1], field);
    }
    hc__put(c, ")");
}

size_t hc__conjuncts_of(const hc_predicate *p, const hc_predicate *const **out)
{
    bool several = p != NULL && p->test == HC_TEST_AND;

    *out = several ? p->children : NULL;
    return p == NULL ? 0 : several ? p->child_count : 1;
}

int hc__joined(const hc__compiler *c, const hc_predicate *p)
{
    const hc_predicate *const *parts;
    size_t count = hc__conjuncts_of(c->op->where, &parts);
    int joined = 0;

    for (size_t i = 0; c->joins && i < count; i++) {
        const hc_predicate *part = parts == NULL ? c->op->where : parts[i];

        joined += hc__names_a_row(part);
        if (part == p)
            return hc__names_a_row(part) ? joined : 0;
    }
    return 0;
}

static void put_exists(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, int depth)
{
    int joined = scope->depth == 0 ? hc__joined(c, p) : 0;
    hc__scope inside = {scope, p->kind, joined > 0 ? joined : scope->depth + 1, true, false};
    hc__scope outside = *scope;

    if (p->kind == NULL) {
        hc__misuse(c, "EXISTS without a kind");
        return;
    }
    if (joined > 0) {
        hc__put_predicate(c, &inside, p->children[0], depth + 1, true);
        return;
    }
    outside.qualified = true;
    hc__put(c, "EXISTS (SELECT 1 FROM ");
    hc__put_name(c, p->kind->name, "");
    hc__put(c, " AS e");
    hc__put_int(c, inside.depth);
    hc__put(c, " WHERE ");
    if (p->inner != HC_NO_FIELD) {
        hc__put_column(c, &inside, p->inner);
        hc__put(c, " = ");
        hc__put_column(c, &outside, p->field);
    }
    if (p->child_count > 0) {
        if (p->inner != HC_NO_FIELD)
            hc__put(c, " AND ");
        hc__put_predicate(c, &inside, p->children[0], depth + 1, false);
    } else if (p->inner == HC_NO_FIELD) {
        hc__put(c, "TRUE");
    }
    hc__put(c, ")");
}

static void put_children(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, int depth, bool top)
{
    bool both = p->test == HC_TEST_AND;

    if (p->child_count == 0) {
        hc__put(c, both ? "TRUE" : "FALSE");
        return;
    }
    if (!top && p->child_count > 1)
        hc__put(c, "(");
    for (size_t i = 0; i < p->child_count && c->status == HC_OK; i++) {
        if (i > 0)
            hc__put(c, both ? " AND " : " OR ");
        hc__put_predicate(c, scope, p->children[i], depth + 1, both && top);
    }
    if (!top && p->child_count > 1)
        hc__put(c, ")");
}

static void put_text_test(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, const hc_field *field)
{
    bool starts = p->test == HC_TEST_STARTS_WITH;

    if (field->type != HC_TYPE_TEXT && field->type != HC_TYPE_KEY) {
        hc__misuse(c, "a text test on a field that is no text");
    } else if (p->values[0].size == 0 || p->values[0].type == HC_TYPE_NULL) {
        hc__put_column(c, scope, p->field);
        hc__put(c, p->values[0].type == HC_TYPE_NULL ? " = NULL" : " IS NOT NULL");
    } else {
        hc__put_template(c, scope, starts ? c->dialect->starts_with : c->dialect->contains, p->field, p->values, 1);
    }
}

uint16_t hc__match_last(const hc_predicate *p)
{
    return p->inner == HC_NO_FIELD || p->inner < p->field ? p->field : p->inner;
}

/* (a has word 0 OR b has it) AND (a has word 1 OR b has it): where one field is searched at a time. */
static void put_words(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, const char *template)
{
    uint16_t last = hc__match_last(p);

    for (size_t i = 0; i < p->value_count && c->status == HC_OK; i++) {
        hc__put(c, i == 0 ? "((" : ") AND (");
        for (uint16_t field = p->field; field <= last; field++) {
            if (scope->kind->fields[field].type != HC_TYPE_TOKENS)
                continue;
            c->last = field;
            hc__put(c, field > p->field ? " OR " : "");
            hc__put_template(c, scope, template, field, &p->values[i], 1);
        }
    }
    hc__put(c, "))");
}

/* What the index of words is asked, and where that may be a part of the words, the rest. */
static void put_match_of_all(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, const char *template)
{
    bool in_part = c->dialect->match_is_part && p->value_count > 1;

    hc__put(c, in_part ? "(" : "");
    hc__put_template(c, scope, template, p->field, p->values, p->value_count);
    if (!in_part)
        return;
    hc__put(c, " AND ");
    put_words(c, scope, p, c->dialect->word_found);
    hc__put(c, ")");
}

static void put_match(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, const hc_field *field, bool top)
{
    bool drives = top && c->words && scope->depth == 0;
    uint16_t last = hc__match_last(p);

    if (field->type != HC_TYPE_TOKENS || p->value_count == 0 || hc__field(c, scope->kind, last) == NULL) {
        hc__misuse(c, "MATCH needs a field of tokens and words");
        return;
    }
    c->last = last;
    if (c->walks && scope->depth == 0)
        put_words(c, scope, p, c->dialect->word_found);
    else if (last == p->field || c->dialect->match_spans)
        put_match_of_all(c, scope, p, drives ? c->dialect->words_match : c->dialect->match);
    else
        put_words(c, scope, p, c->dialect->match);
}

static void put_leaf(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, bool top)
{
    const hc_field *field = hc__field(c, scope->kind, p->field);
    const char *operator;

    if (field == NULL)
        return;
    if (p->test == HC_TEST_IS_NULL || p->test == HC_TEST_NOT_NULL) {
        hc__put_column(c, scope, p->field);
        hc__put(c, p->test == HC_TEST_IS_NULL ? " IS NULL" : " IS NOT NULL");
        return;
    }
    operator= operator_of(p->test);
    if (p->value_count == 0 || p->values == NULL) {
        hc__misuse(c, "a test without a value");
    } else if (p->test == HC_TEST_MATCH) {
        put_match(c, scope, p, field, top);
    } else if (field->type == HC_TYPE_TOKENS) {
        hc__misuse(c, "tokens answer only MATCH");
    } else if (operator!= NULL) {
        if (top && scope->depth == 0 && c->op->seek != NULL && hc__seek_implies(c->op, p))
            hc__put(c, c->dialect->no_index);
        hc__put_column(c, scope, p->field);
        hc__put(c, operator);
        hc__put_time(c, p->values, field);
    } else if (p->test == HC_TEST_IN) {
        put_in(c, scope, p, field);
    } else if (p->test == HC_TEST_STARTS_WITH || p->test == HC_TEST_CONTAINS) {
        put_text_test(c, scope, p, field);
    } else {
        hc__misuse(c, "an unknown test");
    }
}

void hc__put_predicate(hc__compiler *c, const hc__scope *scope, const hc_predicate *p, int depth, bool top)
{
    if (depth > HC__SQL_DEPTH) {
        hc__misuse(c, "a predicate is nested too deep");
        return;
    }
    switch (p->test) {
    case HC_TEST_TRUE:
        hc__put(c, "TRUE");
        break;
    case HC_TEST_FALSE:
        hc__put(c, "FALSE");
        break;
    case HC_TEST_AND:
    case HC_TEST_OR:
        /* An OR is no conjunct: parenthesise it also at the top, where more may follow. */
        put_children(c, scope, p, depth, top && p->test == HC_TEST_AND);
        break;
    case HC_TEST_EXISTS:
        put_exists(c, scope, p, depth);
        break;
    default:
        if (scope->no_row)
            hc__misuse(c, "the predicate of an insert tests a row that is not there");
        else
            put_leaf(c, scope, p, top);
        break;
    }
}

const hc_predicate *hc__sql_top_match(const hc_predicate *p)
{
    if (p == NULL || p->test == HC_TEST_MATCH)
        return p;
    for (size_t i = 0; p->test == HC_TEST_AND && i < p->child_count; i++) {
        if (p->children[i]->test == HC_TEST_MATCH)
            return p->children[i];
    }
    return NULL;
}
