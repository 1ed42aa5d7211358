/* What the network does to a server's client, in the clear and over TLS: resets at every byte, holes, delays, pieces.
 * What a call is told about its write is compared with the store. */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "killable.h"
#include "outcome.h"
#include "proxy.h"

static proxy *between;
static char through[900];

static void setup(void)
{
    house_set_time(HOUSE_START);
    house_folder();
    house_client();
    house_leave();
    between = proxy_start(killable()->port());
}

/* How the units of a test reach the server: IN_THE_CLEAR or OVER_TLS, which loop tests count. */
enum { IN_THE_CLEAR, OVER_TLS, WAYS };

static void go(int way)
{
    char direct[900];

    killable_over(direct, sizeof direct, house.uri, way == OVER_TLS);
    killable_through(through, sizeof through, direct, proxy_port(between));
}

static const char *name_of(int way)
{
    return way == OVER_TLS ? "over TLS" : "in the clear";
}

/* What takes the patience of a client at its length goes one way a run. */
static void go_some_way(void)
{
    unsigned long long seed = killable_seed();
    int way = (int)killable_random(&seed, WAYS);

    go(way);
    printf("%s\n", name_of(way));
}

static void teardown(void)
{
    proxy_stop(between);
    house_client();
    house_close();
}

/* ---- a unit of work ---------------------------------------------------------------------------------------------- */

/* One connection, so that what goes over it is the same each time. */
static hc_status open_through(hc_client **client, hc_session **as, int64_t timeout, hc_error *err)
{
    hc_client_options options;
    hc_status status;

    house_options(&options);
    options.storage_uri = through;
    options.pool_size = 1;
    *as = NULL;
    status = hc_client_open(client, &options, err);
    if (status >= 0)
        status = hc_session_system(as, *client, err);
    if (status >= 0)
        hc_session_set_timeout(*as, timeout);
    return status;
}

static int64_t tried; /* µs that the unit took behind the opening */

/* Over a connection of its own from the start: the fault may also hit the opening. */
static int unit_of_work(int64_t timeout)
{
    hc_client *client = NULL;
    hc_session *as = NULL;
    hc_error err = {0};
    hc_status status = open_through(&client, &as, timeout, &err);
    int64_t from = killable_micros();

    if (status >= 0)
        (void)outcome_try(client, as, &err);
    else
        outcome_refused(status, &err);
    tried = killable_micros() - from;
    hc_session_free(as);
    hc_client_close(client);
    return outcome_last();
}

static void compare_with_the_store(const char *after)
{
    int64_t found = outcome_faults(after);

    ck_assert_msg(found == 0, "%d units are not as they were told", (int)found);
}

/* ---- resets ------------------------------------------------------------------------------------------------------ */

static int open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t heap(void)
{
    if (__sanitizer_get_current_allocated_bytes != NULL)
        return __sanitizer_get_current_allocated_bytes();
    return mallinfo2().uordblks;
}

/* The fault at every step-th byte from `first` until the whole conversation went through. Returns the bytes of it. */
static int64_t sweep(int what, bool down, int64_t first, int64_t step)
{
    int64_t at = first;

    for (;; at += step) {
        proxy_hurt(between, what, down, at);
        (void)unit_of_work(10 * HOUSE_SECOND);
        if (!proxy_look(between).fired)
            break;
    }
    proxy_hurt(between, PROXY_WELL, false, 0);
    return at;
}

/* S17. A byte of TLS is one of a record: which of them it is matters less. */
START_TEST(a_reset_at_any_byte_is_told_as_it_is)
{
    static const int64_t every[WAYS] = {16, 128};
    unsigned long long seed = killable_seed();
    int64_t step = killable_long() ? 1 : every[_i], up, down;
    int64_t first = (int64_t)killable_random(&seed, (unsigned long long)step), from = killable_micros();
    int files;
    size_t bytes;

    go(_i);
    ck_assert_int_eq(unit_of_work(10 * HOUSE_SECOND), OUTCOME_WRITTEN);
    if (_i == OVER_TLS) /* its library keeps the words of each error from the first on */
        (void)(sweep(PROXY_RESET, false, first, step) + sweep(PROXY_RESET, true, first, step));
    files = open_files();
    bytes = heap();
    up = sweep(PROXY_RESET, false, first, step);
    down = sweep(PROXY_RESET, true, first, step);
    printf("%s: RST at every %d. byte of %d up and %d down, from %d, in %.1f s\n", name_of(_i), (int)step, (int)up,
           (int)down, (int)first, (double)(killable_micros() - from) / 1e6);
    compare_with_the_store("resets");
    ck_assert_int_eq(outcome_count(OUTCOME_UNKNOWN), 0); /* the server could be asked again at once */
    ck_assert_msg(open_files() <= files, "%d files are open, there were %d", open_files(), files);
    ck_assert_msg(heap() <= bytes + 65536, "%zu bytes are allocated, there were %zu", heap(), bytes);
}
END_TEST

