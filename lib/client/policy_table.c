#include "client/policy.h"

/* clang-format off */
#define ROW(operation, name, guest, buyer, agent, admin, system) \
    [HC__##operation] = {HC__##operation, name, {HC__##guest, HC__##buyer, HC__##agent, HC__##admin, HC__##system}}

const hc__policy_row hc__policy_table[HC__OPERATIONS] = {
/*      operation             name                        guest           buyer               agent                   admin         system */
    ROW(PROPERTY_LIST_PUBLIC, "list public listings",     PUBLIC_LISTING, PUBLIC_LISTING,     PUBLIC_LISTING,         PUBLIC_LISTING, PUBLIC_LISTING),
    ROW(PROPERTY_LIST_OWN,    "list own listings",        NONE,           NONE,               OWN_LISTING,            OWN_LISTING,  NONE),
    ROW(PROPERTY_LIST_ALL,    "list all listings",        NONE,           NONE,               NONE,                   LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_READ,        "read a listing",           PUBLIC_LISTING, PUBLIC_LISTING,     PUBLIC_OR_OWN_LISTING,  LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_READ_DELETED, "find a deleted listing",  NONE,           NONE,               OWN_LISTING_EVER,       ALL,          ALL),
    ROW(PROPERTY_CREATE,      "create a listing",         NONE,           NONE,               OWN_LISTING_LICENSED,   ALL,          ALL),
    ROW(PROPERTY_UPDATE,      "update a listing",         NONE,           NONE,               OWN_LISTING_LICENSED,   LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_STATUS,      "change a listing's status", NONE,          NONE,               OWN_LISTING,            LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_PRICE,       "change a listing's price", NONE,           NONE,               OWN_LISTING,            LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_DELETE,      "delete a listing",         NONE,           NONE,               OWN_LISTING_LICENSED,   LIVE_LISTING, LIVE_LISTING),
    ROW(PROPERTY_RESTORE,     "restore a listing",        NONE,           NONE,               OWN_LISTING_EVER_LICENSED, ALL,       ALL),
    ROW(PROPERTY_PURGE,       "purge a deleted listing",  NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(PROPERTY_IMPORT,      "import listings",          NONE,           NONE,               OWN_LISTING_LICENSED,   ALL,          ALL),
    ROW(USER_LIST_PUBLIC,     "list agents' cards",       AGENT_CARD,     AGENT_CARD,         AGENT_CARD,             AGENT_CARD,   AGENT_CARD),
    ROW(USER_LIST_OWN,        "list oneself",             NONE,           SELF,               SELF,                   SELF,         NONE),
    ROW(USER_LIST_ALL,        "list all users",           NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(USER_READ,            "read a profile",           AGENT_CARD,     SELF_OR_AGENT_CARD, SELF_OR_AGENT_CARD,     ALL,          ALL),
    ROW(USER_CREATE,          "create a user",            NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(USER_UPDATE,          "update a profile",         NONE,           SELF,               SELF,                   ALL,          ALL),
    ROW(USER_ROLE,            "change a user's role",     NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(USER_DELETE,          "deactivate a user",        NONE,           SELF,               SELF,                   ALL,          ALL),
    ROW(AGENT_LIST_PUBLIC,    "list agents",              AGENT_CARD,     AGENT_CARD,         AGENT_CARD,             AGENT_CARD,   AGENT_CARD),
    ROW(AGENT_LIST_OWN,       "list own agent profile",   NONE,           NONE,               SELF,                   SELF,         NONE),
    ROW(AGENT_LIST_ALL,       "list all agents",          NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(AGENT_READ,           "read an agent",            AGENT_CARD,     AGENT_CARD,         SELF_OR_AGENT_CARD,     ALL,          ALL),
    ROW(AGENT_CREATE,         "create an agent profile",  NONE,           NONE,               NONE,                   ALL,          ALL),
    ROW(AGENT_UPDATE,         "update an agent profile",  NONE,           NONE,               SELF,                   ALL,          ALL),
    ROW(AGENT_LICENSE,        "change a licence",         NONE,           NONE,               UNVERIFIED_SELF,        ALL,          ALL),
    ROW(AGENT_DELETE,         "delete an agent profile",  NONE,           NONE,               NONE,                   ALL,          ALL),
};
