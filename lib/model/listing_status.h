/* RESO StandardStatus of a listing: words, the origin's status, and the moves of domain.md D8. Pure tables. */
#ifndef HC__MODEL_LISTING_STATUS_H
#define HC__MODEL_LISTING_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Codes as in the field tables (and public macros): standard_status 1..11, status 1 active, 2 pending, 3 sold. */
int32_t hc__status_of_standard(int32_t standard_status); /* the origin's status; 0 = null, off market */
int32_t hc__standard_of_status(int32_t status);
typedef enum hc__move { HC__MOVE_NO, HC__MOVE_YES, HC__MOVE_ADMIN } hc__move;
hc__move hc__listing_move(int32_t from, int32_t to); /* same to same is YES */
const char *hc__listing_moves(int32_t from);         /* allowed words, for messages: "Pending, Closed" */
bool hc__status_is_closed(int32_t standard_status);

#endif
