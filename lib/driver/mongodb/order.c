/* Orders and seeks. Going down a server puts null last, as is asked; going up it puts null first. So going up a key
 * that may be null splits a query into parts, by whether it is. Those of the first key follow one another; those of the
 * others are merged. */
#include "driver/mongodb/mongodb.h"

#include "base/fail.h"

static bool may_be_null(const hc_op *op, size_t i)
{
    return (op->order[i].flags & HC_ORDER_NOT_NULL) == 0 &&
           (op->kind->fields[op->order[i].field].flags & HC_FIELD_NULLABLE) != 0;
}

static bool goes_down(const hc_op *op, size_t i)
{
    return (op->order[i].flags & HC_ORDER_DESCENDING) != 0;
}

void hc__mongo_first_range(hc__mongo_range *range, const hc_op *op)
{
    *range = (hc__mongo_range){op, 0, 0};
    for (size_t i = 0; i < op->order_count; i++)
        range->choice |= (uint32_t)(may_be_null(op, i) && !goes_down(op, i)) << i;
}

bool hc__mongo_next_range(hc__mongo_range *range)
{
    bool more = (range->choice & 1) != 0 && (range->nulls & 1) == 0;

    range->nulls = more;
    return more;
}

bool hc__mongo_next_part(hc__mongo_range *range)
{
    uint32_t merged = range->choice & ~UINT32_C(1);
    uint32_t next = ((range->nulls & merged) - merged) & merged; /* the next subset of the bits */

    range->nulls = (range->nulls & 1) | next;
    return next != 0;
}

/* ---- seeks ---- */

static bool is_split(const hc__mongo_range *range, size_t i)
{
    return (range->choice >> i & 1) != 0;
}

static bool is_null(const hc__mongo_range *range, size_t i)
{
    return (range->nulls >> i & 1) != 0;
}

static bool seeks_null(const hc__mongo_range *range, size_t i)
{
    return range->op->seek[i].type == HC_TYPE_NULL;
}

/* Whether a row of the part may be equal to the seek in key i. After it none may be when that is null. */
static bool may_equal(const hc__mongo_range *range, size_t i)
{
    if (is_split(range, i))
        return is_null(range, i) == seeks_null(range, i);
    return !seeks_null(range, i) || may_be_null(range->op, i);
}

static void put_key(hc__mongo *conn, bson_t *out, const hc_op *op, size_t i, const char *test)
{
    const char *name = hc__mongo_member(op->kind, op->order[i].field);
    bson_t condition;

    bson_append_document_begin(out, name, -1, &condition);
    hc__mongo_append(conn, &condition, test, op->kind, op->order[i].field, &op->seek[i]);
    bson_append_document_end(out, &condition);
}

static void put_later(hc__mongo *conn, bson_t *out, const hc__mongo_range *range, size_t i)
{
    const hc_op *op = range->op;
    const char *test = goes_down(op, i) ? "$lt" : "$gt";
    bson_t list, one;

    if (is_split(range, i) || !may_be_null(op, i)) {
        if (!is_null(range, i))
            put_key(conn, out, op, i, test);
        return;
    }
    bson_append_array_begin(out, "$or", -1, &list);
    bson_append_document_begin(&list, "0", -1, &one);
    put_key(conn, &one, op, i, test);
    bson_append_document_end(&list, &one);
    bson_append_document_begin(&list, "1", -1, &one);
    bson_append_null(&one, hc__mongo_member(op->kind, op->order[i].field), -1);
    bson_append_document_end(&list, &one);
    bson_append_array_end(out, &list);
}

static void put_same(hc__mongo *conn, bson_t *out, const hc__mongo_range *range, size_t i)
{
    if (is_null(range, i))
        return;
    if (seeks_null(range, i))
        bson_append_null(out, hc__mongo_member(range->op->kind, range->op->order[i].field), -1);
    else
        put_key(conn, out, range->op, i, "$eq");
}

