/* Relays are killed and stopped at labelled steps while others work: what an SQL transaction says happens to a document
 * happens once, in the order of its versions, and in the end the two stores say the same.
 *
 * Three processes: this one, which looks; one that writes when it is told to; and the relays, which HC_FP kills or
 * stops. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "entries.h"
#include "homeconnect/chat.h"
#include "homeconnect/document.h"
#include "homeconnect/outbox.h"
#include "pair.h"

#define LISTINGS 4
#define CHATS    3
#define PASSING  8                   /* listings that come and go */
#define PATIENCE (60 * HOUSE_SECOND) /* a hang, not a bar */
#define LEASE_MS "200"

static const char *const steps[] = {"relay.claimed", "relay.between", "relay.applied", "relay.marked"};
#define STEPS (sizeof steps / sizeof steps[0])

static char token[8192];
static unsigned long long seed;

static unsigned long long by_chance(unsigned long long below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static int64_t micros(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * INT64_C(1000000) + at.tv_nsec / 1000;
}

/* ---- who writes ----
 *
 * Contents follow from versions, so that a look at the document store alone tells whether it is as it was at one
 * moment: the first image of a listing's document at version n has the caption "vn", message k of a conversation says
 * "mk". */

typedef struct writing {
    hc_session *as;
    hc_id homes[LISTINGS], images[LISTINGS];
    int32_t home_versions[LISTINGS], versions[LISTINGS];
    char chats[CHATS][HC_CHAT_SESSION_SIZE];
    int messages[CHATS];
    hc_id passing[PASSING];
    int passing_count;
} writing;

/* What was acknowledged, as the process that writes tells it. */
typedef struct tally {
    int64_t operations;
    int64_t versions, messages, entries;
} tally;

static void must(hc_status status, const hc_error *err, const char *what)
{
    if (status >= 0)
        return;
    fprintf(stderr, "who writes: %s: %s %s: %s\n", what, hc_status_name(status), err->field, err->message);
    _exit(2);
}

static void change_document(writing *w, int which)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_error err = {0};
    char caption[24];

    snprintf(caption, sizeof caption, "v%d", w->versions[which] + 1);
    image.url = "https://photos.example.com/1.jpg";
    image.caption = caption;
    if (w->versions[which] == 0)
        must(hc_document_add_image(&w->images[which], &w->versions[which], w->as, w->homes[which], 0, &image, &err),
             &err, "add an image");
    else
        must(hc_document_set_caption(&w->versions[which], w->as, w->homes[which], w->versions[which], w->images[which],
                                     caption, &err),
             &err, "set a caption");
}

static void say(writing *w, int which)
{
    hc_error err = {0};
    char text[24];

    snprintf(text, sizeof text, "m%d", w->messages[which]++);
    must(hc_chat_append(w->as, w->chats[which], HC_CHAT_ROLE_USER, text, strlen(text), &err), &err, "say");
}

typedef struct riding {
    hc_id home;
    int32_t version;
} riding;

static hc_status change_price(hc_session *as, void *data, hc_error *err)
{
    riding *r = data;
    hc_property *home = hc_property_for(house.client, r->home, r->version);
    hc_activity *entry = entry_of("changed a price", &r->home, "{\"by\":1}");
    hc_id id;
    hc_status status;

    hc_property_set_price(home, 30000000 + r->version);
    status = hc_property_update(&r->version, as, home, err);
    if (status >= 0)
        status = hc_activity_append(&id, as, entry, err);
    hc_activity_free(entry);
    hc_property_free(home);
    return status;
}

static void ride(writing *w, int which)
{
    riding r = {w->homes[which], w->home_versions[which]};
    hc_error err = {0};

    must(hc_session_transact(w->as, change_price, &r, &err), &err, "change a price");
    w->home_versions[which] = r.version;
}

static void come(writing *w)
{
    hc_document_image image = HC_DOCUMENT_IMAGE_INIT;
    hc_property *home = house_sketch("A home that goes again", 10000000);
    hc_error err = {0};
    hc_id *id = &w->passing[w->passing_count++];
    hc_id item;

    must(hc_property_create(id, w->as, home, &err), &err, "list a home");
    hc_property_free(home);
    image.url = "https://photos.example.com/2.jpg";
    image.caption = "v1";
    must(hc_document_add_image(&item, NULL, w->as, *id, 0, &image, &err), &err, "add an image");
    must(hc_document_set_caption(NULL, w->as, *id, 1, item, "v2", &err), &err, "set a caption");
}

