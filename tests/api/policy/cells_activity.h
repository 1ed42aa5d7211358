/* Log entries of bea, ana and cy; leads of a buyer at ana and at cy. */
#ifndef POLICY_CELLS_ACTIVITY_H
#define POLICY_CELLS_ACTIVITY_H

#include "cells_listing.h"
#include "homeconnect/activity.h"

enum { ANAS_LEAD, CYS_LEAD, ACTIVITY_LEADS };
static hc_id activity_leads[ACTIVITY_LEADS];

static hc_status log_activity(hc_session *as, int row, hc_error *err)
{
    hc_activity *entry = hc_activity_new(house.client);
    hc_id id;
    hc_status status;

    hc_activity_set_action(entry, "view_property");
    hc_activity_set_target_id(entry, listings[row].id);
    hc_activity_set_session_id(entry, "visit-of-a-cell");
    status = hc_activity_append(&id, as, entry, err);
    hc_activity_free(entry);
    return status;
}

/* Straight into the file: what is asked here is only who reads the buyer's activity. */
static void lead_at(int row, hc_id agent)
{
    char sql[400], ids[3][33] = {"", "", ""};
    const hc_id buyer = {{0xac, 0x72}}; /* nobody whose profile another cell reads */
    const hc_id *of[3] = {&activity_leads[row], &buyer, &agent};

    activity_leads[row] = (hc_id){{0xac, 0x71, (uint8_t)row}};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 16; k++)
            snprintf(ids[i] + 2 * k, 3, "%02x", of[i]->bytes[k]);
    snprintf(sql, sizeof sql,
             "INSERT INTO leads(id,buyer_id,agent_id,status,created_at,updated_at) "
             "VALUES(x'%s',x'%s',x'%s','contacted',at(0),at(0))",
             ids[0], ids[1], ids[2]);
    (void)house_change(sql);
}

static void open_activity_cells(void)
{
    HOUSE_OK(log_activity(who[BUYER], ANA_ACTIVE, err));
    HOUSE_OK(log_activity(who[BUYER], BEN_ACTIVE, err));
    HOUSE_OK(log_activity(who[AGENT], ANA_OFF, err));
    HOUSE_OK(log_activity(who[UNLICENSED], CY_ACTIVE, err));
    lead_at(ANAS_LEAD, house.ana_id);
    lead_at(CYS_LEAD, people[CY].id);
}

static void close_activity_cells(void)
{
}

static hc_status read_activity_of_listing(hc_session *as, int row, hc_error *err)
{
    hc_activity_page *page = NULL;
    hc_status status = hc_activity_of_listing(&page, as, listings[row].id, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_activity_page_free(page);
    return status;
}

static hc_status count_activity_of_listing(hc_session *as, int row, hc_error *err)
{
    hc_activity_counts *counts = NULL;
    int32_t day = (int32_t)(house_now() / HOUSE_DAY);
    hc_status status = hc_activity_counts_of_listing(&counts, as, listings[row].id, day, day, err);

    ck_assert_int_eq(counts != NULL, status >= 0);
    hc_activity_counts_free(counts);
    return status;
}

static hc_status count_activity_of_agent(hc_session *as, int row, hc_error *err)
{
    hc_activity_counts *counts = NULL;
    int32_t day = (int32_t)(house_now() / HOUSE_DAY);
    hc_status status = hc_activity_counts_of_agent(&counts, as, people[row].id, day, day, err);

    hc_activity_counts_free(counts);
    return status;
}

static hc_status read_activity_of_lead(hc_session *as, int row, hc_error *err)
{
    hc_activity_page *page = NULL;
    hc_status status = hc_activity_of_lead(&page, as, activity_leads[row], NULL, err);

    hc_activity_page_free(page);
    return status;
}

static const struct cell activity_cells[] = {
    {"log activity", "about ana's active listing", log_activity, ANA_ACTIVE, "YYYYYY", false},
    {"log activity", "about ana's off market", log_activity, ANA_OFF, "NNYNYY", false},
    {"log activity", "about cy's off market", log_activity, CY_OFF, "NNNYYY", false},
    {"log activity", "about ana's deleted", log_activity, ANA_GONE, "NNNNYY", false},
    {"read a listing's activity", "ana's active", read_activity_of_listing, ANA_ACTIVE, "UFYFYY", false},
    {"read a listing's activity", "ana's off market", read_activity_of_listing, ANA_OFF, "UFYNYY", false},
    {"read a listing's activity", "ana's deleted", read_activity_of_listing, ANA_GONE, "UFNNNN", false},
    {"read a listing's activity", "cy's active", read_activity_of_listing, CY_ACTIVE, "UFFYYY", false},
    {"read a listing's activity", "counts, ana's active", count_activity_of_listing, ANA_ACTIVE, "UFYFYY", false},
    {"read a listing's activity", "counts, ana's off market", count_activity_of_listing, ANA_OFF, "UFYNYY", false},
    {"read a listing's activity", "counts of all of ana's", count_activity_of_agent, ANA, "UFYFYY", false},
    {"read a listing's activity", "counts of all of cy's", count_activity_of_agent, CY, "UFFYYY", false},
    {"read a lead's activity", "ana's", read_activity_of_lead, ANAS_LEAD, "UFYNYY", false},
    {"read a lead's activity", "cy's", read_activity_of_lead, CYS_LEAD, "UFNYYY", false},
};

COUNT_OF(activity)

static const struct list_cell activity_lists[] = {
    {"list activity in public scope", HC_KIND_ACTIVITY, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_activity},
    {"list own activity", HC_KIND_ACTIVITY, HC_SCOPE_OWN, {U, 2, 1, 1, 0, F}, count_activity},
    {"list all activity", HC_KIND_ACTIVITY, HC_SCOPE_ALL, {U, F, F, F, 4, 4}, count_activity},
};

#endif
