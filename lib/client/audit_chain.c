#include "client/audit_chain.h"

#include <string.h>

#include "base/id.h"
#include "client/unfinished.h"

#define BY_NUMBER 2 /* position of the index of the log by (seq, id) */

/* One stream a store. */
static const char stream[] = HC__LOG_STREAM;

static void put_size(hc__buf *out, uint64_t value)
{
    uint8_t bytes[8];

    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hc__buf_put(out, bytes, sizeof bytes);
}

void hc__audit_pseudonym(uint8_t out[32], const hc__core *core, hc_id actor)
{
    hc__mac(out, core->audit_key, "audit actor", actor.bytes, sizeof actor.bytes);
}

/* What erasure may take, and what sealing gives. */
static bool is_outside(uint16_t field)
{
    return field == hc__audit_f_actor_id || field == hc__audit_f_ip || field == hc__audit_f_seq ||
           field == hc__audit_f_seal;
}

/* Position, size and bytes of each value that is not null: a later schema's new field leaves old rows' marks alone. */
bool hc__audit_mark(uint8_t out[HC__MARK_SIZE], hc__buf *scratch, const hc__core *core, const hc_value *values)
{
    const hc_kind *kind = &hc__audit_entity.kind;
    uint8_t mac[32];

    hc__buf_clear(scratch);
    for (uint16_t i = 0; i < kind->field_count; i++) {
        const hc_value *value = &values[i];

        if (is_outside(i) || value->type == HC_TYPE_NULL)
            continue;
        put_size(scratch, i);
        if (((1u << kind->fields[i].type) & HC__TYPES_OF_BYTES) != 0) {
            put_size(scratch, value->size);
            hc__buf_put(scratch, value->as.bytes, value->size);
        } else {
            put_size(scratch, (uint64_t)value->as.integer);
        }
    }
    if (scratch->failed)
        return false;
    hc__mac(mac, core->audit_key, "audit row", scratch->data, scratch->size);
    memcpy(out, mac, HC__MARK_SIZE);
    return true;
}

void hc__chain_begin(hc__chain *chain, const hc__core *core)
{
    chain->seq = 0;
    hc__mac(chain->seal, core->audit_key, "audit begin", "", 0);
}

void hc__chain_extend(hc__chain *chain, const hc__core *core, const uint8_t mark[HC__MARK_SIZE])
{
    uint8_t bytes[HC__SEAL_SIZE + 8 + HC__MARK_SIZE], mac[32];

    chain->seq++;
    memcpy(bytes, chain->seal, HC__SEAL_SIZE);
    for (int i = 0; i < 8; i++)
        bytes[HC__SEAL_SIZE + i] = (uint8_t)((uint64_t)chain->seq >> (8 * i));
    memcpy(bytes + HC__SEAL_SIZE + 8, mark, HC__MARK_SIZE);
    hc__mac(mac, core->audit_key, "audit link", bytes, sizeof bytes);
    memcpy(chain->seal, mark, HC__MARK_SIZE);
    memcpy(chain->seal + HC__MARK_SIZE, mac, HC__SEAL_SIZE - HC__MARK_SIZE);
}

static void sign(uint8_t out[32], const hc__chain *chain, const hc__core *core)
{
    uint8_t bytes[sizeof stream + sizeof chain->id + 8 + HC__SEAL_SIZE];
    uint8_t *at = bytes;

    memcpy(at, stream, sizeof stream);
    at += sizeof stream;
    memcpy(at, chain->id.bytes, sizeof chain->id);
    at += sizeof chain->id;
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)((uint64_t)chain->seq >> (8 * i));
    memcpy(at, chain->seal, HC__SEAL_SIZE);
    hc__mac(out, core->audit_key, "audit head", bytes, sizeof bytes);
}

/* ---- the head in the store ---- */

static const uint16_t head_fields[] = {hc__audit_head_f_id, hc__audit_head_f_seq, hc__audit_head_f_seal,
                                       hc__audit_head_f_signature};

static const hc_predicate *is_ours(hc__arena *arena)
{
    return hc__is_bytes(arena, &hc__audit_head_entity.kind, hc__audit_head_f_stream, HC_TEST_EQ, stream,
                        sizeof stream - 1);
}

hc_op hc__chain_op(hc__arena *arena)
{
    return (hc_op){.verb = HC_VERB_QUERY,
                   .expect = HC_EXPECT_ANY,
                   .kind = &hc__audit_head_entity.kind,
                   .where = is_ours(arena),
                   .fields = head_fields,
                   .field_count = sizeof head_fields / sizeof head_fields[0],
                   .limit = 1,
                   .index = HC_INDEX_ANY};
}

