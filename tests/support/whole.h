/* Whether a call on a noun (nouns.h) is in the store whole or not at all, as its caller was told; in a house of a file.
 */
#ifndef SUPPORT_WHOLE_H
#define SUPPORT_WHOLE_H

#include "house.h"
#include "nouns.h"

bool whole_is_long(void);                /* ./tests/run --long */
uint64_t whole_seed(void);               /* of this run, printed; HC_TEST_SEED repeats one */
void whole_furnish(void);                /* people, listings and what the calls are about; the client is open */
void whole_open(const char *parameters); /* the same in a fresh house, with these after its URI */
void whole_leave(void);                  /* the files stay */
void whole_close(void);

void whole_learn(const noun_call *call);   /* how many rows it adds when nothing fails */
void whole_prepare(const noun_call *call); /* makes it ready, and looks at the store */
/* NULL, or what is wrong: with the store as it is now, or with `after`. For good until the next call. */
const char *whole_compare(const noun_call *call, hc_status status, const hc_error *err, const snapshot *after);
/* NULL, or what is wrong with the file that house.path names: what the engine looks after, and that each version of a
 * listing has its event. */
const char *whole_file(void);
/* Who opens the store now finds what was there, and no seal of the audit log is broken. */
void whole_reopen(void);

#endif
