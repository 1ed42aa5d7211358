#include "client/alive.h"

#include <string.h>

#include "base/bug.h"
#include "homeconnect/user.h"

hc_status hc__sign_in_ended(hc_error *err)
{
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the sign-in has ended");
}

/* The clock is read this coarse, in µs, so that reads which wait for a connection together ask the same (storage/merge.h):
 * a sign-in ends up to 16 ms early. */
#define GRAIN 0x3FFF

#define OF_USER  4 /* id, status, epoch, role */
#define OF_LOGIN 4 /* id, user, not revoked, not expired */

/* Both speak of named rows, so that an engine looks each up once a statement, before any row. In one block: it is made
 * for every read. */
typedef struct liveness {
    hc_value values[OF_USER + OF_LOGIN];
    hc_predicate tests[OF_USER + OF_LOGIN];
    const hc_predicate *parts[OF_USER + OF_LOGIN + 1]; /* room for the sign-in behind those of the user */
    hc_predicate of_user, of_login;
    hc_predicate user, login; /* that there is such a row */
    const hc_predicate *inside[2];
} liveness;

static void test(liveness *gate, size_t at, uint16_t field, int32_t how, hc_value value)
{
    gate->values[at] = value;
    gate->tests[at] = (hc_predicate){.test = how, .field = field, .values = &gate->values[at], .value_count = 1};
    gate->parts[at + (at >= OF_USER)] = &gate->tests[at];
}

static void test_int(liveness *gate, size_t at, const hc_kind *kind, uint16_t field, int32_t how, int64_t value)
{
    test(gate, at, field, how, hc__value_int(kind->fields[field].type, value));
}

static hc_predicate exists(const hc_kind *kind, const hc_predicate **inside, const hc_predicate *where)
{
    *inside = where;
    return (hc_predicate){.test = HC_TEST_EXISTS,
                          .field = HC_NO_FIELD,
                          .inner = HC_NO_FIELD,
                          .kind = kind,
                          .children = inside,
                          .child_count = 1};
}

/* The user is active and has my epoch, and the role too once it is known, since rows are chosen by it; my sign-in is
 * neither revoked nor expired. */
static liveness *liveness_of(hc__arena *arena, const hc_session *as)
{
    const hc_kind *users = &hc__user_entity.kind, *logins = &hc__login_entity.kind;
    liveness *out = hc__arena_alloc(arena, sizeof *out);
    const hc_predicate **of_login;

    if (out == NULL)
        return NULL;
    of_login = out->parts + OF_USER + 1;
    test(out, 0, hc__user_f_id, HC_TEST_EQ, hc__value_bytes(HC_TYPE_ID, as->user.bytes, sizeof(hc_id)));
    test_int(out, 1, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE);
    test_int(out, 2, users, hc__user_f_token_epoch, HC_TEST_EQ, as->epoch);
    test_int(out, 3, users, hc__user_f_role, HC_TEST_EQ, as->role);
    test(out, 4, hc__login_f_id, HC_TEST_EQ, hc__value_bytes(HC_TYPE_ID, as->login.bytes, sizeof(hc_id)));
    test(out, 5, hc__login_f_user_id, HC_TEST_EQ, out->values[0]);
    out->tests[6] = (hc_predicate){.test = HC_TEST_IS_NULL, .field = hc__login_f_revoked_at};
    of_login[2] = hc__bug("forgets-sign-outs") ? of_login[1] : &out->tests[6];
    test_int(out, 7, logins, hc__login_f_expires_at, HC_TEST_GT, hc__core_now(as->core) | GRAIN);
    out->of_user = (hc_predicate){
        .test = HC_TEST_AND, .children = out->parts, .child_count = as->role_known ? OF_USER : OF_USER - 1};
    out->of_login = (hc_predicate){.test = HC_TEST_AND, .children = of_login, .child_count = OF_LOGIN};
    out->user = exists(users, &out->inside[0], &out->of_user);
    out->login = exists(logins, &out->inside[1], &out->of_login);
    return out;
}

static bool question_of(hc_op *op, hc__arena *arena, const hc_session *as, hc_op_result *answer)
{
    static const uint16_t role[] = {hc__user_f_role};
    liveness *gate = liveness_of(arena, as);

    if (gate == NULL)
        return false;
    gate->parts[gate->of_user.child_count++] = &gate->login;
    *op = (hc_op){.verb = HC_VERB_QUERY,
                  .expect = HC_EXPECT_ANY,
                  .kind = &hc__user_entity.kind,
                  .where = &gate->of_user,
                  .fields = role,
                  .field_count = 1,
                  .index = HC_INDEX_ID,
                  .result = answer};
    return true;
}

static void note_role(hc_session *as, const hc_row *row)
{
    as->role = (int32_t)row->values[0].as.integer; /* users.role has the codes of HC_ROLE_ */
    as->role_known = true;
}

/* ---- by itself ---- */

static hc_status take_role(const hc_row *row, void *data, hc_error *err)
{
    (void)err;
    note_role(data, row);
    return HC_OK;
}

hc_status hc__session_check(hc_session *as, hc__lease *lease, uint32_t flags, hc_error *err)
{
    uint8_t room[2048];
    hc__arena arena;
    hc_op_result answer = {0};
    hc_op op;
    hc_batch batch = {.flags = flags, .ops = &op, .op_count = 1, .on_row = take_role, .data = as};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = question_of(&op, &arena, as, &answer) ? hc__session_run(as, lease, &batch, err) : hc__no_memory(err);
    if (status >= 0 && answer.count == 0)
        status = hc__sign_in_ended(err);
    if (status >= 0) {
        as->verdict[lease->slot] = batch.stamp;
        as->verdict_generation[lease->slot] = lease->generation;
    }
    hc__arena_free(&arena);
    return status;
}

