/* SIGKILL at random points of a process that writes: what it was told is written is there, and nothing is half there.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "homeconnect/audit.h"
#include "homeconnect/version.h"
#include "house.h"
#include "ledger.h"

#define KILL_AFTER     2000  /* µs after the child opened the store, at least */
#define KILL_WITHIN    40000 /* and this much more at most */
#define CYCLES_A_STORE 40    /* then a fresh one, so that checking stays quick */
#define WAL_WRITE_LOCK 120   /* byte of the -shm file that SQLite locks while a write transaction is open */
#define OPENED         (-1)  /* in ledger_ack.count */

static char token[8192];
static char wal_index[400];

/* A store with an agent in it, and nothing open. */
static void fresh_store(void)
{
    house_folder();
    house_client();
    house_people();
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    snprintf(wal_index, sizeof wal_index, "%s-shm", house.path);
    house_leave();
}

static hc_session *agent_session(void)
{
    hc_session *out = NULL;

    HOUSE_OK(hc_session_open(&out, house.client, token, strlen(token), NULL, err));
    return out;
}

/* ---- the child ---- */

static void tell(int pipe, const ledger_ack *ack)
{
    if (write(pipe, ack, sizeof *ack) != (ssize_t)sizeof *ack)
        _exit(3);
}

/* Works until it is killed. An error is none that a kill may cause: it is printed and the parent misses OPENED. */
static void work(int pipe, ledger *book, const char *bug)
{
    hc_client_options options;
    hc_client *client;
    hc_session *as;
    ledger_ack ack = {.count = OPENED};
    hc_error err = {0};

    if (bug != NULL)
        setenv("HC_BUG", bug, 1);
    house_options(&options);
    if (hc_client_open(&client, &options, &err) < 0 ||
        hc_session_open(&as, client, token, strlen(token), NULL, &err) < 0) {
        fprintf(stderr, "child, open: %s\n", err.message);
        _exit(2);
    }
    tell(pipe, &ack);
    for (;;) {
        if (ledger_step(&ack, book, client, as, house.folder, &err) < 0) {
            fprintf(stderr, "child: %s %s\n", err.field, err.message);
            _exit(2);
        }
        ledger_apply(book, &ack);
        tell(pipe, &ack);
    }
}

/* Opens, makes a few calls and closes, again and again: most kills hit recovery, a checkpoint, or the migration. */
static void open_and_close(int pipe, ledger *book, int calls)
{
    for (;;) {
        hc_client_options options;
        hc_client *client;
        hc_session *as;
        ledger_ack ack;
        hc_error err = {0};

        house_options(&options);
        if (hc_client_open(&client, &options, &err) < 0) {
            fprintf(stderr, "child, open: %s\n", err.message);
            _exit(2);
        }
        if (calls > 0 && hc_session_open(&as, client, token, strlen(token), NULL, &err) >= 0) {
            for (int i = 0; i < calls; i++)
                if (ledger_step(&ack, book, client, as, house.folder, &err) >= 0) {
                    ledger_apply(book, &ack);
                    tell(pipe, &ack);
                }
            hc_session_free(as);
        }
        hc_client_close(client);
    }
}

/* ---- the parent ---- */

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

/* Applies what comes until the deadline (0: until the end). *opened tells whether the child came so far. */
static void listen_until(int pipe, ledger *book, int64_t deadline, bool *opened)
{
    for (;;) {
        struct pollfd from = {pipe, POLLIN, 0};
        int64_t left = deadline - micros();
        ledger_ack ack;

        if (deadline != 0 && left <= 0)
            return;
        if (poll(&from, 1, deadline == 0 ? -1 : (int)(left / 1000) + 1) <= 0)
            continue;
        if (read(pipe, &ack, sizeof ack) != (ssize_t)sizeof ack)
            return;
        if (ack.count != OPENED)
            ledger_apply(book, &ack);
        else if (opened != NULL)
            *opened = true;
        if (opened != NULL && *opened)
            return;
    }
}

/* Whether a stopped process holds the lock of a write transaction. */
static bool in_transaction(void)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = WAL_WRITE_LOCK, .l_len = 1};
    int fd = open(wal_index, O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

    if (fd >= 0)
        close(fd);
    return held;
}

static bool kill_child(pid_t child)
{
    bool open;
    int how;

    kill(child, SIGSTOP);
    waitpid(child, &how, WUNTRACED);
    open = WIFSTOPPED(how) && in_transaction();
    kill(child, SIGKILL);
    if (WIFSTOPPED(how))
        waitpid(child, &how, 0);
    ck_assert_msg(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL, "the child ended by itself: %d", how);
    return open;
}

