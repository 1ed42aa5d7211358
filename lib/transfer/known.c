#include "transfer/known.h"

#include <string.h>

#include "base/id.h"
#include "base/map.h"

#define SHORT_LIST 200 /* values of one IN, where it is a parameter for each */

static size_t slot_of(const hc__known_keys *keys, const char *key, size_t size)
{
    size_t at = (size_t)hc__hash(key, size, keys->seed) & keys->mask;

    while (keys->slots[at] != NULL &&
           (keys->slots[at]->key_size != size || memcmp(keys->slots[at]->key, key, size) != 0))
        at = (at + 1) & keys->mask;
    return at;
}

hc_status hc__known_gather(hc__known_keys *out, hc__unit *unit, const hc__incoming *rows, size_t count, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    size_t slots = 16;

    while (slots < count * 2)
        slots *= 2;
    *out = (hc__known_keys){.mask = slots - 1};
    hc__random(&out->seed, sizeof out->seed);
    out->keys = hc__arena_zero(arena, count, sizeof *out->keys);
    out->of = hc__arena_zero(arena, count, sizeof *out->of);
    out->slots = hc__arena_zero(arena, slots, sizeof *out->slots);
    if (out->keys == NULL || out->of == NULL || out->slots == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        size_t at = slot_of(out, rows[i].key, rows[i].key_size);

        if (out->slots[at] == NULL) {
            hc__known *key = &out->keys[out->count++];

            key->key = rows[i].key;
            key->key_size = rows[i].key_size;
            out->slots[at] = key;
        }
        out->of[i] = out->slots[at];
    }
    return HC_OK;
}

static hc__known *find(const hc__known_keys *keys, const hc_value *key)
{
    return key->type == HC_TYPE_NULL ? NULL : keys->slots[slot_of(keys, key->as.bytes, key->size)];
}

/* ---- many values, a few queries ---- */

/* Collects values of one field, and makes a query of all of them, or of each SHORT_LIST. */
typedef struct asking {
    hc__arena *arena;
    const hc_kind *kind;
    uint16_t field;
    uint16_t source_field; /* HC_NO_FIELD: of any source */
    const char *source_system;
    const uint16_t *fields;
    size_t field_count;
    hc_op *ops;
    size_t op_count;
    hc_value *values;
    size_t limit;    /* values of one query */
    size_t from, at; /* of the query in hand */
    bool failed;     /* no memory */
} asking;

static void asking_begin(asking *a, const hc__unit *unit, size_t count)
{
    a->limit = hc__unit_takes_long_lists(unit) && count > SHORT_LIST ? count : SHORT_LIST;
    a->ops = hc__arena_zero(a->arena, count / a->limit + 1, sizeof *a->ops);
    a->values = hc__arena_alloc(a->arena, (count + a->limit) * sizeof *a->values);
    a->failed = a->ops == NULL || a->values == NULL;
}

static void close_query(asking *a)
{
    const hc_predicate *where;
    size_t shape = 1;

    if (a->at == a->from || a->failed)
        return;
    /* Few lengths, so few statements to prepare: the last value is repeated. */
    while (shape < a->at - a->from)
        shape = shape * 4 > a->limit ? a->limit : shape * 4;
    for (; a->at - a->from < shape; a->at++)
        a->values[a->at] = a->values[a->at - 1];
    where = hc__is_in(a->arena, a->field, a->values + a->from, shape);
    if (a->source_field != HC_NO_FIELD)
        where = hc__all_of(
            a->arena,
            hc__is_bytes(a->arena, a->kind, a->source_field, HC_TEST_EQ, a->source_system, strlen(a->source_system)),
            where);
    a->failed = where == NULL;
    a->ops[a->op_count++] = (hc_op){.verb = HC_VERB_QUERY,
                                    .expect = HC_EXPECT_ANY,
                                    .kind = a->kind,
                                    .where = where,
                                    .fields = a->fields,
                                    .field_count = a->field_count,
                                    .index = HC_INDEX_ANY};
    a->from = a->at;
}

static void ask(asking *a, int32_t type, const void *bytes, size_t size)
{
    if (a->failed)
        return;
    a->values[a->at++] = hc__value_bytes(type, bytes, size);
    if (a->at - a->from == a->limit)
        close_query(a);
}

static hc_status asking_run(asking *a, hc__unit *unit, hc_row_fn on_row, void *data, hc_error *err)
{
    close_query(a);
    if (a->failed)
        return hc__no_memory(err);
    return a->op_count == 0 ? HC_OK : hc__unit_read(unit, a->ops, a->op_count, on_row, data, err);
}

/* ---- import rows ---- */