static void go(writing *w)
{
    hc_id id = w->passing[--w->passing_count];
    hc_error err = {0};

    must(hc_property_delete(w->as, id, 1, &err), &err, "delete a home");
    must(hc_property_purge(house.system, id, &err), &err, "purge a home");
}

static void write_once(writing *w, tally *t)
{
    unsigned long long what = by_chance(100);
    char text[24];
    hc_error err = {0};

    t->operations++;
    if (what < 40) {
        change_document(w, (int)by_chance(LISTINGS));
        t->versions++;
    } else if (what < 65) {
        say(w, (int)by_chance(CHATS));
        t->messages++;
    } else if (what < 70) {
        int which = (int)by_chance(CHATS);

        snprintf(text, sizeof text, "after %d", w->messages[which]);
        must(hc_chat_set_summary(w->as, w->chats[which], text, &err), &err, "sum up");
    } else if (what < 90 || (what < 95 && w->passing_count == PASSING) || (what >= 95 && w->passing_count == 0)) {
        ride(w, (int)by_chance(LISTINGS));
        t->entries++;
    } else if (what < 95) {
        come(w);
    } else {
        go(w);
    }
}

/* Does as many operations as each number that comes says, and answers with what was done by then. */
static void write_when_told(int from, int to)
{
    writing w = {0};
    tally t = {0};
    hc_error err = {0};
    int count;

    house_client();
    must(hc_session_open(&house.ana, house.client, token, strlen(token), NULL, &err), &err, "sign in");
    w.as = house.ana;
    for (int i = 0; i < LISTINGS; i++) {
        w.homes[i] = house_list_home(house.ana, "A home", 30000000);
        w.home_versions[i] = 1;
    }
    for (int i = 0; i < CHATS; i++)
        must(hc_chat_start(w.chats[i], w.as, &err), &err, "start a chat");
    while (read(from, &count, sizeof count) == (ssize_t)sizeof count) {
        while (count-- > 0)
            write_once(&w, &t);
        if (write(to, &t, sizeof t) != (ssize_t)sizeof t)
            break;
    }
    house_leave();
    _exit(0);
}

typedef struct writer {
    pid_t pid;
    int to, from;
    bool asked; /* and not yet answered */
    tally told;
} writer;

static void writer_start(writer *out)
{
    int down[2], up[2];

    *out = (writer){0};
    ck_assert_int_eq(pipe2(down, 0), 0);
    ck_assert_int_eq(pipe2(up, 0), 0);
    fflush(stdout);
    out->pid = fork();
    if (out->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(down[1]);
        close(up[0]);
        write_when_told(down[0], up[1]);
    }
    close(down[0]);
    close(up[1]);
    out->to = down[1];
    out->from = up[0];
}

static void writer_ask(writer *w, int operations)
{
    ck_assert_int_eq(write(w->to, &operations, sizeof operations), (ssize_t)sizeof operations);
    w->asked = true;
}

static void writer_wait(writer *w)
{
    if (w->asked)
        ck_assert_msg(read(w->from, &w->told, sizeof w->told) == (ssize_t)sizeof w->told, "who writes has ended");
    w->asked = false;
}

static void writer_stop(writer *w)
{
    int how = -1;

    writer_wait(w);
    close(w->to);
    ck_assert_int_eq(waitpid(w->pid, &how, 0), w->pid);
    close(w->from);
    ck_assert_msg(how == 0, "who writes ended with %d", how);
}

/* ---- relays ---- */

/* `label`: of HC_FP, or NULL. */
static pid_t relay_start(const char *label, const char *bug)
{
    hc_client_options options;
    hc_client *client = NULL;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (label != NULL)
        setenv("HC_FP", label, 1);
    if (bug != NULL)
        setenv("HC_BUG", bug, 1);
    house_options(&options);
    for (;;) {
        hc_error err = {0};
        hc_status status = client == NULL ? hc_client_open(&client, &options, &err) : HC_OK;

        if (status >= 0)
            status = hc_client_run(client, HOUSE_SECOND, NULL, &err);
        if (status < 0 && status != HC_ERR_BUSY) {
            fprintf(stderr, "relay: %s %s: %s\n", hc_status_name(status), err.field, err.message);
            _exit(2);
        }
        usleep(2000);
    }
}

