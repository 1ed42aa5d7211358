/* Two leads of one person become one. */
#include <string.h>

#include "base/id.h"
#include "client/lead_write.h"
#include "client/reaction.h"
#include "lead/lead_noun.h"
#include "model/lead_status.h"

struct merge {
    hc__lead_call call; /* of the one that stays */
    hc_id gone;
    int32_t gone_expected;
};

struct side {
    hc__record row;
    const hc_predicate *where;
};

/* The failure says which of the two it is about. */
static hc_status about(hc_status status, const char *field, const hc_error *why, hc_error *err)
{
    if (status < 0 && err != NULL) {
        *err = *why;
        if (why->field[0] != '\0')
            memcpy(err->field, field, strlen(field) + 1);
    }
    return status;
}

static hc_status read_side(hc__unit *unit, struct side *side, hc_id id, int32_t version, const char *field,
                           hc_error *err)
{
    hc_error why;

    return about(hc__before_change(unit, &side->row, &side->where, &hc__lead_noun, HC__LEAD_MERGE, id, version, &why),
                 field, &why, err);
}

static hc_status check_states(const hc__record *keep, const hc__record *gone, hc_error *err)
{
    int64_t state = hc__record_int(gone, hc__lead_f_status);
    hc_id one = hc__record_id(keep, hc__lead_f_buyer_id), other = hc__record_id(gone, hc__lead_f_buyer_id);

    if (hc__record_int(keep, hc__lead_f_status) == HC_LEAD_STATUS_LOST)
        return hc__fail(err, HC_ERR_INVALID_STATE, "keep_id", "a lead that is lost cannot take another in");
    if (!hc__record_is_null(gone, hc__lead_f_merged_into))
        return hc__fail(err, HC_ERR_INVALID_STATE, "gone_id", "the lead was merged already");
    if (state == HC_LEAD_STATUS_CLOSED)
        return hc__fail(err, HC_ERR_INVALID_STATE, "gone_id", "a lead that is closed stays one of its own");
    if (state == HC_LEAD_STATUS_LOST && hc__lead_stays_lost((int32_t)hc__record_int(gone, hc__lead_f_lost_reason)))
        return hc__fail(err, HC_ERR_INVALID_STATE, "gone_id", "who opted out, and spam, are not merged");
    if (!hc__id_zero(one) && !hc__id_zero(other) && !hc__id_equal(one, other))
        return hc__fail(err, HC_ERR_INVALID_STATE, "gone_id", "two different buyers asked");
    return HC_OK;
}

/* ---- the one that stays ---- */

static void fill_gaps(hc__record *changes, const hc__record *keep, const hc__record *gone)
{
    static const uint16_t fields[] = {hc__lead_f_buyer_id,      hc__lead_f_property_id,   hc__lead_f_source,
                                      hc__lead_f_notes,         hc__lead_f_contact_name,  hc__lead_f_contact_email,
                                      hc__lead_f_contact_phone, hc__lead_f_message,       hc__lead_f_budget_min,
                                      hc__lead_f_budget_max,    hc__lead_f_timeline_days, hc__lead_f_financing,
                                      hc__lead_f_contact_id};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const hc_value *value = &gone->values[fields[i]];
        if (!hc__record_is_null(keep, fields[i]) || value->type == HC_TYPE_NULL)
            continue;
        changes->values[fields[i]] = *value;
        changes->set[fields[i] / 64] |= UINT64_C(1) << (fields[i] % 64);
    }
}

