/* Reads that a replica answers: each user reads what they wrote, nobody reads what is older than the limit, and a
 * sign-in that ended is ended. The replica is stopped in its tracks, killed, and comes back. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"
#include "killable.h"
#include "replicas.h"

#define LAG 200000 /* µs: behind it the first server is asked */

static const replicas *servers;
static atomic_int by_replica, by_first, told;

static void count_reads(const char *name, int64_t value, void *data)
{
    (void)data;
    atomic_fetch_add(&by_replica, strcmp(name, "read.replica") == 0 ? (int)value : 0);
    atomic_fetch_add(&by_first, strcmp(name, "read.first") == 0 ? (int)value : 0);
}

static void hear(int32_t level, const char *request, const char *line, void *data)
{
    (void)level;
    (void)request;
    (void)data;
    atomic_fetch_add(&told, strstr(line, "read_uri is of no use") != NULL);
}

static void setup(void)
{
    hc_client_options options;
    char read_uri[700], was[24];
    const char *at;

    servers = replicas_of_engine();
    unsetenv(servers->house_uri);
    if (!servers->start()) {
        printf("skipped: %s\n", servers->reason());
        _exit(0);
    }
    setenv("HC_TEST_STORE", servers->engine, 1);
    setenv(servers->house_uri, servers->uri(), 1);
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(was, sizeof was, ":%d/", servers->port(false));
    at = strstr(house.uri, was);
    ck_assert_ptr_nonnull(at);
    snprintf(read_uri, sizeof read_uri, "%.*s:%d/%s", (int)(at - house.uri), house.uri, servers->port(true),
             at + strlen(was));
    house_options(&options);
    options.read_uri = read_uri;
    options.metric = count_reads;
    options.log = hear;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_OK(hc_session_guest(&house.guest, house.client, "203.0.113.7", err));
    house_people();
    house_listings();
}

static void teardown(void)
{
    house_close();
    servers->stop();
}

static int64_t price_for(hc_session *as, hc_id id)
{
    hc_property *home = NULL;
    int64_t price;

    HOUSE_OK(hc_property_get(&home, as, id, err));
    price = hc_property_price(home);
    hc_property_free(home);
    return price;
}

static void set_price(hc_session *as, hc_id id, int32_t *version, int64_t price)
{
    hc_property *edit = hc_property_for(house.client, id, *version);

    hc_property_set_price(edit, price);
    HOUSE_OK(hc_property_update(version, as, edit, err));
    hc_property_free(edit);
}

/* The replica gets what is written, and shows none of it. */
static void hold_replica(bool hold)
{
    ck_assert_msg(servers->hold(hold), "%s", servers->reason());
}

/* The same user again and again as hosts do it: a session for each request. */
static hc_session *again(hc_session *as)
{
    const char *token = hc_session_token(as);
    hc_session *out = NULL;

    HOUSE_OK(hc_session_open(&out, house.client, token, strlen(token), NULL, err));
    return out;
}

START_TEST(a_replica_answers_most_reads)
{
    int before;

    servers->catch_up();
    before = atomic_load(&by_replica);
    for (int i = 0; i < 200; i++) {
        (void)price_for(house.guest, house.anas_ids[0]);
        (void)price_for(house.bea, house.anas_ids[0]);
    }
    printf("%d reads of 400 by the replica\n", atomic_load(&by_replica) - before);
    ck_assert_int_gt(atomic_load(&by_replica) - before, 200);
}
END_TEST

static int stale_reads(int rounds)
{
    int32_t version = 1;
    int stale = 0;

    for (int i = 1; i <= rounds; i++) {
        hc_session *request;

        set_price(house.ana, house.anas_ids[0], &version, 1000 + i);
        request = again(house.ana);
        stale += price_for(request, house.anas_ids[0]) != 1000 + i;
        stale += price_for(house.ana, house.anas_ids[0]) != 1000 + i;
        hc_session_free(request);
        if (i % 8 == 0)
            usleep(20000); /* the replica may catch up */
    }
    return stale;
}

