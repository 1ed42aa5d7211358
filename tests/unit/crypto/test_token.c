/* Keys, signatures, headers and the shape of a token. */
#include "forge.h"

#include "crypto/signing_key.h"

/* RFC 8032, section 7.1, TEST 1; RFC 8037, appendix A.3: the key's thumbprint. */
START_TEST(key_has_the_standard_public_key_and_id)
{
    static const uint8_t public_key[32] = {0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe,
                                           0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6,
                                           0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    hc__signing_key *derived;

    ck_assert_int_eq(hc__signing_key_new(&derived, &mem, NULL, seed, 32, NULL), HC_OK);
    ck_assert_mem_eq(hc__signing_key_public(derived), public_key, 32);
    ck_assert_str_eq(hc__signing_key_id(derived), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    ck_assert_str_eq(hc__signing_key_id(key), "k1");
    hc__signing_key_free(derived);
    hc__signing_key_free(NULL);
}
END_TEST

/* RFC 8032, section 7.1, TEST 1 and 2, and RFC 8037, appendix A.4, with the secret that our keys hold. */
START_TEST(key_makes_the_standard_signatures)
{
    static const struct {
        const char *seed, *message, *signature;
    } cases[] = {{"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", "",
                  "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc-bRr0lv18FlbviRlUUFDjnoQCw"},
                 {"TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs", "r",
                  "kqAJqfDUyrhyDoILX2QlQKKye1QWUD-Ps3YiI-vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA"},
                 {"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
                  "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
                  "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hc__buf bytes, text;
        uint8_t signature[64];
        hc__signing_key *made;

        hc__buf_init(&bytes, &mem);
        hc__buf_init(&text, &mem);
        ck_assert(hc__base64url_read(&bytes, cases[i].seed, strlen(cases[i].seed)));
        ck_assert_int_eq(hc__signing_key_new(&made, &mem, NULL, bytes.data, bytes.size, NULL), HC_OK);
        crypto_sign_detached(signature, NULL, (const uint8_t *)cases[i].message, strlen(cases[i].message),
                             hc__secret_bytes(made->secret));
        hc__base64url_put(&text, signature, 64);
        ck_assert_str_eq(text.data, cases[i].signature);
        hc__signing_key_free(made);
        hc__buf_free(&bytes);
        hc__buf_free(&text);
    }
}
END_TEST

/* T04 */
START_TEST(key_of_another_size_is_refused)
{
    static const uint8_t zeros[64], full[64] = {1, 2, 3};
    hc__signing_key *made = key;
    hc_error err = {0};

    for (size_t size = 0; size <= 64; size++) {
        if (size == 32)
            continue;
        ck_assert_int_eq(hc__signing_key_new(&made, &mem, "k", full, size, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "seed");
        ck_assert_ptr_null(made);
    }
    ck_assert_int_eq(hc__signing_key_new(&made, &mem, "k", zeros, 32, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "seed");
    ck_assert_int_eq(hc__signing_key_new(&made, &mem, "k", NULL, 32, &err), HC_ERR_INVALID);
}
END_TEST

/* T05 */
START_TEST(key_with_a_bad_id_is_refused)
{
    static const char *const bad[] = {
        "",    "../../etc/passwd", "x' OR 1=1--", "a b",
        "a\n", "k\xc3\xa9",        "a\"b",        "12345678901234567890123456789012345678901234567890123456789012345"};
    hc__signing_key *made = key;
    hc_error err = {0};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(hc__signing_key_new(&made, &mem, bad[i], seed, 32, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "kid");
        ck_assert_ptr_null(made);
    }
    ck_assert_int_eq(hc__signing_key_new(&made, &mem, bad[7] + 1, seed, 32, &err), HC_OK);
    ck_assert_uint_eq(strlen(hc__signing_key_id(made)), HC__KID_LIMIT);
    hc__signing_key_free(made);
}
END_TEST

START_TEST(key_ids_are_of_these_letters)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    int taken = 0;

    for (int c = 1; c < 256; c++) {
        const char kids[][3] = {{'k', (char)c, '\0'}, {(char)c, 'k', '\0'}, {(char)c, '\0'}};

        for (size_t i = 0; i < 3; i++) {
            hc__signing_key *made;
            hc_status status = hc__signing_key_new(&made, &mem, kids[i], seed, 32, NULL);

            ck_assert_int_eq(status, strchr(letters, (char)c) != NULL ? HC_OK : HC_ERR_INVALID);
            taken += status == HC_OK;
            hc__signing_key_free(made);
        }
    }
    ck_assert_int_eq(taken, 3 * (int)strlen(letters));
}
END_TEST

START_TEST(token_comes_back_as_signed)
{
    hc__claims claims = usual_claims(), out;
    hc__buf token, same;

    hc__buf_init(&token, &mem);
    ck_assert_int_eq(hc__token_sign(&token, key, &claims, NULL), HC_OK);
    verified_by(&out, &rules, token.data, token.size);
    ck_assert_str_eq(out.typ, "at+jwt");
    ck_assert_str_eq(out.issuer, "https://hc.example");
    ck_assert_str_eq(out.audience, "hc-api");
    ck_assert_str_eq(out.role, "buyer");
    ck_assert(hc__id_equal(out.subject, claims.subject));
    ck_assert(hc__id_equal(out.session, claims.session));
    ck_assert(hc__id_equal(out.token, claims.token));
    ck_assert_int_eq(out.issued, NOW);
    ck_assert_int_eq(out.not_before, NOW);
    ck_assert_int_eq(out.expires, NOW + LIFETIME);
    ck_assert_int_eq(out.epoch, 7);
    forge(&same, header_with(NULL, NULL), claims_with(NULL, NULL));
    ck_assert_str_eq(token.data, same.data);
    hc__buf_free(&same);
    hc__buf_free(&token);
}
END_TEST

START_TEST(token_of_each_key_of_the_ring_is_taken)
{
    hc__claims claims = usual_claims(), out;
    hc__signing_key *many[HC__RING_LIMIT + 1];
    hc__buf token;
    hc_error err = {0};

    claims.role[0] = '\0';
    claims.epoch = 0;
    hc__buf_init(&token, &mem);
    hc__buf_text(&token, "Bearer ");
    ck_assert_int_eq(hc__token_sign(&token, other_key, &claims, NULL), HC_OK);
    verified_by(&out, &rules, token.data + 7, token.size - 7);
    ck_assert_str_eq(out.role, "");
    ck_assert_int_eq(out.epoch, 0);
    ck_assert_int_eq(hc__token_verify(&out, &key, 1, &mem, token.data + 7, token.size - 7, &rules, &err),
                     HC_ERR_UNAUTHENTICATED);
    ck_assert_int_eq(hc__token_verify(&out, ring, 0, &mem, token.data + 7, token.size - 7, &rules, &err),
                     HC_ERR_UNAUTHENTICATED);
    for (size_t i = 0; i <= HC__RING_LIMIT; i++)
        many[i] = key;
    many[HC__RING_LIMIT - 1] = other_key;
    ck_assert_int_eq(hc__token_verify(&out, many, HC__RING_LIMIT, &mem, token.data + 7, token.size - 7, &rules, &err),
                     HC_OK);
    ck_assert_int_eq(
        hc__token_verify(&out, many, HC__RING_LIMIT + 1, &mem, token.data + 7, token.size - 7, &rules, &err),
        HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "ring");
    hc__buf_free(&token);
}
END_TEST

START_TEST(claims_that_no_one_would_take_are_not_signed)
{
    static const char *const fields[] = {"typ",      "issuer",     "audience", "subject",    "session",
                                         "token",    "epoch",      "expires",  "expires",    "expires",
                                         "issuer",   "role",       "issued",   "not_before", "typ",
                                         "audience", "not_before", "epoch",    "expires"};
    enum { CASES = sizeof fields / sizeof fields[0] };
    hc__claims good = usual_claims(), bad[CASES];
    hc__buf out;
    hc_error err = {0};

    for (size_t i = 0; i < CASES; i++)
        bad[i] = good;
    bad[0].typ[0] = bad[1].issuer[0] = bad[2].audience[0] = '\0';
    memset(&bad[3].subject, 0, sizeof(hc_id));
    memset(&bad[4].session, 0, sizeof(hc_id));
    memset(&bad[5].token, 0, sizeof(hc_id));
    bad[6].epoch = -1;
    bad[7].expires = NOW;
    bad[8].not_before = NOW + LIFETIME;
    bad[9].expires = INT64_MAX;
    memset(bad[10].issuer, 'x', sizeof(bad[10].issuer));
    memcpy(bad[11].role, "\xff", 2);
    bad[12].issued = -1;
    bad[13].not_before = -1;
    memset(bad[14].typ, 'x', sizeof(bad[14].typ));
    memcpy(bad[15].audience, "\xff", 2);
    bad[16].issued = bad[17].issued = bad[17].not_before = 0;
    bad[16].not_before = bad[17].epoch = -1;
    bad[18].expires = NOW;
    bad[18].not_before = NOW - 1;
    hc__buf_init(&out, &mem);
    for (size_t i = 0; i < CASES; i++) {
        ck_assert_int_eq(hc__token_sign(&out, key, &bad[i], &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, fields[i]);
        ck_assert_uint_eq(out.size, 0);
    }
    good.expires = HC__TOKEN_TIME_MAX + 1;
    ck_assert_int_eq(hc__token_sign(&out, key, &good, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "expires");
    good.expires = HC__TOKEN_TIME_MAX;
    ck_assert_int_eq(hc__token_sign(&out, key, &good, &err), HC_OK);
    good.issued = good.not_before = good.epoch = 0;
    ck_assert_int_eq(hc__token_sign(&out, key, &good, &err), HC_OK);
    good.expires = 0;
    ck_assert_int_eq(hc__token_sign(&out, key, &good, &err), HC_ERR_INVALID);
    hc__buf_free(&out);
}
END_TEST

/* T01 */
START_TEST(alg_none_is_refused)
{
    static const char *const none[] = {"\"none\"", "\"None\"", "\"nOnE\"", "\"NONE\"", "\"\"",        "null", "0",
                                       "1",        "-8",       "true",     "[]",       "[\"EdDSA\"]", "{}",   NULL};
    hc__buf token;

    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        char *header = header_with("alg", none[i]), *claims = claims_with(NULL, NULL);

        header_refused("alg", none[i]); /* with a signature that is right */
        hc__buf_init(&token, &mem);
        put_unsigned(&token, header, strlen(header), claims, strlen(claims));
        refused(token.data, token.size, "without a signature");
        hc__buf_char(&token, '.');
        refused(token.data, token.size, "with an empty signature");
        hc__buf_free(&token);
        hc__free(&mem, header);
        hc__free(&mem, claims);
    }
    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    refused(token.data, token.size - 86, "EdDSA with an empty signature");
    hc__buf_free(&token);
}
END_TEST

/* T02 */
START_TEST(a_mac_with_the_public_key_is_refused)
{
    static const char *const algs[] = {"\"HS256\"", "\"EdDSA\"", "\"hs256\""};
    uint8_t mac[64] = {0};
    crypto_auth_hmacsha256_state state;
    hc__buf token;

    for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        for (size_t mac_size = 32; mac_size <= 64; mac_size += 32) {
            char *header = header_with("alg", algs[i]), *claims = claims_with(NULL, NULL);
            hc__buf_init(&token, &mem);
            put_unsigned(&token, header, strlen(header), claims, strlen(claims));
            crypto_auth_hmacsha256_init(&state, hc__signing_key_public(key), 32);
            crypto_auth_hmacsha256_update(&state, (const uint8_t *)token.data, token.size);
            crypto_auth_hmacsha256_final(&state, mac);
            hc__buf_char(&token, '.');
            hc__base64url_put(&token, mac, mac_size);
            refused(token.data, token.size, algs[i]);
            hc__buf_free(&token);
            hc__free(&mem, header);
            hc__free(&mem, claims);
        }
    }
}
END_TEST

/* T03 */
START_TEST(alg_of_the_same_family_is_refused)
{
    static const char *const algs[] = {
        "\"Ed25519\"", "\"Ed448\"",  "\"EdDSA448\"", "\"Ed25519ph\"",    "\"eddsa\"",  "\"EDDSA\"",
        "\"EdDSA \"",  "\" EdDSA\"", "\"EdDS\"",     "\"EdDSA\\u0000\"", "\"ES256\"",  "\"ES512\"",
        "\"RS256\"",   "\"RS512\"",  "\"HS512\"",    "\"PS256\"",        "\"ES256K\"", "\"EdDSAEdDSAEdDSAEdDSA\""};

    for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
        header_refused("alg", algs[i]);
    header_taken("alg", "\"EdDS\\u0041\""); /* the same text, spelt otherwise */
}
END_TEST

/* T05 */
START_TEST(kid_is_only_looked_up)
{
    static const char *const kids[] = {"\"../../etc/passwd\"",
                                       "\"x' OR 1=1--\"",
                                       "\"k1\\u0000\"",
                                       "\"k\"",
                                       "\"k11\"",
                                       "\"K1\"",
                                       "\"\"",
                                       "null",
                                       "1",
                                       "[\"k1\"]",
                                       "\"k2\"", /* another key of the ring */
                                       "\"/dev/null\"",
                                       "\"file:///dev/null\"",
                                       "\" k1\"",
                                       "\"k1\\n\"",
                                       NULL};
    char *large = malloc(65536 + 3);

    for (size_t i = 0; i < sizeof(kids) / sizeof(kids[0]); i++)
        header_refused("kid", kids[i]);
    ck_assert_ptr_nonnull(large);
    for (size_t size = 63; size <= 65536; size = size < 66 ? size + 1 : size * 2) {
        large[0] = '"';
        memset(large + 1, 'k', size);
        large[size + 1] = '"';
        large[size + 2] = '\0';
        header_refused("kid", large);
    }
    free(large);
}
END_TEST

/* T06 */
START_TEST(keys_in_the_header_are_not_used)
{
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"jku", "\"https://evil.example/keys\""},
        {"x5u", "\"https://evil.example/cert\""},
        {"x5c", "[\"MIIB\"]"},
        {"x5t", "\"abc\""},
        {"jwk", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w\"}"}};
    static const char *const crits[] = {"[]",       "[\"exp\"]", "[\"b64\"]", "[\"http://example.com/UNDEFINED\"]",
                                        "null",     "\"exp\"",   "true",      "{}",
                                        "[\"alg\"]"};
    uint8_t evil[32] = {9};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *header = header_with(cases[i].name, cases[i].value), *claims = claims_with(NULL, NULL);
        hc__buf token;

        header_taken(cases[i].name, cases[i].value); /* our signature: the member is passed over */
        hc__buf_init(&token, &mem);
        put_unsigned(&token, header, strlen(header), claims, strlen(claims));
        put_signature(&token, evil);
        refused(token.data, token.size, cases[i].name);
        hc__buf_free(&token);
        hc__free(&mem, header);
        hc__free(&mem, claims);
    }
    for (size_t i = 0; i < sizeof(crits) / sizeof(crits[0]); i++)
        header_refused("crit", crits[i]);
}
END_TEST

/* T10 */
START_TEST(token_of_another_purpose_is_refused)
{
    static const char *const typs[] = {"\"rt+jwt\"",
                                       "\"reset+jwt\"",
                                       "\"verify+jwt\"",
                                       "\"presign+jwt\"",
                                       "\"JWT\"",
                                       "\"AT+JWT\"",
                                       "\"application/at+jwt\"",
                                       "\"at+jwt \"",
                                       "\"\"",
                                       "null",
                                       "[\"at+jwt\"]",
                                       "1",
                                       "\"at+jwt\\u0000\"",
                                       "\"at+jwtat+jwtat+jwtat+jwt\"",
                                       NULL};
    hc__token_rules reset = rules;
    hc__claims claims = usual_claims(), out;
    hc__buf token;

    for (size_t i = 0; i < sizeof(typs) / sizeof(typs[0]); i++)
        header_refused("typ", typs[i]);
    reset.typ = "reset+jwt";
    hc__buf_init(&token, &mem);
    ck_assert_int_eq(hc__token_sign(&token, key, &claims, NULL), HC_OK);
    refused_by(&reset, token.data, token.size, "an access token for a reset");
    hc__buf_clear(&token);
    memcpy(claims.typ, "reset+jwt", 10);
    ck_assert_int_eq(hc__token_sign(&token, key, &claims, NULL), HC_OK);
    refused(token.data, token.size, "a reset token for access");
    verified_by(&out, &reset, token.data, token.size);
    ck_assert_str_eq(out.typ, "reset+jwt");
    hc__buf_free(&token);
}
END_TEST

/* T11 */
START_TEST(duplicate_header_members_are_refused)
{
    static const char *const headers[] = {
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"kid\":\"k1\"}",
        "{\"alg\":\"none\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"alg\":\"EdDSA\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"\\u0061lg\":\"EdDSA\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"x\":1,\"x\":1}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"jwk\":{\"x\":1,\"x\":1}}"};

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        hc__buf token;
        forge(&token, hc__strndup(&mem, headers[i], strlen(headers[i])), claims_with(NULL, NULL));
        refused(token.data, token.size, headers[i]);
        hc__buf_free(&token);
    }
}
END_TEST

