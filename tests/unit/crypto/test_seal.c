#include <sodium.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/crypto.h"
#include "homeconnect/error.h"
#include "suite.h"

static hc__mem mem;
static hc__secret *key;

static void setup(void)
{
    ck_assert_int_eq(hc__mem_init(&mem, NULL, NULL), HC_OK);
    ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
    ck_assert_int_eq(hc__secret_random(&key, 32, NULL), HC_OK);
}

static void teardown(void)
{
    hc__secret_free(key);
}

/* Room that has been used before. */
static void used(hc__buf *out, const char *begin)
{
    char noise[400];

    memset(noise, 'x', sizeof noise);
    hc__buf_init(out, &mem);
    hc__buf_put(out, noise, sizeof noise);
    hc__buf_clear(out);
    hc__buf_text(out, begin);
}

START_TEST(seal_opens_again)
{
    uint8_t bytes[200];
    hc__buf sealed, opened;

    hc__random(bytes, sizeof(bytes));
    for (size_t size = 0; size <= sizeof(bytes); size += 7) {
        used(&sealed, "before");
        used(&opened, "kept");
        ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, bytes, size, NULL), HC_OK);
        ck_assert_uint_eq(sealed.size, 6 + 24 + size + 16);
        ck_assert_int_eq(sealed.data[sealed.size], '\0');
        ck_assert(hc__unseal(&opened, key, "context", 7, sealed.data + 6, sealed.size - 6));
        ck_assert_uint_eq(opened.size, 4 + size);
        ck_assert_int_eq(opened.data[opened.size], '\0');
        ck_assert_mem_eq(opened.data, "kept", 4);
        if (size > 0)
            ck_assert_mem_eq(opened.data + 4, bytes, size);
        hc__buf_free(&sealed);
        hc__buf_free(&opened);
    }
}
END_TEST

START_TEST(seal_never_repeats)
{
    hc__buf one, two;

    used(&one, "");
    used(&two, "");
    ck_assert_int_eq(hc__seal(&one, key, NULL, 0, "same", 4, NULL), HC_OK);
    ck_assert_int_eq(hc__seal(&two, key, NULL, 0, "same", 4, NULL), HC_OK);
    ck_assert_mem_ne(one.data, two.data, 24);
    ck_assert_mem_ne(one.data + 24, two.data + 24, 20);
    hc__buf_free(&one);
    hc__buf_free(&two);
}
END_TEST

START_TEST(unseal_refuses_a_change_of_any_bit)
{
    hc__buf sealed, opened;

    hc__buf_init(&sealed, &mem);
    hc__buf_init(&opened, &mem);
    hc__buf_text(&opened, "kept");
    ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, "thirteen byte", 13, NULL), HC_OK);
    for (size_t i = 0; i < sealed.size; i++) {
        for (int bit = 0; bit < 8; bit++) {
            sealed.data[i] = (char)(sealed.data[i] ^ (1 << bit));
            ck_assert_msg(!hc__unseal(&opened, key, "context", 7, sealed.data, sealed.size), "byte %zu bit %d", i, bit);
            ck_assert_str_eq(opened.data, "kept");
            ck_assert_uint_eq(opened.size, 4);
            sealed.data[i] = (char)(sealed.data[i] ^ (1 << bit));
        }
    }
    ck_assert(hc__unseal(&opened, key, "context", 7, sealed.data, sealed.size));
    hc__buf_free(&sealed);
    hc__buf_free(&opened);
}
END_TEST

START_TEST(unseal_refuses_every_other_length)
{
    hc__buf sealed, opened;

    hc__buf_init(&sealed, &mem);
    hc__buf_init(&opened, &mem);
    ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, "thirteen byte", 13, NULL), HC_OK);
    for (size_t size = 0; size < sealed.size; size++)
        ck_assert(!hc__unseal(&opened, key, "context", 7, sealed.data, size));
    ck_assert(!hc__unseal(&opened, key, "context", 7, sealed.data + 1, sealed.size - 1));
    hc__buf_char(&sealed, '\0');
    ck_assert(!hc__unseal(&opened, key, "context", 7, sealed.data, sealed.size));
    ck_assert(!hc__unseal(&opened, key, "context", 7, NULL, 0));
    hc__buf_free(&sealed);
    hc__buf_free(&opened);
}
END_TEST

