/* Names of the agents and offices that list a page's listings: attribution is never dropped (domain.md D8). */
#ifndef HC__TRANSFER_LISTERS_H
#define HC__TRANSFER_LISTERS_H

#include "transfer/reso.h"

typedef struct hc__listers {
    hc_session *as;
    struct hc_user_page *users;
    struct hc_agent_page *agents;
} hc__listers;

/* Reads who lists these rows, as the session may see them; replaces what was read before. */
hc_status hc__listers_read(hc__listers *listers, const hc_property_page *page, hc_error *err);
hc__lister hc__listers_of(const hc__listers *listers, const hc__record *listing);
void hc__listers_free(hc__listers *listers);

#endif
