/* Leads and viewings of the world, as domain.md D3 to D5 have them. */
#include <string.h>

#include "homeconnect/appointment.h"
#include "homeconnect/event.h"
#include "homeconnect/lead.h"
#include "homeconnect/property.h"
#include "world.h"

#define MINUTE INT64_C(60000000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define NOTICE (2 * HOUR)
#define CUTOFF (2 * HOUR)
#define LENGTH (30 * MINUTE)

/* ---- who may, and what is ---- */

static bool is_admin(enum reader who)
{
    return who == ADMIN || who == SYSTEM;
}

static bool is_agency(enum reader who)
{
    return who == AGENT || is_admin(who);
}

static bool is_open(const struct deal *d)
{
    return d->status == HC_LEAD_STATUS_NEW || d->status == HC_LEAD_STATUS_CONTACTED ||
           d->status == HC_LEAD_STATUS_QUALIFIED;
}

static bool is_booked(const struct viewing *v)
{
    return v->status == HC_APPOINTMENT_STATUS_SCHEDULED || v->status == HC_APPOINTMENT_STATUS_PENDING;
}

static bool ran_out(const struct viewing *v, int64_t at)
{
    return v->status == HC_APPOINTMENT_STATUS_PENDING && v->held <= at;
}

bool world_sees_deal(enum reader who, size_t deal)
{
    const struct deal *d = &now_is.deals[deal];

    return deal < now_is.deal_count &&
           (is_admin(who) || (who == AGENT && d->of_agent) || (who == BUYER && d->of_buyer));
}

bool world_shows(size_t deal)
{
    for (size_t i = 0; i < now_is.viewing_count; i++)
        if (now_is.viewings[i].deal == deal)
            return true;
    return false;
}

bool world_is_asked_about(size_t home)
{
    for (size_t i = 0; i < now_is.deal_count; i++)
        if (now_is.deals[i].home == home)
            return true;
    return false;
}

bool world_waits_for(size_t home)
{
    bool waits = false;

    for (size_t i = 0; i < now_is.deal_count; i++)
        waits |= now_is.deals[i].home == home && is_open(&now_is.deals[i]);
    for (size_t i = 0; i < now_is.viewing_count; i++)
        waits |= now_is.deals[now_is.viewings[i].deal].home == home && is_booked(&now_is.viewings[i]);
    return waits;
}

/* Calls about listings may follow, which do not ask. */
bool world_has_room(void)
{
    return now_is.event_count + 4 * LONGEST < EVENTS;
}

static bool is_status(size_t home, int32_t status)
{
    const struct value *v = &now_is.rows[home].v[STATUS];

    return !v->null && v->number == status;
}

hc_status world_read_deal(enum reader who, size_t deal)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    return world_sees_deal(who, deal) ? HC_OK : HC_ERR_NOT_FOUND;
}

/* ---- what follows ---- */

static hc_status changed_deal(size_t deal)
{
    return world_happened(LEAD, HC_EVENT_UPDATED, deal, ++now_is.deals[deal].version);
}

static hc_status touched(size_t deal)
{
    return world_happened(TOUCH, HC_EVENT_CREATED, deal, 1);
}

/* Somebody of the agency was in touch. */
static void answered(size_t deal)
{
    struct deal *d = &now_is.deals[deal];

    if (!d->waits && d->status != HC_LEAD_STATUS_NEW)
        return;
    d->waits = false;
    if (d->status == HC_LEAD_STATUS_NEW)
        d->status = HC_LEAD_STATUS_CONTACTED;
    (void)changed_deal(deal);
}

static void in_any_order(bool from_here)
{
    now_is.group = from_here ? ++now_is.groups : 0;
}

static void end_viewing(size_t viewing, int32_t status)
{
    struct viewing *v = &now_is.viewings[viewing];

    v->status = status;
    v->sequence++;
    (void)world_happened(VIEWING, HC_EVENT_UPDATED, viewing, ++v->version);
}

/* Holds that ran out, of one lead, or of the agent (DEALS). */
static void expire(size_t deal, int64_t at)
{
    in_any_order(true);
    for (size_t i = 0; i < now_is.viewing_count; i++)
        if ((deal == DEALS || now_is.viewings[i].deal == deal) && ran_out(&now_is.viewings[i], at))
            end_viewing(i, HC_APPOINTMENT_STATUS_CANCELLED);
    in_any_order(false);
}

