/* Users and agents. */
#include <string.h>

#include "base/id.h"
#include "client/account.h"
#include "client/lead_write.h"
#include "homeconnect/property.h"
#include "repair/repair.h"

#define MOST_SALES 1000000

/* ---- users ---- */

static hc_status others_have(hc__mending *m, int64_t *out, const char *address, hc_error *err)
{
    const hc_kind *users = &hc__user_entity.kind;
    hc__arena *arena = hc__unit_arena(m->unit);

    return hc__unit_count(
        m->unit, out, users,
        hc__all_of(arena, hc__is_bytes(arena, users, hc__user_f_email_norm, HC_TEST_EQ, address, strlen(address)),
                   hc__is_bytes(arena, users, hc__user_f_id, HC_TEST_NE, m->before->values[hc__user_f_id].as.bytes,
                                sizeof(hc_id))),
        err);
}

/* As an update of the address does: nobody proved the new one, and who signed in by the old one is out. */
static void address_changed(hc__mending *m)
{
    hc__record_set_null(m->row, hc__user_f_email_verified_at);
    hc__record_set_int(m->row, hc__user_f_token_epoch, hc__record_int(m->before, hc__user_f_token_epoch) + 1);
    hc__account_end_logins(m->unit, hc__record_key(m->before));
}

hc_status hc__mend_user(hc__mending *m, hc_error *err)
{
    const char *known = hc__record_text(m->before, hc__user_f_email_norm), *address;
    int64_t others;
    hc_status status;

    if (hc__account_set_email(m->row, NULL) < 0) {
        m->left = "its e-mail address is none";
        return HC_OK;
    }
    address = hc__record_text(m->row, hc__user_f_email_norm);
    if (address == NULL)
        return hc__no_memory(err);
    if (known != NULL && strcmp(known, address) == 0)
        return HC_OK;
    status = others_have(m, &others, address, err);
    if (status < 0)
        return status;
    if (others > 0) {
        m->left = "another user has its e-mail address";
        m->row->values[hc__user_f_email_norm] = m->before->values[hc__user_f_email_norm];
    } else if (known != NULL) {
        address_changed(m);
    }
    return HC_OK;
}

/* ---- agents ---- */

static hc_status count_sales(hc__mending *m, hc_error *err)
{
    const hc_kind *listings = &hc__property_entity.kind;
    hc__arena *arena = hc__unit_arena(m->unit);
    const hc_predicate *sold =
        hc__all_of(arena, hc__is_int(arena, listings, hc__property_f_status, HC_TEST_EQ, HC_PROPERTY_STATUS_SOLD),
                   hc__is_null(arena, hc__property_f_deleted_at));
    int64_t count;
    hc_status status = hc__unit_count(
        m->unit, &count, listings,
        hc__all_of(arena, hc__is_id(arena, hc__property_f_agent_id, hc__record_key(m->before)), sold), err);

    if (status >= 0)
        hc__record_set_int(m->row, hc__agent_f_total_sales, count < MOST_SALES ? count : MOST_SALES);
    return status;
}

static hc_status count_leads(hc__mending *m, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(m->unit);
    hc_id agent = hc__record_key(m->before);
    hc__record load, changes;
    int64_t open = 0;
    bool found;
    hc_status status =
        hc__unit_row(m->unit, &load, &found, &hc__load_entity, hc__is_id(arena, hc__load_f_user_id, agent), err);

    if (status >= 0)
        status = hc__open_leads_count(m->unit, &open, agent, err);
    if (status < 0 || open == (found ? hc__record_int(&load, hc__load_f_open_leads) : 0))
        return status;
    hc__load_ensure(m->unit, agent);
    status = hc__open_leads_of(m->unit, &open, agent, err); /* who routes to them waits for us from here on */
    if (status >= 0)
        status = hc__record_init(&changes, &hc__load_entity, arena, err);
    if (status < 0)
        return status;
    hc__record_set_int(&changes, hc__load_f_open_leads, open);
    hc__unit_update(m->unit, &changes, hc__is_id(arena, hc__load_f_user_id, agent));
    m->beside = true;
    return HC_OK;
}

hc_status hc__mend_agent(hc__mending *m, hc_error *err)
{
    hc_status status = count_sales(m, err);

    return status < 0 ? status : count_leads(m, err);
}
