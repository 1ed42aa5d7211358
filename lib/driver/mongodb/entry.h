/* How the built-in driver is reached. */
#ifndef HC__DRIVER_MONGODB_ENTRY_H
#define HC__DRIVER_MONGODB_ENTRY_H

#include "homeconnect/driver/storage.h"

hc_status hc_driver_mongodb_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#ifdef HC_DRIVER_MODULE
HC_API hc_status hc_driver_entry(const hc_storage_driver **out, int32_t host_abi, hc_error *err);
#endif

#endif