static hc_status lose(size_t deal, int32_t reason, int64_t at)
{
    struct deal *d = &now_is.deals[deal];

    d->status = HC_LEAD_STATUS_LOST;
    d->lost = reason;
    d->waits = false;
    (void)changed_deal(deal);
    expire(deal, at);
    in_any_order(true);
    for (size_t i = 0; i < now_is.viewing_count; i++)
        if (now_is.viewings[i].deal == deal && is_booked(&now_is.viewings[i]) && now_is.viewings[i].end > at)
            end_viewing(i, HC_APPOINTMENT_STATUS_CANCELLED);
    in_any_order(false);
    return HC_OK;
}

/* ---- an inquiry ---- */

static hc_status before_asking(enum reader who, size_t home)
{
    if (!world_sees(who, home))
        return HC_ERR_NOT_FOUND;
    return is_status(home, HC_PROPERTY_STATUS_ACTIVE) || is_status(home, HC_PROPERTY_STATUS_PENDING)
               ? HC_OK
               : HC_ERR_INVALID_STATE;
}

static bool stays_lost(const struct deal *d)
{
    return d->lost == HC_LEAD_LOST_OPTED_OUT || d->lost == HC_LEAD_LOST_SPAM;
}

static bool may_reopen(enum reader who, const struct deal *d)
{
    return d->status == HC_LEAD_STATUS_LOST && !stays_lost(d) && who != GUEST && (who != AGENT || d->of_agent);
}

/* The lead that an inquiry belongs to: an open one, else the newest lost one that comes back; DEALS: none. */
static size_t known_deal(enum reader who, size_t home, int contact)
{
    size_t lost = DEALS;

    for (size_t i = now_is.deal_count; i-- > 0;) {
        const struct deal *d = &now_is.deals[i];

        if (d->home != home || (d->contact != contact && !(who == BUYER && d->of_buyer)))
            continue;
        if (who == BUYER && !d->of_buyer) /* anybody can type an address */
            continue;
        if (is_open(d))
            return i;
        if (lost == DEALS && may_reopen(who, d))
            lost = i;
    }
    return lost;
}

static hc_status new_deal(enum reader who, size_t home, int contact, bool budget, size_t deal)
{
    bool agents = !now_is.rows[home].v[AGENT_ID].null;

    now_is.deals[deal] = (struct deal){.home = home,
                                       .contact = contact,
                                       .of_buyer = who == BUYER,
                                       .of_agent = who == AGENT || agents,
                                       .budget = budget,
                                       .waits = true,
                                       .status = HC_LEAD_STATUS_NEW,
                                       .version = 1};
    now_is.deal_count++;
    (void)world_happened(LEAD, HC_EVENT_CREATED, deal, 1);
    return touched(deal);
}

static hc_status join(enum reader who, size_t deal, bool budget)
{
    struct deal *d = &now_is.deals[deal];
    bool learns = budget && !d->budget, takes = who == AGENT && !d->of_agent;

    if (who == GUEST)
        return touched(deal);
    d->budget |= budget;
    d->of_agent |= takes;
    if (learns || takes)
        (void)changed_deal(deal);
    (void)touched(deal);
    return HC_NOTE_DEDUPLICATED;
}

static hc_status reopen(enum reader who, size_t deal, bool budget)
{
    struct deal *d = &now_is.deals[deal];

    if (who != AGENT && !d->of_agent)
        d->of_agent = !now_is.rows[d->home].v[AGENT_ID].null;
    d->budget |= budget;
    d->status = HC_LEAD_STATUS_CONTACTED;
    d->lost = 0;
    d->reopened++;
    d->waits = who != AGENT;
    (void)changed_deal(deal);
    (void)touched(deal);
    return HC_NOTE_DEDUPLICATED;
}

hc_status world_ask(enum reader who, size_t home, int contact, bool budget, size_t *deal)
{
    hc_status status;

    *deal = DEALS;
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    status = before_asking(who, home);
    if (status < 0)
        return world_of_write(status);
    *deal = known_deal(who, home, contact);
    if (*deal == DEALS) {
        *deal = now_is.deal_count;
        return new_deal(who, home, contact, budget, *deal);
    }
    return is_open(&now_is.deals[*deal]) ? join(who, *deal, budget) : reopen(who, *deal, budget);
}

