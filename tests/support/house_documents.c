#include "house_documents.h"

#include <mongoc/mongoc.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "house_store.h"
#include "server_mongodb.h"

/* Columns by type: i an id, n a number, s text, t a time, j JSON. The first is _id. */
static const struct collection {
    const char *name;
    const char *types;
    const char *const columns[12];
} collections[HOUSE_COLLECTIONS] = {
    {"property_documents",
     "iijjsntt",
     {"id", "property_id", "images", "documents", "virtual_tour_url", "version", "created_at", "updated_at"}},
    {"activity_logs",
     "iisijtsss",
     {"id", "user_id", "action", "target_id", "metadata", "timestamp", "session_id", "ip", "event_class"}},
    {"ai_chat_history",
     "iisnnsnttj",
     {"id", "user_id", "session_id", "bucket", "message_count", "summary", "version", "created_at", "updated_at",
      "messages"}},
};

static const uint8_t tag[4] = {0x8f, 0x0b, 0xb1, 0xd0}; /* of an id that carries an ObjectId */

/* ---- the server ---- */

static mongoc_client_t *client;
static pid_t owner;

static mongoc_collection_t *collection_of(const struct collection *at)
{
    if (client == NULL || owner != getpid()) {
        const char *look = getenv("HC_TEST_DOCUMENTS_LOOK");

        mongoc_init();
        client = mongoc_client_new(look == NULL ? house.documents : look);
        owner = getpid();
        ck_assert_msg(client != NULL, "no way into %s", house.documents);
    }
    return mongoc_client_get_collection(client, house.documents_name, at->name);
}

void house_documents_make(void)
{
    const char *given = getenv("HC_TEST_DOCUMENTS");
    server_mongodb server = {.kind = SERVER_REAL};
    static int made;

    house.documents[0] = '\0';
    if (given == NULL || given[0] == '\0')
        return;
    snprintf(server.base, sizeof server.base, "%s", given);
    snprintf(house.documents_name, sizeof house.documents_name, "house_%d_%d", (int)getpid(), ++made);
    server_mongodb_uri(&server, house.documents, sizeof house.documents, house.documents_name, NULL);
}

void house_documents_drop(void)
{
    bson_t *drop;

    if (house.documents[0] == '\0')
        return;
    mongoc_collection_destroy(collection_of(&collections[0]));
    drop = BCON_NEW("dropDatabase", BCON_INT32(1));
    (void)mongoc_client_command_simple(client, house.documents_name, drop, NULL, NULL, NULL); /* it may be dead */
    bson_destroy(drop);
    mongoc_client_destroy(client);
    client = NULL;
    house.documents[0] = '\0';
}

const char *house_documents_version(void)
{
    static char out[32] = "?";
    bson_t *ask = BCON_NEW("buildInfo", BCON_INT32(1)), reply;
    bson_iter_t at;

    mongoc_collection_destroy(collection_of(&collections[0]));
    if (mongoc_client_command_simple(client, "admin", ask, NULL, &reply, NULL) &&
        bson_iter_init_find(&at, &reply, "version"))
        snprintf(out, sizeof out, "%s", bson_iter_utf8(&at, NULL));
    bson_destroy(&reply);
    bson_destroy(ask);
    return out;
}

static mongoc_cursor_t *find_all(mongoc_collection_t *collection)
{
    bson_t all = BSON_INITIALIZER;
    bson_t *options = BCON_NEW("sort", "{", "_id", BCON_INT32(1), "}");
    mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, &all, options, NULL);

    bson_destroy(options);
    return cursor;
}

const char *house_documents_each(int which, house_row_fn row, void *data)
{
    mongoc_collection_t *collection;
    mongoc_cursor_t *cursor;
    const bson_t *document;
    bson_error_t error;

    if (house.documents[0] == '\0')
        return NULL;
    collection = collection_of(&collections[which]);
    cursor = find_all(collection);
    while (mongoc_cursor_next(cursor, &document)) {
        house_value value = {bson_get_data(document), document->len};

        row(&value, 1, data);
    }
    ck_assert_msg(!mongoc_cursor_error(cursor, &error), "%s", error.message);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
    return collections[which].name;
}

