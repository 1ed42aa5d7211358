/** @file appointment.h  Viewings: an agent's free time, and what is booked in it. */
#ifndef HOMECONNECT_APPOINTMENT_H
#define HOMECONNECT_APPOINTMENT_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_appointment_set_null() and hc_appointment_is_null(). */
#define HC_APPOINTMENT_ID              0
#define HC_APPOINTMENT_LEAD_ID         1
#define HC_APPOINTMENT_AGENT_ID        2
#define HC_APPOINTMENT_PROPERTY_ID     3
#define HC_APPOINTMENT_BUYER_ID        4
#define HC_APPOINTMENT_SCHEDULED_TIME  5
#define HC_APPOINTMENT_ENDS_AT         6
#define HC_APPOINTMENT_TIME_ZONE       7
#define HC_APPOINTMENT_STATUS          8
#define HC_APPOINTMENT_METHOD          9
#define HC_APPOINTMENT_CONTACT_NAME    10
#define HC_APPOINTMENT_CONTACT_EMAIL   11
#define HC_APPOINTMENT_CONTACT_PHONE   12
#define HC_APPOINTMENT_NOTES           13
#define HC_APPOINTMENT_TOUCH_ID        14
#define HC_APPOINTMENT_HOLD_EXPIRES_AT 15
#define HC_APPOINTMENT_SEQUENCE        16
#define HC_APPOINTMENT_CANCEL_REASON   17
#define HC_APPOINTMENT_CANCELLED_BY    18
#define HC_APPOINTMENT_BUFFER_BEFORE   19
#define HC_APPOINTMENT_BUFFER_AFTER    20
#define HC_APPOINTMENT_HOLDS_PROPERTY  21
#define HC_APPOINTMENT_VERSION         22
#define HC_APPOINTMENT_CREATED_AT      23
#define HC_APPOINTMENT_UPDATED_AT      24

/* Statuses. scheduled and pending ones hold their time; completed, cancelled and declined ones do not change any more.
 */
#define HC_APPOINTMENT_STATUS_SCHEDULED 1
#define HC_APPOINTMENT_STATUS_COMPLETED 2
#define HC_APPOINTMENT_STATUS_CANCELLED 3
#define HC_APPOINTMENT_STATUS_PENDING   4
#define HC_APPOINTMENT_STATUS_DECLINED  5
#define HC_APPOINTMENT_STATUS_NO_SHOW   6

/* How the two meet. */
#define HC_APPOINTMENT_METHOD_IN_PERSON 1
#define HC_APPOINTMENT_METHOD_VIRTUAL   2

/* Whose act ended it: the buyer's or guest's, the agency's, or the library's, whose hold ran out. */
#define HC_APPOINTMENT_CANCELLED_BY_BUYER   1
#define HC_APPOINTMENT_CANCELLED_BY_AGENT   2
#define HC_APPOINTMENT_CANCELLED_BY_LIBRARY 3

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty appointment for hc_appointment_create() or hc_appointment_hold().
 *
 * @return Free with hc_appointment_free(). NULL without memory, which every call that takes an appointment reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_appointment *hc_appointment_new(hc_client *client);

/**
 * A record to change an appointment that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_appointment_get() or a page; it need not live on.
 * @return Free with hc_appointment_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_appointment *hc_appointment_edit(const hc_appointment *row);

/**
 * A record to change an appointment by id, at the version that the caller read.
 *
 * @return Free with hc_appointment_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_appointment *hc_appointment_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_appointment_new(), _edit(), _for() or _get() made; NULL is fine. @note Thread-safe. Does not
 *  block. Since 0.1. */
HC_API void hc_appointment_free(hc_appointment *appointment);

