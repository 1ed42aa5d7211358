/* An inquiry becomes a lead, or joins the one that is there (domain.md D3). */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "client/rate.h"
#include "client/reaction.h"
#include "client/viewings.h"
#include "crypto/crypto.h"
#include "homeconnect/user.h"
#include "lead/lead_noun.h"

#define TOKEN_SIZE     32
#define TOKEN_LIFETIME (90 * HC__DAY)
#define RATE_WINDOW    (3600 * HC__SECOND)
#define PEER_LIMIT     10 /* inquiries of guests in a window, from one address (security.md, rate limits) */
#define LISTING_LIMIT  30 /* and about one listing */
#define RATES          2
#define OPERATION_SIZE 48

struct create {
    hc__create base;
    hc_id lead, touch; /* for a new one, and for the inquiry */
    char operation[OPERATION_SIZE];
    hc_text *token; /* of a guest */
    uint8_t token_hash[32];
    hc__rate rates[RATES];
    size_t rate_count, taken; /* taken: by the run in flight */
};

/* An inquiry as it will stand. */
struct inquiry {
    struct create *create;
    hc__record row;
    hc__record listing; /* valid when listed */
    bool listed;
    const hc_predicate *where; /* of the insert: the listing is still on the market */
};

/* ---- before the unit ---- */

/* Fields that are for those who work with leads, not for those who ask (security.md Z04). */
static hc_status check_fields(hc_session *as, const hc__record *lead, hc_error *err)
{
    static const uint16_t agency[] = {hc__lead_f_source, hc__lead_f_notes};
    const hc_kind *kind = &hc__lead_entity.kind;

    if (as->role != HC_ROLE_GUEST && as->role != HC_ROLE_BUYER)
        return HC_OK;
    for (size_t i = 0; i < sizeof agency / sizeof agency[0]; i++) {
        if (!hc__record_is_set(lead, agency[i]))
            continue;
        hc__audit_late(as, &(hc__audit){.event = "input_validation_fail",
                                        .target_kind = "lead",
                                        .reason = "a field that the caller may not write"});
        return hc__fail(err, HC_ERR_FORBIDDEN, kind->fields[agency[i]].name, "%s may not be set by the caller",
                        kind->fields[agency[i]].name);
    }
    return HC_OK;
}

static hc_status check_needed(const hc_session *as, const hc__record *lead, hc_error *err)
{
    bool reachable = !hc__record_is_null(lead, hc__lead_f_contact_email) ||
                     !hc__record_is_null(lead, hc__lead_f_contact_phone) ||
                     !hc__record_is_null(lead, hc__lead_f_buyer_id) || as->role == HC_ROLE_BUYER;

    if (!reachable)
        return hc__fail(err, HC_ERR_INVALID, "contact_email", "an e-mail address or a telephone number is required");
    if (hc__record_is_null(lead, hc__lead_f_property_id) && hc__record_is_null(lead, hc__lead_f_message))
        return hc__fail(err, HC_ERR_INVALID, "message", "a listing or a message is required");
    return hc__lead_check(lead, err);
}

/* With an idempotency key it follows from the inquiry, which a repeat finds again: nothing but its hash is kept. */
static hc_status make_token(struct create *create, hc_session *as, hc_error *err)
{
    const hc_id *inquiry = &create->base.id;
    uint8_t token[TOKEN_SIZE];
    hc__buf text;
    hc_status status;

    hc__random(token, sizeof token);
    if (create->base.once.key[0] != '\0')
        hc__mac(token, as->core->request_key, "inquiry", inquiry->bytes, sizeof inquiry->bytes);
    hc__sha256(create->token_hash, token, sizeof token);
    hc_text_free(create->token); /* of a run before */
    hc__buf_init(&text, &as->core->mem);
    hc__base64url_put(&text, token, sizeof token);
    status = hc__text_new(&create->token, as->core, &text, err);
    hc__wipe(token, sizeof token);
    hc__buf_free(&text);
    return status;
}

/* The keys of guests are theirs by the address they come from. */
static void name_operation(struct create *create, const hc_session *as)
{
    static const char name[] = "lead.create", digits[] = "0123456789abcdef";
    char *at = create->operation + sizeof name - 1;

    memcpy(create->operation, name, sizeof name);
    if (as->role != HC_ROLE_GUEST)
        return;
    *at++ = ' ';
    for (size_t i = 0; i < 16; i++) {
        *at++ = digits[as->peer[i] >> 4];
        *at++ = digits[as->peer[i] & 15];
    }
    *at = '\0';
}

