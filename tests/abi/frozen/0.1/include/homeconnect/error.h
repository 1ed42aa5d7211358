/** @file error.h  Status codes and the error value that every fallible call can fill. */
#ifndef HOMECONNECT_ERROR_H
#define HOMECONNECT_ERROR_H

#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Success. Values above 0 are success with a note: test `< 0` for failure. */
#define HC_OK           0
#define HC_NOTE_SAME    1 /**< Nothing changed: the record already was as asked. */
#define HC_NOTE_REPLAYED 2 /**< An idempotency key was seen before: this is the first call's answer. */
#define HC_NOTE_DEDUPLICATED 3 /**< The same was there already: the call joined it, and tells its id. */
#define HC_NOTE_BUYER_OVERLAP 4 /**< Booked; the buyer has another viewing at that time. */
#define HC_NOTE_INCOMPLETE 5 /**< Rows that another program spoiled were left out; the error names the first of them. */

#define HC_ERR_INVALID         (-1)  /**< A value; `field` names it. HTTP 400. */
#define HC_ERR_UNAUTHENTICATED (-2)  /**< No, bad or ended identity. HTTP 401. */
#define HC_ERR_FORBIDDEN       (-3)  /**< May see, may not do. HTTP 403. */
#define HC_ERR_NOT_FOUND       (-4)  /**< Absent, or may not see. HTTP 404. */
#define HC_ERR_CONFLICT        (-5)  /**< Stale version, unique value, key reused with another body. HTTP 409. */
#define HC_ERR_INVALID_STATE   (-6)  /**< A move that the state machine forbids. HTTP 409. */
#define HC_ERR_TOO_BROAD       (-7)  /**< Narrow the search; names the clause. HTTP 422. */
#define HC_ERR_TOO_LARGE       (-8)  /**< Over a size limit. HTTP 413. */
#define HC_ERR_RATE_LIMITED    (-9)  /**< `detail` is the microseconds to wait. HTTP 429. */
#define HC_ERR_BUSY            (-10) /**< Pool, lock or rerun budget spent; not written. Retryable. HTTP 503. */
#define HC_ERR_UNAVAILABLE     (-11) /**< A store or service cannot be reached. Retryable. HTTP 503. */
#define HC_ERR_TIMEOUT         (-12) /**< Past the deadline; the outcome bits say whether it was written. HTTP 504. */
#define HC_ERR_CANCELLED       (-13) /**< Interrupted by the host. HTTP 499. */
#define HC_ERR_ABORTED         (-14) /**< The unit of work was doomed by an earlier failure. HTTP 500. */
#define HC_ERR_MISUSE          (-15) /**< The host broke a rule of the interface. HTTP 500. */
#define HC_ERR_CLOSED          (-16) /**< The client is closed. HTTP 500. */
#define HC_ERR_FORKED          (-17) /**< A handle of the parent process. HTTP 500. */
#define HC_ERR_NO_MEMORY       (-18) /**< Retryable. HTTP 503. */
#define HC_ERR_NO_SPACE        (-19) /**< Disk or quota. HTTP 507. */
#define HC_ERR_IO              (-20) /**< HTTP 500. */
#define HC_ERR_CORRUPT         (-21) /**< Stored data breaks a rule. HTTP 500. */
#define HC_ERR_UNSUPPORTED     (-22) /**< By this driver or build. HTTP 501. */
#define HC_ERR_SCHEMA          (-23) /**< The store is older (migrate) or newer than the library. HTTP 500. */
#define HC_ERR_UPSTREAM        (-24) /**< A service answered nonsense. HTTP 502. */
#define HC_ERR_TRUNCATED       (-25) /**< An answer ended early. HTTP 502. */
#define HC_ERR_INTERNAL        (-26) /**< A bug of ours; `native` has a code. HTTP 500. */

/* Bits of hc_error.flags. */
#define HC_ERROR_RETRYABLE       0x1u /**< The same call may succeed later. */
#define HC_ERROR_WRITTEN_MASK    0x6u /**< Whether the write happened: one of the three below. */
#define HC_ERROR_WRITTEN_NO      0x0u
#define HC_ERROR_WRITTEN_YES     0x2u
#define HC_ERROR_WRITTEN_UNKNOWN 0x4u

/**
 * What went wrong. The caller owns it; exactly 512 bytes, frozen. A call that succeeds leaves it as it was.
 *
 * `message` is one line of UTF-8 without secrets, safe to show. `field` is the name of the value at fault, or empty.
 * `detail` depends on the status: the current version or the next free time (CONFLICT), microseconds to wait (RATE_LIMITED), a count.
 */
struct hc_error {
    hc_status status; /**< HC_ERR_. */
    int32_t native;      /**< The engine's own code, or 0. */
    uint32_t flags;      /**< HC_ERROR_ bits. */
    uint32_t reserved;   /**< 0. */
    int64_t detail; /**< As the status says, or 0. */
    char sqlstate[8];    /**< Five characters, or empty. */
    char origin[16];     /**< "core", "sqlite", ... */
    char field[64]; /**< Name of the value at fault, or empty. */
    char message[400]; /**< One line of UTF-8 without secrets. */
};

/**
 * The constant's name of a status, such as "HC_ERR_CONFLICT"; "HC_ERR_UNKNOWN" for values of later versions, and above 0
 * "HC_NOTE_UNKNOWN".
 *
 * @return Static text.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_status_name(hc_status status);

/**
 * The HTTP status that a status maps to (RFC 9110), for hosts that serve HTTP.
 *
 * @return 200 to 599.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_status_http(hc_status status);

#ifdef __cplusplus
}
#endif

#endif
