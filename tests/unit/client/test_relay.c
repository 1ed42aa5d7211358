/* The relay on two stores: what it delivers, in which order, and what it leaves. */
#include <stdlib.h>

#include "outbox.h"

#define D(name) hc__document_f_##name
#define C(name) hc__chat_f_##name

static hc__relay_totals totals(void)
{
    hc__relay_totals out;

    OK(hc__relay_read_totals(&out, sys, &err));
    return out;
}

static void expect_images(int n, int64_t version, const char *images)
{
    hc__record row;

    ck_assert_msg(outbox_find(&row, &hc__document_entity, 0, outbox_id(n)), "document %d is not there", n);
    ck_assert_int_eq(hc__record_int(&row, D(version)), version);
    ck_assert_str_eq(hc__record_text(&row, D(images)), images);
}

#define IMAGE(n) "[{\"id\":\"65000000-0000-8000-8048-00000000000" n "\",\"position\":1}]"

/* Whether anything waits is asked, and not how much. */
static void look_at_counts(const hc_batch *batch)
{
    for (size_t i = 0; i < batch->op_count; i++)
        if (batch->ops[i].verb == HC_VERB_COUNT)
            ck_assert_uint_eq(batch->ops[i].limit, 1);
}

START_TEST(nothing_waits_and_nothing_is_written)
{
    other.before_own = look_at_counts;
    ck_assert_int_eq(outbox_relay(), 0);
    other.before_own = NULL;
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM leases"), 0);
    ck_assert_int_eq(other.trips, 0);
}
END_TEST

START_TEST(more_entries_than_a_batch_has_are_delivered)
{
    for (int n = 1; n <= 150; n++)
        outbox_log_entry(n);
    ck_assert_int_eq(outbox_relay(), 150);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 150);
    ck_assert_int_eq(STATE("delivered"), 150);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE settled_at IS NULL OR fence IS NULL"), 0);
    ck_assert_int_eq(totals().delivered, 150);
    ck_assert_int_eq(totals().absorbed, 0);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL AND until IS NULL FROM leases"), 1);
    ck_assert_int_eq(outbox_relay(), 0);
}
END_TEST

START_TEST(a_second_delivery_changes_nothing_and_is_counted)
{
    hc__record row;

    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE("1"));
    outbox_start_chat(3);
    outbox_push(3, 2, "a");
    ck_assert_int_eq(outbox_relay(), 4);
    outbox_sql("UPDATE outbox SET state='pending'");
    ck_assert_int_eq(outbox_relay(), 4);
    ck_assert_int_eq(totals().absorbed, 4);
    ck_assert_int_eq(totals().delivered, 8);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1);
    expect_images(2, 1, IMAGE("1"));
    ck_assert(outbox_find(&row, &hc__chat_entity, 0, outbox_id(3)));
    ck_assert_int_eq(hc__record_int(&row, C(version)), 2);
    ck_assert_int_eq(hc__record_int(&row, C(message_count)), 1);
}
END_TEST

static size_t fields_written; /* by the last update */

static void count_fields(const hc_batch *batch)
{
    if (batch->ops[0].verb == HC_VERB_UPDATE_WHERE)
        fields_written = batch->ops[0].set_count;
}

START_TEST(changes_of_one_document_go_as_one_write)
{
    hc__record row;

    outbox_start_chat(1);
    outbox_push(1, 2, "a");
    outbox_push(1, 3, "b");
    ck_assert_int_eq(outbox_relay(), 3);
    ck_assert_int_eq(other.trips, 2); /* what is there, and the insert */
    outbox_push(1, 4, "c");
    outbox_push(1, 5, "d");
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(other.trips, 3); /* what is there, the update, and whether it found its version */
    ck_assert(outbox_find(&row, &hc__chat_entity, 0, outbox_id(1)));
    ck_assert_int_eq(hc__record_int(&row, C(version)), 5);
    ck_assert_int_eq(hc__record_int(&row, C(message_count)), 4);
    ck_assert_ptr_nonnull(strstr(hc__record_text(&row, C(messages)), "\"a\""));
    ck_assert_ptr_nonnull(strstr(hc__record_text(&row, C(messages)), "\"d\""));
    ck_assert(strstr(hc__record_text(&row, C(messages)), "\"b\"") <
              strstr(hc__record_text(&row, C(messages)), "\"c\""));
    outbox_push(1, 6, "e"); /* alone, behind what is there */
    other.before = count_fields;
    ck_assert_int_eq(outbox_relay(), 1);
    other.before = NULL;
    ck_assert_uint_eq(fields_written, 3); /* messages, their count and the version */
    ck_assert(outbox_find(&row, &hc__chat_entity, 0, outbox_id(1)));
    ck_assert_ptr_nonnull(strstr(hc__record_text(&row, C(messages)), "\"d\""));
    ck_assert_ptr_nonnull(strstr(hc__record_text(&row, C(messages)), "\"e\""));
}
END_TEST

