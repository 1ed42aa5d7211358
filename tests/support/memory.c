#include "memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Atomic int64_t live, countdown[2], refused, asked;
static _Atomic bool after;
static bool thin;
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

/* ---- what became of them ---- */

#define FUNCTIONS 256

static struct outcome {
    char name[64];
    int64_t points, refused, failed;
} outcomes[FUNCTIONS];
static struct outcome *now = outcomes; /* the first is of no function */

/* One write, so that the lines of processes that end at once stay whole. */
static void add_to_file(void)
{
    static char lines[FUNCTIONS * 120];
    const char *path = getenv("HC_TEST_POINTS");
    size_t used = 0;
    int file;

    for (int i = 0; i < FUNCTIONS; i++)
        if (outcomes[i].refused > 0)
            used += (size_t)snprintf(lines + used, sizeof lines - used, "%s %" PRId64 " %" PRId64 " %" PRId64 "\n",
                                     outcomes[i].name[0] == '\0' ? "-" : outcomes[i].name, outcomes[i].points,
                                     outcomes[i].refused, outcomes[i].failed);
    file = path == NULL || used == 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0 && write(file, lines, used) != (ssize_t)used)
        abort();
    if (file >= 0)
        close(file);
}

void memory_in(const char *function)
{
    static pid_t told;
    int i = 1;

    if (told != getpid()) { /* each test has a process of its own */
        told = getpid();
        memset(outcomes, 0, sizeof outcomes);
        atexit(add_to_file);
    }
    while (i < FUNCTIONS - 1 && outcomes[i].name[0] != '\0' && strcmp(outcomes[i].name, function) != 0)
        i++;
    now = function[0] == '\0' ? outcomes : &outcomes[i];
    snprintf(now->name, sizeof now->name, "%s", function);
}

void memory_told(bool failed)
{
    now->failed += failed;
}

void memory_thin(void)
{
    thin = true;
}

void memory_fail(memory_of whose, int64_t n, bool and_after)
{
    if (whose == MEMORY_OF_LIBRARY && (and_after || thin))
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
    now->points += atomic_load(&refused) > 0;
    now->refused += atomic_load(&refused);
    return atomic_load(&refused);
}

int64_t memory_each(memory_of whose)
{
    const char *each = getenv("HC_TEST_EACH");
    long out = each == NULL || memory_all() || whose == MEMORY_OF_LIBRARY ? 1 : strtol(each, NULL, 10);

    return out < 1 ? 1 : out;
}

int64_t memory_first(memory_of whose)
{
    return 1 + getpid() % memory_each(whose);
}

bool memory_all(void)
{
    const char *each = getenv("HC_TEST_EACH"), *is_long = getenv("HC_LONG");

    return (each != NULL && strcmp(each, "1") == 0) || (is_long != NULL && strcmp(is_long, "1") == 0);
}

int64_t memory_hold(void)
{
    int64_t library = atomic_exchange(&countdown[MEMORY_OF_LIBRARY], 0);

    return library + atomic_exchange(&countdown[MEMORY_OF_SQLITE], 0); /* one of them is off */
}

void memory_resume(memory_of whose, int64_t held)
{
    atomic_store(&countdown[whose], held);
}

int64_t memory_asked(void)
{
    return atomic_load(&asked);
}

int64_t memory_live(void)
{
    return atomic_load(&live);
}
