#include "suite.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.h"
#include "base/time.h"
#include "homeconnect/error.h"

#define EACH   300000 /* ids of a thread; a million with those of two processes */
#define FORKED 50000

/* H04 */
START_TEST(no_place_for_the_text_is_no_text)
{
    static const hc_id id;

    hc_id_format(NULL, id);
}
END_TEST

/* P11 */
START_TEST(only_the_canonical_text_is_taken)
{
    static const char *const bad[] = {
        "01A2061C-39F9-7396-8582-906A4F4DE8A8",
        "01a2061c-39f9-7396-8582-906a4f4dE8a8",
        "{01a2061c-39f9-7396-8582-906a4f4de8a8}",
        "01a2061c-39f9-7396-8582-906a4f4de8a",
        "01a2061c39f973968582906a4f4de8a8",
        "01a2061c-39f9-7396-8582-906a4f4de8a8 ",
        "01a2061c-39f9-7396-8582_906a4f4de8a8",
        "01a2061-c39f9-7396-8582-906a4f4de8a8",
        "urn:uuid:01a2061c-39f9-7396-8582-906a4f4de8a8",
        "01a2061c-39f9-7396-8582-906a4f4de8ag",
        "",
        "01a2061c-39f9-7396-8582-906a4f4de8a8\n",
    };
    static const char good[] = "01a2061c-39f9-7396-8582-906a4f4de8a8";
    char text[HC_ID_TEXT_SIZE];
    hc_error err;
    hc_id id;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&id, 1, sizeof(id));
        ck_assert_int_eq(hc_id_parse(&id, bad[i], strlen(bad[i]), &err), HC_ERR_INVALID);
        ck_assert_str_eq(err.field, "id");
        ck_assert(hc__id_zero(id));
    }
    ck_assert_int_eq(hc_id_parse(&id, good, 36, &err), HC_OK);
    hc_id_format(text, id);
    ck_assert_str_eq(text, good);
    ck_assert_int_eq(hc_id_parse(&id, NULL, 0, NULL), HC_ERR_MISUSE);
    /* A foreign version is an id like any other: it names nothing of ours, or what was imported under it. */
    ck_assert_int_eq(hc_id_parse(&id, "c232ab00-9414-11ec-b3c8-9f6bdeced846", 36, &err), HC_OK);
}
END_TEST

START_TEST(made_ids_are_version_7_and_rise)
{
    int64_t now = INT64_C(1795397318123456);
    hc_id last = {{0}};
    hc_id id;

    for (int i = 0; i < 20000; i++) {
        ck_assert_int_eq(hc__id_make(&id, now - i * 1000, NULL), HC_OK);
        ck_assert_int_gt(memcmp(id.bytes, last.bytes, 16), 0);
        ck_assert_int_eq(id.bytes[6] >> 4, 7);
        ck_assert_int_eq(id.bytes[8] >> 6, 2);
        last = id;
    }
    ck_assert_int_eq(hc__id_make(&id, now + 60 * HC__SECOND, NULL), HC_OK);
    {
        uint64_t millis = 0;

        for (int i = 0; i < 6; i++)
            millis = millis << 8 | id.bytes[i];
        ck_assert_int_eq((int64_t)millis, (now + 60 * HC__SECOND) / 1000);
    }
    ck_assert(hc__id_equal(id, id));
    ck_assert(!hc__id_equal(id, last));
}
END_TEST

START_TEST(a_clock_beyond_the_ids_is_an_error)
{
    hc_error err;
    hc_id id;

    const int64_t last = ((INT64_C(1) << 48) - 1) * 1000 + 999; /* in the year 10889 */

    ck_assert_int_eq(hc__id_make(&id, -5, &err), HC_OK);
    ck_assert_int_eq(hc__id_make(&id, last + 1, &err), HC_ERR_INTERNAL);
    ck_assert(hc__id_zero(id));
    ck_assert_int_eq(hc__id_make(&id, INT64_MAX, &err), HC_ERR_INTERNAL);
    ck_assert_int_eq(hc__id_make(&id, 0, &err), HC_OK); /* another client has another clock */
    ck_assert_int_eq(hc__id_make(&id, last, &err), HC_OK);
}
END_TEST

