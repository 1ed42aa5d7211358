/* A client whose documents live in a store of their own: another SQLite file, by a driver that this program wraps
 * (--wrap=hc_driver_sqlite_entry), so that it fails as a test says; or the server of MongoDB that `outbox_uri` names.
 * Effects are written into the outbox by hand. */
#ifndef UNIT_CLIENT_OUTBOX_H
#define UNIT_CLIENT_OUTBOX_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "client/relay.h"
#include "client/unit.h"
#include "homeconnect/client.h"
#include "model/effect.h"
#include "model/head.h"
#include "failing.h"
#include "suite.h"
#ifdef OUTBOX_MONGODB
#include <mongoc/mongoc.h>
#include "server_mongodb.h"
#endif

hc_status __real_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

static const hc_storage_driver *real;
static struct other {
    void *store;     /* the one of documents */
    void *conns[64]; /* its connections */
    size_t count;
    int trips;                                       /* since it was set to 0 */
    int down_after;                                  /* so many trips, and then it is away; -1: never */
    void (*before)(const hc_batch *batch);           /* each trip; NULL: nothing */
    void (*before_own)(const hc_batch *batch);       /* each trip to the store that has the outbox; NULL: nothing */
    bool (*row)(const hc_batch *batch, hc_row *row); /* each row on its way up; false: it is left out. NULL: nothing */
    int fail_in[2]; /* the so many-th trip from now on fails, to [0] the store and [1] that of documents; 0: none */
    hc_status fail_with;
    void (*after_failure)(void);     /* NULL: nothing */
    const char *fail_field;          /* NULL: none */
    bool fail_late;                  /* behind its rows */
    bool fail_whole;                 /* and none of its operations in particular */
    bool (*spoiled)(const void *id); /* documents that cannot be read, which is told behind the others; NULL: none */
} other;
static bool outbox_remote; /* the next store is a server: several may commit at once */

static char outbox_folder[300], outbox_path[340];
static const char *outbox_uri; /* of a server; NULL: the other file */
#ifdef OUTBOX_MONGODB
static char outbox_name[64]; /* of a database there */
#endif
static hc_client *client;
static hc__core *core;
static hc_session *sys;
static hc_error err;
static char outbox_log[1000];
static failing outbox_memory;  /* of the client */
static int64_t outbox_told[7]; /* by the metric hook: sums, but the last value of what is observed */
static hc__arena outbox_arena; /* of records; lives as long as the test */

#define OK(call) ck_assert_msg((call) >= 0, "%s: %s %s", #call, err.field, err.message)

static inline hc_status other_open(void **store, const hc_host *host, const char *uri, hc_error *why)
{
    hc_status status = real->open(store, host, uri, why);

    if (strstr(uri, "documents") != NULL)
        other.store = *store;
    return status;
}

static inline hc_status other_connect(void **conn, void *store, int32_t role, int64_t deadline, hc_error *why)
{
    hc_status status = real->connect(conn, store, role, deadline, why);

    if (status >= 0 && store == other.store && other.count < 64)
        other.conns[other.count++] = *conn;
    return status;
}

static inline bool other_has(const void *conn)
{
    for (size_t i = 0; i < other.count; i++)
        if (other.conns[i] == conn)
            return true;
    return false;
}

static inline void other_disconnect(void *conn)
{
    for (size_t i = 0; i < other.count; i++)
        if (other.conns[i] == conn)
            other.conns[i] = other.conns[--other.count];
    real->disconnect(conn);
}

static inline hc_status other_fail(hc_error *why)
{
    if (why != NULL)
        *why = (hc_error){.status = other.fail_with, .origin = "other", .message = "this trip fails"};
    if (why != NULL && other.fail_field != NULL)
        snprintf(why->field, sizeof why->field, "%s", other.fail_field);
    return other.fail_with;
}

