/* A private MariaDB server: a direct child on a free port of loopback, in a folder of its own, gone with its owner. */
#ifndef SUPPORT_SERVER_MYSQL_H
#define SUPPORT_SERVER_MYSQL_H

#include <mysql.h>
#include <stdint.h>

#include "own_server.h"

typedef struct server_mysql {
    pid_t pid; /* 0: not running, or HC_TEST_MARIADB_URI names one that is not ours */
    bool ours;
    int port;
    const char *const *settings;
    char tls[4][200]; /* more of them, or "" */
    char folder[128];
    char uri[512];    /* of a database where everything may be done; no parameters yet */
    char reason[256]; /* why there is none */
} server_mysql;

/* False with a reason to print when the machine has no MariaDB. `locked` with the password "open sesame" is the one
 * user who needs a password. */
bool server_mysql_start(server_mysql *server);
/* The same with settings of the server instead of quick ones, "--name=value", NULL-terminated and static. */
bool server_mysql_start_with(server_mysql *server, const char *const *settings);
/* One of a cluster: never one that was given, and without `locked` and the URI's database. */
bool server_mysql_node(server_mysql *server, const char *const *settings);
void server_mysql_stop(server_mysql *server); /* and removes its folder */

void server_mysql_kill(server_mysql *server);  /* SIGKILL */
bool server_mysql_again(server_mysql *server); /* on the same folder and port */
/* Whether it takes TLS once it is started again: with NAME.crt of certificates_make()'s folder, or NULL, and one more
 * setting or NULL. */
void server_mysql_certify(server_mysql *server, const char *certificates, const char *name, const char *more);
/* It keeps its connections, and says nothing; and goes on. */
void server_mysql_freeze(const server_mysql *server, bool freeze);

/* One that keeps a log for replicas, and a replica that follows it by GTID; never one that was given. */
bool server_mysql_primary(server_mysql *server);
bool server_mysql_replica(server_mysql *server, const server_mysql *primary);
/* Waits until the replica shows what the primary has, a minute at most. */
void server_mysql_catch_up(const server_mysql *replica, const server_mysql *primary);

/* The first column of the first row as a number; 0 of a command; below 0 with a reason when it failed. */
int64_t server_mysql_ask(server_mysql *server, const char *sql);

/* A plain session for tests that look from outside, on that database of the server (NULL: the URI's own). NULL when
 * there is none. The URI may have user, password, host, port and database, all plain. */
MYSQL *server_mysql_look(const char *uri, const char *database);
/* The same server's URI for another database. */
void server_mysql_uri(char *out, size_t size, const char *uri, const char *database);

#endif
