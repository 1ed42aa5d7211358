/* What the core promises over a server: forks, units whose session ends, answers that are lost, migrations and passes
 * of several processes at once. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "homeconnect/version.h"
#include "house.h"
#include "killable.h"

#define OURS  "FROM pg_stat_activity WHERE application_name = 'homeconnect'"
#define MARIA "FROM information_schema.processlist WHERE db LIKE 'house%'"

static bool on_maria(void)
{
    return strcmp(killable()->name, "mysql") == 0;
}

static void set_up(void)
{
    if (!killable_start())
        _exit(0);
}

static void set_up_house(void)
{
    set_up();
    house_open();
}

static void tear_down(void)
{
    house_close();
    killable_stop();
}

static int64_t ask(const char *sql)
{
    int64_t out = killable()->ask(sql);

    ck_assert_msg(out >= 0, "%s: %s", sql, killable()->reason());
    return out;
}

static int64_t sessions(void)
{
    return ask(on_maria() ? "SELECT count(*) " MARIA : "SELECT count(*) " OURS);
}

/* Once those that were only looked by are gone, which the server ends after their good-bye. */
static int64_t steady_sessions(void)
{
    int64_t before, now = sessions();

    for (int i = 0; i < 50; i++) {
        before = now;
        usleep(200000);
        now = sessions();
        if (now == before)
            break;
    }
    return now;
}

static int64_t names(void)
{
    return ask(on_maria() ? "SELECT sum(id) " MARIA : "SELECT sum(pid) " OURS);
}

/* Which has written something, and has still to commit. */
static void end_the_one_inside(void)
{
    char sql[60];
    int64_t id;

    if (!on_maria()) {
        ck_assert_int_eq(ask("SELECT count(pg_terminate_backend(pid)) " OURS " AND state = 'idle in transaction'"), 1);
        return;
    }
    id = ask("SELECT max(trx_mysql_thread_id) FROM information_schema.innodb_trx");
    ck_assert_int_gt(id, 0);
    snprintf(sql, sizeof sql, "KILL %lld", (long long)id);
    ask(sql);
}

static void end_all(void)
{
    ck_assert_int_ge(sessions(), 1);
    killable()->end_sessions();
    for (int i = 0; i < 500 && sessions() > 0; i++)
        usleep(10000);
}

/* ---- forks ------------------------------------------------------------------------------------------------------- */

static int child_of_a_fork(void)
{
    hc_property *home = NULL;
    hc_error err;
    int bad = 0;

    bad |= hc_property_get(&home, house.ana, house.anas_ids[0], &err) != HC_ERR_FORKED;
    bad |= hc_property_delete(house.ana, house.anas_ids[0], 1, &err) != HC_ERR_FORKED;
    bad |= hc_client_run(house.client, 1000, NULL, &err) != HC_ERR_FORKED;
    hc_session_free(house.ana);
    hc_client_close(house.client);
    return bad;
}

static void fork_and_wait(void)
{
    int status = -1;
    pid_t child = fork();

    if (child == 0)
        _exit(child_of_a_fork());
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}

static hc_status fork_inside(hc_session *as, void *data, hc_error *err)
{
    hc_property *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    (void)data;
    hc_property_set_price(changes, 50000000);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    fork_and_wait();
    return status;
}

/* S10: a good-bye of the child's would end the parent's session, any other byte would break its protocol. */
START_TEST(a_child_of_a_fork_leaves_the_parents_sessions_alone)
{
    int64_t count = steady_sessions(), named = names();
    hc_property *home;

    ck_assert_int_ge(count, 1);
    for (int i = 0; i < 3; i++)
        fork_and_wait();
    HOUSE_OK(hc_session_transact(house.ana, fork_inside, NULL, err));
    home = house_read(house.ana, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_version(home), 2);
    hc_property_free(home);
    ck_assert_int_eq(sessions(), count);
    ck_assert_int_eq(names(), named);
}
END_TEST

/* ---- units whose session ends ------------------------------------------------------------------------------------ */

struct unit {
    int runs, to_end;
    void (*end)(void); /* ends sessions */
};

static hc_status write_price(hc_session *as, void *data, hc_error *err)
{
    struct unit *unit = data;
    hc_property *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    unit->runs++;
    hc_property_set_price(changes, 50000000);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    if (unit->to_end-- > 0)
        unit->end();
    return status;
}

