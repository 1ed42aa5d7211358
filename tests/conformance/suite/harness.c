#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void fail_at(test *t, const char *file, int line, const char *what)
{
    char out[768];
    const char *slash = strrchr(file, '/');

    t->failed = true;
    (void)snprintf(out, sizeof(out), "FAILED %s (%s:%d): %s [status %d, field \"%s\": %s]", t->name,
                   slash == NULL ? file : slash + 1, line, what, (int)t->err.status, t->err.field, t->err.message);
    t->suite->report(out, t->suite->data);
}

void *take(test *t, size_t size)
{
    size_t padded = (size + 15) & ~(size_t)15;
    void *out;

    if (padded > POOL_SIZE - t->pool_used) {
        t->suite->report("the suite's own pool is too small", t->suite->data);
        abort();
    }
    out = t->pool + t->pool_used;
    t->pool_used += padded;
    memset(out, 0, padded);
    return out;
}

void *take_copy(test *t, const void *data, size_t size)
{
    char *out = take(t, size + 1);

    if (size > 0)
        memcpy(out, data, size);
    return out;
}

bool used_up(const test *t)
{
    return t->bytes != NULL && t->byte_count == 0;
}

/* What begins with the last byte goes on as `random` says: a choice that is tried again until it fits needs others. */
static uint32_t pick_byte(test *t)
{
    t->byte_count--;
    return *t->bytes++;
}

uint32_t pick(test *t, uint32_t below)
{
    if (t->byte_count > 1 && below > 256)
        return (pick_byte(t) << 8 | pick_byte(t)) % below;
    if (t->byte_count > 0)
        return pick_byte(t) % below;
    t->random = t->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((t->random >> 33) % below);
}

/* ---- values ---- */

hc_value null_value(void)
{
    return (hc_value){HC_TYPE_NULL, 0, {0}};
}

hc_value number(int32_t type, int64_t n)
{
    return (hc_value){type, 0, {n}};
}

hc_value text(int32_t type, const char *s)
{
    hc_value out = {type, (uint32_t)strlen(s), {0}};

    out.as.bytes = s;
    return out;
}

hc_value bytes(test *t, int32_t type, const void *data, size_t size)
{
    hc_value out = {type, (uint32_t)size, {0}};

    out.as.bytes = take_copy(t, data, size);
    return out;
}

static void make_id(unsigned char *out, uint32_t n)
{
    static const unsigned char tail[12] = {0x70, 0, 0x80, 0, 0x27, 0x22, 0x25, 0x5c, 0xff, 0, 0x80, 0x01};

    out[0] = (unsigned char)(n >> 24);
    out[1] = (unsigned char)(n >> 16);
    out[2] = (unsigned char)(n >> 8);
    out[3] = (unsigned char)n;
    memcpy(out + 4, tail, sizeof(tail));
}

hc_value id_value(test *t, uint32_t n)
{
    unsigned char raw[16];

    make_id(raw, n);
    return bytes(t, HC_TYPE_ID, raw, sizeof(raw));
}

bool is_id(const hc_value *value, uint32_t n)
{
    unsigned char raw[16];

    make_id(raw, n);
    return value->type == HC_TYPE_ID && value->size == 16 && memcmp(value->as.bytes, raw, 16) == 0;
}

static bool has_bytes(int32_t type)
{
    return type == HC_TYPE_ID || (type >= HC_TYPE_TEXT && type <= HC_TYPE_TOKENS);
}

int compare_values(const hc_value *a, const hc_value *b)
{
    size_t shorter = a->size < b->size ? a->size : b->size;
    int first;

    if (!has_bytes(a->type))
        return (a->as.integer > b->as.integer) - (a->as.integer < b->as.integer);
    first = shorter == 0 ? 0 : memcmp(a->as.bytes, b->as.bytes, shorter);
    return first != 0 ? first : (a->size > b->size) - (a->size < b->size);
}

