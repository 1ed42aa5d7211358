/* E-mail addresses: the canonical form is one, and keeps the rules of security.md A04. */
#include "client/account.h"
#include "fuzz.h"

static void check_sound(const char *out)
{
    const char *at = strchr(out, '@');

    FUZZ_ASSERT(at != NULL && at > out && at - out <= 64 && strchr(at + 1, '@') == NULL && strchr(at, '.') != NULL);
    FUZZ_ASSERT(strlen(out) <= HC__EMAIL_LIMIT && strstr(out, "..") == NULL && out[0] != '.' && at[-1] != '.');
    for (const char *c = out; *c != '\0'; c++)
        FUZZ_ASSERT(*c > ' ' && *c < 0x7f && !(*c >= 'A' && *c <= 'Z') && strchr("\"()<>[]\\,;:", *c) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char out[HC__EMAIL_LIMIT + 1], again[HC__EMAIL_LIMIT + 1];
    hc_status status;
    fuzz run;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    status = hc__email_canonical(out, run.text, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        check_sound(out);
        FUZZ_ASSERT(hc__email_canonical(again, out, &run.err) == HC_OK && strcmp(out, again) == 0);
    } else {
        FUZZ_ASSERT(status == HC_ERR_INVALID && strcmp(run.err.field, "email") == 0);
    }
    return fuzz_end(&run);
}
