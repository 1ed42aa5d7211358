/* Bar 8b's other half, --storage mongodb: one entry of a log written and read by its key, through the slots of the
 * driver as the core uses them, beside libmongoc alone: the same document in the same collection, w:majority and
 * journalled, and each value read out into the caller's memory. */
#include <dlfcn.h>
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "homeconnect/driver/storage.h"
#include "peers.h"
#include "plain_host.h"
#include "server_mongodb.h"

#define NAME     "bench_documents"
#define KIND     "bench_logs"
#define ONE      2000 /* operations of a round */
#define FIELDS   8
#define METADATA "{\"device\":\"mobile\",\"duration_seconds\":45}"
#define ACTION   "view_property"
#define VISIT    "visit-4f2a91c07b"
#define FIRST    INT64_C(1790000000000) /* milliseconds: when the first entry was made */

enum { ID, USER, ACT, TARGET, META, TIMESTAMP, SESSION, NUMBER };

static const hc_field fields[FIELDS] = {
    [ID] = {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    [USER] = {"user_id", HC_TYPE_ID, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    [ACT] = {"action", HC_TYPE_TEXT, 64, 0, 0, 0, 0, NULL, NULL, 1, 0},
    [TARGET] = {"target_id", HC_TYPE_ID, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    [META] = {"metadata", HC_TYPE_JSON, 0, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    [TIMESTAMP] = {"timestamp", HC_TYPE_TIME, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    [SESSION] = {"session_id", HC_TYPE_TEXT, 64, 0, HC_FIELD_NULLABLE, 0, 0, NULL, NULL, 1, 0},
    [NUMBER] = {"number", HC_TYPE_INT64, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
};
static const uint16_t all_fields[FIELDS] = {ID, USER, ACT, TARGET, META, TIMESTAMP, SESSION, NUMBER};
static const uint16_t by_target[] = {TARGET, TIMESTAMP, ID};
static const hc_index indexes[] = {{KIND "_target", 0, 3, by_target, 1, 0}};
static const hc_kind kind = {KIND, HC_KIND_DOCUMENT, 0, fields, FIELDS, 1, indexes, 1, 0, NULL, 0, 0};

static server_mongodb server;
static void *module, *store, *conn;
static const hc_storage_driver *driver;
static mongoc_client_t *plain;
static mongoc_collection_t *logs;
static bson_t concern;
static uint32_t serial; /* documents that were written */
static size_t taken;    /* bytes that were read, so that none is read for nothing */

/* An ObjectId, and the same as an id of the library (storage.md, "Types"). */
static void key_of(uint8_t object[12], hc_id *id, uint32_t number)
{
    static const uint8_t mark[4] = {0x8f, 0x0b, 0xb1, 0xd0};

    memset(object, 0x5a, 12);
    for (int i = 0; i < 4; i++)
        object[8 + i] = (uint8_t)(number >> (24 - 8 * i));
    memcpy(id->bytes, object, 6);
    memcpy(id->bytes + 6, mark, 4);
    memcpy(id->bytes + 10, object + 6, 6);
}

static const hc_id person = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};

/* ---- ours ---- */

static hc_value bytes_of(int32_t type, const void *bytes, size_t size)
{
    return (hc_value){type, (uint32_t)size, {.bytes = bytes}};
}

static hc_value int_of(int32_t type, int64_t number)
{
    return (hc_value){type, 0, {.integer = number}};
}

static void execute(const hc_op *op, hc_row_fn on_row)
{
    hc_batch batch = {.struct_size = sizeof batch, .ops = op, .op_count = 1, .on_row = on_row};
    hc_error err;

    must(driver->execute(conn, &batch, &err), &err, "execute");
}

static void insert_ours(uint64_t first, uint64_t count)
{
    (void)first;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t number = serial++;
        uint8_t object[12];
        hc_id id;
        hc_set sets[FIELDS] = {
            {ID, HC_SET_TO, 0, bytes_of(HC_TYPE_ID, id.bytes, sizeof id.bytes)},
            {USER, HC_SET_TO, 0, bytes_of(HC_TYPE_ID, person.bytes, sizeof person.bytes)},
            {ACT, HC_SET_TO, 0, bytes_of(HC_TYPE_TEXT, ACTION, sizeof ACTION - 1)},
            {TARGET, HC_SET_TO, 0, bytes_of(HC_TYPE_ID, person.bytes, sizeof person.bytes)},
            {META, HC_SET_TO, 0, bytes_of(HC_TYPE_JSON, METADATA, sizeof METADATA - 1)},
            {TIMESTAMP, HC_SET_TO, 0, int_of(HC_TYPE_TIME, (FIRST + number) * 1000)},
            {SESSION, HC_SET_TO, 0, bytes_of(HC_TYPE_TEXT, VISIT, sizeof VISIT - 1)},
            {NUMBER, HC_SET_TO, 0, int_of(HC_TYPE_INT64, number)},
        };
        hc_op op = {.verb = HC_VERB_INSERT,
                    .expect = HC_EXPECT_ANY,
                    .kind = &kind,
                    .sets = sets,
                    .set_count = FIELDS,
                    .index = HC_INDEX_ANY};

        key_of(object, &id, number);
        execute(&op, NULL);
    }
}

static char memory[4096]; /* the caller's */
static int64_t numbers[FIELDS];

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    size_t used = 0;

    (void)data;
    (void)err;
    for (uint32_t i = 0; i < row->count; i++) {
        const hc_value *value = &row->values[i];

        if (value->size == 0) {
            numbers[i] = value->as.integer;
            continue;
        }
        memcpy(memory + used, value->as.bytes, value->size);
        used += value->size;
    }
    taken += used;
    return HC_OK;
}

static void get_ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        uint8_t object[12];
        hc_id id;
        hc_value value = bytes_of(HC_TYPE_ID, id.bytes, sizeof id.bytes);
        hc_predicate where = {
            .test = HC_TEST_EQ, .field = ID, .inner = HC_NO_FIELD, .values = &value, .value_count = 1};
        hc_op op = {.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &kind,
                    .where = &where,
                    .fields = all_fields,
                    .field_count = FIELDS,
                    .limit = 1,
                    .index = HC_INDEX_ID};
        size_t before = taken;

        key_of(object, &id, (uint32_t)(i * 7919 % ONE));
        execute(&op, take_row);
        if (taken == before)
            die("an entry was not found");
    }
}

/* ---- by hand ---- */

static void insert_raw(uint64_t first, uint64_t count)
{
    (void)first;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t number = serial++;
        uint8_t object[12];
        hc_id id;
        bson_oid_t oid;
        bson_t document = BSON_INITIALIZER, metadata;
        bson_error_t error;

        key_of(object, &id, number);
        bson_oid_init_from_data(&oid, object);
        BSON_APPEND_OID(&document, "_id", &oid);
        BSON_APPEND_BINARY(&document, "user_id", BSON_SUBTYPE_UUID, person.bytes, 16);
        BSON_APPEND_UTF8(&document, "action", ACTION);
        BSON_APPEND_BINARY(&document, "target_id", BSON_SUBTYPE_UUID, person.bytes, 16);
        if (!bson_init_from_json(&metadata, METADATA, sizeof METADATA - 1, &error))
            die("%s", error.message);
        BSON_APPEND_DOCUMENT(&document, "metadata", &metadata);
        bson_destroy(&metadata);
        BSON_APPEND_DATE_TIME(&document, "timestamp", FIRST + number);
        BSON_APPEND_UTF8(&document, "session_id", VISIT);
        BSON_APPEND_INT64(&document, "number", number);
        if (!mongoc_collection_insert_one(logs, &document, &concern, NULL, &error))
            die("%s", error.message);
        bson_destroy(&document);
    }
}

