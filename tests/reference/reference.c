/* Random queries in both spellings, through the public interface and row by row: ids, order and pages must be the same.
 *
 * HC_SEED=N repeats a run, HC_REFERENCE_QUERIES=N and HC_REFERENCE_ROWS=N size it, HC_REFERENCE_ONLY=N asks that one
 * query alone, HC_REFERENCE_KEEP=1 keeps the database, HC_LONG=1 asks 20,000, HC_TEST_EACH=N, where another build or
 * another store asks them all, one in N. HC_TEST_STORE is where the listings lie, as for every house. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "house.h"
#include "reference.h"

#define START      INT64_C(1767225600000000) /* 2026-01-01 */
#define QUERIES    5000
#define LONG       20000
#define ROWS       2400
#define FLIP_LIMIT 2500 /* queries in which a broken rule must show */
#define SHOWN      5
#define TEXT_SIZE  4000 /* of what the library takes at most */

static const char *const readers[] = {"guest", "buyer", "agent", "admin", "system"};
static const char *const scopes[] = {"public", "own", "all"};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL || text[0] == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static void show(uint64_t number, const struct query *query, const char *why)
{
    printf("reference: query %" PRIu64 " differs: %s\n  as %s, scope %s, %s: %s\n  sort %s, q %s, limit %d, now %s\n",
           number, why, readers[query->reader], scopes[query->scope], query->as_string ? "query string" : "$filter",
           query->text, query->sort_text[0] == '\0' ? "(default)" : query->sort_text,
           query->q == NULL ? "(none)" : query->q, query->limit, spell_time(query->now * 1000, 6));
}

/* A query of its own seed, so that one can be repeated alone. */
static void draw(struct query *query, uint64_t seed, uint64_t number)
{
    random_seed(seed * UINT64_C(1000003) + number);
    do
        make_query(query, store_now());
    while (strlen(query->text) > TEXT_SIZE);
}

static bool ask(uint64_t seed, uint64_t number, const struct row **found, bool tallied, bool asked, bool shown)
{
    struct query query;
    char why[600];
    size_t count;
    bool whole, same;

    draw(&query, seed, number);
    count = answer(found, &query);
    whole = chance(85);
    if (tallied) {
        tally_query(&query);
        tally.middling += count >= 1 && count * 2 <= row_count;
        tally.empty += count == 0;
        tally.to_the_end += whole && count > (size_t)query.limit;
    }
    if (!asked)
        return true;
    same = store_agrees(&query, found, count, whole, why, sizeof(why));
    if (!same && shown)
        show(number, &query, why);
    return same;
}

static bool compare_all(uint64_t seed, uint64_t queries, const struct row **found)
{
    uint64_t only = number_of("HC_REFERENCE_ONLY", UINT64_MAX);
    unsigned differing = 0;

    for (uint64_t i = 0; i < queries && differing < SHOWN; i++)
        differing += !ask(seed, i, found, true, only == UINT64_MAX || only == i, true);
    if (differing > 0)
        printf("reference: %u differences\n", differing);
    return differing == 0;
}

/* Each rule of the reference, broken, must make a difference: else the comparison could not fail. */
static bool notice_all(uint64_t seed, const struct row **found)
{
    bool all = true;

    for (int rule = RULE_NONE + 1; rule < RULES; rule++) {
        uint64_t i = 0;

        broken = (enum rule)rule;
        while (i < FLIP_LIMIT && ask(seed + 1, i, found, false, true, false))
            i++;
        broken = RULE_NONE;
        if (i == FLIP_LIMIT)
            printf("reference: %s broken, and no query noticed\n", rule_names[rule]);
        else
            printf("  %s broken: query %" PRIu64 " notices\n", rule_names[rule], i);
        all &= i < FLIP_LIMIT;
    }
    return all;
}

static void *look; /* into the store, past the library */

static bool set_null(const char *column, const uint8_t id[16])
{
    char sql[160], hex[33];

    for (int i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02x", id[i]);
    snprintf(sql, sizeof(sql), "UPDATE properties SET %s = NULL WHERE id = x'%s'", column, hex);
    return house_look_change(look, sql) == 1;
}

static bool open_all(void)
{
    bool good;

    house_folder();
    store_saves = true;
    good = store_open(house.uri, house_is_a_file() ? NULL : house.keys, START);
    look = house_look();
    good = good && store_fill((size_t)number_of("HC_REFERENCE_ROWS", ROWS), set_null);
    house_look_close(look);
    return good;
}

static void close_all(void)
{
    store_close();
    if (getenv("HC_REFERENCE_KEEP") != NULL)
        printf("reference: kept %s%s\n", house.path, house.schema);
    else
        house_remove();
}

int main(void)
{
    uint64_t seed = number_of("HC_SEED", (uint64_t)time(NULL));
    uint64_t all = number_of("HC_LONG", 0) != 0 ? LONG : QUERIES;
    uint64_t queries = number_of("HC_REFERENCE_QUERIES", all / number_of("HC_TEST_EACH", 1));
    const struct row **found;
    char engine[64];
    bool good;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("reference: HC_SEED=%" PRIu64 "\n", seed);
    random_seed(seed);
    good = open_all();
    store_engine(engine, sizeof(engine));
    if (good) {
        found = malloc(row_count * sizeof(*found));
        good = compare_all(seed, queries, found);
        if (good)
            tally_sum();
        if (good && queries >= QUERIES && number_of("HC_REFERENCE_ONLY", UINT64_MAX) == UINT64_MAX) {
            good = tally_report();
            good = notice_all(seed, found) && good;
        }
        free(found);
    }
    close_all();
    printf("store %s: %u tests, %" PRId64 " operations\n", engine, tally.queries, store_operations);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
