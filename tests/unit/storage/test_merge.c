/* Which reads by id may be one (storage/merge.h), and what becomes of them. */
#include "base/judge.h"
#include "storage/merge.h"
#include "suite.h"

static const hc_field fields[] = {{.name = "id", .type = HC_TYPE_ID}, {.name = "age", .type = HC_TYPE_INT32}};
static const hc_kind kind = {.name = "far", .fields = fields, .field_count = 2}, other_kind = {.name = "near"};
static const uint16_t columns[] = {0, 1}, other_columns[] = {0, 1}, no_id[] = {1, 0};
static const uint8_t ids[3][16] = {{1}, {2}, {3}};

/* One read: the row of an id, of whom something else is asked, too. */
typedef struct read {
    hc_value id, least, of_row;
    hc_predicate named, older, inside, there;
    const hc_predicate *parts[10], *children[1], *below[1];
    hc_predicate where, deeper;
    hc_op_result result;
    hc_op op;
} read;

static read a, b, c;

static void make(read *me, int id)
{
    memset(me, 0, sizeof *me);
    me->id = (hc_value){.type = HC_TYPE_ID, .size = 16, .as.bytes = ids[id]};
    me->least = (hc_value){.type = HC_TYPE_INT32, .as.integer = 30};
    me->of_row = (hc_value){.type = HC_TYPE_TEXT, .size = 4, .as.bytes = "true"};
    me->named = (hc_predicate){.test = HC_TEST_EQ, .values = &me->id, .value_count = 1};
    me->older = (hc_predicate){.test = HC_TEST_GE, .field = 1, .values = &me->least, .value_count = 1};
    me->inside = (hc_predicate){.test = HC_TEST_EQ, .field = 3, .values = &me->of_row, .value_count = 1};
    me->children[0] = &me->inside;
    me->there = (hc_predicate){.test = HC_TEST_EXISTS,
                               .field = HC_NO_FIELD,
                               .inner = HC_NO_FIELD,
                               .kind = &other_kind,
                               .children = me->children,
                               .child_count = 1};
    me->parts[0] = &me->older;
    me->parts[1] = &me->named;
    me->parts[2] = &me->there;
    me->where = (hc_predicate){.test = HC_TEST_AND, .children = me->parts, .child_count = 3};
    me->op = (hc_op){.verb = HC_VERB_QUERY,
                     .kind = &kind,
                     .where = &me->where,
                     .fields = columns,
                     .field_count = 2,
                     .index = HC_INDEX_ID,
                     .limit = 1,
                     .result = &me->result};
}

static void begin(void)
{
    make(&a, 0);
    make(&b, 1);
    make(&c, 0);
}

static bool are_kin(void)
{
    bool kin = hc__are_kin(&a.op, &b.op);

    ck_assert(hc__are_kin(&b.op, &a.op) == kin);
    return kin;
}

/* Whatever is the same is kin, too. */
static bool may(void)
{
    bool one = hc__may_merge(&a.op, &b.op);

    ck_assert(hc__may_merge(&b.op, &a.op) == one);
    ck_assert(!one || are_kin());
    return one;
}

START_TEST(what_differs_in_the_id_alone_may_be_merged)
{
    ck_assert(may());
    ck_assert(hc__may_merge(&a.op, &c.op));
    ck_assert(hc__id_test(a.op.where) == &a.named);
    a.op.where = &a.named;
    ck_assert(!may());
    b.op.where = &b.named;
    ck_assert(may());
}
END_TEST

