/* hc_audit_verify: walks the chain from its first row to its head. */
#include "homeconnect/audit.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/id.h"
#include "client/audit_chain.h"
#include "client/crud.h"

#define PIECE        500  /* rows read at a time */
#define REPORT_LIMIT 4096 /* bytes of any version: a size that was never set is mostly above */

struct verify {
    hc_session *as;
    hc__buf scratch;
    hc__chain head;    /* as of the last piece */
    hc__chain chain;   /* as the rows so far make it */
    hc_id last;        /* row of chain.seq, or the last without a number */
    bool waiting;      /* reading rows without a number */
    size_t read;       /* rows of this piece */
    int64_t known_seq; /* 0: none */
    uint8_t known_seal[HC__SEAL_SIZE];
    hc_audit_report report;
};

static const char *const damages[] = {
    [HC_AUDIT_ALTERED] = "was altered, or was not written by this store",
    [HC_AUDIT_MOVED] = "stands where it was not written",
    [HC_AUDIT_REMOVED] = "is missing",
    [HC_AUDIT_ADDED] = "was added by somebody else",
    [HC_AUDIT_CUT] = "is missing, and all after it",
    [HC_AUDIT_OTHER] = "is not the one of the report that is known",
};

static hc_status damaged(struct verify *v, int32_t damage, int64_t seq)
{
    if (v->report.damage == HC_AUDIT_SOUND) {
        v->report.damage = damage;
        v->report.first_bad = seq;
        v->report.end[0] = '\0';
    }
    return HC_NOTE_SAME; /* no more rows */
}

/* What the row says is what was marked. The actor may have been erased, the pseudonym stays. */
static bool is_genuine(struct verify *v, const hc_value *values, bool *no_memory)
{
    const hc_value *actor = &values[hc__audit_f_actor_id], *pseudonym = &values[hc__audit_f_pseudonym];
    const hc_value *seal = &values[hc__audit_f_seal];
    uint8_t mark[HC__MARK_SIZE], right[32];
    hc_id id;

    *no_memory = !hc__audit_mark(mark, &v->scratch, v->as->core, values);
    if (*no_memory || seal->type == HC_TYPE_NULL || seal->size != HC__SEAL_SIZE ||
        !hc__same(seal->as.bytes, mark, sizeof mark))
        return false;
    if (actor->type == HC_TYPE_NULL)
        return true;
    memcpy(id.bytes, actor->as.bytes, sizeof id);
    hc__audit_pseudonym(right, v->as->core, id);
    return pseudonym->type != HC_TYPE_NULL && pseudonym->size == sizeof right &&
           hc__same(pseudonym->as.bytes, right, sizeof right);
}

static hc_status check_numbered(struct verify *v, const hc_value *values, bool genuine)
{
    int64_t seq = values[hc__audit_f_seq].as.integer, expected = v->chain.seq + 1;

    if (seq < expected)
        return damaged(v, HC_AUDIT_ADDED, seq);
    if (seq > expected)
        return damaged(v, HC_AUDIT_REMOVED, expected);
    if (!genuine)
        return damaged(v, HC_AUDIT_ALTERED, seq);
    hc__chain_extend(&v->chain, v->as->core, values[hc__audit_f_seal].as.bytes);
    if (!hc__same(v->chain.seal, values[hc__audit_f_seal].as.bytes, HC__SEAL_SIZE))
        return damaged(v, HC_AUDIT_MOVED, seq);
    if (seq == v->known_seq && !hc__same(v->chain.seal, v->known_seal, HC__SEAL_SIZE))
        return damaged(v, HC_AUDIT_OTHER, seq);
    v->report.rows++;
    return HC_OK;
}

static hc_status take(const hc_row *row, void *data, hc_error *err)
{
    struct verify *v = data;
    bool genuine, no_memory;
    hc_status status;

    if (row->op == 0) {
        hc__chain_take(&v->head, v->as->core, row);
        return HC_OK;
    }
    if (!v->head.sound)
        return damaged(v, HC_AUDIT_HEAD, 0);
    genuine = is_genuine(v, row->values, &no_memory);
    if (no_memory)
        return hc__no_memory(err);
    v->read++;
    if (!v->waiting)
        status = check_numbered(v, row->values, genuine);
    else
        status = genuine ? HC_OK : damaged(v, HC_AUDIT_ADDED, 0);
    if (status == HC_OK && v->waiting)
        v->report.waiting++;
    memcpy(v->last.bytes, row->values[hc__audit_f_id].as.bytes, sizeof v->last);
    return status;
}

/* The next rows in the order of numbers, or of ids where there are none yet; first of all the head. */
static hc_status read_piece(struct verify *v, hc__arena *arena, hc_error *err)
{
    static const hc_order by_seq[] = {{hc__audit_f_seq, HC_ORDER_NOT_NULL}, {hc__audit_f_id, 0}};
    uint16_t fields[hc__audit_field_count];
    hc_value seek[2] = {hc__value_int(HC_TYPE_INT64, v->chain.seq),
                        hc__value_bytes(HC_TYPE_ID, v->last.bytes, sizeof v->last)};
    hc_op ops[2] = {hc__chain_op(arena),
                    {.verb = HC_VERB_QUERY,
                     .expect = HC_EXPECT_ANY,
                     .kind = &hc__audit_entity.kind,
                     .fields = fields,
                     .field_count = hc__audit_field_count,
                     .limit = PIECE,
                     .index = HC_INDEX_ANY}};
    int skip = v->waiting ? 1 : 0; /* no number to order by */

    for (uint16_t i = 0; i < hc__audit_field_count; i++)
        fields[i] = i;
    ops[1].where = v->waiting ? hc__is_null(arena, hc__audit_f_seq) : hc__not_null(arena, hc__audit_f_seq);
    ops[1].order = by_seq + skip;
    ops[1].order_count = (size_t)(2 - skip);
    ops[1].seek = hc__id_zero(v->last) ? NULL : seek + skip;
    if (ops[0].where == NULL || ops[1].where == NULL)
        return hc__no_memory(err);
    v->read = 0;
    v->head = (hc__chain){.found = false};
    return hc__session_read(v->as, ops, 2, take, v, err);
}

