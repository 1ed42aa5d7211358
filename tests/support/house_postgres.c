#include "house_store.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OID_BOOL        16
#define OID_DATE        1082
#define OID_TIMESTAMPTZ 1184
#define OID_NUMERIC     1700

static const char *server(void)
{
    const char *out = getenv("HC_TEST_POSTGRES_URI");

    ck_assert_msg(out != NULL, "HC_TEST_STORE=postgres needs HC_TEST_POSTGRES_URI (see tests/support/with_postgres.c)");
    return out;
}

static PGresult *ask(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType what = PQresultStatus(result);

    ck_assert_msg(what == PGRES_TUPLES_OK || what == PGRES_COMMAND_OK, "%s: %s", sql, PQerrorMessage(conn));
    return result;
}

static void *open_schema(void)
{
    PGconn *conn = house_take_kept();
    PGresult *result = NULL;
    char sql[200];

    snprintf(sql, sizeof sql, "RESET ALL; SET client_min_messages = error; SET search_path = %s; SET timezone = 'UTC'",
             house.schema);
    if (conn != NULL)
        result = PQexec(conn, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) { /* there is none, or its server was killed */
        PQclear(result);
        PQfinish(conn);
        conn = PQconnectdb(server());
        ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
        result = ask(conn, sql);
    }
    PQclear(result);
    return conn;
}

static void close_schema(void *conn)
{
    if (house_stands() && PQtransactionStatus(conn) == PQTRANS_INTRANS)
        PQclear(PQexec(conn, "ROLLBACK"));
    if (PQtransactionStatus(conn) != PQTRANS_IDLE || !house_keep(conn))
        PQfinish(conn);
}

static void create(char *uri, size_t size, const char *suffix)
{
    PGconn *conn = open_schema();
    char sql[160];

    snprintf(sql, sizeof sql, "CREATE SCHEMA %s%s", house.schema, suffix);
    PQclear(ask(conn, sql));
    PQfinish(conn);
    snprintf(uri, size, "%s%coptions=-csearch_path%%3D%s%s", server(), strchr(server(), '?') == NULL ? '?' : '&',
             house.schema, suffix);
}

static void make(void)
{
    static int made;

    house.path[0] = '\0';
    snprintf(house.schema, sizeof house.schema, "house_%d_%d", (int)getpid(), ++made);
    create(house.uri, sizeof house.uri, "");
}

static void beside(char *uri, size_t size)
{
    create(uri, size, "_beside");
}

static void drop(void)
{
    PGconn *conn;
    char sql[256];

    if (house.schema[0] == '\0')
        return;
    conn = open_schema();
    /* A client that a test left open may hold locks. */
    snprintf(sql, sizeof sql, "SET lock_timeout = '2s'; DROP SCHEMA IF EXISTS %s, %s_beside CASCADE", house.schema,
             house.schema);
    PQclear(PQexec(conn, sql));
    PQfinish(conn); /* and so the kept one, since only a house that stands has one */
    house.schema[0] = '\0';
}

/* ---- SQLite's spelling ---- */

static bool starts_word(const char *begin, const char *at)
{
    return at == begin || strchr(" (,=+-*/<>|\n", at[-1]) != NULL;
}

/* x'…' of 16 bytes is an id here; `other.` the other house's schema; random bytes are no ids when there are 32. */
static const char *respell(const char *sql)
{
    static _Thread_local char out[32768];
    const char *begin = sql;
    size_t at = 0;

    while (*sql != '\0' && at + 128 < sizeof out) {
        bool blob = (sql[0] == 'x' || sql[0] == 'X') && sql[1] == '\'' && starts_word(begin, sql);
        size_t digits = blob ? strspn(sql + 2, "0123456789abcdefABCDEF") : 0;

        if (blob && sql[2 + digits] == '\'') {
            at += (size_t)snprintf(out + at, sizeof out - at, digits == 32 ? "'%.*s'" : "'\\x%.*s'", (int)digits,
                                   sql + 2);
            sql += digits + 3;
        } else if (strncmp(sql, "other.", 6) == 0 && starts_word(begin, sql)) {
            at += (size_t)snprintf(out + at, sizeof out - at, "%s.", house_other);
            sql += 6;
        } else if (strncmp(sql, "randomblob(32)", 14) == 0) {
            at += (size_t)snprintf(out + at, sizeof out - at, "sha256(random()::text::bytea)");
            sql += 14;
        } else {
            out[at++] = *sql++;
        }
    }
    out[at] = '\0';
    ck_assert_msg(*sql == '\0', "the statement is too long");
    return out;
}

/* As the library's own types: microseconds, days, units at the scale, 0 and 1. */
static house_value value(const PGresult *result, int row, int column, char *room, size_t size)
{
    house_value out = {PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
    const char *text = out.bytes;
    struct tm day = {0};
    size_t used = 0;

    if (PQgetisnull(result, row, column))
        return (house_value){NULL, 0};
    switch (PQftype(result, column)) {
    case OID_BOOL:
        out = (house_value){text[0] == 't' ? "1" : "0", 1};
        break;
    case OID_NUMERIC:
        for (; *text != '\0' && used < size; text++)
            if (*text != '.')
                room[used++] = *text;
        out = (house_value){room, used};
        break;
    case OID_DATE:
    case OID_TIMESTAMPTZ: {
        char micros[7] = "000000";
        const char *fraction = strchr(text, '.');

        sscanf(text, "%d-%d-%d %d:%d:%d", &day.tm_year, &day.tm_mon, &day.tm_mday, &day.tm_hour, &day.tm_min,
               &day.tm_sec);
        day.tm_year -= 1900;
        day.tm_mon--;
        if (fraction != NULL)
            memcpy(micros, fraction + 1, strspn(fraction + 1, "0123456789"));
        if (PQftype(result, column) == OID_DATE)
            out.size = (size_t)snprintf(room, size, "%lld", (long long)timegm(&day) / 86400);
        else
            out.size =
                (size_t)snprintf(room, size, "%lld", (long long)timegm(&day) * 1000000 + strtoll(micros, NULL, 10));
        out.bytes = room;
        break;
    }
    default:
        break;
    }
    return out;
}

static void rows(void *conn, const char *sql, house_row_fn row, void *data)
{
    PGresult *result = ask(conn, respell(sql));
    house_value values[HOUSE_COLUMNS];
    char room[HOUSE_COLUMNS][48];

    ck_assert_int_le(PQnfields(result), HOUSE_COLUMNS);
    for (int i = 0; i < PQntuples(result); i++) {
        for (int j = 0; j < PQnfields(result); j++)
            values[j] = value(result, i, j, room[j], sizeof room[j]);
        row(values, PQnfields(result), data);
    }
    PQclear(result);
}

static int64_t change(void *conn, const char *sql)
{
    PGresult *result = ask(conn, respell(sql));
    int64_t out = strtoll(PQcmdTuples(result), NULL, 10);

    PQclear(result);
    return out;
}

static const char *version(void)
{
    static char out[32];
    PGconn *conn = PQconnectdb(server());
    const char *text = PQparameterStatus(conn, "server_version");

    snprintf(out, sizeof out, "%.*s", (int)strcspn(text == NULL ? "?" : text, " "), text == NULL ? "?" : text);
    PQfinish(conn);
    return out;
}

const house_store house_on_postgres = {
    "postgres",
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE \"C\"",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "BEGIN; LOCK TABLE properties IN EXCLUSIVE MODE",
    make,
    drop,
    beside,
    open_schema,
    close_schema,
    rows,
    change,
    version};