/* Each changes one thing of `b`. */
static void another_least(void)
{
    b.least.as.integer = 31;
}
static void another_type(void)
{
    b.least.type = HC_TYPE_INT64;
}
static void another_text(void)
{
    b.of_row.as.bytes = "tree";
}
static void shorter_text(void)
{
    b.of_row.size = 3;
}
static void another_test(void)
{
    b.older.test = HC_TEST_GT;
}
static void another_field(void)
{
    b.older.field = 2;
}
static void another_row_of_it(void)
{
    b.there.inner = 1;
}
static void one_value_less(void)
{
    b.older.value_count = 0;
}
static void one_part_less(void)
{
    b.where.child_count = 2;
}
static void another_kind_inside(void)
{
    b.there.kind = &kind;
}
static void another_kind(void)
{
    b.op.kind = &other_kind;
}
static void another_index(void)
{
    b.op.index = HC_INDEX_ANY;
}
static void other_fields(void)
{
    b.op.fields = other_columns;
}
static void fewer_fields(void)
{
    b.op.field_count = 1;
}
static void no_fields(void)
{
    b.op.field_count = 0;
}
static void an_id_elsewhere(void)
{
    b.op.fields = no_id;
}
static void a_filter(void)
{
    b.op.filter = &b.older;
}
static void a_seek(void)
{
    b.op.seek = &b.id;
}
static void a_scan_limit(void)
{
    b.op.scan_limit = 1;
}
static void an_id_that_is_text(void)
{
    b.id.type = HC_TYPE_TEXT;
}
static void another_order_of_parts(void)
{
    b.parts[0] = &b.named;
    b.parts[1] = &b.older;
}
static void no_id_test(void)
{
    b.named.test = HC_TEST_GE;
}
static void nothing_asked(void)
{
    b.op.where = NULL;
}
static void put_below(read *me)
{
    me->below[0] = &me->named;
    me->deeper = (hc_predicate){.test = HC_TEST_AND, .children = me->below, .child_count = 1};
    me->parts[1] = &me->deeper;
}
static void an_id_below(void)
{
    put_below(&b);
}

static void (*const changes[])(void) = {another_least,
                                        another_type,
                                        another_text,
                                        shorter_text,
                                        another_test,
                                        another_field,
                                        one_value_less,
                                        one_part_less,
                                        another_kind_inside,
                                        another_kind,
                                        another_index,
                                        another_row_of_it,
                                        other_fields,
                                        fewer_fields,
                                        no_fields,
                                        a_filter,
                                        a_seek,
                                        an_id_elsewhere,
                                        a_scan_limit,
                                        an_id_that_is_text,
                                        another_order_of_parts,
                                        no_id_test,
                                        nothing_asked,
                                        an_id_below};

START_TEST(what_differs_in_anything_else_may_not)
{
    changes[_i]();
    ck_assert(!may());
    ck_assert(!are_kin());
}
END_TEST

/* Both are asked in the same odd way, which cannot be one read. */
START_TEST(what_has_no_room_for_several_ids_may_not)
{
    for (size_t i = 3; i < 9; i++)
        a.parts[i] = b.parts[i] = &a.older;
    a.where.child_count = b.where.child_count = HC__MERGE_PARTS;
    ck_assert(may());
    a.where.child_count = b.where.child_count = HC__MERGE_PARTS + 1;
    ck_assert(!may());
}
END_TEST

START_TEST(ids_that_are_not_at_the_top_may_not)
{
    put_below(&a);
    put_below(&b);
    a.parts[3] = &a.named; /* behind the last */
    b.parts[3] = &b.named;
    ck_assert(!may());
}
END_TEST

START_TEST(null_is_the_same_as_null)
{
    a.least = (hc_value){.type = HC_TYPE_NULL, .as.integer = 1};
    b.least = (hc_value){.type = HC_TYPE_NULL};
    ck_assert(may());
}
END_TEST

/* A policy may name an id, too: only the first test is the one that differs. */
START_TEST(a_second_id_must_be_the_same)
{
    a.parts[0] = &c.named;
    b.parts[0] = &c.named;
    a.named.values = b.named.values = &b.id;
    make(&c, 2);
    ck_assert(may());
    a.named.values = &a.id;
    ck_assert(!may());
}
END_TEST

