/* One batch of the relay, step by step: what is loaded and what has to wait, what is applied, and what is written down.
 */
#include "client/relay_inside.h"
#include "outbox.h"

#define D(name) hc__document_f_##name
#define IMAGE   "[{\"id\":\"65000000-0000-8000-8048-000000000001\",\"position\":1}]"
#define REST    (300 * HC__SECOND)

static hc__batch batch;
static hc__arena arena;

static void open_batch(void)
{
    outbox_open();
    memset(&batch, 'x', sizeof batch); /* as an earlier batch left it */
    hc__arena_init(&arena, &core->mem, NULL, 0);
    batch.arena = &arena;
}

static void close_batch(void)
{
    hc__arena_free(&arena);
    outbox_close();
}

static void load(void)
{
    const hc_id first = {{0}};

    OK(hc__relay_load(&batch, sys, first, NULL, &err));
}

/* Of a document's version. */
static hc__delivery *row_of(int n, int version)
{
    hc_id id = outbox_id(n);

    for (size_t i = 0; i < batch.count; i++)
        if (hc__id_equal(batch.rows[i].effect.aggregate, id) && batch.rows[i].effect.version == version)
            return &batch.rows[i];
    ck_abort_msg("version %d of %d is not loaded", version, n);
}

static void expect(int n, int version, hc__outcome outcome, int64_t wait)
{
    const hc__delivery *row = row_of(n, version);

    ck_assert_msg(row->outcome == outcome, "%d/%d: %d", n, version, (int)row->outcome);
    if (outcome == HC__WAITS)
        ck_assert_msg(row->wait > wait - 10 * HC__SECOND && row->wait <= wait, "%d/%d waits %lld", n, version,
                      (long long)row->wait);
}

static void next_at(int n, int version, int64_t from_now)
{
    char sql[200];

    snprintf(sql, sizeof sql, "UPDATE outbox SET next_at=%lld WHERE version=%d AND hex(aggregate_id) LIKE '%%%02X'",
             (long long)(hc__os_now() + from_now), version, n);
    outbox_sql(sql);
}

static void images(int n, int versions)
{
    for (int version = 1; version <= versions; version++)
        outbox_put_images(n, version, IMAGE);
}

static int64_t version_there(int n)
{
    hc__record row;

    return outbox_find(&row, &hc__document_entity, 0, outbox_id(n)) ? hc__record_int(&row, D(version)) : 0;
}

/* ---- what is loaded ---- */

START_TEST(a_batch_says_whether_there_are_more_and_where_to_go_on)
{
    hc_id last;

    load();
    ck_assert_uint_eq(batch.count, 0);
    ck_assert(hc__id_zero(batch.last) && !batch.more);
    for (int n = 1; n <= HC__RELAY_BATCH + 2; n++)
        outbox_log_entry(n);
    load();
    ck_assert_uint_eq(batch.count, HC__RELAY_BATCH);
    ck_assert(batch.more);
    expect(1, 1, HC__READY, 0); /* the oldest come first */
    expect(HC__RELAY_BATCH, 1, HC__READY, 0);
    last = batch.last;
    OK(hc__relay_load(&batch, sys, last, NULL, &err));
    ck_assert_uint_eq(batch.count, 2);
    ck_assert(!batch.more);
    last = batch.last;
    OK(hc__relay_load(&batch, sys, last, NULL, &err));
    ck_assert_uint_eq(batch.count, 0);
    ck_assert_int_eq(batch.bytes, 0);
    ck_assert(hc__id_equal(batch.last, last));
}
END_TEST

/* A batch of large ones is short, and the one that does not fit begins the next. */
START_TEST(a_batch_has_so_many_bytes_at_most)
{
    char sql[100];

    for (int n = 1; n <= 4; n++)
        outbox_log_entry(n);
    snprintf(sql, sizeof sql, "UPDATE outbox SET payload=zeroblob(%d)", (int)HC__RELAY_BYTES / 2);
    outbox_sql(sql);
    load();
    ck_assert_uint_eq(batch.count, 2);
    ck_assert_int_eq(batch.bytes, HC__RELAY_BYTES);
    ck_assert(batch.more);
    snprintf(sql, sizeof sql, "UPDATE outbox SET payload=zeroblob(%d)", (int)HC__RELAY_BYTES + 1);
    outbox_sql(sql);
    load();
    ck_assert_uint_eq(batch.count, 1); /* one goes, however large */
    ck_assert(batch.more);
}
END_TEST

