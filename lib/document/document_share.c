/* Which private items the buyer of a lead was shown. */
#include "homeconnect/document.h"

#include "base/id.h"
#include "document/document_noun.h"

#define SHARE_LIMIT 1000

struct share {
    hc_id property_id, item_id, lead_id;
};

static hc_status check_item(hc__unit *unit, const struct share *share, hc_error *err)
{
    hc__record document;
    bool found;
    hc_status status = hc__document_row(unit, &document, &found, share->property_id, err);

    if (status >= 0)
        hc__record_set_id(&document, hc__document_f_property_id, share->property_id);
    for (int32_t list = HC_DOCUMENT_IMAGES; status >= 0 && list <= HC_DOCUMENT_FILES; list++) {
        hc__items items;

        status = hc__items_read(&items, hc__unit_arena(unit), list, &document,
                                hc__unit_session(unit)->core->request_key, err);
        if (status >= 0 && hc__items_find(&items, share->item_id) != NULL)
            return HC_OK;
    }
    return status < 0 ? status
                      : hc__fail(err, HC_ERR_NOT_FOUND, "item_id", "the listing's documents have no such item");
}

/* The leads that the caller may read in full, as a condition over any row. */
static const hc_predicate *lead_is_callers(hc__unit *unit, hc_id lead)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(arena, hc__is_id(arena, hc__lead_f_id, lead),
                      hc__policy_where(arena, hc__unit_session(unit), HC__LEAD_READ, hc__unit_now(unit)));
}

static hc_status no_lead(hc__unit *unit, hc_id lead, hc_error *err)
{
    int64_t count;
    hc_status status =
        hc__unit_count(unit, &count, &hc__lead_entity.kind, hc__is_id(hc__unit_arena(unit), hc__lead_f_id, lead), err);

    if (status >= 0 && count > 0)
        hc__audit_late(hc__unit_session(unit), &(hc__audit){.event = "authz_fail",
                                                            .target_kind = "lead",
                                                            .target = lead,
                                                            .reason = "share with a lead that is not the caller's"});
    return status < 0 ? status : hc__fail(err, HC_ERR_NOT_FOUND, "lead_id", "no such lead");
}

static hc_status check_lead(hc__unit *unit, const struct share *share, hc_error *err)
{
    hc__record lead;
    bool found;
    hc_status status = hc__unit_row(unit, &lead, &found, &hc__lead_entity, lead_is_callers(unit, share->lead_id), err);

    if (status < 0)
        return status;
    if (!found)
        return no_lead(unit, share->lead_id, err);
    if (!hc__id_equal(hc__record_id(&lead, hc__lead_f_property_id), share->property_id))
        return hc__fail(err, HC_ERR_INVALID, "lead_id", "the lead is about another listing");
    if (hc__record_is_null(&lead, hc__lead_f_buyer_id))
        return hc__fail(err, HC_ERR_INVALID, "lead_id", "a guest's lead: documents are shown to buyers who sign in");
    if (!hc__record_is_null(&lead, hc__lead_f_merged_into))
        return hc__fail(err, HC_ERR_INVALID, "lead_id", "the lead was merged into another");
    return HC_OK;
}

static const hc_predicate *which(hc__unit *unit, const struct share *share)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *item = hc__all_of(arena, hc__is_id(arena, hc__share_f_property_id, share->property_id),
                                          hc__is_id(arena, hc__share_f_item_id, share->item_id));

    return hc__all_of(arena, item, hc__is_id(arena, hc__share_f_lead_id, share->lead_id));
}

static void tell(hc__unit *unit, const struct share *share, hc_id id, int32_t change)
{
    hc__unit_event(unit, &hc__share_entity, id, change, change == HC__CHANGE_CREATED ? 1 : 2);
    hc__audit_add(unit,
                  &(hc__audit){.event = "authz_change",
                               .target_kind = "document",
                               .target = share->item_id,
                               .reason = change == HC__CHANGE_CREATED ? "shared with a buyer" : "share taken back"});
}

