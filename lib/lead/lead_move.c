/* A lead's way from new to closed or lost (domain.md D3). */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "client/reaction.h"
#include "client/viewings.h"
#include "homeconnect/property.h"
#include "lead/lead_noun.h"
#include "model/appointment_status.h"
#include "model/lead_status.h"

/* ---- calls by id and version ---- */

static hc_status run(hc_session *as, hc__lead_call *call, hc__unit_fn fn, hc_error *err)
{
    hc_status status = hc__require(as, call->operation, &hc__lead_entity, call->id, err);

    if (status >= 0 && call->expected != -1 && call->expected <= 0)
        status = hc__fail(err, HC_ERR_INVALID, "version", "the version that the lead was read at");
    if (status >= 0 && call->check != NULL)
        status = call->check(as, call, err);
    return status < 0 ? status : hc__unit_run(as, fn, call, err);
}

hc_status hc__lead_run(int32_t *out_version, hc_session *as, hc__lead_call *call, hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (out_version != NULL)
        *out_version = 0;
    if (status < 0)
        return status;
    status = run(as, call, fn, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    else if (out_version != NULL)
        *out_version = call->version;
    hc__leave(as);
    return status;
}

hc_status hc__lead_check_text(hc_session *as, const hc__entity *entity, uint16_t field, const char *text,
                              const char *name, hc_error *err)
{
    hc__arena arena;
    hc__record row;
    hc_error why;
    hc_status status;

    if (text == NULL)
        return HC_OK;
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    status = hc__record_init(&row, entity, &arena, &why);
    if (status >= 0) {
        hc__record_set_text(&row, field, text, strlen(text));
        status = hc__record_fault(&row, &why);
    }
    hc__arena_free(&arena);
    return status < 0 ? hc__fail(err, status, name, "%s", why.message) : HC_OK;
}

/* ---- lost ---- */

hc_status hc__lead_lose(hc__unit *unit, int32_t *version, const hc__record *before, hc__record *changes,
                        const hc_predicate *where, const char *reason, bool keep_appointments, hc_error *err)
{
    hc__record after;
    hc_status status;

    hc__record_set_int(changes, hc__lead_f_status, HC_LEAD_STATUS_LOST);
    *version = hc__lead_update(unit, before, changes, where, reason, false);
    if (keep_appointments)
        return HC_OK;
    status = hc__lead_after(&after, unit, before, changes, err);
    return status < 0 ? status : hc__react(unit, HC__LEAD_LOST, before, &after, err);
}

/* ---- moves ---- */

struct move {
    hc__lead_call call;
    int32_t to;
    const hc_lead_move_options *given;
    hc_lead_move_options options; /* a copy of them */
};

static const char *word_of(int32_t status)
{
    return hc__lead_entity.kind.fields[hc__lead_f_status].words[status - 1];
}

static bool by_admin(hc__unit *unit)
{
    return hc__policy_writer(hc__unit_session(unit)) == HC__BY_ADMIN;
}

static hc_status forbidden_move(hc__unit *unit, const hc__record *before, hc_error *err)
{
    int32_t from = (int32_t)hc__record_int(before, hc__lead_f_status);
    int32_t lost = (int32_t)hc__record_int(before, hc__lead_f_lost_reason);

    if (!hc__record_is_null(before, hc__lead_f_merged_into))
        return hc__fail(err, HC_ERR_INVALID_STATE, "status", "the lead was merged into another: it stays lost");
    return hc__fail(err, HC_ERR_INVALID_STATE, "status", "a lead that is %s%s may become only: %s", word_of(from),
                    from == HC_LEAD_STATUS_LOST && hc__lead_stays_lost(lost) ? " for good" : "",
                    hc__lead_moves(from, lost, by_admin(unit)));
}

/* A budget, financing, or a viewing that is to be or was. */
static hc_status check_interest(hc__unit *unit, const hc__record *before, hc_error *err)
{
    const hc_kind *kind = &hc__appointment_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *seen;
    int64_t count;
    hc_status status;

    if (!hc__record_is_null(before, hc__lead_f_budget_min) || !hc__record_is_null(before, hc__lead_f_budget_max) ||
        !hc__record_is_null(before, hc__lead_f_financing))
        return HC_OK;
    seen = hc__any_of(arena, hc__is_int(arena, kind, hc__appointment_f_status, HC_TEST_EQ, HC__COMPLETED),
                      hc__viewing_is_open(unit));
    status = hc__unit_count(
        unit, &count, kind,
        hc__all_of(arena, hc__is_id(arena, hc__appointment_f_lead_id, hc__record_key(before)), seen), err);
    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "budget_max",
                          "a lead is qualified by a budget, by financing or by an appointment");
    return status;
}

