/* Random sequences on three connections whose transactions interleave. Each statement sees what was committed before it
 * and its own transaction's work; a write that meets another's unfinished one waits, here until a short deadline. */
#include "generate.h"
#include "tally.h"

#define ROWS        10   /* few, so that they meet */
#define WAIT        3000 /* µs for those that will wait in vain */
#define ENOUGH_TIME 20000000

typedef struct touch {
    uint32_t id;
    const model_row *row; /* NULL: removed */
} touch;

/* What one connection has under way. */
typedef struct party {
    bool open, read_only;
    touch touched[ROWS];
    size_t count;
    bool near[ROWS]; /* rows that its writes looked at, changed or not: an engine may hold them */
    bool keyed;      /* one of them asked for a unique value, got or not, and kept or not */
    model snapshot;  /* of a read-only transaction */
} party;

typedef struct scene {
    model committed, view;
    party parties[CONNECTIONS];
    expectation expected;
    hc_op op;
    uint32_t id; /* that the write is about */
} scene;

enum clash { CLASH_NONE, CLASH_MAY, CLASH_MUST };

/* ---- what each sees -----------------------------------------------------------------------------------------------
 */

static void remove_row(model *m, uint32_t id)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->count; i++) {
        if (!is_id(&m->rows[i].values[ITEM_ID], id))
            m->rows[kept++] = m->rows[i];
    }
    m->count = kept;
}

static void apply_touched(model *m, const party *p)
{
    for (size_t i = 0; i < p->count; i++) {
        remove_row(m, p->touched[i].id);
        if (p->touched[i].row != NULL)
            m->rows[m->count++] = *p->touched[i].row;
    }
}

static void look(scene *s, const party *p)
{
    if (p->open && p->read_only) {
        model_copy(&s->view, &p->snapshot);
        return;
    }
    model_copy(&s->view, &s->committed);
    apply_touched(&s->view, p);
}

static void remember(test *t, const scene *s, party *p)
{
    const model_row *row = model_row_of(&s->view, s->id);
    size_t at = 0;

    while (at < p->count && p->touched[at].id != s->id)
        at++;
    p->touched[at] = (touch){s->id, row == NULL ? NULL : take_copy(t, row, sizeof(*row))};
    p->count += at == p->count;
}

/* ---- who waits -----------------------------------------------------------------------------------------------------
 */

static const hc_value *set_value(const hc_op *op, uint16_t field)
{
    for (size_t i = 0; i < op->set_count; i++) {
        if (op->sets[i].field == field)
            return &op->sets[i].value;
    }
    return NULL;
}

static bool writes_key(const hc_op *op)
{
    const hc_value *source = set_value(op, ITEM_SOURCE);

    return source != NULL && source->type != HC_TYPE_NULL;
}

static bool has_key(const model_row *row, const hc_op *op)
{
    const hc_value *number = set_value(op, ITEM_SOURCE_NO);

    return row != NULL && number != NULL && same_value(&row->values[ITEM_SOURCE], set_value(op, ITEM_SOURCE)) &&
           same_value(&row->values[ITEM_SOURCE_NO], number);
}

static bool is_keyed(const model_row *row)
{
    return row != NULL && row->values[ITEM_SOURCE].type != HC_TYPE_NULL;
}

/* A row that another touched, or a unique value that it takes or gives up, is nobody's until that transaction ends.
 * Near one an engine may wait too, a row without the value included, and where it would find nothing to do it need not.
 */
static enum clash clash_with(const scene *s, const party *other)
{
    bool walks = s->op.verb == HC_VERB_UPDATE_WHERE || s->op.verb == HC_VERB_REMOVE_WHERE;
    bool by_value = s->op.verb <= HC_VERB_INSERT_IF_ABSENT || writes_key(&s->op);
    bool may = other->near[s->id] || (walks && other->count > 0) || (by_value && other->keyed), meets = false;

