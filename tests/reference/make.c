/* Random queries. Each is built around one listing that its reader may see, so that most of them find something. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

#define POOL_SIZE (8 << 20)

const char *const sort_names[SORTS] = {"price",          "beds",       "baths",      "sqft",
                                       "price_per_sqft", "created_at", "updated_at", "list_date",
                                       "days_on_market", "distance",   "relevance"};

/* ---- chance ---- */

static uint64_t state;

void random_seed(uint64_t seed)
{
    state = seed;
}

uint64_t random_next(void) /* splitmix64 */
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t random_below(size_t n)
{
    return (size_t)(random_next() % n);
}

bool chance(int percent)
{
    return random_below(100) < (size_t)percent;
}

int64_t random_between(int64_t low, int64_t high)
{
    return low + (int64_t)(random_next() % (uint64_t)(high - low + 1));
}

/* ---- memory of one query ---- */

static char *pool_memory;
static size_t pool_used;

void pool_reset(void)
{
    pool_used = 0;
}

void *pool(size_t size)
{
    void *out;

    if (pool_memory == NULL)
        pool_memory = malloc(POOL_SIZE);
    size = (size + 15) & ~(size_t)15;
    if (pool_memory == NULL || pool_used + size > POOL_SIZE)
        abort();
    out = pool_memory + pool_used;
    pool_used += size;
    return memset(out, 0, size);
}

char *pool_text(const char *format, ...)
{
    va_list args;
    char *out;
    int size;

    va_start(args, format);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    out = pool((size_t)size + 1);
    va_start(args, format);
    vsnprintf(out, (size_t)size + 1, format, args);
    va_end(args);
    return out;
}

static const char *pool_fold(const char *text)
{
    char *folded = fold(text);
    char *out = pool_text("%s", folded);

    free(folded);
    return out;
}

/* ---- literals ---- */

static const struct row *any_row(void)
{
    return &rows[random_below(row_count)];
}

/* Also numbers that lie between two units of the column. */
static void number_literal(struct literal *out, enum field field, int64_t units)
{
    int scale = field_table[field].scale;
    char *text = spell_units(units, scale);
    size_t size = strlen(text);
    wide one = 1;

    for (int i = scale; i < 12; i++)
        one *= 10;
    out->number = units * one;
    out->text = text;
    if (chance(12)) {
        int digits = (int)random_between(1, 12 - scale);
        int64_t more = chance(50) ? 5 : random_between(1, 9);

        for (int i = 1; i < digits; i++)
            one /= 10;
        one /= 10;
        out->number += (units < 0 ? -1 : 1) * more * one;
        out->text = pool_text("%s%s%0*d%d", text, scale == 0 ? "." : "", digits - 1, 0, (int)more);
        if (digits == 1)
            out->text = pool_text("%s%s%d", text, scale == 0 ? "." : "", (int)more);
    } else if (scale > 0 && chance(60)) {
        while (text[size - 1] == '0')
            text[--size] = '\0';
        if (text[size - 1] == '.')
            text[size - 1] = '\0';
    } else if (chance(5)) {
        out->text = pool_text("%s%s", text, scale == 0 ? ".000" : "000");
    }
    if (strcmp(out->text, "-0") == 0)
        out->text = "0";
}

static int64_t number_near(const struct row *like, enum field field, int64_t now)
{
    static const int64_t steps[] = {0, 0, 0, 0, 1, -1, 10, -10};
    struct value value = like->v[field];

    if (chance(25))
        value = any_row()->v[field];
    if (field == DAYS_ON_MARKET)
        value.null = !days_on_market(&value.number, like, now);
    if (value.null)
        return field_table[field].scale == 2 ? random_between(1, 90000000) : random_between(0, 3000);
    if (chance(4))
        return 0;
    value.number += steps[random_below(8)] + (chance(10) ? value.number / 10 : 0);
    return value.number;
}

