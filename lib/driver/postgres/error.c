/* SQLSTATE to statuses. The server's own words never leave this room: they may hold values. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "base/utf8.h"
#include "homeconnect/log.h"

#define NAME_LIMIT 63 /* bytes of an identifier: the engine cuts longer ones */

typedef struct outcome {
    const char *state; /* all five characters, or a class of two */
    hc_status status;
    const char *message;
} outcome;

/* The first that fits. */
static const outcome outcomes[] = {
    {"40001", HC_ERR_BUSY, "another transaction came first"},
    {"40P01", HC_ERR_BUSY, "two transactions waited for each other"},
    {"26000", HC_ERR_BUSY, "the server forgot a prepared statement"},
    {"42P05", HC_ERR_BUSY, "the server has a prepared statement of before"},
    {"0A000", HC_ERR_BUSY, "the schema changed under a prepared statement"},
    {"55P03", HC_ERR_BUSY, "another transaction held a lock for longer than the server's lock_timeout"},
    {"55006", HC_ERR_BUSY, "what is asked for is in use"},
    {"53100", HC_ERR_NO_SPACE, "no space left for the database"},
    {"53200", HC_ERR_NO_MEMORY, "the server is out of memory"},
    {"53300", HC_ERR_BUSY, "the server has too many connections"},
    {"53", HC_ERR_BUSY, "the server has no resources left"},
    {"57014", HC_ERR_TIMEOUT,
     "the server cancelled the statement: by its statement_timeout, or as somebody asked it to"},
    {"57P05", HC_ERR_UNAVAILABLE, "the server closed an idle session (idle_session_timeout)"},
    {"57", HC_ERR_UNAVAILABLE, "the server is starting up or shutting down"},
    {"08", HC_ERR_UNAVAILABLE, "the connection to the server was lost"},
    {"25006", HC_ERR_UNAVAILABLE, "the server is read-only"},
    {"25P03", HC_ERR_UNAVAILABLE, "the transaction was idle for longer than idle_in_transaction_session_timeout"},
    {"28", HC_ERR_INVALID, "the server refused the user or password"},
    {"3D000", HC_ERR_INVALID, "the server has no database of that name"},
    {"3F000", HC_ERR_INVALID, "the search_path names no schema that is there, or none that the user may use"},
    {HC__PG_DENIED, HC_ERR_IO, "the server's user may not do that"},
    {"42P01", HC_ERR_SCHEMA, "a table is missing: call hc_client_migrate()"},
    {"42703", HC_ERR_SCHEMA, "a column is missing: call hc_client_migrate()"},
    {"42P07", HC_ERR_SCHEMA,
     "the schema has a table or index of that name, and not by this library: give it one of its own"},
    {"54", HC_ERR_TOO_LARGE, "a value is too large for the server"},
    {"58", HC_ERR_IO, "the server cannot read or write its files"},
    {"XX001", HC_ERR_CORRUPT, "the database is damaged"},
    {"XX002", HC_ERR_CORRUPT, "the database is damaged"},
};

/* While a session is opened nobody asks for tables yet. */
static const outcome at_opening[] = {
    {HC__PG_DENIED, HC_ERR_INVALID, "the server's user may not use that database, or a setting of the URI"},
    {"42", HC_ERR_INVALID, "the server does not know a setting of the URI"},
    {"22", HC_ERR_INVALID, "the server does not take the value of a setting of the URI"},
    {"55000", HC_ERR_UNAVAILABLE, "the database takes no connections"},
};

static const outcome *find(const outcome *list, size_t count, const char *state)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(state, list[i].state, strlen(list[i].state)) == 0)
            return &list[i];
    }
    return NULL;
}

static const outcome *outcome_of(const char *state)
{
    return find(outcomes, sizeof(outcomes) / sizeof(outcomes[0]), state);
}

static void put_state(hc_error *err, const char *state)
{
    if (err == NULL || strlen(state) != 5)
        return;
    memcpy(err->sqlstate, state, 6);
}

static const char *state_of(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state == NULL ? "" : state;
}

bool hc__pg_is(const PGresult *result, const char *sqlstate)
{
    return strcmp(state_of(result), sqlstate) == 0;
}

bool hc__pg_is_final(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity == NULL || strcmp(severity, "ERROR") != 0;
}

bool hc__pg_is_ended(const PGresult *result)
{
    return strncmp(state_of(result), "57", 2) == 0;
}

