/* Runs of writes that go in one command: fewer trips, and nothing else that shows. On each server that is here, and on
 * a scripted one that counts commands. */
#include "mongo_peer.h"
#include "shelf.h"

#define DOCUMENT (&hc__document_entity.kind)
#define D(name)  hc__document_f_##name
#define RUN      5

static server_mongodb server;
static char name[32];
static mongo_peer peer;

static const hc_step steps[] = {{HC_STEP_CREATE_KIND, 0, &hc__document_entity.kind},
                                {HC_STEP_CREATE_KIND, 0, &hc__activity_entity.kind}};
static const hc_migration migration = {2, 2, steps};

static void set_up(void)
{
    char uri[1024];

    (void)snprintf(name, sizeof(name), "bulk_%d", (int)getpid());
    server_mongodb_uri(&server, uri, sizeof(uri), name, NULL);
    ck_assert_msg(shelf_open(uri) == HC_OK, "%s", err.message);
    ck_assert_msg(driver->migrate(conn, &migration, 1, 0, &err) == HC_OK, "%s", err.message);
}

static void tear_down(void)
{
    mongoc_client_t *plain;
    mongoc_database_t *database;
    char uri[1024];

    shelf_close();
    server_mongodb_uri(&server, uri, sizeof(uri), name, NULL);
    plain = mongoc_client_new(uri);
    database = mongoc_client_get_database(plain, name);
    (void)mongoc_database_drop(database, NULL);
    mongoc_database_destroy(database);
    mongoc_client_destroy(plain);
}

/* ---- operations on document n, whose listing has the number `key` ---- */

static hc_id ids[64], keys[64];
static hc_set sets[RUN][8];
static hc_value places[RUN];
static hc_predicate leaves[RUN][2], both[RUN];
static const hc_predicate *children[RUN][2];
static hc_op_result results[RUN];
static hc_op ops[RUN];

static void number_all(void)
{
    for (int i = 0; i < 64; i++) {
        ids[i] = (hc_id){{0x65, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0x48, 0, 0, 0, 0, 1, (uint8_t)i}};
        keys[i] = (hc_id){{0x70, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 1, (uint8_t)i}};
    }
}

static void insert(int at, int n, int key)
{
    sets[at][0] = (hc_set){D(id), HC_SET_TO, 0, shelf_id(&ids[n])};
    sets[at][1] = (hc_set){D(property_id), HC_SET_TO, 0, shelf_id(&keys[key])};
    sets[at][2] = (hc_set){D(version), HC_SET_TO, 0, shelf_int(HC_TYPE_INT32, 1)};
    sets[at][3] = (hc_set){D(created_at), HC_SET_TO, 0, shelf_int(HC_TYPE_TIME, 1763892000000000)};
    sets[at][4] = (hc_set){D(updated_at), HC_SET_TO, 0, shelf_int(HC_TYPE_TIME, 1763892000000000)};
    results[at] = (hc_op_result){.count = -1};
    ops[at] = (hc_op){.verb = HC_VERB_INSERT_IF_ABSENT,
                      .expect = HC_EXPECT_ANY,
                      .kind = DOCUMENT,
                      .sets = sets[at],
                      .set_count = 5,
                      .index = HC_INDEX_ANY,
                      .result = &results[at]};
}

/* Where document n has `version`. */
static void change(int at, int32_t verb, int n, int64_t version, uint16_t field, hc_value value)
{
    static hc_value stored[RUN];

    places[at] = shelf_id(&ids[n]);
    stored[at] = shelf_int(HC_TYPE_INT32, version);
    leaves[at][0] = (hc_predicate){.test = HC_TEST_EQ, .field = 0, .values = &places[at], .value_count = 1};
    leaves[at][1] = (hc_predicate){.test = HC_TEST_EQ, .field = D(version), .values = &stored[at], .value_count = 1};
    children[at][0] = &leaves[at][0];
    children[at][1] = &leaves[at][1];
    both[at] = (hc_predicate){.test = HC_TEST_AND, .children = children[at], .child_count = 2};
    sets[at][0] = (hc_set){D(version), HC_SET_TO, 0, shelf_int(HC_TYPE_INT32, version + 1)};
    sets[at][1] = (hc_set){field, HC_SET_TO, 0, value};
    ops[at] = (hc_op){.verb = verb,
                      .expect = HC_EXPECT_ANY,
                      .kind = DOCUMENT,
                      .where = &both[at],
                      .sets = sets[at],
                      .set_count = 2,
                      .index = HC_INDEX_ID};
}

