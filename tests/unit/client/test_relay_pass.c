/* Passes of the relay while something fails, comes in between or is not due: what they tell, and what they leave. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "client/relay_inside.h"
#include "homeconnect/outbox.h"
#include "outbox.h"

#define IMAGE "[{\"id\":\"65000000-0000-8000-8048-000000000001\",\"position\":1}]"
#define MANY  1000 /* trips that no pass makes */
#define TRIPS 10   /* of a pass that delivers one effect */

int64_t __real_hc__os_monotonic(void);
int64_t __wrap_hc__os_monotonic(void);

static _Atomic int64_t ahead; /* of the clock */
static int64_t done;

int64_t __wrap_hc__os_monotonic(void)
{
    return __real_hc__os_monotonic() + atomic_load(&ahead);
}

static hc_status pass(int64_t span)
{
    done = -1;
    return hc__relay_run(core, hc__os_monotonic() + span, &done, &err);
}

/* The next pass measures what waits. */
static void let_it_measure(void)
{
    atomic_store(&core->relay->sampled, hc__os_monotonic() - 5 * HC__SECOND);
}

static void measured_just_now(void)
{
    atomic_store(&core->relay->sampled, hc__os_monotonic());
}

static void count_trips(void)
{
    other.fail_in[0] = MANY;
}

/* To the store, not to that of documents. */
static int trips(void)
{
    int made = MANY - other.fail_in[0];

    other.fail_in[0] = 0;
    return made;
}

/* ---- a trip that fails ---- */

/* Each in its turn, before it did anything and behind its rows. */
START_TEST(whichever_trip_fails_the_pass_says_so_and_the_next_one_does_it)
{
    other.fail_with = HC_ERR_INTERNAL;
    for (int round = 0; round < 4; round++) {
        int n = 0;

        other.fail_late = round % 2 != 0;
        do {
            hc_status status;

            if (round >= 2) /* nobody had the lease before */
                outbox_sql("DELETE FROM leases");
            outbox_sql("DELETE FROM outbox");
            outbox_log_entry(1);
            outbox_put_images(2, 1, IMAGE);
            outbox_put_images(2, 2, IMAGE);
            let_it_measure();
            other.fail_in[0] = ++n;
            status = pass(60 * HC__SECOND);
            if (other.fail_in[0] > 0) {
                OK(status);
                break;
            }
            ck_assert_msg(status == HC_ERR_INTERNAL && err.status == status, "trip %d is not told", n);
            ck_assert_str_eq(err.message, "this trip fails");
            ck_assert_msg(done == STATE("delivered"), "trip %d: %lld", n, (long long)done);
            OK(pass(60 * HC__SECOND));
            ck_assert_msg(STATE("pending") == 0, "trip %d", n);
            outbox_log_entry(3);
            OK(pass(60 * HC__SECOND)); /* a lease that could not be given back is its own */
            ck_assert_msg(done == 1, "trip %d", n);
            ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
            ck_assert_int_eq(outbox_sql("SELECT max(attempts) FROM outbox"), 0);
        } while (n < 50);
        ck_assert_int_gt(n, 6);
        other.fail_in[0] = 0;
    }
}
END_TEST

static void let_time_pass(const hc_batch *batch)
{
    int64_t left = batch->deadline - hc__os_monotonic();

    ck_assert(left > 9 * HC__SECOND && left <= 10 * HC__SECOND); /* much shorter than the lease */
    atomic_fetch_add(&ahead, 9 * HC__SECOND);
}

/* Its trips have the time of one call each, and not all of them together. */
START_TEST(a_pass_may_take_longer_than_a_call)
{
    for (int n = 1; n <= 4 * HC__RELAY_BATCH + 1; n++)
        outbox_log_entry(n);
    other.before = let_time_pass;
    OK(pass(600 * HC__SECOND));
    other.before = NULL;
    ck_assert_int_eq(done, 4 * HC__RELAY_BATCH + 1);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
}
END_TEST

static bool claimed;

/* From the first look at effects on, behind the claim's many trips, each takes nearly half of the time that a step has.
 * None may wait for ever. */
static void let_time_pass_here(const hc_batch *batch)
{
    int64_t left = batch->deadline - hc__os_monotonic();

    ck_assert(left > 0 && left <= HC__DEFAULT_TIMEOUT);
    claimed = claimed || (batch->op_count == 1 && batch->ops->verb == HC_VERB_QUERY &&
                          batch->ops->kind == &hc__effect_entity.kind);
    atomic_fetch_add(&ahead, claimed ? 14 * HC__SECOND : 0);
}

