/* Background work comes in short transactions, each kind in its turn, and none is begun once the budget is spent. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "house.h"

#define BATCH  512
#define KEYS   1200
#define LOGINS 700
#define BUDGET HOUSE_SECOND

static struct seen {
    int64_t removed[16];
    int64_t keys_left[16]; /* after each, as another program sees it */
    int batches;
    int64_t pause; /* after each batch, µs */
} seen;

static int64_t keys_left(void)
{
    return house_sql("SELECT count(*) FROM idempotency_keys");
}

static void note(const char *name, int64_t value, void *data)
{
    (void)data;
    if (strcmp(name, "upkeep.removed") != 0)
        return;
    ck_assert_int_lt(seen.batches, 16);
    seen.removed[seen.batches] = value;
    seen.keys_left[seen.batches++] = keys_left();
    usleep((useconds_t)seen.pause);
}

static void run(const char *sql, int rows)
{
    ck_assert_int_eq(house_change(sql), rows);
}

static hc_client *client;

/* Old keys and sign-ins, and one key that is not old. */
static void open_crowded(void)
{
    hc_client_options options;
    hc_property *home;
    hc_id id;
    char sql[600];

    house_open();
    snprintf(
        sql, sizeof sql,
        "INSERT INTO sessions(id,user_id,epoch,auth_at,created_at,expires_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION"
        " ALL SELECT i + 1 FROM n WHERE i < %d) SELECT randomblob(16), user_id, epoch, auth_at, created_at,"
        " at(us(created_at) + i) FROM n, (SELECT * FROM sessions LIMIT 1) s",
        LOGINS);
    run(sql, LOGINS);
    house_pass(8 * HOUSE_DAY);
    hc_session_free(house.ana);
    house.ana = house_login("ana@example.com", HOUSE_PASSWORD);
    home = house_sketch("A home", 40000000);
    HOUSE_OK(hc_session_set_idempotency_key(house.ana, "kept", err));
    HOUSE_OK(hc_property_create(&id, house.ana, home, err));
    hc_property_free(home);
    house_change("DELETE FROM idempotency_keys WHERE key IS NULL"); /* what a server's units are known by */
    snprintf(
        sql, sizeof sql,
        "INSERT INTO idempotency_keys(id,actor_id,operation,key,request_hash,result_id,created_at) WITH RECURSIVE n(i)"
        " AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT randomblob(16), actor_id, operation,"
        " 'old ' || i, request_hash, result_id, at(us(created_at) - %lld - i) FROM n, (SELECT * FROM"
        " idempotency_keys WHERE key = 'kept') k",
        KEYS, (long long)HOUSE_DAY);
    run(sql, KEYS);
    house_options(&options);
    options.metric = note;
    HOUSE_OK(hc_client_open(&client, &options, err));
    seen = (struct seen){.batches = 0};
}

static void close_crowded(void)
{
    hc_client_close(client);
    house_close();
}

START_TEST(what_is_old_goes_in_short_transactions)
{
    static const int64_t removed[] = {BATCH, BATCH, BATCH, LOGINS - BATCH, KEYS - 2 * BATCH};
    static const int64_t left[] = {KEYS + 1 - BATCH, KEYS + 1 - BATCH, KEYS + 1 - 2 * BATCH, KEYS + 1 - 2 * BATCH, 1};
    int64_t done = 0;

    HOUSE_OK(hc_client_run(client, 60 * BUDGET, &done, err));
    ck_assert_int_ge(done, KEYS + LOGINS);
    ck_assert_int_eq(seen.batches, 5);
    ck_assert_mem_eq(seen.removed, removed, sizeof removed);
    ck_assert_mem_eq(seen.keys_left, left, sizeof left); /* each was committed before the next was begun */
    ck_assert_int_eq(house_sql("SELECT count(*) FROM idempotency_keys WHERE key='kept'"), 1);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM sessions"), 5);
    HOUSE_OK(hc_client_run(client, 60 * BUDGET, &done, err));
    ck_assert_int_eq(seen.batches, 5); /* nothing is old any more */
}
END_TEST

START_TEST(none_is_begun_once_the_budget_is_spent)
{
    int64_t done = 0;

    seen.pause = BUDGET; /* the first batch outlasts it */
    HOUSE_OK(hc_client_run(client, BUDGET, &done, err));
    ck_assert_int_eq(seen.batches, 1);
    ck_assert_int_eq(done, BATCH);
    ck_assert_int_eq(keys_left(), KEYS + 1 - BATCH);
    seen.pause = 0;
    HOUSE_OK(hc_client_run(client, 60 * BUDGET, &done, err)); /* the next call goes on */
    ck_assert_int_ge(done, KEYS + LOGINS - BATCH);
    ck_assert_int_eq(keys_left(), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_old_goes_in_short_transactions);
    tcase_add_test(tcase, none_is_begun_once_the_budget_is_spent);
}

int main(void)
{
    return suite_main("api.client.upkeep", fill, open_crowded, close_crowded);
}
