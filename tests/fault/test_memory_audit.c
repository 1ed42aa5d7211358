/* Calls on the audit log, the events feed, the outbox and the permission page with each allocation failing, beside
 * those of support/nouns.c: an error or success, no half state, no leak. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "homeconnect/audit.h"
#include "homeconnect/event.h"
#include "homeconnect/outbox.h"
#include "homeconnect/policy.h"
#include "house.h"
#include "memory.h"

#define POINTS 20000 /* a call that allocates more often runs away */

static hc_query *query;
static hc_id newest;

/* ---- the calls ---- */

static hc_status audit_list(hc_error *err)
{
    hc_audit_page *page = NULL;
    hc_status status = hc_audit_list(&page, house.admin, query, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_audit_page_free(page);
    return status;
}

static hc_status audit_get(hc_error *err)
{
    hc_audit *row = NULL;
    hc_status status = hc_audit_get(&row, house.admin, newest, err);
    hc_text *json = NULL;

    if (status >= 0)
        status = hc_audit_to_json(&json, row, err);
    hc_text_free(json);
    hc_audit_free(row);
    return status;
}

static hc_status audit_get_many(hc_error *err)
{
    hc_audit_page *page = NULL;
    hc_status status = hc_audit_get_many(&page, house.admin, &newest, 1, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    ck_assert(status < 0 || hc_audit_page_count(page) == 1);
    hc_audit_page_free(page);
    return status;
}

static hc_status events_read(hc_error *err)
{
    hc_event_page *page = NULL;
    hc_status status = hc_events_read(&page, house.admin, 2, 5, err);
    hc_text *json = NULL;

    ck_assert_int_eq(page != NULL, status >= 0);
    ck_assert(status < 0 || hc_event_page_count(page) == 5);
    if (status >= 0)
        status = hc_event_to_json(&json, hc_event_page_at(page, 0), err);
    hc_text_free(json);
    hc_event_page_free(page);
    return status;
}

static void let_events_wait(void)
{
    house_change("UPDATE events SET seq=NULL WHERE seq>4");
}

/* So that they are given numbers before the answer. */
static hc_status events_that_wait(hc_error *err)
{
    hc_event_page *page = NULL;
    hc_status status = hc_events_read(&page, house.system, 2, 100, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    ck_assert(status < 0 || hc_event_page_count(page) > 2);
    ck_assert_int_eq(hc_event_page_has_more(page), 0);
    hc_event_page_free(page);
    return status;
}

/* An act with a row, which is sealed with it. */
static hc_status sign_in(hc_error *err)
{
    hc_login login = HC_LOGIN_INIT;
    hc_session *out = NULL;
    hc_status status;

    login.email = "bea@example.com";
    login.password = HOUSE_PASSWORD;
    login.password_size = strlen(HOUSE_PASSWORD);
    status = hc_auth_login(&out, house.guest, &login, err);
    ck_assert_int_eq(out != NULL, status >= 0);
    hc_session_free(out);
    return status;
}

static hc_status policy_text(hc_error *err)
{
    hc_text *page = NULL;
    hc_status status = hc_policy_text(&page, house.client, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_text_free(page);
    return status;
}

static hc_status note(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason, void *data)
{
    (void)id;
    (void)kind;
    (void)document;
    (void)version;
    (void)reason;
    (void)data;
    return HC_OK;
}

static hc_status outbox_dead(hc_error *err)
{
    return hc_outbox_dead(house.client, note, NULL, err);
}

static hc_status outbox_state(hc_error *err)
{
    hc_outbox out = HC_OUTBOX_INIT;

    return hc_outbox_state(house.client, &out, err);
}

/* There is no store of documents, as both say. */
static hc_status alone(hc_status status)
{
    return status == HC_ERR_INVALID ? HC_OK : status;
}

static hc_status outbox_replay(hc_error *err)
{
    return alone(hc_outbox_replay(house.client, 0, NULL, err));
}

static hc_status reconcile(hc_error *err)
{
    return alone(hc_reconcile(house.client, NULL, NULL, NULL, NULL, err));
}

/* Of no effect. */
static hc_status outbox_retry(hc_error *err)
{
    hc_status status = hc_outbox_retry(house.client, newest, err);

    return status == HC_ERR_NOT_FOUND ? HC_OK : status;
}

static const struct call {
    const char *name;
    hc_status (*run)(hc_error *err);
    void (*before)(void); /* NULL: nothing */
} calls[] = {
    {"audit_list", audit_list, NULL},
    {"audit_get", audit_get, NULL},
    {"audit_get_many", audit_get_many, NULL},
    {"events_read", events_read, NULL},
    {"events_that_wait", events_that_wait, let_events_wait},
    {"sign_in", sign_in, NULL},
    {"policy_text", policy_text, NULL},
    {"outbox_dead", outbox_dead, NULL},
    {"outbox_state", outbox_state, NULL},
    {"outbox_replay", outbox_replay, NULL},
    {"reconcile", reconcile, NULL},
    {"outbox_retry", outbox_retry, NULL},
};
#define CALLS (sizeof calls / sizeof calls[0])

/* ---- the points ---- */

/* False when no allocation failed: the call needs fewer than n. */
static bool point(const struct call *call, memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;

    if (call->before != NULL)
        call->before();
    memory_in(call->name);
    memory_fail(whose, n, and_after);
    status = call->run(&err);
    refused = memory_restore();
    memory_told(refused > 0 && status < 0);
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "%s, allocation %lld%s of %s: %s %s, refused %lld", call->name, (long long)n,
                  and_after ? " and after" : "", whose == MEMORY_OF_SQLITE ? "SQLite" : "the library",
                  hc_status_name(status), err.message, (long long)refused);
    return refused > 0;
}

static void open_house(void)
{
    hc_audit_page *page = NULL;

    house_allocator = &memory_allocator;
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_AUDIT, err));
    HOUSE_OK(hc_query_set_filter(query, "event eq 'authn_login_success'", err));
    HOUSE_OK(hc_audit_list(&page, house.admin, query, err));
    newest = hc_audit_id(hc_audit_page_at(page, 0));
    hc_audit_page_free(page);
}

/* S13 */
START_TEST(every_allocation_of_a_call_may_fail)
{
    const struct call *call = &calls[_i];
    int64_t idle;

    open_house();
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err)); /* warms caches, and so does the call */
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    idle = memory_live();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = memory_first((memory_of)whose);

            while (n < POINTS && point(call, (memory_of)whose, n, and_after != 0))
                n += memory_each((memory_of)whose);
            ck_assert_msg(n < POINTS, "%s: %lld points", call->name, (long long)n);
        }
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    /* Whatever failed, no row was half written or sealed over. */
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    ck_assert_int_eq(house_sql("SELECT count(*) FROM audit_log WHERE seq IS NULL"), 0);
    point(call, MEMORY_OF_LIBRARY, POINTS, false);
    ck_assert_msg(memory_live() <= idle, "%s: %lld blocks more than before", call->name,
                  (long long)(memory_live() - idle));
    hc_query_free(query);
    house_close();
    ck_assert_msg(memory_live() == 0, "%s: %lld blocks leak", call->name, (long long)memory_live());
    ck_assert_msg(sqlite3_memory_used() == 0, "%s: SQLite keeps %lld bytes", call->name,
                  (long long)sqlite3_memory_used());
}
END_TEST

START_TEST(the_harness_finds_a_row_without_its_seal)
{
    ck_assert(suite_finds("unsealed-without-memory", "every_allocation_of_a_call_may_fail", "hc_audit_verify"));
}
END_TEST

static void fill(TCase *tcase)
{
    bool seeded = getenv("HC_BUG") != NULL; /* one call shows it */

    for (int i = 0; i < (int)CALLS; i++)
        if (!seeded || strcmp(calls[i].name, "sign_in") == 0)
            tcase_add_loop_test(tcase, every_allocation_of_a_call_may_fail, i, i + 1);
    tcase_add_test(tcase, the_harness_finds_a_row_without_its_seal);
}

int main(void)
{
    memory_wrap_sqlite();
    memory_thin();
    return suite_main("fault.memory_audit", fill, NULL, NULL);
}