/* To load, to settle and to give back have it each, whatever the others took. */
START_TEST(each_step_of_a_pass_may_take_as_long_as_a_call)
{
    for (int n = 1; n <= 2 * HC__RELAY_BATCH + 1; n++)
        outbox_log_entry(n);
    claimed = false;
    atomic_store(&core->relay->sampled, hc__os_monotonic() + 900 * HC__SECOND); /* no trips for that */
    other.before = let_time_pass;
    other.before_own = let_time_pass_here;
    OK(pass(600 * HC__SECOND));
    other.before = other.before_own = NULL;
    ck_assert_int_eq(done, 2 * HC__RELAY_BATCH + 1);
    ck_assert_int_eq(STATE("pending"), 0);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
}
END_TEST

START_TEST(a_pass_ends_when_its_time_does)
{
    for (int n = 1; n <= 2 * HC__RELAY_BATCH + 1; n++)
        outbox_log_entry(n);
    other.before = let_time_pass;
    OK(pass(15 * HC__SECOND));
    other.before = NULL;
    ck_assert_int_eq(done, 2 * HC__RELAY_BATCH);
    ck_assert_int_eq(STATE("pending"), 1);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
}
END_TEST

/* Who gets no connection has lost no lease: that is told, and the lease given back as soon as there is one. */
START_TEST(outcomes_that_nobody_could_write_down_are_told)
{
    hc__store *store = core->store;
    hc__batch empty = {.count = 0};
    hc__settling settling = {.batch = &empty};
    hc__lease leases[64];
    int64_t deadline = sys->deadline;
    int taken = 0;

    OK(hc__relay_claim(sys, &settling.fence, &err));
    while (hc__store_acquire(&leases[taken], store, HC_CONNECT_WRITE, hc__os_monotonic(), NULL, NULL) >= 0)
        taken++;
    ck_assert_int_ge(taken, 1);
    ck_assert_int_lt(hc__relay_settle(sys, &settling, &err), 0);
    ck_assert(!settling.raced);
    ck_assert_int_lt(hc__relay_settle(sys, &settling, NULL), 0);
    while (taken > 0)
        hc__store_release(store, &leases[--taken], true);
    sys->deadline = deadline;
    settling.release = true;
    OK(hc__relay_settle(sys, &settling, &err));
    ck_assert(settling.held);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
}
END_TEST

START_TEST(who_gets_no_lease_has_no_fence)
{
    int64_t fence = 7;

    other.fail_with = HC_ERR_INTERNAL;
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc__relay_claim(sys, &fence, &err), HC_ERR_INTERNAL);
    ck_assert_int_eq(fence, 0);
    fence = 7;
    outbox_memory.from_on = true;
    outbox_memory.fail_at = outbox_memory.requests + 1;
    setenv("HC_TEST_THIN", "1", 1);
    ck_assert_int_eq(hc__relay_claim(sys, &fence, &err), HC_ERR_NO_MEMORY);
    unsetenv("HC_TEST_THIN");
    outbox_memory.fail_at = 0;
    ck_assert_int_eq(fence, 0);
    setenv("HC_TEST_THIN", "1", 1);
    outbox_memory.from_on = false;
    for (int n = 1; fence == 0; n++) { /* whichever allocation fails */
        hc_status status;

        outbox_sql("DELETE FROM leases");
        outbox_memory.fail_at = outbox_memory.requests + n;
        status = hc__relay_claim(sys, &fence, &err);
        outbox_memory.fail_at = 0;
        ck_assert_msg(status == HC_OK ? fence == 1 : status == HC_ERR_NO_MEMORY && fence == 0, "allocation %d", n);
        ck_assert_msg(outbox_sql("SELECT count(*) FROM leases WHERE holder IS NOT NULL") == (fence == 1),
                      "allocation %d", n);
        ck_assert_int_lt(n, 300);
    }
    unsetenv("HC_TEST_THIN");
    outbox_sql("UPDATE leases SET holder=randomblob(16), until=9000000000000000");
    OK(hc__relay_claim(sys, &fence, &err));
    ck_assert_int_eq(fence, 0); /* another has it */
    ck_assert_int_eq(outbox_sql("SELECT fence FROM leases"), 1);
}
END_TEST

/* ---- what a pass leaves alone ---- */

