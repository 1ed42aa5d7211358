#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/fail.h"
#include "driver/mysql/entry.h"

static hc_status ping(void *handle, int64_t deadline, hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, deadline, err);

    return status < 0 ? status : hc__my_run(conn, "DO 0", NULL, NULL, err);
}

static hc_status server_time(void *handle, int64_t *out, hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, 0, err);

    if (status < 0)
        return status;
    return hc__my_number(conn, "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6))", out, err);
}

/* "10.11.19-MariaDB-0+deb12u1" to its first part. */
static hc_status version(void *handle, char *out, size_t size, hc_error *err)
{
    const hc__my *conn = handle;
    const char *text = mysql_get_server_info(conn->my);
    size_t length = text == NULL ? 0 : strspn(text, "0123456789.");

    if (size <= length)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_TOO_LARGE, "version", "no room for the version");
    memcpy(out, text == NULL ? "" : text, length);
    out[length] = '\0';
    return HC_OK;
}

static const hc_storage_driver driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = HC_CAP_TRANSACTIONS,
    .name = HC__MY_NAME,
    .schemes = "mysql mariadb",
    .open = hc__my_open,
    .close = hc__my_close,
    .limits = hc__my_limits,
    .connect = hc__my_connect,
    .disconnect = hc__my_disconnect,
    .ping = ping,
    .schema = hc__my_schema,
    .migrate = hc__my_migrate,
    .execute = hc__my_execute,
    .explain = hc__my_explain,
    .server_time = server_time,
    .interrupt = hc__my_interrupt,
    .abandon = hc__my_abandon,
    .version = version,
    .position = NULL,
    .backup = NULL,
};

hc_status hc_driver_mysql_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the mysql driver was built for driver ABI %d, the library has %d", HC_DRIVER_ABI,
                             (int)host_abi);
    *out = &driver;
    return HC_OK;
}

#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    return hc_driver_mysql_entry(out, host_abi, err);
}
#endif
