/* Memory that runs out: at each allocation of the driver and of the engine, once and for good. */
#include "shelf.h"

static int64_t allocations, fail_at; /* fail_at 0: never */
static bool for_good;
static int64_t outstanding; /* of the driver */

static bool denied(void)
{
    allocations++;
    return fail_at != 0 && (allocations == fail_at || (for_good && allocations > fail_at));
}

static void *scarce_allocate(size_t size, void *data)
{
    void *block = denied() ? NULL : shelf_allocate(size, data);

    outstanding += block != NULL;
    return block;
}

static void *scarce_reallocate(void *block, size_t size, void *data)
{
    return denied() ? NULL : shelf_reallocate(block, size, data);
}

static void scarce_release(void *block, void *data)
{
    outstanding--;
    shelf_release(block, data);
}

static sqlite3_mem_methods real;

static void *engine_malloc(int size)
{
    return denied() ? NULL : real.xMalloc(size);
}

static void *engine_realloc(void *block, int size)
{
    return denied() ? NULL : real.xRealloc(block, size);
}

static void make_memory_scarce(void)
{
    sqlite3_mem_methods scarce;

    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real), SQLITE_OK);
    scarce = real;
    scarce.xMalloc = engine_malloc;
    scarce.xRealloc = engine_realloc;
    ck_assert_int_eq(sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce), SQLITE_OK);
    shelf_memory = (hc_allocator){sizeof(hc_allocator), scarce_allocate, scarce_reallocate, scarce_release, NULL};
    (void)snprintf(uri, sizeof(uri), "sqlite::memory:");
}

static hc_status on_row(const hc_row *row, void *data, hc_error *error)
{
    (void)row;
    (void)data;
    (void)error;
    return HC_OK;
}

static hc_status plan_line(const char *line, void *data)
{
    (void)line;
    (void)data;
    return HC_OK;
}

static hc_status read_all(void)
{
    static const uint16_t fields[] = {0, 1, 2};
    static const hc_order by_title[] = {{1, 0}, {0, 0}};
    hc_value word = {HC_TYPE_TOKENS, 3, {.bytes = "zqa"}};
    hc_value title = {HC_TYPE_TEXT, 1, {.bytes = "t"}};
    hc_predicate match = {.test = HC_TEST_MATCH, .field = 3, .values = &word, .value_count = 1};
    hc_predicate starts = {.test = HC_TEST_STARTS_WITH, .field = 1, .values = &title, .value_count = 1};
    hc_op ops[3] = {
        {.verb = HC_VERB_QUERY, .expect = -1, .kind = &books, .where = &match, .index = HC_INDEX_ANY},
        {.verb = HC_VERB_QUERY, .expect = -1, .kind = &books, .where = &starts, .scan_limit = 2, .index = 0},
        {.verb = HC_VERB_QUERY, .expect = -1, .kind = &books, .filter = &starts, .scan_limit = 2, .index = 0}};
    hc_batch batch = {.struct_size = sizeof(batch), .ops = ops, .op_count = 3, .on_row = on_row};
    hc_status status;

    for (int i = 0; i < 3; i++) {
        ops[i].fields = fields;
        ops[i].field_count = 3;
        ops[i].order = by_title;
        ops[i].order_count = 2;
    }
    batch.flags = HC_BATCH_BEGIN | HC_BATCH_READ_ONLY | HC_BATCH_COMMIT;
    status = driver->execute(conn, &batch, &err);
    return status < 0 ? status : driver->explain(conn, &ops[1], plan_line, NULL, &err);
}

static hc_status story(void)
{
    hc_status status = shelf_open();

    for (uint32_t n = 0; n < 3 && status == HC_OK; n++)
        status = shelf_add(conn, n, "title");
    if (status == HC_OK)
        status = read_all();
    return status;
}

static void run_short_of_memory(void)
{
    hc_status status = HC_ERR_NO_MEMORY;

    for (fail_at = 1; status != HC_OK || allocations >= fail_at; fail_at++) {
        allocations = 0;
        memset(&err, 0, sizeof(err));
        status = story();
        ck_assert_msg(status == HC_OK || status == HC_ERR_NO_MEMORY, "allocation %lld: status %d, %s",
                      (long long)fail_at, (int)status, err.message);
        shelf_close();
        ck_assert_int_eq(outstanding, 0);
        ck_assert_int_eq(sqlite3_memory_used(), 0);
    }
    ck_assert_int_gt(fail_at, 500);
}

/* S13 */
START_TEST(one_failed_allocation_is_an_error_and_no_leak)
{
    make_memory_scarce();
    run_short_of_memory();
}
END_TEST

/* S13 */
START_TEST(no_memory_at_all_is_an_error_and_no_leak)
{
    make_memory_scarce();
    for_good = true;
    run_short_of_memory();
}
END_TEST

/* S13: what was there stays, and the connection goes on */
START_TEST(a_connection_outlives_a_shortage)
{
    int64_t before, now;
    int64_t step;

    make_memory_scarce();
    ck_assert_int_eq(shelf_open(), HC_OK);
    ck_assert_int_eq(shelf_add(conn, 0, "title"), HC_OK);
    before = shelf_count(conn);
    for (step = 1; step < 300; step++) {
        hc_status status;

        allocations = 0;
        fail_at = step;
        status = shelf_add(conn, (uint32_t)step, "title");
        fail_at = 0;
        ck_assert(status == HC_OK || status == HC_ERR_NO_MEMORY);
        now = shelf_count(conn);
        ck_assert_int_eq(now, before + (status == HC_OK));
        before = now;
    }
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, one_failed_allocation_is_an_error_and_no_leak);
    tcase_add_test(tcase, no_memory_at_all_is_an_error_and_no_leak);
    tcase_add_test(tcase, a_connection_outlives_a_shortage);
}

int main(void)
{
    return suite_main("unit.driver_sqlite.memory", fill, shelf_set_up, shelf_tear_down);
}