START_TEST(a_pass_without_work_or_time_asks_and_writes_nothing)
{
    measured_just_now();
    count_trips();
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 0);
    ck_assert_int_eq(trips(), 1); /* whether anything waits */
    outbox_log_entry(1);
    count_trips();
    OK(pass(0));
    ck_assert_int_eq(done, 0);
    ck_assert_int_eq(trips(), 0);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM leases"), 0);
    atomic_store(&core->relay->busy, true); /* another thread is at it */
    count_trips();
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 0);
    ck_assert_int_eq(trips(), 0);
    ck_assert(atomic_load(&core->relay->busy));
    atomic_store(&core->relay->busy, false);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 1);
    ck_assert(!atomic_load(&core->relay->busy));
    ck_assert_int_eq(STATE("delivered"), 1);
}
END_TEST

/* Only what has to come first is missing, and comes with somebody else: that is no reason to look again and again. */
START_TEST(a_pass_that_moves_nothing_ends)
{
    outbox_put_images(1, 1, IMAGE);
    outbox_put_images(1, 2, IMAGE);
    outbox_sql("UPDATE outbox SET target='another' WHERE version=1");
    measured_just_now();
    count_trips();
    OK(pass(60 * HC__SECOND));
    ck_assert_int_eq(done, 0);
    ck_assert_int_le(trips(), 2 * TRIPS);
    ck_assert_str_eq(outbox_log, ""); /* the store of documents is not away */
    hc__relay_wrote(sys, 2, 200);
    snprintf(err.message, sizeof err.message, "%s", "of an earlier call");
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_str_eq(err.message, "of an earlier call"); /* who succeeds has nothing to say */
    outbox_log_entry(9);
    other.trips = 0;
    OK(pass(60 * HC__SECOND));
    ck_assert_int_eq(done, 1);
    ck_assert_int_eq(other.trips, 1); /* of documents that wait nothing is asked */
    ck_assert_int_eq(STATE("pending"), 2);
}
END_TEST

/* A batch full of those stands before nobody. */
START_TEST(who_waits_for_somebody_else_lets_others_by)
{
    for (int n = 1; n <= HC__RELAY_BATCH; n++) {
        outbox_put_images(n, 1, IMAGE);
        outbox_put_images(n, 2, IMAGE);
    }
    outbox_sql("UPDATE outbox SET target='another' WHERE version=1");
    outbox_log_entry(100);
    OK(pass(60 * HC__SECOND));
    ck_assert_int_eq(done, 1);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1);
}
END_TEST

/* What the way to the documents' store is the reason of is no fault of the effect. */
START_TEST(a_store_that_was_named_wrongly_counts_against_no_effect)
{
    outbox_log_entry(1);
    other.fail_with = HC_ERR_INVALID;
    other.fail_field = "document_uri";
    other.fail_in[1] = 1;
    OK(pass(HC__SECOND));
    ck_assert_int_eq(other.fail_in[1], 0);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox"), 0);
    other.fail_field = "action";
    other.fail_in[1] = 1;
    OK(pass(HC__SECOND));
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox"), 1);
}
END_TEST

/* The first who writes there sees to the schema. */
START_TEST(a_store_of_documents_is_made_ready)
{
    outbox_log_entry(1);
    atomic_store(&core->documents_ready, false);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 1);
    ck_assert(atomic_load(&core->documents_ready));
}
END_TEST

/* Whether anything waits; the lease; the batch and its outcomes; whether there is more; and the lease given back. */
START_TEST(a_pass_makes_few_trips)
{
    outbox_log_entry(1);
    OK(pass(HC__SECOND)); /* now there is a lease */
    outbox_log_entry(2);
    measured_just_now();
    count_trips();
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 1);
    ck_assert_int_le(trips(), TRIPS);
}
END_TEST

START_TEST(without_a_connection_to_documents_they_wait)
{
    hc__lease leases[64];
    int taken = 0;

    outbox_log_entry(1);
    while (hc__store_acquire(&leases[taken], core->documents, HC_CONNECT_WRITE, hc__os_monotonic(), NULL, NULL) >= 0)
        taken++;
    ck_assert_int_ge(taken, 1);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 0);
    ck_assert_ptr_nonnull(strstr(outbox_log, "effects wait"));
    while (taken > 0)
        hc__store_release(core->documents, &leases[--taken], true);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox"), 0);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 1);
}
END_TEST

