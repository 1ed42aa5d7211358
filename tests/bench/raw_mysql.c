#include <mysql.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "raw_server.h"
#include "server_mysql.h"

#define VISIBLE "p.deleted_at IS NULL AND p.display_ok=1 AND p.status IS NOT NULL"
#define ROOM    700  /* bytes of a column of text */
#define ARRAY   1000 /* rows of one execution */
#define CELLS   41

enum { GET, PAGE, LISTINGS, EVENTS, KEY_ROWS, STATEMENTS };

static const char *const sql[STATEMENTS] = {
    [GET] = "SELECT " RAW_SELECT " FROM properties p WHERE p.id=? AND " VISIBLE,
    [PAGE] = "SELECT " RAW_SELECT " FROM properties p FORCE INDEX (properties_city_price_beds) WHERE p.city_norm=? AND"
             " p.status='active' AND p.price BETWEEN ? AND ? AND p.beds>=? AND p.currency='USD' AND " VISIBLE
             " ORDER BY p.price,p.id LIMIT ?",
    [LISTINGS] =
        "INSERT INTO properties(id,agent_id,title,description,price,address,city,state,zip_code,beds,baths,sqft,"
        "property_type,status,created_at,updated_at,version,currency,latitude,longitude,lot_sqft,year_built,"
        "standard_status,list_date,original_price,source_system,source_key,display_ok,display_address_ok,"
        "exclusive_showings,status_changed_at,price_per_sqft,price_reduced,city_norm,state_norm,address_norm,"
        "title_norm,description_norm,words_title,words_place,words_text) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
        "?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [EVENTS] = "INSERT INTO events(id,resource,resource_id,`change`,version,actor_id,created_at) VALUES(?,?,?,?,?,?,?)",
    [KEY_ROWS] =
        "INSERT INTO import_rows(id,source_system,source_key,property_id,row_hash,updated_at) VALUES(?,?,?,?,?,?)",
};

/* Where a column of a result is put. */
struct place {
    char text[ROOM];
    long long number;
    MYSQL_TIME time;
    unsigned long size;
    my_bool null;
};

/* Rows on their way: each cell as text, by column. */
struct table {
    struct raw_out bytes;
    size_t starts[CELLS][ARRAY], count, columns;
    char *cells[CELLS][ARRAY];
    unsigned long sizes[CELLS][ARRAY];
    char marks[CELLS][ARRAY];
};

struct raw {
    MYSQL *conn;
    MYSQL_STMT *stmt[STATEMENTS];
    struct place places[2][RAW_COLUMNS]; /* of GET and PAGE */
    struct table *tables[3];             /* of LISTINGS, EVENTS and KEY_ROWS */
    struct raw_out keys;
};

static bool run(void *handle, const char *text)
{
    struct raw *raw = handle;
    bool done = mysql_query(raw->conn, text) == 0;

    if (done)
        mysql_free_result(mysql_store_result(raw->conn));
    else
        fprintf(stderr, "raw: %s\n", mysql_error(raw->conn));
    return done;
}

static void *open_raw(const char *uri)
{
    struct raw *raw = calloc(1, sizeof(*raw));

    for (int i = 0; raw != NULL && i < 3; i++)
        raw->tables[i] = calloc(1, sizeof(struct table));
    if (raw == NULL || raw->tables[2] == NULL)
        return NULL;
    raw->conn = server_mysql_look(uri, NULL);
    return raw->conn != NULL && run(raw, "SET NAMES utf8mb4") && run(raw, "SET time_zone='+00:00'") ? raw : NULL;
}

static void close_raw(void *handle)
{
    struct raw *raw = handle;

    for (int i = 0; i < STATEMENTS; i++)
        if (raw->stmt[i] != NULL)
            mysql_stmt_close(raw->stmt[i]);
    mysql_close(raw->conn);
    for (int i = 0; i < 3; i++) {
        free(raw->tables[i]->bytes.bytes);
        free(raw->tables[i]);
    }
    free(raw->keys.bytes);
    free(raw);
}

static bool failed(MYSQL_STMT *stmt)
{
    fprintf(stderr, "raw: %s\n", mysql_stmt_error(stmt));
    return false;
}

