#include "client/upkeep.h"

#include "client/audit_chain.h"
#include "client/numbering.h"
#include "client/outcome.h"
#include "client/rate.h"
#include "client/relay.h"
#include "client/unit.h"
#include "client/viewings.h"

#define KEY_LIFETIME HC__DAY       /* security.md: idempotency keys live 24 hours */
#define LOGIN_KEPT   (7 * HC__DAY) /* an ended sign-in stays for the audit that may ask about it */
#define BATCH        512           /* rows of one transaction */
#define HOLDS        64            /* of appointments, each with its slots */
#define FEW          64            /* rows, behind a call */
#define SOON_WAIT    (2 * HC__SECOND)

struct sweep {
    const hc__entity *entity;
    uint16_t field; /* a time, or HC_NO_FIELD: `which` says it all */
    int64_t kept;
    const hc_predicate *(*which)(hc__arena *arena, int64_t now); /* NULL: all */
};

static const hc_predicate *is_proof(hc__arena *arena, int64_t now)
{
    (void)now;
    return hc__any_of(arena, hc__proof_is(arena, &hc__idempotency_entity, HC_TEST_EQ, HC__PROOF_UNIT),
                      hc__proof_is(arena, &hc__idempotency_entity, HC_TEST_EQ, HC__PROOF_VOID));
}

static const hc_predicate *is_void_event(hc__arena *arena, int64_t now)
{
    (void)now;
    return hc__all_of(arena, hc__is_null(arena, hc__event_f_seq),
                      hc__proof_is(arena, &hc__event_entity, HC_TEST_EQ, HC__PROOF_VOID));
}

/* No index has settled_at: ids that were made later cannot have been delivered before. A day is for clocks that differ.
 */
static const hc_predicate *is_old_effect(hc__arena *arena, int64_t now)
{
    const hc_kind *kind = &hc__effect_entity.kind;
    uint64_t millis = (uint64_t)(now - HC__RELAY_KEPT + HC__DAY) / 1000;
    uint8_t *id = hc__arena_zero(arena, 1, sizeof(hc_id));
    const hc_predicate *made;

    if (id == NULL)
        return NULL;
    for (int i = 0; i < 6; i++)
        id[i] = (uint8_t)(millis >> (40 - 8 * i));
    made = hc__all_of(arena, hc__is_int(arena, kind, hc__effect_f_state, HC_TEST_EQ, HC__EFFECT_DELIVERED),
                      hc__is_bytes(arena, kind, hc__effect_f_id, HC_TEST_LT, id, sizeof(hc_id)));
    return hc__all_of(arena, made, hc__is_when(arena, hc__effect_f_settled_at, HC_TEST_LT, -HC__RELAY_KEPT));
}

static const struct sweep sweeps[] = {
    {&hc__idempotency_entity, hc__idempotency_f_created_at, KEY_LIFETIME, NULL},
    {&hc__idempotency_entity, hc__idempotency_f_created_at, HC__PROOF_KEPT, is_proof},
    {&hc__event_entity, hc__event_f_created_at, HC__PROOF_KEPT, is_void_event},
    {&hc__login_entity, hc__login_f_expires_at, LOGIN_KEPT, NULL},
    {&hc__rate_entity, hc__rate_f_window_start, HC__RATE_KEPT, NULL},
    {&hc__effect_entity, HC_NO_FIELD, 0, is_old_effect},
};

#define SWEEPS (sizeof sweeps / sizeof sweeps[0])

/* One batch: a transaction that other writers need not wait for long. */
struct batch {
    const struct sweep *sweep;
    int64_t removed;
};

struct found {
    hc_value ids[BATCH];
    size_t count;
    hc__arena *arena;
};

static hc_status take_id(const hc_row *row, void *data, hc_error *err)
{
    struct found *found = data;
    const void *id = hc__arena_copy(found->arena, row->values[0].as.bytes, sizeof(hc_id));

    if (id == NULL)
        return hc__no_memory(err);
    found->ids[found->count++] = hc__value_bytes(HC_TYPE_ID, id, sizeof(hc_id));
    return HC_OK;
}

static hc_status find_old(hc__unit *unit, struct found *found, const struct sweep *sweep, hc_error *err)
{
    static const uint16_t id[] = {0};
    const hc_kind *kind = &sweep->entity->kind;
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .fields = id,
                .field_count = 1,
                .limit = BATCH,
                .index = HC_INDEX_ANY};

    op.where = sweep->field == HC_NO_FIELD
                   ? hc__is_true()
                   : hc__is_int(found->arena, kind, sweep->field, HC_TEST_LT, hc__unit_now(unit) - sweep->kept);
    if (sweep->which != NULL)
        op.where = hc__all_of(found->arena, op.where, sweep->which(found->arena, hc__unit_now(unit)));
    return op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_id, found, err);
}

static hc_status remove_old(hc__unit *unit, void *data, hc_error *err)
{
    struct batch *batch = data;
    hc__arena *arena = hc__unit_arena(unit);
    struct found *found = hc__arena_zero(arena, 1, sizeof *found);
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &batch->sweep->entity->kind,
                .index = HC_INDEX_ID};
    hc_status status;

    batch->removed = 0;
    hc__unit_repeatable(unit);
    if (found == NULL)
        return hc__no_memory(err);
    found->arena = arena;
    status = find_old(unit, found, batch->sweep, err);
    if (status < 0 || found->count == 0)
        return status;
    op.where = hc__is_in(arena, 0, found->ids, found->count);
    if (op.where == NULL)
        return hc__no_memory(err);
    hc__unit_add(unit, &op);
    batch->removed = (int64_t)found->count;
    return HC_OK;
}

