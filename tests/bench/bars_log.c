/* Bars 6c and 6d: log entries that ride along with a change, and many at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "homeconnect/activity.h"
#include "raw_log.h"

#define SINGLES 200
#define BATCH   10000
#define TARGETS 2000
#define NEW     UINT64_C(2000000000) /* numbers of listings that no data file has */
#define NETWORK "203.0.113.0"
#define VISIT   "visit-4f2a91c07b"

static uint8_t targets[TARGETS][16]; /* listings that everybody sees */
static struct raw_log *raw_log;
static uint8_t buyer[16];

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- 6c: a listing, and the same with an entry about it ---- */

struct ride {
    uint64_t number;
    bool logged;
};

static hc_status list_home(hc_id *id, hc_session *as, uint64_t number, hc_error *err)
{
    hc_property *home = hc_property_new(bench.client);
    struct listing l;
    hc_status status;

    listing_make(&l, NEW + number);
    hc_property_set_title(home, l.title);
    hc_property_set_description(home, l.description);
    hc_property_set_price(home, l.price);
    hc_property_set_address(home, l.address);
    hc_property_set_city(home, l.city);
    hc_property_set_state(home, l.state);
    hc_property_set_zip_code(home, l.zip);
    hc_property_set_beds(home, l.beds);
    hc_property_set_sqft(home, l.sqft);
    hc_property_set_latitude(home, l.latitude);
    hc_property_set_longitude(home, l.longitude);
    hc_property_set_property_type(home, l.type + 1);
    status = hc_property_create(id, as, home, err);
    hc_property_free(home);
    return status;
}

static hc_activity *entry_of(const char *action, const uint8_t target[16], int seconds)
{
    hc_activity *entry = hc_activity_new(bench.client);
    char metadata[96];
    hc_id id;

    memcpy(id.bytes, target, 16);
    snprintf(metadata, sizeof metadata, "{\"device\":\"mobile\",\"duration_seconds\":%d}", seconds);
    hc_activity_set_action(entry, action);
    hc_activity_set_target_id(entry, id);
    hc_activity_set_metadata(entry, metadata);
    hc_activity_set_session_id(entry, VISIT);
    return entry;
}

static hc_status ride(hc_session *as, void *data, hc_error *err)
{
    const struct ride *ride = data;
    hc_activity *entry;
    hc_id id, logged;
    hc_status status = list_home(&id, as, ride->number, err);

    if (status < 0 || !ride->logged)
        return status;
    entry = entry_of("listed", id.bytes, (int)(ride->number % 600));
    status = hc_activity_append(&logged, as, entry, err);
    hc_activity_free(entry);
    return status;
}

static void list_homes(uint64_t first, uint64_t count, bool logged)
{
    hc_error err;

    for (uint64_t i = first; i < first + count; i++) {
        struct ride data = {i, logged};
        must(hc_session_transact(bench.agent, ride, &data, &err), &err, "unit");
    }
}

static void with_entry(uint64_t first, uint64_t count)
{
    list_homes(first, count, true);
}

static void without_entry(uint64_t first, uint64_t count)
{
    list_homes(first, count, false);
}

/* ---- 6d: ten thousand at once ---- */

static const char *action_of(uint64_t number)
{
    static const char *const actions[] = {"view_property", "Photo Gallery", "Search", "Favorited"};

    return actions[number % 4];
}

static void log_ours(uint64_t first, uint64_t count)
{
    static hc_activity *entries[BATCH];
    hc_error err;

    for (uint64_t i = 0; i < count; i++)
        entries[i] = entry_of(action_of(first + i), targets[(first + i) * 7919 % TARGETS], (int)(i % 600));
    must(hc_activity_append_many(bench.buyer, (const hc_activity *const *)entries, count, &err), &err, "append");
    for (uint64_t i = 0; i < count; i++)
        hc_activity_free(entries[i]);
}

static void log_raw(uint64_t first, uint64_t count)
{
    static struct raw_log_entry entries[BATCH];

    for (uint64_t i = 0; i < count; i++)
        entries[i] =
            (struct raw_log_entry){action_of(first + i), targets[(first + i) * 7919 % TARGETS], VISIT, (int)(i % 600)};
    if (!raw_log_many(raw_log, entries, count, buyer, NETWORK, now()))
        die("raw log");
}

static void find_targets(void)
{
    struct listing listing;
    size_t count = 0;

    for (uint64_t i = 0; count < TARGETS && i < bench.rows; i++) {
        listing_make(&listing, i * 31 % bench.rows);
        if (listing.status != NULL && strcmp(listing.status, "active") == 0)
            memcpy(targets[count++], listing.id, 16);
    }
    if (count < TARGETS)
        die("too few active listings");
}

/* The newest row of either side, all columns but ids and stamps. */
static char *shape_of_newest(void)
{
    return raw_text_of(bench.raw, "SELECT quote(user_id)||quote(action)||quote(target_id)||quote(metadata)||"
                                  "quote(timestamp%1000)||quote(session_id)||quote(ip)||quote(event_class)||"
                                  "quote(length(id))||quote(substr(id,7,4)) FROM activity_logs ORDER BY pk DESC");
}

static void check_logs(void)
{
    char *ours, *raw;

    log_ours(5, 1);
    ours = shape_of_newest();
    log_raw(5, 1);
    raw = shape_of_newest();
    if (ours == NULL || raw == NULL || strcmp(ours, raw) != 0)
        die("the sides log differently:\n%s\n%s", ours, raw);
    free(ours);
    free(raw);
}

void bars_log(void)
{
    hc_id id = hc_session_user_id(bench.buyer);
    struct bench_mark mark;

    if (!wanted("6c") && !wanted("6d"))
        return;
    memcpy(buyer, id.bytes, 16);
    bench_mark(&mark);
    if (wanted("6c"))
        bar_at_most("6c", "log-entry-rides-along", 1 / contest_writes(with_entry, without_entry, SINGLES), 1.25);
    if (wanted("6d")) {
        find_targets();
        raw_log = raw_log_open(bench.path);
        if (raw_log == NULL)
            die("cannot open %s", bench.path);
        check_logs();
        bar_at_least("6d", "log-batch-of-10000", contest(log_ours, log_raw, BATCH, BY_CLOCK), 0.80);
        raw_log_close(raw_log);
    }
    bench_take_back(&mark);
}