/**
 * Clear a field, so that the next create or update writes null.
 *
 * @param field  HC_APPOINTMENT_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_null(hc_appointment *appointment, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_appointment_is_null(const hc_appointment *appointment, int32_t field);

/**
 * A record as JSON: names of the columns, times RFC 3339, ids as UUID text, enums as words. What the reader may not see
 * is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_appointment_to_json(hc_text **out, const hc_appointment *appointment, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears. A time has an offset (RFC 3339); for wall
 * time of a place see hc_zone_to_utc().
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist; HC_ERR_FORBIDDEN naming one that
 * only the library writes. After a failure the record is good for hc_appointment_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_appointment_from_json(hc_appointment *appointment, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** The id. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_appointment_id(const hc_appointment *appointment);

/** The lead it belongs to; zero when null, and always to a guest. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_appointment_lead_id(const hc_appointment *appointment);
/**
 * Set it, at create: a lead that the caller may see. Required, but for a guest, whose token names it. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_lead_id(hc_appointment *appointment, hc_id id);

/**
 * The agent: the one the lead is assigned to; of one that was over when the lead went to another, whom it was with.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_id hc_appointment_agent_id(const hc_appointment *appointment);
/**
 * Set it, at create: it must be the agent of the lead. Not needed. @note One record, one thread. Does not block. Since
 * 0.1.
 */
HC_API void hc_appointment_set_agent_id(hc_appointment *appointment, hc_id id);

/** The listing; zero when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_appointment_property_id(const hc_appointment *appointment);
/**
 * Set it, at create: the listing of the lead, which need not be named; or any that the caller may see for a lead
 * without one. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_property_id(hc_appointment *appointment, hc_id id);

/** The buyer whose lead it is; zero when a guest booked it. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_appointment_buyer_id(const hc_appointment *appointment);

/** Its start, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_appointment_scheduled_time(const hc_appointment *appointment);
/**
 * Set it, at create: on the grid of five minutes, in the future, at most 180 days ahead. Required. Later
 * hc_appointment_reschedule() changes it. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_scheduled_time(hc_appointment *appointment, int64_t micros);

/** Its end, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_appointment_ends_at(const hc_appointment *appointment);
/**
 * Set it, at create: 5 to 480 minutes after the start, on the grid of five minutes; else it is 30 minutes after. @note
 * One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_ends_at(hc_appointment *appointment, int64_t micros);

/**
 * IANA name of the zone in which it is shown to people; NULL when null. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_appointment_time_zone(const hc_appointment *appointment);
/**
 * Set it: a zone that is known, or NULL; else it is that of the listing, of the agent, or "UTC". @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_appointment_set_time_zone(hc_appointment *appointment, const char *text);

/** HC_APPOINTMENT_STATUS_. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_status(const hc_appointment *appointment);

/** HC_APPOINTMENT_METHOD_; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_method(const hc_appointment *appointment);
/** Set it: HC_APPOINTMENT_METHOD_; else in person. @note One record, one thread. Does not block. Since 0.1. */
HC_API void hc_appointment_set_method(hc_appointment *appointment, int32_t method);

/** Name of who comes, for them and the agency; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_appointment_contact_name(const hc_appointment *appointment);
/**
 * Set it: 1 to 100 code points, or NULL; else it is that of the inquiry or lead. @note One record, one thread. Does
 * not block. Since 0.1.
 */
HC_API void hc_appointment_set_contact_name(hc_appointment *appointment, const char *text);

/**
 * E-mail address of who comes, for them and the agency; NULL when null. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_appointment_contact_email(const hc_appointment *appointment);
/**
 * Set it: 3 to 255 code points, or NULL; else it is that of the inquiry or lead. @note One record, one thread. Does
 * not block. Since 0.1.
 */
HC_API void hc_appointment_set_contact_email(hc_appointment *appointment, const char *text);

/**
 * Telephone number of who comes, for them and the agency; NULL when null. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API const char *hc_appointment_contact_phone(const hc_appointment *appointment);
/**
 * Set it: 1 to 20 code points, or NULL; else it is that of the inquiry or lead. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_appointment_set_contact_phone(hc_appointment *appointment, const char *text);

/** The agency's notes, for the agent and admins; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_appointment_notes(const hc_appointment *appointment);
/**
 * Set it: at most 20,000 code points, or NULL. By the agent or an admin. @note One record, one thread. Does not block.
 * Since 0.1.
 */
HC_API void hc_appointment_set_notes(hc_appointment *appointment, const char *text);

/** The inquiry it was booked with, for the agency; zero when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_appointment_touch_id(const hc_appointment *appointment);

/**
 * When a pending one ends unless it is answered, in microseconds since the Unix epoch, UTC; 0 when null. @note Thread-
 * safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_appointment_hold_expires_at(const hc_appointment *appointment);

/**
 * How often it was moved or called off, for calendars (RFC 5545, section 3.8.7.4). @note Thread-safe. Does not block.
 * Since 0.1.
 */
