/* A store into a file: what was written meanwhile, what stood in the way, and what is refused. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "copying.h"

static void change_price(int64_t cents)
{
    hc_property *home = house_read(house.ana, house.anas_ids[0]), *edit = hc_property_edit(home);

    hc_property_set_price(edit, cents);
    HOUSE_OK(hc_property_update(NULL, house.ana, edit, err));
    hc_property_free(edit);
    hc_property_free(home);
}

START_TEST(a_second_run_takes_what_changed_and_nothing_else)
{
    HOUSE_OK(hc_favorite_add(house.bea, house.bens_id, err));
    HOUSE_OK(copy(err));
    change_price(47700000);
    house_list_home(house.ben, "One more", 100);
    HOUSE_OK(hc_favorite_remove(house.bea, house.bens_id, err));
    HOUSE_OK(copy(err));
    assert_same_counts();
    ck_assert_int_eq(counts.removed, 2); /* the listing as it was, the favorite */
    ck_assert_int_eq(counts.copied, 6);  /* the listing, its new price and event; a listing and event; an event */
    ck_assert_int_eq(counts.verified, counts.copied);
    assert_serves();
    ck_assert_int_eq(copy(NULL), HC_NOTE_SAME);
}
END_TEST

/* No two rows may have it, also not for a moment. */
START_TEST(a_unique_value_moves_from_one_row_to_another)
{
    HOUSE_OK(copy(err));
    house_sql("UPDATE users SET email='x@example.com', email_norm='x@example.com' WHERE email='ana@example.com'");
    house_sql("UPDATE users SET email='ana@example.com', email_norm='ana@example.com' WHERE email='ben@example.com'");
    house_sql("UPDATE users SET email='ben@example.com', email_norm='ben@example.com' WHERE email='x@example.com'");
    HOUSE_OK(copy(err));
    ck_assert_int_eq(counts.removed, 2);
    ck_assert_int_eq(counts.copied, 2);
    ck_assert_int_eq(
        place_number(&target, "SELECT count(*) FROM users a JOIN users b ON a.email=b.email AND a.id<>b.id"), 0);
    ck_assert_int_eq(copy(NULL), HC_NOTE_SAME);
}
END_TEST

START_TEST(the_log_of_the_source_tells_of_each_new_copy_once)
{
    const char *sql = "SELECT count(*) FROM audit_log WHERE event='sensitive_read' AND reason='copy'";

    HOUSE_OK(copy(err));
    ck_assert_int_eq(copy(NULL), HC_NOTE_SAME);
    ck_assert_int_eq(house_sql(sql), 1);
    ck_assert_int_eq(place_number(&target, sql), 1);
}
END_TEST

START_TEST(a_target_that_a_client_only_opened_is_empty)
{
    hc_client *client = NULL;

    HOUSE_OK(open_target(&client, err));
    hc_client_close(client);
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM audit_heads"), 1);
    HOUSE_OK(copy(err));
    assert_same_counts();
    assert_serves();
}
END_TEST

START_TEST(a_store_in_memory_is_copied_too)
{
    struct house first = house;

    memset(&house, 0, sizeof house);
    house_open_memory();
    place_make(&target, "sqlite");
    HOUSE_OK(copy(err));
    ck_assert_int_eq(counts.copied, counts.total);
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM properties"), 4);
    house_close();
    house = first;
}
END_TEST

/* Data goes back the way it came, as long as only one of the two goes on. */
START_TEST(what_was_done_in_the_target_comes_back)
{
    struct house first = house;
    hc_client *old = house.client;
    place there = target;
    char file[640];

    HOUSE_OK(copy(err));
    use_target();
    snprintf(file, sizeof file, "%s", house.uri);
    HOUSE_OK(open_target(&house.client, err));
    snprintf(target.uri, sizeof target.uri, "%s", file);
    HOUSE_OK(copy(err));
    ck_assert_int_gt(counts.copied, 0);
    hc_client_close(house.client);
    house.client = old;
    house = first;
    target = there;
    assert_same_counts();
}
END_TEST

/* ---- while others write ---- */

static atomic_bool stop;
static atomic_int written;

static void *write_on(void *data)
{
    hc_session *as = data;

    while (!atomic_load(&stop) && atomic_load(&written) < 20000) {
        house_list_home(as, "While it is copied", 100);
        atomic_fetch_add(&written, 1);
    }
    return NULL;
}

