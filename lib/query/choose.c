/* Which index. Without statistics: what names one place or person narrows, a status does not. */
#include <string.h>
#include "base/fail.h"
#include "query/listing.h"
#include "query/plan.h"

/* Scores. A column that narrows outweighs any number of those that do not. */
#define BY_ID        1000
#define BY_COLUMN    100 /* equality, or a list, on a column that is no enumeration */
#define BY_PREFIX    90
#define BY_SMALL_BOX 120
#define BY_WORDS     70
#define BY_BOX       60
#define BY_ENUM      3
#define BY_RANGE     1

#define SMALL_BOX INT64_C(30000000) /* 0.3 degrees of latitude: some 17 km around */

static bool is_range(int32_t test)
{
    return (test >= HC_TEST_LT && test <= HC_TEST_GE) || test == HC_TEST_STARTS_WITH;
}

/* Of most columns of most indexes nothing is asked. True may be wrong of a kind of more than 64 fields. */
static bool may_be_named(const hc__plan *plan, uint16_t field)
{
    return (plan->named >> field % 64 & 1) != 0;
}

static size_t find(const hc__plan *plan, uint16_t field, int32_t test)
{
    if (!may_be_named(plan, field))
        return plan->part_count;
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i]->field == field && plan->parts[i]->test == test)
            return i;
    return plan->part_count;
}

/* The key of an index without the id at its end; none is of the id alone. */
static size_t columns_of(const hc_index *index)
{
    size_t count = 0;

    while (count < index->field_count && index->fields[count] != 0)
        count++;
    return count;
}

static uint32_t planned_count(const hc__plan *plan)
{
    return plan->entity->planned == NULL ? plan->entity->kind.index_count : plan->entity->planned_count;
}

static uint32_t planned(const hc__plan *plan, uint32_t at)
{
    return plan->entity->planned == NULL ? at : plan->entity->planned[at];
}

static bool narrows(const hc__plan *plan, uint16_t field)
{
    int32_t type = plan->entity->kind.fields[field].type;

    return type != HC_TYPE_ENUM && type != HC_TYPE_BOOL;
}

/* ---- the walk ---- */

/* The words of an enumeration, and null: a column that nothing fixes, spelled out. */
static bool fan_of_enum(hc__plan *plan, hc__fan *fan, uint16_t field)
{
    const hc_field *of = &plan->entity->kind.fields[field];
    hc_value *values;
    size_t count = 0;

    if (of->type != HC_TYPE_ENUM)
        return false;
    while (of->words[count] != NULL)
        count++;
    values = hc__arena_zero(plan->arena, count + 1, sizeof(*values));
    plan->starved = plan->starved || values == NULL;
    for (size_t i = 0; values != NULL && i < count; i++)
        values[i] = (hc_value){.type = HC_TYPE_ENUM, .as.integer = (int64_t)i + 1};
    if ((of->flags & HC_FIELD_NULLABLE) != 0 && find(plan, field, HC_TEST_NOT_NULL) == plan->part_count)
        count++;
    *fan = (hc__fan){field, values, count};
    return values != NULL;
}

/* The values of a list; else every word of an enumeration, which narrows nothing, and costs a stream each. */
static bool fan_out(hc__plan *plan, hc__access *access, hc__fan *fan, uint16_t field)
{
    size_t at = find(plan, field, HC_TEST_IN);

    if (at == plan->part_count)
        return fan_of_enum(plan, fan, field);
    access->used[at] = HC__HERE;
    access->score += narrows(plan, field) ? BY_COLUMN : BY_ENUM;
    *fan = (hc__fan){field, plan->parts[at]->values, plan->parts[at]->value_count};
    return true;
}

/* One column before the sort key. */
static bool walk_column(hc__plan *plan, hc__access *access, hc__fan fans[HC__FAN_LIMIT], size_t *fan_count,
                        uint16_t field)
{
    static const int32_t single[] = {HC_TEST_EQ, HC_TEST_IS_NULL};
    size_t at;

    for (size_t i = 0; i < 2; i++) {
        at = find(plan, field, single[i]);
        if (at < plan->part_count) {
            access->used[at] = HC__USED;
            access->score += narrows(plan, field) ? BY_COLUMN : BY_ENUM;
            return true;
        }
    }
    if (*fan_count == HC__FAN_LIMIT || !fan_out(plan, access, &fans[*fan_count], field))
        return false;
    ++*fan_count;
    return true;
}

