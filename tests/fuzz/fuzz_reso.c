/* One Property resource: what is taken can be written, and what is written is well formed and taken again. */
#include "base/json.h"
#include "fuzz.h"
#include "transfer/reso.h"

static hc_status take(hc__incoming *row, hc__arena *arena, const hc__mem *mem, const char *text, size_t size,
                      hc_error *err)
{
    hc_status status;

    *row = (hc__incoming){.line = 1};
    status = hc__record_init(&row->listing, &hc__property_entity, arena, err);
    return status == HC_OK ? hc__reso_read(row, mem, text, size, "USD", err) : status;
}

/* What we have fields for survives the way out and in. */
static void check_same(fuzz *run, const hc__record *before, const hc__record *after)
{
    static const uint16_t not_taken[] = {hc__property_f_id, hc__property_f_source_key, hc__property_f_title,
                                         hc__property_f_extras};
    uint64_t fields[(HC__FIELD_LIMIT + 63) / 64];
    hc__buf a, b;

    memcpy(fields, before->set, sizeof(fields));
    for (size_t i = 0; i < sizeof(not_taken) / sizeof(not_taken[0]); i++)
        fields[not_taken[i] / 64] &= ~(UINT64_C(1) << not_taken[i] % 64);
    hc__buf_init(&a, &run->plain);
    hc__buf_init(&b, &run->plain);
    hc__record_to_json(&a, before, HC__OWNER_ONLY, fields);
    hc__record_to_json(&b, after, HC__OWNER_ONLY, fields);
    if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
        fprintf(stderr, "before %s\nafter  %s\n", a.data, b.data);
    FUZZ_ASSERT(a.size == b.size && memcmp(a.data, b.data, a.size) == 0);
    hc__buf_free(&a);
    hc__buf_free(&b);
}

static void write_and_take_again(fuzz *run, hc__incoming *row, hc__arena *arena)
{
    hc__lister nobody = {NULL, NULL};
    hc__incoming again;
    hc__buf text;

    hc__buf_init(&text, &run->plain);
    FUZZ_ASSERT(row->key_size > 0 && strlen(row->key) == row->key_size);
    hc__record_set_text(&row->listing, hc__property_f_source_key, row->key, row->key_size);
    hc__record_set_id(&row->listing, hc__property_f_id, (hc_id){{1}});
    if (row->listing.fault == HC_OK) {
        FUZZ_ASSERT(hc__reso_write(&text, &row->listing, &run->plain, nobody, &run->err) == HC_OK && !text.failed);
        FUZZ_ASSERT(hc__json_check(&run->plain, text.data, text.size, NULL, "json", &run->err) == HC_OK);
        FUZZ_ASSERT(take(&again, arena, &run->plain, text.data, text.size, &run->err) == HC_OK);
        check_same(run, &row->listing, &again.listing);
    }
    hc__buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__arena arena, plain;
    hc__incoming row;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    hc__arena_init(&arena, &run.mem, NULL, 0);
    hc__arena_init(&plain, &run.plain, NULL, 0);
    status = take(&row, &arena, &run.mem, run.text, run.size, &run.err);
    /* What gathers extras fails late, so that a fault of the resource may be told first; then it is one. */
    if (status < 0 && status != HC_ERR_NO_MEMORY)
        run.state.failed = 0;
    fuzz_outcome(&run, status);
    if (status < 0 && status != HC_ERR_NO_MEMORY)
        FUZZ_ASSERT(take(&row, &plain, &run.plain, run.text, run.size, &run.err) == status);
    if (status == HC_OK) {
        FUZZ_ASSERT(take(&row, &plain, &run.plain, run.text, run.size, &run.err) == HC_OK);
        write_and_take_again(&run, &row, &plain);
    }
    hc__arena_free(&arena);
    hc__arena_free(&plain);
    return fuzz_end(&run);
}