HC_API int32_t hc_appointment_sequence(const hc_appointment *appointment);

/** Why it was cancelled or declined; NULL when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_appointment_cancel_reason(const hc_appointment *appointment);

/** HC_APPOINTMENT_CANCELLED_BY_; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_cancelled_by(const hc_appointment *appointment);

/** Minutes that were kept free before it, for the agency. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_buffer_before(const hc_appointment *appointment);

/** Minutes that were kept free after it, for the agency. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_buffer_after(const hc_appointment *appointment);

/**
 * 1 when nobody else may see the listing at that time, for the agency. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_appointment_holds_property(const hc_appointment *appointment);

/** The version, 1 and up, that a change names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_version(const hc_appointment *appointment);

/** When it was made, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_appointment_created_at(const hc_appointment *appointment);

/**
 * When it was last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_appointment_updated_at(const hc_appointment *appointment);

/* ---- free time ------------------------------------------------------------------------------------------------ */

/** What to look for. Everything that is zero means its default. */
typedef struct hc_slot_search {
    size_t struct_size;
    hc_id agent_id;    /**< Required. */
    hc_id property_id; /**< The listing to be shown; zero: none. One with exclusive showings must be free too. */
    int64_t from;      /**< Microseconds since the Unix epoch, UTC: the first start; default now. */
    int64_t to;        /**< The end of the last, at most; default 180 days from now. */
    int32_t length;    /**< Minutes, 5 to 480, in steps of five; default 30. */
    int32_t step;      /**< Minutes between starts, 5 to 480, in steps of five, counted from where hours begin; default
                            30. */
} hc_slot_search;

#define HC_SLOT_SEARCH_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(hc_slot_search), {{0}}, {{0}}, 0, 0, 0, 0                                                               \
    }

/**
 * The times at which an agent can be booked, earliest first.
 *
 * They lie in the agent's working hours, or in what an exception says of that date: local wall time of the agent's zone
 * (without one, of the listing's; without both, UTC). An agent without working hours has Monday to Friday, 09:00 to
 * 17:00. Times that clocks jump over are left out; of those that they show twice the first is meant. A free time keeps
 * the agent's buffers, their notice (two hours without one; agents and admins need none) and a horizon of 180 days.
 *
 * @param[out] out  Free with hc_slots_free(); NULL on failure.
 * @return HC_OK, also when there are none; HC_ERR_NOT_FOUND, field "agent_id" or "property_id", if the caller may not
 * see one; HC_ERR_INVALID naming a field of the search.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_slots(hc_slots **out, hc_session *as, const hc_slot_search *search, hc_error *err);

/** How many there are. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_slots_count(const hc_slots *slots);
/** The start of one, in microseconds since the Unix epoch, UTC; 0 past the end. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_slots_start(const hc_slots *slots, size_t index);
/** The end of one, in microseconds since the Unix epoch, UTC; 0 past the end. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int64_t hc_slots_end(const hc_slots *slots, size_t index);
/** IANA name of the zone of the hours, borrowed until the slots are freed. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_slots_time_zone(const hc_slots *slots);
/** Free them; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_slots_free(hc_slots *slots);

/* ---- operations ----------------------------------------------------------------------------------------------- */

