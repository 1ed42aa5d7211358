/* A private PostgreSQL server: a direct child on a free port of loopback, in a folder of its own, gone with its owner.
 */
#ifndef SUPPORT_SERVER_POSTGRES_H
#define SUPPORT_SERVER_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SERVER_SKIPPED 77 /* what a test program returns when there is no server */

typedef struct server_postgres {
    pid_t pid; /* 0: not running, or HC_TEST_POSTGRES_URI names one that is not ours */
    bool ours;
    int port;
    char folder[128];
    char bin[128];
    char uri[512];    /* of a database where everything may be done; no parameters yet */
    char reason[256]; /* why there is none */
} server_postgres;

/* False with a reason to print when the machine has no PostgreSQL. `locked` with the password "open sesame" is the one
 * user who needs a password. */
bool server_postgres_start(server_postgres *server);
void server_postgres_stop(server_postgres *server); /* and removes its folder */

void server_postgres_kill(server_postgres *server);  /* SIGKILL to it; its children end by themselves */
bool server_postgres_again(server_postgres *server); /* on the same folder and port */

#endif
