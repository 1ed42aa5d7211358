#include "client/outcome.h"

#include <string.h>

#define FIRST_PAUSE (20 * INT64_C(1000))
#define LAST_PAUSE  (500 * INT64_C(1000))

static uint16_t word_of(const hc__entity *entity)
{
    return entity == &hc__event_entity ? (uint16_t)hc__event_f_resource : (uint16_t)hc__idempotency_f_operation;
}

const hc_predicate *hc__proof_is(hc__arena *arena, const hc__entity *entity, int32_t test, const char *word)
{
    return hc__is_bytes(arena, &entity->kind, word_of(entity), test, word, strlen(word));
}

/* Without a change, of a number that each proof has: so that the question's own commit has something to commit, and
 * waits for a standby behind which the unit's stands too. */
static hc_set nothing(const hc__entity *entity)
{
    uint16_t field =
        entity == &hc__event_entity ? (uint16_t)hc__event_f_version : (uint16_t)hc__idempotency_f_result_version;

    return (hc_set){field, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 0)};
}

/* What the kind asks of a row, and nothing else. */
static void fill(hc__record *row, const hc__proof *proof, int64_t now)
{
    hc__record_set_id(row, 0, proof->id);
    hc__record_set_text(row, word_of(row->entity), HC__PROOF_VOID, strlen(HC__PROOF_VOID));
    hc__record_set_int(row, row->entity->created_at, now);
    if (row->entity == &hc__event_entity) {
        hc__record_set_id(row, hc__event_f_resource_id, proof->id);
        hc__record_set_int(row, hc__event_f_change, 1);
        hc__record_set_int(row, hc__event_f_version, 1);
    } else {
        hc__record_set_id(row, hc__idempotency_f_actor_id, (hc_id){{0}});
    }
}

struct found {
    bool any, is_void;
};

static hc_status take_word(const hc_row *row, void *data, hc_error *err)
{
    struct found *found = data;
    const hc_value *word = &row->values[0];

    (void)err;
    found->any = true;
    found->is_void = word->size == strlen(HC__PROOF_VOID) && memcmp(word->as.bytes, HC__PROOF_VOID, word->size) == 0;
    return HC_OK;
}

static hc_status ask(struct found *found, hc_session *as, hc_batch *batch, hc_error *err)
{
    hc__lease lease;
    hc_status status = hc__session_acquire(as, &lease, HC_CONNECT_WRITE, err);

    if (status < 0)
        return status;
    *found = (struct found){false, false};
    batch->flags = HC_BATCH_BEGIN | HC_BATCH_COMMIT;
    status = hc__session_run(as, &lease, batch, err);
    hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    return status;
}

/* A server that was killed may say anything before it answers again; what is this process's own trouble stays. */
static bool may_pass(hc_status status)
{
    switch (status) {
    case HC_ERR_CANCELLED:
    case HC_ERR_FORKED:
    case HC_ERR_NO_MEMORY:
    case HC_ERR_MISUSE:
        return false;
    default:
        return status < 0;
    }
}

static hc_status ask_on(bool *written, hc_session *as, hc_batch *batch, hc_error *err)
{
    struct found found = {false, false};
    hc_status status;

    batch->data = &found;
    for (int64_t pause = FIRST_PAUSE;; pause = pause < LAST_PAUSE ? 2 * pause : LAST_PAUSE) {
        status = ask(&found, as, batch, err);
        if (!may_pass(status) || hc__os_monotonic() + pause >= as->deadline)
            break;
        hc__os_sleep(pause + (int64_t)(hc__os_thread() % 1000));
    }
    if (status >= 0 && !found.any)
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the proof of a unit of work was removed too early");
    *written = status >= 0 && !found.is_void;
    return status;
}

hc_status hc__outcome_find(bool *written, hc_session *as, const hc__proof *proof, hc_error *err)
{
    const hc_kind *kind = &proof->entity->kind;
    uint16_t word = word_of(proof->entity);
    hc_set touch = nothing(proof->entity);
    hc_set sets[hc__event_field_count + hc__idempotency_field_count];
    uint8_t room[1024];
    hc__arena arena;
    hc__record row;
    hc_op ops[] = {
        {.verb = HC_VERB_INSERT_IF_ABSENT, .expect = HC_EXPECT_ANY, .kind = kind, .sets = sets, .index = HC_INDEX_ANY},
        {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = kind, .sets = &touch, .set_count = 1, .index = HC_INDEX_ID},
        {.verb = HC_VERB_QUERY,
         .expect = HC_EXPECT_ANY,
         .kind = kind,
         .fields = &word,
         .field_count = 1,
         .index = HC_INDEX_ID}};
    hc_batch batch = {.ops = ops, .op_count = 3, .on_row = take_word};
    hc_status status;

    *written = false;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = hc__record_init(&row, proof->entity, &arena, err);
    if (status >= 0) {
        fill(&row, proof, hc__core_now(as->core));
        for (uint16_t i = 0; i < kind->field_count; i++)
            if (row.values[i].type != HC_TYPE_NULL)
                sets[ops[0].set_count++] = (hc_set){i, HC_SET_TO, 0, row.values[i]};
        ops[1].where = ops[2].where = hc__is_id(&arena, 0, proof->id);
        status = ops[1].where == NULL || row.fault < 0 ? hc__no_memory(err) : ask_on(written, as, &batch, err);
    }
    hc__arena_free(&arena);
    return status;
}
