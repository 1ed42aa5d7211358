/* What the operating system and libsodium may refuse: this program stands between them and the library by the linker
 * (--wrap). */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/thread.h"
#include "crypto/crypto.h"
#include "crypto/signing_key.h"
#include "homeconnect/error.h"
#include "suite.h"

bool __real_hc__os_random(void *out, size_t size);
bool __wrap_hc__os_random(void *out, size_t size);
int __real_sodium_init(void);
int __wrap_sodium_init(void);
void *__real_sodium_malloc(size_t size);
void *__wrap_sodium_malloc(size_t size);
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *password, unsigned long long size,
                         const unsigned char *salt, unsigned long long passes, size_t memory, int algorithm);
void __real_hc__wipe(void *bytes, size_t size);
void __wrap_hc__wipe(void *bytes, size_t size);

static hc__mem mem;
static hc_error err;
static bool no_random, no_start, no_memory;
static int refusal;  /* errno of each hash; below 0: it tells none */
static bool accepts; /* all hashes are the same */
static size_t wiped; /* bytes */
static int wipes;

void __wrap_hc__wipe(void *bytes, size_t size)
{
    wipes++;
    wiped += size;
    __real_hc__wipe(bytes, size);
}

bool __wrap_hc__os_random(void *out, size_t size)
{
    return !no_random && __real_hc__os_random(out, size);
}

int __wrap_sodium_init(void)
{
    return no_start ? -1 : __real_sodium_init();
}

void *__wrap_sodium_malloc(size_t size)
{
    return no_memory ? NULL : __real_sodium_malloc(size);
}

int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_size, const char *password, unsigned long long size,
                         const unsigned char *salt, unsigned long long passes, size_t memory, int algorithm)
{
    (void)password;
    (void)size;
    (void)salt;
    (void)passes;
    (void)memory;
    (void)algorithm;
    memset(out, 0xaa, (size_t)out_size); /* half done */
    if (refusal >= 0)
        errno = refusal;
    return accepts ? 0 : -1;
}

static void set_up(void)
{
    no_random = no_start = no_memory = accepts = false;
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    ck_assert_int_eq(hc__crypto_start(&err), HC_OK);
}

START_TEST(nothing_starts_without_randomness_or_libsodium)
{
    no_random = true;
    ck_assert_int_eq(hc__crypto_start(&err), HC_ERR_INTERNAL);
    ck_assert_str_eq(err.message, "the operating system gives no randomness");
    no_random = false;
    no_start = true;
    ck_assert_int_eq(hc__crypto_start(&err), HC_ERR_INTERNAL);
    ck_assert_str_eq(err.message, "libsodium cannot start");
    no_start = false;
    ck_assert_int_eq(hc__crypto_start(&err), HC_OK);
}
END_TEST

/* S13 */
START_TEST(a_key_whose_secret_finds_no_place_is_none)
{
    static const uint8_t seed[32] = {1};
    hc__signing_key *key;
    hc__secret *secret;

    no_memory = true;
    ck_assert_int_eq(hc__signing_key_new(&key, &mem, "k1", seed, sizeof seed, &err), HC_ERR_NO_MEMORY);
    ck_assert_ptr_null(key);
    ck_assert_int_eq(hc__secret_random(&secret, 32, &err), HC_ERR_NO_MEMORY);
    ck_assert_ptr_null(secret);
    no_memory = false;
    ck_assert_int_eq(hc__signing_key_new(&key, &mem, "k1", seed, sizeof seed, &err), HC_OK);
    hc__signing_key_free(key);
}
END_TEST

/* Memory is what may be short; everything else is a bug, and no hash is ever given. */
START_TEST(a_hash_that_libsodium_refuses_is_none)
{
    static const struct {
        int refusal;
        hc_status status;
    } cases[] = {
        {ENOMEM, HC_ERR_NO_MEMORY}, {EINVAL, HC_ERR_INTERNAL}, {EFBIG, HC_ERR_INTERNAL}, {0, HC_ERR_NO_MEMORY}};
    const hc__argon cost = {19456, 2};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hash[HC__PASSWORD_HASH_SIZE] = "none";

        refusal = cases[i].refusal;
        ck_assert_int_eq(hc__password_hash(hash, &cost, "secret", 6, &err), cases[i].status);
        ck_assert_int_eq(err.status, cases[i].status);
        ck_assert_str_eq(hash, "");
    }
}
END_TEST

START_TEST(an_error_number_of_before_tells_nothing)
{
    const hc__argon cost = {19456, 2};
    char hash[HC__PASSWORD_HASH_SIZE];

    refusal = -1;
    errno = EINVAL;
    ck_assert_int_eq(hc__password_hash(hash, &cost, "secret", 6, &err), HC_ERR_NO_MEMORY);
    refusal = 0;
}
END_TEST

