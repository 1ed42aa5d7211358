/* One table: what the target has otherwise is taken out, what it lacks is put in, and what was put in is read back.
 * First out, then in: a unique value may have moved from one row to another. */
#include <string.h>

#include "base/bug.h"
#include "copy/copy.h"
#include "query/query.h"

#define REMOVED 512 /* rows of one transaction */

/* A table under way. */
struct table {
    hc__copy *copy;
    hc__part part;
    const hc__entity *entity; /* its */
    hc__side *source, *target;
    bool lacks;    /* the target does: rows behind `same_to` */
    bool any_same; /* `same_to` is one */
    hc_id same_to; /* up to here both have the same */
    hc_id gone[REMOVED];
    hc_value values[REMOVED];
    size_t gone_count;
    uint8_t hash[32]; /* of the source's rows behind `same_to` */
    int64_t hashed;
};

static void sum(hc__copy *copy)
{
    copy->all.same = copy->done.same + copy->kind.same;
    copy->all.copied = copy->done.copied + copy->kind.copied;
    copy->all.removed = copy->done.removed + copy->kind.removed;
    copy->all.verified = copy->done.verified + copy->kind.verified;
}

static hc_status tell(struct table *table, hc_error *err)
{
    hc__copy *copy = table->copy;
    hc_copy_progress_fn progress = copy->options.progress;

    sum(copy);
    if (progress == NULL || progress(table->entity->kind.name, &copy->kind, &copy->all, copy->options.data) == HC_OK)
        return HC_OK;
    return hc__fail(err, HC_ERR_CANCELLED, NULL, "the copy was cancelled: run it again to go on");
}

/* ---- out ---- */

static hc_status remove_gone(struct table *table, hc_error *err)
{
    const hc_predicate where = {
        .test = HC_TEST_IN, .inner = HC_NO_FIELD, .values = table->values, .value_count = table->gone_count};
    const hc_op op = {.verb = HC_VERB_REMOVE_WHERE,
                      .expect = HC_EXPECT_ANY,
                      .kind = &table->entity->kind,
                      .where = &where,
                      .index = HC_INDEX_ID};
    hc_status status;

    if (table->gone_count == 0)
        return HC_OK;
    for (size_t i = 0; i < table->gone_count; i++)
        table->values[i] = (hc_value){HC_TYPE_ID, sizeof(hc_id), {.bytes = table->gone[i].bytes}};
    status = hc__target_write(table->target, &op, 1, err);
    if (status < 0)
        return status;
    table->copy->kind.removed += (int64_t)table->gone_count;
    table->gone_count = 0;
    return tell(table, err);
}

static hc_status take_out(struct table *table, const hc_value *row, hc_error *err)
{
    memcpy(table->gone[table->gone_count++].bytes, row[0].as.bytes, sizeof(hc_id));
    return table->gone_count == REMOVED ? remove_gone(table, err) : HC_OK;
}

/* Both have a row of this id. */
static hc_status meet(struct table *table, const hc_value *row, const hc_value *there, hc_error *err)
{
    if (!hc__same_row(table->source, row, there)) {
        table->lacks = true;
        return take_out(table, there, err);
    }
    table->copy->kind.same++;
    if (!table->lacks) {
        table->any_same = true;
        memcpy(table->same_to.bytes, row[0].as.bytes, sizeof table->same_to);
    }
    return HC_OK;
}

/* To the end of what the target has. */
static hc_status compare(struct table *table, hc_error *err)
{
    hc__side *source = table->source, *target = table->target;
    const hc_value *row, *there;
    hc_status status = hc__side_row(&row, source, err);

    if (status >= 0)
        status = hc__side_row(&there, target, err);
    while (status >= 0 && there != NULL) {
        int order = row == NULL ? 1 : memcmp(row[0].as.bytes, there[0].as.bytes, sizeof(hc_id));

        table->lacks = table->lacks || order < 0;
        if (order == 0)
            status = meet(table, row, there, err);
        else if (order > 0)
            status = take_out(table, there, err);
        source->at += order <= 0;
        target->at += order >= 0;
        if (status >= 0 && target->at == target->count)
            status = tell(table, err);
        if (status >= 0)
            status = hc__side_row(&row, source, err);
        if (status >= 0)
            status = hc__side_row(&there, target, err);
    }
    table->lacks = table->lacks || (status >= 0 && row != NULL);
    return status < 0 ? status : remove_gone(table, err);
}

