/* A private server of one engine under a house: HC_TEST_STORE names the engine (postgres when it names none). Never one
 * that somebody else gave, since it is killed. */
#ifndef SUPPORT_KILLABLE_H
#define SUPPORT_KILLABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "house.h"

typedef struct killable_engine {
    const char *name;
    bool (*start)(void);
    bool (*again)(void); /* after a kill: on the same folder and port */
    void (*kill)(void);  /* SIGKILL */
    void (*stop)(void);
    int (*port)(void);
    const char *(*uri)(void);
    const char *(*reason)(void);
    const char *(*folder)(void);
    int64_t (*ask)(const char *sql); /* a number; 0 of a command; below 0 with a reason */
    void (*end_sessions)(void);      /* all but its own */
    /* None is left for who is no administrator (PostgreSQL: for `locked`), and all sessions ended. */
    void (*take_seats)(bool take);
    void (*read_only)(bool read_only);           /* to whoever is not an administrator; returns once it is so */
    const char *house_uri;                       /* name of the variable that tells the house where the server is */
    bool (*offer_tls)(const char *certificates); /* beside what it took before; its sessions end */
    const char *without_tls, *with_tls;          /* parameters of a URI; behind the second goes a certificate's path */
} killable_engine;

const killable_engine *killable(void);

/* Starts it and points the house there. A program calls it in main(), or each test for itself when it kills it: then it
 * must be the test's own child. False: printed why, and main() returns 77. */
bool killable_start(void);
void killable_stop(void);

/* `uri` with another port, such as a proxy's. */
void killable_through(char *out, size_t size, const char *uri, int port);

/* From now on the server takes TLS, too. False: printed why. */
bool killable_offer_tls(void);
/* `uri` in the clear, or over TLS where the server's certificate is verified. */
void killable_over(char *out, size_t size, const char *uri, bool tls);

/* As suite_main(), with one server for all tests of the program, which takes TLS, too. */
int killable_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void));

bool killable_long(void);               /* HC_LONG=1 */
unsigned long long killable_seed(void); /* HC_SEED, or the time; printed */
unsigned long long killable_random(unsigned long long *state, unsigned long long below);
int64_t killable_micros(void); /* monotonic */

#endif
