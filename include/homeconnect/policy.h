/** @file policy.h  Who may do what: the library's one permission table, for people. */
#ifndef HOMECONNECT_POLICY_H
#define HOMECONNECT_POLICY_H

#include "homeconnect/client.h"
#include "homeconnect/error.h"
#include "homeconnect/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The permission table as a page of Markdown: one line for each operation, one column for each role, and what the words
 * in it mean. The library decides by the very same table, so the page is never out of date.
 *
 * @param[out] out  Free with hc_text_free(); NULL on failure.
 * @return HC_OK; HC_ERR_NO_MEMORY.
 * @note Thread-safe. Does not block. Since 0.1.
 */
HC_API hc_status hc_policy_text(hc_text **out, hc_client *client, hc_error *err);

#ifdef __cplusplus
}
#endif

#endif