static void set_rates(struct create *create, const hc_session *as, const hc__record *lead)
{
    hc_id listing = hc__record_id(lead, hc__lead_f_property_id);

    create->rates[0] = (hc__rate){.scope = "lead.address", .limit = PEER_LIMIT, .window = RATE_WINDOW};
    hc__rate_peer(create->rates[0].subject, as);
    create->rates[1] = (hc__rate){.scope = "lead.listing", .limit = LISTING_LIMIT, .window = RATE_WINDOW};
    hc__rate_subject(create->rates[1].subject, as->core, "lead.listing", listing.bytes, sizeof listing.bytes);
    create->rate_count = hc__id_zero(listing) ? 1 : 2;
}

static hc_status prepare(hc_session *as, hc__create *base, hc_error *err)
{
    struct create *create = (struct create *)base;
    hc_status status = check_fields(as, base->record, err);

    if (status >= 0)
        status = check_needed(as, base->record, err);
    if (status >= 0)
        status = hc__id_make(&create->touch, hc__core_now(as->core), err);
    if (status < 0)
        return status;
    create->lead = base->id;
    name_operation(create, as);
    if (as->role == HC_ROLE_GUEST)
        set_rates(create, as, base->record);
    return HC_OK;
}

/* ---- what is asked, completed ---- */

static void default_text(hc__record *row, uint16_t field, const char *text)
{
    if (hc__record_is_null(row, field) && text != NULL)
        hc__record_set_text(row, field, text, strlen(text));
}

/* A buyer is reached as their account says, unless they said otherwise. */
static hc_status take_buyer(hc__unit *unit, hc__record *row, hc_error *err)
{
    char phone[HC__PHONE_SIZE];
    const char *number;
    hc__record user;
    bool found;
    hc_status status =
        hc__unit_row(unit, &user, &found, &hc__user_entity,
                     hc__is_id(hc__unit_arena(unit), hc__user_f_id, hc__record_id(row, hc__lead_f_buyer_id)), err);

    if (status >= 0 && !found)
        status = hc__fail(err, HC_ERR_INVALID, "buyer_id", "no user has this id");
    if (status < 0)
        return status;
    number = hc__record_text(&user, hc__user_f_phone);
    default_text(row, hc__lead_f_contact_name, hc__record_text(&user, hc__user_f_full_name));
    default_text(row, hc__lead_f_contact_email, hc__record_text(&user, hc__user_f_email));
    if (number != NULL && hc__phone_canonical(phone, number, NULL))
        default_text(row, hc__lead_f_contact_phone, number);
    return HC_OK;
}

static void note_consent(hc__unit *unit, hc__record *row)
{
    static const char *const roles[] = {"guest", "buyer", "agent", "admin", "system"};
    const char *role = roles[hc__unit_session(unit)->role];

    if (hc__record_is_null(row, hc__lead_f_consent_marketing))
        hc__record_set_int(row, hc__lead_f_consent_marketing, 0);
    if (hc__record_int(row, hc__lead_f_consent_marketing) == 0)
        return;
    hc__record_set_int(row, hc__lead_f_consent_at, hc__unit_now(unit));
    hc__record_set_text(row, hc__lead_f_consent_source, role, strlen(role));
}

