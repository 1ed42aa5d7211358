/** @file version.h  Versions of the library, its interface and its schema. */
#ifndef HOMECONNECT_VERSION_H
#define HOMECONNECT_VERSION_H

#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. */
#define HC_VERSION_MAJOR  0
#define HC_VERSION_MINOR  1
#define HC_VERSION_PATCH  0
#define HC_VERSION_STRING "0.1.0"

/**
 * The version of the library that is running, which may be newer than the headers.
 *
 * @return Static text such as "0.1.0".
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_version(void);

/**
 * The version of the running library as a number: major * 1000000 + minor * 1000 + patch.
 *
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_version_number(void);

/**
 * The schema version that this library writes and to which it migrates.
 *
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_schema_version(void);

#ifdef __cplusplus
}
#endif

#endif
