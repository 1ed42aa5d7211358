/* Whoever writes into the audit log behind the library's back is found: row by row, at its end, and by its head. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "homeconnect/audit.h"
#include "house.h"

/* Beside the log: what a test puts back. */
static void keep(void)
{
    house_change(
        "CREATE TABLE kept_log AS SELECT * FROM audit_log; CREATE TABLE kept_heads AS SELECT * FROM audit_heads");
}

static void put_back(void)
{
    house_change("BEGIN; DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM kept_log;"
                 "DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads; COMMIT");
}

static void open_log(void)
{
    house_open();
    house_settle();
    keep();
}

static int64_t rows(void)
{
    return house_sql("SELECT count(*) FROM audit_log");
}

static hc_audit_report sound(void)
{
    hc_audit_report report = HC_AUDIT_REPORT_INIT;

    HOUSE_OK(hc_audit_verify(&report, house.system, NULL, err));
    ck_assert_int_eq(report.damage, HC_AUDIT_SOUND);
    ck_assert_int_eq(report.first_bad, 0);
    return report;
}

static void found(const char *what, int32_t damage, int64_t first)
{
    hc_audit_report report = HC_AUDIT_REPORT_INIT;
    hc_error err = {0};
    hc_status status = hc_audit_verify(&report, house.admin, NULL, &err);

    house_count(1);
    ck_assert_msg(status == HC_ERR_CORRUPT && err.status == status, "%s was not found: %s", what,
                  hc_status_name(status));
    ck_assert_msg(report.damage == damage && report.first_bad == first, "%s: damage %d at %lld, not %d at %lld (%s)",
                  what, (int)report.damage, (long long)report.first_bad, (int)damage, (long long)first, err.message);
    ck_assert_int_eq(err.detail, first);
    ck_assert_str_ne(err.message, "");
    ck_assert_str_eq(report.end, "");
}

/* An act with an audit row. */
static void act(void)
{
    hc_session_free(house_login("bea@example.com", HOUSE_PASSWORD));
    house_settle();
}

/* ---- what a sound log is ---- */