/* A transaction that is open ends with the trip that fails. */
static inline hc_status other_fail_trip(void *conn, hc_batch *batch, hc_error *why)
{
    hc_batch undo = {.struct_size = sizeof undo, .flags = HC_BATCH_ROLLBACK};
    uint32_t flags = batch->flags;

    if (other.fail_late) {
        batch->flags &= ~HC_BATCH_COMMIT;
        (void)real->execute(conn, batch, NULL);
        batch->flags = flags;
    }
    (void)real->execute(conn, &undo, NULL);
    if (other.after_failure != NULL)
        other.after_failure();
    batch->failed_op = other.fail_whole ? batch->op_count : 0;
    return other_fail(why);
}

struct other_passing {
    hc_batch *batch;
    hc_row_fn on_row;
    void *data;
    bool spoiled;
};

static inline hc_status other_pass(const hc_row *row, void *data, hc_error *why)
{
    struct other_passing *passing = data;
    hc_value values[64];
    hc_row copy = *row;

    if (other.spoiled != NULL && passing->batch->ops[row->op].kind->storage == HC_KIND_DOCUMENT &&
        other.spoiled(row->values[0].as.bytes)) {
        passing->spoiled = true;
        return HC_OK;
    }
    memcpy(values, row->values, row->count * sizeof values[0]);
    copy.values = values;
    return other.row == NULL || other.row(passing->batch, &copy) ? passing->on_row(&copy, passing->data, why) : HC_OK;
}

static inline hc_status other_run(void *conn, hc_batch *batch, hc_error *why)
{
    struct other_passing passing = {batch, batch->on_row, batch->data, false};
    hc_status status;

    if ((other.row == NULL && other.spoiled == NULL) || batch->on_row == NULL)
        return real->execute(conn, batch, why);
    batch->on_row = other_pass;
    batch->data = &passing;
    status = real->execute(conn, batch, why);
    batch->on_row = passing.on_row;
    batch->data = passing.data;
    if (status < 0 || !passing.spoiled)
        return status;
    if (why != NULL)
        *why = (hc_error){.status = HC_ERR_CORRUPT, .origin = "other", .message = "a spoiled document"};
    return HC_ERR_CORRUPT;
}

/* Whether `where` cannot hold but for certain values of a field. */
static inline bool other_fixes(const hc_predicate *where, uint16_t field)
{
    bool fixes = where != NULL && where->field == field && where->test >= HC_TEST_EQ && where->test != HC_TEST_NE &&
                 where->test != HC_TEST_NOT_NULL;

    for (size_t i = 0; where != NULL && where->test == HC_TEST_AND && i < where->child_count; i++)
        fixes = fixes || other_fixes(where->children[i], field);
    return fixes;
}

/* The index of an operation is a hint that the core must be sure of. */
static inline void other_look_at(const hc_op *op)
{
    uint16_t first = op->index < 0 ? 0 : op->kind->indexes[op->index].fields[0];

    if (op->verb == HC_VERB_INSERT || op->verb == HC_VERB_INSERT_IF_ABSENT)
        ck_assert_int_eq(op->index, HC_INDEX_ANY);
    if (op->index != HC_INDEX_ANY)
        ck_assert_msg(other_fixes(op->where, first) || (op->order_count > 0 && op->order[0].field == first),
                      "verb %d of %s by index %d", (int)op->verb, op->kind->name, (int)op->index);
}

static inline hc_status other_execute(void *conn, hc_batch *batch, hc_error *why)
{
    int *fail_in = &other.fail_in[other_has(conn)];

    for (size_t i = 0; i < batch->op_count; i++)
        other_look_at(&batch->ops[i]);
    if (*fail_in > 0 && (batch->flags & HC_BATCH_ROLLBACK) == 0 && --*fail_in == 0)
        return other_fail_trip(conn, batch, why);
    if (!other_has(conn) && other.before_own != NULL)
        other.before_own(batch);
    if (!other_has(conn))
        return other_run(conn, batch, why);
    if (other.down_after >= 0 && other.trips >= other.down_after) {
        if (why != NULL)
            *why = (hc_error){.status = HC_ERR_UNAVAILABLE, .origin = "other", .message = "the other store is away"};
        return HC_ERR_UNAVAILABLE;
    }
    other.trips++;
    if (other.before != NULL)
        other.before(batch);
    return other_run(conn, batch, why);
}