static void use_ranges(const hc__plan *plan, hc__access *access, uint16_t field)
{
    for (size_t i = 0; i < plan->part_count; i++) {
        if (plan->parts[i]->field == field && is_range(plan->parts[i]->test)) {
            access->used[i] = HC__USED;
            access->score += BY_RANGE;
        }
    }
}

/* What bounds the sort key also keeps nulls out; a list of its values would not come in order, so it stays a filter. */
static void use_key(hc__plan *plan, hc__access *access, uint16_t key)
{
    size_t equal = find(plan, key, HC_TEST_EQ), null = find(plan, key, HC_TEST_IS_NULL);
    int32_t before = access->score;

    plan->key_nullable = (plan->entity->kind.fields[key].flags & HC_FIELD_NULLABLE) != 0;
    plan->key_is_null = null < plan->part_count;
    if (plan->key_is_null)
        access->used[null] = HC__USED;
    if (equal < plan->part_count)
        access->used[equal] = HC__USED;
    use_ranges(plan, access, key);
    plan->key_bounded = access->score > before || equal < plan->part_count;
}

/* Of equals the index that comes later wins: they go from wide to narrow. */
static void try_walk(hc__plan *plan, int32_t position, const hc_index *index, uint8_t *used)
{
    uint16_t key = plan->keys[0].field;
    size_t columns = columns_of(index);
    hc__access access = {position, 0, used};
    hc__fan fans[HC__FAN_LIMIT];
    size_t fan_count = 0, streams = 1;

    if (index->flags != 0 || index->fields[columns - 1] != key)
        return;
    memset(used, 0, plan->part_count);
    for (size_t i = 0; i + 1 < columns; i++)
        if (!walk_column(plan, &access, fans, &fan_count, index->fields[i]))
            return;
    for (size_t i = 0; i < fan_count; i++)
        streams *= fans[i].count;
    if (streams > HC__STREAM_LIMIT)
        return;
    if (access.score < plan->walk.score || (access.score == plan->walk.score && streams > plan->stream_count))
        return;
    memcpy(plan->fans, fans, fan_count * sizeof(fans[0]));
    plan->fan_count = fan_count;
    plan->stream_count = streams;
    memcpy(plan->walk.used, used, plan->part_count);
    plan->walk.index = position;
    plan->walk.score = access.score;
}

static void find_walk(hc__plan *plan, uint8_t *used)
{
    const hc_kind *kind = &plan->entity->kind;

    if (plan->key_count != 1 || plan->keys[0].field >= kind->field_count)
        return;
    for (uint32_t i = 0; i < planned_count(plan); i++) {
        uint32_t at = planned(plan, i);

        try_walk(plan, (int32_t)at, &kind->indexes[at], used);
    }
    if (plan->walk.score < 0)
        return;
    use_key(plan, &plan->walk, plan->keys[0].field);
    /* A driver would look for all matches first; the words of the rows that are walked over are tested here. */
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i] == plan->match)
            plan->walk.used[i] = HC__HERE;
}

/* ---- the selection ---- */

static int32_t box_score(const hc__plan *plan, size_t low, size_t high)
{
    int64_t span = plan->parts[high]->values->as.integer - plan->parts[low]->values->as.integer;

    return span <= SMALL_BOX ? BY_SMALL_BOX : BY_BOX;
}

/* Latitudes select by a range, and the longitudes beside them are in the index too. */
static void select_box(const hc__plan *plan, hc__access *access)
{
    size_t low = find(plan, hc__property_f_latitude, HC_TEST_GE);
    size_t high = find(plan, hc__property_f_latitude, HC_TEST_LE);

    if (low == plan->part_count || high == plan->part_count)
        return;
    access->score = box_score(plan, low, high);
    for (size_t i = 0; i < plan->part_count; i++) {
        const hc_predicate *part = plan->parts[i];
        uint16_t field = part->test == HC_TEST_OR ? part->children[0]->field : part->field;
        bool across = part->test == HC_TEST_OR && part->child_count == 2 && field == hc__property_f_longitude &&
                      part->children[1]->field == field;

        if (across || ((field == hc__property_f_latitude || field == hc__property_f_longitude) && is_range(part->test)))
            access->used[i] = HC__USED;
    }
}

