/* A driver that fails when it is told to: SQLite's, as a module, behind the scheme faulty:. Each trip to the store is
 * counted, and the one that is to fail does nothing, and ends the transaction that is open, as a driver must. */
#ifndef SUPPORT_FAULTY_H
#define SUPPORT_FAULTY_H

#include <stdatomic.h>
#include <stdbool.h>

#include "homeconnect/error.h"

typedef struct faulty {
    atomic_int fail_in; /* the so many-th trip from now on; 0: none */
    atomic_int status;  /* which it answers */
} faulty;

#endif