START_TEST(a_merged_read_asks_for_all_ids)
{
    const hc_op *reads[] = {&a.op, &b.op, &c.op};
    hc__merged merged;
    hc_op op;

    memset(&merged, 0x5A, sizeof merged); /* what was merged before */
    a.op.order_count = 2;
    ck_assert_uint_eq(hc__merge(&merged, &op, reads, 3), 1);
    ck_assert_int_eq(op.where->test, HC_TEST_AND);
    ck_assert_uint_eq(op.where->child_count, 3);
    ck_assert(op.where->children[0] == &a.older && op.where->children[2] == &a.there);
    ck_assert(op.where->children[1]->test == HC_TEST_IN && op.where->children[1]->field == 0);
    ck_assert_uint_eq(op.where->children[1]->value_count, 3);
    ck_assert(op.where->children[1]->values[0].as.bytes == ids[0] &&
              op.where->children[1]->values[1].as.bytes == ids[1]);
    ck_assert(op.limit == 0 && op.order_count == 0 && op.result == NULL && op.kind == &kind && op.fields == columns);
    ck_assert(hc__asks_for(&a.op, &op.where->children[1]->values[0]));
    ck_assert(hc__asks_for(&c.op, &op.where->children[1]->values[0]));
    ck_assert(!hc__asks_for(&b.op, &op.where->children[1]->values[0]));
    a.where.child_count = b.where.child_count = 2;
    ck_assert_uint_eq(hc__merge(&merged, &op, reads, 2), 1);
    ck_assert(op.where->child_count == 2 && op.where->children[0] == &a.older);
    a.op.where = &a.named;
    b.op.where = &b.named;
    ck_assert_uint_eq(hc__merge(&merged, &op, reads, 2), 1);
    ck_assert(op.where->test == HC_TEST_IN && op.where->value_count == 2);
}
END_TEST

/* ---- reads that each name another row ---- */

#define NAMED 3 /* rows; one more than may be judged here */

static const hc_kind logins = {.name = "logins"};

/* A sign-in: its id, its state, that it has not ended, and lasts until later. */
typedef struct login {
    hc_value values[4];
    hc_predicate tests[9], all, deeper, there;
    const hc_predicate *parts[9], *inside[1];
} login;

static login of_a[NAMED], of_b[NAMED];

static void make_login(login *me, const uint8_t *id)
{
    memset(me, 0, sizeof *me);
    me->values[0] = (hc_value){.type = HC_TYPE_ID, .size = 16, .as.bytes = id};
    me->values[1] = (hc_value){.type = HC_TYPE_ENUM, .as.integer = 2};
    me->values[3] = (hc_value){.type = HC_TYPE_TIME, .as.integer = 1000};
    me->tests[0] = (hc_predicate){.test = HC_TEST_EQ, .field = 0, .values = &me->values[0], .value_count = 1};
    me->tests[1] = (hc_predicate){.test = HC_TEST_EQ, .field = 5, .values = &me->values[1], .value_count = 1};
    me->tests[2] = (hc_predicate){.test = HC_TEST_IS_NULL, .field = 63};
    me->tests[3] = (hc_predicate){.test = HC_TEST_GT, .field = 7, .values = &me->values[3], .value_count = 1};
    for (int i = 0; i < 9; i++)
        me->parts[i] = &me->tests[i < 4 ? i : 1];
    me->all = (hc_predicate){.test = HC_TEST_AND, .children = me->parts, .child_count = 4};
    me->inside[0] = &me->all;
    me->there = (hc_predicate){.test = HC_TEST_EXISTS,
                               .field = HC_NO_FIELD,
                               .inner = HC_NO_FIELD,
                               .kind = &logins,
                               .children = me->inside,
                               .child_count = 1};
}

/* Both name that many rows, and each its own. */
static void name_rows(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        make_login(&of_a[i], ids[0]);
        make_login(&of_b[i], ids[1]);
        a.parts[2 + i] = &of_a[i].there;
        b.parts[2 + i] = &of_b[i].there;
    }
    a.where.child_count = b.where.child_count = 2 + count;
}

