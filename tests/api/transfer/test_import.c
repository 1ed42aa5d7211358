
#include "importing.h"

#include "homeconnect/property.h"
#include "meanwhile.h"

static void open_house(void)
{
    house_open();
    job = (importing){0};
}

START_TEST(a_row_becomes_a_listing_of_the_caller)
{
    hc_property *home;

    import_text(house.ana, HEADER "a1,2025-01-02,489000.00,3\na2,2025-01-02,1.5,\n", 2, 0, 0, 0);
    ck_assert_int_eq(job.counts.bytes_done, job.counts.bytes_total);
    home = imported(house.guest, "a1");
    ck_assert_str_eq(hc_property_title(home), "Home a1");
    ck_assert_int_eq(hc_property_price(home), 48900000);
    ck_assert_int_eq(hc_property_original_price(home), 48900000);
    ck_assert_int_eq(hc_property_beds(home), 3);
    ck_assert_int_eq(hc_property_status(home), HC_PROPERTY_STATUS_ACTIVE);
    ck_assert_str_eq(hc_property_currency(home), "USD");
    ck_assert_str_eq(hc_property_source_system(home), "feed");
    ck_assert_int_eq(hc_property_version(home), 1);
    ck_assert_int_eq(memcmp(hc_property_agent_id(home).bytes, house.ana_id.bytes, sizeof(hc_id)), 0);
    hc_property_free(home);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM import_rows"), 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource = 'property'"), 6);
}
END_TEST

/* The bar: a second run changes nothing at all. */
START_TEST(a_repeat_writes_nothing)
{
    static const char text[] = HEADER "a1,2025-01-02,489000.00,3\na2,2025-01-02,2,\na1,2025-01-01,1,1\n";
    snapshot before;

    import_text(house.ana, text, 2, 0, 1, 0);
    before = house_snapshot();
    import_text(house.ana, text, 0, 0, 3, 0);
    house_assert_unchanged_since(before);
}
END_TEST

START_TEST(the_newest_row_of_a_key_wins_whatever_the_order)
{
    hc_property *home;

    import_text(house.ana, HEADER "a1,2025-01-02,2,2\na1,2025-01-03,3,3\na1,2025-01-01,1,1\na1,2025-01-03,9,9\n", 1, 1,
                2, 0);
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 300);
    ck_assert_int_eq(hc_property_previous_price(home), 200);
    ck_assert_int_eq(hc_property_version(home), 2);
    hc_property_free(home);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM price_history WHERE new_price = scaled(300,2)"), 1);
    import_text(house.ana, HEADER "a1,2025-01-04,4,3\n", 0, 1, 0, 0);
    import_text(house.ana, HEADER "a1,2025-01-03,5,3\n", 0, 0, 1, 0);
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 400);
    hc_property_free(home);
}
END_TEST

static void change_price(hc_session *as, const char *key, int64_t cents)
{
    hc_property *home = imported(as, key), *edit = hc_property_edit(home);

    hc_property_set_price(edit, cents);
    HOUSE_OK(hc_property_update(NULL, as, edit, err));
    hc_property_free(edit);
    hc_property_free(home);
}

START_TEST(a_local_edit_survives_a_repeat)
{
    hc_property *home;

    import_text(house.ana, HEADER "a1,2025-01-02,2,2\n", 1, 0, 0, 0);
    change_price(house.ana, "a1", 777);
    import_text(house.ana, HEADER "a1,2025-01-02,2,2\n", 0, 0, 1, 0);
    import_text(house.ana, HEADER "a1,2025-02-02,2,2\n", 0, 0, 1, 0); /* newer, and says the same */
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 777);
    hc_property_free(home);
    import_text(house.ana, HEADER "a1,2025-01-15,3,2\n", 0, 0, 1, 0); /* older than what said the same */
    import_text(house.ana, HEADER "a1,2025-03-02,3,2\n", 0, 1, 0, 0);
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 300);
    hc_property_free(home);
}
END_TEST

