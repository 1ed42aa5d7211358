/* S13: each allocation of the driver's own fails once. What libbson takes for itself is not the host's. */
#include "failing.h"
#include "mongo_peer.h"
#include "shelf.h"

#define ACTIVITY (&hc__activity_entity.kind)

static mongo_peer peer;
static failing state;
static hc_allocator memory;

static void begin_batch(bson_t *cursor, bson_t *documents, bson_t *reply)
{
    BSON_APPEND_DOCUMENT_BEGIN(reply, "cursor", cursor);
    BSON_APPEND_INT64(cursor, "id", 0);
    BSON_APPEND_UTF8(cursor, "ns", "shelf.activity_logs");
    BSON_APPEND_ARRAY_BEGIN(cursor, "firstBatch", documents);
}

static void end_batch(bson_t *cursor, bson_t *documents, bson_t *reply)
{
    bson_append_array_end(cursor, documents);
    bson_append_document_end(reply, cursor);
}

static peer_turn give_rows(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    static const char *const rows[] = {
        "{\"_id\":{\"$oid\":\"65a000000000000000000001\"},\"action\":\"search\",\"metadata\":{\"b\":[1,{\"a\":2}]}}",
        "{\"_id\":{\"$oid\":\"65a000000000000000000002\"},\"action\":\"login\",\"metadata\":{\"n\":1.5}}"};
    bson_t cursor, documents;

    (void)p;
    (void)ask;
    if (strcmp(command, "find") == 0 || strcmp(command, "aggregate") == 0) {
        begin_batch(&cursor, &documents, reply);
        for (int i = 0; i < 2; i++) {
            bson_t *row = bson_new_from_json(
                (const uint8_t *)(command[0] == 'f' ? rows[i] : "{\"_id\":\"search\",\"n\":3}"), -1, NULL);

            BSON_APPEND_DOCUMENT(&documents, i == 0 ? "0" : "1", row);
            bson_destroy(row);
        }
        end_batch(&cursor, &documents, reply);
    } else {
        BSON_APPEND_INT32(reply, "n", 1);
        BSON_APPEND_INT32(reply, "nModified", 1);
    }
    return PEER_ANSWER;
}

/* ---- each verb, with what makes it take memory ---- */

static hc_status on_row(const hc_row *row, void *data, hc_error *why)
{
    (void)row;
    (void)data;
    (void)why;
    return HC_OK;
}

