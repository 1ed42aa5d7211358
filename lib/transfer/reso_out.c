/* One listing as a Property resource: our fields, then what its feed said beside them. */
#include <string.h>

#include "base/decimal.h"
#include "base/id.h"
#include "base/time.h"
#include "base/utf8.h"
#include "transfer/reso.h"

#define REMARKS_POINTS 4000 /* of PublicRemarks */
#define NAMES          64

typedef struct writing {
    hc__json_writer json;
    const hc__record *listing;
    const char *names[NAMES]; /* members that are written, so that extras cannot repeat them */
    size_t count;
    bool baths_kept; /* the feed's own counts still say what the field says */
    bool agent_kept; /* the feed named the agent */
} writing;

static void name(writing *w, const char *member)
{
    hc__json_key(&w->json, member);
    if (w->count < NAMES)
        w->names[w->count++] = member;
}

static bool is_written(const writing *w, const char *member)
{
    for (size_t i = 0; i < w->count; i++)
        if (strcmp(w->names[i], member) == 0)
            return true;
    return false;
}

static void put_text(writing *w, const char *member, const char *text, size_t size)
{
    name(w, member);
    hc__json_string(&w->json, text, size);
}

/* At most the code points that RESO allows; a longer text is cut. */
static size_t remarks_size(const char *text, size_t size)
{
    size_t at = 0;

    for (int points = 0; at < size && points < REMARKS_POINTS; points++)
        hc__utf8_next(text, size, &at);
    return at;
}

static void put_value(writing *w, uint16_t field, const char *member)
{
    const hc_field *of = &w->listing->entity->kind.fields[field];
    const hc_value *value = &w->listing->values[field];
    char text[64];

    name(w, member);
    switch (of->type) {
    case HC_TYPE_BOOL:
        hc__json_bool(&w->json, value->as.integer != 0);
        break;
    case HC_TYPE_DECIMAL:
        hc__json_raw(&w->json, text, hc__decimal_format(text, value->as.integer, of->scale));
        break;
    case HC_TYPE_TIME:
        hc__json_string(&w->json, text, hc__time_format(text, value->as.integer));
        break;
    case HC_TYPE_DATE:
        hc__json_string(&w->json, text, hc__date_format(text, (int32_t)value->as.integer));
        break;
    case HC_TYPE_ENUM:
        hc__json_string(&w->json, of->words[value->as.integer - 1], strlen(of->words[value->as.integer - 1]));
        break;
    case HC_TYPE_ID:
        hc_id_format(text, hc__record_id(w->listing, field));
        hc__json_string(&w->json, text, HC_ID_TEXT_SIZE - 1);
        break;
    case HC_TYPE_TEXT:
        hc__json_string(&w->json, value->as.bytes,
                        field == hc__property_f_description ? remarks_size(value->as.bytes, value->size) : value->size);
        break;
    default:
        hc__json_int(&w->json, value->as.integer);
    }
}

/* Every field that has a RESO name and a value, but the three whose members say it otherwise. */
static void put_fields(writing *w)
{
    const hc__record *listing = w->listing;

    for (uint16_t i = 0; i < hc__property_field_count; i++) {
        const char *member = listing->entity->info[i].reso;

        if (member[0] == '\0' || hc__record_is_null(listing, i) || i == hc__property_f_baths ||
            i == hc__property_f_agent_id || i == hc__property_f_property_subtype)
            continue;
        put_value(w, i, member);
    }
    if (!hc__record_is_null(listing, hc__property_f_sqft))
        put_text(w, "LivingAreaUnits", "Square Feet", 11);
}

static void put_type(writing *w)
{
    int32_t type = (int32_t)hc__record_int(w->listing, hc__property_f_property_type);
    const char *subtype = hc__reso_subtype_of(type);
    bool land = type != 0 && subtype != NULL && strcmp(subtype, "Unimproved Land") == 0;

    if (type != 0)
        put_text(w, "PropertyType", land ? "Land" : "Residential", land ? 4 : 11);
    if (!hc__record_is_null(w->listing, hc__property_f_property_subtype))
        put_value(w, hc__property_f_property_subtype, "PropertySubType");
    else if (type != 0 && !land && subtype != NULL)
        put_text(w, "PropertySubType", subtype, strlen(subtype));
}

