/* A ledger: a random mix of changes to listings through the public interface, a book of what was acknowledged, and the
 * check that a store holds all of it and nothing half. The harnesses for kills and power cuts share it. */
#ifndef SUPPORT_LEDGER_H
#define SUPPORT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "homeconnect/session.h"

#define LEDGER_UNIT  2  /* listings that one unit of work makes */
#define LEDGER_BATCH 12 /* rows of one import, written in one transaction */

/* A listing as it was acknowledged. */
typedef struct ledger_entry {
    hc_id id;
    int64_t price;
    int32_t version;
    int32_t deleted;
} ledger_entry;

typedef struct ledger {
    ledger_entry *entries;
    size_t count, capacity;
    uint64_t random; /* state of the generator: never 0 */
    int64_t next_unit, next_row;
    int64_t imported; /* rows of acknowledged imports */
    int64_t acks;
} ledger;

/* What one acknowledged call says. */
typedef struct ledger_ack {
    int32_t count;    /* of entries */
    int32_t imported; /* rows of an import, which have no entries */
    int64_t next_unit, next_row;
    ledger_entry entries[LEDGER_UNIT + 1];
} ledger_ack;

void ledger_init(ledger *book, uint64_t seed);
void ledger_free(ledger *book);
ledger ledger_copy(const ledger *book);
uint64_t ledger_random(ledger *book, uint64_t below);

/* One random call as an agent; `folder` is where it may put a CSV. On success `ack` says what is now promised; the book
 * is not changed by it. Below 0: the call's error. */
hc_status ledger_step(ledger_ack *ack, ledger *book, hc_client *client, hc_session *as, const char *folder,
                      hc_error *err);
void ledger_apply(ledger *book, const ledger_ack *ack);

/* Compares the store with the book, where at most one call may have been in flight, and takes over what that one wrote.
 * Reads the promised listings through `as` and looks into the file at `path` for half-written aggregates. Returns the
 * number of faults, the first of which is described in `fault`. */
int ledger_check(ledger *book, hc_session *as, const char *path, char *fault, size_t size);
/* The file's part of it alone: integrity_check, foreign keys, events, histories, search index, units, imports. */
int ledger_check_file(const char *path, char *fault, size_t size);

#endif
