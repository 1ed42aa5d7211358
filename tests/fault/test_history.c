/* Histories of work at once on a few listings, by two clients: no acknowledged write is lost, no reader goes back, what
 * two listings got together is never seen apart, nor what a unit took back or wrote over. Times that overlap are
 * fault.booking's. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "history.h"
#include "house.h"

#define SINGLES 3
#define KEYS    (SINGLES + 2) /* the last two are only written together */
#define CLIENTS 2
#define EACH    4 /* sessions of a client */
#define THREADS (CLIENTS * EACH)
#define CALLS   300 /* of a session, at most */
#define UNITS   (2 * CALLS + 1)
#define FIRST   500    /* what version 1 of each says */
#define LONG    100000 /* units of work of ./tests/run --long */

static hc_id keys[KEYS];

typedef struct worker {
    pthread_t thread;
    hc_client *client;
    hc_session *as;
    int number;
    uint64_t state;
    int64_t serial;
    moment seen[2 * CALLS];
    size_t count;
    int calls;
    int64_t refused, torn, taken_back;
    int units;
    int key, other;  /* of the unit that runs */
    int32_t pair[2]; /* versions that it read */
    int64_t old;     /* what it read */
    hc_status failed;
    hc_error why;
} worker;

static int pick(worker *me, int below)
{
    me->state ^= me->state << 13;
    me->state ^= me->state >> 7;
    me->state ^= me->state << 17;
    return (int)(me->state % (uint64_t)below);
}

static int64_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

static int64_t next_token(worker *me)
{
    return (me->number + 1) * INT64_C(1000000) + ++me->serial;
}

static moment *remember(worker *me, int key, int64_t began)
{
    moment *out = &me->seen[me->count++];

    *out = (moment){.key = key, .session = me->number, .began = began, .ended = now()};
    out->unit = me->number * UNITS + me->units;
    return out;
}

static moment *remember_write(worker *me, int key, int64_t began, int32_t base, int64_t token)
{
    moment *out = remember(me, key, began);

    out->write = true;
    out->base = base;
    out->version = base + 1;
    out->token = token;
    return out;
}

static hc_status get(hc_session *as, int key, int32_t *version, int64_t *token, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, keys[key], err);

    *version = hc_property_version(home);
    *token = hc_property_price(home);
    hc_property_free(home);
    return status;
}

static hc_status put(const worker *me, hc_session *as, int key, int32_t base, int64_t token, int32_t *version,
                     hc_error *err)
{
    hc_property *changes = hc_property_for(me->client, keys[key], base);
    hc_status status;

    hc_property_set_price(changes, token);
    status = hc_property_update(version, as, changes, err);
    hc_property_free(changes);
    return status;
}

static hc_status read_one(worker *me, int key, int32_t *version)
{
    int64_t began = now(), token;
    hc_status status = get(me->as, key, version, &token, &me->why);
    moment *m;

    if (status < 0)
        return status;
    me->units++;
    m = remember(me, key, began);
    m->version = *version;
    m->token = token;
    return HC_OK;
}

/* Who is overtaken is told so, and wrote nothing. */
static hc_status may_lose(worker *me, hc_status status)
{
    if (status != HC_ERR_CONFLICT || (me->why.flags & HC_ERROR_WRITTEN_MASK) != HC_ERROR_WRITTEN_NO)
        return status;
    me->refused++;
    return HC_OK;
}

static hc_status write_one(worker *me, int key)
{
    int32_t base, version = 0;
    int64_t token = next_token(me), began;
    hc_status status = read_one(me, key, &base);

    if (status < 0)
        return status;
    began = now();
    status = put(me, me->as, key, base, token, &version, &me->why);
    if (status != HC_OK)
        return may_lose(me, status);
    me->units++;
    remember_write(me, key, began, base, token)->version = version;
    return HC_OK;
}

static hc_status read_two(worker *me)
{
    int64_t began = now();
    hc_property_page *page = NULL;
    hc_status status = hc_property_get_many(&page, me->as, &keys[SINGLES], 2, &me->why);

    if (status < 0)
        return status;
    me->units++;
    for (int i = 0; i < 2; i++) {
        moment *m = remember(me, SINGLES + i, began);

        m->version = hc_property_version(hc_property_page_at(page, (size_t)i));
        m->token = hc_property_price(hc_property_page_at(page, (size_t)i));
    }
    me->torn += me->seen[me->count - 1].token != me->seen[me->count - 2].token;
    hc_property_page_free(page);
    return HC_OK;
}

static hc_status both(hc_session *as, void *data, hc_error *err)
{
    worker *me = data;
    int32_t version;
    int64_t old;
    hc_status status = HC_OK;

    for (int i = 0; i < 2 && status == HC_OK; i++) {
        status = get(as, SINGLES + i, &me->pair[i], &old, err);
        if (status == HC_OK)
            status =
                put(me, as, SINGLES + i, me->pair[i], (me->number + 1) * INT64_C(1000000) + me->serial, &version, err);
    }
    return status;
}

