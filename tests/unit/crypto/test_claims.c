/* What verification asks of the claims of a token whose signature is right. */
#include "forge.h"

static void all_refused(const char *name, const char *const *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        claim_refused(name, values[i]);
}
#define ALL_REFUSED(name, values) all_refused(name, values, sizeof(values) / sizeof((values)[0]))

static void at(int64_t now, bool taken)
{
    hc__token_rules by = rules;
    hc__claims out;
    hc__buf token;

    by.now = now;
    forge(&token, header_with(NULL, NULL), claims_with(NULL, NULL));
    if (taken)
        verified_by(&out, &by, token.data, token.size);
    else
        refused_by(&by, token.data, token.size, "time");
    hc__buf_free(&token);
}

/* T07 */
START_TEST(exp_in_the_past_is_refused)
{
    at(NOW + LIFETIME, true);
    at(NOW + LIFETIME + LEEWAY - 1, true);
    at(NOW + LIFETIME + LEEWAY, false);
    at(NOW + LIFETIME + LEEWAY + 1, false);
    at(INT64_MAX / 2, false);
}
END_TEST

/* T07 */
START_TEST(exp_of_another_kind_is_refused)
{
    static const char *const values[] = {"1e300",
                                         "-1",
                                         "\"1800000600\"",
                                         "NaN",
                                         "Infinity",
                                         "null",
                                         "true",
                                         "[]",
                                         "[1800000600]",
                                         "{}",
                                         "1800000600.0",
                                         "1800000600.5",
                                         "18000006e2",
                                         "1.8000006e9",
                                         "-0",
                                         "+1800000600",
                                         "01800000600",
                                         "0x6b49d258",
                                         "1800000600 1",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "18446744075509552216",
                                         "253402300800",
                                         "99999999999999999999999999",
                                         NULL};

    ALL_REFUSED("exp", values);
    ALL_REFUSED("iat", values);
    ALL_REFUSED("nbf", values);
    claim_refused("exp", "0");
}
END_TEST

/* T07 */
START_TEST(a_lifetime_beyond_the_limit_is_refused)
{
    hc__claims out;

    claim_refused("exp", "1800000601");
    claim_refused("exp", "253402300799");
    claim_refused("iat", "1799999999");
    claim_refused("iat", "0");
    claim_taken(&out, "exp", "1800000001");
    claim_refused("exp", "1800000000"); /* none at all */
    claim_refused("exp", "1799999999");
}
END_TEST

/* T08 */
START_TEST(nbf_and_iat_in_the_future_are_refused)
{
    hc__token_rules long_lived = rules;
    hc__claims out;
    hc__buf token;

    claim_taken(&out, "nbf", "1800000030");
    claim_refused("nbf", "1800000031");
    claim_taken(&out, "iat", "1800000030");
    claim_refused("iat", "1800000031");
    at(NOW - LEEWAY, true);
    at(NOW - LEEWAY - 1, false);
    at(0, false);
    at(-NOW, false);
    long_lived.lifetime = INT64_MAX;
    forge(&token, header_with(NULL, NULL), claims_with("exp", "253402300799"));
    verified_by(&out, &long_lived, token.data, token.size);
    hc__buf_free(&token);
}
END_TEST

/* A token of these times. */
static void times_refused(const char *iat, const char *nbf, const char *exp)
{
    const member times[] = {{"iat", iat}, {"nbf", nbf}, {"exp", exp}};
    hc__buf token, text;

    hc__buf_init(&text, &mem);
    hc__buf_text(&text, "{");
    for (size_t i = 0; i < CLAIM_MEMBERS; i++) {
        const char *value = good_claims[i].value;
        for (size_t k = 0; k < 3; k++)
            if (strcmp(good_claims[i].name, times[k].name) == 0)
                value = times[k].value;
        hc__buf_format(&text, "%s\"%s\":%s", i == 0 ? "" : ",", good_claims[i].name, value);
    }
    hc__buf_text(&text, "}");
    forge(&token, header_with(NULL, NULL), hc__buf_take(&text, NULL));
    refused(token.data, token.size, exp);
    hc__buf_free(&token);
}

/* T08: two leeways do not add up: exp 29 s ago and nbf in 29 s would both pass alone. */
START_TEST(leeway_is_not_summed)
{
    times_refused("1799999900", "1800000029", "1799999971");
}
END_TEST

START_TEST(a_token_of_no_time_is_refused)
{
    times_refused("1800000010", "1800000009", "1800000010");
    times_refused("1800000009", "1800000010", "1800000010");
}
END_TEST