hc_status __wrap_hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *why)
{
    static hc_storage_driver table;
    hc_status status = __real_hc_driver_sqlite_entry(&real, host_abi, why);

    *out = NULL;
    if (status < 0)
        return status;
    table = *real;
    if (outbox_remote)
        table.capabilities = HC_CAP_TRANSACTIONS;
    table.open = other_open;
    table.connect = other_connect;
    table.disconnect = other_disconnect;
    table.execute = other_execute;
    *out = &table;
    return HC_OK;
}

/* ---- the two stores ---- */

static inline void outbox_line(int32_t level, const char *request_id, const char *line, void *data)
{
    (void)level;
    (void)request_id;
    (void)data;
    if (strlen(outbox_log) + strlen(line) + 2 < sizeof outbox_log)
        strcat(strcat(outbox_log, line), "\n");
}

static inline int64_t *outbox_told_of(const char *name)
{
    static const char *const names[7] = {"outbox.delivered", "outbox.absorbed",     "outbox.dead",
                                         "outbox.dropped",   "outbox.pending_rows", "outbox.pending_bytes",
                                         "outbox.oldest_us"};

    for (int i = 0; i < 7; i++)
        if (strcmp(name, names[i]) == 0)
            return &outbox_told[i];
    return NULL;
}

static inline void outbox_count_told(const char *name, int64_t value, void *data)
{
    int64_t *at = outbox_told_of(name);

    (void)data;
    if (at != NULL && at < &outbox_told[4])
        ck_assert_int_gt(value, 0); /* what became of effects is told when there were any */
    if (at != NULL)
        *at = at < &outbox_told[4] ? *at + value : value;
}

static inline int64_t outbox_now(void *data)
{
    (void)data;
    return hc__os_now();
}

/* One for each test. */
static inline void outbox_database(char *out, size_t size)
{
#ifdef OUTBOX_MONGODB
    static int made;
    server_mongodb server = {.kind = SERVER_REAL};

    snprintf(server.base, sizeof server.base, "%s", outbox_uri);
    snprintf(outbox_name, sizeof outbox_name, "outbox_%d_%d", (int)getpid(), ++made);
    server_mongodb_uri(&server, out, size, outbox_name, NULL);
#else
    out[size - 1] = out[0] = '\0';
#endif
}

static inline void outbox_drop(void)
{
#ifdef OUTBOX_MONGODB
    mongoc_client_t *plain = mongoc_client_new(outbox_uri);
    mongoc_database_t *database = mongoc_client_get_database(plain, outbox_name);

    (void)mongoc_database_drop(database, NULL);
    mongoc_database_destroy(database);
    mongoc_client_destroy(plain);
#endif
}

static inline void outbox_documents(void)
{
    char uri[400];
    hc__store_options options = {.uri = uri, .pool_size = 4, .now = outbox_now, .documents = outbox_uri != NULL};
    hc_status status;

#ifdef OUTBOX_MONGODB
    options.driver_path = OUTBOX_MONGODB;
#endif
    if (outbox_uri != NULL)
        outbox_database(uri, sizeof uri);
    else
        snprintf(uri, sizeof uri, "sqlite:%s/documents.db?durability=relaxed", outbox_folder);
    OK(hc__store_open(&core->documents, &core->mem, &options, &err));
    status = hc__store_migrate(core->documents, hc__os_monotonic() + 60 * HC__SECOND, &err);
    OK(status);
    atomic_store(&core->documents_ready, true);
}

