/* The same inquiry again (domain.md D3, dedupe): which lead it belongs to, and who may know. */
#include <string.h>

#include "base/id.h"
#include "client/account.h"
#include "client/lead_write.h"
#include "lead/lead_noun.h"
#include "model/lead_status.h"

#define WINDOW     (30 * HC__DAY)
#define CANDIDATES 8 /* of one contact and one listing, newest first */
#define CHAIN      8 /* of leads that were merged into one another */

struct candidates {
    hc__unit *unit;
    hc__record rows[CANDIDATES];
    const uint16_t *fields;
    size_t count;
};

static hc_status take(const hc_row *row, void *data, hc_error *err)
{
    struct candidates *all = data;
    hc__record *record = &all->rows[all->count];

    if (hc__record_init(record, &hc__lead_entity, hc__unit_arena(all->unit), err) < 0 ||
        !hc__record_fill(record, all->fields, row->values, row->count))
        return hc__no_memory(err);
    all->count++;
    return HC_OK;
}

/* Made, or asked about, in the last 30 days. */
static const hc_predicate *recent(hc__unit *unit)
{
    const hc_kind *touches = &hc__touch_entity.kind;
    int64_t since = hc__unit_now(unit) - WINDOW;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *asked =
        hc__all_of(arena, hc__is_int(arena, touches, hc__touch_f_kind, HC_TEST_EQ, HC_LEAD_TOUCH_INQUIRY),
                   hc__is_int(arena, touches, hc__touch_f_created_at, HC_TEST_GE, since));

    return hc__any_of(arena, hc__is_int(arena, &hc__lead_entity.kind, hc__lead_f_created_at, HC_TEST_GE, since),
                      hc__exists(arena, touches, hc__touch_f_lead_id, hc__lead_f_id, asked));
}

/* Of the same person, about the same listing, or about none. */
static const hc_predicate *alike(hc__unit *unit, const hc__record *lead)
{
    hc__arena *arena = hc__unit_arena(unit);
    bool has_contact = !hc__record_is_null(lead, hc__lead_f_contact_id);
    bool has_buyer = !hc__record_is_null(lead, hc__lead_f_buyer_id);
    const hc_predicate *person = NULL, *about;

    if (has_contact)
        person = hc__is_id(arena, hc__lead_f_contact_id, hc__record_id(lead, hc__lead_f_contact_id));
    if (has_buyer) {
        const hc_predicate *buyer = hc__is_id(arena, hc__lead_f_buyer_id, hc__record_id(lead, hc__lead_f_buyer_id));
        person = has_contact ? hc__any_of(arena, person, buyer) : buyer; /* NULL means no memory, too */
    }
    about = hc__record_is_null(lead, hc__lead_f_property_id)
                ? hc__is_null(arena, hc__lead_f_property_id)
                : hc__is_id(arena, hc__lead_f_property_id, hc__record_id(lead, hc__lead_f_property_id));
    return hc__all_of(arena, hc__all_of(arena, person, about), recent(unit));
}

static hc_status find(struct candidates *all, const hc__record *lead, hc_error *err)
{
    static const hc_order newest[] = {{hc__lead_f_created_at, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                      {hc__lead_f_id, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL}};
    uint16_t fields[HC__FIELD_LIMIT];
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__lead_entity.kind,
                .fields = fields,
                .order = newest,
                .order_count = 2,
                .limit = CANDIDATES,
                .index = HC_INDEX_ANY};

    op.where = alike(all->unit, lead);
    op.field_count = hc__readable_fields(fields, &hc__lead_entity);
    all->fields = fields;
    return op.where == NULL ? hc__no_memory(err) : hc__unit_read(all->unit, &op, 1, take, all, err);
}

/* A lead that was merged stands for the one that took its place. */
static hc_status follow(hc__unit *unit, hc__record *lead, hc_error *err)
{
    const hc_predicate *where;
    bool found = true;
    hc_status status = HC_OK;

    for (int i = 0; status >= 0 && found && i < CHAIN && !hc__record_is_null(lead, hc__lead_f_merged_into); i++) {
        hc__record next;
        status = hc__lead_read(unit, &next, &found, &where, hc__record_id(lead, hc__lead_f_merged_into), err);
        if (status >= 0 && found)
            *lead = next;
    }
    return status;
}

