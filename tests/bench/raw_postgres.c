#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "raw_server.h"

#define VISIBLE "p.deleted_at IS NULL AND p.display_ok AND p.status IS NOT NULL"
#define EPOCH   INT64_C(946684800000000) /* 2000-01-01, where the engine counts from */
#define DAYS    10957
#define FLUSH   16384 /* bytes of it that go out together */
#define N(x)    ((int64_t)(x))
#define INDEXES                                                                                                        \
    " FROM pg_indexes WHERE schemaname=current_schema() AND tablename='properties' AND indexname<>'properties_pkey'"

enum { GET, LIST, KNOWN, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [GET] = "SELECT " RAW_SELECT " FROM properties p WHERE p.id=$1 AND " VISIBLE,
    [LIST] = "SELECT " RAW_SELECT " FROM properties p WHERE p.city_norm=$1 AND p.status='active' AND p.price BETWEEN $2"
             " AND $3 AND p.beds>=$4 AND p.currency='USD' AND " VISIBLE " ORDER BY p.price,p.id LIMIT $5",
    [KNOWN] = "SELECT source_key FROM import_rows WHERE source_system='bench' AND source_key=ANY($1)",
};
static const char *const names[STATEMENTS] = {"get", "list", "known"};

struct raw {
    PGconn *conn;
    struct raw_out out[3]; /* listings, events, import rows on their way */
};

static bool good(struct raw *raw, PGresult *result)
{
    ExecStatusType what = PQresultStatus(result);
    bool done = what == PGRES_COMMAND_OK || what == PGRES_TUPLES_OK || what == PGRES_COPY_IN;

    if (!done)
        fprintf(stderr, "raw: %s\n", PQerrorMessage(raw->conn));
    return done;
}

static bool run(void *handle, const char *text)
{
    struct raw *raw = handle;
    PGresult *result = PQexec(raw->conn, text);
    bool done = good(raw, result);

    PQclear(result);
    return done;
}

static void *open_raw(const char *uri)
{
    struct raw *raw = calloc(1, sizeof(*raw));

    if (raw != NULL)
        raw->conn = PQconnectdb(uri);
    if (raw != NULL && PQstatus(raw->conn) == CONNECTION_OK)
        return run(raw, "SET jit=off;SET client_min_messages=error") ? raw : NULL;
    fprintf(stderr, "raw: %s\n", raw == NULL ? "no memory" : PQerrorMessage(raw->conn));
    return NULL;
}

static void close_raw(void *handle)
{
    struct raw *raw = handle;

    PQfinish(raw->conn);
    for (int i = 0; i < 3; i++)
        free(raw->out[i].bytes);
    free(raw);
}

static bool prepare(void *handle)
{
    struct raw *raw = handle;
    bool done = true;

    for (int i = 0; i < STATEMENTS && done; i++) {
        PGresult *result = PQprepare(raw->conn, names[i], sql[i], 0, NULL);

        done = good(raw, result);
        PQclear(result);
    }
    return done;
}

static char *text_of(void *handle, const char *text)
{
    struct raw *raw = handle;
    PGresult *result = PQexec(raw->conn, text);
    bool given = good(raw, result) && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0);
    char *out = given ? strdup(PQgetvalue(result, 0, 0)) : NULL;

    PQclear(result);
    return out;
}

/* ---- reads ---- */

static int64_t big_endian(const char *at, int size)
{
    uint64_t out = (signed char)at[0] < 0 && size > 1 ? UINT64_MAX : 0;

    for (int i = 0; i < size; i++)
        out = out << 8 | (unsigned char)at[i];
    return (int64_t)out;
}

/* Groups of four digits: count, weight of the first, sign, scale, groups. */
static int64_t numeric(const char *at, int scale)
{
    static const int64_t tens[] = {1, 10, 100, 1000};
    int groups = (int)big_endian(at, 2), weight = (int)big_endian(at + 2, 2), after = (scale + 3) / 4;
    int64_t out = 0;

    for (int i = 0; i <= weight + after; i++)
        out = out * 10000 + (i < groups ? big_endian(at + 8 + 2 * i, 2) : 0);
    out /= tens[(4 - scale % 4) % 4];
    return big_endian(at + 4, 2) != 0 ? -out : out;
}

