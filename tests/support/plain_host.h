/* What a driver under test is given as its host: plain memory, and a log that can be looked into. */
#ifndef SUPPORT_PLAIN_HOST_H
#define SUPPORT_PLAIN_HOST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "homeconnect/driver/storage.h"

static void *shelf_allocate(size_t size, void *data)
{
    (void)data;
    return malloc(size);
}

static void *shelf_reallocate(void *block, size_t size, void *data)
{
    (void)data;
    return realloc(block, size);
}

static void shelf_release(void *block, void *data)
{
    (void)data;
    free(block);
}

static char shelf_lines[4096]; /* what was logged */

static void shelf_log(int32_t level, const char *line, void *data)
{
    size_t size = strlen(shelf_lines);

    (void)level;
    (void)data;
    (void)snprintf(shelf_lines + size, sizeof(shelf_lines) - size, "%s\n", line);
}

static int64_t shelf_now(void *data)
{
    (void)data;
    return 0;
}

static hc_allocator shelf_memory = {sizeof(hc_allocator), shelf_allocate, shelf_reallocate, shelf_release, NULL};
static const hc_host shelf_host = {sizeof(hc_host), HC_DRIVER_ABI, 0, &shelf_memory, shelf_log, shelf_now, NULL};

#endif
