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

static void with_entry(uint64_t first, uint64_t count)
{
    list_homes(&down, first, count, true);
}

static void without_entry(uint64_t first, uint64_t count)
{
    list_homes(&down, first, count, false);
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
    struct bench_mark mark;
    uint64_t whole = ALL / (uint64_t)bench.rounds, rides = RIDES / (uint64_t)bench.rounds;
    char uri[600];

    if (!wanted("6e") && !wanted("6f"))
        return;
    if (!server_mongodb_start(&server, false)) {
        printf("  6e, 6f left out: %s\n", server.reason);
        server_mongodb_stop(&server);
        return;
    }
    bench_mark(&mark);
    server_mongodb_uri(&server, uri, sizeof(uri), "hc_bench_pair", NULL);
    open_side(&up, uri);
    open_side(&down, "mongodb://127.0.0.1:1/away"); /* nobody listens there */
    if (wanted("6e"))
        bar_at_least("6e", "documents-away", contest_writes(while_down, while_up, whole), 0.95);
    if (wanted("6f"))
        bar_at_most("6f", "log-entry-to-the-outbox", 1 / contest_writes(with_entry, without_entry, rides), 1.15);
    deliver();
    close_side(&up);
    close_side(&down);
    server_mongodb_stop(&server);
    bench_take_back(&mark);
}