static void put_source(writing *w)
{
    const char *system = hc__record_text(w->listing, hc__property_f_source_system);
    const char *key = hc__record_text(w->listing, hc__property_f_source_key);

    if (system != NULL)
        put_text(w, "SourceSystemName", system, strlen(system));
    if (key != NULL)
        put_text(w, "SourceSystemKey", key, strlen(key));
}

/* ---- extras ---- */

/* Calls `take` for each member of the extras. */
typedef void (*take_fn)(writing *w, const char *member, const char *raw, size_t size, hc__reso_value *values);

static hc_status walk(writing *w, const hc__mem *mem, take_fn take, hc__reso_value *values, hc_error *err)
{
    const char *extras = hc__record_text(w->listing, hc__property_f_extras), *raw;
    hc__json_reader reader;
    hc__json_token token;
    hc_status status;
    size_t size;

    if (extras == NULL)
        return HC_OK;
    hc__json_open(&reader, mem, extras, strlen(extras), NULL);
    token = hc__json_next(&reader, err);
    if (token == HC__JSON_OBJECT)
        token = hc__json_next(&reader, err);
    while (token == HC__JSON_KEY) {
        const char *member = reader.text;

        if (!hc__json_skip(&reader, &raw, &size, err))
            break;
        take(w, member, raw, size, values);
        token = hc__json_next(&reader, err);
    }
    status = reader.status;
    hc__json_close(&reader);
    return status;
}

/* The counts of baths, which are numbers, or texts without escapes: their raw form is their text. */
static void note(writing *w, const char *member, const char *raw, size_t size, hc__reso_value *values)
{
    hc__reso_member known = hc__reso_find(member);

    w->agent_kept = w->agent_kept || strncmp(member, "ListAgent", 9) == 0 || strncmp(member, "ListOffice", 10) == 0;
    if (known == hc__reso_members || !hc__reso_is_baths(known))
        return;
    if (size >= 2 && raw[0] == '"')
        values[known] = (hc__reso_value){HC__JSON_STRING, raw + 1, size - 2};
    else
        values[known] = (hc__reso_value){HC__JSON_NUMBER, raw, size};
}

static void give_back(writing *w, const char *member, const char *raw, size_t size, hc__reso_value *values)
{
    hc__reso_member known = hc__reso_find(member);

    (void)values;
    if (is_written(w, member) || (known != hc__reso_members && hc__reso_is_baths(known) && !w->baths_kept))
        return;
    name(w, member);
    w->count--; /* the name lives in the reader; extras do not repeat themselves */
    hc__json_raw(&w->json, raw, size);
}

static hc_status look_at_extras(writing *w, const hc__mem *mem, hc_error *err)
{
    hc__reso_value values[hc__reso_members];
    const char *reason;
    int64_t hundredths;
    hc_status status;

    for (int i = 0; i < hc__reso_members; i++)
        values[i] = (hc__reso_value){HC__JSON_END, NULL, 0};
    status = walk(w, mem, note, values, err);
    w->baths_kept = hc__baths_read(&hundredths, values, &reason) == HC__BATHS_KEEP &&
                    !hc__record_is_null(w->listing, hc__property_f_baths) &&
                    hundredths == hc__record_int(w->listing, hc__property_f_baths);
    return status;
}

static void put_lister(writing *w, hc__lister lister)
{
    if (w->agent_kept)
        return;
    if (!hc__record_is_null(w->listing, hc__property_f_agent_id))
        put_value(w, hc__property_f_agent_id, "ListAgentKey");
    if (lister.agent != NULL)
        put_text(w, "ListAgentFullName", lister.agent, strlen(lister.agent));
    if (lister.office != NULL)
        put_text(w, "ListOfficeName", lister.office, strlen(lister.office));
}

hc_status hc__reso_write(hc__buf *out, const hc__record *listing, const hc__mem *mem, hc__lister lister, hc_error *err)
{
    writing w = {.listing = listing};
    hc_status status;

    hc__json_begin(&w.json, out);
    hc__json_object(&w.json);
    put_fields(&w);
    put_type(&w);
    put_source(&w);
    status = look_at_extras(&w, mem, err);
    if (status < 0)
        return status;
    put_lister(&w, lister);
    if (!w.baths_kept && !hc__record_is_null(listing, hc__property_f_baths))
        hc__baths_put(&w.json, hc__record_int(listing, hc__property_f_baths));
    status = walk(&w, mem, give_back, NULL, err);
    hc__json_object_end(&w.json);
    return status;
}