START_TEST(every_row_has_the_next_number_and_the_end_is_told)
{
    hc_audit_report before = sound(), after;

    ck_assert_int_eq(before.rows, rows());
    ck_assert_int_eq(before.waiting, 0);
    ck_assert_int_eq(house_sql("SELECT max(seq) FROM audit_log"), before.rows);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seal IS NULL"), 0);
    HOUSE_FAILS(hc_property_delete(house.bea, house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
    act();
    after = sound();
    ck_assert_int_eq(after.rows, before.rows + 2);
    ck_assert_str_ne(after.end, before.end);
    HOUSE_OK(hc_audit_verify(NULL, house.admin, NULL, err));
}
END_TEST

/* Erasure takes the person, not the row. */
START_TEST(a_row_whose_person_was_erased_is_sound)
{
    house_change("UPDATE audit_log SET actor_id=NULL, ip=NULL");
    sound();
}
END_TEST

/* ---- M07 ---- */

/* M07: an altered column. */
START_TEST(each_altered_column_is_found)
{
    static const char *const changes[] = {"event='authn_login_success_'",
                                          "actor_id=randomblob(16)",
                                          "session_id=randomblob(16)",
                                          "request_id='x'",
                                          "target_kind='property'",
                                          "target_id=randomblob(16)",
                                          "result='refused'",
                                          "reason='x'",
                                          "created_at=at(us(created_at)+1)",
                                          "pseudonym=randomblob(32)",
                                          "seal=randomblob(32)",
                                          "id=randomblob(16)",
                                          "pseudonym=NULL",
                                          "seal=NULL",
                                          "target_id=NULL"};
    int64_t last = house_sql("SELECT max(seq) FROM audit_log WHERE event='authn_login_success'");
    char sql[200];

    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        snprintf(sql, sizeof sql, "UPDATE audit_log SET %s WHERE seq=%lld", changes[i], (long long)last);
        house_change(sql);
        found(changes[i], HC_AUDIT_ALTERED, last);
        put_back();
    }
    sound();
}
END_TEST

/* M07: rows that are removed, moved, repeated, added; a tail that is cut; a head that is touched. */
START_TEST(each_change_of_the_order_and_of_the_ends_is_found)
{
    const int64_t n = rows();
    const struct {
        const char *sql;
        int32_t damage;
        int64_t first;
    } cases[] = {
        {"DELETE FROM audit_log WHERE seq=1", HC_AUDIT_REMOVED, 1},
        {"DELETE FROM audit_log WHERE seq=4", HC_AUDIT_REMOVED, 4},
        {"DELETE FROM audit_log WHERE seq=4; UPDATE audit_log SET seq=seq-1 WHERE seq>4", HC_AUDIT_MOVED, 4},
        {"UPDATE audit_log SET seq=9-seq WHERE seq IN (4,5)", HC_AUDIT_MOVED, 4},
        {"UPDATE audit_log SET seq=NULL WHERE seq=4", HC_AUDIT_REMOVED, 4},
        {"UPDATE audit_log SET seq=4 WHERE seq=5", HC_AUDIT_ADDED, 4},
        {"UPDATE audit_log SET seal=(SELECT seal FROM kept_log WHERE seq=5) WHERE seq=4", HC_AUDIT_ALTERED, 4},
        {"UPDATE audit_log SET seal=CAST(substr(seal,1,16)||substr((SELECT seal FROM kept_log WHERE seq=5),17) AS BLOB)"
         " WHERE seq=4",
         HC_AUDIT_MOVED, 4},
        {"DELETE FROM audit_log WHERE seq=(SELECT max(seq) FROM audit_log)", HC_AUDIT_CUT, n},
        {"DELETE FROM audit_log WHERE seq>3", HC_AUDIT_CUT, 4},
        {"DELETE FROM audit_log", HC_AUDIT_CUT, 1},
        {"DELETE FROM audit_log WHERE seq=(SELECT max(seq) FROM audit_log);"
         "UPDATE audit_heads SET seq=seq-1, seal=(SELECT seal FROM audit_log ORDER BY seq DESC LIMIT 1)",
         HC_AUDIT_HEAD, 0},
        {"INSERT INTO audit_log (id,event,result,created_at) VALUES (randomblob(16),'x','ok',at(1))", HC_AUDIT_ADDED,
         0},
        {"INSERT INTO audit_log (id,event,result,created_at,seal) SELECT randomblob(16),event,result,created_at,seal"
         " FROM kept_log WHERE seq=2",
         HC_AUDIT_ADDED, 0},
        {"INSERT INTO audit_log (id,event,result,created_at,seq,seal) SELECT randomblob(16),event,result,created_at,"
         "(SELECT max(seq)+1 FROM kept_log),seal FROM kept_log WHERE seq=2",
         HC_AUDIT_ALTERED, n + 1},
        {"UPDATE audit_heads SET seq=seq+1", HC_AUDIT_HEAD, 0},
        {"UPDATE audit_heads SET seal=randomblob(32)", HC_AUDIT_HEAD, 0},
        {"UPDATE audit_heads SET signature=randomblob(32)", HC_AUDIT_HEAD, 0},
        {"UPDATE audit_heads SET id=randomblob(16)", HC_AUDIT_HEAD, 0},
        {"UPDATE audit_heads SET stream='other'", HC_AUDIT_HEAD, 0},
        {"DELETE FROM audit_heads", HC_AUDIT_HEAD, 0},
        {"DELETE FROM audit_heads; DELETE FROM audit_log", HC_AUDIT_HEAD, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        house_change(cases[i].sql);
        found(cases[i].sql, cases[i].damage, cases[i].first);
        put_back();
    }
    sound();
}
END_TEST

/* M07: what was done to the log is not sealed over by what comes after it. */
START_TEST(later_acts_and_the_next_opening_hide_nothing)
{
    const int64_t n = rows();
    const struct {
        const char *sql;
        int32_t damage;
        int64_t first;
    } cases[] = {
        {"UPDATE audit_log SET reason='x' WHERE seq=4", HC_AUDIT_ALTERED, 4},
        {"DELETE FROM audit_log WHERE seq=4", HC_AUDIT_REMOVED, 4},
        {"DELETE FROM audit_log WHERE seq=(SELECT max(seq) FROM audit_log)", HC_AUDIT_REMOVED, n},
        {"INSERT INTO audit_log (id,event,result,created_at) VALUES (zeroblob(16),'x','ok',at(1))", HC_AUDIT_ALTERED,
         n + 1},
        {"UPDATE audit_heads SET seq=seq-1", HC_AUDIT_REMOVED, n + 1},
        {"UPDATE audit_heads SET seq=9223372036854775806", HC_AUDIT_REMOVED, n + 1},
        {"UPDATE audit_heads SET seal=randomblob(32)", HC_AUDIT_REMOVED, n + 1},
        {"DELETE FROM audit_heads", HC_AUDIT_REMOVED, n + 1},
        {"DELETE FROM audit_heads; DELETE FROM audit_log", HC_AUDIT_REMOVED, 1},
        {"DELETE FROM audit_log WHERE seq=(SELECT max(seq) FROM audit_log);"
         "UPDATE audit_heads SET seq=seq-1, seal=(SELECT seal FROM audit_log ORDER BY seq DESC LIMIT 1)",
         HC_AUDIT_REMOVED, n},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        house_change(cases[i].sql);
        house_leave();
        house_client();
        act();
        house.admin = house_login("ada@example.com", HOUSE_PASSWORD);
        found(cases[i].sql, cases[i].damage, cases[i].first);
        put_back();
    }
    sound();
}
END_TEST

/* M07: an older head that was signed by us, put back over newer rows. */
START_TEST(a_head_of_yesterday_is_found)
{
    act();
    house_change("DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads");
    found("an older head", HC_AUDIT_HEAD, 0);
    act(); /* seals the row after one that is there */
    found("an older head and an act", HC_AUDIT_ADDED, rows() - 1);
}
END_TEST

/* ---- M07: another store's rows ---- */

static void copy_file(const char *from, const char *to)
{
    char bytes[4096];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t size = fread(bytes, 1, sizeof bytes, in);

    ck_assert(fwrite(bytes, 1, size, out) == size);
    fclose(in);
    fclose(out);
}

/* M07: a row copied from another store, of other keys and of the same. */
START_TEST(a_row_of_another_store_is_found)
{
    struct house first, second;

    for (int same = 0; same < 2; same++) {
        first = house;
        house_folder();
        if (same)
            copy_file(first.keys, house.keys);
        ck_assert_int_eq(chmod(house.keys, 0600), same ? 0 : -1);
        house_client();
        house_people();
        house_settle();
        house_leave();
        second = house;
        house = first;
        snprintf(house_other, sizeof house_other, "%s", second.path[0] != '\0' ? second.path : second.schema);
        house_change("DELETE FROM audit_log WHERE seq=4;"
                     "INSERT INTO audit_log SELECT * FROM other.audit_log WHERE seq=4");
        house_other[0] = '\0';
        found("a row of another store", same ? HC_AUDIT_MOVED : HC_AUDIT_ALTERED, 4);
        put_back();
        house = second;
        house_remove();
        house = first;
    }
    sound();
}
END_TEST

/* ---- a report that was kept ---- */

START_TEST(a_log_of_yesterday_is_found_by_a_report_that_was_kept)
{
    hc_audit_report first = sound(), later;

    act();
    later = sound();
    HOUSE_OK(hc_audit_verify(NULL, house.system, first.end, err));
    HOUSE_OK(hc_audit_verify(NULL, house.system, later.end, err));
    put_back();
    HOUSE_OK(hc_audit_verify(NULL, house.system, first.end, err));
    HOUSE_FAILS(hc_audit_verify(&later, house.system, later.end, err), HC_ERR_CORRUPT, "");
    ck_assert_int_eq(later.damage, HC_AUDIT_OTHER);
    ck_assert_int_eq(later.first_bad, first.rows + 1);
    act(); /* another row takes the number */
    HOUSE_FAILS(hc_audit_verify(&later, house.system, later.end, err), HC_ERR_INVALID, "known"); /* "" by now */
    first.end[strlen(first.end) - 1] = first.end[strlen(first.end) - 1] == '0' ? '1' : '0';
    HOUSE_FAILS(hc_audit_verify(&later, house.system, first.end, err), HC_ERR_CORRUPT, "");
    ck_assert_int_eq(later.damage, HC_AUDIT_OTHER);
    ck_assert_int_eq(later.first_bad, first.rows);
}
END_TEST

START_TEST(what_is_no_report_is_refused)
{
    static const char *const texts[] = {"", "1", ":", "1:", "x:00", "0:", "-1:", "1:zz"};
    hc_audit_report report = sound();
    hc_audit_report bad = {0};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        HOUSE_FAILS(hc_audit_verify(NULL, house.system, texts[i], err), HC_ERR_INVALID, "known");
    report.end[10] = 'G';
    HOUSE_FAILS(hc_audit_verify(NULL, house.system, report.end, err), HC_ERR_INVALID, "known");
    HOUSE_FAILS(hc_audit_verify(&bad, house.system, NULL, err), HC_ERR_INVALID, "report");
    HOUSE_FAILS(hc_audit_verify(NULL, NULL, NULL, err), HC_ERR_MISUSE, "session");
}
END_TEST

/* A host that was built with an older, shorter report gets what it knows. */
START_TEST(a_shorter_report_is_filled_as_far_as_it_goes)
{
    hc_audit_report report = HC_AUDIT_REPORT_INIT;

    report.struct_size = offsetof(hc_audit_report, waiting);
    report.waiting = -7;
    HOUSE_OK(hc_audit_verify(&report, house.system, NULL, err));
    ck_assert_int_eq(report.rows, rows());
    ck_assert_int_eq(report.waiting, -7);
}
END_TEST

/* ---- while others work ---- */

static void *deny_often(void *data)
{
    atomic_bool *stop = data;
    hc_session *guest = NULL;

    HOUSE_OK(hc_session_guest(&guest, house.client, NULL, err));
    for (int i = 0; i < 300 && !atomic_load(stop); i++) {
        hc_error err;
        (void)hc_property_delete(guest, house.bens_id, 1, &err);
    }
    hc_session_free(guest);
    return NULL;
}

/* A long log is read in pieces, between which it grows. */
START_TEST(a_log_that_grows_meanwhile_is_sound)
{
    atomic_bool stop = false;
    pthread_t thread;
    int64_t before = 0;

    for (int i = 0; i < 600; i++)
        HOUSE_FAILS(hc_property_delete(house.bea, house.bens_id, 1, err), HC_ERR_FORBIDDEN, "");
    house_settle();
    ck_assert_int_eq(pthread_create(&thread, NULL, deny_often, &stop), 0);
    for (int i = 0; i < 10; i++) {
        hc_audit_report report = sound();
        ck_assert_int_ge(report.rows, before);
        before = report.rows;
    }
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    house_settle();
    ck_assert_int_eq(sound().rows, rows());
}
END_TEST

static hc_status look_inside(hc_session *as, void *data, hc_error *err)
{
    hc_audit_report *report = data;
    hc_status status = hc_property_delete(as, house.bens_id, 1, err);

    return status < 0 ? status : hc_audit_verify(report, as, NULL, err);
}

START_TEST(a_unit_sees_its_own_row_wait_for_the_seal)
{
    hc_audit_report report = HC_AUDIT_REPORT_INIT;

    HOUSE_OK(hc_session_transact(house.ben, look_inside, &report, err) == HC_ERR_FORBIDDEN ? HC_OK : HC_ERR_INTERNAL);
    house_settle();
    HOUSE_OK(hc_session_transact(house.admin, look_inside, &report, err));
    ck_assert_int_eq(report.waiting, 1);
    house_settle();
    ck_assert_int_eq(sound().waiting, 0);
}
END_TEST

START_TEST(it_ends_when_it_is_interrupted)
{
    hc_session_interrupt(house.admin);
    HOUSE_FAILS(hc_audit_verify(NULL, house.admin, NULL, err), HC_ERR_CANCELLED, "");
    HOUSE_OK(hc_audit_verify(NULL, house.admin, NULL, err));
}
END_TEST

/* ---- stores whose log has not begun ---- */

/* Rows that are older than seals get theirs with the migration. */
START_TEST(a_log_without_seals_is_sealed_by_the_migration)
{
    int64_t n = rows();

    house_change(
        "UPDATE audit_log SET seq=NULL, pseudonym=NULL, seal=NULL; DELETE FROM audit_heads;"
        "INSERT INTO audit_log (id,event,result,created_at) WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n+1"
        " FROM i WHERE n<700) SELECT randomblob(16),'old','ok',at(n) FROM i");
    HOUSE_OK(hc_client_migrate(house.client, err));
    ck_assert_int_eq(sound().rows, n + 700);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log a JOIN audit_log b ON a.seq+1=b.seq WHERE a.id>b.id"),
                     0);
    act();
    ck_assert_int_eq(sound().rows, n + 701);
}
END_TEST

static void note_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    if (level == HC_LOG_WARN && strstr(line, "without seals") != NULL)
        ++*(int *)data;
}

