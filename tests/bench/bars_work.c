/* Bars 4 and 5 on leads, appointments and log entries: as many of each as there are listings, a twentieth of them one
 * agent's and one buyer's. Walks tests/shapes_work.tsv. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "homeconnect/activity.h"
#include "homeconnect/appointment.h"
#include "homeconnect/lead.h"
#include "homeconnect/version.h"

#define CELLS    7
#define EXAMINED 50000                     /* rows of one list at most */
#define FIRST    INT64_C(1735689600000000) /* 2025-01-01, µs: when the oldest row was made */
#define STEP     INT64_C(30000000)         /* between rows */

static hc_client *client;
static hc_session *who[3]; /* buyer, agent, admin */
static int64_t examined;

/* ---- a page of any of them ---- */

struct page {
    void *rows;
    void (*free)(void *rows);
    const char *cursor;
    int32_t is_short;
};

#define LISTER(noun)                                                                                                   \
    static void noun##_page_free(void *rows)                                                                           \
    {                                                                                                                  \
        hc_##noun##_page_free(rows);                                                                                   \
    }                                                                                                                  \
    static hc_status noun##_page(struct page *out, hc_session *as, const hc_query *query, hc_error *err)               \
    {                                                                                                                  \
        hc_##noun##_page *page = NULL;                                                                                 \
        hc_status status = hc_##noun##_list(&page, as, query, err);                                                    \
        *out = (struct page){page, noun##_page_free, hc_##noun##_page_cursor(page), hc_##noun##_page_is_short(page)};  \
        return status;                                                                                                 \
    }
LISTER(lead)
LISTER(appointment)
LISTER(activity)

static const struct kind {
    const char *name;
    int32_t kind;
    hc_status (*list)(struct page *out, hc_session *as, const hc_query *query, hc_error *err);
    const char *order;
} kinds[] = {
    {"lead", HC_KIND_LEAD, lead_page, "-created_at"},
    {"appointment", HC_KIND_APPOINTMENT, appointment_page, "scheduled_time"},
    {"activity", HC_KIND_ACTIVITY, activity_page, "-timestamp"},
};

/* ---- data ---- */

/* $N rows, $A the agent's and $B the buyer's id, i the row's number, t its time. An id is tag and number, 16 bytes. */
#define ID(tag, n) "CAST('" tag "' || printf('%012d', " n ") AS BLOB)"
#define SERIES                                                                                                         \
    " FROM (WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i + 1 < $N)"                          \
    " SELECT i, $F + i * $S AS t FROM s)"

static const char leads_sql[] =
    "INSERT INTO leads(id,buyer_id,agent_id,property_id,status,source,contact_email,budget_max,timeline_days,financing,"
    "score,assigned_at,response_due_at,first_response_at,response_seconds,status_changed_at,created_at,updated_at) "
    "SELECT " ID("lead", "i") ", CASE i % 20 WHEN 0 THEN $B ELSE " ID(
        "user", "i % 10007") " END,"
                             "CASE i % 20 WHEN 1 THEN $A ELSE " ID("agnt", "i % 199") " END," ID(
                                 "home", "i % 50021") ","
                                                      "CASE i % 7 WHEN 0 THEN 'new' WHEN 1 THEN 'contacted' WHEN 2 "
                                                      "THEN 'qualified' WHEN 3 THEN 'closed' ELSE 'lost' END,"
                                                      "CASE i % 3 WHEN 0 THEN 'website' WHEN 1 THEN 'portal' END, 'p' "
                                                      "|| i || '@example.com',"
                                                      "30000000 + i % 1000 * 100000, i % 400, CASE i % 4 WHEN 0 THEN "
                                                      "'cash' END, i % 101, t,"
                                                      "CASE i % 7 WHEN 0 THEN t + 3600000000 END, CASE i % 7 WHEN 0 "
                                                      "THEN NULL ELSE t + i % 7200 * 1000000 END,"
                                                      "CASE i % 7 WHEN 0 THEN NULL ELSE i % 7200 END, t, t, t" SERIES;

static const char appointments_sql[] =
    "INSERT INTO appointments(id,lead_id,buyer_id,agent_id,property_id,scheduled_time,ends_at,status,method,created_at,"
    "updated_at) SELECT " ID("appt", "i") "," ID(
        "lead",
        "i") ","
             "CASE i % 20 WHEN 0 THEN $B ELSE " ID(
                 "user",
                 "i % 10007") " END,"
                              "CASE i % 20 WHEN 1 THEN $A ELSE " ID("agnt", "i % 199") " END," ID(
                                  "home",
                                  "i % 50021") ","
                                               "t / 300000000 * 300000000, t / 300000000 * 300000000 + 1800000000,"
                                               "CASE i % 6 WHEN 0 THEN 'scheduled' WHEN 1 THEN 'cancelled' WHEN 2 THEN "
                                               "'no_show' ELSE 'completed' END,"
                                               "CASE i % 5 WHEN 0 THEN 'virtual' ELSE 'in_person' END, t, t" SERIES;

static const char logs_sql[] =
    "INSERT INTO activity_logs(id,user_id,action,target_id,metadata,timestamp,event_class) SELECT " ID(
        "logs", "i") ","
                     "CASE i % 20 WHEN 0 THEN $B WHEN 1 THEN $A ELSE " ID(
                         "user", "i % 10007") " END,"
                                              "CASE i % 5 WHEN 0 THEN 'Search' ELSE 'view_property' END," ID(
                                                  "home", "i % 50021") ","
                                                                       "'{\"device\":\"mobile\",\"duration_seconds\":"
                                                                       "45}', t, 'analytics'" SERIES;

static void hex_of(char out[40], hc_id id)
{
    int at = snprintf(out, 40, "X'");

    for (int i = 0; i < 16; i++)
        at += snprintf(out + at, (size_t)(40 - at), "%02x", id.bytes[i]);
    snprintf(out + at, (size_t)(40 - at), "'");
}

/* `text` with each name replaced by its value. */
struct word {
    const char *name, *value;
};

static void expand(char *out, size_t size, const char *text, const struct word *words, size_t count)
{
    size_t at = 0;

    out[0] = '\0';
    while (*text != '\0') {
        const struct word *found = NULL;

        for (size_t i = 0; i < count && found == NULL; i++)
            if (strncmp(text, words[i].name, strlen(words[i].name)) == 0)
                found = &words[i];
        at += (size_t)snprintf(out + at, size - at, "%.*s", found == NULL ? 1 : (int)strlen(found->value),
                               found == NULL ? text : found->value);
        text += found == NULL ? 1 : strlen(found->name);
        if (at >= size)
            die("a text is too long");
    }
}

static void fill_work(const char *path, hc_id buyer, hc_id agent)
{
    const char *const all[] = {leads_sql, appointments_sql, logs_sql};
    char sql[4000], a[40], b[40], n[32], first[32], step[32];
    struct word words[] = {{"$N", n}, {"$A", a}, {"$B", b}, {"$F", first}, {"$S", step}};
    struct raw *raw = raw_open_plain(path);

    hex_of(a, agent);
    hex_of(b, buyer);
    snprintf(n, sizeof(n), "%llu", (unsigned long long)bench.rows);
    snprintf(first, sizeof(first), "%lld", (long long)FIRST);
    snprintf(step, sizeof(step), "%lld", (long long)STEP);
    if (raw == NULL || !raw_run(raw, "PRAGMA synchronous=OFF;PRAGMA cache_size=-800000;BEGIN"))
        die("cannot open %s", path);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        fprintf(stderr, "\rbench: %s rows, kind %zu of 3 ", n, i + 1);
        expand(sql, sizeof(sql), all[i], words, sizeof(words) / sizeof(words[0]));
        if (!raw_run(raw, sql))
            die("cannot fill: %s", sql);
    }
    fprintf(stderr, "\n");
    if (!raw_run(raw, "COMMIT;ANALYZE;PRAGMA wal_checkpoint(TRUNCATE)"))
        die("commit");
    raw_close(raw);
}

