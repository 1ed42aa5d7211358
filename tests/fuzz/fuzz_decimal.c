/* SCALE ROUNDING text: against 128-bit arithmetic where it fits; what is taken comes back from its text. */
#include "base/decimal.h"
#include "fuzz.h"

__extension__ typedef __int128 wide;

#define WIDE_DIGITS 37

/* By the book: all digits as one integer, and how many of them are decimals. False: not a plain decimal. */
static bool spelled(const char *text, size_t size, wide *digits, size_t *decimals, size_t *count)
{
    size_t at = size > 0 && text[0] == '-', dot = 0, point = size;

    *digits = 0;
    *count = 0;
    for (; at < size; at++) {
        if (text[at] == '.') {
            dot++;
            point = at;
            if (*count == 0 || at + 1 == size)
                return false;
        } else if (text[at] < '0' || text[at] > '9') {
            return false;
        } else if (++*count <= WIDE_DIGITS) {
            *digits = *digits * 10 + (text[at] - '0');
        }
    }
    *decimals = point == size ? 0 : size - point - 1;
    if (size > 0 && text[0] == '-')
        *digits = -*digits;
    return *count > 0 && dot <= 1;
}

static wide power(size_t exponent)
{
    wide value = 1;

    while (exponent-- > 0)
        value *= 10;
    return value;
}

static wide rounded(wide value, wide by, hc__rounding how, bool *exact)
{
    wide low = value / by - (value % by < 0), rest = value - low * by;

    *exact = rest == 0;
    if (how == HC__HALF_EVEN && (rest * 2 > by || (rest * 2 == by && low % 2 != 0)))
        low++;
    return low;
}

static void compare(hc__decimal_result result, int64_t units, const char *text, size_t size, int scale,
                    hc__rounding how)
{
    wide digits, expected;
    size_t decimals, count;
    bool exact = true, good = spelled(text, size, &digits, &decimals, &count);

    FUZZ_ASSERT(good == (result != HC__DECIMAL_SYNTAX));
    if (!good || count > WIDE_DIGITS || count - decimals + (size_t)scale > WIDE_DIGITS)
        return;
    if (decimals <= (size_t)scale)
        expected = digits * power((size_t)scale - decimals);
    else
        expected = rounded(digits, power(decimals - (size_t)scale), how, &exact);
    if (expected < INT64_MIN || expected > INT64_MAX) {
        FUZZ_ASSERT(result == HC__DECIMAL_RANGE);
        return;
    }
    FUZZ_ASSERT(result == (exact ? HC__DECIMAL_OK : HC__DECIMAL_INEXACT) && (wide)units == expected);
}

static void check_text(int64_t units, int scale)
{
    char out[32];
    size_t size = hc__decimal_format(out, units, scale);
    int64_t again, wider;

    FUZZ_ASSERT(size < sizeof(out) && strlen(out) == size);
    FUZZ_ASSERT(hc__decimal_parse(&again, out, size, scale, HC__EXACT) == HC__DECIMAL_OK && again == units);
    if (hc__rescale(&wider, units, scale, 18))
        FUZZ_ASSERT(hc__rescale(&again, wider, 18, scale) && again == units);
    FUZZ_ASSERT(hc__muldiv(&again, units, 7, 7) && again == units);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    int scale;
    hc__rounding how;
    hc__decimal_result result;
    int64_t units;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    scale = (uint8_t)(fuzz_byte(&run) - '0') % 19;
    how = (hc__rounding)((uint8_t)(fuzz_byte(&run) - '0') % 3);
    result = hc__decimal_parse(&units, run.text, run.size, scale, how);
    compare(result, units, run.text, run.size, scale, how);
    if (result == HC__DECIMAL_OK || result == HC__DECIMAL_INEXACT)
        check_text(units, scale);
    return fuzz_end(&run);
}
