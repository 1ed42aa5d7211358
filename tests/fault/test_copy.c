/* Copies that are killed: what comes of them is whole, or told to be unfinished, and goes on where it stopped. With
 * HC_TEST_DOCUMENTS the documents of the target go to a store of their own. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "homeconnect/activity.h"
#include "homeconnect/audit.h"
#include "homeconnect/copy.h"
#include "house.h"
#include "place.h"

#ifdef HOUSE_MONGODB
#include <mongoc/mongoc.h>

#include "server_mongodb.h"
#endif

#define ENTRIES 1500

static place target;
static char server[512], documents[640]; /* "" without */

#ifdef HOUSE_MONGODB
static void name_documents(const char *engine)
{
    server_mongodb at = {.kind = SERVER_REAL};
    char name[64];

    snprintf(at.base, sizeof at.base, "%s", server);
    snprintf(name, sizeof name, "killed_%d_%s", (int)getpid(), engine);
    server_mongodb_uri(&at, documents, sizeof documents, name, NULL);
}

static void drop_documents(void)
{
    mongoc_client_t *client;
    mongoc_database_t *database;
    bson_error_t error;

    mongoc_init();
    client = mongoc_client_new(documents);
    database = mongoc_client_get_default_database(client);
    ck_assert_msg(mongoc_database_drop(database, &error), "%s", error.message);
    mongoc_database_destroy(database);
    mongoc_client_destroy(client);
}
#endif

static hc_status copy(hc_copy_counts *counts, hc_client *from, const hc_copy_options *given, hc_error *err)
{
    hc_copy_options options = given != NULL ? *given : (hc_copy_options)HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.document_uri = documents[0] == '\0' ? NULL : documents;
    return hc_copy(counts, from, &options, err);
}

static hc_status try_open(hc_client **client, const char *uri, hc_error *err)
{
    hc_client_options options;

    house_options(&options);
    options.storage_uri = uri;
    options.key_file = house.keys;
    return hc_client_open(client, &options, err);
}

static hc_client *open_at(const char *uri)
{
    hc_client *client = NULL;

    HOUSE_OK(try_open(&client, uri, err));
    return client;
}

/* Until a copy is whole nothing opens it. */
static bool opens(void)
{
    hc_client *client = NULL;
    hc_error err;
    hc_status status = try_open(&client, target.uri, &err);

    if (status == HC_OK)
        hc_client_close(client);
    else
        ck_assert_msg(status == HC_ERR_INVALID_STATE, "%s %s", hc_status_name(status), err.message);
    return status == HC_OK;
}

static void assert_whole(void)
{
    hc_client *client = open_at(target.uri);
    hc_session *system = NULL;

    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_OK(hc_audit_verify(NULL, system, NULL, err));
    hc_session_free(system);
    hc_client_close(client);
}

/* ---- killed ---- */

static void append_entries(void)
{
    hc_activity *entries[100];

    for (size_t i = 0; i < 100; i++) {
        entries[i] = hc_activity_new(house.client);
        hc_activity_set_action(entries[i], "view_property");
        hc_activity_set_target_id(entries[i], house.anas_ids[0]);
        hc_activity_set_metadata(entries[i], "{\"seconds\":45}");
    }
    for (int i = 0; i < ENTRIES / 100; i++)
        HOUSE_OK(hc_activity_append_many(house.system, (const hc_activity *const *)entries, 100, err));
    for (size_t i = 0; i < 100; i++)
        hc_activity_free(entries[i]);
    for (int i = 0; i < 60; i++)
        house_list_home(house.ana, "One of many", 100 + i);
}

/* Tells how many rows are written for good, and lets who kills have their turn: on a busy machine it would be far ahead
 * of them by then. */
static hc_status tell(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    const int *pipe = data;
    bool told = write(*pipe, &all->copied, sizeof all->copied) == (ssize_t)sizeof all->copied;

    (void)kind;
    (void)of_kind;
    usleep(500);
    return told ? HC_OK : 1;
}

