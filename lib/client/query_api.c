/* The public query handle over query/. */
#include "homeconnect/query.h"

#include "client/crud.h"
#include "client/documents.h"
#include "client/hybrid.h"

static const hc__entity *entity_of(int32_t kind)
{
    static const hc__entity *const entities[] = {
        [HC_KIND_PROPERTY] = &hc__property_entity,
        [HC_KIND_USER] = &hc__user_entity,
        [HC_KIND_AGENT] = &hc__agent_entity,
        [HC_KIND_LEAD] = &hc__lead_entity,
        [HC_KIND_APPOINTMENT] = &hc__appointment_entity,
        [HC_KIND_ACTIVITY] = &hc__activity_entity,
        [HC_KIND_CHAT] = &hc__chat_entity,
        [HC_KIND_FAVORITE] = &hc__favorite_entity,
        [HC_KIND_SEARCH] = &hc__search_entity,
        [HC_KIND_AUDIT] = &hc__audit_entity,
        [HC_KIND_LEAD_TOUCH] = &hc__touch_entity,
        [HC_KIND_LEAD_CHANGE] = &hc__lead_change_entity,
    };

    return kind < 0 || (size_t)kind >= sizeof entities / sizeof entities[0] ? NULL : entities[kind];
}

hc_status hc_query_new(hc_query **out, hc_client *client, int32_t kind, hc_error *err)
{
    const hc__entity *entity = entity_of(kind);
    hc__handle *handle;
    hc__core *core;
    hc_query *query;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (entity == NULL)
        return hc__fail(err, HC_ERR_INVALID, "kind", "one of HC_KIND_");
    status = hc__client_core(&core, client, err);
    if (status < 0)
        return status;
    query = hc__handle_new(core, sizeof *query, 0, &handle);
    if (query == NULL)
        return hc__no_memory(err);
    query->handle = handle;
    hc__query_init(&query->query, &core->mem, entity);
    *out = query;
    return HC_OK;
}

static hc_status settle(hc_query **out, hc_query *query, hc_status status)
{
    if (status < 0)
        hc_query_free(query);
    else
        *out = query;
    return status;
}

hc_status hc_query_parse(hc_query **out, hc_client *client, const char *filter, const char *sort, hc_error *err)
{
    hc_query *query = NULL;
    hc_status status = hc_query_new(&query, client, HC_KIND_PROPERTY, err);

    if (out == NULL)
        return settle(&query, query, hc__fail(err, HC_ERR_MISUSE, "out", "NULL"));
    *out = NULL;
    if (status >= 0)
        status = hc__query_parse(&query->query, filter, sort, err);
    return settle(out, query, status);
}

hc_status hc_query_parse_string(hc_query **out, hc_client *client, const char *text, size_t size, hc_error *err)
{
    hc_query *query = NULL;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (text == NULL && size > 0)
        return hc__fail(err, HC_ERR_MISUSE, "text", "NULL");
    status = hc_query_new(&query, client, HC_KIND_PROPERTY, err);
    if (status >= 0)
        status = hc__query_parse_string(&query->query, text, size, err);
    return settle(out, query, status);
}

void hc_query_free(hc_query *query)
{
    if (query == NULL)
        return;
    hc__query_free(&query->query);
    hc__handle_free(query->handle);
}

static hc_status check(const hc_query *query, hc_error *err)
{
    return query == NULL ? hc__fail(err, HC_ERR_MISUSE, "query", "NULL") : HC_OK;
}

hc_status hc_query_set_filter(hc_query *query, const char *filter, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_filter(&query->query, filter, err);
}

hc_status hc_query_set_sort(hc_query *query, const char *sort, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_sort(&query->query, sort, err);
}

hc_status hc_query_set_text(hc_query *query, const char *q, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_text(&query->query, q, err);
}

hc_status hc_query_set_scope(hc_query *query, int32_t scope, hc_error *err)
{
    hc_status status = check(query, err);

    if (status < 0)
        return status;
    if (scope < HC_SCOPE_PUBLIC || scope > HC_SCOPE_ALL)
        return hc__fail(err, HC_ERR_INVALID, "scope", "one of HC_SCOPE_PUBLIC, HC_SCOPE_OWN, HC_SCOPE_ALL");
    query->query.scope = scope;
    return HC_OK;
}

