#include "watch.h"

#include <stdint.h>
#include <stdio.h>

#include "house.h"

static void *look;
static int64_t commits;
static uint64_t content;

static void fold_row(const house_value *values, int count, void *data)
{
    *(uint64_t *)data = house_fold_row(*(const uint64_t *)data, values, count);
}

static void fold_table(const house_value *values, int count, void *data)
{
    char sql[256];

    (void)count;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%.*s\" ORDER BY 1", (int)values[0].size, (const char *)values[0].bytes);
    house_look_rows(look, sql, fold_row, data);
}

/* All of them, the library's own accounts and the index of words included. Nobody else writes meanwhile. */
static uint64_t rows(void)
{
    uint64_t hash = 0;

    house_look_rows(look, "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY name",
                    fold_table, &hash);
    return hash;
}

static int64_t number_of_commits(void)
{
    return house_look_sql(look, "PRAGMA data_version");
}

void watch_open(void)
{
    look = house_look();
    commits = number_of_commits();
    content = rows();
}

void watch_close(void)
{
    house_look_close(look);
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
