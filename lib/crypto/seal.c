#include "crypto/crypto.h"

#include <sodium.h>
#include "base/fail.h"

#define KEY_SIZE   crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE   crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(KEY_SIZE == 32 && NONCE_SIZE == 24 && TAG_SIZE == 16, "the stored form is frozen");

hc_status hc__seal(hc__buf *out, const hc__secret *key, const void *context, size_t context_size, const void *bytes,
                   size_t size, hc_error *err)
{
    uint8_t *nonce;
    unsigned long long sealed_size = 0;

    if (hc__secret_size(key) != KEY_SIZE)
        return hc__fail(err, HC_ERR_INVALID, "key", "a sealing key has 32 bytes");
    if (size > SIZE_MAX / 2 || !hc__buf_reserve(out, NONCE_SIZE + size + TAG_SIZE + 1))
        return hc__no_memory(err);
    nonce = (uint8_t *)out->data + out->size;
    hc__random(nonce, NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_SIZE, &sealed_size, bytes, size, context, context_size,
                                               NULL, nonce, hc__secret_bytes(key));
    out->size += NONCE_SIZE + (size_t)sealed_size;
    out->data[out->size] = '\0';
    return HC_OK;
}

bool hc__unseal(hc__buf *out, const hc__secret *key, const void *context, size_t context_size, const void *sealed,
                size_t size)
{
    const uint8_t *nonce = sealed;
    unsigned long long opened_size = 0;
    bool opened;

    if (hc__secret_size(key) != KEY_SIZE || size < NONCE_SIZE + TAG_SIZE)
        return false;
    if (!hc__buf_reserve(out, size - NONCE_SIZE - TAG_SIZE + 1))
        return false;
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt((uint8_t *)out->data + out->size, &opened_size, NULL,
                                                        nonce + NONCE_SIZE, size - NONCE_SIZE, context, context_size,
                                                        nonce, hc__secret_bytes(key)) == 0;
    if (opened)
        out->size += (size_t)opened_size;
    out->data[out->size] = '\0';
    return opened;
}
