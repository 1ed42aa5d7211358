/* Documents as other programs see them, and documents of other programs as we do. On each server that is here. */
#include <pthread.h>
#include <sys/wait.h>

#include "shelf.h"

#define DOCUMENT (&hc__document_entity.kind)
#define ACTIVITY (&hc__activity_entity.kind)
#define CHAT     (&hc__chat_entity.kind)
#define SETS     24
#define ROWS     64

static server_mongodb server;
static mongoc_client_t *plain; /* sees what is really there */
static char name[32];

static const hc_step steps[] = {{HC_STEP_CREATE_KIND, 0, &hc__document_entity.kind},
                                {HC_STEP_CREATE_KIND, 0, &hc__activity_entity.kind},
                                {HC_STEP_CREATE_KIND, 0, &hc__chat_entity.kind},
                                {HC_STEP_CREATE_KIND, 0, &hc__lead_entity.kind}};
static const hc_migration migration = {2, 4, steps};

static void set_up(void)
{
    char uri[1024];

    (void)snprintf(name, sizeof(name), "shelf_%d", (int)getpid());
    server_mongodb_uri(&server, uri, sizeof(uri), name, NULL);
    ck_assert_msg(shelf_open(uri) == HC_OK, "%s", err.message);
    ck_assert_msg(driver->migrate(conn, &migration, 1, 0, &err) == HC_OK, "%s", err.message);
    plain = mongoc_client_new(uri);
    ck_assert_ptr_nonnull(plain);
}

static void tear_down(void)
{
    mongoc_database_t *database = mongoc_client_get_database(plain, name);

    (void)mongoc_database_drop(database, NULL);
    mongoc_database_destroy(database);
    mongoc_client_destroy(plain);
    shelf_close();
}

/* ---- what is really there ---- */

static void raw_insert(const hc_kind *kind, const char *json)
{
    mongoc_collection_t *collection = mongoc_client_get_collection(plain, name, kind->name);
    bson_error_t error = {0};
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, &error);

    ck_assert_msg(document != NULL, "%s", error.message);
    ck_assert_msg(mongoc_collection_insert_one(collection, document, NULL, NULL, &error), "%s", error.message);
    bson_destroy(document);
    mongoc_collection_destroy(collection);
}

/* The one document of a kind as extended JSON that tells every type. */
static const char *raw_document(const hc_kind *kind)
{
    static char out[20000];
    mongoc_collection_t *collection = mongoc_client_get_collection(plain, name, kind->name);
    bson_t all = BSON_INITIALIZER;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, &all, NULL, NULL);
    const bson_t *document;
    char *json;

    ck_assert(mongoc_cursor_next(cursor, &document));
    json = bson_as_canonical_extended_json(document, NULL);
    (void)snprintf(out, sizeof(out), "%s", json);
    bson_free(json);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
    return out;
}

#define HAS(text) ck_assert_msg(strstr(raw, text) != NULL, "no %s in %s", text, raw)

/* ---- by the driver ---- */

typedef struct writing {
    hc_set sets[SETS];
    hc_op op;
} writing;

static void begin(writing *w, const hc_kind *kind)
{
    *w = (writing){.op = {.verb = HC_VERB_INSERT, .expect = HC_EXPECT_ANY, .kind = kind, .index = HC_INDEX_ANY}};
    w->op.sets = w->sets;
}

static void put(writing *w, uint16_t field, hc_value value)
{
    w->sets[w->op.set_count++] = (hc_set){field, HC_SET_TO, 0, value};
}

/* All fields of each row, their bytes kept. */
static struct {
    hc_value values[ROWS][HC__FIELD_LIMIT];
    char bytes[1 << 16];
    size_t used, rows;
} got;

static hc_status keep_row(const hc_row *row, void *data, hc_error *why)
{
    (void)data;
    (void)why;
    memcpy(got.values[got.rows], row->values, row->count * sizeof(hc_value));
    for (uint32_t i = 0; i < row->count; i++) {
        hc_value *value = &got.values[got.rows][i];

        if (value->size == 0)
            continue;
        memcpy(got.bytes + got.used, value->as.bytes, value->size);
        value->as.bytes = got.bytes + got.used;
        got.used += value->size;
        got.bytes[got.used++] = '\0';
    }
    got.rows++;
    return HC_OK;
}

static hc_status read_all(const hc_kind *kind, const hc_predicate *where)
{
    uint16_t fields[HC__FIELD_LIMIT];
    static const hc_order by_id = {0, 0};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = -1,
                .kind = kind,
                .where = where,
                .fields = fields,
                .field_count = kind->field_count,
                .order = &by_id,
                .order_count = 1,
                .index = -1};

    for (uint16_t i = 0; i < kind->field_count; i++)
        fields[i] = i;
    got.rows = got.used = 0;
    return shelf_batch(&op, 1, keep_row, NULL);
}