/* `calls` below 0: a child that stays open; else one that opens and closes around so many calls. */
static pid_t start(int pipes[2], ledger *book, int calls, const char *bug)
{
    pid_t child;

    ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
    fflush(stdout);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(pipes[0]);
        if (calls >= 0)
            open_and_close(pipes[1], book, calls);
        else
            work(pipes[1], book, bug);
        _exit(1);
    }
    close(pipes[1]);
    return child;
}

/* Opens the store as the next process would, and finds everything promised. */
static int verify(ledger *book, char *fault, size_t size)
{
    hc_session *as;
    ledger_ack ack;
    int faults;

    house_client();
    as = agent_session();
    faults = ledger_check(book, as, house.path, fault, size);
    HOUSE_OK(hc_audit_verify(NULL, house.system, NULL, err));
    if (faults == 0) { /* no lock is left: the next write goes through */
        HOUSE_OK(ledger_step(&ack, book, house.client, as, house.folder, err));
        ledger_apply(book, &ack);
    }
    hc_session_free(as);
    house_leave();
    return faults;
}

static int cycle(ledger *book, bool *inside, const char *bug, char *fault, size_t size)
{
    int pipes[2];
    bool opened = false;
    pid_t child = start(pipes, book, -1, bug);

    listen_until(pipes[0], book, micros() + 30 * HOUSE_SECOND, &opened);
    ck_assert_msg(opened, "the child did not open the store");
    listen_until(pipes[0], book, micros() + KILL_AFTER + (int64_t)ledger_random(book, KILL_WITHIN), NULL);
    *inside = kill_child(child);
    listen_until(pipes[0], book, 0, NULL);
    close(pipes[0]);
    return verify(book, fault, size);
}

/* How many of `cycles` were needed until a fault showed; 0 when none did. */
static int run(int cycles, const char *bug, int *inside, int64_t *acks, char *fault, size_t size)
{
    ledger book;
    uint64_t seed = (uint64_t)micros();
    int bad = 0;

    printf("seed %llu\n", (unsigned long long)seed);
    ledger_init(&book, seed);
    for (int i = 0; i < cycles && bad == 0; i++) {
        bool open = false;

        if (i % CYCLES_A_STORE == 0) {
            if (i > 0)
                house_remove();
            seed = book.random;
            *acks += book.acks;
            ledger_free(&book);
            ledger_init(&book, seed);
            fresh_store();
        }
        if (cycle(&book, &open, bug, fault, size) > 0)
            bad = i + 1;
        *inside += open;
        house_count(1);
    }
    *acks += book.acks;
    house_remove();
    ledger_free(&book);
    return bad;
}

static int cycles_of(int normal, int many)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? many : normal;
}

#define CYCLES 1000

/* S01: in a long run ten times, since check cannot tell of a test that takes more than 35 minutes. */
START_TEST(a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half)
{
    int inside = 0, bad;
    int64_t acks = 0;
    char fault[512] = "";

    bad = run(CYCLES, NULL, &inside, &acks, fault, sizeof fault);
    printf("kill -9: %d cycles, %lld acknowledged, %d kills inside a transaction (%d %%)\n", bad == 0 ? CYCLES : bad,
           (long long)acks, inside, inside * 100 / (bad == 0 ? CYCLES : bad));
    printf("store sqlite %s: 1 tests, %lld operations\n", sqlite3_libversion(), (long long)acks);
    ck_assert_msg(bad == 0, "cycle %d: %s", bad, fault);
    ck_assert_msg(inside * 100 >= CYCLES * 30, "only %d of %d kills hit an open transaction", inside, CYCLES);
}
END_TEST

static void bug_is_found(const char *bug)
{
    int inside = 0, bad;
    int64_t acks = 0;
    char fault[512] = "";

    bad = run(100, bug, &inside, &acks, fault, sizeof fault);
    ck_assert_msg(bad > 0, "%s was not found in 100 cycles", bug);
    printf("HC_BUG=%s found in cycle %d: %s\n", bug, bad, fault);
}

START_TEST(the_harness_finds_a_change_without_its_event)
{
    bug_is_found("no-event");
}
END_TEST

START_TEST(the_harness_finds_a_price_without_its_history)
{
    bug_is_found("no-history");
}
END_TEST

START_TEST(the_harness_finds_a_commit_that_comes_too_early)
{
    bug_is_found("commit-before-history");
}
END_TEST

