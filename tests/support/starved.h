/* With HC_TEST_STARVED in the environment each call of HOUSE_OK and HOUSE_FAILS is made again and again: with its first
 * allocation failing, its second, and so on, until it needs fewer; of the library or of SQLite, alone or with all that
 * follow, in turn. A call without memory says so and leaves nothing behind, which the test around it shows. What became
 * of them is added to the file that HC_TEST_POINTS names, by the function that was called: support/points.py. */
#ifndef SUPPORT_STARVED_H
#define SUPPORT_STARVED_H

#include <stdbool.h>

#include "homeconnect/error.h"

void starved_begin(void); /* before anything touches SQLite; nothing without HC_TEST_STARVED */
bool starved_is_on(void);
void starved_try(const char *call); /* as it stands in the source: hc_user_get(&user, ...) */
bool starved_again(hc_status status, hc_status want);

#endif
