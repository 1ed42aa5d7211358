#include "driver/mysql/mysql.h"

#include <string.h>

#include "base/decimal.h"
#include "base/fail.h"
#include "driver/mysql/entry.h"

hc_status hc__my_ping(void *handle, int64_t deadline, hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, deadline, err);

    return status < 0 ? status : hc__my_run(conn, "DO 0", NULL, NULL, err);
}

hc_status hc__my_server_time(void *handle, int64_t *out, hc_error *err)
{
    hc__my *conn = handle;
    hc_status status = hc__my_enter(conn, hc__my_soon(conn), err);

    if (status < 0)
        return status;
    return hc__my_number(conn, "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(6))", out, err);
}

/* ---- how far the log has come ---- */

struct reach {
    int64_t domain, sequence;
    bool any, unclear;
};

static bool parse(int64_t *out, const char *text, const char *end)
{
    return hc__decimal_parse(out, text, (size_t)(end - text), 0, HC__EXACT) == HC__DECIMAL_OK;
}

/* "domain-server-sequence" by commas. Sequences of one domain rise from server to server. */
static void take_gtids(struct reach *reach, const char *text)
{
    while (text != NULL && *text != '\0') {
        const char *end = text + strcspn(text, ","), *server = memchr(text, '-', (size_t)(end - text));
        const char *last = server == NULL ? NULL : memchr(server + 1, '-', (size_t)(end - server - 1));
        int64_t domain, sequence;

        if (last == NULL || !parse(&domain, text, server) || !parse(&sequence, last + 1, end)) {
            reach->unclear = true;
            return;
        }
        reach->unclear = reach->unclear || (reach->any && domain != reach->domain);
        reach->any = true;
        reach->domain = domain;
        reach->sequence = sequence > reach->sequence ? sequence : reach->sequence;
        text = end + (*end == ',');
    }
}

static void take_reach(const char *first, const char *second, void *data)
{
    take_gtids(data, first);
    take_gtids(data, second);
}

/* What a replica applied, or at least what a first server wrote, which may have been a replica. */
hc_status hc__my_position(void *handle, int64_t deadline, uint64_t *out, hc_error *err)
{
    hc__my *conn = handle;
    struct reach reach = {0};
    bool replica = conn->role == HC_CONNECT_READ;
    hc_status status = hc__my_enter(conn, deadline, err);

    *out = 0;
    if (status < 0)
        return status;
    if (conn->flavor != &hc__my_mariadb || conn->galera)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "MySQL and Galera clusters have no position that a replica can be compared with");
    status = hc__my_run(conn, replica ? "SELECT @@gtid_slave_pos" : "SELECT @@gtid_binlog_pos, @@gtid_slave_pos",
                        take_reach, &reach, err);
    if (status < 0)
        return status;
    if (reach.unclear || (!reach.any && !replica))
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the server has no binary log, or GTIDs of more than one domain");
    *out = (uint64_t)reach.sequence;
    return HC_OK;
}

/* "10.11.19-MariaDB-0+deb12u1" to its first part. */
hc_status hc__my_version(void *handle, char *out, size_t size, hc_error *err)
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

hc_status hc_driver_mysql_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return hc__fail_from(err, HC__MY_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the mysql driver was built for driver ABI %d, the library has %d", HC_DRIVER_ABI,
                             (int)host_abi);
    *out = &hc__my_driver;
    return HC_OK;
}

#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    return hc_driver_mysql_entry(out, host_abi, err);
}
#endif