static int64_t count_of(const hc_kind *kind, const hc_predicate *where)
{
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = kind, .where = where, .index = -1, .result = &result};

    ck_assert_msg(shelf_batch(&op, 1, NULL, NULL) == HC_OK, "%s", err.message);
    return result.count;
}

static hc_id made(void)
{
    hc_id id;

    ck_assert_int_eq(hc__id_make_document(&id, INT64_C(1700000000000000), NULL), HC_OK);
    return id;
}

static const hc_id house = {{1, 0x8f, 2, 3, 4, 5, 0x70, 7, 0x80, 9, 10, 11, 12, 13, 14, 15}};

/* ---- tests ---- */

START_TEST(documents_have_the_origins_names_nesting_and_types)
{
    static const char images[] =
        "[{\"caption\":\"Living Room\",\"created_at\":\"2026-11-23T01:28:38.123000Z\","
        "\"id\":\"018f0203-0405-7007-8009-0a0b0c0d0e0f\",\"is_primary\":true,\"position\":0,\"size\":5000000000,"
        "\"url\":\"https://x/1.jpg\"}]";
    hc_id id = made();
    bson_oid_t oid;
    char digits[HC__MONGO_DIGITS];
    const char *raw;
    writing w;

    begin(&w, DOCUMENT);
    put(&w, hc__document_f_id, shelf_id(&id));
    put(&w, hc__document_f_property_id, shelf_id(&house));
    put(&w, hc__document_f_images, shelf_text(HC_TYPE_JSON, images));
    put(&w, hc__document_f_virtual_tour_url, shelf_text(HC_TYPE_TEXT, "https://x/tour"));
    put(&w, hc__document_f_created_at, shelf_int(HC_TYPE_TIME, INT64_C(1700000000123000)));
    ck_assert_msg(shelf_batch(&w.op, 1, NULL, NULL) == HC_OK, "%s", err.message);
    raw = raw_document(DOCUMENT);
    hc__mongo_object_id(&oid, id.bytes);
    bson_oid_to_string(&oid, digits);
    HAS("\"_id\" : { \"$oid\" : \"");
    HAS(digits);
    HAS("\"property_id\" : { \"$binary\" : { \"base64\" : \"AY8CAwQFcAeACQoLDA0ODw==\", \"subType\" : \"04\" } }");
    HAS("\"images\" : [ { \"caption\" : \"Living Room\", \"created_at\" : { \"$date\" : { \"$numberLong\" : "
        "\"1795397318123\" } }");
    HAS("\"id\" : { \"$binary\" : { \"base64\" : \"AY8CAwQFcAeACQoLDA0ODw==\", \"subType\" : \"04\" } }");
    HAS("\"size\" : { \"$numberLong\" : \"5000000000\" }");
    HAS("\"position\" : { \"$numberInt\" : \"0\" }");
    HAS("\"created_at\" : { \"$date\" : { \"$numberLong\" : \"1700000000123\" } }");
    ck_assert_ptr_null(strstr(raw, "\"documents\"")); /* null is no member */
    ck_assert_msg(read_all(DOCUMENT, NULL) == HC_OK, "%s", err.message);
    ck_assert_uint_eq(got.rows, 1);
    ck_assert_mem_eq(got.values[0][hc__document_f_id].as.bytes, id.bytes, 16);
    ck_assert_mem_eq(got.values[0][hc__document_f_property_id].as.bytes, house.bytes, 16);
    ck_assert_str_eq(got.values[0][hc__document_f_images].as.bytes, images);
    ck_assert_int_eq(got.values[0][hc__document_f_documents].type, HC_TYPE_NULL);
    ck_assert_int_eq(got.values[0][hc__document_f_version].as.integer, 1);
}
END_TEST

START_TEST(messages_have_dates)
{
    static const char messages[] = "[{\"content\":\"Find me a 3 bed house\",\"role\":\"user\",\"timestamp\":"
                                   "\"2026-11-23T01:28:38Z\"},{\"content\":\"Here\",\"role\":\"assistant\","
                                   "\"timestamp\":\"soon\"}]";
    hc_id id = made();
    const char *raw;
    writing w;

    begin(&w, CHAT);
    put(&w, hc__chat_f_id, shelf_id(&id));
    put(&w, hc__chat_f_session_id, shelf_text(HC_TYPE_TEXT, "{\"$gt\":\"\"}"));
    put(&w, hc__chat_f_messages, shelf_text(HC_TYPE_JSON, messages));
    ck_assert_msg(shelf_batch(&w.op, 1, NULL, NULL) == HC_OK, "%s", err.message);
    raw = raw_document(CHAT);
    HAS("\"timestamp\" : { \"$date\" : { \"$numberLong\" : \"1795397318000\" } }");
    HAS("\"timestamp\" : \"soon\"");
    ck_assert_int_eq(read_all(CHAT, NULL), HC_OK);
    ck_assert_str_eq(got.values[0][hc__chat_f_messages].as.bytes, messages);
}
END_TEST

