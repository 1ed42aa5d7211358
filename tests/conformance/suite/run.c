/* Runs cases and sequences, each on a fresh store, and counts. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "tally.h"

#define FAILURE_LIMIT 20 /* of sequences: the rest says nothing new */
#define BLOCK         25 /* sequences in one store at most */
#define QUIRKS                                                                                                         \
    (HC_QUIRK_ONE_CONNECTION | HC_QUIRK_ONE_WRITER | HC_QUIRK_NO_DEADLOCK | HC_QUIRK_NO_BACKUP | HC_QUIRK_VOLATILE |   \
     HC_QUIRK_WORDS_LATE | HC_QUIRK_UTF16_ORDER)

typedef struct totals {
    int32_t tests, failures;
} totals;

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

/* ---- one test ------------------------------------------------------------------------------------------------------
 */

static void open_store(test *t, uint32_t how)
{
    uint32_t use = ((how & (ON_SEVERAL | CONNECTS_ITSELF)) != 0 ? HC_FRESH_CONNECTIONS : 0) |
                   ((how & OPENED_AGAIN) != 0 ? HC_FRESH_REOPEN : 0);

    CHECK_OK(t->suite->fresh(t->uri, sizeof(t->uri), use, t->suite->data));
    CHECK_OK(t->driver->open(&t->store, &t->host, t->uri, &t->err));
    CHECK_OK(reconnect(t, 0));
    CHECK_OK(migrate_first(t));
}

static void close_store(test *t)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        if (t->connections[i] != NULL)
            t->driver->disconnect(t->connections[i]);
        t->connections[i] = NULL;
    }
    if (t->store != NULL)
        t->driver->close(t->store);
    t->store = NULL;
}

/* Everything of a test but its counters starts anew; its store too, unless the last one's is kept. */
static void begin(test *t, const test_case *what, bool documents, bool keep)
{
    test clean = {.suite = t->suite,
                  .driver = t->driver,
                  .name = what->name,
                  .quirks = t->quirks,
                  .documents = documents,
                  .kind = documents ? &papers : &items,
                  .tally = t->tally,
                  .allocator = t->allocator,
                  .host = t->host,
                  .stop_op = ANY_OP,
                  .pool = t->pool,
                  .operations = t->operations,
                  .random = t->random,
                  .bytes = t->bytes,
                  .byte_count = t->byte_count};

    if (keep) {
        clean.store = t->store;
        memcpy(clean.connections, t->connections, sizeof(clean.connections));
    }
    *t = clean;
    if (!keep)
        open_store(t, what->how);
}

static void run_case(test *t, const test_case *what, bool documents, totals *out)
{
    begin(t, what, documents, false);
    if (!t->failed)
        what->body(t);
    close_store(t);
    out->tests++;
    out->failures += t->failed;
}

static bool has_transactions(const test *t)
{
    return (t->driver->capabilities & HC_CAP_TRANSACTIONS) != 0;
}

static bool one_connection(const test *t)
{
    return (t->quirks & HC_QUIRK_ONE_CONNECTION) != 0;
}

static void run_cases(test *t, const test_case *cases, bool documents, totals *out)
{
    for (; cases->name != NULL; cases++) {
        if (documents && (cases->how & ON_DOCUMENTS) == 0)
            continue;
        if (one_connection(t) && (cases->how & ON_SEVERAL) != 0)
            continue;
        run_case(t, cases, documents, out);
    }
}

static void run_part(test *t, bool documents, totals *out)
{
    const test_case *const parts[] = {quirk_cases,     write_cases,    read_cases, store_cases, shape_cases,
                                      migration_cases, together_cases, bulk_cases, text_cases};

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        run_cases(t, parts[i], documents, out);
}

/* ---- sequences -----------------------------------------------------------------------------------------------------
 */

/* Of twenty: three interleave, one races, four are of documents, the others of one connection. */
static const test_case *sequence_of(const test *t, int32_t kind, bool *documents)
{
    static const test_case alone = {"", random_sequence, PLAIN};
    static const test_case interleaved = {"", interleaved_sequence, ON_SEVERAL};
    static const test_case racing = {"", racing_sequence, ON_SEVERAL};

    *documents = !has_transactions(t) || kind % 5 == 4;
    if (*documents || one_connection(t))
        return &alone;
    return kind % 7 == 1 ? &interleaved : kind == 2 ? &racing : &alone;
}

/* For the next sequence in the same store. */
static void empty(test *t)
{
    CHECK_OK(run_one(t, removal(t->kind, NULL, HC_EXPECT_ANY)));
    if (!t->documents)
        CHECK_OK(run_one(t, removal(&owners, NULL, HC_EXPECT_ANY)));
}

/* Sequences of one kind, one after the other in one store: to make it takes longer than they do. */
static void run_block(test *t, int32_t first, int32_t count, int32_t kind, totals *out)
{
    char name[64];

    for (int32_t i = first; i < first + count; i++) {
        bool documents;
        test_case one = *sequence_of(t, kind, &documents);

        t->random = t->suite->seed + (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15);
        (void)snprintf(name, sizeof(name), "sequence %d of seed %llu", (int)i, (unsigned long long)t->suite->seed);
        one.name = name;
        begin(t, &one, documents, t->store != NULL);
        if (!t->failed)
            one.body(t);
        if (!t->failed)
            empty(t);
        if (t->failed)
            close_store(t);
        out->tests++;
        out->failures += t->failed;
    }
    close_store(t);
}

