/* A copy with each allocation failing: an error or success, no leak, and what comes of it is whole or told to be
 * unfinished. With HC_TEST_DOCUMENTS its documents go to a store of their own. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef HOUSE_MONGODB
#include <mongoc/mongoc.h>

#include "server_mongodb.h"
#endif

#include "homeconnect/activity.h"
#include "homeconnect/audit.h"
#include "homeconnect/chat.h"
#include "homeconnect/copy.h"
#include "homeconnect/document.h"
#include "house.h"
#include "memory.h"
#include "place.h"

#define POINTS 1000000 /* a copy that allocates more often runs away */

static place target;
static char server[512], documents[640]; /* "" without */

#ifdef HOUSE_MONGODB
static void name_documents(void)
{
    server_mongodb at = {.kind = SERVER_REAL};
    char name[64];

    snprintf(at.base, sizeof at.base, "%s", server);
    snprintf(name, sizeof name, "memory_%d", (int)getpid());
    server_mongodb_uri(&at, documents, sizeof documents, name, NULL);
}

static void drop_documents(void)
{
    static mongoc_client_t *client;
    mongoc_database_t *database;
    bson_error_t error;

    if (client == NULL) {
        mongoc_init();
        client = mongoc_client_new(documents);
    }
    database = mongoc_client_get_default_database(client);
    ck_assert_msg(mongoc_database_drop(database, &error), "%s", error.message);
    mongoc_database_destroy(database);
}
#endif

/* A little of each kind that may live elsewhere. */
static void live(void)
{
    hc_activity *entry = hc_activity_new(house.client);
    hc_document_file file = HC_DOCUMENT_FILE_INIT;
    char chat[HC_CHAT_SESSION_SIZE];
    hc_id id;

    file.name = "Deed.pdf";
    file.url = "https://files.example.com/deed.pdf";
    file.type = HC_DOCUMENT_LEGAL;
    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, house.anas_ids[0]);
    HOUSE_OK(hc_activity_append(&id, house.bea, entry, err));
    HOUSE_OK(hc_document_add_file(&id, NULL, house.ana, house.anas_ids[0], 0, &file, err));
    HOUSE_OK(hc_chat_start(chat, house.bea, err));
    HOUSE_OK(hc_chat_append(house.bea, chat, HC_CHAT_ROLE_USER, "hello", 5, err));
    hc_activity_free(entry);
}

static hc_status copy(hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.document_uri = documents[0] == '\0' ? NULL : documents;
    options.batch = 40;
    return hc_copy(NULL, house.client, &options, err);
}

static void assert_whole(void)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *system = NULL;

    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_OK(hc_audit_verify(NULL, system, NULL, err));
    hc_session_free(system);
    hc_client_close(client);
}

static void fresh_target(void)
{
    place_make(&target, "sqlite");
    snprintf(target.uri, sizeof target.uri, "sqlite:%s?durability=relaxed", target.name);
}

static void remove_target(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[400];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", target.name, suffixes[i]);
        unlink(path);
    }
#ifdef HOUSE_MONGODB
    if (documents[0] != '\0')
        drop_documents();
#endif
}

/* False when no allocation failed. */
static bool point(memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;

    fresh_target();
    memory_in("hc_copy");
    memory_fail(whose, n, and_after);
    status = copy(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "allocation %lld%s of %s: %s %s", (long long)n, and_after ? " and after" : "",
                  whose == MEMORY_OF_SQLITE ? "SQLite" : "the library", hc_status_name(status), err.message);
    if (n % 16 == 1) { /* now and then it goes on */
        HOUSE_OK(copy(err));
        assert_whole();
    }
    remove_target();
    return refused > 0;
}

/* S13: the source is as it was, but for what its log tells; the target is whole or is told to be unfinished. */
START_TEST(every_allocation_of_a_copy_may_fail)
{
    const char *asked = getenv("HC_LONG");
    bool all = asked != NULL && strcmp(asked, "1") == 0;
    bool seeded = getenv("HC_BUG") != NULL; /* a few of the library's show it */
    int64_t idle = 0, points = 0;

    house_allocator = &memory_allocator;
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
    live();
#ifdef HOUSE_MONGODB
    if (server[0] != '\0')
        name_documents();
#endif
    for (int whose = MEMORY_OF_LIBRARY; whose <= (seeded ? MEMORY_OF_LIBRARY : MEMORY_OF_SQLITE); whose++)
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = 1;

            /* Those of later tables are like those of the first: each run tries fewer of them. */
            for (; n < POINTS && point((memory_of)whose, n, and_after != 0); n += 1 + n / (all ? 400 : seeded ? 2 : 24))
                points++;
            ck_assert_msg(n > 1 && n < POINTS, "%lld points", (long long)n);
            point(MEMORY_OF_LIBRARY, POINTS, false);
            idle = whose == MEMORY_OF_LIBRARY ? memory_live() : idle; /* the first rounds have warmed the caches */
            ck_assert_msg(memory_live() <= idle, "%lld blocks more than before", (long long)(memory_live() - idle));
        }
    printf("copy: %lld allocations failed\n", (long long)points);
    house_close();
    ck_assert_msg(memory_live() == 0, "%lld blocks leak", (long long)memory_live());
}
END_TEST

START_TEST(the_harness_finds_a_copy_that_leaks_when_it_fails)
{
    if (server[0] != '\0')
        setenv("HC_TEST_DOCUMENTS", server, 1);
    ck_assert(suite_finds("copy-leaks-when-it-fails", "every_allocation_of_a_copy_may_fail", "blocks leak"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_allocation_of_a_copy_may_fail);
    tcase_add_test(tcase, the_harness_finds_a_copy_that_leaks_when_it_fails);
}

int main(void)
{
    const char *given = getenv("HC_TEST_DOCUMENTS");

    if (given != NULL)
        snprintf(server, sizeof server, "%s", given);
    unsetenv("HC_TEST_DOCUMENTS"); /* the source is one store */
    memory_wrap_sqlite();
    return suite_main("fault.memory_copy", fill, NULL, NULL);
}