START_TEST(headers_that_are_no_object_are_refused)
{
    static const char *const headers[] = {
        "",
        "null",
        "[]",
        "\"EdDSA\"",
        "{",
        "{}",
        "{}{}",
        "\xef\xbb\xbf{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}x",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}{}",
        "{'alg':'EdDSA','typ':'at+jwt','kid':'k1'}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"x\":[[[[[[[[[[[]]]]]]]]]]]}",
        "{\"alg\":\"EdDSA\",\"typ\":\"at+jwt\",\"kid\":\"k1\",\"x\":\"\xff\"}"};

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        hc__buf token;
        forge(&token, hc__strndup(&mem, headers[i], strlen(headers[i])), claims_with(NULL, NULL));
        refused(token.data, token.size, headers[i]);
        hc__buf_free(&token);
    }
}
END_TEST

/* What has the right signature but lacks what its header must tell. */
START_TEST(a_header_that_lacks_a_member_is_malformed)
{
    for (size_t i = 0; i < HEADER_MEMBERS; i++) {
        hc__buf token;

        forge(&token, header_with(good_header[i].name, NULL), claims_with(NULL, NULL));
        malformed(token.data, token.size);
        hc__buf_free(&token);
    }
}
END_TEST

/* T12 */
START_TEST(token_of_another_shape_is_refused)
{
    static const char *const shapes[] = {
        ".",    "..",   "...",  "....",         "a",           "a.b",           "a.b.c",
        ".b.c", "a..c", "a.b.", "Bearer a.b.c", "e30.e30.e30", "\xff.\xff.\xff"};
    hc__buf token;
    char *large = malloc(1 << 20);

    ck_assert_ptr_nonnull(large);
    refused("", 0, "empty");
    refused(NULL, 0, "NULL");
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
        refused(shapes[i], strlen(shapes[i]), shapes[i]);
    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    memcpy(large, token.data, token.size);
    large[token.size - 86] = '.'; /* two dots in a row */
    malformed(large, token.size);
    for (size_t size = 0; size < token.size; size++)
        refused(token.data, size, "cut");
    for (size_t i = 0; i <= token.size; i++) { /* one more character anywhere; the end of the buffer is its NUL */
        static const char extra[] = "=.+/ \n\r\tA-\0";
        for (size_t k = 0; k < sizeof(extra); k++) {
            memcpy(large, token.data, i);
            large[i] = extra[k];
            memcpy(large + i + 1, token.data + i, token.size - i);
            refused(large, token.size + 1, "one character more");
        }
    }
    memset(large, 'A', 1 << 20);
    memcpy(large, token.data, token.size);
    large[token.size] = '.';
    refused(large, 1 << 20, "1 MiB");
    memset(large, '.', 1 << 20);
    refused(large, 1 << 20, "1 MiB of dots");
    free(large);
    hc__buf_free(&token);
}
END_TEST

