/* Codes to statuses. The server's own words never leave this room: they may hold values. */
#include "driver/mongodb/mongodb.h"

#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/log.h"

typedef struct outcome {
    uint32_t code; /* of the server */
    hc_status status;
    bool unknown; /* a write may have been done */
    bool final;   /* the connection leads to a server that serves no more */
    const char *message;
} outcome;

static const outcome outcomes[] = {
    {2, HC_ERR_INVALID, false, false, "the server refuses a value"},
    {6, HC_ERR_UNAVAILABLE, true, true, "the server cannot reach another"},
    {7, HC_ERR_UNAVAILABLE, true, true, "the server cannot find another"},
    {13, HC_ERR_IO, false, false, "the server's user may not do that"},
    {18, HC_ERR_INVALID, false, true, "the server refused the user or password"},
    {26, HC_ERR_SCHEMA, false, false, "a collection is missing: call hc_client_migrate()"},
    {50, HC_ERR_TIMEOUT, true, false, "the deadline passed"},
    {64, HC_ERR_UNAVAILABLE, true, false, "the server did not wait until a majority had the write"},
    {79, HC_ERR_INVALID, true, false, "the server does not know w=majority"},
    {89, HC_ERR_UNAVAILABLE, true, true, "the server lost another in the middle"},
    {91, HC_ERR_UNAVAILABLE, true, true, "the server is shutting down"},
    {100, HC_ERR_UNAVAILABLE, true, false, "no majority of the servers can have the write"},
    {112, HC_ERR_BUSY, false, false, "another write came first"},
    {121, HC_ERR_INVALID, false, false, "a rule of the collection that another program made refuses the document"},
    {189, HC_ERR_UNAVAILABLE, true, true, "the server is not the primary any more"},
    {238, HC_ERR_UNSUPPORTED, false, false, "the server cannot do that"},
    {262, HC_ERR_UNAVAILABLE, true, false, "the server's time limit passed"},
    {9001, HC_ERR_UNAVAILABLE, true, true, "the server lost another in the middle"},
    {10058, HC_ERR_UNAVAILABLE, false, true, "the server is not the primary"},
    {10107, HC_ERR_UNAVAILABLE, false, true, "the server is not the primary"},
    {10334, HC_ERR_TOO_LARGE, false, false, "a document is over the server's limit"},
    {11000, HC_ERR_CONFLICT, false, false, "a value that must be unique is taken"},
    {11600, HC_ERR_UNAVAILABLE, true, true, "the server is shutting down"},
    {11602, HC_ERR_UNAVAILABLE, true, true, "the server changes its role"},
    {13297, HC_ERR_INVALID, false, false, "the server has a database whose name differs only in case"},
    {13435, HC_ERR_UNAVAILABLE, false, true, "the server is not the primary"},
    {13436, HC_ERR_UNAVAILABLE, false, true, "the server is starting up"},
    {14031, HC_ERR_NO_SPACE, false, false, "no space left for the database"},
    {17280, HC_ERR_TOO_LARGE, false, false, "a key of an index is over the server's limit"},
    {17419, HC_ERR_TOO_LARGE, false, false, "a document would be over the server's limit"},
    {17420, HC_ERR_TOO_LARGE, false, false, "a document would be over the server's limit"},
};

static const outcome *outcome_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].code == code)
            return &outcomes[i];
    }
    return NULL;
}

static hc_status mark(hc_error *err, hc_status status, bool unknown)
{
    if (unknown && err != NULL)
        err->flags = (err->flags & ~HC_ERROR_WRITTEN_MASK) | HC_ERROR_WRITTEN_UNKNOWN;
    return status;
}

static hc_status stopped(const hc__mongo *conn, hc_error *err)
{
    return hc__fail_from(err, HC__MONGO_NAME, conn->stopped, NULL,
                         conn->stopped == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted");
}

static void log_code(const hc__mongo *conn, uint32_t code)
{
    const hc_host *host = conn->store->host;
    hc__buf line;

    if (host->log == NULL)
        return;
    hc__buf_init(&line, conn->mem);
    hc__buf_format(&line, "mongodb: the server refused a command with code %u", (unsigned)code);
    if (!line.failed)
        host->log(HC_LOG_ERROR, line.data, host->data);
    hc__buf_free(&line);
}

static hc_status refused(hc__mongo *conn, uint32_t code, bool write, hc_error *err)
{
    const outcome *found = outcome_of(code);

    if (found == NULL) {
        log_code(conn, code);
        return mark(err,
                    hc__fail_from(err, HC__MONGO_NAME, HC_ERR_INTERNAL, NULL,
                                  "the server refused a command of this library with code %u", (unsigned)code),
                    false);
    }
    conn->broken = conn->broken || found->final;
    return mark(err, hc__fail_from(err, HC__MONGO_NAME, found->status, NULL, "%s", found->message),
                write && found->unknown);
}

/* Of the transport, and of what libmongoc refuses by itself. */
static hc_status unreachable(hc__mongo *conn, const bson_error_t *error, bool write, hc_error *err)
{
    bool unknown = write && conn->sent;

    conn->broken = true;
    if (conn->stopped != HC_OK)
        return mark(err, stopped(conn, err), unknown);
    if (error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE)
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_INVALID, "document_uri",
                             "the server refused the user or password");
    if (error->domain == MONGOC_ERROR_SERVER_SELECTION)
        return mark(err,
                    hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNAVAILABLE, "document_uri",
                                  conn->tls
                                      ? "no server can be reached by TLS with a certificate that can be trusted"
                                      : "no server can be reached"),
                    false);
    return mark(err,
                hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNAVAILABLE, NULL, "the connection to the server was lost"),
                unknown);
}

