/* The schema version and its steps, in the table schema_migrations. A statement of DDL commits by itself, so a
 * migration keeps account of its steps: who finds one half done goes on where it ended. */
#include "driver/mysql/mysql.h"

#include <mysqld_error.h>
#include <string.h>

#include "base/fail.h"
#include "base/time.h"
#include "driver/sql/ddl.h"

#define HISTORY "schema_migrations"
#define CREATE_HISTORY                                                                                                 \
    "CREATE TABLE IF NOT EXISTS " HISTORY " (version int PRIMARY KEY, hash bigint NOT NULL, steps int NOT NULL,"       \
    " applied_at datetime(6)) ENGINE=InnoDB"
#define VERSION "SELECT coalesce(max(version), 0) FROM " HISTORY " WHERE applied_at IS NOT NULL"

/* One at a time in a database: whoever waits looks again inside. It ends with the session that took it. A migration may
 * take longer than any other statement. */
#define LOCK     "SELECT get_lock(concat('hc ', md5(database())), 31536000)"
#define UNLOCK   "DO release_lock(concat('hc ', md5(database())))"
#define NO_HURRY "SET SESSION max_statement_time = 0"
#define HURRY    "SET SESSION max_statement_time = IF(@@GLOBAL.max_statement_time = 0, 30, @@GLOBAL.max_statement_time)"

static hc_status read_version(hc__my *conn, int32_t *version, hc_error *err)
{
    int64_t number = 0;
    hc_error why = {0};
    hc_status status;

    conn->may_lack = true;
    status = hc__my_number(conn, VERSION, &number, &why);
    conn->may_lack = false;
    *version = (int32_t)number;
    if (status == HC_ERR_SCHEMA && why.native == ER_NO_SUCH_TABLE)
        return HC_OK;
    if (status < 0 && err != NULL)
        *err = why;
    return status;
}

hc_status hc__my_schema(void *handle, int32_t *version, hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, hc__my_soon(conn), err);

    *version = 0;
    if (status == HC_OK)
        status = read_version(conn, version, err);
    return hc__my_denied(status, HISTORY " has to be read: SELECT, INSERT, UPDATE and DELETE on all tables", err);
}

static hc_status ask(hc__my *conn, hc__buf *sql, int64_t *number, hc_error *err)
{
    hc_status status = sql->failed ? hc__no_memory(err) : hc__my_number(conn, sql->data, number, err);

    hc__buf_clear(sql);
    return status;
}

static hc_status check_history(hc__my *conn, const hc_migration *migration, hc_error *err)
{
    int64_t known = 0;
    hc_status status;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    hc__buf_format(&sql, "SELECT hash FROM " HISTORY " WHERE version = %d", (int)migration->version);
    status = ask(conn, &sql, &known, err);
    hc__buf_free(&sql);
    if (status < 0 || known == hc__sql_fingerprint(migration))
        return status;
    return hc__fail_from(err, HC__MY_NAME, HC_ERR_SCHEMA, NULL,
                         "version %d of this database was made by another migration than this library's",
                         (int)migration->version);
}

/* ---- what is there ----------------------------------------------------------------------------------------------- */

static void put_where(hc__buf *sql, const char *table, const hc_kind *kind, const char *column, const char *name)
{
    hc__buf_format(sql, " FROM information_schema.%s WHERE table_schema = database() AND table_name = ", table);
    hc__sql_put_quoted(sql, kind->name, strlen(kind->name));
    if (column == NULL)
        return;
    hc__buf_format(sql, " AND %s = ", column);
    hc__sql_put_quoted(sql, name, strlen(name));
}

static hc_status has_table(hc__my *conn, const hc_kind *kind, int64_t *there, hc_error *err)
{
    hc_status status;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    hc__buf_text(&sql, "SELECT count(*)");
    put_where(&sql, "tables", kind, NULL, NULL);
    status = ask(conn, &sql, there, err);
    hc__buf_free(&sql);
    return status;
}

static hc_status has_column(hc__my *conn, const hc_kind *kind, const char *name, int64_t *there, hc_error *err)
{
    hc_status status;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    hc__buf_text(&sql, "SELECT count(*)");
    put_where(&sql, "columns", kind, "column_name", name);
    status = ask(conn, &sql, there, err);
    hc__buf_free(&sql);
    return status;
}

