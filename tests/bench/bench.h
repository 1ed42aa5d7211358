/* Bars of performance.md: the library against hand-written C on the same file, in one run, interleaved. */
#ifndef TESTS_BENCH_H
#define TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data.h"
#include "homeconnect/client.h"
#include "homeconnect/property.h"
#include "homeconnect/query.h"
#include "homeconnect/session.h"
#include "raw_sqlite.h"

/* ---- what all bars run on ---- */

struct bench {
    char folder[400]; /* of data files and scratch */
    char path[560];   /* of the store; a URI on a server */
    uint64_t rows;    /* listings in it */
    uint64_t import_rows;
    int rounds;
    hc_client *client;
    hc_session *buyer, *agent, *admin;
    struct raw *raw;
    bool reads_cpu; /* reads are compared by CPU time of the thread, not by the clock */
};
extern struct bench bench;

void must(hc_status status, const hc_error *err, const char *what); /* prints and ends the bench */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* ---- setup.c ---- */

void bench_open(void); /* makes the data file when it is not there, opens it, signs in */
void bench_close(void);
/* The rows of the file at the start, and back to them when a bar has written, in its index of words too: else the next
 * ranking passes over all that was deleted, since its newest words come first. */
struct bench_mark {
    int64_t listings, events, imports;
};
void bench_mark(struct bench_mark *out);
void bench_take_back(const struct bench_mark *mark);
void bench_file(char *path, size_t size); /* the path of the data file, which is made when it is not there */
void open_client(hc_client **out, const char *path);
void open_watched(hc_client **out, const char *path, hc_metric_fn metric); /* the same, told of what it counts */
void open_with(hc_client **out, const char *path, const char *documents);  /* with a store of documents beside it */
void store_people(hc_client *client);                                      /* the users of every file */
hc_session *sign_in(hc_client *client, const char *email);
extern const char *const people[3]; /* buyer, agent, admin */

/* ---- contest.c ---- */

#define BY_CLOCK 0
#define BY_CPU   1

double seconds(int how); /* monotonic clock, or CPU time of this thread */
double median(double *values, size_t count);

typedef void (*side_fn)(uint64_t first, uint64_t count); /* operations first .. first + count - 1 of the stream */

/* Median over the rounds of raw's time / ours. */
double contest(side_fn ours, side_fn raw, uint64_t operations, int how);
/* The same by both clocks in the same rounds, by BY_. In a round each side has so many turns, of equal parts. */
void contest_both(double out[2], side_fn ours, side_fn raw, uint64_t operations, uint64_t turns);
/* Of single writes to a file, by the clock: write against write, in short turns, and of each round only the middle
 * eight tenths. Every few dozen writes the index of words is merged, more every few hundred, and a disk has moods: in
 * rounds of one side after the other that fell to whoever was there, and rounds of one run were 0.59 to 1.86. */
double contest_writes(side_fn ours, side_fn raw, uint64_t operations);

/* What one side took for one operation, by BY_ in µs, and how many times as long as ours; kept in the JSON. */
void figure(const char *what, const char *side, const double each[2], const double ratios[2], int how);
const char *figures_json(void);
void bar_at_least(const char *number, const char *name, double value, double target);
void bar_at_most(const char *number, const char *name, double value, double target);
bool wanted(const char *number); /* by the names on the command line: "1", "14b", "get" */

/* ---- the bars ---- */

void bars_read(void);  /* 1 2 3 5 8 10 */
void bars_write(void); /* 6 7 */
void bars_log(void);   /* 6c 6d */
void bars_pair(void);  /* 6e 6f */
void bars_text(void);  /* 14 */
void bars_small(void); /* 13, size, heap */
/* Pages of this process that no file is behind: what is mapped of a file is the system's to take back. */
int64_t anonymous_kib(void);

void bars_memory(void);              /* 12 */
void bars_scale(void);               /* scale-a to -e */
void memory_alone(const char *path); /* what the child of bar 12 does */
void memory_of(long long kib[3], const char *path, uint64_t rows, const hc_session *buyer);
void bars_plans(void);     /* 4 */
void bars_viewings(void);  /* slots */
void bars_work(void);      /* 4b 5b 5c 5d */
void bars_relay(void);     /* 8b 8c 8d: --storage mongodb */
void bars_documents(void); /* 8b: the same */
/* One side of a bar alone, for callgrind: "get-ours", "list-raw", ... */
void measured(side_fn side, uint64_t operations);
bool run_alone(const char *name, uint64_t operations);
bool run_alone_writing(const char *name, uint64_t operations);

#endif
