#include "booking.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "homeconnect/appointment.h"
#include "house.h"

#define AGENTS   50
#define DAYS     30
#define LISTINGS 20 /* with exclusive showings, shown by several agents */
#define SLOT     (5 * HOUSE_MINUTE)
#define KEPT     64 /* bookings that a worker remembers, to move and cancel them */

enum { BOOK = 1, MOVE, CANCEL };

/* One attempt, as its caller saw it. */
typedef struct attempt {
    int32_t what, version;
    hc_status status;
    int16_t agent, listing; /* -1: no listing */
    int64_t start, end, offered;
    int64_t before, after; /* moments: see moment() */
    hc_id id;
} attempt;

/* Shared by all processes. */
typedef struct board {
    atomic_int next;
    int attempts;
    hc_id agents[AGENTS], leads[AGENTS][2]; /* the second is about a listing */
    int32_t buffers[AGENTS][2];
    char why[256]; /* of the first that was neither won nor lost */
    attempt list[];
} board;

static board *b;

/* ---- a world to book in ---- */

static int listing_of(int agent)
{
    return agent % LISTINGS;
}

static void blob(char out[40], hc_id id)
{
    out += sprintf(out, "x'");
    for (int i = 0; i < 16; i++)
        out += sprintf(out, "%02x", id.bytes[i]);
    sprintf(out, "'");
}

static hc_id make_lead(int agent, int which, const hc_id *listing)
{
    char sql[400], text[3][40] = {"", "", "NULL"};
    hc_id id = b->agents[agent];

    id.bytes[15] ^= (uint8_t)(0x55 + which);
    blob(text[0], id);
    blob(text[1], b->agents[agent]);
    if (listing != NULL)
        blob(text[2], *listing);
    snprintf(sql, sizeof sql,
             "INSERT INTO leads(id,agent_id,property_id,contact_email,created_at,updated_at,status_changed_at)"
             " VALUES(%s,%s,%s,'x@example.com',at(%lld),at(%lld),at(%lld))",
             text[0], text[1], text[2], (long long)house_now(), (long long)house_now(), (long long)house_now());
    house_change(sql);
    return id;
}

static void make_agent(int number)
{
    hc_agent *agent = hc_agent_new(house.client);
    char email[40];

    snprintf(email, sizeof email, "agent%d@example.com", number);
    b->agents[number] = house_user(email, "Agent", 2);
    b->buffers[number][0] = number % 4 * 5;
    b->buffers[number][1] = number % 3 * 10;
    hc_agent_set_user_id(agent, b->agents[number]);
    hc_agent_set_buffer_before(agent, b->buffers[number][0]);
    hc_agent_set_buffer_after(agent, b->buffers[number][1]);
    HOUSE_OK(hc_agent_create(&(hc_id){{0}}, house.system, agent, err));
    hc_agent_free(agent);
}

static void make_world(void)
{
    hc_id listings[LISTINGS];

    house_folder();
    if (house_is_a_file())
        snprintf(house.uri, sizeof house.uri, "sqlite:%s?durability=relaxed", house.path);
    house_client();
    for (int i = 0; i < AGENTS; i++)
        make_agent(i);
    for (int i = 0; i < LISTINGS; i++) {
        hc_property *home = house_sketch("Shown to one at a time", 100);
        hc_property_set_exclusive_showings(home, 1);
        hc_property_set_agent_id(home, b->agents[i]);
        HOUSE_OK(hc_property_create(&listings[i], house.system, home, err));
        hc_property_free(home);
    }
    for (int i = 0; i < AGENTS; i++) {
        b->leads[i][0] = make_lead(i, 0, NULL);
        b->leads[i][1] = make_lead(i, 1, &listings[listing_of(i)]);
    }
    house_leave(); /* a child does not inherit an open store */
}

/* ---- one who books ---- */

typedef struct worker {
    pthread_t thread;
    hc_session *as;
    void *eyes; /* sees how far the store is */
    uint64_t state;
    attempt kept[KEPT];
    int kept_count;
} worker;

static int pick(worker *w, int below)
{
    w->state ^= w->state << 13;
    w->state ^= w->state >> 7;
    w->state ^= w->state << 17;
    return (int)(w->state % (uint64_t)below);
}

/* On a file, where one commits at a time, how many events there are: exact. Else the time, which all processes share.
 */
