#include "world.h"

#include <string.h>

#include "homeconnect/event.h"
#include "listing_moves.h"

#define DAY    INT64_C(86400000000)
#define ACTIVE 1 /* codes of standard_status */
#define CLOSED 4

world now_is;

/* ---- who may ---- */

static bool is_admin(enum reader who)
{
    return who == ADMIN || who == SYSTEM;
}

static bool exists(size_t home)
{
    return home < now_is.count && !now_is.gone[home];
}

static bool owns(enum reader who, size_t home)
{
    const struct value *agent = &now_is.rows[home].v[AGENT_ID];

    return who == AGENT && !agent->null && memcmp(agent->id, rows_agent, 16) == 0;
}

bool world_may_change(enum reader who, size_t home)
{
    return is_admin(who) || owns(who, home);
}

bool world_sees(enum reader who, size_t home)
{
    const struct row *row = &now_is.rows[home];

    if (!exists(home) || row->deleted)
        return false;
    return world_may_change(who, home) || (row->v[DISPLAY_OK].number == 1 && !row->v[STATUS].null);
}

bool world_sees_address(enum reader who, size_t home)
{
    return world_may_change(who, home) || now_is.rows[home].address_ok;
}

bool world_finds(enum reader who, size_t home)
{
    return world_sees(who, home) || (exists(home) && world_may_change(who, home));
}

bool world_is_full(void)
{
    return now_is.count == HOMES || now_is.event_count + LONGEST > EVENTS || now_is.key_count == KEYS;
}

/* ---- answers ---- */

hc_status world_refusal(enum reader who)
{
    return who == GUEST ? HC_ERR_UNAUTHENTICATED : HC_ERR_FORBIDDEN;
}

/* A write that failed in a unit of work leaves nothing for it to do. */
hc_status world_of_write(hc_status status)
{
    now_is.doomed |= now_is.in_unit && status < 0;
    return status;
}

hc_status world_happened(enum noun noun, int32_t what, size_t of, int32_t version)
{
    now_is.events[now_is.event_count++] = (struct happening){noun, what, of, version, now_is.group};
    return HC_OK;
}

static hc_status changed(size_t home, int32_t what, int64_t at)
{
    now_is.rows[home].v[UPDATED_AT].number = at;
    return world_happened(LISTING, what, home, ++now_is.versions[home]);
}

hc_status world_read(enum reader who, size_t home)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    return world_sees(who, home) ? HC_OK : HC_ERR_NOT_FOUND;
}

/* ---- create ---- */

static void fill_in(struct row *row, enum reader who, int64_t at)
{
    struct value *v = row->v;

    if (who == AGENT) {
        v[AGENT_ID].null = false;
        memcpy(v[AGENT_ID].id, rows_agent, 16);
    }
    if (v[ORIGINAL_PRICE].null)
        v[ORIGINAL_PRICE] = v[PRICE];
    if (v[STANDARD_STATUS].number == ACTIVE && v[LIST_DATE].null)
        v[LIST_DATE] = (struct value){.number = at / DAY};
    v[CREATED_AT].number = v[UPDATED_AT].number = v[STATUS_CHANGED_AT].number = at;
    v[PRICE_CHANGED_AT].null = true;
    derive_row(row);
}

static const struct known_key *key_of(enum reader who, int number, int64_t at)
{
    for (size_t i = now_is.key_count; number != 0 && i-- > 0;)
        if (now_is.keys[i].who == who && now_is.keys[i].number == number && at - now_is.keys[i].at < DAY)
            return &now_is.keys[i];
    return NULL;
}

hc_status world_create(enum reader who, const struct row *draft, uint8_t number, int key, int64_t at, size_t *home)
{
    const struct known_key *known = key_of(who, key, at);

    *home = HOMES;
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == BUYER)
        return world_of_write(world_refusal(who));
    if (known != NULL && known->draft != number)
        return world_of_write(HC_ERR_CONFLICT);
    *home = known != NULL ? known->home : now_is.count;
    if (known != NULL)
        return HC_NOTE_REPLAYED;
    now_is.rows[*home] = *draft;
    fill_in(&now_is.rows[*home], who, at);
    now_is.versions[*home] = 1;
    now_is.count++;
    if (key != 0)
        now_is.keys[now_is.key_count++] = (struct known_key){who, key, number, *home, at};
    return world_happened(LISTING, HC_EVENT_CREATED, *home, 1);
}

/* ---- update ---- */

static bool set(struct value *value, const struct value *to, bool is_text)
{
    bool same = value->null == to->null &&
                (value->null || (is_text ? strcmp(value->text, to->text) == 0 : value->number == to->number));

    *value = *to;
    return !same;
}

static bool set_texts(struct row *row, unsigned sets, const struct row *to)
{
    bool any = false;

    if ((sets & SETS_TITLE) != 0) {
        any |= set(&row->v[TITLE], &to->v[TITLE], true);
        row->title = to->title;
    }
    if ((sets & SETS_DESCRIPTION) != 0) {
        any |= set(&row->v[DESCRIPTION], &to->v[DESCRIPTION], true);
        row->description = to->description;
    }
    if ((sets & SETS_PLACE) != 0) {
        any |= set(&row->v[CITY], &to->v[CITY], true);
        any |= set(&row->v[STATE], &to->v[STATE], true);
        any |= set(&row->v[ZIP_CODE], &to->v[ZIP_CODE], true);
        row->place = to->place;
    }
    return any;
}

