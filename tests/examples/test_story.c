/* The tour tells one story wherever its stores are, and a store can be moved between two chapters of it. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "house.h"
#include "place.h"

#ifdef HOUSE_MONGODB
#include "server_mongodb.h"
#endif

#define DATA HC_SOURCE_DIR "/examples/data/"

/* The lines of the tour that count. */
struct story {
    char database[800], listings[200], story[200];
};

static char folder[300];

static void keep_line(char *out, size_t size, const char *line, const char *start)
{
    if (strncmp(line, start, strlen(start)) == 0)
        snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Runs a program and gives each line that it prints; its result. */
static int run(const char *command, void (*line)(const char *text, void *data), void *data)
{
    FILE *from = popen(command, "r");
    char text[2000];
    int how;

    ck_assert_ptr_nonnull(from);
    while (fgets(text, sizeof text, from) != NULL)
        line(text, data);
    how = pclose(from);
    return WIFEXITED(how) ? WEXITSTATUS(how) : -1;
}

static void take_line(const char *text, void *data)
{
    struct story *out = data;

    ck_assert_msg(strstr(text, "s3cret") == NULL, "a password was printed: %s", text);
    keep_line(out->database, sizeof out->database, text, "database: ");
    keep_line(out->listings, sizeof out->listings, text, "listings: ");
    keep_line(out->story, sizeof out->story, text, "story: ");
}

/* `documents`: where they live; NULL: in the store. */
static struct story tell_with(const char *store, const char *documents)
{
    struct story out = {{0}, {0}, {0}};
    char command[2000];

    snprintf(command, sizeof command, "%s '%s' " DATA "sample.csv " DATA "sample.mapping.json '%s/tour' %s%s%s 2>&1",
             TOUR, store, folder, documents == NULL ? "" : "'", documents == NULL ? "" : documents,
             documents == NULL ? "" : "'");
    ck_assert_msg(run(command, take_line, &out) == 0, "the tour on %s failed", store);
    return out;
}

static struct story tell(const char *store)
{
    return tell_with(store, NULL);
}

/* With a password: one server does not ask for any, the other takes no wrong one. */
static void with_password(char *out, size_t size, const place *at)
{
    const char *host = strchr(at->uri, '@');
    char grant[400];

    if (host == NULL) {
        snprintf(out, size, "%s", at->uri);
    } else if (strcmp(at->engine, "mysql") != 0) {
        snprintf(out, size, "%.*s:s3cret%s", (int)(host - at->uri), at->uri, host);
    } else {
        snprintf(grant, sizeof grant, "GRANT ALL ON %s.* TO story IDENTIFIED BY 's3cret'", at->name);
        place_number(at, grant);
        snprintf(out, size, "mysql://story:s3cret%s", host);
    }
}

static void assert_same_lines(const struct story *a, const struct story *b)
{
    ck_assert_str_ne(a->listings, "");
    ck_assert_str_ne(a->story, "");
    ck_assert_str_eq(a->listings, b->listings);
    ck_assert_str_eq(a->story, b->story);
}

START_TEST(the_story_is_the_same_on_every_engine)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    struct story first, second;

    for (size_t i = 0; i < count; i++) {
        char uri[800];
        place at;
        struct story again, now;

        place_make(&at, engines[i]);
        with_password(uri, sizeof uri, &at);
        now = tell(i == 0 ? at.name : uri); /* a file by its path */
        again = tell(uri);
        if (i == 0) {
            first = now;
            second = again;
        }
        assert_same_lines(&first, &now);
        assert_same_lines(&second, &again);
        ck_assert_str_ne(first.listings, second.listings);
        printf("%s\n", again.database);
        place_drop(&at);
    }
    printf("%s\n%s\n", first.listings, first.story);
}
END_TEST

static void print_line(const char *text, void *data)
{
    (void)data;
    ck_assert_msg(strstr(text, "s3cret") == NULL, "a password was printed: %s", text);
    fputs(text, stdout);
    fflush(stdout);
}

/* `documents`: where they live in the end; NULL: in the store. */
static void move_and_go_on(const char *documents)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    place from, to;
    char uri[800], option[800] = "", command[4000], keys[800];
    struct story second, here;

    place_make(&from, "sqlite");
    place_make(&to, engines[count - 1]);
    with_password(uri, sizeof uri, &to);
    tell(from.name);
    if (documents != NULL)
        snprintf(option, sizeof option, "--to-documents '%s'", documents);
    snprintf(command, sizeof command, "%s %s '%s' '%s' 2>&1", MOVE, option, from.uri, uri);
    ck_assert_int_eq(run(command, print_line, NULL), 0);
    ck_assert_int_eq(run(command, print_line, NULL), 0); /* nothing is left to do */
    snprintf(keys, sizeof keys, "cp %s.keys %s/tour.keys", from.name, folder);
    ck_assert_int_eq(run(keys, print_line, NULL), 0);
    second = tell(from.name);
    here = tell_with(uri, documents);
    assert_same_lines(&second, &here);
    ck_assert_int_ne(run(command, print_line, NULL), 0); /* both went on: it is no copy any more */
    place_drop(&from);
    place_drop(&to);
}

