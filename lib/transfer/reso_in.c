/* One Property resource onto a listing. What we have no field for is kept in extras. */
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "transfer/mapping.h"
#include "transfer/reso.h"

#define TITLE_POINTS 80

typedef struct resource {
    hc__incoming *row;
    hc__record *listing;
    hc__json_reader reader;
    hc__reso_value members[hc__reso_members];
    hc__buf extras;
    hc__json_writer kept; /* into extras */
    hc__buf scratch;
    hc_error fault; /* of the first member that is no value, once its status says so */
} resource;

/* ---- values ---- */

static void set_nothing(hc__record *listing, uint16_t field)
{
    if (listing->entity->info[field].required)
        hc__record_refuse(listing, field, "is required, and null or empty here");
    else if ((listing->entity->kind.fields[field].flags & HC_FIELD_NULLABLE) != 0)
        hc__record_set_null(listing, field);
}

static bool is_scalar(hc__json_token kind)
{
    return kind == HC__JSON_STRING || kind == HC__JSON_NUMBER;
}

static void set_date(hc__record *listing, uint16_t field, const hc__reso_value *value)
{
    int64_t micros;

    if (hc__time_parse(&micros, value->text, value->size))
        hc__record_set_int(listing, field, hc__day_of(micros));
    else
        hc__record_set_spelled(listing, field, value->text, value->size, HC__EXACT);
}

/* A value whose meaning is its field's own. */
static void set_plain(hc__record *listing, uint16_t field, const hc__reso_value *value)
{
    int32_t type = listing->entity->kind.fields[field].type;
    bool place = field == hc__property_f_latitude || field == hc__property_f_longitude;

    if (value->kind == HC__JSON_END)
        return;
    if (!hc__reso_given(value))
        set_nothing(listing, field);
    else if (type == HC_TYPE_BOOL && !is_scalar(value->kind))
        hc__record_set_int(listing, field, value->kind == HC__JSON_TRUE);
    else if (!is_scalar(value->kind))
        hc__record_refuse(listing, field, "has the wrong type");
    else if (type == HC_TYPE_DATE)
        set_date(listing, field, value);
    else
        hc__record_set_spelled(listing, field, value->text, value->size, place ? HC__HALF_EVEN : HC__EXACT);
}

/* ---- reading the members ---- */

/* An object or a list where a value belongs is noted and passed over: the key may stand behind it. */
static hc_status note_fault(resource *r, const char *field, const char *member, hc_error *err)
{
    int depth = r->reader.depth;

    if (r->fault.status == HC_OK)
        hc__fail(&r->fault, HC_ERR_INVALID, field, "%s must be one value, no object or list", member);
    while (r->reader.depth >= depth)
        if (hc__json_next(&r->reader, err) == HC__JSON_ERROR)
            return r->reader.status;
    return HC_OK;
}

static hc_status take_known(resource *r, hc__reso_member member, hc_error *err)
{
    hc__reso_value *value = &r->members[member];

    value->kind = hc__json_next(&r->reader, err);
    value->text = r->reader.text;
    value->size = r->reader.size;
    if (value->kind == HC__JSON_TRUE || value->kind == HC__JSON_FALSE) {
        value->text = value->kind == HC__JSON_TRUE ? "true" : "false";
        value->size = strlen(value->text);
    }
    if (value->kind == HC__JSON_OBJECT || value->kind == HC__JSON_ARRAY) {
        value->kind = HC__JSON_END;
        return note_fault(r, hc__reso_name(member), hc__reso_name(member), err);
    }
    return value->kind == HC__JSON_ERROR ? r->reader.status : HC_OK;
}

/* Members of the table that we may set, under their RESO name. */
static uint16_t plain_field(const char *name, size_t size)
{
    uint16_t field = hc__entity_find(&hc__property_entity, name, size);
    const hc__field_info *info = field == HC_NO_FIELD ? NULL : &hc__property_entity.info[field];

    return info != NULL && info->writer == HC__BY_OWNER && strcmp(info->reso, name) == 0 ? field : HC_NO_FIELD;
}

static hc_status take_plain(resource *r, uint16_t field, hc_error *err)
{
    hc__reso_value value = {hc__json_next(&r->reader, err), r->reader.text, r->reader.size};

    if (value.kind == HC__JSON_ERROR)
        return r->reader.status;
    if (value.kind == HC__JSON_OBJECT || value.kind == HC__JSON_ARRAY)
        return note_fault(r, hc__property_entity.kind.fields[field].name, hc__property_entity.info[field].reso, err);
    set_plain(r->listing, field, &value);
    return HC_OK;
}