/* M02 */
START_TEST(what_looks_like_an_operator_is_text)
{
    static const char *const tries[] = {"{\"$gt\":\"\"}", "$where", "$ne", "", ".*", "function(){return true}"};
    hc_id id = made();
    writing w;

    begin(&w, CHAT);
    put(&w, hc__chat_f_id, shelf_id(&id));
    put(&w, hc__chat_f_session_id, shelf_text(HC_TYPE_TEXT, "0123"));
    ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_OK);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        hc_value value = shelf_text(HC_TYPE_TEXT, tries[i]);
        hc_predicate is = {.test = HC_TEST_EQ, .field = hc__chat_f_session_id, .values = &value, .value_count = 1};

        ck_assert_int_eq(count_of(CHAT, &is), 0);
        is.test = HC_TEST_IN;
        ck_assert_int_eq(count_of(CHAT, &is), 0);
        is.test = HC_TEST_NE;
        ck_assert_int_eq(count_of(CHAT, &is), 1);
    }
}
END_TEST

static hc_status write_metadata(const char *json)
{
    hc_id id = made();
    writing w;

    begin(&w, ACTIVITY);
    put(&w, hc__activity_f_id, shelf_id(&id));
    put(&w, hc__activity_f_action, shelf_text(HC_TYPE_TEXT, "view_property"));
    put(&w, hc__activity_f_metadata, shelf_text(HC_TYPE_JSON, json));
    return shelf_batch(&w.op, 1, NULL, NULL);
}

/* M01 */
START_TEST(names_that_servers_misread_are_refused)
{
    static const char *const tries[] = {
        "{\"$where\":1}", "{\"a\":{\"$set\":{}}}", "{\"a.b\":1}", "{\"\":1}", "{\"$oid\":\"000000000000000000000000\"}",
        "[{\"$date\":1}]"};

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        ck_assert_int_eq(write_metadata(tries[i]), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "metadata");
        ck_assert_ptr_null(strstr(err.message, "where"));
    }
    ck_assert_int_eq(count_of(ACTIVITY, NULL), 0);
    ck_assert_int_eq(write_metadata("{\"__proto__\":1,\"_id\":2}"), HC_OK);
}
END_TEST

START_TEST(free_json_comes_back_in_its_canonical_form)
{
    static const char *const forms[] = {"{}",
                                        "[]",
                                        "{\"a\":1,\"b\":{\"c\":[true,false,null,\"x\"]}}",
                                        "{\"n\":9223372036854775807}",
                                        "{\"n\":-9223372036854775808}",
                                        "{\"n\":2147483648}",
                                        "{\"n\":1.5}",
                                        "{\"n\":1e+300}",
                                        "{\"n\":-0.001}",
                                        "{\"\xc3\xa9\":\"\xf0\x9f\x8f\xa0\"}",
                                        "{\"s\":\"\\u0001\\n\\\"\"}",
                                        "\"text\"",
                                        "12",
                                        "[[[[[1]]]]]"};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        hc_op clear = {.verb = HC_VERB_REMOVE_WHERE, .expect = 1, .kind = ACTIVITY, .index = -1};

        if (server.kind == SERVER_FERRETDB && forms[i][1] == '[') { /* it refuses arrays in arrays */
            ck_assert_int_eq(write_metadata(forms[i]), HC_ERR_INVALID);
            continue;
        }
        ck_assert_msg(write_metadata(forms[i]) == HC_OK, "%s: %s", forms[i], err.message);
        ck_assert_msg(read_all(ACTIVITY, NULL) == HC_OK, "%s: %s", forms[i], err.message);
        ck_assert_str_eq(got.values[0][hc__activity_f_metadata].as.bytes, forms[i]);
        ck_assert_int_eq(shelf_batch(&clear, 1, NULL, NULL), HC_OK);
    }
}
END_TEST

