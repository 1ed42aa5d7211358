#include "driver/mongodb/library.h"

#include <threads.h>

static once_flag started = ONCE_FLAG_INIT;

static void start(void)
{
    mongoc_init();
    /* By default it writes to the terminal, and what it writes may hold values. Nobody can ask which handler there is, so a
     * host's goes too: once, and one that is set behind it stays. */
    mongoc_log_set_handler(NULL, NULL);
}

void hc__mongo_library(void)
{
    call_once(&started, start);
}
