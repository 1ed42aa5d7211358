/* A schema with one small kind on the program's server; each test has a schema of its own. */
#ifndef DRIVER_MYSQL_SHELF_H
#define DRIVER_MYSQL_SHELF_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "books.h"
#include "driver/mysql/entry.h"
#include "driver/mysql/mysql.h"
#include "server_mysql.h"
#include "suite.h"

static server_mysql server;

static char base[32]; /* the database of the test */

static inline void shelf_uri(const char *parameters)
{
    server_mysql_uri(uri, sizeof(uri), server.uri, base);
    (void)snprintf(uri + strlen(uri), sizeof(uri) - strlen(uri), "%s", parameters);
}

static inline void shelf_sql(const char *sql)
{
    MYSQL *plain = server_mysql_look(server.uri, "mysql");

    ck_assert_ptr_nonnull(plain);
    ck_assert_msg(mysql_query(plain, sql) == 0, "%s: %s", sql, mysql_error(plain));
    mysql_free_result(mysql_store_result(plain));
    mysql_close(plain);
}

static inline void shelf_set_up(void)
{
    char sql[64];

    (void)kill(server.pid, SIGCONT); /* a test that failed may have left it stopped */
    (void)snprintf(base, sizeof(base), "shelf_%d", (int)getpid());
    (void)snprintf(sql, sizeof(sql), "CREATE DATABASE %s", base);
    shelf_sql(sql);
    shelf_uri("");
    ck_assert_int_eq(hc_driver_mysql_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    ck_assert_msg(driver->migrate(conn, &book_migration, 1, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
}

static inline int shelf_main(const char *name, void (*fill)(TCase *tcase))
{
    int result;

    if (!server_mysql_start(&server)) {
        (void)printf("skipped: %s\n", server.reason);
        server_mysql_stop(&server);
        return SERVER_SKIPPED;
    }
    result = suite_main(name, fill, shelf_set_up, shelf_tear_down);
    server_mysql_stop(&server);
    return result;
}

#endif
