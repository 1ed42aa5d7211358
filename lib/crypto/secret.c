#include "crypto/crypto.h"

#include <sodium.h>
#include <string.h>
#include "base/bug.h"
#include "base/fail.h"
#include "base/thread.h"

/* One block of sodium_malloc: guard pages around it, kept out of core dumps, locked where the limits allow (libsodium
 * goes on without the lock otherwise), wiped when freed. */
struct hc__secret {
    size_t size;
    _Alignas(16) uint8_t bytes[];
};

hc_status hc__crypto_start(hc_error *err)
{
    uint8_t probe[16];

    /* libsodium aborts the process when the kernel gives no randomness: find that out before it does. */
    if (!hc__os_random(probe, sizeof(probe)))
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "the operating system gives no randomness");
    if (sodium_init() < 0)
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "libsodium cannot start");
    return HC_OK;
}

static hc_status secret_make(hc__secret **out, size_t size, hc_error *err)
{
    size_t whole;

    *out = NULL;
    if (size == 0)
        return hc__fail(err, HC_ERR_INVALID, "secret", "a secret may not be empty");
    if (size > SIZE_MAX / 2)
        return hc__no_memory(err);
    /* sodium_malloc ends the block at a page's end, so only a size that is a multiple of 16 is aligned. */
    whole = (sizeof(hc__secret) + size + 15) / 16 * 16;
    *out = sodium_malloc(whole);
    if (*out == NULL)
        return hc__no_memory(err);
    (*out)->size = size;
    return HC_OK;
}

hc_status hc__secret_new(hc__secret **out, const void *bytes, size_t size, hc_error *err)
{
    hc_status status = secret_make(out, size, err);

    if (*out != NULL)
        memcpy((*out)->bytes, bytes, size);
    return status;
}

hc_status hc__secret_random(hc__secret **out, size_t size, hc_error *err)
{
    hc_status status = secret_make(out, size, err);

    if (*out != NULL)
        hc__random((*out)->bytes, size);
    return status;
}

size_t hc__secret_size(const hc__secret *secret)
{
    return secret->size;
}

const uint8_t *hc__secret_bytes(const hc__secret *secret)
{
    return secret->bytes;
}

void hc__secret_free(hc__secret *secret)
{
    sodium_free(secret);
}

void hc__wipe(void *bytes, size_t size)
{
    if (!hc__bug("no-wipe"))
        sodium_memzero(bytes, size);
}

bool hc__same(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void hc__random(void *out, size_t size)
{
    randombytes_buf(out, size);
}
