/* Puts the driver through the suite: loads the shared object, as the library does, and runs everything on it.
 * conformance FILE.so [SEQUENCES [SEED]] */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "homeconnect/driver/conformance.h"

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    (void)use;
    (void)data;
    (void)snprintf(uri, size, "memtable:"); /* each store that is opened is a new one */
    return HC_OK;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)puts(line);
}

static hc_driver_entry_fn load(const char *path)
{
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = module == NULL ? NULL : dlsym(module, "hc_driver_entry");
    hc_driver_entry_fn entry = NULL;

    if (symbol == NULL)
        (void)fprintf(stderr, "%s\n", dlerror());
    memcpy(&entry, &symbol, sizeof(entry)); /* C has no cast from an object to a function */
    return entry;
}

int main(int argc, char **argv)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;
    hc_driver_entry_fn entry = argc > 1 ? load(argv[1]) : NULL;

    if (entry == NULL || entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0)
        return EXIT_FAILURE;
    suite.fresh = fresh;
    suite.report = report;
    suite.sequences = argc > 2 ? (int32_t)strtol(argv[2], NULL, 10) : 2000;
    suite.seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
    suite.quirks = HC_QUIRK_ONE_WRITER | HC_QUIRK_VOLATILE | HC_QUIRK_NO_BACKUP;
    return hc_conformance_run(&suite) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