/* The address of the inquiry in `proved`, if it is the caller's and was proved, else "". */
static hc_status read_proved(hc__unit *unit, char proved[HC__EMAIL_LIMIT + 1], const hc__record *lead, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    const char *typed = hc__record_text(lead, hc__lead_f_contact_email);
    const hc_predicate *me;
    int64_t count;
    hc_status status;

    if (typed == NULL || hc__email_canonical(proved, typed, NULL) < 0) {
        proved[0] = '\0';
        return HC_OK;
    }
    me = hc__all_of(arena, hc__is_id(arena, hc__user_f_id, hc__unit_session(unit)->user),
                    hc__all_of(arena, hc__not_null(arena, hc__user_f_email_verified_at),
                               hc__is_bytes(arena, &hc__user_entity.kind, hc__user_f_email_norm, HC_TEST_EQ, proved,
                                            strlen(proved))));
    status = hc__unit_count(unit, &count, &hc__user_entity.kind, me, err);
    if (status < 0 || count == 0)
        proved[0] = '\0';
    return status;
}

/* What a guest asked under an address is whose the address is; a telephone number is proved by nobody. */
static bool is_under(const hc__record *known, const char *proved)
{
    char email[HC__EMAIL_LIMIT + 1];
    const char *asked = hc__record_text(known, hc__lead_f_contact_email);

    return proved[0] != '\0' && asked != NULL && hc__email_canonical(email, asked, NULL) >= 0 &&
           strcmp(email, proved) == 0;
}

/* Whose lead it is to the caller, beyond the contact that anybody can type. */
static bool may_join(const hc_session *as, const hc__record *known, const hc__record *lead, const char *proved)
{
    hc_id buyer = hc__record_id(known, hc__lead_f_buyer_id), asker = hc__record_id(lead, hc__lead_f_buyer_id);

    if (as->role == HC_ROLE_BUYER)
        return hc__id_equal(buyer, as->user) || (hc__id_zero(buyer) && is_under(known, proved));
    return hc__id_zero(asker) || hc__id_zero(buyer) || hc__id_equal(asker, buyer);
}

/* Who may bring a lost lead back by asking again. */
static bool may_reopen(const hc_session *as, const hc__record *known)
{
    if (!hc__record_is_null(known, hc__lead_f_merged_into) ||
        hc__record_int(known, hc__lead_f_status) != HC_LEAD_STATUS_LOST ||
        hc__lead_stays_lost((int32_t)hc__record_int(known, hc__lead_f_lost_reason)))
        return false;
    switch (as->role) {
    case HC_ROLE_GUEST:
        return false;
    case HC_ROLE_AGENT:
        return hc__id_equal(hc__record_id(known, hc__lead_f_agent_id), as->user);
    default:
        return true;
    }
}

/* An open one first; of lost ones the newest. */
static const hc__record *choose(const struct candidates *all, const hc__record *lead, const char *proved)
{
    const hc_session *as = hc__unit_session(all->unit);
    const hc__record *lost = NULL;

    for (size_t i = 0; i < all->count; i++) {
        const hc__record *row = &all->rows[i];
        if (!may_join(as, row, lead, proved))
            continue;
        if (hc__lead_is_open((int32_t)hc__record_int(row, hc__lead_f_status)))
            return row;
        if (lost == NULL && may_reopen(as, row))
            lost = row;
    }
    return lost;
}

hc_status hc__lead_known(hc__unit *unit, hc__record *known, bool *found, const hc_predicate **where,
                         const hc__record *lead, hc_error *err)
{
    struct candidates all = {.unit = unit};
    const hc__record *chosen;
    char proved[HC__EMAIL_LIMIT + 1] = "";
    hc_status status = find(&all, lead, err);

    *found = false;
    for (size_t i = 0; status >= 0 && i < all.count; i++)
        status = follow(unit, &all.rows[i], err);
    if (status >= 0 && all.count > 0 && hc__unit_session(unit)->role == HC_ROLE_BUYER)
        status = read_proved(unit, proved, lead, err);
    chosen = status < 0 ? NULL : choose(&all, lead, proved);
    return chosen == NULL ? status : hc__lead_read(unit, known, found, where, hc__record_key(chosen), err);
}
