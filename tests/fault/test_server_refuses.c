/* A server that refuses: sessions ended, read-only, full, crowded, deadlocked, told to stop. Each failure has its type,
 * wrote nothing unless it says so, and ends with its cause. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptors.h"
#include "house.h"
#include "killable.h"
#include "outcome.h"
#include "proxy.h"
static char small[32]; /* where a small file system is mounted */
static atomic_bool stop;
static bool started; /* not by those who look what another process finds */

static bool on_maria(void)
{
    return strcmp(killable()->name, "mysql") == 0;
}

static void start_server(void)
{
    if (!killable_start())
        _exit(0);
    started = true;
    house_set_time(HOUSE_START);
}

static void teardown(void)
{
    if (started)
        house_close();
    killable_stop();
    if (small[0] != '\0') {
        umount(small);
        rmdir(small);
    }
}

static void open_client(const char *uri, int32_t pool)
{
    hc_client_options options;

    house_options(&options);
    options.storage_uri = uri;
    options.pool_size = pool;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
}

static void open_house(int32_t pool)
{
    start_server();
    house_folder();
    open_client(house.uri, pool);
}

static void tell(const char *sql)
{
    ck_assert_msg(killable()->ask(sql) >= 0, "%s: %s", sql, killable()->reason());
}

static hc_status try_unit(hc_error *err)
{
    return outcome_try(house.client, house.system, err);
}

/* ---- sessions that end ------------------------------------------------------------------------------------------- */

/* S15: as an operator, or a restart of the server, ends them (57P01, 1927). */
START_TEST(sessions_that_are_ended_lose_nothing)
{
    open_house(3);
    outcome_begin(3, 0);
    for (int i = 0; i < (killable_long() ? 500 : 25); i++) {
        int before = outcome_done();

        killable()->end_sessions();
        for (int turn = 0; turn < 60000 && outcome_done() < before + 4; turn++)
            usleep(1000);
        ck_assert_int_gt(outcome_done(), before);
    }
    outcome_end();
    ck_assert_int_eq(outcome_faults("sessions ended"), 0);
}
END_TEST

/* A server, and the URI of who is held to what it becomes. */
static void start_for_anybody(char out[800])
{
    const char *at;

    start_server();
    house_folder();
    snprintf(out, 800, "%s", house.uri);
    if (!on_maria())
        return;
    tell("CREATE USER plain@'%'");
    tell("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, REFERENCES ON *.* TO plain@'%'");
    at = strstr(house.uri, "root@");
    ck_assert_ptr_nonnull(at);
    snprintf(out, 800, "%.*splain%s", (int)(at - house.uri), house.uri, at + strlen("root"));
}

/* S15: of a server that is read-only from the start. */
START_TEST(an_empty_database_of_a_read_only_server_is_unavailable)
{
    hc_client_options options;
    hc_error err = {0};
    char uri[800];

    start_for_anybody(uri);
    house_options(&options);
    options.storage_uri = uri;
    killable()->read_only(true);
    ck_assert_int_eq(hc_client_open(&house.client, &options, &err), HC_ERR_UNAVAILABLE);
    ck_assert_msg(strstr(err.message, "read-only") != NULL, "%s", err.message);
    killable()->read_only(false);
    open_client(uri, 2);
}
END_TEST

/* S15: 25006, 1290, as of a server that became a standby. */
START_TEST(a_server_that_became_read_only_is_unavailable_for_writes)
{
    hc_property *home = NULL;
    hc_id listing;
    hc_error err;
    char uri[800];

    start_for_anybody(uri);
    open_client(uri, 2);
    listing = house_list_home(house.system, "Still there", 100);
    killable()->read_only(true);
    killable()->end_sessions();
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(try_unit(&err), HC_ERR_UNAVAILABLE);
        ck_assert_int_eq(outcome_last(), OUTCOME_NOT_WRITTEN);
    }
    HOUSE_OK(hc_property_get(&home, house.system, listing, err));
    hc_property_free(home);
    killable()->read_only(false);
    for (int i = 0; i < 3000 && try_unit(&err) != HC_OK; i++)
        usleep(10000);
    ck_assert_int_eq(outcome_last(), OUTCOME_WRITTEN);
    ck_assert_int_eq(outcome_faults("read-only"), 0);
}
END_TEST

