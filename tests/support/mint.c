#include "mint.h"

#include "suite.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define URLSAFE sodium_base64_VARIANT_URLSAFE_NO_PADDING

size_t mint_encode(char *out, const void *bytes, size_t size)
{
    sodium_bin2base64(out, sodium_base64_encoded_len(size, URLSAFE), bytes, size, URLSAFE);
    return strlen(out);
}

size_t mint_decode(uint8_t *out, size_t capacity, const char *text, size_t size)
{
    size_t got = 0;

    ck_assert_int_eq(sodium_base642bin(out, capacity, text, size, NULL, &got, NULL, URLSAFE), 0);
    return got;
}

void mint_key(mint *out, const uint8_t secret[32])
{
    static const uint8_t purpose[crypto_generichash_blake2b_PERSONALBYTES] = "token";
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

    ck_assert_int_ge(sodium_init(), 0);
    memset(out, 0, sizeof *out);
    crypto_generichash_blake2b_salt_personal(out->seed, 32, NULL, 0, secret, 32, NULL, purpose);
    crypto_sign_seed_keypair(out->public_key, secret_key, out->seed);
}

void mint_key_of_file(mint *out, const char *path)
{
    uint8_t secret[32];
    FILE *file = fopen(path, "rb");

    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_uint_eq(fread(secret, 1, sizeof secret, file), sizeof secret);
    fclose(file);
    mint_key(out, secret);
}

void mint_read(mint *out, const char *token)
{
    const char *first = strchr(token, '.');
    const char *second = first == NULL ? NULL : strchr(first + 1, '.');
    size_t size;

    ck_assert_ptr_nonnull(second);
    size = mint_decode((uint8_t *)out->header, MINT_LIMIT - 1, token, (size_t)(first - token));
    out->header[size] = '\0';
    size = mint_decode((uint8_t *)out->claims, MINT_LIMIT - 1, first + 1, (size_t)(second - first - 1));
    out->claims[size] = '\0';
}

/* Start and end of a member, without a comma: the library's own texts have no value with a comma or brace in it. */
static char *find(char *json, const char *name, char **end)
{
    char key[80];
    char *at;

    snprintf(key, sizeof key, "\"%s\":", name);
    at = strstr(json, key);
    if (at != NULL)
        *end = at + strcspn(at, ",}");
    return at;
}

void mint_set(char json[MINT_LIMIT], const char *name, const char *value)
{
    char rest[MINT_LIMIT];
    char *end = NULL;
    char *at = find(json, name, &end);
    size_t length;

    if (at != NULL) { /* out with it, and with one comma */
        if (*end == ',')
            end++;
        else if (at[-1] == ',')
            at--;
        memmove(at, end, strlen(end) + 1);
    }
    if (value == NULL)
        return;
    snprintf(rest, sizeof rest, "%s", json + 1);
    length = (size_t)snprintf(json, MINT_LIMIT, "{\"%s\":%s%s", name, value, rest[0] == '}' ? "" : ",");
    ck_assert_uint_lt(length + strlen(rest), MINT_LIMIT);
    memcpy(json + length, rest, strlen(rest) + 1);
}

const char *mint_get(const char json[MINT_LIMIT], const char *name)
{
    static char value[MINT_LIMIT];
    char copy[MINT_LIMIT];
    char *end = NULL, *at;

    snprintf(copy, sizeof copy, "%s", json);
    at = find(copy, name, &end);
    ck_assert_msg(at != NULL, "%s in %s", name, json);
    *end = '\0';
    snprintf(value, sizeof value, "%s", strchr(at, ':') + 1);
    return value;
}

size_t mint_unsigned(char *out, const mint *from)
{
    size_t size = mint_encode(out, from->header, strlen(from->header));

    out[size++] = '.';
    return size + mint_encode(out + size, from->claims, strlen(from->claims));
}

size_t mint_token(char *out, const mint *from)
{
    uint8_t public_key[32], secret_key[64], signature[64];
    size_t size = mint_unsigned(out, from);

    crypto_sign_seed_keypair(public_key, secret_key, from->seed);
    crypto_sign_detached(signature, NULL, (const uint8_t *)out, size, secret_key);
    out[size++] = '.';
    return size + mint_encode(out + size, signature, sizeof signature);
}