static int64_t events(void)
{
    return house_sql("SELECT count(*) FROM events WHERE resource='property' AND version=2");
}

/* S14 S15: before the commit nothing was written, so that the whole of it runs again. */
START_TEST(a_unit_outlives_its_session)
{
    struct unit unit = {0, 1, end_the_one_inside};
    hc_property *home;

    HOUSE_OK(hc_session_transact(house.ana, write_price, &unit, err));
    ck_assert_int_eq(unit.runs, 2);
    home = house_read(house.ana, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_version(home), 2);
    hc_property_free(home);
    ck_assert_int_eq(events(), 1);
}
END_TEST

/* A server that ends all of them, again and again, is not run against for ever. */
START_TEST(a_unit_whose_sessions_all_end_is_given_up)
{
    struct unit unit = {0, 100, end_all};
    hc_error err;

    ck_assert_int_eq(hc_session_transact(house.ana, write_price, &unit, &err), HC_ERR_UNAVAILABLE);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
    ck_assert_int_le(unit.runs, 3);
    ck_assert_int_eq(events(), 0);
}
END_TEST

/* S15: all that idle in the pool are gone, and no caller hears of it. */
START_TEST(readers_do_not_notice_that_their_sessions_ended)
{
    for (int i = 0; i < 5; i++) {
        end_all();
        hc_property_free(house_read(i % 2 == 0 ? house.bea : house.guest, house.anas_ids[0]));
    }
}
END_TEST

/* S44: who has no handler dies of a SIGPIPE, and to write to a session that ended raises none. */
START_TEST(a_session_that_ended_raises_no_signal)
{
    signal(SIGPIPE, SIG_DFL);
    for (int i = 0; i < 5; i++) {
        end_all();
        hc_property_free(house_read(house.bea, house.anas_ids[0]));
        end_all();
        house_list_home(house.ana, "A home behind a session that ended", 100);
    }
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title LIKE 'A home behind a session%'"), 5);
}
END_TEST

/* ---- answers that are lost --------------------------------------------------------------------------------------- */

#define WAITING "SELECT count(*) " OURS " AND wait_event = 'SyncRep'"

static void wait_for_standby(const char *name)
{
    char sql[80];

    snprintf(sql, sizeof sql, "ALTER SYSTEM SET synchronous_standby_names = %s", name);
    (void)killable()->ask(sql);
    (void)killable()->ask("SELECT count(*) FROM (SELECT pg_reload_conf()) x");
}

static void *end_at_commit(void *data)
{
    atomic_bool *asked = data;

    for (int i = 0; i < 1000 && killable()->ask(WAITING) != 1; i++)
        usleep(10000);
    killable()->ask("SELECT count(pg_terminate_backend(pid, 5000)) " OURS " AND wait_event = 'SyncRep'");
    /* The question waits for a standby too: what only this server has is not told as written. */
    for (int i = 0; i < 1000 && killable()->ask(WAITING) != 1; i++)
        usleep(10000);
    atomic_store(asked, killable()->ask(WAITING) == 1);
    wait_for_standby("''");
    return NULL;
}

/* S14: the server has the commit, and its session ends before it says so. */
START_TEST(a_commit_whose_answer_is_lost_is_found)
{
    struct unit unit = {0, 0, NULL};
    atomic_bool asked = false;
    hc_property *home;
    pthread_t thread;

    wait_for_standby("'nobody'");
    for (int i = 0; i < 1000 && ask("SELECT current_setting('synchronous_standby_names') = 'nobody'") != 1; i++)
        usleep(10000);
    usleep(300000); /* sessions that are there hear of it between two commands */
    ck_assert_int_eq(pthread_create(&thread, NULL, end_at_commit, &asked), 0);
    HOUSE_OK(hc_session_transact(house.ana, write_price, &unit, err));
    pthread_join(thread, NULL);
    ck_assert(atomic_load(&asked));
    ck_assert_int_eq(unit.runs, 1);
    home = house_read(house.ana, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_version(home), 2);
    hc_property_free(home);
    ck_assert_int_eq(events(), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='commit_unknown_resolved'"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='void'"), 0);
}
END_TEST

/* MariaDB calls a session asleep a moment after it sent the answer. */
static bool all_sleep_soon(void)
{
    for (int i = 0; i < 500; i++) {
        if (ask("SELECT count(*) " MARIA " AND command <> 'Sleep'") == 0)
            return true;
        usleep(10000);
    }
    return false;
}