/* T09 */
START_TEST(iss_must_be_ours)
{
    static const char *const values[] = {"\"https://evil.example\"",
                                         "\"https://hc.example/\"",
                                         "\"https://hc.exampl\"",
                                         "\"HTTPS://hc.example\"",
                                         "\"https://hc.example\\u0000\"",
                                         "[\"https://hc.example\"]",
                                         "\"\"",
                                         "null",
                                         "1",
                                         "{}",
                                         NULL};
    char *large = malloc(4096);

    ALL_REFUSED("iss", values);
    ck_assert_ptr_nonnull(large);
    memset(large, 'x', 4096);
    large[0] = large[1000] = '"';
    large[1001] = '\0';
    claim_refused("iss", large);
    free(large);
}
END_TEST

/* T09 */
START_TEST(aud_must_hold_ours)
{
    static const char *const bad[] = {"\"other\"",
                                      "\"hc-api2\"",
                                      "\"hc-ap\"",
                                      "\"HC-API\"",
                                      "\"\"",
                                      "[]",
                                      "[\"other\"]",
                                      "[\"other\",\"more\"]",
                                      "[\"hc-api\",1]",
                                      "[1,\"hc-api\"]",
                                      "[null,\"hc-api\"]",
                                      "[[\"hc-api\"]]",
                                      "[\"hc-api\",[\"hc-api\"]]",
                                      "{\"hc-api\":1}",
                                      "{\"aud\":\"hc-api\"}",
                                      "null",
                                      "1",
                                      "true",
                                      NULL};
    static const char *const good[] = {"\"hc-api\"", "[\"hc-api\"]", "[\"other\",\"hc-api\",\"more\"]",
                                       "[\"hc-api\",\"hc-api\"]"};
    hc__claims out;

    ALL_REFUSED("aud", bad);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        claim_taken(&out, "aud", good[i]);
        ck_assert_str_eq(out.audience, "hc-api");
    }
}
END_TEST

/* One that claims have no room for is nobody's. */
START_TEST(aud_too_long_for_claims_is_refused)
{
    hc__claims out;
    char name[sizeof out.audience + 1], quoted[sizeof name + 2];
    hc__token_rules long_rules = rules;

    for (size_t size = sizeof out.audience - 1; size <= sizeof out.audience; size++) {
        hc__buf token;

        memset(name, 'x', size);
        name[size] = '\0';
        snprintf(quoted, sizeof quoted, "\"%s\"", name);
        long_rules.audience = name;
        forge(&token, header_with(NULL, NULL), claims_with("aud", quoted));
        if (size < sizeof out.audience) {
            verified_by(&out, &long_rules, token.data, token.size);
            ck_assert_str_eq(out.audience, name);
        } else {
            refused_by(&long_rules, token.data, token.size, "a long audience");
        }
        hc__buf_free(&token);
    }
}
END_TEST

/* T11 */
START_TEST(duplicate_claims_are_refused)
{
    static const char *const tails[] = {"\"role\":\"admin\"",      "\"role\":\"buyer\"",       "\"exp\":1800000600",
                                        "\"sub\":\"" SUBJECT "\"", "\"\\u0072ole\":\"admin\"", "\"x\":1,\"x\":2",
                                        "\"x\":{\"y\":1,\"y\":1}", "\"x\":[{\"y\":1,\"y\":1}]"};

    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        char *whole = claims_with(NULL, NULL);
        hc__buf text, token;
        hc__buf_init(&text, &mem);
        hc__buf_put(&text, whole, strlen(whole) - 1);
        hc__buf_char(&text, ',');
        hc__buf_text(&text, tails[i]);
        hc__buf_char(&text, '}');
        hc__free(&mem, whole);
        forge(&token, header_with(NULL, NULL), hc__buf_take(&text, NULL));
        refused(token.data, token.size, tails[i]);
        hc__buf_free(&token);
    }
}
END_TEST

/* P11 */
START_TEST(ids_are_canonical_text)
{
    static const char *const bad[] = {"\"01890A5D-AC96-774B-BCCE-B302099A8057\"",
                                      "\"{01890a5d-ac96-774b-bcce-b302099a8057}\"",
                                      "\"01890a5dac96774bbcceb302099a8057\"",
                                      "\"01890a5d-ac96-774b-bcce-b302099a805\"",
                                      "\"01890a5d-ac96-774b-bcce-b302099a80577\"",
                                      "\"00000000-0000-0000-0000-000000000000\"",
                                      "\"\"",
                                      "null",
                                      "1",
                                      "{\"$gt\":\"\"}",
                                      "[\"" SUBJECT "\"]",
                                      NULL};

    ALL_REFUSED("sub", bad);
    ALL_REFUSED("sid", bad);
    ALL_REFUSED("jti", bad);
}
END_TEST

