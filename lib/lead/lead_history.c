/* What was said about a lead, and its changes: rows that belong to it. */
#include "homeconnect/lead_history.h"

#include "base/fail.h"
#include "lead/lead_noun.h"

#define PAGE_ONLY
#define NOUN(suffix) hc_lead_touch##suffix
#define RECORD       hc_lead_touch
#define PAGE         hc_lead_touch_page
#include "client/page.inc"
#undef NOUN
#undef RECORD
#undef PAGE

#define NOUN(suffix) hc_lead_change##suffix
#define RECORD       hc_lead_change
#define PAGE         hc_lead_change_page
#include "client/page.inc"

static const hc__noun touches = {.entity = &hc__touch_entity, .read = HC__LEAD_HISTORY};
static const hc__noun changes = {.entity = &hc__lead_change_entity, .read = HC__LEAD_HISTORY};

static hc_status rows_of(hc__page **out, hc_session *as, const hc__noun *noun, uint16_t field, hc_id lead,
                         const hc_query *query, hc_error *err)
{
    hc__narrowing how = {.field = field, .permitted = true, .operation = HC__LEAD_HISTORY};
    hc_status status = hc__enter(as, err);

    *out = NULL;
    if (status < 0)
        return status;
    how.value = hc__value_bytes(HC_TYPE_ID, lead.bytes, sizeof lead.bytes);
    status = hc__authorise(as, NULL, &hc__lead_noun, HC__LEAD_HISTORY, lead, err);
    if (status >= 0)
        status = hc__list_narrowed(out, as, noun, query, &how, err);
    hc__leave(as);
    return status;
}

hc_status hc_lead_touches(hc_lead_touch_page **out, hc_session *as, hc_id lead, const hc_query *query, hc_error *err)
{
    hc__page *page;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    status = rows_of(&page, as, &touches, hc__touch_f_lead_id, lead, query, err);
    *out = (hc_lead_touch_page *)page;
    return status;
}

hc_status hc_lead_history(hc_lead_change_page **out, hc_session *as, hc_id lead, const hc_query *query, hc_error *err)
{
    hc__page *page;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    status = rows_of(&page, as, &changes, hc__lead_change_f_lead_id, lead, query, err);
    *out = (hc_lead_change_page *)page;
    return status;
}
