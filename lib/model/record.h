/* A record: typed values by field position, and which of them a caller set. One layout for every entity and noun. */
#ifndef HC__MODEL_RECORD_H
#define HC__MODEL_RECORD_H

#include <string.h>
#include "base/arena.h"
#include "base/buf.h"
#include "model/entity.h"

typedef struct hc__record {
    const hc__entity *entity;
    hc_value *values; /* field_count of them; bytes lie in `arena` and texts are NUL-terminated there */
    hc__arena *arena;
    uint64_t set[(HC__FIELD_LIMIT + 63) / 64]; /* by a setter: create uses all, update writes only these */
    struct hc__handle *handle;                 /* the client room's: who owns the record; NULL inside the library */
    hc_status fault;                           /* first bad setter value, sticky: HC_ERR_INVALID or HC_ERR_NO_MEMORY */
    uint16_t fault_field;
    const char *fault_reason; /* static text, or in the arena */
} hc__record;

/* Values all NULL. `arena` outlives the record. */
hc_status hc__record_init(hc__record *record, const hc__entity *entity, hc__arena *arena, hc_error *err);

bool hc__record_is_set(const hc__record *record, uint16_t field);
/* The first field from that position on that is set; HC__FIELD_LIMIT or more: none. */
static inline uint16_t hc__record_next_set(const hc__record *record, uint32_t from)
{
    for (; from < HC__FIELD_LIMIT; from = (from / 64 + 1) * 64) {
        uint64_t bits = record->set[from / 64] >> (from % 64);

        if (bits != 0)
            return (uint16_t)(from + (uint32_t)__builtin_ctzll(bits));
    }
    return HC__FIELD_LIMIT;
}
bool hc__record_is_null(const hc__record *record, uint16_t field);
/* Whether a caller who holds the record sees a value there: false for null, for secrets and past the end. */
bool hc__record_shows(const hc__record *record, uint16_t field);
int64_t hc__record_int(const hc__record *record, uint16_t field);      /* 0 when null */
const char *hc__record_text(const hc__record *record, uint16_t field); /* NULL when null */
hc_id hc__record_id(const hc__record *record, uint16_t field);         /* zero when null */

/* Setters check type, range, length (code points and bytes: at most 4 a code point), UTF-8 and words, and make a fault
 * stick. They mark the field as set. */
void hc__record_set_int(hc__record *record, uint16_t field, int64_t value);
void hc__record_set_text(hc__record *record, uint16_t field, const char *text,
                         size_t size); /* text, key, json, bytes */
/* Text that the library made of text in the record: it is not checked again. */
void hc__record_set_made(hc__record *record, uint16_t field, const char *text, size_t size);
void hc__record_set_id(hc__record *record, uint16_t field, hc_id id);
void hc__record_set_null(hc__record *record, uint16_t field); /* a fault when the field is not nullable */
/* Values whose `bytes` a record owns. */
#define HC__TYPES_OF_BYTES                                                                                             \
    (1u << HC_TYPE_ID | 1u << HC_TYPE_TEXT | 1u << HC_TYPE_KEY | 1u << HC_TYPE_BYTES | 1u << HC_TYPE_JSON |            \
     1u << HC_TYPE_TOKENS)

/* Puts a value without marking or checking (rows from a store). Copies bytes into the arena. False without memory. */
bool hc__record_put(hc__record *record, uint16_t field, const hc_value *value);
/* The same for a row: values[i] goes to fields[i]. */
bool hc__record_fill(hc__record *record, const uint16_t *fields, const hc_value *values, size_t count);

typedef enum hc__purpose { HC__FOR_CREATE, HC__FOR_UPDATE } hc__purpose;
/* NULL record: HC_ERR_NO_MEMORY. The sticky fault; at create every required field, at update a version. A field set
 * that `who` may not write: HC_ERR_FORBIDDEN naming it. */
hc_status hc__record_check(const hc__record *record, hc__purpose purpose, hc__writer who, hc_error *err);

/* Appends the record as one JSON object in the order of the table. Null fields are written as null. Fields more private
 * than `audience` are left out; `fields` (NULL: all) chooses by position. One pass, no allocation per field. */
void hc__record_to_json(hc__buf *out, const hc__record *record, hc__privacy audience, const uint64_t *fields);
/* Reads one JSON object with the setters: decimals and int64 as strings (decimals also as plain JSON numbers, taken
 * exactly from their spelling), times RFC 3339, dates YYYY-MM-DD, ids canonical text, enums as words, null clears.
 * An unknown member or one that `who` may not write: HC_ERR_INVALID resp. HC_ERR_FORBIDDEN naming it. */
hc_status hc__record_from_json(hc__record *record, const char *text, size_t size, hc__writer who, hc_error *err);
/* One value from its text form, by the field's type: what JSON strings, CSV cells and query strings spell. Sets the
 * field, or makes the fault stick. `how` is the rounding of decimals. */
void hc__record_set_spelled(hc__record *record, uint16_t field, const char *text, size_t size, int how);
/* One value from its JSON text, by the field's type, as hc__record_from_json() takes a member's. Free JSON, too. */
void hc__record_set_json(hc__record *record, uint16_t field, const char *text, size_t size);
/* Makes HC_ERR_INVALID stick, unless a fault does already. `reason` is static text that goes on after the field's name
 * ("must be ..."); NULL: out of range. */
void hc__record_refuse(hc__record *record, uint16_t field, const char *reason);
/* Fails with the sticky fault, saying what would have been right; HC_OK without one. */
hc_status hc__record_fault(const hc__record *record, hc_error *err);
/* The text form of one value appended (no quotes); nothing for null. */
void hc__record_spell(hc__buf *out, const hc__record *record, uint16_t field);

#endif
