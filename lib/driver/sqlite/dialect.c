#include "driver/sqlite/sqlite.h"

#define DAY "86400000000"

const hc__dialect hc__sqlite_dialect = {
    .name = HC__SQLITE_NAME,
    .quote = '"',
    .placeholder = "?",
    .now = NULL,
    /* Text compares by its bytes, which for UTF-8 is by code point. */
    .starts_with = "(%c >= %v AND %c < %b)",
    .contains = "instr(%c,%v) > 0",
    .row_open = "",
    .row_close = "",
    .match = "%r\"pk\" IN (SELECT rowid FROM %w WHERE %w MATCH %m)",
    .match_spans = true,
    .in_array = NULL,
    .day = "(%c - (%c %% " DAY " + " DAY ") %% " DAY ") / " DAY,
    .absent = " ON CONFLICT DO NOTHING",
    .from_nothing = "",
    .nulls_last = " NULLS LAST",
    .nulls_high = false,
    .row_values = true,
    .index_hint = " INDEXED BY %i",
    .hints_anywhere = true,
    .id_before = "sqlite_autoindex_",
    .id_after = "_1",
    .no_index = "+",
    .arrival = "pk",
    .returning = " RETURNING \"pk\"",
    /* The left side of a CROSS JOIN is the outer loop, so rows come newest first and a LIMIT ends the scan. */
    .words_from = "%w CROSS JOIN %k%h ON %k.\"pk\" = %w.rowid",
    .words_match = "%w MATCH %m",
    .words_arrival = "%w.rowid",
    .words_found = "hc_found(%w,%f,%q)",
    .scan_counter = "hc_scanned(",
};
