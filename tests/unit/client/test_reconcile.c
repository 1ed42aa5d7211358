/* Two stores that differ, without memory (S13), and what only a store that a test drives can show. */
#include <stdlib.h>

#include "homeconnect/outbox.h"
#include "outbox.h"

#define D(name)  hc__document_f_##name
#define IMAGE(n) "[{\"id\":\"65000000-0000-8000-8048-00000000000" n "\",\"position\":1}]"

/* As a transaction does: the head, and the effect. */
static void put(int n, int version, const char *images)
{
    hc__record row = outbox_images(n, version, images);
    char sql[200];

    if (version == 1)
        outbox_put_head(&row);
    snprintf(sql, sizeof sql, "UPDATE document_heads SET version=%d WHERE key LIKE '%%%04x'", version, 1000 + n);
    outbox_sql(sql);
    outbox_put_images(n, version, images);
}

static void take_away(int n)
{
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__document_entity.kind,
                .where = hc__is_id(&outbox_arena, 0, outbox_id(n)),
                .index = HC_INDEX_ID};

    OK(outbox_run(&op, 1, NULL, NULL));
}

static hc_reconcile_report walk(int32_t repair)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;

    options.repair = repair;
    OK(hc_reconcile(client, &options, NULL, NULL, &report, &err));
    return report;
}

static hc_id told;

static hc_status rising(const char *kind, hc_id document, int32_t what, int32_t version, int32_t stored, void *data)
{
    (void)kind;
    (void)version;
    (void)stored;
    ck_assert_int_eq(what, *(const int32_t *)data);
    ck_assert_int_lt(memcmp(&told, &document, sizeof told), 0);
    told = document;
    return HC_OK;
}

/* Each walk goes by id. */
static void expect_rising(int32_t what)
{
    told = (hc_id){{0}};
    OK(hc_reconcile(client, NULL, rising, &what, NULL, &err));
    ck_assert(!hc__id_zero(told));
}

START_TEST(more_documents_than_a_page_are_walked)
{
    for (int n = 1; n <= 300; n++)
        put(n, 1, IMAGE("1"));
    ck_assert_int_eq(outbox_relay(), 300);
    ck_assert_int_eq(walk(0).differences, 0);
    ck_assert_int_eq(walk(0).examined, 600);
    for (int n = 250; n <= 270; n++)
        take_away(n);
    ck_assert_int_eq(walk(0).differences, 21);
    expect_rising(HC_DIFFERENCE_MISSING);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='reconcile'"), 0);
    ck_assert_int_eq(walk(1).repaired, 21);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE reason='reconcile'"), 1);
    ck_assert_int_eq(outbox_relay(), 21);
    ck_assert_int_eq(walk(0).differences, 0);
    outbox_sql("DELETE FROM document_heads");
    expect_rising(HC_DIFFERENCE_NO_HEAD);
}
END_TEST

/* Its head stands under the id that was minted here. */
START_TEST(a_document_under_another_programs_key_is_no_difference)
{
    hc__record foreign = outbox_images(7, 1, IMAGE("1")), row;

    outbox_foreign(&foreign);
    ck_assert_int_eq(walk(0).differences, 1); /* nobody changed it here */
    put(8, 1, IMAGE("2"));
    outbox_sql("UPDATE outbox SET version=2");
    outbox_sql("UPDATE document_heads SET version=2");
    {
        hc__record mine = outbox_images(8, 2, IMAGE("2"));
        struct outbox_effect effect = {.row = &mine, .aggregate = outbox_id(8), .version = 2, .verb = HC__EFFECT_PUT};
        char key[HC_ID_TEXT_SIZE], sql[200];

        hc__record_set_id(&mine, D(property_id), outbox_id(1007));
        outbox_sql("DELETE FROM outbox");
        outbox_put(&effect);
        hc_id_format(key, outbox_id(1007));
        snprintf(sql, sizeof sql, "UPDATE document_heads SET key='%s'", key);
        outbox_sql(sql);
    }
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert(outbox_find(&row, &hc__document_entity, 0, outbox_id(7)));
    ck_assert_int_eq(hc__record_int(&row, D(version)), 2);
    ck_assert_int_eq(walk(0).differences, 0);
}
END_TEST

