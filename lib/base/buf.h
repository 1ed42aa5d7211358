/* A growable run of bytes. A failed growth sticks: write on, and look at `failed` once at the end. */
#ifndef HC__BASE_BUF_H
#define HC__BASE_BUF_H

#include <stdbool.h>
#include "base/mem.h"

typedef struct hc__buf {
    const hc__mem *mem;
    char *data; /* always followed by a NUL once anything was put */
    size_t size;
    size_t capacity;
    bool failed; /* no memory: contents are as before the failing put */
} hc__buf;

void hc__buf_init(hc__buf *buf, const hc__mem *mem);
void hc__buf_free(hc__buf *buf);
void hc__buf_clear(hc__buf *buf);  /* keeps capacity; forgets a failure */
void hc__buf_rewind(hc__buf *buf); /* keeps a failure, too: for a part of what is looked at in the end */
bool hc__buf_reserve(hc__buf *buf, size_t more);
/* The same where there mostly is room. */
static inline bool hc__buf_room(hc__buf *buf, size_t more)
{
    return (more < buf->capacity - buf->size && !buf->failed) || hc__buf_reserve(buf, more);
}
void hc__buf_put(hc__buf *buf, const void *bytes, size_t size);
void hc__buf_text(hc__buf *buf, const char *text);
void hc__buf_char(hc__buf *buf, char c);
void hc__buf_int(hc__buf *buf, int64_t value);
void hc__buf_format(hc__buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Takes the bytes out, NUL-terminated; the buffer is empty after. NULL when failed or without memory. */
char *hc__buf_take(hc__buf *buf, size_t *size);

#endif
