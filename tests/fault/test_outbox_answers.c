/* Answers of a document store that no substitute gives by itself: a scripted peer says that it is the primary of a
 * replica set, hands what it is asked on to the server behind it, and then loses the answer, or says another one. */
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "mongo_peer.h"
#include "pair.h"

#define HOME house.anas_ids[0]

typedef enum fault {
    WELL,
    LOST,        /* done, and the answer never comes */
    TORN,        /* done, and half an answer comes */
    NONSENSE,    /* done, and bytes that are no answer come */
    HANGS_UP,    /* not done */
    NOT_PRIMARY, /* not done: another is the primary now */
    STEPS_DOWN,  /* not done */
    SHUTS_DOWN,  /* not done */
    NO_MAJORITY, /* done here, and not by a majority within its time */
    ROLLED_BACK, /* said to wait for a majority, and then gone with the primary that had it */
    FAULTS
} fault;

static const char *const fault_names[FAULTS] = {"well",        "lost",        "torn",       "nonsense",
                                                "hangs up",    "not primary", "steps down", "shuts down",
                                                "no majority", "rolled back"};

static mongo_peer peer;
static mongoc_client_t *behind;
static const char *faulty;    /* "insert", "update", "delete", or NULL: each of them */
static atomic_int what, left; /* what happens to writes, and to how many of them */
static atomic_int happened, writes, weak;

static bool is_write(const char *command)
{
    return strcmp(command, "insert") == 0 || strcmp(command, "update") == 0 || strcmp(command, "delete") == 0;
}

/* Whether a write asks for a majority that has it on disk. */
static bool is_strong(const bson_t *ask)
{
    bson_iter_t at, w, j;

    return bson_iter_init(&at, ask) && bson_iter_find_descendant(&at, "writeConcern.w", &w) &&
           BSON_ITER_HOLDS_UTF8(&w) && strcmp(bson_iter_utf8(&w, NULL), "majority") == 0 && bson_iter_init(&at, ask) &&
           bson_iter_find_descendant(&at, "writeConcern.j", &j) && bson_iter_as_bool(&j);
}

/* What is for a session is not for the server behind. */
static void hand_on(const bson_t *ask, bson_t *reply)
{
    bson_t plain = BSON_INITIALIZER, answer;
    const char *database = "admin";
    bson_iter_t at;

    if (bson_iter_init_find(&at, ask, "$db"))
        database = bson_iter_utf8(&at, NULL);
    bson_copy_to_excluding_noinit(ask, &plain, "$db", "lsid", "txnNumber", "$clusterTime", "$readPreference",
                                  "writeConcern", "readConcern", NULL);
    (void)mongoc_client_command_simple(behind, database, &plain, NULL, &answer, NULL);
    bson_concat(reply, &answer);
    bson_destroy(&answer);
    bson_destroy(&plain);
}

static void refuse(bson_t *reply, int code, const char *name)
{
    bson_t labels;

    BSON_APPEND_INT32(reply, "ok", 0);
    BSON_APPEND_INT32(reply, "code", code);
    BSON_APPEND_UTF8(reply, "codeName", name);
    BSON_APPEND_UTF8(reply, "errmsg", name);
    BSON_APPEND_ARRAY_BEGIN(reply, "errorLabels", &labels);
    BSON_APPEND_UTF8(&labels, "0", "RetryableWriteError");
    bson_append_array_end(reply, &labels);
}

static void no_majority(bson_t *reply)
{
    bson_t concern;

    BSON_APPEND_DOCUMENT_BEGIN(reply, "writeConcernError", &concern);
    BSON_APPEND_INT32(&concern, "code", 64);
    BSON_APPEND_UTF8(&concern, "codeName", "WriteConcernFailed");
    BSON_APPEND_UTF8(&concern, "errmsg", "waiting for replication timed out");
    bson_append_document_end(reply, &concern);
}

static peer_turn hurt(const bson_t *ask, bson_t *reply)
{
    switch ((fault)atomic_load(&what)) {
    case HANGS_UP:
        return PEER_HANG_UP;
    case NOT_PRIMARY:
        refuse(reply, 10107, "NotWritablePrimary");
        return PEER_ANSWER;
    case STEPS_DOWN:
        refuse(reply, 189, "PrimarySteppedDown");
        return PEER_ANSWER;
    case SHUTS_DOWN:
        refuse(reply, 91, "ShutdownInProgress");
        return PEER_ANSWER;
    case ROLLED_BACK:
        BSON_APPEND_INT32(reply, "n", 1);
        BSON_APPEND_INT32(reply, "nModified", 1);
        no_majority(reply);
        return PEER_ANSWER;
    default:
        break;
    }
    hand_on(ask, reply);
    if (atomic_load(&what) == NO_MAJORITY)
        no_majority(reply);
    return atomic_load(&what) == LOST       ? PEER_HANG_UP
           : atomic_load(&what) == TORN     ? PEER_TEAR
           : atomic_load(&what) == NONSENSE ? PEER_GARBAGE
                                            : PEER_ANSWER;
}

