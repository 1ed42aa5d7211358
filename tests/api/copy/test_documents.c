/* Documents that move with their store: out of SQL into a store of documents, back, and along. Runs behind
 * with_mongodb. */
#include <mongoc/mongoc.h>

#include "copying.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/outbox.h"
#include "server_mongodb.h"

#define MESSAGES 3

static const char *const collections[] = {"property_documents", "activity_logs", "ai_chat_history"};
#define COLLECTIONS (sizeof collections / sizeof collections[0])

/* A database of the server. */
struct library {
    char name[64], uri[640];
};

static char server[512];
static struct library first, second;
static hc_id photo;
static char chat[HC_CHAT_SESSION_SIZE];

static void make_library(struct library *out)
{
    static int made;
    server_mongodb at = {.kind = SERVER_REAL};

    snprintf(at.base, sizeof at.base, "%s", server);
    snprintf(out->name, sizeof out->name, "copy_%d_%d", (int)getpid(), ++made);
    server_mongodb_uri(&at, out->uri, sizeof out->uri, out->name, NULL);
}

static void drop_library(const struct library *at)
{
    mongoc_client_t *client = mongoc_client_new(at->uri);
    mongoc_database_t *database = mongoc_client_get_database(client, at->name);
    bson_error_t error;

    ck_assert_msg(mongoc_database_drop(database, &error), "%s", error.message);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
}

static int64_t count_in(const struct library *at, const char *name)
{
    mongoc_client_t *client = mongoc_client_new(at->uri);
    mongoc_collection_t *collection = mongoc_client_get_collection(client, at->name, name);
    bson_t all = BSON_INITIALIZER;
    bson_error_t error;
    int64_t count = mongoc_collection_count_documents(collection, &all, NULL, NULL, NULL, &error);

    ck_assert_msg(count >= 0, "%s", error.message);
    mongoc_collection_destroy(collection);
    mongoc_client_destroy(client);
    return count;
}

static void put_stranger(const struct library *at)
{
    mongoc_client_t *client = mongoc_client_new(at->uri);
    mongoc_collection_t *collection = mongoc_client_get_collection(client, at->name, "activity_logs");
    bson_t *entry = BCON_NEW("action", BCON_UTF8("click"), "timestamp", BCON_DATE_TIME(1763892000000));
    bson_error_t error;

    ck_assert_msg(mongoc_collection_insert_one(collection, entry, NULL, NULL, &error), "%s", error.message);
    bson_destroy(entry);
    mongoc_collection_destroy(collection);
    mongoc_client_destroy(client);
}

/* ---- stores and clients ---- */

static hc_status copy_to(hc_client *from, const place *to, const struct library *documents, hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = to->uri;
    options.document_uri = documents == NULL ? NULL : documents->uri;
    options.batch = batch;
    return hc_copy(&counts, from, &options, err);
}

static hc_client *open_on(const place *at, const struct library *documents)
{
    hc_client_options options;
    hc_client *client = NULL;

    house_options(&options);
    options.storage_uri = at->uri;
    options.document_uri = documents == NULL ? NULL : documents->uri;
    options.key_file = house.keys;
    HOUSE_OK(hc_client_open(&client, &options, err));
    return client;
}

static void add_documents(void)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    hc_id id;

    image.url = "https://photos.example.com/living.jpg";
    image.caption = "Living room \xc3\xbc";
    file.name = "Deed.pdf";
    file.url = "https://files.example.com/deed.pdf";
    file.type = HC_DOCUMENT_LEGAL;
    HOUSE_OK(hc_document_add_image(&photo, NULL, house.ana, house.anas_ids[0], 0, &image, err));
    HOUSE_OK(hc_document_add_file(&id, NULL, house.ana, house.anas_ids[0], 1, &file, err));
    HOUSE_OK(hc_document_add_image(&id, NULL, house.ben, house.bens_id, 0, &image, err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    for (int i = 0; i < MESSAGES; i++)
        HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "a \"message\", \xc3\xbc\n", 16, err));
    HOUSE_OK(hc_chat_set_summary(house.bea, chat, "Three messages", err));
}

static void open_stores(void)
{
    unsetenv("HC_TEST_DOCUMENTS"); /* the house itself is one store */
    open_pair();
    make_library(&first);
    make_library(&second);
    live();
    add_documents();
    place_drop(&target);
    place_make(&target, house_engine());
}

