/* What happens to the process around the library: no descriptors are left, and signals come all the time. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "descriptors.h"
#include "whole.h"

/* ---- descriptors ---- */

/* S43 */
START_TEST(calls_without_descriptors_are_refused_and_go_on_when_there_are_some)
{
    int refused = 0;

    whole_open("");
    for (int i = 0; i < noun_call_count; i++) {
        const noun_call *call = &noun_calls[i];

        whole_learn(call);
        for (int left = 0; left < 3; left++) {
            hc_error err = {0};
            hc_status status;
            const char *wrong;

            whole_prepare(call);
            leave_descriptors(left);
            status = call->run(&err);
            leave_descriptors(-1);
            ck_assert_msg(status >= 0 || (status == HC_ERR_IO && err.status == status), "%s, %d left: %s %s",
                          call->name, left, hc_status_name(status), err.message);
            wrong = whole_compare(call, status, &err, NULL);
            ck_assert_msg(wrong == NULL, "%s, %d left: %s", call->name, left, wrong);
            refused += status < 0;
        }
        nouns_prepare(call);
        HOUSE_OK(call->run(err));
    }
    whole_reopen();
    whole_close();
    ck_assert_int_gt(refused, 0);
    printf("no descriptors: %d of %d calls refused\n", refused, 3 * noun_call_count);
}
END_TEST

static hc_status open_and_read(hc_error *err)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *as = NULL;
    hc_property *row = NULL;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    if (status >= 0)
        status = hc_session_system(&as, client, err);
    if (status >= 0)
        status = hc_property_get(&row, as, house.anas_ids[0], err);
    hc_property_free(row);
    hc_session_free(as);
    hc_client_close(client);
    return status;
}

/* S43: each descriptor that opening a store takes may be the one too many. */
START_TEST(a_store_is_not_opened_without_descriptors_and_opens_with_them)
{
    hc_status status = HC_ERR_IO;
    int left = 0;

    house_open();
    house_leave();
    for (; status < 0 && left < 100; left++) {
        hc_error err = {0};

        leave_descriptors(left);
        status = open_and_read(&err);
        leave_descriptors(-1);
        ck_assert_msg(status >= 0 || (status == HC_ERR_IO && err.status == status), "%d left: %s %s", left,
                      hc_status_name(status), err.message);
        HOUSE_OK(open_and_read(err));
    }
    ck_assert(left > 2 && left < 100);
    printf("no descriptors: a store that is opened and read takes %d\n", left - 1);
    house_close();
}
END_TEST

/* ---- signals ---- */

static volatile sig_atomic_t ticks;

static void on_tick(int number)
{
    (void)number;
    ticks++;
}

static void dispositions(struct sigaction *out)
{
    for (int number = 1; number < NSIG; number++) {
        memset(&out[number], 0, sizeof out[number]);
        (void)sigaction(number, NULL, &out[number]);
    }
}

/* A timer whose signal interrupts whatever waits: no call is started again by the system. */
static void tick(long micros)
{
    struct itimerval timer = {{0, micros}, {0, micros}};
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_tick;
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* S44 */
START_TEST(signals_are_the_hosts_and_stop_no_call)
{
    struct sigaction before[NSIG], after[NSIG];
    sigset_t mask_before, mask_after;

    tick(700);
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask_before), 0);
    dispositions(before);
    whole_open("");
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < noun_call_count; i++) {
            nouns_prepare(&noun_calls[i]);
            HOUSE_OK(noun_calls[i].run(err));
        }
    whole_close();
    tick(0);
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, NULL, &mask_after), 0);
    dispositions(after);
    for (int number = 1; number < NSIG; number++) {
        ck_assert_msg(before[number].sa_flags == after[number].sa_flags &&
                          before[number].sa_handler == after[number].sa_handler,
                      "signal %d is handled otherwise: %" PRIxPTR " %x, was %" PRIxPTR " %x", number,
                      (uintptr_t)after[number].sa_handler, (unsigned)after[number].sa_flags,
                      (uintptr_t)before[number].sa_handler, (unsigned)before[number].sa_flags);
        ck_assert_int_eq(sigismember(&mask_before, number), sigismember(&mask_after, number));
    }
    ck_assert_int_gt(ticks, 100);
    printf("%d signals while %d calls were made\n", (int)ticks, 2 * noun_call_count);
}
END_TEST

START_TEST(the_harness_finds_an_error_without_its_type)
{
    ck_assert(suite_finds("untyped-open", "a_store_is_not_opened_without_descriptors_and_opens_with_them",
                          "left: HC_ERR_INTERNAL"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, calls_without_descriptors_are_refused_and_go_on_when_there_are_some);
    tcase_add_test(tcase, a_store_is_not_opened_without_descriptors_and_opens_with_them);
    tcase_add_test(tcase, the_harness_finds_an_error_without_its_type);
    tcase_add_test(tcase, signals_are_the_hosts_and_stop_no_call);
}

int main(void)
{
    return suite_main("fault.host", fill, NULL, NULL);
}
