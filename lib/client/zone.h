/* Time zones by name, from the folder that the client was opened with. */
#ifndef HC__CLIENT_ZONE_H
#define HC__CLIENT_ZONE_H

#include "base/zone.h"
#include "client/core.h"

/* Reads the zone into `arena`; "UTC" needs no file. HC_ERR_INVALID naming `field` for a name that is none or that the
 * folder does not have. */
hc_status hc__zone_load(hc__zone *zone, hc__arena *arena, const hc__core *core, const char *name, const char *field,
                        hc_error *err);
/* Whether it can be loaded. */
hc_status hc__zone_check(const hc__core *core, const char *name, const char *field, hc_error *err);

#endif