/* After the last row, in the same snapshot as it. */
static void check_end(struct verify *v)
{
    const hc__chain *head = &v->head;

    if (head->sound && head->seq > v->chain.seq)
        damaged(v, HC_AUDIT_CUT, v->chain.seq + 1);
    else if (!head->sound || head->seq < v->chain.seq || !hc__same(head->seal, v->chain.seal, HC__SEAL_SIZE))
        damaged(v, HC_AUDIT_HEAD, 0);
    else if (v->known_seq > v->chain.seq)
        damaged(v, HC_AUDIT_OTHER, v->chain.seq + 1);
}

static hc_status walk(struct verify *v, hc_error *err)
{
    uint8_t room[1024];
    hc__arena arena;
    hc_status status = HC_OK;

    do {
        hc__arena_init(&arena, &v->as->core->mem, room, sizeof room);
        status = read_piece(v, &arena, err);
        hc__arena_free(&arena);
    } while (status >= 0 && v->read == PIECE && v->report.damage == HC_AUDIT_SOUND);
    return status;
}

static void put_end(struct verify *v)
{
    char *at = v->report.end;

    at += snprintf(at, sizeof v->report.end, "%lld:", (long long)v->chain.seq);
    for (size_t i = 0; i < HC__SEAL_SIZE; i++)
        at += snprintf(at, 3, "%02x", v->chain.seal[i]);
}

static hc_status verify(struct verify *v, hc_error *err)
{
    static const hc_id none;
    hc_status status;

    hc__chain_begin(&v->chain, v->as->core);
    status = walk(v, err);
    if (status >= 0 && v->report.damage == HC_AUDIT_SOUND)
        check_end(v);
    if (status < 0 || v->report.damage != HC_AUDIT_SOUND)
        return status;
    if (v->chain.seq > 0)
        put_end(v);
    v->waiting = true;
    v->last = none;
    return walk(v, err);
}

/* "NUMBER:HEX", as put_end() writes it. */
static bool read_known(struct verify *v, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    const char *colon = strchr(text, ':'), *digit;

    if (colon == NULL || strlen(colon + 1) != 2 * HC__SEAL_SIZE ||
        hc__decimal_parse(&v->known_seq, text, (size_t)(colon - text), 0, HC__EXACT) != HC__DECIMAL_OK ||
        v->known_seq <= 0)
        return false;
    for (size_t i = 0; i < 2 * HC__SEAL_SIZE; i++) {
        digit = strchr(digits, colon[1 + i]);
        if (digit == NULL)
            return false;
        v->known_seal[i / 2] = (uint8_t)(v->known_seal[i / 2] << 4 | (digit - digits));
    }
    return true;
}

static hc_status tell(const struct verify *v, hc_error *err)
{
    const hc_audit_report *report = &v->report;

    if (report->damage == HC_AUDIT_SOUND)
        return HC_OK;
    if (report->damage == HC_AUDIT_HEAD)
        hc__fail(err, HC_ERR_CORRUPT, NULL, "the audit log's head was altered or removed, or signed with other keys");
    else if (report->first_bad == 0)
        hc__fail(err, HC_ERR_CORRUPT, NULL, "a row of the audit log without a number %s", damages[report->damage]);
    else
        hc__fail(err, HC_ERR_CORRUPT, NULL, "row %lld of the audit log %s", (long long)report->first_bad,
                 damages[report->damage]);
    if (err != NULL)
        err->detail = report->first_bad;
    return HC_ERR_CORRUPT;
}

static hc_status run(struct verify *v, const char *known, hc_error *err)
{
    static const hc_id none;
    hc_status status = hc__require(v->as, HC__AUDIT_VERIFY, &hc__audit_entity, none, err);

    if (status >= 0 && known != NULL && !read_known(v, known))
        status = hc__fail(err, HC_ERR_INVALID, "known", "the end of an earlier report");
    if (status >= 0)
        status = verify(v, err);
    return status < 0 ? status : tell(v, err);
}

hc_status hc_audit_verify(hc_audit_report *out, hc_session *as, const char *known, hc_error *err)
{
    struct verify v = {.as = as, .report = HC_AUDIT_REPORT_INIT};
    size_t size = out == NULL ? 0 : out->struct_size;
    hc_status status;

    if (out != NULL && (size < sizeof size || size > REPORT_LIMIT))
        return hc__fail(err, HC_ERR_INVALID, "report", "set struct_size: use HC_AUDIT_REPORT_INIT");
    status = hc__enter(as, err);
    if (status < 0)
        return status;
    hc__buf_init(&v.scratch, &as->core->mem);
    status = run(&v, known, err);
    hc__buf_free(&v.scratch);
    hc__leave(as);
    if (out == NULL)
        return status;
    v.report.struct_size = size;
    memcpy(out, &v.report, size < sizeof v.report ? size : sizeof v.report);
    return status;
}
