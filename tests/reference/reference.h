/* The slow, obviously right reference of domain.md D2. It shares no code with the library: rows are plain structs, and
 * a query is judged row by row. */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 wide;

/* ---- fields ---- */

enum kind { NUMBER, ENUM, TEXT, LONG_TEXT, TIME, DATE, ID, BOOL };

enum field {
    PRICE,
    ORIGINAL_PRICE,
    CLOSE_PRICE,
    BEDS,
    BATHS,
    SQFT,
    LOT_SQFT,
    YEAR_BUILT,
    DAYS_ON_MARKET, /* computed, not stored */
    LATITUDE,
    LONGITUDE,
    STATUS,
    STANDARD_STATUS,
    PROPERTY_TYPE,
    PROPERTY_SUBTYPE,
    CITY,
    STATE,
    ZIP_CODE,
    COUNTRY,
    ADDRESS,
    TITLE,
    LISTING_ID,
    CURRENCY,
    DESCRIPTION,
    CREATED_AT,
    UPDATED_AT,
    LIST_DATE,
    CLOSE_DATE,
    STATUS_CHANGED_AT,
    PRICE_CHANGED_AT,
    KEY, /* id */
    AGENT_ID,
    PRICE_REDUCED,
    DISPLAY_OK,
    FILTER_FIELDS,
    PRICE_PER_SQFT = FILTER_FIELDS, /* sort only */
    FIELDS
};

struct field_info {
    const char *name;
    const char *reso; /* "" when there is none */
    enum kind kind;
    int scale; /* of numbers */
    bool nullable;
};
extern const struct field_info field_table[FIELDS];

/* Words of enums, NULL-terminated. */
const char *const *words_of_enum(enum field field);

struct value {
    bool null;
    int64_t number;     /* units at the scale, µs, days, 0/1 */
    const char *text;   /* text, and words of enums */
    const char *folded; /* text: simple case folding of each code point */
    uint8_t id[16];
};

/* Search words, folded and stripped. */
struct words {
    char **word;
    size_t count;
};

struct row {
    struct value v[FIELDS];
    bool address_ok;
    bool deleted;
    bool closed_days; /* days_to_close is not null */
    int64_t days_to_close;
    struct words title, place, address, description; /* place: city and zip code */
};

extern struct row *rows;
extern size_t row_count;
extern uint8_t rows_agent[16]; /* whose listings scope own lists for AGENT and ADMIN */

/* ---- queries ---- */

enum op { EQ, NE, GT, GE, LT, LE, IN, HAS, STARTSWITH, CONTAINS, OPS };
enum shape { AND, OR, NOT, TEST, NEAR, BOX, POLYGON };

struct literal {
    bool null;
    bool now;
    const char *text; /* as spelled, strings without their quotes */
    wide number;      /* numbers: 10^-12; times and dates: nanoseconds */
    uint8_t id[16];
    const char *folded; /* texts; of enums the word */
};

#define POINTS 48

struct node {
    enum shape shape;
    enum field field;
    enum op op;
    struct literal *literals;
    struct node **children;
    size_t count;                   /* of literals or children */
    int64_t number[POINTS * 2 + 3]; /* near: lat, lng, metres; box: w, s, e, n; polygon: lng, lat, ... (1e-8 degrees) */
    size_t points;                  /* of a polygon, without a repeated first */
};

enum reader { GUEST, BUYER, AGENT, ADMIN, SYSTEM, READERS };
enum scope { PUBLIC, OWN, ALL };

enum sort {
    SORT_PRICE,
    SORT_BEDS,
    SORT_BATHS,
    SORT_SQFT,
    SORT_PRICE_PER_SQFT,
    SORT_CREATED_AT,
    SORT_UPDATED_AT,
    SORT_LIST_DATE,
    SORT_DAYS_ON_MARKET,
    SORT_DISTANCE,
    SORT_RELEVANCE,
    SORTS
};
extern const char *const sort_names[SORTS];

struct query {
    enum reader reader;
    enum scope scope;
    const struct node *where; /* NULL: everything */
    const char *q;            /* NULL: none */
    struct {
        const char *word;
        bool prefix;
    } words[8];
    size_t word_count;
    struct {
        enum sort key;
        bool descending;
    } sort[3];
    size_t sort_count;
    const struct node *near; /* the top-level one, or NULL */
    int limit;
    bool count;
    bool as_string;        /* spelled as a query string */
    const char *text;      /* the filter, or the query string */
    const char *sort_text; /* of the filter spelling; "" for the default */
    int64_t now;           /* µs */
};

/* ---- rules, each of which the self-test breaks once to see that the comparison notices ---- */

