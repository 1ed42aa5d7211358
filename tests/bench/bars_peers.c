/* The peers' parts of bars 1, 2, 7, 8 and 8b: the same data, the same questions and the same rounds as ours. */
#include <stdio.h>
#include <string.h>

#include "peers.h"
#include "server.h"

static void of_a_file(void)
{
    static const char *const programs[] = {"better-sqlite3", "prisma", NULL};
    static const struct goal gets[] = {{"1", "better-sqlite3", 1.1}, {"1", "prisma", 25}, {NULL, NULL, 0}};
    static const struct goal lists[] = {{"2", "better-sqlite3", 2.2}, {"2", "prisma", 7.5}, {NULL, NULL, 0}};
    static const struct goal imports[] = {{"7", "prisma", 15}, {NULL, NULL, 0}};

    /* A peer that cannot name an index for its list needs the engine's statistics to find the right one: without them
     * Prisma's list takes ten times as long. Ours and raw name theirs. */
    if (!raw_run(bench.raw, "PRAGMA analysis_limit=1000;ANALYZE properties"))
        die("statistics");
    peers_before_writes();
    peers_of_listings(programs);
    peers_read(wanted("1") ? gets : NULL, wanted("2") ? lists : NULL);
    peers_write(imports);
    if (!raw_run(bench.raw, "DROP TABLE IF EXISTS sqlite_stat1;DROP TABLE IF EXISTS sqlite_stat4"))
        die("statistics");
}

/* Bar 8 is about CPU: waking up for a server's answers takes as long for all. */
static void of_postgres(void)
{
    static const char *const programs[] = {"prisma", NULL};
    static const struct goal gets[] = {{"8", "prisma", 12}, {NULL, NULL, 0}};
    static const struct goal imports[] = {{"7", "prisma", 20}, {NULL, NULL, 0}};

    if (wanted("7"))
        peers_before_import();
    peers_of_listings(programs);
    peers_read(wanted("8") ? gets : NULL, wanted("8") ? gets : NULL);
    if (wanted("7"))
        peers_import(imports);
}

void bars_peers(void)
{
    if (!peers_wanted())
        return;
    if (bench_server.on == NULL)
        of_a_file();
    else if (strcmp(bench_server.on->name, "postgres") == 0)
        of_postgres();
    else
        printf("  no peer has a side on this server\n");
    peers_close();
}

/* One insert and one get by its key, in wall time: the server's part is in it for all. */
void peers_documents(const char *uri, const char *collection, const side_fn inserts[2], const side_fn gets[2])
{
    static const char *const programs[] = {"mongoose", NULL};
    static const struct goal goals[] = {{"8b", "mongoose", 4}, {NULL, NULL, 0}};
    static const char *const jobs[] = {"get", "lean"}, *const labels[] = {"document-get", "document-get-lean"};
    struct contest c = {.job = "insert", .label = "document-insert", .how = BY_CLOCK, .lasts = 0.4, .operations = 1000};

    if (!peers_wanted())
        return;
    peer_setting("STORE", uri);
    peer_setting("COLLECTION", collection);
    peers_open(programs);
    c.ours = inserts[0];
    c.raw = inserts[1];
    c.goals = goals;
    peers_contest(&c);
    for (int i = 0; i < 2; i++) {
        c.job = jobs[i];
        c.label = labels[i];
        c.ours = gets[0];
        c.raw = gets[1];
        c.goals = i == 0 ? goals : NULL; /* documents as it gives them by default; without its own methods on each */
        peers_contest(&c);
    }
    peers_close();
}
