/* States of an appointment and its moves (domain.md D4). Pure tables. */
#ifndef HC__MODEL_APPOINTMENT_STATUS_H
#define HC__MODEL_APPOINTMENT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

/* Codes as in the field table and the public macros. */
enum {
    HC__SCHEDULED = 1,
    HC__COMPLETED,
    HC__CANCELLED,
    HC__PENDING,
    HC__DECLINED,
    HC__NO_SHOW,
    HC__APPOINTMENT_STATES
};

typedef enum hc__appointment_side {
    HC__SIDE_BUYER,  /* the buyer or guest whose viewing it is */
    HC__SIDE_AGENCY, /* the agent, admins, the system */
    HC__SIDE_LIBRARY /* the sweeper of holds that ran out */
} hc__appointment_side;

/* Whether a side may move it so. scheduled to scheduled, and no_show to scheduled, is to another time. */
bool hc__appointment_move(int32_t from, int32_t to, hc__appointment_side side);
/* Where the side may take it, for messages: "cancelled, completed"; "none". */
const char *hc__appointment_moves(int32_t from, hc__appointment_side side);
bool hc__appointment_open(int32_t status); /* scheduled or pending: it holds its time */
const char *hc__appointment_word(int32_t status);
const char *hc__appointment_reso(int32_t status); /* ShowingAppointment's status */

#endif
