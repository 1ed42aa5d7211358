/* One batch of rows, one transaction: look up their keys, then add what is new and change what differs. */
#include <string.h>

#include "base/id.h"
#include "client/crud.h"
#include "property/listing.h"
#include "transfer/known.h"

#define PART 500 /* rows that a server writes while the next ones are made */

typedef struct writing {
    hc__import *import;
    size_t low, high;
    bool thorough;
} writing;

/* ---- verdicts ---- */

static hc_status refuse(hc__import *import, hc__incoming *row, const hc_error *why, hc_error *err)
{
    row->verdict = HC__ROW_REFUSED;
    row->field = hc__arena_text(&import->arena, why->field, strlen(why->field));
    row->reason = hc__arena_text(&import->arena, why->message, strlen(why->message));
    return row->field == NULL || row->reason == NULL ? hc__no_memory(err) : HC_OK;
}

/* Faults of one row; everything else is the store's or the caller's, and ends the import. */
static bool is_row_fault(hc_status status)
{
    return status == HC_ERR_INVALID || status == HC_ERR_CONFLICT || status == HC_ERR_TOO_LARGE ||
           status == HC_ERR_INVALID_STATE;
}

/* The order of the input means nothing: a row that is not newer than the last one imported has nothing to say. */
static bool says_nothing(const hc__incoming *row, const hc__known *key)
{
    if (!key->imported)
        return false;
    if (row->has_as_of && key->has_as_of)
        return row->as_of <= key->as_of;
    return !row->has_as_of && memcmp(row->hash, key->hash, sizeof key->hash) == 0;
}

/* ---- import rows ---- */

static void remember_values(hc__record *of, const hc__incoming *row, int64_t now)
{
    if (row->has_as_of)
        hc__record_set_int(of, hc__import_row_f_as_of, row->as_of);
    else
        hc__record_set_null(of, hc__import_row_f_as_of);
    hc__record_set_text(of, hc__import_row_f_row_hash, (const char *)row->hash, sizeof row->hash);
    hc__record_set_int(of, hc__import_row_f_updated_at, now);
}

/* Keeps what the row said, so that a repeat changes nothing. */
static hc_status remember(hc__unit *unit, const hc__import *import, const hc__incoming *row, hc__known *key,
                          hc_error *err)
{
    hc__record of;
    hc_status status = hc__record_init(&of, &hc__import_row_entity, hc__unit_arena(unit), err);

    if (status < 0)
        return status;
    remember_values(&of, row, hc__unit_now(unit));
    if (key->imported) {
        hc__unit_update(unit, &of, hc__is_id(hc__unit_arena(unit), hc__import_row_f_id, key->import_id));
    } else {
        status = hc__id_make(&key->import_id, hc__unit_now(unit), err);
        if (status < 0)
            return status;
        hc__record_set_id(&of, hc__import_row_f_id, key->import_id);
        hc__record_set_text(&of, hc__import_row_f_source_system, import->source_system, strlen(import->source_system));
        hc__record_set_text(&of, hc__import_row_f_source_key, row->key, row->key_size);
        hc__record_set_id(&of, hc__import_row_f_property_id, key->property_id);
        hc__unit_insert(unit, &of);
    }
    key->imported = true;
    key->has_as_of = row->has_as_of;
    key->as_of = row->as_of;
    memcpy(key->hash, row->hash, sizeof key->hash);
    return HC_OK;
}

/* ---- new listings ---- */

/* A record of the unit's own with the values of `from`, whose bytes live longer. */
static hc__record *copy_of(hc__unit *unit, const hc__record *from, hc_error *err)
{
    hc__record *copy = hc__arena_alloc(hc__unit_arena(unit), sizeof *copy);

    if (copy == NULL || hc__record_init(copy, from->entity, hc__unit_arena(unit), err) < 0) {
        hc__no_memory(err);
        return NULL;
    }
    memcpy(copy->values, from->values, from->entity->kind.field_count * sizeof(hc_value));
    memcpy(copy->set, from->set, sizeof copy->set);
    return copy;
}

