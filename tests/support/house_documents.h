/* The documents of a house on a pair of stores: with HC_TEST_DOCUMENTS, the URI of a MongoDB server, the document kinds
 * of each house are in a database of its own there. What tests look with stays SQL: collections are read into tables.
 */
#ifndef SUPPORT_HOUSE_DOCUMENTS_H
#define SUPPORT_HOUSE_DOCUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "house.h"

void house_documents_make(void); /* house.documents */
void house_documents_drop(void);
/* Whether a statement asks for a table that is in the document store. */
bool house_documents_asked(const char *sql);
/* As of house_store. What `change` left otherwise is written back to the collections, only that. */
void house_documents_rows(const char *sql, house_row_fn row, void *data);
int64_t house_documents_change(const char *sql);
/* By collection, 0 to HOUSE_COLLECTIONS - 1: each document as its bytes, by _id. The name, or NULL. */
#define HOUSE_COLLECTIONS 3
const char *house_documents_each(int collection, house_row_fn row, void *data);
const char *house_documents_version(void);
/* A backup of all collections, and the same put back in the place of what is there; frees it. */
void *house_documents_keep(void);
void house_documents_put_back(void *kept);

#endif
