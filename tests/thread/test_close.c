/* Close while other threads are at work, and threads that fight over one session. Runs under ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "house.h"

static void rest(long milliseconds)
{
    nanosleep(&(struct timespec){milliseconds / 1000, milliseconds % 1000 * 1000000}, NULL);
}

typedef struct worker {
    pthread_t thread;
    hc_session *as;
    bool writes;
    hc_status last;
    int64_t done;
} worker;

static hc_status make_home(hc_session *as)
{
    hc_property *home = house_sketch("A home until the end", 40000000);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, NULL);

    hc_property_free(home);
    return status;
}

static hc_status read_home(hc_session *as)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, house.anas_ids[0], NULL);

    if (status >= 0 && hc_property_price(home) != 48900000)
        status = HC_ERR_CORRUPT;
    hc_property_free(home);
    return status;
}

/* The sketch needs the client's handle, which is gone after close: an edit of a row does not. */
static hc_status touch_home(hc_session *as, const hc_property *row)
{
    hc_property *changes = hc_property_edit(row);
    hc_status status;

    hc_property_set_description(changes, "Until the end.");
    status = hc_property_update(NULL, as, changes, NULL);
    hc_property_free(changes);
    return status == HC_ERR_CONFLICT ? HC_OK : status;
}

static void *until_closed(void *data)
{
    worker *me = data;

    do {
        me->last = me->writes ? touch_home(me->as, house.bens_home) : read_home(me->as);
        me->done++;
    } while (me->last >= 0);
    return NULL;
}

static hc_session *another(const hc_session *like)
{
    hc_session *as = NULL;
    const char *token = hc_session_token(like);

    HOUSE_OK(hc_session_open(&as, house.client, token, strlen(token), NULL, err));
    return as;
}

/* S11 */
START_TEST(close_waits_for_what_is_under_way)
{
    static worker workers[12];

    for (size_t i = 0; i < 12; i++) {
        workers[i].writes = i < 4;
        workers[i].as = another(workers[i].writes ? house.ben : house.bea);
    }
    for (size_t i = 0; i < 12; i++)
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, until_closed, &workers[i]), 0);
    rest(300);
    hc_client_close(house.client);
    house.client = NULL;
    for (size_t i = 0; i < 12; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert_msg(workers[i].last == HC_ERR_CLOSED, "%s", hc_status_name(workers[i].last));
        ck_assert_int_ge(workers[i].done, 2);
        house_count(workers[i].done);
        hc_session_free(workers[i].as);
    }
}
END_TEST

/* ---- calls of the client itself, in flight when it is closed ---- */

static pthread_barrier_t inside, leave;

static hc_status hold(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    (void)err;
    pthread_barrier_wait(&inside);
    pthread_barrier_wait(&leave);
    return HC_OK;
}

static void *run_unit(void *data)
{
    worker *me = data;

    me->last = hc_session_transact(me->as, hold, NULL, NULL);
    return NULL;
}

static void *run_upkeep(void *data)
{
    worker *me = data;

    me->last = hc_client_run(house.client, HOUSE_SECOND, NULL, NULL);
    return NULL;
}

static void *close_client(void *data)
{
    hc_client_close(data);
    return NULL;
}

/* S11: the last to leave is a call that holds no session. */
START_TEST(close_waits_for_background_work)
{
    worker unit = {.as = house.ana}, upkeep = {.last = HC_ERR_INTERNAL};
    hc_session *late = another(house.bea);
    pthread_t closer;

    pthread_barrier_init(&inside, NULL, 2);
    pthread_barrier_init(&leave, NULL, 2);
    ck_assert_int_eq(pthread_create(&unit.thread, NULL, run_unit, &unit), 0);
    pthread_barrier_wait(&inside);
    ck_assert_int_eq(pthread_create(&upkeep.thread, NULL, run_upkeep, &upkeep), 0);
    rest(200); /* it waits for the writer */
    ck_assert_int_eq(pthread_create(&closer, NULL, close_client, house.client), 0);
    while (read_home(late) != HC_ERR_CLOSED) /* from then on nothing new begins */
        rest(1);
    pthread_barrier_wait(&leave);
    pthread_join(unit.thread, NULL);
    pthread_join(upkeep.thread, NULL);
    pthread_join(closer, NULL);
    house.client = NULL;
    ck_assert_int_eq(unit.last, HC_OK); /* what had begun was finished */
    ck_assert_int_eq(upkeep.last, HC_OK);
    hc_session_free(late);
}
END_TEST

/* ---- one session, many threads ---- */

static void *fight(void *data)
{
    worker *me = data;

    for (int i = 0; i < 300; i++) {
        hc_status status = i % 3 == 0 ? make_home(me->as) : read_home(me->as);
        if (status != HC_ERR_MISUSE)
            me->done++;
        if (status < 0 && status != HC_ERR_MISUSE)
            me->last = status;
    }
    return NULL;
}

/* H05 */
START_TEST(threads_that_share_a_session_are_told)
{
    static worker workers[6];
    int64_t done = 0;

    for (size_t i = 0; i < 6; i++) {
        workers[i].as = house.ana;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, fight, &workers[i]), 0);
    }
    for (size_t i = 0; i < 6; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert_msg(workers[i].last == HC_OK, "%s", hc_status_name(workers[i].last));
        done += workers[i].done;
    }
    ck_assert_int_ge(done, 1);
    ck_assert_int_eq(read_home(house.ana), HC_OK);
}
END_TEST

static atomic_bool over;

static void *interrupt_all_the_time(void *data)
{
    worker *me = data;

    while (!atomic_load(&over)) {
        hc_session_interrupt(me->as);
        me->done++;
        rest(1);
    }
    return NULL;
}

START_TEST(interrupts_come_from_anywhere)
{
    static worker workers[2];
    int cancelled = 0;

    atomic_store(&over, false);
    for (size_t i = 0; i < 2; i++) {
        workers[i].as = house.ana;
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, interrupt_all_the_time, &workers[i]), 0);
    }
    for (int i = 0; i < 400; i++) {
        hc_status status = i % 2 == 0 ? make_home(house.ana) : read_home(house.ana);
        ck_assert_msg(status >= 0 || status == HC_ERR_CANCELLED, "%s", hc_status_name(status));
        cancelled += status < 0;
    }
    atomic_store(&over, true);
    for (size_t i = 0; i < 2; i++)
        pthread_join(workers[i].thread, NULL);
    house_count(400);
    ck_assert_int_ge(cancelled, 1);
    (void)read_home(house.ana); /* takes a last one */
    ck_assert_int_eq(read_home(house.ana), HC_OK);
}
END_TEST

START_TEST(a_race_is_noticed)
{
    suite_finds_race("threads_that_share_a_session_are_told");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, close_waits_for_what_is_under_way);
    tcase_add_test(tcase, close_waits_for_background_work);
    tcase_add_test(tcase, threads_that_share_a_session_are_told);
    tcase_add_test(tcase, interrupts_come_from_anywhere);
    tcase_add_test(tcase, a_race_is_noticed);
}

int main(void)
{
    return suite_main("thread.close", fill, house_open, house_close);
}