START_TEST(versions_wait_for_each_other_whatever_their_ids_say)
{
    outbox_put_images(1, 1, IMAGE("1"));
    outbox_put_images(1, 2, IMAGE("2"));
    outbox_put_images(1, 3, IMAGE("3"));
    outbox_sql("UPDATE outbox SET version=13-version WHERE version>1"); /* 11 comes last, and after a gap */
    outbox_sql("UPDATE outbox SET version=version-8 WHERE version>1");  /* 1 3 2 by id */
    ck_assert_int_eq(outbox_relay(), 3);
    expect_images(1, 3, IMAGE("2"));
}
END_TEST

START_TEST(who_waited_for_a_later_batch_is_delivered_by_the_same_pass)
{
    outbox_put_images(1, 1, IMAGE("1"));
    outbox_put_images(1, 2, IMAGE("2"));
    for (int n = 1; n <= 70; n++)
        outbox_log_entry(n);
    outbox_put_images(1, 3, IMAGE("3"));
    outbox_sql("UPDATE outbox SET version=13-version WHERE version>1");
    outbox_sql("UPDATE outbox SET version=version-8 WHERE version>1");
    ck_assert_int_eq(outbox_relay(), 73);
    expect_images(1, 3, IMAGE("2"));
}
END_TEST

START_TEST(what_stands_behind_a_dead_effect_rests_with_it)
{
    char rest[200];

    for (int version = 1; version <= 3; version++)
        outbox_put_images(1, version, IMAGE("1"));
    outbox_sql("UPDATE outbox SET state='dead' WHERE version=1");
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 0);
    snprintf(rest, sizeof rest, "SELECT count(*) FROM outbox WHERE state='pending' AND next_at>%lld AND next_at<=%lld",
             (long long)(hc__os_now() + 200 * HC__SECOND), (long long)(hc__os_now() + 300 * HC__SECOND));
    ck_assert_int_eq(outbox_sql(rest), 2);
}
END_TEST

START_TEST(a_removal_takes_the_document_and_what_others_made_for_it)
{
    hc__record foreign = outbox_images(7, 1, IMAGE("1")), named = outbox_record(&hc__document_entity);
    struct outbox_effect effect = {
        .row = &named, .set = named.set, .aggregate = outbox_id(8), .version = 1, .verb = HC__EFFECT_REMOVE};

    outbox_put_images(1, 1, IMAGE("1"));
    outbox_remove(&hc__document_entity, 1, 2);
    outbox_remove(&hc__document_entity, 9, 1);
    outbox_foreign(&foreign);
    hc__record_set_id(&named, D(property_id), outbox_id(1007));
    outbox_put(&effect);
    ck_assert_int_eq(outbox_relay(), 4);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 0);
    ck_assert_int_eq(totals().absorbed, 1); /* of 9 */
}
END_TEST

/* A store that is split by the key lets nobody set it. */
static void look_at_update_by_key(const hc_batch *batch)
{
    for (size_t i = 0; batch->ops[0].verb == HC_VERB_UPDATE_WHERE && i < batch->ops[0].set_count; i++)
        ck_assert_uint_ne(batch->ops[0].sets[i].field, D(property_id));
}

