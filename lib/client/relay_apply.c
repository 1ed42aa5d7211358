/* The relay's side of the store of documents: what a batch of effects does there. */
#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/documents.h"
#include "client/relay_inside.h"

/* A connection, and the batch that goes over it. */
typedef struct link {
    hc__core *core;
    hc__arena *arena;
    hc__lease lease;
    int64_t deadline;
    int trips;
    hc_status worst; /* whether the connection may be used again */
} link;

/* The effects of one document, in order. */
typedef struct chain {
    hc__delivery *rows;
    size_t count;
    hc__record row; /* as read, then as it will be */
    bool was, is;   /* whether there is one: as read, and as it will be */
    int64_t stored; /* version as read */
    size_t done;    /* effects that the write brings */
    hc_op_result result;
} chain;

typedef struct group {
    link *link;
    const hc__entity *entity;
    chain *chains;
    size_t count;
    uint16_t fields[HC__FIELD_LIMIT];
    size_t field_count;
} group;

static hc_status run(link *l, const hc_op *ops, size_t count, hc_row_fn on_row, void *data, size_t *failed,
                     hc_error *err)
{
    hc_batch batch = {.struct_size = sizeof batch,
                      .ops = ops,
                      .op_count = count,
                      .on_row = on_row,
                      .data = data,
                      .deadline = l->deadline};
    hc_status status;

    if (l->trips++ > 0)
        hc__failpoint("relay.between");
    status = hc__store_driver(l->core->documents)->execute(l->lease.conn, &batch, err);
    if (status < 0 && hc__store_usable_after(l->worst))
        l->worst = status;
    if (failed != NULL) /* where nobody in particular is to blame, nothing of the trip took place */
        *failed = batch.failed_op < count ? batch.failed_op : 0;
    return status;
}

/* Whether the store refused it for its own sake. What the server's state or the way to it may be the reason of is not.
 */
static bool is_own(hc_status status, const hc_error *why)
{
    switch (status) {
    case HC_ERR_INVALID:
        return strcmp(why->field, "document_uri") != 0;
    case HC_ERR_TOO_LARGE:
    case HC_ERR_CORRUPT:
    case HC_ERR_CONFLICT:
    case HC_ERR_NOT_FOUND:
    case HC_ERR_MISUSE:
    case HC_ERR_UNSUPPORTED:
    case HC_ERR_INTERNAL:
        return true;
    default:
        return false;
    }
}

static void refuse(const link *l, hc__delivery *row, const hc_error *why)
{
    const char *reason = hc__arena_text(l->arena, why->message, strlen(why->message));

    row->outcome = HC__REFUSED;
    row->reason = reason == NULL ? "" : reason;
}

static hc_status fail_as(hc_error *err, hc_status status, const hc_error *why)
{
    *err = *why;
    return status;
}

/* ---- rows that never change ---- */

struct appends {
    hc__delivery *rows[HC__RELAY_BATCH];
    hc_op ops[HC__RELAY_BATCH];
    hc_op_result results[HC__RELAY_BATCH];
    size_t count;
};

static hc_status add_append(struct appends *out, link *l, hc__delivery *row, hc_error *err)
{
    const hc__entity *entity = row->effect.entity;
    hc_set *sets = hc__arena_alloc(l->arena, entity->kind.field_count * sizeof *sets);
    hc__record record;
    bool exists = false;
    hc_error why = {0};
    hc_status status = hc__record_init(&record, entity, l->arena, &why);

    if (status >= 0)
        status = sets == NULL ? hc__no_memory(&why) : hc__effect_apply(&record, &exists, &row->effect, &why);
    if (status < 0 && !is_own(status, &why))
        return fail_as(err, status, &why);
    if (status < 0) {
        refuse(l, row, &why);
        return HC_OK;
    }
    out->ops[out->count] = (hc_op){.verb = HC_VERB_INSERT_IF_ABSENT,
                                   .expect = HC_EXPECT_ANY,
                                   .kind = &entity->kind,
                                   .sets = sets,
                                   .set_count = hc__row_sets(sets, &record),
                                   .index = HC_INDEX_ANY,
                                   .result = &out->results[out->count]};
    out->rows[out->count++] = row;
    return HC_OK;
}