/* One batch of each kind in turn, so that many rows of one do not keep the others waiting. */
static hc_status sweep_all(hc__core *core, hc_session *as, hc__upkeep *upkeep, int64_t end, hc_error *err)
{
    bool due[SWEEPS], any = true;
    for (size_t i = 0; i < SWEEPS; i++)
        due[i] = true;
    while (any) {
        any = false;
        for (size_t i = 0; i < SWEEPS; i++) {
            struct batch batch = {&sweeps[i], 0};
            hc_status status;

            if (!due[i])
                continue;
            if (hc__os_monotonic() >= end)
                return HC_OK;
            as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
            status = hc__unit_run(as, remove_old, &batch, err);
            if (status < 0)
                return status;
            upkeep->done += batch.removed;
            if (batch.removed > 0)
                hc__core_count(core, "upkeep.removed", batch.removed);
            due[i] = batch.removed == BATCH;
            any = any || due[i];
        }
    }
    return HC_OK;
}

static hc_status end_holds(hc__unit *unit, void *data, hc_error *err)
{
    hc__unit_unversioned(unit); /* another host may sweep, or an agent answer, in the same moment */
    return hc__holds_expire(unit, hc__is_true(), HOLDS, data, err);
}

/* Times that somebody held and did not take are free again. */
static hc_status sweep_holds(hc_session *as, hc__upkeep *upkeep, int64_t end, hc_error *err)
{
    int64_t ended = HOLDS;
    hc_status status = HC_OK;

    while (status >= 0 && ended == HOLDS && hc__os_monotonic() < end) {
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = hc__unit_run(as, end_holds, &ended, err);
        upkeep->done += status < 0 ? 0 : ended;
    }
    return status;
}

hc_status hc__upkeep_run(hc__core *core, void *data, hc_error *err)
{
    hc__upkeep *upkeep = data;
    int64_t end = hc__os_monotonic() + upkeep->budget;
    hc_session *as;
    hc_status status;

    if (hc__unit_on_this_thread(core))
        return hc__fail(err, HC_ERR_MISUSE, "client", "not inside a unit of work");
    status = hc__core_ready(core, end, err);
    if (status >= 0)
        status = hc__session_new(&as, core, HC_ROLE_SYSTEM, NULL, err);
    if (status < 0)
        return status;
    status = sweep_all(core, as, upkeep, end, err);
    if (status >= 0)
        status = sweep_holds(as, upkeep, end, err);
    hc_session_free(as);
    if (status >= 0 && hc__os_monotonic() < end) {
        int64_t sealed;
        status = hc__audit_start(core, end, &sealed, err);
        upkeep->done += sealed;
    }
    if (status >= 0 && hc__os_monotonic() < end) {
        int64_t numbered;
        status = hc__events_start(core, end, &numbered, err);
        upkeep->done += numbered;
    }
    if (status >= 0 && hc__os_monotonic() < end) {
        int64_t delivered;
        status = hc__relay_run(core, end, &delivered, err);
        upkeep->done += delivered;
    }
    return status;
}

static hc_status seal_few(hc__unit *unit, void *data, hc_error *err)
{
    hc__unit_repeatable(unit);
    return hc__audit_seal(unit, FEW, data, err);
}

static hc_status number_few(hc__unit *unit, void *data, hc_error *err)
{
    return hc__events_number(unit, FEW, data, err);
}

/* What fails here is done by the next one. */
void hc__upkeep_soon(hc_session *as)
{
    hc__core *core = as->core;
    int64_t now = hc__os_monotonic(), due = atomic_load_explicit(&core->soon, memory_order_relaxed), some;

    as->committed = false;
    if (now < due || !atomic_compare_exchange_strong(&core->soon, &due, now + core->soon_pause))
        return;
    as->deadline = now + SOON_WAIT;
    as->unstoppable = true;
    (void)hc__unit_run_unchecked(as, seal_few, &some, NULL);
    (void)hc__unit_run_unchecked(as, number_few, &some, NULL);
    as->unstoppable = false;
    hc__relay_soon(as);
}

#ifdef HC_TEST_BUILD
#include <stdlib.h>

void hc__test_soon(hc__core *core)
{
    const char *pause = getenv("HC_TEST_SOON_MS");

    if (pause != NULL)
        core->soon_pause = (int64_t)strtoul(pause, NULL, 10) * 1000;
}

void hc__test_lease(int64_t *span)
{
    const char *millis = getenv("HC_TEST_LEASE_MS");

    if (millis != NULL)
        *span = (int64_t)strtoul(millis, NULL, 10) * 1000;
}

void hc__test_argon(hc__argon *argon)
{
    const char *kib = getenv("HC_TEST_ARGON_KIB"), *passes = getenv("HC_TEST_ARGON_PASSES");

    if (kib != NULL)
        argon->memory_kib = (uint32_t)strtoul(kib, NULL, 10);
    if (passes != NULL)
        argon->passes = (uint32_t)strtoul(passes, NULL, 10);
}
#endif
