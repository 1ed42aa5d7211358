#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "homeconnect/error.h"
#include "suite.h"

/* The cheapest that libsodium knows; the floors of a release are not in a test build. */
static const hc__argon cheap = {8, 1};

/* "password", by the reference implementation (argon2 of Debian 12): m=64 t=2, salt "0123456789abcdef". */
#define REFERENCE "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s"
#define TAIL      "$MDEyMzQ1Njc4OWFiY2RlZg$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s"

static void setup(void)
{
    ck_assert_int_eq(hc__crypto_start(NULL), HC_OK);
}

static bool matches(const hc__argon *cost, const char *hash, const char *password, size_t size)
{
    bool match = true, stale = true;
    hc_error err = {0};
    hc_status status = hc__password_verify(&match, &stale, cost, hash, password, size, &err);

    ck_assert_msg(status == HC_OK, "%s", err.message);
    return match;
}

START_TEST(hash_is_a_phc_string_that_verifies)
{
    char hash[HC__PASSWORD_HASH_SIZE], again[HC__PASSWORD_HASH_SIZE];

    ck_assert_int_eq(hc__password_hash(hash, &cheap, "correct horse", 13, NULL), HC_OK);
    ck_assert_int_eq(strncmp(hash, "$argon2id$v=19$m=8,t=1,p=1$", 27), 0);
    ck_assert_uint_eq(strlen(hash), 27 + 22 + 1 + 43);
    ck_assert(matches(&cheap, hash, "correct horse", 13));
    ck_assert(!matches(&cheap, hash, "correct hors", 12));
    ck_assert(!matches(&cheap, hash, "correct horse ", 14));
    ck_assert(!matches(&cheap, hash, "", 0));
    ck_assert(!matches(&cheap, hash, NULL, 0));
    ck_assert_int_eq(hc__password_hash(again, &cheap, "correct horse", 13, NULL), HC_OK);
    ck_assert_str_ne(hash, again);
}
END_TEST

START_TEST(verify_agrees_with_the_reference)
{
    hc__argon usual = HC__ARGON_DEFAULT;
    bool match = false, stale = true;

    ck_assert(matches(&cheap, REFERENCE, "password", 8));
    ck_assert(!matches(&cheap, REFERENCE, "Password", 8));
    ck_assert_int_eq(hc__password_verify(&match, &stale, &usual,
                                         "$argon2id$v=19$m=65536,t=3,p=1$c2FsdHNhbHRzYWx0c2FsdA$m/"
                                         "nIGn9OdlQz6SPL6f5ya2AuuzHv87fqdQaa91B1YII",
                                         "p\xc3\xa4ssw\xf0\x9f\x94\x91rd with spaces ", 25, NULL),
                     HC_OK);
    ck_assert(match);
    ck_assert(!stale);
}
END_TEST

/* A06: every byte counts, at any length, and none means anything. */
START_TEST(passwords_are_bytes)
{
    static char large[1 << 20], key64[4 * 64];
    struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"x", 1},        {"a\0b", 3},   {"\xff\xfe\xc0\x27", 4}, {"               ", 15},
                 {key64, 4 * 64}, {large, 4096}, {large, sizeof(large)}};
    char hash[HC__PASSWORD_HASH_SIZE];

    memset(large, 'p', sizeof(large));
    for (size_t i = 0; i < 64; i++)
        memcpy(key64 + 4 * i, "\xf0\x9f\x94\x91", 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *copy = malloc(cases[i].size + 1);
        size_t size = cases[i].size;
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, cases[i].bytes, size);
        copy[size] = '\0';
        ck_assert_int_eq(hc__password_hash(hash, &cheap, copy, size, NULL), HC_OK);
        ck_assert(matches(&cheap, hash, copy, size));
        ck_assert(!matches(&cheap, hash, copy, size - 1));
        ck_assert(!matches(&cheap, hash, copy, size + 1));
        copy[size - 1] ^= 1;
        ck_assert(!matches(&cheap, hash, copy, size));
        copy[size - 1] ^= 1;
        copy[0] ^= 1;
        ck_assert(!matches(&cheap, hash, copy, size));
        free(copy);
    }
    ck_assert_int_eq(hc__password_hash(hash, &cheap, "a\0b", 3, NULL), HC_OK);
    ck_assert(!matches(&cheap, hash, "a\0c", 3));
    ck_assert(!matches(&cheap, hash, "a", 1));
}
END_TEST

