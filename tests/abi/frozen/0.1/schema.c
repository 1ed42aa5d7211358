/* Migrations: each is applied whole or not at all, once, and must be the one that was applied. */
#include "memtable.h"

#include <string.h>

/* ---- what a migration did, as a number ------------------------------------------------------------------------------
 */

static uint64_t mix(uint64_t print, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        print = (print ^ at[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return print;
}

static uint64_t mix_name(uint64_t print, const char *name, int32_t type)
{
    return mix(mix(print, name, strlen(name) + 1), &type, sizeof(type));
}

static uint64_t print_of(const hc_migration *migration)
{
    uint64_t print = UINT64_C(0xcbf29ce484222325);

    for (uint32_t i = 0; i < migration->step_count; i++) {
        const hc_step *step = &migration->steps[i];
        const hc_kind *kind = step->kind;

        print = mix_name(print, kind->name, step->what);
        for (uint32_t f = 0; step->what == HC_STEP_CREATE_KIND && f < kind->field_count; f++) {
            if (kind->fields[f].since <= migration->version)
                print = mix_name(print, kind->fields[f].name, kind->fields[f].type);
        }
        if (step->what == HC_STEP_ADD_FIELD && step->position < kind->field_count)
            print = mix_name(print, kind->fields[step->position].name, kind->fields[step->position].type);
        if (step->what > HC_STEP_ADD_FIELD && step->position < kind->index_count)
            print = mix_name(print, kind->indexes[step->position].name, (int32_t)kind->indexes[step->position].flags);
    }
    return print;
}

/* ---- steps ---------------------------------------------------------------------------------------------------------
 */

static hc_status create_kind(const mt_run *run, const hc_kind *kind, int32_t version)
{
    mt_version *view = run->conn->view;
    mt_table *table;

    if (mt_table_of(view, kind) != NULL)
        return mt_fail(run->err, HC_ERR_SCHEMA, NULL, "the table %s is there already", kind->name);
    table = mt_table_make(run->conn->store, kind, version);
    if (table == NULL)
        return mt_no_memory(run->err);
    view->tables[view->count++] = table;
    return HC_OK;
}

/* Rows have room for all fields of their kind from the first day on, with defaults in those that come later. So a new
 * field, and a new index, only has to be seen. */
static hc_status apply_step(const mt_run *run, const hc_step *step, int32_t version)
{
    const mt_table *there = mt_table_of(run->conn->view, step->kind);
    bool index = step->what == HC_STEP_CREATE_INDEX || step->what == HC_STEP_DROP_INDEX;
    mt_table *table;

    if (step->what == HC_STEP_CREATE_KIND)
        return create_kind(run, step->kind, version);
    if (there == NULL || step->position >= (index ? there->kind->index_count : there->kind->field_count))
        return mt_fail(run->err, HC_ERR_SCHEMA, NULL, "a migration changes what is not there in %s", step->kind->name);
    table = mt_table_to_change(run, step->kind);
    if (table == NULL)
        return mt_no_memory(run->err);
    table->version = version;
    if (step->what == HC_STEP_DROP_INDEX)
        table->dropped |= UINT32_C(1) << step->position;
    return HC_OK;
}

static hc_status apply(mt_conn *conn, const hc_migration *migration, hc_error *err)
{
    mt_run run = {.conn = conn, .err = err};
    mt_version *roomy = mt_version_copy(conn->store, conn->view, migration->step_count);
    hc_status status = HC_OK;

    if (roomy == NULL)
        return mt_no_memory(err);
    mt_version_release(conn->store, conn->view);
    conn->view = run.view = roomy;
    for (uint32_t i = 0; i < migration->step_count && status == HC_OK; i++)
        status = apply_step(&run, &migration->steps[i], migration->version);
    roomy->schema = migration->version;
    return status;
}

/* ---- migrations ----------------------------------------------------------------------------------------------------
 */

hc_status mt_schema(void *handle, int32_t *version, hc_error *err)
{
    mt_conn *conn = handle;
    mt_version *view = mt_version_hold(conn->store);

    (void)err;
    *version = view->schema;
    mt_version_release(conn->store, view);
    return HC_OK;
}

/* As the writer, so that two connections do not apply one migration twice. */
static hc_status migrate_one(mt_conn *conn, const hc_migration *migration, int64_t deadline, hc_error *err)
{
    mt_store *store = conn->store;
    hc_status status = mt_turn_take(conn, deadline, err);
    bool applied;

    if (status < 0)
        return status;
    applied = migration->version <= conn->view->schema;
    if (migration->version < 1 || migration->version > MT_MIGRATIONS)
        status = mt_fail(err, HC_ERR_SCHEMA, NULL, "a migration with the version %d", (int)migration->version);
    else if (!applied)
        status = apply(conn, migration, err);
    else if (store->prints[migration->version - 1] != print_of(migration))
        status = mt_fail(err, HC_ERR_SCHEMA, NULL, "migration %d did something else here", (int)migration->version);
    if (status == HC_OK && !applied)
        store->prints[migration->version - 1] = print_of(migration);
    mt_turn_end(conn, status == HC_OK && !applied);
    return status;
}

hc_status mt_migrate(void *handle, const hc_migration *list, size_t count, int64_t deadline, hc_error *err)
{
    hc_status status = HC_OK;
    int32_t version = 0;

    for (size_t i = 0; i < count && status == HC_OK; i++)
        status = migrate_one(handle, &list[i], deadline, err);
    if (status < 0)
        return status;
    (void)mt_schema(handle, &version, err);
    if (count > 0 && version > list[count - 1].version)
        return mt_fail(err, HC_ERR_SCHEMA, NULL, "the store has schema version %d, newer than %d", (int)version,
                       (int)list[count - 1].version);
    return HC_OK;
}