/* Its result comes last. */
static _Noreturn void copy_in_child(int pipe)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;
    hc_copy_counts counts;
    hc_error err = {0};
    hc_status status;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    options.batch = 11;
    options.progress = tell;
    options.data = &pipe;
    status = copy(&counts, open_at(house.uri), &options, &err);
    if (status < 0)
        fprintf(stderr, "child: %s %s %s\n", hc_status_name(status), err.field, err.message);
    _exit(status < 0 ? 2 : 0);
}

/* One run, killed after `left` rows were told, a moment later: inside of what comes next. True when it came to its end.
 */
static bool run_and_kill(int64_t left, unsigned pause, int64_t *told)
{
    int pipes[2], how;
    pid_t child;

    *told = 0;
    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    fflush(stdout);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        copy_in_child(pipes[1]);
    close(pipes[1]);
    while (*told < left && read(pipes[0], told, sizeof *told) == (ssize_t)sizeof *told)
        continue;
    if (*told >= left) {
        usleep(pause);
        kill(child, SIGKILL);
    }
    while (read(pipes[0], told, sizeof *told) == (ssize_t)sizeof *told)
        continue;
    close(pipes[0]);
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg((WIFEXITED(how) && WEXITSTATUS(how) == 0) || (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL),
                  "the child ended with %d", how);
    return WIFEXITED(how);
}

static void kill_until_whole(const char *engine, uint64_t random)
{
    int64_t written = 0, told;
    hc_copy_counts counts;
    hc_client *source;
    int kills = 0;

    place_make(&target, engine);
#ifdef HOUSE_MONGODB
    if (server[0] != '\0')
        name_documents(engine);
#endif
    for (;;) {
        random = random * UINT64_C(6364136223846793005) + 1;
        if (run_and_kill(20 + (int64_t)(random >> 60) * 8, (unsigned)(random >> 40) % 4000, &told))
            break;
        written += told;
        kills++;
        ck_assert_int_lt(kills, 200);
        if (opens()) /* it was killed when all was done: what follows looks whether that is so */
            break;
    }
    source = open_at(house.uri);
    ck_assert_int_eq(copy(&counts, source, NULL, NULL), HC_NOTE_SAME);
    hc_client_close(source);
    ck_assert_int_ge(counts.same, written); /* what was told is there, and was not written again */
    assert_whole();
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM activity_logs"), documents[0] == '\0' ? ENTRIES : 0);
    ck_assert_int_gt(kills, 8);
    printf("copy: %d kills on the way to %s%s, %lld of %lld rows told before them\n", kills, engine,
           documents[0] == '\0' ? "" : " and a store of documents", (long long)written, (long long)counts.total);
    place_drop(&target);
#ifdef HOUSE_MONGODB
    if (documents[0] != '\0')
        drop_documents();
#endif
}

/* A copy killed again and again ends as one that never was. */
START_TEST(a_killed_copy_goes_on_where_it_stopped)
{
    struct timespec now;
    const char *const *engines;
    size_t count = place_engines(&engines);

    clock_gettime(CLOCK_MONOTONIC, &now);
    printf("seed %ld\n", now.tv_nsec);
    house_open();
    append_entries();
    house_leave(); /* the children open clients of their own */
    for (size_t i = 0; i < count; i++)
        kill_until_whole(engines[i], (uint64_t)now.tv_nsec);
    house_close();
}
END_TEST

START_TEST(the_harness_finds_an_unfinished_copy_that_looks_whole)
{
    if (server[0] != '\0')
        setenv("HC_TEST_DOCUMENTS", server, 1);
    ck_assert(suite_finds("copy-looks-whole", "a_killed_copy_goes_on_where_it_stopped", "copy(&counts"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_killed_copy_goes_on_where_it_stopped);
    tcase_add_test(tcase, the_harness_finds_an_unfinished_copy_that_looks_whole);
}

int main(void)
{
    const char *given = getenv("HC_TEST_DOCUMENTS");

    if (given != NULL)
        snprintf(server, sizeof server, "%s", given);
    unsetenv("HC_TEST_DOCUMENTS"); /* the source is one store */
    return suite_main("fault.copy", fill, NULL, NULL);
}
