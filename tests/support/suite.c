#include "suite.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds after which a test hangs: a thousand kills take a slow disk five minutes, and ./tests/run --long more. */
static int timeout(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? 7200 : 900;
}

bool suite_wants(const char *name)
{
    const char *only = getenv("HC_TEST_ONLY");

    return only == NULL || only[0] == '\0' || strcmp(only, name) == 0;
}

int suite_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, timeout());
    if (setup != NULL || teardown != NULL)
        tcase_add_checked_fixture(tcase, setup, teardown);
    fill(tcase);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_VERBOSE);
    failed = srunner_ntests_failed(runner) + (srunner_ntests_run(runner) == 0);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void run_again(const char *bug, const char *test, const int *out)
{
    (void)dup2(out[1], STDOUT_FILENO);
    (void)dup2(out[1], STDERR_FILENO);
    (void)close(out[0]);
    (void)close(out[1]);
    setenv("HC_BUG", bug, 1);
    setenv("HC_TEST_ONLY", test, 1);
    execl("/proc/self/exe", "again", (char *)NULL);
    _exit(127);
}

bool suite_finds(const char *bug, const char *test, const char *complaint)
{
    char line[4096];
    bool said = false;
    int out[2], status;
    FILE *from;
    pid_t child;

    fflush(stdout);
    ck_assert_int_eq(pipe(out), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        run_again(bug, test, out);
    close(out[1]);
    from = fdopen(out[0], "r");
    ck_assert_ptr_nonnull(from);
    while (fgets(line, sizeof line, from) != NULL)
        said = said || strstr(line, complaint) != NULL;
    fclose(from);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    printf("HC_BUG=%s %s by %s\n", bug, status != 0 && said ? "found" : "was not found", test);
    return status != 0 && said;
}

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

void suite_finds_race(const char *test)
{
#if __has_feature(thread_sanitizer)
    ck_assert(suite_finds("race", test, "ThreadSanitizer: data race"));
#else
    printf("skip: no ThreadSanitizer in this build, so no race was seeded into %s\n", test);
#endif
}

static bool stands_still(pid_t pid)
{
    char name[64], line[512];
    struct dirent *entry;
    bool all = true;
    DIR *tasks;

    snprintf(name, sizeof name, "/proc/%d/task", (int)pid);
    tasks = opendir(name);
    ck_assert_ptr_nonnull(tasks);
    while ((entry = readdir(tasks)) != NULL) {
        FILE *file;
        const char *state;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(line, sizeof line, "%s/%s/stat", name, entry->d_name);
        file = fopen(line, "r");
        if (file == NULL)
            continue; /* it has ended */
        state = fgets(line, sizeof line, file) == NULL ? NULL : strrchr(line, ')');
        all = all && state != NULL && state[2] == 'T';
        fclose(file);
    }
    closedir(tasks);
    return all;
}

void suite_freeze(pid_t pid)
{
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    for (int i = 0; i < 5000 && !stands_still(pid); i++)
        usleep(1000);
    ck_assert(stands_still(pid));
}
