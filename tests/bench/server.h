/* The bars on a server: a private one, or that of HC_TEST_POSTGRES_URI or HC_TEST_MARIADB_URI. */
#ifndef TESTS_BENCH_SERVER_H
#define TESTS_BENCH_SERVER_H

#include "bench.h"
#include "raw_server.h"

struct bench_server {
    const struct raw_server *on;
    char base[512]; /* URI of a database that is not the bench's */
    void *root;     /* connected there */
    void *raw;      /* connected to the data, prepared */
};
extern struct bench_server bench_server;

bool server_wanted(const char *storage); /* false: sqlite; what is not known ends the bench */
void server_open(void);                  /* starts it, makes the data when it is not there, opens it, signs in */
void server_close(void);

/* A database of its own; `out` becomes its URI. */
void server_fresh(char *out, size_t size, const char *name);
void server_drop(const char *name);
void *server_raw(const char *uri); /* a connection of the raw side */

void bars_server(void); /* 7, copy */
bool run_alone_import(const char *name, uint64_t operations);
void bars_pool(void); /* pool */

#endif
