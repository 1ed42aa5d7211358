/* Bars 1, 2, 3, 5, 8 and 10: reading as a signed-in buyer. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peers.h"
#include "server.h"

#define MANY  64
#define LIMIT 20

static int64_t sink; /* what was read goes here, so that no side skips it */

/* ---- streams, equal for both sides ---- */

static uint8_t (*ids)[16];
#define IDS   100000
#define ALONE 5000 /* of a run under callgrind */

/* Ids of listings that a buyer may see, all over the file. */
static void make_ids(uint64_t count)
{
    struct listing listing;
    uint64_t number = 0;

    if (ids != NULL)
        return;
    ids = calloc(IDS, sizeof(*ids));
    for (uint64_t i = 0; i < count; number++) {
        listing_make(&listing, mix(number + 77) % bench.rows);
        if (listing.status == NULL)
            continue;
        memcpy(ids[i++], listing.id, 16);
    }
}

/* What either side is asked with, made before anything is measured. */
static struct search {
    char filter[200], norm[32];
    int64_t low, high;
    int beds;
} * searches;
#define SEARCHES 40000

static void make_searches(void)
{
    if (searches != NULL)
        return;
    searches = calloc(SEARCHES, sizeof(*searches));
    for (uint64_t i = 0; i < SEARCHES; i++) {
        struct search *out = &searches[i];
        uint64_t hash = mix(i + 31);
        char city[32];

        city_name(city, city_of(hash));
        text_lower(out->norm, city);
        out->low = 20000000 + (int64_t)(hash % 40) * 1000000;
        out->high = out->low + 30000000;
        out->beds = (int)(hash >> 32) % 4;
        snprintf(out->filter, sizeof(out->filter), "city eq '%s' and price ge %lld and price le %lld and beds ge %d",
                 city, (long long)out->low / 100, (long long)out->high / 100, out->beds);
    }
}

/* ---- taking a row's fields into the caller's hands ---- */

static void take(const hc_property *row)
{
    sink += hc_property_price(row) + hc_property_beds(row) + (int64_t)(intptr_t)hc_property_title(row) +
            (int64_t)(intptr_t)hc_property_description(row) + (int64_t)(intptr_t)hc_property_address(row);
}

static void take_page(const hc_property_page *page)
{
    for (size_t i = 0; i < hc_property_page_count(page); i++)
        take(hc_property_page_at(page, i));
}

/* ---- the sides ---- */

static void get_one(hc_session *as, const uint8_t id[16])
{
    hc_property *row;
    hc_error err;
    hc_id which;

    memcpy(which.bytes, id, 16);
    must(hc_property_get(&row, as, which, &err), &err, "get");
    take(row);
    hc_property_free(row);
}

static void get_ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        get_one(bench.buyer, ids[i % IDS]);
}

static bool get_one_raw(const uint8_t id[16], struct raw_row *row)
{
    return bench_server.on != NULL ? bench_server.on->get(bench_server.raw, id, row) : raw_get(bench.raw, id, row);
}

static void get_raw(uint64_t first, uint64_t count)
{
    struct raw_row row;

    for (uint64_t i = first; i < first + count; i++) {
        if (!get_one_raw(ids[i % IDS], &row))
            die("raw get found nothing");
        sink += row.number[4];
    }
}

static size_t list_one(hc_session *as, uint64_t number)
{
    hc_property_page *page;
    hc_query *query;
    hc_error err;
    size_t count;

    must(hc_query_parse(&query, bench.client, searches[number % SEARCHES].filter, "price", &err), &err, "parse");
    must(hc_query_set_limit(query, LIMIT, &err), &err, "limit");
    must(hc_property_list(&page, as, query, &err), &err, "list");
    take_page(page);
    count = hc_property_page_count(page);
    hc_property_page_free(page);
    hc_query_free(query);
    return count;
}

static void list_ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        list_one(bench.buyer, i);
}

static size_t list_one_raw(uint64_t number)
{
    static struct raw_row rows[LIMIT];
    const struct search *search = &searches[number % SEARCHES];
    bool more;

    if (bench_server.on != NULL)
        return bench_server.on->list(bench_server.raw, search->norm, search->low, search->high, search->beds, rows,
                                     LIMIT, &more);
    return raw_list(bench.raw, search->norm, search->low, search->high, search->beds, rows, LIMIT, &more);
}

