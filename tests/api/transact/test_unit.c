/* Units of work: all or nothing, one session, one level, and a failed write that nobody can talk away. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/import.h"
#include "house.h"

static hc_status make_home(hc_session *as, const char *title, hc_error *err)
{
    hc_property *home = house_sketch(title, 40000000);
    hc_id id;
    hc_status status = hc_property_create(&id, as, home, err);

    hc_property_free(home);
    return status;
}

static hc_status set_price(hc_session *as, hc_id id, int32_t version, int64_t cents, hc_error *err)
{
    hc_property *changes = hc_property_for(house.client, id, version);
    hc_status status;

    hc_property_set_price(changes, cents);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    return status;
}

static hc_status read_home(hc_session *as, hc_id id, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = hc_property_get(&home, as, id, err);

    ck_assert((home != NULL) == (status >= 0));
    hc_property_free(home);
    return status;
}

static int64_t titled(const char *title)
{
    char sql[200];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM properties WHERE title='%s'", title);
    return house_sql(sql);
}

/* ---- what is written ---- */

static hc_status two_homes_and_a_price(hc_session *as, void *data, hc_error *err)
{
    hc_property *home = NULL;
    hc_status status = make_home(as, "first", err);

    (void)data;
    if (status >= 0)
        status = make_home(as, "second", err);
    if (status >= 0)
        status = set_price(as, house.anas_ids[0], 1, 47000000, err);
    if (status >= 0)
        status = hc_property_get(&home, as, house.anas_ids[0], err);
    if (status < 0)
        return status;
    ck_assert_int_eq(hc_property_price(home), 47000000); /* it reads what it wrote */
    ck_assert_int_eq(hc_property_version(home), 2);
    ck_assert_int_eq(titled("first"), 0); /* others do not yet */
    hc_property_free(home);
    return HC_OK;
}

START_TEST(a_unit_writes_all)
{
    HOUSE_OK(hc_session_transact(house.ana, two_homes_and_a_price, NULL, err));
    ck_assert_int_eq(titled("first") + titled("second"), 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE created_at=(SELECT max(created_at) FROM events)") > 2,
                     1);
}
END_TEST

/* How many listings that were made until now have been on the market for no day yet. */
static size_t fresh(hc_session *as)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_PROPERTY, err));
    HOUSE_OK(hc_query_set_filter(query, "days_on_market eq 0 and created_at le now() and title eq 'of today'", err));
    HOUSE_OK(hc_property_list(&page, as, query, err));
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static hc_status make_and_list(hc_session *as, void *data, hc_error *err)
{
    hc_status status = make_home(as, "of today", err);

    if (status < 0)
        return status;
    house_set_time(HOUSE_START + *(const int64_t *)data);
    ck_assert_uint_eq(fresh(as), 1);
    house_set_time(HOUSE_START);
    return HC_OK;
}

/* D06: the clock is read once a unit, whether it goes on or back meanwhile. */
START_TEST(a_unit_reads_at_the_time_that_it_writes_at)
{
    const int64_t jumps[] = {2 * HOUSE_DAY, -HOUSE_HOUR};

    HOUSE_OK(hc_session_transact(house.ana, make_and_list, (void *)&jumps[_i], err));
}
END_TEST

static hc_status then_give_up(hc_session *as, void *data, hc_error *err)
{
    const hc_status *with = data;
    hc_status status = two_homes_and_a_price(as, NULL, err);

    return status < 0 ? status : *with;
}

START_TEST(a_unit_that_gives_up_leaves_nothing)
{
    static const hc_status ways[] = {HC_ERR_INVALID, HC_ERR_CANCELLED, HC_ERR_CONFLICT, HC_ERR_BUSY, -1000};
    snapshot before = house_snapshot();
    int64_t audit = house_sql("SELECT count(*) FROM audit_log");

    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        hc_status with = ways[i];
        ck_assert_int_eq(hc_session_transact(house.ana, then_give_up, &with, NULL), with);
        house_count(1);
    }
    house_assert_unchanged_since(before);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log"), audit); /* acts that were undone left no row */
    HOUSE_OK(make_home(house.ana, "after", err));
}
END_TEST

