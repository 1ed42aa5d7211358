/* Operations to SQL: one compiler, one dialect table per engine. Knows predicates, not engines and not listings. */
#ifndef HC__DRIVER_SQL_COMPILE_H
#define HC__DRIVER_SQL_COMPILE_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/buf.h"
#include "homeconnect/driver/storage.h"

/*
 * What differs between engines. The driver owns one static table.
 *
 * Templates: %c the column, %r the table or alias that it belongs to with a dot, %w the words table of the kind, %k the
 * table of the kind, %h the hint of an index, %i a name, %n the number of a placeholder; %v %a %b %m %l take one
 * parameter: a value, HC__PARAM_ARRAY, HC__PARAM_BELOW, HC__PARAM_MATCH and HC__PARAM_WORD; %t is the list of all
 * columns of tokens; %f is the number of a field among the tokens of its kind, from 0; %q is how many values there are;
 * %% is a percent sign.
 */
typedef struct hc__dialect {
    const char *name;
    char quote;              /* around identifiers */
    const char *placeholder; /* %n, or nothing to replace */
    const char *now;         /* of HC_TYPE_NOW, %v being µs to add; NULL: the driver binds the time itself */
    const char *starts_with; /* %c %v %b */
    const char *contains;    /* %c %v */
    const char *match;       /* %c %r %w %m */
    bool match_spans;        /* %m speaks of all the fields of a MATCH; false: each word is looked for in each */
    bool match_is_part;      /* %m may leave out words: of several, all are looked for in the row too */
    const char *in_array;    /* %c %a, one parameter that carries all values; NULL: a list, padded to a power of two */
    const char *row_open, *row_close; /* around a projection: the engine gives it as one column; "": as it is */
    const char *gather;               /* opens a call that makes an array of a column; NULL: see hc__sql_gathers() */
    const char *row_bytes;            /* with it: opens one that makes of a row what is sent of it */
    const char *day;                  /* %c: days since the epoch of a time, rounded down */
    const char *absent; /* ends an insert that passes over a taken unique key; NULL: it asks first, and then the driver
                       passes over a refusal */
    const char *from_nothing; /* between the values of an insert and its condition */
    const char *nulls_last;   /* after a sort key whose nulls would come first; NULL: a key %c IS NULL goes before it */
    bool nulls_high;          /* null sorts above all values */
    bool null_keys;         /* a field of the hinted index that is tested for null must be named among the sort keys, or
                               the engine does not see that the index gives the order */
    bool row_values;        /* (a, b) > (?, ?) uses an index */
    const char *index_hint; /* after the table, %i; NULL: none */
    bool hints_anywhere;    /* false: no hint in a removal, nor beside a MATCH, which has an index of its own */
    bool walks_arrival;     /* a query by arrival that hints at an index by arrival walks it, and looks for the words of
                               a MATCH in the rows; false: the index of words knows the order, or the engine chooses */
    const char *id_before, *id_after; /* the unique index of field 0 is called this, the table, that */
    bool id_plain;                    /* without the table */
    const char *no_index;             /* before a column that must not choose the index; "": no such thing */
    const char *arrival;              /* the column that keeps the order of insertion */
    const char *returning;            /* ends a write that must tell which rows it changed; NULL: never */
    /* A MATCH at the top of a query by arrival may drive the scan from the words table; words_from NULL: it does not.
     */
    const char *words_from;    /* %k %w %h */
    const char *words_match;   /* %w %m */
    const char *words_arrival; /* %w */
    const char *words_found; /* %w %f %q: the bits of a field of tokens in a projection; NULL: a sum over word_found */
    const char *word_found;  /* %c %r %w %m %l: one word of one field */
    /* Of HC__SCAN_NUMBERED: what stands before the projection; what opens and closes the condition around the filter.
     * %b is the number that the count starts from, %v the number of the last row that may be examined. NULL: none. */
    const char *numbers, *number_open, *number_close;
    const char *scan_counter; /* opens a call that counts a row by its arrival and is true; NULL: none */
    /* Around a write that must change a number of rows: the engine itself refuses when it changes another, and a
     * COMMIT that follows. NULL: the driver looks. */
    const char *expect_open;
    const char *expect_close; /* %v: the number */
    const char *changed;      /* ends the write between the two */
    /* Ends a SELECT that keeps rows from who would change them, in the place of an update that adds 0 to them, for
     * which the engine writes them anew. NULL: it is an update like others. */
    const char *hold;
    bool token_columns; /* tokens are a column like others */
    bool joins_named;   /* in a query an EXISTS about a row named by its id is a join, which costs the engine less */
} hc__dialect;