START_TEST(a_key_that_another_document_has_is_that_documents_update)
{
    hc__record foreign = outbox_images(7, 1, IMAGE("1")), row;

    hc__record_set_text(&foreign, D(virtual_tour_url), "https://tour.test/", 18);
    outbox_foreign(&foreign);
    outbox_put_images(1, 2, IMAGE("2"));
    outbox_sql("UPDATE outbox SET aggregate_id=aggregate_id");
    {
        hc__record mine = outbox_images(1, 2, IMAGE("2"));
        struct outbox_effect effect = {.row = &mine, .aggregate = outbox_id(2), .version = 2, .verb = HC__EFFECT_PUT};

        hc__record_set_id(&mine, D(property_id), outbox_id(1007));
        outbox_put(&effect);
    }
    other.before = look_at_update_by_key;
    ck_assert_int_eq(outbox_relay(), 2);
    other.before = NULL;
    ck_assert(!outbox_find(&row, &hc__document_entity, 0, outbox_id(2)));
    expect_images(7, 2, IMAGE("2"));
    ck_assert(outbox_find(&row, &hc__document_entity, D(property_id), outbox_id(1007)));
    ck_assert(hc__record_is_null(&row, D(virtual_tour_url))); /* a field of ours */
    outbox_sql("UPDATE outbox SET state='pending'");
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(totals().absorbed, 2);
}
END_TEST

static void come_first(const hc_batch *batch)
{
    if (batch->ops[0].verb == HC_VERB_INSERT_IF_ABSENT)
        outbox_documents_sql("UPDATE property_documents SET id=x'65000000000080008048000000000002'");
}

/* Another relay is faster, and its document has another key. */
START_TEST(a_document_that_comes_in_between_is_known_by_its_id)
{
    hc__record first = outbox_images(7, 5, IMAGE("1"));

    outbox_foreign(&first);
    outbox_put_images(2, 2, IMAGE("2"));
    other.before = come_first;
    ck_assert_int_eq(outbox_relay(), 1);
    other.before = NULL;
    ck_assert_int_eq(totals().absorbed, 1);
    expect_images(2, 5, IMAGE("1"));
}
END_TEST

/* What is removed by what it is makes room, too; and what is of one kind goes by itself, however it is mixed. */
START_TEST(a_batch_makes_few_trips)
{
    hc__record foreign = outbox_images(7, 1, IMAGE("1")), named = outbox_record(&hc__document_entity), row;
    hc__record mine = outbox_images(2, 1, IMAGE("2"));
    struct outbox_effect remove = {
        .row = &named, .set = named.set, .aggregate = outbox_id(8), .version = 1, .verb = HC__EFFECT_REMOVE};
    struct outbox_effect put = {.row = &mine, .aggregate = outbox_id(2), .version = 1, .verb = HC__EFFECT_PUT};

    outbox_foreign(&foreign);
    hc__record_set_id(&named, D(property_id), outbox_id(1007));
    outbox_put(&remove);
    hc__record_set_id(&mine, D(property_id), outbox_id(1007));
    outbox_put(&put);
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(other.trips, 2); /* a look and a write */
    ck_assert(outbox_find(&row, &hc__document_entity, 0, outbox_id(2)));
    ck_assert_int_eq(totals().absorbed, 0);
    outbox_remove(&hc__document_entity, 2, 2);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(totals().absorbed, 0); /* it was there */
    outbox_put_images(1, 1, IMAGE("1"));
    outbox_log_entry(2);
    outbox_put_images(3, 1, IMAGE("1"));
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 3);
    ck_assert_int_eq(other.trips, 3);
}
END_TEST

/* Of whatever clock its id is. */
START_TEST(the_first_of_all_ids_is_delivered)
{
    outbox_log_entry(1);
    outbox_sql("UPDATE outbox SET id=x'00000000000070008000000000000001'");
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_sql("UPDATE outbox SET state='pending'");
    hc__relay_wrote(sys, 1, 100);
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(STATE("pending"), 0);
}
END_TEST

/* S26 */
START_TEST(a_store_that_is_away_counts_against_no_effect)
{
    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE("1"));
    other.down_after = 0;
    for (int i = 0; i < 12; i++)
        ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_sql("SELECT sum(attempts) FROM outbox"), 0);
    ck_assert_int_eq(STATE("pending"), 2);
    ck_assert_ptr_nonnull(strstr(outbox_log, "effects wait"));
    ck_assert_ptr_null(strstr(strstr(outbox_log, "effects wait") + 1, "effects wait")); /* told once */
    other.down_after = -1;
    ck_assert_int_eq(outbox_relay(), 2);
    expect_images(2, 1, IMAGE("1"));
}
END_TEST

