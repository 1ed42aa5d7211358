/* Web addresses that may be stored: what is taken keeps the promises of base/url.h, and stays taken and refused alike.
 */
#include "base/url.h"
#include "fuzz.h"

/* Byte by byte, the other way round: everything that must hold of an address that was taken. */
static void check_sound(const char *url, size_t size)
{
    const char *host = url + 8, *end = host, *dot = NULL;

    FUZZ_ASSERT(size > 8 && size <= HC__URL_LIMIT && memcmp(url + 5, "://", 3) == 0);
    FUZZ_ASSERT((url[0] | 32) == 'h' && (url[1] | 32) == 't' && (url[2] | 32) == 't' && (url[3] | 32) == 'p' &&
                (url[4] | 32) == 's');
    for (size_t i = 0; i < size; i++)
        FUZZ_ASSERT(url[i] > ' ' && url[i] < 0x7f && url[i] != '\\' && url[i] != '"' && url[i] != '<' && url[i] != '>');
    for (; end < url + size && strchr("/?#:", *end) == NULL; end++)
        if (*end == '.')
            dot = end;
        else
            FUZZ_ASSERT((*end >= '0' && *end <= '9') || ((*end | 32) >= 'a' && (*end | 32) <= 'z') || *end == '-');
    FUZZ_ASSERT(dot != NULL && dot > host && end - dot >= 3 && (dot[1] | 32) >= 'a' && (dot[1] | 32) <= 'z');
    for (; end < url + size && strchr("/?#", *end) == NULL; end++)
        FUZZ_ASSERT(*end == ':' || (*end >= '0' && *end <= '9'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    if (hc__url_fault(run.text, run.size) == NULL)
        check_sound(run.text, run.size);
    return fuzz_end(&run);
}