void hc__pg_log(const hc__pg *conn, int32_t level, const PGresult *result, bool with_message)
{
    const hc_host *host = conn->store->host;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = with_message ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    hc__buf line;

    if (host->log == NULL)
        return;
    hc__buf_init(&line, conn->mem);
    hc__buf_format(&line, "postgres: %s %s%s%s", severity == NULL ? "" : severity, state_of(result),
                   message == NULL ? "" : " ", message == NULL ? "" : message);
    if (!line.failed)
        host->log(level, line.data, host->data);
    hc__buf_free(&line);
}

static hc_status stopped(const hc__pg *conn, hc_error *err)
{
    return hc__fail_from(err, HC__PG_NAME, conn->stopped, NULL,
                         conn->stopped == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted");
}

hc_status hc__pg_lost(hc__pg *conn, hc_error *err)
{
    conn->broken = true;
    if (conn->stopped != HC_OK)
        return stopped(conn, err);
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_UNAVAILABLE, NULL, "the connection to the server was lost");
}

hc_status hc__pg_refused(hc__pg *conn, const PGresult *result, hc_error *err)
{
    const char *state = state_of(result);
    const outcome *found = outcome_of(state);
    hc_status status = found == NULL ? HC_ERR_INTERNAL : found->status;

    if (state[0] == '\0')
        return hc__pg_lost(conn, err);
    if (hc__pg_is_final(result) || strcmp(state, "25006") == 0)
        conn->broken = true;
    if (conn->stopped != HC_OK && strcmp(state, "57014") == 0)
        status = stopped(conn, err);
    else
        (void)hc__fail_from(err, HC__PG_NAME, status, NULL, "%s",
                            found == NULL ? "the server refused a statement of this library" : found->message);
    /* The text of a statement has no values in it; other complaints may quote one. */
    if (status == HC_ERR_INTERNAL || status == HC_ERR_SCHEMA)
        hc__pg_log(conn, HC_LOG_ERROR, result, strncmp(state, "42", 2) == 0);
    put_state(err, state);
    return status;
}

/* ---- what an operation did wrong ---- */

static bool same_name(const char *given, const char *kind, const char *name)
{
    char whole[NAME_LIMIT + 1];
    size_t size = 0;

    for (; size < NAME_LIMIT && *kind != '\0'; size++)
        whole[size] = *kind++;
    if (size < NAME_LIMIT)
        whole[size++] = '_';
    for (; size < NAME_LIMIT && *name != '\0'; size++)
        whole[size] = *name++;
    whole[size] = '\0';
    return strcmp(given, whole) == 0;
}

static int32_t unique_index(const char *constraint, const hc_kind *kind)
{
    if (same_name(constraint, kind->name, "pkey"))
        return HC_INDEX_ID;
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if ((kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0 && same_name(constraint, kind->name, kind->indexes[i].name))
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

static const hc_field *field_named(const char *name, const hc_kind *kind)
{
    for (uint32_t i = 0; name != NULL && i < kind->field_count; i++) {
        if (strcmp(name, kind->fields[i].name) == 0)
            return &kind->fields[i];
    }
    return NULL;
}

static hc_status refuse_unique(const PGresult *result, const hc_op *op, hc_batch *batch, hc_error *err)
{
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *field;

    batch->fault = HC_FAULT_UNIQUE;
    batch->fault_index = constraint == NULL ? HC_INDEX_ANY : unique_index(constraint, op->kind);
    field = batch->fault_index == HC_INDEX_ID ? op->kind->fields[0].name
            : batch->fault_index >= 0         ? op->kind->fields[op->kind->indexes[batch->fault_index].fields[0]].name
                                              : NULL;
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_CONFLICT, field, "a value that must be unique is taken in %s",
                         op->kind->name);
}

static hc_status refuse_value(const PGresult *result, const char *state, const hc_op *op, hc_error *err)
{
    const hc_field *field =
        strcmp(state, "23502") == 0   ? field_named(PQresultErrorField(result, PG_DIAG_COLUMN_NAME), op->kind)
        : strcmp(state, "23514") == 0 ? field_named(PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME), op->kind)
                                      : hc__sql_oversized(op);

    return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, field == NULL ? NULL : field->name,
                         "a value breaks a rule of %s%s%s", op->kind->name, field == NULL ? "" : ".",
                         field == NULL ? "" : field->name);
}

