#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"

#define FIRST_CAPACITY ((size_t)64)

void hc__buf_init(hc__buf *buf, const hc__mem *mem)
{
    *buf = (hc__buf){mem, NULL, 0, 0, false};
}

void hc__buf_free(hc__buf *buf)
{
    hc__free(buf->mem, buf->data);
    hc__buf_init(buf, buf->mem);
}

void hc__buf_rewind(hc__buf *buf)
{
    buf->size = 0;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

void hc__buf_clear(hc__buf *buf)
{
    hc__buf_rewind(buf);
    buf->failed = false;
}

static bool grow(hc__buf *buf, size_t needed)
{
    size_t capacity = buf->capacity < FIRST_CAPACITY ? FIRST_CAPACITY : buf->capacity * 2;
    char *data;

    if (capacity < needed)
        capacity = needed;
    data = hc__realloc(buf->mem, buf->data, capacity, 1);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->capacity = capacity;
    return true;
}

bool hc__buf_reserve(hc__buf *buf, size_t more)
{
    if (buf->failed)
        return false;
    if (more < buf->capacity - buf->size) /* strictly: the NUL needs its byte */
        return true;
    if (more >= PTRDIFF_MAX - buf->size) {
        buf->failed = true;
        return false;
    }
    return grow(buf, buf->size + more + 1);
}

void hc__buf_put(hc__buf *buf, const void *bytes, size_t size)
{
    if (!hc__buf_room(buf, size))
        return;
    if (size > 0)
        memcpy(buf->data + buf->size, bytes, size);
    buf->size += size;
    buf->data[buf->size] = '\0';
}

void hc__buf_text(hc__buf *buf, const char *text)
{
    hc__buf_put(buf, text, strlen(text));
}

void hc__buf_char(hc__buf *buf, char c)
{
    if (!hc__buf_room(buf, 1))
        return;
    buf->data[buf->size++] = c;
    buf->data[buf->size] = '\0';
}

void hc__buf_int(hc__buf *buf, int64_t value)
{
    if (!hc__buf_reserve(buf, 32))
        return;
    buf->size += hc__decimal_format(buf->data + buf->size, value, 0);
    buf->data[buf->size] = '\0';
}

void hc__buf_format(hc__buf *buf, const char *format, ...)
{
    va_list args;
    int length;

    if (!hc__buf_reserve(buf, FIRST_CAPACITY))
        return;
    va_start(args, format);
    length = vsnprintf(buf->data + buf->size, buf->capacity - buf->size, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length >= buf->capacity - buf->size) {
        buf->data[buf->size] = '\0';
        if (!hc__buf_reserve(buf, (size_t)length))
            return;
        va_start(args, format);
        /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): clang 14 misses the second va_start */
        length = vsnprintf(buf->data + buf->size, buf->capacity - buf->size, format, args);
        va_end(args);
    }
    if (length < 0) {
        buf->failed = true;
        buf->data[buf->size] = '\0';
        return;
    }
    buf->size += (size_t)length;
}

char *hc__buf_take(hc__buf *buf, size_t *size)
{
    char *data;

    if (!hc__buf_reserve(buf, 0))
        return NULL;
    data = buf->data;
    data[buf->size] = '\0';
    if (size != NULL)
        *size = buf->size;
    hc__buf_init(buf, buf->mem);
    return data;
}
