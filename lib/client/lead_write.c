#include "client/lead_write.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "homeconnect/lead.h"
#include "model/lead_status.h"

/* ---- the agents' load ---- */

void hc__load_ensure(hc__unit *unit, hc_id agent)
{
    hc__record row;

    if (hc__record_init(&row, &hc__load_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&row, hc__load_f_user_id, agent);
    hc__record_set_int(&row, hc__load_f_open_leads, 0);
    hc__record_set_int(&row, hc__load_f_version, 1);
    hc__unit_insert_if_absent(unit, &row, NULL);
}

void hc__load_hold(hc__unit *unit, hc_id agent)
{
    if (!hc__unit_is_remote(unit))
        return;
    hc__load_ensure(unit, agent);
    hc__unit_hold(unit, &hc__load_entity, hc__is_id(hc__unit_arena(unit), hc__load_f_user_id, agent), HC_EXPECT_ANY);
}

/* `more` is -1, 0 or 1; the count stays at 0 or above, whatever other programs wrote. */
static void change_load(hc__unit *unit, hc_id agent, int more, bool assigned)
{
    const hc_kind *kind = &hc__load_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_set *sets = hc__arena_zero(arena, 3, sizeof *sets);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .index = HC_INDEX_ANY,
                .sets = sets,
                .set_count = assigned ? 3 : 2};

    op.where = hc__is_id(arena, hc__load_f_user_id, agent);
    if (more < 0)
        op.where = hc__all_of(arena, op.where, hc__is_int(arena, kind, hc__load_f_open_leads, HC_TEST_GT, 0));
    if (sets == NULL || op.where == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    sets[0] = (hc_set){hc__load_f_open_leads, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, more)};
    sets[1] = (hc_set){hc__load_f_version, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 1)};
    if (assigned)
        sets[2] = (hc_set){hc__load_f_last_assigned_at, HC_SET_TO, 0, hc__value_int(HC_TYPE_TIME, hc__unit_now(unit))};
    if (more > 0 || assigned)
        hc__load_ensure(unit, agent);
    hc__unit_add(unit, &op);
}

/* An agent's share of a change: what they had, and what they have now. */
static void settle_load(hc__unit *unit, const hc__record *before, const hc__record *after, bool counted)
{
    hc_id old = hc__record_id(before, hc__lead_f_agent_id), new = hc__record_id(after, hc__lead_f_agent_id);
    bool was = hc__lead_is_open((int32_t)hc__record_int(before, hc__lead_f_status));
    bool is = hc__lead_is_open((int32_t)hc__record_int(after, hc__lead_f_status));
    bool same = hc__id_equal(old, new);

    if (same && (was == is || hc__id_zero(old)))
        return;
    if (was && !hc__id_zero(old))
        change_load(unit, old, -1, false);
    if (!counted && !hc__id_zero(new) && (is || !same))
        change_load(unit, new, is ? 1 : 0, !same);
}

hc_status hc__open_leads_count(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err)
{
    static const hc_value open[] = {
        {HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_NEW}},
        {HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_CONTACTED}},
        {HC_TYPE_ENUM, 0, {.integer = HC_LEAD_STATUS_QUALIFIED}},
    };
    hc__arena *arena = hc__unit_arena(unit);

    return hc__unit_count(unit, out, &hc__lead_entity.kind,
                          hc__all_of(arena, hc__is_id(arena, hc__lead_f_agent_id, agent),
                                     hc__is_in(arena, hc__lead_f_status, open, sizeof open / sizeof open[0])),
                          err);
}

hc_status hc__open_leads_of(hc__unit *unit, int64_t *out, hc_id agent, hc_error *err)
{
    hc__load_hold(unit, agent);
    change_load(unit, agent, 0, false); /* who routes a lead to them meanwhile finds another version, and looks again */
    return hc__open_leads_count(unit, out, agent, err);
}

hc_status hc__has_leads(int64_t count, hc_error *err)
{
    hc__fail(err, HC_ERR_INVALID_STATE, "id", "%lld open leads are assigned to this agent: hand them over first",
             (long long)count);
    if (err != NULL)
        err->detail = count;
    return HC_ERR_INVALID_STATE;
}

/* ---- history ---- */

static void put_id(hc__record *row, uint16_t field, hc_id id)
{
    if (!hc__id_zero(id))
        hc__record_set_id(row, field, id);
}

