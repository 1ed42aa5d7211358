#include "transfer/listers.h"

#include "base/id.h"
#include "homeconnect/agent.h"
#include "homeconnect/property.h"
#include "homeconnect/user.h"

#define PAGE_LIMIT 200

static size_t distinct_agents(hc_id out[PAGE_LIMIT], const hc_property_page *page)
{
    size_t count = 0;

    for (size_t i = 0; i < hc_property_page_count(page); i++) {
        hc_id id = hc_property_agent_id(hc_property_page_at(page, i));
        size_t at = 0;

        while (at < count && !hc__id_equal(out[at], id))
            at++;
        if (at == count && count < PAGE_LIMIT && !hc__id_zero(id))
            out[count++] = id;
    }
    return count;
}

static bool are_known(const hc__listers *listers, const hc_id *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;

        while (at < hc_agent_page_count(listers->agents) &&
               !hc__id_equal(hc_agent_user_id(hc_agent_page_at(listers->agents, at)), ids[i]))
            at++;
        if (at == hc_agent_page_count(listers->agents))
            return false;
    }
    return true;
}

hc_status hc__listers_read(hc__listers *listers, const hc_property_page *page, hc_error *err)
{
    hc_id ids[PAGE_LIMIT];
    size_t count = distinct_agents(ids, page);
    hc_status status;

    if (listers->agents != NULL && are_known(listers, ids, count))
        return HC_OK;
    hc__listers_free(listers);
    status = hc_agent_get_many(&listers->agents, listers->as, ids, count, err);
    return status < 0 ? status : hc_user_get_many(&listers->users, listers->as, ids, count, err);
}

hc__lister hc__listers_of(const hc__listers *listers, const hc__record *listing)
{
    hc_id id = hc__record_id(listing, hc__property_f_agent_id);
    hc__lister lister = {NULL, NULL};

    for (size_t i = 0; i < hc_agent_page_count(listers->agents); i++)
        if (hc__id_equal(hc_agent_user_id(hc_agent_page_at(listers->agents, i)), id))
            lister.office = hc_agent_agency_name(hc_agent_page_at(listers->agents, i));
    for (size_t i = 0; i < hc_user_page_count(listers->users); i++)
        if (hc__id_equal(hc_user_id(hc_user_page_at(listers->users, i)), id))
            lister.agent = hc_user_full_name(hc_user_page_at(listers->users, i));
    return lister;
}

void hc__listers_free(hc__listers *listers)
{
    hc_agent_page_free(listers->agents);
    hc_user_page_free(listers->users);
    listers->agents = NULL;
    listers->users = NULL;
}
