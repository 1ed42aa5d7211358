/* Interrupts and deadlines: they end one operation, promptly, write nothing, and leave the session and the audit log
 * whole. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

static hc_status read_home(hc_session *as, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, house.anas_ids[0], err);

    ck_assert((home != NULL) == (status >= 0));
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

/* Once each: what was cancelled, and what comes after it. */
static void one_is_cancelled(hc_status (*call)(hc_session *, hc_error *))
{
    snapshot before = house_snapshot();

    hc_session_interrupt(house.ana);
    hc_session_interrupt(house.ana);
    HOUSE_FAILS(call(house.ana, err), HC_ERR_CANCELLED, "");
    house_assert_unchanged_since(before);
    HOUSE_OK(call(house.ana, err));
}

START_TEST(an_interrupt_ends_the_next_call_and_only_that)
{
    one_is_cancelled(read_home);
    one_is_cancelled(make_home);
}
END_TEST

/* ---- a call under way ---- */

struct call {
    pthread_t thread;
    hc_session *as;
    hc_status (*fn)(hc_session *as, hc_error *err);
    hc_status status;
    hc_error err;
};

static void *run_call(void *data)
{
    struct call *call = data;

    call->status = call->fn(call->as, &call->err);
    return NULL;
}

static void start(struct call *call, hc_session *as, hc_status (*fn)(hc_session *, hc_error *))
{
    memset(call, 0, sizeof *call);
    call->as = as;
    call->fn = fn;
    ck_assert_int_eq(pthread_create(&call->thread, NULL, run_call, call), 0);
}

static int64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Interrupts a call that waits, and expects it back at once. */
static void cancelled_at_once(struct call *call)
{
    int64_t begin;

    usleep(200 * 1000);
    begin = milliseconds();
    hc_session_interrupt(call->as);
    pthread_join(call->thread, NULL);
    ck_assert_int_lt(milliseconds() - begin, 1000);
    ck_assert_msg(call->status == HC_ERR_CANCELLED, "%s: %s", hc_status_name(call->status), call->err.message);
}

