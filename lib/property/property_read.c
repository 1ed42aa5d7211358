#include "homeconnect/property.h"

#include <string.h>

#include "base/fail.h"
#include "homeconnect/query.h"
#include "property/property_noun.h"

const hc__noun hc__property_noun = {
    .entity = &hc__property_entity,
    .read = HC__PROPERTY_READ,
};

#define NOUN(suffix) hc_property##suffix
#define RECORD       hc_property
#define PAGE         hc_property_page
#define ENTITY       hc__property_entity
#define OPERATIONS   hc__property_noun
#include "client/noun.inc"

struct hc_facets {
    hc__handle *handle;
    const hc__facet *facets;
    size_t count;
    int64_t total;
};

static const int32_t dimensions[] = {
    [HC_FACET_CITY] = HC__FACET_CITY,
    [HC_FACET_TYPE] = HC__FACET_TYPE,
    [HC_FACET_STATUS] = HC__FACET_STATUS,
    [HC_FACET_PRICE] = HC__FACET_PRICE,
};

static hc_status count_facets(hc_facets *facets, hc_session *as, const hc__query *query, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc__list_context context;
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = hc__list_context_for(&context, &arena, as, query, err);
    if (status >= 0)
        status = hc__list_facets(&facets->facets, &facets->count, &facets->handle->arena, query, &context, err);
    hc__arena_free(&arena);
    for (size_t i = 0; status >= 0 && i < facets->count; i++)
        if (facets->facets[i].dimension == HC__FACET_TYPE)
            facets->total += facets->facets[i].count;
    return status;
}

hc_status hc_property_facets(hc_facets **out, hc_session *as, const hc_query *query, hc_error *err)
{
    hc__query all;
    hc__handle *handle;
    hc_facets *facets;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (query != NULL && query->query.entity != &hc__property_entity)
        return hc__fail(err, HC_ERR_MISUSE, "query", "the query is about %s, not %s", query->query.entity->noun,
                        hc__property_entity.noun);
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__query_init(&all, &as->core->mem, &hc__property_entity);
    facets = hc__handle_new(as->core, sizeof *facets, 4096, &handle);
    if (facets == NULL) {
        status = hc__no_memory(err);
    } else {
        facets->handle = handle;
        status = count_facets(facets, as, query == NULL ? &all : &query->query, err);
    }
    if (status >= 0)
        *out = facets;
    else
        hc_facets_free(facets);
    hc__query_free(&all);
    hc__leave(as);
    return status;
}

int64_t hc_facets_total(const hc_facets *facets)
{
    return facets == NULL ? 0 : facets->total;
}

static const hc__facet *facet_at(const hc_facets *facets, int32_t facet, size_t index)
{
    if (facets == NULL || facet < HC_FACET_CITY || facet > HC_FACET_PRICE)
        return NULL;
    for (size_t i = 0; i < facets->count; i++)
        if (facets->facets[i].dimension == dimensions[facet] && index-- == 0)
            return &facets->facets[i];
    return NULL;
}

size_t hc_facets_count(const hc_facets *facets, int32_t facet)
{
    size_t n = 0;

    while (facet_at(facets, facet, n) != NULL)
        n++;
    return n;
}

int64_t hc_facets_size(const hc_facets *facets, int32_t facet, size_t index)
{
    const hc__facet *at = facet_at(facets, facet, index);

    return at == NULL ? 0 : at->count;
}

const char *hc_facets_name(const hc_facets *facets, int32_t facet, size_t index)
{
    const hc__facet *at = facet_at(facets, facet, index);

    return at == NULL ? NULL : at->text;
}

/* The code of a word of a type or status; 0 for null. */
static int64_t code_of(uint16_t field, const char *word)
{
    const char *const *words = hc__property_entity.kind.fields[field].words;

    for (int64_t i = 0; word != NULL && words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0)
            return i + 1;
    return 0;
}

int64_t hc_facets_low(const hc_facets *facets, int32_t facet, size_t index)
{
    const hc__facet *at = facet_at(facets, facet, index);

    if (at == NULL)
        return 0;
    switch (facet) {
    case HC_FACET_TYPE:
        return code_of(hc__property_f_property_type, at->text);
    case HC_FACET_STATUS:
        return code_of(hc__property_f_status, at->text);
    default:
        return at->low;
    }
}

int64_t hc_facets_high(const hc_facets *facets, int32_t facet, size_t index)
{
    const hc__facet *at = facet_at(facets, facet, index);

    return at == NULL || at->high == INT64_MAX ? 0 : at->high;
}

void hc_facets_free(hc_facets *facets)
{
    if (facets != NULL)
        hc__handle_free(facets->handle);
}
