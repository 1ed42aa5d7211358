/* What a change of one noun does to another, in the same transaction: nouns do not know each other. */
#ifndef HC__CLIENT_REACTION_H
#define HC__CLIENT_REACTION_H

#include "client/unit.h"

typedef enum hc__happening {
    HC__LISTING_GOES,      /* is about to be deleted: before */
    HC__LISTING_PURGED,    /* is about to be removed for good: before */
    HC__LEAD_LOST,         /* before, after */
    HC__LEAD_HANDED_OVER,  /* before; after: with the new agent_id */
    HC__LEAD_GOT_BUYER,    /* before; after: with another buyer_id, or none */
    HC__LEADS_MERGED,      /* before: the lead that goes; after: the one that stays */
    HC__APPOINTMENT_BOOKED /* after: the appointment */
} hc__happening;

/* Runs every reaction to `what`, in the order of the table. A reaction may refuse: then nothing of the unit is written.
 */
hc_status hc__react(hc__unit *unit, hc__happening what, const hc__record *before, const hc__record *after,
                    hc_error *err);

typedef hc_status (*hc__reaction)(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);

#endif