hc_status hc__pg_op_refused(hc__pg *conn, const PGresult *result, const hc_op *op, hc_batch *batch, hc_error *err)
{
    const char *state = state_of(result);
    hc_status status;

    if (strcmp(state, "22012") == 0 && hc__sql_expects(&hc__pg_dialect, op)) {
        batch->fault = HC_FAULT_EXPECT;
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_CONFLICT, NULL, "a write did not change %d rows of %s",
                               (int)op->expect, op->kind->name);
    } else if (strcmp(state, "23505") == 0) {
        status = refuse_unique(result, op, batch, err);
    } else if (strncmp(state, "23", 2) == 0 || strncmp(state, "22", 2) == 0) {
        status = refuse_value(result, state, op, err);
    } else if (strcmp(state, HC__PG_DENIED) == 0) {
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_IO, NULL,
                               "the server's user may not do that with %s: it needs SELECT, INSERT, UPDATE and DELETE "
                               "on all tables",
                               op->kind->name);
    } else if (strcmp(state, "57014") == 0 && conn->stopped == HC_ERR_TIMEOUT && op->verb < HC_VERB_QUERY) {
        /* A write looks for few rows: what it waited for is another's lock. The server undid it, so it may be tried
         * again. */
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_BUSY, NULL,
                               "another transaction held what a write of %s needs past the deadline", op->kind->name);
    } else {
        status = hc__pg_refused(conn, result, err);
        if (strncmp(state, "40", 2) == 0 || strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0 ||
            strcmp(state, "0A000") == 0)
            batch->fault = HC_FAULT_RERUN;
    }
    put_state(err, state);
    return status;
}

/* ---- opening ---- */

/* With PQERRORS_SQLSTATE the message ends in "SEVERITY:  28P01"; when nobody answered there is no code. */
static void state_in(char out[6], const char *message)
{
    size_t size = strlen(message);

    out[0] = '\0';
    while (size > 0 && message[size - 1] == '\n')
        size--;
    if (size < 8 || memcmp(message + size - 8, ":  ", 3) != 0)
        return;
    memcpy(out, message + size - 5, 5);
    out[5] = '\0';
}

/* A server's errors are told by their state alone (PQERRORS_SQLSTATE): these words are the client library's own. */
bool hc__pg_is_starved(const hc__pg *conn)
{
    return strstr(PQerrorMessage(conn->pg), "out of memory") != NULL;
}

/* The client library's own words as well: what came first is of another protocol, such as MariaDB's greeting. */
static bool is_answered_by_another(const char *message)
{
    return strstr(message, "invalid response to SSL negotiation") != NULL ||
           strstr(message, "expected authentication request") != NULL;
}

hc_status hc__pg_connect_failed(const hc__pg *conn, hc_error *err)
{
    const char *message = PQerrorMessage(conn->pg);
    const outcome *found;
    char state[6];

    if (hc__pg_is_starved(conn))
        return hc__no_memory(err);
    if (PQuser(conn->pg) == NULL) /* not even who asks is known */
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri",
                             "libpq cannot take the URI's parameters: is its service defined?");
    state_in(state, message);
    found = state[0] == '\0' ? NULL : find(at_opening, sizeof(at_opening) / sizeof(at_opening[0]), state);
    if (found == NULL && state[0] != '\0')
        found = outcome_of(state);
    if (PQconnectionNeedsPassword(conn->pg))
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_INVALID, "storage_uri",
                             "the server asks for a password, and none was given");
    if (found != NULL)
        (void)hc__fail_from(err, HC__PG_NAME, found->status, "storage_uri", "%s", found->message);
    else if (is_answered_by_another(message))
        (void)hc__fail_from(err, HC__PG_NAME, HC_ERR_UNAVAILABLE, "storage_uri", "no PostgreSQL server answers there");
    else if (state[0] == '\0' && (strstr(message, "SSL") != NULL || strstr(message, "certificate") != NULL))
        (void)hc__fail_from(err, HC__PG_NAME, HC_ERR_UNAVAILABLE, "storage_uri",
                            "no TLS connection to the server whose certificate can be trusted");
    else
        (void)hc__fail_from(err, HC__PG_NAME, HC_ERR_UNAVAILABLE, "storage_uri", "the server cannot be reached");
    put_state(err, state);
    return found != NULL ? found->status : HC_ERR_UNAVAILABLE;
}

int64_t hc__pg_soon(const hc__pg *conn)
{
    return hc__os_monotonic() + conn->store->connect_wait;
}

hc_status hc__pg_enter(hc__pg *conn, int64_t deadline, hc_error *err)
{
    if (conn->pid != hc__os_pid())
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_FORKED, NULL,
                             "the connection belongs to the parent of this process");
    conn->stopped = HC_OK;
    conn->give_up = 0;
    conn->again = 0;
    if (conn->broken || PQstatus(conn->pg) == CONNECTION_BAD) {
        conn->broken = true;
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_UNAVAILABLE, NULL,
                             "the connection to the server was lost: connect again");
    }
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->deadline = deadline;
    if (deadline != 0 && hc__os_monotonic() >= deadline) {
        conn->stopped = HC_ERR_TIMEOUT;
        return stopped(conn, err);
    }
    return HC_OK;
}
