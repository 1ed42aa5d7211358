#include "property/listing.h"

#include <string.h>

#include "base/bug.h"
#include "base/decimal.h"
#include "base/id.h"
#include "base/utf8.h"
#include "client/crud.h"
#include "client/policy.h"
#include "homeconnect/property.h"
#include "model/listing_status.h"
#include "query/query.h"

/* A listing as it is before a change and will be after it. */
struct change {
    hc__unit *unit;
    const hc__record *before; /* NULL for a new one */
    hc__record *after;        /* what is set: the whole new row, or the changes */
    uint32_t flags;
};

static bool touches(const struct change *c, uint16_t field)
{
    return hc__record_is_set(c->after, field);
}

static const hc_value *value_after(const struct change *c, uint16_t field)
{
    return c->before == NULL || touches(c, field) ? &c->after->values[field] : &c->before->values[field];
}

static bool null_after(const struct change *c, uint16_t field)
{
    return value_after(c, field)->type == HC_TYPE_NULL;
}

static int64_t int_after(const struct change *c, uint16_t field)
{
    return null_after(c, field) ? 0 : value_after(c, field)->as.integer;
}

static int32_t standard_before(const struct change *c)
{
    return c->before == NULL ? 0 : (int32_t)hc__record_int(c->before, hc__property_f_standard_status);
}

static void default_int(const struct change *c, uint16_t field, int64_t value)
{
    if (!touches(c, field) || hc__record_is_null(c->after, field))
        hc__record_set_int(c->after, field, value);
}

/* ---- status (domain.md D1, D8) ---- */

/* `status` follows from `standard_status`; whoever sets only `status` sets Active, Pending or Closed. */
static hc_status settle_status(const struct change *c, hc_error *err)
{
    bool plain = touches(c, hc__property_f_status), standard = touches(c, hc__property_f_standard_status);
    int32_t status = (int32_t)hc__record_int(c->after, hc__property_f_status);
    int32_t wanted = (int32_t)hc__record_int(c->after, hc__property_f_standard_status);

    if (!plain && !standard) {
        if (c->before != NULL)
            return HC_OK;
        wanted = HC_PROPERTY_STANDARD_ACTIVE;
    } else if (standard && wanted == 0) {
        return hc__fail(err, HC_ERR_INVALID, "standard_status", "cannot be null: a listing always has a status");
    } else if (plain && standard && hc__status_of_standard(wanted) != status) {
        return hc__fail(err, HC_ERR_INVALID, "status", "status and standard_status mean different things");
    } else if (!standard && status == 0) {
        return hc__fail(err, HC_ERR_INVALID, "status",
                        "cannot be set to null: set standard_status to take a listing "
                        "off the market");
    } else if (!standard) {
        int32_t old = standard_before(c); /* Active Under Contract already is pending */
        wanted = old != 0 && hc__status_of_standard(old) == status ? old : hc__standard_of_status(status);
    }
    hc__record_set_int(c->after, hc__property_f_standard_status, wanted);
    status = hc__status_of_standard(wanted);
    if (status == 0)
        hc__record_set_null(c->after, hc__property_f_status);
    else
        hc__record_set_int(c->after, hc__property_f_status, status);
    return HC_OK;
}

static hc_status check_move(const struct change *c, hc_error *err)
{
    int32_t from = standard_before(c), to = (int32_t)int_after(c, hc__property_f_standard_status);
    hc__move move;

    if (c->before == NULL || from == 0 || from == to || (c->flags & HC__LISTING_IMPORT) != 0)
        return HC_OK;
    move = hc__listing_move(from, to);
    if (move == HC__MOVE_YES ||
        (move == HC__MOVE_ADMIN && hc__policy_writer(hc__unit_session(c->unit)) == HC__BY_ADMIN))
        return HC_OK;
    return hc__fail(err, HC_ERR_INVALID_STATE, "standard_status", "%s may become only: %s",
                    hc__property_entity.kind.fields[hc__property_f_standard_status].words[from - 1],
                    hc__listing_moves(from));
}

