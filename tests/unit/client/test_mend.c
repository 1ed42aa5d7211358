/* Differences that cannot be mended, that others mend meanwhile, and stores that say what they should not. */
#include <stdlib.h>

#include "homeconnect/outbox.h"
#include "outbox.h"
#include "outbox/outbox.h"

#define IMAGE "[{\"id\":\"65000000-0000-8000-8048-000000000001\",\"position\":1}]"

/* Versions 1 to `versions` of document 1, delivered, and its head. */
static void make(int versions)
{
    hc__record row = outbox_images(1, versions, IMAGE);

    outbox_put_head(&row);
    for (int version = 1; version <= versions; version++)
        outbox_put_images(1, version, IMAGE);
    ck_assert_int_eq(outbox_relay(), versions);
}

static bool is_there(void)
{
    hc__record row;

    return outbox_find(&row, &hc__document_entity, 0, outbox_id(1));
}

static void take_away(void)
{
    outbox_documents_sql("DELETE FROM property_documents");
}

static int32_t told[4];
static int tales;

static hc_status tell(const char *kind, hc_id document, int32_t what, int32_t version, int32_t stored, void *data)
{
    (void)kind;
    (void)document;
    (void)data;
    ck_assert_int_lt(tales, 4);
    (void)version;
    (void)stored;
    told[tales++] = what;
    return HC_OK;
}

static hc_reconcile_report walk(int32_t repair)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;

    options.repair = repair;
    tales = 0;
    OK(hc_reconcile(client, &options, tell, NULL, &report, &err));
    ck_assert_int_eq(report.differences, tales);
    ck_assert_int_eq(report.repaired + report.left, repair ? report.differences : 0);
    return report;
}

/* The only difference, and nothing can be done about it. */
static void expect_left(int32_t what)
{
    hc_reconcile_report report = walk(1);

    ck_assert_int_eq(report.differences, 1);
    ck_assert_int_eq(told[0], what);
    ck_assert_int_eq(report.left, 1);
}

/* ---- effects that do not lead there ---- */

START_TEST(effects_without_a_beginning_make_nothing)
{
    make(2);
    take_away();
    outbox_sql("UPDATE outbox SET verb='set'");
    expect_left(HC_DIFFERENCE_MISSING);
    ck_assert_int_eq(STATE("pending"), 0);
    outbox_sql("UPDATE outbox SET verb='put' WHERE version=1"); /* the second follows on it */
    ck_assert_int_eq(walk(1).repaired, 1);
    ck_assert_int_eq(STATE("pending"), 2);
}
END_TEST

START_TEST(effects_with_a_gap_make_nothing)
{
    make(3);
    take_away();
    outbox_sql("UPDATE outbox SET verb='set' WHERE version=3");
    outbox_sql("DELETE FROM outbox WHERE version=2");
    expect_left(HC_DIFFERENCE_MISSING);
    outbox_sql("UPDATE outbox SET version=9 WHERE version=3"); /* later ones than the head's do not count */
    expect_left(HC_DIFFERENCE_MISSING);
    outbox_sql("UPDATE outbox SET verb='put' WHERE version=9");
    outbox_sql("UPDATE document_heads SET version=1");
    ck_assert_int_eq(walk(1).repaired, 1);
}
END_TEST

/* ---- others mend it meanwhile ---- */

static int countdown; /* trips to the store of documents until `meanwhile` */
static void (*meanwhile)(void);

static void count_down(const hc_batch *batch)
{
    (void)batch;
    if (--countdown == 0)
        meanwhile();
}

static void after_trips(int n, void (*what)(void))
{
    countdown = n;
    meanwhile = what;
    other.before = count_down;
}

static void raise_head(void)
{
    outbox_sql("UPDATE document_heads SET version=version+1");
}

/* Of heads: that the stored is of a later version, and that there is no head. */
START_TEST(a_head_that_others_change_is_left_to_them)
{
    make(2);
    outbox_sql("UPDATE document_heads SET version=1");
    after_trips(3, raise_head); /* a page, a look, the row for its head */
    expect_left(HC_DIFFERENCE_NEWER);
    other.before = NULL;
    ck_assert_int_eq(outbox_sql("SELECT version FROM document_heads"), 2);
    ck_assert_int_eq(walk(0).differences, 0);
}
END_TEST

