/* Memory that runs out below the library, for libsodium, cJSON, and the client library of a server: an error of ours or
 * success, each call whole or not at all, and the client goes on. Leaks are the sanitizer's to find. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "foreign.h"
#include "whole.h"

#define POINTS     20000 /* a call that asks for more runs away */
#define AGAIN_EACH 4

static const char *const libraries[] = {"libsodium", "libcjson", "libpq", "libmariadb"};
static int64_t points, failures;

static bool is(const noun_call *call, const char *name)
{
    return strcmp(call->name, name) == 0;
}

/* The client library of a server may have to give up its connection: then the outcome bits tell. A server that was not
 * asked yet is no outage. */
static bool may_be(const noun_call *call, hc_status status)
{
    return status >= 0 || status == HC_ERR_NO_MEMORY ||
           (status == HC_ERR_UNAVAILABLE && !house_is_a_file() && !is(call, "client_open"));
}

/* NULL, or what is wrong with a call whose n-th request failed. *failed: whether one did; else it needs fewer than n.
 */
static const char *look(bool *failed, const noun_call *call, int64_t n, bool and_after)
{
    static char fault[700];
    hc_error err = {0};
    hc_status status;
    int64_t refused;
    const char *wrong = NULL;

    whole_prepare(call);
    foreign_fail(n, and_after);
    status = call->run(&err);
    refused = foreign_restore();
    *failed = refused > 0;
    points += *failed;
    failures += *failed && status < 0;
    if (!may_be(call, status) || (status < 0 && (refused == 0 || err.status != status)))
        wrong = err.message;
    else if (*failed)
        wrong = whole_compare(call, status, &err, NULL);
    snprintf(fault, sizeof fault, "%s, request %" PRId64 "%s, refused %" PRId64 ": %s %s", call->name, n,
             and_after ? " and after" : "", refused, hc_status_name(status), wrong == NULL ? "" : wrong);
    return wrong == NULL ? NULL : fault;
}

/* One call while the n-th request fails. False when none did. */
static bool point(const noun_call *call, int64_t n, bool and_after)
{
    bool failed;
    const char *wrong = look(&failed, call, n, and_after);

    ck_assert_msg(wrong == NULL, "%s", wrong);
    if (!failed)
        return false;
    if (points % AGAIN_EACH == 0) {
        nouns_prepare(call);
        HOUSE_OK(call->run(err));
    }
    return true;
}

static void wrap_all(void)
{
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
        printf("%s asks for memory in %d places\n", libraries[i], foreign_wrap(libraries[i]));
}

/* S13 */
START_TEST(every_allocation_below_the_library_may_fail)
{
    uint64_t seed = whole_seed();
    int64_t usual = whole_is_long() ? 1 : 2;

    whole_open("");
    wrap_all();
    for (int i = 0; i < noun_call_count; i++) {
        int64_t before = points, step = house_is_a_file() ? usual : 1;

        if (!house_is_a_file() && is(&noun_calls[i], "client_backup"))
            continue; /* a server has its own */
        if (!house_is_a_file() && !whole_is_long() && !is(&noun_calls[i], "client_open"))
            continue; /* without memory for long a client library lets calls wait until their deadlines: minutes */
        whole_learn(&noun_calls[i]);
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = 1 + (int64_t)((seed + (uint64_t)i) % (uint64_t)step);

            while (n < POINTS && point(&noun_calls[i], n, and_after != 0))
                n += step;
            ck_assert_msg(n < POINTS, "%s runs away", noun_calls[i].name);
        }
        printf("out of memory below: %-26s %4" PRId64 " points\n", noun_calls[i].name, points - before);
    }
    printf("out of memory below: %" PRId64 " points, %" PRId64 " refused\n", points, failures);
    ck_assert_int_gt(points, 0);
    whole_close();
}
END_TEST

/* A lack of memory that looks like a wrong password is seen. */
START_TEST(a_hash_without_memory_that_is_taken_for_one_is_noticed)
{
    const char *wrong = NULL;
    bool failed = true;

    whole_open("");
    wrap_all();
    setenv("HC_BUG", "starved-hash", 1);
    for (int i = 0; i < noun_call_count && wrong == NULL; i++) {
        if (!is(&noun_calls[i], "auth_login"))
            continue;
        whole_learn(&noun_calls[i]);
        for (int64_t n = 1; failed && wrong == NULL && n < POINTS; n++)
            wrong = look(&failed, &noun_calls[i], n, false);
    }
    unsetenv("HC_BUG");
    ck_assert_msg(wrong != NULL, "HC_BUG=starved-hash was not found");
    printf("HC_BUG=starved-hash found: %s\n", wrong);
    whole_close();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_allocation_below_the_library_may_fail);
    tcase_add_test(tcase, a_hash_without_memory_that_is_taken_for_one_is_noticed);
}

int main(void)
{
    return suite_main("fault.foreign", fill, NULL, NULL);
}
