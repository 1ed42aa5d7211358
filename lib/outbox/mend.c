/* What is done about one difference. */
#include "outbox/outbox.h"

#include <string.h>

#include "client/documents.h"
#include "model/effect.h"
#include "model/head.h"

/* ---- by effects ---- */

/* Which of a document's effects make it again. */
struct tail {
    int64_t stored, wanted;
    int64_t first; /* version that the delivery begins with; 0: none does */
    int64_t next;  /* that comes behind what was seen without a gap */
    bool all;      /* it has one version only */
};

/* In the order of versions: one that brings the whole row begins anew, and so does the version behind the stored one.
 */
static hc_status take_effect(const hc_row *row, void *data, hc_error *err)
{
    struct tail *tail = data;
    int64_t version = row->values[0].as.integer;

    (void)err;
    if (version > tail->wanted)
        return HC_OK;
    if (row->values[1].as.integer == HC__EFFECT_PUT || row->values[1].as.integer == HC__EFFECT_APPEND ||
        (version == tail->stored + 1 && tail->stored > 0)) {
        tail->first = version;
        tail->next = version + 1;
    } else if (version == tail->next) {
        tail->next++;
    }
    return HC_OK;
}

static hc_status find_tail(hc__unit *unit, const hc__difference *difference, struct tail *out, hc_error *err)
{
    static const uint16_t fields[] = {hc__effect_f_version, hc__effect_f_verb};
    static const hc_order order[] = {{hc__effect_f_version, HC_ORDER_NOT_NULL}, {hc__effect_f_id, 0}};
    const hc_kind *kind = &hc__effect_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .where = hc__all_of(arena, hc__is_id(arena, hc__effect_f_aggregate_id, difference->id),
                                    hc__is_int(arena, kind, hc__effect_f_version, HC_TEST_GT, difference->stored)),
                .filter = hc__outbox_in_state(arena, HC__EFFECT_DELIVERED),
                .fields = fields,
                .field_count = 2,
                .order = order,
                .order_count = 2,
                .index = HC_INDEX_ANY};

    *out = (struct tail){.stored = difference->stored, .wanted = difference->version};
    return op.where == NULL || op.filter == NULL ? hc__no_memory(err)
                                                 : hc__unit_read(unit, &op, 1, take_effect, out, err);
}

struct mending {
    const hc__difference *difference;
    const hc__record *head;
    bool done;
};

static hc_status by_effects(hc__unit *unit, void *data, hc_error *err)
{
    struct mending *mending = data;
    const hc__difference *difference = mending->difference;
    const hc_kind *kind = &hc__effect_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    struct tail tail;
    hc_op op;
    hc_status status = find_tail(unit, difference, &tail, err);

    hc__unit_repeatable(unit);
    mending->done = false;
    if (status < 0 || tail.first == 0 || tail.next != difference->version + 1)
        return status;
    op = hc__outbox_again(hc__all_of(arena,
                                     hc__all_of(arena, hc__is_id(arena, hc__effect_f_aggregate_id, difference->id),
                                                hc__is_int(arena, kind, hc__effect_f_version, HC_TEST_GE, tail.first)),
                                     hc__outbox_in_state(arena, HC__EFFECT_DELIVERED)));
    if (op.where == NULL)
        return hc__no_memory(err);
    hc__unit_add(unit, &op);
    mending->done = true;
    return HC_OK;
}

/* ---- a head ---- */

static hc_status put_head(hc__unit *unit, void *data, hc_error *err)
{
    struct mending *mending = data;
    const hc__difference *difference = mending->difference;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result result = {0};
    hc_op *op;
    hc_status status;

    hc__unit_repeatable(unit);
    if (difference->version == 0) {
        hc__unit_insert_if_absent(unit, mending->head, &result);
    } else {
        op = hc__arena_zero(arena, 1, sizeof *op);
        if (op == NULL)
            return hc__no_memory(err);
        *op = (hc_op){.verb = HC_VERB_UPDATE_WHERE,
                      .expect = HC_EXPECT_ANY,
                      .kind = &hc__head_entity.kind,
                      .index = HC_INDEX_ID,
                      .result = &result};
        op->where = hc__all_of(arena, hc__is_id(arena, 0, difference->id),
                               hc__is_int(arena, op->kind, hc__head_f_version, HC_TEST_EQ, difference->version));
        {
            hc_set *sets = hc__arena_alloc(arena, op->kind->field_count * sizeof *sets);

            if (sets == NULL || op->where == NULL)
                return hc__no_memory(err);
            for (uint16_t i = hc__head_f_owner_id; i < op->kind->field_count; i++)
                sets[op->set_count++] = (hc_set){i, HC_SET_TO, 0, mending->head->values[i]};
            op->sets = sets;
        }
        hc__unit_add(unit, op);
    }
    status = hc__unit_flush(unit, NULL, err);
    mending->done = result.count > 0;
    return status;
}

static hc_status by_head(hc_session *as, struct mending *mending, hc_error *err)
{
    const hc__difference *difference = mending->difference;
    hc__stored *document = hc__alloc(&as->core->mem, sizeof *document);
    hc__record head;
    hc__arena arena;
    hc_status status;

    if (document == NULL)
        return hc__no_memory(err);
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    status = hc__outbox_stored(document, as, &arena, difference->entity, hc__is_id(&arena, 0, difference->id), err);
    if (status >= 0 && document->found) {
        status = hc__record_init(&head, &hc__head_entity, &arena, err);
        if (status >= 0)
            status = hc__head_of(&head, &document->row, err);
        mending->head = &head;
        if (status >= 0)
            status = hc__unit_run(as, put_head, mending, err);
    }
    hc__arena_free(&arena);
    hc__free(&as->core->mem, document);
    if (status != HC_ERR_CORRUPT)
        return status;
    mending->done = false; /* it stays as it is, and is told as left */
    return HC_OK;
}

/* ---- */

static hc_status by_removal(hc_session *as, struct mending *mending, hc_error *err)
{
    uint8_t room[512];
    hc__arena arena;
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_REMOVE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &mending->difference->entity->kind,
                .index = HC_INDEX_ID,
                .result = &result};
    hc_batch batch = {.ops = &op, .op_count = 1};
    hc_status status;

    hc__arena_init(&arena, &as->core->mem, room, sizeof room);
    op.where = hc__is_id(&arena, 0, mending->difference->id);
    status = op.where == NULL ? hc__no_memory(err) : hc__documents_run(as, &batch, err);
    hc__arena_free(&arena);
    mending->done = result.count > 0;
    return status;
}

hc_status hc__outbox_mend(hc_session *as, const hc__difference *difference, bool *mended, hc_error *err)
{
    struct mending mending = {.difference = difference};
    hc_status status;

    as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    if (difference->what == HC_DIFFERENCE_MISSING || difference->what == HC_DIFFERENCE_OLDER)
        status = hc__unit_run(as, by_effects, &mending, err);
    else if (difference->what == HC_DIFFERENCE_REMOVED)
        status = by_removal(as, &mending, err);
    else
        status = by_head(as, &mending, err);
    *mended = status >= 0 && mending.done;
    return status;
}