static void time_literal(struct literal *out, enum field field, const struct row *like)
{
    static const int64_t steps[] = {0, 0, 0, 1, -1, 1000000, -1000000, 3600000000};
    bool date = field_table[field].kind == DATE;
    const struct value *value = &like->v[field];
    int64_t day = INT64_C(86400000000);
    int64_t micros, nanos;

    if (value->null || chance(25))
        value = &any_row()->v[field];
    micros = value->null ? INT64_C(1750000000000000) : value->number * (date ? day : 1);
    if (chance(4)) {
        out->now = true;
        return;
    }
    if (date ? chance(85) : chance(15)) {
        int64_t days = micros / day + (chance(30) ? random_between(-3, 3) : 0);

        out->text = spell_date(days);
        out->number = (wide)days * day * 1000;
        return;
    }
    micros += steps[random_below(8)];
    nanos = micros * 1000;
    if (micros % 1000000 == 0 && chance(50)) {
        out->text = spell_time(nanos, 0);
    } else if (chance(10)) {
        nanos += 500;
        out->text = spell_time(nanos, 9);
    } else {
        out->text = spell_time(nanos, chance(80) ? 6 : 9);
    }
    out->number = nanos;
}

static void enum_literal(struct literal *out, enum field field, const struct row *like, bool legacy)
{
    const char *const *words = words_of_enum(field);
    size_t count = 0;
    char *text;

    while (words[count] != NULL)
        count++;
    text = pool_text("%s", like->v[field].null || chance(20) ? words[random_below(count)] : like->v[field].text);
    out->text = out->folded = text; /* as spelled, and the word */
    if (!legacy)
        return;
    text = pool_text("%s", text);
    out->text = text;
    for (const char *at = out->folded; *at != '\0'; at++)
        if (strchr(" -/", *at) == NULL)
            *text++ = *at;
    *text = '\0';
}

/* ---- texts ---- */

static const char *const variants[][3] = {
    {"s", "S", "\u017f"},           {"k", "K", "\u212a"},
    {"\u00e5", "\u00c5", "\u212b"}, {"\u03c3", "\u03a3", "\u03c2"},
    {"\u00df", "\u1e9e", "\u00df"}, {"\u03bc", "\u039c", "\u00b5"},
    {"\u01c6", "\u01c5", "\u01c4"}, {"\u00e9", "\u00c9", "\u00c9"},
    {"\u00fc", "\u00dc", "\u00dc"}, {"\u00f6", "\u00d6", "\u00d6"},
    {"\u03b1", "\u0391", "\u0391"}, {"\u03cc", "\u038c", "\u038c"},
    {"\u0439", "\u0419", "\u0419"}, {"\U00010428", "\U00010400", "\U00010428"},
};

/* The same text to a comparison that folds case. */
static const char *recase(const char *text)
{
    char *out = pool(strlen(text) * 3 + 1), *at = out;

    while (*text != '\0') {
        const char *end = text;
        const char *use = NULL;
        size_t size;

        next_point(&end);
        size = (size_t)(end - text);
        for (size_t i = 0; use == NULL && i < sizeof(variants) / sizeof(variants[0]); i++)
            for (size_t k = 0; k < 3; k++)
                if (strlen(variants[i][k]) == size && memcmp(variants[i][k], text, size) == 0)
                    use = variants[i][random_below(3)];
        if (use != NULL) {
            at += sprintf(at, "%s", use);
        } else {
            memcpy(at, text, size);
            if (size == 1 && chance(30) && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
                *at ^= 0x20;
            at += size;
        }
        text = end;
    }
    *at = '\0';
    return out;
}

/* Code points `from` to `to` of a text. */
static const char *slice(const char *text, size_t from, size_t to)
{
    const char *start;
    size_t i = 0;

    for (; i < from && *text != '\0'; i++)
        next_point(&text);
    start = text;
    for (; i < to && *text != '\0'; i++)
        next_point(&text);
    return pool_text("%.*s", (int)(text - start), start);
}

static size_t points_in(const char *text)
{
    size_t count = 0;

    while (*text != '\0') {
        next_point(&text);
        count++;
    }
    return count;
}

static void text_literal(struct literal *out, enum field field, enum op op, const struct row *like)
{
    static const char *const odd[] = {"%", "_", "\\", "'", "", "\u0301", "%%", "a_", "\U0001f3e1"};
    const char *text = like->v[field].text;

    if (like->v[field].null || chance(15))
        text = any_row()->v[field].text;
    if (text == NULL)
        text = "none";
    if ((op == STARTSWITH || op == CONTAINS) && chance(8)) {
        text = odd[random_below(9)];
    } else if (op == STARTSWITH) {
        text = slice(text, 0, (size_t)random_between(1, chance(90) ? 10 : 128));
    } else if (op == CONTAINS) {
        size_t from = random_below(points_in(text) + 1);

        text = slice(text, from, from + (size_t)random_between(1, chance(90) ? 8 : 128));
    } else if (chance(10)) {
        text = pool_text("%s%s", text, chance(50) ? " " : "x");
    }
    if (chance(70))
        text = recase(text);
    out->text = text;
    out->folded = pool_fold(text);
}

/* Codes are written in capitals, and compared so. */
static void code_literal(struct literal *out)
{
    char *text = pool_text("%s", out->text);

    out->text = text;
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - 'a' + 'A');
}

