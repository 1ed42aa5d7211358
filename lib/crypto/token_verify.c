#include "crypto/signing_key.h"

#include <sodium.h>
#include <string.h>
#include "base/fail.h"
#include "base/id.h"
#include "base/json.h"
#include "crypto/base64.h"

/* The order is fixed: size, shape, header, key, signature, and only then are the claims read. */

#define SIGNATURE_TEXT 86 /* base64url of 64 bytes */

static const hc__json_limits limits = {HC__TOKEN_LIMIT, 8, 256};

/* The kinds of fault that a caller may tell apart. */
static const char malformed[] = "the token is malformed";
static const char foreign[] = "the token is not signed by a key in use";
static const char misplaced[] = "the token is not meant for this use";
static const char untimely[] = "the token is expired, not yet valid or valid for too long";

static hc_status refuse(hc_error *err, const char *kind)
{
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, "token", "%s", kind);
}

/* ---- JSON objects by a list of names ---- */

/* Takes the value of the name at `index`, which begins with `token`; false refuses the whole. */
typedef bool (*take_fn)(void *data, size_t index, hc__json_reader *reader, hc__json_token token);

static bool text_is(const hc__json_reader *reader, const char *text)
{
    return reader->size == strlen(text) && memcmp(reader->text, text, reader->size) == 0;
}

static bool take_members(hc__json_reader *reader, const char *const *names, size_t count, take_fn take, void *data,
                         unsigned *seen)
{
    hc__json_token token;

    if (hc__json_next(reader, NULL) != HC__JSON_OBJECT)
        return false;
    while ((token = hc__json_next(reader, NULL)) == HC__JSON_KEY) {
        size_t index = 0, raw_size;
        const char *raw;

        while (index < count && !text_is(reader, names[index]))
            index++;
        if (index == count) {
            if (!hc__json_skip(reader, &raw, &raw_size, NULL))
                return false;
            continue;
        }
        *seen |= 1u << index;
        if (!take(data, index, reader, hc__json_next(reader, NULL)))
            return false;
    }
    return token == HC__JSON_OBJECT_END && hc__json_next(reader, NULL) == HC__JSON_END;
}

static hc_status read_object(const hc__buf *text, const char *const *names, size_t count, take_fn take, void *data,
                             unsigned *seen, hc_error *err)
{
    hc__json_reader reader;
    bool taken, starved;

    hc__json_open(&reader, text->mem, text->data, text->size, &limits);
    taken = take_members(&reader, names, count, take, data, seen);
    starved = reader.status == HC_ERR_NO_MEMORY;
    hc__json_close(&reader);
    if (starved)
        return hc__no_memory(err);
    return taken ? HC_OK : refuse(err, malformed);
}

static bool take_text(char *out, size_t capacity, const hc__json_reader *reader, hc__json_token token)
{
    if (token != HC__JSON_STRING || reader->size >= capacity)
        return false;
    memcpy(out, reader->text, reader->size);
    out[reader->size] = '\0';
    return true;
}

static bool take_id(hc_id *out, const hc__json_reader *reader, hc__json_token token)
{
    return token == HC__JSON_STRING && hc__id_read(out, reader->text, reader->size) && !hc__id_zero(*out);
}

