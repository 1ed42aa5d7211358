/* A store as NN.sql has it, on a server: the newest schema without what came later, and the rows of the file. */
#ifndef UPGRADE_ON_SERVER_H
#define UPGRADE_ON_SERVER_H

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "house.h"

#define ARRIVAL_ON_MYSQL 5 /* the schema version with its index */
#define OLD_TABLES       "FROM sqlite_schema WHERE type='table' AND instr(name,'_words')=0"

/* ---- what came later goes ---- */

typedef struct later {
    sqlite3 *old;
    char sql[65536]; /* what takes it away */
} later;

static inline int64_t in_old(sqlite3 *old, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t out = 0;

    ck_assert_msg(sqlite3_prepare_v2(old, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(old));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return out;
}

/* table, column: one of a table that was there, or the table's first. */
static inline void take_later(const house_value *values, int count, void *data)
{
    later *out = data;
    char look[400], table[64], column[64];
    size_t used = strlen(out->sql);

    (void)count;
    snprintf(table, sizeof table, "%.*s", (int)values[0].size, (const char *)values[0].bytes);
    snprintf(column, sizeof column, "%.*s", (int)values[1].size, (const char *)values[1].bytes);
    if (strcmp(table, "schema_migrations") == 0)
        return;
    snprintf(look, sizeof look, "SELECT count(*) " OLD_TABLES " AND name='%s'", table);
    if (in_old(out->old, look) == 0) {
        if (strcmp(column, "pk") == 0) /* every table has one */
            snprintf(out->sql + used, sizeof out->sql - used, "DROP TABLE %s;", table);
        return;
    }
    snprintf(look, sizeof look, "SELECT count(*) FROM pragma_table_info('%s') WHERE name='%s'", table, column);
    if (in_old(out->old, look) != 0 || strncmp(column, "words_", 6) == 0)
        return;
    if (strcmp(house_engine(), "mysql") == 0) /* a rule of the column does not go with it */
        snprintf(out->sql + used, sizeof out->sql - used,
                 "ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s_%s, DROP COLUMN %s;", table, table, column, column);
    else
        snprintf(out->sql + used, sizeof out->sql - used, "ALTER TABLE %s DROP COLUMN %s;", table, column);
}

/* table, index */
static inline void take_later_index(const house_value *values, int count, void *data)
{
    later *out = data;
    char look[400], table[64], name[64];
    size_t used = strlen(out->sql);
    bool mysql = strcmp(house_engine(), "mysql") == 0;

    (void)count;
    snprintf(table, sizeof table, "%.*s", (int)values[0].size, (const char *)values[0].bytes);
    snprintf(name, sizeof name, "%.*s", (int)values[1].size, (const char *)values[1].bytes);
    snprintf(look, sizeof look, "SELECT count(*) " OLD_TABLES " AND name='%s'", table);
    if (strstr(name, "words_") != NULL || strstr(name, "_pkey") != NULL || in_old(out->old, look) == 0)
        return;
    snprintf(look, sizeof look, "SELECT count(*) FROM sqlite_schema WHERE name='%s'", name);
    if (in_old(out->old, look) == 0 ||
        (mysql && strcmp(name, "properties_ranked") == 0 && in_old(out->old, "PRAGMA user_version") < ARRIVAL_ON_MYSQL))
        snprintf(out->sql + used, sizeof out->sql - used, "DROP INDEX %s%s%s;", name, mysql ? " ON " : "",
                 mysql ? table : "");
}

static inline const char *here(void)
{
    return strcmp(house_engine(), "mysql") == 0 ? "database()" : "current_schema()";
}

static inline void count_row(const house_value *values, int count, void *data)
{
    (void)values;
    (void)count;
    ++*(int *)data;
}

/* Indexes that a later version dropped. Those of the first files name the id twice, which MariaDB refuses. */
static inline void put_back_indexes(later *out)
{
    bool mysql = strcmp(house_engine(), "mysql") == 0;
    sqlite3_stmt *row = NULL;

    ck_assert_int_eq(
        sqlite3_prepare_v2(
            out->old,
            "SELECT name, replace(sql, '\"id\",\"id\"', '\"id\"') FROM sqlite_schema WHERE type='index' AND sql <> ''",
            -1, &row, NULL),
        SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        char look[300], *end = out->sql + strlen(out->sql);
        int there = 0;

        snprintf(look, sizeof look,
                 mysql ? "SELECT 1 FROM information_schema.statistics WHERE table_schema=database() AND index_name='%s'"
                       : "SELECT 1 FROM pg_indexes WHERE schemaname=current_schema() AND indexname='%s'",
                 (const char *)sqlite3_column_text(row, 0));
        house_rows(look, count_row, &there);
        if (there == 0)
            snprintf(end, sizeof out->sql - (size_t)(end - out->sql), "%s;", (const char *)sqlite3_column_text(row, 1));
        for (; mysql && *end != '\0'; end++)
            *end = *end == '"' ? '`' : *end;
    }
    sqlite3_finalize(row);
}

static inline void take_away(sqlite3 *old)
{
    later *out = calloc(1, sizeof *out);
    char sql[300];

    out->old = old;
    put_back_indexes(out);
    snprintf(sql, sizeof sql, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s",
             here());
    house_rows(strcmp(house_engine(), "mysql") == 0
                   ? "SELECT DISTINCT table_name, index_name FROM information_schema.statistics WHERE table_schema ="
                     " database() AND index_name <> 'PRIMARY'"
                   : "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()",
               take_later_index, out);
    house_rows(sql, take_later, out);
    snprintf(out->sql + strlen(out->sql), sizeof out->sql - strlen(out->sql),
             "DELETE FROM schema_migrations WHERE version > %lld", (long long)in_old(old, "PRAGMA user_version"));
    house_change(out->sql);
    free(out);
}

/* ---- the rows ---- */

static inline void take_text(const house_value *values, int count, void *data)
{
    (void)count;
    snprintf(data, 32, "%.*s/%.*s", (int)values[0].size, (const char *)values[0].bytes, (int)values[1].size,
             values[1].bytes == NULL ? "" : (const char *)values[1].bytes);
}

/* A number as the server's column of that type has it. */
static inline void put_number(sqlite3_str *sql, const char *type, int64_t value)
{
    const char *scale = strchr(type, '/') + 1;

    if (strncmp(type, "timestamp", 9) == 0 || strncmp(type, "datetime", 8) == 0)
        sqlite3_str_appendf(sql, "at(%lld)", value);
    else if (strncmp(type, "numeric", 7) == 0 || strncmp(type, "decimal", 7) == 0)
        sqlite3_str_appendf(sql, "scaled(%lld,%s)", value, scale);
    else if (strncmp(type, "date", 4) == 0)
        sqlite3_str_appendf(sql, "day(%lld)", value);
    else
        sqlite3_str_appendf(sql, "%lld", value);
}

static inline void put_value(sqlite3_str *sql, sqlite3_stmt *row, int i, const char *type)
{
    switch (sqlite3_column_type(row, i)) {
    case SQLITE_NULL:
        sqlite3_str_appendall(sql, "NULL");
        break;
    case SQLITE_TEXT:
        for (const char *text = (const char *)sqlite3_column_text(row, i), *at = text; text != NULL; text = NULL) {
            /* the same on every server: quotes doubled, and no backslash that one of them reads */
            sqlite3_str_appendall(sql, "'");
            for (; *at != '\0'; at++)
                sqlite3_str_append(sql, *at == '\'' ? "''" : at, *at == '\'' ? 2 : 1);
            sqlite3_str_appendall(sql, "'");
        }
        break;
    case SQLITE_BLOB:
        sqlite3_str_appendall(sql, "x'");
        for (int b = 0; b < sqlite3_column_bytes(row, i); b++)
            sqlite3_str_appendf(sql, "%02x", ((const unsigned char *)sqlite3_column_blob(row, i))[b]);
        sqlite3_str_appendall(sql, "'");
        break;
    default:
        put_number(sql, type, sqlite3_column_int64(row, i));
    }
}

static inline void copy_table(sqlite3 *old, const char *table)
{
    char sql[300], types[64][32];
    sqlite3_stmt *row = NULL;
    void *look = house_look();

    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table);
    ck_assert_int_eq(sqlite3_prepare_v2(old, sql, -1, &row, NULL), SQLITE_OK);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        types[i][0] = '\0';
        snprintf(sql, sizeof sql,
                 "SELECT data_type, numeric_scale FROM information_schema.columns WHERE table_schema = %s AND"
                 " table_name='%s' AND column_name='%s'",
                 here(), table, sqlite3_column_name(row, i));
        house_rows(sql, take_text, types[i]);
        ck_assert_msg(types[i][0] != '\0', "%s.%s", table, sqlite3_column_name(row, i));
    }
    snprintf(sql, sizeof sql, "DELETE FROM %s", table); /* what the first opening wrote */
    (void)house_look_change(look, sql);
    while (sqlite3_step(row) == SQLITE_ROW) {
        sqlite3_str *insert = sqlite3_str_new(old);
        char *text;

        sqlite3_str_appendf(insert, "INSERT INTO %s(", table);
        for (int i = 0; i < sqlite3_column_count(row); i++)
            sqlite3_str_appendf(insert, "%s%s", i == 0 ? "" : ",", sqlite3_column_name(row, i));
        sqlite3_str_appendall(insert, ") VALUES (");
        for (int i = 0; i < sqlite3_column_count(row); i++) {
            sqlite3_str_appendall(insert, i == 0 ? "" : ",");
            put_value(insert, row, i, types[i]);
        }
        sqlite3_str_appendall(insert, ")");
        text = sqlite3_str_finish(insert);
        ck_assert_int_eq(house_look_change(look, text), 1);
        sqlite3_free(text);
    }
    sqlite3_finalize(row);
    if (strcmp(house_engine(), "postgres") == 0) {
        snprintf(sql, sizeof sql, "SELECT setval(pg_get_serial_sequence('%s','pk'), coalesce(max(pk),0)+1) FROM %s",
                 table, table);
        (void)house_look_sql(look, sql);
    }
    house_look_close(look);
}

/* The house's schema is the newest, and empty; afterwards it is the old one, with the rows. */
static inline void load_on_server(const char *text)
{
    sqlite3 *old = NULL;
    sqlite3_stmt *tables = NULL;
    char *error = NULL;

    ck_assert_int_eq(sqlite3_open(":memory:", &old), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(old, text, NULL, NULL, &error) == SQLITE_OK, "%s", error);
    take_away(old);
    ck_assert_int_eq(sqlite3_prepare_v2(old, "SELECT name " OLD_TABLES " AND name<>'schema_migrations' ORDER BY rowid",
                                        -1, &tables, NULL),
                     SQLITE_OK);
    while (sqlite3_step(tables) == SQLITE_ROW)
        copy_table(old, (const char *)sqlite3_column_text(tables, 0));
    sqlite3_finalize(tables);
    sqlite3_close(old);
}

#endif