static hc_status take_member(resource *r, hc_error *err)
{
    const char *name = r->reader.text, *raw;
    hc__reso_member member = hc__reso_find(name);
    uint16_t field = plain_field(name, r->reader.size);
    size_t size;

    if (member != hc__reso_members)
        return take_known(r, member, err);
    if (field != HC_NO_FIELD)
        return take_plain(r, field, err);
    if (!hc__json_skip(&r->reader, &raw, &size, err))
        return r->reader.status;
    if (name[0] != '@') { /* an annotation is about the message, not the listing */
        hc__json_key(&r->kept, name);
        hc__json_raw(&r->kept, raw, size);
    }
    return HC_OK;
}

static hc_status take_members(resource *r, hc_error *err)
{
    hc__json_token token = hc__json_next(&r->reader, err);

    if (token == HC__JSON_ERROR)
        return r->reader.status;
    if (token != HC__JSON_OBJECT)
        return hc__fail(err, HC_ERR_INVALID, "json", "a resource must be a JSON object");
    while ((token = hc__json_next(&r->reader, err)) == HC__JSON_KEY) {
        hc_status status = take_member(r, err);

        if (status < 0)
            return status;
    }
    if (token == HC__JSON_OBJECT_END)
        token = hc__json_next(&r->reader, err);
    return token == HC__JSON_END ? HC_OK : r->reader.status;
}

/* ---- what the members mean ---- */

static const hc__reso_value *member_of(const resource *r, hc__reso_member member)
{
    return &r->members[member];
}

static void keep(resource *r, hc__reso_member member)
{
    if (member_of(r, member)->kind != HC__JSON_END)
        hc__reso_put(&r->kept, member, member_of(r, member));
}

static bool has_key(const resource *r)
{
    const hc__reso_value *key = member_of(r, hc__reso_ListingKey);

    return hc__reso_given(key) && is_scalar(key->kind) && key->size <= 255;
}

/* Also of a resource that is refused, which is told by it. */
static hc_status take_key(resource *r, hc_error *err)
{
    const hc__reso_value *key = member_of(r, hc__reso_ListingKey);

    if (!has_key(r))
        return HC_OK;
    r->row->key = hc__arena_text(r->listing->arena, key->text, key->size);
    r->row->key_size = key->size;
    return r->row->key == NULL ? hc__no_memory(err) : HC_OK;
}

static hc_status read_version(resource *r, hc_error *err)
{
    const hc__reso_value *at = member_of(r, hc__reso_ModificationTimestamp);

    if (!has_key(r))
        return hc__fail(err, HC_ERR_INVALID, "source_key", "ListingKey must be a text of 1 to 255 bytes");
    r->row->has_as_of = hc__reso_given(at);
    if (r->row->has_as_of && (at->kind != HC__JSON_STRING || !hc__time_parse(&r->row->as_of, at->text, at->size)))
        return hc__fail(err, HC_ERR_INVALID, "as_of", "ModificationTimestamp must be an RFC 3339 time with an offset");
    return HC_OK;
}

static const char *const *words_of(uint16_t field)
{
    return hc__property_entity.kind.fields[field].words;
}

static void read_type(resource *r)
{
    const hc__reso_value *type = member_of(r, hc__reso_PropertyType), *sub = member_of(r, hc__reso_PropertySubType);
    const char *reason = NULL;
    int32_t subtype = 0, code;

    if (hc__reso_given(sub)) {
        subtype = hc__reso_word(words_of(hc__property_f_property_subtype), sub->text, sub->size);
        hc__record_set_int(r->listing, hc__property_f_property_subtype, subtype);
        if (subtype == 0)
            return;
    } else if (sub->kind == HC__JSON_NULL) {
        hc__record_set_null(r->listing, hc__property_f_property_subtype);
    }
    if (!hc__reso_given(type) && subtype == 0)
        return;
    code = hc__reso_type(type, subtype, &reason);
    if (code == 0)
        hc__record_refuse(r->listing, hc__property_f_property_type, reason);
    else
        hc__record_set_int(r->listing, hc__property_f_property_type, code);
}