START_TEST(who_stands_behind_one_that_rests_waits_as_long)
{
    for (int n = 1; n <= 7; n++)
        images(n, 3);
    next_at(1, 1, 100 * HC__SECOND);
    next_at(2, 1, 1000 * HC__SECOND);
    outbox_sql("UPDATE outbox SET state='dead' WHERE version=1 AND hex(aggregate_id) LIKE '%03'");
    outbox_sql("DELETE FROM outbox WHERE version=2 AND hex(aggregate_id) LIKE '%04'");
    outbox_sql("UPDATE outbox SET state='delivered' WHERE version=1 AND hex(aggregate_id) LIKE '%05'");
    outbox_sql("UPDATE outbox SET target='another' WHERE version=1 AND hex(aggregate_id) LIKE '%06'");
    outbox_sql("UPDATE outbox SET state='dead' WHERE version=1 AND hex(aggregate_id) LIKE '%07'");
    outbox_sql("UPDATE outbox SET target='another' WHERE version=2 AND hex(aggregate_id) LIKE '%07'");
    load();
    for (int version = 2; version <= 3; version++) {
        expect(1, version, HC__WAITS, 100 * HC__SECOND);
        expect(2, version, HC__WAITS, REST);
        expect(3, version, HC__WAITS, REST);
        expect(5, version, HC__READY, 0);
        expect(6, version, HC__LEFT, 0); /* the first is due, and comes with somebody else */
    }
    expect(4, 1, HC__READY, 0);
    expect(4, 3, HC__LEFT, 0);
    expect(7, 3, HC__WAITS, REST); /* the first of them tells */
}
END_TEST

/* Documents of two kinds may have one id. */
START_TEST(who_waits_holds_only_its_own_document)
{
    images(1, 2);
    outbox_start_chat(1);
    outbox_push(1, 2, "a");
    outbox_sql("UPDATE outbox SET kind='of a later library' WHERE kind='property_documents' AND version=1");
    load();
    ck_assert_uint_eq(batch.count, 4);
    for (size_t i = 0; i < batch.count; i++) {
        const hc__delivery *row = &batch.rows[i];

        if (row->effect.entity == &hc__chat_entity)
            ck_assert_int_eq(row->outcome, HC__READY);
        else if (row->effect.entity == NULL)
            ck_assert(row->outcome == HC__WAITS && row->wait == REST);
    }
    outbox_sql("DELETE FROM outbox WHERE kind='ai_chat_history'");
    outbox_sql("UPDATE outbox SET target='another' WHERE version=1");
    outbox_sql("UPDATE outbox SET kind='of a later library' WHERE version=2");
    hc__arena_free(&arena);
    load();
    ck_assert_uint_eq(batch.count, 1);
    ck_assert(batch.rows[0].outcome == HC__WAITS && batch.rows[0].wait == REST);
}
END_TEST

/* ---- what is applied ---- */

/* In one batch with others that may go. */
START_TEST(what_has_to_wait_is_not_applied)
{
    images(1, 3);
    images(2, 2);
    images(3, 3);
    images(4, 1);
    outbox_sql("UPDATE outbox SET kind='of a later library' WHERE hex(aggregate_id) LIKE '%04'");
    outbox_sql("UPDATE outbox SET state='dead' WHERE version=1 AND hex(aggregate_id) LIKE '%01'");
    outbox_sql("DELETE FROM outbox WHERE version=2 AND hex(aggregate_id) LIKE '%03'");
    load();
    batch.connect_by = hc__os_monotonic() + 60 * HC__SECOND;
    OK(hc__relay_apply(core, &batch, batch.connect_by, &err));
    expect(1, 2, HC__WAITS, REST);
    expect(1, 3, HC__WAITS, REST);
    expect(2, 1, HC__APPLIED, 0);
    expect(2, 2, HC__APPLIED, 0);
    expect(3, 1, HC__APPLIED, 0);
    expect(3, 3, HC__LEFT, 0);
    expect(4, 1, HC__WAITS, REST);
    ck_assert_int_eq(version_there(1), 0);
    ck_assert_int_eq(version_there(2), 2);
    ck_assert_int_eq(version_there(3), 1);
    ck_assert_int_eq(outbox_relay(), 4); /* nothing stands before the third of 3 any more */
    ck_assert_int_eq(version_there(3), 3);
    ck_assert_int_eq(outbox_sql("SELECT sum(attempts) FROM outbox"), 0);
}
END_TEST

