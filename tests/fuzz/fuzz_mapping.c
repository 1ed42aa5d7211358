/* "MAPPING\n\nCSV": a mapping, and the rows of a file through it. */
#include "base/csv.h"
#include "fuzz.h"
#include "transfer/mapping.h"

typedef struct file {
    fuzz *run;
    hc__mapping *mapping;
    bool has_header;
} file;

static hc_status map_row(file *at, const hc__csv_record *record, hc_error *err)
{
    hc__record listing;
    hc__mapped mapped;
    hc__arena arena;
    hc_status status;

    hc__arena_init(&arena, &at->run->mem, NULL, 0);
    status = hc__record_init(&listing, &hc__property_entity, &arena, err);
    if (status == HC_OK)
        status = hc__mapping_apply(at->mapping, record, &listing, &mapped, err);
    fuzz_outcome(at->run, status);
    if (status == HC_OK)
        FUZZ_ASSERT(mapped.key_size > 0 && strlen(mapped.key) == mapped.key_size && listing.fault == HC_OK);
    hc__arena_free(&arena);
    return status == HC_ERR_INVALID ? HC_OK : status; /* a refused row is no end of the file */
}

static hc_status take(const hc__csv_record *record, void *data, hc_error *err)
{
    file *at = data;

    if (!at->has_header) {
        at->has_header = true;
        return record->fault == NULL ? hc__mapping_resolve(at->mapping, record, err) : HC_OK;
    }
    if (record->fault != NULL || record->count != at->mapping->width)
        return HC_OK;
    return map_row(at, record, err);
}

static hc_status read_file(fuzz *run, hc__mapping *mapping)
{
    file at = {run, mapping, false};
    hc__csv *csv;
    hc_status status = hc__csv_new(&csv, &run->plain, mapping->separator, take, &at, &run->err);

    if (status == HC_OK)
        status = hc__csv_feed(csv, run->text, run->size, &run->err);
    if (status == HC_OK)
        status = hc__csv_end(csv, &run->err);
    hc__csv_free(csv);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    hc__mapping *mapping;
    const char *text;
    size_t text_size;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    text = fuzz_cut(&run, "\n\n", &text_size);
    status = hc__mapping_parse(&mapping, &run.mem, text, text_size, &run.err);
    fuzz_outcome(&run, status);
    FUZZ_ASSERT((mapping != NULL) == (status == HC_OK));
    if (status == HC_OK)
        fuzz_outcome(&run, read_file(&run, mapping));
    hc__mapping_free(mapping);
    return fuzz_end(&run);
}
