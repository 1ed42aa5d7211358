#include "homeconnect/activity.h"

#include "activity/activity_noun.h"
#include "base/fail.h"
#include "base/id.h"
#include "homeconnect/query.h"

const hc__noun hc__activity_noun = {.entity = &hc__activity_entity, .read = HC__ACTIVITY_LIST_OWN};

/* What is read beside the log, to authorise it. */
static const hc__noun listing = {.entity = &hc__property_entity, .read = HC__PROPERTY_READ};
static const hc__noun lead = {.entity = &hc__lead_entity, .read = HC__LEAD_READ};

#define NOUN(suffix) hc_activity##suffix
#define RECORD       hc_activity
#define PAGE         hc_activity_page
#include "client/page.inc"

hc_activity *hc_activity_new(hc_client *client)
{
    return (hc_activity *)hc__record_new_for(client, &hc__activity_entity);
}

/* Networks are for admins (domain.md D5): even one's own says where somebody was. */
static void hide_networks(const hc_session *as, hc__page *page)
{
    for (size_t i = 0; page != NULL && hc__policy_writer(as) != HC__BY_ADMIN && i < page->list.count; i++)
        page->list.rows[i].values[hc__activity_f_ip] = (hc_value){HC_TYPE_NULL, 0, {0}};
}

hc_status hc_activity_list(hc_activity_page **out, hc_session *as, const hc_query *query, hc_error *err)
{
    hc__page *page;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    status = hc__list_page(&page, as, &hc__activity_noun, query, err);
    hide_networks(as, page);
    *out = (hc_activity_page *)page;
    return status;
}

/* Rows whose `field` is this id, for somebody whom `operation` entitles to them. */
static hc_status list_of(hc__page **out, hc_session *as, hc__operation operation, uint16_t field, const hc_id *id,
                         const hc_query *query, hc_error *err)
{
    const hc__narrowing how = {.field = field,
                               .value = hc__value_bytes(HC_TYPE_ID, id->bytes, sizeof id->bytes),
                               .permitted = true,
                               .operation = operation};
    hc_status status = hc__list_narrowed(out, as, &hc__activity_noun, query, &how, err);

    hide_networks(as, *out);
    return status;
}

hc_status hc__activity_of(hc_session *as, hc_id property_id, hc_error *err)
{
    return hc__authorise(as, NULL, &listing, HC__ACTIVITY_OF_LISTING, property_id, err);
}

hc_status hc_activity_of_listing(hc_activity_page **out, hc_session *as, hc_id property_id, const hc_query *query,
                                 hc_error *err)
{
    hc__page *page = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = hc__activity_of(as, property_id, err);
    if (status >= 0)
        status = list_of(&page, as, HC__ACTIVITY_OF_LISTING, hc__activity_f_target_id, &property_id, query, err);
    *out = (hc_activity_page *)page;
    hc__leave(as);
    return status;
}

static hc_status empty_page(hc__page **out, hc_session *as, hc_error *err)
{
    *out = hc__page_new(as->core);
    if (*out == NULL)
        return hc__no_memory(err);
    (*out)->list.total = -1;
    return HC_OK;
}

static hc_status of_lead(hc__page **out, hc_session *as, hc_id lead_id, const hc_query *query, hc_error *err)
{
    uint8_t room[2048];
    hc__arena arena;
    hc__record row;
    hc_id buyer = {{0}};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = hc__record_init(&row, &hc__lead_entity, &arena, err);
    if (status >= 0)
        status = hc__authorise(as, &row, &lead, HC__ACTIVITY_OF_LEAD, lead_id, err);
    if (status >= 0)
        buyer = hc__record_id(&row, hc__lead_f_buyer_id);
    hc__arena_free(&arena);
    if (status < 0)
        return status;
    return hc__id_zero(buyer) ? empty_page(out, as, err)
                              : list_of(out, as, HC__ACTIVITY_OF_LEAD, hc__activity_f_user_id, &buyer, query, err);
}

hc_status hc_activity_of_lead(hc_activity_page **out, hc_session *as, hc_id lead_id, const hc_query *query,
                              hc_error *err)
{
    hc__page *page = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = of_lead(&page, as, lead_id, query, err);
    *out = (hc_activity_page *)page;
    hc__leave(as);
    return status;
}
