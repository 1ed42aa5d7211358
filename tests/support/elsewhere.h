/* Another process with a client of its own on the house's store: the test program again, which obeys one line at a
 * time. Its clock is the house's at the start. */
#ifndef SUPPORT_ELSEWHERE_H
#define SUPPORT_ELSEWHERE_H

#include <stdio.h>
#include <sys/types.h>

#include "house.h"

typedef struct elsewhere {
    pid_t pid;
    FILE *to, *from;
} elsewhere;

/* First thing in main(): in the other process it does all the work and never returns. */
void elsewhere_main(int argc, char **argv);

void elsewhere_start(elsewhere *out);
/* Sends one line and waits for the status that it comes to:
 *   open TOKEN   hc_session_open(); the session stays until another is opened
 *   self         hc_user_get() of the session's own user
 *   price CENTS  a new price for ana's first listing
 *   list CENTS   a new listing */
hc_status elsewhere_ask(elsewhere *at, const char *format, ...) __attribute__((format(printf, 2, 3)));
void elsewhere_stop(elsewhere *at);

#endif
