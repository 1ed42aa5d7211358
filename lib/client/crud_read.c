#include "client/crud.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "client/replica.h"
#include "homeconnect/query.h"
#include "query/expr.h"
#include "query/parser.h"

#define MANY_LIMIT 200

/* Rows by id, with everything that may leave the library. */
static hc_op read_shown(const hc__entity *entity)
{
    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &entity->kind,
                   .fields = entity->shown,
                   .field_count = entity->shown_count,
                   .index = HC_INDEX_ID};
}

struct rows {
    hc__record *next;
    size_t count;
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct rows *rows = data;
    hc__record *record = &rows->next[rows->count];

    if (!hc__record_fill(record, record->entity->shown, row->values, row->count))
        return hc__no_memory(err);
    rows->count++;
    return HC_OK;
}

/* Not found to the caller; when the row is there all the same, the refusal goes into the audit log (Z01). Who cannot
 * look is told so: the unit of work that the look was part of has failed with it. */
static hc_status not_found(hc_session *as, const hc__entity *entity, hc_id id, hc_error *err)
{
    uint8_t room[256];
    hc__arena arena;
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .limit = 1,
                .index = HC_INDEX_ID,
                .result = &result};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__is_id(&arena, 0, id);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, NULL, NULL, err);
    if (status >= 0 && result.count > 0)
        hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                        .target_kind = entity->noun,
                                        .target = id,
                                        .reason = "read of a row that the caller may not see"});
    hc__arena_free(&arena);
    return status < 0 ? status : hc__fail(err, HC_ERR_NOT_FOUND, "id", "no such %s", entity->noun);
}

/* ---- what belongs to a row ---- */

struct target {
    hc__record *row; /* NULL: not asked for */
    bool permitted;
};

static hc_status take_target(const hc_row *row, void *data, hc_error *err)
{
    struct target *target = data;

    target->permitted = true;
    if (target->row != NULL && !hc__record_fill(target->row, target->row->entity->shown, row->values, row->count))
        return hc__no_memory(err);
    return HC_OK;
}

