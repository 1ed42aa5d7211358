/* What a host does with the outbox: looks at its state, at what is dead, tries that again, and replays what came
 * through. */
#include <stdatomic.h>

#include "client/relay_inside.h"
#include "homeconnect/outbox.h"
#include "outbox.h"

#define IMAGE "[{\"id\":\"65000000-0000-8000-8048-000000000001\",\"position\":1}]"

int64_t __real_hc__os_monotonic(void);
int64_t __wrap_hc__os_monotonic(void);

static _Atomic int64_t ahead; /* of the clock */

int64_t __wrap_hc__os_monotonic(void)
{
    return __real_hc__os_monotonic() + atomic_load(&ahead);
}

static hc_outbox state(void)
{
    hc_outbox out = HC_OUTBOX_INIT;

    OK(hc_outbox_state(client, &out, &err));
    return out;
}

START_TEST(the_state_is_what_the_rows_say)
{
    hc_outbox out = state();

    ck_assert(out.pending == 0 && out.bytes == 0 && out.oldest_age == 0 && out.dead == 0 && !out.full);
    for (int n = 1; n <= 6; n++)
        outbox_log_entry(n);
    outbox_sql("UPDATE outbox SET state='dead' WHERE rowid<3");
    outbox_sql("UPDATE outbox SET state='delivered' WHERE rowid=3");
    outbox_sql("UPDATE outbox SET created_at=created_at-9000000, bytes=50 WHERE rowid=4");
    hc__relay_dropped(core, 3);
    out = state();
    ck_assert_int_eq(out.pending, 3);
    ck_assert_int_eq(out.dead, 2);
    ck_assert_int_eq(out.bytes, outbox_sql("SELECT sum(bytes) FROM outbox WHERE state='pending'"));
    ck_assert(out.oldest_age >= 9 * HC__SECOND && out.oldest_age < 60 * HC__SECOND);
    ck_assert(out.delivered == 0 && out.absorbed == 0 && out.dropped == 3);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_sql("UPDATE outbox SET state='pending' WHERE rowid=4");
    ck_assert_int_eq(outbox_relay(), 1);
    out = state();
    ck_assert(out.delivered == 4 && out.absorbed == 1 && out.dropped == 3);
    outbox_sql(
        "UPDATE outbox SET state='pending', created_at=created_at+3600000000 WHERE rowid=4"); /* a clock was put back */
    ck_assert_int_eq(state().oldest_age, 1);
    core->outbox_rows = 1;
    atomic_store(&core->relay->pending, 1);
    ck_assert(state().full);
}
END_TEST

/* ---- dead letters ---- */

struct seen {
    int count, stop_after;
    hc_id last, document;
    char kind[40], reason[40];
    int32_t version;
};

static hc_status note(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason, void *data)
{
    struct seen *seen = data;

    ck_assert_int_lt(memcmp(&seen->last, &id, sizeof id), 0); /* in the order of ids, each once */
    seen->last = id;
    seen->document = document;
    seen->version = version;
    snprintf(seen->kind, sizeof seen->kind, "%s", kind);
    snprintf(seen->reason, sizeof seen->reason, "%s", reason);
    return ++seen->count == seen->stop_after ? HC_ERR_CANCELLED : HC_OK;
}

START_TEST(each_dead_effect_is_told_once)
{
    static const int counts[] = {0, 1, 63, 64, 65, 128, 130}; /* 64 are read at a time */

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct seen seen = {.count = 0};
        char sql[300];

        outbox_sql("DELETE FROM outbox");
        snprintf(sql, sizeof sql,
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) INSERT INTO "
                 "outbox(id,target,kind,"
                 "aggregate_id,version,verb,bytes,created_at,state,attempts,payload) SELECT randomblob(16),'documents',"
                 "'activity_logs',randomblob(16),1,'append',10,1,'dead',8,x'01' FROM n WHERE %d>0",
                 counts[i], counts[i]);
        outbox_sql(sql);
        OK(hc_outbox_dead(client, note, &seen, &err));
        ck_assert_int_eq(seen.count, counts[i]);
        ck_assert_int_eq(state().dead, counts[i]);
    }
    for (int stop = 1; stop <= 66; stop += 65) {
        struct seen seen = {.stop_after = stop};

        OK(hc_outbox_dead(client, note, &seen, &err)); /* who wants no more is no failure */
        ck_assert_int_eq(seen.count, stop);
    }
}
END_TEST

static hc_status note_slowly(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason,
                             void *data)
{
    atomic_fetch_add(&ahead, HC__SECOND);
    return note(id, kind, document, version, reason, data);
}

/* Each page has the time of a call. */
START_TEST(who_looks_at_each_for_long_is_told_all)
{
    struct seen seen = {.count = 0};

    for (int n = 1; n <= 130; n++)
        outbox_log_entry(n);
    outbox_sql("UPDATE outbox SET state='dead'");
    OK(hc_outbox_dead(client, note_slowly, &seen, &err));
    ck_assert_int_eq(seen.count, 130);
}
END_TEST