START_TEST(unseal_refuses_another_context_or_key)
{
    hc__buf sealed, opened;
    hc__secret *other, *small;
    hc_error err = {0};

    ck_assert_int_eq(hc__secret_random(&other, 32, NULL), HC_OK);
    ck_assert_int_eq(hc__secret_random(&small, 31, NULL), HC_OK);
    hc__buf_init(&sealed, &mem);
    hc__buf_init(&opened, &mem);
    ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, "secret", 6, NULL), HC_OK);
    ck_assert(!hc__unseal(&opened, key, "Context", 7, sealed.data, sealed.size));
    ck_assert(!hc__unseal(&opened, key, "context", 6, sealed.data, sealed.size));
    ck_assert(!hc__unseal(&opened, key, NULL, 0, sealed.data, sealed.size));
    ck_assert(!hc__unseal(&opened, other, "context", 7, sealed.data, sealed.size));
    ck_assert(!hc__unseal(&opened, small, "context", 7, sealed.data, sealed.size));
    ck_assert_int_eq(hc__seal(&opened, small, "context", 7, "secret", 6, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "key");
    ck_assert_uint_eq(opened.size, 0);
    hc__secret_free(other);
    hc__secret_free(small);
    hc__buf_free(&sealed);
    hc__buf_free(&opened);
}
END_TEST

/* The stored form, opened by libsodium itself: nonce, ciphertext, tag. */
START_TEST(seal_has_the_documented_form)
{
    hc__buf sealed;
    uint8_t plain[6];
    unsigned long long size = 0;

    hc__buf_init(&sealed, &mem);
    ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, "secret", 6, NULL), HC_OK);
    ck_assert_int_eq(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &size, NULL, (const uint8_t *)sealed.data + 24,
                                                                sealed.size - 24, (const uint8_t *)"context", 7,
                                                                (const uint8_t *)sealed.data, hc__secret_bytes(key)),
                     0);
    ck_assert_mem_eq(plain, "secret", 6);
    hc__buf_free(&sealed);
}
END_TEST

static void *never(size_t size, void *data)
{
    (void)size;
    (void)data;
    return NULL;
}

static void *never_again(void *block, size_t size, void *data)
{
    (void)block;
    return never(size, data);
}

static void release(void *block, void *data)
{
    (void)data;
    free(block);
}

START_TEST(seal_tells_a_lack_of_memory)
{
    hc_allocator none = {sizeof(none), never, never_again, release, NULL};
    hc__mem starved;
    hc__buf out, sealed;
    hc_error err = {0};

    ck_assert_int_eq(hc__mem_init(&starved, &none, &err), HC_OK);
    hc__buf_init(&sealed, &mem);
    ck_assert_int_eq(hc__seal(&sealed, key, "context", 7, "secret", 6, NULL), HC_OK);
    hc__buf_init(&out, &starved);
    ck_assert_int_eq(hc__seal(&out, key, "context", 7, "secret", 6, &err), HC_ERR_NO_MEMORY);
    ck_assert(err.flags & HC_ERROR_RETRYABLE);
    hc__buf_clear(&out);
    ck_assert_int_eq(hc__seal(&out, key, "context", 7, "secret", SIZE_MAX, &err), HC_ERR_NO_MEMORY);
    hc__buf_clear(&out);
    ck_assert(!hc__unseal(&out, key, "context", 7, sealed.data, sealed.size));
    ck_assert(out.failed);
    hc__buf_clear(&out);
    ck_assert(!hc__base64url_read(&out, "Zm9v", 4));
    ck_assert(out.failed);
    hc__buf_clear(&out);
    hc__base64url_put(&out, "foo", 3);
    ck_assert(out.failed);
    hc__buf_free(&out);
    hc__buf_free(&sealed);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, seal_opens_again);
    tcase_add_test(tcase, seal_never_repeats);
    tcase_add_test(tcase, unseal_refuses_a_change_of_any_bit);
    tcase_add_test(tcase, unseal_refuses_every_other_length);
    tcase_add_test(tcase, unseal_refuses_another_context_or_key);
    tcase_add_test(tcase, seal_has_the_documented_form);
    tcase_add_test(tcase, seal_tells_a_lack_of_memory);
}

int main(void)
{
    return suite_main("seal", fill, setup, teardown);
}
