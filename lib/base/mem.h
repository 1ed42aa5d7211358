/* Memory of one client. Everything outside lib/base allocates through this, so that a host's allocator sees it all. */
#ifndef HC__BASE_MEM_H
#define HC__BASE_MEM_H

#include "homeconnect/allocator.h"

/* Never NULL functions; copied by value from the host's allocator, or the C library's. */
typedef struct hc__mem {
    hc_allocator fn;
} hc__mem;

/* `host` may be NULL: the C library's. Fails with HC_ERR_INVALID, field "allocator", when only some functions are set. */
hc_status hc__mem_init(hc__mem *mem, const hc_allocator *host, hc_error *err);

/* All return NULL without memory, and on a size that overflows. A size of 0 gives a unique block. */
void *hc__alloc(const hc__mem *mem, size_t size);
void *hc__alloc_zero(const hc__mem *mem, size_t count, size_t size);
void *hc__realloc(const hc__mem *mem, void *block, size_t count, size_t size); /* `block` may be NULL */
void hc__free(const hc__mem *mem, void *block);                                /* NULL is fine */
char *hc__strndup(const hc__mem *mem, const char *text, size_t size);          /* NUL-terminated copy */

#endif
