/* Reads that go along with another's (storage/ride.h), over a driver that is not there: server.h. */
#include "rides.h"

void __real_hc__lock(hc__mutex *mutex);
void __wrap_hc__lock(hc__mutex *mutex);
void __real_hc__unlock(hc__mutex *mutex);
void __wrap_hc__unlock(hc__mutex *mutex);

static _Thread_local int locks; /* that this thread holds */

void __wrap_hc__lock(hc__mutex *mutex)
{
    __real_hc__lock(mutex);
    locks++;
}

/* Whatever is let go was taken. */
void __wrap_hc__unlock(hc__mutex *mutex)
{
    ck_assert_int_gt(locks, 0);
    locks--;
    __real_hc__unlock(mutex);
}

/* Three go together, and the server does not answer until somebody interrupts it. */
static void let_a_trip_stay(void)
{
    far.waits = true;
    let_wait(3);
    let_go(1);
    while (!atomic_load(&far.stays))
        usleep(500);
}

/* ---- what goes along ---- */

/* 7 wait for one of four connections, and the second asks for a row that is not there. */
START_TEST(reads_of_those_who_wait_go_along)
{
    readers[1].id[1] = 1;
    let_wait(7);
    let_go(1);
    join(7);
    ck_assert_uint_eq(far.trips, 1);
    ck_assert_uint_eq(far.ops[0], 7);
    for (int i = 0; i < 7; i++) {
        if (i == 1) {
            ck_assert_int_eq(readers[i].status, HC_OK);
            ck_assert_int_eq(readers[i].rows, 0);
        } else {
            found(&readers[i]);
            ck_assert_int_eq(readers[i].result.count, 1);
        }
        if (readers[i].over)
            ck_assert_uint_eq(readers[i].batch.failed_op, 1);
    }
    for (int i = 0; i < 7; i++)
        ck_assert(readers[i].over == (i > 0));
    ck_assert_int_eq(atomic_load(&server.tries), 4);
    let_go_from(1);
}
END_TEST

START_TEST(no_trip_is_longer_than_a_few)
{
    for (uint8_t i = 0; i < CROWD; i++)
        make_reader(&readers[i], i);
    readers[1].op.result = NULL;
    let_wait(CROWD);
    let_go(1);
    join(CROWD);
    ck_assert_uint_eq(far.ops[0], HC__RIDES);
    for (int i = 0; i < CROWD; i++)
        found(&readers[i]);
    let_go_from(1);
}
END_TEST

/* What is in a file has no trips to save. */
START_TEST(files_have_no_trips_to_share)
{
    hc__store_close(store);
    table.capabilities |= HC_CAP_ONE_WRITER;
    set_up();
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(hc__store_acquire(&held[i], store, HC_CONNECT_READ, in(50000), NULL, &err), HC_OK);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_one, &readers[i]), 0);
        while (hc__store_pool(store).waiting < i + 1)
            usleep(500);
    }
    let_go(1);
    join(3);
    for (int i = 0; i < 3; i++) {
        found(&readers[i]);
        ck_assert(!readers[i].over);
    }
    for (int i = 1; i < 3; i++)
        hc__store_release(store, &held[i], true);
    table.capabilities = HC_CAP_TRANSACTIONS;
}
END_TEST

/* Nobody's turn came; and who is on its way already waits for its row. */
START_TEST(who_waits_no_longer_is_told_or_has_its_row)
{
    readers[0].waits = 30000;
    let_wait(1);
    join(1);
    ck_assert_int_eq(readers[0].status, HC_ERR_BUSY);
    ck_assert_int_eq(readers[0].rows, 0);
    let_go_from(0);
    for (uint8_t i = 0; i < 3; i++)
        make_reader(&readers[i], i);
    readers[1].waits = 300000;
    let_a_trip_stay();
    usleep(400000);
    atomic_store(&far.interrupted, true); /* the server goes on */
    join(3);
    for (int i = 0; i < 3; i++)
        found(&readers[i]);
    ck_assert(readers[1].over);
    let_go_from(1);
}
END_TEST