static void close_stores(void)
{
    drop_library(&first);
    drop_library(&second);
    close_pair();
}

/* As the library's own look says. */
static void assert_agree(const place *at, const struct library *documents)
{
    hc_reconcile_report report = HC_RECONCILE_REPORT_INIT;
    hc_client *pair = open_on(at, documents);

    HOUSE_OK(hc_reconcile(pair, NULL, NULL, NULL, &report, err));
    ck_assert_int_gt(report.examined, 0);
    ck_assert_int_eq(report.differences, 0);
    hc_client_close(pair);
}

static void assert_all_there(const place *at, const struct library *documents)
{
    assert_agree(at, documents);
    for (size_t i = 0; i < COLLECTIONS; i++) {
        char sql[80];

        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", collections[i]);
        ck_assert_int_gt(rows_of(collections[i]), 0);
        ck_assert_int_eq(count_in(documents, collections[i]), rows_of(collections[i]));
        ck_assert_int_eq(place_number(at, sql), 0);
    }
    ck_assert_int_eq(place_number(at, "SELECT count(*) FROM document_heads"),
                     rows_of("property_documents") + rows_of("ai_chat_history"));
}

/* Seen by a way in of its own: the house's would deliver. */
static int64_t pending(void)
{
    void *look = house_look();
    int64_t count = house_look_sql(look, "SELECT count(*) FROM outbox WHERE state='pending'");

    house_look_close(look);
    return count;
}

/* ---- ---- */

START_TEST(documents_move_into_a_store_of_their_own)
{
    char sql[200], id[HC_ID_TEXT_SIZE];

    HOUSE_OK(copy_to(house.client, &target, &first, err));
    ck_assert_int_eq(counts.copied, counts.total);
    ck_assert_int_eq(counts.verified, counts.total);
    assert_all_there(&target, &first);
    ck_assert_int_eq(place_number(&target, "SELECT items FROM document_heads WHERE kind='ai_chat_history'"), MESSAGES);
    ck_assert_int_eq(place_number(&target, "SELECT version FROM document_heads WHERE kind='ai_chat_history'"),
                     house_sql("SELECT version FROM ai_chat_history"));
    hc_id_format(id, house.anas_ids[0]);
    snprintf(sql, sizeof sql, "SELECT version FROM document_heads WHERE kind='property_documents' AND key='%s'", id);
    if (strcmp(house_engine(), "mysql") == 0)
        snprintf(sql, sizeof sql, "SELECT version FROM document_heads WHERE kind='property_documents' AND `key`='%s'",
                 id);
    ck_assert_int_eq(place_number(&target, sql), 2);
    ck_assert_int_eq(copy_to(house.client, &target, &first, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(counts.same, counts.total);
}
END_TEST

START_TEST(a_second_run_takes_what_changed)
{
    hc_activity *entry = hc_activity_new(house.client);
    int64_t total;
    hc_id id;

    HOUSE_OK(copy_to(house.client, &target, &first, err));
    total = counts.total;
    HOUSE_OK(hc_document_set_caption(NULL, house.ana, house.anas_ids[0], 2, photo, "Porch", err));
    HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_ASSISTANT, "one more", 8, err));
    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, house.anas_ids[0]);
    HOUSE_OK(hc_activity_append(&id, house.bea, entry, err));
    hc_activity_free(entry);
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    assert_all_there(&target, &first);
    ck_assert_int_ge(counts.removed, 4); /* the document and the conversation, and their heads */
    ck_assert_int_lt(counts.copied, total);
    ck_assert_int_eq(place_number(&target, "SELECT items FROM document_heads WHERE kind='ai_chat_history'"),
                     MESSAGES + 1);
    ck_assert_int_eq(copy_to(house.client, &target, &first, NULL), HC_NOTE_SAME);
    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    HOUSE_OK(hc_property_purge(house.system, house.bens_id, err));
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    assert_all_there(&target, &first);
}
END_TEST

