/* Viewings of ana, of cy and of bea, which is ben's to answer, of the leads of cells_lead.h: as rows, so that those
 * leads stay as they are. */
#ifndef POLICY_CELLS_APPOINTMENT_H
#define POLICY_CELLS_APPOINTMENT_H

#include "cells_lead.h"
#include "homeconnect/appointment.h"

enum { ANAS_ASKED, ANAS_BEGUN, CYS_BOOKED, CYS_BEGUN, BEAS_BOOKED, VIEWINGS };
static hc_id viewings[VIEWINGS];

#define TOMORROW (HOUSE_START + 23 * HOUSE_HOUR) /* Monday, 09:00 */

static void as_blob(char out[40], const hc_id *id)
{
    int n = snprintf(out, 40, id == NULL ? "NULL" : "x'");

    for (int i = 0; id != NULL && i < 16; i++)
        n += snprintf(out + n, 40 - (size_t)n, "%02x", id->bytes[i]);
    if (id != NULL)
        snprintf(out + n, 40 - (size_t)n, "'");
}

static void keep_viewing(int row, int lead, int agent, const hc_id *buyer, const char *status, int64_t start)
{
    char text[4][40], sql[600];
    hc_id id = leads[lead].id;

    id.bytes[15] ^= (uint8_t)(row + 1);
    id.bytes[14] ^= 0x77;
    viewings[row] = id;
    as_blob(text[0], &id);
    as_blob(text[1], &leads[lead].id);
    as_blob(text[2], &people[agent].id);
    as_blob(text[3], buyer);
    snprintf(sql, sizeof sql,
             "INSERT INTO appointments(id,lead_id,agent_id,buyer_id,status,scheduled_time,ends_at,hold_expires_at,"
             "created_at,updated_at) VALUES(%s,%s,%s,%s,'%s',at(%lld),at(%lld),at(%lld),at(%lld),at(%lld))",
             text[0], text[1], text[2], text[3], status, (long long)start, (long long)(start + 30 * HOUSE_MINUTE),
             (long long)start, (long long)HOUSE_START, (long long)HOUSE_START);
    house_change(sql);
}

static void open_appointment_cells(void)
{
    const int64_t begun = HOUSE_START - 10 * HOUSE_MINUTE;

    keep_viewing(ANAS_ASKED, ANAS_NEW, ANA, NULL, "pending", TOMORROW);
    keep_viewing(ANAS_BEGUN, ANAS_NEW, ANA, NULL, "scheduled", begun);
    keep_viewing(CYS_BOOKED, CYS_NEW, CY, NULL, "scheduled", TOMORROW);
    keep_viewing(CYS_BEGUN, CYS_NEW, CY, NULL, "scheduled", begun);
    keep_viewing(BEAS_BOOKED, BEAS_NEW, BEN, &people[BEA].id, "scheduled", TOMORROW);
}

static void close_appointment_cells(void)
{
}

static hc_status read_appointment(hc_session *as, int row, hc_error *err)
{
    hc_appointment *viewing = NULL;
    hc_status status = hc_appointment_get(&viewing, as, viewings[row], err);

    ck_assert_int_eq(viewing != NULL, status >= 0);
    hc_appointment_free(viewing);
    return status;
}

/* Of a person of cells_people.h. */
static hc_status find_slots(hc_session *as, int row, hc_error *err)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_slots *slots = NULL;
    hc_status status;

    search.agent_id = people[row].id;
    status = hc_appointment_slots(&slots, as, &search, err);
    ck_assert_int_eq(slots != NULL, status >= 0);
    hc_slots_free(slots);
    return status;
}

/* For a lead of cells_lead.h. */
static hc_status book_viewing(hc_session *as, int row, hc_error *err)
{
    hc_appointment *viewing = hc_appointment_new(house.client);
    hc_id id;
    hc_status status;

    hc_appointment_set_lead_id(viewing, leads[row].id);
    hc_appointment_set_scheduled_time(viewing, TOMORROW + HOUSE_DAY);
    status = hc_appointment_create(&id, as, viewing, err);
    hc_appointment_free(viewing);
    return status;
}

