/* Appointments as a noun of client/crud. */
#ifndef HC__APPOINTMENT_NOUN_H
#define HC__APPOINTMENT_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__appointment_noun;

#endif