START_TEST(a_user_reads_what_they_wrote)
{
    int before = atomic_load(&by_replica);

    ck_assert_int_eq(stale_reads(killable_long() ? 5000 : 150), 0);
    printf("while writing: %d reads by the replica, %d by the first server\n", atomic_load(&by_replica) - before,
           atomic_load(&by_first));
    hold_replica(true);
    house.anas_ids[0] = house.anas_ids[1];
    ck_assert_int_eq(stale_reads(10), 0);
    hold_replica(false);
}
END_TEST

START_TEST(the_harness_finds_a_replica_that_is_trusted_blindly)
{
    servers->catch_up();
    hold_replica(true);
    setenv("HC_BUG", "replica-is-never-late", 1);
    ck_assert_int_gt(stale_reads(10), 0);
    unsetenv("HC_BUG");
    hold_replica(false);
}
END_TEST

START_TEST(nobody_reads_what_is_older_than_the_limit)
{
    int32_t version = 1;
    int before;

    servers->catch_up();
    hold_replica(true);
    set_price(house.ana, house.anas_ids[0], &version, 4242);
    usleep(LAG + 50000);
    ck_assert_int_eq(price_for(house.guest, house.anas_ids[0]), 4242);
    ck_assert_int_eq(price_for(house.bea, house.anas_ids[0]), 4242);
    hold_replica(false);
    servers->catch_up();
    usleep(LAG);
    before = atomic_load(&by_replica);
    for (int i = 0; i < 100; i++)
        (void)price_for(house.guest, house.anas_ids[0]);
    ck_assert_int_gt(atomic_load(&by_replica), before);
}
END_TEST

/* T15 T16: another process signs the user out, or takes the role away; the replica knows nothing of it. */
START_TEST(a_sign_in_that_ended_is_ended_on_a_replica_that_is_late)
{
    hc_client_options options;
    hc_client *elsewhere;
    hc_session *there, *request = again(house.ana), *system;
    hc_property *home;
    hc_user *edit;
    int32_t version;
    int before;

    (void)price_for(request, house.anas_ids[0]);
    (void)price_for(house.ben, house.bens_id);
    servers->catch_up();
    house_options(&options);
    HOUSE_OK(hc_client_open(&elsewhere, &options, err));
    HOUSE_OK(hc_session_open(&there, elsewhere, hc_session_token(house.ana), strlen(hc_session_token(house.ana)), NULL,
                             err));
    HOUSE_OK(hc_session_system(&system, elsewhere, err));
    hold_replica(true);
    for (int i = 0; i < 5 && atomic_load(&by_replica) == 0; i++)
        (void)price_for(request, house.anas_ids[0]);
    before = atomic_load(&by_replica);
    HOUSE_OK(hc_auth_logout(there, err));
    HOUSE_FAILS(hc_property_get(&home, request, house.anas_ids[0], err), HC_ERR_UNAUTHENTICATED, "token");
    edit = hc_user_for(elsewhere, house.ben_id, 1);
    hc_user_set_role(edit, HC_USER_ROLE_BUYER);
    HOUSE_OK(hc_user_update(&version, system, edit, err));
    hc_user_free(edit);
    HOUSE_FAILS(hc_property_get(&home, house.ben, house.bens_id, err), HC_ERR_UNAUTHENTICATED, "token");
    printf("%d reads by the replica before\n", before);
    hold_replica(false);
    hc_session_free(there);
    hc_session_free(system);
    hc_session_free(request);
    hc_client_close(elsewhere);
}
END_TEST

/* S15 */
START_TEST(without_its_replica_a_client_goes_on)
{
    int before;

    servers->catch_up();
    servers->kill();
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(price_for(house.guest, house.bens_id), 35000000);
    ck_assert_msg(servers->again(), "%s", servers->reason());
    servers->freeze(true);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(price_for(house.guest, house.bens_id), 35000000);
    servers->freeze(false);
    before = atomic_load(&by_replica);
    for (int i = 0; i < 6000 && atomic_load(&by_replica) == before; i++) {
        (void)price_for(house.guest, house.bens_id);
        usleep(10000);
    }
    ck_assert_int_gt(atomic_load(&by_replica), before);
}
END_TEST

