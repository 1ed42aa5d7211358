/* What a host sees of the outbox. */
#include "outbox.h"

START_TEST(without_a_store_of_documents_nothing_waits)
{
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    hc_outbox state;
    int64_t count = 7;

    if (house_is_a_pair())
        return;
    add_image(house.ana, house.anas_ids[0], PHOTO, HC_DOCUMENT_PUBLIC);
    state = outbox();
    ck_assert_int_eq(state.pending, 0);
    ck_assert_int_eq(state.delivered, 0);
    ck_assert_int_eq(state.full, 0);
    HOUSE_OK(hc_outbox_replay(house.client, 0, &count, err));
    ck_assert_int_eq(count, 0);
    HOUSE_FAILS(hc_reconcile(house.client, NULL, NULL, NULL, &report, err), HC_ERR_INVALID, "document_uri");
}
END_TEST

START_TEST(the_state_counts_what_waits_and_what_came_through)
{
    hc_outbox state;

    if (no_pair())
        return;
    deliver();
    state = outbox();
    ck_assert_int_eq(state.pending, 0);
    ck_assert_int_eq(state.oldest_age, 0);
    add_image(house.ana, house.anas_ids[0], PHOTO, HC_DOCUMENT_PUBLIC);
    add_image(house.ana, house.anas_ids[0], PHOTO "?2", HC_DOCUMENT_PUBLIC);
    house_pass(5 * HOUSE_SECOND);
    state = outbox();
    ck_assert_int_eq(state.pending, effects("state='pending'"));
    ck_assert_int_ge(state.pending, 2);
    ck_assert_int_gt(state.bytes, 100);
    ck_assert_int_ge(state.oldest_age, 5 * HOUSE_SECOND);
    ck_assert_int_lt(state.oldest_age, HOUSE_MINUTE);
    deliver();
    ck_assert_int_eq(outbox().pending, 0);
    ck_assert_int_eq(outbox().bytes, 0);
    ck_assert_int_eq(outbox().delivered, effects("state='delivered'"));
    ck_assert_int_eq(outbox().absorbed, 0);
    house_change("UPDATE outbox SET state='pending'");
    deliver();
    ck_assert_int_eq(outbox().absorbed, effects("state='delivered'"));
}
END_TEST

START_TEST(a_struct_of_an_earlier_library_is_filled_as_far_as_it_goes)
{
    hc_outbox state = HC_OUTBOX_INIT;

    state.struct_size = offsetof(hc_outbox, bytes);
    state.full = 77;
    HOUSE_OK(hc_outbox_state(house.client, &state, err));
    ck_assert_uint_eq(state.struct_size, offsetof(hc_outbox, bytes));
    ck_assert_int_eq(state.full, 77);
    state.struct_size = 0;
    HOUSE_FAILS(hc_outbox_state(house.client, &state, err), HC_ERR_INVALID, "out");
    HOUSE_FAILS(hc_outbox_state(house.client, NULL, err), HC_ERR_INVALID, "out");
}
END_TEST

/* ---- dead effects ---- */

struct letter {
    hc_id id, document;
    char kind[40], reason[300];
    int32_t version;
    int count, stop_after;
};

static hc_status note(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason, void *data)
{
    struct letter *letter = data;

    letter->id = id;
    letter->document = document;
    letter->version = version;
    snprintf(letter->kind, sizeof letter->kind, "%s", kind);
    snprintf(letter->reason, sizeof letter->reason, "%s", reason);
    return ++letter->count == letter->stop_after ? HC_ERR_CANCELLED : HC_OK;
}

/* The last change of ana's documents is one that the store cannot do. */
static void spoil(void)
{
    deliver();
    add_image(house.ana, house.anas_ids[0], PHOTO, HC_DOCUMENT_PUBLIC);
    add_image(house.ana, house.anas_ids[0], PHOTO "?2", HC_DOCUMENT_PUBLIC);
    house_change("UPDATE outbox SET verb='set', attempts=7 WHERE state='pending' AND kind='property_documents' AND "
                 "version=1");
    deliver();
}

START_TEST(a_dead_effect_is_listed_with_its_reason_and_tried_again_when_asked)
{
    struct letter letter = {.count = 0};
    hc_document *document;

    if (no_pair())
        return;
    spoil();
    HOUSE_OK(hc_outbox_dead(house.client, note, &letter, err));
    ck_assert_int_eq(letter.count, 1);
    ck_assert_str_eq(letter.kind, "property_documents");
    ck_assert_int_eq(letter.version, 1);
    ck_assert_str_ne(letter.reason, "");
    ck_assert_int_eq(outbox().dead, 1);
    ck_assert_int_eq(outbox().pending, 1); /* the second version */
    house_change("UPDATE outbox SET verb='put' WHERE verb='set'");
    HOUSE_OK(hc_outbox_retry(house.client, letter.id, err));
    house_assert_audited("sensitive_update", house.system);
    ck_assert_int_eq(outbox().dead, 0);
    ck_assert_int_eq(outbox().pending, 2);
    deliver();
    ck_assert_int_eq(outbox().pending, 0);
    document = documents_of(house.ana, house.anas_ids[0]);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2);
    hc_document_free(document);
    HOUSE_FAILS(hc_outbox_retry(house.client, letter.id, err), HC_ERR_NOT_FOUND, "id");
}
END_TEST