/* T12: of each group of letters that differ only in bits that no byte uses, one is taken. */
START_TEST(token_with_other_trailing_bits_is_refused)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    hc__buf token;
    hc__claims out;
    int taken = 0;

    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    for (int i = 0; i < 64; i++) {
        char kept = token.data[token.size - 1];
        token.data[token.size - 1] = alphabet[i];
        taken += hc__token_verify(&out, ring, 2, &mem, token.data, token.size, &rules, NULL) == HC_OK;
        token.data[token.size - 1] = kept;
    }
    ck_assert_int_eq(taken, 1);
    hc__buf_free(&token);
}
END_TEST

/* T12: the cap is on the text, before anything is decoded. */
START_TEST(token_at_the_size_limit)
{
    static const char *const pads[3] = {NULL, "\"x\"", "\"xx\""}; /* so that every size comes up */
    char *padding = malloc(9000);
    hc__buf token;
    hc__claims out;
    size_t reached = 0;

    ck_assert_ptr_nonnull(padding);
    for (size_t size = 5700; size < 6000; size++) {
        padding[0] = '"';
        memset(padding + 1, 'x', size);
        memcpy(padding + size + 1, "\"", 2);
        forge(&token, header_with("pad", pads[size % 3]), claims_with("pad", padding));
        if (token.size <= HC__TOKEN_LIMIT) {
            verified_by(&out, &rules, token.data, token.size);
            reached = token.size > reached ? token.size : reached;
        } else {
            refused(token.data, token.size, "over the limit");
        }
        hc__buf_free(&token);
    }
    ck_assert_uint_eq(reached, HC__TOKEN_LIMIT);
    free(padding);
}
END_TEST

