/* A process that ends at once after a call returned, or in the middle of it: what rides with the call is there with it.
 */
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "house.h"

static char token[8192], admin_token[8192];

/* A store with people and listings, and nothing open. */
static void open_store(void)
{
    house_open();
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    snprintf(admin_token, sizeof admin_token, "%s", hc_session_token(house.admin));
    house_leave();
}

static hc_session *session_of(const char *text)
{
    hc_session *out = NULL;

    HOUSE_OK(hc_session_open(&out, house.client, text, strlen(text), "203.0.113.7", err));
    return out;
}

/* Runs `act` in a process that is killed as soon as it returned; nothing of it is closed. */
static void in_a_dying_process(void (*act)(void))
{
    pid_t child;
    int how;

    fflush(stdout);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        house_client();
        act();
        kill(getpid(), SIGKILL);
        _exit(3);
    }
    ck_assert_int_eq(waitpid(child, &how, 0), child);
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "the child ended by itself: %d", how);
}

static void verified(void)
{
    house_client();
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    house_leave();
}

/* ---- S42 ---- */

static void delete_a_listing(void)
{
    HOUSE_OK(hc_property_delete(session_of(token), house.anas_ids[1], 1, err));
}

static void sign_in(void)
{
    house_login("bea@example.com", HOUSE_PASSWORD);
}

static void sign_in_wrongly(void)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *out = NULL;

    login.email = "bea@example.com";
    login.password = "four swallows by the river";
    login.password_size = strlen(login.password);
    HOUSE_FAILS(hc_auth_login(&out, house.guest, &login, err), HC_ERR_UNAUTHENTICATED, "");
}

static void be_refused(void)
{
    HOUSE_FAILS(hc_property_delete(session_of(token), house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
}

static void change_a_role(void)
{
    hc_user *edit = hc_user_for(house.client, house.bea_id,
                                (int32_t)house_sql("SELECT version FROM users WHERE email="
                                                   "'bea@example.com'"));

    hc_user_set_role(edit, HC_USER_ROLE_AGENT);
    HOUSE_OK(hc_user_update(NULL, session_of(admin_token), edit, err));
}

static void sign_out(void)
{
    HOUSE_OK(hc_auth_logout(session_of(token), err));
}

/* S42: the row is committed with the act, and a refusal's before the caller is told. */
START_TEST(the_audit_row_is_there_when_the_process_dies_right_after)
{
    static const struct {
        void (*act)(void);
        const char *event;
    } acts[] = {
        {sign_in, "authn_login_success"},
        {sign_in_wrongly, "authn_login_fail"},
        {delete_a_listing, "sensitive_delete"},
        {be_refused, "authz_fail"},
        {change_a_role, "privilege_permissions_changed"},
        {sign_out, "authn_token_revoked"},
    };

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        char sql[128];
        int64_t before;

        snprintf(sql, sizeof sql, "SELECT count(*) FROM audit_log WHERE event='%s'", acts[i].event);
        before = house_sql(sql);
        in_a_dying_process(acts[i].act);
        ck_assert_msg(house_sql(sql) == before + 1, "%s was lost", acts[i].event);
        ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seq IS NULL"), 0);
        verified();
        house_count(1);
    }
}
END_TEST

START_TEST(the_harness_finds_a_refusal_without_its_row)
{
    ck_assert(suite_finds("refused-in-silence", "the_audit_row_is_there_when_the_process_dies_right_after",
                          "authn_login_fail was lost"));
}
END_TEST

/* ---- S41 ---- */

/* Listings made by key, one after another, until the process is killed. */
static void make_by_key(void)
{
    hc_session *ana = session_of(token);

    for (int i = 0;; i++) {
        hc_property *home = house_sketch("Made by key", 100 + i);
        char key[32];
        hc_id id;

        snprintf(key, sizeof key, "%d-%d", (int)getpid(), i);
        HOUSE_OK(hc_session_set_idempotency_key(ana, key, err));
        HOUSE_OK(hc_property_create(&id, ana, home, err));
        hc_property_free(home);
    }
}

/* S41: the key and what it made are one transaction: after a kill there is never one without the other. */
START_TEST(a_key_and_its_effect_are_there_together_or_not_at_all)
{
    enum { CYCLES = 40 };
    int64_t made = 0;

    for (int i = 0; i < CYCLES; i++) {
        pid_t child;
        int how;

        fflush(stdout);
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            house_client();
            make_by_key();
        }
        usleep((useconds_t)(20000 + (i * 7919) % 60000));
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, &how, 0), child);
        ck_assert_msg(WIFSIGNALED(how), "the child ended by itself: %d", how);
        ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys k WHERE NOT EXISTS (SELECT 1 FROM properties"
                                   " p WHERE p.id=k.result_id)"),
                         0);
        made = house_sql("SELECT count(*) FROM properties WHERE title='Made by key'");
        ck_assert_int_eq(made, house_sql("SELECT count(*) FROM idempotency_keys"));
        house_count(1);
    }
    ck_assert_int_gt(made, 0);
    printf("kill -9 of creates by key: %d cycles, %lld made\n", CYCLES, (long long)made);
}
END_TEST

