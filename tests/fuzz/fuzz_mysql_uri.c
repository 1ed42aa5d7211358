/* A storage URI of MariaDB's driver: what a connection can be made of, or a refusal. */
#include "driver/mysql/mysql.h"
#include "fuzz.h"

static void check(const hc__my_store *store, const char *text)
{
    FUZZ_ASSERT(store->host_count >= 1 && store->host_count <= HC__MY_HOSTS);
    FUZZ_ASSERT(store->connect_wait >= 1000000 && store->connect_wait <= 600000000);
    FUZZ_ASSERT(store->database != NULL && store->database[0] != '\0');
    FUZZ_ASSERT(store->tls >= HC__MY_TLS_OFF && store->tls <= HC__MY_TLS_VERIFY);
    for (size_t i = 0; i < store->host_count; i++) {
        const hc__my_host *host = &store->hosts[i];

        FUZZ_ASSERT(host->name != NULL && host->port >= 1 && host->port <= 65535);
        /* Nobody talks to another machine in the open who did not say so. */
        if (strchr(host->name, '.') != NULL && strncmp(host->name, "127.", 4) != 0 && store->socket == NULL &&
            strstr(text, "ssl-mode=") == NULL)
            FUZZ_ASSERT(store->tls == HC__MY_TLS_VERIFY);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__my_store store = {.host_count = 0};
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    store.mem = run.mem;
    status = hc__my_uri(&store, run.text, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK)
        check(&store, run.text);
    hc__my_forget_uri(&store);
    return fuzz_end(&run);
}