static void make_literal(struct literal *out, enum field field, enum op op, const struct row *like, int64_t now)
{
    const struct row *other = chance(70) ? like : any_row();

    switch (field_table[field].kind) {
    case NUMBER:
        number_literal(out, field, number_near(like, field, now));
        break;
    case ENUM:
        enum_literal(out, field, like, chance(20));
        break;
    case TIME:
    case DATE:
        time_literal(out, field, like);
        break;
    case ID:
        if (other->v[field].null)
            other = &rows[0];
        memcpy(out->id, other->v[field].null ? rows_agent : other->v[field].id, 16);
        out->text = spell_id(out->id);
        break;
    case BOOL:
        out->number = chance(75) ? like->v[field].number : random_between(0, 1);
        out->text = out->number != 0 ? "true" : "false";
        break;
    default:
        text_literal(out, field, op, like);
        if (field == CURRENCY || field == COUNTRY)
            code_literal(out);
    }
}

static struct node *make_node(enum shape shape)
{
    struct node *node = pool(sizeof(*node));

    node->shape = shape;
    return node;
}

struct node *make_test(const struct row *like, enum field field, enum op op, int64_t now)
{
    struct node *node = make_node(TEST);
    bool takes_null = op <= LE && field_table[field].kind != BOOL;

    node->field = field;
    node->op = op;
    node->count = op == IN ? (size_t)random_between(1, chance(90) ? 4 : 40) : 1;
    node->literals = pool(node->count * sizeof(struct literal));
    for (size_t i = 0; i < node->count; i++)
        make_literal(&node->literals[i], field, op, i == 0 ? like : any_row(), now);
    if (takes_null && chance(op <= NE ? 10 : 3))
        node->literals[0] = (struct literal){.null = true};
    return node;
}

/* ---- places ---- */

static int64_t clamp(int64_t value, int64_t limit)
{
    return value < -limit ? -limit : value > limit ? limit : value;
}

#define LATITUDES  INT64_C(9000000000)
#define LONGITUDES INT64_C(18000000000)

static int64_t around(int64_t longitude) /* the way round */
{
    if (longitude > LONGITUDES)
        return longitude - 2 * LONGITUDES;
    return longitude < -LONGITUDES ? longitude + 2 * LONGITUDES : longitude;
}

static void make_corners(struct node *node, int64_t latitude, int64_t longitude, int64_t size)
{
    static const int directions[8][2] = {{4, 0}, {3, 3}, {0, 4}, {-3, 3}, {-4, 0}, {-3, -3}, {0, -4}, {3, -3}};

    node->points = 0;
    if (chance(40)) { /* a rectangle with the place on its edge */
        int64_t west = clamp(longitude - (chance(50) ? 0 : size), LONGITUDES);
        int64_t south = clamp(latitude - (chance(50) ? 0 : size), LATITUDES);
        int64_t east = clamp(west + size, LONGITUDES), north = clamp(south + size, LATITUDES);
        int64_t corners[8] = {west, south, east, south, east, north, west, north};

        memcpy(node->number, corners, sizeof(corners));
        node->points = 4;
        return;
    }
    for (size_t i = 0; i < 8; i++) { /* a star around it, or with it as a corner */
        int64_t reach = random_between(1, size / 4 + 1);

        if (chance(25) && i > 0 && i < 5)
            continue;
        node->number[2 * node->points] = clamp(longitude + directions[i][0] * reach, LONGITUDES);
        node->number[2 * node->points + 1] = clamp(latitude + directions[i][1] * reach, LATITUDES);
        node->points++;
    }
    if (chance(30)) {
        node->number[0] = longitude;
        node->number[1] = latitude;
    }
}

