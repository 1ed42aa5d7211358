/* A house and its copy: what was copied is counted, read and used as a host would. */
#ifndef API_COPY_COPYING_H
#define API_COPY_COPYING_H

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

static inline hc_status copy_with(hc_copy_progress_fn progress, void *data, hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.batch = batch;
    options.progress = progress;
    options.data = data;
    return hc_copy(&counts, house.client, &options, err);
}

static inline hc_status copy(hc_error *err)
{
    return copy_with(NULL, NULL, err);
}

/* A client of the target, with the source's keys. */
static inline hc_status open_target(hc_client **out, hc_error *err)
{
    hc_client_options options;

    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    return hc_client_open(out, &options, err);
}

static inline int64_t rows_of(const char *table)
{
    char sql[120];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return house_sql(sql);
}

static inline void assert_same_counts(void)
{
    char sql[120];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        ck_assert_msg(house_sql(sql) == place_number(&target, sql), "%s: %lld rows, and %lld in the copy", tables[i],
                      (long long)house_sql(sql), (long long)place_number(&target, sql));
    }
}

/* A little of everything that needs more than rows: a log of more than one page, a lead, an entry with JSON. */
static inline void live(void)
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

static inline size_t found(hc_session *as, const char *words)
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

static inline void assert_same_home(hc_session *there, hc_id id)
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
static inline void assert_serves(void)
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

static inline void use_target(void)
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

static inline void open_pair(void)
{
    house_open();
    place_make(&target, "sqlite");
}

static inline void close_pair(void)
{
    place_drop(&target);
    house_close();
}

#endif
