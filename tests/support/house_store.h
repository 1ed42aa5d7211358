/* Where a house stands: on a SQLite file, or with HC_TEST_STORE=postgres in a schema of HC_TEST_POSTGRES_URI. */
#ifndef SUPPORT_HOUSE_STORE_H
#define SUPPORT_HOUSE_STORE_H

#include <stdint.h>

#include "homeconnect/types.h"

/* Each table: its rows, and a hash of every value of them in the order of the first column. */
typedef void (*house_table_fn)(const char *name, int64_t rows, uint64_t content, void *data);

typedef struct house_store {
    const char *name;
    void (*make)(void);                 /* house.path ("" where there is no file) and house.uri, from house.folder */
    void (*drop)(void);                 /* what is not in house.folder */
    int64_t (*number)(const char *sql); /* house_sql() */
    void (*tables)(house_table_fn table, void *data);
    /* Rows of audit_log behind the first `seen` of this event by this actor (NULL: nobody). */
    int64_t (*audited)(int64_t seen, const char *event, const hc_id *actor);
    const char *(*version)(void);
} house_store;

extern const house_store house_on_sqlite;
#ifdef HOUSE_POSTGRES
extern const house_store house_on_postgres;
#endif

uint64_t house_fold(uint64_t hash, const void *bytes, size_t size); /* FNV-1a */
#define HOUSE_FOLD UINT64_C(14695981039346656037)

#endif
