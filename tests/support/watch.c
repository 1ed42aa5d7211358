#include "watch.h"

#include <check.h>
#include <sqlite3.h>
#include <stdint.h>

#include "house.h"

static sqlite3 *file;
static int64_t commits;
static uint64_t content;

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *out = NULL;

    ck_assert_msg(sqlite3_prepare_v2(file, sql, -1, &out, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(file));
    return out;
}

static int64_t number_of_commits(void)
{
    sqlite3_stmt *stmt = prepare("PRAGMA data_version");
    int64_t out;

    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_ROW);
    out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return out;
}

static uint64_t fold(uint64_t hash, const unsigned char *bytes, int size)
{
    hash = (hash ^ (uint64_t)size) * UINT64_C(1099511628211);
    for (int i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static uint64_t fold_rows(uint64_t hash, const char *table)
{
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" ORDER BY rowid", table);
    sqlite3_stmt *stmt = prepare(sql);

    while (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const unsigned char *bytes = sqlite3_column_blob(stmt, i);

            hash = fold(hash, bytes, sqlite3_column_bytes(stmt, i));
        }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return hash;
}

/* Nobody else writes meanwhile. */
static uint64_t rows(void)
{
    sqlite3_stmt *tables =
        prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND sql NOT LIKE"
                " '%WITHOUT ROWID%' ORDER BY name");
    uint64_t hash = UINT64_C(14695981039346656037);

    while (sqlite3_step(tables) == SQLITE_ROW)
        hash = fold_rows(hash, (const char *)sqlite3_column_text(tables, 0));
    sqlite3_finalize(tables);
    return hash;
}

void watch_open(void)
{
    ck_assert_int_eq(sqlite3_open_v2(house.path, &file, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    content = rows();
    commits = number_of_commits();
}

void watch_close(void)
{
    sqlite3_close(file);
    file = NULL;
}

bool watch_wrote(void)
{
    int64_t now = number_of_commits();
    uint64_t before = content;

    if (now == commits)
        return false;
    commits = now;
    content = rows();
    return content != before;
}