static peer_turn script(mongo_peer *p, const char *command, const bson_t *ask, bson_t *reply)
{
    (void)p;
    if (is_write(command)) {
        atomic_fetch_add(&writes, 1);
        if (!is_strong(ask))
            atomic_fetch_add(&weak, 1);
        if ((faulty == NULL || strcmp(command, faulty) == 0) && atomic_fetch_sub(&left, 1) > 0) {
            atomic_fetch_add(&happened, 1);
            return hurt(ask, reply);
        }
    }
    hand_on(ask, reply);
    return PEER_ANSWER;
}

static void setup(void)
{
    char uri[96];

    mongoc_init();
    behind = mongoc_client_new(getenv("HC_TEST_DOCUMENTS"));
    ck_assert_ptr_nonnull(behind);
    atomic_store(&left, 0);
    ck_assert(mongo_peer_start(&peer, script, true));
    snprintf(uri, sizeof uri, "mongodb://127.0.0.1:%d/?replicaSet=rs", peer.port);
    setenv("HC_TEST_DOCUMENTS_LOOK", getenv("HC_TEST_DOCUMENTS"), 1);
    setenv("HC_TEST_DOCUMENTS", uri, 1);
    house_open();
}

static void teardown(void)
{
    atomic_store(&left, 0);
    house_close();
    mongo_peer_stop(&peer);
    mongoc_client_destroy(behind);
}

/* ---- what there is to deliver ---- */

static char chat[HC_CHAT_SESSION_SIZE];
static hc_id gone; /* a listing that is purged */
static int turns;

static hc_status ride_along(hc_session *as, void *data, hc_error *err)
{
    hc_activity *entry = entry_of("listed", NULL, NULL);
    hc_id id;
    hc_status status = hc_activity_append(&id, as, entry, err);

    hc_activity_free(entry);
    if (status >= 0) {
        hc_property *home = house_sketch("A home", 20000000);

        status = hc_property_create(data, as, home, err);
        hc_property_free(home);
    }
    return status;
}

static void add_photo(hc_id home)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_document *document = NULL;
    hc_id id;

    image.url = "https://photos.example.com/1.jpg";
    HOUSE_OK(hc_document_get(&document, house.ana, home, err));
    HOUSE_OK(hc_document_add_image(&id, NULL, house.ana, home, hc_document_version(document), &image, err));
    hc_document_free(document);
}

/* An entry, a document, messages and a removal. */
static void work(void)
{
    char text[16];
    hc_id next;

    HOUSE_OK(hc_session_transact(house.ana, ride_along, &next, err));
    add_photo(next);
    add_photo(HOME);
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, "m%d", 2 * turns + i);
        HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, text, strlen(text), err));
    }
    if (turns++ > 0) {
        HOUSE_OK(hc_property_delete(house.ana, gone, 1, err));
        HOUSE_OK(hc_property_purge(house.admin, gone, err));
    }
    gone = next;
}

static void run_once(void)
{
    hc_error why = {0};
    hc_status status = hc_client_run(house.client, 10 * HOUSE_SECOND, NULL, &why);

    ck_assert_msg(status >= 0, "%s: %s", hc_status_name(status), why.message);
}

static void assert_alike(const char *when)
{
    const char *difference;

    pair_deliver();
    difference = pair_difference();
    ck_assert_msg(difference == NULL, "%s: %s", when, difference);
    ck_assert_msg(house_sql("SELECT count(*) FROM ai_chat_history c, json_each(c.messages) m WHERE"
                            " json_extract(m.value,'$.content') IS NOT 'm'||(c.bucket*100+m.key)") == 0,
                  "%s: messages are not as they were said", when);
}

static void start(void)
{
    turns = 0;
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    work();
    assert_alike("before");
}

/* S32: whatever becomes of an answer, the effect happens once. */
START_TEST(an_effect_whose_answer_is_lost_happens_once)
{
    static const char *const commands[] = {"insert", "update", "delete"};
    int reached = 0;

    start();
    for (int i = 1; i < FAULTS; i++) {
        for (size_t c = 0; c < 3; c++) {
            for (int many = 1; many <= 4; many += 3) { /* libmongoc tries a write again once */
                char when[64];

                if (i == ROLLED_BACK)
                    continue; /* what it says it has, it has not: see below */
                snprintf(when, sizeof when, "%s, %d times %s", commands[c], many, fault_names[i]);
                work();
                faulty = commands[c];
                atomic_store(&what, i);
                atomic_store(&happened, 0);
                atomic_store(&left, many);
                run_once();
                reached += atomic_load(&happened) > 0;
                atomic_store(&left, 0);
                assert_alike(when);
            }
        }
    }
    ck_assert_int_eq(reached, 2 * 3 * (FAULTS - 2));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox WHERE state='dead' OR (state='pending' AND attempts>0)"),
                     0);
    ck_assert_int_gt(pair_absorbed(), 0);
}
END_TEST

/* S32 S33: what no majority has is not delivered yet; only what it has is. A set's reads, which ask for what a majority
 * has, do not see it either; the server behind shows it, so what is done there are entries, which are never read. */
