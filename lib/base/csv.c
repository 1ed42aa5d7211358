#include "base/csv.h"

#include <string.h>

#include "base/fail.h"
#include "base/utf8.h"

#define HEAD_SIZE 4 /* of the longest byte order mark */
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define ONES      UINT64_C(0x0101010101010101)

enum place {
    FIELD_START,
    PLAIN,   /* in a field without quotes */
    QUOTED,  /* in a field with quotes */
    QUOTE,   /* behind a quote in such a field: its end, or the first of two */
    TO_LINE, /* behind a stray quote: all is passed over up to the end of the line */
    CR       /* behind the CR that ended the record: an LF still belongs to it */
};

/* Bytes that a run of plain text stops at. */
enum kind { OTHER, SEPARATOR, DOUBLE_QUOTE, LINE_END, NUL };

struct hc__csv {
    const hc__mem *mem;
    hc__csv_record_fn record;
    void *data;
    hc__buf text;          /* the record's fields, each with a NUL behind it */
    hc__csv_field *fields; /* while it is read, `size` is set and `text` is not */
    size_t count;
    size_t capacity;
    size_t field_start; /* in `text` */
    size_t raw;         /* bytes of the record in the input so far, quotes and separators included */
    const char *fault;
    enum place place;
    bool quoted_cr; /* the last byte of the quoted field was a CR, so that an LF is no further line */
    bool any;       /* the record has a byte */
    int64_t line;
    int64_t first_line; /* of the record at hand */
    int64_t offset;
    char head[HEAD_SIZE];
    size_t head_size;
    bool head_done;
    hc_status status;    /* the first failure; sticks */
    uint64_t separators; /* eight of them */
    uint8_t kinds[256];
};

hc_status hc__csv_new(hc__csv **out, const hc__mem *mem, char separator, hc__csv_record_fn record, void *data,
                      hc_error *err)
{
    hc__csv *csv;

    *out = NULL;
    if (separator == '"' || separator == '\r' || separator == '\n' || separator == '\0' || (separator & 0x80) != 0)
        return hc__fail(err, HC_ERR_INVALID, "separator", "a quote, a line end or a byte beyond ASCII cannot separate");
    csv = hc__alloc_zero(mem, 1, sizeof(*csv));
    if (csv == NULL)
        return hc__no_memory(err);
    csv->mem = mem;
    csv->record = record;
    csv->data = data;
    csv->line = csv->first_line = 1;
    csv->separators = (uint8_t)separator * ONES;
    csv->kinds[(uint8_t)separator] = SEPARATOR;
    csv->kinds['"'] = DOUBLE_QUOTE;
    csv->kinds['\r'] = csv->kinds['\n'] = LINE_END;
    csv->kinds[0] = NUL;
    hc__buf_init(&csv->text, mem);
    *out = csv;
    return HC_OK;
}

void hc__csv_free(hc__csv *csv)
{
    if (csv == NULL)
        return;
    hc__buf_free(&csv->text);
    hc__free(csv->mem, csv->fields);
    hc__free(csv->mem, csv);
}

static void note_fault(hc__csv *csv, const char *fault)
{
    if (csv->fault == NULL)
        csv->fault = fault;
}

/* Counts bytes of the record. False once it has a fault: then nothing of it is kept any more. */
static bool takes(hc__csv *csv, size_t size)
{
    csv->any = true;
    if (size <= HC__CSV_RECORD_LIMIT - csv->raw) {
        csv->raw += size;
    } else {
        csv->raw = HC__CSV_RECORD_LIMIT;
        note_fault(csv, "record too long");
    }
    return csv->fault == NULL;
}

static hc_status keep(hc__csv *csv, const char *bytes, size_t size, hc_error *err)
{
    if (!takes(csv, size))
        return HC_OK;
    hc__buf_put(&csv->text, bytes, size);
    return csv->text.failed ? hc__no_memory(err) : HC_OK;
}

static hc_status end_field(hc__csv *csv, hc_error *err)
{
    if (csv->fault != NULL)
        return HC_OK;
    if (csv->count == HC__CSV_FIELD_LIMIT) {
        note_fault(csv, "too many fields");
        return HC_OK;
    }
    if (csv->count == csv->capacity) {
        size_t capacity = csv->capacity == 0 ? 32 : csv->capacity * 2;
        hc__csv_field *fields = hc__realloc(csv->mem, csv->fields, capacity, sizeof(*fields));

        if (fields == NULL)
            return hc__no_memory(err);
        csv->fields = fields;
        csv->capacity = capacity;
    }
    if (!hc__buf_room(&csv->text, 1))
        return hc__no_memory(err);
    csv->fields[csv->count++] = (hc__csv_field){NULL, csv->text.size - csv->field_start};
    csv->text.data[csv->text.size++] = '\0';
    csv->field_start = csv->text.size;
    return HC_OK;
}

