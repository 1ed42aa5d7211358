/* Tokens with any header and claims, signed with a known key or not at all. For test_token.c and test_claims.c. */
#ifndef CRYPTO_FORGE_H
#define CRYPTO_FORGE_H

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"
#include "crypto/crypto.h"
#include "homeconnect/error.h"
#include "suite.h"

#define NOW      INT64_C(1800000000)
#define LEEWAY   30
#define LIFETIME 600

#define SUBJECT "01890a5d-ac96-774b-bcce-b302099a8057"
#define SESSION "01890a5d-ac96-774b-bcce-b302099a8058"
#define TOKEN   "01890a5d-ac96-774b-bcce-b302099a8059"

/* RFC 8032, section 7.1, TEST 1; also the key of RFC 8037, appendix A. */
static const uint8_t seed[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a,
                                 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32,
                                 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};

typedef struct member {
    const char *name, *value; /* raw JSON; NULL leaves the member out */
} member;

static const member good_header[] = {{"alg", "\"EdDSA\""}, {"typ", "\"at+jwt\""}, {"kid", "\"k1\""}};
static const member good_claims[] = {{"iss", "\"https://hc.example\""},
                                     {"aud", "\"hc-api\""},
                                     {"sub", "\"" SUBJECT "\""},
                                     {"sid", "\"" SESSION "\""},
                                     {"jti", "\"" TOKEN "\""},
                                     {"iat", "1800000000"},
                                     {"nbf", "1800000000"},
                                     {"exp", "1800000600"},
                                     {"epoch", "7"},
                                     {"role", "\"buyer\""}};
#define HEADER_MEMBERS (sizeof(good_header) / sizeof(good_header[0]))
#define CLAIM_MEMBERS  (sizeof(good_claims) / sizeof(good_claims[0]))

static hc__mem mem;
static hc__signing_key *key, *other_key;
static hc__signing_key *ring[2];
static const hc__token_rules rules = {"at+jwt", "https://hc.example", "hc-api", NOW, LEEWAY, LIFETIME};

static inline void forge_setup(void)
{
    uint8_t other_seed[32] = {1};

    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
    ck_assert_int_eq(hc__signing_key_new(&key, &mem, "k1", seed, 32, NULL), HC_OK);
    ck_assert_int_eq(hc__signing_key_new(&other_key, &mem, "k2", other_seed, 32, NULL), HC_OK);
    ring[0] = other_key;
    ring[1] = key;
}

static inline void forge_teardown(void)
{
    hc__signing_key_free(key);
    hc__signing_key_free(other_key);
}

/* The object with one member set to another value, added, or (NULL) left out. */
static char *object_with(const member *members, size_t count, const char *name, const char *value)
{
    hc__buf out;
    bool found = false;
    const char *comma = "";

    hc__buf_init(&out, &mem);
    hc__buf_char(&out, '{');
    for (size_t i = 0; i <= count; i++) {
        const char *its_name = i < count ? members[i].name : name, *its_value = i < count ? members[i].value : value;
        if (i < count && name != NULL && strcmp(its_name, name) == 0) {
            found = true;
            its_value = value;
        }
        if (its_value == NULL || (i == count && (name == NULL || found)))
            continue;
        hc__buf_text(&out, comma);
        hc__buf_char(&out, '"');
        hc__buf_text(&out, its_name);
        hc__buf_text(&out, "\":");
        hc__buf_text(&out, its_value);
        comma = ",";
    }
    hc__buf_char(&out, '}');
    return hc__buf_take(&out, NULL);
}

static char *header_with(const char *name, const char *value)
{
    return object_with(good_header, HEADER_MEMBERS, name, value);
}

static char *claims_with(const char *name, const char *value)
{
    return object_with(good_claims, CLAIM_MEMBERS, name, value);
}

static inline void put_unsigned(hc__buf *out, const void *header, size_t header_size, const void *claims,
                                size_t claims_size)
{
    hc__base64url_put(out, header, header_size);
    hc__buf_char(out, '.');
    hc__base64url_put(out, claims, claims_size);
}

