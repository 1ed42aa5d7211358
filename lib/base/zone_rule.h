/* The footer of a TZif file: a rule as POSIX says it in TZ, with the hours of RFC 8536, section 3.3.1. */
#ifndef HC__BASE_ZONE_RULE_H
#define HC__BASE_ZONE_RULE_H

#include "base/zone.h"

/* Reads all of `text` ("CST6CDT,M3.2.0,M11.1.0") into the zone's rule. False for anything else. */
bool hc__zone_rule(hc__zone *zone, const char *text, size_t size);

#endif