static void copy_row(const PGresult *result, int row, struct raw_row *out)
{
    out->used = 0;
    for (int i = 0; i < RAW_COLUMNS; i++) {
        const char *bytes = PQgetvalue(result, row, i);
        size_t size = (size_t)PQgetlength(result, row, i);

        if (PQgetisnull(result, row, i)) {
            out->number[i] = INT64_MIN;
        } else if (RAW_TYPES[i] == 'i') {
            out->number[i] = big_endian(bytes, (int)size);
        } else if (RAW_TYPES[i] != 't') {
            out->number[i] = numeric(bytes, RAW_TYPES[i] - '0');
        } else {
            if (out->used + size + 1 > RAW_TEXT)
                size = RAW_TEXT - out->used - 1;
            out->number[i] = (int64_t)out->used;
            memcpy(out->text + out->used, bytes, size);
            out->used += size;
            out->text[out->used++] = '\0';
        }
    }
}

static bool get(void *handle, const uint8_t id[16], struct raw_row *out)
{
    struct raw *raw = handle;
    const char *value = (const char *)id;
    PGresult *result = PQexecPrepared(raw->conn, names[GET], 1, &value, &(int){16}, &(int){1}, 1);
    bool found = PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1;

    if (found)
        copy_row(result, 0, out);
    PQclear(result);
    return found;
}

static size_t list(void *handle, const char *city_norm, int64_t low, int64_t high, int beds, struct raw_row *out,
                   size_t limit, bool *more)
{
    struct raw *raw = handle;
    char lowest[24], highest[24], rooms[12], rows[24];
    const char *values[] = {city_norm, lowest, highest, rooms, rows};
    PGresult *result;
    size_t count;

    snprintf(lowest, sizeof(lowest), "%lld.%02d", (long long)(low / 100), (int)(low % 100));
    snprintf(highest, sizeof(highest), "%lld.%02d", (long long)(high / 100), (int)(high % 100));
    snprintf(rooms, sizeof(rooms), "%d", beds);
    snprintf(rows, sizeof(rows), "%zu", limit + 1);
    result = PQexecPrepared(raw->conn, names[LIST], 5, values, NULL, NULL, 1);
    count = PQresultStatus(result) == PGRES_TUPLES_OK ? (size_t)PQntuples(result) : 0;
    *more = count > limit; /* a row beyond it only tells that there are more */
    count = *more ? limit : count;
    for (size_t i = 0; i < count; i++)
        copy_row(result, (int)i, &out[i]);
    PQclear(result);
    return count;
}

static size_t gets(void *handle, const uint8_t (*ids)[16], size_t count, struct raw_row *out)
{
    struct raw *raw = handle;
    size_t found = 0, answers = 0;

    PQenterPipelineMode(raw->conn);
    for (size_t i = 0; i < count; i++) {
        const char *value = (const char *)ids[i];

        PQsendQueryPrepared(raw->conn, names[GET], 1, &value, &(int){16}, &(int){1}, 1);
    }
    PQpipelineSync(raw->conn);
    for (bool ended = false; !ended && answers <= 2 * count + 1; answers++) {
        PGresult *result = PQgetResult(raw->conn); /* NULL behind each statement's */

        ended = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
            copy_row(result, 0, &out[found++]);
        PQclear(result);
    }
    PQexitPipelineMode(raw->conn);
    return found;
}

/* ---- COPY ---- */

#define COPY_LISTINGS                                                                                                  \
    "COPY properties(id,agent_id,title,description,price,address,city,state,zip_code,beds,baths,sqft,property_type,"   \
    "status,created_at,updated_at,version,currency,latitude,longitude,lot_sqft,year_built,standard_status,list_date,"  \
    "original_price,source_system,source_key,display_ok,display_address_ok,exclusive_showings,status_changed_at,"      \
    "price_per_sqft,price_reduced,city_norm,state_norm,address_norm,title_norm,description_norm,words_title,"          \
    "words_place,words_text) FROM STDIN BINARY"
