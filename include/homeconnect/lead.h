/** @file lead.h  Leads: who asked about what, who answers, and what becomes of it. */
#ifndef HOMECONNECT_LEAD_H
#define HOMECONNECT_LEAD_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fields, for hc_lead_set_null() and hc_lead_is_null(). */
#define HC_LEAD_ID                0
#define HC_LEAD_BUYER_ID          1
#define HC_LEAD_AGENT_ID          2
#define HC_LEAD_PROPERTY_ID       3
#define HC_LEAD_STATUS            4
#define HC_LEAD_SOURCE            5
#define HC_LEAD_NOTES             6
#define HC_LEAD_CONTACT_NAME      7
#define HC_LEAD_CONTACT_EMAIL     8
#define HC_LEAD_CONTACT_PHONE     9
#define HC_LEAD_MESSAGE           10
#define HC_LEAD_BUDGET_MIN        11
#define HC_LEAD_BUDGET_MAX        12
#define HC_LEAD_TIMELINE_DAYS     13
#define HC_LEAD_FINANCING         14
#define HC_LEAD_CONSENT_MARKETING 15
#define HC_LEAD_CONSENT_AT        16
#define HC_LEAD_CONSENT_SOURCE    17
#define HC_LEAD_SCORE             18
#define HC_LEAD_SCORE_BAND        19
#define HC_LEAD_SCORE_VERSION     20
#define HC_LEAD_ASSIGNED_AT       21
#define HC_LEAD_ASSIGN_REASON     22
#define HC_LEAD_RESPONSE_DUE_AT   23
#define HC_LEAD_FIRST_RESPONSE_AT 24
#define HC_LEAD_RESPONSE_SECONDS  25
#define HC_LEAD_RESPONSE_LATE     26
#define HC_LEAD_STATUS_CHANGED_AT 27
#define HC_LEAD_LOST_REASON       28
#define HC_LEAD_CLOSE_PRICE       29
#define HC_LEAD_REOPENED_COUNT    30
#define HC_LEAD_CONTACT_ID        31
#define HC_LEAD_MERGED_INTO       32
#define HC_LEAD_VERSION           33
#define HC_LEAD_CREATED_AT        34
#define HC_LEAD_UPDATED_AT        35

/* Statuses. A lead is open while it is new, contacted or qualified. */
#define HC_LEAD_STATUS_NEW       1
#define HC_LEAD_STATUS_CONTACTED 2
#define HC_LEAD_STATUS_QUALIFIED 3
#define HC_LEAD_STATUS_CLOSED    4
#define HC_LEAD_STATUS_LOST      5

/* Why a lead was lost. Who opted out is not to be contacted again; they may ask again. */
#define HC_LEAD_LOST_NO_RESPONSE      1
#define HC_LEAD_LOST_BOUGHT_ELSEWHERE 2
#define HC_LEAD_LOST_NOT_QUALIFIED    3
#define HC_LEAD_LOST_PRICE            4
#define HC_LEAD_LOST_DUPLICATE        5
#define HC_LEAD_LOST_WITHDRAWN        6
#define HC_LEAD_LOST_OPTED_OUT        7
#define HC_LEAD_LOST_SPAM             8
#define HC_LEAD_LOST_OTHER            9

/* Why a lead is assigned to its agent. */
#define HC_LEAD_ASSIGN_LISTING_AGENT 1
#define HC_LEAD_ASSIGN_AREA_POOL     2
#define HC_LEAD_ASSIGN_UNASSIGNED    3
#define HC_LEAD_ASSIGN_CREATOR       4
#define HC_LEAD_ASSIGN_HAND_OVER     5
#define HC_LEAD_ASSIGN_ADMIN         6
#define HC_LEAD_ASSIGN_MERGE         7

/* How the buyer means to pay. */
#define HC_LEAD_FINANCING_CASH         1
#define HC_LEAD_FINANCING_PRE_APPROVED 2
#define HC_LEAD_FINANCING_APPLYING     3
#define HC_LEAD_FINANCING_NOT_STARTED  4