/* ---- a backup ---- */

struct kept {
    bson_t **documents[HOUSE_COLLECTIONS];
    size_t counts[HOUSE_COLLECTIONS];
    int at;
};

static void keep_one(const house_value *values, int count, void *data)
{
    struct kept *out = data;
    size_t *have = &out->counts[out->at];

    (void)count;
    out->documents[out->at] = realloc(out->documents[out->at], (*have + 1) * sizeof(bson_t *));
    out->documents[out->at][(*have)++] = bson_new_from_data(values[0].bytes, values[0].size);
}

void *house_documents_keep(void)
{
    struct kept *out = calloc(1, sizeof *out);

    for (; out->at < HOUSE_COLLECTIONS; out->at++)
        (void)house_documents_each(out->at, keep_one, out);
    return out;
}

void house_documents_put_back(void *data)
{
    struct kept *kept = data;
    bson_t all = BSON_INITIALIZER;

    for (int i = 0; i < HOUSE_COLLECTIONS; i++) {
        mongoc_collection_t *collection = collection_of(&collections[i]);

        ck_assert(mongoc_collection_delete_many(collection, &all, NULL, NULL, NULL));
        for (size_t k = 0; k < kept->counts[i]; k++) {
            ck_assert(mongoc_collection_insert_one(collection, kept->documents[i][k], NULL, NULL, NULL));
            bson_destroy(kept->documents[i][k]);
        }
        free(kept->documents[i]);
        mongoc_collection_destroy(collection);
    }
    free(kept);
}

/* ---- values ---- */

static void copy_plain(bson_t *out, const bson_iter_t *from, const char *name);

static void copy_inside(bson_t *out, const bson_iter_t *from, const char *name)
{
    bool array = BSON_ITER_HOLDS_ARRAY(from);
    bson_iter_t at;
    bson_t inside;

    if (array)
        bson_append_array_begin(out, name, -1, &inside);
    else
        bson_append_document_begin(out, name, -1, &inside);
    ck_assert(bson_iter_recurse(from, &at));
    while (bson_iter_next(&at))
        copy_plain(&inside, &at, bson_iter_key(&at));
    if (array)
        bson_append_array_end(out, &inside);
    else
        bson_append_document_end(out, &inside);
}

