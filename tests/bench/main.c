/* bench [NAME...]: all bars, or those named ("1", "6a", "14"). Settings come from the environment:
 * HC_BENCH_STORAGE, HC_BENCH_ROWS, HC_BENCH_IMPORT_ROWS, HC_BENCH_ROUNDS, HC_BENCH_FOLDER, HC_BENCH_JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "peers.h"
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
    bars_memory();
    bars_scale();
    bars_plans();
    bars_work();
    bars_viewings();
    bars_write();
    bars_log();
    bars_peers();
#ifdef BENCH_MONGODB
    bars_pair();
#endif
}

static void bars_of_server(void)
{
    bars_read();
    bars_pool();
    bars_plans();
    bars_server();
    bars_peers();
}

/* From a file of its own to a store of documents. */
static void bars_of_documents(void)
{
#ifdef BENCH_MONGODB
    if (wanted("8b") || wanted("8c") || wanted("relay"))
        bars_relay();
    bars_documents();
#else
    die("built without libmongoc 1.23 (Debian: libmongoc-dev)");
#endif
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

static void open_json(void)
{
    const char *json = getenv("HC_BENCH_JSON");

    bench_json = json == NULL ? NULL : fopen(json, "w");
    if (bench_json != NULL)
        fprintf(bench_json, "{\"rows\": %-12llu, \"bars\": [", (unsigned long long)bench.rows);
}

static void close_json(const char *storage)
{
    if (bench_json == NULL)
        return;
    fprintf(bench_json, "\n], \"figures\": [%s\n], \"rounds\": %d, \"storage\": \"%s\"}\n", figures_json(),
            bench.rounds, storage);
    fclose(bench_json);
}

int main(int argc, char **argv)
{
    const char *storage = getenv("HC_BENCH_STORAGE");
    bool documents = storage != NULL && strcmp(storage, "mongodb") == 0;
    bool server = !documents && server_wanted(storage);

    setvbuf(stdout, NULL, _IOLBF, 0);
    read_settings();
    if (argc == 3 && strcmp(argv[1], "--memory") == 0) {
        memory_alone(argv[2]);
        return EXIT_SUCCESS;
    }
    if (server)
        server_open();
    else if (!documents)
        bench_open();
    if (argc == 4 && strcmp(argv[1], "--alone") == 0)
        return run_alone(argv[2], strtoull(argv[3], NULL, 10)) ? EXIT_SUCCESS : EXIT_FAILURE;
    bench_names = (const char *const *)argv + 1;
    bench_name_count = (size_t)argc - 1;
    open_json();
    printf("bench: %s, %llu listings, %d rounds\n",
           documents ? "sqlite to mongodb"
           : server  ? bench_server.on->name
                     : "sqlite",
           (unsigned long long)(documents ? 0 : bench.rows), bench.rounds);
    if (documents)
        bars_of_documents();
    else if (server)
        bars_of_server();
    else
        bars_file();
    if (server)
        server_close();
    else if (!documents)
        bench_close();
    close_json(storage == NULL || storage[0] == '\0' ? "sqlite" : storage);
    printf("bench: %d short\n", bench_short);
    return bench_short == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
