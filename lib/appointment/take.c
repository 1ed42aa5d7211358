#include "appointment/take.h"

#include "appointment/free.h"
#include "base/id.h"
#include "client/crud.h"
#include "client/viewings.h"
#include "model/appointment_status.h"

static hc_status taken(const hc__desk *desk, hc_id appointment, const hc__time *time, int32_t clash, hc_error *err)
{
    const char *whose = clash == HC__FOR_AGENT ? "the agent" : "the listing";
    int64_t next;
    char text[32];
    hc_status status = hc__free_next(&next, desk, time->start, time->end - time->start, appointment, err);

    if (status < 0)
        return status;
    hc__time_format(text, next);
    if (next == 0)
        hc__fail(err, HC_ERR_CONFLICT, "scheduled_time", "%s is not free then, nor at any time in hours after it",
                 whose);
    else
        hc__fail(err, HC_ERR_CONFLICT, "scheduled_time", "%s is not free then: next at %s", whose, text);
    if (err != NULL)
        err->detail = next;
    return HC_ERR_CONFLICT;
}

hc_status hc__take_time(const hc__desk *desk, hc_id appointment, const hc__time *time, hc_error *err)
{
    hc__unit *unit = desk->source.unit;
    int32_t clash = 0;
    hc_status status = hc__holds_give_back(unit, time, err);

    if (status >= 0)
        status = hc__slots_take(unit, &clash, appointment, time, err);
    return status >= 0 && clash != 0 ? taken(desk, appointment, time, clash, err) : status;
}

hc_status hc__buyer_overlap(hc__unit *unit, hc_id buyer, hc_id appointment, int64_t start, int64_t end, hc_error *err)
{
    const hc_kind *kind = &hc__appointment_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *mine, *then;
    hc_id *self;
    int64_t count;
    hc_status status;

    if (hc__id_zero(buyer))
        return HC_OK;
    self = hc__arena_copy(arena, &appointment, sizeof appointment);
    if (self == NULL)
        return hc__no_memory(err);
    mine = hc__all_of(arena, hc__is_id(arena, hc__appointment_f_buyer_id, buyer),
                      hc__is_bytes(arena, kind, hc__appointment_f_id, HC_TEST_NE, self, sizeof *self));
    /* none is longer than HC__LONGEST, which bounds the scan */
    then = hc__all_of(
        arena, hc__is_int(arena, kind, hc__appointment_f_scheduled_time, HC_TEST_LT, end),
        hc__is_int(arena, kind, hc__appointment_f_scheduled_time, HC_TEST_GT, start - HC__LONGEST * HC__MINUTE));
    then = hc__all_of(arena, then, hc__is_int(arena, kind, hc__appointment_f_ends_at, HC_TEST_GT, start));
    mine = hc__all_of(arena, mine, hc__viewing_is_open(unit));
    status = hc__unit_count(unit, &count, kind, hc__all_of(arena, mine, then), err);
    return status < 0 ? status : count > 0 ? HC_NOTE_BUYER_OVERLAP : HC_OK;
}
