/* A store into another: between all engines that this run has. */
#include "copying.h"

static void one_pair(const char *from, const char *to)
{
    int64_t total;

    setenv("HC_TEST_STORE", from, 1);
    house_open();
    live();
    place_make(&target, to);
    HOUSE_OK(copy(err));
    ck_assert_int_eq(counts.same + counts.copied, counts.total);
    ck_assert_int_eq(counts.verified, counts.copied);
    ck_assert_int_eq(counts.removed, 0);
    ck_assert_int_gt(counts.total, 40);
    total = counts.total;
    assert_same_counts();
    assert_serves();
    ck_assert_int_eq(copy(NULL), HC_NOTE_SAME);
    ck_assert_int_eq(counts.same, total);
    ck_assert_int_eq(counts.copied + counts.removed, 0);
    use_target();
    HOUSE_FAILS(copy(err), HC_ERR_CONFLICT, "storage_uri");
    ck_assert_int_eq(rows_of("audit_log") + 1, place_number(&target, "SELECT count(*) FROM audit_log"));
    printf("copy: %s to %s, %lld rows\n", from, to, (long long)total);
    place_drop(&target);
    house_close();
}

/* S45: two stores of different engines are open at once. */
START_TEST(between_all_engines_everything_arrives)
{
    const char *const *engines;
    size_t count = place_engines(&engines);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            one_pair(engines[i], engines[k]);
    if (count < 3)
        printf("copy: not all servers are named in HC_TEST_POSTGRES_URI and HC_TEST_MARIADB_URI: %zu engines\n", count);
}
END_TEST

/* Another program may have written to a file what no server takes: the row is told, and what it holds is not. */
START_TEST(a_value_that_the_target_cannot_keep_is_named)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    char id[40], sql[200];

    setenv("HC_TEST_STORE", "sqlite", 1);
    open_pair();
    batch = 0; /* as many as go in one piece */
    for (int i = 0; i < 100; i++)
        house_list_home(house.ana, "One of many", 100 + i);
    house_sql("UPDATE properties SET description=CAST(x'70656361ff' AS TEXT) WHERE title LIKE 'House%'");
    snprintf(sql, sizeof sql, "SELECT count(*) FROM properties WHERE hex(description)='70656361FF'");
    ck_assert_int_eq(house_sql(sql), 1);
    hc_id_format(id, house.bens_id);
    for (size_t i = 1; i < count; i++) {
        hc_error why = {0};

        place_drop(&target);
        place_make(&target, engines[i]);
        ck_assert_int_eq(copy(&why), HC_ERR_INVALID);
        ck_assert_msg(strncmp(why.field, "properties", 10) == 0, "%s: %s", why.field, why.message);
        printf("copy: %s: %s\n", why.field, why.message);
        ck_assert_msg(strstr(why.message, id) != NULL, "%s", why.message);
        ck_assert_ptr_null(strstr(why.message, "peca"));
        house_sql("UPDATE properties SET description='pecan' WHERE title LIKE 'House%'");
        HOUSE_OK(copy(err));
        assert_serves();
        house_sql("UPDATE properties SET description=CAST(x'70656361ff' AS TEXT) WHERE title LIKE 'House%'");
    }
    close_pair();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, between_all_engines_everything_arrives);
    tcase_add_test(tcase, a_value_that_the_target_cannot_keep_is_named);
}

int main(void)
{
    return suite_main("api.copy.pairs", fill, NULL, NULL);
}