/* ---- the way of a lead ---- */

static hc_status before_deal(enum reader who, size_t deal, int32_t version)
{
    if (!world_sees_deal(who, deal))
        return HC_ERR_NOT_FOUND;
    return version == now_is.deals[deal].version ? HC_OK : HC_ERR_CONFLICT;
}

static bool may_become(const struct deal *d, int32_t to)
{
    switch (d->status) {
    case HC_LEAD_STATUS_NEW:
    case HC_LEAD_STATUS_CONTACTED:
        return to == HC_LEAD_STATUS_QUALIFIED || to == HC_LEAD_STATUS_LOST ||
               (d->status == HC_LEAD_STATUS_NEW && to == HC_LEAD_STATUS_CONTACTED);
    case HC_LEAD_STATUS_QUALIFIED:
        return to == HC_LEAD_STATUS_CONTACTED || to == HC_LEAD_STATUS_CLOSED || to == HC_LEAD_STATUS_LOST;
    case HC_LEAD_STATUS_CLOSED:
        return to == HC_LEAD_STATUS_QUALIFIED;
    default:
        return to == HC_LEAD_STATUS_CONTACTED && !stays_lost(d);
    }
}

static bool is_interested(size_t deal)
{
    for (size_t i = 0; i < now_is.viewing_count; i++) {
        const struct viewing *v = &now_is.viewings[i];

        if (v->deal == deal && (is_booked(v) || v->status == HC_APPOINTMENT_STATUS_COMPLETED))
            return true;
    }
    return now_is.deals[deal].budget;
}

static bool is_sold(size_t home)
{
    return is_status(home, HC_PROPERTY_STATUS_PENDING) || is_status(home, HC_PROPERTY_STATUS_SOLD);
}

static hc_status may_move(enum reader who, size_t deal, int32_t to, bool reason, bool price, int32_t lost)
{
    const struct deal *d = &now_is.deals[deal];
    bool back = to == HC_LEAD_STATUS_CONTACTED && d->status != HC_LEAD_STATUS_NEW;

    if (!may_become(d, to))
        return HC_ERR_INVALID_STATE;
    if (d->status == HC_LEAD_STATUS_CLOSED && !is_admin(who))
        return HC_ERR_FORBIDDEN;
    if ((back || d->status == HC_LEAD_STATUS_CLOSED) && !reason)
        return HC_ERR_INVALID;
    if (to == HC_LEAD_STATUS_QUALIFIED && d->status != HC_LEAD_STATUS_CLOSED && !is_interested(deal))
        return HC_ERR_INVALID;
    if (to == HC_LEAD_STATUS_CLOSED && !price && !is_sold(d->home))
        return HC_ERR_INVALID;
    return to == HC_LEAD_STATUS_LOST && lost == 0 ? HC_ERR_INVALID : HC_OK;
}

hc_status world_move(enum reader who, size_t deal, int32_t version, int32_t to, bool reason, bool price, int32_t lost,
                     int64_t at)
{
    struct deal *d = &now_is.deals[deal];
    hc_status status;

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (!is_agency(who))
        return world_of_write(world_refusal(who));
    status = before_deal(who, deal, version);
    if (status >= 0 && d->status == to)
        return HC_NOTE_SAME;
    if (status >= 0)
        status = may_move(who, deal, to, reason, price, lost);
    if (status < 0)
        return world_of_write(status);
    if (to == HC_LEAD_STATUS_LOST)
        return lose(deal, lost, at);
    d->reopened += d->status == HC_LEAD_STATUS_LOST;
    d->status = to;
    d->lost = 0;
    d->waits = false;
    return changed_deal(deal);
}

hc_status world_withdraw(enum reader who, size_t deal, int32_t version, int32_t reason, int64_t at)
{
    struct deal *d = &now_is.deals[deal];
    hc_status status;

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == AGENT)
        return world_of_write(world_refusal(who));
    status = before_deal(who, deal, version);
    if (status >= 0 && d->status == HC_LEAD_STATUS_CLOSED)
        status = HC_ERR_INVALID_STATE;
    if (status < 0)
        return world_of_write(status);
    if (d->status != HC_LEAD_STATUS_LOST)
        return lose(deal, reason, at);
    if (reason != HC_LEAD_LOST_OPTED_OUT || d->lost == reason)
        return HC_NOTE_SAME;
    d->lost = reason;
    return changed_deal(deal);
}