/* By what another store of the same engine holds: rows that one has and the other has not. */
static void assert_same_documents(void)
{
    static const char *const columns[COLLECTIONS] = {
        "id,property_id,images,documents,virtual_tour_url,version,created_at,updated_at",
        "id,user_id,action,target_id,metadata,timestamp,session_id,ip,event_class",
        "id,user_id,session_id,bucket,message_count,summary,version,created_at,updated_at,messages"};
    char sql[600];

    for (size_t i = 0; i < COLLECTIONS; i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT %s FROM %s EXCEPT SELECT %s FROM other.%s) x",
                 columns[i], collections[i], columns[i], collections[i]);
        ck_assert_msg(house_sql(sql) == 0, "%s are not the same", collections[i]);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM other.%s", collections[i]);
        ck_assert_int_eq(house_sql(sql), rows_of(collections[i]));
    }
}

START_TEST(and_back_into_sql)
{
    hc_client *pair;
    place back;

    HOUSE_OK(copy_to(house.client, &target, &first, err));
    pair = open_on(&target, &first);
    place_make(&back, house_engine());
    HOUSE_OK(copy_to(pair, &back, NULL, err));
    ck_assert_int_eq(counts.verified, counts.total);
    snprintf(house_other, sizeof house_other, "%s", back.name);
    assert_same_documents();
    house_other[0] = '\0';
    ck_assert_int_eq(place_number(&back, "SELECT count(*) FROM document_heads"), 0);
    ck_assert_int_eq(copy_to(pair, &back, NULL, NULL), HC_NOTE_SAME);
    hc_client_close(pair);
    place_drop(&back);
}
END_TEST

START_TEST(from_one_pair_to_another)
{
    static const char heads[] = "SELECT sum(version)*1000000+sum(items)*10000+sum(bytes) FROM document_heads";
    hc_client *pair;
    place to;

    HOUSE_OK(copy_to(house.client, &target, &first, err));
    pair = open_on(&target, &first);
    place_make(&to, house_engine());
    HOUSE_OK(copy_to(pair, &to, &second, err));
    assert_all_there(&to, &second);
    ck_assert_int_eq(place_number(&to, heads), place_number(&target, heads));
    ck_assert_int_eq(place_number(&to, "SELECT count(*) FROM outbox"), 0);
    ck_assert_int_eq(copy_to(pair, &to, &second, NULL), HC_NOTE_SAME);
    hc_client_close(pair);
    place_drop(&to);
}
END_TEST

static hc_status give_up(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    (void)all;
    return strcmp(kind, data) == 0 && of_kind->copied > 0 ? HC_ERR_CANCELLED : HC_OK;
}

START_TEST(who_cancels_goes_on_where_it_stopped)
{
    static const char *const at[] = {"property_documents", "activity_logs", "ai_chat_history", "document_heads"};

    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        char name[32];
        hc_copy_options options = HC_COPY_OPTIONS_INIT;

        snprintf(name, sizeof name, "%s", at[i]);
        options.storage_uri = target.uri;
        options.document_uri = first.uri;
        options.batch = 1;
        options.progress = give_up;
        options.data = name;
        HOUSE_FAILS(hc_copy(&counts, house.client, &options, err), HC_ERR_CANCELLED, "");
    }
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    ck_assert_int_eq(counts.removed, 0);
    ck_assert_int_gt(counts.same, 0);
    assert_all_there(&target, &first);
}
END_TEST

START_TEST(what_others_wrote_is_never_touched)
{
    put_stranger(&second);
    HOUSE_FAILS(copy_to(house.client, &target, &second, err), HC_ERR_CONFLICT, "document_uri");
    ck_assert_int_eq(count_in(&second, "activity_logs"), 1);
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    HOUSE_FAILS(copy_to(house.client, &target, &second, err), HC_ERR_CONFLICT, "document_uri");
    HOUSE_FAILS(copy_to(house.client, &target, NULL, err), HC_ERR_CONFLICT, "document_uri");
    ck_assert_int_eq(count_in(&second, "activity_logs"), 1);
    put_stranger(&first); /* and to the copy, since it was made */
    HOUSE_FAILS(copy_to(house.client, &target, &first, err), HC_ERR_CONFLICT, "document_uri");
    ck_assert_int_eq(count_in(&first, "activity_logs"), rows_of("activity_logs") + 1);
}
END_TEST

START_TEST(a_copy_keeps_its_documents_where_they_are)
{
    HOUSE_OK(copy_to(house.client, &target, NULL, err));
    HOUSE_FAILS(copy_to(house.client, &target, &first, err), HC_ERR_CONFLICT, "document_uri");
    ck_assert_int_eq(count_in(&first, "activity_logs"), 0);
}
END_TEST

