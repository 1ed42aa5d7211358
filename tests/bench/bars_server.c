/* Bar 7 on a server, an import against the raw side's bulk load; and a move of a file to the server. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/copy.h"
#include "homeconnect/import.h"
#include "peers.h"
#include "server.h"

#define NEW UINT64_C(1000000000) /* numbers of listings that no data has */

static char csv[480];

static double import_ours(double *cpu)
{
    hc_import_options options = HC_IMPORT_OPTIONS_INIT;
    hc_import_counts counts;
    hc_client *client;
    hc_session *agent;
    char uri[512];
    hc_error err;
    double took;

    server_fresh(uri, sizeof(uri), "hc_bench_import");
    open_client(&client, uri);
    store_people(client);
    agent = sign_in(client, people[1]);
    options.path = csv;
    options.mapping = csv_mapping;
    options.format = HC_FORMAT_CSV;
    *cpu = seconds(BY_CPU);
    took = seconds(BY_CLOCK);
    must(hc_import_run(&counts, agent, &options, &err), &err, "import");
    took = seconds(BY_CLOCK) - took;
    *cpu = seconds(BY_CPU) - *cpu;
    if (counts.created != (int64_t)bench.import_rows)
        die("import: %lld new, %lld refused", (long long)counts.created, (long long)counts.refused);
    hc_session_free(agent);
    hc_client_close(client);
    return took;
}

static double import_raw(double *cpu)
{
    const struct raw_server *on = bench_server.on;
    hc_client *client;
    hc_session *agent;
    char uri[512];
    double took;
    hc_id id;
    void *raw;

    server_fresh(uri, sizeof(uri), "hc_bench_import");
    open_client(&client, uri); /* makes the tables */
    store_people(client);
    agent = sign_in(client, people[1]);
    id = hc_session_user_id(agent);
    hc_session_free(agent);
    hc_client_close(client);
    raw = server_raw(uri);
    if (!on->prepare(raw))
        die("the raw side's statements");
    *cpu = seconds(BY_CPU);
    took = seconds(BY_CLOCK);
    if (raw_take(on, raw, csv, id.bytes) != (int64_t)bench.import_rows)
        die("raw import");
    took = seconds(BY_CLOCK) - took;
    *cpu = seconds(BY_CPU) - *cpu;
    on->close(raw);
    return took;
}

static void open_csv(void)
{
    snprintf(csv, sizeof(csv), "%s/import-server.csv", bench.folder);
    if (!csv_write(csv, NEW, bench.import_rows))
        die("cannot write %s", csv);
}

static void close_csv(void)
{
    server_drop("hc_bench_import");
    unlink(csv);
}

static void bar_import(void)
{
    double ratios[64], best[2] = {1e9, 1e9}, cpu[2] = {0, 0};

    open_csv();
    for (int round = 0; round < bench.rounds; round++) {
        double took[2];

        for (int turn = 0; turn < 2; turn++) {
            int side = (round + turn) % 2;

            took[side] = side == 0 ? import_ours(&cpu[0]) : import_raw(&cpu[1]);
            best[side] = took[side] < best[side] ? took[side] : best[side];
        }
        ratios[round] = took[1] / took[0];
    }
    close_csv();
    printf("  ours %.0f rows/s and %.1f us of CPU each, raw %.0f rows/s and %.1f us (best round)\n",
           (double)bench.import_rows / best[0], cpu[0] * 1e6 / (double)bench.import_rows,
           (double)bench.import_rows / best[1], cpu[1] * 1e6 / (double)bench.import_rows);
    bar_at_least("7", "import", median(ratios, (size_t)bench.rounds), bench_server.on->import_target);
}

/* ---- the same by peers ---- */

static double cpu_ignored;

static double import_ours_alone(void)
{
    return import_ours(&cpu_ignored);
}

static double import_raw_alone(void)
{
    return import_raw(&cpu_ignored);
}