static void *make_many(void *data)
{
    hc_id *ids = data;

    for (int i = 0; i < EACH; i++)
        ck_assert_int_eq(hc__id_make(&ids[i], 0, NULL), HC_OK);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hc_id));
}

/* S36 */
START_TEST(threads_and_forks_make_different_ids)
{
    hc_id *ids = calloc(4 * EACH, sizeof(hc_id));
    pthread_t threads[3];
    size_t good = 0, twice = 0;
    int ends[2];
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_many, ids + i * EACH), 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    child = fork();
    if (child == 0) {
        hc_id id;

        for (int i = 0; i < FORKED; i++)
            if (hc__id_make(&id, 0, NULL) != HC_OK || write(ends[1], &id, sizeof(id)) != (ssize_t)sizeof(id))
                _exit(1);
        _exit(0);
    }
    for (size_t i = 0; i < FORKED; i++) {
        good += read(ends[0], &ids[3 * EACH + i], sizeof(hc_id)) == sizeof(hc_id);
        good += hc__id_make(&ids[3 * EACH + FORKED + i], 0, NULL) == HC_OK;
    }
    ck_assert_uint_eq(good, 2 * FORKED);
    waitpid(child, NULL, 0);
    qsort(ids, 3 * EACH + 2 * FORKED, sizeof(hc_id), compare);
    for (size_t i = 1; i < 3 * EACH + 2 * FORKED; i++)
        twice += hc__id_equal(ids[i - 1], ids[i]);
    ck_assert_uint_eq(twice, 0);
    close(ends[0]);
    close(ends[1]);
    free(ids);
}
END_TEST

/* ---- a system that gives its random bytes slowly, or none ---- */

static int interrupts; /* calls from now on that a signal ends */
static bool in_pieces, has_none;

ssize_t __real_getrandom(void *out, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *out, size_t size, unsigned flags)
{
    if (has_none || interrupts > 0) {
        errno = has_none ? ENOSYS : EINTR;
        interrupts -= interrupts > 0;
        return -1;
    }
    return __real_getrandom(out, in_pieces ? 1 : size, flags);
}

/* S36 */
START_TEST(an_id_has_all_its_random_bytes_or_is_refused)
{
    static const hc_id none;
    hc_id ids[300];
    hc_error err = {0};
    bool seen[8] = {false};

    in_pieces = true;
    for (size_t i = 0; i < 300; i++) {
        interrupts = 3;
        ck_assert_int_eq(hc__id_make(&ids[i], 0, NULL), HC_OK);
        ck_assert_int_eq(interrupts, 0);
        for (int k = 0; k < 8; k++)
            seen[k] = seen[k] || ids[i].bytes[8 + k] != ids[0].bytes[8 + k];
    }
    for (int k = 0; k < 8; k++)
        ck_assert(seen[k]);
    has_none = true;
    ck_assert_int_eq(hc__id_make(&ids[0], 0, &err), HC_ERR_INTERNAL);
    ck_assert_mem_eq(&ids[0], &none, sizeof(hc_id));
    ck_assert_int_eq(hc__id_make_document(&ids[1], 0, &err), HC_ERR_INTERNAL);
    has_none = in_pieces = false;
    ck_assert_int_eq(hc__id_make(&ids[0], 0, &err), HC_OK);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_id_has_all_its_random_bytes_or_is_refused);
    tcase_add_test(tcase, no_place_for_the_text_is_no_text);
    tcase_add_test(tcase, only_the_canonical_text_is_taken);
    tcase_add_test(tcase, made_ids_are_version_7_and_rise);
    tcase_add_test(tcase, a_clock_beyond_the_ids_is_an_error);
    tcase_add_test(tcase, threads_and_forks_make_different_ids);
}

int main(void)
{
    return suite_main("id", fill, NULL, NULL);
}
