#include "driver/mongodb/library.h"

#include <threads.h>

static once_flag started = ONCE_FLAG_INIT;

static void start(void)
{
    mongoc_init();
    mongoc_log_set_handler(NULL, NULL); /* by default it writes to the terminal, and what it writes may hold values */
}

void hc__mongo_library(void)
{
    call_once(&started, start);
}
