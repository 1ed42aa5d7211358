#include "crypto/crypto.h"

#include <sodium.h>
#include <string.h>

#define PURPOSE_SIZE 16 /* crypto_generichash_blake2b_PERSONALBYTES */
#define KEY_LIMIT    64 /* crypto_generichash_blake2b_KEYBYTES_MAX */

_Static_assert(PURPOSE_SIZE == crypto_generichash_blake2b_PERSONALBYTES, "BLAKE2b's personalisation");
_Static_assert(KEY_LIMIT == crypto_generichash_blake2b_KEYBYTES_MAX, "BLAKE2b's key");

void hc__sha256(uint8_t out[32], const void *bytes, size_t size)
{
    crypto_hash_sha256(out, bytes, size);
}

void hc__mac(uint8_t out[32], const hc__secret *key, const char *purpose, const void *bytes, size_t size)
{
    uint8_t personal[PURPOSE_SIZE] = {0}, folded[KEY_LIMIT];
    const uint8_t *key_bytes = hc__secret_bytes(key);
    size_t key_size = hc__secret_size(key), purpose_size = strlen(purpose);

    /* Over-long purposes and keys are hashed down, so that no byte of either is without effect. */
    if (purpose_size > PURPOSE_SIZE)
        crypto_generichash(personal, sizeof(personal), (const uint8_t *)purpose, purpose_size, NULL, 0);
    else
        for (size_t i = 0; i < purpose_size; i++)
            personal[i] = (uint8_t)purpose[i];
    if (key_size > KEY_LIMIT) {
        crypto_generichash(folded, sizeof(folded), key_bytes, key_size, NULL, 0);
        key_bytes = folded;
        key_size = sizeof(folded);
    }
    crypto_generichash_blake2b_salt_personal(out, 32, bytes, size, key_bytes, key_size, NULL, personal);
    if (key_bytes == folded)
        hc__wipe(folded, sizeof(folded));
}
