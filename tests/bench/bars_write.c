/* Bars 6 and 7: writing listings as a licensed agent, to the disk's care. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "homeconnect/import.h"
#include "peers.h"

#define SINGLES 500
#define UNIT    100
#define SAMPLE  7                    /* the listing that all sides write, to be compared */
#define NEW     UINT64_C(1000000000) /* numbers of listings that no data file has */

static const uint8_t *agent_id(void)
{
    static hc_id id;

    id = hc_session_user_id(bench.agent);
    return id.bytes;
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- bar 6 ---- */

static hc_status create_one(hc_session *as, const struct listing *l, hc_error *err)
{
    hc_property *p = hc_property_new(bench.client);
    hc_status status;
    hc_id id;

    hc_property_set_title(p, l->title);
    hc_property_set_description(p, l->description);
    hc_property_set_price(p, l->price);
    hc_property_set_address(p, l->address);
    hc_property_set_city(p, l->city);
    hc_property_set_state(p, l->state);
    hc_property_set_zip_code(p, l->zip);
    hc_property_set_beds(p, l->beds);
    hc_property_set_baths(p, l->baths);
    hc_property_set_sqft(p, l->sqft);
    hc_property_set_lot_sqft(p, l->lot);
    hc_property_set_year_built(p, l->year);
    hc_property_set_latitude(p, l->latitude);
    hc_property_set_longitude(p, l->longitude);
    hc_property_set_property_type(p, l->type + 1);
    hc_property_set_list_date(p, l->list_date);
    status = hc_property_create(&id, as, p, err);
    hc_property_free(p);
    return status;
}

static void fresh(struct listing *out, uint64_t number)
{
    listing_make(out, NEW + number);
    out->status = "active";
    out->standard = "Active";
    out->created = now();
    out->list_date = (int32_t)(out->created / INT64_C(86400000000));
}

static void insert_ours(uint64_t first, uint64_t count)
{
    struct listing listing;
    hc_error err;

    for (uint64_t i = first; i < first + count; i++) {
        fresh(&listing, i);
        must(create_one(bench.agent, &listing, &err), &err, "create");
    }
}

static void fresh_raw(struct listing *out, uint64_t number)
{
    fresh(out, number);
    for (int k = 0; k < 8; k++) /* the file is kept between runs, so ids of other runs are in it */
        out->id[8 + k] ^= (uint8_t)(out->created >> (8 * k));
    out->id[8] = (uint8_t)(0x80 | (out->id[8] & 63));
}

static void insert_raw(uint64_t first, uint64_t count)
{
    struct listing listing;

    for (uint64_t i = first; i < first + count; i++) {
        fresh_raw(&listing, i);
        if (!raw_run(bench.raw, "BEGIN IMMEDIATE") || !raw_insert(bench.raw, &listing, agent_id(), false) ||
            !raw_run(bench.raw, "COMMIT"))
            die("raw insert");
    }
}

static void units_raw(uint64_t first, uint64_t count)
{
    struct listing listing;

    for (uint64_t i = first; i < first + count; i++) {
        fresh_raw(&listing, i);
        if ((i - first) % UNIT == 0 && !raw_run(bench.raw, "BEGIN IMMEDIATE"))
            die("raw unit");
        if (!raw_insert(bench.raw, &listing, agent_id(), false))
            die("raw unit");
        if (((i - first) % UNIT == UNIT - 1 || i + 1 == first + count) && !raw_run(bench.raw, "COMMIT"))
            die("raw unit");
    }
}

struct unit {
    uint64_t first, count;
};

static hc_status create_unit(hc_session *as, void *data, hc_error *err)
{
    const struct unit *unit = data;
    struct listing listing;
    hc_status status = HC_OK;

    for (uint64_t i = unit->first; i < unit->first + unit->count && status >= 0; i++) {
        fresh(&listing, i);
        status = create_one(as, &listing, err);
    }
    return status;
}

static void units_ours(uint64_t first, uint64_t count) /* as many listings as insert_ours() */
{
    hc_error err;

    for (uint64_t i = 0; i < count; i += UNIT) {
        struct unit unit = {first + i, count - i < UNIT ? count - i : UNIT};

        must(hc_session_transact(bench.agent, create_unit, &unit, &err), &err, "unit");
    }
}

/* The newest row of either side, all columns but ids and stamps. */
static char *shape_of_newest(void)
{
    return raw_text_of(
        bench.raw,
        "SELECT quote(description IS NULL)||quote(price)||quote(version)||quote(deleted_at)||quote(currency)||"
        "quote(country)||quote(property_subtype)||quote(listing_id)||quote(standard_status)||quote(status)||"
        "quote(original_price)||quote(close_price)||quote(close_date)||quote(source_system)||"
        "quote(source_key)||quote(display_ok)||quote(display_address_ok)||quote(time_zone)||"
        "quote(exclusive_showings)||quote(status_changed_at=created_at)||quote(price_changed_at)||"
        "quote(price_per_sqft)||quote(price_reduced)||quote(days_to_close)||quote(extras)||quote(city_norm)||"
        "quote(state_norm)||quote(address_norm)||quote(title_norm)||quote(listing_id_norm)||"
        "quote(description_norm)||quote(updated_at=created_at)||quote(beds)||quote(baths)||quote(latitude)||"
        "quote(lot_sqft)||quote(year_built)||quote(list_date)||quote(property_type)||"
        "(SELECT words_title||'/'||words_place||'/'||words_text||quote(words_hidden) FROM properties_words w"
        " WHERE w.rowid=p.pk)||"
        "(SELECT resource||change||version||(actor_id=p.agent_id)||(seq=(SELECT max(seq) FROM events)) FROM events"
        " ORDER BY pk DESC LIMIT 1)"
        " FROM properties p ORDER BY pk DESC LIMIT 1");
}

static void check_inserts(void)
{
    char *ours, *raw;

    insert_ours(SAMPLE, 1);
    ours = shape_of_newest();
    insert_raw(SAMPLE, 1);
    raw = shape_of_newest();
    if (ours == NULL || raw == NULL || strcmp(ours, raw) != 0)
        die("the sides write different rows:\n%s\n%s", ours, raw);
    free(ours);
    free(raw);
}

static void bar_insert(void)
{
    struct bench_mark mark;

    bench_mark(&mark);
    check_inserts();
    if (wanted("6a"))
        bar_at_least("6a", "durable-insert", contest_writes(insert_ours, insert_raw, SINGLES), 0.90);
    if (wanted("6b")) {
        printf("  raw: 100 in one transaction do %.2f times the work of one in each\n",
               contest(units_raw, insert_raw, SINGLES, BY_CLOCK));
        bar_at_least("6b", "unit-of-100", contest(units_ours, insert_ours, SINGLES, BY_CLOCK), 4.0);
    }
    bench_take_back(&mark);
}

/* ---- bar 7 ---- */

static char csv[440], empty[440], store[440];

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char block[65536];
    size_t size;

    if (in == NULL || out == NULL)
        die("cannot copy %s", from);
    while ((size = fread(block, 1, sizeof(block), in)) > 0)
        if (fwrite(block, 1, size, out) != size)
            die("cannot write %s", to);
    fclose(in);
    if (fclose(out) != 0)
        die("cannot write %s", to);
}

