/* A store of documents that is not there, is full of what waits, or has what other programs wrote: what goes on, what
 * is refused with nothing written, and that all of it is there in the end. */
#include <mongoc/mongoc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "pair.h"

#define HOME house.anas_ids[0]

/* ---- what people do ---- */

static void open_house(void)
{
    house_client();
    house_people();
    house_listings();
}

static hc_status add_image(hc_session *as, hc_id listing, int32_t version, hc_error *err)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;

    image.url = "https://photos.example.com/living.jpg";
    return hc_document_add_image(NULL, NULL, as, listing, version, &image, err);
}

static hc_status look(hc_session *as, hc_id listing, hc_error *err)
{
    hc_document *document = NULL;
    hc_status status = hc_document_get(&document, as, listing, err);

    hc_document_free(document);
    return status;
}

static int32_t version_of(hc_id listing)
{
    hc_document *document = NULL;
    int32_t version;

    HOUSE_OK(hc_document_get(&document, house.ana, listing, err));
    version = hc_document_version(document);
    hc_document_free(document);
    return version;
}

static size_t said(hc_session *as, const char *session_id)
{
    hc_message_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_chat_messages(&page, as, session_id, 0, 200, err));
    count = hc_message_page_count(page);
    hc_message_page_free(page);
    return count;
}

static size_t entries_of(hc_session *as)
{
    hc_activity_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_activity_list(&page, as, NULL, err));
    count = hc_activity_page_count(page);
    hc_activity_page_free(page);
    return count;
}

/* What a refused call must not have written. */
static int64_t written(void)
{
    return house_sql("SELECT (SELECT count(*) FROM events) + 1000 * (SELECT count(*) FROM outbox) + 1000000 *"
                     " (SELECT coalesce(sum(version),0) FROM document_heads)");
}

static void change_price(hc_session *as, hc_id listing, int64_t cents)
{
    hc_property *home = house_read(house.system, listing), *edit = hc_property_edit(home);

    hc_property_set_price(edit, cents);
    HOUSE_OK(hc_property_update(NULL, as, edit, err));
    hc_property_free(edit);
    hc_property_free(home);
}

/* ---- what other programs wrote ---- */

static mongoc_client_t *there;

static mongoc_collection_t *collection(const char *name)
{
    if (there == NULL) {
        mongoc_init();
        there = mongoc_client_new(house.documents);
    }
    return mongoc_client_get_collection(there, house.documents_name, name);
}

static void insert(const char *name, bson_t *document)
{
    mongoc_collection_t *to = collection(name);
    bson_error_t error;

    ck_assert_msg(mongoc_collection_insert_one(to, document, NULL, NULL, &error), "%s", error.message);
    bson_destroy(document);
    mongoc_collection_destroy(to);
}

/* A value of the wrong type is told by document and field, and every other entry comes, over pages too. */
START_TEST(a_spoiled_entry_keeps_no_other_from_a_list)
{
    hc_activity_page *page = NULL;
    hc_query *query;
    hc_error why = {0};
    bson_oid_t oid;
    size_t seen = 0;
    int pages = 0;
    bool more = true;

    open_house();
    for (int i = 0; i < 12; i++) {
        logged(house.admin, "Search", NULL);
        bson_oid_init(&oid, NULL);
        if (i % 3 == 0)
            insert("activity_logs", BCON_NEW("_id", BCON_OID(&oid), "action", BCON_INT32(7), "timestamp",
                                             BCON_DATE_TIME(HOUSE_START / 1000)));
    }
    query = all_of_it();
    HOUSE_OK(hc_query_set_limit(query, 5, err));
    for (; more; pages++) {
        hc_status status = hc_activity_list(&page, house.admin, query, &why);

        ck_assert_msg(status == HC_OK || status == HC_NOTE_INCOMPLETE, "%d %s", (int)status, why.message);
        if (pages == 0) {
            ck_assert_int_eq(status, HC_NOTE_INCOMPLETE);
            ck_assert_str_eq(hc_status_name(status), "HC_NOTE_INCOMPLETE");
            ck_assert_int_eq(why.status, HC_ERR_CORRUPT);
            ck_assert_str_eq(why.field, "action");
        }
        seen += hc_activity_page_count(page);
        more = hc_activity_page_has_more(page) != 0;
        if (more)
            HOUSE_OK(hc_query_set_cursor(query, hc_activity_page_cursor(page), err));
        hc_activity_page_free(page);
    }
    ck_assert_uint_eq(seen, 12);
    ck_assert_int_eq(pages, 3);
    hc_query_free(query);
}
END_TEST