    for (size_t i = 0; i < other->count; i++) {
        const touch *held = &other->touched[i];
        const model_row *before = model_row_of(&s->committed, held->id);

        meets = meets || held->id == s->id;
        may = may || (by_value && is_keyed(before));
        if (!writes_key(&s->op))
            continue;
        may = true;
        meets = meets || has_key(held->row, &s->op) || has_key(before, &s->op);
    }
    if (meets && s->expected.status == HC_OK && s->expected.count > 0)
        return CLASH_MUST;
    return meets || may ? CLASH_MAY : CLASH_NONE;
}

static enum clash clash_of(const test *t, const scene *s, const party *p, uint32_t flags)
{
    bool writes = s->op.verb < HC_VERB_QUERY;
    bool as_writer = writes || (flags & (HC_BATCH_BEGIN | HC_BATCH_READ_ONLY)) == HC_BATCH_BEGIN;
    bool one_writer = (t->quirks & HC_QUIRK_ONE_WRITER) != 0;
    enum clash worst = CLASH_NONE;

    for (int i = 0; i < CONNECTIONS; i++) {
        const party *other = &s->parties[i];
        enum clash clash = CLASH_NONE;

        if (other == p || !other->open || other->read_only)
            continue;
        if (one_writer && as_writer && !p->open) /* one read may be its own transaction */
            clash = writes || (flags & HC_BATCH_COMMIT) == 0 ? CLASH_MUST : CLASH_MAY;
        else if (writes)
            clash = clash_with(s, other);
        worst = clash > worst ? clash : worst;
    }
    return worst;
}

/* The row that a write names, and those whose unique value it wanted. */
static void hold_near(const scene *s, party *p)
{
    p->near[s->id] = true;
    p->keyed = p->keyed || writes_key(&s->op);
    for (uint32_t id = 0; id < ROWS && writes_key(&s->op); id++)
        p->near[id] = p->near[id] || has_key(model_row_of(&s->view, id), &s->op);
}

/* ---- operations ----------------------------------------------------------------------------------------------------
 */

static void set_key(test *t, hc_op *op)
{
    set(t, op, ITEM_SOURCE, text(HC_TYPE_KEY, pick(t, 2) == 0 ? "a" : "b"));
    set(t, op, ITEM_SOURCE_NO, number(HC_TYPE_INT32, pick(t, 2)));
}

static hc_op make_insert(test *t, scene *s)
{
    hc_op op = insert_item(t, s->id);

    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, pick(t, 3)));
    if (pick(t, 3) == 0)
        op.verb = HC_VERB_INSERT_IF_ABSENT;
    if (pick(t, 2) == 0)
        set_key(t, &op);
    return op;
}

/* By id, as the core does: compared with what the row held, and swapped. */
static const hc_predicate *make_where(test *t, const scene *s)
{
    const hc_predicate *where = by_id(t, s->id);

    return pick(t, 2) == 0 ? where : both(t, where, leaf(t, HC_TEST_EQ, ITEM_BIG, number(HC_TYPE_INT64, pick(t, 3))));
}

static hc_op make_op(test *t, scene *s)
{
    uint32_t kind = pick(t, 12);
    hc_op op;

    s->id = pick(t, ROWS);
    if (kind < 4)
        return make_insert(t, s);
    if (kind < 6) {
        op = removal(t->kind, make_where(t, s), HC_EXPECT_ANY);
    } else if (kind < 9) {
        op = update(t->kind, make_where(t, s), HC_EXPECT_ANY);
        set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, pick(t, 3)));
        add(t, &op, ITEM_RANK, number(HC_TYPE_INT32, 1));
        if (pick(t, 3) == 0)
            set_key(t, &op);
    } else {
        op = kind == 9 ? random_query(t, &s->view) : kind == 10 ? random_count(t) : random_group(t);
    }
    return op;
}

/* ---- a step --------------------------------------------------------------------------------------------------------
 */

static void close_party(party *p)
{
    p->open = p->read_only = p->keyed = false;
    p->count = 0;
    memset(p->near, 0, sizeof(p->near));
}

/* Whose transaction failed has none any more, and perhaps no connection. */
static void recover(test *t, party *p, size_t connection)
{
    t->tally->rollbacks += p->open;
    close_party(p);
    t->batch.deadline = 0;
    if (t->driver->ping(t->connections[connection], 0, &t->err) < 0)
        CHECK_OK(reconnect(t, connection));
}

