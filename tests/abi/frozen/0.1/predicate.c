/* Whether a predicate holds for a row. Every leaf is false on null, and there is no NOT. */
#include "memtable.h"

#include <string.h>

#define PATIENCE 64 /* rows between two looks at the clock */

bool mt_goes_on(mt_run *run)
{
    int64_t deadline = run->batch->deadline;

    if (run->stopped != HC_OK)
        return false;
    if (atomic_load_explicit(&run->conn->interrupted, memory_order_relaxed))
        run->stopped = HC_ERR_CANCELLED;
    else if (deadline != 0 && ++run->ticks % PATIENCE == 0 && mt_monotonic() >= deadline)
        run->stopped = HC_ERR_TIMEOUT;
    return run->stopped == HC_OK;
}

/* ---- text and words ------------------------------------------------------------------------------------------------
 */

static bool starts_with(const hc_value *stored, const hc_value *asked)
{
    return stored->size >= asked->size &&
           (asked->size == 0 || memcmp(stored->as.bytes, asked->as.bytes, asked->size) == 0);
}

static bool contains(const hc_value *stored, const hc_value *asked)
{
    const char *at = stored->as.bytes;

    for (uint32_t i = 0; i + (uint64_t)asked->size <= stored->size; i++) {
        if (asked->size == 0 || memcmp(at + i, asked->as.bytes, asked->size) == 0)
            return true;
    }
    return false;
}

/* Words are separated by one space; the asked one may be the beginning of a word, and then ends in a star. */
static bool has_word(const hc_value *stored, const hc_value *asked)
{
    const char *text = stored->as.bytes, *word = asked->as.bytes;
    size_t size = asked->size;
    bool prefix = size > 0 && word[size - 1] == '*';

    size -= prefix;
    for (size_t at = 0, end; at < stored->size; at = end + 1) {
        for (end = at; end < stored->size && text[end] != ' ';)
            end++;
        if (end - at >= size && (prefix || end - at == size) && memcmp(text + at, word, size) == 0)
            return true;
    }
    return false;
}

static bool match_holds(const mt_row *row, const hc_predicate *p)
{
    uint16_t last = p->inner == HC_NO_FIELD ? p->field : p->inner;

    for (size_t i = 0; i < p->value_count; i++) {
        bool found = false;

        for (uint16_t field = p->field; field <= last && !found; field++)
            found = row->values[field].type == HC_TYPE_TOKENS && has_word(&row->values[field], &p->values[i]);
        if (!found)
            return false;
    }
    return true;
}

hc_value mt_words_found(const hc_predicate *match, const hc_value *stored)
{
    hc_value out = {HC_TYPE_INT64, 0, {0}};

    for (size_t i = 0; i < match->value_count && stored->type == HC_TYPE_TOKENS; i++)
        out.as.integer |= (int64_t)has_word(stored, &match->values[i]) << i;
    return out;
}

/* ---- leaves --------------------------------------------------------------------------------------------------------
 */

static bool compares(int32_t test, int order)
{
    switch (test) {
    case HC_TEST_EQ:
    case HC_TEST_IN:
        return order == 0;
    case HC_TEST_NE:
        return order != 0;
    case HC_TEST_LT:
        return order < 0;
    case HC_TEST_LE:
        return order <= 0;
    case HC_TEST_GT:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool leaf_holds(const mt_run *run, const hc_value *stored, const hc_predicate *p)
{
    if (p->test == HC_TEST_IS_NULL)
        return stored->type == HC_TYPE_NULL;
    if (stored->type == HC_TYPE_NULL || p->test == HC_TEST_NOT_NULL)
        return stored->type != HC_TYPE_NULL;
    for (size_t i = 0; i < p->value_count; i++) {
        hc_value asked = mt_moment(run, &p->values[i]);
        bool holds = asked.type != HC_TYPE_NULL;

        if (holds && p->test == HC_TEST_STARTS_WITH)
            holds = starts_with(stored, &asked);
        else if (holds && p->test == HC_TEST_CONTAINS)
            holds = contains(stored, &asked);
        else if (holds)
            holds = compares(p->test, mt_compare(stored, &asked));
        if (holds)
            return true;
    }
    return false;
}

/* A row of another table, or of this one, that stands in the asked relation to this row. */
static bool exists_holds(mt_run *run, const mt_row *row, const hc_predicate *p)
{
    const mt_table *table = mt_table_of(run->view, p->kind);

    for (size_t i = 0; i < table->count && mt_goes_on(run); i++) {
        const mt_row *other = table->rows[i];

        if ((p->inner == HC_NO_FIELD || mt_same(&row->values[p->field], &other->values[p->inner])) &&
            mt_holds(run, other, p->children[0]))
            return true;
    }
    return false;
}

bool mt_holds(mt_run *run, const mt_row *row, const hc_predicate *p)
{
    if (p == NULL || p->test == HC_TEST_TRUE)
        return true;
    switch (p->test) {
    case HC_TEST_FALSE:
        return false;
    case HC_TEST_EXISTS:
        return exists_holds(run, row, p);
    case HC_TEST_MATCH:
        return match_holds(row, p);
    case HC_TEST_AND:
    case HC_TEST_OR:
        for (size_t i = 0; i < p->child_count; i++) {
            if (mt_holds(run, row, p->children[i]) == (p->test == HC_TEST_OR))
                return p->test == HC_TEST_OR;
        }
        return p->test == HC_TEST_AND;
    default:
        return leaf_holds(run, &row->values[p->field], p);
    }
}

/* ---- what a predicate says at its top ------------------------------------------------------------------------------
 */

const hc_predicate *mt_match_of(const hc_predicate *where)
{
    if (where == NULL || where->test == HC_TEST_MATCH)
        return where;
    for (size_t i = 0; where->test == HC_TEST_AND && i < where->child_count; i++) {
        if (where->children[i]->test == HC_TEST_MATCH)
            return where->children[i];
    }
    return NULL;
}

const hc_value *mt_only_id(const hc_predicate *where)
{
    if (where == NULL)
        return NULL;
    if (where->test == HC_TEST_EQ && where->field == 0 && where->values[0].type == HC_TYPE_ID)
        return &where->values[0];
    for (size_t i = 0; where->test == HC_TEST_AND && i < where->child_count; i++) {
        const hc_value *id = mt_only_id(where->children[i]);

        if (id != NULL)
            return id;
    }
    return NULL;
}