START_TEST(a_document_that_others_take_away_needs_no_head)
{
    make(2);
    outbox_sql("UPDATE document_heads SET version=1");
    after_trips(3, take_away);
    expect_left(HC_DIFFERENCE_NEWER);
    other.before = NULL;
    ck_assert_int_eq(outbox_sql("SELECT version FROM document_heads"), 1);
}
END_TEST

static void forget_removal(void)
{
    outbox_sql("DELETE FROM document_heads");
    outbox_sql("UPDATE outbox SET verb='remove' WHERE version=2");
}

static void remove_first(const hc_batch *batch)
{
    if (batch->ops[0].verb == HC_VERB_REMOVE_WHERE)
        take_away();
}

START_TEST(a_document_that_others_remove_is_left_to_them)
{
    make(2);
    forget_removal();
    ck_assert_int_eq(walk(0).differences, 1);
    ck_assert_int_eq(told[0], HC_DIFFERENCE_REMOVED);
    ck_assert(is_there());
    other.before = remove_first;
    expect_left(HC_DIFFERENCE_REMOVED);
    other.before = NULL;
    ck_assert(!is_there());
    ck_assert_int_eq(walk(0).differences, 0);
}
END_TEST

static void change_always(const hc_batch *batch)
{
    if (batch->ops[0].limit == 1)
        raise_head();
}

START_TEST(what_never_rests_is_no_difference)
{
    make(1);
    take_away();
    other.before = change_always;
    ck_assert_int_eq(walk(1).differences, 0);
    other.before = NULL;
    ck_assert_int_eq(outbox_sql("SELECT version FROM document_heads"), 4);
}
END_TEST

static void note_removal(const hc_batch *batch)
{
    if (batch->ops[0].limit == 1)
        outbox_sql("UPDATE outbox SET verb='remove' WHERE version=2");
}

/* Between the two looks it was removed: the second pair of looks says what it is. */
START_TEST(a_removal_between_two_looks_is_seen)
{
    make(2);
    outbox_sql("DELETE FROM document_heads");
    other.before = note_removal;
    ck_assert_int_eq(walk(0).differences, 1);
    ck_assert_int_eq(told[0], HC_DIFFERENCE_REMOVED);
    other.before = NULL;
}
END_TEST

static void deliver_again(const hc_batch *batch)
{
    if (batch->ops[0].limit == 1)
        outbox_sql("UPDATE outbox SET state='pending'");
}

START_TEST(what_waits_by_then_is_no_difference)
{
    make(2);
    take_away();
    other.before = deliver_again;
    ck_assert_int_eq(walk(1).differences, 0);
    other.before = NULL;
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert(is_there());
}
END_TEST

static int looks; /* at the document */

static bool deliver_under_way(const hc_batch *batch, hc_row *row)
{
    const hc_op *op = &batch->ops[row->op];

    if (op->kind == &hc__head_entity.kind && op->where != NULL && op->where->test == HC_TEST_IN)
        outbox_sql("UPDATE outbox SET state='pending'"); /* behind the page */
    if (op->kind != &hc__document_entity.kind)
        return true;
    if (op->limit == 1 && ++looks == 1)
        outbox_sql("UPDATE outbox SET state='delivered'"); /* behind the look that did not find it */
    return op->limit == 1 && looks > 1;
}

/* At the first look it waits, at the second it was delivered, and in between it was not there: both say another thing
 * of one version. */
START_TEST(a_delivery_between_two_looks_is_seen)
{
    make(1);
    looks = 0;
    other.row = deliver_under_way;
    ck_assert_int_eq(walk(0).differences, 0);
    other.row = NULL;
    ck_assert_int_eq(looks, 2);
}
END_TEST

static void vanish(const hc_batch *batch)
{
    if (batch->ops[0].limit == 1)
        take_away();
}

START_TEST(a_document_without_a_head_that_vanishes_is_no_difference)
{
    make(1);
    outbox_sql("DELETE FROM document_heads");
    other.before = vanish;
    ck_assert_int_eq(walk(1).differences, 0);
    other.before = NULL;
    ck_assert(!is_there());
}
END_TEST