static void fresh_tables(void)
{
    hc_client *client;
    char uri[512];

    server_fresh(uri, sizeof(uri), "hc_bench_import");
    open_client(&client, uri);
    store_people(client);
    hc_client_close(client);
}

void peers_before_import(void)
{
    char uri[512];

    open_csv();
    server_fresh(uri, sizeof(uri), "hc_bench_import");
    peer_setting("CSV", csv);
    peer_setting("IMPORT", uri);
}

void peers_import(const struct goal *imports)
{
    const struct contest import = {.job = "import",
                                   .label = "import",
                                   .ours_whole = import_ours_alone,
                                   .raw_whole = import_raw_alone,
                                   .before = fresh_tables,
                                   .operations = bench.import_rows,
                                   .lasts = 3,
                                   .how = BY_CLOCK,
                                   .goals = imports};

    peers_contest(&import);
    close_csv();
}

/* ---- moving a store ---- */

static char file[560];

static double copy_ours(void)
{
    hc_copy_options options = HC_COPY_OPTIONS_INIT;
    hc_copy_counts counts;
    hc_client *from;
    char uri[512];
    hc_error err;
    double took;

    server_fresh(uri, sizeof(uri), "hc_bench_copy");
    open_client(&from, file);
    options.storage_uri = uri;
    options.driver_path = HC_DRIVER_FOLDER;
    took = seconds(BY_CLOCK);
    must(hc_copy(&counts, from, &options, &err), &err, "copy");
    took = seconds(BY_CLOCK) - took;
    if (counts.verified < 2 * (int64_t)bench.rows)
        die("a copy of %lld rows", (long long)counts.verified);
    hc_client_close(from);
    return took;
}

static double copy_raw(void)
{
    hc_client *client;
    char uri[512];
    double took;
    void *raw;

    server_fresh(uri, sizeof(uri), "hc_bench_copy");
    open_client(&client, uri); /* makes the tables */
    hc_client_close(client);
    raw = server_raw(uri);
    if (!bench_server.on->prepare(raw))
        die("the raw side's statements");
    took = seconds(BY_CLOCK);
    if (!raw_fill(bench_server.on, raw, 0, bench.rows, true))
        die("raw copy");
    took = seconds(BY_CLOCK) - took;
    bench_server.on->close(raw);
    return took;
}

/* Minutes each: one round of a large store. */
static void bar_copy(void)
{
    int rounds = bench.rows > 200000 ? 1 : bench.rounds < 3 ? bench.rounds : 3;
    double ratios[3], ours = 0, raw = 0;

    bench_file(file, sizeof(file));
    for (int round = 0; round < rounds; round++) {
        if (round % 2 == 0)
            ours = copy_ours();
        raw = copy_raw();
        if (round % 2 == 1)
            ours = copy_ours();
        ratios[round] = raw / ours;
    }
    server_drop("hc_bench_copy");
    printf("  ours %.0f listings/s with their events, raw %.0f listings/s (last round)\n", (double)bench.rows / ours,
           (double)bench.rows / raw);
    bar_at_least("copy", "file-to-server", median(ratios, (size_t)rounds), 0.5);
}

static void import_ours_side(uint64_t first, uint64_t count)
{
    (void)first;
    (void)count;
    import_ours_alone();
}

static void import_raw_side(uint64_t first, uint64_t count)
{
    (void)first;
    (void)count;
    import_raw_alone();
}

bool run_alone_import(const char *name, uint64_t operations)
{
    bool ours = strcmp(name, "import-ours") == 0;

    if (!ours && strcmp(name, "import-raw") != 0)
        return false;
    bench.import_rows = operations;
    open_csv();
    measured(ours ? import_ours_side : import_raw_side, operations);
    close_csv();
    return true;
}

void bars_server(void)
{
    if (wanted("7"))
        bar_import();
    if (wanted("copy"))
        bar_copy();
}
