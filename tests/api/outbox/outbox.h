/* What the tests of the outbox share. Effects wait until a test delivers them: nothing is relayed behind calls. */
#ifndef TESTS_OUTBOX_H
#define TESTS_OUTBOX_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents.h"
#include "homeconnect/chat.h"
#include "homeconnect/outbox.h"

static inline hc_outbox outbox(void)
{
    hc_outbox out = HC_OUTBOX_INIT;

    HOUSE_OK(hc_outbox_state(house.client, &out, err));
    return out;
}

static inline void deliver(void)
{
    HOUSE_OK(hc_client_run(house.client, 30 * HOUSE_SECOND, NULL, err));
}

static inline void start_outbox(void)
{
    setenv("HC_TEST_SOON_MS", "3600000", 1);
    house_open();
}

static inline int64_t effects(const char *where)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM outbox WHERE %s", where);
    return house_sql(sql);
}

/* Prints why a test asserted nothing. */
static inline bool no_pair(void)
{
    if (!house_is_a_pair())
        printf("skip: without a store of documents there is nothing in the outbox\n");
    return !house_is_a_pair();
}

#endif
