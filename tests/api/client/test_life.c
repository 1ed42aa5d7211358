/* The life of a client: health, migration, background work, close, and forks. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "house.h"

/* ---- health ---- */

START_TEST(health_tells_of_store_and_pool)
{
    hc_health health = HC_HEALTH_INIT;

    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_int_eq(health.reachable, 1);
    ck_assert_int_ge(health.schema_version, 1);
    ck_assert_int_eq(health.pool_size, 8);
    ck_assert_int_eq(health.pool_in_use, 0);
    ck_assert_int_eq(health.pool_waiting, 0);
    ck_assert_ptr_nonnull(strstr(health.engine, house_is_a_file() ? "sqlite 3." : house_engine()));
}
END_TEST

/* H04: an older host's struct is filled as far as it goes. */
START_TEST(health_fills_what_the_host_knows)
{
    hc_health health = HC_HEALTH_INIT;

    health.struct_size = offsetof(hc_health, pool_in_use);
    health.pool_in_use = health.pool_waiting = 77;
    memset(health.engine, 'e', sizeof health.engine);
    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_uint_eq(health.struct_size, offsetof(hc_health, pool_in_use));
    ck_assert_int_eq(health.reachable, 1);
    ck_assert_int_eq(health.pool_in_use, 77);
    ck_assert_int_eq(health.engine[0], 'e');
    health.struct_size = 0;
    HOUSE_FAILS(hc_client_health(house.client, &health, err), HC_ERR_INVALID, "health");
    HOUSE_FAILS(hc_client_health(house.client, NULL, err), HC_ERR_INVALID, "health");
}
END_TEST

static hc_status look_at_pool(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    return hc_client_health(house.client, data, err);
}

START_TEST(health_counts_a_unit_of_work)
{
    hc_health health = HC_HEALTH_INIT;

    HOUSE_OK(hc_session_transact(house.ana, look_at_pool, &health, err));
    ck_assert_int_eq(health.pool_in_use, 1);
    HOUSE_OK(hc_client_health(house.client, &health, err));
    ck_assert_int_eq(health.pool_in_use, 0);
}
END_TEST

/* ---- migration ---- */

START_TEST(a_store_is_migrated_once)
{
    snapshot before;

    if (house_is_a_pair()) /* its collections are brought up to date by who needs them first */
        HOUSE_OK(hc_client_migrate(house.client, err));
    before = house_snapshot();
    ck_assert_int_eq(hc_client_migrate(house.client, NULL), HC_NOTE_SAME);
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(a_host_may_migrate_itself)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *system = NULL;
    hc_property *home = NULL;
    hc_health health = HC_HEALTH_INIT;
    char uri[640];

    house_beside(uri, sizeof uri);
    house_options(&options);
    options.storage_uri = uri;
    options.migrate = HC_MIGRATE_CHECK;
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_SCHEMA, "storage_uri");
    ck_assert(strncmp(uri, "sqlite:", 7) != 0 || access(uri + 7, F_OK) != 0); /* to look makes nothing */
    options.migrate = HC_MIGRATE_NEVER;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_client_health(client, &health, err));
    ck_assert_int_eq(health.schema_version, 0);
    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_FAILS(hc_property_get(&home, system, house.anas_ids[0], err), HC_ERR_SCHEMA, "storage_uri");
    HOUSE_FAILS(hc_client_run(client, 1000000, NULL, err), HC_ERR_SCHEMA, "storage_uri");
    ck_assert_int_eq(hc_client_migrate(client, NULL), HC_OK);
    ck_assert_int_eq(hc_client_migrate(client, NULL), HC_NOTE_SAME);
    HOUSE_FAILS(hc_property_get(&home, system, house.anas_ids[0], err), HC_ERR_NOT_FOUND, "id");
    hc_session_free(system);
    hc_client_close(client);
    options.migrate = HC_MIGRATE_CHECK;
    HOUSE_OK(hc_client_open(&client, &options, err));
    hc_client_close(client);
}
END_TEST

struct opener {
    pthread_t thread;
    hc_client *client;
    hc_status status;
    const char *uri;
};

