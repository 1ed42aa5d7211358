/* What other programs write with the origin's columns alone is read as it stands, and found by filters and text once it
 * was repaired. */
#include <stdio.h>
#include <string.h>

#include "homeconnect/appointment.h"
#include "homeconnect/audit.h"
#include "homeconnect/lead.h"
#include "homeconnect/repair.h"
#include "house.h"
#include "memory.h"

#define KIM  "x'0e000000000040008000000000000001'"
#define LOU  "x'0e000000000040008000000000000002'"
#define BARN "x'0e000000000040008000000000000003'"
#define SOLD "x'0e000000000040008000000000000004'"
#define GONE "x'0e000000000040008000000000000005'"
#define LEAD "x'0e000000000040008000000000000006'"
#define SEEN "x'0e000000000040008000000000000007'"

static hc_id id_of(const char *blob)
{
    hc_id out;

    for (size_t i = 0; i < sizeof out.bytes; i++) {
        unsigned byte = 0;
        ck_assert_int_eq(sscanf(blob + 2 + 2 * i, "%2x", &byte), 1);
        out.bytes[i] = (uint8_t)byte;
    }
    return out;
}

/* An agent, a buyer, three listings, a lead and a viewing, as a program writes them that knows the origin's columns. */
static void write_elsewhere(void)
{
    char sql[600];

    house_change("INSERT INTO users(id,email,password_hash,full_name,role,phone) SELECT " KIM
                 ",' Kim@Elsewhere.example ',"
                 "password_hash,'Kim Agent','agent','555 0100' FROM users WHERE email='ana@example.com'");
    house_change("INSERT INTO users(id,email,password_hash,full_name,role) VALUES (" LOU
                 ",'lou@elsewhere.example','x','Lou Buyer','buyer')");
    house_change("INSERT INTO agents(user_id,agency_name,license_number,bio,commission_rate) VALUES (" KIM
                 ",'Elsewhere','TX-1','',scaled(250,2))");
    house_change(
        "INSERT INTO properties(id,agent_id,title,description,price,address,city,state,zip_code,beds,baths,sqft,"
        "property_type) VALUES (" BARN "," KIM ",'Zebra Barn','A Quagga Stable',scaled(30000000,2),'7 Élan Way',"
        "'Marfa','TX','79843',3,scaled(150,2),1000,'house')");
    house_change(
        "INSERT INTO properties(id,agent_id,title,price,address,city,state,zip_code,property_type,status) VALUES"
        " (" SOLD "," KIM ",'Sold Shed',scaled(100,2),'8 Way','Marfa','TX','79843','land','sold')");
    house_change(
        "INSERT INTO properties(id,agent_id,title,price,address,city,state,zip_code,property_type,status) VALUES"
        " (" GONE "," KIM ",'Gone Garage',scaled(100,2),'9 Way','Marfa','TX','79843','land',NULL)");
    house_change("INSERT INTO leads(id,buyer_id,agent_id,property_id,source,notes) VALUES (" LEAD "," LOU "," KIM
                 "," BARN ",'website','calls')");
    snprintf(sql, sizeof sql,
             "INSERT INTO appointments(id,lead_id,agent_id,property_id,scheduled_time) VALUES (" SEEN "," LEAD "," KIM
             "," BARN ",at(%lld))",
             (long long)(HOUSE_START + HOUSE_DAY));
    house_change(sql);
}

static hc_repair_report repaired(void)
{
    hc_repair_report report = HC_REPAIR_REPORT_INIT;

    HOUSE_OK(hc_repair_derived(house.client, &report, NULL, NULL, err));
    return report;
}