/* ---- what the state of effects says ---- */

/* An entry was delivered twice over, and removed: a person was deleted. */
START_TEST(an_entry_that_was_removed_is_not_missing)
{
    outbox_log_entry(3);
    outbox_log_entry(3);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox"), 2);
    outbox_sql("UPDATE outbox SET state='delivered', settled_at=1, kind='activity_logs'");
    ck_assert_int_eq(walk(0).differences, 2);
    ck_assert_int_eq(told[0], HC_DIFFERENCE_MISSING);
    outbox_sql("UPDATE outbox SET verb='remove' WHERE id=(SELECT min(id) FROM outbox)");
    ck_assert_int_eq(walk(0).differences, 0);
}
END_TEST

/* ---- what stores should not say ---- */

static bool hide_pages(const hc_batch *batch, hc_row *row)
{
    return row->op != 0 || batch->ops[0].kind != &hc__activity_entity.kind || batch->ops[0].limit == 1;
}

START_TEST(an_entry_that_comes_between_page_and_look_is_not_missing)
{
    outbox_log_entry(3);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(walk(0).differences, 0);
    other.row = hide_pages;
    ck_assert_int_eq(walk(0).differences, 0);
    other.row = NULL;
}
END_TEST

static const uint8_t strange[16] = {0xff};

/* Of the rows that were asked for by id. */
static bool change_ids(const hc_batch *batch, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    if (batch->ops[row->op].where != NULL && batch->ops[row->op].where->test == HC_TEST_IN &&
        values[0].type == HC_TYPE_ID)
        values[0].as.bytes = strange;
    return true;
}

START_TEST(rows_that_nobody_asked_for_are_passed_over)
{
    make(1);
    ck_assert_int_eq(walk(0).differences, 0);
    other.row = change_ids;                   /* so nothing seems to be stored, and no head is known */
    ck_assert_int_eq(walk(0).differences, 0); /* but the looks see both */
    other.row = NULL;
}
END_TEST

static bool without_version(const hc_batch *batch, hc_row *row)
{
    hc_value *values = (hc_value *)(uintptr_t)row->values;

    for (uint32_t i = 0; batch->ops[row->op].kind == &hc__document_entity.kind && i < row->count; i++)
        if (values[i].type == HC_TYPE_INT32)
            values[i].type = HC_TYPE_NULL;
    return true;
}

/* A program of another wrote it without one: it is the first. */
START_TEST(a_document_without_a_version_is_of_the_first)
{
    make(1);
    other.row = without_version;
    ck_assert_int_eq(walk(0).differences, 0);
    other.row = NULL;
}
END_TEST

static int given; /* documents of pages */

static bool give_one_at_first(const hc_batch *batch, hc_row *row)
{
    const hc_op *op = &batch->ops[row->op];

    return op->kind != &hc__document_entity.kind || op->where != NULL || ++given == 1 || given > 3;
}

/* As where the others of it are spoiled: only an empty page is the end. */
START_TEST(behind_a_short_page_there_may_be_more)
{
    for (int n = 1; n <= 3; n++) {
        hc__record row = outbox_images(n, 1, IMAGE);

        outbox_foreign(&row);
    }
    given = 0;
    other.row = give_one_at_first;
    ck_assert_int_eq(walk(0).differences, 3);
    other.row = NULL;
    ck_assert_int_eq(given, 5);
}
END_TEST

/* Of kinds that live in the store alone nothing is asked. */
START_TEST(a_walk_over_nothing_makes_few_trips)
{
    other.fail_in[0] = 1000;
    ck_assert_int_eq(walk(0).examined, 0);
    ck_assert_int_ge(other.fail_in[0], 1000 - 8);
    ck_assert_int_eq(other.trips, 2); /* a page of each kind of documents that change */
    other.fail_in[0] = 0;
}
END_TEST

/* ---- one that is spoiled ---- */