static hc_status move_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_reschedule(NULL, as, viewings[row], 1, TOMORROW + 2 * HOUSE_DAY, 0, err);
}

static hc_status cancel_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_cancel(NULL, as, viewings[row], 1, NULL, err);
}

static hc_status confirm_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_confirm(NULL, as, viewings[row], 1, err);
}

static hc_status decline_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_decline(NULL, as, viewings[row], 1, NULL, err);
}

static hc_status complete_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_complete(NULL, as, viewings[row], 1, err);
}

static hc_status miss_viewing(hc_session *as, int row, hc_error *err)
{
    return hc_appointment_no_show(NULL, as, viewings[row], 1, err);
}

static hc_status note_viewing(hc_session *as, int row, hc_error *err)
{
    hc_appointment *edit = hc_appointment_for(house.client, viewings[row], 1);
    hc_status status;

    hc_appointment_set_notes(edit, "Notes of a cell.");
    status = hc_appointment_update(NULL, as, edit, err);
    hc_appointment_free(edit);
    return status;
}

static const struct cell appointment_cells[] = {
    {"read an appointment", "ana's", read_appointment, ANAS_ASKED, "NNYNYY", false},
    {"read an appointment", "cy's", read_appointment, CYS_BOOKED, "NNNYYY", false},
    {"read an appointment", "bea's", read_appointment, BEAS_BOOKED, "NYNNYY", false},
    {"see an agent's free slots", "ana's", find_slots, ANA, "YYYYYY", false},
    {"see an agent's free slots", "ben's", find_slots, BEN, "YYYYYY", false},
    {"book an appointment", "for ana's lead", book_viewing, ANAS_NEW, "UNYNYY", false},
    {"book an appointment", "for cy's lead", book_viewing, CYS_NEW, "UNNYYY", false},
    {"book an appointment", "for bea's lead", book_viewing, BEAS_NEW, "UYNNYY", false},
    {"reschedule an appointment", "cy's", move_viewing, CYS_BOOKED, "NNNYYY", false},
    {"reschedule an appointment", "bea's", move_viewing, BEAS_BOOKED, "NYNNYY", false},
    {"cancel an appointment", "ana's", cancel_viewing, ANAS_ASKED, "NNYNYY", false},
    {"cancel an appointment", "bea's", cancel_viewing, BEAS_BOOKED, "NYNNYY", false},
    {"confirm or decline an appointment", "ana's", confirm_viewing, ANAS_ASKED, "UFYNYY", false},
    {"confirm or decline an appointment", "ana's, declined", decline_viewing, ANAS_ASKED, "UFYNYY", false},
    {"complete an appointment", "ana's", complete_viewing, ANAS_BEGUN, "UFYNYY", false},
    {"complete an appointment", "cy's", complete_viewing, CYS_BEGUN, "UFNYYY", false},
    {"complete an appointment", "ana's, nobody came", miss_viewing, ANAS_BEGUN, "UFYNYY", false},
    {"write an appointment's notes", "ana's", note_viewing, ANAS_ASKED, "UFYNYY", false},
    {"write an appointment's notes", "bea's", note_viewing, BEAS_BOOKED, "UFNNYY", false},
};

COUNT_OF(appointment)

static const struct list_cell appointment_lists[] = {
    {"list appointments in public scope", HC_KIND_APPOINTMENT, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_appointment},
    {"list own appointments", HC_KIND_APPOINTMENT, HC_SCOPE_OWN, {0, 1, 2, 2, 0, F}, count_appointment},
    {"list all appointments", HC_KIND_APPOINTMENT, HC_SCOPE_ALL, {U, F, F, F, 5, 5}, count_appointment},
};

#endif