/* S25: the server's plan of a prepared statement is void. */
START_TEST(a_statement_that_is_void_is_prepared_again)
{
    hc_property *home = NULL;
    hc_id listing;
    hc_error err;

    open_house(1);
    listing = house_list_home(house.system, "Read again", 100);
    for (int i = 0; i < 8; i++) {
        HOUSE_OK(hc_property_get(&home, house.system, listing, err));
        hc_property_free(home);
        ck_assert_msg(try_unit(&err) == HC_OK, "%s", err.message);
        house_sql(on_maria()   ? i % 2 == 0 ? "ALTER TABLE properties MODIFY title text COLLATE utf8mb4_nopad_bin"
                                            : "ALTER TABLE properties MODIFY title longtext COLLATE utf8mb4_nopad_bin"
                  : i % 2 == 0 ? "ALTER TABLE properties ALTER title TYPE text"
                               : "ALTER TABLE properties ALTER title TYPE varchar(255)");
    }
    ck_assert_int_eq(outcome_faults("void statements"), 0);
}
END_TEST

/* ---- no room ----------------------------------------------------------------------------------------------------- */

/* A small file system that only this test and its servers see, and that goes with them. */
static bool mount_small(const char *path)
{
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, "size=24m,mode=0777") == 0;
}

static void fill_up(const char *path)
{
    static const char bytes[4096];
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    setbuf(file, NULL);
    while (fwrite(bytes, 1, sizeof bytes, file) == sizeof bytes)
        continue;
    fclose(file);
}

/* The house's tables, and no others, go there. */
static void move_house(const char *place)
{
    char text[1000], uri[800], was[300];

    if (on_maria()) { /* a database is a folder, which nothing is in yet */
        snprintf(was, sizeof was, "%s/data/%s/db.opt", killable()->folder(), house.schema);
        ck_assert_int_eq(unlink(was), 0);
        *strrchr(was, '/') = '\0';
        ck_assert_int_eq(rmdir(was), 0);
        ck_assert_int_eq(symlink(place, was), 0);
        snprintf(uri, sizeof uri, "%s", house.uri);
    } else {
        snprintf(text, sizeof text, "CREATE TABLESPACE small LOCATION '%s'", place);
        tell(text);
        snprintf(uri, sizeof uri, "%s%%20-cdefault_tablespace%%3Dsmall", house.uri);
    }
    open_client(uri, 2);
}

static bool is_full(hc_status status, const hc_error *err)
{
    return status == HC_ERR_NO_SPACE && (on_maria() ? err->native == 1114 : strcmp(err->sqlstate, "53100") == 0);
}

