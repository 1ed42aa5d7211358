#include "client/crud.h"

#include <string.h>

#include "base/bug.h"
#include "base/id.h"

#define KEY_LIFETIME HC__DAY

hc_status hc__refuse_operation(hc_session *as, const hc__entity *entity, hc_id id, hc__operation operation,
                               hc_error *err)
{
    const char *what = hc__policy_table[operation].name;

    hc__audit_late(as, &(hc__audit){.event = "authz_fail", .target_kind = entity->noun, .target = id, .reason = what});
    if (as->role == HC_ROLE_GUEST)
        return hc__fail(err, HC_ERR_UNAUTHENTICATED, NULL, "sign in to %s", what);
    return hc__fail(err, HC_ERR_FORBIDDEN, NULL, "you may not %s", what);
}

hc_status hc__require(hc_session *as, hc__operation operation, const hc__entity *entity, hc_id id, hc_error *err)
{
    return hc__policy_rule(as, operation) != HC__NONE ? HC_OK : hc__refuse_operation(as, entity, id, operation, err);
}

hc_status hc__checked_input(hc_session *as, const hc__record *record, hc__purpose purpose, hc_error *err)
{
    hc_status status = hc__record_check(record, purpose, hc__policy_writer(as), err);

    if (status == HC_ERR_FORBIDDEN)
        hc__audit_late(as, &(hc__audit){.event = "input_validation_fail",
                                        .target_kind = record->entity->noun,
                                        .reason = "a field that the caller may not write"});
    return status;
}

hc_status hc__unit_count(hc__unit *unit, int64_t *out, const hc_kind *kind, const hc_predicate *where, hc_error *err)
{
    hc_op_result result = {0};
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .where = where,
                .index = HC_INDEX_ANY,
                .result = &result};
    hc_status status = where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, NULL, NULL, err);

    *out = status < 0 ? 0 : result.count;
    return status;
}

hc_status hc__unit_count_after(hc__unit *unit, int64_t *out, const hc_kind *kind, const hc_predicate *where,
                               hc_error *err)
{
    hc_op_result *result = hc__arena_zero(hc__unit_arena(unit), 1, sizeof *result);
    hc_op op = {.verb = HC_VERB_COUNT,
                .expect = HC_EXPECT_ANY,
                .kind = kind,
                .where = where,
                .index = HC_INDEX_ANY,
                .result = result};
    hc_status status;

    hc__unit_add(unit, result == NULL || where == NULL ? NULL : &op);
    status = hc__unit_flush(unit, NULL, err);
    *out = status < 0 ? 0 : result->count;
    return status;
}

static const hc_predicate *rule_of(hc__unit *unit, hc__operation operation)
{
    return hc__policy_where(hc__unit_arena(unit), hc__unit_session(unit), operation, hc__unit_now(unit));
}

static const hc_predicate *permitted(hc__unit *unit, hc__operation operation, hc_id id)
{
    hc__arena *arena = hc__unit_arena(unit);

    return hc__all_of(arena, hc__is_id(arena, 0, id), rule_of(unit, operation));
}

/* The row, if the caller may know of it; what deals with deleted listings finds those too. */
static const hc_predicate *visible(hc__unit *unit, const hc__noun *noun, hc__operation operation, hc_id id)
{
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *seen = rule_of(unit, noun->read);

    if (operation == HC__PROPERTY_RESTORE || operation == HC__PROPERTY_PURGE)
        seen = hc__any_of(arena, seen, rule_of(unit, HC__PROPERTY_READ_DELETED));
    return hc__all_of(arena, hc__is_id(arena, 0, id), seen);
}

