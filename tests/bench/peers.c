#include "peers.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEERS 3
#define SIDES (PEERS + 2)
#define LEAST 20 /* operations of a turn */

static struct peer {
    char program[24], title[120]; /* of the answer "ready ..." */
    pid_t pid;
    FILE *to, *from;
} peers[PEERS];
static size_t peer_count;

bool peers_wanted(void)
{
    const char *folder = getenv("HC_BENCH_PEERS");

    return folder != NULL && folder[0] != '\0';
}

void peer_setting(const char *name, const char *value)
{
    char full[64];

    snprintf(full, sizeof(full), "HC_PEER_%s", name);
    setenv(full, value, 1);
}

/* ---- a child and its lines ---- */

static bool spawn(struct peer *peer)
{
    char script[600];
    int to[2], from[2];

    snprintf(script, sizeof(script), "%s/tests/bench/peers/%s.mjs", HC_SOURCE_DIR, peer->program);
    if (pipe(to) != 0 || pipe(from) != 0)
        return false;
    fflush(NULL);
    peer->pid = fork();
    if (peer->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        close(from[0]);
        execlp("node", "node", script, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    peer->to = fdopen(to[1], "w");
    peer->from = fdopen(from[0], "r");
    return peer->pid > 0 && peer->to != NULL && peer->from != NULL;
}

static void stop(struct peer *peer)
{
    if (peer->to != NULL)
        fclose(peer->to);
    if (peer->from != NULL)
        fclose(peer->from);
    if (peer->pid > 0)
        waitpid(peer->pid, NULL, 0);
    memset(peer, 0, sizeof(*peer));
}

static bool line_of(const struct peer *peer, char *line, size_t size)
{
    if (fgets(line, (int)size, peer->from) == NULL)
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static bool is_there(const char *program)
{
    char path[600];
    struct stat info;

    snprintf(path, sizeof(path), "%s/%s/node_modules", getenv("HC_BENCH_PEERS"), program);
    return stat(path, &info) == 0;
}

void peers_open(const char *const *programs)
{
    char line[400];

    signal(SIGPIPE, SIG_IGN); /* of a peer that ended */
    for (; *programs != NULL && peer_count < PEERS; programs++) {
        struct peer *peer = &peers[peer_count];

        if (!is_there(*programs)) {
            printf("  %s is left out: it is not installed\n", *programs);
            continue;
        }
        snprintf(peer->program, sizeof(peer->program), "%s", *programs);
        if (!spawn(peer) || !line_of(peer, line, sizeof(line)) || strncmp(line, "ready ", 6) != 0) {
            printf("  %s is left out: it does not start\n", *programs);
            stop(peer);
            continue;
        }
        snprintf(peer->title, sizeof(peer->title), "%.100s", line + 6);
        printf("  peer: %s\n", peer->title);
        peer_count++;
    }
}

void peers_close(void)
{
    while (peer_count > 0)
        stop(&peers[--peer_count]);
}

/* CPU of its thread that runs the program, from outside: it waits for a line when this is read. Helpers, such as those
 * that collect garbage, are not counted, which is in the peer's favour. */
static double cpu_of(const struct peer *peer)
{
    char path[64];
    unsigned long long nanoseconds = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)peer->pid, (int)peer->pid);
    file = fopen(path, "r");
    if (file == NULL || fscanf(file, "%llu", &nanoseconds) != 1)
        nanoseconds = 0; /* a kernel without it: only the clock counts */
    if (file != NULL)
        fclose(file);
    return (double)nanoseconds / 1e9;
}

/* False when the peer cannot do this, with its reason printed. */
static bool ask(const struct peer *peer, const char *job, uint64_t first, uint64_t count, double took[2],
                struct tally *tally)
{
    char line[400] = "no answer";
    double before = cpu_of(peer);

    fprintf(peer->to, "%s %" PRIu64 " %" PRIu64 "\n", job, first, count);
    fflush(peer->to);
    if (!line_of(peer, line, sizeof(line)) ||
        sscanf(line, "ok %lf %" SCNu64 " %" SCNd64, &took[BY_CLOCK], &tally->rows, &tally->cents) != 3) {
        printf("  %s cannot %s: %s\n", peer->title, job, line);
        return false;
    }
    took[BY_CPU] = cpu_of(peer) - before;
    return true;
}

/* ---- contests ---- */

struct rival {
    const char *name;
    const struct peer *peer; /* or: */
    side_fn side;
    whole_fn whole;
    uint64_t operations;
    double each[2][64]; /* seconds of an operation, by clock and round */
    bool out;
};

static void turn(const struct contest *c, struct rival *rival, int round)
{
    double took[2] = {0, 0};
    struct tally tally;

    if (rival->peer != NULL) {
        if (c->before != NULL)
            c->before();
        rival->out = !ask(rival->peer, c->job, (uint64_t)round * rival->operations, rival->operations, took, &tally);
        if (!rival->out && tally.rows < rival->operations && strcmp(c->job, "list") != 0)
            die("%s did %llu of %llu", rival->name, (unsigned long long)tally.rows,
                (unsigned long long)rival->operations);
    } else if (rival->whole != NULL) {
        took[BY_CPU] = seconds(BY_CPU);
        took[BY_CLOCK] = rival->whole();
        took[BY_CPU] = seconds(BY_CPU) - took[BY_CPU];
    } else {
        double start[2] = {seconds(BY_CLOCK), seconds(BY_CPU)};

        rival->side((uint64_t)round * rival->operations, rival->operations);
        for (int how = 0; how < 2; how++)
            took[how] = seconds(how) - start[how];
    }
    for (int how = 0; how < 2; how++)
        rival->each[how][round] = took[how] / (double)rival->operations;
}

/* A program in another language is compiled while it runs, so it warms up for some turns; from the last one comes how
 * many operations last as long as a turn is to. */
static void warm_up(const struct contest *c, struct rival *rival)
{
    uint64_t wanted_operations;

    if (rival->peer == NULL && rival->whole != NULL)
        return; /* both sides have warmed up in the bar before */
    if (rival->peer == NULL) {
        rival->side(0, rival->operations / 4 + 1);
        return;
    }
    rival->operations = c->operations / 20 + 1;
    for (int i = 0; i < 5 && !rival->out; i++) {
        turn(c, rival, 0);
        wanted_operations = (uint64_t)(c->lasts / rival->each[BY_CLOCK][0]);
        rival->operations = wanted_operations < LEAST           ? LEAST
                            : wanted_operations > c->operations ? c->operations
                                                                : wanted_operations;
    }
}

static size_t enter(const struct contest *c, struct rival *rivals)
{
    size_t count = 0;

    rivals[count++] =
        (struct rival){.name = "libhomeconnect", .side = c->ours, .whole = c->ours_whole, .operations = c->operations};
    if (c->raw != NULL || c->raw_whole != NULL)
        rivals[count++] =
            (struct rival){.name = "C by hand", .side = c->raw, .whole = c->raw_whole, .operations = c->operations};
    for (size_t i = 0; i < peer_count; i++)
        rivals[count++] = (struct rival){.name = peers[i].title, .peer = &peers[i]};
    for (size_t i = 0; i < count; i++)
        warm_up(c, &rivals[i]);
    return count;
}

/* Median over the rounds of how many times as long as ours it took. */
static double times(const struct rival *rival, const struct rival *ours, int how)
{
    double ratios[64];

    for (int i = 0; i < bench.rounds; i++)
        ratios[i] = rival->each[how][i] / ours->each[how][i];
    return median(ratios, (size_t)bench.rounds);
}

static void tell(const struct contest *c, const struct rival *rival, const double ratios[2])
{
    double each[2], copy[64];

    for (int how = 0; how < 2; how++) {
        memcpy(copy, rival->each[how], sizeof(copy));
        each[how] = median(copy, (size_t)bench.rounds) * 1e6;
    }
    printf("  %s, %s: %.2f us of CPU, %.2f by the clock; %.2f and %.2f times ours (%llu a round)\n", c->label,
           rival->name, each[BY_CPU], each[BY_CLOCK], ratios[BY_CPU], ratios[BY_CLOCK],
           (unsigned long long)rival->operations);
    figure(c->label, rival->name, each, ratios, c->how);
}

static void hold(const struct contest *c, const struct rival *rival, double ratio)
{
    char name[80];

    for (const struct goal *goal = c->goals; goal != NULL && goal->peer != NULL; goal++)
        if (rival->peer != NULL && strcmp(goal->peer, rival->peer->program) == 0) {
            snprintf(name, sizeof(name), "%s-%s", c->label, goal->peer);
            bar_at_least(goal->number, name, ratio, goal->times);
        }
}

void peers_contest(const struct contest *c)
{
    struct rival *rivals = calloc(SIDES, sizeof(*rivals));
    size_t count;

    if (rivals == NULL)
        die("no memory");
    count = enter(c, rivals);
    for (int round = 0; round < bench.rounds; round++)
        for (size_t i = 0; i < count; i++) {
            struct rival *rival = &rivals[((size_t)round + i) % count];

            if (!rival->out)
                turn(c, rival, round);
        }
    for (size_t i = 0; i < count; i++) {
        double ratios[2] = {times(&rivals[i], &rivals[0], BY_CLOCK), times(&rivals[i], &rivals[0], BY_CPU)};

        if (rivals[i].out)
            continue;
        tell(c, &rivals[i], ratios);
        hold(c, &rivals[i], ratios[c->how]);
    }
    free(rivals);
}

bool peer_does(const char *program, const char *job, uint64_t first, uint64_t count)
{
    struct tally tally;
    double took[2];

    for (size_t i = 0; i < peer_count; i++)
        if (strcmp(peers[i].program, program) == 0)
            return ask(&peers[i], job, first, count, took, &tally);
    return false;
}

void peers_check(const char *job, uint64_t count, struct tally expected)
{
    for (size_t i = 0; i < peer_count; i++) {
        struct tally tally = {0, 0};
        double took[2];

        if (ask(&peers[i], job, 0, count, took, &tally) &&
            (tally.rows != expected.rows || tally.cents != expected.cents))
            die("%s: %llu rows and %lld cents by %s, ours %llu and %lld", job, (unsigned long long)tally.rows,
                (long long)tally.cents, peers[i].title, (unsigned long long)expected.rows, (long long)expected.cents);
    }
}
