/* Where the parameters of a shape come from: an operation whose shape was compiled before needs no compiling again. */
#include "driver/sql/private.h"

#include <string.h>

#define LEAVES 64

enum { FROM_LEAF, FROM_SET, FROM_SEEK, FROM_NUMBER };

struct hc__sql_source {
    int32_t from;
    uint32_t index, value; /* which leaf, set or key; which of a leaf's values */
};

/* The tests that take values, in the order of the predicate. */
typedef struct leaves {
    const hc_predicate *at[LEAVES];
    size_t count; /* above LEAVES: too many */
} leaves;

static bool takes_values(int32_t test)
{
    return test != HC_TEST_TRUE && test != HC_TEST_FALSE && test != HC_TEST_AND && test != HC_TEST_OR &&
           test != HC_TEST_EXISTS && test != HC_TEST_IS_NULL && test != HC_TEST_NOT_NULL;
}

static void collect(leaves *out, const hc_predicate *p, int depth)
{
    if (p == NULL || depth > HC__SQL_DEPTH)
        return;
    if (takes_values(p->test)) {
        if (out->count < LEAVES)
            out->at[out->count] = p;
        out->count++;
    }
    for (size_t i = 0; i < p->child_count; i++)
        collect(out, p->children[i], depth + 1);
}

static void collect_all(leaves *out, const hc_op *op)
{
    out->count = 0;
    collect(out, op->where, 0);
    collect(out, op->filter, 0);
}

/* In how many places of the operation the parameter's value lies; the last one goes to *out. */
static size_t find(struct hc__sql_source *out, const hc__param *param, const hc_op *op, const leaves *all)
{
    const hc_value *value = param->value;
    size_t places = 0;

    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t k = 0; k < all->at[i]->value_count; k++)
            if (&all->at[i]->values[k] == value) {
                out->from = FROM_LEAF;
                out->index = i;
                out->value = k;
                places++;
                /* Which values of a list stand alone depends on how many there are. */
                if (all->at[i]->test == HC_TEST_IN && param->use != HC__PARAM_ARRAY)
                    return 0;
            }
    for (uint32_t i = 0; i < op->set_count; i++)
        if (&op->sets[i].value == value) {
            out->from = FROM_SET;
            out->index = i;
            places++;
        }
    for (uint32_t i = 0; op->seek != NULL && i < op->order_count; i++)
        if (&op->seek[i] == value) {
            out->from = FROM_SEEK;
            out->index = i;
            places++;
        }
    return places;
}

bool hc__sql_learn(hc__sql_recipe *out, const hc__mem *mem, const hc__sql *sql, const hc_op *op)
{
    leaves all;
    bool sure;

    if (out->tried)
        return true;
    collect_all(&all, op);
    sure = all.count <= LEAVES;
    out->params = hc__alloc(mem, sql->param_count * (sizeof(*out->params) + sizeof(*out->sources)) + 1);
    if (out->params == NULL)
        return false;
    out->tried = true;
    out->sources = (struct hc__sql_source *)(void *)(out->params + sql->param_count);
    for (size_t i = 0; i < sql->param_count && sure; i++) {
        const hc__param *param = &sql->params[i];

        out->params[i] = *param;
        out->sources[i] = (struct hc__sql_source){.from = FROM_NUMBER};
        if (param->use != HC__PARAM_NUMBER && param->use != HC__PARAM_SCANNED)
            sure = find(&out->sources[i], param, op, &all) == 1;
    }
    out->count = sql->param_count;
    out->leaves = all.count;
    if (!sure)
        hc__sql_forget(out, mem);
    return true;
}

void hc__sql_forget(hc__sql_recipe *recipe, const hc__mem *mem)
{
    hc__free(mem, recipe->params);
    recipe->params = NULL;
    recipe->sources = NULL;
}

/* NULL: the operation has none there. */
static inline const hc_value *value_at(const struct hc__sql_source *source, const hc_op *op, const leaves *all)
{
    const hc_predicate *leaf;

    if (source->from == FROM_SET)
        return &op->sets[source->index].value;
    if (source->from == FROM_SEEK)
        return &op->seek[source->index];
    leaf = all->at[source->index];
    return source->value < leaf->value_count ? &leaf->values[source->value] : NULL;
}

static inline bool follow(hc__param *param, const struct hc__sql_source *source, const hc_op *op, const leaves *all)
{
    const hc_value *value;

    if (source->from == FROM_NUMBER) {
        param->number = hc__number_of(op, (int32_t)param->count);
        return true;
    }
    param->value = value = value_at(source, op, all);
    if (value == NULL)
        return false;
    if (param->use == HC__PARAM_VALUE)
        return value->type == param->field->type || value->type == HC_TYPE_NULL ||
               (value->type == HC_TYPE_NOW && source->from != FROM_SEEK);
    if (param->use == HC__PARAM_ARRAY)
        param->count = (uint32_t)all->at[source->index]->value_count;
    return true;
}

bool hc__sql_follow(hc__sql *sql, const hc__sql_recipe *recipe, const hc_op *op)
{
    leaves all;

    if (recipe->sources == NULL)
        return false;
    collect_all(&all, op);
    if (all.count != recipe->leaves)
        return false;
    for (size_t i = 0; i < recipe->count; i++)
        if (!follow(&recipe->params[i], &recipe->sources[i], op, &all))
            return false;
    sql->failed = false;
    sql->params = recipe->params;
    sql->param_count = recipe->count;
    return true;
}
