/* The lines of scale: the same work on a small file and on the bench's, in the same rounds. Ratios of CPU time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "homeconnect/import.h"

#define SMALL  10000
#define MIDDLE 100000
#define IDS    20000
#define ROWS   5000                 /* of one import */
#define NEW    UINT64_C(3000000000) /* numbers of listings that no data has */

/* One file of a size. */
static struct scale {
    char path[560];
    hc_client *client;
    hc_session *buyer;
    uint8_t (*ids)[16];
} small, middle, large;

static void open_scale(struct scale *scale, uint64_t rows)
{
    uint64_t before = bench.rows;
    struct listing listing;

    bench.rows = rows;
    bench_file(scale->path, sizeof(scale->path));
    open_client(&scale->client, scale->path);
    scale->buyer = sign_in(scale->client, people[0]);
    scale->ids = calloc(IDS, sizeof(*scale->ids));
    for (uint64_t i = 0, number = 0; i < IDS && scale->ids != NULL; number++) {
        listing_make(&listing, mix(number + 5) % rows);
        if (listing.status != NULL)
            memcpy(scale->ids[i++], listing.id, 16);
    }
    bench.rows = before;
}

static void close_scale(struct scale *scale)
{
    hc_session_free(scale->buyer);
    hc_client_close(scale->client);
    free(scale->ids);
}

static void gets(const struct scale *scale, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        hc_property *row;
        hc_error err;
        hc_id id;

        memcpy(id.bytes, scale->ids[i % IDS], 16);
        must(hc_property_get(&row, scale->buyer, id, &err), &err, "get");
        hc_property_free(row);
    }
}

static void lists(const struct scale *scale, uint64_t first, uint64_t count, int total)
{
    for (uint64_t i = first; i < first + count; i++) {
        uint64_t hash = mix(i + 31);
        char filter[200], city[32];
        hc_property_page *page;
        hc_query *query;
        hc_error err;
        int low = 200000 + (int)(hash % 40) * 10000;

        city_name(city, city_of(hash));
        snprintf(filter, sizeof(filter), "city eq '%s' and price ge %d and price le %d and beds ge %d", city, low,
                 low + 300000, (int)(hash >> 32 & 3));
        must(hc_query_parse(&query, scale->client, filter, "price", &err), &err, "parse");
        must(hc_query_set_limit(query, 20, &err), &err, "limit");
        must(hc_query_set_count(query, total, &err), &err, "total");
        must(hc_property_list(&page, scale->buyer, query, &err), &err, "list");
        hc_property_page_free(page);
        hc_query_free(query);
    }
}

static void gets_small(uint64_t first, uint64_t count)
{
    gets(&small, first, count);
}

static void gets_large(uint64_t first, uint64_t count)
{
    gets(&large, first, count);
}

static void lists_middle(uint64_t first, uint64_t count)
{
    lists(&middle, first, count, 0);
}

static void lists_large(uint64_t first, uint64_t count)
{
    lists(&large, first, count, 0);
}

static void totals_large(uint64_t first, uint64_t count)
{
    lists(&large, first, count, 100); /* as "100+" is shown */
}

static void all_totals_large(uint64_t first, uint64_t count)
{
    lists(&large, first, count, 1);
}

/* ---- import ---- */

static char csv[440];
static hc_session *agent;
static uint64_t imported;

/* Listings that were not there, ROWS more each time. */
static void next_csv(void)
{
    if (!csv_write(csv, NEW + imported, ROWS))
        die("cannot write %s", csv);
    imported += ROWS;
}

static double import_ours(void)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    hc_error err;
    double start;

    next_csv();
    options.path = csv;
    options.mapping = csv_mapping;
    options.format = HC_FORMAT_CSV;
    start = seconds(BY_CLOCK);
    must(hc_import_run(&counts, agent, &options, &err), &err, "import");
    if (counts.created != ROWS)
        die("import: %lld new", (long long)counts.created);
    return seconds(BY_CLOCK) - start;
}

static double import_raw(void)
{
    hc_id id = hc_session_user_id(agent);
    double start;

    next_csv();
    start = seconds(BY_CLOCK);
    if (raw_import(bench.raw, csv, id.bytes) != ROWS)
        die("raw import");
    return seconds(BY_CLOCK) - start;
}

/* Into the full file, which loses it again. */
static double import_rate(void)
{
    struct bench_mark mark;
    double ratios[64];

    snprintf(csv, sizeof(csv), "%s/scale.csv", bench.folder);
    bench_mark(&mark);
    agent = bench.agent;
    for (int round = 0; round < bench.rounds; round++) {
        double ours = round % 2 == 0 ? import_ours() : 0, raw = import_raw();

        ratios[round] = raw / (ours > 0 ? ours : import_ours());
    }
    bench_take_back(&mark);
    remove(csv);
    return median(ratios, (size_t)bench.rounds);
}

/* ---- */

void bars_scale(void)
{
    long long few[3], many[3];

    if (!wanted("scale"))
        return;
    if (bench.rows <= MIDDLE) {
        printf("  scale is left out: it wants more than %d listings\n", MIDDLE);
        return;
    }
    open_scale(&small, SMALL);
    open_scale(&middle, MIDDLE);
    open_scale(&large, bench.rows);
    bar_at_most("scale-a", "get-from-10k", contest(gets_small, gets_large, 10000, BY_CPU), 2.5);
    bar_at_most("scale-b", "list-from-100k", contest(lists_middle, lists_large, 2000, BY_CPU), 2);
    bar_at_most("scale-c", "list-with-total", contest(lists_large, totals_large, 150, BY_CPU), 2);
    printf("  with a total up to 10,000: %.1f times a list\n", contest(lists_large, all_totals_large, 150, BY_CPU));
    bar_at_least("scale-d", "import-into-a-full-file", import_rate(), 0.85);
    memory_of(few, small.path, SMALL, small.buyer);
    memory_of(many, large.path, bench.rows, large.buyer);
    printf("  anonymous memory after a million requests: %lld KiB at %d listings, %lld KiB at %llu\n", few[2], SMALL,
           many[2], (unsigned long long)bench.rows);
    bar_at_most("scale-e", "memory-from-10k", (double)many[2] / (double)few[2], 1.2);
    close_scale(&small);
    close_scale(&middle);
    close_scale(&large);
}