START_TEST(without_as_of_a_row_counts_when_it_differs_from_the_last)
{
    static const char mapping[] =
        "{\"source_system\":\"feed\",\"key\":\"id\",\"fields\":{\"title\":{\"template\":\"Home "
        "{id}\"},\"price\":\"price\","
        "\"address\":{\"const\":\"12 Creek Rd\"},\"city\":{\"const\":\"Austin\"},\"state\":{\"const\":\"TX\"},"
        "\"zip_code\":{\"const\":\"78704\"},\"property_type\":{\"const\":\"house\"}}}";
    hc_property *home;

    job.options.mapping = mapping;
    import_text(house.ana, HEADER "a1,,2,\n", 1, 0, 0, 0);
    change_price(house.ana, "a1", 777);
    import_text(house.ana, HEADER "a1,,2,\n", 0, 0, 1, 0);
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 777);
    hc_property_free(home);
    import_text(house.ana, HEADER "a1,,3,\na1,,3,\na1,,4,\n", 0, 2, 1, 0);
    home = imported(house.ana, "a1");
    ck_assert_int_eq(hc_property_price(home), 400);
    hc_property_free(home);
}
END_TEST

static hc_property *from_a_terse_feed(const char *day, const char *price, const char *orig, const char *closed,
                                      const char *status)
{
    static const char mapping[] =
        "{\"source_system\":\"feed\",\"key\":\"id\",\"as_of\":\"day\",\"fields\":{\"title\":\"id\",\"price\":\"price\","
        "\"original_price\":\"orig\",\"list_date\":\"listed\",\"close_date\":\"closed\",\"standard_status\":\"status\","
        "\"address\":{\"const\":\"12 Creek Rd\"},\"city\":{\"const\":\"Austin\"},\"state\":{\"const\":\"TX\"},"
        "\"zip_code\":{\"const\":\"78704\"},\"property_type\":{\"const\":\"house\"}}}";
    char text[200];

    job.options.mapping = mapping;
    snprintf(text, sizeof text, "id,day,price,orig,listed,closed,status\na1,%s,%s,%s,,%s,%s\n", day, price, orig,
             closed, status);
    HOUSE_OK(import_bytes(house.ana, text, strlen(text), err));
    ck_assert_msg(job.counts.created + job.counts.updated == 1, "%s", job.report);
    return imported(house.ana, "a1");
}

/* What the library knows by itself, as a feed may not: the first price, and the days it came to the market and was
 * sold. */
START_TEST(an_empty_cell_takes_no_first_price_and_no_day_away)
{
    int32_t today = (int32_t)(house_now() / HOUSE_DAY);
    hc_property *home = from_a_terse_feed("2025-01-02", "500", "", "", "Active");

    ck_assert_int_eq(hc_property_original_price(home), 50000);
    ck_assert_int_eq(hc_property_list_date(home), today);
    hc_property_free(home);
    house_pass(3 * HOUSE_DAY);
    home = from_a_terse_feed("2025-01-03", "400", "", "", "Active");
    ck_assert_int_eq(hc_property_original_price(home), 50000);
    ck_assert_int_eq(hc_property_price_reduced(home), 1);
    ck_assert_int_eq(hc_property_list_date(home), today);
    hc_property_free(home);
    home = from_a_terse_feed("2025-01-04", "400", "", "", "Closed");
    ck_assert_int_eq(hc_property_close_date(home), today + 3);
    hc_property_free(home);
    house_pass(HOUSE_DAY);
    home = from_a_terse_feed("2025-01-05", "390", "", "", "Closed");
    ck_assert_int_eq(hc_property_close_date(home), today + 3);
    ck_assert_int_eq(hc_property_days_to_close(home), 3);
    hc_property_free(home);
    home = from_a_terse_feed("2025-01-06", "390", "450", "2025-12-24", "Pending"); /* what it says is taken, */
    ck_assert_int_eq(hc_property_original_price(home), 45000);
    ck_assert(!hc_property_is_null(home, HC_PROPERTY_CLOSE_DATE));
    hc_property_free(home);
    home = from_a_terse_feed("2025-01-07", "390", "", "", "Pending"); /* and taken back, as nothing was sold */
    ck_assert(hc_property_is_null(home, HC_PROPERTY_CLOSE_DATE));
    ck_assert_int_eq(hc_property_list_date(home), today);
    hc_property_free(home);
}
END_TEST