static hc_status with_a_note(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    return make_home(as, "noted", err) < 0 ? HC_ERR_INTERNAL : HC_NOTE_SAME;
}

static hc_status without_a_word(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    (void)err;
    return HC_ERR_INVALID;
}

START_TEST(what_the_body_says_is_told)
{
    hc_error err = {0};

    ck_assert_int_eq(hc_session_transact(house.ana, with_a_note, NULL, NULL), HC_NOTE_SAME);
    ck_assert_int_eq(titled("noted"), 1);
    err.status = HC_ERR_BUSY; /* of an earlier call */
    ck_assert_int_eq(hc_session_transact(house.ana, without_a_word, NULL, &err), HC_ERR_INVALID);
    ck_assert_int_eq(err.status, HC_ERR_INVALID);
    ck_assert_str_ne(err.message, "");
}
END_TEST

/* ---- a failed write dooms ---- */

struct doom {
    hc_status (*write)(hc_session *as, hc_error *err);
    hc_status want;
};

static hc_status swallow(hc_session *as, void *data, hc_error *err)
{
    const struct doom *doom = data;
    hc_error why = {0};

    (void)err;
    ck_assert_int_ge(make_home(as, "before", NULL), 0);
    ck_assert_msg(doom->write(as, &why) == doom->want, "%s: %s", hc_status_name(why.status), why.message);
    ck_assert_int_eq(make_home(as, "behind", &why), HC_ERR_ABORTED);
    ck_assert_str_ne(why.message, "");
    ck_assert_int_eq(read_home(as, house.anas_ids[0], NULL), HC_ERR_ABORTED);
    return HC_OK; /* as if nothing had been */
}

static void doomed(hc_status (*write)(hc_session *, hc_error *), hc_status want, hc_session *as)
{
    struct doom doom = {write, want};
    snapshot before = house_snapshot();
    hc_error why = {0};

    ck_assert_int_eq(hc_session_transact(as, swallow, &doom, &why), want);
    ck_assert_int_eq(why.status, want);
    ck_assert_str_ne(why.message, "");
    house_count(4);
    house_assert_unchanged_since(before);
}

static hc_status stale(hc_session *as, hc_error *err)
{
    return set_price(as, house.anas_ids[0], 9, 1000000, err);
}

static hc_status anothers(hc_session *as, hc_error *err)
{
    return set_price(as, house.bens_id, 1, 1000000, err);
}

static hc_status absent(hc_session *as, hc_error *err)
{
    return set_price(as, house.bea_id, 1, 1000000, err);
}

static hc_status out_of_range(hc_session *as, hc_error *err)
{
    return set_price(as, house.anas_ids[0], 1, -5, err);
}

static hc_status purge(hc_session *as, hc_error *err)
{
    return hc_property_purge(as, house.anas_ids[0], err);
}

static hc_status forbidden_field(hc_session *as, hc_error *err)
{
    hc_user *changes = hc_user_for(house.client, house.ana_id, 1);
    hc_status status;

    hc_user_set_role(changes, HC_USER_ROLE_ADMIN);
    status = hc_user_update(NULL, as, changes, err);
    hc_user_free(changes);
    return status;
}

static hc_status bad_move(hc_session *as, hc_error *err)
{
    hc_property *changes = hc_property_for(house.client, house.anas_ids[0], 1);
    hc_status status;

    hc_property_set_standard_status(changes, HC_PROPERTY_STANDARD_CLOSED);
    status = hc_property_update(NULL, as, changes, err);
    hc_property_free(changes);
    return status;
}

static hc_status taken_address(hc_session *as, hc_error *err)
{
    hc_user *changes = hc_user_for(house.client, house.ana_id, 1);
    hc_status status;

    hc_user_set_email(changes, "ben@example.com");
    status = hc_user_update(NULL, as, changes, err);
    hc_user_free(changes);
    return status;
}

static hc_status weak_password(hc_session *as, hc_error *err)
{
    hc_user *user = hc_user_new(house.client);
    hc_status status;
    hc_id id;

    hc_user_set_email(user, "weak@example.com");
    hc_user_set_full_name(user, "Weak");
    hc_user_set_role(user, HC_USER_ROLE_BUYER);
    status = hc_user_create(&id, as, user, "short", 5, err);
    hc_user_free(user);
    return status;
}