/* T13 */
START_TEST(signature_of_another_length_is_refused)
{
    char *header = header_with(NULL, NULL), *claims = claims_with(NULL, NULL);
    uint8_t bytes[130] = {0};
    hc__buf token, signature;
    hc__claims out;
    hc_error err = {0};

    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    hc__buf_init(&signature, &mem);
    ck_assert(hc__base64url_read(&signature, token.data + token.size - 86, 86));
    memcpy(bytes, signature.data, 64);
    memcpy(bytes + 64, signature.data, 64);
    for (size_t size = 0; size <= 130; size++) {
        if (size == 64)
            continue;
        hc__buf_clear(&token);
        put_unsigned(&token, header, strlen(header), claims, strlen(claims));
        hc__buf_char(&token, '.');
        hc__base64url_put(&token, bytes, size);
        refused(token.data, token.size, "signature length");
        ck_assert_int_eq(hc__token_verify(&out, ring, 2, &mem, token.data, token.size, &rules, &err),
                         HC_ERR_UNAUTHENTICATED);
        ck_assert_str_eq(err.message, "the token is not signed by a key in use"); /* also of none at all */
    }
    hc__buf_free(&signature);
    hc__buf_free(&token);
    hc__free(&mem, header);
    hc__free(&mem, claims);
}
END_TEST

