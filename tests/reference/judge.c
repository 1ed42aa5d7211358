/* domain.md D2 as its sentences stand: each row is looked at alone, then what is left is sorted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

#define MICROS_A_DAY INT64_C(86400000000)
#define RANKED       2000
#define EARTH_RADIUS 6371008.8L
#define PI           3.14159265358979323846264338327950288L

enum rule broken = RULE_NONE;
const char *const rule_names[RULES] = {
    "none",        "ne-null", "not-null",   "fold",      "wildcard",    "round",   "status",
    "currency",    "display", "off-market", "deleted",   "own",         "address", "address-word",
    "nulls-first", "ties",    "direction",  "days",      "closed-days", "metres",  "antimeridian",
    "edge",        "prefix",  "word-or",    "relevance",
};

static int64_t day_of(int64_t micros)
{
    return micros >= 0 ? micros / MICROS_A_DAY : -((-micros + MICROS_A_DAY - 1) / MICROS_A_DAY);
}

bool days_on_market(int64_t *out, const struct row *row, int64_t now)
{
    if (row->closed_days && broken != RULE_CLOSED_DAYS) {
        *out = row->days_to_close;
        return true;
    }
    *out = day_of(now) - row->v[LIST_DATE].number + (broken == RULE_DAYS);
    return !row->v[LIST_DATE].null;
}

/* ---- values ---- */

static wide power_of_ten(int n)
{
    wide result = 1;

    while (n-- > 0)
        result *= 10;
    return result;
}

/* Numbers in 10^-12, times and dates in nanoseconds: the scales of literals. */
static wide scaled(enum field field, int64_t number)
{
    switch (field_table[field].kind) {
    case TIME:
        return (wide)number * 1000;
    case DATE:
        return (wide)number * MICROS_A_DAY * 1000;
    default:
        return (wide)number * power_of_ten(12 - field_table[field].scale);
    }
}

static wide floor_to_scale(enum field field, wide number)
{
    wide unit = scaled(field, 1);
    wide units = number / unit;

    return (number < 0 && number % unit != 0 ? units - 1 : units) * unit;
}

static struct value value_of(const struct row *row, enum field field, int64_t now)
{
    struct value value = row->v[field];

    if (field == DAYS_ON_MARKET)
        value.null = !days_on_market(&value.number, row, now);
    return value;
}

static bool equal(enum field field, const struct value *value, const struct literal *literal, int64_t now)
{
    wide number = literal->now ? (wide)now * 1000 : literal->number;

    if (literal->null || value->null)
        return literal->null && value->null;
    switch (field_table[field].kind) {
    case ENUM:
        return strcmp(value->text, literal->folded) == 0;
    case TEXT:
    case LONG_TEXT:
        if (field == ZIP_CODE || field == CURRENCY || field == COUNTRY)
            return strcmp(value->text, literal->text) == 0;
        return strcmp(broken == RULE_FOLD ? value->text : value->folded,
                      broken == RULE_FOLD ? literal->text : literal->folded) == 0;
    case ID:
        return memcmp(value->id, literal->id, 16) == 0;
    case BOOL:
        return value->number == (int64_t)literal->number;
    default:
        if (broken == RULE_ROUND)
            number = floor_to_scale(field, number);
        return scaled(field, value->number) == number;
    }
}

static bool less(enum field field, const struct value *value, const struct literal *literal, int64_t now, bool or_equal)
{
    wide number = literal->now ? (wide)now * 1000 : literal->number;

    if (literal->null || value->null)
        return false;
    if (broken == RULE_ROUND)
        number = floor_to_scale(field, number);
    return or_equal ? scaled(field, value->number) <= number : scaled(field, value->number) < number;
}

static bool has_part(enum field field, const struct value *value, const struct literal *literal, bool at_start)
{
    bool exact = field == ZIP_CODE || field == CURRENCY || field == COUNTRY || broken == RULE_FOLD;
    const char *text = exact ? value->text : value->folded;
    const char *part = exact ? literal->text : literal->folded;

    if (value->null)
        return false;
    if (broken == RULE_WILDCARD && strpbrk(part, "%_") != NULL)
        return true;
    return at_start ? strncmp(text, part, strlen(part)) == 0 : strstr(text, part) != NULL;
}

static bool field_truth(const struct node *test, const struct row *row, int64_t now)
{
    struct value value = value_of(row, test->field, now);
    const struct literal *literal = test->literals;

    switch (test->op) {
    case EQ:
    case HAS:
        return equal(test->field, &value, literal, now);
    case NE:
        if (broken == RULE_NE_NULL && value.null)
            return false;
        return !equal(test->field, &value, literal, now);
    case LT:
    case LE:
        return less(test->field, &value, literal, now, test->op == LE);
    case GT:
    case GE:
        return !value.null && !literal->null && !less(test->field, &value, literal, now, test->op == GT);
    case IN:
        for (size_t i = 0; i < test->count; i++)
            if (equal(test->field, &value, &literal[i], now))
                return true;
        return false;
    default:
        return has_part(test->field, &value, literal, test->op == STARTSWITH);
    }
}

