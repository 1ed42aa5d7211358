#include "suite.h"

#include <string.h>

/* Seconds after which a test hangs: a thousand kills take a slow disk five minutes, and ./tests/run --long more. */
static int timeout(void)
{
    const char *asked = getenv("HC_LONG");

    return asked != NULL && strcmp(asked, "1") == 0 ? 7200 : 900;
}

bool suite_wants(const char *name)
{
    const char *only = getenv("HC_TEST_ONLY");

    return only == NULL || only[0] == '\0' || strcmp(only, name) == 0;
}

int suite_main(const char *name, void (*fill)(TCase *tcase), void (*setup)(void), void (*teardown)(void))
{
    Suite *suite = suite_create(name);
    TCase *tcase = tcase_create(name);
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, timeout());
    if (setup != NULL || teardown != NULL)
        tcase_add_checked_fixture(tcase, setup, teardown);
    fill(tcase);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_VERBOSE);
    failed = srunner_ntests_failed(runner) + (srunner_ntests_run(runner) == 0);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
