/* Users as a noun of client/crud. */
#ifndef HC__USER_NOUN_H
#define HC__USER_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__user_noun;

#endif
