/* Listings with every kind of edge: nulls, ties, ends of ranges, half cents away, and texts that fold in odd ways. */
#include <stdlib.h>
#include <string.h>

#include "reference.h"

struct row *rows;
size_t row_count;
uint8_t rows_agent[16];

const struct field_info field_table[FIELDS] = {
    {"price", "ListPrice", NUMBER, 2, false},
    {"original_price", "OriginalListPrice", NUMBER, 2, true},
    {"close_price", "ClosePrice", NUMBER, 2, true},
    {"beds", "BedroomsTotal", NUMBER, 0, true},
    {"baths", "BathroomsTotalDecimal", NUMBER, 2, true},
    {"sqft", "LivingArea", NUMBER, 0, true},
    {"lot_sqft", "LotSizeSquareFeet", NUMBER, 0, true},
    {"year_built", "YearBuilt", NUMBER, 0, true},
    {"days_on_market", "DaysOnMarket", NUMBER, 0, true},
    {"latitude", "Latitude", NUMBER, 8, true},
    {"longitude", "Longitude", NUMBER, 8, true},
    {"status", "", ENUM, 0, true},
    {"standard_status", "StandardStatus", ENUM, 0, true},
    {"property_type", "", ENUM, 0, false},
    {"property_subtype", "PropertySubType", ENUM, 0, true},
    {"city", "City", TEXT, 0, false},
    {"state", "StateOrProvince", TEXT, 0, false},
    {"zip_code", "PostalCode", TEXT, 0, false},
    {"country", "Country", TEXT, 0, true},
    {"address", "UnparsedAddress", TEXT, 0, false},
    {"title", "", TEXT, 0, false},
    {"listing_id", "ListingId", TEXT, 0, true},
    {"currency", "", TEXT, 0, false},
    {"description", "PublicRemarks", LONG_TEXT, 0, true},
    {"created_at", "OriginalEntryTimestamp", TIME, 0, false},
    {"updated_at", "ModificationTimestamp", TIME, 0, false},
    {"list_date", "OnMarketDate", DATE, 0, true},
    {"close_date", "CloseDate", DATE, 0, true},
    {"status_changed_at", "StatusChangeTimestamp", TIME, 0, true},
    {"price_changed_at", "PriceChangeTimestamp", TIME, 0, true},
    {"id", "ListingKey", ID, 0, false},
    {"agent_id", "ListAgentKey", ID, 0, true},
    {"price_reduced", "", BOOL, 0, false},
    {"display_ok", "InternetEntireListingDisplayYN", BOOL, 0, false},
    {"price_per_sqft", "", NUMBER, 2, true},
};

const char *const *words_of_enum(enum field field)
{
    static const char *const status[] = {"active", "pending", "sold", NULL};
    static const char *const type[] = {"house", "apartment", "condo", "land", NULL};
    static const char *const standard[] = {"Active",      "Active Under Contract",
                                           "Canceled",    "Closed",
                                           "Coming Soon", "Delete",
                                           "Expired",     "Hold",
                                           "Incomplete",  "Pending",
                                           "Withdrawn",   NULL};
    static const char *const subtype[] = {"Agriculture",
                                          "Apartment",
                                          "Boat Slip",
                                          "Business",
                                          "Cabin",
                                          "Condominium",
                                          "Deeded Parking",
                                          "Duplex",
                                          "Farm",
                                          "Hotel/Motel",
                                          "Industrial",
                                          "Manufactured Home",
                                          "Manufactured On Land",
                                          "Mixed Use",
                                          "Mobile Home",
                                          "Multi Family",
                                          "Office",
                                          "Own Your Own",
                                          "Quadruplex",
                                          "Ranch",
                                          "Retail",
                                          "Single Family Residence",
                                          "Stock Cooperative",
                                          "Timeshare",
                                          "Townhouse",
                                          "Triplex",
                                          "Unimproved Land",
                                          "Warehouse",
                                          NULL};

    return field == STATUS ? status : field == PROPERTY_TYPE ? type : field == STANDARD_STATUS ? standard : subtype;
}

/* ---- texts ---- */

static const char *const cities[] = {
    "Austin",
    "Austin",
    "Austin",
    "austin",
    "Houston",
    "Houston",
    "Seattle",
    "Stra\u00dfburg",
    "STRA\u1e9eBURG",
    "Strassburg",
    "\u0130zmir",
    "izmir",
    "Izmir",
    "\u03a3\u03ac\u03bc\u03bf\u03c2",
    "\u03a3\u0386\u039c\u039f\u03a3",
    "Z\u00fcrich",
    "Zu\u0308rich",
    "Z\u00dcRICH",
    "100% City",
    "100x City",
    "a_b",
    "axb",
    "Back\\slash",
    "O'Fallon",
    "San Jos\u00e9",
    "\u212aelvin",
    "kelvin",
    "\u6771\u4eac",
    "\u041c\u043e\u0441\u043a\u0432\u0430",
    "\u041c\u041e\u0421\u041a\u0412\u0410",
    "\u212bngstr\u00f6m",
    "\u00c5ngstr\u00f6m",
};
static const char *const zips[] = {"78701", "78704",   "78745",   "787",   "02134", "2134",       "98178",
                                   "98125", "K1A 0B1", "k1a 0b1", "78_04", "787%",  "10001-1234", "\u00e9-1"};