/* The trip that fails is one of those of a walk without differences; behind its rows only a page of documents may. */
START_TEST(a_page_with_a_spoiled_document_gives_the_others)
{
    int told_so = 0, gone_on = 0;

    make(1);
    other.fail_with = HC_ERR_CORRUPT;
    for (int late = 0; late <= 1; late++) {
        other.fail_late = late != 0;
        for (int n = 1;; n++) {
            hc_status status;

            other.fail_in[1] = n;
            status = hc_reconcile(client, NULL, NULL, NULL, NULL, &err);
            if (other.fail_in[1] > 0)
                break;
            ck_assert_msg(status == HC_OK || (status == HC_ERR_CORRUPT && err.status == status), "%s", err.message);
            told_so += status < 0;
            gone_on += late && status == HC_OK;
            ck_assert(late || status == HC_ERR_CORRUPT);
        }
        other.fail_in[1] = 0;
    }
    ck_assert_int_ge(told_so, 4);
    ck_assert_int_eq(gone_on, 1);
}
END_TEST

/* Whichever trip it is: what could not be tried is not told as left. */
START_TEST(a_trip_that_fails_while_it_mends_is_told)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc_reconcile_report report;
    hc_status status = HC_OK;
    int n = 0;

    make(1);
    take_away();
    options.repair = 1;
    other.fail_with = HC_ERR_INTERNAL;
    do {
        other.fail_in[0] = ++n;
        report = (hc_reconcile_report)HC_RECONCILE_REPORT_INIT;
        status = hc_reconcile(client, &options, NULL, NULL, &report, &err);
        ck_assert_msg(other.fail_in[0] > 0 || status == HC_ERR_INTERNAL, "trip %d", n);
        ck_assert_int_eq(report.left, 0);
    } while (other.fail_in[0] == 0);
    other.fail_in[0] = 0;
    OK(status);
    ck_assert_int_gt(n, 8);
    ck_assert_int_eq(STATE("pending"), 1); /* mended by then */
    ck_assert_int_eq(outbox_relay(), 1);
}
END_TEST

static void forget_delivered(void)
{
    outbox_sql("DELETE FROM outbox WHERE state='delivered'");
}

/* Whichever trip is lost, where several may commit at once: what a run before it found is not so any more. */
START_TEST(what_runs_again_tells_what_its_last_run_did)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    int n = 0, mended = 0;

    outbox_close();
    outbox_remote = true;
    outbox_open();
    make(1);
    options.repair = 1;
    other.fail_with = HC_ERR_UNAVAILABLE;
    do {
        hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
        int64_t count = -1;

        for (int call = 0; call < 2; call++) {
            outbox_sql("DELETE FROM outbox");
            outbox_put_images(1, 1, IMAGE);
            ck_assert_int_eq(outbox_relay(), 1);
            take_away();
            other.after_failure = forget_delivered;
            other.fail_in[0] = call == 0 ? ++n : n;
            if (call == 0 && hc_outbox_replay(client, 0, &count, &err) >= 0)
                ck_assert_msg(STATE("pending") == count, "trip %d: %lld", n, (long long)count);
            if (call == 1 && hc_reconcile(client, &options, NULL, NULL, &report, &err) >= 0) {
                ck_assert_msg(STATE("pending") == report.repaired, "trip %d", n);
                mended += report.repaired != 0;
            }
            other.after_failure = NULL;
        }
    } while (other.fail_in[0] == 0);
    other.fail_in[0] = 0;
    ck_assert_int_gt(n, 8);
    ck_assert_int_gt(mended, 0);
}
END_TEST

/* A conversation has several documents under one key: the head of one is none of another. */
START_TEST(a_head_of_an_earlier_bucket_is_another_ones)
{
    hc__record row;

    outbox_start_chat(1);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert(outbox_find(&row, &hc__chat_entity, 0, outbox_id(1)));
    outbox_put_head(&row);
    ck_assert_int_eq(walk(0).differences, 0);
    hc__record_set_id(&row, hc__chat_f_id, outbox_id(2));
    hc__record_set_int(&row, hc__chat_f_bucket, 1);
    outbox_foreign(&row);
    ck_assert_int_eq(walk(0).differences, 1);
    ck_assert_int_eq(told[0], HC_DIFFERENCE_NO_HEAD);
}
END_TEST

/* A conversation that no head can be made of. */
START_TEST(a_spoiled_document_gets_no_head)
{
    outbox_start_chat(1);
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_documents_sql("UPDATE ai_chat_history SET messages='{}'");
    expect_left(HC_DIFFERENCE_NO_HEAD);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM document_heads"), 0);
}
END_TEST