/* *columns: of the index; 0: it is not there. */
static hc_status has_index(hc__my *conn, const hc_kind *kind, const char *name, int64_t *columns, hc_error *err)
{
    hc_status status;
    hc__buf sql, whole;

    hc__buf_init(&sql, conn->mem);
    hc__buf_init(&whole, conn->mem);
    hc__buf_format(&whole, "%s_%s", kind->name, name);
    hc__buf_text(&sql, "SELECT count(*)");
    if (!whole.failed)
        put_where(&sql, "statistics", kind, "index_name", whole.data);
    status = whole.failed ? hc__no_memory(err) : ask(conn, &sql, columns, err);
    hc__buf_free(&sql);
    hc__buf_free(&whole);
    return status;
}

static int64_t words_until(const hc_step *step, int32_t version)
{
    int64_t count = 0;

    for (uint32_t i = 0; i < step->kind->field_count; i++)
        count += hc__my_has_words(step->kind, i, version, step->position);
    return count;
}

/* Whether there is nothing left to do for this part of a step. */
static hc_status is_done(hc__my *conn, const hc_step *step, int32_t version, int part, bool *done, hc_error *err)
{
    const hc_kind *kind = step->kind;
    int64_t there = 0;
    hc_status status = HC_OK;

    if (step->what == HC_STEP_CREATE_KIND) {
        status = has_table(conn, kind, &there, err);
    } else if (step->what == HC_STEP_ADD_FIELD && part == 0) {
        status = has_column(conn, kind, kind->fields[step->position].name, &there, err);
    } else if (step->what == HC_STEP_ADD_FIELD) {
        status = has_index(conn, kind, "words", &there, err);
        there = there == words_until(step, version) || (part == 1 && there == 0);
    } else {
        status = has_index(conn, kind, kind->indexes[step->position].name, &there, err);
        there = (there != 0) == (step->what == HC_STEP_CREATE_INDEX);
    }
    *done = there != 0;
    return status;
}

/* ---- a version --------------------------------------------------------------------------------------------------- */

/* What can be known to fail fails before anything is done. Of indexes it cannot: a step may undo what one before did.
 */
static hc_status look_ahead(hc__my *conn, const hc_migration *migration, uint32_t from, hc_error *err)
{
    hc_status status = HC_OK;

    for (uint32_t i = from; i < migration->step_count && status == HC_OK; i++) {
        const hc_step *step = &migration->steps[i];
        bool adds = step->what == HC_STEP_CREATE_KIND || step->what == HC_STEP_ADD_FIELD, done = false;
        const char *column = step->what == HC_STEP_ADD_FIELD ? step->kind->fields[step->position].name : NULL;
        hc__buf sql;

        hc__buf_init(&sql, conn->mem);
        status = hc__my_ddl(&sql, conn->flavor, step, migration->version, 0, err);
        if (status == HC_OK && adds)
            status = is_done(conn, step, migration->version, 0, &done, err);
        hc__buf_free(&sql);
        if (status == HC_OK && done)
            status = hc__fail_from(
                err, HC__MY_NAME, HC_ERR_SCHEMA, NULL,
                "the database has %s%s%s, and not by this library (step %u of schema version %d): give it one "
                "of its own",
                step->kind->name, column == NULL ? "" : ".", column == NULL ? "" : column, (unsigned)i,
                (int)migration->version);
    }
    return status;
}

/* Indexes by arrival were once left out here. */
static bool may_lack(const hc_step *step)
{
    return step->what == HC_STEP_DROP_INDEX && (step->kind->indexes[step->position].flags & HC_INDEX_ARRIVAL) != 0;
}

static hc_status run_step(hc__my *conn, const hc_migration *migration, const hc_step *step, bool again, hc_error *err)
{
    hc_status status = HC_OK;
    hc__buf sql;

    hc__buf_init(&sql, conn->mem);
    for (int part = 0; part < HC__MY_PARTS && status == HC_OK; part++) {
        bool done = false;

        hc__buf_clear(&sql);
        status = hc__my_ddl(&sql, conn->flavor, step, migration->version, part, err);
        if (status == HC_OK && sql.size > 0 && (again || part > 0 || may_lack(step)))
            status = is_done(conn, step, migration->version, part, &done, err);
        if (status == HC_OK && sql.size > 0 && !done)
            status = hc__my_run(conn, sql.data, NULL, NULL, err);
    }
    hc__buf_free(&sql);
    return status;
}

static hc_status note(hc__my *conn, hc__buf *sql, hc_error *err)
{
    hc_status status = sql->failed ? hc__no_memory(err) : hc__my_run(conn, sql->data, NULL, NULL, err);

    hc__buf_clear(sql);
    return status;
}