/* S23: no session of the pool is left with anything that the next one who gets it would meet. */
START_TEST(nothing_is_left_on_a_session)
{
    struct unit unit = {0, 0, NULL};
    hc_property *home = NULL;
    hc_error err;

    ck_assert_int_lt(hc_property_delete(house.bea, house.anas_ids[0], 1, &err), 0);
    ck_assert_int_lt(hc_property_delete(house.ana, house.anas_ids[0], 7, &err), 0);
    ck_assert_int_eq(hc_session_transact(house.ana, write_price, &unit, &err), HC_OK);
    ck_assert_int_lt(hc_session_transact(house.ana, write_price, &unit, &err), 0);
    ck_assert_int_lt(hc_property_get(&home, house.guest, house.bea_id, &err), 0);
    ck_assert_int_eq(hc_client_run(house.client, HOUSE_SECOND, NULL, &err), HC_OK);
    ck_assert_int_ge(sessions(), 1);
    if (on_maria()) {
        ck_assert(all_sleep_soon());
        ck_assert_int_eq(ask("SELECT count(*) FROM information_schema.innodb_trx"), 0);
        return;
    }
    ck_assert_int_eq(ask("SELECT count(*) " OURS " AND state <> 'idle'"), 0);
    ck_assert_int_eq(ask("SELECT count(*) " OURS " AND (xact_start IS NOT NULL OR backend_xmin IS NOT NULL)"), 0);
    ck_assert_int_eq(ask("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE "
                         "a.application_name = 'homeconnect'"),
                     0);
    ck_assert_int_eq(ask("SELECT count(*) FROM pg_class WHERE relpersistence = 't'"), 0);
}
END_TEST

/* ---- several processes ------------------------------------------------------------------------------------------- */

static pid_t migrate_in_child(void)
{
    pid_t child = fork();

    if (child == 0) {
        hc_client_options options;
        hc_client *client = NULL;
        hc_error err;
        hc_status status;

        house_options(&options);
        options.migrate = HC_MIGRATE_NEVER;
        status = hc_client_open(&client, &options, &err);
        if (status >= 0)
            status = hc_client_migrate(client, &err);
        if (status < 0)
            printf("migrate: %s: %s\n", hc_status_name(status), err.message);
        fflush(stdout);
        _exit(status < 0);
    }
    ck_assert_int_gt(child, 0);
    return child;
}

