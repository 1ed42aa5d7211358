/* The tour tells one story wherever its store is, and a store can be moved between two chapters of it. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "house.h"
#include "place.h"

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

static struct story tell(const char *store)
{
    struct story out = {{0}, {0}, {0}};
    char command[2000];

    snprintf(command, sizeof command, "%s '%s' " DATA "sample.csv " DATA "sample.mapping.json '%s/tour' 2>&1", TOUR,
             store, folder);
    ck_assert_msg(run(command, take_line, &out) == 0, "the tour on %s failed", store);
    return out;
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

START_TEST(a_moved_store_goes_on_with_the_story)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    place from, to;
    char uri[800], command[3000], keys[800];
    struct story second, here;

    place_make(&from, "sqlite");
    place_make(&to, engines[count - 1]);
    with_password(uri, sizeof uri, &to);
    tell(from.name);
    snprintf(command, sizeof command, "%s '%s' '%s' 2>&1", MOVE, from.uri, uri);
    ck_assert_int_eq(run(command, print_line, NULL), 0);
    ck_assert_int_eq(run(command, print_line, NULL), 0); /* nothing is left to do */
    snprintf(keys, sizeof keys, "cp %s.keys %s/tour.keys", from.name, folder);
    ck_assert_int_eq(run(keys, print_line, NULL), 0);
    second = tell(from.name);
    here = tell(uri);
    assert_same_lines(&second, &here);
    ck_assert_int_ne(run(command, print_line, NULL), 0); /* both went on: it is no copy any more */
    place_drop(&from);
    place_drop(&to);
}
END_TEST

static void make_folder(void)
{
    house_folder();
    snprintf(folder, sizeof folder, "%s", house.folder);
}

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_story_is_the_same_on_every_engine);
    tcase_add_test(tcase, a_moved_store_goes_on_with_the_story);
}

int main(void)
{
    return suite_main("examples.story", fill, make_folder, house_remove);
}
