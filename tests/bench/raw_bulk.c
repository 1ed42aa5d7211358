/* Listings in bulk, from their numbers or from a CSV, in one transaction. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "raw_server.h"

void raw_derive(struct raw_derived *out, const struct listing *l)
{
    const char *texts[] = {l->city, l->state, l->address, l->title, l->description};

    listing_words(&out->words, l);
    for (int i = 0; i < 5; i++)
        text_lower(out->norms[i], texts[i]);
    for (int i = 0; i < 3; i++)
        out->words.texts[i][out->words.sizes[i]] = '\0';
}

void raw_letter(char *out, const char *words, char first)
{
    *out++ = ' ';
    for (bool begins = true; *words != '\0'; words++) {
        if (begins)
            *out++ = first;
        begins = *words == ' ';
        *out++ = *words;
    }
    *out++ = ' ';
    *out = '\0';
}

void raw_put(struct raw_out *out, const void *bytes, size_t size)
{
    if (out->size + size > out->capacity) {
        out->capacity = 2 * (out->size + size) + 65536;
        out->bytes = realloc(out->bytes, out->capacity);
        if (out->bytes == NULL)
            abort();
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

const char *raw_keys(struct raw_out *out, struct raw_bulk *bulk, const char *open, const char *quote, const char *close)
{
    out->size = 0;
    for (size_t i = 0; i < bulk->count; i++) {
        raw_put(out, i == 0 ? open : ",", strlen(i == 0 ? open : ","));
        raw_put(out, quote, strlen(quote));
        raw_put(out, bulk->rows[i].key, strlen(bulk->rows[i].key));
        raw_put(out, quote, strlen(quote));
        bulk->known[i] = false;
    }
    raw_put(out, close, strlen(close) + 1);
    return out->bytes;
}

void raw_note_known(struct raw_bulk *bulk, const char *key)
{
    for (size_t i = 0; i < bulk->count; i++)
        bulk->known[i] = bulk->known[i] || strcmp(bulk->rows[i].key, key) == 0;
}

static void bulk_free(struct raw_bulk *bulk)
{
    free(bulk->rows);
    free(bulk->known);
    free(bulk->hash);
}

static bool bulk_new(struct raw_bulk *bulk)
{
    bulk->rows = calloc(RAW_BULK, sizeof(*bulk->rows));
    bulk->known = calloc(RAW_BULK, sizeof(*bulk->known));
    bulk->hash = calloc(RAW_BULK, sizeof(*bulk->hash));
    return bulk->rows != NULL && bulk->known != NULL && bulk->hash != NULL;
}

bool raw_fill(const struct raw_server *on, void *raw, uint64_t first, uint64_t count, bool events)
{
    struct raw_bulk bulk = {.events = events};
    bool done = bulk_new(&bulk) && on->run(raw, "BEGIN");

    for (uint64_t i = 0; i < count && done; i++) {
        listing_make(&bulk.rows[bulk.count++], first + i);
        if (bulk.count < RAW_BULK && i + 1 < count)
            continue;
        done = on->write(raw, &bulk);
        bulk.count = 0;
    }
    bulk_free(&bulk);
    return done && on->run(raw, "COMMIT");
}

static int64_t write_new(const struct raw_server *on, void *raw, struct raw_bulk *bulk)
{
    int64_t written = 0;

    if (!on->look_up(raw, bulk) || !on->write(raw, bulk))
        return -1;
    for (size_t i = 0; i < bulk->count; i++)
        written += !bulk->known[i];
    bulk->count = 0;
    return written;
}

int64_t raw_take(const struct raw_server *on, void *raw, const char *csv, const uint8_t agent[16])
{
    struct raw_bulk bulk = {.agent = agent, .events = true, .keys = true};
    FILE *file = fopen(csv, "r");
    struct timespec clock;
    char line[2048];
    int64_t count = 0, part = 0;
    bool more = bulk_new(&bulk) && file != NULL && fgets(line, sizeof(line), file) != NULL && on->run(raw, "BEGIN");

    while (more && part >= 0) {
        more = fgets(line, sizeof(line), file) != NULL;
        line_digest(bulk.hash[bulk.count], line);
        if (more && csv_read(&bulk.rows[bulk.count], line)) {
            clock_gettime(CLOCK_REALTIME, &clock);
            bulk.rows[bulk.count++].created = (int64_t)clock.tv_sec * 1000000 + clock.tv_nsec / 1000;
        }
        if (bulk.count == RAW_BULK || (!more && bulk.count > 0)) {
            part = write_new(on, raw, &bulk);
            count += part;
        }
    }
    bulk_free(&bulk);
    if (file != NULL)
        fclose(file);
    return part >= 0 && on->run(raw, "COMMIT") ? count : -1;
}
