/* Records and pages as handles, for every noun alike; client/noun.inc makes the public functions of them. */
#ifndef HC__CLIENT_RECORD_HANDLE_H
#define HC__CLIENT_RECORD_HANDLE_H

#include "client/core.h"

/* An empty record of its own; NULL without memory or without a client. */
hc__record *hc__record_new(hc__core *core, const hc__entity *entity);
hc__record *hc__record_new_for(const hc_client *client, const hc__entity *entity);
void hc__record_free(hc__record *record); /* rows of pages are left alone */
/* A record with the id and version of `row` and nothing set. */
hc__record *hc__record_edit(const hc__record *row);
hc__record *hc__record_at(const hc_client *client, const hc__entity *entity, hc_id id, int32_t version);
/* The record's own key and version. */
hc_id hc__record_key(const hc__record *record);
int32_t hc__record_version(const hc__record *record);

hc__page *hc__page_new(hc__core *core); /* also the memory of every public page */
void hc__page_free(hc__page *page);

#endif