/* One parameter, in the order of the placeholders. */
typedef struct hc__param {
    const hc_value *value;
    const hc_field *field; /* gives it a type; NULL: an int64 */
    const hc_kind *kind;   /* of HC__PARAM_MATCH and HC__PARAM_WORD */
    const hc_field *last;  /* of HC__PARAM_MATCH: the tokens from `field` to here */
    uint32_t count;        /* values, of HC__PARAM_MATCH and HC__PARAM_ARRAY; of numbers which HC__NUMBER_ */
    int32_t use;           /* HC__PARAM_ */
    int64_t number;        /* of HC__PARAM_NUMBER and HC__PARAM_SCANNED */
} hc__param;
#define HC__PARAM_VALUE   0
#define HC__PARAM_BELOW   1 /* the least text above every text that starts with the value, which is not empty */
#define HC__PARAM_MATCH   2 /* all values of a MATCH leaf, as the engine's query text */
#define HC__PARAM_ARRAY   3 /* all values of an IN leaf */
#define HC__PARAM_NUMBER  4 /* `number`: a limit */
#define HC__PARAM_WORD    5 /* one value of a MATCH leaf, as what is looked for in the field's own text */
#define HC__PARAM_SCANNED 6 /* `number`: after how many of the rows examined; 0: where the count starts */

/* How a query with a scan limit tells which rows it examined. */
#define HC__SCAN_FLAG    0 /* column 0 is the filter; the order keys follow the projection; LIMIT is scan_limit + 1 */
#define HC__SCAN_COUNTER 1 /* the dialect's scan_counter stands before the filter; see hc__sql_may_count() */
/* The engine numbers the rows it examines and gives no more than the caller needs. Columns: the number from 1; the
 * projection in the dialect's row, null where the filter does not hold; the order keys in a row, null before the row
 * numbered scan_limit. Rows: those that the filter lets through, the one numbered scan_limit, the one after it (its
 * number says that the scan was cut), and the last. Of a count: how many of the first scan_limit rows the filter lets
 * through, and how many rows there are, scan_limit + 1 at most. */
#define HC__SCAN_WINDOW 2
/* The engine numbers the rows as it examines them, provided that an index gives their order. Columns: whether the
 * filter holds, the number, the projection, the order keys. Rows: those that the filter lets through, and the one
 * numbered scan_limit and all after it; no more than `limit`, which is not 0. */
#define HC__SCAN_NUMBERED 3

typedef struct hc__sql {
    hc__buf text;
    const hc__param *params; /* `own`, or those of the recipe that was followed */
    size_t param_count;
    hc__param *own;
    size_t param_capacity;
    bool want_text; /* false: only the parameters of an operation whose text is known */
    bool failed;    /* no memory */
} hc__sql;

void hc__sql_init(hc__sql *sql, const hc__mem *mem, bool want_text);
void hc__sql_free(hc__sql *sql);

/* Appends bytes that are equal for two operations exactly when their text is. Looks at no value beyond its type and
 * whether it is empty or null. */
void hc__sql_key(hc__buf *key, const hc_op *op);

/*
 * Text and parameters of one operation; what was in `sql` is gone. Without token_columns, fields of HC_TYPE_TOKENS
 * among the sets are left out: they are the driver's to store. HC_ERR_MISUSE for an operation that breaks a rule of
 * storage.h.
 */
hc_status hc__sql_compile(hc__sql *sql, const hc__dialect *dialect, const hc_op *op, int scan, hc_error *err);

