/** @file property.h  Listings: records, and what can be done with them. */
#ifndef HOMECONNECT_PROPERTY_H
#define HOMECONNECT_PROPERTY_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_property_set_null() and hc_property_is_null(). */
#define HC_PROPERTY_ID                 0
#define HC_PROPERTY_AGENT_ID           1
#define HC_PROPERTY_TITLE              2
#define HC_PROPERTY_DESCRIPTION        3
#define HC_PROPERTY_PRICE              4
#define HC_PROPERTY_ADDRESS            5
#define HC_PROPERTY_CITY               6
#define HC_PROPERTY_STATE              7
#define HC_PROPERTY_ZIP_CODE           8
#define HC_PROPERTY_BEDS               9
#define HC_PROPERTY_BATHS              10
#define HC_PROPERTY_SQFT               11
#define HC_PROPERTY_PROPERTY_TYPE      12
#define HC_PROPERTY_STATUS             13
#define HC_PROPERTY_CREATED_AT         14
#define HC_PROPERTY_UPDATED_AT         15
#define HC_PROPERTY_VERSION            16
#define HC_PROPERTY_DELETED_AT         17
#define HC_PROPERTY_CURRENCY           18
#define HC_PROPERTY_COUNTRY            19
#define HC_PROPERTY_PROPERTY_SUBTYPE   20
#define HC_PROPERTY_LATITUDE           21
#define HC_PROPERTY_LONGITUDE          22
#define HC_PROPERTY_LOT_SQFT           23
#define HC_PROPERTY_YEAR_BUILT         24
#define HC_PROPERTY_LISTING_ID         25
#define HC_PROPERTY_STANDARD_STATUS    26
#define HC_PROPERTY_LIST_DATE          27
#define HC_PROPERTY_ORIGINAL_PRICE     28
#define HC_PROPERTY_CLOSE_PRICE        29
#define HC_PROPERTY_CLOSE_DATE         30
#define HC_PROPERTY_SOURCE_SYSTEM      31
#define HC_PROPERTY_SOURCE_KEY         32
#define HC_PROPERTY_DISPLAY_OK         33
#define HC_PROPERTY_DISPLAY_ADDRESS_OK 34
#define HC_PROPERTY_TIME_ZONE          35
#define HC_PROPERTY_EXCLUSIVE_SHOWINGS 36
#define HC_PROPERTY_STATUS_CHANGED_AT  37
#define HC_PROPERTY_PRICE_CHANGED_AT   38
#define HC_PROPERTY_PREVIOUS_PRICE     39
#define HC_PROPERTY_PRICE_PER_SQFT     40
#define HC_PROPERTY_PRICE_REDUCED      41
#define HC_PROPERTY_DAYS_TO_CLOSE      42
#define HC_PROPERTY_EXTRAS             43

/* Types. */
#define HC_PROPERTY_HOUSE     1
#define HC_PROPERTY_APARTMENT 2
#define HC_PROPERTY_CONDO     3
#define HC_PROPERTY_LAND      4

/* Statuses. */
#define HC_PROPERTY_STATUS_ACTIVE  1
#define HC_PROPERTY_STATUS_PENDING 2
#define HC_PROPERTY_STATUS_SOLD    3

/* RESO StandardStatus (Data Dictionary 2.0). */
#define HC_PROPERTY_STANDARD_ACTIVE                1
#define HC_PROPERTY_STANDARD_ACTIVE_UNDER_CONTRACT 2
#define HC_PROPERTY_STANDARD_CANCELED              3
#define HC_PROPERTY_STANDARD_CLOSED                4
#define HC_PROPERTY_STANDARD_COMING_SOON           5
#define HC_PROPERTY_STANDARD_DELETE                6
#define HC_PROPERTY_STANDARD_EXPIRED               7
#define HC_PROPERTY_STANDARD_HOLD                  8
#define HC_PROPERTY_STANDARD_INCOMPLETE            9
#define HC_PROPERTY_STANDARD_PENDING               10
#define HC_PROPERTY_STANDARD_WITHDRAWN             11