static void sign_all_in(hc_metric_fn metric, const char *path)
{
    open_watched(&client, path, metric);
    for (int i = 0; i < 3; i++)
        who[i] = sign_in(client, people[i]);
}

static void sign_all_out(void)
{
    for (int i = 0; i < 3; i++)
        hc_session_free(who[i]);
    hc_client_close(client);
}

static void note(const char *name, int64_t value, void *data)
{
    (void)data;
    if (strcmp(name, "list.examined") == 0)
        examined = value;
}

static void open_work(void)
{
    char path[480], scratch[500], keys[520];
    struct stat info;
    hc_id buyer, agent;

    snprintf(path, sizeof(path), "%s/work-v%d-%llu.db", bench.folder, hc_schema_version(),
             (unsigned long long)bench.rows);
    if (stat(path, &info) != 0) {
        snprintf(scratch, sizeof(scratch), "%s.new", path);
        snprintf(keys, sizeof(keys), "%s.keys", scratch);
        unlink(scratch);
        unlink(keys);
        open_client(&client, scratch);
        store_people(client);
        hc_client_close(client);
        sign_all_in(NULL, scratch);
        buyer = hc_session_user_id(who[0]);
        agent = hc_session_user_id(who[1]);
        sign_all_out();
        fill_work(scratch, buyer, agent);
        unlink(keys);
        if (rename(scratch, path) != 0)
            die("cannot rename %s", scratch);
    }
    sign_all_in(note, path);
}