static hc_status authorise(hc__arena *arena, hc_session *as, struct target *target, const hc__noun *noun,
                           hc__operation operation, hc_id id, hc_error *err)
{
    int64_t now = hc__session_now(as);
    const hc_predicate *named = hc__is_id(arena, 0, id);
    hc_op_result seen = {0};
    hc_op ops[2] = {read_shown(noun->entity), read_shown(noun->entity)};
    hc_status status;

    ops[0].where = hc__all_of(arena, named, hc__policy_where(arena, as, operation, now));
    ops[1].verb = HC_VERB_COUNT;
    ops[1].where = hc__all_of(arena, named, hc__policy_where(arena, as, noun->read, now));
    ops[1].result = &seen;
    if (ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    status = hc__session_read(as, ops, 2, take_target, target, err);
    if (status < 0 || target->permitted)
        return status;
    return seen.count == 0 ? not_found(as, noun->entity, id, err)
                           : hc__refuse_operation(as, noun->entity, id, operation, err);
}

hc_status hc__authorise(hc_session *as, hc__record *row, const hc__noun *noun, hc__operation operation, hc_id id,
                        hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    struct target target = {row, false};
    hc_status status = hc__require(as, operation, noun->entity, id, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    status = authorise(&arena, as, &target, noun, operation, id, err);
    hc__arena_free(&arena);
    return status;
}

hc_status hc__get(hc__record **out, hc_session *as, const hc__noun *noun, hc_id id, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc__record *record = NULL;
    struct rows rows = {NULL, 0};
    hc_op op = read_shown(noun->entity);
    hc_status status;

    *out = NULL;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where =
        hc__all_of(&arena, hc__is_id(&arena, 0, id), hc__policy_where(&arena, as, noun->read, hc__session_now(as)));
    record = rows.next = hc__record_new(as->core, noun->entity);
    if (record == NULL || op.where == NULL)
        status = hc__no_memory(err);
    else
        status = hc__replica_read(as, &op, take_row, &rows, err);
    if (status >= 0 && rows.count == 0)
        status = not_found(as, noun->entity, id, err);
    hc__arena_free(&arena);
    if (status >= 0)
        hc__policy_redact(as, record);
    else
        hc__record_free(record);
    hc__leave(as);
    if (status >= 0)
        *out = record;
    return status;
}

/* ---- many by id ---- */

static int by_bytes(const void *a, const void *b)
{
    const hc_value *x = a, *y = b;

    return memcmp(x->as.bytes, y->as.bytes, sizeof(hc_id));
}

struct many {
    const hc_id *ids;
    const hc_value *sorted; /* distinct */
    size_t distinct;
    hc__record *rows; /* one for each of `sorted`; entity NULL until it came */
    hc__arena *arena;
    const hc__entity *entity;
};

static hc_status take_one_of_many(const hc_row *row, void *data, hc_error *err)
{
    struct many *many = data;
    const hc_value *at = bsearch(&row->values[0], many->sorted, many->distinct, sizeof *many->sorted, by_bytes);
    hc__record *record;

    if (at == NULL)
        return HC_OK;
    record = &many->rows[at - many->sorted];
    if (hc__record_init(record, many->entity, many->arena, err) < 0)
        return HC_ERR_NO_MEMORY;
    return hc__record_fill(record, many->entity->shown, row->values, row->count) ? HC_OK : hc__no_memory(err);
}

static hc_status sort_ids(struct many *many, hc__arena *arena, size_t count, hc_error *err)
{
    hc_value *values = hc__arena_alloc(arena, (count + 1) * sizeof *values);
    size_t n = 0;

    if (values == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++)
        values[i] = hc__value_bytes(HC_TYPE_ID, many->ids[i].bytes, sizeof(hc_id));
    qsort(values, count, sizeof *values, by_bytes);
    for (size_t i = 0; i < count; i++)
        if (n == 0 || by_bytes(&values[n - 1], &values[i]) != 0)
            values[n++] = values[i];
    many->sorted = values;
    many->distinct = n;
    many->rows = hc__arena_zero(many->arena, n + 1, sizeof *many->rows);
    return many->rows == NULL ? hc__no_memory(err) : HC_OK;
}

/* Moves the rows that came into the order of the ids asked for. */
static hc_status in_asked_order(hc__page *page, const struct many *many, size_t count, hc_error *err)
{
    hc__record *rows = hc__arena_zero(many->arena, many->distinct + 1, sizeof *rows);
    size_t n = 0;

    if (rows == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        hc_value key = hc__value_bytes(HC_TYPE_ID, many->ids[i].bytes, sizeof(hc_id));
        const hc_value *at = bsearch(&key, many->sorted, many->distinct, sizeof key, by_bytes);
        hc__record *record = &many->rows[at - many->sorted];
        if (record->entity == NULL)
            continue;
        rows[n++] = *record;
        record->entity = NULL; /* an id that was asked for twice comes once */
    }
    page->list.rows = rows;
    page->list.count = n;
    page->list.total = -1;
    return HC_OK;
}

static hc_status read_many(hc__page *page, hc_session *as, const hc__noun *noun, const hc_id *ids, size_t count,
                           hc_error *err)
{
    hc__arena scratch;
    struct many many = {.ids = ids, .arena = &page->handle->arena, .entity = noun->entity};
    hc_op op = read_shown(noun->entity);
    hc_status status;

    hc__arena_init(&scratch, &as->core->mem, NULL, 0);
    status = sort_ids(&many, &scratch, count, err);
    if (status >= 0) {
        op.where = hc__all_of(&scratch, hc__is_in(&scratch, 0, many.sorted, many.distinct),
                              hc__policy_where(&scratch, as, noun->read, hc__session_now(as)));
        status = op.where == NULL ? hc__no_memory(err) : hc__replica_read(as, &op, take_one_of_many, &many, err);
    }
    if (status >= 0)
        status = in_asked_order(page, &many, count, err);
    hc__arena_free(&scratch);
    return status;
}

hc_status hc__get_many(hc__page **out, hc_session *as, const hc__noun *noun, const hc_id *ids, size_t count,
                       hc_error *err)
{
    hc__page *page;
    hc_status status;

    *out = NULL;
    if (count > MANY_LIMIT)
        return hc__fail(err, HC_ERR_TOO_LARGE, "ids", "at most %d ids in one call", MANY_LIMIT);
    if (count > 0 && ids == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "ids", "NULL");
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    page = hc__page_new(as->core);
    status = page == NULL ? hc__no_memory(err) : read_many(page, as, noun, ids, count, err);
    for (size_t i = 0; status >= 0 && i < page->list.count; i++)
        hc__policy_redact(as, &page->list.rows[i]);
    if (status >= 0) {
        *out = page;
    } else {
        hc__page_free(page);
    }
    hc__leave(as);
    return status;
}

/* ---- lists ---- */

static bool is_hidden(const hc__entity *entity, uint16_t field, hc__privacy audience)
{
    return field < entity->kind.field_count && entity->info[field].privacy > audience;
}

/* The first field of a filter that the audience may not see, or HC_NO_FIELD. */
static uint16_t hidden_in(const hc__expr *expr, const hc__entity *entity, hc__privacy audience)
{
    uint16_t found = HC_NO_FIELD;

    if (expr->kind == HC__EXPR_TEST && is_hidden(entity, expr->field, audience))
        return expr->field;
    for (size_t i = 0; i < expr->child_count && found == HC_NO_FIELD; i++)
        found = hidden_in(expr->children[i], entity, audience);
    return found;
}

/* A filter or an order must not find what a read hides (security.md A19). Hidden addresses are query/'s to guard, row
 * by row. */
static hc_status check_filter(hc_session *as, const hc__query *query, hc__privacy audience, hc_error *err)
{
    const hc__entity *entity = query->entity;
    uint16_t hidden = query->where == NULL ? HC_NO_FIELD : hidden_in(query->where, entity, audience);

    for (size_t i = 0; i < query->sort_count && hidden == HC_NO_FIELD; i++)
        if (is_hidden(entity, query->sort[i].field, audience))
            hidden = query->sort[i].field;
    if (hidden == HC_NO_FIELD)
        return HC_OK;
    hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                    .target_kind = entity->noun,
                                    .reason = "filter or order by a field that the caller may not see"});
    return hc__fail(err, HC_ERR_FORBIDDEN, entity->kind.fields[hidden].name,
                    "you may not search %s by %s in this scope", entity->kind.name, entity->kind.fields[hidden].name);
}

