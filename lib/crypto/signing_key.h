/* What signing and verifying share: the inside of a key. */
#ifndef HC__CRYPTO_SIGNING_KEY_H
#define HC__CRYPTO_SIGNING_KEY_H

#include "crypto/crypto.h"

#define HC__TOKEN_ALG       "EdDSA" /* the only one; a token's header is compared with it and never chooses */
#define HC__TOKEN_SIGNATURE 64
#define HC__TOKEN_TIME_MAX  INT64_C(253402300799) /* the last second of the year 9999 */

struct hc__signing_key {
    const hc__mem *mem;
    hc__secret *secret; /* libsodium's 64 bytes: seed, then public key */
    uint8_t public_key[32];
    char kid[HC__KID_LIMIT + 1];
};

#endif
