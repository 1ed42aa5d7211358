/* Memory, rows, tables, versions, and whose turn it is to write. */
#include "memtable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- memory, errors, clocks ----------------------------------------------------------------------------------------
 */

void *mt_allocate(const mt_store *store, size_t size)
{
    const hc_allocator *from = store->host->allocator;
    void *out = from->allocate(size, from->data);

    return out == NULL ? NULL : memset(out, 0, size);
}

void mt_free(const mt_store *store, void *block)
{
    const hc_allocator *from = store->host->allocator;

    if (block != NULL)
        from->release(block, from->data);
}

/* Every failure comes through here: an error is filled whole, names its driver, and holds no value of a user. */
hc_status mt_fail(hc_error *err, hc_status status, const char *field, const char *format, ...)
{
    va_list list;

    if (err == NULL)
        return status;
    memset(err, 0, sizeof(*err));
    err->status = status;
    err->flags = status == HC_ERR_BUSY || status == HC_ERR_NO_MEMORY ? HC_ERROR_RETRYABLE : 0;
    (void)snprintf(err->origin, sizeof(err->origin), "%s", MT_NAME);
    (void)snprintf(err->field, sizeof(err->field), "%s", field == NULL ? "" : field);
    va_start(list, format);
    (void)vsnprintf(err->message, sizeof(err->message), format, list);
    va_end(list);
    return status;
}

hc_status mt_no_memory(hc_error *err)
{
    return mt_fail(err, HC_ERR_NO_MEMORY, NULL, "out of memory");
}