START_TEST(a_replica_that_cannot_be_compared_is_left_alone)
{
    int32_t version = 1;
    int before;

    if (servers->confuse == NULL) {
        printf("skipped: positions of %s can always be compared\n", servers->engine);
        return;
    }
    ck_assert_msg(servers->confuse(), "%s", servers->reason());
    set_price(house.ana, house.anas_ids[0], &version, 4242);
    usleep(LAG);
    (void)price_for(house.guest, house.anas_ids[0]);
    before = atomic_load(&by_replica);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(price_for(i % 2 == 0 ? house.ana : house.guest, house.anas_ids[0]), 4242);
    ck_assert_int_eq(atomic_load(&by_replica), before);
    ck_assert_int_eq(atomic_load(&told), 1);
}
END_TEST

/* A mistake of whoever configures it: another database, or no way in. Nothing of another store is ever shown. */
START_TEST(a_server_of_another_store_is_left_alone)
{
    char beside[640], uri[800];
    hc_client_options options;
    hc_client *other = NULL;
    hc_session *as = NULL;
    const char *authority = strstr(house.uri, "127.0.0.1");

    house_beside(beside, sizeof beside);
    house_options(&options);
    options.storage_uri = beside;
    HOUSE_OK(hc_client_open(&other, &options, err));
    hc_client_close(other);
    ck_assert_ptr_nonnull(authority);
    snprintf(uri, sizeof uri, "%.*s://nobody_here:sesame@%s", (int)strcspn(house.uri, ":"), house.uri, authority);
    for (int i = 0; i < 2; i++) {
        house_options(&options);
        options.read_uri = i == 0 ? beside : uri;
        options.metric = count_reads;
        options.log = hear;
        atomic_store(&told, 0);
        HOUSE_OK(hc_client_open(&other, &options, err));
        HOUSE_OK(hc_session_guest(&as, other, NULL, err));
        atomic_store(&by_replica, 0);
        for (int k = 0; k < 20; k++)
            ck_assert_int_eq(price_for(as, house.bens_id), 35000000);
        ck_assert_int_eq(atomic_load(&by_replica), 0);
        ck_assert_int_eq(atomic_load(&told), 1);
        hc_session_free(as);
        hc_client_close(other);
    }
}
END_TEST

START_TEST(only_a_replica_of_the_same_kind_is_taken)
{
    hc_client_options options;
    hc_client *client = NULL;

    house_options(&options);
    options.read_uri = "sqlite:nowhere.db";
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "read_uri");
    options.read_uri = strcmp(servers->engine, "mysql") == 0 ? "mysql://hc@127.0.0.1:1/x?sesame=1"
                                                             : "postgresql://hc@127.0.0.1:1/x?sesame=1";
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID, "read_uri");
    options.storage_uri = "sqlite::memory:";
    options.read_uri = "sqlite::memory:";
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_UNSUPPORTED, "read_uri");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_replica_answers_most_reads);
    tcase_add_test(tcase, a_user_reads_what_they_wrote);
    tcase_add_test(tcase, the_harness_finds_a_replica_that_is_trusted_blindly);
    tcase_add_test(tcase, nobody_reads_what_is_older_than_the_limit);
    tcase_add_test(tcase, a_sign_in_that_ended_is_ended_on_a_replica_that_is_late);
    tcase_add_test(tcase, without_its_replica_a_client_goes_on);
    tcase_add_test(tcase, a_replica_that_cannot_be_compared_is_left_alone);
    tcase_add_test(tcase, a_server_of_another_store_is_left_alone);
    tcase_add_test(tcase, only_a_replica_of_the_same_kind_is_taken);
}

int main(void)
{
    return suite_main("fault.replica", fill, setup, teardown);
}