START_TEST(a_moved_store_goes_on_with_the_story)
{
    move_and_go_on(NULL);
}
END_TEST

/* A path with a slip in it: no empty store is made there, and none is called a copy. */
START_TEST(nothing_is_moved_from_where_there_is_nothing)
{
    char command[2000], made[400];

    snprintf(command, sizeof command, "%s 'sqlite:%s/slip.db?durability=full' 'sqlite:%s/to.db' 2>&1", MOVE, folder,
             folder);
    ck_assert_int_eq(run(command, print_line, NULL), 1);
    snprintf(made, sizeof made, "ls -A '%s' | grep .", folder);
    ck_assert_int_eq(run(made, print_line, NULL), 1);
}
END_TEST

/* With keys made anew in its place the copy's seals would not hold, and the store's own no longer. */
START_TEST(nothing_is_moved_without_its_keys)
{
    char move[2000], slip[2100], made[400];
    place from;

    place_make(&from, "sqlite");
    tell(from.name);
    snprintf(move, sizeof move, "%s '%s' 'sqlite:%s/to.db'", MOVE, from.uri, folder);
    snprintf(slip, sizeof slip, "%s '%s/slip.keys' 2>&1", move, folder);
    ck_assert_int_eq(run(slip, print_line, NULL), 1);
    snprintf(made, sizeof made, "ls -A '%s' | grep -e slip -e to.db", folder);
    ck_assert_int_eq(run(made, print_line, NULL), 1);
    ck_assert_int_eq(run(move, print_line, NULL), 0);
    place_drop(&from);
}
END_TEST

#ifdef HOUSE_MONGODB
static server_mongodb documents_server;

static bool start_documents(void)
{
    const char *given = getenv("HC_TEST_DOCUMENTS");

    documents_server = (server_mongodb){.kind = SERVER_REAL};
    if (given != NULL)
        snprintf(documents_server.base, sizeof documents_server.base, "%s", given);
    else if (!server_mongodb_start(&documents_server, false))
        return false;
    return true;
}

/* Twice on each pair, as the first test does on each store. */
START_TEST(the_story_is_the_same_with_documents_in_a_store_of_their_own)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    struct story first, second;
    place one;

    if (!start_documents()) {
        printf("skip: the story on a pair of stores: %s\n", documents_server.reason);
        return;
    }
    server_mongodb_tell(&documents_server);
    place_make(&one, engines[0]);
    first = tell(one.uri);
    second = tell(one.uri);
    for (size_t i = 0; i < count; i++) {
        char uri[800], documents[700], name[64];
        struct story now, again;
        place at;

        place_make(&at, engines[i]);
        with_password(uri, sizeof uri, &at);
        snprintf(name, sizeof name, "story_%d_%d", (int)getpid(), (int)i);
        server_mongodb_uri(&documents_server, documents, sizeof documents, name, NULL);
        now = tell_with(uri, documents);
        again = tell_with(uri, documents);
        assert_same_lines(&first, &now);
        assert_same_lines(&second, &again);
        ck_assert_int_eq(place_number(&at, "SELECT count(*) FROM activity_logs"), 0);
        ck_assert_int_gt(place_number(&at, "SELECT count(*) FROM document_heads"), 0);
        ck_assert_int_eq(place_number(&at, "SELECT count(*) FROM outbox WHERE state<>'delivered'"), 0);
        printf("%s, documents in %s\n", again.database, documents_server.name);
        place_drop(&at);
    }
    if (documents_server.pid != 0)
        server_mongodb_stop(&documents_server);
}
END_TEST

START_TEST(documents_move_out_between_two_chapters)
{
    char documents[700], name[64];

    if (!start_documents()) {
        printf("skip: a move into a pair of stores: %s\n", documents_server.reason);
        return;
    }
    snprintf(name, sizeof name, "moved_%d", (int)getpid());
    server_mongodb_uri(&documents_server, documents, sizeof documents, name, NULL);
    move_and_go_on(documents);
    if (documents_server.pid != 0)
        server_mongodb_stop(&documents_server);
}
END_TEST
#endif

static void make_folder(void)
{
    house_folder();
    snprintf(folder, sizeof folder, "%s", house.folder);
}

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_story_is_the_same_on_every_engine);
#ifdef HOUSE_MONGODB
    tcase_add_test(tcase, the_story_is_the_same_with_documents_in_a_store_of_their_own);
    tcase_add_test(tcase, documents_move_out_between_two_chapters);
#endif
    tcase_add_test(tcase, nothing_is_moved_from_where_there_is_nothing);
    tcase_add_test(tcase, nothing_is_moved_without_its_keys);
    tcase_add_test(tcase, a_moved_store_goes_on_with_the_story);
}

int main(void)
{
    return suite_main("examples.story", fill, make_folder, house_remove);
}
