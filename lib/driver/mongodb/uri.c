/* mongodb://… and mongodb+srv://… with the parameters of libmongoc. What would lose writes is refused. */
#include "driver/mongodb/mongodb.h"

#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "homeconnect/log.h"

#define SELECTION_WAIT 2000 /* ms */

static hc_status invalid(hc_error *err, const char *what)
{
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_INVALID, "document_uri", "%s", what);
}

static bool has(const mongoc_uri_t *uri, const char *option)
{
    return mongoc_uri_has_option(uri, option);
}

/* An acknowledgement means that a majority has it on disk: nothing weaker may be asked for. */
static hc_status check_writes(const mongoc_uri_t *uri, hc_error *err)
{
    const mongoc_write_concern_t *given = mongoc_uri_get_write_concern(uri);
    int32_t w = given == NULL ? MONGOC_WRITE_CONCERN_W_DEFAULT : mongoc_write_concern_get_w(given);

    if (w == MONGOC_WRITE_CONCERN_W_UNACKNOWLEDGED || w == MONGOC_WRITE_CONCERN_W_ERRORS_IGNORED)
        return invalid(err, "the URI has w=0, which acknowledges what may be lost; the driver writes with w=majority");
    if (w != MONGOC_WRITE_CONCERN_W_DEFAULT && w != MONGOC_WRITE_CONCERN_W_MAJORITY)
        return invalid(err, "the URI has another w than majority, with which the driver always writes");
    if (has(uri, MONGOC_URI_JOURNAL) && !mongoc_uri_get_option_as_bool(uri, MONGOC_URI_JOURNAL, true))
        return invalid(err, "the URI has journal=false, which loses what was acknowledged");
    if (has(uri, MONGOC_URI_SAFE) && !mongoc_uri_get_option_as_bool(uri, MONGOC_URI_SAFE, true))
        return invalid(err, "the URI has safe=false, which loses what was acknowledged");
    return HC_OK;
}

/* libmongoc would tell as of a server that is away. */
static hc_status check_files(const mongoc_uri_t *uri, hc_error *err)
{
    static const char *const options[] = {MONGOC_URI_TLSCAFILE, MONGOC_URI_TLSCERTIFICATEKEYFILE};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        const char *path = mongoc_uri_get_option_as_utf8(uri, options[i], NULL);

        if (path != NULL && access(path, R_OK) != 0)
            return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_INVALID, "document_uri",
                                 "the URI's %s names no file that can be read", options[i]);
    }
    return HC_OK;
}

static hc_status check(const mongoc_uri_t *uri, hc_error *err)
{
    const mongoc_read_prefs_t *reads = mongoc_uri_get_read_prefs_t(uri);
    const char *database = mongoc_uri_get_database(uri);
    hc_status status;

    if (database == NULL || database[0] == '\0')
        return invalid(err, "the URI names no database, as in mongodb://host/homeconnect");
    if (reads != NULL && mongoc_read_prefs_get_mode(reads) != MONGOC_READ_PRIMARY)
        return invalid(err, "the URI reads from secondaries, which may not have what was written yet");
    if (mongoc_uri_get_option_as_bool(uri, MONGOC_URI_TLSINSECURE, false) ||
        mongoc_uri_get_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDCERTIFICATES, false) ||
        mongoc_uri_get_option_as_bool(uri, MONGOC_URI_TLSALLOWINVALIDHOSTNAMES, false))
        return invalid(err, "the URI turns off the check of the server's certificate; name an authority of your own "
                            "with tlsCAFile");
    status = check_files(uri, err);
    return status < 0 ? status : check_writes(uri, err);
}

