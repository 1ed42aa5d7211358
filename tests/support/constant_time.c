/* Runs what compares secrets under valgrind, with the secrets marked as undefined: each branch and each address that
 * depends on one is told (the method of ctgrind). constant_time.sh builds it against the release library, whose calls
 * of libsodium and of hc__same are wrapped here. What the comparison itself answers is no secret any more.
 * constant_time [plain]: plain compares as memcmp does, and must be found. */
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include "homeconnect/homeconnect.h"

#define WRAPPED(type, name, ...)                                                                                       \
    type __real_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__);                                                                                   \
    type __wrap_##name(__VA_ARGS__)

static const char phrase[] = "a passphrase of the tests, long enough";
static bool armed, plain;
static unsigned compared, hashed, sealed, signed_;

/* Not the cost of Argon2 is looked at, which would take a minute here: only who touches its result, and how. */
WRAPPED(int, crypto_pwhash, unsigned char *out, unsigned long long size, const char *password,
        unsigned long long password_size, const unsigned char *salt, unsigned long long passes, size_t memory, int how)
{
    (void)passes, (void)memory, (void)how;
    (void)crypto_generichash(out, (size_t)size, (const unsigned char *)password, password_size, salt, 16);
    if (armed)
        hashed++, (void)VALGRIND_MAKE_MEM_UNDEFINED(out, size);
    return 0;
}

WRAPPED(int, crypto_generichash_blake2b_salt_personal, unsigned char *out, size_t size, const unsigned char *in,
        unsigned long long in_size, const void *key, size_t key_size, const unsigned char *salt,
        const unsigned char *personal)
{
    int failed = __real_crypto_generichash_blake2b_salt_personal(out, size, in, in_size, key, key_size, salt, personal);

    if (armed)
        sealed++, (void)VALGRIND_MAKE_MEM_UNDEFINED(out, size);
    return failed;
}

WRAPPED(int, crypto_sign_detached, unsigned char *out, unsigned long long *size, const unsigned char *in,
        unsigned long long in_size, const unsigned char *key)
{
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    int failed;

    memcpy(secret, key, sizeof(secret));
    if (armed)
        signed_++, (void)VALGRIND_MAKE_MEM_UNDEFINED(secret, crypto_sign_SEEDBYTES);
    failed = __real_crypto_sign_detached(out, size, in, in_size, secret);
    (void)VALGRIND_MAKE_MEM_DEFINED(out, crypto_sign_BYTES); /* the signature is public */
    return failed;
}

WRAPPED(int, crypto_aead_xchacha20poly1305_ietf_encrypt, unsigned char *out, unsigned long long *size,
        const unsigned char *in, unsigned long long in_size, const unsigned char *also, unsigned long long also_size,
        const unsigned char *no_secret, const unsigned char *nonce, const unsigned char *key)
{
    int failed = __real_crypto_aead_xchacha20poly1305_ietf_encrypt(out, size, in, in_size, also, also_size, no_secret,
                                                                   nonce, key);

    (void)VALGRIND_MAKE_MEM_DEFINED(out, in_size + crypto_aead_xchacha20poly1305_ietf_ABYTES); /* a cursor is public */
    return failed;
}

static bool same_as_memcmp(const unsigned char *a, const unsigned char *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

WRAPPED(bool, hc__same, const void *a, const void *b, size_t size)
{
    bool same = plain ? same_as_memcmp(a, b, size) : __real_hc__same(a, b, size);

    compared += armed;
    (void)VALGRIND_MAKE_MEM_DEFINED(&same, sizeof(same));
    return same;
}

static void need(bool ok, const char *what, const hc_error *err)
{
    if (ok)
        return;
    (void)fprintf(stderr, "constant_time: %s: %s %s\n", what, hc_status_name(err->status), err->message);
    _Exit(2);
}

/* Passwords that are right and wrong, and the access token that the right one gives. */
static void sign_in(hc_session *guest, const char *password, hc_status expected)
{
    hc_login login = {sizeof(login), "ana@example.com", password, strlen(password)};
    hc_session *session = NULL;
    hc_error err = {0};

    armed = true;
    need(hc_auth_login(&session, guest, &login, &err) == expected, "login", &err);
    armed = false;
    hc_session_free(session);
}

/* A cursor that is bound to who asks, and the seals of the audit log, one of them forged. */
static void read_pages(hc_client *client, hc_session *host)
{
    hc_error err = {0};
    hc_query *query;
    hc_audit_page *page;
    hc_status status;

    need(hc_query_new(&query, client, HC_KIND_AUDIT, &err) >= 0 && hc_query_set_limit(query, 1, &err) >= 0 &&
             hc_audit_list(&page, host, query, &err) >= 0 && hc_audit_page_cursor(page) != NULL &&
             hc_query_set_cursor(query, hc_audit_page_cursor(page), &err) >= 0 &&
             hc_query_set_limit(query, 200, &err) >= 0,
         "a cursor", &err);
    hc_audit_page_free(page);
    armed = true;
    status = hc_audit_list(&page, host, query, &err);
    armed = false;
    need(status >= 0 || (plain && status == HC_ERR_INVALID), "the page of a cursor", &err);
    hc_audit_page_free(status >= 0 ? page : NULL);
    armed = true;
    status = hc_audit_verify(NULL, host, NULL, &err);
    armed = false;
    need(status >= 0, "the audit log", &err);
    hc_query_free(query);
}

int main(int argc, char **argv)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_client *client;
    hc_session *host, *guest;
    hc_error err = {0};
    hc_user *user;
    hc_id id;

    plain = argc > 1 && strcmp(argv[1], "plain") == 0;
    options.storage_uri = "sqlite::memory:";
    need(hc_client_open(&client, &options, &err) >= 0 && hc_session_system(&host, client, &err) >= 0 &&
             hc_session_guest(&guest, client, "203.0.113.7", &err) >= 0,
         "open", &err);
    user = hc_user_new(client);
    hc_user_set_email(user, "ana@example.com");
    hc_user_set_full_name(user, "Ana Ortiz");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    need(hc_user_create(&id, host, user, phrase, strlen(phrase), &err) >= 0, "user", &err);
    hc_user_free(user);
    sign_in(guest, phrase, HC_OK);
    sign_in(guest, "a passphrase of the tests, long enougH", HC_ERR_UNAUTHENTICATED);
    need(hc_client_run(client, 1000000, NULL, &err) >= 0, "run", &err);
    read_pages(client, host);
    hc_session_free(guest);
    hc_session_free(host);
    hc_client_close(client);
    (void)printf("%u comparisons of secrets, %u password hashes, %u seals, %u signatures\n", compared, hashed, sealed,
                 signed_);
    return compared > 4 && hashed == 2 && sealed > 2 && signed_ > 0 ? 0 : 2;
}