static bool bind_row(MYSQL_STMT *stmt, struct place *places)
{
    MYSQL_RES *what = mysql_stmt_result_metadata(stmt);
    MYSQL_BIND binds[RAW_COLUMNS];

    memset(binds, 0, sizeof(binds));
    for (unsigned i = 0; i < RAW_COLUMNS; i++) {
        enum enum_field_types type = mysql_fetch_field_direct(what, i)->type;
        bool is_time = type == MYSQL_TYPE_DATETIME || type == MYSQL_TYPE_DATE;

        binds[i].buffer_type = is_time ? type : RAW_TYPES[i] == 'i' ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        binds[i].buffer = is_time               ? (void *)&places[i].time
                          : RAW_TYPES[i] == 'i' ? (void *)&places[i].number
                                                : places[i].text;
        binds[i].buffer_length = is_time ? sizeof(MYSQL_TIME) : RAW_TYPES[i] == 'i' ? sizeof(long long) : ROOM;
        binds[i].length = &places[i].size;
        binds[i].is_null = &places[i].null;
        places[i].time.year = is_time ? 1 : 0;
    }
    mysql_free_result(what);
    return mysql_stmt_bind_result(stmt, binds) == 0;
}

static bool prepare(void *handle)
{
    struct raw *raw = handle;

    for (int i = 0; i < STATEMENTS; i++) {
        raw->stmt[i] = mysql_stmt_init(raw->conn);
        if (mysql_stmt_prepare(raw->stmt[i], sql[i], strlen(sql[i])) != 0)
            return failed(raw->stmt[i]);
    }
    return bind_row(raw->stmt[GET], raw->places[GET]) && bind_row(raw->stmt[PAGE], raw->places[PAGE]);
}

static char *text_of(void *handle, const char *text)
{
    struct raw *raw = handle;
    MYSQL_RES *result = mysql_query(raw->conn, text) == 0 ? mysql_store_result(raw->conn) : NULL;
    MYSQL_ROW row = result == NULL ? NULL : mysql_fetch_row(result);
    char *out = row == NULL || row[0] == NULL ? NULL : strdup(row[0]);

    mysql_free_result(result);
    return out;
}

/* ---- reads ---- */

