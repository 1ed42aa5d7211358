#include "homeconnect/repair.h"

#include <string.h>

#include "base/id.h"
#include "client/audit.h"
#include "repair/repair.h"

#define BATCH        128  /* rows of one transaction */
#define REPORT_LIMIT 4096 /* bytes of any version: a size that was never set is mostly above */

/* In this order: an agent's sales are counted over listings that are right. */
static const struct part {
    const hc__entity *entity;
    hc__mend_fn mend;
} parts[] = {
    {&hc__user_entity, hc__mend_user},
    {&hc__property_entity, hc__mend_listing},
    {&hc__agent_entity, hc__mend_agent},
    {&hc__lead_entity, hc__mend_lead},
    {&hc__appointment_entity, hc__mend_appointment},
};

/* One transaction. Its body may run again: it reads `from` and writes the rest from the start. */
struct batch {
    const struct part *part;
    bool first; /* there is no id yet to go on behind */
    bool told;  /* the audit log tells of this repair */
    hc_id from;
    hc_id last;
    size_t count;
    int64_t changed, left;
};

struct rows {
    hc__unit *unit;
    const hc__entity *entity;
    uint16_t fields[HC__FIELD_LIMIT];
    hc__record list[BATCH];
    size_t count;
};

static hc_status take_row(const hc_row *row, void *data, hc_error *err)
{
    struct rows *rows = data;
    hc__record *record = &rows->list[rows->count];

    if (hc__record_init(record, rows->entity, hc__unit_arena(rows->unit), NULL) < 0 ||
        !hc__record_fill(record, rows->fields, row->values, row->count))
        return hc__no_memory(err);
    rows->count++;
    return HC_OK;
}

static hc_status read_rows(struct rows *rows, const struct batch *batch, hc_error *err)
{
    static const hc_order order = {0, HC_ORDER_NOT_NULL};
    const hc_value seek = hc__value_bytes(HC_TYPE_ID, &batch->from, sizeof batch->from);
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &rows->entity->kind,
                .fields = rows->fields,
                .order = &order,
                .order_count = 1,
                .seek = batch->first ? NULL : &seek,
                .limit = BATCH,
                .index = HC_INDEX_ID};

    op.field_count = hc__readable_fields(rows->fields, rows->entity);
    return hc__unit_read(rows->unit, &op, 1, take_row, rows, err);
}

/* ---- one row ---- */

