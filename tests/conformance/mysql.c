/* The suite on MariaDB or, for `conformance.mysql 8`, on the MySQL 8 that HC_TEST_MYSQL_URI names; each test in a
 * database of its own. */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "homeconnect/driver/conformance.h"
#include "server_mysql.h"

hc_status hc_driver_mysql_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

typedef struct place {
    server_mysql server;
    MYSQL *conn;
    int number;
} place;

static hc_status fresh(char *uri, size_t size, uint32_t use, void *data)
{
    place *p = data;
    char sql[128], name[32];
    int failed;

    (void)use;
    (void)snprintf(sql, sizeof(sql), "DROP DATABASE IF EXISTS conf_%d", p->number);
    failed = mysql_query(p->conn, sql);
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE conf_%d", ++p->number);
    failed |= mysql_query(p->conn, sql);
    (void)snprintf(name, sizeof(name), "conf_%d", p->number);
    server_mysql_uri(uri, size, p->server.uri, name);
    return failed == 0 ? HC_OK : HC_ERR_IO;
}

static void report(const char *line, void *data)
{
    (void)data;
    (void)puts(line);
    (void)fflush(stdout);
}

static int32_t sequences_of(int argc, char **argv)
{
    const char *is_long = getenv("HC_LONG");

    if (argc > 1)
        return (int32_t)strtol(argv[1], NULL, 10);
    return is_long != NULL && strcmp(is_long, "1") == 0 ? 20000 : 2000;
}

/* What is not run must not pass for run. */
static bool is_there(const char *uri)
{
    MYSQL *conn = uri == NULL || uri[0] == '\0' ? NULL : server_mysql_look(uri, NULL);
    bool found = conn != NULL && strstr(mysql_get_server_info(conn), "MariaDB") == NULL;

    if (uri == NULL || uri[0] == '\0')
        (void)puts("skipped: HC_TEST_MYSQL_URI names no server, so MySQL 8 was not met: only the text of its SQL was");
    else if (!found)
        (void)puts("HC_TEST_MYSQL_URI: no MySQL answers there");
    mysql_close(conn);
    return found;
}

/* conformance.mysql [SEQUENCES [SEED]], or conformance.mysql 8 */
int main(int argc, char **argv)
{
    hc_conformance suite = HC_CONFORMANCE_INIT;
    const char *eight = getenv("HC_TEST_MYSQL_URI");
    static place p;
    int32_t failures;

    if (argc == 2 && strcmp(argv[1], "8") == 0) {
        if (!is_there(eight))
            return eight == NULL || eight[0] == '\0' ? SERVER_SKIPPED : EXIT_FAILURE;
        setenv("HC_TEST_MARIADB_URI", eight, 1);
        argc = 1;
    }
    if (!server_mysql_start(&p.server)) {
        (void)printf("skipped: %s\n", p.server.reason);
        server_mysql_stop(&p.server);
        return SERVER_SKIPPED;
    }
    p.conn = server_mysql_look(p.server.uri, NULL);
    if (hc_driver_mysql_entry(&suite.driver, HC_DRIVER_ABI, NULL) < 0 || p.conn == NULL)
        return EXIT_FAILURE;
    suite.fresh = fresh;
    suite.report = report;
    suite.data = &p;
    suite.quirks = HC_QUIRK_NO_BACKUP | HC_QUIRK_WORDS_LATE;
    suite.sequences = sequences_of(argc, argv);
    suite.seed = argc > 2 ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    failures = hc_conformance_run(&suite);
    mysql_close(p.conn);
    server_mysql_stop(&p.server);
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
