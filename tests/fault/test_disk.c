/* A disk that fails under calls on every noun: the error is typed and says whether the call was written, what was
 * acknowledged is there, nothing is half there, also for who opens the files after a kill, and the client goes on. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk.h"
#include "whole.h"

#define POINTS     5000 /* a call that asks the disk more often runs away */
#define KILL_EACH  8    /* points: these cost more than the calls */
#define AGAIN_EACH 4
#define RENEW_EACH 150

/* ---- one point ---- */

static int64_t points, failures, unknown, kills, looked;

struct point {
    const noun_call *call;
    disk_op op;
    disk_fault how;
    bool and_after;
    int64_t n;
};

static const char *name_of(const struct point *at)
{
    static char text[200];

    snprintf(text, sizeof text, "%s, %s %" PRId64 "%s fails for %s", at->call->name, disk_ops[at->op], at->n,
             at->and_after ? " and after" : "", at->how == DISK_NO_SPACE ? "no space" : "an error");
    return text;
}

/* The first fault, which ends the walk; a seeded bug is there to make one. */
static char fault[600];

/* NULL: nothing is wrong. */
static void complain(const struct point *at, const char *what, const char *detail)
{
    if (detail != NULL && fault[0] == '\0')
        snprintf(fault, sizeof fault, "%s: %s %s", name_of(at), what, detail);
}

static void copy_file(const char *from, const char *to)
{
    static unsigned char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");

    ck_assert_ptr_nonnull(out);
    for (size_t got = 1; in != NULL && got > 0;) {
        got = fread(bytes, 1, sizeof bytes, in);
        ck_assert_uint_eq(fwrite(bytes, 1, got, out), got);
    }
    if (in != NULL)
        fclose(in);
    fclose(out);
}

/* The store as one finds it who opens the files now, because everybody in it was killed. */
static snapshot as_killed(const char **why)
{
    char path[sizeof house.path], log[400], copy[sizeof house.path], copied_log[400];
    snapshot out;

    snprintf(path, sizeof path, "%s", house.path);
    snprintf(log, sizeof log, "%s-wal", path);
    snprintf(copy, sizeof copy, "%.280s/killed.db", house.folder);
    snprintf(copied_log, sizeof copied_log, "%s-wal", copy);
    copy_file(path, copy);
    copy_file(log, copied_log);
    snprintf(house.path, sizeof house.path, "%s", copy);
    out = house_snapshot();
    *why = whole_file();
    snprintf(house.path, sizeof house.path, "%s", path);
    (void)remove(copied_log);
    (void)remove(copy);
    kills++;
    return out;
}

static void check_status(const struct point *at, hc_status status, const hc_error *err, int64_t failed)
{
    hc_status want = at->how == DISK_NO_SPACE ? HC_ERR_NO_SPACE : HC_ERR_IO;

    if (status >= 0)
        return;
    if (status != want || err->status != status || failed == 0)
        complain(at, hc_status_name(status), err->message);
    unknown += (err->flags & HC_ERROR_WRITTEN_MASK) == HC_ERROR_WRITTEN_UNKNOWN;
    failures++;
}

/* One call while the n-th call of the disk fails. False when none did: the call needs fewer than n. */
static bool point(const struct point *at)
{
    bool changes = at->op == DISK_WRITE || at->op == DISK_SYNC || at->op == DISK_TRUNCATE;
    hc_error err = {0};
    hc_status status;
    int64_t failed;

    whole_prepare(at->call);
    disk_fail(at->op, at->n, at->and_after, at->how);
    status = at->call->run(&err);
    failed = disk_restore();
    check_status(at, status, &err, failed);
    if (failed == 0)
        return false;
    points++;
    complain(at, "", whole_compare(at->call, status, &err, NULL));
    if (changes && ++looked % KILL_EACH == 0) {
        const char *why = NULL;
        snapshot after = as_killed(&why);

        complain(at, "after a kill:", why);
        complain(at, "after a kill:", whole_compare(at->call, status, &err, &after));
    }
    if (status < 0 && points % AGAIN_EACH == 0) { /* it works again, and nothing was opened anew */
        nouns_prepare(at->call);
        err = (hc_error){0};
        status = at->call->run(&err);
        complain(at, "and then, with a disk that works:", status < 0 ? err.message : NULL);
    }
    return true;
}

