/* "EMAIL\nNAME\nPASSWORD": the password policy. An address and a name are checked text by then. */
#include "client/account.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz run;
    const char *email, *name;
    size_t email_size, name_size, points;
    hc_status status;

    if (!fuzz_begin(&run, data, size))
        return fuzz_end(&run);
    email = fuzz_cut(&run, "\n", &email_size);
    name = fuzz_cut(&run, "\n", &name_size);
    if (!hc__utf8_check(email, email_size, NULL) || !hc__utf8_check(name, name_size, NULL))
        return fuzz_end(&run);
    status = hc__password_check(&run.mem, run.text, run.size, email, name, &run.err);
    fuzz_outcome(&run, status);
    if (status == HC_OK) {
        FUZZ_ASSERT(hc__utf8_check(run.text, run.size, &points) && points >= 15 && run.size <= HC__PASSWORD_LIMIT);
        FUZZ_ASSERT(strlen(run.text) == run.size);
        if (email_size >= 15)
            FUZZ_ASSERT(strcmp(email, run.text) != 0);
    } else if (status != HC_ERR_NO_MEMORY) {
        FUZZ_ASSERT(status == HC_ERR_INVALID && strcmp(run.err.field, "password") == 0);
    }
    return fuzz_end(&run);
}
