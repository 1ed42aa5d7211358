/* What fuzz_public.c and deal_calls.c share: choices by the bytes of an input, and calls beside the world. */
#ifndef FUZZ_PUBLIC_H
#define FUZZ_PUBLIC_H

#include "fuzz.h"
#include "homeconnect/session.h"
#include "world.h"

extern unsigned inputs; /* that ran */

uint8_t take(void); /* 0 when nothing is left */
size_t take_home(void);
hc_id id_of(size_t home);
/* Most often the right one. */
int32_t take_version(int32_t right);

/* Says what went otherwise; false. */
bool differs(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The n-th allocation of the next call fails; 0: none. */
void lend(int n);
/* What a call answered beside what the world says. */
bool settle(const char *what, hc_status got, hc_status want, const hc_error *err);
/* The same where a version that a conflict tells may be as low as `least`. */
bool settle_from(const char *what, hc_status got, hc_status want, const hc_error *err, int64_t least);

/* ---- deal_calls.c: leads and viewings ---- */

hc_id deal_id(size_t deal);

void deals_begin(void); /* an input */
bool call_deal(hc_session *as, enum reader who, int failing_at);
bool same_deals(void);
/* Nothing of an input stays open. */
void deals_clear(void);

/* ---- paper_calls.c: documents and conversations ---- */

bool call_paper(hc_session *as, enum reader who, int failing_at);
bool call_talk(hc_session *as, enum reader who, int failing_at);
bool same_papers(void);
bool same_talks(void);

#endif
