/* Operations of a unit: its rows, its events. */
#include <string.h>

#include "base/bug.h"
#include "base/id.h"
#include "client/unit_inside.h"

static uint32_t field_count(const hc__record *record)
{
    return record->entity->kind.field_count;
}

/* A row of the library's own is sound, or there was no memory for it. */
static void doom_builder(hc__unit *unit, const hc__record *row)
{
    bool unsound = row->fault < 0 && row->fault != HC_ERR_NO_MEMORY;

    hc__unit_doom(unit, unsound ? HC_ERR_INTERNAL : HC_ERR_NO_MEMORY);
}

size_t hc__row_sets(hc_set *out, const hc__record *row)
{
    const hc_field *field = row->entity->kind.fields;
    const hc_value *value = row->values;
    size_t count = 0;

    for (uint16_t i = 0, end = (uint16_t)field_count(row); i < end; i++, field++, value++) {
        /* a default for other programs must not take the place of a null that is meant */
        if (value->type != HC_TYPE_NULL || (field->initial != NULL && (field->flags & HC_FIELD_NULLABLE) != 0))
            out[count++] = (hc_set){i, HC_SET_TO, 0, *value};
    }
    return count;
}

static hc_op *insert(hc__unit *unit, const hc__record *row, int32_t verb, const hc_predicate *where,
                     hc_op_result *result)
{
    hc_op *op = hc__arena_zero(&unit->arena, 1, sizeof *op);
    hc_set *sets = hc__arena_alloc(&unit->arena, field_count(row) * sizeof *sets);

    if (op == NULL || sets == NULL || row->fault < 0) {
        doom_builder(unit, row);
        return NULL;
    }
    op->verb = verb;
    op->expect = verb == HC_VERB_INSERT ? 1 : HC_EXPECT_ANY;
    op->where = where;
    op->result = result;
    op->kind = &row->entity->kind;
    op->index = HC_INDEX_ANY;
    op->sets = sets;
    op->set_count = hc__row_sets(sets, row);
    hc__unit_add(unit, op);
    return op;
}

hc_op *hc__unit_insert(hc__unit *unit, const hc__record *row)
{
    return insert(unit, row, HC_VERB_INSERT, NULL, NULL);
}

hc_op *hc__unit_insert_where(hc__unit *unit, const hc__record *row, const hc_predicate *where)
{
    return insert(unit, row, HC_VERB_INSERT, where, NULL);
}

hc_op *hc__unit_insert_if_absent(hc__unit *unit, const hc__record *row, hc_op_result *result)
{
    return insert(unit, row, HC_VERB_INSERT_IF_ABSENT, NULL, result);
}

hc_op *hc__unit_update(hc__unit *unit, const hc__record *changes, const hc_predicate *where)
{
    hc_op *op = hc__arena_zero(&unit->arena, 1, sizeof *op);
    hc_set *sets = hc__arena_alloc(&unit->arena, field_count(changes) * sizeof *sets);

    if (op == NULL || sets == NULL || where == NULL || changes->fault < 0) {
        doom_builder(unit, changes);
        return NULL;
    }
    op->verb = HC_VERB_UPDATE_WHERE;
    op->expect = 1;
    op->kind = &changes->entity->kind;
    op->index = HC_INDEX_ANY;
    op->where = where;
    op->sets = sets;
    for (uint16_t i = 0; i < field_count(changes); i++)
        if (hc__record_is_set(changes, i))
            sets[op->set_count++] = (hc_set){i, HC_SET_TO, 0, changes->values[i]};
    hc__unit_add(unit, op);
    return op;
}

void hc__unit_hold(hc__unit *unit, const hc__entity *entity, const hc_predicate *where, int32_t expect)
{
    hc_set *set = hc__arena_zero(&unit->arena, 1, sizeof *set);
    bool listings = unit->wrote_listings;
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = expect,
                .kind = &entity->kind,
                .index = HC_INDEX_ANY,
                .where = where,
                .sets = set,
                .set_count = 1};

    if (!hc__unit_is_remote(unit))
        return;
    if (set != NULL)
        *set = (hc_set){entity->version, HC_SET_ADD, 0, hc__value_int(HC_TYPE_INT32, 0)};
    hc__unit_add(unit, set == NULL || where == NULL ? NULL : &op);
    unit->wrote_listings = listings; /* their words are as they were */
}