/* RESO PropertySubType (Data Dictionary 2.0). */
#define HC_PROPERTY_SUBTYPE_AGRICULTURE             1
#define HC_PROPERTY_SUBTYPE_APARTMENT               2
#define HC_PROPERTY_SUBTYPE_BOAT_SLIP               3
#define HC_PROPERTY_SUBTYPE_BUSINESS                4
#define HC_PROPERTY_SUBTYPE_CABIN                   5
#define HC_PROPERTY_SUBTYPE_CONDOMINIUM             6
#define HC_PROPERTY_SUBTYPE_DEEDED_PARKING          7
#define HC_PROPERTY_SUBTYPE_DUPLEX                  8
#define HC_PROPERTY_SUBTYPE_FARM                    9
#define HC_PROPERTY_SUBTYPE_HOTEL_MOTEL             10
#define HC_PROPERTY_SUBTYPE_INDUSTRIAL              11
#define HC_PROPERTY_SUBTYPE_MANUFACTURED_HOME       12
#define HC_PROPERTY_SUBTYPE_MANUFACTURED_ON_LAND    13
#define HC_PROPERTY_SUBTYPE_MIXED_USE               14
#define HC_PROPERTY_SUBTYPE_MOBILE_HOME             15
#define HC_PROPERTY_SUBTYPE_MULTI_FAMILY            16
#define HC_PROPERTY_SUBTYPE_OFFICE                  17
#define HC_PROPERTY_SUBTYPE_OWN_YOUR_OWN            18
#define HC_PROPERTY_SUBTYPE_QUADRUPLEX              19
#define HC_PROPERTY_SUBTYPE_RANCH                   20
#define HC_PROPERTY_SUBTYPE_RETAIL                  21
#define HC_PROPERTY_SUBTYPE_SINGLE_FAMILY_RESIDENCE 22
#define HC_PROPERTY_SUBTYPE_STOCK_COOPERATIVE       23
#define HC_PROPERTY_SUBTYPE_TIMESHARE               24
#define HC_PROPERTY_SUBTYPE_TOWNHOUSE               25
#define HC_PROPERTY_SUBTYPE_TRIPLEX                 26
#define HC_PROPERTY_SUBTYPE_UNIMPROVED_LAND         27
#define HC_PROPERTY_SUBTYPE_WAREHOUSE               28

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty property for hc_property_create().
 *
 * @return Free with hc_property_free(). NULL without memory, which every call that takes a property reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_property *hc_property_new(hc_client *client);

/**
 * A record to change a property that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_property_get() or a page; it need not live on.
 * @return Free with hc_property_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_property *hc_property_edit(const hc_property *row);

/**
 * A record to change a property by id, at the version that the caller read.
 *
 * @return Free with hc_property_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_property *hc_property_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_property_new(), _edit(), _for() or _get() made; NULL is fine. @note Thread-safe. Does not
 * block. Since 0.1. */
HC_API void hc_property_free(hc_property *property);

/**
 * Clear a field, so that the next create or update writes null.
 *
 * @param field  HC_PROPERTY_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_null(hc_property *property, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_property_is_null(const hc_property *property, int32_t field);

/**
 * A record as JSON: names of the columns, decimals as strings, times RFC 3339, ids as UUID text, enums as words. What
 * the reader may not see is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_property_to_json(hc_text **out, const hc_property *property, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears. Decimals may also be plain JSON numbers
 * and are taken exactly as spelled.
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist; HC_ERR_FORBIDDEN naming one that
 * only the library writes. After a failure the record is good for hc_property_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_property_from_json(hc_property *property, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** Id. RESO ListingKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_property_id(const hc_property *property);

/** Id of the listing's agent; all zero when null. RESO ListAgentKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_property_agent_id(const hc_property *property);
/**
 * Set it: the id of a user with an agent's profile. By an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_property_set_agent_id(hc_property *property, hc_id id);

/** Title. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_title(const hc_property *property);
/**
 * Set it: 1 to 255 code points. Required. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_title(hc_property *property, const char *text);

/** Description; NULL when null. RESO PublicRemarks. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_description(const hc_property *property);
/**
 * Set it: at most 20,000 code points, or NULL. By the listing's agent or an admin. @note One record, one thread. Does
 * not block. Since 0.1.
 */
HC_API void hc_property_set_description(hc_property *property, const char *text);