/* What a score says in a word. */
#define HC_LEAD_BAND_HOT  1
#define HC_LEAD_BAND_WARM 2
#define HC_LEAD_BAND_COOL 3
#define HC_LEAD_BAND_COLD 4

/* What was said: an inquiry by who asks, the others by the agency. */
#define HC_LEAD_TOUCH_INQUIRY 1
#define HC_LEAD_TOUCH_CALL    2
#define HC_LEAD_TOUCH_MESSAGE 3
#define HC_LEAD_TOUCH_EMAIL   4
#define HC_LEAD_TOUCH_NOTE    5

/* ---- records -------------------------------------------------------------------------------------------------- */

/**
 * A new, empty lead for hc_lead_create().
 *
 * @return Free with hc_lead_free(). NULL without memory, which every call that takes a lead reports.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_lead *hc_lead_new(hc_client *client);

/**
 * A record to change a lead that was read: it has its id and version, and nothing is set.
 *
 * @param row  From hc_lead_get() or a page; it need not live on.
 * @return Free with hc_lead_free(). NULL without memory, or when `row` is NULL.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_lead *hc_lead_edit(const hc_lead *row);

/**
 * A record to change a lead by id, at the version that the caller read.
 *
 * @return Free with hc_lead_free(). NULL without memory.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_lead *hc_lead_for(hc_client *client, hc_id id, int32_t version);

/** Free a record that hc_lead_new(), _edit(), _for(), _get() or _inquiry() made; NULL is fine. @note Thread-safe. Does
 * not block. Since 0.1. */
HC_API void hc_lead_free(hc_lead *lead);

/**
 * Clear a field, so that the next create or update writes null.
 *
 * @param field  HC_LEAD_; one that cannot be null sticks to the record as HC_ERR_INVALID.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_null(hc_lead *lead, int32_t field);

/** 1 when a field is null, was not read, or may not be seen by who read it; else 0. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_lead_is_null(const hc_lead *lead, int32_t field);

/**
 * A record as JSON: names of the columns, decimals as strings, times RFC 3339, ids as UUID text, enums as words. What
 * the reader may not see is null.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_lead_to_json(hc_text **out, const hc_lead *lead, hc_error *err);

/**
 * Set fields from one JSON object (RFC 8259), as the setters do; null clears. Decimals may also be plain JSON numbers
 * and are taken exactly as spelled.
 *
 * @param json  `size` bytes, at most 1 MiB.
 * @return HC_OK; HC_ERR_INVALID naming the member, also for one that does not exist; HC_ERR_FORBIDDEN naming one that
 * only the library writes. After a failure the record is good for hc_lead_free() only.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API hc_status hc_lead_from_json(hc_lead *lead, const char *json, size_t size, hc_error *err);

/* ---- fields --------------------------------------------------------------------------------------------------- */

/** Id. RESO ContactKey. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_id(const hc_lead *lead);

/** Id of the buyer's user; all zero when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_buyer_id(const hc_lead *lead);
/**
 * Set it: the id of a user. By an admin: a buyer's own lead has theirs. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_lead_set_buyer_id(hc_lead *lead, hc_id id);

/** Id of the agent it is assigned to; all zero when nobody. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_agent_id(const hc_lead *lead);
/**
 * Set it: the id of a licensed agent, when the lead is made. By an admin; later use hc_lead_assign(). @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_agent_id(hc_lead *lead, hc_id id);

/** Id of the listing it is about; all zero when none. @note Thread-safe. Does not block. Since 0.1. */
HC_API hc_id hc_lead_property_id(const hc_lead *lead);
/**
 * Set it: the id of a listing that the caller may see and that is on the market. By whoever makes the lead; later by
 * its agent or an admin, when it has none. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_property_id(hc_lead *lead, hc_id id);

/** HC_LEAD_STATUS_. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_status(const hc_lead *lead);

/**
 * Where it came from, such as "referral"; NULL when null. RESO LeadSource. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API const char *hc_lead_source(const hc_lead *lead);
/**
 * Set it: 1 to 50 code points, or NULL; "website" for guests and buyers. By an agent or an admin. @note One record,
 * one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_source(hc_lead *lead, const char *text);

/**
 * Notes of the agency, for its agent and admins; NULL when null. Plain text: escape it where it is shown. @note
 * Thread-safe. Does not block. Since 0.1.
 */