START_TEST(where_a_connection_is_free_each_goes_by_itself)
{
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_one, &readers[i]), 0);
        pthread_join(readers[i].thread, NULL);
        found(&readers[i]);
        ck_assert(!readers[i].over);
    }
    ck_assert_uint_eq(far.trips, 3);
}
END_TEST

START_TEST(who_has_a_place_and_no_connection_is_told)
{
    atomic_store(&server.refuse, HC_ERR_INVALID);
    ck_assert_int_eq(pthread_create(&readers[0].thread, NULL, read_one, &readers[0]), 0);
    join(1);
    atomic_store(&server.refuse, 0);
    ck_assert_int_eq(readers[0].status, HC_ERR_INVALID);
    ck_assert_int_eq(readers[0].rows, 0);
}
END_TEST

static void come(int first, int count)
{
    for (int i = first; i < first + count; i++) {
        ck_assert_int_eq(pthread_create(&readers[i].thread, NULL, read_one, &readers[i]), 0);
        while (hc__store_pool(store).in_use + hc__store_pool(store).waiting < i + 1)
            usleep(500);
    }
}

/* The others wait for one that comes back, and a connection that somebody else gives back serves them all. */
START_TEST(reads_by_id_leave_half_of_the_connections_to_others_at_first)
{
    hc__lease other;

    for (int given_back = 0; given_back < 2; given_back++) {
        for (uint8_t i = 0; i < READERS; i++)
            make_reader(&readers[i], i);
        far.trips = 0;
        atomic_store(&far.holds, true);
        come(0, 6);
        ck_assert_int_eq(hc__store_pool(store).in_use, 2);
        ck_assert_int_eq(hc__store_pool(store).waiting, 4);
        ck_assert_int_eq(take(&other), HC_OK);
        if (given_back == 1) {
            hc__store_release(store, &other, true);
            ck_assert_int_eq(hc__store_pool(store).waiting, 0);
            ck_assert_int_eq(hc__store_pool(store).in_use, 3);
        }
        atomic_store(&far.holds, false);
        join(6);
        for (int i = 0; i < 6; i++) {
            found(&readers[i]);
            ck_assert(readers[i].over == (i > 2));
        }
        ck_assert_uint_eq(far.trips, 3);
        ck_assert_uint_eq(far.ops[2], 4);
        if (given_back == 0)
            hc__store_release(store, &other, true);
    }
    make_reader(&readers[0], 0); /* and what was waited for is not counted any more */
    ck_assert_int_eq(pthread_create(&readers[0].thread, NULL, read_one, &readers[0]), 0);
    join(1);
    ck_assert(!readers[0].over);
    ck_assert_int_eq(atomic_load(&server.tries), 3);
}
END_TEST

/* Two trips do not come back, and two connections are free: the third reader has one after a while, the fifth goes
 * along with whoever comes back first. */
START_TEST(who_waits_for_a_trip_that_stalls_goes_alone)
{
    atomic_store(&far.holds, true);
    come(0, 3);
    ck_assert_int_eq(hc__store_pool(store).in_use, 2);
    while (hc__store_pool(store).in_use < 3)
        usleep(5000);
    ck_assert_int_eq(hc__store_pool(store).waiting, 0);
    come(3, 2);
    while (hc__store_pool(store).in_use < 4)
        usleep(5000);
    usleep(1200000); /* there is none for the fifth */
    ck_assert_int_eq(hc__store_pool(store).waiting, 1);
    ck_assert_int_eq(hc__store_pool(store).in_use, 4);
    ck_assert_ptr_nonnull(store->unused); /* what the others waited with serves who comes next */
    atomic_store(&far.holds, false);
    join(5);
    for (int i = 0; i < 5; i++)
        found(&readers[i]);
    ck_assert_uint_eq(store->lanes[HC__READERS].trips, 0);
}
END_TEST