static hc_value tour(const char *text)
{
    return shelf_text(HC_TYPE_TEXT, text);
}

static int64_t count_at(int64_t version)
{
    const hc_value value = shelf_int(HC_TYPE_INT32, version);
    const hc_predicate is = {.test = HC_TEST_EQ, .field = D(version), .values = &value, .value_count = 1};
    hc_op_result found = {0};
    hc_op op = {.verb = HC_VERB_COUNT, .kind = DOCUMENT, .where = &is, .index = HC_INDEX_ANY, .result = &found};

    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_OK);
    return found.count;
}

static void insert_all(void)
{
    for (int i = 0; i < RUN; i++)
        insert(i, i, i);
    ck_assert_msg(shelf_batch(ops, RUN, NULL, NULL) == HC_OK, "%s", err.message);
    ck_assert_int_eq(count_at(1), RUN);
}

START_TEST(a_run_of_inserts_if_absent_tells_of_each_whether_it_was)
{
    insert_all();
    insert(0, 10, 10);
    insert(1, 1, 11); /* the key is taken */
    insert(2, 12, 12);
    insert(3, 13, 3); /* the listing has another */
    insert(4, 14, 14);
    ck_assert_msg(shelf_batch(ops, RUN, NULL, NULL) == HC_OK, "%s", err.message);
    for (int i = 0; i < RUN; i++)
        ck_assert_int_eq(results[i].count, i != 1 && i != 3);
    ck_assert_int_eq(batch.fault, HC_FAULT_NONE);
    ck_assert_int_eq(count_at(1), RUN + 3);
}
END_TEST

START_TEST(a_run_of_changes_leaves_out_what_does_not_match)
{
    insert_all();
    change(0, HC_VERB_UPDATE_WHERE, 0, 1, D(virtual_tour_url), tour("https://a.test/"));
    change(1, HC_VERB_UPDATE_WHERE, 1, 7, D(virtual_tour_url), tour("https://b.test/"));
    change(2, HC_VERB_UPDATE_WHERE, 2, 1, D(virtual_tour_url), tour("https://c.test/"));
    change(3, HC_VERB_REMOVE_WHERE, 3, 1, 0, tour(""));
    change(4, HC_VERB_REMOVE_WHERE, 4, 9, 0, tour(""));
    ck_assert_msg(shelf_batch(ops, RUN, NULL, NULL) == HC_OK, "%s", err.message);
    ck_assert_int_eq(count_at(2), 2);
    ck_assert_int_eq(count_at(1), 2); /* 1 and 4 */
}
END_TEST

START_TEST(a_run_of_changes_ends_at_the_first_that_a_key_refuses)
{
    insert_all();
    change(0, HC_VERB_UPDATE_WHERE, 0, 1, D(virtual_tour_url), tour("https://a.test/"));
    change(1, HC_VERB_UPDATE_WHERE, 1, 1, D(virtual_tour_url), tour("https://b.test/"));
    change(2, HC_VERB_UPDATE_WHERE, 2, 1, D(property_id), shelf_id(&keys[4]));
    change(3, HC_VERB_UPDATE_WHERE, 3, 1, D(virtual_tour_url), tour("https://d.test/"));
    change(4, HC_VERB_REMOVE_WHERE, 4, 1, 0, tour(""));
    ck_assert_int_eq(shelf_batch(ops, RUN, NULL, NULL), HC_ERR_CONFLICT);
    ck_assert_uint_eq(batch.failed_op, 2);
    ck_assert_int_eq(batch.fault, HC_FAULT_UNIQUE);
    ck_assert_str_eq(err.field, "property_id");
    ck_assert_int_eq(count_at(2), server.kind == SERVER_JAVA ? 3 : 2); /* it goes on behind one that failed */
    ck_assert_int_eq(count_at(1) + count_at(2), RUN);
}
END_TEST

START_TEST(a_value_that_breaks_a_rule_is_told_at_its_place_in_a_run)
{
    static char text[4000];

    memset(text, 'x', sizeof(text) - 1);
    insert_all();
    change(0, HC_VERB_UPDATE_WHERE, 0, 1, D(virtual_tour_url), tour("https://a.test/"));
    change(1, HC_VERB_UPDATE_WHERE, 1, 1, D(virtual_tour_url), tour("https://b.test/"));
    change(2, HC_VERB_UPDATE_WHERE, 2, 1, D(virtual_tour_url), tour(text));
    change(3, HC_VERB_UPDATE_WHERE, 3, 1, D(virtual_tour_url), tour("https://d.test/"));
    ck_assert_int_eq(shelf_batch(ops, 4, NULL, NULL), HC_ERR_INVALID);
    ck_assert_uint_eq(batch.failed_op, 2);
    ck_assert_str_eq(err.field, "virtual_tour_url");
    ck_assert_int_eq(count_at(2), 2);
}
END_TEST

