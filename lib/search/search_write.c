#include "homeconnect/search.h"

#include <string.h>

#include "base/id.h"
#include "query/expr.h"
#include "search/search_noun.h"

#define SEARCH_LIMIT 100

/* ---- create ---- */

/* A query in our own words. */
struct words {
    hc__buf filter, sort;
    const char *text;
};

struct create {
    hc__create base;
    const hc_query *query;
    struct words words;
};

static const char *text_of(const hc__buf *buf)
{
    return buf->size == 0 ? NULL : buf->data;
}

static bool same_text(const hc__buf *a, const hc__buf *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* What is kept must be the same query again: else it is refused now, not when it is looked for. */
static hc_status check_round_trip(const struct words *words, const hc__query *query, const hc__mem *mem, hc_error *err)
{
    hc__query again;
    hc__buf filter, sort;
    hc_error why;
    hc_status status = hc__search_parse(&again, mem, text_of(&words->filter), words->text, text_of(&words->sort), &why);

    hc__buf_init(&filter, mem);
    hc__buf_init(&sort, mem);
    if (status >= 0) {
        hc__query_print(&filter, &again);
        hc__query_print_sort(&sort, &again);
    }
    if (status == HC_ERR_NO_MEMORY || filter.failed || sort.failed)
        status = hc__no_memory(err);
    else if (status < 0)
        status = hc__fail(err, HC_ERR_TOO_LARGE, "query", "the query is too long to keep: %s", why.message);
    else if (!same_text(&filter, &words->filter) || !same_text(&sort, &words->sort) ||
             again.word_count != query->word_count)
        status = hc__fail(err, HC_ERR_INTERNAL, "query", "the query does not read as it was written");
    hc__buf_free(&filter);
    hc__buf_free(&sort);
    hc__query_free(&again);
    return status;
}

static hc_status spell(struct words *words, const hc__query *query, const hc__mem *mem, hc_error *err)
{
    const hc__entity *entity = &hc__search_entity;

    hc__query_print(&words->filter, query);
    hc__query_print_sort(&words->sort, query);
    words->text = query->text;
    if (words->filter.failed || words->sort.failed)
        return hc__no_memory(err);
    if (words->filter.size > (size_t)entity->info[hc__search_f_filter].most ||
        (words->text != NULL && strlen(words->text) > (size_t)entity->info[hc__search_f_words].most))
        return hc__fail(err, HC_ERR_TOO_LARGE, "query", "the query is too long to keep");
    return check_round_trip(words, query, mem, err);
}

/* The body that a key stands for is the query, too. */
static void bind_key(hc__once *once, const struct words *words, const hc__core *core)
{
    const char *parts[] = {text_of(&words->filter), words->text, text_of(&words->sort)};

    if (once->key[0] == '\0')
        return;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint8_t body[64];

        memcpy(body, once->hash, 32);
        hc__mac(body + 32, core->request_key, "search", parts[i] == NULL ? "" : parts[i],
                parts[i] == NULL ? 0 : strlen(parts[i]));
        hc__mac(once->hash, core->request_key, "request", body, sizeof body);
    }
}

static hc_status prepare(hc_session *as, hc__create *base, hc_error *err)
{
    struct create *create = (struct create *)base;
    const hc__mem *mem = &as->core->mem;
    hc_status status = HC_OK;

    hc__buf_init(&create->words.filter, mem);
    hc__buf_init(&create->words.sort, mem);
    if (create->query == NULL)
        return HC_OK;
    if (create->query->query.entity != &hc__property_entity)
        return hc__fail(err, HC_ERR_MISUSE, "query", "the query is about %s, not property",
                        create->query->query.entity->noun);
    if (create->query->query.scope != HC__SCOPE_PUBLIC)
        return hc__fail(err, HC_ERR_INVALID, "scope", "a search is of public listings");
    status = hc__query_check_sort(&create->query->query, err);
    if (status >= 0)
        status = spell(&create->words, &create->query->query, mem, err);
    if (status >= 0)
        bind_key(&base->once, &create->words, as->core);
    return status;
}

static void set(hc__record *row, uint16_t field, const char *text)
{
    if (text != NULL)
        hc__record_set_text(row, field, text, strlen(text));
}

