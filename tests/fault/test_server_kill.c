/* SIGKILL to a server at random points while threads write, half of them over TLS: nothing that was acknowledged is
 * lost, nothing is half there, and the same clients go on by themselves. The kernel keeps what a killed process wrote,
 * so fsync plays no part. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "killable.h"
#include "outcome.h"

#define WRITERS  4
#define PATIENCE (60 * HOUSE_SECOND) /* for a writer to get through again: a hang, not a bar */
#define HEALED   (5 * HOUSE_SECOND)  /* which is one */

static hc_client *over_tls;

static void open_over(hc_client **out, bool tls)
{
    hc_client_options options;
    char uri[900];

    house_options(&options);
    killable_over(uri, sizeof uri, house.uri, tls);
    options.storage_uri = uri;
    options.pool_size = WRITERS / 2;
    HOUSE_OK(hc_client_open(out, &options, err));
}

static void setup(void)
{
    if (!killable_start())
        _exit(0); /* the reason is printed */
    ck_assert(killable_offer_tls());
    house_set_time(HOUSE_START);
    house_folder();
    open_over(&house.client, false);
    open_over(&over_tls, true);
    outcome_also_by(over_tls);
}

static void teardown(void)
{
    hc_client_close(over_tls);
    house_close();
    killable_stop();
}

typedef struct campaign {
    int kills, inside;
    int64_t longest, sum; /* from the moment the server answers again to the first acknowledged unit, µs */
} campaign;

static void run(campaign *out, int kills)
{
    unsigned long long seed = killable_seed();

    memset(out, 0, sizeof *out);
    outcome_begin(WRITERS, 2 * PATIENCE); /* who asks how a commit ended meets the next kills too */
    outcome_wait(1, PATIENCE);
    for (; out->kills < kills; out->kills++) {
        int64_t from, took;

        usleep((useconds_t)(2000 + killable_random(&seed, 100000)));
        out->inside += outcome_inside() > 0;
        killable()->kill();
        ck_assert_msg(killable()->again(), "%s", killable()->reason());
        from = killable_micros();
        outcome_wait(1, PATIENCE);
        took = killable_micros() - from;
        out->sum += took;
        out->longest = took > out->longest ? took : out->longest;
    }
    outcome_end();
}

/* HC_KILLS, so that a long campaign may be run in slices. */
static int kills_asked(void)
{
    const char *asked = getenv("HC_KILLS");

    return asked != NULL && atoi(asked) > 0 ? atoi(asked) : killable_long() ? 1000 : 50;
}

/* S14 S15 */
START_TEST(a_killed_server_loses_nothing_acknowledged)
{
    int kills = kills_asked();
    campaign c;
    int64_t found;

    run(&c, kills);
    printf("kill -9 of %s: %d kills, %d with a unit of work open (%d %%), %d units acknowledged; back at work %.2f s "
           "after "
           "the server was, %.2f s at worst\n",
           killable()->name, c.kills, c.inside, c.inside * 100 / c.kills, outcome_done(), (double)c.sum / c.kills / 1e6,
           (double)c.longest / 1e6);
    found = outcome_faults("kills");
    ck_assert_msg(found == 0, "%d units are not as they were told", (int)found);
    ck_assert_msg(c.inside * 100 >= c.kills * 30, "only %d of %d kills hit an open unit", c.inside, c.kills);
    ck_assert_int_eq(outcome_count(OUTCOME_UNKNOWN), 0); /* the server came back within each deadline */
    ck_assert_int_le(c.longest, HEALED);
    if (kills >= 1000)
        ck_assert_int_ge(outcome_resolved(), 200);
}
END_TEST

START_TEST(the_harness_finds_an_acknowledgement_before_its_commit)
{
    int64_t found = 0;
    campaign c;

    /* Not every kill meets a COMMIT that did not arrive. */
    for (int i = 0; i < 10 && found == 0; i++) {
        setenv("HC_BUG", "ack-without-answer", 1);
        run(&c, 8);
        unsetenv("HC_BUG");
        found = outcome_faults("HC_BUG=ack-without-answer");
    }
    ck_assert_msg(found > 0, "it was not found in ten times %d kills", c.kills);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_killed_server_loses_nothing_acknowledged);
    tcase_add_test(tcase, the_harness_finds_an_acknowledgement_before_its_commit);
}

int main(void)
{
    setenv("HC_TEST_SOON_MS", "1000", 1); /* as without the house */
    return suite_main("fault.server_kill", fill, setup, teardown);
}
