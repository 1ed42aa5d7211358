#include "model/hours.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/json.h"
#include "base/time.h"

#define GRID 5

static const char *const day_names[7] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* What is being read, for messages: "mon" or "2026-12-24" of a column. */
typedef struct place {
    hc__json_reader json;
    hc__arena *arena;
    const char *column;
    char day[16];
    hc_error *err;
} place;

static hc_status wrong(place *p, const char *what)
{
    return hc__fail(p->err, HC_ERR_INVALID, p->column, "%s%s%s: %s", p->column, p->day[0] == '\0' ? "" : ", ", p->day,
                    what);
}

/* What the reader refused is told with the column's name. */
static hc_status not_json(place *p)
{
    if (p->json.status == HC_ERR_NO_MEMORY)
        return hc__no_memory(p->err);
    return wrong(p, "not well-formed JSON");
}

static hc_status expect(place *p, hc__json_token token, const char *what)
{
    hc__json_token got = hc__json_next(&p->json, NULL);

    if (got == HC__JSON_ERROR)
        return not_json(p);
    return got == token ? HC_OK : wrong(p, what);
}

/* "HH:MM" on the grid, "24:00" included; -1 for anything else. */
static int32_t minutes_of(const char *text, size_t size)
{
    int32_t hour, minute;

    if (size != 5 || text[2] != ':')
        return -1;
    for (int i = 0; i < 5; i++)
        if (i != 2 && (text[i] < '0' || text[i] > '9'))
            return -1;
    hour = (text[0] - '0') * 10 + text[1] - '0';
    minute = (text[3] - '0') * 10 + text[4] - '0';
    if (minute > 59 || minute % GRID != 0 || hour > 24 || (hour == 24 && minute > 0))
        return -1;
    return hour * 60 + minute;
}

static hc_status read_minutes(place *p, int16_t *out)
{
    static const char what[] = "a time is \"HH:MM\" on the grid of five minutes";
    hc_status status = expect(p, HC__JSON_STRING, what);
    int32_t minutes;

    if (status < 0)
        return status;
    minutes = minutes_of(p->json.text, p->json.size);
    *out = (int16_t)minutes;
    return minutes < 0 ? wrong(p, what) : HC_OK;
}

static hc_status read_range(place *p, hc__range *out, const hc__range *before)
{
    hc_status status = read_minutes(p, &out->from);

    if (status >= 0)
        status = read_minutes(p, &out->to);
    if (status >= 0)
        status = expect(p, HC__JSON_ARRAY_END, "a range is two times, [\"09:00\",\"17:00\"]");
    if (status < 0)
        return status;
    if (out->from >= out->to)
        return wrong(p, "a range ends after it begins");
    if (before != NULL && out->from < before->to)
        return wrong(p, "ranges rise and do not overlap");
    return HC_OK;
}

/* The array of a day's ranges, from before its bracket. */
static hc_status read_ranges(place *p, hc__day_hours *out)
{
    hc__range ranges[HC__RANGES_LIMIT];
    uint32_t count = 0;
    hc_status status = expect(p, HC__JSON_ARRAY, "a day is an array of ranges, [[\"09:00\",\"17:00\"]]");

    while (status >= 0) {
        hc__json_token token = hc__json_next(&p->json, NULL);

        if (token == HC__JSON_ERROR)
            return not_json(p);
        if (token == HC__JSON_ARRAY_END)
            break;
        if (token != HC__JSON_ARRAY)
            return wrong(p, "a day is an array of ranges, [[\"09:00\",\"17:00\"]]");
        if (count == HC__RANGES_LIMIT)
            return wrong(p, "a day has at most 24 ranges");
        status = read_range(p, &ranges[count], count == 0 ? NULL : &ranges[count - 1]);
        count++;
    }
    if (status < 0)
        return status;
    out->count = count;
    if (count == 0)
        return HC_OK;
    out->ranges = hc__arena_copy(p->arena, ranges, count * sizeof *ranges);
    return out->ranges == NULL ? hc__no_memory(p->err) : HC_OK;
}

/* ---- the week ---- */

static int day_of_name(const char *text)
{
    for (int i = 0; i < 7; i++)
        if (strcmp(text, day_names[i]) == 0)
            return i;
    return -1;
}

static hc_status read_week(place *p, hc__hours *out)
{
    static const char what[] =
        "an object of days, {\"mon\":[[\"09:00\",\"17:00\"]]}; days are mon tue wed thu fri sat sun";
    hc_status status = expect(p, HC__JSON_OBJECT, what);

    while (status >= 0) {
        hc__json_token token = hc__json_next(&p->json, NULL);
        int day;

        if (token == HC__JSON_ERROR)
            return not_json(p);
        if (token == HC__JSON_OBJECT_END)
            break;
        day = day_of_name(p->json.text);
        if (day < 0)
            return wrong(p, what);
        memcpy(p->day, day_names[day], 4);
        status = read_ranges(p, &out->week[day]);
        p->day[0] = '\0';
    }
    return status;
}