/**
 * Book a viewing with the agent of a lead: by the guest with the token of an inquiry (hc_session_lead()), the buyer,
 * the agent, or an admin.
 *
 * Agents' and admins' are scheduled at once, a buyer's where the agent confirms automatically. Others are pending until
 * the agent answers, at the latest until they would begin; a guest's for an agent who confirms automatically for 15
 * minutes, in which the host confirms it once it knows who they are. Pending ones hold their time.
 *
 * The time and the agent's buffers around it, rounded up to five minutes, are the agent's alone, and the listing's too
 * when its showings are exclusive; two that only touch do not overlap. Buyers and guests keep to working hours and to
 * the agent's notice (two hours without one), and to ten open viewings of a lead or inquiry; agents and admins need
 * not.
 *
 * @param[out] out          The new id, or all zero on failure.
 * @param      appointment  lead_id (but for a guest) and scheduled_time are required.
 * @return HC_OK; HC_NOTE_BUYER_OVERLAP when the buyer has another at that time, which is no error; HC_NOTE_REPLAYED for
 * a repeat by idempotency key; HC_ERR_CONFLICT, field "scheduled_time", when the time is taken: hc_error.detail is the
 * start of the next free one of this length, 0 when there is none; HC_ERR_INVALID naming the field: "scheduled_time"
 * off the grid, past, too soon, outside the hours or too far ahead, "ends_at", "agent_id" and "property_id" that are
 * not the lead's; HC_ERR_INVALID_STATE, field "lead_id", when the lead is closed, lost or has no agent, or ten of its
 * viewings are open, field
 * "property_id" when the listing is sold or gone; HC_ERR_NOT_FOUND, field "lead_id", if the caller may not see it;
 * HC_ERR_UNAUTHENTICATED for a guest without a token; HC_ERR_FORBIDDEN naming a field that is not theirs to set.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_create(hc_id *out, hc_session *as, const hc_appointment *appointment, hc_error *err);

/**
 * Hold a time while somebody makes up their mind: as hc_appointment_create(), but pending for everybody.
 *
 * @param micros  How long, 60,000,000 to 3,600,000,000 microseconds; 0: 15 minutes. Never beyond its start.
 * @return As hc_appointment_create(); HC_ERR_INVALID, field "hold".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_hold(hc_id *out, hc_session *as, const hc_appointment *appointment, int64_t micros,
                                     hc_error *err);

/**
 * Read an appointment: its buyer, the guest who booked it, the agent while the lead is theirs, and admins. One that was
 * over when the lead went to another agent is read by neither of the two.
 *
 * @param[out] out  Free with hc_appointment_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_get(hc_appointment **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many appointments in one call.
 *
 * @param[out] out    The appointments found, in the order of `ids`, each once. Free with hc_appointment_page_free();
 * NULL on failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_get_many(hc_appointment_page **out, hc_session *as, const hc_id *ids, size_t count,
                                         hc_error *err);

/**
 * List appointments that match a query, earliest start first unless it says otherwise.
 *
 * @param      query  Made with hc_query_new(HC_KIND_APPOINTMENT). NULL: the caller's own, in any status.
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_appointment_page_free().
 * @return HC_OK, also for an empty page; HC_ERR_FORBIDDEN for a scope that is not the caller's; HC_ERR_INVALID if the
 *         cursor was made for another query or identity; HC_ERR_TIMEOUT past the deadline.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_list(hc_appointment_page **out, hc_session *as, const hc_query *query, hc_error *err);

/**
 * Change notes, method, contact and time zone, those of them that were set: by the agent or an admin.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_NOTE_SAME; HC_ERR_NOT_FOUND; HC_ERR_FORBIDDEN if the caller may see but not change it;
 *         HC_ERR_CONFLICT if it changed since it was read (hc_error.detail is the current version); HC_ERR_INVALID
 * naming the field, also for one of another call: hc_appointment_reschedule() changes the time.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_update(int32_t *out_version, hc_session *as, const hc_appointment *changes,
                                       hc_error *err);

/**
 * Confirm a pending one: it is scheduled. By the agent or an admin.
 *
 * @param[out] out_version  The new version; may be NULL. So for each move.
 * @param      version      That it was read at. So for each move.
 * @return HC_OK; HC_NOTE_SAME when it is scheduled already; HC_ERR_INVALID_STATE for another status, with the moves
 * that are allowed, and for a hold that has run out; HC_ERR_NOT_FOUND, HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as
 *         hc_appointment_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_confirm(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_error *err);

/**
 * Decline a pending one; its time is free again. By the agent or an admin.
 *
 * @param reason  1 to 255 code points, or NULL.
 * @return As hc_appointment_confirm(), for declined ones; HC_ERR_INVALID, field "reason".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_decline(int32_t *out_version, hc_session *as, hc_id id, int32_t version,
                                        const char *reason, hc_error *err);

/**
 * Move a scheduled one, or one that nobody came to, to another time: the same appointment, with the next sequence. The
 * old time is free again in the moment in which the new one is taken; when that is refused, the old one is kept.
 *
 * By the agent, an admin, or its buyer or guest until two hours before it (hc_client_options.appointment_cutoff); one
 * that nobody came to is the agency's to move.
 *
 * @param start  As scheduled_time at create.
 * @param end    As ends_at at create; 0: as long as before.
 * @return HC_OK; HC_NOTE_SAME when it is at that time already; HC_NOTE_BUYER_OVERLAP; HC_ERR_CONFLICT, field
 *         "scheduled_time", and HC_ERR_INVALID as hc_appointment_create(); HC_ERR_INVALID_STATE, field "status", for
 *         another status, field "scheduled_time" past the cutoff, field "lead_id" when its time has come and the lead
 * is closed or lost; HC_ERR_NOT_FOUND, HC_ERR_FORBIDDEN, and HC_ERR_CONFLICT field "version", as
 * hc_appointment_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_reschedule(int32_t *out_version, hc_session *as, hc_id id, int32_t version,
                                           int64_t start, int64_t end, hc_error *err);

/**
 * Cancel one that is pending or scheduled; its time is free again. By the agent, an admin, or its buyer or guest: a
 * scheduled one until two hours before it (hc_client_options.appointment_cutoff).
 *
 * @param reason  1 to 255 code points, or NULL.
 * @return HC_OK; HC_NOTE_SAME when it is cancelled already, whatever the version; HC_ERR_INVALID_STATE, field "status",
 *         for another status, field "scheduled_time" past the cutoff; HC_ERR_INVALID, field "reason"; HC_ERR_NOT_FOUND,
 *         HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as hc_appointment_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_cancel(int32_t *out_version, hc_session *as, hc_id id, int32_t version,
                                       const char *reason, hc_error *err);

/**
 * Say that a scheduled one took place, once it has begun. By the agent or an admin.
 *
 * @return As hc_appointment_confirm(), for completed ones; HC_ERR_INVALID_STATE, field "scheduled_time", before it
 * begins.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_complete(int32_t *out_version, hc_session *as, hc_id id, int32_t version,
                                         hc_error *err);

/**
 * Say that nobody came to a scheduled one, once it has begun. By the agent or an admin.
 *
 * @return As hc_appointment_complete().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_no_show(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_error *err);

/* ---- calendars ------------------------------------------------------------------------------------------------ */

