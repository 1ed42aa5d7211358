/* A PostgreSQL primary with a standby: the primary is killed or falls silent under load, the standby is promoted, and
 * the same client goes on. With a synchronous standby nothing acknowledged is lost; without one the client said so
 * before. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"
#include "killable.h"
#include "outcome.h"
#include "server_postgres.h"

#define WRITERS  4
#define PATIENCE (60 * HOUSE_SECOND) /* a hang, not a bar */

static server_postgres primary, standby;
static char both[700];
static atomic_int warnings;
static int64_t call_timeout;

static void count_warnings(int32_t level, const char *request, const char *line, void *data)
{
    (void)request;
    (void)data;
    if (level == HC_LOG_WARN && strstr(line, "no standby is synchronous") != NULL)
        atomic_fetch_add(&warnings, 1);
}

static void two_servers(bool synchronous)
{
    unsetenv("HC_TEST_POSTGRES_URI");
    if (!server_postgres_start(&primary)) {
        printf("skipped: %s\n", primary.reason);
        _exit(0);
    }
    ck_assert_msg(server_postgres_standby(&standby, &primary, "standby"), "%s", standby.reason);
    if (synchronous) {
        ck_assert(server_postgres_set(&primary, "synchronous_standby_names = 'standby'"));
        for (int i = 0; i < 3000 && server_postgres_ask(&primary, "SELECT count(*) FROM pg_stat_replication WHERE "
                                                                  "sync_state = 'sync'") != 1;
             i++)
            usleep(10000);
    }
    ck_assert_int_eq(server_postgres_ask(&primary, "SELECT count(*) FROM pg_stat_replication"), 1);
    setenv("HC_TEST_STORE", "postgres", 1);
    setenv("HC_TEST_POSTGRES_URI", primary.uri, 1);
}

/* The house on the primary, and a client that knows both. */
static void open_house(int64_t timeout)
{
    hc_client_options options;
    char was[24];
    const char *at;

    house_set_time(HOUSE_START);
    house_folder();
    snprintf(was, sizeof was, ":%d/", primary.port);
    at = strstr(house.uri, was);
    ck_assert_ptr_nonnull(at);
    snprintf(both, sizeof both, "%.*s:%d,127.0.0.1:%d/%s&target_session_attrs=read-write", (int)(at - house.uri),
             house.uri, primary.port, standby.port, at + strlen(was));
    house_options(&options);
    options.storage_uri = both;
    options.pool_size = WRITERS;
    options.log = count_warnings;
    call_timeout = timeout;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
}

static void teardown(void)
{
    house_close();
    server_postgres_stop(&standby);
    server_postgres_stop(&primary);
}

/* ---- load -------------------------------------------------------------------------------------------------------- */

static void begin_load(void)
{
    outcome_begin(WRITERS, call_timeout);
    outcome_wait(50, PATIENCE);
}

/* Promotes the standby, sees work go on, and ends it. From here the house looks at the standby. */
static void take_over(const char *what)
{
    int64_t from;
    int before;

    /* A look at it while it recovers may be cancelled. */
    for (int i = 0; i < 3000 && server_postgres_ask(&standby, "SELECT pg_is_in_recovery()") != 0; i++) {
        (void)server_postgres_ask(&standby, "SELECT pg_promote(false)");
        usleep(10000);
    }
    ck_assert_msg(server_postgres_ask(&standby, "SELECT pg_is_in_recovery()") == 0, "%s", standby.reason);
    from = killable_micros();
    before = outcome_done();
    outcome_wait(1, PATIENCE);
    printf("%s: back at work %.2f s after the promotion, %d units before it\n", what,
           (double)(killable_micros() - from) / 1e6, before);
    outcome_wait(50, PATIENCE);
    outcome_end();
    setenv("HC_TEST_POSTGRES_URI", standby.uri, 1);
}

/* S14 S15 */
START_TEST(a_synchronous_standby_has_all_that_was_acknowledged)
{
    two_servers(true);
    open_house(0);
    begin_load();
    ck_assert_int_eq(atomic_load(&warnings), 0);
    server_postgres_kill(&primary);
    take_over("synchronous standby");
    ck_assert_int_eq(outcome_faults("failover"), 0);
    ck_assert_int_eq(outcome_count(OUTCOME_UNKNOWN), 0);
    ck_assert_int_eq(atomic_load(&warnings), 1); /* the server that took over has none */
}
END_TEST

/* S15: its standby is behind when the primary dies. */
START_TEST(without_one_the_client_says_what_may_be_lost)
{
    char sql[] = "SELECT pid FROM pg_stat_replication";
    int64_t sender;

    two_servers(false);
    open_house(0);
    ck_assert_int_eq(atomic_load(&warnings), 1);
    begin_load();
    sender = server_postgres_ask(&primary, sql);
    ck_assert_int_gt(sender, 1);
    ck_assert_int_eq(kill((pid_t)sender, SIGSTOP), 0);
    outcome_wait(50, PATIENCE);
    server_postgres_kill(&primary);
    take_over("no synchronous standby");
    ck_assert_int_eq(atomic_load(&warnings), 1);
    ck_assert_msg(outcome_faults("failover") > 0, "nothing was lost that the standby never got");
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM (SELECT title FROM properties GROUP BY title HAVING count(*) <> 2) x"), 0);
}
END_TEST

/* S18: a machine that is gone refuses nothing. */
START_TEST(a_silent_primary_is_passed_over)
{
    two_servers(true);
    open_house(4 * HOUSE_SECOND);
    begin_load();
    server_postgres_freeze(&primary);
    take_over("silent primary");
    server_postgres_kill(&primary);
    ck_assert_int_eq(outcome_faults("silence"), 0);
}
END_TEST

/* S40: the server was told to stop while it waited for its standby. It says COMMIT, but has the commit alone. */
START_TEST(a_commit_that_no_standby_has_is_not_acknowledged)
{
    hc_session *as = NULL;
    hc_error err;

    two_servers(true);
    open_house(0);
    HOUSE_OK(hc_session_system(&as, house.client, err));
    ck_assert_int_eq(outcome_try(house.client, as, &err), HC_OK);
    server_postgres_freeze(&standby);
    hc_session_set_timeout(as, HOUSE_SECOND);
    ck_assert_int_eq(outcome_try(house.client, as, &err), HC_ERR_TIMEOUT);
    ck_assert_int_eq(outcome_last(), OUTCOME_UNKNOWN);
    server_postgres_thaw(&standby);
    hc_session_set_timeout(as, 0);
    ck_assert_int_eq(outcome_try(house.client, as, &err), HC_OK);
    hc_session_free(as);
    ck_assert_int_eq(outcome_faults("a commit alone"), 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_synchronous_standby_has_all_that_was_acknowledged);
    tcase_add_test(tcase, without_one_the_client_says_what_may_be_lost);
    tcase_add_test(tcase, a_silent_primary_is_passed_over);
    tcase_add_test(tcase, a_commit_that_no_standby_has_is_not_acknowledged);
}

int main(void)
{
    return suite_main("fault.failover", fill, NULL, teardown);
}
