/* Access tokens as attackers send them, end to end: each is refused at the door, leaves nothing but an audit row, and
 * the store's word counts more than the token's. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "house.h"
#include "mint.h"

#define NOW    (HOUSE_START / HOUSE_SECOND)
#define LEEWAY 30

static mint good; /* bea's own token, with the key that signed it */
static char token[4 * MINT_LIMIT];

static void open_house(void)
{
    house_open();
    mint_key_of_file(&good, house.keys);
    mint_read(&good, hc_session_token(house.bea));
}

static void refused(const char *text, size_t size)
{
    snapshot before = house_snapshot();
    hc_session *as = house.bea;

    HOUSE_FAILS(hc_session_open(&as, house.client, text, size, "203.0.113.9", err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(as);
    house_assert_unchanged_since(before);
}

static void refused_and_audited(const char *text, size_t size, const char *what)
{
    printf("refused: %s\n", what);
    refused(text, size);
    house_assert_audited("authn_token_refused", NULL);
}

static void mint_refused(const mint *from, const char *what)
{
    refused_and_audited(token, mint_token(token, from), what);
}

static void header_refused(const char *name, const char *value)
{
    mint made = good;

    mint_set(made.header, name, value);
    mint_refused(&made, made.header);
}

static void claim_refused(const char *name, const char *value)
{
    mint made = good;

    mint_set(made.claims, name, value);
    mint_refused(&made, made.claims);
}

static void number_refused(const char *name, int64_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%" PRId64, value);
    claim_refused(name, text);
}

static void taken(const mint *from)
{
    hc_session *as = NULL;
    size_t size = mint_token(token, from);

    HOUSE_OK(hc_session_open(&as, house.client, token, size, NULL, err));
    ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
    hc_session_free(as);
}

static void claim_taken(const char *name, const char *value)
{
    mint made = good;

    mint_set(made.claims, name, value);
    taken(&made);
}

/* What follows proves something only if a minted token is as good as the library's. */
START_TEST(a_minted_token_is_the_librarys_own)
{
    hc_session *as = NULL;
    hc_user *me = NULL;
    const char *own = hc_session_token(house.bea);

    ck_assert_str_eq(mint_get(good.header, "alg"), "\"EdDSA\"");
    ck_assert_str_eq(mint_get(good.header, "typ"), "\"at+jwt\"");
    mint_token(token, &good);
    ck_assert_str_eq(token, own);
    HOUSE_OK(hc_session_open(&as, house.client, own, strlen(own), NULL, err));
    HOUSE_OK(hc_user_get(&me, as, house.bea_id, err));
    ck_assert_str_eq(hc_user_email(me), "bea@example.com");
    ck_assert_ptr_null(hc_session_token(as));
    hc_user_free(me);
    hc_session_free(as);
}
END_TEST

/* The token names nobody by e-mail, name or phone: no PII in it. */
START_TEST(a_token_that_is_taken_leaves_the_error_alone)
{
    hc_session *as = NULL;
    const char *own = hc_session_token(house.bea);
    hc_error err, before;

    memset(&before, 0x5a, sizeof before);
    memcpy(&err, &before, sizeof err);
    ck_assert_int_eq(hc_session_open(&as, house.client, own, strlen(own), NULL, &err), HC_OK);
    ck_assert_mem_eq(&err, &before, sizeof before);
    hc_session_free(as);
}
END_TEST

START_TEST(a_token_says_who_and_until_when_and_no_more)
{
    ck_assert_ptr_null(strstr(good.claims, "bea@")); /* "bea" alone may stand in an id */
    ck_assert_ptr_null(strstr(good.claims, "Bea"));
    ck_assert_int_eq(strtoll(mint_get(good.claims, "exp"), NULL, 10) - strtoll(mint_get(good.claims, "iat"), NULL, 10),
                     600);
    ck_assert_str_eq(mint_get(good.claims, "iss"), "\"homeconnect\"");
}
END_TEST

/* T01 */
START_TEST(no_algorithm_is_none)
{
    static const char *const names[] = {"\"none\"", "\"None\"", "\"nOnE\"", "\"NONE\"", "\"\"", "0", "null", "[]"};
    size_t size;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        mint made = good;
        mint_set(made.header, "alg", names[i]);
        mint_refused(&made, names[i]);
        size = mint_unsigned(token, &made); /* and with an empty signature */
        token[size++] = '.';
        refused_and_audited(token, size, "empty signature");
    }
    header_refused("alg", NULL);
    size = mint_unsigned(token, &good);
    token[size++] = '.';
    refused_and_audited(token, size, "right alg, empty signature");
}
END_TEST

/* T02 T03 */
START_TEST(the_key_fixes_the_algorithm)
{
    static const char *const names[] = {"\"HS256\"", "\"HS512\"",  "\"RS256\"", "\"RS512\"",
                                        "\"ES256\"", "\"EdDSA \"", "\"eddsa\"", "\"Ed25519\""};
    mint made = good;
    uint8_t mac[32];
    size_t size;

    mint_set(made.header, "alg", "\"HS256\"");
    size = mint_unsigned(token, &made);
    crypto_auth_hmacsha256(mac, (const uint8_t *)token, size, good.public_key);
    token[size++] = '.';
    size += mint_encode(token + size, mac, sizeof mac);
    refused_and_audited(token, size, "HMAC by the public key");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        header_refused("alg", names[i]);
    made = good;
    made.seed[0] ^= 1;
    mint_refused(&made, "another key under our kid");
    mint_key(&made, (const uint8_t *)"another installation's secret...");
    mint_read(&made, hc_session_token(house.bea));
    mint_refused(&made, "another installation's key");
}
END_TEST

/* T05 */
START_TEST(a_kid_is_looked_up_and_nothing_else)
{
    static char long_kid[3000];

    memset(long_kid, 'k', sizeof long_kid - 1);
    long_kid[0] = long_kid[sizeof long_kid - 2] = '"';
    header_refused("kid", "\"../../etc/passwd\"");
    header_refused("kid", "\"x' OR 1=1--\"");
    header_refused("kid", "\"unknown\"");
    header_refused("kid", "\"k\\u0000\"");
    header_refused("kid", "\"\"");
    header_refused("kid", "1");
    header_refused("kid", NULL);
    header_refused("kid", long_kid);
}
END_TEST

/* T06 */
START_TEST(a_token_brings_no_key_of_its_own)
{
    mint thief = good;
    char jwk[256], x[64];

    mint_key(&thief, (const uint8_t *)"the secret of a thief, 32 bytes.");
    mint_read(&thief, hc_session_token(house.bea));
    mint_encode(x, thief.public_key, 32);
    snprintf(jwk, sizeof jwk, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", x);
    mint_set(thief.header, "jwk", jwk);
    mint_set(thief.header, "jku", "\"https://thief.example/keys\"");
    mint_set(thief.header, "x5u", "\"https://thief.example/cert\"");
    mint_set(thief.header, "x5c", "[\"MIIB\"]");
    mint_refused(&thief, "a key in the header");
    header_refused("crit", "[\"exp\"]");
    header_refused("crit", "[]");
    thief = good; /* ours, and only ours, with such headers: they are not read */
    mint_set(thief.header, "jku", "\"https://thief.example/keys\"");
    taken(&thief);
}
END_TEST

/* T07 */
START_TEST(a_token_ends)
{
    static const char *const odd[] = {"1e300", "-1", "\"1763892600\"", "\"NaN\"", "null", "1763892600.5", "[]", "{}"};

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        claim_refused("exp", odd[i]);
    claim_refused("exp", NULL);
    number_refused("exp", NOW + 601); /* longer than the configured life */
    number_refused("exp", INT64_MAX);
    number_refused("exp", NOW);
    house_pass((600 + LEEWAY - 1) * HOUSE_SECOND);
    taken(&good);
    house_pass(HOUSE_SECOND);
    mint_refused(&good, "past its end and the leeway");
}
END_TEST

/* T08 */
START_TEST(a_token_does_not_begin_tomorrow)
{
    mint made = good;
    char text[32];

    number_refused("nbf", NOW + LEEWAY + 1);
    number_refused("iat", NOW + LEEWAY + 1);
    claim_refused("iat", NULL);
    claim_refused("nbf", NULL);
    claim_refused("iat", "-1");
    snprintf(text, sizeof text, "%" PRId64, NOW + LEEWAY);
    claim_taken("nbf", text);
    /* the leeway is for each claim, not for their sum */
    mint_set(made.claims, "iat", text);
    mint_set(made.claims, "nbf", text);
    mint_set(made.claims, "exp", text);
    mint_refused(&made, "valid only inside two leeways");
}
END_TEST

/* T09 */
START_TEST(a_token_is_for_us)
{
    claim_refused("iss", "\"homeconnect2\"");
    claim_refused("iss", "\"HomeConnect\"");
    claim_refused("iss", NULL);
    claim_refused("iss", "[\"homeconnect\"]");
    claim_refused("aud", "\"another\"");
    claim_refused("aud", "[\"another\"]");
    claim_refused("aud", "[]");
    claim_refused("aud", "[[\"homeconnect\"]]");
    claim_refused("aud", NULL);
}
END_TEST

/* T09 */
START_TEST(a_token_may_be_for_others_too)
{
    mint made = good;

    mint_set(made.claims, "aud", NULL);
    snprintf(made.claims + strlen(made.claims) - 1, 64, ",\"aud\":[\"another\",\"homeconnect\"]}");
    taken(&made);
}
END_TEST

/* T10 */
START_TEST(a_token_for_another_use_opens_nothing)
{
    static const char *const uses[] = {"\"rt+jwt\"", "\"reset+jwt\"", "\"verify+jwt\"", "\"presign+jwt\"",
                                       "\"JWT\"",    "\"AT+JWT\"",    "\"\"",           "null"};
    uint8_t random[32];
    size_t size;

    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++)
        header_refused("typ", uses[i]);
    header_refused("typ", NULL);
    randombytes_buf(random, sizeof random); /* as a refresh token is: opaque */
    size = mint_encode(token, random, sizeof random);
    refused_and_audited(token, size, "an opaque token");
}
END_TEST

/* T11 */
START_TEST(a_member_stands_once)
{
    mint made = good;
    char *end = made.claims + strlen(made.claims) - 1;

    snprintf(end, 64, ",\"role\":\"admin\"}");
    mint_refused(&made, made.claims);
    made = good;
    snprintf(made.claims + strlen(made.claims) - 1, 64, ",\"\\u0065xp\":9999999999}"); /* the same name, escaped */
    mint_refused(&made, made.claims);
    made = good;
    snprintf(made.header + strlen(made.header) - 1, 64, ",\"alg\":\"none\"}");
    mint_refused(&made, made.header);
    made = good;
    strcat(made.claims, "{}");
    mint_refused(&made, "trailing text");
}
END_TEST

/* T12 */
START_TEST(a_token_has_one_spelling)
{
    static char huge[1 << 20];
    char odd[sizeof token];
    size_t size = mint_token(token, &good);
    char *dot = strchr(token, '.');
    static const char *const added[] = {"=", " ", "\n", ".", "\t"};

    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
        snprintf(odd, sizeof odd, "%s%s", token, added[i]);
        refused_and_audited(odd, strlen(odd), "behind");
        snprintf(odd, sizeof odd, "%s%s", added[i], token);
        refused_and_audited(odd, strlen(odd), "in front");
        snprintf(odd, sizeof odd, "%.*s%s%s", (int)(dot - token), token, added[i], dot);
        refused_and_audited(odd, strlen(odd), "inside");
    }
    refused_and_audited(token, size + 1, "its NUL");
    memcpy(odd, token, size + 1);
    odd[size - 1] = odd[size - 1] == 'A' ? 'B' : (char)(odd[size - 1] + 1); /* bits that nobody reads */
    refused_and_audited(odd, size, "trailing bits");
    refused_and_audited(token, (size_t)(strrchr(token, '.') - token), "one dot");
    memcpy(odd, token, size);
    memcpy(odd + size, ".a.b", sizeof ".a.b");
    refused_and_audited(odd, strlen(odd), "four dots");
    refused_and_audited("", 0, "nothing");
    memset(huge, 'a', sizeof huge);
    refused_and_audited(huge, sizeof huge, "1 MiB");
    refused_and_audited(huge, 8193, "8 KiB and one");
}
END_TEST