START_TEST(null_takes_a_member_away_in_a_run)
{
    const hc_value null = {HC_TYPE_NULL, 0, {.integer = 0}};
    hc_predicate has = {.test = HC_TEST_NOT_NULL, .field = D(virtual_tour_url)};
    hc_op_result found = {0};
    hc_op op = {.verb = HC_VERB_COUNT, .kind = DOCUMENT, .where = &has, .index = HC_INDEX_ANY, .result = &found};

    insert_all();
    for (int i = 0; i < 3; i++)
        change(i, HC_VERB_UPDATE_WHERE, i, 1, D(virtual_tour_url), tour("https://a.test/"));
    ck_assert_int_eq(shelf_batch(ops, 3, NULL, NULL), HC_OK);
    for (int i = 0; i < 2; i++)
        change(i, HC_VERB_UPDATE_WHERE, i, 2, D(virtual_tour_url), null);
    ck_assert_int_eq(shelf_batch(ops, 2, NULL, NULL), HC_OK);
    ck_assert_int_eq(shelf_batch(&op, 1, NULL, NULL), HC_OK);
    ck_assert_int_eq(found.count, 1);
}
END_TEST

/* ---- how many commands ---- */

static char commands[200];

static peer_turn note(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    (void)p;
    (void)ask;
    if (strlen(commands) + strlen(command) + 2 < sizeof(commands))
        strcat(strcat(commands, command), " ");
    BSON_APPEND_INT32(reply, "n", RUN);
    return PEER_ANSWER;
}

START_TEST(a_run_goes_in_one_command)
{
    char uri[256];

    ck_assert(mongo_peer_start(&peer, note, false));
    (void)snprintf(uri, sizeof(uri), "mongodb://127.0.0.1:%d/bulk", peer.port);
    ck_assert_msg(shelf_open(uri) == HC_OK, "%s", err.message);
    commands[0] = '\0';
    for (int i = 0; i < RUN; i++)
        insert(i, i, i);
    ck_assert_msg(shelf_batch(ops, RUN, NULL, NULL) == HC_OK, "%s", err.message);
    for (int i = 0; i < RUN; i++)
        change(i, i < 3 ? HC_VERB_UPDATE_WHERE : HC_VERB_REMOVE_WHERE, i, 1, D(virtual_tour_url),
               tour("https://a.test/"));
    ck_assert_msg(shelf_batch(ops, RUN, NULL, NULL) == HC_OK, "%s", err.message);
    ck_assert_str_eq(commands, "insert update delete ");
    commands[0] = '\0';
    for (int i = 0; i < 3; i++)
        ops[i].result = &results[i]; /* who asks how many gets an answer of its own */
    ck_assert_msg(shelf_batch(ops, 3, NULL, NULL) == HC_OK, "%s", err.message);
    ck_assert_str_eq(commands, "update update update ");
    shelf_close();
    mongo_peer_stop(&peer);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_run_of_inserts_if_absent_tells_of_each_whether_it_was);
    tcase_add_test(tcase, a_run_of_changes_leaves_out_what_does_not_match);
    tcase_add_test(tcase, a_run_of_changes_ends_at_the_first_that_a_key_refuses);
    tcase_add_test(tcase, a_value_that_breaks_a_rule_is_told_at_its_place_in_a_run);
    tcase_add_test(tcase, null_takes_a_member_away_in_a_run);
}

static void fill_scripted(TCase *tcase)
{
    tcase_add_test(tcase, a_run_goes_in_one_command);
}

/* On one server after the other, as far as they are here. */
int main(void)
{
    int failed;

    number_all();
    failed = suite_main("unit.driver_mongodb.bulk", fill_scripted, NULL, NULL) != EXIT_SUCCESS;
    for (int second = 0; second < 2; second++) {
        bool here = server_mongodb_start(&server, second != 0);

        if (here || server.kind != SERVER_REAL)
            server_mongodb_tell(&server);
        if (here)
            failed += suite_main("unit.driver_mongodb.bulk", fill, set_up, tear_down) != EXIT_SUCCESS;
        server_mongodb_stop(&server);
    }
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