struct node *make_place(enum shape shape, const struct row *like)
{
    struct node *node = make_node(shape);
    static const int64_t sizes[] = {1000, 100000, 1000000, 5000000, 20000000, 100000000};
    int64_t size = sizes[random_below(6)];
    int64_t latitude, longitude;

    for (int i = 0; i < 400 && (like->v[LATITUDE].null || chance(10)); i++) /* else 0, 0 */
        like = any_row();
    latitude = like->v[LATITUDE].number;
    longitude = like->v[LONGITUDE].number;
    if (shape == NEAR) {
        node->number[2] = random_between(1, chance(50) ? 2000 : chance(80) ? 50000 : 200000);
        if (chance(70)) {
            size = size < node->number[2] * 600 ? size : node->number[2] * 600;
            latitude = clamp(latitude + random_between(-size, size), LATITUDES);
            longitude = around(longitude + random_between(-size, size));
        }
        node->number[0] = latitude;
        node->number[1] = longitude;
        if (chance(25) && metres(node, like) >= 1 && metres(node, like) <= 200000)
            node->number[2] = metres(node, like); /* exactly on the circle */
    } else if (shape == BOX) {
        bool edge = chance(30);

        node->number[0] = around(edge ? longitude : longitude - random_between(0, size));
        node->number[1] = clamp(edge ? latitude : latitude - random_between(0, size), LATITUDES);
        node->number[2] = around(longitude + random_between(0, size * 4));
        node->number[3] = clamp(latitude + random_between(0, size), LATITUDES);
    } else {
        make_corners(node, latitude, longitude, size);
    }
    return node;
}

/* ---- trees ---- */

/* Of four that are possible, the one that was used least. */
static struct node *make_leaf(const struct row *like, int64_t now, bool near)
{
    enum field best_field = PRICE;
    enum op best_op = EQ;
    unsigned best = UINT32_MAX;

    if (chance(9))
        return make_place((enum shape)(near ? NEAR + random_below(3) : BOX + random_below(2)), like);
    for (int i = 0; i < 4;) {
        enum field field = (enum field)random_below(FILTER_FIELDS);
        enum op op = (enum op)random_below(OPS);

        if (!op_fits(field, op))
            continue;
        i++;
        if (tally.test[field][op] < best) {
            best = tally.test[field][op];
            best_field = field;
            best_op = op;
        }
    }
    return make_test(like, best_field, best_op, now);
}

struct making {
    const struct row *like;
    int64_t now;
    bool near; /* geo.near may be used */
};

static struct node *leaf_that(const struct making *m, bool wanted)
{
    struct node *leaf = NULL;

    for (int i = 0; i < 6; i++) {
        leaf = make_leaf(m->like, m->now, m->near);
        if (truth(leaf, m->like, m->now) == wanted)
            break;
    }
    return leaf;
}

static struct node *tree_that(const struct making *m, bool wanted, int depth)
{
    size_t kind = depth == 0 ? 9 : random_below(10);
    struct node *node;
    bool all;

    if (kind >= 5)
        return leaf_that(m, wanted);
    node = make_node(kind == 0 ? NOT : kind < 3 ? AND : OR);
    node->count = node->shape == NOT ? 1 : (size_t)random_between(2, 3);
    node->children = pool(node->count * sizeof(struct node *));
    if (node->shape == NOT) {
        node->children[0] = tree_that(m, !wanted, depth - 1);
        return node;
    }
    all = (node->shape == AND) == wanted; /* every child must agree; else the first one decides */
    for (size_t i = 0; i < node->count; i++)
        node->children[i] = tree_that(m, all || i == 0 ? wanted : chance(50), depth - 1);
    return node;
}

static struct node *join(struct node **clauses, size_t count)
{
    struct node *node = make_node(AND);

    if (count == 0)
        return NULL;
    if (count == 1)
        return clauses[0];
    node->count = count;
    node->children = pool(count * sizeof(struct node *));
    memcpy(node->children, clauses, count * sizeof(struct node *));
    return node;
}