/* P15: the size is looked at before a byte is. */
START_TEST(a_size_beyond_four_gib_is_no_small_one)
{
    const char *own = hc_session_token(house.bea);

    refused_and_audited(own, strlen(own) + ((size_t)1 << 32), "4 GiB more than it has");
    refused_and_audited(own, SIZE_MAX, "SIZE_MAX");
}
END_TEST

/* Adds the group order to the signature's scalar: the same point, another spelling (RFC 8032, 5.1.7). */
static void add_order(uint8_t scalar[32])
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned carry = 0;

    for (size_t i = 0; i < 32; i++) {
        carry += scalar[i] + order[i];
        scalar[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

/* T13 */
START_TEST(a_signature_has_one_form)
{
    static const size_t sizes[] = {0, 1, 32, 63, 65, 128};
    uint8_t signature[128] = {0};
    size_t size = mint_token(token, &good);
    char *text = strrchr(token, '.') + 1;

    ck_assert_uint_eq(mint_decode(signature, sizeof signature, text, strlen(text)), 64);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        text[mint_encode(text, signature, sizes[i])] = '\0';
        refused_and_audited(token, strlen(token), "length");
    }
    add_order(signature + 32);
    mint_encode(text, signature, 64);
    refused_and_audited(token, size, "malleable");
    memset(signature, 0, sizeof signature);
    mint_encode(text, signature, 64);
    refused_and_audited(token, size, "zero");
}
END_TEST

START_TEST(a_session_needs_an_address_that_is_one)
{
    hc_session *as = house.bea;
    const char *hers = hc_session_token(house.bea);

    HOUSE_FAILS(hc_session_open(&as, house.client, hers, strlen(hers), "next door", err), HC_ERR_INVALID, "address");
    ck_assert_ptr_null(as);
}
END_TEST

/* T14 Z12: a role in a token is a hint, also when it is signed. */
START_TEST(the_store_says_who_is_an_admin)
{
    mint made = good;
    hc_session *as = NULL;
    hc_user *changes;
    snapshot before;

    mint_set(made.claims, "role", "\"admin\"");
    HOUSE_OK(hc_session_open(&as, house.client, token, mint_token(token, &made), NULL, err));
    ck_assert_int_eq(hc_session_role(as), HC_ROLE_BUYER);
    before = house_snapshot();
    changes = hc_user_for(house.client, house.ana_id, 1);
    hc_user_set_role(changes, HC_USER_ROLE_BUYER);
    HOUSE_FAILS(hc_user_update(NULL, as, changes, err), HC_ERR_FORBIDDEN, "role");
    hc_user_free(changes);
    HOUSE_FAILS(hc_property_purge(as, house.anas_ids[0], err), HC_ERR_FORBIDDEN, "");
    house_assert_unchanged_since(before);
    house_assert_audited("authz_fail", as);
    hc_session_free(as);
    made = good; /* with no role, or nonsense, all the same */
    mint_set(made.claims, "role", "\"emperor\"");
    taken(&made);
    mint_set(made.claims, "role", NULL);
    taken(&made);
}
END_TEST

/* A right signature over somebody else's or nobody's sign-in. */
START_TEST(a_token_needs_its_sign_in)
{
    mint made = good;
    char other[64];

    mint_read(&made, hc_session_token(house.ana));
    snprintf(other, sizeof other, "%s", mint_get(made.claims, "sid"));
    made = good;
    mint_set(made.claims, "sid", other);
    refused(token, mint_token(token, &made));
    house_assert_audited("authn_token_refused", house.bea);
    claim_refused("sid", "\"00000000-0000-0000-0000-000000000000\"");
    claim_refused("sub", NULL);
    made = good;
    snprintf(other, sizeof other, "%s", mint_get(made.claims, "sid"));
    other[5] = other[5] == '0' ? '1' : '0';
    mint_set(made.claims, "sid", other);
    refused(token, mint_token(token, &made));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE reason='the sign-in has expired'"), 0);
    made = good;
    mint_set(made.claims, "epoch", "1");
    refused(token, mint_token(token, &made));
    made = good;
    snprintf(other, sizeof other, "%s", mint_get(made.claims, "sub"));
    other[5] = other[5] == '0' ? '1' : '0';
    mint_set(made.claims, "sub", other);
    refused(token, mint_token(token, &made));
}
END_TEST

/* T19, of a sign-in: its 60 days end it, however fresh the token, for who came before as for who comes now */
START_TEST(a_sign_in_ends_whatever_its_token_says)
{
    static const char *const times[] = {"iat", "nbf", "exp"};
    const int64_t life = 60 * HOUSE_DAY / HOUSE_SECOND;
    mint fresh = good;
    hc_session *as = NULL;
    hc_user *me = NULL;

    for (size_t i = 0; i < 3; i++) {
        char text[32];
        snprintf(text, sizeof text, "%" PRId64, NOW + life + (i == 2 ? 500 : -1));
        mint_set(fresh.claims, times[i], text);
    }
    house_pass((life - 1) * HOUSE_SECOND);
    HOUSE_OK(hc_session_open(&as, house.client, token, mint_token(token, &fresh), NULL, err));
    HOUSE_OK(hc_user_get(&me, as, house.bea_id, err));
    hc_user_free(me);
    me = NULL;
    house_pass(HOUSE_SECOND);
    HOUSE_FAILS(hc_user_get(&me, as, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(me);
    hc_session_free(as);
    refused(token, mint_token(token, &fresh));
    house_assert_audited("authn_token_refused", house.bea);
}
END_TEST

/* T19: the store says when it ends, also to a session that had read a later end. */
START_TEST(a_sign_in_that_is_cut_short_ends)
{
    hc_user *me = NULL;
    char sql[100];

    HOUSE_OK(hc_user_get(&me, house.bea, house.bea_id, err));
    hc_user_free(me);
    me = NULL;
    snprintf(sql, sizeof sql, "UPDATE sessions SET expires_at=at(%lld)", (long long)house_now());
    house_sql(sql);
    HOUSE_FAILS(hc_user_get(&me, house.bea, house.bea_id, err), HC_ERR_UNAUTHENTICATED, "token");
    ck_assert_ptr_null(me);
}
END_TEST

/* T04: a weak key never comes as far as the verifier. */
START_TEST(a_weak_key_is_refused_at_open)
{
    static const uint8_t zero[HC_SECRET_KEY_SIZE];
    static const size_t sizes[] = {0, 1, 31, 33, 4096};
    hc_client_options options;
    hc_client *client = NULL;
    snapshot before = house_snapshot();
    char path[400];

    house_options(&options);
    options.secret_key = zero;
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "secret_key");
    ck_assert_ptr_null(client);
    snprintf(path, sizeof path, "%s/weak.keys", house.folder);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] + 1; i++) {
        FILE *file = fopen(path, "wb");
        size_t size = i < sizeof sizes / sizeof sizes[0] ? sizes[i] : HC_SECRET_KEY_SIZE; /* the last: 32 zeros */
        for (size_t k = 0; k < size; k++)
            fputc(size == HC_SECRET_KEY_SIZE ? 0 : (int)(k + 1) & 0xff, file);
        fclose(file);
        ck_assert_int_eq(chmod(path, 0600), 0);
        house_options(&options);
        options.key_file = path;
        HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "key_file");
        ck_assert_ptr_null(client);
    }
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_minted_token_is_the_librarys_own);
    tcase_add_test(tcase, a_token_that_is_taken_leaves_the_error_alone);
    tcase_add_test(tcase, a_token_says_who_and_until_when_and_no_more);
    tcase_add_test(tcase, no_algorithm_is_none);
    tcase_add_test(tcase, the_key_fixes_the_algorithm);
    tcase_add_test(tcase, a_kid_is_looked_up_and_nothing_else);
    tcase_add_test(tcase, a_token_brings_no_key_of_its_own);
    tcase_add_test(tcase, a_token_ends);
    tcase_add_test(tcase, a_token_does_not_begin_tomorrow);
    tcase_add_test(tcase, a_token_is_for_us);
    tcase_add_test(tcase, a_token_may_be_for_others_too);
    tcase_add_test(tcase, a_token_for_another_use_opens_nothing);
    tcase_add_test(tcase, a_member_stands_once);
    tcase_add_test(tcase, a_token_has_one_spelling);
    tcase_add_test(tcase, a_size_beyond_four_gib_is_no_small_one);
    tcase_add_test(tcase, a_signature_has_one_form);
    tcase_add_test(tcase, a_session_needs_an_address_that_is_one);
    tcase_add_test(tcase, the_store_says_who_is_an_admin);
    tcase_add_test(tcase, a_token_needs_its_sign_in);
    tcase_add_test(tcase, a_sign_in_ends_whatever_its_token_says);
    tcase_add_test(tcase, a_sign_in_that_is_cut_short_ends);
    tcase_add_test(tcase, a_weak_key_is_refused_at_open);
}

int main(void)
{
    return suite_main("api.auth.token", fill, open_house, house_close);
}