/** Price in cents. RESO ListPrice. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_price(const hc_property *property);
/**
 * Set it: 1 to 99,999,999,999,999 cents; a change adds to the price history. Required. By the listing's agent or an
 * admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_price(hc_property *property, int64_t cents);

/**
 * Street address; NULL where it is not to be shown. RESO UnparsedAddress. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API const char *hc_property_address(const hc_property *property);
/**
 * Set it: 1 to 255 code points. Required. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_address(hc_property *property, const char *text);

/** City. RESO City. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_city(const hc_property *property);
/**
 * Set it: 1 to 100 code points. Required. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_city(hc_property *property, const char *text);

/** State or province. RESO StateOrProvince. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_state(const hc_property *property);
/**
 * Set it: 1 to 50 code points. Required. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_state(hc_property *property, const char *text);

/** Postal code. RESO PostalCode. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_zip_code(const hc_property *property);
/**
 * Set it: 1 to 20 code points, compared exactly. Required. By the listing's agent or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_zip_code(hc_property *property, const char *text);

/** Bedrooms; 0 when null. RESO BedroomsTotal. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_beds(const hc_property *property);
/** Set it: 0 to 999. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_property_set_beds(hc_property *property, int32_t count);

/** Bathrooms in hundredths; 0 when null. RESO BathroomsTotalDecimal. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_baths(const hc_property *property);
/**
 * Set it: 0 to 9975 hundredths. By the listing's agent or an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_property_set_baths(hc_property *property, int64_t hundredths);

/** Living area in square feet; 0 when null. RESO LivingArea. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_sqft(const hc_property *property);
/**
 * Set it: 0 to 99,999,999. By the listing's agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_property_set_sqft(hc_property *property, int32_t sqft);

/** HC_PROPERTY_HOUSE and its like. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_property_type(const hc_property *property);
/**
 * Set it: HC_PROPERTY_HOUSE and its like. Required. By the listing's agent or an admin. @note One record, one thread.
 * Does not block. Since 0.1.
 */
HC_API void hc_property_set_property_type(hc_property *property, int32_t type);

/** HC_PROPERTY_STATUS_, where null means off market; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_status(const hc_property *property);
/**
 * Set it: HC_PROPERTY_STATUS_; standard_status follows as Active, Pending or Closed. By the listing's agent or an
 * admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_status(hc_property *property, int32_t status);

/**
 * When it was made, in microseconds since the Unix epoch, UTC. RESO OriginalEntryTimestamp. @note Thread-safe. Does
 * not block. Since 0.1.
 */
HC_API int64_t hc_property_created_at(const hc_property *property);

/**
 * When it was last changed, in microseconds since the Unix epoch, UTC. RESO ModificationTimestamp. @note Thread-safe.
 * Does not block. Since 0.1.
 */
HC_API int64_t hc_property_updated_at(const hc_property *property);