bool same_value(const hc_value *a, const hc_value *b)
{
    return a->type == b->type && (a->type == HC_TYPE_NULL || compare_values(a, b) == 0);
}

/* ---- predicates ---- */

static hc_predicate *node(test *t, int32_t what)
{
    hc_predicate *p = take(t, sizeof(*p));

    p->test = what;
    p->inner = HC_NO_FIELD;
    return p;
}

const hc_predicate *leaf_list(test *t, int32_t what, uint16_t field, const hc_value *values, size_t count)
{
    hc_predicate *p = node(t, what);

    p->field = field;
    p->values = take_copy(t, values, count * sizeof(*values));
    p->value_count = count;
    return p;
}

const hc_predicate *match_list(test *t, uint16_t first, uint16_t last, const hc_value *values, size_t count)
{
    hc_predicate *p = node(t, HC_TEST_MATCH);

    p->field = first;
    p->inner = first == last ? HC_NO_FIELD : last;
    p->values = take_copy(t, values, count * sizeof(*values));
    p->value_count = count;
    return p;
}

const hc_predicate *leaf(test *t, int32_t what, uint16_t field, hc_value value)
{
    return leaf_list(t, what, field, &value, 1);
}

const hc_predicate *null_test(test *t, int32_t what, uint16_t field)
{
    hc_predicate *p = node(t, what);

    p->field = field;
    return p;
}

static const hc_predicate *pair(test *t, int32_t what, const hc_predicate *a, const hc_predicate *b)
{
    hc_predicate *p = node(t, what);
    const hc_predicate **children = take(t, 2 * sizeof(hc_predicate *));

    children[0] = a;
    children[1] = b;
    p->children = children;
    p->child_count = 2;
    return p;
}

const hc_predicate *both(test *t, const hc_predicate *a, const hc_predicate *b)
{
    return pair(t, HC_TEST_AND, a, b);
}

const hc_predicate *either(test *t, const hc_predicate *a, const hc_predicate *b)
{
    return pair(t, HC_TEST_OR, a, b);
}

const hc_predicate *constant(test *t, bool truth)
{
    return node(t, truth ? HC_TEST_TRUE : HC_TEST_FALSE);
}

const hc_predicate *exists(test *t, const hc_kind *kind, uint16_t field, uint16_t inner, const hc_predicate *inside)
{
    hc_predicate *p = node(t, HC_TEST_EXISTS);
    const hc_predicate **children = take(t, sizeof(hc_predicate *));

    children[0] = inside;
    p->field = field;
    p->inner = inner;
    p->children = children;
    p->child_count = 1;
    p->kind = kind;
    return p;
}

/* ---- operations ---- */

static hc_op operation(int32_t verb, const hc_kind *kind, const hc_predicate *where)
{
    hc_op op = {0};

    op.verb = verb;
    op.expect = HC_EXPECT_ANY;
    op.kind = kind;
    op.where = where;
    op.index = HC_INDEX_ANY;
    return op;
}

static void put_set(test *t, hc_op *op, uint16_t field, uint16_t how, hc_value value)
{
    hc_set *sets = take(t, (op->set_count + 1) * sizeof(*sets));

    if (op->set_count > 0)
        memcpy(sets, op->sets, op->set_count * sizeof(*sets));
    for (size_t i = 0; i < op->set_count; i++) {
        if (sets[i].field == field) {
            sets[i].how = how;
            sets[i].value = value;
            op->sets = sets;
            return;
        }
    }
    sets[op->set_count] = (hc_set){field, how, 0, value};
    op->sets = sets;
    op->set_count++;
}

void set(test *t, hc_op *op, uint16_t field, hc_value value)
{
    put_set(t, op, field, HC_SET_TO, value);
}

void add(test *t, hc_op *op, uint16_t field, hc_value value)
{
    put_set(t, op, field, HC_SET_ADD, value);
}

hc_value moment(const test *t, int64_t us)
{
    return number(HC_TYPE_TIME, t->documents ? us - (us % 1000 + 1000) % 1000 : us);
}

