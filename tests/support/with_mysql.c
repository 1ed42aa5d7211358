/* with_mysql PROGRAM [ARGUMENTS]: runs a test program on a MariaDB server instead of a file: a private one, or the one
 * that with_mysql --for-all COMMAND [ARGUMENTS] started for all programs that COMMAND runs. */
#include <stdio.h>

#include "server_mysql.h"
#include "with_server.h"

static server_mysql server;

/* What tests look with is the SQL of SQLite (see house.h): what house_mysql.c does not respell. The library's own
 * statements use none of this. */
static const char *const dialect[] = {
    "CREATE DATABASE hc_test",
    "CREATE FUNCTION hc_test.at(n BIGINT) RETURNS DATETIME(6) DETERMINISTIC RETURN"
    " TIMESTAMP'1970-01-01 00:00:00' + INTERVAL n MICROSECOND",
    "CREATE FUNCTION hc_test.us(t DATETIME(6)) RETURNS BIGINT DETERMINISTIC RETURN"
    " TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', t)",
    "CREATE FUNCTION hc_test.day(n INT) RETURNS DATE DETERMINISTIC RETURN DATE'1970-01-01' + INTERVAL n DAY",
    "CREATE FUNCTION hc_test.scaled(n BIGINT, s INT) RETURNS DECIMAL(30,10) DETERMINISTIC RETURN"
    " CAST(n AS DECIMAL(20,0)) / CAST(POW(10, s) AS DECIMAL(10,0))",
    "CREATE FUNCTION hc_test.units(x DECIMAL(30,10), s INT) RETURNS BIGINT DETERMINISTIC RETURN"
    " CAST(x * CAST(POW(10, s) AS DECIMAL(10,0)) AS SIGNED)",
    "CREATE FUNCTION hc_test.json_text(d LONGTEXT CHARACTER SET utf8mb4, p VARCHAR(200)) RETURNS LONGTEXT CHARACTER SET"
    " utf8mb4 DETERMINISTIC RETURN JSON_UNQUOTE(JSON_EXTRACT(d, p))",
    "CREATE FUNCTION hc_test.json_array_length(d LONGTEXT CHARACTER SET utf8mb4) RETURNS INT DETERMINISTIC RETURN"
    " JSON_LENGTH(d)",
    "CREATE FUNCTION hc_test.randomblob(n INT) RETURNS VARBINARY(32) NOT DETERMINISTIC NO SQL RETURN"
    " LEFT(UNHEX(SHA2(CONCAT(UUID(), RAND()), 256)), n)",
    "CREATE FUNCTION hc_test.zeroblob(n INT) RETURNS VARBINARY(32) DETERMINISTIC RETURN UNHEX(REPEAT('00', n))",
};

static bool teach(void)
{
    MYSQL *conn = server_mysql_look(server.uri, "mysql");
    bool done = conn != NULL;

    for (size_t i = 0; done && i < sizeof dialect / sizeof dialect[0]; i++)
        done = mysql_query(conn, dialect[i]) == 0;
    if (conn != NULL && !done)
        printf("%s\n", mysql_error(conn));
    mysql_close(conn);
    return done;
}

static bool start(void)
{
    return server_mysql_start(&server);
}

static void stop(void)
{
    server_mysql_stop(&server);
}

int main(int argc, char **argv)
{
    const with_server how = {.store = "mysql",
                             .given = "HC_TEST_MARIADB_URI",
                             .shared = "HC_TEST_SHARED_MARIADB",
                             .start = start,
                             .teach = teach,
                             .stop = stop,
                             .ours = &server.ours,
                             .uri = server.uri,
                             .reason = server.reason};

    return with_server_main(&how, argc, argv);
}
