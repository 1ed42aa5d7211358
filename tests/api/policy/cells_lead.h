/* Leads of ana, one of them closed, of cy, and of bea, which is ben's to answer. None is about a listing, so that those
 * of other cells can go. */
#ifndef POLICY_CELLS_LEAD_H
#define POLICY_CELLS_LEAD_H

#include "cells_people.h"
#include "homeconnect/lead.h"
#include "homeconnect/lead_history.h"

enum { ANAS_NEW, ANAS_OTHER, ANAS_CLOSED, CYS_NEW, BEAS_NEW, LEADS };
static struct {
    hc_id id;
    int32_t version;
} leads[LEADS];

static hc_lead *sketch_lead(const char *email)
{
    hc_lead *lead = hc_lead_new(house.client);

    hc_lead_set_message(lead, "Is there anything for us?");
    if (email != NULL)
        hc_lead_set_contact_email(lead, email);
    return lead;
}

static void keep_lead(int row, hc_session *as, hc_lead *lead)
{
    HOUSE_OK(hc_lead_create(&leads[row].id, NULL, as, lead, err));
    leads[row].version = 1;
    hc_lead_free(lead);
}

static void open_lead_cells(void)
{
    hc_lead_move_options sale = HC_LEAD_MOVE_OPTIONS_INIT;
    hc_lead *lead = sketch_lead("closed@example.com");
    hc_id closed;

    hc_lead_set_budget_max(lead, 30000000);
    keep_lead(ANAS_CLOSED, who[AGENT], lead);
    keep_lead(ANAS_NEW, who[AGENT], sketch_lead("new@example.com"));
    keep_lead(ANAS_OTHER, who[AGENT], sketch_lead("other@example.com"));
    keep_lead(CYS_NEW, who[UNLICENSED], sketch_lead("cys@example.com"));
    lead = sketch_lead(NULL);
    hc_lead_set_buyer_id(lead, people[BEA].id);
    hc_lead_set_agent_id(lead, people[BEN].id);
    keep_lead(BEAS_NEW, who[SYSTEM], lead);
    closed = leads[ANAS_CLOSED].id;
    sale.close_price = 29000000;
    HOUSE_OK(hc_lead_move(NULL, who[AGENT], closed, 1, HC_LEAD_STATUS_QUALIFIED, NULL, err));
    HOUSE_OK(hc_lead_move(&leads[ANAS_CLOSED].version, who[AGENT], closed, 2, HC_LEAD_STATUS_CLOSED, &sale, err));
}

static void close_lead_cells(void)
{
}

static hc_status read_lead(hc_session *as, int row, hc_error *err)
{
    hc_lead *lead = NULL;
    hc_status status = hc_lead_get(&lead, as, leads[row].id, err);

    ck_assert_int_eq(lead != NULL, status >= 0);
    hc_lead_free(lead);
    return status;
}

static hc_status create_lead(hc_session *as, int row, hc_error *err)
{
    hc_lead *lead = sketch_lead("cell@example.com");
    hc_id id;
    hc_status status;

    if (row == BEN)
        hc_lead_set_agent_id(lead, people[BEN].id);
    status = hc_lead_create(&id, NULL, as, lead, err);
    hc_lead_free(lead);
    return status;
}

static hc_status write_notes(hc_session *as, int row, hc_error *err)
{
    hc_lead *edit = hc_lead_for(house.client, leads[row].id, leads[row].version);
    hc_status status;

    hc_lead_set_notes(edit, "Notes of a cell.");
    status = hc_lead_update(NULL, as, edit, err);
    hc_lead_free(edit);
    return status;
}

static hc_status move_lead(hc_session *as, int row, hc_error *err)
{
    hc_lead_move_options options = HC_LEAD_MOVE_OPTIONS_INIT;
    int32_t to = row == ANAS_CLOSED ? HC_LEAD_STATUS_QUALIFIED : HC_LEAD_STATUS_CONTACTED;

    options.reason = "a cell";
    return hc_lead_move(NULL, as, leads[row].id, leads[row].version, to, &options, err);
}

static hc_status withdraw_lead(hc_session *as, int row, hc_error *err)
{
    return hc_lead_withdraw(NULL, as, leads[row].id, leads[row].version, HC_LEAD_LOST_WITHDRAWN, err);
}

