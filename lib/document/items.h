/* The two lists of a property's documents as records, and back. */
#ifndef HC__DOCUMENT_ITEMS_H
#define HC__DOCUMENT_ITEMS_H

#include "client/record_handle.h"
#include "homeconnect/document.h"

#define HC__ITEM_LIMIT 200 /* of a list, for what we add */

/* A member that the list does not know, or whose value we would refuse: kept. */
typedef struct hc__member {
    const char *name;
    size_t name_size;
    const char *value; /* raw JSON */
    size_t value_size;
} hc__member;

struct hc_document_item {
    hc__record record; /* of hc__item_entity */
    int32_t list;      /* HC_DOCUMENT_IMAGES or HC_DOCUMENT_FILES */
    hc__member *others;
    size_t other_count;
};

typedef struct hc__items {
    int32_t list;
    hc_document_item **at; /* in order; room for one more */
    size_t count;
    const char *raw; /* what is kept behind them, as it stands in an array; NULL: nothing */
    size_t raw_size;
} hc__items;

/* The field of property_documents that holds a list. */
uint16_t hc__items_field(int32_t list);
/* Reads a list of `document` into `arena`, which has the document's bytes too. HC_ERR_CORRUPT, naming the field, for
 * what is no JSON array. */
hc_status hc__items_read(hc__items *out, hc__arena *arena, int32_t list, const hc__record *document,
                         const hc__secret *key, hc_error *err);
/* Numbers the list from 0, and sees to one primary image. */
void hc__items_settle(hc__items *items);
/* Drops what `may` refuses. */
void hc__items_keep(hc__items *items, bool (*may)(const hc_document_item *item, const void *who), const void *who);
hc_document_item *hc__items_find(const hc__items *items, hc_id id);
/* A new item at the end, in the arena; NULL without memory. */
hc_document_item *hc__items_add(hc__items *items, hc__arena *arena);
/* Appends the list as a JSON array; `others`: with what other programs wrote. */
void hc__items_put(hc__buf *out, const hc__items *items, bool others);
/* Whether items of the list have this field. */
bool hc__items_know(int32_t list, uint16_t field);

#endif
