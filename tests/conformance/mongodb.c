/* The part of the suite that document kinds need, on MongoDB or on what stands in for it; each test in a database of
 * its own. */
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "homeconnect/driver/conformance.h"
#include "server_mongodb.h"

hc_status hc_driver_mongodb_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

typedef struct place {
    server_mongodb server;
    mongoc_client_t *client;
    int number;
} place;

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    place *p = data;
    mongoc_database_t *database;
    bson_error_t error;
    char name[32];

    (void)use;
    (void)snprintf(name, sizeof name, "conf_%d", p->number++);
    database = mongoc_client_get_database(p->client, name);
    if (!mongoc_database_drop(database, &error))
        (void)printf("%s\n", error.message);
    mongoc_database_destroy(database);
    (void)snprintf(name, sizeof name, "conf_%d", p->number);
    server_mongodb_uri(&p->server, uri, size, name, NULL);
    return HC_OK;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)puts(line);
    (void)fflush(stdout);
}

/* FerretDB takes some milliseconds for what the other does in some tens of microseconds. */
static int32_t sequences_of(const place *p, const char *given)
{
    const char *is_long = getenv("HC_LONG");
    int32_t out = p->server.kind == SERVER_FERRETDB ? 60 : 2000;

    if (given != NULL)
        return (int32_t)strtol(given, NULL, 10);
    return is_long != NULL && strcmp(is_long, "1") == 0 ? 10 * out : out;
}

/* conformance.mongodb first|second [SEQUENCES [SEED]] */
int main(int argc, char **argv)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;
    static place p;
    char uri[1024];
    int32_t failures;

    if (!server_mongodb_start(&p.server, argc > 1 && strcmp(argv[1], "second") == 0)) {
        (void)printf("skipped: %s\n", p.server.reason);
        server_mongodb_stop(&p.server);
        return SERVER_SKIPPED;
    }
    mongoc_init();
    server_mongodb_uri(&p.server, uri, sizeof uri, "conf", NULL);
    p.client = mongoc_client_new(uri);
    server_mongodb_tell(&p.server);
    if (p.client == NULL || hc_driver_mongodb_entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0)
        return EXIT_FAILURE;
    suite.fresh = fresh;
    suite.report = report;
    suite.data = &p;
    suite.quirks = HC_QUIRK_NO_BACKUP | (p.server.kind == SERVER_JAVA ? HC_QUIRK_UTF16_ORDER : 0);
    suite.sequences = sequences_of(&p, argc > 2 ? argv[2] : NULL);
    suite.seed = argc > 3 ? strtoull(argv[3], NULL, 10) : (uint64_t)time(NULL);
    failures = hc_conformance_run(&suite);
    mongoc_client_destroy(p.client);
    server_mongodb_stop(&p.server);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
