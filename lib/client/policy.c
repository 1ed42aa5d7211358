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

/* What the table asks of each noun's rows: its lists, and the fields that say whose a row is. */
static const struct noun {
    const hc__entity *entity;
    hc__operation lists[3]; /* by HC_SCOPE_ */
    uint16_t owner;         /* who sees all of a row */
    uint16_t buyer;         /* who sees up to HC__CONTACT; HC_NO_FIELD: nobody */
} nouns[] = {
#define LISTS(noun)                                                                                                    \
    {                                                                                                                  \
        HC__##noun##_LIST_PUBLIC, HC__##noun##_LIST_OWN, HC__##noun##_LIST_ALL                                         \
    }
    {&hc__property_entity, LISTS(PROPERTY), hc__property_f_agent_id, HC_NO_FIELD},
    {&hc__user_entity, LISTS(USER), hc__user_f_id, HC_NO_FIELD},
    {&hc__agent_entity, LISTS(AGENT), hc__agent_f_user_id, HC_NO_FIELD},
    {&hc__lead_entity, LISTS(LEAD), hc__lead_f_agent_id, hc__lead_f_buyer_id},
    {&hc__appointment_entity, LISTS(APPOINTMENT), hc__appointment_f_agent_id, hc__appointment_f_buyer_id},
    {&hc__activity_entity, LISTS(ACTIVITY), hc__activity_f_user_id, HC_NO_FIELD},
    {&hc__chat_entity, LISTS(CHAT), hc__chat_f_user_id, HC_NO_FIELD},
    {&hc__favorite_entity, LISTS(FAVORITE), hc__favorite_f_user_id, HC_NO_FIELD},
    {&hc__search_entity, LISTS(SEARCH), hc__search_f_user_id, HC_NO_FIELD},
    {&hc__audit_entity, LISTS(AUDIT), HC_NO_FIELD, HC_NO_FIELD},
#undef LISTS
};

static const struct noun *noun_of(const hc__entity *entity)
{
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
        if (nouns[i].entity == entity)
            return &nouns[i];
    return NULL;
}