hc_status world_log_call(enum reader who, size_t deal)
{
    const struct deal *d = &now_is.deals[deal];

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (!is_agency(who))
        return world_of_write(world_refusal(who));
    if (!world_sees_deal(who, deal))
        return world_of_write(HC_ERR_NOT_FOUND);
    if (d->status == HC_LEAD_STATUS_LOST && d->lost == HC_LEAD_LOST_OPTED_OUT)
        return world_of_write(HC_ERR_INVALID_STATE);
    (void)touched(deal);
    answered(deal);
    return HC_OK;
}

hc_status world_hand(enum reader who, size_t deal, int32_t version, bool to_agent)
{
    struct deal *d = &now_is.deals[deal];
    hc_status status;

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (!is_agency(who))
        return world_of_write(world_refusal(who));
    status = before_deal(who, deal, version);
    if (status >= 0 && d->of_agent == to_agent)
        return HC_NOTE_SAME;
    if (status >= 0 && !to_agent && !is_admin(who))
        status = HC_ERR_INVALID;
    if (status < 0)
        return world_of_write(status);
    d->of_agent = to_agent;
    return changed_deal(deal);
}

/* ---- viewings ---- */

/* Monday to Friday, 09:00 to 17:00, UTC; days are counted from a Thursday. */
static bool in_hours(int64_t start, int64_t end)
{
    int64_t day = start / DAY, weekday = (day + 4) % 7;

    return weekday >= 1 && weekday <= 5 && start >= day * DAY + 9 * HOUR && end <= day * DAY + 17 * HOUR;
}

static hc_status may_be_at(enum reader who, int64_t start, int64_t at)
{
    if (start <= at || start > at + 180 * DAY)
        return HC_ERR_INVALID;
    if (!is_agency(who) && (start < at + NOTICE || !in_hours(start, start + LENGTH)))
        return HC_ERR_INVALID;
    return HC_OK;
}

static bool overlaps(const struct viewing *v, int64_t start)
{
    return is_booked(v) && v->start < start + LENGTH && v->end > start;
}

static bool buyer_is_elsewhere(size_t deal, size_t but, int64_t start)
{
    for (size_t i = 0; i < now_is.viewing_count; i++)
        if (i != but && now_is.deals[deal].of_buyer && now_is.deals[now_is.viewings[i].deal].of_buyer &&
            overlaps(&now_is.viewings[i], start))
            return true;
    return false;
}

static bool is_taken(size_t but, int64_t start, int64_t at)
{
    for (size_t i = 0; i < now_is.viewing_count; i++)
        if (i != but && overlaps(&now_is.viewings[i], start) && !ran_out(&now_is.viewings[i], at))
            return true;
    return false;
}

static hc_status may_book(enum reader who, size_t deal, int64_t start, int64_t at)
{
    const struct deal *d = &now_is.deals[deal];
    hc_status status;

    if (!world_sees_deal(who, deal))
        return HC_ERR_NOT_FOUND;
    if (!is_open(d) || !d->of_agent || !world_sees(who, d->home) || is_status(d->home, HC_PROPERTY_STATUS_SOLD))
        return HC_ERR_INVALID_STATE;
    status = may_be_at(who, start, at);
    return status >= 0 && is_taken(VIEWINGS, start, at) ? HC_ERR_CONFLICT : status;
}

hc_status world_book(enum reader who, size_t deal, int64_t start, int64_t hold, int64_t at)
{
    struct viewing *v = &now_is.viewings[now_is.viewing_count];
    bool elsewhere, is_settled = hold == 0 && is_agency(who);
    hc_status status;

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    status = who == GUEST ? world_refusal(who) : may_book(who, deal, start, at);
    if (status < 0)
        return world_of_write(status);
    elsewhere = buyer_is_elsewhere(deal, VIEWINGS, start);
    expire(DEALS, at);
    *v = (struct viewing){.deal = deal,
                          .status = is_settled ? HC_APPOINTMENT_STATUS_SCHEDULED : HC_APPOINTMENT_STATUS_PENDING,
                          .version = 1,
                          .start = start,
                          .end = start + LENGTH,
                          .held = hold == 0 || at + hold > start ? start : at + hold};
    (void)world_happened(VIEWING, HC_EVENT_CREATED, now_is.viewing_count++, 1);
    if (is_agency(who))
        answered(deal);
    return elsewhere ? HC_NOTE_BUYER_OVERLAP : HC_OK;
}

