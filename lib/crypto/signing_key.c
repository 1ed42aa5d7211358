#include "crypto/signing_key.h"

#include <sodium.h>
#include <string.h>
#include "base/fail.h"

_Static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_PUBLICKEYBYTES == 32, "Ed25519");
_Static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == HC__TOKEN_SIGNATURE, "Ed25519");

/* Nothing that JSON, a log line or a file name would have to escape. */
static bool kid_valid(const char *kid)
{
    size_t size = strnlen(kid, HC__KID_LIMIT + 1);

    if (size == 0 || size > HC__KID_LIMIT)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = kid[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
              c == '.'))
            return false;
    }
    return true;
}

/* The JWK thumbprint (RFC 7638) of the public key, as RFC 8037, appendix A.3 has it. */
static void kid_derive(char kid[HC__KID_LIMIT + 1], const uint8_t public_key[32])
{
    static const char head[] = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"", tail[] = "\"}";
    char jwk[sizeof(head) + 43 + sizeof(tail)];
    uint8_t digest[32];

    memcpy(jwk, head, sizeof(head));
    sodium_bin2base64(jwk + sizeof(head) - 1, 44, public_key, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    memcpy(jwk + sizeof(head) - 1 + 43, tail, sizeof(tail));
    hc__sha256(digest, jwk, strlen(jwk));
    sodium_bin2base64(kid, HC__KID_LIMIT + 1, digest, sizeof(digest), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

hc_status hc__signing_key_new(hc__signing_key **out, const hc__mem *mem, const char *kid, const void *seed, size_t size,
                              hc_error *err)
{
    hc__signing_key *key;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    hc_status status;

    *out = NULL;
    if (seed == NULL || size != crypto_sign_SEEDBYTES || sodium_is_zero(seed, size))
        return hc__fail(err, HC_ERR_INVALID, "seed", "a signing key is made of 32 secret bytes");
    if (kid != NULL && !kid_valid(kid))
        return hc__fail(err, HC_ERR_INVALID, "kid", "a key id is 1 to 64 of A-Z a-z 0-9 - _ .");
    key = hc__alloc_zero(mem, 1, sizeof(*key));
    if (key == NULL)
        return hc__no_memory(err);
    key->mem = mem;
    crypto_sign_seed_keypair(key->public_key, secret, seed);
    status = hc__secret_new(&key->secret, secret, sizeof(secret), err);
    hc__wipe(secret, sizeof(secret));
    if (status != HC_OK) {
        hc__signing_key_free(key);
        return status;
    }
    if (kid != NULL)
        memcpy(key->kid, kid, strlen(kid));
    else
        kid_derive(key->kid, key->public_key);
    *out = key;
    return HC_OK;
}

void hc__signing_key_free(hc__signing_key *key)
{
    if (key == NULL)
        return;
    hc__secret_free(key->secret);
    hc__free(key->mem, key);
}

const char *hc__signing_key_id(const hc__signing_key *key)
{
    return key->kid;
}

const uint8_t *hc__signing_key_public(const hc__signing_key *key)
{
    return key->public_key;
}
