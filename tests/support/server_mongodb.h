/* A server for the tests of MongoDB: a direct child on a free port of loopback, gone with its owner.
 *
 * HC_TEST_MONGODB_URI first; else mongod of the PATH; else, in its place, mongo-java-server always, and FerretDB as
 * well where Go 1.24 is here. What stands in lacks things: `lacks` says which, and a run prints it. */
#ifndef SUPPORT_SERVER_MONGODB_H
#define SUPPORT_SERVER_MONGODB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SERVER_SKIPPED 77 /* what a test program returns when there is no server */

typedef enum server_mongodb_kind { SERVER_REAL, SERVER_JAVA, SERVER_FERRETDB } server_mongodb_kind;

typedef struct server_mongodb {
    server_mongodb_kind kind;
    pid_t pid; /* 0: not running, or not ours */
    int port;
    char folder[128];
    char base[512];   /* URI without a database */
    char name[64];    /* for people */
    char lacks[400];  /* what was therefore not checked; "" of a real one */
    char reason[400]; /* why there is none */
} server_mongodb;

/* `second`: the other server that stands in, where there is no real one. False with a reason to print. */
bool server_mongodb_start(server_mongodb *server, bool second);
void server_mongodb_stop(server_mongodb *server);  /* and removes its folder */
void server_mongodb_kill(server_mongodb *server);  /* SIGKILL; its folder stays */
bool server_mongodb_again(server_mongodb *server); /* after a kill: on the same folder and port */
/* Says which server it is, and what is therefore not checked, or why there is none: tests/run tells it at its end. */
void server_mongodb_tell(const server_mongodb *server);
/* The URI of a database; `options`, such as "w=0", may be NULL. */
void server_mongodb_uri(const server_mongodb *server, char *out, size_t size, const char *database,
                        const char *options);

#endif
