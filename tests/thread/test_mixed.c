/* Many threads on one client, each with a session of its own: nothing is lost, nothing goes back in time, and a sign-in
 * that ended is seen by all. Runs under ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "house.h"

#define WRITERS  2
#define THREADS  32
#define SECONDS  3
#define PATIENCE 60 /* seconds in which no call ends: a deadlock */
#define LONG     1000000

static int64_t calls_asked(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? LONG : 1;
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

typedef struct worker {
    pthread_t thread;
    hc_session *as;
    hc_status (*work)(struct worker *worker, hc_error *err);
    int64_t until;
    int64_t done, conflicts;
    int32_t seen; /* version of the shared listing */
    hc_status failed;
    hc_error why;
} worker;

static hc_id shared; /* a listing that all write and read */
static atomic_int_fast64_t written;

static hc_status read_shared(worker *me, hc_error *err)
{
    hc_property *home = NULL;
    int64_t before = atomic_load(&written);
    hc_status status = hc_property_get(&home, me->as, shared, err);

    if (status < 0)
        return status;
    /* what was acknowledged before the read began is in it, and it never goes back */
    if (hc_property_version(home) < 1 + before || hc_property_version(home) < me->seen ||
        hc_property_price(home) != 10000 + hc_property_version(home))
        status = HC_ERR_CORRUPT;
    me->seen = hc_property_version(home);
    hc_property_free(home);
    return status;
}

static hc_status write_shared(worker *me, hc_error *err)
{
    hc_status status = read_shared(me, err);
    hc_property *changes;

    if (status < 0)
        return status;
    changes = hc_property_for(house.client, shared, me->seen);
    hc_property_set_price(changes, 10000 + me->seen + 1);
    status = hc_property_update(NULL, me->as, changes, err);
    hc_property_free(changes);
    if (status == HC_OK)
        atomic_fetch_add(&written, 1);
    me->conflicts += status == HC_ERR_CONFLICT;
    return status == HC_ERR_CONFLICT ? HC_OK : status;
}

static hc_status two_reads(hc_session *as, void *data, hc_error *err)
{
    worker *me = data;
    hc_property *one = NULL, *two = NULL;
    hc_status status = hc_property_get(&one, as, shared, err);

    (void)me;
    if (status >= 0)
        status = hc_property_get(&two, as, shared, err);
    /* On a file it holds the writer; on a server others may commit between its reads. */
    if (status >= 0 && (house.path[0] != '\0' ? hc_property_version(one) != hc_property_version(two)
                                              : hc_property_version(one) > hc_property_version(two)))
        status = HC_ERR_CORRUPT;
    hc_property_free(one);
    hc_property_free(two);
    return status;
}

static hc_status read_in_a_unit(worker *me, hc_error *err)
{
    return hc_session_transact(me->as, two_reads, me, err);
}

static hc_status list_homes(worker *me, hc_error *err)
{
    hc_property_page *page = NULL;
    hc_query *query = NULL;
    hc_status status = hc_query_parse(&query, house.client, "city eq 'Austin' and price ge 1", "price", err);

    if (status >= 0)
        status = hc_property_list(&page, me->as, query, err);
    if (status >= 0 && hc_property_page_count(page) < 3)
        status = HC_ERR_CORRUPT;
    hc_property_page_free(page);
    hc_query_free(query);
    return status;
}

static hc_status in_and_out(worker *me, hc_error *err)
{
    hc_session *as = NULL, *again = NULL;
    hc_property *home = NULL;
    hc_login login = HC_LOGIN_INIT;
    hc_status status;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    status = hc_auth_login(&as, me->as, &login, err);
    if (status == HC_ERR_BUSY)
        return HC_OK; /* no hash slot within two seconds: told so, and retryable */
    if (status >= 0)
        status = hc_session_open(&again, house.client, hc_session_token(as), strlen(hc_session_token(as)), NULL, err);
    if (status >= 0)
        status = hc_auth_logout(as, err);
    if (status >= 0 && hc_property_get(&home, again, shared, NULL) != HC_ERR_UNAUTHENTICATED)
        status = HC_ERR_CORRUPT;
    hc_property_free(home);
    hc_session_free(again);
    hc_session_free(as);
    return status;
}

static hc_status look_after(worker *me, hc_error *err)
{
    hc_health health = HC_HEALTH_INIT;
    hc_status status = hc_client_run(house.client, 1000, NULL, err);

    (void)me;
    return status < 0 ? status : hc_client_health(house.client, &health, err);
}

static hc_status make_once(worker *me, hc_error *err)
{
    hc_property *home = house_sketch("A home of many threads", 40000000);
    hc_status status = hc_session_set_idempotency_key(me->as, "one for all", err);
    hc_id id;

    if (status >= 0)
        status = hc_property_create(&id, me->as, home, err);
    hc_property_free(home);
    return status;
}

/* Relaxed, so that they put nothing of the library's in an order that it does not have by itself. */
static atomic_bool stop;
static atomic_int_fast64_t made;

static void *work(void *data)
{
    worker *me = data;

    while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
        me->failed = me->work(me, &me->why);
        me->done++;
        atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
        if (me->failed < 0)
            atomic_store_explicit(&stop, true, memory_order_relaxed);
    }
    return NULL;
}