static void forget(hc__csv *csv)
{
    hc__buf_clear(&csv->text);
    csv->count = 0;
    csv->field_start = 0;
    csv->raw = 0;
    csv->fault = NULL;
    csv->any = false;
    csv->quoted_cr = false;
    csv->place = FIELD_START;
    csv->first_line = csv->line;
}

/* Gives the record out; `end` is the offset behind it and its line end. An empty line is no record. */
static hc_status give(hc__csv *csv, int64_t end, hc_error *err)
{
    hc__csv_record record = {csv->fields, csv->count, csv->first_line, end, NULL};
    const char *at = csv->text.data;
    hc_status status = HC_OK;

    if (csv->any) {
        if (csv->field_start > 0 && !hc__utf8_check(csv->text.data, csv->field_start, NULL)) {
            note_fault(csv, "not UTF-8");
            record.count = 0; /* no one is handed bytes that are not text */
        }
        for (size_t i = 0; i < record.count; i++) {
            csv->fields[i].text = at;
            at += csv->fields[i].size + 1;
        }
        record.fault = csv->fault;
        status = csv->record(&record, csv->data, err);
    }
    forget(csv);
    return status < 0 ? status : HC_OK;
}

/* The record ends with the line end c at offset `at`; a CR waits for the LF that may follow. */
static hc_status end_line(hc__csv *csv, char c, int64_t at, hc_error *err)
{
    csv->line++;
    if (c == '\r') {
        csv->place = CR;
        return HC_OK;
    }
    return give(csv, at + 1, err);
}

static hc_status stray_quote(hc__csv *csv)
{
    takes(csv, 1);
    note_fault(csv, "stray quote");
    csv->place = TO_LINE;
    return HC_OK;
}

/* A byte in a quoted field that is not part of a plain run. */
static hc_status quoted_byte(hc__csv *csv, char c, hc_error *err)
{
    if (c == '"') {
        takes(csv, 1);
        csv->quoted_cr = false;
        csv->place = QUOTE;
        return HC_OK;
    }
    if (c == '\0') {
        note_fault(csv, "NUL byte");
    } else {
        csv->line += c == '\r' || !csv->quoted_cr;
        csv->quoted_cr = c == '\r';
    }
    return keep(csv, &c, 1, err);
}

/* A byte at the start of a field, in a plain one or behind a closing quote. `at` is its offset. */
static hc_status plain_byte(hc__csv *csv, char c, int64_t at, hc_error *err)
{
    hc_status status;

    switch (csv->kinds[(uint8_t)c]) {
    case SEPARATOR:
        takes(csv, 1);
        csv->place = FIELD_START;
        return end_field(csv, err);
    case LINE_END:
        status = csv->any ? end_field(csv, err) : HC_OK;
        return status == HC_OK ? end_line(csv, c, at, err) : status;
    case DOUBLE_QUOTE:
        if (csv->place == PLAIN)
            return stray_quote(csv);
        /* Two quotes in a quoted field are one; at the start of a field a quote is its bracket. */
        status = csv->place == QUOTE ? keep(csv, &c, 1, err) : HC_OK;
        if (csv->place == FIELD_START)
            takes(csv, 1);
        csv->place = QUOTED;
        return status;
    default:
        if (csv->place == QUOTE)
            return stray_quote(csv);
        csv->place = PLAIN;
        if (c == '\0')
            note_fault(csv, "NUL byte");
        return keep(csv, &c, 1, err);
    }
}

/* Whether one of eight bytes may end a run of plain text: a control character, a quote or the separator. */
static bool may_stop(const char *at, uint64_t separators)
{
    uint64_t eight, control, quote, separator;

    memcpy(&eight, at, 8);
    control = (eight - 0x20 * ONES) & ~eight;
    quote = eight ^ '"' * ONES;
    quote = (quote - ONES) & ~quote;
    separator = eight ^ separators;
    separator = (separator - ONES) & ~separator;
    return ((control | quote | separator) & HIGH_BITS) != 0;
}

static size_t plain_length(const hc__csv *csv, const char *bytes, size_t size)
{
    size_t at = 0;

    while (size - at >= 8 && !may_stop(bytes + at, csv->separators))
        at += 8;
    while (at < size && csv->kinds[(uint8_t)bytes[at]] == OTHER)
        at++;
    return at;
}