/* The memory of a batch is used again. */
START_TEST(what_an_earlier_batch_left_is_not_applied)
{
    hc_id second;

    for (int n = 1; n <= 3; n++)
        outbox_log_entry(n);
    load();
    ck_assert_uint_eq(batch.count, 3);
    second = row_of(2, 1)->id;
    OK(hc__relay_load(&batch, sys, second, NULL, &err));
    ck_assert_uint_eq(batch.count, 1);
    expect(3, 1, HC__READY, 0);
    batch.connect_by = hc__os_monotonic() + 60 * HC__SECOND;
    OK(hc__relay_apply(core, &batch, batch.connect_by, &err));
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1);
}
END_TEST

static void set_version_back(const hc_batch *trip)
{
    if (trip->ops[0].verb == HC_VERB_UPDATE_WHERE)
        outbox_documents_sql("UPDATE property_documents SET version=version-1");
}

/* Another program writes between the look at it and its update, which so finds nothing to change. */
START_TEST(an_update_that_did_not_find_its_version_is_not_applied)
{
    images(1, 3);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_put_images(1, 4, IMAGE);
    load();
    batch.connect_by = hc__os_monotonic() + 60 * HC__SECOND;
    other.before = set_version_back;
    OK(hc__relay_apply(core, &batch, batch.connect_by, &err));
    other.before = NULL;
    expect(1, 4, HC__READY, 0);
    ck_assert_int_eq(version_there(1), 2);
    ck_assert_int_eq(outbox_relay(), 1); /* a later pass works it out anew */
    ck_assert_int_eq(version_there(1), 4);
}
END_TEST

/* Removals go first: what one takes away is in nobody's place. */
START_TEST(a_document_takes_the_place_of_one_that_is_removed)
{
    hc__record row, mine = outbox_images(2, 1, IMAGE);
    struct outbox_effect effect = {.row = &mine, .aggregate = outbox_id(2), .version = 1, .verb = HC__EFFECT_PUT};

    images(5, 1);
    ck_assert_int_eq(outbox_relay(), 1);
    hc__record_set_id(&mine, D(property_id), outbox_id(1005));
    outbox_remove(&hc__document_entity, 5, 2);
    outbox_put(&effect);
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(other.trips, 2); /* a look and a write: what goes makes room for what comes */
    ck_assert_int_eq(version_there(5), 0);
    ck_assert_int_eq(version_there(2), 1);
    ck_assert(outbox_find(&row, &hc__document_entity, D(property_id), outbox_id(1005)));
}
END_TEST

static void take_away_before_the_update(const hc_batch *trip)
{
    if (trip->op_count == 2 && trip->ops->verb == HC_VERB_UPDATE_WHERE)
        outbox_documents_sql("DELETE FROM property_documents");
}

/* It is not lost where the document that had its key goes before it is looked at. */
START_TEST(a_place_that_comes_free_meanwhile_is_taken)
{
    hc__record foreign = outbox_images(7, 1, IMAGE), mine = outbox_images(2, 1, IMAGE), row;
    struct outbox_effect effect = {.row = &mine, .aggregate = outbox_id(2), .version = 1, .verb = HC__EFFECT_PUT};

    outbox_foreign(&foreign);
    hc__record_set_id(&mine, D(property_id), outbox_id(1007));
    outbox_put(&effect);
    other.before = take_away_before_the_update;
    outbox_relay();
    other.before = NULL;
    outbox_sql("UPDATE outbox SET next_at=NULL");
    outbox_relay();
    ck_assert_int_eq(STATE("delivered"), 1);
    ck_assert(outbox_find(&row, &hc__document_entity, D(property_id), outbox_id(1007)));
    ck_assert_int_eq(version_there(2), 1);
}
END_TEST

/* One that was there already, and a new one of the same document. */
START_TEST(what_was_there_already_is_absorbed_beside_what_is_new)
{
    hc__relay_totals totals;

    images(1, 1);
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_sql("UPDATE outbox SET state='pending'");
    outbox_put_images(1, 2, IMAGE);
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(version_there(1), 2);
    OK(hc__relay_read_totals(&totals, sys, &err));
    ck_assert_int_eq(totals.delivered, 3);
    ck_assert_int_eq(totals.absorbed, 1);
    outbox_sql("UPDATE outbox SET state='pending'");
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 2);
    ck_assert_int_eq(other.trips, 1); /* a look, and nothing to be written */
}
END_TEST