static hc_status refuse_scope(hc_session *as, const hc__entity *entity, hc_error *err)
{
    hc__audit_late(as, &(hc__audit){.event = "authz_fail", .target_kind = entity->noun, .reason = "scope of a list"});
    return as->role == HC_ROLE_GUEST ? hc__fail(err, HC_ERR_UNAUTHENTICATED, "scope", "sign in to use this scope")
                                     : hc__fail(err, HC_ERR_FORBIDDEN, "scope", "your role may not use this scope");
}

/* `permitted`: the caller was found entitled to what the query is narrowed to. */
static hc_status context_for(hc__list_context *out, hc__arena *arena, hc_session *as, const hc__query *query,
                             hc__operation operation, bool permitted, hc__privacy audience, hc_error *err)
{
    const hc__rule rule = hc__policy_rule(as, operation);

    if (rule == HC__NONE)
        return refuse_scope(as, query->entity, err);
    if (query->word_count > 0 && as->unit != NULL && hc__unit_wrote_listings(as->unit))
        return hc__fail(err, HC_ERR_MISUSE, "q", "a unit of work that wrote listings cannot search their words");
    *out = (hc__list_context){
        .entitled = audience == HC__OWNER_ONLY,
        .cursor_key = as->core->cursor_key,
        .principal = rule == HC__OF_INQUIRY ? as->inquiry : as->user,
        .role = as->role,
        .now = hc__session_now(as),
        .currency = as->core->currency,
        .counts_rows = as->core->metric != NULL,
        .execute = hc__replica_execute,
        .data = as,
    };
    if (!permitted) {
        out->policy = hc__policy_where(arena, as, operation, out->now);
        if (out->policy == NULL)
            return hc__no_memory(err);
    }
    return out->entitled ? HC_OK : check_filter(as, query, audience, err);
}

hc_status hc__list_context_for(hc__list_context *out, hc__arena *arena, hc_session *as, const hc__query *query,
                               hc_error *err)
{
    hc__operation operation = hc__policy_list(query->entity, query->scope);

    return context_for(out, arena, as, query, operation, false, hc__policy_audience(as, operation), err);
}