const hc_predicate *hc__policy_create_where(hc__unit *unit, hc__operation operation)
{
    const hc_session *as = hc__unit_session(unit);
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *where = NULL;

    switch (hc__policy_rule(as, operation)) {
    case HC__ALL:
        return NULL;
    case HC__OWN_LISTING_LICENSED:
        where = hc__exists(arena, &hc__agent_entity.kind, HC_NO_FIELD, HC_NO_FIELD,
                           hc__policy_licensed(arena, as, hc__unit_now(unit)));
        if (where == NULL) /* no memory, which must not read as "always" */
            hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        break;
    default:
        break;
    }
    return where == NULL ? hc__is_false() : where;
}

static hc_status invisible(hc__unit *unit, const hc__entity *entity, hc_id id, hc_error *err)
{
    int64_t count;
    hc_status status = hc__unit_count(unit, &count, &entity->kind, hc__is_id(hc__unit_arena(unit), 0, id), err);

    if (status < 0)
        return status;
    if (count > 0)
        hc__audit_late(hc__unit_session(unit), &(hc__audit){.event = "authz_fail",
                                                            .target_kind = entity->noun,
                                                            .target = id,
                                                            .reason = "change of a row that the caller "
                                                                      "may not see"});
    return hc__fail(err, HC_ERR_NOT_FOUND, "id", "no such %s", entity->noun);
}

hc_status hc__before_change(hc__unit *unit, hc__record *before, const hc_predicate **where, const hc__noun *noun,
                            hc__operation operation, hc_id id, int32_t version, hc_error *err)
{
    const hc__entity *entity = noun->entity;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *may = permitted(unit, operation, id);
    int64_t count = 0;
    bool found;
    hc_status status = may == NULL ? hc__no_memory(err)
                                   : hc__unit_row_if(unit, before, &found, entity, visible(unit, noun, operation, id),
                                                     &count, may, err);

    if (status < 0)
        return status;
    if (!found)
        return invisible(unit, entity, id, err);
    if (count == 0)
        return hc__refuse_operation(hc__unit_session(unit), entity, id, operation, err);
    if (hc__bug("no-version-check")) {
        *where = may;
        return HC_OK;
    }
    if (version != 0 && version != hc__record_version(before)) {
        hc__fail(err, HC_ERR_CONFLICT, "version", "the %s was changed: it has version %d, not %d", entity->noun,
                 (int)hc__record_version(before), (int)version);
        if (err != NULL)
            err->detail = hc__record_version(before);
        return HC_ERR_CONFLICT;
    }
    /* A call of its own that is overtaken looks again, and tells of what it finds then. */
    if (hc__unit_session(unit)->unit == NULL)
        hc__unit_unversioned(unit);
    *where = hc__all_of(arena, may,
                        hc__is_int(arena, &entity->kind, entity->version, HC_TEST_EQ, hc__record_version(before)));
    return *where == NULL ? hc__no_memory(err) : HC_OK;
}

hc_status hc__also_permitted(hc__unit *unit, const hc_predicate **where, hc__operation operation,
                             const hc__record *before, hc_error *err)
{
    hc_id id = hc__record_key(before);
    const hc_predicate *may = permitted(unit, operation, id);
    int64_t count;
    hc_status status = hc__unit_count(unit, &count, &before->entity->kind, may, err);

    if (status < 0)
        return status;
    if (count == 0)
        return hc__refuse_operation(hc__unit_session(unit), before->entity, id, operation, err);
    *where = hc__all_of(hc__unit_arena(unit), *where, may);
    return *where == NULL ? hc__no_memory(err) : HC_OK;
}