/* Rows of its kind never change, so it is refused for its own sake, and others of all kinds flow. */
START_TEST(an_effect_that_its_kind_does_not_know_holds_up_no_other)
{
    outbox_log_entry(1);
    outbox_log_entry(2);
    outbox_sql("UPDATE outbox SET verb='put' WHERE rowid=1");
    outbox_sql("UPDATE outbox SET verb='remove' WHERE rowid=2");
    outbox_log_entry(3);
    images(4, 1);
    outbox_start_chat(5);
    ck_assert_int_eq(outbox_relay(), 3);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE rowid<=2 AND state='pending' AND attempts=1 AND "
                                "reason<>'' AND next_at IS NOT NULL"),
                     2);
    ck_assert_int_eq(outbox_count(&hc__activity_entity), 1);
}
END_TEST

/* Of a document that was read in part. */
START_TEST(a_change_of_one_field_leaves_the_others)
{
    hc__record row = outbox_images(1, 1, IMAGE), change = outbox_record(&hc__document_entity);
    struct outbox_effect put = {.row = &row, .aggregate = outbox_id(1), .version = 1, .verb = HC__EFFECT_PUT};
    struct outbox_effect set = {
        .row = &change, .set = change.set, .aggregate = outbox_id(1), .version = 2, .verb = HC__EFFECT_SET};

    hc__record_set_text(&row, D(virtual_tour_url), "https://tour.test/", 18);
    outbox_put(&put);
    ck_assert_int_eq(outbox_relay(), 1);
    outbox_json(&change, D(images), "[]");
    outbox_put(&set);
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert(outbox_find(&row, &hc__document_entity, 0, outbox_id(1)));
    ck_assert_int_eq(hc__record_int(&row, D(version)), 2);
    ck_assert_str_eq(hc__record_text(&row, D(images)), "[]");
    ck_assert_str_eq(hc__record_text(&row, D(virtual_tour_url)), "https://tour.test/");
    ck_assert(!hc__record_is_null(&row, D(created_at)) && !hc__record_is_null(&row, D(property_id)));
}
END_TEST

static const uint8_t strange[16] = {0xff};

/* Of the documents that were asked for by id. */
static bool change_ids(const hc_batch *trip, hc_row *row)
{
    if (trip->ops[row->op].kind == &hc__document_entity.kind && trip->ops[row->op].index == HC_INDEX_ID)
        ((hc_value *)(uintptr_t)row->values)[0].as.bytes = strange;
    return true;
}

static bool hide_again(const hc_batch *trip, hc_row *row)
{
    if (other.trips > 2)
        (void)change_ids(trip, row);
    return true;
}

START_TEST(documents_that_nobody_asked_for_are_passed_over)
{
    images(1, 2);
    ck_assert_int_eq(outbox_relay(), 2);
    outbox_put_images(1, 3, IMAGE);
    outbox_put_images(1, 4, IMAGE);
    other.row = change_ids; /* so it seems not to be there, but its key is taken */
    ck_assert_int_eq(outbox_relay(), 2);
    other.row = NULL;
    ck_assert_int_eq(version_there(1), 4);
    outbox_put_images(1, 5, IMAGE);
    outbox_put_images(1, 6, IMAGE);
    other.trips = 0;
    other.row = hide_again; /* so nobody knows whether the update found it */
    (void)outbox_relay();
    other.row = NULL;
    ck_assert_int_eq(version_there(1), 6);
    (void)outbox_relay();
    ck_assert_int_eq(STATE("pending"), 0);
}
END_TEST

static void put_refused(int n, int version)
{
    hc__record row = outbox_images(n, version, IMAGE);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = version, .verb = HC__EFFECT_PUT};
    const hc_value null = {HC_TYPE_NULL, 0, {.integer = 0}};

    ck_assert(hc__record_put(&row, D(property_id), &null)); /* each document is of a listing */
    outbox_put(&effect);
}

/* Whether it would be made or changed; it is counted against itself alone. */
START_TEST(a_document_that_the_store_refuses_holds_up_no_other)
{
    images(2, 1);
    images(5, 1);
    ck_assert_int_eq(outbox_relay(), 2);
    images(1, 1);
    put_refused(2, 2);
    images(3, 1);
    put_refused(4, 1);
    outbox_put_images(5, 2, IMAGE);
    images(6, 1);
    ck_assert_int_eq(outbox_relay(), 4);
    ck_assert_int_eq(version_there(1), 1);
    ck_assert_int_eq(version_there(2), 1);
    ck_assert_int_eq(version_there(3), 1);
    ck_assert_int_eq(version_there(4), 0);
    ck_assert_int_eq(version_there(5), 2);
    ck_assert_int_eq(version_there(6), 1);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='pending' AND attempts=1 AND reason<>''"), 2);
    ck_assert_int_eq(STATE("pending"), 2);
}
END_TEST

