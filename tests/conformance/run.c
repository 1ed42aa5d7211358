/* Runs cases and sequences, each on a fresh store, and counts. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

static void *allocate(size_t size, void *data)
{
    (void)data;
    return malloc(size);
}

static void *reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return realloc(block, size);
}

static void release(void *block, void *data)
{
    (void)data;
    free(block);
}

static void on_log(int32_t level, const char *line, void *data)
{
    (void)level;
    (void)line;
    (void)data;
}

static int64_t now(void *data)
{
    (void)data;
    return INT64_C(1800000000000000); /* the client's clock; leases use the store's */
}

static void open_store(test *t)
{
    CHECK_OK(t->suite->fresh(t->uri, sizeof(t->uri), t->suite->data));
    CHECK_OK(t->driver->open(&t->store, &t->host, t->uri, &t->err));
    CHECK_OK(reconnect(t, 0));
    CHECK_OK(t->driver->migrate(t->connections[0], &first_migration, 1, 0, &t->err));
}

static void close_store(test *t)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        if (t->connections[i] != NULL)
            t->driver->disconnect(t->connections[i]);
    }
    if (t->store != NULL)
        t->driver->close(t->store);
}

/* Everything of a test but its counters starts anew. */
static bool run_case(test *t, const char *name, case_fn run_it)
{
    test clean = {.suite = t->suite,
                  .driver = t->driver,
                  .name = name,
                  .allocator = t->allocator,
                  .host = t->host,
                  .pool = t->pool,
                  .operations = t->operations,
                  .random = t->random};

    *t = clean;
    open_store(t);
    if (!t->failed)
        run_it(t);
    close_store(t);
    return !t->failed;
}

static void run_cases(test *t, const test_case *cases, int *tests, int *failures)
{
    for (; cases->name != NULL; cases++) {
        ++*tests;
        if (!run_case(t, cases->name, cases->run))
            ++*failures;
    }
}

static void report_totals(const test *t, int tests)
{
    char version[64] = "?";
    char line[256];
    void *store = NULL, *conn = NULL;
    char uri[sizeof(t->uri)];

    if (t->driver->version != NULL && t->suite->fresh(uri, sizeof(uri), t->suite->data) >= 0 &&
        t->driver->open(&store, &t->host, uri, NULL) >= 0 &&
        t->driver->connect(&conn, store, HC_CONNECT_READ, 0, NULL) >= 0)
        (void)t->driver->version(conn, version, sizeof(version), NULL);
    if (conn != NULL)
        t->driver->disconnect(conn);
    if (store != NULL)
        t->driver->close(store);
    (void)snprintf(line, sizeof(line), "store %s %s: %d tests, %lld operations", t->driver->name, version, tests,
                   (long long)t->operations);
    t->suite->report(line, t->suite->data);
}

static void run_sequences(test *t, int *tests, int *failures)
{
    char name[64];
    char line[128];

    (void)snprintf(line, sizeof(line), "conformance: seed %llu, %d sequences", (unsigned long long)t->suite->seed,
                   (int)t->suite->sequences);
    t->suite->report(line, t->suite->data);
    for (int32_t i = 0; i < t->suite->sequences && *failures < 20; i++) {
        t->random = t->suite->seed + (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
        (void)snprintf(name, sizeof(name), "sequence %d of seed %llu", (int)i, (unsigned long long)t->suite->seed);
        ++*tests;
        if (!run_case(t, name, random_sequence))
            ++*failures;
    }
    random_report(t->suite);
}

int hc_conformance_run(const hc_conformance *suite)
{
    test *t = calloc(1, sizeof(*t));
    int tests = 0, failures = 0;

    if (t == NULL)
        return 1;
    t->pool = malloc(POOL_SIZE);
    t->suite = suite;
    t->driver = suite->driver;
    t->allocator = (hc_allocator){sizeof(hc_allocator), allocate, reallocate, release, NULL};
    t->host = (hc_host){sizeof(hc_host), HC_DRIVER_ABI, 0, NULL, on_log, now, NULL};
    t->host.allocator = &t->allocator;
    if (t->pool == NULL) {
        free(t);
        return 1;
    }
    run_cases(t, write_cases, &tests, &failures);
    run_cases(t, read_cases, &tests, &failures);
    run_cases(t, text_cases, &tests, &failures);
    run_cases(t, store_cases, &tests, &failures);
    if (suite->sequences > 0)
        run_sequences(t, &tests, &failures);
    report_totals(t, tests);
    free(t->pool);
    free(t);
    return failures;
}