/* Equal in the keys before i, and after in i. A condition each: an order may name a field twice. */
static void put_after(hc__mongo *conn, bson_t *out, const hc__mongo_range *range, size_t i)
{
    bson_t list, one;

    if (i == 0) {
        put_later(conn, out, range, i);
        return;
    }
    bson_append_array_begin(out, "$and", -1, &list);
    for (size_t k = 0; k <= i; k++) {
        char room[16];
        const char *place;

        (void)bson_uint32_to_string((uint32_t)k, &place, room, sizeof(room));
        bson_append_document_begin(&list, place, -1, &one);
        if (k < i)
            put_same(conn, &one, range, k);
        else
            put_later(conn, &one, range, k);
        bson_append_document_end(&list, &one);
    }
    bson_append_array_end(out, &list);
}

/* An index can start at the first key. */
static void put_start(hc__mongo *conn, bson_t *out, const hc__mongo_range *range)
{
    const hc_op *op = range->op;

    if (!seeks_null(range, 0) && !is_null(range, 0) && (is_split(range, 0) || !may_be_null(op, 0)))
        put_key(conn, out, op, 0, goes_down(op, 0) ? "$lte" : "$gte");
}

static void put_seek(hc__mongo *conn, bson_t *out, const hc__mongo_range *range, bool *any)
{
    bson_t list, one;
    uint32_t n = 0;

    bson_init(&list);
    for (size_t i = 0; i < range->op->order_count; i++) {
        char room[16];
        const char *place;

        if (!seeks_null(range, i)) {
            (void)bson_uint32_to_string(n++, &place, room, sizeof(room));
            bson_append_document_begin(&list, place, -1, &one);
            put_after(conn, &one, range, i);
            bson_append_document_end(&list, &one);
        }
        if (!may_equal(range, i))
            break;
    }
    *any = n > 0;
    if (n > 1)
        put_start(conn, out, range);
    if (n > 0)
        bson_append_array(out, "$or", -1, &list);
    bson_destroy(&list);
}

hc_status hc__mongo_range_filter(hc__mongo *conn, bson_t *filter, const hc__mongo_range *range, bool *any,
                                 hc_error *err)
{
    const hc_op *op = range->op;
    bson_t own;

    *any = true;
    for (size_t i = 0; op->seek != NULL && i < op->order_count; i++) {
        const hc_field *field = &op->kind->fields[op->order[i].field];

        if ((op->seek[i].type != HC_TYPE_NULL && op->seek[i].type != field->type) ||
            !hc__mongo_has_form(field, &op->seek[i]))
            return hc__mongo_misuse(err, "a value of the seek is none of its field");
    }
    for (size_t i = 0; i < op->order_count; i++) {
        const char *name = hc__mongo_member(op->kind, op->order[i].field);
        bson_t condition;

        if (!is_split(range, i))
            continue;
        bson_init(&own);
        if (is_null(range, i)) {
            bson_append_null(&own, name, -1);
        } else {
            bson_append_document_begin(&own, name, -1, &condition);
            bson_append_null(&condition, "$ne", -1);
            bson_append_document_end(&own, &condition);
        }
        hc__mongo_and(filter, &own);
        bson_destroy(&own);
    }
    if (op->seek != NULL) {
        bson_init(&own);
        put_seek(conn, &own, range, any);
        hc__mongo_and(filter, &own);
        bson_destroy(&own);
    }
    return HC_OK;
}

void hc__mongo_range_sort(bson_t *sort, const hc__mongo_range *range)
{
    const hc_op *op = range->op;

    for (size_t i = 0; i < op->order_count; i++) {
        const char *name = hc__mongo_member(op->kind, op->order[i].field);

        if (!is_null(range, i) && !bson_has_field(sort, name))
            bson_append_int32(sort, name, -1, goes_down(op, i) ? -1 : 1);
    }
}
