#include "base/zone_rule.h"

typedef struct cursor {
    const char *at, *end;
} cursor;

static bool take(cursor *in, char c)
{
    if (in->at == in->end || *in->at != c)
        return false;
    in->at++;
    return true;
}

static bool is_digit(const cursor *in)
{
    return in->at < in->end && *in->at >= '0' && *in->at <= '9';
}

/* One to three digits, from `low` to `high`. */
static bool number(cursor *in, int32_t low, int32_t high, int32_t *out)
{
    int digits = 0;

    *out = 0;
    while (digits < 3 && is_digit(in)) {
        *out = *out * 10 + (*in->at++ - '0');
        digits++;
    }
    return digits > 0 && !is_digit(in) && *out >= low && *out <= high;
}

static bool name_char(char c, bool quoted)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
        return true;
    return quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-');
}

/* "CST" or "<+0545>". */
static bool name(cursor *in)
{
    bool quoted = take(in, '<');
    int size = 0;

    while (in->at < in->end && name_char(*in->at, quoted)) {
        in->at++;
        size++;
    }
    return size >= 3 && (!quoted || take(in, '>'));
}

/* hh[:mm[:ss]] with a sign. */
static bool clock(cursor *in, int32_t hours, int32_t *out)
{
    bool minus = take(in, '-');
    int32_t h, m = 0, s = 0;

    if (!minus)
        (void)take(in, '+');
    if (!number(in, 0, hours, &h))
        return false;
    if (take(in, ':') && (!number(in, 0, 59, &m) || (take(in, ':') && !number(in, 0, 59, &s))))
        return false;
    *out = (h * 3600 + m * 60 + s) * (minus ? -1 : 1);
    return true;
}

static bool day(cursor *in, hc__zone_day *out)
{
    *out = (hc__zone_day){.form = 'n', .seconds = 2 * 3600};
    if (take(in, 'M')) {
        out->form = 'M';
        if (!number(in, 1, 12, &out->month) || !take(in, '.') || !number(in, 1, 5, &out->week) || !take(in, '.') ||
            !number(in, 0, 6, &out->day))
            return false;
    } else if (take(in, 'J')) {
        out->form = 'J';
        if (!number(in, 1, 365, &out->day))
            return false;
    } else if (!number(in, 0, 365, &out->day)) {
        return false;
    }
    return !take(in, '/') || clock(in, 167, &out->seconds);
}

bool hc__zone_rule(hc__zone *zone, const char *text, size_t size)
{
    cursor in = {text, text + size};
    int32_t west;

    if (!name(&in) || !clock(&in, 24, &west))
        return false;
    zone->standard = -west;
    zone->summer = zone->standard + 3600;
    zone->has_rule = true;
    if (in.at == in.end)
        return true;
    if (!name(&in))
        return false;
    if (in.at < in.end && *in.at != ',') {
        if (!clock(&in, 24, &west))
            return false;
        zone->summer = -west;
    }
    zone->has_summer = true;
    return take(&in, ',') && day(&in, &zone->to_summer) && take(&in, ',') && day(&in, &zone->to_standard) &&
           in.at == in.end;
}
