#include "starved.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"
#include "memory.h"

#define FUNCTIONS 256
#define TIMES     4  /* calls of one function that are starved by a test: one in each way */
#define ALL_TIMES 16 /* the same, when all are asked for: of several calls */
#define CLOSE     24 /* points that are taken one by one; then they lie ever wider apart, unless all are asked for */
#define LAST      20000

static struct called {
    char name[64];
    int times;
} called[FUNCTIONS];

static bool on;
static pthread_t owner;
static bool keyed; /* the next call has an idempotency key, and only once */
static int depth;  /* calls inside of each other: only the outermost starves */
static memory_of whose;
static bool and_after;
static int64_t point, held; /* 0: no longer */

bool starved_is_on(void)
{
    return on;
}

void starved_begin(void)
{
    on = getenv("HC_TEST_STARVED") != NULL && house_is_a_file();
    if (!on)
        return;
    memory_wrap_sqlite();
    house_allocator = &memory_allocator;
    owner = pthread_self();
}

static struct called *find(const char *call)
{
    size_t size = strcspn(call, "("), i = 0;

    while (i < FUNCTIONS - 1 && called[i].name[0] != '\0' &&
           (strlen(called[i].name) != size || memcmp(called[i].name, call, size) != 0))
        i++;
    if (called[i].name[0] == '\0' && size < sizeof called[i].name)
        memcpy(called[i].name, call, size);
    return &called[i];
}

/* A record that was refused its JSON stays so. */
static bool can_be_made_again(const char *call)
{
    return strncmp(call, "hc_", 3) == 0 && strstr(call, "_from_json(") == NULL;
}

static void arm(void)
{
    if (point > 0)
        memory_fail(whose, point, and_after);
}

void starved_try(const char *call)
{
    struct called *of;

    if (!on || !pthread_equal(owner, pthread_self()))
        return;
    if (++depth > 1) {
        held = depth == 2 ? memory_hold() : held;
        return;
    }
    of = find(call);
    point = can_be_made_again(call) && !keyed && of->times < (memory_all() ? ALL_TIMES : TIMES) ? 1 : 0;
    keyed = strncmp(call, "hc_session_set_idempotency_key(", 31) == 0;
    whose = of->times % 2 == 0 ? MEMORY_OF_LIBRARY : MEMORY_OF_SQLITE;
    and_after = of->times / 2 % 2 != 0;
    of->times++;
    memory_in(of->name);
    arm();
}

bool starved_again(hc_status status, hc_status want)
{
    int64_t refused;

    if (!on || !pthread_equal(owner, pthread_self()))
        return false;
    if (depth > 1) {
        if (--depth == 1)
            memory_resume(whose, held);
        return false;
    }
    refused = point > 0 ? memory_restore() : 0;
    if (refused > 0 && status == HC_ERR_NO_MEMORY && want != HC_ERR_NO_MEMORY) {
        memory_told(true);
        point += memory_all() ? 1 : 1 + point / CLOSE;
        ck_assert_int_lt(point, LAST);
        arm();
        return true;
    }
    if (refused > 0)
        memory_told(false);
    if (refused > 0 && want < 0 && status == want) { /* what it wrote late may be missing */
        point = 0;
        return true;
    }
    depth = 0;
    memory_in("");
    return false;
}
