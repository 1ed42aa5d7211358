/* Import of RESO Common Format JSON: one resource, or `value` with many. */
#include <string.h>

#include "base/file.h"
#include "transfer/reso.h"

#define PIECE ((size_t)256 << 10)

static hc_status on_element(const char *text, size_t size, int64_t line, void *data, hc_error *err)
{
    hc__import *import = data;
    hc__incoming *row;
    hc_error why;
    hc_status status = hc__import_next(import, &row, line, err);

    if (status < 0)
        return status;
    status = hc__reso_read(row, import->arena.mem, text, size, import->options.currency, &why);
    if (status == HC_OK)
        return hc__import_take(import, size, err);
    if (status == HC_ERR_NO_MEMORY)
        return hc__no_memory(err);
    return hc__import_refuse(import, size, &why, err);
}

static hc_status feed(hc__import *import, hc__json_cutter *cutter, hc__file *file, char *piece, hc_error *err)
{
    size_t got = 1;
    hc_status status = HC_OK;

    while (status >= 0 && got > 0) {
        status = hc__file_piece(file, piece, PIECE, &got, err);
        if (status >= 0)
            import->counts.bytes_done += (int64_t)got;
        if (status >= 0 && got > 0)
            status = hc__json_cutter_feed(cutter, piece, got, err);
    }
    return status < 0 ? status : hc__json_cutter_end(cutter, err);
}

static hc_status check_currency(const char *currency, hc_error *err)
{
    size_t i = 0;

    while (currency != NULL && currency[i] >= 'A' && currency[i] <= 'Z' && i < 4)
        i++;
    return currency == NULL || (i == 3 && currency[3] == '\0')
               ? HC_OK
               : hc__fail(err, HC_ERR_INVALID, "currency", "must be an ISO 4217 code, such as USD");
}

hc_status hc__import_reso(hc__import *import, hc_error *err)
{
    const hc__mem *mem = import->arena.mem;
    hc__json_cutter *cutter = NULL;
    hc__file file;
    char *piece;
    hc_status status = check_currency(import->options.currency, err);

    if (status == HC_OK && import->source_system == NULL)
        status = hc__fail(err, HC_ERR_INVALID, "source_system", "where the listing keys come from is not named");
    if (status == HC_OK)
        status = hc__file_open(&file, import->options.path, "path", err);
    if (status < 0)
        return status;
    import->counts.bytes_total = file.size < 0 ? 0 : file.size;
    piece = hc__alloc(mem, PIECE);
    status = piece == NULL ? hc__no_memory(err) : hc__json_cutter_new(&cutter, mem, on_element, import, err);
    if (status >= 0)
        status = feed(import, cutter, &file, piece, err);
    if (status >= 0)
        status = hc__import_flush(import, err);
    hc__json_cutter_free(cutter);
    hc__free(mem, piece);
    hc__file_close(&file);
    return status;
}
