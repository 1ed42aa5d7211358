#include "driver/sqlite/sqlite.h"

#include <errno.h>
#include <string.h>

#include "base/bug.h"
#include "base/fail.h"
#include "base/thread.h"
#include "base/time.h"
#include "homeconnect/log.h"

typedef struct outcome {
    int code; /* primary result code */
    hc_status status;
    const char *message;
} outcome;

static const outcome outcomes[] = {
    {SQLITE_BUSY, HC_ERR_BUSY, "the database is locked by another connection"},
    {SQLITE_LOCKED, HC_ERR_BUSY, "the database is locked by another connection"},
    {SQLITE_PROTOCOL, HC_ERR_BUSY, "the database is locked by another connection"},
    {SQLITE_FULL, HC_ERR_NO_SPACE, "no space left for the database"},
    {SQLITE_IOERR, HC_ERR_IO, "the database file cannot be read or written"},
    {SQLITE_CORRUPT, HC_ERR_CORRUPT, "the database file is damaged"},
    {SQLITE_NOTADB, HC_ERR_CORRUPT, "the file is not a SQLite database"},
    {SQLITE_READONLY, HC_ERR_IO, "the database file is read-only"},
    {SQLITE_CANTOPEN, HC_ERR_IO, "the database file cannot be opened"},
    {SQLITE_PERM, HC_ERR_IO, "the database file may not be opened"},
    {SQLITE_NOMEM, HC_ERR_NO_MEMORY, "out of memory"},
    {SQLITE_TOOBIG, HC_ERR_TOO_LARGE, "a value is too large for the database"},
};

/* A commit that fails does not keep what the system said, and the engine calls only ENOSPC full: its log knows. */
static bool no_space(sqlite3 *db, int rc)
{
    sqlite3_file *log = NULL;
    int os = db == NULL ? 0 : sqlite3_system_errno(db);

    if (rc == SQLITE_IOERR_WRITE && db != NULL &&
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK && log->pMethods != NULL)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &os);
    return os == ENOSPC || os == EDQUOT || os == EFBIG;
}

static hc_status fail_code(sqlite3 *db, int rc, hc_error *err)
{
    const char *message = "the engine refused a statement of this library";
    hc_status status = HC_ERR_INTERNAL;

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].code == (rc & 0xff)) {
            status = outcomes[i].status;
            message = outcomes[i].message;
        }
    }
    if (hc__bug("untyped-open") && (rc & 0xff) == SQLITE_CANTOPEN)
        status = HC_ERR_INTERNAL;
    if (rc == SQLITE_IOERR_NOMEM) {
        status = HC_ERR_NO_MEMORY;
        message = "out of memory";
    } else if (rc == SQLITE_READONLY_DBMOVED) {
        message = "the database file was moved, deleted or replaced while it was open";
    } else if (rc == SQLITE_READONLY_DIRECTORY) {
        message = "the database's folder is read-only: the engine keeps its log beside the file";
    } else if (status == HC_ERR_IO && no_space(db, rc)) {
        status = HC_ERR_NO_SPACE;
        message = "no space left for the database";
    }
    hc__fail_from(err, HC__SQLITE_NAME, status, NULL, "%s", message);
    if (err != NULL)
        err->native = rc;
    return status;
}

hc_status hc__sqlite_open_fail(sqlite3 *db, int rc, hc_error *err)
{
    hc_status status = fail_code(db, rc, err);

    if (err != NULL)
        memcpy(err->field, "storage_uri", sizeof("storage_uri"));
    return status;
}

/* After a failed sync nobody knows which pages the disk has; only a new connection reads what is really there. */
static bool poisons(int rc)
{
    return rc == SQLITE_IOERR_FSYNC || rc == SQLITE_IOERR_DIR_FSYNC || rc == SQLITE_IOERR_TRUNCATE;
}

hc_status hc__sqlite_fail(hc__sqlite *conn, int rc, hc_error *err)
{
    int primary = rc & 0xff;
    /* Who waited for another's lock until the deadline wrote nothing yet: that is busy, and may be tried again. */
    bool waited = primary == SQLITE_BUSY && conn->stopped == HC_ERR_TIMEOUT;
    bool stopped = conn->stopped != HC_OK && !waited && (primary == SQLITE_INTERRUPT || primary == SQLITE_BUSY);

    if (poisons(rc))
        conn->poisoned = true;
    if (stopped || primary == SQLITE_INTERRUPT) {
        hc_status status = stopped ? conn->stopped : HC_ERR_CANCELLED;

        hc__fail_from(err, HC__SQLITE_NAME, status, NULL,
                      status == HC_ERR_TIMEOUT ? "the deadline passed" : "the operation was interrupted");
        if (err != NULL)
            err->native = rc;
        return status;
    }
    return fail_code(conn->db, rc, err);
}

