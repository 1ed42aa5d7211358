/* Which way a search of words goes by arrival. The index of words finds all matches before it gives the first: it is
 * for words that few rows have. What many rows have is soon found in the rows themselves, newest first. */
#include "driver/mysql/mysql.h"

#define SAMPLE 500 /* of the first rows by arrival */
#define OFTEN  20  /* of them: no word is rare that so many have */

/* Rows that are walked over at most, as far as the sample can tell: then the index of words is no slower. */
#define WALK_LIMIT INT64_C(500000)

static int32_t arrival_index(const hc_kind *kind)
{
    for (uint32_t i = 0; i < kind->index_count; i++) {
        if ((kind->indexes[i].flags & HC_INDEX_ARRIVAL) != 0)
            return (int32_t)i;
    }
    return HC_INDEX_ANY;
}

/* How many rows of the sample `wanted` lets through; *rows: how many it has. */
static hc_status sample(int64_t *found, int64_t *rows, hc__my *conn, const hc_op *op, const hc_predicate *wanted,
                        hc_error *err)
{
    hc_op_result result = {0};
    hc_op look = {.verb = HC_VERB_COUNT,
                  .expect = HC_EXPECT_ANY,
                  .kind = op->kind,
                  .filter = wanted,
                  .order = op->order,
                  .order_count = op->order_count,
                  .scan_limit = SAMPLE,
                  .index = arrival_index(op->kind),
                  .result = &result};
    hc_batch batch = {.ops = &look, .op_count = 1};
    hc_status status = hc__my_read(conn, &batch, &look, err);

    *found = result.count;
    *rows = result.examined;
    return status;
}

/* As often as in the sample, how many rows have that many. */
static int64_t rows_with(int64_t wanted, int64_t found, int64_t rows)
{
    if (wanted == 0 || found == 0 || wanted > WALK_LIMIT)
        return INT64_MAX;
    return wanted * rows / found;
}

static bool is_often(int64_t found, int64_t rows)
{
    return found > 0 && found * SAMPLE >= rows * OFTEN;
}

/* Matches are looked for until there are enough that the filter lets through, or as many as may be examined. */
static hc_status is_soon_walked(bool *out, hc__my *conn, const hc_op *op, int64_t found, int64_t rows, hc_error *err)
{
    const hc_predicate *parts[] = {op->where, op->filter};
    const hc_predicate both = {.test = HC_TEST_AND, .children = parts, .child_count = 2};
    hc_status status = HC_OK;

    *out = rows_with(op->scan_limit, found, rows) <= WALK_LIMIT;
    if (*out || op->limit == 0)
        return HC_OK;
    if (op->filter != NULL)
        status = sample(&found, &rows, conn, op, &both, err);
    *out = rows_with(op->limit, found, rows) <= WALK_LIMIT;
    return status;
}

/* A bit for each word that is common. */
static hc_status find_common(uint32_t *out, hc__my *conn, const hc_op *op, const hc_predicate *match, hc_error *err)
{
    hc_status status = HC_OK;

    *out = 0;
    for (size_t i = 0; i < match->value_count && i < 32 && status == HC_OK; i++) {
        hc_predicate one = *match;
        int64_t found = 0, rows = 0;

        one.values = &match->values[i];
        one.value_count = 1;
        status = sample(&found, &rows, conn, op, &one, err);
        if (is_often(found, rows))
            *out |= UINT32_C(1) << i;
    }
    return status;
}

/* *walk: in the rows. Else of the words that the index is asked for those that are common are left out, unless all
 * are. */
static hc_status choose(bool *walk, hc__my *conn, const hc_op *op, const hc_predicate *match, hc_error *err)
{
    uint32_t all = match->value_count < 32 ? (UINT32_C(1) << match->value_count) - 1 : UINT32_MAX, common = 0;
    int64_t found = 0, rows = 0;
    hc_status status = sample(&found, &rows, conn, op, op->where, err);

    if (status == HC_OK && is_often(found, rows))
        common = all;
    else if (status == HC_OK && match->value_count > 1)
        status = find_common(&common, conn, op, match, err);
    if (status == HC_OK && common == all)
        return is_soon_walked(walk, conn, op, found, rows, err);
    conn->searched = match->values;
    conn->common = common;
    return status;
}

hc_status hc__my_search(hc_op *out, hc__my *conn, const hc_op *op, hc_error *err)
{
    const hc_predicate *match;
    int32_t index;
    bool walk = false;
    hc_status status;

    *out = *op;
    if (op->verb != HC_VERB_QUERY || op->order_count != 1 || op->order[0].field != HC_ORDER_ARRIVAL || op->kind == NULL)
        return HC_OK;
    match = hc__sql_top_match(op->where);
    index = arrival_index(op->kind);
    if (match == NULL || index == HC_INDEX_ANY)
        return HC_OK;
    status = choose(&walk, conn, op, match, err);
    out->index = walk ? index : HC_INDEX_ANY;
    return status;
}
