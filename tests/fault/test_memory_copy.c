/* A copy with each allocation failing: an error or success, no leak, and what comes of it is whole or told to be
 * unfinished. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "homeconnect/copy.h"
#include "house.h"
#include "memory.h"
#include "place.h"

#define POINTS 1000000 /* a copy that allocates more often runs away */

static place target;

static hc_status copy(hc_error *err)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;

    options.storage_uri = target.uri;
    options.batch = 40;
    return hc_copy(NULL, house.client, &options, err);
}

static void assert_whole(void)
{
    hc_client_options options;
    hc_client *client = NULL;
    hc_session *system = NULL;

    house_options(&options);
    options.storage_uri = target.uri;
    options.key_file = house.keys;
    HOUSE_OK(hc_client_open(&client, &options, err));
    HOUSE_OK(hc_session_system(&system, client, err));
    HOUSE_OK(hc_audit_verify(NULL, system, NULL, err));
    hc_session_free(system);
    hc_client_close(client);
}

static void fresh_target(void)
{
    place_make(&target, "sqlite");
    snprintf(target.uri, sizeof target.uri, "sqlite:%s?durability=relaxed", target.name);
}

static void remove_target(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[400];

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(path, sizeof path, "%s%s", target.name, suffixes[i]);
        unlink(path);
    }
}

/* False when no allocation failed. */
static bool point(memory_of whose, int64_t n, bool and_after)
{
    hc_error err = {0};
    hc_status status;
    int64_t refused;

    fresh_target();
    memory_fail(whose, n, and_after);
    status = copy(&err);
    refused = memory_restore();
    ck_assert_msg(status >= 0 || (status == HC_ERR_NO_MEMORY && refused > 0 && err.status == status),
                  "allocation %lld%s of %s: %s %s", (long long)n, and_after ? " and after" : "",
                  whose == MEMORY_OF_SQLITE ? "SQLite" : "the library", hc_status_name(status), err.message);
    if (n % 16 == 1) { /* now and then it goes on */
        HOUSE_OK(copy(err));
        assert_whole();
    }
    remove_target();
    return refused > 0;
}

/* S13: the source is as it was, but for what its log tells; the target is whole or is told to be unfinished. */
START_TEST(every_allocation_of_a_copy_may_fail)
{
    const char *asked = getenv("HC_LONG");
    bool all = asked != NULL && strcmp(asked, "1") == 0;
    int64_t idle = 0, points = 0;

    house_allocator = &memory_allocator;
    house_set_time(HOUSE_START);
    house_folder();
    snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    house_people();
    house_listings();
    for (int whose = MEMORY_OF_LIBRARY; whose <= MEMORY_OF_SQLITE; whose++)
        for (int and_after = 0; and_after <= 1; and_after++) {
            int64_t n = 1;

            /* Those of later tables are like those of the first: each run tries fewer of them. */
            for (; n < POINTS && point((memory_of)whose, n, and_after != 0); n += 1 + n / (all ? 400 : 24))
                points++;
            ck_assert_msg(n > 1 && n < POINTS, "%lld points", (long long)n);
            point(MEMORY_OF_LIBRARY, POINTS, false);
            idle = idle == 0 ? memory_live() : idle; /* the first round has warmed the caches */
            ck_assert_msg(memory_live() <= idle, "%lld blocks more than before", (long long)(memory_live() - idle));
        }
    printf("copy: %lld allocations failed\n", (long long)points);
    house_close();
    ck_assert_msg(memory_live() == 0, "%lld blocks leak", (long long)memory_live());
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, every_allocation_of_a_copy_may_fail);
}

int main(void)
{
    memory_wrap_sqlite();
    return suite_main("fault.memory_copy", fill, NULL, NULL);
}