/* Nor from being counted. */
START_TEST(a_spoiled_entry_keeps_no_other_from_a_count)
{
    const int32_t day = (int32_t)(HOUSE_START / (86400 * HOUSE_SECOND));
    hc_activity_counts *counts = NULL;
    char named[25];
    hc_error why = {0};
    bson_oid_t oid;

    open_house();
    for (int i = 0; i < 3; i++)
        logged(house.guest, "Detailed View", &HOME);
    HOUSE_OK(hc_activity_counts_of_listing(&counts, house.ana, HOME, day, day, err));
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 3);
    hc_activity_counts_free(counts);
    bson_oid_init(&oid, NULL);
    bson_oid_to_string(&oid, named);
    insert("activity_logs", BCON_NEW("_id", BCON_OID(&oid), "action", BCON_INT32(7), "target_id",
                                     BCON_BIN(BSON_SUBTYPE_UUID, HOME.bytes, sizeof HOME.bytes), "timestamp",
                                     BCON_DATE_TIME(HOUSE_START / 1000)));
    ck_assert_int_eq(hc_activity_counts_of_listing(&counts, house.ana, HOME, day, day, &why), HC_NOTE_INCOMPLETE);
    ck_assert_int_eq(hc_activity_counts_total(counts, NULL), 3);
    ck_assert_int_eq(why.status, HC_ERR_CORRUPT);
    ck_assert_str_eq(why.field, "action");
    ck_assert_msg(strstr(why.message, named) != NULL, "%s", why.message);
    hc_activity_counts_free(counts);
}
END_TEST

/* Whether the one document of the collection has this member. */
static bool has(const char *name, const char *member)
{
    mongoc_collection_t *of = collection(name);
    bson_t all = BSON_INITIALIZER;
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(of, &all, NULL, NULL);
    const bson_t *document;
    bson_iter_t iter, at;
    bool out = mongoc_cursor_next(cursor, &document) && bson_iter_init(&iter, document) &&
               bson_iter_find_descendant(&iter, member, &at);

    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(of);
    return out;
}

/* As Mongoose makes it, of a listing. */
static void insert_document(hc_id listing)
{
    bson_oid_t oid;

    bson_oid_init(&oid, NULL);
    insert("property_documents",
           BCON_NEW("_id", BCON_OID(&oid), "property_id",
                    BCON_BIN(BSON_SUBTYPE_UUID, listing.bytes, sizeof listing.bytes), "images", "[", "{", "url",
                    BCON_UTF8("https://a.example.com/1"), "margin", BCON_INT32(3), "}", "]", "__v", BCON_INT32(0)));
}

/* ---- away ---- */

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

/* Told within 2 s, and a third for a machine that is busy: the driver's library would look for a server for 30 s. */
#define IS_AWAY(call)                                                                                                  \
    do {                                                                                                               \
        int64_t from = micros();                                                                                       \
        HOUSE_FAILS(call, HC_ERR_UNAVAILABLE, "document_uri");                                                         \
        ck_assert_int_lt(micros() - from, 3 * HOUSE_SECOND);                                                           \
    } while (0)

