/* Secrets, digests, MACs and base64url. */
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "homeconnect/error.h"
#include "suite.h"

static hc__mem mem;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
}

static void hex(char *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sprintf(out + 2 * i, "%02x", bytes[i]);
}

/* FIPS 180-4's examples. */
START_TEST(sha256_has_the_standard_digests)
{
    uint8_t digest[32];
    char text[65];

    hc__sha256(digest, "abc", 3);
    hex(text, digest, 32);
    ck_assert_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hc__sha256(digest, NULL, 0);
    hex(text, digest, 32);
    ck_assert_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(start_can_be_repeated)
{
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
}
END_TEST

START_TEST(secret_keeps_its_bytes)
{
    hc__secret *secret, *other;
    hc_error err = {0};

    for (size_t size = 1; size <= 100; size++) {
        uint8_t bytes[100];
        memset(bytes, (int)size, sizeof(bytes));
        ck_assert_int_eq(hc__secret_new(&secret, bytes, size, &err), HC_OK);
        ck_assert_uint_eq(hc__secret_size(secret), size);
        ck_assert_mem_eq(hc__secret_bytes(secret), bytes, size);
        hc__secret_free(secret);
    }
    ck_assert_int_eq(hc__secret_random(&secret, 32, &err), HC_OK);
    ck_assert_int_eq(hc__secret_random(&other, 32, &err), HC_OK);
    ck_assert(!hc__same(hc__secret_bytes(secret), hc__secret_bytes(other), 32));
    hc__secret_free(secret);
    hc__secret_free(other);
    hc__secret_free(NULL);
}
END_TEST

/* Pages of this process, which no sanitizer counts where libsodium has them. */
static long pages_held(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long pages = 0;

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%ld", &pages), 1);
    fclose(file);
    return pages;
}

START_TEST(a_secret_that_is_freed_gives_its_pages_back)
{
    hc__secret *secret;
    long before = 0;

    for (int i = 0; i < 520; i++) {
        if (i == 20)
            before = pages_held();
        ck_assert_int_eq(hc__secret_random(&secret, 32, NULL), HC_OK);
        hc__secret_free(secret);
    }
    ck_assert_int_lt(pages_held() - before, 500);
}
END_TEST

START_TEST(secret_refuses_nothing_and_too_much)
{
    hc__secret *secret = (hc__secret *)&mem;
    hc_error err = {0};

    ck_assert_int_eq(hc__secret_new(&secret, "", 0, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "secret");
    ck_assert_ptr_null(secret);
    ck_assert_int_eq(hc__secret_random(&secret, SIZE_MAX, &err), HC_ERR_NO_MEMORY);
    ck_assert_int_eq(hc__secret_random(&secret, SIZE_MAX / 4, &err), HC_ERR_NO_MEMORY);
    ck_assert_ptr_null(secret);
}
END_TEST

START_TEST(secret_does_without_locked_memory)
{
    int state = 0;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        hc__secret *secret[200];
        if (setrlimit(RLIMIT_MEMLOCK, &none) != 0)
            _exit(2);
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setuid(65534) != 0)) /* root may lock beyond the limit */
            _exit(3);
        for (size_t i = 0; i < 200; i++)
            if (hc__secret_random(&secret[i], 64, NULL) != HC_OK)
                _exit(4);
        for (size_t i = 0; i < 200; i++)
            hc__secret_free(secret[i]);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state));
    ck_assert_int_eq(WEXITSTATUS(state), 0);
}
END_TEST

START_TEST(same_and_wipe)
{
    uint8_t bytes[8] = "abcdefg", zero[8] = {0};

    ck_assert(hc__same("abc", "abc", 3));
    ck_assert(!hc__same("abc", "abd", 3));
    ck_assert(hc__same("abc", "xyz", 0));
    hc__wipe(bytes, sizeof(bytes));
    ck_assert_mem_eq(bytes, zero, 8);
    hc__wipe(NULL, 0);
}
END_TEST