static hc_status create(hc__unit *unit, hc__import *import, hc__incoming *row, hc__known *key, hc_error *err)
{
    hc__record *listing = copy_of(unit, &row->listing, err);
    hc_error why;
    hc_status status;

    if (listing == NULL)
        return HC_ERR_NO_MEMORY;
    hc__record_set_id(listing, hc__property_f_agent_id, import->agent);
    hc__record_set_text(listing, hc__property_f_source_system, import->source_system, strlen(import->source_system));
    hc__record_set_text(listing, hc__property_f_source_key, row->key, row->key_size);
    status = hc__record_check(listing, HC__FOR_CREATE, HC__BY_ADMIN, &why);
    if (status >= 0)
        status = hc__stamp_create(unit, listing, (hc_id){{0}}, &why);
    if (status >= 0)
        status = hc__listing_insert(unit, listing, NULL, HC__LISTING_IMPORT, &why);
    if (is_row_fault(status))
        return refuse(import, row, &why, err);
    if (status < 0) {
        *err = why;
        return status;
    }
    row->verdict = HC__ROW_CREATED;
    key->property_id = hc__record_id(listing, hc__property_f_id);
    key->listing = listing;
    return remember(unit, import, row, key, err);
}

/* ---- listings that are there ---- */

/* Later rows of the same batch stand on what this one wrote. */
static void overlay(hc__record *listing, const hc__record *changes, int32_t version)
{
    for (uint16_t i = 0; i < hc__property_field_count; i++)
        if (hc__record_is_set(changes, i))
            listing->values[i] = changes->values[i];
    listing->values[hc__property_f_version] = (hc_value){HC_TYPE_INT32, 0, {.integer = version}};
}

static hc_status change(hc__unit *unit, hc__incoming *row, hc__known *key, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int64_t read_at = hc__record_int(key->listing, hc__property_f_version);
    const hc_predicate *where =
        hc__all_of(arena, hc__is_id(arena, hc__property_f_id, key->property_id),
                   hc__is_int(arena, &hc__property_entity.kind, hc__property_f_version, HC_TEST_EQ, read_at));
    int32_t version = (int32_t)read_at;
    hc__record *changes = copy_of(unit, &row->listing, err);
    hc_status status;

    if (changes == NULL || where == NULL)
        return hc__no_memory(err);
    if (row->title_is_made)
        changes->set[hc__property_f_title / 64] &= ~(UINT64_C(1) << hc__property_f_title % 64);
    status = hc__listing_update(unit, key->listing, changes, where, HC__LISTING_IMPORT, &version, err);
    row->verdict = status == HC_OK ? HC__ROW_UPDATED : HC__ROW_UNCHANGED;
    if (status == HC_OK)
        overlay(key->listing, changes, version);
    return status;
}

static hc_status update(hc__unit *unit, hc__import *import, hc__incoming *row, hc__known *key, hc_error *err)
{
    hc_error why;
    hc_status status;

    if (!import->any_agent && !hc__id_equal(hc__record_id(key->listing, hc__property_f_agent_id), import->agent)) {
        hc__fail(&why, HC_ERR_FORBIDDEN, "source_key", "source_key is that of another agent's listing");
        return refuse(import, row, &why, err);
    }
    status = change(unit, row, key, &why);
    if (is_row_fault(status))
        return refuse(import, row, &why, err);
    if (status < 0) {
        *err = why;
        return status;
    }
    return remember(unit, import, row, key, err);
}

/* ---- the batch ---- */

static bool is_gone(const hc__known *key)
{
    return key->listing == NULL || !hc__record_is_null(key->listing, hc__property_f_deleted_at);
}

static hc_status decide(hc__unit *unit, hc__import *import, hc__incoming *row, hc__known *key, hc_error *err)
{
    hc_status status = hc__import_hash(import, row, err);

    if (status < 0)
        return status;
    row->verdict = HC__ROW_UNCHANGED;
    if (says_nothing(row, key))
        return HC_OK;
    if (!key->imported && key->listing == NULL)
        return create(unit, import, row, key, err);
    if (is_gone(key)) /* deleted, or purged: it stays so */
        return HC_OK;
    if (key->imported && memcmp(row->hash, key->hash, sizeof key->hash) == 0)
        return remember(unit, import, row, key, err); /* newer, and says the same: local edits stay */
    return update(unit, import, row, key, err);
}