/* ---- the walk ---- */

static bool takes_space(int op)
{
    return op == DISK_WRITE || op == DISK_MAP || op == DISK_OPEN;
}

/* A cache so small that pages are read. */
static void open_house(void)
{
    fault[0] = '\0';
    whole_open("?cache_kib=64");
}

static int64_t renewed; /* at so many points */

/* Each look reads all of a store, which grows by what the calls write. */
static void renew(const noun_call *call)
{
    renewed = points;
    whole_reopen();
    whole_leave();
    house_remove();
    open_house();
    whole_learn(call);
}

static void walk(const noun_call *call, disk_op op, disk_fault how, int64_t first, int64_t step)
{
    for (int and_after = 0; and_after <= 1; and_after++) {
        struct point at = {call, op, how, and_after != 0, first + 1};

        while (at.n < POINTS && fault[0] == '\0' && point(&at)) {
            at.n += step;
            if (fault[0] == '\0' && points >= renewed + RENEW_EACH)
                renew(call);
        }
        ck_assert_msg(at.n < POINTS, "%s runs away", call->name);
    }
}

static void over_all_calls(uint64_t seed, int64_t step)
{
    for (int i = 0; i < noun_call_count && fault[0] == '\0'; i++) {
        whole_learn(&noun_calls[i]);
        for (int op = 0; op < DISK_OPS && fault[0] == '\0'; op++) {
            walk(&noun_calls[i], (disk_op)op, DISK_IO, (int64_t)((seed + (uint64_t)(i + op)) % (uint64_t)step), step);
            if (takes_space(op))
                walk(&noun_calls[i], (disk_op)op, DISK_NO_SPACE,
                     (int64_t)((seed + (uint64_t)(i + op + 1)) % (uint64_t)step), step);
        }
    }
}

/* S04 S05 */
START_TEST(a_disk_that_fails_or_is_full_is_told_and_nothing_is_half_written)
{
    uint64_t seed = whole_seed();

    disk_on();
    open_house();
    over_all_calls(seed, whole_is_long() ? 1 : 40);
    ck_assert_msg(fault[0] == '\0', "%s", fault);
    whole_reopen();
    whole_close();
    disk_off();
    printf("disk faults: %" PRId64 " points over %d calls, %" PRId64 " refused, %" PRId64 " of them unknown, %" PRId64
           " looked at as after a kill\n",
           points, noun_call_count, failures, unknown, kills);
}
END_TEST

START_TEST(the_harness_finds_a_failed_commit_that_is_acknowledged)
{
    disk_on();
    open_house();
    whole_learn(&noun_calls[0]);
    setenv("HC_BUG", "ack-failed-commit", 1);
    walk(&noun_calls[0], DISK_SYNC, DISK_IO, 0, 1);
    unsetenv("HC_BUG");
    ck_assert_str_ne(fault, "");
    printf("HC_BUG=ack-failed-commit found after %" PRId64 " points: %s\n", points, fault);
    whole_close();
    disk_off();
}
END_TEST

/* S06 */
START_TEST(calls_that_are_interrupted_or_end_early_are_made_whole)
{
    uint64_t seed = whole_seed();
    snapshot before, after;
    char text[300] = "";
    int64_t storms;

    disk_storm(seed);
    open_house();
    for (int i = 0; i < noun_call_count; i++) {
        nouns_prepare(&noun_calls[i]);
        HOUSE_OK(noun_calls[i].run(err));
    }
    before = house_snapshot();
    whole_reopen();
    storms = disk_calm();
    after = house_snapshot();
    ck_assert_msg(house_same(&before, &after, text, sizeof text), "%s", text);
    ck_assert_int_gt(storms, 1000);
    printf("%" PRId64 " calls of the system were interrupted or ended early\n", storms);
    whole_close();
}
END_TEST

/* ---- opening ---- */

static const char *const parts[] = {"", "-wal", ".keys"};
#define PARTS (sizeof parts / sizeof parts[0])

static void copy_store(const char *from, const char *to)
{
    char source[420], target[420];

    snprintf(target, sizeof target, "%s-shm", to);
    (void)remove(target);
    for (size_t i = 0; i < PARTS; i++) {
        snprintf(source, sizeof source, "%s%s", from, parts[i]);
        snprintf(target, sizeof target, "%s%s", to, parts[i]);
        (void)remove(target);
        if (access(source, F_OK) == 0) {
            copy_file(source, target);
            ck_assert_int_eq(chmod(target, 0600), 0);
        }
    }
}

