/* Where a house stands: on a SQLite file, with HC_TEST_STORE=postgres in a schema of HC_TEST_POSTGRES_URI, or with
 * HC_TEST_STORE=mysql in a database on HC_TEST_MARIADB_URI's server. What tests look with is spelled as SQLite does;
 * each of these respells what its engine says otherwise (see house.h). */
#ifndef SUPPORT_HOUSE_STORE_H
#define SUPPORT_HOUSE_STORE_H

#include <stdint.h>

#include "house.h"

typedef struct house_store {
    const char *name;
    const char *tables; /* a query: the names of all tables of this house, in order */
    const char *begin;  /* of a snapshot for reads */
    const char *lock;   /* see house_lock() */
    void (*make)(void); /* house.path ("" where there is no file), house.schema and house.uri, from house.folder */
    void (*drop)(void); /* what is not in house.folder */
    void (*beside)(char *uri, size_t size); /* see house_beside(); dropped with the house */
    void *(*open)(void);
    void (*close)(void *conn);
    void (*rows)(void *conn, const char *sql, house_row_fn row, void *data); /* of one statement */
    int64_t (*change)(void *conn, const char *sql); /* statements; how many rows the last one changed */
    const char *(*version)(void);
} house_store;

bool house_stands(void); /* it was opened, with people and listings, and its client still is */

/* The connection of who looked last, while the house stands: a new one reads the store's whole schema anew, which takes
 * longer than most looks. NULL: there is none. Whoever takes it gives it back, or closes it. */
void *house_take_kept(void);
bool house_keep(void *conn); /* false: it is to be closed */

extern const house_store house_on_sqlite;
struct sqlite3;
void house_teach(struct sqlite3 *db); /* the functions of house.h */
#ifdef HOUSE_POSTGRES
extern const house_store house_on_postgres;
#endif
#ifdef HOUSE_MYSQL
extern const house_store house_on_mysql;
#endif

#endif
