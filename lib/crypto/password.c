#include "crypto/crypto.h"

#include <errno.h>
#include <sodium.h>
#include <stdatomic.h>
#include <string.h>
#include "base/bug.h"
#include "base/fail.h"
#include "crypto/base64.h"

/* crypto_pwhash_str_verify tells a wrong password and a lack of memory alike, so the PHC string is read here and only
 * the bare Argon2 is libsodium's. */

#define SALT_SIZE    16 /* crypto_pwhash_argon2id_SALTBYTES */
#define TAG_SIZE     32
#define SALT_TEXT    22
#define TAG_TEXT     43
#define PREFIX       "$argon2id$v=19$m="
#define VARIANT      sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define MEMORY_LIMIT (256u * 1024u) /* KiB */
#define PASSES_LIMIT 10u
/* Below these libsodium itself refuses. */
#define MEMORY_LEAST 8u
#define PASSES_LEAST 1u
#ifdef HC_TEST_BUILD
#define MEMORY_FLOOR MEMORY_LEAST
#define PASSES_FLOOR PASSES_LEAST
#else
#define MEMORY_FLOOR 19456u
#define PASSES_FLOOR 2u
#endif

_Static_assert(SALT_SIZE == crypto_pwhash_argon2id_SALTBYTES, "Argon2id's salt");

typedef struct phc {
    hc__argon cost;
    uint8_t salt[SALT_SIZE];
    uint8_t tag[TAG_SIZE];
} phc;

#ifdef HC_TEST_BUILD
static _Atomic uint64_t runs;

uint64_t hc__password_runs(void)
{
    return atomic_load(&runs);
}
#endif

static hc_status cost_check(const hc__argon *cost, hc_error *err)
{
    if (cost->memory_kib < MEMORY_FLOOR || cost->memory_kib > MEMORY_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "memory_kib", "memory_kib is %u to %u", MEMORY_FLOOR, MEMORY_LIMIT);
    if (cost->passes < PASSES_FLOOR || cost->passes > PASSES_LIMIT)
        return hc__fail(err, HC_ERR_INVALID, "passes", "passes is %u to %u", PASSES_FLOOR, PASSES_LIMIT);
    return HC_OK;
}

