/* What with_postgres and with_mysql have in common: a program runs on a private server, or on the one that
 * `--for-all COMMAND [ARGUMENTS]` started for all programs that COMMAND runs. */
#ifndef SUPPORT_WITH_SERVER_H
#define SUPPORT_WITH_SERVER_H

#include <stdbool.h>

typedef struct with_server {
    const char *store;          /* HC_TEST_STORE */
    const char *given, *shared; /* variables: of the URI for programs, and of the one server for all */
    bool (*start)(void);        /* false: see `reason` */
    bool (*teach)(void);        /* the dialect of tests, to a server of ours */
    void (*stop)(void);
    /* Filled by start(). */
    const bool *ours;
    const char *uri, *reason;
} with_server;

int with_server_main(const with_server *how, int argc, char **argv);

#endif