/* ---- bar 4 ---- */

struct shape {
    char *cell[CELLS]; /* kind, role, scope, class, index, sort, filter */
    int line;
};

struct outcome {
    int shapes, promised, broad, cut, wrong;
    int64_t most;
};

static const struct kind *kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    die("no kind %s", name);
}

static hc_session *session_of(const char *role)
{
    return who[strcmp(role, "buyer") == 0 ? 0 : strcmp(role, "agent") == 0 ? 1 : 2];
}

static void wrong(struct outcome *out, const struct shape *shape, const char *what)
{
    printf("  shapes_work.tsv:%d %s %s sort %s filter %s: %s\n", shape->line, shape->cell[0], shape->cell[1],
           shape->cell[5], shape->cell[6], what);
    out->wrong++;
}

static hc_query *query_of(const struct shape *shape)
{
    static const char lead[] = "6c656164-3030-3030-3030-303030303432", home[] = "686f6d65-3030-3030-3030-303030303432";
    char agent[HC_ID_TEXT_SIZE], buyer[HC_ID_TEXT_SIZE], filter[1000];
    const struct word words[] = {{"{lead}", lead},
                                 {"{property}", home},
                                 {"{agent}", agent},
                                 {"{buyer}", buyer},
                                 {"{day}", "2025-03-01T00:00:00Z"},
                                 {"{next}", "2025-03-02T00:00:00Z"},
                                 {"{now}", "2025-06-01T00:00:00Z"}};
    hc_query *query;
    hc_error err;

    hc_id_format(agent, hc_session_user_id(who[1]));
    hc_id_format(buyer, hc_session_user_id(who[0]));
    expand(filter, sizeof(filter), strcmp(shape->cell[6], "-") == 0 ? "" : shape->cell[6], words,
           sizeof(words) / sizeof(words[0]));
    must(hc_query_new(&query, client, kind_of(shape->cell[0])->kind, &err), &err, "query");
    must(hc_query_set_filter(query, filter, &err), &err, filter);
    must(hc_query_set_sort(query, shape->cell[5], &err), &err, shape->cell[5]);
    must(hc_query_set_scope(query, strcmp(shape->cell[2], "own") == 0 ? HC_SCOPE_OWN : HC_SCOPE_ALL, &err), &err,
         "scope");
    return query;
}

static void check_plan(struct outcome *out, const struct shape *shape, const hc_query *query)
{
    hc_text *text = NULL;
    hc_error err;
    char index[80];
    bool promised = strcmp(shape->cell[3], "A") == 0, is_a;

    must(hc_query_explain(&text, session_of(shape->cell[1]), query, &err), &err, "explain");
    is_a = strstr(hc_text_data(text), "class A") != NULL;
    is_a = strstr(hc_text_data(text), "class A") != NULL;
    snprintf(index, sizeof(index), "index %s\n", shape->cell[4]);
    if (promised && !is_a)
        wrong(out, shape, "class A is promised");
    else if (promised && strstr(hc_text_data(text), index) == NULL)
        wrong(out, shape, "another index is promised");
    if (is_a && strstr(hc_text_data(text), "TEMP B-TREE") != NULL)
        wrong(out, shape, "class A, and the engine sorts");
    hc_text_free(text);
}

