/* Random values, predicates and operations. */
#include "generate.h"

#include <stdio.h>

#include "tally.h"

static const char *const titles[] = {"",
                                     "a",
                                     "A",
                                     "ab",
                                     "abc",
                                     "b",
                                     "%",
                                     "_",
                                     "a%",
                                     "'",
                                     "\xc3\xa9",
                                     "\xf0\x9f\x8f\xa0",
                                     "a",
                                     "\x7f",
                                     "\xdf\xbf",
                                     "\xf4\x8f\xbf\xbf",
                                     "\xed\x9f\xbf"};
static const char *const words[] = {"zqa", "zqab", "zqabc", "zqb", "zqba", "zqc"};
static const char *const prefixes[] = {"zqa*", "zqab*", "zqb*", "zq*", "zqz*"};
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof((array)[0])))

/* ---- values --------------------------------------------------------------------------------------------------------
 */

static hc_value random_tokens(test *t)
{
    char line[64] = "";
    size_t size = 0;

    for (uint32_t i = pick(t, 4); i > 0; i--)
        size +=
            (size_t)snprintf(line + size, sizeof(line) - size, size > 0 ? " %s" : "%s", words[pick(t, COUNT(words))]);
    return bytes(t, HC_TYPE_TOKENS, line, size);
}

static hc_value random_number(test *t, int32_t type)
{
    static const int64_t times[] = {-86400000001, -86400000000, -1, 0, 1, 86399999999, 86400000000};
    static const int64_t amounts[] = {-99999999999999, -100, 0, 1, 99, 100, 99999999999999};
    static const int64_t bigs[] = {INT64_MIN, -2, -1, 0, 1, 2, INT64_MAX};

    switch (type) {
    case HC_TYPE_BOOL:
        return number(type, pick(t, 2));
    case HC_TYPE_INT64:
        return number(type, bigs[pick(t, COUNT(bigs))]);
    case HC_TYPE_DECIMAL:
        return number(type, amounts[pick(t, COUNT(amounts))]);
    case HC_TYPE_TIME:
        return moment(t, times[pick(t, COUNT(times))]);
    case HC_TYPE_ENUM:
        return number(type, 1 + pick(t, 3));
    default:
        return number(type, (int64_t)pick(t, 7) - 3);
    }
}

/* What is empty has no bytes to point to. */
static hc_value random_text(test *t, int32_t type)
{
    /* What follows the last one before the surrogates is past them, and so is what UTF-16 puts between the two. */
    uint32_t count = COUNT(titles) - ((t->quirks & HC_QUIRK_UTF16_ORDER) != 0);
    hc_value out = text(type, titles[pick(t, count)]);

    if (out.size == 0 && pick(t, 2) == 0)
        out.as.bytes = NULL;
    return out;
}

hc_value random_present(test *t, uint16_t field)
{
    int32_t type = t->kind->fields[field].type;

    switch (type) {
    case HC_TYPE_ID:
        return id_value(t, field == ITEM_ID ? pick(t, IDS) : 1000 + pick(t, OWNERS + 2));
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
        return random_text(t, type);
    case HC_TYPE_JSON:
        return text(type, pick(t, 2) == 0 ? "{}" : "[1,\"a\"]");
    case HC_TYPE_TOKENS:
        return random_tokens(t);
    default:
        return random_number(t, type);
    }
}

hc_value random_value(test *t, uint16_t field)
{
    bool nullable = (t->kind->fields[field].flags & HC_FIELD_NULLABLE) != 0;

    return nullable && pick(t, 4) == 0 ? null_value() : random_present(t, field);
}

/* What no row has and some engine's column could not hold: it may be asked for. */
static hc_value random_asked(test *t, uint16_t field)
{
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT32_MIN, INT32_MAX, INT64_MAX - 1, INT64_MAX};
    int32_t type = t->kind->fields[field].type;

    if (pick(t, 6) != 0 || type == HC_TYPE_BOOL || type < HC_TYPE_INT32 || type > HC_TYPE_DATE)
        return random_value(t, field);
    return number(type, ends[pick(t, COUNT(ends))]);
}