void hc__chain_take(hc__chain *chain, const hc__core *core, const hc_row *row)
{
    const hc_value *id = &row->values[0], *seal = &row->values[2], *signature = &row->values[3];
    uint8_t right[32];

    chain->found = true;
    chain->seq = row->values[1].as.integer;
    if (id->size != sizeof chain->id || seal->size != HC__SEAL_SIZE)
        return;
    memcpy(chain->id.bytes, id->as.bytes, sizeof chain->id);
    memcpy(chain->seal, seal->as.bytes, HC__SEAL_SIZE);
    sign(right, chain, core);
    chain->sound = signature->size == sizeof right && hc__same(signature->as.bytes, right, sizeof right);
}

static hc_status fill_head(hc__record *head, const hc__chain *chain, hc__unit *unit, hc_error *err)
{
    uint8_t signature[32];
    hc_status status = hc__record_init(head, &hc__audit_head_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    sign(signature, chain, hc__unit_session(unit)->core);
    hc__record_set_int(head, hc__audit_head_f_seq, chain->seq);
    hc__record_set_text(head, hc__audit_head_f_seal, (const char *)chain->seal, HC__SEAL_SIZE);
    hc__record_set_text(head, hc__audit_head_f_signature, (const char *)signature, sizeof signature);
    hc__record_set_int(head, hc__audit_head_f_updated_at, hc__unit_now(unit));
    return HC_OK;
}

hc_status hc__chain_make(hc__unit *unit, int64_t seq, hc_error *err)
{
    hc__chain chain = {.found = true};
    hc__record head;
    hc_status status = hc__id_make(&chain.id, hc__unit_now(unit), err);

    if (status < 0)
        return status;
    hc__chain_begin(&chain, hc__unit_session(unit)->core);
    chain.seq = seq;
    status = fill_head(&head, &chain, unit, err);
    if (status < 0)
        return status;
    hc__record_set_id(&head, hc__audit_head_f_id, chain.id);
    hc__record_set_text(&head, hc__audit_head_f_stream, stream, sizeof stream - 1);
    hc__unit_insert(unit, &head);
    return hc__unit_flush(unit, NULL, err);
}

hc_status hc__chain_lock(hc__unit *unit, bool *found, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *result = hc__arena_zero(arena, 1, sizeof *result);
    hc_set *set = hc__arena_zero(arena, 1, sizeof *set);
    hc_op op = {.verb = HC_VERB_UPDATE_WHERE,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__audit_head_entity.kind,
                .where = is_ours(arena),
                .sets = set,
                .set_count = 1,
                .index = HC_INDEX_ANY,
                .result = result};
    hc_status status;

    *found = false;
    if (result == NULL || set == NULL || op.where == NULL)
        return hc__no_memory(err);
    *set = (hc_set){hc__audit_head_f_updated_at, HC_SET_TO, 0, hc__value_int(HC_TYPE_TIME, hc__unit_now(unit))};
    hc__unit_add(unit, &op);
    status = hc__unit_flush(unit, NULL, err);
    *found = status >= 0 && result->count > 0;
    return status;
}

/* Whoever sealed meanwhile, on an engine with several writers, moved the head: then nothing of this is written. */
static hc_status put_head(hc__unit *unit, const hc__chain *chain, int64_t before, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record head;
    hc_status status = fill_head(&head, chain, unit, err);

    if (status >= 0)
        hc__unit_update(
            unit, &head,
            hc__all_of(arena, is_ours(arena),
                       hc__is_int(arena, &hc__audit_head_entity.kind, hc__audit_head_f_seq, HC_TEST_EQ, before)));
    return status;
}

/* ---- the sealing pass ---- */

struct waiting {
    hc__chain chain;
    const hc__core *core;
    int64_t count;
    struct unsealed {
        hc_id id;
        uint8_t mark[HC__MARK_SIZE];
    } * rows;
};

/* A row without a mark of ours is numbered too: what it is stays to be seen for ever. */
static hc_status take_waiting(const hc_row *row, void *data, hc_error *err)
{
    struct waiting *waiting = data;
    struct unsealed *out;

    (void)err;
    if (row->op == 0) {
        hc__chain_take(&waiting->chain, waiting->core, row);
        return HC_OK;
    }
    out = &waiting->rows[waiting->count++];
    memset(out, 0, sizeof *out);
    memcpy(out->id.bytes, row->values[0].as.bytes, sizeof out->id);
    if (row->values[1].type != HC_TYPE_NULL && row->values[1].size >= HC__MARK_SIZE)
        memcpy(out->mark, row->values[1].as.bytes, HC__MARK_SIZE);
    return HC_OK;
}

static hc_status read_waiting(hc__unit *unit, struct waiting *waiting, int64_t most, hc_error *err)
{
    static const uint16_t fields[] = {hc__audit_f_id, hc__audit_f_seal};
    static const hc_order order = {hc__audit_f_id, 0};
    hc__arena *arena = hc__unit_arena(unit);
    hc_op ops[2] = {hc__chain_op(arena),
                    {.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__audit_entity.kind,
                     .where = hc__is_null(arena, hc__audit_f_seq),
                     .fields = fields,
                     .field_count = 2,
                     .order = &order,
                     .order_count = 1,
                     .limit = most,
                     .index = BY_NUMBER}};

    waiting->rows = hc__arena_alloc(arena, (size_t)most * sizeof *waiting->rows);
    if (waiting->rows == NULL || ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    return hc__unit_read(unit, ops, 2, take_waiting, waiting, err);
}

static hc_status take_last(const hc_row *row, void *data, hc_error *err)
{
    (void)err;
    *(int64_t *)data = row->values[0].as.integer;
    return HC_OK;
}

hc_status hc__audit_last(hc__unit *unit, int64_t *out, hc_error *err)
{
    static const uint16_t field = hc__audit_f_seq;
    static const hc_order order[] = {{hc__audit_f_seq, HC_ORDER_DESCENDING | HC_ORDER_NOT_NULL},
                                     {hc__audit_f_id, HC_ORDER_DESCENDING}};
    hc_op op = {.verb = HC_VERB_QUERY,
                .expect = HC_EXPECT_ANY,
                .kind = &hc__audit_entity.kind,
                .where = hc__not_null(hc__unit_arena(unit), hc__audit_f_seq),
                .fields = &field,
                .field_count = 1,
                .order = order,
                .order_count = 2,
                .limit = 1,
                .index = BY_NUMBER};

    *out = 0;
    return op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, take_last, out, err);
}

/* A head that nobody of us signed: the log goes on behind a number that stays free, so that the place is seen for ever.
 */
static hc_status mend(hc__unit *unit, hc__chain *chain, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    int64_t last;
    hc_status status = hc__audit_last(unit, &last, err);

    if (status < 0)
        return status;
    hc__core_log(as->core, HC_LOG_ERROR, as->request_id,
                 "the head of the audit log is not as it was written: verify the log");
    hc__chain_begin(chain, as->core);
    chain->seq = last < INT64_MAX ? last + 1 : last;
    return HC_OK;
}

static hc_status add_seal(hc__unit *unit, const struct unsealed *row, const hc__chain *chain, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    hc__record sealed;
    hc_status status = hc__record_init(&sealed, &hc__audit_entity, arena, err);

    if (status < 0)
        return status;
    hc__record_set_int(&sealed, hc__audit_f_seq, chain->seq);
    hc__record_set_text(&sealed, hc__audit_f_seal, (const char *)chain->seal, HC__SEAL_SIZE);
    hc__unit_update(unit, &sealed,
                    hc__all_of(arena, hc__is_id(arena, hc__audit_f_id, row->id), hc__is_null(arena, hc__audit_f_seq)));
    return HC_OK;
}

hc_status hc__audit_seal(hc__unit *unit, int64_t most, int64_t *sealed, hc_error *err)
{
    struct waiting waiting = {.core = hc__unit_session(unit)->core};
    hc__chain *chain = &waiting.chain;
    int64_t before;
    hc_status status = read_waiting(unit, &waiting, most, err);

    *sealed = status >= 0 && !chain->found ? HC__NO_HEAD : 0;
    if (status < 0 || waiting.count == 0 || !chain->found)
        return status;
    before = chain->seq;
    if (!chain->sound)
        status = mend(unit, chain, err);
    if (status >= 0 && chain->seq > INT64_MAX - most)
        return HC_OK; /* somebody wrote that number: the rows keep their marks */
    for (int64_t i = 0; status >= 0 && i < waiting.count; i++) {
        hc__chain_extend(chain, waiting.core, waiting.rows[i].mark);
        status = add_seal(unit, &waiting.rows[i], chain, err);
    }
    if (status >= 0)
        status = put_head(unit, chain, before, err);
    if (status >= 0)
        *sealed = waiting.count;
    return status < 0 ? status : hc__unit_flush(unit, NULL, err);
}

hc_status hc__audit_seal_all(hc__unit *unit, hc_error *err)
{
    int64_t sealed = HC__SEAL_RUN;
    bool begun = true;
    hc_status status = HC_OK;

    while (status >= 0 && begun && (sealed == HC__SEAL_RUN || sealed == HC__NO_HEAD)) {
        status = hc__audit_seal(unit, HC__SEAL_RUN, &sealed, err);
        if (status >= 0 && sealed == HC__NO_HEAD)
            status = hc__audit_begin(unit, &begun, err);
    }
    return status;
}