/* T13: S + L makes the same point; so does each flipped bit not. */
START_TEST(malleable_and_damaged_signatures_are_refused)
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,       0xd6,
                                      0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    char *header = header_with(NULL, NULL), *claims = claims_with(NULL, NULL);
    hc__buf token, signature;
    size_t signed_size;
    unsigned carry = 0;
    uint8_t changed[64];

    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    signed_size = token.size - 86;
    hc__buf_init(&signature, &mem);
    ck_assert(hc__base64url_read(&signature, token.data + signed_size, 86));
    for (int i = -2; i < 512; i++) {
        memcpy(changed, signature.data, 64);
        if (i == -2) {
            for (size_t k = 0; k < 32; k++) {
                carry += (unsigned)changed[32 + k] + order[k];
                changed[32 + k] = (uint8_t)carry;
                carry >>= 8;
            }
        } else if (i == -1) {
            memset(changed, 0, 64); /* R and S of nothing */
        } else {
            changed[i / 8] = (uint8_t)(changed[i / 8] ^ (1 << i % 8));
        }
        hc__buf_clear(&token);
        put_unsigned(&token, header, strlen(header), claims, strlen(claims));
        ck_assert_uint_eq(token.size + 1, signed_size);
        hc__buf_char(&token, '.');
        hc__base64url_put(&token, changed, 64);
        refused(token.data, token.size, "changed signature");
    }
    hc__buf_free(&signature);
    hc__buf_free(&token);
    hc__free(&mem, header);
    hc__free(&mem, claims);
}
END_TEST