static hc_status insert(hc__unit *unit, const struct share *share, const hc_predicate *may, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_id actor = hc__unit_session(unit)->user;
    hc__record row;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__share_entity, arena, err);

    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__share_f_id, id);
    hc__record_set_id(&row, hc__share_f_property_id, share->property_id);
    hc__record_set_id(&row, hc__share_f_item_id, share->item_id);
    hc__record_set_id(&row, hc__share_f_lead_id, share->lead_id);
    if (!hc__id_zero(actor))
        hc__record_set_id(&row, hc__share_f_actor_id, actor);
    hc__record_set_int(&row, hc__share_f_created_at, hc__unit_now(unit));
    may = hc__all_of(
        arena, may,
        hc__exists(arena, &hc__lead_entity.kind, HC_NO_FIELD, HC_NO_FIELD, lead_is_callers(unit, share->lead_id)));
    if (may == NULL)
        return hc__no_memory(err);
    hc__unit_insert_where(unit, &row, may);
    tell(unit, share, id, HC__CHANGE_CREATED);
    return HC_OK;
}

/* Whether it is there already. Whoever shares the same in this moment, or merges the lead, which would leave it behind,
 * waits. */
static hc_status look(hc__unit *unit, int64_t *shared, const struct share *share, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);

    hc__unit_hold(
        unit, &hc__lead_entity,
        hc__all_of(arena, hc__is_id(arena, hc__lead_f_id, share->lead_id), hc__is_null(arena, hc__lead_f_merged_into)),
        1);
    return hc__unit_count_after(unit, shared, &hc__share_entity.kind, which(unit, share), err);
}

static hc_status share_item(hc__unit *unit, void *data, hc_error *err)
{
    const struct share *share = data;
    const hc_predicate *may;
    int64_t shared = 0;
    hc_status status = hc__document_authorise(unit, &may, HC__DOCUMENT_SHARE, share->property_id, err);

    if (status >= 0)
        status = check_item(unit, share, err);
    if (status >= 0)
        status = check_lead(unit, share, err);
    if (status >= 0)
        status = look(unit, &shared, share, err);
    if (status < 0)
        return status;
    return shared > 0 ? HC_NOTE_SAME : insert(unit, share, may, err);
}

static hc_status unshare_item(hc__unit *unit, void *data, hc_error *err)
{
    const struct share *share = data;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = 1, .kind = &hc__share_entity.kind, .index = HC_INDEX_ANY};
    const hc_predicate *may;
    hc__record before;
    bool shared = false;
    hc_status status = hc__document_authorise(unit, &may, HC__DOCUMENT_SHARE, share->property_id, err);

    if (status >= 0)
        status = hc__unit_row(unit, &before, &shared, &hc__share_entity, which(unit, share), err);
    if (status < 0)
        return status;
    if (!shared)
        return HC_NOTE_SAME;
    op.where = hc__all_of(arena, hc__is_id(arena, hc__share_f_id, hc__record_key(&before)), may);
    hc__unit_add(unit, op.where == NULL ? NULL : &op);
    tell(unit, share, hc__record_key(&before), HC__CHANGE_DELETED);
    return HC_OK;
}

