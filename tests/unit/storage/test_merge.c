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

static bool may(void)
{
    bool one = hc__may_merge(&a.op, &b.op);

    ck_assert(hc__may_merge(&b.op, &a.op) == one);
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

    a.op.order_count = 2;
    op = hc__merge(&merged, reads, 3);
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
    a.op.where = &a.named;
    b.op.where = &b.named;
    op = hc__merge(&merged, reads, 2);
    ck_assert(op.where->test == HC_TEST_IN && op.where->value_count == 2);
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
}

int main(void)
{
    return suite_main("unit.storage.merge", fill, begin, NULL);
}
