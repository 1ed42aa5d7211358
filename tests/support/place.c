#include "place.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

#ifdef HOUSE_POSTGRES
#include <libpq-fe.h>

static int64_t postgres(const char *schema, const char *sql)
{
    PGconn *conn = PQconnectdb(getenv("HC_TEST_POSTGRES_URI"));
    char path[400];
    PGresult *result;
    int64_t out = -1;

    ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    snprintf(path, sizeof path, "SET client_min_messages = error; SET search_path = %s", schema);
    PQclear(PQexec(conn, path));
    result = PQexec(conn, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK, "%s: %s",
                  sql, PQerrorMessage(conn));
    if (PQntuples(result) > 0)
        out = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    PQfinish(conn);
    return out;
}
#endif

#ifdef HOUSE_MYSQL
#include "server_mysql.h"

static int64_t mysql(const char *database, const char *sql)
{
    MYSQL *conn = server_mysql_look(getenv("HC_TEST_MARIADB_URI"), database);
    MYSQL_RES *result;
    MYSQL_ROW row;
    int64_t out = -1;

    ck_assert_msg(conn != NULL, "no session with the server");
    ck_assert_msg(mysql_query(conn, sql) == 0, "%s: %s", sql, mysql_error(conn));
    result = mysql_store_result(conn);
    row = result == NULL ? NULL : mysql_fetch_row(result);
    if (row != NULL && row[0] != NULL)
        out = strtoll(row[0], NULL, 10);
    mysql_free_result(result);
    mysql_close(conn);
    return out;
}
#endif

static int64_t sqlite(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t out = -1;

    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    if (sqlite3_step(stmt) == SQLITE_ROW)
        out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return out;
}

size_t place_engines(const char *const **out)
{
    static const char *found[3];
    size_t count = 0;

    found[count++] = "sqlite";
#ifdef HOUSE_POSTGRES
    if (getenv("HC_TEST_POSTGRES_URI") != NULL)
        found[count++] = "postgres";
#endif
#ifdef HOUSE_MYSQL
    if (getenv("HC_TEST_MARIADB_URI") != NULL)
        found[count++] = "mysql";
#endif
    *out = found;
    return count;
}

void place_make(place *out, const char *engine)
{
    static int made;

    *out = (place){.engine = engine};
    made++;
#ifdef HOUSE_POSTGRES
    if (strcmp(engine, "postgres") == 0) {
        const char *server = getenv("HC_TEST_POSTGRES_URI");
        char sql[400];

        snprintf(out->name, sizeof out->name, "place_%d_%d", (int)getpid(), made);
        snprintf(sql, sizeof sql, "CREATE SCHEMA %s", out->name);
        postgres("public", sql);
        snprintf(out->uri, sizeof out->uri, "%s%coptions=-csearch_path%%3D%s", server,
                 strchr(server, '?') == NULL ? '?' : '&', out->name);
        return;
    }
#endif
#ifdef HOUSE_MYSQL
    if (strcmp(engine, "mysql") == 0) {
        char sql[400];

        snprintf(out->name, sizeof out->name, "place_%d_%d", (int)getpid(), made);
        snprintf(sql, sizeof sql, "CREATE DATABASE %s", out->name);
        mysql(NULL, sql);
        server_mysql_uri(out->uri, sizeof out->uri, getenv("HC_TEST_MARIADB_URI"), out->name);
        return;
    }
#endif
    snprintf(out->name, sizeof out->name, "%.280s/place-%d.db", house.folder, made);
    snprintf(out->uri, sizeof out->uri, "sqlite:%s", out->name);
}

int64_t place_number(const place *at, const char *sql)
{
#ifdef HOUSE_POSTGRES
    if (strcmp(at->engine, "postgres") == 0)
        return postgres(at->name, sql);
#endif
#ifdef HOUSE_MYSQL
    if (strcmp(at->engine, "mysql") == 0)
        return mysql(at->name, sql);
#endif
    return sqlite(at->name, sql);
}

void place_drop(place *at)
{
#ifdef HOUSE_POSTGRES
    if (at->engine != NULL && strcmp(at->engine, "postgres") == 0) {
        char sql[400];

        snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", at->name);
        postgres("public", sql);
    }
#endif
#ifdef HOUSE_MYSQL
    if (at->engine != NULL && strcmp(at->engine, "mysql") == 0) {
        char sql[400];

        snprintf(sql, sizeof sql, "DROP DATABASE %s", at->name);
        mysql(NULL, sql);
    }
#endif
    at->engine = NULL; /* a file goes with the house */
}