static hc_status run(hc_session *as, struct share *share, hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = hc__require(as, HC__DOCUMENT_SHARE, &hc__property_entity, share->property_id, &why);
    if (status >= 0)
        status = hc__unit_run(as, fn, share, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}

hc_status hc_document_share(hc_session *as, hc_id property_id, hc_id item_id, hc_id lead_id, hc_error *err)
{
    struct share given = {property_id, item_id, lead_id};

    return run(as, &given, share_item, err);
}

hc_status hc_document_unshare(hc_session *as, hc_id property_id, hc_id item_id, hc_id lead_id, hc_error *err)
{
    struct share given = {property_id, item_id, lead_id};

    return run(as, &given, unshare_item, err);
}

/* ---- reading them back ---- */

struct hc_document_shares {
    hc__handle *handle;
    hc__record *rows;
    size_t count;
    const uint16_t *fields; /* while it is read */
    bool permitted;
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    hc_document_shares *shares = data;

    if (row->op == 0) {
        shares->permitted = true;
        return HC_OK;
    }
    if (hc__record_init(&shares->rows[shares->count], &hc__share_entity, &shares->handle->arena, err) < 0)
        return HC_ERR_NO_MEMORY;
    return hc__record_fill(&shares->rows[shares->count++], shares->fields, row->values, row->count)
               ? HC_OK
               : hc__no_memory(err);
}

static hc_status read_shares(hc_document_shares *shares, hc_session *as, hc__arena *arena, hc_id property_id,
                             hc_error *err)
{
    static const hc_order oldest_first[] = {{hc__share_f_created_at, 0}, {hc__share_f_id, 0}};
    static const uint16_t key = hc__property_f_id;
    uint16_t fields[HC__FIELD_LIMIT];
    const hc_predicate *may = hc__policy_where(arena, as, HC__DOCUMENT_SHARE, hc__session_now(as));
    hc_op ops[2] = {{.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__property_entity.kind,
                     .fields = &key,
                     .field_count = 1,
                     .index = HC_INDEX_ID},
                    {.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__share_entity.kind,
                     .fields = fields,
                     .order = oldest_first,
                     .order_count = 2,
                     .limit = SHARE_LIMIT,
                     .index = HC_INDEX_ANY}};
    hc_status status;

    ops[0].where = hc__all_of(arena, hc__is_id(arena, hc__property_f_id, property_id), may);
    ops[1].where = hc__is_id(arena, hc__share_f_property_id, property_id);
    ops[1].field_count = hc__readable_fields(fields, &hc__share_entity);
    shares->fields = fields;
    shares->rows = hc__arena_alloc(&shares->handle->arena, SHARE_LIMIT * sizeof *shares->rows);
    if (ops[0].where == NULL || ops[1].where == NULL || shares->rows == NULL)
        return hc__no_memory(err);
    status = hc__session_read(as, ops, 2, take_row, shares, err);
    shares->fields = NULL;
    return status;
}

static hc_status list_shares(hc_document_shares *shares, hc_session *as, hc_id property_id, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc_status status = hc__require(as, HC__DOCUMENT_SHARE, &hc__property_entity, property_id, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = read_shares(shares, as, &arena, property_id, err);
    hc__arena_free(&arena);
    if (status < 0 || shares->permitted)
        return status;
    status = hc__authorise(as, NULL, &hc__document_listing, HC__DOCUMENT_SHARE, property_id, err);
    return status < 0 ? status : hc__fail(err, HC_ERR_NOT_FOUND, "id", "no such property"); /* it came meanwhile */
}

hc_status hc_document_list_shares(hc_document_shares **out, hc_session *as, hc_id property_id, hc_error *err)
{
    hc__handle *handle;
    hc_document_shares *shares;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    shares = hc__handle_new(as->core, sizeof *shares, 0, &handle);
    if (shares == NULL) {
        status = hc__no_memory(err);
    } else {
        shares->handle = handle;
        status = list_shares(shares, as, property_id, err);
    }
    if (status >= 0)
        *out = shares;
    else
        hc_document_shares_free(shares);
    hc__leave(as);
    return status;
}

static const hc__record *row_at(const hc_document_shares *shares, size_t index)
{
    return shares == NULL || index >= shares->count ? NULL : &shares->rows[index];
}

size_t hc_document_shares_count(const hc_document_shares *shares)
{
    return shares == NULL ? 0 : shares->count;
}

hc_id hc_document_shares_item_id(const hc_document_shares *shares, size_t index)
{
    const hc__record *row = row_at(shares, index);

    return row == NULL ? (hc_id){{0}} : hc__record_id(row, hc__share_f_item_id);
}

hc_id hc_document_shares_lead_id(const hc_document_shares *shares, size_t index)
{
    const hc__record *row = row_at(shares, index);

    return row == NULL ? (hc_id){{0}} : hc__record_id(row, hc__share_f_lead_id);
}

hc_id hc_document_shares_actor_id(const hc_document_shares *shares, size_t index)
{
    const hc__record *row = row_at(shares, index);

    return row == NULL ? (hc_id){{0}} : hc__record_id(row, hc__share_f_actor_id);
}

int64_t hc_document_shares_created_at(const hc_document_shares *shares, size_t index)
{
    const hc__record *row = row_at(shares, index);

    return row == NULL ? 0 : hc__record_int(row, hc__share_f_created_at);
}

void hc_document_shares_free(hc_document_shares *shares)
{
    if (shares != NULL)
        hc__handle_free(shares->handle);
}