/* The dates that follow from a status. */
static void settle_dates(struct row *row, bool was_closed, int64_t at)
{
    struct value *v = row->v;
    const struct value today = {.number = at / DAY}, none = {.null = true};

    if (v[STANDARD_STATUS].number == ACTIVE && v[LIST_DATE].null)
        v[LIST_DATE] = today;
    if (v[STANDARD_STATUS].number == CLOSED && v[CLOSE_DATE].null)
        v[CLOSE_DATE] = today;
    if (was_closed)
        v[CLOSE_DATE] = v[CLOSE_PRICE] = none;
}

static bool apply(struct row *row, int64_t *previous_price, unsigned sets, const struct row *to, int64_t at)
{
    struct value *v = row->v, before = v[PRICE];
    int64_t status = v[STANDARD_STATUS].number;
    bool any = set_texts(row, sets, to), price = (sets & SETS_PRICE) != 0 && set(&v[PRICE], &to->v[PRICE], false);

    if (price) {
        *previous_price = before.number;
        v[PRICE_CHANGED_AT] = (struct value){.number = at};
    }
    if ((sets & SETS_BEDS) != 0)
        any |= set(&v[BEDS], &to->v[BEDS], false);
    if ((sets & SETS_DISPLAY) != 0)
        any |= set(&v[DISPLAY_OK], &to->v[DISPLAY_OK], false);
    if ((sets & SETS_ADDRESS_OK) != 0) {
        any |= row->address_ok != to->address_ok;
        row->address_ok = to->address_ok;
    }
    if ((sets & SETS_STATUS) != 0 && to->v[STANDARD_STATUS].number != status) {
        set_standard(row, (size_t)to->v[STANDARD_STATUS].number);
        v[STATUS_CHANGED_AT].number = at;
        settle_dates(row, status == CLOSED, at);
        any = true;
    }
    derive_row(row);
    return any || price;
}

/* What stands in the way of a change. */
static hc_status before_change(enum reader who, size_t home, int32_t version)
{
    if (who == GUEST || who == BUYER)
        return world_refusal(who);
    if (!world_sees(who, home))
        return HC_ERR_NOT_FOUND;
    if (!world_may_change(who, home))
        return HC_ERR_FORBIDDEN;
    return version == now_is.versions[home] ? HC_OK : HC_ERR_CONFLICT;
}

hc_status world_update(enum reader who, size_t home, int32_t version, unsigned sets, const struct row *to, int64_t at)
{
    hc_status status = before_change(who, home, version);
    struct row after = now_is.rows[home];
    int32_t from = (int32_t)after.v[STANDARD_STATUS].number, next = (int32_t)to->v[STANDARD_STATUS].number;
    int64_t previous = now_is.previous_price[home];

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (status >= 0 && (sets & SETS_STATUS) != 0 && from != next && !status_may_become(from, next, is_admin(who)))
        status = HC_ERR_INVALID_STATE;
    if (status < 0)
        return world_of_write(status);
    if (!apply(&after, &previous, sets, to, at))
        return HC_NOTE_SAME;
    now_is.rows[home] = after;
    now_is.previous_price[home] = previous;
    return changed(home, HC_EVENT_UPDATED, at);
}

/* ---- delete, restore, purge ---- */

hc_status world_delete(enum reader who, size_t home, int32_t version, int64_t at)
{
    hc_status status = before_change(who, home, version);

    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (status >= 0 && world_waits_for(home))
        status = HC_ERR_INVALID_STATE;
    if (status < 0)
        return world_of_write(status);
    now_is.rows[home].deleted = true;
    return changed(home, HC_EVENT_DELETED, at);
}

hc_status world_restore(enum reader who, size_t home, int64_t at)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == BUYER)
        return world_of_write(world_refusal(who));
    if (!world_finds(who, home))
        return world_of_write(HC_ERR_NOT_FOUND);
    if (!world_may_change(who, home))
        return world_of_write(HC_ERR_FORBIDDEN);
    if (!now_is.rows[home].deleted)
        return HC_NOTE_SAME;
    now_is.rows[home].deleted = false;
    return changed(home, HC_EVENT_RESTORED, at);
}

hc_status world_purge(enum reader who, size_t home)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (!is_admin(who))
        return world_of_write(world_refusal(who));
    if (!exists(home))
        return world_of_write(HC_ERR_NOT_FOUND);
    if (!now_is.rows[home].deleted || world_is_asked_about(home))
        return world_of_write(HC_ERR_INVALID_STATE);
    now_is.gone[home] = true;
    for (int reader = 0; reader < READERS; reader++)
        now_is.saved[reader][home] = false;
    world_purge_papers(home);
    return world_happened(LISTING, HC_EVENT_PURGED, home, now_is.versions[home] + 1);
}

/* ---- favorites ---- */

hc_status world_save(enum reader who, size_t home)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == SYSTEM)
        return world_of_write(world_refusal(who));
    if (!world_sees(who, home))
        return world_of_write(HC_ERR_NOT_FOUND);
    if (now_is.saved[who][home])
        return HC_NOTE_SAME;
    now_is.saved[who][home] = true;
    return world_happened(FAVORITE, HC_EVENT_CREATED, home, 1);
}

hc_status world_forget(enum reader who, size_t home)
{
    if (now_is.doomed)
        return HC_ERR_ABORTED;
    if (who == GUEST || who == SYSTEM)
        return world_of_write(world_refusal(who));
    if (home >= now_is.count || !now_is.saved[who][home])
        return HC_NOTE_SAME;
    now_is.saved[who][home] = false;
    return world_happened(FAVORITE, HC_EVENT_DELETED, home, 2);
}
