/* Bar 12: anonymous memory of the library with SQLite, in a process of its own that keeps nothing else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define FEW  UINT64_C(100000)
#define MANY UINT64_C(1000000)

int64_t anonymous_kib(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    long long kib = 0;
    char line[200];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "RssAnon: %lld", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return kib;
}

/* One that a buyer may see: a refusal is an audit row, and what SQLite keeps for those who write fills with each. */
static void get(hc_session *as, uint64_t number)
{
    struct listing listing;
    hc_property *row;
    hc_error err;
    hc_id id;

    do {
        listing_make(&listing, mix(number++ + 77) % bench.rows);
    } while (listing.status == NULL);
    memcpy(id.bytes, listing.id, 16);
    must(hc_property_get(&row, as, id, &err), &err, "get");
    hc_property_free(row);
}

static void list(hc_client *client, hc_session *as, uint64_t number)
{
    hc_property_page *page;
    char filter[120], city[32];
    hc_query *query;
    hc_error err;

    city_name(city, city_of(mix(number)));
    snprintf(filter, sizeof(filter), "city eq '%s' and price ge 200000 and beds ge %d", city, (int)(number % 4));
    must(hc_query_parse(&query, client, filter, "price", &err), &err, "parse");
    must(hc_query_set_limit(query, 20, &err), &err, "limit");
    must(hc_property_list(&page, as, query, &err), &err, "list");
    hc_property_page_free(page);
    hc_query_free(query);
}

/* A sixteenth of the requests are lists. */
static void ask(hc_client *client, hc_session *as, uint64_t first, uint64_t end)
{
    for (uint64_t i = first; i < end; i++)
        if (i % 16 == 0)
            list(client, as, i);
        else
            get(as, i);
}

/* The child: prints KiB when idle, after FEW requests and after MANY. */
void memory_alone(const char *path)
{
    const char *token = getenv("HC_BENCH_TOKEN");
    hc_client *client;
    hc_session *buyer;
    hc_error err;

    open_client(&client, path);
    must(hc_session_open(&buyer, client, token, token == NULL ? 0 : strlen(token), NULL, &err), &err, "session");
    list(client, buyer, 1);
    get(buyer, 1);
    printf("%lld", (long long)anonymous_kib());
    ask(client, buyer, 0, FEW);
    printf(" %lld", (long long)anonymous_kib());
    ask(client, buyer, FEW, MANY);
    printf(" %lld\n", (long long)anonymous_kib());
    hc_session_free(buyer);
    hc_client_close(client);
}

/* Runs this program again on a store, whose buyer has signed in. */
void memory_of(long long kib[3], const char *path, uint64_t rows, const hc_session *buyer)
{
    char self[400] = "", command[1100], number[24];
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    FILE *child;

    snprintf(number, sizeof(number), "%llu", (unsigned long long)rows);
    snprintf(command, sizeof(command), "HC_BENCH_ROWS=%s '%s' --memory '%s'", number, self, path);
    setenv("HC_BENCH_TOKEN", hc_session_token(buyer), 1);
    child = size <= 0 ? NULL : popen(command, "r");
    if (child == NULL || fscanf(child, "%lld %lld %lld", &kib[0], &kib[1], &kib[2]) != 3 || pclose(child) != 0)
        die("no figures of memory");
    unsetenv("HC_BENCH_TOKEN");
}

void bars_memory(void)
{
    long long kib[3];

    if (!wanted("12"))
        return;
    memory_of(kib, bench.path, bench.rows, bench.buyer);
    printf("  %lld KiB idle, %lld after %llu requests, %lld after %llu\n", kib[0], kib[1], (unsigned long long)FEW,
           kib[2], (unsigned long long)MANY);
    bar_at_most("12a", "memory-idle-mib", (double)kib[0] / 1024, 4);
    bar_at_most("12b", "memory-after-a-million-mib", (double)kib[2] / 1024, 16);
    bar_at_most("12c", "memory-flat", (double)kib[2] / (double)kib[1], 1.02);
}