static void copy(size_t *used, const void *bytes, size_t size)
{
    memcpy(memory + *used, bytes, size);
    *used += size;
}

static void copy_value(size_t *used, size_t at, const bson_iter_t *value)
{
    const uint8_t *bytes;
    bson_subtype_t subtype;
    uint32_t size;
    size_t length;
    bson_t inner;
    char *json;

    switch (bson_iter_type(value)) {
    case BSON_TYPE_OID:
        copy(used, bson_iter_oid(value), 12);
        break;
    case BSON_TYPE_BINARY:
        bson_iter_binary(value, &subtype, &size, &bytes);
        copy(used, bytes, size);
        break;
    case BSON_TYPE_UTF8:
        bytes = (const uint8_t *)bson_iter_utf8(value, &size);
        copy(used, bytes, size);
        break;
    case BSON_TYPE_DATE_TIME:
        numbers[at] = bson_iter_date_time(value) * 1000;
        break;
    case BSON_TYPE_DOCUMENT:
        bson_iter_document(value, &size, &bytes);
        if (!bson_init_static(&inner, bytes, size))
            die("a document is torn");
        json = bson_as_relaxed_extended_json(&inner, &length);
        copy(used, json, length);
        bson_free(json);
        break;
    default:
        numbers[at] = bson_iter_as_int64(value);
    }
}

