/* with_postgres PROGRAM [ARGUMENTS]: runs a test program on a PostgreSQL server instead of a file: a private one, or
 * the one that with_postgres --for-all COMMAND [ARGUMENTS] started for all programs that COMMAND runs. */
#include <libpq-fe.h>
#include <stdio.h>

#include "server_postgres.h"
#include "with_server.h"

static server_postgres server;

/* What tests look with is the SQL of SQLite (see house.h). The library's own statements give each parameter its type
 * and use none of this. */
static const char dialect[] =
    "SET search_path = pg_catalog;"
    "CREATE FUNCTION at(bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS"
    " $$SELECT timestamptz 'epoch' + $1 * interval '1 microsecond'$$;"
    "CREATE FUNCTION us(timestamptz) RETURNS bigint IMMUTABLE LANGUAGE sql AS"
    " $$SELECT (extract(epoch FROM $1) * 1000000)::bigint$$;"
    "CREATE FUNCTION day(int) RETURNS date IMMUTABLE LANGUAGE sql AS $$SELECT date '1970-01-01' + $1$$;"
    "CREATE FUNCTION scaled(bigint, int) RETURNS numeric IMMUTABLE LANGUAGE sql AS $$SELECT $1 / 10::numeric ^ $2$$;"
    "CREATE FUNCTION units(numeric, int) RETURNS bigint IMMUTABLE LANGUAGE sql AS"
    " $$SELECT ($1 * 10::numeric ^ $2)::bigint$$;"
    "CREATE FUNCTION json_text(jsonb, text) RETURNS text IMMUTABLE LANGUAGE sql AS"
    " $$SELECT jsonb_path_query_first($1, $2::jsonpath) #>> '{}'$$;"
    "CREATE FUNCTION hex(uuid) RETURNS text IMMUTABLE LANGUAGE sql AS"
    " $$SELECT upper(replace($1::text, '-', ''))$$;"
    "CREATE FUNCTION hex(bytea) RETURNS text IMMUTABLE LANGUAGE sql AS $$SELECT upper(encode($1, 'hex'))$$;"
    "CREATE FUNCTION instr(text, text) RETURNS int IMMUTABLE LANGUAGE sql AS $$SELECT strpos($1, $2)$$;"
    "CREATE FUNCTION randomblob(int) RETURNS uuid LANGUAGE sql AS $$SELECT gen_random_uuid()$$;"
    "CREATE FUNCTION zeroblob(int) RETURNS uuid LANGUAGE sql AS"
    " $$SELECT uuid '00000000-0000-0000-0000-000000000000'$$;"
    "CREATE FUNCTION json_array_length(jsonb) RETURNS int IMMUTABLE LANGUAGE sql AS $$SELECT jsonb_array_length($1)$$;"
    "CREATE FUNCTION length(jsonb) RETURNS int IMMUTABLE LANGUAGE sql AS $$SELECT length($1::text)$$;"
    "CREATE FUNCTION is_one(boolean, int) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$SELECT $1::int = $2$$;"
    "CREATE OPERATOR = (LEFTARG = boolean, RIGHTARG = int, FUNCTION = is_one);"
    "CREATE FUNCTION is_like(jsonb, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$SELECT $1::text LIKE $2$$;"
    "CREATE OPERATOR ~~ (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = is_like);"
    "CREATE DOMAIN blob AS bytea;"
    "UPDATE pg_cast SET castcontext = 'a' WHERE castsource = 'int'::regtype AND casttarget = 'boolean'::regtype";

static bool teach(void)
{
    PGconn *conn = PQconnectdb(server.uri);
    PGresult *allowed = PQexec(conn, "SET allow_system_table_mods = on");
    PGresult *result = PQexec(conn, dialect);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!done)
        printf("%s", PQerrorMessage(conn));
    PQclear(allowed);
    PQclear(result);
    PQfinish(conn);
    return done;
}

static bool start(void)
{
    return server_postgres_start(&server);
}

static void stop(void)
{
    server_postgres_stop(&server);
}

int main(int argc, char **argv)
{
    const with_server how = {.store = "postgres",
                             .given = "HC_TEST_POSTGRES_URI",
                             .shared = "HC_TEST_SHARED_POSTGRES",
                             .start = start,
                             .teach = teach,
                             .stop = stop,
                             .ours = &server.ours,
                             .uri = server.uri,
                             .reason = server.reason};

    return with_server_main(&how, argc, argv);
}