/* Documents 1 and 3. */
static bool is_odd(const void *id)
{
    return ((const uint8_t *)id)[15] % 2 == 1 && ((const uint8_t *)id)[15] < 5;
}

/* Whoever cannot be read is found one by one, and nobody is asked for twice who was read. */
START_TEST(a_relay_refuses_who_cannot_be_read_alone)
{
    for (int n = 1; n <= 4; n++)
        outbox_start_chat(n);
    ck_assert_int_eq(outbox_relay(), 4);
    for (int n = 1; n <= 4; n++)
        outbox_push(n, 2, "hello");
    outbox_start_chat(5);
    other.spoiled = is_odd;
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 3);
    ck_assert_int_eq(other.trips, 6); /* all, three of them alone, the writes, and whether updates found theirs */
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='pending' AND attempts=1 AND version=2 AND "
                                "reason='a spoiled document'"),
                     2);
    ck_assert_int_eq(STATE("pending"), 2);
    ck_assert_str_eq(outbox_log, ""); /* nor is the store away */
    outbox_sql("UPDATE outbox SET next_at=NULL");
    other.fail_with = HC_ERR_UNAVAILABLE;
    other.fail_in[1] = 2; /* the first of those alone */
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(other.fail_in[1], 0);
    ck_assert_int_eq(outbox_sql("SELECT max(attempts) FROM outbox"), 1); /* that is no fault of theirs */
    ck_assert_ptr_nonnull(strstr(outbox_log, "effects wait for the documents' store: this trip fails"));
    other.spoiled = NULL;
    ck_assert_int_eq(outbox_relay(), 2);
    outbox_push(2, 3, "again");
    outbox_log[0] = '\0';
    other.fail_in[1] = 3; /* whether the update found its version */
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_ptr_nonnull(strstr(outbox_log, "this trip fails"));
}
END_TEST

/* The look at a document that has the key of another fails: for the store's sake, and for its own. */
START_TEST(a_key_that_cannot_be_looked_up_is_tried_again)
{
    hc__record foreign = outbox_images(7, 1, IMAGE), mine = outbox_images(2, 2, IMAGE);
    struct outbox_effect effect = {.row = &mine, .aggregate = outbox_id(2), .version = 2, .verb = HC__EFFECT_PUT};

    outbox_foreign(&foreign);
    hc__record_set_id(&mine, hc__document_f_property_id, outbox_id(1007));
    outbox_put(&effect);
    other.fail_with = HC_ERR_UNAVAILABLE;
    other.fail_in[1] = 3; /* behind a look and the insert */
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_ptr_nonnull(strstr(outbox_log, "this trip fails"));
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox"), 0);
    outbox_log[0] = '\0';
    other.fail_with = HC_ERR_INVALID;
    other.fail_in[1] = 3;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox"), 1);
    outbox_sql("UPDATE outbox SET next_at=NULL");
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_str_eq(outbox_log, "");
}
END_TEST

/* What was there already is not to blame. */
START_TEST(a_relay_refuses_the_first_that_is_new)
{
    hc__record row = outbox_images(1, 2, IMAGE);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(1), .version = 2, .verb = HC__EFFECT_PUT};
    const hc_value null = {HC_TYPE_NULL, 0, {.integer = 0}};

    outbox_put_images(1, 1, IMAGE);
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_sql("UPDATE outbox SET state='pending'");
    ck_assert(hc__record_put(&row, hc__document_f_property_id, &null)); /* each document is of a listing */
    outbox_put(&effect);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE version=1"), 0);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE version=2"), 1);
}
END_TEST

