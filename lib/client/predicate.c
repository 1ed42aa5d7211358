#include "client/predicate.h"

#include "base/bug.h"

static hc_predicate *make(hc__arena *arena, int32_t test)
{
    hc_predicate *p = hc__arena_zero(arena, 1, sizeof *p);

    if (p != NULL)
        p->test = test;
    return p;
}

const hc_predicate *hc__is_true(void)
{
    static const hc_predicate yes = {HC_TEST_TRUE, 0, 0, NULL, 0, NULL, 0, NULL};

    return &yes;
}

const hc_predicate *hc__is_false(void)
{
    static const hc_predicate no = {HC_TEST_FALSE, 0, 0, NULL, 0, NULL, 0, NULL};

    return &no;
}

/* What is an AND in an AND, or an OR in an OR, gives its parts to the whole: each level costs in every statement. */
static size_t take_parts(const hc_predicate **out, int32_t test, const hc_predicate *p)
{
    size_t count = p->test == test ? p->child_count : 1;

    for (size_t i = 0; i < count; i++)
        out[i] = p->test == test ? p->children[i] : p;
    return count;
}

static const hc_predicate *pair(hc__arena *arena, int32_t test, const hc_predicate *a, const hc_predicate *b)
{
    hc_predicate *p;
    const hc_predicate **children;

    if (a == NULL || b == NULL)
        return NULL;
    p = make(arena, test);
    children = hc__arena_alloc(
        arena, ((a->test == test ? a->child_count : 1) + (b->test == test ? b->child_count : 1)) * sizeof *children);
    if (p == NULL || children == NULL)
        return NULL;
    p->child_count = take_parts(children, test, a);
    p->child_count += take_parts(children + p->child_count, test, b);
    p->children = children;
    return p;
}

const hc_predicate *hc__all_of(hc__arena *arena, const hc_predicate *a, const hc_predicate *b)
{
    if (hc__bug("half-a-filter") && (a == NULL || b == NULL))
        return a == NULL ? b : a;
    return pair(arena, HC_TEST_AND, a, b);
}

const hc_predicate *hc__any_of(hc__arena *arena, const hc_predicate *a, const hc_predicate *b)
{
    return pair(arena, HC_TEST_OR, a, b);
}

static const hc_predicate *leaf(hc__arena *arena, uint16_t field, int32_t test, hc_value value)
{
    hc_predicate *p = make(arena, test);
    hc_value *copy = hc__arena_alloc(arena, sizeof *copy);

    if (p == NULL || copy == NULL)
        return NULL;
    *copy = value;
    p->field = field;
    p->values = copy;
    p->value_count = 1;
    return p;
}

const hc_predicate *hc__is_int(hc__arena *arena, const hc_kind *kind, uint16_t field, int32_t test, int64_t value)
{
    return leaf(arena, field, test, hc__value_int(kind->fields[field].type, value));
}

const hc_predicate *hc__is_when(hc__arena *arena, uint16_t field, int32_t test, int64_t micros)
{
    return leaf(arena, field, test, hc__value_int(HC_TYPE_NOW, micros));
}

const hc_predicate *hc__is_id(hc__arena *arena, uint16_t field, hc_id id)
{
    const void *bytes = hc__arena_copy(arena, id.bytes, sizeof id.bytes);

    return bytes == NULL ? NULL : leaf(arena, field, HC_TEST_EQ, hc__value_bytes(HC_TYPE_ID, bytes, sizeof id.bytes));
}

const hc_predicate *hc__is_bytes(hc__arena *arena, const hc_kind *kind, uint16_t field, int32_t test, const void *bytes,
                                 size_t size)
{
    return leaf(arena, field, test, hc__value_bytes(kind->fields[field].type, bytes, size));
}

const hc_predicate *hc__is_in(hc__arena *arena, uint16_t field, const hc_value *values, size_t count)
{
    hc_predicate *p = make(arena, count == 0 ? HC_TEST_FALSE : HC_TEST_IN);

    if (p == NULL)
        return NULL;
    p->field = field;
    p->values = values;
    p->value_count = count;
    return p;
}

static const hc_predicate *about_null(hc__arena *arena, int32_t test, uint16_t field)
{
    hc_predicate *p = make(arena, test);

    if (p != NULL)
        p->field = field;
    return p;
}

const hc_predicate *hc__is_none_of(hc__arena *arena, uint16_t field, const hc_value *values, size_t count)
{
    hc_predicate *p = make(arena, HC_TEST_AND);
    const hc_predicate **children = hc__arena_alloc(arena, (count + 1) * sizeof *children);

    if (p == NULL || children == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        children[i] = leaf(arena, field, HC_TEST_NE, values[i]);
        if (children[i] == NULL)
            return NULL;
    }
    p->children = children;
    p->child_count = count;
    return p;
}

const hc_predicate *hc__is_null(hc__arena *arena, uint16_t field)
{
    return about_null(arena, HC_TEST_IS_NULL, field);
}

const hc_predicate *hc__not_null(hc__arena *arena, uint16_t field)
{
    return about_null(arena, HC_TEST_NOT_NULL, field);
}

const hc_predicate *hc__exists(hc__arena *arena, const hc_kind *kind, uint16_t inner, uint16_t field,
                               const hc_predicate *where)
{
    hc_predicate *p;
    const hc_predicate **child;

    if (where == NULL)
        return NULL;
    p = make(arena, HC_TEST_EXISTS);
    child = hc__arena_alloc(arena, sizeof *child);
    if (p == NULL || child == NULL)
        return NULL;
    *child = where;
    p->kind = kind;
    p->inner = inner;
    p->field = field;
    p->children = child;
    p->child_count = 1;
    return p;
}

hc_value hc__value_int(int32_t type, int64_t value)
{
    hc_value v = {type, 0, {0}};

    v.as.integer = value;
    return v;
}

hc_value hc__value_bytes(int32_t type, const void *bytes, size_t size)
{
    hc_value v = {type, (uint32_t)size, {0}};

    v.as.bytes = bytes;
    return v;
}
