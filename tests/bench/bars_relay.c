/* --storage mongodb: the relay from a file to MongoDB, or to what stands in for it. The other side is a loop by hand:
 * 64 rows of a table of its own whose payload is the document as it will be, one ordered bulk, one UPDATE, in the same
 * file with the same durability. */
#include <mongoc/mongoc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "homeconnect/activity.h"
#include "homeconnect/user.h"
#include "server_mongodb.h"

#define PART   6400 /* effects of one turn, as many as a hundred batches */
#define TURNS  4    /* of either side in a round: what else a server in Java and a file do falls upon both */
#define BATCH  64
#define TENTHS 10
#define LEAD   40000 /* effects before the first that is measured */
#define NAME   "bench_relay"

static server_mongodb server;
static mongoc_client_t *plain;
static mongoc_collection_t *logs;
static sqlite3 *db;
static hc_client *client;
static char path[600];
static uint8_t template_id[16], template_payload[400];
static size_t template_size;
static uint32_t minted; /* documents so far */

/* ---- what the relay counts ---- */

static int64_t delivered, wanted_count; /* below zero in the lead */
static double marks[TENTHS + 1];        /* when each tenth was there */
static int64_t anonymous[TENTHS + 1];

static void count(const char *name, int64_t value, void *data)
{
    (void)data;
    if (strcmp(name, "outbox.delivered") != 0 || wanted_count == 0)
        return;
    for (int64_t i = 0; i <= TENTHS; i++) {
        int64_t at = wanted_count * i / TENTHS;

        if (delivered < at && delivered + value >= at) {
            marks[i] = seconds(BY_CLOCK);
            anonymous[i] = anonymous_kib();
        }
    }
    delivered += value;
}

/* ---- two stores ---- */

static void run_sql(const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        die("%s: %s", sql, message);
}

static void open_stores(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    char uri[700], documents[700];
    hc_error err;

    if (!server_mongodb_start(&server, false))
        die("no document store: %s", server.reason);
    server_mongodb_tell(&server);
    mongoc_init();
    server_mongodb_uri(&server, documents, sizeof documents, NAME, NULL);
    plain = mongoc_client_new(documents);
    logs = mongoc_client_get_collection(plain, NAME, "activity_logs");
    snprintf(path, sizeof path, "%s/relay-%d.db", bench.folder, (int)getpid());
    snprintf(uri, sizeof uri, "sqlite:%s", path);
    options.storage_uri = uri;
    options.document_uri = documents;
    options.driver_path = HC_DRIVER_FOLDER;
    options.password_profile = HC_PASSWORD_LOW_MEMORY;
    options.metric = count;
    must(hc_client_open(&client, &options, &err), &err, "open");
    if (sqlite3_open(path, &db) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
    run_sql("PRAGMA synchronous=FULL");
    sqlite3_busy_timeout(db, 10000);
    run_sql(
        "CREATE TABLE raw_outbox(id INTEGER PRIMARY KEY, state INTEGER NOT NULL, settled_at INTEGER, payload BLOB)");
    run_sql("CREATE INDEX raw_outbox_state ON raw_outbox(state, id)");
}

static void close_stores(void)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".keys"};
    char name[620];

    hc_client_close(client);
    sqlite3_close(db);
    mongoc_collection_destroy(logs);
    mongoc_client_destroy(plain);
    server_mongodb_stop(&server);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void forget_documents(void)
{
    bson_t all = BSON_INITIALIZER;
    bson_error_t error;

    if (!mongoc_collection_delete_many(logs, &all, NULL, NULL, &error))
        die("%s", error.message);
    bson_destroy(&all);
}

/* ---- effects, as the library writes one ---- */

static hc_status ride(hc_session *as, void *data, hc_error *err)
{
    hc_user *user = hc_user_new(client);
    hc_activity *entry = hc_activity_new(client);
    hc_id id;
    hc_status status;

    (void)data;
    hc_user_set_email(user, "ana@example.com");
    hc_user_set_full_name(user, "Ana Lopez");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    status = hc_user_create(&id, as, user, "nine herons over the weir", 25, err);
    hc_user_free(user);
    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, id);
    hc_activity_set_metadata(entry, "{\"device\":\"mobile\",\"duration_seconds\":45}");
    hc_activity_set_session_id(entry, "visit-4f2a91c07b");
    if (status >= 0)
        status = hc_activity_append(&id, as, entry, err);
    hc_activity_free(entry);
    return status;
}

