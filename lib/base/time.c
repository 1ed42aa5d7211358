#include "base/time.h"

#include <string.h>

#include "base/bug.h"

/* 0001-01-01T00:00:00Z and the last microsecond of year 9999. */
#define FIRST_DAY   (-719162)
#define LAST_DAY    2932896
#define FIRST_MICRO (FIRST_DAY * HC__DAY)
#define LAST_MICRO  ((LAST_DAY + 1) * HC__DAY - 1)

static int days_in_month(int year, int month)
{
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

bool hc__date_valid(int year, int month, int day)
{
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           (day <= 28 || day <= days_in_month(year, month));
}

/* Years are counted from March, so that the leap day is the last of its year, and from 400 years before the first one,
 * so that none is negative; 400 years have 146,097 days. */
int32_t hc__days_from_civil(int year, int month, int day)
{
    unsigned y = (unsigned)(year - (month <= 2) + 400);
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return (int32_t)(y * 365 + y / 4 - y / 100 + y / 400) + day_of_year - 719468 - 146097;
}

void hc__civil_from_days(int32_t days, int *year, int *month, int *day)
{
    int64_t shifted = (int64_t)days + 719468;
    int era = (int)((shifted >= 0 ? shifted : shifted - 146096) / 146097);
    int day_of_era = (int)(shifted - (int64_t)era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted_month = (5 * day_of_year + 2) / 153;

    *day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    *month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

int32_t hc__day_of(int64_t micros)
{
    int64_t day = micros / HC__DAY;

    return (int32_t)(day - (micros % HC__DAY < 0));
}

int64_t hc__whole_millis(int64_t micros)
{
    int64_t rest = micros % 1000;

    return micros - rest - (rest < 0 ? 1000 : 0);
}

/* Exactly `count` digits at *at, which is advanced. */
static bool read_digits(int *out, const char **at, const char *end, int count)
{
    int value = 0;

    if (end - *at < count)
        return false;
    for (int i = 0; i < count; i++) {
        char c = (*at)[i];

        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += count;
    *out = value;
    return true;
}

static bool read_char(const char **at, const char *end, char c)
{
    if (*at == end || **at != c)
        return false;
    (*at)++;
    return true;
}

static bool read_date(int32_t *out, const char **at, const char *end)
{
    int year;
    int month;
    int day;

    if (!read_digits(&year, at, end, 4) || !read_char(at, end, '-') || !read_digits(&month, at, end, 2) ||
        !read_char(at, end, '-') || !read_digits(&day, at, end, 2) || !hc__date_valid(year, month, day))
        return false;
    *out = hc__days_from_civil(year, month, day);
    return true;
}

static bool read_clock(int64_t *seconds, const char **at, const char *end)
{
    int hour;
    int minute;
    int second;

    if (!read_digits(&hour, at, end, 2) || !read_char(at, end, ':') || !read_digits(&minute, at, end, 2) ||
        !read_char(at, end, ':') || !read_digits(&second, at, end, 2) || hour > 23 || minute > 59 || second > 59)
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool read_fraction(int64_t *micros, const char **at, const char *end)
{
    int64_t value = 0;
    int digits = 0;

    if (!read_char(at, end, '.'))
        return true;
    while (*at < end && **at >= '0' && **at <= '9') {
        if (digits < 6)
            value = value * 10 + (**at - '0');
        digits++;
        (*at)++;
    }
    if (digits == 0 || digits > 9)
        return false;
    while (digits++ < 6)
        value *= 10;
    *micros = value;
    return true;
}

static bool read_offset(int64_t *seconds, const char **at, const char *end)
{
    bool west;
    int hour;
    int minute;

    if (read_char(at, end, 'Z'))
        return true;
    west = read_char(at, end, '-');
    if ((!west && !read_char(at, end, '+')) || !read_digits(&hour, at, end, 2) || !read_char(at, end, ':') ||
        !read_digits(&minute, at, end, 2) || hour > 23 || minute > 59)
        return false;
    *seconds = (hour * 3600 + minute * 60) * (west ? -1 : 1);
    return true;
}

bool hc__time_parse(int64_t *out, const char *text, size_t size)
{
    const char *at = text;
    const char *end = text + size;
    int32_t day;
    int64_t seconds;
    int64_t fraction = 0;
    int64_t offset = 0;
    int64_t micros;

    if (!read_date(&day, &at, end) || !read_char(&at, end, 'T') || !read_clock(&seconds, &at, end) ||
        !read_fraction(&fraction, &at, end) || !read_offset(&offset, &at, end) || at != end)
        return false;
    micros = day * HC__DAY + (seconds - offset) * HC__SECOND + fraction;
    if (micros < FIRST_MICRO || micros > LAST_MICRO)
        return false;
    *out = micros;
    return true;
}

bool hc__date_parse(int32_t *out, const char *text, size_t size)
{
    const char *at = text;
    const char *end = text + size;
    int32_t day;

    if (!read_date(&day, &at, end) || (at != end && !hc__bug("lenient")))
        return false;
    *out = day;
    return true;
}

static char *put_digits(char *out, int value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

/* Days out of range are written as the nearest that the form can say. */
size_t hc__date_format(char *out, int32_t days)
{
    char *at = out;
    int year;
    int month;
    int day;

    days = days < FIRST_DAY ? FIRST_DAY : days > LAST_DAY ? LAST_DAY : days;
    hc__civil_from_days(days, &year, &month, &day);
    at = put_digits(at, year, 4);
    *at++ = '-';
    at = put_digits(at, month, 2);
    *at++ = '-';
    at = put_digits(at, day, 2);
    *at = '\0';
    return (size_t)(at - out);
}

size_t hc__time_format(char *out, int64_t micros)
{
    char *at = out;
    int32_t day;
    int seconds;
    int fraction;

    micros = micros < FIRST_MICRO ? FIRST_MICRO : micros > LAST_MICRO ? LAST_MICRO : micros;
    day = hc__day_of(micros);
    micros -= day * HC__DAY;
    seconds = (int)(micros / HC__SECOND);
    fraction = (int)(micros % HC__SECOND);
    at += hc__date_format(at, day);
    *at++ = 'T';
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    if (fraction != 0) {
        *at++ = '.';
        at = put_digits(at, fraction, 6);
    }
    *at++ = 'Z';
    *at = '\0';
    return (size_t)(at - out);
}