/* Another change comes between the two looks: only the first look saw a difference. */
static void deliver_between(const hc_batch *batch)
{
    if (batch->ops[0].verb != HC_VERB_QUERY || batch->ops[0].limit != 1)
        return;
    other.before = NULL;
    outbox_sql("UPDATE outbox SET state='pending'");
}

START_TEST(what_changes_between_two_looks_is_no_difference)
{
    put(1, 1, IMAGE("1"));
    ck_assert_int_eq(outbox_relay(), 1);
    take_away(1);
    other.before = deliver_between;
    ck_assert_int_eq(walk(0).differences, 0);
    ck_assert(other.before == NULL);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(walk(0).differences, 0);
}
END_TEST

START_TEST(a_store_that_is_away_is_told)
{
    put(1, 1, IMAGE("1"));
    other.down_after = 0;
    ck_assert_int_eq(hc_reconcile(client, NULL, NULL, NULL, NULL, &err), HC_ERR_UNAVAILABLE);
}
END_TEST

/* ---- without memory ---- */

static hc_status any_letter(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason, void *data)
{
    (void)id;
    (void)document;
    (void)version;
    ck_assert(kind != NULL && reason != NULL);
    ++*(int *)data;
    return HC_OK;
}

static hc_status ask_state(void)
{
    hc_outbox out = HC_OUTBOX_INIT;

    return hc_outbox_state(client, &out, &err);
}

static hc_status ask_dead(void)
{
    int letters = 0;
    hc_status status = hc_outbox_dead(client, any_letter, &letters, &err);

    ck_assert(status < 0 || letters == 2);
    return status;
}

static hc_status ask_retry(void)
{
    hc_id id = {{0x01, 0x02}};
    hc_status status;

    outbox_sql("UPDATE outbox SET state='dead' WHERE id=x'01020000000000000000000000000000'");
    status = hc_outbox_retry(client, id, &err);
    ck_assert_int_eq(STATE("dead"), status < 0 ? 2 : 1); /* the other stays as it is */
    return status;
}

static hc_status ask_replay(void)
{
    return hc_outbox_replay(client, 0, NULL, &err);
}

/* Whoever says that all is mended has mended what make_differences() and spoil() made. */
static hc_status ask_reconcile(void)
{
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    hc_status status;

    options.repair = 1;
    status = hc_reconcile(client, &options, NULL, NULL, &report, &err);
    if (status < 0)
        return status;
    if (report.left > 0 && (other.fail_with == HC_ERR_CORRUPT || other.fail_late)) /* spoiled, or done already */
        return status;
    ck_assert_int_eq(report.left, 0);
    ck_assert_int_eq(report.repaired, 4);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='pending' AND kind='property_documents'"), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM document_heads"), 3);
    ck_assert_int_eq(outbox_documents_sql("SELECT count(*) FROM property_documents"), 2);
    return status;
}

static void bring_back(int n)
{
    hc__record row = outbox_images(n, 1, IMAGE("1"));

    if (!outbox_find(&row, &hc__document_entity, 0, outbox_id(n))) {
        row = outbox_images(n, 1, IMAGE("1"));
        outbox_foreign(&row);
    }
}

/* Document 1 is missing, of document 2 the head is of an earlier version, 4 has none, 5 came back, and two effects are
 * dead. */
static void make_differences(void)
{
    for (int n = 1; n <= 5; n++)
        if (n != 3 && n != 4)
            put(n, 1, IMAGE("1"));
    put(1, 2, IMAGE("2"));
    put(2, 2, IMAGE("2"));
    ck_assert_int_eq(outbox_relay(), 5);
    outbox_log_entry(3);
    outbox_sql("UPDATE outbox SET id=x'01020000000000000000000000000000', state='dead', reason='why' WHERE "
               "state='pending'");
    outbox_log_entry(6);
    outbox_sql("UPDATE outbox SET id=x'01030000000000000000000000000000', state='dead', reason='why' WHERE "
               "state='pending'");
}