/* ---- predicates ----------------------------------------------------------------------------------------------------
 */

static bool has_words(const test *t)
{
    return !t->documents && !t->no_words;
}

static const hc_predicate *random_match(test *t)
{
    static const uint16_t fields[] = {ITEM_WORDS, ITEM_WORDS_OPEN, ITEM_WORDS_FAR};
    uint32_t first = pick(t, COUNT(fields)), last = first + (pick(t, 2) == 0 ? pick(t, COUNT(fields) - first) : 0);
    hc_value values[3];
    uint32_t count = 1 + pick(t, 3);

    for (uint32_t i = 0; i < count; i++)
        values[i] =
            text(HC_TYPE_TOKENS, pick(t, 3) == 0 ? prefixes[pick(t, COUNT(prefixes))] : words[pick(t, COUNT(words))]);
    return match_list(t, fields[first], fields[last], values, count);
}

static const hc_predicate *random_exists(test *t)
{
    const hc_predicate *inside =
        pick(t, 2) == 0 ? leaf(t, HC_TEST_GE, OWNER_LEVEL, number(HC_TYPE_INT32, (int64_t)pick(t, OWNERS + 2)))
                        : leaf(t, HC_TEST_EQ, OWNER_ACTIVE, number(HC_TYPE_BOOL, pick(t, 2)));

    if (pick(t, 5) == 0) /* of the same row, or of any */
        inside = both(t, inside,
                      exists(t, &owners, OWNER_ID, pick(t, 2) == 0 ? HC_NO_FIELD : OWNER_ID,
                             leaf(t, HC_TEST_LE, OWNER_LEVEL, number(HC_TYPE_INT32, (int64_t)pick(t, OWNERS + 2)))));

    if (pick(t, 4) == 0) /* one row at most, which an engine may look up before all others */
        return exists(t, &owners, ITEM_OWNER, HC_NO_FIELD,
                      both(t, leaf(t, HC_TEST_EQ, OWNER_ID, random_present(t, ITEM_OWNER)), inside));
    return exists(t, &owners, ITEM_OWNER, pick(t, 3) == 0 ? HC_NO_FIELD : OWNER_ID, inside);
}

#define LIST 140 /* values: more than some engine plans for at once */

static const hc_predicate *random_list(test *t, uint16_t field)
{
    hc_value values[LIST];
    uint32_t count = 1 + (pick(t, 8) == 0 ? pick(t, LIST) : pick(t, 9));

    for (uint32_t i = 0; i < count; i++)
        values[i] = random_present(t, field);
    return leaf_list(t, HC_TEST_IN, field, values, count);
}

static const hc_predicate *random_leaf(test *t)
{
    uint16_t field = (uint16_t)pick(t, ITEM_FIELDS);
    int32_t type = t->kind->fields[field].type;
    bool textual = type == HC_TYPE_TEXT || type == HC_TYPE_KEY;

    if (type == HC_TYPE_TOKENS)
        return has_words(t) ? random_match(t) : constant(t, true);
    if (type == HC_TYPE_JSON || pick(t, 8) == 0)
        return null_test(t, pick(t, 2) == 0 ? HC_TEST_IS_NULL : HC_TEST_NOT_NULL, field);
    if (pick(t, 8) == 0)
        return random_list(t, field);
    if (textual && pick(t, 2) == 0)
        return leaf(t, pick(t, 2) == 0 ? HC_TEST_STARTS_WITH : HC_TEST_CONTAINS, field, random_present(t, field));
    if (type == HC_TYPE_ENUM || type == HC_TYPE_BOOL || (type == HC_TYPE_BYTES && t->documents))
        return leaf(t, pick(t, 2) == 0 ? HC_TEST_EQ : HC_TEST_NE, field, random_present(t, field));
    return leaf(t, HC_TEST_EQ + (int32_t)pick(t, 6), field, random_asked(t, field));
}

