/* What a unit of work is made of. For unit*.c alone. */
#ifndef HC__CLIENT_UNIT_INSIDE_H
#define HC__CLIENT_UNIT_INSIDE_H

#include "client/outcome.h"
#include "client/unit.h"

/* An event that waits for its number. */
typedef struct hc__unnumbered {
    struct hc__unnumbered *next;
    hc_value *seq;
} hc__unnumbered;

struct hc__unit {
    hc_session *as;
    hc__lease lease;
    hc__arena arena;
    hc_op *ops; /* added, not yet written */
    size_t count, capacity;
    hc_status doomed; /* the first failure */
    hc_error reason;  /* of it */
    int64_t now;
    bool to_begin;   /* the next batch opens the transaction */
    bool to_check;   /* and nobody knows yet whether the sign-in is alive */
    bool asks_again; /* before the commit, and when it gives: the body is a host's, which may take its time */
    bool gives;      /* what is read to the host */
    bool wrote;
    bool wrote_listings;
    bool wrote_audit;
    bool repeatable;  /* see hc__unit_repeatable() */
    bool rerun;       /* the engine asks for the whole unit again */
    bool lost;        /* the connection died, and nothing was written */
    bool unknown;     /* the answer to the commit was lost */
    hc__proof proof;  /* that it was written */
    hc_status result; /* of the body, which succeeded */
    bool seq_known;   /* that `seq` is the highest number of an event */
    int64_t seq;
    hc__unnumbered *unnumbered, **last_unnumbered;
    hc_op *appends; /* inserts of documents that live elsewhere, at the end */
    size_t append_count, append_capacity;
    int64_t effects, effect_bytes; /* that it added to the outbox */
    bool not_ours;                 /* what failed is the store of documents: the connection is well */
    int resolved[2];               /* answers that were lost in all runs: not written, written */
    bool unversioned;              /* see hc__unit_unversioned() */
    int32_t unique;                /* index that refused last */
    uint8_t room[4096];            /* first part of the arena */
};

#endif
