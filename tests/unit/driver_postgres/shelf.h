/* A schema with one small kind on the program's server; each test has a schema of its own. */
#ifndef DRIVER_POSTGRES_SHELF_H
#define DRIVER_POSTGRES_SHELF_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "books.h"
#include "driver/postgres/entry.h"
#include "driver/postgres/postgres.h"
#include "server_postgres.h"
#include "suite.h"

static server_postgres server;

static inline void shelf_uri(const char *more)
{
    (void)snprintf(uri, sizeof(uri), "%s?options=-csearch_path%%3Dshelf_%d%s", server.uri, (int)getpid(), more);
}

static inline void shelf_sql(const char *sql)
{
    PGconn *plain = PQconnectdb(server.uri);
    PGresult *result;

    for (int i = 0; i < 400 && PQstatus(plain) != CONNECTION_OK; i++) { /* a test before may have killed a session */
        (void)usleep(50000);
        PQreset(plain);
    }
    result = PQexec(plain, sql);

    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK, "%s: %s",
                  sql, PQerrorMessage(plain));
    PQclear(result);
    PQfinish(plain);
}

static inline void shelf_set_up(void)
{
    char sql[64];

    (void)snprintf(sql, sizeof(sql), "CREATE SCHEMA shelf_%d", (int)getpid());
    shelf_sql(sql);
    shelf_uri("");
    ck_assert_int_eq(hc_driver_postgres_entry(&driver, HC_DRIVER_ABI, &err), HC_OK);
    ck_assert_msg(shelf_open() == HC_OK, "%s", err.message);
    ck_assert_msg(driver->migrate(conn, &book_migration, 1, 0, &err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(driver->connect(&other, store, HC_CONNECT_WRITE, 0, &err), HC_OK);
}

/* After a session was killed: the server first ends all others, `other` among them, and then comes back. */
static inline void shelf_open_again(void)
{
    hc_status status = HC_ERR_UNAVAILABLE;

    for (int i = 0; other != NULL && i < 400 && driver->ping(other, 0, &err) == HC_OK; i++)
        (void)usleep(50000);
    shelf_close();
    for (int i = 0; i < 400 && status == HC_ERR_UNAVAILABLE; i++) {
        status = shelf_open();
        if (status == HC_OK)
            status = driver->ping(conn, 0, &err);
        if (status < 0) {
            shelf_close();
            (void)usleep(50000);
        }
    }
    ck_assert_msg(status == HC_OK, "%s", err.message);
}

static inline int shelf_main(const char *name, void (*fill)(TCase *tcase))
{
    int result;

    if (!server_postgres_start(&server)) {
        (void)printf("skipped: %s\n", server.reason);
        server_postgres_stop(&server);
        return SERVER_SKIPPED;
    }
    result = suite_main(name, fill, shelf_set_up, shelf_tear_down);
    server_postgres_stop(&server);
    return result;
}

#endif
