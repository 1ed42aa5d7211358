/** @file agent.h  Profiles of agents: agency, licence, hours. The person is a user. */
#ifndef HOMECONNECT_AGENT_H
#define HOMECONNECT_AGENT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_agent_set_null() and hc_agent_is_null(). */
#define HC_AGENT_USER_ID             0
#define HC_AGENT_AGENCY_NAME         1
#define HC_AGENT_LICENSE_NUMBER      2
#define HC_AGENT_BIO                 3
#define HC_AGENT_RATING              4
#define HC_AGENT_TOTAL_SALES         5
#define HC_AGENT_COMMISSION_RATE     6
#define HC_AGENT_LICENSE_STATE       7
#define HC_AGENT_LICENSE_EXPIRES_ON  8
#define HC_AGENT_LICENSE_VERIFIED_AT 9
#define HC_AGENT_TIME_ZONE           10
#define HC_AGENT_BUFFER_BEFORE       11
#define HC_AGENT_BUFFER_AFTER        12
#define HC_AGENT_MIN_NOTICE          13
#define HC_AGENT_AUTO_CONFIRM        14
#define HC_AGENT_CAPACITY            15
#define HC_AGENT_ACCEPTING_LEADS     16
#define HC_AGENT_WORKING_HOURS       17
#define HC_AGENT_EXCEPTIONS          18
#define HC_AGENT_SERVICE_AREAS       19
#define HC_AGENT_VERSION             20
#define HC_AGENT_CREATED_AT          21
#define HC_AGENT_UPDATED_AT          22

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty agent for hc_agent_create().
 *
 * @return Free with hc_agent_free(). NULL without memory, which every call that takes a agent reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_agent *hc_agent_new(hc_client *client);

/**
 * A record to change an agent that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_agent_get() or a page; it need not live on.
 * @return Free with hc_agent_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_agent *hc_agent_edit(const hc_agent *row);

/**
 * A record to change an agent by id, at the version that the caller read.
 *
 * @return Free with hc_agent_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_agent *hc_agent_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_agent_new(), _edit(), _for() or _get() made; NULL is fine. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API void hc_agent_free(hc_agent *agent);

/**
 * Clear a field, so that the next create or update writes null.
 *
 * @param field  HC_AGENT_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_agent_set_null(hc_agent *agent, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_agent_is_null(const hc_agent *agent, int32_t field);

/**
 * A record as JSON: names of the columns, decimals as strings, times RFC 3339, ids as UUID text, enums as words. What
 * the reader may not see is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_agent_to_json(hc_text **out, const hc_agent *agent, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears. Decimals may also be plain JSON numbers
 * and are taken exactly as spelled.
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist; HC_ERR_FORBIDDEN naming one that
 * only the library writes. After a failure the record is good for hc_agent_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_agent_from_json(hc_agent *agent, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** Id of the user, and of the profile. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_agent_user_id(const hc_agent *agent);
/**
 * Set it: the id of a user of role agent; cannot be changed. Required. By an admin. @note One record, one thread. Does
 * not block. Since 0.1.
 */
HC_API void hc_agent_set_user_id(hc_agent *agent, hc_id id);

/** Name of the agency; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_agency_name(const hc_agent *agent);
/**
 * Set it: 1 to 100 code points, or NULL. By the agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_agent_set_agency_name(hc_agent *agent, const char *text);

/** Number of the licence; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_license_number(const hc_agent *agent);
/**
 * Set it: 1 to 50 code points, or NULL. By the agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_agent_set_license_number(hc_agent *agent, const char *text);

/** What the agent says about themselves; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_bio(const hc_agent *agent);
/**
 * Set it: at most 4,000 code points, or NULL. By the agent or an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_agent_set_bio(hc_agent *agent, const char *text);

/** Mean of reviews in hundredths, 0 to 500; derived. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_agent_rating(const hc_agent *agent);

/** Listings sold; derived. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_total_sales(const hc_agent *agent);

/**
 * Commission in hundredths of a percent, for the agent and admins; 0 when null. @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API int64_t hc_agent_commission_rate(const hc_agent *agent);
/**
 * Set it: 0 to 10000 hundredths of a percent. By the agent or an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_agent_set_commission_rate(hc_agent *agent, int64_t hundredths);

/** State that gave the licence; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_license_state(const hc_agent *agent);
/**
 * Set it: 1 to 50 code points, or NULL. By the agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_agent_set_license_state(hc_agent *agent, const char *text);

/** Last day of the licence, in days since the Unix epoch; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_license_expires_on(const hc_agent *agent);
/**
 * Set it: days since the Unix epoch. By the agent or an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_agent_set_license_expires_on(hc_agent *agent, int32_t days);

/**
 * When an admin verified the licence, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-safe. Does
 * not block. Since 0.1.
 */
