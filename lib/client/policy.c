#include "client/policy.h"

#include "base/id.h"
#include "homeconnect/agent.h"
#include "homeconnect/property.h"
#include "homeconnect/user.h"

hc__rule hc__policy_rule(const hc_session *as, hc__operation operation)
{
    if (as->role < HC_ROLE_GUEST || as->role > HC_ROLE_SYSTEM || operation >= HC__OPERATIONS)
        return HC__NONE; /* what cannot be told is refused */
    return hc__policy_table[operation].rules[as->role];
}

hc__operation hc__policy_list(const hc__entity *entity, int32_t scope)
{
    static const hc__operation lists[][3] = {
        {HC__PROPERTY_LIST_PUBLIC, HC__PROPERTY_LIST_OWN, HC__PROPERTY_LIST_ALL},
        {HC__USER_LIST_PUBLIC, HC__USER_LIST_OWN, HC__USER_LIST_ALL},
        {HC__AGENT_LIST_PUBLIC, HC__AGENT_LIST_OWN, HC__AGENT_LIST_ALL},
    };
    size_t noun = entity == &hc__user_entity ? 1 : entity == &hc__agent_entity ? 2 : 0;

    return lists[noun][scope];
}

/* What says nothing of the caller is the same for all of them. */
static const hc_value shown = {HC_TYPE_BOOL, 0, {.integer = 1}};
static const hc_predicate is_live = {.test = HC_TEST_IS_NULL, .field = hc__property_f_deleted_at};
static const hc_predicate is_shown = {
    .test = HC_TEST_EQ, .field = hc__property_f_display_ok, .values = &shown, .value_count = 1};
static const hc_predicate is_on_market = {.test = HC_TEST_NOT_NULL, .field = hc__property_f_status};
static const hc_predicate *const public_parts[] = {&is_live, &is_shown, &is_on_market};
static const hc_predicate is_public = {.test = HC_TEST_AND, .children = public_parts, .child_count = 3};

static const hc_predicate *own_listing(hc__arena *arena, const hc_session *as)
{
    return hc__is_id(arena, hc__property_f_agent_id, as->user);
}

/* Licence number, verified, not expired on the UTC day (domain.md D5). */
const hc_predicate *hc__policy_licensed(hc__arena *arena, const hc_session *as, int64_t now)
{
    const hc_kind *agents = &hc__agent_entity.kind;
    const hc_predicate *valid = hc__all_of(arena, hc__is_id(arena, hc__agent_f_user_id, as->user),
                                           hc__not_null(arena, hc__agent_f_license_number));
    const hc_predicate *expiry = hc__is_int(arena, agents, hc__agent_f_license_expires_on, HC_TEST_GE, hc__day_of(now));

    valid = hc__all_of(arena, valid, hc__not_null(arena, hc__agent_f_license_verified_at));
    return hc__all_of(arena, valid, expiry);
}

static const hc_predicate *licensed(hc__arena *arena, const hc_session *as, int64_t now)
{
    return hc__exists(arena, &hc__agent_entity.kind, HC_NO_FIELD, HC_NO_FIELD, hc__policy_licensed(arena, as, now));
}

static const hc_predicate *agent_card(hc__arena *arena, hc__operation operation)
{
    const hc_kind *users = &hc__user_entity.kind;
    const hc_predicate *active = hc__is_int(arena, users, hc__user_f_status, HC_TEST_EQ, HC_USER_STATUS_ACTIVE);
    const hc_predicate *card =
        hc__all_of(arena, hc__is_int(arena, users, hc__user_f_role, HC_TEST_EQ, HC_USER_ROLE_AGENT), active);

    if (operation == HC__USER_READ || operation == HC__USER_LIST_PUBLIC)
        return card;
    return hc__exists(arena, users, hc__user_f_id, hc__agent_f_user_id, card);
}

/* Field 0 of users and of agents is the user's id. */
static const hc_predicate *self(hc__arena *arena, const hc_session *as)
{
    return hc__is_id(arena, 0, as->user);
}

const hc_predicate *hc__policy_where(hc__arena *arena, const hc_session *as, hc__operation operation, int64_t now)
{
    switch (hc__policy_rule(as, operation)) {
    case HC__ALL:
        return hc__is_true();
    case HC__PUBLIC_LISTING:
        return &is_public;
    case HC__OWN_LISTING:
        return hc__all_of(arena, own_listing(arena, as), &is_live);
    case HC__OWN_LISTING_LICENSED:
        return hc__all_of(arena, hc__all_of(arena, own_listing(arena, as), &is_live), licensed(arena, as, now));
    case HC__OWN_LISTING_EVER:
        return own_listing(arena, as);
    case HC__OWN_LISTING_EVER_LICENSED:
        return hc__all_of(arena, own_listing(arena, as), licensed(arena, as, now));
    case HC__PUBLIC_OR_OWN_LISTING:
        return hc__any_of(arena, &is_public, hc__all_of(arena, own_listing(arena, as), &is_live));
    case HC__LIVE_LISTING:
        return &is_live;
    case HC__SELF:
        return self(arena, as);
    case HC__AGENT_CARD:
        return agent_card(arena, operation);
    case HC__SELF_OR_AGENT_CARD:
        return hc__any_of(arena, self(arena, as), agent_card(arena, operation));
    case HC__UNVERIFIED_SELF:
        return hc__all_of(arena, self(arena, as), hc__is_null(arena, hc__agent_f_license_verified_at));
    case HC__NONE:
        break;
    }
    return hc__is_false();
}

static bool is_admin(const hc_session *as)
{
    return as->role == HC_ROLE_ADMIN || as->role == HC_ROLE_SYSTEM;
}

hc__writer hc__policy_writer(const hc_session *as)
{
    return is_admin(as) ? HC__BY_ADMIN : HC__BY_OWNER;
}

bool hc__policy_entitled(const hc_session *as, hc__operation operation)
{
    return is_admin(as) || operation == HC__PROPERTY_LIST_OWN || operation == HC__USER_LIST_OWN ||
           operation == HC__AGENT_LIST_OWN;
}

static bool owns(const hc_session *as, const hc__record *row)
{
    uint16_t owner = row->entity == &hc__property_entity ? hc__property_f_agent_id : 0;

    return hc__session_signed_in(as) && !hc__record_is_null(row, owner) &&
           hc__id_equal(hc__record_id(row, owner), as->user);
}

static void take_out(hc__record *row, hc__privacy audience)
{
    const hc__entity *entity = row->entity;

    for (uint32_t i = 0; i < entity->guarded_count; i++)
        if (entity->info[entity->guarded[i]].privacy > audience)
            row->values[entity->guarded[i]] = (hc_value){HC_TYPE_NULL, 0, {0}};
}

void hc__policy_redact(const hc_session *as, hc__record *row)
{
    bool hidden = row->entity == &hc__property_entity && hc__record_int(row, hc__property_f_display_address_ok) == 0;

    if (!is_admin(as) && !owns(as, row))
        take_out(row, hidden ? HC__PUBLIC : HC__PUBLIC_ADDRESS);
}

void hc__policy_redact_listed(const hc_session *as, hc__record *row)
{
    if (!owns(as, row))
        take_out(row, HC__PUBLIC_ADDRESS);
}
