/* Log entries as a noun of client/crud: read by lists only. */
#ifndef HC__ACTIVITY_NOUN_H
#define HC__ACTIVITY_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__activity_noun;

/* Whether the action is of the vocabulary that guests may log (domain.md D7). */
bool hc__action_is_known(const char *action);
/* The action by its one name: view_property is Detailed View. */
const char *hc__action_name(const char *action);
/* Finds a listing's agent and admins entitled to its activity. */
hc_status hc__activity_of(hc_session *as, hc_id property_id, hc_error *err);

#endif