static hc_status copy_row(hc__record *out, hc__unit *unit, const hc__record *from, hc_error *err)
{
    hc_status status = hc__record_init(out, from->entity, hc__unit_arena(unit), err);

    for (uint16_t i = 0; status >= 0 && i < from->entity->kind.field_count; i++) {
        out->values[i] = from->values[i];
        out->set[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return status;
}

static void each_word_field(hc__record *row, bool set)
{
    for (uint16_t i = 0; i < row->entity->kind.field_count; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);

        if (row->entity->kind.fields[i].type == HC_TYPE_TOKENS)
            row->set[i / 64] = set ? row->set[i / 64] | bit : row->set[i / 64] & ~bit;
    }
}

static void write_row(hc__mending *m)
{
    const hc__entity *entity = m->before->entity;
    hc__arena *arena = hc__unit_arena(m->unit);
    hc_id id = hc__record_key(m->before);
    int32_t version = hc__stamp_update(m->unit, m->row, m->before);

    hc__unit_update(m->unit, m->row,
                    hc__all_of(arena, hc__is_id(arena, 0, id),
                               hc__is_int(arena, &entity->kind, entity->version, HC_TEST_EQ, version - 1)));
    hc__unit_event(m->unit, entity, id, HC__CHANGE_UPDATED, version);
}

static void tell_left(const hc__mending *m)
{
    const hc_session *as = hc__unit_session(m->unit);
    char id[HC_ID_TEXT_SIZE];

    hc_id_format(id, hc__record_key(m->before));
    hc__core_log(as->core, HC_LOG_WARN, as->request_id, "repair: %s %s: %s", m->before->entity->noun, id, m->left);
}

static hc_status mend_row(struct batch *batch, hc__unit *unit, const hc__record *before, bool words_found,
                          hc_error *err)
{
    hc__record row;
    hc__mending m = {.unit = unit, .before = before, .row = &row, .words_found = words_found};
    bool differs;
    hc_status status = copy_row(&row, unit, before, err);

    if (status >= 0)
        status = batch->part->mend(&m, err);
    if (status >= 0)
        status = hc__record_fault(&row, err);
    if (status < 0)
        return status;
    each_word_field(&row, false);
    differs = hc__drop_same(&row, before) || m.words;
    if (m.words)
        each_word_field(&row, true);
    if (differs)
        write_row(&m);
    if (m.left != NULL)
        tell_left(&m);
    batch->changed += differs || m.beside;
    batch->left += m.left != NULL;
    return HC_OK;
}

/* ---- one batch ---- */

static hc_status mend_rows(struct batch *batch, struct rows *rows, hc_error *err)
{
    bool *found = hc__arena_zero(hc__unit_arena(rows->unit), BATCH, sizeof *found);
    hc_status status = found == NULL ? hc__no_memory(err) : HC_OK;

    if (status >= 0 && rows->entity == &hc__property_entity)
        status = hc__mend_find_words(rows->unit, rows->list, rows->count, found, err);
    for (size_t i = 0; status >= 0 && i < rows->count; i++)
        status = mend_row(batch, rows->unit, &rows->list[i], found[i], err);
    if (status >= 0 && batch->changed > 0 && !batch->told)
        hc__audit_add(rows->unit,
                      &(hc__audit){.event = "sensitive_update", .target_kind = "store", .reason = "repair"});
    return status < 0 ? status : hc__unit_flush(rows->unit, NULL, err);
}

static hc_status mend_batch(hc__unit *unit, void *data, hc_error *err)
{
    struct batch *batch = data;
    struct rows *rows = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *rows);
    hc_status status;

    batch->changed = batch->left = 0;
    batch->count = 0;
    if (rows == NULL)
        return hc__no_memory(err);
    rows->unit = unit;
    rows->entity = batch->part->entity;
    hc__unit_unversioned(unit);
    status = read_rows(rows, batch, err);
    if (status < 0 || rows->count == 0)
        return status;
    batch->count = rows->count;
    batch->last = hc__record_key(&rows->list[rows->count - 1]);
    return mend_rows(batch, rows, err);
}

/* ---- the call ---- */

struct repair {
    hc_session *as;
    hc_repair_report report;
    hc_repair_progress_fn progress;
    void *data;
};

static hc_status run_batch(struct repair *repair, struct batch *batch, hc_error *err)
{
    hc_status status;

    repair->as->deadline = hc__os_monotonic() + HC__DEFAULT_TIMEOUT;
    status = hc__unit_run(repair->as, mend_batch, batch, err);
    if (status < 0)
        return status;
    batch->first = false;
    batch->from = batch->last;
    batch->told = batch->told || batch->changed > 0;
    repair->report.examined += (int64_t)batch->count;
    repair->report.changed += batch->changed;
    repair->report.left += batch->left;
    if (batch->count > 0 && repair->progress != NULL && repair->progress(&repair->report, repair->data) != HC_OK)
        return hc__fail(err, HC_ERR_CANCELLED, NULL, "the repair was cancelled");
    return HC_OK;
}

static hc_status run(struct repair *repair, hc_error *err)
{
    struct batch batch = {.told = false};
    hc_status status = HC_OK;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status >= 0; i++) {
        batch.part = &parts[i];
        batch.first = true;
        do
            status = run_batch(repair, &batch, err);
        while (status >= 0 && batch.count == BATCH);
    }
    return status;
}

hc_status hc_repair_derived(hc_client *client, hc_repair_report *report, hc_repair_progress_fn progress, void *data,
                            hc_error *err)
{
    struct repair repair = {.report = HC_REPAIR_REPORT_INIT, .progress = progress, .data = data};
    size_t size = report == NULL ? 0 : report->struct_size;
    hc_status status;

    if (report != NULL && (size < sizeof size || size > REPORT_LIMIT))
        return hc__fail(err, HC_ERR_INVALID, "report", "set struct_size: use HC_REPAIR_REPORT_INIT");
    status = hc_session_system(&repair.as, client, err);
    if (status < 0)
        return status;
    status = hc__enter(repair.as, err);
    if (status >= 0) {
        status = run(&repair, err);
        hc__leave(repair.as);
    }
    hc_session_free(repair.as);
    if (report == NULL)
        return status;
    repair.report.struct_size = size;
    memcpy(report, &repair.report, size < sizeof repair.report ? size : sizeof repair.report);
    return status;
}