HC_API const char *hc_lead_notes(const hc_lead *lead);
/**
 * Set it: at most 20,000 code points, or NULL. By its agent or an admin. @note One record, one thread. Does not
 * block. Since 0.1.
 */
HC_API void hc_lead_set_notes(hc_lead *lead, const char *text);

/** Name of who asked; NULL when null. RESO FullName. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_contact_name(const hc_lead *lead);
/**
 * Set it: 1 to 100 code points, or NULL; a buyer's own by default. By whoever makes the lead; later by its agent or
 * an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_contact_name(hc_lead *lead, const char *text);

/** E-mail address of who asked; NULL when null. RESO Email. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_contact_email(const hc_lead *lead);
/**
 * Set it: an address of at most 254 bytes, or NULL; a buyer's own by default. By whoever makes the lead; later by
 * its agent or an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_contact_email(hc_lead *lead, const char *text);

/** Telephone number of who asked; NULL when null. RESO MobilePhone. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_contact_phone(const hc_lead *lead);
/**
 * Set it: 7 to 15 digits, with spaces, + - . / ( ) between them, or NULL; a buyer's own by default. By whoever makes
 * the lead; later by its agent or an admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_contact_phone(hc_lead *lead, const char *text);

/**
 * What was asked; NULL when null. Plain text: escape it where it is shown. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API const char *hc_lead_message(const hc_lead *lead);
/**
 * Set it: 1 to 4,000 code points, or NULL. By whoever makes the lead; later by an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_message(hc_lead *lead, const char *text);

/** Least price in cents; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_budget_min(const hc_lead *lead);
/**
 * Set it: 1 to 99,999,999,999,999 cents, at most budget_max. By whoever makes the lead; later by its agent or an
 * admin. @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_budget_min(hc_lead *lead, int64_t cents);

/** Highest price in cents; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_budget_max(const hc_lead *lead);
/**
 * Set it: 1 to 99,999,999,999,999 cents. By whoever makes the lead; later by its agent or an admin. @note One
 * record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_budget_max(hc_lead *lead, int64_t cents);

/** Days in which they mean to buy; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_timeline_days(const hc_lead *lead);
/**
 * Set it: 0 to 3650. By whoever makes the lead; later by its agent or an admin. @note One record, one thread. Does
 * not block. Since 0.1.
 */
HC_API void hc_lead_set_timeline_days(hc_lead *lead, int32_t days);

/** HC_LEAD_FINANCING_; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_financing(const hc_lead *lead);
/**
 * Set it: HC_LEAD_FINANCING_. By whoever makes the lead; later by its agent or an admin. @note One record, one
 * thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_financing(hc_lead *lead, int32_t financing);

/** 1 when they agreed to be sent marketing. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_consent_marketing(const hc_lead *lead);
/**
 * Set it: 0 or 1; consent_at and consent_source follow. By whoever makes the lead; later by its agent or an admin.
 * @note One record, one thread. Does not block. Since 0.1.
 */
HC_API void hc_lead_set_consent_marketing(hc_lead *lead, int32_t on);