static void *open_one(void *data)
{
    struct opener *opener = data;
    hc_client_options options;

    house_options(&options);
    options.storage_uri = opener->uri;
    opener->status = hc_client_open(&opener->client, &options, NULL);
    return NULL;
}

START_TEST(eight_may_open_a_new_store_at_once)
{
    struct opener openers[8];
    char uri[640];

    house_beside(uri, sizeof uri);
    for (size_t i = 0; i < 8; i++) {
        openers[i].uri = uri;
        ck_assert_int_eq(pthread_create(&openers[i].thread, NULL, open_one, &openers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(openers[i].thread, NULL);
        ck_assert_msg(openers[i].status == HC_OK, "%s", hc_status_name(openers[i].status));
        hc_client_close(openers[i].client);
    }
}
END_TEST

/* ---- background work ---- */

static hc_status create_once(const char *key, const char *title, hc_id *id)
{
    hc_property *home = house_sketch(title, 40000000);
    hc_status status;

    HOUSE_OK(hc_session_set_idempotency_key(house.ana, key, err));
    status = hc_property_create(id, house.ana, home, NULL);
    hc_property_free(home);
    house_count(1);
    return status;
}

/* How many rows upkeep swept; on a server it also numbers and seals what was written, so there the rows tell. */
static void swept(int64_t in_a_file, int64_t keys)
{
    int64_t done = -1;

    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, &done, err));
    if (house_is_a_file())
        ck_assert_int_eq(done, in_a_file);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys WHERE key IS NOT NULL"), keys);
}

/* P14: keys live for 24 hours. */
START_TEST(old_keys_and_sign_ins_are_swept)
{
    hc_id first, second;

    ck_assert_int_eq(create_once("monday", "A home", &first), HC_OK);
    swept(0, 1);
    house_pass(HOUSE_DAY);
    swept(0, 1);
    ck_assert_int_eq(create_once("monday", "A home", &second), HC_NOTE_REPLAYED);
    house_pass(1);
    swept(1, 0);
    ck_assert_int_eq(create_once("monday", "A home", &second), HC_OK);
    ck_assert(memcmp(&first, &second, sizeof first) != 0);
    house_pass(68 * HOUSE_DAY);
    swept(5, 0); /* the key, and four sign-ins */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM sessions"), 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys"), 0);
}
END_TEST

START_TEST(a_budget_is_a_time)
{
    int64_t done = 5;

    HOUSE_OK(hc_client_run(house.client, 0, &done, err));
    ck_assert_int_eq(done, 0);
    HOUSE_OK(hc_client_run(house.client, 1, NULL, err));
    HOUSE_FAILS(hc_client_run(house.client, -1, &done, err), HC_ERR_INVALID, "budget");
    HOUSE_FAILS(hc_client_run(house.client, INT64_MAX, &done, err), HC_ERR_INVALID, "budget");
}
END_TEST

/* ---- close ---- */

