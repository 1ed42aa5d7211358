#include "homeconnect/appointment.h"

#include <string.h>

#include "appointment/free.h"
#include "base/id.h"
#include "client/crud.h"

struct hc_slots {
    hc__handle *handle;
    hc__starts starts;
    int64_t length; /* µs */
    const char *zone;
};

/* ---- the search ---- */

static bool in_steps(int32_t minutes)
{
    return minutes >= 5 && minutes <= HC__LONGEST && minutes % 5 == 0;
}

static hc_status check(hc_slot_search *search, int64_t now, hc_error *err)
{
    int64_t end = now + HC__HORIZON;

    if (hc__id_zero(search->agent_id))
        return hc__fail(err, HC_ERR_INVALID, "agent_id", "is required");
    if (search->length == 0)
        search->length = HC__DEFAULT_LENGTH;
    if (search->step == 0)
        search->step = HC__DEFAULT_STEP;
    if (!in_steps(search->length))
        return hc__fail(err, HC_ERR_INVALID, "length", "must be 5 to %d minutes in steps of five", HC__LONGEST);
    if (!in_steps(search->step))
        return hc__fail(err, HC_ERR_INVALID, "step", "must be 5 to %d minutes in steps of five", HC__LONGEST);
    if (search->to != 0 && search->to < search->from)
        return hc__fail(err, HC_ERR_INVALID, "to", "must not be before from");
    if (search->from < now)
        search->from = now;
    end += search->length * HC__MINUTE; /* the horizon is of starts */
    if (search->to == 0 || search->to > end)
        search->to = end;
    return HC_OK;
}

static hc_status search_all(hc_slots *slots, hc__desk *desk, hc_session *as, const hc_slot_search *search,
                            hc_error *err)
{
    hc__source source = {NULL, as, &slots->handle->arena};
    hc__wish wish = {.from = search->from, .to = search->to, .length = search->length, .step = search->step};
    bool found, listed;
    hc_status status = hc__desk_open(desk, &source, search->agent_id, search->property_id, &found, &listed, err);

    if (status >= 0 && !found)
        return hc__fail(err, HC_ERR_NOT_FOUND, "agent_id", "no such agent");
    if (status >= 0 && !listed)
        return hc__fail(err, HC_ERR_NOT_FOUND, "property_id", "no such property");
    if (status >= 0)
        status = hc__free_starts(&slots->starts, desk, &wish, err);
    if (status < 0)
        return status;
    slots->length = search->length * HC__MINUTE;
    slots->zone = hc__arena_text(source.arena, desk->zone_name, strlen(desk->zone_name));
    return slots->zone == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status find_slots(hc_slots **out, hc_session *as, hc_slot_search *search, hc_error *err)
{
    static const hc_id none;
    hc__handle *handle;
    hc__desk desk;
    hc_slots *slots;
    hc_status status = hc__require(as, HC__APPOINTMENT_SLOTS, &hc__appointment_entity, none, err);

    if (status >= 0)
        status = check(search, hc__session_now(as), err);
    if (status < 0)
        return status;
    slots = hc__handle_new(as->core, sizeof *slots, 1024, &handle);
    if (slots == NULL)
        return hc__no_memory(err);
    slots->handle = handle;
    status = search_all(slots, &desk, as, search, err);
    if (status < 0)
        hc__handle_free(handle);
    else
        *out = slots;
    return status;
}

hc_status hc_appointment_slots(hc_slots **out, hc_session *as, const hc_slot_search *given, hc_error *err)
{
    hc_slot_search search = HC_SLOT_SEARCH_INIT;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__sized_copy(&search, sizeof search, given, "search", err);
    if (status >= 0)
        status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = find_slots(out, as, &search, err);
    hc__leave(as);
    return status;
}

/* ---- what was found ---- */

size_t hc_slots_count(const hc_slots *slots)
{
    return slots == NULL ? 0 : slots->starts.count;
}

int64_t hc_slots_start(const hc_slots *slots, size_t index)
{
    return slots == NULL || index >= slots->starts.count ? 0 : slots->starts.at[index];
}

int64_t hc_slots_end(const hc_slots *slots, size_t index)
{
    return slots == NULL || index >= slots->starts.count ? 0 : slots->starts.at[index] + slots->length;
}

const char *hc_slots_time_zone(const hc_slots *slots)
{
    return slots == NULL ? NULL : slots->zone;
}

void hc_slots_free(hc_slots *slots)
{
    if (slots != NULL)
        hc__handle_free(slots->handle);
}