/**
 * When consent_marketing was given or taken back, in microseconds since the Unix epoch, UTC; 0 when null. @note
 * Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_lead_consent_at(const hc_lead *lead);

/**
 * Whose word it is: "guest", "buyer", "agent", "admin" or "system"; NULL when null. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API const char *hc_lead_consent_source(const hc_lead *lead);

/** Score from 0 to 100, for its agent and admins; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_score(const hc_lead *lead);

/** HC_LEAD_BAND_, for its agent and admins; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_score_band(const hc_lead *lead);

/**
 * The rules it was scored by, for its agent and admins; NULL when null. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API const char *hc_lead_score_version(const hc_lead *lead);

/**
 * When it was last assigned, for its agent and admins, in microseconds since the Unix epoch, UTC; 0 when null. @note
 * Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_lead_assigned_at(const hc_lead *lead);

/** HC_LEAD_ASSIGN_, for its agent and admins; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_assign_reason(const hc_lead *lead);

/**
 * Until when somebody is to answer, for its agent and admins, in microseconds since the Unix epoch, UTC; 0 when
 * somebody did: what lies in the past is a breach. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_lead_response_due_at(const hc_lead *lead);

/**
 * When somebody of the agency first answered, for its agent and admins, in microseconds since the Unix epoch, UTC; 0
 * when null. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_lead_first_response_at(const hc_lead *lead);

/**
 * Seconds from its making to the first answer, for its agent and admins; 0 when null. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API int32_t hc_lead_response_seconds(const hc_lead *lead);

/**
 * 1 when an answer came after response_due_at, for its agent and admins. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API int32_t hc_lead_response_late(const hc_lead *lead);

/**
 * When the status last changed, in microseconds since the Unix epoch, UTC. @note Thread-safe. Does not block. Since
 * 0.1.
 */
HC_API int64_t hc_lead_status_changed_at(const hc_lead *lead);

/**
 * HC_LEAD_LOST_ of a lost lead, for its agent and admins; 0 when null. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API int32_t hc_lead_lost_reason(const hc_lead *lead);

/** Price of the deal in cents, for its agent and admins; 0 when null. @note Thread-safe. Does not block. Since 0.1. */
HC_API int64_t hc_lead_close_price(const hc_lead *lead);

/** How often it was lost and came back, for its agent and admins. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_reopened_count(const hc_lead *lead);

/**
 * The same for all leads of one person, by e-mail address or telephone number, for its agent and admins; all zero
 * when null. @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_id hc_lead_contact_id(const hc_lead *lead);

/**
 * The lead that took this one's place, for its agent and admins; all zero when null. @note Thread-safe. Does not
 * block. Since 0.1.
 */
HC_API hc_id hc_lead_merged_into(const hc_lead *lead);

/** The version, 1 and up, that a change names. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_version(const hc_lead *lead);

/**
 * When it was made, in microseconds since the Unix epoch, UTC. RESO OriginalEntryTimestamp. @note Thread-safe. Does
 * not block. Since 0.1.
 */
HC_API int64_t hc_lead_created_at(const hc_lead *lead);

/**
 * When it was last changed, in microseconds since the Unix epoch, UTC. RESO ModificationTimestamp. @note
 * Thread-safe. Does not block. Since 0.1.
 */
HC_API int64_t hc_lead_updated_at(const hc_lead *lead);

/* ---- asking --------------------------------------------------------------------------------------------------- */

