/* bench [NAME...]: all bars, or those named ("1", "6a", "14"). Settings come from the environment:
 * HC_BENCH_STORAGE, HC_BENCH_ROWS, HC_BENCH_IMPORT_ROWS, HC_BENCH_ROUNDS, HC_BENCH_FOLDER, HC_BENCH_JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "server.h"

const char *const *bench_names;
size_t bench_name_count;
FILE *bench_json;
int bench_short;

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text == NULL || text[0] == '\0' ? otherwise : strtoull(text, NULL, 10);
}

static void bars_file(void)
{
    bars_read();
    bars_text();
    bars_small();
    bars_plans();
    bars_work();
    bars_viewings();
    bars_write();
    bars_log();
}

static void bars_of_server(void)
{
    bars_read();
    bars_pool();
    bars_plans();
    bars_server();
}

static void read_settings(void)
{
    const char *folder = getenv("HC_BENCH_FOLDER");

    snprintf(bench.folder, sizeof(bench.folder), "%s", folder == NULL ? "." : folder);
    mkdir(bench.folder, 0777);
    bench.rows = number_of("HC_BENCH_ROWS", 100000);
    bench.import_rows = number_of("HC_BENCH_IMPORT_ROWS", 20000);
    bench.rounds = (int)number_of("HC_BENCH_ROUNDS", 9);
    if (bench.rounds < 1 || bench.rounds > 63)
        die("HC_BENCH_ROUNDS is 1 to 63");
}

int main(int argc, char **argv)
{
    const char *json = getenv("HC_BENCH_JSON");
    bool server = server_wanted(getenv("HC_BENCH_STORAGE"));

    setvbuf(stdout, NULL, _IOLBF, 0);
    read_settings();
    if (server)
        server_open();
    else
        bench_open();
    if (argc == 4 && strcmp(argv[1], "--alone") == 0)
        return run_alone(argv[2], strtoull(argv[3], NULL, 10)) ? EXIT_SUCCESS : EXIT_FAILURE;
    bench_names = (const char *const *)argv + 1;
    bench_name_count = (size_t)argc - 1;
    bench_json = json == NULL ? NULL : fopen(json, "w");
    if (bench_json != NULL)
        fprintf(bench_json, "{\"rows\": %-12llu, \"bars\": [", (unsigned long long)bench.rows);
    printf("bench: %s, %llu listings, %d rounds\n", server ? bench_server.on->name : "sqlite",
           (unsigned long long)bench.rows, bench.rounds);
    if (server)
        bars_of_server();
    else
        bars_file();
    if (server)
        server_close();
    else
        bench_close();
    if (bench_json != NULL) {
        fprintf(bench_json, "\n]}\n");
        fclose(bench_json);
    }
    printf("bench: %d short\n", bench_short);
    return bench_short == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
