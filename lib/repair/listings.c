/* Listings: their rules are in property/listing.c; here is how a row whose words are stale is told. */
#include <string.h>

#include "base/utf8.h"
#include "property/listing.h"
#include "query/query.h"
#include "repair/repair.h"

#define CODED_LIMIT 32 /* words of a zip code that are looked for */

/* Listings of one zip code, whose words are looked for together. */
struct place {
    const hc_value *zip;
    hc_value ids[128];
    size_t count;
};

struct search {
    hc__unit *unit;
    const hc__record *rows;
    size_t count;
    bool *found;
};

struct words {
    hc__arena *arena;
    hc_value list[CODED_LIMIT];
    size_t count;
    bool failed;
};

static bool take_word(const char *coded, size_t size, void *data)
{
    struct words *words = data;
    const char *copy = hc__arena_copy(words->arena, coded, size);

    words->failed = copy == NULL;
    if (copy != NULL)
        words->list[words->count++] = hc__value_bytes(HC_TYPE_TOKENS, copy, (uint32_t)size);
    return copy != NULL && words->count < CODED_LIMIT;
}

static hc_status take_found(const hc_row *row, void *data, hc_error *err)
{
    const struct search *search = data;

    (void)err;
    for (size_t i = 0; i < search->count; i++)
        if (memcmp(search->rows[i].values[0].as.bytes, row->values[0].as.bytes, sizeof(hc_id)) == 0)
            search->found[i] = true;
    return HC_OK;
}

static hc_status look(struct search *search, const struct place *place, hc_error *err)
{
    static const uint16_t id[] = {0};
    hc__arena *arena = hc__unit_arena(search->unit);
    struct words *words = hc__arena_zero(arena, 1, sizeof *words);
    hc_predicate match = {.test = HC_TEST_MATCH, .field = hc__property_f_words_place, .inner = HC_NO_FIELD};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__property_entity.kind,
                .fields = id,
                .field_count = 1,
                .index = HC_INDEX_ID};

    if (words == NULL)
        return hc__no_memory(err);
    words->arena = arena;
    hc__text_words(place->zip->as.bytes, place->zip->size, take_word, words);
    if (words->failed)
        return hc__no_memory(err);
    match.values = words->list;
    match.value_count = words->count;
    op.where = hc__is_in(arena, 0, place->ids, place->count);
    if (words->count > 0) /* a zip code of marks alone has none */
        op.where = hc__all_of(arena, op.where, &match);
    return op.where == NULL ? hc__no_memory(err)
                            : hc__unit_read(search->unit, &op, 1, take_found, search, err);
}

static bool same_zip(const hc__record *a, const hc__record *b)
{
    const hc_value *x = &a->values[hc__property_f_zip_code], *y = &b->values[hc__property_f_zip_code];

    return x->size == y->size && memcmp(x->as.bytes, y->as.bytes, x->size) == 0;
}

hc_status hc__mend_find_words(hc__unit *unit, const hc__record *rows, size_t count, bool *found, hc_error *err)
{
    struct search search = {unit, rows, count, found};
    hc__arena *arena = hc__unit_arena(unit);
    bool *seen = hc__arena_zero(arena, count, sizeof *seen);
    struct place *place = hc__arena_zero(arena, 1, sizeof *place);
    hc_status status = seen == NULL || place == NULL ? hc__no_memory(err) : HC_OK;

    for (size_t i = 0; status >= 0 && i < count; i++) {
        if (seen[i])
            continue;
        place->zip = &rows[i].values[hc__property_f_zip_code];
        place->count = 0;
        for (size_t j = i; j < count; j++) {
            if (!same_zip(&rows[i], &rows[j]))
                continue;
            seen[j] = true;
            place->ids[place->count++] = rows[j].values[0];
        }
        status = look(&search, place, err);
    }
    return status;
}

/* A key that the row does not have, of a text that it has: another program wrote that. */
static bool keys_differ(const hc__record *before, const hc__record *row)
{
    const hc__entity *entity = before->entity;

    for (uint16_t i = 0; i < entity->kind.field_count; i++) {
        uint16_t norm = entity->info[i].norm;
        const hc_value *is, *should;

        if (norm == HC_NO_FIELD)
            continue;
        is = &before->values[norm];
        should = &row->values[norm];
        if (is->type != should->type ||
            (is->type != HC_TYPE_NULL &&
             (is->size != should->size || memcmp(is->as.bytes, should->as.bytes, is->size) != 0)))
            return true;
    }
    return false;
}

hc_status hc__mend_listing(hc__mending *m, hc_error *err)
{
    hc_status status = hc__listing_derive(m->unit, m->before, m->row, err);

    m->words = status >= 0 && (!m->words_found || keys_differ(m->before, m->row));
    return status;
}
