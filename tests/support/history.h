/* Histories of concurrent work on listings, and what must be true of each: nothing that was acknowledged is lost, no
 * reader goes back, and units are READ COMMITTED: none of G0, G1a, G1b and G1c of Adya, which Elle looks for. They are
 * checked a key at a time, from what callers saw and what the store holds afterwards. */
#ifndef SUPPORT_HISTORY_H
#define SUPPORT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "homeconnect/types.h"

/* One call that succeeded: it read a version of a key, or made one. */
typedef struct moment {
    int key, session;
    int unit; /* of work, from 0; what a call does by itself is one of its own */
    bool write;
    bool passing;         /* a write that its own unit overwrote: nobody else may see it */
    int64_t began, ended; /* on one clock */
    int32_t base;         /* of a write: the version that it was made from */
    int32_t version;
    int64_t token; /* what the version says; no two writes say the same */
} moment;

typedef struct history {
    moment *list;
    size_t count;
    const hc_id *keys;
    int key_count;
    int64_t first; /* what version 1 of each says */
    int unit_count;
} history;

typedef struct history_faults {
    int64_t lost;    /* writes that stand on another version than they were made from, or share one */
    int64_t gone;    /* acknowledged writes that the store does not have, and versions of nobody */
    int64_t strange; /* reads of what nobody wrote, or not yet, or took back */
    int64_t passing; /* reads of what was only there inside of a unit */
    int64_t circles; /* units that stand before themselves: each read what the next wrote, or wrote over it */
    int64_t back;    /* sessions that saw an older version than before */
    int64_t late;    /* calls that did not see what was acknowledged before they began */
} history_faults;

/* Puts the list in another order. */
history_faults history_check(history *of);

#endif
