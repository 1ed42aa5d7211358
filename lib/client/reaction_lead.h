/* What happens to leads, and to what belongs to them, when others change. */
#ifndef HC__CLIENT_REACTION_LEAD_H
#define HC__CLIENT_REACTION_LEAD_H

#include "client/reaction.h"

/* An appointment that the agency makes answers its lead: a new one is contacted. */
hc_status hc__answer_by_viewing(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);
/* What was shared with a lead that goes into another is shared with that one. */
hc_status hc__merge_shares(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);

#endif