START_TEST(mac_depends_on_key_purpose_and_bytes)
{
    uint8_t first[32], again[32], other[32], long_key[100] = {1};
    hc__secret *key, *key2, *longer, *longer2;

    ck_assert_int_eq(hc__secret_new(&key, "0123456789abcdef0123456789abcdef", 32, NULL), HC_OK);
    ck_assert_int_eq(hc__secret_new(&key2, "0123456789abcdef0123456789abcdeF", 32, NULL), HC_OK);
    ck_assert_int_eq(hc__secret_new(&longer, long_key, 100, NULL), HC_OK);
    long_key[99] = 1;
    ck_assert_int_eq(hc__secret_new(&longer2, long_key, 100, NULL), HC_OK);
    hc__mac(first, key, "cursor", "bytes", 5);
    hc__mac(again, key, "cursor", "bytes", 5);
    ck_assert_mem_eq(first, again, 32);
    hc__mac(other, key2, "cursor", "bytes", 5);
    ck_assert_mem_ne(first, other, 32);
    hc__mac(other, key, "cursors", "bytes", 5);
    ck_assert_mem_ne(first, other, 32);
    hc__mac(other, key, "cursor", "bytes", 4);
    ck_assert_mem_ne(first, other, 32);
    hc__mac(first, key, "a purpose beyond 16 bytes 1", "bytes", 5);
    hc__mac(other, key, "a purpose beyond 16 bytes 2", "bytes", 5);
    ck_assert_mem_ne(first, other, 32);
    hc__mac(first, longer, "cursor", "bytes", 5);
    hc__mac(other, longer2, "cursor", "bytes", 5);
    ck_assert_mem_ne(first, other, 32);
    hc__mac(first, key, "", NULL, 0);
    hc__secret_free(key);
    hc__secret_free(key2);
    hc__secret_free(longer);
    hc__secret_free(longer2);
}
END_TEST

/* MACs are stored (cursors, audit chain): the bytes must never change. Made with Python's hashlib.blake2b(). */
START_TEST(mac_is_blake2b_with_a_personalisation)
{
    static const struct {
        size_t size;
        const char *mac;
    } longer[] = {{64, "1c76b95e19192fbe69e812e3a13ca2fea97a17f1e2950016af17be89f56f76b8"},
                  {100, "7718d1d32ce0666d45aaf974029f08250700cdcc5319dd81b6dd7ccbc0f9d146"}}; /* hashed to 64 */
    uint8_t mac[32], key_bytes[100];
    char text[65];
    hc__secret *key;

    for (size_t i = 0; i < sizeof(key_bytes); i++)
        key_bytes[i] = (uint8_t)i;
    ck_assert_int_eq(hc__secret_new(&key, key_bytes, 32, NULL), HC_OK);
    hc__mac(mac, key, "cursor", "hello", 5);
    hex(text, mac, 32);
    ck_assert_str_eq(text, "60d9e6b163518c91f76db27eae5fa8c71e289576074f940b6ab759995fd01408");
    hc__mac(mac, key, "", "hello", 5);
    hex(text, mac, 32);
    ck_assert_str_eq(text, "bc2cf927f9ed52cc29116e6a5cfdbdf96a7250f85db66887b13652596bf40d61");
    hc__mac(mac, key, "sixteen-bytes-on", "hello", 5);
    hex(text, mac, 32);
    ck_assert_str_eq(text, "dfa898c15a759cac484bb6736346c4734a87d50671edb519c204b359d3f31409");
    hc__secret_free(key);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(hc__secret_new(&key, key_bytes, longer[i].size, NULL), HC_OK);
        hc__mac(mac, key, "cursor", "hello", 5);
        hex(text, mac, 32);
        ck_assert_str_eq(text, longer[i].mac);
        hc__secret_free(key);
    }
}
END_TEST

/* RFC 4648, section 10, without padding; then the two characters that base64url has of its own. */
START_TEST(base64url_has_the_standard_texts)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
                 {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        hc__buf out;
        hc__buf_init(&out, &mem);
        hc__buf_char(&out, '>');
        hc__base64url_put(&out, cases[i].bytes, strlen(cases[i].bytes));
        ck_assert(!out.failed);
        ck_assert_str_eq(out.data + 1, cases[i].text);
        ck_assert_uint_eq(out.size, strlen(cases[i].text) + 1);
        hc__buf_clear(&out);
        hc__buf_char(&out, '>');
        ck_assert(hc__base64url_read(&out, cases[i].text, strlen(cases[i].text)));
        ck_assert_str_eq(out.data + 1, cases[i].bytes);
        ck_assert_uint_eq(out.size, strlen(cases[i].bytes) + 1);
        hc__buf_free(&out);
    }
}
END_TEST

