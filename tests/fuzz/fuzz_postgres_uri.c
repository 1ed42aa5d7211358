/* A storage URI of PostgreSQL's driver: what a connection can be made of, or a refusal. */
#include "driver/postgres/postgres.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__pg_store store = {.hosts = 1};
    hc_status status;

    if (!fuzz_begin(&run, data, size) || strncmp(run.text, "postgres", 8) != 0) /* the registry brings no others here */
        return fuzz_end(&run);
    store.mem = run.mem;
    status = hc__pg_uri(&store, run.text, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        FUZZ_ASSERT(store.options != NULL && store.hosts >= 1);
        FUZZ_ASSERT(store.connect_wait >= 1000000 && store.connect_wait <= 600000000);
        FUZZ_ASSERT(!store.relaxed || strstr(run.text, "durability=relaxed") != NULL);
    }
    hc__pg_forget_options(&store);
    return fuzz_end(&run);
}
