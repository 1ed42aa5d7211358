/* Everything secret, over libsodium. No function here reads a key from a file, a header or a token. */
#ifndef HC__CRYPTO_H
#define HC__CRYPTO_H

#include <stdbool.h>
#include "base/buf.h"

/* sodium_init, once; thread-safe. HC_ERR_INTERNAL when libsodium cannot start. */
hc_status hc__crypto_start(hc_error *err);

/* ---- secrets: locked memory that wipes itself and cannot be printed ---- */
typedef struct hc__secret hc__secret;
hc_status hc__secret_new(hc__secret **out, const void *bytes, size_t size, hc_error *err);
hc_status hc__secret_random(hc__secret **out, size_t size, hc_error *err);
size_t hc__secret_size(const hc__secret *secret);
const uint8_t *hc__secret_bytes(const hc__secret *secret);
void hc__secret_free(hc__secret *secret); /* NULL is fine */
void hc__wipe(void *bytes, size_t size);
bool hc__same(const void *a, const void *b, size_t size); /* constant time */

void hc__sha256(uint8_t out[32], const void *bytes, size_t size);
/* BLAKE2b keyed, 32 bytes. `purpose` separates uses of one key and is at most 16 bytes of text. */
void hc__mac(uint8_t out[32], const hc__secret *key, const char *purpose, const void *bytes, size_t size);
void hc__random(void *out, size_t size);

/* base64url without padding (RFC 4648, section 5). Decoding is strict: canonical trailing bits, nothing else. */
void hc__base64url_put(hc__buf *out, const void *bytes, size_t size);
bool hc__base64url_read(hc__buf *out, const char *text, size_t size);

/* XChaCha20-Poly1305: nonce(24) || ciphertext || tag(16), key 32 bytes. `context` is authenticated, not stored. */
hc_status hc__seal(hc__buf *out, const hc__secret *key, const void *context, size_t context_size, const void *bytes,
                   size_t size, hc_error *err);
bool hc__unseal(hc__buf *out, const hc__secret *key, const void *context, size_t context_size, const void *sealed,
                size_t size); /* false: altered, or made with another key or context */

/* ---- password hashes: Argon2id v1.3 PHC strings ---- */
typedef struct hc__argon {
    uint32_t memory_kib; /* default 65536; floor 19456 but in a test build */
    uint32_t passes;     /* default 3; floor 2 but in a test build */
} hc__argon;
#define HC__ARGON_DEFAULT                                                                                              \
    {                                                                                                                  \
        65536, 3                                                                                                       \
    }
#define HC__PASSWORD_HASH_SIZE 128 /* with NUL */

hc_status hc__password_hash(char out[HC__PASSWORD_HASH_SIZE], const hc__argon *cost, const char *password, size_t size,
                            hc_error *err);
/* *match: equal. *stale: made with other parameters than `cost`. One Argon2 on every path that returns HC_OK.
 * HC_ERR_CORRUPT: the string is not a PHC string, or asks for m > 256 MiB, t > 10, p != 1 (refused before memory is
 * taken); HC_ERR_NO_MEMORY is never told as "no match". */
hc_status hc__password_verify(bool *match, bool *stale, const hc__argon *cost, const char *hash, const char *password,
                              size_t size, hc_error *err);
/* The same work as a verify, for a user that does not exist. */
hc_status hc__password_absent(const hc__argon *cost, const char *password, size_t size, hc_error *err);
#ifdef HC_TEST_BUILD
uint64_t hc__password_runs(void); /* Argon2 computations of this process so far; atomic */
#endif

/* ---- tokens: JWS compact (RFC 7515), EdDSA with Ed25519 (RFC 8037) and nothing else ---- */
#define HC__TOKEN_LIMIT 8192
#define HC__KID_LIMIT   64
#define HC__RING_LIMIT  16

typedef struct hc__signing_key hc__signing_key;
/* From a 32-byte seed. `kid` NULL: derived from the public key. HC_ERR_INVALID for another size (T04) or bad kid. */
hc_status hc__signing_key_new(hc__signing_key **out, const hc__mem *mem, const char *kid, const void *seed, size_t size,
                              hc_error *err);
void hc__signing_key_free(hc__signing_key *key);
const char *hc__signing_key_id(const hc__signing_key *key);
const uint8_t *hc__signing_key_public(const hc__signing_key *key); /* 32 bytes */

typedef struct hc__claims {
    char typ[16]; /* "at+jwt" for access tokens (RFC 9068) */
    char issuer[128];
    char audience[128];
    hc_id subject, session, token;
    int64_t issued, not_before, expires; /* seconds since the epoch */
    int64_t epoch;
    char role[16]; /* a hint, never authority */
} hc__claims;

hc_status hc__token_sign(hc__buf *out, const hc__signing_key *key, const hc__claims *claims, hc_error *err);

typedef struct hc__token_rules {
    const char *typ, *issuer, *audience;
    int64_t now, leeway, lifetime; /* seconds; lifetime bounds exp - iat */
} hc__token_rules;
/* HC_ERR_UNAUTHENTICATED for every fault of the token; the message never says which part was wrong beyond its kind.
 * Members that a claim needs must be of the right type; duplicate members, `crit`, unknown kid, alg but "EdDSA" are
 * refused; jku, x5u, jwk and x5c are never read as keys. */
hc_status hc__token_verify(hc__claims *out, hc__signing_key *const *ring, size_t keys, const hc__mem *mem,
                           const char *token, size_t size, const hc__token_rules *rules, hc_error *err);

#endif