/* The dates that follow from a status: the first day on the market, and the day of the sale as long as it is one. */
static void settle_dates(const struct change *c)
{
    int32_t from = standard_before(c), to = (int32_t)int_after(c, hc__property_f_standard_status);
    int32_t today = hc__day_of(hc__unit_now(c->unit));
    bool closed = hc__status_is_closed(to);

    if (to == HC_PROPERTY_STANDARD_ACTIVE && from != to && null_after(c, hc__property_f_list_date))
        hc__record_set_int(c->after, hc__property_f_list_date, today);
    if (closed && (from != to || touches(c, hc__property_f_close_date)) && null_after(c, hc__property_f_close_date))
        hc__record_set_int(c->after, hc__property_f_close_date, today);
    if (closed || !hc__status_is_closed(from))
        return;
    if (!touches(c, hc__property_f_close_date))
        hc__record_set_null(c->after, hc__property_f_close_date);
    if (!touches(c, hc__property_f_close_price))
        hc__record_set_null(c->after, hc__property_f_close_price);
}

/* What a source leaves empty it may not know; the library does. The day of a sale goes with the sale alone. */
static void keep_known(const struct change *c)
{
    static const uint16_t fields[] = {hc__property_f_original_price, hc__property_f_list_date,
                                      hc__property_f_close_date};
    bool sold = hc__status_is_closed(standard_before(c)) &&
                hc__status_is_closed((int32_t)int_after(c, hc__property_f_standard_status));

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (touches(c, fields[i]) && null_after(c, fields[i]) && (fields[i] != hc__property_f_close_date || sold))
            c->after->set[fields[i] / 64] &= ~(UINT64_C(1) << fields[i] % 64);
}

/* ---- derived fields (domain.md D1) ---- */

static void derive_prices(const struct change *c)
{
    int64_t price = int_after(c, hc__property_f_price), sqft = int_after(c, hc__property_f_sqft), each;
    bool has_original = !null_after(c, hc__property_f_original_price);

    if (sqft > 0 && hc__muldiv(&each, price, 1, sqft))
        hc__record_set_int(c->after, hc__property_f_price_per_sqft, each);
    else
        hc__record_set_null(c->after, hc__property_f_price_per_sqft);
    hc__record_set_int(c->after, hc__property_f_price_reduced,
                       has_original && price < int_after(c, hc__property_f_original_price));
}

static void derive_days(const struct change *c)
{
    bool closed = hc__status_is_closed((int32_t)int_after(c, hc__property_f_standard_status));
    int64_t days;

    if (!closed || null_after(c, hc__property_f_list_date) || null_after(c, hc__property_f_close_date)) {
        hc__record_set_null(c->after, hc__property_f_days_to_close);
        return;
    }
    days = int_after(c, hc__property_f_close_date) - int_after(c, hc__property_f_list_date);
    hc__record_set_int(c->after, hc__property_f_days_to_close, days < 0 ? 0 : days);
}

static hc_status derive_norms(const struct change *c, hc_error *err)
{
    const hc__entity *entity = &hc__property_entity;
    hc__buf folded;

    hc__buf_init(&folded, &hc__unit_session(c->unit)->core->mem);
    for (uint16_t i = hc__record_next_set(c->after, 0); i < HC__FIELD_LIMIT;
         i = hc__record_next_set(c->after, i + 1u)) {
        uint16_t norm = entity->info[i].norm;

        if (norm == HC_NO_FIELD)
            continue;
        if (hc__record_is_null(c->after, i)) {
            hc__record_set_null(c->after, norm);
            continue;
        }
        hc__buf_rewind(&folded);
        hc__text_norm(&folded, c->after->values[i].as.bytes, c->after->values[i].size);
        hc__record_set_made(c->after, norm, folded.data, folded.size);
    }
    if (folded.failed)
        c->after->fault = HC_ERR_NO_MEMORY;
    hc__buf_free(&folded);
    return c->after->fault < 0 ? hc__no_memory(err) : HC_OK;
}

