#include "base/zone.h"

#include <string.h>

#include "base/fail.h"
#include "base/time.h"
#include "base/zone_rule.h"

#define PARTS_LIMIT 4
#define HEAD_SIZE   44
#define LEAST_YEAR  1
#define LAST_YEAR   9998

/* ---- names ---- */

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool goes_on(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
}

bool hc__zone_name_valid(const char *name)
{
    size_t size = strlen(name);
    int parts = 0;

    if (size == 0 || size > HC__ZONE_NAME_LIMIT)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (i == 0 || name[i - 1] == '/') {
            parts++;
            if (!is_letter(name[i]))
                return false;
        } else if (name[i] == '/' ? i + 1 == size : !goes_on(name[i])) {
            return false;
        }
    }
    return parts <= PARTS_LIMIT;
}

/* ---- the file ---- */

/* Counts of a header, in the order of the file. */
typedef struct head {
    char version;
    uint32_t isut, isstd, leap, time, type, chars;
} head;

typedef struct reader {
    const uint8_t *at, *end;
} reader;

static bool have(const reader *in, size_t size)
{
    return (size_t)(in->end - in->at) >= size;
}

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int32_t read_i32(const uint8_t *at)
{
    return (int32_t)read_u32(at);
}

static int64_t read_i64(const uint8_t *at)
{
    return (int64_t)((uint64_t)read_u32(at) << 32 | read_u32(at + 4));
}

static bool read_head(reader *in, head *out)
{
    const uint8_t *at = in->at;

    if (!have(in, HEAD_SIZE) || memcmp(at, "TZif", 4) != 0)
        return false;
    *out = (head){(char)at[4],       read_u32(at + 20), read_u32(at + 24), read_u32(at + 28),
                  read_u32(at + 32), read_u32(at + 36), read_u32(at + 40)};
    in->at += HEAD_SIZE;
    return out->version == '\0' || (out->version >= '2' && out->version <= '9');
}

static size_t block_size(const head *h, size_t time_size)
{
    return h->time * time_size + h->time + h->type * (size_t)6 + h->chars + h->leap * (time_size + 4) + h->isstd +
           h->isut;
}

/* What RFC 8536 asks of the counts, and no leap seconds: our instants have none. */
static bool sound(const head *h)
{
    return h->type >= 1 && h->type <= 256 && h->chars >= 1 && h->leap == 0 && (h->isstd == 0 || h->isstd == h->type) &&
           (h->isut == 0 || h->isut == h->type) && h->time <= HC__ZONE_FILE_LIMIT && h->chars <= HC__ZONE_FILE_LIMIT;
}

static bool offset_of(const uint8_t *types, const head *h, uint8_t type, int32_t *out)
{
    const uint8_t *at = types + (size_t)type * 6;

    if (type >= h->type || at[5] >= h->chars || at[4] > 1)
        return false;
    *out = read_i32(at);
    return *out > -HC__ZONE_SPREAD && *out < HC__ZONE_SPREAD;
}

/* One data block; *memory false when the arena gave none. */
static bool read_block(hc__zone *zone, hc__arena *arena, const reader *in, const head *h, size_t time_size,
                       bool *memory)
{
    const uint8_t *times = in->at, *marks = times + h->time * time_size, *types = marks + h->time;
    int64_t *at = hc__arena_alloc(arena, (h->time + 1) * sizeof *at);
    int32_t *offset = hc__arena_alloc(arena, (h->time + 1) * sizeof *offset);

    *memory = at != NULL && offset != NULL;
    if (!*memory || !offset_of(types, h, 0, &zone->first))
        return false;
    for (size_t i = 0; i < h->time; i++) {
        at[i] = time_size == 8 ? read_i64(times + i * 8) : read_i32(times + i * 4);
        if ((i > 0 && at[i] <= at[i - 1]) || !offset_of(types, h, marks[i], &offset[i]))
            return false;
    }
    zone->at = at;
    zone->offset = offset;
    zone->count = h->time;
    return true;
}

static bool read_footer(hc__zone *zone, const reader *in)
{
    const char *text = (const char *)in->at;
    const char *close;

    if (!have(in, 2) || text[0] != '\n')
        return false;
    text++;
    close = memchr(text, '\n', (size_t)((const char *)in->end - text));
    if (close == NULL)
        return false;
    return close == text || hc__zone_rule(zone, text, (size_t)(close - text));
}

/* Version 1 has 32-bit times and no footer; later ones repeat all that and then say it in 64 bits. */
static bool read_all(hc__zone *zone, hc__arena *arena, reader *in, bool *memory)
{
    size_t time_size = 4;
    head h;

    if (!read_head(in, &h))
        return false;
    if (h.version != '\0') {
        if (!have(in, block_size(&h, 4)))
            return false;
        in->at += block_size(&h, 4);
        if (!read_head(in, &h) || h.version == '\0')
            return false;
        time_size = 8;
    }
    if (!sound(&h) || !have(in, block_size(&h, time_size)) || !read_block(zone, arena, in, &h, time_size, memory))
        return false;
    in->at += block_size(&h, time_size);
    return time_size == 4 || read_footer(zone, in);
}