static hc_status gather(struct inquiry *inquiry, hc__unit *unit, struct create *create, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    hc__record *row = &inquiry->row;
    hc_status status = hc__copy_changes(row, unit, create->base.record, err);

    inquiry->create = create;
    inquiry->where = NULL;
    inquiry->listed = status >= 0 && !hc__record_is_null(row, hc__lead_f_property_id);
    if (inquiry->listed)
        status =
            hc__lead_listing(unit, &inquiry->listing, &inquiry->where, hc__record_id(row, hc__lead_f_property_id), err);
    if (status < 0)
        return status;
    if (as->role == HC_ROLE_BUYER)
        hc__record_set_id(row, hc__lead_f_buyer_id, as->user);
    if (as->role == HC_ROLE_GUEST || as->role == HC_ROLE_BUYER)
        default_text(row, hc__lead_f_source, "website");
    if (!hc__record_is_null(row, hc__lead_f_buyer_id))
        status = take_buyer(unit, row, err);
    note_consent(unit, row);
    if (status >= 0)
        status = hc__lead_set_contact(
            unit, row, row, inquiry->listed ? hc__record_text(&inquiry->listing, hc__property_f_country) : NULL, err);
    /* One who asks by two addresses at once takes turns, too. */
    if (status >= 0 && !hc__record_is_null(row, hc__lead_f_buyer_id))
        hc__unit_hold(unit, &hc__user_entity,
                      hc__is_id(hc__unit_arena(unit), hc__user_f_id, hc__record_id(row, hc__lead_f_buyer_id)),
                      HC_EXPECT_ANY);
    /* A known lead takes of it what is there: what there was no memory for must not go missing. */
    return status >= 0 && row->fault == HC_ERR_NO_MEMORY ? hc__no_memory(err) : status;
}

static hc_status add_touch(hc__unit *unit, const struct inquiry *inquiry, hc_id lead, hc_error *err)
{
    const struct create *create = inquiry->create;
    hc__touch touch = {
        .id = create->touch, .lead = lead, .kind = HC_LEAD_TOUCH_INQUIRY, .inquiry = &inquiry->row, .token_hash = NULL};

    if (create->token != NULL) {
        touch.token_hash = create->token_hash;
        touch.token_expires_at = hc__unit_now(unit) + TOKEN_LIFETIME;
    }
    return hc__touch_add(unit, NULL, &touch, err);
}

/* ---- a new lead ---- */

/* *counted: the agent's load has the lead already. */
static hc_status assign(hc__unit *unit, const struct inquiry *inquiry, hc__assignment *to, bool *counted, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);

    *counted = false;
    *to = (hc__assignment){hc__record_id(&inquiry->row, hc__lead_f_agent_id), HC_LEAD_ASSIGN_ADMIN};
    if (as->role == HC_ROLE_AGENT)
        *to = (hc__assignment){as->user, HC_LEAD_ASSIGN_CREATOR};
    else if (!hc__id_zero(to->agent))
        return hc__lead_check_agent(unit, to->agent, err);
    if (!hc__id_zero(to->agent))
        return HC_OK;
    *counted = true;
    return hc__lead_route(unit, to, inquiry->listed ? &inquiry->listing : NULL, err);
}

static void set_assignment(hc__record *record, const hc__assignment *to)
{
    if (hc__id_zero(to->agent))
        hc__record_set_null(record, hc__lead_f_agent_id);
    else
        hc__record_set_id(record, hc__lead_f_agent_id, to->agent);
    hc__record_set_int(record, hc__lead_f_assign_reason, to->reason);
}

static hc_status add_lead(hc__unit *unit, struct inquiry *inquiry, hc_error *err)
{
    int64_t now = hc__unit_now(unit);
    hc__record *row = &inquiry->row;
    hc__assignment to;
    bool counted;
    hc_status status = assign(unit, inquiry, &to, &counted, err);

    if (status >= 0)
        status = hc__stamp_create(unit, row, inquiry->create->lead, err);
    if (status < 0)
        return status;
    set_assignment(row, &to);
    if (!hc__id_zero(to.agent))
        hc__record_set_int(row, hc__lead_f_assigned_at, now);
    hc__record_set_int(row, hc__lead_f_status, HC_LEAD_STATUS_NEW);
    hc__record_set_int(row, hc__lead_f_status_changed_at, now);
    hc__record_set_int(row, hc__lead_f_response_due_at, now + hc__unit_session(unit)->core->response_target);
    hc__record_set_int(row, hc__lead_f_response_late, 0);
    hc__record_set_int(row, hc__lead_f_reopened_count, 0);
    status = hc__record_fault(row, err);
    if (status < 0)
        return status;
    if (inquiry->listed)
        hc__lead_hold_listing(unit, hc__record_key(&inquiry->listing));
    hc__lead_insert(unit, row, inquiry->where, counted);
    return add_touch(unit, inquiry, inquiry->create->lead, err);
}

/* ---- the lead that is there ---- */