/* S26 */
START_TEST(away_from_the_start_only_what_must_ask_it_fails)
{
    char id[HC_CHAT_SESSION_SIZE];
    hc_health health = HC_HEALTH_INIT;
    hc_message_page *messages = NULL;
    hc_activity_page *entries = NULL;
    hc_chat_page *chats = NULL;
    const hc_id nobodys = {{1}};
    int64_t before;

    pair_away();
    open_house();
    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_int_eq(health.reachable, 1);
    ck_assert_int_eq(health.documents_reachable, 0);
    ck_assert_str_eq(health.documents_engine, "");
    HOUSE_OK(hc_chat_start(id, house.bea, err));
    HOUSE_OK(hc_chat_append(house.bea, id, HC_CHAT_ROLE_USER, "Hello?", 6, err));
    HOUSE_OK(hc_chat_append(house.bea, id, HC_CHAT_ROLE_ASSISTANT, "Yes.", 4, err));
    HOUSE_OK(hc_chat_set_summary(house.bea, id, "They greet", err));
    logged(house.bea, "Search", NULL);
    logged(house.guest, "Detailed View", &HOME);
    change_price(house.ana, HOME, 51000000);

    before = written();
    IS_AWAY(add_image(house.ana, HOME, 0, err));
    IS_AWAY(look(house.guest, HOME, err));
    HOUSE_FAILS(look(house.guest, house.anas_ids[2], err), HC_ERR_NOT_FOUND, "id"); /* SQL tells, and writes it down */
    HOUSE_FAILS(look(house.guest, nobodys, err), HC_ERR_NOT_FOUND, "id");
    IS_AWAY(look(house.ana, house.anas_ids[2], err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='authz_fail' AND target_kind='property'"),
                     1);
    IS_AWAY(hc_chat_messages(&messages, house.bea, id, 0, 10, err));
    IS_AWAY(hc_chat_list(&chats, house.bea, NULL, err));
    IS_AWAY(hc_activity_list(&entries, house.bea, NULL, err));
    HOUSE_FAILS(hc_chat_append(house.ana, id, HC_CHAT_ROLE_USER, "Mine", 4, err), HC_ERR_NOT_FOUND, "session_id");
    ck_assert_int_eq(written(), before);

    pair_back();
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    ck_assert_uint_eq(said(house.bea, id), 2);
    ck_assert_uint_eq(entries_of(house.bea), 1);
    HOUSE_OK(add_image(house.ana, HOME, 0, err));
    ck_assert_int_eq(version_of(HOME), 1);
    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_int_eq(health.documents_reachable, 1);
    ck_assert_ptr_eq(strstr(health.documents_engine, "mongodb "), health.documents_engine);
}
END_TEST

/* S26: a change of a document that is there, in the middle of work. */
START_TEST(when_it_goes_a_change_writes_nothing)
{
    int64_t before;

    open_house();
    HOUSE_OK(add_image(house.ana, HOME, 0, err));
    pair_away();
    before = written();
    HOUSE_FAILS(add_image(house.ana, HOME, 1, err), HC_ERR_UNAVAILABLE, "document_uri");
    ck_assert_int_eq(written(), before);
    change_price(house.ana, HOME, 52000000);
    pair_back();
    pair_deliver();
    HOUSE_OK(add_image(house.ana, HOME, 1, err));
    ck_assert_int_eq(version_of(HOME), 2);
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
}
END_TEST

/* A listing is purged whether or not its documents can be reached, and whoever wrote them. */
START_TEST(a_purge_takes_documents_that_cannot_be_reached)
{
    hc_id foreign;

    open_house();
    foreign = house_list_home(house.ana, "Foreign", 10000000);
    insert_document(foreign);
    HOUSE_OK(add_image(house.ana, HOME, 0, err));
    pair_deliver();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 2);
    pair_away();
    HOUSE_OK(hc_property_delete(house.ana, HOME, 1, err));
    HOUSE_OK(hc_property_delete(house.ana, foreign, 1, err));
    HOUSE_OK(hc_property_purge(house.system, HOME, err));
    HOUSE_OK(hc_property_purge(house.system, foreign, err));
    pair_back();
    pair_deliver();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_heads"), 0);
}
END_TEST

/* ---- appends ---- */

START_TEST(an_entry_by_itself_goes_straight_there)
{
    hc_activity *entries[3];

    open_house();
    logged(house.bea, "Search", NULL);
    logged(house.guest, "Detailed View", &HOME);
    for (int i = 0; i < 3; i++)
        entries[i] = entry_of("Share", &HOME, "{\"a\":1}");
    HOUSE_OK(hc_activity_append_many(house.bea, (const hc_activity *const *)entries, 3, err));
    for (int i = 0; i < 3; i++)
        hc_activity_free(entries[i]);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 5);
    ck_assert_uint_eq(entries_of(house.bea), 4);
}
END_TEST

/* With a key the key is written too, so that the entry rides on it. */
START_TEST(an_entry_with_a_key_is_there_once)
{
    hc_id first, second;

    open_house();
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "one", err));
    HOUSE_OK(log_as(&first, house.bea, entry_of("Search", NULL, NULL), err));
    HOUSE_OK(hc_session_set_idempotency_key(house.bea, "one", err));
    HOUSE_OK(log_as(&second, house.bea, entry_of("Search", NULL, NULL), err));
    ck_assert_mem_eq(first.bytes, second.bytes, sizeof first);
    ck_assert_uint_eq(entries_of(house.bea), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 1);
}
END_TEST