void hc__sqlite_log(const hc__sqlite *conn)
{
    const hc_host *host = conn->store->host;
    char line[256];

    sqlite3_snprintf((int)sizeof(line), line, "sqlite: %s", sqlite3_errmsg(conn->db));
    if (host->log != NULL)
        host->log(HC_LOG_ERROR, line, host->data);
}

/* The engine says "UNIQUE constraint failed: t.a, t.b"; names are from the schema, never values. */
static bool names_columns(const char *list, const hc_kind *kind, const uint16_t *fields, uint32_t count)
{
    size_t table = strlen(kind->name);

    for (uint32_t i = 0; i < count; i++) {
        const char *name = kind->fields[fields[i]].name;
        size_t size = strlen(name);

        if (i > 0) {
            if (strncmp(list, ", ", 2) != 0)
                return false;
            list += 2;
        }
        if (strncmp(list, kind->name, table) != 0 || list[table] != '.' || strncmp(list + table + 1, name, size) != 0)
            return false;
        list += table + 1 + size;
    }
    return *list == '\0';
}

static int32_t unique_index(const char *list, const hc_kind *kind)
{
    static const uint16_t id = 0;

    if (names_columns(list, kind, &id, 1))
        return HC_INDEX_ID;
    for (uint32_t i = 0; i < kind->index_count; i++) {
        const hc_index *index = &kind->indexes[i];

        if ((index->flags & HC_INDEX_UNIQUE) != 0 && names_columns(list, kind, index->fields, index->field_count))
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

static const char *after(const char *text, const char *prefix)
{
    size_t size = strlen(prefix);

    return strncmp(text, prefix, size) == 0 ? text + size : NULL;
}

/* A CHECK is named after its field; NOT NULL is told as table.field. */
static const char *named_field(const char *message, const hc_kind *kind)
{
    const char *name = after(message, "CHECK constraint failed: ");
    const char *column = after(message, "NOT NULL constraint failed: ");

    if (name == NULL && column != NULL) {
        name = strchr(column, '.');
        name = name == NULL ? NULL : name + 1;
    }
    for (uint32_t i = 0; name != NULL && i < kind->field_count; i++) {
        if (strcmp(name, kind->fields[i].name) == 0)
            return kind->fields[i].name;
    }
    return NULL;
}

hc_status hc__sqlite_refuse(hc__sqlite *conn, int rc, const hc_op *op, hc_batch *batch, hc_error *err)
{
    const char *message;
    const char *list;
    const char *field;
    hc_status status;

    if ((rc & 0xff) != SQLITE_CONSTRAINT)
        return hc__sqlite_fail(conn, rc, err);
    message = sqlite3_errmsg(conn->db);
    if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY || rc == SQLITE_CONSTRAINT_ROWID) {
        list = after(message, "UNIQUE constraint failed: ");
        batch->fault = HC_FAULT_UNIQUE;
        batch->fault_index = list == NULL ? HC_INDEX_ANY : unique_index(list, op->kind);
        status = HC_ERR_CONFLICT;
        field = batch->fault_index == HC_INDEX_ID ? op->kind->fields[0].name
                : batch->fault_index >= 0 ? op->kind->fields[op->kind->indexes[batch->fault_index].fields[0]].name
                                          : NULL;
        hc__fail_from(err, HC__SQLITE_NAME, status, field, "a value that must be unique is taken in %s",
                      op->kind->name);
    } else {
        field = named_field(message, op->kind);
        status = HC_ERR_INVALID;
        hc__fail_from(err, HC__SQLITE_NAME, status, field, "a value breaks a rule of %s%s%s", op->kind->name,
                      field == NULL ? "" : ".", field == NULL ? "" : field);
    }
    if (err != NULL)
        err->native = rc;
    return status;
}

hc_status hc__sqlite_enter(hc__sqlite *conn, int64_t deadline, hc_error *err)
{
    if (conn->pid != hc__os_pid())
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_FORKED, NULL,
                             "the connection belongs to the parent of this process");
    if (conn->poisoned)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_IO, NULL,
                             "an earlier write could not be made safe on disk: connect again");
    atomic_store_explicit(&conn->interrupted, false, memory_order_relaxed);
    conn->stopped = HC_OK;
    conn->deadline = deadline;
    if (deadline != 0 && hc__os_monotonic() >= deadline) {
        conn->stopped = HC_ERR_TIMEOUT;
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_TIMEOUT, NULL, "the deadline passed");
    }
    return HC_OK;
}

hc_status hc__sqlite_here(const hc__sqlite_store *store, sqlite3 *db, hc_error *err)
{
    int moved = 0;

    if (store->path == NULL || sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
        moved == 0)
        return HC_OK;
    return hc__sqlite_open_fail(db, SQLITE_READONLY_DBMOVED, err);
}
