/* JSON (RFC 8259): a strict, non-recursive pull reader, a writer, and trees by cJSON of what the reader accepted. */
#ifndef HC__BASE_JSON_H
#define HC__BASE_JSON_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"

struct cJSON;

/* 0 in a field means the default: 1 MiB, 32 deep (63 at most), 10,000 nodes (values of any kind). Beyond them, and for a
 * number of more than 63 characters: HC_ERR_TOO_LARGE. All else that is refused: HC_ERR_INVALID. */
typedef struct hc__json_limits {
    size_t bytes;
    int depth;
    size_t nodes;
} hc__json_limits;

typedef enum hc__json_token {
    HC__JSON_ERROR, /* `status` and *err say what; `offset` where */
    HC__JSON_OBJECT,
    HC__JSON_OBJECT_END,
    HC__JSON_ARRAY,
    HC__JSON_ARRAY_END,
    HC__JSON_KEY,    /* text, size: the member's name, unescaped */
    HC__JSON_STRING, /* text, size: unescaped, valid UTF-8; U+0000 is refused */
    HC__JSON_NUMBER, /* text, size: as spelled */
    HC__JSON_TRUE,
    HC__JSON_FALSE,
    HC__JSON_NULL,
    HC__JSON_END /* after the top value, with nothing but white space behind it */
} hc__json_token;

/* Pull reader over a whole text. Refuses duplicate member names in one object, a BOM, bad UTF-8, lone surrogates. */
typedef struct hc__json_reader {
    const char *input;
    size_t input_size;
    size_t offset;
    hc__json_limits limits;
    hc__arena arena; /* unescaped strings and the names seen, by object */
    const char *text; /* of the last KEY, STRING or NUMBER; NUL-terminated for KEY and STRING */
    size_t size;
    size_t start; /* offset where the last token began */
    int depth;
    size_t nodes;
    int state;
    hc_status status;
    void *stack; /* private */
} hc__json_reader;

void hc__json_open(hc__json_reader *reader, const hc__mem *mem, const char *text, size_t size,
                   const hc__json_limits *limits);
hc__json_token hc__json_next(hc__json_reader *reader, hc_error *err);
/* Call after KEY, or in an array: passes over one whole value. *raw and *size (either may be NULL): its raw text, without
 * the space around it. At the end of the array: false with reader->status HC_OK, and the end is passed. */
bool hc__json_skip(hc__json_reader *reader, const char **raw, size_t *size, hc_error *err);
void hc__json_close(hc__json_reader *reader);
/* Checks a whole text. */
hc_status hc__json_check(const hc__mem *mem, const char *text, size_t size, const hc__json_limits *limits,
                         const char *field, hc_error *err);
/* Checks, then builds cJSON's tree; free with cJSON_Delete. Numbers are doubles there: not for money, ids or times. */
hc_status hc__json_tree(struct cJSON **out, const hc__mem *mem, const char *text, size_t size,
                        const hc__json_limits *limits, const char *field, hc_error *err);
/* The canonical form of free JSON: members sorted by bytes, no white space; integers in int64 as such, other numbers as
 * the shortest double, and one that is whole and in int64 as an integer (1e3 and 1000.0 are 1000, -0.0 is 0), since
 * stores spell it so. Appends to `out`, nothing on failure. */
hc_status hc__json_canonical(hc__buf *out, const hc__mem *mem, const char *text, size_t size,
                             const hc__json_limits *limits, const char *field, hc_error *err);

/* Writer. Commas are the writer's business: keep one hc__json_writer for a document. */
typedef struct hc__json_writer {
    hc__buf *out;
    uint64_t comma; /* one bit a level: something was written there */
    int depth;
    bool after_key;
} hc__json_writer;

void hc__json_begin(hc__json_writer *writer, hc__buf *out);
void hc__json_object(hc__json_writer *writer);
void hc__json_object_end(hc__json_writer *writer);
void hc__json_array(hc__json_writer *writer);
void hc__json_array_end(hc__json_writer *writer);
void hc__json_key(hc__json_writer *writer, const char *name);
void hc__json_string(hc__json_writer *writer, const char *text, size_t size);
void hc__json_raw(hc__json_writer *writer, const char *text, size_t size); /* a number, true, false, null, checked JSON */
void hc__json_int(hc__json_writer *writer, int64_t value);
void hc__json_bool(hc__json_writer *writer, bool value);
void hc__json_null(hc__json_writer *writer);

/* Cuts a stream into the elements of its array: the top array itself, or the member "value" of the top object (other
 * members of which are passed over, at most 1 MiB together), or the whole top object when it has no such member. Feed
 * pieces; each element is given whole, and of one that has more than 1 MiB that and a byte, which is too much for a reader's
 * default; unchecked beyond its nesting: give it to a reader. */
typedef hc_status (*hc__json_element_fn)(const char *text, size_t size, int64_t line, void *data, hc_error *err);
typedef struct hc__json_cutter hc__json_cutter;
hc_status hc__json_cutter_new(hc__json_cutter **out, const hc__mem *mem, hc__json_element_fn element, void *data,
                              hc_error *err);
hc_status hc__json_cutter_feed(hc__json_cutter *cutter, const char *bytes, size_t size, hc_error *err);
hc_status hc__json_cutter_end(hc__json_cutter *cutter, hc_error *err); /* TRUNCATED when the document is not complete */
void hc__json_cutter_free(hc__json_cutter *cutter);

#endif
