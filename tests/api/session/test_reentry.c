/* Callbacks that call back, and threads that share what is one thread's: MISUSE, never a hang and never a race. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/import.h"
#include "house.h"

static hc_status read_home(hc_session *as, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, house.anas_ids[0], err);

    hc_property_free(home);
    return status;
}

static hc_status make_home(hc_session *as, hc_error *err)
{
    hc_property *home = house_sketch("A home", 40000000);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    return status;
}

/* ---- hooks that may not call the library ---- */

static struct {
    int calls;
    bool armed;
    hc_client *client;
    hc_session *one, *other; /* of the client */
} hook;

static void call_everything(void)
{
    hc_session *as = NULL;
    hc_health health = HC_HEALTH_INIT;
    hc_error why = {0};

    if (!hook.armed)
        return;
    hook.calls++;
    ck_assert_int_eq(read_home(hook.one, &why), HC_ERR_MISUSE);
    ck_assert_str_ne(why.message, "");
    ck_assert_int_eq(read_home(hook.other, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(make_home(hook.other, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_logout(hook.other, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_session_guest(&as, hook.client, NULL, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_client_health(hook.client, &health, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_client_run(hook.client, 1, NULL, NULL), HC_ERR_MISUSE);
    hc_client_close(hook.client);
}

static void on_log(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)level;
    (void)request_id;
    (void)line;
    (void)data;
    call_everything();
}

static int64_t on_clock(void *data)
{
    (void)data;
    call_everything();
    return house_now();
}

static hc_session *signed_in(const char *email)
{
    hc_session *guest = NULL, *as = NULL;
    hc_login login = HC_LOGIN_INIT;

    login.email = email;
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    HOUSE_OK(hc_session_guest(&guest, hook.client, NULL, err));
    HOUSE_OK(hc_auth_login(&as, guest, &login, err));
    hc_session_free(guest);
    return as;
}

static void with_hooks(hc_log_fn log, int64_t (*now)(void *))
{
    static hc_clock clock;
    hc_client_options options;

    clock = (hc_clock){sizeof clock, now, NULL};
    memset(&hook, 0, sizeof hook);
    house_options(&options);
    options.log = log;
    if (now != NULL)
        options.clock = &clock;
    HOUSE_OK(hc_client_open(&hook.client, &options, err));
    hook.one = signed_in("ana@example.com");
    hook.other = signed_in("ben@example.com");
}

static void without_hooks(void)
{
    hook.armed = false;
    hc_session_free(hook.one);
    hc_session_free(hook.other);
    hc_client_close(hook.client);
}

static hc_status free_oneself(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    hc_session_free(as); /* is kept, and logged */
    return make_home(as, err);
}

/* H05 */
START_TEST(a_log_hook_does_not_call_back)
{
    with_hooks(on_log, NULL);
    hook.armed = true;
    HOUSE_OK(hc_session_transact(hook.one, free_oneself, NULL, err));
    ck_assert_int_ge(hook.calls, 1);
    HOUSE_OK(make_home(hook.one, err));
    without_hooks();
}
END_TEST

/* H05 */
START_TEST(a_clock_does_not_call_back)
{
    with_hooks(NULL, on_clock);
    hook.armed = true;
    HOUSE_OK(make_home(hook.one, err));
    HOUSE_OK(read_home(hook.other, err));
    ck_assert_int_ge(hook.calls, 2);
    without_hooks();
}
END_TEST

/* ---- callbacks that may ---- */

static hc_status during_import(const hc_import_counts *counts, void *data)
{
    hc_session *as = data;

    (void)counts;
    hook.calls++;
    ck_assert_int_eq(read_home(as, NULL), HC_ERR_MISUSE); /* its call is in flight */
    ck_assert_int_eq(hc_auth_logout(as, NULL), HC_ERR_MISUSE);
    hc_session_free(as);
    hc_client_close(house.client);
    HOUSE_OK(read_home(house.bea, err)); /* another's is not */
    HOUSE_OK(make_home(house.ben, err));
    return HC_OK;
}

static const char mapping[] =
    "{\"source_system\":\"test\",\"key\":\"id\",\"fields\":{\"title\":\"id\",\"price\":\"price\","
    "\"address\":{\"const\":\"1 Rd\"},\"city\":{\"const\":\"Austin\"},"
    "\"state\":{\"const\":\"TX\"},\"zip_code\":{\"const\":\"78704\"},"
    "\"property_type\":{\"const\":\"house\"}}}";

/* H05 */
START_TEST(an_imports_progress_calls_others_only)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    char path[400];
    FILE *csv;

    snprintf(path, sizeof path, "%s/rows.csv", house.folder);
    csv = fopen(path, "w");
    fprintf(csv, "id,price\n");
    for (int i = 0; i < 20; i++)
        fprintf(csv, "row %d,%d\n", i, 100000 + i);
    fclose(csv);
    memset(&hook, 0, sizeof hook);
    options.path = path;
    options.mapping = mapping;
    options.format = HC_FORMAT_CSV;
    options.batch = 5;
    options.progress = during_import;
    options.data = house.ana;
    HOUSE_OK(hc_import_run(&counts, house.ana, &options, err));
    ck_assert_int_ge(hook.calls, 4);
    ck_assert_int_eq(counts.created, 20);
    HOUSE_OK(read_home(house.ana, err));
}
END_TEST

static hc_status during_export(const char *bytes, size_t size, void *data, hc_error *err)
{
    hc_session *as = data;

    (void)bytes;
    (void)size;
    hook.calls++;
    ck_assert_int_ge(read_home(as, err), 0); /* each page is a call of its own */
    ck_assert_int_ge(read_home(house.bea, err), 0);
    ck_assert_int_ge(make_home(house.ben, err), 0);
    return HC_OK;
}

/* H05 */
START_TEST(an_exports_writer_calls_what_it_likes)
{
    hc_query *query = NULL;
    int64_t rows = 0;

    memset(&hook, 0, sizeof hook);
    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin'", "price", err));
    HOUSE_OK(hc_export_run(&rows, house.ana, query, HC_FORMAT_JSONL, during_export, house.ana, err));
    ck_assert_int_ge(hook.calls, 1);
    ck_assert_int_ge(rows, 3);
    hc_query_free(query);
}
END_TEST

/* ---- one session, one thread ---- */

static pthread_barrier_t inside, leave;

static hc_status hold(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    pthread_barrier_wait(&inside);
    pthread_barrier_wait(&leave);
    return make_home(as, err);
}

static void *run_unit(void *data)
{
    hc_status *status = data;

    *status = hc_session_transact(house.ana, hold, NULL, NULL);
    return NULL;
}

/* H05 */
START_TEST(a_second_thread_on_a_session_is_misuse)
{
    hc_status status = HC_ERR_INTERNAL;
    int64_t rows = house_sql("SELECT count(*) FROM properties");
    pthread_t thread;

    pthread_barrier_init(&inside, NULL, 2);
    pthread_barrier_init(&leave, NULL, 2);
    ck_assert_int_eq(pthread_create(&thread, NULL, run_unit, &status), 0);
    pthread_barrier_wait(&inside);
    HOUSE_FAILS(read_home(house.ana, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(make_home(house.ana, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_auth_logout(house.ana, err), HC_ERR_MISUSE, "session");
    HOUSE_FAILS(hc_session_transact(house.ana, hold, NULL, err), HC_ERR_MISUSE, "session");
    HOUSE_OK(read_home(house.bea, err)); /* a session of one's own is fine */
    pthread_barrier_wait(&leave);
    pthread_join(thread, NULL);
    ck_assert_int_eq(status, HC_OK);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties"), rows + 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_log_hook_does_not_call_back);
    tcase_add_test(tcase, a_clock_does_not_call_back);
    tcase_add_test(tcase, an_imports_progress_calls_others_only);
    tcase_add_test(tcase, an_exports_writer_calls_what_it_likes);
    tcase_add_test(tcase, a_second_thread_on_a_session_is_misuse);
}

int main(void)
{
    return suite_main("api.session.reentry", fill, house_open, house_close);
}