#define HC_ICS_BY_STATUS 0 /**< REQUEST while it holds its time or took place, CANCEL once it is called off. */
#define HC_ICS_REQUEST   1 /**< The time is taken: METHOD:REQUEST (RFC 5546). */
#define HC_ICS_CANCEL    2 /**< It is called off: METHOD:CANCEL. */

/** What calendar text is to say. Everything but `host` may be zero. */
typedef struct hc_ics_options {
    size_t struct_size;
    const char *host;      /**< Required: the domain of the agency; with the id it makes the constant UID. */
    const char *organizer; /**< E-mail address to which answers go; NULL: the organizer is named by a URN. */
    int32_t method;        /**< HC_ICS_. */
    int32_t alarm;         /**< Minutes before the start at which calendars remind, 1 to 10,080; 0: never. */
} hc_ics_options;

#define HC_ICS_OPTIONS_INIT                                                                                            \
    {                                                                                                                  \
        sizeof(hc_ics_options), NULL, NULL, 0, 0                                                                       \
    }

/**
 * An appointment for calendars: one VEVENT with a METHOD (RFC 5545, RFC 5546), times in UTC.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure. CRLF lines of at most 75 octets.
 * @return HC_OK; HC_ERR_NOT_FOUND if the caller may not see it; HC_ERR_INVALID naming an option, "method" also when it
 *         does not go with the status.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_appointment_ics(hc_text **out, hc_session *as, hc_id id, const hc_ics_options *options,
                                    hc_error *err);

/* ---- pages ---------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_appointment_page_count(const hc_appointment_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_appointment *hc_appointment_page_at(const hc_appointment_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_appointment_page_cursor(const hc_appointment_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_appointment_page_previous_cursor(const hc_appointment_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_appointment_page_has_more(const hc_appointment_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_appointment_page_total(const hc_appointment_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_appointment_page_total_is_exact(const hc_appointment_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_appointment_page_is_short(const hc_appointment_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_appointment_page_free(hc_appointment_page *page);

#ifdef __cplusplus
}
#endif

#endif
