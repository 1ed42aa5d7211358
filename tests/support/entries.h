/* What tests of log entries share. */
#ifndef SUPPORT_ENTRIES_H
#define SUPPORT_ENTRIES_H

#include <string.h>

#include "homeconnect/activity.h"
#include "house.h"

#define VISIT          "visit-0001"
#define DAY_OF(micros) ((int32_t)((micros) / HOUSE_DAY))

static inline hc_activity *entry_of(const char *action, const hc_id *target, const char *metadata)
{
    hc_activity *entry = hc_activity_new(house.client);

    hc_activity_set_action(entry, action);
    if (target != NULL)
        hc_activity_set_target_id(entry, *target);
    if (metadata != NULL)
        hc_activity_set_metadata(entry, metadata);
    return entry;
}

static inline hc_status log_as(hc_id *out, hc_session *as, hc_activity *entry, hc_error *err)
{
    hc_status status;

    if (hc_session_role(as) == HC_ROLE_GUEST && hc_activity_is_null(entry, HC_ACTIVITY_SESSION_ID))
        hc_activity_set_session_id(entry, VISIT);
    status = hc_activity_append(out, as, entry, err);
    hc_activity_free(entry);
    return status;
}

static inline hc_id logged(hc_session *as, const char *action, const hc_id *target)
{
    hc_id id;

    HOUSE_OK(log_as(&id, as, entry_of(action, target, NULL), err));
    return id;
}

static inline hc_query *all_of_it(void)
{
    hc_query *query = NULL;

    HOUSE_OK(hc_query_new(&query, house.client, HC_KIND_ACTIVITY, err));
    HOUSE_OK(hc_query_set_scope(query, HC_SCOPE_ALL, err));
    return query;
}

static inline void assert_count(const hc_activity_counts *counts, size_t at, int32_t day, const char *action,
                                int64_t count)
{
    ck_assert_int_eq(hc_activity_counts_day(counts, at), day);
    ck_assert_str_eq(hc_activity_counts_action(counts, at), action);
    ck_assert_int_eq(hc_activity_counts_count(counts, at), count);
}

#endif