/* Until it was long enough, and enough calls were made, or one failed. */
static void watch(void)
{
    int64_t until = milliseconds() + 1000 * SECONDS, since = milliseconds(), before = 0;

    while (!atomic_load_explicit(&stop, memory_order_relaxed) && (milliseconds() < until || before < calls_asked())) {
        int64_t now = atomic_load_explicit(&made, memory_order_relaxed);

        since = now > before ? milliseconds() : since;
        before = now;
        ck_assert_msg(milliseconds() < since + 1000 * PATIENCE, "no call ends any more");
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    atomic_store_explicit(&stop, true, memory_order_relaxed);
}

static hc_session *another(const hc_session *like)
{
    hc_session *as = NULL;
    const char *token = hc_session_token(like);

    HOUSE_OK(hc_session_open(&as, house.client, token, strlen(token), NULL, err));
    return as;
}

/* S12 */
START_TEST(many_threads_on_one_client)
{
    static worker workers[THREADS];
    int64_t stopped, done = 0;
    hc_property *home = NULL;

    shared = house_list_home(house.ana, "A shared home", 10001);
    for (size_t i = 0; i < THREADS; i++) {
        worker *me = &workers[i];

        me->work = i < WRITERS  ? write_shared
                   : i == 2     ? make_once
                   : i == 3     ? look_after
                   : i < 6      ? in_and_out
                   : i < 8      ? read_in_a_unit
                   : i % 2 == 0 ? list_homes
                                : read_shared;
        if (i >= 4 && i < 6)
            HOUSE_OK(hc_session_guest(&me->as, house.client, NULL, err));
        else
            me->as = another(i < 3 || i == 6 ? house.ana : i % 3 == 0 ? house.ben : house.bea);
    }
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    watch();
    stopped = milliseconds();
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++) {
        ck_assert_msg(workers[i].failed >= 0, "thread %zu: %s: %s", i, hc_status_name(workers[i].failed),
                      workers[i].why.message);
        done += workers[i].done;
        hc_session_free(workers[i].as);
    }
    house_count(done);
    ck_assert_int_lt(milliseconds(), stopped + 1000 * PATIENCE);
    HOUSE_OK(hc_property_get(&home, house.ana, shared, err));
    ck_assert_int_eq(hc_property_version(home), 1 + atomic_load(&written));
    hc_property_free(home);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A home of many threads'"), 1);
    printf("mixed work of %d threads on %s: %lld calls, %lld writes of one listing, %lld conflicts\n", THREADS,
           house_engine(), (long long)done, (long long)atomic_load(&written),
           (long long)(workers[0].conflicts + workers[1].conflicts));
    ck_assert_int_ge(atomic_load(&written), 10);
}
END_TEST

/* ---- a sign-in that ends while others use it ---- */

static atomic_bool ended;

static void *use_token(void *data)
{
    worker *me = data;

    while (milliseconds() < me->until) {
        bool over = atomic_load(&ended);
        hc_property *home = NULL;
        hc_status status = hc_property_get(&home, me->as, shared, &me->why);

        hc_property_free(home);
        me->done++;
        if (over && status != HC_ERR_UNAUTHENTICATED)
            me->failed = status < 0 ? status : HC_ERR_CORRUPT;
        if (status < 0 && status != HC_ERR_UNAUTHENTICATED)
            me->failed = status;
        if (status < 0)
            break;
    }
    return NULL;
}

/* T15 */
START_TEST(a_logout_is_seen_by_every_thread)
{
    static worker workers[8];

    shared = house.anas_ids[0];
    for (int round = 0; round < 5; round++) {
        hc_session *own = house_login("bea@example.com", HOUSE_PASSWORD);

        atomic_store(&ended, false);
        memset(workers, 0, sizeof workers);
        for (size_t i = 0; i < 8; i++) {
            workers[i].as = another(own);
            workers[i].until = milliseconds() + 30000;
            ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, use_token, &workers[i]), 0);
        }
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        HOUSE_OK(hc_auth_logout(own, err));
        atomic_store(&ended, true);
        for (size_t i = 0; i < 8; i++) {
            pthread_join(workers[i].thread, NULL);
            ck_assert_msg(workers[i].failed >= 0, "%s", hc_status_name(workers[i].failed));
            house_count(workers[i].done);
            hc_session_free(workers[i].as);
        }
        hc_session_free(own);
    }
}
END_TEST

START_TEST(a_race_is_noticed)
{
    suite_finds_race("a_logout_is_seen_by_every_thread");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, many_threads_on_one_client);
    tcase_add_test(tcase, a_logout_is_seen_by_every_thread);
    tcase_add_test(tcase, a_race_is_noticed);
}

int main(void)
{
    return suite_main("thread.mixed", fill, house_open, house_close);
}