START_TEST(what_names_another_row_besides_is_kin)
{
    name_rows(2);
    ck_assert(!may());
    ck_assert(are_kin());
    of_b[1] = of_a[1];
    of_b[0].values[1].as.integer = 3;
    ck_assert(are_kin());
    b.least.as.integer = 31; /* which is not of that row */
    ck_assert(!are_kin());
    b.least.as.integer = 30;
    for (size_t i = 4; i < 9; i++)
        of_a[0].parts[i] = of_b[0].parts[i] = &of_a[0].tests[1];
    of_a[0].all.child_count = of_b[0].all.child_count = HC__MERGE_LEAVES;
    ck_assert(are_kin());
    of_a[0].all.child_count = of_b[0].all.child_count = HC__MERGE_LEAVES + 1;
    ck_assert(!are_kin());
}
END_TEST

START_TEST(so_is_what_asks_for_its_id_alone)
{
    const hc_op *reads[] = {&a.op, &b.op};
    hc__merged merged;
    hc_op ops[HC__MERGE_OPS];

    name_rows(1);
    of_a[0].inside[0] = &of_a[0].tests[0];
    of_b[0].inside[0] = &of_b[0].tests[0];
    ck_assert(are_kin());
    ck_assert(!may());
    ck_assert_uint_eq(hc__merge(&merged, ops, reads, 2), 2);
    ck_assert(ops[0].field_count == 1 && ops[0].fields[0] == 0);
    b.op.where = &b.named; /* who names none */
    ck_assert(!are_kin());
    b.op.where = &b.where;
    of_a[0].tests[0].field = of_b[0].tests[0].field = 1;
    ck_assert(!are_kin());
}
END_TEST

START_TEST(of_more_rows_the_last_must_be_the_same)
{
    name_rows(NAMED);
    ck_assert(!are_kin());
    make_login(&of_b[2], ids[0]);
    ck_assert(are_kin());
    make_login(&of_b[0], ids[0]); /* however few of them differ */
    make_login(&of_b[2], ids[1]);
    ck_assert(!are_kin());
    a.parts[0] = &of_a[0].there; /* wherever the first of them stands */
    b.parts[0] = &of_b[0].there;
    a.parts[2] = &a.older;
    b.parts[2] = &b.older;
    ck_assert(!are_kin());
}
END_TEST

/* Each spoils one thing that the rows of both are asked, so that no row can be judged by it here. */
static void by_text(login *me)
{
    me->values[1] = (hc_value){.type = HC_TYPE_TEXT, .size = 4, .as.bytes = "true"};
}
static void by_key(login *me)
{
    me->values[1] = (hc_value){.type = HC_TYPE_KEY, .size = 4, .as.bytes = "true"};
}
static void by_now(login *me)
{
    me->values[3].type = HC_TYPE_NOW;
}
static void equal_to_now(login *me)
{
    me->values[1].type = HC_TYPE_NOW;
}
static void more_of_a_word(login *me)
{
    me->values[3].type = HC_TYPE_ENUM;
}
static void by_another_test(login *me)
{
    me->tests[3].test = HC_TEST_GE;
}
static void that_there_is_a_value(login *me)
{
    me->tests[2].test = HC_TEST_NOT_NULL;
}
static void far_away(login *me)
{
    me->tests[2].field = HC__MERGE_FIELDS;
}
static void of_our_row(login *me)
{
    me->there.inner = 1;
}
static void of_no_kind(login *me)
{
    me->there.kind = NULL;
}
static void below_another(login *me)
{
    me->deeper = (hc_predicate){.test = HC_TEST_AND, .children = me->parts + 1, .child_count = 1};
    me->parts[3] = &me->deeper;
}
static void either(login *me)
{
    me->deeper = (hc_predicate){.test = HC_TEST_OR, .children = me->parts, .child_count = 2};
    me->parts[3] = &me->deeper;
}
static void yet_another_row(login *me)
{
    me->deeper = (hc_predicate){.test = HC_TEST_EXISTS, .inner = HC_NO_FIELD, .kind = &logins};
    me->parts[3] = &me->deeper;
}
static void without_its_id(login *me)
{
    me->tests[0].test = HC_TEST_GT;
}
static void of_a_kind_with_keys(login *me)
{
    me->values[0].type = HC_TYPE_KEY;
}
static void by_its_key_alone(login *me)
{
    me->values[0].type = HC_TYPE_KEY;
    me->inside[0] = &me->tests[0];
}

