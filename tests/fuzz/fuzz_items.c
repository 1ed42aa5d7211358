/* LIST JSON. LIST 1: files, else images, of a listing's documents as any program may have left them. What is taken is
 * in order, each item with an id of its own, and reads the same again once it was written. */
#include "crypto/crypto.h"
#include "document/items.h"
#include "fuzz.h"

static const hc_id property = {{1, 2, 3}};

/* Into the arena of `document`. */
static hc_status read_items(hc__items *out, hc__record *document, hc__arena *arena, int32_t list, const char *json,
                            size_t size, const hc__secret *key, hc_error *err)
{
    hc_value value = {HC_TYPE_JSON, (uint32_t)size, {.bytes = json}};

    if (hc__record_init(document, &hc__document_entity, arena, err) < 0)
        return HC_ERR_NO_MEMORY;
    hc__record_set_id(document, hc__document_f_property_id, property);
    if (document->fault < 0 || !hc__record_put(document, hc__items_field(list), &value)) {
        hc__record_refuse(document, 0, NULL);
        err->status = HC_ERR_NO_MEMORY;
        return HC_ERR_NO_MEMORY;
    }
    return hc__items_read(out, arena, list, document, key, err);
}

static void check_sound(const hc__items *items)
{
    size_t primary = 0;

    for (size_t i = 0; i < items->count; i++) {
        const hc__record *record = &items->at[i]->record;
        int64_t visibility = hc__record_int(record, hc__item_f_visibility);

        FUZZ_ASSERT(hc__items_find(items, hc__record_key(record)) == items->at[i]);
        FUZZ_ASSERT(hc__record_int(record, hc__item_f_position) == (int64_t)i);
        FUZZ_ASSERT(visibility >= HC_DOCUMENT_PUBLIC && visibility <= HC_DOCUMENT_PRIVATE);
        primary += hc__record_int(record, hc__item_f_is_primary) != 0;
    }
    if (items->list == HC_DOCUMENT_IMAGES)
        FUZZ_ASSERT(primary == (items->count > 0));
}

/* Written as we write it, it is JSON that reads as the same list, which writes the same text. */
static void check_again(const hc__items *items, const hc__mem *mem, const hc__secret *key)
{
    hc__record document;
    hc__items again;
    hc__arena arena;
    hc__buf first, second;
    hc_error err;

    hc__arena_init(&arena, mem, NULL, 0);
    hc__buf_init(&first, mem);
    hc__buf_init(&second, mem);
    hc__items_put(&first, items, true);
    FUZZ_ASSERT(!first.failed);
    FUZZ_ASSERT(read_items(&again, &document, &arena, items->list, first.data, first.size, key, &err) == HC_OK);
    FUZZ_ASSERT(again.count == items->count && again.raw_size == items->raw_size);
    check_sound(&again);
    hc__items_put(&second, &again, true);
    FUZZ_ASSERT(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    hc__buf_free(&first);
    hc__buf_free(&second);
    hc__arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t bytes[32] = {7};
    hc__secret *key = NULL;
    hc__record document;
    hc__items items;
    hc__arena arena;
    int32_t list;
    hc_status status;
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    FUZZ_ASSERT(hc__crypto_start(NULL) == HC_OK && hc__secret_new(&key, bytes, sizeof(bytes), NULL) == HC_OK);
    list = fuzz_byte(&run) == '1' ? HC_DOCUMENT_FILES : HC_DOCUMENT_IMAGES;
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = read_items(&items, &document, &arena, list, run.text, run.size, key, &run.err);
    FUZZ_ASSERT((run.state.failed > 0) == (status == HC_ERR_NO_MEMORY));
    FUZZ_ASSERT(status == HC_OK || status == HC_ERR_NO_MEMORY || status == HC_ERR_CORRUPT);
    if (status == HC_OK) {
        check_sound(&items);
        check_again(&items, &run.plain, key);
    }
    hc__arena_free(&arena);
    hc__secret_free(key);
    return fuzz_end(&run);
}
