/* Bar 7 on a server: an import against the raw side's bulk load. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "homeconnect/import.h"
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

void bars_server(void)
{
    double ratios[64], best[2] = {1e9, 1e9}, cpu[2] = {0, 0};

    if (!wanted("7"))
        return;
    snprintf(csv, sizeof(csv), "%s/import-server.csv", bench.folder);
    if (!csv_write(csv, NEW, bench.import_rows))
        die("cannot write %s", csv);
    for (int round = 0; round < bench.rounds; round++) {
        double took[2];

        for (int turn = 0; turn < 2; turn++) {
            int side = (round + turn) % 2;

            took[side] = side == 0 ? import_ours(&cpu[0]) : import_raw(&cpu[1]);
            best[side] = took[side] < best[side] ? took[side] : best[side];
        }
        ratios[round] = took[1] / took[0];
    }
    server_drop("hc_bench_import");
    unlink(csv);
    printf("  ours %.0f rows/s and %.1f us of CPU each, raw %.0f rows/s and %.1f us (best round)\n",
           (double)bench.import_rows / best[0], cpu[0] * 1e6 / (double)bench.import_rows,
           (double)bench.import_rows / best[1], cpu[1] * 1e6 / (double)bench.import_rows);
    bar_at_least("7", "import", median(ratios, (size_t)bench.rounds), bench_server.on->import_target);
}