static inline void put_signature(hc__buf *out, const uint8_t key_seed[32])
{
    uint8_t public_key[32], secret[64], signature[64];

    crypto_sign_seed_keypair(public_key, secret, key_seed);
    crypto_sign_detached(signature, NULL, (const uint8_t *)out->data, out->size, secret);
    hc__buf_char(out, '.');
    hc__base64url_put(out, signature, 64);
}

/* Takes both texts over. */
static inline void forge(hc__buf *out, char *header, char *claims)
{
    hc__buf_init(out, &mem);
    put_unsigned(out, header, strlen(header), claims, strlen(claims));
    put_signature(out, seed);
    ck_assert(!out->failed);
    hc__free(&mem, header);
    hc__free(&mem, claims);
}

static inline void refused_by(const hc__token_rules *by, const char *token, size_t size, const char *what)
{
    static const hc__claims nothing;
    hc__claims out;
    hc_error err = {0};
    hc_status status;

    memset(&out, 'x', sizeof(out));
    status = hc__token_verify(&out, ring, 2, &mem, token, size, by, &err);
    ck_assert_msg(status == HC_ERR_UNAUTHENTICATED, "%s: %d %s", what, (int)status, err.message);
    ck_assert_str_eq(err.field, "token");
    ck_assert_int_eq(err.status, HC_ERR_UNAUTHENTICATED);
    ck_assert_msg(strncmp(err.message, "the token is ", 13) == 0, "%s", err.message);
    ck_assert_mem_eq(&out, &nothing, sizeof(out));
}

static inline void refused(const char *token, size_t size, const char *what)
{
    refused_by(&rules, token, size, what);
}

/* Refused before anybody asked who signed it, or what for. */
static inline void malformed(const char *token, size_t size)
{
    hc__claims out;
    hc_error err = {0};

    ck_assert_int_eq(hc__token_verify(&out, ring, 2, &mem, token, size, &rules, &err), HC_ERR_UNAUTHENTICATED);
    ck_assert_str_eq(err.message, "the token is malformed");
}

static inline hc_status verified_by(hc__claims *out, const hc__token_rules *by, const char *token, size_t size)
{
    hc_error err = {0};
    hc_status status = hc__token_verify(out, ring, 2, &mem, token, size, by, &err);

    ck_assert_msg(status == HC_OK, "%s", err.message);
    return status;
}

static inline void header_refused(const char *name, const char *value)
{
    hc__buf token;

    forge(&token, header_with(name, value), claims_with(NULL, NULL));
    refused(token.data, token.size, value == NULL ? name : value);
    hc__buf_free(&token);
}

static inline void header_taken(const char *name, const char *value)
{
    hc__buf token;
    hc__claims out;

    forge(&token, header_with(name, value), claims_with(NULL, NULL));
    verified_by(&out, &rules, token.data, token.size);
    hc__buf_free(&token);
}

static inline void claim_refused(const char *name, const char *value)
{
    hc__buf token;

    forge(&token, header_with(NULL, NULL), claims_with(name, value));
    refused(token.data, token.size, value == NULL ? name : value);
    hc__buf_free(&token);
}

static inline void claim_taken(hc__claims *out, const char *name, const char *value)
{
    hc__buf token;

    forge(&token, header_with(NULL, NULL), claims_with(name, value));
    verified_by(out, &rules, token.data, token.size);
    hc__buf_free(&token);
}

static inline hc__claims usual_claims(void)
{
    hc__claims claims = {.typ = "at+jwt",
                         .issuer = "https://hc.example",
                         .audience = "hc-api",
                         .issued = NOW,
                         .not_before = NOW,
                         .expires = NOW + LIFETIME,
                         .epoch = 7,
                         .role = "buyer"};

    ck_assert(hc__id_read(&claims.subject, SUBJECT, 36));
    ck_assert(hc__id_read(&claims.session, SESSION, 36));
    ck_assert(hc__id_read(&claims.token, TOKEN, 36));
    return claims;
}

#endif
