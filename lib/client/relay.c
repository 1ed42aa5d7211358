#include "client/relay_inside.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/documents.h"
#include "client/upkeep.h"

#define LEASE        (30 * HC__SECOND)
#define SAMPLE_PAUSE (5 * HC__SECOND)
#define APPLY_WAIT   (10 * HC__SECOND) /* for one batch; shorter than the lease */
#define SOON_WAIT    (2 * HC__SECOND)
#define SOON_CONNECT (HC__SECOND / 10) /* a call waits so long for a store of documents that is not there, */
#define SOON_PAUSE   (30 * HC__SECOND) /* and not again before */
#define LEFT         5                 /* the host is warned when the so-manieth part of the cap is left */

/* ---- life ---- */

static int64_t lease_span(void)
{
    int64_t span = LEASE;
#ifdef HC_TEST_BUILD
    hc__test_lease(&span);
#endif
    return span;
}

hc_status hc__relay_open(hc__core *core, hc_error *err)
{
    hc__relay *relay = hc__alloc_zero(&core->mem, 1, sizeof *relay);
    hc_status status = relay == NULL ? hc__no_memory(err) : hc__id_make(&relay->holder, hc__core_now(core), err);

    if (status < 0) {
        hc__free(&core->mem, relay);
        return status;
    }
    relay->lease = lease_span();
    atomic_init(&relay->sampled, hc__os_monotonic() - SAMPLE_PAUSE);
    core->relay = relay;
    return HC_OK;
}

void hc__relay_close(hc__core *core)
{
    hc__free(&core->mem, core->relay);
    core->relay = NULL;
}

/* ---- how much waits ---- */

bool hc__relay_full(const hc__core *core)
{
    const hc__relay *relay = core->relay;

    return relay != NULL && (atomic_load_explicit(&relay->pending, memory_order_relaxed) >= core->outbox_rows ||
                             atomic_load_explicit(&relay->bytes, memory_order_relaxed) >= core->outbox_bytes);
}

void hc__relay_dropped(hc__core *core, int64_t count)
{
    atomic_fetch_add(&core->relay->dropped, count);
    hc__core_count(core, "outbox.dropped", count);
}

int64_t hc__relay_uncounted_drops(const hc__core *core)
{
    return core->relay == NULL ? 0 : atomic_load(&core->relay->dropped);
}

static void move_sample(hc__relay *relay, int64_t count, int64_t bytes)
{
    atomic_fetch_add_explicit(&relay->pending, count, memory_order_relaxed);
    atomic_fetch_add_explicit(&relay->bytes, bytes, memory_order_relaxed);
}

/* Once when a fifth is left and once when it is full, until it was below again. */
static void warn(hc__core *core)
{
    hc__relay *relay = core->relay;
    int64_t pending = atomic_load(&relay->pending), bytes = atomic_load(&relay->bytes);
    bool nearly = pending >= core->outbox_rows - core->outbox_rows / LEFT ||
                  bytes >= core->outbox_bytes - core->outbox_bytes / LEFT;
    int now = hc__relay_full(core) ? 2 : nearly ? 1 : 0;

    if (now != atomic_load(&relay->warned) && now > atomic_exchange(&relay->warned, now))
        hc__core_log(core, HC_LOG_WARN, "",
                     "the outbox is %s: %lld effects of %lld bytes wait for the documents' store",
                     now == 2 ? "full" : "nearly full", (long long)pending, (long long)bytes);
}

static hc_status sample(hc_session *as, hc_error *err)
{
    hc__core *core = as->core;
    hc__relay *relay = core->relay;
    int64_t now = hc__os_monotonic(), last = atomic_load(&relay->sampled);
    hc__outbox_size size;
    hc_status status;

    if (now - last < SAMPLE_PAUSE || !atomic_compare_exchange_strong(&relay->sampled, &last, now))
        return HC_OK;
    status = hc__outbox_measure(&size, as, err);
    if (status < 0)
        return status;
    atomic_store(&relay->pending, size.pending);
    atomic_store(&relay->bytes, size.bytes);
    hc__core_count(core, "outbox.pending_rows", size.pending);
    hc__core_count(core, "outbox.pending_bytes", size.bytes);
    hc__core_count(core, "outbox.oldest_us", hc__core_age(core, size.oldest));
    warn(core);
    return HC_OK;
}

/* ---- a batch ---- */

static void count_outcomes(hc__core *core, const hc__settling *settling)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < settling->batch->count; i++)
        if (settling->batch->rows[i].outcome == HC__APPLIED || settling->batch->rows[i].outcome == HC__ABSORBED)
            bytes += settling->batch->rows[i].bytes;
    move_sample(core->relay, -settling->delivered - settling->dead, -bytes);
    if (settling->delivered > 0)
        hc__core_count(core, "outbox.delivered", settling->delivered);
    if (settling->absorbed > 0)
        hc__core_count(core, "outbox.absorbed", settling->absorbed);
    if (settling->dead > 0)
        hc__core_count(core, "outbox.dead", settling->dead);
}