static hc_status no_version(hc_session *as, hc_error *err)
{
    return hc_property_delete(as, house.anas_ids[0], 0, err);
}

static hc_status no_version_of_a_user(hc_session *as, hc_error *err)
{
    return hc_user_delete(as, house.ana_id, 0, err);
}

static hc_status late_address(hc_session *as, hc_error *err)
{
    hc_user *changes = hc_user_for(house.client, house.ana_id, 1);
    hc_status status;

    house_pass(10 * HOUSE_MINUTE);
    hc_user_set_email(changes, "ana@example.org");
    status = hc_user_update(NULL, as, changes, err);
    hc_user_free(changes);
    return status;
}

START_TEST(a_failed_write_dooms_the_unit)
{
    doomed(stale, HC_ERR_CONFLICT, house.ana);
    doomed(anothers, HC_ERR_FORBIDDEN, house.ana);
    house_assert_audited("authz_fail", house.ana);
    doomed(absent, HC_ERR_NOT_FOUND, house.ana);
    doomed(out_of_range, HC_ERR_INVALID, house.ana);
    doomed(purge, HC_ERR_FORBIDDEN, house.ana);
    house_assert_audited("authz_fail", house.ana);
    doomed(forbidden_field, HC_ERR_FORBIDDEN, house.ana);
    house_assert_audited("input_validation_fail", house.ana);
    doomed(bad_move, HC_ERR_INVALID_STATE, house.ana);
    doomed(taken_address, HC_ERR_CONFLICT, house.ana);
    doomed(weak_password, HC_ERR_INVALID, house.system); /* refused before it came as far as the unit */
    doomed(no_version, HC_ERR_INVALID, house.ana);
    doomed(no_version_of_a_user, HC_ERR_INVALID, house.ana);
    doomed(late_address, HC_ERR_FORBIDDEN, house.ana);
    HOUSE_OK(make_home(house.ana, "after", err));
}
END_TEST

static hc_status look_for_nothing(hc_session *as, void *data, hc_error *err)
{
    hc_property_page *page = NULL;
    hc_query *query = NULL;

    (void)data;
    ck_assert_int_eq(read_home(as, house.bea_id, NULL), HC_ERR_NOT_FOUND);
    ck_assert_int_eq(hc_property_get_many(&page, as, &house.bea_id, 1, NULL), HC_OK);
    hc_property_page_free(page);
    ck_assert_int_lt(hc_query_parse(&query, house.client, "no such field eq 1", NULL, NULL), 0);
    ck_assert_int_eq(read_home(as, house.anas_ids[0], NULL), HC_OK);
    return make_home(as, "found", err);
}

START_TEST(not_found_does_not_doom)
{
    HOUSE_OK(hc_session_transact(house.ana, look_for_nothing, NULL, err));
    ck_assert_int_eq(titled("found"), 1);
}
END_TEST

/* Refusals inside a unit outlive it, however it ends. */
static hc_status be_refused(hc_session *as, void *data, hc_error *err)
{
    (void)data;
    (void)err;
    ck_assert_int_eq(anothers(as, NULL), HC_ERR_FORBIDDEN);
    return HC_ERR_INVALID;
}

/* Z02 Z11 */
START_TEST(a_refusal_outlives_its_unit)
{
    snapshot before = house_snapshot();

    ck_assert_int_eq(hc_session_transact(house.ana, be_refused, NULL, NULL), HC_ERR_INVALID);
    house_assert_unchanged_since(before);
    house_assert_audited("authz_fail", house.ana);
}
END_TEST

/* ---- what may not be done inside ---- */

static hc_status nothing(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    (void)data;
    (void)err;
    return HC_OK;
}