static hc_status derive_words(const struct change *c, hc_error *err)
{
    const hc__mem *mem = &hc__unit_session(c->unit)->core->mem;
    hc_value merged[hc__property_field_count];
    hc__record view = *c->after;
    hc__buf words[HC__WORD_FIELDS];
    bool any = false;

    for (size_t i = 0; i < HC__WORD_SOURCES; i++) {
        uint16_t field = hc__word_sources[i];

        any = any || touches(c, field);
        merged[field] = *value_after(c, field);
    }
    if (!any)
        return HC_OK;
    view.values = merged;
    for (size_t i = 0; i < HC__WORD_FIELDS; i++)
        hc__buf_init(&words[i], mem);
    hc__listing_words(words, &view, mem);
    for (uint16_t i = 0; i < HC__WORD_FIELDS; i++) {
        uint16_t field = (uint16_t)(hc__property_f_words_title + i);

        if (words[i].size == 0)
            hc__record_set_null(c->after, field);
        else
            hc__record_set_made(c->after, field, words[i].data, words[i].size);
        if (words[i].failed)
            c->after->fault = HC_ERR_NO_MEMORY;
        hc__buf_free(&words[i]);
    }
    return c->after->fault < 0 ? hc__no_memory(err) : HC_OK;
}

static hc_status derive(const struct change *c, hc_error *err)
{
    hc_status status;

    derive_prices(c);
    derive_days(c);
    status = derive_norms(c, err);
    return status < 0 ? status : derive_words(c, err);
}

/* ---- history ---- */

static bool history_row(hc__record *row, const struct change *c, const hc__entity *entity, int32_t version)
{
    hc__unit *unit = c->unit;
    const hc_session *as = hc__unit_session(unit);
    bool price = entity == &hc__price_entity;
    hc_id id;

    if (hc__record_init(row, entity, hc__unit_arena(unit), NULL) < 0 || hc__unit_id(unit, &id) < 0) {
        hc__unit_doom(unit, HC_ERR_NO_MEMORY);
        return false;
    }
    hc__record_set_id(row, 0, id);
    hc__record_set_id(row, price ? hc__price_f_property_id : hc__status_f_property_id, hc__record_key(c->before));
    if (!hc__id_zero(as->user))
        hc__record_set_id(row, price ? hc__price_f_actor_id : hc__status_f_actor_id, as->user);
    hc__record_set_int(row, price ? hc__price_f_version : hc__status_f_version, version);
    hc__record_set_int(row, price ? hc__price_f_created_at : hc__status_f_created_at, hc__unit_now(unit));
    return true;
}

static void price_history(const struct change *c, int32_t version)
{
    const hc_value *currency = value_after(c, hc__property_f_currency);
    int64_t old = hc__record_int(c->before, hc__property_f_price);
    hc__record row;

    if (!touches(c, hc__property_f_price))
        return;
    hc__record_set_int(c->after, hc__property_f_previous_price, old);
    hc__record_set_int(c->after, hc__property_f_price_changed_at, hc__unit_now(c->unit));
    if (hc__bug("no-history") || !history_row(&row, c, &hc__price_entity, version))
        return;
    hc__record_set_int(&row, hc__price_f_old_price, old);
    hc__record_set_int(&row, hc__price_f_new_price, int_after(c, hc__property_f_price));
    hc__record_set_text(&row, hc__price_f_currency, currency->as.bytes, currency->size);
    hc__unit_insert(c->unit, &row);
}

static void status_history(const struct change *c, int32_t version)
{
    int32_t old = standard_before(c);
    hc__record row;

    if (!touches(c, hc__property_f_standard_status))
        return;
    hc__record_set_int(c->after, hc__property_f_status_changed_at, hc__unit_now(c->unit));
    if (!history_row(&row, c, &hc__status_entity, version))
        return;
    if (old != 0)
        hc__record_set_int(&row, hc__status_f_old_status, old);
    hc__record_set_int(&row, hc__status_f_new_status, int_after(c, hc__property_f_standard_status));
    hc__unit_insert(c->unit, &row);
}

/* ---- the two ways a listing is written ---- */

