/* Statuses of a lead: the moves of domain.md D3. Pure tables. */
#ifndef HC__MODEL_LEAD_STATUS_H
#define HC__MODEL_LEAD_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Codes as in the field table (and public macros): new 1, contacted 2, qualified 3, closed 4, lost 5. */
#define HC__LEAD_NEEDS_REASON   0x01u /* a text */
#define HC__LEAD_NEEDS_INTEREST 0x02u /* a budget, financing or an appointment */
#define HC__LEAD_NEEDS_SALE     0x04u /* a close price, a listing that is pending or sold, or an admin's word */
#define HC__LEAD_NEEDS_LOSS     0x08u /* why it was lost */
#define HC__LEAD_BY_ADMIN       0x10u
#define HC__LEAD_RESPONDS       0x20u /* somebody of the agency answered */

typedef struct hc__lead_rule {
    bool allowed;
    uint8_t flags;
} hc__lead_rule;
/* The rule of a move; same to same is no move. `lost_reason` is that of a lost lead, 0 for others: who opted out, and
 * spam, stay lost. */
hc__lead_rule hc__lead_move_rule(int32_t from, int32_t to, int32_t lost_reason);
/* Allowed words, for messages: "contacted, qualified, lost"; "none". */
const char *hc__lead_moves(int32_t from, int32_t lost_reason, bool admin);
bool hc__lead_is_open(int32_t status);         /* new, contacted or qualified: counts as work of its agent */
bool hc__lead_stays_lost(int32_t lost_reason); /* opted_out, spam */
bool hc__lead_opted_out(int32_t lost_reason);
bool hc__lead_withdraws(int32_t lost_reason); /* withdrawn, opted_out: what a buyer may say */

#endif
