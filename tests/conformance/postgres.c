/* The suite on PostgreSQL, each test in a schema of its own. */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "homeconnect/driver/conformance.h"
#include "server_postgres.h"

hc_status hc_driver_postgres_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

typedef struct place {
    server_postgres server;
    PGconn *conn;
    int number;
    bool hurry; /* stop at the first failure */
    bool caught;
} place;

/* A zone with odd minutes, on which nothing may depend; deadlocks are looked for soon, because here they are meant. */
#define SETTINGS "%%20-ctimezone%%3DAsia/Kathmandu%%20-cdeadlock_timeout%%3D10ms"

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    place *p = data;
    PGresult *result;
    ExecStatusType what;
    char sql[128];

    (void)use;
    if (p->hurry && p->caught)
        return HC_ERR_CANCELLED;
    (void)snprintf(sql, sizeof(sql), "DROP SCHEMA IF EXISTS conf_%d CASCADE; CREATE SCHEMA conf_%d", p->number,
                   p->number + 1);
    p->number++;
    result = PQexec(p->conn, sql);
    what = PQresultStatus(result);
    PQclear(result);
    (void)snprintf(uri, size, "%s%coptions=-csearch_path%%3Dconf_%d" SETTINGS, p->server.uri,
                   strchr(p->server.uri, '?') == NULL ? '?' : '&', p->number);
    return what == PGRES_COMMAND_OK ? HC_OK : HC_ERR_IO;
}

static void report(const char *line, void *data)
{
    place *p = data;

    if (p->hurry) {
        p->caught = p->caught || strncmp(line, "FAILED deadlocks_are_as_declared ", 33) == 0;
        return;
    }
    (void)puts(line);
    (void)fflush(stdout);
}

/* Of the engines here the one that can show it: who finds deadlocks and says otherwise is noticed. */
static bool notices_a_lie(hc_conformance *suite, place *p)
{
    p->hurry = true;
    suite->quirks |= HC_QUIRK_NO_DEADLOCK;
    suite->sequences = 0;
    (void)hc_conformance_run(suite);
    (void)printf("a lie about deadlocks was %s\n", p->caught ? "noticed" : "NOT NOTICED");
    return p->caught;
}

static void silent(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

static int32_t sequences_of(int argc, char **argv)
{
    const char *is_long = getenv("HC_LONG");

    if (argc > 1)
        return (int32_t)strtol(argv[1], NULL, 10);
    return is_long != NULL && strcmp(is_long, "1") == 0 ? 20000 : 2000;
}

/* conformance.postgres [SEQUENCES [SEED]] */
int main(int argc, char **argv)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;
    static place p;
    int32_t failures;

    if (!server_postgres_start(&p.server)) {
        (void)printf("skipped: %s\n", p.server.reason);
        server_postgres_stop(&p.server);
        return SERVER_SKIPPED;
    }
    p.conn = PQconnectdb(p.server.uri);
    (void)PQsetNoticeReceiver(p.conn, silent, NULL);
    if (hc_driver_postgres_entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0 || PQstatus(p.conn) != CONNECTION_OK)
        return EXIT_FAILURE;
    suite.fresh = fresh;
    suite.report = report;
    suite.data = &p;
    suite.quirks = HC_QUIRK_NO_BACKUP;
    suite.sequences = sequences_of(argc, argv);
    suite.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    failures = hc_conformance_run(&suite);
    failures += !notices_a_lie(&suite, &p);
    PQfinish(p.conn);
    server_postgres_stop(&p.server);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