static void run_sequences(test *t, totals *out)
{
    const test_case stopping = {"stops", stops, PLAIN};
    int32_t wanted = t->suite->sequences, before = out->failures;
    int32_t size = wanted < BLOCK * 80 ? 1 + wanted / 80 : BLOCK;
    char line[128];

    (void)snprintf(line, sizeof(line), "conformance: seed %llu, %d sequences", (unsigned long long)t->suite->seed,
                   (int)wanted);
    t->suite->report(line, t->suite->data);
    if (has_transactions(t))
        run_case(t, &stopping, false, out);
    /* Chance may need some more to have tried everything often enough. */
    for (int32_t done = 0; done < wanted || (done / 4 < wanted && out->failures == before && !tally_enough(t));
         done += size) {
        if (out->failures - before >= FAILURE_LIMIT) {
            t->suite->report("too many sequences failed: the others were not run", t->suite->data);
            return;
        }
        run_block(t, done, size, done / size % 20, out);
    }
    tally_report(t);
    out->tests++;
    out->failures += !tally_enforce(t);
}

/* ---- a run ---------------------------------------------------------------------------------------------------------
 */

static void report_totals(const test *t, int32_t tests)
{
    char version[64] = "?";
    char line[256];
    void *store = NULL, *conn = NULL;
    char uri[sizeof(t->uri)];

    if (t->driver->struct_size > offsetof(hc_storage_driver, version) && t->driver->version != NULL &&
        t->suite->fresh(uri, sizeof(uri), 0, t->suite->data) >= 0 &&
        t->driver->open(&store, &t->host, uri, NULL) >= 0 &&
        t->driver->connect(&conn, store, HC_CONNECT_READ, 0, NULL) >= 0)
        (void)t->driver->version(conn, version, sizeof(version), NULL);
    if (conn != NULL)
        t->driver->disconnect(conn);
    if (store != NULL)
        t->driver->close(store);
    (void)snprintf(line, sizeof(line), "store %s %s: %d tests, %lld operations", t->driver->name, version, (int)tests,
                   (long long)t->operations);
    t->suite->report(line, t->suite->data);
}

static void run_all_parts(test *t, totals *out)
{
    if (has_transactions(t))
        run_part(t, false, out);
    run_part(t, true, out);
    if (t->suite->sequences > 0)
        run_sequences(t, out);
    report_totals(t, out->tests);
}

static bool prepare(test *t, tally *counts, const hc_conformance *suite)
{
    t->pool = malloc(POOL_SIZE);
    t->suite = suite;
    t->driver = suite->driver;
    t->quirks = suite->quirks;
    t->tally = counts;
    t->allocator = (hc_allocator){sizeof(hc_allocator), allocate, reallocate, release, NULL};
    t->host = (hc_host){sizeof(hc_host), HC_DRIVER_ABI, 0, NULL, on_log, now, NULL};
    return t->pool != NULL;
}

/* The common prefix; a tail that is not zero asks for what this suite does not have. */
static bool take_over(hc_conformance *out, const hc_conformance *given)
{
    const char *bytes = (const char *)given;
    size_t size = given == NULL ? 0 : given->struct_size;

    if (size < offsetof(hc_conformance, copy))
        return false;
    memcpy(out, given, size < sizeof(*out) ? size : sizeof(*out));
    for (size_t i = sizeof(*out); i < size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return out->driver != NULL && out->fresh != NULL && out->report != NULL && out->sequences >= 0;
}

int32_t hc_conformance_run(const hc_conformance *given)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;
    tally counts = {0};
    totals out = {0, 0};
    test *t;

    if (!take_over(&suite, given))
        return 1;
    if ((suite.quirks & ~QUIRKS) != 0) {
        suite.report("FAILED: a quirk that this suite does not know", suite.data);
        return 1;
    }
    t = calloc(1, sizeof(*t));
    if (t == NULL || !prepare(t, &counts, &suite)) {
        free(t);
        return 1;
    }
    t->host.allocator = &t->allocator;
    run_all_parts(t, &out);
    free(t->pool);
    free(t);
    return out.failures;
}

/* ---- choices from outside ------------------------------------------------------------------------------------------
 */

struct by_bytes {
    test t;
    tally counts;
    bool documents;
};

by_bytes *by_bytes_new(const hc_conformance *suite, bool documents)
{
    by_bytes *run = calloc(1, sizeof(*run));

    if (run == NULL || !prepare(&run->t, &run->counts, suite)) {
        free(run);
        return NULL;
    }
    run->t.host.allocator = &run->t.allocator;
    run->documents = documents;
    return run;
}

bool by_bytes_run(by_bytes *run, const uint8_t *bytes, size_t size)
{
    static const test_case one = {"a sequence of bytes", random_sequence, PLAIN};
    test *t = &run->t;

    t->random = 1;
    t->bytes = bytes;
    t->byte_count = size;
    begin(t, &one, run->documents, t->store != NULL);
    if (!t->failed)
        one.body(t);
    if (!t->failed)
        empty(t);
    if (t->failed)
        close_store(t);
    return !t->failed;
}

int64_t by_bytes_count(const by_bytes *run)
{
    return run->t.operations;
}

void by_bytes_free(by_bytes *run)
{
    close_store(&run->t);
    free(run->t.pool);
    free(run);
}