START_TEST(base64url_round_trips_every_length)
{
    uint8_t bytes[300];
    hc__buf text, back;

    hc__random(bytes, sizeof(bytes));
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        hc__buf_init(&text, &mem);
        hc__buf_init(&back, &mem);
        hc__base64url_put(&text, bytes, size);
        ck_assert(hc__base64url_read(&back, text.data, text.size));
        ck_assert_uint_eq(back.size, size);
        if (size > 0)
            ck_assert_mem_eq(back.data, bytes, size);
        hc__buf_free(&text);
        hc__buf_free(&back);
    }
}
END_TEST

START_TEST(base64url_of_more_than_memory_has_fails)
{
    hc__buf out;

    hc__buf_init(&out, &mem);
    hc__base64url_put(&out, "", SIZE_MAX / 4 + 1);
    ck_assert(out.failed);
    ck_assert_uint_eq(out.size, 0);
    hc__buf_free(&out);
}
END_TEST

/* T12 */
START_TEST(base64url_refuses_what_is_not_canonical)
{
    static const char *const bad[] = {"Z",           "Zg==",  "Zg=",  "Zh",    "Zm9",    "Zm8=",    "Zm+v",  "Zm/v",
                                      " Zg",         "Zg ",   "Z g",  "Zg\n",  "\r\nZg", "Zm9vZ",   "Zm9v.", "Zm9v\t",
                                      "Zm\xc3\xb6v", "Zm9v=", "====", "Zm9v%", ".",      "Zm9vYm=", "=Zg"};
    hc__buf out;

    hc__buf_init(&out, &mem);
    hc__buf_text(&out, "kept");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!hc__base64url_read(&out, bad[i], strlen(bad[i])), "%s was read", bad[i]);
        ck_assert(!out.failed);
        ck_assert_str_eq(out.data, "kept");
    }
    ck_assert(!hc__base64url_read(&out, "Zm9v\0Zm9v", 9));
    ck_assert(!hc__base64url_read(&out, "Zg\0", 3));
    ck_assert_uint_eq(out.size, 4);
    ck_assert(hc__base64url_read(&out, "Zm9v\xff", 4)); /* what stands behind is not looked at */
    ck_assert_str_eq(out.data, "keptfoo");
    hc__buf_free(&out);
}
END_TEST

/* Of the 64 texts of two characters that begin with one letter, only 4 spell a byte. */
START_TEST(base64url_has_one_text_for_each_value)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int two = 0, three = 0;
    hc__buf out;

    hc__buf_init(&out, &mem);
    for (int i = 0; i < 64; i++) {
        char text[3] = {'Z', alphabet[i], 'A'};
        two += hc__base64url_read(&out, text, 2);
        text[1] = 'A';
        text[2] = alphabet[i];
        three += hc__base64url_read(&out, text, 3);
    }
    ck_assert_int_eq(two, 4);
    ck_assert_int_eq(three, 16);
    hc__buf_free(&out);
}
END_TEST

/* T12: of all 256 bytes, in each place, the 64 of the alphabet are taken (libsodium 1.0.18 takes 0x80 to 0xff too). */
START_TEST(base64url_has_64_letters)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    hc__buf out;

    hc__buf_init(&out, &mem);
    for (size_t place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[4] = {'A', 'A', 'A', 'A'};
            text[place] = (char)byte;
            ck_assert_msg(hc__base64url_read(&out, text, 4) == (byte != 0 && strchr(alphabet, byte) != NULL),
                          "byte %d at %zu", byte, place);
        }
    }
    hc__buf_free(&out);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, sha256_has_the_standard_digests);
    tcase_add_test(tcase, start_can_be_repeated);
    tcase_add_test(tcase, secret_keeps_its_bytes);
    tcase_add_test(tcase, a_secret_that_is_freed_gives_its_pages_back);
    tcase_add_test(tcase, secret_refuses_nothing_and_too_much);
    tcase_add_test(tcase, secret_does_without_locked_memory);
    tcase_add_test(tcase, same_and_wipe);
    tcase_add_test(tcase, mac_depends_on_key_purpose_and_bytes);
    tcase_add_test(tcase, mac_is_blake2b_with_a_personalisation);
    tcase_add_test(tcase, base64url_has_the_standard_texts);
    tcase_add_test(tcase, base64url_round_trips_every_length);
    tcase_add_test(tcase, base64url_of_more_than_memory_has_fails);
    tcase_add_test(tcase, base64url_refuses_what_is_not_canonical);
    tcase_add_test(tcase, base64url_has_one_text_for_each_value);
    tcase_add_test(tcase, base64url_has_64_letters);
}

int main(void)
{
    return suite_main("encode", fill, setup, NULL);
}