/* Who has less time than the one who runs it, or wants a connection for something else, is served in its turn. */
START_TEST(who_is_in_more_of_a_hurry_does_not_go_along)
{
    readers[1].patience = 10000000;
    let_wait(3);
    let_go(1);
    join(3);
    ck_assert(!readers[1].over && readers[2].over);
    for (int i = 0; i < 3; i++)
        found(&readers[i]);
    let_go_from(1);
}
END_TEST

static void *want_one(void *data)
{
    hc__lease lease;

    ck_assert_int_eq(hc__store_acquire(&lease, store, HC_CONNECT_WRITE, in(20000000), NULL, NULL), HC_OK);
    atomic_store((atomic_bool *)data, true);
    hc__store_release(store, &lease, true);
    return NULL;
}

START_TEST(who_wants_a_connection_gets_one)
{
    atomic_bool had = false;
    pthread_t other;

    let_wait(1);
    ck_assert_int_eq(pthread_create(&other, NULL, want_one, &had), 0);
    while (hc__store_pool(store).waiting < 2)
        usleep(500);
    let_go(1);
    join(1);
    pthread_join(other, NULL);
    ck_assert(atomic_load(&had));
    found(&readers[0]);
    ck_assert_uint_eq(far.ops[0], 1);
    let_go_from(1);
}
END_TEST

/* However long that takes: only a read may go where there is room. */
START_TEST(who_wants_a_connection_waits_for_its_turn)
{
    atomic_bool had = false;
    pthread_t other;

    let_wait(0);
    ck_assert_int_eq(pthread_create(&other, NULL, want_one, &had), 0);
    usleep(1200000);
    ck_assert(!atomic_load(&had));
    ck_assert_int_eq(hc__store_pool(store).waiting, 1);
    let_go(1);
    pthread_join(other, NULL);
    ck_assert(atomic_load(&had));
    let_go_from(1);
}
END_TEST

static bool may_ride(const hc_batch *batch)
{
    hc__ride ride;

    return hc__ride_init(&ride, (hc_batch *)batch, NULL, NULL);
}

START_TEST(only_a_read_by_id_may_go_along)
{
    reader *me = &readers[0];
    hc_value age = {.type = HC_TYPE_INT32, .as.integer = 1};
    hc_predicate other = {.test = HC_TEST_EQ, .field = 1, .values = &age, .value_count = 1};
    const hc_predicate *parts[] = {&other, &me->where};
    hc_predicate both = {.test = HC_TEST_AND, .children = parts, .child_count = 2}, either = both;
    hc_batch batch = me->batch;
    hc_op op = me->op;

    batch.ops = &op;
    ck_assert(may_ride(&batch));
    batch.flags = HC_BATCH_ROUGH;
    ck_assert(may_ride(&batch));
    op.where = &both;
    ck_assert(may_ride(&batch));
    either.test = HC_TEST_OR;
    op.where = &either;
    ck_assert(!may_ride(&batch));
    op.where = &other;
    ck_assert(!may_ride(&batch));
    op.where = NULL;
    ck_assert(!may_ride(&batch));
    me->where.test = HC_TEST_GE;
    op.where = &me->where;
    ck_assert(!may_ride(&batch));
    me->where.test = HC_TEST_EQ;
    op.verb = HC_VERB_COUNT;
    ck_assert(!may_ride(&batch));
    op.verb = HC_VERB_QUERY;
    batch.on_row = NULL;
    ck_assert(!may_ride(&batch));
    batch.on_row = take_row;
    batch.op_count = 2;
    ck_assert(!may_ride(&batch));
    batch.op_count = 1;
    batch.flags = HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT;
    ck_assert(!may_ride(&batch));
}
END_TEST

/* ---- reads that differ in the id alone ---- */

