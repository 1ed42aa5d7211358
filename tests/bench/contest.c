/* Two sides, interleaved, order rotated; the median of the rounds' ratios. And what is printed of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

extern const char *const *bench_names; /* of the command line */
extern size_t bench_name_count;
extern FILE *bench_json;
extern int bench_short;

double seconds(int how)
{
    struct timespec t;

    clock_gettime(how == BY_CPU ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_value);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* One side's share of a round, added to what it took so far, by each clock. */
static void take_turn(double took[2][2], int side, side_fn run, uint64_t first, uint64_t count)
{
    double start[2] = {seconds(BY_CLOCK), seconds(BY_CPU)};

    run(first, count);
    for (int how = 0; how < 2; how++)
        took[how][side] += seconds(how) - start[how];
}

void contest_both(double out[2], side_fn ours, side_fn raw, uint64_t operations, uint64_t turns)
{
    double ratios[2][64], best[2][2] = {{1e9, 1e9}, {1e9, 1e9}};
    side_fn sides[2] = {ours, raw};
    uint64_t each = operations / turns;

    sides[0](0, operations / 4 + 1); /* warm */
    sides[1](0, operations / 4 + 1);
    for (int round = 0; round < bench.rounds; round++) {
        uint64_t first = (uint64_t)round * operations;
        double took[2][2] = {{0, 0}, {0, 0}};

        for (uint64_t turn = 0; turn < turns; turn++) {
            int begins = (round + (int)turn) % 2;

            take_turn(took, begins, sides[begins], first + turn * each, each);
            take_turn(took, 1 - begins, sides[1 - begins], first + turn * each, each);
        }
        for (int how = 0; how < 2; how++) {
            ratios[how][round] = took[how][1] / took[how][0];
            for (int side = 0; side < 2; side++)
                best[how][side] = took[how][side] < best[how][side] ? took[how][side] : best[how][side];
        }
    }
    for (int how = 0; how < 2; how++) {
        printf("  ours %.2f us, raw %.2f us %s (best round, each operation)\n", best[how][0] * 1e6 / (double)operations,
               best[how][1] * 1e6 / (double)operations, how == BY_CPU ? "of CPU" : "by the clock");
        out[how] = median(ratios[how], (size_t)bench.rounds);
    }
}

double contest(side_fn ours, side_fn raw, uint64_t operations, int how)
{
    double both[2];

    contest_both(both, ours, raw, operations, 1);
    return both[how];
}

/* Of all but the fastest and the slowest tenth. */
static double middle_of(double *times, size_t count)
{
    double sum = 0;

    qsort(times, count, sizeof(*times), by_value);
    for (size_t i = count / 10; i < count - count / 10; i++)
        sum += times[i];
    return sum / (double)(count - 2 * (count / 10));
}

/* The sides take turns of so many writes each, so that either finds its pages in its cache for most of them. */
#define TURN 25

static void write_in_turns(double *times[2], const side_fn sides[2], uint64_t first, uint64_t count)
{
    for (uint64_t at = 0; at < count; at += TURN)
        for (uint64_t i = 0; i < 2 * TURN; i++) {
            uint64_t side = (at / TURN + i / TURN) % 2, number = at + i % TURN;
            double start;

            if (number >= count)
                continue;
            start = seconds(BY_CLOCK);
            sides[side](first + number, 1);
            times[side][number] = seconds(BY_CLOCK) - start;
        }
}

double contest_writes(side_fn ours, side_fn raw, uint64_t operations)
{
    const side_fn sides[2] = {ours, raw};
    double *times[2] = {calloc(operations, sizeof(double)), calloc(operations, sizeof(double))};
    double ratios[64], best[2] = {1e9, 1e9};

    if (times[0] == NULL || times[1] == NULL)
        die("no memory");
    write_in_turns(times, sides, 0, operations / 4); /* warm */
    for (int round = 0; round < bench.rounds; round++) {
        double middle[2];

        write_in_turns(times, sides, (uint64_t)(round + 1) * operations, operations);
        for (int side = 0; side < 2; side++) {
            middle[side] = middle_of(times[side], operations);
            best[side] = middle[side] < best[side] ? middle[side] : best[side];
        }
        ratios[round] = middle[1] / middle[0];
    }
    printf("  ours %.2f us, raw %.2f us by the clock (best round, the middle eight tenths)\n", best[0] * 1e6,
           best[1] * 1e6);
    free(times[0]);
    free(times[1]);
    return median(ratios, (size_t)bench.rounds);
}

static void bar(const char *number, const char *name, double value, double target, bool met)
{
    printf("bar %s %s %.3f %.3f %s\n", number, name, value, target, met ? "ok" : "short");
    fflush(stdout);
    if (bench_json != NULL)
        fprintf(bench_json,
                "%s\n    {\"bar\": \"%s\", \"name\": \"%s\", \"value\": %.4f, \"target\": %.4f, \"ok\": %s}",
                ftell(bench_json) > 40 ? "," : "", number, name, value, target, met ? "true" : "false");
    bench_short += !met;
}

static char *figures;
static size_t figures_size;

void figure(const char *what, const char *side, const double each[2], const double ratios[2], int how)
{
    static FILE *into;

    if (into == NULL)
        into = open_memstream(&figures, &figures_size);
    if (into == NULL)
        die("no memory");
    fprintf(into,
            "%s\n    {\"what\": \"%s\", \"side\": \"%s\", \"cpu_us\": %.3f, \"clock_us\": %.3f, \"cpu_times\": %.3f,"
            " \"clock_times\": %.3f, \"by\": \"%s\"}",
            figures_size > 0 ? "," : "", what, side, each[BY_CPU], each[BY_CLOCK], ratios[BY_CPU], ratios[BY_CLOCK],
            how == BY_CPU ? "cpu" : "clock");
    fflush(into);
}

const char *figures_json(void)
{
    return figures == NULL ? "" : figures;
}

void bar_at_least(const char *number, const char *name, double value, double target)
{
    bar(number, name, value, target, value >= target);
}

void bar_at_most(const char *number, const char *name, double value, double target)
{
    bar(number, name, value, target, value <= target);
}

/* "6" means 6a and 6b too. */
bool wanted(const char *number)
{
    for (size_t i = 0; i < bench_name_count; i++) {
        size_t size = strlen(bench_names[i]);

        if (strncmp(bench_names[i], number, size) == 0 && (number[size] < '0' || number[size] > '9'))
            return true;
    }
    return bench_name_count == 0;
}

void die(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, args);
    fprintf(stderr, "\n");
    va_end(args);
    exit(2);
}

void must(hc_status status, const hc_error *err, const char *what)
{
    if (status < 0)
        die("%s: %s, field %s: %s", what, hc_status_name(status), err->field, err->message);
}
