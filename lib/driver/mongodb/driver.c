#include "driver/mongodb/mongodb.h"

#include "base/fail.h"
#include "driver/mongodb/entry.h"

static const hc_storage_driver driver = {
    .struct_size = sizeof(hc_storage_driver),
    .abi = HC_DRIVER_ABI,
    .capabilities = 0,
    .name = HC__MONGO_NAME,
    .schemes = "mongodb mongodb+srv",
    .open = hc__mongo_open,
    .close = hc__mongo_close,
    .limits = hc__mongo_limits,
    .connect = hc__mongo_connect,
    .disconnect = hc__mongo_disconnect,
    .ping = hc__mongo_ping,
    .schema = hc__mongo_schema,
    .migrate = hc__mongo_migrate,
    .execute = hc__mongo_execute,
    .explain = hc__mongo_explain,
    .server_time = hc__mongo_server_time,
    .interrupt = hc__mongo_interrupt,
    .abandon = hc__mongo_abandon,
    .version = hc__mongo_version,
    .position = NULL,
    .backup = NULL,
};

hc_status hc_driver_mongodb_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    *out = NULL;
    if (host_abi != HC_DRIVER_ABI)
        return hc__fail_from(err, HC__MONGO_NAME, HC_ERR_UNSUPPORTED, NULL,
                             "the mongodb driver was built for driver ABI %d, the library has %d", HC_DRIVER_ABI,
                             (int)host_abi);
    *out = &driver;
    return HC_OK;
}

#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err)
{
    return hc_driver_mongodb_entry(out, host_abi, err);
}
#endif
