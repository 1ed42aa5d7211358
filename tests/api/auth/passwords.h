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
    void (*run_first)(void) = argon.meanwhile;
    argon_fn real;

    argon.meanwhile = NULL;
    if (run_first != NULL)
        run_first();
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

/* ---- a second call of a session, while the first makes a hash ---- */

static struct {
    hc_session *as;
    hc_error err; /* what it met */
} meanwhile;

static inline void call_again(void)
{
    hc_user *user = NULL;

    ck_assert_int_eq(hc_user_get(&user, meanwhile.as, house.ana_id, &meanwhile.err), HC_ERR_MISUSE);
}

static inline void call_meanwhile(hc_session *as)
{
    meanwhile.as = as;
    meanwhile.err.message[0] = '\0';
    argon.meanwhile = call_again;
}

#endif
