/* The audit log: read and verified by admins and the system, written by nobody. */
#ifndef POLICY_CELLS_AUDIT_H
#define POLICY_CELLS_AUDIT_H

#include "cells.h"
#include "homeconnect/audit.h"

enum { NEWEST_ROW, AUDIT_ROWS };
static hc_id audit_rows[AUDIT_ROWS];

static void open_audit_cells(void)
{
    hc_audit_page *page = NULL;

    HOUSE_OK(hc_audit_list(&page, house.system, NULL, err));
    audit_rows[NEWEST_ROW] = hc_audit_id(hc_audit_page_at(page, 0));
    hc_audit_page_free(page);
}

static void close_audit_cells(void)
{
}

static hc_status read_audit(hc_session *as, int row, hc_error *err)
{
    hc_audit *out = NULL;
    hc_status status = hc_audit_get(&out, as, audit_rows[row], err);

    ck_assert_int_eq(out != NULL, status >= 0);
    hc_audit_free(out);
    return status;
}

static hc_status verify_audit(hc_session *as, int row, hc_error *err)
{
    (void)row;
    return hc_audit_verify(NULL, as, NULL, err);
}

static const struct cell audit_cells[] = {
    {"read the audit log", "one row", read_audit, NEWEST_ROW, "NNNNYY", false},
    {"verify the audit log", "all of it", verify_audit, NEWEST_ROW, "UFFFYY", false},
};

/* At most a page of them. */
static int count_audit(hc_session *as, const hc_query *query, hc_error *err)
{
    hc_audit_page *page = NULL;
    hc_status status = hc_audit_list(&page, as, query, err);
    int count = hc_audit_page_count(page) > 0;

    hc_audit_page_free(page);
    return status < 0 ? status : count;
}

static const struct list_cell audit_lists[] = {
    {"list the audit log in public scope", HC_KIND_AUDIT, HC_SCOPE_PUBLIC, {U, F, F, F, F, F}, count_audit},
    {"list own audit rows", HC_KIND_AUDIT, HC_SCOPE_OWN, {U, F, F, F, F, F}, count_audit},
    {"read the audit log", HC_KIND_AUDIT, HC_SCOPE_ALL, {U, F, F, F, 1, 1}, count_audit},
};

#endif
