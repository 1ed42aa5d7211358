/* Leads made and read in the house. */
#ifndef LEAD_LEADS_H
#define LEAD_LEADS_H

#include <stdio.h>
#include <string.h>

#include "homeconnect/lead.h"
#include "homeconnect/lead_history.h"
#include "house.h"

#define MAYBE static __attribute__((unused))

static const hc_id nobody;

/* An inquiry by e-mail about a listing (all zero: none). */
MAYBE hc_lead *ask(hc_id listing, const char *email)
{
    hc_lead *lead = hc_lead_new(house.client);

    hc_lead_set_message(lead, "Is it still available?");
    if (email != NULL)
        hc_lead_set_contact_email(lead, email);
    if (memcmp(&listing, &nobody, sizeof listing) != 0)
        hc_lead_set_property_id(lead, listing);
    return lead;
}

/* Frees the record. */
MAYBE hc_status send(hc_id *out, hc_session *as, hc_lead *lead, hc_error *err)
{
    hc_status status = hc_lead_create(out, NULL, as, lead, err);

    hc_lead_free(lead);
    return status;
}

MAYBE hc_id made(hc_session *as, hc_lead *lead)
{
    hc_id id;

    HOUSE_OK(hc_lead_create(&id, NULL, as, lead, err));
    hc_lead_free(lead);
    return id;
}

MAYBE hc_lead *lead_of(hc_session *as, hc_id id)
{
    hc_lead *lead = NULL;

    HOUSE_OK(hc_lead_get(&lead, as, id, err));
    return lead;
}

MAYBE bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* A guest's inquiry leads to a lead that only the agency finds: the newest of all. */
MAYBE hc_id newest_lead(void)
{
    hc_query *query = NULL;
    hc_lead_page *page = NULL;
    hc_id id;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_LEAD, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    HOUSE_OK(hc_query_set_limit(query, 1, err));
    HOUSE_OK(hc_lead_list(&page, house.system, query, err));
    ck_assert_uint_eq(hc_lead_page_count(page), 1);
    id = hc_lead_id(hc_lead_page_at(page, 0));
    hc_lead_page_free(page);
    hc_query_free(query);
    return id;
}

MAYBE int64_t count_of(const char *table)
{
    char sql[100];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return house_sql(sql);
}

/* A guest from an address of their own, so that limits do not meet. */
MAYBE hc_session *guest_at(int number)
{
    hc_session *guest = NULL;
    char address[32];

    snprintf(address, sizeof address, "198.51.%d.%d", number / 200, number % 200 + 1);
    HOUSE_OK(hc_session_guest(&guest, house.client, address, err));
    return guest;
}

MAYBE int32_t version_of(hc_id id)
{
    hc_lead *lead = lead_of(house.system, id);
    int32_t version = hc_lead_version(lead);

    hc_lead_free(lead);
    return version;
}

MAYBE hc_status move(int32_t *out, hc_session *as, hc_id id, int32_t to, const char *reason, int32_t lost,
                     hc_error *err)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;

    options.reason = reason;
    options.lost_reason = lost;
    return hc_lead_move(out, as, id, version_of(id), to, &options, err);
}

MAYBE void lose(hc_session *as, hc_id id, int32_t why)
{
    HOUSE_OK(move(NULL, as, id, HC_LEAD_STATUS_LOST, NULL, why, err));
}

/* What agent_load says; 0 without a row. */
MAYBE int64_t load_of(hc_id agent)
{
    char sql[160], hex[33];
    int64_t count;

    for (size_t i = 0; i < 16; i++)
        snprintf(hex + 2 * i, 3, "%02X", agent.bytes[i]);
    snprintf(sql, sizeof sql, "SELECT open_leads FROM agent_load WHERE user_id = x'%s'", hex);
    count = house_sql(sql);
    return count < 0 ? 0 : count;
}

MAYBE void change_agent(hc_id agent, void (*how)(hc_agent *edit, const void *data), const void *data)
{
    hc_agent *row = NULL, *edit;

    HOUSE_OK(hc_agent_get(&row, house.system, agent, err));
    edit = hc_agent_edit(row);
    how(edit, data);
    HOUSE_OK(hc_agent_update(NULL, house.system, edit, err));
    hc_agent_free(edit);
    hc_agent_free(row);
}

#endif