static inline void outbox_open(void)
{
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_allocator memory = failing_allocator(&outbox_memory);
    const char *base = getenv("TMPDIR");
    char uri[400];

    setenv("HC_TEST_SOON_MS", "3600000", 1);
    snprintf(outbox_folder, sizeof outbox_folder, "%s/outbox-XXXXXX", base == NULL ? "/tmp" : base);
    ck_assert_ptr_nonnull(mkdtemp(outbox_folder));
    snprintf(outbox_path, sizeof outbox_path, "%s/store.db", outbox_folder);
    snprintf(uri, sizeof uri, "sqlite:%s?durability=relaxed", outbox_path);
    memset(&other, 0, sizeof other);
    outbox_memory = (failing){0};
    memset(outbox_told, 0, sizeof outbox_told);
    other.down_after = -1;
    outbox_log[0] = '\0';
    options.storage_uri = uri;
    options.allocator = &memory;
    options.metric = outbox_count_told;
    options.log = outbox_line;
    options.log_level = HC_LOG_WARN;
    OK(hc_client_open(&client, &options, &err));
    OK(hc__client_core(&core, client, &err));
    OK(hc_session_system(&sys, client, &err));
    outbox_documents();
    OK(hc__relay_open(core, &err));
    sys->deadline = hc__os_monotonic() + 600 * HC__SECOND;
}

static inline void outbox_close(void)
{
    static const char *const names[] = {"store.db", "documents.db"}, *const ends[] = {"", "-wal", "-shm", ".keys"};
    char name[400];

    hc_session_free(sys);
    ck_assert_ptr_null(strstr(outbox_log, "was freed inside"));
    hc__arena_free(&outbox_arena);
    ck_assert_int_eq(atomic_load(&core->calls), 0); /* each has left that has entered */
    hc_client_close(client);
    ck_assert_int_eq(outbox_memory.live, 0); /* no call kept a session, or anything else of the client's */
    for (size_t i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "%s/%s%s", outbox_folder, names[i / 4], ends[i % 4]);
        unlink(name);
    }
    rmdir(outbox_folder);
    if (outbox_uri != NULL)
        outbox_drop();
}

static inline int64_t outbox_sql(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t out = -1;

    ck_assert_int_eq(sqlite3_open(outbox_path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW)
        out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return out;
}

/* In the store of documents, also while that is asked. */
static inline int64_t outbox_documents_sql(const char *sql)
{
    char main_path[sizeof outbox_path];
    int64_t out;

    memcpy(main_path, outbox_path, sizeof main_path);
    snprintf(outbox_path, sizeof outbox_path, "%s/documents.db", outbox_folder);
    out = outbox_sql(sql);
    memcpy(outbox_path, main_path, sizeof main_path);
    return out;
}

/* ---- effects ---- */

static inline hc_id outbox_id(int n)
{
    hc_id id = {{0x65, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0x48, 0, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}};

    return id;
}

struct outbox_effect {
    const hc__record *row;
    const uint64_t *set;
    hc_id aggregate;
    int32_t version, verb;
    hc_id actor;
};

static inline hc_status outbox_write(hc__unit *unit, void *data, hc_error *why)
{
    const struct outbox_effect *effect = data;
    const char *kind = effect->row->entity->kind.name;
    hc__record row;
    hc__buf payload;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__effect_entity, hc__unit_arena(unit), why);

    if (status < 0 || hc__id_make(&id, hc__os_now(), why) < 0)
        return HC_ERR_NO_MEMORY;
    hc__buf_init(&payload, &core->mem);
    if (effect->verb != HC__EFFECT_REMOVE || effect->set != NULL)
        hc__effect_put(&payload, effect->row, effect->set);
    hc__record_set_id(&row, hc__effect_f_id, id);
    hc__record_set_text(&row, hc__effect_f_target, "documents", 9);
    hc__record_set_text(&row, hc__effect_f_kind, kind, strlen(kind));
    hc__record_set_id(&row, hc__effect_f_aggregate_id, effect->aggregate);
    hc__record_set_int(&row, hc__effect_f_version, effect->version);
    hc__record_set_int(&row, hc__effect_f_verb, effect->verb);
    hc__record_set_text(&row, hc__effect_f_payload, payload.size == 0 ? "" : payload.data, payload.size);
    hc__record_set_int(&row, hc__effect_f_bytes, (int64_t)payload.size + 100);
    if (!hc__id_zero(effect->actor))
        hc__record_set_id(&row, hc__effect_f_actor_id, effect->actor);
    hc__record_set_int(&row, hc__effect_f_created_at, hc__unit_now(unit));
    hc__record_set_int(&row, hc__effect_f_state, HC__EFFECT_PENDING);
    hc__record_set_int(&row, hc__effect_f_attempts, 0);
    hc__unit_insert(unit, &row);
    status = hc__unit_flush(unit, NULL, why);
    hc__buf_free(&payload);
    return status;
}