static atomic_bool all_taken;

static void *hold_connections(void *data)
{
    hc__lease leases[64];
    int taken = 0;

    (void)data;
    while (hc__store_acquire(&leases[taken], core->documents, HC_CONNECT_WRITE, hc__os_monotonic(), NULL, NULL) >= 0)
        taken++;
    atomic_store(&all_taken, true);
    usleep(100000);
    while (taken > 0)
        hc__store_release(core->documents, &leases[--taken], true);
    return NULL;
}

/* Before a list: as long as the call may take. */
START_TEST(own_effects_wait_for_a_connection_to_documents)
{
    pthread_t thread;

    outbox_log_entry(1);
    hc__relay_wrote(sys, 1, 100);
    ck_assert_int_eq(pthread_create(&thread, NULL, hold_connections, NULL), 0);
    while (!atomic_load(&all_taken))
        usleep(500);
    OK(hc__relay_deliver_own(sys, &err));
    pthread_join(thread, NULL);
    ck_assert_int_eq(STATE("delivered"), 1);
    outbox_log_entry(2);
    atomic_store(&all_taken, false);
    ck_assert_int_eq(pthread_create(&thread, NULL, hold_connections, NULL), 0);
    while (!atomic_load(&all_taken))
        usleep(500);
    OK(pass(60 * HC__SECOND)); /* and a pass waits, too */
    pthread_join(thread, NULL);
    ck_assert_int_eq(done, 1);
}
END_TEST

START_TEST(a_relay_that_is_closed_relays_nothing)
{
    outbox_log_entry(1);
    hc__relay_close(core);
    ck_assert_ptr_null(core->relay);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 0);
    hc__relay_close(core);
    outbox_memory.fail_at = outbox_memory.requests + 1;
    ck_assert_int_eq(hc__relay_open(core, &err), HC_ERR_NO_MEMORY);
    outbox_memory.fail_at = 0;
    setenv("HC_TEST_LEASE_MS", "7000", 1); /* for tests that wait for its end */
    OK(hc__relay_open(core, &err));
    unsetenv("HC_TEST_LEASE_MS");
    ck_assert_int_eq(core->relay->lease, 7 * HC__SECOND);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 1);
}
END_TEST

/* Behind a call one batch goes, and the host's own runs take the rest. */
START_TEST(behind_a_call_one_batch_goes)
{
    for (int n = 1; n <= HC__RELAY_BATCH + 6; n++)
        outbox_log_entry(n);
    hc__relay_soon(sys);
    ck_assert_int_eq(STATE("delivered"), HC__RELAY_BATCH);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL AND until IS NULL FROM leases"), 1);
    ck_assert_int_eq(outbox_sql("SELECT fence FROM leases"), 1);
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 6);
}
END_TEST

/* While that store is left alone, what waits is measured all the same, and the host warned. */
START_TEST(while_a_store_is_left_alone_what_waits_is_measured)
{
    core->outbox_rows = 5;
    for (int n = 1; n <= 5; n++)
        outbox_log_entry(n);
    atomic_store(&core->relay->retry_at, hc__os_monotonic() + 20 * HC__SECOND);
    let_it_measure();
    hc__relay_soon(sys);
    ck_assert_int_eq(STATE("pending"), 5);
    ck_assert_int_eq(other.trips, 0);
    ck_assert_int_eq(*outbox_told_of("outbox.pending_rows"), 5);
    ck_assert(hc__relay_full(core));
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is full"));
}
END_TEST

/* ---- how much waits ---- */

static void fall_due(const hc_batch *batch)
{
    (void)batch;
    let_it_measure();
}

START_TEST(what_waits_is_measured_again_behind_a_batch)
{
    outbox_log_entry(1);
    outbox_log_entry(2);
    measured_just_now();
    *outbox_told_of("outbox.pending_rows") = -1;
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 2);
    ck_assert_int_eq(*outbox_told_of("outbox.pending_rows"), -1); /* not due */
    outbox_log_entry(3);
    measured_just_now();
    other.before = fall_due;
    OK(pass(HC__SECOND));
    other.before = NULL;
    ck_assert_int_eq(*outbox_told_of("outbox.pending_rows"), 0);
    ck_assert_int_eq(*outbox_told_of("outbox.oldest_us"), 0); /* nothing waits */
}
END_TEST

