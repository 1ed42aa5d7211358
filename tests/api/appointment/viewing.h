/* What the tests of viewings share: leads, and short words for times and bookings. Ana works Monday to Friday, 09:00 to
 * 17:00 UTC, unless a test says otherwise; the house opens on a Sunday. */
#ifndef VIEWING_H
#define VIEWING_H

#include <stdio.h>
#include <string.h>

#include "homeconnect/appointment.h"
#include "homeconnect/zone.h"
#include "house.h"

#define MONDAY                 (HOUSE_START + 14 * HOUSE_HOUR) /* 2025-11-24T00:00:00Z */
#define AT(days, hour, minute) (MONDAY + (days)*HOUSE_DAY + (hour)*HOUSE_HOUR + (minute)*HOUSE_MINUTE)

typedef struct viewings {
    hc_id anas; /* bea's lead about ana's first listing, assigned to ana */
    hc_id bens; /* nobody's lead about ben's listing, assigned to ben */
} viewings;
extern viewings v;

static inline void hex(char out[33], hc_id id)
{
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", id.bytes[i]);
}

static inline bool same_id(hc_id a, hc_id b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* A lead as the store has it. `buyer`, `agent` and `property` may be zero. */
static inline hc_id make_lead(hc_id buyer, hc_id agent, hc_id property)
{
    static uint8_t number;
    static const hc_id none;
    hc_id id = house.ana_id;
    const hc_id parts[4] = {id, buyer, agent, property};
    char text[4][40], sql[600];

    id.bytes[15] ^= 0x80;
    id.bytes[14] ^= ++number;
    for (int i = 0; i < 4; i++) {
        char digits[33];
        hc_id part = i == 0 ? id : parts[i];

        hex(digits, part);
        if (memcmp(&part, &none, sizeof none) == 0)
            snprintf(text[i], sizeof text[i], "NULL");
        else
            snprintf(text[i], sizeof text[i], "x'%s'", digits);
    }
    snprintf(
        sql, sizeof sql,
        "INSERT INTO leads(id,buyer_id,agent_id,property_id,contact_name,contact_email,status_changed_at,created_at,"
        "updated_at) VALUES(%s,%s,%s,%s,'Bea Buyer','bea@example.com',at(1763892000000000),"
        "at(1763892000000000),at(1763892000000000))",
        text[0], text[1], text[2], text[3]);
    house_change(sql);
    return id;
}

static inline void open_viewings(void)
{
    house_open();
    v.anas = make_lead(house.bea_id, house.ana_id, house.anas_ids[0]);
    v.bens = make_lead((hc_id){{0}}, house.ben_id, house.bens_id);
    (void)house_snapshot();
}

/* ---- agents ---- */

static inline void change_agent(hc_id id, const char *json)
{
    hc_agent *row = NULL, *edit;

    HOUSE_OK(hc_agent_get(&row, house.system, id, err));
    edit = hc_agent_edit(row);
    HOUSE_OK(hc_agent_from_json(edit, json, strlen(json), err));
    HOUSE_OK(hc_agent_update(NULL, house.system, edit, err));
    hc_agent_free(edit);
    hc_agent_free(row);
}

static inline void change_listing(hc_id id, const char *json)
{
    hc_property *row = house_read(house.system, id), *edit = hc_property_edit(row);

    HOUSE_OK(hc_property_from_json(edit, json, strlen(json), err));
    HOUSE_OK(hc_property_update(NULL, house.system, edit, err));
    hc_property_free(edit);
    hc_property_free(row);
}

/* ---- bookings ---- */

static inline hc_appointment *sketch(hc_id lead, int64_t start, int minutes)
{
    hc_appointment *a = hc_appointment_new(house.client);

    hc_appointment_set_lead_id(a, lead);
    hc_appointment_set_scheduled_time(a, start);
    if (minutes > 0)
        hc_appointment_set_ends_at(a, start + minutes * HOUSE_MINUTE);
    return a;
}

static inline hc_status try_book(hc_id *out, hc_session *as, hc_id lead, int64_t start, int minutes, hc_error *err)
{
    hc_appointment *a = sketch(lead, start, minutes);
    hc_status status = hc_appointment_create(out, as, a, err);

    hc_appointment_free(a);
    return status;
}

static inline hc_id book(hc_session *as, hc_id lead, int64_t start, int minutes)
{
    hc_id id;

    HOUSE_OK(try_book(&id, as, lead, start, minutes, err));
    return id;
}

static inline hc_appointment *read_viewing(hc_session *as, hc_id id)
{
    hc_appointment *row = NULL;

    HOUSE_OK(hc_appointment_get(&row, as, id, err));
    return row;
}

static inline int32_t status_of(hc_id id)
{
    hc_appointment *row = read_viewing(house.system, id);
    int32_t status = hc_appointment_status(row);

    hc_appointment_free(row);
    return status;
}

static inline int32_t version_of(hc_id id)
{
    hc_appointment *row = read_viewing(house.system, id);
    int32_t version = hc_appointment_version(row);

    hc_appointment_free(row);
    return version;
}

static inline int64_t slots_of(hc_id appointment)
{
    char sql[160], digits[33];

    hex(digits, appointment);
    snprintf(sql, sizeof sql, "SELECT count(*) FROM appointment_slots WHERE appointment_id=x'%s'", digits);
    return house_sql(sql);
}

static inline hc_slots *find_slots(hc_session *as, hc_id agent, int64_t from, int64_t to, int32_t length, int32_t step)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;

    search.agent_id = agent;
    search.from = from;
    search.to = to;
    search.length = length;
    search.step = step;
    HOUSE_OK(hc_appointment_slots(&slots, as, &search, err));
    return slots;
}

#endif