static uint32_t choose_flags(test *t, scene *s, const party *p)
{
    uint32_t end = pick(t, 3) > 0 ? 0 : pick(t, 4) == 0 ? HC_BATCH_ROLLBACK : HC_BATCH_COMMIT;

    if (p->open)
        return end;
    if (pick(t, 5) < 2)
        return pick(t, 2) == 0 ? 0 : HC_BATCH_BEGIN | HC_BATCH_COMMIT;
    if (pick(t, 4) > 0)
        return HC_BATCH_BEGIN;
    s->op = random_query(t, &s->view);
    return HC_BATCH_BEGIN | HC_BATCH_READ_ONLY;
}

static void succeed(test *t, scene *s, party *p, uint32_t flags)
{
    bool wrote = s->op.verb < HC_VERB_QUERY && s->expected.count > 0;

    check_answer(t, 0, &s->op, &s->expected);
    if ((flags & HC_BATCH_BEGIN) != 0) {
        close_party(p);
        p->open = true;
        p->read_only = (flags & HC_BATCH_READ_ONLY) != 0;
        if (p->read_only)
            model_copy(&p->snapshot, &s->view);
    }
    if (wrote)
        remember(t, s, p);
    if (s->op.verb < HC_VERB_QUERY)
        hold_near(s, p);
    if (!p->open || (flags & HC_BATCH_COMMIT) != 0) {
        apply_touched(&s->committed, p);
        t->tally->commits += p->open;
        close_party(p);
    } else if ((flags & HC_BATCH_ROLLBACK) != 0) {
        t->tally->rollbacks++;
        close_party(p);
    }
}

static void judge(test *t, scene *s, size_t connection, uint32_t flags, enum clash clash, hc_status status)
{
    party *p = &s->parties[connection];
    bool rerun = t->batch.fault == HC_FAULT_RERUN;

    if (clash != CLASH_NONE && (has_waited(status) || (status < 0 && rerun))) {
        CHECK(not_written(t));
        tally_way(t, &s->op, rerun ? WAY_RERUN : WAY_BUSY);
        t->tally->waits++;
        recover(t, p, connection);
        return;
    }
    CHECK(clash != CLASH_MUST);
    if (s->expected.status < 0) {
        check_failure(t, status, 0, &s->expected);
        t->tally->rollbacks += p->open;
        close_party(p);
    } else {
        CHECK_OK(status);
        succeed(t, s, p, flags);
    }
}

static void step(test *t, scene *s)
{
    size_t connection = pick(t, CONNECTIONS);
    party *p = &s->parties[connection];
    enum clash clash;
    uint32_t flags;
    hc_status status;

    look(s, p);
    s->op = make_op(t, s);
    if (p->open && p->read_only)
        s->op = random_query(t, &s->view);
    flags = choose_flags(t, s, p);
    random_expect(t, &s->view, &s->op);
    model_apply(t, &s->view, &s->op, &s->expected);
    clash = clash_of(t, s, p, flags);
    t->batch.deadline = monotonic() + (clash == CLASH_NONE ? ENOUGH_TIME : WAIT);
    status = run(t, t->connections[connection], flags, &s->op, 1);
    t->batch.deadline = 0;
    judge(t, s, connection, flags, clash, status);
}

static void end_all(test *t, scene *s)
{
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (s->parties[i].open)
            CHECK_OK(run(t, t->connections[i], HC_BATCH_ROLLBACK, NULL, 0));
    }
    check_table(t, &s->committed);
}

void interleaved_sequence(test *t)
{
    scene *s = take(t, sizeof(*s));

    for (size_t i = 1; i < CONNECTIONS; i++)
        CHECK(t->connections[i] != NULL || reconnect(t, i) == HC_OK);
    t->no_words = t->no_arrival = true;
    for (uint32_t length = 5 + pick(t, 36); length > 0 && !t->failed; length--)
        step(t, s);
    if (!t->failed)
        end_all(t, s);
}
