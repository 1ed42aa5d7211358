/* Words of RESO enumerations. */
#include <string.h>

#include "homeconnect/property.h"
#include "transfer/reso.h"

#define NAME(name) #name,
static const char *const member_names[] = {HC__RESO_MEMBERS(NAME)};
#undef NAME

const char *hc__reso_name(hc__reso_member member)
{
    return member_names[member];
}

hc__reso_member hc__reso_find(const char *name)
{
    int i = 0;

    while (i < hc__reso_members && (member_names[i][0] != name[0] || strcmp(member_names[i], name) != 0))
        i++;
    return (hc__reso_member)i;
}

bool hc__reso_given(const hc__reso_value *value)
{
    return value->kind != HC__JSON_END && value->kind != HC__JSON_NULL &&
           (value->kind != HC__JSON_STRING || value->size > 0);
}

void hc__reso_put(hc__json_writer *writer, hc__reso_member member, const hc__reso_value *value)
{
    hc__json_key(writer, member_names[member]);
    if (value->kind == HC__JSON_STRING)
        hc__json_string(writer, value->text, value->size);
    else if (value->kind == HC__JSON_NUMBER)
        hc__json_raw(writer, value->text, value->size);
    else if (value->kind == HC__JSON_NULL)
        hc__json_null(writer);
    else
        hc__json_bool(writer, value->kind == HC__JSON_TRUE);
}

/* ---- enumerations ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Spaces and marks do not count: "Active Under Contract" is also ActiveUnderContract. */
static bool same_letters(const char *word, const char *text, size_t size)
{
    size_t at = 0;

    for (;; word++, at++) {
        while (*word != '\0' && !is_letter(*word))
            word++;
        while (at < size && !is_letter(text[at]))
            at++;
        if (*word == '\0' || at == size)
            return *word == '\0' && at == size;
        if (*word != text[at])
            return false;
    }
}

/* Cuts Ns.Enum'Word' to Word. */
static void cut_legacy(const char **text, size_t *size)
{
    const char *quote = memchr(*text, '\'', *size);

    if (quote == NULL || *size < 2 || (*text)[*size - 1] != '\'' || quote == *text + *size - 1 || quote == *text)
        return;
    *size -= (size_t)(quote - *text) + 2;
    *text = quote + 1;
}

int32_t hc__reso_word(const char *const *words, const char *text, size_t size)
{
    cut_legacy(&text, &size);
    for (int32_t i = 0; words[i] != NULL; i++)
        if (same_letters(words[i], text, size))
            return i + 1;
    return 0;
}

/* ---- property types ---- */

static const struct {
    const char *subtype;
    int32_t type;
} subtypes[] = {{"Single Family Residence", HC_PROPERTY_HOUSE},
                {"Townhouse", HC_PROPERTY_HOUSE},
                {"Manufactured Home", HC_PROPERTY_HOUSE},
                {"Manufactured On Land", HC_PROPERTY_HOUSE},
                {"Mobile Home", HC_PROPERTY_HOUSE},
                {"Cabin", HC_PROPERTY_HOUSE},
                {"Apartment", HC_PROPERTY_APARTMENT},
                {"Condominium", HC_PROPERTY_CONDO},
                {"Stock Cooperative", HC_PROPERTY_CONDO},
                {"Own Your Own", HC_PROPERTY_CONDO},
                {"Unimproved Land", HC_PROPERTY_LAND}};

static int32_t type_of_subtype(int32_t subtype, const char **reason)
{
    const char *word = hc__property_entity.kind.fields[hc__property_f_property_subtype].words[subtype - 1];

    for (size_t i = 0; i < sizeof subtypes / sizeof subtypes[0]; i++)
        if (strcmp(subtypes[i].subtype, word) == 0)
            return subtypes[i].type;
    *reason = "of this PropertySubType is not what we list: house, apartment, condo or land";
    return 0;
}