static hc_status run_all(void)
{
    static const hc_id id = {{1, 2, 3, 4, 5, 6, 0x8f, 0x0b, 0xb1, 0xd0, 7, 8, 9, 10, 11, 12}};
    static const uint16_t fields[] = {hc__activity_f_id, hc__activity_f_action, hc__activity_f_metadata};
    static const hc_order order[] = {{hc__activity_f_user_id, 0}, {hc__activity_f_target_id, 0}, {0, 0}};
    hc_value now = shelf_int(HC_TYPE_NOW, 0), prefix = shelf_text(HC_TYPE_TEXT, "se"), key = shelf_id(&id);
    hc_predicate recent = {.test = HC_TEST_LE, .field = hc__activity_f_timestamp, .values = &now, .value_count = 1};
    hc_predicate starts = {
        .test = HC_TEST_STARTS_WITH, .field = hc__activity_f_action, .values = &prefix, .value_count = 1};
    hc_predicate is = {.test = HC_TEST_EQ, .field = 0, .values = &key, .value_count = 1};
    hc_predicate holds = {
        .test = HC_TEST_CONTAINS, .field = hc__activity_f_action, .values = &prefix, .value_count = 1};
    const hc_predicate *const both[] = {&recent, &starts};
    hc_predicate where = {.test = HC_TEST_AND, .children = both, .child_count = 2};
    hc_set sets[] = {{hc__activity_f_id, HC_SET_TO, 0, key},
                     {hc__activity_f_action, HC_SET_TO, 0, shelf_text(HC_TYPE_TEXT, "search")},
                     {hc__activity_f_metadata, HC_SET_TO, 0, shelf_text(HC_TYPE_JSON, "{\"a\":[{\"b\":\"c\"}]}")}};
    hc_group by_day = {hc__activity_f_timestamp, HC_GROUP_DAY, 0, NULL};
    hc_group by_action = {hc__activity_f_action, HC_GROUP_VALUE, 0, NULL};
    hc_op ops[] = {
        {.verb = HC_VERB_INSERT, .expect = 1, .kind = ACTIVITY, .sets = sets, .set_count = 3},
        {.verb = HC_VERB_UPDATE_WHERE, .expect = 1, .kind = ACTIVITY, .sets = sets + 1, .set_count = 2, .where = &is},
        {.verb = HC_VERB_REMOVE_WHERE, .expect = 2, .kind = ACTIVITY, .where = &where},
        {.verb = HC_VERB_QUERY,
         .expect = -1,
         .kind = ACTIVITY,
         .where = &where,
         .filter = &holds,
         .fields = fields,
         .field_count = 3,
         .order = order,
         .order_count = 3,
         .scan_limit = 1},
        {.verb = HC_VERB_COUNT, .expect = -1, .kind = ACTIVITY, .where = &where},
        {.verb = HC_VERB_GROUP, .expect = -1, .kind = ACTIVITY, .group = &by_day, .filter = &holds},
        {.verb = HC_VERB_GROUP, .expect = -1, .kind = ACTIVITY, .group = &by_action}};
    hc_status status = HC_OK;

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]) && status != HC_ERR_NO_MEMORY; i++)
        status = shelf_batch(&ops[i], 1, on_row, NULL);
    return status == HC_ERR_NO_MEMORY ? status : HC_OK; /* the peer's numbers need not fit */
}

static hc_status on_line(const char *line, void *data)
{
    (void)line;
    (void)data;
    return HC_OK;
}

static hc_status whole_life(const char *uri)
{
    const hc_host host = {sizeof(hc_host), HC_DRIVER_ABI, 0, &memory, shelf_log, shelf_now, NULL};
    const hc_op op = {.verb = HC_VERB_COUNT, .expect = -1, .kind = ACTIVITY};
    int32_t version = 0;
    hc_status status = driver->open(&store, &host, uri, &err);

    if (status == HC_OK)
        status = driver->connect(&conn, store, HC_CONNECT_WRITE, 0, &err);
    if (status == HC_OK)
        status = run_all();
    if (status == HC_OK)
        status = driver->explain(conn, &op, on_line, NULL, &err);
    if (status == HC_OK)
        status = driver->schema(conn, &version, &err);
    shelf_close();
    return status;
}

START_TEST(no_memory_is_an_error_and_nothing_leaks)
{
    char uri[96];
    long n = 0;

    setenv("HC_TEST_THIN", "1", 1); /* each piece of an arena, too */
    ck_assert_int_eq(hc_driver_mongodb_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    ck_assert(mongo_peer_start(&peer, give_rows, false));
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d/shelf", peer.port);
    memory = failing_allocator(&state);
    do {
        hc_status status;

        state = (failing){.fail_at = ++n};
        shelf_lines[0] = '\0';
        status = whole_life(uri);
        ck_assert_msg(state.failed == 0 ? status == HC_OK : status == HC_ERR_NO_MEMORY || status == HC_OK,
                      "allocation %ld: %d %s", n, (int)status, err.message);
        ck_assert_msg(state.live == 0, "allocation %ld: %ld blocks stay", n, state.live);
    } while (state.failed > 0 && n < 2000);
    ck_assert_int_gt(n, 20);
    (void)printf("%ld allocations failed\n", n - 1);
    mongo_peer_stop(&peer);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, no_memory_is_an_error_and_nothing_leaks);
}

int main(void)
{
    return suite_main("unit.driver_mongodb.memory", fill, NULL, NULL);
}
