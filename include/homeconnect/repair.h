/** @file repair.h  Rows that other programs wrote: what the library derives from them, made again. */
#ifndef HOMECONNECT_REPAIR_H
#define HOMECONNECT_REPAIR_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How far a repair is. Set `struct_size` before the call; fields beyond it are not written. */
typedef struct hc_repair_report {
    size_t struct_size;
    int64_t examined; /**< Rows that were read. */
    int64_t changed;  /**< Of them, those that did not say what the library would have written. */
    int64_t left; /**< Of them, those that only their author can put right; each is told of in a line of HC_LOG_WARN. */
} hc_repair_report;

#define HC_REPAIR_REPORT_INIT                                                                                          \
    {                                                                                                                  \
        sizeof(hc_repair_report), 0, 0, 0                                                                              \
    }

/**
 * Called after each transaction of a repair, on its thread. May not use the client.
 *
 * @return HC_OK to go on; anything else cancels: what was committed stays.
 */
typedef hc_status (*hc_repair_progress_fn)(const hc_repair_report *report, void *data);

/**
 * Make right what the library derives, in rows that other programs inserted or changed with the origin's columns alone.
 *
 *   users          the canonical address, by which they sign in. One that another program changed ends their sign-ins
 *   properties     standard_status from status (which wins; a null one is Withdrawn), list_date of an active listing,
 *                  original_price (of a null one the price, whoever left it so), price_per_sqft, price_reduced,
 *                  days_to_close, the keys and words of filters and text
 *   agents         total_sales (their closed listings) and how many open leads they have. Nothing stores reviews, so a
 *                  rating stays as it is
 *   leads          the contact behind address and number, assigned_at, and until when a new one is to be answered
 *   appointments   ends_at (30 minutes), the lead's buyer, and the time that an open one holds in the future
 *
 * Left are an address that is none, or that another user has, and an appointment whose time another holds.
 *
 * A row that changes gets the next version, updated_at and an event `updated`, as any change; what another program
 * overwrote, such as an earlier price, nobody can tell any more, so no price history is made. The audit log tells of a
 * repair that changed something. Rows are read by id, in short transactions; nothing is kept in between, so after a
 * kill or a cancel it is simply called again, and where everything is right it writes nothing. A host calls it after a
 * foreign import, or now and then; until then such rows are read, but may be missed by filters and text.
 *
 * @param[in,out] report    May be NULL. Filled as far as it came, also on failure.
 * @param         progress  May be NULL.
 * @return HC_OK; HC_ERR_CANCELLED by the progress callback; HC_ERR_MISUSE inside a unit of work; HC_ERR_CORRUPT for a
 * row that cannot be read; HC_ERR_BUSY, HC_ERR_UNAVAILABLE, HC_ERR_IO or HC_ERR_NO_SPACE of the store.
 * @note Thread-safe. Blocks, for as long as it takes to read these tables. Since 0.1.
 */
HC_API hc_status hc_repair_derived(hc_client *client, hc_repair_report *report, hc_repair_progress_fn progress,
                                   void *data, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