static void count_examined(const hc__core *core, const hc__list *list, bool total)
{
    hc__core_count(core, "list.examined", list->examined);
    if (total)
        hc__core_count(core, "list.counted", list->counted);
}

hc_status hc__left_out(const hc_session *as, hc_error *err)
{
    if (as->spoiled.status >= 0)
        return HC_OK;
    if (err != NULL)
        *err = as->spoiled;
    return HC_NOTE_INCOMPLETE;
}

/* Fills a page of the call that was entered, with what `audience` may see. */
static hc_status run_list(hc__page **out, hc_session *as, const hc__query *asked, hc__operation operation,
                          bool permitted, hc__privacy audience, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc__list_context context;
    hc__page *page = NULL;
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    as->spoiled.status = HC_OK;
    status = context_for(&context, &arena, as, asked, operation, permitted, audience, err);
    if (status >= 0) {
        page = hc__page_new(as->core);
        status =
            page == NULL ? hc__no_memory(err) : hc__list_run(&page->list, &page->handle->arena, asked, &context, err);
        if (page != NULL)
            count_examined(as->core, &page->list, asked->count);
    }
    hc__arena_free(&arena);
    for (size_t i = 0; status >= 0 && !context.entitled && i < page->list.count; i++)
        hc__policy_redact_listed(as, &page->list.rows[i], audience);
    if (status >= 0 && as->spoiled.status < 0)
        status = hc__left_out(as, err);
    if (status >= 0)
        *out = page;
    else
        hc__page_free(page);
    return status;
}

static hc_status check_kind(const hc__noun *noun, const hc_query *query, hc_error *err)
{
    if (query == NULL || query->query.entity == noun->entity)
        return HC_OK;
    return hc__fail(err, HC_ERR_MISUSE, "query", "the query is about %s, not %s", query->query.entity->noun,
                    noun->entity->noun);
}

static hc_status list_page(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query, bool as_anyone,
                           hc_error *err)
{
    hc__query all; /* for those who ask without a query */
    const hc__query *asked = query == NULL ? &all : &query->query;
    hc__operation operation;
    hc_status status = check_kind(noun, query, err);

    *out = NULL;
    if (status >= 0)
        status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__query_init(&all, &as->core->mem, noun->entity);
    operation = hc__policy_list(noun->entity, asked->scope);
    status = run_list(out, as, asked, operation, false,
                      as_anyone ? HC__PUBLIC_ADDRESS : hc__policy_audience(as, operation), err);
    hc__query_free(&all);
    hc__leave(as);
    return status;
}

hc_status hc__list_page(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query, hc_error *err)
{
    return list_page(out, as, noun, query, false, err);
}

hc_status hc__list_page_as_anyone(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query,
                                  hc_error *err)
{
    return list_page(out, as, noun, query, true, err);
}

/* What narrows is part of the query, so that cursors are bound to it. */
static hc_status narrow(hc__query *query, const hc__narrowing *how, hc_error *err)
{
    const hc__expr *clause = hc__expr_test(&query->arena, how->field, HC_TEST_EQ, &how->value, 1);

    if (how->fields != NULL)
        query->fields = how->fields;
    if (how->permitted)
        query->scope = HC__SCOPE_PUBLIC; /* no scope's: the same for all */
    return clause == NULL ? hc__no_memory(err) : hc__query_narrow(query, clause, err);
}

hc_status hc__list_narrowed(hc__page **out, hc_session *as, const hc__noun *noun, const hc_query *query,
                            const hc__narrowing *how, hc_error *err)
{
    hc__query asked;
    hc__operation operation;
    hc_status status = check_kind(noun, query, err);

    *out = NULL;
    if (status < 0)
        return status;
    hc__query_init(&asked, &as->core->mem, noun->entity);
    if (query != NULL) {
        hc__arena own = asked.arena;
        asked = query->query; /* its tree and texts are borrowed */
        asked.arena = own;
    }
    status = narrow(&asked, how, err);
    operation = how->permitted ? how->operation : hc__policy_list(noun->entity, asked.scope);
    if (status >= 0)
        status = run_list(out, as, &asked, operation, how->permitted, hc__policy_audience(as, operation), err);
    hc__arena_free(&asked.arena);
    return status;
}
