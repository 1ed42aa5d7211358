/* Bytes that choose calls of the driver interface on stores in memory, row kinds or documents by the first: each answer
 * is the one of the model of tests/conformance, and so are the rows at the end. A driver that keeps what was rolled
 * back must be noticed before anything else is tried. */
#include "bytes.h"
#include "fuzz.h"
#include "homeconnect/driver/storage.h"

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

static const hc_storage_driver *truth;
static char told[1024]; /* what went otherwise */

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    (void)use;
    (void)data;
    (void)snprintf(uri, size, "sqlite::memory:");
    return HC_OK;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)snprintf(told, sizeof(told), "%s", line);
}

static hc_conformance suite_of(const hc_storage_driver *driver)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;

    suite.driver = driver;
    suite.fresh = fresh;
    suite.report = report;
    suite.quirks = HC_QUIRK_ONE_WRITER | HC_QUIRK_ONE_CONNECTION | HC_QUIRK_VOLATILE;
    return suite;
}

static hc_status keep_all(void *conn, hc_batch *batch, hc_error *err)
{
    uint32_t flags = batch->flags;
    hc_status status;

    if ((flags & HC_BATCH_ROLLBACK) != 0)
        batch->flags = (flags & ~(uint32_t)HC_BATCH_ROLLBACK) | HC_BATCH_COMMIT;
    status = truth->execute(conn, batch, err);
    batch->flags = flags;
    return status;
}

/* Whether the seeded bug is seen in some of the sequences that a fixed generator chooses. */
static bool bug_is_noticed(void)
{
    hc_storage_driver liar = *truth;
    hc_conformance suite;
    by_bytes *run;
    uint8_t bytes[600];
    uint32_t state = 1;
    bool noticed = false;

    liar.execute = keep_all;
    suite = suite_of(&liar);
    run = by_bytes_new(&suite, false);
    FUZZ_ASSERT(run != NULL);
    for (int i = 0; i < 200 && !noticed; i++) {
        for (size_t k = 0; k < sizeof(bytes); k++) {
            state = state * 1664525u + 1013904223u;
            bytes[k] = (uint8_t)(state >> 24);
        }
        noticed = !by_bytes_run(run, bytes, sizeof(bytes));
    }
    by_bytes_free(run);
    return noticed;
}

static by_bytes *runs[2];

static void stop(void)
{
    int64_t operations = by_bytes_count(runs[0]) + by_bytes_count(runs[1]);

    for (int i = 0; i < 2; i++)
        by_bytes_free(runs[i]);
    fuzz_operations(operations);
}

static void start(void)
{
    static hc_conformance suite;

    FUZZ_ASSERT(hc_driver_sqlite_entry(&truth, HC_DRIVER_ABI, NULL) == HC_OK);
    FUZZ_ASSERT(bug_is_noticed());
    suite = suite_of(truth);
    for (int i = 0; i < 2; i++) {
        runs[i] = by_bytes_new(&suite, i == 1);
        FUZZ_ASSERT(runs[i] != NULL);
    }
    (void)atexit(stop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (runs[0] == NULL)
        start();
    if (size < 1)
        return 0;
    if (!by_bytes_run(runs[data[0] & 1], data + 1, size - 1)) {
        fprintf(stderr, "%s\n", told);
        abort();
    }
    return 0;
}