struct one_row {
    hc__record *row;
    const uint16_t *fields;
    bool found;
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct one_row *one = data;

    if (!hc__record_fill(one->row, one->fields, row->values, row->count))
        return hc__no_memory(err);
    one->found = true;
    return HC_OK;
}

size_t hc__readable_fields(uint16_t out[HC__FIELD_LIMIT], const hc__entity *entity)
{
    size_t n = 0;

    for (uint16_t i = 0; i < entity->kind.field_count; i++)
        if (entity->kind.fields[i].type != HC_TYPE_TOKENS)
            out[n++] = i;
    return n;
}

hc_status hc__unit_row(hc__unit *unit, hc__record *row, bool *found, const hc__entity *entity,
                       const hc_predicate *where, hc_error *err)
{
    return hc__unit_row_if(unit, row, found, entity, where, NULL, NULL, err);
}

hc_status hc__unit_row_if(hc__unit *unit, hc__record *row, bool *found, const hc__entity *entity,
                          const hc_predicate *where, int64_t *count, const hc_predicate *may, hc_error *err)
{
    uint16_t fields[HC__FIELD_LIMIT];
    struct one_row one = {row, fields, false};
    hc_op_result counted = {0};
    hc_op ops[] = {{.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &entity->kind,
                    .where = where,
                    .fields = fields,
                    .limit = 1,
                    .index = HC_INDEX_ANY},
                   {.verb = HC_VERB_COUNT,
                    .expect = HC_EXPECT_ANY,
                    .kind = &entity->kind,
                    .where = may,
                    .index = HC_INDEX_ANY,
                    .result = &counted}};
    hc_status status = where == NULL ? hc__no_memory(err) : hc__record_init(row, entity, &unit->arena, err);

    *found = false;
    if (status < 0)
        return status;
    ops[0].field_count = hc__readable_fields(fields, entity);
    status = hc__unit_read(unit, ops, count == NULL ? 1 : 2, take_row, &one, err);
    *found = one.found;
    if (count != NULL)
        *count = counted.count;
    return status;
}

/* The last field that is set is the number. */
static void await_number(hc__unit *unit, const hc_op *op)
{
    hc__unnumbered *event = hc__arena_zero(&unit->arena, 1, sizeof *event);
    hc_set *sets; /* ours still, though the op only reads them */

    memcpy(&sets, &op->sets, sizeof sets);
    if (event == NULL) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    event->seq = &sets[op->set_count - 1].value;
    *unit->last_unnumbered = event;
    unit->last_unnumbered = &event->next;
}

void hc__unit_event(hc__unit *unit, const hc__entity *entity, hc_id target, int32_t change, int32_t version)
{
    hc__record row;
    hc_op *op;
    hc_id id;

    if (hc__record_init(&row, &hc__event_entity, &unit->arena, NULL) < 0 || hc__unit_id(unit, &id) < 0) {
        if (!hc__bug("no-event-without-memory"))
            hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    if (hc__bug("no-event"))
        return;
    hc__record_set_id(&row, hc__event_f_id, id);
    hc__record_set_text(&row, hc__event_f_resource, entity->noun, strlen(entity->noun));
    hc__record_set_id(&row, hc__event_f_resource_id, target);
    hc__record_set_int(&row, hc__event_f_change, change);
    hc__record_set_int(&row, hc__event_f_version, version);
    if (!hc__id_zero(unit->as->user))
        hc__record_set_id(&row, hc__event_f_actor_id, unit->as->user);
    hc__record_set_int(&row, hc__event_f_created_at, unit->now);
    if (!hc__unit_is_remote(unit))
        hc__record_set_int(&row, hc__event_f_seq, 1); /* until it is written */
    op = hc__unit_insert(unit, &row);
    if (op != NULL && !hc__unit_is_remote(unit))
        await_number(unit, op);
    unit->proof = (hc__proof){&hc__event_entity, id};
}
