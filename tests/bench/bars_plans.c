/* Bar 4: the plan classes of storage.md. Walks tests/shapes.tsv: every list must examine at most 50,000 rows, which the
 * metrics hook counts, or is refused with the clause that would narrow it; where class A is promised, an index gives
 * the order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

#define CELLS    7
#define EXAMINED 50000 /* rows of one list at most */
#define SLOW     1.0   /* seconds that no list of so many rows takes */

struct shape {
    char *cell[CELLS]; /* role, scope, class, index, sort, q, filter */
    int line;
};

struct outcome {
    int shapes, promised, broad, cut, wrong;
    double slowest;
    int slowest_line;
    int64_t most, most_promised; /* rows examined by one list: any, and of promised class A */
};

static int64_t examined; /* by the last list; -1: it was not told */

static void note(const char *name, int64_t value, void *data)
{
    (void)data;
    if (strcmp(name, "list.examined") == 0)
        examined = value;
}

/* A client of its own, so that no other bar pays for the counting. */
static hc_client *client;
static hc_session *guest, *agent, *admin;

static void replace(char *text, size_t size, const char *name, const char *value)
{
    for (char *at = strstr(text, name); at != NULL; at = strstr(at + strlen(value), name)) {
        size_t rest = strlen(at + strlen(name)) + 1, used = (size_t)(at - text);

        if (used + strlen(value) + rest > size)
            die("a shape is too long");
        memmove(at + strlen(value), at + strlen(name), rest);
        memcpy(at, value, strlen(value));
    }
}

static const char *degrees(int64_t units)
{
    static char texts[8][32];
    static int next;
    int64_t size = units < 0 ? -units : units;
    char *out = texts[next++ % 8];

    snprintf(out, sizeof(texts[0]), "%s%lld.%08lld", units < 0 ? "-" : "", (long long)(size / 100000000),
             (long long)(size % 100000000));
    return out;
}

static const char *id_text(const uint8_t bytes[16])
{
    static char texts[2][HC_ID_TEXT_SIZE];
    static int next;
    char *out = texts[next++ % 2];
    hc_id id;

    memcpy(id.bytes, bytes, 16);
    hc_id_format(out, id);
    return out;
}

static void fill_in(char *text, size_t size)
{
    struct listing l;
    uint64_t number = 12345 % bench.rows;

    do
        listing_make(&l, number++);
    while (l.status == NULL);
    replace(text, size, "{city}", l.city);
    replace(text, size, "{state}", l.state);
    replace(text, size, "{zip}", l.zip);
    replace(text, size, "{address}", l.address);
    replace(text, size, "{title}", l.title);
    replace(text, size, "{id}", id_text(l.id));
    replace(text, size, "{agent}", id_text(l.agent));
    replace(text, size, "{created}", "2025-05-01T12:00:00Z");
    replace(text, size, "{latitude}", degrees(l.latitude));
    replace(text, size, "{longitude}", degrees(l.longitude));
    replace(text, size, "{west}", degrees(l.longitude - 5000000));
    replace(text, size, "{east}", degrees(l.longitude + 5000000));
    replace(text, size, "{south}", degrees(l.latitude - 5000000));
    replace(text, size, "{north}", degrees(l.latitude + 5000000));
    replace(text, size, "{word}", word_at(900));
    replace(text, size, "{common}", word_at(0));
}

static hc_query *query_of(const struct shape *shape)
{
    char filter[2000];
    hc_query *query;
    hc_error err;
    char q[200];

    snprintf(filter, sizeof(filter), "%s", strcmp(shape->cell[6], "-") == 0 ? "" : shape->cell[6]);
    fill_in(filter, sizeof(filter));
    must(hc_query_parse(&query, client, filter, shape->cell[4], &err), &err, filter);
    if (strcmp(shape->cell[5], "-") != 0) {
        snprintf(q, sizeof(q), "%s", shape->cell[5]);
        fill_in(q, sizeof(q));
        must(hc_query_set_text(query, q, &err), &err, q);
    }
    must(hc_query_set_scope(query,
                            strcmp(shape->cell[1], "own") == 0   ? HC_SCOPE_OWN
                            : strcmp(shape->cell[1], "all") == 0 ? HC_SCOPE_ALL
                                                                 : HC_SCOPE_PUBLIC,
                            &err),
         &err, "scope");
    return query;
}

static hc_session *session_of(const struct shape *shape)
{
    if (strcmp(shape->cell[0], "agent") == 0)
        return agent;
    return strcmp(shape->cell[0], "admin") == 0 ? admin : guest;
}

static void wrong(struct outcome *out, const struct shape *shape, const char *what)
{
    printf("  shapes.tsv:%d %s %s sort %s q %s filter %s: %s\n", shape->line, shape->cell[0], shape->cell[1],
           shape->cell[4], shape->cell[5], shape->cell[6], what);
    out->wrong++;
}

/* In the words of the engine's own plan: SQLite, PostgreSQL, MariaDB. */
static bool sorts(const char *plan)
{
    return strstr(plan, "TEMP B-TREE") != NULL || strstr(plan, "Sort") != NULL || strstr(plan, "filesort") != NULL;
}