static hc_status write_keep(hc__unit *unit, struct merge *merge, const struct side *keep, const hc__record *gone,
                            hc__record *after, hc_error *err)
{
    hc_id agent = hc__record_id(gone, hc__lead_f_agent_id);
    hc__record changes;
    hc_status status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    fill_gaps(&changes, &keep->row, gone);
    hc__lead_fit_budget(&changes, &keep->row);
    if (hc__record_is_null(&keep->row, hc__lead_f_agent_id) && !hc__id_zero(agent)) {
        hc__record_set_id(&changes, hc__lead_f_agent_id, agent);
        hc__record_set_int(&changes, hc__lead_f_assign_reason, HC_LEAD_ASSIGN_MERGE);
    }
    merge->call.version = hc__lead_update(unit, &keep->row, &changes, keep->where, "merged", false);
    status = hc__lead_after(after, unit, &keep->row, &changes, err);
    if (status >= 0 && hc__record_is_set(&changes, hc__lead_f_agent_id))
        status = hc__react(unit, HC__LEAD_HANDED_OVER, &keep->row, after, err);
    if (status >= 0 && hc__record_is_set(&changes, hc__lead_f_buyer_id))
        status = hc__react(unit, HC__LEAD_GOT_BUYER, &keep->row, after, err);
    return status;
}

/* ---- the one that goes ---- */

static hc_status write_gone(hc__unit *unit, const struct side *gone, hc_id keep, hc_error *err)
{
    hc__record changes;
    hc_status status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    if (hc__record_int(&gone->row, hc__lead_f_status) != HC_LEAD_STATUS_LOST)
        hc__record_set_int(&changes, hc__lead_f_status, HC_LEAD_STATUS_LOST);
    hc__record_set_int(&changes, hc__lead_f_lost_reason, HC_LEAD_LOST_DUPLICATE);
    hc__record_set_id(&changes, hc__lead_f_merged_into, keep);
    hc__lead_update(unit, &gone->row, &changes, gone->where, "merged", false);
    hc__audit_add(unit, &(hc__audit){.event = "sensitive_update",
                                     .target_kind = "lead",
                                     .target = hc__record_key(&gone->row),
                                     .reason = "merged"});
    return HC_OK;
}

static void move_touches(hc__unit *unit, hc_id from, hc_id to)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_set *set = hc__arena_zero(arena, 1, sizeof *set);
    const void *bytes = hc__arena_copy(arena, to.bytes, sizeof to.bytes);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__touch_entity.kind,
                .index = HC_INDEX_ANY,
                .sets = set,
                .set_count = 1};

    op.where = hc__is_id(arena, hc__touch_f_lead_id, from);
    if (set == NULL || bytes == NULL || op.where == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    *set = (hc_set){hc__touch_f_lead_id, HC_SET_TO, 0, hc__value_bytes(HC_TYPE_ID, bytes, sizeof to.bytes)};
    hc__unit_add(unit, &op);
}

static hc_status merge_leads(hc__unit *unit, void *data, hc_error *err)
{
    struct merge *merge = data;
    struct side keep, gone;
    hc__record after;
    hc_status status = read_side(unit, &keep, merge->call.id, merge->call.expected, "keep_id", err);

    if (status >= 0)
        status = read_side(unit, &gone, merge->gone, merge->gone_expected, "gone_id", err);
    if (status >= 0)
        status = check_states(&keep.row, &gone.row, err);
    if (status >= 0)
        status = write_gone(unit, &gone, merge->call.id, err);
    if (status >= 0)
        status = write_keep(unit, merge, &keep, &gone.row, &after, err);
    if (status < 0)
        return status;
    move_touches(unit, merge->gone, merge->call.id);
    return hc__react(unit, HC__LEADS_MERGED, &gone.row, &after, err);
}

static hc_status check(hc_session *as, hc__lead_call *call, hc_error *err)
{
    const struct merge *merge = (const struct merge *)call;

    (void)as;
    if (merge->gone_expected <= 0)
        return hc__fail(err, HC_ERR_INVALID, "gone_version", "the version that the lead was read at");
    if (hc__id_equal(call->id, merge->gone))
        return hc__fail(err, HC_ERR_INVALID, "gone_id", "a lead is not merged with itself");
    return HC_OK;
}

hc_status hc_lead_merge(int32_t *out_version, hc_session *as, hc_id keep, int32_t keep_version, hc_id gone,
                        int32_t gone_version, hc_error *err)
{
    struct merge merge = {{HC__LEAD_MERGE, keep, keep_version, 0, check}, gone, gone_version};

    return hc__lead_run(out_version, as, &merge.call, merge_leads, err);
}