START_TEST(the_list_of_dead_effects_ends_where_its_caller_wants)
{
    struct letter letter = {.stop_after = 2};
    char sql[400];

    HOUSE_FAILS(hc_outbox_dead(house.client, NULL, NULL, err), HC_ERR_MISUSE, "dead");
    for (int i = 1; i <= 70; i++) { /* more than are read at a time */
        snprintf(sql, sizeof sql,
                 "INSERT INTO outbox(id,target,kind,aggregate_id,version,verb,bytes,created_at,state,attempts,reason,"
                 "payload) VALUES(x'%032x','documents','activity_logs',x'%032x',1,'append',10,at(%lld),'dead',8,'no',"
                 "x'01')",
                 (unsigned)i, (unsigned)i + 1000, (long long)HOUSE_START);
        house_change(sql);
    }
    HOUSE_OK(hc_outbox_dead(house.client, note, &letter, err));
    ck_assert_int_eq(letter.count, 2);
    letter = (struct letter){.count = 0};
    HOUSE_OK(hc_outbox_dead(house.client, note, &letter, err));
    ck_assert_int_eq(letter.count, 70);
    ck_assert_str_eq(letter.reason, "no");
    ck_assert_int_eq(outbox().dead, 70);
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *err)
{
    hc_outbox state = HC_OUTBOX_INIT;
    hc_id id = {{1}};

    (void)as;
    (void)data;
    (void)err;
    HOUSE_FAILS(hc_outbox_state(house.client, &state, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_outbox_retry(house.client, id, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_outbox_replay(house.client, 0, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_reconcile(house.client, NULL, NULL, NULL, NULL, err), HC_ERR_MISUSE, "client");
    return HC_OK;
}

START_TEST(a_unit_of_work_is_no_place_for_the_outbox)
{
    HOUSE_OK(hc_session_transact(house.ana, inside, NULL, err));
}
END_TEST

/* ---- replay ---- */

/* S34 */
START_TEST(a_store_that_was_put_back_gets_everything_again)
{
    hc_document *document;
    int64_t count = 0, all;

    if (no_pair())
        return;
    add_image(house.ana, house.anas_ids[0], PHOTO, HC_DOCUMENT_PUBLIC);
    deliver();
    add_image(house.ana, house.anas_ids[0], PHOTO "?2", HC_DOCUMENT_PUBLIC);
    add_image(house.ben, house.bens_id, PHOTO, HC_DOCUMENT_PUBLIC);
    deliver();
    all = effects("state='delivered'");
    house_change("DELETE FROM property_documents");
    house_change("DELETE FROM activity_logs");
    HOUSE_OK(hc_outbox_replay(house.client, INT64_C(4000000000000000), &count, err));
    ck_assert_int_eq(count, 0);
    HOUSE_OK(hc_outbox_replay(house.client, 0, &count, err));
    ck_assert_int_eq(count, all);
    house_assert_audited("sensitive_update", house.system);
    deliver();
    ck_assert_int_eq(outbox().pending, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 2);
    document = documents_of(house.ana, house.anas_ids[0]);
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2);
    hc_document_free(document);
}
END_TEST

static void say(const char *session_id, const char *what)
{
    HOUSE_OK(hc_chat_append(house.bea, session_id, HC_CHAT_ROLE_USER, what, strlen(what), err));
}

/* What was said since stands in effects alone: nothing later may take their place, a summary no more than a message. */
START_TEST(a_conversation_that_was_put_back_misses_nothing_that_was_said)
{
    char session_id[HC_CHAT_SESSION_SIZE];
    hc_message_page *page;
    int64_t count = 0;

    if (no_pair())
        return;
    HOUSE_OK(hc_chat_start(session_id, house.bea, err));
    say(session_id, "one");
    say(session_id, "two");
    deliver();
    house_change("UPDATE ai_chat_history SET version=1, messages='[]', message_count=0");
    HOUSE_OK(hc_chat_set_summary(house.bea, session_id, "two words", err));
    deliver();
    ck_assert_int_eq(house_sql("SELECT version FROM ai_chat_history"), 1);
    HOUSE_OK(hc_outbox_replay(house.client, 0, &count, err));
    ck_assert_int_gt(count, 0);
    house_change("UPDATE outbox SET next_at=NULL WHERE state='pending'"); /* its next try is due */
    deliver();
    ck_assert_int_eq(outbox().pending, 0);
    ck_assert_int_eq(house_sql("SELECT version FROM ai_chat_history"), 4);
    HOUSE_OK(hc_chat_messages(&page, house.bea, session_id, 0, 10, err));
    ck_assert_uint_eq(hc_message_page_count(page), 2);
    ck_assert_str_eq(hc_message_page_content(page, 1), "two");
    hc_message_page_free(page);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, without_a_store_of_documents_nothing_waits);
    tcase_add_test(tcase, the_state_counts_what_waits_and_what_came_through);
    tcase_add_test(tcase, a_struct_of_an_earlier_library_is_filled_as_far_as_it_goes);
    tcase_add_test(tcase, a_dead_effect_is_listed_with_its_reason_and_tried_again_when_asked);
    tcase_add_test(tcase, the_list_of_dead_effects_ends_where_its_caller_wants);
    tcase_add_test(tcase, a_unit_of_work_is_no_place_for_the_outbox);
    tcase_add_test(tcase, a_store_that_was_put_back_gets_everything_again);
    tcase_add_test(tcase, a_conversation_that_was_put_back_misses_nothing_that_was_said);
}

int main(void)
{
    return suite_main("api.outbox.outbox", fill, start_outbox, house_close);
}