/* With times and ids as the text that JSON has of them. */
static void copy_plain(bson_t *out, const bson_iter_t *from, const char *name)
{
    char text[64];

    if (BSON_ITER_HOLDS_DOCUMENT(from) || BSON_ITER_HOLDS_ARRAY(from)) {
        copy_inside(out, from, name);
    } else if (BSON_ITER_HOLDS_DATE_TIME(from)) {
        int64_t millis = bson_iter_date_time(from);
        time_t seconds = (time_t)((millis - ((millis % 1000) + 1000) % 1000) / 1000);
        struct tm day;
        size_t used = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", gmtime_r(&seconds, &day));

        millis = ((millis % 1000) + 1000) % 1000;
        if (millis == 0)
            snprintf(text + used, sizeof text - used, "Z");
        else
            snprintf(text + used, sizeof text - used, ".%03d000Z", (int)millis);
        bson_append_utf8(out, name, -1, text, -1);
    } else if (BSON_ITER_HOLDS_BINARY(from)) {
        const uint8_t *bytes;
        uint32_t size, used = 0;

        bson_iter_binary(from, NULL, &size, &bytes);
        for (uint32_t i = 0; i < size && i < 16; i++)
            used += (uint32_t)snprintf(text + used, sizeof text - used, "%s%02x",
                                       i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
        bson_append_utf8(out, name, -1, text, -1);
    } else {
        bson_append_iter(out, name, -1, from);
    }
}

static void bind_json(sqlite3_stmt *stmt, int place, const bson_iter_t *value)
{
    bson_t whole = BSON_INITIALIZER;
    size_t size;
    char *text;

    copy_plain(&whole, value, "v");
    text = bson_as_relaxed_extended_json(&whole, &size);
    sqlite3_bind_text(stmt, place, text, (int)size, SQLITE_TRANSIENT);
    bson_free(text);
    bson_destroy(&whole);
}

static void bind_id(sqlite3_stmt *stmt, int place, const bson_iter_t *value)
{
    uint8_t id[16];
    const uint8_t *bytes = id;
    uint32_t size = sizeof id;

    if (BSON_ITER_HOLDS_OID(value)) {
        const uint8_t *oid = bson_iter_oid(value)->bytes;

        memcpy(id, oid, 6);
        memcpy(id + 6, tag, 4);
        memcpy(id + 10, oid + 6, 6);
    } else {
        bson_iter_binary(value, NULL, &size, &bytes);
    }
    sqlite3_bind_blob(stmt, place, bytes, (int)size, SQLITE_TRANSIENT);
}

static void bind_value(sqlite3_stmt *stmt, int place, char type, const bson_iter_t *value)
{
    if (BSON_ITER_HOLDS_NULL(value))
        sqlite3_bind_null(stmt, place);
    else if (BSON_ITER_HOLDS_OID(value) || BSON_ITER_HOLDS_BINARY(value))
        bind_id(stmt, place, value);
    else if (BSON_ITER_HOLDS_DATE_TIME(value))
        sqlite3_bind_int64(stmt, place, bson_iter_date_time(value) * 1000);
    else if (type == 'j')
        bind_json(stmt, place, value);
    else if (BSON_ITER_HOLDS_UTF8(value))
        sqlite3_bind_text(stmt, place, bson_iter_utf8(value, NULL), -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_int64(stmt, place, bson_iter_as_int64(value));
}

static void put_json(bson_t *out, const char *name, const char *text)
{
    size_t size = strlen(text) + 8;
    char *whole = malloc(size);
    bson_t *parsed;
    bson_iter_t at;

    snprintf(whole, size, "{\"v\":%s}", text);
    parsed = bson_new_from_json((const uint8_t *)whole, -1, NULL);
    free(whole);
    if (parsed != NULL && bson_iter_init_find(&at, parsed, "v"))
        bson_append_iter(out, name, -1, &at);
    else
        bson_append_utf8(out, name, -1, text, -1);
    bson_destroy(parsed);
}

static void put_id(bson_t *out, const char *name, const uint8_t *bytes)
{
    bson_oid_t oid;

    if (strcmp(name, "_id") != 0 || memcmp(bytes + 6, tag, sizeof tag) != 0) {
        bson_append_binary(out, name, -1, BSON_SUBTYPE_UUID, bytes, 16);
        return;
    }
    memcpy(oid.bytes, bytes, 6);
    memcpy(oid.bytes + 6, bytes + 10, 6);
    bson_append_oid(out, name, -1, &oid);
}

static void put_value(bson_t *out, const char *name, char type, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    if (type == 'i')
        put_id(out, name, sqlite3_column_blob(row, column));
    else if (type == 'n')
        bson_append_int32(out, name, -1, sqlite3_column_int(row, column));
    else if (type == 't')
        bson_append_date_time(out, name, -1, sqlite3_column_int64(row, column) / 1000);
    else if (type == 'j')
        put_json(out, name, text);
    else
        bson_append_utf8(out, name, -1, text, -1);
}

/* ---- tables ---- */

static void run(sqlite3 *db, const char *sql)
{
    char *why = NULL;

    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, &why) == SQLITE_OK, "%s: %s", sql, why);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *out = NULL;

    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &out, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    return out;
}

/* A piece of SQL for each column, with commas between. */
static const char *for_each_column(const struct collection *of, const char *piece, const char *piece_of_json)
{
    static char out[2][1200];
    static int turn;
    char *text = out[turn++ % 2];
    size_t used = 0;

    for (size_t i = 0; of->types[i] != '\0'; i++) {
        const char *at = of->types[i] == 'j' ? piece_of_json : piece;

        used += (size_t)snprintf(text + used, sizeof out[0] - used, "%s", i == 0 ? "" : ",");
        for (; *at != '\0'; at++)
            used += (size_t)snprintf(text + used, sizeof out[0] - used, *at == '#' ? "%s" : "%.1s",
                                     *at == '#' ? of->columns[i] : at);
    }
    return text;
}

