/* Many threads on a pool of 8 connections, against 8 raw ones with a connection each. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"
#include "watch.h"

#define CONNECTIONS 8 /* of the client's pool, and threads of the raw side */
#define THREADS     32
#define GETS        16000 /* of all threads of a side together */
#define IDS         4096

static uint8_t ids[IDS][16];
static double waits[2][GETS]; /* of gets of ours and of the raw side: from the call to the row */

struct getter {
    hc_session *session; /* NULL: raw */
    void *raw;
    uint64_t first, count;
};

static void *get_all(void *data)
{
    const struct getter *me = data;
    struct raw_row row;

    for (uint64_t i = me->first; i < me->first + me->count; i++) {
        double start = seconds(BY_CLOCK);
        hc_property *found;
        hc_error err;
        hc_id id;

        if (me->session == NULL) {
            if (!bench_server.on->get(me->raw, ids[i % IDS], &row))
                die("raw get found nothing");
        } else {
            memcpy(id.bytes, ids[i % IDS], 16);
            must(hc_property_get(&found, me->session, id, &err), &err, "get");
            hc_property_free(found);
        }
        waits[me->session == NULL][i] = seconds(BY_CLOCK) - start;
    }
    return NULL;
}

static double all(struct getter *getters, int count)
{
    pthread_t threads[THREADS];
    double start = seconds(BY_CLOCK);

    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, get_all, &getters[i]) != 0)
            die("no thread");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return seconds(BY_CLOCK) - start;
}

/* Of one sign-in, as a program's own threads are, or each of its own, as those of a portal's visitors. */
static void make_getters(struct getter *ours, struct getter *raws, bool own)
{
    struct listing listing;
    hc_error err;

    for (uint64_t i = 0, number = 0; i < IDS; number++) {
        listing_make(&listing, mix(number + 7700) % bench.rows);
        if (listing.status != NULL)
            memcpy(ids[i++], listing.id, 16);
    }
    for (uint64_t i = 0; i < THREADS; i++) {
        const char *token = hc_session_token(bench.buyer);

        ours[i] = (struct getter){NULL, NULL, i * (GETS / THREADS), GETS / THREADS};
        if (own)
            ours[i].session = sign_in(bench.client, people[0]);
        else
            must(hc_session_open(&ours[i].session, bench.client, token, strlen(token), NULL, &err), &err, "session");
    }
    for (uint64_t i = 0; i < CONNECTIONS; i++) {
        raws[i] = (struct getter){NULL, server_raw(bench.path), i * (GETS / CONNECTIONS), GETS / CONNECTIONS};
        if (!bench_server.on->prepare(raws[i].raw))
            die("the raw side's statements");
    }
}

/* What a side's rounds were like, by round. */
struct rounds {
    double middle[64], most[64], longest[64]; /* s; the last two in medians */
};

static void add_round(struct rounds *to, int round, double *of)
{
    to->middle[round] = median(of, GETS);
    to->longest[round] = of[GETS - 1] / to->middle[round]; /* they are sorted now */
    to->most[round] = of[GETS - 1 - GETS / 1000] / to->middle[round];
}

static void tell(const char *who, struct rounds *of, int count)
{
    printf("  %s: median wait %.0f us, the longest %.1f times as long, 999 of 1,000 below %.1f times\n", who,
           median(of->middle, (size_t)count) * 1e6, median(of->longest, (size_t)count),
           median(of->most, (size_t)count));
}

/* Rounds of ours until as many as were asked for had both CPUs, or three times as many were not enough. */
static void bar_of_waits(struct getter *ours, const char *who)
{
    struct rounds whole = {0}, disturbed = {0};
    int whole_count = 0, disturbed_count = 0;
    char name[64];

    while (whole_count < bench.rounds && whole_count + disturbed_count < 4 * bench.rounds && disturbed_count < 64) {
        uint64_t before = watch_gaps();

        all(ours, THREADS);
        if (watch_gaps() == before)
            add_round(&whole, whole_count++, waits[0]);
        else
            add_round(&disturbed, disturbed_count++, waits[0]);
    }
    printf("  in %d of %d rounds the machine took a CPU away for more than 1 ms\n", disturbed_count,
           disturbed_count + whole_count);
    if (disturbed_count > 0)
        tell("in these", &disturbed, disturbed_count);
    if (whole_count == 0)
        return;
    tell("in the others", &whole, whole_count);
    snprintf(name, sizeof name, "longest-wait-%s", who);
    bar_at_most("pool", name, median(whole.longest, (size_t)whole_count), 3);
}

static void compare(const char *who, bool own)
{
    struct getter ours[THREADS], raws[CONNECTIONS];
    double ratios[64], best[2] = {1e9, 1e9};
    struct rounds rounds[2];
    char name[64];

    make_getters(ours, raws, own);
    all(ours, THREADS);
    all(raws, CONNECTIONS);
    for (int round = 0; round < bench.rounds; round++) {
        double took[2];

        for (int turn = 0; turn < 2; turn++) {
            int side = (round + turn) % 2;

            took[side] = side == 0 ? all(ours, THREADS) : all(raws, CONNECTIONS);
            best[side] = took[side] < best[side] ? took[side] : best[side];
        }
        ratios[round] = took[1] / took[0];
        for (int side = 0; side < 2; side++)
            add_round(&rounds[side], round, waits[side]);
    }
    printf("  %d threads of ours, %s: %.0f gets/s, %d raw ones %.0f gets/s (best round)\n", THREADS, who,
           GETS / best[0], CONNECTIONS, GETS / best[1]);
    tell("ours", &rounds[0], bench.rounds);
    tell("raw", &rounds[1], bench.rounds);
    snprintf(name, sizeof name, "32-threads-on-8-connections-%s", who);
    bar_at_least("pool", name, median(ratios, (size_t)bench.rounds), 0.9);
    bar_of_waits(ours, who);
    for (int i = 0; i < THREADS; i++)
        hc_session_free(ours[i].session);
    for (int i = 0; i < CONNECTIONS; i++)
        bench_server.on->close(raws[i].raw);
}

/* Each process that PostgreSQL makes is a session, to which Linux gives a share of its own then, as large as that of
 * all our threads: some of them wait for 100 ms and more until it is their turn. */
static void tell_of_groups(void)
{
    FILE *setting = fopen("/proc/sys/kernel/sched_autogroup_enabled", "r");

    if (setting != NULL && fgetc(setting) == '1')
        printf("  kernel.sched_autogroup_enabled is 1: waits are longer than where it is 0\n");
    if (setting != NULL)
        fclose(setting);
}

void bars_pool(void)
{
    if (!wanted("pool"))
        return;
    tell_of_groups();
    if (!watch_start())
        printf("  not watched: no right to real-time priority\n");
    compare("one-sign-in", false);
    compare("own-sign-ins", true);
    watch_stop();
}