hc_status hc__copy_changes(hc__record *out, hc__unit *unit, const hc__record *from, hc_error *err)
{
    hc_status status = hc__record_init(out, from->entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    for (uint16_t i = 0; i < from->entity->kind.field_count; i++)
        if (hc__record_is_set(from, i))       /* a row that was read holds more than its caller may write */
            out->values[i] = from->values[i]; /* bytes are borrowed */
    memcpy(out->set, from->set, sizeof out->set);
    return HC_OK;
}

static bool same_value(const hc_value *a, const hc_value *b)
{
    if (a->type == HC_TYPE_NULL || b->type == HC_TYPE_NULL)
        return a->type == b->type;
    switch (a->type) {
    case HC_TYPE_ID:
    case HC_TYPE_TEXT:
    case HC_TYPE_KEY:
    case HC_TYPE_BYTES:
    case HC_TYPE_JSON:
    case HC_TYPE_TOKENS:
        return a->size == b->size && memcmp(a->as.bytes, b->as.bytes, a->size) == 0;
    default:
        return a->as.integer == b->as.integer;
    }
}

bool hc__drop_same(hc__record *changes, const hc__record *before)
{
    bool any = false;

    for (uint16_t i = 0; i < changes->entity->kind.field_count; i++) {
        if (!hc__record_is_set(changes, i))
            continue;
        if (same_value(&changes->values[i], &before->values[i]))
            changes->set[i / 64] &= ~((uint64_t)1 << (i % 64));
        else
            any = true;
    }
    return any;
}

int32_t hc__stamp_update(hc__unit *unit, hc__record *changes, const hc__record *before)
{
    int32_t version = hc__record_version(before) + 1;

    hc__record_set_int(changes, changes->entity->version, version);
    hc__record_set_int(changes, changes->entity->updated_at, hc__unit_now(unit));
    return version;
}

hc_status hc__stamp_create(hc__unit *unit, hc__record *row, hc_id id, hc_error *err)
{
    hc_status status = HC_OK;

    if (hc__id_zero(id))
        status = hc__id_make(&id, hc__unit_now(unit), err);
    hc__record_set_id(row, 0, id);
    hc__record_set_int(row, row->entity->version, 1);
    hc__record_set_int(row, row->entity->created_at, hc__unit_now(unit));
    hc__record_set_int(row, row->entity->updated_at, hc__unit_now(unit));
    return status;
}

/* ---- idempotency keys ---- */

hc_status hc__once_take(hc__once *once, hc_session *as, const hc__record *body, hc_error *err)
{
    hc__buf bytes;

    memcpy(once->key, as->key, sizeof once->key);
    as->key[0] = '\0';
    if (once->key[0] == '\0')
        return HC_OK;
    hc__buf_init(&bytes, &as->core->mem);
    for (uint16_t i = 0; i < body->entity->kind.field_count; i++) {
        const hc_value *value = &body->values[i];
        if (!hc__record_is_set(body, i))
            continue;
        hc__buf_int(&bytes, i);
        hc__buf_char(&bytes, ':');
        hc__record_spell(&bytes, body, i);
        hc__buf_char(&bytes, value->type == HC_TYPE_NULL ? '\1' : '\0');
    }
    hc__mac(once->hash, as->core->request_key, "request", bytes.size == 0 ? "" : bytes.data, bytes.size);
    if (bytes.failed) {
        hc__buf_free(&bytes);
        return hc__no_memory(err);
    }
    hc__buf_free(&bytes);
    return HC_OK;
}

void hc__once_bind(hc__once *once, const hc_session *as, const void *secret, size_t size)
{
    uint8_t both[2 * sizeof once->hash];

    if (once->key[0] == '\0')
        return;
    memcpy(both, once->hash, sizeof once->hash);
    hc__mac(both + sizeof once->hash, as->core->request_key, "request secret", secret, size);
    hc__mac(once->hash, as->core->request_key, "request", both, sizeof both);
    hc__wipe(both, sizeof both);
}

/* Whose key it is: of guests each inquiry is somebody of their own. */
static hc_id actor_of(const hc_session *as)
{
    return as->role == HC_ROLE_GUEST ? as->inquiry : as->user;
}

static const hc_predicate *same_key(hc__unit *unit, const hc__once *once, const char *operation)
{
    const hc_kind *kind = &hc__idempotency_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    const hc_predicate *which = hc__all_of(
        arena, hc__is_bytes(arena, kind, hc__idempotency_f_operation, HC_TEST_EQ, operation, strlen(operation)),
        hc__is_bytes(arena, kind, hc__idempotency_f_key, HC_TEST_EQ, once->key, strlen(once->key)));

    return hc__all_of(arena, hc__is_id(arena, hc__idempotency_f_actor_id, actor_of(hc__unit_session(unit))), which);
}

/* Claims the key; *fresh tells whether nobody had it. */
static hc_status claim(hc__unit *unit, bool *fresh, const hc__once *once, const char *operation, hc_id result,
                       hc_error *err)
{
    const hc_kind *kind = &hc__idempotency_entity.kind;
    hc__arena *arena = hc__unit_arena(unit);
    hc_op_result *inserted = hc__arena_zero(arena, 1, sizeof *inserted);
    hc_op expired = {.verb = HC_VERB_REMOVE_WHERE, .expect = HC_EXPECT_ANY, .kind = kind, .index = HC_INDEX_ANY};
    hc__record row;
    hc_op *op;
    hc_id id;
    hc_status status = hc__record_init(&row, &hc__idempotency_entity, arena, err);

    if (status >= 0)
        status = hc__id_make(&id, hc__unit_now(unit), err);
    if (status < 0 || inserted == NULL)
        return status < 0 ? status : hc__no_memory(err);
    expired.where = hc__all_of(
        arena, same_key(unit, once, operation),
        hc__is_int(arena, kind, hc__idempotency_f_created_at, HC_TEST_LT, hc__unit_now(unit) - KEY_LIFETIME));
    hc__unit_add(unit, expired.where == NULL ? NULL : &expired);
    hc__record_set_id(&row, hc__idempotency_f_id, id);
    hc__record_set_id(&row, hc__idempotency_f_actor_id, actor_of(hc__unit_session(unit)));
    hc__record_set_text(&row, hc__idempotency_f_operation, operation, strlen(operation));
    hc__record_set_text(&row, hc__idempotency_f_key, once->key, strlen(once->key));
    hc__record_set_text(&row, hc__idempotency_f_request_hash, (const char *)once->hash, sizeof once->hash);
    hc__record_set_id(&row, hc__idempotency_f_result_id, result);
    hc__record_set_int(&row, hc__idempotency_f_created_at, hc__unit_now(unit));
    op = hc__unit_insert_if_absent(unit, &row, inserted);
    status = op == NULL ? hc__no_memory(err) : hc__unit_flush(unit, NULL, err);
    *fresh = inserted->count == 1;
    return status;
}

hc_status hc__once_claim(hc__unit *unit, const hc__once *once, const char *operation, hc_id *id, hc_error *err)
{
    hc__record first;
    bool fresh = false, found;
    const hc_value *hash;
    hc_status status;

    if (once->key[0] == '\0')
        return HC_OK;
    status = claim(unit, &fresh, once, operation, *id, err);
    if (status < 0 || fresh)
        return status;
    status = hc__unit_row(unit, &first, &found, &hc__idempotency_entity, same_key(unit, once, operation), err);
    if (status < 0)
        return status;
    hash = &first.values[hc__idempotency_f_request_hash];
    if (!found || hash->size != sizeof once->hash || memcmp(hash->as.bytes, once->hash, sizeof once->hash) != 0)
        return hc__fail(err, HC_ERR_CONFLICT, "idempotency_key", "the key was used before with another body");
    *id = hc__record_id(&first, hc__idempotency_f_result_id);
    return HC_NOTE_REPLAYED;
}

void hc__once_settle(hc__unit *unit, const hc__once *once, const char *operation, hc_id id)
{
    hc__record changes;

    if (once->key[0] == '\0')
        return;
    if (hc__record_init(&changes, &hc__idempotency_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    hc__record_set_id(&changes, hc__idempotency_f_result_id, id);
    hc__unit_update(unit, &changes, same_key(unit, once, operation));
}