START_TEST(a_deleted_listing_stays_deleted)
{
    hc_property *home;

    import_text(house.ana, HEADER "a1,2025-01-02,2,2\na2,2025-01-02,2,2\n", 2, 0, 0, 0);
    home = imported(house.ana, "a1");
    HOUSE_OK(hc_property_delete(house.ana, hc_property_id(home), hc_property_version(home), err));
    import_text(house.ana, HEADER "a1,2025-01-03,3,2\n", 0, 0, 1, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_key = 'a1' AND deleted_at IS NULL"), 0);
    HOUSE_OK(hc_property_purge(house.admin, hc_property_id(home), err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_key = 'a1'"), 0);
    import_text(house.ana, HEADER "a1,2025-01-01,3,2\n", 1, 0, 0, 0); /* nothing is left that remembers it */
    hc_property_free(home);
}
END_TEST

static size_t rows_text(char *out, size_t size, int rows)
{
    size_t at = (size_t)snprintf(out, size, HEADER);

    for (int i = 0; i < rows; i++)
        at += (size_t)snprintf(out + at, size - at, "r%d,2025-01-02,%d.00,2\n", i, 1000 + i);
    return at;
}

/* S01's frame: what was committed stays, and the import is run again. */
START_TEST(a_cancelled_import_is_resumed_by_running_it_again)
{
    static char text[20000];
    size_t size = rows_text(text, sizeof text, 250);

    job.options.batch = 100;
    job.cancel_at = 1;
    HOUSE_FAILS(import_bytes(house.ana, text, size, err), HC_ERR_CANCELLED, "");
    ck_assert_int_eq(job.counts.created, 100);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM import_rows"), 100);
    job.cancel_at = 0;
    import_text(house.ana, text, 150, 0, 100, 0);
    ck_assert_int_eq(job.calls, 3);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_system = 'feed'"), 250);
}
END_TEST

START_TEST(an_interrupted_import_is_cancelled)
{
    static char text[20000];
    size_t size = rows_text(text, sizeof text, 250);

    hc_session_interrupt(house.ana);
    HOUSE_FAILS(import_bytes(house.ana, text, size, err), HC_ERR_CANCELLED, "");
    import_text(house.ana, text, 250, 0, 0, 0);
}
END_TEST

static void make_listing(const char *key)
{
    hc_property *home = house_sketch("Made by hand", 100);
    hc_id id;

    hc_property_set_agent_id(home, house.ben_id);
    hc_property_set_source_system(home, "feed");
    hc_property_set_source_key(home, key);
    HOUSE_OK(hc_property_create(&id, house.admin, home, err));
    hc_property_free(home);
}

START_TEST(a_row_that_the_store_refuses_takes_no_other_with_it)
{
    static char text[20000];
    hc_property *home;

    rows_text(text, sizeof text, 150);
    make_listing("r77"); /* by no import, and Ben's */
    import_text(house.ana, text, 149, 0, 0, 1);
    ck_assert_str_eq(job.report,
                     "{\"line\":79,\"key\":\"r77\",\"field\":\"source_key\",\"reason\":\"source_key is that "
                     "of another agent's listing\"}\n");
    import_text(house.ana, text, 0, 0, 149, 1);
    job.options.agent_id = house.ben_id;
    import_text(house.admin, text, 0, 1, 149, 0);
    home = imported(house.ben, "r77");
    ck_assert_int_eq(hc_property_price(home), 107700);
    ck_assert_str_eq(hc_property_title(home), "Home r77");
    hc_property_free(home);
}
END_TEST

/* What a part of it wrote, a later one reads; and what a part may not write is told by a later one, or by the commit.
 */
START_TEST(a_batch_of_several_parts_is_one)
{
    static char text[60000];
    size_t size = rows_text(text, sizeof text, 1200);
    hc_property *home;

    snprintf(text + size, sizeof text - size, "r3,2025-01-05,3,3\n");
    job.options.batch = 1300;
    make_listing("r77"); /* by no import, and Ben's */
    import_text(house.ana, text, 1199, 1, 0, 1);
    ck_assert_int_eq(job.calls, 1);
    ck_assert_str_eq(job.report,
                     "{\"line\":79,\"key\":\"r77\",\"field\":\"source_key\",\"reason\":\"source_key is that "
                     "of another agent's listing\"}\n");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM import_rows"), 1199);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_system = 'feed'"), 1200);
    home = imported(house.ana, "r3");
    ck_assert_int_eq(hc_property_price(home), 300);
    ck_assert_int_eq(hc_property_version(home), 2);
    hc_property_free(home);
}
END_TEST

START_TEST(another_agents_listing_is_left_alone)
{
    import_text(house.ana, HEADER "a1,2025-01-02,2,2\n", 1, 0, 0, 0);
    import_text(house.ben, HEADER "a1,2025-01-03,3,2\n", 0, 0, 0, 1);
    ck_assert_ptr_nonnull(strstr(job.report, "another agent's"));
    job.options.source_system = "bens";
    import_text(house.ben, HEADER "a1,2025-01-03,3,2\n", 1, 0, 0, 0);
}
END_TEST

/* A03 Z02 */
START_TEST(who_may_not_import_is_refused_and_writes_nothing)
{
    static const char text[] = HEADER "a1,2025-01-02,2,2\n";
    snapshot before = house_snapshot();
    hc_session *unlicensed;

    HOUSE_FAILS(import_bytes(house.bea, text, strlen(text), err), HC_ERR_FORBIDDEN, "");
    HOUSE_FAILS(import_bytes(house.guest, text, strlen(text), err), HC_ERR_UNAUTHENTICATED, "");
    HOUSE_FAILS(import_bytes(house.system, text, strlen(text), err), HC_ERR_INVALID, "agent_id");
    HOUSE_FAILS(import_bytes(house.admin, text, strlen(text), err), HC_ERR_FORBIDDEN, "agent_id");
    job.options.agent_id = house.ben_id;
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_FORBIDDEN, "agent_id");
    house_assert_audited("authz_fail", house.ana);
    job.options.agent_id = house.bea_id;
    HOUSE_FAILS(import_bytes(house.system, text, strlen(text), err), HC_ERR_FORBIDDEN, "agent_id");
    house_assert_unchanged_since(before);
    job.options.agent_id = house.ana_id;
    import_text(house.system, text, 1, 0, 0, 0);
    job.options = (hc_import_options){0};
    house_user("cas@example.com", "Cas", HC_USER_ROLE_AGENT);
    unlicensed = house_login("cas@example.com", HOUSE_PASSWORD);
    HOUSE_FAILS(import_bytes(unlicensed, text, strlen(text), err), HC_ERR_FORBIDDEN, "agent_id");
    HOUSE_OK(hc_auth_logout(house.ana, err));
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(unlicensed);
}
END_TEST