enum { GONE, STOPPED, IDLE, STUCK };

/* Until it was killed or stopped at its step, or there is nothing left to deliver. With a bug there may be for ever. */
static int relay_wait(pid_t pid, const char *bug)
{
    int64_t until = micros() + (bug == NULL ? PATIENCE : 5 * HOUSE_SECOND);
    int looks = 0, how = 0;

    for (int64_t turn = 1; micros() < until; turn++) {
        if (waitpid(pid, &how, WNOHANG | WUNTRACED) == pid) {
            ck_assert_msg(WIFSTOPPED(how) || (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL), "a relay ended with %d",
                          how);
            return WIFSTOPPED(how) ? STOPPED : GONE;
        }
        if (turn % 10 == 0) {
            looks = pair_pending() == 0 ? looks + 1 : 0;
            if (looks > 1)
                return IDLE;
        }
        usleep(2000);
    }
    ck_assert_msg(bug != NULL, "a relay delivers no more: %lld effects wait", (long long)pair_pending());
    return STUCK;
}

static void relay_end(pid_t pid)
{
    int how;

    kill(pid, SIGKILL);
    ck_assert_int_eq(waitpid(pid, &how, 0), pid);
}

/* ---- looks ---- */

typedef struct seen {
    char id[33];
    int32_t version;
} seen;

static seen met[4096];
static int met_count;

static void no_version_goes_back(const house_value *values, int count, void *data)
{
    char id[33], number[16];
    int at = 0;
    int32_t version;

    (void)count;
    (void)data;
    snprintf(id, sizeof id, "%.*s", (int)values[0].size, (const char *)values[0].bytes);
    snprintf(number, sizeof number, "%.*s", (int)values[1].size, (const char *)values[1].bytes);
    version = (int32_t)strtol(number, NULL, 10);
    while (at < met_count && strcmp(met[at].id, id) != 0)
        at++;
    ck_assert_int_lt(at, (int)(sizeof met / sizeof met[0]));
    if (at == met_count)
        memcpy(met[met_count++].id, id, sizeof id);
    ck_assert_msg(version >= met[at].version, "%s went from version %d back to %d", id, met[at].version, version);
    met[at].version = version;
}

/* NULL, or what no moment of the SQL store looked like. */
static const char *no_moment(void)
{
    static char text[160];
    int64_t bad = house_sql("SELECT count(*) FROM property_documents WHERE json_text(images,'$[0].caption') IS NOT"
                            " 'v'||version OR json_array_length(images)<>1");

    snprintf(text, sizeof text, "%lld documents are not as at any version", (long long)bad);
    if (bad != 0)
        return text;
    bad = house_sql("SELECT count(*) FROM ai_chat_history c, json_each(c.messages) m WHERE"
                    " json_extract(m.value,'$.content') IS NOT 'm'||(c.bucket*100+m.key)");
    snprintf(text, sizeof text, "%lld messages are not where they were said", (long long)bad);
    house_rows("SELECT hex(id), version FROM property_documents", no_version_goes_back, NULL);
    house_rows("SELECT hex(id), version FROM ai_chat_history", no_version_goes_back, NULL);
    return bad != 0 ? text : NULL;
}

/* ---- campaigns ---- */

typedef struct campaign {
    int kills[STEPS], stops[STEPS];
    int cycles;
    int64_t absorbed;
    const char *fault;
    tally told;
} campaign;

static void fresh(void)
{
    pair_folder();
    house_client();
    house_people();
    snprintf(token, sizeof token, "%s", hc_session_token(house.ana));
    house_leave();
    met_count = 0;
    setenv("HC_TEST_LEASE_MS", LEASE_MS, 1);
}

static const char *label_of(size_t step, bool stop)
{
    static char text[64];

    snprintf(text, sizeof text, "%s:%d%s", steps[step], (int)by_chance(3) + 1, stop ? ":stop" : "");
    return text;
}

static void kill_one(campaign *c, writer *w, const char *bug)
{
    size_t step = by_chance(STEPS);
    pid_t pid = relay_start(label_of(step, false), bug);
    int how;

    writer_ask(w, 10 + (int)by_chance(40));
    how = relay_wait(pid, bug);
    if (how == GONE)
        c->kills[step]++;
    else
        relay_end(pid);
    if (how == STUCK)
        c->fault = "effects that no relay can deliver any more";
    writer_wait(w);
}