static void get_raw(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        uint8_t object[12];
        hc_id id;
        bson_oid_t oid;
        bson_t filter = BSON_INITIALIZER, opts = BSON_INITIALIZER;
        mongoc_cursor_t *cursor;
        const bson_t *found;
        bson_iter_t at;
        size_t used = 0;

        key_of(object, &id, (uint32_t)(i * 7919 % ONE));
        bson_oid_init_from_data(&oid, object);
        BSON_APPEND_OID(&filter, "_id", &oid);
        BSON_APPEND_INT64(&opts, "limit", 1);
        BSON_APPEND_BOOL(&opts, "singleBatch", true);
        cursor = mongoc_collection_find_with_opts(logs, &filter, &opts, NULL);
        if (!mongoc_cursor_next(cursor, &found) || !bson_iter_init(&at, found))
            die("an entry was not found");
        for (size_t n = 0; bson_iter_next(&at) && n < FIELDS; n++)
            copy_value(&used, n, &at);
        taken += used;
        mongoc_cursor_destroy(cursor);
        bson_destroy(&filter);
        bson_destroy(&opts);
    }
}

/* ---- the bars ---- */

static void open_driver(const char *uri)
{
    const hc_step step = {HC_STEP_CREATE_KIND, 0, &kind};
    const hc_migration migration = {1, 1, &step};
    hc_driver_entry_fn entry;
    void *found;
    hc_error err;

    module = dlopen(HC_DRIVER_FOLDER "/homeconnect-driver-mongodb.so", RTLD_NOW | RTLD_LOCAL);
    found = module == NULL ? NULL : dlsym(module, "hc_driver_entry");
    if (found == NULL)
        die("%s", dlerror());
    memcpy(&entry, &found, sizeof entry);
    must(entry(&driver, HC_DRIVER_ABI, &err), &err, "entry");
    must(driver->open(&store, &shelf_host, uri, &err), &err, "open");
    must(driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err), &err, "connect");
    must(driver->migrate(conn, &migration, 1, 0, &err), &err, "migrate");
}

static void open_raw(const char *uri)
{
    mongoc_write_concern_t *majority = mongoc_write_concern_new();

    plain = mongoc_client_new(uri);
    logs = mongoc_client_get_collection(plain, NAME, KIND);
    mongoc_write_concern_set_wmajority(majority, 0);
    mongoc_write_concern_set_journal(majority, true);
    bson_init(&concern);
    mongoc_write_concern_append(majority, &concern);
    mongoc_write_concern_destroy(majority);
}

void bars_documents(void)
{
    char uri[700];

    if (!wanted("8b") && !wanted("documents"))
        return;
    if (!server_mongodb_start(&server, false))
        die("no document store: %s", server.reason);
    mongoc_init();
    server_mongodb_uri(&server, uri, sizeof uri, NAME, NULL);
    open_driver(uri);
    open_raw(uri);
    for (int i = 0; i < 3; i++) { /* the server warms up */
        insert_ours(0, ONE);
        insert_raw(0, ONE);
    }
    bar_at_most("8b", "document-insert-cpu", 1 / contest(insert_ours, insert_raw, ONE, BY_CPU), 1.20);
    bar_at_most("8b", "document-get-cpu", 1 / contest(get_ours, get_raw, ONE, BY_CPU), 1.20);
    peers_documents(uri, KIND, (side_fn[]){insert_ours, insert_raw}, (side_fn[]){get_ours, get_raw});
    driver->disconnect(conn);
    driver->close(store);
    bson_destroy(&concern);
    mongoc_collection_destroy(logs);
    mongoc_client_destroy(plain);
    server_mongodb_stop(&server);
}