static hc_status write_two(worker *me)
{
    int64_t token = next_token(me), began = now();
    hc_status status = hc_session_transact(me->as, both, me, &me->why);

    if (status != HC_OK)
        return may_lose(me, status);
    me->units++;
    for (int i = 0; i < 2; i++)
        remember_write(me, SINGLES + i, began, me->pair[i], token);
    return HC_OK;
}

static int64_t passing_token(const worker *me)
{
    return -((me->number + 1) * INT64_C(1000000) + me->serial) + INT64_C(1000000000);
}

static hc_status over_and_over(hc_session *as, void *data, hc_error *err)
{
    worker *me = data;
    int32_t version;
    hc_status status = get(as, me->key, &me->pair[0], &me->old, err);

    if (status == HC_OK)
        status = put(me, as, me->key, me->pair[0], passing_token(me), &version, err);
    if (status == HC_OK)
        status = put(me, as, me->key, me->pair[0] + 1, (me->number + 1) * INT64_C(1000000) + me->serial, &version, err);
    return status;
}

/* The same listing twice: what it says in between is nobody's business. */
static hc_status write_twice(worker *me, int key)
{
    int64_t token = next_token(me), began = now();
    hc_status status;

    me->key = key;
    status = hc_session_transact(me->as, over_and_over, me, &me->why);
    if (status != HC_OK)
        return may_lose(me, status);
    me->units++;
    remember_write(me, key, began, me->pair[0], passing_token(me))->passing = true;
    remember_write(me, key, began + 1, me->pair[0] + 1, token);
    return HC_OK;
}

static hc_status and_back(hc_session *as, void *data, hc_error *err)
{
    hc_status status = over_and_over(as, data, err);

    if (status != HC_OK)
        return status;
    *err = (hc_error){.status = HC_ERR_CANCELLED};
    return HC_ERR_CANCELLED;
}

/* Writes that nobody ever sees. */
static hc_status take_back(worker *me, int key)
{
    hc_status status;

    (void)next_token(me);
    me->key = key;
    status = hc_session_transact(me->as, and_back, me, &me->why);
    me->taken_back += status == HC_ERR_CANCELLED;
    return status == HC_ERR_CANCELLED ? HC_OK : may_lose(me, status);
}

static hc_status from_one_to_another(hc_session *as, void *data, hc_error *err)
{
    worker *me = data;
    int32_t version;
    int64_t old;
    hc_status status = get(as, me->key, &me->pair[0], &me->old, err);

    if (status == HC_OK)
        status = get(as, me->other, &me->pair[1], &old, err);
    return status != HC_OK
               ? status
               : put(me, as, me->other, me->pair[1], (me->number + 1) * INT64_C(1000000) + me->serial, &version, err);
}

/* What is read of one and written to another: two of these must not each have read the other's. */
static hc_status read_and_write(worker *me, int key)
{
    int64_t token = next_token(me), began = now();
    hc_status status;
    moment *m;

    me->key = key;
    me->other = (key + 1) % SINGLES;
    status = hc_session_transact(me->as, from_one_to_another, me, &me->why);
    if (status != HC_OK)
        return may_lose(me, status);
    me->units++;
    m = remember(me, key, began);
    m->version = me->pair[0];
    m->token = me->old;
    remember_write(me, me->other, began, me->pair[1], token);
    return HC_OK;
}

static void *work(void *data)
{
    worker *me = data;
    int32_t version;

    for (int i = 0; i < me->calls && me->failed == HC_OK; i++) {
        int what = pick(me, 16), key = pick(me, SINGLES);

        me->failed = what < 3    ? write_one(me, key)
                     : what < 4  ? write_two(me)
                     : what < 6  ? write_twice(me, key)
                     : what < 7  ? take_back(me, key)
                     : what < 10 ? read_and_write(me, key)
                     : what < 13 ? read_two(me)
                                 : read_one(me, key, &version);
    }
    return NULL;
}

/* ---- a run ---- */

static moment all[THREADS * 2 * CALLS];
static history run;
static int64_t writes, refused, torn, taken_back, units;

static void collect(const worker *from)
{
    ck_assert_msg(from->failed == HC_OK, "session %d: %s: %s", from->number, hc_status_name(from->failed),
                  from->why.message);
    memcpy(all + run.count, from->seen, from->count * sizeof(moment));
    run.count += from->count;
    refused += from->refused;
    torn += from->torn;
    taken_back += from->taken_back;
    units += from->units + from->taken_back;
}

static void work_at_once(const char *bug)
{
    static worker workers[THREADS];
    hc_client *clients[CLIENTS];
    hc_client_options options;

    house_options(&options);
    options.pool_size = EACH + 1;
    options.acquire_timeout = 60 * HOUSE_SECOND;
    for (int i = 0; i < CLIENTS; i++)
        HOUSE_OK(hc_client_open(&clients[i], &options, err));
    if (bug != NULL)
        setenv("HC_BUG", bug, 1);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.client = clients[i % CLIENTS], .number = i, .calls = bug == NULL ? CALLS : CALLS / 4};
        workers[i].state = (uint64_t)(i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        HOUSE_OK(hc_session_system(&workers[i].as, workers[i].client, err));
        hc_session_set_timeout(workers[i].as, 60 * HOUSE_SECOND);
    }
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(workers[i].thread, NULL);
    unsetenv("HC_BUG");
    for (int i = 0; i < THREADS; i++) {
        collect(&workers[i]);
        hc_session_free(workers[i].as);
    }
    for (int i = 0; i < CLIENTS; i++)
        hc_client_close(clients[i]);
}

