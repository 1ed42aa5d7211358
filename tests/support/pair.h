/* The house of tests that hurt a pair of stores: its document store (HC_TEST_DOCUMENTS) is behind a proxy, and the two
 * are compared. */
#ifndef SUPPORT_PAIR_H
#define SUPPORT_PAIR_H

#include "house.h"
#include "proxy.h"

extern proxy *pair_proxy; /* between the house and its document store */

/* As suite_main(); 77, and why, when there is no document store. */
int pair_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void));
/* Fixtures: house_open() and house_close(), with the proxy. */
void pair_open(void);
void pair_close(void);
void pair_folder(void); /* house_folder() alone, with the proxy */

void pair_away(void); /* the document store is gone: nobody listens */
void pair_back(void);
int64_t pair_pending(void); /* effects that wait */
/* Runs house.client's background work until no effect waits. After `patience` µs: how many wait still. */
int64_t pair_try(int64_t patience);
void pair_deliver(void); /* the same; after a minute the test fails */
/* Nothing waits, and what is in the document store is what the SQL store says is there. NULL, or what is different. */
const char *pair_difference(void);
int64_t pair_absorbed(void); /* deliveries of what was delivered before, as the relay counted them */

#endif