static hc_status price_and_entry(hc_session *as, void *data, hc_error *err)
{
    hc_property *edit = hc_property_for(house.client, HOME, *(const int32_t *)data);
    hc_status status;
    hc_id id;

    hc_property_set_price(edit, 40000000 + *(const int32_t *)data);
    status = hc_property_update(NULL, as, edit, err);
    hc_property_free(edit);
    return status < 0 ? status : log_as(&id, as, entry_of("Maybe", &HOME, NULL), err);
}

START_TEST(an_entry_rides_on_a_change)
{
    int32_t version = 1;

    open_house();
    pair_away();
    HOUSE_OK(hc_session_transact(house.ana, price_and_entry, &version, err));
    ck_assert_int_eq(pair_pending(), 1);
    pair_back();
    pair_deliver();
    ck_assert_uint_eq(entries_of(house.ana), 1);
}
END_TEST

/* ---- silent ---- */

START_TEST(a_store_that_says_nothing_keeps_no_entry)
{
    open_house();
    logged(house.bea, "Search", NULL);
    proxy_hurt(pair_proxy, PROXY_HOLE, false, 0);
    logged(house.bea, "Search", NULL);
    change_price(house.ana, HOME, 53000000);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox WHERE state='pending'"), 1);
    pair_back();
    pair_deliver();
    ck_assert_uint_eq(entries_of(house.bea), 2);
    ck_assert_ptr_null(pair_difference());
}
END_TEST

/* Two seconds behind it at most, for which libmongoc looks for a server again (lib/driver/mongodb/README.md). */
START_TEST(who_reads_of_a_silent_store_is_free_at_the_deadline)
{
    const int64_t bar = HOUSE_SECOND / 2 + 2 * HOUSE_SECOND, slack = HOUSE_SECOND;

    open_house();
    HOUSE_OK(look(house.bea, HOME, err)); /* a connection that is well */
    proxy_hurt(pair_proxy, PROXY_HOLE, false, 0);
    hc_session_set_timeout(house.bea, HOUSE_SECOND / 2);
    for (int i = 0; i < 3; i++) {
        int64_t from = micros();
        hc_error why = {0};
        hc_status status = look(house.bea, HOME, &why);

        printf("given up after %.1f s: %s %s\n", (double)(micros() - from) / 1e6, hc_status_name(status), why.message);
        ck_assert_int_le(micros() - from, bar + slack);
        ck_assert(status == HC_ERR_TIMEOUT || status == HC_ERR_UNAVAILABLE);
    }
    pair_back();
    hc_session_set_timeout(house.bea, 0);
    for (int i = 0; i < 100 && look(house.bea, HOME, NULL) < 0; i++)
        usleep(50000);
    HOUSE_OK(look(house.bea, HOME, err));
}
END_TEST

static atomic_bool reads;

static void *interrupt_soon(void *session)
{
    while (!atomic_load(&reads))
        usleep(1000);
    usleep(100000); /* it is on its way, or waits for the answer */
    hc_session_interrupt(session);
    return NULL;
}

START_TEST(a_read_of_documents_can_be_interrupted)
{
    pthread_t thread;

    open_house();
    HOUSE_OK(look(house.bea, HOME, err)); /* a connection that is well */
    proxy_hurt(pair_proxy, PROXY_HOLE, false, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_soon, house.bea), 0);
    atomic_store(&reads, true);
    HOUSE_FAILS(look(house.bea, HOME, err), HC_ERR_CANCELLED, "");
    pthread_join(thread, NULL);
    pair_back();
    change_price(house.ana, HOME, 54000000);
}
END_TEST

/* ---- full ---- */