static hc_status wait_for_more(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    int *last = data;

    (void)kind;
    (void)of_kind;
    (void)all;
    for (int i = 0; i < 10000 && atomic_load(&written) == *last; i++)
        nanosleep(&(struct timespec){0, 100000}, NULL);
    *last = atomic_load(&written);
    return HC_OK;
}

START_TEST(a_copy_is_one_moment_of_a_store_in_use)
{
    const char *token = hc_session_token(house.ana);
    hc_session *as = NULL;
    pthread_t thread;
    int last = 0;

    HOUSE_OK(hc_session_open(&as, house.client, token, strlen(token), NULL, err));
    atomic_store(&stop, false);
    atomic_store(&written, 0);
    ck_assert_int_eq(pthread_create(&thread, NULL, write_on, as), 0);
    HOUSE_OK(copy_with(wait_for_more, &last, err));
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    hc_session_free(as);
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM properties p WHERE NOT EXISTS (SELECT 1 FROM events e"
                                           " WHERE e.resource_id=p.id)"),
                     0);
    ck_assert_int_eq(place_number(&target, "SELECT count(*) FROM events e WHERE e.resource='property' AND NOT EXISTS"
                                           " (SELECT 1 FROM properties p WHERE p.id=e.resource_id)"),
                     0);
    ck_assert_int_lt(place_number(&target, "SELECT count(*) FROM properties"), rows_of("properties"));
    HOUSE_OK(copy(err));
    assert_same_counts();
    ck_assert_int_eq(copy(NULL), HC_NOTE_SAME);
    printf("copy: %d listings were written meanwhile\n", atomic_load(&written));
}
END_TEST

/* ---- stopped ---- */

static hc_status stop_at(const char *kind, const hc_copy_counts *of_kind, const hc_copy_counts *all, void *data)
{
    int *left = data;

    ck_assert_ptr_nonnull(kind);
    ck_assert_int_le(of_kind->same + of_kind->copied, of_kind->total);
    ck_assert_int_le(all->same + all->copied, all->total);
    return --*left == 0 ? 17 : HC_OK;
}

START_TEST(who_cancels_goes_on_where_it_stopped)
{
    int64_t copied = 0;
    int runs = 0;

    for (;;) {
        int left = 6 * ++runs;
        hc_client *client = NULL;
        hc_status status = copy_with(stop_at, &left, NULL);

        ck_assert_int_ge(counts.same, copied); /* the last page's rows are there, whoever counted them */
        copied += counts.copied;
        if (status >= 0)
            break;
        ck_assert_int_eq(status, HC_ERR_CANCELLED);
        HOUSE_FAILS(open_target(&client, err), HC_ERR_INVALID_STATE, "storage_uri");
        ck_assert_ptr_null(client);
    }
    ck_assert_int_gt(runs, 3);
    ck_assert_int_eq(copied, counts.total); /* nothing was written twice */
    assert_same_counts();
    assert_serves();
}
END_TEST

START_TEST(an_unfinished_copy_is_told_to_who_opens_it_unseen)
{
    int left = 4;
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *guest = NULL;
    hc_property *home = NULL;

    ck_assert_int_eq(copy_with(stop_at, &left, NULL), HC_ERR_CANCELLED);
    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    options.migrate = HC_MIGRATE_CHECK;
    HOUSE_FAILS(hc_client_open(&client, &options, err), HC_ERR_INVALID_STATE, "storage_uri");
    options.migrate = HC_MIGRATE_NEVER;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_guest(&guest, client, NULL, err));
    HOUSE_FAILS(hc_property_get(&home, guest, house.anas_ids[0], err), HC_ERR_INVALID_STATE, "storage_uri");
    HOUSE_FAILS(hc_client_migrate(client, err), HC_ERR_INVALID_STATE, "storage_uri");
    hc_session_free(guest);
    hc_client_close(client);
    HOUSE_OK(copy(err));
    assert_serves();
}
END_TEST

/* A driver that loses a row, or changes one, is found by what is read back. */
START_TEST(a_lost_or_spoiled_row_is_told)
{
    static const char *const bugs[] = {"copy-drops-a-row", "copy-spoils-a-row"};
    hc_client *client = NULL;

    for (size_t i = 0; i < sizeof bugs / sizeof bugs[0]; i++) {
        setenv("HC_BUG", bugs[i], 1);
        HOUSE_FAILS(copy(err), HC_ERR_CORRUPT, "users");
        unsetenv("HC_BUG");
        HOUSE_FAILS(open_target(&client, err), HC_ERR_INVALID_STATE, "storage_uri");
        HOUSE_OK(copy(err));
        assert_serves();
        place_drop(&target);
        place_make(&target, "sqlite");
    }
}
END_TEST

