#include "homeconnect/favorite.h"

#include "base/id.h"
#include "client/crud.h"
#include "homeconnect/property.h"

#define FAVORITE_LIMIT 1000
#define PAGE_LIMIT     200 /* of hc_query_set_limit(), and of what is read by id in one call */

static const hc__noun favorites = {.entity = &hc__favorite_entity, .read = HC__FAVORITE_LIST_OWN};
static const hc__noun listings = {.entity = &hc__property_entity, .read = HC__PROPERTY_READ};

#define PAGE_ONLY
#define NOUN(suffix) hc_favorite##suffix
#define RECORD       hc_favorite
#define PAGE         hc_favorite_page
#include "client/page.inc"

/* ---- saving and forgetting ---- */

static const hc_predicate *callers(hc__unit *unit)
{
    return hc__is_id(hc__unit_arena(unit), hc__favorite_f_user_id, hc__unit_session(unit)->user);
}

static const hc_predicate *which(hc__unit *unit, hc_id property_id)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(arena, callers(unit), hc__is_id(arena, hc__favorite_f_property_id, property_id));
}

static hc_status insert(hc__unit *unit, hc_id property_id, hc_error *err)
{
    hc_op_result *inserted = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *inserted);
    hc__record row;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__favorite_entity, hc__unit_arena(unit), err);

    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), err);
    if (status < 0 || inserted == NULL)
        return status < 0 ? status : hc__no_memory(err);
    hc__record_set_id(&row, hc__favorite_f_id, id);
    hc__record_set_id(&row, hc__favorite_f_user_id, hc__unit_session(unit)->user);
    hc__record_set_id(&row, hc__favorite_f_property_id, property_id);
    hc__record_set_int(&row, hc__favorite_f_created_at, hc__unit_now(unit));
    hc__unit_insert_if_absent(unit, &row, inserted);
    status = hc__unit_flush(unit, NULL, err);
    if (status < 0 || inserted->count == 0)
        return status < 0 ? status : HC_NOTE_SAME;
    hc__unit_event(unit, &hc__favorite_entity, id, HC__CHANGE_CREATED, 1);
    return HC_OK;
}

static hc_status add(hc__unit *unit, void *data, hc_error *err)
{
    const hc_id *property_id = data;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *unused;
    hc__record listing, before;
    int64_t count;
    bool saved = false;
    hc_status status = hc__before_change(unit, &listing, &unused, &listings, HC__PROPERTY_READ, *property_id, 0, err);

    if (status >= 0)
        status = hc__unit_row(unit, &before, &saved, &hc__favorite_entity, which(unit, *property_id), err);
    if (status < 0 || saved)
        return status < 0 ? status : HC_NOTE_SAME;
    hc__unit_hold(unit, &hc__user_entity, hc__is_id(arena, hc__user_f_id, hc__unit_session(unit)->user),
                  HC_EXPECT_ANY); /* who saves elsewhere in the same moment waits, and counts this one */
    status = hc__unit_count_after(unit, &count, &hc__favorite_entity.kind, callers(unit), err);
    if (status >= 0 && count >= FAVORITE_LIMIT)
        status = hc__fail(err, HC_ERR_TOO_LARGE, "favorites", "at most %d listings can be saved", FAVORITE_LIMIT);
    return status < 0 ? status : insert(unit, *property_id, err);
}

static hc_status take_away(hc__unit *unit, void *data, hc_error *err)
{
    const hc_id *property_id = data;
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE,
                .expect = 1,
                .kind = &hc__favorite_entity.kind,
                .where = which(unit, *property_id),
                .index = HC_INDEX_ANY};
    hc__record before;
    bool saved = false;
    hc_status status = hc__unit_row(unit, &before, &saved, &hc__favorite_entity, op.where, err);

    if (status < 0 || !saved)
        return status < 0 ? status : HC_NOTE_SAME;
    hc__unit_unversioned(unit); /* who forgets it in the same moment, too, looks again and finds none */
    hc__unit_add(unit, &op);
    hc__unit_event(unit, &hc__favorite_entity, hc__record_key(&before), HC__CHANGE_DELETED, 2);
    return HC_OK;
}

static hc_status run(hc_session *as, hc_id property_id, hc__unit_fn fn, hc_error *err)
{
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = hc__require(as, HC__FAVORITE_WRITE, &hc__favorite_entity, property_id, &why);
    if (status >= 0)
        status = hc__unit_run(as, fn, &property_id, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}

hc_status hc_favorite_add(hc_session *as, hc_id property_id, hc_error *err)
{
    return run(as, property_id, add, err);
}

hc_status hc_favorite_remove(hc_session *as, hc_id property_id, hc_error *err)
{
    return run(as, property_id, take_away, err);
}

/* ---- reading ---- */

hc_status hc_favorite_list(hc_favorite_page **out, hc_session *as, const hc_query *query, hc_error *err)
{
    hc__page *page;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    status = hc__list_page(&page, as, &favorites, query, err);
    *out = (hc_favorite_page *)page;
    return status;
}

hc_status hc_favorite_listings(hc_property_page **out, hc_session *as, const hc_favorite_page *page, hc_error *err)
{
    hc_id ids[PAGE_LIMIT];
    size_t count = hc_favorite_page_count(page);
    hc__page *found;
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    for (size_t i = 0; i < count; i++)
        ids[i] = hc_favorite_property_id(hc_favorite_page_at(page, i));
    status = hc__get_many(&found, as, &listings, ids, count, err);
    *out = (hc_property_page *)found;
    return status;
}

/* How often a listing was saved is part of what its agent may know of its visitors. */
static hc_status count_of(int64_t *out, hc_session *as, hc_id property_id, hc_error *err)
{
    uint8_t room[512];
    hc__arena arena;
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__favorite_entity.kind,
                .index = HC_INDEX_ANY,
                .result = &result};
    hc_status status = hc__authorise(as, NULL, &listings, HC__ACTIVITY_OF_LISTING, property_id, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__is_id(&arena, hc__favorite_f_property_id, property_id);
    status = op.where == NULL ? hc__no_memory(err) : hc__session_read(as, &op, 1, NULL, NULL, err);
    hc__arena_free(&arena);
    if (status >= 0)
        *out = result.count;
    return status;
}

hc_status hc_favorite_count(int64_t *out, hc_session *as, hc_id property_id, hc_error *err)
{
    hc_status status;

    if (out == NULL)
        return hc__fail(err, HC_ERR_MISUSE, "out", "NULL");
    *out = 0;
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    status = count_of(out, as, property_id, err);
    hc__leave(as);
    return status;
}
