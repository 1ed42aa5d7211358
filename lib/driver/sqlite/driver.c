#include "driver/sqlite/sqlite.h"

#include <string.h>

#include "base/fail.h"
#include "base/time.h"
#include "driver/sqlite/entry.h"

static hc_status server_time(void *conn, int64_t *out, hc_error *err)
{
    (void)conn;
    (void)err;
    *out = hc__os_now();
    return HC_OK;
}

static hc_status version(void *conn, char *out, size_t size, hc_error *err)
{
    size_t length = strlen(sqlite3_libversion());

    (void)conn;
    if (size <= length)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_TOO_LARGE, "version", "no room for the version");
    memcpy(out, sqlite3_libversion(), length + 1);
    return HC_OK;
}

static const hc_storage_driver driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS | HC_CAP_STAMP | HC_CAP_ONE_WRITER | HC_CAP_BACKUP,
    .name = HC__SQLITE_NAME,
    .schemes = "sqlite",
    .open = hc__sqlite_open,
    .close = hc__sqlite_close,
    .limits = hc__sqlite_limits,
    .connect = hc__sqlite_connect,
    .disconnect = hc__sqlite_disconnect,
    .ping = hc__sqlite_ping,
    .schema = hc__sqlite_schema,
    .migrate = hc__sqlite_migrate,
    .execute = hc__sqlite_execute,
    .explain = hc__sqlite_explain,
    .server_time = server_time,
    .interrupt = hc__sqlite_interrupt,
    .abandon = hc__sqlite_abandon,
    .version = version,
    .position = NULL,
    .backup = hc__sqlite_backup,
};

hc_status hc_driver_sqlite_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return hc__fail_from(err, HC__SQLITE_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the sqlite driver was built for driver ABI %d, the library has %d", HC_DRIVER_ABI,
                             (int)host_abi);
    *out = &driver;
    return HC_OK;
}

#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    return hc_driver_sqlite_entry(out, host_abi, err);
}
#endif
