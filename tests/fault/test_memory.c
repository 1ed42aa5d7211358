/* Calls on every noun with each allocation failing: an error or success, whole or not at all, no leak, and the handle
 * goes on. The calls are those of support/nouns.c. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "whole.h"

#define POINTS 100000 /* a call that allocates more often runs away */
#define PARTS  4      /* of the call that takes longest */
#define MANY   400    /* of more points than these not all are taken, unless all are asked for */

static int64_t injected;

/* ---- the first opening of a store: minutes, so only with --long ---- */

static char first_path[400];

static void remove_first(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".keys"};
    char path[420];

    snprintf(first_path, sizeof first_path, "%s/first.db", house.folder);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", first_path, suffixes[i]);
        remove(path);
    }
}

static hc_status client_open_first(hc_error *err)
{
    hc_client_options options;
    hc_client *client;
    char uri[440];
    hc_status status;

    house_options(&options);
    snprintf(uri, sizeof uri, "sqlite:%s?durability=relaxed", first_path);
    options.storage_uri = uri;
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    hc_client_close(client);
    return status;
}

static const noun_call first = {"client_open_first", false, true, remove_first, client_open_first};

/* ---- points ---- */

/* One call with the n-th allocation failing. False when none failed: it needs fewer than n. */
static bool point(const noun_call *call, memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    const char *wrong;
    hc_status status;
    int64_t refused;

    whole_prepare(call);
    memory_in(call->name);
    memory_fail(whose, n, and_after);
    status = call->run(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    injected += refused;
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, allocation %lld%s of %s: %s %s, refused %lld", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library",
                  hc_status_name(status), err.message, (long long)refused);
    wrong = whole_compare(call, status, &err, NULL);
    ck_assert_msg(wrong == NULL, "%s, allocation %lld%s of %s: %s", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library", wrong);
    return refused > 0;
}

/* Points of a call in one mode, each `parts`-th. Returns how many there were. */
static int64_t walk(const noun_call *call, memory_of whose, bool and_after, int64_t part, int64_t parts)
{
    int64_t n = memory_first(whose) + part * memory_each(whose), step = parts * memory_each(whose);

    if (whose == MEMORY_OF_LIBRARY && and_after && !memory_all()) {
        point(call, whose, POINTS, and_after);
        step *= 1 + memory_asked() / MANY;
    }
    while (n < POINTS && point(call, whose, n, and_after))
        n += step;
    ck_assert_msg(n < POINTS, "%s runs away", call->name);
    return (n - 1) / step;
}

/* Which call, and which part of its points, the i-th test is about: client_open is several. */
static const noun_call *call_of(int i, int64_t *part, int64_t *parts)
{
    *part = 0;
    *parts = 1;
    for (int k = 0; k < noun_call_count; k++) {
        int tests = strcmp(noun_calls[k].name, "client_open") == 0 ? PARTS : 1;

        if (i < tests) {
            *part = i;
            *parts = tests;
            return &noun_calls[k];
        }
        i -= tests;
    }
    return &first;
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    int64_t points[2] = {0, 0}, idle, part, parts;
    const noun_call *call = call_of(_i, &part, &parts);

    house_allocator = &memory_allocator;
    whole_open("?durability=relaxed");
    whole_learn(call); /* warms caches */
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    idle = memory_live();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int and_after = 0; and_after <= 1; and_after++)
            points[whose] += walk(call, (memory_of)whose, and_after != 0, part, parts);
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    ck_assert_msg(memory_live() <= idle, "%s: %lld blocks more than before", call->name,
                  (long long)(memory_live() - idle));
    house_assert_derived(); /* also of what succeeded with less memory than it wanted */
    whole_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
    printf("out of memory: %-26s %4lld of the library, %4lld of SQLite, %lld failures\n", call->name,
           (long long)points[0], (long long)points[1], (long long)injected);
}
END_TEST

START_TEST(the_harness_finds_what_is_kept_in_half)
{
    ck_assert(suite_finds("keeps-half", "every_allocation_of_a_call_may_fail", "the store changed"));
}
END_TEST

/* The test of this call. */
static int number_of(const char *name)
{
    int64_t part, parts;
    int i = 0;

    while (strcmp(call_of(i, &part, &parts)->name, name) != 0)
        i++;
    return i;
}

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one call shows it */
    int from = seeded ? number_of("session_transact") : 0;

    tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, from,
                        seeded ? from + 1 : noun_call_count + PARTS - 1 + whole_is_long());
    tcase_add_test(tcase, the_harness_finds_what_is_kept_in_half);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory", fill, NULL, NULL);
}
