#include "faulty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/driver/storage.h"

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);

extern faulty faulty_plan;
HC_API faulty faulty_plan; /* dlsym() finds it */

static const hc_storage_driver *real;

static bool fails(hc_error *err)
{
    int left = atomic_load(&faulty_plan.fail_in);

    if (left == 0 || atomic_fetch_sub(&faulty_plan.fail_in, 1) != 1)
        return false;
    if (err != NULL) {
        *err = (hc_error){.status = atomic_load(&faulty_plan.status), .flags = HC_ERROR_WRITTEN_NO};
        snprintf(err->origin, sizeof err->origin, "faulty");
        snprintf(err->message, sizeof err->message, "this trip fails");
    }
    return true;
}

static hc_status open_store(void **store, const hc_host *host, const char *uri, hc_error *err)
{
    size_t size = strlen(uri) + 1;
    char *plain = malloc(size);
    hc_status status;

    if (plain == NULL)
        return HC_ERR_NO_MEMORY;
    memcpy(plain, uri, size);
    memcpy(plain, "sqlite", 6); /* as long as faulty */
    status = real->open(store, host, plain, err);
    free(plain);
    return status;
}

static hc_status connect_one(void **conn, void *store, int32_t role, int64_t deadline, hc_error *err)
{
    *conn = NULL;
    return fails(err) ? (hc_status)atomic_load(&faulty_plan.status) : real->connect(conn, store, role, deadline, err);
}

static hc_status execute(void *conn, hc_batch *batch, hc_error *err)
{
    hc_batch undo = {.struct_size = sizeof undo, .flags = HC_BATCH_ROLLBACK};

    if ((batch->flags & HC_BATCH_ROLLBACK) != 0 || !fails(err))
        return real->execute(conn, batch, err);
    (void)real->execute(conn, &undo, NULL);
    batch->failed_op = batch->op_count;
    batch->fault = HC_FAULT_NONE;
    batch->fault_index = HC_INDEX_ANY;
    return (hc_status)atomic_load(&faulty_plan.status);
}

hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    static hc_storage_driver table;
    hc_status status = hc_driver_sqlite_entry(&real, host_abi, err);

    *out = NULL;
    if (status < 0)
        return status;
    table = *real;
    table.name = "faulty";
    table.schemes = "faulty";
    table.open = open_store;
    table.connect = connect_one;
    table.execute = execute;
    *out = &table;
    return HC_OK;
}