bool hc__mongo_is_local(const char *host)
{
    return strchr(host, '/') != NULL || strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

static bool all_local(const mongoc_uri_t *uri)
{
    const mongoc_host_list_t *host = mongoc_uri_get_hosts(uri);

    if (host == NULL)
        return false;
    for (; host != NULL; host = host->next) {
        if (!hc__mongo_is_local(host->host))
            return false;
    }
    return true;
}

bool hc__mongo_says_tls(const mongoc_uri_t *uri)
{
    return has(uri, MONGOC_URI_TLS) || has(uri, MONGOC_URI_SSL);
}

/* ---- what libmongoc leaves out ---- */

#define NAME_LIMIT 64

static bool is_known(const char *text, size_t size)
{
    static const char *const others[] = {
        "w",           "readconcernlevel",        "readpreferencetags", "authsource", "authmechanism",
        "compressors", "authmechanismproperties", "gssapiservicename"};
    char name[NAME_LIMIT] = "";

    if (size >= sizeof(name))
        return false;
    for (size_t i = 0; i < size; i++)
        name[i] = hc__ascii_lower(text[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strcmp(name, others[i]) == 0)
            return true;
    }
    return mongoc_uri_option_is_int32(name) || mongoc_uri_option_is_int64(name) || mongoc_uri_option_is_bool(name) ||
           mongoc_uri_option_is_utf8(name);
}

/* Of a URI that is well formed. Neither users nor hosts have a slash in them, and a password may have a "?". */
static bool all_known(const char *uri)
{
    const char *at = strchr(strstr(uri, "://") + 3, '/');

    at = at == NULL ? NULL : strchr(at, '?');
    while (at != NULL && at[1] != '\0') {
        size_t size = strcspn(++at, "&");

        if (!is_known(at, strcspn(at, "=&")))
            return false;
        at += size;
        at = *at == '\0' ? NULL : at;
    }
    return true;
}

/* Where the URI says nothing, or 0, which libmongoc takes for its own half a minute. */
static bool limit(mongoc_uri_t *uri, const char *option, int32_t ms)
{
    return mongoc_uri_get_option_as_int32(uri, option, 0) > 0 || mongoc_uri_set_option_as_int32(uri, option, ms);
}

static bool settle(hc__mongo_store *store)
{
    mongoc_uri_t *uri = store->uri;
    const mongoc_write_concern_t *given = mongoc_uri_get_write_concern(uri);
    int64_t wait = given == NULL ? 0 : mongoc_write_concern_get_wtimeout_int64(given);
    mongoc_write_concern_t *writes = mongoc_write_concern_new();
    bool done = true;

    mongoc_write_concern_set_wmajority(writes, 0);
    mongoc_write_concern_set_wtimeout_int64(writes, wait > 0 ? wait : 0);
    mongoc_write_concern_set_journal(writes, true);
    mongoc_uri_set_write_concern(uri, writes);
    mongoc_write_concern_destroy(writes);
    if (!hc__mongo_says_tls(uri) && !all_local(uri))
        done = mongoc_uri_set_option_as_bool(uri, MONGOC_URI_TLS, true);
    done = done && limit(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, SELECTION_WAIT) &&
           limit(uri, MONGOC_URI_CONNECTTIMEOUTMS, SELECTION_WAIT) &&
           limit(uri, MONGOC_URI_SOCKETTIMEOUTMS, HC__MONGO_GIVE_UP);
    if (mongoc_uri_get_appname(uri) == NULL)
        done = done && mongoc_uri_set_appname(uri, "homeconnect");
    store->tls = mongoc_uri_get_tls(uri);
    return done && mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, false);
}

hc_status hc__mongo_open(void **out, const hc_host *host, const char *uri, hc_error *err)
{
    hc__mongo_store *store;
    hc__mem mem;
    hc_status status;

    *out = NULL;
    status = hc__mem_init(&mem, host->allocator, err);
    if (status < 0)
        return status;
    hc__mongo_library();
    store = hc__alloc_zero(&mem, 1, sizeof(*store));
    if (store == NULL)
        return hc__no_memory(err);
    store->mem = mem;
    store->host = host;
    store->pid = hc__os_pid();
    bson_oid_init(&store->owner, NULL);
    store->uri = mongoc_uri_new(uri); /* whose own message may quote the URI, password and all */
    status = store->uri == NULL ? invalid(err, "the URI is not well formed, or has a value that libmongoc refuses")
                                : check(store->uri, err);
    if (status == HC_OK && !settle(store))
        status = invalid(err, "the URI has an option that the driver cannot set");
    if (status == HC_OK && !all_known(uri)) /* not by its name, which may be a piece of a password */
        host->log(HC_LOG_WARN, "mongodb: the URI has a parameter that libmongoc does not know and leaves out",
                  host->data);
    if (status == HC_OK) {
        const char *database = mongoc_uri_get_database(store->uri);

        store->database = hc__strndup(&mem, database, strlen(database));
        if (store->database == NULL)
            status = hc__no_memory(err);
    }
    if (status < 0) {
        hc__mongo_close(store);
        return status;
    }
    *out = store;
    return HC_OK;
}

void hc__mongo_close(void *handle)
{
    hc__mongo_store *store = handle;
    hc__mem mem;

    if (store == NULL)
        return;
    mem = store->mem;
    mongoc_uri_destroy(store->uri);
    hc__free(&mem, store->database);
    hc__free(&mem, store);
}

void hc__mongo_limits(void *handle, hc_storage_limits *out)
{
    (void)handle;
    out->connections = 0;
}
