/* MODE: 0 a token as it is, 1 "HEADER\nCLAIMS" signed with a key in use, 2 the same with a foreign key. */
#include <sodium.h>

#include "base/id.h"
#include "crypto/crypto.h"
#include "fuzz.h"

#define NOW INT64_C(1800000000)

static const hc__token_rules rules = {"at+jwt", "https://hc.example", "hc-api", NOW, 30, 600};
static const uint8_t seeds[2][32] = {{1}, {2}};

static void sign(hc__buf *out, fuzz *run, const uint8_t seed[32])
{
    uint8_t public_key[32], secret[64], signature[64];
    size_t size;
    const char *header = fuzz_cut(run, "\n", &size);

    hc__base64url_put(out, header, size);
    hc__buf_char(out, '.');
    hc__base64url_put(out, run->text, run->size);
    crypto_sign_seed_keypair(public_key, secret, seed);
    crypto_sign_detached(signature, NULL, (const uint8_t *)out->data, out->size, secret);
    hc__buf_char(out, '.');
    hc__base64url_put(out, signature, sizeof(signature));
}

static bool same_claims(const hc__claims *a, const hc__claims *b)
{
    return strcmp(a->typ, b->typ) == 0 && strcmp(a->issuer, b->issuer) == 0 && strcmp(a->audience, b->audience) == 0 &&
           hc__id_equal(a->subject, b->subject) && hc__id_equal(a->session, b->session) &&
           hc__id_equal(a->token, b->token) && a->issued == b->issued && a->not_before == b->not_before &&
           a->expires == b->expires && a->epoch == b->epoch && strcmp(a->role, b->role) == 0;
}

/* What was taken keeps the rules, and signed by us it is taken as the same. */
static void check_claims(fuzz *run, hc__signing_key *const ring[1], const hc__claims *claims)
{
    hc__claims again;
    hc__buf token;

    FUZZ_ASSERT(strcmp(claims->issuer, rules.issuer) == 0 && strcmp(claims->typ, rules.typ) == 0);
    FUZZ_ASSERT(claims->expires + rules.leeway > NOW && claims->expires - claims->issued <= rules.lifetime);
    hc__buf_init(&token, &run->plain);
    FUZZ_ASSERT(hc__token_sign(&token, ring[0], claims, &run->err) == HC_OK);
    FUZZ_ASSERT(hc__token_verify(&again, ring, 1, &run->plain, token.data, token.size, &rules, NULL) == HC_OK);
    FUZZ_ASSERT(same_claims(claims, &again));
    hc__buf_free(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const hc__claims nothing;
    fuzz run;
    hc__signing_key *ring[1];
    hc__claims claims;
    hc__buf token;
    hc_status status;
    int mode;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    FUZZ_ASSERT(hc__crypto_start(NULL) == HC_OK);
    FUZZ_ASSERT(hc__signing_key_new(&ring[0], &run.plain, "k1", seeds[0], 32, NULL) == HC_OK);
    hc__buf_init(&token, &run.plain);
    mode = (uint8_t)(fuzz_byte(&run) - '0') % 3;
    if (mode == 0)
        hc__buf_put(&token, run.text, run.size);
    else
        sign(&token, &run, seeds[mode - 1]);
    memset(&claims, 'x', sizeof(claims));
    status = hc__token_verify(&claims, ring, 1, &run.mem, token.data, token.size, &rules, &run.err);
    fuzz_outcome(&run, status);
    FUZZ_ASSERT(status == HC_OK || status == HC_ERR_UNAUTHENTICATED || status == HC_ERR_NO_MEMORY);
    FUZZ_ASSERT(mode != 2 || status != HC_OK);
    if (status == HC_OK)
        check_claims(&run, ring, &claims);
    else
        FUZZ_ASSERT(memcmp(&claims, &nothing, sizeof(claims)) == 0);
    hc__buf_free(&token);
    hc__signing_key_free(ring[0]);
    return fuzz_end(&run);
}