/* Behind calls nobody waits for a store that is known to be away, and no lease is written. */
START_TEST(behind_a_call_a_store_that_is_away_is_left_alone)
{
    outbox_log_entry(1);
    other.down_after = 0;
    hc__relay_soon(sys);
    ck_assert_int_eq(outbox_sql("SELECT fence FROM leases"), 1);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
    other.down_after = -1;
    hc__relay_soon(sys);
    ck_assert_int_eq(other.trips, 0);
    ck_assert_int_eq(outbox_sql("SELECT fence FROM leases"), 1);
    ck_assert_int_eq(outbox_relay(), 1); /* the host's own thread tries, */
    outbox_log_entry(2);
    hc__relay_soon(sys); /* and from then on calls do again */
    ck_assert_int_eq(STATE("delivered"), 2);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
}
END_TEST

START_TEST(what_came_through_before_the_store_went_away_is_not_done_again)
{
    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE("1"));
    outbox_start_chat(3);
    other.down_after = 1;
    ck_assert_int_le(outbox_relay(), 2);
    other.down_after = -1;
    (void)outbox_relay();
    ck_assert_int_eq(STATE("delivered"), 3);
    ck_assert_int_eq(
        outbox_count(&hc__activity_entity) + outbox_count(&hc__document_entity) + outbox_count(&hc__chat_entity), 3);
}
END_TEST

static void spoil(const char *where)
{
    char sql[300];

    snprintf(sql, sizeof sql, "UPDATE outbox SET payload=x'0109' WHERE %s", where);
    outbox_sql(sql);
}

/* Another program spoiled what is to be read: who waits for it is refused, and the others have theirs. */
START_TEST(a_document_that_cannot_be_read_is_refused_alone)
{
    for (int n = 1; n <= 3; n++)
        outbox_start_chat(n);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_documents_sql("UPDATE ai_chat_history SET messages='nonsense' WHERE session_id='s2'");
    for (int n = 1; n <= 3; n++)
        outbox_push(n, 2, "hello");
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='pending' AND attempts=1 AND reason<>'' AND "
                                "hex(aggregate_id) LIKE '%02'"),
                     1);
    ck_assert_int_eq(STATE("pending"), 1);
}
END_TEST

static void let_time_pass(void)
{
    outbox_sql("UPDATE outbox SET next_at=next_at-300000000 WHERE next_at IS NOT NULL");
}

/* S31 */
START_TEST(a_poisoned_effect_is_dead_after_eight_tries_and_holds_its_document_alone)
{
    for (int n = 1; n <= 3; n++) {
        outbox_put_images(n, 1, IMAGE("1"));
        outbox_put_images(n, 2, IMAGE("2"));
        outbox_put_images(n, 3, IMAGE("3"));
    }
    outbox_log_entry(20);
    spoil("version=2 AND aggregate_id=(SELECT aggregate_id FROM outbox ORDER BY id LIMIT 1)");
    ck_assert_int_eq(outbox_relay(), 8);
    expect_images(1, 1, IMAGE("1"));
    expect_images(2, 3, IMAGE("3"));
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE payload=x'0109'"), 1);
    ck_assert_int_eq(outbox_sql("SELECT next_at IS NOT NULL FROM outbox WHERE payload=x'0109'"), 1);
    ck_assert_int_eq(outbox_relay(), 0); /* it rests */
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE payload=x'0109'"), 1);
    for (int tries = 2; tries <= HC__RELAY_FAILURES; tries++) {
        ck_assert_int_eq(STATE("dead"), 0);
        let_time_pass();
        (void)outbox_relay();
        ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE payload=x'0109'"), tries);
    }
    ck_assert_int_eq(STATE("dead"), 1);
    ck_assert_int_eq(STATE("pending"), 1); /* the third version, which must not overtake */
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='dead' AND reason LIKE '%stored effect%'"), 1);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE event='outbox_dead_letter'"), 1);
    let_time_pass();
    ck_assert_int_eq(outbox_relay(), 0);
    expect_images(1, 1, IMAGE("1"));
    outbox_put_images(4, 1, IMAGE("1"));
    ck_assert_int_eq(outbox_relay(), 1);
}
END_TEST