static hc_status check_sale(hc__unit *unit, const struct move *move, const hc__record *before, hc_error *err)
{
    static const hc_value sold[] = {{HC_TYPE_ENUM, 0, {.integer = HC_PROPERTY_STATUS_PENDING}},
                                    {HC_TYPE_ENUM, 0, {.integer = HC_PROPERTY_STATUS_SOLD}}};
    hc__arena *arena = hc__unit_arena(unit);
    hc_session *as = hc__unit_session(unit);
    int64_t count = 0;
    hc_status status = HC_OK;

    if (move->options.admin_override != 0) {
        if (by_admin(unit))
            return HC_OK;
        hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                        .target_kind = "lead",
                                        .target = move->call.id,
                                        .reason = "an admin's word, by somebody else"});
        return hc__fail(err, HC_ERR_FORBIDDEN, "admin_override", "only an admin may close a lead without a sale");
    }
    if (move->options.close_price != 0)
        return HC_OK;
    if (!hc__record_is_null(before, hc__lead_f_property_id))
        status = hc__unit_count(
            unit, &count, &hc__property_entity.kind,
            hc__all_of(arena, hc__is_id(arena, hc__property_f_id, hc__record_id(before, hc__lead_f_property_id)),
                       hc__is_in(arena, hc__property_f_status, sold, sizeof sold / sizeof sold[0])),
            err);
    if (status >= 0 && count == 0)
        status = hc__fail(err, HC_ERR_INVALID, "close_price",
                          "a price is required: the listing is neither pending nor sold");
    return status;
}

static hc_status check_loss(hc__record *changes, const struct move *move, hc_error *err)
{
    hc_error why;
    hc_status status;

    if (move->options.lost_reason == 0)
        return hc__fail(err, HC_ERR_INVALID, "lost_reason", "required for a lead that is lost");
    hc__record_set_int(changes, hc__lead_f_lost_reason, move->options.lost_reason);
    status = hc__record_fault(changes, &why);
    return status < 0 ? hc__fail(err, status, "lost_reason", "%s", why.message) : HC_OK;
}

/* What the rule asks for. */
static hc_status check_needs(hc__unit *unit, const struct move *move, const hc__lead_rule *rule,
                             const hc__record *before, hc__record *changes, hc_error *err)
{
    hc_status status = HC_OK;

    if ((rule->flags & HC__LEAD_NEEDS_REASON) != 0 && move->options.reason == NULL)
        return hc__fail(err, HC_ERR_INVALID, "reason", "required for this move");
    if ((rule->flags & HC__LEAD_NEEDS_INTEREST) != 0)
        status = check_interest(unit, before, err);
    if (status >= 0 && (rule->flags & HC__LEAD_NEEDS_SALE) != 0)
        status = check_sale(unit, move, before, err);
    if (status >= 0 && (rule->flags & HC__LEAD_NEEDS_LOSS) != 0)
        status = check_loss(changes, move, err);
    return status;
}

/* What follows from the move beside the status. */
static hc_status settle(hc__unit *unit, const struct move *move, const hc__lead_rule *rule, const hc__record *before,
                        hc__record *changes, hc_error *err)
{
    int64_t from = hc__record_int(before, hc__lead_f_status);
    hc_error why;
    hc_status status;

    if ((rule->flags & HC__LEAD_RESPONDS) != 0)
        hc__lead_respond(unit, before, changes);
    if (from == HC_LEAD_STATUS_LOST) {
        hc__record_set_null(changes, hc__lead_f_lost_reason);
        hc__record_set_int(changes, hc__lead_f_reopened_count, hc__record_int(before, hc__lead_f_reopened_count) + 1);
    }
    if (from == HC_LEAD_STATUS_CLOSED)
        hc__record_set_null(changes, hc__lead_f_close_price);
    if (move->options.close_price != 0)
        hc__record_set_int(changes, hc__lead_f_close_price, move->options.close_price);
    status = hc__record_fault(changes, &why);
    return status < 0 ? hc__fail(err, status, why.field, "%s", why.message) : HC_OK;
}

static hc_status move_lead(hc__unit *unit, void *data, hc_error *err)
{
    struct move *move = data;
    const char *reason = move->options.reason;
    const hc_predicate *where;
    hc__record before, changes;
    hc__lead_rule rule;
    hc_status status = hc__before_change(unit, &before, &where, &hc__lead_noun, HC__LEAD_STATUS, move->call.id,
                                         move->call.expected, err);

    if (status >= 0)
        status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    move->call.version = hc__record_version(&before);
    if (hc__record_int(&before, hc__lead_f_status) == move->to)
        return HC_NOTE_SAME;
    rule = hc__lead_move_rule((int32_t)hc__record_int(&before, hc__lead_f_status), move->to,
                              (int32_t)hc__record_int(&before, hc__lead_f_lost_reason));
    if (!rule.allowed || !hc__record_is_null(&before, hc__lead_f_merged_into))
        return forbidden_move(unit, &before, err);
    if ((rule.flags & HC__LEAD_BY_ADMIN) != 0)
        status = hc__also_permitted(unit, &where, HC__LEAD_REVIVE, &before, err);
    if (status >= 0)
        status = check_needs(unit, move, &rule, &before, &changes, err);
    if (status >= 0)
        status = settle(unit, move, &rule, &before, &changes, err);
    if (status < 0)
        return status;
    if (move->to == HC_LEAD_STATUS_LOST)
        return hc__lead_lose(unit, &move->call.version, &before, &changes, where, reason,
                             move->options.keep_appointments != 0, err);
    hc__record_set_int(&changes, hc__lead_f_status, move->to);
    move->call.version = hc__lead_update(unit, &before, &changes, where, reason, false);
    return HC_OK;
}

