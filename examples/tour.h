/* What the chapters of the tour share. */
#ifndef TOUR_H
#define TOUR_H

#include <inttypes.h>
#include <stdio.h>

#include <homeconnect/homeconnect.h>

typedef struct tour {
    hc_client *client;
    hc_session *host, *guest, *agent, *buyer;
    FILE *report;
    int terminal;
    int told;                    /* quarters of the import that were told to a log */
    hc_id home;                  /* the listing that the story is about */
    int64_t latitude, longitude; /* of it, 1e-8 degrees */
    char city[128];
    int64_t price; /* of it, cents */
    int32_t beds;
    _Atomic int64_t ahead; /* µs by which the story's clock is ahead of the machine's: a day passes in it */
} tour;

_Noreturn void fail(const char *doing, const hc_error *err);
/* Prints what came of it, and stops the story when that was not what should. */
void expect(const char *doing, hc_status status, hc_status expected, const hc_error *err);
const char *money(char out[40], int64_t cents);

void tell_of_a_day(tour *t); /* tour_day.c */

#endif
