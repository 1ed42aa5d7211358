/* Search words: of a query, and of a listing's token fields. */
#include <string.h>
#include "base/fail.h"
#include "base/map.h"
#include "base/utf8.h"
#include "query/listing.h"
#include "query/parser.h"

#define CODED_SIZE 96 /* a coded word, its '*' and NUL */

typedef struct query_words {
    const char *items[HC__WORD_LIMIT];
    size_t count;
    char last[CODED_SIZE]; /* of the run being read; "" before its first word */
    hc__arena *arena;
    bool too_many, failed;
} query_words;

static void keep(query_words *w)
{
    if (w->last[0] == '\0' || w->failed)
        return;
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->items[i], w->last) == 0)
            return;
    if (w->count == HC__WORD_LIMIT) {
        w->too_many = true;
        return;
    }
    w->items[w->count] = hc__arena_text(w->arena, w->last, strlen(w->last));
    w->failed = w->items[w->count++] == NULL;
}

static bool each_word(const char *coded, size_t size, void *data)
{
    query_words *w = data;

    keep(w);
    memcpy(w->last, coded, size + 1);
    return !w->failed && !w->too_many;
}

/* One run between spaces; a '*' at its end makes its last word a prefix. */
static void add_run(query_words *w, const char *text, size_t size)
{
    w->last[0] = '\0';
    hc__text_words(text, size, each_word, w);
    if (size > 0 && text[size - 1] == '*' && w->last[0] != '\0')
        memcpy(w->last + strlen(w->last), "*", 2);
    keep(w);
}

hc_status hc__parse_words(const char *const **out, size_t *count, hc__arena *arena, const char *text, size_t size,
                          hc_error *err)
{
    query_words w = {.arena = arena};
    size_t start = 0;

    if (size > HC__FILTER_BYTES)
        return hc__fail(err, HC_ERR_TOO_LARGE, "q", "q has at most %d bytes", HC__FILTER_BYTES);
    if (!hc__utf8_check(text, size, NULL))
        return hc__fail(err, HC_ERR_INVALID, "q", "q is UTF-8");
    for (size_t i = 0; i <= size; i++) {
        if (i < size && text[i] != ' ' && text[i] != '\t' && text[i] != '\n' && text[i] != '\r')
            continue;
        add_run(&w, text + start, i - start);
        start = i + 1;
    }
    if (w.too_many)
        return hc__fail(err, HC_ERR_INVALID, "q", "q has at most %d words", HC__WORD_LIMIT);
    if (w.count == 0 && !w.failed)
        return hc__fail(err, HC_ERR_INVALID, "q", "q has no letter or digit");
    *out = w.failed ? NULL : hc__arena_copy(arena, w.items, w.count * sizeof(w.items[0]));
    *count = w.count;
    return *out == NULL ? hc__no_memory(err) : HC_OK;
}

/* ---- of a listing ---- */

/* The words so far, each found by its hash: places of an open table are 1 + an offset into the text. */
typedef struct word_set {
    hc__buf *out;
    const hc__mem *mem;
    uint32_t first[256]; /* its first `capacity` */
    uint32_t *places;    /* `first`, until it is half full */
    size_t capacity, count;
} word_set;

/* In the text there is room for one more word of that size, so that comparing stays inside. */
static inline uint32_t *place_of(const word_set *set, const char *coded, size_t size)
{
    size_t at = (size_t)hc__hash(coded, size, 0) & (set->capacity - 1);

    for (; set->places[at] != 0; at = (at + 1) & (set->capacity - 1)) {
        const char *word = set->out->data + set->places[at] - 1;

        if (memcmp(word, coded, size) == 0 && (word[size] == ' ' || word[size] == '\0'))
            break;
    }
    return &set->places[at];
}

static bool grow(word_set *set)
{
    size_t capacity = set->capacity * 4;
    uint32_t *places = hc__alloc_zero(set->mem, capacity, sizeof(*places));
    size_t at = 0;

    if (places == NULL)
        return false;
    if (set->places != set->first)
        hc__free(set->mem, set->places);
    set->places = places;
    set->capacity = capacity;
    while (at < set->out->size) {
        size_t size = strcspn(set->out->data + at, " ");

        *place_of(set, set->out->data + at, size) = (uint32_t)at + 1;
        at += size + 1;
    }
    return true;
}

static bool add_word(const char *coded, size_t size, void *data)
{
    word_set *set = data;
    uint32_t *place;

    if (2 * set->count >= set->capacity && !grow(set))
        set->out->failed = true;
    if (!hc__buf_room(set->out, size + 1))
        return false;
    place = place_of(set, coded, size);
    if (*place != 0)
        return true;
    if (set->out->size > 0)
        set->out->data[set->out->size++] = ' ';
    *place = (uint32_t)set->out->size + 1;
    memcpy(set->out->data + set->out->size, coded, size + 1); /* with its NUL */
    set->out->size += size;
    set->count++;
    return true;
}

static void put_words(hc__buf *out, const hc__record *listing, const uint16_t *fields, size_t count, const hc__mem *mem)
{
    size_t room = 0;
    word_set set;

    hc__buf_clear(out);
    for (size_t i = 0; i < count; i++)
        room += listing->values[fields[i]].type == HC_TYPE_NULL ? 0 : listing->values[fields[i]].size + 2;
    if (room == 0 || !hc__buf_reserve(out, room + room / 2)) /* of most texts it is enough: each word has two more */
        return;
    set.out = out;
    set.mem = mem;
    set.places = set.first;
    set.count = 0;
    set.capacity = room < 100 ? 64 : 256;
    memset(set.first, 0, set.capacity * sizeof(set.first[0]));
    for (size_t i = 0; i < count && !out->failed; i++) {
        const hc_value *value = &listing->values[fields[i]];

        if (value->type != HC_TYPE_NULL)
            hc__text_words(value->as.bytes, value->size, add_word, &set);
    }
    if (set.places != set.first)
        hc__free(mem, set.places);
}

/* As they stand side by side in one of the fields of words. */
const uint16_t hc__word_sources[HC__WORD_SOURCES] = {hc__property_f_title,   hc__property_f_description,
                                                     hc__property_f_city,    hc__property_f_zip_code,
                                                     hc__property_f_address, hc__property_f_display_address_ok};

void hc__listing_words(hc__buf out[HC__WORD_FIELDS], const hc__record *listing, const hc__mem *mem)
{
    const uint16_t *title = hc__word_sources, *text = title + 1, *place = text + 1, *address = place + 2;
    const hc_value *ok = &listing->values[address[1]];
    bool hidden = ok->type != HC_TYPE_NULL && ok->as.integer == 0;

    put_words(&out[0], listing, title, 1, mem);
    put_words(&out[1], listing, place, hidden ? 2 : 3, mem);
    put_words(&out[2], listing, text, 1, mem);
    put_words(&out[3], listing, address, hidden ? 1 : 0, mem);
}
