/* A store into another: between all engines that this run has, with what was written meanwhile and what stood in the
 * way.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/activity.h"
#include "homeconnect/audit.h"
#include "homeconnect/copy.h"
#include "homeconnect/favorite.h"
#include "homeconnect/lead.h"
#include "house.h"
#include "place.h"

static const char *const tables[] = {
    "users",
    "agents",
    "properties",
    "sessions",
    "events",
    "price_history",
    "audit_log",
    "import_rows",
    "leads",
    "contacts",
    "lead_touches",
    "lead_history",
    "agent_areas",
    "agent_load",
    "rate_limits",
    "appointments",
    "appointment_slots",
    "property_documents",
    "activity_logs",
    "favorites",
    "saved_searches",
    "ai_chat_history",
    "idempotency_keys",
    "status_history",
    "audit_heads",
    "document_shares",
};

static place target;
static hc_copy_counts counts;

static int32_t batch = 3; /* so that pages end in the middle of tables */

static hc_status copy_with(hc_copy_progress_fn progress, void *data, hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.batch = batch;
    options.progress = progress;
    options.data = data;
    return hc_copy(&counts, house.client, &options, err);
}

static hc_status copy(hc_error *err)
{
    return copy_with(NULL, NULL, err);
}

/* A client of the target, with the source's keys. */
static hc_status open_target(hc_client **out, hc_error *err)
{
    hc_client_options options;

    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    return hc_client_open(out, &options, err);
}

static int64_t rows_of(const char *table)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return house_sql(sql);
}

static void assert_same_counts(void)
{
    char sql[120];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        ck_assert_msg(house_sql(sql) == place_number(&target, sql), "%s: %lld rows, and %lld in the copy", tables[i],
                      (long long)house_sql(sql), (long long)place_number(&target, sql));
    }
}

/* A little of everything that needs more than rows: a log of more than one page, a lead, an entry with JSON. */
static void live(void)
{
    hc_lead *lead = hc_lead_new(house.client);
    hc_activity *entry = hc_activity_new(house.client);
    hc_id id;

    hc_lead_set_property_id(lead, house.anas_ids[0]);
    hc_lead_set_message(lead, "Is it “still” available? Ünïcödé 家 🏠");
    hc_lead_set_contact_email(lead, "bea@example.com");
    HOUSE_OK(hc_lead_create(&id, NULL, house.bea, lead, err));
    HOUSE_OK(hc_lead_log(&id, house.ana, id, HC_LEAD_TOUCH_CALL, "Called back", err));
    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, house.anas_ids[0]);
    hc_activity_set_metadata(entry, "{\"seconds\":45,\"of\":[1.5,\"ü\",null]}");
    HOUSE_OK(hc_activity_append(&id, house.bea, entry, err));
    HOUSE_OK(hc_favorite_add(house.bea, house.anas_ids[0], err));
    hc_activity_free(entry);
    hc_lead_free(lead);
}

static size_t found(hc_session *as, const char *words)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_PROPERTY, err));
    HOUSE_OK(hc_query_set_text(query, words, err));
    HOUSE_OK(hc_property_list(&page, as, query, err));
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static void assert_same_home(hc_session *there, hc_id id)
{
    hc_property *here = house_read(house.system, id), *copied = NULL;
    hc_text *a = NULL, *b = NULL;

    HOUSE_OK(hc_property_get(&copied, there, id, err));
    HOUSE_OK(hc_property_to_json(&a, here, err));
    HOUSE_OK(hc_property_to_json(&b, copied, err));
    ck_assert_str_eq(hc_text_data(a), hc_text_data(b));
    hc_text_free(a);
    hc_text_free(b);
    hc_property_free(here);
    hc_property_free(copied);
}

/* What holds in the target without anybody having done anything there. */
static void assert_serves(void)
{
    const char *token = hc_session_token(house.ana);
    hc_audit_report here = HC_AUDIT_REPORT_INIT, there = HC_AUDIT_REPORT_INIT;
    hc_client *client = NULL, *first = house.client;
    hc_session *system = NULL, *ana = NULL;

    HOUSE_OK(hc_audit_verify(&here, house.system, NULL, err));
    HOUSE_OK(open_target(&client, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_OK(hc_session_open(&ana, client, token, strlen(token), NULL, err));
    for (size_t i = 0; i < 3; i++)
        assert_same_home(system, house.anas_ids[i]);
    house.client = client;
    ck_assert_uint_eq(found(system, "pecan porch"), 1);
    ck_assert_uint_eq(found(ana, "bung*"), 1);
    house.client = first;
    HOUSE_OK(hc_audit_verify(&there, system, NULL, err));
    ck_assert_int_eq(here.rows + here.waiting, there.rows + there.waiting);
    hc_session_free(ana);
    hc_session_free(system);
    hc_client_close(client);
}

static void use_target(void)
{
    hc_client *client = NULL;
    hc_session *guest = NULL, *bea = NULL;
    hc_login who = {sizeof who, "bea@example.com", HOUSE_PASSWORD, strlen(HOUSE_PASSWORD)};

    HOUSE_OK(open_target(&client, err));
    HOUSE_OK(hc_session_guest(&guest, client, "198.51.100.9", err));
    HOUSE_OK(hc_auth_login(&bea, guest, &who, err));
    hc_session_free(bea);
    hc_session_free(guest);
    hc_client_close(client);
}

static void open_pair(void)
{
    house_open();
    place_make(&target, "sqlite");
}

static void close_pair(void)
{
    place_drop(&target);
    house_close();
}

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

START_TEST(between_all_engines_everything_arrives)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    const char *store = getenv("HC_TEST_STORE");
    char outside[32];

    snprintf(outside, sizeof outside, "%s", store == NULL ? "sqlite" : store);
    close_pair();
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++)
            one_pair(engines[i], engines[k]);
    if (count < 2)
        printf("copy: no server is named in HC_TEST_POSTGRES_URI, so files alone were copied\n");
    setenv("HC_TEST_STORE", outside, 1);
    open_pair();
}
END_TEST

/* ---- to a file ---- */

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

/* Another program may have written to a file what no server takes: the row is told, and what it holds is not. */
START_TEST(a_value_that_the_target_cannot_keep_is_named)
{
    const char *const *engines;
    size_t count = place_engines(&engines);
    char id[40], sql[200];

    if (house.path[0] == '\0')
        return; /* a server has taken it */
    batch = 0;  /* as many as go in one piece */
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
    tcase_add_test(tcase, between_all_engines_everything_arrives);
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
    tcase_add_test(tcase, a_value_that_the_target_cannot_keep_is_named);
    tcase_add_test(tcase, another_stores_data_is_never_touched);
    tcase_add_test(tcase, the_source_is_no_target);
    tcase_add_test(tcase, a_target_of_another_version_is_refused);
    tcase_add_test(tcase, bad_options_are_named);
}

int main(void)
{
    return suite_main("api.copy.copy", fill, open_pair, close_pair);
}
