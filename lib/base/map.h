/* A hash map from byte strings to pointers. Keys are copied. Seeded, so that chosen keys do not collide. */
#ifndef HC__BASE_MAP_H
#define HC__BASE_MAP_H

#include <stdbool.h>
#include "base/mem.h"

typedef struct hc__map_entry hc__map_entry;
typedef struct hc__map {
    const hc__mem *mem;
    hc__map_entry **slots;
    size_t capacity, count;
    uint64_t seed;
} hc__map;

uint64_t hc__hash(const void *bytes, size_t size, uint64_t seed); /* fast, not cryptographic */
void hc__map_init(hc__map *map, const hc__mem *mem);
void hc__map_free(hc__map *map); /* not the values */
void *hc__map_get(const hc__map *map, const void *key, size_t size);
bool hc__map_put(hc__map *map, const void *key, size_t size, void *value); /* replaces; false without memory */
void *hc__map_remove(hc__map *map, const void *key, size_t size);
/* Walk: *at starts NULL. Returns false at the end. */
bool hc__map_each(const hc__map *map, hc__map_entry **at, const void **key, size_t *size, void **value);

#endif
