/* Entities: kinds with what the core knows about each field. The tables are lib/model/<noun>_fields.def. */
#ifndef HC__MODEL_ENTITY_H
#define HC__MODEL_ENTITY_H

#include <stdbool.h>
#include "homeconnect/driver/storage.h"

/* Who may set a field through the interface (domain.md D5; who the owner of a row is stands in the policy table). */
typedef enum hc__writer {
    HC__BY_OWNER,   /* owner of the row, and admin */
    HC__BY_ADMIN,   /* admin and system */
    HC__BY_LIBRARY, /* nobody: minted or stamped */
    HC__DERIVED     /* nobody: computed from other fields; hc_repair_derived can recompute it */
} hc__writer;

typedef enum hc__privacy {
    HC__PUBLIC,
    HC__PUBLIC_ADDRESS, /* public, but null where display_address_ok is false and the reader is not entitled */
    HC__CONTACT,        /* of a person: own, entitled and admin */
    HC__OWNER_ONLY,     /* owner and admin */
    HC__SECRET          /* never leaves the library: hashes, epochs, norm keys, words */
} hc__privacy;

/* What a filter or sort may do with a field (domain.md D2's table). */
typedef enum hc__use {
    HC__NO_USE,
    HC__FILTER_NUMBER, /* eq ne gt ge lt le in */
    HC__FILTER_ENUM,   /* eq ne in */
    HC__FILTER_TEXT,   /* eq ne in startswith contains; compared in `norm` when the field has one */
    HC__FILTER_LONG,   /* contains only; in `norm` */
    HC__FILTER_TIME,   /* gt ge lt le eq ne */
    HC__FILTER_ID,     /* eq in */
    HC__FILTER_BOOL    /* eq */
} hc__use;

typedef struct hc__field_info {
    hc__writer writer;
    hc__privacy privacy;
    hc__use use;
    bool sort;           /* may be a sort key */
    bool required;       /* must be set at create; false where there is a default or the library fills it */
    bool code;           /* text of A to Z only, such as a currency */
    uint16_t norm;       /* position of its *_norm field, or HC_NO_FIELD: compared as it is */
    int32_t least, most; /* of text, in code points; of keys, bytes and JSON, in bytes. A `most` of 0: no limit */
    const char *reso;    /* RESO Data Dictionary 2.0 name, or "" */
    const char *json;    /* `"name":`, name_size + 3 bytes */
    size_t name_size;
} hc__field_info;

typedef struct hc__entity {
    hc_kind kind;
    const hc__field_info *info;
    const char *noun;                                     /* "property": as in public names and errors */
    const char *resource;                                 /* RESO resource, "" for none */
    uint16_t version, created_at, updated_at, deleted_at; /* positions, or HC_NO_FIELD */
    /* Positions in order, of public nouns: what may leave the library, what of it is not a number, and what of it is not
     * for everyone. */
    const uint16_t *shown, *bytes, *guarded;
    uint32_t shown_count, bytes_count, guarded_count;
} hc__entity;

#define HC__FIELD_LIMIT 96 /* of one entity; a static assertion per entity */

/* Public nouns */
extern const hc__entity hc__user_entity;     /* users */
extern const hc__entity hc__agent_entity;    /* agents; key user_id */
extern const hc__entity hc__property_entity; /* properties */
/* The library's own */
extern const hc__entity hc__login_entity;       /* sessions */
extern const hc__entity hc__event_entity;       /* events */
extern const hc__entity hc__price_entity;       /* price_history */
extern const hc__entity hc__status_entity;      /* status_history */
extern const hc__entity hc__idempotency_entity; /* idempotency_keys */
extern const hc__entity hc__audit_entity;       /* audit_log */
extern const hc__entity hc__import_row_entity;  /* import_rows */

/* Positions of fields: hc__property_f_price and so on, from the same tables. */
#define F(name, ...) hc__user_f_##name,
enum {
#include "model/user_fields.def"
    hc__user_field_count
};
#undef F
#define F(name, ...) hc__agent_f_##name,
enum {
#include "model/agent_fields.def"
    hc__agent_field_count
};
#undef F
#define F(name, ...) hc__property_f_##name,
enum {
#include "model/property_fields.def"
    hc__property_field_count
};
#undef F
#define F(name, ...) hc__login_f_##name,
enum {
#include "model/login_fields.def"
    hc__login_field_count
};
#undef F
#define F(name, ...) hc__event_f_##name,
enum {
#include "model/event_fields.def"
    hc__event_field_count
};
#undef F
#define F(name, ...) hc__price_f_##name,
enum {
#include "model/price_fields.def"
    hc__price_field_count
};
#undef F
#define F(name, ...) hc__status_f_##name,
enum {
#include "model/status_fields.def"
    hc__status_field_count
};
#undef F
#define F(name, ...) hc__idempotency_f_##name,
enum {
#include "model/idempotency_fields.def"
    hc__idempotency_field_count
};
#undef F
#define F(name, ...) hc__audit_f_##name,
enum {
#include "model/audit_fields.def"
    hc__audit_field_count
};
#undef F
#define F(name, ...) hc__import_row_f_##name,
enum {
#include "model/import_row_fields.def"
    hc__import_row_field_count
};
#undef F

/* Position by our name or the RESO name; HC_NO_FIELD when there is none. Case-sensitive. */
uint16_t hc__entity_find(const hc__entity *entity, const char *name, size_t size);
/* 1-based code of a word of an enum field, 0 when it is none of them. */
int32_t hc__field_word(const hc_field *field, const char *text, size_t size);

#endif