static hc_status create(hc__unit *unit, void *data, hc_error *err)
{
    struct create *create = data;
    hc__arena *arena = hc__unit_arena(unit);
    hc_id owner = hc__unit_session(unit)->user;
    hc__record row;
    int64_t count;
    hc_status status = hc__once_claim(unit, &create->base.once, "search.create", &create->base.id, err);

    if (status != HC_OK)
        return status;
    /* Who saves elsewhere in the same moment waits, and counts this one. */
    hc__unit_hold(unit, &hc__user_entity, hc__is_id(arena, hc__user_f_id, owner), HC_EXPECT_ANY);
    status =
        hc__unit_count_after(unit, &count, &hc__search_entity.kind, hc__is_id(arena, hc__search_f_user_id, owner), err);
    if (status >= 0 && count >= SEARCH_LIMIT)
        status = hc__fail(err, HC_ERR_TOO_LARGE, "searches", "at most %d searches can be saved", SEARCH_LIMIT);
    if (status >= 0)
        status = hc__copy_changes(&row, unit, create->base.record, err);
    if (status >= 0)
        status = hc__stamp_create(unit, &row, create->base.id, err);
    if (status < 0)
        return status;
    hc__record_set_id(&row, hc__search_f_user_id, owner);
    set(&row, hc__search_f_filter, text_of(&create->words.filter));
    set(&row, hc__search_f_words, create->words.text);
    set(&row, hc__search_f_sort, text_of(&create->words.sort));
    hc__record_set_int(&row, hc__search_f_matched_at, hc__unit_now(unit));
    status = hc__record_fault(&row, err);
    if (status < 0)
        return status;
    hc__unit_insert(unit, &row);
    hc__unit_event(unit, &hc__search_entity, create->base.id, HC__CHANGE_CREATED, 1);
    return HC_OK;
}

hc_status hc_search_create(hc_id *out, hc_session *as, const hc_search *search, const hc_query *query, hc_error *err)
{
    struct create data = {.base = {.record = (const hc__record *)search, .prepare = prepare}, .query = query};
    hc_status status = hc__run_create(out, as, HC__SEARCH_WRITE, &hc__search_entity, &data.base, create, err);

    if (data.words.filter.mem != NULL) {
        hc__buf_free(&data.words.filter);
        hc__buf_free(&data.words.sort);
    }
    return status;
}

/* ---- update, delete ---- */

static hc_status update(hc__unit *unit, void *data, hc_error *err)
{
    hc__update *update = data;
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__search_noun, HC__SEARCH_WRITE,
                                         hc__record_key(update->changes), hc__record_version(update->changes), err);

    if (status >= 0)
        status = hc__copy_changes(&changes, unit, update->changes, err);
    if (status < 0)
        return status;
    update->version = hc__record_version(&before);
    if (!hc__drop_same(&changes, &before))
        return HC_NOTE_SAME;
    update->version = hc__stamp_update(unit, &changes, &before);
    hc__unit_update(unit, &changes, where);
    hc__unit_event(unit, &hc__search_entity, hc__record_key(&before), HC__CHANGE_UPDATED, update->version);
    return HC_OK;
}

hc_status hc_search_update(int32_t *out_version, hc_session *as, const hc_search *changes, hc_error *err)
{
    static const hc__operation needed = HC__SEARCH_WRITE;
    hc__update data = {.changes = (const hc__record *)changes, .needed = &needed, .needed_count = 1};

    return hc__run_update(out_version, as, &hc__search_entity, &data, update, err);
}

static hc_status delete (hc__unit *unit, void *data, hc_error *err)
{
    hc__removal *removal = data;
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE, .expect = 1, .kind = &hc__search_entity.kind, .index = HC_INDEX_ANY};
    hc__record before;
    hc_status status = hc__before_change(unit, &before, &op.where, &hc__search_noun, HC__SEARCH_WRITE, removal->id,
                                         removal->version, err);

    if (status < 0)
        return status;
    hc__unit_add(unit, &op);
    hc__unit_event(unit, &hc__search_entity, removal->id, HC__CHANGE_DELETED, hc__record_version(&before) + 1);
    return HC_OK;
}

hc_status hc_search_delete(hc_session *as, hc_id id, int32_t version, hc_error *err)
{
    hc__removal data = {id, version};

    return hc__run_removal(as, HC__SEARCH_WRITE, &hc__search_entity, &data, delete, err);
}

/* ---- mark ---- */

struct mark {
    hc_id id;
    int64_t until;
};

/* Who may read a search may mark it: the system, too, which tells people of their matches and may change nothing else.
 */
static hc_status mark(hc__unit *unit, void *data, hc_error *err)
{
    const struct mark *mark = data;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *where;
    hc__record before, changes;
    hc_status status = hc__before_change(unit, &before, &where, &hc__search_noun, HC__SEARCH_READ, mark->id, 0, err);

    if (status >= 0 && mark->until > hc__unit_now(unit))
        status = hc__fail(err, HC_ERR_INVALID, "until", "is in the future");
    if (status >= 0)
        status = hc__record_init(&changes, &hc__search_entity, arena, err);
    if (status < 0)
        return status;
    if (hc__record_int(&before, hc__search_f_matched_at) >= mark->until)
        return HC_NOTE_SAME;
    hc__record_set_int(&changes, hc__search_f_matched_at, mark->until);
    hc__unit_update(unit, &changes, where);
    return HC_OK;
}

hc_status hc_search_mark(hc_session *as, hc_id id, int64_t until, hc_error *err)
{
    struct mark data = {id, until};
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    status = hc__require(as, HC__SEARCH_READ, &hc__search_entity, id, &why);
    if (status >= 0)
        status = hc__unit_run(as, mark, &data, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__leave(as);
    return status;
}