/* `before` NULL: the lead is new. */
static void add_history(hc__unit *unit, const hc__record *before, const hc__record *after, int32_t version,
                        const char *reason)
{
    hc__record row;
    hc_id id;

    if (hc__record_init(&row, &hc__lead_change_entity, hc__unit_arena(unit), NULL) < 0 || hc__unit_id(unit, &id) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&row, hc__lead_change_f_id, id);
    hc__record_set_id(&row, hc__lead_change_f_lead_id, hc__record_key(after));
    if (before != NULL) {
        hc__record_set_int(&row, hc__lead_change_f_old_status, hc__record_int(before, hc__lead_f_status));
        put_id(&row, hc__lead_change_f_old_agent_id, hc__record_id(before, hc__lead_f_agent_id));
    }
    hc__record_set_int(&row, hc__lead_change_f_new_status, hc__record_int(after, hc__lead_f_status));
    put_id(&row, hc__lead_change_f_new_agent_id, hc__record_id(after, hc__lead_f_agent_id));
    put_id(&row, hc__lead_change_f_actor_id, hc__unit_session(unit)->user);
    if (reason != NULL)
        hc__record_set_text(&row, hc__lead_change_f_reason, reason, strlen(reason));
    hc__record_set_int(&row, hc__lead_change_f_version, version);
    hc__record_set_int(&row, hc__lead_change_f_created_at, hc__unit_now(unit));
    hc__unit_insert(unit, &row);
}

/* ---- the ways a lead is written ---- */

hc_status hc__lead_after(hc__record *after, hc__unit *unit, const hc__record *before, const hc__record *changes,
                         hc_error *err)
{
    hc_status status = hc__record_init(after, &hc__lead_entity, hc__unit_arena(unit), err);

    for (uint16_t i = 0; status >= 0 && i < hc__lead_field_count; i++)
        after->values[i] = hc__record_is_set(changes, i) ? changes->values[i] : before->values[i];
    return status;
}

hc_status hc__lead_read(hc__unit *unit, hc__record *row, bool *found, const hc_predicate **where, hc_id id,
                        hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_status status = hc__unit_row(unit, row, found, &hc__lead_entity, hc__is_id(arena, 0, id), err);

    *where = NULL;
    if (status < 0 || !*found)
        return status;
    *where =
        hc__all_of(arena, hc__is_id(arena, 0, id),
                   hc__is_int(arena, &hc__lead_entity.kind, hc__lead_f_version, HC_TEST_EQ, hc__record_version(row)));
    return *where == NULL ? hc__no_memory(err) : HC_OK;
}

static void end_wait(const hc__unit *unit, const hc__record *before, hc__record *changes)
{
    int64_t due = hc__record_int(before, hc__lead_f_response_due_at);

    if (hc__record_is_null(before, hc__lead_f_response_due_at))
        return;
    hc__record_set_null(changes, hc__lead_f_response_due_at);
    if (hc__unit_now(unit) > due)
        hc__record_set_int(changes, hc__lead_f_response_late, 1);
}

void hc__lead_respond(const hc__unit *unit, const hc__record *before, hc__record *changes)
{
    int64_t now = hc__unit_now(unit), seconds;

    end_wait(unit, before, changes);
    if (!hc__record_is_null(before, hc__lead_f_first_response_at))
        return;
    seconds = (now - hc__record_int(before, hc__lead_f_created_at)) / HC__SECOND;
    hc__record_set_int(changes, hc__lead_f_first_response_at, now);
    hc__record_set_int(changes, hc__lead_f_response_seconds,
                       seconds < 0           ? 0
                       : seconds > INT32_MAX ? INT32_MAX
                                             : seconds);
}

int32_t hc__lead_update(hc__unit *unit, const hc__record *before, hc__record *changes, const hc_predicate *where,
                        const char *reason, bool counted)
{
    int32_t version = hc__stamp_update(unit, changes, before);
    bool moved = hc__record_is_set(changes, hc__lead_f_status);
    bool given = hc__record_is_set(changes, hc__lead_f_agent_id);
    hc__record after;

    if (moved) {
        hc__record_set_int(changes, hc__lead_f_status_changed_at, hc__unit_now(unit));
        if (!hc__lead_is_open((int32_t)hc__record_int(changes, hc__lead_f_status)))
            end_wait(unit, before, changes);
    }
    if (given)
        hc__record_set_int(changes, hc__lead_f_assigned_at, hc__unit_now(unit));
    if (hc__lead_after(&after, unit, before, changes, NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return version;
    }
    hc__unit_update(unit, changes, where);
    if (moved || given) {
        add_history(unit, before, &after, version, reason);
        settle_load(unit, before, &after, counted);
    }
    hc__unit_event(unit, &hc__lead_entity, hc__record_key(before), HC__CHANGE_UPDATED, version);
    return version;
}

void hc__lead_insert(hc__unit *unit, const hc__record *row, const hc_predicate *where, bool counted)
{
    hc_id agent = hc__record_id(row, hc__lead_f_agent_id);

    hc__unit_insert_where(unit, row, where);
    add_history(unit, NULL, row, 1, NULL);
    if (!counted && !hc__id_zero(agent))
        change_load(unit, agent, 1, true);
    hc__unit_event(unit, &hc__lead_entity, hc__record_key(row), HC__CHANGE_CREATED, 1);
}
