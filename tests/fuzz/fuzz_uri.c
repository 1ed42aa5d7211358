/* The SQLite driver's storage URI: a path that the engine takes for a file, or a refusal. */
#include "driver/sqlite/sqlite.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__sqlite_store store;
    hc_status status;
    char *path;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    memset(&store, 0, sizeof(store));
    store.mem = run.mem;
    status = hc__sqlite_uri(&store, run.text, &path, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        FUZZ_ASSERT(strncmp(run.text, "sqlite:", 7) == 0);
        FUZZ_ASSERT(store.cache_kib >= 64 && store.cache_kib <= 4 << 20);
        FUZZ_ASSERT(path == NULL || path[0] == '/' || (strncmp(path, "./", 2) == 0 && path[2] != '\0'));
        FUZZ_ASSERT(path != NULL || strncmp(run.text + 7, ":memory:", 8) == 0);
    } else {
        FUZZ_ASSERT(path == NULL && (status == HC_ERR_NO_MEMORY || strcmp(run.err.field, "storage_uri") == 0));
    }
    hc__free(&run.mem, path);
    return fuzz_end(&run);
}