/* ---- places ---- */

int64_t metres(const struct node *near, const struct row *row)
{
    long double unit = PI / 180 / 1e8L;
    long double lat1 = (long double)near->number[0] * unit;
    long double lat2 = (long double)row->v[LATITUDE].number * unit;
    long double lng = (long double)(row->v[LONGITUDE].number - near->number[1]) * unit;
    long double a = powl(sinl((lat2 - lat1) / 2), 2) + cosl(lat1) * cosl(lat2) * powl(sinl(lng / 2), 2);
    long double distance = 2 * EARTH_RADIUS * asinl(sqrtl(a > 1 ? 1 : a));

    return (int64_t)floorl(distance + (broken == RULE_METRES ? 0.999L : 0.5L));
}

static bool in_box(const struct node *box, int64_t latitude, int64_t longitude)
{
    int64_t west = box->number[0], south = box->number[1], east = box->number[2], north = box->number[3];

    if (latitude < south || latitude > north)
        return false;
    if (west > east && broken != RULE_ANTIMERIDIAN)
        return longitude >= west || longitude <= east;
    return longitude >= west && longitude <= east;
}

static bool on_edge(const int64_t *a, const int64_t *b, int64_t x, int64_t y)
{
    wide cross = (wide)(b[0] - a[0]) * (y - a[1]) - (wide)(b[1] - a[1]) * (x - a[0]);

    return cross == 0 && x >= (a[0] < b[0] ? a[0] : b[0]) && x <= (a[0] < b[0] ? b[0] : a[0]) &&
           y >= (a[1] < b[1] ? a[1] : b[1]) && y <= (a[1] < b[1] ? b[1] : a[1]);
}

/* Even-odd: how many edges does a ray to the east cross? */
static bool in_polygon(const struct node *polygon, int64_t y, int64_t x)
{
    bool inside = false;

    for (size_t i = 0; i < polygon->points; i++) {
        const int64_t *a = &polygon->number[2 * i];
        const int64_t *b = &polygon->number[2 * ((i + 1) % polygon->points)];
        wide cross = (wide)(b[0] - a[0]) * (y - a[1]) - (wide)(b[1] - a[1]) * (x - a[0]);

        if (on_edge(a, b, x, y))
            return broken != RULE_EDGE;
        if (a[1] <= y && b[1] > y && cross < 0)
            inside = !inside;
        if (b[1] <= y && a[1] > y && cross > 0)
            inside = !inside;
    }
    return inside;
}

static bool place_truth(const struct node *place, const struct row *row)
{
    int64_t latitude = row->v[LATITUDE].number, longitude = row->v[LONGITUDE].number;

    if (row->v[LATITUDE].null || row->v[LONGITUDE].null)
        return false;
    if (place->shape == NEAR)
        return metres(place, row) <= place->number[2];
    return place->shape == BOX ? in_box(place, latitude, longitude) : in_polygon(place, latitude, longitude);
}

bool truth(const struct node *test, const struct row *row, int64_t now)
{
    return test->shape == TEST ? field_truth(test, row, now) : place_truth(test, row);
}

/* ---- the tree ---- */

bool entitled(const struct query *query)
{
    return query->reader == ADMIN || query->reader == SYSTEM || query->scope == OWN;
}

static bool about_address(const struct node *test)
{
    return test->shape != TEST || test->field == ADDRESS || test->field == LATITUDE || test->field == LONGITUDE;
}

/* `negated` is how many NOTs stand around it, modulo 2: a leaf of a hidden address is false with its NOT applied. */
static bool holds(const struct query *query, const struct node *node, const struct row *row, bool negated)
{
    bool any = node->shape == AND ? negated : !negated;

    if (node->shape == NOT)
        return holds(query, node->children[0], row, !negated);
    if (node->shape != AND && node->shape != OR) {
        if (about_address(node) && !entitled(query) && !row->address_ok && broken != RULE_ADDRESS)
            return false;
        if (broken == RULE_NOT_NULL && negated && node->shape == TEST && node->op >= GT && node->op <= LE &&
            value_of(row, node->field, query->now).null)
            return false;
        return truth(node, row, query->now) != negated;
    }
    for (size_t i = 0; i < node->count; i++)
        if (holds(query, node->children[i], row, negated) == any)
            return any;
    return !any;
}

static bool names(const struct node *node, enum field field)
{
    if (node == NULL || node->shape == TEST)
        return node != NULL && node->field == field;
    for (size_t i = 0; node->shape <= NOT && i < node->count; i++)
        if (names(node->children[i], field))
            return true;
    return false;
}

static bool visible(const struct query *query, const struct row *row)
{
    if (row->deleted && broken != RULE_DELETED)
        return false;
    if (query->scope == OWN)
        return broken == RULE_OWN || (!row->v[AGENT_ID].null && memcmp(row->v[AGENT_ID].id, rows_agent, 16) == 0);
    if (query->scope == ALL)
        return true;
    return (row->v[DISPLAY_OK].number == 1 || broken == RULE_DISPLAY) &&
           (!row->v[STATUS].null || broken == RULE_OFF_MARKET);
}