static void read_status(resource *r)
{
    const char *const *words = words_of(hc__property_f_standard_status);
    const hc__reso_value *value = member_of(r, hc__reso_StandardStatus);

    keep(r, hc__reso_MlsStatus);
    if (!hc__reso_given(value))
        value = member_of(r, hc__reso_MlsStatus);
    if (!hc__reso_given(value) || !is_scalar(value->kind))
        hc__record_refuse(r->listing, hc__property_f_standard_status,
                          "is required: neither StandardStatus nor MlsStatus names it");
    else
        hc__record_set_int(r->listing, hc__property_f_standard_status, hc__reso_word(words, value->text, value->size));
}

static void read_address(resource *r)
{
    const hc__reso_value *whole = member_of(r, hc__reso_UnparsedAddress);
    bool any = false;

    hc__buf_clear(&r->scratch);
    for (int i = hc__reso_StreetNumber; i <= hc__reso_UnitNumber; i++) {
        const hc__reso_value *part = &r->members[i];

        keep(r, (hc__reso_member)i);
        if (!hc__reso_given(part) || !is_scalar(part->kind))
            continue;
        if (any)
            hc__buf_char(&r->scratch, ' ');
        if (i == hc__reso_UnitNumber)
            hc__buf_text(&r->scratch, "Unit ");
        hc__buf_put(&r->scratch, part->text, part->size);
        any = true;
    }
    if (hc__reso_given(whole) || !any)
        set_plain(r->listing, hc__property_f_address, whole);
    else
        hc__record_set_text(r->listing, hc__property_f_address, r->scratch.data, r->scratch.size);
}

static void read_state(resource *r)
{
    const hc__reso_value *value = member_of(r, hc__reso_StateOrProvince);
    const char *code = is_scalar(value->kind) ? hc__reso_state(value->text, value->size) : NULL;

    if (code == NULL)
        set_plain(r->listing, hc__property_f_state, value);
    else
        hc__record_set_text(r->listing, hc__property_f_state, code, 2);
}

static void read_baths(resource *r)
{
    const char *reason = NULL;
    int64_t hundredths;
    hc__baths_found found = hc__baths_read(&hundredths, r->members, &reason);
    bool cleared = false;

    if (found == HC__BATHS_FAULT)
        hc__record_refuse(r->listing, hc__property_f_baths, reason);
    else if (found != HC__BATHS_NONE)
        hc__record_set_int(r->listing, hc__property_f_baths, hundredths);
    for (int i = 0; i < hc__reso_members; i++) {
        if (!hc__reso_is_baths((hc__reso_member)i))
            continue;
        cleared = cleared || r->members[i].kind == HC__JSON_NULL;
        if (found == HC__BATHS_KEEP && i != hc__reso_BathroomsTotalDecimal && hc__reso_given(&r->members[i]))
            keep(r, (hc__reso_member)i);
    }
    if (found == HC__BATHS_NONE && cleared)
        hc__record_set_null(r->listing, hc__property_f_baths);
}

/* An area in the unit that another member names; square feet when it names none. */
static void set_area(resource *r, uint16_t field, const hc__reso_value *area, const hc__reso_value *units)
{
    static const char *const words[] = {"Square Feet", "Square Meters", "Acres", "Hectares", "Square Yards", NULL};
    static const char *const names[] = {"sqft", "sqm", "acres", "hectares", "sqyd"};
    int32_t code = hc__reso_given(units) && is_scalar(units->kind) ? hc__reso_word(words, units->text, units->size) : 1;

    if (!hc__reso_given(area) || !is_scalar(area->kind))
        set_plain(r->listing, field, area);
    else if (code == 0)
        hc__record_refuse(r->listing, field, "is in a unit that is not known");
    else
        hc__unit_set(r->listing, field, area->text, area->size, hc__unit_find(field, names[code - 1]), HC__HALF_EVEN);
}

static void read_areas(resource *r)
{
    static const hc__reso_value acres = {HC__JSON_STRING, "Acres", 5}, none = {HC__JSON_END, NULL, 0};
    const hc__reso_value *feet = member_of(r, hc__reso_LotSizeSquareFeet), *lot = member_of(r, hc__reso_LotSizeArea);

    set_area(r, hc__property_f_sqft, member_of(r, hc__reso_LivingArea), member_of(r, hc__reso_LivingAreaUnits));
    if (hc__reso_given(feet))
        set_area(r, hc__property_f_lot_sqft, feet, &none);
    else if (hc__reso_given(lot))
        set_area(r, hc__property_f_lot_sqft, lot, member_of(r, hc__reso_LotSizeUnits));
    else if (hc__reso_given(member_of(r, hc__reso_LotSizeAcres)))
        set_area(r, hc__property_f_lot_sqft, member_of(r, hc__reso_LotSizeAcres), &acres);
    else
        set_plain(r->listing, hc__property_f_lot_sqft, feet->kind == HC__JSON_END ? lot : feet);
}

