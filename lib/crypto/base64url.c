#include "crypto/crypto.h"

#include <sodium.h>

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

bool hc__base64url_read(hc__buf *out, const char *text, size_t size)
{
    size_t room = size / 4 * 3 + 3, got = 0;

    if (!hc__buf_reserve(out, room + 1))
        return false;
    /* Without an end pointer libsodium takes the whole text or nothing, and refuses non-zero trailing bits. */
    if (sodium_base642bin((uint8_t *)out->data + out->size, room, text, size, NULL, &got, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
        out->data[out->size] = '\0';
        return false;
    }
    out->size += got;
    out->data[out->size] = '\0';
    return true;
}