static void kill_while_opening(ledger *book, int calls, int64_t within)
{
    int pipes[2];
    pid_t child = start(pipes, book, calls, NULL);

    listen_until(pipes[0], book, micros() + 500 + (int64_t)ledger_random(book, (uint64_t)within), NULL);
    kill_child(child);
    listen_until(pipes[0], book, 0, NULL);
    close(pipes[0]);
}

/* How long a process takes to open and close the store as it is now, in µs: what a kill must fall into. */
static int64_t time_of_opening(void)
{
    int64_t from = micros();
    int how;
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        house_client();
        house_leave();
        _exit(0);
    }
    ck_assert(waitpid(child, &how, 0) == child && how == 0);
    return micros() - from;
}

/* S03 */
START_TEST(a_process_killed_while_it_recovers_or_checkpoints_leaves_a_store_that_opens)
{
    int cycles = cycles_of(80, 2000);
    char fault[512] = "";
    int64_t once = 0, acks = 0;
    ledger book;

    ledger_init(&book, (uint64_t)micros());
    for (int i = 0; i < cycles; i++) {
        if (i % CYCLES_A_STORE == 0) {
            uint64_t random = book.random;

            if (i > 0)
                house_remove();
            acks += book.acks;
            ledger_free(&book);
            ledger_init(&book, random);
            fresh_store();
            once = time_of_opening();
        }
        /* Sometimes twice in a row: the second kill meets what the first one left. */
        kill_while_opening(&book, 3, 4 * once);
        if (i % 2 == 0)
            kill_while_opening(&book, 0, once);
        ck_assert_msg(verify(&book, fault, sizeof fault) == 0, "cycle %d: %s", i, fault);
    }
    printf("kill -9 while opening: %d cycles, %lld acknowledged\n", cycles, (long long)(acks + book.acks));
    ledger_free(&book);
    house_remove();
}
END_TEST

/* Some tables of each schema version: all of them are there from that version on, and none before. */
static const char *const tables_of[] = {
    "SELECT count(*) FROM sqlite_schema WHERE name IN ('users','properties','import_rows')",
    "SELECT count(*) FROM sqlite_schema WHERE name IN ('leads','appointments','audit_heads')",
};

/* What raw SQLite sees: each version is one step, done or not. */
static void check_all_or_nothing(void)
{
    sqlite3 *db = NULL;
    int64_t version;
    struct stat info;

    if (stat(house.path, &info) != 0 || info.st_size == 0)
        return;
    ck_assert_int_eq(sqlite3_open_v2(house.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_close(db);
    version = house_sql("PRAGMA user_version");
    ck_assert_int_le(version, hc_schema_version());
    for (int64_t i = 0; i < (int64_t)(sizeof tables_of / sizeof tables_of[0]); i++)
        ck_assert_msg(house_sql(tables_of[i]) == (version > i ? 3 : 0), "version %lld with %lld of 3 tables of %lld",
                      (long long)version, (long long)house_sql(tables_of[i]), (long long)i + 1);
}

/* S03 */
START_TEST(a_migration_is_all_or_nothing)
{
    int cycles = cycles_of(60, 1000), before = 0;
    int64_t once;
    ledger book;

    ledger_init(&book, (uint64_t)micros());
    token[0] = '\0';
    house_folder();
    once = time_of_opening();
    house_remove();
    for (int i = 0; i < cycles; i++) {
        house_folder();
        snprintf(wal_index, sizeof wal_index, "%s-shm", house.path);
        kill_while_opening(&book, 0, once + once / 4);
        check_all_or_nothing();
        before += access(house.path, F_OK) != 0 || house_sql("PRAGMA user_version") == 0;
        house_client();
        ck_assert_int_eq(house_sql("PRAGMA user_version"), hc_schema_version());
        ck_assert_int_eq(house_sql("SELECT count(*) FROM properties"), 0);
        house_leave();
        house_remove();
    }
    ck_assert_msg(before > 0 && before < cycles, "%d of %d kills came before the migration was written", before,
                  cycles);
    printf("kill -9 while migrating: %d cycles, %d before the migration was written\n", cycles, before);
    ledger_free(&book);
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_loop_test(tcase, a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half, 0,
                        cycles_of(1, 10));
    tcase_add_test(tcase, the_harness_finds_a_change_without_its_event);
    tcase_add_test(tcase, the_harness_finds_a_price_without_its_history);
    tcase_add_test(tcase, the_harness_finds_a_commit_that_comes_too_early);
    tcase_add_test(tcase, a_process_killed_while_it_recovers_or_checkpoints_leaves_a_store_that_opens);
    tcase_add_test(tcase, a_migration_is_all_or_nothing);
}

int main(void)
{
    return suite_main("fault.kill", fill, NULL, NULL);
}
