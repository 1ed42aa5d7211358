/* SIGKILL to the document store while effects are delivered: what was marked as delivered is there. On FerretDB, whose
 * SQLite is on disk (mongo-java-server loses what it acknowledged): at most 5,000 documents, and one relay. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/favorite.h"
#include "pair.h"
#include "server_mongodb.h"

#define DOCUMENTS 5000

static server_mongodb server;

static void setup(void)
{
    ck_assert_msg(server_mongodb_start(&server, server.kind == SERVER_FERRETDB), "%s", server.reason);
    setenv("HC_TEST_DOCUMENTS", server.base, 1);
    house_open();
}

static void teardown(void)
{
    house_close();
    server_mongodb_stop(&server);
}

static char chat[HC_CHAT_SESSION_SIZE];
static hc_id photo;
static int32_t version;
static int64_t messages, entries;

static hc_status ride_along(hc_session *as, void *data, hc_error *err)
{
    hc_activity *entry = entry_of("asked", &house.anas_ids[0], NULL);
    hc_status status = HC_OK;
    hc_id id;

    (void)data;
    for (int i = 0; i < 5 && status >= 0; i++)
        status = hc_activity_append(&id, as, entry, err);
    if (status >= 0)
        status = entries % 2 == 0 ? hc_favorite_add(as, house.anas_ids[1], err)
                                  : hc_favorite_remove(as, house.anas_ids[1], err);
    hc_activity_free(entry);
    return status;
}

static void work(void)
{
    char text[24];

    HOUSE_OK(hc_session_transact(house.bea, ride_along, NULL, err));
    entries += 5;
    snprintf(text, sizeof text, "m%lld", (long long)messages++);
    HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, text, strlen(text), err));
    if (hc_document_set_caption(&version, house.ana, house.anas_ids[0], version, photo, text, NULL) < 0)
        house_count(1); /* it must ask the store, which is dead now and then */
}

static void *kill_soon(void *data)
{
    const int64_t *after = data;

    nanosleep(&(struct timespec){*after / 1000000, *after % 1000000 * 1000}, NULL);
    server_mongodb_kill(&server);
    return NULL;
}

/* Of what is marked as delivered: how much is not there. */
static int64_t lost(void)
{
    return house_sql("SELECT count(*) FROM outbox o LEFT JOIN activity_logs a ON a.id=o.aggregate_id WHERE"
                     " o.kind='activity_logs' AND o.state='delivered' AND a.id IS NULL") +
           house_sql("SELECT count(*) FROM outbox o LEFT JOIN ai_chat_history c ON c.id=o.aggregate_id WHERE"
                     " o.kind='ai_chat_history' AND o.state='delivered' AND (c.id IS NULL OR c.version<o.version)") +
           house_sql("SELECT count(*) FROM outbox o LEFT JOIN property_documents p ON p.id=o.aggregate_id WHERE"
                     " o.kind='property_documents' AND o.state='delivered' AND (p.id IS NULL OR p.version<o.version)");
}

/* S33: an acknowledgement means that it is on disk, and only that is marked. */
START_TEST(what_is_marked_as_delivered_survives_a_kill_of_the_store)
{
    const char *asked = getenv("HC_LONG");
    const bool all = asked != NULL && strcmp(asked, "1") == 0;
    const int kills = all || getenv("HC_BUG") != NULL ? 60 : 12; /* a seeded bug ends it, after three or so */
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    unsigned seed = (unsigned)time(NULL);
    int inside = 0;

    image.url = "https://photos.example.com/1.jpg";
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    HOUSE_OK(hc_document_add_image(&photo, &version, house.ana, house.anas_ids[0], 0, &image, err));
    for (int i = 0; i < kills && entries < DOCUMENTS - 100; i++) {
        int64_t after = 5000 + rand_r(&seed) % 60000;
        pthread_t killer;

        for (int k = 0; k < 12; k++)
            work();
        ck_assert_int_eq(pthread_create(&killer, NULL, kill_soon, &after), 0);
        HOUSE_OK(hc_client_run(house.client, 10 * HOUSE_SECOND, NULL, err));
        pthread_join(killer, NULL);
        work(); /* goes on without it */
        inside += pair_pending() > 7;
        ck_assert_msg(server_mongodb_again(&server), "%s", server.reason);
        ck_assert_msg(lost() == 0, "kill %d: %lld effects that were marked are not there", i, (long long)lost());
    }
    pair_deliver();
    ck_assert_ptr_null(pair_difference());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM activity_logs"), entries);
    printf("kill -9 of %s: %d kills, %d in the middle of a delivery; %lld entries and %lld messages, none lost\n",
           server.name, kills, inside, (long long)entries, (long long)messages);
    ck_assert_int_gt(inside, 0);
}
END_TEST

START_TEST(the_harness_finds_what_is_marked_before_it_is_there)
{
    ck_assert(suite_finds("mark-before-apply", "what_is_marked_as_delivered_survives_a_kill_of_the_store",
                          "effects that were marked are not there"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_marked_as_delivered_survives_a_kill_of_the_store);
    tcase_add_test(tcase, the_harness_finds_what_is_marked_before_it_is_there);
}

int main(void)
{
    int result;

    unsetenv("HC_TEST_MONGODB_URI"); /* never one that somebody gave, since it is killed */
    /* mongod of the PATH, else FerretDB: looked for here, started by the test, whose child it must be */
    if (!server_mongodb_start(&server, false) || (server.kind == SERVER_JAVA)) {
        server_mongodb_stop(&server);
        if (!server_mongodb_start(&server, true)) {
            printf("skipped: %s\n", server.reason);
            server_mongodb_stop(&server);
            return SERVER_SKIPPED;
        }
    }
    server_mongodb_tell(&server);
    server_mongodb_stop(&server);
    result = suite_main("fault.document_kill", fill, setup, teardown);
    return result;
}
