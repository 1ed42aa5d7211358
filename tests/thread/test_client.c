/* One client, many threads: nothing is lost, nothing deadlocks, and closing waits for who is still inside. Built with
 * ThreadSanitizer by ./tests/run. */
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "house.h"

#define THREADS     8
#define ROUNDS      25 /* increments that each thread gets acknowledged */
#define LONG_ROUNDS 1000
#define START_PRICE 100000

static hc_id shared;
static char token[8192];
static atomic_int conflicts, reads;
static int rounds;

static hc_session *session_of_ana(void)
{
    hc_session *out = NULL;

    HOUSE_OK(hc_session_open(&out, house.client, token, strlen(token), "192.0.2.1", err));
    return out;
}

/* Reads the shared listing, adds one cent, and again when somebody was quicker. */
static void increment(hc_session *as)
{
    for (;;) {
        hc_property *home = house_read(as, shared), *edit = hc_property_edit(home);
        hc_error err = {0};
        hc_status status;

        hc_property_set_price(edit, hc_property_price(home) + 1);
        status = hc_property_update(NULL, as, edit, &err);
        hc_property_free(edit);
        hc_property_free(home);
        if (status == HC_OK)
            return;
        ck_assert_msg(status == HC_ERR_CONFLICT && err.detail > 1, "%s: %s", hc_status_name(status), err.message);
        atomic_fetch_add(&conflicts, 1);
    }
}

static hc_status two_together(hc_session *as, void *data, hc_error *err)
{
    const char *title = data;
    hc_status status = HC_OK;

    for (int i = 0; status >= 0 && i < 2; i++) {
        hc_property *home = house_sketch(title, 100);
        hc_id id;

        status = hc_property_create(&id, as, home, err);
        hc_property_free(home);
    }
    return status;
}

static void look_around(hc_session *as)
{
    hc_query *query;
    hc_property_page *page;

    HOUSE_OK(hc_query_parse(&query, house.client, "city eq 'Austin' and price ge 1", "price", err));
    HOUSE_OK(hc_property_list(&page, as, query, err));
    ck_assert_uint_ge(hc_property_page_count(page), 1);
    atomic_fetch_add(&reads, (int)hc_property_page_count(page));
    hc_property_page_free(page);
    hc_query_free(query);
}

static void *work(void *data)
{
    int number = *(const int *)data;
    hc_session *as = session_of_ana();
    char title[40];

    for (int i = 0; i < rounds; i++) {
        increment(as);
        if (i % 5 == number % 5)
            look_around(as);
        if (i % 10 == number) {
            snprintf(title, sizeof title, "pair %d of thread %d", i, number);
            HOUSE_OK(hc_session_transact(as, two_together, title, err));
        }
        if (i % 10 == 9) { /* another session of the same user comes and goes */
            hc_session *login = house_login("bea@example.com", HOUSE_PASSWORD);

            look_around(login);
            HOUSE_OK(hc_auth_logout(login, err));
            hc_session_free(login);
        }
    }
    hc_session_free(as);
    return NULL;
}

/* S12 */
START_TEST(threads_that_share_a_client_lose_no_update)
{
    const char *asked = getenv("HC_LONG");
    pthread_t threads[THREADS];
    int numbers[THREADS];
    hc_property *home;

    rounds = asked != NULL && strcmp(asked, "1") == 0 ? LONG_ROUNDS : ROUNDS;
    shared = house_list_home(house.ana, "Everybody's", START_PRICE);
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    home = house_read(house.ana, shared);
    ck_assert_int_eq(hc_property_version(home), 1 + THREADS * rounds);
    ck_assert_int_eq(hc_property_price(home), START_PRICE + THREADS * rounds);
    hc_property_free(home);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM (SELECT 1 FROM properties WHERE title GLOB 'pair *' GROUP BY title HAVING"
                  " count(*)<>2)"),
        0);
    ck_assert_int_gt(atomic_load(&conflicts), 0);
    printf("threads: %d, %d updates, %d conflicts, %d rows read\n", THREADS, THREADS * rounds, atomic_load(&conflicts),
           atomic_load(&reads));
}
END_TEST

static atomic_int inside;

static void *read_until_closed(void *data)
{
    hc_session *as = data;
    hc_error err = {0};
    hc_status status = HC_OK;

    while (status >= 0) {
        hc_property *home;

        status = hc_property_get(&home, as, shared, &err);
        hc_property_free(home);
        atomic_fetch_add(&inside, 1);
    }
    ck_assert_msg(status == HC_ERR_CLOSED, "%s: %s", hc_status_name(status), err.message);
    return NULL;
}

/* S11 */
START_TEST(closing_waits_for_calls_in_flight_and_refuses_the_next)
{
    pthread_t threads[4];
    hc_session *sessions[4];
    hc_client *client = house.client;

    shared = house.anas_ids[0];
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    for (int i = 0; i < 4; i++) {
        sessions[i] = session_of_ana();
        ck_assert_int_eq(pthread_create(&threads[i], NULL, read_until_closed, sessions[i]), 0);
    }
    while (atomic_load(&inside) < 100)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    house.client = NULL;
    hc_client_close(client);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        hc_session_free(sessions[i]);
    }
}
END_TEST

static void *sleep_then_interrupt(void *data)
{
    nanosleep(&(struct timespec){0, 2000000}, NULL);
    hc_session_interrupt(data);
    return NULL;
}

START_TEST(a_session_is_interrupted_from_another_thread)
{
    hc_error err = {0};
    hc_status status = HC_OK;
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, sleep_then_interrupt, house.bea), 0);
    while (status >= 0) {
        hc_property_page *page;

        status = hc_property_list(&page, house.bea, NULL, &err);
        hc_property_page_free(page);
    }
    ck_assert_msg(status == HC_ERR_CANCELLED, "%s: %s", hc_status_name(status), err.message);
    pthread_join(thread, NULL);
    look_around(house.bea); /* one interrupt ends one call */
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, threads_that_share_a_client_lose_no_update);
    tcase_add_test(tcase, closing_waits_for_calls_in_flight_and_refuses_the_next);
    tcase_add_test(tcase, a_session_is_interrupted_from_another_thread);
}

int main(void)
{
    return suite_main("thread.client", fill, house_open, house_close);
}