static atomic_int stage; /* 1: the key is claimed in an open unit; 2: the unit may end */

static hc_status create_slowly(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = house_sketch("Made by key", 100);
    hc_status status = hc_session_set_idempotency_key(as, "slow", err);

    if (status >= 0)
        status = hc_property_create(data, as, home, err);
    hc_property_free(home);
    atomic_store(&stage, 1);
    while (atomic_load(&stage) < 2)
        usleep(1000);
    return status;
}

static hc_session *slow_session; /* the token is too old by then */

static void *run_slowly(void *data)
{
    HOUSE_OK(hc_session_transact(slow_session, create_slowly, data, err));
    return NULL;
}

static void *sweep(void *data)
{
    HOUSE_OK(hc_client_run(house.client, 10 * HOUSE_SECOND, data, err));
    return NULL;
}

/* S41: upkeep that runs while a key's first call does takes only keys that had their day. */
START_TEST(upkeep_takes_no_key_whose_call_is_running)
{
    pthread_t slow, sweeper;
    hc_property *home;
    hc_session *ana;
    int64_t done = -1;
    hc_id first, old, again;

    house_client();
    ana = session_of(token);
    slow_session = session_of(token);
    home = house_sketch("Made by key", 100);
    HOUSE_OK(hc_session_set_idempotency_key(ana, "old", err));
    HOUSE_OK(hc_property_create(&old, ana, home, err));
    house_pass(25 * HOUSE_HOUR);
    atomic_store(&stage, 0);
    ck_assert_int_eq(pthread_create(&slow, NULL, run_slowly, &first), 0);
    while (atomic_load(&stage) < 1)
        usleep(1000);
    ck_assert_int_eq(pthread_create(&sweeper, NULL, sweep, &done), 0);
    usleep(50000);
    atomic_store(&stage, 2);
    pthread_join(slow, NULL);
    pthread_join(sweeper, NULL);
    ck_assert_int_ge(done, 1);
    HOUSE_OK(hc_session_set_idempotency_key(ana, "slow", err));
    ck_assert_int_eq(hc_property_create(&again, ana, home, NULL), HC_NOTE_REPLAYED);
    ck_assert_int_eq(memcmp(&again, &first, sizeof first), 0);
    HOUSE_OK(hc_session_set_idempotency_key(ana, "old", err));
    ck_assert_int_eq(hc_property_create(&again, ana, home, NULL), HC_OK);
    hc_property_free(home);
    hc_session_free(ana);
    hc_session_free(slow_session);
    house_leave();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_audit_row_is_there_when_the_process_dies_right_after);
    tcase_add_test(tcase, the_harness_finds_a_refusal_without_its_row);
    tcase_add_test(tcase, a_key_and_its_effect_are_there_together_or_not_at_all);
    tcase_add_test(tcase, upkeep_takes_no_key_whose_call_is_running);
}

int main(void)
{
    return suite_main("fault.right_after", fill, open_store, house_remove);
}
