#include "driver/postgres/postgres.h"

const hc__dialect hc__pg_dialect = {
    .name = HC__PG_NAME,
    .quote = '"',
    .placeholder = "$%n",
    /* Of the statement, not of the transaction: leases in a long unit of work are no older than their statement. */
    .now = "(statement_timestamp() + %v)",
    /* Text columns have COLLATE "C", which for UTF-8 is by code point. */
    .starts_with = "(%c >= %v AND %c < %b)",
    .contains = "strpos(%c, %v) > 0",
    .match = "%c @@ %m",
    .word_found = "%c @@ %m",
    /* Of a row of many columns the engine describes each, and libpq copies that, in every answer. */
    .row_open = "ROW(",
    .row_close = ")",
    .gather = "array_agg(",
    /* Here, where memory is given back after each row: of an array of rows the engine keeps 64 KB a row until all of
     * it is sent. */
    .row_bytes = "record_send(",
    .in_array = "%c = ANY (%a)",
    .day = "(%c AT TIME ZONE 'UTC')::date",
    .absent = " ON CONFLICT DO NOTHING",
    .from_nothing = "",
    .nulls_last = " NULLS LAST",
    .nulls_high = true,
    .null_keys = true,
    .row_values = true,
    .index_hint = NULL,
    .id_before = "",
    .id_after = "_pkey",
    .no_index = "",
    .arrival = HC__PG_ARRIVAL,
    .returning = NULL,
    .expect_open = "WITH hc_w AS (",
    .expect_close = ") SELECT count(*), 1 / (count(*) = %v)::int FROM hc_w",
    .changed = " RETURNING 1",
    .hold = " FOR NO KEY UPDATE",
    .token_columns = true,
};