static hc_status open_and_close(hc_error *err)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, err);
    hc_client_close(client);
    return status;
}

/* Opens what `master` holds while the n-th call of the disk fails, and again when it works. */
static bool opening_point(const struct point *at, const char *master, const snapshot *wanted)
{
    hc_error err = {0};
    hc_status status;
    int64_t failed;
    snapshot now;
    char text[300] = "";

    copy_store(master, house.path);
    disk_fail(at->op, at->n, at->and_after, at->how);
    status = open_and_close(&err);
    failed = disk_restore();
    check_status(at, status, &err, failed);
    points += failed > 0;
    complain(at, "and then, with a disk that works:", open_and_close(&err) < 0 ? err.message : NULL);
    if (points % AGAIN_EACH == 0) {
        complain(at, "opened again:", whole_file());
        now = house_snapshot();
        if (wanted != NULL && !house_same(wanted, &now, text, sizeof text))
            complain(at, "opened again:", text);
    }
    return failed > 0;
}

static void walk_opening(const noun_call *as, const char *master, const snapshot *wanted, uint64_t seed, int64_t step)
{
    for (int op = 0; op < DISK_OPS; op++)
        for (int how = DISK_IO; how <= DISK_NO_SPACE; how++)
            for (int and_after = 0; and_after <= 1; and_after++) {
                struct point at = {as, (disk_op)op, (disk_fault)how, and_after != 0, 0};

                if (how == DISK_NO_SPACE && !takes_space(op))
                    continue;
                at.n = 1 + (int64_t)((seed + (uint64_t)(op + and_after)) % (uint64_t)step);
                while (at.n < POINTS && fault[0] == '\0' && opening_point(&at, master, wanted))
                    at.n += step;
                ck_assert_int_lt(at.n, POINTS);
            }
}

/* S03 S05 */
START_TEST(a_store_that_was_killed_is_recovered_by_who_comes_after_a_disk_that_failed)
{
    static const noun_call recovering = {"opening after a kill", false, true, NULL, open_and_close};
    uint64_t seed = whole_seed();
    char master[300];
    snapshot before;

    disk_on();
    open_house();
    for (int i = 0; i < noun_call_count; i++) {
        nouns_prepare(&noun_calls[i]);
        HOUSE_OK(noun_calls[i].run(err));
    }
    snprintf(master, sizeof master, "%.280s/master", house.folder);
    before = house_snapshot();
    copy_store(house.path, master);
    whole_leave();
    walk_opening(&recovering, master, &before, seed, whole_is_long() ? 1 : 20);
    ck_assert_msg(fault[0] == '\0', "%s", fault);
    printf("opening after a kill: %" PRId64 " points, %" PRId64 " refused\n", points, failures);
    house_remove();
    disk_off();
}
END_TEST

/* S39 S05 */
START_TEST(a_store_is_made_whole_by_who_comes_after_a_disk_that_failed)
{
    static const noun_call making = {"making a store", true, true, NULL, open_and_close};
    uint64_t seed = whole_seed();
    char nowhere[300];

    disk_on();
    house_folder();
    snprintf(nowhere, sizeof nowhere, "%.280s/nothing", house.folder);
    walk_opening(&making, nowhere, NULL, seed, whole_is_long() ? 7 : 83);
    ck_assert_msg(fault[0] == '\0', "%s", fault);
    printf("making a store: %" PRId64 " points, %" PRId64 " refused\n", points, failures);
    house_remove();
    disk_off();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_disk_that_fails_or_is_full_is_told_and_nothing_is_half_written);
    tcase_add_test(tcase, the_harness_finds_a_failed_commit_that_is_acknowledged);
    tcase_add_test(tcase, calls_that_are_interrupted_or_end_early_are_made_whole);
    tcase_add_test(tcase, a_store_that_was_killed_is_recovered_by_who_comes_after_a_disk_that_failed);
    tcase_add_test(tcase, a_store_is_made_whole_by_who_comes_after_a_disk_that_failed);
}

int main(void)
{
    return suite_main("fault.disk", fill, NULL, NULL);
}