/* An entry that the store itself refuses: it has no action. */
static void log_nothing(int n)
{
    hc__record row = outbox_record(&hc__activity_entity);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = 1, .verb = HC__EFFECT_APPEND};
    const hc_value null = {HC_TYPE_NULL, 0, {.integer = 0}};

    hc__record_set_int(&row, hc__activity_f_timestamp, 0);
    hc__record_set_int(&row, hc__activity_f_event_class, 1);
    ck_assert(hc__record_put(&row, hc__activity_f_action, &null));
    outbox_put(&effect);
}

START_TEST(what_the_store_refuses_is_told_by_its_reason_and_others_of_the_trip_flow)
{
    outbox_log_entry(1);
    log_nothing(2);
    outbox_log_entry(3);
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 2);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE state='pending'"), 1);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE reason<>''"), 1);
    outbox_log_entry(4);
    spoil("hex(aggregate_id) LIKE '%04'"); /* before the store sees it */
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE attempts=1 AND reason<>''"), 2);
}
END_TEST

/* Of the transaction and not of one operation: nothing of the trip took place, so nothing of it is settled by that. */
START_TEST(a_trip_that_fails_as_a_whole_settles_nothing)
{
    for (int n = 1; n <= 3; n++) {
        outbox_log_entry(n);
        outbox_put_images(10 + n, 1, IMAGE("1"));
    }
    outbox_put_images(14, 1, IMAGE("1"));
    ck_assert_int_eq(outbox_relay(), 7);
    outbox_sql("UPDATE outbox SET state='pending' WHERE kind='activity_logs'");
    outbox_documents_sql("DELETE FROM activity_logs");
    other.fail_with = HC_ERR_INVALID;
    other.fail_whole = true;
    other.fail_in[1] = 1;
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 2);
    let_time_pass();
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 3);
    for (int n = 1; n <= 3; n++)
        outbox_remove(&hc__document_entity, 10 + n, 2);
    other.fail_in[1] = 2; /* behind the look at them */
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 2);
    let_time_pass();
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 1);
}
END_TEST

/* Whatever came behind the failure. */
START_TEST(a_connection_that_failed_is_not_used_again)
{
    outbox_log_entry(1);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_uint_eq(other.count, 1);
    log_nothing(5);
    outbox_log_entry(6);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_uint_eq(other.count, 1); /* what is refused leaves it as it is */
    let_time_pass();
    outbox_log_entry(4);
    other.fail_with = HC_ERR_INTERNAL;
    other.fail_in[1] = 1; /* of the first; the second is refused behind it */
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE attempts>0 AND state='pending'"), 2);
    ck_assert_uint_eq(other.count, 0);
    outbox_log_entry(7);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_uint_eq(other.count, 1);
}
END_TEST

START_TEST(who_holds_the_lease_keeps_others_from_working_until_it_runs_out)
{
    outbox_log_entry(1);
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_log_entry(2);
    outbox_sql("UPDATE leases SET holder=randomblob(16), until=CAST((julianday('now')-2440587.5)*86400000000 AS "
               "INTEGER)+20000000");
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(STATE("pending"), 1);
    outbox_sql("UPDATE leases SET until=until-40000000");
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(outbox_sql("SELECT fence FROM leases"), 2);
}
END_TEST

static void lose_lease(const hc_batch *batch)
{
    (void)batch;
    outbox_sql("UPDATE leases SET fence=fence+1, holder=x'00112233445566778899aabbccddeeff'");
    other.before = NULL;
}

/* S30 */
START_TEST(who_lost_the_lease_marks_nothing)
{
    outbox_log_entry(1);
    other.before = lose_lease;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(STATE("pending"), 1);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1); /* it came through all the same */
    outbox_sql("UPDATE leases SET holder=NULL, until=NULL");
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(totals().absorbed, 1);
}
END_TEST

/* Another relay delivers the removal while this one stands still before its insert. */
static void overtake(const hc_batch *batch)
{
    if (batch->ops[0].verb != HC_VERB_INSERT_IF_ABSENT)
        return;
    outbox_sql("UPDATE leases SET fence=fence+1, holder=x'00112233445566778899aabbccddeeff'");
    outbox_sql("UPDATE outbox SET state='delivered'");
    other.before = NULL;
}

