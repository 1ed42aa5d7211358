#include "crypto/signing_key.h"

#include <sodium.h>
#include <string.h>
#include "base/fail.h"
#include "base/id.h"
#include "base/json.h"
#include "base/utf8.h"

static bool text_valid(const char *text, size_t capacity)
{
    size_t size = strnlen(text, capacity), points;

    return size < capacity && hc__utf8_check(text, size, &points);
}

/* A token that hc__token_verify would refuse is a bug of the caller: it is not signed. */
static hc_status claims_check(const hc__claims *claims, hc_error *err)
{
    const char *field = NULL;

    if (claims->typ[0] == '\0' || !text_valid(claims->typ, sizeof(claims->typ)))
        field = "typ";
    else if (claims->issuer[0] == '\0' || !text_valid(claims->issuer, sizeof(claims->issuer)))
        field = "issuer";
    else if (claims->audience[0] == '\0' || !text_valid(claims->audience, sizeof(claims->audience)))
        field = "audience";
    else if (!text_valid(claims->role, sizeof(claims->role)))
        field = "role";
    else if (hc__id_zero(claims->subject))
        field = "subject";
    else if (hc__id_zero(claims->session))
        field = "session";
    else if (hc__id_zero(claims->token))
        field = "token";
    else if (claims->issued < 0 || claims->not_before < 0 || claims->epoch < 0)
        field = claims->issued < 0 ? "issued" : claims->not_before < 0 ? "not_before" : "epoch";
    else if (claims->expires <= claims->issued || claims->expires <= claims->not_before ||
             claims->expires > HC__TOKEN_TIME_MAX)
        field = "expires";
    if (field == NULL)
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID, field, "%s is not fit for a token", field);
}

static void put_text(hc__json_writer *writer, const char *name, const char *text)
{
    hc__json_key(writer, name);
    hc__json_string(writer, text, strlen(text));
}

static void put_int(hc__json_writer *writer, const char *name, int64_t value)
{
    hc__json_key(writer, name);
    hc__json_int(writer, value);
}

static void put_id(hc__json_writer *writer, const char *name, hc_id id)
{
    char text[HC_ID_TEXT_SIZE];

    hc_id_format(text, id);
    put_text(writer, name, text);
}

static void put_header(hc__buf *out, const hc__signing_key *key, const hc__claims *claims)
{
    hc__json_writer writer;

    hc__json_begin(&writer, out);
    hc__json_object(&writer);
    put_text(&writer, "alg", HC__TOKEN_ALG);
    put_text(&writer, "typ", claims->typ);
    put_text(&writer, "kid", key->kid);
    hc__json_object_end(&writer);
}

static void put_claims(hc__buf *out, const hc__claims *claims)
{
    hc__json_writer writer;

    hc__json_begin(&writer, out);
    hc__json_object(&writer);
    put_text(&writer, "iss", claims->issuer);
    put_text(&writer, "aud", claims->audience);
    put_id(&writer, "sub", claims->subject);
    put_id(&writer, "sid", claims->session);
    put_id(&writer, "jti", claims->token);
    put_int(&writer, "iat", claims->issued);
    put_int(&writer, "nbf", claims->not_before);
    put_int(&writer, "exp", claims->expires);
    put_int(&writer, "epoch", claims->epoch);
    if (claims->role[0] != '\0')
        put_text(&writer, "role", claims->role);
    hc__json_object_end(&writer);
}

hc_status hc__token_sign(hc__buf *out, const hc__signing_key *key, const hc__claims *claims, hc_error *err)
{
    size_t start = out->size;
    uint8_t signature[HC__TOKEN_SIGNATURE];
    hc__buf text;
    bool failed;
    hc_status status = claims_check(claims, err);

    if (status != HC_OK)
        return status;
    hc__buf_init(&text, out->mem);
    put_header(&text, key, claims);
    hc__base64url_put(out, text.data, text.size);
    hc__buf_char(out, '.');
    failed = text.failed;
    hc__buf_clear(&text);
    put_claims(&text, claims);
    hc__base64url_put(out, text.data, text.size);
    failed = failed || text.failed || out->failed;
    hc__buf_free(&text);
    if (!failed) {
        crypto_sign_detached(signature, NULL, (const uint8_t *)out->data + start, out->size - start,
                             hc__secret_bytes(key->secret));
        hc__buf_char(out, '.');
        hc__base64url_put(out, signature, sizeof(signature));
        failed = out->failed;
    }
    if (!failed)
        return HC_OK;
    out->size = start;
    if (out->data != NULL)
        out->data[start] = '\0';
    return hc__no_memory(err);
}
