/* Calls on every noun, again and again: what the library holds in memory does not grow with what it did. With --long
 * for an hour, and by what the system counts. */
#include <sys/wait.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"
#include "whole.h"

#define ROUNDS 60
#define WARM   30 /* of them: caches fill */
#define HOUR   3600
#define PARTS  4     /* of the time; each tells how far it is */
#define LARGE  25    /* rounds on one store: whole exports, backups and audit logs take as long as it is large */
#define MOST   20000 /* samples, each at the end of a store */
#define FEWEST 60    /* that count: a page more or less is no slope then */

#define RELAXED "?durability=relaxed"

static double calls_at[MOST], kib_at[MOST];
static int64_t calls;

static int64_t anonymous_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[200];
    int64_t kib = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtoll(line + 8, NULL, 10);
    if (file != NULL)
        fclose(file);
    return kib;
}

static int seconds(void)
{
    const char *asked = getenv("HC_SOAK");

    return asked != NULL ? (int)strtol(asked, NULL, 10) : HOUR;
}

static void round_of_calls(void)
{
    for (int i = 0; i < noun_call_count; i++) {
        nouns_prepare(&noun_calls[i]);
        HOUSE_OK(noun_calls[i].run(err));
        calls++;
    }
}

/* The first sample that counts: caches fill at first. */
static int first_sample(int count)
{
    return count / 4;
}

/* KiB for each 10,000 calls, by least squares. */
static double slope(int count)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;

    for (int i = first_sample(count); i < count; i++) {
        n++;
        x += calls_at[i];
        y += kib_at[i];
        xx += calls_at[i] * calls_at[i];
        xy += calls_at[i] * kib_at[i];
    }
    return (n * xy - x * y) / (n * xx - x * x) * 10000;
}

/* Blocks of the library that the later rounds left, beside `more` that each of them does not give back. */
static int64_t left_by_rounds(size_t more)
{
    static void *kept[ROUNDS];
    int64_t warm = 0, left;

    house_allocator = &memory_allocator;
    whole_open(RELAXED);
    for (int round = 0; round < ROUNDS; round++) {
        round_of_calls();
        if (more > 0)
            kept[round] = memory_allocator.allocate(more, memory_allocator.data);
        if (round == WARM)
            warm = memory_live();
    }
    left = memory_live() - warm;
    printf("soak: %" PRId64 " calls, %" PRId64 " blocks of the library after %d rounds, %" PRId64 " after %d\n", calls,
           warm, WARM + 1, warm + left, ROUNDS);
    for (int round = 0; more > 0 && round < ROUNDS; round++)
        memory_allocator.release(kept[round], memory_allocator.data);
    whole_close();
    ck_assert_int_eq(memory_live(), 0);
    return left;
}

/* Caches still fill now and then; a call that leaves a block leaves as many as there are rounds. */
#define ONE_EACH ((ROUNDS - WARM) / 2)

START_TEST(memory_does_not_grow_with_work)
{
    ck_assert_int_lt(left_by_rounds(0), ONE_EACH);
}
END_TEST

START_TEST(the_harness_finds_a_block_that_stays)
{
    ck_assert_int_ge(left_by_rounds(8), ONE_EACH);
}
END_TEST

/* What the process that works tells at the end of each part. */
struct report {
    int64_t calls;
    double kib_first, kib_last, slope;
};

static int reports[2];

/* A store from its making to when it is large, and what the process then holds. */
static void live_through(int sample)
{
    whole_open(RELAXED);
    for (int round = 0; round < LARGE; round++)
        round_of_calls();
    calls_at[sample] = (double)calls;
    kib_at[sample] = (double)anonymous_kib();
    whole_close();
}

/* Works for the whole time, in a process of its own: one test cannot last as long, since libcheck counts microseconds
 * in 32 bits. */
static void soak(void)
{
    time_t begin = time(NULL);
    int count = 0;

    for (int i = 0; i < MOST; i++) /* else their own pages, one after the other, are what grows */
        calls_at[i] = kib_at[i] = -1;
    for (int part = 1; part <= PARTS; part++) {
        struct report report;

        for (; time(NULL) < begin + (time_t)seconds() * part / PARTS && count < MOST; count++)
            live_through(count);
        if (first_sample(count) + FEWEST <= count)
            report = (struct report){calls, kib_at[first_sample(count)], kib_at[count - 1], slope(count)};
        else
            report = (struct report){calls, 0, 0, NAN}; /* too few yet */
        ck_assert_int_eq(write(reports[1], &report, sizeof report), sizeof report);
    }
}

static pid_t start_soak(void)
{
    pid_t pid;

    ck_assert_int_eq(pipe(reports), 0);
    pid = fork();
    if (pid == 0) {
        close(reports[0]);
        soak();
        exit(EXIT_SUCCESS);
    }
    close(reports[1]);
    return pid;
}

START_TEST(the_process_does_not_grow)
{
    struct report report;

    ck_assert_msg(read(reports[0], &report, sizeof report) == sizeof report, "the process that works is gone");
    printf("soak: %" PRId64 " calls in %d s, %.0f KiB at first and %.0f in the end: %.2f KiB in 10,000 calls\n",
           report.calls, seconds() / PARTS * (_i + 1), report.kib_first, report.kib_last, report.slope);
    (void)fflush(stdout);
    ck_assert_int_gt(report.calls, 0);
    if (_i == PARTS - 1) {
        ck_assert_msg(!isnan(report.slope), "HC_SOAK is too short: %" PRId64 " calls", report.calls);
        ck_assert_msg(report.slope < 1, "memory grows by %.2f KiB in 10,000 calls", report.slope);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, memory_does_not_grow_with_work);
    tcase_add_test(tcase, the_harness_finds_a_block_that_stays);
    if (whole_is_long())
        tcase_add_loop_test(tcase, the_process_does_not_grow, 0, PARTS);
}

int main(void)
{
    pid_t worker = 0;
    int result, ended = 0;

    memory_wrap_sqlite();
    if (whole_is_long() && suite_wants("the_process_does_not_grow"))
        worker = start_soak();
    result = suite_main("fault.soak", fill, NULL, NULL);
    if (worker > 0 && (waitpid(worker, &ended, 0) != worker || ended != 0))
        return EXIT_FAILURE;
    return result;
}
