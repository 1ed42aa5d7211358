/** @file zone.h  Wall time of a place: between an IANA time zone and UTC. */
#ifndef HOMECONNECT_ZONE_H
#define HOMECONNECT_ZONE_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a local time with its offset, with its NUL. */
#define HC_ZONE_TIME_SIZE 32

/**
 * The instant at which the clocks of a place show a time.
 *
 * Where clocks go back and show it twice, it is the first of the two, unless an offset says which.
 *
 * @param[out] out   Microseconds since the Unix epoch, UTC; 0 on failure.
 * @param      text  "2026-03-08T09:30", with seconds or without, and with an offset as in RFC 3339 ("-05:00", "Z") or
 *                   without.
 * @param      zone  IANA name, such as "America/Chicago"; read from hc_client_options.zoneinfo.
 * @return HC_OK; HC_ERR_INVALID naming "time" for another spelling, for a second 60, for a time that the clocks jump
 * over, and for an offset that the place does not have then; naming "time_zone" for a zone that is not known;
 *         HC_ERR_IO, field "zoneinfo", when the zones cannot be read, as every call that needs one.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_zone_to_utc(int64_t *out, hc_client *client, const char *text, const char *zone, hc_error *err);

/**
 * What the clocks of a place show at an instant, with their offset, as RFC 3339: "2026-03-08T09:30:00-05:00".
 *
 * @param[out] out     HC_ZONE_TIME_SIZE bytes; "" on failure. Parts of a second are cut off.
 * @param      micros  Microseconds since the Unix epoch, UTC.
 * @param      zone    IANA name.
 * @return HC_OK; HC_ERR_INVALID naming "time_zone", or "micros" for what shows no year from 1 to 9999;
 *         HC_ERR_IO, field "zoneinfo".
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_zone_from_utc(char *out, hc_client *client, int64_t micros, const char *zone, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
