/* text, or "FORMAT\ntext": times and dates against the C library's calendar. */
#include <time.h>

#include "base/time.h"
#include "fuzz.h"
#include "transfer/mapping.h"

static void check_time(const fuzz *run)
{
    char text[32], expected[64];
    int64_t micros, again, seconds;
    time_t clock;
    struct tm parts;
    size_t size;

    if (!hc__time_parse(&micros, run->text, run->size))
        return;
    seconds = micros / HC__SECOND - (micros % HC__SECOND < 0);
    clock = (time_t)seconds;
    FUZZ_ASSERT(gmtime_r(&clock, &parts) != NULL);
    size = hc__time_format(text, micros);
    snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1,
             parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
    FUZZ_ASSERT(size < sizeof(text) && strncmp(text, expected, strlen(expected)) == 0);
    FUZZ_ASSERT(hc__time_parse(&again, text, size) && again == micros);
    FUZZ_ASSERT(hc__day_of(micros) == seconds / 86400 - (seconds % 86400 < 0));
}

static void check_date(const fuzz *run)
{
    char text[32];
    int32_t days;

    if (!hc__date_parse(&days, run->text, run->size))
        return;
    FUZZ_ASSERT(run->size == 10 && hc__date_format(text, days) == 10 && memcmp(text, run->text, 10) == 0);
}

static void check_format(fuzz *run)
{
    size_t size;
    const char *format = fuzz_cut(run, "\n", &size);
    int64_t micros;

    if (strlen(format) != size || !hc__date_format_valid(format))
        return;
    if (hc__date_by_format(&micros, format, run->text, run->size))
        FUZZ_ASSERT(micros % HC__SECOND == 0 && hc__day_of(micros) >= -719162 && hc__day_of(micros) <= 2932896);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    check_time(&run);
    check_date(&run);
    check_format(&run);
    return fuzz_end(&run);
}
