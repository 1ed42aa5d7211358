/* Whether the two stores agree, and what is done when they do not. */
#include <pthread.h>
#include <stdatomic.h>

#include "entries.h"
#include "outbox.h"

struct told {
    int count, stop_after;
    char kind[40];
    hc_id document;
    int32_t what, version, stored;
};

static hc_status note(const char *kind, hc_id document, int32_t difference, int32_t version, int32_t stored, void *data)
{
    struct told *told = data;

    snprintf(told->kind, sizeof told->kind, "%s", kind);
    told->document = document;
    told->what = difference;
    told->version = version;
    told->stored = stored;
    return ++told->count == told->stop_after ? HC_ERR_CANCELLED : HC_OK;
}

static hc_reconcile_report walk(int32_t repair, struct told *told)
{
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    hc_reconcile_options options = HC_RECONCILE_OPTIONS_INIT;

    options.repair = repair;
    *told = (struct told){.count = 0};
    HOUSE_OK(hc_reconcile(house.client, &options, note, told, &report, err));
    ck_assert_int_eq(report.differences, told->count);
    ck_assert_int_eq(report.repaired + report.left, repair ? report.differences : 0);
    return report;
}

/* A document of ana's with two images, and a conversation of bea's with one message. */
static void make_documents(void)
{
    char session[HC_CHAT_SESSION_SIZE];

    add_image(house.ana, house.anas_ids[0], PHOTO, HC_DOCUMENT_PUBLIC);
    add_image(house.ana, house.anas_ids[0], PHOTO "?2", HC_DOCUMENT_PUBLIC);
    HOUSE_OK(hc_chat_start(session, house.bea, err));
    HOUSE_OK(hc_chat_append(house.bea, session, HC_CHAT_ROLE_USER, "a garden", 8, err));
    deliver();
}

static void expect_one(int32_t what, const char *kind, int32_t version, int32_t stored)
{
    struct told told;
    hc_reconcile_report report = walk(0, &told);

    ck_assert_int_eq(report.differences, 1);
    ck_assert_int_eq(told.what, what);
    ck_assert_str_eq(told.kind, kind);
    ck_assert_int_eq(told.version, version);
    ck_assert_int_eq(told.stored, stored);
    ck_assert_int_eq(walk(0, &told).differences, 1); /* to tell changes nothing */
}

static void expect_repaired(void)
{
    struct told told;
    hc_reconcile_report report = walk(1, &told);

    ck_assert_int_eq(report.repaired, 1);
    ck_assert_int_eq(report.left, 0);
    deliver();
    ck_assert_int_eq(outbox().pending, 0);
    ck_assert_int_eq(outbox().dead, 0);
    ck_assert_int_eq(walk(0, &told).differences, 0);
}

START_TEST(stores_that_agree_have_nothing_to_tell)
{
    struct told told;
    hc_reconcile_report report;

    if (no_pair())
        return;
    make_documents();
    report = walk(1, &told);
    ck_assert_int_eq(report.differences, 0);
    ck_assert_int_ge(report.examined, 4); /* two heads, two documents */
}
END_TEST

START_TEST(what_waits_is_no_difference)
{
    struct told told;

    if (no_pair())
        return;
    make_documents();
    add_image(house.ana, house.anas_ids[0], PHOTO "?3", HC_DOCUMENT_PUBLIC);
    add_image(house.ben, house.bens_id, PHOTO, HC_DOCUMENT_PUBLIC);
    ck_assert_int_ge(outbox().pending, 2);
    ck_assert_int_eq(walk(1, &told).differences, 0);
}
END_TEST

START_TEST(a_document_that_is_missing_is_made_again_by_its_effects)
{
    if (no_pair())
        return;
    make_documents();
    house_change("DELETE FROM property_documents");
    expect_one(HC_DIFFERENCE_MISSING, "property_documents", 2, 0);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT version FROM property_documents"), 2);
    house_change("DELETE FROM ai_chat_history");
    expect_one(HC_DIFFERENCE_MISSING, "ai_chat_history", 2, 0);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT message_count FROM ai_chat_history"), 1);
}
END_TEST

START_TEST(a_document_of_an_earlier_version_gets_the_later_ones)
{
    if (no_pair())
        return;
    make_documents();
    house_change("UPDATE ai_chat_history SET version=1, messages='[]', message_count=0");
    expect_one(HC_DIFFERENCE_OLDER, "ai_chat_history", 2, 1);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT json_array_length(messages) FROM ai_chat_history"), 1);
}
END_TEST

START_TEST(a_document_of_a_later_version_keeps_it)
{
    if (no_pair())
        return;
    make_documents();
    house_change("UPDATE property_documents SET version=9");
    expect_one(HC_DIFFERENCE_NEWER, "property_documents", 2, 9);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT version FROM document_heads WHERE kind='property_documents'"), 9);
    add_image(house.ana, house.anas_ids[0], PHOTO "?3", HC_DOCUMENT_PUBLIC);
    deliver();
    ck_assert_int_eq(house_sql("SELECT version FROM property_documents"), 10);
}
END_TEST