/* Plain digits: no sign, fraction, exponent, and no leading zero, which the reader refuses. */
static bool take_int(int64_t *out, int64_t max, const hc__json_reader *reader, hc__json_token token)
{
    int64_t value = 0;

    if (token != HC__JSON_NUMBER)
        return false;
    for (size_t i = 0; i < reader->size; i++) {
        int digit = reader->text[i] - '0';
        if (digit < 0 || digit > 9 || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* ---- header ---- */

typedef struct header {
    char alg[16];
    char typ[16];
    char kid[HC__KID_LIMIT + 1];
} header;

/* jku, x5u, jwk and x5c are not named here, so nothing can read a key from them. */
enum { HEADER_ALG, HEADER_TYP, HEADER_KID, HEADER_CRIT, HEADER_COUNT };
static const char *const header_names[HEADER_COUNT] = {"alg", "typ", "kid", "crit"};
#define HEADER_NEEDED (1u << HEADER_ALG | 1u << HEADER_TYP | 1u << HEADER_KID)

static bool take_header(void *data, size_t index, hc__json_reader *reader, hc__json_token token)
{
    header *out = data;

    switch (index) {
    case HEADER_ALG:
        return take_text(out->alg, sizeof(out->alg), reader, token);
    case HEADER_TYP:
        return take_text(out->typ, sizeof(out->typ), reader, token);
    case HEADER_KID:
        return take_text(out->kid, sizeof(out->kid), reader, token);
    default: /* crit: we know no extension, so all of them are unknown (RFC 7515, section 4.1.11) */
        return false;
    }
}

/* ---- claims ---- */

typedef struct claims_in {
    hc__claims *out;
    const hc__token_rules *rules;
    bool for_us;
} claims_in;

enum {
    CLAIM_ISS,
    CLAIM_AUD,
    CLAIM_SUB,
    CLAIM_SID,
    CLAIM_JTI,
    CLAIM_IAT,
    CLAIM_NBF,
    CLAIM_EXP,
    CLAIM_EPOCH,
    CLAIM_ROLE,
    CLAIM_COUNT
};
static const char *const claim_names[CLAIM_COUNT] = {"iss", "aud", "sub", "sid",   "jti",
                                                     "iat", "nbf", "exp", "epoch", "role"};
#define CLAIMS_NEEDED ((1u << CLAIM_COUNT) - 1u - (1u << CLAIM_ROLE))

static bool take_audience(claims_in *in, hc__json_reader *reader, hc__json_token token)
{
    bool list = token == HC__JSON_ARRAY;

    if (list)
        token = hc__json_next(reader, NULL);
    while (token == HC__JSON_STRING) {
        in->for_us = in->for_us || text_is(reader, in->rules->audience);
        if (!list)
            return true;
        token = hc__json_next(reader, NULL);
    }
    return list && token == HC__JSON_ARRAY_END;
}

static bool take_claim(void *data, size_t index, hc__json_reader *reader, hc__json_token token)
{
    claims_in *in = data;
    hc__claims *out = in->out;

    switch (index) {
    case CLAIM_ISS:
        return take_text(out->issuer, sizeof(out->issuer), reader, token);
    case CLAIM_AUD:
        return take_audience(in, reader, token);
    case CLAIM_SUB:
        return take_id(&out->subject, reader, token);
    case CLAIM_SID:
        return take_id(&out->session, reader, token);
    case CLAIM_JTI:
        return take_id(&out->token, reader, token);
    case CLAIM_IAT:
        return take_int(&out->issued, HC__TOKEN_TIME_MAX, reader, token);
    case CLAIM_NBF:
        return take_int(&out->not_before, HC__TOKEN_TIME_MAX, reader, token);
    case CLAIM_EXP:
        return take_int(&out->expires, HC__TOKEN_TIME_MAX, reader, token);
    case CLAIM_EPOCH:
        return take_int(&out->epoch, INT64_MAX, reader, token);
    default:
        return take_text(out->role, sizeof(out->role), reader, token);
    }
}

/* The leeway widens each comparison with the clock by itself. exp is compared with iat and nbf without it, so that no
 * token is valid only where two leeways overlap. */
static bool timely(const hc__claims *claims, const hc__token_rules *rules)
{
    return claims->expires > claims->issued && claims->expires > claims->not_before &&
           claims->expires - claims->issued <= rules->lifetime && rules->now - claims->expires < rules->leeway &&
           claims->issued - rules->now <= rules->leeway && claims->not_before - rules->now <= rules->leeway;
}

static hc_status read_claims(hc__claims *out, const hc__buf *text, const header *head, const hc__token_rules *rules,
                             hc_error *err)
{
    claims_in in = {.out = out, .rules = rules};
    size_t audience_size = strlen(rules->audience);
    unsigned seen = 0;
    hc_status status = read_object(text, claim_names, CLAIM_COUNT, take_claim, &in, &seen, err);

    if (status != HC_OK)
        return status;
    if ((seen & CLAIMS_NEEDED) != CLAIMS_NEEDED)
        return refuse(err, malformed);
    if (!in.for_us || strcmp(out->issuer, rules->issuer) != 0 || audience_size >= sizeof(out->audience))
        return refuse(err, misplaced);
    if (!timely(out, rules))
        return refuse(err, untimely);
    memcpy(out->typ, head->typ, sizeof(out->typ));
    memcpy(out->audience, rules->audience, audience_size + 1);
    return HC_OK;
}

/* ---- the whole ---- */

typedef struct parts {
    const char *head, *body, *signature; /* in the token */
    size_t head_size, body_size, signature_size;
    size_t signed_size; /* header, dot, claims: what the signature covers */
} parts;

static bool split(parts *out, const char *token, size_t size)
{
    const char *end = token + size, *second;
    const char *first = memchr(token, '.', size);

    if (first == NULL)
        return false;
    second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
        return false;
    *out = (parts){.head = token,
                   .body = first + 1,
                   .signature = second + 1,
                   .head_size = (size_t)(first - token),
                   .body_size = (size_t)(second - first - 1),
                   .signature_size = (size_t)(end - second - 1),
                   .signed_size = (size_t)(second - token)};
    return true;
}

static hc_status decode(hc__buf *out, const char *text, size_t size, hc_error *err)
{
    hc__buf_clear(out);
    if (hc__base64url_read(out, text, size))
        return HC_OK;
    return out->failed ? hc__no_memory(err) : refuse(err, malformed);
}

static const hc__signing_key *find(hc__signing_key *const *ring, size_t keys, const char *kid)
{
    for (size_t i = 0; i < keys; i++)
        if (strcmp(ring[i]->kid, kid) == 0)
            return ring[i];
    return NULL;
}

static bool signed_by(const hc__signing_key *key, const parts *token)
{
    uint8_t signature[HC__TOKEN_SIGNATURE];
    size_t got; /* as many letters are 64 bytes */

    return token->signature_size == SIGNATURE_TEXT &&
           hc__base64_read(signature, sizeof(signature), &got, token->signature, token->signature_size,
                           sodium_base64_VARIANT_URLSAFE_NO_PADDING) &&
           crypto_sign_verify_detached(signature, (const uint8_t *)token->head, token->signed_size, key->public_key) ==
               0;
}

static hc_status verify(hc__claims *out, hc__signing_key *const *ring, size_t keys, hc__buf *text, const parts *token,
                        const hc__token_rules *rules, hc_error *err)
{
    header head = {0};
    unsigned seen = 0;
    const hc__signing_key *key;
    hc_status status = decode(text, token->head, token->head_size, err);

    if (status == HC_OK)
        status = read_object(text, header_names, HEADER_COUNT, take_header, &head, &seen, err);
    if (status != HC_OK)
        return status;
    if ((seen & HEADER_NEEDED) != HEADER_NEEDED)
        return refuse(err, malformed);
    key = find(ring, keys, head.kid);
    if (key == NULL || strcmp(head.alg, HC__TOKEN_ALG) != 0 || !signed_by(key, token))
        return refuse(err, foreign);
    if (strcmp(head.typ, rules->typ) != 0)
        return refuse(err, misplaced);
    status = decode(text, token->body, token->body_size, err);
    return status == HC_OK ? read_claims(out, text, &head, rules, err) : status;
}

hc_status hc__token_verify(hc__claims *out, hc__signing_key *const *ring, size_t keys, const hc__mem *mem,
                           const char *token, size_t size, const hc__token_rules *rules, hc_error *err)
{
    parts in;
    hc__buf text;
    hc_status status;

    memset(out, 0, sizeof(*out));
    if (keys > HC__RING_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "ring", "a ring has at most %d keys", HC__RING_LIMIT);
    if (token == NULL || size > HC__TOKEN_LIMIT || !split(&in, token, size))
        return refuse(err, malformed);
    hc__buf_init(&text, mem);
    status = verify(out, ring, keys, &text, &in, rules, err);
    hc__buf_free(&text);
    if (status != HC_OK)
        memset(out, 0, sizeof(*out));
    return status;
}