START_TEST(a_password_that_argon2_cannot_count_is_refused)
{
    char hash[HC__PASSWORD_HASH_SIZE] = "x";
    hc_error err = {0};
    uint64_t before = hc__password_runs();

    ck_assert_int_eq(hc__password_hash(hash, &cheap, "x", (size_t)UINT32_MAX + 1, &err), HC_ERR_INVALID);
    ck_assert_str_eq(err.field, "password");
    ck_assert_str_eq(hash, "");
    ck_assert_int_eq(hc__password_absent(&cheap, "x", SIZE_MAX, &err), HC_ERR_INVALID);
    ck_assert_uint_eq(hc__password_runs(), before);
}
END_TEST

/* A01: one Argon2 on each path. */
START_TEST(each_path_runs_argon2_once)
{
    char hash[HC__PASSWORD_HASH_SIZE];
    uint64_t before = hc__password_runs();

    ck_assert_int_eq(hc__password_hash(hash, &cheap, "right", 5, NULL), HC_OK);
    ck_assert_uint_eq(hc__password_runs(), before + 1);
    ck_assert(matches(&cheap, hash, "right", 5));
    ck_assert_uint_eq(hc__password_runs(), before + 2);
    ck_assert(!matches(&cheap, hash, "wrong", 5));
    ck_assert_uint_eq(hc__password_runs(), before + 3);
    ck_assert(!matches(&cheap, REFERENCE, "wrong", 5));
    ck_assert_uint_eq(hc__password_runs(), before + 4);
    ck_assert_int_eq(hc__password_absent(&cheap, "wrong", 5, NULL), HC_OK);
    ck_assert_uint_eq(hc__password_runs(), before + 5);
}
END_TEST

/* The child has 16 MiB of address space left, and each Argon2 wants 64. */
static int starve(void)
{
    static const char hash[] = "$argon2id$v=19$m=65536,t=1,p=1" TAIL;
    hc__argon cost = {65536, 1};
    bool match = true, stale = true;
    char made[HC__PASSWORD_HASH_SIZE] = "x";
    hc_error err = {0};
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    struct rlimit limit;

    if (file == NULL || fscanf(file, "%ld", &pages) != 1)
        return 2;
    fclose(file);
    limit.rlim_cur = limit.rlim_max = (rlim_t)(pages * sysconf(_SC_PAGESIZE) + (16 << 20));
    if (setrlimit(RLIMIT_AS, &limit) != 0)
        return 3;
    if (hc__password_verify(&match, &stale, &cost, hash, "password", 8, &err) != HC_ERR_NO_MEMORY)
        return 4;
    if (match || stale || err.status != HC_ERR_NO_MEMORY || !(err.flags & HC_ERROR_RETRYABLE))
        return 5;
    if (hc__password_absent(&cost, "password", 8, NULL) != HC_ERR_NO_MEMORY)
        return 6;
    if (hc__password_hash(made, &cost, "password", 8, NULL) != HC_ERR_NO_MEMORY || made[0] != '\0')
        return 7;
    return hc__password_verify(&match, &stale, &cost, REFERENCE, "password", 8, &err) == HC_OK && match ? 0 : 8;
}

/* A11 */
START_TEST(a_lack_of_memory_is_not_a_wrong_password)
{
    int state = 0;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(starve());
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert(WIFEXITED(state));
    ck_assert_int_eq(WEXITSTATUS(state), 0);
}
END_TEST

static void corrupt(const char *hash, const char *message)
{
    bool match = true, stale = true;
    hc_error err = {0};
    uint64_t before = hc__password_runs();

    ck_assert_msg(hc__password_verify(&match, &stale, &cheap, hash, "password", 8, &err) == HC_ERR_CORRUPT, "%s", hash);
    ck_assert_str_eq(err.field, "password_hash");
    ck_assert_msg(message == NULL || strcmp(err.message, message) == 0, "%s: %s", hash, err.message);
    ck_assert(!match && !stale);
    ck_assert_uint_eq(hc__password_runs(), before);
}

/* A12 */
START_TEST(monstrous_parameters_are_refused_before_any_work)
{
    static const char *const parameters[] = {"m=4194304,t=2,p=1",    "m=262145,t=2,p=1",
                                             "m=4294967295,t=1,p=1", "m=4294967296,t=1,p=1",
                                             "m=4294967304,t=1,p=1", "m=99999999999,t=1,p=1",
                                             "m=64,t=11,p=1",        "m=64,t=4294967297,p=1",
                                             "m=64,t=2,p=2",         "m=64,t=2,p=0",
                                             "m=64,t=2,p=255",       "m=64,t=0,p=1",
                                             "m=7,t=2,p=1",          "m=0,t=2,p=1"};
    char hash[256];
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        snprintf(hash, sizeof(hash), "$argon2id$v=19$%s" TAIL, parameters[i]);
        corrupt(hash, NULL);
    }
    getrusage(RUSAGE_SELF, &after);
    ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 4096);
}
END_TEST