/* Two ask for one row, one for a row that is not there, and one for something else. */
START_TEST(reads_that_differ_in_their_ids_are_one_operation)
{
    hc_value age = {.type = HC_TYPE_INT32, .as.integer = 1};
    hc_predicate other = {.test = HC_TEST_EQ, .field = 1, .values = &age, .value_count = 1};
    const hc_predicate *parts[] = {&readers[3].where, &other};
    hc_predicate both = {.test = HC_TEST_AND, .children = parts, .child_count = 2};

    for (uint8_t i = 0; i < 13; i++)
        make_reader(&readers[i], i);
    may_be_merged(13);
    readers[1].id[0] = readers[0].id[0];
    readers[2].id[1] = 1;
    readers[2].result.count = 7;
    readers[3].op.where = &both;
    let_wait(13);
    let_go(1);
    join(13);
    ck_assert_uint_eq(far.ops[0], 2);
    for (int i = 0; i < 13; i++) {
        ck_assert_int_eq(readers[i].status, HC_OK);
        ck_assert_int_eq(readers[i].rows, i != 2);
    }
    for (int i = 0; i < 13; i++) {
        ck_assert(readers[i].over == (i > 0));
        ck_assert_uint_eq(readers[i].batch.failed_op, 1);
        if (i != 3) /* the driver's to tell */
            ck_assert_int_eq(readers[i].result.count, i != 2);
    }
    let_go_from(1);
}
END_TEST

/* Whichever of them asks for a row that is not there. */
START_TEST(two_are_one_operation)
{
    reader *without = &readers[_i], *with = &readers[1 - _i];

    may_be_merged(2);
    without->id[1] = 1;
    without->result.count = 7;
    let_wait(2);
    let_go(1);
    join(2);
    ck_assert_uint_eq(far.ops[0], 1);
    found(with);
    ck_assert_int_eq(with->result.count, 1);
    ck_assert_int_eq(without->status, HC_OK);
    ck_assert(readers[1].over);
    ck_assert_int_eq(without->rows, 0);
    ck_assert_int_eq(without->result.count, 0);
    let_go_from(1);
}
END_TEST

/* What has an operation of its own gets its rows whatever they begin with. */
START_TEST(a_read_without_its_id_goes_along)
{
    static const uint16_t columns[] = {1};

    for (int i = 0; i < 3; i++) {
        readers[i].op.fields = columns;
        readers[i].op.field_count = 1;
    }
    let_wait(3);
    let_go(1);
    join(3);
    ck_assert_uint_eq(far.trips, 1);
    ck_assert_uint_eq(far.ops[0], 3);
    for (int i = 0; i < 3; i++)
        found(&readers[i]);
    let_go_from(1);
}
END_TEST

/* Nothing of a trip is left for the next one. */
START_TEST(each_trip_begins_anew)
{
    for (size_t i = 0; i < 3; i++) {
        make_reader(&readers[0], 0);
        make_reader(&readers[1], 1);
        go_together(2);
        ck_assert_uint_eq(far.ops[i], 2);
        ck_assert_int_eq(readers[0].rows + readers[1].rows, 2);
    }
}
END_TEST

/* What its caller's batch had before is not told as what came of it; how much was looked at is the driver's to tell. */
START_TEST(of_a_read_that_went_along_all_is_told)
{
    for (int i = 0; i < 2; i++) {
        hc_batch *batch = &readers[i].batch;

        batch->fault = HC_FAULT_UNIQUE;
        batch->fault_index = 3;
        batch->stamp = 9;
        readers[i].result.examined = 7;
        readers[i].id[1] = (uint8_t)i;
    }
    go_together(2);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(readers[i].batch.failed_op, 1);
        ck_assert_int_eq(readers[i].batch.fault, HC_FAULT_NONE);
        ck_assert_int_eq(readers[i].batch.fault_index, HC_INDEX_ANY);
        ck_assert_uint_eq(readers[i].batch.stamp, 0);
        ck_assert_int_eq(readers[i].result.examined, i == 0 ? 1 : 7);
    }
}
END_TEST

