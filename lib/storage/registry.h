/* Which driver serves a URI. */
#ifndef HC__STORAGE_REGISTRY_H
#define HC__STORAGE_REGISTRY_H

#include "base/mem.h"
#include "homeconnect/driver/storage.h"

/* *module: what hc__registry_unload() takes; NULL for a driver that is linked in. Required slots are checked here. */
hc_status hc__registry_find(const hc_storage_driver **out, void **module, const hc__mem *mem, const char *uri,
                            const char *driver_path, hc_error *err);
void hc__registry_unload(void *module);

#endif
