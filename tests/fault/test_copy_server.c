/* Copies to and from a server that is killed: told as unavailable, and gone on with once it is back. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "homeconnect/copy.h"
#include "killable.h"
#include "place.h"

#define KILLS 5

static const killable_engine *server;
static place target;
static int calls; /* of progress until the server is killed */

static hc_status kill_at(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    (void)kind;
    (void)of_kind;
    (void)all;
    (void)data;
    if (--calls == 0)
        server->kill();
    return HC_OK;
}

static hc_status copy(hc_copy_counts *counts, hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.batch = 5;
    options.progress = kill_at;
    return hc_copy(counts, house.client, &options, err);
}

static hc_status open_target(hc_client **out, hc_error *err)
{
    hc_client_options options;

    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    return hc_client_open(out, &options, err);
}

static void assert_whole(void)
{
    hc_client *client = NULL;
    hc_session *system = NULL;
    hc_property *home = NULL;

    HOUSE_OK(open_target(&client, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_OK(hc_property_get(&home, system, house.anas_ids[0], err));
    HOUSE_OK(hc_audit_verify(NULL, system, NULL, err));
    hc_property_free(home);
    hc_session_free(system);
    hc_client_close(client);
}

/* The server takes a while to come back; a pool that saw it go waits before it asks again. */
static hc_status until_reachable(hc_copy_counts *counts, hc_error *err)
{
    int64_t until = killable_micros() + 30 * HOUSE_SECOND;
    hc_status status;

    do {
        status = copy(counts, err);
        if (status == HC_ERR_UNAVAILABLE)
            usleep(20000);
    } while (status == HC_ERR_UNAVAILABLE && killable_micros() < until);
    return status;
}

/* House on `from`, copied to `to`; one of them is the server. */
static void kill_on_the_way(const char *from, const char *to, unsigned long long *random)
{
    hc_copy_counts counts;
    int64_t told = 0;

    setenv("HC_TEST_STORE", from, 1);
    house_open();
    for (int i = 0; i < 40; i++)
        house_list_home(house.ana, "One of many", 100 + i);
    place_make(&target, to);
    for (int i = 0; i < KILLS; i++) {
        hc_error err = {0};
        hc_status status;

        calls = 1 + (int)killable_random(random, 24);
        status = copy(&counts, &err);
        ck_assert_msg(status == HC_ERR_UNAVAILABLE, "%s: %s", hc_status_name(status), err.message);
        told += counts.copied;
        ck_assert(server->again());
    }
    calls = 0;
    HOUSE_OK(until_reachable(&counts, err));
    ck_assert_int_ge(counts.same, told); /* what was told is there, and was not written again */
    assert_whole();
    printf("copy: %s to %s, %d kills of the server, %lld rows\n", from, to, KILLS, (long long)counts.total);
    place_drop(&target);
    house_close();
}

/* The whole copy is run again, and writes nothing twice. */
START_TEST(a_copy_outlives_the_server_that_it_goes_to_or_comes_from)
{
    unsigned long long random = killable_seed();

    server = killable();
    if (!killable_start())
        return;
    kill_on_the_way("sqlite", server->name, &random);
    kill_on_the_way(server->name, "sqlite", &random);
    setenv("HC_TEST_STORE", server->name, 1);
    killable_stop();
}
END_TEST

/* Of this seed's kills some end a write; of those of one in five none does. */
START_TEST(the_harness_finds_rows_that_are_told_before_they_are_there)
{
    setenv("HC_SEED", "1", 1);
    ck_assert(
        suite_finds("copy-tells-too-early", "a_copy_outlives_the_server_that_it_goes_to_or_comes_from", "counts.same"));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_copy_outlives_the_server_that_it_goes_to_or_comes_from);
    tcase_add_test(tcase, the_harness_finds_rows_that_are_told_before_they_are_there);
}

int main(void)
{
    return suite_main("fault.copy_server", fill, NULL, NULL);
}