START_TEST(what_mongoose_wrote_is_read_and_stays)
{
    static const char theirs[] =
        "{\"_id\":{\"$oid\":\"65a000000102030405060708\"},\"property_id\":{\"$binary\":{\"base64\":"
        "\"AY8CAwQFcAeACQoLDA0ODw==\",\"subType\":\"04\"}},\"images\":[{\"_id\":{\"$oid\":\"65a0000001020304050607ff\"}"
        ","
        "\"url\":\"https://x/1.jpg\",\"taken\":{\"$date\":{\"$numberLong\":\"1700000000123\"}}%s}],\"__v\":7,"
        "\"theme\":{\"dark\":true}}";
    /* FerretDB hangs up on a Decimal128. */
    const char *price = server.kind == SERVER_FERRETDB ? "" : ",\"price\":{\"$numberDecimal\":\"12.50\"}";
    hc_value key, version = shelf_int(HC_TYPE_INT32, 1);
    hc_predicate is = {.test = HC_TEST_EQ, .field = 0, .values = &key, .value_count = 1};
    hc_predicate first = {.test = HC_TEST_EQ, .field = hc__document_f_version, .values = &version, .value_count = 1};
    const hc_predicate *const both[] = {&is, &first};
    const hc_predicate where = {.test = HC_TEST_AND, .children = both, .child_count = 2};
    const char *raw;
    char images[512], document[1024];
    writing w;

    (void)snprintf(document, sizeof(document), theirs, price);
    raw_insert(DOCUMENT, document);
    ck_assert_msg(read_all(DOCUMENT, NULL) == HC_OK, "%s", err.message);
    ck_assert(hc__mongo_carries_object_id(got.values[0][0].as.bytes));
    ck_assert_int_eq(got.values[0][hc__document_f_version].as.integer, 1);
    ck_assert_int_eq(got.values[0][hc__document_f_created_at].as.integer, INT64_C(0x65a00000) * 1000000);
    (void)snprintf(images, sizeof(images), "%s", (const char *)got.values[0][hc__document_f_images].as.bytes);
    key = got.values[0][0];
    begin(&w, DOCUMENT);
    w.op.verb = HC_VERB_UPDATE_WHERE;
    w.op.expect = 1;
    w.op.where = &where;
    put(&w, hc__document_f_version, shelf_int(HC_TYPE_INT32, 2));
    put(&w, hc__document_f_images, shelf_text(HC_TYPE_JSON, images));
    put(&w, hc__document_f_virtual_tour_url, (hc_value){.type = HC_TYPE_NULL});
    ck_assert_msg(shelf_batch(&w.op, 1, NULL, NULL) == HC_OK, "%s", err.message);
    raw = raw_document(DOCUMENT);
    HAS("\"__v\" : { \"$numberInt\" : \"7\" }");
    HAS("\"theme\" : { \"dark\" : true }");
    HAS("\"_id\" : { \"$oid\" : \"65a0000001020304050607ff\" }");
    HAS("\"taken\" : { \"$date\" : { \"$numberLong\" : \"1700000000123\" } }");
    if (price[0] != '\0')
        HAS("\"price\" : { \"$numberDecimal\" : \"12.50\" }");
    ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_ERR_CONFLICT); /* version 1 no more */
    ck_assert_int_eq(batch.fault, HC_FAULT_EXPECT);
}
END_TEST

START_TEST(a_spoiled_document_is_named_and_keeps_no_other_back)
{
    static const char *const theirs[] = {
        "{\"_id\":{\"$oid\":\"65a000000000000000000001\"},\"action\":\"search\"}",
        "{\"_id\":{\"$oid\":\"65a000000000000000000002\"},\"action\":7}",
        "{\"_id\":{\"$oid\":\"65a000000000000000000003\"}}",
        "{\"_id\":{\"$oid\":\"65a000000000000000000004\"},\"action\":\"search\",\"user_id\":\"nobody\"}",
        "{\"_id\":{\"$oid\":\"65a000000000000000000005\"},\"action\":\"login\",\"metadata\":{\"n\":1}}"};

    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
        raw_insert(ACTIVITY, theirs[i]);
    ck_assert_int_eq(read_all(ACTIVITY, NULL), HC_ERR_CORRUPT);
    ck_assert_str_eq(err.field, "action");
    ck_assert_msg(strstr(err.message, "65a000000000000000000002") != NULL, "%s", err.message);
    ck_assert_uint_eq(got.rows, 2);
    ck_assert_str_eq(got.values[1][hc__activity_f_action].as.bytes, "login");
    ck_assert_str_eq(got.values[1][hc__activity_f_metadata].as.bytes, "{\"n\":1}");
    ck_assert_int_eq(got.values[1][hc__activity_f_event_class].as.integer, 1);
}
END_TEST

