/* The beginning of a store's chain, and the passes that run outside of the units that added rows. */
#include <string.h>

#include "client/audit_chain.h"

/* ---- rows that are older than marks ---- */

struct old {
    hc_id id;
    uint8_t pseudonym[32], seal[HC__SEAL_SIZE];
    bool has_actor;
};

struct old_rows {
    const hc__core *core;
    hc__buf scratch;
    size_t count;
    struct old rows[HC__SEAL_RUN];
};

static hc_status take_old(const hc_row *row, void *data, hc_error *err)
{
    struct old_rows *old = data;
    struct old *out = &old->rows[old->count];
    hc_value values[hc__audit_field_count];

    memset(out, 0, sizeof *out);
    memcpy(values, row->values, sizeof values); /* the projection is all fields in order */
    memcpy(out->id.bytes, values[hc__audit_f_id].as.bytes, sizeof out->id);
    if (values[hc__audit_f_actor_id].type != HC_TYPE_NULL) {
        hc_id actor;
        memcpy(actor.bytes, values[hc__audit_f_actor_id].as.bytes, sizeof actor);
        hc__audit_pseudonym(out->pseudonym, old->core, actor);
        out->has_actor = true;
        values[hc__audit_f_pseudonym] = hc__value_bytes(HC_TYPE_BYTES, out->pseudonym, sizeof out->pseudonym);
    }
    if (!hc__audit_mark(out->seal, &old->scratch, old->core, values))
        return hc__no_memory(err);
    old->count++;
    return HC_OK;
}

static hc_status read_old(hc__unit *unit, struct old_rows *old, hc_error *err)
{
    static const hc_order order = {hc__audit_f_id, 0};
    uint16_t fields[hc__audit_field_count];
    hc__arena *arena = hc__unit_arena(unit);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__audit_entity.kind,
                .where = hc__all_of(arena, hc__is_null(arena, hc__audit_f_seq), hc__is_null(arena, hc__audit_f_seal)),
                .fields = fields,
                .field_count = hc__audit_field_count,
                .order = &order,
                .order_count = 1,
                .limit = HC__SEAL_RUN,
                .index = HC_INDEX_ANY};

    for (uint16_t i = 0; i < hc__audit_field_count; i++)
        fields[i] = i;
    return op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_old, old, err);
}

static hc_status mark(hc__unit *unit, const struct old *row, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record marked;
    hc_status status = hc__record_init(&marked, &hc__audit_entity, arena, err);

    if (status < 0)
        return status;
    hc__record_set_text(&marked, hc__audit_f_seal, (const char *)row->seal, sizeof row->seal);
    if (row->has_actor)
        hc__record_set_text(&marked, hc__audit_f_pseudonym, (const char *)row->pseudonym, sizeof row->pseudonym);
    hc__unit_update(unit, &marked, hc__is_id(arena, hc__audit_f_id, row->id));
    return HC_OK;
}

/* Who can write the store can take the seals off, too: rows that are taken as they are do not go unsaid. */
static void tell(const hc_session *as, size_t count)
{
    if (count > 0)
        hc__core_log(
            as->core, HC_LOG_WARN, as->request_id,
            "%zu rows of the audit log without seals were taken as they are: verify against a report kept before",
            count);
}

/* Marks as many as one pass takes; *more tells whether there may be others. */
static hc_status mark_old(hc__unit *unit, bool *more, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    struct old_rows *old = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *old);
    hc_status status;

    if (old == NULL)
        return hc__no_memory(err);
    old->core = as->core;
    hc__buf_init(&old->scratch, &as->core->mem);
    status = read_old(unit, old, err);
    hc__buf_free(&old->scratch);
    for (size_t i = 0; status >= 0 && i < old->count; i++)
        status = mark(unit, &old->rows[i], err);
    *more = old->count == HC__SEAL_RUN;
    if (status >= 0)
        status = hc__unit_flush(unit, NULL, err);
    if (status >= 0)
        tell(as, old->count);
    return status;
}

/* ---- the head ---- */

struct facts {
    hc__chain chain;
    hc_op_result waiting; /* a row without a number */
    const hc__core *core;
};

static hc_status take_fact(const hc_row *row, void *data, hc_error *err)
{
    struct facts *facts = data;

    (void)err;
    hc__chain_take(&facts->chain, facts->core, row);
    return HC_OK;
}

static hc_op some_rows(const hc__entity *entity, const hc_predicate *where, int64_t most, hc_op_result *result)
{
    return (hc_op){.verb = HC_VERB_COUNT,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .where = where,
                   .limit = most,
                   .index = HC_INDEX_ANY,
                   .result = result};
}