static inline void outbox_put(const struct outbox_effect *effect)
{
    OK(hc__unit_run_unchecked(sys, outbox_write, (void *)(uintptr_t)effect, &err));
}

static inline hc__record outbox_record(const hc__entity *entity)
{
    hc__record row;

    if (outbox_arena.mem == NULL)
        hc__arena_init(&outbox_arena, &core->mem, NULL, 0);
    OK(hc__record_init(&row, entity, &outbox_arena, &err));
    return row;
}

static inline void outbox_json(hc__record *row, uint16_t field, const char *json)
{
    const hc_value value = {HC_TYPE_JSON, (uint32_t)strlen(json), {.bytes = json}};

    ck_assert(hc__record_put(row, field, &value));
    row->set[field / 64] |= UINT64_C(1) << field % 64;
}

static inline void outbox_log_entry(int n)
{
    hc__record row = outbox_record(&hc__activity_entity);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = 1, .verb = HC__EFFECT_APPEND};

    hc__record_set_text(&row, hc__activity_f_action, "view", 4);
    hc__record_set_int(&row, hc__activity_f_timestamp, INT64_C(1763892000000000) + n * INT64_C(1000));
    hc__record_set_int(&row, hc__activity_f_event_class, 1);
    outbox_put(&effect);
}

/* Document n of a listing of that number, with one image. */
static inline hc__record outbox_images(int n, int version, const char *images)
{
    hc__record row = outbox_record(&hc__document_entity);

    hc__record_set_id(&row, hc__document_f_id, outbox_id(n));
    hc__record_set_id(&row, hc__document_f_property_id, outbox_id(1000 + n));
    outbox_json(&row, hc__document_f_images, images);
    hc__record_set_int(&row, hc__document_f_version, version);
    hc__record_set_int(&row, hc__document_f_created_at, INT64_C(1763892000000000));
    hc__record_set_int(&row, hc__document_f_updated_at, INT64_C(1763892000000000));
    return row;
}

static inline hc_status outbox_write_head(hc__unit *unit, void *data, hc_error *why)
{
    hc__record head;
    hc_status status = hc__record_init(&head, &hc__head_entity, hc__unit_arena(unit), why);

    if (status >= 0)
        status = hc__head_of(&head, data, why);
    if (status >= 0)
        hc__unit_insert(unit, &head);
    return status;
}

/* The head of a document, as a transaction that changes it writes it. */
static inline void outbox_put_head(hc__record *row)
{
    OK(hc__unit_run_unchecked(sys, outbox_write_head, row, &err));
}

static inline void outbox_put_images(int n, int version, const char *images)
{
    hc__record row = outbox_images(n, version, images);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = version, .verb = HC__EFFECT_PUT};

    outbox_put(&effect);
}

static inline void outbox_remove(const hc__entity *entity, int n, int version)
{
    hc__record row = outbox_record(entity);
    struct outbox_effect effect = {
        .row = &row, .aggregate = outbox_id(n), .version = version, .verb = HC__EFFECT_REMOVE};

    outbox_put(&effect);
}