static void as_if_applied(hc__batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (batch->rows[i].outcome == HC__READY)
            batch->rows[i].outcome = HC__APPLIED;
}

/* The host hears of it once. */
static void note_away(hc__core *core, hc_status status, const hc_error *why)
{
    hc__relay *relay = core->relay;

    if (status >= 0)
        atomic_store(&relay->away, false);
    else if (!atomic_exchange(&relay->away, true))
        hc__core_log(core, HC_LOG_WARN, "", "effects wait for the documents' store: %s", why->message);
    atomic_store(&relay->retry_at, status >= 0 ? 0 : hc__os_monotonic() + SOON_PAUSE);
}

/* A batch that was loaded. What the documents' store fails with ends the pass, and is no failure of it. */
static hc_status deliver(hc_session *as, hc__settling *settling, int64_t deadline, hc_error *err)
{
    hc__batch *batch = settling->batch;
    hc_error why = {0};
    hc_status applied, status;

    hc__failpoint("relay.claimed");
    if (hc__bug("mark-before-apply")) {
        hc__batch copy = *batch;
        hc__settling early = {.batch = &copy, .fence = settling->fence};

        as_if_applied(&copy);
        status = hc__relay_settle(as, &early, err);
        if (status < 0)
            return status;
    }
    applied = hc__relay_apply(as->core, batch, deadline, &why);
    hc__failpoint("relay.applied");
    note_away(as->core, applied, &why);
    settling->release = settling->release || applied < 0;
    as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    status = hc__relay_settle(as, settling, err);
    if (status < 0)
        return status;
    hc__failpoint("relay.marked");
    count_outcomes(as->core, settling);
    if (settling->raced && applied >= 0)
        (void)hc__relay_remove_again(as, batch, deadline, NULL);
    return HC_OK;
}

/* ---- a pass over all that waits ---- */

struct pass {
    hc_session *as;
    hc__batch *batch;
    hc__arena arena;
    int64_t fence;
    int64_t until;
    int64_t connect; /* µs to wait for a connection */
    int64_t done;
    bool single; /* one batch */
    bool held;
};

static hc_status load(struct pass *pass, hc_id after, hc_error *err)
{
    hc__arena_free(&pass->arena);
    pass->batch->arena = &pass->arena;
    pass->batch->connect_by = hc__os_monotonic() + pass->connect;
    pass->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    return hc__relay_load(pass->batch, pass->as, after, NULL, err);
}

/* From the first to the last; *moved: something was settled. */
static hc_status pass_once(struct pass *pass, bool *moved, hc_error *err)
{
    hc_id after = {{0}};
    hc_status status = HC_OK;

    *moved = false;
    while (status >= 0 && pass->held && hc__os_monotonic() < pass->until) {
        hc__settling settling = {.batch = pass->batch, .fence = pass->fence, .release = pass->single};

        status = load(pass, after, err);
        if (status < 0 || pass->batch->count == 0)
            return status;
        after = pass->batch->last;
        status = deliver(pass->as, &settling, hc__os_monotonic() + APPLY_WAIT, err);
        pass->held = settling.held && !settling.release;
        pass->done += settling.delivered + settling.dead;
        *moved = *moved || settling.delivered + settling.dead > 0;
        if (status >= 0)
            status = sample(pass->as, err);
        if (!pass->batch->more)
            return status;
    }
    return status;
}

static hc_status give_back(struct pass *pass, hc_error *err)
{
    hc__settling settling = {.batch = pass->batch, .fence = pass->fence, .release = true};

    pass->batch->count = 0;
    pass->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    return pass->held ? hc__relay_settle(pass->as, &settling, err) : HC_OK;
}

static hc_status run(struct pass *pass, hc_error *err)
{
    bool moved = false;
    hc_status status, given;

    if (hc__os_monotonic() >= pass->until || !hc__documents_may_answer(pass->as->core))
        return HC_OK; /* a lease would be written twice for nothing */
    status = hc__relay_any(&moved, pass->as, err);
    if (status < 0 || !moved)
        return status;
    status = hc__relay_claim(pass->as, &pass->fence, err);
    pass->held = pass->fence != 0;
    while (status >= 0 && pass->held && moved && hc__os_monotonic() < pass->until)
        status = pass_once(pass, &moved, err);
    given = give_back(pass, NULL);
    return status < 0 ? status : given;
}

/* As the system, and one thread of a client at a time. */
static hc_status relay(hc__core *core, struct pass *pass, hc_error *err)
{
    hc_status status;

    if (atomic_exchange(&core->relay->busy, true))
        return HC_OK;
    pass->batch = hc__alloc(&core->mem, sizeof *pass->batch);
    status = pass->batch == NULL ? hc__no_memory(err) : hc__session_new(&pass->as, core, HC_ROLE_SYSTEM, NULL, err);
    if (status >= 0) {
        hc__arena_init(&pass->arena, &core->mem, NULL, 0);
        pass->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
        status = sample(pass->as, err);
        if (status >= 0)
            status = run(pass, err);
        hc__arena_free(&pass->arena);
        hc_session_free(pass->as);
    }
    hc__free(&core->mem, pass->batch);
    atomic_store(&core->relay->busy, false);
    return status;
}

