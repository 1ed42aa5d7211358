/* Handing a lead over (domain.md D5: by its agent, or an admin). */
#include "base/id.h"
#include "client/lead_write.h"
#include "client/reaction.h"
#include "lead/lead_noun.h"

struct assign {
    hc__lead_call call;
    hc_id agent;
    const char *reason;
};

static hc_status check_target(hc__unit *unit, hc_id agent, hc_error *err)
{
    if (!hc__id_zero(agent))
        return hc__lead_check_agent(unit, agent, err);
    if (hc__policy_writer(hc__unit_session(unit)) == HC__BY_ADMIN)
        return HC_OK; /* back to the queue */
    return hc__fail(err, HC_ERR_INVALID, "agent_id", "the agent who takes the lead");
}

static int32_t reason_of(hc__unit *unit, hc_id agent)
{
    if (hc__id_zero(agent))
        return HC_LEAD_ASSIGN_UNASSIGNED;
    return hc__policy_writer(hc__unit_session(unit)) == HC__BY_ADMIN ? HC_LEAD_ASSIGN_ADMIN : HC_LEAD_ASSIGN_HAND_OVER;
}

static hc_status write_assignment(hc__unit *unit, struct assign *assign, const hc__record *before,
                                  const hc_predicate *where, hc_error *err)
{
    hc__record changes, after;
    hc_status status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    if (hc__id_zero(assign->agent))
        hc__record_set_null(&changes, hc__lead_f_agent_id);
    else
        hc__record_set_id(&changes, hc__lead_f_agent_id, assign->agent);
    hc__record_set_int(&changes, hc__lead_f_assign_reason, reason_of(unit, assign->agent));
    assign->call.version = hc__lead_update(unit, before, &changes, where, assign->reason, false);
    hc__audit_add(unit, &(hc__audit){.event = "authz_change",
                                     .target_kind = "lead",
                                     .target = assign->call.id,
                                     .reason = "another agent"});
    status = hc__lead_after(&after, unit, before, &changes, err);
    return status < 0 ? status : hc__react(unit, HC__LEAD_HANDED_OVER, before, &after, err);
}

static hc_status assign_lead(hc__unit *unit, void *data, hc_error *err)
{
    struct assign *assign = data;
    const hc_predicate *where;
    hc__record before;
    hc_status status = hc__before_change(unit, &before, &where, &hc__lead_noun, HC__LEAD_ASSIGN, assign->call.id,
                                         assign->call.expected, err);

    if (status < 0)
        return status;
    assign->call.version = hc__record_version(&before);
    if (hc__id_equal(hc__record_id(&before, hc__lead_f_agent_id), assign->agent))
        return HC_NOTE_SAME;
    status = check_target(unit, assign->agent, err);
    return status < 0 ? status : write_assignment(unit, assign, &before, where, err);
}

static hc_status check(hc_session *as, hc__lead_call *call, hc_error *err)
{
    return hc__lead_check_text(as, &hc__lead_change_entity, hc__lead_change_f_reason,
                               ((const struct assign *)call)->reason, "reason", err);
}

hc_status hc_lead_assign(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_id agent,
                         const char *reason, hc_error *err)
{
    struct assign assign = {{HC__LEAD_ASSIGN, id, version, 0, check}, agent, reason};

    return hc__lead_run(out_version, as, &assign.call, assign_lead, err);
}