/* One entry that rides on a change is what all others are copies of. */
static void make_template(void)
{
    sqlite3_stmt *row;
    hc_session *system;
    hc_error err;

    must(hc_session_system(&system, client, &err), &err, "system");
    must(hc_session_transact(system, ride, NULL, &err), &err, "a change with an entry");
    hc_session_free(system);
    if (sqlite3_prepare_v2(db, "SELECT aggregate_id, payload FROM outbox WHERE kind='activity_logs' LIMIT 1", -1, &row,
                           NULL) != SQLITE_OK ||
        sqlite3_step(row) != SQLITE_ROW)
        die("no effect was written: %s", sqlite3_errmsg(db));
    template_size = (size_t)sqlite3_column_bytes(row, 1);
    if (template_size > sizeof template_payload)
        die("an effect of %zu bytes", template_size);
    memcpy(template_id, sqlite3_column_blob(row, 0), sizeof template_id);
    memcpy(template_payload, sqlite3_column_blob(row, 1), template_size);
    sqlite3_finalize(row);
}

static void next_ids(uint8_t effect[16], uint8_t document[16])
{
    uint64_t millis = (uint64_t)(time(NULL) * INT64_C(1000));

    minted++;
    memcpy(document, template_id, 16);
    for (int i = 0; i < 4; i++)
        document[12 + i] = effect[12 + i] = (uint8_t)(minted >> (24 - 8 * i));
    for (int i = 0; i < 6; i++)
        effect[i] = (uint8_t)(millis >> (40 - 8 * i));
    effect[6] = 0x70;
    effect[8] = 0x80;
}