/* Class A is a walk of one index, and the engine sorts nothing. */
static void check_plan(struct outcome *out, const struct shape *shape, const hc_query *query)
{
    hc_text *text = NULL;
    hc_error err;
    char wanted_index[80], walked[80];
    bool is_a;

    must(hc_query_explain(&text, session_of(shape), query, &err), &err, "explain");
    is_a = strstr(hc_text_data(text), "class A") != NULL;
    snprintf(wanted_index, sizeof(wanted_index), "index %s\n", shape->cell[3]);
    snprintf(walked, sizeof(walked), "properties_%s", shape->cell[3]);
    if (strcmp(shape->cell[2], "A") == 0 && !is_a)
        wrong(out, shape, "class A is promised");
    else if (strcmp(shape->cell[2], "A") == 0 && strstr(hc_text_data(text), wanted_index) == NULL)
        wrong(out, shape, "another index is promised");
    else if (strcmp(shape->cell[2], "A") == 0 && strstr(hc_text_data(text), walked) == NULL)
        wrong(out, shape, "the engine walks another index");
    if (is_a && sorts(hc_text_data(text)))
        wrong(out, shape, "class A, and the engine sorts");
    if (getenv("HC_BENCH_SHAPES") != NULL)
        printf("%s\n", hc_text_data(text));
    hc_text_free(text);
}

static void check_examined(struct outcome *out, const struct shape *shape)
{
    bool promised = strcmp(shape->cell[2], "A") == 0;

    if (examined < 0)
        wrong(out, shape, "the rows it examined are not told");
    else if (examined > EXAMINED)
        wrong(out, shape, "it examines too many rows");
    if (examined > out->most)
        out->most = examined;
    if (promised && examined > out->most_promised)
        out->most_promised = examined;
}

static void check_list(struct outcome *out, const struct shape *shape, const hc_query *query)
{
    hc_property_page *page = NULL;
    hc_status status = HC_OK;
    hc_error err = {0};
    int clock = bench_server.on != NULL ? BY_CLOCK : BY_CPU; /* a server does the work elsewhere */
    double took = 1e9;

    /* By the clock other work counts too: the best of three. */
    for (int i = 0; i < 3 && took > SLOW; i++) {
        double start = seconds(clock), now;

        hc_property_page_free(page);
        examined = -1;
        status = hc_property_list(&page, session_of(shape), query, &err);
        now = seconds(clock) - start;
        if (getenv("HC_BENCH_SHAPES") != NULL)
            printf("  shapes.tsv:%d %.1f ms, %lld rows examined\n", shape->line, now * 1e3, (long long)examined);
        took = now < took ? now : took;
    }
    check_examined(out, shape);
    if (status < 0 && (status != HC_ERR_TOO_BROAD || err.field[0] == '\0' || strcmp(shape->cell[2], "A") == 0))
        wrong(out, shape, err.message);
    else if (status >= 0 && strcmp(shape->cell[2], "A") == 0 && hc_property_page_is_short(page))
        wrong(out, shape, "class A, and the page is short");
    if (took > SLOW)
        wrong(out, shape, "it takes too long");
    out->broad += status == HC_ERR_TOO_BROAD;
    out->cut += status >= 0 && hc_property_page_is_short(page) == 1;
    if (took > out->slowest) {
        out->slowest = took;
        out->slowest_line = shape->line;
    }
    hc_property_page_free(page);
}

/* HC_BENCH_SHAPES="312,629": only these lines, with their plans. */
static bool is_asked(int line)
{
    const char *at = getenv("HC_BENCH_SHAPES");
    char *end;

    if (at == NULL)
        return true;
    for (; *at != '\0'; at = *end == '\0' ? end : end + 1) {
        if (strtol(at, &end, 10) == line)
            return true;
        if (end == at)
            return false;
    }
    return false;
}

static void walk(struct outcome *out, FILE *file)
{
    char line[2000];

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
        if (number == 1 || shape.cell[CELLS - 1] == NULL || !is_asked(number))
            continue;
        query = query_of(&shape);
        check_plan(out, &shape, query);
        check_list(out, &shape, query);
        hc_query_free(query);
        out->shapes++;
        out->promised += strcmp(shape.cell[2], "A") == 0;
    }
}

void bars_plans(void)
{
    struct outcome out = {0};
    hc_error err;
    FILE *file;

    if (!wanted("4"))
        return;
    file = fopen(HC_SHAPES, "r");
    if (file == NULL)
        die("cannot read %s", HC_SHAPES);
    open_watched(&client, bench.path, note);
    must(hc_session_guest(&guest, client, NULL, &err), &err, "guest");
    agent = sign_in(client, people[1]);
    admin = sign_in(client, people[2]);
    walk(&out, file);
    fclose(file);
    hc_session_free(guest);
    hc_session_free(agent);
    hc_session_free(admin);
    hc_client_close(client);
    printf("  %d shapes, %d of them class A by promise, %d refused as too broad, %d pages cut short, slowest %.0f ms "
           "(line %d)\n",
           out.shapes, out.promised, out.broad, out.cut, out.slowest * 1e3, out.slowest_line);
    printf("  rows examined: at most %lld by one list, %lld by one of class A by promise\n", (long long)out.most,
           (long long)out.most_promised);
    bar_at_most("4", "plan-classes-broken", out.wrong, 0);
}
