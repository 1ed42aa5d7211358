/* bytes of a TZif file: what is read has offsets that stay in bounds, and local time leads back to where it came from.
 */
#include "base/zone.h"
#include "fuzz.h"

static void check_instant(const hc__zone *zone, int64_t utc)
{
    int32_t offset = hc__zone_offset(zone, utc);
    int64_t first, later, next = hc__zone_next(zone, utc);

    FUZZ_ASSERT(offset > -HC__ZONE_SPREAD && offset < HC__ZONE_SPREAD);
    FUZZ_ASSERT(next > utc);
    switch (hc__zone_of_wall(zone, utc + offset, &first, &later)) {
    case HC__WALL_ONCE:
        FUZZ_ASSERT(first == utc);
        break;
    case HC__WALL_TWICE: /* of more than two the first two are told */
        FUZZ_ASSERT(first < later && first <= utc);
        FUZZ_ASSERT(first + hc__zone_offset(zone, first) == utc + offset);
        FUZZ_ASSERT(later + hc__zone_offset(zone, later) == utc + offset);
        break;
    default:
        FUZZ_ASSERT(0);
    }
}

/* A wall time that never is lies where a change jumps over it. */
static void check_wall(const hc__zone *zone, int64_t local)
{
    int64_t utc, later;

    if (hc__zone_of_wall(zone, local, &utc, &later) == HC__WALL_NEVER)
        FUZZ_ASSERT(utc - 1 + hc__zone_offset(zone, utc - 1) < local && utc + hc__zone_offset(zone, utc) > local);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t instants[] = {-5000000000, -1,         0,          1,          1000000000,
                                       1772953200,  1793505600, 4000000000, 99999999999};
    fuzz run;
    hc__arena arena;
    hc__zone zone;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    hc__arena_init(&arena, &run.mem, NULL, 0);
    status = hc__zone_parse(&zone, &arena, run.text, run.size, &run.err);
    FUZZ_ASSERT((run.state.failed > 0) == (status == HC_ERR_NO_MEMORY));
    FUZZ_ASSERT(status == HC_OK || status == HC_ERR_NO_MEMORY || status == HC_ERR_INVALID);
    for (size_t i = 0; i < sizeof instants / sizeof instants[0]; i++) {
        check_instant(&zone, instants[i]);
        check_wall(&zone, instants[i]);
    }
    for (size_t i = 0; i < zone.count && i < 64; i++)
        if (zone.at[i] > -INT64_C(1000000000000) && zone.at[i] < INT64_C(200000000000)) {
            check_instant(&zone, zone.at[i]);
            check_instant(&zone, zone.at[i] - 1);
            check_wall(&zone, zone.at[i]);
        }
    hc__arena_free(&arena);
    return fuzz_end(&run);
}