/* ---- in ---- */

/* Words are written and never read back: they are made of the row again. */
static bool put_words(struct table *table, hc_value *row)
{
    hc__side *source = table->source;
    const hc__record listing = {.entity = table->entity, .values = row, .arena = &source->arena};
    hc__buf words[HC__WORD_FIELDS];
    bool put = true;

    for (size_t i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_init(&words[i], source->mem);
    hc__listing_words(words, &listing, source->mem);
    for (size_t i = 0; i < HC__WORD_FIELDS; i++) {
        hc_value *value = &row[hc__property_f_words_title + i];
        const char *text = hc__arena_text(&source->arena, words[i].size == 0 ? "" : words[i].data, words[i].size);

        put = put && !words[i].failed && text != NULL;
        if (words[i].size > 0)
            *value = (hc_value){HC_TYPE_TOKENS, (uint32_t)words[i].size, {.bytes = text}};
        hc__buf_free(&words[i]);
    }
    return put;
}

/* A seeded bug: a time that arrives a second late. */
static void spoil(hc_set *sets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sets[i].value.type == HC_TYPE_TIME) {
            sets[i].value.as.integer += HC__SECOND;
            return;
        }
}

/* Every field is set, null or not, so that all inserts have one shape. */
static bool put_row(struct table *table, hc_op *op, hc_value *row)
{
    const hc_kind *kind = &table->entity->kind;
    hc_set *sets = hc__arena_zero(&table->source->arena, kind->field_count, sizeof *sets);

    if (sets == NULL || (table->entity == &hc__property_entity && !put_words(table, row)))
        return false;
    for (uint16_t i = 0; i < kind->field_count; i++)
        sets[i] = (hc_set){i, HC_SET_TO, 0, row[i]};
    if (hc__bug("copy-spoils-a-row"))
        spoil(sets, kind->field_count);
    *op = (hc_op){.verb = HC_VERB_INSERT,
                  .expect = HC_EXPECT_ANY,
                  .kind = kind,
                  .sets = sets,
                  .set_count = kind->field_count,
                  .index = HC_INDEX_ANY};
    return true;
}

/* Whether the target has this row of the source, whose ids rise. */
static hc_status is_there(bool *out, hc__side *target, const hc_value *row, hc_error *err)
{
    const hc_value *there;
    hc_status status = hc__side_row(&there, target, err);
    int order = 1;

    while (status >= 0 && there != NULL && (order = memcmp(there[0].as.bytes, row[0].as.bytes, sizeof(hc_id))) < 0) {
        target->at++;
        status = hc__side_row(&there, target, err);
    }
    *out = status >= 0 && there != NULL && order == 0;
    return status;
}

static hc_status insert_page(struct table *table, hc_error *err)
{
    hc__copy *copy = table->copy;
    hc__side *source = table->source;
    hc_op *ops = hc__arena_zero(&source->arena, source->count, sizeof *ops);
    size_t count = 0;
    hc_status status = ops == NULL ? hc__no_memory(err) : HC_OK;

    for (; status >= 0 && source->at < source->count; source->at++) {
        hc_value *row = source->rows + source->at * table->entity->kind.field_count;
        bool there = false;

        status = is_there(&there, table->target, row, err);
        if (status >= 0 && !hc__fold_row(table->hash, &copy->scratch, copy->core, source, row))
            status = hc__no_memory(err);
        if (status >= 0 && !there && !put_row(table, &ops[count++], row))
            status = hc__no_memory(err);
    }
    table->hashed += (int64_t)source->count;
    if (hc__bug("copy-drops-a-row") && count > 1)
        count--;
    if (status >= 0 && count > 0)
        status = hc__target_write(table->target, ops, count, err);
    if (status >= 0 || hc__bug("copy-tells-too-early"))
        copy->kind.copied += (int64_t)count;
    return status < 0 ? status : tell(table, err);
}