static void list_raw(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++)
        sink += (int64_t)list_one_raw(i);
}

static void get_together(uint8_t (*which)[16], size_t count)
{
    hc_property_page *page;
    hc_id copy[MANY];
    hc_error err;

    for (size_t k = 0; k < count; k++)
        memcpy(copy[k].bytes, which[k], 16);
    must(hc_property_get_many(&page, bench.buyer, copy, count, &err), &err, "get many");
    if (hc_property_page_count(page) == 0) /* an id that comes twice is found once */
        die("get many found nothing");
    take_page(page);
    hc_property_page_free(page);
}

static void many_ours(uint64_t first, uint64_t count) /* as many ids as get_ours() */
{
    for (uint64_t i = first; i < first + count; i += MANY)
        get_together(&ids[i % (IDS - MANY)], MANY);
}

/* ---- bar 9 ---- */

#define FLIGHT 16

static void flight_raw(uint64_t first, uint64_t count)
{
    static struct raw_row rows[FLIGHT];

    for (uint64_t i = first; i < first + count; i += FLIGHT) {
        if (bench_server.on->gets(bench_server.raw, (const uint8_t(*)[16]) & ids[i % (IDS - FLIGHT)], FLIGHT, rows) !=
            FLIGHT)
            die("the raw pipeline did not find all");
        sink += rows[FLIGHT - 1].number[4];
    }
}

/* The same listings in one call. */
static void flight_ours(uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i += FLIGHT)
        get_together(&ids[i % (IDS - FLIGHT)], FLIGHT);
}

static void bar_pipeline(void)
{
    if (bench_server.on->gets != NULL)
        bar_at_least("9", "16-gets-in-one-call", contest(flight_ours, flight_raw, FLIGHT * 250, BY_CLOCK), 0.85);
}

/* ---- bar 5 ---- */

static char *far_cursor;
static hc_query *paged;

static void page_at(const char *cursor, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hc_property_page *page;
        hc_error err;

        must(hc_query_set_cursor(paged, cursor, &err), &err, "cursor");
        must(hc_property_list(&page, bench.buyer, paged, &err), &err, "page");
        take_page(page);
        hc_property_page_free(page);
    }
}

static void page_far(uint64_t first, uint64_t count)
{
    (void)first;
    page_at(far_cursor, count);
}

static void page_first(uint64_t first, uint64_t count)
{
    (void)first;
    page_at(NULL, count);
}

static void bar_keyset(void)
{
    hc_error err;

    must(hc_query_parse(&paged, bench.client, "price ge 200000", "price", &err), &err, "parse");
    must(hc_query_set_limit(paged, LIMIT, &err), &err, "limit");
    for (int i = 1; i < 1000; i++) {
        hc_property_page *page;

        must(hc_query_set_cursor(paged, far_cursor, &err), &err, "cursor");
        must(hc_property_list(&page, bench.buyer, paged, &err), &err, "page");
        if (hc_property_page_cursor(page) == NULL)
            die("fewer than 1,000 pages");
        free(far_cursor);
        far_cursor = strdup(hc_property_page_cursor(page));
        hc_property_page_free(page);
    }
    /* contest() divides the second side's time by the first's. */
    bar_at_most("5", "keyset-page-1000", contest(page_first, page_far, 400, BY_CPU), 1.25);
    hc_query_free(paged);
    free(far_cursor);
}

/* ---- bar 10 ---- */

struct reader {
    hc_session *session; /* NULL: raw reads, which tell what the machine has to give just now */
    struct raw *raw;
    uint64_t first, count;
};

static void *read_thread(void *data)
{
    const struct reader *reader = data;
    struct raw_row row;

    for (uint64_t i = reader->first; i < reader->first + reader->count; i++) {
        if (reader->session == NULL)
            raw_get(reader->raw, ids[i % IDS], &row);
        else
            get_one(reader->session, ids[i % IDS]);
        if (reader->session != NULL && i % 16 == 0)
            list_one(reader->session, i);
    }
    return NULL;
}

static double read_together(struct reader *readers, int count)
{
    pthread_t threads[2];
    double start = seconds(BY_CLOCK);

    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, read_thread, &readers[i]) != 0)
            die("no thread");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return seconds(BY_CLOCK) - start;
}