START_TEST(an_interrupt_reaches_a_call_that_waits_for_a_lock)
{
    void *lock = house_lock();
    struct call call;

    start(&call, house.ana, make_home);
    cancelled_at_once(&call);
    house_look_close(lock);
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

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

static hc_status hold_one(hc_session *as, hc_error *err)
{
    return hc_session_transact(as, hold, NULL, err);
}

/* Units that hold every connection on which another could begin: the one writer of a file, the whole pool of a server.
 */
#define POOL 8
static struct call holders[POOL];

static int holder_count(void)
{
    return house_is_a_file() ? 1 : POOL;
}

static void hold_all(void)
{
    pthread_barrier_init(&inside, NULL, (unsigned)holder_count() + 1);
    pthread_barrier_init(&leave, NULL, (unsigned)holder_count() + 1);
    for (int i = 0; i < holder_count(); i++) {
        hc_session *as = NULL;

        HOUSE_OK(hc_session_system(&as, house.client, err));
        start(&holders[i], as, hold_one);
    }
    pthread_barrier_wait(&inside);
}

static void let_go(void)
{
    pthread_barrier_wait(&leave);
    for (int i = 0; i < holder_count(); i++) {
        pthread_join(holders[i].thread, NULL);
        ck_assert_int_eq(holders[i].status, HC_OK);
        hc_session_free(holders[i].as);
    }
}

START_TEST(an_interrupt_reaches_a_call_that_waits_for_a_connection)
{
    struct call call;

    hold_all();
    start(&call, house.ana, make_home);
    cancelled_at_once(&call);
    let_go();
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

/* ---- in a unit ---- */

static hc_status interrupt_then_commit(hc_session *as, void *data, hc_error *err)
{
    hc_status status = make_home(as, err);

    (void)data;
    hc_session_interrupt(as);
    return status;
}

static hc_status interrupt_then_write(hc_session *as, void *data, hc_error *err)
{
    hc_status status = make_home(as, err);

    (void)data;
    hc_session_interrupt(as);
    status = make_home(as, err);
    ck_assert_int_eq(status, HC_ERR_CANCELLED);
    ck_assert_int_eq(make_home(as, NULL), HC_ERR_ABORTED);
    ck_assert_int_eq(read_home(as, NULL), HC_ERR_ABORTED);
    return status;
}

static void unit_is_cancelled(hc_transact_fn fn)
{
    HOUSE_FAILS(hc_session_transact(house.ana, fn, NULL, err), HC_ERR_CANCELLED, "");
    HOUSE_OK(read_home(house.ana, err));
    HOUSE_OK(make_home(house.ana, err));
    HOUSE_OK(make_home(house.ben, err));
}

START_TEST(an_interrupted_unit_is_rolled_back)
{
    int64_t rows = house_sql("SELECT count(*) FROM properties");

    unit_is_cancelled(interrupt_then_commit);
    unit_is_cancelled(interrupt_then_write);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties"), rows + 4);
}
END_TEST

/* The one connection of a store in memory is used again: nothing may be left open on it. */
START_TEST(an_interrupted_unit_in_memory_is_rolled_back)
{
    house_close();
    house_open_memory();
    unit_is_cancelled(interrupt_then_commit);
    unit_is_cancelled(interrupt_then_write);
    hc_session_interrupt(house.ana);
    HOUSE_FAILS(make_home(house.ana, err), HC_ERR_CANCELLED, "");
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

/* ---- at any moment: a host thread that interrupts at the n-th allocation ---- */

static struct {
    int64_t left; /* 0: never */
    hc_session *whom;
} trap;

static void step(void)
{
    if (trap.left > 0 && --trap.left == 0)
        hc_session_interrupt(trap.whom);
}

static void *trap_allocate(size_t size, void *data)
{
    (void)data;
    step();
    return malloc(size);
}

static void *trap_reallocate(void *block, size_t size, void *data)
{
    (void)data;
    step();
    return realloc(block, size);
}

static void trap_release(void *block, void *data)
{
    (void)data;
    free(block);
}

static const hc_allocator trap_allocator = {sizeof trap_allocator, trap_allocate, trap_reallocate, trap_release, NULL};

/* For each n until the call no longer sees it. */
static void trapped(hc_status (*call)(hc_session *, hc_error *), hc_session *as, hc_status normally, const char *event)
{
    int cancelled = 0, n = 0;
    bool sprung = true;

    for (n = 1; sprung; n++) {
        snapshot before = house_snapshot();
        hc_status status;

        trap.whom = as;
        trap.left = n;
        status = call(as, NULL);
        sprung = trap.left == 0;
        trap.left = 0;
        house_count(1);
        ck_assert_msg(status == normally || status == HC_ERR_CANCELLED, "%d: %s", n, hc_status_name(status));
        if (status < 0)
            house_assert_unchanged_since(before);
        if (status == normally && event != NULL)
            house_assert_audited(event, as);
        cancelled += status == HC_ERR_CANCELLED;
        status = read_home(as, NULL); /* what came too late for the call is for this one */
        ck_assert_msg(status >= 0 || status == HC_ERR_CANCELLED, "%d: %s", n, hc_status_name(status));
        HOUSE_OK(read_home(as, err));
    }
    printf("interrupted at %d places, cancelled %d times\n", n, cancelled);
}

static hc_status purge_home(hc_session *as, hc_error *err)
{
    return hc_property_purge(as, house.anas_ids[0], err);
}

static hc_status make_two(hc_session *as, void *data, hc_error *err)
{
    hc_status status = make_home(as, err);

    (void)data;
    return status < 0 ? status : make_home(as, err);
}

static hc_status unit_of_two(hc_session *as, hc_error *err)
{
    return hc_session_transact(as, make_two, NULL, err);
}

START_TEST(an_interrupt_at_any_moment_is_all_or_nothing)
{
    house_close();
    house_allocator = &trap_allocator;
    house_open();
    trapped(make_home, house.ana, HC_OK, NULL);
    trapped(unit_of_two, house.ana, HC_OK, NULL);
    trapped(read_home, house.ana, HC_OK, NULL);
    trapped(purge_home, house.bea, HC_ERR_FORBIDDEN, "authz_fail"); /* nobody hangs up on the audit log */
}
END_TEST

/* ---- deadlines ---- */

START_TEST(a_deadline_ends_a_call)
{
    snapshot before = house_snapshot();

    hc_session_set_timeout(house.ana, 1);
    HOUSE_FAILS(read_home(house.ana, err), HC_ERR_TIMEOUT, "");
    HOUSE_FAILS(make_home(house.ana, err), HC_ERR_TIMEOUT, "");
    house_assert_unchanged_since(before);
    hc_session_set_timeout(house.ana, 0);
    HOUSE_OK(make_home(house.ana, err));
    hc_session_set_timeout(house.ana, -5);
    HOUSE_OK(make_home(house.ana, err));
    hc_session_set_timeout(house.ana, INT64_MAX);
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

static hc_status make_slowly(hc_session *as, void *data, hc_error *err)
{
    hc_status status = make_home(as, err);

    (void)data;
    usleep(300 * 1000);
    return status;
}

START_TEST(a_unit_that_takes_too_long_is_rolled_back)
{
    snapshot before = house_snapshot();

    hc_session_set_timeout(house.ana, 250 * 1000);
    HOUSE_FAILS(hc_session_transact(house.ana, make_slowly, NULL, err), HC_ERR_TIMEOUT, "");
    house_assert_unchanged_since(before);
    hc_session_set_timeout(house.ana, 0);
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

/* S07 */
START_TEST(a_lock_keeps_to_the_deadline)
{
    void *lock = house_lock();
    int64_t begin = milliseconds();

    hc_session_set_timeout(house.ana, 400 * 1000);
    HOUSE_FAILS(make_home(house.ana, err), HC_ERR_BUSY, "");
    ck_assert_int_ge(milliseconds() - begin, 390);
    ck_assert_int_lt(milliseconds() - begin, 2000);
    HOUSE_OK(read_home(house.ana, err)); /* who reads does not wait */
    house_look_close(lock);
    hc_session_set_timeout(house.ana, 0);
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

/* S07 */
START_TEST(a_file_that_stays_locked_is_busy_after_five_seconds)
{
    void *lock;
    int64_t begin;
    hc_error why = {0};

    if (!house_only_in_a_file("a server's locks are waited for until the deadline of the call"))
        return;
    lock = house_lock();
    begin = milliseconds();
    ck_assert_int_eq(make_home(house.ana, &why), HC_ERR_BUSY);
    ck_assert_int_ge(milliseconds() - begin, 4900);
    ck_assert_int_lt(milliseconds() - begin, 8000);
    ck_assert_uint_eq(why.flags & HC_ERROR_RETRYABLE, HC_ERROR_RETRYABLE);
    ck_assert_uint_eq(why.flags & HC_ERROR_WRITTEN_MASK, HC_ERROR_WRITTEN_NO);
    house_look_close(lock);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='A home'"), 0);
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

START_TEST(a_writer_that_does_not_come_free_is_busy)
{
    hc_error why = {0};

    hold_all();
    hc_session_set_timeout(house.ana, 200 * 1000);
    ck_assert_int_eq(make_home(house.ana, &why), HC_ERR_BUSY);
    ck_assert_uint_eq(why.flags & HC_ERROR_RETRYABLE, HC_ERROR_RETRYABLE);
    if (house_is_a_file())
        HOUSE_OK(read_home(house.ana, err));
    let_go();
    HOUSE_OK(make_home(house.ana, err));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, an_interrupt_ends_the_next_call_and_only_that);
    tcase_add_test(tcase, an_interrupt_reaches_a_call_that_waits_for_a_lock);
    tcase_add_test(tcase, an_interrupt_reaches_a_call_that_waits_for_a_connection);
    tcase_add_test(tcase, an_interrupted_unit_is_rolled_back);
    tcase_add_test(tcase, an_interrupted_unit_in_memory_is_rolled_back);
    tcase_add_test(tcase, an_interrupt_at_any_moment_is_all_or_nothing);
    tcase_add_test(tcase, a_deadline_ends_a_call);
    tcase_add_test(tcase, a_unit_that_takes_too_long_is_rolled_back);
    tcase_add_test(tcase, a_lock_keeps_to_the_deadline);
    tcase_add_test(tcase, a_file_that_stays_locked_is_busy_after_five_seconds);
    tcase_add_test(tcase, a_writer_that_does_not_come_free_is_busy);
}

int main(void)
{
    return suite_main("api.session.interrupt", fill, house_open, house_close);
}
