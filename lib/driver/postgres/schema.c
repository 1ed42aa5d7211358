/* The schema version and its steps, in the table schema_migrations of the search_path's first schema. */
#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"
#include "base/time.h"
#include "homeconnect/log.h"

#define HISTORY "schema_migrations"
/* One at a time in a schema: whoever waits looks again inside. A migration may take longer than any other statement. */
#define LOCK                                                                                                           \
    "SET LOCAL statement_timeout = 0;"                                                                                 \
    "SELECT pg_advisory_xact_lock(hashtextextended('homeconnect schema ' || current_schema(), 1212370516))"

/* Read from the catalog's table: to_regclass() may answer from before the lock was waited for. */
#define KNOWN                                                                                                          \
    "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = '" HISTORY "' AND relnamespace = "                       \
    "(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema())"

static hc_status read_version(hc__pg *conn, int32_t *version, hc_error *err)
{
    int64_t number = 0;
    hc_status status = hc__pg_run(conn, KNOWN, &number, err);

    if (status == HC_OK && number != 0)
        status = hc__pg_run(conn, "SELECT coalesce(max(version), 0) FROM " HISTORY, &number, err);
    *version = (int32_t)number;
    return status;
}

/* Who may not is told what it takes. */
static hc_status denied(hc_status status, const char *what, hc_error *err)
{
    if (status < 0 && err != NULL && strcmp(err->sqlstate, HC__PG_DENIED) == 0) {
        (void)hc__fail_from(err, HC__PG_NAME, status, "storage_uri", "%s", what);
        memcpy(err->sqlstate, HC__PG_DENIED, sizeof(HC__PG_DENIED));
    }
    return status;
}

hc_status hc__pg_schema(void *handle, int32_t *version, hc_error *err)
{
    hc__pg *conn = handle;
    hc_status status = hc__pg_enter(conn, hc__pg_soon(conn), err);

    *version = 0;
    if (status == HC_OK)
        status = read_version(conn, version, err);
    return denied(
        status, "the server's user may not read " HISTORY ": it needs SELECT, INSERT, UPDATE and DELETE on all tables",
        err);
}

static hc_status check_history(hc__pg *conn, const hc_migration *migration, hc_error *err)
{
    int64_t known = 0;
    hc_status status;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    hc__buf_format(&sql, "SELECT hash FROM " HISTORY " WHERE version = %d", (int)migration->version);
    status = sql.failed ? hc__no_memory(err) : hc__pg_run(conn, sql.data, &known, err);
    hc__buf_free(&sql);
    if (status < 0 || known == hc__sql_fingerprint(migration))
        return status;
    return hc__fail_from(err, HC__PG_NAME, HC_ERR_SCHEMA, NULL,
                         "version %d of this database was made by another migration than this library's",
                         (int)migration->version);
}

static hc_status apply(hc__pg *conn, const hc_migration *migration, hc_error *err)
{
    hc_status status = HC_OK;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    for (uint32_t i = 0; i < migration->step_count && status == HC_OK; i++)
        status = hc__pg_ddl(&sql, &migration->steps[i], migration->version, err);
    hc__buf_format(&sql,
                   "CREATE TABLE IF NOT EXISTS " HISTORY " (version integer PRIMARY KEY, hash bigint NOT NULL,"
                   " applied_at timestamptz NOT NULL DEFAULT now());\n"
                   "INSERT INTO " HISTORY " (version, hash) VALUES (%d, %lld);\n",
                   (int)migration->version, (long long)hc__sql_fingerprint(migration));
    if (status == HC_OK)
        status = sql.failed ? hc__no_memory(err) : hc__pg_run(conn, sql.data, NULL, err);
    hc__buf_free(&sql);
    return status;
}

/* One version in one transaction. */
static hc_status migrate_one(hc__pg *conn, const hc_migration *migration, hc_error *err)
{
    int32_t version = 0;
    hc_status status = hc__pg_run(conn, "BEGIN ISOLATION LEVEL READ COMMITTED; " LOCK, NULL, err);

    if (status == HC_OK)
        status = read_version(conn, &version, err);
    if (status == HC_OK)
        status = version < migration->version ? apply(conn, migration, err) : check_history(conn, migration, err);
    if (status == HC_OK)
        status = hc__pg_run(conn, "COMMIT", NULL, err);
    if (status < 0)
        hc__pg_undo(conn);
    return status;
}

hc_status hc__pg_migrate(void *handle, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc__pg *conn = handle;
    int32_t version = 0;
    hc_status status = hc__pg_enter(conn, deadline, err);

    if (status == HC_OK)
        status = read_version(conn, &version, err);
    if (status == HC_OK && conn->role == HC_CONNECT_READ)
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_MISUSE, NULL, "a migration on a connection for reads");
    if (status == HC_OK && (count == 0 ? version > 0 : version > list[count - 1].version))
        status = hc__fail_from(err, HC__PG_NAME, HC_ERR_SCHEMA, NULL,
                               "the database has schema version %d, newer than this library's %d", (int)version,
                               count == 0 ? 0 : (int)list[count - 1].version);
    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = list[i].version <= version ? check_history(conn, &list[i], err) : migrate_one(conn, &list[i], err);
    if (status == HC_OK && count > 0 && version < list[count - 1].version) { /* made for tables that were otherwise */
        hc__pg_forget_all(conn);
        if (!conn->pooled)
            status = hc__pg_run(conn, "DEALLOCATE ALL", NULL, err);
    }
    return denied(status, "the server's user may not change the schema: migrate as its owner", err);
}