static void default_week(hc__hours *out)
{
    static const hc__range office = {9 * 60, 17 * 60};

    for (int i = 0; i < 5; i++)
        out->week[i] = (hc__day_hours){0, 1, &office};
}

/* ---- exceptions ---- */

static int by_date(const void *a, const void *b)
{
    const hc__day_hours *x = a, *y = b;

    return (x->date > y->date) - (x->date < y->date);
}

/* The members of one exception, after its brace, in any order. */
static hc_status read_exception(place *p, hc__day_hours *out)
{
    static const char what[] = "an exception is {\"date\":\"2026-12-24\",\"hours\":[]}";
    bool date = false, hours = false;
    hc_status status = HC_OK;

    while (status >= 0) {
        hc__json_token token = hc__json_next(&p->json, NULL);

        if (token == HC__JSON_ERROR)
            return not_json(p);
        if (token == HC__JSON_OBJECT_END)
            break;
        if (strcmp(p->json.text, "date") == 0) {
            status = expect(p, HC__JSON_STRING, what);
            if (status >= 0 && !hc__date_parse(&out->date, p->json.text, p->json.size))
                status = wrong(p, "a date is YYYY-MM-DD");
            if (status >= 0)
                memcpy(p->day, p->json.text, p->json.size + 1);
            date = true;
        } else if (strcmp(p->json.text, "hours") == 0) {
            status = read_ranges(p, out);
            hours = true;
        } else {
            return wrong(p, what);
        }
    }
    if (status >= 0 && (!date || !hours))
        return wrong(p, what);
    p->day[0] = '\0';
    return status;
}

static hc_status settle(place *p, hc__hours *out, const hc__day_hours *list, size_t count)
{
    hc__day_hours *sorted = hc__arena_copy(p->arena, list, (count + 1) * sizeof *list);

    if (sorted == NULL)
        return hc__no_memory(p->err);
    qsort(sorted, count, sizeof *sorted, by_date);
    for (size_t i = 1; i < count; i++)
        if (sorted[i].date == sorted[i - 1].date) {
            hc__date_format(p->day, sorted[i].date);
            return wrong(p, "the date stands there twice");
        }
    out->exceptions = sorted;
    out->exception_count = count;
    return HC_OK;
}

static hc_status read_exceptions(place *p, hc__hours *out)
{
    static const char what[] = "an array of exceptions, [{\"date\":\"2026-12-24\",\"hours\":[]}]";
    size_t count = 0, room = 16;
    hc__day_hours *list = hc__arena_zero(p->arena, room, sizeof *list);
    hc_status status = list == NULL ? hc__no_memory(p->err) : expect(p, HC__JSON_ARRAY, what);

    while (status >= 0) {
        hc__json_token token = hc__json_next(&p->json, NULL);

        if (token == HC__JSON_ERROR)
            return not_json(p);
        if (token == HC__JSON_ARRAY_END)
            break;
        if (token != HC__JSON_OBJECT)
            return wrong(p, what);
        if (count + 1 == room) {
            hc__day_hours *more = hc__arena_zero(p->arena, room * 2, sizeof *more);
            if (more == NULL)
                return hc__no_memory(p->err);
            memcpy(more, list, count * sizeof *list);
            list = more;
            room *= 2;
        }
        status = read_exception(p, &list[count++]);
    }
    return status < 0 ? status : settle(p, out, list, count);
}

/* ---- both ---- */

static hc_status read_column(hc__hours *out, hc__arena *arena, const char *column, const char *json,
                             hc_status (*read)(place *p, hc__hours *out), hc_error *err)
{
    place p = {.arena = arena, .column = column, .err = err};
    hc_status status;

    hc__json_open(&p.json, arena->mem, json, strlen(json), NULL);
    status = read(&p, out);
    if (status >= 0)
        status = expect(&p, HC__JSON_END, "nothing goes after it");
    hc__json_close(&p.json);
    return status;
}

hc_status hc__hours_read(hc__hours *out, hc__arena *arena, const char *working_hours, const char *exceptions,
                         hc_error *err)
{
    hc_status status = HC_OK;

    *out = (hc__hours){0};
    if (working_hours == NULL)
        default_week(out);
    else
        status = read_column(out, arena, "working_hours", working_hours, read_week, err);
    if (status >= 0 && exceptions != NULL)
        status = read_column(out, arena, "exceptions", exceptions, read_exceptions, err);
    return status;
}

const hc__range *hc__hours_of(const hc__hours *hours, int32_t date, size_t *count)
{
    hc__day_hours key = {.date = date};
    const hc__day_hours *day = hours->exception_count == 0
                                   ? NULL
                                   : bsearch(&key, hours->exceptions, hours->exception_count, sizeof key, by_date);

    if (day == NULL)
        day = &hours->week[((date + 3) % 7 + 7) % 7]; /* 1970-01-01 was a Thursday */
    *count = day->count;
    return day->ranges;
}