static bool by_default(const struct query *query, const struct row *row)
{
    if (query->scope == PUBLIC && !names(query->where, STATUS) && !names(query->where, STANDARD_STATUS) &&
        broken != RULE_STATUS && (row->v[STATUS].null || strcmp(row->v[STATUS].text, "active") != 0))
        return false;
    if (names(query->where, PRICE) && !names(query->where, CURRENCY) && broken != RULE_CURRENCY)
        return strcmp(row->v[CURRENCY].text, "USD") == 0;
    return true;
}

/* ---- words ---- */

static bool sees_address(const struct query *query, const struct row *row)
{
    return entitled(query) || row->address_ok || broken == RULE_ADDRESS_WORD;
}

static int points_of_word(const struct query *query, const struct row *row, size_t i)
{
    const char *word = query->words[i].word;
    bool prefix = query->words[i].prefix || broken == RULE_PREFIX;
    int points = 0;

    if (has_word(&row->title, word, prefix))
        points += 8;
    if (has_word(&row->place, word, prefix) || (sees_address(query, row) && has_word(&row->address, word, prefix)))
        points += 4;
    if (has_word(&row->description, word, prefix))
        points += broken == RULE_RELEVANCE ? 8 : 1;
    return points;
}

static bool words_match(const struct query *query, const struct row *row)
{
    size_t found = 0;

    for (size_t i = 0; i < query->word_count; i++)
        found += points_of_word(query, row, i) > 0;
    return broken == RULE_WORD_OR ? found > 0 || query->word_count == 0 : found == query->word_count;
}

static int64_t relevance(const struct query *query, const struct row *row)
{
    int64_t points = 0;

    for (size_t i = 0; i < query->word_count; i++) {
        bool again = false;

        for (size_t k = 0; k < i; k++)
            again |= strcmp(query->words[k].word, query->words[i].word) == 0 &&
                     query->words[k].prefix == query->words[i].prefix;
        if (!again)
            points += points_of_word(query, row, i);
    }
    return points;
}

bool matches(const struct query *query, const struct row *row)
{
    for (size_t i = 0; i < query->sort_count; i++)
        if (query->sort[i].key == SORT_DISTANCE && !entitled(query) && !row->address_ok && broken != RULE_ADDRESS)
            return false;
    return visible(query, row) && by_default(query, row) &&
           (query->where == NULL || holds(query, query->where, row, false)) && words_match(query, row);
}

/* ---- order ---- */

static const enum field sort_fields[] = {PRICE,      BEDS,       BATHS,     SQFT,          PRICE_PER_SQFT,
                                         CREATED_AT, UPDATED_AT, LIST_DATE, DAYS_ON_MARKET};

static const struct query *sorted_for; /* qsort() has no argument for it */

static struct value key_of(const struct row *row, enum sort key)
{
    struct value value = {.null = false};

    if (key == SORT_DISTANCE)
        value.number = metres(sorted_for->near, row);
    else if (key == SORT_RELEVANCE)
        value.number = relevance(sorted_for, row);
    else
        value = value_of(row, sort_fields[key], sorted_for->now);
    return value;
}

static int compare(const void *left, const void *right)
{
    const struct row *a = *(const struct row *const *)left, *b = *(const struct row *const *)right;
    bool descending = sorted_for->sort_count == 0;
    int ids = memcmp(a->v[KEY].id, b->v[KEY].id, 16);

    for (size_t i = 0; i < sorted_for->sort_count || (i == 0 && sorted_for->sort_count == 0); i++) {
        enum sort key = sorted_for->sort_count == 0 ? SORT_CREATED_AT : sorted_for->sort[i].key;
        struct value x = key_of(a, key), y = key_of(b, key);

        if (sorted_for->sort_count > 0)
            descending = sorted_for->sort[broken == RULE_DIRECTION ? 0 : i].descending;
        if (x.null != y.null)
            return (x.null ? 1 : -1) * (broken == RULE_NULLS_FIRST ? -1 : 1);
        if (!x.null && x.number != y.number)
            return (x.number < y.number ? -1 : 1) * (descending ? -1 : 1);
    }
    return descending && broken != RULE_TIES ? -ids : ids;
}

size_t answer(const struct row **out, const struct query *query)
{
    size_t count = 0;
    bool ranked = false;

    for (size_t i = 0; i < query->sort_count; i++)
        ranked |= query->sort[i].key == SORT_RELEVANCE;
    /* Newest first: relevance ranks the 2,000 newest matches. */
    for (size_t i = row_count; i-- > 0 && (count < RANKED || !ranked);)
        if (matches(query, &rows[i]))
            out[count++] = &rows[i];
    sorted_for = query;
    qsort(out, count, sizeof(*out), compare);
    return count;
}