/* A walk over many documents may take longer than a call: each that is mended has the time of one. */
START_TEST(what_is_mended_has_the_time_of_a_call)
{
    hc__difference difference = {
        .entity = &hc__document_entity, .id = outbox_id(1), .what = HC_DIFFERENCE_REMOVED, .version = 2, .stored = 2};
    bool mended = false;

    make(2);
    sys->deadline = hc__os_monotonic() - HC__SECOND;
    OK(hc__outbox_mend(sys, &difference, &mended, &err));
    ck_assert(mended);
    ck_assert(!is_there());
    sys->deadline = hc__os_monotonic() - HC__SECOND;
    OK(hc__outbox_mend(sys, &difference, &mended, &err));
    ck_assert(!mended); /* it is gone already */
    difference.what = HC_DIFFERENCE_MISSING;
    difference.stored = 0;
    sys->deadline = hc__os_monotonic() - HC__SECOND;
    OK(hc__outbox_mend(sys, &difference, &mended, &err));
    ck_assert(mended);
    ck_assert_int_eq(outbox_relay(), 1); /* the second brings the whole */
    ck_assert(is_there());
}
END_TEST

/* S13: a relay that finds no memory leaves what it has in hand for the next run. */
START_TEST(a_relay_without_memory_is_no_harm)
{
    int n = 0;
    hc_status status;
    int64_t done;

    make(2);
    outbox_start_chat(2);
    outbox_push(2, 2, "hello");
    outbox_log_entry(3);
    outbox_put_images(4, 1, IMAGE);
    outbox_remove(&hc__document_entity, 4, 2);
    setenv("HC_TEST_THIN", "1", 1); /* each piece of an arena, too */
    do {
        outbox_sql("UPDATE outbox SET state='pending', attempts=0, next_at=NULL, settled_at=NULL");
        outbox_memory.failed = 0;
        outbox_memory.from_on = true;
        outbox_memory.fail_at = outbox_memory.requests + ++n;
        status = hc__relay_run(core, hc__os_monotonic() + 5 * HC__SECOND, &done, &err);
        outbox_memory.fail_at = 0;
        ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && outbox_memory.failed > 0), "allocation %d: %s", n,
                      err.message);
    } while (outbox_memory.failed > 0 && n < 3000);
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(n, 30);
    ck_assert_int_eq(STATE("dead"), 0);
    (void)outbox_relay();
    ck_assert_int_eq(STATE("pending"), 0);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 1);
    ck_assert_int_eq(outbox_count(&hc__chat_entity), 1);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1);
}
END_TEST

/* ---- arguments ---- */

static hc_status letter(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason, void *data)
{
    (void)id;
    (void)kind;
    (void)document;
    (void)version;
    (void)reason;
    ++*(int *)data;
    return HC_OK;
}