static void check_list(struct outcome *out, const struct shape *shape, const hc_query *query)
{
    bool promised = strcmp(shape->cell[3], "A") == 0;
    struct page page = {0};
    hc_error err = {0};
    hc_status status;

    examined = -1;
    status = kind_of(shape->cell[0])->list(&page, session_of(shape->cell[1]), query, &err);
    if (examined < 0 || examined > EXAMINED)
        wrong(out, shape, examined < 0 ? "the rows it examined are not told" : "it examines too many rows");
    if (status < 0 && (status != HC_ERR_TOO_BROAD || promised))
        wrong(out, shape, err.message);
    else if (status >= 0 && promised && page.is_short)
        wrong(out, shape, "class A, and the page is short");
    out->broad += status == HC_ERR_TOO_BROAD;
    out->cut += status >= 0 && page.is_short;
    out->most = examined > out->most ? examined : out->most;
    if (page.rows != NULL)
        page.free(page.rows);
}

static void walk_shapes(struct outcome *out)
{
    FILE *file = fopen(HC_SHAPES_WORK, "r");
    char line[1000];

    if (file == NULL)
        die("cannot read %s", HC_SHAPES_WORK);
    for (int number = 1; fgets(line, sizeof(line), file) != NULL; number++) {
        struct shape shape = {{NULL}, number};
        char *at = line;
        hc_query *query;

        line[strcspn(line, "\n")] = '\0';
        for (int i = 0; i < CELLS && at != NULL; i++) {
            shape.cell[i] = at;
            at = strchr(at, '\t');
            if (at != NULL)
                *at++ = '\0';
        }
        if (number == 1 || shape.cell[CELLS - 1] == NULL)
            continue;
        query = query_of(&shape);
        check_plan(out, &shape, query);
        check_list(out, &shape, query);
        hc_query_free(query);
        out->shapes++;
        out->promised += strcmp(shape.cell[3], "A") == 0;
    }
    fclose(file);
}

/* ---- bar 5 ---- */

static struct {
    const struct kind *kind;
    hc_query *query;
    char *far;
} paged;

static void pages_at(const char *cursor, uint64_t count)
{
    struct page page;
    hc_error err;

    for (uint64_t i = 0; i < count; i++) {
        must(hc_query_set_cursor(paged.query, cursor, &err), &err, "cursor");
        must(paged.kind->list(&page, who[2], paged.query, &err), &err, "page");
        page.free(page.rows);
    }
}

static void far_pages(uint64_t first, uint64_t count)
{
    (void)first;
    pages_at(paged.far, count);
}

static void first_pages(uint64_t first, uint64_t count)
{
    (void)first;
    pages_at(NULL, count);
}

static void keyset(const char *number, const struct kind *kind)
{
    char name[64];
    hc_error err;

    paged.kind = kind;
    paged.far = NULL;
    must(hc_query_new(&paged.query, client, kind->kind, &err), &err, "query");
    must(hc_query_set_scope(paged.query, HC_SCOPE_ALL, &err), &err, "scope");
    must(hc_query_set_sort(paged.query, kind->order, &err), &err, "sort");
    for (int i = 1; i < 1000; i++) {
        struct page page;

        must(hc_query_set_cursor(paged.query, paged.far, &err), &err, "cursor");
        must(kind->list(&page, who[2], paged.query, &err), &err, "page");
        if (page.cursor == NULL)
            die("fewer than 1,000 pages");
        free(paged.far);
        paged.far = strdup(page.cursor);
        page.free(page.rows);
    }
    snprintf(name, sizeof(name), "keyset-page-1000-%s", kind->name);
    bar_at_most(number, name, contest(first_pages, far_pages, 400, BY_CPU), 1.25);
    hc_query_free(paged.query);
    free(paged.far);
}

void bars_work(void)
{
    static const char *const numbers[] = {"5b", "5c", "5d"};
    struct outcome out = {0};
    bool pages = wanted("5b") || wanted("5c") || wanted("5d");

    if (!wanted("4b") && !pages)
        return;
    open_work();
    if (wanted("4b")) {
        walk_shapes(&out);
        printf(
            "  %d shapes of work, %d of them class A by promise, %d refused as too broad, %d pages cut short, at most "
            "%lld rows examined\n",
            out.shapes, out.promised, out.broad, out.cut, (long long)out.most);
        bar_at_most("4b", "plan-classes-of-work-broken", out.wrong, 0);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (wanted(numbers[i]))
            keyset(numbers[i], &kinds[i]);
    sign_all_out();
}
