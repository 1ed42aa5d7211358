/* WORKING_HOURS \n EXCEPTIONS, either of them "-": none. What is read are days of ranges that rise on the grid. */
#include "base/arena.h"
#include "fuzz.h"
#include "model/hours.h"

#define MONDAY 20780 /* 2026-11-23 */

static void check_ranges(const hc__range *ranges, size_t count)
{
    FUZZ_ASSERT(count <= HC__RANGES_LIMIT);
    for (size_t i = 0; i < count; i++) {
        FUZZ_ASSERT(ranges[i].from % 5 == 0 && ranges[i].to % 5 == 0 && ranges[i].from >= 0 && ranges[i].to <= 1440);
        FUZZ_ASSERT(ranges[i].from < ranges[i].to && (i == 0 || ranges[i].from >= ranges[i - 1].to));
    }
}

static bool is_exception(const hc__hours *hours, int32_t date)
{
    for (size_t i = 0; i < hours->exception_count; i++)
        if (hours->exceptions[i].date == date)
            return true;
    return false;
}

/* A date has the ranges of its exception, and else those of its day of the week. */
static void check_dates(const hc__hours *hours)
{
    size_t count;

    for (int32_t i = -7; i < 7; i++) {
        const hc__day_hours *day = &hours->week[(i + 7) % 7];
        const hc__range *ranges = hc__hours_of(hours, MONDAY + i, &count);

        check_ranges(day->ranges, day->count);
        FUZZ_ASSERT(is_exception(hours, MONDAY + i) || (count == day->count && (count == 0 || ranges == day->ranges)));
    }
    for (size_t i = 0; i < hours->exception_count; i++) {
        const hc__day_hours *day = &hours->exceptions[i];
        const hc__range *ranges = hc__hours_of(hours, day->date, &count);

        check_ranges(day->ranges, day->count);
        FUZZ_ASSERT(count == day->count && (count == 0 || ranges == day->ranges));
        FUZZ_ASSERT(i == 0 || hours->exceptions[i - 1].date < day->date);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *week, *exceptions;
    size_t length;
    fuzz run;
    hc__arena arena;
    hc__hours hours;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    week = fuzz_cut(&run, "\n", &length);
    exceptions = run.text;
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = hc__hours_read(&hours, &arena, strcmp(week, "-") == 0 ? NULL : week,
                            strcmp(exceptions, "-") == 0 ? NULL : exceptions, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK)
        check_dates(&hours);
    else if (status != HC_ERR_NO_MEMORY)
        FUZZ_ASSERT(strcmp(run.err.field, "working_hours") == 0 || strcmp(run.err.field, "exceptions") == 0);
    hc__arena_free(&arena);
    return fuzz_end(&run);
}
