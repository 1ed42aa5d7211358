/* Sides in another language: programs of peers/, each a child that is asked over a pipe. HC_BENCH_PEERS names the
 * folder where `run --peers` put their packages; without it there are none. */
#ifndef TESTS_BENCH_PEERS_H
#define TESTS_BENCH_PEERS_H

#include "bench.h"

bool peers_wanted(void);
/* Before they start: what a program finds in its environment as HC_PEER_name. */
void peer_setting(const char *name, const char *value);
void peers_open(const char *const *programs); /* those whose packages are there, "prisma", ..., NULL */
void peers_close(void);

/* How many times as fast as a peer ours is to be. A peer without a goal is measured all the same. */
struct goal {
    const char *number, *peer; /* NULL ends them */
    double times;
};

typedef double (*whole_fn)(void); /* does `operations` of a contest and says how many seconds they took */

struct contest {
    const char *job;   /* as the peers' programs name it */
    const char *label; /* of what is printed: "get", "list", ... */
    side_fn ours, raw; /* or NULL, with these: */
    whole_fn ours_whole, raw_whole;
    void (*before)(void); /* each turn of a peer, unless NULL */
    uint64_t operations;  /* of ours and raw in a round, and of a peer at most */
    double lasts;         /* seconds of a peer's turn, about */
    int how;              /* the clock that goals are about */
    const struct goal *goals;
};
/* Ours, raw and all peers in the same rounds, the order rotated. Prints a line a side and a bar a goal. */
void peers_contest(const struct contest *contest);

/* Operations 0 to count - 1 of a job must read so many rows and cents. */
struct tally {
    uint64_t rows;
    int64_t cents;
};
/* True when the program is there and did it. */
bool peer_does(const char *program, const char *job, uint64_t first, uint64_t count);
void peers_check(const char *job, uint64_t count, struct tally expected);

/* ---- what is asked of them, beside the sides of the same bars ---- */

void peers_of_listings(const char *const *programs); /* bars_read.c: opened with the streams of listings */
void peers_read(const struct goal *gets, const struct goal *lists);
void peers_before_writes(void); /* bars_write.c: what peers are told when they start, for a file */
void peers_write(const struct goal *imports);
void peers_before_import(void); /* bars_server.c: the same for a server */
void peers_import(const struct goal *imports);
void peers_documents(const char *uri, const char *collection, const side_fn inserts[2], const side_fn gets[2]);
void bars_peers(void); /* of the file or the server that the bench is on */

#endif