START_TEST(a_crowd_is_one_operation)
{
    for (uint8_t i = 0; i < CROWD; i++)
        make_reader(&readers[i], i);
    may_be_merged(CROWD);
    readers[3].id[1] = 1;
    let_wait(CROWD);
    let_go(1);
    join(CROWD);
    ck_assert_uint_eq(far.ops[0], 1);
    ck_assert_uint_lt(far.trips, CROWD / 2);
    for (int i = 0; i < CROWD; i++) {
        ck_assert_int_eq(readers[i].status, HC_OK);
        ck_assert_int_eq(readers[i].rows, i != 3);
        if (readers[i].over)
            ck_assert_int_eq(readers[i].result.count, i != 3);
    }
    let_go_from(1);
}
END_TEST

/* Who had a row by then keeps it; the others of that operation ask by themselves. */
START_TEST(a_failure_after_its_rows_is_nobodys)
{
    may_be_merged(7);
    readers[1].id[1] = 1;
    readers[2].refuses = HC_ERR_NO_MEMORY;
    far.ended = 1;
    far.after_row = true;
    far.with = HC_ERR_TIMEOUT;
    let_wait(7);
    let_go(1);
    join(7);
    for (int i = 0; i < 7; i++)
        if (i != 1 && i != 2)
            found(&readers[i]);
    ck_assert_int_eq(readers[1].status, HC_OK);
    ck_assert_int_eq(readers[1].rows, 0);
    ck_assert(!readers[1].over);
    ck_assert_int_eq(readers[2].status, HC_ERR_NO_MEMORY);
    ck_assert(readers[2].over);
    ck_assert_int_eq(readers[2].rows, 1);
    ck_assert_uint_eq(far.ops[0], 1);
    let_go_from(1);
}
END_TEST

/* ---- what goes wrong on the way ---- */

/* The one that failed and those behind it ask by themselves, and only what happens then is told. */
START_TEST(a_failure_is_nobodys_but_for_who_meets_it_alone)
{
    static const hc_status faults[] = {HC_ERR_UNAVAILABLE, HC_ERR_TIMEOUT, HC_ERR_NO_MEMORY};

    for (far.at = 0; far.at < 2; far.at++)
        for (int row = 0; row < 2; row++) {
            far.ended = 1;
            far.trips = 0;
            far.after_row = row == 1;
            far.with = faults[_i];
            for (uint8_t i = 0; i < READERS; i++)
                make_reader(&readers[i], i);
            readers[0].quiet = row == 0;
            let_wait(7);
            let_go(1);
            join(7);
            for (int i = 0; i < 7; i++) {
                if (i == 0 && far.at == 0 && row == 0 && far.with != HC_ERR_NO_MEMORY)
                    ck_assert_int_eq(readers[i].status, far.with); /* its connection is lost: asked again above */
                else
                    found(&readers[i]);
            }
            ck_assert_uint_eq(far.ended, 0);
            let_go_from(1);
        }
    ck_assert_int_eq(atomic_load(&server.tries) > 4, far.with != HC_ERR_NO_MEMORY);
}
END_TEST

/* Who was told of no row before the failure knows that there is none. */
START_TEST(what_came_before_a_failure_stands)
{
    readers[0].id[1] = 1;
    far.ended = 1;
    far.at = 1;
    far.with = HC_ERR_NO_MEMORY;
    let_wait(3);
    let_go(1);
    join(3);
    ck_assert_int_eq(readers[0].status, HC_OK);
    ck_assert_int_eq(readers[0].rows, 0);
    found(&readers[1]);
    found(&readers[2]);
    ck_assert_uint_eq(far.trips, 3); /* of three, and two alone: the first asked once */
    let_go_from(1);
}
END_TEST

