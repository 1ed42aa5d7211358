/* The events feed: read by admins and the system. */
#ifndef POLICY_CELLS_EVENT_H
#define POLICY_CELLS_EVENT_H

#include "cells.h"
#include "homeconnect/event.h"

static void open_event_cells(void)
{
}

static void close_event_cells(void)
{
}

static hc_status read_events(hc_session *as, int row, hc_error *err)
{
    hc_event_page *page = NULL;
    hc_status status = hc_events_read(&page, as, row, HC_EVENTS_LIMIT, err);

    ck_assert_int_eq(hc_event_page_count(page) > 0, status >= 0);
    hc_event_page_free(page);
    return status;
}

static const struct cell event_cells[] = {
    {"read the events feed", "from the beginning", read_events, 0, "UFFFYY", true},
};

#endif