static void select_columns(const hc__plan *plan, hc__access *access, const hc_index *index)
{
    static const int32_t equal[] = {HC_TEST_EQ, HC_TEST_IN, HC_TEST_IS_NULL};
    size_t columns = columns_of(index);

    for (size_t i = 0; i < columns; i++) {
        uint16_t field = index->fields[i];
        size_t at = plan->part_count;

        for (size_t j = 0; j < 3 && at == plan->part_count; j++)
            at = find(plan, field, equal[j]);
        if (at == plan->part_count) {
            use_ranges(plan, access, field);
            if (find(plan, field, HC_TEST_STARTS_WITH) < plan->part_count)
                access->score += BY_PREFIX;
            return;
        }
        access->used[at] = HC__USED;
        access->score += narrows(plan, field) ? BY_COLUMN : BY_ENUM;
    }
}

/* How much a box, words or a prefix narrow is known only by trying. */
static bool is_guess(int32_t score)
{
    return score == BY_SMALL_BOX || (score >= BY_BOX && score < BY_COLUMN);
}

static void keep(const hc__plan *plan, hc__access *best, const hc__access *access)
{
    best->index = access->index;
    best->score = access->score;
    memcpy(best->used, access->used, plan->part_count);
}

static void keep_better(hc__plan *plan, const hc__access *access)
{
    if (access->score == 0)
        return;
    if (access->score >= plan->select.score)
        keep(plan, &plan->select, access);
    if (is_guess(access->score) && access->score >= plan->guess.score)
        keep(plan, &plan->guess, access);
}

static void select_one(hc__plan *plan, int32_t index, int32_t score, size_t part, uint8_t *used)
{
    hc__access access = {index, score, memset(used, 0, plan->part_count)};

    used[part] = HC__USED;
    keep_better(plan, &access);
}

static void find_selection(hc__plan *plan, uint8_t *used)
{
    const hc_kind *kind = &plan->entity->kind;
    size_t id = find(plan, 0, HC_TEST_EQ);

    for (uint32_t i = 0; i < planned_count(plan); i++) {
        uint32_t at = planned(plan, i);
        const hc_index *index = &kind->indexes[at];
        hc__access access = {(int32_t)at, 0, used};

        if (!may_be_named(plan, index->fields[0]))
            continue;
        memset(used, 0, plan->part_count);
        if (hc__has_places(plan->entity) && index->fields[0] == hc__property_f_latitude)
            select_box(plan, &access);
        else if ((index->flags & HC_INDEX_ARRIVAL) == 0)
            select_columns(plan, &access, index);
        keep_better(plan, &access);
    }
    for (size_t i = 0; plan->match != NULL && i < plan->part_count; i++)
        if (plan->parts[i] == plan->match)
            select_one(plan, HC_INDEX_ANY, BY_WORDS, i, used);
    if (id == plan->part_count)
        id = find(plan, 0, HC_TEST_IN);
    if (id < plan->part_count)
        select_one(plan, HC_INDEX_ID, BY_ID, id, used);
    if (is_guess(plan->select.score) || plan->select.score >= BY_ID || plan->select.score < BY_COLUMN)
        plan->guess.score = -1;
}

/* ---- both ---- */

hc_status hc__plan_choose(hc__plan *plan, hc_error *err)
{
    size_t size = plan->part_count + 1;
    uint8_t *used = hc__arena_zero(plan->arena, 4, size);

    if (used == NULL)
        return hc__no_memory(err);
    plan->walk.used = used;
    plan->select.used = used + size;
    plan->guess.used = used + 2 * size;
    for (size_t i = 0; i < plan->part_count; i++)
        plan->named |= UINT64_C(1) << plan->parts[i]->field % 64;
    find_walk(plan, used + 3 * size);
    find_selection(plan, used + 3 * size);
    /* What no row can hold is told to the engine before it looks at any. */
    for (size_t i = 0; i < plan->part_count; i++)
        if (plan->parts[i]->test == HC_TEST_FALSE)
            plan->walk.used[i] = plan->select.used[i] = plan->guess.used[i] = HC__USED;
    return plan->starved ? hc__no_memory(err) : HC_OK;
}

bool hc__plan_walks(const hc__plan *plan)
{
    if (plan->walk.score < 0 || is_guess(plan->select.score))
        return false;
    return plan->walk.score / BY_COLUMN >= plan->select.score / BY_COLUMN;
}

const char *hc__plan_narrower(const hc__plan *plan)
{
    static const uint16_t clauses[] = {hc__property_f_city, hc__property_f_zip_code, hc__property_f_agent_id};

    if (plan->entity != &hc__property_entity)
        return "filter";
    if (plan->near != NULL)
        return "near";
    for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++)
        if (plan->query->where == NULL || !hc__expr_names(plan->query->where, clauses[i]))
            return plan->entity->kind.fields[clauses[i]].name;
    return "price";
}