/* They are written as one, and who stands first is blamed; so it goes alone the next time. */
START_TEST(who_was_refused_goes_alone_the_next_time)
{
    images(1, 1);
    put_refused(1, 2);
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE version=1"), 1);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE version=2"), 0);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE next_at IS NULL"), 0);
    outbox_sql("UPDATE outbox SET next_at=NULL");
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_eq(version_there(1), 1);
    ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE state='pending' AND version=2"), 1);
}
END_TEST

/* Another program wrote nonsense into two of three: the other takes its message, and is asked for once. */
START_TEST(documents_that_are_spoiled_are_refused_alone)
{
    for (int n = 1; n <= 3; n++)
        outbox_start_chat(n);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_documents_sql("UPDATE ai_chat_history SET messages='{}' WHERE session_id<>'s1'");
    for (int n = 1; n <= 3; n++)
        outbox_push(n, 2, "hello");
    other.trips = 0;
    ck_assert_int_eq(outbox_relay(), 1);
    ck_assert_int_le(other.trips, 5);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE state='pending' AND attempts=1 AND "
                                "hex(aggregate_id) NOT LIKE '%01'"),
                     2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE reason LIKE '%messages%'"), 2);
    ck_assert_int_eq(outbox_count(&hc__chat_entity), 3);
}
END_TEST

/* S13: whichever allocation fails, a change is of its document or of none. */
START_TEST(without_memory_a_change_is_nobody_elses)
{
    int n = 0;

    images(1, 1);
    images(2, 1);
    outbox_put_images(3, 1, IMAGE);
    ck_assert_int_eq(outbox_relay(), 3);
    outbox_put_images(1, 2, IMAGE);
    outbox_remove(&hc__document_entity, 3, 2);
    setenv("HC_TEST_THIN", "1", 1); /* each piece of an arena, too */
    do {
        int64_t done;
        hc_status status;

        outbox_sql("UPDATE outbox SET state='pending', attempts=0, next_at=NULL WHERE version=2");
        outbox_sql("UPDATE leases SET holder=NULL, until=NULL");
        outbox_documents_sql("UPDATE property_documents SET version=1");
        outbox_log_entry(3 + ++n);
        outbox_memory.failed = 0;
        outbox_memory.fail_at = outbox_memory.requests + n;
        status = hc__relay_run(core, hc__os_monotonic() + 5 * HC__SECOND, &done, &err);
        outbox_memory.fail_at = 0;
        ck_assert_msg(status >= 0 || status == HC_ERR_NO_MEMORY, "allocation %d: %s", n, err.message);
        ck_assert_msg(version_there(1) == 1 || version_there(1) == 2, "allocation %d", n);
        ck_assert_msg(version_there(2) == 1, "allocation %d", n);
        ck_assert_msg(outbox_sql("SELECT max(attempts) FROM outbox") == 0, "allocation %d", n); /* nobody's fault */
    } while (outbox_memory.failed > 0 && n < 3000);
    unsetenv("HC_TEST_THIN");
    ck_assert_int_gt(n, 30);
    ck_assert_int_eq(version_there(1), 2);
    ck_assert_int_eq(version_there(3), 0);
    ck_assert_int_eq(STATE("pending"), 0);
}
END_TEST

/* ---- what is written down ---- */

static void settle(hc__settling *settling, int64_t fence)
{
    *settling = (hc__settling){.batch = &batch, .fence = fence, .delivered = 7, .absorbed = 7, .dead = 7};
    OK(hc__relay_settle(sys, settling, &err));
}

static void all_are(hc__outcome outcome)
{
    for (size_t i = 0; i < batch.count; i++)
        batch.rows[i].outcome = outcome;
}