/* M07: nothing in the store tells rows older than seals from rows whose seals were taken off. It is logged, and a
 * report that was kept finds what was altered meanwhile. */
START_TEST(a_log_that_lost_its_seals_is_logged_and_found_by_a_report_that_was_kept)
{
    hc_client_options options;
    hc_audit_report first = sound(), later = HC_AUDIT_REPORT_INIT;
    int warned = 0;

    house_change("UPDATE audit_log SET reason='x' WHERE seq=4");
    house_change("UPDATE audit_log SET seq=NULL, pseudonym=NULL, seal=NULL; DELETE FROM audit_heads");
    house_leave();
    house_options(&options);
    options.log = note_line;
    options.log_data = &warned;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_OK(hc_session_guest(&house.guest, house.client, NULL, err));
    act();
    ck_assert_int_eq(warned, 1);
    HOUSE_FAILS(hc_audit_verify(&later, house.system, first.end, err), HC_ERR_CORRUPT, "");
    ck_assert_int_eq(later.damage, HC_AUDIT_OTHER);
    act();
    ck_assert_int_eq(warned, 1);
    house_leave();
    house_client();
}
END_TEST

/* Where nobody migrated to the end, acts mark what is older, some rows each, and the one that finds no more begins. */
START_TEST(a_log_that_nobody_began_begins_with_an_act)
{
    hc_client_options options;
    hc_audit_report report = HC_AUDIT_REPORT_INIT;
    int64_t n = rows(), done = 0;

    if (!house_only_in_a_file("a_log_that_nobody_began_begins_with_an_act: on a server upkeep begins it"))
        return;
    house_change(
        "UPDATE audit_log SET seq=NULL, pseudonym=NULL, seal=NULL; DELETE FROM audit_heads;"
        "INSERT INTO audit_log (id,event,result,created_at) WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n+1"
        " FROM i WHERE n<300) SELECT randomblob(16),'old','ok',at(n) FROM i");
    house_leave();
    house_options(&options);
    options.migrate = HC_MIGRATE_NEVER;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    HOUSE_OK(hc_session_system(&house.system, house.client, err));
    HOUSE_OK(hc_session_guest(&house.guest, house.client, NULL, err));
    act();
    HOUSE_FAILS(hc_audit_verify(&report, house.system, NULL, err), HC_ERR_CORRUPT, "");
    ck_assert_int_eq(report.damage, HC_AUDIT_HEAD);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seal IS NULL"), n + 300 - 256);
    act();
    ck_assert_int_eq(sound().rows, n + 302);
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, &done, err));
    ck_assert_int_eq(done, 0);
}
END_TEST