/* A driver that does not say where is believed nothing. */
START_TEST(a_failure_of_no_operation_lets_all_ask_again)
{
    far.ended = 1;
    far.at = 0;
    far.nowhere = true;
    far.with = HC_ERR_NO_MEMORY;
    let_wait(3);
    let_go(1);
    join(3);
    for (int i = 0; i < 3; i++)
        found(&readers[i]);
    ck_assert_uint_eq(far.trips, 4);
    let_go_from(1);
}
END_TEST

START_TEST(who_refuses_a_row_ends_only_its_own)
{
    for (int who = 0; who < 2; who++) {
        for (uint8_t i = 0; i < READERS; i++)
            make_reader(&readers[i], i);
        far.trips = 0;
        readers[who].refuses = HC_ERR_NO_MEMORY;
        readers[1 - who].refuses = HC_NOTE_SAME; /* enough, and no failure */
        let_wait(3);
        let_go(4);
        join(3);
        ck_assert_int_eq(readers[who].status, HC_ERR_NO_MEMORY);
        ck_assert_str_eq(readers[who].err.message, "no room for it");
        found(&readers[1 - who]);
        found(&readers[2]);
        ck_assert_uint_eq(readers[who].batch.failed_op, 0);
    }
    ck_assert_int_eq(atomic_load(&server.tries), 4);
}
END_TEST

/* Whoever was brought is told when the one with the connection leaves with nothing done, or gets none. */
START_TEST(nobody_is_left_behind)
{
    readers[0].leaves = true;
    let_wait(3);
    let_go(1);
    join(3);
    ck_assert_int_eq(readers[0].status, HC_ERR_CANCELLED);
    ck_assert(!readers[1].over && !readers[2].over);
    found(&readers[1]);
    found(&readers[2]);
    for (uint8_t i = 0; i < READERS; i++)
        make_reader(&readers[i], i);
    let_go_from(1);
    let_wait(3);
    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
    hc__store_release(store, &held[0], false);
    join(3);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(readers[i].status, HC_ERR_UNAVAILABLE);
    let_go_from(1);
}
END_TEST

/* ---- who is stopped ---- */

START_TEST(who_rides_can_be_stopped)
{
    far.with = HC_ERR_CANCELLED;
    far.ended = 1;
    let_a_trip_stay();
    hc__store_wake(store); /* nobody was stopped: nothing happens */
    ck_assert_int_eq(atomic_load(&far.interrupts), 0);
    atomic_store(&readers[1].stop, true);
    hc__store_wake(store);
    join(3);
    ck_assert_int_eq(atomic_load(&far.interrupts), 1);
    ck_assert_int_eq(readers[1].status, HC_ERR_CANCELLED);
    found(&readers[0]); /* on the same connection, once more */
    found(&readers[2]);
    ck_assert_int_eq(atomic_load(&server.tries), 4);
    hc__store_wake(store); /* and nobody rides any more */
    ck_assert_int_eq(atomic_load(&far.interrupts), 1);
    let_go_from(1);
}
END_TEST

START_TEST(who_has_the_connection_can_be_stopped)
{
    far.with = HC_ERR_CANCELLED;
    far.ended = 1;
    let_a_trip_stay();
    atomic_store(&readers[0].stop, true);
    hc__store_wake(store);
    join(3);
    ck_assert_int_eq(readers[0].status, HC_ERR_CANCELLED);
    ck_assert_str_eq(readers[0].err.message, "not this one");
    ck_assert_int_eq(readers[0].rows, 0);
    found(&readers[1]);
    found(&readers[2]);
    let_go_from(1);
}
END_TEST

START_TEST(who_was_stopped_before_does_not_go_along)
{
    let_wait(3);
    atomic_store(&readers[1].stop, true); /* and nobody woke it yet */
    let_go(1);
    join(3);
    ck_assert_int_eq(readers[1].status, HC_ERR_CANCELLED);
    ck_assert_int_eq(readers[1].rows, 0);
    found(&readers[0]);
    found(&readers[2]);
    ck_assert_int_eq(atomic_load(&far.interrupts), 0);
    let_go_from(1);
}
END_TEST