/* How many times the work of one that two get done; the order of the two rotates. */
static double speed_up(struct reader readers[2])
{
    double ratios[64];

    read_together(readers, 2);
    for (int round = 0; round < bench.rounds; round++) {
        double one = round % 2 == 0 ? read_together(readers, 1) : 0;
        double two = read_together(readers, 2);

        if (one == 0)
            one = read_together(readers, 1);
        ratios[round] = 2 * one / two;
    }
    return median(ratios, (size_t)bench.rounds);
}

static void bar_readers(void)
{
    struct reader ours[2] = {{bench.buyer, NULL, 0, 8000}, {sign_in(bench.client, people[0]), NULL, 40000, 8000}};
    struct reader raws[2] = {{NULL, bench.raw, 0, 8000}, {NULL, raw_open(bench.path), 40000, 8000}};

    if (raws[1].raw == NULL)
        die("no second raw connection");
    printf("  two raw readers do %.3f times the work of one\n", speed_up(raws));
    bar_at_least("10", "two-readers", speed_up(ours), 1.7);
    hc_session_free(ours[1].session);
    raw_close(raws[1].raw);
}

/* ---- the peers ---- */

static void put_hex(FILE *file, const uint8_t id[16])
{
    for (int i = 0; i < 16; i++)
        fprintf(file, "%02x", id[i]);
}

/* The streams, for programs that cannot make them. */
static void write_streams(const char *path)
{
    FILE *file = fopen(path, "w");
    hc_id agent = hc_session_user_id(bench.agent);

    if (file == NULL)
        die("cannot write %s", path);
    fprintf(file, "{\"agent\": \"");
    put_hex(file, agent.bytes);
    fprintf(file, "\", \"ids\": [");
    for (int i = 0; i < IDS; i++) {
        fprintf(file, i > 0 ? ",\"" : "\"");
        put_hex(file, ids[i]);
        fprintf(file, "\"");
    }
    fprintf(file, "], \"searches\": [");
    for (int i = 0; i < SEARCHES; i++)
        fprintf(file, "%s[\"%s\",%lld,%lld,%d]", i > 0 ? "," : "", searches[i].norm, (long long)searches[i].low,
                (long long)searches[i].high, searches[i].beds);
    fprintf(file, "]}\n");
    if (fclose(file) != 0)
        die("cannot write %s", path);
}

void peers_of_listings(const char *const *programs)
{
    char path[480];

    make_ids(IDS);
    make_searches();
    snprintf(path, sizeof(path), "%s/streams.json", bench.folder);
    write_streams(path);
    peer_setting("STREAM", path);
    peer_setting("STORE", bench.path);
    peer_setting("COLUMNS", RAW_SELECT);
    peers_open(programs);
}

/* What the first of a job's operations read, through ours. */
static void tally_gets(struct tally *out, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hc_property *row;
        hc_error err;
        hc_id which;

        memcpy(which.bytes, ids[i % IDS], 16);
        must(hc_property_get(&row, bench.buyer, which, &err), &err, "get");
        *out = (struct tally){out->rows + 1, out->cents + hc_property_price(row)};
        hc_property_free(row);
    }
}

static void tally_lists(struct tally *out, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hc_property_page *page;
        hc_query *query;
        hc_error err;

        must(hc_query_parse(&query, bench.client, searches[i].filter, "price", &err), &err, "parse");
        must(hc_query_set_limit(query, LIMIT, &err), &err, "limit");
        must(hc_property_list(&page, bench.buyer, query, &err), &err, "list");
        out->rows += hc_property_page_count(page);
        for (size_t k = 0; k < hc_property_page_count(page); k++)
            out->cents += hc_property_price(hc_property_page_at(page, k));
        hc_property_page_free(page);
        hc_query_free(query);
    }
}

void peers_read(const struct goal *gets, const struct goal *lists)
{
    bool server = bench_server.on != NULL;
    struct contest get = {.job = "get", .label = "get", .ours = get_ours, .raw = get_raw, .goals = gets};
    struct contest list = {.job = "list", .label = "list", .ours = list_ours, .raw = list_raw, .goals = lists};
    struct tally got = {0, 0}, listed = {0, 0};

    get.operations = server ? 2000 : 20000;
    list.operations = server ? 800 : 4000;
    get.how = list.how = BY_CPU;
    get.lasts = list.lasts = 0.4;
    if (gets != NULL) {
        tally_gets(&got, 200);
        peers_check("get", 200, got);
        peers_contest(&get);
    }
    if (lists != NULL) {
        tally_lists(&listed, 200);
        peers_check("list", 200, listed);
        peers_contest(&list);
    }
}

