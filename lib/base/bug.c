#include "base/bug.h"

#ifdef HC_TEST_BUILD
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

bool hc__bug(const char *name)
{
    const char *asked = getenv("HC_BUG");

    return asked != NULL && strcmp(asked, name) == 0;
}

void hc__failpoint(const char *name)
{
    static atomic_ulong passed;
    const char *asked = getenv("HC_FP");
    size_t size = strlen(name);
    char *rest;

    if (asked == NULL || strncmp(asked, name, size) != 0 || asked[size] != ':' ||
        atomic_fetch_add(&passed, 1) + 1 != strtoul(asked + size + 1, &rest, 10))
        return;
    (void)raise(strcmp(rest, ":stop") == 0 ? SIGSTOP : SIGKILL);
}

void hc__broken(void)
{
    if (getenv("HC_TEST_BROKEN") == NULL)
        (void)raise(SIGABRT);
}
#endif