/* The code of the first error in an array of the reply, or 0. */
static uint32_t code_in(const bson_t *reply, const char *array)
{
    bson_iter_t at, each, code;

    if (reply == NULL || !bson_iter_init_find(&at, reply, array) || !BSON_ITER_HOLDS_ARRAY(&at) ||
        !bson_iter_recurse(&at, &each) || !bson_iter_next(&each) || !bson_iter_recurse(&each, &code) ||
        !bson_iter_find(&code, "code"))
        return 0;
    return (uint32_t)bson_iter_as_int64(&code);
}

bool hc__mongo_is_unsure(const bson_t *reply)
{
    return code_in(reply, "writeConcernErrors") != 0;
}

hc_status hc__mongo_failed(hc__mongo *conn, const bson_error_t *error, const bson_t *reply, bool write, hc_error *err)
{
    uint32_t unsure = code_in(reply, "writeConcernErrors");

    if (error->domain == MONGOC_ERROR_WRITE_CONCERN || (unsure != 0 && hc__mongo_is_duplicate(error)))
        return refused(conn,
                       outcome_of(unsure == 0 ? error->code : unsure) == NULL ? 64
                       : unsure == 0                                          ? error->code
                                                                              : unsure,
                       write, err);
    switch (error->domain) {
    case MONGOC_ERROR_SERVER:
    case MONGOC_ERROR_COLLECTION:
    case MONGOC_ERROR_QUERY:
        return refused(conn, error->code, write, err);
    case MONGOC_ERROR_BSON:
    case MONGOC_ERROR_COMMAND:
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_TOO_LARGE, NULL,
                             "a document is over the server's limit, or is not well formed");
    default:
        return unreachable(conn, error, write, err);
    }
}

hc_status hc__mongo_misuse(hc_error *err, const char *what)
{
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_MISUSE, NULL, "a storage operation is not well formed: %s", what);
}

hc_status hc__mongo_unsupported(hc_error *err, const char *what)
{
    return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNSUPPORTED, NULL, "the mongodb driver has no %s", what);
}

/* ---- duplicates ---- */

bool hc__mongo_is_duplicate(const bson_error_t *error)
{
    return error->domain == MONGOC_ERROR_SERVER &&
           (error->code == 11000 || error->code == 11001 || error->code == 12582);
}

int32_t hc__mongo_told_index(const bson_error_t *error, const hc_kind *kind)
{
    const char *at = strstr(error->message, " index: ");
    size_t size;

    if (at == NULL)
        return HC_INDEX_ANY;
    at += strlen(" index: ");
    size = strcspn(at, " ");
    if (size == 4 && memcmp(at, "_id_", 4) == 0)
        return HC_INDEX_ID;
    for (uint32_t i = 0; i < kind->index_count; i++) {
        const char *name = kind->indexes[i].name;

        if ((kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0 && strlen(name) == size && memcmp(name, at, size) == 0)
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

/* ---- entering ---- */

hc_status hc__mongo_may_go_on(hc__mongo *conn, hc_error *err)
{
    if (atomic_load_explicit(&conn->interrupted, memory_order_relaxed))
        conn->stopped = HC_ERR_CANCELLED;
    else if (conn->deadline != 0 && hc__os_monotonic() >= conn->deadline)
        conn->stopped = HC_ERR_TIMEOUT;
    return conn->stopped == HC_OK ? HC_OK : stopped(conn, err);
}

void hc__mongo_clear(hc__mongo *conn)
{
    hc__arena_free(&conn->scratch);
    hc__arena_init(&conn->scratch, conn->mem, conn->blocks, HC__MONGO_BLOCK);
}

hc_status hc__mongo_enter(hc__mongo *conn, int64_t deadline, hc_error *err)
{
    if (conn->pid != hc__os_pid())
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_FORKED, NULL,
                             "the connection belongs to the parent of this process");
    conn->stopped = HC_OK;
    conn->sent = false;
    conn->now = 0;
    conn->masked = false;
    if (conn->broken)
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNAVAILABLE, NULL,
                             "the connection to the server was lost: connect again");
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->deadline = deadline;
    hc__mongo_clear(conn);
    return hc__mongo_may_go_on(conn, err);
}
