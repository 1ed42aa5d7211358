/* Bars 6e and 6f: what a document store beside the SQL store costs an SQL transaction, and what it costs when it is
 * away. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "homeconnect/activity.h"
#include "server_mongodb.h"

#define RIDES  1500
#define ALL    10000                /* of the run without the store */
#define NUMBER UINT64_C(3000000000) /* numbers of listings that no data file has */

static server_mongodb server;

struct side {
    hc_client *client;
    hc_session *agent;
};
static struct side up, down; /* with a store of documents, and with one that is away */

static void open_side(struct side *out, const char *uri)
{
    open_with(&out->client, bench.path, uri);
    out->agent = sign_in(out->client, people[1]);
}

static void close_side(struct side *side)
{
    hc_session_free(side->agent);
    hc_client_close(side->client);
}

/* ---- a unit: a listing, and the same with an entry about it ---- */

struct ride {
    const struct side *side;
    uint64_t number;
    bool logged;
};

static hc_status list_home(hc_id *id, const struct ride *ride, hc_session *as, hc_error *err)
{
    hc_property *home = hc_property_new(ride->side->client);
    struct listing l;
    hc_status status;

    listing_make(&l, NUMBER + ride->number);
    hc_property_set_title(home, l.title);
    hc_property_set_description(home, l.description);
    hc_property_set_price(home, l.price);
    hc_property_set_address(home, l.address);
    hc_property_set_city(home, l.city);
    hc_property_set_state(home, l.state);
    hc_property_set_zip_code(home, l.zip);
    hc_property_set_beds(home, l.beds);
    hc_property_set_sqft(home, l.sqft);
    hc_property_set_property_type(home, l.type + 1);
    status = hc_property_create(id, as, home, err);
    hc_property_free(home);
    return status;
}

static hc_status ride(hc_session *as, void *data, hc_error *err)
{
    const struct ride *ride = data;
    hc_activity *entry;
    hc_id id, logged;
    hc_status status = list_home(&id, ride, as, err);

    if (status < 0 || !ride->logged)
        return status;
    entry = hc_activity_new(ride->side->client);
    hc_activity_set_action(entry, "listed");
    hc_activity_set_target_id(entry, id);
    hc_activity_set_metadata(entry, "{\"device\":\"mobile\",\"duration_seconds\":45}");
    status = hc_activity_append(&logged, as, entry, err);
    hc_activity_free(entry);
    return status;
}

static void list_homes(const struct side *side, uint64_t first, uint64_t count, bool logged)
{
    hc_error err;

    for (uint64_t i = first; i < first + count; i++) {
        struct ride data = {side, i, logged};
        must(hc_session_transact(side->agent, ride, &data, &err), &err, "unit");
    }
}

static void while_up(uint64_t first, uint64_t count)
{
    list_homes(&up, first, count, true);
}

static void while_down(uint64_t first, uint64_t count)
{
    list_homes(&down, first, count, true);
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of all but the fastest and the slowest tenth. */
static double middle_of(double *times, size_t count)
{
    double sum = 0;

    qsort(times, count, sizeof(*times), by_time);
    for (size_t i = count / 10; i < count - count / 10; i++)
        sum += times[i];
    return sum / (double)(count - 2 * (count / 10));
}

/* Unit against unit, each first in turn: every few dozen units the index of words is merged, and a disk has moods,
 * which in rounds of many units is more than what an entry costs. */
static double cost_of_an_entry(void)
{
    static double times[2][RIDES];

    for (size_t i = 0; i < RIDES; i++)
        for (size_t turn = 0; turn < 2; turn++) {
            size_t logged = (i + turn) % 2;
            double start = seconds(BY_CLOCK);

            list_homes(&down, 2 * i + turn, 1, logged == 1);
            times[logged][i] = seconds(BY_CLOCK) - start;
        }
    printf("  a unit %.1f us, with an entry %.1f us\n", middle_of(times[0], RIDES) * 1e6,
           middle_of(times[1], RIDES) * 1e6);
    return middle_of(times[1], RIDES) / middle_of(times[0], RIDES);
}

static long long number_of(const char *sql)
{
    char *text = raw_text_of(bench.raw, sql);
    long long number = text == NULL ? 0 : strtoll(text, NULL, 10);

    free(text);
    return number;
}

/* All that waits, with a client that reaches the store. */
static void deliver(void)
{
    hc_error err;
    double start = seconds(BY_CLOCK);
    long long waited = number_of("SELECT count(*) FROM outbox WHERE state='pending'");

    for (int i = 0; i < 600 && number_of("SELECT count(*) FROM outbox WHERE state='pending'") > 0; i++)
        must(hc_client_run(up.client, 10000000, NULL, &err), &err, "deliver");
    if (number_of("SELECT count(*) FROM outbox WHERE state<>'delivered'") > 0)
        die("not all was delivered");
    printf("  %lld effects delivered in %.2f s\n", waited, seconds(BY_CLOCK) - start);
}

void bars_pair(void)
{
    long long listings = number_of("SELECT max(pk) FROM properties"), events = number_of("SELECT max(pk) FROM events");
    uint64_t whole = ALL / (uint64_t)bench.rounds;
    char uri[600], sql[400];

    if (!wanted("6e") && !wanted("6f"))
        return;
    if (!server_mongodb_start(&server, false)) {
        printf("  6e, 6f left out: %s\n", server.reason);
        server_mongodb_stop(&server);
        return;
    }
    server_mongodb_uri(&server, uri, sizeof(uri), "hc_bench_pair", NULL);
    open_side(&up, uri);
    open_side(&down, "mongodb://127.0.0.1:1/away"); /* nobody listens there */
    if (wanted("6e"))
        bar_at_least("6e", "documents-away", contest(while_down, while_up, whole, BY_CLOCK), 0.95);
    if (wanted("6f"))
        bar_at_most("6f", "log-entry-to-the-outbox", cost_of_an_entry(), 1.15);
    deliver();
    close_side(&up);
    close_side(&down);
    server_mongodb_stop(&server);
    snprintf(sql, sizeof(sql),
             "BEGIN IMMEDIATE;DELETE FROM properties_words WHERE rowid>%lld;DELETE FROM properties WHERE pk>%lld;"
             "DELETE FROM events WHERE pk>%lld;DELETE FROM outbox;COMMIT;PRAGMA wal_checkpoint(TRUNCATE)",
             listings, listings, events);
    raw_run(bench.raw, sql);
}