/* One is stopped with a batch in its hands; another takes over and delivers that and more; then the first goes on. */
static void stop_one(campaign *c, writer *w)
{
    size_t step = by_chance(STEPS);
    pid_t first = relay_start(label_of(step, true), NULL), second;
    int how;

    writer_ask(w, 20 + (int)by_chance(40));
    how = relay_wait(first, NULL);
    writer_wait(w);
    if (how != STOPPED) {
        relay_end(first);
        return;
    }
    c->stops[step]++;
    second = relay_start(NULL, NULL);
    writer_ask(w, 10);
    ck_assert_int_eq(relay_wait(second, NULL), IDLE);
    writer_wait(w);
    ck_assert_int_eq(relay_wait(second, NULL), IDLE);
    kill(first, SIGCONT);
    writer_ask(w, 10);
    ck_assert_int_eq(relay_wait(second, NULL), IDLE);
    writer_wait(w);
    usleep(20000);
    relay_end(second);
    relay_end(first);
}

static int total(const int *counts)
{
    int out = 0;

    for (size_t i = 0; i < STEPS; i++)
        out += counts[i];
    return out;
}

/* Whatever is left is delivered by a client that nobody hurts. With a bug some may never be. */
static const char *settle(const char *bug)
{
    const char *out;

    house_client();
    (void)pair_try(bug == NULL ? PATIENCE : 2 * HOUSE_SECOND);
    out = no_moment();
    return out != NULL ? out : pair_difference();
}

static void run(campaign *c, int kills, int stops, const char *bug)
{
    writer w;

    fresh();
    writer_start(&w);
    writer_ask(&w, 30);
    writer_wait(&w);
    for (; c->fault == NULL && total(c->kills) + total(c->stops) < kills + stops; c->cycles++) {
        int left = kills - total(c->kills), left_to_stop = stops - total(c->stops);

        if ((int)by_chance((unsigned long long)(left + left_to_stop)) < left_to_stop)
            stop_one(c, &w);
        else
            kill_one(c, &w, bug);
        if (bug == NULL)
            c->fault = no_moment();
        ck_assert_msg(c->cycles < 4 * (kills + stops), "relays come to an end too often: %d kills and %d stops in %d",
                      total(c->kills), total(c->stops), c->cycles);
    }
    writer_stop(&w);
    c->told = w.told;
    if (c->fault == NULL)
        c->fault = settle(bug);
    else
        house_client();
    c->absorbed = pair_absorbed();
}

static void report(const campaign *c)
{
    printf("relays on %s and MongoDB: %d killed (", house_engine(), total(c->kills));
    for (size_t i = 0; i < STEPS; i++)
        printf("%s%d %s", i == 0 ? "" : ", ", c->kills[i], steps[i]);
    printf(
        "), %d stopped; %lld operations with %lld changes of documents, %lld messages, %lld entries; %lld absorbed\n",
        total(c->stops), (long long)c->told.operations, (long long)c->told.versions, (long long)c->told.messages,
        (long long)c->told.entries, (long long)c->absorbed);
    house_count(c->told.operations);
}

static int times(int normal, int many)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? many : normal;
}

/* S29 S30 */
START_TEST(killed_and_stopped_relays_leave_two_stores_that_say_the_same)
{
    hc_reconcile_report report_of = HC_RECONCILE_REPORT_INIT;
    campaign c = {0};
    int64_t messages, entries;

    run(&c, times(67, 334), times(18, 70), NULL); /* of each pair: 201 kills in a run, 1,002 in a long one */
    report(&c);
    ck_assert_msg(c.fault == NULL, "%s", c.fault);
    HOUSE_OK(hc_reconcile(house.client, NULL, NULL, NULL, &report_of, err));
    ck_assert_int_gt(report_of.examined, 0);
    ck_assert_int_eq(report_of.differences, 0);
    ck_assert_int_gt(c.absorbed, 0);
    for (size_t i = 0; i < STEPS; i++)
        ck_assert_int_gt(c.kills[i] + c.stops[i], 0);
    messages = house_sql("SELECT sum(json_array_length(messages)) FROM ai_chat_history");
    entries = house_sql("SELECT count(*) FROM activity_logs WHERE action='changed a price'");
    ck_assert_int_eq(messages, c.told.messages);
    ck_assert_int_eq(entries, c.told.entries);
}
END_TEST