START_TEST(spoiled_documents_take_no_places_within_a_limit)
{
    static const uint16_t fields[] = {hc__activity_f_id, hc__activity_f_action};
    static const hc_order by_id[] = {{hc__activity_f_id, HC_ORDER_NOT_NULL}};
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = ACTIVITY,
                .fields = fields,
                .field_count = 2,
                .order = by_id,
                .order_count = 1,
                .limit = 4,
                .index = HC_INDEX_ANY,
                .result = &result};

    for (int i = 0; i < 9; i++) {
        char text[100];
        (void)snprintf(text, sizeof text, "{\"_id\":{\"$oid\":\"65a00000000000000000000%d\"},\"action\":%s}", i,
                       i < 3 || i == 4 ? "7" : "\"search\"");
        raw_insert(ACTIVITY, text);
    }
    got.rows = got.used = 0;
    ck_assert_int_eq(shelf_batch(&op, 1, keep_row, NULL), HC_ERR_CORRUPT);
    ck_assert_int_eq(result.count, 4);
    ck_assert_uint_eq(got.rows, 4);
}
END_TEST

/* M03: what is too large is refused, and nothing of it is there. */
START_TEST(documents_over_the_servers_limit_are_too_large)
{
    const size_t size = (size_t)17 << 20;
    char *json = malloc(size + 1);
    hc_status status;

    ck_assert_ptr_nonnull(json);
    memset(json, 'x', size);
    json[0] = json[size - 1] = '"';
    json[size] = '\0';
    status = write_metadata(json);
    free(json);
    ck_assert_msg(status == HC_ERR_TOO_LARGE, "%d %s", (int)status, err.message);
    ck_assert_int_eq(count_of(ACTIVITY, NULL), 0);
}
END_TEST

START_TEST(a_run_of_inserts_ends_at_the_first_that_fails)
{
    enum { COUNT = 1300, BAD = 1100 };
    static writing all[COUNT];
    static hc_op ops[COUNT];
    static hc_op_result results[COUNT];
    static hc_id ids[COUNT];

    for (int i = 0; i < COUNT; i++) {
        ids[i] = i == BAD ? ids[3] : made();
        begin(&all[i], ACTIVITY);
        put(&all[i], hc__activity_f_id, shelf_id(&ids[i]));
        put(&all[i], hc__activity_f_action, shelf_text(HC_TYPE_TEXT, "search"));
        ops[i] = all[i].op;
        ops[i].result = &results[i];
    }
    ck_assert_int_eq(shelf_batch(ops, COUNT, NULL, NULL), HC_ERR_CONFLICT);
    ck_assert_uint_eq(batch.failed_op, BAD);
    ck_assert_int_eq(batch.fault, HC_FAULT_UNIQUE);
    ck_assert_int_eq(batch.fault_index, HC_INDEX_ID);
    ck_assert_int_eq(results[BAD - 1].count, 1);
    ck_assert_int_eq(results[BAD].count, 0);
    ck_assert_int_eq(count_of(ACTIVITY, NULL), BAD);
    ops[BAD].verb = HC_VERB_INSERT_IF_ABSENT; /* done before */
    ck_assert_int_eq(shelf_batch(ops + BAD, COUNT - BAD, NULL, NULL), HC_OK);
    ck_assert_int_eq(results[BAD].count, 0);
    ck_assert_int_eq(count_of(ACTIVITY, NULL), COUNT - 1);
}
END_TEST

START_TEST(the_other_unique_key_is_named)
{
    hc_id one = made(), two = made();
    writing w;

    begin(&w, DOCUMENT);
    put(&w, hc__document_f_id, shelf_id(&one));
    put(&w, hc__document_f_property_id, shelf_id(&house));
    ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_OK);
    w.sets[0].value = shelf_id(&two);
    ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_ERR_CONFLICT);
    ck_assert_int_eq(batch.fault, HC_FAULT_UNIQUE);
    ck_assert_int_eq(batch.fault_index, 0);
    ck_assert_str_eq(err.field, "property_id");
}
END_TEST

#define ADDERS 3
#define ADDS   15

static void *add_often(void *uri)
{
    const hc_storage_driver *own = driver;
    void *mine = NULL;
    hc_set sets[] = {{hc__chat_f_message_count, HC_SET_ADD, 0, shelf_int(HC_TYPE_INT32, 1)}};
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = CHAT, .sets = sets, .set_count = 1, .index = -1};
    int64_t failed = own->connect(&mine, store, HC_CONNECT_WRITE, 0, NULL) < 0;

    (void)uri;
    for (int i = 0; i < ADDS && failed == 0; i++) {
        hc_batch one = {.struct_size = sizeof(one), .ops = &op, .op_count = 1};
        hc_status status;

        do {
            status = own->execute(mine, &one, NULL);
        } while (status == HC_ERR_BUSY);
        failed = status != HC_OK;
    }
    own->disconnect(mine);
    return (void *)(intptr_t)failed;
}

