/* What the public handles are made of. */
#ifndef HC__CLIENT_HANDLE_H
#define HC__CLIENT_HANDLE_H

#include "base/arena.h"
#include "model/record.h"
#include "query/query.h"

struct hc__core;

/* Owns the memory of one public object (a record, a page, a query, a text) and a reference on the client's core. */
typedef struct hc__handle {
    struct hc__core *core;
    hc__arena arena;
} hc__handle;

/* Every public record is a record; its `handle` owns it, or the page it lies in. */
struct hc_user {
    hc__record record;
};
struct hc_agent {
    hc__record record;
};
struct hc_property {
    hc__record record;
};
struct hc_appointment {
    hc__record record;
};
struct hc_lead {
    hc__record record;
};
struct hc_lead_touch {
    hc__record record;
};
struct hc_lead_change {
    hc__record record;
};
struct hc_activity {
    hc__record record;
};
struct hc_chat {
    hc__record record;
};
struct hc_favorite {
    hc__record record;
};
struct hc_search {
    hc__record record;
};
struct hc_audit {
    hc__record record;
};
struct hc_event {
    hc__record record;
};

typedef struct hc__page {
    hc__handle *handle;
    hc__list list;
} hc__page;
struct hc_user_page {
    hc__page page;
};
struct hc_agent_page {
    hc__page page;
};
struct hc_property_page {
    hc__page page;
};
struct hc_appointment_page {
    hc__page page;
};
struct hc_lead_page {
    hc__page page;
};
struct hc_lead_touch_page {
    hc__page page;
};
struct hc_lead_change_page {
    hc__page page;
};
struct hc_activity_page {
    hc__page page;
};
struct hc_chat_page {
    hc__page page;
};
struct hc_favorite_page {
    hc__page page;
};
struct hc_search_page {
    hc__page page;
};
struct hc_audit_page {
    hc__page page;
};
struct hc_query {
    hc__handle *handle;
    hc__query query;
};
struct hc_text {
    hc__handle *handle;
    const char *data;
    size_t size;
};

#endif