int32_t hc__reso_type(const hc__reso_value *type, int32_t subtype, const char **reason)
{
    static const char *const words[] = {"Residential", "Land", "Manufactured In Park", NULL};
    int32_t code = hc__reso_given(type) ? hc__reso_word(words, type->text, type->size) : 0;

    if (!hc__reso_given(type) && subtype != 0)
        return type_of_subtype(subtype, reason);
    if (code == 1)
        return subtype == 0 ? HC_PROPERTY_HOUSE : type_of_subtype(subtype, reason);
    if (code == 2)
        return HC_PROPERTY_LAND;
    if (code == 3)
        return HC_PROPERTY_HOUSE;
    *reason = "of this PropertyType is not what we list: Residential or Land, and no lease";
    return 0;
}

const char *hc__reso_subtype_of(int32_t property_type)
{
    for (size_t i = 0; i < sizeof subtypes / sizeof subtypes[0]; i++)
        if (subtypes[i].type == property_type)
            return subtypes[i].subtype;
    return NULL;
}

/* ---- states and provinces ---- */

/* clang-format off */
static const struct {
    const char *name, *code;
} states[] = {
    {"Alabama", "AL"}, {"Alaska", "AK"}, {"Arizona", "AZ"}, {"Arkansas", "AR"}, {"California", "CA"},
    {"Colorado", "CO"}, {"Connecticut", "CT"}, {"Delaware", "DE"}, {"District of Columbia", "DC"}, {"Florida", "FL"},
    {"Georgia", "GA"}, {"Hawaii", "HI"}, {"Idaho", "ID"}, {"Illinois", "IL"}, {"Indiana", "IN"}, {"Iowa", "IA"},
    {"Kansas", "KS"}, {"Kentucky", "KY"}, {"Louisiana", "LA"}, {"Maine", "ME"}, {"Maryland", "MD"},
    {"Massachusetts", "MA"}, {"Michigan", "MI"}, {"Minnesota", "MN"}, {"Mississippi", "MS"}, {"Missouri", "MO"},
    {"Montana", "MT"}, {"Nebraska", "NE"}, {"Nevada", "NV"}, {"New Hampshire", "NH"}, {"New Jersey", "NJ"},
    {"New Mexico", "NM"}, {"New York", "NY"}, {"North Carolina", "NC"}, {"North Dakota", "ND"}, {"Ohio", "OH"},
    {"Oklahoma", "OK"}, {"Oregon", "OR"}, {"Pennsylvania", "PA"}, {"Rhode Island", "RI"}, {"South Carolina", "SC"},
    {"South Dakota", "SD"}, {"Tennessee", "TN"}, {"Texas", "TX"}, {"Utah", "UT"}, {"Vermont", "VT"},
    {"Virginia", "VA"}, {"Washington", "WA"}, {"West Virginia", "WV"}, {"Wisconsin", "WI"}, {"Wyoming", "WY"},
    {"American Samoa", "AS"}, {"Guam", "GU"}, {"Northern Mariana Islands", "MP"}, {"Puerto Rico", "PR"},
    {"Virgin Islands", "VI"}, {"Alberta", "AB"}, {"British Columbia", "BC"}, {"Manitoba", "MB"},
    {"New Brunswick", "NB"}, {"Newfoundland and Labrador", "NL"}, {"Northwest Territories", "NT"},
    {"Nova Scotia", "NS"}, {"Nunavut", "NU"}, {"Ontario", "ON"}, {"Prince Edward Island", "PE"}, {"Quebec", "QC"},
    {"Saskatchewan", "SK"}, {"Yukon", "YT"},
};
/* clang-format on */

const char *hc__reso_state(const char *text, size_t size)
{
    cut_legacy(&text, &size);
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        if (same_letters(states[i].name, text, size) || (size == 2 && memcmp(states[i].code, text, 2) == 0))
            return states[i].code;
    return NULL;
}
