/* The schema version and its steps. The version stands in the file's header, its history in schema_migrations. */
#include "driver/sqlite/sqlite.h"

#include "base/fail.h"
#include "base/time.h"
#include "homeconnect/log.h"

#define CREATE_HISTORY                                                                                                 \
    "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, hash INTEGER NOT NULL,"                \
    " applied_at INTEGER NOT NULL) STRICT"

hc_status hc__sqlite_schema(void *handle, int32_t *version, hc_error *err)
{
    hc__sqlite *conn = handle;
    hc_status status = hc__sqlite_enter(conn, 0, err);
    int64_t number = 0;
    int rc;

    *version = 0;
    if (status < 0)
        return status;
    rc = hc__sqlite_number(conn->db, "PRAGMA user_version", &number);
    *version = (int32_t)number;
    return rc == SQLITE_OK ? HC_OK : hc__sqlite_fail(conn, rc, err);
}

static hc_status check_history(hc__sqlite *conn, const hc_migration *migration, hc_error *err)
{
    char sql[96];
    int64_t known;
    int rc;

    sqlite3_snprintf((int)sizeof(sql), sql, "SELECT hash FROM schema_migrations WHERE version=%d",
                     (int)migration->version);
    rc = hc__sqlite_number(conn->db, sql, &known);
    if (rc != SQLITE_OK)
        return hc__sqlite_fail(conn, rc, err);
    if (known == hc__sql_fingerprint(migration))
        return HC_OK;
    return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_SCHEMA, NULL,
                         "version %d of this database was made by another migration than this library's",
                         (int)migration->version);
}

static int record(hc__sqlite *conn, const hc_migration *migration)
{
    char sql[160];
    int rc = hc__sqlite_run(conn->db, CREATE_HISTORY);

    sqlite3_snprintf((int)sizeof(sql), sql, "INSERT INTO schema_migrations VALUES (%d,%lld,%lld)",
                     (int)migration->version, (long long)hc__sql_fingerprint(migration), (long long)hc__os_now());
    if (rc == SQLITE_OK)
        rc = hc__sqlite_run(conn->db, sql);
    sqlite3_snprintf((int)sizeof(sql), sql, "PRAGMA user_version=%d", (int)migration->version);
    if (rc == SQLITE_OK)
        rc = hc__sqlite_run(conn->db, sql);
    return rc;
}

static hc_status apply(hc__sqlite *conn, const hc_migration *migration, hc_error *err)
{
    hc_status status = HC_OK;
    int rc = SQLITE_OK;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    for (uint32_t i = 0; i < migration->step_count && status == HC_OK; i++)
        status = hc__sqlite_ddl(&sql, &migration->steps[i], migration->version, err);
    if (status == HC_OK && sql.size > 0)
        rc = hc__sqlite_run(conn->db, sql.data);
    hc__buf_free(&sql);
    if (status == HC_OK && rc == SQLITE_OK)
        rc = record(conn, migration);
    if (status == HC_OK && rc != SQLITE_OK) {
        hc__sqlite_log(conn);
        status = hc__sqlite_fail(conn, rc, err);
    }
    return status;
}

/* One version in one transaction. Another process may have been first: it holds the lock, so look again inside. */
static hc_status migrate_one(hc__sqlite *conn, const hc_migration *migration, hc_error *err)
{
    int64_t version = 0;
    hc_status status = HC_OK;
    int rc = hc__sqlite_begin(conn, true);

    if (rc == SQLITE_OK)
        rc = hc__sqlite_number(conn->db, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK && version < migration->version)
        status = apply(conn, migration, err);
    else if (rc == SQLITE_OK)
        status = check_history(conn, migration, err);
    if (rc == SQLITE_OK && status == HC_OK)
        rc = hc__sqlite_commit(conn);
    if (rc != SQLITE_OK)
        status = hc__sqlite_fail(conn, rc, err);
    if (status < 0)
        hc__sqlite_rollback(conn);
    return status;
}

hc_status hc__sqlite_migrate(void *handle, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc__sqlite *conn = handle;
    int32_t version = 0;
    hc_status status = hc__sqlite_schema(conn, &version, err);

    if (status == HC_OK)
        status = hc__sqlite_enter(conn, deadline, err);
    if (status == HC_OK)
        status = hc__sqlite_here(conn->store, conn->db, err);
    if (status == HC_OK && conn->role == HC_CONNECT_READ)
        status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_MISUSE, NULL, "a migration on a connection for reads");
    if (status == HC_OK && (count == 0 ? version > 0 : version > list[count - 1].version))
        status = hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_SCHEMA, NULL,
                               "the database has schema version %d, newer than this library's %d", (int)version,
                               count == 0 ? 0 : (int)list[count - 1].version);
    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = list[i].version <= version ? check_history(conn, &list[i], err) : migrate_one(conn, &list[i], err);
    return status;
}