static hc_status apply_appends(link *l, hc__delivery *rows, size_t count, hc_error *err)
{
    struct appends *all = hc__arena_zero(l->arena, 1, sizeof *all);
    hc_status status = all == NULL ? hc__no_memory(err) : HC_OK;

    for (size_t i = 0; i < count && status >= 0; i++)
        if (rows[i].outcome == HC__READY)
            status = add_append(all, l, &rows[i], err);
    for (size_t at = 0, end; status >= 0 && at < all->count; at = end) {
        hc_error why = {0};
        size_t failed = 0;
        hc_status sent = run(l, all->ops + at, all->count - at, NULL, NULL, &failed, &why);

        end = sent < 0 ? at + failed : all->count;
        for (size_t i = at; i < end; i++)
            all->rows[i]->outcome = all->results[i].count > 0 ? HC__APPLIED : HC__ABSORBED;
        if (sent < 0 && !is_own(sent, &why))
            return fail_as(err, sent, &why);
        if (sent < 0)
            refuse(l, all->rows[end++], &why);
    }
    return status;
}

/* ---- rows that change: what is there ---- */

static chain *chain_of(const group *g, const void *id)
{
    for (size_t i = 0; i < g->count; i++)
        if (memcmp(g->chains[i].rows->effect.aggregate.bytes, id, sizeof(hc_id)) == 0)
            return &g->chains[i];
    return NULL;
}

static hc_status take_document(const hc_row *row, void *data, hc_error *err)
{
    const group *g = data;
    chain *c = chain_of(g, row->values[0].as.bytes);

    if (c == NULL)
        return HC_OK;
    c->was = c->is = true;
    if (!hc__record_fill(&c->row, g->fields, row->values, row->count))
        return hc__no_memory(err);
    c->stored = hc__record_int(&c->row, g->entity->version);
    return HC_OK;
}

static hc_status query(group *g, size_t first, size_t count, hc_row_fn on_row, hc_error *err)
{
    hc__arena *arena = g->link->arena;
    hc_value *ids = hc__arena_alloc(arena, count * sizeof *ids);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &g->entity->kind,
                .fields = g->fields,
                .field_count = g->field_count,
                .index = HC_INDEX_ID};

    for (size_t i = 0; ids != NULL && i < count; i++)
        ids[i] = hc__value_bytes(HC_TYPE_ID, g->chains[first + i].rows->effect.aggregate.bytes, sizeof(hc_id));
    op.where = ids == NULL ? NULL : hc__is_in(arena, 0, ids, count);
    return op.where == NULL ? hc__no_memory(err) : run(g->link, &op, 1, on_row, g, NULL, err);
}

static void choose_version(group *g)
{
    g->fields[1] = g->entity->version; /* behind the id, which is field 0 */
    g->field_count = 2;
}

/* All fields only where a message goes to the end of others. */
static void choose_fields(group *g)
{
    bool all = false;

    for (size_t i = 0; i < g->count; i++)
        for (size_t k = 0; k < g->chains[i].count; k++)
            all = all || g->chains[i].rows[k].effect.verb == HC__EFFECT_PUSH;
    choose_version(g);
    if (all)
        g->field_count = hc__readable_fields(g->fields, g->entity);
}

/* A document that another program spoiled is told after the others were given; which it was is asked for one by one. */
static hc_status read_documents(group *g, hc_error *err)
{
    hc_error why = {0};
    hc_status status;

    choose_fields(g);
    status = query(g, 0, g->count, take_document, &why);
    if (status == HC_ERR_CORRUPT) {
        status = HC_OK;
        for (size_t i = 0; i < g->count && status >= 0; i++) {
            if (g->chains[i].was)
                continue;
            status = query(g, i, 1, take_document, &why);
            if (status == HC_ERR_CORRUPT) {
                refuse(g->link, g->chains[i].rows, &why);
                status = HC_OK;
            }
        }
    }
    return status < 0 ? fail_as(err, status, &why) : HC_OK;
}

/* ---- what is to be written ---- */

/* One that failed before goes alone, so that nobody else's fault is counted as its own. */
static size_t length_of(const chain *c)
{
    return c->rows->attempts > 0 ? 1 : c->count;
}

