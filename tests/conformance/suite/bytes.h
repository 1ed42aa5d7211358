/* Sequences whose choices are the bytes of a fuzzer, not of a generator: the same operations, the same model. */
#ifndef CONFORMANCE_BYTES_H
#define CONFORMANCE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "homeconnect/driver/conformance.h"

typedef struct by_bytes by_bytes;

/* As in names.h, which this header's readers do not want. */
#define by_bytes_new(...)  hc__conf_by_bytes_new(__VA_ARGS__)
#define by_bytes_run(...)  hc__conf_by_bytes_run(__VA_ARGS__)
#define by_bytes_count(...) hc__conf_by_bytes_count(__VA_ARGS__)
#define by_bytes_free(...) hc__conf_by_bytes_free(__VA_ARGS__)

/* On stores of the suite's driver, of documents or of rows; NULL: no memory. `suite` lasts as long as it does. */
by_bytes *by_bytes_new(const hc_conformance *suite, bool documents);
/* One sequence, which ends with the bytes at the latest; whether all went as the model says. What did not is told to
 * the suite's report. */
bool by_bytes_run(by_bytes *run, const uint8_t *bytes, size_t size);
int64_t by_bytes_count(const by_bytes *run); /* of the operations so far */
void by_bytes_free(by_bytes *run);

#endif
