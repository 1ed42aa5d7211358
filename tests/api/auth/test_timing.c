/* How long a refusal takes tells nothing (A01). Times are compared in long runs only; elsewhere the work is counted.
 *
 * Beside Argon2 a known user costs the reading of a row, 1 to 2 microseconds: that is far below what the cheapest hash
 * varies by, and would show only with hashes that no release makes. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "house.h"
#include "passwords.h"

#define WAYS 3
#define MANY 10000

static const struct way {
    const char *name, *email, *password;
} ways[WAYS] = {
    {"unknown address", "zed@example.com", HOUSE_PASSWORD},
    {"wrong password", "bea@example.com", "three swallows by the meadow"},
    {"disabled user", "dan@example.com", HOUSE_PASSWORD},
};

struct samples {
    double *taken[WAYS]; /* µs */
    size_t count;
};

static double micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static bool is_long(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0;
}

static double refuse(const struct way *way)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *as = NULL;
    hc_status status;
    double from;

    login.email = way->email;
    login.password = way->password;
    login.password_size = strlen(way->password);
    from = micros();
    status = hc_auth_login(&as, house.guest, &login, NULL);
    from = micros() - from;
    ck_assert_int_eq(status, HC_ERR_UNAUTHENTICATED);
    house_count(1);
    return from;
}

/* The ways take turns in a random order, so that what slows the machine down slows all of them. */
static void sample(struct samples *out)
{
    uint64_t random = 88172645463325252u;

    for (size_t i = 0; i < out->count; i++) {
        size_t order[WAYS] = {0, 1, 2};

        for (size_t j = WAYS - 1; j > 0; j--) {
            size_t other, kept = order[j];

            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            other = random % (j + 1);
            order[j] = order[other];
            order[other] = kept;
        }
        for (size_t j = 0; j < WAYS; j++)
            out->taken[order[j]][i] = refuse(&ways[order[j]]);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct moments {
    double mean, variance, median;
};

static struct moments moments_of(double *values, size_t count)
{
    struct moments out = {0, 0, 0};

    for (size_t i = 0; i < count; i++)
        out.mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        out.variance += (values[i] - out.mean) * (values[i] - out.mean) / (double)(count - 1);
    qsort(values, count, sizeof values[0], by_value);
    out.median = (values[count / 2] + values[(count - 1) / 2]) / 2;
    return out;
}

/* Welch's t of each two ways, and their medians, which fewer samples do not hold still. */
static void compare(const struct samples *samples, const char *cost)
{
    struct moments of[WAYS];

    for (size_t i = 0; i < WAYS; i++) {
        of[i] = moments_of(samples->taken[i], samples->count);
        printf("timing %s: %s: %zu samples, mean %.1f us, deviation %.1f us, median %.1f us\n", cost, ways[i].name,
               samples->count, of[i].mean, sqrt(of[i].variance), of[i].median);
    }
    for (size_t i = 0; i < WAYS; i++) {
        for (size_t j = i + 1; j < WAYS; j++) {
            double t = (of[i].mean - of[j].mean) / sqrt((of[i].variance + of[j].variance) / (double)samples->count);
            double apart = (of[i].median / of[j].median - 1) * 100;

            printf("timing %s: %s against %s: t %.2f, medians %.2f %% apart\n", cost, ways[i].name, ways[j].name, t,
                   apart);
            ck_assert_msg(fabs(t) < 4.5 && (fabs(apart) < 5 || samples->count < MANY),
                          "%s: %s against %s: t %.2f, medians %.2f %% apart", cost, ways[i].name, ways[j].name, t,
                          apart);
        }
    }
}

static void open_with(const char *kib, const char *passes)
{
    hc_user *changes;
    hc_id dan;

    setenv("HC_TEST_ARGON_KIB", kib, 1);
    setenv("HC_TEST_ARGON_PASSES", passes, 1);
    house_open();
    dan = house_user("dan@example.com", "Dan Disabled", HC_USER_ROLE_BUYER);
    changes = hc_user_for(house.client, dan, 1);
    hc_user_set_status(changes, HC_USER_STATUS_DISABLED);
    HOUSE_OK(hc_user_update(NULL, house.admin, changes, err));
    hc_user_free(changes);
}

static void time_refusals(const char *kib, const char *passes, size_t count, const char *cost)
{
    struct samples samples = {.count = count};

    open_with(kib, passes);
    for (size_t i = 0; i < WAYS; i++)
        ck_assert_ptr_nonnull(samples.taken[i] = calloc(count, sizeof(double)));
    for (size_t i = 0; i < 10 * WAYS; i++)
        refuse(&ways[i % WAYS]); /* what is done once is done */
    sample(&samples);
    compare(&samples, cost);
    for (size_t i = 0; i < WAYS; i++)
        free(samples.taken[i]);
    house_close();
}

/* A01 */
START_TEST(every_way_to_be_refused_is_one_argon2)
{
    open_with("64", "1");
    for (size_t i = 0; i < 4 * WAYS; i++) {
        (void)argon_runs();
        refuse(&ways[i % WAYS]);
        ck_assert_int_eq(argon_runs(), 1);
        ck_assert_uint_eq(atomic_load(&argon.memory), 64 * 1024);
        ck_assert_uint_eq(atomic_load(&argon.passes), 1);
    }
    house_close();
}
END_TEST

/* The cheapest hashes that a release makes. */
START_TEST(no_way_to_be_refused_takes_longer_with_cheap_hashes)
{
    time_refusals("19456", "2", MANY, "19 MiB 2 passes");
}
END_TEST

START_TEST(no_way_to_be_refused_takes_longer)
{
    time_refusals("65536", "3", 300, "64 MiB 3 passes");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_way_to_be_refused_is_one_argon2);
    if (!is_long())
        return;
    tcase_add_test(tcase, no_way_to_be_refused_takes_longer_with_cheap_hashes);
    tcase_add_test(tcase, no_way_to_be_refused_takes_longer);
}

int main(void)
{
    return suite_main("api.auth.timing", fill, NULL, NULL);
}
