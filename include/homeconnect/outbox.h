/** @file outbox.h  What waits for the store of documents (hc_client_options.document_uri), and whether the two agree.
 *
 * A change of a document is committed with its transaction as an effect in the outbox. hc_client_run(), and calls that
 * commit, bring it to the store of documents: in the order of versions of each document, at least once, and once in what it
 * does. What cannot be reached is tried again for ever; an effect that the store refuses for its own sake is dead after
 * eight tries, within about four minutes, and later ones of its document wait for it while all others go on. These calls
 * are the host's own and count as the system's. Without document_uri they tell of an outbox that is empty.
 */
#ifndef HOMECONNECT_OUTBOX_H
#define HOMECONNECT_OUTBOX_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What hc_outbox_state() tells. Set `struct_size` before the call; fields beyond it are not written. */
typedef struct hc_outbox {
    size_t struct_size;
    int64_t pending;    /**< Effects that wait; hc_client_options.outbox_rows at most, about. */
    int64_t bytes;      /**< Of their payloads; hc_client_options.outbox_bytes at most, about. */
    int64_t oldest_age; /**< Microseconds since the oldest of them was written; 0: none waits. */
    int64_t dead;       /**< Effects that were given up; see hc_outbox_dead(). */
    int64_t delivered;  /**< Since the store was made, those that came twice again. */
    int64_t absorbed;   /**< Of these, what had come there before, such as behind a kill. */
    int64_t dropped;    /**< Log entries that rode on another change while the outbox was full. */
    int32_t full;       /**< 1: document writes are refused with HC_ERR_BUSY until some were delivered. */
    int32_t reserved;
} hc_outbox;

#define HC_OUTBOX_INIT                                                                                                 \
    {                                                                                                                  \
        sizeof(hc_outbox), 0, 0, 0, 0, 0, 0, 0, 0, 0                                                                   \
    }

/**
 * Count what is in the outbox. It reads one number of each effect that waits.
 *
 * @param[in,out] out  Zero but for its size on failure.
 * @return HC_OK; HC_ERR_MISUSE inside a unit of work; HC_ERR_UNAVAILABLE when the store cannot be reached.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_outbox_state(hc_client *client, hc_outbox *out, hc_error *err);

/**
 * Called for each dead effect, oldest first, on the thread of the call. May not use the client. Texts are borrowed until it
 * returns.
 *
 * @param id        Of the effect, for hc_outbox_retry().
 * @param kind      Of the document: "property_documents", "activity_logs" or "ai_chat_history".
 * @param document  Its id; `version` is what the effect would have made of it.
 * @param reason    Why the store refused it the last time.
 * @return HC_OK to go on; anything else ends the call with HC_OK.
 */
typedef hc_status (*hc_outbox_dead_fn)(hc_id id, const char *kind, hc_id document, int32_t version, const char *reason,
                                       void *data);

/**
 * List the effects that were given up.
 *
 * @return HC_OK, also when there is none; HC_ERR_MISUSE inside a unit of work, or when `dead` is NULL; HC_ERR_UNAVAILABLE when
 *         the store cannot be reached.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_outbox_dead(hc_client *client, hc_outbox_dead_fn dead, void *data, hc_error *err);

/**
 * Give a dead effect eight more tries, for when its reason is gone. The audit log tells of it.
 *
 * @return HC_OK; HC_ERR_NOT_FOUND when no dead effect has this id; HC_ERR_MISUSE inside a unit of work.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_outbox_retry(hc_client *client, hc_id id, hc_error *err);

/**
 * Deliver again what was delivered at `since` or later, for when the store of documents was put back to an earlier day.
 * Effects are kept for seven days after they were delivered; hc_reconcile() finds what is older. It only marks them:
 * hc_client_run() delivers. What the store still has is absorbed. Stopped half way, it is called again.
 *
 * @param      since      Microseconds since the Unix epoch, UTC, by the store's clock: somewhat before the backup was made.
 * @param[out] out_count  Effects that wait now; may be NULL.
 * @return HC_OK; HC_ERR_MISUSE inside a unit of work; HC_ERR_UNAVAILABLE when the store cannot be reached.
 * @note Thread-safe. Blocks. Since 0.1.
 */