static hc_status misuse_everything(hc_session *as, void *data, hc_error *err)
{
    hc_session *out = NULL;
    hc_login login = HC_LOGIN_INIT;
    hc_registration who = HC_REGISTRATION_INIT;
    hc_password_change change = HC_PASSWORD_CHANGE_INIT;
    hc_import_options import = HC_IMPORT_OPTIONS_INIT;
    const char *token = hc_session_token(house.bea);
    int64_t done;

    (void)data;
    change.current = HOUSE_PASSWORD;
    change.current_size = strlen(HOUSE_PASSWORD);
    import.path = "rows.csv";
    import.format = HC_FORMAT_CSV;
    ck_assert_int_eq(hc_session_transact(as, nothing, NULL, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_session_transact(house.ben, nothing, NULL, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(read_home(house.ben, house.bens_id, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(make_home(house.ben, "by ben", NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(read_home(house.system, house.bens_id, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_logout(as, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_logout(house.bea, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_change_password(as, &change, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_login(&out, house.guest, &login, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_auth_register(house.guest, &who, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_session_open(&out, house.client, token, strlen(token), NULL, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_import_run(NULL, as, &import, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_client_run(house.client, 1000000, &done, NULL), HC_ERR_MISUSE);
    ck_assert_int_eq(hc_client_migrate(house.client, NULL), HC_ERR_MISUSE);
    ck_assert_ptr_null(out);
    return make_home(as, "all the same", err);
}

/* H05 */
START_TEST(only_its_session_and_no_other_unit)
{
    HOUSE_OK(hc_session_transact(house.ana, misuse_everything, NULL, err));
    ck_assert_int_eq(titled("all the same"), 1);
    ck_assert_int_eq(titled("by ben"), 0);
    HOUSE_OK(read_home(house.ben, house.bens_id, err));
    house_close();
    house_open_memory(); /* one connection: to wait for it would be to wait for oneself */
    HOUSE_OK(hc_session_transact(house.ana, misuse_everything, NULL, err));
}
END_TEST

static hc_status in_another_store(hc_session *as, void *data, hc_error *err)
{
    hc_session *there = data;
    hc_status status = make_home(there, "there", err);

    return status < 0 ? status : make_home(as, "here", err);
}

/* Another client is another world, also when its store is the same: only a wait for oneself is refused. */
START_TEST(another_clients_session_is_its_own)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *there = NULL;
    char uri[640];

    house_beside(uri, sizeof uri);
    house_options(&options);
    options.storage_uri = uri;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_system(&there, client, err));
    HOUSE_OK(hc_session_transact(house.ana, in_another_store, there, err));
    ck_assert_int_eq(titled("here"), 1);
    hc_session_free(there);
    hc_client_close(client);
}
END_TEST

/* ---- limits ---- */

static hc_status many_homes(hc_session *as, void *data, hc_error *err)
{
    hc_status status = HC_OK;
    char title[64];

    (void)data;
    for (int i = 0; i < 300 && status >= 0; i++) {
        snprintf(title, sizeof title, "many %d", i);
        status = make_home(as, title, err);
    }
    return status;
}

START_TEST(a_unit_may_be_long)
{
    HOUSE_OK(hc_session_transact(house.ana, many_homes, NULL, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title LIKE 'many %'"), 300);
}
END_TEST

START_TEST(an_empty_unit_is_fine)
{
    snapshot before = house_snapshot();

    HOUSE_OK(hc_session_transact(house.ana, nothing, NULL, err));
    HOUSE_OK(hc_session_transact(house.guest, nothing, NULL, err));
    HOUSE_OK(hc_session_transact(house.system, nothing, NULL, err));
    house_assert_unchanged_since(before);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_unit_writes_all);
    tcase_add_loop_test(tcase, a_unit_reads_at_the_time_that_it_writes_at, 0, 2);
    tcase_add_test(tcase, a_unit_that_gives_up_leaves_nothing);
    tcase_add_test(tcase, what_the_body_says_is_told);
    tcase_add_test(tcase, a_failed_write_dooms_the_unit);
    tcase_add_test(tcase, not_found_does_not_doom);
    tcase_add_test(tcase, a_refusal_outlives_its_unit);
    tcase_add_test(tcase, only_its_session_and_no_other_unit);
    tcase_add_test(tcase, another_clients_session_is_its_own);
    tcase_add_test(tcase, a_unit_may_be_long);
    tcase_add_test(tcase, an_empty_unit_is_fine);
}

int main(void)
{
    return suite_main("api.transact.unit", fill, house_open, house_close);
}
