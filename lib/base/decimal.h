/* Decimals as int64 units at a scale. No floating point anywhere. */
#ifndef HC__BASE_DECIMAL_H
#define HC__BASE_DECIMAL_H

#include <stdbool.h>
#include "homeconnect/types.h"

/* How a number that has more digits than the scale is taken. */
typedef enum hc__rounding { HC__EXACT, HC__HALF_EVEN, HC__FLOOR } hc__rounding;

typedef enum hc__decimal_result {
    HC__DECIMAL_OK,
    HC__DECIMAL_SYNTAX,  /* not [-]digits[.digits] */
    HC__DECIMAL_RANGE,   /* does not fit int64 at this scale */
    HC__DECIMAL_INEXACT  /* OK but for rounding: with HC__EXACT an error, with the others *out is rounded and valid */
} hc__decimal_result;

/* Accepts -?[0-9]+(\.[0-9]+)? in ASCII only: no plus, no exponent, no spaces, no ".5". Any length of digits. Leading
 * zeros are fine. With HC__EXACT, HC__DECIMAL_INEXACT leaves *out as the floor. */
hc__decimal_result hc__decimal_parse(int64_t *out, const char *text, size_t size, int scale, hc__rounding how);
/* Writes units at a scale with all its decimals ("489000.00"). Returns the length; out holds at least 32 bytes. */
size_t hc__decimal_format(char *out, int64_t units, int scale);
/* a * b / c in 128 bits, rounded half-even; false when c is 0 or the result does not fit. */
bool hc__muldiv(int64_t *out, int64_t a, int64_t b, int64_t c);
/* Rounds units from one scale to another, half-even. False on overflow. */
bool hc__rescale(int64_t *out, int64_t units, int from, int to);

#endif
