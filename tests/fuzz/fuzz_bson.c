/* Documents of MongoDB: 'j' and free JSON, 's' and the JSON of a list of items, or 'b' and the bytes of a document.
 * What goes in as JSON comes out as it was; what comes out of strange bytes is a value that keeps the rules, or a
 * complaint. */
#include "driver/mongodb/mongodb.h"
#include "base/json.h"
#include "fuzz.h"
#include "model/entity.h"

#define FIELD "metadata"

static hc_status to_bson(bson_t *out, const hc__mem *mem, const char *text, size_t size, const hc_shape *shape,
                         hc_error *err)
{
    hc_value json = {HC_TYPE_JSON, (uint32_t)size, {.bytes = text}};

    bson_init(out);
    return hc__mongo_put_json(out, FIELD, mem, &json, shape, FIELD, err);
}

static hc_status from_bson(hc_value *out, hc__arena *arena, const bson_t *document, const hc_shape *shape,
                           hc_error *err)
{
    bson_iter_t at;

    FUZZ_ASSERT(bson_validate(document, BSON_VALIDATE_UTF8, NULL));
    FUZZ_ASSERT(bson_iter_init_find(&at, document, FIELD));
    return hc__mongo_take_json(out, arena, &at, shape, FIELD, err);
}

static bool same(const hc_value *a, const char *text, size_t size)
{
    return a->size == size && memcmp(a->as.bytes, text, size) == 0;
}

/* Of a shape only the second time, for an ObjectId may be spelled in several ways. */
static void there_and_back(fuzz *run, const hc__buf *canonical, const hc_shape *shape)
{
    hc_value first = {0}, second = {0};
    bson_t document, again;
    hc__arena arena;
    hc_status status;

    hc__arena_init(&arena, &run->mem, NULL, 0);
    status = to_bson(&document, &run->mem, canonical->data, canonical->size, shape, &run->err);
    if (status == HC_OK)
        status = from_bson(&first, &arena, &document, shape, &run->err);
    fuzz_outcome(run, status);
    if (status == HC_OK && shape == NULL)
        FUZZ_ASSERT(same(&first, canonical->data, canonical->size));
    if (status == HC_OK && shape != NULL) {
        hc__arena more;

        hc__arena_init(&more, &run->plain, NULL, 0);
        FUZZ_ASSERT(to_bson(&again, &run->plain, first.as.bytes, first.size, shape, NULL) == HC_OK);
        FUZZ_ASSERT(from_bson(&second, &more, &again, shape, NULL) == HC_OK);
        FUZZ_ASSERT(same(&second, first.as.bytes, first.size));
        bson_destroy(&again);
        hc__arena_free(&more);
    }
    bson_destroy(&document);
    hc__arena_free(&arena);
}

static void try_json(fuzz *run, const hc_shape *shape)
{
    hc__buf canonical;

    hc__buf_init(&canonical, &run->plain);
    if (hc__json_canonical(&canonical, &run->plain, run->text, run->size, NULL, FIELD, NULL) == HC_OK)
        there_and_back(run, &canonical, shape);
    hc__buf_free(&canonical);
}

static void keeps_rules(const fuzz *run, const hc_kind *kind, uint16_t field, const hc_value *value)
{
    const hc_field *f = &kind->fields[field];

    FUZZ_ASSERT(value->type == f->type || value->type == HC_TYPE_NULL);
    if (value->type == HC_TYPE_JSON)
        FUZZ_ASSERT(hc__json_check(&run->plain, value->as.bytes, value->size,
                                   &(hc__json_limits){value->size + 1, 63, 0}, f->name, NULL) != HC_ERR_INVALID);
    if (value->type == HC_TYPE_TEXT)
        FUZZ_ASSERT(hc__utf8_check(value->as.bytes, value->size, NULL) &&
                    (value->size == 0 || memchr(value->as.bytes, 0, value->size) == NULL));
    if (value->type == HC_TYPE_ID)
        FUZZ_ASSERT(value->size == sizeof(hc_id));
    if (value->type == HC_TYPE_INT32)
        FUZZ_ASSERT(value->as.integer >= INT32_MIN && value->as.integer <= INT32_MAX);
}

static void try_bytes(fuzz *run)
{
    static const hc__entity *const kinds[] = {&hc__document_entity, &hc__activity_entity, &hc__chat_entity};
    const hc_kind *kind = &kinds[fuzz_byte(run) % 3]->kind;
    hc_status status = HC_OK;
    bson_iter_t at;
    bson_t document;
    hc__arena arena;

    if (!bson_init_static(&document, (const uint8_t *)run->text, run->size))
        return;
    hc__arena_init(&arena, &run->mem, NULL, 0);
    for (uint16_t i = 0; i < kind->field_count && status == HC_OK; i++) {
        hc_value value = {0};

        if (bson_iter_init_find(&at, &document, hc__mongo_member(kind, i)))
            status = hc__mongo_decode(&value, &arena, kind, i, &at, &document, &run->err);
        else
            status = hc__mongo_missing(&value, kind, i, &document, &run->err);
        FUZZ_ASSERT(status == HC_OK || status == HC_ERR_CORRUPT || status == HC_ERR_NO_MEMORY);
        fuzz_outcome(run, status);
        if (status == HC_OK)
            keeps_rules(run, kind, i, &value);
    }
    hc__arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    switch (fuzz_byte(&run)) {
    case 'j':
        try_json(&run, NULL);
        break;
    case 's':
        try_json(&run, hc__mongo_shape(&hc__document_entity.kind, hc__document_f_images));
        break;
    default:
        try_bytes(&run);
        break;
    }
    return fuzz_end(&run);
}