START_TEST(the_harness_finds_marks_that_come_before_the_delivery)
{
    campaign c = {0};

    for (int i = 0; i < 10 && c.fault == NULL; i++) {
        if (i > 0)
            pair_close();
        memset(&c.kills, 0, sizeof c.kills);
        run(&c, 10, 0, "mark-before-apply");
    }
    ck_assert_msg(c.fault != NULL, "HC_BUG=mark-before-apply was not found in %d cycles", c.cycles);
    printf("HC_BUG=mark-before-apply found after %d cycles: %s\n", c.cycles, c.fault);
}
END_TEST

/* ---- a unit of work between two looks ---- */

#define RECENT 5 /* entries that Ana wrote and nobody delivered */

typedef struct counting {
    hc_id home;
    int64_t count;
} counting;

static hc_status count_recent(hc_session *as, void *data, hc_error *err)
{
    counting *c = data;
    const int32_t day = DAY_OF(house_now());
    hc_activity_counts *counts = NULL;
    hc_status status = hc_activity_counts_of_listing(&counts, as, c->home, day - 1, day + 1, err);

    c->count = status < 0 ? -1 : hc_activity_counts_total(counts, "changed a price");
    hc_activity_counts_free(counts);
    return status;
}

/* Appends, stops, and counts in a unit of work, in which it stops where it has looked at what waits. */
static pid_t counter_start(void)
{
    pid_t pid;
    counting after = {.count = -1};
    hc_error err = {0};
    writing w = {.home_versions = {1}};

    fflush(stdout);
    pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("HC_TEST_SOON_MS", "3600000", 1);
    house_client();
    must(hc_session_open(&house.ana, house.client, token, strlen(token), NULL, &err), &err, "sign in");
    w.as = house.ana;
    w.homes[0] = after.home = house_list_home(house.ana, "A home", 30000000);
    for (int i = 0; i < RECENT; i++)
        ride(&w, 0);
    (void)raise(SIGSTOP);
    setenv("HC_FP", "own.gathered:1:stop", 1);
    must(hc_session_transact(house.ana, count_recent, &after, &err), &err, "count");
    _exit(after.count == RECENT ? 0 : 3);
}

static int until_it_stops_or_ends(pid_t pid)
{
    int64_t until = micros() + PATIENCE;
    int how = 0;

    while (waitpid(pid, &how, WNOHANG | WUNTRACED) == 0) {
        ck_assert_msg(micros() < until, "neither stopped nor ended");
        usleep(2000);
    }
    return how;
}

START_TEST(what_is_delivered_while_a_unit_counts_is_counted_once)
{
    const char *entries = "SELECT count(*) FROM activity_logs WHERE action='changed a price'";
    int64_t until;
    pid_t counter, relay;

    fresh();
    setenv("HC_TEST_LEASE_MS", "30000", 1);
    counter = counter_start();
    ck_assert(WIFSTOPPED(until_it_stops_or_ends(counter)));
    relay = relay_start("relay.claimed:1:stop", NULL);
    ck_assert(WIFSTOPPED(until_it_stops_or_ends(relay)));
    kill(counter, SIGCONT);
    ck_assert(WIFSTOPPED(until_it_stops_or_ends(counter)));
    kill(relay, SIGCONT);
    for (until = micros() + PATIENCE; house_sql(entries) < RECENT; usleep(2000))
        ck_assert_msg(micros() < until, "the relay delivers nothing");
    kill(counter, SIGCONT);
    ck_assert_msg(until_it_stops_or_ends(counter) == 0, "counted other than was written");
    relay_end(relay);
    house_client();
}
END_TEST

static void fill(TCase *tcase)
{
    tcase_add_test(tcase, what_is_delivered_while_a_unit_counts_is_counted_once);
    tcase_add_test(tcase, killed_and_stopped_relays_leave_two_stores_that_say_the_same);
    if (house_is_a_file()) /* once is enough */
        tcase_add_test(tcase, the_harness_finds_marks_that_come_before_the_delivery);
}

static void setup(void)
{
    const char *asked = getenv("HC_SEED");

    seed = (asked == NULL ? (unsigned long long)micros() : strtoull(asked, NULL, 10)) * 2 + 1;
    printf("seed %llu\n", seed / 2);
}

int main(void)
{
    return pair_main("fault.relay", fill, setup, pair_close);
}