#define COPY_EVENTS "COPY events(id,resource,resource_id,change,version,actor_id,created_at) FROM STDIN BINARY"
#define COPY_KEYS   "COPY import_rows(id,source_system,source_key,property_id,row_hash,updated_at) FROM STDIN BINARY"

static void put_int(struct raw_out *out, int64_t value, int size)
{
    char bytes[8];

    for (int i = 0; i < size; i++)
        bytes[i] = (char)(unsigned char)((uint64_t)value >> 8 * (size - 1 - i));
    raw_put(out, bytes, (size_t)size);
}

static void put_numeric(struct raw_out *out, int64_t value, int scale)
{
    uint64_t units = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, one = scale == 2 ? 100 : 100000000;
    uint64_t whole = units / one, part = units % one * (scale == 2 ? 100 : 1);
    int after = (scale + 3) / 4, before = whole >= 100000000 ? 3 : whole >= 10000 ? 2 : 1;

    put_int(out, before + after, 2);
    put_int(out, before - 1, 2);
    put_int(out, value < 0 ? 0x4000 : 0, 2);
    put_int(out, scale, 2);
    for (uint64_t unit = before == 3 ? 100000000 : before == 2 ? 10000 : 1; unit > 0; unit /= 10000)
        put_int(out, (int64_t)(whole / unit % 10000), 2);
    for (uint64_t unit = after == 2 ? 10000 : 1; unit > 0; unit /= 10000)
        put_int(out, (int64_t)(part / unit % 10000), 2);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* tsvector: count; each word in order, without places. */
static void put_words(struct raw_out *out, char *text)
{
    char *words[512], *next = NULL;
    size_t count = 0;

    for (char *word = strtok_r(text, " ", &next); word != NULL && count < 512; word = strtok_r(NULL, " ", &next))
        words[count++] = word;
    qsort(words, count, sizeof(words[0]), by_text);
    put_int(out, (int64_t)count, 4);
    for (size_t i = 0; i < count; i++) {
        raw_put(out, words[i], strlen(words[i]) + 1);
        put_int(out, 0, 2);
    }
}

/* A row: u an id, h a hash, t a text or NULL, w words, 1 4 8 an integer of so many bytes, m s a decimal of scale 2, 8.
 */
static void put_row(struct raw_out *out, const char *types, ...)
{
    va_list args;

    va_start(args, types);
    put_int(out, (int64_t)strlen(types), 2);
    for (; *types != '\0'; types++) {
        size_t start = out->size + 4, size;
        char *text = strchr("uhtw", *types) != NULL ? va_arg(args, char *) : NULL;
        int64_t number = strchr("148ms", *types) != NULL ? va_arg(args, int64_t) : 0;

        put_int(out, 0, 4);
        if (*types == 'u' || *types == 'h')
            raw_put(out, text, *types == 'u' ? 16 : 32);
        else if (*types == 't' && text != NULL)
            raw_put(out, text, strlen(text));
        else if (*types == 'w')
            put_words(out, text);
        else if (*types == 'm' || *types == 's')
            put_numeric(out, number, *types == 'm' ? 2 : 8);
        else if (*types != 't')
            put_int(out, number, *types - '0');
        size = *types == 't' && text == NULL ? UINT32_MAX : out->size - start;
        for (size_t i = 0; i < 4; i++)
            out->bytes[start - 4 + i] = (char)(unsigned char)(size >> 8 * (3 - i));
    }
    va_end(args);
}

static void put_listing(struct raw_out *out, const struct listing *l, const uint8_t agent[16])
{
    int64_t at = l->created - EPOCH;
    struct raw_derived d;

    raw_derive(&d, l);
    put_row(out, "uuttmtttt4m4tt884tss44t4mtt1118m1tttttwww", l->id, agent, l->title, l->description, l->price,
            l->address, l->city, l->state, l->zip, N(l->beds), N(l->baths), N(l->sqft), listing_types[l->type],
            l->status, at, at, N(1), "USD", l->latitude, l->longitude, N(l->lot), N(l->year), l->standard,
            N(l->list_date - DAYS), l->price, "bench", l->key, N(1), N(1), N(0), at, listing_per_sqft(l), N(0),
            d.norms[0], d.norms[1], d.norms[2], d.norms[3], d.norms[4], d.words.texts[0], d.words.texts[1],
            d.words.texts[2]);
}

static bool begin_copy(struct raw *raw, const char *into)
{
    static const char head[19] = "PGCOPY\n\377\r\n"; /* then flags and the size of an extension: 0 */

    return run(raw, into) && PQputCopyData(raw->conn, head, (int)sizeof(head)) == 1;
}

static bool send_copy(struct raw *raw, struct raw_out *out)
{
    bool done = PQputCopyData(raw->conn, out->bytes, (int)out->size) == 1;

    out->size = 0;
    return done;
}

static bool end_copy(struct raw *raw)
{
    bool done = PQputCopyData(raw->conn, "\377\377", 2) == 1 && PQputCopyEnd(raw->conn, NULL) == 1;

    for (PGresult *result = PQgetResult(raw->conn); result != NULL; result = PQgetResult(raw->conn)) {
        done = good(raw, result) && done;
        PQclear(result);
    }
    return done;
}

static bool copy_whole(struct raw *raw, const char *into, struct raw_out *out)
{
    return begin_copy(raw, into) && send_copy(raw, out) && end_copy(raw);
}

static bool look_up(void *handle, struct raw_bulk *bulk)
{
    struct raw *raw = handle;
    const char *value = raw_keys(&raw->out[2], bulk, "{", "", "}");
    PGresult *result = PQexecPrepared(raw->conn, names[KNOWN], 1, &value, NULL, NULL, 1);
    bool done = good(raw, result);

    for (int i = 0; done && i < PQntuples(result); i++)
        raw_note_known(bulk, PQgetvalue(result, i, 0));
    raw->out[2].size = 0;
    PQclear(result);
    return done;
}

/* A row goes out as soon as it is written, so that the server works meanwhile. */
static bool write_rows(void *handle, struct raw_bulk *bulk)
{
    struct raw *raw = handle;
    bool done = begin_copy(raw, COPY_LISTINGS);

    for (size_t i = 0; i < bulk->count && done; i++) {
        struct listing *l = &bulk->rows[i];
        const uint8_t *agent = bulk->agent != NULL ? bulk->agent : l->agent;
        int64_t at = l->created;
        uint8_t id[16];

        if (bulk->known[i])
            continue;
        if (bulk->keys)
            mint_id(l->id, at);
        put_listing(&raw->out[0], l, agent);
        mint_id(id, at);
        if (bulk->events)
            put_row(&raw->out[1], "utut4u8", id, "property", l->id, "created", N(1), agent, at - EPOCH);
        mint_id(id, at);
        if (bulk->keys)
            put_row(&raw->out[2], "uttuh8", id, "bench", l->key, l->id, bulk->hash[i], at - EPOCH);
        done = raw->out[0].size < FLUSH || send_copy(raw, &raw->out[0]);
    }
    done = done && send_copy(raw, &raw->out[0]) && end_copy(raw);
    return done && (!bulk->events || copy_whole(raw, COPY_EVENTS, &raw->out[1])) &&
           (!bulk->keys || copy_whole(raw, COPY_KEYS, &raw->out[2]));
}

const struct raw_server raw_on_postgres = {
    .name = "postgres",
    .open = open_raw,
    .close = close_raw,
    .prepare = prepare,
    .run = run,
    .text_of = text_of,
    .get = get,
    .list = list,
    .gets = gets,
    .look_up = look_up,
    .write = write_rows,
    .indexes = "SELECT string_agg(indexdef,';')" INDEXES,
    .drops = "SELECT string_agg('DROP INDEX '||indexname,';')" INDEXES,
    .settle = "VACUUM ANALYZE",
    .import_target = 0.85,
};