/* A trip that did not take place, or came to nothing, tells nothing of how long one takes. */
START_TEST(only_of_trips_that_came_back_something_is_learned)
{
    const struct hc__lane *lane = &store->lanes[HC__READERS];

    readers[0].leaves = true;
    read_one(&readers[0]);
    ck_assert_int_eq(readers[0].status, HC_ERR_CANCELLED);
    readers[1].refuses = HC_ERR_TIMEOUT; /* which ends the connection */
    read_one(&readers[1]);
    ck_assert_int_eq(readers[1].status, HC_ERR_TIMEOUT);
    atomic_store(&server.refuse, HC_ERR_UNAVAILABLE);
    read_one(&readers[2]);
    ck_assert_int_eq(readers[2].status, HC_ERR_UNAVAILABLE);
    read_one(&readers[3]); /* at once */
    ck_assert_int_eq(readers[3].status, HC_ERR_UNAVAILABLE);
    ck_assert_int_eq(lane->quickest, INT64_MAX);
    ck_assert_uint_eq(lane->trips, 0);
}
END_TEST

START_TEST(of_trips_that_came_back_it_is)
{
    read_one(&readers[0]);
    found(&readers[0]);
    ck_assert_int_lt(store->lanes[HC__READERS].quickest, INT64_MAX);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, reads_of_those_who_wait_go_along);
    tcase_add_test(tcase, no_trip_is_longer_than_a_few);
    tcase_add_test(tcase, files_have_no_trips_to_share);
    tcase_add_test(tcase, who_waits_no_longer_is_told_or_has_its_row);
    tcase_add_test(tcase, where_a_connection_is_free_each_goes_by_itself);
    tcase_add_test(tcase, who_has_a_place_and_no_connection_is_told);
    tcase_add_test(tcase, reads_by_id_leave_half_of_the_connections_to_others_at_first);
    tcase_add_test(tcase, who_waits_for_a_trip_that_stalls_goes_alone);
    tcase_add_test(tcase, who_is_in_more_of_a_hurry_does_not_go_along);
    tcase_add_test(tcase, who_wants_a_connection_gets_one);
    tcase_add_test(tcase, who_wants_a_connection_waits_for_its_turn);
    tcase_add_test(tcase, only_a_read_by_id_may_go_along);
    tcase_add_test(tcase, reads_that_differ_in_their_ids_are_one_operation);
    tcase_add_loop_test(tcase, two_are_one_operation, 0, 2);
    tcase_add_test(tcase, a_read_without_its_id_goes_along);
    tcase_add_test(tcase, each_trip_begins_anew);
    tcase_add_test(tcase, of_a_read_that_went_along_all_is_told);
    tcase_add_test(tcase, a_crowd_is_one_operation);
    tcase_add_test(tcase, a_failure_after_its_rows_is_nobodys);
    tcase_add_loop_test(tcase, a_failure_is_nobodys_but_for_who_meets_it_alone, 0, 3);
    tcase_add_test(tcase, what_came_before_a_failure_stands);
    tcase_add_test(tcase, a_failure_of_no_operation_lets_all_ask_again);
    tcase_add_test(tcase, who_refuses_a_row_ends_only_its_own);
    tcase_add_test(tcase, nobody_is_left_behind);
    tcase_add_test(tcase, who_rides_can_be_stopped);
    tcase_add_test(tcase, who_has_the_connection_can_be_stopped);
    tcase_add_test(tcase, who_was_stopped_before_does_not_go_along);
    tcase_add_test(tcase, only_of_trips_that_came_back_something_is_learned);
    tcase_add_test(tcase, of_trips_that_came_back_it_is);
}

int main(void)
{
    return suite_main("unit.storage.ride", fill, begin, end);
}
