/* Reads by id that differ in the id alone, as one read of several ids: it costs the server little more than one does.
 */
#ifndef HC__STORAGE_MERGE_H
#define HC__STORAGE_MERGE_H

#include <stdbool.h>

#include "homeconnect/driver/storage.h"

#define HC__MERGE_LIMIT 16 /* reads of one */
#define HC__MERGE_PARTS 8  /* conjuncts of a read that may be merged */

/* One read of several. The operations that it was made of must stay. */
typedef struct hc__merged {
    hc_value ids[HC__MERGE_LIMIT]; /* as they came, perhaps some twice */
    hc_predicate in, where;
    const hc_predicate *parts[HC__MERGE_PARTS];
} hc__merged;

/* Whether the read by id asks for the row of this id. */
bool hc__asks_for(const hc_op *read, const hc_value *id);

/* Whether two reads by id are the same but for the id, which they give in the first column, so that it tells whose a
 * row is. */
bool hc__may_merge(const hc_op *a, const hc_op *b);
/* Of 1 read or more, HC__MERGE_LIMIT at most, each of which may be merged with the first. */
hc_op hc__merge(hc__merged *merged, const hc_op *const *reads, size_t count);

#endif