HC_API int64_t hc_agent_license_verified_at(const hc_agent *agent);
/**
 * Set it: microseconds since the Unix epoch, UTC. By an admin. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_agent_set_license_verified_at(hc_agent *agent, int64_t micros);

/** IANA name of the time zone of the working hours; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_time_zone(const hc_agent *agent);
/**
 * Set it: a zone of hc_client_options.zoneinfo, such as "America/Chicago", or NULL. By the agent or an admin. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_agent_set_time_zone(hc_agent *agent, const char *text);

/** Minutes kept free before a viewing. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_buffer_before(const hc_agent *agent);
/** Set it: 0 to 480 minutes. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_buffer_before(hc_agent *agent, int32_t minutes);

/** Minutes kept free after a viewing. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_buffer_after(const hc_agent *agent);
/** Set it: 0 to 480 minutes. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_buffer_after(hc_agent *agent, int32_t minutes);

/**
 * Minutes between booking and viewing, where null means 120; 0 when null. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API int32_t hc_agent_min_notice(const hc_agent *agent);
/** Set it: 0 to 259200 minutes. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_min_notice(hc_agent *agent, int32_t minutes);

/** 1 when viewings need no confirmation. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_auto_confirm(const hc_agent *agent);
/** Set it: 0 or 1. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_auto_confirm(hc_agent *agent, int32_t on);

/** Open leads the agent takes, where null means no limit; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_capacity(const hc_agent *agent);
/** Set it: 0 to 10000. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_capacity(hc_agent *agent, int32_t leads);

/** 1 when the agent takes new leads. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_accepting_leads(const hc_agent *agent);
/** Set it: 0 or 1. By the agent or an admin. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_agent_set_accepting_leads(hc_agent *agent, int32_t on);

/** Weekly hours in local time, as canonical JSON; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_working_hours(const hc_agent *agent);
/**
 * Set it, in the agent's time zone: {"mon":[["09:00","12:00"],["13:00","17:00"]],"sat":[]}, days mon to sun, at most 24
 * rising ranges a day, on the grid of five minutes, to "24:00" at most; a day that is not named is free of work. At most
 * 16 KiB. NULL: Monday to Friday, 09:00 to 17:00. By the agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_agent_set_working_hours(hc_agent *agent, const char *json);

/** Days off and extra hours, as canonical JSON; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_exceptions(const hc_agent *agent);
/**
 * Set it: [{"date":"2026-12-24","hours":[]},{"date":"2026-12-28","hours":[["10:00","14:00"]]}], hours of dates instead of
 * the week's, each date once; at most 64 KiB; or NULL. By the agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_agent_set_exceptions(hc_agent *agent, const char *json);

/** Areas served, as canonical JSON; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_service_areas(const hc_agent *agent);
/**
 * Set it: [{"city":"Austin","state":"TX"},{"zip":"78704"},{"zip":"787*"}], at most 200 areas and 64 KiB, or NULL. Leads
 * on listings there come to the agent when the listing's own cannot take them; capital letters do not matter. By the
 * agent or an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_agent_set_service_areas(hc_agent *agent, const char *json);

/** The version, 1 and up, that an update names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_version(const hc_agent *agent);

/** When it was made, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_agent_created_at(const hc_agent *agent);

/**
 * When it was last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_agent_updated_at(const hc_agent *agent);

/* ---- operations ----------------------------------------------------------------------------------------------- */

/**
 * Make the profile of an agent, which a user of role agent needs before they can have listings.
 *
 * @param[out] out    The user's id, or all zero on failure.
 * @param      agent  user_id is required.
 * @return HC_OK; HC_ERR_FORBIDDEN unless the caller is an admin or the system; HC_ERR_CONFLICT when the user has a
 * profile; HC_ERR_INVALID naming the field ("user_id" for a user who is no agent); HC_NOTE_REPLAYED for a repeat by
 *         idempotency key.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_create(hc_id *out, hc_session *as, const hc_agent *agent, hc_error *err);

/**
 * Read an agent's profile. Everybody sees the public card; hours, buffers, capacity and commission are null for others
 * than the agent and admins.
 *
 * @param      id   The user's id.
 * @param[out] out  Free with hc_agent_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_get(hc_agent **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many agents in one call.
 *
 * @param[out] out    The agents found, in the order of `ids`, each once. Free with hc_agent_page_free(); NULL on
 * failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_get_many(hc_agent_page **out, hc_session *as, const hc_id *ids, size_t count, hc_error *err);

/**
 * List agents that match a query, for everybody.
 *
 * @param      query  Made with hc_query_new(HC_KIND_AGENT); it may filter by rating, sales, accepting_leads and times.
 *                    NULL: all profiles of active agents, newest first.
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_agent_page_free().
 * @return HC_OK, also for an empty page; HC_ERR_INVALID if the cursor was made for another query or identity;
 *         HC_ERR_TIMEOUT past the deadline.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_list(hc_agent_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Change the fields that were set on `changes`, and only those: of one's own profile, or of any as an admin.
 *
 * Once an admin verified the licence, only an admin changes its number, state and expiry.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_ERR_NOT_FOUND; HC_ERR_FORBIDDEN if the caller may see but not change it, or set a field that is not
 *         theirs; HC_ERR_CONFLICT if it changed since it was read (hc_error.detail is the current version);
 *         HC_ERR_INVALID naming the field.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_update(int32_t *out_version, hc_session *as, const hc_agent *changes, hc_error *err);

/**
 * Remove an agent's profile. The user stays.
 *
 * @param version  That it was read at.
 * @return HC_OK; HC_ERR_INVALID_STATE when listings name the agent, or open leads are assigned to them (hc_error.detail
 *         says how many); HC_ERR_NOT_FOUND,
 *         HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as hc_agent_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_agent_delete(hc_session *as, hc_id id, int32_t version, hc_error *err);

/* ---- pages ---------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_agent_page_count(const hc_agent_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_agent *hc_agent_page_at(const hc_agent_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_agent_page_cursor(const hc_agent_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_agent_page_previous_cursor(const hc_agent_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_agent_page_has_more(const hc_agent_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_agent_page_total(const hc_agent_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_agent_page_total_is_exact(const hc_agent_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_agent_page_is_short(const hc_agent_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_agent_page_free(hc_agent_page *page);

#ifdef __cplusplus
}
#endif

#endif