static int end_of(pid_t child)
{
    int status = -1;

    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void whole(void)
{
    house_client();
    house_people();
    ck_assert_int_eq(house_sql("SELECT max(version) FROM schema_migrations"), hc_schema_version());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM schema_migrations"), hc_schema_version());
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_heads"), 1);
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    house_close();
}

/* S39 */
START_TEST(processes_that_migrate_at_once_make_one_schema)
{
    for (int i = 0; i < (killable_long() ? 50 : on_maria() ? 1 : 3); i++) {
        pid_t children[3];

        house_set_time(HOUSE_START);
        house_folder();
        for (int n = 0; n < 3; n++)
            children[n] = migrate_in_child();
        for (int n = 0; n < 3; n++)
            ck_assert_int_eq(end_of(children[n]), 0);
        whole();
    }
}
END_TEST

/* S39: whoever comes next finishes it. Where all were quicker than their end, some more are tried. */
START_TEST(a_migration_that_is_killed_half_way_is_run_again)
{
    const int tries = killable_long() ? 200 : on_maria() ? 3 : 6;
    unsigned long long seed = killable_seed();
    int killed = 0;

    for (int i = 0; i < tries || (killed == 0 && i < 30); i++) {
        pid_t child;

        house_set_time(HOUSE_START);
        house_folder();
        child = migrate_in_child();
        usleep((useconds_t)(killable_random(&seed, 400000)));
        kill(child, SIGKILL);
        killed += WIFSIGNALED(end_of(child));
        ck_assert_int_eq(end_of(migrate_in_child()), 0);
        whole();
    }
    printf("migrations: %d killed\n", killed);
    ck_assert_int_gt(killed, 0);
}
END_TEST

/* ---- passes of several processes at once ------------------------------------------------------------------------- */

static atomic_bool over;

static pid_t upkeep_in_child(void)
{
    pid_t child = fork();

    if (child == 0) {
        hc_client_options options;
        hc_client *client = NULL;
        hc_error err;
        hc_status status;

        house_options(&options);
        status = hc_client_open(&client, &options, &err);
        for (int i = 0; i < 100000 && status >= 0; i++)
            status = hc_client_run(client, HOUSE_SECOND, NULL, &err);
        printf("upkeep: %s: %s\n", hc_status_name(status), err.message);
        fflush(stdout);
        _exit(1);
    }
    return child;
}

static void *work(void *data)
{
    hc_session *as = data;
    hc_error err;

    while (!atomic_load(&over)) {
        hc_id id = house_list_home(as, "A home with a history", 40000000);

        for (int32_t version = 1; version < 4; version++) {
            hc_property *changes = hc_property_for(house.client, id, version);

            hc_property_set_price(changes, 40000000 + version);
            ck_assert_msg(hc_property_update(NULL, as, changes, &err) == HC_OK, "%s", err.message);
            hc_property_free(changes);
        }
        ck_assert_int_lt(hc_property_delete(as, id, 9, &err), 0);
    }
    return NULL;
}

/* One at a time, whoever they are: at no moment is there a number twice, or a gap that could be filled later. */
START_TEST(passes_of_several_processes_make_one_order)
{
    hc_session *admins[3];
    pthread_t threads[3];
    pid_t children[2];
    int looks = 0;

    for (int i = 0; i < 2; i++)
        children[i] = upkeep_in_child();
    for (int i = 0; i < 3; i++)
        admins[i] = house_login("ada@example.com", HOUSE_PASSWORD);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, admins[i]), 0);
    while (looks < 10000 && (looks < 40 || house_sql("SELECT coalesce(max(seq),0) FROM events") < 300)) {
        ck_assert_int_eq(house_sql("SELECT coalesce(max(seq),0) - count(DISTINCT seq) FROM events"), 0);
        looks++;
        usleep(10000);
    }
    atomic_store(&over, true);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        hc_session_free(admins[i]);
    }
    for (int i = 0; i < 2; i++) { /* one that is killed inside leaves its lock to the server */
        kill(children[i], SIGKILL);
        ck_assert(WIFSIGNALED(end_of(children[i])));
    }
    HOUSE_OK(hc_client_run(house.client, 60 * HOUSE_SECOND, NULL, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE seq IS NULL"), 0);
    ck_assert_int_eq(house_sql("SELECT max(seq) - count(*) FROM events"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events a JOIN events b USING (resource, resource_id) WHERE "
                               "a.version < b.version AND a.seq > b.seq"),
                     0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seq IS NULL"), 0);
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    printf("numbered: %lld events, %d looks\n", (long long)house_sql("SELECT max(seq) FROM events"), looks);
}
END_TEST

START_TEST(the_harness_finds_a_commit_that_is_taken_for_not_written)
{
    ck_assert(
        suite_finds("unknown-as-not-written", "a_commit_whose_answer_is_lost_is_found", "it has version 2, not 1"));
}
END_TEST

static void fill_bare(TCase *tcase)
{
    tcase_add_test(tcase, processes_that_migrate_at_once_make_one_schema);
    tcase_add_test(tcase, a_migration_that_is_killed_half_way_is_run_again);
}

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_child_of_a_fork_leaves_the_parents_sessions_alone);
    tcase_add_test(tcase, a_unit_outlives_its_session);
    tcase_add_test(tcase, a_unit_whose_sessions_all_end_is_given_up);
    tcase_add_test(tcase, readers_do_not_notice_that_their_sessions_ended);
    tcase_add_test(tcase, a_session_that_ended_raises_no_signal);
    if (!on_maria()) { /* there fault.network loses it */
        tcase_add_test(tcase, a_commit_whose_answer_is_lost_is_found);
        tcase_add_test(tcase, the_harness_finds_a_commit_that_is_taken_for_not_written);
    }
    tcase_add_test(tcase, nothing_is_left_on_a_session);
    tcase_add_test(tcase, passes_of_several_processes_make_one_order);
}

int main(void)
{
    int failed;

    setenv("HC_TEST_SOON_MS", "50", 1);
    failed = suite_main("fault.server_rules", fill, set_up_house, tear_down);

    return failed != 0 ? failed : suite_main("fault.server_rules", fill_bare, set_up, tear_down);
}
