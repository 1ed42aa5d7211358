/* with_postgres PROGRAM [ARGUMENTS]: runs a test program on a private PostgreSQL server instead of a file. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server_postgres.h"

/* What tests look with is the SQL of SQLite, whose times are numbers. The library's own statements give each parameter
 * its type and use none of this. */
static const char dialect[] =
    "CREATE FUNCTION public.hc_time(bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS"
    " $$SELECT timestamptz 'epoch' + $1 * interval '1 microsecond'$$;"
    "CREATE CAST (bigint AS timestamptz) WITH FUNCTION public.hc_time(bigint) AS IMPLICIT;"
    "CREATE FUNCTION public.hc_time(int) RETURNS timestamptz IMMUTABLE LANGUAGE sql AS"
    " $$SELECT public.hc_time($1::bigint)$$;"
    "CREATE CAST (int AS timestamptz) WITH FUNCTION public.hc_time(int) AS ASSIGNMENT;"
    "CREATE FUNCTION pg_catalog.hex(uuid) RETURNS text IMMUTABLE LANGUAGE sql AS"
    " $$SELECT upper(replace($1::text, '-', ''))$$;"
    "CREATE FUNCTION pg_catalog.instr(text, text) RETURNS int IMMUTABLE LANGUAGE sql AS $$SELECT strpos($1, $2)$$;"
    "CREATE FUNCTION pg_catalog.randomblob(int) RETURNS uuid LANGUAGE sql AS $$SELECT gen_random_uuid()$$;"
    "CREATE FUNCTION pg_catalog.json_array_length(jsonb) RETURNS int IMMUTABLE LANGUAGE sql AS"
    " $$SELECT jsonb_array_length($1)$$;"
    "CREATE FUNCTION pg_catalog.length(jsonb) RETURNS int IMMUTABLE LANGUAGE sql AS $$SELECT length($1::text)$$";

static bool teach(const server_postgres *server)
{
    PGconn *conn = PQconnectdb(server->uri);
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

int main(int argc, char **argv)
{
    server_postgres server;
    int status = 0;
    pid_t pid;

    if (argc < 2 || !server_postgres_start(&server)) {
        printf("skipped: %s\n", argc < 2 ? "no program" : server.reason);
        return SERVER_SKIPPED;
    }
    if (server.ours && !teach(&server)) {
        server_postgres_stop(&server);
        return EXIT_FAILURE;
    }
    setenv("HC_TEST_STORE", "postgres", 1);
    setenv("HC_TEST_POSTGRES_URI", server.uri, 1);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        status = 1 << 8;
    server_postgres_stop(&server);
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
