#include "client/reaction_lead.h"

#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "client/lead_write.h"
#include "homeconnect/lead.h"

/* ---- a viewing is booked ---- */

/* Who answers: its agent, or an admin; a buyer's or guest's own booking is a question. */
static bool answers(const hc_session *as, const hc__record *lead)
{
    return as->role == HC_ROLE_ADMIN || as->role == HC_ROLE_SYSTEM ||
           (as->role == HC_ROLE_AGENT && hc__id_equal(hc__record_id(lead, hc__lead_f_agent_id), as->user));
}

hc_status hc__answer_by_viewing(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    const hc_predicate *where;
    hc__record lead, changes;
    bool found = false;
    hc_status status = HC_OK;

    (void)before;
    if (!hc__record_is_null(after, hc__appointment_f_lead_id))
        status = hc__lead_read(unit, &lead, &found, &where, hc__record_id(after, hc__appointment_f_lead_id), err);
    if (status < 0 || !found || !answers(hc__unit_session(unit), &lead))
        return status;
    if (hc__record_is_null(&lead, hc__lead_f_response_due_at) &&
        hc__record_int(&lead, hc__lead_f_status) != HC_LEAD_STATUS_NEW)
        return HC_OK;
    status = hc__record_init(&changes, &hc__lead_entity, hc__unit_arena(unit), err);
    if (status < 0)
        return status;
    hc__lead_respond(unit, &lead, &changes);
    if (hc__record_int(&lead, hc__lead_f_status) == HC_LEAD_STATUS_NEW)
        hc__record_set_int(&changes, hc__lead_f_status, HC_LEAD_STATUS_CONTACTED);
    hc__lead_update(unit, &lead, &changes, where, "an appointment was made", false);
    return HC_OK;
}

/* ---- a lead goes into another ---- */

#define SHARE_LIMIT 1000 /* items that one lead was shown; beyond them the rest stays where it is */

struct shares {
    hc__unit *unit;
    hc_id keep;
    struct {
        hc_id id, property, item;
    } * rows;
    size_t count;
};

static hc_status take_share(const hc_row *row, void *data, hc_error *err)
{
    struct shares *shares = data;
    hc_id *ids[] = {&shares->rows[shares->count].id, &shares->rows[shares->count].property,
                    &shares->rows[shares->count].item};

    (void)err;
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        memcpy(ids[i]->bytes, row->values[i].as.bytes, sizeof ids[i]->bytes);
    shares->count++;
    return HC_OK;
}

static hc_status read_shares(struct shares *shares, hc_id lead, hc_error *err)
{
    static const uint16_t fields[] = {hc__share_f_id, hc__share_f_property_id, hc__share_f_item_id};
    hc__arena *arena = hc__unit_arena(shares->unit);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__share_entity.kind,
                .fields = fields,
                .field_count = sizeof fields / sizeof fields[0],
                .limit = SHARE_LIMIT,
                .index = HC_INDEX_ANY};

    op.where = hc__is_id(arena, hc__share_f_lead_id, lead);
    shares->rows = hc__arena_zero(arena, SHARE_LIMIT, sizeof *shares->rows);
    return op.where == NULL || shares->rows == NULL ? hc__no_memory(err)
                                                    : hc__unit_read(shares->unit, &op, 1, take_share, shares, err);
}

/* An item that both were shown stays shown once. */
static hc_status move_share(const struct shares *shares, size_t at, const struct shares *kept, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(shares->unit);
    hc_op gone = {.verb = HC_VERB_REMOVE_WHERE, .expect = 1, .kind = &hc__share_entity.kind, .index = HC_INDEX_ID};
    const hc_predicate *where = hc__is_id(arena, hc__share_f_id, shares->rows[at].id);
    hc__record changes;
    hc_status status;

    for (size_t i = 0; i < kept->count; i++)
        if (hc__id_equal(kept->rows[i].property, shares->rows[at].property) &&
            hc__id_equal(kept->rows[i].item, shares->rows[at].item)) {
            gone.where = where;
            hc__unit_add(shares->unit, where == NULL ? NULL : &gone);
            return HC_OK;
        }
    status = hc__record_init(&changes, &hc__share_entity, arena, err);
    if (status < 0)
        return status;
    hc__record_set_id(&changes, hc__share_f_lead_id, shares->keep);
    hc__unit_update(shares->unit, &changes, where);
    return HC_OK;
}

hc_status hc__merge_shares(hc__unit *unit, const hc__record *before, const hc__record *after, hc_error *err)
{
    struct shares gone = {.unit = unit, .keep = hc__record_key(after)}, kept = {.unit = unit};
    hc_status status = read_shares(&gone, hc__record_key(before), err);

    if (status >= 0 && gone.count > 0)
        status = read_shares(&kept, gone.keep, err);
    for (size_t i = 0; status >= 0 && i < gone.count; i++)
        status = move_share(&gone, i, &kept, err);
    return status;
}
