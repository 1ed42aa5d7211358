/* Listings as a noun of client/crud. */
#ifndef HC__PROPERTY_NOUN_H
#define HC__PROPERTY_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__property_noun;

#endif
