#include "raw_sqlite.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VISIBLE "p.deleted_at IS NULL AND p.display_ok=1 AND p.status IS NOT NULL"

enum { GET, LIST, TEXT, NEAR, ROW, INSERT, IMPORTED, INSERT_WORDS, EVENT, KNOWN, IMPORT_ROW, STATEMENTS };

/* INSERT and IMPORTED differ in the licence, which an import checks once. */
#define INSERT_COLUMNS                                                                                                 \
    "INSERT INTO properties(id,agent_id,title,description,price,address,city,state,zip_code,beds,baths,sqft,"          \
    "property_type,status,created_at,updated_at,version,currency,latitude,longitude,lot_sqft,year_built,"              \
    "standard_status,list_date,original_price,source_system,source_key,display_ok,display_address_ok,"                 \
    "exclusive_showings,status_changed_at,price_per_sqft,price_reduced,city_norm,state_norm,address_norm,title_norm,"  \
    "description_norm)"
#define INSERT_VALUES                                                                                                  \
    "?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?15,1,'USD',?16,?17,?18,?19,?20,?21,?5,?22,?23,1,1,0,?15,"     \
    "?24,0,?25,?26,?27,?28,?29"

static const char *const sql[STATEMENTS] = {
    [GET] = "SELECT " RAW_SELECT " FROM properties p WHERE p.id=?1 AND " VISIBLE,
    [LIST] = "SELECT " RAW_SELECT " FROM properties p INDEXED BY properties_city_price_beds WHERE p.city_norm=?1 AND"
             " p.status='active' AND p.price BETWEEN ?2 AND ?3 AND +p.beds>=?4 AND p.currency='USD' AND " VISIBLE
             " ORDER BY p.price,p.id LIMIT ?5",
    [TEXT] =
        "SELECT " RAW_SELECT " FROM properties_words w CROSS JOIN properties p ON p.pk=w.rowid WHERE properties_words"
        " MATCH ?1 AND p.status='active' AND " VISIBLE " ORDER BY p.created_at DESC,p.id DESC LIMIT ?2",
    [NEAR] = "SELECT p.pk,p.id,p.latitude,p.longitude FROM properties p INDEXED BY properties_place WHERE"
             " p.latitude BETWEEN ?1 AND ?2 AND p.longitude BETWEEN ?3 AND ?4 AND p.status='active' AND"
             " p.display_address_ok=1 AND " VISIBLE,
    [ROW] = "SELECT " RAW_SELECT " FROM properties p WHERE p.pk=?1",
    [INSERT] =
        INSERT_COLUMNS " SELECT " INSERT_VALUES " WHERE EXISTS(SELECT 1 FROM agents WHERE user_id=?2 AND"
                       " license_number IS NOT NULL AND license_verified_at IS NOT NULL AND license_expires_on>=?21)",
    [IMPORTED] = INSERT_COLUMNS " VALUES(" INSERT_VALUES ")",
    [INSERT_WORDS] = "INSERT INTO properties_words(words_title,words_place,words_text,rowid) VALUES(?1,?2,?3,?4)",
    [EVENT] = "INSERT INTO events(id,resource,resource_id,change,version,actor_id,created_at,seq)"
              " VALUES(?1,'property',?2,'created',1,?3,?4,coalesce(?5,(SELECT ifnull(max(seq),0)+1 FROM events)))",
    [KNOWN] = "SELECT pk FROM import_rows WHERE source_system='bench' AND source_key=?1",
    [IMPORT_ROW] = "INSERT INTO import_rows(id,source_system,source_key,property_id,row_hash,updated_at)"
                   " VALUES(?1,'bench',?2,?3,?4,?5)",
};

struct raw {
    sqlite3 *db;
    sqlite3_stmt *stmt[STATEMENTS];
    int64_t seq; /* of the last event, while an import counts by itself; else 0 */
};

struct raw *raw_open_plain(const char *path)
{
    struct raw *raw = calloc(1, sizeof(*raw));