START_TEST(a_store_of_documents_is_named_as_such)
{
    struct library wrong = {"", "sqlite:other.db"};

    HOUSE_FAILS(copy_to(house.client, &target, &wrong, err), HC_ERR_INVALID, "document_uri");
    snprintf(wrong.uri, sizeof wrong.uri, "mongodb://127.0.0.1:1/nobody");
    HOUSE_FAILS(copy_to(house.client, &target, &wrong, err), HC_ERR_UNAVAILABLE, "document_uri");
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    assert_all_there(&target, &first);
}
END_TEST

#define EFFECT                                                                                                         \
    "INSERT INTO outbox(id,target,kind,aggregate_id,version,verb,bytes,created_at,state,attempts,next_at,payload) "    \
    "VALUES(x'00000000000070008000000000000001','documents','activity_logs',x'00000000000070008000000000000002',1,"    \
    "'append',0,at(1),'%s',0,at(%lld),x'00')"

START_TEST(what_is_under_way_or_elsewhere_is_not_left_behind)
{
    hc_client *pair, *half;
    char sql[500];
    place to;

    snprintf(sql, sizeof sql, EFFECT, "dead", 1LL);
    house_change(sql);
    HOUSE_FAILS(copy_to(house.client, &target, &first, err), HC_ERR_INVALID_STATE, "document_uri");
    house_change("DELETE FROM outbox");
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    half = open_on(&target, NULL); /* without its documents */
    place_make(&to, house_engine());
    HOUSE_FAILS(copy_to(half, &to, NULL, err), HC_ERR_INVALID_STATE, "document_uri");
    hc_client_close(half);
    pair = open_on(&target, &first);
    HOUSE_OK(copy_to(pair, &to, NULL, err));
    hc_client_close(pair);
    place_drop(&to);
}
END_TEST

/* What a pair in use writes there is what a copy makes of its documents; and what waits is delivered first. */
START_TEST(a_pair_in_use_is_copied_with_what_waits)
{
    static const char columns[] = "id,kind,bucket,owner_id,version,items,bytes,summary,created_at,updated_at";
    char sql[500];

    close_pair();
    setenv("HC_TEST_DOCUMENTS", server, 1);
    open_pair();
    live();
    add_documents();
    ck_assert_int_gt(pending(), 0);
    place_drop(&target);
    place_make(&target, house_engine());
    HOUSE_OK(copy_to(house.client, &target, &first, err));
    ck_assert_int_eq(pending(), 0);
    ck_assert_int_eq(count_in(&first, "property_documents"), 2);
    ck_assert_int_eq(count_in(&first, "activity_logs"), 1);
    ck_assert_int_eq(count_in(&first, "ai_chat_history"), 1);
    snprintf(house_other, sizeof house_other, "%s", target.name);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT %s FROM document_heads EXCEPT SELECT %s FROM %s) x",
             columns, columns, "other.document_heads");
    ck_assert_int_eq(house_sql(sql), 0);
    house_other[0] = '\0';
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM document_heads"), 3);
    ck_assert_int_eq(copy_to(house.client, &target, &first, NULL), HC_NOTE_SAME);
    unsetenv("HC_TEST_DOCUMENTS");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_pair_in_use_is_copied_with_what_waits);
    tcase_add_test(tcase, documents_move_into_a_store_of_their_own);
    tcase_add_test(tcase, a_second_run_takes_what_changed);
    tcase_add_test(tcase, and_back_into_sql);
    tcase_add_test(tcase, from_one_pair_to_another);
    tcase_add_test(tcase, who_cancels_goes_on_where_it_stopped);
    tcase_add_test(tcase, what_others_wrote_is_never_touched);
    tcase_add_test(tcase, a_copy_keeps_its_documents_where_they_are);
    tcase_add_test(tcase, a_store_of_documents_is_named_as_such);
    tcase_add_test(tcase, what_is_under_way_or_elsewhere_is_not_left_behind);
}

int main(void)
{
    const char *given = getenv("HC_TEST_DOCUMENTS");

    if (given == NULL) {
        printf("skip: no store of documents in HC_TEST_DOCUMENTS: run it behind with_mongodb\n");
        return SERVER_SKIPPED;
    }
    snprintf(server, sizeof server, "%s", given);
    mongoc_init();
    return suite_main("api.copy.documents", fill, open_stores, close_stores);
}
