/* Bar 13, and the sizes that issue 3 bounds. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

/* ---- open ---- */

static void bar_open(void)
{
    enum { OPENS = 40 };
    double took[OPENS];

    for (int i = 0; i < OPENS; i++) {
        double start = seconds(BY_CLOCK);
        hc_property_page *page;
        hc_session *guest;
        hc_client *client;
        hc_error err;

        open_client(&client, bench.path); /* migrates when it must */
        must(hc_session_guest(&guest, client, NULL, &err), &err, "guest");
        must(hc_property_list(&page, guest, NULL, &err), &err, "list");
        took[i] = (seconds(BY_CLOCK) - start) * 1e3;
        hc_property_page_free(page);
        hc_session_free(guest);
        hc_client_close(client);
    }
    bar_at_most("13", "open-to-first-query-ms", median(took, OPENS), 10);
}

/* ---- size of the library ---- */

static void bar_size(void)
{
    char command[900], stripped[480];
    struct stat info;
    Dl_info where;
    hc_status (*open)(hc_client **, const hc_client_options *, hc_error *) = hc_client_open;
    void *address;

    memcpy(&address, &open, sizeof(address));
    snprintf(stripped, sizeof(stripped), "%s/stripped.so", bench.folder);
    if (dladdr(address, &where) == 0)
        die("cannot tell where the library lies");
    snprintf(command, sizeof(command), "strip -o '%s' '%.300s'", stripped, where.dli_fname);
    if (system(command) != 0 || stat(stripped, &info) != 0)
        die("cannot strip %s", where.dli_fname);
    unlink(stripped);
    bar_at_most("size", "library-kib", (double)info.st_size / 1024, 700);
}

/* ---- memory of a client with one session ---- */

static size_t in_use, most;

/* Each block knows its size, in front of it. */
static void *allocate(size_t size, void *data)
{
    size_t *block = malloc(size + 16);

    (void)data;
    if (block == NULL)
        return NULL;
    block[0] = size;
    in_use += size;
    most = in_use > most ? in_use : most;
    return block + 2;
}

static void release(void *block, void *data)
{
    size_t *start = (size_t *)block - 2;

    (void)data;
    in_use -= start[0];
    free(start);
}

static void *reallocate(void *block, size_t size, void *data)
{
    void *larger = allocate(size, data);
    size_t old = ((size_t *)block)[-2];

    if (larger == NULL)
        return NULL;
    memcpy(larger, block, old < size ? old : size);
    release(block, data);
    return larger;
}

static void bar_heap(void)
{
    hc_allocator allocator = {sizeof(hc_allocator), allocate, reallocate, release, NULL};
    hc_client_options options = HC_CLIENT_OPTIONS_INIT;
    hc_property_page *page;
    hc_session *buyer;
    hc_client *client;
    char uri[600];
    hc_error err;

    snprintf(uri, sizeof(uri), "sqlite:%s", bench.path);
    options.storage_uri = uri;
    options.allocator = &allocator;
    options.token_lifetime = INT64_C(86400000000);
    must(hc_client_open(&client, &options, &err), &err, "open");
    must(hc_session_open(&buyer, client, hc_session_token(bench.buyer), strlen(hc_session_token(bench.buyer)), NULL,
                         &err),
         &err, "session");
    must(hc_property_list(&page, buyer, NULL, &err), &err, "list");
    printf("  %.1f KiB in use with a page, %.1f KiB at most\n", (double)in_use / 1024, (double)most / 1024);
    hc_property_page_free(page);
    bar_at_most("heap", "client-and-session-kib", (double)most / 1024, 1024);
    hc_session_free(buyer);
    hc_client_close(client);
    if (in_use != 0)
        die("%zu bytes are not given back", in_use);
}

void bars_small(void)
{
    if (wanted("13"))
        bar_open();
    if (wanted("size"))
        bar_size();
    if (wanted("heap"))
        bar_heap();
}