static int64_t micros(const MYSQL_TIME *t)
{
    int64_t y = (int64_t)t->year - (t->month <= 2), era = y / 400, yoe = y - era * 400;
    int64_t doy = (153 * ((int64_t)t->month + (t->month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)t->day - 1;
    int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;

    return ((days * 24 + t->hour) * 60 + t->minute) * 60000000 + (int64_t)t->second * 1000000 + (int64_t)t->second_part;
}

static int64_t units(const char *text, unsigned long size)
{
    int64_t out = 0;

    for (unsigned long i = 0; i < size; i++)
        if (text[i] >= '0' && text[i] <= '9')
            out = out * 10 + (text[i] - '0');
    return text[0] == '-' ? -out : out;
}

static void copy_row(const struct place *places, struct raw_row *out)
{
    out->used = 0;
    for (int i = 0; i < RAW_COLUMNS; i++) {
        const struct place *place = &places[i];
        size_t size = place->size < ROOM ? place->size : ROOM;

        if (place->null) {
            out->number[i] = INT64_MIN;
        } else if (RAW_TYPES[i] == 'i') {
            out->number[i] = place->time.year != 0 ? micros(&place->time) : place->number;
        } else if (RAW_TYPES[i] != 't') {
            out->number[i] = units(place->text, size);
        } else {
            if (out->used + size + 1 > RAW_TEXT)
                size = RAW_TEXT - out->used - 1;
            out->number[i] = (int64_t)out->used;
            memcpy(out->text + out->used, place->text, size);
            out->used += size;
            out->text[out->used++] = '\0';
        }
    }
}

static void bind_in(MYSQL_BIND *bind, enum enum_field_types type, const void *bytes, size_t size)
{
    memset(bind, 0, sizeof(*bind));
    bind->buffer_type = type;
    bind->buffer = (void *)(uintptr_t)bytes;
    bind->buffer_length = size;
}

/* Rows beyond `limit` only tell that there are more. */
static size_t fetch(struct raw *raw, int which, struct raw_row *out, size_t limit, bool *more)
{
    MYSQL_STMT *stmt = raw->stmt[which];
    size_t count = 0;

    *more = false;
    if (mysql_stmt_execute(stmt) != 0)
        return failed(stmt);
    for (int what = mysql_stmt_fetch(stmt); what == 0 || what == MYSQL_DATA_TRUNCATED; what = mysql_stmt_fetch(stmt)) {
        *more = count == limit;
        if (!*more)
            copy_row(raw->places[which], &out[count++]);
    }
    mysql_stmt_free_result(stmt);
    return count;
}

static bool get(void *handle, const uint8_t id[16], struct raw_row *out)
{
    struct raw *raw = handle;
    MYSQL_BIND bind;
    bool more;

    bind_in(&bind, MYSQL_TYPE_BLOB, id, 16);
    return mysql_stmt_bind_param(raw->stmt[GET], &bind) == 0 && fetch(raw, GET, out, 1, &more) == 1;
}

static size_t list(void *handle, const char *city_norm, int64_t low, int64_t high, int beds, struct raw_row *out,
                   size_t limit, bool *more)
{
    struct raw *raw = handle;
    char lowest[24], highest[24];
    long long rows = (long long)limit + 1, rooms = beds;
    MYSQL_BIND binds[5];

    snprintf(lowest, sizeof(lowest), "%lld.%02d", (long long)(low / 100), (int)(low % 100));
    snprintf(highest, sizeof(highest), "%lld.%02d", (long long)(high / 100), (int)(high % 100));
    bind_in(&binds[0], MYSQL_TYPE_BLOB, city_norm, strlen(city_norm));
    bind_in(&binds[1], MYSQL_TYPE_NEWDECIMAL, lowest, strlen(lowest));
    bind_in(&binds[2], MYSQL_TYPE_NEWDECIMAL, highest, strlen(highest));
    bind_in(&binds[3], MYSQL_TYPE_LONGLONG, &rooms, sizeof(rooms));
    bind_in(&binds[4], MYSQL_TYPE_LONGLONG, &rows, sizeof(rows));
    return mysql_stmt_bind_param(raw->stmt[PAGE], binds) == 0 ? fetch(raw, PAGE, out, limit, more) : 0;
}

/* ---- bulk ---- */

/* A row: u an id, h a hash, t a text or NULL, i an integer, m s a decimal of scale 2, 8, d a day, c an instant. */
static void put_row(struct table *table, const char *types, ...)
{
    char text[48];
    va_list args;

    va_start(args, types);
    for (size_t i = 0; types[i] != '\0'; i++) {
        bool bytes = strchr("uht", types[i]) != NULL;
        const char *cell = bytes ? va_arg(args, const char *) : text;
        int64_t number = bytes ? 0 : va_arg(args, int64_t), one = types[i] == 'm' ? 100 : 100000000;
        int64_t size = number < 0 ? -number : number;
        time_t second = types[i] == 'd' ? (time_t)number * 86400 : (time_t)(number / 1000000);
        struct tm tm;
        int length = 0;

        if (types[i] == 'i')
            length = snprintf(text, sizeof(text), "%lld", (long long)number);
        else if (types[i] == 'm' || types[i] == 's')
            length = snprintf(text, sizeof(text), "%s%lld.%0*lld", number < 0 ? "-" : "", (long long)(size / one),
                              types[i] == 'm' ? 2 : 8, (long long)(size % one));
        else if (!bytes)
            length = (int)strftime(text, sizeof(text), types[i] == 'd' ? "%Y-%m-%d" : "%Y-%m-%d %H:%M:%S",
                                   gmtime_r(&second, &tm));
        if (types[i] == 'c')
            length += snprintf(text + length, 8, ".%06d", (int)(number % 1000000));
        if (bytes)
            length = types[i] == 'u' ? 16 : types[i] == 'h' ? 32 : cell == NULL ? 0 : (int)strlen(cell);
        table->marks[i][table->count] = cell == NULL ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE;
        table->starts[i][table->count] = table->bytes.size;
        table->sizes[i][table->count] = (unsigned long)length;
        raw_put(&table->bytes, cell == NULL ? "" : cell, (size_t)length);
        table->columns = i + 1;
    }
    table->count++;
    va_end(args);
}

static bool send(struct raw *raw, int which)
{
    struct table *table = raw->tables[which - LISTINGS];
    unsigned rows = (unsigned)table->count;
    MYSQL_BIND binds[CELLS];

    memset(binds, 0, sizeof(binds));
    for (size_t i = 0; i < table->columns; i++) {
        for (size_t k = 0; k < table->count; k++)
            table->cells[i][k] = table->bytes.bytes + table->starts[i][k];
        binds[i].buffer_type = MYSQL_TYPE_STRING;
        binds[i].buffer = table->cells[i];
        binds[i].length = table->sizes[i];
        binds[i].u.indicator = table->marks[i];
    }
    table->count = table->bytes.size = 0;
    if (rows == 0)
        return true;
    mysql_stmt_attr_set(raw->stmt[which], STMT_ATTR_ARRAY_SIZE, &rows);
    return (mysql_stmt_bind_param(raw->stmt[which], binds) == 0 && mysql_stmt_execute(raw->stmt[which]) == 0) ||
           failed(raw->stmt[which]);
}

static void put_listing(struct table *table, const struct listing *l, const uint8_t agent[16])
{
    struct raw_derived d;
    char words[3][6144];

    raw_derive(&d, l);
    for (int i = 0; i < 3; i++)
        raw_letter(words[i], d.words.texts[i], (char)('a' + i));
    put_row(table, "uuttmttttimittccitssiitdmttiiicmitttttttt", l->id, agent, l->title, l->description, l->price,
            l->address, l->city, l->state, l->zip, (int64_t)l->beds, (int64_t)l->baths, (int64_t)l->sqft,
            listing_types[l->type], l->status, l->created, l->created, INT64_C(1), "USD", l->latitude, l->longitude,
            (int64_t)l->lot, (int64_t)l->year, l->standard, (int64_t)l->list_date, l->price, "bench", l->key,
            INT64_C(1), INT64_C(1), INT64_C(0), l->created, listing_per_sqft(l), INT64_C(0), d.norms[0], d.norms[1],
            d.norms[2], d.norms[3], d.norms[4], words[0], words[1], words[2]);
}

static bool look_up(void *handle, struct raw_bulk *bulk)
{
    struct raw *raw = handle;
    const char *text =
        raw_keys(&raw->keys, bulk, "SELECT source_key FROM import_rows WHERE source_system='bench' AND source_key IN (",
                 "'", ")");
    MYSQL_RES *result = mysql_query(raw->conn, text) == 0 ? mysql_store_result(raw->conn) : NULL;
    MYSQL_ROW row;

    while (result != NULL && (row = mysql_fetch_row(result)) != NULL)
        raw_note_known(bulk, row[0]);
    mysql_free_result(result);
    return result != NULL;
}

static bool write_rows(void *handle, struct raw_bulk *bulk)
{
    struct raw *raw = handle;
    bool done = true;

    for (size_t i = 0; i < bulk->count && done; i++) {
        struct listing *l = &bulk->rows[i];
        const uint8_t *agent = bulk->agent != NULL ? bulk->agent : l->agent;
        uint8_t id[16];

        if (bulk->known[i])
            continue;
        if (bulk->keys)
            mint_id(l->id, l->created);
        put_listing(raw->tables[0], l, agent);
        mint_id(id, l->created);
        if (bulk->events)
            put_row(raw->tables[1], "ututiuc", id, "property", l->id, "created", INT64_C(1), agent, l->created);
        mint_id(id, l->created);
        if (bulk->keys)
            put_row(raw->tables[2], "uttuhc", id, "bench", l->key, l->id, bulk->hash[i], l->created);
        if (raw->tables[0]->count == ARRAY || i + 1 == bulk->count)
            done = send(raw, LISTINGS) && send(raw, EVENTS) && send(raw, KEY_ROWS);
    }
    return done;
}

#define ONE                                                                                                            \
    "CONCAT(IF(index_type='FULLTEXT','ADD FULLTEXT INDEX ',IF(non_unique,'ADD INDEX ','ADD UNIQUE INDEX "              \
    "')),index_name,"                                                                                                  \
    "'(',GROUP_CONCAT(column_name ORDER BY seq_in_index),')')"
#define OF_LISTINGS                                                                                                    \
    " FROM information_schema.statistics WHERE table_schema=DATABASE() AND table_name='properties' AND"                \
    " index_name<>'PRIMARY'"

const struct raw_server raw_on_mysql = {
    .name = "mysql",
    .open = open_raw,
    .close = close_raw,
    .prepare = prepare,
    .run = run,
    .text_of = text_of,
    .get = get,
    .list = list,
    .look_up = look_up,
    .write = write_rows,
    .indexes = "SELECT CONCAT('ALTER TABLE properties ',GROUP_CONCAT(one)) FROM (SELECT " ONE " AS one" OF_LISTINGS
               " GROUP BY index_name,index_type,non_unique) AS x",
    .drops = "SELECT CONCAT('ALTER TABLE properties ',GROUP_CONCAT(DISTINCT 'DROP INDEX ',index_name))" OF_LISTINGS,
    .settle = "ANALYZE TABLE properties",
    .import_target = 0.80,
};
