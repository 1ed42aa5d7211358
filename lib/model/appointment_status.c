#include "model/appointment_status.h"

#define BIT(status) (1u << (status))

static const struct state {
    const char *word, *reso;
    uint8_t moves[3];     /* by side */
    const char *words[3]; /* the same, as a message says it */
} table[HC__APPOINTMENT_STATES] = {
    [HC__SCHEDULED] = {"scheduled",
                       "Confirmed",
                       {BIT(HC__SCHEDULED) | BIT(HC__CANCELLED),
                        BIT(HC__SCHEDULED) | BIT(HC__COMPLETED) | BIT(HC__CANCELLED) | BIT(HC__NO_SHOW), 0},
                       {"scheduled, cancelled", "scheduled, completed, cancelled, no_show", "none"}},
    [HC__COMPLETED] = {"completed", "Confirmed", {0}, {"none", "none", "none"}},
    [HC__CANCELLED] = {"cancelled", "Cancelled", {0}, {"none", "none", "none"}},
    [HC__PENDING] = {"pending",
                     "Pending",
                     {BIT(HC__CANCELLED), BIT(HC__SCHEDULED) | BIT(HC__CANCELLED) | BIT(HC__DECLINED),
                      BIT(HC__CANCELLED)},
                     {"cancelled", "scheduled, cancelled, declined", "cancelled"}},
    [HC__DECLINED] = {"declined", "Denied", {0}, {"none", "none", "none"}},
    [HC__NO_SHOW] = {"no_show", "Confirmed", {0, BIT(HC__SCHEDULED), 0}, {"none", "scheduled", "none"}},
};

static bool known(int32_t status)
{
    return status >= HC__SCHEDULED && status < HC__APPOINTMENT_STATES;
}

bool hc__appointment_move(int32_t from, int32_t to, hc__appointment_side side)
{
    return known(from) && known(to) && (table[from].moves[side] & BIT(to)) != 0;
}

const char *hc__appointment_moves(int32_t from, hc__appointment_side side)
{
    return known(from) ? table[from].words[side] : "none";
}

bool hc__appointment_open(int32_t status)
{
    return status == HC__SCHEDULED || status == HC__PENDING;
}

const char *hc__appointment_word(int32_t status)
{
    return known(status) ? table[status].word : "unknown";
}

const char *hc__appointment_reso(int32_t status)
{
    return known(status) ? table[status].reso : "";
}
