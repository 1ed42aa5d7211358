#include "driver/postgres/postgres.h"

#include <string.h>

#include "base/fail.h"
#include "driver/postgres/entry.h"

static hc_status ping(void *handle, int64_t deadline, hc_error *err)
{
    hc__pg *conn = handle;
    hc_status status = hc__pg_enter(conn, deadline, err);

    return status < 0 ? status : hc__pg_run(conn, "SELECT 1", NULL, err);
}

static hc_status server_time(void *handle, int64_t *out, hc_error *err)
{
    hc__pg *conn = handle;
    hc_status status = hc__pg_enter(conn, hc__pg_soon(conn), err);

    if (status < 0)
        return status;
    return hc__pg_run(conn, "SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint", out, err);
}

/* Of the log: behind the last commit here, or as far as a standby has replayed it. */
static hc_status position(void *handle, int64_t deadline, uint64_t *out, hc_error *err)
{
    hc__pg *conn = handle;
    int64_t bytes = 0;
    hc_status status = hc__pg_enter(conn, deadline, err);

    *out = 0;
    if (status == HC_OK)
        status = hc__pg_run(conn,
                            "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE "
                            "pg_current_wal_lsn() END - '0/0')::bigint",
                            &bytes, err);
    if (status == HC_OK)
        *out = (uint64_t)bytes;
    return status;
}

/* "15.18 (Debian 15.18-0+deb12u1)" to its first word. */
static hc_status version(void *handle, char *out, size_t size, hc_error *err)
{
    const hc__pg *conn = handle;
    const char *text = PQparameterStatus(conn->pg, "server_version");
    size_t length = text == NULL ? 0 : strcspn(text, " ");

    if (size <= length)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_TOO_LARGE, "version", "no room for the version");
    memcpy(out, text == NULL ? "" : text, length);
    out[length] = '\0';
    return HC_OK;
}

static const hc_storage_driver driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS | HC_CAP_LONG_LISTS,
    .name = HC__PG_NAME,
    .schemes = "postgresql postgres",
    .open = hc__pg_open,
    .close = hc__pg_close,
    .limits = hc__pg_limits,
    .connect = hc__pg_connect,
    .disconnect = hc__pg_disconnect,
    .ping = ping,
    .schema = hc__pg_schema,
    .migrate = hc__pg_migrate,
    .execute = hc__pg_execute,
    .explain = hc__pg_explain,
    .server_time = server_time,
    .interrupt = hc__pg_interrupt,
    .abandon = hc__pg_abandon,
    .version = version,
    .position = position,
    .backup = NULL,
};

hc_status hc_driver_postgres_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return hc__fail_from(err, HC__PG_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the postgres driver was built for driver ABI %d, the library has %d", HC_DRIVER_ABI,
                             (int)host_abi);
    *out = &driver;
    return HC_OK;
}

#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    return hc_driver_postgres_entry(out, host_abi, err);
}
#endif
