/* A stored password hash. Argon2 itself is replaced here, so that only the PHC string is at work. */
#include <sodium.h>

#include "crypto/crypto.h"
#include "fuzz.h"

static unsigned runs;
static uint64_t last_passes;
static size_t last_memory;

/* Stands before libsodium's: every parameter that gets here would have taken memory and time. */
int crypto_pwhash(unsigned char *const out, unsigned long long out_size, const char *const password,
                  unsigned long long password_size, const unsigned char *const salt, unsigned long long passes,
                  size_t memory, int algorithm)
{
    (void)password;
    (void)password_size;
    FUZZ_ASSERT(out_size == 32 && algorithm == crypto_pwhash_ALG_ARGON2ID13);
    memcpy(out, salt, 16);
    memset(out + 16, 0, 16);
    runs++;
    last_passes = passes;
    last_memory = memory;
    return 0;
}

static void check_taken(const fuzz *run, bool match, bool stale, const hc__argon *cost)
{
    char prefix[64];

    FUZZ_ASSERT(runs == 1 && last_passes >= 1 && last_passes <= 10);
    FUZZ_ASSERT(last_memory >= (size_t)8 * 1024 && last_memory <= (size_t)256 << 20 && last_memory % 1024 == 0);
    FUZZ_ASSERT(stale == (last_passes != cost->passes || last_memory != (size_t)cost->memory_kib * 1024));
    snprintf(prefix, sizeof(prefix), "$argon2id$v=19$m=%zu,t=%u,p=1$", last_memory / 1024, (unsigned)last_passes);
    FUZZ_ASSERT(strncmp(run->text, prefix, strlen(prefix)) == 0);
    FUZZ_ASSERT(strlen(run->text) == strlen(prefix) + 22 + 1 + 43);
    FUZZ_ASSERT(!match || strncmp(run->text + strlen(prefix), run->text + strlen(prefix) + 23, 21) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const hc__argon cost = {19456, 2};
    bool match = true, stale = true;
    hc_status status;
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    FUZZ_ASSERT(hc__crypto_start(NULL) == HC_OK);
    runs = 0;
    status = hc__password_verify(&match, &stale, &cost, run.text, "a password", 10, &run.err);
    fuzz_outcome(&run, status);
    FUZZ_ASSERT(status == HC_OK || status == HC_ERR_CORRUPT);
    if (status == HC_OK)
        check_taken(&run, match, stale, &cost);
    else
        FUZZ_ASSERT(runs == 0 && !match && !stale);
    return fuzz_end(&run);
}
