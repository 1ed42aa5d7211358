#include "history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "house.h"

static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_key_and_version(const void *x, const void *y)
{
    const moment *a = x, *b = y;
    int order = by_number(a->key, b->key);

    if (order == 0)
        order = by_number(a->version, b->version);
    return order != 0 ? order : by_number(b->write, a->write);
}

static int by_session(const void *x, const void *y)
{
    const moment *a = x, *b = y;
    int order = by_number(a->key, b->key);

    if (order == 0)
        order = by_number(a->session, b->session);
    return order != 0 ? order : by_number(a->began, b->began);
}

static int by_end(const void *x, const void *y)
{
    const moment *a = x, *b = y;
    int order = by_number(a->key, b->key);

    return order != 0 ? order : by_number(a->ended, b->ended);
}

/* ---- what the store has ---- */

typedef struct chain {
    const moment *writes; /* of one key, by version */
    size_t count;
    int64_t rows, same;
} chain;

static int64_t number(const house_value *value)
{
    char text[32];

    snprintf(text, sizeof text, "%.*s", (int)value->size, (const char *)value->bytes);
    return strtoll(text, NULL, 10);
}

static void take_link(const house_value *values, int count, void *data)
{
    chain *c = data;
    int64_t version = number(&values[0]), token = number(&values[1]);

    (void)count;
    c->rows++;
    for (size_t i = 0; i < c->count; i++)
        c->same += c->writes[i].version == version && c->writes[i].token == token;
}

static void hex_of(char out[33], const hc_id *id)
{
    for (size_t i = 0; i < sizeof id->bytes; i++)
        snprintf(out + 2 * i, 3, "%02x", id->bytes[i]);
}

static int64_t count_gone(const hc_id *id, const moment *writes, size_t count)
{
    chain c = {writes, count, 0, 0};
    char sql[200], hex[33];
    int64_t version;

    hex_of(hex, id);
    snprintf(sql, sizeof sql, "SELECT version, units(new_price,2) FROM price_history WHERE property_id=x'%s'", hex);
    house_rows(sql, take_link, &c);
    snprintf(sql, sizeof sql, "SELECT version FROM properties WHERE id=x'%s'", hex);
    version = house_sql(sql);
    return (int64_t)count - c.same + llabs(c.rows - (int64_t)count) + llabs(version - 1 - (int64_t)count);
}

/* ---- what callers saw ---- */

static void check_versions(const history *of, history_faults *out)
{
    moment *writes = calloc(of->count + 1, sizeof *writes);
    size_t at = 0;

    for (int key = 0; key < of->key_count; key++) {
        size_t count = 0;

        for (; at < of->count && of->list[at].key == key; at++) {
            const moment *m = &of->list[at];
            const moment *last = count == 0 ? NULL : &writes[count - 1];

            if (m->write) {
                out->lost += m->base != m->version - 1 || (last != NULL && last->version == m->version);
                writes[count++] = *m;
            } else if (m->version == 1) {
                out->strange += m->token != of->first;
            } else {
                out->strange +=
                    last == NULL || last->version != m->version || last->token != m->token || last->began > m->ended;
                out->passing += last != NULL && last->version == m->version && last->passing;
            }
        }
        out->gone += count_gone(&of->keys[key], writes, count);
    }
    free(writes);
}

static void check_sessions(const history *of, history_faults *out)
{
    for (size_t i = 1; i < of->count; i++) {
        const moment *before = &of->list[i - 1], *now = &of->list[i];

        if (before->key == now->key && before->session == now->session)
            out->back += now->version < before->version + now->write;
    }
}

/* The list is in the order of ends: what ended before a call began is a beginning of it. */
static void check_moments(const history *of, history_faults *out)
{
    int32_t *seen = calloc(of->count + 1, sizeof *seen); /* the highest version among the first i of a key */
    size_t first = 0;

    for (size_t i = 0; i < of->count; i++) {
        const moment *now = &of->list[i];
        size_t low, high = i;

        if (i == 0 || of->list[i - 1].key != now->key)
            first = i;
        seen[i] = i == first || now->version > seen[i - 1] ? now->version : seen[i - 1];
        for (low = first; low < high;) {
            size_t middle = low + (high - low) / 2;

            if (of->list[middle].ended < now->began)
                low = middle + 1;
            else
                high = middle;
        }
        out->late += low > first && now->version < seen[low - 1] + now->write;
    }
    free(seen);
}

/* ---- which unit stands before which ---- */

typedef struct edge {
    int from, to;
} edge;

/* A unit stands before one that read or overwrote what it wrote. The list is in the order of versions, writes first. */
static size_t find_edges(const history *of, edge *edges)
{
    const moment *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < of->count; i++) {
        const moment *m = &of->list[i];

        if (last != NULL && last->key != m->key)
            last = NULL;
        if (last != NULL && last->unit != m->unit && (m->write || m->version == last->version))
            edges[count++] = (edge){last->unit, m->unit};
        if (m->write)
            last = m;
    }
    return count;
}

static int by_from(const void *x, const void *y)
{
    const edge *a = x, *b = y;

    return (a->from > b->from) - (a->from < b->from);
}

/* Takes away who has nobody before them, again and again: who is left stands in a circle, or behind one. */
static void check_circles(const history *of, history_faults *out)
{
    size_t units = (size_t)of->unit_count, at = 0, taken = 0;
    edge *edges = calloc(of->count + 1, sizeof *edges);
    size_t count = find_edges(of, edges), *first = calloc(units + 1, sizeof *first);
    int *before = calloc(units + 1, sizeof *before), *queue = calloc(units + 1, sizeof *queue);

    qsort(edges, count, sizeof *edges, by_from);
    for (size_t i = 0; i < count; i++)
        before[edges[i].to]++;
    for (size_t unit = 0, k = 0; unit < units; unit++) {
        first[unit] = k;
        while (k < count && (size_t)edges[k].from == unit)
            k++;
        if (before[unit] == 0)
            queue[taken++] = (int)unit;
    }
    first[units] = count;
    while (at < taken) {
        int unit = queue[at++];

        for (size_t k = first[unit]; k < first[unit + 1]; k++)
            if (--before[edges[k].to] == 0)
                queue[taken++] = edges[k].to;
    }
    out->circles = (int64_t)(units - taken);
    free(edges);
    free(first);
    free(before);
    free(queue);
}

history_faults history_check(history *of)
{
    history_faults out = {0};

    qsort(of->list, of->count, sizeof *of->list, by_key_and_version);
    check_versions(of, &out);
    check_circles(of, &out);
    qsort(of->list, of->count, sizeof *of->list, by_session);
    check_sessions(of, &out);
    qsort(of->list, of->count, sizeof *of->list, by_end);
    check_moments(of, &out);
    return out;
}