START_TEST(the_oldest_is_as_old_as_it_is)
{
    outbox_log_entry(1);
    outbox_sql("UPDATE outbox SET created_at=created_at-7000000");
    let_it_measure();
    OK(pass(HC__SECOND));
    ck_assert_int_ge(*outbox_told_of("outbox.oldest_us"), 7 * HC__SECOND);
    ck_assert_int_lt(*outbox_told_of("outbox.oldest_us"), 60 * HC__SECOND);
    outbox_log_entry(2);
    outbox_sql("UPDATE outbox SET created_at=created_at+3600000000"); /* a clock was put back */
    let_it_measure();
    OK(pass(HC__SECOND));
    ck_assert_int_eq(*outbox_told_of("outbox.oldest_us"), 1);
}
END_TEST

/* Once it was below the host hears of it again. */
START_TEST(an_outbox_that_fills_again_is_told_again)
{
    core->outbox_rows = 10;
    hc__relay_wrote(sys, 10, 100);
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is full"));
    outbox_log[0] = '\0';
    let_it_measure();
    OK(pass(HC__SECOND));
    ck_assert(!hc__relay_full(core));
    ck_assert_str_eq(outbox_log, "");
    hc__relay_wrote(sys, 8, 80);
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is nearly full: 8 effects of 80 bytes"));
    outbox_log[0] = '\0';
    hc__relay_wrote(sys, 2, 20);
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is full: 10 effects of 100 bytes"));
}
END_TEST

/* What came through counts no more, and what was refused counts still. */
START_TEST(what_is_left_is_counted_with_its_bytes)
{
    int64_t bytes;

    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE);
    outbox_push(3, 2, "to nobody");
    let_it_measure();
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 2);
    bytes = outbox_sql("SELECT sum(bytes) FROM outbox WHERE state='pending'");
    ck_assert_int_gt(bytes, 100);
    ck_assert_int_eq(atomic_load(&core->relay->pending), 1);
    ck_assert_int_eq(atomic_load(&core->relay->bytes), bytes);
}
END_TEST

/* Also where the last batch is shorter than the one before it. */
START_TEST(what_came_through_is_counted_once)
{
    for (int n = 1; n <= HC__RELAY_BATCH + 6; n++)
        outbox_log_entry(n);
    measured_just_now();
    hc__relay_wrote(sys, HC__RELAY_BATCH + 6, outbox_sql("SELECT sum(bytes) FROM outbox"));
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, HC__RELAY_BATCH + 6);
    ck_assert_int_eq(atomic_load(&core->relay->pending), 0);
    ck_assert_int_eq(atomic_load(&core->relay->bytes), 0);
}
END_TEST

/* ---- who was overtaken ---- */

static void mark_delivered(void)
{
    outbox_sql("UPDATE outbox SET state='delivered'");
}

/* Another relay delivers all of it, a removal too, while this one stands still before its insert. */
static void overtake(const hc_batch *batch)
{
    if (batch->ops[0].verb != HC_VERB_INSERT_IF_ABSENT)
        return;
    mark_delivered();
    other.before = NULL;
}

static int trip_behind;

static void overtake_and_fail(const hc_batch *batch)
{
    overtake(batch);
    if (other.before == NULL)
        other.fail_in[0] = trip_behind; /* the outcomes are written down, and then it is asked what was removed */
}

static void overtake_and_forget(const hc_batch *batch)
{
    overtake(batch);
    if (other.before == NULL) {
        atomic_store(&core->documents_ready, false);
        other.fail_in[1] = 1;
    }
}

static void overtake_removal(const hc_batch *batch)
{
    if (batch->ops[0].verb == HC_VERB_REMOVE_WHERE)
        mark_delivered();
}

static const uint8_t strange[16] = {0xff};

static bool change_removed(const hc_batch *batch, hc_row *row)
{
    if (batch->ops[row->op].kind == &hc__effect_entity.kind && batch->ops[row->op].field_count == 1)
        ((hc_value *)(uintptr_t)row->values)[0].as.bytes = strange;
    return true;
}

static void put_and_remove(void)
{
    outbox_sql("DELETE FROM outbox");
    outbox_put_images(1, 1, IMAGE);
    outbox_remove(&hc__document_entity, 1, 2);
    outbox_sql("UPDATE outbox SET actor_id=randomblob(16) WHERE verb='remove'"); /* another's */
    hc__relay_wrote(sys, 2, 200);
}