    if (raw == NULL || sqlite3_open_v2(path, &raw->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return NULL;
    sqlite3_busy_timeout(raw->db, 5000);
    return raw_run(raw, "PRAGMA synchronous=FULL;PRAGMA cache_size=-" RAW_CACHE_KIB ";PRAGMA cell_size_check=ON;"
                        "PRAGMA secure_delete=FAST;PRAGMA journal_size_limit=67108864;PRAGMA foreign_keys=ON")
               ? raw
               : NULL;
}

static bool prepare(struct raw *raw, int from, int to)
{
    for (int i = from; i <= to; i++)
        if (sqlite3_prepare_v3(raw->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &raw->stmt[i], NULL) != SQLITE_OK) {
            fprintf(stderr, "raw: %s\n", sqlite3_errmsg(raw->db));
            return false;
        }
    return true;
}

bool raw_prepare_writes(struct raw *raw)
{
    return prepare(raw, INSERT, IMPORT_ROW);
}

struct raw *raw_open(const char *path)
{
    struct raw *raw = raw_open_plain(path);

    return raw != NULL && prepare(raw, GET, IMPORT_ROW) ? raw : NULL;
}

void raw_close(struct raw *raw)
{
    for (int i = 0; raw != NULL && i < STATEMENTS; i++)
        sqlite3_finalize(raw->stmt[i]);
    if (raw != NULL)
        sqlite3_close(raw->db);
    free(raw);
}

bool raw_run(struct raw *raw, const char *text)
{
    char *message = NULL;
    int rc = sqlite3_exec(raw->db, text, NULL, NULL, &message);

    if (rc != SQLITE_OK)
        fprintf(stderr, "raw: %s\n", message);
    sqlite3_free(message);
    return rc == SQLITE_OK;
}

char *raw_text_of(struct raw *raw, const char *text)
{
    sqlite3_stmt *stmt = NULL;
    char *out = NULL;

    if (sqlite3_prepare_v2(raw->db, text, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        out = strdup((const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return out;
}

/* ---- reads ---- */

static void copy_row(sqlite3_stmt *stmt, struct raw_row *out)
{
    out->used = 0;
    for (int i = 0; i < RAW_COLUMNS; i++) {
        switch (sqlite3_column_type(stmt, i)) {
        case SQLITE_INTEGER:
            out->number[i] = sqlite3_column_int64(stmt, i);
            break;
        case SQLITE_NULL:
            out->number[i] = INT64_MIN;
            break;
        default: {
            const void *bytes = sqlite3_column_blob(stmt, i);
            size_t size = (size_t)sqlite3_column_bytes(stmt, i);

            if (out->used + size + 1 > RAW_TEXT)
                size = RAW_TEXT - out->used - 1;
            out->number[i] = (int64_t)out->used;
            memcpy(out->text + out->used, bytes, size);
            out->used += size;
            out->text[out->used++] = '\0';
        }
        }
    }
}

/* Rows beyond `limit` only tell that there are more. */
static size_t copy_rows(sqlite3_stmt *stmt, struct raw_row *out, size_t limit, bool *more)
{
    size_t count = 0;

    *more = false;
    while (sqlite3_step(stmt) == SQLITE_ROW && !*more) {
        if (count < limit)
            copy_row(stmt, &out[count++]);
        else
            *more = true;
    }
    sqlite3_reset(stmt);
    return count;
}

bool raw_get(struct raw *raw, const uint8_t id[16], struct raw_row *out)
{
    sqlite3_stmt *stmt = raw->stmt[GET];
    bool found;

    sqlite3_bind_blob(stmt, 1, id, 16, SQLITE_STATIC);
    found = sqlite3_step(stmt) == SQLITE_ROW;
    if (found)
        copy_row(stmt, out);
    sqlite3_reset(stmt);
    return found;
}

size_t raw_list(struct raw *raw, const char *city_norm, int64_t low, int64_t high, int beds, struct raw_row *out,
                size_t limit, bool *more)
{
    sqlite3_stmt *stmt = raw->stmt[LIST];

    sqlite3_bind_text(stmt, 1, city_norm, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, low);
    sqlite3_bind_int64(stmt, 3, high);
    sqlite3_bind_int(stmt, 4, beds);
    sqlite3_bind_int64(stmt, 5, (int64_t)limit + 1);
    return copy_rows(stmt, out, limit, more);
}

size_t raw_text(struct raw *raw, const char *match, struct raw_row *out, size_t limit)
{
    sqlite3_stmt *stmt = raw->stmt[TEXT];

    sqlite3_bind_text(stmt, 1, match, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 2, (int64_t)limit + 1);
    return copy_rows(stmt, out, limit, &(bool){false});
}

struct candidate {
    int64_t metres, pk;
    uint8_t id[16];
};

static bool nearer(const struct candidate *a, const struct candidate *b)
{
    return a->metres != b->metres ? a->metres < b->metres : memcmp(a->id, b->id, 16) < 0;
}

/* The nearest `limit` within `metres`, if they are there. */
static size_t nearest(struct raw *raw, struct candidate *best, int64_t latitude, int64_t longitude, int64_t metres,
                      size_t limit)
{
    sqlite3_stmt *stmt = raw->stmt[NEAR];
    double degrees = ((double)metres + 1) / 6371008.8 * (180e8 / 3.14159265358979323846);
    int64_t up = (int64_t)degrees + 2;
    int64_t aside = (int64_t)(degrees / cos((double)latitude * (3.14159265358979323846 / 180e8)) * 1.001) + 2;
    size_t count = 0;

    sqlite3_bind_int64(stmt, 1, latitude - up);
    sqlite3_bind_int64(stmt, 2, latitude + up);
    sqlite3_bind_int64(stmt, 3, longitude - aside);
    sqlite3_bind_int64(stmt, 4, longitude + aside);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct candidate one = {.pk = sqlite3_column_int64(stmt, 0)};
        size_t at;

        one.metres = metres_between(latitude, longitude, sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3));
        if (one.metres > metres)
            continue;
        memcpy(one.id, sqlite3_column_blob(stmt, 1), 16);
        if (count == limit && !nearer(&one, &best[limit - 1]))
            continue;
        at = count < limit ? count++ : limit - 1;
        for (; at > 0 && nearer(&one, &best[at - 1]); at--)
            best[at] = best[at - 1];
        best[at] = one;
    }
    sqlite3_reset(stmt);
    return count;
}

size_t raw_near(struct raw *raw, int64_t latitude, int64_t longitude, int64_t metres, struct raw_row *out, size_t limit)
{
    struct candidate best[200];
    size_t count = 0;

    for (int64_t part = 16; part > 0 && count <= limit; part /= 4)
        count = nearest(raw, best, latitude, longitude, metres / part, limit + 1); /* one tells of more */
    for (size_t i = 0; i < count && i < limit; i++) {
        sqlite3_bind_int64(raw->stmt[ROW], 1, best[i].pk);
        if (sqlite3_step(raw->stmt[ROW]) == SQLITE_ROW)
            copy_row(raw->stmt[ROW], &out[i]);
        sqlite3_reset(raw->stmt[ROW]);
    }
    return count < limit ? count : limit;
}

/* ---- writes ---- */

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    if (text != NULL)
        sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, at);
}

static void bind_listing(sqlite3_stmt *stmt, const struct listing *l, const uint8_t agent[16], bool imported)
{
    sqlite3_bind_blob(stmt, 1, l->id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(stmt, 2, agent, 16, SQLITE_STATIC);
    bind_text(stmt, 3, l->title);
    bind_text(stmt, 4, l->description);
    sqlite3_bind_int64(stmt, 5, l->price);
    bind_text(stmt, 6, l->address);
    bind_text(stmt, 7, l->city);
    bind_text(stmt, 8, l->state);
    bind_text(stmt, 9, l->zip);
    sqlite3_bind_int(stmt, 10, l->beds);
    sqlite3_bind_int(stmt, 11, l->baths);
    sqlite3_bind_int(stmt, 12, l->sqft);
    bind_text(stmt, 13, listing_types[l->type]);
    bind_text(stmt, 14, l->status);
    sqlite3_bind_int64(stmt, 15, l->created);
    sqlite3_bind_int64(stmt, 16, l->latitude);
    sqlite3_bind_int64(stmt, 17, l->longitude);
    sqlite3_bind_int(stmt, 18, l->lot);
    sqlite3_bind_int(stmt, 19, l->year);
    bind_text(stmt, 20, l->standard);
    sqlite3_bind_int(stmt, 21, l->list_date);
    bind_text(stmt, 22, imported ? "bench" : NULL);
    bind_text(stmt, 23, imported ? l->key : NULL);
    sqlite3_bind_int64(stmt, 24, listing_per_sqft(l));
}

static bool step(sqlite3_stmt *stmt)
{
    bool done = sqlite3_step(stmt) == SQLITE_DONE;

    if (sqlite3_reset(stmt) != SQLITE_OK || !done)
        fprintf(stderr, "raw: %s\n", sqlite3_errmsg(sqlite3_db_handle(stmt)));
    return done;
}

bool raw_insert(struct raw *raw, const struct listing *l, const uint8_t agent[16], bool imported)
{
    sqlite3_stmt *stmt = raw->stmt[imported ? IMPORTED : INSERT];
    const char *texts[] = {l->city, l->state, l->address, l->title, l->description};
    char norms[5][640];
    struct listing_words words;
    uint8_t event[16];

    listing_words(&words, l);
    bind_listing(stmt, l, agent, imported);
    for (int i = 0; i < 5; i++) {
        text_lower(norms[i], texts[i]);
        sqlite3_bind_text(stmt, 25 + i, norms[i], -1, SQLITE_STATIC);
    }
    if (!step(stmt) || sqlite3_changes(raw->db) != 1)
        return false;
    for (int i = 0; i < 3; i++)
        sqlite3_bind_text(raw->stmt[INSERT_WORDS], i + 1, words.texts[i], (int)words.sizes[i], SQLITE_STATIC);
    sqlite3_bind_int64(raw->stmt[INSERT_WORDS], 4, sqlite3_last_insert_rowid(raw->db));
    mint_id(event, l->created);
    sqlite3_bind_blob(raw->stmt[EVENT], 1, event, 16, SQLITE_STATIC);
    sqlite3_bind_blob(raw->stmt[EVENT], 2, l->id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(raw->stmt[EVENT], 3, agent, 16, SQLITE_STATIC);
    sqlite3_bind_int64(raw->stmt[EVENT], 4, l->created);
    if (raw->seq > 0)
        sqlite3_bind_int64(raw->stmt[EVENT], 5, ++raw->seq);
    else
        sqlite3_bind_null(raw->stmt[EVENT], 5);
    return step(raw->stmt[INSERT_WORDS]) && step(raw->stmt[EVENT]);
}

/* ---- import ---- */

static void import_row(struct raw *raw, struct listing *l, const uint8_t agent[16], const uint64_t digest[4])
{
    uint8_t id[16];

    mint_id(l->id, l->created);
    if (!raw_insert(raw, l, agent, true))
        return;
    mint_id(id, l->created);
    sqlite3_bind_blob(raw->stmt[IMPORT_ROW], 1, id, 16, SQLITE_STATIC);
    bind_text(raw->stmt[IMPORT_ROW], 2, l->key);
    sqlite3_bind_blob(raw->stmt[IMPORT_ROW], 3, l->id, 16, SQLITE_STATIC);
    sqlite3_bind_blob(raw->stmt[IMPORT_ROW], 4, digest, 32, SQLITE_STATIC);
    sqlite3_bind_int64(raw->stmt[IMPORT_ROW], 5, l->created);
    step(raw->stmt[IMPORT_ROW]);
}

static int64_t last_seq(struct raw *raw)
{
    char *text = raw_text_of(raw, "SELECT ifnull(max(seq),0) FROM events");
    int64_t seq = text == NULL ? -1 : strtoll(text, NULL, 10);

    free(text);
    return seq;
}

int64_t raw_import(struct raw *raw, const char *csv, const uint8_t agent[16])
{
    FILE *file = fopen(csv, "r");
    struct timespec clock;
    char line[2048];
    int64_t count = 0;

    if (file == NULL || fgets(line, sizeof(line), file) == NULL || !raw_run(raw, "BEGIN IMMEDIATE"))
        return -1;
    raw->seq = last_seq(raw);
    while (fgets(line, sizeof(line), file) != NULL) {
        sqlite3_stmt *known = raw->stmt[KNOWN];
        struct listing l;
        uint64_t digest[4];
        bool new;

        line_digest(digest, line);
        if (!csv_read(&l, line))
            continue;
        clock_gettime(CLOCK_REALTIME, &clock);
        l.created = (int64_t)clock.tv_sec * 1000000 + clock.tv_nsec / 1000;
        bind_text(known, 1, l.key);
        new = sqlite3_step(known) != SQLITE_ROW;
        sqlite3_reset(known);
        if (new)
            import_row(raw, &l, agent, digest);
        count += new;
    }
    fclose(file);
    raw->seq = 0;
    return raw_run(raw, "COMMIT") ? count : -1;
}