/* How many steps another process did before it was killed, or -1. */
static hc_status begun(hc__my *conn, hc__buf *sql, const hc_migration *migration, int64_t *steps, hc_error *err)
{
    hc_status status;

    hc__buf_format(sql, "SELECT coalesce(max(steps), -1) FROM " HISTORY " WHERE version = %d", (int)migration->version);
    status = ask(conn, sql, steps, err);
    return status == HC_OK && *steps >= 0 ? check_history(conn, migration, err) : status;
}

static hc_status apply(hc__my *conn, const hc_migration *migration, hc_error *err)
{
    int64_t steps = -1;
    hc_status status = hc__my_run(conn, CREATE_HISTORY, NULL, NULL, err);
    hc__buf sql;
    bool again;

    hc__buf_init(&sql, conn->mem);
    if (status == HC_OK)
        status = begun(conn, &sql, migration, &steps, err);
    again = steps >= 0;
    if (status == HC_OK)
        status = look_ahead(conn, migration, again ? (uint32_t)steps + 1 : 0, err);
    if (status == HC_OK && !again) {
        hc__buf_format(&sql, "INSERT INTO " HISTORY " (version, hash, steps) VALUES (%d, %lld, 0)",
                       (int)migration->version, (long long)hc__sql_fingerprint(migration));
        status = note(conn, &sql, err);
        steps = 0;
    }
    for (uint32_t i = (uint32_t)steps; i < migration->step_count && status == HC_OK; i++) {
        status = run_step(conn, migration, &migration->steps[i], again && i == (uint32_t)steps, err);
        hc__buf_format(&sql, "UPDATE " HISTORY " SET steps = %u WHERE version = %d", (unsigned)i + 1,
                       (int)migration->version);
        if (status == HC_OK)
            status = note(conn, &sql, err);
    }
    hc__buf_format(&sql, "UPDATE " HISTORY " SET applied_at = utc_timestamp(6) WHERE version = %d",
                   (int)migration->version);
    if (status == HC_OK)
        status = note(conn, &sql, err);
    hc__buf_free(&sql);
    return status;
}

static hc_status migrate_one(hc__my *conn, const hc_migration *migration, hc_error *err)
{
    int32_t version = 0;
    hc_status status = read_version(conn, &version, err);

    if (status < 0)
        return status;
    return version < migration->version ? apply(conn, migration, err) : check_history(conn, migration, err);
}

static hc_status migrate_all(hc__my *conn, const hc_migration *list, size_t count, hc_error *err)
{
    int64_t locked = 0;
    hc_status status = hc__my_number(conn, LOCK, &locked, err);

    if (status == HC_OK && locked != 1)
        status = hc__fail_from(err, HC__MY_NAME, HC_ERR_BUSY, NULL, "another process migrates this database");
    if (status == HC_OK && conn->flavor->arrays)
        status = hc__my_run(conn, NO_HURRY, NULL, NULL, err);
    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = migrate_one(conn, &list[i], err);
    if (status < 0) /* what was interrupted must not keep the lock */
        hc__my_undo(conn);
    if (locked == 1 && !conn->broken &&
        (hc__my_query(conn, UNLOCK) != 0 || (conn->flavor->arrays && hc__my_query(conn, HURRY) != 0)))
        conn->broken = true;
    hc__my_forget_all(conn); /* made for tables that were otherwise */
    return status;
}

hc_status hc__my_migrate(void *handle, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc__my *conn = handle;
    int32_t version = 0;
    hc_status status = hc__my_enter(conn, deadline, err);

    if (status == HC_OK)
        status = read_version(conn, &version, err);
    if (status == HC_OK && conn->role == HC_CONNECT_READ)
        status = hc__fail_from(err, HC__MY_NAME, HC_ERR_MISUSE, NULL, "a migration on a connection for reads");
    if (status == HC_OK && (count == 0 ? version > 0 : version > list[count - 1].version))
        status = hc__fail_from(err, HC__MY_NAME, HC_ERR_SCHEMA, NULL,
                               "the database has schema version %d, newer than this library's %d", (int)version,
                               count == 0 ? 0 : (int)list[count - 1].version);
    for (size_t i = 0; i < count && status == HC_OK && list[i].version <= version; i++)
        status = check_history(conn, &list[i], err);
    if (status == HC_OK && count > 0 && version < list[count - 1].version)
        status = migrate_all(conn, list, count, err);
    return hc__my_denied(status, "migrate as the owner of the database", err);
}