START_TEST(epoch_and_role_are_of_their_kind)
{
    static const char *const epochs[] = {"-1", "7.0", "\"7\"", "null", "9223372036854775808", "7e0", "[7]", NULL};
    static const char *const roles[] = {"null", "1", "[\"admin\"]", "\"sixteen letters!\"", "\"a\\u0000b\""};
    hc__claims out;

    ALL_REFUSED("epoch", epochs);
    ALL_REFUSED("role", roles);
    claim_taken(&out, "epoch", "0");
    ck_assert_int_eq(out.epoch, 0);
    claim_taken(&out, "epoch", "9223372036854775807");
    ck_assert(out.epoch == INT64_MAX);
    claim_taken(&out, "role", NULL);
    ck_assert_str_eq(out.role, "");
    claim_taken(&out, "role", "\"fifteen letters\"");
    ck_assert_str_eq(out.role, "fifteen letters");
}
END_TEST

/* Whose signature is right but who lacks a claim is told apart from a token that is meant for others. */
START_TEST(a_token_that_lacks_a_claim_is_malformed)
{
    for (size_t i = 0; i < CLAIM_MEMBERS; i++) {
        hc__buf token;

        if (strcmp(good_claims[i].name, "role") == 0)
            continue;
        forge(&token, header_with(NULL, NULL), claims_with(good_claims[i].name, NULL));
        malformed(token.data, token.size);
        hc__buf_free(&token);
    }
}
END_TEST

START_TEST(unknown_claims_are_passed_over)
{
    hc__claims out;

    claim_taken(&out, "name", "\"Ana\"");
    claim_taken(&out, "x", "{\"exp\":1,\"role\":\"admin\",\"y\":[1,2,{\"z\":null}]}");
    ck_assert_int_eq(out.expires, NOW + LIFETIME);
    ck_assert_str_eq(out.role, "buyer");
    claim_taken(&out, "nbf", "0");
    claim_taken(&out, "x", "[[[[[[[1]]]]]]]"); /* the eighth is the object */
    claim_refused("x", "[[[[[[[[1]]]]]]]]");
    claim_refused("x", "\"\\x\"");
}
END_TEST

/* 256 values: the object, ten claims, the list and what is in it. */
START_TEST(a_token_has_so_many_values_at_most)
{
    char list[600] = "[0";
    hc__claims out;

    for (int i = 1; i < 244; i++)
        strcat(list, ",0");
    claim_taken(&out, "x", strcat(list, "]"));
    memcpy(list + strlen(list) - 1, ",0]", 4);
    claim_refused("x", list);
}
END_TEST

START_TEST(claims_that_are_no_object_are_refused)
{
    static const char *const texts[] = {"",
                                        "null",
                                        "[]",
                                        "{}",
                                        "{\"exp\":1800000600}",
                                        "Example of Ed25519 signing",
                                        "{\"iss\":\"https://hc.example\"",
                                        "\xff\xfe{\0}"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        hc__buf token;
        forge(&token, header_with(NULL, NULL), hc__strndup(&mem, texts[i], strlen(texts[i])));
        refused(token.data, token.size, texts[i]);
        hc__buf_free(&token);
    }
    claim_refused("x", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
    claim_refused("x", "\"\\ud800\"");
    claim_refused("x", "\"\xc0\xa7\"");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, exp_in_the_past_is_refused);
    tcase_add_test(tcase, exp_of_another_kind_is_refused);
    tcase_add_test(tcase, a_lifetime_beyond_the_limit_is_refused);
    tcase_add_test(tcase, nbf_and_iat_in_the_future_are_refused);
    tcase_add_test(tcase, leeway_is_not_summed);
    tcase_add_test(tcase, a_token_of_no_time_is_refused);
    tcase_add_test(tcase, iss_must_be_ours);
    tcase_add_test(tcase, aud_must_hold_ours);
    tcase_add_test(tcase, aud_too_long_for_claims_is_refused);
    tcase_add_test(tcase, duplicate_claims_are_refused);
    tcase_add_test(tcase, ids_are_canonical_text);
    tcase_add_test(tcase, epoch_and_role_are_of_their_kind);
    tcase_add_test(tcase, a_token_that_lacks_a_claim_is_malformed);
    tcase_add_test(tcase, unknown_claims_are_passed_over);
    tcase_add_test(tcase, a_token_has_so_many_values_at_most);
    tcase_add_test(tcase, claims_that_are_no_object_are_refused);
}

int main(void)
{
    return suite_main("claims", fill, forge_setup, forge_teardown);
}