enum rule {
    RULE_NONE,
    RULE_NE_NULL,      /* ne is false on null */
    RULE_NOT_NULL,     /* not (x gt 3) is false on null */
    RULE_FOLD,         /* text is compared as it is */
    RULE_WILDCARD,     /* % matches anything */
    RULE_ROUND,        /* literals are rounded to the column's scale */
    RULE_STATUS,       /* no default status */
    RULE_CURRENCY,     /* no default currency */
    RULE_DISPLAY,      /* display_ok is not looked at */
    RULE_OFF_MARKET,   /* off-market listings are public */
    RULE_DELETED,      /* deleted listings are listed */
    RULE_OWN,          /* own is everybody's */
    RULE_ADDRESS,      /* hidden addresses are compared */
    RULE_ADDRESS_WORD, /* hidden addresses are searched */
    RULE_NULLS_FIRST,
    RULE_TIES,         /* ties by id ascending always */
    RULE_DIRECTION,    /* all keys take the first one's direction */
    RULE_DAYS,         /* a day too many on market */
    RULE_CLOSED_DAYS,  /* days on market go on after closing */
    RULE_METRES,       /* distances rounded up */
    RULE_ANTIMERIDIAN, /* a box with west > east is empty */
    RULE_EDGE,         /* the edge of a polygon is outside */
    RULE_PREFIX,       /* a word matches its beginnings */
    RULE_WORD_OR,      /* any word is enough */
    RULE_RELEVANCE,    /* description counts as much as the title */
    RULES
};
extern const char *const rule_names[RULES];
extern enum rule broken;

/* ---- text.c ---- */

/* The next code point of valid UTF-8; *text is advanced. */
uint32_t next_point(const char **text);
char *fold(const char *text);                          /* malloc */
void split_words(struct words *out, const char *text); /* appends */
bool has_word(const struct words *words, const char *word, bool prefix);

/* ---- rows.c: what the listings are like; texts are malloc'ed ---- */

void draft_row(struct row *out, size_t number, int64_t now);
void finish_row(struct row *row);                    /* folds and splits its texts */
void set_standard(struct row *row, size_t standard); /* from 1; its status follows */
void free_row(struct row *row);                      /* what was drafted and finished */

/* ---- store.c: the library, through its public interface ---- */

bool store_open(const char *uri, const char *key_file, int64_t start); /* NULL: the file that lies beside a store's */
/* Writes null into a column of a listing, as another program would. */
typedef bool (*store_null_fn)(const char *column, const uint8_t id[16]);
bool store_fill(size_t count, store_null_fn set_null); /* makes `rows` and the same listings in the store */
void store_close(void);
void derive_row(struct row *row); /* what its other fields make of price, days and their like */
int64_t store_now(void);
void store_engine(char *out, size_t size);
extern int64_t store_operations;
extern bool store_saves; /* some queries are saved as searches first */

/* One query, page by page. False and a text that says what differs. `to_the_end`: all pages, not only the first. */
bool store_agrees(const struct query *query, const struct row *const *expected, size_t count, bool to_the_end,
                  char *why, size_t size);

/* ---- judge.c ---- */

bool truth(const struct node *test, const struct row *row, int64_t now); /* of a leaf, for one who may see all */
bool matches(const struct query *query, const struct row *row);
/* Rows that match, in order; `out` holds row_count. */
size_t answer(const struct row **out, const struct query *query);
int64_t metres(const struct node *near, const struct row *row);
bool days_on_market(int64_t *out, const struct row *row, int64_t now);
bool entitled(const struct query *query);

/* ---- make.c, spell.c ---- */

void random_seed(uint64_t seed);
uint64_t random_next(void);
size_t random_below(size_t n);
bool chance(int percent);
int64_t random_between(int64_t low, int64_t high);

void pool_reset(void);   /* forgets the last query */
void *pool(size_t size); /* zeroed, until pool_reset() */
char *pool_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

void make_query(struct query *out, int64_t now);
struct node *make_test(const struct row *like, enum field field, enum op op, int64_t now); /* NULL: cannot */
struct node *make_place(enum shape shape, const struct row *like);
const char *spell_filter(const struct node *where);
const char *spell_string(const struct query *query, struct node *const *clauses, size_t count);
char *spell_units(int64_t units, int scale);
char *spell_time(int64_t nanoseconds, int digits);
char *spell_date(int64_t days);
char *spell_id(const uint8_t id[16]);

/* ---- tally.c ---- */

struct tally {
    unsigned test[FILTER_FIELDS][OPS];
    unsigned place[3]; /* near, box, polygon */
    unsigned q;
    unsigned sort[SORTS][2];
    unsigned queries, middling, to_the_end, pages, strings, empty;
    unsigned reader[READERS][3];
    unsigned nots, nulls, broad, saved;
};
extern struct tally tally;

bool op_fits(enum field field, enum op op);
void tally_query(const struct query *query);
void tally_sum(void);
/* Prints the table; false when a figure is below what issue 3 asks for. */
bool tally_report(void);

#endif