/* The bytes of one way of a unit of work that nothing hurts. */
static int64_t length_of_a_unit(bool down)
{
    proxy_seen before = proxy_look(between), after;

    ck_assert_int_eq(unit_of_work(10 * HOUSE_SECOND), OUTCOME_WRITTEN);
    after = proxy_look(between);
    return down ? after.down - before.down : after.up - before.up;
}

#define TAIL 512 /* the last bytes of a unit, among which COMMIT and its answer are */

/* The harness sees what it must see: an answer to COMMIT that is lost, and told as not written, or a COMMIT (`down`:
 * not), and told as written. A COMMIT has 11 bytes, and where it begins differs a little from unit to unit. */
static void bug_is_found(const char *bug, bool down)
{
    int64_t found = 0, length;

    go(IN_THE_CLEAR);
    length = length_of_a_unit(down);
    for (int64_t step = 4; step > 0 && found == 0; step--) {
        setenv("HC_BUG", bug, 1);
        (void)sweep(PROXY_RESET, down, length > TAIL ? length - TAIL : 0, step);
        unsetenv("HC_BUG");
        found = outcome_faults(bug);
    }
    ck_assert_msg(found > 0, "HC_BUG=%s was not found", bug);
}

START_TEST(the_harness_finds_a_client_that_guesses_no)
{
    bug_is_found("unknown-as-not-written", true);
}
END_TEST

START_TEST(the_harness_finds_a_client_that_guesses_yes)
{
    bug_is_found("ack-without-answer", false);
}
END_TEST

/* S17: one side says the end, and the other still listens. */
START_TEST(an_end_at_any_byte_is_told_as_it_is)
{
    unsigned long long seed = killable_seed();
    int64_t step = killable_long() ? 16 : 256, first = (int64_t)killable_random(&seed, (unsigned long long)step);

    go(_i);
    (void)sweep(PROXY_HALF, false, first, step);
    (void)sweep(PROXY_HALF, true, first, step);
    compare_with_the_store("ends");
    ck_assert_int_eq(outcome_count(OUTCOME_UNKNOWN), 0);
}
END_TEST

/* ---- silence ----------------------------------------------------------------------------------------------------- */

#define CONNECTING (5 * HOUSE_SECOND)  /* how long a server is waited for, if nobody says otherwise */
#define A_CALL     (10 * HOUSE_SECOND) /* and what is asked of it then */
#define BEHIND     HOUSE_SECOND        /* how much later than its deadline a thread is free */
#define SLACK      HOUSE_SECOND        /* of a machine that is busy */

static void took_at_most(int64_t from, int64_t bar)
{
    int64_t took = killable_micros() - from;

    printf("given up after %.1f s\n", (double)took / 1e6);
    ck_assert_msg(took <= bar + SLACK, "given up after %.1f s, not %.1f", (double)took / 1e6, (double)bar / 1e6);
}

/* S18 */
START_TEST(a_server_that_does_not_answer_is_given_up)
{
    hc_client *client = NULL;
    hc_session *as = NULL;
    hc_error err = {0};
    int64_t from;

    go(_i);
    from = killable_micros();
    proxy_hurt(between, PROXY_HOLE, false, 0);
    ck_assert_int_eq(open_through(&client, &as, 0, &err), HC_ERR_UNAVAILABLE);
    ck_assert_str_eq(err.field, "storage_uri");
    took_at_most(from, CONNECTING);
    proxy_hurt(between, PROXY_WELL, false, 0);
    ck_assert_msg(open_through(&client, &as, 0, &err) == HC_OK, "%s", err.message);
    hc_session_free(as);
    hc_client_close(client);
}
END_TEST

/* S18: it answers to the opening, and then to nothing. */
START_TEST(a_server_that_falls_silent_while_it_is_opened_is_given_up)
{
    hc_client *client = NULL;
    hc_session *as = NULL;
    hc_error err = {0};
    int64_t before = proxy_look(between).down, whole, from;

    go_some_way();
    ck_assert_msg(open_through(&client, &as, 0, &err) == HC_OK, "%s", err.message);
    whole = proxy_look(between).down - before;
    hc_session_free(as);
    hc_client_close(client);
    proxy_hurt(between, PROXY_HOLE, true, whole - 8); /* of the answer to its last question */
    from = killable_micros();
    ck_assert_int_eq(open_through(&client, &as, 0, &err), HC_ERR_TIMEOUT);
    took_at_most(from, A_CALL + BEHIND);
    proxy_hurt(between, PROXY_WELL, false, 0);
}
END_TEST