START_TEST(without_its_lease_a_relay_settles_nothing)
{
    hc__settling settling;
    int64_t fence, until;

    outbox_log_entry(1);
    outbox_log_entry(2);
    OK(hc__relay_claim(sys, &fence, &err));
    ck_assert_int_eq(fence, 1);
    /* Clients of all versions find one row. */
    ck_assert_int_eq(outbox_sql("SELECT hex(id)='72656C61790080008000000000000001' AND name='relay' FROM leases"), 1);
    until = outbox_sql("SELECT until FROM leases");
    ck_assert(until > hc__os_now() + 29 * HC__SECOND && until <= hc__os_now() + 30 * HC__SECOND);
    load();
    all_are(HC__APPLIED);
    settle(&settling, fence + 1);
    ck_assert(!settling.held && settling.raced);
    ck_assert_int_eq(settling.delivered, 0);
    ck_assert_int_eq(settling.absorbed, 0);
    ck_assert_int_eq(settling.dead, 0);
    ck_assert_int_eq(STATE("pending"), 2);
    outbox_sql("UPDATE leases SET until=until-3600000000"); /* it ran out, and nobody has it */
    settle(&settling, fence);
    ck_assert(!settling.held);
    ck_assert_int_eq(STATE("pending"), 2);
    OK(hc__relay_claim(sys, &fence, &err));
    settle(&settling, fence);
    ck_assert(settling.held && !settling.raced);
    ck_assert_int_eq(settling.delivered, 2);
    ck_assert_int_eq(settling.absorbed, 0);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE fence=2 AND settled_at>0"), 2);
    ck_assert_int_eq(outbox_sql("SELECT delivered FROM leases"), 2);
    ck_assert_int_eq(outbox_sql("SELECT holder IS NOT NULL AND until IS NOT NULL FROM leases"), 1);
}
END_TEST

START_TEST(who_was_faster_is_told_of)
{
    hc__settling settling;

    outbox_log_entry(1);
    outbox_log_entry(2);
    load();
    all_are(HC__ABSORBED);
    outbox_sql("UPDATE outbox SET state='delivered' WHERE rowid=1");
    settle(&settling, 0);
    ck_assert(settling.held && settling.raced);
    ck_assert_int_eq(settling.delivered, 1);
    ck_assert_int_eq(settling.absorbed, 1); /* not more than were marked */
    ck_assert_int_eq(STATE("delivered"), 2);
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM outbox WHERE fence IS NULL"), 2);
}
END_TEST

/* Twice as long each time. */
START_TEST(one_that_is_refused_rests_longer_each_time)
{
    for (int tries = 0; tries < HC__RELAY_FAILURES; tries++) {
        bool dead = tries + 1 == HC__RELAY_FAILURES;
        int64_t fence, rest = dead ? REST : HC__SECOND << tries;
        hc__settling settling;
        char sql[200];

        outbox_sql("DELETE FROM outbox");
        images(1, 2);
        snprintf(sql, sizeof sql, "UPDATE outbox SET attempts=%d, next_at=NULL WHERE version=1", tries);
        outbox_sql(sql);
        OK(hc__relay_claim(sys, &fence, &err));
        hc__arena_free(&arena);
        load();
        row_of(1, 1)->outcome = HC__REFUSED;
        row_of(1, 1)->reason = "a reason";
        settle(&settling, fence);
        ck_assert(settling.held && !settling.raced);
        ck_assert_int_eq(settling.dead, dead);
        ck_assert_int_eq(settling.delivered, 0);
        ck_assert_int_eq(STATE("dead"), dead);
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM outbox WHERE state='pending' AND next_at>%lld AND next_at<=%lld",
                 (long long)(hc__os_now() + rest - 900000), (long long)(hc__os_now() + rest));
        ck_assert_msg(outbox_sql(sql) == (dead ? 1 : 2), "after %d tries", tries + 1);
        snprintf(sql, sizeof sql, "SELECT attempts=%d AND reason='a reason' FROM outbox WHERE version=1", tries + 1);
        ck_assert_int_eq(outbox_sql(sql), 1);
        ck_assert_int_eq(outbox_sql("SELECT (settled_at IS NOT NULL)+attempts FROM outbox WHERE version=1"),
                         tries + 1 + dead);
        ck_assert_int_eq(outbox_sql("SELECT attempts FROM outbox WHERE version=2"), 0);
    }
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM audit_log WHERE event='outbox_dead_letter'"), 1);
}
END_TEST

/* ---- a pass ---- */