/** The version, 1 and up, that an update names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_version(const hc_property *property);

/**
 * When it was deleted, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API int64_t hc_property_deleted_at(const hc_property *property);

/** ISO 4217 code of the price. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_currency(const hc_property *property);
/**
 * Set it: three capital letters; the client's when it is not set. By the listing's agent or an admin. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_currency(hc_property *property, const char *text);

/** ISO 3166-1 code of the country; NULL when null. RESO Country. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_country(const hc_property *property);
/**
 * Set it: two capital letters, or NULL. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_country(hc_property *property, const char *text);

/** HC_PROPERTY_SUBTYPE_; 0 when null. RESO PropertySubType. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_property_subtype(const hc_property *property);
/**
 * Set it: HC_PROPERTY_SUBTYPE_. By the listing's agent or an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_property_set_property_subtype(hc_property *property, int32_t subtype);

/** Latitude in 1e-8 degrees; 0 when null. RESO Latitude. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_latitude(const hc_property *property);
/**
 * Set it: -9,000,000,000 to 9,000,000,000 of 1e-8 degrees. By the listing's agent or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_latitude(hc_property *property, int64_t units);

/** Longitude in 1e-8 degrees; 0 when null. RESO Longitude. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_longitude(const hc_property *property);
/**
 * Set it: -18,000,000,000 to 18,000,000,000 of 1e-8 degrees. By the listing's agent or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_longitude(hc_property *property, int64_t units);

/**
 * Size of the lot in square feet; 0 when null. RESO LotSizeSquareFeet. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_property_lot_sqft(const hc_property *property);
/**
 * Set it: 0 to 99,999,999. By the listing's agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_property_set_lot_sqft(hc_property *property, int32_t sqft);

/** Year of building; 0 when null. RESO YearBuilt. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_year_built(const hc_property *property);
/**
 * Set it: 1500 to 2200. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_year_built(hc_property *property, int32_t year);

/**
 * Number of the listing that people use; NULL when null. RESO ListingId. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_property_listing_id(const hc_property *property);
/**
 * Set it: 1 to 255 code points, or NULL. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_listing_id(hc_property *property, const char *text);

/** HC_PROPERTY_STANDARD_; 0 when null. RESO StandardStatus. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_standard_status(const hc_property *property);
/**
 * Set it: HC_PROPERTY_STANDARD_; only the moves of domain.md D8; status follows. By the listing's agent or an admin.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_standard_status(hc_property *property, int32_t status);

/**
 * First day on the market, in days since the Unix epoch; 0 when null. RESO OnMarketDate. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API int32_t hc_property_list_date(const hc_property *property);
/**
 * Set it: days since the Unix epoch; today when the listing becomes active without one. By the listing's agent or an
 * admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_list_date(hc_property *property, int32_t days);

/** First price in cents; 0 when null. RESO OriginalListPrice. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_original_price(const hc_property *property);
/**
 * Set it: 1 to 99,999,999,999,999 cents. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_original_price(hc_property *property, int64_t cents);

/** Price it was sold at, in cents; 0 when null. RESO ClosePrice. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_close_price(const hc_property *property);
/**
 * Set it: 1 to 99,999,999,999,999 cents. By the listing's agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_close_price(hc_property *property, int64_t cents);

/**
 * Day it was sold, in days since the Unix epoch; 0 when null. RESO CloseDate. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API int32_t hc_property_close_date(const hc_property *property);
/**
 * Set it: days since the Unix epoch; today when the listing is closed without one, null with close_price when it is
 * closed no more. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_close_date(hc_property *property, int32_t days);

/** System it was imported from; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_source_system(const hc_property *property);
/**
 * Set it: 1 to 64 bytes, or NULL; unique together with source_key. By an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_property_set_source_system(hc_property *property, const char *text);

/** Its key in that system; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_source_key(const hc_property *property);
/** Set it: 1 to 255 bytes, or NULL. By an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_property_set_source_key(hc_property *property, const char *text);

/** 1 when the public may see it. RESO InternetEntireListingDisplayYN. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_display_ok(const hc_property *property);
/** Set it: 0 or 1. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_property_set_display_ok(hc_property *property, int32_t on);

/**
 * 1 when the public may see its address and coordinates. RESO InternetAddressDisplayYN. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API int32_t hc_property_display_address_ok(const hc_property *property);
/** Set it: 0 or 1. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_property_set_display_address_ok(hc_property *property, int32_t on);

/** IANA name of its time zone; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_time_zone(const hc_property *property);
/**
 * Set it: 1 to 64 code points, such as "America/Chicago", or NULL. By the listing's agent or an admin. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_time_zone(hc_property *property, const char *text);

/** 1 when only one viewing may take place at a time. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_exclusive_showings(const hc_property *property);
/** Set it: 0 or 1. By the listing's agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_property_set_exclusive_showings(hc_property *property, int32_t on);

/**
 * When standard_status last changed, in microseconds since the Unix epoch, UTC; 0 when null. RESO
 * StatusChangeTimestamp. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_property_status_changed_at(const hc_property *property);

/**
 * When the price last changed, in microseconds since the Unix epoch, UTC; 0 when null. RESO PriceChangeTimestamp.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_property_price_changed_at(const hc_property *property);

/**
 * Price before the last change, in cents; 0 when null. RESO PreviousListPrice. @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API int64_t hc_property_previous_price(const hc_property *property);

/** Price for each square foot, in cents; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_property_price_per_sqft(const hc_property *property);

/** 1 when the price is below the original one. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_price_reduced(const hc_property *property);

/** Days from list_date to close_date; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_days_to_close(const hc_property *property);

/**
 * Fields of an import that have no column, as canonical JSON; for the agent and admins; NULL when null. @note Thread-
 * safe. Does not block. Since 0.1.
 */