/**
 * Make a lead of an inquiry, or join it to the lead that is there.
 *
 * Guests and buyers set contact, property, message, budget, timeline, financing and consent, and nothing else; a
 * buyer's contact is their own unless they give another. An agent's lead is assigned to themselves; an admin may name
 * the agent and the buyer. Other leads go to the listing's agent, while active, licensed, accepting leads and below
 * their capacity; else to such an agent who serves the listing's area and was least recently assigned; else to nobody,
 * until an admin assigns them.
 *
 * The same contact (by e-mail address or telephone number) about the same listing within 30 days joins the open lead;
 * a lost lead comes back as contacted, unless it was opted out or spam, for the buyer themselves, its agent and admins.
 * Agents, admins and the buyer are told by HC_NOTE_DEDUPLICATED, and what the open lead did not know yet is filled from
 * the inquiry, but for an agent whose lead it is not; one that is nobody's becomes the agent's who asks. A buyer joins
 * leads of their own, and a guest's that names their address, once it is verified; a telephone number proves nothing. A
 * guest is never told, changes nothing of the lead they joined, and brings no lost lead back: the inquiry stands among
 * its hc_lead_touches().
 *
 * Guests may ask 10 times an hour from one address (all sessions without an address together), and 30 times an hour
 * about one listing.
 *
 * @param[out] out        The lead's id; for a guest the id of their inquiry. All zero on failure.
 * @param[out] out_token  For a guest: the token for hc_session_lead(), good for 90 days; it is told this once. Free it
 *                        with hc_text_free(). NULL for all others and on failure. May be NULL.
 * @param      lead       An e-mail address or telephone number, and a listing or a message, are required.
 * @return HC_OK; HC_NOTE_DEDUPLICATED; HC_NOTE_REPLAYED for a repeat by idempotency key (a guest's token is told
 * again); HC_ERR_INVALID naming the field; HC_ERR_FORBIDDEN for a field that is not theirs to set; HC_ERR_NOT_FOUND,
 *         field "property_id", when the caller may not see the listing; HC_ERR_INVALID_STATE, field "property_id", when
 *         it is sold or off the market; HC_ERR_RATE_LIMITED (hc_error.detail is how long to wait).
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_create(hc_id *out, hc_text **out_token, hc_session *as, const hc_lead *lead, hc_error *err);

/**
 * A guest's session with the token of an inquiry: it reads that inquiry and deals with the viewings booked with it, as
 * long as the token is good, and may do else what any guest may.
 *
 * @param[out] out      Free with hc_session_free().
 * @param      token    `size` bytes, from hc_lead_create().
 * @param      address  The peer's IP address as text, or NULL.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED for a token that is wrong or older than 90 days.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_session_lead(hc_session **out, hc_client *client, const char *token, size_t size,
                                 const char *address, hc_error *err);

/**
 * Read the inquiry that the session's token is for: what was asked, with the inquiry's own id, and nothing of the lead
 * that came of it.
 *
 * @param[out] out  Contact, property, message, budget, timeline, financing, consent and created_at; all else is null.
 *                  Free with hc_lead_free(); NULL on failure.
 * @return HC_OK; HC_ERR_UNAUTHENTICATED unless hc_session_lead() opened the session and the token is still good.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_inquiry(hc_lead **out, hc_session *as, hc_error *err);

/* ---- reading -------------------------------------------------------------------------------------------------- */

/**
 * Read a lead: the agent it is assigned to and admins see all, its buyer what they said themselves.
 *
 * @param[out] out  Free with hc_lead_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NOT_FOUND, also when the caller may not see it.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_get(hc_lead **out, hc_session *as, hc_id id, hc_error *err);

/**
 * Read many leads in one call.
 *
 * @param[out] out    The leads found, in the order of `ids`, each once. Free with hc_lead_page_free(); NULL on failure.
 * @param      count  0 to 200.
 * @return HC_OK, also when some or all are missing or not to be seen; HC_ERR_TOO_LARGE over 200.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_get_many(hc_lead_page **out, hc_session *as, const hc_id *ids, size_t count, hc_error *err);

/**
 * List leads that match a query, such as "status in ('new','contacted')", or "response_due_at lt now()" for those that
 * wait too long.
 *
 * The own scope is the caller's: assigned to them, or asked by them; with hc_query_set_scope(q, HC_SCOPE_ALL) an admin
 * sees all.
 *
 * @param      query  Made with hc_query_new(HC_KIND_LEAD). NULL: all of the caller's own, newest first.
 * @param[out] out    At most hc_query_limit() rows, or NULL on failure. Free with hc_lead_page_free().
 * @return HC_OK, also for an empty page; HC_ERR_FORBIDDEN, field "scope", or naming a field that the caller may not
 * filter by; HC_ERR_UNAUTHENTICATED for a guest; HC_ERR_INVALID if the cursor was made for another query or identity;
 *         HC_ERR_TIMEOUT past the deadline.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_list(hc_lead_page **out, hc_session *as, const hc_query *query, hc_error *err);

/* ---- working -------------------------------------------------------------------------------------------------- */