static const char *const states[] = {"TX", "tx", "CA", "New York", "\u00cele-de-France", "WA"};
static const char *const countries[] = {"US", "US", "DE", "CA", "TR"};
static const char *const currencies[] = {"USD", "USD", "USD", "USD", "EUR", "CAD"};
static const char *const words[] = {
    "bungalow",
    "Bungalow",
    "creek",
    "Creek",
    "sunny",
    "SUNNY",
    "loft",
    "garden",
    "Gar\u017fden",
    "stra\u00dfe",
    "STRASSE",
    "STRA\u1e9eE",
    "caf\u00e9",
    "cafe\u0301",
    "CAF\u00c9",
    "na\u00efve",
    "\u0130stanbul",
    "istanbul",
    "I\u015fbank",
    "\u03bf\u03b4\u03cc\u03c2",
    "\u039f\u0394\u038c\u03a3",
    "100%",
    "50%off",
    "under_score",
    "under score",
    "back\\slash",
    "O'Brien",
    "\"quoted\"",
    "\U0001f3e1",
    "\u2764\ufe0f",
    "\ufb01re",
    "fire",
    "\u01c4ep",
    "\u01c6ep",
    "\u212a9",
    "k9",
    "\u00b5m",
    "\u03bcm",
    "\u6771\u4eac\u5854",
    "\uc11c\uc6b8",
    "\u041c\u043e\u0439",
    "\u043c\u043e\u0438",
    "\U00010400x",
    "\U00010428x",
    "3-bed",
    "2bath",
    "zq",
    "zz",
    "a",
    "b",
    "pool",
    "view",
    "quiet",
    "street",
    "park",
    "Park",
    "new",
    "old",
    "stone",
    "brick",
    "wood",
    "lake",
    "hill",
    "north",
    "south",
    "bright",
    "corner",
    "modern",
    "classic",
    "family",
    "abcdefghijklmnopqrstuvwxyz012345",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "<script>",
    "or",
};
#define PICK(list) list[random_below(sizeof(list) / sizeof((list)[0]))]

static void append(char **text, size_t *size, const char *more)
{
    size_t extra = strlen(more);

    *text = realloc(*text, *size + extra + 1);
    memcpy(*text + *size, more, extra + 1);
    *size += extra;
}

static char *phrase(size_t least, size_t most, const char *first)
{
    size_t count = (size_t)random_between((int64_t)least, (int64_t)most), size = 0;
    char *text = NULL;

    append(&text, &size, first);
    for (size_t i = 0; i < count; i++) {
        append(&text, &size, size > 0 ? (chance(85) ? " " : ", ") : "");
        append(&text, &size, PICK(words));
    }
    return text;
}

/* Exactly so many code points. */
static char *cut(char *text, size_t points)
{
    const char *at = text;

    for (size_t i = 0; i < points && *at != '\0'; i++)
        next_point(&at);
    text[at - text] = '\0';
    return text;
}

static void set_text(struct row *row, enum field field, const char *text)
{
    row->v[field].null = text == NULL;
    row->v[field].text = text == NULL ? NULL : strdup(text);
}

static void draft_texts(struct row *row, size_t number)
{
    char *text;

    text = number % 97 == 0 ? cut(phrase(120, 130, ""), 255) : phrase(1, 5, "");
    set_text(row, TITLE, text);
    free(text);
    text = phrase(1, 3, pool_text("%zu", random_below(400) + 1));
    set_text(row, ADDRESS, text);
    free(text);
    if (chance(84)) {
        text = number % 499 == 7 ? cut(phrase(3000, 3200, ""), 20000) : phrase(chance(5) ? 0 : 3, 40, "");
        set_text(row, DESCRIPTION, text);
        free(text);
    } else {
        set_text(row, DESCRIPTION, NULL);
    }
    set_text(row, CITY, PICK(cities));
    set_text(row, STATE, PICK(states));
    set_text(row, ZIP_CODE, PICK(zips));
    set_text(row, COUNTRY, chance(86) ? PICK(countries) : NULL);
    set_text(row, CURRENCY, PICK(currencies));
    set_text(row, LISTING_ID, !chance(85) ? NULL : pool_text("%s-%zu", chance(50) ? "MLS" : "mls\u00df", number % 600));
}

/* ---- numbers ---- */

static void set_number(struct row *row, enum field field, bool null, int64_t number)
{
    row->v[field].null = null;
    row->v[field].number = null ? 0 : number;
}

static int64_t money(void)
{
    static const int64_t odd[] = {1,
                                  2,
                                  99,
                                  100,
                                  101,
                                  10000000,
                                  10000001,
                                  9999999,
                                  10000050,
                                  10000049,
                                  99999999999999,
                                  99999999999998,
                                  50000000,
                                  49999999,
                                  50000001};

    if (chance(15))
        return PICK(odd);
    return chance(50) ? random_between(10, 120) * 1000000 : random_between(10000, 150000000);
}