static void load(sqlite3 *db, const struct collection *from)
{
    mongoc_collection_t *collection = collection_of(from);
    mongoc_cursor_t *cursor = find_all(collection);
    const bson_t *document;
    sqlite3_stmt *stmt;
    bson_error_t error;
    char sql[1400];

    snprintf(sql, sizeof sql, "CREATE TABLE %s(%s)", from->name, for_each_column(from, "#", "#"));
    run(db, sql);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(%s)", from->name,
             for_each_column(from, "?", "json_extract(?,'$.v')"));
    stmt = prepare(db, sql);
    while (mongoc_cursor_next(cursor, &document)) {
        sqlite3_clear_bindings(stmt);
        for (int i = 0; from->types[i] != '\0'; i++) {
            bson_iter_t at;

            if (bson_iter_init_find(&at, document, i == 0 ? "_id" : from->columns[i]))
                bind_value(stmt, i + 1, from->types[i], &at);
        }
        ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_reset(stmt);
    }
    ck_assert_msg(!mongoc_cursor_error(cursor, &error), "%s", error.message);
    sqlite3_finalize(stmt);
    mongoc_cursor_destroy(cursor);
    mongoc_collection_destroy(collection);
}

/* What statements about documents join them with: `rows` gives the columns, the first of them an id in hex. */
static const struct beside {
    const char *name, *create, *insert, *rows;
} besides[] = {
    {"properties", "CREATE TABLE properties(id,title)", "INSERT INTO properties VALUES(?,?)",
     "SELECT hex(id), title FROM properties"},
    {"document_heads", "CREATE TABLE document_heads(id,kind,key,bucket INT,version INT,items INT)",
     "INSERT INTO document_heads VALUES(?,?,?,?,?,?)",
     "SELECT hex(id), kind, key, bucket, version, items FROM document_heads"},
    {"outbox", "CREATE TABLE outbox(aggregate_id,kind,verb,state,version INT)", "INSERT INTO outbox VALUES(?,?,?,?,?)",
     "SELECT hex(aggregate_id), kind, verb, state, version FROM outbox"},
};

static void load_beside(const house_value *values, int count, void *data)
{
    sqlite3_stmt *stmt = data;
    uint8_t id[16] = {0};

    for (int i = 0; i < 16; i++)
        sscanf((const char *)values[0].bytes + 2 * (size_t)i, "%2hhx", &id[i]);
    sqlite3_bind_blob(stmt, 1, id, sizeof id, SQLITE_TRANSIENT);
    for (int i = 1; i < count; i++)
        sqlite3_bind_text(stmt, i + 1, values[i].bytes, (int)values[i].size, SQLITE_TRANSIENT);
    ck_assert_int_eq(sqlite3_step(stmt), SQLITE_DONE);
    sqlite3_reset(stmt);
}

/* Behind FROM and its like: collections have their names in columns, too. */
static bool names_table(const char *sql, const char *name)
{
    static const char *const words[] = {"FROM ", "JOIN ", "INTO ", "UPDATE "};

    for (const char *at = strstr(sql, name); at != NULL; at = strstr(at + 1, name))
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            size_t size = strlen(words[i]);

            if ((size_t)(at - sql) >= size && strncmp(at - size, words[i], size) == 0)
                return true;
        }
    return false;
}

/* Those that the statement names. */
static sqlite3 *tables(const char *sql)
{
    sqlite3 *db = NULL;

    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    house_teach(db);
    for (size_t i = 0; i < sizeof besides / sizeof besides[0]; i++) {
        sqlite3_stmt *stmt;

        if (!names_table(sql, besides[i].name))
            continue;
        run(db, besides[i].create);
        stmt = prepare(db, besides[i].insert);
        house_rows(besides[i].rows, load_beside, stmt);
        sqlite3_finalize(stmt);
    }
    for (size_t i = 0; i < HOUSE_COLLECTIONS; i++)
        if (names_table(sql, collections[i].name))
            load(db, &collections[i]);
    return db;
}