/* H04: what the host holds stays readable, what it asks for is refused, and freeing is fine in any order. */
START_TEST(after_close_objects_are_read_and_freed)
{
    hc_property_page *page = NULL, *next = NULL;
    hc_property *home = NULL, *edit;
    hc_query *query = NULL;
    hc_text *json = NULL;
    hc_session *as = NULL;
    hc_id id;
    hc_login login = HC_LOGIN_INIT;

    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin'", "price", err));
    HOUSE_OK(hc_property_list(&page, house.guest, query, err));
    edit = hc_property_edit(house.anas_home);
    hc_property_set_price(edit, 1000000);
    hc_client_close(house.client);
    house.client = NULL;
    ck_assert_int_eq(hc_property_price(house.anas_home), 48900000);
    ck_assert_str_eq(hc_property_title(hc_property_page_at(page, 0)), "House with a red door");
    HOUSE_OK(hc_property_to_json(&json, house.anas_home, err));
    ck_assert_int_eq(hc_session_role(house.ana), HC_ROLE_AGENT);
    ck_assert_ptr_nonnull(hc_session_token(house.ana));
    HOUSE_FAILS(hc_property_get(&home, house.ana, house.anas_ids[0], err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_property_list(&next, house.ana, query, err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_property_update(NULL, house.ana, edit, err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_property_create(&id, house.ana, edit, err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_auth_login(&as, house.guest, &login, err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_auth_logout(house.ana, err), HC_ERR_CLOSED, "");
    HOUSE_FAILS(hc_session_transact(house.ana, look_at_pool, NULL, err), HC_ERR_CLOSED, "");
    hc_session_interrupt(house.ana);
    hc_text_free(json);
    hc_property_page_free(page);
    hc_property_free(edit);
    hc_query_free(query);
}
END_TEST

static hc_status close_inside(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status;

    (void)data;
    hc_client_close(house.client); /* to wait for the call would be to wait for itself */
    hc_session_free(as);
    status = hc_property_get(&home, as, house.anas_ids[0], err);
    hc_property_free(home);
    return status;
}

/* H05 */
START_TEST(a_call_does_not_close_its_own_client)
{
    hc_property *home = NULL;

    HOUSE_OK(hc_session_transact(house.ana, close_inside, NULL, err));
    HOUSE_OK(hc_property_get(&home, house.ana, house.anas_ids[0], err));
    hc_property_free(home);
}
END_TEST

/* ---- forks ---- */

/* Runs `child` in a fork, with _exit(0) when it returns true. */
static void in_child(bool (*child)(void))
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0)
        _exit(child() ? 0 : 1);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with %d", status);
}

static hc_status nothing(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    (void)err;
    return HC_OK;
}

static bool use_everything(void)
{
    hc_property *home = NULL;
    hc_health health = HC_HEALTH_INIT;
    hc_session *as = NULL;
    hc_login login = HC_LOGIN_INIT;
    hc_id id;
    bool forked = true;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    forked &= hc_property_get(&home, house.ana, house.anas_ids[0], NULL) == HC_ERR_FORKED;
    home = house_sketch("A home", 100);
    forked &= hc_property_create(&id, house.ana, home, NULL) == HC_ERR_FORKED;
    hc_property_free(home);
    forked &= hc_auth_login(&as, house.guest, &login, NULL) == HC_ERR_FORKED;
    forked &= hc_auth_logout(house.ana, NULL) == HC_ERR_FORKED;
    forked &= hc_session_guest(&as, house.client, NULL, NULL) == HC_ERR_FORKED;
    forked &= hc_session_transact(house.ana, nothing, NULL, NULL) == HC_ERR_FORKED;
    forked &= hc_client_health(house.client, &health, NULL) == HC_ERR_FORKED;
    forked &= hc_client_run(house.client, 1, NULL, NULL) == HC_ERR_FORKED;
    forked &= hc_client_migrate(house.client, NULL) == HC_ERR_FORKED;
    forked &= hc_property_price(house.anas_home) == 48900000;
    return forked;
}

static bool close_everything(void)
{
    bool forked = use_everything();

    house_leave();
    return forked;
}

/* S10 */
START_TEST(a_child_may_not_use_its_parents_client)
{
    snapshot before = house_snapshot();
    hc_property *home = NULL;

    in_child(use_everything);
    in_child(close_everything);
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_property_get(&home, house.ana, house.anas_ids[0], err));
    hc_property_free(home);
    house_list_home(house.ana, "A home after the forks", 100);
    if (house_is_a_file())
        ck_assert_int_eq(house_sql("PRAGMA integrity_check"), 0); /* "ok" is no number */
}
END_TEST

static hc_status opens_one(void)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_status status;

    house_options(&options);
    status = hc_client_open(&client, &options, NULL);
    hc_client_close(client);
    return status;
}

/* A file may not be opened again; a server has nothing to do with the parent. */
static bool opens_as_it_may(void)
{
    hc_status want = house_is_a_file() ? HC_ERR_FORKED : HC_OK;
    bool right = opens_one() == want;

    house_leave(); /* which does not make it better: the engine has no locks in this process */
    return right && opens_one() == want;
}

static bool may_open(void)
{
    return opens_one() == HC_OK;
}

/* S10: what a child would write beside its parent's locks would be lost when the parent closes. */
START_TEST(a_child_opens_what_its_parent_had_not)
{
    snapshot before = house_snapshot();

    in_child(opens_as_it_may);
    house_assert_unchanged_since(before);
    house_leave();
    in_child(may_open);
    house_client();
}
END_TEST

/* What left by the sockets that this process has, whoever sent it: a child shares them. */
static int64_t bytes_sent(void)
{
    int64_t sum = 0;

    for (int fd = 3; fd < 256; fd++) {
        struct tcp_info info;
        socklen_t size = sizeof info;

        memset(&info, 0, sizeof info);
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
            sum += (int64_t)(info.tcpi_bytes_sent - info.tcpi_bytes_retrans);
    }
    return sum;
}

/* What this process gave to write(2) and its like; -1: it is not told. */
static int64_t bytes_written(void)
{
    FILE *counts = fopen("/proc/self/io", "r");
    char line[100];
    int64_t bytes = -1;

    while (counts != NULL && fgets(line, sizeof line, counts) != NULL)
        if (strncmp(line, "wchar:", 6) == 0)
            bytes = strtoll(line + 6, NULL, 10);
    if (counts != NULL)
        fclose(counts);
    return bytes;
}

static bool close_in_silence(void)
{
    int64_t written = bytes_written();
    bool forked = close_everything();

    return forked && written >= 0 && bytes_written() == written;
}

START_TEST(the_harness_finds_a_client_that_serves_any_process)
{
    ck_assert(suite_finds("anybodys-client", "a_child_may_not_use_its_parents_client", "the child ended with"));
}
END_TEST

#define FORKS_OF_A_UNIT 20 /* which has a deadline */

static int units(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? 50 : 5;
}

static hc_status fork_inside(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = house_sketch("A home across forks", 100);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    (void)data;
    hc_property_free(home);
    for (int i = 0; i < FORKS_OF_A_UNIT && status >= 0; i++) {
        int64_t sent = bytes_sent();

        in_child(close_in_silence);
        ck_assert_int_eq(bytes_sent(), sent);
        ck_assert_int_gt(house_is_a_file() ? bytes_written() : sent, 0);
    }
    return status;
}

/* S10: the parent is in a transaction, and keeps its locks and its place in what it says to a server. */
START_TEST(a_child_of_a_unit_leaves_it_alone)
{
    for (int i = 0; i < units(); i++)
        HOUSE_OK(hc_session_transact(house.ana, fork_inside, NULL, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A home across forks'"), units());
    printf("forks: %d inside of units of work, 0 bytes written or sent by the children\n", units() * FORKS_OF_A_UNIT);
}
END_TEST

static int talker; /* a socket that somebody listens to */

static bool says_a_byte(void)
{
    int64_t written = bytes_written();

    return write(talker, "x", 1) == 1 && bytes_written() == written + 1;
}

START_TEST(the_counts_find_a_byte_of_a_child)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int64_t sent;

    ck_assert_int_eq(bind(listener, (struct sockaddr *)&at, size), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&at, &size), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    talker = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(talker, (struct sockaddr *)&at, size), 0);
    sent = bytes_sent();
    in_child(says_a_byte);
    ck_assert_int_eq(bytes_sent(), sent + 1);
    close(talker);
    close(listener);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, health_tells_of_store_and_pool);
    tcase_add_test(tcase, health_fills_what_the_host_knows);
    tcase_add_test(tcase, health_counts_a_unit_of_work);
    tcase_add_test(tcase, a_store_is_migrated_once);
    tcase_add_test(tcase, a_host_may_migrate_itself);
    tcase_add_test(tcase, eight_may_open_a_new_store_at_once);
    tcase_add_test(tcase, old_keys_and_sign_ins_are_swept);
    tcase_add_test(tcase, a_budget_is_a_time);
    tcase_add_test(tcase, after_close_objects_are_read_and_freed);
    tcase_add_test(tcase, a_call_does_not_close_its_own_client);
    tcase_add_test(tcase, a_child_may_not_use_its_parents_client);
    if (house_is_a_file()) /* each engine would say the same */
        tcase_add_test(tcase, the_harness_finds_a_client_that_serves_any_process);
    tcase_add_test(tcase, a_child_opens_what_its_parent_had_not);
    tcase_add_test(tcase, a_child_of_a_unit_leaves_it_alone);
    tcase_add_test(tcase, the_counts_find_a_byte_of_a_child);
}

int main(void)
{
    return suite_main("api.client.life", fill, house_open, house_close);
}
