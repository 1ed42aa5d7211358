/* What a query asks, without its values, and how the server goes about it, where it tells. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"

typedef hc_status (*line_fn)(const char *text, void *data);

static hc_status tell_json(const hc__mem *mem, const char *head, const bson_t *document, line_fn line, void *data,
                           hc_error *err)
{
    char *json = bson_as_relaxed_extended_json(document, NULL);
    hc_status status;
    hc__buf text;

    hc__buf_init(&text, mem);
    hc__buf_format(&text, "%s %s", head, json == NULL ? "{}" : json);
    bson_free(json);
    status = text.failed ? hc__no_memory(err) : line(text.data, data);
    hc__buf_free(&text);
    return status;
}

static hc_status make(hc__mongo *conn, bson_t *filter, const hc_op *op, hc_error *err)
{
    hc_status status = hc__mongo_filter(conn, filter, op->kind, op->where, err);
    bson_t more;

    bson_init(&more);
    if (status == HC_OK)
        status = hc__mongo_filter(conn, &more, op->kind, op->filter, err);
    hc__mongo_and(filter, &more);
    bson_destroy(&more);
    return status;
}

/* Stages of the plan from the top down; their names, and of those that read an index its name. */
static hc_status tell_stages(const hc__mongo *conn, bson_iter_t *plan, line_fn line, void *data, hc_error *err)
{
    hc_status status = HC_OK;

    for (int depth = 0; depth < 8 && status >= 0; depth++) {
        bson_iter_t at, inner;
        hc__buf text;
        bool deeper = false;

        if (!BSON_ITER_HOLDS_DOCUMENT(plan) || !bson_iter_recurse(plan, &at))
            break;
        hc__buf_init(&text, conn->mem);
        while (bson_iter_next(&at)) {
            bool name = strcmp(bson_iter_key(&at), "stage") == 0 || strcmp(bson_iter_key(&at), "indexName") == 0;

            if (name && BSON_ITER_HOLDS_UTF8(&at))
                hc__buf_format(&text, "%s%s", text.size > 0 ? " " : "", bson_iter_utf8(&at, NULL));
            if (strcmp(bson_iter_key(&at), "inputStage") == 0) {
                inner = at;
                deeper = true;
            }
        }
        if (text.failed)
            status = hc__no_memory(err);
        else if (text.size > 0)
            status = line(text.data, data);
        hc__buf_free(&text);
        if (!deeper)
            break;
        *plan = inner;
    }
    return status;
}

/* A server that cannot explain leaves it at the question. */
static hc_status tell_plan(hc__mongo *conn, const hc_op *op, const bson_t *filter, const bson_t *sort, line_fn line,
                           void *data, hc_error *err)
{
    hc_status status = HC_OK;
    bson_t ask, find, reply;
    bson_error_t error;
    bson_iter_t at, plan;

    bson_init(&ask);
    bson_append_document_begin(&ask, "explain", -1, &find);
    bson_append_utf8(&find, "find", -1, op->kind->name, -1);
    bson_append_document(&find, "filter", -1, filter);
    if (!bson_empty(sort))
        bson_append_document(&find, "sort", -1, sort);
    bson_append_document_end(&ask, &find);
    bson_append_utf8(&ask, "verbosity", -1, "queryPlanner", -1);
    if (mongoc_client_command_simple(conn->client, conn->store->database, &ask, NULL, &reply, &error)) {
        if (bson_iter_init(&at, &reply) && bson_iter_find_descendant(&at, "queryPlanner.winningPlan", &plan))
            status = tell_stages(conn, &plan, line, data, err);
    } else if (error.domain != MONGOC_ERROR_SERVER) {
        status = hc__mongo_failed(conn, &error, &reply, false, err);
    }
    bson_destroy(&reply);
    bson_destroy(&ask);
    return status;
}

hc_status hc__mongo_explain(void *handle, const hc_op *op, line_fn line, void *data, hc_error *err)
{
    hc__mongo *conn = handle;
    hc_status status = hc__mongo_enter(conn, 0, err);
    hc__mongo_range range;
    hc_op in_time = *op;
    bson_t masked, filter, sort;

    if (status == HC_OK)
        status = hc__mongo_check_predicate(op->kind, op->where, err);
    if (status == HC_OK)
        status = hc__mongo_check_predicate(op->kind, op->filter, err);
    if (status == HC_OK)
        status = hc__mongo_in_time(conn, &in_time.where, op->where, err);
    if (status == HC_OK)
        status = hc__mongo_in_time(conn, &in_time.filter, op->filter, err);
    if (status < 0)
        return status;
    bson_init(&masked);
    bson_init(&filter);
    bson_init(&sort);
    hc__mongo_first_range(&range, op);
    hc__mongo_range_sort(&sort, &range);
    conn->masked = true;
    status = make(conn, &masked, &in_time, err);
    conn->masked = false;
    if (status == HC_OK)
        status = make(conn, &filter, &in_time, err);
    if (status == HC_OK)
        status = tell_json(conn->mem, op->kind->name, &masked, line, data, err);
    if (status == HC_OK && !bson_empty(&sort))
        status = tell_json(conn->mem, "sort", &sort, line, data, err);
    if (status == HC_OK)
        status = tell_plan(conn, &in_time, &filter, &sort, line, data, err);
    bson_destroy(&sort);
    bson_destroy(&filter);
    bson_destroy(&masked);
    return status < 0 ? status : HC_OK;
}
