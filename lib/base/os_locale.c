#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TEXT 128

/* For the calling thread only; the C locale is static in glibc, so this takes no memory and cannot fail there. */
static locale_t enter_c_locale(locale_t *previous)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);

    *previous = c != (locale_t)0 ? uselocale(c) : (locale_t)0;
    return c;
}

static void leave_c_locale(locale_t c, locale_t previous)
{
    if (c == (locale_t)0)
        return;
    uselocale(previous);
    freelocale(c);
}

bool hc__os_double_parse(double *out, const char *text, size_t size)
{
    char copy[MAX_TEXT];
    locale_t previous;
    locale_t c;

    if (size >= sizeof(copy))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    c = enter_c_locale(&previous);
    *out = strtod(copy, NULL);
    leave_c_locale(c, previous);
    return isfinite(*out);
}

size_t hc__os_double_format(char *out, double value)
{
    locale_t previous;
    locale_t c = enter_c_locale(&previous);
    int length = 0;

    /* 15 digits come back from every normal double of that many; below, fewer may do. */
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        length = snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    leave_c_locale(c, previous);
    return length < 0 ? 0 : (size_t)length;
}