START_TEST(a_pass_ends_when_the_store_fails)
{
    int64_t retry_at;

    for (int n = 1; n <= HC__RELAY_BATCH + 10; n++)
        outbox_log_entry(n);
    other.fail_in[1] = 1;
    other.fail_with = HC_ERR_UNAVAILABLE;
    ck_assert_int_eq(outbox_relay(), 0);
    ck_assert_int_eq(STATE("delivered"), 0); /* also of the second batch, which would have come through */
    ck_assert_int_eq(outbox_sql("SELECT holder IS NULL FROM leases"), 1);
    retry_at = atomic_load(&core->relay->retry_at); /* until when calls leave that store alone */
    ck_assert(retry_at > hc__os_monotonic() + 20 * HC__SECOND && retry_at <= hc__os_monotonic() + 30 * HC__SECOND);
    ck_assert_int_eq(outbox_relay(), HC__RELAY_BATCH + 10);
    ck_assert_int_eq(atomic_load(&core->relay->retry_at), 0);
    ck_assert_int_eq(atomic_load(&core->relay->away), false);
}
END_TEST

START_TEST(a_store_that_is_away_again_is_told_again)
{
    const char *first;

    outbox_log_entry(1);
    other.down_after = 0;
    (void)outbox_relay();
    other.down_after = -1;
    ck_assert_int_eq(outbox_relay(), 1);
    first = strstr(outbox_log, "effects wait");
    ck_assert_ptr_nonnull(first);
    outbox_log_entry(2);
    other.trips = 0;
    other.down_after = 0;
    (void)outbox_relay();
    ck_assert_ptr_nonnull(strstr(first + 1, "effects wait for the documents' store: the other store is away"));
}
END_TEST

START_TEST(a_client_without_documents_has_nothing_to_relay)
{
    hc__relay *relay = core->relay;
    int64_t done = 7;

    core->relay = NULL;
    OK(hc__relay_run(core, hc__os_monotonic() + HC__SECOND, &done, &err));
    ck_assert_int_eq(done, 0);
    OK(hc__relay_deliver_own(sys, &err));
    hc__relay_wrote(sys, 1, 1);
    hc__relay_soon(sys);
    ck_assert(!hc__relay_own_waits(sys));
    ck_assert(!hc__relay_full(core));
    ck_assert_int_eq(hc__relay_uncounted_drops(core), 0);
    core->relay = relay;
}
END_TEST

/* ---- who wrote ---- */

static void own_log_entry(int n)
{
    hc__record row = outbox_record(&hc__activity_entity);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = 1, .verb = HC__EFFECT_APPEND};

    effect.actor = sys->user;
    hc__record_set_text(&row, hc__activity_f_action, "view", 4);
    hc__record_set_int(&row, hc__activity_f_timestamp, n);
    hc__record_set_int(&row, hc__activity_f_event_class, 1);
    outbox_put(&effect);
}