START_TEST(no_addition_is_lost)
{
    pthread_t threads[ADDERS];
    hc_id id = made();
    writing w;

    if (server.kind == SERVER_FERRETDB) { /* it reads, and writes what it read: no update of it is atomic */
        (void)printf("skip: no_addition_is_lost on FerretDB, whose updates are not atomic\n");
        return;
    }
    begin(&w, CHAT);
    put(&w, hc__chat_f_id, shelf_id(&id));
    put(&w, hc__chat_f_session_id, shelf_text(HC_TYPE_TEXT, "s"));
    ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_OK);
    for (int i = 0; i < ADDERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_often, NULL), 0);
    for (int i = 0; i < ADDERS; i++) {
        void *failed;

        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    ck_assert_int_eq(read_all(CHAT, NULL), HC_OK);
    ck_assert_int_eq(got.values[0][hc__chat_f_message_count].as.integer, (int64_t)ADDERS * ADDS);
}
END_TEST

/* S39: four processes find an empty database. */
START_TEST(processes_migrate_one_database_at_once)
{
    enum { PROCESSES = 4 };
    char uri[1024], other[48];
    pid_t children[PROCESSES];
    int32_t version = 0;

    (void)snprintf(other, sizeof(other), "%s_b", name);
    server_mongodb_uri(&server, uri, sizeof(uri), other, NULL);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            store = conn = NULL; /* the parent's */
            if (shelf_open(uri) < 0 || driver->migrate(conn, &migration, 1, 0, &err) < 0)
                _exit(1);
            shelf_close();
            _exit(0);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 1;

        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    shelf_close();
    ck_assert_int_eq(shelf_open(uri), HC_OK);
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(version, 2);
    ck_assert_int_eq(driver->migrate(conn, &migration, 1, 0, &err), HC_OK);
    {
        mongoc_database_t *database = mongoc_client_get_database(plain, other);

        (void)mongoc_database_drop(database, NULL);
        mongoc_database_destroy(database);
    }
}
END_TEST

START_TEST(what_documents_cannot_do_is_unsupported)
{
    hc_value one = shelf_int(HC_TYPE_INT32, 1), many[2] = {one, one};
    hc_predicate inside = {.test = HC_TEST_TRUE};
    const hc_predicate *const children[] = {&inside};
    hc_predicate exists = {
        .test = HC_TEST_EXISTS, .field = 0, .inner = HC_NO_FIELD, .children = children, .child_count = 1, .kind = CHAT};
    static const hc_order arrival = {HC_ORDER_ARRIVAL, 0};
    hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = ACTIVITY, .where = &exists, .index = -1};

    (void)many;
    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(err.message, "EXISTS"));
    exists.test = HC_TEST_MATCH;
    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_ERR_UNSUPPORTED);
    op = (hc_op){.verb = HC_VERB_QUERY, .expect = -1, .kind = ACTIVITY, .order = &arrival, .order_count = 1};
    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_ERR_UNSUPPORTED);
    op = (hc_op){.verb = HC_VERB_COUNT, .expect = -1, .kind = &hc__lead_entity.kind};
    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_ERR_UNSUPPORTED);
    ck_assert_str_eq(err.origin, "mongodb");
    op.kind = ACTIVITY;
    batch.flags = HC_BATCH_BEGIN;
    batch = (hc_batch){.struct_size = sizeof(batch), .flags = HC_BATCH_BEGIN, .ops = &op, .op_count = 1};
    ck_assert_int_eq(driver->execute(conn, &batch, &err), HC_ERR_UNSUPPORTED);
    batch.deadline = 0;
    ck_assert_int_eq(count_of(ACTIVITY, NULL), 0);
}
END_TEST

