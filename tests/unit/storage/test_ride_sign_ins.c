/* Reads that go along with another's, each with a sign-in of its own (storage/merge.h). */
#include "rides.h"

/* It has the reader's number and one more, and lasts. */
static struct sign_in {
    uint8_t id[16];
    hc_value values[2];
    hc_predicate named, lasts, both, there, where;
    const hc_predicate *tests[2], *inside[1], *parts[2];
} sign_in[CROWD];

static void sign_them_in(int first, int count)
{
    may_be_merged(first + count);
    for (int i = first; i < first + count; i++) {
        struct sign_in *in = &sign_in[i];

        memset(in, 0, sizeof *in);
        in->id[0] = (uint8_t)(i + 1);
        in->values[0] = (hc_value){.type = HC_TYPE_ID, .size = 16, .as.bytes = in->id};
        in->values[1] = (hc_value){.type = HC_TYPE_ENUM, .as.integer = 1};
        in->named = (hc_predicate){.test = HC_TEST_EQ, .values = &in->values[0], .value_count = 1};
        in->lasts = (hc_predicate){.test = HC_TEST_EQ, .field = 1, .values = &in->values[1], .value_count = 1};
        in->tests[0] = &in->named;
        in->tests[1] = &in->lasts;
        in->both = (hc_predicate){.test = HC_TEST_AND, .children = in->tests, .child_count = 2};
        in->inside[0] = &in->both;
        in->there = (hc_predicate){.test = HC_TEST_EXISTS,
                                   .field = HC_NO_FIELD,
                                   .inner = HC_NO_FIELD,
                                   .kind = &sign_ins,
                                   .children = in->inside,
                                   .child_count = 1};
        in->parts[0] = &readers[i].where;
        in->parts[1] = &in->there;
        in->where = (hc_predicate){.test = HC_TEST_AND, .children = in->parts, .child_count = 2};
        readers[i].op.where = &in->where;
    }
}

/* All sign-ins are one read and all rows are another, and whose sign-in has ended gets none, even of a row that others
 * get. */
START_TEST(sign_ins_are_looked_up_together)
{
    sign_them_in(0, 7);
    far.signed_out = 4;
    readers[3].id[0] = readers[2].id[0];
    readers[5].id[1] = 1;
    let_wait(7);
    let_go(1);
    join(7);
    ck_assert_uint_eq(far.trips, 1);
    ck_assert_uint_eq(far.ops[0], 2);
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(readers[i].status, HC_OK);
        ck_assert_int_eq(readers[i].rows, i != 3 && i != 5);
        ck_assert_int_eq(readers[i].result.count, i != 3 && i != 5);
        ck_assert(readers[i].over == (i > 0));
    }
    let_go_from(1);
}
END_TEST

START_TEST(those_of_a_few_go_with_their_reads)
{
    static const size_t expected[] = {3, 2};

    for (int more = 0; more < 2; more++) {
        far.trips = 0;
        for (uint8_t i = 0; i < READERS; i++)
            make_reader(&readers[i], i);
        sign_them_in(0, 3 + more);
        let_wait(3 + more);
        let_go(1);
        join(3 + more);
        ck_assert_uint_eq(far.ops[0], expected[more]);
        for (int i = 0; i < 3 + more; i++)
            found(&readers[i]);
        let_go_from(1);
    }
}
END_TEST

/* Their trips took as long as several would, where an engine takes one operation at a time. */
START_TEST(how_long_they_took_teaches_nothing)
{
    const struct hc__lane *lane = &store->lanes[HC__READERS];

    sign_them_in(0, 4);
    let_wait(4);
    let_go(1);
    join(4);
    ck_assert_uint_eq(far.ops[0], 2);
    ck_assert_int_eq(lane->quickest, INT64_MAX);
    let_go_from(1);
    for (uint8_t i = 0; i < 4; i++)
        make_reader(&readers[i], i);
    may_be_merged(4);
    let_wait(4);
    let_go(1);
    join(4);
    ck_assert_uint_eq(far.ops[1], 1);
    ck_assert_int_lt(lane->quickest, INT64_MAX);
    let_go_from(1);
}
END_TEST

/* Two that are asked otherwise come first, by an operation each; and one sign-in that many have stays in their read. */
START_TEST(others_may_be_on_the_same_trip)
{
    readers[0].op.fields = readers[1].op.fields = NULL;
    sign_them_in(2, 5);
    readers[0].op.field_count = readers[1].op.field_count = 0;
    far.signed_out = 7;
    let_wait(7);
    let_go(1);
    join(7);
    ck_assert_uint_eq(far.ops[0], 4);
    for (int i = 0; i < 7; i++)
        ck_assert_int_eq(readers[i].rows, i != 6);
    let_go_from(1);
    for (uint8_t i = 0; i < READERS; i++)
        make_reader(&readers[i], i);
    sign_them_in(0, 7);
    for (int i = 1; i < 7; i++)
        sign_in[i].id[0] = 1;
    far.trips = 0;
    let_wait(7);
    let_go(1);
    join(7);
    ck_assert_uint_eq(far.ops[0], 1);
    let_go_from(1);
}
END_TEST

/* Whatever fails of the two, each asks again with its own sign-in; who had its row keeps it. */
START_TEST(a_failure_of_sign_ins_is_nobodys)
{
    for (int row = 0; row < 2; row++) {
        for (uint8_t i = 0; i < READERS; i++)
            make_reader(&readers[i], i);
        sign_them_in(0, 7);
        far.trips = 0;
        far.ended = 1;
        far.at = (size_t)_i;
        far.after_row = row == 1;
        far.with = HC_ERR_NO_MEMORY;
        let_wait(7);
        let_go(1);
        join(7);
        for (int i = 0; i < 7; i++)
            found(&readers[i]);
        ck_assert_uint_eq(far.ops[0], 2);
        ck_assert_uint_eq(far.trips, _i == 1 && row == 1 ? 1 : 8);
        let_go_from(1);
    }
}
END_TEST

/* Nothing of a trip is left for the next one: what passed then is not counted again. */
START_TEST(each_trip_asks_for_its_own_sign_ins)
{
    for (size_t i = 0; i < 3; i++) {
        for (uint8_t r = 0; r < 4; r++)
            make_reader(&readers[r], r);
        sign_them_in(0, 4);
        go_together(4);
        ck_assert_uint_eq(far.ops[i], 2);
        for (int r = 0; r < 4; r++)
            ck_assert_int_eq(readers[r].rows, 1);
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, sign_ins_are_looked_up_together);
    tcase_add_test(tcase, those_of_a_few_go_with_their_reads);
    tcase_add_test(tcase, how_long_they_took_teaches_nothing);
    tcase_add_test(tcase, each_trip_asks_for_its_own_sign_ins);
    tcase_add_test(tcase, others_may_be_on_the_same_trip);
    tcase_add_loop_test(tcase, a_failure_of_sign_ins_is_nobodys, 0, 2);
}

int main(void)
{
    return suite_main("unit.storage.ride_sign_ins", fill, begin, end);
}
