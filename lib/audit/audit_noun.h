/* Audit rows as a noun of client/crud. */
#ifndef HC__AUDIT_NOUN_H
#define HC__AUDIT_NOUN_H

#include "client/crud.h"

extern const hc__noun hc__audit_noun;

#endif