/* Of none, one or several. */
static const hc_predicate *random_children(test *t, int depth)
{
    hc_predicate *p = take(t, sizeof(*p));
    const hc_predicate **children = take(t, 5 * sizeof(*children));

    p->test = pick(t, 2) == 0 ? HC_TEST_AND : HC_TEST_OR;
    p->inner = HC_NO_FIELD;
    p->children = children;
    for (uint32_t i = pick(t, 6); i > 0; i--)
        children[p->child_count++] = random_predicate(t, depth - 1);
    return p;
}

const hc_predicate *random_predicate(test *t, int depth)
{
    uint32_t kind = pick(t, 12);

    if (kind == 0)
        return constant(t, pick(t, 4) != 0);
    if (kind == 1 && !t->documents)
        return random_exists(t);
    if (kind == 2 && has_words(t))
        return random_match(t);
    if (depth == 0 || kind < 7)
        return random_leaf(t);
    if (pick(t, 8) == 0)
        return random_children(t, depth);
    if (kind < 9)
        return both(t, random_predicate(t, depth - 1), random_predicate(t, depth - 1));
    return either(t, random_predicate(t, depth - 1), random_predicate(t, depth - 1));
}

static const hc_predicate *maybe_predicate(test *t)
{
    return pick(t, 3) == 0 ? NULL : random_predicate(t, 2);
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

const hc_predicate *by_id(test *t, uint32_t n)
{
    return leaf(t, HC_TEST_EQ, ITEM_ID, id_value(t, n));
}

/* One of a few, so that they clash. */
static void set_key(test *t, hc_op *op)
{
    set(t, op, ITEM_SOURCE, text(HC_TYPE_KEY, titles[1 + pick(t, 3)]));
    set(t, op, ITEM_SOURCE_NO, number(HC_TYPE_INT32, pick(t, 2)));
}

hc_op random_insert(test *t)
{
    static const uint16_t optional[] = {ITEM_FLAG,   ITEM_SMALL,     ITEM_AMOUNT,     ITEM_AT,       ITEM_DAY,
                                        ITEM_TITLE,  ITEM_HASH,      ITEM_EXTRA,      ITEM_WORDS,    ITEM_OWNER,
                                        ITEM_SOURCE, ITEM_SOURCE_NO, ITEM_WORDS_OPEN, ITEM_WORDS_FAR};
    hc_op op = insert_item(t, pick(t, IDS));

    for (uint32_t i = 0; i < COUNT(optional); i++) {
        if (pick(t, 5) != 0)
            set(t, &op, optional[i], random_value(t, optional[i]));
    }
    set(t, &op, ITEM_BIG, random_present(t, ITEM_BIG));
    set(t, &op, ITEM_STATE, random_present(t, ITEM_STATE));
    set(t, &op, ITEM_CODE, random_present(t, ITEM_CODE));
    set(t, &op, ITEM_RANK, random_present(t, ITEM_RANK));
    if (pick(t, 5) == 0)
        set_key(t, &op);
    if (pick(t, 3) == 0)
        op.verb = HC_VERB_INSERT_IF_ABSENT;
    if (pick(t, 6) == 0 && !t->documents)
        op.where = exists(t, &owners, ITEM_ID, HC_NO_FIELD,
                          leaf(t, HC_TEST_GE, OWNER_LEVEL, number(HC_TYPE_INT32, (int64_t)pick(t, OWNERS + 3))));
    if (pick(t, 25) == 0) { /* no second way to fail beside this one */
        set(t, &op, ITEM_ID, id_value(t, IDS + 1));
        set(t, &op, ITEM_SOURCE, null_value());
        set(t, &op, ITEM_RANK, number(HC_TYPE_INT32, 1000001));
    }
    return op;
}

/* Most of the time one that is there. */
static const hc_predicate *one_row(test *t, const model *m)
{
    if (m->count == 0 || pick(t, 4) == 0)
        return by_id(t, pick(t, IDS));
    return leaf(t, HC_TEST_EQ, ITEM_ID, m->rows[pick(t, (uint32_t)m->count)].values[ITEM_ID]);
}

static hc_op random_update(test *t, const model *m)
{
    static const uint16_t plain[] = {ITEM_FLAG,  ITEM_BIG,   ITEM_AMOUNT, ITEM_AT,         ITEM_STATE,    ITEM_CODE,
                                     ITEM_TITLE, ITEM_WORDS, ITEM_OWNER,  ITEM_WORDS_OPEN, ITEM_WORDS_FAR};
    hc_op op = update(t->kind, random_predicate(t, 2), HC_EXPECT_ANY);
    uint32_t count = 1 + pick(t, 3);

    if (pick(t, 12) == 0) { /* one row, so that a driver without transactions has nothing to undo */
        op.where = one_row(t, m);
        if (pick(t, 2) == 0)
            add(t, &op, ITEM_RANK, number(HC_TYPE_INT32, 2000000));
        else
            set(t, &op, ITEM_BIG, null_value());
        return op;
    }
    if (pick(t, 4) == 0) { /* one row, so that a clash does not depend on the order of rows */
        op.where = one_row(t, m);
        set_key(t, &op);
        return op;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint16_t field = plain[pick(t, COUNT(plain))];

        set(t, &op, field, random_value(t, field));
    }
    if (pick(t, 2) == 0)
        add(t, &op, ITEM_RANK, number(HC_TYPE_INT32, (int64_t)pick(t, 5) - 2));
    if (pick(t, 2) == 0)
        add(t, &op, ITEM_SMALL, number(HC_TYPE_INT32, (int64_t)pick(t, 5) - 2));
    return op;
}

static hc_op random_removal(test *t, const model *m)
{
    return removal(t->kind, both(t, pick(t, 2) == 0 ? one_row(t, m) : random_predicate(t, 1), random_predicate(t, 1)),
                   HC_EXPECT_ANY);
}

static void random_seek(test *t, const model *m, hc_op *op)
{
    hc_value *seek = take(t, op->order_count * sizeof(*seek));

    if (m->count == 0)
        return;
    for (size_t i = 0; i < op->order_count; i++) {
        uint16_t field = op->order[i].field;
        bool not_null = (op->order[i].flags & HC_ORDER_NOT_NULL) != 0;

        seek[i] = pick(t, 5) == 0 ? random_value(t, field) : m->rows[pick(t, (uint32_t)m->count)].values[field];
        if (not_null && seek[i].type == HC_TYPE_NULL)
            seek[i] = random_present(t, field);
    }
    op->seek = seek;
    t->tally->seeks++;
}

static void random_order(test *t, hc_op *op)
{
    static const uint16_t keys[] = {ITEM_FLAG,  ITEM_SMALL, ITEM_BIG,  ITEM_AMOUNT, ITEM_AT,
                                    ITEM_TITLE, ITEM_CODE,  ITEM_RANK, ITEM_DAY,    ITEM_OWNER};
    uint32_t direction = 0;

    for (uint32_t i = pick(t, 16) == 0 ? HC_ORDER_LIMIT - 1 : pick(t, 3); i > 0; i--) {
        uint16_t field = keys[pick(t, COUNT(keys))];

        direction = pick(t, 2) == 0 ? HC_ORDER_DESCENDING : 0;
        if (pick(t, 3) == 0) {
            const hc_predicate *present = null_test(t, HC_TEST_NOT_NULL, field);

            op->where = op->where == NULL ? present : both(t, present, op->where);
            order_by(t, op, field, direction | HC_ORDER_NOT_NULL);
        } else {
            order_by(t, op, field, direction);
        }
    }
    if (op->order_count > 1 && pick(t, 4) == 0)
        ((hc_order *)(uintptr_t)op->order)[op->order_count - 1].flags ^= HC_ORDER_DESCENDING;
}

/* The words of the match that stand in each of its fields; half of the time nothing that the arrival's index lacks. */
static void ask_where(test *t, hc_op *op, const hc_predicate *match)
{
    uint16_t *fields = take(t, (op->field_count + 3) * sizeof(*fields));
    uint16_t last = match->inner == HC_NO_FIELD ? match->field : match->inner;

    if (pick(t, 2) == 0)
        op->field_count = 1;
    memcpy(fields, op->fields, op->field_count * sizeof(*fields));
    for (uint16_t field = match->field; field <= last; field++) {
        if (t->kind->fields[field].type == HC_TYPE_TOKENS)
            fields[op->field_count++] = field;
    }
    op->fields = fields;
}

/* None, a few, in any order, more than once. */
static void random_fields(test *t, hc_op *op)
{
    uint16_t *fields = take(t, 8 * sizeof(*fields));
    size_t count = pick(t, 7);

    for (size_t i = 0; i < count; i++)
        fields[i] = op->fields[pick(t, (uint32_t)op->field_count)];
    op->fields = fields;
    op->field_count = count;
}

static int64_t random_limit(test *t, uint32_t most)
{
    uint32_t kind = pick(t, 16);

    return kind < 8 ? 0 : kind == 8 ? INT64_MAX - pick(t, 2) : kind == 9 ? 30 + pick(t, 6) : 1 + pick(t, most);
}

hc_op random_query(test *t, const model *m)
{
    hc_op op = query(t, t->kind, maybe_predicate(t));

    if (pick(t, 4) == 0)
        random_fields(t, &op);
    if (pick(t, 2) == 0)
        op.filter = random_predicate(t, 2);
    if (pick(t, 5) == 0 && !t->documents && !t->no_arrival) {
        hc_order *arrival = take(t, sizeof(*arrival));

        *arrival = (hc_order){HC_ORDER_ARRIVAL, (uint16_t)pick(t, 2)};
        op.order = arrival;
        if (has_words(t) && pick(t, 2) == 0) {
            const hc_predicate *match = random_match(t);

            op.where = op.where == NULL ? match : both(t, match, op.where);
            if (pick(t, 2) == 0)
                ask_where(t, &op, match);
        }
    } else {
        random_order(t, &op);
        if (pick(t, 2) == 0)
            random_seek(t, m, &op);
    }
    op.limit = random_limit(t, 8);
    op.scan_limit = random_limit(t, 12);
    op.index = (int32_t)pick(t, 6) - 2;
    return op;
}

hc_op random_count(test *t)
{
    hc_op op = count_of(t->kind, maybe_predicate(t));

    op.filter = maybe_predicate(t);
    op.limit = random_limit(t, 8);
    if (op.limit == 0 && pick(t, 3) == 0)
        op.scan_limit = pick(t, 10) == 0 ? INT64_MAX : 1 + pick(t, 12);
    return op;
}

hc_op random_group(test *t)
{
    static const uint16_t by_value[] = {ITEM_FLAG, ITEM_SMALL, ITEM_AMOUNT, ITEM_STATE, ITEM_TITLE, ITEM_OWNER};
    static const hc_value bounds[] = {{HC_TYPE_INT32, 0, {-1}}, {HC_TYPE_INT32, 0, {0}}, {HC_TYPE_INT32, 0, {2}}};
    hc_op op = random_count(t);
    hc_group *group = take(t, sizeof(*group));

    op.verb = HC_VERB_GROUP;
    op.limit = 0;
    op.group = group;
    *group = (hc_group){by_value[pick(t, COUNT(by_value))], HC_GROUP_VALUE, 0, NULL};
    if (pick(t, 3) == 0)
        *group = (hc_group){ITEM_AT, HC_GROUP_DAY, 0, NULL};
    else if (pick(t, 3) == 0)
        *group = (hc_group){pick(t, 2) == 0 ? ITEM_RANK : ITEM_SMALL, HC_GROUP_BOUNDS, pick(t, 4), bounds};
    return op;
}

/* ---- the same shape again ---- */

static hc_value value_like(test *t, const hc_kind *kind, uint16_t field, const hc_value *before)
{
    if (before->type == HC_TYPE_NULL)
        return *before;
    if (kind == t->kind)
        return kind->fields[field].type == HC_TYPE_TOKENS ? text(HC_TYPE_TOKENS, words[pick(t, COUNT(words))])
                                                          : random_present(t, field);
    if (field == OWNER_ID)
        return id_value(t, 1000 + pick(t, OWNERS + 2));
    return number(kind->fields[field].type, pick(t, field == OWNER_ACTIVE ? 2 : OWNERS + 2));
}

static const hc_predicate *predicate_like(test *t, const hc_kind *kind, const hc_predicate *before)
{
    hc_predicate *p = before == NULL ? NULL : take_copy(t, before, sizeof(*before));
    const hc_predicate **children = p == NULL ? NULL : take(t, (p->child_count + 1) * sizeof(*children));
    hc_value *values;

    if (p == NULL)
        return NULL;
    if (p->test == HC_TEST_IN) /* as many as a text for lists of that length serves, or not */
        p->value_count =
            pick(t, 4) == 0 ? 1 + pick(t, LIST) : p->value_count - pick(t, (uint32_t)p->value_count / 2 + 1);
    values = take(t, (p->value_count + 1) * sizeof(*values));
    for (size_t i = 0; i < p->value_count; i++)
        values[i] = value_like(t, kind, p->field, &before->values[p->test == HC_TEST_IN ? 0 : i]);
    for (size_t i = 0; i < p->child_count; i++)
        children[i] = predicate_like(t, p->test == HC_TEST_EXISTS ? p->kind : kind, before->children[i]);
    p->values = values;
    p->children = children;
    return p;
}

/* What a rule or a key is about stays: a write that fails must have no second way to. */
static void sets_like(test *t, hc_op *op)
{
    hc_set *sets = take_copy(t, op->sets, op->set_count * sizeof(*sets));

    for (size_t i = 0; i < op->set_count; i++) {
        uint16_t field = sets[i].field;
        bool own = field == ITEM_ID || field == ITEM_RANK || field == ITEM_SMALL || field == ITEM_SOURCE ||
                   field == ITEM_SOURCE_NO;

        if (!own && t->kind->fields[field].type != HC_TYPE_TOKENS && sets[i].value.type != HC_TYPE_NULL)
            sets[i].value = random_value(t, field);
        if (field == ITEM_ID && !is_id(&sets[i].value, IDS + 1))
            sets[i].value = id_value(t, pick(t, IDS));
    }
    op->sets = sets;
}

hc_op random_again(test *t, const model *m, const hc_op *before)
{
    hc_op op = *before;

    op.result = NULL;
    op.expect = HC_EXPECT_ANY;
    op.where = predicate_like(t, op.kind, op.where);
    op.filter = predicate_like(t, op.kind, op.filter);
    sets_like(t, &op);
    if (op.seek != NULL)
        random_seek(t, m, &op);
    if (op.limit != 0)
        op.limit = 1 + pick(t, 40);
    if (op.scan_limit != 0)
        op.scan_limit = 1 + pick(t, 40);
    return op;
}

hc_op random_op(test *t, const model *m)
{
    uint32_t kind = m->count < 8 ? pick(t, 36) : pick(t, 100);

    if (kind < 24)
        return random_insert(t);
    if (kind < 39)
        return random_update(t, m);
    if (kind < 47)
        return random_removal(t, m);
    if (kind < 77)
        return random_query(t, m);
    if (kind < 88)
        return random_count(t);
    return random_group(t);
}

void spoil(test *t, hc_op *op)
{
    const hc_predicate *nowhere = leaf(t, HC_TEST_EQ, ITEM_FIELDS, number(HC_TYPE_INT64, 1));

    if (op->set_count > 0 && pick(t, 2) == 0)
        set(t, op, ITEM_TITLE, number(HC_TYPE_INT64, 1));
    else if (op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT)
        set(t, op, pick(t, 2) == 0 ? ITEM_FIELDS : ITEM_STATE, number(HC_TYPE_INT64, 1));
    else
        op->where = op->where == NULL ? nowhere : both(t, nowhere, op->where);
}
