#include "homeconnect/activity.h"

#include <stdlib.h>
#include <string.h>

#include "activity/activity_noun.h"
#include "base/id.h"
#include "base/utf8.h"
#include "model/metadata.h"

#define MANY_LIMIT  10000
#define CHUNK_LIMIT 200 /* ids that one statement looks for */

/* ---- what an entry may say ---- */

/* RESO Data Dictionary 2.0, EventType; and the origin's word for the first of them. */
static const char *const vocabulary[] = {
    "Detailed View", "Photo Gallery", "Virtual Tour", "Favorited",          "Discard", "Maybe",
    "Share",         "Printed",       "Search",       "Driving Directions", "Sign In", "Submission of Lead Form",
    "Sign Out",      "view_property",
};

bool hc__action_is_known(const char *action)
{
    for (size_t i = 0; i < sizeof vocabulary / sizeof vocabulary[0]; i++)
        if (strcmp(vocabulary[i], action) == 0)
            return true;
    return false;
}

const char *hc__action_name(const char *action)
{
    return strcmp(action, "view_property") == 0 ? vocabulary[0] : action;
}

/* An action is a word to count by, not a text: nothing in it may break a line (security.md M05). */
static hc_status check_action(hc_session *as, const char *action, hc_error *err)
{
    if (hc__has_control(action))
        return hc__fail(err, HC_ERR_INVALID, "action", "action must have no control characters");
    if (as->role != HC_ROLE_GUEST || hc__action_is_known(action))
        return HC_OK;
    hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                    .target_kind = hc__activity_entity.noun,
                                    .reason = "an action that guests may not log"});
    return hc__fail(err, HC_ERR_UNAUTHENTICATED, "action", "sign in to log other actions than viewing and searching");
}

/* The host's word for a visit: typed text that no store reads as anything else (M02). */
static hc_status check_session(const hc_session *as, const char *id, hc_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

    if (id == NULL && as->role == HC_ROLE_GUEST)
        return hc__fail(err, HC_ERR_INVALID, "session_id", "session_id is required of guests");
    if (id != NULL && id[strspn(id, allowed)] != '\0')
        return hc__fail(err, HC_ERR_INVALID, "session_id", "session_id may have letters, digits, '-' and '_'");
    return HC_OK;
}

/* ---- an entry on its way ---- */

struct entry {
    const hc__record *record; /* the caller's */
    const char *metadata;     /* checked and redacted; NULL: none */
    size_t size;
    hc_id id;
};

static hc_status clean_metadata(struct entry *entry, hc__arena *arena, hc_error *err)
{
    const hc_value *given = &entry->record->values[hc__activity_f_metadata];
    hc__buf clean;
    hc_status status;

    if (given->type == HC_TYPE_NULL)
        return HC_OK;
    hc__buf_init(&clean, arena->mem);
    status = hc__metadata_clean(&clean, arena->mem, given->as.bytes, given->size, err);
    if (status >= 0) {
        entry->size = clean.size;
        entry->metadata = hc__arena_text(arena, clean.data, clean.size);
        status = entry->metadata == NULL ? hc__no_memory(err) : HC_OK;
    }
    hc__buf_free(&clean);
    return status;
}

/* All that needs no store. The entry keeps its id when its unit runs again. */
static hc_status make_ready(struct entry *entry, hc__arena *arena, hc_session *as, hc_error *err)
{
    const hc__record *record = entry->record;
    hc_status status = check_action(as, hc__record_text(record, hc__activity_f_action), err);

    if (status >= 0)
        status = check_session(as, hc__record_text(record, hc__activity_f_session_id), err);
    if (status >= 0)
        status = clean_metadata(entry, arena, err);
    return status < 0 ? status : hc__id_make_document(&entry->id, hc__core_now(as->core), err);
}

static hc_value borrowed_text(const char *text)
{
    return hc__value_bytes(HC_TYPE_TEXT, text, strlen(text));
}

/* Values are borrowed from the caller's record, the session and the entry, which all outlive the write. */
static void add_entry(hc__unit *unit, const struct entry *entry)
{
    const hc_session *as = hc__unit_session(unit);
    const hc_value *given = entry->record->values;
    bool known = hc__action_is_known(given[hc__activity_f_action].as.bytes);
    hc__record row;

    if (hc__record_init(&row, &hc__activity_entity, hc__unit_arena(unit), NULL) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return;
    }
    row.values[hc__activity_f_id] = hc__value_bytes(HC_TYPE_ID, entry->id.bytes, sizeof entry->id.bytes);
    row.values[hc__activity_f_user_id] = given[hc__activity_f_user_id];
    if (hc__session_signed_in(as) && given[hc__activity_f_user_id].type == HC_TYPE_NULL)
        row.values[hc__activity_f_user_id] = hc__value_bytes(HC_TYPE_ID, as->user.bytes, sizeof as->user.bytes);
    row.values[hc__activity_f_action] = given[hc__activity_f_action];
    row.values[hc__activity_f_target_id] = given[hc__activity_f_target_id];
    row.values[hc__activity_f_session_id] = given[hc__activity_f_session_id];
    if (entry->metadata != NULL)
        row.values[hc__activity_f_metadata] = hc__value_bytes(HC_TYPE_JSON, entry->metadata, entry->size);
    if (as->address[0] != '\0')
        row.values[hc__activity_f_ip] = borrowed_text(as->address);
    row.values[hc__activity_f_timestamp] = hc__value_int(HC_TYPE_TIME, hc__whole_millis(hc__unit_now(unit)));
    row.values[hc__activity_f_event_class] =
        hc__value_int(HC_TYPE_ENUM, known ? HC_ACTIVITY_CLASS_ANALYTICS : HC_ACTIVITY_CLASS_ACTIVITY);
    hc__unit_insert(unit, &row);
}