/* Who asks for a list hears of it when what he wrote could not be taken away again. */
START_TEST(a_list_is_not_told_of_what_was_removed_meanwhile)
{
    put_and_remove();
    other.before = overtake;
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(outbox_count(&hc__document_entity), 0);
    put_and_remove();
    other.before = overtake;
    other.row = change_removed; /* one that nobody asked for */
    OK(hc__relay_deliver_own(sys, &err));
    other.row = NULL;
    ck_assert_int_eq(outbox_count(&hc__document_entity), 1);
    for (trip_behind = 1; other.fail_in[0] == 0; trip_behind++) {
        hc_status status;

        outbox_documents_sql("DELETE FROM property_documents");
        put_and_remove();
        other.before = overtake_and_fail;
        other.fail_with = HC_ERR_INTERNAL;
        status = hc__relay_deliver_own(sys, &err);
        ck_assert_msg(status == (other.fail_in[0] == 0 ? HC_ERR_INTERNAL : HC_OK), "trip %d", trip_behind);
    }
    ck_assert_int_gt(trip_behind, 3);
    other.fail_in[0] = 0;
    outbox_documents_sql("DELETE FROM property_documents");
    put_and_remove();
    other.before = overtake_and_forget;
    other.fail_with = HC_ERR_UNAVAILABLE;
    ck_assert_int_eq(hc__relay_deliver_own(sys, &err), HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(err.status, HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(other.fail_in[1], 0);
    atomic_store(&core->documents_ready, true);
    outbox_sql("DELETE FROM outbox");
    outbox_remove(&hc__document_entity, 1, 2);
    other.before = overtake_removal;
    OK(hc__relay_deliver_own(sys, &err)); /* a removal takes nothing back */
    other.before = NULL;
}
END_TEST

/* S13: who asks for a list hears that there is no memory, or what he wrote is there. */
START_TEST(without_memory_a_list_is_not_told_of_all)
{
    int n = 0;

    setenv("HC_TEST_THIN", "1", 1);
    do {
        hc_status status;

        outbox_sql("DELETE FROM outbox");
        outbox_documents_sql("DELETE FROM property_documents");
        outbox_put_images(1, 1, IMAGE);
        hc__relay_wrote(sys, 1, 100);
        outbox_memory.failed = 0;
        outbox_memory.fail_at = outbox_memory.requests + ++n;
        status = hc__relay_deliver_own(sys, &err);
        outbox_memory.fail_at = 0;
        ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && outbox_memory.failed > 0), "allocation %d", n);
        ck_assert_msg(status < 0 || outbox_count(&hc__document_entity) == 1, "allocation %d: not there", n);
        ck_assert_msg(outbox_sql("SELECT attempts FROM outbox") == 0, "allocation %d", n);
    } while (outbox_memory.failed > 0 && n < 3000);
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(n, 20);
}
END_TEST

/* ---- where several may commit at once ---- */

/* Whatever the relay writes may be written twice: nobody needs a proof that its commit took place. */
START_TEST(a_relay_leaves_no_proofs)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc__record row;
    int64_t count = 0;

    outbox_close();
    outbox_remote = true;
    outbox_open();
    row = outbox_images(2, 1, IMAGE);
    outbox_put_head(&row);
    outbox_sql("DELETE FROM idempotency_keys");
    row = outbox_images(3, 1, IMAGE);
    outbox_foreign(&row);
    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE);
    outbox_sql("DELETE FROM idempotency_keys");
    OK(pass(HC__SECOND));
    ck_assert_int_eq(done, 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM idempotency_keys"), 0);
    OK(hc_outbox_replay(client, 0, &count, &err));
    ck_assert_int_eq(count, 2);
    OK(pass(HC__SECOND));
    outbox_documents_sql("DELETE FROM property_documents WHERE version=1 AND id=x'65000000000080008048000000000002'");
    options.repair = 1;
    OK(hc_reconcile(client, &options, NULL, NULL, NULL, &err));
    ck_assert_int_eq(STATE("pending"), 1);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM document_heads"), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM idempotency_keys"), 1); /* of the audit row */
}
END_TEST

/* ---- outcomes are written down whole or not at all ---- */

static hc__batch batch;

static void load(hc__arena *arena)
{
    const hc_id first = {{0}};

    hc__arena_init(arena, &core->mem, NULL, 0);
    batch.arena = arena;
    OK(hc__relay_load(&batch, sys, first, NULL, &err));
}