static const hc_predicate *is_text(hc__arena *arena, uint16_t field, const char *text)
{
    return hc__is_bytes(arena, &hc__audit_entity.kind, field, HC_TEST_EQ, text, strlen(text));
}

/* Each user that was made has a row. Two tell of a log that was emptied, whatever the row of the act at hand is. */
static hc_status users_are_told(hc__unit *unit, bool *out, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result users = {0}, made = {0};
    const hc_predicate *is_made =
        hc__all_of(arena, is_text(arena, hc__audit_f_event, "user_created"), is_text(arena, hc__audit_f_result, "ok"));
    hc_op ops[] = {some_rows(&hc__user_entity, NULL, 2, &users), some_rows(&hc__audit_entity, is_made, 2, &made)};
    hc_status status = is_made == NULL ? hc__no_memory(err) : hc__unit_read(unit, ops, 2, NULL, NULL, err);

    *out = made.count >= users.count;
    return status;
}

/* A log that has numbers had a head, and so had one that does not tell of its users: it goes on behind a number that
 * stays free, so that the place is seen for ever. */
static hc_status make_head(hc__unit *unit, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    bool told = false;
    int64_t last;
    hc_status status = hc__audit_last(unit, &last, err);

    if (status >= 0)
        status = users_are_told(unit, &told, err);
    if (status < 0)
        return status;
    if (last == 0 && told)
        return hc__chain_make(unit, 0, err);
    hc__core_log(as->core, HC_LOG_ERROR, as->request_id, "the audit log has no head: verify the log");
    return hc__chain_make(unit, last < INT64_MAX ? last + 1 : last, err);
}

hc_status hc__audit_begin(hc__unit *unit, bool *done, hc_error *err)
{
    struct facts facts = {.core = hc__unit_session(unit)->core};
    hc_op op = hc__chain_op(hc__unit_arena(unit));
    int64_t last = 0;
    bool more = false;
    hc_status status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_fact, &facts, err);

    *done = facts.chain.found; /* perhaps another opener's */
    if (status < 0 || facts.chain.found)
        return status;
    status = hc__audit_last(unit, &last, err);
    if (status >= 0 && last == 0)
        status = mark_old(unit, &more, err);
    if (status < 0 || more)
        return status;
    *done = true;
    return make_head(unit, err);
}

static hc_status begin(hc__unit *unit, void *data, hc_error *err)
{
    return hc__audit_begin(unit, data, err);
}

static hc_status look(struct facts *facts, hc_session *as, hc_error *err)
{
    uint8_t room[512];
    hc__arena arena;
    hc_op ops[2];
    hc_status status;

    facts->core = as->core;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    ops[0] = hc__chain_op(&arena);
    ops[1] = some_rows(&hc__audit_entity, hc__is_null(&arena, hc__audit_f_seq), 1, &facts->waiting);
    status = ops[0].where == NULL || ops[1].where == NULL ? hc__no_memory(err)
                                                          : hc__session_read(as, ops, 2, take_fact, facts, err);
    hc__arena_free(&arena);
    return status;
}

static hc_status seal_some(hc__unit *unit, void *data, hc_error *err)
{
    hc__unit_repeatable(unit);
    return hc__audit_seal(unit, HC__SEAL_RUN, data, err);
}

hc_status hc__audit_start(hc__core *core, int64_t until, int64_t *sealed, hc_error *err)
{
    struct facts facts = {.chain = {.found = false}};
    bool begun = false;
    hc_session *as;
    int64_t some = HC__SEAL_RUN;
    hc_status status = hc__session_new(&as, core, HC_ROLE_SYSTEM, NULL, err);

    *sealed = 0;
    if (status < 0)
        return status;
    as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    status = look(&facts, as, err);
    begun = facts.chain.found;
    while (status >= 0 && !begun) {
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = hc__unit_run_unchecked(as, begin, &begun, err);
        if (status == HC_ERR_CONFLICT) /* another opener made it in the same moment */
            status = look(&facts, as, err);
        begun = begun || facts.chain.found;
    }
    while (status >= 0 && facts.waiting.count > 0 && some == HC__SEAL_RUN && hc__os_monotonic() < until) {
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = hc__unit_run_unchecked(as, seal_some, &some, err);
        *sealed += status < 0 ? 0 : some;
    }
    if (status == HC_ERR_CONFLICT) /* another sealer is at work */
        status = HC_OK;
    hc_session_free(as);
    return status;
}