/**
 * Change the fields that were set on `changes`, and only those: notes, contact, budget and the like, by the agent it is
 * assigned to, or an admin. The status has hc_lead_move(), the agent hc_lead_assign().
 *
 * @param[out] out_version  The new version; may be NULL.
 * @return HC_OK; HC_NOTE_SAME; HC_ERR_NOT_FOUND if the caller may not see the lead; HC_ERR_FORBIDDEN if they may see
 * but not change it, or for a field that is not theirs to set; HC_ERR_CONFLICT if it changed since it was read
 *         (hc_error.detail is the current version); HC_ERR_INVALID naming the field.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_update(int32_t *out_version, hc_session *as, const hc_lead *changes, hc_error *err);

/** What a move of the status says beside the status. */
typedef struct hc_lead_move_options {
    size_t struct_size;
    const char *reason;       /**< Why: at most 255 code points. For a step back or a return it is required. */
    int64_t close_price;      /**< Cents, for a deal that is closed; 0: none. */
    int32_t lost_reason;      /**< HC_LEAD_LOST_, required for a lead that is lost, and 0 for all others. */
    int32_t keep_appointments; /**< 1: the viewings of a lead that is lost stay; else the future ones are cancelled. */
    int32_t admin_override;   /**< 1: an admin closes without a price and with the listing still active. */
    int32_t reserved;         /**< 0. */
} hc_lead_move_options;

/** Positional: only the size is set. */
#define HC_LEAD_MOVE_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(hc_lead_move_options), NULL, 0, 0, 0, 0, 0                                                              \
    }

/**
 * Move a lead to another status, with its history and what follows, in one transaction: by the agent it is assigned to,
 * or an admin.
 *
 * new to contacted, qualified or lost; contacted to qualified or lost; qualified to closed, lost, or back to contacted
 * with a reason. qualified wants a budget, financing or an appointment; closed wants a price, a listing that is pending
 * or sold, or an admin's word. A lost lead comes back as contacted with a reason, unless it opted out, was spam or was
 * merged; a closed one as qualified, with a reason and by an admin. The first move to contacted or qualified is the
 * first response.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @param      version      That it was read at.
 * @param      to           HC_LEAD_STATUS_.
 * @param      options      NULL: all zero.
 * @return HC_OK; HC_NOTE_SAME when it has the status already; HC_ERR_INVALID_STATE for any other move, with those that
 * are allowed; HC_ERR_INVALID naming what is missing ("reason", "lost_reason", "close_price", "budget_max");
 *         HC_ERR_FORBIDDEN for a buyer, and for what only an admin may; HC_ERR_NOT_FOUND and HC_ERR_CONFLICT as
 * hc_lead_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_move(int32_t *out_version, hc_session *as, hc_id id, int32_t version, int32_t to,
                              const hc_lead_move_options *options, hc_error *err);

/**
 * Take an inquiry back, by its buyer: the lead is lost, its future viewings are cancelled.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @param      version      That it was read at.
 * @param      reason       HC_LEAD_LOST_WITHDRAWN, or HC_LEAD_LOST_OPTED_OUT, which also holds for a lead that is lost
 *                          already: the agency does not contact them about it again.
 * @return HC_OK; HC_NOTE_SAME; HC_ERR_INVALID, field "reason"; HC_ERR_INVALID_STATE when it is closed, or was merged
 * into another, which is theirs too; HC_ERR_FORBIDDEN for an agent, who uses hc_lead_move(); HC_ERR_NOT_FOUND and
 * HC_ERR_CONFLICT as hc_lead_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_withdraw(int32_t *out_version, hc_session *as, hc_id id, int32_t version, int32_t reason,
                                  hc_error *err);

/**
 * Hand a lead over to another agent, by the agent it is assigned to, or an admin. The former agent sees it no more from
 * that moment on.
 *
 * @param[out] out_version  The new version; may be NULL.
 * @param      version      That it was read at.
 * @param      agent        An active agent with a valid licence; all zero, by an admin: nobody.
 * @param      reason       At most 255 code points; may be NULL.
 * @return HC_OK; HC_NOTE_SAME when it is theirs already; HC_ERR_INVALID, field "agent_id", when the user is no such
 * agent; HC_ERR_NOT_FOUND, HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as hc_lead_update().
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_assign(int32_t *out_version, hc_session *as, hc_id id, int32_t version, hc_id agent,
                                const char *reason, hc_error *err);

/**
 * Merge two leads of one person, by the agent both are assigned to, or an admin.
 *
 * What was said about `gone`, what was shared with it and its viewings go to `keep`, whose empty fields are filled from
 * it; `gone` is lost as a duplicate and names `keep`.
 *
 * @param[out] out_version   The new version of `keep`; may be NULL.
 * @param      keep_version  That `keep` was read at; `gone_version` that of `gone`.
 * @return HC_OK; HC_ERR_INVALID, field "gone_id", for one and the same; HC_ERR_INVALID_STATE when `keep` is lost, when
 *         `gone` is closed, opted out, spam or merged already, or when two different buyers asked; HC_ERR_NOT_FOUND,
 *         HC_ERR_FORBIDDEN and HC_ERR_CONFLICT as hc_lead_update(), field "keep_id" or "gone_id".
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_merge(int32_t *out_version, hc_session *as, hc_id keep, int32_t keep_version, hc_id gone,
                               int32_t gone_version, hc_error *err);

/**
 * Log what was said, by the agent the lead is assigned to, or an admin. A call, message or e-mail makes a new lead
 * contacted.
 *
 * @param[out] out   The entry's id, or all zero on failure.
 * @param      kind  HC_LEAD_TOUCH_CALL, _MESSAGE, _EMAIL or _NOTE.
 * @param      text  1 to 4,000 code points; may be NULL but for a note.
 * @return HC_OK; HC_ERR_INVALID, field "kind" or "text"; HC_ERR_INVALID_STATE for anything but a note when they opted
 * out; HC_ERR_NOT_FOUND if the caller may not see the lead; HC_ERR_FORBIDDEN for its buyer.
 * @note One session, one thread. Blocks. Since 0.1.
 */
