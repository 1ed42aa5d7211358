#include "whole.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "homeconnect/audit.h"

#define DELTAS 2 /* ways in which one call may add rows: those that go to and fro have two */

static void *watcher; /* sees whether anybody committed */
static snapshot known;
static int64_t known_version = -1;

/* How many rows a call adds to each table. */
typedef struct delta {
    int64_t rows[SNAPSHOT_TABLES];
} delta;

static delta whole[DELTAS];
static int whole_count;
static char wrong[600];

bool whole_is_long(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0;
}

uint64_t whole_seed(void)
{
    const char *asked = getenv("HC_TEST_SEED");
    struct timespec at;
    uint64_t seed;

    clock_gettime(CLOCK_REALTIME, &at);
    seed = asked != NULL ? strtoull(asked, NULL, 10) : (uint64_t)at.tv_nsec / 1000;
    printf("seed %" PRIu64 "\n", seed);
    return seed;
}

/* A server has no such number: there each look is a new one. */
static int64_t data_version(void)
{
    static int64_t looks;

    if (!house_is_a_file())
        return ++looks;
    return house_look_sql(watcher, "PRAGMA data_version");
}

static void look(void)
{
    int64_t version = data_version();

    if (version != known_version)
        known = house_snapshot_by(watcher);
    known_version = version;
}

/* The index of words is merged now and then: its pieces are no rows. */
static delta between(const snapshot *before, const snapshot *after)
{
    delta out = {{0}};

    ck_assert_uint_eq(before->count, after->count);
    for (size_t i = 0; i < after->count; i++)
        if (strstr(after->tables[i].name, "_words_") == NULL)
            out.rows[i] = after->tables[i].rows - before->tables[i].rows;
    return out;
}

static bool is_whole(const snapshot *after)
{
    delta now = between(&known, after);
    size_t at = 0;

    for (int i = 0; i < whole_count; i++)
        if (memcmp(&now, &whole[i], sizeof now) == 0)
            return true;
    at = (size_t)snprintf(wrong, sizeof wrong, "it is there in part: ");
    for (size_t i = 0; i < after->count && at < sizeof wrong; i++)
        if (now.rows[i] != whole[0].rows[i])
            at += (size_t)snprintf(wrong + at, sizeof wrong - at, "%s %+" PRId64 " and not %+" PRId64 "; ",
                                   after->tables[i].name, now.rows[i], whole[0].rows[i]);
    return false;
}

void whole_learn(const noun_call *call)
{
    whole_count = 0;
    nouns_prepare(call);
    HOUSE_OK(call->run(err)); /* warms what is kept between calls */
    while (call->writes && call->steady && whole_count < DELTAS) {
        snapshot after;

        whole_prepare(call);
        HOUSE_OK(call->run(err));
        after = house_snapshot_by(watcher);
        whole[whole_count++] = between(&known, &after);
        known = after;
        known_version = data_version();
    }
}

void whole_prepare(const noun_call *call)
{
    nouns_prepare(call);
    look();
}

const char *whole_compare(const noun_call *call, hc_status status, const hc_error *err, const snapshot *after)
{
    uint32_t written = status >= 0 ? HC_ERROR_WRITTEN_YES : err->flags & HC_ERROR_WRITTEN_MASK;
    char difference[200] = "";
    snapshot now;
    bool same;

    if (!call->steady)
        return NULL;
    if (after == NULL && data_version() != known_version) {
        now = house_snapshot_by(watcher);
        after = &now;
    }
    same = after == NULL || house_same(&known, after, difference, sizeof difference);
    if (same && call->writes && written == HC_ERROR_WRITTEN_YES)
        return "what was acknowledged is not there";
    if (same)
        return NULL;
    snprintf(wrong, sizeof wrong, "the store changed: %s", difference);
    return !call->writes || written == HC_ERROR_WRITTEN_NO || !is_whole(after) ? wrong : NULL;
}

const char *whole_file(void)
{
    static const char *const none[] = {
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'",
        "SELECT count(*) FROM pragma_foreign_key_check",
        "SELECT count(*) FROM properties p WHERE p.version<>(SELECT count(*) FROM events e WHERE e.resource='property'"
        " AND e.resource_id=p.id)",
        "SELECT count(*) FROM price_history h WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.resource='property' AND"
        " e.resource_id=h.property_id AND e.version=h.version)",
    };
    void *file = house_look();
    bool right = true;

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        int64_t found = house_look_sql(file, none[i]);

        if (found != 0)
            snprintf(wrong, sizeof wrong, "%" PRId64 ": %s", found, none[i]);
        right = right && found == 0;
    }
    house_look_close(file);
    return right ? NULL : wrong;
}

void whole_furnish(void)
{
    house_people();
    house_listings();
    nouns_open();
    watcher = house_look();
    known_version = -1;
}

void whole_open(const char *parameters)
{
    house_set_time(HOUSE_START);
    house_folder();
    if (house_is_a_file())
        snprintf(house.uri, sizeof house.uri, "sqlite:%s%s", house.path, parameters);
    house_client();
    whole_furnish();
}

void whole_reopen(void)
{
    snapshot before = house_snapshot(), after;
    char difference[200] = "";
    const char *why;

    house_look_close(watcher);
    house_leave();
    house_client();
    watcher = house_look();
    known_version = -1;
    after = house_snapshot();
    ck_assert_msg(house_same(&before, &after, difference, sizeof difference), "opened again: %s", difference);
    why = whole_file();
    ck_assert_msg(why == NULL, "%s", why);
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    house_assert_derived();
}

void whole_leave(void)
{
    house_look_close(watcher);
    watcher = NULL;
    nouns_close();
    house_leave();
}

void whole_close(void)
{
    whole_leave();
    house_close();
}
