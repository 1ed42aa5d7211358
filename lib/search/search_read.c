#include "homeconnect/search.h"

#include <string.h>

#include "homeconnect/property.h"
#include "query/expr.h"
#include "query/parser.h"
#include "search/search_noun.h"

const hc__noun hc__search_noun = {.entity = &hc__search_entity, .read = HC__SEARCH_READ};

static const hc__noun listings = {.entity = &hc__property_entity, .read = HC__PROPERTY_READ};

#define NOUN(suffix) hc_search##suffix
#define RECORD       hc_search
#define PAGE         hc_search_page
#define ENTITY       hc__search_entity
#define OPERATIONS   hc__search_noun
#include "client/noun.inc"

/* ---- the query given back ---- */

hc_status hc__search_parse(hc__query *out, const hc__mem *mem, const char *filter, const char *words, const char *sort,
                           hc_error *err)
{
    hc_status status;

    hc__query_init(out, mem, &hc__property_entity);
    status = hc__query_parse(out, filter, sort, err);
    return status < 0 ? status : hc__query_set_text(out, words, err);
}

/* Another program may have written the words, or a later version of this library. */
static hc_status told_of_store(hc_status status, const hc_error *why, hc_error *err)
{
    bool words = strcmp(why->field, "q") == 0, sort = strcmp(why->field, "sort") == 0;

    if (status != HC_ERR_INVALID && status != HC_ERR_TOO_LARGE)
        return status;
    return hc__fail(err, HC_ERR_CORRUPT,
                    words  ? "words"
                    : sort ? "sort"
                           : "filter",
                    "the search is no query: %s", why->message);
}

static hc_query *new_query(hc__core *core)
{
    hc__handle *handle;
    hc_query *query = hc__handle_new(core, sizeof *query, 0, &handle);

    if (query != NULL)
        query->handle = handle;
    return query;
}

static hc_status parse_row(hc_query *query, const hc_search *row, hc_error *err)
{
    hc_error why = {0};
    hc_status status = hc__search_parse(&query->query, &query->handle->core->mem, hc_search_filter(row),
                                        hc_search_words(row), hc_search_sort(row), &why);

    if (status < 0 && err != NULL)
        *err = why;
    return status < 0 ? told_of_store(status, &why, err) : status;
}

/* The search, as far as the caller may read it, and its query. */
static hc_status open_query(hc_query **out, hc_search **row, hc_session *as, hc_id id, hc_error *err)
{
    hc_status status = hc_search_get(row, as, id, err);
    hc_query *query;

    if (status < 0)
        return status;
    query = new_query(as->core);
    status = query == NULL ? hc__no_memory(err) : parse_row(query, *row, err);
    if (status < 0) {
        if (query != NULL) {
            hc__query_free(&query->query);
            hc__handle_free(query->handle);
        }
        hc_search_free(*row);
        return status;
    }
    *out = query;
    return HC_OK;
}

hc_status hc_search_query(hc_query **out, hc_session *as, hc_id id, hc_error *err)
{
    hc_search *row;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    status = open_query(out, &row, as, id, err);
    if (status >= 0)
        hc_search_free(row);
    return status;
}

/* ---- matches ---- */

/* `since` is part of the query, so that a cursor goes on with the same one. */
static hc_status narrow(hc__query *query, int64_t since, int32_t limit, const char *cursor, hc_error *err)
{
    const hc__expr *changed = hc__expr_int(&query->arena, hc__property_f_updated_at, HC_TEST_GE, HC_TYPE_TIME, since);
    hc_status status = changed == NULL ? hc__no_memory(err) : hc__query_narrow(query, changed, err);

    if (status >= 0 && limit != 0)
        status = hc__query_set_limit(query, limit, err);
    return status < 0 ? status : hc__query_set_cursor(query, cursor, err);
}

hc_status hc_search_matches(hc_property_page **out, int64_t *out_until, hc_session *as, hc_id id, int64_t since,
                            int32_t limit, const char *cursor, hc_error *err)
{
    hc_query *query;
    hc_search *row;
    hc__page *page = NULL;
    int64_t until;
    hc_status status;

    if (out_until != NULL)
        *out_until = 0;
    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (since < 0)
        return hc__fail(err, HC_ERR_INVALID, "since", "a time, or 0 for when the search was last marked");
    status = open_query(&query, &row, as, id, err);
    if (status < 0)
        return status;
    until = hc__session_now(as);
    status = narrow(&query->query, since == 0 ? hc_search_matched_at(row) : since, limit, cursor, err);
    if (status >= 0)
        status = hc__list_page_as_anyone(&page, as, &listings, query, err);
    hc__query_free(&query->query);
    hc__handle_free(query->handle);
    hc_search_free(row);
    *out = (hc_property_page *)page;
    if (status >= 0 && out_until != NULL)
        *out_until = until;
    return status;
}