START_TEST(who_wrote_is_known_until_all_of_it_came_through)
{
    sys->user = outbox_id(501);
    hc__relay_wrote(sys, 1, 100);
    ck_assert(hc__relay_own_waits(sys));
    OK(hc__relay_deliver_own(sys, &err)); /* somebody was faster */
    ck_assert(!hc__relay_own_waits(sys));
    for (int n = 1; n <= HC__RELAY_BATCH + 1; n++)
        own_log_entry(n);
    hc__relay_wrote(sys, HC__RELAY_BATCH + 1, 100);
    other.down_after = 0;
    ck_assert_int_eq(hc__relay_deliver_own(sys, &err), HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(err.status, HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.message, "the other store is away");
    ck_assert_ptr_nonnull(strstr(outbox_log, "effects wait"));           /* so the host hears of it, */
    ck_assert(atomic_load(&core->relay->retry_at) > hc__os_monotonic()); /* and other calls leave that store alone */
    ck_assert_int_eq(hc__relay_deliver_own(sys, NULL), HC_ERR_UNAVAILABLE);
    ck_assert(hc__relay_own_waits(sys));
    other.down_after = -1;
    outbox_sql("UPDATE outbox SET payload=x'0109' WHERE rowid=3");
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert_int_eq(STATE("delivered"), HC__RELAY_BATCH);
    ck_assert(hc__relay_own_waits(sys)); /* one was refused */
    ck_assert_int_eq(outbox_sql("SELECT sum(attempts) FROM outbox"), 0);
    outbox_sql("DELETE FROM outbox WHERE state='pending'");
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert(!hc__relay_own_waits(sys));
    ck_assert_int_eq(outbox_sql("SELECT count(*) FROM leases"), 0);
    sys->user = (hc_id){{0}};
}
END_TEST

/* What this process wrote and delivered since it looked cancels out. */
START_TEST(what_came_through_does_not_count_any_more)
{
    outbox_log_entry(1);
    ck_assert_int_eq(outbox_relay(), 1);
    atomic_store(&core->relay->pending, 0);
    atomic_store(&core->relay->bytes, 0);
    own_log_entry(2);
    own_log_entry(3);
    hc__relay_wrote(sys, 2, outbox_sql("SELECT sum(bytes) FROM outbox WHERE state='pending'"));
    ck_assert_int_eq(atomic_load(&core->relay->pending), 2);
    OK(hc__relay_deliver_own(sys, &err));
    ck_assert(!hc__relay_own_waits(sys));
    ck_assert_int_eq(STATE("pending"), 0);
    ck_assert_int_eq(atomic_load(&core->relay->pending), 0);
    ck_assert_int_eq(atomic_load(&core->relay->bytes), 0);
}
END_TEST

/* ---- what there is ---- */

START_TEST(what_cannot_be_read_is_told)
{
    hc__relay_totals totals = {7, 7, 7};
    hc__outbox_size size = {7, 7, 7};
    bool any = true;

    OK(hc__relay_read_totals(&totals, sys, &err));
    ck_assert(totals.delivered == 0 && totals.absorbed == 0 && totals.dropped == 0);
    OK(hc__outbox_measure(&size, sys, &err));
    ck_assert(size.pending == 0 && size.bytes == 0 && size.oldest == 0);
    OK(hc__relay_any(&any, sys, &err));
    ck_assert(!any);
    other.fail_with = HC_ERR_CORRUPT;
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc__relay_read_totals(&totals, sys, &err), HC_ERR_CORRUPT);
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc__outbox_measure(&size, sys, &err), HC_ERR_CORRUPT);
    other.fail_in[0] = 1;
    ck_assert_int_eq(hc__relay_any(&any, sys, &err), HC_ERR_CORRUPT);
    outbox_log_entry(1);
    outbox_log_entry(2);
    OK(hc__outbox_measure(&size, sys, &err));
    ck_assert_int_eq(size.pending, 2);
    ck_assert_int_eq(size.bytes, outbox_sql("SELECT sum(bytes) FROM outbox"));
    ck_assert_int_eq(size.oldest, outbox_sql("SELECT min(created_at) FROM outbox"));
    OK(hc__relay_any(&any, sys, &err));
    ck_assert(any);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_batch_says_whether_there_are_more_and_where_to_go_on);
    tcase_add_test(tcase, a_batch_has_so_many_bytes_at_most);
    tcase_add_test(tcase, who_stands_behind_one_that_rests_waits_as_long);
    tcase_add_test(tcase, who_waits_holds_only_its_own_document);
    tcase_add_test(tcase, what_has_to_wait_is_not_applied);
    tcase_add_test(tcase, what_an_earlier_batch_left_is_not_applied);
    tcase_add_test(tcase, an_update_that_did_not_find_its_version_is_not_applied);
    tcase_add_test(tcase, a_document_takes_the_place_of_one_that_is_removed);
    tcase_add_test(tcase, a_place_that_comes_free_meanwhile_is_taken);
    tcase_add_test(tcase, what_was_there_already_is_absorbed_beside_what_is_new);
    tcase_add_test(tcase, an_effect_that_its_kind_does_not_know_holds_up_no_other);
    tcase_add_test(tcase, a_change_of_one_field_leaves_the_others);
    tcase_add_test(tcase, documents_that_nobody_asked_for_are_passed_over);
    tcase_add_test(tcase, a_document_that_the_store_refuses_holds_up_no_other);
    tcase_add_test(tcase, who_was_refused_goes_alone_the_next_time);
    tcase_add_test(tcase, documents_that_are_spoiled_are_refused_alone);
    tcase_add_test(tcase, without_memory_a_change_is_nobody_elses);
    tcase_add_test(tcase, without_its_lease_a_relay_settles_nothing);
    tcase_add_test(tcase, who_was_faster_is_told_of);
    tcase_add_test(tcase, one_that_is_refused_rests_longer_each_time);
    tcase_add_test(tcase, a_pass_ends_when_the_store_fails);
    tcase_add_test(tcase, a_store_that_is_away_again_is_told_again);
    tcase_add_test(tcase, a_client_without_documents_has_nothing_to_relay);
    tcase_add_test(tcase, who_wrote_is_known_until_all_of_it_came_through);
    tcase_add_test(tcase, what_came_through_does_not_count_any_more);
    tcase_add_test(tcase, what_cannot_be_read_is_told);
}

int main(void)
{
    return suite_main("unit.client.relay_batch", fill, open_batch, close_batch);
}
