/* Calls on every noun that can be made again and again, whatever became of the one before: for harnesses that let the
 * machine fail under them. They work in the house, which stays open. */
#ifndef SUPPORT_NOUNS_H
#define SUPPORT_NOUNS_H

#include <stdbool.h>

#include "homeconnect/error.h"

typedef struct noun_call {
    const char *name;
    bool writes; /* else every row of the store is the same afterwards */
    bool steady; /* it adds the same number of rows to each table every time */
    void (*prepare)(void);
    hc_status (*run)(hc_error *err);
} noun_call;

extern const noun_call noun_calls[];
extern const int noun_call_count;

void nouns_open(void);                     /* what the calls are about; the house is open already */
void nouns_prepare(const noun_call *call); /* reads and makes what this call needs */
void nouns_close(void);

#endif
