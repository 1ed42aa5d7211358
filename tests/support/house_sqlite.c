#include "house_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

static void make(void)
{
    snprintf(house.path, sizeof house.path, "%s/house.db", house.folder);
    snprintf(house.keys, sizeof house.keys, "%s.keys", house.path);
    snprintf(house.uri, sizeof house.uri, "sqlite:%s", house.path);
}

static void drop(void)
{
}

static sqlite3 *look(void)
{
    sqlite3 *db = NULL;

    ck_assert_msg(house.path[0] != '\0', "this house is in memory");
    ck_assert_int_eq(sqlite3_open_v2(house.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

static int64_t number(const char *sql)
{
    sqlite3 *db = look();
    sqlite3_stmt *stmt = NULL;
    int64_t out = -1;

    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return out;
}

static void read_table(sqlite3 *db, const char *name, int64_t *rows, uint64_t *content)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY 1", name);
    sqlite3_stmt *stmt = NULL;

    *rows = 0;
    *content = HOUSE_FOLD;
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        ++*rows;
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            int type = sqlite3_column_type(stmt, i);
            const void *bytes = sqlite3_column_blob(stmt, i);
            size_t size = (size_t)sqlite3_column_bytes(stmt, i);

            *content = house_fold(*content, &type, sizeof type);
            *content = house_fold(*content, &size, sizeof size);
            *content = house_fold(*content, bytes, bytes == NULL ? 0 : size);
        }
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
}

static void tables(house_table_fn table, void *data)
{
    sqlite3 *db = look();
    sqlite3_stmt *stmt = NULL;

    sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    ck_assert_int_eq(sqlite3_prepare_v2(db,
                                        "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'"
                                        " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        int64_t rows;
        uint64_t content;

        read_table(db, name, &rows, &content);
        table(name, rows, content, data);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

static int64_t audited(int64_t seen, const char *event, const hc_id *actor)
{
    sqlite3 *db = look();
    sqlite3_stmt *stmt = NULL;
    int64_t found;

    ck_assert_int_eq(sqlite3_prepare_v2(db,
                                        "SELECT count(*) FROM (SELECT * FROM audit_log ORDER BY pk LIMIT -1 OFFSET ?1)"
                                        " WHERE event=?2 AND actor_id IS ?3",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    sqlite3_bind_int64(stmt, 1, seen);
    sqlite3_bind_text(stmt, 2, event, -1, SQLITE_STATIC);
    if (actor != NULL)
        sqlite3_bind_blob(stmt, 3, actor, sizeof *actor, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    found = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return found;
}

static const char *version(void)
{
    return sqlite3_libversion();
}

const house_store house_on_sqlite = {"sqlite", make, drop, number, tables, audited, version};
