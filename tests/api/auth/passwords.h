/* Argon2 in this program goes through here on its way to libsodium: runs are counted, and may be refused memory. */
#ifndef API_AUTH_PASSWORDS_H
#define API_AUTH_PASSWORDS_H

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

typedef struct passwords {
    atomic_int runs;
    atomic_int starve_at;         /* this run and those behind it find no memory; 0: none */
    atomic_ullong passes, memory; /* of the last */
    void (*meanwhile)(void);      /* called by the next run, or NULL */
} passwords;

static passwords argon;

typedef int (*argon_fn)(unsigned char *, unsigned long long, const char *, unsigned long long, const unsigned char *,
                        unsigned long long, size_t, int);

__attribute__((visibility("default"))) int crypto_pwhash(unsigned char *out, unsigned long long size,
                                                         const char *password, unsigned long long password_size,
                                                         const unsigned char *salt, unsigned long long passes,
                                                         size_t memory, int algorithm);

int crypto_pwhash(unsigned char *out, unsigned long long size, const char *password, unsigned long long password_size,
                  const unsigned char *salt, unsigned long long passes, size_t memory, int algorithm)
{
    void *symbol = dlsym(RTLD_NEXT, "crypto_pwhash");
    int run = atomic_fetch_add(&argon.runs, 1) + 1, starve_at = atomic_load(&argon.starve_at);
    void (*meanwhile)(void) = argon.meanwhile;
    argon_fn real;

    argon.meanwhile = NULL;
    if (meanwhile != NULL)
        meanwhile();
    atomic_store(&argon.passes, passes);
    atomic_store(&argon.memory, memory);
    if (starve_at > 0 && run >= starve_at) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(&real, &symbol, sizeof real);
    return real(out, size, password, password_size, salt, passes, memory, algorithm);
}

/* From now on; returns how many ran since the last call. */
static inline int argon_runs(void)
{
    return atomic_exchange(&argon.runs, 0);
}

#endif