static void remove_store(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".keys"};
    char name[600];

    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

static double import_ours(void)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    hc_client *client;
    hc_session *agent;
    hc_error err;
    double start, took;

    copy_file(empty, store);
    open_client(&client, store);
    agent = sign_in(client, people[1]);
    options.path = csv;
    options.mapping = csv_mapping;
    options.format = HC_FORMAT_CSV;
    start = seconds(BY_CLOCK);
    must(hc_import_run(&counts, agent, &options, &err), &err, "import");
    took = seconds(BY_CLOCK) - start;
    if (counts.created != (int64_t)bench.import_rows)
        die("import: %lld new, %lld refused", (long long)counts.created, (long long)counts.refused);
    hc_session_free(agent);
    hc_client_close(client);
    remove_store(store);
    return took;
}

static double import_raw(void)
{
    struct raw *raw;
    double start, took;

    copy_file(empty, store);
    raw = raw_open(store);
    start = seconds(BY_CLOCK);
    if (raw == NULL || raw_import(raw, csv, agent_id()) != (int64_t)bench.import_rows)
        die("raw import");
    took = seconds(BY_CLOCK) - start;
    raw_close(raw);
    remove_store(store);
    return took;
}

static void open_import(void)
{
    hc_client *client;

    snprintf(csv, sizeof(csv), "%s/import.csv", bench.folder);
    snprintf(empty, sizeof(empty), "%s/empty.db", bench.folder);
    snprintf(store, sizeof(store), "%s/import.db", bench.folder);
    remove_store(empty);
    remove_store(store);
    open_client(&client, empty);
    store_people(client);
    hc_client_close(client);
    if (!csv_write(csv, NEW, bench.import_rows))
        die("cannot write %s", csv);
}