bool house_documents_asked(const char *sql)
{
    for (size_t i = 0; house.documents[0] != '\0' && i < HOUSE_COLLECTIONS; i++)
        if (names_table(sql, collections[i].name))
            return true;
    return false;
}

void house_documents_rows(const char *sql, house_row_fn row, void *data)
{
    sqlite3 *db = tables(sql);

    house_on_sqlite.rows(db, sql, row, data);
    sqlite3_close(db);
}

/* ---- back ---- */

static void write_one(mongoc_collection_t *collection, bool there, const bson_t *id, const bson_t *set,
                      const bson_t *unset)
{
    bson_t update = BSON_INITIALIZER, whole = BSON_INITIALIZER;
    bson_error_t error;
    bool done = true;

    if (!bson_empty(set))
        BSON_APPEND_DOCUMENT(&update, "$set", set);
    if (!bson_empty(unset))
        BSON_APPEND_DOCUMENT(&update, "$unset", unset);
    bson_concat(&whole, id);
    bson_concat(&whole, set);
    if (!there)
        done = mongoc_collection_insert_one(collection, &whole, NULL, NULL, &error);
    else if (!bson_empty(&update))
        done = mongoc_collection_update_one(collection, id, &update, NULL, NULL, &error);
    ck_assert_msg(done, "%s", error.message);
    bson_destroy(&whole);
    bson_destroy(&update);
}

static void write_back(sqlite3 *db, const struct collection *to)
{
    mongoc_collection_t *collection = collection_of(to);
    int count = (int)strlen(to->types);
    sqlite3_stmt *row;
    char sql[3000];

    snprintf(sql, sizeof sql, "SELECT %s, was.id IS NOT NULL, %s FROM %s AS at LEFT JOIN was_%s AS was ON was.id=at.id",
             for_each_column(to, "at.#", "at.#"), for_each_column(to, "at.# IS was.#", "at.# IS was.#"), to->name,
             to->name);
    row = prepare(db, sql);
    while (sqlite3_step(row) == SQLITE_ROW) {
        bson_t id = BSON_INITIALIZER, set = BSON_INITIALIZER, unset = BSON_INITIALIZER;

        put_value(&id, "_id", 'i', row, 0);
        for (int i = 1; i < count; i++) {
            if (sqlite3_column_int(row, count + 1 + i) != 0)
                continue;
            if (sqlite3_column_type(row, i) == SQLITE_NULL)
                BSON_APPEND_UTF8(&unset, to->columns[i], "");
            else
                put_value(&set, to->columns[i], to->types[i], row, i);
        }
        write_one(collection, sqlite3_column_int(row, count) != 0, &id, &set, &unset);
        bson_destroy(&unset);
        bson_destroy(&set);
        bson_destroy(&id);
    }
    sqlite3_finalize(row);
    snprintf(sql, sizeof sql, "SELECT id FROM was_%s WHERE id NOT IN (SELECT id FROM %s)", to->name, to->name);
    row = prepare(db, sql);
    while (sqlite3_step(row) == SQLITE_ROW) {
        bson_t id = BSON_INITIALIZER;

        put_value(&id, "_id", 'i', row, 0);
        ck_assert(mongoc_collection_delete_one(collection, &id, NULL, NULL, NULL));
        bson_destroy(&id);
    }
    sqlite3_finalize(row);
    mongoc_collection_destroy(collection);
}

int64_t house_documents_change(const char *sql)
{
    sqlite3 *db = tables(sql);
    char copy[120];
    int64_t out;

    for (size_t i = 0; i < HOUSE_COLLECTIONS; i++) {
        if (!names_table(sql, collections[i].name))
            continue;
        snprintf(copy, sizeof copy, "CREATE TABLE was_%s AS SELECT * FROM %s", collections[i].name,
                 collections[i].name);
        run(db, copy);
    }
    out = house_on_sqlite.change(db, sql);
    for (size_t i = 0; i < HOUSE_COLLECTIONS; i++)
        if (names_table(sql, collections[i].name))
            write_back(db, &collections[i]);
    sqlite3_close(db);
    return out;
}