/* A12: to the limits, and not beyond; what is stored as what is asked for. */
START_TEST(a_hash_costs_so_much_at_most)
{
    static const struct {
        hc__argon cost;
        const char *stored; /* its beginning */
        bool fine;
    } cases[] = {{{262144, 10}, "$argon2id$v=19$m=262144,t=10,p=1$", true},
                 {{8, 1}, "$argon2id$v=19$m=8,t=1,p=1$", true},
                 {{262145, 10}, "$argon2id$v=19$m=262145,t=10,p=1$", false},
                 {{262144, 11}, "$argon2id$v=19$m=262144,t=11,p=1$", false},
                 {{7, 1}, "$argon2id$v=19$m=7,t=1,p=1$", false},
                 {{8, 0}, "$argon2id$v=19$m=8,t=0,p=1$", false},
                 {{0, 0}, "$argon2id$v=19$m=8,t=1,p=2$", false},
                 {{0, 0}, "$argon2id$v=19$m=8,t=1,p=0$", false}};
    const hc__argon usual = {19456, 2};

    accepts = true;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hash[HC__PASSWORD_HASH_SIZE];
        bool match, stale;

        ck_assert_int_eq(hc__password_hash(hash, &cases[i].cost, "secret", 6, &err),
                         cases[i].fine ? HC_OK : HC_ERR_INVALID);
        if (cases[i].fine)
            ck_assert_msg(strncmp(hash, cases[i].stored, strlen(cases[i].stored)) == 0, "%s", hash);
        snprintf(hash, sizeof hash, "%sAAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                 cases[i].stored);
        ck_assert_int_eq(hc__password_verify(&match, &stale, &usual, hash, "secret", 6, &err),
                         cases[i].fine ? HC_OK : HC_ERR_CORRUPT);
        ck_assert(!match);
        ck_assert_int_eq(stale, cases[i].fine);
    }
}
END_TEST

/* Each piece has its place: what lacks one is no hash. */
START_TEST(a_hash_lacks_no_piece)
{
    static const char *const texts[] = {"8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=81,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=8,t=11$AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=8,t=1,p=1AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA",
                                        "$argon2id$v=19$m=,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=08,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$",
                                        "$argon2id$v=19$m=4294967304,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"};
    const hc__argon usual = {19456, 2};

    accepts = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char hash[HC__PASSWORD_HASH_SIZE];
        bool match, stale;

        snprintf(hash, sizeof hash, "%sAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", texts[i]);
        ck_assert_msg(hc__password_verify(&match, &stale, &usual, hash, "secret", 6, &err) == HC_ERR_CORRUPT, "%s",
                      hash);
    }
}
END_TEST

static void assert_wiped(int times, size_t bytes)
{
    ck_assert_int_eq(wipes, times);
    ck_assert_uint_eq(wiped, bytes);
    wipes = 0;
    wiped = 0;
}

/* Salt and tag of a hash, a key's bytes: none is left on the stack, however a call ends. */
START_TEST(what_was_secret_is_wiped)
{
    static const uint8_t seed[32] = {1}, longest[65] = {2};
    const hc__argon cost = {19456, 2};
    const size_t made = sizeof cost + 16 + 32, tag = 32;
    char hash[HC__PASSWORD_HASH_SIZE];
    uint8_t mac[32];
    bool match, stale;
    hc__signing_key *key;
    hc__secret *secret;

    accepts = true;
    wipes = 0;
    wiped = 0;
    ck_assert_int_eq(hc__password_hash(hash, &cost, "secret", 6, &err), HC_OK);
    assert_wiped(1, made);
    ck_assert_int_eq(hc__password_verify(&match, &stale, &cost, hash, "secret", 6, &err), HC_OK);
    ck_assert(match && !stale);
    assert_wiped(2, tag + made);
    ck_assert_int_eq(hc__password_absent(&cost, "secret", 6, &err), HC_OK);
    assert_wiped(2, tag + made);
    accepts = false;
    ck_assert_int_eq(hc__password_hash(hash, &cost, "secret", 6, &err), HC_ERR_NO_MEMORY);
    assert_wiped(2, tag + made);
    ck_assert_int_eq(hc__signing_key_new(&key, &mem, NULL, seed, sizeof seed, &err), HC_OK);
    assert_wiped(1, 64);
    hc__signing_key_free(key);
    for (size_t size = 64; size <= sizeof longest; size++) { /* one byte more is folded into 64 */
        ck_assert_int_eq(hc__secret_new(&secret, longest, size, &err), HC_OK);
        hc__mac(mac, secret, "a purpose", "text", 4);
        assert_wiped(size == 64 ? 0 : 1, size == 64 ? 0 : 64);
        hc__secret_free(secret);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, nothing_starts_without_randomness_or_libsodium);
    tcase_add_test(tcase, a_key_whose_secret_finds_no_place_is_none);
    tcase_add_test(tcase, a_hash_that_libsodium_refuses_is_none);
    tcase_add_test(tcase, an_error_number_of_before_tells_nothing);
    tcase_add_test(tcase, a_hash_costs_so_much_at_most);
    tcase_add_test(tcase, a_hash_lacks_no_piece);
    tcase_add_test(tcase, what_was_secret_is_wiped);
}

int main(void)
{
    return suite_main("unit.crypto.refused", fill, set_up, NULL);
}