hc__operation hc__policy_list(const hc__entity *entity, int32_t scope)
{
    const struct noun *noun = noun_of(entity);

    return noun == NULL ? HC__OPERATIONS : noun->lists[scope]; /* whose rule is NONE */
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
const hc_predicate *hc__policy_license_valid(hc__arena *arena, int64_t now)
{
    const hc_kind *agents = &hc__agent_entity.kind;
    const hc_predicate *verified = hc__all_of(arena, hc__not_null(arena, hc__agent_f_license_number),
                                              hc__not_null(arena, hc__agent_f_license_verified_at));

    return hc__all_of(arena, verified,
                      hc__is_int(arena, agents, hc__agent_f_license_expires_on, HC_TEST_GE, hc__day_of(now)));
}

const hc_predicate *hc__policy_licensed(hc__arena *arena, const hc_session *as, int64_t now)
{
    return hc__all_of(arena, hc__is_id(arena, hc__agent_f_user_id, as->user), hc__policy_license_valid(arena, now));
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

/* Of `users`: a buyer who asked the caller. */
static const hc_predicate *asker(hc__arena *arena, const hc_session *as)
{
    return hc__exists(arena, &hc__lead_entity.kind, hc__lead_f_buyer_id, hc__user_f_id,
                      hc__is_id(arena, hc__lead_f_agent_id, as->user));
}

/* A lead that was handed over takes its appointments along (security.md Z06). */
static const hc_predicate *assigned(hc__arena *arena, const hc_session *as, const hc__entity *entity)
{
    if (entity != &hc__appointment_entity)
        return hc__is_id(arena, hc__lead_f_agent_id, as->user);
    return hc__all_of(arena, hc__is_id(arena, hc__appointment_f_agent_id, as->user),
                      hc__exists(arena, &hc__lead_entity.kind, hc__lead_f_id, hc__appointment_f_lead_id,
                                 hc__is_id(arena, hc__lead_f_agent_id, as->user)));
}

/* Which noun's rows an operation is about, where a rule is one for several. */
static const hc__entity *rows_of(hc__operation operation)
{
    if (operation >= HC__APPOINTMENT_LIST_PUBLIC && operation <= HC__APPOINTMENT_UPDATE)
        return &hc__appointment_entity;
    if (operation >= HC__ACTIVITY_LIST_PUBLIC && operation <= HC__ACTIVITY_WRITE)
        return &hc__activity_entity;
    if (operation >= HC__CHAT_LIST_PUBLIC && operation <= HC__CHAT_WRITE)
        return &hc__chat_entity;
    if (operation >= HC__FAVORITE_LIST_PUBLIC && operation <= HC__FAVORITE_WRITE)
        return &hc__favorite_entity;
    if (operation >= HC__SEARCH_LIST_PUBLIC && operation <= HC__SEARCH_WRITE)
        return &hc__search_entity;
    return &hc__lead_entity;
}

/* BUYERS, ASSIGNED, OF_INQUIRY and OWN: rows that name the caller. */
static const hc_predicate *named(hc__arena *arena, const hc_session *as, hc__operation operation, hc__rule rule,
                                 int64_t now)
{
    const hc__entity *entity = rows_of(operation);
    const struct noun *noun = noun_of(entity);

    if (rule == HC__ASSIGNED)
        return assigned(arena, as, entity);
    if (rule == HC__OF_INQUIRY && (hc__id_zero(as->inquiry) || now >= as->expires))
        return hc__is_false();
    if (rule == HC__OF_INQUIRY)
        return hc__is_id(arena, hc__appointment_f_touch_id, as->inquiry);
    return hc__is_id(arena, rule == HC__BUYERS ? noun->buyer : noun->owner, as->user);
}

const hc_predicate *hc__policy_where(hc__arena *arena, const hc_session *as, hc__operation operation, int64_t now)
{
    const hc__rule rule = hc__policy_rule(as, operation);

    switch (rule) {
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
    case HC__SELF_OR_CARD_OR_ASKER:
        return hc__any_of(arena, hc__any_of(arena, self(arena, as), agent_card(arena, operation)), asker(arena, as));
    case HC__BUYERS:
    case HC__ASSIGNED:
    case HC__OF_INQUIRY:
    case HC__OWN:
        return named(arena, as, operation, rule, now);
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

hc__privacy hc__policy_audience(const hc_session *as, hc__operation operation)
{
    if (is_admin(as) || operation == HC__LEAD_HISTORY) /* whose rule admits agents of the lead alone */
        return HC__OWNER_ONLY;
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++)
        if (nouns[i].lists[1] == operation)
            return nouns[i].buyer != HC_NO_FIELD && as->role != HC_ROLE_AGENT ? HC__CONTACT : HC__OWNER_ONLY;
    return HC__PUBLIC_ADDRESS;
}

static bool names_caller(const hc_session *as, const hc__record *row, uint16_t field)
{
    return field != HC_NO_FIELD && hc__session_signed_in(as) && !hc__record_is_null(row, field) &&
           hc__id_equal(hc__record_id(row, field), as->user);
}

/* What of a row, read with all its fields under the policy, is the caller's to see. */
static hc__privacy audience_of(const hc_session *as, const hc__record *row)
{
    const struct noun *noun = noun_of(row->entity);

    if (is_admin(as))
        return HC__OWNER_ONLY;
    if (noun == NULL)
        return HC__PUBLIC;
    if (names_caller(as, row, noun->owner))
        return HC__OWNER_ONLY;
    if (noun->buyer != HC_NO_FIELD)
        return HC__CONTACT; /* its buyer, or who holds its token: nobody else finds it */
    if (row->entity == &hc__user_entity && hc__record_int(row, hc__user_f_role) == HC_USER_ROLE_BUYER)
        return HC__CONTACT; /* who asked the caller */
    if (row->entity == &hc__property_entity && hc__record_int(row, hc__property_f_display_address_ok) == 0)
        return HC__PUBLIC;
    return HC__PUBLIC_ADDRESS;
}

static void take_out(const hc_session *as, hc__record *row, hc__privacy audience)
{
    static const hc_value nothing = {HC_TYPE_NULL, 0, {0}};
    const hc__entity *entity = row->entity;

    for (uint32_t i = 0; i < entity->guarded_count; i++)
        if (entity->info[entity->guarded[i]].privacy > audience)
            row->values[entity->guarded[i]] = nothing;
    /* the id of a lead tells when it was made, and so whether their inquiry met one that was there */
    if (as->role == HC_ROLE_GUEST && entity == &hc__appointment_entity)
        row->values[hc__appointment_f_lead_id] = nothing;
}

void hc__policy_redact(const hc_session *as, hc__record *row)
{
    take_out(as, row, audience_of(as, row));
}

void hc__policy_redact_listed(const hc_session *as, hc__record *row, hc__privacy audience)
{
    const struct noun *noun = noun_of(row->entity);

    if (noun == NULL || !names_caller(as, row, noun->owner))
        take_out(as, row, audience);
}