static inline void outbox_start_chat(int n)
{
    hc__record row = outbox_record(&hc__chat_entity);
    struct outbox_effect effect = {.row = &row, .aggregate = outbox_id(n), .version = 1, .verb = HC__EFFECT_PUT};
    char session[16];

    snprintf(session, sizeof session, "s%d", n);
    hc__record_set_text(&row, hc__chat_f_session_id, session, strlen(session));
    hc__record_set_int(&row, hc__chat_f_bucket, 0);
    hc__record_set_int(&row, hc__chat_f_message_count, 0);
    hc__record_set_int(&row, hc__chat_f_version, 1);
    hc__record_set_int(&row, hc__chat_f_created_at, INT64_C(1763892000000000));
    hc__record_set_int(&row, hc__chat_f_updated_at, INT64_C(1763892000000000));
    outbox_json(&row, hc__chat_f_messages, "[]");
    outbox_put(&effect);
}

static inline void outbox_push(int n, int version, const char *content)
{
    hc__record row = outbox_record(&hc__chat_entity);
    char messages[200];

    snprintf(messages, sizeof messages,
             "[{\"content\":\"%s\",\"role\":\"user\",\"timestamp\":\"2025-11-23T10:00:00.000000Z\"}]", content);
    outbox_json(&row, hc__chat_f_messages, messages);
    hc__record_set_int(&row, hc__chat_f_message_count, version - 1);
    {
        struct outbox_effect effect = {
            .row = &row, .set = row.set, .aggregate = outbox_id(n), .version = version, .verb = HC__EFFECT_PUSH};
        outbox_put(&effect);
    }
}

static inline int64_t outbox_relay(void)
{
    int64_t done = -1;

    OK(hc__relay_run(core, hc__os_monotonic() + 60 * HC__SECOND, &done, &err));
    return done;
}

/* ---- what the store of documents has ---- */

struct outbox_found {
    hc__record *row;
    uint16_t fields[HC__FIELD_LIMIT];
    int count;
};

static inline hc_status outbox_take(const hc_row *row, void *data, hc_error *why)
{
    struct outbox_found *found = data;

    (void)why;
    found->count++;
    return hc__record_fill(found->row, found->fields, row->values, row->count) ? HC_OK : HC_ERR_NO_MEMORY;
}

static inline hc_status outbox_run(hc_op *ops, size_t count, hc_row_fn on_row, void *data)
{
    hc_batch batch = {.struct_size = sizeof batch, .ops = ops, .op_count = count, .on_row = on_row, .data = data};
    hc__lease lease;
    hc_status status;
    int trips = other.trips, down = other.down_after;

    other.down_after = -1;
    OK(hc__store_acquire(&lease, core->documents, HC_CONNECT_WRITE, hc__os_monotonic() + 10 * HC__SECOND, NULL, &err));
    status = hc__store_driver(core->documents)->execute(lease.conn, &batch, &err);
    hc__store_release(core->documents, &lease, true);
    other.trips = trips;
    other.down_after = down;
    return status;
}

static inline bool outbox_find(hc__record *out, const hc__entity *entity, uint16_t field, hc_id id)
{
    struct outbox_found found = {.row = out};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .fields = found.fields,
                .index = HC_INDEX_ANY};

    *out = outbox_record(entity);
    op.field_count = hc__readable_fields(found.fields, entity);
    op.where = hc__is_id(&outbox_arena, field, id);
    OK(outbox_run(&op, 1, outbox_take, &found));
    ck_assert_int_le(found.count, 1);
    return found.count == 1;
}

static inline int64_t outbox_count(const hc__entity *entity)
{
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = &entity->kind,
                .index = HC_INDEX_ANY,
                .result = &result};

    OK(outbox_run(&op, 1, NULL, NULL));
    return result.count;
}

/* Another program's row. */
static inline void outbox_foreign(const hc__record *row)
{
    hc_set sets[HC__FIELD_LIMIT];
    hc_op op = {.verb = HC_VERB_INSERT,
                .expect = 1,
                .kind = &row->entity->kind,
                .sets = sets,
                .set_count = hc__row_sets(sets, row),
                .index = HC_INDEX_ANY};

    OK(outbox_run(&op, 1, NULL, NULL));
}

#define STATE(name) outbox_sql("SELECT count(*) FROM outbox WHERE state='" name "'")

#endif
