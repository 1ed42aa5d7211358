/* The listings of the reference in the library, through its public interface. */
#ifndef TESTS_REFERENCE_STORE_H
#define TESTS_REFERENCE_STORE_H

#include "homeconnect/allocator.h"
#include "homeconnect/property.h"
#include "homeconnect/session.h"
#include "reference.h"

/* As store_open(), with everybody signed in. documents, NULL: they are with the others; allocator, NULL: the C
 * library's. */
bool store_open_signed_in(const char *uri, const char *documents, const char *key_file, int64_t start,
                          const hc_allocator *allocator);
void store_pass(int64_t micros);
hc_client *store_client(void);
hc_session *store_session(enum reader reader);

hc_property *store_property(const struct row *row); /* one that can be made */
/* NULL, or what of a listing reads otherwise than its row says; derive_row() comes before it. */
const char *store_differs(const struct row *row, const hc_property *p);

#endif
