#include "house_store.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

#define OID_BOOL        16
#define OID_TIMESTAMPTZ 1184

static char schema[64];

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

static void tell(PGconn *conn, const char *sql)
{
    PQclear(ask(conn, sql));
}

static PGconn *look(void)
{
    PGconn *conn = PQconnectdb(server());
    char sql[128];

    ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    snprintf(sql, sizeof sql, "SET client_min_messages = error; SET search_path = %s; SET timezone = 'UTC'", schema);
    tell(conn, sql);
    return conn;
}

static void make(void)
{
    static int made;
    PGconn *conn;
    char sql[128];

    snprintf(schema, sizeof schema, "house_%d_%d", (int)getpid(), ++made);
    conn = look();
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s", schema);
    tell(conn, sql);
    PQfinish(conn);
    house.path[0] = '\0';
    snprintf(house.uri, sizeof house.uri, "%s%coptions=-csearch_path%%3D%s", server(),
             strchr(server(), '?') == NULL ? '?' : '&', schema);
}

static void drop(void)
{
    PGconn *conn;
    char sql[128];

    if (schema[0] == '\0')
        return;
    conn = look();
    /* A client that a test left open may hold locks. */
    snprintf(sql, sizeof sql, "SET lock_timeout = '2s'; DROP SCHEMA IF EXISTS %s CASCADE", schema);
    PQclear(PQexec(conn, sql));
    PQfinish(conn);
    schema[0] = '\0';
}

/* As the library's own types: microseconds, units at the scale, 0 and 1. */
static int64_t as_number(const PGresult *result, const char *text)
{
    int64_t out = 0;

    if (PQftype(result, 0) == OID_BOOL)
        return text[0] == 't';
    for (const char *at = text; *at != '\0'; at++) {
        if (*at >= '0' && *at <= '9')
            out = out * 10 + (*at - '0');
    }
    return text[0] == '-' ? -out : out;
}

/* Blobs as SQLite spells them: x'…' of 16 bytes is an id here. */
static void respell(char *out, size_t size, const char *sql)
{
    size_t at = 0;

    while (*sql != '\0' && at + 4 < size) {
        bool blob = (sql[0] == 'x' || sql[0] == 'X') && sql[1] == '\'';
        size_t digits = blob ? strspn(sql + 2, "0123456789abcdefABCDEF") : 0;

        if (blob && sql[2 + digits] == '\'') {
            at += (size_t)snprintf(out + at, size - at, digits == 32 ? "'%.*s'" : "'\\x%.*s'", (int)digits, sql + 2);
            sql += digits + 3;
        } else {
            out[at++] = *sql++;
        }
    }
    out[at] = '\0';
    ck_assert_msg(*sql == '\0', "the statement is too long");
}

static int64_t number(const char *given)
{
    PGconn *conn = look();
    static char sql[16384];
    PGresult *result;
    int64_t out = -1;

    respell(sql, sizeof sql, given);
    result = ask(conn, sql);
    if (PQntuples(result) > 0 && PQftype(result, 0) == OID_TIMESTAMPTZ) {
        char again[256];

        snprintf(again, sizeof again, "SELECT (extract(epoch FROM timestamptz '%s') * 1000000)::bigint",
                 PQgetvalue(result, 0, 0));
        PQclear(result);
        result = ask(conn, again);
    }
    if (PQntuples(result) > 0)
        out = PQgetisnull(result, 0, 0) ? 0 : as_number(result, PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return out;
}

static void read_table(PGconn *conn, const char *name, int64_t *rows, uint64_t *content)
{
    PGresult *result;
    char sql[128];

    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1", name);
    result = ask(conn, sql);
    *rows = PQntuples(result);
    *content = HOUSE_FOLD;
    for (int row = 0; row < PQntuples(result); row++) {
        for (int i = 0; i < PQnfields(result); i++) {
            int size = PQgetisnull(result, row, i) ? -1 : PQgetlength(result, row, i);

            *content = house_fold(*content, &size, sizeof size);
            *content = house_fold(*content, PQgetvalue(result, row, i), size < 0 ? 0 : (size_t)size);
        }
    }
    PQclear(result);
}

static void tables(house_table_fn table, void *data)
{
    PGconn *conn = look();
    PGresult *names;

    tell(conn, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    names = ask(conn, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename COLLATE "
                      "\"C\"");
    for (int i = 0; i < PQntuples(names); i++) {
        int64_t rows;
        uint64_t content;

        read_table(conn, PQgetvalue(names, i, 0), &rows, &content);
        table(PQgetvalue(names, i, 0), rows, content, data);
    }
    PQclear(names);
    PQfinish(conn);
}

static int64_t audited(int64_t seen, const char *event, const hc_id *actor)
{
    PGconn *conn = look();
    char offset[24], id[40] = "";
    const char *values[3] = {offset, event, actor == NULL ? NULL : id};
    PGresult *result;
    int64_t found;

    snprintf(offset, sizeof offset, "%lld", (long long)seen);
    for (size_t i = 0; actor != NULL && i < sizeof *actor; i++)
        snprintf(id + 2 * i, sizeof id - 2 * i, "%02x", actor->bytes[i]);
    result = PQexecParams(conn,
                          "SELECT count(*) FROM (SELECT * FROM audit_log ORDER BY pk OFFSET $1::bigint) a WHERE"
                          " event = $2 AND actor_id IS NOT DISTINCT FROM $3::uuid",
                          3, NULL, values, NULL, NULL, 0);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    found = as_number(result, PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(conn);
    return found;
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

const house_store house_on_postgres = {"postgres", make, drop, number, tables, audited, version};
