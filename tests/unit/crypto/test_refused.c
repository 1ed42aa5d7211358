/* What the operating system and libsodium may refuse: this program stands between them and the library by the linker
 * (--wrap). */
#include <errno.h>
#include <sodium.h>
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

static hc__mem mem;
static hc_error err;
static bool no_random, no_start, no_memory;
static int refusal; /* errno of each hash */

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
    errno = refusal;
    return -1;
}

static void set_up(void)
{
    no_random = no_start = no_memory = false;
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

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, nothing_starts_without_randomness_or_libsodium);
    tcase_add_test(tcase, a_key_whose_secret_finds_no_place_is_none);
    tcase_add_test(tcase, a_hash_that_libsodium_refuses_is_none);
}

int main(void)
{
    return suite_main("unit.crypto.refused", fill, set_up, NULL);
}