/* ---- refused ---- */

START_TEST(another_stores_data_is_never_touched)
{
    struct house first = house;
    place theirs = target;
    int left = 4;

    HOUSE_OK(copy(err));
    house_open(); /* another store, with rows of its own */
    HOUSE_FAILS(copy(err), HC_ERR_CONFLICT, "storage_uri");
    place_make(&target, "sqlite");
    ck_assert_int_eq(copy_with(stop_at, &left, NULL), HC_ERR_CANCELLED);
    snprintf(theirs.uri, sizeof theirs.uri, "%s", target.uri);
    {
        struct house second = house;

        house = first;
        HOUSE_FAILS(copy(err), HC_ERR_CONFLICT, "storage_uri"); /* a copy of the second, under way */
        house = second;
    }
    house_close();
    house = first;
}
END_TEST

START_TEST(the_source_is_no_target)
{
    int64_t keys = rows_of("idempotency_keys");

    snprintf(target.uri, sizeof target.uri, "%s", house.uri);
    HOUSE_FAILS(copy(err), HC_ERR_INVALID, "storage_uri");
    if (house.path[0] != '\0')
        snprintf(target.uri, sizeof target.uri, "sqlite:%s/./house.db?durability=relaxed", house.folder);
    HOUSE_FAILS(copy(err), HC_ERR_INVALID, "storage_uri");
    ck_assert_int_eq(rows_of("audit_heads"), 1);
    ck_assert_int_eq(rows_of("idempotency_keys"), keys);
    house_list_home(house.ana, "After it", 100);
}
END_TEST

START_TEST(a_target_of_another_version_is_refused)
{
    HOUSE_OK(copy(err));
    place_number(&target, "PRAGMA user_version=999");
    HOUSE_FAILS(copy(err), HC_ERR_SCHEMA, "storage_uri");
    place_number(&target, "PRAGMA user_version=1");
    HOUSE_FAILS(copy(err), HC_ERR_SCHEMA, "storage_uri");
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    return copy(err);
}

START_TEST(bad_options_are_named)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;
    hc_copy_options old = {.struct_size = 16};

    HOUSE_FAILS(hc_copy(NULL, house.client, NULL, err), HC_ERR_INVALID, "options");
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "storage_uri");
    options.storage_uri = "";
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "storage_uri");
    options.storage_uri = "homes.db";
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "storage_uri");
    options.storage_uri = "mongodb://localhost/homes";
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "storage_uri");
    options.storage_uri = "nodriver://localhost/homes";
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_UNSUPPORTED, "storage_uri");
    options.storage_uri = target.uri;
    options.batch = 10001;
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "batch");
    options.batch = -1;
    HOUSE_FAILS(hc_copy(NULL, house.client, &options, err), HC_ERR_INVALID, "batch");
    options.batch = 0;
    HOUSE_FAILS(hc_copy(NULL, NULL, &options, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_session_transact(house.admin, inside, NULL, err), HC_ERR_MISUSE, "session");
    old.storage_uri = target.uri;
    HOUSE_OK(hc_copy(NULL, house.client, &old, err));
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_second_run_takes_what_changed_and_nothing_else);
    tcase_add_test(tcase, a_unique_value_moves_from_one_row_to_another);
    tcase_add_test(tcase, the_log_of_the_source_tells_of_each_new_copy_once);
    tcase_add_test(tcase, a_target_that_a_client_only_opened_is_empty);
    tcase_add_test(tcase, a_store_in_memory_is_copied_too);
    tcase_add_test(tcase, what_was_done_in_the_target_comes_back);
    tcase_add_test(tcase, a_copy_is_one_moment_of_a_store_in_use);
    tcase_add_test(tcase, who_cancels_goes_on_where_it_stopped);
    tcase_add_test(tcase, an_unfinished_copy_is_told_to_who_opens_it_unseen);
    tcase_add_test(tcase, a_lost_or_spoiled_row_is_told);
    tcase_add_test(tcase, another_stores_data_is_never_touched);
    tcase_add_test(tcase, the_source_is_no_target);
    tcase_add_test(tcase, a_target_of_another_version_is_refused);
    tcase_add_test(tcase, bad_options_are_named);
}

int main(void)
{
    return suite_main("api.copy.copy", fill, open_pair, close_pair);
}
