/* A private PostgreSQL server: a direct child on a free port of loopback, in a folder of its own, gone with its owner.
 */
#ifndef SUPPORT_SERVER_POSTGRES_H
#define SUPPORT_SERVER_POSTGRES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "own_server.h"

typedef struct server_postgres {
    pid_t pid; /* 0: not running, or HC_TEST_POSTGRES_URI names one that is not ours */
    bool ours;
    int port;
    const char *const *settings;
    char folder[128];
    char bin[128];
    char uri[512];    /* of a database where everything may be done; no parameters yet */
    char reason[256]; /* why there is none */
} server_postgres;

/* False with a reason to print when the machine has no PostgreSQL. `locked` with the password "open sesame" is the one
 * user who needs a password. */
bool server_postgres_start(server_postgres *server);
/* The same with settings of the server instead of quick ones, "name=value", NULL-terminated and static. */
bool server_postgres_start_with(server_postgres *server, const char *const *settings);
void server_postgres_stop(server_postgres *server); /* and removes its folder */

/* SIGKILL to it and all its processes. What they wrote is in the kernel's hands and stays: fsync plays no part. */
void server_postgres_kill(server_postgres *server);
void server_postgres_freeze(const server_postgres *server); /* it keeps its connections, and says nothing */
void server_postgres_thaw(const server_postgres *server);
bool server_postgres_again(server_postgres *server); /* on the same folder and port */

/* Lines behind those of postgresql.conf, and lines instead of those of pg_hba.conf; read again by a server that runs.
 */
bool server_postgres_set(const server_postgres *server, const char *lines);
bool server_postgres_allow(const server_postgres *server, const char *lines);
/* Whether it takes TLS from now on, or once it is started again: with NAME.crt of certificates_make()'s folder, or
 * NULL, and more lines. */
bool server_postgres_certify(const server_postgres *server, const char *certificates, const char *name,
                             const char *more);
/* A hot standby of a server that runs, streaming under this name. */
bool server_postgres_standby(server_postgres *server, const server_postgres *primary, const char *name);
/* The first column of the first row as a number, true is 1; 0 of a command; below 0 with a reason when it failed. */
int64_t server_postgres_ask(server_postgres *server, const char *sql);

#endif