/* S27 */
START_TEST(when_full_only_what_is_for_documents_is_refused)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *ana = NULL;
    char id[HC_CHAT_SESSION_SIZE];
    int32_t version = 1;
    hc_error why = {0};
    int64_t before;
    hc_id entry;

    open_house();
    house_options(&options);
    options.outbox_rows = 3;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(
        hc_session_open(&ana, client, hc_session_token(house.ana), strlen(hc_session_token(house.ana)), NULL, err));
    pair_away();
    HOUSE_OK(hc_chat_start(id, ana, err));
    HOUSE_OK(hc_chat_append(ana, id, HC_CHAT_ROLE_USER, "1", 1, err));
    HOUSE_OK(hc_chat_append(ana, id, HC_CHAT_ROLE_USER, "2", 1, err));
    before = written();
    ck_assert_int_eq(hc_chat_append(ana, id, HC_CHAT_ROLE_USER, "3", 1, &why), HC_ERR_BUSY);
    ck_assert_uint_ne(why.flags & HC_ERROR_RETRYABLE, 0);
    ck_assert_int_eq(log_as(&entry, ana, entry_of("Search", NULL, NULL), &why), HC_ERR_BUSY);
    ck_assert_int_eq(add_image(ana, HOME, 0, &why), HC_ERR_BUSY);
    ck_assert_int_eq(written(), before);
    HOUSE_OK(hc_session_transact(ana, price_and_entry, &version, err)); /* without its entry */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox"), 3);
    pair_back();
    pair_deliver();
    ck_assert_uint_eq(said(house.ana, id), 2);
    ck_assert_ptr_null(pair_difference());
    hc_session_free(ana);
    hc_client_close(client);
}
END_TEST

START_TEST(the_harness_finds_an_outbox_without_a_cap)
{
    ck_assert(suite_finds("no-cap", "when_full_only_what_is_for_documents_is_refused", "hc_chat_append"));
}
END_TEST

/* ---- how late ---- */

START_TEST(a_reader_can_tell_how_far_behind_it_is)
{
    char id[HC_CHAT_SESSION_SIZE];

    open_house();
    ck_assert_int_eq(hc_session_document_lag(NULL), 0);
    pair_away();
    HOUSE_OK(hc_chat_start(id, house.bea, err));
    ck_assert_int_eq(hc_session_document_lag(house.bea), 0); /* nothing was read */
    house_pass(HOUSE_MINUTE);
    pair_back();
    ck_assert_uint_eq(entries_of(house.admin), 0);
    ck_assert_int_eq(hc_session_document_lag(house.admin), HOUSE_MINUTE);
    pair_deliver();
    ck_assert_uint_eq(entries_of(house.admin), 0);
    ck_assert_int_eq(hc_session_document_lag(house.admin), 0);
}
END_TEST

/* ---- taking over ---- */

/* A document as Mongoose writes it has no head, an ObjectId and members that we do not know: they stay. */
START_TEST(a_document_of_mongoose_is_taken_over)
{
    hc_document *document = NULL;
    hc_id id;

    open_house();
    insert_document(HOME);
    HOUSE_OK(hc_document_get(&document, house.ana, HOME, err));
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 1);
    id = hc_document_id(document);
    hc_document_free(document);
    HOUSE_OK(add_image(house.ana, HOME, version_of(HOME), err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_heads"), 1);
    HOUSE_OK(hc_document_get(&document, house.ana, HOME, err)); /* laid over */
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2);
    ck_assert_int_eq(hc_document_version(document), 2);
    hc_document_free(document);
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    HOUSE_OK(hc_document_get(&document, house.ana, HOME, err));
    ck_assert_uint_eq(hc_document_count(document, HC_DOCUMENT_IMAGES), 2);
    ck_assert_mem_eq(hc_document_id(document).bytes, id.bytes, sizeof id);
    hc_document_free(document);
    ck_assert(has("property_documents", "__v"));
    ck_assert(has("property_documents", "images.0.margin"));
}
END_TEST

/* It is written between our look and our change's arrival: one document, with what both wrote. */
START_TEST(a_document_of_mongoose_that_came_meanwhile_is_taken_over)
{
    hc_document *document = NULL;

    open_house();
    HOUSE_OK(add_image(house.ana, HOME, 0, err));
    ck_assert_int_eq(pair_pending(), 1);
    insert_document(HOME);
    HOUSE_OK(hc_document_get(&document, house.ana, HOME, err));
    hc_document_free(document);
    pair_deliver();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM property_documents"), 1);
    ck_assert(has("property_documents", "__v"));
}
END_TEST