static void read_dates(resource *r)
{
    const hc__reso_value *market = member_of(r, hc__reso_OnMarketDate);
    const hc__reso_value *contract = member_of(r, hc__reso_ListingContractDate);

    keep(r, hc__reso_ListingContractDate);
    set_plain(r->listing, hc__property_f_list_date, hc__reso_given(market) ? market : contract);
}

/* Only an explicit false opts out (RESO's default is to show). */
static void read_display(resource *r, uint16_t field, hc__reso_member member)
{
    if (hc__reso_given(member_of(r, member)))
        set_plain(r->listing, field, member_of(r, member));
}

/* The head of a text: its first sentence, or as many words as fit. */
static size_t head_of(const char *text, size_t size)
{
    size_t at = 0, word = 0, points = 0;

    while (at < size && points < TITLE_POINTS && text[at] != '\n' && text[at] != '\r') {
        if (text[at] == ' ') {
            word = at;
            if (at > 0 && strchr(".!?", text[at - 1]) != NULL)
                return at;
        }
        hc__utf8_next(text, size, &at);
        points++;
    }
    return at == size || points < TITLE_POINTS || word == 0 ? at : word;
}

/* RESO has no title. */
static void make_title(resource *r)
{
    const hc__reso_value *remarks = member_of(r, hc__reso_PublicRemarks);
    const char *address = hc__record_text(r->listing, hc__property_f_address);
    size_t size = remarks->kind == HC__JSON_STRING ? head_of(remarks->text, remarks->size) : 0;

    r->row->title_is_made = true;
    if (size > 0)
        hc__record_set_text(r->listing, hc__property_f_title, remarks->text, size);
    else if (address != NULL)
        hc__record_set_text(r->listing, hc__property_f_title, address, strlen(address));
}

static hc_status read_all(resource *r, const char *currency, hc_error *err)
{
    hc_status status = read_version(r, err);

    if (status < 0)
        return status;
    read_type(r);
    read_status(r);
    read_address(r);
    read_state(r);
    read_baths(r);
    read_areas(r);
    read_dates(r);
    read_display(r, hc__property_f_display_ok, hc__reso_InternetEntireListingDisplayYN);
    read_display(r, hc__property_f_display_address_ok, hc__reso_InternetAddressDisplayYN);
    set_plain(r->listing, hc__property_f_description, member_of(r, hc__reso_PublicRemarks));
    make_title(r);
    if (currency != NULL)
        hc__record_set_text(r->listing, hc__property_f_currency, currency, strlen(currency));
    hc__json_object_end(&r->kept);
    if (r->extras.failed || r->scratch.failed)
        return hc__no_memory(err);
    if (r->extras.size > 2)
        hc__record_set_text(r->listing, hc__property_f_extras, r->extras.data, r->extras.size);
    else
        hc__record_set_null(r->listing, hc__property_f_extras);
    return hc__record_fault(r->listing, err);
}

hc_status hc__reso_read(hc__incoming *row, const hc__mem *mem, const char *text, size_t size, const char *currency,
                        hc_error *err)
{
    resource r = {.row = row, .listing = &row->listing};
    hc_status status;

    for (int i = 0; i < hc__reso_members; i++)
        r.members[i] = (hc__reso_value){HC__JSON_END, NULL, 0};
    hc__buf_init(&r.extras, mem);
    hc__buf_init(&r.scratch, mem);
    hc__json_begin(&r.kept, &r.extras);
    hc__json_object(&r.kept);
    hc__json_open(&r.reader, mem, text, size, NULL);
    status = take_members(&r, err);
    if (take_key(&r, NULL) < 0)
        status = hc__no_memory(err);
    if (status == HC_OK && r.fault.status < 0)
        status = hc__fail(err, r.fault.status, r.fault.field, "%s", r.fault.message);
    if (status == HC_OK)
        status = read_all(&r, currency, err);
    hc__json_close(&r.reader);
    hc__buf_free(&r.extras);
    hc__buf_free(&r.scratch);
    return status;
}