START_TEST(a_client_is_needed_and_structs_have_a_size)
{
    hc_outbox out = HC_OUTBOX_INIT;
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    static union {
        hc_reconcile_report report;
        char bytes[4096];
    } large;
    int64_t count = 7;
    int letters = 0;

    ck_assert_int_eq(hc_outbox_state(NULL, &out, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_outbox_dead(NULL, letter, &letters, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_outbox_retry(NULL, outbox_id(1), &err), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_outbox_replay(NULL, 0, NULL, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_outbox_replay(NULL, 0, &count, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(count, 0);
    ck_assert_int_eq(hc_reconcile(NULL, NULL, NULL, NULL, NULL, &err), HC_ERR_MISUSE);
    ck_assert_int_eq(letters, 0);
    options.struct_size = 0;
    ck_assert_int_eq(hc_reconcile(client, &options, NULL, NULL, NULL, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "options");
    report.struct_size = 1 << 20;
    ck_assert_int_eq(hc_reconcile(client, NULL, NULL, NULL, &report, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "report");
    memset(&large, 0, sizeof large); /* of a much later library */
    large.report.struct_size = sizeof large;
    OK(hc_reconcile(client, NULL, NULL, NULL, &large.report, &err));
    ck_assert_uint_eq(large.report.struct_size, sizeof large);
    large.report.struct_size = sizeof large + 1;
    ck_assert_int_eq(hc_reconcile(client, NULL, NULL, NULL, &large.report, &err), HC_ERR_INVALID);
    report.struct_size = sizeof report.struct_size; /* nothing is asked for */
    OK(hc_reconcile(client, NULL, NULL, NULL, &report, &err));
    other.down_after = 0;
    ck_assert_int_eq(hc_reconcile(client, NULL, NULL, NULL, NULL, NULL), HC_ERR_UNAVAILABLE);
    other.down_after = -1;
    make(1);
    report = (hc_reconcile_report)HC_RECONCILE_REPORT_INIT;
    report.struct_size = offsetof(hc_reconcile_report, left);
    report.left = 77;
    OK(hc_reconcile(client, NULL, NULL, NULL, &report, &err));
    ck_assert_int_eq(report.left, 77);
    ck_assert_uint_eq(report.struct_size, offsetof(hc_reconcile_report, left));
    ck_assert_int_eq(report.examined, 2);
    other.down_after = 0;
    ck_assert_int_eq(hc_reconcile(client, NULL, NULL, NULL, NULL, NULL), HC_ERR_UNAVAILABLE);
}
END_TEST

/* More than one transaction takes, and the last of them is full. */
START_TEST(a_replay_goes_on_until_everything_was_marked)
{
    int64_t count = 0;

    outbox_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1100) INSERT INTO "
               "outbox(id,target,kind,aggregate_id,version,verb,bytes,created_at,state,attempts,settled_at,payload) "
               "SELECT randomblob(16),'documents','activity_logs',randomblob(16),1,'append',10,1,'delivered',0,"
               "CASE WHEN i<=1024 THEN 100 ELSE 50 END,x'01' FROM n");
    outbox_sql("CREATE TRIGGER relay AFTER UPDATE ON outbox WHEN new.state='pending' BEGIN UPDATE outbox SET "
               "state='delivered', settled_at=100 WHERE id=new.id; END"); /* somebody delivers them at once */
    OK(hc_outbox_replay(client, 60, &count, &err));
    ck_assert_int_eq(count, 1024);
    outbox_sql("DROP TRIGGER relay");
    OK(hc_outbox_replay(client, 60, &count, &err));
    ck_assert_int_eq(count, 1024);
    ck_assert_int_eq(STATE("pending"), 1024);
    ck_assert_int_eq(STATE("delivered"), 76);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='replay of effects'"), 2);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, effects_without_a_beginning_make_nothing);
    tcase_add_test(tcase, effects_with_a_gap_make_nothing);
    tcase_add_test(tcase, a_head_that_others_change_is_left_to_them);
    tcase_add_test(tcase, a_document_that_others_take_away_needs_no_head);
    tcase_add_test(tcase, a_document_that_others_remove_is_left_to_them);
    tcase_add_test(tcase, what_never_rests_is_no_difference);
    tcase_add_test(tcase, a_removal_between_two_looks_is_seen);
    tcase_add_test(tcase, a_delivery_between_two_looks_is_seen);
    tcase_add_test(tcase, what_waits_by_then_is_no_difference);
    tcase_add_test(tcase, a_document_without_a_head_that_vanishes_is_no_difference);
    tcase_add_test(tcase, a_spoiled_document_gets_no_head);
    tcase_add_test(tcase, a_trip_that_fails_while_it_mends_is_told);
    tcase_add_test(tcase, what_runs_again_tells_what_its_last_run_did);
    tcase_add_test(tcase, a_head_of_an_earlier_bucket_is_another_ones);
    tcase_add_test(tcase, an_entry_that_was_removed_is_not_missing);
    tcase_add_test(tcase, an_entry_that_comes_between_page_and_look_is_not_missing);
    tcase_add_test(tcase, rows_that_nobody_asked_for_are_passed_over);
    tcase_add_test(tcase, a_document_without_a_version_is_of_the_first);
    tcase_add_test(tcase, behind_a_short_page_there_may_be_more);
    tcase_add_test(tcase, a_walk_over_nothing_makes_few_trips);
    tcase_add_test(tcase, a_page_with_a_spoiled_document_gives_the_others);
    tcase_add_test(tcase, what_is_mended_has_the_time_of_a_call);
    tcase_add_test(tcase, a_relay_refuses_who_cannot_be_read_alone);
    tcase_add_test(tcase, a_relay_refuses_the_first_that_is_new);
    tcase_add_test(tcase, a_key_that_cannot_be_looked_up_is_tried_again);
    tcase_add_test(tcase, a_relay_without_memory_is_no_harm);
    tcase_add_test(tcase, a_client_is_needed_and_structs_have_a_size);
    tcase_add_test(tcase, a_replay_goes_on_until_everything_was_marked);
}

int main(void)
{
    return suite_main("client.mend", fill, outbox_open, outbox_close);
}