/* What was not known before; whoever types an address changes nothing. */
static void fill_gaps(hc__record *changes, const hc__record *known, const hc__record *row)
{
    static const uint16_t fields[] = {hc__lead_f_buyer_id,      hc__lead_f_source,        hc__lead_f_contact_name,
                                      hc__lead_f_contact_email, hc__lead_f_contact_phone, hc__lead_f_budget_min,
                                      hc__lead_f_budget_max,    hc__lead_f_timeline_days, hc__lead_f_financing,
                                      hc__lead_f_contact_id};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const hc_value *value = &row->values[fields[i]];
        if (!hc__record_is_null(known, fields[i]) || value->type == HC_TYPE_NULL)
            continue;
        changes->values[fields[i]] = *value;
        changes->set[fields[i] / 64] |= UINT64_C(1) << (fields[i] % 64);
    }
    hc__lead_fit_budget(changes, known);
}

static bool sets_any(const hc__record *changes)
{
    for (size_t i = 0; i < sizeof changes->set / sizeof changes->set[0]; i++)
        if (changes->set[i] != 0)
            return true;
    return false;
}

/* Its viewings go along. */
static hc_status hand_over(hc__unit *unit, const hc__record *known, const hc__record *changes, hc_error *err)
{
    bool given = hc__record_is_set(changes, hc__lead_f_agent_id);
    bool claimed = hc__record_is_set(changes, hc__lead_f_buyer_id);
    hc__record after;
    hc_status status = HC_OK;

    if (!given && !claimed)
        return HC_OK;
    status = hc__lead_after(&after, unit, known, changes, err);
    if (status >= 0 && given)
        status = hc__react(unit, HC__LEAD_HANDED_OVER, known, &after, err);
    if (status >= 0 && claimed)
        status = hc__react(unit, HC__LEAD_GOT_BUYER, known, &after, err);
    return status;
}

/* An agent who asks for a contact takes a lead that is nobody's; one that is another's only gets the inquiry. One that
 * is lost or merged meanwhile is not joined: it all runs again. */
static hc_status join(hc__unit *unit, const struct inquiry *inquiry, const hc__record *known, const hc_predicate *where,
                      hc__record *changes, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    hc_id agent = hc__record_id(known, hc__lead_f_agent_id);

    if (as->role == HC_ROLE_GUEST ||
        (as->role == HC_ROLE_AGENT && !hc__id_zero(agent) && !hc__id_equal(agent, as->user))) {
        hc__unit_hold(unit, &hc__lead_entity, where, 1);
        return HC_OK;
    }
    fill_gaps(changes, known, &inquiry->row);
    if (as->role == HC_ROLE_AGENT && hc__id_zero(agent))
        set_assignment(changes, &(hc__assignment){as->user, HC_LEAD_ASSIGN_CREATOR});
    if (sets_any(changes) || changes->fault < 0)
        hc__lead_update(unit, known, changes, where, NULL, false);
    else
        hc__unit_hold(unit, &hc__lead_entity, where, 1);
    return hand_over(unit, known, changes, err);
}

/* Open viewings that were kept when it was lost: nobody else was asked whether they have time for them. */
static hc_status keeps_viewings(hc__unit *unit, bool *keeps, const hc__record *known, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t count;
    hc_status status =
        hc__unit_count(unit, &count, &hc__appointment_entity.kind,
                       hc__all_of(arena, hc__is_id(arena, hc__appointment_f_lead_id, hc__record_key(known)),
                                  hc__viewing_is_open(unit)),
                       err);

    *keeps = status >= 0 && count > 0;
    return status;
}

/* Somebody waits for an answer again; from its agent, if they still can, or an admin must see to their viewings. */
static hc_status reopen(hc__unit *unit, const struct inquiry *inquiry, const hc__record *known,
                        const hc_predicate *where, hc__record *changes, hc_error *err)
{
    const hc_session *as = hc__unit_session(unit);
    hc_id agent = hc__record_id(known, hc__lead_f_agent_id);
    hc__assignment to;
    bool away = hc__id_zero(agent) || hc__lead_check_agent(unit, agent, NULL) == HC_ERR_INVALID, keeps;
    hc_status status = keeps_viewings(unit, &keeps, known, err);

    if (status < 0)
        return status;
    if (as->role != HC_ROLE_AGENT && away && !keeps) {
        status = hc__lead_route(unit, &to, inquiry->listed ? &inquiry->listing : NULL, err);
        if (status < 0)
            return status;
        set_assignment(changes, &to);
    } else {
        away = false;
    }
    fill_gaps(changes, known, &inquiry->row);
    if (as->role == HC_ROLE_AGENT)
        hc__lead_respond(unit, known, changes);
    else
        hc__record_set_int(changes, hc__lead_f_response_due_at, hc__unit_now(unit) + as->core->response_target);
    hc__record_set_int(changes, hc__lead_f_status, HC_LEAD_STATUS_CONTACTED);
    hc__record_set_null(changes, hc__lead_f_lost_reason);
    hc__record_set_int(changes, hc__lead_f_reopened_count, hc__record_int(known, hc__lead_f_reopened_count) + 1);
    hc__lead_update(unit, known, changes, where, "a new inquiry", away);
    if (inquiry->listed)
        hc__lead_hold_listing(unit, hc__record_key(&inquiry->listing));
    return hand_over(unit, known, changes, err);
}