static const uint16_t import_fields[] = {hc__import_row_f_id, hc__import_row_f_source_key, hc__import_row_f_property_id,
                                         hc__import_row_f_as_of, hc__import_row_f_row_hash};

static hc_status on_import(const hc_row *row, void *data, hc_error *err)
{
    const hc_value *v = row->values;
    hc__known *key = find(data, &v[1]);

    if (key == NULL || v[0].size != sizeof key->import_id || v[2].size != sizeof key->property_id ||
        v[4].size != sizeof key->hash)
        return hc__fail(err, HC_ERR_CORRUPT, NULL, "import_rows has a row that no import wrote");
    key->imported = true;
    memcpy(key->import_id.bytes, v[0].as.bytes, sizeof key->import_id);
    memcpy(key->property_id.bytes, v[2].as.bytes, sizeof key->property_id);
    key->has_as_of = v[3].type != HC_TYPE_NULL;
    key->as_of = key->has_as_of ? v[3].as.integer : 0;
    memcpy(key->hash, v[4].as.bytes, sizeof key->hash);
    return HC_OK;
}

hc_status hc__known_read_imports(hc__known_keys *keys, hc__unit *unit, const char *source_system, hc_error *err)
{
    asking a = {.arena = hc__unit_arena(unit),
                .kind = &hc__import_row_entity.kind,
                .field = hc__import_row_f_source_key,
                .source_field = hc__import_row_f_source_system,
                .source_system = source_system,
                .fields = import_fields,
                .field_count = sizeof import_fields / sizeof import_fields[0]};

    asking_begin(&a, unit, keys->count);
    for (size_t i = 0; i < keys->count; i++)
        ask(&a, HC_TYPE_KEY, keys->keys[i].key, keys->keys[i].key_size);
    return asking_run(&a, unit, on_import, keys, err);
}

/* ---- listings ---- */

typedef struct listing_reader {
    hc__known_keys *keys;
    hc__arena *arena;
    const uint16_t *fields;
} listing_reader;

static hc__known *owner_of(const hc__known_keys *keys, const hc__record *listing)
{
    hc_id id = hc__record_id(listing, hc__property_f_id);
    hc__known *key = find(keys, &listing->values[hc__property_f_source_key]);

    if (key != NULL && (!key->imported || hc__id_equal(key->property_id, id)))
        return key;
    for (size_t i = 0; i < keys->count; i++) /* an admin gave the listing another source key */
        if (keys->keys[i].imported && hc__id_equal(keys->keys[i].property_id, id))
            return &keys->keys[i];
    return NULL;
}

static hc_status on_listing(const hc_row *row, void *data, hc_error *err)
{
    listing_reader *reader = data;
    hc__record *listing = hc__arena_alloc(reader->arena, sizeof *listing);
    hc__known *key;

    if (listing == NULL || hc__record_init(listing, &hc__property_entity, reader->arena, err) < 0)
        return hc__no_memory(err);
    if (!hc__record_fill(listing, reader->fields, row->values, row->count))
        return hc__no_memory(err);
    key = owner_of(reader->keys, listing);
    if (key != NULL) {
        key->listing = listing;
        key->property_id = hc__record_id(listing, hc__property_f_id);
    }
    return HC_OK;
}

hc_status hc__known_read_listings(hc__known_keys *keys, hc__unit *unit, const char *source_system, bool by_source,
                                  hc_error *err)
{
    uint16_t fields[HC__FIELD_LIMIT];
    listing_reader reader = {keys, hc__unit_arena(unit), fields};
    asking by_id = {.arena = reader.arena,
                    .kind = &hc__property_entity.kind,
                    .field = hc__property_f_id,
                    .source_field = HC_NO_FIELD,
                    .fields = fields,
                    .field_count = hc__readable_fields(fields, &hc__property_entity)};
    asking by_key = by_id;
    hc_status status;

    by_key.field = hc__property_f_source_key;
    by_key.source_field = hc__property_f_source_system;
    by_key.source_system = source_system;
    asking_begin(&by_id, unit, keys->count);
    asking_begin(&by_key, unit, by_source ? keys->count : 0);
    for (size_t i = 0; i < keys->count; i++) {
        const hc__known *key = &keys->keys[i];

        if (key->imported && key->wanted)
            ask(&by_id, HC_TYPE_ID, key->property_id.bytes, sizeof key->property_id);
        else if (!key->imported && by_source)
            ask(&by_key, HC_TYPE_KEY, key->key, key->key_size);
    }
    status = asking_run(&by_id, unit, on_listing, &reader, err);
    return status < 0 ? status : asking_run(&by_key, unit, on_listing, &reader, err);
}