static hc_status inside(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    return import_bytes(as, HEADER, strlen(HEADER), err);
}

static const char late[] = HEADER "a1,2025-01-02,2,2\n";

static hc_status import_meanwhile(void *data)
{
    return import_bytes(data, late, sizeof late - 1, NULL);
}

static hc_status leave_first(hc_session *as, void *data, hc_error *err)
{
    hc_status status = hc_agent_delete(as, house.ben_id, 1, err);

    if (status >= 0)
        ck_assert_int_lt(meanwhile(import_meanwhile, data), 0); /* it waits for the profile */
    return status;
}

/* domain.md, D1: the agent of a listing has a profile */
START_TEST(an_agent_who_leaves_meanwhile_gets_no_listings)
{
    hc_session *ben = house_login("ben@example.com", HOUSE_PASSWORD);

    HOUSE_OK(hc_property_delete(house.ben, house.bens_id, 1, err));
    hc_session_set_timeout(ben, HOUSE_SECOND / 2);
    HOUSE_OK(hc_session_transact(house.admin, leave_first, ben, err));
    HOUSE_FAILS(import_bytes(ben, late, sizeof late - 1, err), HC_ERR_FORBIDDEN, "agent_id");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE source_key='a1'"), 0);
    hc_session_free(ben);
}
END_TEST

