#include "model/listing_status.h"

#include <stddef.h>

/* Codes of standard_status, as in the field table: RESO's words in alphabetical order. */
enum {
    ACTIVE = 1,
    UNDER_CONTRACT,
    CANCELED,
    CLOSED,
    COMING_SOON,
    DELETE,
    EXPIRED,
    HOLD,
    INCOMPLETE,
    PENDING,
    WITHDRAWN,
    STATUS_END
};

#define BIT(status) (1u << (status))
#define ANY         (BIT(STATUS_END) - BIT(ACTIVE))

/* domain.md D8. Everything may become Delete; what is closed, expired or canceled comes back only by an admin. */
static const struct moves {
    uint16_t yes, admin;
    const char *words;
} table[STATUS_END] = {
    [ACTIVE] = {BIT(UNDER_CONTRACT) | BIT(PENDING) | BIT(HOLD) | BIT(WITHDRAWN) | BIT(CANCELED) | BIT(EXPIRED), 0,
                "Active Under Contract, Canceled, Delete, Expired, Hold, Pending, Withdrawn"},
    [UNDER_CONTRACT] = {BIT(ACTIVE) | BIT(PENDING) | BIT(CLOSED), 0, "Active, Closed, Delete, Pending"},
    [CANCELED] = {0, BIT(ACTIVE), "Delete"},
    [CLOSED] = {0, ANY, "Delete"},
    [COMING_SOON] = {BIT(ACTIVE) | BIT(WITHDRAWN) | BIT(CANCELED), 0, "Active, Canceled, Delete, Withdrawn"},
    [DELETE] = {0, 0, "none"},
    [EXPIRED] = {0, BIT(ACTIVE), "Delete"},
    [HOLD] = {BIT(ACTIVE) | BIT(CANCELED) | BIT(EXPIRED), 0, "Active, Canceled, Delete, Expired"},
    [INCOMPLETE] = {BIT(COMING_SOON) | BIT(ACTIVE), 0, "Active, Coming Soon, Delete"},
    [PENDING] = {BIT(ACTIVE) | BIT(CLOSED) | BIT(CANCELED), 0, "Active, Canceled, Closed, Delete"},
    [WITHDRAWN] = {BIT(ACTIVE) | BIT(CANCELED) | BIT(EXPIRED), 0, "Active, Canceled, Delete, Expired"},
};

static bool known(int32_t standard_status)
{
    return standard_status >= ACTIVE && standard_status < STATUS_END;
}

int32_t hc__status_of_standard(int32_t standard_status)
{
    switch (standard_status) {
    case ACTIVE:
        return 1;
    case UNDER_CONTRACT:
    case PENDING:
        return 2;
    case CLOSED:
        return 3;
    default:
        return 0;
    }
}

int32_t hc__standard_of_status(int32_t status)
{
    static const int32_t standard[] = {0, ACTIVE, PENDING, CLOSED};

    return status > 0 && status < (int32_t)(sizeof(standard) / sizeof(standard[0])) ? standard[status] : 0;
}

hc__move hc__listing_move(int32_t from, int32_t to)
{
    if (!known(from) || !known(to))
        return HC__MOVE_NO;
    if (from == to || to == DELETE || (table[from].yes & BIT(to)) != 0)
        return HC__MOVE_YES;
    return (table[from].admin & BIT(to)) != 0 ? HC__MOVE_ADMIN : HC__MOVE_NO;
}

const char *hc__listing_moves(int32_t from)
{
    return known(from) ? table[from].words : "none";
}

bool hc__status_is_closed(int32_t standard_status)
{
    return standard_status == CLOSED;
}