/* ---- query strings ---- */

static const struct parameter {
    enum field field;
    enum op op;
    enum shape shape;
    bool repeats;
} parameters[] = {
    {CITY, EQ, TEST, true},           {STATE, EQ, TEST, false},
    {ZIP_CODE, EQ, TEST, true},       {COUNTRY, EQ, TEST, false},
    {PROPERTY_TYPE, EQ, TEST, true},  {PROPERTY_SUBTYPE, EQ, TEST, false},
    {STATUS, EQ, TEST, true},         {PRICE, GE, TEST, false},
    {PRICE, LE, TEST, false},         {BEDS, GE, TEST, false},
    {BEDS, LE, TEST, false},          {BATHS, GE, TEST, false},
    {BATHS, LE, TEST, false},         {SQFT, GE, TEST, false},
    {SQFT, LE, TEST, false},          {LOT_SQFT, GE, TEST, false},
    {LOT_SQFT, LE, TEST, false},      {YEAR_BUILT, GE, TEST, false},
    {YEAR_BUILT, LE, TEST, false},    {LIST_DATE, GE, TEST, false},
    {UPDATED_AT, GE, TEST, false},    {DAYS_ON_MARKET, LE, TEST, false},
    {PRICE_REDUCED, EQ, TEST, false}, {AGENT_ID, EQ, TEST, false},
    {PRICE, EQ, NEAR, false},         {PRICE, EQ, BOX, false},
    {PRICE, EQ, POLYGON, false},
};
#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static struct node *one_parameter(const struct making *m, const struct parameter *p)
{
    struct node *node = NULL;

    for (int i = 0; i < 8; i++) {
        if (p->shape != TEST)
            node = make_place(p->shape, m->like);
        else if (p->field == ZIP_CODE && chance(40))
            node = make_test(m->like, ZIP_CODE, STARTSWITH, m->now);
        else
            node = make_test(m->like, p->field, p->op, m->now);
        if (p->shape == TEST && (node->literals->null || node->literals->now || node->literals->text[0] == '\0' ||
                                 (p->field == ZIP_CODE && strchr(node->literals->text, '*') != NULL)))
            continue;
        if (truth(node, m->like, m->now) || chance(8))
            return node;
    }
    return NULL;
}

static struct node *make_parameter(const struct making *m, const struct parameter *p)
{
    struct making other = *m;
    struct node *either, *more;
    struct node *first = one_parameter(m, p);

    if (first == NULL || !p->repeats || chance(60))
        return first;
    other.like = any_row();
    more = one_parameter(&other, p);
    if (more == NULL)
        return first;
    either = make_node(OR);
    either->count = 2;
    either->children = pool(2 * sizeof(struct node *));
    either->children[0] = first;
    either->children[1] = more;
    return either;
}

/* ---- words ---- */

static void make_words(struct query *query, const struct row *like)
{
    const char *separators[] = {" ", "  ", ", ", "-"};
    size_t wanted = (size_t)random_between(1, 3);
    char *q = pool_text("%s", "");

    for (size_t i = 0; i < wanted; i++) {
        const struct words *sources[] = {&like->title, &like->place, &like->address, &like->description, &like->title};
        const struct words *source = sources[random_below(5)];
        const char *word = source->count == 0 ? "creek" : source->word[random_below(source->count)];
        bool prefix = chance(30);

        if (chance(6)) {
            source = &any_row()->title;
            word = source->count == 0 ? "creek" : source->word[0];
        }
        if (prefix)
            word = slice(word, 0, (size_t)random_between(1, 5));
        query->words[i].word = word;
        query->words[i].prefix = prefix;
        /* A star ends a word that stands between spaces. */
        q = pool_text("%s%s%s%s", q,
                      i == 0 ? "" : separators[random_below(i > 0 && query->words[i - 1].prefix ? 2 : 4)],
                      chance(50) ? recase(word) : word, prefix ? "*" : "");
    }
    query->word_count = wanted;
    query->q = q;
}

/* ---- whole queries ---- */

