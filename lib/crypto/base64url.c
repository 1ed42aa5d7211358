#include "crypto/crypto.h"

#include <sodium.h>
#include "crypto/base64.h"

void hc__base64url_put(hc__buf *out, const void *bytes, size_t size)
{
    size_t text_size = size / 3 * 4 + (size % 3 == 0 ? 0 : size % 3 + 1);

    if (size > SIZE_MAX / 4) {
        out->failed = true;
        return;
    }
    if (!hc__buf_reserve(out, text_size + 1)) /* sodium_bin2base64 writes a NUL of its own */
        return;
    sodium_bin2base64(out->data + out->size, text_size + 1, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out->size += text_size;
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