hc_status hc__relay_run(hc__core *core, int64_t until, int64_t *done, hc_error *err)
{
    struct pass pass = {.until = until, .connect = APPLY_WAIT};
    hc_status status;

    *done = 0;
    if (core->relay == NULL)
        return HC_OK;
    status = relay(core, &pass, err);
    *done = pass.done;
    return status;
}

void hc__relay_soon(hc_session *as)
{
    hc__core *core = as->core;
    int64_t now = hc__os_monotonic();
    struct pass pass = {.until = now + SOON_WAIT, .connect = SOON_CONNECT, .single = true};

    if (core->relay == NULL)
        return;
    if (now < atomic_load(&core->relay->retry_at))
        pass.until = now; /* only a look at how much waits */
    (void)relay(core, &pass, NULL);
}

/* ---- who wrote ---- */

static uint64_t dice_of(hc_id user)
{
    uint64_t dice;

    memcpy(&dice, user.bytes + 8, sizeof dice); /* the random half */
    return dice;
}

static atomic_uint_fast64_t *slot_of(hc__relay *relay, hc_id user)
{
    return &relay->wrote[dice_of(user) % HC__RELAY_WHO];
}

/* In the upper half of a slot that this user alone wrote into since it was 0; 0 where several did: nobody can tell then
 * that nothing waits of all of them, and each of their lists looks. */
static uint64_t mark_of(hc_id user)
{
    return dice_of(user) >> 32 | 1;
}

void hc__relay_wrote(const hc_session *as, int64_t count, int64_t bytes)
{
    hc__relay *relay = as->core->relay;
    atomic_uint_fast64_t *slot;
    uint_fast64_t seen, next;

    if (relay == NULL || count == 0)
        return;
    slot = slot_of(relay, as->user);
    seen = atomic_load(slot);
    do {
        next = (uint32_t)(seen + 1) == 0 ? 1 : (uint32_t)(seen + 1);
        if (seen == 0 || seen >> 32 == mark_of(as->user))
            next |= mark_of(as->user) << 32;
    } while (!atomic_compare_exchange_weak(slot, &seen, next));
    move_sample(relay, count, bytes);
    warn(as->core);
}

bool hc__relay_own_waits(const hc_session *as)
{
    return as->core->relay != NULL && atomic_load(slot_of(as->core->relay, as->user)) != 0;
}

const hc_predicate *hc__relay_is_own(hc__arena *arena, hc_id user)
{
    return hc__id_zero(user) ? hc__is_null(arena, hc__effect_f_actor_id)
                             : hc__is_id(arena, hc__effect_f_actor_id, user);
}

/* *left: some may wait still. */
static hc_status deliver_some(hc_session *as, hc__batch *batch, bool *left, hc_error *err)
{
    hc__settling settling = {.batch = batch};
    const hc_predicate *actor = hc__relay_is_own(batch->arena, as->user);
    hc_id first = {{0}};
    hc_status status = actor == NULL ? hc__no_memory(err) : hc__relay_load(batch, as, first, actor, err);

    if (status < 0)
        return status;
    if (batch->count == 0) {
        *left = false;
        return HC_OK;
    }
    batch->connect_by = as->deadline;
    status = hc__relay_apply(as->core, batch, as->deadline, err);
    note_away(as->core, status, err);
    if (status < 0)
        return status;
    status = hc__relay_settle(as, &settling, err);
    if (status < 0)
        return status;
    count_outcomes(as->core, &settling);
    if (settling.raced)
        status = hc__relay_remove_again(as, batch, as->deadline, err);
    *left = batch->more || settling.delivered < (int64_t)batch->count;
    batch->more = batch->more && settling.delivered > 0;
    return status;
}

hc_status hc__relay_deliver_own(hc_session *as, hc_error *err)
{
    hc__core *core = as->core;
    atomic_uint_fast64_t *slot = core->relay == NULL ? NULL : slot_of(core->relay, as->user);
    uint_fast64_t seen = slot == NULL ? 0 : atomic_load(slot);
    hc_error why = {0};
    hc_status status = HC_OK;
    hc__batch *batch;
    hc__arena arena;
    bool left = true;

    if (seen == 0 || as->unit != NULL)
        return HC_OK;
    batch = hc__alloc(&core->mem, sizeof *batch);
    if (batch == NULL)
        return hc__no_memory(err);
    do {
        hc__arena_init(&arena, &core->mem, NULL, 0);
        batch->arena = &arena;
        status = deliver_some(as, batch, &left, &why);
        hc__arena_free(&arena);
    } while (status >= 0 && left && batch->more);
    hc__free(&core->mem, batch);
    if (status >= 0 && !left && seen >> 32 == mark_of(as->user)) /* else somebody else's may wait */
        (void)atomic_compare_exchange_strong(slot, &seen, 0);
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}
