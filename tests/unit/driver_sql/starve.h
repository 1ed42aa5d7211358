/* S13: the life of a connection to a server, each allocation of the driver's own failing: it says so, nothing leaks,
 * and nobody is kept from what another connection does. For the test_faults.c of a driver's room. */
#ifndef DRIVER_SQL_STARVE_H
#define DRIVER_SQL_STARVE_H

#include "failing.h"

static hc_status starve_row(const hc_row *row, void *data, hc_error *why)
{
    (void)row;
    (void)data;
    (void)why;
    return HC_OK;
}

static hc_status starve_line(const char *line, void *data)
{
    (void)line;
    (void)data;
    return HC_OK;
}

static hc_value starve_text(int32_t type, const char *text)
{
    return (hc_value){type, (uint32_t)strlen(text), {.bytes = text}};
}

/* Each verb, with what makes it take memory. */
static hc_status starve_work(void)
{
    static const uint16_t fields[] = {BOOK_ID, BOOK_TITLE, BOOK_COPIES, BOOK_PRICE, BOOK_AT, BOOK_NOTES};
    static const hc_order order[] = {{BOOK_AT, 0}, {BOOK_TITLE, HC_ORDER_DESCENDING}, {BOOK_ID, 0}};
    const hc_value some[] = {starve_text(HC_TYPE_TEXT, "book 1"), starve_text(HC_TYPE_TEXT, "b%_\\'k")};
    const hc_value now = {HC_TYPE_NOW, 0, {0}}, one = {HC_TYPE_INT32, 0, {1}};
    const hc_predicate in = {.test = HC_TEST_IN, .field = BOOK_TITLE, .values = some, .value_count = 2};
    const hc_predicate has = {.test = HC_TEST_CONTAINS, .field = BOOK_TITLE, .values = &some[1], .value_count = 1};
    const hc_predicate begins = {.test = HC_TEST_STARTS_WITH, .field = BOOK_TITLE, .values = some, .value_count = 1};
    const hc_predicate past = {.test = HC_TEST_LE, .field = BOOK_AT, .values = &now, .value_count = 1};
    const hc_predicate none = {.test = HC_TEST_IS_NULL, .field = BOOK_NOTES};
    const hc_predicate *const parts[] = {&in, &has, &begins, &past, &none};
    const hc_predicate where = {.test = HC_TEST_OR, .children = parts, .child_count = 5};
    shelf_book books_of[3];
    hc_set all[BOOK_FIELDS];
    const hc_group by_day = {BOOK_AT, HC_GROUP_DAY, 0, NULL}, by_copies = {BOOK_COPIES, HC_GROUP_BOUNDS, 1, &one};
    hc_op ops[10];
    hc_value seek[3];

    for (uint32_t n = 0; n < 3; n++)
        shelf_book_init(&books_of[n], n + 1);
    memcpy(all, books_of[0].sets, sizeof all);
    all[3] = (hc_set){BOOK_PRICE, HC_SET_TO, 0, {HC_TYPE_DECIMAL, 0, {123456789}}};
    all[4] = (hc_set){BOOK_AT, HC_SET_TO, 0, now};
    all[5] = (hc_set){BOOK_NOTES, HC_SET_TO, 0, starve_text(HC_TYPE_JSON, "{\"a\":[1,\"b\"]}")};
    seek[0] = (hc_value){HC_TYPE_TIME, 0, {0}};
    seek[1] = some[1];
    seek[2] = books_of[2].key;
    ops[0] = (hc_op){.verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = &books, .index = HC_INDEX_ANY};
    ops[1] = books_of[0].insert;
    ops[1].sets = all;
    ops[1].set_count = BOOK_FIELDS;
    ops[2] = books_of[1].insert;
    ops[3] = books_of[2].insert;
    ops[3].verb = HC_VERB_INSERT_IF_ABSENT;
    ops[4] = books_of[1].update;
    ops[5] = (hc_op){.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &books,
                     .filter = &where,
                     .fields = fields,
                     .field_count = BOOK_FIELDS,
                     .order = order,
                     .order_count = 3,
                     .index = HC_INDEX_ANY};
    ops[6] = ops[5];
    ops[6].seek = seek;
    ops[6].limit = 2;
    ops[6].scan_limit = 2;
    ops[7] =
        (hc_op){.verb = HC_VERB_COUNT, .expect = HC_EXPECT_ANY, .kind = &books, .where = &where, .index = HC_INDEX_ANY};
    ops[8] = (hc_op){.verb = HC_VERB_GROUP,
                     .expect = HC_EXPECT_ANY,
                     .kind = &books,
                     .group = &by_day,
                     .filter = &where,
                     .index = HC_INDEX_ANY};
    ops[9] = ops[8];
    ops[9].group = &by_copies;
    memset(&err, 0, sizeof err);
    batch = (hc_batch){.struct_size = sizeof batch,
                       .flags = HC_BATCH_BEGIN | HC_BATCH_COMMIT,
                       .ops = ops,
                       .op_count = 10,
                       .on_row = starve_row};
    {
        hc_status status = driver->execute(conn, &batch, &err);

        return status < 0 ? status : driver->explain(conn, &ops[5], starve_line, NULL, &err);
    }
}

static hc_status starve_life(void)
{
    int32_t version = 0;
    hc_status status = shelf_open();

    if (status == HC_OK)
        status = driver->schema(conn, &version, &err);
    if (status == HC_OK)
        status = driver->migrate(conn, &book_migration, 1, 0, &err);
    if (status == HC_OK)
        status = starve_work();
    shelf_close();
    return status;
}

static void starve(void)
{
    const hc_allocator plain = shelf_memory;
    failing state = {0};
    int64_t n = 0, before;
    hc_status status;

    shelf_close();
    setenv("HC_TEST_THIN", "1", 1); /* each piece of an arena, too */
    ck_assert_msg(starve_life() == HC_OK, "%s", err.message);
    do {
        state = (failing){.fail_at = ++n, .from_on = true};
        shelf_memory = failing_allocator(&state);
        status = starve_life();
        shelf_memory = plain;
        ck_assert_msg(state.failed == 0 ? status == HC_OK : status == HC_ERR_NO_MEMORY, "allocation %lld: %d %s",
                      (long long)n, (int)status, err.message);
        ck_assert_msg(state.live == 0, "allocation %lld: %ld blocks stay", (long long)n, state.live);
    } while (state.failed > 0 && n < 3000);
    ck_assert_int_gt(n, 30);
    unsetenv("HC_TEST_THIN");
    ck_assert_int_eq(shelf_open(), HC_OK);
    before = shelf_count(conn);
    ck_assert_int_eq(before, 3);
    (void)printf("%lld allocations failed\n", (long long)n - 1);
}

#endif
