/* One row at a time: what it should say. */
#ifndef HC__REPAIR_H
#define HC__REPAIR_H

#include "client/crud.h"

typedef struct hc__mending {
    hc__unit *unit;
    const hc__record *before; /* as it is */
    hc__record *row;          /* as it should be: a copy in which every field is set */
    bool words_found;         /* of a listing: the words of its zip code stand in it */
    bool words;               /* out: its words are to be written, whatever stands there */
    bool beside;              /* out: rows that belong to it were changed */
    const char *left;         /* out: why it stays as it is in part; NULL: it does not */
} hc__mending;
typedef hc_status (*hc__mend_fn)(hc__mending *m, hc_error *err);

hc_status hc__mend_user(hc__mending *m, hc_error *err);
hc_status hc__mend_agent(hc__mending *m, hc_error *err);
hc_status hc__mend_listing(hc__mending *m, hc_error *err);
hc_status hc__mend_lead(hc__mending *m, hc_error *err);
hc_status hc__mend_appointment(hc__mending *m, hc_error *err);

/* Before listings are mended, all of a batch at once: which of them have the words of their zip code. */
hc_status hc__mend_find_words(hc__unit *unit, const hc__record *rows, size_t count, bool *found, hc_error *err);

#endif