static hc_status work_out(const group *g, chain *c, hc_error *err)
{
    for (size_t i = 0; i < length_of(c); i++) {
        hc__delivery *row = &c->rows[i];
        hc_error why = {0};
        hc_status status;

        if (row->outcome != HC__READY)
            return HC_OK;
        if (row->effect.verb == HC__EFFECT_REMOVE) { /* also of what is not known under this key */
            c->is = false;
            c->done = i + 1;
            return HC_OK;
        }
        status = hc__effect_apply(&c->row, &c->is, &row->effect, &why);
        if (status < 0 && !is_own(status, &why))
            return fail_as(err, status, &why);
        if (status < 0) {
            refuse(g->link, row, &why);
            return HC_OK;
        }
        if (status == HC__EFFECT_ABSORBED && c->done == 0)
            row->outcome = HC__ABSORBED;
        else
            c->done = i + 1;
    }
    return HC_OK;
}

static void settle(chain *c, hc__outcome outcome)
{
    for (size_t i = 0; i < c->done; i++)
        if (c->rows[i].outcome == HC__READY)
            c->rows[i].outcome = outcome;
}

static hc__delivery *first_of(const chain *c)
{
    for (size_t i = 0; i < c->done; i++)
        if (c->rows[i].outcome == HC__READY)
            return &c->rows[i];
    return c->rows;
}

static size_t set_fields(hc_set *out, const hc__record *row)
{
    size_t count = 0;

    for (uint16_t i = 1; i < row->entity->kind.field_count; i++)
        if (hc__record_is_set(row, i))
            out[count++] = (hc_set){i, HC_SET_TO, 0, row->values[i]};
    return count;
}

/* The document, and the one that has the payload's values: another program may have made it under a key of its own. */
static const hc_predicate *is_removed(const group *g, const hc__effect *effect)
{
    hc__arena *arena = g->link->arena;
    const hc_predicate *is = hc__is_id(arena, 0, effect->aggregate), *all = NULL;
    hc__record row;

    if (hc__record_init(&row, g->entity, arena, NULL) < 0 ||
        hc__effect_get(&row, effect->payload, effect->size, NULL) == HC_ERR_NO_MEMORY)
        return NULL;
    for (uint16_t i = 1; i < g->entity->kind.field_count; i++)
        if (!hc__record_is_null(&row, i)) {
            const hc_predicate *one = hc__is_in(arena, i, &row.values[i], 1);
            all = all == NULL ? one : hc__all_of(arena, all, one);
        }
    return all == NULL ? is : hc__any_of(arena, is, all);
}

static hc_status build(hc_op *op, const group *g, chain *c, hc_error *err)
{
    hc__arena *arena = g->link->arena;
    const hc_kind *kind = &g->entity->kind;
    hc_set *sets = hc__arena_alloc(arena, kind->field_count * sizeof *sets);
    const hc_predicate *where = hc__is_id(arena, 0, c->rows->effect.aggregate);

    *op = (hc_op){.expect = HC_EXPECT_ANY, .kind = kind, .index = HC_INDEX_ID, .sets = sets};
    if (sets == NULL || where == NULL)
        return hc__no_memory(err);
    if (!c->is) {
        const hc__effect *last = &c->rows[c->done - 1].effect;

        op->verb = HC_VERB_REMOVE_WHERE;
        op->where = is_removed(g, last);
        op->index = last->size == 0 ? HC_INDEX_ID : HC_INDEX_ANY;
        op->result = last->size == 0 ? NULL : &c->result;
        if (op->where == NULL)
            return hc__no_memory(err);
    } else if (c->was) {
        op->verb = HC_VERB_UPDATE_WHERE;
        op->where = hc__all_of(arena, where, hc__is_int(arena, kind, g->entity->version, HC_TEST_EQ, c->stored));
        op->set_count = set_fields(sets, &c->row);
        if (op->where == NULL)
            return hc__no_memory(err);
    } else {
        op->verb = HC_VERB_INSERT_IF_ABSENT;
        op->index = HC_INDEX_ANY;
        op->set_count = hc__row_sets(sets, &c->row);
        op->result = &c->result;
    }
    return HC_OK;
}

/* ---- a key that another document has ---- */

static const hc_predicate *has_key(hc__arena *arena, const hc_index *index, const hc__record *row)
{
    const hc_predicate *all = NULL;

    for (uint32_t i = 0; i < index->field_count; i++) {
        uint16_t field = index->fields[i];
        const hc_predicate *one =
            hc__record_is_null(row, field) ? hc__is_false() : hc__is_in(arena, field, &row->values[field], 1);

        all = i == 0 ? one : hc__all_of(arena, all, one);
    }
    return all;
}

