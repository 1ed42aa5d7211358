#include "client/upkeep.h"

#include "client/unit.h"

#define KEY_LIFETIME   HC__DAY             /* security.md: idempotency keys live 24 hours */
#define LOGIN_KEPT     (7 * HC__DAY)       /* an ended sign-in stays for the audit that may ask about it */

struct sweep {
    const hc__entity *entity;
    uint16_t field; /* a time */
    int64_t kept;
};

static const struct sweep sweeps[] = {
    {&hc__idempotency_entity, hc__idempotency_f_created_at, KEY_LIFETIME},
    {&hc__login_entity, hc__login_f_expires_at, LOGIN_KEPT},
};

struct swept {
    const struct sweep *sweep;
    int64_t count;
};

static hc_status remove_old(hc__unit *unit, void *data, hc_error *err)
{
    struct swept *swept = data;
    const hc_kind *kind = &swept->sweep->entity->kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = kind, .index = HC_INDEX_ANY};
    hc_status status;

    op.where = hc__is_int(arena, kind, swept->sweep->field, HC_TEST_LT, hc__unit_now(unit) - swept->sweep->kept);
    op.result = result;
    if (op.where == NULL || result == NULL)
        return hc__no_memory(err);
    hc__unit_add(unit, &op);
    status = hc__unit_flush(unit, NULL, err);
    swept->count = status < 0 ? 0 : result->count;
    return status;
}

hc_status hc__upkeep_run(hc__core *core, void *data, hc_error *err)
{
    hc__upkeep *upkeep = data;
    int64_t end = hc__os_monotonic() + upkeep->budget;
    hc_session *as;
    hc_status status = hc__core_ready(core, end, err);

    if (status >= 0)
        status = hc__session_new(&as, core, HC_ROLE_SYSTEM, NULL, err);
    if (status < 0)
        return status;
    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0] && status >= 0 && hc__os_monotonic() < end; i++) {
        struct swept swept = {&sweeps[i], 0};
        as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = hc__unit_run(as, remove_old, &swept, err);
        upkeep->done += swept.count;
    }
    hc_session_free(as);
    return status;
}

#ifdef HC_TEST_BUILD
#include <stdlib.h>

void hc__test_argon(hc__argon *argon)
{
    const char *kib = getenv("HC_TEST_ARGON_KIB"), *passes = getenv("HC_TEST_ARGON_PASSES");

    if (kib != NULL)
        argon->memory_kib = (uint32_t)strtoul(kib, NULL, 10);
    if (passes != NULL)
        argon->passes = (uint32_t)strtoul(passes, NULL, 10);
}
#endif