hc_op insert_item(test *t, uint32_t n)
{
    hc_op op = operation(HC_VERB_INSERT, t->kind, NULL);
    char code[32];
    int size = snprintf(code, sizeof(code), "code-%u", (unsigned)n);

    set(t, &op, ITEM_ID, id_value(t, n));
    set(t, &op, ITEM_BIG, number(HC_TYPE_INT64, n));
    set(t, &op, ITEM_STATE, number(HC_TYPE_ENUM, OPEN));
    set(t, &op, ITEM_CODE, bytes(t, HC_TYPE_KEY, code, (size_t)size));
    set(t, &op, ITEM_RANK, number(HC_TYPE_INT32, n));
    return op;
}

hc_op insert_owner(test *t, uint32_t n, const char *name, int level, bool active)
{
    hc_op op = operation(HC_VERB_INSERT, &owners, NULL);

    set(t, &op, OWNER_ID, id_value(t, n));
    set(t, &op, OWNER_NAME, text(HC_TYPE_TEXT, name));
    set(t, &op, OWNER_LEVEL, number(HC_TYPE_INT32, level));
    set(t, &op, OWNER_ACTIVE, number(HC_TYPE_BOOL, active));
    return op;
}

hc_op update(const hc_kind *kind, const hc_predicate *where, int32_t expect)
{
    hc_op op = operation(HC_VERB_UPDATE_WHERE, kind, where);

    op.expect = expect;
    return op;
}

hc_op removal(const hc_kind *kind, const hc_predicate *where, int32_t expect)
{
    hc_op op = operation(HC_VERB_REMOVE_WHERE, kind, where);

    op.expect = expect;
    return op;
}

hc_op count_of(const hc_kind *kind, const hc_predicate *where)
{
    return operation(HC_VERB_COUNT, kind, where);
}

hc_op query(test *t, const hc_kind *kind, const hc_predicate *where)
{
    hc_op op = operation(HC_VERB_QUERY, kind, where);
    uint16_t *fields = take(t, kind->field_count * sizeof(*fields));
    hc_order *order = take(t, sizeof(*order));

    for (uint16_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type != HC_TYPE_TOKENS)
            fields[op.field_count++] = i;
    }
    op.fields = fields;
    op.order = order;
    op.order_count = 1;
    return op;
}

void order_by(test *t, hc_op *op, uint16_t field, uint32_t flags)
{
    hc_order *order = take(t, (op->order_count + 1) * sizeof(*order));

    memcpy(order, op->order, op->order_count * sizeof(*order));
    order[op->order_count] = order[op->order_count - 1];
    order[op->order_count - 1] = (hc_order){field, (uint16_t)flags};
    order[op->order_count].flags = (uint16_t)(flags & HC_ORDER_DESCENDING);
    op->order = order;
    op->order_count++;
}

/* ---- running ---- */

static hc_status on_row(const hc_row *row, void *data, hc_error *err)
{
    test *t = data;
    result_row *out;

    if (t->row_count == ROW_LIMIT)
        return HC_ERR_TOO_LARGE;
    out = &t->rows[t->row_count++];
    out->op = row->op;
    out->what = row->what;
    out->count = row->count;
    out->values = take_copy(t, row->values, row->count * sizeof(hc_value));
    for (uint32_t i = 0; i < row->count; i++) {
        if (has_bytes(out->values[i].type))
            out->values[i].as.bytes = take_copy(t, row->values[i].as.bytes, row->values[i].size);
    }
    if (t->on_row != NULL)
        t->on_row(t);
    t->stop_seen += t->stop_op == ANY_OP || t->stop_op == row->op;
    if (t->stop_after == 0 || t->stop_seen < t->stop_after || (t->stop_op != ANY_OP && t->stop_op != row->op))
        return HC_OK;
    if (t->stop_with < 0 && err != NULL)
        err->status = t->stop_with;
    return t->stop_with;
}

