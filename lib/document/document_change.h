/* A change of a listing's document: what is the same for each, and what one adds. */
#ifndef HC__DOCUMENT_CHANGE_H
#define HC__DOCUMENT_CHANGE_H

#include "document/document_noun.h"

/* The document as it will be, in the unit. */
typedef struct hc__document_edit {
    hc__unit *unit;
    hc__items lists[HC__LISTS];
    bool touched[HC__LISTS];
    hc__record *row;          /* the document's own fields: what is set is written */
    const hc__record *before; /* all null for a new one */
    hc__audit audit;          /* the change's; target zero: the document */
} hc__document_edit;

struct hc__document_change;
/* Checks what was given before the store is asked; what it makes lies in `arena`, as long as the call. */
typedef hc_status (*hc__document_prepare)(hc_session *as, struct hc__document_change *change, hc__arena *arena,
                                          hc_error *err);
/* HC_OK: write it; HC_NOTE_SAME: there is nothing to write. Runs again after a deadlock. */
typedef hc_status (*hc__document_fn)(hc__document_edit *edit, const void *given, hc_error *err);

typedef struct hc__document_change {
    hc_id property_id;
    int32_t version; /* that it was read at */
    void *given;
    hc__document_prepare prepare; /* NULL: nothing to check */
    hc__document_fn apply;
    hc__once once;         /* of an item that is added; key "": none */
    const char *operation; /* that the key is for */
    hc_id item;            /* of the item that is added */
    int32_t new_version;   /* out */
} hc__document_change;

/* The public call. */
hc_status hc__document_call(int32_t *out_version, hc_session *as, hc__document_change *change, hc_error *err);

#define HC__LIST(edit, kind) (&(edit)->lists[(kind)-HC_DOCUMENT_IMAGES])
/* The item and, in *list, the list it is in; NULL with NOT_FOUND, field "item_id". */
hc_document_item *hc__document_item(hc__document_edit *edit, int32_t *list, hc_id id, hc_error *err);
/* Makes it the one primary item of its list. */
void hc__document_promote(const hc__items *items, hc_document_item *item);
/* The audit row of a change of who may see an item. */
void hc__document_tell_visibility(hc__document_edit *edit, int64_t visibility);

#endif