hc_status hc_query_set_limit(hc_query *query, int32_t limit, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_limit(&query->query, limit, err);
}

int32_t hc_query_limit(const hc_query *query)
{
    return query == NULL ? 0 : query->query.limit;
}

hc_status hc_query_set_cursor(hc_query *query, const char *cursor, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_cursor(&query->query, cursor, err);
}

hc_status hc_query_set_count(hc_query *query, int32_t up_to, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_count(&query->query, up_to, err);
}

hc_status hc_query_set_fields(hc_query *query, const char *names, hc_error *err)
{
    hc_status status = check(query, err);

    return status < 0 ? status : hc__query_set_fields(&query->query, names, err);
}

hc_status hc_query_text(hc_text **out, const hc_query *query, hc_error *err)
{
    hc__buf text;
    hc_status status = check(query, err);

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (status < 0)
        return status;
    hc__buf_init(&text, &query->handle->core->mem);
    hc__query_print(&text, &query->query);
    status = hc__text_new(out, query->handle->core, &text, err);
    hc__buf_free(&text);
    return status;
}

/* ---- explain ---- */

static hc_status add_line(const char *line, void *data)
{
    hc__buf *out = data;

    hc__buf_text(out, "  ");
    hc__buf_text(out, line);
    hc__buf_char(out, '\n');
    return HC_OK;
}

struct engine {
    hc_session *as;
    hc_error *err;
};

static hc_status check_sign_in(hc_session *as, hc_error *err)
{
    hc__lease lease;
    hc_status status = hc__session_acquire(as, &lease, HC_CONNECT_READ, err);

    if (status < 0)
        return status;
    if (hc__session_signed_in(as))
        status = hc__session_check(as, &lease, 0, err);
    hc__store_release(as->core->store, &lease, hc__store_usable_after(status));
    return status;
}

/* The engine's own plan of one operation, for somebody whose sign-in lives. */
static hc_status engine_plan(const hc_op *op, hc__buf *out, void *data)
{
    const struct engine *engine = data;
    hc_session *as = engine->as;
    bool elsewhere = hc__hybrid_concerns(as->core, op, 1);
    hc__store *store = elsewhere ? as->core->documents : as->core->store;
    hc__lease lease;
    hc_status status = elsewhere ? hc__documents_ready(as->core, as->deadline, engine->err) : HC_OK;

    if (status >= 0 && elsewhere)
        status = check_sign_in(as, engine->err);
    if (status >= 0)
        status = hc__session_acquire_of(as, store, &lease, HC_CONNECT_READ, engine->err);
    if (status < 0)
        return status;
    if (!elsewhere && hc__session_signed_in(as))
        status = hc__session_check(as, &lease, 0, engine->err);
    if (status >= 0)
        status = hc__store_driver(store)->explain(lease.conn, op, add_line, out, engine->err);
    hc__store_release(store, &lease, hc__store_usable_after(status));
    return status;
}

static hc_status explain(hc__buf *text, hc_session *as, const hc__query *query, hc_error *err)
{
    struct engine engine = {as, err};
    uint8_t room[1024];
    hc__arena arena;
    hc__list_context context;
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = hc__list_context_for(&context, &arena, as, query, err);
    if (status >= 0)
        status = hc__list_explain(text, query, &context, engine_plan, &engine, err);
    hc__arena_free(&arena);
    return status;
}

hc_status hc_query_explain(hc_text **out, hc_session *as, const hc_query *query, hc_error *err)
{
    hc__buf text;
    hc_status status = check(query, err);

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = NULL;
    if (status >= 0)
        status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__buf_init(&text, &as->core->mem);
    status = explain(&text, as, &query->query, err);
    if (status >= 0)
        status = hc__text_new(out, as->core, &text, err);
    hc__buf_free(&text);
    hc__leave(as);
    return status;
}