/* ---- */

/* Both sides must answer alike before they are compared. */
static void check_lists(void)
{
    uint64_t rows = 0;

    for (uint64_t i = 0; i < 200; i++) {
        size_t ours = list_one(bench.buyer, i), raw = list_one_raw(i);

        rows += ours;
        if (ours != raw)
            die("search %llu: %zu rows of ours, %zu of raw", (unsigned long long)i, ours, raw);
    }
    printf("  lists give %.1f rows on average\n", (double)rows / 200);
}

/* For the comparison with the engine's shell, which reads all rows in one statement. */
static void time_raw_inside(void)
{
    double took[9];

    for (int i = 0; i < 9; i++) {
        double start = seconds(BY_CPU);

        if (!raw_run(bench.raw, "BEGIN"))
            die("begin");
        get_raw((uint64_t)i * 10000, 10000);
        if (!raw_run(bench.raw, "COMMIT"))
            die("commit");
        took[i] = (seconds(BY_CPU) - start) * 1e6 / 10000;
    }
    printf("  raw get in one transaction %.2f us\n", median(took, 9));
}

/* Bar 8: a server does most of the work, and waking up for its answers takes long, so both clocks count. */
static void bar_serial(const char *cpu, const char *wall, side_fn ours, side_fn raw, uint64_t operations)
{
    double both[2];

    /* A CPU that waits for a server sleeps, and what it costs to wake it differs from second to second. */
    contest_both(both, ours, raw, operations, 50);
    bar_at_most("8", cpu, 1 / both[BY_CPU], 1.20);
    bar_at_least("8", wall, both[BY_CLOCK], 0.95);
}

static void bars_read_server(void)
{
    if (wanted("8") || wanted("3") || wanted("9"))
        make_ids(IDS);
    if (wanted("8")) {
        make_searches();
        bar_serial("get-cpu", "get-wall", get_ours, get_raw, 4000);
        check_lists();
        bar_serial("list-cpu", "list-wall", list_ours, list_raw, 1500);
    }
    if (wanted("9"))
        bar_pipeline();
    if (wanted("3"))
        bar_at_least("3", "get-many", contest(many_ours, get_ours, 64 * 60, BY_CLOCK), 6);
    if (wanted("5"))
        bar_keyset();
}

void bars_read(void)
{
    if (bench_server.on != NULL) {
        bars_read_server();
        return;
    }
    if (wanted("1") || wanted("3") || wanted("10"))
        make_ids(IDS);
    if (wanted("2") || wanted("10"))
        make_searches();
    /* Each round reads rows that none read before: of a file that the system has not in its cache, the side that comes
     * first would fetch them for both. */
    if (wanted("1")) {
        get_raw(0, IDS);
        bar_at_least("1", "get", contest(get_ours, get_raw, 20000, BY_CPU), 0.85);
        time_raw_inside();
    }
    if (wanted("2")) {
        check_lists();
        list_raw(0, SEARCHES);
        bar_at_least("2", "list", contest(list_ours, list_raw, 4000, BY_CPU), 0.90);
    }
    if (wanted("3"))
        bar_at_least("3", "get-many", contest(many_ours, get_ours, 64 * 300, BY_CPU), 1.3);
    if (wanted("5"))
        bar_keyset();
    if (wanted("10"))
        bar_readers();
}

/* callgrind counts from here on (--toggle-collect). */
__attribute__((noinline)) void measured(side_fn side, uint64_t operations)
{
    side(0, operations);
}

bool run_alone(const char *name, uint64_t operations)
{
    static const struct {
        const char *name;
        side_fn side;
    } sides[] = {{"get-ours", get_ours},
                 {"get-raw", get_raw},
                 {"list-ours", list_ours},
                 {"list-raw", list_raw},
                 {"many-ours", many_ours}};

    if (bench_server.on == NULL ? run_alone_writing(name, operations) : run_alone_import(name, operations))
        return true;
    make_ids(ALONE);
    make_searches();
    if (operations > ALONE)
        die("at most %d operations alone", ALONE);
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
        if (strcmp(sides[i].name, name) == 0) {
            measured(sides[i].side, operations);
            return true;
        }
    return false;
}