static void draft_numbers(struct row *row)
{
    static const int64_t baths[] = {0, 100, 150, 175, 200, 225, 250, 300, 9975, 9974};

    set_number(row, PRICE, false, money());
    set_number(row, ORIGINAL_PRICE, chance(20), chance(40) ? row->v[PRICE].number : money());
    set_number(row, BEDS, chance(14), chance(96) ? random_between(0, 7) : chance(50) ? 999 : 998);
    set_number(row, BATHS, chance(14), PICK(baths));
    set_number(row, SQFT, chance(14), chance(94) ? random_between(300, 6000) : chance(50) ? 0 : 99999999);
    set_number(row, LOT_SQFT, chance(14), chance(94) ? random_between(0, 200) * 100 : 99999999);
    set_number(row, YEAR_BUILT, chance(14), chance(95) ? random_between(1890, 2026) : chance(50) ? 1500 : 2200);
}

static void draft_place(struct row *row)
{
    static const int64_t centres[][2] = {{3026700000, -9774300000},   {3026700000, -9774300000},
                                         {4760620000, -12233210000},  {-1780000000, 17990000000},
                                         {-1780000000, -17990000000}, {0, 0}};
    static const int64_t ends[][2] = {{9000000000, 0}, {-9000000000, 18000000000}, {0, 18000000000}, {0, -18000000000},
                                      {1, -1},         {8999999999, -17999999999}};
    const int64_t *centre = PICK(centres);
    int64_t spread = chance(50) ? 1000000 : 30000000;
    bool null = chance(14);
    int64_t latitude = centre[0] + random_between(-spread, spread);
    int64_t longitude = centre[1] + random_between(-spread, spread);

    if (chance(20)) { /* a grid, so that places share lines and points */
        latitude = latitude / 1000000 * 1000000;
        longitude = longitude / 1000000 * 1000000;
    }
    if (chance(3)) {
        const int64_t *end = PICK(ends);

        latitude = end[0];
        longitude = end[1];
    }
    if (longitude > 18000000000)
        longitude -= 36000000000;
    if (longitude < -18000000000)
        longitude += 36000000000;
    set_number(row, LATITUDE, null, latitude);
    set_number(row, LONGITUDE, null, longitude);
}

static void set_word(struct row *row, enum field field, size_t code) /* from 1; 0: null */
{
    row->v[field].null = code == 0;
    row->v[field].number = (int64_t)code;
    row->v[field].text = code == 0 ? NULL : words_of_enum(field)[code - 1];
}

void set_standard(struct row *row, size_t standard)
{
    static const size_t status[] = {0, 1, 2, 0, 3, 0, 0, 0, 0, 0, 2, 0}; /* domain.md D8, by code of standard_status */

    set_word(row, STANDARD_STATUS, standard);
    set_word(row, STATUS, status[standard]);
}

static void draft_status(struct row *row, int64_t now)
{
    static const size_t common[] = {1, 1, 1, 1, 1, 1, 2, 4, 4, 4, 10, 10}; /* Active ... Closed, Pending */
    size_t standard = chance(82) ? PICK(common) : (size_t)random_between(1, 11);
    int64_t today = now / INT64_C(86400000000);
    int64_t listed = today - random_between(chance(4) ? -20 : 0, chance(70) ? 120 : 2000);

    set_standard(row, standard);
    set_word(row, PROPERTY_TYPE, (size_t)random_between(1, 4));
    set_word(row, PROPERTY_SUBTYPE, chance(86) ? (size_t)random_between(1, 28) : 0);
    set_number(row, LIST_DATE, chance(14), listed);
    set_number(row, CLOSE_DATE, standard != 4, listed + random_between(0, 90));
    set_number(row, CLOSE_PRICE, standard != 4 || chance(20), money());
}

void draft_row(struct row *out, size_t number, int64_t now)
{
    pool_reset();
    draft_texts(out, number);
    draft_numbers(out);
    draft_place(out);
    draft_status(out, now);
    set_number(out, DISPLAY_OK, false, chance(88));
    out->address_ok = chance(75);
}

static bool is_text(int field)
{
    return field_table[field].kind == TEXT || field_table[field].kind == LONG_TEXT;
}

void finish_row(struct row *row)
{
    for (int field = 0; field < FIELDS; field++)
        if (row->v[field].text != NULL && is_text(field))
            row->v[field].folded = fold(row->v[field].text);
    split_words(&row->title, row->v[TITLE].text);
    split_words(&row->place, row->v[CITY].text);
    split_words(&row->place, row->v[ZIP_CODE].text);
    split_words(&row->address, row->v[ADDRESS].text);
    if (!row->v[DESCRIPTION].null)
        split_words(&row->description, row->v[DESCRIPTION].text);
}

static void free_words(struct words *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->word[i]);
    free(list->word);
}

void free_row(struct row *row)
{
    for (int field = 0; field < FIELDS; field++)
        if (is_text(field)) {
            free((char *)row->v[field].text);
            free((char *)row->v[field].folded);
        }
    free_words(&row->title);
    free_words(&row->place);
    free_words(&row->address);
    free_words(&row->description);
}