HC_API const char *hc_property_extras(const hc_property *property);
/**
 * Set it: a JSON object or array of at most 64 KiB, or NULL. By the listing's agent or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_property_set_extras(hc_property *property, const char *json);

/* ---- operations ----------------------------------------------------------------------------------------------- */

/**
 * Make a listing.
 *
 * An agent's listing is their own; an admin or the system names the agent with hc_property_set_agent_id(). Without a
 * status it is active, without a currency in the client's, and its original price is its price.
 *
 * @param[out] out       The new id, or all zero on failure.
 * @param      property  Title, price, address, city, state, zip code and type are required.
 * @return HC_OK; HC_ERR_FORBIDDEN unless the caller is an admin or an agent with a valid licence (field
 * "license_number"), or for a field that is not theirs to set; HC_ERR_INVALID naming the field; HC_ERR_CONFLICT, field
 * "source_key", when the source's key is known; HC_NOTE_REPLAYED for a repeat by idempotency key.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_create(hc_id *out, hc_session *as, const hc_property *property, hc_error *err);

/**
 * Read a listing: everybody reads public ones, an agent their own in any status, an admin all. Where the address is not
 * to be shown, address and coordinates are null for everybody else.
 *
 * @param[out] out  Free with hc_property_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND, also when the caller may not see it.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_get(hc_property **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many listings in one call.
 *
 * @param[out] out    The listings found, in the order of `ids`, each once. Free with hc_property_page_free(); NULL on
 *                    failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing or not to be seen; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_get_many(hc_property_page **out, hc_session *as, const hc_id *ids, size_t count,
                                      hc_error *err);

/**
 * List properties that match a query, in a total order: its sort keys, then id.
 *
 * Everyone sees public listings; with hc_query_set_scope(q, HC_SCOPE_OWN) an agent sees their own, in any status.
 *
 * @param[out] out    A page of at most hc_query_limit() rows, or NULL on failure. Free with hc_property_page_free().
 * @param      query  NULL: all public listings, newest first.
 * @return HC_OK, also for an empty page; HC_ERR_INVALID if the cursor was made for another query or identity;
 *         HC_ERR_TOO_BROAD naming the clause when too many rows would have to be sorted; HC_ERR_TIMEOUT past the
 * session's deadline; HC_ERR_UNAVAILABLE if the store cannot be reached.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_list(hc_property_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Change the fields that were set on `changes`, and only those.
 *
 * The record comes from hc_property_edit() or hc_property_for(), so that it names the version it was read at. A change
 * of price or status adds a history row in the same transaction.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see the listing; HC_ERR_FORBIDDEN if they may see but not
 * change it; HC_ERR_CONFLICT if it changed since it was read (hc_error.detail is the current version);
 *         HC_ERR_INVALID_STATE for a move of the status that is not allowed, with those that are; HC_ERR_INVALID naming
 * the field.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_update(int32_t *out_version, hc_session *as, const hc_property *changes, hc_error *err);

/**
 * Delete a listing softly: nobody finds it any more, and it can be restored.
 *
 * @param version  That it was read at.
 * @return HC_OK; HC_ERR_NOT_FOUND, HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as hc_property_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_delete(hc_session *as, hc_id id, int32_t version, hc_error *err);

/**
 * Take a deletion back: for the listing's agent and admins.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_NOTE_SAME when it is not deleted; HC_ERR_NOT_FOUND, also after a purge; HC_ERR_FORBIDDEN;
 *         HC_ERR_INVALID, field "agent_id", when its agent has no profile any more.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_restore(int32_t *out_version, hc_session *as, hc_id id, hc_error *err);

/**
 * Remove a deleted listing, its history, documents and favorites for good: for admins.
 *
 * @return HC_OK; HC_ERR_INVALID_STATE unless it was deleted first, and while leads or appointments are on record for it
 *         (hc_error.detail is how many); HC_ERR_NOT_FOUND; HC_ERR_FORBIDDEN.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_purge(hc_session *as, hc_id id, hc_error *err);

/* ---- facets ----------------------------------------------------------------------------------------------------- */

#define HC_FACET_CITY   1 /**< The 100 cities with the most listings. */
#define HC_FACET_TYPE   2 /**< HC_PROPERTY_HOUSE and its like. */
#define HC_FACET_STATUS 3 /**< HC_PROPERTY_STATUS_; 0 for off market. */
#define HC_FACET_PRICE  4 /**< Bands of price in the client's currency, or in those that the filter names. */