static const struct row *visible_row(struct query *query)
{
    struct query plain = {.reader = query->reader, .scope = query->scope};
    const struct row *row = any_row();

    for (int i = 0; i < 400 && !matches(&plain, row); i++)
        row = any_row();
    return row;
}

static bool sorted_by(const struct query *query, enum sort key)
{
    for (size_t i = 0; i < query->sort_count; i++)
        if (query->sort[i].key == key)
            return true;
    return false;
}

static void make_sort(struct query *query)
{
    size_t wanted = chance(15) ? 0 : chance(60) ? 1 : (size_t)random_between(2, 3);

    while (query->sort_count < wanted) {
        enum sort key = (enum sort)random_below(SORTS);
        enum sort other = (enum sort)random_below(SORTS);
        bool descending = chance(50);

        if (tally.sort[other][descending] < tally.sort[key][descending])
            key = other;
        if (query->q != NULL && query->sort_count == 0 && chance(40))
            key = SORT_RELEVANCE;
        if (query->near != NULL && query->sort_count == 0 && chance(60))
            key = SORT_DISTANCE;
        if (sorted_by(query, key) || (key == SORT_DISTANCE && query->near == NULL) ||
            (key == SORT_RELEVANCE && query->q == NULL))
            continue;
        query->sort[query->sort_count].key = key;
        query->sort[query->sort_count++].descending = descending;
    }
    query->sort_text = "";
    for (size_t i = 0; i < query->sort_count; i++)
        query->sort_text = pool_text("%s%s%s%s", query->sort_text, i > 0 ? "," : "",
                                     query->sort[i].descending ? "-" : "", sort_names[query->sort[i].key]);
}

/* More than one page where there is more than one row, but not hundreds. */
static int make_limit(size_t found)
{
    size_t pages = (size_t)random_between(1, 5);
    size_t limit = found / pages + (chance(50) ? 1 : 0);

    if (chance(10) && found < 20)
        limit = 1;
    return limit < 1 ? 1 : limit > 200 ? 200 : (int)limit;
}

void make_query(struct query *out, int64_t now)
{
    static const struct {
        enum reader reader;
        enum scope scope;
    } who[] = {{GUEST, PUBLIC}, {GUEST, PUBLIC}, {BUYER, PUBLIC}, {BUYER, PUBLIC}, {AGENT, PUBLIC},
               {AGENT, OWN},    {AGENT, OWN},    {ADMIN, PUBLIC}, {ADMIN, ALL},    {SYSTEM, ALL}};
    size_t whom = random_below(10);
    const struct row **found = malloc(row_count * sizeof(*found));
    struct node *clauses[8];
    size_t count = 0, wanted;
    struct making m;

    pool_reset();
    *out = (struct query){.reader = who[whom].reader, .scope = who[whom].scope, .now = now, .as_string = chance(35)};
    m = (struct making){visible_row(out), now, true};
    out->count = chance(20);
    if (chance(14))
        make_words(out, m.like);
    if (chance(12) && !m.like->v[LATITUDE].null) {
        clauses[count++] = make_place(NEAR, m.like);
        out->near = clauses[0];
        m.near = false;
    }
    wanted = chance(5) ? count : count + (size_t)random_between(out->near == NULL ? 1 : 0, 3);
    for (int tries = 0; count < wanted && tries < 20; tries++) {
        const struct parameter *p = &parameters[random_below(PARAMETERS)];
        bool again = p->shape == NEAR; /* has its own turn above */
        struct node *clause;

        for (size_t i = 0; out->as_string && i < count; i++) {
            const struct node *one = clauses[i]->shape == OR ? clauses[i]->children[0] : clauses[i];

            again |= p->shape == TEST
                         ? one->shape == TEST && one->field == p->field && (one->op == p->op || p->field == ZIP_CODE)
                         : one->shape == p->shape;
        }
        if (out->as_string && again)
            continue;
        clause = out->as_string ? make_parameter(&m, p) : tree_that(&m, chance(90), (int)random_below(4));
        if (clause != NULL)
            clauses[count++] = clause;
    }
    out->where = join(clauses, count);
    make_sort(out);
    out->limit = make_limit(row_count > 0 ? answer(found, out) : 0);
    out->text = out->as_string ? spell_string(out, clauses, count) : spell_filter(out->where);
    free(found);
}
