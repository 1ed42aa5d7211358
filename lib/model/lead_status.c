#include "model/lead_status.h"

/* Codes of `status` and of `lost_reason`, as in the field table. */
enum { NEW = 1, CONTACTED, QUALIFIED, CLOSED, LOST, STATUS_END };
enum { WITHDRAWN = 6, OPTED_OUT, SPAM };

#define REASON   HC__LEAD_NEEDS_REASON
#define INTEREST HC__LEAD_NEEDS_INTEREST
#define SALE     HC__LEAD_NEEDS_SALE
#define LOSS     HC__LEAD_NEEDS_LOSS
#define ADMIN    HC__LEAD_BY_ADMIN
#define RESPONDS HC__LEAD_RESPONDS

/* domain.md D3. */
static const hc__lead_rule table[STATUS_END][STATUS_END] = {
    [NEW] = {[CONTACTED] = {true, RESPONDS}, [QUALIFIED] = {true, INTEREST | RESPONDS}, [LOST] = {true, LOSS}},
    [CONTACTED] = {[QUALIFIED] = {true, INTEREST | RESPONDS}, [LOST] = {true, LOSS}},
    [QUALIFIED] = {[CONTACTED] = {true, REASON | RESPONDS}, [CLOSED] = {true, SALE}, [LOST] = {true, LOSS}},
    [CLOSED] = {[QUALIFIED] = {true, REASON | ADMIN}},
    [LOST] = {[CONTACTED] = {true, REASON | RESPONDS}},
};

static const char *const words[STATUS_END] = {
    [NEW] = "contacted, qualified, lost",
    [CONTACTED] = "qualified, lost",
    [QUALIFIED] = "contacted, closed, lost",
    [CLOSED] = "none",
    [LOST] = "contacted",
};

static bool known(int32_t status)
{
    return status >= NEW && status < STATUS_END;
}

hc__lead_rule hc__lead_move_rule(int32_t from, int32_t to, int32_t lost_reason)
{
    static const hc__lead_rule no = {false, 0};

    if (!known(from) || !known(to) || (from == LOST && hc__lead_stays_lost(lost_reason)))
        return no;
    return table[from][to];
}

const char *hc__lead_moves(int32_t from, int32_t lost_reason, bool admin)
{
    if (!known(from) || (from == LOST && hc__lead_stays_lost(lost_reason)))
        return "none";
    return from == CLOSED && admin ? "qualified" : words[from];
}

bool hc__lead_is_open(int32_t status)
{
    return status == NEW || status == CONTACTED || status == QUALIFIED;
}

bool hc__lead_stays_lost(int32_t lost_reason)
{
    return lost_reason == OPTED_OUT || lost_reason == SPAM;
}

bool hc__lead_opted_out(int32_t lost_reason)
{
    return lost_reason == OPTED_OUT;
}

bool hc__lead_withdraws(int32_t lost_reason)
{
    return lost_reason == WITHDRAWN || lost_reason == OPTED_OUT;
}