START_TEST(a_dead_effect_is_told_with_all_that_is_known)
{
    struct seen seen = {.count = 0};
    hc_id document = outbox_id(4);

    outbox_put_images(4, 3, IMAGE);
    outbox_put_images(5, 1, IMAGE);
    outbox_sql("UPDATE outbox SET state='dead', reason='too long' WHERE version=3");
    OK(hc_outbox_dead(client, note, &seen, &err));
    ck_assert_int_eq(seen.count, 1);
    ck_assert(hc__id_equal(seen.document, document));
    ck_assert_int_eq(seen.version, 3);
    ck_assert_str_eq(seen.kind, "property_documents");
    ck_assert_str_eq(seen.reason, "too long");
    outbox_sql("UPDATE outbox SET reason=NULL");
    seen = (struct seen){.count = 0};
    OK(hc_outbox_dead(client, note, &seen, &err));
    ck_assert_str_eq(seen.reason, "");
}
END_TEST

static hc_id id_of(const char *where)
{
    struct seen seen = {.count = 0};
    char sql[200];

    snprintf(sql, sizeof sql, "UPDATE outbox SET state='dead' WHERE %s", where);
    outbox_sql(sql);
    OK(hc_outbox_dead(client, note, &seen, &err));
    ck_assert_int_eq(seen.count, 1);
    return seen.last;
}

/* With what rested behind it; what rests for a reason of its own goes on resting. */
START_TEST(a_dead_effect_is_tried_again_and_frees_its_document)
{
    hc_id dead;

    for (int version = 1; version <= 3; version++)
        outbox_put_images(1, version, IMAGE);
    outbox_put_images(2, 1, IMAGE);
    outbox_sql("UPDATE outbox SET next_at=9000000000000000, attempts=5");
    dead = id_of("version=1 AND hex(aggregate_id) LIKE '%01'");
    outbox_sql("UPDATE outbox SET attempts=8, settled_at=1 WHERE state='dead'");
    OK(hc_outbox_retry(client, dead, &err));
    ck_assert_int_eq(STATE("pending"), 4);
    ck_assert_int_eq(
        outbox_sql("SELECT count(*) FROM outbox WHERE version=1 AND attempts=0 AND next_at IS NULL AND settled_at "
                   "IS NULL AND hex(aggregate_id) LIKE '%01'"),
        1);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE version>1 AND attempts=5 AND next_at IS NULL"), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE attempts=5 AND next_at=9000000000000000"), 1);
    ck_assert_int_eq(
        outbox_sql("SELECT count(*) FROM audit_log WHERE event='sensitive_update' AND target_kind='outbox' AND "
                   "reason='retry of a dead effect'"),
        1);
    ck_assert_int_eq(hc_outbox_retry(client, dead, &err), HC_ERR_NOT_FOUND); /* it is alive */
    ck_assert_str_eq(err.field, "id");
    ck_assert_int_eq(hc_outbox_retry(client, outbox_id(77), &err), HC_ERR_NOT_FOUND);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='retry of a dead effect'"), 1);
    ck_assert_int_eq(outbox_relay(), 3);
}
END_TEST

/* ---- replay ---- */

static int64_t replay(int64_t since)
{
    int64_t count = -1;

    OK(hc_outbox_replay(client, since, &count, &err));
    return count;
}