static hc_status check_move(hc_session *as, hc__lead_call *call, hc_error *err)
{
    struct move *move = (struct move *)call;
    hc_lead_move_options *options = &move->options;
    hc_status status = hc__sized_copy(options, sizeof *options, move->given, "options", err);

    if (status < 0)
        return status;
    if (move->to < HC_LEAD_STATUS_NEW || move->to > HC_LEAD_STATUS_LOST)
        return hc__fail(err, HC_ERR_INVALID, "status", "one of HC_LEAD_STATUS_");
    if (options->reserved != 0)
        return hc__fail(err, HC_ERR_INVALID, "reserved", "must be 0");
    if (options->lost_reason != 0 && move->to != HC_LEAD_STATUS_LOST)
        return hc__fail(err, HC_ERR_INVALID, "lost_reason", "only for a lead that is lost");
    if (options->close_price != 0 && move->to != HC_LEAD_STATUS_CLOSED)
        return hc__fail(err, HC_ERR_INVALID, "close_price", "only for a lead that is closed");
    return hc__lead_check_text(as, &hc__lead_change_entity, hc__lead_change_f_reason, options->reason, "reason", err);
}

hc_status hc_lead_move(int32_t *out_version, hc_session *as, hc_id id, int32_t version, int32_t to,
                       const hc_lead_move_options *options, hc_error *err)
{
    struct move move = {{HC__LEAD_STATUS, id, version, 0, check_move}, to, options, HC_LEAD_MOVE_OPTIONS_INIT};

    return hc__lead_run(out_version, as, &move.call, move_lead, err);
}

/* ---- the buyer's own word ---- */

struct withdrawal {
    hc__lead_call call;
    int32_t reason;
};

/* Who opts out of a lead that is lost already stays lost, and is not contacted. */
static hc_status opt_out(hc__unit *unit, struct withdrawal *withdrawal, const hc__record *before,
                         const hc_predicate *where, hc_error *err)
{
    hc__record changes;
    hc_status status;

    if (withdrawal->reason != HC_LEAD_LOST_OPTED_OUT ||
        hc__lead_opted_out((int32_t)hc__record_int(before, hc__lead_f_lost_reason)))
        return HC_NOTE_SAME;
    status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    hc__record_set_int(&changes, hc__lead_f_lost_reason, withdrawal->reason);
    withdrawal->call.version = hc__lead_update(unit, before, &changes, where, NULL, false);
    return HC_OK;
}

static hc_status withdraw(hc__unit *unit, void *data, hc_error *err)
{
    struct withdrawal *withdrawal = data;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__lead_noun, HC__LEAD_WITHDRAW, withdrawal->call.id,
                                         withdrawal->call.expected, err);

    if (status < 0)
        return status;
    withdrawal->call.version = hc__record_version(&before);
    if (!hc__record_is_null(&before, hc__lead_f_merged_into)) /* nobody answers by this one: it would end nothing */
        return hc__fail(err, HC_ERR_INVALID_STATE, "status",
                        "the lead was merged into another of yours: withdraw that one");
    if (hc__record_int(&before, hc__lead_f_status) == HC_LEAD_STATUS_LOST)
        return opt_out(unit, withdrawal, &before, where, err);
    if (!hc__lead_is_open((int32_t)hc__record_int(&before, hc__lead_f_status)))
        return hc__fail(err, HC_ERR_INVALID_STATE, "status", "a lead that is closed cannot be withdrawn");
    status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    hc__record_set_int(&changes, hc__lead_f_lost_reason, withdrawal->reason);
    return hc__lead_lose(unit, &withdrawal->call.version, &before, &changes, where, "withdrawn by the buyer", false,
                         err);
}

static hc_status check_withdrawal(hc_session *as, hc__lead_call *call, hc_error *err)
{
    (void)as;
    return hc__lead_withdraws(((struct withdrawal *)call)->reason)
               ? HC_OK
               : hc__fail(err, HC_ERR_INVALID, "reason", "HC_LEAD_LOST_WITHDRAWN or HC_LEAD_LOST_OPTED_OUT");
}

hc_status hc_lead_withdraw(int32_t *out_version, hc_session *as, hc_id id, int32_t version, int32_t reason,
                           hc_error *err)
{
    struct withdrawal withdrawal = {{HC__LEAD_WITHDRAW, id, version, 0, check_withdrawal}, reason};

    return hc__lead_run(out_version, as, &withdrawal.call, withdraw, err);
}