static size_t found(const char *filter, const char *q, int32_t scope)
{
    hc_query *query = NULL;
    hc_property_page *page = NULL;
    size_t count;

    HOUSE_OK(hc_query_parse(&query, house.client, filter, NULL, err));
    HOUSE_OK(hc_query_set_scope(query, scope, err));
    if (q != NULL)
        HOUSE_OK(hc_query_set_text(query, q, err));
    HOUSE_OK(hc_property_list(&page, scope == HC_SCOPE_ALL ? house.admin : house.guest, query, err));
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

/* ---- rows that were inserted ---- */

START_TEST(a_foreign_listing_is_read_at_once_and_found_after_a_repair)
{
    hc_property *row;
    hc_repair_report report;

    write_elsewhere();
    row = house_read(house.guest, id_of(BARN));
    ck_assert_str_eq(hc_property_title(row), "Zebra Barn");
    ck_assert_int_eq(hc_property_version(row), 1);
    hc_property_free(row);
    ck_assert_uint_eq(found("price gt 299999", NULL, HC_SCOPE_PUBLIC), 4); /* by columns that need no key */
    report = repaired();
    ck_assert_int_ge(report.examined, 4 + 2 + 4 + 3 + 3 + 1 + 1);
    ck_assert_int_eq(report.left, 0);
    ck_assert_uint_eq(found("city eq 'MARFA'", NULL, HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("startswith(title,'zebra')", NULL, HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("contains(description,'QUAGGA')", NULL, HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("standard_status eq 'Active' and city eq 'Marfa'", NULL, HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("standard_status eq 'Closed' and city eq 'Marfa'", NULL, HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("standard_status eq 'Withdrawn' and city eq 'Marfa'", NULL, HC_SCOPE_ALL), 1);
    ck_assert_uint_eq(found(NULL, "zebra quagga elan", HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found(NULL, "79843 zeb*", HC_SCOPE_PUBLIC), 1);
    row = house_read(house.guest, id_of(BARN));
    ck_assert_int_eq(hc_property_version(row), 2);
    ck_assert_int_eq(hc_property_price_per_sqft(row), 30000);
    ck_assert_int_eq(hc_property_price_reduced(row), 0);
    ck_assert_int_eq(hc_property_original_price(row), 30000000);
    ck_assert(!hc_property_is_null(row, HC_PROPERTY_LIST_DATE));
    hc_property_free(row);
    row = house_read(house.guest, id_of(SOLD));
    ck_assert(hc_property_is_null(row, HC_PROPERTY_CLOSE_DATE)); /* nobody knows which day that was */
    ck_assert(hc_property_is_null(row, HC_PROPERTY_DAYS_TO_CLOSE));
    hc_property_free(row);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='property' AND change='updated'"), 3);
}
END_TEST

START_TEST(foreign_people_sign_in_and_work)
{
    hc_session *kim = NULL;
    hc_login login = HC_LOGIN_INIT;
    hc_agent *agent = NULL;
    hc_lead *lead = NULL;
    hc_property *edit;

    write_elsewhere();
    login.email = "kim@elsewhere.example";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    HOUSE_FAILS(hc_auth_login(&kim, house.guest, &login, err), HC_ERR_UNAUTHENTICATED, "");
    (void)repaired();
    kim = house_login("kim@elsewhere.example", HOUSE_PASSWORD);
    HOUSE_OK(hc_agent_get(&agent, kim, id_of(KIM), err));
    ck_assert_int_eq(hc_agent_total_sales(agent), 1);
    hc_agent_free(agent);
    HOUSE_OK(hc_lead_get(&lead, kim, id_of(LEAD), err));
    ck_assert(!hc_lead_is_null(lead, HC_LEAD_ASSIGNED_AT));
    ck_assert(!hc_lead_is_null(lead, HC_LEAD_RESPONSE_DUE_AT));
    hc_lead_free(lead);
    ck_assert_int_eq(house_sql("SELECT open_leads FROM agent_load WHERE user_id=" KIM), 1);
    edit = hc_property_for(house.client, id_of(BARN), 2);
    hc_property_set_price(edit, 29000000);
    HOUSE_OK(hc_property_update(NULL, kim, edit, err));
    hc_property_free(edit);
    edit = house_read(kim, id_of(BARN));
    ck_assert_int_eq(hc_property_price_reduced(edit), 1);
    hc_property_free(edit);
    hc_session_free(kim);
}
END_TEST

static hc_status book_at(hc_id lead, int64_t start, hc_error *err)
{
    hc_appointment *row = hc_appointment_new(house.client);
    hc_id id;
    hc_status status;

    hc_appointment_set_lead_id(row, lead);
    hc_appointment_set_scheduled_time(row, start);
    hc_appointment_set_ends_at(row, start + 30 * HOUSE_MINUTE);
    status = hc_appointment_create(&id, house.system, row, err);
    hc_appointment_free(row);
    house_count(1);
    return status;
}

/* D01 */
START_TEST(a_foreign_viewing_holds_its_time)
{
    const int64_t start = HOUSE_START + HOUSE_DAY;
    hc_appointment *row = NULL;
    char sql[200];

    write_elsewhere();
    ck_assert_int_eq(repaired().left, 0);
    HOUSE_OK(hc_appointment_get(&row, house.system, id_of(SEEN), err));
    ck_assert_int_eq(hc_appointment_ends_at(row), start + 30 * HOUSE_MINUTE);
    ck_assert_mem_eq(hc_appointment_buyer_id(row).bytes, id_of(LOU).bytes, 16);
    hc_appointment_free(row);
    HOUSE_FAILS(book_at(id_of(LEAD), start, err), HC_ERR_CONFLICT, "scheduled_time");
    /* moved by another program: its new time is held, and the old one is free */
    snprintf(sql, sizeof sql, "UPDATE appointments SET scheduled_time=at(%lld), ends_at=at(%lld)",
             (long long)(start + HOUSE_HOUR), (long long)(start + HOUSE_HOUR + 30 * HOUSE_MINUTE));
    house_change(sql);
    ck_assert_int_eq(repaired().changed, 1);
    HOUSE_FAILS(book_at(id_of(LEAD), start + HOUSE_HOUR, err), HC_ERR_CONFLICT, "scheduled_time");
    HOUSE_OK(book_at(id_of(LEAD), start, err));
    /* onto the time of that one: it holds none, and is told of */
    snprintf(sql, sizeof sql, "UPDATE appointments SET scheduled_time=at(%lld), ends_at=at(%lld) WHERE id=" SEEN,
             (long long)start, (long long)(start + 30 * HOUSE_MINUTE));
    house_change(sql);
    ck_assert_int_eq(repaired().left, 1);
    ck_assert_int_eq(repaired().left, 1);
    HOUSE_OK(book_at(id_of(LEAD), start + HOUSE_HOUR, err));
    house_change("UPDATE appointments SET status='cancelled'");
    ck_assert_int_eq(repaired().left, 0);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointment_slots"), 0);
}
END_TEST

/* Nobody swept yet, as it may be: a hold that ran out holds no time from anybody, nor gets any again. */
START_TEST(a_hold_that_ran_out_is_in_no_foreign_viewings_way)
{
    const int64_t start = HOUSE_START + HOUSE_DAY, held = start + 4 * HOUSE_HOUR;
    char sql[300];

    write_elsewhere();
    ck_assert_int_eq(repaired().left, 0);
    HOUSE_OK(book_at(id_of(LEAD), held, err));
    snprintf(sql, sizeof sql, "UPDATE appointments SET status='pending', hold_expires_at=at(%lld) WHERE id<>" SEEN,
             (long long)(house_now() + HOUSE_MINUTE));
    house_change(sql);
    ck_assert_int_eq(repaired().changed, 0);
    house_pass(2 * HOUSE_MINUTE);
    ck_assert_int_eq(repaired().changed, 0);
    snprintf(sql, sizeof sql, "UPDATE appointments SET scheduled_time=at(%lld), ends_at=at(%lld) WHERE id=" SEEN,
             (long long)held, (long long)(held + 30 * HOUSE_MINUTE));
    house_change(sql);
    ck_assert_int_eq(repaired().left, 0);
    HOUSE_FAILS(book_at(id_of(LEAD), held, err), HC_ERR_CONFLICT, "scheduled_time");
    ck_assert_int_eq(house_sql("SELECT count(*) FROM appointments WHERE status='cancelled'"), 1);
    ck_assert_int_eq(repaired().changed, 0);
}
END_TEST

/* ---- rows that were changed ---- */

START_TEST(what_another_program_changed_is_found_as_it_is)
{
    hc_property *row;
    hc_repair_report report;

    (void)repaired();
    house_change("UPDATE properties SET title='Moved Mill', zip_code='11111', price=scaled(40000000,2), sqft=2000,"
                 " description=NULL, status='sold' WHERE title='Bungalow by the creek'");
    report = repaired();
    ck_assert_int_eq(report.changed, 2); /* and its agent, who has sold one more */
    ck_assert_uint_eq(found("status eq 'sold'", "mill 11111", HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found("status eq 'sold'", "bungalow", HC_SCOPE_PUBLIC), 0);
    ck_assert_uint_eq(found("status eq 'sold'", "pecan", HC_SCOPE_PUBLIC), 0);
    row = house_read(house.guest, house.anas_ids[0]);
    ck_assert_int_eq(hc_property_standard_status(row), HC_PROPERTY_STANDARD_CLOSED);
    ck_assert_int_eq(hc_property_close_date(row), (int32_t)(house_now() / HOUSE_DAY));
    ck_assert_int_eq(hc_property_price_per_sqft(row), 20000);
    ck_assert_int_eq(hc_property_price_reduced(row), 1);
    ck_assert_int_eq(hc_property_days_to_close(row), 0);
    ck_assert_int_eq(hc_property_version(row), 2);
    hc_property_free(row);
    ck_assert_int_eq(
        house_sql("SELECT count(*) FROM status_history WHERE old_status='Active' AND new_status='Closed' AND"
                  " actor_id IS NULL AND version=2"),
        1);
    house_change("UPDATE properties SET status='active', zip_code='22222' WHERE title='Moved Mill'");
    (void)repaired();
    row = house_read(house.guest, house.anas_ids[0]);
    ck_assert(hc_property_is_null(row, HC_PROPERTY_CLOSE_DATE));
    ck_assert(hc_property_is_null(row, HC_PROPERTY_DAYS_TO_CLOSE));
    hc_property_free(row);
    house_change("UPDATE properties SET zip_code='33333' WHERE title='Moved Mill'"); /* nothing but that */
    ck_assert_int_eq(repaired().changed, 1);
    ck_assert_uint_eq(found(NULL, "33333", HC_SCOPE_PUBLIC), 1);
    ck_assert_uint_eq(found(NULL, "22222", HC_SCOPE_PUBLIC), 0);
}
END_TEST

/* T16: who signed in by an address is out once it is another one. */
START_TEST(a_foreign_change_of_address_ends_the_sign_ins)
{
    hc_property *row = NULL;

    (void)repaired();
    house_change("UPDATE users SET email='ana@new.example' WHERE email='ana@example.com'");
    ck_assert_int_eq(repaired().changed, 1);
    HOUSE_FAILS(hc_property_get(&row, house.ana, house.anas_ids[2], err), HC_ERR_UNAUTHENTICATED, "token");
    hc_session_free(house.ana);
    house.ana = house_login("ana@new.example", HOUSE_PASSWORD);
}
END_TEST

/* ---- what cannot be put right, and what need not ---- */

static int told;

static void note_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)request_id;
    (void)data;
    told += level == HC_LOG_WARN && strstr(line, "repair: user ") != NULL;
    ck_assert_ptr_null(strstr(line, "@")); /* whose row, but nobody's address */
}

START_TEST(an_address_that_is_none_or_anothers_is_told_and_left)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_repair_report report = HC_REPAIR_REPORT_INIT;

    house_change("INSERT INTO users(id,email,password_hash,full_name,role) VALUES (" KIM
                 ",'ANA@example.com','x','Another Ana','buyer')");
    house_change("INSERT INTO users(id,email,password_hash,full_name,role) VALUES (" LOU
                 ",'nobody','x','Nobody','buyer')");
    house_options(&options);
    options.log = note_line;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_repair_derived(client, &report, NULL, NULL, err));
    hc_client_close(client);
    ck_assert_int_eq(report.left, 2);
    ck_assert_int_eq(told, 2);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM users WHERE email_norm IS NULL"), 2);
    hc_session_free(house_login("ana@example.com", HOUSE_PASSWORD)); /* still herself */
}
END_TEST

START_TEST(what_is_right_is_left_alone)
{
    snapshot before;
    hc_repair_report report;

    write_elsewhere();
    (void)house_snapshot();
    report = repaired();
    ck_assert_int_gt(report.changed, 0);
    house_assert_audited("sensitive_update", NULL);
    before = house_snapshot();
    ck_assert_int_eq(repaired().changed, 0);
    house_assert_unchanged_since(before);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE event='sensitive_update'"), 1);
}
END_TEST

/* ---- many, and the call itself ---- */

#define MANY 300

static void write_many(void)
{
    char sql[400];

    snprintf(
        sql, sizeof sql,
        "INSERT INTO properties(id,title,price,address,city,state,zip_code,property_type) WITH RECURSIVE n(i) AS"
        " (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) SELECT randomblob(16),'Row',scaled(i,2),'A','Waco','TX',"
        "'76701','land' FROM n",
        MANY);
    ck_assert_int_eq(house_change(sql), MANY);
}

static hc_status stop_at_once(const hc_repair_report *report, void *data)
{
    ++*(int *)data;
    return report->changed > 0 ? HC_ERR_CANCELLED : HC_OK;
}

static hc_status only_count(const hc_repair_report *report, void *data)
{
    ck_assert_int_ge(report->examined, report->changed);
    ++*(int *)data;
    return HC_OK;
}

START_TEST(who_cancels_finds_what_was_done_and_goes_on)
{
    hc_repair_report report = HC_REPAIR_REPORT_INIT;
    int calls = 0;
    int64_t first;

    write_many();
    HOUSE_FAILS(hc_repair_derived(house.client, &report, stop_at_once, &calls, err), HC_ERR_CANCELLED, "");
    first = report.changed;
    ck_assert_int_gt(first, 0);
    ck_assert_int_lt(first, MANY);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='Row' AND city_norm='waco'"), first);
    calls = 0;
    HOUSE_OK(hc_repair_derived(house.client, &report, only_count, &calls, err));
    ck_assert_int_eq(report.changed, MANY - first);
    ck_assert_int_gt(calls, 3);
    ck_assert_int_eq(house_sql("SELECT count(*) FROM properties WHERE title='Row' AND version=2"), MANY);
}
END_TEST

static hc_status repair_inside(hc_session *as, void *data, hc_error *err)
{
    (void)as;
    return hc_repair_derived(house.client, data, NULL, NULL, err);
}

START_TEST(misuse_is_told_and_harms_nothing)
{
    hc_repair_report report = HC_REPAIR_REPORT_INIT, bad = {0};
    snapshot before = house_snapshot();

    HOUSE_FAILS(hc_repair_derived(NULL, &report, NULL, NULL, err), HC_ERR_MISUSE, "client");
    HOUSE_FAILS(hc_repair_derived(house.client, &bad, NULL, NULL, err), HC_ERR_INVALID, "report");
    HOUSE_FAILS(hc_session_transact(house.admin, repair_inside, &report, err), HC_ERR_MISUSE, "session");
    house_assert_unchanged_since(before);
    HOUSE_OK(hc_repair_derived(house.client, NULL, NULL, NULL, err));
    report.struct_size = offsetof(hc_repair_report, changed);
    report.changed = -7;
    HOUSE_OK(hc_repair_derived(house.client, &report, NULL, NULL, err));
    ck_assert_int_gt(report.examined, 0);
    ck_assert_int_eq(report.changed, -7);
}
END_TEST

/* S13: wherever memory runs out the call says so, nothing leaks, and the next one goes on. On a server not everywhere.
 */
START_TEST(every_allocation_may_fail)
{
    const int64_t step = house_is_a_file() ? 1 : 23;
    bool failed = true;
    int64_t n;

    house_close();
    house_allocator = &memory_allocator;
    house_open();
    write_elsewhere();
    for (n = 1; failed && n < 9000; n += step) {
        hc_error err = {0};
        hc_status status;

        memory_in("hc_repair_derived");
        memory_fail(MEMORY_OF_LIBRARY, n, house_is_a_file());
        status = hc_repair_derived(house.client, NULL, NULL, NULL, &err);
        failed = memory_restore() > 0;
        memory_told(failed && status < 0);
        house_count(1);
        ck_assert_msg(status >= 0 || (failed && status == HC_ERR_NO_MEMORY && err.status == status),
                      "allocation %lld: %s %s", (long long)n, hc_status_name(status), err.message);
    }
    ck_assert(!failed);
    ck_assert_int_eq(repaired().changed, 0);
    ck_assert_uint_eq(found(NULL, "zebra quagga elan", HC_SCOPE_PUBLIC), 1);
    house_close();
    ck_assert_int_eq(memory_live(), 0);
    house_allocator = NULL;
    house_open();
    printf("out of memory: repair %lld points\n", (long long)n);
}
END_TEST

/* An id that nobody gave: servers make one. */
START_TEST(a_server_gives_a_row_its_id)
{
    if (house_is_a_file()) {
        printf("skip: a_server_gives_a_row_its_id: a file's programs make their own\n");
        return;
    }
    ck_assert_int_eq(house_change("INSERT INTO properties(title,price,address,city,state,zip_code,property_type) VALUES"
                                  " ('Unnamed',scaled(100,2),'A','Waco','TX','76701','land')"),
                     1);
    (void)repaired();
    ck_assert_uint_eq(found("city eq 'waco'", "unnamed", HC_SCOPE_PUBLIC), 1);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, a_foreign_listing_is_read_at_once_and_found_after_a_repair);
    tcase_add_test(tcase, foreign_people_sign_in_and_work);
    tcase_add_test(tcase, a_foreign_viewing_holds_its_time);
    tcase_add_test(tcase, a_hold_that_ran_out_is_in_no_foreign_viewings_way);
    tcase_add_test(tcase, what_another_program_changed_is_found_as_it_is);
    tcase_add_test(tcase, a_foreign_change_of_address_ends_the_sign_ins);
    tcase_add_test(tcase, an_address_that_is_none_or_anothers_is_told_and_left);
    tcase_add_test(tcase, what_is_right_is_left_alone);
    tcase_add_test(tcase, who_cancels_finds_what_was_done_and_goes_on);
    tcase_add_test(tcase, misuse_is_told_and_harms_nothing);
    tcase_add_test(tcase, every_allocation_may_fail);
    tcase_add_test(tcase, a_server_gives_a_row_its_id);
}

int main(void)
{
    return suite_main("api.repair.repair", fill, house_open, house_close);
}