/* How a shape that was compiled finds the values of its parameters in the next operation of that shape. All zero at
 * first. */
typedef struct hc__sql_recipe {
    struct hc__sql_source *sources; /* NULL: it has to be compiled */
    hc__param *params;              /* of the last operation of the shape */
    size_t count, leaves;
    bool tried;
} hc__sql_recipe;
/* From what `op` was compiled to; once, and only where each value has one place in the operation. False: no memory. */
bool hc__sql_learn(hc__sql_recipe *out, const hc__mem *mem, const hc__sql *sql, const hc_op *op);
/* The parameters of an operation of the same shape, as long as the recipe is kept. False: compile it, which also tells
 * what is wrong with it. */
bool hc__sql_follow(hc__sql *sql, const hc__sql_recipe *recipe, const hc_op *op);
void hc__sql_forget(hc__sql_recipe *recipe, const hc__mem *mem);

/* Whether HC__SCAN_COUNTER counts right, provided that the engine then needs no sort. */
bool hc__sql_may_count(const hc__dialect *dialect, const hc_op *op);
bool hc__sql_may_number(const hc__dialect *dialect, const hc_op *op); /* HC__SCAN_NUMBERED */
/* Which column of what such a scan selects of a row is its order key at `key`: that of the field itself where `op`
 * gives it, else one behind all that it gives. With order_count: how many columns there are. */
uint32_t hc__sql_key_column(const hc_op *op, size_t key);
/* Whether the text is wrapped in the dialect's expect_open and expect_close: a part of the shape that hc__sql_key()
 * does not see. */
bool hc__sql_expects(const hc__dialect *dialect, const hc_op *op);
/* Whether it is an update that leaves its rows as they are, for the dialect's hold. Such a part, too. */
bool hc__sql_holds(const hc__dialect *dialect, const hc_op *op);
/* Whether a query of a few rows gives them as one row of arrays, one for each column: an engine that sends row by row
 * as it finds them wakes up who waits again and again. Such a part of the shape, too. */
bool hc__sql_gathers(const hc__dialect *dialect, const hc_op *op);
size_t hc__sql_most_rows(const hc_op *op); /* that a query can give, by its limit and the ids it names; SIZE_MAX: any */
/* The first MATCH that is a condition of its own, or NULL. */
const hc_predicate *hc__sql_top_match(const hc_predicate *p);
bool hc__sql_has_tokens(const hc_kind *kind);
bool hc__sql_sets_tokens(const hc_op *op);
size_t hc__sql_padded(size_t count); /* parameters of an IN list of that many values */

/* For a driver's own statements (schema, words). */
void hc__sql_name(hc__buf *out, const hc__dialect *dialect, const char *name, const char *suffix);
void hc__sql_index_name(hc__buf *out, const hc__dialect *dialect, const hc_kind *kind, const hc_index *index);
/* Rules that are the same for every engine. */
bool hc__sql_writes(const hc_op *op);
hc_status hc__sql_check_batch(const hc__dialect *dialect, bool in_transaction, bool read_only, const hc_batch *batch,
                              hc_error *err);
const hc_field *hc__sql_oversized(const hc_op *op);             /* what a refusal of the engine is about, or NULL */
const char *hc__sql_word(const hc_field *field, int64_t index); /* of an enum, from 1; NULL when it has none such */
int64_t hc__sql_word_index(const hc_field *field, const char *text, size_t size); /* 0: no word of the enum */
static inline bool hc__sql_is_word(char c)                                        /* of [a-z0-9] */
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool hc__sql_is_words(const char *text, size_t size, bool several); /* of [a-z0-9], and spaces when several */
/* What HC__PARAM_BELOW stands for. */
hc_status hc__sql_below(const char **out, size_t *out_size, hc__arena *arena, const hc__param *param, hc_error *err);
/* Whether the key that it ends with is still to be added. */
bool hc__sql_index_lacks_id(const hc_index *index);
/* Of what a migration does, without what may grow later: words of enums, fields and indexes of later versions. */
int64_t hc__sql_fingerprint(const hc_migration *migration);

#endif
