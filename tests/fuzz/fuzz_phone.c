/* COUNTRY \n NUMBER: what is taken is digits, seven to fifteen, and taken again as itself. */
#include "fuzz.h"
#include "lead/lead_noun.h"

/* Signs stand between digits, and a '+' in front of them at most. */
static void check_given(const char *phone)
{
    phone += strspn(phone, " ");
    phone += *phone == '+';
    FUZZ_ASSERT(strspn(phone, "0123456789 -./()") == strlen(phone));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char out[HC__PHONE_SIZE], again[HC__PHONE_SIZE];
    const char *country, *digits;
    size_t length;
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    country = fuzz_cut(&run, "\n", &length);
    if (hc__phone_canonical(out, run.text, length == 0 ? NULL : country)) {
        check_given(run.text);
        digits = out + (out[0] == '+');
        FUZZ_ASSERT(strspn(digits, "0123456789") == strlen(digits) && strlen(digits) >= 7 && strlen(digits) <= 15);
        FUZZ_ASSERT(hc__phone_canonical(again, out, length == 0 ? NULL : country) && strcmp(out, again) == 0);
    }
    return fuzz_end(&run);
}