static hc_status assign_lead(hc_session *as, int row, hc_error *err)
{
    hc_id to = people[row == BEAS_NEW ? ANA : BEN].id;

    return hc_lead_assign(NULL, as, leads[row].id, leads[row].version, to, NULL, err);
}

static hc_status merge_lead(hc_session *as, int row, hc_error *err)
{
    return hc_lead_merge(NULL, as, leads[ANAS_NEW].id, 1, leads[row].id, 1, err);
}

static hc_status log_call(hc_session *as, int row, hc_error *err)
{
    hc_id id;

    return hc_lead_log(&id, as, leads[row].id, HC_LEAD_TOUCH_CALL, "A call of a cell.", err);
}

static hc_status read_lead_history(hc_session *as, int row, hc_error *err)
{
    hc_lead_change_page *page = NULL;
    hc_status status = hc_lead_history(&page, as, leads[row].id, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_lead_change_page_free(page);
    return status;
}

static hc_status read_lead_touches(hc_session *as, int row, hc_error *err)
{
    hc_lead_touch_page *page = NULL;
    hc_status status = hc_lead_touches(&page, as, leads[row].id, NULL, err);

    ck_assert_int_eq(page != NULL, status >= 0);
    hc_lead_touch_page_free(page);
    return status;
}

static const struct cell lead_cells[] = {
    {"read a lead", "ana's", read_lead, ANAS_NEW, "NNYNYY", false},
    {"read a lead", "cy's", read_lead, CYS_NEW, "NNNYYY", false},
    {"read a lead", "bea's", read_lead, BEAS_NEW, "NYNNYY", false},
    {"create a lead", "of one's own", create_lead, ANA, "YYYYYY", false},
    {"create a lead", "for ben", create_lead, BEN, "FFFFYY", false},
    {"write a lead's notes", "ana's", write_notes, ANAS_NEW, "UFYNYY", false},
    {"write a lead's notes", "cy's", write_notes, CYS_NEW, "UFNYYY", false},
    {"write a lead's notes", "bea's", write_notes, BEAS_NEW, "UFNNYY", false},
    {"change a lead's status", "ana's", move_lead, ANAS_NEW, "UFYNYY", false},
    {"change a lead's status", "cy's", move_lead, CYS_NEW, "UFNYYY", false},
    {"change a lead's status", "bea's", move_lead, BEAS_NEW, "UFNNYY", false},
    {"take a closed lead back", "ana's", move_lead, ANAS_CLOSED, "UFFNYY", false},
    {"withdraw a lead", "ana's", withdraw_lead, ANAS_NEW, "UNFFYY", false},
    {"withdraw a lead", "bea's", withdraw_lead, BEAS_NEW, "UYFFYY", false},
    {"hand a lead over", "ana's", assign_lead, ANAS_NEW, "UFYNYY", false},
    {"hand a lead over", "cy's", assign_lead, CYS_NEW, "UFNYYY", false},
    {"hand a lead over", "bea's", assign_lead, BEAS_NEW, "UFNNYY", false},
    {"merge leads", "ana's both", merge_lead, ANAS_OTHER, "UFYNYY", false},
    {"merge leads", "ana's and cy's", merge_lead, CYS_NEW, "UFNNYY", false},
    {"log a call or message", "ana's", log_call, ANAS_NEW, "UFYNYY", false},
    {"log a call or message", "cy's", log_call, CYS_NEW, "UFNYYY", false},
    {"log a call or message", "bea's", log_call, BEAS_NEW, "UFNNYY", false},
    {"read a lead's history", "ana's", read_lead_history, ANAS_NEW, "UFYNYY", false},
    {"read a lead's history", "cy's", read_lead_history, CYS_NEW, "UFNYYY", false},
    {"read a lead's history", "what was said about ana's", read_lead_touches, ANAS_NEW, "UFYNYY", false},
    {"read a lead's history", "what was said about bea's", read_lead_touches, BEAS_NEW, "UFNNYY", false},
};

COUNT_OF(lead)

/* One more of ana's and one of cy's are those of cells_activity.h. */
static const struct list_cell lead_lists[] = {
    {"list leads in public scope", HC_KIND_LEAD, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_lead},
    {"list own leads", HC_KIND_LEAD, HC_SCOPE_OWN, {U, 1, 4, 2, 0, F}, count_lead},
    {"list all leads", HC_KIND_LEAD, HC_SCOPE_ALL, {U, F, F, F, 7, 7}, count_lead},
};

#endif