static void close_import(void)
{
    remove_store(store);
    remove_store(empty);
    unlink(csv);
}

static void bar_import(void)
{
    double ratios[64], best[2] = {1e9, 1e9};

    open_import();
    for (int round = 0; round < bench.rounds; round++) {
        double took[2];

        for (int turn = 0; turn < 2; turn++) {
            int side = (round + turn) % 2;

            took[side] = side == 0 ? import_ours() : import_raw();
            best[side] = took[side] < best[side] ? took[side] : best[side];
        }
        ratios[round] = took[1] / took[0];
    }
    printf("  ours %.0f rows/s, raw %.0f rows/s (best round)\n", (double)bench.import_rows / best[0],
           (double)bench.import_rows / best[1]);
    bar_at_least("7", "import", median(ratios, (size_t)bench.rounds), 0.80);
    close_import();
}

/* ---- the same by peers ---- */

static void fresh_store(void)
{
    remove_store(store);
    copy_file(empty, store);
}

/* What all peers write must be the rows that ours writes. */
static void check_peers(void)
{
    static const char *const programs[] = {"better-sqlite3", "prisma"};
    char *ours, *theirs;

    insert_ours(SAMPLE, 1);
    ours = shape_of_newest();
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (!peer_does(programs[i], "insert", SAMPLE, 1))
            continue;
        theirs = shape_of_newest();
        if (ours == NULL || theirs == NULL || strcmp(ours, theirs) != 0)
            die("%s writes different rows:\n%s\n%s", programs[i], ours, theirs);
        free(theirs);
    }
    free(ours);
}

static char singles[480];

void peers_before_writes(void)
{
    open_import();
    snprintf(singles, sizeof(singles), "%s/singles.csv", bench.folder);
    if (!csv_write(singles, NEW, 2000))
        die("cannot write %s", singles);
    peer_setting("SINGLE", singles);
    peer_setting("CSV", csv);
    peer_setting("IMPORT", store);
}

static void peers_insert(void)
{
    const struct contest insert = {.job = "insert",
                                   .label = "insert",
                                   .ours = insert_ours,
                                   .raw = insert_raw,
                                   .operations = SINGLES,
                                   .lasts = 0.25,
                                   .how = BY_CLOCK};
    struct bench_mark mark;

    bench_mark(&mark);
    check_peers();
    peers_contest(&insert);
    bench_take_back(&mark);
}

void peers_write(const struct goal *imports)
{
    const struct contest import = {.job = "import",
                                   .label = "import",
                                   .ours_whole = import_ours,
                                   .raw_whole = import_raw,
                                   .before = fresh_store,
                                   .operations = bench.import_rows,
                                   .lasts = 3,
                                   .how = BY_CLOCK,
                                   .goals = imports};

    if (wanted("6a"))
        peers_insert();
    if (wanted("7"))
        peers_contest(&import);
    close_import();
    unlink(singles);
}

/* ---- one side alone, for callgrind ---- */

static void import_ours_side(uint64_t first, uint64_t count)
{
    (void)first;
    (void)count;
    import_ours();
}

static void import_raw_side(uint64_t first, uint64_t count)
{
    (void)first;
    (void)count;
    import_raw();
}

/* Whole imports, with the opening of a store: what does not grow with the rows is the same in a run of more of them. */
bool run_alone_writing(const char *name, uint64_t operations)
{
    bool import = strncmp(name, "import-", 7) == 0, ours = strstr(name, "-ours") != NULL;

    if (!import && strncmp(name, "insert-", 7) != 0)
        return false;
    bench.import_rows = operations;
    if (import) {
        open_import();
        measured(ours ? import_ours_side : import_raw_side, operations);
        close_import();
    } else {
        measured(ours ? insert_ours : insert_raw, operations); /* into a copy of the file */
    }
    return true;
}

void bars_write(void)
{
    if (wanted("6a") || wanted("6b"))
        bar_insert();
    if (wanted("7"))
        bar_import();
}
