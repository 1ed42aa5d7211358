/* Where agents work: agents.service_areas, and the rows of agent_areas by which leads are routed (domain.md D3). */
#ifndef HC__CLIENT_SERVICE_AREA_H
#define HC__CLIENT_SERVICE_AREA_H

#include "client/unit.h"

#define HC__AREA_LIMIT 200 /* of one agent */

/* Checks service_areas as it will stand (NULL: none) and adds the writes that make an agent's rows the same:
 * [{"city":"Austin","state":"TX"},{"zip":"78704"},{"zip":"787*"}]. HC_ERR_INVALID, field "service_areas". */
hc_status hc__areas_write(hc__unit *unit, hc_id agent, const char *json, size_t size, hc_error *err);
/* Adds the removal of an agent's rows, and of their load. */
void hc__areas_remove(hc__unit *unit, hc_id agent);
/* Of `agent_areas`: rows in which a listing lies. NULL without memory. */
const hc_predicate *hc__areas_of_listing(hc__unit *unit, const hc__record *listing);

#endif