/** Counts of the listings that a query matches. */
typedef struct hc_facets hc_facets;

/**
 * Count what a query matches, by city, type, status and price band, in one snapshot and under the same rules as
 * hc_property_list(). Its sort, limit and cursor do not matter.
 *
 * @param[out] out    Free with hc_facets_free(); NULL on failure.
 * @param      query  NULL: all public listings.
 * @return HC_OK; HC_ERR_TOO_BROAD when more than 50,000 rows would have to be examined one by one; HC_ERR_TIMEOUT.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_facets(hc_facets **out, hc_session *as, const hc_query *query, hc_error *err);

/** Listings that match in all. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_facets_total(const hc_facets *facets);
/** Buckets of one HC_FACET_ that are not empty: prices rising, the others by falling count, then name.
 *  @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_facets_count(const hc_facets *facets, int32_t facet);
/** Listings in a bucket; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_facets_size(const hc_facets *facets, int32_t facet, size_t index);
/** A bucket's word, such as "house", or a city in its most frequent spelling; NULL for off market, a price band, and
 * past the end. Borrowed until the facets are freed. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_facets_name(const hc_facets *facets, int32_t facet, size_t index);
/** The code of a type or status; the least price of a band in cents; 0 for a city. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_facets_low(const hc_facets *facets, int32_t facet, size_t index);
/** The price in cents that a band stays below, 0 for the highest band and for the other facets.
 *  @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_facets_high(const hc_facets *facets, int32_t facet, size_t index);
/** Free facets; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_facets_free(hc_facets *facets);

/* ---- history -------------------------------------------------------------------------------------------------------- */

/* What changed. */
#define HC_HISTORY_PRICE  1
#define HC_HISTORY_STATUS 2

/** Changes of a listing's price and status. RESO HistoryTransactional. */
typedef struct hc_history hc_history;

/**
 * Read how a listing's price and status changed, newest first. Who may read the listing may read it; who changed it is
 * told to its agent and admins only.
 *
 * @param[out] out     Free with hc_history_free(); NULL on failure.
 * @param      limit   1 to 200 changes; 0: 25.
 * @param      cursor  NULL, or hc_history_cursor() of the page before.
 * @return HC_OK, also when nothing ever changed; HC_ERR_NOT_FOUND when the caller may not see the listing; HC_ERR_INVALID,
 *         field "limit" or "cursor".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_property_history(hc_history **out, hc_session *as, hc_id property_id, int32_t limit,
                                     const char *cursor, hc_error *err);

/** Changes in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_history_count(const hc_history *history);
/** HC_HISTORY_PRICE or HC_HISTORY_STATUS; 0 past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_history_what(const hc_history *history, size_t index);
/** The price before in cents, or the HC_PROPERTY_STANDARD_ status; 0 when there was none. RESO PreviousValue.
 *  @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_history_old_value(const hc_history *history, size_t index);
/** The price after in cents, or the HC_PROPERTY_STANDARD_ status. RESO NewValue. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_history_new_value(const hc_history *history, size_t index);
/** The currency of a price; NULL for a status and past the end. Borrowed until the history is freed.
 *  @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_history_currency(const hc_history *history, size_t index);
/** When it changed, in microseconds since the Unix epoch, UTC. RESO ModificationTimestamp. @note Thread-safe. Does not
 *  block. Since 0.1. */
HC_API int64_t hc_history_created_at(const hc_history *history, size_t index);
/** The listing's version after it. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_history_version(const hc_history *history, size_t index);
/** Who changed it; all zero for the system, and for whom it is not to be told to. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API hc_id hc_history_actor_id(const hc_history *history, size_t index);
/** The cursor of the next page, older changes; NULL on the last. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_history_cursor(const hc_history *history);
/** Free a history; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_history_free(hc_history *history);

/* ---- pages ---------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_property_page_count(const hc_property_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_property *hc_property_page_at(const hc_property_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_property_page_cursor(const hc_property_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_property_page_previous_cursor(const hc_property_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_property_page_has_more(const hc_property_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_property_page_total(const hc_property_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_property_page_total_is_exact(const hc_property_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_property_page_is_short(const hc_property_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_property_page_free(hc_property_page *page);

#ifdef __cplusplus
}
#endif

#endif