/* S30 */
START_TEST(what_was_removed_meanwhile_does_not_come_back)
{
    outbox_put_images(1, 1, IMAGE("1"));
    outbox_remove(&hc__document_entity, 1, 2);
    outbox_sql("UPDATE outbox SET next_at=9000000000000000 WHERE verb='remove'");
    other.before = overtake;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_count(&hc__document_entity), 0);
}
END_TEST

START_TEST(own_effects_are_delivered_before_a_list_and_nobody_elses)
{
    hc_id ana = outbox_id(501), ben = outbox_id(502);

    for (int n = 1; n <= 4; n++) {
        hc__record row = outbox_images(n, 1, IMAGE("1"));
        struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = 1, .verb = HC__EFFECT_PUT};

        effect.actor = n % 2 == 0 ? ana : ben;
        outbox_put(&effect);
    }
    sys->user = ana;
    OK(hc__relay_deliver_own(sys, &err)); /* who wrote nothing here has nothing delivered */
    ck_assert_int_eq(STATE("delivered"), 0);
    hc__relay_wrote(sys, 2, 100);
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(STATE("delivered"), 2);
    expect_images(2, 1, IMAGE("1"));
    expect_images(4, 1, IMAGE("1"));
    other.trips = 0;
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(STATE("pending"), 2);
    ck_assert_int_eq(other.trips, 0);
    sys->user = (hc_id){{0}};
    ck_assert_int_eq(outbox_relay(), 2);
}
END_TEST

START_TEST(the_sample_warns_from_four_fifths_on)
{
    core->outbox_rows = 100;
    for (int n = 1; n <= 80; n++)
        outbox_log_entry(n);
    other.down_after = 0;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert(!hc__relay_full(core));
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is nearly full"));
}
END_TEST

START_TEST(a_small_outbox_is_not_nearly_full_with_one_entry)
{
    core->outbox_rows = 5;
    outbox_log_entry(1);
    other.down_after = 0;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_ptr_null(strstr(outbox_log, "nearly full"));
}
END_TEST

START_TEST(the_sample_says_when_it_is_full)
{
    int64_t done;

    core->outbox_rows = 5;
    for (int n = 1; n <= 5; n++)
        outbox_log_entry(n);
    ck_assert(!hc__relay_full(core)); /* nobody has looked yet */
    other.down_after = 0;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert(hc__relay_full(core));
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is full"));
    other.down_after = -1;
    hc__relay_dropped(core, 3);
    ck_assert_int_eq(*outbox_told_of("outbox.dropped"), 3);
    OK(hc__relay_run(core, hc__os_monotonic() + HC__SECOND, &done, &err));
    ck_assert_int_eq(done, 5);
    ck_assert(!hc__relay_full(core));
    ck_assert_int_eq(totals().dropped, 3);
    hc__relay_wrote(sys, 4, 400); /* what this process writes counts before the next look */
    ck_assert(!hc__relay_full(core));
    hc__relay_wrote(sys, 1, 100);
    ck_assert(hc__relay_full(core));
}
END_TEST

START_TEST(who_writes_is_warned_once_by_bytes)
{
    core->outbox_rows = 100;
    core->outbox_bytes = 1000;
    hc__relay_wrote(sys, 1, 799);
    hc__relay_wrote(sys, 0, 900); /* nothing was written */
    ck_assert_str_eq(outbox_log, "");
    hc__relay_wrote(sys, 1, 1);
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is nearly full: 2 effects of 800 bytes"));
    outbox_log[0] = '\0';
    hc__relay_wrote(sys, 1, 199);
    ck_assert_str_eq(outbox_log, "");
    ck_assert(!hc__relay_full(core));
    hc__relay_wrote(sys, 1, 1);
    ck_assert(hc__relay_full(core));
    ck_assert_ptr_nonnull(strstr(outbox_log, "the outbox is full: 4 effects of 1000 bytes"));
    outbox_log[0] = '\0';
    hc__relay_wrote(sys, 1, 1);
    ck_assert_str_eq(outbox_log, "");
}
END_TEST

