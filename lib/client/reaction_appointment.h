/* What happens to viewings when their lead changes. */
#ifndef HC__CLIENT_REACTION_APPOINTMENT_H
#define HC__CLIENT_REACTION_APPOINTMENT_H

#include "client/reaction.h"

/* Future ones of a lead that is lost are cancelled. */
hc_status hc__cancel_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);
/* Open ones follow the lead to its new agent, whose time they take; when it is taken already, all is refused. Those
 * that nobody came to follow too. */
hc_status hc__hand_viewings_over(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);
/* Those that no guest booked are the new buyer's. */
hc_status hc__give_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);
/* All of a lead that goes into another belong to that one, the open ones to its agent. */
hc_status hc__merge_viewings(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err);

#endif
