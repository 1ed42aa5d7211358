#include "house_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void make(void)
{
    snprintf(house.path, sizeof house.path, "%s/house.db", house.folder);
    snprintf(house.keys, sizeof house.keys, "%s.keys", house.path);
    snprintf(house.uri, sizeof house.uri, "sqlite:%s", house.path);
}

static void drop(void)
{
}

static void beside(char *uri, size_t size)
{
    snprintf(uri, size, "sqlite:%s/beside.db", house.folder);
}

/* ---- the functions of house.h ---- */

static void same(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    sqlite3_result_value(context, values[0]);
}

static void json_text(sqlite3_context *context, int count, sqlite3_value **values)
{
    sqlite3_stmt *stmt = NULL;

    (void)count;
    sqlite3_prepare_v2(sqlite3_context_db_handle(context),
                       "SELECT CASE json_type(?1,?2) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE"
                       " CAST(json_extract(?1,?2) AS TEXT) END",
                       -1, &stmt, NULL);
    sqlite3_bind_value(stmt, 1, values[0]);
    sqlite3_bind_value(stmt, 2, values[1]);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        sqlite3_result_value(context, sqlite3_column_value(stmt, 0));
    sqlite3_finalize(stmt);
}

void house_teach(sqlite3 *db)
{
    sqlite3_create_function(db, "at", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, same, NULL, NULL);
    sqlite3_create_function(db, "us", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, same, NULL, NULL);
    sqlite3_create_function(db, "day", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, same, NULL, NULL);
    sqlite3_create_function(db, "scaled", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, same, NULL, NULL);
    sqlite3_create_function(db, "units", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, same, NULL, NULL);
    sqlite3_create_function(db, "json_text", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, json_text, NULL, NULL);
}

/* ---- looking ---- */

static void *open_file(void)
{
    sqlite3 *db = house_take_kept();
    char sql[512];

    ck_assert_msg(house.path[0] != '\0', "this house is in memory");
    if (db != NULL && house_stands() && house_other[0] == '\0')
        return db;
    sqlite3_close(db);
    ck_assert_int_eq(sqlite3_open_v2(house.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 600000);
    house_teach(db);
    if (house_other[0] != '\0') {
        snprintf(sql, sizeof sql, "ATTACH '%s' AS other", house_other);
        ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    }
    return db;
}

static void close_file(void *conn)
{
    if (house_stands() && sqlite3_get_autocommit(conn) == 0)
        sqlite3_exec(conn, "ROLLBACK", NULL, NULL, NULL);
    if (sqlite3_db_filename(conn, "other") != NULL || sqlite3_get_autocommit(conn) == 0 || !house_keep(conn))
        sqlite3_close(conn);
}

static void rows(void *conn, const char *sql, house_row_fn row, void *data)
{
    sqlite3_stmt *stmt = NULL;
    house_value values[HOUSE_COLUMNS];

    ck_assert_msg(sqlite3_prepare_v2(conn, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(conn));
    ck_assert_int_le(sqlite3_column_count(stmt), HOUSE_COLUMNS);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            bool blob = sqlite3_column_type(stmt, i) == SQLITE_BLOB;

            values[i].bytes = blob ? sqlite3_column_blob(stmt, i) : sqlite3_column_text(stmt, i);
            values[i].size = (size_t)sqlite3_column_bytes(stmt, i);
            if (blob && values[i].bytes == NULL)
                values[i].bytes = "";
        }
        row(values, sqlite3_column_count(stmt), data);
    }
    sqlite3_finalize(stmt);
}

static int64_t change(void *conn, const char *sql)
{
    char *why = NULL;

    ck_assert_msg(sqlite3_exec(conn, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
    return sqlite3_changes(conn);
}

static const char *version(void)
{
    return sqlite3_libversion();
}

const house_store house_on_sqlite = {"sqlite",
                                     "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'"
                                     " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
                                     "BEGIN",
                                     "BEGIN IMMEDIATE",
                                     make,
                                     drop,
                                     beside,
                                     open_file,
                                     close_file,
                                     rows,
                                     change,
                                     version};
