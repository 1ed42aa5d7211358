/* SEPARATOR PIECES text: read in pieces and whole alike, and as the slow reader below says. */
#include "base/csv.h"
#include "fuzz.h"

/* What was read, as text. */
typedef struct story {
    fuzz *run;
    hc__buf told;
    bool faulty;
    size_t records;
} story;

static hc_status tell(const hc__csv_record *record, void *data, hc_error *err)
{
    story *to = data;

    (void)err;
    hc__buf_format(&to->told, "%lld-%lld %s", (long long)record->line, (long long)record->end,
                   record->fault == NULL ? "" : record->fault);
    for (size_t i = 0; i < record->count; i++) {
        FUZZ_ASSERT(record->fields[i].text[record->fields[i].size] == '\0');
        FUZZ_ASSERT(hc__utf8_check(record->fields[i].text, record->fields[i].size, NULL));
        hc__buf_format(&to->told, "<%zu:", record->fields[i].size);
        hc__buf_put(&to->told, record->fields[i].text, record->fields[i].size);
        hc__buf_char(&to->told, '>');
    }
    hc__buf_char(&to->told, '\n');
    to->faulty = to->faulty || record->fault != NULL;
    to->records++;
    return HC_OK;
}

static hc_status read_in_pieces(story *to, const hc__mem *mem, char separator, uint32_t pieces)
{
    fuzz *run = to->run;
    hc__csv *csv;
    hc_status status = hc__csv_new(&csv, mem, separator, tell, to, &run->err);
    size_t at = 0;

    while (status == HC_OK && at < run->size) {
        size_t size = fuzz_piece(&pieces, run->size - at);

        status = hc__csv_feed(csv, run->text + at, size, &run->err);
        at += size;
    }
    if (status == HC_OK)
        status = hc__csv_end(csv, &run->err);
    if (status == HC_OK)
        FUZZ_ASSERT(hc__csv_end(csv, &run->err) == HC_OK); /* once more says no record twice */
    hc__csv_free(csv);
    return status;
}

/* ---- RFC 4180 once more, slow and plain ---- */

static size_t line_end(const char *text, size_t size, size_t at)
{
    if (at < size && text[at] == '\r')
        return at + 1 < size && text[at + 1] == '\n' ? 2 : 1;
    return at < size && text[at] == '\n';
}

/* One field from *at on; false: not well formed. */
static bool slow_field(hc__buf *field, const char *text, size_t size, size_t *at, char separator)
{
    bool quoted = *at < size && text[*at] == '"';

    hc__buf_clear(field);
    for (*at += quoted; *at < size; (*at)++) {
        char c = text[*at];

        if (quoted && c == '"') {
            if (*at + 1 < size && text[*at + 1] == '"')
                ++*at;
            else
                break;
        } else if (!quoted && (c == separator || c == '\r' || c == '\n')) {
            return true;
        } else if (c == '\0' || (!quoted && c == '"')) {
            return false;
        }
        hc__buf_char(field, c);
    }
    if (!quoted)
        return true;
    if (*at == size)
        return false;
    ++*at;
    return *at == size || text[*at] == separator || text[*at] == '\r' || text[*at] == '\n';
}

static int64_t line_at(const char *text, size_t at)
{
    int64_t line = 1;
    size_t i = 0;

    while (i < at) {
        size_t ends = line_end(text, at, i);

        line += ends > 0;
        i += ends > 0 ? ends : 1;
    }
    return line;
}

static bool slow_read(hc__buf *told, const hc__mem *mem, const char *text, size_t size, char separator)
{
    size_t at = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    hc__buf field, fields;
    bool good = true;

    hc__buf_init(&field, mem);
    hc__buf_init(&fields, mem);
    while (good && at < size) {
        size_t start = at, ends = line_end(text, size, at), count = 0;
        bool more = ends == 0;

        hc__buf_clear(&fields);
        at += ends;
        while (good && more) {
            good = slow_field(&field, text, size, &at, separator) && ++count <= HC__CSV_FIELD_LIMIT;
            hc__buf_format(&fields, "<%zu:", field.size);
            hc__buf_put(&fields, field.data, field.size);
            hc__buf_char(&fields, '>');
            more = at < size && text[at] == separator;
            at += more;
        }
        if (ends > 0)
            continue;
        at += line_end(text, size, at);
        good = good && at - start <= HC__CSV_RECORD_LIMIT;
        hc__buf_format(told, "%lld-%zu ", (long long)line_at(text, start), at);
        hc__buf_put(told, fields.data, fields.size);
        hc__buf_char(told, '\n');
    }
    hc__buf_free(&field);
    hc__buf_free(&fields);
    return good && hc__utf8_check(text, size, NULL);
}

static bool same(const hc__buf *a, const hc__buf *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char separators[] = ",;|\tx\"\xc3";
    fuzz run;
    story whole = {.run = &run}, cut = {.run = &run};
    hc__buf slow;
    char separator;
    uint32_t pieces;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    separator = separators[(uint8_t)(fuzz_byte(&run) - '0') % 8];
    pieces = (uint32_t)(fuzz_byte(&run) - '0');
    hc__buf_init(&whole.told, &run.plain);
    hc__buf_init(&cut.told, &run.plain);
    hc__buf_init(&slow, &run.plain);
    status = read_in_pieces(&cut, &run.mem, separator, pieces);
    fuzz_outcome(&run, status);
    if (status != HC_ERR_NO_MEMORY) {
        FUZZ_ASSERT(read_in_pieces(&whole, &run.plain, separator, 0) == status);
        FUZZ_ASSERT(same(&whole.told, &cut.told));
    }
    if (status == HC_OK) {
        bool good = slow_read(&slow, &run.plain, run.text, run.size, separator);

        FUZZ_ASSERT(good == !whole.faulty);
        FUZZ_ASSERT(!good || same(&slow, &whole.told));
    }
    hc__buf_free(&whole.told);
    hc__buf_free(&cut.told);
    hc__buf_free(&slow);
    return fuzz_end(&run);
}
