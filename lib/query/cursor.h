/* Where a page ended, sealed: `ver:1 | nonce:24 | sealed( dir:1 | h:8 | now:8 | n:1 | keys | id:16 )`, base64url. The h
 * binds it to the query, its order and who asks. */
#ifndef HC__QUERY_CURSOR_H
#define HC__QUERY_CURSOR_H

#include <stdatomic.h>
#include "query/plan.h"

#define HC__BINDING_SIZE 8
#define HC__CURSOR_SIZE  160 /* of the text with its NUL, at most */

typedef struct hc__cursor {
    bool reverse; /* towards the first row */
    int64_t now;
    size_t key_count;
    hc__position at;
} hc__cursor;

/* What the h is made of, in `arena`; NULL: no memory. */
typedef struct hc__bound {
    size_t size;
    const char *bytes;
} hc__bound;
const hc__bound *hc__cursor_bound(hc__arena *arena, const hc__query *query, const hc__list_context *context);
void hc__cursor_binding(uint8_t out[HC__BINDING_SIZE], const hc__bound *bound, const hc__secret *key);
/* NULL: no memory. The text lies in `arena`. */
const char *hc__cursor_seal(hc__arena *arena, const hc__cursor *cursor, const uint8_t binding[HC__BINDING_SIZE],
                            const hc__secret *key);
/* Sealed when it is first asked for, since most pages are the last that is read: `bound` and `key` live as long as it.
 */
struct hc__late_cursor {
    hc__cursor cursor;
    const hc__bound *bound;
    const hc__secret *key;
    atomic_int made; /* 1: somebody is at it, 2: done */
    char text[HC__CURSOR_SIZE];
};
/* HC_ERR_INVALID, field "cursor", for anything but a cursor of this query, order and identity. */
hc_status hc__cursor_open(hc__cursor *out, const hc__mem *mem, const char *text,
                          const uint8_t binding[HC__BINDING_SIZE], const hc__secret *key, hc_error *err);

#endif