static void defaults(const struct change *c)
{
    const hc__core *core = hc__unit_session(c->unit)->core;

    if (hc__record_is_null(c->after, hc__property_f_currency))
        hc__record_set_text(c->after, hc__property_f_currency, core->currency, strlen(core->currency));
    default_int(c, hc__property_f_display_ok, 1);
    default_int(c, hc__property_f_display_address_ok, 1);
    default_int(c, hc__property_f_exclusive_showings, 0);
    default_int(c, hc__property_f_original_price, hc__record_int(c->after, hc__property_f_price));
    default_int(c, hc__property_f_status_changed_at, hc__unit_now(c->unit));
}

hc_status hc__listing_insert(hc__unit *unit, hc__record *row, const hc_predicate *where, uint32_t flags, hc_error *err)
{
    struct change c = {unit, NULL, row, flags};
    hc_status status = settle_status(&c, err);

    if (status < 0)
        return status;
    defaults(&c);
    settle_dates(&c);
    status = derive(&c, err);
    if (status >= 0)
        status = hc__record_fault(row, err);
    if (status < 0)
        return status;
    hc__unit_insert_where(unit, row, where);
    hc__unit_event(unit, &hc__property_entity, hc__record_key(row), HC__CHANGE_CREATED, 1);
    return HC_OK;
}

hc_status hc__listing_update(hc__unit *unit, const hc__record *before, hc__record *changes, const hc_predicate *where,
                             uint32_t flags, int32_t *version, hc_error *err)
{
    struct change c = {unit, before, changes, flags};
    hc_status status = settle_status(&c, err);

    *version = hc__record_version(before);
    if (status >= 0)
        status = check_move(&c, err);
    if (status < 0)
        return status;
    if ((flags & HC__LISTING_IMPORT) != 0)
        keep_known(&c);
    settle_dates(&c);
    if (!hc__drop_same(changes, before))
        return HC_NOTE_SAME;
    status = derive(&c, err);
    if (status < 0)
        return status;
    price_history(&c, *version + 1);
    status_history(&c, *version + 1);
    *version = hc__stamp_update(unit, changes, before);
    status = hc__record_fault(changes, err);
    if (status < 0)
        return status;
    hc__unit_update(unit, changes, where);
    hc__unit_event(unit, &hc__property_entity, hc__record_key(before), HC__CHANGE_UPDATED, *version);
    return HC_OK;
}

/* ---- rows of other programs ---- */

/* `status` is the origin's column: where the two mean different things somebody changed it who knows no other. */
static void follow_status(const struct change *c, const hc__record *before)
{
    int32_t status = (int32_t)hc__record_int(before, hc__property_f_status);
    int32_t old = (int32_t)hc__record_int(before, hc__property_f_standard_status);
    int32_t wanted = status == 0 ? HC_PROPERTY_STANDARD_WITHDRAWN : hc__standard_of_status(status);

    if (old != 0 && hc__status_of_standard(old) == status)
        return;
    hc__record_set_int(c->after, hc__property_f_standard_status, wanted);
    if (old == 0)
        return;
    if (hc__status_is_closed(wanted)) {
        if (null_after(c, hc__property_f_close_date))
            hc__record_set_int(c->after, hc__property_f_close_date, hc__day_of(hc__unit_now(c->unit)));
    } else if (hc__status_is_closed(old)) {
        hc__record_set_null(c->after, hc__property_f_close_date);
        hc__record_set_null(c->after, hc__property_f_close_price);
    }
    status_history(&(struct change){c->unit, before, c->after, 0}, hc__record_version(before) + 1);
}

hc_status hc__listing_derive(hc__unit *unit, const hc__record *before, hc__record *row, hc_error *err)
{
    struct change c = {unit, NULL, row, 0};
    int64_t made = hc__record_int(before, hc__property_f_created_at);

    follow_status(&c, before);
    if (null_after(&c, hc__property_f_status_changed_at))
        hc__record_set_int(row, hc__property_f_status_changed_at, made);
    if (null_after(&c, hc__property_f_original_price))
        hc__record_set_int(row, hc__property_f_original_price, hc__record_int(row, hc__property_f_price));
    if (int_after(&c, hc__property_f_standard_status) == HC_PROPERTY_STANDARD_ACTIVE &&
        null_after(&c, hc__property_f_list_date))
        hc__record_set_int(row, hc__property_f_list_date, hc__day_of(made));
    return derive(&c, err);
}