static bool is_key_field(const hc_index *index, uint16_t field)
{
    for (uint32_t i = 0; i < index->field_count; i++)
        if (index->fields[i] == field)
            return true;
    return false;
}

/* The document under that key, which another program made, gets the fields where its version is lower. */
static hc_status by_key(const group *g, chain *c, const hc_index *index, hc_error *err)
{
    hc__arena *arena = g->link->arena;
    const hc_kind *kind = &g->entity->kind;
    hc_set *sets = hc__arena_alloc(arena, kind->field_count * sizeof *sets);
    const hc_predicate *where = has_key(arena, index, &c->row);
    int64_t version = c->rows[c->done - 1].effect.version;
    hc_op_result updated = {0}, there = {0};
    hc_op ops[] = {{.verb = HC_VERB_UPDATE_WHERE,
                    .expect = HC_EXPECT_ANY,
                    .kind = kind,
                    .sets = sets,
                    .index = HC_INDEX_ANY,
                    .result = &updated},
                   {.verb = HC_VERB_COUNT,
                    .expect = HC_EXPECT_ANY,
                    .kind = kind,
                    .limit = 1,
                    .index = HC_INDEX_ANY,
                    .result = &there}};
    hc_error why = {0};
    hc_status status;

    ops[0].where = hc__all_of(arena, where, hc__is_int(arena, kind, g->entity->version, HC_TEST_LT, version));
    ops[1].where = hc__all_of(arena, hc__any_of(arena, where, hc__is_id(arena, 0, c->rows->effect.aggregate)),
                              hc__is_int(arena, kind, g->entity->version, HC_TEST_GE, version));
    if (sets == NULL || ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    for (uint16_t i = 1; i < kind->field_count; i++)
        if (hc__record_is_set(&c->row, i) && !is_key_field(index, i))
            sets[ops[0].set_count++] = (hc_set){i, HC_SET_TO, 0, c->row.values[i]};
    status = run(g->link, ops, 2, NULL, NULL, NULL, &why);
    if (status < 0 && !is_own(status, &why))
        return fail_as(err, status, &why);
    if (status < 0)
        refuse(g->link, first_of(c), &why);
    else if (updated.count > 0)
        settle(c, HC__APPLIED);
    else if (there.count > 0)
        settle(c, HC__ABSORBED);
    return HC_OK;
}

static hc_status find_place(const group *g, chain *c, hc_error *err)
{
    const hc_kind *kind = &g->entity->kind;
    hc_status status = HC_OK;

    for (uint32_t i = 0; i < kind->index_count && status >= 0 && first_of(c)->outcome == HC__READY; i++)
        if ((kind->indexes[i].flags & HC_INDEX_UNIQUE) != 0)
            status = by_key(g, c, &kind->indexes[i], err);
    return status;
}

/* ---- writing ---- */

static hc_status take_version(const hc_row *row, void *data, hc_error *err)
{
    const group *g = data;
    chain *c = chain_of(g, row->values[0].as.bytes);

    (void)err;
    if (c != NULL && c->done > 0 && c->was && c->is && row->values[1].type != HC_TYPE_NULL &&
        row->values[1].as.integer >= c->rows[c->done - 1].effect.version)
        settle(c, HC__APPLIED);
    return HC_OK;
}

/* Updates go as one, so which of them found their version is asked for. One that did not is worked out anew by a later
 * pass, as is one that cannot be read: the others were given. */
static hc_status look_again(group *g, hc_error *err)
{
    bool any = false;
    hc_status status;

    for (size_t i = 0; i < g->count; i++)
        any = any || (g->chains[i].done > 0 && g->chains[i].was && g->chains[i].is);
    if (!any)
        return HC_OK;
    choose_version(g);
    status = query(g, 0, g->count, take_version, err);
    return status == HC_ERR_CORRUPT ? HC_OK : status;
}

static hc_status conclude(const group *g, chain *c, hc_error *err)
{
    if (c->done == 0 || (c->was && c->is))
        return HC_OK;
    if (c->is && c->result.count == 0)
        return find_place(g, c, err);
    settle(c, c->was || c->done > 1 || c->result.count > 0 ? HC__APPLIED : HC__ABSORBED);
    return HC_OK;
}

/* Updates and removals first, of which a driver makes few trips. */
static size_t gather(hc_op *ops, chain **whose, group *g, hc_status *status, hc_error *err)
{
    size_t count = 0;

    for (int inserts = 0; inserts < 2; inserts++)
        for (size_t i = 0; i < g->count && *status >= 0; i++) {
            chain *c = &g->chains[i];

            if (c->done == 0 || (c->is && !c->was) != (inserts == 1))
                continue;
            *status = build(&ops[count], g, c, err);
            whose[count++] = c;
        }
    return count;
}

static hc_status write_group(group *g, hc_error *err)
{
    hc_op *ops = hc__arena_alloc(g->link->arena, g->count * sizeof *ops);
    chain **whose = hc__arena_alloc(g->link->arena, g->count * sizeof(chain *));
    hc_status status = ops == NULL || whose == NULL ? hc__no_memory(err) : HC_OK;
    size_t count = status < 0 ? 0 : gather(ops, whose, g, &status, err);

    for (size_t at = 0, end; status >= 0 && at < count; at = end) {
        hc_error why = {0};
        size_t failed = 0;
        hc_status ran = run(g->link, ops + at, count - at, NULL, NULL, &failed, &why);

        end = ran < 0 ? at + failed : count;
        if (ran < 0 && !is_own(ran, &why))
            return fail_as(err, ran, &why);
        for (size_t i = at; i < end && status >= 0; i++)
            status = conclude(g, whose[i], err);
        if (status >= 0 && ran < 0) {
            refuse(g->link, first_of(whose[end]), &why);
            whose[end++]->done = 0;
        }
    }
    return status < 0 ? status : look_again(g, err);
}

/* Without a version nothing tells which change is the later one; none of this library's does that. */
static void refuse_changes(const link *l, hc__delivery *rows, size_t count)
{
    static const hc_error why = {.message = "rows of this kind never change"};

    for (size_t i = 0; i < count; i++)
        if (rows[i].outcome == HC__READY)
            refuse(l, &rows[i], &why);
}

static hc_status apply_group(link *l, hc__delivery *rows, size_t count, hc_error *err)
{
    group g = {.link = l, .entity = rows->effect.entity};
    hc_status status = HC_OK;

    if (g.entity->version == HC_NO_FIELD) {
        refuse_changes(l, rows, count);
        return HC_OK;
    }
    g.chains = hc__arena_zero(l->arena, count, sizeof *g.chains);
    if (g.chains == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count && status >= 0; i++) {
        if (i > 0 && hc__id_equal(rows[i].effect.aggregate, rows[i - 1].effect.aggregate)) {
            if (g.count > 0 && g.chains[g.count - 1].rows + g.chains[g.count - 1].count == &rows[i])
                g.chains[g.count - 1].count++;
            continue;
        }
        if (rows[i].outcome != HC__READY)
            continue;
        g.chains[g.count].rows = &rows[i];
        g.chains[g.count].count = 1;
        status = hc__record_init(&g.chains[g.count++].row, g.entity, l->arena, err);
    }
    if (status >= 0 && g.count > 0)
        status = read_documents(&g, err);
    for (size_t i = 0; i < g.count && status >= 0; i++)
        status = work_out(&g, &g.chains[i], err);
    return status < 0 || g.count == 0 ? status : write_group(&g, err);
}

/* ---- a batch ---- */

static bool is_append(const hc__delivery *row)
{
    return row->effect.verb == HC__EFFECT_APPEND;
}

/* Rows are sorted by kind, then by document and version. */
static hc_status apply_all(link *l, hc__batch *batch, hc_error *err)
{
    hc_status status = HC_OK;

    for (size_t i = 0, end; i < batch->count && status >= 0; i = end) {
        hc__delivery *first = &batch->rows[i];

        for (end = i + 1; end < batch->count && batch->rows[end].effect.entity == first->effect.entity &&
                          is_append(&batch->rows[end]) == is_append(first);)
            end++;
        if (first->effect.entity == NULL)
            continue;
        status = is_append(first) ? apply_appends(l, first, end - i, err) : apply_group(l, first, end - i, err);
    }
    return status;
}

/* Its schema is seen to only when somebody answered: to wait for that is not for every caller. */
static hc_status open_link(link *l, hc__core *core, const hc__batch *batch, int64_t deadline, hc_error *err)
{
    int64_t patience = batch->connect_by < deadline ? batch->connect_by : deadline;
    hc_status status;

    *l = (link){.core = core, .arena = batch->arena, .deadline = deadline};
    status = hc__store_acquire(&l->lease, core->documents, HC_CONNECT_WRITE, batch->connect_by, NULL, err);
    if (status < 0 || atomic_load(&core->documents_ready))
        return status;
    hc__store_release(core->documents, &l->lease, true);
    status = hc__documents_ready(core, patience, err);
    return status < 0 ? status
                      : hc__store_acquire(&l->lease, core->documents, HC_CONNECT_WRITE, batch->connect_by, NULL, err);
}

static void close_link(link *l)
{
    hc__store_release(l->core->documents, &l->lease, hc__store_usable_after(l->worst));
}

hc_status hc__relay_apply(hc__core *core, hc__batch *batch, int64_t deadline, hc_error *err)
{
    link l;
    hc_status status;

    for (size_t i = 0; i < batch->count; i++)
        if (batch->rows[i].outcome == HC__READY) {
            status = open_link(&l, core, batch, deadline, err);
            if (status < 0)
                return status;
            status = apply_all(&l, batch, err);
            close_link(&l);
            return status;
        }
    return HC_OK;
}

/* ---- who was too late ---- */

struct removed {
    hc__batch *batch;
    hc_op ops[HC__RELAY_BATCH];
    size_t count;
};

static hc_status take_removed(const hc_row *row, void *data, hc_error *err)
{
    struct removed *out = data;

    for (size_t i = 0; i < out->batch->count && out->count < HC__RELAY_BATCH; i++) {
        const hc__effect *effect = &out->batch->rows[i].effect;

        if (effect->entity == NULL || memcmp(effect->aggregate.bytes, row->values[0].as.bytes, sizeof(hc_id)) != 0)
            continue;
        out->ops[out->count] = (hc_op){.verb = HC_VERB_REMOVE_WHERE,
                                       .expect = HC_EXPECT_ANY,
                                       .kind = &effect->entity->kind,
                                       .where = hc__is_id(out->batch->arena, 0, effect->aggregate),
                                       .index = HC_INDEX_ID};
        return out->ops[out->count++].where == NULL ? hc__no_memory(err) : HC_OK;
    }
    return HC_OK;
}

static hc_status find_removed(struct removed *out, hc_session *as, hc_error *err)
{
    static const uint16_t field = hc__effect_f_aggregate_id;
    const hc_kind *kind = &hc__effect_entity.kind;
    hc__arena *arena = out->batch->arena;
    hc_value *ids = hc__arena_alloc(arena, HC__RELAY_BATCH * sizeof *ids);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .fields = &field,
                .field_count = 1,
                .index = HC_INDEX_ANY};
    size_t count = 0;

    for (size_t i = 0; ids != NULL && i < out->batch->count; i++)
        if (out->batch->rows[i].outcome == HC__APPLIED && out->batch->rows[i].effect.verb != HC__EFFECT_REMOVE)
            ids[count++] = hc__value_bytes(HC_TYPE_ID, out->batch->rows[i].effect.aggregate.bytes, sizeof(hc_id));
    if (ids != NULL && count == 0)
        return HC_OK;
    op.where = ids == NULL ? NULL : hc__is_in(arena, hc__effect_f_aggregate_id, ids, count);
    op.filter = hc__all_of(arena, hc__is_int(arena, kind, hc__effect_f_verb, HC_TEST_EQ, HC__EFFECT_REMOVE),
                           hc__is_int(arena, kind, hc__effect_f_state, HC_TEST_EQ, HC__EFFECT_DELIVERED));
    return op.where == NULL || op.filter == NULL ? hc__no_memory(err)
                                                 : hc__session_read(as, &op, 1, take_removed, out, err);
}

hc_status hc__relay_remove_again(hc_session *as, hc__batch *batch, int64_t deadline, hc_error *err)
{
    struct removed *out = hc__arena_zero(batch->arena, 1, sizeof *out);
    link l;
    hc_status status;

    if (out == NULL)
        return hc__no_memory(err);
    out->batch = batch;
    status = find_removed(out, as, err);
    if (status < 0 || out->count == 0)
        return status;
    status = open_link(&l, as->core, batch, deadline, err);
    if (status < 0)
        return status;
    status = run(&l, out->ops, out->count, NULL, NULL, NULL, err);
    close_link(&l);
    return status;
}
