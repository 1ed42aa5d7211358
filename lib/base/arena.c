#include "base/arena.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE ((size_t)1024)
#define MAX_SIZE   ((size_t)256 * 1024)

/* Its bytes follow; two words keep them 8-byte aligned also where pointers have four bytes. */
struct hc__arena_block {
    hc__arena_block *next;
    uint64_t align;
};

#ifdef HC_TEST_BUILD
/* With HC_TEST_THIN in the environment an arena keeps nothing in hand: each request is one to the allocator, and so
 * each can be made to fail (S13). It is known by the size of its next block. */
static bool wants_thin(void)
{
    return getenv("HC_TEST_THIN") != NULL;
}
#define is_thin(arena) ((arena)->next_size == 0)
#else
#define wants_thin()   false
#define is_thin(arena) false
#endif

static uint8_t *aligned(uint8_t *at)
{
    return at + (-(uintptr_t)at & 7);
}

void hc__arena_init(hc__arena *arena, const hc__mem *mem, void *first, size_t first_size)
{
    /* What did not fit into much memory does not fit into little more. */
    *arena = (hc__arena){mem, NULL, NULL, NULL, first_size > FIRST_SIZE ? first_size : FIRST_SIZE};
    if (wants_thin()) {
        arena->next_size = 0;
    } else if (first != NULL) {
        uint8_t *at = aligned(first);
        uint8_t *end = (uint8_t *)first + first_size;

        if (at < end) {
            arena->at = at;
            arena->end = at + ((size_t)(end - at) & ~(size_t)7);
        }
    }
}

/* A request larger than the next block gets a block of its own, so that the rest of the one being filled is not lost.
 */
static void *from_new_block(hc__arena *arena, size_t size)
{
    size_t total = arena->next_size < 64 ? 64 : arena->next_size & ~(size_t)7;
    bool own = is_thin(arena) || size > total - sizeof(hc__arena_block);
    hc__arena_block *block;
    uint8_t *bytes;

    if (own)
        total = size + sizeof(hc__arena_block);
    block = hc__alloc(arena->mem, total);
    if (block == NULL)
        return NULL;
    bytes = (uint8_t *)(block + 1);
    if (own && arena->blocks != NULL) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
        return bytes;
    }
    block->next = arena->blocks;
    arena->blocks = block;
    if (own && (arena->at != arena->end || is_thin(arena)))
        return bytes; /* the owner's first memory still has room */
    arena->at = bytes + size;
    arena->end = (uint8_t *)block + total;
    if (arena->next_size < MAX_SIZE)
        arena->next_size = arena->next_size < 64 ? 128 : arena->next_size * 2;
    return bytes;
}

void *hc__arena_alloc(hc__arena *arena, size_t size)
{
    uint8_t *at = arena->at;

    if (size > PTRDIFF_MAX - 64)
        return NULL;
    size = size == 0 ? 8 : (size + 7) & ~(size_t)7;
    if (size > (size_t)(arena->end - at))
        return from_new_block(arena, size);
    arena->at = at + size;
    return at;
}

void *hc__arena_zero(hc__arena *arena, size_t count, size_t size)
{
    size_t bytes;
    void *out;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    out = hc__arena_alloc(arena, bytes);
    if (out != NULL)
        memset(out, 0, bytes);
    return out;
}

char *hc__arena_text(hc__arena *arena, const void *bytes, size_t size)
{
    char *out = size < PTRDIFF_MAX ? hc__arena_alloc(arena, size + 1) : NULL;

    if (out == NULL)
        return NULL;
    if (size > 0)
        memcpy(out, bytes, size);
    out[size] = '\0';
    return out;
}

void *hc__arena_copy(hc__arena *arena, const void *bytes, size_t size)
{
    void *out = hc__arena_alloc(arena, size);

    if (out != NULL && size > 0)
        memcpy(out, bytes, size);
    return out;
}

void hc__arena_free(hc__arena *arena)
{
    hc__arena_block *block = arena->blocks;

    while (block != NULL) {
        hc__arena_block *next = block->next;

        hc__free(arena->mem, block);
        block = next;
    }
    hc__arena_init(arena, arena->mem, NULL, 0);
}