static hc_status insert(struct table *table, hc_error *err)
{
    const hc_id *after = table->any_same ? &table->same_to : NULL;
    hc__side *source = table->source;
    hc_status status;

    hc__side_open(source, &table->part, after, true);
    hc__side_open(table->target, &table->part, after, false);
    do {
        status = hc__side_page(source, err);
        if (status >= 0 && source->count > 0)
            status = insert_page(table, err);
    } while (status >= 0 && source->count > 0);
    return status;
}

/* ---- and back ---- */

static hc_status verify(struct table *table, hc_error *err)
{
    hc__copy *copy = table->copy;
    hc__side *target = table->target;
    uint8_t hash[32] = {0};
    int64_t hashed = 0;
    const hc_value *row;
    hc_status status;

    hc__side_open(target, &table->part, table->any_same ? &table->same_to : NULL, true);
    status = hc__side_row(&row, target, err);
    while (status >= 0 && row != NULL) {
        if (!hc__fold_row(hash, &copy->scratch, copy->core, target, row))
            return hc__no_memory(err);
        hashed++;
        target->at++;
        copy->kind.verified = hashed < copy->kind.copied ? hashed : copy->kind.copied;
        if (target->at == target->count)
            status = tell(table, err);
        if (status >= 0)
            status = hc__side_row(&row, target, err);
    }
    copy->kind.verified = 0; /* until it is */
    if (status < 0)
        return status;
    if (hashed != table->hashed)
        return hc__fail(err, HC_ERR_CORRUPT, table->entity->kind.name,
                        "of %lld rows of %s the target has %lld: does somebody write to it?", (long long)table->hashed,
                        table->entity->kind.name, (long long)hashed);
    if (!hc__same(hash, table->hash, sizeof hash))
        return hc__fail(err, HC_ERR_CORRUPT, table->entity->kind.name,
                        "rows of %s read back from the target are not those of the source", table->entity->kind.name);
    copy->kind.verified = copy->kind.copied;
    return HC_OK;
}

static hc_status run(struct table *table, hc_error *err)
{
    hc_status status;

    hc__side_open(table->source, &table->part, NULL, true);
    hc__side_open(table->target, &table->part, NULL, true);
    status = compare(table, err);
    if (status >= 0 && table->lacks)
        status = insert(table, err);
    if (status >= 0 && table->lacks)
        status = verify(table, err);
    return status < 0 ? status : tell(table, err);
}

hc__side *hc__source_of(hc__copy *copy, const hc__entity *entity)
{
    bool beside = entity->kind.storage == HC_KIND_DOCUMENT && copy->source_documents.store != NULL;

    return beside ? &copy->source_documents : &copy->source;
}

hc__side *hc__target_of(hc__copy *copy, const hc__entity *entity)
{
    bool beside = entity->kind.storage == HC_KIND_DOCUMENT && copy->target_documents.store != NULL;

    return beside ? &copy->target_documents : &copy->target;
}

hc_status hc__copy_kind(hc__copy *copy, const hc__part *part, int64_t total, hc_error *err)
{
    struct table *table = hc__alloc_zero(&copy->core->mem, 1, sizeof *table);
    hc_status status;

    if (table == NULL)
        return hc__no_memory(err);
    table->copy = copy;
    table->part = *part;
    table->entity = part->entity;
    table->source = hc__source_of(copy, part->of == NULL ? part->entity : part->of);
    table->target = hc__target_of(copy, part->entity);
    copy->done = copy->all;
    copy->kind = (hc_copy_counts){.total = total};
    status = run(table, err);
    sum(copy);
    if (status >= 0 || !hc__bug("copy-leaks-when-it-fails"))
        hc__free(&copy->core->mem, table);
    return status;
}