/* T12 T13 */
START_TEST(token_with_any_bit_changed_is_refused)
{
    hc__buf token;

    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    for (size_t i = 0; i < token.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            token.data[i] = (char)(token.data[i] ^ (1 << bit));
            refused(token.data, token.size, "changed bit");
            token.data[i] = (char)(token.data[i] ^ (1 << bit));
        }
    }
    hc__buf_free(&token);
}
END_TEST

/* ---- memory ---- */

static int left;
static bool once; /* the one after those that are left fails, and none behind it */

static bool is_left(void)
{
    return left-- > 0 || (once && left < -1);
}

static void *allocate(size_t size, void *data)
{
    (void)data;
    return is_left() ? malloc(size) : NULL;
}

static void *reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return is_left() ? realloc(block, size) : NULL;
}

static void release(void *block, void *data)
{
    (void)data;
    free(block);
}

/* S13: of a token that lacks a piece nothing is given out. */
START_TEST(a_single_failed_allocation_makes_no_token)
{
    hc_allocator counted = {sizeof(counted), allocate, reallocate, release, NULL};
    hc__claims claims = usual_claims(), out;
    hc__mem scarce;
    hc__buf token;
    hc_error err = {0};
    int failed = 0;

    memset(claims.issuer, 'i', sizeof(claims.issuer) - 1); /* the claims need more room than the header */
    ck_assert_int_eq(hc__mem_init(&scarce, &counted, NULL), HC_OK);
    once = true;
    for (int budget = 0; budget < 20; budget++) {
        hc_status status;

        left = budget;
        hc__buf_init(&token, &mem);
        hc__buf_text(&token, "Bearer ");
        token.mem = &scarce;
        status = hc__token_sign(&token, key, &claims, &err);
        if (left < 0) {
            failed++;
            ck_assert_int_eq(status, HC_ERR_NO_MEMORY);
            ck_assert_uint_eq(token.size, 7);
            ck_assert_str_eq(token.data, "Bearer ");
        } else {
            ck_assert_int_eq(status, HC_OK);
        }
        hc__buf_free(&token);
    }
    ck_assert_int_ge(failed, 3);
    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    failed = 0;
    for (int budget = 0; budget < 20; budget++) {
        hc_status status;

        left = budget;
        status = hc__token_verify(&out, ring, 2, &scarce, token.data, token.size, &rules, &err);
        failed += left < 0;
        ck_assert_int_eq(status, left < 0 ? HC_ERR_NO_MEMORY : HC_OK);
    }
    ck_assert_int_ge(failed, 2);
    once = false;
    hc__buf_free(&token);
}
END_TEST

