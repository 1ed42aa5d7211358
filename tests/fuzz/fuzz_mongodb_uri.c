/* A document URI of MongoDB's driver, with the options of libmongoc: a store that loses nothing and talks to other
 * machines in secret, or a refusal. */
#include "driver/mongodb/mongodb.h"
#include "fuzz.h"

#define SECRET "hunter2" /* the password of the corpus */

static bool is_on(const mongoc_uri_t *uri, const char *option)
{
    return mongoc_uri_get_option_as_bool(uri, option, false);
}

/* Whatever the URI asked for, a write counts when a majority has it on disk, and what is read is not older. */
static void check_promises(const mongoc_uri_t *uri)
{
    const mongoc_write_concern_t *writes = mongoc_uri_get_write_concern(uri);
    const mongoc_read_prefs_t *reads = mongoc_uri_get_read_prefs_t(uri);

    FUZZ_ASSERT(mongoc_write_concern_get_wmajority(writes) && mongoc_write_concern_get_journal(writes));
    FUZZ_ASSERT(mongoc_write_concern_is_acknowledged(writes));
    FUZZ_ASSERT(mongoc_write_concern_get_wtimeout_int64(writes) >= 0);
    FUZZ_ASSERT(reads == NULL || mongoc_read_prefs_get_mode(reads) == MONGOC_READ_PRIMARY);
    FUZZ_ASSERT(mongoc_uri_has_option(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS));
    FUZZ_ASSERT(mongoc_uri_has_option(uri, MONGOC_URI_SOCKETTIMEOUTMS));
}

/* Nobody talks to another machine in the open who did not say so, and to none whose certificate is not looked at. */
static void check_tls(const hc__mongo_store *store)
{
    const mongoc_host_list_t *host = mongoc_uri_get_hosts(store->uri);
    bool chosen = mongoc_uri_has_option(store->uri, MONGOC_URI_TLS) && !is_on(store->uri, MONGOC_URI_TLS);

    chosen = chosen || (mongoc_uri_has_option(store->uri, MONGOC_URI_SSL) && !is_on(store->uri, MONGOC_URI_SSL));
    FUZZ_ASSERT(host != NULL || store->tls || chosen);
    for (; host != NULL; host = host->next)
        if (strchr(host->host, '.') != NULL && strchr(host->host, '/') == NULL && strncmp(host->host, "127.", 4) != 0)
            FUZZ_ASSERT(store->tls || chosen);
    FUZZ_ASSERT(!is_on(store->uri, MONGOC_URI_TLSINSECURE));
    FUZZ_ASSERT(!is_on(store->uri, MONGOC_URI_TLSALLOWINVALIDCERTIFICATES));
    FUZZ_ASSERT(!is_on(store->uri, MONGOC_URI_TLSALLOWINVALIDHOSTNAMES));
    FUZZ_ASSERT(!is_on(store->uri, MONGOC_URI_SSLALLOWINVALIDCERTIFICATES));
    FUZZ_ASSERT(!is_on(store->uri, MONGOC_URI_SSLALLOWINVALIDHOSTNAMES));
}

static void take_line(int32_t level, const char *line, void *data)
{
    (void)level;
    (void)data;
    FUZZ_ASSERT(strstr(line, SECRET) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc_allocator allocator = failing_allocator(&run.state);
    hc_host host = {.struct_size = sizeof(host), .allocator = &allocator, .log = take_line};
    void *handle = NULL;
    hc_status status;

    if (!fuzz_begin(&run, data, size) || strncmp(run.text, "mongodb", 7) != 0) /* the registry brings no others here */
        return fuzz_end(&run);
    status = hc__mongo_open(&handle, &host, run.text, &run.err);
    fuzz_outcome(&run, status);
    FUZZ_ASSERT((status == HC_OK) == (handle != NULL));
    FUZZ_ASSERT(strstr(run.err.message, SECRET) == NULL);
    if (status == HC_OK) {
        const hc__mongo_store *store = handle;

        FUZZ_ASSERT(store->database != NULL && store->database[0] != '\0');
        check_promises(store->uri);
        check_tls(store);
    }
    hc__mongo_close(handle);
    return fuzz_end(&run);
}