HC_API hc_status hc_lead_log(hc_id *out, hc_session *as, hc_id lead, int32_t kind, const char *text, hc_error *err);

/* ---- pages ---------------------------------------------------------------------------------------------------- */

/** Rows in the page. @note Thread-safe. Does not block. Since 0.1. */
HC_API size_t hc_lead_page_count(const hc_lead_page *page);
/** A row, borrowed until the page is freed; NULL past the end. @note Thread-safe. Does not block. Since 0.1. */
HC_API const hc_lead *hc_lead_page_at(const hc_lead_page *page, size_t index);
/** The cursor of the next page, for hc_query_set_cursor(); NULL on the last. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API const char *hc_lead_page_cursor(const hc_lead_page *page);
/** The cursor of the page before; NULL on the first. @note Thread-safe. Does not block. Since 0.1. */
HC_API const char *hc_lead_page_previous_cursor(const hc_lead_page *page);
/** 1 when there is a next page. @note Thread-safe. Does not block. Since 0.1. */
HC_API int32_t hc_lead_page_has_more(const hc_lead_page *page);
/** Matching rows, when hc_query_set_count() asked for it, at most one more than that; else -1. @note Thread-safe.
 *  Does not block. Since 0.1. */
HC_API int64_t hc_lead_page_total(const hc_lead_page *page);
/** 1 when the total is exact, 0 when there are more or none was asked for. @note Thread-safe. Does not block. Since
 * 0.1. */
HC_API int32_t hc_lead_page_total_is_exact(const hc_lead_page *page);
/** 1 when the page was cut because 50,000 rows were examined: its cursor goes on. @note Thread-safe. Does not block.
 *  Since 0.1. */
HC_API int32_t hc_lead_page_is_short(const hc_lead_page *page);
/** Free a page and its rows; NULL is fine. @note Thread-safe. Does not block. Since 0.1. */
HC_API void hc_lead_page_free(hc_lead_page *page);

#ifdef __cplusplus
}
#endif

#endif
