#include "base/fail.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Control characters, C1 included, and the two Unicode line separators would break a line of a log. */
static bool breaks_line(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

void hc__one_line(char *out, size_t capacity, const char *text)
{
    size_t size = strlen(text);
    size_t at = 0;
    size_t put = 0;

    while (at < size) {
        size_t next = at;
        uint32_t point = hc__utf8_next(text, size, &next);
        char bytes[4];
        size_t length;

        if (point == 0xfffd && next == at + 1)
            point = '?';
        else if (breaks_line(point))
            point = ' ';
        length = hc__utf8_put(bytes, point);
        if (put + length >= capacity)
            break;
        memcpy(out + put, bytes, length);
        put += length;
        at = next;
    }
    out[put] = '\0';
}

__attribute__((format(printf, 5, 0))) static hc_status fill(hc_error *err, const char *origin, hc_status status,
                                                            const char *field, const char *format, va_list args)
{
    hc_error made;
    char text[sizeof(made.message) + 4];

    if (err == NULL)
        return status;
    /* Made aside: the arguments may point into *err. */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 misses the callers' va_start */
    if (vsnprintf(text, sizeof(text), format, args) < 0)
        text[0] = '\0';
    memset(&made, 0, sizeof(made));
    made.status = status;
    if (status == HC_ERR_BUSY || status == HC_ERR_UNAVAILABLE || status == HC_ERR_NO_MEMORY)
        made.flags = HC_ERROR_RETRYABLE;
    hc__one_line(made.origin, sizeof(made.origin), origin);
    hc__one_line(made.field, sizeof(made.field), field == NULL ? "" : field);
    hc__one_line(made.message, sizeof(made.message), text);
    *err = made;
    return status;
}

hc_status hc__fail(hc_error *err, hc_status status, const char *field, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = fill(err, "core", status, field, format, args);
    va_end(args);
    return status;
}

hc_status hc__fail_from(hc_error *err, const char *origin, hc_status status, const char *field, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = fill(err, origin, status, field, format, args);
    va_end(args);
    return status;
}

hc_status hc__no_memory(hc_error *err)
{
    return hc__fail(err, HC_ERR_NO_MEMORY, NULL, "out of memory");
}
