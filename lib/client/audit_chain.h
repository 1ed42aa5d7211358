/* The chain of sealed audit rows: what a mark, a link and a head are, and who makes them.
 *
 * A row carries a *mark* from the start: a MAC over what it says. Sealing gives it the next number and a *link*: a MAC
 * over the seal before it, that number and its mark. mark || link is its *seal*. The head tells the last number and
 * seal, and is signed. So a changed row breaks its mark, a moved, added or removed one the links, and a cut tail the
 * head. */
#ifndef HC__CLIENT_AUDIT_CHAIN_H
#define HC__CLIENT_AUDIT_CHAIN_H

#include "client/unit.h"

#define HC__SEAL_SIZE 32
#define HC__MARK_SIZE 16 /* the first half of a seal; the link is the second */

typedef struct hc__chain {
    hc_id id; /* of the head's row */
    int64_t seq;
    uint8_t seal[HC__SEAL_SIZE];
    bool found, sound; /* it is there; its signature is right */
} hc__chain;

/* Who an actor is to the chain, when the row must not tell any more: a person's erasure takes actor_id and ip. */
void hc__audit_pseudonym(uint8_t out[32], const hc__core *core, hc_id actor);
/* Of the values of a row, by position. `scratch` is cleared and used. False without memory. */
bool hc__audit_mark(uint8_t out[HC__MARK_SIZE], hc__buf *scratch, const hc__core *core, const hc_value *values);
/* Goes on from chain->seal with number chain->seq + 1. */
void hc__chain_extend(hc__chain *chain, const hc__core *core, const uint8_t mark[HC__MARK_SIZE]);
void hc__chain_begin(hc__chain *chain, const hc__core *core); /* before row 1 */

/* The op that reads the head; its row goes to hc__chain_take(). Its `where` lies in `arena` and is NULL without memory.
 */
hc_op hc__chain_op(hc__arena *arena);
void hc__chain_take(hc__chain *chain, const hc__core *core, const hc_row *row);
/* Holds the head against all other passes until the unit ends, and waits for theirs; *found tells whether there is one. */
hc_status hc__chain_lock(hc__unit *unit, bool *found, hc_error *err);
/* Inserts the head of a log whose next number is seq + 1. */
hc_status hc__chain_make(hc__unit *unit, int64_t seq, hc_error *err);
/* The highest number in the log, 0 when no row has one. */
hc_status hc__audit_last(hc__unit *unit, int64_t *out, hc_error *err);

#define HC__SEAL_RUN 256 /* rows of one pass */
#define HC__NO_HEAD  (-1)

/* Seals at most `most` rows that have no number, in the order of their ids, in the unit; *sealed tells how many, or
 * HC__NO_HEAD: none. */
hc_status hc__audit_seal(hc__unit *unit, int64_t most, int64_t *sealed, hc_error *err);
/* All of them: where one writer at a time commits, each unit that adds audit rows ends with it. */
hc_status hc__audit_seal_all(hc__unit *unit, hc_error *err);
/* Makes the head, unless more rows are older than marks than one pass marks: then it only marks those. */
hc_status hc__audit_begin(hc__unit *unit, bool *done, hc_error *err);
/* The same from outside of a unit, to the end; then seals what waits, but begins no pass after `until`. */
hc_status hc__audit_start(hc__core *core, int64_t until, int64_t *sealed, hc_error *err);

#endif
