/* Units of work: what one call, or one hc_session_transact(), reads and writes in one transaction. */
#ifndef HC__CLIENT_UNIT_H
#define HC__CLIENT_UNIT_H

#include "client/session.h"

typedef struct hc__unit hc__unit;
typedef hc_status (*hc__unit_fn)(hc__unit *unit, void *data, hc_error *err);

/* Runs `fn` in the session's open unit, or in one of its own that commits when `fn` succeeds. `fn` may run again from
 * the start: it reads `data`'s inputs and never changes them. The session is checked in the transaction, with
 * its first batch: what that reads is given to nobody, and what it writes is not committed, unless it is alive. */
hc_status hc__unit_run(hc_session *as, hc__unit_fn fn, void *data, hc_error *err);

/* The same without a check of the session and always in a transaction of its own: for rows that outlive a refusal. */
hc_status hc__unit_run_unchecked(hc_session *as, hc__unit_fn fn, void *data, hc_error *err);
/* Whether several may commit at once: then a trip to the store takes time, and its answer may be lost. */
bool hc__unit_is_remote(const hc__unit *unit);
/* Whether a query by thousands of values costs less than many by few. */
bool hc__unit_takes_long_lists(const hc__unit *unit);
/* Whether a unit of this client runs on the calling thread. */
bool hc__unit_on_this_thread(const hc__core *core);

hc__arena *hc__unit_arena(hc__unit *unit); /* lives as long as the unit's current run */
hc_session *hc__unit_session(hc__unit *unit);
int64_t hc__unit_now(const hc__unit *unit); /* the client's clock, read once a unit */
int64_t hc__session_now(const hc_session *as); /* the same inside of the host's unit, else what it says now */

/* Reads at once, in the transaction, after writing what was added. `ops` must be queries, counts or groups. */
hc_status hc__unit_read(hc__unit *unit, const hc_op *ops, size_t count, hc_row_fn on_row, void *data, hc_error *err);
/* Adds a write; it and all it points to must live in the unit's arena or be static. Failures show at the next read or
 * at the end. */
void hc__unit_add(hc__unit *unit, const hc_op *op);
/* It added an audit row: where one writer at a time commits, sealing ends the unit. */
void hc__unit_note_audit(hc__unit *unit);
/* It may be run twice without harm: nobody asks whether its commit took place. */
void hc__unit_repeatable(hc__unit *unit);
/* Whether it added a write of listings: their words cannot be searched before the commit on every engine. */
bool hc__unit_wrote_listings(const hc__unit *unit);
/* A batch of reads in the open transaction. */
hc_status hc__unit_execute(hc__unit *unit, hc_batch *batch, hc_error *err);
/* The same for a host, who gets what is read before the unit ends: if the sign-in has not ended meanwhile. */
hc_status hc__unit_give(hc__unit *unit, hc_batch *batch, hc_error *err);
/* Refuses the commit; the first status counts. For builders that found no memory. */
void hc__unit_doom(hc__unit *unit, hc_status status);
/* A new id for a row of the library's own. When there is none the unit is doomed, and says why. */
hc_status hc__unit_id(hc__unit *unit, hc_id *out);
/* Gives this run up and asks for the whole unit again, as a deadlock does: what was read is no longer so. */
hc_status hc__unit_rerun(hc__unit *unit, hc_error *err);
/* No version that the body compares is the caller's: one that changed meanwhile is a reason to run again, no conflict.
 */
void hc__unit_unversioned(hc__unit *unit);
/* HC_ERR_ABORTED once a write of the unit failed. */
hc_status hc__unit_check(const hc__unit *unit, hc_error *err);
/* A write of the session failed, perhaps before it came as far as its unit: dooms the host's, when one is open, and
 * tells why. */
hc_status hc__unit_refuse(hc_session *as, hc_status status, const hc_error *why, hc_error *err);
/* The unique index that the last failure was about, or HC_INDEX_ANY. */
int32_t hc__unit_unique(const hc__unit *unit);
/* Positions of all fields that can be read back; returns how many. */
size_t hc__readable_fields(uint16_t out[HC__FIELD_LIMIT], const hc__entity *entity);
/* Writes what was added, and need not wait until the store says whether it could: a failure may show later. */
hc_status hc__unit_send(hc__unit *unit, hc_error *err);
/* Writes what was added now. A unique index that refuses: HC_ERR_CONFLICT, *index says which (may be NULL). */
hc_status hc__unit_flush(hc__unit *unit, int32_t *index, hc_error *err);