/* S24 */
START_TEST(a_full_disk_is_told_and_forgotten)
{
    char place[64], ballast[64];
    struct stat owner;
    hc_property *home = NULL;
    hc_status status = HC_OK;
    hc_error err;
    hc_id listing;

    snprintf(small, sizeof small, "/tmp/hc-small-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(small));
    chmod(small, 0777);
    if (!mount_small(small)) {
        printf("skipped: no file system can be mounted to be full: %s\n", strerror(errno));
        rmdir(small);
        _exit(0);
    }
    start_server();
    house_folder();
    snprintf(place, sizeof place, "%s/space", small);
    snprintf(ballast, sizeof ballast, "%s/ballast", small);
    mkdir(place, 0777);
    ck_assert_int_eq(stat(killable()->folder(), &owner), 0);
    ck_assert_int_eq(chown(place, owner.st_uid, owner.st_gid), 0);
    move_house(place);
    listing = house_list_home(house.system, "There before", 100);
    fill_up(ballast);
    for (int i = 0; i < 2000 && status >= 0; i++)
        status = try_unit(&err);
    ck_assert_msg(is_full(status, &err), "%s %s %d", hc_status_name(status), err.sqlstate, err.native);
    ck_assert_uint_eq(err.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
    HOUSE_OK(hc_property_get(&home, house.system, listing, err));
    hc_property_free(home);
    ck_assert_int_eq(try_unit(&err), HC_ERR_NO_SPACE);
    ck_assert_int_eq(unlink(ballast), 0);
    ck_assert_msg(try_unit(&err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(outcome_faults("a full disk"), 0);
}
END_TEST

/* ---- crowds and strangers ---------------------------------------------------------------------------------------- */

static void *ask_on(void *data)
{
    hc_health health = HC_HEALTH_INIT;
    hc_status *got = data;
    hc_error err;

    for (int i = 0; i < 30; i++) {
        *got = hc_client_health(house.client, &health, &err);
        if (*got != HC_ERR_BUSY && *got != HC_ERR_UNAVAILABLE && *got != HC_ERR_INVALID)
            break;
        ck_assert_ptr_null(strstr(err.message, "sesame"));
        usleep(100000);
    }
    return NULL;
}

/* Many threads that want a connection and get none. Each may be at it when the first is refused; then it is one of them
 * in a second. */
static void hammer(proxy *between, const char *what)
{
    int64_t from = killable_micros(), before = proxy_look(between).connections, tries;
    pthread_t threads[8];
    hc_status got[8];
    double took;

    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_on, &got[i]), 0);
    for (int i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_msg(got[i] < 0, "%s: %s", what, hc_status_name(got[i]));
    }
    took = (double)(killable_micros() - from) / 1e6;
    tries = proxy_look(between).connections - before;
    printf("%s: %d calls of 8 threads in %.1f s, %lld connections were tried\n", what, 8 * 30, took, (long long)tries);
    ck_assert_msg((double)tries <= 8 + 2 + 1.5 * took, "%s: %lld connections in %.1f s", what, (long long)tries, took);
}

static void set_password(const char *password)
{
    char sql[200];

    snprintf(sql, sizeof sql,
             on_maria() ? "ALTER USER caller@'%%' IDENTIFIED BY '%s'" : "ALTER ROLE locked PASSWORD '%s'", password);
    tell(sql);
}

/* S22 */
START_TEST(who_is_refused_does_not_storm)
{
    hc_client_options options;
    hc_health health = HC_HEALTH_INIT;
    proxy *between;
    char uri[700];
    hc_error err;

    start_server();
    house_folder();
    between = proxy_start(killable()->port());
    if (on_maria()) { /* an administrator would have a seat kept */
        tell("CREATE USER caller@'%' IDENTIFIED BY 'open sesame'");
        tell("GRANT ALL ON home.* TO caller@'%'");
    }
    snprintf(uri, sizeof uri, "%s:open%%20sesame@127.0.0.1:%d/%s",
             on_maria() ? "mysql://caller" : "postgresql://locked", proxy_port(between),
             on_maria() ? "home" : "postgres");
    house_options(&options);
    options.storage_uri = uri;
    options.migrate = HC_MIGRATE_NEVER;
    options.pool_size = 8;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_client_health(house.client, &health, err));
    killable()->take_seats(true);
    (void)hc_client_health(house.client, &health, NULL); /* finds its session ended */
    hammer(between, "too many connections");
    ck_assert_int_eq(hc_client_health(house.client, &health, &err), HC_ERR_BUSY);
    if (on_maria())
        ck_assert_int_eq(err.native, 1040);
    else
        ck_assert_str_eq(err.sqlstate, "53300");
    killable()->take_seats(false);
    set_password("another sesame");
    hammer(between, "wrong password");
    set_password("open sesame");
    for (int i = 0; i < 3000 && hc_client_health(house.client, &health, &err) != HC_OK; i++)
        usleep(10000);
    HOUSE_OK(hc_client_health(house.client, &health, err));
    hc_client_close(house.client);
    house.client = NULL;
    proxy_stop(between);
}
END_TEST

/* ---- transactions that meet -------------------------------------------------------------------------------------- */

typedef struct pair_of {
    pthread_barrier_t *meet;
    hc_id first, second;
    int runs;
    hc_status status;
    atomic_bool ended;
    struct pair_of *other;
} pair_of;

static hc_status price(hc_session *as, hc_id id, hc_error *err)
{
    hc_property *home = NULL, *edit;
    hc_status status = hc_property_get(&home, as, id, err);
    int32_t version;

    if (status < 0)
        return status;
    edit = hc_property_for(house.client, id, hc_property_version(home));
    hc_property_set_price(edit, hc_property_price(home) + 100);
    status = hc_property_update(&version, as, edit, err);
    hc_property_free(edit);
    hc_property_free(home);
    return status;
}

/* The first time both hold their first listing before either asks for its second. The one that is run again lets the
 * other end first: it would lose to its versions. */
static hc_status price_two(hc_session *as, void *data, hc_error *err)
{
    pair_of *mine = data;
    hc_status status;

    for (int i = 0; i < 60000 && mine->runs > 0 && !atomic_load(&mine->other->ended); i++)
        usleep(1000);
    status = price(as, mine->first, err);

    if (mine->runs++ == 0)
        pthread_barrier_wait(mine->meet);
    return status < 0 ? status : price(as, mine->second, err);
}

static void *price_them(void *data)
{
    pair_of *mine = data;
    hc_session *as = NULL;

    HOUSE_OK(hc_session_system(&as, house.client, err));
    mine->status = hc_session_transact(as, price_two, mine, NULL);
    atomic_store(&mine->ended, true);
    hc_session_free(as);
    return NULL;
}

/* S16 */
START_TEST(no_deadlock_reaches_the_caller)
{
    pthread_barrier_t meet;
    int reruns = 0;
    hc_id one, two;

    open_house(3);
    if (!on_maria())
        tell("ALTER SYSTEM SET deadlock_timeout = '50ms'");
    if (!on_maria())
        tell("SELECT count(*) FROM (SELECT pg_reload_conf()) x");
    one = house_list_home(house.system, "One", 100);
    two = house_list_home(house.system, "Two", 100);
    pthread_barrier_init(&meet, NULL, 2);
    for (int i = 0; i < 10; i++) {
        pair_of pairs[2] = {{&meet, one, two, 0, 0, false, &pairs[1]}, {&meet, two, one, 0, 0, false, &pairs[0]}};
        pthread_t threads[2];

        for (int t = 0; t < 2; t++)
            ck_assert_int_eq(pthread_create(&threads[t], NULL, price_them, &pairs[t]), 0);
        for (int t = 0; t < 2; t++) {
            pthread_join(threads[t], NULL);
            ck_assert_msg(pairs[t].status == HC_OK, "%s", hc_status_name(pairs[t].status));
            reruns += pairs[t].runs - 1;
        }
    }
    pthread_barrier_destroy(&meet);
    ck_assert_int_ge(reruns, 10);
    ck_assert_int_eq(house_sql("SELECT CASE WHEN sum(price) = 42 THEN 1 ELSE 0 END FROM properties"), 1);
}
END_TEST

/* ---- told to stop ------------------------------------------------------------------------------------------------ */

static void *interrupt_now_and_then(void *data)
{
    unsigned long long seed = killable_seed();

    while (!atomic_load(&stop)) {
        usleep((useconds_t)killable_random(&seed, 40000));
        hc_session_interrupt(data);
    }
    return NULL;
}

/* S40 S23: at any moment of a unit, its COMMIT too. */
START_TEST(an_interrupt_at_any_moment_is_told_as_it_is)
{
    int written = 0, stopped = 0;
    proxy *between;
    pthread_t thread;
    char uri[800];
    hc_error err;

    start_server();
    house_folder();
    between = proxy_start(killable()->port());
    killable_through(uri, sizeof uri, house.uri, proxy_port(between));
    open_client(uri, 1);
    ck_assert_int_eq(try_unit(&err), HC_OK);
    proxy_slow(between, (proxy_pace){1000, 0, 0});
    ck_assert_int_eq(pthread_create(&thread, NULL, interrupt_now_and_then, house.system), 0);
    for (int i = 0; i < (killable_long() ? 5000 : 150); i++) {
        hc_status status = try_unit(&err);

        written += status >= 0;
        stopped += status == HC_ERR_CANCELLED;
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    printf("interrupts: %d units written, %d stopped\n", written, stopped);
    ck_assert(written > 0 && stopped > 0);
    proxy_slow(between, (proxy_pace){0, 0, 0});
    (void)try_unit(&err);
    ck_assert_msg(try_unit(&err) == HC_OK, "%s", err.message);
    if (on_maria()) {
        ck_assert_int_eq(killable()->ask("SELECT count(*) FROM information_schema.innodb_trx"), 0);
    } else {
        ck_assert_int_eq(killable()->ask("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' "
                                         "AND pid <> pg_backend_pid() AND state <> 'idle'"),
                         0);
        ck_assert_int_eq(killable()->ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0);
    }
    house_leave();
    proxy_stop(between);
    ck_assert_int_eq(outcome_faults("interrupts"), 0);
}
END_TEST

/* ---- no descriptors ---------------------------------------------------------------------------------------------- */

static hc_status open_another(hc_error *err)
{
    hc_health health = HC_HEALTH_INIT;
    hc_client_options options;
    hc_client *client = NULL;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, err);
    ck_assert(status >= 0 || client == NULL);
    if (status >= 0)
        status = hc_client_health(client, &health, err);
    hc_client_close(client);
    return status;
}

/* S43: each descriptor that a connection takes may be the one too many; who has a client goes on with it. */
START_TEST(a_client_without_descriptors_says_so_and_goes_on_with_them)
{
    int64_t until = killable_micros() + 60 * HOUSE_SECOND;
    hc_status status = HC_ERR_IO;
    hc_error err;
    int left = 0;

    open_house(2);
    ck_assert_int_eq(try_unit(&err), HC_OK);
    for (; status < 0 && left < 100; left++) {
        err = (hc_error){0};
        leave_descriptors(left);
        status = open_another(&err);
        leave_descriptors(-1);
        ck_assert_msg(status >= 0 || ((status == HC_ERR_IO || status == HC_ERR_UNAVAILABLE) && err.status == status),
                      "%d left: %s %s", left, hc_status_name(status), err.message);
        HOUSE_OK(open_another(err));
    }
    ck_assert(left > 1 && left < 100);
    printf("no descriptors: a client of %s that looks whether it is there takes %d\n", killable()->name, left - 1);
    killable()->end_sessions();
    while (dup(STDERR_FILENO) < 4)
        continue;
    allow_descriptors(4); /* nor may what is closed be opened again */
    status = try_unit(&err);
    leave_descriptors(-1);
    ck_assert_int_eq(status, HC_ERR_UNAVAILABLE);
    while (try_unit(&err) < 0 && killable_micros() < until)
        usleep(20000);
    ck_assert_msg(try_unit(&err) == HC_OK, "%s", err.message);
    ck_assert_int_eq(outcome_faults("no descriptors"), 0);
}
END_TEST

/* ---- what it must find ------------------------------------------------------------------------------------------- */

START_TEST(the_harness_finds_a_deadlock_that_reaches_the_caller)
{
    ck_assert(suite_finds("no-rerun", "no_deadlock_reaches_the_caller", "HC_ERR_BUSY"));
}
END_TEST

START_TEST(the_harness_finds_a_storm)
{
    ck_assert(suite_finds("storms", "who_is_refused_does_not_storm", " connections in "));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, the_harness_finds_a_deadlock_that_reaches_the_caller);
    tcase_add_test(tcase, the_harness_finds_a_storm);
    tcase_add_test(tcase, sessions_that_are_ended_lose_nothing);
    tcase_add_test(tcase, a_server_that_became_read_only_is_unavailable_for_writes);
    tcase_add_test(tcase, an_empty_database_of_a_read_only_server_is_unavailable);
    tcase_add_test(tcase, a_statement_that_is_void_is_prepared_again);
    tcase_add_test(tcase, a_full_disk_is_told_and_forgotten);
    tcase_add_test(tcase, who_is_refused_does_not_storm);
    tcase_add_test(tcase, no_deadlock_reaches_the_caller);
    tcase_add_test(tcase, an_interrupt_at_any_moment_is_told_as_it_is);
    tcase_add_test(tcase, a_client_without_descriptors_says_so_and_goes_on_with_them);
}

int main(void)
{
    return suite_main("fault.server_refuses", fill, NULL, teardown);
}