static int64_t read_clock(clockid_t clock)
{
    struct timespec at;

    (void)clock_gettime(clock, &at);
    return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

int64_t mt_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t mt_wall_clock(void)
{
    return read_clock(CLOCK_REALTIME);
}

/* ---- rows ----------------------------------------------------------------------------------------------------------
 */

mt_row *mt_row_make(const mt_store *store, uint64_t arrival, const hc_value *values, size_t count)
{
    size_t head = sizeof(mt_row) + count * sizeof(hc_value), size = head;
    mt_row *row;
    char *bytes;

    for (size_t i = 0; i < count; i++)
        size += mt_has_bytes(values[i].type) ? values[i].size : 0;
    row = mt_allocate(store, size);
    if (row == NULL)
        return NULL;
    row->arrival = arrival;
    atomic_init(&row->holders, 1);
    bytes = (char *)row + head;
    for (size_t i = 0; i < count; i++) {
        row->values[i] = values[i];
        if (!mt_has_bytes(values[i].type))
            continue;
        if (values[i].size > 0)
            memcpy(bytes, values[i].as.bytes, values[i].size);
        row->values[i].as.bytes = bytes;
        bytes += values[i].size;
    }
    return row;
}

void mt_row_release(const mt_store *store, mt_row *row)
{
    if (row != NULL && atomic_fetch_sub(&row->holders, 1) == 1)
        mt_free(store, row);
}

bool mt_row_is_there(const mt_table *table, const hc_value *id, size_t *place)
{
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = mt_compare(&table->rows[middle]->values[0], id);

        if (order == 0) {
            *place = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *place = low;
    return false;
}

static bool make_room(const mt_store *store, mt_table *table, size_t wanted)
{
    size_t capacity = table->capacity == 0 ? 16 : table->capacity;
    mt_row **rows;

    if (wanted <= table->capacity)
        return true;
    while (capacity < wanted)
        capacity *= 2;
    rows = mt_allocate(store, capacity * sizeof(mt_row *));
    if (rows == NULL)
        return false;
    if (table->count > 0)
        memcpy(rows, table->rows, table->count * sizeof(mt_row *));
    mt_free(store, table->rows);
    table->rows = rows;
    table->capacity = capacity;
    return true;
}

bool mt_row_add(const mt_store *store, mt_table *table, mt_row *row)
{
    size_t place;

    if (!make_room(store, table, table->count + 1))
        return false;
    (void)mt_row_is_there(table, &row->values[0], &place);
    memmove(&table->rows[place + 1], &table->rows[place], (table->count - place) * sizeof(mt_row *));
    table->rows[place] = row;
    table->count++;
    return true;
}

/* ---- tables --------------------------------------------------------------------------------------------------------
 */

mt_table *mt_table_make(const mt_store *store, const hc_kind *kind, int32_t version)
{
    mt_table *table = mt_allocate(store, sizeof(*table));

    if (table == NULL)
        return NULL;
    atomic_init(&table->holders, 1);
    table->kind = kind;
    table->version = version;
    return table;
}

static void table_release(const mt_store *store, mt_table *table)
{
    if (atomic_fetch_sub(&table->holders, 1) > 1)
        return;
    for (size_t i = 0; i < table->count; i++)
        mt_row_release(store, table->rows[i]);
    mt_free(store, table->rows);
    mt_free(store, table);
}

static mt_table *table_copy(const mt_store *store, const mt_table *from)
{
    mt_table *copy = mt_table_make(store, from->kind, from->version);

    if (copy == NULL)
        return NULL;
    copy->dropped = from->dropped;
    if (!make_room(store, copy, from->count)) {
        mt_free(store, copy);
        return NULL;
    }
    for (; copy->count < from->count; copy->count++) {
        copy->rows[copy->count] = from->rows[copy->count];
        atomic_fetch_add(&copy->rows[copy->count]->holders, 1);
    }
    return copy;
}

static size_t place_of(const mt_version *version, const hc_kind *kind)
{
    size_t i = 0;

    while (i < version->count && strcmp(version->tables[i]->kind->name, kind->name) != 0)
        i++;
    return i;
}

mt_table *mt_table_of(const mt_version *version, const hc_kind *kind)
{
    size_t i = place_of(version, kind);

    return i < version->count ? version->tables[i] : NULL;
}

/* A table that only this version holds is nobody else's to see. */
mt_table *mt_table_to_change(const mt_run *run, const hc_kind *kind)
{
    mt_table **slot = &run->view->tables[place_of(run->view, kind)];
    mt_table *copy;

    if (atomic_load(&(*slot)->holders) == 1)
        return *slot;
    copy = table_copy(run->conn->store, *slot);
    if (copy == NULL)
        return NULL;
    table_release(run->conn->store, *slot);
    *slot = copy;
    return copy;
}

/* ---- versions ------------------------------------------------------------------------------------------------------
 */

mt_version *mt_version_hold(mt_store *store)
{
    mt_version *version;

    (void)pthread_mutex_lock(&store->lock);
    version = store->current;
    atomic_fetch_add(&version->holders, 1);
    (void)pthread_mutex_unlock(&store->lock);
    return version;
}

mt_version *mt_version_copy(const mt_store *store, const mt_version *from, size_t more)
{
    size_t count = from == NULL ? 0 : from->count;
    mt_version *copy = mt_allocate(store, sizeof(*copy) + (count + more) * sizeof(mt_table *));

    if (copy == NULL)
        return NULL;
    atomic_init(&copy->holders, 1);
    copy->schema = from == NULL ? 0 : from->schema;
    for (; copy->count < count; copy->count++) {
        copy->tables[copy->count] = from->tables[copy->count];
        atomic_fetch_add(&copy->tables[copy->count]->holders, 1);
    }
    return copy;
}

void mt_version_release(const mt_store *store, mt_version *version)
{
    if (version == NULL || atomic_fetch_sub(&version->holders, 1) > 1)
        return;
    for (size_t i = 0; i < version->count; i++)
        table_release(store, version->tables[i]);
    mt_free(store, version);
}

/* ---- whose turn it is ----------------------------------------------------------------------------------------------
 */

/* With the lock held; HC_OK: nobody has the turn. */
static hc_status wait_for_turn(mt_conn *conn, int64_t deadline, hc_error *err)
{
    mt_store *store = conn->store;
    struct timespec until = {(time_t)(deadline / 1000000), (long)(deadline % 1000000 * 1000)};

    while (store->taken) {
        int code = deadline == 0 ? pthread_cond_wait(&store->changed, &store->lock)
                                 : pthread_cond_timedwait(&store->changed, &store->lock, &until);

        if (atomic_load(&conn->interrupted))
            return mt_fail(err, HC_ERR_CANCELLED, NULL, "the operation was interrupted");
        if (code == ETIMEDOUT && store->taken)
            return mt_fail(err, HC_ERR_BUSY, NULL, "another transaction is writing");
    }
    return HC_OK;
}

hc_status mt_turn_take(mt_conn *conn, int64_t deadline, hc_error *err)
{
    mt_store *store = conn->store;
    hc_status status;

    (void)pthread_mutex_lock(&store->lock);
    status = wait_for_turn(conn, deadline, err);
    if (status == HC_OK)
        store->taken = true;
    (void)pthread_mutex_unlock(&store->lock);
    if (status < 0)
        return status;
    conn->writing = true;
    conn->view = mt_version_copy(store, store->current, 0); /* which only the writer replaces */
    if (conn->view != NULL)
        return HC_OK;
    mt_turn_end(conn, false);
    return mt_no_memory(err);
}

void mt_turn_end(mt_conn *conn, bool commit)
{
    mt_store *store = conn->store;
    mt_version *old = conn->view;

    (void)pthread_mutex_lock(&store->lock);
    if (commit) {
        old = store->current;
        store->current = conn->view;
    }
    store->taken = false;
    (void)pthread_cond_broadcast(&store->changed);
    (void)pthread_mutex_unlock(&store->lock);
    conn->view = NULL;
    conn->writing = false;
    mt_version_release(store, old);
}