/* S18 S40: somewhere in the conversation nothing comes through any more, either way. */
START_TEST(a_silence_ends_at_the_deadline)
{
    unsigned long long seed = killable_seed();
    int64_t up, down, longest = 0, opening = 0;

    go(_i);
    (void)unit_of_work(10 * HOUSE_SECOND);
    up = proxy_look(between).up;
    down = proxy_look(between).down;
    for (int i = 0; i < (killable_long() ? 100 : 4); i++) {
        bool answers = i % 2 == 1;
        int64_t whole = answers ? down : up, from;

        proxy_hurt(between, PROXY_HOLE, answers,
                   whole / 2 + (int64_t)killable_random(&seed, (unsigned long long)whole / 2));
        from = killable_micros();
        (void)unit_of_work(HOUSE_SECOND / 2);
        from = killable_micros() - from - tried;
        opening = from > opening ? from : opening;
        longest = tried > longest ? tried : longest;
        proxy_hurt(between, PROXY_WELL, false, 0); /* resets what is in the hole: the server ends those sessions */
    }
    ck_assert_int_eq(unit_of_work(10 * HOUSE_SECOND), OUTCOME_WRITTEN);
    printf("deadline 0.5 s, the longest took %.1f s, behind openings of %.1f s at most\n", (double)longest / 1e6,
           (double)opening / 1e6);
    ck_assert_msg(longest <= HOUSE_SECOND / 2 + BEHIND + SLACK, "a unit took %.1f s", (double)longest / 1e6);
    ck_assert_msg(opening <= A_CALL + BEHIND + SLACK, "an opening took %.1f s", (double)opening / 1e6);
    compare_with_the_store("silences");
}
END_TEST

/* ---- slowness ---------------------------------------------------------------------------------------------------- */

/* S19 */
START_TEST(pieces_and_delays_change_nothing)
{
    static const proxy_pace paces[] = {{0, 1, 0}, {0, 7, 100}, {50000, 0, 0}, {5000, 1000, 2000}};

    go(_i);
    for (size_t i = 0; i < sizeof paces / sizeof paces[0]; i++) {
        proxy_slow(between, paces[i]);
        ck_assert_int_eq(unit_of_work(60 * HOUSE_SECOND), OUTCOME_WRITTEN);
    }
    if (killable_long()) { /* 4 s there and back: to connect takes longer than servers are waited for by default */
        bool postgres = strncmp(through, "postgres", 8) == 0;

        strcat(through, strchr(through, '?') == NULL ? "?" : "&");
        strcat(through, postgres ? "connect_timeout=120" : "connect-timeout=120");
        proxy_slow(between, (proxy_pace){2000000, 0, 0});
        ck_assert_int_eq(unit_of_work(600 * HOUSE_SECOND), OUTCOME_WRITTEN);
    }
    compare_with_the_store("pieces");
}
END_TEST

/* S19: one byte now and then keeps a connection alive, and no deadline. */
START_TEST(a_trickle_does_not_outlast_the_deadline)
{
    hc_client *client = NULL;
    hc_session *as = NULL;
    hc_error err = {0};
    int64_t from;

    go(_i);
    ck_assert_msg(open_through(&client, &as, HOUSE_SECOND / 2, &err) == HC_OK, "%s", err.message);
    proxy_slow(between, (proxy_pace){0, 1, 100000});
    from = killable_micros();
    (void)outcome_try(client, as, &err);
    took_at_most(from, HOUSE_SECOND / 2 + BEHIND);
    ck_assert_int_eq(outcome_last(), OUTCOME_NOT_WRITTEN);
    hc_session_free(as);
    hc_client_close(client);
    proxy_slow(between, (proxy_pace){0, 0, 0});
    compare_with_the_store("a trickle");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, an_end_at_any_byte_is_told_as_it_is, IN_THE_CLEAR, WAYS);
    tcase_add_loop_test(tcase, a_server_that_does_not_answer_is_given_up, IN_THE_CLEAR, WAYS);
    tcase_add_test(tcase, a_server_that_falls_silent_while_it_is_opened_is_given_up);
    tcase_add_loop_test(tcase, a_silence_ends_at_the_deadline, IN_THE_CLEAR, WAYS);
    tcase_add_loop_test(tcase, pieces_and_delays_change_nothing, IN_THE_CLEAR, WAYS);
    tcase_add_loop_test(tcase, a_trickle_does_not_outlast_the_deadline, IN_THE_CLEAR, WAYS);
    tcase_add_loop_test(tcase, a_reset_at_any_byte_is_told_as_it_is, IN_THE_CLEAR, WAYS);
    tcase_add_test(tcase, the_harness_finds_a_client_that_guesses_no);
    tcase_add_test(tcase, the_harness_finds_a_client_that_guesses_yes);
}

int main(void)
{
    setenv("HC_TEST_SOON_MS", "1000", 1); /* as without the house */
    return killable_main("fault.network", fill, setup, teardown);
}