/* ---- building ops in the unit's arena ---- */

/* What an insert of `row` sets: into `out`, which has room for each field; returns how many. */
size_t hc__row_sets(hc_set *out, const hc__record *row);
/* INSERT of every value of `row` that is not null. */
hc_op *hc__unit_insert(hc__unit *unit, const hc__record *row);
/* The same under a condition that uses EXISTS only; NULL: none. */
hc_op *hc__unit_insert_where(hc__unit *unit, const hc__record *row, const hc_predicate *where);
/* The same, unless a unique key of it is taken: result->count tells. */
hc_op *hc__unit_insert_if_absent(hc__unit *unit, const hc__record *row, hc_op_result *result);
/* UPDATE of the fields that are set in `changes`, where `where`, of exactly one row. */
hc_op *hc__unit_update(hc__unit *unit, const hc__record *changes, const hc_predicate *where);

/* Keeps rows as they are until the unit ends: who would change one waits, and then finds what this unit wrote. For what
 * stands on a row that it does not change, such as a lead on its listing; where one writer at a time commits nobody
 * needs it. `where` is about columns of the row itself. `expect`: 1, or HC_EXPECT_ANY. */
void hc__unit_hold(hc__unit *unit, const hc__entity *entity, const hc_predicate *where, int32_t expect);

/* One row by predicate into `row` (initialised here, in the unit's arena). *found tells. */
hc_status hc__unit_row(hc__unit *unit, hc__record *row, bool *found, const hc__entity *entity,
                       const hc_predicate *where, hc_error *err);
/* The same, and how many rows of the entity `may` lets through, in one trip. */
hc_status hc__unit_row_if(hc__unit *unit, hc__record *row, bool *found, const hc__entity *entity,
                          const hc_predicate *where, int64_t *count, const hc_predicate *may, hc_error *err);

/* ---- documents that live in a store of their own: heads here, effects there ---- */

/* Whether they do. If not, nothing below is used. */
bool hc__unit_has_documents(const hc__unit *unit);
/* HC_ERR_BUSY when the outbox is full: for calls whose purpose is to write a document. */
hc_status hc__unit_may_queue(const hc__unit *unit, hc_error *err);
/* The newest head of a key (record of hc__head_entity, initialised here). */
hc_status hc__unit_head(hc__unit *unit, hc__record *head, bool *found, const hc__entity *entity, const char *key,
                        hc_error *err);
/* Writes what is set in `head`, where `may` (NULL: always). `was`: its version before; 0: a new one. `result` NULL:
 * exactly that; else its count tells, and a new one has no condition. */
void hc__unit_write_head(hc__unit *unit, const hc__record *head, int32_t was, const hc_predicate *may,
                         hc_op_result *result);
/* An effect (model/effect.h) on the document of `aggregate`, which then has this version: the fields of `row` that
 * `set` has, NULL: all. */
void hc__unit_effect(hc__unit *unit, int32_t verb, hc_id aggregate, int32_t version, const hc__record *row,
                     const uint64_t *set);
/* Removes a listing's document and its head, whoever made it, and tells the events. */
hc_status hc__unit_remove_documents(hc__unit *unit, hc_id property_id, hc_error *err);
/* What failed is not this unit's store. */
void hc__unit_not_ours(hc__unit *unit);

/* The unit ends sign-ins of this user: perhaps its own, which is no reason to refuse it. */
void hc__unit_ends_sign_ins(hc__unit *unit, hc_id user);

/* ---- what every change writes ---- */
#define HC__CHANGE_CREATED  1
#define HC__CHANGE_UPDATED  2
#define HC__CHANGE_DELETED  3
#define HC__CHANGE_RESTORED 4
#define HC__CHANGE_PURGED   5
void hc__unit_event(hc__unit *unit, const hc__entity *entity, hc_id id, int32_t change, int32_t version);

#endif
