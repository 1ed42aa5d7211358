/* What is taken out of texts that are kept: by what it is called, and by how it looks. */
#include <string.h>

#include "base/redact.h"
#include "homeconnect/error.h"
#include "suite.h"

static hc__mem mem;

static void set_up(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
}

static void becomes(const char *text, size_t size, const char *wanted, size_t wanted_size)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    hc__redact_text(&out, text, size);
    ck_assert_msg(out.size == wanted_size && memcmp(out.data, wanted, wanted_size) == 0, "%s became %s, not %s", text,
                  out.data, wanted);
    hc__buf_free(&out);
}

static void all(const char *const (*cases)[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        becomes(cases[i][0], strlen(cases[i][0]), cases[i][1], strlen(cases[i][1]));
}
#define ALL(cases) all(cases, sizeof cases / sizeof cases[0])

START_TEST(names_of_secrets_are_known_in_any_spelling)
{
    static const char *const secret[] = {"password",    "PASS-word",      "pa ss.wo_rd", "X-Api-Key",
                                         "accessToken", "-token",         "sig",         "OTP",
                                         "Set-Cookie",  "my.private-key", "db_passwd1",  "jwts"};
    static const char *const open[] = {"", "p", "passwor", "signal", "sigs", "otps", "apik.ex", "title", "-", "key"};

    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++)
        ck_assert_msg(hc__secret_name(secret[i], strlen(secret[i])), "%s", secret[i]);
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        ck_assert_msg(!hc__secret_name(open[i], strlen(open[i])), "%s", open[i]);
}
END_TEST

START_TEST(tokens_and_credentials_are_known_by_their_look)
{
    static const char *const cases[][2] = {
        {"eyJhbGciOiJub25lIn0.e30.x-_9", "***"},
        {"see eyJa.b.c, eyJa.b.c.d.e!", "see ***, ***!"},
        {"eyJa..", "***"},
        {"eyJa.b", "eyJa.b"},
        {"eyJ", "eyJ"},
        {"xyJa.b.c", "xyJa.b.c"},
        {"v1_eyJa.b.c x", "v1_*** x"},
        {"eyJa-eyJb.c", "eyJa-eyJb.c"},
        {"aeyJ.b.c", "aeyJ.b.c"},
        {"Bearer abc", "Bearer ***"},
        {"bearer \t a.b~c+d/e=f%, x", "bearer \t ***, x"},
        {"BASIC dXNlcjpwdw== x", "BASIC *** x"},
        {"Bearer", "Bearer"},
        {"Bearer ", "Bearer "},
        {"Bearer+abc", "Bearer+***"},
        {"Bearer, abc", "Bearer, abc"},
        {"Basically abc", "Basically abc"},
    };

    ALL(cases);
    becomes("Bearer a\0b", 10, "Bearer ***\0b", 12);
}
END_TEST

START_TEST(what_is_assigned_to_a_secret_is_taken_out)
{
    static const char *const cases[][2] = {
        {"password=abc&x=1", "password=***&x=1"},
        {"a=1;token=abc;b", "a=1;token=***;b"},
        {"pwd=a b", "pwd=*** b"},
        {"signal=abc", "signal=abc"},
        {"token", "token"},
        {"token:", "token:"},
        {"token abc", "token abc"},
        {"password: a b; c\r\nnext: d", "password: ***\r\nnext: d"},
        {"Authorization: Bearer abc def\nx", "Authorization: ***\nx"},
        {"Cookie: a=b; c=d", "Cookie: ***"},
        {"token => 'x y' z", "token => '***' z"},
        {"[token]=x,y", "[token]=***,y"},
        {"{\"password\": \"a b\", \"x\": 1}", "{\"password\": \"***\", \"x\": 1}"},
        {"{\"password\":\"a\\\"b\\\\\",\"x\":1}", "{\"password\":\"***\",\"x\":1}"},
        {"{\\\"token\\\":\\\"a\\nb\\\",\\\"x\\\":1}", "{\\\"token\\\":\\\"***\\\",\\\"x\\\":1}"},
        {"{\"token\": abc\"def", "{\"token\": ***\"def"},
        {"{'token': 12, 'x': 3}\n", "{'token': ***\n"},
        {"password=\"abc", "password=\"***"},
        {"password=\"a\\", "password=\"***"},
        {"password=\\", "password=\\"},
    };

    ALL(cases);
    becomes("token=a\0b", 9, "token=***\0b", 11);
}
END_TEST

/* As in the query of a presigned URL. */
START_TEST(signs_may_be_percent_encoded)
{
    static const char *const cases[][2] = {
        {"password%3Dabc&x", "password%3D***&x"},
        {"password%3aabc x", "password%3a*** x"},
        {"token%5b%5D%20%3d%22x y", "token%5b%5D%20%3d*** y"},
        {"token%22abc", "token%22abc"},
        {"token%27%3dabc", "token%27%3d***"},
        {"token%4dabc", "token%4dabc"},
        {"token%", "token%"},
        {"token%3", "token%3"},
        {"?to=%2Fhome%3Fstate%3DeyJa.b.c&x", "?to=%2Fhome%3Fstate%3D***&x"},
        {"?auth=Bearer%20abc&x", "?auth=Bearer%20***&x"},
        {"Bearer%20%20eyJa.b.c", "Bearer%20%20***"},
        {"x?X-Amz-Signature=0a1b&y=2", "x?X-Amz-Signature=***&y=2"},
    };

    ALL(cases);
}
END_TEST

START_TEST(users_of_urls_are_taken_out_with_their_passwords)
{
    static const char *const cases[][2] = {
        {"http://ana:pw@host/x", "http://***@host/x"},
        {"//a:b@c@d", "//***@d"},
        {"//a@b:c@d", "//***@d"},
        {"http://ana@host/", "http://ana@host/"},
        {"http://host:80/a@b", "http://host:80/a@b"},
        {"//:@x", "//***@x"},
        {"// a:b@c", "// a:b@c"},
        {"/a:b@c", "/a:b@c"},
        {"http://", "http://"},
    };

    ALL(cases);
    becomes("//a:b\0@c", 8, "//a:b\0@c", 8);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, names_of_secrets_are_known_in_any_spelling);
    tcase_add_test(tcase, tokens_and_credentials_are_known_by_their_look);
    tcase_add_test(tcase, what_is_assigned_to_a_secret_is_taken_out);
    tcase_add_test(tcase, signs_may_be_percent_encoded);
    tcase_add_test(tcase, users_of_urls_are_taken_out_with_their_passwords);
}

int main(void)
{
    return suite_main("unit.base.redact", fill, set_up, NULL);
}