START_TEST(who_writes_is_warned_by_rows)
{
    core->outbox_rows = 10;
    hc__relay_wrote(sys, 7, 70);
    ck_assert_str_eq(outbox_log, "");
    hc__relay_wrote(sys, 1, 10);
    ck_assert_ptr_nonnull(strstr(outbox_log, "nearly full: 8 effects of 80 bytes"));
    hc__relay_wrote(sys, 1, 10);
    ck_assert(!hc__relay_full(core));
    hc__relay_wrote(sys, 1, 10);
    ck_assert(hc__relay_full(core));
    ck_assert_ptr_nonnull(strstr(outbox_log, "full: 10 effects of 100 bytes"));
}
END_TEST

/* S13 */
START_TEST(without_memory_the_next_pass_does_it)
{
    int64_t done, failed = 0;
    hc_status status = HC_ERR_NO_MEMORY;

    for (int n = 0; status == HC_ERR_NO_MEMORY || outbox_memory.failed > 0; n++) {
        hc_error why = {0};

        outbox_sql("UPDATE leases SET holder=NULL, until=NULL");
        outbox_log_entry(3 * n + 1);
        outbox_put_images(3 * n + 2, 1, IMAGE("1"));
        outbox_start_chat(3 * n + 3);
        outbox_push(3 * n + 3, 2, "a");
        outbox_memory.failed = 0;
        outbox_memory.fail_at = outbox_memory.requests + n + 1;
        status = hc__relay_run(core, hc__os_monotonic() + 60 * HC__SECOND, &done, &why);
        failed += outbox_memory.failed > 0;
        ck_assert_msg(status == HC_OK || status == HC_ERR_NO_MEMORY, "%d: %s", n, why.message);
        outbox_memory.fail_at = 0;
        ck_assert_int_lt(n, 5000);
    }
    ck_assert_int_gt(failed, 20);
    outbox_sql("UPDATE leases SET holder=NULL, until=NULL");
    OK(hc__relay_run(core, hc__os_monotonic() + 60 * HC__SECOND, &done, &err));
    ck_assert_int_eq(STATE("pending"), 0);
    ck_assert_int_eq(STATE("dead"), 0);
    ck_assert_int_eq(outbox_sql("SELECT max(attempts) FROM outbox"), 0);
    ck_assert_int_eq(outbox_count(&hc__chat_entity), outbox_count(&hc__activity_entity));
}
END_TEST

START_TEST(the_metric_hook_hears_what_waits_and_what_became_of_it)
{
    outbox_log_entry(1);
    outbox_put_images(2, 1, IMAGE("1"));
    outbox_push(3, 2, "to nobody");
    outbox_sql("UPDATE outbox SET attempts=7 WHERE verb='push'");
    ck_assert_int_eq(outbox_relay(), 3);
    ck_assert_int_eq(*outbox_told_of("outbox.pending_rows"), 3);
    ck_assert_int_gt(*outbox_told_of("outbox.pending_bytes"), 300);
    ck_assert_int_gt(*outbox_told_of("outbox.oldest_us"), 0);
    ck_assert_int_eq(*outbox_told_of("outbox.delivered"), 2);
    ck_assert_int_eq(*outbox_told_of("outbox.dead"), 1);
    outbox_sql("UPDATE outbox SET state='pending' WHERE verb<>'push'");
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(*outbox_told_of("outbox.absorbed"), 2);
}
END_TEST

START_TEST(a_single_effect_is_told_to_the_metric_hook)
{
    outbox_log_entry(1);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(*outbox_told_of("outbox.delivered"), 1);
    ck_assert_int_eq(*outbox_told_of("outbox.absorbed"), 0);
    outbox_sql("UPDATE outbox SET state='pending'");
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(*outbox_told_of("outbox.delivered"), 2);
    ck_assert_int_eq(*outbox_told_of("outbox.absorbed"), 1);
    ck_assert_int_eq(*outbox_told_of("outbox.dead"), 0);
}
END_TEST

START_TEST(what_was_delivered_is_kept_for_a_week)
{
    int64_t done;

    for (int n = 1; n <= 3; n++)
        outbox_log_entry(n);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_sql("UPDATE outbox SET settled_at=settled_at-8*86400000000 WHERE rowid<3");
    OK(hc_client_run(client, HC__SECOND, &done, &err));
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox"), 3); /* made today */
    outbox_sql("UPDATE outbox SET id=x'01000000000070008000000000000001' WHERE rowid=1");
    OK(hc_client_run(client, HC__SECOND, &done, &err));
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox"), 2);
}
END_TEST

