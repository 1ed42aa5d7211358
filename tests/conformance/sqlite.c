/* The suite on SQLite, on files and in memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conformance.h"

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

#define FIXED_CASES 60

typedef struct place {
    char folder[256];
    int number;
} place;

static void drop(const place *p)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[320];

    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof(path), "%s/%d.db%s", p->folder, p->number, ends[i]);
        (void)unlink(path);
    }
}

/* The fixed cases come first and need files, for a database in memory has one connection; of the sequences every fifth
 * gets one. Nothing here outlives the machine, so nothing waits for the disk. */
static hc_status fresh(char *uri, size_t size, void *data)
{
    place *p = data;

    drop(p);
    p->number++;
    if (p->number < FIXED_CASES || p->number % 5 == 0)
        (void)snprintf(uri, size, "sqlite:%s/%d.db?durability=relaxed", p->folder, p->number);
    else
        (void)snprintf(uri, size, "sqlite::memory:");
    return HC_OK;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)puts(line);
}

/* conformance_sqlite [SEQUENCES [SEED]] */
int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    hc_conformance suite = HC_CONFORMANCE_INIT;
    place p = {{0}, 0};
    int failures;

    (void)snprintf(p.folder, sizeof(p.folder), "%s/hc-conformance-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(p.folder) == NULL || hc_driver_sqlite_entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0)
        return EXIT_FAILURE;
    suite.fresh = fresh;
    suite.report = report;
    suite.data = &p;
    suite.sequences = argc > 1 ? (int32_t)strtol(argv[1], NULL, 10) : 400;
    suite.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    failures = hc_conformance_run(&suite);
    drop(&p);
    (void)rmdir(p.folder);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
