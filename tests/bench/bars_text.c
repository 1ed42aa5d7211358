/* Bar 14: words and places. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define LIMIT  20
#define RADIUS 3000

static int64_t sink;

/* ---- words: every match is looked at by both sides, which then give the 20 newest ---- */

/* One word that occurs here and there, and half of the time a common one beside it. */
static void make_words(char *q, size_t q_size, char *match, size_t match_size, uint64_t number)
{
    uint64_t hash = mix(number + 5);
    const char *rare = word_at(300 + (int)(hash % 3000)), *common = word_at((int)(hash >> 20 & 63));
    char coded[2][40];
    const char *words[2] = {rare, common};

    for (int i = 0; i < 2; i++) {
        char *at = coded[i];

        at += sprintf(at, "zq");
        for (const char *c = words[i]; *c != '\0'; c++) {
            *at++ = *c;
            if (*c == 'z')
                *at++ = 'z';
        }
        *at = '\0';
    }
    if (number % 2 == 0) {
        snprintf(q, q_size, "%s", rare);
        snprintf(match, match_size, "{words_title words_place words_text} : \"%s\"", coded[0]);
    } else {
        snprintf(q, q_size, "%s %s", rare, common);
        snprintf(match, match_size, "{words_title words_place words_text} : (\"%s\" AND \"%s\")", coded[0], coded[1]);
    }
}

static size_t search(const char *q, const char *sort, bool *capped)
{
    hc_property_page *page;
    hc_query *query;
    hc_error err;
    size_t count;

    must(hc_query_new(&query, bench.client, HC_KIND_PROPERTY, &err), &err, "query");
    must(hc_query_set_text(query, q, &err), &err, "q");
    must(hc_query_set_limit(query, LIMIT, &err), &err, "limit");
    if (sort != NULL)
        must(hc_query_set_sort(query, sort, &err), &err, "sort");
    must(hc_property_list(&page, bench.buyer, query, &err), &err, q);
    count = hc_property_page_count(page);
    for (size_t i = 0; i < count; i++)
        sink += hc_property_price(hc_property_page_at(page, i));
    if (capped != NULL)
        *capped = hc_property_page_is_short(page) == 1;
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static void text_ours(uint64_t first, uint64_t count)
{
    char q[100], match[200];

    for (uint64_t i = first; i < first + count; i++) {
        make_words(q, sizeof(q), match, sizeof(match), i);
        sink += (int64_t)search(q, NULL, NULL);
    }
}

static void text_raw(uint64_t first, uint64_t count)
{
    static struct raw_row rows[LIMIT];
    char q[100], match[200];

    for (uint64_t i = first; i < first + count; i++) {
        make_words(q, sizeof(q), match, sizeof(match), i);
        sink += (int64_t)raw_text(bench.raw, match, rows, LIMIT);
    }
}

static void check_text(void)
{
    static struct raw_row rows[LIMIT];
    size_t found = 0;
    char q[100], match[200];

    for (uint64_t i = 0; i < 100; i++) {
        size_t ours, raw;

        make_words(q, sizeof(q), match, sizeof(match), i);
        ours = search(q, NULL, NULL);
        raw = raw_text(bench.raw, match, rows, LIMIT);
        if (ours != raw)
            die("words %s: %zu rows of ours, %zu of raw", q, ours, raw);
        found += ours;
    }
    printf("  words give %.1f rows on average\n", (double)found / 100);
}

/* ---- ranked: common words and rare ones ---- */

static void bar_ranked(const char *number, const char *name, const char *sort, double target)
{
    enum { SEARCHES = 400 };
    double took[SEARCHES];
    char q[100];

    for (int i = 0; i < SEARCHES; i++) {
        uint64_t hash = mix((uint64_t)i + 17);
        double start;

        snprintf(q, sizeof(q),
                 i % 4 == 0   ? "%s"
                 : i % 4 == 1 ? "%s %s"
                 : i % 4 == 2 ? "bed %s"
                              : "house street %s",
                 word_at((int)(hash % 8)), word_at((int)(hash >> 8 & 255)));
        if (i < 20)
            search(q, sort, NULL); /* warm */
        start = seconds(BY_CPU);
        search(q, sort, NULL);
        took[i] = (seconds(BY_CPU) - start) * 1e3;
    }
    printf("  median %.2f ms\n", median(took, SEARCHES)); /* sorts */
    bar_at_most(number, name, took[SEARCHES * 99 / 100], target);
}

/* ---- places ---- */

static void make_centre(int64_t *latitude, int64_t *longitude, uint64_t number)
{
    uint64_t hash = mix(number + 3);

    city_centre(city_of(number), latitude, longitude);
    *latitude += (int64_t)(hash % 10000000) - 5000000;
    *longitude += (int64_t)(hash / 10000000 % 10000000) - 5000000;
}

static size_t near_one(uint64_t number)
{
    int64_t latitude, longitude;
    hc_property_page *page;
    hc_query *query;
    char filter[120];
    hc_error err;
    size_t count;

    make_centre(&latitude, &longitude, number);
    snprintf(filter, sizeof(filter), "geo.near(%lld.%08lld,-%lld.%08lld,%d)", (long long)latitude / 100000000,
             (long long)latitude % 100000000, (long long)-longitude / 100000000, (long long)-longitude % 100000000,
             RADIUS);
    must(hc_query_parse(&query, bench.client, filter, "distance", &err), &err, "parse");
    must(hc_query_set_limit(query, LIMIT, &err), &err, "limit");
    must(hc_property_list(&page, bench.buyer, query, &err), &err, "near");
    count = hc_property_page_count(page);
    for (size_t i = 0; i < count; i++)
        sink += hc_property_price(hc_property_page_at(page, i));
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static size_t near_one_raw(uint64_t number)
{
    static struct raw_row rows[LIMIT];
    int64_t latitude, longitude;

    make_centre(&latitude, &longitude, number);
    return raw_near(bench.raw, latitude, longitude, RADIUS, rows, LIMIT);
}

static void near_ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        sink += (int64_t)near_one(i);
}

static void near_raw(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        sink += (int64_t)near_one_raw(i);
}

static void check_near(void)
{
    size_t found = 0;

    for (uint64_t i = 0; i < 100; i++) {
        size_t ours = near_one(i), raw = near_one_raw(i);

        if (ours != raw)
            die("radius %llu: %zu rows of ours, %zu of raw", (unsigned long long)i, ours, raw);
        found += ours;
    }
    printf("  a radius gives %.1f rows on average\n", (double)found / 100);
}

void bars_text(void)
{
    if (wanted("14a")) {
        check_text();
        bar_at_least("14a", "text-unranked", contest(text_ours, text_raw, 400, BY_CPU), 0.85);
    }
    if (wanted("14b"))
        bar_ranked("14b", "text-ranked-p99-ms", "-relevance", 10);
    if (wanted("14c")) {
        check_near();
        bar_at_least("14c", "radius", contest(near_ours, near_raw, 1000, BY_CPU), 0.85);
    }
}