/* How many bytes from `at` on are taken alike in this place. A field begins with its first byte of plain text. */
static size_t run_length(hc__csv *csv, const char *bytes, size_t size, size_t at)
{
    size_t first = at;

    if (csv->place == FIELD_START && csv->kinds[(uint8_t)bytes[at]] == OTHER)
        csv->place = PLAIN;
    if (csv->place == PLAIN)
        return plain_length(csv, bytes + at, size - at);
    if (csv->place == QUOTED)
        while (at < size && csv->kinds[(uint8_t)bytes[at]] <= SEPARATOR)
            at++;
    else if (csv->place == TO_LINE)
        while (at < size && csv->kinds[(uint8_t)bytes[at]] != LINE_END)
            at++;
    return at - first;
}

static hc_status take_piece(hc__csv *csv, const char *bytes, size_t size, hc_error *err)
{
    const int64_t base = csv->offset;
    hc_status status = HC_OK;
    size_t at = 0;

    while (status == HC_OK && at < size) {
        size_t run = run_length(csv, bytes, size, at);
        char c;

        if (run > 0) {
            csv->quoted_cr = false;
            status = keep(csv, bytes + at, run, err);
            at += run;
            if (status == HC_OK && csv->place == PLAIN && at < size && csv->kinds[(uint8_t)bytes[at]] == SEPARATOR)
                status = plain_byte(csv, bytes[at++], 0, err);
            continue;
        }
        c = bytes[at];
        if (csv->place == CR) {
            at += c == '\n';
            status = give(csv, base + (int64_t)at, err);
            continue;
        }
        if (csv->place == QUOTED)
            status = quoted_byte(csv, c, err);
        else if (csv->place == TO_LINE)
            status = end_line(csv, c, base + (int64_t)at, err);
        else
            status = plain_byte(csv, c, base + (int64_t)at, err);
        at++;
    }
    csv->offset = base + (int64_t)at;
    return status;
}

/* The first bytes are there, or all of them if there are fewer: looks for a mark, then takes them. */
static hc_status take_head(hc__csv *csv, hc_error *err)
{
    const char *head = csv->head;
    size_t size = csv->head_size;
    size_t skip = size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    csv->head_done = true;
    if (size >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0))
        return hc__fail(err, HC_ERR_INVALID, "csv", "the file is UTF-16 or UTF-32: save it as UTF-8");
    if (size >= 4 && memcmp(head, "\0\0\xfe\xff", 4) == 0)
        return hc__fail(err, HC_ERR_INVALID, "csv", "the file is UTF-32: save it as UTF-8");
    csv->offset = (int64_t)skip;
    return take_piece(csv, head + skip, size - skip, err);
}

static hc_status feed(hc__csv *csv, const char *bytes, size_t size, hc_error *err)
{
    size_t at = 0;
    hc_status status;

    if (!csv->head_done) {
        while (at < size && csv->head_size < HEAD_SIZE)
            csv->head[csv->head_size++] = bytes[at++];
        if (csv->head_size < HEAD_SIZE)
            return HC_OK;
        status = take_head(csv, err);
        if (status != HC_OK)
            return status;
    }
    return take_piece(csv, bytes + at, size - at, err);
}

static hc_status given_up(const hc__csv *csv, hc_error *err)
{
    return hc__fail(err, csv->status, "csv", "the CSV stream was given up before");
}

hc_status hc__csv_feed(hc__csv *csv, const char *bytes, size_t size, hc_error *err)
{
    if (csv->status != HC_OK)
        return given_up(csv, err);
    csv->status = feed(csv, bytes, size, err);
    return csv->status;
}

static hc_status finish(hc__csv *csv, hc_error *err)
{
    hc_status status = csv->head_done ? HC_OK : take_head(csv, err);

    if (status == HC_OK && csv->place == QUOTED)
        note_fault(csv, "unterminated quote");
    if (status == HC_OK && csv->any && csv->place != CR)
        status = end_field(csv, err);
    return status == HC_OK ? give(csv, csv->offset, err) : status;
}

hc_status hc__csv_end(hc__csv *csv, hc_error *err)
{
    if (csv->status != HC_OK)
        return given_up(csv, err);
    csv->status = finish(csv, err);
    return csv->status;
}

void hc__csv_put(hc__buf *out, const char *text, size_t size, char separator)
{
    bool quoted = false;
    size_t at = 0;

    for (size_t i = 0; i < size && !quoted; i++)
        quoted = text[i] == separator || text[i] == '"' || text[i] == '\r' || text[i] == '\n';
    if (!quoted) {
        hc__buf_put(out, text, size);
        return;
    }
    hc__buf_reserve(out, size + 2);
    hc__buf_char(out, '"');
    while (at < size) {
        const char *quote = memchr(text + at, '"', size - at);
        size_t run = quote == NULL ? size - at : (size_t)(quote - text) - at + 1;

        hc__buf_put(out, text + at, run);
        if (quote != NULL)
            hc__buf_char(out, '"');
        at += run;
    }
    hc__buf_char(out, '"');
}
