#include "driver/mysql/mysql.h"

/* A row of a scan is numbered in its last condition, after `where` let it through, from a number on that no scan of
 * the session has reached. The column that no index has but the one by arrival, which is walked as a whole, keeps the
 * engine from asking it of the index, before the rest. Text columns have a collation that is by code point and pads
 * nothing; keys are VARBINARY. A MATCH speaks to the one index of all fields of tokens of a kind: in each field its
 * words start with a letter of its own, see encode.c. Null is low. An insert that passes over a taken key is a plain
 * one whose refusal the driver expects: IGNORE would pass over every other fault too, and with CLIENT_FOUND_ROWS an ON
 * DUPLICATE KEY does not tell whether it inserted. */
#define SHARED                                                                                                         \
    .name = HC__MY_NAME, .quote = '`', .placeholder = "?", .now = "(utc_timestamp(6) + INTERVAL %v MICROSECOND)",      \
    .starts_with = "(%c >= %v AND %c < %b)", .contains = "locate(%v, %c) > 0",                                         \
    .match = "MATCH(%t) AGAINST(%m IN BOOLEAN MODE) > 0", .match_spans = true, .match_is_part = true,                  \
    .word_found = "locate(%l, %c) > 0", .row_open = "", .row_close = "", .in_array = NULL, .day = "date(%c)",          \
    .absent = NULL, .from_nothing = " FROM DUAL", .nulls_last = NULL, .nulls_high = false, .row_values = false,        \
    .index_hint = " FORCE INDEX (%i)", .hints_anywhere = false, .walks_arrival = true, .id_before = "PRIMARY",         \
    .id_after = "", .id_plain = true, .no_index = "", .arrival = HC__MY_ARRIVAL, .returning = NULL,                    \
    .expect_open = NULL, .token_columns = true, .joins_named = true, .numbers = "@hc_m,@hc_n,",                        \
    .number_open = "CASE WHEN (@hc_m := coalesce(",                                                                    \
    .number_close = ",0)) | ((@hc_n := greatest(@hc_n, %b) + 1) >= %v) THEN TRUE ELSE `pk` < 0 END"

/* What a server, its init_connect or a file of settings may say otherwise: some servers take no client at its word for
 * the encoding of texts. A statement that nobody waits for, or a unit that nobody ends, does not last. */
#define SETTINGS                                                                                                       \
    "SET SESSION character_set_client = utf8mb4, character_set_connection = utf8mb4, character_set_results = utf8mb4," \
    " sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,"                          \
    "NO_ENGINE_SUBSTITUTION,NO_BACKSLASH_ESCAPES', time_zone = '+00:00', autocommit = 1, completion_type = 0,"         \
    " unique_checks = 1, wait_timeout = 28800, innodb_lock_wait_timeout = 10, sql_safe_updates = 0,"                   \
    " sql_big_selects = 1, sql_select_limit = 18446744073709551615, max_sort_length = 1024, @hc_n = 0, @hc_m = 0"

const hc__my_flavor hc__my_mariadb = {
    .dialect = {SHARED},
    .product = "MariaDB",
    .oldest = 100600,
    .collation = "utf8mb4_nopad_bin",
    /* An EXISTS stays a look-up for each row, so that it cannot change the order in which rows are read. */
    .settings =
        SETTINGS ", check_constraint_checks = 1, optimizer_switch = 'exists_to_in=off', max_statement_time = "
                 "IF(@@GLOBAL.max_statement_time = 0,"
                 " 30, @@GLOBAL.max_statement_time), idle_transaction_timeout = IF(@@GLOBAL.idle_transaction_timeout"
                 " = 0, 60, @@GLOBAL.idle_transaction_timeout)",
    .arrays = true,
};

const hc__my_flavor hc__my_mysql8 = {
    .dialect = {SHARED},
    .product = "MySQL",
    .oldest = 80019,
    .collation = "utf8mb4_0900_bin",
    .settings = SETTINGS ", max_execution_time = IF(@@GLOBAL.max_execution_time = 0, 30000,"
                         " @@GLOBAL.max_execution_time)",
    .arrays = false,
};