START_TEST(times_between_two_milliseconds_are_compared_right)
{
    static const int32_t tests[] = {HC_TEST_EQ, HC_TEST_NE, HC_TEST_LT, HC_TEST_LE, HC_TEST_GT, HC_TEST_GE, HC_TEST_IN};
    static const int64_t at[] = {-2000, -1000, 0, 1000}, asked[] = {-1500, -1000, -1, 0, 1, 999, 1000};

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        hc_id id = made();
        writing w;

        begin(&w, ACTIVITY);
        put(&w, hc__activity_f_id, shelf_id(&id));
        put(&w, hc__activity_f_action, shelf_text(HC_TYPE_TEXT, "search"));
        put(&w, hc__activity_f_timestamp, shelf_int(HC_TYPE_TIME, at[i]));
        ck_assert_int_eq(shelf_batch(&w.op, 1, NULL, NULL), HC_OK);
    }
    for (size_t k = 0; k < sizeof(tests) / sizeof(tests[0]); k++) {
        for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
            hc_value value = shelf_int(HC_TYPE_TIME, asked[i]), stored;
            hc_predicate is = {.test = tests[k], .field = hc__activity_f_timestamp, .values = &value, .value_count = 1};
            hc_predicate alone = is;
            int64_t expected = 0;

            alone.field = 0;
            for (size_t j = 0; j < sizeof(at) / sizeof(at[0]); j++) {
                stored = shelf_int(HC_TYPE_TIME, at[j]);
                expected += hc__predicate_holds(&alone, &stored);
            }
            ck_assert_msg(count_of(ACTIVITY, &is) == expected, "test %d of %lld", tests[k], (long long)asked[i]);
        }
    }
}
END_TEST

/* ---- schema ---- */

static const hc_value nine = {HC_TYPE_INT32, 0, {9}};
static const hc_field note_fields[] = {
    {"id", HC_TYPE_ID, 0, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"body", HC_TYPE_TEXT, 100, 0, 0, 0, 0, NULL, NULL, 1, 0},
    {"level", HC_TYPE_INT32, 0, 0, 0, 0, 0, NULL, &nine, 2, 0},
};
static const uint16_t on_body[] = {1}, on_level[] = {2};
static const hc_index note_indexes[] = {{"by_body", HC_INDEX_UNIQUE, 1, on_body, 1, 0},
                                        {"by_level", 0, 1, on_level, 2, 0}};
static const hc_kind notes = {"notes", HC_KIND_DOCUMENT, 0, note_fields, 3, 2, note_indexes, 1, 0, NULL, 0, 0};
static const hc_step first_steps[] = {{HC_STEP_CREATE_KIND, 0, &notes}};
static const hc_step second_steps[] = {{HC_STEP_ADD_FIELD, 2, &notes}, {HC_STEP_CREATE_INDEX, 1, &notes}};
static const hc_step third_steps[] = {{HC_STEP_DROP_INDEX, 0, &notes}};
static const hc_migration note_history[] = {{1, 1, first_steps}, {2, 2, second_steps}, {3, 1, third_steps}};

/* An empty database for notes. */
static void open_notes(void)
{
    char uri[1024];

    shelf_close();
    (void)snprintf(name, sizeof(name), "notes_%d", (int)getpid());
    server_mongodb_uri(&server, uri, sizeof(uri), name, NULL);
    ck_assert_int_eq(shelf_open(uri), HC_OK);
}

static hc_status insert_note(const char *body)
{
    hc_id id = made();
    writing w;

    begin(&w, &notes);
    put(&w, 0, shelf_id(&id));
    put(&w, 1, shelf_text(HC_TYPE_TEXT, body));
    w.op.index = -1;
    return shelf_batch(&w.op, 1, NULL, NULL);
}

static bool has_index(const char *index)
{
    mongoc_collection_t *collection = mongoc_client_get_collection(plain, name, "notes");
    mongoc_cursor_t *cursor = mongoc_collection_find_indexes_with_opts(collection, NULL);
    const bson_t *document;
    bool found = false;
    bson_iter_t at;

    while (mongoc_cursor_next(cursor, &document))
        found = found || (bson_iter_init_find(&at, document, "name") && strcmp(bson_iter_utf8(&at, NULL), index) == 0);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
    return found;
}