/* ---- with other work ---- */

static hc_status pass_on(const hc_row *row, void *data, hc_error *err)
{
    hc__asking *asking = data;
    hc_row moved = *row;

    if (row->op == asking->question) {
        note_role(asking->as, row);
        return HC_OK;
    }
    if (row->op > asking->question)
        moved.op--;
    asking->gave = true;
    return asking->on_row == NULL ? HC_OK : asking->on_row(&moved, asking->data, err);
}

void hc__asking_init(hc__asking *asking, hc_session *as, const hc_batch *batch)
{
    memset(asking, 0, sizeof *asking);
    asking->as = as;
    asking->batch = *batch;
    asking->on_row = batch->on_row;
    asking->data = batch->data;
    asking->question = SIZE_MAX;
    if (batch->on_row != NULL) {
        asking->batch.on_row = pass_on;
        asking->batch.data = asking;
    }
}

/* The caller's operations from position `at` on, with room for `more` before and behind. */
static hc_op *copy_ops(hc__asking *asking, size_t at, size_t more, hc__arena *arena)
{
    hc_batch *batch = &asking->batch;
    hc_op *ops = hc__arena_alloc(arena, (batch->op_count + more) * sizeof *ops);

    if (ops == NULL)
        return NULL;
    if (batch->op_count > 0)
        memcpy(ops + at, batch->ops, batch->op_count * sizeof *ops);
    batch->ops = ops;
    return ops;
}

static bool writes(const hc_batch *batch)
{
    for (size_t i = 0; i < batch->op_count; i++)
        if (batch->ops[i].verb < HC_VERB_QUERY)
            return true;
    return false;
}

hc_status hc__asking_also(hc__asking *asking, hc__arena *arena, hc_error *err)
{
    bool first = writes(&asking->batch);
    size_t at = first ? 0 : asking->batch.op_count;
    hc_op *ops = copy_ops(asking, first ? 1 : 0, 1, arena);

    if (ops == NULL || !question_of(&ops[at], arena, asking->as, &asking->answer))
        return hc__no_memory(err);
    asking->question = at;
    asking->batch.op_count++;
    asking->batch.on_row = pass_on;
    asking->batch.data = asking;
    return HC_OK;
}

void hc__asking_tell(const hc__asking *asking, hc_batch *batch)
{
    batch->failed_op = asking->batch.failed_op;
    batch->fault = asking->batch.fault;
    batch->fault_index = asking->batch.fault_index;
    if (batch->failed_op > asking->question)
        batch->failed_op--;
}

/* Two conjuncts more; drivers look for a MATCH among the first ones of `where`. */
static const hc_predicate *under(hc__arena *arena, const hc_predicate *where, const liveness *gate)
{
    size_t count = where == NULL ? 0 : where->test == HC_TEST_AND ? where->child_count : 1;
    hc_predicate *all = hc__arena_alloc(arena, sizeof *all);
    const hc_predicate **parts = hc__arena_alloc(arena, (count + 2) * sizeof *parts);

    if (all == NULL || parts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        parts[i] = where->test == HC_TEST_AND ? where->children[i] : where;
    parts[count] = &gate->user;
    parts[count + 1] = &gate->login;
    *all = (hc_predicate){.test = HC_TEST_AND, .children = parts, .child_count = count + 2};
    return all;
}

hc_status hc__asking_in_reads(hc__asking *asking, hc__arena *arena, hc_error *err)
{
    size_t count = asking->batch.op_count;
    const liveness *gate = liveness_of(arena, asking->as);
    hc_op *ops = copy_ops(asking, 0, 0, arena);
    hc_op_result *results = hc__arena_zero(arena, count, sizeof *results);

    if (gate == NULL || ops == NULL || results == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        ops[i].where = under(arena, ops[i].where, gate);
        if (ops[i].where == NULL)
            return hc__no_memory(err);
        if (ops[i].result == NULL)
            ops[i].result = &results[i];
        *ops[i].result = (hc_op_result){0};
    }
    return HC_OK;
}

static bool is_exact(const hc_op *op)
{
    return op->verb < HC_VERB_QUERY && op->verb != HC_VERB_INSERT_IF_ABSENT && op->expect > 0;
}

hc_status hc__asking_in_write(hc__asking *asking, bool *able, hc__arena *arena, hc_error *err)
{
    const liveness *gate;
    hc_op *ops;
    size_t at = 0;

    while (at < asking->batch.op_count && asking->batch.ops[at].verb >= HC_VERB_QUERY)
        at++;
    *able = at < asking->batch.op_count && is_exact(&asking->batch.ops[at]);
    if (!*able)
        return HC_OK;
    gate = liveness_of(arena, asking->as);
    ops = copy_ops(asking, 0, 0, arena);
    if (gate == NULL || ops == NULL)
        return hc__no_memory(err);
    ops[at].where = under(arena, ops[at].where, gate);
    return ops[at].where == NULL ? hc__no_memory(err) : HC_OK;
}

bool hc__asking_proved(const hc__asking *asking)
{
    const hc_batch *batch = &asking->batch;

    if (asking->question != SIZE_MAX)
        return asking->answer.count > 0;
    for (size_t i = 0; i < batch->op_count; i++)
        if (is_exact(&batch->ops[i]) ||
            (batch->ops[i].result != NULL && (batch->ops[i].result->count > 0 || batch->ops[i].result->examined > 0)))
            return true;
    return false;
}

bool hc__asking_asked(const hc__asking *asking)
{
    return asking->question != SIZE_MAX;
}