static void spoil(void)
{
    outbox_sql("UPDATE outbox SET state='delivered' WHERE id NOT IN (x'01020000000000000000000000000000', "
               "x'01030000000000000000000000000000')");
    outbox_sql("UPDATE document_heads SET version=1 WHERE key LIKE '%03ea'");
    outbox_sql("UPDATE outbox SET verb='remove' WHERE aggregate_id=x'65000000000080008048000000000005'");
    outbox_sql("UPDATE outbox SET verb='set' WHERE version=2 AND aggregate_id=x'65000000000080008048000000000001'");
    outbox_sql("DELETE FROM document_heads WHERE key LIKE '%03ed' OR key LIKE '%03ec'");
    take_away(1);
    bring_back(4);
    bring_back(5);
}

static hc_status (*const calls[])(void) = {ask_state, ask_dead, ask_retry, ask_replay, ask_reconcile};
#define CALLS (sizeof calls / sizeof calls[0])

static void expect_mended(void)
{
    outbox_sql("UPDATE outbox SET state='delivered'");
    (void)walk(1);
    (void)outbox_relay();
    ck_assert_int_eq(walk(0).differences, 0);
}

/* S13: each request to an arena is one to the allocator. */
START_TEST(without_memory_every_call_says_so_and_the_next_one_does_it)
{
    long failed = 0;
    int points = 0;

    make_differences();
    setenv("HC_TEST_THIN", "1", 1);
    for (size_t i = 0; i < 2 * CALLS; i++) { /* also where only one request fails */
        hc_status status;
        int n = 1;

        do {
            spoil();
            outbox_memory.failed = 0;
            outbox_memory.from_on = i % 2 == 0;
            outbox_memory.fail_at = outbox_memory.requests + n;
            status = calls[i / 2]();
            failed += outbox_memory.failed;
            ck_assert_msg(status == HC_OK || (status == HC_ERR_NO_MEMORY && outbox_memory.failed > 0),
                          "call %zu, allocation %d: %s", i, n, err.message);
            outbox_memory.fail_at = 0;
            ck_assert_int_lt(n++, 5000);
        } while (outbox_memory.failed > 0);
        points += n;
    }
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(failed, 50);
    printf("out of memory: the outbox %d points\n", points);
    expect_mended();
}
END_TEST

/* Each trip to either store fails, before it did anything and behind its rows: the call says so, but for one that needs
 * it not, and the next one does it. */
START_TEST(a_trip_that_fails_is_told_and_the_next_call_does_it)
{
    static const hc_status with[] = {HC_ERR_UNAVAILABLE, HC_ERR_CORRUPT};
    int failed[2] = {0, 0};

    make_differences();
    for (size_t i = 0; i < CALLS * 8; i++) {
        int which = i % 2 != 0;
        hc_status status;

        other.fail_late = i / 2 % 2 != 0;
        other.fail_with = with[i / 4 % 2];
        for (int n = 1;; n++) {
            spoil();
            other.fail_in[which] = n;
            status = calls[i / 8]();
            if (other.fail_in[which] > 0)
                break;
            failed[which]++;
            ck_assert_msg(status == HC_OK || (status == other.fail_with && err.status == status),
                          "call %zu, trip %d: %s %s", i / 8, n, hc_status_name(status), err.message);
            ck_assert_int_lt(n, 500);
        }
        ck_assert_msg(status == HC_OK, "call %zu: %s", i / 8, err.message);
        other.fail_in[which] = 0;
    }
    ck_assert_int_gt(failed[0], 50);
    ck_assert_int_gt(failed[1], 20);
    expect_mended();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, more_documents_than_a_page_are_walked);
    tcase_add_test(tcase, a_document_under_another_programs_key_is_no_difference);
    tcase_add_test(tcase, what_changes_between_two_looks_is_no_difference);
    tcase_add_test(tcase, a_store_that_is_away_is_told);
    tcase_add_test(tcase, without_memory_every_call_says_so_and_the_next_one_does_it);
    tcase_add_test(tcase, a_trip_that_fails_is_told_and_the_next_call_does_it);
}

int main(void)
{
    return suite_main("client.reconcile", fill, outbox_open, outbox_close);
}
