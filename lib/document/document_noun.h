/* What reading, changing and sharing have in common. */
#ifndef HC__DOCUMENT_NOUN_H
#define HC__DOCUMENT_NOUN_H

#include "client/crud.h"
#include "document/items.h"

#define HC__LISTS 2

struct hc_document {
    hc__record record; /* of hc__document_entity; `handle` owns it */
    hc__items lists[HC__LISTS];
};

/* Permissions of documents are over the listing: who may read it is DOCUMENT_READ. */
extern const hc__noun hc__document_listing;

/* In the unit: the caller may do `operation` to the listing, else NOT_FOUND or FORBIDDEN, audited. *may: the same as a
 * condition of a write, over any row (EXISTS). */
hc_status hc__document_authorise(hc__unit *unit, const hc_predicate **may, hc__operation operation, hc_id property_id,
                                 hc_error *err);
/* In the unit: the listing's document; *found tells. */
hc_status hc__document_row(hc__unit *unit, hc__record *row, bool *found, hc_id property_id, hc_error *err);

#endif