/* ---- what becomes of a viewing ---- */

static const int32_t becomes[ACTS] = {
    [CONFIRM] = HC_APPOINTMENT_STATUS_SCHEDULED, [DECLINE] = HC_APPOINTMENT_STATUS_DECLINED,
    [CANCEL] = HC_APPOINTMENT_STATUS_CANCELLED,  [COMPLETE] = HC_APPOINTMENT_STATUS_COMPLETED,
    [NO_SHOW] = HC_APPOINTMENT_STATUS_NO_SHOW,   [RESCHEDULE] = HC_APPOINTMENT_STATUS_SCHEDULED};

static bool is_for_agency(enum act act)
{
    return act != CANCEL && act != RESCHEDULE;
}

static bool may_become_by(const struct viewing *v, enum act act, enum reader who)
{
    switch (v->status) {
    case HC_APPOINTMENT_STATUS_PENDING:
        return act == CONFIRM || act == DECLINE || act == CANCEL;
    case HC_APPOINTMENT_STATUS_SCHEDULED:
        return act != CONFIRM && act != DECLINE;
    case HC_APPOINTMENT_STATUS_NO_SHOW:
        return act == RESCHEDULE && is_agency(who);
    default:
        return false;
    }
}

/* HC_NOTE_SAME: there is nothing to do. */
static hc_status before_act(enum reader who, size_t viewing, int32_t version, enum act act, int64_t start, int64_t at)
{
    const struct viewing *v = &now_is.viewings[viewing];
    bool scheduled = v->status == HC_APPOINTMENT_STATUS_SCHEDULED;

    if (!is_agency(who) && is_for_agency(act))
        return world_refusal(who); /* without a token a guest finds none of them */
    if (viewing >= now_is.viewing_count || !world_sees_deal(who, v->deal))
        return HC_ERR_NOT_FOUND;
    if (act == RESCHEDULE ? scheduled && v->start == start : v->status == becomes[act])
        return HC_NOTE_SAME;
    if (version != v->version)
        return HC_ERR_CONFLICT;
    if (!may_become_by(v, act, who) || (act != CANCEL && ran_out(v, at)))
        return HC_ERR_INVALID_STATE;
    if (scheduled && who == BUYER && at + CUTOFF > v->start)
        return HC_ERR_INVALID_STATE;
    return (act == COMPLETE || act == NO_SHOW) && at < v->start ? HC_ERR_INVALID_STATE : HC_OK;
}

static hc_status reschedule(enum reader who, size_t viewing, int64_t start, int64_t at)
{
    struct viewing *v = &now_is.viewings[viewing];
    bool elsewhere, to_come = v->status == HC_APPOINTMENT_STATUS_SCHEDULED && v->start > at;
    bool may = world_sees(who, now_is.deals[v->deal].home) && (to_come || is_open(&now_is.deals[v->deal]));
    hc_status status = may ? may_be_at(who, start, at) : HC_ERR_INVALID_STATE;

    if (status >= 0 && is_taken(viewing, start, at))
        status = HC_ERR_CONFLICT;
    if (status < 0)
        return status;
    elsewhere = buyer_is_elsewhere(v->deal, viewing, start);
    expire(DEALS, at);
    v->start = start;
    v->end = start + LENGTH;
    end_viewing(viewing, HC_APPOINTMENT_STATUS_SCHEDULED);
    return elsewhere ? HC_NOTE_BUYER_OVERLAP : HC_OK;
}

hc_status world_act(enum reader who, size_t viewing, int32_t version, enum act act, int64_t start, int64_t at)
{
    struct viewing *v = &now_is.viewings[viewing];
    hc_status status;

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    status = before_act(who, viewing, version, act, start, at);
    if (status == HC_OK && act == RESCHEDULE)
        status = reschedule(who, viewing, start, at);
    else if (status == HC_OK && (act == CANCEL || act == DECLINE))
        end_viewing(viewing, becomes[act]);
    else if (status == HC_OK) {
        v->status = becomes[act];
        (void)world_happened(VIEWING, HC_EVENT_UPDATED, viewing, ++v->version);
    }
    return world_of_write(status);
}