hc_status run(test *t, void *conn, uint32_t flags, hc_op *ops, size_t count)
{
    int64_t deadline = t->batch.deadline;

    for (size_t i = 0; i < count; i++) {
        if (ops[i].result == NULL)
            ops[i].result = take(t, sizeof(hc_op_result));
    }
    memset(&t->err, 0, sizeof(t->err));
    t->batch = (hc_batch){0};
    t->batch.struct_size = sizeof(t->batch);
    t->batch.flags = flags;
    t->batch.ops = ops;
    t->batch.op_count = count;
    t->batch.on_row = on_row;
    t->batch.data = t;
    t->batch.deadline = deadline;
    t->row_count = 0;
    t->stop_seen = 0;
    t->operations += (int64_t)count;
    return t->driver->execute(conn, &t->batch, &t->err);
}

hc_status run_one(test *t, hc_op op)
{
    hc_op *kept = take_copy(t, &op, sizeof(op));

    return run(t, t->connections[0], 0, kept, 1);
}

hc_status run_transaction(test *t, hc_op *ops, size_t count)
{
    return run(t, t->connections[0], HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, count);
}

hc_status run_all(test *t, hc_op *ops, size_t count)
{
    return run(t, t->connections[0], t->documents ? 0 : HC_BATCH_BEGIN | HC_BATCH_COMMIT, ops, count);
}

hc_status migrate_first(test *t)
{
    return t->driver->migrate(t->connections[0], t->documents ? &document_migration : &first_migration, 1, 0, &t->err);
}

int64_t monotonic(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

bool has_waited(hc_status status)
{
    return status == HC_ERR_BUSY || status == HC_ERR_TIMEOUT;
}

bool not_written(const test *t)
{
    return (t->err.flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_NO;
}

hc_status reconnect(test *t, size_t i)
{
    if (t->connections[i] != NULL)
        t->driver->disconnect(t->connections[i]);
    t->connections[i] = NULL;
    return t->driver->connect(&t->connections[i], t->store, HC_CONNECT_WRITE, 0, &t->err);
}

int64_t count_items(test *t, const hc_predicate *where)
{
    hc_status status = run_one(t, count_of(t->kind, where));

    return status < 0 ? -1 : t->batch.ops[0].result->count;
}

hc_status count_on(test *t, void *conn, uint32_t flags, int64_t *out)
{
    hc_op op = count_of(t->kind, NULL);
    hc_status status = run(t, conn, flags, &op, 1);

    *out = status < 0 ? -1 : op.result->count;
    return status;
}

/* In pieces, so that the pool holds one of them at a time. */
hc_status fill(test *t, uint32_t count)
{
    enum { PIECE = 50 };
    hc_status status = t->documents ? HC_OK : run(t, t->connections[0], HC_BATCH_BEGIN, NULL, 0);

    for (uint32_t done = 0; done < count && status == HC_OK; done += PIECE) {
        size_t mark = t->pool_used;
        hc_op ops[PIECE];
        uint32_t size = count - done < PIECE ? count - done : PIECE;

        for (uint32_t i = 0; i < size; i++)
            ops[i] = insert_item(t, done + i);
        status = run(t, t->connections[0], 0, ops, size);
        t->pool_used = mark;
    }
    return status < 0 || t->documents ? status : run(t, t->connections[0], HC_BATCH_COMMIT, NULL, 0);
}

bool rows_are(test *t, const uint32_t *numbers, size_t count)
{
    size_t at = 0;

    for (size_t i = 0; i < t->row_count; i++) {
        if (t->rows[i].what != HC_ROW_MATCH)
            continue;
        if (at == count || !is_id(&t->rows[i].values[0], numbers[at]))
            return false;
        at++;
    }
    return at == count;
}

hc_status query_ids(test *t, const hc_op *op)
{
    static const uint16_t id_only[] = {0};
    hc_op narrow = *op;

    narrow.fields = id_only;
    narrow.field_count = 1;
    narrow.result = NULL;
    return run_one(t, narrow);
}