START_TEST(a_conversation_of_mongoose_goes_on)
{
    static const char session[] = "0123456789abcdef0123456789abcdef";
    bson_oid_t oid;
    hc_id bea;

    open_house();
    bea = house.bea_id;
    bson_oid_init(&oid, NULL);
    insert("ai_chat_history",
           BCON_NEW("_id", BCON_OID(&oid), "user_id", BCON_BIN(BSON_SUBTYPE_UUID, bea.bytes, sizeof bea.bytes),
                    "session_id", BCON_UTF8(session), "messages", "[", "{", "role", BCON_UTF8("user"), "content",
                    BCON_UTF8("hi"), "timestamp", BCON_DATE_TIME(1763892000000), "}", "]", "topic", BCON_UTF8("x")));
    ck_assert_uint_eq(said(house.bea, session), 1);
    HOUSE_FAILS(hc_chat_append(house.ana, session, HC_CHAT_ROLE_USER, "x", 1, err), HC_ERR_NOT_FOUND, "session_id");
    HOUSE_OK(hc_chat_append(house.bea, session, HC_CHAT_ROLE_USER, "and", 3, err));
    ck_assert_uint_eq(said(house.bea, session), 2);
    pair_away(); /* it has a head by now */
    HOUSE_OK(hc_chat_append(house.bea, session, HC_CHAT_ROLE_USER, "more", 4, err));
    HOUSE_OK(hc_chat_set_summary(house.bea, session, "all of it", err));
    pair_back();
    pair_deliver();
    ck_assert_uint_eq(said(house.bea, session), 3);
    ck_assert_ptr_null(pair_difference());
    ck_assert(has("ai_chat_history", "topic"));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM ai_chat_history WHERE summary='all of it'"), 1);
}
END_TEST

/* More than fits into a document, and none of them is asked for on the way; the summary goes along. */
START_TEST(a_long_conversation_is_written_without_its_store)
{
    char id[HC_CHAT_SESSION_SIZE], text[16];
    hc_message_page *page = NULL;
    int64_t before = 0;
    int seen = 250;

    open_house();
    pair_away();
    HOUSE_OK(hc_chat_start(id, house.bea, err));
    for (int i = 0; i < 250; i++) {
        snprintf(text, sizeof text, "%d", i);
        HOUSE_OK(hc_chat_append(house.bea, id, HC_CHAT_ROLE_USER, text, strlen(text), err));
        if (i == 50)
            HOUSE_OK(hc_chat_set_summary(house.bea, id, "early", err));
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM document_heads"), 3);
    pair_back();
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    do {
        HOUSE_OK(hc_chat_messages(&page, house.bea, id, before, 70, err));
        for (size_t i = hc_message_page_count(page); i > 0; i--) {
            snprintf(text, sizeof text, "%d", --seen);
            ck_assert_str_eq(hc_message_page_content(page, i - 1), text);
        }
        before = hc_message_page_before(page);
        hc_message_page_free(page);
    } while (before > 0);
    ck_assert_int_eq(seen, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM ai_chat_history WHERE summary='early'"), 3);
}
END_TEST

static void forget_there(void)
{
    mongoc_client_destroy(there);
    there = NULL;
    pair_close();
}

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, away_from_the_start_only_what_must_ask_it_fails);
    tcase_add_test(tcase, when_it_goes_a_change_writes_nothing);
    tcase_add_test(tcase, a_purge_takes_documents_that_cannot_be_reached);
    tcase_add_test(tcase, an_entry_by_itself_goes_straight_there);
    tcase_add_test(tcase, an_entry_with_a_key_is_there_once);
    tcase_add_test(tcase, an_entry_rides_on_a_change);
    tcase_add_test(tcase, a_store_that_says_nothing_keeps_no_entry);
    tcase_add_test(tcase, who_reads_of_a_silent_store_is_free_at_the_deadline);
    tcase_add_test(tcase, a_read_of_documents_can_be_interrupted);
    tcase_add_test(tcase, when_full_only_what_is_for_documents_is_refused);
    tcase_add_test(tcase, the_harness_finds_an_outbox_without_a_cap);
    tcase_add_test(tcase, a_reader_can_tell_how_far_behind_it_is);
    tcase_add_test(tcase, a_document_of_mongoose_is_taken_over);
    tcase_add_test(tcase, a_document_of_mongoose_that_came_meanwhile_is_taken_over);
    tcase_add_test(tcase, a_conversation_of_mongoose_goes_on);
    tcase_add_test(tcase, a_spoiled_entry_keeps_no_other_from_a_list);
    tcase_add_test(tcase, a_spoiled_entry_keeps_no_other_from_a_count);
    tcase_add_test(tcase, a_long_conversation_is_written_without_its_store);
}

int main(void)
{
    return pair_main("fault.documents", fill, pair_folder, forget_there);
}
