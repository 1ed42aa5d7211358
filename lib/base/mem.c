#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bug.h"
#include "base/fail.h"

static void *libc_allocate(size_t size, void *data)
{
    (void)data;
    return malloc(size);
}

static void *libc_reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return realloc(block, size);
}

static void libc_release(void *block, void *data)
{
    (void)data;
    free(block);
}

hc_status hc__mem_init(hc__mem *mem, const hc_allocator *host, hc_error *err)
{
    int given = 0;

    mem->fn = (hc_allocator){sizeof(hc_allocator), libc_allocate, libc_reallocate, libc_release, NULL};
    if (host == NULL)
        return HC_OK;
    if (host->struct_size < sizeof(hc_allocator))
        return hc__fail(err, HC_ERR_INVALID, "allocator", "struct_size is not set: use HC_ALLOCATOR_INIT");
    given += host->allocate != NULL;
    given += host->reallocate != NULL;
    given += host->release != NULL;
    if (given != 0 && given != 3)
        return hc__fail(err, HC_ERR_INVALID, "allocator", "set all three functions of the allocator or none");
    if (given == 3)
        mem->fn = *host;
    return HC_OK;
}

static bool product(size_t *out, size_t count, size_t size)
{
    return !__builtin_mul_overflow(count, size, out) && *out <= PTRDIFF_MAX;
}

void *hc__alloc(const hc__mem *mem, size_t size)
{
    if (size > PTRDIFF_MAX)
        return NULL;
    return mem->fn.allocate(size == 0 ? 1 : size, mem->fn.data);
}

void *hc__alloc_zero(const hc__mem *mem, size_t count, size_t size)
{
    size_t bytes;
    void *block;

    if (!product(&bytes, count, size))
        return NULL;
    block = hc__alloc(mem, bytes);
    if (block != NULL)
        memset(block, 0, bytes);
    return block;
}

void *hc__realloc(const hc__mem *mem, void *block, size_t count, size_t size)
{
    size_t bytes;

    if (!product(&bytes, count, size))
        return NULL;
    if (block == NULL)
        return hc__alloc(mem, bytes);
    return mem->fn.reallocate(block, bytes == 0 ? 1 : bytes, mem->fn.data);
}

void hc__free(const hc__mem *mem, void *block)
{
    if (block != NULL && !hc__bug("leak"))
        mem->fn.release(block, mem->fn.data);
}

char *hc__strndup(const hc__mem *mem, const char *text, size_t size)
{
    char *copy = size < PTRDIFF_MAX ? hc__alloc(mem, size + 1) : NULL;

    if (copy == NULL)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}
