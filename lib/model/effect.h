/* Effects: changes of documents that wait in SQL for the document store, and what each does to a row. */
#ifndef HC__MODEL_EFFECT_H
#define HC__MODEL_EFFECT_H

#include "model/record.h"

/* Codes of effect.verb, by the order of its words. */
#define HC__EFFECT_APPEND 1 /* a row that never changes: there already is as good */
#define HC__EFFECT_PUT    2 /* the whole row */
#define HC__EFFECT_SET    3 /* some fields of a row: only onto the version before, whose others it leaves */
#define HC__EFFECT_PUSH   4 /* as SET, but JSON goes to the end of the stored array */
#define HC__EFFECT_REMOVE 5

#define HC__EFFECT_ABSORBED 1 /* a status: the row has this effect, or a later one, already */

typedef struct hc__effect {
    const hc__entity *entity; /* of a document kind */
    hc_id aggregate;          /* the document's key */
    int32_t verb;
    int32_t version;     /* that the row has after it */
    const void *payload; /* hc__effect_put()'s; not looked at by REMOVE */
    size_t size;
} hc__effect;

/* Appends fields of `row`, by position and with their types. `set` (NULL: every field of the kind) chooses; a null one
 * clears. Look at payload->failed at the end. */
void hc__effect_put(hc__buf *payload, const hc__record *row, const uint64_t *set);
/* Puts what is in a payload into a record just initialised, and marks those fields as set. CORRUPT when it is none of
 * this entity: wrong type or position, a word that the field does not have, text that is not UTF-8. */
hc_status hc__effect_get(hc__record *out, const void *payload, size_t size, hc_error *err);
/* The kind's entity by the name of its collection; NULL when it is no document kind. */
const hc__entity *hc__effect_entity_named(const char *kind, size_t size);

/* Does one effect to a row in memory, which holds all fields when it exists. HC_OK: done; HC__EFFECT_ABSORBED;
 * NOT_FOUND: SET or PUSH of a row that does not exist; CONFLICT: they onto another version (detail has it); CORRUPT:
 * the payload, or a stored array that is none. Marks the fields that it wrote as set. On failure the row is as it was.
 */
hc_status hc__effect_apply(hc__record *row, bool *exists, const hc__effect *effect, hc_error *err);

#endif