/* ---- targets: rows that the caller may see ---- */

static const struct {
    const hc__entity *entity;
    hc__operation read;
} target_kinds[] = {
    {&hc__property_entity, HC__PROPERTY_READ},
    {&hc__lead_entity, HC__LEAD_READ},
    {&hc__user_entity, HC__USER_READ},
};
#define KINDS (sizeof target_kinds / sizeof target_kinds[0])

struct targets {
    hc_value *ids; /* in order, each once; those that are found become null */
    size_t count;
};

static int by_bytes(const void *a, const void *b)
{
    const hc_value *x = a, *y = b;

    return memcmp(x->as.bytes, y->as.bytes, sizeof(hc_id));
}

static hc_status gather(struct targets *targets, hc__unit *unit, const struct entry *entries, size_t count,
                        hc_error *err)
{
    size_t n = 0;

    targets->ids = hc__arena_alloc(hc__unit_arena(unit), (count + 1) * sizeof *targets->ids);
    if (targets->ids == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!hc__record_is_null(entries[i].record, hc__activity_f_target_id))
            targets->ids[n++] = entries[i].record->values[hc__activity_f_target_id];
    if (n > 1)
        qsort(targets->ids, n, sizeof *targets->ids, by_bytes);
    for (size_t i = 0; i < n; i++)
        if (targets->count == 0 || by_bytes(&targets->ids[targets->count - 1], &targets->ids[i]) != 0)
            targets->ids[targets->count++] = targets->ids[i];
    return HC_OK;
}

struct chunk {
    const hc_value *ids;
    size_t count;
    bool found[CHUNK_LIMIT];
};

static hc_status note_found(const hc_row *row, void *data, hc_error *err)
{
    struct chunk *chunk = data;
    const hc_value *at = bsearch(&row->values[0], chunk->ids, chunk->count, sizeof *at, by_bytes);

    (void)err;
    if (at != NULL)
        chunk->found[at - chunk->ids] = true;
    return HC_OK;
}

/* Looks for targets in one kind and keeps those that are not there, in order. `where` NULL: under any policy. */
static hc_status look_in(struct targets *targets, hc__unit *unit, const hc__entity *entity, const hc_predicate *where,
                         hc_error *err)
{
    static const uint16_t id[] = {0};
    hc__arena *arena = hc__unit_arena(unit);
    size_t kept = 0;

    for (size_t at = 0; at < targets->count; at += CHUNK_LIMIT) {
        size_t left = targets->count - at;
        struct chunk chunk = {targets->ids + at, left < CHUNK_LIMIT ? left : CHUNK_LIMIT, {false}};
        hc_op op = {.verb = HC_VERB_QUERY,
                    .expect = HC_EXPECT_ANY,
                    .kind = &entity->kind,
                    .where = hc__is_in(arena, 0, chunk.ids, chunk.count),
                    .fields = id,
                    .field_count = 1,
                    .index = HC_INDEX_ID};
        hc_status status;

        if (op.where != NULL && where != NULL)
            op.where = hc__all_of(arena, op.where, where);
        status = op.where == NULL ? hc__no_memory(err) : hc__unit_read(unit, &op, 1, note_found, &chunk, err);
        if (status < 0)
            return status;
        for (size_t i = 0; i < chunk.count; i++)
            if (!chunk.found[i])
                targets->ids[kept++] = chunk.ids[i]; /* never ahead of what is read */
    }
    targets->count = kept;
    return HC_OK;
}

/* The same answer for a row that is not there; one that is goes into the audit log. */
static hc_status refuse_target(struct targets *targets, hc__unit *unit, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    hc_id id;
    hc_status status = HC_OK;

    memcpy(id.bytes, targets->ids[0].as.bytes, sizeof id.bytes);
    targets->count = 1;
    for (size_t i = 0; i < KINDS && status >= 0 && targets->count > 0; i++) {
        status = look_in(targets, unit, target_kinds[i].entity, NULL, err);
        if (status >= 0 && targets->count == 0)
            hc__audit_late(as, &(hc__audit){.event = "authz_fail",
                                            .target_kind = target_kinds[i].entity->noun,
                                            .target = id,
                                            .reason = "log entry about a row that the caller may not see"});
    }
    return status < 0 ? status
                      : hc__fail(err, HC_ERR_NOT_FOUND, "target_id", "target_id names no listing, lead or person");
}