/* The agent must be licensed today (domain.md D5), whoever imports. */
static hc_status check_agent(hc__unit *unit, const hc__import *import, hc_error *err)
{
    hc__arena *arena = hc__unit_arena(unit);
    int32_t today = hc__day_of(hc__unit_now(unit));
    hc__record agent;
    const hc_predicate *where = hc__is_id(arena, hc__agent_f_user_id, import->agent);
    bool found;
    hc_status status;

    hc__unit_hold(unit, &hc__agent_entity, where, HC_EXPECT_ANY); /* who removes them waits, and counts the listings */
    status = hc__unit_row(unit, &agent, &found, &hc__agent_entity, where, err);
    if (status < 0)
        return status;
    if (!found)
        return hc__fail(err, HC_ERR_FORBIDDEN, "agent_id", "the user who is to have the listings is no agent");
    if (hc__record_is_null(&agent, hc__agent_f_license_number) ||
        hc__record_is_null(&agent, hc__agent_f_license_verified_at) ||
        hc__record_is_null(&agent, hc__agent_f_license_expires_on) ||
        hc__record_int(&agent, hc__agent_f_license_expires_on) < today)
        return hc__fail(err, HC_ERR_FORBIDDEN, "license_number",
                        "the agent has no licence that is verified and in force");
    return HC_OK;
}

static hc_status write_rows(hc__unit *unit, void *data, hc_error *err)
{
    const writing *w = data;
    hc__import *import = w->import;
    hc__incoming *rows = import->rows + w->low;
    size_t count = w->high - w->low;
    hc__known_keys keys;
    hc_status status = check_agent(unit, import, err);

    if (status >= 0)
        status = hc__known_gather(&keys, unit, rows, count, err);
    if (status >= 0)
        status = hc__known_read_imports(&keys, unit, import->source_system, err);
    if (status < 0)
        return status;
    for (size_t i = 0; status >= 0 && i < count; i++) {
        if (!keys.of[i]->imported)
            continue;
        status = hc__import_hash(import, &rows[i], err);
        keys.of[i]->wanted |= status >= 0 && !says_nothing(&rows[i], keys.of[i]);
    }
    if (status >= 0)
        status = hc__known_read_listings(&keys, unit, import->source_system, w->thorough, err);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        status = decide(unit, import, &rows[i], keys.of[i], err);
        if (status >= 0 && (i + 1) % PART == 0 && i + 1 < count)
            status = hc__unit_send(unit, err);
    }
    return status < 0 ? status : HC_OK;
}

/* A row that the store refuses takes its transaction with it. First the batch looks closer; what is then still refused
 * is found by halves, and the rest is written around it. */
static hc_status split(hc__import *import, size_t low, size_t high, bool thorough, const hc_error *why, hc_error *err)
{
    size_t middle = low + (high - low) / 2;
    hc_status status;

    if (!thorough)
        return hc__batch_write(import, low, high, true, err);
    if (high - low == 1)
        return refuse(import, &import->rows[low], why, err);
    status = hc__batch_write(import, low, middle, true, err);
    return status < 0 ? status : hc__batch_write(import, middle, high, true, err);
}

hc_status hc__batch_write(hc__import *import, size_t low, size_t high, bool thorough, hc_error *err)
{
    writing w = {import, low, high, thorough};
    hc_session *as = import->as;
    hc_error why;
    hc_status status;

    as->deadline = hc__os_monotonic() + as->timeout; /* of a batch: an import may take as long as its file needs */
    status = hc__unit_run(as, write_rows, &w, &why);
    if (is_row_fault(status))
        return split(import, low, high, thorough, &why, err);
    if (status < 0 && err != NULL)
        *err = why;
    return status < 0 ? status : HC_OK;
}
