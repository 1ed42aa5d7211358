#include "memory.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic int64_t live, countdown[2], refused, asked;
static _Atomic bool after;
static sqlite3_mem_methods real;

/* Whether this allocation is one that fails. A countdown of 0 is off. */
static bool fails(memory_of whose)
{
    int64_t left = atomic_load(&countdown[whose]);

    if (left == 0)
        return false;
    atomic_fetch_add(&asked, 1);
    if (left > 1) {
        atomic_store(&countdown[whose], left - 1);
        return false;
    }
    if (!atomic_load(&after))
        atomic_store(&countdown[whose], 0);
    atomic_fetch_add(&refused, 1);
    return true;
}

static void *allocate(size_t size, void *data)
{
    void *block = fails(MEMORY_OF_LIBRARY) ? NULL : malloc(size);

    (void)data;
    if (block != NULL)
        atomic_fetch_add(&live, 1);
    return block;
}

static void *reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return fails(MEMORY_OF_LIBRARY) ? NULL : realloc(block, size);
}

static void release(void *block, void *data)
{
    (void)data;
    atomic_fetch_sub(&live, 1);
    free(block);
}

const hc_allocator memory_allocator = {sizeof(hc_allocator), allocate, reallocate, release, NULL};

static void *sqlite_malloc(int size)
{
    return fails(MEMORY_OF_SQLITE) ? NULL : real.xMalloc(size);
}

static void *sqlite_realloc(void *block, int size)
{
    return fails(MEMORY_OF_SQLITE) ? NULL : real.xRealloc(block, size);
}

void memory_wrap_sqlite(void)
{
    sqlite3_mem_methods methods;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real) != SQLITE_OK)
        abort();
    methods = real;
    methods.xMalloc = sqlite_malloc;
    methods.xRealloc = sqlite_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK)
        abort();
}

void memory_fail(memory_of whose, int64_t n, bool and_after)
{
    if (whose == MEMORY_OF_LIBRARY && and_after)
        setenv("HC_TEST_THIN", "1", 1);
    atomic_store(&refused, 0);
    atomic_store(&asked, 0);
    atomic_store(&after, and_after);
    atomic_store(&countdown[whose], n);
}

int64_t memory_restore(void)
{
    unsetenv("HC_TEST_THIN");
    atomic_store(&countdown[MEMORY_OF_LIBRARY], 0);
    atomic_store(&countdown[MEMORY_OF_SQLITE], 0);
    return atomic_load(&refused);
}

int64_t memory_asked(void)
{
    return atomic_load(&asked);
}

int64_t memory_live(void)
{
    return atomic_load(&live);
}
