#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE (60 * HOUSE_SECOND) /* a hang, not a bar */

proxy *pair_proxy;

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

int pair_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void))
{
    if (getenv("HC_TEST_DOCUMENTS") == NULL) {
        printf("skipped: no document store (see tests/support/with_mongodb.c)\n");
        return 77;
    }
    return suite_main(name, fill, setup, teardown);
}

/* Threads do not live through Check's fork, so each test has a proxy of its own. */
static void start_proxy(void)
{
    const char *base = getenv("HC_TEST_DOCUMENTS");
    const char *port = strrchr(base, ':');
    char uri[64];

    ck_assert_msg(strncmp(base, "mongodb://127.0.0.1:", 20) == 0 && strchr(base, '?') == NULL, "no proxy for %s", base);
    pair_proxy = proxy_start((int)strtol(port + 1, NULL, 10));
    snprintf(uri, sizeof uri, "mongodb://127.0.0.1:%d/", proxy_port(pair_proxy));
    setenv("HC_TEST_DOCUMENTS_LOOK", base, 1);
    setenv("HC_TEST_DOCUMENTS", uri, 1);
}

void pair_folder(void)
{
    start_proxy();
    house_set_time(HOUSE_START);
    house_folder();
}

void pair_open(void)
{
    start_proxy();
    house_open();
}

void pair_close(void)
{
    pair_back();
    house_close();
    proxy_stop(pair_proxy);
}

void pair_away(void)
{
    proxy_hurt(pair_proxy, PROXY_AWAY, false, 0);
}

void pair_back(void)
{
    proxy_hurt(pair_proxy, PROXY_WELL, false, 0);
}

int64_t pair_pending(void)
{
    return house_sql("SELECT count(*) FROM outbox WHERE state='pending'");
}

int64_t pair_try(int64_t patience)
{
    int64_t until = micros() + patience;
    int64_t left;

    while ((left = pair_pending()) > 0 && micros() < until) {
        HOUSE_OK(hc_client_run(house.client, 10 * HOUSE_SECOND, NULL, err));
        if (pair_pending() == left)
            usleep(20000);
    }
    return left;
}

void pair_deliver(void)
{
    int64_t left = pair_try(PATIENCE);

    ck_assert_msg(left == 0, "%lld effects still wait", (long long)left);
}

const char *pair_difference(void)
{
    static const struct {
        const char *what, *sql;
    } checks[] = {
        {"effects that wait", "SELECT count(*) FROM outbox WHERE state<>'delivered'"},
        {"documents of listings that are not as their heads say",
         "SELECT count(*) FROM document_heads h LEFT JOIN property_documents d ON d.id=h.id WHERE"
         " h.kind='property_documents' AND d.version IS NOT h.version"},
        {"documents of listings without a head",
         "SELECT count(*) FROM property_documents d LEFT JOIN document_heads h ON h.id=d.id WHERE h.id IS NULL"},
        {"parts of conversations that are not as their heads say",
         "SELECT count(*) FROM document_heads h LEFT JOIN ai_chat_history c ON c.id=h.id WHERE"
         " h.kind='ai_chat_history' AND (c.version IS NOT h.version OR c.message_count IS NOT h.items OR"
         " coalesce(json_array_length(c.messages),0) IS NOT h.items)"},
        {"parts of conversations without a head",
         "SELECT count(*) FROM ai_chat_history c LEFT JOIN document_heads h ON h.id=c.id WHERE h.id IS NULL"},
        {"entries that were lost", "SELECT count(*) FROM outbox o LEFT JOIN activity_logs a ON a.id=o.aggregate_id"
                                   " WHERE o.kind='activity_logs' AND a.id IS NULL"},
    };
    static char text[160];

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++) {
        int64_t count = house_sql(checks[i].sql);

        snprintf(text, sizeof text, "%lld %s", (long long)count, checks[i].what);
        if (count != 0)
            return text;
    }
    return NULL;
}

int64_t pair_absorbed(void)
{
    return house_sql("SELECT max(absorbed) FROM leases");
}