START_TEST(options_are_checked)
{
    static const char text[] = HEADER "a1,2025-01-02,2,2\n";
    hc_import_options none = HC_IMPORT_OPTIONS_INIT;

    HOUSE_FAILS(hc_import_run(NULL, house.ana, NULL, err), HC_ERR_INVALID, "options");
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "path");
    none.path = "/nonexistent/file";
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "format");
    none.format = HC_FORMAT_JSONL;
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "format");
    none.format = HC_FORMAT_CSV;
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "mapping");
    none.mapping = MAPPING;
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_NOT_FOUND, "path");
    none.path = house.folder;
    ck_assert_int_lt(hc_import_run(NULL, house.ana, &none, NULL), 0);
    none.path = "/dev/null";
    none.batch = 10001;
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "batch");
    none.batch = 0;
    none.struct_size = 3;
    HOUSE_FAILS(hc_import_run(NULL, house.ana, &none, err), HC_ERR_INVALID, "options");
    HOUSE_FAILS(hc_import_run(NULL, NULL, &none, err), HC_ERR_MISUSE, "session");
    job.options.source_system = "";
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_INVALID, "source_system");
    job.options.source_system = "mls\xff"; /* not each row's fault, as engines tell it */
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_INVALID, "source_system");
    job.options.source_system = NULL;
    job.options.mapping = "{\"key\":\"id\",\"fields\":{\"price\":\"price\"}}";
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_INVALID, "source_system");
    job.options.mapping = NULL;
    job.options.mapping_path = "/nonexistent/mapping";
    HOUSE_FAILS(import_bytes(house.ana, text, strlen(text), err), HC_ERR_NOT_FOUND, "mapping_path");
    job.options = (hc_import_options){0};
    HOUSE_FAILS(hc_session_transact(house.ana, inside, NULL, err), HC_ERR_MISUSE, "session");
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_row_becomes_a_listing_of_the_caller);
    tcase_add_test(tcase, a_repeat_writes_nothing);
    tcase_add_test(tcase, the_newest_row_of_a_key_wins_whatever_the_order);
    tcase_add_test(tcase, a_local_edit_survives_a_repeat);
    tcase_add_test(tcase, without_as_of_a_row_counts_when_it_differs_from_the_last);
    tcase_add_test(tcase, an_empty_cell_takes_no_first_price_and_no_day_away);
    tcase_add_test(tcase, a_deleted_listing_stays_deleted);
    tcase_add_test(tcase, a_cancelled_import_is_resumed_by_running_it_again);
    tcase_add_test(tcase, an_interrupted_import_is_cancelled);
    tcase_add_test(tcase, a_row_that_the_store_refuses_takes_no_other_with_it);
    tcase_add_test(tcase, a_batch_of_several_parts_is_one);
    tcase_add_test(tcase, another_agents_listing_is_left_alone);
    tcase_add_test(tcase, who_may_not_import_is_refused_and_writes_nothing);
    tcase_add_test(tcase, an_agent_who_leaves_meanwhile_gets_no_listings);
    tcase_add_test(tcase, options_are_checked);
}

int main(void)
{
    return suite_main("api.transfer.import", fill, open_house, house_close);
}