START_TEST(migrations_change_the_schema_step_by_step)
{
    static const hc_step other_steps[] = {{HC_STEP_CREATE_KIND, 0, &hc__chat_entity.kind}};
    static const hc_migration other_history[] = {{1, 1, other_steps}};
    hc_predicate is_nine = {.test = HC_TEST_EQ, .field = 2, .values = &nine, .value_count = 1};
    int32_t version = -1;

    open_notes();
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(version, 0);
    ck_assert_msg(driver->migrate(conn, note_history, 1, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(insert_note("one"), HC_OK);
    ck_assert_int_eq(insert_note("one"), HC_ERR_CONFLICT);
    raw_insert(&notes, "{\"body\":\"theirs\"}");
    ck_assert(has_index("by_body") && !has_index("by_level"));
    ck_assert_msg(driver->migrate(conn, note_history, 2, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(count_of(&notes, &is_nine), 2);
    ck_assert(has_index("by_body") && has_index("by_level"));
    ck_assert_msg(driver->migrate(conn, note_history, 3, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(driver->migrate(conn, note_history, 3, 0, &err), HC_OK);
    ck_assert(!has_index("by_body") && has_index("by_level"));
    ck_assert_int_eq(insert_note("one"), HC_OK);
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(version, 3);
    ck_assert_int_eq(driver->migrate(conn, note_history, 2, 0, &err), HC_ERR_SCHEMA); /* the store is newer */
    tear_down();
    set_up();
    open_notes();
    ck_assert_int_eq(driver->migrate(conn, note_history, 1, 0, &err), HC_OK);
    ck_assert_int_eq(driver->migrate(conn, other_history, 1, 0, &err), HC_ERR_SCHEMA);
}
END_TEST

START_TEST(documents_that_break_a_new_unique_index_are_told)
{
    int32_t version = -1;

    open_notes();
    raw_insert(&notes, "{\"body\":\"same\"}");
    raw_insert(&notes, "{\"body\":\"same\"}");
    ck_assert_msg(driver->migrate(conn, note_history, 1, 0, &err) < 0, "%s", err.message);
    ck_assert_ptr_null(strstr(err.message, "same"));
    ck_assert_int_eq(driver->schema(conn, &version, &err), HC_OK);
    ck_assert_int_eq(version, 0);
}
END_TEST

static hc_status keep_line(const char *line, void *data)
{
    char *lines = data;
    size_t size = strlen(lines);

    (void)snprintf(lines + size, 4000 - size, "%s\n", line);
    return HC_OK;
}

START_TEST(plans_hold_no_values)
{
    hc_value values[] = {shelf_text(HC_TYPE_TEXT, "hunter2"), shelf_text(HC_TYPE_TEXT, "hunter3")};
    hc_predicate in = {.test = HC_TEST_IN, .field = hc__activity_f_action, .values = values, .value_count = 2};
    hc_predicate holds = {.test = HC_TEST_CONTAINS, .field = hc__activity_f_action, .values = values, .value_count = 1};
    static const hc_order newest[] = {{hc__activity_f_timestamp, HC_ORDER_DESCENDING}, {0, HC_ORDER_DESCENDING}};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = -1,
                .kind = ACTIVITY,
                .where = &in,
                .filter = &holds,
                .order = newest,
                .order_count = 2};
    char lines[4000] = "";

    ck_assert_int_eq(driver->explain(conn, &op, keep_line, lines, &err), HC_OK);
    ck_assert_msg(strstr(lines, "activity_logs") != NULL && strstr(lines, "\"timestamp\" : -1") != NULL, "%s", lines);
    ck_assert_msg(strstr(lines, "hunter") == NULL, "%s", lines);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, migrations_change_the_schema_step_by_step);
    tcase_add_test(tcase, documents_that_break_a_new_unique_index_are_told);
    tcase_add_test(tcase, plans_hold_no_values);
    tcase_add_test(tcase, documents_have_the_origins_names_nesting_and_types);
    tcase_add_test(tcase, messages_have_dates);
    tcase_add_test(tcase, what_looks_like_an_operator_is_text);
    tcase_add_test(tcase, names_that_servers_misread_are_refused);
    tcase_add_test(tcase, free_json_comes_back_in_its_canonical_form);
    tcase_add_test(tcase, what_mongoose_wrote_is_read_and_stays);
    tcase_add_test(tcase, a_spoiled_document_is_named_and_keeps_no_other_back);
    tcase_add_test(tcase, spoiled_documents_take_no_places_within_a_limit);
    tcase_add_test(tcase, documents_over_the_servers_limit_are_too_large);
    tcase_add_test(tcase, a_run_of_inserts_ends_at_the_first_that_fails);
    tcase_add_test(tcase, the_other_unique_key_is_named);
    tcase_add_test(tcase, no_addition_is_lost);
    tcase_add_test(tcase, processes_migrate_one_database_at_once);
    tcase_add_test(tcase, what_documents_cannot_do_is_unsupported);
    tcase_add_test(tcase, times_between_two_milliseconds_are_compared_right);
}

/* On one server after the other, as far as they are here. */
int main(void)
{
    int ran = 0, failed = 0;

    for (int second = 0; second < 2; second++) {
        bool here = server_mongodb_start(&server, second != 0);

        if (here || server.kind != SERVER_REAL)
            server_mongodb_tell(&server);
        if (here)
            failed += suite_main("unit.driver_mongodb.values", fill, set_up, tear_down) != EXIT_SUCCESS;
        ran += here;
        server_mongodb_stop(&server);
    }
    return ran == 0 ? SERVER_SKIPPED : failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
