/* Import of a CSV by a mapping. */
#include <string.h>

#include "base/csv.h"
#include "base/file.h"
#include "transfer/import.h"
#include "transfer/mapping.h"

#define PIECE ((size_t)256 << 10)

typedef struct csv_import {
    hc__import *import;
    hc__mapping *mapping;
    bool has_header;
    int64_t before; /* offset behind the record before */
} csv_import;

static hc_status load_mapping(hc__mapping **out, hc__import *import, hc_error *err)
{
    const hc_import_options *options = &import->options;
    hc__buf text;
    hc_status status = HC_OK;

    *out = NULL;
    if ((options->mapping == NULL) == (options->mapping_path == NULL))
        return hc__fail(err, HC_ERR_INVALID, "mapping", "a CSV needs a mapping: either a file or its text");
    if (options->mapping != NULL)
        return hc__mapping_parse(out, import->arena.mem, options->mapping, strlen(options->mapping), err);
    hc__buf_init(&text, import->arena.mem);
    status = hc__file_read(&text, options->mapping_path, HC__MAPPING_LIMIT, "mapping_path", err);
    if (status == HC_OK)
        status = hc__mapping_parse(out, import->arena.mem, text.data == NULL ? "" : text.data, text.size, err);
    hc__buf_free(&text);
    return status;
}

static hc_status map_row(csv_import *csv, hc__incoming *row, const hc__csv_record *record, hc_error *why)
{
    hc__mapped mapped;
    hc_status status;

    if (record->fault != NULL)
        return hc__fail(why, HC_ERR_INVALID, "csv", "the record is not well formed: %s", record->fault);
    if (record->count != csv->mapping->width)
        return hc__fail(why, HC_ERR_INVALID, "csv", "the record has %zu fields, the header %zu", record->count,
                        csv->mapping->width);
    status = hc__mapping_apply(csv->mapping, record, &row->listing, &mapped, why);
    row->key = mapped.key == NULL ? "" : mapped.key;
    row->key_size = mapped.key_size;
    row->as_of = mapped.as_of;
    row->has_as_of = mapped.has_as_of;
    return status;
}

static hc_status on_record(const hc__csv_record *record, void *data, hc_error *err)
{
    csv_import *csv = data;
    size_t size = (size_t)(record->end - csv->before);
    hc__incoming *row;
    hc_error why;
    hc_status status;

    csv->before = record->end;
    if (!csv->has_header) {
        csv->has_header = true;
        return hc__mapping_resolve(csv->mapping, record, err);
    }
    csv->import->counts.bytes_done = record->end;
    status = hc__import_next(csv->import, &row, record->line, err);
    if (status < 0)
        return status;
    status = map_row(csv, row, record, &why);
    if (status == HC_OK)
        return hc__import_take(csv->import, size, err);
    if (status == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    return hc__import_refuse(csv->import, size, &why, err);
}

static hc_status feed(hc__csv *reader, hc__file *file, char *piece, hc_error *err)
{
    size_t got = 1;
    hc_status status = HC_OK;

    while (status >= 0 && got > 0) {
        status = hc__file_piece(file, piece, PIECE, &got, err);
        if (status >= 0 && got > 0)
            status = hc__csv_feed(reader, piece, got, err);
    }
    return status < 0 ? status : hc__csv_end(reader, err);
}

static hc_status read_file(csv_import *csv, hc_error *err)
{
    hc__import *import = csv->import;
    const hc__mem *mem = import->arena.mem;
    hc__csv *reader = NULL;
    hc__file file;
    char *piece;
    hc_status status = hc__file_open(&file, import->options.path, "path", err);

    if (status < 0)
        return status;
    import->counts.bytes_total = file.size < 0 ? 0 : file.size;
    piece = hc__alloc(mem, PIECE);
    status =
        piece == NULL ? hc__no_memory(err) : hc__csv_new(&reader, mem, csv->mapping->separator, on_record, csv, err);
    if (status >= 0)
        status = feed(reader, &file, piece, err);
    if (status >= 0 && !csv->has_header)
        status = hc__fail(err, HC_ERR_INVALID, "csv", "the file is empty: the header is missing");
    hc__csv_free(reader);
    hc__free(mem, piece);
    hc__file_close(&file);
    return status;
}

hc_status hc__import_csv(hc__import *import, hc_error *err)
{
    csv_import csv = {.import = import};
    hc_status status = load_mapping(&csv.mapping, import, err);

    if (status == HC_OK && import->source_system == NULL)
        import->source_system = csv.mapping->source_system;
    if (status == HC_OK && import->source_system == NULL)
        status = hc__fail(err, HC_ERR_INVALID, "source_system", "neither the mapping nor the caller names the source");
    if (status == HC_OK)
        status = read_file(&csv, err);
    if (status == HC_OK)
        status = hc__import_flush(import, err);
    hc__mapping_free(csv.mapping);
    return status;
}
