/* One listing as the raw sides read it. */
#ifndef TESTS_BENCH_RAW_ROW_H
#define TESTS_BENCH_RAW_ROW_H

#include <stddef.h>
#include <stdint.h>

#define RAW_COLUMNS 44
#define RAW_SELECT                                                                                                     \
    "p.id,p.agent_id,p.title,p.description,p.price,p.address,p.city,p.state,p.zip_code,p.beds,p.baths,p.sqft,"         \
    "p.property_type,p.status,p.created_at,p.updated_at,p.version,p.deleted_at,p.currency,p.country,"                  \
    "p.property_subtype,p.latitude,p.longitude,p.lot_sqft,p.year_built,p.listing_id,p.standard_status,p.list_date,"    \
    "p.original_price,p.close_price,p.close_date,p.source_system,p.source_key,p.display_ok,p.display_address_ok,"      \
    "p.time_zone,p.exclusive_showings,p.status_changed_at,p.price_changed_at,p.previous_price,p.price_per_sqft,"       \
    "p.price_reduced,p.days_to_close,p.extras"
/* What each is: t bytes, i an integer of any width, a digit a decimal of that scale. */
#define RAW_TYPES "tttt2tttti2ittiiiittt88iitti22ittiitiii22iit"

#define RAW_TEXT 2048

/* In the caller's memory. */
struct raw_row {
    int64_t number[RAW_COLUMNS]; /* of texts and blobs the offset in `text`, of null INT64_MIN */
    size_t used;
    char text[RAW_TEXT];
};

#endif