static hc_status check_targets(hc__unit *unit, const struct entry *entries, size_t count, hc_error *err)
{
    hc_session *as = hc__unit_session(unit);
    struct targets targets = {NULL, 0};
    hc_status status;

    if (hc__policy_writer(as) == HC__BY_ADMIN)
        return HC_OK;
    status = gather(&targets, unit, entries, count, err);
    for (size_t i = 0; i < KINDS && status >= 0 && targets.count > 0; i++) {
        const hc_predicate *seen = hc__policy_where(hc__unit_arena(unit), as, target_kinds[i].read, hc__unit_now(unit));

        if (hc__policy_rule(as, target_kinds[i].read) == HC__NONE)
            continue;
        status = seen == NULL ? hc__no_memory(err) : look_in(&targets, unit, target_kinds[i].entity, seen, err);
    }
    return status < 0 || targets.count == 0 ? status : refuse_target(&targets, unit, err);
}

/* ---- one ---- */

struct append {
    hc__create base;
    struct entry entry;
    hc__arena arena;
};

static hc_status prepare(hc_session *as, hc__create *base, hc_error *err)
{
    struct append *append = (struct append *)base;
    hc_status status;

    hc__arena_init(&append->arena, &as->core->mem, NULL, 0);
    append->entry.record = base->record;
    status = make_ready(&append->entry, &append->arena, as, err);
    base->id = append->entry.id;
    return status;
}

static hc_status append_one(hc__unit *unit, void *data, hc_error *err)
{
    struct append *append = data;
    hc_status status = hc__once_claim(unit, &append->base.once, "activity.append", &append->base.id, err);

    if (status != HC_OK)
        return status;
    status = check_targets(unit, &append->entry, 1, err);
    if (status >= 0)
        add_entry(unit, &append->entry);
    return status;
}

hc_status hc_activity_append(hc_id *out, hc_session *as, const hc_activity *activity, hc_error *err)
{
    struct append data = {.base = {.record = (const hc__record *)activity, .prepare = prepare}};
    hc_status status = hc__run_create(out, as, HC__ACTIVITY_WRITE, &hc__activity_entity, &data.base, append_one, err);

    if (data.arena.mem != NULL)
        hc__arena_free(&data.arena);
    return status;
}

/* ---- many ---- */

struct batch {
    struct entry *entries;
    size_t count;
};

static hc_status append_all(hc__unit *unit, void *data, hc_error *err)
{
    const struct batch *batch = data;
    hc_status status = check_targets(unit, batch->entries, batch->count, err);

    for (size_t i = 0; i < batch->count && status >= 0; i++)
        add_entry(unit, &batch->entries[i]);
    return status;
}

/* Says which entry it was, in front of why. */
static hc_status blame(size_t index, hc_status status, hc_error *err)
{
    return hc__fail(err, status, err->field, "entry %zu: %s", index, err->message);
}

static hc_status make_batch(struct batch *batch, hc__arena *arena, hc_session *as, const hc_activity *const *given,
                            size_t count, hc_error *err)
{
    batch->count = count;
    batch->entries = hc__arena_zero(arena, count + 1, sizeof *batch->entries);
    if (batch->entries == NULL)
        return hc__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &batch->entries[i];
        hc_status status;

        entry->record = (const hc__record *)given[i];
        status = hc__checked_input(as, entry->record, HC__FOR_CREATE, err);
        if (status >= 0)
            status = make_ready(entry, arena, as, err);
        if (status < 0)
            return status == HC_ERR_NO_MEMORY ? status : blame(i, status, err);
    }
    return HC_OK;
}

static hc_status append_many(hc_session *as, hc__arena *arena, const hc_activity *const *entries, size_t count,
                             hc_error *err)
{
    static const hc_id none;
    struct batch batch;
    hc_status status = hc__require(as, HC__ACTIVITY_WRITE, &hc__activity_entity, none, err);

    if (status >= 0 && count > MANY_LIMIT)
        status = hc__fail(err, HC_ERR_TOO_LARGE, "entries", "at most %d entries in one call", MANY_LIMIT);
    if (status >= 0 && count > 0 && entries == NULL)
        status = hc__fail(err, HC_ERR_MISUSE, "entries", "NULL");
    if (status >= 0)
        status = make_batch(&batch, arena, as, entries, count, err);
    return status < 0 ? status : hc__unit_run(as, append_all, &batch, err);
}

hc_status hc_activity_append_many(hc_session *as, const hc_activity *const *entries, size_t count, hc_error *err)
{
    hc__arena arena;
    hc_error why;
    hc_status status = hc__enter(as, err);

    if (status < 0)
        return status;
    hc__arena_init(&arena, &as->core->mem, NULL, 0);
    status = append_many(as, &arena, entries, count, &why);
    if (status < 0)
        status = hc__unit_refuse(as, status, &why, err);
    hc__arena_free(&arena);
    hc__leave(as);
    return status;
}