static void add_effects(uint64_t count_of)
{
    sqlite3_stmt *add;
    uint8_t effect[16] = {0}, document[16];

    if (sqlite3_prepare_v2(
            db,
            "INSERT INTO outbox(id,target,kind,aggregate_id,version,verb,bytes,created_at,state,"
            "attempts,payload) VALUES(?1,'documents','activity_logs',?2,1,'append',?3,?4,'pending',0,?5)",
            -1, &add, NULL) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
    run_sql("BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count_of; i++) {
        next_ids(effect, document);
        sqlite3_bind_blob(add, 1, effect, 16, SQLITE_STATIC);
        sqlite3_bind_blob(add, 2, document, 16, SQLITE_STATIC);
        sqlite3_bind_int64(add, 3, (sqlite3_int64)template_size);
        sqlite3_bind_int64(add, 4, time(NULL) * INT64_C(1000000));
        sqlite3_bind_blob(add, 5, template_payload, (int)template_size, SQLITE_STATIC);
        if (sqlite3_step(add) != SQLITE_DONE)
            die("%s", sqlite3_errmsg(db));
        sqlite3_reset(add);
    }
    run_sql("COMMIT");
    sqlite3_finalize(add);
}

static void deliver_ours(void)
{
    hc_error err;

    must(hc_client_run(client, INT64_C(3600000000), NULL, &err), &err, "run");
}

/* ---- by hand ---- */

/* What the library made of the template, but for its key. */
static bson_t *document_without_key;

static void copy_document(void)
{
    bson_t all = BSON_INITIALIZER;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(logs, &all, NULL, NULL);
    const bson_t *found;

    if (!mongoc_cursor_next(cursor, &found))
        die("the template did not come through");
    document_without_key = bson_new();
    bson_copy_to_excluding_noinit(found, document_without_key, "_id", NULL);
    mongoc_cursor_destroy(cursor);
    bson_destroy(&all);
}

static bson_t *make_document(void)
{
    bson_t *out = bson_new();
    uint8_t id[12];
    bson_oid_t oid;

    minted++;
    memcpy(id, template_id, 6);
    memcpy(id + 6, template_id + 10, 2);
    for (int i = 0; i < 4; i++)
        id[8 + i] = (uint8_t)(minted >> (24 - 8 * i));
    bson_oid_init_from_data(&oid, id);
    BSON_APPEND_OID(out, "_id", &oid);
    bson_concat(out, document_without_key);
    return out;
}

static void add_rows(uint64_t count_of)
{
    sqlite3_stmt *add;

    if (sqlite3_prepare_v2(db, "INSERT INTO raw_outbox(state, payload) VALUES(0, ?1)", -1, &add, NULL) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
    run_sql("BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count_of; i++) {
        bson_t *document = make_document();

        sqlite3_bind_blob(add, 1, bson_get_data(document), (int)document->len, SQLITE_TRANSIENT);
        if (sqlite3_step(add) != SQLITE_DONE)
            die("%s", sqlite3_errmsg(db));
        sqlite3_reset(add);
        bson_destroy(document);
    }
    run_sql("COMMIT");
    sqlite3_finalize(add);
}

struct by_hand {
    sqlite3_stmt *next, *mark;
    bson_t opts;
};

static void begin_by_hand(struct by_hand *h)
{
    mongoc_write_concern_t *concern = mongoc_write_concern_new();

    mongoc_write_concern_set_wmajority(concern, 0);
    mongoc_write_concern_set_journal(concern, true);
    bson_init(&h->opts);
    mongoc_write_concern_append(concern, &h->opts);
    BSON_APPEND_BOOL(&h->opts, "ordered", true);
    mongoc_write_concern_destroy(concern);
    if (sqlite3_prepare_v2(db, "SELECT id, payload FROM raw_outbox WHERE state=0 ORDER BY id LIMIT 64", -1, &h->next,
                           NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "UPDATE raw_outbox SET state=1, settled_at=?2 WHERE id=?1 AND state=0", -1, &h->mark,
                           NULL) != SQLITE_OK)
        die("%s", sqlite3_errmsg(db));
}

static size_t one_by_hand(struct by_hand *h)
{
    mongoc_bulk_operation_t *bulk = mongoc_collection_create_bulk_operation_with_opts(logs, &h->opts);
    sqlite3_int64 ids[BATCH];
    bson_error_t error;
    size_t n = 0;

    while (sqlite3_step(h->next) == SQLITE_ROW) {
        bson_t document;

        ids[n++] = sqlite3_column_int64(h->next, 0);
        if (!bson_init_static(&document, sqlite3_column_blob(h->next, 1), (size_t)sqlite3_column_bytes(h->next, 1)))
            die("a payload is no document");
        mongoc_bulk_operation_insert_with_opts(bulk, &document, NULL, &error);
    }
    sqlite3_reset(h->next);
    if (n > 0 && mongoc_bulk_operation_execute(bulk, NULL, &error) == 0)
        die("%s", error.message);
    mongoc_bulk_operation_destroy(bulk);
    run_sql("BEGIN IMMEDIATE");
    for (size_t i = 0; i < n; i++) {
        sqlite3_bind_int64(h->mark, 1, ids[i]);
        sqlite3_bind_int64(h->mark, 2, time(NULL) * INT64_C(1000000));
        if (sqlite3_step(h->mark) != SQLITE_DONE)
            die("%s", sqlite3_errmsg(db));
        sqlite3_reset(h->mark);
    }
    run_sql("COMMIT");
    return n;
}

static void deliver_by_hand(void)
{
    struct by_hand h;

    size_t done;

    begin_by_hand(&h);
    do {
        done = one_by_hand(&h);
        count("outbox.delivered", (int64_t)done, NULL);
    } while (done == BATCH);
    sqlite3_finalize(h.next);
    sqlite3_finalize(h.mark);
    bson_destroy(&h.opts);
}

/* ---- the bars ---- */

static int64_t count_documents(void)
{
    bson_t all = BSON_INITIALIZER;
    bson_error_t error;
    int64_t out = mongoc_collection_count_documents(logs, &all, NULL, NULL, NULL, &error);

    bson_destroy(&all);
    return out;
}

static double round_of(void (*add)(uint64_t), void (*deliver)(void), uint64_t of)
{
    int64_t before = count_documents();
    double began;

    add(of);
    began = seconds(BY_CLOCK);
    deliver();
    began = seconds(BY_CLOCK) - began;
    if (count_documents() - before != (int64_t)of)
        die("%lld of %llu came through", (long long)(count_documents() - before), (unsigned long long)of);
    return began;
}

static void bar_by_hand(void)
{
    double ratios[64];

    if (!wanted("8b") && !wanted("relay"))
        return;
    for (int i = 0; i < 2; i++) { /* the server warms up */
        round_of(add_effects, deliver_ours, PART);
        round_of(add_rows, deliver_by_hand, PART);
    }
    for (int i = 0; i < bench.rounds; i++) {
        double ours = 0, raw = 0;

        forget_documents(); /* they are kept in memory */
        for (int turn = 0; turn < TURNS; turn++) {
            if ((i + turn) % 2 != 0)
                raw += round_of(add_rows, deliver_by_hand, PART);
            ours += round_of(add_effects, deliver_ours, PART);
            if ((i + turn) % 2 == 0)
                raw += round_of(add_rows, deliver_by_hand, PART);
        }
        printf("  round %d: ours %.0f, by hand %.0f effects a second\n", i + 1, TURNS * PART / ours,
               TURNS * PART / raw);
        ratios[i] = raw / ours;
    }
    bar_at_least("8b", "relay", median(ratios, (size_t)bench.rounds), 0.80);
}

/* The last tenth's time over the first's, on the line that fits all ten best: one checkpoint of the file more or fewer
 * in a tenth is a tenth of its time, and says nothing of the way that the rate goes. */
static double trend(const double took[TENTHS])
{
    const double middle = (TENTHS - 1) / 2.0;
    double all = 0, across = 0, squares = 0, slope, mean;

    for (int i = 0; i < TENTHS; i++) {
        all += took[i];
        across += (i - middle) * took[i];
        squares += (i - middle) * (i - middle);
    }
    slope = across / squares;
    mean = all / TENTHS;
    return (mean + slope * middle) / (mean - slope * middle);
}

/* SQLite empties a connection's page cache when somebody else has written, as we do here. Until it is full again, which
 * takes some 30,000 effects, it grows, and that is no growth of the relay: sqlite3_memory_used() is the same from there
 * to the end. */
static void after_lead(void (*add)(uint64_t), void (*deliver)(void), uint64_t effects)
{
    forget_documents();
    add(LEAD + effects);
    delivered = -LEAD;
    wanted_count = (int64_t)effects;
    deliver();
    if (delivered != wanted_count)
        die("%lld of %lld came through", (long long)delivered, (long long)wanted_count);
    wanted_count = 0;
}

typedef struct series {
    void (*add)(uint64_t), (*deliver)(void);
    double times[TENTHS][64], took[TENTHS];
    double growth[64]; /* of memory, from the first effect to the last */
} series;

static void take_times(series *s, int round, uint64_t effects)
{
    after_lead(s->add, s->deliver, effects);
    for (int t = 0; t < TENTHS; t++)
        s->times[t][round] = marks[t + 1] - marks[t];
    s->growth[round] = (double)anonymous[TENTHS] / (double)anonymous[0];
}

/* What else a machine does falls into another tenth of each round: each tenth's time is the median of all rounds. And
 * what a server's indexes cost more with each document, they cost the loop by hand, too: the bar is what is ours. */
static void bar_flat(void)
{
    static series ours = {.add = add_effects, .deliver = deliver_ours},
                  raw = {.add = add_rows, .deliver = deliver_by_hand};
    const char *given = getenv("HC_BENCH_EFFECTS");
    uint64_t effects = given == NULL ? 100000 : strtoull(given, NULL, 10);

    if (!wanted("relay") && !wanted("8c"))
        return;
    for (int i = 0; i < bench.rounds; i++) {
        take_times(i % 2 == 0 ? &raw : &ours, i, effects);
        take_times(i % 2 == 0 ? &ours : &raw, i, effects);
    }
    for (int t = 0; t < TENTHS; t++) {
        ours.took[t] = median(ours.times[t], (size_t)bench.rounds);
        raw.took[t] = median(raw.times[t], (size_t)bench.rounds);
        printf("  tenth %d: %.0f effects a second, %.0f by hand\n", t + 1, (double)effects / TENTHS / ours.took[t],
               (double)effects / TENTHS / raw.took[t]);
    }
    printf("  last over first: %.3f, %.3f by hand\n", trend(ours.took), trend(raw.took));
    bar_at_most("8c", "relay-rate", trend(ours.took) / trend(raw.took), 1.10);
    bar_at_most("8d", "relay-memory", median(ours.growth, (size_t)bench.rounds), 1.02);
}

void bars_relay(void)
{
    open_stores();
    make_template();
    deliver_ours();
    copy_document();
    bar_by_hand();
    bar_flat();
    bson_destroy(document_without_key);
    close_stores();
}