START_TEST(upkeep_begins_a_log_too)
{
    int64_t n = rows(), done = 0;

    house_change("UPDATE audit_log SET seq=NULL, pseudonym=NULL, seal=NULL; DELETE FROM audit_heads");
    HOUSE_OK(hc_client_run(house.client, HOUSE_SECOND, &done, err));
    ck_assert_int_ge(done, n);
    ck_assert_int_eq(sound().rows, n);
}
END_TEST

/* Numbers cannot run out but by somebody's hand: then rows wait with their marks, and no act fails. */
START_TEST(a_number_at_the_end_of_all_numbers_stops_no_act)
{
    house_change("UPDATE audit_log SET seq=9223372036854775807 WHERE seq=(SELECT max(seq) FROM audit_log);"
                 "UPDATE audit_heads SET seal=randomblob(32)");
    act();
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seq IS NULL"), 1);
    found("the last number of all", HC_AUDIT_HEAD, 0);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_row_has_the_next_number_and_the_end_is_told);
    tcase_add_test(tcase, a_row_whose_person_was_erased_is_sound);
    tcase_add_test(tcase, each_altered_column_is_found);
    tcase_add_test(tcase, each_change_of_the_order_and_of_the_ends_is_found);
    tcase_add_test(tcase, later_acts_and_the_next_opening_hide_nothing);
    tcase_add_test(tcase, a_head_of_yesterday_is_found);
    tcase_add_test(tcase, a_row_of_another_store_is_found);
    tcase_add_test(tcase, a_log_of_yesterday_is_found_by_a_report_that_was_kept);
    tcase_add_test(tcase, what_is_no_report_is_refused);
    tcase_add_test(tcase, a_shorter_report_is_filled_as_far_as_it_goes);
    tcase_add_test(tcase, a_log_that_grows_meanwhile_is_sound);
    tcase_add_test(tcase, a_unit_sees_its_own_row_wait_for_the_seal);
    tcase_add_test(tcase, it_ends_when_it_is_interrupted);
    tcase_add_test(tcase, a_log_without_seals_is_sealed_by_the_migration);
    tcase_add_test(tcase, a_log_that_lost_its_seals_is_logged_and_found_by_a_report_that_was_kept);
    tcase_add_test(tcase, a_log_that_nobody_began_begins_with_an_act);
    tcase_add_test(tcase, upkeep_begins_a_log_too);
    tcase_add_test(tcase, a_number_at_the_end_of_all_numbers_stops_no_act);
}

int main(void)
{
    return suite_main("api.audit.verify", fill, open_log, house_close);
}