static int64_t moment(worker *w)
{
    struct timespec now;

    if (w->eyes != NULL)
        return house_look_sql(w->eyes, "SELECT coalesce(max(pk),0) FROM events");
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* On working days and beyond, in the middle of the day, where others are too. */
static void choose_time(worker *w, attempt *a)
{
    int64_t day = HOUSE_START - 10 * HOUSE_HOUR + (1 + pick(w, DAYS)) * HOUSE_DAY;

    a->start = day + 8 * HOUSE_HOUR + pick(w, 144) * SLOT;
    a->end = a->start + (1 + pick(w, 24)) * SLOT;
}

static void book_one(worker *w, attempt *a, hc_error *err)
{
    hc_appointment *row = hc_appointment_new(house.client);
    int which = pick(w, 4) == 0;

    a->what = BOOK;
    a->agent = (int16_t)pick(w, AGENTS);
    a->listing = (int16_t)(which ? listing_of(a->agent) : -1);
    choose_time(w, a);
    hc_appointment_set_lead_id(row, b->leads[a->agent][which]);
    hc_appointment_set_scheduled_time(row, a->start);
    hc_appointment_set_ends_at(row, a->end);
    a->before = moment(w);
    a->status = hc_appointment_create(&a->id, w->as, row, err);
    a->after = moment(w);
    a->version = 1;
    hc_appointment_free(row);
    if (a->status >= 0 && w->kept_count < KEPT)
        w->kept[w->kept_count++] = *a;
}

static void change_one(worker *w, attempt *a, hc_error *err)
{
    int at = pick(w, w->kept_count);
    attempt *old = &w->kept[at];

    *a = *old;
    a->what = pick(w, 2) == 0 ? MOVE : CANCEL;
    if (a->what == MOVE)
        choose_time(w, a);
    a->before = moment(w);
    if (a->what == MOVE)
        a->status = hc_appointment_reschedule(&a->version, w->as, old->id, old->version, a->start, a->end, err);
    else
        a->status = hc_appointment_cancel(&a->version, w->as, old->id, old->version, NULL, err);
    a->after = moment(w);
    if (a->what == CANCEL || a->status == HC_NOTE_SAME)
        *old = w->kept[--w->kept_count];
    else if (a->status >= 0)
        *old = *a;
}

static void *work(void *data)
{
    worker *w = data;
    int at;

    while ((at = atomic_fetch_add(&b->next, 1)) < b->attempts) {
        attempt *a = &b->list[at];
        hc_error err = {0};

        if (w->kept_count > 4 && pick(w, 10) == 0)
            change_one(w, a, &err);
        else
            book_one(w, a, &err);
        a->offered = err.detail;
        if (a->status < 0 && (a->status != HC_ERR_CONFLICT || strcmp(err.field, "scheduled_time") != 0))
            snprintf(b->why, sizeof b->why, "%s %.20s: %.120s", hc_status_name(a->status), err.field, err.message);
    }
    return NULL;
}

/* The callers of one process. */
static void work_together(int threads, uint64_t seed)
{
    worker *all = calloc((size_t)threads, sizeof *all);
    hc_client_options options;

    house_options(&options);
    options.pool_size = threads + 1;
    options.acquire_timeout = 600 * HOUSE_SECOND;
    HOUSE_OK(hc_client_open(&house.client, &options, err));
    for (int i = 0; i < threads; i++) {
        all[i].state = (seed + (uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15);
        HOUSE_OK(hc_session_system(&all[i].as, house.client, err));
        hc_session_set_timeout(all[i].as, 600 * HOUSE_SECOND);
        if (house_is_a_file())
            all[i].eyes = house_look();
    }
    for (int i = 0; i < threads; i++)
        ck_assert_int_eq(pthread_create(&all[i].thread, NULL, work, &all[i]), 0);
    for (int i = 0; i < threads; i++) {
        pthread_join(all[i].thread, NULL);
        if (all[i].eyes != NULL)
            house_look_close(all[i].eyes);
        hc_session_free(all[i].as);
    }
    hc_client_close(house.client);
    house.client = NULL;
    free(all);
}

/* ---- afterwards: by SQL ---- */

/* Half-open, buffers included; nothing of the library's is asked. */
static int64_t count_overlaps(const char *resource, const char *holds)
{
    char sql[900];

    snprintf(
        sql, sizeof sql,
        "WITH held AS (SELECT id, %s AS resource, us(scheduled_time)-buffer_before*60000000 AS low,"
        " us(ends_at)+buffer_after*60000000 AS high FROM appointments WHERE status IN ('scheduled','pending') AND %s),"
        " ranked AS (SELECT resource, low, high, max(high) OVER (PARTITION BY resource ORDER BY low, high, id"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached FROM held)"
        " SELECT count(*) FROM ranked WHERE reached > low",
        resource, holds);
    return house_sql(sql);
}

/* Each that holds its time has all its rows, and there are no others. */
static int64_t count_stray_slots(void)
{
    int64_t rows = house_sql("SELECT count(*) FROM appointment_slots");
    int64_t right = house_sql(
        "SELECT count(*) FROM appointment_slots s JOIN appointments a ON a.id=s.appointment_id WHERE a.status"
        " IN ('scheduled','pending') AND s.slot_no*300000000>=us(a.scheduled_time)-a.buffer_before*60000000 AND"
        " s.slot_no*300000000<us(a.ends_at)+a.buffer_after*60000000 AND s.resource_id="
        "CASE s.resource_kind WHEN 'agent' THEN a.agent_id ELSE a.property_id END");
    int64_t wanted = house_sql(
        "SELECT "
        "coalesce(sum(CASE WHEN holds_property=1 THEN 2 ELSE 1 END*"
        "CAST((us(ends_at)-us(scheduled_time)+(buffer_before+buffer_after)*60000000)/300000000 AS INTEGER)),0) "
        "FROM appointments WHERE status IN ('scheduled','pending')");

    return llabs(rows - right) + llabs(rows - wanted);
}

/* ---- afterwards: by the order of commits ---- */

/* A time that was held between two commits. */
typedef struct held {
    int agent, listing;
    int64_t low, high;          /* µs, buffers included */
    int64_t since[2], until[2]; /* the first and the last moment at which it may have begun and ended */
    hc_id id;
} held;

typedef struct history {
    held *list;
    int count;
} history;

/* When each change was made: between these moments. */
typedef struct commit {
    hc_id id;
    int32_t version;
    int64_t between[2];
} commit;

typedef struct commits {
    commit *list;
    size_t count, most;
} commits;

static int by_change(const void *x, const void *y)
{
    const commit *a = x, *c = y;
    int order = memcmp(&a->id, &c->id, sizeof a->id);

    return order != 0 ? order : (a->version > c->version) - (a->version < c->version);
}

static void take_event(const house_value *values, int count, void *data)
{
    commits *out = data;
    commit *c = &out->list[out->count];
    char number[24], version[24];

    ck_assert_int_eq(count, 3);
    if (out->count == out->most)
        return;
    out->count++;
    snprintf(number, sizeof number, "%.*s", (int)values[0].size, (const char *)values[0].bytes);
    snprintf(version, sizeof version, "%.*s", (int)values[2].size, (const char *)values[2].bytes);
    c->between[0] = c->between[1] = strtoll(number, NULL, 10);
    memcpy(&c->id, values[1].bytes, sizeof c->id);
    c->version = (int32_t)strtol(version, NULL, 10);
}

static bool changed(const attempt *a)
{
    return a->status >= 0 && a->status != HC_NOTE_SAME;
}

/* On a file from its events, in the order in which they were committed; else from what the callers saw. */
static commits read_commits(void)
{
    commits out = {calloc((size_t)b->attempts + 1, sizeof(commit)), 0, (size_t)b->attempts};

    if (house_is_a_file()) {
        house_rows("SELECT pk, resource_id, version FROM events WHERE resource='appointment'", take_event, &out);
    } else {
        for (int i = 0; i < b->attempts; i++) {
            const attempt *a = &b->list[i];

            if (changed(a))
                out.list[out.count++] = (commit){a->id, a->version, {a->before, a->after}};
        }
        ck_assert_int_eq(house_sql("SELECT count(*) FROM events WHERE resource='appointment'"), (int64_t)out.count);
    }
    qsort(out.list, out.count, sizeof *out.list, by_change);
    return out;
}

static held held_by(const attempt *a, int64_t start, int64_t end)
{
    return (held){.agent = a->agent,
                  .listing = a->listing,
                  .low = start - b->buffers[a->agent][0] * HOUSE_MINUTE,
                  .high = end + b->buffers[a->agent][1] * HOUSE_MINUTE,
                  .id = a->id};
}

/* When each booking held which time, from what callers were told and when it was committed. */
static history read_history(void)
{
    history h = {calloc((size_t)b->attempts + 1, sizeof(held)), 0};
    commits all = read_commits();

    for (int i = 0; i < b->attempts; i++) {
        const attempt *a = &b->list[i];
        commit key = {a->id, a->version, {0, 0}}, never = {.between = {INT64_MAX, INT64_MAX}};
        const commit *since, *until;
        held one;

        if (!changed(a) || a->what == CANCEL)
            continue;
        one = held_by(a, a->start, a->end);
        since = bsearch(&key, all.list, all.count, sizeof key, by_change);
        key.version++;
        until = bsearch(&key, all.list, all.count, sizeof key, by_change);
        ck_assert_msg(since != NULL, "a change that was told has no event");
        memcpy(one.since, since->between, sizeof one.since);
        memcpy(one.until, until == NULL ? never.between : until->between, sizeof one.until);
        h.list[h.count++] = one;
    }
    free(all.list);
    return h;
}

static bool meets(const held *x, const held *y)
{
    return (x->agent == y->agent || (x->listing >= 0 && x->listing == y->listing)) && x->low < y->high &&
           y->low < x->high && memcmp(&x->id, &y->id, sizeof x->id) != 0;
}

/* Whether a time may have been free, or taken, at some moment while the call ran. What is in the way lasts from its
 * commit to the next of the same booking; in between nothing changes. */
static void look(const history *h, const held *time, int64_t before, int64_t after, bool *was_free, bool *was_taken)
{
    int64_t free_at = before;
    bool moved = true;

    *was_free = *was_taken = false;
    while (moved && free_at <= after) {
        moved = false;
        for (int i = 0; i < h->count; i++) {
            const held *one = &h->list[i];
            if (!meets(one, time) || one->since[0] > after || one->until[1] <= before)
                continue;
            *was_taken = true;
            if (one->since[1] <= free_at && one->until[0] > free_at) { /* surely in the way */
                free_at = one->until[0];
                moved = true;
            }
        }
    }
    *was_free = free_at <= after;
}

static void check_losers(race_result *out)
{
    history h = read_history();

    for (int i = 0; i < b->attempts; i++) {
        const attempt *a = &b->list[i];
        held time;
        bool was_free, was_taken;

        if (a->status != HC_ERR_CONFLICT)
            continue;
        time = held_by(a, a->start, a->end);
        if (a->what == BOOK)
            memset(&time.id, 0, sizeof time.id);
        look(&h, &time, a->before, a->after, &was_free, &was_taken);
        out->no_reason += !was_taken;
        out->no_offer += a->offered == 0;
        time.low += a->offered - a->start;
        time.high += a->offered - a->start;
        look(&h, &time, a->before, a->after, &was_free, &was_taken);
        out->not_free += !was_free;
    }
    free(h.list);
}

static void count_all(race_result *out)
{
    for (int i = 0; i < b->attempts; i++) {
        const attempt *a = &b->list[i];
        out->won += a->status >= 0 && a->what == BOOK;
        out->moved += a->status >= 0 && a->what == MOVE;
        out->cancelled += a->status >= 0 && a->what == CANCEL;
        out->lost += a->status == HC_ERR_CONFLICT;
        out->others += a->status < 0 && a->status != HC_ERR_CONFLICT;
    }
    snprintf(out->first_other, sizeof out->first_other, "%.159s", b->why);
}

/* ---- the race ---- */

void booking_race(race_result *out, const race_plan *plan)
{
    size_t size = sizeof *b + (size_t)plan->attempts * sizeof(attempt);
    pid_t children[64];

    memset(out, 0, sizeof *out);
    b = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(b, MAP_FAILED);
    b->attempts = plan->attempts;
    house_set_time(HOUSE_START);
    make_world();
    if (plan->bug != NULL)
        setenv("HC_BUG", plan->bug, 1);
    fflush(stdout);
    for (int i = 0; i < plan->processes; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work_together(1, (uint64_t)(i + 1) * 1000);
            _exit(0);
        }
    }
    work_together(plan->threads, 1);
    for (int i = 0; i < plan->processes; i++) {
        int how;
        ck_assert_int_eq(waitpid(children[i], &how, 0), children[i]);
        ck_assert_msg(how == 0, "process %d ended with %d", i, how);
    }
    unsetenv("HC_BUG");
    count_all(out);
    out->overlaps = count_overlaps("agent_id", "1") + count_overlaps("property_id", "holds_property=1");
    out->stray_slots = count_stray_slots();
    if (plan->bug == NULL)
        check_losers(out);
    house_remove();
    munmap(b, size);
}