static history_faults make_history(const char *bug)
{
    history_faults out;

    for (int i = 0; i < KEYS; i++)
        keys[i] = house_list_home(house.ana, "Wanted by many", FIRST);
    run = (history){all, 0, keys, KEYS, FIRST, THREADS * UNITS};
    work_at_once(bug);
    for (size_t i = 0; i < run.count; i++)
        writes += run.list[i].write;
    house_count((int64_t)run.count);
    out = history_check(&run);
    printf("%s: %" PRId64 " units, %" PRId64 " writes, %" PRId64 " taken back, %" PRId64 " refused, %" PRId64
           " apart; lost %" PRId64 ", gone %" PRId64 ", strange %" PRId64 ", passing %" PRId64 ", circles %" PRId64
           ", back %" PRId64 ", late %" PRId64 "\n",
           bug == NULL ? "history" : bug, units, writes, taken_back, refused, torn, out.lost, out.gone, out.strange,
           out.passing, out.circles, out.back, out.late);
    return out;
}

static int64_t sum(history_faults of)
{
    return of.lost + of.gone + of.strange + of.passing + of.circles + of.back + of.late;
}

/* ---- what the look is worth ---- */

/* Its session saw a later version than the first of this key before. */
static bool goes_on(const moment *list, size_t at)
{
    for (size_t i = 0; i < run.count; i++)
        if (list[i].key == list[at].key && list[i].session == list[at].session && list[i].ended < list[at].began &&
            list[i].version > 1)
            return true;
    return false;
}

/* One call of the history changed. */
static history_faults spoil(bool write, void (*how)(moment *call))
{
    static moment other[THREADS * 2 * CALLS];
    history spoiled = run;
    size_t at = 0;

    memcpy(other, all, sizeof other);
    spoiled.list = other;
    while (at < run.count && (other[at].write != write || !goes_on(other, at)))
        at++;
    ck_assert_uint_lt(at, run.count);
    how(&other[at]);
    return history_check(&spoiled);
}

static void say_what_nobody_wrote(moment *call)
{
    call->token++;
}

static void see_the_first_version(moment *call)
{
    call->version = 1;
    call->token = FIRST;
}

static void forget_that_it_wrote(moment *call)
{
    call->write = false;
}

static void begin_from_another(moment *call)
{
    call->base--;
}

/* Two units, each of which read what the other wrote, the second one only in between. */
static history_faults of_two_at_odds(void)
{
    moment list[] = {{.key = 0, .unit = 0, .write = true, .base = 1, .version = 2},
                     {.key = 0, .unit = 1, .version = 2},
                     {.key = 1, .unit = 1, .write = true, .base = 1, .version = 2, .passing = true},
                     {.key = 1, .unit = 0, .version = 2}};
    history of = {list, 4, keys, 2, FIRST, 2};

    return history_check(&of);
}

static bool is_long(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0;
}

/* S12: what is acknowledged is one chain of versions, which each session sees grow. */
START_TEST(no_write_is_lost_and_no_reader_goes_back)
{
    history_faults found;

    do {
        found = make_history(NULL);
        ck_assert_int_eq(sum(found), 0);
        ck_assert_int_eq(torn, 0);
    } while (is_long() && units < LONG);
    ck_assert_int_gt(writes, THREADS * CALLS / 10);
    ck_assert_int_gt(refused, 0);
    ck_assert_int_gt(taken_back, 0);
    printf("isolation on %s: %" PRId64 " units, 0 violations\n", house_engine(), units);
    found = of_two_at_odds();
    ck_assert_int_eq(found.circles, 2);
    ck_assert_int_eq(found.passing, 1);
    ck_assert_int_eq(spoil(false, say_what_nobody_wrote).strange, 1);
    found = spoil(false, see_the_first_version);
    ck_assert_int_eq(found.back, 1);
    ck_assert_int_eq(found.late, 1);
    ck_assert_int_gt(spoil(true, forget_that_it_wrote).gone, 0);
    ck_assert_int_eq(spoil(true, begin_from_another).lost, 1);
}
END_TEST

/* Without the check of versions the same look finds what it is for. */
START_TEST(the_look_finds_lost_updates)
{
    history_faults found = make_history("no-version-check");

    ck_assert_int_gt(found.lost, 0);
    ck_assert_int_eq(refused, 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, no_write_is_lost_and_no_reader_goes_back);
    tcase_add_test(tcase, the_look_finds_lost_updates);
}

int main(void)
{
    return suite_main("fault.history", fill, house_open, house_close);
}
