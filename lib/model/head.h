/* Heads of documents (document_heads), as the documents themselves tell them. */
#ifndef HC__MODEL_HEAD_H
#define HC__MODEL_HEAD_H

#include "model/record.h"

/* Whether documents of this kind may change, and so have heads where they live in a store of their own. */
bool hc__has_head(const hc__entity *entity);

/* How many messages an array holds, NULL: none; other programs need not keep the number beside it. CORRUPT when it is
 * no array. */
hc_status hc__head_count(size_t *out, const hc__mem *mem, const hc_value *array, hc_error *err);
/* Puts into `head`, just initialised, what a document says that was read with all its fields. A conversation's messages
 * are counted, since other programs need not keep their number; `bytes` is the size of their JSON. CORRUPT when they
 * are no array. */
hc_status hc__head_of(hc__record *head, const hc__record *document, hc_error *err);

#endif