/* S13: whichever allocation fails, the answer is HC_ERR_NO_MEMORY and never "unauthenticated". */
START_TEST(every_failed_allocation_is_told_as_such)
{
    hc_allocator counted = {sizeof(counted), allocate, reallocate, release, NULL};
    hc__claims claims = usual_claims(), out;
    hc__mem scarce;
    hc__buf token;
    hc_error err = {0};
    hc_status status = HC_ERR_NO_MEMORY;
    hc__signing_key *made;

    ck_assert_int_eq(hc__mem_init(&scarce, &counted, NULL), HC_OK);
    left = 0;
    ck_assert_int_eq(hc__signing_key_new(&made, &scarce, NULL, seed, 32, &err), HC_ERR_NO_MEMORY);
    ck_assert_ptr_null(made);
    for (int budget = 0; status != HC_OK; budget++) {
        ck_assert_int_lt(budget, 100);
        left = budget;
        hc__buf_init(&token, &scarce);
        status = hc__token_sign(&token, key, &claims, &err);
        ck_assert(status == HC_OK || (status == HC_ERR_NO_MEMORY && token.size == 0));
        if (status != HC_OK)
            hc__buf_free(&token);
    }
    status = HC_ERR_NO_MEMORY;
    for (int budget = 0; status != HC_OK; budget++) {
        ck_assert_int_lt(budget, 100);
        left = budget;
        status = hc__token_verify(&out, ring, 2, &scarce, token.data, token.size, &rules, &err);
        ck_assert_msg(status == HC_OK || status == HC_ERR_NO_MEMORY, "%d", (int)status);
    }
    ck_assert_int_eq(out.epoch, 7);
    left = 100;
    hc__buf_free(&token);
    forge(&token, header_with(NULL, NULL), claims_with("iss", "\"https:\\/\\/hc.example\""));
    status = HC_ERR_NO_MEMORY;
    for (int budget = 0; status != HC_OK; budget++) { /* an escaped text is read into memory of its own */
        ck_assert_int_lt(budget, 100);
        left = budget;
        status = hc__token_verify(&out, ring, 2, &scarce, token.data, token.size, &rules, &err);
        ck_assert_msg(status == HC_OK || status == HC_ERR_NO_MEMORY, "%d", (int)status);
    }
    left = 100;
    hc__buf_free(&token);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, key_has_the_standard_public_key_and_id);
    tcase_add_test(tcase, key_makes_the_standard_signatures);
    tcase_add_test(tcase, key_of_another_size_is_refused);
    tcase_add_test(tcase, key_with_a_bad_id_is_refused);
    tcase_add_test(tcase, key_ids_are_of_these_letters);
    tcase_add_test(tcase, token_comes_back_as_signed);
    tcase_add_test(tcase, token_of_each_key_of_the_ring_is_taken);
    tcase_add_test(tcase, claims_that_no_one_would_take_are_not_signed);
    tcase_add_test(tcase, alg_none_is_refused);
    tcase_add_test(tcase, a_mac_with_the_public_key_is_refused);
    tcase_add_test(tcase, alg_of_the_same_family_is_refused);
    tcase_add_test(tcase, kid_is_only_looked_up);
    tcase_add_test(tcase, keys_in_the_header_are_not_used);
    tcase_add_test(tcase, token_of_another_purpose_is_refused);
    tcase_add_test(tcase, duplicate_header_members_are_refused);
    tcase_add_test(tcase, headers_that_are_no_object_are_refused);
    tcase_add_test(tcase, a_header_that_lacks_a_member_is_malformed);
    tcase_add_test(tcase, token_of_another_shape_is_refused);
    tcase_add_test(tcase, token_with_other_trailing_bits_is_refused);
    tcase_add_test(tcase, token_at_the_size_limit);
    tcase_add_test(tcase, signature_of_another_length_is_refused);
    tcase_add_test(tcase, malleable_and_damaged_signatures_are_refused);
    tcase_add_test(tcase, token_with_any_bit_changed_is_refused);
    tcase_add_test(tcase, a_single_failed_allocation_makes_no_token);
    tcase_add_test(tcase, every_failed_allocation_is_told_as_such);
}

int main(void)
{
    return suite_main("token", fill, forge_setup, forge_teardown);
}