HC_API hc_status hc_outbox_replay(hc_client *client, int64_t since, int64_t *out_count, hc_error *err);

/* ---- whether the two stores agree --------------------------------------------------------------------------------- */

/** Ways in which they differ. */
#define HC_DIFFERENCE_MISSING 1 /**< It is not in the store of documents. Repaired: by its effects. */
#define HC_DIFFERENCE_OLDER   2 /**< It is, in an earlier version. Repaired: by its effects. */
#define HC_DIFFERENCE_NEWER   3 /**< In a later version. Repaired: its head takes that version. */
#define HC_DIFFERENCE_NO_HEAD 4 /**< Another program made it, and nobody changed it here. Repaired: it gets a head. */
#define HC_DIFFERENCE_REMOVED 5 /**< It was removed here, and is there. Repaired: it is removed there. */

/** Positional: only the size is set. */
typedef struct hc_reconcile_options {
    size_t struct_size;
    int32_t repair; /**< 1: puts right what can be. 0: only tells. */
    int32_t reserved;
} hc_reconcile_options;

#define HC_RECONCILE_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(hc_reconcile_options), 0, 0                                                                             \
    }

/** What hc_reconcile() did. Set `struct_size` before the call; fields beyond it are not written. */
typedef struct hc_reconcile_report {
    size_t struct_size;
    int64_t examined;    /**< Heads, documents and delivered log entries that were looked at. */
    int64_t differences; /**< Each was told to the callback. */
    int64_t repaired;    /**< Of them; what is repaired by effects is there after the next hc_client_run(). */
    int64_t left;        /**< Of them, those that could not be: the effects that made them are no longer kept. */
} hc_reconcile_report;

#define HC_RECONCILE_REPORT_INIT                                                                                       \
    {                                                                                                                  \
        sizeof(hc_reconcile_report), 0, 0, 0, 0                                                                        \
    }

/**
 * Called for each difference, before it is repaired, on the thread of the call. May not use the client.
 *
 * @param kind        Of the document, as for hc_outbox_dead_fn.
 * @param difference  HC_DIFFERENCE_.
 * @param version     What its head says; 0: there is none.
 * @param stored      The version in the store of documents; 0: it is not there.
 * @return HC_OK to go on; anything else cancels.
 */
typedef hc_status (*hc_difference_fn)(const char *kind, hc_id document, int32_t difference, int32_t version,
                                      int32_t stored, void *data);

/**
 * Walk both stores and tell where they differ, while work goes on: documents by their heads, heads by their documents, and
 * log entries that were delivered in the last seven days. A document with effects that wait is no difference, nor is one
 * that changes while it is looked at. Of one with a dead effect see hc_outbox_dead(): it is told as older or missing.
 *
 * Once the store that is not of documents was put back to an earlier day it is called with `repair` before anybody writes:
 * until then a change of a document that is there in a later version is taken for one that was delivered before.
 *
 * Rows are read by id in pages. Nothing is kept in between: after a failure it is simply called again. The audit log tells
 * of a run that repaired something.
 *
 * @param         options     NULL: only tells.
 * @param         difference  May be NULL.
 * @param[in,out] report      May be NULL. Filled as far as it came, also on failure.
 * @return HC_OK, also with differences; HC_ERR_INVALID, field "document_uri", without a store of documents;
 *         HC_ERR_CANCELLED by the callback; HC_ERR_MISUSE inside a unit of work; HC_ERR_UNAVAILABLE when one of the stores
 *         cannot be reached; HC_ERR_CORRUPT for a document whose key or version cannot be read.
 * @note Thread-safe. Blocks, for as long as it takes to read the keys of all documents. Since 0.1.
 */
HC_API hc_status hc_reconcile(hc_client *client, const hc_reconcile_options *options, hc_difference_fn difference,
                              void *data, hc_reconcile_report *report, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