/* S13: whichever allocation fails. One is delivered, one refused for the last time, and one rests. */
START_TEST(without_memory_no_outcome_is_written_down)
{
    int n = 0;
    hc_status status;

    setenv("HC_TEST_THIN", "1", 1);
    do {
        hc__settling settling = {.batch = &batch};
        hc__arena arena;

        outbox_sql("DELETE FROM outbox");
        outbox_sql("UPDATE leases SET holder=NULL, until=NULL");
        for (int document = 1; document <= 3; document++)
            outbox_put_images(document, 1, IMAGE);
        outbox_put_images(2, 2, IMAGE);
        outbox_sql("UPDATE outbox SET attempts=7 WHERE version=1 AND hex(aggregate_id) LIKE '%02'");
        OK(hc__relay_claim(sys, &settling.fence, &err));
        load(&arena);
        ck_assert_uint_eq(batch.count, 4);
        batch.rows[0].outcome = HC__APPLIED;
        batch.rows[1].outcome = HC__REFUSED;
        batch.rows[1].reason = "a reason";
        batch.rows[2].outcome = HC__LEFT;
        batch.rows[3].outcome = HC__WAITS;
        batch.rows[3].wait = 9 * HC__SECOND;
        outbox_sql("UPDATE leases SET delivered=0");
        outbox_memory.failed = 0;
        outbox_memory.fail_at = outbox_memory.requests + ++n;
        status = hc__relay_settle(sys, &settling, &err);
        outbox_memory.fail_at = 0;
        hc__arena_free(&arena);
        ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && outbox_memory.failed > 0), "allocation %d", n);
        ck_assert_msg(STATE("delivered") == (status >= 0), "allocation %d: delivered", n);
        ck_assert_msg(STATE("dead") == (status >= 0), "allocation %d: dead", n);
        ck_assert_msg(outbox_sql("SELECT count(*) FROM outbox WHERE next_at IS NOT NULL") == (status >= 0 ? 2 : 0),
                      "allocation %d: rests", n);
        ck_assert_msg(outbox_sql("SELECT delivered FROM leases") == (status >= 0), "allocation %d: totals", n);
    } while (outbox_memory.failed > 0 && n < 3000);
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(n, 30);
    OK(status);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, whichever_trip_fails_the_pass_says_so_and_the_next_one_does_it);
    tcase_add_test(tcase, a_pass_may_take_longer_than_a_call);
    tcase_add_test(tcase, each_step_of_a_pass_may_take_as_long_as_a_call);
    tcase_add_test(tcase, a_pass_ends_when_its_time_does);
    tcase_add_test(tcase, outcomes_that_nobody_could_write_down_are_told);
    tcase_add_test(tcase, who_gets_no_lease_has_no_fence);
    tcase_add_test(tcase, a_pass_without_work_or_time_asks_and_writes_nothing);
    tcase_add_test(tcase, a_pass_that_moves_nothing_ends);
    tcase_add_test(tcase, who_waits_for_somebody_else_lets_others_by);
    tcase_add_test(tcase, a_store_that_was_named_wrongly_counts_against_no_effect);
    tcase_add_test(tcase, a_store_of_documents_is_made_ready);
    tcase_add_test(tcase, a_pass_makes_few_trips);
    tcase_add_test(tcase, without_a_connection_to_documents_they_wait);
    tcase_add_test(tcase, own_effects_wait_for_a_connection_to_documents);
    tcase_add_test(tcase, a_relay_that_is_closed_relays_nothing);
    tcase_add_test(tcase, behind_a_call_one_batch_goes);
    tcase_add_test(tcase, while_a_store_is_left_alone_what_waits_is_measured);
    tcase_add_test(tcase, what_waits_is_measured_again_behind_a_batch);
    tcase_add_test(tcase, the_oldest_is_as_old_as_it_is);
    tcase_add_test(tcase, an_outbox_that_fills_again_is_told_again);
    tcase_add_test(tcase, what_is_left_is_counted_with_its_bytes);
    tcase_add_test(tcase, what_came_through_is_counted_once);
    tcase_add_test(tcase, a_list_is_not_told_of_what_was_removed_meanwhile);
    tcase_add_test(tcase, without_memory_a_list_is_not_told_of_all);
    tcase_add_test(tcase, a_relay_leaves_no_proofs);
    tcase_add_test(tcase, without_memory_no_outcome_is_written_down);
}

int main(void)
{
    return suite_main("unit.client.relay_pass", fill, outbox_open, outbox_close);
}