static void (*const odd[])(login *) = {by_text,
                                       by_key,
                                       by_now,
                                       equal_to_now,
                                       more_of_a_word,
                                       by_another_test,
                                       that_there_is_a_value,
                                       far_away,
                                       of_our_row,
                                       of_no_kind,
                                       below_another,
                                       either,
                                       yet_another_row,
                                       without_its_id,
                                       of_a_kind_with_keys,
                                       by_its_key_alone};

START_TEST(what_cannot_be_judged_here_must_be_the_same)
{
    name_rows(1);
    odd[_i](&of_a[0]);
    odd[_i](&of_b[0]);
    of_b[0].values[0].as.bytes = of_a[0].values[0].as.bytes;
    ck_assert(may());
    of_b[0].values[0].as.bytes = ids[1];
    ck_assert(!are_kin());
}
END_TEST

/* Each makes one of the two ask in another way. */
static void less(login *me)
{
    me->all.child_count = 3;
}
static void of_another_field(login *me)
{
    me->tests[1].field = 6;
}
static void of_another_type(login *me)
{
    me->values[1].type = HC_TYPE_INT32;
}
static void of_another_kind(login *me)
{
    me->there.kind = &kind;
}

static void of_nothing(login *me)
{
    me->there.child_count = 0;
}

static void (*const other_ways[])(login *) = {less,       of_another_field, of_another_type, of_another_kind,
                                              of_nothing, by_text,          of_our_row};

START_TEST(who_asks_in_another_way_is_no_kin)
{
    name_rows(1);
    other_ways[_i](&of_b[0]);
    ck_assert(!are_kin());
}
END_TEST

/* The second row is the same for both, and asked for in the statement as before. */
START_TEST(a_row_that_differs_is_read_for_all)
{
    const hc_op *reads[] = {&a.op, &b.op};
    hc__merged merged;
    hc_op ops[HC__MERGE_OPS];

    name_rows(2);
    make_login(&of_b[1], ids[0]);
    of_a[0].parts[0] = of_b[0].parts[0] = &of_a[0].tests[1]; /* in front of the id, and once more */
    of_a[0].parts[1] = &of_a[0].tests[0];
    of_b[0].parts[1] = &of_b[0].tests[0];
    of_a[0].parts[4] = of_b[0].parts[4] = &of_a[0].tests[1];
    of_a[0].all.child_count = of_b[0].all.child_count = 5;
    ck_assert_uint_eq(hc__merge(&merged, ops, reads, 2), 2);
    ck_assert(ops[0].verb == HC_VERB_QUERY && ops[0].kind == &logins && ops[0].index == HC_INDEX_ID);
    ck_assert(ops[0].expect == HC_EXPECT_ANY && ops[0].limit == 0 && ops[0].order_count == 0);
    ck_assert(ops[0].where->test == HC_TEST_IN && ops[0].where->field == 0 && ops[0].where->value_count == 2);
    ck_assert(ops[0].where->values[0].as.bytes == ids[0] && ops[0].where->values[1].as.bytes == ids[1]);
    ck_assert_uint_eq(ops[0].field_count, 4);
    ck_assert(ops[0].fields[0] == 0 && ops[0].fields[1] == 5 && ops[0].fields[2] == 63 && ops[0].fields[3] == 7);
    ck_assert_uint_eq(ops[1].where->child_count, 3);
    ck_assert(ops[1].where->children[0] == &a.older && ops[1].where->children[1]->test == HC_TEST_IN);
    ck_assert(ops[1].where->children[2] == &of_a[1].there);
}
END_TEST

