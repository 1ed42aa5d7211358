/* Filling an hc_error. */
#ifndef HC__BASE_FAIL_H
#define HC__BASE_FAIL_H

#include <stdarg.h>
#include <stdbool.h>
#include "homeconnect/error.h"

/* Fills *err (NULL is fine) and returns `status`. `field` may be NULL. Origin "core". Sets HC_ERROR_RETRYABLE for the
 * statuses that always are (BUSY, UNAVAILABLE, NO_MEMORY). The message is made valid UTF-8 of one line. */
hc_status hc__fail(hc_error *err, hc_status status, const char *field, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));
hc_status hc__fail_from(hc_error *err, const char *origin, hc_status status, const char *field, const char *format, ...)
    __attribute__((cold, format(printf, 5, 6)));
hc_status hc__no_memory(hc_error *err) __attribute__((cold)); /* fails with HC_ERR_NO_MEMORY */

/* Copies what is well-formed, '?' for bytes that are not, a space for what would break the line; cut at a code point.
 */
void hc__one_line(char *out, size_t capacity, const char *text);

#endif
