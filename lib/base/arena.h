/* Bump allocation: many small pieces, freed together. Not thread-safe. */
#ifndef HC__BASE_ARENA_H
#define HC__BASE_ARENA_H

#include "base/mem.h"

typedef struct hc__arena_block hc__arena_block;

typedef struct hc__arena {
    const hc__mem *mem;
    hc__arena_block *blocks; /* newest first */
    uint8_t *at, *end;       /* free part of the newest block */
    size_t next_size;        /* of the next block; doubles up to 256 KiB */
} hc__arena;

/* `first` (may be NULL) is memory of the owner that is used before any block is taken; it is never freed here. The first
 * block has its size, and at least 1 KiB. */
void hc__arena_init(hc__arena *arena, const hc__mem *mem, void *first, size_t first_size);
void *hc__arena_alloc(hc__arena *arena, size_t size);                    /* 8-byte aligned; NULL without memory */
void *hc__arena_zero(hc__arena *arena, size_t count, size_t size);       /* zeroed, overflow-checked */
char *hc__arena_text(hc__arena *arena, const void *bytes, size_t size);  /* NUL-terminated copy */
void *hc__arena_copy(hc__arena *arena, const void *bytes, size_t size);
void hc__arena_free(hc__arena *arena);                                   /* all blocks; arena is reusable */

#endif
