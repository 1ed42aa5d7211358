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
    uint16_t order; /* position of the time by which lists go when no sort is given; HC_NO_FIELD: newest first */
    bool personal;  /* rows belong to somebody: no public scope, lists are of one's own unless asked otherwise */
    /* Positions in order, of public nouns: what may leave the library, what of it is not a number, and what of it is
     * not for everyone. */
    const uint16_t *shown, *bytes, *guarded;
    uint32_t shown_count, bytes_count, guarded_count;
    /* Positions of the indexes that plans may use, from wide to narrow; NULL: all, as they are declared. One that a
     * later version dropped stays in kind.indexes, for the version that made it. */
    const uint8_t *planned;
    uint32_t planned_count;
} hc__entity;

/* Codes of the states of an effect (model/effect_fields.def); those of its verbs are model/effect.h's. */
#define HC__EFFECT_PENDING   1
#define HC__EFFECT_DELIVERED 2
#define HC__EFFECT_DEAD      3

#define HC__FIELD_LIMIT 96 /* of one entity; a static assertion per entity */

/* Every entity, in the order in which their kinds are made. */
#define HC__ENTITIES(E)                                                                                                \
    E(user)        /* users */                                                                                         \
    E(agent)       /* agents; key user_id */                                                                           \
    E(property)    /* properties */                                                                                    \
    E(login)       /* sessions */                                                                                      \
    E(event)       /* events */                                                                                        \
    E(price)       /* price_history */                                                                                 \
    E(status)      /* status_history */                                                                                \
    E(idempotency) /* idempotency_keys */                                                                              \
    E(audit)       /* audit_log */                                                                                     \
    E(import_row)  /* import_rows */                                                                                   \
    E(lead)        /* leads */                                                                                         \
    E(contact)     /* contacts */                                                                                      \
    E(touch)       /* lead_touches */                                                                                  \
    E(lead_change) /* lead_history */                                                                                  \
    E(area)        /* agent_areas */                                                                                   \
    E(load)        /* agent_load; key user_id */                                                                       \
    E(rate)        /* rate_limits */                                                                                   \
    E(appointment) /* appointments */                                                                                  \
    E(slot)        /* appointment_slots */                                                                             \
    E(document)    /* property_documents */                                                                            \
    E(share)       /* document_shares */                                                                               \
    E(activity)    /* activity_logs */                                                                                 \
    E(chat)        /* ai_chat_history */                                                                               \
    E(favorite)    /* favorites */                                                                                     \
    E(search)      /* saved_searches */                                                                                \
    E(audit_head)  /* audit_heads */                                                                                   \
    E(head)        /* document_heads */                                                                                \
    E(effect)      /* outbox */                                                                                        \
    E(lease)       /* leases */

#define E(noun) extern const hc__entity hc__##noun##_entity;
HC__ENTITIES(E)
#undef E
extern const hc__entity *const hc__entities[];
extern const size_t hc__entity_count;
/* The shape of an item in a list of property_documents: no kind of its own. */
extern const hc__entity hc__item_entity;
/* What is inside the lists of document kinds, for stores that keep members by their types. */
#define HC__DOCUMENT_SHAPES 2
#define HC__CHAT_SHAPES     1
extern const hc_shape hc__document_shapes[HC__DOCUMENT_SHAPES];
extern const hc_shape hc__chat_shapes[HC__CHAT_SHAPES];

/* Positions of fields: hc__property_f_price and so on, from the same tables. */
#define NOUN   user
#define FIELDS "model/user_fields.def"
#include "model/positions.inc"
#define NOUN   agent
#define FIELDS "model/agent_fields.def"
#include "model/positions.inc"
#define NOUN   property
#define FIELDS "model/property_fields.def"
#include "model/positions.inc"
#define NOUN   login
#define FIELDS "model/login_fields.def"
#include "model/positions.inc"
#define NOUN   event
#define FIELDS "model/event_fields.def"
#include "model/positions.inc"
#define NOUN   price
#define FIELDS "model/price_fields.def"
#include "model/positions.inc"
#define NOUN   status
#define FIELDS "model/status_fields.def"
#include "model/positions.inc"
#define NOUN   idempotency
#define FIELDS "model/idempotency_fields.def"
#include "model/positions.inc"
#define NOUN   audit
#define FIELDS "model/audit_fields.def"
#include "model/positions.inc"
#define NOUN   import_row
#define FIELDS "model/import_row_fields.def"
#include "model/positions.inc"
#define NOUN   lead
#define FIELDS "model/lead_fields.def"
#include "model/positions.inc"
#define NOUN   contact
#define FIELDS "model/contact_fields.def"
#include "model/positions.inc"
#define NOUN   touch
#define FIELDS "model/touch_fields.def"
#include "model/positions.inc"
#define NOUN   lead_change
#define FIELDS "model/lead_change_fields.def"
#include "model/positions.inc"
#define NOUN   area
#define FIELDS "model/area_fields.def"
#include "model/positions.inc"
#define NOUN   load
#define FIELDS "model/load_fields.def"
#include "model/positions.inc"
#define NOUN   rate
#define FIELDS "model/rate_fields.def"
#include "model/positions.inc"
#define NOUN   appointment
#define FIELDS "model/appointment_fields.def"
#include "model/positions.inc"
#define NOUN   slot
#define FIELDS "model/slot_fields.def"
#include "model/positions.inc"
#define NOUN   document
#define FIELDS "model/document_fields.def"
#include "model/positions.inc"
#define NOUN   share
#define FIELDS "model/share_fields.def"
#include "model/positions.inc"
#define NOUN   activity
#define FIELDS "model/activity_fields.def"
#include "model/positions.inc"
#define NOUN   chat
#define FIELDS "model/chat_fields.def"
#include "model/positions.inc"
#define NOUN   favorite
#define FIELDS "model/favorite_fields.def"
#include "model/positions.inc"
#define NOUN   search
#define FIELDS "model/search_fields.def"
#include "model/positions.inc"
#define NOUN   audit_head
#define FIELDS "model/audit_head_fields.def"
#include "model/positions.inc"
#define NOUN   head
#define FIELDS "model/head_fields.def"
#include "model/positions.inc"
#define NOUN   effect
#define FIELDS "model/effect_fields.def"
#include "model/positions.inc"
#define NOUN   lease
#define FIELDS "model/lease_fields.def"
#include "model/positions.inc"
#define NOUN   item
#define FIELDS "model/item_fields.def"
#include "model/positions.inc"

/* Position by our name or the RESO name; HC_NO_FIELD when there is none. Case-sensitive. */
uint16_t hc__entity_find(const hc__entity *entity, const char *name, size_t size);
/* 1-based code of a word of an enum field, 0 when it is none of them. */
int32_t hc__field_word(const hc_field *field, const char *text, size_t size);

#endif
