/* Who may do what (domain.md D5): one table, which becomes predicates in the statements themselves. */
#ifndef HC__CLIENT_POLICY_H
#define HC__CLIENT_POLICY_H

#include "client/session.h"

typedef enum hc__operation {
    HC__PROPERTY_LIST_PUBLIC,
    HC__PROPERTY_LIST_OWN,
    HC__PROPERTY_LIST_ALL,
    HC__PROPERTY_READ,
    HC__PROPERTY_READ_DELETED,
    HC__PROPERTY_CREATE,
    HC__PROPERTY_UPDATE,
    HC__PROPERTY_STATUS,
    HC__PROPERTY_PRICE,
    HC__PROPERTY_DELETE,
    HC__PROPERTY_RESTORE,
    HC__PROPERTY_PURGE,
    HC__PROPERTY_IMPORT,
    HC__USER_LIST_PUBLIC,
    HC__USER_LIST_OWN,
    HC__USER_LIST_ALL,
    HC__USER_READ,
    HC__USER_CREATE,
    HC__USER_UPDATE,
    HC__USER_ROLE,
    HC__USER_DELETE,
    HC__AGENT_LIST_PUBLIC,
    HC__AGENT_LIST_OWN,
    HC__AGENT_LIST_ALL,
    HC__AGENT_READ,
    HC__AGENT_CREATE,
    HC__AGENT_UPDATE,
    HC__AGENT_LICENSE,
    HC__AGENT_DELETE,
    HC__LEAD_LIST_PUBLIC,
    HC__LEAD_LIST_OWN,
    HC__LEAD_LIST_ALL,
    HC__LEAD_READ,
    HC__LEAD_CREATE,
    HC__LEAD_UPDATE,
    HC__LEAD_STATUS,
    HC__LEAD_REVIVE,
    HC__LEAD_WITHDRAW,
    HC__LEAD_ASSIGN,
    HC__LEAD_MERGE,
    HC__LEAD_TOUCH,
    HC__LEAD_HISTORY,
    HC__APPOINTMENT_LIST_PUBLIC,
    HC__APPOINTMENT_LIST_OWN,
    HC__APPOINTMENT_LIST_ALL,
    HC__APPOINTMENT_READ,
    HC__APPOINTMENT_SLOTS,
    HC__APPOINTMENT_CREATE,
    HC__APPOINTMENT_MOVE,
    HC__APPOINTMENT_CANCEL,
    HC__APPOINTMENT_CONFIRM,
    HC__APPOINTMENT_COMPLETE,
    HC__APPOINTMENT_UPDATE,
    HC__DOCUMENT_READ,
    HC__DOCUMENT_WRITE,
    HC__DOCUMENT_SHARE,
    HC__ACTIVITY_LIST_PUBLIC,
    HC__ACTIVITY_LIST_OWN,
    HC__ACTIVITY_LIST_ALL,
    HC__ACTIVITY_WRITE,
    HC__ACTIVITY_OF_LISTING,
    HC__ACTIVITY_OF_LEAD,
    HC__CHAT_LIST_PUBLIC,
    HC__CHAT_LIST_OWN,
    HC__CHAT_LIST_ALL,
    HC__CHAT_READ,
    HC__CHAT_WRITE,
    HC__FAVORITE_LIST_PUBLIC,
    HC__FAVORITE_LIST_OWN,
    HC__FAVORITE_LIST_ALL,
    HC__FAVORITE_WRITE,
    HC__SEARCH_LIST_PUBLIC,
    HC__SEARCH_LIST_OWN,
    HC__SEARCH_LIST_ALL,
    HC__SEARCH_READ,
    HC__SEARCH_WRITE,
    HC__HISTORY_READ,
    HC__AUDIT_LIST_PUBLIC,
    HC__AUDIT_LIST_OWN,
    HC__AUDIT_LIST_ALL,
    HC__AUDIT_VERIFY,
    HC__EVENT_READ,
    HC__BACKUP,
    HC__OPERATIONS
} hc__operation;

/* Which rows a role may touch. */
typedef enum hc__rule {
    HC__NONE,
    HC__ALL,
    HC__PUBLIC_LISTING,       /* not deleted, display_ok, a public status */
    HC__OWN_LISTING,          /* agent_id = caller, not deleted */
    HC__OWN_LISTING_LICENSED, /* and the caller's licence is valid today */
    HC__OWN_LISTING_EVER,     /* agent_id = caller, deleted or not */
    HC__OWN_LISTING_EVER_LICENSED,
    HC__PUBLIC_OR_OWN_LISTING,
    HC__LIVE_LISTING, /* not deleted, whoever it belongs to */
    HC__SELF,         /* the row is the caller's own */
    HC__AGENT_CARD,   /* an active user whose role is agent; its public fields */
    HC__SELF_OR_AGENT_CARD,
    HC__SELF_OR_CARD_OR_ASKER, /* or a buyer with a lead that is assigned to the caller */
    HC__UNVERIFIED_SELF,       /* own agents row whose licence nobody verified yet */
    HC__BUYERS,                /* buyer_id = caller */
    HC__ASSIGNED,              /* agent_id = caller; of appointments also: of a lead that still is the caller's */
    HC__OF_INQUIRY,            /* booked with the caller's lead token */
    HC__OWN                    /* user_id = caller */
} hc__rule;

typedef struct hc__policy_row {
    hc__operation operation; /* equals its position */
    const char *name;        /* for the documentation */
    hc__rule rules[5];       /* by HC_ROLE_: guest, buyer, agent, admin, system */
} hc__policy_row;

extern const hc__policy_row hc__policy_table[HC__OPERATIONS];

hc__rule hc__policy_rule(const hc_session *as, hc__operation operation);
/* The operation that a list of an entity in a scope (HC_SCOPE_) is. */
hc__operation hc__policy_list(const hc__entity *entity, int32_t scope);
/* The rows that the caller may touch, in `arena`. NULL without memory; FALSE for a rule that cannot be said. `now` is
 * the unit's or the client's clock. */
const hc_predicate *hc__policy_where(hc__arena *arena, const hc_session *as, hc__operation operation, int64_t now);
/* Of `agents`: rows with a licence that is valid on the day of `now`. */
const hc_predicate *hc__policy_license_valid(hc__arena *arena, int64_t now);
/* And the caller's own. */
const hc_predicate *hc__policy_licensed(hc__arena *arena, const hc_session *as, int64_t now);
/* The most private fields that the caller may see of every row that a list may show. HC__OWNER_ONLY: all. */
hc__privacy hc__policy_audience(const hc_session *as, hc__operation operation);
/* Takes out of a row, read with all its fields, what the caller may not see. */
void hc__policy_redact(const hc_session *as, hc__record *row);
/* The same for a row of a list with this audience: query/ masked hidden addresses, and fields that tell whose row it is
 * may be missing. */
void hc__policy_redact_listed(const hc_session *as, hc__record *row, hc__privacy audience);
/* Who the caller is to the fields of a row of their own: HC__BY_ADMIN for admin and system, else HC__BY_OWNER. */
hc__writer hc__policy_writer(const hc_session *as);

#endif
