/* Access tokens made outside the library, as an attacker, or a thief of the key, would make them: JSON texts that are
 * edited member by member, and Ed25519 over libsodium. */
#ifndef SUPPORT_MINT_H
#define SUPPORT_MINT_H

#include <stddef.h>
#include <stdint.h>

#include "homeconnect/types.h"

#define MINT_LIMIT 4096

typedef struct mint {
    uint8_t seed[32]; /* of the signing key */
    uint8_t public_key[32];
    char header[MINT_LIMIT]; /* JSON */
    char claims[MINT_LIMIT];
} mint;

/* The key of a client's secret, as lib/client/keys.c derives it. */
void mint_key(mint *out, const uint8_t secret[32]);
/* The same of the client that has this key file. */
void mint_key_of_file(mint *out, const char *path);
/* Header and claims of a token that the library made. */
void mint_read(mint *out, const char *token);

/* Sets a member of `json` (mint.header or mint.claims) to `value`, raw JSON: replaced, added, or (NULL) left out. */
void mint_set(char json[MINT_LIMIT], const char *name, const char *value);
/* The raw value of a member; it lives in a static buffer. */
const char *mint_get(const char json[MINT_LIMIT], const char *name);

/* base64url without padding; both return the size of the text or the bytes. */
size_t mint_encode(char *out, const void *bytes, size_t size);
size_t mint_decode(uint8_t *out, size_t capacity, const char *text, size_t size);
/* Header, dot, claims: what is signed. */
size_t mint_unsigned(char *out, const mint *from);
/* The whole token, NUL-terminated, signed with the seed. `out` has room for 4 * MINT_LIMIT. */
size_t mint_token(char *out, const mint *from);

#endif