START_TEST(of_two_that_differ_both_are)
{
    const hc_op *reads[] = {&a.op, &b.op};
    hc__merged merged;
    hc_op ops[HC__MERGE_OPS];

    name_rows(2);
    a.parts[0] = b.parts[0] = &of_a[0].there; /* the id and two rows are all that is asked */
    b.parts[0] = &of_b[0].there;
    a.parts[2] = &of_a[1].there;
    b.parts[2] = &of_b[1].there;
    a.where.child_count = b.where.child_count = 3;
    ck_assert(are_kin());
    ck_assert_uint_eq(hc__merge(&merged, ops, reads, 2), 3);
    ck_assert(ops[0].kind == &logins && ops[1].kind == &logins && ops[2].kind == &kind);
    ck_assert(ops[0].where != ops[1].where && ops[0].fields != ops[1].fields);
    ck_assert(ops[2].where->test == HC_TEST_IN && ops[2].where->value_count == 2);
}
END_TEST

START_TEST(a_row_passes_for_who_asks_for_it)
{
    const hc_op *reads[] = {&a.op, &b.op};
    hc__merged merged;
    hc_op ops[HC__MERGE_OPS];
    hc_value values[4];
    hc_row row = {.what = HC_ROW_MATCH, .count = 4, .values = values};

    name_rows(1);
    ck_assert_uint_eq(hc__merge(&merged, ops, reads, 2), 2);
    values[0] = of_a[0].values[0];
    values[1] = of_a[0].values[1];
    values[2] = (hc_value){.type = HC_TYPE_NULL};
    values[3] = (hc_value){.type = HC_TYPE_TIME, .as.integer = 1001};
    ck_assert(hc__passes(&merged, 0, &a.op, &row));
    ck_assert(!hc__passes(&merged, 0, &b.op, &row)); /* which is another's */
    values[3].as.integer = 1000;
    ck_assert(!hc__passes(&merged, 0, &a.op, &row));
    values[3].as.integer = 1001;
    values[2] = values[3];
    ck_assert(!hc__passes(&merged, 0, &a.op, &row));
    values[2].type = HC_TYPE_NULL;
    values[1].as.integer = 1;
    ck_assert(!hc__passes(&merged, 0, &a.op, &row));
    values[1].as.integer = 2;
    values[0] = of_b[0].values[0];
    ck_assert(hc__passes(&merged, 0, &b.op, &row));
    ck_assert(!hc__passes(&merged, 0, &a.op, &row));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_differs_in_the_id_alone_may_be_merged);
    tcase_add_loop_test(tcase, what_differs_in_anything_else_may_not, 0, (int)(sizeof changes / sizeof *changes));
    tcase_add_test(tcase, what_has_no_room_for_several_ids_may_not);
    tcase_add_test(tcase, ids_that_are_not_at_the_top_may_not);
    tcase_add_test(tcase, null_is_the_same_as_null);
    tcase_add_test(tcase, a_second_id_must_be_the_same);
    tcase_add_test(tcase, a_merged_read_asks_for_all_ids);
    tcase_add_test(tcase, what_names_another_row_besides_is_kin);
    tcase_add_test(tcase, so_is_what_asks_for_its_id_alone);
    tcase_add_test(tcase, of_more_rows_the_last_must_be_the_same);
    tcase_add_loop_test(tcase, what_cannot_be_judged_here_must_be_the_same, 0, (int)(sizeof odd / sizeof *odd));
    tcase_add_loop_test(tcase, who_asks_in_another_way_is_no_kin, 0, (int)(sizeof other_ways / sizeof *other_ways));
    tcase_add_test(tcase, a_row_that_differs_is_read_for_all);
    tcase_add_test(tcase, of_two_that_differ_both_are);
    tcase_add_test(tcase, a_row_passes_for_who_asks_for_it);
}

int main(void)
{
    return suite_main("unit.storage.merge", fill, begin, NULL);
}