START_TEST(what_waits_for_a_majority_is_not_delivered)
{
    int64_t before;
    hc_id next;

    start();
    for (int i = NO_MAJORITY; i <= ROLLED_BACK; i++) {
        before = house_sql("SELECT count(*) FROM outbox WHERE state='delivered'");
        if (i == ROLLED_BACK)
            work();
        HOUSE_OK(hc_session_transact(house.ana, ride_along, &next, err));
        faulty = NULL;
        atomic_store(&what, i);
        atomic_store(&left, 1000);
        run_once();
        run_once();
        ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox WHERE state='delivered'"), before);
        ck_assert_int_gt(pair_pending(), 0);
        atomic_store(&left, 0);
        assert_alike(fault_names[i]);
        ck_assert_int_eq(house_sql("SELECT count(*) FROM outbox WHERE state='dead'"), 0);
    }
}
END_TEST

/* S33 */
START_TEST(every_write_asks_for_a_majority_that_has_it_on_disk)
{
    hc_id id;

    atomic_store(&weak, 0);
    atomic_store(&writes, 0);
    start();
    work();
    assert_alike("well");
    HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
    ck_assert_int_gt(atomic_load(&writes), 5);
    ck_assert_int_eq(atomic_load(&weak), 0);
}
END_TEST

/* A pool that saw it go waits before it asks again. */
static void wait_for_the_store(void)
{
    hc_activity_page *page = NULL;

    for (int turn = 0; turn < 100 && hc_activity_list(&page, house.bea, NULL, NULL) < 0; turn++)
        nanosleep(&(struct timespec){0, 50000000}, NULL);
    ck_assert_ptr_nonnull(page);
    hc_activity_page_free(page);
}

/* S32: an entry that goes to the store by itself, and whose answer is lost, is there once, too. */
START_TEST(a_lone_entry_whose_answer_is_lost_is_there_once)
{
    hc_id id;

    HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
    for (int i = 1; i < FAULTS; i++) {
        for (int many = 1; many <= 4; many += 3) {
            faulty = "insert";
            atomic_store(&what, i);
            atomic_store(&left, many);
            HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
            atomic_store(&left, 0);
            wait_for_the_store();
        }
    }
    pair_deliver();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 1 + 2 * (FAULTS - 1));
    ck_assert_ptr_null(pair_difference());
}
END_TEST

/* ---- who migrates ---- */

static mongoc_collection_t *versions(void)
{
    return mongoc_client_get_collection(behind, house.documents_name, "schema_migrations");
}

/* The first of all writes takes the lock of the migration: who did not hear that it is theirs has it all the same, and
 * asks not again and again until it is free. */
START_TEST(the_lock_of_a_migration_whose_answer_is_lost_is_ours)
{
    hc_id id;

    faulty = NULL;
    atomic_store(&what, LOST);
    atomic_store(&writes, 0);
    atomic_store(&happened, 0);
    atomic_store(&left, 1);
    HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
    ck_assert_int_eq(atomic_load(&happened), 1);
    ck_assert_int_lt(atomic_load(&writes), 40);
    ck_assert_int_eq(pair_pending(), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 1);
}
END_TEST

/* Who was killed with it keeps no entry: it waits in the outbox until the lock is free. */
START_TEST(an_entry_waits_for_no_migration_of_another)
{
    mongoc_collection_t *lock = versions();
    bson_t all = BSON_INITIALIZER;
    bson_oid_t oid;
    bson_t *held;
    hc_id id;

    bson_oid_init(&oid, NULL);
    held = BCON_NEW("_id", BCON_UTF8("lock"), "owner", BCON_OID(&oid), "until",
                    BCON_DATE_TIME((int64_t)time(NULL) * 1000 + 3600000));
    ck_assert(mongoc_collection_insert_one(lock, held, NULL, NULL, NULL));
    bson_destroy(held);
    for (int i = 0; i < 3; i++)
        HOUSE_OK(log_as(&id, house.bea, entry_of("view_property", &HOME, NULL), err));
    ck_assert_int_eq(pair_pending(), 3);
    ck_assert(mongoc_collection_delete_many(lock, &all, NULL, NULL, NULL));
    mongoc_collection_destroy(lock);
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), 3);
}
END_TEST

START_TEST(the_harness_finds_what_is_marked_before_it_is_there)
{
    ck_assert(suite_finds("mark-before-apply", "what_waits_for_a_majority_is_not_delivered", "state='delivered'"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_effect_whose_answer_is_lost_happens_once);
    tcase_add_test(tcase, what_waits_for_a_majority_is_not_delivered);
    tcase_add_test(tcase, the_harness_finds_what_is_marked_before_it_is_there);
    tcase_add_test(tcase, every_write_asks_for_a_majority_that_has_it_on_disk);
    tcase_add_test(tcase, a_lone_entry_whose_answer_is_lost_is_there_once);
    tcase_add_test(tcase, the_lock_of_a_migration_whose_answer_is_lost_is_ours);
    tcase_add_test(tcase, an_entry_waits_for_no_migration_of_another);
}

int main(void)
{
    return pair_main("fault.outbox_answers", fill, setup, teardown);
}
