/* Ids: their canonical text and nothing else. */
#include "base/id.h"
#include "fuzz.h"

static bool is_canonical(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

        if (hyphen ? text[i] != '-' : text[i] == '\0' || strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return size == 36;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[HC_ID_TEXT_SIZE];
    fuzz run;
    hc_id id, also;
    bool good;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    good = hc__id_read(&id, run.text, run.size);
    FUZZ_ASSERT(good == is_canonical(run.text, run.size));
    fuzz_outcome(&run, hc_id_parse(&also, run.text, run.size, &run.err));
    FUZZ_ASSERT(good == !(run.err.status < 0));
    if (good) {
        hc_id_format(text, id);
        FUZZ_ASSERT(hc__id_equal(id, also) && memcmp(text, run.text, 36) == 0 && text[36] == '\0');
    } else {
        FUZZ_ASSERT(hc__id_zero(also));
    }
    return fuzz_end(&run);
}
