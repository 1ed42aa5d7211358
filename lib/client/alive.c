#include "client/alive.h"

#include <string.h>

#include "homeconnect/user.h"

hc_status hc__sign_in_ended(hc_error *err)
{
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "the sign-in has ended");
}

/* users.id = me AND active AND epoch = mine AND EXISTS (my sign-in, not revoked, not expired). The role is asked for
 * too once it is known: rows are chosen by it. */
static const hc_predicate *of_user(hc__arena *arena, const hc_session *as)
{
    const hc_kind *users = &hc__user_entity.kind, *logins = &hc__login_entity.kind;
    const hc_predicate *login, *mine;

    login =
        hc__all_of(arena, hc__is_id(arena, hc__login_f_id, as->login),
                   hc__all_of(arena, hc__is_null(arena, hc__login_f_revoked_at),
                              hc__is_int(arena, logins, hc__login_f_expires_at, HC_TEST_GT, hc__core_now(as->core))));
    mine = hc__all_of(arena, hc__is_int(arena, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE),
                      hc__is_int(arena, users, hc__user_f_token_epoch, HC_TEST_EQ, as->epoch));
    if (as->role_known)
        mine = hc__all_of(arena, mine, hc__is_int(arena, users, hc__user_f_role, HC_TEST_EQ, as->role));
    mine = hc__all_of(arena, mine, hc__exists(arena, logins, hc__login_f_user_id, hc__user_f_id, login));
    return hc__all_of(arena, hc__is_id(arena, hc__user_f_id, as->user), mine);
}

static bool question_of(hc_op *op, hc__arena *arena, const hc_session *as, hc_op_result *answer)
{
    static const uint16_t role[] = {hc__user_f_role};

    *op = (hc_op){.verb = HC_VERB_QUERY,
                  .expect = HC_EXPECT_ANY,
                  .kind = &hc__user_entity.kind,
                  .where = of_user(arena, as),
                  .fields = role,
                  .field_count = 1,
                  .index = HC_INDEX_ID,
                  .result = answer};
    return op->where != NULL;
}

static const hc_predicate *condition(hc__arena *arena, const hc_session *as)
{
    return hc__exists(arena, &hc__user_entity.kind, HC_NO_FIELD, HC_NO_FIELD, of_user(arena, as));
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

/* One conjunct more; drivers look for a MATCH among the first ones of `where`. */
static const hc_predicate *under(hc__arena *arena, const hc_predicate *where, const hc_predicate *gate)
{
    size_t count = where == NULL ? 0 : where->test == HC_TEST_AND ? where->child_count : 1;
    hc_predicate *all = hc__arena_zero(arena, 1, sizeof *all);
    const hc_predicate **parts = hc__arena_alloc(arena, (count + 1) * sizeof *parts);

    if (all == NULL || parts == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        parts[i] = where->test == HC_TEST_AND ? where->children[i] : where;
    parts[count] = gate;
    all->test = HC_TEST_AND;
    all->children = parts;
    all->child_count = count + 1;
    return all;
}

hc_status hc__asking_in_reads(hc__asking *asking, hc__arena *arena, hc_error *err)
{
    size_t count = asking->batch.op_count;
    const hc_predicate *gate = condition(arena, asking->as);
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
    const hc_predicate *gate;
    hc_op *ops;
    size_t at = 0;

    while (at < asking->batch.op_count && asking->batch.ops[at].verb >= HC_VERB_QUERY)
        at++;
    *able = at < asking->batch.op_count && is_exact(&asking->batch.ops[at]);
    if (!*able)
        return HC_OK;
    gate = condition(arena, asking->as);
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