START_TEST(what_was_delivered_since_then_waits_again)
{
    ck_assert_int_eq(replay(0), 0);
    OK(hc_outbox_replay(client, 0, NULL, &err));
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='replay of effects'"), 0);
    for (int n = 1; n <= 5; n++)
        outbox_log_entry(n);
    ck_assert_int_eq(outbox_relay(), 5);
    outbox_log_entry(6);
    outbox_sql("UPDATE outbox SET settled_at=100*rowid, attempts=2, next_at=9000000000000000");
    outbox_sql("UPDATE outbox SET state='dead' WHERE rowid=5");
    ck_assert_int_eq(replay(301), 1);
    ck_assert_int_eq(STATE("pending"), 2);
    ck_assert_int_eq(replay(300), 1); /* at that moment or later */
    ck_assert_int_eq(replay(300), 0);
    ck_assert_int_eq(STATE("delivered"), 2);
    ck_assert_int_eq(STATE("dead"), 1);
    ck_assert_int_eq(
        outbox_sql("SELECT count(*) FROM outbox WHERE attempts=0 AND next_at IS NULL AND settled_at IS NULL"), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='replay of effects'"), 2);
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(state().absorbed, 2);
}
END_TEST

/* ---- time ---- */

static void trip_slowly(const hc_batch *batch)
{
    (void)batch;
    atomic_fetch_add(&ahead, 10 * HC__SECOND);
}

static hc_status tell_slowly(const char *kind, hc_id document, int32_t what, int32_t version, int32_t stored,
                             void *data)
{
    (void)kind;
    (void)document;
    (void)version;
    (void)stored;
    (void)data;
    ck_assert_int_eq(what, HC_DIFFERENCE_MISSING);
    atomic_fetch_add(&ahead, 25 * HC__SECOND);
    return HC_OK;
}

/* Each page and each look has the time of a call. */
START_TEST(a_walk_may_take_longer_than_a_call)
{
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;

    for (int n = 1; n <= 3; n++) {
        hc__record row = outbox_images(n, 1, IMAGE);

        outbox_put_head(&row);
    }
    other.before = trip_slowly;
    OK(hc_reconcile(client, NULL, tell_slowly, NULL, &report, &err));
    other.before = NULL;
    ck_assert_int_eq(report.differences, 3);
}
END_TEST

static int64_t pause_once;

static void claim_slowly(const hc_batch *batch)
{
    if (batch->op_count > 0 && batch->ops[0].kind == &hc__lease_entity.kind) {
        atomic_fetch_add(&ahead, pause_once);
        pause_once = 0;
    }
}

/* A call waits two seconds at most for a pass behind it to get its lease, and then leaves it to others. */
START_TEST(behind_a_call_there_are_two_seconds)
{
    outbox_log_entry(1);
    other.before_own = claim_slowly;
    pause_once = 2 * HC__SECOND + 100000;
    hc__relay_soon(sys);
    ck_assert_int_eq(STATE("pending"), 1);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
    pause_once = HC__SECOND;
    hc__relay_soon(sys);
    ck_assert_int_eq(STATE("pending"), 0);
    other.before_own = NULL;
}
END_TEST

/* ---- a store that fails ---- */

START_TEST(what_the_store_fails_with_is_told)
{
    hc_outbox out = HC_OUTBOX_INIT;
    struct seen seen = {.count = 0};
    int64_t count = 7;
    hc_id dead;

    outbox_log_entry(1);
    outbox_log_entry(2);
    dead = id_of("rowid=1");
    other.fail_with = HC_ERR_CORRUPT;
    for (int n = 1; n <= 3; n++) { /* what waits, the totals, what is dead */
        other.fail_in[0] = n;
        out.pending = out.dead = 77;
        ck_assert_int_eq(hc_outbox_state(client, &out, &err), HC_ERR_CORRUPT);
        ck_assert_int_eq(err.status, HC_ERR_CORRUPT);
        ck_assert(out.pending == 0 && out.dead == 0 && out.struct_size == sizeof out);
    }
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc_outbox_dead(client, note, &seen, &err), HC_ERR_CORRUPT);
    ck_assert_int_eq(seen.count, 0);
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc_outbox_retry(client, dead, &err), HC_ERR_CORRUPT);
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc_outbox_replay(client, 0, &count, &err), HC_ERR_CORRUPT);
    ck_assert_int_eq(count, 0);
    other.fail_in[0] = 0;
    ck_assert_int_eq(STATE("dead"), 1);
    OK(hc_outbox_retry(client, dead, &err));
}
END_TEST

START_TEST(arguments_are_looked_at)
{
    hc_outbox out = HC_OUTBOX_INIT;

    ck_assert_int_eq(hc_outbox_state(client, NULL, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "out");
    out.struct_size = sizeof out.struct_size - 1;
    ck_assert_int_eq(hc_outbox_state(client, &out, &err), HC_ERR_INVALID);
    out.struct_size = sizeof out.struct_size; /* nothing is asked for */
    atomic_store(&core->ready, false);
    OK(hc_outbox_state(client, &out, &err));
    ck_assert(atomic_load(&core->ready)); /* a call like others: the first sees to the schema */
    ck_assert_int_eq(hc_outbox_dead(client, NULL, NULL, &err), HC_ERR_MISUSE);
    ck_assert_str_eq(err.field, "dead");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_state_is_what_the_rows_say);
    tcase_add_test(tcase, each_dead_effect_is_told_once);
    tcase_add_test(tcase, who_looks_at_each_for_long_is_told_all);
    tcase_add_test(tcase, a_dead_effect_is_told_with_all_that_is_known);
    tcase_add_test(tcase, a_dead_effect_is_tried_again_and_frees_its_document);
    tcase_add_test(tcase, what_was_delivered_since_then_waits_again);
    tcase_add_test(tcase, a_walk_may_take_longer_than_a_call);
    tcase_add_test(tcase, behind_a_call_there_are_two_seconds);
    tcase_add_test(tcase, what_the_store_fails_with_is_told);
    tcase_add_test(tcase, arguments_are_looked_at);
}

int main(void)
{
    return suite_main("unit.client.letters", fill, outbox_open, outbox_close);
}