hc_status hc__zone_parse(hc__zone *zone, hc__arena *arena, const void *bytes, size_t size, hc_error *err)
{
    reader in = {bytes, (const uint8_t *)bytes + size};
    bool memory = true;

    *zone = (hc__zone){0};
    if (size <= HC__ZONE_FILE_LIMIT && read_all(zone, arena, &in, &memory))
        return HC_OK;
    hc__zone_utc(zone);
    return memory ? hc__fail(err, HC_ERR_INVALID, NULL, "the file is no time zone of RFC 8536 without leap seconds")
                  : hc__no_memory(err);
}

void hc__zone_utc(hc__zone *zone)
{
    *zone = (hc__zone){.has_rule = true};
}

/* ---- the two changes of a year by the rule ---- */

static int64_t days_of(int32_t year, const hc__zone_day *rule)
{
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    int64_t first;
    int64_t weekday;

    if (rule->form == 'n')
        return hc__days_from_civil(year, 1, 1) + rule->day;
    if (rule->form == 'J')
        return hc__days_from_civil(year, 1, 1) + rule->day - 1 + (leap && rule->day >= 60);
    first = hc__days_from_civil(year, rule->month, 1);
    weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; Sunday is 0 */
    first += (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
    while (rule->week == 5) { /* the last one of the month */
        int y, m, d;

        hc__civil_from_days((int32_t)first, &y, &m, &d);
        if (m == rule->month)
            break;
        first -= 7;
    }
    return first;
}

static int64_t change_of(int32_t year, const hc__zone_day *rule, int32_t offset_before)
{
    return days_of(year, rule) * 86400 + rule->seconds - offset_before;
}

static int32_t year_of(int64_t utc)
{
    int64_t days = utc / 86400 - (utc % 86400 < 0);
    int y, m, d;

    if (days < -719162)
        return LEAST_YEAR;
    if (days > 2932530)
        return LAST_YEAR;
    hc__civil_from_days((int32_t)days, &y, &m, &d);
    return y;
}

/* The latest change at or before `utc` decides; it may lie up to a week outside the year it is named for. Summer time
 * all year is two changes at one instant: the one to summer counts. */
static int32_t rule_offset(const hc__zone *zone, int64_t utc)
{
    int64_t latest = INT64_MIN;
    int32_t year, offset = zone->standard;

    if (!zone->has_summer)
        return zone->standard;
    year = year_of(utc);
    for (int32_t y = year - 2; y <= year + 2; y++) {
        int64_t back = change_of(y, &zone->to_standard, zone->summer);
        int64_t forth = change_of(y, &zone->to_summer, zone->standard);

        if (back <= utc && back > latest) {
            latest = back;
            offset = zone->standard;
        }
        if (forth <= utc && forth >= latest) {
            latest = forth;
            offset = zone->summer;
        }
    }
    return offset;
}

static int64_t rule_next(const hc__zone *zone, int64_t utc)
{
    int64_t next = INT64_MAX;
    int32_t year;

    if (!zone->has_rule || !zone->has_summer)
        return INT64_MAX;
    year = year_of(utc);
    for (int32_t y = year - 2; y <= year + 2; y++) {
        int64_t changes[2] = {change_of(y, &zone->to_standard, zone->summer),
                              change_of(y, &zone->to_summer, zone->standard)};

        for (int i = 0; i < 2; i++)
            if (changes[i] > utc && changes[i] < next)
                next = changes[i];
    }
    return next;
}

/* ---- UTC to local ---- */

/* How many transitions are at or before `utc`. */
static size_t passed(const hc__zone *zone, int64_t utc)
{
    size_t low = 0, high = zone->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at[middle] <= utc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t hc__zone_offset(const hc__zone *zone, int64_t utc)
{
    size_t at = passed(zone, utc);

    if (at == zone->count && zone->has_rule)
        return rule_offset(zone, utc);
    return at == 0 ? zone->first : zone->offset[at - 1];
}

int64_t hc__zone_next(const hc__zone *zone, int64_t utc)
{
    size_t at = passed(zone, utc);

    return at < zone->count ? zone->at[at] : rule_next(zone, utc);
}

/* ---- local to UTC ---- */

/* Walks the stretches of one offset that can hold the wall time, earliest first. */
hc__wall hc__zone_of_wall(const hc__zone *zone, int64_t local, int64_t *utc, int64_t *later)
{
    int64_t from = local - HC__ZONE_SPREAD, jump = from;
    int found = 0;

    *utc = *later = 0;
    while (from <= local + HC__ZONE_SPREAD && found < 2) {
        int64_t next = hc__zone_next(zone, from);
        int64_t instant = local - hc__zone_offset(zone, from);

        if (instant >= from && instant < next) {
            *(found == 0 ? utc : later) = instant;
            found++;
        } else if (instant >= next) {
            jump = next; /* not reached before this change; when never, then by it */
        }
        if (next == INT64_MAX)
            break;
        from = next;
    }
    if (found == 0)
        *utc = jump;
    return found == 0 ? HC__WALL_NEVER : found == 1 ? HC__WALL_ONCE : HC__WALL_TWICE;
}
