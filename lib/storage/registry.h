/* Which driver serves a URI. */
#ifndef HC__STORAGE_REGISTRY_H
#define HC__STORAGE_REGISTRY_H

#include <stdbool.h>

#include "base/mem.h"
#include "homeconnect/driver/storage.h"

/* *module: what hc__registry_unload() takes; NULL for a driver that is linked in. Required slots are checked here.
 * `documents`: for a store of documents alone; what is said of it names document_uri all the same as storage_uri. */
hc_status hc__registry_find(const hc_storage_driver **out, void **module, const hc__mem *mem, const char *uri,
                            const char *driver_path, bool documents, hc_error *err);
void hc__registry_unload(void *module);

#endif
