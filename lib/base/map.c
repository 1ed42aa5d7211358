#include "base/map.h"

#include <string.h>

#include "base/thread.h"

#define FIRST_CAPACITY ((size_t)16)

__extension__ typedef unsigned __int128 wide;

struct hc__map_entry {
    hc__map_entry *next;
    void *value;
    uint64_t hash;
    size_t size;
    char key[];
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Fewer than eight bytes as one number, the first lowest: where two loads overlap they say the same. */
static uint64_t tail(const uint8_t *at, size_t size)
{
    uint32_t first, last;

    if (size >= 4) {
        memcpy(&first, at, 4);
        memcpy(&last, at + size - 4, 4);
        return first | (uint64_t)last << (8 * (size - 4));
    }
    if (size == 0)
        return 0;
    return at[0] | (uint64_t)at[size / 2] << (8 * (size / 2)) | (uint64_t)at[size - 1] << (8 * (size - 1));
}

static uint64_t eight(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, 8);
    return word;
}

/* Both factors of each product have a part that only the seed tells: else who knows the constants makes one of them 0,
 * and what stands in the other is lost. */
uint64_t hc__hash(const void *bytes, size_t size, uint64_t seed)
{
    static const uint64_t k0 = UINT64_C(0x9e3779b97f4a7c15);
    static const uint64_t k1 = UINT64_C(0xd6e8feb86659fd93);
    const uint8_t *at = bytes, *end;
    uint64_t other = mix(seed ^ k0, k1), hash = seed ^ k1;

    if (size < 8)
        return mix(mix(tail(at, size) ^ other, hash) ^ size, k0);
    end = at + size;
    for (; end - at > 16; at += 16)
        hash = mix(eight(at) ^ other, eight(at + 8) ^ hash);
    at = size < 16 ? at : end - 16;
    return mix(mix(eight(at) ^ other, eight(end - 8) ^ hash) ^ size, k0);
}

void hc__map_init(hc__map *map, const hc__mem *mem)
{
    *map = (hc__map){mem, NULL, 0, 0, 0};
    if (!hc__os_random(&map->seed, sizeof(map->seed)))
        map->seed = (uint64_t)(uintptr_t)map; /* still differs between processes by the layout of memory */
}

void hc__map_free(hc__map *map)
{
    for (size_t i = 0; i < map->capacity; i++) {
        hc__map_entry *entry = map->slots[i];

        while (entry != NULL) {
            hc__map_entry *next = entry->next;

            hc__free(map->mem, entry);
            entry = next;
        }
    }
    hc__free(map->mem, map->slots);
    map->slots = NULL;
    map->capacity = 0;
    map->count = 0;
}

/* The link that points at the entry of a key, or at the end of its chain. There are slots. */
static hc__map_entry **find(const hc__map *map, const void *key, size_t size, uint64_t hash)
{
    hc__map_entry **link = &map->slots[hash & (map->capacity - 1)];

    while (*link != NULL) {
        const hc__map_entry *entry = *link;

        if (entry->hash == hash && entry->size == size && (size == 0 || memcmp(entry->key, key, size) == 0))
            break;
        link = &(*link)->next;
    }
    return link;
}

void *hc__map_get(const hc__map *map, const void *key, size_t size)
{
    const hc__map_entry *entry;

    if (map->count == 0)
        return NULL;
    entry = *find(map, key, size, hc__hash(key, size, map->seed));
    return entry == NULL ? NULL : entry->value;
}

static bool grow(hc__map *map)
{
    size_t capacity = map->capacity == 0 ? FIRST_CAPACITY : map->capacity * 2;
    hc__map_entry **slots = hc__alloc_zero(map->mem, capacity, sizeof(hc__map_entry *));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < map->capacity; i++) {
        hc__map_entry *entry = map->slots[i];

        while (entry != NULL) {
            hc__map_entry *next = entry->next;
            hc__map_entry **slot = &slots[entry->hash & (capacity - 1)];

            entry->next = *slot;
            *slot = entry;
            entry = next;
        }
    }
    hc__free(map->mem, map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

bool hc__map_put(hc__map *map, const void *key, size_t size, void *value)
{
    uint64_t hash = hc__hash(key, size, map->seed);
    hc__map_entry **link;
    hc__map_entry *entry;

    if (map->capacity > 0) {
        link = find(map, key, size, hash);
        if (*link != NULL) {
            (*link)->value = value;
            return true;
        }
    }
    /* Full slots only make chains longer, so a growth that fails is an error just when there is no slot at all. */
    if (map->count >= map->capacity && !grow(map) && map->capacity == 0)
        return false;
    if (size > PTRDIFF_MAX - sizeof(*entry))
        return false;
    entry = hc__alloc(map->mem, sizeof(*entry) + size);
    if (entry == NULL)
        return false;
    *entry = (hc__map_entry){NULL, value, hash, size};
    if (size > 0)
        memcpy(entry->key, key, size);
    link = &map->slots[hash & (map->capacity - 1)];
    entry->next = *link;
    *link = entry;
    map->count++;
    return true;
}

void *hc__map_remove(hc__map *map, const void *key, size_t size)
{
    hc__map_entry **link;
    hc__map_entry *entry;
    void *value;

    if (map->count == 0)
        return NULL;
    link = find(map, key, size, hc__hash(key, size, map->seed));
    entry = *link;
    if (entry == NULL)
        return NULL;
    value = entry->value;
    *link = entry->next;
    hc__free(map->mem, entry);
    map->count--;
    return value;
}

bool hc__map_each(const hc__map *map, hc__map_entry **at, const void **key, size_t *size, void **value)
{
    hc__map_entry *entry = NULL;
    size_t slot = 0;

    if (*at != NULL) {
        entry = (*at)->next;
        slot = ((*at)->hash & (map->capacity - 1)) + 1;
    }
    while (entry == NULL && slot < map->capacity)
        entry = map->slots[slot++];
    *at = entry;
    if (entry == NULL)
        return false;
    if (key != NULL)
        *key = entry->key;
    if (size != NULL)
        *size = entry->size;
    if (value != NULL)
        *value = entry->value;
    return true;
}