START_TEST(a_document_of_another_program_gets_a_head)
{
    if (no_pair())
        return;
    make_documents();
    write_document(house.bens_id, "[]", NULL);
    expect_one(HC_DIFFERENCE_NO_HEAD, "property_documents", 0, 1);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_heads WHERE kind='property_documents'"), 2);
}
END_TEST

START_TEST(a_document_that_came_back_is_removed_again)
{
    if (no_pair())
        return;
    make_documents();
    house_change("INSERT INTO outbox(id,target,kind,aggregate_id,version,verb,bytes,created_at,state,attempts,payload) "
                 "SELECT x'ff112233445566778899aabbccddeeff','documents',kind,id,version+1,'remove',10,created_at,"
                 "'delivered',0,x'' FROM document_heads WHERE kind='property_documents'");
    house_change("DELETE FROM document_heads WHERE kind='property_documents'");
    expect_one(HC_DIFFERENCE_REMOVED, "property_documents", 0, 2);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 0);
}
END_TEST

/* An entry that rides on a change goes by the outbox. */
static hc_status ride(hc_session *as, void *data, hc_error *err)
{
    hc_property *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    (void)data;
    hc_property_set_price(changes, 48000000);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    if (status >= 0)
        logged(as, "price_change", &house.anas_ids[0]);
    return status;
}

START_TEST(a_log_entry_that_was_lost_is_written_again)
{
    if (no_pair())
        return;
    HOUSE_OK(hc_session_transact(house.ana, ride, NULL, err));
    deliver();
    ck_assert_int_gt(effects("kind='activity_logs' AND state='delivered'"), 0);
    house_change("DELETE FROM activity_logs WHERE action='price_change'");
    expect_one(HC_DIFFERENCE_MISSING, "activity_logs", 1, 0);
    expect_repaired();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs WHERE action='price_change'"), 1);
}
END_TEST

START_TEST(what_no_effect_can_make_again_is_left)
{
    struct told told;
    hc_reconcile_report report;

    if (no_pair())
        return;
    make_documents();
    house_change("DELETE FROM ai_chat_history");
    house_change("DELETE FROM outbox WHERE kind='ai_chat_history' AND verb='put'"); /* only the message is kept */
    report = walk(1, &told);
    ck_assert_int_eq(report.differences, 1);
    ck_assert_int_eq(report.left, 1);
    ck_assert_int_eq(outbox().pending, 0);
}
END_TEST

START_TEST(the_caller_may_stop_it)
{
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    struct told told = {.stop_after = 1};

    if (no_pair())
        return;
    make_documents();
    house_change("DELETE FROM property_documents");
    house_change("DELETE FROM ai_chat_history");
    HOUSE_FAILS(hc_reconcile(house.client, NULL, note, &told, &report, err), HC_ERR_CANCELLED, "");
    ck_assert_int_eq(report.differences, 1);
    report.struct_size = 1;
    HOUSE_FAILS(hc_reconcile(house.client, NULL, NULL, NULL, &report, err), HC_ERR_INVALID, "report");
}
END_TEST

static atomic_bool working;

static void *work(void *data)
{
    hc_session *as = data;
    hc_error err;

    for (int i = 0; i < 40; i++) {
        hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
        hc_document *document = NULL;

        image.url = PHOTO;
        if (hc_document_get(&document, as, house.anas_ids[i % 3], &err) >= 0)
            (void)hc_document_add_image(NULL, NULL, as, house.anas_ids[i % 3], hc_document_version(document), &image,
                                        &err);
        hc_document_free(document);
        (void)hc_client_run(house.client, HOUSE_SECOND, NULL, &err);
    }
    atomic_store(&working, false);
    return NULL;
}

START_TEST(work_that_goes_on_is_no_difference)
{
    struct told told;
    pthread_t thread;
    int walks = 0;

    if (no_pair())
        return;
    make_documents();
    atomic_store(&working, true);
    ck_assert_int_eq(pthread_create(&thread, NULL, work, house.ana), 0);
    while (atomic_load(&working) || walks == 0) {
        walks++;
        ck_assert_msg(walk(0, &told).differences == 0, "%d of %s: %d, and %d is stored", (int)told.what, told.kind,
                      (int)told.version, (int)told.stored);
    }
    pthread_join(thread, NULL);
    deliver();
    ck_assert_int_eq(walk(0, &told).differences, 0);
    ck_assert_int_gt(house_sql("SELECT max(version) FROM property_documents"), 3);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, stores_that_agree_have_nothing_to_tell);
    tcase_add_test(tcase, what_waits_is_no_difference);
    tcase_add_test(tcase, a_document_that_is_missing_is_made_again_by_its_effects);
    tcase_add_test(tcase, a_document_of_an_earlier_version_gets_the_later_ones);
    tcase_add_test(tcase, a_document_of_a_later_version_keeps_it);
    tcase_add_test(tcase, a_document_of_another_program_gets_a_head);
    tcase_add_test(tcase, a_document_that_came_back_is_removed_again);
    tcase_add_test(tcase, a_log_entry_that_was_lost_is_written_again);
    tcase_add_test(tcase, what_no_effect_can_make_again_is_left);
    tcase_add_test(tcase, the_caller_may_stop_it);
    tcase_add_test(tcase, work_that_goes_on_is_no_difference);
}

int main(void)
{
    return suite_main("api.outbox.reconcile", fill, start_outbox, house_close);
}
