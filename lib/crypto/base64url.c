#include "crypto/crypto.h"

#include <sodium.h>
#include "crypto/base64.h"

/* What is written so leaves the process: libsodium's way of not telling it by its timing is five times as slow. */
void hc__base64url_put(hc__buf *out, const void *bytes, size_t size)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *from = bytes;
    char *at;

    if (size > SIZE_MAX / 4) {
        out->failed = true;
        return;
    }
    if (!hc__buf_reserve(out, size / 3 * 4 + 4))
        return;
    at = out->data + out->size;
    for (; size >= 3; size -= 3, from += 3) {
        uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];

        *at++ = letters[bits >> 18];
        *at++ = letters[bits >> 12 & 63];
        *at++ = letters[bits >> 6 & 63];
        *at++ = letters[bits & 63];
    }
    if (size > 0) {
        uint32_t bits = (uint32_t)from[0] << 16 | (size > 1 ? (uint32_t)from[1] << 8 : 0);

        *at++ = letters[bits >> 18];
        *at++ = letters[bits >> 12 & 63];
        if (size > 1)
            *at++ = letters[bits >> 6 & 63];
    }
    *at = '\0';
    out->size = (size_t)(at - out->data);
}

bool hc__base64_read(uint8_t *out, size_t capacity, size_t *got, const char *text, size_t size, int variant)
{
    /* libsodium 1.0.18 takes every byte above 0x7f for the last letter of the alphabet where char is signed. */
    for (size_t i = 0; i < size; i++)
        if (((unsigned char)text[i] & 0x80) != 0)
            return false;
    /* Without an end pointer it takes the whole text or nothing, and refuses non-zero trailing bits. */
    return sodium_base642bin(out, capacity, text, size, NULL, got, NULL, variant) == 0;
}

bool hc__base64url_read(hc__buf *out, const char *text, size_t size)
{
    size_t room = size / 4 * 3 + 3, got = 0;

    if (!hc__buf_reserve(out, room + 1))
        return false;
    if (!hc__base64_read((uint8_t *)out->data + out->size, room, &got, text, size,
                         sodium_base64_VARIANT_URLSAFE_NO_PADDING)) {
        out->data[out->size] = '\0';
        return false;
    }
    out->size += got;
    out->data[out->size] = '\0';
    return true;
}
