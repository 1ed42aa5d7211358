/* The suite on SQLite: on files with several connections, then on databases in memory with one. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "homeconnect/driver/conformance.h"

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

typedef struct place {
    char folder[256];
    int number;
    bool in_memory; /* always */
} place;

static void drop(const place *p, int number)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[320];

    for (int i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof(path), "%s/%d.db%s", p->folder, number, ends[i]);
        (void)unlink(path);
    }
}

static void drop_all(const place *p)
{
    for (int back = 0; back < 4; back++)
        drop(p, p->number - back);
}

/* A database in memory has one connection and dies with it; every fifth test gets a file all the same. Nothing here
 * outlives the machine, so nothing waits for the disk. */
static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    place *p = data;

    drop_all(p);
    p->number++;
    if (!p->in_memory && (use != 0 || p->number % 5 == 0))
        (void)snprintf(uri, size, "sqlite:%s/%d.db?durability=relaxed", p->folder, p->number);
    else
        (void)snprintf(uri, size, "sqlite::memory:");
    return HC_OK;
}

static hc_status copy(char *path, size_t path_size, char *uri, size_t uri_size, void *data)
{
    place *p = data;

    p->number++;
    (void)snprintf(path, path_size, "%s/%d.db", p->folder, p->number);
    (void)snprintf(uri, uri_size, "sqlite:%s/%d.db", p->folder, p->number);
    return HC_OK;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)puts(line);
    (void)fflush(stdout);
}

static int32_t sequences_of(int argc, char **argv)
{
    const char *is_long = getenv("HC_LONG");

    if (argc > 1)
        return (int32_t)strtol(argv[1], NULL, 10);
    return is_long != NULL && strcmp(is_long, "1") == 0 ? 20000 : 2000;
}

/* conformance.sqlite [SEQUENCES [SEED]] */
int main(int argc, char **argv)
{
    const char *base = getenv("TMPDIR");
    hc_conformance suite = HC_CONFORMANCE_INIT;
    place p = {{0}, 0, false};
    int32_t failures;

    (void)snprintf(p.folder, sizeof(p.folder), "%s/hc-conformance-XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(p.folder) == NULL || hc_driver_sqlite_entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0)
        return EXIT_FAILURE;
    (void)setenv("TZ", "Australia/Lord_Howe", 1); /* half an hour of summer time: nothing may depend on it */
    suite.fresh = fresh;
    suite.copy = copy;
    suite.report = report;
    suite.data = &p;
    suite.sequences = sequences_of(argc, argv);
    suite.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    suite.quirks = HC_QUIRK_ONE_WRITER;
    failures = hc_conformance_run(&suite);
    p.in_memory = true;
    suite.quirks = HC_QUIRK_ONE_WRITER | HC_QUIRK_ONE_CONNECTION | HC_QUIRK_VOLATILE;
    suite.sequences = suite.sequences / 10;
    failures += hc_conformance_run(&suite);
    drop_all(&p);
    (void)rmdir(p.folder);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
