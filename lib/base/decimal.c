#include "base/decimal.h"

#include <string.h>

#include "base/bug.h"

__extension__ typedef __int128 wide;

#define MAX_SCALE 18
#define SAFE      18 /* digits that no sum of passes 2^63 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What lies behind the last digit that is kept. */
typedef struct rest {
    int first; /* its first digit */
    bool more; /* a later one is not 0 */
} rest;

/* *value with these digits behind it; false when it passes 2^63. */
static bool put_digits(uint64_t *value, const char *digits, size_t count)
{
    const uint64_t limit = (uint64_t)INT64_MAX + 1;

    for (size_t i = 0; i < count; i++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(digits[i] - '0'), value) || *value > limit)
            return false;
    return true;
}

static inline uint64_t with_digits(uint64_t value, const char *digits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (uint64_t)(digits[i] - '0');
    return value;
}

/* The magnitude with its first `scale` decimals; false when it passes 2^63. */
static bool magnitude(uint64_t *out, rest *left, const char *whole, size_t whole_size, const char *fraction,
                      size_t fraction_size, int scale)
{
    size_t kept = fraction_size < (size_t)scale ? fraction_size : (size_t)scale;
    uint64_t value = 0;

    if (whole_size + (size_t)scale <= SAFE)
        value = with_digits(with_digits(0, whole, whole_size), fraction, kept);
    else if (!put_digits(&value, whole, whole_size) || !put_digits(&value, fraction, kept))
        return false;
    for (size_t i = kept; i < (size_t)scale; i++)
        if (!put_digits(&value, "0", 1))
            return false;
    *left = (rest){0, false};
    if ((size_t)scale < fraction_size) {
        left->first = fraction[scale] - '0';
        for (size_t i = (size_t)scale + 1; i < fraction_size && !left->more; i++)
            left->more = fraction[i] != '0';
    }
    *out = value;
    return true;
}

static bool rounds_away(uint64_t value, rest left, bool negative, hc__rounding how)
{
    if (how != HC__HALF_EVEN)
        return negative;
    if (left.first != 5 || left.more)
        return left.first >= 5;
    return (value & 1) != 0;
}

hc__decimal_result hc__decimal_parse(int64_t *out, const char *text, size_t size, int scale, hc__rounding how)
{
    bool negative = size > 0 && text[0] == '-';
    const char *at = text + negative;
    const char *end = text + size;
    const char *whole = at;
    const char *fraction;
    size_t whole_size;
    uint64_t value;
    rest left;
    bool exact;

    *out = 0;
    while (at < end && is_digit(*at))
        at++;
    whole_size = (size_t)(at - whole);
    if (whole_size == 0 && !hc__bug("lenient"))
        return HC__DECIMAL_SYNTAX;
    fraction = at;
    if (at < end) {
        if (*at++ != '.' || at == end)
            return HC__DECIMAL_SYNTAX;
        fraction = at;
        while (at < end && is_digit(*at))
            at++;
        if (at < end)
            return HC__DECIMAL_SYNTAX;
    }
    if (!magnitude(&value, &left, whole, whole_size, fraction, (size_t)(end - fraction), scale))
        return HC__DECIMAL_RANGE;
    exact = left.first == 0 && !left.more;
    if (!exact && rounds_away(value, left, negative, how))
        value++;
    if (value > (uint64_t)INT64_MAX + negative)
        return HC__DECIMAL_RANGE;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return exact ? HC__DECIMAL_OK : HC__DECIMAL_INEXACT;
}

size_t hc__decimal_format(char *out, int64_t units, int scale)
{
    char digits[40];
    char *at = digits + sizeof(digits);
    uint64_t value = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    int written = 0;
    size_t length;

    if (scale > MAX_SCALE)
        scale = MAX_SCALE;
    do {
        if (written == scale && scale > 0)
            *--at = '.';
        *--at = (char)('0' + value % 10);
        value /= 10;
        written++;
    } while (value != 0 || written <= scale);
    if (units < 0)
        *--at = '-';
    length = (size_t)(digits + sizeof(digits) - at);
    memcpy(out, at, length);
    out[length] = '\0';
    return length;
}

static bool divide_half_even(int64_t *out, wide product, wide divisor)
{
    wide quotient = product / divisor;
    wide left = product % divisor;
    wide size = divisor < 0 ? -divisor : divisor;
    wide twice = left < 0 ? -left * 2 : left * 2;

    if (twice > size || (twice == size && (quotient & 1) != 0))
        quotient += (product < 0) == (divisor < 0) ? 1 : -1;
    if (quotient < INT64_MIN || quotient > INT64_MAX)
        return false;
    *out = (int64_t)quotient;
    return true;
}

bool hc__muldiv(int64_t *out, int64_t a, int64_t b, int64_t c)
{
    if (c == 0)
        return false;
    return divide_half_even(out, (wide)a * b, c);
}

bool hc__rescale(int64_t *out, int64_t units, int from, int to)
{
    int steps = from < to ? to - from : from - to;
    wide power = 1;

    if (steps > MAX_SCALE + 1)
        return false;
    for (int i = 0; i < steps; i++)
        power *= 10;
    return from < to ? divide_half_even(out, units * power, 1) : divide_half_even(out, units, power);
}