static hc_status argon(uint8_t tag[TAG_SIZE], const hc__argon *cost, const uint8_t salt[SALT_SIZE],
                       const char *password, size_t size, hc_error *err)
{
    if (size > crypto_pwhash_PASSWD_MAX)
        return hc__fail(err, HC_ERR_INVALID, "password", "the password is too long");
#ifdef HC_TEST_BUILD
    atomic_fetch_add(&runs, 1);
#endif
    errno = 0;
    if (crypto_pwhash(tag, TAG_SIZE, size == 0 ? "" : password, size, salt, cost->passes,
                      (size_t)cost->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0)
        return HC_OK;
    hc__wipe(tag, TAG_SIZE);
    /* The parameters are in range, so what is left is memory; libsodium tells a refused parameter by errno. */
    if (errno == EINVAL || errno == EFBIG)
        return hc__fail(err, HC_ERR_INTERNAL, NULL, "libsodium refused the parameters of a password hash");
    return hc__bug("starved-hash") ? HC_OK : hc__no_memory(err);
}

static bool read_text(const char **at, const char *text)
{
    size_t size = strlen(text);

    if (strncmp(*at, text, size) != 0)
        return false;
    *at += size;
    return true;
}

/* Digits without a sign or a leading zero. */
static bool read_number(const char **at, uint32_t *out)
{
    uint64_t value = 0;
    const char *start = *at;

    while (**at >= '0' && **at <= '9' && *at - start < 10) {
        value = value * 10 + (uint64_t)(**at - '0');
        (*at)++;
    }
    if (*at == start || (*start == '0' && *at - start > 1) || value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool read_bytes(const char **at, size_t text_size, uint8_t *out, size_t size)
{
    size_t got; /* `text_size` letters are `size` bytes */

    if (strnlen(*at, text_size) < text_size || !hc__base64_read(out, size, &got, *at, text_size, VARIANT))
        return false;
    *at += text_size;
    return true;
}

static hc_status phc_read(phc *out, const char *hash, hc_error *err)
{
    const char *at = hash;
    uint32_t lanes = 0;

    if (!read_text(&at, PREFIX) || !read_number(&at, &out->cost.memory_kib) || !read_text(&at, ",t=") ||
        !read_number(&at, &out->cost.passes) || !read_text(&at, ",p=") || !read_number(&at, &lanes) ||
        !read_text(&at, "$") || !read_bytes(&at, SALT_TEXT, out->salt, SALT_SIZE) || !read_text(&at, "$") ||
        !read_bytes(&at, TAG_TEXT, out->tag, TAG_SIZE) || *at != '\0')
        return hc__fail(err, HC_ERR_CORRUPT, "password_hash", "the stored password hash is not an Argon2id string");
    if (out->cost.memory_kib < MEMORY_LEAST || out->cost.memory_kib > MEMORY_LIMIT || out->cost.passes < PASSES_LEAST ||
        out->cost.passes > PASSES_LIMIT || (lanes != 1 && !hc__bug("lenient")))
        return hc__fail(err, HC_ERR_CORRUPT, "password_hash", "the stored password hash has parameters out of range");
    return HC_OK;
}

static char *put_text(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
    return at;
}

static char *put_number(char *at, uint32_t value)
{
    char digits[10];
    size_t count = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static void phc_write(char out[HC__PASSWORD_HASH_SIZE], const phc *made)
{
    char *at = put_text(out, PREFIX);

    at = put_number(at, made->cost.memory_kib);
    at = put_text(at, ",t=");
    at = put_number(at, made->cost.passes);
    at = put_text(at, ",p=1$");
    sodium_bin2base64(at, SALT_TEXT + 1, made->salt, SALT_SIZE, VARIANT);
    at = put_text(at + SALT_TEXT, "$");
    sodium_bin2base64(at, TAG_TEXT + 1, made->tag, TAG_SIZE, VARIANT);
}

hc_status hc__password_hash(char out[HC__PASSWORD_HASH_SIZE], const hc__argon *cost, const char *password, size_t size,
                            hc_error *err)
{
    phc made = {.cost = *cost};
    hc_status status = cost_check(cost, err);

    out[0] = '\0';
    if (status != HC_OK)
        return status;
    hc__random(made.salt, SALT_SIZE);
    status = argon(made.tag, cost, made.salt, password, size, err);
    if (status == HC_OK)
        phc_write(out, &made);
    hc__wipe(&made, sizeof(made));
    return status;
}

/* One Argon2 of `cost`, NULL: of the stored hash's own. */
static hc_status compare(bool *match, phc *stored, const char *hash, const hc__argon *cost, const char *password,
                         size_t size, hc_error *err)
{
    uint8_t tag[TAG_SIZE];
    hc_status status = phc_read(stored, hash, err);

    if (status == HC_OK)
        status = argon(tag, cost == NULL ? &stored->cost : cost, stored->salt, password, size, err);
    if (status == HC_OK)
        *match = hc__same(tag, stored->tag, TAG_SIZE);
    hc__wipe(tag, sizeof(tag));
    return status;
}

hc_status hc__password_verify(bool *match, bool *stale, const hc__argon *cost, const char *hash, const char *password,
                              size_t size, hc_error *err)
{
    phc stored = {0};
    hc_status status = cost_check(cost, err);

    *match = false;
    *stale = false;
    if (status == HC_OK)
        status = compare(match, &stored, hash, NULL, password, size, err);
    if (status == HC_OK)
        *stale = stored.cost.memory_kib != cost->memory_kib || stored.cost.passes != cost->passes;
    hc__wipe(&stored, sizeof(stored));
    return status;
}

hc_status hc__password_absent(const hc__argon *cost, const char *password, size_t size, hc_error *err)
{
    static const char nobody[] =
        PREFIX "65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    phc stored = {0};
    bool match; /* dropped */
    hc_status status = cost_check(cost, err);

    if (status == HC_OK)
        status = compare(&match, &stored, nobody, cost, password, size, err);
    hc__wipe(&stored, sizeof(stored));
    return status;
}