START_TEST(what_is_not_a_phc_string_is_corrupt)
{
    static const char *const bad[] = {
        "",
        "password",
        "$",
        "$argon2id$",
        "$argon2id$v=19$m=64",
        "$argon2i$v=19$m=64,t=2,p=1" TAIL,
        "$argon2d$v=19$m=64,t=2,p=1" TAIL,
        "$2b$12$abcdefghijklmnopqrstuuWV3PMm1aVUmmCgwJ1l0hX1mGq8bJz6K",
        "$argon2id$v=16$m=64,t=2,p=1" TAIL,
        "$argon2id$m=64,t=2,p=1" TAIL,
        " " REFERENCE,
        REFERENCE " ",
        REFERENCE "\n",
        REFERENCE "A",
        REFERENCE "$",
        "$argon2id$v=19$m=064,t=2,p=1" TAIL,
        "$argon2id$v=19$m=+64,t=2,p=1" TAIL,
        "$argon2id$v=19$m=-64,t=2,p=1" TAIL,
        "$argon2id$v=19$m= 64,t=2,p=1" TAIL,
        "$argon2id$v=19$m=0x40,t=2,p=1" TAIL,
        "$argon2id$v=19$m=,t=2,p=1" TAIL,
        "$argon2id$v=19$t=2,m=64,p=1" TAIL,
        "$argon2id$v=19$m=64,t=2" TAIL,
        "$argon2id$v=19$m=64,t=2,p=1,keyid=x" TAIL,
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg==$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZh$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1t",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+4O1cR_ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$+4O1cR\xffZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$",
        "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg",
        "$argon2id$v=19$m=64,t=2,p=1$$+4O1cR/ZHfYwtjZ33uYszRPubwxIl9hWtJVCubHpl1s"};
    static const char message[] = "the stored password hash is not an Argon2id string";
    char cut[sizeof(REFERENCE)];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        corrupt(bad[i], message);
    for (size_t size = 0; size < sizeof(REFERENCE) - 1; size++) {
        memcpy(cut, REFERENCE, size);
        cut[size] = '\0';
        corrupt(cut, message);
    }
}
END_TEST

/* A13 */
START_TEST(older_parameters_match_and_are_stale)
{
    static const struct {
        hc__argon cost;
        bool stale;
    } cases[] = {{{64, 2}, false}, {{65, 2}, true}, {{64, 3}, true}, {{32, 2}, true}, {{64, 1}, true}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool match = false, stale = !cases[i].stale;
        ck_assert_int_eq(hc__password_verify(&match, &stale, &cases[i].cost, REFERENCE, "password", 8, NULL), HC_OK);
        ck_assert(match);
        ck_assert(stale == cases[i].stale);
    }
}
END_TEST

START_TEST(a_cost_out_of_range_is_refused_by_name)
{
    static const struct {
        hc__argon cost;
        const char *field;
    } cases[] = {{{0, 0}, "memory_kib"}, {{7, 1}, "memory_kib"},          {{262145, 3}, "memory_kib"},
                 {{8, 0}, "passes"},     {{UINT32_MAX, 3}, "memory_kib"}, {{8, 11}, "passes"}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char hash[HC__PASSWORD_HASH_SIZE] = "x";
        bool match = true, stale = true;
        hc_error err = {0};
        ck_assert_int_eq(hc__password_hash(hash, &cases[i].cost, "password", 8, &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, cases[i].field);
        ck_assert_str_eq(hash, "");
        ck_assert_int_eq(hc__password_verify(&match, &stale, &cases[i].cost, REFERENCE, "password", 8, &err),
                         HC_ERR_INVALID);
        ck_assert(!match && !stale);
        ck_assert_int_eq(hc__password_absent(&cases[i].cost, "password", 8, &err), HC_ERR_INVALID);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, hash_is_a_phc_string_that_verifies);
    tcase_add_test(tcase, verify_agrees_with_the_reference);
    tcase_add_test(tcase, passwords_are_bytes);
    tcase_add_test(tcase, a_password_that_argon2_cannot_count_is_refused);
    tcase_add_test(tcase, each_path_runs_argon2_once);
    tcase_add_test(tcase, a_lack_of_memory_is_not_a_wrong_password);
    tcase_add_test(tcase, monstrous_parameters_are_refused_before_any_work);
    tcase_add_test(tcase, what_is_not_a_phc_string_is_corrupt);
    tcase_add_test(tcase, older_parameters_match_and_are_stale);
    tcase_add_test(tcase, a_cost_out_of_range_is_refused_by_name);
}

int main(void)
{
    return suite_main("password", fill, setup, NULL);
}