START_TEST(hc_client_run_relays)
{
    int64_t done;

    outbox_log_entry(1);
    OK(hc_client_run(client, HC__SECOND, &done, &err));
    ck_assert_int_ge(done, 1);
    ck_assert_int_eq(STATE("delivered"), 1);
}
END_TEST

/* What any store of documents does. */
static void fill_any(TCase *tcase)
{
    tcase_add_test(tcase, more_entries_than_a_batch_has_are_delivered);
    tcase_add_test(tcase, a_second_delivery_changes_nothing_and_is_counted);
    tcase_add_test(tcase, versions_wait_for_each_other_whatever_their_ids_say);
    tcase_add_test(tcase, who_waited_for_a_later_batch_is_delivered_by_the_same_pass);
    tcase_add_test(tcase, what_stands_behind_a_dead_effect_rests_with_it);
    tcase_add_test(tcase, a_removal_takes_the_document_and_what_others_made_for_it);
    tcase_add_test(tcase, a_key_that_another_document_has_is_that_documents_update);
    tcase_add_test(tcase, a_poisoned_effect_is_dead_after_eight_tries_and_holds_its_document_alone);
    tcase_add_test(tcase, what_the_store_refuses_is_told_by_its_reason_and_others_of_the_trip_flow);
    tcase_add_test(tcase, who_holds_the_lease_keeps_others_from_working_until_it_runs_out);
    tcase_add_test(tcase, own_effects_are_delivered_before_a_list_and_nobody_elses);
    tcase_add_test(tcase, the_metric_hook_hears_what_waits_and_what_became_of_it);
    tcase_add_test(tcase, a_single_effect_is_told_to_the_metric_hook);
    tcase_add_test(tcase, what_was_delivered_is_kept_for_a_week);
    tcase_add_test(tcase, hc_client_run_relays);
}

/* And what takes one that fails on demand. */
static void fill(TCase *tcase)
{
    fill_any(tcase);
    tcase_add_test(tcase, a_document_that_cannot_be_read_is_refused_alone);
    tcase_add_test(tcase, nothing_waits_and_nothing_is_written);
    tcase_add_test(tcase, changes_of_one_document_go_as_one_write);
    tcase_add_test(tcase, a_document_that_comes_in_between_is_known_by_its_id);
    tcase_add_test(tcase, a_batch_makes_few_trips);
    tcase_add_test(tcase, the_first_of_all_ids_is_delivered);
    tcase_add_test(tcase, a_trip_that_fails_as_a_whole_settles_nothing);
    tcase_add_test(tcase, a_connection_that_failed_is_not_used_again);
    tcase_add_test(tcase, a_store_that_is_away_counts_against_no_effect);
    tcase_add_test(tcase, behind_a_call_a_store_that_is_away_is_left_alone);
    tcase_add_test(tcase, what_came_through_before_the_store_went_away_is_not_done_again);
    tcase_add_test(tcase, without_memory_the_next_pass_does_it);
    tcase_add_test(tcase, who_lost_the_lease_marks_nothing);
    tcase_add_test(tcase, what_was_removed_meanwhile_does_not_come_back);
    tcase_add_test(tcase, the_sample_warns_from_four_fifths_on);
    tcase_add_test(tcase, a_small_outbox_is_not_nearly_full_with_one_entry);
    tcase_add_test(tcase, the_sample_says_when_it_is_full);
    tcase_add_test(tcase, who_writes_is_warned_once_by_bytes);
    tcase_add_test(tcase, who_writes_is_warned_by_rows);
}

/* With HC_TEST_DOCUMENTS (with_mongodb) on that server too. */
int main(void)
{
    int failed = suite_main("client.relay", fill, outbox_open, outbox_close) != EXIT_SUCCESS;

    outbox_uri = getenv("HC_TEST_DOCUMENTS");
    if (outbox_uri != NULL)
        failed += suite_main("client.relay", fill_any, outbox_open, outbox_close) != EXIT_SUCCESS;
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
