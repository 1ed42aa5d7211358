/* Binary floating point as text, for free JSON only: money, ids and times never pass here. */
#ifndef HC__BASE_NUMBER_H
#define HC__BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* The double that JSON number text stands for, whatever the locale. False when it is beyond the doubles. */
bool hc__os_double_parse(double *out, const char *text, size_t size);
/* The shortest text by %g that comes back as the same double. Returns the length; out holds 32 bytes. */
size_t hc__os_double_format(char *out, double value);

#endif