static hc_status join_known(hc__unit *unit, struct inquiry *inquiry, const hc__record *known, const hc_predicate *where,
                            hc_error *err)
{
    struct create *create = inquiry->create;
    hc__record changes;
    hc_id id = hc__record_key(known);
    hc_status status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    if (hc__record_int(known, hc__lead_f_status) == HC_LEAD_STATUS_LOST)
        status = reopen(unit, inquiry, known, where, &changes, err);
    else
        status = join(unit, inquiry, known, where, &changes, err);
    if (status >= 0)
        status = add_touch(unit, inquiry, id, err);
    if (status < 0 || hc__unit_session(unit)->role == HC_ROLE_GUEST)
        return status;
    hc__once_settle(unit, &create->base.once, create->operation, id);
    create->base.id = id;
    return HC_NOTE_DEDUPLICATED;
}

/* ---- the call ---- */

/* A guest's token comes of whichever inquiry it is, the one of a repeat, too. */
static hc_status claim(hc__unit *unit, struct create *create, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    hc_status status = hc__once_claim(unit, &create->base.once, create->operation, &create->base.id, err);
    hc_status made = status >= 0 && as->role == HC_ROLE_GUEST ? make_token(create, as, err) : HC_OK;

    return made < 0 ? made : status;
}

static hc_status write_inquiry(hc__unit *unit, struct create *create, hc_error *err)
{
    struct inquiry inquiry;
    const hc_predicate *where;
    hc__record known;
    bool found;
    hc_status status = claim(unit, create, err);

    if (status != HC_OK)
        return status;
    for (; create->taken < create->rate_count; create->taken++) {
        status = hc__rate_take(unit, &create->rates[create->taken], err);
        if (status < 0)
            return status;
    }
    status = gather(&inquiry, unit, create, err);
    if (status >= 0)
        status = hc__lead_known(unit, &known, &found, &where, &inquiry.row, err);
    if (status < 0)
        return status;
    return found ? join_known(unit, &inquiry, &known, where, err) : add_lead(unit, &inquiry, err);
}

/* The caller's fault: it counts as a try, so that nobody probes for free. */
static bool is_theirs(hc_status status)
{
    return status == HC_ERR_INVALID || status == HC_ERR_NOT_FOUND || status == HC_ERR_INVALID_STATE ||
           status == HC_ERR_CONFLICT || status == HC_ERR_FORBIDDEN || status == HC_ERR_RATE_LIMITED;
}

static hc_status create(hc__unit *unit, void *data, hc_error *err)
{
    struct create *create = data;
    hc_session *as = hc__unit_session(unit);
    hc_status status;

    create->taken = 0;
    create->base.id = as->role == HC_ROLE_GUEST ? create->touch : create->lead;
    hc__unit_unversioned(unit);
    status = write_inquiry(unit, create, err);
    for (size_t i = 0; is_theirs(status) && i < create->taken; i++)
        hc__rate_keep(as, &create->rates[i]);
    return status;
}

hc_status hc_lead_create(hc_id *out, hc_text **out_token, hc_session *as, const hc_lead *lead, hc_error *err)
{
    struct create data = {.base = {.record = (const hc__record *)lead, .prepare = prepare}};
    hc_status status = hc__run_create(out, as, HC__LEAD_CREATE, &hc__lead_entity, &data.base, create, err);

    if (out_token != NULL)
        *out_token = status < 0 ? NULL : data.token;
    if (out_token == NULL || status < 0)
        hc_text_free(data.token);
    return status;
}
